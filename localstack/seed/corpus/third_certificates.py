"""A third set of shapes of certificates (see certificate_lists.py), and their parts and sentences."""

import employers
from blocks import Para, Run
from templates import expand_lines

SHAPES = [
    ["<{issuer:b} >{name}<, {date}>"],  # the issuer first
    ["<{issuer}, >{name}< ({date})>"],
    ["<{issuer:i} | >{name:b}||{date}"],
    ["<{issuer:b} – >{name}", "{date:g}"],
    ["{issuer:g}", "{name:b}<, {date}>"],
    ["{issuer:u}", "{name}||{date}"],
    ["<({issuer}) >{name}<, {date}>"],
    ["<{issuer} :: >{name}< :: {date}>"],
    ["{name:b}< ({issuer})>||{date}"],  # the issuer in parentheses or below
    ["{name}< ({issuer})><, {date}><, {id}>"],
    ["{name}< [{issuer}, {date}]>"],
    ["{name}<, {date}>", "{issuer:i}"],
    ["{name:b}<, {date:g}>", "{issuer}<, {id}>"],
    ["{name:u}", "{issuer}<, {date}>"],
    ["{name}", "{issuer}||{date}"],
    ["{name:b}", "Issued by {issuer}< · {date}>"],
    ["{name}", "{issuer}", "{date}"],
    ["* {name:b}<, {date}>", "~{issuer:i}"],
    ["{date}", "{name:b}", "{issuer:g}"],
    ["{name:b}< {issuer}>< {date:g}>"],  # odd separators, or none at all
    ["{name:b}< {issuer:i}>||{date}"],
    ["<{date:g} >{name:b}< {issuer}>"],
    ["{name}< ~ {issuer}>< ~ {date}>"],
    ["{name}< » {issuer}>||{date}"],
    ["{name}< -- {issuer}>< -- {date}>"],
    ["{name}< .... {date}>"],
    ["{name}< → {issuer}>< ({date})>"],
    ["{name}< \\ {issuer}>< \\ {date}>"],
    ["* {name}< | {issuer}>< | {id}>< | {date}>"],  # numbers and expiry
    ["{name:b}< | {id}>||{date}"],
    ["{name}<, {id}><, {issuer}><, {date}>"],
    ["{name}< – {issuer}>< – {id}>", "{date}"],
    ["{name:b}||{date}", "{issuer}< | {id}>"],
    ["{name:b}", "{issuer}< · {extra}>||{date}"],
    ["* {name}<, {extra}><, {issuer}>< ({date})>"],
    ["<{extra} – >{name}<, {issuer}><, {date}>"],
    ["{=Certificate:} {name}< {=Issued by:} {issuer}>< {=Date:} {date}>"],  # labels
    ["{=Name:} {name:b}", "{=Issuing authority:} {issuer}||{date}"],
    ["{=Licence:} {name}<, {issuer}><, {date}>"],
    ["{=Course} : {name}< / {=Provider} : {issuer}>< / {=Year} : {date}>"],
    ["{name}< taken at {issuer}>< in {date}>"],  # words between the parts
    ["{name}< through {issuer}>< ({date})>"],
    ["{name}< accredited by {issuer}><, {date}>"],
    ["{name}<, {issuer}>< since {date}>"],
    ["Certified {name:b}< – {issuer}>< – {date}>"],
    ["Holder of {name}<, {issuer}><, {date}>"],
    ["■ {name}< ({issuer})>< {date}>"],
    ["{number} {name}<, {issuer}><, {date}>"],
    ["{number:b} {name:b}||{date}", "~{issuer}"],
]
ROWS = [
    (["{date:g}", "{issuer:s}"], ["{name:b}"]),
    (["{name:b}", "{issuer}"], ["{date}"]),
    (["{name}<, {issuer}>"], ["{date:i}"]),
    (["{issuer:b}"], ["{name}", "{date:g}"]),
    (["{date:b} ●"], ["{name}< – {issuer}>"]),
]
GRIDS = [
    ([["{name}"], ["{issuer}"], ["{id}"], ["{date}"]], ["Certificate", "Issued by", "Number", "Valid until"], [0.34, 0.26, 0.2, 0.2]),
    ([["{issuer}"], ["{name}"], ["{date}"]], ["Awarding body", "Qualification", "Year"], [0.34, 0.46, 0.2]),
    ([["{number}"], ["{name}"], ["{issuer}"], ["{date}"]], ["No.", "Course", "Institute", "Completed"], [0.08, 0.42, 0.3, 0.2]),
    ([["{name}"], ["{extra}"], ["{date}"]], ["Training", "Length", "Date"], [0.56, 0.2, 0.24]),
    ([["{name:b}", "{issuer}"], ["{date}"]], None, [0.76, 0.24]),
    ([["{date}"], ["{name}<, {issuer}>"]], None, [0.22, 0.78]),
]
GROUPED = [  # (the line of the issuer, the line of each certificate)
    (["{issuer:b}"], ["* {name}<, {date}>"]),
    (["{issuer:b}"], ["{name}||{date}"]),
    (["{issuer:u}"], ["~{name}< ({date})>"]),
    (["{issuer:i}:"], ["* {name}< – {date}>"]),
    (["* {issuer:b}"], ["** {name}<, {date}>"]),
    (["{issuer:k}"], ["<{date} >{name}"]),
]
SENTENCES = [  # running text, one for each certificate
    "I hold the {name}<, issued by {issuer}>< in {date}>.",
    "I completed {name}< with {issuer}>< in {date}>.",
    "I was awarded {name}< by {issuer}><, {date}>.",
    "In addition I have {name}< ({issuer}, {date})>.",
    "I passed {name}< at {issuer}>< ({date})>.",
    "Holds {name}< from {issuer}><, obtained {date}>.",
    "Trained in {name}< at {issuer}><, {date}>.",
    "Current {name}<, {issuer}>.",
    "Also qualified: {name}< ({issuer})><, {date}>.",
    "There is also my {name}< from {issuer}>< ({date})>.",
]
SUBHEADS = (
    "Licences|Courses|Certificates|Tickets|Training courses|In-house training|Online courses|Health and safety|IT|Mandatory training|Professional licences|"
    "Other|Internal trainings|Languages tests|Current|Expired|External|Cards held|Endorsements|Short courses|Technical|Management"
).split("|")
NOISE = (  # lines among certificates that are none
    "Copies available on request|All certificates are current.|Full list on request|See LinkedIn for the complete list|Skills: Excel, SQL, Power BI|Show credential|"
    "No points on licence|All mandatory training up to date|Renewals are tracked by my employer|Total training hours in the last year: 46|See certificate|"
    "Member of the first-aid team at work|Recommended by two supervisors|Paid for by myself|Currently preparing for the next level|Score in the top 10%|References for all courses can be given|"
    "Skills learned: negotiation, planning|Hired after the course|Original documents can be shown|Assessment passed at first attempt|Transcripts attached"
).split("|")
INTROS = "The following are current:|I hold these certificates:|Selected training:|Recent courses include|Licensed and certified as follows:|Certificates held at present:".split(
    "|"
)
LEVELS = "Level 1|Level 2|Level 3|Certificate in|Diploma in|Award in|Foundation in|Advanced|Introduction to|Fundamentals of|Certified|Basic|Licensed|Registered|Accredited|Practitioner Certificate in|Masterclass:|Refresher:|Lehrgang|Formation".split(
    "|"
)
TOPICS = "Food Safety|Wound Care|Crane Operation|Phlebotomy|Bookkeeping|Data Protection|Conflict Management|Abrasive Wheels|Sign Language|Welding Inspection|Infant Massage|Project Planning|Python Programming|Market Research|Payroll|Dog Grooming|Floristry|Traffic Management|Ladder Safety|Legionella Awareness|Negotiation|Customer Care|Copywriting|Kubernetes|Medication Handling|Brand Strategy|Sports Massage|Fraud Examination|Arboriculture|Interpreting|Bridge Inspection|Digital Marketing|Mediation|Child Protection|Vehicle Electrics|Boiler Servicing|Business Analysis|Ski Instruction|Customs Clearance|Grief Counselling".split(
    "|"
)
ENDINGS = "Certificate|Licence|Course|Training|Workshop|Certification|Diploma|Card|Award|Accreditation|Permit|Seminar|Ticket|Badge|Registration|Exam|Lehrgang|Qualification|Endorsement|Bootcamp".split(
    "|"
)
ISSUERS = "{c} Academy|{c} Institute|{us} Community College|State of {st}|{s} Training Ltd|{gb} College|IHK {de}|Institute of {d}|{c} Learning|{us} Chapter|Royal Society of {d}|National Board of {d}|{c}|{s} & {s} Safety|City of {us}|{st} Department of {d}|Society of {c} Engineers|{gb} City Council|{in} Skill Centre|Handwerkskammer {de}|{c} University|GRETA {fr}|{c} (online)|{h}{t2} NHS Trust|in-house ({c})".split(
    "|"
)


