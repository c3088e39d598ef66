"""Blocks and truth of jobs and education entries."""

import re
from dataclasses import replace

import dates
import employers
import fourth_jobs
import prose
import third_jobs
from blocks import Para, Run, Table
from career import BREAKS
from templates import expand_lines, merge_lines

SUBLABELS = [
    "Key achievements:",
    "Key Achievements",
    "Responsibilities:",
    "Achievements:",
    "Main duties:",
    "Highlights:",
    "Roles & Responsibilities:",
    "Selected accomplishments:",
    "Duties included:",
    "Key results:",
]


def fields_in(pattern):
    """Names of the fields of a pattern."""
    return set(re.findall(r"\{(\w+)", str(pattern[0]) + str(pattern[1] or "")))


def is_grid(pattern):
    """Tell whether a pattern is a table with a row for each entry."""
    return len(pattern) > 2 and pattern[2] == "grid"


def grid_table(pattern, rows, rng, head=True, mark="label"):
    """A table of entries, with a row of headings in most documents."""
    cells = [[Para([Run(word, mark, "b")])] for word in pattern[1]] if head and pattern[1] else None
    return Table(([cells] if cells else []) + rows, pattern[3], borders=rng.random() < 0.55)


def attach(runs, host, aside, joiner):
    """Append an aside or a team to runs with its separators."""
    open_, close = {" (": (" (", ")"), " [": (" [", "]")}.get(joiner, (joiner, ""))
    return runs + [Run(open_)] + [Run(aside, host)] + ([Run(close)] if close else [])


def job_values(job, layout, ctx, fields, date_text):
    """The runs for each field of a job's heading."""
    rng = ctx.rng
    host = (
        layout.aside_host
        if layout.aside_host in fields and job.get(layout.aside_host if layout.aside_host != "dates" else "start")
        else "title"
    )
    title = [Run(job["title"], "title")] if job["title"] else None
    values = {
        "title": title,
        "employer": [Run(job["employer"], "employer")] if job["employer"] else None,
        "place": [Run(job["place"], "job_place")] if job["place"] else None,
        "dates": [Run(date_text, "dates")] if date_text else None,
        "team": [Run(job["team"], "team")] if job["team"] else None,
        "about": [Run(job["about"], "about")] if job["about"] else None,
        "aside": [Run(job["aside"], "aside")] if job["aside"] else None,
    }
    if job["team"] and "team" not in fields:
        # In the same place throughout a document.
        where = ctx.team_beside if values.get(ctx.team_beside) and ctx.team_beside in fields else "title"
        beside = values[where] if where in fields else None
        if beside and ctx.team_first:
            values[where] = [Run(job["team"], "team"), Run(ctx.team_joiner)] + beside
            ctx.used.add("team")
        elif beside:
            values[where] = attach(beside, "team", job["team"], layout.team_joiner)
            ctx.used.add("team")
    if job["aside"] and "aside" not in fields and values.get(host):
        values[host] = attach(values[host], "aside", job["aside"], rng.choice([" (", " (", " (", " [", " - ", ", "]))
    return values


