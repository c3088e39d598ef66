"""Parts of a résumé that look like jobs and are not: all in the shapes of the jobs, so that only the heading tells."""

import career
import dates
import employers
import lookalike_lists as lists
import people
import study
import third_lookalikes
from blocks import Para, Run, Table
from entries import entry_blocks, grid_table
from patterns import JOBS
from templates import expand_lines


def joined_lists(first, more):
    """Two lists of words for each kind as one."""
    return {kind: f"{words}|{more[kind]}" if kind in more else words for kind, words in first.items()}


LIKE_JOBS = ("volunteering", "activities", "projects", "military", "committees", "service", "deployments", "clients")
BARE = (
    "courses",
    "taught",
    "supervision",
    "tests",
    "credits",
    "sports",
    "events",
    "media",
    "pastimes",
    "conferences",
    "tours",
)  # few points
LABELLED = ("volunteering", "activities", "committees", "military", "service", "deployments")  # may have the labels of jobs
PLAIN = [  # lines of a role, a body and a date
    ["{title}<, {employer}><, {dates}>"],
    ["{title}<, {employer}>< ({dates})>"],
    ["<{dates} >{title}<, {employer}>"],
    ["<{dates}: >{title}< – {employer}>"],
    ["{employer}< – {title}>< ({dates})>"],
    ["{title}< | {employer}>||{dates}"],
    ["* {title}<, {employer}><, {dates}>"],
    ["* {employer}< – {title}>< {dates}>"],
    ["* <{dates} – >{title}< ({employer})>"],
    ["{title:b}||{dates}", "{employer}"],
    ["{employer:b}||{dates}", "{title:i}"],
    ["{title:b}", "{employer}<, {dates}>"],
    ["{title}"],
    ["* {title}< ({dates})>"],
    ["* {employer}"],
]
PLAIN += third_lookalikes.PLAIN
ROLES = joined_lists(lists.ROLES, third_lookalikes.MORE_ROLES) | third_lookalikes.ROLES
BODIES = joined_lists(lists.BODIES, third_lookalikes.MORE_BODIES) | third_lookalikes.BODIES
YEARLY = {
    "awards",
    "talks",
    "development",
    "patents",
    "travel",
    "courses",
    "tests",
    "credits",
    "events",
    "media",
    "hackathons",
    "conferences",
}


def filled(rng, text):
    """Fill the slots of a body or a project."""
    while "{coined}" in text:
        text = text.replace("{coined}", employers.coined(rng), 1)
    return employers.fill(rng, text)


def an_item(rng, kind, ctx):
    """One entry: role, body, place, dates and points."""
    year = rng.randrange(2000, 2025)
    start = (year, rng.randrange(1, 12), 3)
    end = None if rng.random() < 0.2 else (min(year + rng.choice([0, 1, 1, 2, 3, 5]), 2025), 12, 5)
    pick = lambda table: filled(rng, rng.choice(table.split("|")))
    if kind == "projects":
        role, body = pick(lists.PROJECTS), rng.choice([pick(lists.PROJECT_ROLES), pick(lists.PROJECT_BODIES)])
    else:
        role, body = pick(ROLES[kind]), pick(BODIES[kind])
        if rng.random() < 0.2 and kind in ("volunteering", "activities", "committees", "service", "clients", "tours"):
            role, body = rng.choice([career.a_title(rng, ctx.src, ctx.code), role]), employers.employer(rng)
    if kind == "patents":
        role = rng.choice(study.TOPICS.split("|")).capitalize()
    text = None
    roll = rng.random()
    if kind in YEARLY and roll < 0.75 or roll < 0.15:
        text = rng.choice([str(year), str(year), dates.write_point(ctx.date_format, start, rng)[0]])
    elif roll < 0.88:
        text = dates.write_range(ctx.date_format if rng.random() < 0.7 else ("year", "–", "present"), start, end, rng)[0]
    return role, body, people.place(rng, ctx.person["country"], "city") if rng.random() < 0.5 else None, text


