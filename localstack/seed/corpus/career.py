"""Made-up careers: jobs with titles, teams and points, skills, certifications and the other sections."""

import re

import employers
import people
import teams
from third_jobs import BREAK_LINES, BREAKS
from sources import COMMON_SKILLS
from career_lists import ASIDES, COMMON_TITLES, MEASURES, PEOPLE, POINTS, PREFIX, STUDENT_TITLES, SUFFIX, TECH_TITLES, THINGS, VERBS


def a_title(rng, src, code, career_share=0.6):
    """Make a job title out of an occupation."""
    group = code[:2]
    if group == "15" and rng.random() < 0.75:
        return rng.choice(TECH_TITLES.split("|"))
    if group in COMMON_TITLES and rng.random() < career_share:
        return rng.choice(COMMON_TITLES[group].split("|"))
    return rng.choice(src.titles[code])


def decorate(rng, title, age):
    """Add seniority, levels or a second title."""
    roll = rng.random()
    if age <= 1 and roll < 0.4:
        return rng.choice(STUDENT_TITLES).format(title)
    if roll < 0.25 and not re.match(r"(Senior|Sr|Chief|Head|VP|Lead|Junior)", title):
        return f"{rng.choice(PREFIX)} {title}"
    if roll < 0.33:
        return title + rng.choice(SUFFIX)
    if roll < 0.36:
        return rng.choice(
            [
                f"{title} → Senior {title}",
                f"Junior {title} to {title}",
                f"{title}, then Team Lead",
                f"{title} (previously Assistant)",
                "Founder & CEO",
                "Co-founder and CTO",
                "Owner",
                "Owner / Operator",
                "Managing Director",
                "VP",
                "Partner",
                f"{title} / Consultant",
                f"{title} and Trainer",
                "Co-Founder",
                f"Director, {title}",
            ]
        )
    return title


def point(rng, src, code, skills, typo_rate):
    """Make one point of a job."""
    roll = rng.random()
    if roll < 0.38 and code[:2] in ("15", "13", "11", "17", "43", "41") or roll < 0.06:
        text = rng.choice(src.sentences)
    elif roll < 0.66:
        text = rng.choice(src.tasks[code])
        if rng.random() < 0.5:
            text = past(text)
        if rng.random() < 0.5:
            text = text.rstrip(".")
        if rng.random() < 0.25:
            text = text.split(",")[0]
    else:
        s1, s2, s3 = rng.sample(skills, 3)
        e = lambda: employers.employer(rng)
        year = rng.randrange(2004, 2025)
        text = rng.choice(POINTS).format(
            v=rng.choice(VERBS),
            v2=rng.choice(VERBS).lower(),
            thing=rng.choice(THINGS),
            thing2=rng.choice(MEASURES),
            n=rng.randrange(5, 60),
            n2=rng.randrange(61, 99),
            k=rng.randrange(2, 30),
            people=rng.choice(PEOPLE),
            s=s1,
            s2=s2,
            s3=s3,
            e=e(),
            e2=e(),
            t=a_title(rng, src, code),
            t2=a_title(rng, src, code),
            y=year,
            y2=year + 1,
            award=rng.choice(["Service", "President's", "Team", "Innovation"]),
            place=people.a_city(rng, "US")["name"],
            place2=people.a_city(rng, "GB")["name"],
            month=rng.choice(["May", "June", "January", "October"]),
        )
    if rng.random() < typo_rate:
        i = rng.randrange(1, max(2, len(text) - 2))
        text = text[:i] + text[i + 1 : i + 2] + text[i : i + 1] + text[i + 2 :]
    return re.sub(r"\s+", " ", text).strip()


def past(text):
    """Put the first verb of an O*NET task into the past."""
    word, _, rest = text.partition(" ")
    irregular = {
        "Write": "Wrote",
        "Make": "Made",
        "Keep": "Kept",
        "Teach": "Taught",
        "Take": "Took",
        "Give": "Gave",
        "Set": "Set",
        "Lead": "Led",
        "Read": "Read",
        "Drive": "Drove",
        "Meet": "Met",
        "Hold": "Held",
        "Cut": "Cut",
        "Run": "Ran",
        "Plan": "Planned",
        "Confer": "Conferred",
        "Sell": "Sold",
        "Build": "Built",
        "Buy": "Bought",
        "Oversee": "Oversaw",
        "Put": "Put",
        "Weld": "Welded",
    }
    if word.rstrip(",") in irregular:
        return irregular[word.rstrip(",")] + ("," if word.endswith(",") else "") + " " + rest
    bare, comma = word.rstrip(","), "," if word.endswith(",") else ""
    if not re.fullmatch(r"[A-Z][a-z]+", bare):
        return text
    form = bare + "d" if bare.endswith("e") else bare[:-1] + "ied" if re.search("[^aeiou]y$", bare) else bare + "ed"
    return f"{form}{comma} {rest}"


