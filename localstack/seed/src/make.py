"""Makes the demo résumés and their ground truth from `people/*.json`.

    python3 make.py            # everything
    python3 make.py maren      # only the people whose key contains the word; the truth is always written whole

Needed only to change a résumé, never to use one: libreoffice-writer-nogui, chromium, poppler-utils, fonts-crosextra-caladea,
fonts-lato, fonts-crosextra-carlito (Debian), and `pip install python-docx==1.2.0`.
"""

import json
import pathlib
import sys

import render_docx
import render_html
import render_text
import render_writer
import tools
from person import Person

SRC = pathlib.Path(__file__).resolve().parent
RESUMES = SRC.parent / "resumes"
# Jobs that go on are counted up to this month, so that the truth does not change with the calendar.
AS_OF = "2026-11"
KINDS = {"pdf": "PDF", "docx": "DOCX", "odt": "ODT", "rtf": "RTF", "txt": "text", "html": "HTML", "json": "JSON Resume"}


def render(person, target):
    match person.layout:
        case "json-resume":
            resume = {name: value for name, value in person.data.items() if name != "meta"}
            schema = {"$schema": "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"}
            target.write_text(json.dumps(schema | resume, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        case "txt":
            target.write_text(render_text.document(person), encoding="utf-8")
        case "html":
            target.write_text(render_html.document(person), encoding="utf-8")
        case layout if layout.startswith("docx-"):
            render_docx.save(person, target)
        case layout if layout.startswith("writer-"):
            tools.convert_with_writer(render_writer.document(person), target)
        case layout if layout.startswith("chromium-"):
            tools.print_with_chromium(render_html.document(person), target)
        case layout:
            raise SystemExit(f"{person.key}: no such layout: {layout}")


def month(iso):
    return int(iso[:4]) * 12 + int(iso[5:7]) - 1


def months_worked(jobs):
    """Calendar months in which the person had at least one job, first and last month counted."""
    worked = set()
    for job in jobs:
        worked.update(range(month(job["startDate"]), month(job.get("endDate", AS_OF)) + 1))
    return len(worked)


def shown(person, iso):
    """A date with the precision that the document gives it."""
    if iso is None or person.dates == "YYYY":
        return iso and iso[:4]
    return iso[:7]


def truth(person):
    basics, path = person.basics, RESUMES / person.file
    digits = "".join(char for char in basics["phone"] if char.isdigit())
    return {
        "kind": KINDS[person.ext],
        "layout": person.layout,
        "columns": 2 if "sidebar" in person.layout or "two-column" in person.layout else 1,
        "pages": tools.page_count(path) if person.ext == "pdf" else None,
        "name": basics["name"],
        "email": basics["email"],
        "phone": "+" + (digits if len(digits) == 11 else "1" + digits),
        "url": basics.get("url"),
        "location": person.place,
        "headline": basics["label"],
        "current_title": person.work[0]["position"],
        "employers": list(dict.fromkeys(job["name"] for job in person.work)),
        "experience": [
            {"employer": job["name"], "title": job["position"], "location": job.get("location"),
             "start": shown(person, job["startDate"]), "end": shown(person, job.get("endDate")),
             "current": "endDate" not in job}
            for job in person.work
        ],
        "schools": list(dict.fromkeys(item["institution"] for item in person.education)),
        "education": [
            {"school": item["institution"], "degree": item["studyType"], "field": item["area"],
             "start": item["startDate"][:4], "end": item["endDate"][:4]}
            for item in person.education
        ],
        "skills": [skill for group in person.skills for skill in group["keywords"]],
        "languages": [item["language"] for item in person.languages],
        "certifications": [item["name"] for item in person.certificates],
        "years": round(months_worked(person.work) / 12, 1),
        # A résumé that gives years only cannot be read more exactly than this.
        "years_tolerance": 1.0 if person.dates == "YYYY" else 0.2,
    }


def main():
    wanted = sys.argv[1:]
    RESUMES.mkdir(exist_ok=True)
    people = [Person(path) for path in sorted((SRC / "people").glob("*.json"))]
    for person in people:
        if not wanted or any(word in person.key for word in wanted):
            render(person, RESUMES / person.file)
            print(f"{person.file:36} {(RESUMES / person.file).stat().st_size:7} bytes")
    truths = {"as_of": AS_OF, "resumes": {person.file: truth(person) for person in people}}
    (SRC.parent / "truth.json").write_text(json.dumps(truths, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
