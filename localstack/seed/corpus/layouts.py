"""The layouts: each is data that joins a pattern of job headings with headings, columns, header, skills and so on."""

from dataclasses import dataclass, field

from certificate_lists import FIRST_SHAPES, SHAPES
from more_jobs import NO_POINTS
from patterns import (
    BANNERS,
    EDUCATION,
    FIRST_JOBS,
    JOBS,
    OLD_BANNERS,
    OLD_EDUCATION,
    OLD_JOBS,
    THIRD_EDUCATION_END,
    THIRD_JOBS_END,
)
from third_headings import STYLES
from top import HEADERS

HEADING_STYLES = [  # upper case, small caps, bold, rule, spaced letters, icon, colon, centred, shaded
    {"bold": 1, "rule": 1, "upper": 1},
    {"bold": 1},
    {"caps": 1, "rule": 1},
    {"upper": 1, "bold": 1},
    {"upper": 1, "spaced": 1, "rule": 1},
    {"bold": 1, "accent": 1, "large": 1},
    {"bold": 1, "colon": 1},
    {"upper": 1, "bold": 1, "centre": 1},
    {"bold": 1, "icon": 1, "accent": 1},
    {"upper": 1},
    {"caps": 1, "bold": 1, "accent": 1},
    {"bold": 1, "rule": 1},
    {"upper": 1, "bold": 1, "colon": 1},
    {"upper": 1, "bold": 1, "shaded": 1},
    {"large": 1},
    {"bold": 1, "underlined": 1},
    {"upper": 1, "css_spaced": 1, "accent": 1},
    {"italic": 1, "bold": 1},
    {"bold": 1, "shaded": 1},
    {"bold": 1, "rule": 1, "centre": 1, "upper": 1},
    {"upper": 1, "same": 1},  # only capitals tell that it is a heading
    {"same": 1, "bold": 1},
    {"same": 1, "underlined": 1},
    {"same": 1, "colon": 1, "bold": 1},
    {"same": 1, "colon": 1, "upper": 1},
    {"same": 1, "italic": 1},
    {"same": 1, "bold": 1, "underlined": 1, "upper": 1},
    {"bold": 1, "numbered": 1},
    {"upper": 1, "numbered": 1, "rule": 1},
    {"bold": 1, "roman": 1},
    {"over": 1, "upper": 1, "spaced": 1},
    {"over": 1, "rule": 1, "bold": 1, "centre": 1},
    {"over": 1, "bold": 1, "accent": 1},
    {"lower": 1, "large": 1, "accent": 1},
    {"lower": 1, "bold": 1, "rule": 1},
    {"dashes": 1, "upper": 1, "centre": 1},
    {"brackets": 1, "bold": 1},
    {"slashes": 1, "upper": 1, "accent": 1},
    {"right": 1, "bold": 1, "large": 1},
    {"upper": 1, "accent": 1, "same": 1},
    {"large": 1, "rule": 1, "accent": 1},
    {"caps": 1, "large": 1, "centre": 1},
    {"same": 1},
    {"shaded": 1, "centre": 1, "upper": 1, "bold": 1},
]
OLD_STYLES = len(HEADING_STYLES)
HEADING_STYLES += STYLES
SKILLS = ["commas", "labelled", "bullets", "table", "ratings", "pipes", "sentence", "labelled bullets", "dots", "two columns"]
LANGUAGES = ["commas", "dashes", "bullets", "table", "lines", "label in skills"]
ORDERS = [
    "summary experience education skills certifications languages others",
    "summary skills experience education certifications languages others",
    "education experience skills languages certifications others",
    "experience education skills others languages certifications",
    "skills experience others education certifications languages",
    "summary education skills experience certifications languages others",
    "summary experience skills education languages others certifications",
    "education skills experience others certifications languages",
    "summary education certifications experience skills languages others",
    "experience others skills languages certifications education",
    "certifications experience education skills languages others",
    "summary others experience education skills certifications languages",
    "education others experience certifications skills languages",
    "summary experience certifications education languages skills others",
    "skills certifications summary experience others education languages",
    "experience education certifications others languages skills",
    "summary skills others experience education languages certifications",
    "others summary experience education skills certifications languages",
    "summary certifications skills experience education languages others",
    "education certifications others experience skills languages",
]
OLD_ORDERS = 17
FONTS = [
    "serif",
    "sans",
    "times",
    "garamond",
    "lato",
    "serif",
    "sans",
    "mixed",
    "arial",
    "mono",
    "palatino",
    "humanist",
    "book",
    "sans",
    "verdana",
]
GLYPHS = ["•", "•", "•", "–", "◦", "▪", "*", "-", "•", "►", "+", "·", "»"]


