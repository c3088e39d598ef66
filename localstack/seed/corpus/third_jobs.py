"""A third set of headings of jobs, as data (see patterns.py), and the parts that only they have.

More fields: kind (of employment), via (an agency), span (length of stay), facts (hours, grade, pay), number, from and to (dates apart).
More shapes: "pairs" is a table of labels and values for each entry.
"""

import dates
from blocks import Run
from employers import fill

THIRD_JOBS = [
    (["{employer:b}< {title:i}>||{dates}"], None),  # nothing but typography between the parts
    (["{title:b}< {employer}>||{dates}"], None),
    (["{employer:k}< {title}>< {dates:g}>"], None),
    (["{title:b}<\u2003{employer:i}>", "{dates:g}"], None),
    (["{employer:bu}< {title}>", "{place}< {dates}>"], None),
    (["{dates:g}< {employer:b}>< {title:i}>"], None),
    (["{title:c}< {employer:b}>< {place:i}>||{dates}"], None),
    (["{employer:l}< {title:g}>", "{dates:s}< {place:s}>"], None),
    (["{title:u}< {employer}>", "{dates}"], None),
    (["{employer:b}< ~ {title}>< ~ {dates}>"], None),  # odd separators
    (["{title:b}< :: {employer}>||{dates}"], None),
    (["{title:b}< » {employer}>", "{dates:g}< » {place:g}>"], None),
    (["{employer:b}< → {title}>< ({dates})>"], None),
    (["{employer:b}< -- {title}>< -- {place}>||{dates}"], None),
    (["{title}< ... {employer:b}>< ... {dates}>"], None),
    (["{title:b}< \\ {employer}>< \\ {place}>", "{dates}"], None),
    (["{employer:b}< ¦ {title}>< ¦ {dates}>"], None),
    (["{dates}< * {title:b}>< * {employer}>"], None),
    (["{title:b}< · · {employer}>||{dates}"], None),
    (["{title:b}< —— {employer}>", "{dates}< —— {place}>"], None),
    (["{employer:b}< __ {title}>||{dates}"], None),
    (["{title:b}<: {employer}>< [{place}]>< [{dates}]>"], None),
    (["{employer:b}< › {team}>", "{title}||{dates}"], None),
    (["{title:b}<, {employer}>< – {place}>< | {dates}>"], None),  # separators of several kinds
    (["{employer:b}<, {place}>< — {title:i}><; {dates}>"], None),
    (["{employer:b}< / {title}>< | {place}>||{dates}"], None),
    (["{dates}<; {title:b}><; {employer}><, {place}>"], None),
    (["{title:b}< (at {employer})>||{dates}"], None),
    (["{title:b}< ({employer}, {place})>< {dates}>"], None),
    (["{employer:b}< ({title})>||{dates}"], None),
    (["{employer:b}< [{title}]>< {dates}>"], None),
    (["{title:b}<, {employer:b}>", "{place:g}<, {dates:g}>"], None),
    (["{title:b}< ({kind})>||{dates}", "{employer}<, {place}>"], None),  # kind of employment, length of stay, agency
    (["{title:b}", "{employer}< · {kind}>", "{dates:g}< · {span:g}>", "{place:g}"], None),
    (["{employer}", "{title}", "{dates}< ({span})>", "{place}"], None),
    (["{title:b}< | {kind}>", "{employer}< | {place}>", "{dates:i}< | {span:i}>"], None),
    (["{employer:b}< – {kind}>||{dates}", "{title:i}"], None),
    (["{title:b}< – {employer}>", "{kind:g}< · {dates:g}>< · {place:g}>"], None),
    (["{dates}< ({span})>", "{title:b}<, {employer}>"], None),
    (["{span:b}<: {title}><, {employer}>< ({dates})>"], None),
    (["{employer:b}< ({via})>||{dates}", "{title:i}"], None),
    (["{title:b}< {via:i}>", "{employer}<, {place}>||{dates}"], None),
    (["{employer:b}<, {via}><, {place}>", "{dates}< – {title}>"], None),
    (["{title:b}< – {kind}, {via}>", "{employer}< – {dates}>"], None),
    (["{title:b}||{span}", "{employer}||{dates}"], None),
    (["{title:b}< [{kind}]>< — {employer}>< — {dates}>"], None),
    (["{kind:g}< | {dates:g}>", "{title:b}", "{employer}<, {place}>"], None),
    (["{employer:b}||{kind:i}", "{title}||{dates}"], None),
    (["{title:b}< | {employer}>", "{dates:s}< | {span:s}>< | {kind:s}>"], None),
    (["{title:b}", "{employer}<, {place}>"], ["{dates}", "{span:s}"]),  # columns, rows, tables, timelines
    (["{employer:b}< | {title}>"], ["{dates}", "{place:s}"]),
    (["{title:b}"], ["{employer:b}", "{place:s}", "{dates:s}"]),
    (["{about:i}"], ["{title:b}", "{employer}", "{dates:g}"]),
    (["{title:b}", "{employer}", "{dates}"], ["{place}"]),
    (["{employer:b}", "{title}< · {kind}>"], ["{dates:g}"]),
    (["{title:b}", "{employer}<, {place}>"], ["{dates:g} ●"]),
    (["{title:b}<, {employer}>"], ["{from} –", "{to}"]),
    (["● {dates}", "{title:b}< | {employer}>"], None),
    (["○ {title:b}<, {employer}>", "{dates:g}"], None),
    (["| {title:b}", "| {employer}<, {place}>", "| {dates}"], None),
    (["{employer:b}", "{title:i}"], ["{dates}", "{span:s}"], "row"),
    (["{title:b}"], ["{employer}", "{dates}"], "row"),
    (["{title:b}", "{employer}< · {kind}>"], ["{place:g}", "{dates:g}"], "row"),
    ([["{dates}"], ["{employer}"], ["{title}"]], ["Dates", "Employer", "Position held"], "grid", [0.26, 0.38, 0.36]),
    ([["{employer}<, {place}>"], ["{title}"], ["{dates}"]], None, "grid", [0.4, 0.34, 0.26]),
    (
        [["{number}"], ["{employer}"], ["{title}"], ["{dates}"], ["{span}"]],
        ["S.No", "Organisation", "Post held", "Period", "Total"],
        "grid",
        [0.08, 0.28, 0.26, 0.22, 0.16],
    ),
    (
        [["{employer:b}"], ["{title}"], ["{from}"], ["{to}"]],
        ["Name of the employer", "Designation", "From", "To"],
        "grid",
        [0.36, 0.3, 0.17, 0.17],
    ),
    ([["{from}"], ["{to}"], ["{title}"], ["{employer}<, {place}>"]], ["From", "To", "Rank", "Company"], "grid", [0.16, 0.16, 0.28, 0.4]),
    ([["{title:b}", "{employer}"], ["{dates}"], ["{place}"]], None, "grid", [0.5, 0.27, 0.23]),
    ([["{dates}", "{place:i}"], ["{title:b}", "{employer:i}"]], None, "grid", [0.28, 0.72]),
    (["{dates}", "{title:b}", "{employer}<, {place}>"], ["Dates", "Occupation or position held", "Name and address of employer"], "pairs"),
    (["{employer}", "{title}", "{dates}", "{place}"], ["Company", "Position", "Period", "Location"], "pairs"),
    (["{title:b}", "{employer}", "{from}", "{to}"], ["Job title", "Employer", "Started", "Left"], "pairs"),
    (["{=Title:} {title}", "{=Company:} {employer}", "{=City:} {place}", "{=From:} {from}< {=To:} {to}>"], None),  # labels
    (["{=Dates (from – to)} {dates}", "{=Name of employer} {employer}<, {place}>", "{=Position held} {title}"], None),
    (["{=Position Title:} {title:b}", "{=Agency:} {employer}<, {place}>", "{=Dates:} {dates}", "{facts}"], None),
    (["{employer:b}<, {place}>", "{title:b}", "{dates}", "{facts:s}"], None),
    (["{=Employment:} {employer}< / {title}>< / {dates}>"], None),
    (["{=Period} : {dates}", "{=Designation} : {title}", "{=Organization} : {employer}"], None),
    (["{=Job title -} {title}", "{=Where -} {employer}", "{=When -} {dates}"], None),
    (["{=Rank:} {title}< {=Vessel:} {employer}>||{dates}"], None),
    (["{=School:} {employer}< {=Post:} {title}>< {=Dates:} {dates}>"], None),
    (["{title:b}", "{=Company:} {employer}< {=Location:} {place}>", "{=Duration:} {dates}< ({span})>"], None),
    (["{=Role:} {title}||{dates}", "{=Company:} {employer}"], None),
    (["<({dates})>", "{title:b}< – {employer}>"], None),  # dates in places of their own
    (["{title:b}<, {employer}>", "<({dates})>"], None),
    (["{title:b}||{place}", "{employer}< [{dates}]>"], None),
    (["{dates:l}", "{employer}< • {title:b}>"], None),
    (["{title:b}<, {dates}>||{employer}"], None),
    (["{dates}||{employer:b}", "{title:i}||{place}"], None),
    (["{dates}||{title:b}", "{place:g}||{employer}"], None),
    (["{from:g}", "{title:b}<, {employer}>", "{=until} {to:g}"], None),
    (["{employer:b}< ({about:i})>", "{title}||{dates}"], None),  # lines about the employer, teams
    (["{title:b}||{dates}", "{employer}<, {place}>", "{about:is}"], None),
    (["{team:b}<, {employer}>", "{title:i}<, {dates}>"], None),
    (["{title:b}", "{team}< / {employer}>< / {place}>", "{dates}"], None),
    (["{employer:b}", "{team}", "{title:i}", "{dates}<, {place}>"], None),
    (["{number:b} {title:b}<, {employer}>||{dates}"], None),  # numbers and bullets
    (["{number} {employer:b}", "~{title}<, {dates}>"], None),
    (["* {title:b}", "~{employer}<, {place}>", "~{dates}"], None),
    (["* {employer}< ({dates})>< – {title}>"], None),
    (["{title:b}< w/ {employer}>< ({dates})>"], None),  # words between the parts
    (["{title:b}< for {employer}>", "{dates}"], None),
    (["{title:b}< in {employer}><, {place}><, {dates}>"], None),
    (["{dates}< als {title:b}>< bei {employer}>"], None),
    (["{title:b}< presso {employer}>< – {dates}>"], None),
    (["{title:b}< en {employer}>< ({dates})>"], None),
    (["{title:b}< of {employer}><, {place}>||{dates}"], None),
    (["{title:b}< | Client: {employer}>||{dates}"], None),
    (["PROSE"], None),
    (["PROSE"], None),
]
THIRD_BANNERS = [  # several posts under one employer
    (["{employer}", "{span}"], ["{title}", "{dates}"]),  # as a professional network exports it
    (["{employer:b}< · {kind}>", "{span:g}< · {place:g}>"], ["{title:b}", "{dates:g}"]),
    (["{employer:b}<, {place}>||{span}"], ["{title:i}||{dates}"]),
    (["{employer:b}< ({span})>"], ["* {title}< – {dates}>"]),
    (["{dates}", "{employer:b}<, {place}>"], ["{title:b}<, {dates}>"]),
    (["{employer:b}||{place}", "{about:i}"], ["{dates}< | {title:b}>"]),
    (["{employer:bc}<, {place}>"], ["{title:i}< [{dates}]>"]),
    (["{employer:b}< // {place}>"], ["{title}< // {dates}>"]),
    (["{=Company:} {employer:b}<, {place}>"], ["{=Position:} {title}< ({dates})>"]),
    (["{employer:b}< – {dates}>"], ["{dates}< as {title:i}>"]),
    (["{employer:k}"], ["→ {title:b}< {dates:g}>"]),
    (["{employer:u}< {dates}>"], ["~{title:b}", "~{dates:s}"]),
    (["{employer:b}", "{place:g}< | {dates:g}>"], ["{title:b}< ({dates})>"]),
    (["{employer:b}<, {place}>"], ["{title:b}", "<({dates})>"]),
]
KINDS = (
    "Full-time|Part-time|Contract|Permanent|Temporary|Internship|Freelance|Fixed-term|Seasonal|Apprenticeship|Casual|Zero-hours|Full time|"
    "Part time|Permanent Full-time|W2 Contract|C2C|Remote|Hybrid|On-site|40 hrs/week|Minijob|CDI|CDD|Vollzeit|Teilzeit|Locum|Bank|PRN|"
    "Per Diem|Supply|Term-time|Tenure-track|Adjunct|0.8 FTE|50%|Co-op|FULL TIME|Summer|Evenings|Weekends|Live-in|On call|Consultant"
).split("|")
VIA = (
    "via Hays|via Randstad|through Robert Half|through Manpower|contract through Adecco|agency: Reed|via {c} Staffing|on assignment from Kelly Services|"
    "through {c} Consulting|on behalf of Michael Page|seconded from {c}|through {s} Recruitment|TEKsystems contractor|Insight Global (agency)|"
    "employed by {s} Personal|payroll: {c}|outsourced to {c}|supply via {s} Teachers|contractor via {c}|placed by {s} & {s}|vendor: {c} Inc|via Brunel"
).split("|")
PAST = [  # sentences, see prose.py
    "{employer}<, {place}>: {title} {dates}.",
    "{dates} {employer} employed me as {a} {title}.",
    "After that I moved to {employer}<, {place}>, where I was {a} {title} {dates}.",
    "{title} with {employer}<, {place}>, {dates}.",
    "{dates} she served {employer} as {title}.",
    "I spent some time at {employer}<, {place}> as {a} {title}, {dates}.",
    "{dates}, {employer} gave me the post of {title}.",
    "Before that, {title} at {employer}, {dates}.",
    "{dates} my employer was {employer}<, {place}>, my post that of {a} {title}.",
    "He started at {employer} as {a} {title} and stayed there {dates}.",
]
NOW = [
    "{employer}<, {place}>: {title} {dates}.",
    "{dates} {title} with {employer}<, {place}>.",
    "I am {a} {title} at {employer}<, {place}>, {dates}.",
    "Currently I work for {employer} as {a} {title}, {dates}.",
    "{dates} {employer}<, {place}> has employed me as {a} {title}.",
]
BREAKS = (  # not jobs
    "Career break|Career Break – childcare|Planned career break|Parental leave|Maternity leave|Sabbatical|Sabbatical year|Travelling|Gap year|Family leave|"
    "Full-time parent|Caring for a relative|Relocation|Job search|Elternzeit|Congé parental|World trip|Health break|Personal leave|Carer for family member|"
    "Break for further study|Year off|Raising two children|Career gap|Garden leave|Time out to travel|Volunteering abroad|Layoff due to COVID-19|Retired|Immigration to Canada"
).split("|")
BREAK_LINES = (
    "Looked after two young children|Travelled through South America and learned Spanish|Moved abroad with my family and completed language courses|"
    "Cared for an elderly parent|Renovated a house|Took online classes and volunteered at a school|Returned to the job market|Recovered from an injury"
).split("|")