def made(rng):
    """A made-up certificate and its issuer."""
    topic = rng.choice(TOPICS)
    name = rng.choice(
        [f"{rng.choice(LEVELS)} {topic}", f"{topic} {rng.choice(ENDINGS)}", f"{rng.choice(LEVELS)} {topic} {rng.choice(ENDINGS)}"]
    )
    return name, employers.fill(rng, rng.choice(ISSUERS))


def grouped(items, written, ctx):
    """Certificates below the lines of their issuers: (blocks, truth)."""
    rng, out, truth, groups = ctx.rng, [], [], {}
    above, below = rng.choice(GROUPED)
    same = [issuer for _, issuer, _ in items if issuer] or [employers.fill(rng, rng.choice(ISSUERS))]
    for name, issuer, point in items:
        groups.setdefault(rng.choice(same) if rng.random() < 0.5 or not issuer else issuer, []).append((name, point))
    dated = rng.random() < 0.75
    for issuer, names in groups.items():
        entry = Run("", "entry:certification")
        for at, (name, point) in enumerate(names):
            text, value = written(point) if dated else (None, None)
            values = {"name": [Run(name, "certificate")], "date": [Run(text, "cert_date")] if text else None}
            paras = expand_lines(above, {"issuer": [Run(issuer, "issuer")]}, set()) if at == 0 else []
            paras += expand_lines(below, values, set())
            paras[0].runs.insert(0, entry if at == 0 else Run("", "entry:certification"))
            paras[0].before = 3 if at == 0 else 0
            for para in paras:
                para.glyph = ctx.layout.glyph
            out += paras
            truth.append({"name": name, "issuer": issuer, "date": value})
    return out, truth


