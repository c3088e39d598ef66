"""A fourth set of headings of jobs, as data (see patterns.py): one line for everything, with few or no signs between the parts.

More fields: land (the place with the country first), spaced (the place with blanks before its commas), site (the employer's web address),
and code (a number behind the title).
"""

import re
import unicodedata

from blocks import Run

FOURTH_JOBS = [
    (["{dates}<: {title}><, {employer}>< ({land})>"], None),  # one line, the place in brackets
    (["{dates:b}:< {title:b}><, {employer:b}>< ({land:b})>"], None),
    (["{dates}<: {title}><, {employer}>< ({place})>,"], None),
    (["{dates}< – {title}><, {employer}>< ({land})>< {site}>"], None),
    (["* {dates:b}<: {title:b}><, {employer:b}>< ({land:b})>< {site}>"], None),
    (["* {dates}<  {title:u}><, {employer}><, {land}>"], None),
    (["{dates}<\t{employer}>< ({place})>< – {title}>"], None),
    (["{dates:b}<:\t{employer:b}>< ({place:b})>< – {title:b}>"], None),
    (["{dates}<\t{title}>< – {employer}>< ({land})>"], None),
    (["{employer}< ({land})>< – {title}><, {dates}>"], None),
    (["{title}<, {employer}>< ({land})>< {dates}>"], None),
    (["{title:b}< ({employer}, {land})>||{dates}"], None),
    (["{dates}< {title}>< / {employer}>< / {land}>"], None),
    (["{employer:b}< ({place})>< {dates}>", "{title}"], None),
    (["{title:b}<, {employer}><, {site}><, {place}>", "{dates}"], None),
    (["{title:b}||{employer:b}<, {team}><, {place}>< — {dates}>"], None),  # the title at the left, all the rest at the right
    (["{title}||{employer}<, {place}><, {dates}>"], None),
    (["{title:b}||{employer:b}< ({dates})>", "||{about:s}"], None),
    (["{dates:b}||{title:b}<, {employer}>"], None),
    (["{employer:b}<, {team}>||{title}< | {dates}>"], None),
    (["{dates}", "{title}< {employer}>< {spaced}>"], None),  # nothing between the parts but a blank
    (["{dates}", "{title}< {employer}>< - {spaced}>"], None),
    (["{dates}", "{title}< {employer}>< + {spaced}>"], None),
    (["{dates}", "{employer}< {spaced}>< {title}>"], None),
    (["{dates}", "{employer}< {place}>< {title}>< {code}>"], None),
    (["{title}< {dates}>", "{employer}< + {spaced}>"], None),
    (["{title}< {dates}>", "{employer}< {place}>"], None),
    (["{title}< {dates}>", "{employer}< | {spaced}>"], None),
    (["{title:b}< {dates}>", "{employer}<, {place}>"], None),
    (["{title}", "{employer}< {spaced}>< {dates}>"], None),
    (["{title}<, {dates}>", "{employer}< – {spaced}>"], None),
    (["{dates}", "{title}", "{employer}< {spaced}>"], None),
    (["{employer}< {place}>||{dates}", "{title}"], None),
    (["{title}< {employer}>< {dates}>"], None),
    (["{employer}< {dates}>", "{title}"], None),
    (["{dates}< {employer}>< {place}>", "{title}"], None),
    (["{title:b}<, {employer:b}>< ( {dates} )>"], None),
    (["{title:b}< {code}>", "{employer}<, {spaced}>< {dates}>"], None),
    (["{employer:b}<, {place}>  {dates}", "{title:i}"], None),  # blanks in place of a tab
    (["{employer:b}<, {place}>          {dates}", "{title:i}"], None),
]
CODES = "(GS-{n}-{m})|[{n}/{m}]|(Grade {m})|- Level {m}|({n})|(Band {m})|#{n}|(E-{m})|(Req {n})|(AFSC {n})".split("|")


def site(employer, rng):
    """A made-up web address of an employer."""
    plain = unicodedata.normalize("NFKD", employer).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)[:2]
    host = rng.choice(["", "", "-"]).join(words) or "firm"
    return rng.choice(["www.{}.com", "www.{}.com", "{}.io", "https://{}.com", "www.{}.co", "{}.de", "http://www.{}.net"]).format(host)


def land(place, rng):
    """A place with the country or the region first, or that alone."""
    parts = place.split(", ")
    return parts[-1] if rng.random() < 0.25 else ", ".join(reversed(parts))


def pair_titles(jobs, rng, another):
    """Give some jobs two titles with a slash between them."""
    for job in jobs:
        if job["title"] and job["employer"] and rng.random() < 0.12:
            first = job["title"].rsplit(" ", 1)[0] if rng.random() < 0.4 else job["title"]
            job["title"] = first + rng.choice(["/", "/", " / ", "/ "]) + another()


def extras(job, fields, rng):
    """The runs of the fields that only these headings have."""
    out = {}
    if "land" in fields and job["place"]:
        out["land"] = [Run(land(job["place"], rng), "job_place")]
    if "spaced" in fields and job["place"]:
        out["spaced"] = [Run(job["place"].replace(", ", " , "), "job_place")]
    if "site" in fields and job["employer"] and rng.random() < 0.7:
        out["site"] = [Run(site(job["employer"], rng), "aside")]
    if "code" in fields and rng.random() < 0.7:
        out["code"] = [Run(rng.choice(CODES).format(n=rng.randrange(100, 9000), m=rng.randrange(2, 15)), "aside")]
    return out
