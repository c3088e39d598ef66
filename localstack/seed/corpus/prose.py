"""Jobs told in sentences, and sentences that sum up or stand beside jobs."""

import career
import dates
import employers
import people
import third_jobs

PAST = third_jobs.PAST + [
    "{dates} I worked as {a} {title} at {employer}<, {place}>.",
    "{dates} I was employed by {employer}< in {place}> as {a} {title}.",
    "I worked as {a} {title} for {employer} {dates}.",
    "{dates}, I was {a} {title} with {employer}<, {place}>.",
    "I joined {employer} as {a} {title} and worked there {dates}.",
    "At {employer} I served as {title} {dates}.",
    "{dates} {title} at {employer}<, {place}>.",
    "My next post was {title} at {employer}< in {place}> {dates}.",
]
NOW = third_jobs.NOW + [
    "{dates} I have been working as {a} {title} at {employer}<, {place}>.",
    "{dates} I have been {a} {title} with {employer}<, {place}>.",
    "I have been {a} {title} at {employer} {dates}.",
    "{dates}: {title} at {employer}<, {place}>.",
]
BRIEF = ["year", "month", "mon", "year"]


def written_dates(job, rng, name, capital):
    """Dates as a sentence has them: (text, start, end, current)."""
    write = lambda p: dates.POINTS[name][0](p[0], p[1], 1)
    first = dates.truth(name, *job["start"][:2])
    case = lambda word: word.capitalize() if capital else word
    if job["end"] is None:
        return f"{case('since')} {write(job['start'])}", first, None, True
    last = dates.truth(name, *job["end"][:2], end=True)
    if first == last:
        return f"{case('in')} {write(job['end'])}", first, last, False
    pair = rng.choice(["from {} to {}", "from {} until {}", "between {} and {}", "from {} to {}"]).format(
        write(job["start"]), write(job["end"])
    )
    return pair[0].upper() + pair[1:] if capital else pair, first, last, False


def sentence(job, rng, name):
    """A template with its article filled in, and the dates: (template, dates, title)."""
    template = rng.choice(NOW if job["end"] is None else PAST)
    text = written_dates(job, rng, name, template.startswith("{dates}"))
    title = job["title"]
    if title and rng.random() < 0.6:
        title = " ".join(w if any(c.isupper() for c in w[1:]) or "/" in w else w.lower() for w in title.split())
    if title:
        template = template.replace("{a} ", "an " if title[0].lower() in "aeio" else "a ")
    return template, text, title


def earlier_roles(rng, src, code):
    """A sentence that sums up a career before the listed jobs."""
    role, place = lambda: career.a_title(rng, src, code), lambda: employers.employer(rng, code[:2])
    year = rng.randrange(1985, 2008)
    return rng.choice(
        [
            lambda: f"Earlier roles include {role()} at {place()} and {role()} at {place()}.",
            lambda: f"Earlier career: {role()}, {place()}; {role()}, {place()} ({year}–{year + 4}).",
            lambda: f"Previous positions at {place()}, {place()} and {place()}.",
            lambda: f"{year}–{year + rng.randrange(3, 9)}: various roles in {rng.choice(['sales', 'hospitality', 'retail', 'administration', 'construction'])}, details on request.",
            lambda: f"Prior to {year + 5}, held positions as {role()} and {role()}.",
            lambda: f"Additional experience as {role()} ({place()}) and {role()} ({place()}).",
        ]
    )()


def job_lines(rng):
    """Lines that stand below the heading of a job: (label or None, text)."""
    boss = f"{rng.choice(['Head of', 'Director of', 'VP of', 'Manager,'])} {rng.choice(['Operations', 'Engineering', 'Nursing', 'Sales', 'Finance'])}"
    pay = rng.choice(
        [
            f"${rng.randrange(28, 140)},000 per year",
            f"£{rng.randrange(18, 70)},500",
            f"${rng.randrange(11, 40)}.50/hour",
            f"EUR {rng.randrange(24, 90)}.000",
        ]
    )
    leaving = rng.choice(
        ["Relocation", "End of contract", "Company closed", "Career progression", "Redundancy", "Return to study", "Better opportunity"]
    )
    return rng.choice(
        [
            (None, f"Reporting to the {boss}"),
            (None, f"Reported directly to {boss} and {people.full_name(rng)}"),
            ("Reports to:", boss),
            ("Supervisor:", f"{people.full_name(rng)}, {boss}"),
            ("Reason for leaving:", leaving),
            ("Reason for Leaving:", leaving),
            ("Salary:", pay),
            ("Hours per week:", str(rng.choice([20, 24, 35, 38, 40]))),
            ("Team size:", str(rng.randrange(2, 40))),
            ("Direct reports:", str(rng.randrange(2, 18))),
            ("Sector:", rng.choice(["Retail", "Healthcare", "Oil & Gas", "Education", "Public sector", "Construction"])),
            ("Website:", f"www.{employers.coined(rng).lower()}.example.com"),
            ("Address:", f"{rng.randrange(1, 300)} {employers.coined(rng)} Street, {people.a_city(rng, 'GB')['name']}"),
            (None, f"{employers.about(rng)}"),
        ]
    )


INNER = [  # headings of parts inside a job
    "Selected projects:",
    "Key projects:",
    "Technologies:",
    "Tools used:",
    "Selected clients:",
    "Accomplishments",
    "Main activities and responsibilities",
    "Scope:",
    "Day-to-day duties:",
    "Notable results",
    "Leadership",
    "Administration",
    "Teaching",
    "Aufgaben:",
    "Missions :",
    "Key Responsibilities:",
]
