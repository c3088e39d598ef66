"""Layouts u19 to u36."""
from ctx import B, I, K, S, seq
from layouts_a import seq_s, seq_team


def u19(c):  # scholar: schools first, dates in the margin, publications, running header
    c.setup(fmt="Y", sep="–", cur="", font="garamond", size=11, head="caps", ed="range", drop=("skills", "headline"), heads=dict(jobs=c.rng.choice(["Appointments", "Positions"])), header=[(f"{c.p.name} — Curriculum Vitae", "")])
    c.name("l", 20, headline=False)
    c.contact_lines()
    c.education("side", ",")
    c.head("jobs")
    for j in c.p.jobs:
        with c.inside(c.side(c.dates(j) or " ", 16)):
            c.para(seq(", ", B(j.title), j.team, j.employer, j.place))
            c.points(j)
    c.others("publications", "awards")
    c.langs("comma")
    c.certs("date_first")
    c.refs("lines")


def untitled(c):
    """Now and then an older job whose title was left out."""
    if len(c.p.jobs) > 2 and c.rng.random() < .6:
        c.p.jobs[-1].title = None


def u20(c):  # a form of labels and values
    c.setup(fmt="MM/Y", sep=" - ", cur="present", font="arial", size=10, head="bar", drop=("headline",), ed="range", efmt="MM/Y", heads=dict(jobs="Work experience", education="Education and training"))
    form = lambda rows: c.table([[I(a), b] for a, b in rows if b], (30, 70), border=False, head=False)
    c.head("Personal information")
    form([("Surname and first name", B(c.p.name)), ("Address", c.p.location), ("Telephone", c.p.phone), ("E-mail", c.p.email), ("Website", c.p.links[0] if c.p.links else None)])
    c.p.links = c.p.links[:1]
    c.head("jobs")
    untitled(c)
    for j in c.p.jobs:
        form([("Dates", c.dates(j)), ("Position held", B(j.title)), ("Main activities", j.points or None), ("Name of employer", j.employer), ("Department", j.team), ("Place", j.place)])
    c.head("education")
    for e in c.p.education:
        form([("Dates", c.edates(e)), ("Qualification awarded", e.degree), ("Principal subject", e.field), ("Institution", e.school)])
    c.head("Personal skills")
    form([("Mother tongue", c.p.languages[0][0] if c.p.languages else None), ("Other languages", ", ".join(f"{a} ({b})" for a, b in c.p.languages[1:]) or None), ("Job-related skills", ", ".join(c.p.skills))])
    if c.p.languages:
        c.p.languages[0][1] = "Mother tongue"
    c.certs("comma")


def u21(c):  # each part with its label on a line
    c.setup(fmt="Month Y", sep=" to ", cur="Present", font="serif", size=11, head="under", drop=("headline",), boldheads=True, ed="end")
    lab = c.rng.choice([("Employer", "Position", "Period", "Location", "Department"), ("Company", "Job title", "Dates", "City", "Team"), ("Organisation", "Role", "Duration", "Place", "Unit")])
    c.name("l", 16, headline=False)
    c.contact_lines(labels=("Location: ", "Mobile: ", "Email: ", "Link: "))
    c.summary()
    c.head("jobs")
    untitled(c)
    for j in c.p.jobs:
        for k, v in zip(lab, (j.employer, j.title, c.dates(j), j.place, j.team)):
            if v:
                c.para(B(k + ": "), v)
        if j.points:
            c.para(B(c.rng.choice(["Duties:", "Responsibilities:"])))
            c.points(j)
        c.gap(5)
    c.education("line", "in")
    c.skills("bullets")
    c.langs("colon")
    c.p.certs = []
    c.refs("lines")


