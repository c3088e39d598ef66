"""Headings of jobs as filled forms have them: a label and an answer in each row, rows well apart (see patterns.py)."""

FORM_JOBS = [
    (["{title}", "{employer}", "{from}", "{to}"], ["Position:", "Employer:", "From:", "To:"], "form"),
    (["{title}", "{employer}", "{from}", "{to}", "{place}"], ["Job Title", "Company", "Start Date", "End Date", "Location"], "form"),
    (["{employer}", "{title}", "{dates}"], ["Employer:", "Position held:", "Dates:"], "form"),
    (["{title}", "{employer}", "{from}", "{to}"], ["Role", "Organisation", "From", "Until"], "form"),
    (["{employer}", "{title}", "{from}", "{to}"], ["Company name:", "Job title:", "Start:", "End:"], "form"),
    (["{title}", "{employer}", "{place}", "{dates}"], ["Occupation:", "Employer:", "Town:", "Dates:"], "form"),
    (["{employer}", "{title}", "{from}", "{to}"], ["Name of employer", "Post held", "Date from", "Date to"], "form"),
    (["{title}", "{employer}", "{place}", "{dates}"], ["Title:", "Employer:", "City:", "Period of employment:"], "form"),
    (["{employer}", "{team}", "{title}", "{dates}"], ["Company:", "Department:", "Position:", "Duration:"], "form"),
    (["{from}", "{to}", "{employer}", "{title}"], ["From:", "To:", "Employer:", "Position:"], "form"),
    (["{employer}", "{title}", "{from}", "{to}"], ["Firm:", "Designation:", "Joined:", "Left:"], "form"),
    (["{title:b}", "{employer}", "{from}", "{to}"], ["Position", "Employer", "From", "To"], "form"),
]
