"""A person's résumé source (JSON Resume with a `meta.render` part) and the words a layout puts around it."""

import json
import pathlib

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]

# Headings as people really write them; a reader that knows only one wording fails on the others.
HEADINGS = {
    "serif": {"summary": "Summary", "work": "Experience", "education": "Education", "skills": "Skills",
              "certificates": "Certifications", "languages": "Languages", "projects": "Projects"},
    "plain": {"summary": "Professional Summary", "work": "Professional Experience", "education": "Education",
              "skills": "Core Skills", "certificates": "Certifications", "languages": "Languages", "projects": "Projects",
              "publications": "Publications", "awards": "Honors and Awards"},
    "navy": {"summary": "Profile", "work": "Work Experience", "education": "Education", "skills": "Technical Skills",
             "certificates": "Certificates", "languages": "Languages", "projects": "Projects"},
    "teal": {"summary": "About Me", "work": "Employment History", "education": "Education and Training",
             "skills": "Skills & Tools", "certificates": "Certificates", "languages": "Languages",
             "projects": "Projects and Volunteering"},
    "plum": {"summary": "Hello", "work": "Experience", "education": "Education", "skills": "Skills",
             "certificates": "Certificates", "languages": "Languages", "projects": "Projects"},
    "caps": {"summary": "OBJECTIVE AND PROFILE", "work": "WORK HISTORY", "education": "EDUCATION", "skills": "SKILLS",
             "certificates": "CERTIFICATIONS", "languages": "LANGUAGES", "projects": "PROJECTS"},
    "ruled": {"summary": "Summary of Qualifications", "work": "Professional Experience", "education": "Education",
              "skills": "Skills", "certificates": "Licenses and Certifications", "languages": "Languages",
              "projects": "Projects"},
}
PRESENT = {"serif": "Present", "plain": "Present", "navy": "now", "teal": "Present", "plum": "today", "caps": "to date",
           "ruled": "Current"}


class Person:
    """One résumé, with the wording that its theme gives it."""

    def __init__(self, path):
        self.key = pathlib.Path(path).stem
        self.data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.basics = self.data["basics"]
        self.work = self.data["work"]
        self.education = self.data["education"]
        self.skills = self.data["skills"]
        render = self.data["meta"]["render"]
        self.layout, self.ext, self.dates, self.theme = (render[name] for name in ("layout", "ext", "dates", "theme"))

    def __getattr__(self, name):
        return self.data.get(name, [])

    @property
    def file(self):
        return f"{self.key}.{self.ext}"

    @property
    def place(self):
        where = self.basics["location"]
        return f"{where['city']}, {where['region']}"

    @property
    def contact(self):
        """The parts of the contact line that this person has."""
        return [part for part in (self.place, self.basics["phone"], self.basics["email"], self.basics.get("url")) if part]

    def heading(self, section):
        return HEADINGS[self.theme].get(section, section.capitalize())

    def date(self, iso):
        """A date the way this résumé writes dates; years alone stay years."""
        year, month = iso[:4], iso[5:7]
        if not month or self.dates == "YYYY":
            return year
        name = MONTHS[int(month) - 1]
        return {"Mon YYYY": f"{name[:3]} {year}", "Month YYYY": f"{name} {year}", "MM/YYYY": f"{month}/{year}",
                "ISO": iso}[self.dates]

    def period(self, item):
        start, end = item.get("startDate"), item.get("endDate")
        dash = " to " if self.theme == "caps" else " - " if self.theme in ("ruled", "navy") else " – "
        last = self.date(end) if end else PRESENT[self.theme]
        if last == "to date":
            return f"{self.date(start)} {last}"
        return f"{self.date(start)}{dash}{last}"

    def degree(self, item):
        """The degree with its field, unless the degree's own name has the field in it."""
        degree, field = item["studyType"], item["area"]
        return degree if field.lower() in degree.lower() else f"{degree} in {field}"

    def certificate_lines(self):
        return [f"{item['name']}, {item['issuer']}, {item['date'][:4]}" for item in self.certificates]

    def language_lines(self):
        return [f"{item['language']} ({item['fluency']})" for item in self.languages]