def entries(kind, ctx, marks=("other", "other", "other", "other")):
    """Entries of a section in the shape of the jobs or in a plain one."""
    rng, layout, out, rows, seen = ctx.rng, ctx.layout, [], [], set()
    role_mark, body_mark, date_mark, text_mark = marks
    like_jobs = rng.random() < (0.6 if kind in LIKE_JOBS else 0.3)
    titled = [lines for lines in PLAIN if "{title" in str(lines)] if kind in ("projects", "awards") else PLAIN
    pattern = layout.job if like_jobs else (rng.choice(titled), None)
    if like_jobs and kind not in LABELLED and ("{=" in str(pattern) or pattern[-1] in ("pairs", "form")):
        pattern = (rng.choice(titled), None)
    if kind == "projects" and rng.random() < 0.3:
        pattern, clients = (rng.choice(third_lookalikes.PROJECTS), None), rng.random() < 0.7
    else:
        clients = False
    tabled = kind != "projects" and rng.random() < 0.08
    if pattern[0][0] == "PROSE":
        pattern = rng.choice([job for job in JOBS[:80] if len(job) == 2])
    heads, grid = pattern[1], len(pattern) > 2 and pattern[2] == "grid"
    detailed = rng.random() < (0.75 if kind == "projects" else 0.08 if kind in BARE else 0.6 if like_jobs else 0.25)
    for _ in range(rng.choice([1, 2, 2, 3, 4] if kind != "awards" else [1, 2, 3, 3, 5])):
        role, body, place, text = an_item(rng, kind, ctx)
        body = employers.employer(rng, ctx.code[:2]) if clients else body
        if role in seen and rng.random() < 0.8:
            continue
        seen.add(role)
        values = {
            "title": [Run(role, role_mark)],
            "employer": [Run(body, body_mark)] if rng.random() < 0.9 else None,
            "place": [Run(place, body_mark)] if place else None,
            "dates": [Run(text, date_mark)] if text else None,
            "from": [Run(text, date_mark)] if text else None,
        }
        if tabled:
            rows.append((role, body, text))
            continue
        below = []
        for _ in range(rng.choice([1, 1, 2, 3]) if detailed else 0):
            line = rng.choice(lists.POINTS.split("|")).replace("{n}", str(rng.randrange(4, 60)))
            if kind == "projects" or rng.random() < 0.3:
                line = career.point(rng, ctx.src, ctx.code, ctx.skills, 0)
            style = "bullet" if layout.points == "bullets" or rng.random() < 0.5 else "body"
            below.append(Para([Run(line, text_mark)], style=style, glyph=layout.glyph))
        if kind == "projects" and rng.random() < 0.2:
            tools = Run(", ".join(ctx.skills[:4]), text_mark)
            below.append(Para([Run(rng.choice(["Technologies:", "Tools:", "Environment:", "Stack:"]), text_mark, "b"), Run(" "), tools]))
        entry = "project" if kind == "projects" else None
        if grid:
            cells = [expand_lines(cell, values, set()) for cell in pattern[0]]
            if entry:
                next(cell for cell in cells if cell)[0].runs.insert(0, Run("", "entry:project"))
            rows.append(cells)
        else:
            out.extend(entry_blocks(pattern, values, set(), entry, below, 3 if detailed else 1))
    if tabled:
        return [third_lookalikes.service_table(rows, rng)]
    return [grid_table(pattern, rows, rng, bool(heads), text_mark)] if rows else out


def projects(ctx):
    """Projects, some with dates, which are not jobs."""
    return entries("projects", ctx, ("project", "project_text", "project_dates", "project_text"))


