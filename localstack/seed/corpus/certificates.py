"""Certificates, licences and courses in many shapes."""

import certificate_lists as lists
import dates
import people
import third_certificate_lists
import third_certificates
from blocks import Para, Run, Table
from career_lists import CERTIFICATES
from templates import expand_lines

LISTED = third_certificate_lists.pairs()


def choose(rng, group, n):
    """Choose n certificates with issuers and dates, most of them of the trade."""
    own = [tuple(part.split("|")) for part in lists.BY_GROUP.get(group, "").split(";") if part]
    out = []
    while len(out) < n:
        pool = own if own and rng.random() < 0.45 else rng.choice([CERTIFICATES, lists.GENERAL, LISTED, LISTED])
        name, issuer = third_certificates.made(rng) if rng.random() < 0.18 else rng.choice(pool)
        if name not in [o[0] for o in out] and people.printable(name.replace("–", "-").replace("§", "S")):
            out.append((name, issuer if issuer and rng.random() < 0.85 else None, (rng.randrange(2006, 2026), rng.randrange(1, 13))))
    return out


def written_date(ctx, point, kind):
    """The date as printed, and its value."""
    rng = ctx.rng
    text, value = dates.write_point(ctx.date_format, point, rng)
    if kind == "until":
        later = (point[0] + rng.choice([1, 2, 3, 5]), point[1])
        text, value = dates.write_point(ctx.date_format, later, rng)
        return (
            rng.choice(
                ["valid until ", "Valid until ", "expires ", "exp. ", "Exp. ", "Expires: ", "valid through ", "Expiry: ", "renewal "]
            )
            + text,
            value,
        )
    if kind == "issued":
        return rng.choice(["Issued ", "issued ", "obtained ", "Completed ", "since ", "Awarded ", "Date: "]) + text, value
    if kind == "both":
        end, _ = dates.write_point(ctx.date_format, (point[0] + 3, point[1]), rng)
        return text + rng.choice([" – {}", ", expires {}", " (exp. {})", " – valid until {}"]).format(end), value
    return text, value


def an_id(rng):
    """The number of a licence or credential."""
    digits = lambda n: "".join(str(rng.randrange(10)) for _ in range(n))
    return rng.choice(
        [
            f"Credential ID {digits(8)}",
            f"No. {digits(5)}",
            f"License # {digits(6)}",
            f"License #: RN{digits(6)}",
            f"Lic. No. {digits(7)}",
            f"Reg. No. {digits(2)}A{digits(4)}",
            f"ID: {rng.choice('ABCXYZ')}{rng.choice('KLMN')}-{digits(5)}",
            f"Certificate no. {digits(4)}/{digits(2)}",
            f"PIN {digits(2)}B{digits(4)}E",
        ]
    )


def certifications(items, ctx, narrow=False):
    """Blocks of certificates and their truth."""
    rng, out, truth = ctx.rng, [], []
    roll = rng.random()
    shape = rng.choice(lists.SHAPES) if rng.random() < 0.6 else ctx.layout.certificates
    if narrow:
        shape, roll = rng.choice([s for s in lists.SHAPES if "||" not in " ".join(s)]), 1
    if roll < 0.09 or roll > 0.97:
        return inline(items, ctx)
    written = lambda point: written_date(ctx, point, rng.choice(["", "", "", "until", "issued"]))
    if rng.random() < 0.11:
        out, truth = rng.choice([third_certificates.grouped, third_certificates.grouped, third_certificates.told])(items, written, ctx)
        return third_certificates.with_noise(out, ctx) if rng.random() < 0.15 else out, truth
    row = rng.choice(lists.ROWS) if 0.09 < roll < 0.17 else None
    cells, heads, widths = rng.choice(lists.GRIDS) if 0.17 < roll < 0.22 else (None, None, None)
    dated, ids, extras = rng.random() < 0.8, rng.random() < 0.2, rng.random() < 0.3
    kind = rng.choice(["", "", "", "", "issued", "until", "mixed", "mixed", "both"])
    bullets = rng.random() < 0.25
    rows = []
    for at, (name, issuer, point) in enumerate(items, 1):
        text, value = None, None
        if dated and rng.random() < 0.9:
            text, value = written_date(ctx, point, rng.choice(["", "until", "issued", ""]) if kind == "mixed" else kind)
        extra = rng.choice(
            [
                f"{rng.choice([2, 4, 6, 8, 16, 24, 40, 120])} {rng.choice(['hours', 'hrs', 'h'])}",
                "online",
                "2 days",
                "Level 2",
                "renewed annually",
                "on site",
                "with exam",
                "3 CEUs",
                "Grade A",
                "by e-learning",
            ]
        )
        values = {
            "name": [Run(name, "certificate")],
            "issuer": [Run(issuer, "issuer")] if issuer else None,
            "date": [Run(text, "cert_date")] if text else None,
            "id": [Run(an_id(rng))] if ids or rng.random() < 0.3 else None,
            "extra": [Run(extra)] if extras else None,
            "number": [Run(f"{at}.")],
        }
        used, entry = set(), Run("", "entry:certification")
        if row or cells:
            parts = [expand_lines(cell, values, used) for cell in (cells or row)]
            next(part for part in parts if part)[0].runs.insert(0, entry)
            rows.append(parts)
        else:
            paras = expand_lines(shape, values, used)
            for para in paras:
                para.glyph = ctx.layout.glyph
                if bullets and len(paras) == 1:
                    para.style = "bullet"
            paras[0].runs.insert(0, entry)
            out.extend(paras)
        truth.append({"name": name, "issuer": issuer if "issuer" in used else None, "date": value if "date" in used else None})
    if rows:
        borders = bool(cells) and rng.random() < 0.6
        head = [[[Para([Run(word, "label", "b")])] for word in heads]] if cells and heads else []
        widths = widths or ([0.24, 0.76] if row[0][0].startswith("{date") or row[0][0].startswith("{issuer") else [0.7, 0.3])
        out = [Table(head + rows, widths, borders=borders)]
    if rng.random() < 0.14:
        out = third_certificates.with_noise(out, ctx)
    return out, truth


def inline(items, ctx, label=True):
    """Certificates in one line, often after a label."""
    rng, runs, truth = ctx.rng, [], []
    separator = rng.choice([", ", ", ", "; ", " | ", " · ", " • "])
    if label and rng.random() < 0.8:
        runs = [Run(rng.choice(lists.LABELS), "label", rng.choice(["b", "b", ""])), Run(" ")]
    dated = rng.random() < 0.3
    for i, (name, issuer, point) in enumerate(items):
        runs += ([Run(separator)] if i else []) + [Run("", "entry:certification"), Run(name, "certificate")]
        if dated:
            runs += [Run(" ("), Run(str(point[0]), "cert_date"), Run(")")]
        truth.append({"name": name, "issuer": None, "date": str(point[0]) if dated else None})
    return [Para(runs)], truth