def span_words(start, end, rng):
    """The length of a stay in one of many wordings."""
    end = end or (2026, 3)
    months = max(1, (end[0] - start[0]) * 12 + end[1] - start[1] + 1)
    years, rest = divmod(months, 12)
    many = lambda n, word: f"{n} {word}{'s' if n > 1 else ''}"
    long = " ".join([many(years, "year")] * bool(years) + [many(rest, "month")] * bool(rest))
    return rng.choice(
        [dates.span_words(start, end), long, long, f"{months} months" if months > 1 else "1 month", long.replace(" ", "-", 1)]
    )


def facts(rng):
    """A line of hours, grades and pay, as applications to public bodies have it."""
    rows = [
        ("Hours per week:", rng.choice(["40", "20", "38", "32"])),
        ("Series:", f"{rng.choice(['0343', '2210', '0301', '0610'])} Grade: {rng.choice(['07', '09', '11', '12', '13'])}"),
        ("Salary:", f"${rng.randrange(38, 140)},{rng.randrange(100, 999)} per year"),
        ("Pay Grade:", f"GS-{rng.randrange(5, 15)}"),
        ("May we contact:", rng.choice(["Yes", "No", "Contact me first"])),
        ("Band:", f"{rng.randrange(3, 9)}"),
    ]
    out = []
    for label, text in rng.sample(rows, rng.choice([1, 2, 2, 3])):
        out += ([Run(rng.choice([" ", " | ", "; "]))] if out else []) + [Run(label, "label"), Run(" "), Run(text, "text")]
    return out


