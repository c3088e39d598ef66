"""Makes up one person: who, where, which jobs, which schools. Everything comes from the one random generator."""
import unicodedata
from types import SimpleNamespace as NS

import extras as X
from countries import C, LEVELS, OTHER_LANGS, WEIGHT
from trades import FIRMS, TRADES

COINED_A = "Vel Tor Ami Kor Zan Lum Pry Oro Nex Cald Bry Fen Sol Mar Quin Eld Tav Ix".split()
COINED_B = "ora tis dyne wick een ika ovo mere stead ant eo ura gate holt ium ley".split()


def ascii_(s):
    s = s.translate(str.maketrans("łŁøØßı", "lLoOsi"))
    return "".join(ch for ch in unicodedata.normalize("NFKD", s) if ch.isalnum() and ord(ch) < 128).lower()


def fill(rng, s, used, first=2006, last=2021):
    while True:
        co = rng.choice(FIRMS)
        if co not in used:
            break
    k = rng.choice(["1,200", "340", "2,750", "15,000", "86", "600"])
    return s.format(n=rng.randint(3, 28), p=rng.randint(7, 48), y=rng.randint(min(first, last), last), k=k, co=co)


def phone(rng, cc, foreign):
    pats = C[cc]["phones"]
    if foreign:                       # printed without the country, so only forms that tell it
        pats = [q for q in pats if q[0].startswith("+")] or pats
    shown, e164 = rng.choice(pats)
    for _ in range(shown.count("#")):
        d = str(rng.randint(0, 9))
        shown, e164 = shown.replace("#", d, 1), e164.replace("#", d, 1)
    return shown, e164


def employer(rng, trade, cc, used):
    """An employer's name and, where it belongs to a place, that place."""
    while True:
        r = rng.random()
        place = None
        if r < .60:
            name, _, place = rng.choice(trade["employers"]).partition("|")
        elif r < .70:
            name = rng.choice(COINED_A) + rng.choice(COINED_B)
        elif r < .80:
            name = rng.choice(C[cc]["last"]) + rng.choice([" & ", " and "]) + rng.choice(C[rng.choice(list(C))]["last"])
        elif r < .84:
            name = rng.choice(C[cc]["last"]) + rng.choice([" Ltd", " Inc.", " GmbH", " LLC", " plc", " Pvt Ltd", " S.A."])
        elif r < .89:
            name = "".join(rng.choice("ABCDEFGIKLMNPRSTV") for _ in range(rng.choice([3, 3, 4])))
        elif r < .92:
            name = rng.choice(FIRMS)
        elif r < .94:
            name = rng.choice(["Self-employed", "Freelance", "Various clients"])
        else:
            name = rng.choice(C[cc]["last"]) + rng.choice(["'s", " Brothers", " Group", " Partners", " House", " & Co"])
        if name not in used:
            used.add(name)
            return name, place or None


def city(rng, cc, full):
    c = rng.choice(C[cc]["cities"])
    return c if c == C[cc]["country"] or not full or (cc in ("US", "CA") and rng.random() < .8) else f"{c}, {C[cc]['country']}"


def rank(title):
    """0 for a senior post, 2 for a first one."""
    if any(w in title for w in "Junior Apprentice Trainee Assistant Commis Clerk Cashier Coordinator Technician Researcher Analyst Waiter Paralegal".split()):
        return 2
    return 0 if any(w in title for w in "Senior Head Lead Manager Chief Director Partner Principal Deputy Foreman Staff Engineer Controller".split()) else 1


