"""Compose a whole document and its truth out of a layout and a seed."""

import random
from dataclasses import dataclass, replace

import career
import career_lists
import certificates
import dates
import employers
import fifth_jobs
import fourth_jobs
import lookalikes
import people
import prose
import sections
import study
from blocks import Columns, Document, Para, Run, Style, Table, marks_of, walk_runs
from certificate_lists import SHAPES
from entries import compose_jobs
from entries_study import JOINERS, compose_education
from layouts import FONTS, GLYPHS, HEADING_STYLES, LANGUAGES, ORDERS, SKILLS
from patterns import EDUCATION, FOURTH_JOBS_END, JOBS, SCHOOL_BANNERS, THIRD_EDUCATION_END, THIRD_JOBS_END
from study_lists import ENDS
from top import HEADERS, header


@dataclass
class Context:
    """What the writers of the sections share."""

    rng: random.Random
    layout: object
    person: dict
    skills: list
    date_format: tuple
    degree_joiner: str
    study_single: bool
    mixed_dates: bool
    bold_skills: bool
    foreign: dict = None
    lower_headings: bool = False
    used: set = None
    soft_breaks: bool = False
    nested_points: bool = False
    src: object = None
    code: str = ""
    no_bold: bool = False  # one font without any bold
    job_lines: float = 0  # how often lines such as "Reports to:" stand below a job
    grid_points: bool = False  # points in the cells of a table of jobs
    prose_dates: str = "year"
    spare_job: tuple = None  # for jobs that cannot be told in a sentence
    school_banner: tuple = None  # several degrees below one school
    study_words: float = 0.1  # how often a date is "Class of ..."
    study_word: str = "{}"
    team_beside: str = "title"  # the field that a team without a place of its own stands beside
    team_first: bool = False
    team_joiner: str = ", "  # behind a team that stands first


def make_content(rng, src):
    """The person, the occupation and the size of the career."""
    group = people.weighted(rng, career_lists.GROUPS)
    code = rng.choice(src.groups[group])
    p = people.person(rng, technical=group == "15")
    p["written_name"] = p["name"].upper() if rng.random() < 0.14 else p["name"]
    p["no_phone"] = rng.random() < 0.05
    if rng.random() < 0.1:
        p["location"] = None
    size = rng.choices([0, 1, 2, 3, 4, 5, 6, 8, 11], [3, 9, 16, 22, 20, 13, 8, 6, 3])[0]
    return group, code, p, size


def noise(blocks, rng):
    """Double some spaces in the separators of a document."""
    for run in walk_runs(blocks):
        if run.mark is None and " " in run.text and rng.random() < 0.5:
            run.text = run.text.replace(" ", "  ", 1)


def varied(layout, rng, no_bold):
    """Let a document differ a little from its layout."""
    changes = {}
    for key, rate, pool in (
        ("education", 0.55, EDUCATION if layout.job in JOBS[THIRD_JOBS_END:] else EDUCATION[:THIRD_EDUCATION_END]),
        ("heading", 0.4, HEADING_STYLES),
        ("header", 0.4, HEADERS),
        ("certificates", 0.5, SHAPES),
        ("skills", 0.3, SKILLS),
        ("languages", 0.3, LANGUAGES),
        ("font", 0.3, FONTS),
        ("glyph", 0.2, GLYPHS),
    ):
        if rng.random() < rate:
            changes[key] = rng.choice(pool)
    if rng.random() < 0.2 and layout.points != "none":
        changes["points"] = rng.choice(["bullets", "plain", "paragraph"])
    if rng.random() < 0.2:
        changes["order"] = rng.choice(ORDERS).split()
    if rng.random() < 0.15:
        order = [part for part in changes.get("order", layout.order) if part != "education"]
        changes["order"] = rng.choice([["education"] + order, order + ["education"]])
    if no_bold:
        changes["heading"] = rng.choice([h for h in HEADING_STYLES if "same" in h or "upper" in h])
        changes["heading"] = {key: v for key, v in changes["heading"].items() if key not in ("bold", "accent", "large", "caps")}
    return replace(layout, **changes)