def extras(job, fields, date_text, number, rng):
    """The runs of the fields that only these headings have."""
    out = {}
    if "kind" in fields and rng.random() < 0.7:
        out["kind"] = [Run(rng.choice(KINDS), "aside")]
    if "via" in fields and rng.random() < 0.5:
        out["via"] = [Run(fill(rng, rng.choice(VIA)), "aside")]
    if "span" in fields and date_text and "(" not in date_text and "·" not in date_text:
        out["span"] = [Run(span_words(job["start"], job["end"], rng), "dates")]
    if "facts" in fields and rng.random() < 0.85:
        out["facts"] = facts(rng)
    if "number" in fields:
        out["number"] = [Run(f"{number}{'.' if rng.random() < 0.7 else ')'}")]
    return out


def apart(fmt, job):
    """The first and the last date on their own: (from, to, start, end, current)."""
    name = fmt[0] if fmt[0] in dates.POINTS and fmt[0] not in ("season", "quarter", "mid", "early", "iso") else "mon"
    write = lambda p: dates.POINTS[name][0](p[0], p[1], p[2] if len(p) > 2 else 1)
    first = dates.truth(name, *job["start"][:2])
    if job["end"] is None:
        now = fmt[2] if fmt[2] and fmt[2] != "date" else "Present"
        return write(job["start"]), now[0].upper() + now[1:], first, None, True
    return write(job["start"]), write(job["end"]), first, dates.truth(name, *job["end"][:2], end=True), False
