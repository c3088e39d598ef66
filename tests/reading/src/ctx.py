"""What a layout is written with: blocks of a document, and the sections most layouts share.

A run is (text, flags); flags: b bold, i italic, s small, c colour, m grey. Blocks are plain dicts that every renderer draws."""
from contextlib import contextmanager
from types import SimpleNamespace as NS

import dates as D


def B(s):
    return (s, "b") if s else None


def I(s):
    return (s, "i") if s else None


def S(s):
    return (s, "s") if s else None


def K(s):
    return (s, "bc") if s else None


def seq(sep, *parts):
    """The parts that are there, with sep between."""
    out = []
    for p in parts:
        if not p:
            continue
        if out:
            out.append((sep, ""))
        out.extend(p if isinstance(p, list) else [p if isinstance(p, tuple) else (p, "")])
    return out


def runs(x):
    if x is None or x == "":
        return []
    if isinstance(x, (str, tuple)):
        x = [x]
    return [r if isinstance(r, tuple) else (r, "") for r in x if r]


HEADS = dict(summary=["Profile", "Summary", "About me", "Personal statement", "Professional Summary"], jobs=["Experience", "Work Experience", "Employment History", "Professional Experience", "Career History", "Employment"],
             education=["Education", "Education and Training", "Academic Background", "Qualifications"], skills=["Skills", "Key Skills", "Technical Skills", "Core Competencies"], certs=["Certifications", "Licences and Certificates", "Professional Development"],
             langs=["Languages"], refs=["References", "Referees"], projects=["Projects", "Personal Projects"], publications=["Publications", "Selected Publications"], awards=["Awards", "Honours and Awards"],
             volunteering=["Volunteering", "Voluntary Work", "Community"], interests=["Interests", "Outside work"], contact=["Contact", "Details"])