def job_body(job, layout, ctx):
    """Points, paragraphs and sub-labels under a job's heading; returns (blocks, printed points)."""
    rng, out, points = ctx.rng, [], job["points"]
    if layout.points == "none":
        return [], []
    told = [prose.job_lines(rng) for _ in range(rng.choice([1, 1, 2, 3]))] if job["employer"] and rng.random() < ctx.job_lines else []
    for label, text in {label or text: (label, text) for label, text in told}.values():
        out.append(
            Para(([Run(label, "label", rng.choice(["b", ""])), Run(" ")] if label else []) + [Run(text, "text", rng.choice(["", "i"]))])
        )
    for text in job["texts"]:
        out.append(Para([Run(text, "text")]))
    if rng.random() < 0.05:
        rows = [
            ("Client", employers.employer(rng)),
            ("Project", employers.coined(rng)),
            ("Environment", ", ".join(ctx.skills[:4])),
            ("Team size", str(rng.randrange(2, 20))),
        ]
        sep = rng.choice([":", " :", ": "])
        for label, text in rng.sample(rows, rng.choice([1, 2, 3])):
            out.append(Para([Run(label + sep.rstrip(), "label", rng.choice(["b", "b", ""])), Run(" "), Run(text, "text")]))
    style = layout.points if layout.points != "mixed" else rng.choice(["bullets", "paragraph", "plain"])
    if layout.sublabels and points and rng.random() < 0.7:
        out.append(Para([Run(rng.choice(SUBLABELS + prose.INNER), "label", rng.choice(["b", "i", "bi", ""]))], before=2))
    if style == "paragraph" and points:
        text = " ".join(p if p.endswith(".") else p + "." for p in points)
        out.append(Para([Run(text, "text")]))
        return out, [text]
    cut = rng.randrange(1, len(points)) if layout.sublabels and len(points) > 3 and rng.random() < 0.4 else None
    nested = ctx.nested_points and style == "bullets" and len(points) > 3
    for i, text in enumerate(points):
        if cut and i == cut:
            out.append(Para([Run(rng.choice(SUBLABELS + prose.INNER), "label", "b")], before=2))
        out.append(
            Para(
                point_runs(text, ctx),
                style="bullet2" if nested and i % 3 else "bullet" if style == "bullets" else "body",
                glyph="–" if nested and i % 3 else layout.glyph,
            )
        )
    return out, list(points)


def point_runs(text, ctx):
    """Runs of a point, with a skill in bold in some documents."""
    if ctx.bold_skills:
        for skill in ctx.skills:
            i = text.find(skill)
            if i > 0 and len(skill) > 2:
                return [Run(text[:i], "point"), Run(skill, "point", "bx"), Run(text[i + len(skill) :], "point", "x")]
    return [Run(text, "point")]


def pair_rows(lines, labels, values, used, body):
    """Rows of a label and a value for each printed line."""
    rows = []
    for line, label in zip(lines, labels):
        paras = body if line == "{BODY}" else expand_lines([line], values, used)
        if paras:
            rows.append([[Para([Run(label)])], paras])
    return rows


def entry_blocks(pattern, values, used, kind, body, gap, soft_breaks=False):
    """Blocks of one entry: the heading lines (or a table row with a left cell) and the body."""
    lines, left, *row = pattern
    entry = Run("", f"entry:{kind}" if kind else None)
    if row in (["pairs"], ["form"]):
        rows = pair_rows(lines, left, values, used, body)
        body = [] if "{BODY}" in lines else body
        if rows:
            for cell in [cell for pair in rows for cell in pair if row == ["form"]]:
                cell[0].before = 8
            rows[0][0][0].runs.insert(0, entry)
            return [Table(rows, [0.3, 0.7])] + body
        return []
    if row:
        first, second = expand_lines(lines, values, used), expand_lines(left, values, used)
        for para in second:
            para.align = "right"
        if first or second:
            (first or second)[0].runs.insert(0, entry)
            return [Table([[first, second]], [0.7, 0.3])] + body
    if left:
        left_paras, right_paras = expand_lines(left, values, used), expand_lines(lines, values, used)
        if left_paras or right_paras:
            (left_paras or right_paras)[0].runs.insert(0, entry)
            return [Table([[left_paras, right_paras + body]], [0.22, 0.78])]
    inside = next((n for n, line in enumerate(lines) if line.startswith("{BODY")), len(lines))
    paras, behind = expand_lines(lines[:inside], values, used), expand_lines(lines[inside + 1 :], values, used)
    if inside < len(lines) and body and lines[inside] != "{BODY}":
        body = [Para([Run(lines[inside][6:-1], "label", "b")])] + body
    paras = merge_lines(paras) if soft_breaks else paras
    if not paras:
        return []
    paras[0].runs.insert(0, entry)
    paras[0].before = gap
    return paras + body + behind


def prose_job(job, layout, ctx, used):
    """A job told in a sentence: (values, pattern, its dates)."""
    template, text, title = prose.sentence(job, ctx.rng, ctx.prose_dates)
    values = job_values({**job, "title": title, "team": None, "aside": None, "about": None}, layout, ctx, {"title"}, text[0])
    return values, ([template], None), text, title


