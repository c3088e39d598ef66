"""Blocks of the short sections, and the headings of all."""

import certificates
import lookalike_lists
import third_headings
from blocks import Para, Run, Table
from headings import EARLIER, FOREIGN_HEADINGS, HEADINGS

KINDS = {"experience", "education", "skills", "languages", "certifications", "summary", "projects", "references", "contact"}
ICONS = {"experience": "■", "education": "◆", "skills": "★", "languages": "●", "contact": "☎", "summary": "▶"}
LABELS = [
    "Languages",
    "Programming",
    "Tools",
    "Frameworks",
    "Databases",
    "Software",
    "Other",
    "Methods",
    "Cloud",
    "Technical",
    "Office",
    "Interpersonal",
    "Platforms",
    "Machines",
    "Soft skills",
    "Core",
    "Web",
]


ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
NUMBER = "{n}. "  # stands for the number of a heading until the order of the sections is known
LABEL_OF = {"earlier": "experience", "both": "education"}


def heading(kind, ctx):
    """A section heading in the style of the layout."""
    style, rng = ctx.layout.heading, ctx.rng
    words = ctx.foreign.get(kind) if ctx.foreign else None
    text = rng.choice((words or (EARLIER if kind == "earlier" else HEADINGS[kind])).split("|"))
    kind = LABEL_OF.get(kind, kind)
    if style.get("upper"):
        text = text.upper()
    elif ctx.lower_headings or style.get("lower"):
        text = text.lower()
    if style.get("spaced"):
        text = "  ".join(" ".join(word) for word in text.split())
    if style.get("colon"):
        text += ":"
    flags = "".join(f for key, f in (("bold", "b"), ("caps", "c"), ("accent", "k"), ("large", "l"), ("italic", "i")) if style.get(key))
    runs = [Run(text, f"heading:{kind if kind in KINDS else 'other'}", flags)]
    if style.get("icon"):
        runs.insert(0, Run(ICONS.get(kind, "■") + " "))
    if style.get("numbered") or style.get("roman") or style.get("letters"):
        runs.insert(0, Run(NUMBER, None, flags))
    ends = style.get("ends", ("", ""))
    for key, before, after in (("dashes", "— ", " —"), ("brackets", "[", "]"), ("slashes", "// ", ""), ("ends", *ends)):
        if style.get(key):
            runs = ([Run(before, None, flags)] if before else []) + runs + ([Run(after, None, flags)] if after else [])
    align = "center" if style.get("centre") else "right" if style.get("right") else "left"
    return Para(runs, style="heading", align=align, before=rng.choice([10, 10, 6, 14]))


def joined(items, mark, separator, last=None):
    """Runs of items with separators."""
    runs = []
    for i, item in enumerate(items):
        if i:
            runs.append(Run(last if last and i == len(items) - 1 else separator))
        runs.append(Run(item, mark))
    return runs