def make_context(layout, rng, src, group, code, p, skills, no_bold):
    """What a document does in the same way throughout."""
    plain = [job for job in JOBS[:THIRD_JOBS_END] if len(job) == 2 and not job[1] and job[0][0] != "PROSE"]
    return Context(
        rng,
        layout,
        p,
        skills,
        dates.choose_format(rng),
        rng.choice([" in ", " ", ", ", " (", " - ", ": ", " in ", " – "] + JOINERS),
        rng.random() < 0.5,
        rng.random() < 0.06,
        rng.random() < 0.1,
        sections.pick_foreign(rng),
        rng.random() < 0.04,
        soft_breaks=rng.random() < 0.15,
        nested_points=rng.random() < 0.05,
        src=src,
        code=code,
        no_bold=no_bold,
        job_lines=rng.choice([0, 0, 0, 0, 0.3, 0.8]),
        grid_points=rng.random() < 0.4,
        prose_dates=rng.choice(prose.BRIEF),
        spare_job=rng.choice(plain),
        school_banner=rng.choice(SCHOOL_BANNERS) if rng.random() < 0.12 else None,
        study_words=rng.choice([0.05, 0.1, 0.9]),
        study_word=rng.choice(ENDS),
        team_beside=rng.choice(["title", "title", "employer", "employer", "place"]),
        team_first=rng.random() < 0.25,
        team_joiner=rng.choice([" – ", ", ", " | ", ": ", ", ", " · ", " / "]),
    )


def a_summary(rng, src, title, skills):
    """A profile, objective or list of merits."""
    thing, years = rng.choice(career_lists.THINGS), rng.randrange(3, 25)
    return rng.choice(
        [
            lambda: " ".join(t.rstrip(".") + "." for t in rng.sample(src.sentences, rng.choice([1, 2, 3]))),
            lambda: f"{title} with over {years} years of experience in {skills[0]}, {skills[1]} and {thing}. {rng.choice(['Seeking a new challenge', 'Looking for a position'])} where I can use my skills{rng.choice(['.', ' and grow.', ' at a growing company.'])}",
            lambda: f"Dedicated {title.lower()} known for {skills[0].lower()} and {thing}.",
            lambda: f"{title}. {years} years in the trade. {skills[0]}, {skills[1]}, {skills[2]}.",
            lambda: f"To obtain a position as {title} that makes use of my knowledge of {skills[0]}.",
            lambda: f"I am a {rng.choice(['reliable', 'friendly', 'curious', 'motivated'])} {title.lower()} and I enjoy {thing}. At {employers.employer(rng)} I learned {skills[1]}.",
        ]
    )()


OTHERS = (  # section, rate, rate for these O*NET groups, groups
    ("projects", 0.16, 0.45, "15 17"),
    ("publications", 0.03, 0.3, "19 25"),
    ("talks", 0.03, 0.2, "19 25 15"),
    ("volunteering", 0.2, 0.3, "21 25"),
    ("activities", 0.12, 0.2, "13 25"),
    ("awards", 0.18, 0.2, "41"),
    ("memberships", 0.1, 0.2, "17 23 29"),
    ("development", 0.09, 0.2, "25 29 21"),
    ("committees", 0.05, 0.2, "25 19 23"),
    ("military", 0.02, 0.5, "55 33"),
    ("patents", 0.01, 0.06, "17 15"),
    ("travel", 0.03, 0.15, "27"),
    ("clients", 0.05, 0.14, "27 13 15"),
    ("grants", 0.02, 0.16, "19 25"),
    ("courses", 0.06, 0.14, "15 17 19"),
    ("taught", 0.01, 0.16, "25 19"),
    ("supervision", 0.01, 0.12, "19 25"),
    ("sports", 0.05, 0.08, "39"),
    ("events", 0.03, 0.1, "41 35"),
    ("hackathons", 0.03, 0.14, "15 17"),
    ("media", 0.02, 0.14, "27"),
    ("testimonials", 0.04, 0.06, "27 39"),
    ("functional", 0.08, 0.12, "11 43 41"),
    ("cases", 0.02, 0.4, "23"),
    ("break", 0.04, 0.04, ""),
    ("service", 0.04, 0.06, "33 53"),
    ("deployments", 0.005, 0.5, "55"),
    ("tests", 0.04, 0.05, "15"),
    ("credits", 0.01, 0.2, "27"),
    ("pastimes", 0.05, 0.05, ""),
    ("conferences", 0.03, 0.16, "19 25 29"),
    ("tours", 0.02, 0.05, "17 51"),
    ("relocation", 0.04, 0.04, ""),
    ("research", 0.01, 0.15, "19 25"),
    ("interests", 0.2, 0.2, ""),
    ("personal", 0.1, 0.1, ""),
    ("strengths", 0.06, 0.06, ""),
    ("references", 0.18, 0.18, ""),
    ("declaration", 0.05, 0.05, ""),
)


