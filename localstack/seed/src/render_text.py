"""Plain text, the way it is pasted into application forms."""

import textwrap

WIDTH = 78


def wrap(text, first="", rest=""):
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def section(person, name, lines):
    if not lines:
        return []
    title = person.heading(name)
    rule = ["-" * len(title)] if person.theme == "ruled" else []
    return ["", title, *rule, *lines]


def work(person):
    lines = []
    for job in person.work:
        if lines:
            lines.append("")
        if person.theme == "ruled":
            lines.append(f"{job['position']} | {job['name']} | {job['location']} | {person.period(job)}")
        else:
            lines += [f"{job['name']}, {job['location']}", f"{job['position']}, {person.period(job)}"]
        for highlight in job["highlights"]:
            lines += wrap(highlight, "* " if person.theme == "caps" else "- ", "  ")
    return lines


def document(person):
    """The whole text, lines of at most 78 characters, LF at the end of each."""
    name = person.basics["name"]
    lines = [name.upper() if person.theme == "caps" else name, person.basics["label"]]
    lines += [" | ".join(person.contact)] if person.theme == "ruled" else person.contact
    lines += section(person, "summary", wrap(person.basics["summary"]))
    lines += section(person, "work", work(person))
    lines += section(person, "education", [
        f"{person.degree(item)}, {item['institution']}, {person.period(item)}" for item in person.education])
    lines += section(person, "skills", [line for group in person.skills for line in wrap(", ".join(group["keywords"]))])
    lines += section(person, "certificates", person.certificate_lines())
    lines += section(person, "languages", [", ".join(person.language_lines())] if person.languages else [])
    return "\n".join(lines) + "\n"
