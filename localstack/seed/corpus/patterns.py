"""The order and separators of the parts of a job's or a degree's heading, as data.

A line is text with {field:flags}; <...> is dropped when a field in it is missing; || starts the part at the right
margin; "* " and "** " give the line a bullet; {=Words} prints a label; a pattern with "left" is a row of a table.
"""

from fifth_jobs import FIFTH_JOBS
from form_jobs import FORM_JOBS
from fourth_jobs import FOURTH_JOBS
from fourth_studies import FOURTH_EDUCATION
from more_jobs import MORE_BANNERS, MORE_JOBS
from more_studies import MORE_EDUCATION, SCHOOL_BANNERS
from third_jobs import THIRD_BANNERS, THIRD_JOBS
from third_studies import THIRD_EDUCATION, THIRD_SCHOOL_BANNERS

JOBS = [  # (lines, left cell or None)
    (["{employer:b}<, {place}>||{dates}", "{title:i}"], None),
    (["{employer:b}||{place}", "{title:i}||{dates:i}"], None),
    (["{title:b}||{dates}", "{employer}<, {place}>"], None),
    (["{title:b}", "{employer}< | {place}>< | {dates}>"], None),
    (["{title:b}", "{employer}", "{place}<, {dates}>"], None),
    (["{title:b}", "{employer}< - {place}>", "{dates:i}"], None),
    (["{employer:b}", "{title:i}< ({dates})>"], None),
    (["{employer:b}", "{title}", "{dates:g}< | {place:g}>"], None),
    (["{title:b}<, {employer}><, {place}><, {dates}>"], None),
    (["{title:b}< | {employer}>< | {place}>< | {dates}>"], None),
    (["{title:b}< · {employer}>< · {dates:g}>"], None),
    (["{title:b}< at {employer:b}>||{dates}"], None),
    (["{title}< — {employer:b}>||{dates:i}", "{place:g}"], None),
    (["{employer:b}< – {title}>< ({dates})>"], None),
    (["{title:b}< / {employer}>< / {dates}>"], None),
    (["{employer:b}<, {place}>< ({dates})>", "{title:i}"], None),
    (["{title:b}<, {employer}>< ({dates})>"], None),
    (["{dates}< {employer:b}><, {place}>", "~{title:i}"], None),
    (["{dates:b}", "{title:b}< – {employer}><, {place}>"], None),
    (["{dates:g}", "{employer:b}", "{title:i}"], None),
    (["{title:b}<, {employer}><, {place}>"], ["{dates}"]),
    (["{employer:b}<, {place}>", "{title:i}"], ["{dates:b}"]),
    (["{title:b}", "{employer:i}"], ["{dates}", "{place:g}"]),
    (["{employer:b}< | {title}>"], ["{dates:i}"]),
    (["{title:b}<, {employer}>"], ["{dates:s}"]),
    (["{employer:bu}||{place}", "{title:b}||{dates}"], None),
    (["{employer:bc}||{dates}", "{title:i}<, {team:i}>||{place:i}"], None),
    (["{title:c}<, {employer:b}>||{dates}"], None),
    (["* {employer:b}||{place}", "~{title:i}||{dates:i}"], None),  # an employer line that itself has a bullet
    (["* {title:b}< | {employer}>||{dates}"], None),
    (["* {employer:b}<, {place}>", "** {title:i}< ({dates})>"], None),
    (["* {dates}<: {title}><, {employer}>"], None),
    (["{=Company:} {employer:b}", "{=Designation:} {title}", "{=Duration:} {dates}", "{=Location:} {place}"], None),
    (["{=Client:} {employer:b}<, {place}>||{dates:b}", "{=Role:} {title:b}"], None),
    (["{=Employer:} {employer}", "{=Position:} {title}", "{=Period:} {dates}"], None),
    (["{=Organization} : {employer:b}", "{=Role} : {title}", "{=Period} : {dates}"], None),
    (["{title:b}<, {team}>< | {employer}>||{dates}"], None),
    (["{team:i}< | {title:b}>", "{employer:b}<, {place}>||{dates}"], None),
    (["{title:b}< – {team:i}>", "{employer}<, {place}>< · {dates}>"], None),
    (["{employer:b}<, {team}>||{dates}", "{title:i}||{place:i}"], None),
    (["{employer:bl}", "{dates:g}< – {place:g}>", "{title:b}"], None),
    (["{title:bk}", "{employer:b}", "{dates:g}", "{place:g}"], None),
    (["{title:bk}", "{employer:k}||{dates:g}< | {place:g}>"], None),
    (["{employer:bk}< {place:g}>||{dates:g}", "{title:c}"], None),
    (["{title}", "{employer}", "{dates}"], None),
    (["{employer}", "{title}", "{place}", "{dates}"], None),
    (["{employer}< - {title}>< - {dates}>"], None),
    (["{employer:b}< ({place})>: {title}<, {dates}>"], None),
    (["{title:b}< with {employer}>< from {dates}>"], None),
    (["{title:u}", "{employer}<, {place}>||{dates}"], None),
    (["{employer:u}< // {title}>", "{dates:s}< // {place:s}>"], None),
    (["{dates}< | {title:b}>< | {employer}>< | {place}>"], None),
    (["{dates}< — {employer:b}>< — {title:i}>"], None),
    (["{dates:i}||{place:i}", "{title:b}< @ {employer:b}>"], None),
    (["{title:b}< @ {employer}>", "{dates}< ({place})>"], None),
    (["{employer:b}< | {place}>< | {dates}>", "{title:bi}"], None),
    (["{title:i}||{dates}", "{employer:b}||{place}"], None),
    (["{title:b}<, {place}>||{dates}", "{employer:i}"], None),
    (["{employer:b}||{title:i}", "{place:s}||{dates:s}"], None),
    (["{place:g}", "{employer:b}", "{title}||{dates}"], None),
    (["{employer:b}<, {title}>< [{dates}]>"], None),
    (["{title:b}< • {employer}>< \u2022 {place}>< \u2022 {dates}>"], None),
    (["{title:b}< - {employer:b}>", "{dates}"], None),
    (["{employer:b}< — {place}>||{dates}", "{title:i}<, {team:i}>"], None),
    (["{title:b}", "{dates}", "{employer}<, {place}>"], None),
    (["{title:b}:< {employer}><, {place}>||{dates}"], None),
    (["{dates:b}< as {title:b}>< in {employer}><, {place}>"], None),
    (["{employer:b}", "{about:i}", "{title:b}||{dates}"], None),
    (["{employer:b}<, {place}>||{dates}", "{about:is}", "{title:bi}"], None),
    (["{title:b}< ({aside})>", "{employer}||{place}", "{dates:s}"], None),
    (["{employer:b}", "{title}< ({place})>"], ["{dates}"]),
    (["{title:b}", "{employer}< | {place}>"], ["{dates:sg}"]),
    (["{employer:b}", "{title}", "{dates}", "{place}"], None),  # as a professional network exports it
    (["{title:b}", "{employer}< · {aside}>", "{dates:g}", "{place:g}"], None),
    (["{dates}< – {place}>", "{title:bu}< – {employer:u}>"], None),
    (["{employer:b}, {title:i}||{place}< | {dates}>"], None),
    (["{title:b}<, {team}><, {employer}><, {place}><, {dates}>"], None),
    (["{employer:b}<, {place}>", "{title:i}"], ["{dates}"], "row"),  # a table row with the dates at the right
    (["{title:b}< | {employer}>"], ["{dates}", "{place}"], "row"),
    (["{employer:bu}", "{title}"], ["{place}", "{dates:b}"], "row"),
    (["{dates} {title:b}", "{employer}<, {place}>"], None),
    (["{title:i}", "{employer:bl}< | {dates}>"], None),
    (["{employer:b}< – {place:i}>", "{dates}< – {title:b}>"], None),
    (["{place}<: {employer:b}>", "{title:i}< ({dates})>"], None),
    (["{employer} | {title:b} | {dates}"], None),
    (["{title:b}< for {employer}><, {place}>||{dates:i}"], None),
    (["* {dates}< – {title:b}>", "~{employer}<, {place}>"], None),
    (["{team:b}", "{title:i}< · {employer}>||{dates}"], None),
    (["{employer:b}", "* {title}< ({dates})>"], None),
]