def other_sections(ctx, group, size):
    """The sections that are neither jobs, education, skills, languages nor certificates: [(kind, blocks)]."""
    rng, out = ctx.rng, []
    for kind, rate, own, groups in rng.sample(OTHERS, len(OTHERS)):
        rate = own if group in groups.split() else rate
        if size < 2 and kind in ("projects", "activities", "volunteering"):
            rate = 0.45
        if rng.random() < rate and len(out) < 6:
            make = {"projects": lookalikes.projects, "references": lookalikes.references}.get(kind)
            out.append((kind, make(ctx) if make else lookalikes.section(kind, ctx)))
    usual = [kind for kind, *_ in OTHERS]
    return sorted(out, key=lambda section: usual.index(section[0]))


def languages_of(rng):
    """Languages with their levels."""
    names = list(dict.fromkeys(["English"] + rng.sample(career_lists.LANGUAGES, rng.choice([1, 2, 3]))))
    return [(n, rng.choice(career_lists.LEVELS)) for n in names] if rng.random() < 0.8 else [(n, None) for n in names]


def compose(layout, seed, src):
    """Make (document, truth of the résumé, marks)."""
    rng = random.Random(f"{layout.id}/{seed}")
    no_bold = rng.random() < 0.08
    layout = varied(layout, rng, no_bold)
    group, code, p, size = make_content(rng, src)
    skills = career.skills_for(rng, src, code, rng.choice([4, 6, 8, 10, 14, 18]))
    ctx = make_context(layout, rng, src, group, code, p, skills, no_bold)
    careers = career.jobs(rng, src, code, p["country"], size, skills)
    if layout.job in JOBS[FOURTH_JOBS_END:]:
        fifth_jobs.give_teams(careers, rng, src.esco)
    if layout.job in JOBS[THIRD_JOBS_END:]:
        fourth_jobs.pair_titles(careers, rng, lambda: career.a_title(rng, src, code))
    first_year = (careers[-1]["start"][0] if careers else rng.choice([2024, 2025, 2026])) + rng.choice([0, 0, 0, -1, -2, 1])
    studies = study.education(
        rng,
        group,
        max(first_year, 1985) if size > 2 else rng.choice([2023, 2025, 2026, 2027, first_year]),
        p["country"],
        rng.choices([0, 1, 2, 3, 4], [3, 38, 38, 18, 6])[0],
        below=group in "35 53 51 49 47 37 45 39 31 41 33" and rng.random() < 0.7,
    )
    latest = careers[0]["title"] if careers and careers[0]["title"] else career.a_title(rng, src, code)
    p["headline"] = (
        rng.choice(
            [
                latest,
                latest,
                f"{latest} | {skills[0]} | {skills[1]}",
                f"{career.a_title(rng, src, code)} with {rng.randrange(3, 20)} years of experience",
                career.a_title(rng, src, code),
                f"{latest} & {career.a_title(rng, src, code)}",
                f"{latest}, {skills[0]}",
            ]
        )
        if rng.random() < 0.45
        else None
    )
    head, items = header(p, ctx)
    truth = {
        "name": p["written_name"],
        "email": p["email"],
        "phone": None if p["no_phone"] else p["phone"],
        "phone_written": None if p["no_phone"] else p["phone_written"],
        "headline": p["headline"],
        "location": p["location"],
        "links": p["links"],
        "summary": None,
        "jobs": [],
        "education": [],
        "skills": [],
        "languages": [],
        "certifications": [],
    }
    built = {}
    if rng.random() < 0.7 and "summary" in layout.order:
        truth["summary"] = text = a_summary(rng, src, latest, skills)
        built["summary"] = ([sections.heading("summary", ctx)] if rng.random() < 0.8 else []) + [Para([Run(text, "summary")], before=4)]
    if careers:
        cut = rng.randrange(1, len(careers)) if len(careers) > 2 and rng.random() < 0.15 else len(careers)
        blocks, truth["jobs"] = compose_jobs(careers[:cut], layout, ctx)
        built["experience"] = ([sections.heading("experience", ctx)] if layout.job_heading else []) + blocks
        if careers[cut:]:
            blocks, more = compose_jobs(careers[cut:], layout, ctx)
            truth["jobs"] += more
            built["experience"] += [sections.heading("earlier", ctx)] + blocks
        if rng.random() < 0.08:
            built["experience"].append(Para([Run(prose.earlier_roles(rng, src, code), "text")], before=4))
    narrow = layout.columns in ("left", "right")
    chosen = certificates.choose(rng, group, rng.choice([1, 1, 2, 2, 3, 4, 6])) if rng.random() < 0.58 else []
    place = rng.choices(["own", "both", "skills", "additional"], [70, 12, 6, 12])[0]
    spoken = languages_of(rng) if rng.random() < 0.4 else []
    if studies:
        blocks, truth["education"] = compose_education(studies, layout, ctx)
        both = chosen and place == "both"
        built["education"] = [sections.heading("both" if both else "education", ctx)] + blocks
        if both:
            blocks, truth["certifications"] = certificates.certifications(chosen, ctx, narrow)
            built["education"] += blocks
            chosen = []
    others = []
    listed = rng.random() < 0.88
    if place == "additional":
        names = skills if listed and rng.random() < 0.5 else []
        blocks, truth["certifications"] = sections.additional(ctx, names, spoken, chosen)
        truth["languages"], truth["skills"] = [list(pair) for pair in spoken], list(names)
        others.append(("additional", blocks))
        chosen, spoken, listed = [], [], listed and not names
    if listed:
        blocks = sections.skills(skills, ctx, narrow)
        truth["skills"] = [run.text for run in walk_runs(blocks) if run.mark == "skill"]
        built["skills"] = [sections.heading("skills", ctx)] + blocks
    if spoken:
        truth["languages"] = [list(pair) for pair in spoken]
        blocks = sections.languages(spoken, ctx, narrow)
        if layout.languages == "label in skills" and "skills" in built:
            built["skills"] += blocks
        else:
            built["languages"] = [sections.heading("languages", ctx)] + blocks
    if chosen and place == "skills" and "skills" in built:
        blocks, truth["certifications"] = certificates.inline(chosen, ctx)
        built["skills"] += blocks
    elif chosen:
        blocks, truth["certifications"] = certificates.certifications(chosen, ctx, narrow)
        built["certifications"] = [sections.heading("certifications", ctx)] + blocks
    others += other_sections(ctx, group, size)
    for kind, blocks in others:
        built[kind] = ([sections.heading(kind, ctx)] if kind != "declaration" or rng.random() < 0.7 else []) + blocks
    document = lay_out(layout, ctx, p, head, items, built, [kind for kind, _ in others])
    sections.number_headings(walk_runs(document.blocks), layout.heading)
    if no_bold:
        for run in walk_runs(document.blocks):
            run.flags = "".join(flag for flag in run.flags if flag not in "bklc")
    return document, truth, marks_of(document.blocks)


