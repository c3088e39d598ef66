"""A fourth set of headings of degrees, as data (see patterns.py); land and spaced are the place as in fourth_jobs.py."""

from blocks import Run
from fourth_jobs import land

FOURTH_EDUCATION = [
    (["{dates}<: {df}>< ({school}, {land})>"], None),  # one line for everything
    (["{dates}<: {df}><, {school}>< ({land})>"], None),
    (["{dates}< – {df}><, in {school}><, {land}>"], None),
    (["{dates}< – {df}><, {school}>."], None),
    (["{dates}<:\t{school}>< ({place})>< – {df}>"], None),
    (["{dates:b}<:\t{school:b}>< ({place:b})>< – {df:b}>"], None),
    (["* {dates}<: {df}>< ({school})>"], None),
    (["{df}<, {school}><, {dates}><, {place}>"], None),
    (["{df},", "{school}<, {dates}><, {place}>"], None),
    (["{dates}<: {df}>", "{school}"], None),
    (["{dates}", "{school}", "{spaced}< {field}>", "{degree}"], None),
    (["{dates}", "{school}", "{place}< {df}>"], None),
    (["{dates}", "{degree}< : {field}>< {school}>< + {spaced}>"], None),
    (["{dates}", "{degree}< : {field}>< {school}>< {spaced}>"], None),
    (["{degree}< , {field}>< {school}>< + {spaced}>"], None),
    (["{degree}< : {field}>< {dates}>", "{school}< + {spaced}>"], None),
    (["{degree}< , {field}>< {dates}>", "{school}< {spaced}>"], None),
    (["{degree}< {field}>", "{school}< {dates}>"], None),
    (["{school}<, {place}>          {dates}", "{degree}<, {field}>"], None),
    (["{school:b}<, {place:b}>< Expected Graduation: {dates}>", "{degree}<, {field}>"], None),
    (["{degree}", "{field}", "{school}", "{dates}"], None),
    (["{field:b}", "{degree}<, {school}>||{dates}"], None),
    (["{field}< ({degree})>", "{school}< – {dates}>"], None),
    (["{school:b}", "{field}< | {degree}>< | {dates}>"], None),
    (["{degree:b}<, major {field}>", "{school}<, {dates}>"], None),
    (["{dates}< {field}>< – {degree}>", "{school}"], None),
]


def extras(entry, fields, rng):
    """The runs of the fields that only these headings have."""
    out = {}
    if "land" in fields and entry["place"]:
        out["land"] = [Run(land(entry["place"], rng), "edu_place")]
    if "spaced" in fields and entry["place"]:
        out["spaced"] = [Run(entry["place"].replace(", ", " , "), "edu_place")]
    return out