@dataclass
class Layout:
    """One layout; everything that the composer and the renderers need to know of it."""

    id: str
    job: tuple
    banner: tuple
    education: tuple
    heading: dict
    header: str
    columns: str  # one, left, right (the side of the sidebar), headings (at the left)
    sidebar_first: bool
    skills: str
    languages: str
    certificates: str
    order: list
    font: str
    size: float
    margin: float
    glyph: str
    points: str  # bullets, paragraph, plain, mixed
    tight: bool
    aside_host: str
    team_joiner: str
    job_heading: bool = True  # False: no heading above the jobs
    sublabels: bool = False  # "Key achievements:" inside jobs
    header_text: str = None  # running header
    footer_text: str = None  # running footer
    accent: str = "1F3864"
    paper: str = "a4"
    extra: dict = field(default_factory=dict)


def of(items, old, i, at):
    """The item at a place; the layouts of the first two sets know only the old items."""
    return items[at % (old if i < OLD_JOBS else len(items))]


def newest(i):
    """The headings of degrees of the newest layouts: the fourth set, each a few times."""
    return EDUCATION[THIRD_EDUCATION_END + (i - THIRD_JOBS_END) * 7 % (len(EDUCATION) - THIRD_EDUCATION_END)]


def make_layouts():
    """All layouts, by number; the strides keep the combinations apart."""
    out = []
    team_joiners = [", ", " – ", " - ", " | ", " (", " · ", ", ", ": "]
    running = [
        None,
        None,
        None,
        "{name} – Page {page}",
        None,
        "{name} | {email} | {page}",
        "Page {page} of {pages}",
        "{name} · Curriculum Vitae",
        "Résumé of {name}",
        "{name}, page {page}",
        None,
        "{name} – {email}",
        "CV {name} ({page}/{pages})",
        None,
        None,
        "Curriculum Vitae – {name}",
        None,
    ]
    for i, job in enumerate(JOBS):
        grid = len(job) > 2 and job[2] == "grid"
        listed = FIRST_JOBS <= i < FIRST_JOBS + NO_POINTS
        columns = "one" if i % 4 != 3 else ["left", "right", "left", "right", "left"][i // 4 % 5]
        if job[1] or grid:
            columns = "one"
        elif i % 13 == 5:
            columns = "headings"  # section headings in a left column
        out.append(
            Layout(
                id=f"L{i+1:03d}",
                job=job,
                banner=of(BANNERS, OLD_BANNERS, i, i * 5 + 1),
                education=of(EDUCATION[:THIRD_EDUCATION_END], OLD_EDUCATION, i, i * 11 + 3) if i < THIRD_JOBS_END else newest(i),
                heading=of(HEADING_STYLES, OLD_STYLES, i, i * 7),
                header=HEADERS[(i * 3) % len(HEADERS)],
                columns=columns,
                sidebar_first=i // 4 % 3 != 1,
                skills=SKILLS[(i * 7 + i // 10) % len(SKILLS)],
                languages=LANGUAGES[i % len(LANGUAGES)],
                certificates=of(SHAPES, FIRST_SHAPES, i, i * 7),
                order=of(ORDERS, OLD_ORDERS, i, 0 if i % 11 == 6 else i * 3 + i // 8).split(),
                font=FONTS[(i * 3 + i // 5) % len(FONTS)],
                size=[10, 10.5, 11, 9.5, 10, 12, 9][i % 7],
                margin=[2.0, 1.5, 2.5, 1.8, 1.2][i * 3 % 5],
                glyph=GLYPHS[(i * 3) % len(GLYPHS)],
                points=(
                    "none" if listed else ["bullets", "bullets", "bullets", "paragraph", "bullets", "plain", "bullets", "mixed"][i * 5 % 8]
                ),
                tight=i % 3 == 0,
                aside_host=["title", "employer", "dates", "place"][i % 4],
                team_joiner=team_joiners[i % 8],
                job_heading=i % 11 != 6,
                sublabels=i % 6 == 2,
                header_text=running[(i * 4) % 17] if i % 2 else None,
                footer_text=running[(i * 4 + 3) % 17] if not i % 2 else None,
                accent=["1F3864", "2E74B5", "7A1F1F", "1B5E20", "333333", "5B2C83", "000000", "C55A11", "00796B"][i % 9],
                paper="letter" if i % 2 else "a4",
            )
        )
    return out


LAYOUTS = make_layouts()
