"""The top of a résumé: name, headline and contact in many arrangements."""

import lookalikes
from blocks import Para, Run, Table

TITLES = [
    "CURRICULUM VITAE",
    "Resume",
    "RÉSUMÉ",
    "Curriculum Vitae",
    "CV",
    "RESUME",
    "Résumé",
    "Lebenslauf",
    "Bio-Data",
    "Curriculum vitæ",
    "Professional Resume",
    "CURRICULUM  VITAE",
    "Europass CV",
]
CONTACT_LABELS = {
    "email": ["Email:", "E-mail:", "Mail:", "E:", "Email –", "e-mail", "Email ID:", "Courriel :", "@"],
    "phone": [
        "Phone:",
        "Mobile:",
        "Tel:",
        "Tel.:",
        "M:",
        "Contact No:",
        "Cell:",
        "Ph:",
        "Telephone:",
        "P:",
        "Mob.:",
        "Phone",
        "Telefon:",
        "Tél. :",
    ],
    "place": ["Address:", "Location:", "Based in:", "Home:", "Lives in:", "Adresse:", "A:", "Permanent Address:"],
}
HEADERS = [
    "centre lines",
    "left lines",
    "centre pipe",
    "split",
    "table",
    "left labels",
    "centre dots",
    "name right",
    "plain lines",
    "left pipe",
    "title above",
    "centre capitals",
    "centre spaced",
    "contact first",
    "name label",
    "one line",
    "all on one line",
    "personal table",
    "contact left",
    "headline first",
    "title beside",
    "small name",
]


def contact_items(p, ctx):
    """Marked contact items in the document's order, with labels in some layouts."""
    rng = ctx.rng
    labels = ctx.layout.header in ("left labels", "name label", "personal table") or rng.random() < 0.15
    items = [("email", p["email"], rng.choice(CONTACT_LABELS["email"])), ("phone", p["phone_written"], rng.choice(CONTACT_LABELS["phone"]))]
    if p["location"]:
        items.append(("place", p["location"], rng.choice(CONTACT_LABELS["place"])))
    items += [("link", link, "LinkedIn:" if "linkedin" in link else "GitHub:" if "github" in link else "Web:") for link in p["links"]]
    if rng.random() < 0.5:
        rng.shuffle(items)
    elif rng.random() < 0.4:
        items.sort(key=lambda item: item[0] != "place")
    items = [item for item in items if item[1] and not (item[0] == "phone" and p["no_phone"])]
    out = []
    for mark, text, label in items:
        link = (
            f"mailto:{text}" if mark == "email" else f"https://{text.removeprefix('https://')}" if mark == "link" and "/" in text else None
        )
        out.append(([Run(label, "label"), Run(" ")] if labels else []) + [Run(text, mark, link=link)])
    return out


def in_lines(items, separator, cut, align):
    """Contact items joined into one or two lines."""
    out = []
    for part in (items[:cut], items[cut:]):
        runs = []
        for i, item in enumerate(part):
            runs += ([Run(separator)] if i else []) + item
        if runs:
            out.append(Para(runs, align=align))
    return out