def told(items, written, ctx):
    """Certificates in sentences: (blocks, truth)."""
    rng, out, truth, runs = ctx.rng, [], [], []
    dated, apart = rng.random() < 0.8, rng.random() < 0.4
    for name, issuer, point in items:
        text, value = written(point) if dated else (None, None)
        values = {
            "name": [Run(name, "certificate")],
            "issuer": [Run(issuer, "issuer")] if issuer else None,
            "date": [Run(text, "cert_date")] if text else None,
        }
        used = set()
        part = expand_lines([rng.choice(SENTENCES)], values, used)[0].runs
        part.insert(0, Run("", "entry:certification"))
        truth.append({"name": name, "issuer": issuer if "issuer" in used else None, "date": value if "date" in used else None})
        if apart:
            out.append(Para(part))
        else:
            runs += ([Run(" ")] if runs else []) + part
    return out or [Para(runs)], truth


def with_noise(blocks, ctx):
    """Put headings of parts and lines that are no certificates among the paragraphs."""
    rng = ctx.rng
    starts = [i for i, para in enumerate(blocks) if isinstance(para, Para) and para.runs and para.runs[0].mark == "entry:certification"]
    out, flags = list(blocks), rng.choice(["b", "i", "", "bi"])
    style = rng.choice(["body", "bullet"])
    if rng.random() < 0.4:
        out.append(Para([Run(rng.choice(NOISE), "other")], style=style, glyph=ctx.layout.glyph))
    for at in reversed(starts[1:]):
        if rng.random() < 0.2:
            out.insert(at, Para([Run(rng.choice(NOISE), "other")], style=style, glyph=ctx.layout.glyph))
        if rng.random() < 0.3:
            out.insert(at, Para([Run(rng.choice(SUBHEADS) + rng.choice([":", "", ""]), "label", flags)], before=3))
    if rng.random() < 0.4:
        out.insert(0, Para([Run(rng.choice(INTROS + SUBHEADS), "label", flags)]))
    return out
