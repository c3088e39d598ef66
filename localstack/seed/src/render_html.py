"""HTML layouts: one column, a sidebar on either side, and two equal columns."""

from html import escape

THEMES = {
    "serif": {"font": "Caladea", "accent": "#222", "side": "#fff"},
    "navy": {"font": "Lato", "accent": "#1d3557", "side": "#e9eef5"},
    "teal": {"font": "Carlito", "accent": "#0b6e69", "side": "#e6f2f1"},
    "plum": {"font": "Lato", "accent": "#6d2e5b", "side": "#fff"},
    "plain": {"font": "Carlito, Calibri, sans-serif", "accent": "#333", "side": "#fff"},
}

BASE = """
@page {{ size: Letter; margin: {margin}; }}
* {{ box-sizing: border-box; }}
body {{ font: {size} / 1.38 {font}; color: #1c1c1c; margin: 0; }}
h1 {{ font-size: 22pt; margin: 0; color: {accent}; }}
h2 {{ font-size: 12pt; margin: 14pt 0 4pt; color: {accent}; border-bottom: 0.8pt solid {accent}; break-after: avoid; }}
h3 {{ font-size: 10.5pt; margin: 7pt 0 0; break-after: avoid; }}
p {{ margin: 2pt 0; }}
ul {{ margin: 2pt 0 4pt; padding-left: 14pt; }}
li {{ margin: 1pt 0; }}
.label {{ font-size: 12.5pt; color: #444; }}
.when {{ float: right; font-weight: normal; color: #444; }}
.where {{ font-style: italic; }}
.word {{ white-space: nowrap; }}
"""

LAYOUT = {
    "chromium-single": "",
    "html": "body { max-width: 46em; margin: 2em auto; padding: 0 1em; }",
    "chromium-sidebar-left": """
.sheet { display: grid; grid-template-columns: 2.3in 1fr; min-height: 11in; }
aside { background: VAR_SIDE; padding: 0.5in 0.25in 0.4in 0.35in; } main { padding: 0.5in 0.45in 0.4in 0.35in; }
aside h1 { font-size: 19pt; line-height: 1.1; } aside ul { list-style: none; padding: 0; }""",
    "chromium-sidebar-right": """
.sheet { display: grid; grid-template-columns: 1fr 2.15in; column-gap: 0.3in; }
header { margin-bottom: 6pt; border-bottom: 2pt solid VAR_ACCENT; padding-bottom: 6pt; }
aside { background: VAR_SIDE; padding: 0 0.15in; } aside ul { list-style: none; padding: 0; }""",
    "chromium-two-column": """
.sheet { display: grid; grid-template-columns: 1fr 1fr; column-gap: 0.35in; }
header { text-align: center; margin-bottom: 4pt; }
.when { float: none; display: block; }""",
}


def section(person, name, body):
    return f"<section><h2>{escape(person.heading(name))}</h2>{body}</section>" if body else ""


def bullets(lines):
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""


def work(person):
    parts = []
    for job in person.work:
        when = f'<span class="when">{escape(person.period(job))}</span>'
        if person.theme in ("serif", "teal"):
            head = f"<h3>{when}{escape(job['position'])}</h3><p class=\"where\">{escape(job['name'])}, {escape(job['location'])}</p>"
        else:
            head = f"<h3>{when}{escape(job['name'])}</h3><p class=\"where\">{escape(job['position'])} | {escape(job['location'])}</p>"
        parts.append(f"<article>{head}{bullets(job['highlights'])}</article>")
    return section(person, "work", "".join(parts))


def education(person):
    parts = [
        f"<article><h3><span class=\"when\">{escape(person.period(item))}</span>{escape(person.degree(item))}</h3>"
        f"<p class=\"where\">{escape(item['institution'])}</p></article>"
        for item in person.education
    ]
    return section(person, "education", "".join(parts))


def skills(person, listed):
    if listed:
        body = "".join(f"<h3>{escape(group['name'])}</h3>{bullets(group['keywords'])}" for group in person.skills)
    else:
        body = "".join(
            f"<p>{'' if group['name'] == 'Skills' else '<b>' + escape(group['name']) + ':</b> '}{escape(', '.join(group['keywords']))}</p>"
            for group in person.skills)
    return section(person, "skills", body)


def projects(person):
    return section(person, "projects", "".join(
        f"<p><b>{escape(item['name'])}.</b> {escape(item['description'])}</p>" for item in person.projects))


def extras(person):
    aside = "sidebar" in person.layout
    languages = bullets(person.language_lines()) if aside or not person.languages else f"<p>{escape(', '.join(person.language_lines()))}</p>"
    return (section(person, "certificates", bullets(person.certificate_lines()))
            + section(person, "languages", languages))


def header(person, contact):
    line = f"<p class=\"contact\">{escape(' | '.join(person.contact))}</p>" if contact else ""
    # A double name stays in one piece where the sidebar is too narrow for the whole.
    name = " ".join(f'<span class="word">{escape(word)}</span>' for word in person.basics["name"].split())
    return f"<header><h1>{name}</h1><p class=\"label\">{escape(person.basics['label'])}</p>{line}</header>"


def body(person):
    summary = section(person, "summary", f"<p>{escape(person.basics['summary'])}</p>")
    match person.layout:
        case "chromium-sidebar-left":
            contact = "".join(f"<p>{escape(part)}</p>" for part in person.contact)
            side = header(person, contact=False) + f"<section><h2>Contact</h2>{contact}</section>" + skills(person, True) + extras(person)
            return f'<div class="sheet"><aside>{side}</aside><main>{summary}{work(person)}{education(person)}</main></div>'
        case "chromium-sidebar-right":
            side = skills(person, True) + extras(person)
            main = summary + work(person) + projects(person) + education(person)
            return f'{header(person, True)}<div class="sheet"><main>{main}</main><aside>{side}</aside></div>'
        case "chromium-two-column":
            left = summary + work(person)
            right = education(person) + skills(person, False) + projects(person) + extras(person)
            return f'{header(person, True)}<div class="sheet"><div>{left}</div><div>{right}</div></div>'
        case _:
            return header(person, True) + summary + work(person) + education(person) + skills(person, False) + extras(person)


def document(person):
    """The whole page."""
    theme = THEMES[person.theme]
    margin = "0" if person.layout == "chromium-sidebar-left" else "0.55in 0.7in"
    size = "11pt" if person.layout == "chromium-two-column" else "10pt"
    css = BASE.format(margin=margin, size=size, **{k: theme[k] for k in ("font", "accent")})
    css += LAYOUT[person.layout].replace("VAR_SIDE", theme["side"]).replace("VAR_ACCENT", theme["accent"])
    return (f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(person.basics["name"])} - '
            f"{escape(person.basics['label'])}</title>\n<style>{css}</style>\n</head>\n<body>\n{body(person)}\n</body>\n</html>\n")
