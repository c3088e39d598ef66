"""DOCX by python-docx: the shapes that Word templates have, with tables and with the contact line in the page header."""

import datetime

import docx
from docx.shared import Inches, Pt

import tools


def heading(document, person, name):
    document.add_heading(person.heading(name), level=1)


def bullets(container, lines):
    for line in lines:
        container.add_paragraph(line, style="List Bullet")


def with_tables(document, person):
    """Name and contact stand in the page header; jobs and skills in tables, dates in the left column."""
    head = document.sections[0].header
    head.paragraphs[0].text = person.basics["name"]
    head.paragraphs[0].runs[0].font.size = Pt(20)
    head.paragraphs[0].runs[0].bold = True
    head.add_paragraph(person.basics["label"])
    head.add_paragraph(" | ".join(person.contact))
    heading(document, person, "summary")
    document.add_paragraph(person.basics["summary"])
    heading(document, person, "work")
    table = document.add_table(rows=0, cols=2)
    table.autofit = False
    table.columns[0].width, table.columns[1].width = Inches(1.5), Inches(5.2)
    for job in person.work:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Inches(1.5), Inches(5.2)
        cells[0].text = person.period(job)
        cells[1].paragraphs[0].add_run(job["position"]).bold = True
        cells[1].add_paragraph(f"{job['name']}, {job['location']}")
        bullets(cells[1], job["highlights"])
    heading(document, person, "skills")
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    table.autofit = False
    table.columns[0].width, table.columns[1].width = Inches(1.9), Inches(4.8)
    for group in person.skills:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Inches(1.9), Inches(4.8)
        cells[0].text, cells[1].text = group["name"], ", ".join(group["keywords"])


def plain(document, person):
    """Title, headings, bullets; dates behind a tab."""
    document.add_heading(person.basics["name"], level=0)
    document.add_paragraph(f"{person.basics['label']}\n" + "  •  ".join(person.contact))
    heading(document, person, "summary")
    document.add_paragraph(person.basics["summary"])
    heading(document, person, "work")
    for job in person.work:
        line = document.add_paragraph()
        line.paragraph_format.tab_stops.add_tab_stop(Inches(5.2))
        line.add_run(f"{job['position']}, {job['name']}").bold = True
        line.add_run(f"\t{person.period(job)}")
        document.add_paragraph(job["location"])
        bullets(document, job["highlights"])
    heading(document, person, "skills")
    for group in person.skills:
        document.add_paragraph(f"{group['name']}: {', '.join(group['keywords'])}")


def save(person, target):
    document = docx.Document()
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].paragraph_format.space_after = Pt(3)
    for side in ("left_margin", "right_margin"):
        setattr(document.sections[0], side, Inches(0.9))
    core = document.core_properties
    core.author, core.title = person.basics["name"], f"Résumé of {person.basics['name']}"
    core.comments = ""
    core.created = core.modified = datetime.datetime(2026, 11, 2, 9)
    (with_tables if person.layout == "docx-tables" else plain)(document, person)
    heading(document, person, "education")
    for item in person.education:
        document.add_paragraph(f"{person.degree(item)}, {item['institution']}, {person.period(item)}")
    if person.certificates:
        heading(document, person, "certificates")
        bullets(document, person.certificate_lines())
    if person.languages:
        heading(document, person, "languages")
        document.add_paragraph(", ".join(person.language_lines()))
    document.save(target)
    tools.fix_zip(target)