def make_jobs(rng, trade, cc, years, now, used):
    njobs = {0: rng.choice([1, 2, 2, 3]), 1: rng.choice([2, 3, 3, 4]), 2: rng.choice([3, 4, 4]), 3: rng.choice([4, 5, 5, 6])}[min(3, years // 6)]
    jobs, t = [], now
    span = max(14, years * 12 // njobs)
    titles = sorted(rng.sample(trade["titles"], min(njobs, len(trade["titles"]))), key=lambda t: rank(t) + rng.uniform(0, .7))
    points = rng.sample(trade["points"], min(len(trade["points"]), 22)) + rng.sample(X.GENERAL, 6)
    rng.shuffle(points)
    full = rng.random() < .6
    current = rng.random() < .72
    group = -1
    for i in range(njobs):
        end = t if i else (None if current else t - rng.randint(1, 5))
        length = max(5, int(span * rng.uniform(.5, 1.4)))
        start = (end or now) - length
        if i and jobs and rng.random() < .24:          # an earlier post at the same employer
            emp, place = jobs[-1].employer, jobs[-1].place
        else:
            group += 1
            emp, place = employer(rng, trade, cc, used)
            place = place or (city(rng, cc if rng.random() < .8 else rng.choice(list(C)), full))
        npts = rng.choice([4, 5, 6, 4, 3, 7]) if i < 2 else rng.choice([2, 3, 4, 3, 1, 5])
        pts = [fill(rng, points.pop(), used, start // 12, (end or now) // 12) for _ in range(npts) if points]
        if len(pts) > 2 and rng.random() < .45:        # one longer point, of two sentences
            k = rng.randrange(len(pts) - 1)
            pts[k:k + 2] = [pts[k] + ". " + pts[k + 1]]
        jobs.append(NS(employer=emp, place=place, group=group, team=rng.choice(trade["teams"]) if rng.random() < .36 else None, title=titles[i],
                       start=ym(start), end=ym(end) if end is not None else None, current=end is None, points=pts, blurb=rng.choice(X.BLURBS)))
        r = rng.random()
        if r < .14:
            t = start - rng.randint(4, 22)             # a gap
        elif r < .24 and jobs[-1].group != group - 1:
            t = start + rng.randint(2, 9)              # jobs that overlap
        else:
            t = start
    if njobs > 2 and rng.random() < .22:               # parts the writer left out
        j = rng.choice(jobs[1:])
        what = rng.choice(["place", "dates", "points"])
        if what == "place":
            j.place = None
        elif what == "points":
            j.points = []
        else:
            j.start = j.end = None
    return jobs


def ym(m):
    return (m // 12, m % 12 + 1)


def make_education(rng, trade, cc, first_year):
    out, y = [], first_year
    here = rng.sample(C[cc]["schools"], min(2, len(C[cc]["schools"])))
    degs = rng.sample(trade["degrees"], min(2, len(trade["degrees"])))
    n = rng.choice([1, 1, 2, 2])
    for i in range(n):
        d, f = degs[i]
        school = here[i % len(here)] if rng.random() < .8 else rng.choice(C[rng.choice(list(C))]["schools"])
        length = rng.choice([1, 2, 3, 3, 4])
        if rng.random() < .06:
            f = ""
        out.append(NS(school=school, degree=d, field=f or None, start=(y - length, 9), end=(y, 6)))
        y -= length + rng.choice([0, 0, 1, 3])
    if C[cc]["secondary"] and rng.random() < .5:
        out.append(NS(school=rng.choice(C[cc]["secondary"]), degree={"US": "High School Diploma", "UK": "A levels", "AU": "HSC", "IE": "Leaving Certificate"}.get(cc, "Abitur" if cc == "DE" else "Baccalauréat" if cc == "FR" else "Higher Secondary Certificate"),
                      field=None, start=(y - rng.choice([2, 5]), 9), end=(y, 6)))
    return out


def make(rng, trade_name, graduate=False):
    trade = TRADES[trade_name]
    cc = rng.choices(list(C), [WEIGHT.get(k, 1) for k in C])[0]
    c = C[cc]
    first, last = rng.choice(c["first"]), rng.choice(c["last"])
    middle = rng.choice(["", "", "", "", "", rng.choice("ABDEGHJLMRST") + "."])
    name = " ".join(x for x in (first, middle, last) if x)
    full = rng.random() < .75
    years = rng.randint(0, 3) if graduate else rng.choice([2, 4, 7, 9, 12, 15, 18, 22, 25])
    now = rng.randint(2019, 2025) * 12 + rng.randint(0, 11)
    used = set()
    jobs = make_jobs(rng, trade, cc, years, now, used)
    begun = min([j.start for j in jobs if j.start] or [(2010, 1)])[0]
    location = city(rng, cc, full)
    shown, e164 = phone(rng, cc, foreign=not (c["country"] in location or cc in ("US", "UK", "CA")))
    user = rng.choice(["{f}.{l}", "{l}{i}", "{f}{n}", "{i}.{l}", "{f}_{l}"]).format(f=ascii_(first), l=ascii_(last), i=ascii_(first)[:1], n=rng.randint(2, 99))
    links = []
    if rng.random() < .45:
        links.append(rng.choice(["linkedin.com/in/{u}", "www.linkedin.com/in/{u}"]).format(u=ascii_(first) + "-" + ascii_(last)))
    if trade_name in ("software", "science", "design") and rng.random() < .6:
        links.append(rng.choice(["github.com/{u}", "{u}.example.com", "https://{u}.example.net"]).format(u=ascii_(first) + ascii_(last)))
    langs = [] if rng.random() < .3 and c["native"] == "English" else [[c["native"], rng.choice(["native", "mother tongue", "native"])]]
    if langs:
        for lang in rng.sample([x for x in OTHER_LANGS if x != c["native"]], rng.choice([0, 1, 1, 2])):
            langs.append([lang, rng.choice(LEVELS)])
        if c["native"] != "English":
            langs.insert(1, ["English", rng.choice(["fluent", "C1", "C2", "professional working proficiency", "advanced"])])
    certs = []
    for n, iss in rng.sample(trade["certs"], rng.choice([0, 1, 2, 2, 3])):
        certs.append(NS(name=n, issuer=iss, date=(rng.randint(max(begun, 2008), max(begun, 2008, now // 12 - 1)), rng.randint(1, 12)) if rng.random() < .8 else None))
    refs = []
    for _ in range(2):
        rc = rng.choice([cc, "UK", "US"])
        nm = rng.choice(["Dr ", "Prof. ", "", "", ""]) + rng.choice(C[rc]["first"]) + " " + rng.choice(C[rc]["last"])
        refs.append(NS(name=nm, role=rng.choice(X.PLACE_OF_REF), firm=jobs[0].employer if rng.random() < .4 else rng.choice(FIRMS), phone=phone(rng, rc, True)[0],
                       email=ascii_(nm.split()[-1]) + "@example." + rng.choice(["org", "net"])))
    headline = jobs[0].title if rng.random() < .6 else rng.choice(trade["titles"])
    return NS(cc=cc, trade=trade_name, name=name, email=user + "@example." + rng.choice(["com", "com", "org", "net"]), phone=shown, e164=e164, headline=headline, location=location,
              links=links, summary=". ".join([rng.choice(trade["summary"])] + [fill(rng, x, used) for x in rng.sample(X.SUMMARY_MORE, rng.choice([0, 1, 2]))]), jobs=jobs, education=make_education(rng, trade, cc, begun + rng.choice([0, 0, -1])),
              skills=rng.sample(trade["skills"], min(len(trade["skills"]), rng.randint(6, 12))), languages=langs, certs=certs, refs=refs,
              projects=rng.sample(X.PROJECTS, 2), publications=rng.sample(X.PUBLICATIONS, 2), awards=rng.sample(X.AWARDS, 2), volunteering=rng.sample(X.VOLUNTEERING, rng.choice([1, 2])),
              interests=rng.choice(X.INTERESTS), nationality=X.NATIONALITY.get(cc), born=begun - 22, now=now)
