"""A flat OpenDocument text for LibreOffice Writer, which saves it as PDF, ODT, RTF or DOCX."""

from html import escape

NAMESPACES = " ".join(f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in [
    ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"), ("fo", "xsl-fo-compatible"),
    ("svg", "svg-compatible"), ("meta", "meta")]) + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'

STYLES = """
<office:font-face-decls><style:font-face style:name="F" svg:font-family="{font}"/></office:font-face-decls>
<office:styles>
<style:default-style style:family="paragraph"><style:paragraph-properties fo:margin-top="0in" fo:margin-bottom="0.03in"
 fo:orphans="2" fo:widows="2"/><style:text-properties style:font-name="F" fo:font-size="{size}" fo:language="en" fo:country="US"/></style:default-style>
<style:style style:name="Standard" style:family="paragraph"/>
<style:style style:name="Name" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-size="21pt" fo:font-weight="bold"/></style:style>
<style:style style:name="Label" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-size="12.5pt" fo:color="#444444"/></style:style>
<style:style style:name="Section" style:family="paragraph" style:parent-style-name="Standard" style:default-outline-level="1"><style:paragraph-properties
 fo:margin-top="0.16in" fo:margin-bottom="0.05in" fo:border-bottom="0.8pt solid #555555" fo:keep-with-next="always"/><style:text-properties fo:font-size="12pt" fo:font-weight="bold"/></style:style>
<style:style style:name="Job" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:margin-top="0.07in"
 fo:keep-with-next="always"><style:tab-stops><style:tab-stop style:position="{tab}" style:type="right"/></style:tab-stops></style:paragraph-properties><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Place" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:keep-with-next="always"/><style:text-properties fo:font-style="italic"/></style:style>
<style:style style:name="Small" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-size="8.5pt" fo:color="#666666"/></style:style>
<text:list-style style:name="L"><text:list-level-style-bullet text:level="1" text:bullet-char="•"><style:list-level-properties
 text:list-level-position-and-space-mode="label-alignment"><style:list-level-label-alignment text:label-followed-by="listtab"
 text:list-tab-stop-position="0.22in" fo:text-indent="-0.18in" fo:margin-left="0.22in"/></style:list-level-properties></text:list-level-style-bullet></text:list-style>
</office:styles>
<office:automatic-styles>
<style:page-layout style:name="P"><style:page-layout-properties fo:page-width="8.5in" fo:page-height="11in" fo:margin-top="0.7in"
 fo:margin-bottom="0.6in" fo:margin-left="0.8in" fo:margin-right="0.8in"/><style:footer-style><style:header-footer-properties fo:min-height="0.25in" fo:margin-top="0.1in"/></style:footer-style></style:page-layout>
<style:style style:name="Two" style:family="section"><style:section-properties text:dont-balance-text-columns="true"><style:columns fo:column-count="2" fo:column-gap="0.35in">
<style:column style:rel-width="1*" fo:start-indent="0in" fo:end-indent="0.175in"/><style:column style:rel-width="1*" fo:start-indent="0.175in" fo:end-indent="0in"/></style:columns></style:section-properties></style:style>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P"><style:footer><text:p text:style-name="Small">{footer}</text:p></style:footer></style:master-page></office:master-styles>
"""


def para(text, style="Standard"):
    """One paragraph; a tab in the text becomes a tab stop."""
    return f'<text:p text:style-name="{style}">{escape(text).replace(chr(9), "<text:tab/>")}</text:p>'


def bullets(lines):
    return '<text:list text:style-name="L">' + "".join(f"<text:list-item>{para(line)}</text:list-item>" for line in lines) + "</text:list>"


def section(person, name, body):
    title = f'<text:h text:style-name="Section" text:outline-level="1">{escape(person.heading(name))}</text:h>'
    return title + body if body else ""


def two_columns(body):
    return f'<text:section text:style-name="Two" text:name="columns">{body}</text:section>'


def flat(body, font="Carlito", title="", author="", footer="", tab="6.9in", size="10.5pt"):
    """The whole document around a body of paragraphs."""
    styles = STYLES.format(font=font, tab=tab, footer=footer, size=size)
    meta = f"<office:meta><dc:title>{escape(title)}</dc:title><meta:initial-creator>{escape(author)}</meta:initial-creator></office:meta>"
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {NAMESPACES} office:version="1.3" '
            f'office:mimetype="application/vnd.oasis.opendocument.text">{meta}{styles}<office:body><office:text>{body}</office:text></office:body></office:document>')


def work(person):
    parts = []
    for job in person.work:
        first, second = ("name", "position") if person.theme == "serif" else ("position", "name")
        parts.append(para(f"{job[first]}\t{person.period(job)}", "Job"))
        parts.append(para(f"{job[second]}, {job['location']}", "Place"))
        parts.append(bullets(job["highlights"]))
    return section(person, "work", "".join(parts))


def education(person):
    return section(person, "education", "".join(
        para(f"{item['institution']}\t{person.period(item)}", "Job") + para(person.degree(item)) for item in person.education))


def skills(person):
    return section(person, "skills", "".join(
        para(("" if group["name"] == "Skills" else f"{group['name']}: ") + ", ".join(group["keywords"])) for group in person.skills))


def extras(person):
    return (section(person, "certificates", bullets(person.certificate_lines()) if person.certificates else "")
            + section(person, "languages", para(", ".join(person.language_lines())) if person.languages else ""))


def research(person):
    """Publications and awards, which only researchers have."""
    papers = [f"{item['name']}. {item['publisher']}, {item['releaseDate']}" for item in person.publications]
    prizes = [f"{item['title']}, {item['awarder']}, {item['date']}" for item in person.awards]
    return (section(person, "publications", bullets(papers) if papers else "")
            + section(person, "awards", bullets(prizes) if prizes else ""))


def document(person):
    head = para(person.basics["name"], "Name") + para(person.basics["label"], "Label") + para(" | ".join(person.contact))
    summary = section(person, "summary", para(person.basics["summary"]))
    about = {"title": f"{person.basics['name']}, {person.basics['label']}", "author": person.basics["name"],
             "font": "Caladea" if person.theme == "serif" else "Carlito"}
    if person.layout == "writer-two-column":
        columns = summary + work(person) + education(person) + skills(person) + research(person) + extras(person)
        return flat(head + two_columns(columns), tab="3.27in", footer="References on request", **about)
    # Some people name their certificates before their schools: nurses are asked for the licence first.
    late = extras(person) + education(person) if "Nurse" in person.basics["label"] else education(person) + extras(person)
    footer = f"{escape(person.basics['name'])}, page <text:page-number/>"
    return flat(head + summary + work(person) + skills(person) + late, footer=footer, **about)