def skills(names, ctx, narrow=False):
    """Skills as lists, rows, tables or ratings."""
    rng, kind = ctx.rng, ctx.layout.skills
    if narrow and kind in ("table", "two columns", "labelled", "sentence"):
        kind = "lines"
    glyph = ctx.layout.glyph
    size = max(1, len(names) // rng.choice([2, 3, 4]))
    rows = [names[i : i + size] for i in range(0, len(names), size)]
    labels = rng.sample(LABELS, len(rows)) if len(rows) <= len(LABELS) else None
    if kind == "labelled" and labels or kind == "labelled bullets" and labels:
        sep = rng.choice([": ", " - ", " : ", ": "])
        return [
            Para(
                [Run(label + (sep.rstrip() if sep == ": " else ""), "label", "b"), Run(" " if sep == ": " else sep)]
                + joined(row, "skill", rng.choice([", ", ", ", " / "])),
                style="bullet" if "bullets" in kind else "body",
                glyph=glyph,
            )
            for label, row in zip(labels, rows)
        ]
    if kind == "table" and labels:
        return [
            Table(
                [[[Para([Run(label, "label", "b")])], [Para(joined(row, "skill", ", "))]] for label, row in zip(labels, rows)],
                [0.25, 0.75],
                borders=rng.random() < 0.5,
            )
        ]
    if kind in ("bullets", "lines"):
        return [Para([Run(name, "skill")], style="bullet" if kind == "bullets" else "body", glyph=glyph) for name in names]
    if kind == "ratings":
        words = rng.choice(
            [
                ["Advanced", "Intermediate", "Beginner", "Expert"],
                ["5 years", "2 years", "10+ years", "1 year"],
                ["4/5", "5/5", "3/5"],
                ["●●●●○", "●●●○○", "●●●●●"],
                ["80%", "95%", "60%"],
                ["Proficient", "Familiar", "Expert"],
            ]
        )
        sep = rng.choice([" – ", " (", ": ", " "])
        paras, shape = [], rng.choice(["body", "bullet"])
        for name in names[:10]:
            level = rng.choice(words)
            paras.append(
                Para(
                    [Run(name, "skill"), Run(sep), Run(level, "fluency" if "●" not in level else None)]
                    + ([Run(")")] if sep == " (" else []),
                    style=shape,
                    glyph=glyph,
                )
            )
        return paras
    if kind == "two columns":
        half = (len(names) + 1) // 2
        cells = [names[:half], names[half:]]
        return [Table([[[Para([Run(name, "skill")], style="bullet", glyph=glyph) for name in cell] for cell in cells]], [0.5, 0.5])]
    if kind == "sentence":
        return [
            Para(
                [Run(rng.choice(["Proficient in", "Working knowledge of", "Experienced with", "Good command of"]), "other"), Run(" ")]
                + joined(names, "skill", ", ", " and ")
                + [Run(".")]
            )
        ]
    separator = {"commas": ", ", "pipes": " | ", "dots": " · "}.get(kind, rng.choice([", ", "; "]))
    return [Para(joined(names, "skill", separator))]


def languages(pairs, ctx, narrow=False):
    """Languages with their levels."""
    rng, kind = ctx.rng, ctx.layout.languages
    sep = rng.choice([" (", " – ", ": ", " - ", ", "])
    one = lambda name, level, sep=sep: [Run(name, "language")] + (
        [Run(sep), Run(level, "fluency")] + ([Run(")")] if sep == " (" else []) if level else []
    )
    if kind == "table":
        return [
            Table(
                [[[Para([Run(name, "language")])], [Para([Run(level, "fluency")] if level else [Run("")])]] for name, level in pairs],
                [0.4, 0.6],
            )
        ]
    if kind == "commas" and not narrow:
        runs = []
        for i, (name, level) in enumerate(pairs):
            runs += ([Run("; " if sep == ", " else ", ")] if i else []) + one(name, level)
        return [Para(runs)]
    if kind == "label in skills":
        runs = []
        for i, (name, level) in enumerate(pairs):
            runs += ([Run(", ")] if i else []) + one(name, level, " (")
        return [Para([Run(rng.choice(["Languages:", "Spoken:", "Fluent in:"]), "label", "b"), Run(" ")] + runs)]
    return [
        Para(one(name, level), style="bullet" if kind in ("bullets", "dashes") else "body", glyph=ctx.layout.glyph) for name, level in pairs
    ]


def pick_foreign(rng):
    """A set of titles of another language, or of a country or a trade, or none."""
    roll = rng.random()
    return rng.choice(FOREIGN_HEADINGS) if roll < 0.07 else rng.choice(third_headings.TITLE_SETS) if roll < 0.21 else None


def additional(ctx, names, pairs, items):
    """Languages, certificates, skills and interests as lines with labels; returns (blocks, truth of the certificates)."""
    rng, out, truth = ctx.rng, [], []
    style, sep, flags = rng.choice(["body", "body", "bullet"]), rng.choice([", ", ", ", "; ", " | "]), rng.choice(["b", "b", "i", ""])
    line = lambda label, runs: out.append(Para([Run(label, "label", flags), Run(" ")] + runs, style=style, glyph=ctx.layout.glyph))
    if pairs:
        runs = []
        for i, (name, level) in enumerate(pairs):
            runs += ([Run(sep)] if i else []) + [Run(name, "language")] + ([Run(" ("), Run(level, "fluency"), Run(")")] if level else [])
        line(rng.choice(["Languages:", "Language:", "Language skills:"]), runs)
    if items:
        paras, truth = certificates.inline(items, ctx, label=False)
        line(rng.choice(["Certifications:", "Certificates:", "Licenses:", "Certifications & Training:", "Training:"]), paras[0].runs)
    if names:
        line(
            rng.choice(["Technical:", "Skills:", "Computer:", "Computer skills:", "Technical Skills:", "Software:", "IT:"]),
            joined(names, "skill", sep),
        )
    if rng.random() < 0.7 or not out:
        words = rng.sample(lookalike_lists.HOBBIES.split("|"), rng.choice([2, 3, 4]))
        line(rng.choice(["Interests:", "Hobbies:", "Activities:", "Personal:"]), [Run(", ".join(words), "other")])
    if rng.random() < 0.25:
        line(
            rng.choice(["Work authorization:", "Driving licence:", "Availability:"]),
            [Run(rng.choice(["US citizen", "Full, clean", "Immediate"]), "other")],
        )
    rng.shuffle(out)
    return out, truth


def number_headings(runs, style):
    """Number the headings in the order of printing."""
    for i, run in enumerate(run for run in runs if run.text == NUMBER):
        number = ROMAN[i % len(ROMAN)] if style.get("roman") else chr(ord("A") + i % 26) if style.get("letters") else i + 1
        run.text = f"{number}. "
