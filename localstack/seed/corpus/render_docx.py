"""Write a document as DOCX the way Word does: styles, numbered or bulleted lists, tab stops and tables."""

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor

from blocks import Columns, Para, Table

FONTS = {
    "serif": "Cambria",
    "sans": "Calibri",
    "times": "Times New Roman",
    "garamond": "Garamond",
    "lato": "Arial",
    "mixed": "Calibri",
    "arial": "Arial",
    "mono": "Courier New",
    "palatino": "Palatino Linotype",
    "humanist": "Trebuchet MS",
    "book": "Georgia",
    "verdana": "Verdana",
}
ALIGN = {"center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}


def add_border(paragraph, sides):
    """Rules above or below a paragraph."""
    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "444444")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def add_shade(paragraph):
    """A grey band behind a paragraph."""
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", "E4E4E4")):
        shade.set(qn(f"w:{key}"), value)
    paragraph._p.get_or_add_pPr().append(shade)


def add_field(paragraph, code):
    """A field such as PAGE with a cached result of 1."""
    for kind, text in (("begin", None), (None, code), ("separate", None), ("text", "1"), ("end", None)):
        run = paragraph.add_run()
        if kind in ("begin", "separate", "end"):
            char = OxmlElement("w:fldChar")
            char.set(qn("w:fldCharType"), kind)
            run._r.append(char)
        elif kind == "text":
            run.text = text
        else:
            instr = OxmlElement("w:instrText")
            instr.text = text
            run._r.append(instr)


def running(paragraph, text):
    """A running header or footer with page fields."""
    rest = text
    while rest:
        i = min((rest.find(f) for f in ("{page}", "{pages}") if f in rest), default=-1)
        if i < 0:
            paragraph.add_run(rest)
            return
        paragraph.add_run(rest[:i])
        code = "NUMPAGES" if rest.startswith("{pages}", i) else "PAGE"
        add_field(paragraph, code)
        rest = rest[i + len("{pages}" if code == "NUMPAGES" else "{page}") :]