def references(ctx):
    """Referees with titles, employers, telephone numbers and emails of their own."""
    rng = ctx.rng
    if rng.random() < 0.35:
        words = "Available upon request|References available on request.|Available on request|References furnished upon request.|Excellent references can be provided.|Two references available."
        return [Para([Run(rng.choice(words.split("|")), "other")])]
    out = []
    for _ in range(rng.choice([1, 2, 2, 3])):
        given, family = people.a_name(rng)
        title, boss = career.a_title(rng, ctx.src, ctx.code), employers.employer(rng, ctx.code[:2])
        number = people.phone(rng, ctx.person["country"])[1]
        mail = people.email(rng, given, family)
        name = rng.choice(["{} {}", "{} {}", "Dr. {} {}", "Mr {} {}", "Prof. {} {}", "Mrs. {} {}"]).format(given, family)
        lines = rng.choice(
            [
                [[name], [f"{title}, {boss}"], [number], [mail]],
                [[name, title, boss], [mail, number]],
                [[name], [boss], [f"Phone: {number}"], [f"Email: {mail}"]],
                [[f"{name}", f"{title} at {boss}", number]],
                [[name], [title], [boss], [people.place(rng, ctx.person["country"])], [number]],
                [[f"{name} – {title}"], [boss], [mail]],
                [[boss], [f"{name}, {title}"], [f"Tel: {number}"]],
                [[f"Name: {name}"], [f"Position: {title}"], [f"Company: {boss}"], [f"Contact: {number}"]],
                [[name], [f"Relationship: former manager at {boss}"], [mail]],
                [[title], [name, boss]],
            ]
        )
        if rng.random() < 0.4:
            place = people.place(rng, ctx.person["country"])
            lines = third_lookalikes.referees(rng, f"{given} {family}", title, boss, number, mail, place)
        bold = rng.choice(["", "", "b"])
        out.append(
            [
                Para(joined(line, "referee", rng.choice([", ", " | "]), bold if i == 0 else ""), before=3 if i == 0 else 0)
                for i, line in enumerate(lines)
            ]
        )
    if len(out) > 1 and rng.random() < 0.3:
        return [Table([out[:2]], [0.5, 0.5])]
    return [para for lines in out for para in lines]


def joined(items, mark, separator, flags=""):
    """Runs of items with separators."""
    return [run for i, item in enumerate(items) for run in ([Run(separator)] if i else []) + [Run(item, mark, flags)]]


def publications(rng, p):
    """References to papers, books and articles."""
    topic = rng.choice(study.TOPICS.split("|"))
    other, year, c = people.a_name(rng), rng.randrange(2004, 2025), employers.coined(rng)
    return rng.choice(
        [
            f"{p['family']}, {p['given'][0]}., {other[1]}, {other[0][0]}. ({year}). On {topic}. Journal of {c} Studies, {rng.randrange(2, 60)}({rng.randrange(1, 6)}).",
            f"“{topic.capitalize()}”, with {' '.join(other)}, Proc. of the {rng.randrange(3, 30)}th {c} Workshop, {year}",
            f"{year} – {topic.capitalize()}, {c} Press",
            f"[{rng.randrange(1, 20)}] {p['given'][0]}. {p['family']} and {other[0][0]}. {other[1]}. {topic.capitalize()}. In {c.upper()[:5]} '{year % 100:02d}, pages {rng.randrange(10, 90)}–{rng.randrange(91, 140)}, {year}.",
            f"{topic.capitalize()} ({c} Magazine, {rng.choice(['May', 'June', 'March'])} {year})",
            f"{p['family']} {p['given'][0]}, {other[1]} {other[0][0]}. {topic.capitalize()}. {c} J. {year};{rng.randrange(2, 40)}:{rng.randrange(100, 900)}-{rng.randrange(901, 999)}.",
            f"{p['given'][0]}. {p['family']} (ed.), {topic.capitalize()}, University of {people.a_city(rng, 'US')['name']} Press, {year}",
            f"{' and '.join([p['family'], other[1]])} ({year}) {topic.capitalize()}, {c} Working Paper {rng.randrange(10, 300)}, University of {people.a_city(rng, 'GB')['name']}",
            f"“{topic.capitalize()}.” In: {' '.join(other)} (Hg.): {c}. {people.a_city(rng, 'DE')['name']}: {c} Verlag {year}, S. {rng.randrange(11, 80)}–{rng.randrange(81, 140)}.",
            f"{topic.capitalize()}, doctoral thesis, {study.school(rng, 'doctor')}, {year}",
            f"{year}. {topic.capitalize()}. doi:10.{rng.randrange(1000, 9999)}/{c.lower()}.{year}.{rng.randrange(10, 900)}",
            f"{topic.capitalize()} (with {' '.join(other)}), under review at {c} Review",
            f"Book review of “{topic.capitalize()}”, {c} Quarterly {rng.randrange(3, 60)}.{rng.randrange(1, 5)} ({year})",
            f"{topic.capitalize()}: a handbook. {people.a_city(rng, 'US')['name']}: {c} Books, {year}.",
        ]
    )