BANNERS = [  # (lines of the employer, lines of each role), None = each job repeats its employer
    None,
    (["{employer:b}<, {place}>||{dates}"], ["{title:i}||{dates:i}"]),
    (["{employer:b}<, {place}>"], ["{title:i}||{dates}"]),
    (["{employer:bl}"], ["{title:b}< ({dates})>"]),
    (["{employer:b}< · {place}>", "{dates:g}"], ["{title:b}", "{dates:g}"]),
    (["{employer:b}||{place}"], ["* {title:i}||{dates}"]),
    None,
    (["{employer:bu}||{dates}"], ["~{title:b}< | {dates}>"]),
    (["{employer:b}"], ["{dates}< – {title}>"]),
    (["{employer:bk}< | {place}>", "{about:i}"], ["{title:b}< | {dates}>"]),
    (["* {employer:b}||{place}"], ["** {title:i}< ({dates})>"]),
    (["{employer:b}< ({dates})>"], ["{title:bi}<, {dates}>"]),
]

EDUCATION = [  # {df} stands for the degree and the field with a joiner between them
    (["{school:b}||{dates}", "{df}"], None),
    (["{df:b}", "{school}<, {dates}>"], None),
    (["{df:b}<, {school}><, {dates}>"], None),
    (["{school:b}||{place}", "{df:i}||{dates:i}"], None),
    (["{school:b}", "{df}<, {dates}>"], None),
    (["{df:b}< · {grade}>", "{school}< · {dates}>"], None),
    (["{df}< - {school}>< ({dates})>"], None),
    (["{dates:b}", "{df}", "{school}"], None),
    (["{df:b}", "{school}"], ["{dates}"]),
    (["{school:b}< — {df}>", "{place}"], ["{dates}"]),
    (["{df:b}||{dates}", "{school:i}<, {place}>", "{grade}"], None),
    (["{school:b}<, {place}>", "{df}< ({grade})>", "{dates}"], None),
    (["{df:b}< | {school}>< | {dates}>"], None),
    (["{dates}< {school:b}>", "~{df}"], None),
    (["* {df}<, {school}><, {dates}>"], None),
    (["* {school:b}||{dates}", "~{df:i}"], None),
    (["{df:bk}", "{school}", "{dates:g}< | {place:g}>"], None),
    (["{df:b}< from {school}>< in {dates}>"], None),
    (["{school:bu}<, {place}>", "{df}||{dates}"], None),
    (["{df}< @ {school:b}>||{dates}"], None),
    (["{school}<, {df}><, {dates}>"], None),
    (["{dates}:< {df:b}><, {school}>"], None),
    (["{school:b}< | {place}>||{dates}", "{df}<, {grade}>"], None),
    (["{df:b}", "{school}<, {place}>< – {dates}>"], None),
    (["{school:c}||{dates}", "{df:i}||{grade:i}"], None),
    (["{=Degree:} {df}", "{=Institution:} {school}", "{=Year:} {dates}"], None),
    (["{df:b}< ({dates})>", "{school:i}"], None),
    (["{school:b}", "{df}", "{grade}", "{dates}"], None),
    (["{df:b}", "{school}"], ["{dates}"], "row"),
    (["{school:b}<, {place}>", "{df:i}"], ["{dates}", "{grade}"], "row"),
]

FIRST_JOBS = len(JOBS)  # the number of the first of MORE_JOBS
JOBS += MORE_JOBS
BANNERS += MORE_BANNERS
EDUCATION += MORE_EDUCATION
OLD_JOBS, OLD_BANNERS, OLD_EDUCATION = len(JOBS), len(BANNERS), len(EDUCATION)  # the layouts before THIRD_JOBS have only these
JOBS += THIRD_JOBS + FORM_JOBS
BANNERS += THIRD_BANNERS
EDUCATION += THIRD_EDUCATION
SCHOOL_BANNERS += THIRD_SCHOOL_BANNERS
THIRD_JOBS_END, THIRD_EDUCATION_END = len(JOBS), len(EDUCATION)  # older layouts keep their bytes: they know nothing newer
JOBS += FOURTH_JOBS
FOURTH_JOBS_END = len(JOBS)
JOBS += FIFTH_JOBS
EDUCATION += FOURTH_EDUCATION
