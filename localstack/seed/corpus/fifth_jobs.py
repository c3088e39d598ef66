"""A fifth set of headings of jobs, as data (see patterns.py): most name a team beside the employer, some the employer behind what was done.

{BODY} is where the text of the job stands, where it does not follow the heading; {BODY:Words} puts a label over it.
"""

import teams

FIFTH_JOBS = [
    (["{team:b}<, {employer:b}>||{dates}", "{title:i}"], None),  # a team and an employer
    (["{employer:b}<, {team:b}>||{dates}", "{title:i}"], None),
    (["{title:b}||{dates}", "{team}<, {employer}><, {place}>"], None),
    (["{title:b}||{dates}", "{employer}<, {team}><, {place}>"], None),
    (["{title:b}<, {team}><, {employer}>< ({dates})>"], None),
    (["{title:b}<, {employer}><, {team}>< ({dates})>"], None),
    (["{title:b}<, {team:i}>", "{employer}<, {place}>< | {dates}>"], None),
    (["{title:b}", "{team}< – {employer}>", "{dates:g}< · {place:g}>"], None),
    (["{title:b}", "{employer}< – {team}>", "{dates:g}< · {place:g}>"], None),
    (["{employer:b}< ({team})>||{dates}", "{title}"], None),
    (["{team:b}< ({employer})>||{dates}", "{title}"], None),
    (["{title}< in {team}><, {employer}>||{dates}"], None),
    (["{title:b}< – {team}>< – {employer}>< – {dates}>"], None),
    (["{title:b}< – {employer}>< – {team}>< – {dates}>"], None),
    (["{dates}<: {title}><, {team}><, {employer}>"], None),
    (["{dates}<\t{employer:b}><, {team}><, {place}>", "~{title:i}"], None),
    (["{dates}<\t{team}><, {employer:b}><, {place}>", "~{title:i}"], None),
    (["{title:b}< | {team}>< | {employer}>< | {dates}>"], None),
    (["{title:b}< | {employer}>< | {team}>< | {dates}>"], None),
    (["{employer:b}< / {team}>", "{title}< / {dates}>"], None),
    (["{team}< / {employer:b}>", "{title}< / {dates}>"], None),
    (["{employer:b}<: {team}>||{place}", "{title:i}||{dates:i}"], None),
    (["{title:b}", "{employer}", "{team}", "{dates}"], None),
    (["{title:b}", "{team}", "{employer}", "{dates}"], None),
    (["{dates:g}", "{title:b}<, {team}>", "{employer}<, {place}>"], None),
    (["{title:b}<, {employer}>", "{team:i}||{dates}"], None),
    (["{employer:b}", "{team:i}", "{title}||{dates}"], None),
    (["{title:b}< ({team})><, {employer}><, {place}>||{dates}"], None),
    (["{team}< · {employer}>||{dates}", "{title:b}"], None),
    (["{title:b}< at {employer:b}><, {team}>||{dates}"], None),
    (["{title:b}", "{team}<, {employer}>"], ["{dates}"]),
    (["{title:b}", "{employer}<, {team}>"], ["{dates}"]),
    ([["{dates}"], ["{employer}<, {team}>"], ["{title}"]], ["Dates", "Employer", "Position"], "grid", [0.24, 0.42, 0.34]),
    ([["{title}"], ["{team}"], ["{employer}"], ["{dates}"]], ["Position", "Department", "Employer", "Dates"], "grid", [0.28, 0.22, 0.28, 0.22]),
    (  # the employer behind what was done, as a form of many European applications has it
        ["{dates}", "{title}", "{BODY}", "{employer}<, {place}>"],
        ["Dates", "Occupation or position held", "Main activities and responsibilities", "Name and address of employer"],
        "pairs",
    ),
    (
        ["{dates}", "{title}", "{BODY}", "{employer}", "{team}", "{place}"],
        ["Period", "Position", "Main duties", "Employer", "Department", "Location"],
        "pairs",
    ),
    (["{title}", "{dates}", "{BODY}", "{employer}"], ["Job title:", "From – to:", "Tasks:", "Company:"], "pairs"),
    (["{dates}", "{title}", "{employer}", "{BODY}"], ["Dates (from – to)", "Position", "Employer", "Responsibilities"], "pairs"),
    (
        ["{=Dates:} {dates}", "{=Position held:} {title}", "{BODY:Main activities:}", "{=Name of employer:} {employer}<, {place}>"],
        None,
    ),
    (["{=Period:} {dates}", "{=Function:} {title}", "{BODY:Duties:}", "{=Organisation:} {employer}", "{=Town:} {place}"], None),
    (["{title:b}||{dates}", "{BODY}", "{employer:i}<, {place:i}>"], None),
    (["{dates:b}< {title:b}>", "{BODY}", "{=Employer:} {employer}"], None),
]


def give_teams(jobs, rng, subjects):
    """Give most jobs a team: one from the lists, or a subject of work."""
    for job in jobs:
        if job["employer"] and not job["team"] and rng.random() < 0.7:
            subject = rng.choice(subjects)
            own = len(subject.split()) <= 3 and rng.random() < 0.35
            job["team"] = rng.choice([subject.title(), subject.capitalize()]) if own else teams.team(rng)