def personal_rows(rng, p):
    """Rows of personal details: (label, text)."""
    birth = f"{rng.randrange(1, 29):02d}{rng.choice('/.-')}{rng.randrange(1, 13):02d}{rng.choice('/.-')}{rng.randrange(1962, 2005)}"
    rows = [
        (rng.choice(["Date of birth", "D.O.B.", "DOB", "Born", "Geburtsdatum"]), birth),
        ("Nationality", rng.choice(["Indian", "British", "German", "Polish", "Nigerian", "US citizen", "Pakistani", "French"])),
        (
            rng.choice(["Marital status", "Marital Status", "Civil status"]),
            rng.choice(["Single", "Married", "Unmarried", "Married, 2 children"]),
        ),
        (rng.choice(["Father's Name", "Father’s name", "Husband's Name"]), people.full_name(rng)),
        (rng.choice(["Gender", "Sex"]), rng.choice(["Female", "Male"])),
        ("Driving licence", rng.choice(["B", "Full, clean", "C1E", "Yes"])),
        ("Visa", rng.choice(["H1-B", "Tier 2", "Permanent resident", "Not required"])),
        ("Place of birth", people.a_city(rng, p["country"])["name"]),
        ("Notice period", "4 weeks"),
        ("Passport No.", f"K{rng.randrange(1000000, 9999999)}"),
        ("Religion", rng.choice(["Hindu", "Christian", "Islam"])),
        ("Height", f"1{rng.randrange(55, 92)} cm"),
        ("Availability", "Immediate"),
        ("Own transport", "Yes"),
    ]
    return rng.sample(rows, rng.choice([2, 3, 4, 5, 6]))


def section(kind, ctx):
    """Blocks of a section of this kind."""
    rng, p = ctx.rng, ctx.person
    style = rng.choice(["body", "bullet", "bullet"])
    if kind in ROLES:
        return entries(kind, ctx)
    if kind in third_lookalikes.LINED:
        return third_lookalikes.lines(kind, ctx)
    if kind == "publications":
        lines = [publications(rng, p) for _ in range(rng.choice([1, 2, 3, 4]))]
    elif kind == "interests":
        words = rng.sample(lists.HOBBIES.split("|"), rng.choice([2, 3, 4, 5, 6]))
        lines = [rng.choice([", ", " · ", " | ", ", "]).join(words).capitalize()] if rng.random() < 0.7 else [w.capitalize() for w in words]
        if rng.random() < 0.15:
            lines = [f"I enjoy {', '.join(words[:-1])} and {words[-1]}."]
    elif kind == "personal":
        rows, sep = personal_rows(rng, p), rng.choice([":", " :", ":", ""])
        if rng.random() < 0.3:
            return [
                Table(
                    [[[Para([Run(label + sep, "label")])], [Para([Run(text, "other")])]] for label, text in rows],
                    [0.3, 0.7],
                    borders=rng.random() < 0.4,
                )
            ]
        return [Para([Run(label + (sep or ":"), "label"), Run(" "), Run(text, "other")]) for label, text in rows]
    elif kind == "declaration":
        words = "I hereby declare that the information furnished above is true to the best of my knowledge."
        if rng.random() < 0.6:
            rows = [("Place:", people.a_city(rng, p["country"])["name"]), ("Date:", f"{rng.randrange(1, 28)}/0{rng.randrange(1, 9)}/2025")]
            more = [Para([Run(p["given"] + " " + p["family"], "other")], align="right")] if rng.random() < 0.4 else []
            return [Para([Run(words, "other")])] + [Para([Run(a, "label"), Run(" "), Run(b, "other")]) for a, b in rows] + more
        return [Para([Run(words, "other")])]
    else:
        lines = rng.sample(lists.STRENGTHS.split("|"), rng.choice([3, 4, 5]))
    return [Para([Run(line, "other")], style=style, glyph=ctx.layout.glyph) for line in lines]