def u22(c):  # two columns, jobs in the left one
    c.setup(fmt="M/Y", sep=" - ", cur="now", font="roboto", size=9.5, head="rule", color="ad1457", margin=1.5, ed="range")
    c.name("c", 22)
    c.contact("  |  ", align="c")
    c.hr()
    left, right = [], []
    with c.inside(left):
        c.head("jobs")
        for j in c.p.jobs:
            c.para(B(j.employer))
            c.para(I(seq_team(j, " – ")))
            c.para(S(seq_s(", ", c.dates(j), j.place)))
            c.points(j)
    with c.inside(right):
        c.summary()
        c.education("three", "in")
        c.skills("dots")
        c.certs("two")
        c.langs("paren")
        c.others("awards")
    c.cols(left, right, (55, 45))


def u23(c):  # licences first; dashes between the parts
    c.setup(fmt="MM/Y", sep=" to ", cur="Present", font="sans", size=11, head="center", case="upper", drop=("team",), cfmt="MM/Y", ed="end")
    c.name("c", 20)
    c.contact(" ~ ", align="c")
    c.certs("comma")
    c.education("line", "in")
    c.head("jobs")
    for j in c.p.jobs:
        c.para(seq(" - ", B(j.employer), j.place, I(j.title), c.dates(j)))
        c.points(j)
    c.skills("commas")
    c.langs("paren")
    c.others("volunteering")


def u24(c):  # employer in capitals on its own line
    c.setup(fmt="MON Y", sep=" – ", cur="PRESENT", font="open", size=10, head="spaced", case="upper", upper=("employer", "name"), drop=("team",), ed="range")
    c.name("c", 20)
    c.contact(" • ", align="c")
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        c.para(B(j.employer))
        c.para(seq(", ", j.title, I(c.dates(j))))
        c.para(S(j.place))
        c.points(j)
    c.education("school_first", "in")
    c.skills("bulleted")
    c.certs("comma")
    c.langs("paren")


def u25(c):  # employer — title; dates below; no place
    c.setup(fmt="Y Mon", sep=" – ", cur="ongoing", font="lato", size=10, head="plain", drop=("team", "place", "summary"), ed="end", color="00838f")
    c.name("r", 20)
    c.contact(" | ", align="r")
    c.head("jobs")
    for j in c.p.jobs:
        c.para(K(j.employer), " — ", B(j.title))
        c.para(S(c.dates(j)))
        c.points(j)
    c.mix(lambda: c.education("three", ","), lambda: c.skills("lines"), lambda: c.langs("lr"))
    c.certs("lr")


def u26(c):  # a line about the employer below its name
    c.setup(fmt="Mon Y", sep=" - ", font="caladea", size=10.5, head="under", ed="range")
    c.name("l", 20)
    c.contact(" | ")
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        c.lr([B(j.employer), f" – {j.place}" if j.place else None], c.dates(j))
        c.para(I(j.blurb + "."))
        c.para(B(seq_team(j, ", ")))
        c.points(j)
    c.education("school_first", " ")
    c.skills("groups")
    c.langs("comma")
    c.certs("paren")


def u27(c):  # dates and a colon, then employer – title
    c.setup(fmt="Month Y", sep=" to ", cur="the present day", font="garamond", size=11.5, head="plain", drop=("team",), ed="range", stop=True)
    c.name("c", 20, headline=False)
    c.contact(", ", align="c")
    c.summary()
    c.education("colon", "in")
    c.head("jobs")
    for j in c.p.jobs:
        d = c.dates(j)
        c.para(f"{d}: " if d else None, seq(" – ", seq(", ", B(j.employer), j.place), j.title))
        c.points(j)
    c.skills("semi")
    c.langs("colon")
    c.p.certs = []
    c.others("interests")
    c.refs("two")


def u28(c):  # three places on one line: employer, title, dates
    c.setup(fmt="MM.Y", sep=" – ", cur="heute" if c.p.cc == "DE" else "current", font="arial", size=9.5, head="box", drop=("team", "place"), ed="end", efmt="MM.Y", cfmt="MM.Y")
    c.name("l", 18)
    c.contact(" | ")
    c.head("jobs")
    for j in c.p.jobs:
        c.table([[B(j.employer), I(j.title), c.dates(j) or " "]], (38, 36, 26), border=False, head=False)
        c.points(j)
    c.education("line", ",")
    c.skills("commas")
    c.certs("comma")
    c.langs("paren")