def lay_out(layout, ctx, p, head, items, built, others):
    """Put the sections into one or two columns."""
    rng = ctx.rng
    order = [kind for part in layout.order for kind in (others if part == "others" else [part]) if kind in built]
    for kind in others:
        if rng.random() < 0.15 and kind not in ("references", "declaration"):
            order.remove(kind)
            order.insert(rng.randrange(len(order) + 1), kind)
    contact = ([sections.heading("contact", ctx)] if rng.random() < 0.7 else []) + [Para(item) for item in items] if items else []
    style = Style(
        layout.font,
        layout.size,
        layout.margin,
        layout.accent,
        layout.heading,
        layout.paper,
        rng.choice([0, 1, 2]),
        rng.random() < 0.8,
        rng.random() < 0.25,
    )
    if layout.columns == "headings":
        for kind in order:
            if getattr(built[kind][0], "style", "") == "heading":
                built[kind] = [Table([[built[kind][:1], built[kind][1:]]], [0.22, 0.78], breakable=True)]
    if layout.columns in ("one", "headings"):
        blocks = head + contact + [block for kind in order for block in built[kind]]
    else:
        small = [
            kind
            for kind in order
            if kind in ("skills", "languages", "certifications", "interests", "awards", "personal", "strengths", "memberships")
            or kind == "education"
            and rng.random() < 0.2
        ]
        main = [block for kind in order if kind not in small for block in built[kind]]
        side = contact + [block for kind in small for block in built[kind]]
        where = rng.choice(["top", "top", "main", "side"])
        if where == "side":
            side = side + head if rng.random() < 0.15 else head + side
        elif where == "main":
            main = head + main
        first = layout.sidebar_first if where != "main" else False
        blocks = (head if where == "top" else []) + [
            Columns(side, main, layout.columns, first or where == "side", rng.choice([0.27, 0.3, 0.34]), shade=rng.random() < 0.4)
        ]
        if not side:
            blocks = (head if where == "top" else []) + main
    if rng.random() < 0.06:
        noise(blocks, rng)
    fill = lambda text: text.replace("{name}", p["name"]).replace("{email}", p["email"]) if text else None
    return Document(blocks, style, fill(layout.header_text), fill(layout.footer_text))
