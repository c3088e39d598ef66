"""Made-up employers: most of them carry no cue word such as Inc or Ltd."""

import re

import employer_lists
import people
import third_employers
from employer_lists import ABOUTS, ADJ, DEPARTMENTS, GENERIC, HEADS, NOUN, REAL, SUFFIX, SYLL1, SYLL2, TAILS, W


def fill(rng, pattern):
    """Fill the slots of an employer pattern."""
    slots = {
        "h": lambda: rng.choice(HEADS),
        "t2": lambda: rng.choice(TAILS),
        "s": lambda: people.a_name(rng)[1],
        "g": lambda: people.a_name(rng)[0].split()[0],
        "n": lambda: rng.choice(NOUN),
        "a": lambda: rng.choice(ADJ),
        "c": lambda: coined(rng),
        "d": lambda: rng.choice(DEPARTMENTS),
        "n3": lambda: str(rng.randrange(2, 140)),
        "st": lambda: rng.choice(["Ohio", "Texas", "Oregon", "Maine", "Georgia", "Nevada", "Victoria", "Kerala"]),
    }
    for code in ("us", "gb", "de", "fr", "es", "in"):
        slots[code] = lambda code=code: people.a_city(rng, code.upper())["name"].replace(" City", "")
    for key, make in slots.items():
        while "{" + key + "}" in pattern:
            pattern = pattern.replace("{" + key + "}", make(), 1)
    return pattern


def coined(rng):
    """A coined name of one word."""
    if rng.random() < 0.6:
        return rng.choice(HEADS) + rng.choice(TAILS)
    return rng.choice(SYLL1) + rng.choice(SYLL2) + (rng.choice(SYLL2)[:2] if rng.random() < 0.15 else "")


def one_word(rng):
    return coined(rng)


def two_words(rng):
    roll = rng.random()
    if roll < 0.45:
        return f"{coined(rng)} {rng.choice(GENERIC)}"
    if roll < 0.7:
        return f"{rng.choice(ADJ)} {rng.choice(NOUN)}"
    if roll < 0.85:
        return f"{rng.choice(NOUN)} {rng.choice(['&', 'and', '+'])} {rng.choice(NOUN)}"
    return f"{rng.choice(HEADS)} {rng.choice(GENERIC)}"


def surnames(rng):
    s = lambda: people.a_name(rng)[1]
    return rng.choice(
        [
            f"{s()} & Sons",
            f"{s()} {s()} LLP",
            f"{s()} & {s()}",
            f"{s()}, {s()} & {s()}",
            f"{s()}'s",
            f"{s()} Bros",
            f"{s()}",
            f"{s()} Associates",
            f"{s()}-{s()}",
            f"{rng.choice('ABCDEJR')}. {rng.choice('PRSTW')}. {s()}",
            f"{s()} {rng.choice(GENERIC)}",
            f"{s()} & Co.",
            f"{s()} Partners",
        ]
    )


def acronym(rng):
    letters = "".join(rng.choice("ABCDEFGHIKLMNOPRSTVWX") for _ in range(rng.choice([3, 3, 3, 4, 4, 2])))
    return letters + rng.choice(["", "", "", " Group", " " + rng.choice(GENERIC), " India", f" {rng.choice(SUFFIX)}", "-" + letters[:2]])


def startup(rng):
    c = coined(rng)
    return rng.choice(
        [
            f"get{c}",
            c.lower(),
            f"{c.lower()}.io",
            f"{c}.ai",
            f"{c}AI",
            f"{c.lower()}{rng.randrange(2, 10)}",
            f"{rng.choice(W('foo i e my go the'))}{rng.choice(NOUN)}",
            f"{rng.choice(NOUN)}{rng.choice(NOUN)}",
            f"{c.upper()}",
            f"{c}.com",
            f"{rng.choice(HEADS)}{rng.choice(NOUN)}",
            f"{c}HQ",
            f"un{rng.choice(NOUN).lower()}",
            f"{c.lower()} labs",
        ]
    )


def numbered(rng):
    n = rng.randrange(2, 99)
    return rng.choice(
        [
            f"Studio {n}b",
            f"{n % 9 + 2}{rng.choice(NOUN)}s",
            f"Route {n} {rng.choice(NOUN)}",
            "24/7 Towing",
            f"{n % 9 + 2}{rng.choice(HEADS)}",
            f"{rng.choice(NOUN)} {n}",
            f"Pier {n}",
            f"{n} North",
            f"Level{n}",
            f"No. {n} {rng.choice(NOUN)}",
            f"{coined(rng)}360",
            f"Local {n * 7}",
            f"{coined(rng)} 2000",
            f"Area {n}",
        ]
    )


