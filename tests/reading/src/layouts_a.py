"""Layouts u01 to u18. Each is a function of a Ctx; its comment says what is particular about it."""
from ctx import B, I, K, S, seq


def u01(c):  # employer and place, then title and dates
    c.setup(cfmt="Y", head="rule", font=c.rng.choice(["serif", "garamond"]))
    c.name("c")
    c.contact(" | ", align="c")
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        c.lr(B(j.employer), j.place)
        c.lr(I(seq_team(j, ", ")), c.dates(j))
        c.points(j)
    c.education("school_first", ",")
    c.mix(lambda: c.skills("commas"), lambda: c.certs("comma"), lambda: c.langs("paren"))


def seq_team(j, sep):
    return j.title + sep + j.team if j.team else j.title


def u02(c):  # title and dates, then employer, place
    c.setup(fmt="Month Y", sep=" - ", head="bar", font="open", size=10, ed="range", color="8a2b2b")
    c.name()
    c.contact(" • ")
    c.summary()
    c.skills("bulleted")
    c.head("jobs")
    for j in c.p.jobs:
        c.lr([B(j.title), f", {j.team}" if j.team else None], c.dates(j))
        c.para(seq(", ", j.employer, j.place))
        c.points(j)
    c.education("degree_first", "in")
    c.certs("lr")
    c.langs("comma")
    c.others("interests")


def u03(c):  # dates in the margin
    c.setup(fmt="MM/Y", sep=" - ", cur="today", head="color", font="lato", size=10, ed="range", color="00695c", tabside=True)
    c.name(size=22)
    c.contact("  ·  ")
    c.head("jobs")
    for j in c.p.jobs:
        with c.inside(c.side(c.dates(j) or " ", 22)):
            c.para(B(j.title))
            c.para(seq(" — ", seq(", ", j.team, j.employer), j.place))
            c.points(j)
    c.education("side", "in")
    c.mix(lambda: c.langs("colon"), lambda: c.skills("groups"))
    c.certs("paren")


def u04(c):  # all of the heading in one line with commas
    c.setup(fmt="Mon Y", sep="-", drop=("team", "headline"), head="under", font="serif", ed="end", stop=True)
    c.name("c", headline=False)
    c.contact(", ", align="c")
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        d = c.dates(j)
        c.para(seq(", ", B(j.title), j.employer, j.place), f" ({d})" if d else None)
        c.points(j)
    c.education("line", "in")
    c.skills("semi")
    c.langs("paren")
    c.certs("comma")
    c.refs("request")


def u05(c):  # pipes
    c.setup(fmt="MM/Y", sep=" – ", head="box", font="arial", size=9.5, drop=("team",), ed="range", margin=1.6)
    c.name("l", 18)
    c.contact(" | ", labels=("", "T: ", "E: ", ""))
    c.summary()
    c.skills("pipes")
    c.head("jobs")
    order = c.rng.choice(["employer", "title"])
    for j in c.p.jobs:
        a, b = (j.employer, j.title) if order == "employer" else (j.title, j.employer)
        c.para(seq(" | ", B(a), b, j.place, c.dates(j)))
        c.points(j)
    c.education("pipes", ",")
    c.certs("pipes")
    c.langs("paren")


def u06(c):  # "Title at Employer"
    c.setup(fmt="Month Y", sep=" to ", cur="present", head="plain", font="roboto", size=10, drop=("team",), color="3949ab", stop=False)
    c.name()
    c.contact_lines()
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        c.lr([B(j.title), " at ", K(j.employer)], c.dates(j))
        c.para(I(j.place))
        c.points(j)
    c.education("line_school", "in")
    c.skills("slash")
    c.others("projects")
    c.langs("dash")
    c.p.certs = []


def u07(c):  # banner of the employer, with the posts held there below it
    c.setup(fmt="Mon. Y", sep="–", cur="present", head="caps", font=c.rng.choice(["garamond", "caladea"]), ed="range", efmt="Y")
    c.name("c", 24)
    c.contact(" · ", align="c")
    c.head("jobs")
    for g in c.stints():
        places = {j.place for j in g}
        same = len(places) == 1
        c.lr(B(g[0].employer), g[0].place if same else None)
        for j in g:
            c.lr(I(seq_team(j, " — ")), c.dates(j))
            c.points(j)
        if not same:
            for j in g:
                j.place = None
        for j in g[1:]:
            j.employer = g[0].employer
    c.education("school_first", ",")
    c.skills("commas")
    c.certs("date_first")
    c.langs("paren")
    c.others("awards")