def as_other(values):
    """Mark the parts of an entry that is no job as other text."""
    return {key: [replace(run, mark="other" if run.mark else None) for run in runs] if runs else runs for key, runs in values.items()}


def compose_jobs(jobs, layout, ctx):
    """Blocks of all jobs, and their truth."""
    rng, out, truth, i, rows = ctx.rng, [], [], 0, []
    gap = 3 if layout.tight else 8
    told, grid = layout.job[0][0] == "PROSE", is_grid(layout.job)
    if layout.points == "none" or grid or told:
        gap = rng.choice([0, 0, 2])
    while i < len(jobs):
        group = [jobs[i]]
        while layout.banner and not grid and not told and i + len(group) < len(jobs) and jobs[i + len(group)]["promoted"]:
            group.append(jobs[i + len(group)])
        i += len(group)
        banner = layout.banner if len(group) > 1 and group[0]["employer"] else None
        if banner:
            used = set()
            text, *_ = dates.write_range(ctx.date_format, group[-1]["start"], group[0]["end"], rng)
            names = fields_in((banner[0], None))
            values = job_values({**group[0], "title": None, "team": None, "aside": None}, layout, ctx, names | {"employer"}, text)
            values |= third_jobs.extras({**group[0], "start": group[-1]["start"]}, names, text, 1, rng)
            out.extend(entry_blocks((banner[0], None), values, used, "banner", [], gap))
            banner_used = used
        for job in group:
            used = ctx.used = set()
            fmt = dates.choose_format(rng) if ctx.mixed_dates and rng.random() < 0.5 else ctx.date_format
            text, start, end, current = dates.write_range(fmt, job["start"], job["end"], rng)
            if job.get("no_dates"):
                text = None
            pattern, title = (banner[1], None) if banner else layout.job, job["title"]
            if told and job["title"] and job["employer"]:
                values, pattern, (text, start, end, current), title = prose_job(job, layout, ctx, used)
            else:
                pattern = ctx.spare_job if told else pattern
                values = job_values({**job, "about": None} if banner else job, layout, ctx, fields_in(pattern), text)
            names = fields_in(pattern)
            values |= third_jobs.extras(job, names, text, len(truth) + 1, rng)
            values |= fourth_jobs.extras(job, names, rng)
            if "from" in names and text:
                first, last, start, end, current = third_jobs.apart(fmt, job)
                values |= {"from": [Run(first, "dates")], "to": [Run(last, "dates")]}
            if banner:
                values.pop("employer"), values.pop("place")
            body, points = job_body(job, layout, ctx)
            no_job = job["title"] in BREAKS and not job["employer"]
            if no_job:
                values, body = as_other(values), [Para([Run(text, "other")]) for text in job["texts"]]
            if job["about"] and not banner and "about" not in fields_in(pattern) and not grid and layout.points != "none":
                body.insert(0, Para([Run(job["about"], "about", rng.choice(["i", "", "is", "g"]))]))
            if grid:
                blocks = [expand_lines(cell, values, used) for cell in pattern[0]]
                if not any(blocks):
                    continue
                if not no_job:
                    next(cell for cell in blocks if cell)[0].runs.insert(0, Run("", "entry:job"))
                widest = max(range(len(blocks)), key=lambda n: pattern[3][n])
                blocks[widest] += body if ctx.grid_points else []
                points = points if ctx.grid_points else []
                rows.append(blocks)
            else:
                kind = None if no_job else "job"
                blocks = entry_blocks(pattern, values, used, kind, body, 2 if banner else gap, ctx.soft_breaks)
                if not blocks:
                    continue
                out.extend(blocks)
            if no_job:
                continue
            shown = used | (banner_used - {"dates"} if banner else set())
            dated = used & {"dates", "from"} and text
            truth.append(
                {
                    "employer": job["employer"] if "employer" in shown else None,
                    "team": job["team"] if "team" in used else None,
                    "title": title if "title" in used else None,
                    "place": job["place"] if shown & {"place", "land", "spaced"} else None,
                    "start": start if dated else None,
                    "end": end if dated else None,
                    "current": bool(current and dated),
                    "points": points,
                }
            )
    if rows:
        out.append(grid_table(layout.job, rows, rng))
    return out, truth