def header(p, ctx):
    """The header block: returns (blocks, contact items that are still to be placed)."""
    rng, kind = ctx.rng, ctx.layout.header
    align = "center" if "centre" in kind or kind == "title above" and rng.random() < 0.6 else "right" if kind == "name right" else "left"
    name_text = p["written_name"]
    if kind == "centre capitals":
        name_text = p["written_name"] = name_text.upper()
    if kind == "centre spaced":
        name_text = "   ".join(" ".join(word) for word in name_text.upper().split())
    flags = "" if kind in ("plain lines", "centre spaced") or ctx.no_bold else rng.choice(["b", "b", "b", "", "k", "bk"])
    name = Para([Run(name_text, "name", flags)], style="name", align=align)
    if kind == "small name" or rng.random() < 0.06:
        name.style = "body"
    title = Para([Run(rng.choice(TITLES), "other", rng.choice(["b", ""]))], style=rng.choice(["body", "headline", "name"]), align=align)
    headline = Para(
        [Run(p["headline"], "headline", rng.choice(["", "", "i", "k", "g"]))],
        style=rng.choice(["headline", "headline", "body"]),
        align=align,
    )
    items = contact_items(p, ctx)
    separator = {"centre dots": " · ", "left pipe": " | ", "centre pipe": " | "}.get(
        kind, rng.choice([" • ", " | ", ", ", "  ", " – ", " / ", " · ", "; "])
    )
    if kind == "one line" and p["headline"]:
        name.runs += [
            Run(rng.choice([", ", " – ", " | ", " - ", " · ", " / "])),
            Run(p["headline"], "headline", rng.choice(["", "i", "g"])),
        ]
        head = [name]
    elif kind == "headline first" and p["headline"]:
        head = [headline, name]
    else:
        head = [name] + ([headline] if p["headline"] else [])
    if kind == "title above" or rng.random() < 0.07:
        head.insert(0, title)
    if kind == "personal table":
        return personal_table(name, headline if p["headline"] else None, items, p, ctx, title), []
    if kind == "name label":
        name.runs.insert(0, Run(rng.choice(["Name:", "Name :", "Full name:", "NAME:", "Name"]) + " "))
        name.style = rng.choice(["body", "body", "name"])
        return head + [Para(item) for item in items], []
    if ctx.layout.columns in ("left", "right") and rng.random() < 0.75:
        return head, items
    if kind == "all on one line":
        for item in items:
            name.runs += [Run(separator)] + item
        name.style = rng.choice(["body", "body", "headline"])
        return head, []
    if kind == "contact first":
        contact = (
            in_lines(items, separator, len(items), align)
            if rng.random() < 0.5
            else [Para(item, align=rng.choice(["left", "right"])) for item in items]
        )
        return contact + head, []
    if kind == "title beside":
        return [Table([[head, [title]]], [0.7, 0.3])] + in_lines(items, separator, rng.choice([2, 9]), align), []
    if kind == "contact left":
        for para in head:
            para.align = "right"
        return [Table([[[Para(item) for item in items], head]], [0.42, 0.58])], []
    if kind in ("table", "split"):
        right = [Para(item, align="right" if kind == "split" or rng.random() < 0.7 else "left") for item in items]
        return [Table([[head, right]], [0.55, 0.45])], []
    if kind in ("left lines", "centre lines", "plain lines", "left labels", "small name", "centre spaced") and rng.random() < 0.75:
        return head + [Para(item, align=align) for item in items], []
    return head + in_lines(items, separator, rng.choice([2, 3, len(items), len(items)]), align), []


def personal_table(name, headline, items, p, ctx, title):
    """Personal data as rows of a table or as lines with labels, the name among them."""
    rng = ctx.rng
    name.style, out = "body", [title] if rng.random() < 0.5 else []
    rows = [(rng.choice(["Name", "Full Name", "Name", "Surname / First name"]), name.runs)]
    if headline:
        rows.append((rng.choice(["Position", "Desired job", "Profession", "Occupation"]), headline.runs))
    for item in items:
        label = item[0].text.rstrip(" :–") if len(item) > 1 else "Contact"
        rows.append((label, item[-1:]))
    more = [(label, [Run(text, "other")]) for label, text in lookalikes.personal_rows(rng, p)[:4]]
    at = len(rows) if rng.random() < 0.7 else 1
    rows[at:at] = more
    sep = rng.choice([":", ":", "", " :"])
    if rng.random() < 0.65:
        cells = [[[Para([Run(label + sep)])], [Para(runs)]] for label, runs in rows]
        return out + [Table(cells, [0.28, 0.72], borders=rng.random() < 0.4)]
    return out + [Para([Run(label + (sep or ":") + " ")] + runs) for label, runs in rows]