def the_name(rng):
    return "The " + rng.choice(
        [
            f"{rng.choice(NOUN)} {rng.choice(GENERIC)}",
            f"{rng.choice(ADJ)} {rng.choice(NOUN)}",
            f"{people.a_name(rng)[1]} Group",
            f"{rng.choice(NOUN)} Company",
            f"{coined(rng)} Foundation",
            f"{rng.choice(NOUN)} Room",
            f"{rng.choice(NOUN)}",
        ]
    )


def subsidiary(rng):
    a, b = coined(rng), rng.choice([coined(rng), acronym(rng)])
    return rng.choice(
        [
            f"{a} (a {b} company)",
            f"{a} ({b} Group)",
            f"{a}, a {b} company",
            f"{a} (now {b})",
            f"{a} (formerly {b})",
            f"{b} / {a}",
            f"{b} – {a} Division",
            f"{b}, {a} Division",
            f"{a} by {b}",
            f"{a} ({acronym(rng)})",
        ]
    )


def from_forms(rng, group=""):
    """One of the listed names, of a form that is common in the trade or of any."""
    own = third_employers.BY_GROUP.get(group)
    forms = third_employers.FORMS
    form = (
        rng.choice(own) if own and rng.random() < 0.4 else rng.choices(list(forms), [third_employers.WEIGHTS.get(f, 1) for f in forms])[0]
    )
    return fill(rng, rng.choice(forms[form].split("|")))


KINDS = [
    (from_forms, 28),
    (one_word, 20),
    (two_words, 13),
    (surnames, 9),
    (acronym, 8),
    (startup, 7),
    (numbered, 3),
    (the_name, 4),
    (subsidiary, 3),
    ("PUBLIC", 7),
    ("HOSPITALS", 4),
    ("UNIVERSITIES", 4),
    ("FOREIGN", 8),
    ("CONTAINS", 5),
    ("MILITARY", 1.5),
    ("SELF", 3),
    ("TRADES", 6),
    ("REAL", 9),
    ("LONG", 5),
    ("PLACES", 1.5),
    ("ODD", 5),
]
BY_GROUP = {
    "29": {"HOSPITALS": 8},
    "31": {"HOSPITALS": 8},
    "25": {"UNIVERSITIES": 4, "PUBLIC": 4},
    "35": {"TRADES": 6},
    "33": {"PUBLIC": 5},
    "55": {"MILITARY": 20},
    "21": {"PUBLIC": 3},
    "39": {"TRADES": 3},
    "45": {"TRADES": 3},
}


def employer(rng, group=""):
    """Make an employer for a job of an O*NET major group."""
    boost = BY_GROUP.get(group, {})
    kind = rng.choices([k for k, _ in KINDS], [w * boost.get(k, 1) for k, w in KINDS])[0]
    if callable(kind):
        name = kind(rng, group) if kind is from_forms else kind(rng)
        if kind in (one_word, two_words, surnames) and not re.search("LLP|Co|Group|Partners", name) and rng.random() < 0.16:
            name += rng.choice([" ", " ", ", "]) + rng.choice(SUFFIX)
    elif kind == "REAL":
        name = rng.choice(REAL.split("|"))
    else:
        name = fill(rng, rng.choice(getattr(employer_lists, kind)))
    return name if people.printable(name.replace("–", "-")) else coined(rng)


def about(rng):
    """A sentence that describes a company."""
    what = rng.choice(
        [
            "logistics software",
            "payment services",
            "medical devices",
            "home care",
            "catering equipment",
            "renewable energy",
            "online education",
            "cold storage",
            "machine parts",
            "travel insurance",
            "craft beverages",
            "ad tech",
            "property management",
            "precision castings",
            "staffing services",
            "e-commerce",
        ]
    )
    who = rng.choice(
        [
            "small businesses",
            "hospitals",
            "schools",
            "families in the region",
            "retailers",
            "local authorities",
            "car makers",
            "farmers",
            "students",
            "hotels",
            "insurers",
        ]
    )
    text = rng.choice(ABOUTS).format(
        adj=rng.choice(["leading", "regional", "mid-sized", "fast-growing"]),
        adj2=rng.choice(["Mid-sized", "Global", "Regional", "Privately held", "Publicly listed"]),
        what=what,
        who=who,
        n=rng.choice([12, 25, 40, 85, 120, 300, 650, 2000, 15]),
        year=rng.randrange(1950, 2018),
        place=people.a_city(rng, "US")["name"],
    )
    return text[0].upper() + text[1:]
