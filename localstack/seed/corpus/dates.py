"""Date ranges in many written forms, with the truth at the precision that is printed."""

EN = "January February March April May June July August September October November December".split()
EN3 = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
SEPT = "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split()
DE = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
DE3 = "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.".split()
FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
ES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
NL = "jan feb mrt apr mei jun jul aug sep okt nov dec".split()
PT = "jan fev mar abr mai jun jul ago set out nov dez".split()
NOW = ["Present", "present", "Now", "Current", "current", "to date", "Till date", "till now", "Today", "PRESENT", "date", "ongoing"]
DASHES = [" – ", " - ", "–", "-", " — ", " to ", " -- ", " ~ ", " → ", "—", " \u2010 ", " \u2212 ", " until "]

# Point formats: name -> (writer of (year, month, day), precision)
POINTS = {
    "mon": (lambda y, m, d: f"{EN3[m-1]} {y}", "m"),
    "month": (lambda y, m, d: f"{EN[m-1]} {y}", "m"),
    "sept": (lambda y, m, d: f"{SEPT[m-1]} {y}", "m"),
    "moncomma": (lambda y, m, d: f"{EN3[m-1]}, {y}", "m"),
    "MON": (lambda y, m, d: f"{EN3[m-1].upper()} {y}", "m"),
    "mon'": (lambda y, m, d: f"{EN3[m-1]} '{y%100:02d}", "m"),
    "mon’": (lambda y, m, d: f"{EN3[m-1]}’{y%100:02d}", "m"),
    "mon-yy": (lambda y, m, d: f"{EN3[m-1]}-{y%100:02d}", "m"),
    "mm/yyyy": (lambda y, m, d: f"{m:02d}/{y}", "m"),
    "m/yyyy": (lambda y, m, d: f"{m}/{y}", "m"),
    "yyyy/mm": (lambda y, m, d: f"{y}/{m:02d}", "m"),
    "mm-yyyy": (lambda y, m, d: f"{m:02d}-{y}", "m"),
    "yyyy.mm": (lambda y, m, d: f"{y}.{m:02d}", "m"),
    "mm.yyyy": (lambda y, m, d: f"{m:02d}.{y}", "m"),
    "yyyy-mm": (lambda y, m, d: f"{y}-{m:02d}", "m"),
    "mm/yy": (lambda y, m, d: f"{m:02d}/{y%100:02d}", "m"),
    "m/d/yyyy": (lambda y, m, d: f"{m}/{d}/{y}", "m"),
    "iso": (lambda y, m, d: f"{y}-{m:02d}-{d:02d}", "m"),
    "dd.mm.yyyy": (lambda y, m, d: f"{d:02d}.{m:02d}.{y}", "m"),
    "d month": (lambda y, m, d: f"{d} {EN[m-1]} {y}", "m"),
    "month d": (lambda y, m, d: f"{EN[m-1]} {d}, {y}", "m"),
    "yyyy mon": (lambda y, m, d: f"{y} {EN3[m-1]}", "m"),
    "year": (lambda y, m, d: f"{y}", "y"),
    "season": (lambda y, m, d: f"{season(y, m)}", "y"),
    "quarter": (lambda y, m, d: f"Q{(m+2)//3} {y}", "q"),
    "mid": (lambda y, m, d: f"{['Early','Mid','Late'][(m-1)//4]} {y}", "y"),
    "early": (lambda y, m, d: f"{['early','mid-','late'][(m-1)//4]}{'' if 5 <= m <= 8 else ' '}{y}", "y"),
    "de": (lambda y, m, d: f"{DE3[m-1]} {y}", "m"),
    "de long": (lambda y, m, d: f"{DE[m-1]} {y}", "m"),
    "fr": (lambda y, m, d: f"{FR[m-1]} {y}", "m"),
    "es": (lambda y, m, d: f"{ES[m-1]} {y}", "m"),
    "es de": (lambda y, m, d: f"{ES[m-1]} de {y}", "m"),
    "nl": (lambda y, m, d: f"{NL[m-1]} {y}", "m"),
    "pt": (lambda y, m, d: f"{PT[m-1]}/{y}", "m"),
}
LOCAL_NOW = {"de": "heute", "de long": "heute", "fr": "aujourd'hui", "es": "actualidad", "es de": "presente", "nl": "heden", "pt": "atual"}
# Weighted range formats (point format, dash, now word); dash or now None = chosen per document.
COMMON = [
    ("mon", " – ", "Present"),
    ("mon", " - ", "Present"),
    ("month", " – ", "Present"),
    ("mm/yyyy", " – ", "Present"),
    ("year", " – ", "Present"),
    ("year", "-", "Present"),
    ("mon", "–", "Present"),
    ("month", " to ", "Present"),
    ("mm/yyyy", "-", "present"),
]
EXTRA = [(name, None, None) for name in POINTS] + [
    ("short years", "–", None),
    ("short years", "-", None),
    ("short years", "/", None),
    ("since", " – ", None),
    ("from until", None, None),
    ("from to", None, None),
    ("same year", "-", None),
    ("same year", " – ", None),
    ("duration", " – ", "Present"),
    ("duration dot", " - ", "Present"),
    ("days and durations", " - ", "Present"),
    ("end only", None, None),
    ("year since", "–", None),
    ("comma now", ", ", "present"),
]
FOREIGN = set(LOCAL_NOW)