def skills_for(rng, src, code, n):
    """Make a list of skills of an occupation."""
    pool = list(src.tools.get(code, []))
    common = (COMMON_SKILLS["15"] if code[:2] == "15" else COMMON_SKILLS[""]).split("|")
    out = []
    while len(out) < n:
        roll = rng.random()
        name = rng.choice(pool) if pool and roll < 0.4 else rng.choice(src.esco) if roll > 0.92 else rng.choice(common)
        if name.lower() not in [o.lower() for o in out] and people.printable(name.replace("’", "'")):
            out.append(name[0].upper() + name[1:] if rng.random() < 0.6 and not re.search("[A-Z]", name) else name)
    return out


def jobs(rng, src, code, country, size, skills):
    """Make the jobs of a career, the latest first; jobs of one employer in a row are a promotion."""
    year, month = 2026, rng.choice([1, 2, 3])
    current = rng.random() < 0.7
    typo_rate = 0.03 if rng.random() < 0.12 else 0
    end = None if current else (year - rng.choice([0, 0, 1, 1, 2, 4]), rng.randrange(1, 13), rng.randrange(1, 29))
    if end and end[0] == 2026:
        end = (2026, month, 10)
    out, previous = [], None
    home = people.place(rng, country)
    place_style = rng.choice(["local", "local", "country", "city", "region"])
    many_points = rng.choice([2, 3, 4, 4, 5, 6, 8])
    names_teams = rng.choice([0.05, 0.12, 0.2, 0.85])
    for i in range(size):
        base = (year, month) if end is None else end[:2]
        months = (
            rng.choice([3, 4, 6, 8, 11, 12, 14, 18, 22, 24, 27, 30, 36, 40, 48, 60, 84, 120])
            if size < 7
            else rng.choice([9, 14, 18, 24, 30, 36])
        )
        if size <= 2:
            months = min(months, 14)
        total = base[0] * 12 + base[1] - 1 - months
        start = (total // 12, total % 12 + 1, rng.randrange(1, 29))
        promoted = previous is not None and rng.random() < 0.2
        job_code = code if rng.random() < 0.8 else rng.choice(src.groups[code[:2]])
        if i == size - 1 and size > 2 and rng.random() < 0.3:
            job_code = rng.choice(src.codes)
        foreign = rng.random() < 0.1
        job = {
            "employer": previous["employer"] if promoted else employers.employer(rng, job_code[:2]),
            "promoted": promoted,
            "title": decorate(rng, a_title(rng, src, job_code), size - 1 - i),
            "team": teams.team(rng) if rng.random() < names_teams else None,
            "place": (
                previous["place"]
                if promoted
                else (
                    people.place(rng, people.weighted(rng, people.COUNTRIES) if foreign else country, place_style)
                    if rng.random() < 0.7
                    else home
                )
            ),
            "start": start,
            "end": end,
            "aside": None,
            "about": None,
            "points": [],
            "texts": [],
        }
        if rng.random() < 0.12:
            job["aside"] = rng.choice(ASIDES).format(
                e=employers.employer(rng), y=base[0], a="".join(rng.choice("ABCDKLMNT") for _ in range(4))
            )
        if not promoted and rng.random() < 0.12:
            job["about"] = employers.about(rng)
        n = max(1, many_points + rng.choice([-2, -1, 0, 0, 1, 2])) if rng.random() > 0.1 else 0
        job["points"] = list(dict.fromkeys(point(rng, src, job_code, skills, typo_rate) for _ in range(n)))
        if rng.random() < 0.08:
            job["texts"] = [
                " ".join(
                    t if t.endswith(".") else t + "." for t in [point(rng, src, job_code, skills, 0) for _ in range(rng.choice([1, 2, 3]))]
                )
            ]
        missing = rng.random()
        if missing > 0.97 and not promoted and i:
            texts = [rng.choice(BREAK_LINES)] if rng.random() < 0.4 else []
            job.update(title=rng.choice(BREAKS), employer=None, place=None, team=None, aside=None, about=None, points=[], texts=texts)
        elif missing < 0.02:
            job["title"] = None
        elif missing < 0.035 and not promoted:
            job["employer"] = None
        elif missing < 0.045:
            job["no_dates"] = True
        out.append(job)
        previous = job if job["employer"] else None
        gap = rng.choice([0, 0, 0, 1, 1, 2, 3, 6, 12]) if not promoted and rng.random() < 0.9 else 0
        total = start[0] * 12 + start[1] - 1 - gap
        if rng.random() < 0.06:
            total += rng.choice([2, 4, 8])
        end = (total // 12, total % 12 + 1, rng.randrange(1, 29))
        if end[:2] >= (2026, month):
            end = (2025, 12, 31)
    return out