class Ctx:
    def __init__(self, person, rng):
        self.p, self.rng, self.stack, self.theme = person, rng, [[]], dict(font="serif", size=10.5, head="rule", case="title", color="1f3a5f", glyph="•", margin=2.0)
        self.heads = {k: rng.choice(v) for k, v in HEADS.items()}
        self.fmt, self.efmt, self.cfmt = "Mon Y", "Y", "Y"
        self.rest = {}

    # --- how this layout prints things; what it never prints goes from the person, and so from the truth
    def setup(self, fmt="Mon Y", sep=" – ", cur="Present", since=None, short=False, ed="end", efmt="Y", cfmt="Y", drop=(), upper=(), stop=None, heads=None, **theme):
        p = self.p
        self.fmt, self.efmt, self.cfmt, self.ed = fmt, efmt, cfmt, ed
        self.rest = dict(sep=sep, cur=cur, since=since, short=short)
        self.theme.update(theme)
        self.heads.update(heads or {})
        if "location" in drop and p.phone and not p.phone.startswith("+") and p.cc not in ("US", "UK", "CA"):
            p.phone = p.e164[:3] + " " + p.e164[3:]        # without a place the number must tell its country
        stop = self.rng.random() < .4 if stop is None else stop
        for f in drop:
            if f in ("team", "place", "points"):
                for j in p.jobs:
                    setattr(j, f, [] if f == "points" else None)
            elif f in ("email", "phone", "headline", "location", "summary"):
                setattr(p, f, None)
            else:
                setattr(p, f, [])
        for j in p.jobs:
            if stop:
                j.points = [x if x.endswith(("!", ".")) else x + "." for x in j.points]
            for f in ("employer", "title"):
                if f in upper:
                    setattr(j, f, getattr(j, f).upper())
        if "name" in upper:
            p.name = p.name.upper()
        for e in p.education:
            e.start = e.start if ed == "range" else None
            if ed == "none":
                e.end = None

    # --- blocks
    def add(self, **b):
        self.stack[-1].append(b)

    @contextmanager
    def inside(self, into):
        self.stack.append(into)
        yield into
        self.stack.pop()

    def para(self, *parts, **kw):
        r = [x for p in parts for x in runs(p)]
        if r:
            self.add(t="p", runs=r, **kw)

    def lr(self, left, right, **kw):
        left, right = runs(left), runs(right)
        if left and right:
            self.add(t="lr", l=left, r=right, **kw)
        elif left or right:
            self.add(t="p", runs=left or right, **kw)

    def ul(self, items, **kw):
        if items:
            self.add(t="ul", items=[runs(i) for i in items], **kw)

    def head(self, key):
        s = self.heads.get(key, key)
        s = {"upper": s.upper(), "lower": s.lower()}.get(self.theme["case"], s)
        self.add(t="h", text=s)

    def hr(self):
        self.add(t="hr")

    def gap(self, pt=6):
        self.add(t="gap", pt=pt)

    def cols(self, left, right, w=(32, 68), shade=None):
        self.add(t="cols", cols=[left, right], w=list(w), shade=shade)

    def side(self, left, w=20):
        """A block with left in the margin; fill the list returned."""
        blocks = []
        self.add(t="side", l=runs(left), r=blocks, w=w)
        return blocks

    def table(self, rows, w, border=True, head=True):
        self.add(t="table", rows=[[[runs(x) for x in (c if isinstance(c, list) else [c])] for c in r] for r in rows], w=list(w), border=border, head=head)

    # --- dates
    def dates(self, j):
        return D.span(j.start, j.end, j.current, self.fmt, **self.rest)

    def edates(self, e):
        if e.end is None:
            return ""
        if e.start is None:
            return D.show(e.end, self.efmt)
        return D.span(e.start, e.end, False, self.efmt, sep=self.rest["sep"], short=False)

    def cdate(self, c):
        return D.show(c.date, self.cfmt) if c.date else ""

    def mix(self, *parts):
        """The parts in some order."""
        parts = list(parts)
        self.rng.shuffle(parts)
        for f in parts:
            f()

    def stints(self):
        """Jobs one after another at the same employer, together."""
        out = []
        for j in self.p.jobs:
            if out and out[-1][-1].group == j.group:
                out[-1].append(j)
            else:
                out.append([j])
        return out

    # --- sections many layouts share
    def name(self, align="l", size=20, headline=True, hflag="c"):
        self.para(B(self.p.name), size=size, align=align, role="name")
        if headline and self.p.headline:
            self.para((self.p.headline, hflag), align=align, size=12)
        elif not headline:
            self.p.headline = None

    def contact_parts(self, labels=None):
        p = self.p
        lab = dict(zip("lpeu", labels)) if labels else dict.fromkeys("lpeu", "")
        return [(lab[k] + v) for k, v in [("l", p.location), ("p", p.phone), ("e", p.email)] + [("u", x) for x in p.links] if v]

    def contact(self, sep=" | ", labels=None, **kw):
        self.para(seq(sep, *self.contact_parts(labels)), **kw)

    def contact_lines(self, labels=None, **kw):
        for x in self.contact_parts(labels):
            self.para(x, **kw)

    def summary(self, head=True):
        if self.p.summary:
            if head:
                self.head("summary")
            self.para(self.p.summary + ".", after=4)

    def points(self, j, **kw):
        self.ul(j.points, **kw)

    def degree(self, e, how):
        """Degree and field as one text."""
        if not e.field or not e.degree:
            return e.degree or e.field
        return {"in": f"{e.degree} in {e.field}", ",": f"{e.degree}, {e.field}", "()": f"{e.degree} ({e.field})", " ": f"{e.degree} {e.field}", ":": f"{e.degree}: {e.field}", "-": f"{e.degree} - {e.field}"}[how]

    def education(self, shape="school_first", how="in", head=True):
        if head:
            self.head("education")
        for e in self.p.education:
            d, g = self.degree(e, how), self.edates(e)
            if shape == "school_first":
                self.lr(B(e.school), g)
                self.para(I(d), after=3)
            elif shape == "degree_first":
                self.lr(B(d), g)
                self.para(e.school, after=3)
            elif shape == "line":
                self.para(seq(", ", B(d), e.school, g), after=2)
            elif shape == "line_school":
                self.para(seq(", ", e.school), seq("", " – " + d), seq("", f" ({g})" if g else None), after=2)
            elif shape == "pipes":
                self.para(seq(" | ", d, e.school, g), after=2)
            elif shape == "side":
                with self.inside(self.side(g or " ")):
                    self.para(B(d))
                    self.para(e.school, after=3)
            elif shape == "bullets":
                self.ul([seq(", ", e.school, d, g)])
            elif shape == "dates_first":
                self.para(seq("  ", g, B(e.school)))
                self.para(d, after=3)
            elif shape == "three":
                for x in (B(e.school), d, S(g)):
                    self.para(x)
                self.gap(3)
            elif shape == "colon":
                self.para(seq(": ", g, seq(", ", d, e.school)), after=2)

    def skills(self, shape="commas", head=True):
        s = self.p.skills
        if not s:
            return
        if head:
            self.head("skills")
        if shape == "bullets":
            self.ul(s)
        elif shape == "lines":
            for x in s:
                self.para(x)
        elif shape == "groups":
            k = (len(s) + 1) // 2
            a, b = self.rng.choice([("Confident:", "Working knowledge:"), ("Daily use:", "Have used:"), ("Main:", "Also:")])
            self.para(B(a), " " + ", ".join(s[:k]))
            self.para(B(b), " " + ", ".join(s[k:]))
        elif shape == "grid":
            rows = [s[i:i + 3] for i in range(0, len(s), 3)]
            rows[-1] = rows[-1] + [""] * (3 - len(rows[-1]))
            self.table(rows, (34, 33, 33), border=False, head=False)
        else:
            sep = {"commas": ", ", "dots": " · ", "pipes": " | ", "semi": "; ", "bulleted": " • ", "slash": " / "}[shape]
            self.para(sep.join(s))

    def certs(self, shape="comma", head=True):
        if not self.p.certs:
            return
        if head:
            self.head("certs")
        for c in self.p.certs:
            d = self.cdate(c)
            if shape == "comma":
                self.para(seq(", ", c.name, c.issuer, d))
            elif shape == "lr":
                self.lr(seq(" – ", B(c.name), c.issuer), d)
            elif shape == "paren":
                self.ul([seq(" ", c.name, f"({c.issuer}{', ' + d if d else ''})")])
            elif shape == "two":
                self.para(B(c.name))
                self.para(S(seq_text(" · ", c.issuer, d)), after=2)
            elif shape == "date_first":
                self.para(seq("  ", d, seq(", ", c.name, c.issuer)))
            elif shape == "pipes":
                self.para(seq(" | ", c.name, c.issuer, d))

    def langs(self, shape="paren", head=True):
        ls = self.p.languages
        if not ls:
            return
        if head:
            self.head("langs")
        if shape == "paren":
            self.para(", ".join(f"{a} ({b})" for a, b in ls))
        elif shape == "colon":
            for a, b in ls:
                self.para(f"{a}: {b}")
        elif shape == "dash":
            self.ul([f"{a} – {b}" for a, b in ls])
        elif shape == "lr":
            for a, b in ls:
                self.lr(a, I(b))
        elif shape == "comma":
            self.para("; ".join(f"{a}, {b}" for a, b in ls))

    def refs(self, shape="lines"):
        self.head("refs")
        if shape == "request":
            self.para("Available on request.")
            return
        texts = [[r.name, f"{r.role}, {r.firm}", r.phone, r.email] for r in self.p.refs]
        if shape == "two":
            cols = []
            for t in texts:
                col = []
                with self.inside(col):
                    for x in t:
                        self.para(x)
                cols.append(col)
            self.cols(cols[0], cols[1], w=(50, 50))
        elif shape == "oneline":
            for t in texts:
                self.para(", ".join(t))
        else:
            for t in texts:
                for i, x in enumerate(t):
                    self.para(B(x) if i == 0 else x)
                self.gap(4)

    def others(self, *keys):
        """Sections that the truth leaves out."""
        for k in keys:
            v = getattr(self.p, k)
            self.head(k)
            if k == "interests":
                self.para(v + ".")
            elif k == "projects":
                for x in v:
                    a, b, c = x.split("|")
                    self.para(B(a), f" ({c}): {b}")
            else:
                self.ul(v)


def seq_text(sep, *parts):
    return sep.join(x for x in parts if x)


def truth(c, layout, tool, file):
    p = c.p
    jobs = [dict(employer=j.employer, team=j.team, title=j.title, place=j.place, start=D.iso(j.start, c.fmt), end=None if j.current else D.iso(j.end, c.fmt), current=bool(j.current and j.start), points=list(j.points)) for j in p.jobs]
    edu = [dict(school=e.school, degree=e.degree, field=e.field, start=D.iso(e.start, c.efmt), end=D.iso(e.end, c.efmt)) for e in p.education]
    return dict(file=file, layout=layout, tool=tool, resume=dict(
        name=p.name, email=p.email, phone=p.e164 if p.phone else None, headline=p.headline, location=p.location, links=list(p.links), jobs=jobs, education=edu, skills=list(p.skills),
        languages=[list(x) for x in p.languages], certifications=[dict(name=x.name, issuer=x.issuer, date=D.iso(x.date, c.cfmt)) for x in p.certs]))
