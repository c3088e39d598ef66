"""Blocks and truth of education entries."""

import dates
import fourth_studies
import study_lists
import third_studies
from blocks import Para, Run
from entries import attach, entry_blocks, fields_in, grid_table, is_grid
from study_lists import ENDS, EXPECTED
from templates import expand_lines

JOINERS = [" in ", " ", ", ", " (", " - ", ": ", " – ", " | ", " / ", " · ", " — ", "; "]
ONLY_IN = {
    "Some college",
    "NVQ Level 3",
    "NVQ Level 2",
    "Certificate IV",
    "Certificate III",
    "Cert III",
    "Bachelor's Degree",
    "Master's Degree",
}


def degree_runs(entry, ctx):
    """Degree and field with the document's joiner."""
    rng = ctx.rng
    runs = [Run(entry["degree"], "degree")]
    if entry["field"]:
        long_form = " of " in entry["degree"] or len(entry["degree"]) > 12
        joiner = rng.choice([" in ", " in ", ", ", " - ", ": ", ctx.degree_joiner]) if long_form else ctx.degree_joiner
        if rng.random() < 0.1:
            joiner = rng.choice(JOINERS)
        if entry["degree"] in ("Diploma", "Certificate", "Doctorate", "Advanced Diploma", "Associate Degree") and rng.random() < 0.25:
            joiner = " of "
        if entry["degree"] in ONLY_IN:
            joiner = " in "
        if rng.random() < 0.02:
            return [Run(entry["field"], "field"), Run(rng.choice([", ", " ", " – "]))] + runs
        runs = attach(runs, "field", entry["field"], joiner)
        if rng.random() < 0.05:
            runs += third_studies.tail(rng, study_lists.FIELDS.split("|"))
    elif entry["subjects"]:
        runs += [Run(ctx.rng.choice([": ", " in ", " – "])), Run(entry["subjects"], "detail")]
    return runs


def study_date(entry, ctx):
    """Written dates of a degree: a range, a single date or words such as Class of 2022."""
    rng = ctx.rng
    if rng.random() < 0.05 or entry["level"] == "school" and rng.random() < 0.15:
        return None, None, None
    if ctx.study_single:
        text, value = dates.write_point(ctx.date_format, entry["end"], rng)
        if entry["end"][:2] > (2026, 3):
            if rng.random() < 0.4:
                text = value = str(entry["end"][0])
            return rng.choice(EXPECTED).format(text), None, value
        if rng.random() < ctx.study_words:
            if rng.random() < 0.6:
                text = value = str(entry["end"][0])
            text = (ctx.study_word if rng.random() < 0.8 else rng.choice(ENDS)).format(text)
        return text, None, value
    end = entry["end"]
    text, start, last, _ = dates.write_range(
        ctx.date_format, entry["start"], end if end[:2] <= (2026, 3) or rng.random() < 0.5 else None, rng
    )
    if last is not None and end[:2] > (2026, 3) and rng.random() < 0.4:
        text += rng.choice([" (expected)", " (Expected)", " (exp.)", " (anticipated)"]) if "(" not in text else ""
    if last is None and rng.random() < 0.4:
        text = text.rstrip(")") + f" (expected {end[0]})" if "(" not in text else text
        last = str(end[0]) if "expected" in text else None
    return text, start, last


def compose_education(entries, layout, ctx):
    """Blocks of the education entries, and their truth."""
    rng, out, truth, rows = ctx.rng, [], [], []
    pattern = layout.education
    banner = ctx.school_banner if len(entries) > 1 and not is_grid(pattern) else None
    gap = rng.choice([0, 0, 2, 4]) if layout.tight else rng.choice([0, 2, 5, 8])
    style, styled = rng.choice(["body", "bullet", "bullet"]), rng.choice(["", "", "", "i", "s"])
    for n, entry in enumerate(entries):
        used, inherited = set(), set()
        if banner and n == 0:
            values = {
                "school": [Run(entry["school"], "school")],
                "place": [Run(entry["place"], "edu_place")] if rng.random() < 0.8 else None,
            }
            values |= third_studies.extras(entry, fields_in((banner[0], None)), 1, rng)
            out.extend(entry_blocks((banner[0], None), values, inherited, "education", [], gap))
        elif banner and n > 0 and entry["level"] != "school":
            entry, inherited = {**entry, "school": entries[0]["school"], "place": entries[0]["place"]}, {"school"}
        under = bool(banner) and (n == 0 or bool(inherited))
        shape = (banner[1], None) if under else pattern
        names = fields_in(shape)
        text, start, end = study_date(entry, ctx)
        values = {
            "df": degree_runs(entry, ctx),
            "degree": [Run(entry["degree"], "degree")],
            "field": [Run(entry["field"], "field")] if entry["field"] else None,
            "school": [Run(entry["school"], "school")] if rng.random() > 0.02 and not under else None,
            "dates": [Run(text, "edu_dates")] if text else None,
            "place": [Run(entry["place"], "edu_place")] if rng.random() < 0.8 and not under else None,
            "grade": [Run(entry["grade"], "grade")] if entry["grade"] else None,
        }
        values |= third_studies.extras(entry, names, n + 1, rng)
        values |= fourth_studies.extras(entry, names, rng)
        body = []
        if entry["grade"] and "grade" not in names:
            roll = rng.random()
            if roll < 0.3:
                host = "df" if "df" in names else "field" if values["field"] and "field" in names else "degree"
                values[host] = attach(values[host], "grade", entry["grade"], rng.choice([" (", ", ", " – ", " | ", "; ", " · ", " with "]))
            elif roll < 0.4 and "df" in names and not is_grid(pattern):
                values["df"] = [Run(entry["grade"], "grade"), Run(rng.choice([" ", ", ", " – "]))] + values["df"]
            else:
                body.append(
                    Para([Run(entry["grade"], "grade", rng.choice(["", "i"]))], style=rng.choice(["body", style]), glyph=layout.glyph)
                )
        details = entry["detail"]
        if len(details) > 1 and rng.random() < 0.1:
            details = [rng.choice(["; ", ". ", " | "]).join(details)]
        for line in details:
            body.append(Para([Run(line, "detail", styled)], style=style, glyph=layout.glyph))
        if is_grid(pattern):
            blocks = [expand_lines(cell, values, used) for cell in pattern[0]]
            next(cell for cell in blocks if cell)[0].runs.insert(0, Run("", "entry:education"))
            rows.append(blocks)
        else:
            first = bool(banner) and n == 0
            blocks = entry_blocks(shape, values, used, None if first else "education", body, 1 if under else gap, ctx.soft_breaks)
            out.extend(blocks)
        used |= inherited
        if blocks:
            dated = "dates" in used
            truth.append(
                {
                    "school": entry["school"] if "school" in used else None,
                    "degree": entry["degree"] if used & {"df", "degree"} else None,
                    "field": entry["field"] if used & {"df", "field"} else None,
                    "start": start if dated else None,
                    "end": end if dated else None,
                    "place": entry["place"] if used & {"place", "land", "spaced"} else None,
                }
            )
    if rows:
        out.append(grid_table(pattern, rows, rng))
    return out, truth