def season(y, m):
    """Write a season with its year; winters name two years."""
    if m == 12:
        return f"Winter {y}/{(y+1)%100:02d}"
    if m <= 2:
        return f"Winter {y-1}/{y%100:02d}" if m == 1 else f"Winter {y}"
    return f"{['Spring', 'Summer', 'Fall'][(m-3)//3]} {y}"


def choose_format(rng, foreign_rate=0.02):
    """Choose how a document writes its date ranges."""
    if rng.random() < 0.45:
        return rng.choice(COMMON)
    while True:
        name, dash, now = rng.choice(EXTRA)
        if name in FOREIGN and rng.random() > foreign_rate * 4:
            continue
        if name in ("end only", "season", "early") and rng.random() > 0.3:
            continue
        return (name, dash or rng.choice(DASHES[:5] + DASHES), now or LOCAL_NOW.get(name) or rng.choice(NOW[:3] + NOW))


def truth(name, y, m, end=False):
    """Give the date at the precision that the point format prints."""
    precision = POINTS[name][1]
    if name == "season":
        return str(y - 1) if m == 1 else str(y)
    if precision == "y":
        return str(y)
    if precision == "q":
        return f"{y}-{(m+2)//3*3 if end else (m+2)//3*3-2:02d}"
    return f"{y}-{m:02d}"


def span_words(start, end):
    """Write the length of a range in words."""
    months = max(1, (end[0] - start[0]) * 12 + end[1] - start[1] + 1)
    years, rest = divmod(months, 12)
    parts = ([f"{years} yr{'s' if years > 1 else ''}"] if years else []) + ([f"{rest} mo{'s' if rest > 1 else ''}"] if rest else [])
    return " ".join(parts)


def write_range(fmt, start, end, rng, today=(2026, 3)):
    """Write a range; returns (text, start, end, current). end None = current."""
    name, dash, now = fmt
    current = end is None
    base = {
        "since": "mon",
        "from until": "mm/yyyy",
        "from to": "month",
        "same year": "mon",
        "duration": "mon",
        "duration dot": "mon",
        "days and durations": "year",
        "end only": "mon",
        "short years": "year",
        "year since": "year",
        "comma now": "mon",
    }.get(name, name)
    write = lambda p: POINTS[base][0](p[0], p[1], p[2] if len(p) > 2 else 1)
    first, last = truth(base, *start[:2]), None if current else truth(base, *end[:2], end=True)
    if name == "end only" and current:
        return f"since {write(start)}", first, None, True
    if name == "end only":
        return write(end), last, last, False
    if name in ("since", "year since"):
        if current:
            return rng.choice(["since ", "Since ", "seit " if rng.random() < 0.03 else "since "]) + write(start), first, None, True
        name = base
    if name == "from until":
        return (f"from {write(start)}", first, None, True) if current else (f"from {write(start)} until {write(end)}", first, last, False)
    if name == "from to":
        return f"from {write(start)} to {now if current else write(end)}", first, last, current
    if name == "short years" and not current:
        if start[0] == end[0]:
            return str(start[0]), first, last, False
        if start[0] // 100 == end[0] // 100:
            return f"{start[0]}{dash}{end[0]%100:02d}", first, last, False
        return f"{start[0]}{dash if dash != '/' else '-'}{end[0]}", first, last, False
    if name == "short years" and dash == "/":
        dash = " - "
    if name == "same year" and not current and start[0] == end[0] and start[1] < end[1]:
        return f"{EN3[start[1]-1]}{dash}{EN3[end[1]-1]} {start[0]}", first, last, False
    if current and (dash.strip() in ("to", "until") and now in ("to date", "till now", "Till date")):
        now = "present"
    if current and now in ("to date", "till now", "Till date"):
        text = f"{write(start)} {now}" if rng.random() < 0.6 else f"{write(start)}{dash if dash.strip() else ' '}{now}"
    elif current and now == "date":
        text = f"{write(start)} to date"
    else:
        left, right = write(start), now if current else write(end)
        if not current and left == right:
            return left, first, last, False
        if "-" in left and dash.strip() in ("-", "") or len(left) > 9 and dash in ("-", "–", "—"):
            dash = " to " if "-" in left else f" {dash} "
        text = f"{left}{dash}{right}"
    if name in ("duration", "days and durations"):
        text += f" ({span_words(start, end or today)})"
    if name == "duration dot":
        text += f" · {span_words(start, end or today)}"
    return text, first, last, current


def write_point(fmt, point, rng):
    """Write a single date; returns (text, truth)."""
    name = fmt[0] if fmt[0] in POINTS else "year"
    if len(POINTS[name][0](2020, 12, 28)) > 8 and rng.random() < 0.5 or rng.random() < 0.35:
        name = rng.choice(["year", "mon", "year", "month", "mm/yyyy"])
    value = truth(name, *point[:2], end=True)
    return POINTS[name][0](point[0], point[1], 15), value