def u29(c):  # like a profile page saved: length of stay after the dates
    c.setup(fmt="Mon Y", sep=" - ", font="roboto", size=10.5, head="plain", drop=("team",), ed="range", cfmt="Mon Y")
    c.name("l", 22)
    c.contact_lines()
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        c.para(B(j.title))
        c.para(j.employer, c.rng.choice([" · Full-time", " · Part-time", " · Contract", ""]))
        d = c.dates(j)
        if d:
            a, b = j.start, j.end or (c.p.now // 12, c.p.now % 12 + 1)
            n = (b[0] - a[0]) * 12 + b[1] - a[1]
            y, m = divmod(n, 12)
            d += " · " + seq_s(" ", f"{y} yr{'s' * (y > 1)}" if y else "", f"{m} mo{'s' * (m > 1)}" if m else "")
        c.para(S(d))
        c.para(S(j.place))
        c.points(j)
    c.education("three", ",")
    c.certs("two")
    c.skills("lines")
    c.langs("paren")


def u30(c):  # graduate: school first with modules and marks, then projects and part-time work
    c.setup(fmt="Mon Y", sep=" – ", font="open", size=10, head="rule", drop=("team",), ed="range", efmt="Mon Y", short=True, heads=dict(jobs=c.rng.choice(["Part-time and Summer Work", "Work Experience", "Placements and Jobs"])))
    c.name("c", 20, headline=False)
    c.contact(" | ", align="c")
    c.head("education")
    for n, e in enumerate(c.p.education):
        c.lr(B(e.school), c.edates(e))
        c.para(I(c.degree(e, c.p.cc == "US" and "in" or ",")))
        if n == 0:
            c.ul([c.rng.choice(["Grade: 2:1", "GPA 3.7/4.0", "First class, 74%"]), "Modules: research methods, statistics, a long essay on bridges"])
    c.others("projects")
    c.head("jobs")
    for j in c.p.jobs:
        c.lr([B(j.title), ", ", j.employer, f", {j.place}" if j.place else None], c.dates(j))
        c.points(j)
    c.others("volunteering", "awards")
    c.skills("commas")
    c.langs("paren")
    c.certs("comma")


def u31(c):  # letterhead with signs before phone and mail; in Word the letterhead is a text box
    c.setup(fmt="Mon Y", sep=" – ", font="sans", size=10.5, head="bar", drop=("team",), color="2e7d32", ed="end", titlestyle=True)
    marks = c.contact_parts(("⌂ ", "☎ ", "✉ ", "→ "))
    if c.theme.get("tool") == "python-docx":
        c.para(c.p.name, box=[[(c.p.name, "")], [(c.p.headline, "")], [(seq_s("   ", *marks), "")]])
    else:
        if c.theme.get("tool") in ("xelatex", "typst", "npm-docx"):
            marks = c.contact_parts(("", "Tel ", "Mail ", ""))
        c.name("c", 24)
        c.para(seq("   ", *marks), align="c")
    c.hr()
    c.summary()
    c.skills("dots")
    c.head("jobs")
    for j in c.p.jobs:
        c.lr(seq(" · ", B(j.title), K(j.employer)), c.dates(j))
        c.para(S(j.place))
        c.points(j)
    c.education("degree_first", "in")
    c.langs("comma")
    c.certs("lr")


def u32(c):  # name and ways to reach the person in the running header alone
    c.setup(fmt="Month Y", sep=" – ", cur="Current", font="noto", size=10, head="center", case="upper", drop=("team", "links", "location"), ed="end",
            header=[(f"{c.p.name} | {c.p.phone if c.p.phone.startswith('+') or c.p.cc in ('US', 'UK', 'CA') else c.p.e164[:3] + ' ' + c.p.e164[3:]} | {c.p.email}", "")], footer=[("Confidential –", "")])
    c.para(B(c.p.headline), align="c", size=14)
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        c.para(B(j.employer), f", {j.place}" if j.place else None)
        c.lr(I(j.title), c.dates(j))
        c.points(j)
    c.education("school_first", "in")
    c.mix(lambda: c.skills("bulleted"), lambda: c.certs("comma"), lambda: c.langs("paren"))


def u33(c):  # "Title (Employer, Place)"; seasons or "since"
    c.setup(fmt=c.rng.choice(["season", "Month Y"]), sep=c.rng.choice([" until ", " to "]), cur="now", since="Since", font="serif", size=11, head="under", drop=("team", "headline"), ed="end")
    c.name("l", 20, headline=False)
    c.contact("; ")
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        c.para(B(j.title), f" ({seq_s(', ', j.employer, j.place)})")
        c.para(I(c.dates(j)))
        c.points(j)
    c.education("line_school", "()")
    c.skills("semi")
    c.certs("paren")
    c.langs("comma")


def u34(c):  # every part on a plain line of its own
    c.setup(fmt="Y-MM", sep=" – ", cur="today", font="sans", size=10.5, head="plain", drop=("team", "languages"), ed="range", boldheads=True, stop=False)
    c.name("l", 14)
    c.contact_lines()
    c.head("jobs")
    for j in c.p.jobs:
        for x in (c.dates(j), j.title, j.employer, j.place):
            c.para(x)
        c.points(j)
    c.education("three", "in")
    c.skills("commas")
    c.certs("two")


def u35(c):  # banner with the whole stay, posts with their own dates, teams in brackets
    c.setup(fmt="Y", sep=" – ", cur="present", font="garamond", size=11, head="center", case="upper", ed="end", footer=[("References on request.", "")])
    c.name("c", 22)
    c.contact(" · ", align="c")
    c.summary(head=False)
    c.head("jobs")
    for g in c.stints():
        for j in g:
            j.place = g[0].place
        c.para(B(g[0].employer), f" ({g[0].place})" if g[0].place else None, align="c")
        for j in g:
            c.lr([B(j.title), f" [{j.team}]" if j.team else None], c.dates(j))
            c.points(j)
    c.education("line", ",")
    c.certs("date_first")
    c.langs("paren")
    c.skills("semi")


def u36(c):  # continental: personal data, dates in the margin by month number, table without rules
    c.setup(fmt="MM/Y", sep=" – ", cur="present", font="arial", size=10, head="color", drop=("team",), ed="range", efmt="MM/Y", color="444444", heads=dict(jobs="Professional experience", education="Studies"))
    c.para(B("Curriculum Vitae"), size=16)
    rows = [("Name", B(c.p.name)), ("Profession", c.p.headline), ("Born", str(c.p.born)), ("Nationality", c.p.nationality), ("Residence", c.p.location), ("Phone", c.p.phone), ("E-mail", c.p.email)] + [("Profile", x) for x in c.p.links]
    c.table([[a, b] for a, b in rows if b], (22, 78), border=False, head=False)
    c.head("jobs")
    for j in c.p.jobs:
        with c.inside(c.side(c.dates(j) or " ", 23)):
            c.para(B(j.employer), f", {j.place}" if j.place else None)
            c.para(j.title)
            c.points(j)
    c.head("education")
    for e in c.p.education:
        with c.inside(c.side(c.edates(e) or " ", 23)):
            c.para(B(e.school))
            c.para(c.degree(e, ","), after=3)
    c.langs("colon")
    c.skills("commas")
    c.certs("date_first")
    c.para(f"{c.p.location.split(',')[0]}, 3 March {c.p.now // 12}", after=2)


LAYOUTS = {k: v for k, v in list(globals().items()) if len(k) == 3 and k[0] == "u" and k[1:].isdigit()}