def u08(c):  # dark-ish side column at the left
    c.setup(fmt="Mon Y", sep=" - ", head="plain", font="sans", size=10, ed="range", margin=1.5, h1=True)
    left, right = [], []
    with c.inside(left):
        c.head("contact")
        c.contact_lines()
        c.skills("lines")
        c.langs("colon")
        c.certs("two")
    with c.inside(right):
        c.name(size=22)
        c.summary()
        c.head("jobs")
        for j in c.p.jobs:
            c.para(B(j.title), f" ({j.team})" if j.team else None)
            c.lr(seq(", ", j.employer, j.place), S(c.dates(j)))
            c.points(j)
        c.education("three", "in")
    c.cols(left, right, (30, 70), shade="e8edf2")


def u09(c):  # side column at the right; dates first, then title, then employer
    c.setup(fmt="Y", sep=" – ", cur="now", head="color", font="open", size=9.5, drop=("team", "place"), color="b3541e", margin=1.7)
    c.name(size=24)
    left, right = [], []
    with c.inside(left):
        c.summary(head=False)
        c.head("jobs")
        for j in c.p.jobs:
            c.para(S(c.dates(j)))
            c.para(B(j.title))
            c.para(j.employer)
            c.points(j)
    with c.inside(right):
        c.head("contact")
        c.contact_lines(labels=("", "", "", ""))
        c.education("three", "in")
        c.skills("bullets")
        c.langs("dash")
        c.p.certs = []
    c.cols(left, right, (66, 34))


def u10(c):  # jobs in a ruled table
    c.setup(fmt="MM/Y", sep=" – ", cur="to date", head="plain", font="arial", size=10, drop=("team",), ed="end", efmt="Y")
    c.name("c", 18, headline=False)
    c.contact(" | ", align="c")
    c.summary()
    c.head("jobs")
    rows = [[B("Dates"), B("Employer"), B("Position and duties")]]
    for j in c.p.jobs:
        rows.append([c.dates(j) or " ", [j.employer] + ([j.place] if j.place else []), [B(j.title)] + j.points])
    c.table(rows, (20, 28, 52))
    c.head("education")
    rows = [[B("Year"), B("School"), B("Award")]]
    for e in c.p.education:
        rows.append([c.edates(e) or " ", e.school, c.degree(e, "in")])
    c.table(rows, (14, 43, 43))
    c.skills("commas")
    c.langs("paren")
    c.certs("comma")


def u11(c):  # no headings at all
    c.setup(fmt="Mon Y", sep=" – ", font="garamond", size=11, drop=("team", "certs", "languages"), head="plain")
    c.name("c", 22)
    c.contact(" — ", align="c")
    c.hr()
    c.para(c.p.summary + ".")
    c.hr()
    for j in c.p.jobs:
        c.lr([B(j.employer), f", {j.place}" if j.place else None], c.dates(j))
        c.para(I(j.title))
        c.points(j)
    c.hr()
    for e in c.p.education:
        c.lr([B(e.school)], c.edates(e))
        c.para(c.degree(e, "in"), after=3)
    c.hr()
    c.para("Skills: ", ", ".join(c.p.skills))


def u12(c):  # headings of the writer's own
    c.setup(fmt="Mon Y", sep=" → ", cur="now", font="lato", size=10.5, head="color", case="lower", color="6a1b9a", drop=("team",), heads=dict(
        summary=c.rng.choice(["In short", "Hello"]), jobs=c.rng.choice(["Where I have worked", "What I've done so far", "My working life"]), education=c.rng.choice(["What I studied", "Classrooms", "Learning"]),
        skills=c.rng.choice(["Things I can do", "Toolbox", "Good at"]), langs="Tongues", certs="Papers to prove it", interests="When not working"))
    c.name(size=26)
    c.contact("   ")
    c.summary()
    c.head("jobs")
    for j in c.p.jobs:
        c.para(B(j.title), ", ", K(j.employer))
        c.para(S(seq_s(" · ", c.dates(j), j.place)))
        c.points(j)
    c.education("degree_first", "in")
    c.skills("dots")
    c.langs("paren")
    c.certs("comma")
    c.others("interests")


def seq_s(sep, *parts):
    return sep.join(x for x in parts if x)


def u13(c):  # a bullet before the employer, dashes before the points
    c.setup(fmt="Month Y", sep=" – ", cur="Present", font="serif", size=11, head="under", case="upper", drop=("team", "headline"), boldheads=True, typed=True)
    c.name("l", 16, headline=False)
    c.contact_lines(labels=("Address: ", "Phone: ", "E-mail: ", "Web: "))
    c.head("jobs")
    for j in c.p.jobs:
        c.ul([seq(", ", B(j.employer), j.place, j.title, c.dates(j))], glyph="•", tight=True)
        c.ul(j.points, glyph="-", ind=18)
    c.education("bullets", "in")
    c.skills("bullets")
    c.p.certs = []
    c.langs("dash")