class Writer:
    """Writes blocks into a Word document."""

    def __init__(self, document):
        self.style, self.doc = document.style, docx.Document()
        s, section = self.style, self.doc.sections[0]
        section.page_width, section.page_height = (Mm(210), Mm(297)) if s.paper == "a4" else (Mm(215.9), Mm(279.4))
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(s.margin)
        self.width = section.page_width - 2 * Cm(s.margin)
        normal = self.doc.styles["Normal"]
        normal.font.name, normal.font.size = FONTS[s.font], Pt(s.size)
        normal.paragraph_format.space_after = Pt(s.item_gap)
        self.real_headings = s.item_gap != 1 or s.typed_bullets is False
        accent = RGBColor.from_string(s.accent)
        for name in ("Heading 1", "Title"):
            font = self.doc.styles[name].font
            font.name, font.color.rgb = FONTS[s.font], accent if s.heading.get("accent") else RGBColor(0, 0, 0)
        self.doc.styles["Heading 1"].font.bold = bool(s.heading.get("bold"))
        self.doc.styles["Heading 1"].font.size = Pt(s.size + (4 if s.heading.get("large") else 0 if s.heading.get("same") else 2))
        if document.header:
            running(section.header.paragraphs[0], document.header)
        if document.footer:
            running(section.footer.paragraphs[0], document.footer)
        self.blocks(self.doc, document.blocks, self.width)

    def add_runs(self, paragraph, runs):
        """Add runs with their formatting; links become hyperlinks."""
        for run in runs:
            if not run.text:
                continue
            added = paragraph.add_run(run.text)
            font, flags = added.font, run.flags
            if "b" in flags:
                font.bold = True
            if "i" in flags:
                font.italic = True
            if "c" in flags:
                font.small_caps = True
            if "g" in flags:
                font.color.rgb = RGBColor(0x66, 0x66, 0x66)
            if "k" in flags:
                font.color.rgb = RGBColor.from_string(self.style.accent)
            if "s" in flags or "l" in flags:
                font.size = Pt(self.style.size + (1.5 if "l" in flags else -1))
            if run.link and self.style.item_gap:
                link = OxmlElement("w:hyperlink")
                link.set(qn("r:id"), paragraph.part.relate_to(run.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
                paragraph._p.append(link)
                link.append(added._r)

    def paragraph(self, parent, para, width, first=None):
        """Add one paragraph to a document or a cell."""
        s, names = self.style, self.doc.styles
        paragraph = first if first is not None else parent.add_paragraph()
        if para.style == "heading" and self.real_headings:
            paragraph.style = names["Heading 1"]
        elif para.style == "name" and s.item_gap == 2:
            paragraph.style = names["Title"]
        elif para.style in ("bullet", "bullet2"):
            if s.typed_bullets:
                paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(
                    0.6 if para.style == "bullet" else 1.3
                ), Cm(-0.5)
                paragraph.add_run(para.glyph + ("\t" if s.item_gap else " "))
            else:
                paragraph.style = names["List Bullet" if para.style == "bullet" else "List Bullet 2"]
        form = paragraph.paragraph_format
        form.space_before = Pt(para.before)
        if para.align in ALIGN:
            form.alignment = ALIGN[para.align]
        if para.indent:
            form.left_indent = Pt(para.indent * s.size)
        self.add_runs(paragraph, para.runs)
        if para.right:
            form.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT)
            paragraph.add_run("\t")
            self.add_runs(paragraph, para.right)
        if para.style == "name" and s.item_gap != 2:
            for run in paragraph.runs:
                run.font.size = Pt(s.size + 10)
        if para.style == "headline":
            for run in paragraph.runs:
                run.font.size = Pt(s.size + 2)
        if para.style == "heading":
            form.space_after, form.keep_with_next = Pt(3), parent is self.doc
            sides = [side for key, side in (("over", "top"), ("rule", "bottom")) if s.heading.get(key)]
            if sides:
                add_border(paragraph, sides)
            if s.heading.get("shaded"):
                add_shade(paragraph)
            for run in paragraph.runs:
                if s.heading.get("underlined"):
                    run.font.underline = True
                if s.heading.get("css_spaced"):
                    spacing = OxmlElement("w:spacing")
                    spacing.set(qn("w:val"), "40")
                    run._r.get_or_add_rPr().append(spacing)

    def table(self, parent, rows, widths, width, borders=False):
        """Add a table of block lists."""
        table = parent.add_table(0, len(widths)) if parent is not self.doc else self.doc.add_table(0, len(widths))
        if borders:
            table.style = self.doc.styles["Table Grid"]
        table.autofit = False
        for column, w in zip(table.columns, widths):
            column.width = int(width * w)
        for row in rows:
            cells = table.add_row().cells
            for cell, blocks, w in zip(cells, row, widths):
                cell.width = int(width * w)
                self.blocks(cell, blocks, int(width * w) - Cm(0.4), cell.paragraphs[0])
        return table

    def blocks(self, parent, blocks, width, first=None):
        """Add blocks; first is the empty paragraph that a new cell already has."""
        for block in blocks:
            if isinstance(block, Para):
                self.paragraph(parent, block, width, first)
                first = None
            elif isinstance(block, Table):
                first = None  # text after a table must not go into the paragraph before it
                self.table(parent, block.rows, block.widths, width, block.borders)
            elif isinstance(block, Columns):
                left = block.side == "left"
                row = [block.sidebar, block.main] if left else [block.main, block.sidebar]
                self.table(parent, [row], [block.width, 1 - block.width] if left else [1 - block.width, block.width], width)
        if parent is not self.doc and blocks and isinstance(blocks[-1], Table):
            parent.add_paragraph()


def render(documents):
    """Write (document, path) pairs."""
    for document, path in documents:
        Writer(document).doc.save(path)