def u14(c):  # no blank lines between jobs
    c.setup(fmt="Mon Y", sep="-", font="sans", size=9.5, head="under", drop=("team",), margin=1.4, dense=True, boldheads=True)
    c.name("l", 15)
    c.contact(" / ")
    c.head("jobs")
    for j in c.p.jobs:
        d = c.dates(j)
        c.para(B(j.title), " - ", j.employer, f", {j.place}" if j.place else None, f" ({d})" if d else None)
        c.ul(j.points, tight=True)
    c.education("line_school", ",")
    c.skills("commas")
    c.certs("comma")
    c.langs("comma")


def u15(c):  # team beside the title
    c.setup(fmt="Mon Y", sep=" – ", font="roboto", size=10, head="rule", ed="range", color="37474f")
    for j in c.p.jobs:
        if not j.team and c.rng.random() < .6:
            j.team = c.rng.choice(["Operations", "Central Services", "Projects", "Europe", "Training Unit"])
    c.name()
    c.contact(" | ")
    c.summary()
    c.head("jobs")
    how = c.rng.choice(["comma", "paren", "pipe"])
    for j in c.p.jobs:
        t = f" ({j.team})" if how == "paren" else (", " if how == "comma" else " | ") + (j.team or "")
        c.lr([B(j.title), t if j.team else None], c.dates(j))
        c.lr(j.employer, I(j.place))
        c.points(j)
    c.education("degree_first", ",")
    c.certs("paren")
    c.skills("grid")
    c.langs("paren")


def u16(c):  # British, in prose; personal details; referees with telephone
    c.setup(fmt="Month Y", sep=" to ", cur="present", font="noto", size=10, head="plain", drop=("team", "headline"), stop=True, ed="range", heads=dict(jobs="Employment History", refs="Referees"))
    for j in c.p.jobs:
        j.points = [" ".join(j.points)] if j.points else []
    c.name("c", 18, headline=False)
    c.head("Personal Details")
    c.table([[lab, x] for lab, x in [("Address", c.p.location), ("Telephone", c.p.phone), ("E-mail", c.p.email), ("Date of birth", f"14 May {c.p.born}"), ("Nationality", c.p.nationality)] + [("Web", x) for x in c.p.links] if x], (22, 78), border=False, head=False)
    c.education("dates_first", "in")
    c.head("jobs")
    for j in c.p.jobs:
        c.para(B(c.dates(j)))
        c.para(seq(", ", B(j.title), j.employer, j.place))
        for x in j.points:
            c.para(x, after=4)
    c.skills("commas")
    c.langs("paren")
    c.p.certs = []
    c.others("interests")
    c.refs(c.rng.choice(["two", "lines"]))


def u17(c):  # years first, the second cut to two digits
    c.setup(fmt="Y", sep="–", cur="", short=True, font="garamond", size=11, head="caps", drop=("team",), ed="range")
    c.name("l", 22)
    c.contact(", ")
    c.head("jobs")
    for j in c.p.jobs:
        c.para(seq("  ", c.dates(j), seq(", ", B(j.title), j.employer, j.place)))
        c.points(j)
    c.education("dates_first", ",")
    c.mix(lambda: c.skills("semi"), lambda: c.langs("comma"), lambda: c.certs("date_first"))
    c.refs("oneline")


def u18(c):  # skills first, then a bare list of posts
    c.setup(fmt="Y", sep=" - ", cur="present", font="arial", size=10.5, head="box", drop=("team", "points"), ed="end", heads=dict(jobs=c.rng.choice(["Work history", "Positions held"])))
    c.name("c", 20)
    c.contact(" | ", align="c")
    c.summary()
    c.skills("grid")
    c.head("Key achievements")
    c.ul([c.rng.choice(["Known for calm handovers and clear notes", "Built two teams from nothing"]), "Three awards for service, most recently in 2019", "Saved roughly 12% on outside contractors"])
    c.head("jobs")
    for j in c.p.jobs:
        c.lr([B(j.title), ", ", j.employer, f", {j.place}" if j.place else None], c.dates(j))
    c.education("line", "in")
    c.certs("comma")
    c.langs("paren")
    c.refs("request")


LAYOUTS = {k: v for k, v in list(globals().items()) if len(k) == 3 and k[0] == "u" and k[1:].isdigit()}
