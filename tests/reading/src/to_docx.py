"""Blocks to a Word file with python-docx: paragraph styles, lists, tab stops, tables, now and then a text box."""
import datetime
from html import escape

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as AL, WD_TAB_ALIGNMENT as TA
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

FONTS = dict(serif="Times New Roman", sans="Calibri", lato="Lato", roboto="Roboto", open="Open Sans", garamond="Garamond", caladea="Cambria", arial="Arial", noto="Georgia")
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def put(par, rs, th, size=None):
    for s, f in rs:
        r = par.add_run(s)
        r.bold = True if "b" in f else None
        r.italic = True if "i" in f else None
        if "s" in f:
            r.font.size = Pt(th["size"] - 1.5)
        elif size:
            r.font.size = Pt(size)
        if "c" in f:
            r.font.color.rgb = RGBColor.from_string(th["color"].upper())


def rule(par, where="bottom"):
    b = OxmlElement("w:pBdr")
    e = OxmlElement(f"w:{where}")
    for k, v in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "808080")):
        e.set(qn("w:" + k), v)
    b.append(e)
    par._p.get_or_add_pPr().append(b)


def shade(cell, color):
    cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{color}"/>'))


def textbox(par, lines):
    """An old-style (VML) text box holding lines."""
    body = "".join(f"<w:p><w:r><w:t>{escape(x)}</w:t></w:r></w:p>" for x in lines)
    par._p.append(parse_xml(f'<w:r xmlns:w="{W}" xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape style="width:460pt;height:76pt"><v:textbox><w:txbxContent>{body}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>'))


class Writer:
    def __init__(self, th, name):
        self.th, self.d = th, Document()
        d = self.d
        s = d.sections[0]
        s.left_margin = s.right_margin = s.top_margin = s.bottom_margin = Cm(th["margin"])
        if th.get("paper") != "us-letter":
            s.page_width, s.page_height = Cm(21), Cm(29.7)
        self.width = s.page_width - 2 * s.left_margin
        n = d.styles["Normal"]
        n.font.name, n.font.size = FONTS.get(th["font"], th["font"]), Pt(th["size"])
        n.element.rPr.rFonts.set(qn("w:eastAsia"), n.font.name)
        n.paragraph_format.space_after = Pt(2)
        d.core_properties.title, d.core_properties.author = name, name
        d.core_properties.created = d.core_properties.modified = datetime.datetime(2024, 1, 1)
        if th.get("header"):
            put(s.header.paragraphs[0], th["header"], th)
        if th.get("footer"):
            put(s.footer.paragraphs[0], th["footer"], th)

    def block(self, b, to, width):
        th, t = self.th, b["t"]
        if t == "p":
            if b.get("box"):
                textbox(to.add_paragraph(), ["".join(x[0] for x in r) for r in b["box"]])
                return
            p = to.add_paragraph(style="Title" if b.get("role") == "name" and th.get("titlestyle") else None)
            put(p, b["runs"], th, b.get("size"))
            p.alignment = {"c": AL.CENTER, "r": AL.RIGHT}.get(b.get("align"))
            p.paragraph_format.space_after = Pt(b.get("after", 0) + 2)
        elif t == "lr":
            p = to.add_paragraph()
            p.paragraph_format.tab_stops.add_tab_stop(width, TA.RIGHT)
            put(p, b["l"] + [("\t", "")] + b["r"], th)
        elif t == "ul":
            for i in b["items"]:
                if th.get("typed"):                         # bullets typed by hand
                    p = to.add_paragraph()
                    p.paragraph_format.left_indent, p.paragraph_format.first_line_indent = Cm(.6), Cm(-.4)
                    put(p, [(b.get("glyph", th["glyph"]) + " ", "")] + i, th)
                else:
                    p = to.add_paragraph(style="List Bullet")
                    put(p, i, th)
                p.paragraph_format.space_after = Pt(1)
        elif t == "h":
            if th.get("boldheads"):                         # no style, only bold
                p = to.add_paragraph()
                put(p, [(b["text"], "b")], th, th["size"] + 1)
            else:
                p = to.add_paragraph(b["text"], style="Heading 1" if th.get("h1") else "Heading 2")
            p.paragraph_format.space_before, p.paragraph_format.space_after = Pt(9), Pt(3)
            if th["head"] in ("rule", "under"):
                rule(p)
            if th["head"] == "center":
                p.alignment = AL.CENTER
        elif t == "hr":
            rule(to.add_paragraph())
        elif t == "gap":
            if not th.get("dense"):
                to.add_paragraph().paragraph_format.space_after = Pt(0)
        elif t in ("cols", "side"):
            cols = b["cols"] if t == "cols" else [[dict(t="p", runs=b["l"])], b["r"]]
            ws = b["w"] if t == "cols" else [b["w"], 100 - b["w"]]
            if t == "side" and th.get("tabside"):           # a margin made with a tab and a hanging indent
                first, rest = b["r"][0], b["r"][1:]
                ind = int(width * b["w"] / 100)
                p = to.add_paragraph()
                p.paragraph_format.left_indent, p.paragraph_format.first_line_indent = ind, -ind
                p.paragraph_format.tab_stops.add_tab_stop(ind)
                put(p, b["l"] + [("\t", "")] + first.get("runs", first.get("l", [])), th)
                k = len(to.paragraphs)
                for x in rest:
                    self.block(x, to, width)
                for p in to.paragraphs[k:]:
                    p.paragraph_format.left_indent = ind + (Cm(.6) if p.style.name.startswith("List") else 0)
                return
            self.grid([[c] for c in []] or [cols], ws, width, to, border=False, shade_=b.get("shade"))
        elif t == "table":
            rows = [[[dict(t="p", runs=p) for p in c] for c in r] for r in b["rows"]]
            self.grid(rows, b["w"], width, to, border=b["border"])

    def grid(self, rows, ws, width, to, border, shade_=None):
        n = len(ws)
        tab = to.add_table(len(rows), n) if to is self.d else to.add_table(len(rows), n)
        if border:
            tab.style = "Table Grid"
        tab.autofit = False
        for r, row in zip(tab.rows, rows):
            for i, (cell, bs) in enumerate(zip(r.cells, row)):
                w = int(width * ws[i] / sum(ws))
                cell.width = w
                if shade_ and i == 0:
                    shade(cell, shade_)
                for x in bs:
                    self.block(x, cell, w - Cm(.4))
                if len(cell.paragraphs) > 1 and not cell.paragraphs[0].text:
                    cell._tc.remove(cell.paragraphs[0]._p)
                if cell._tc[-1].tag.endswith("}tbl"):
                    cell.add_paragraph()


def write(bs, th, name, path):
    w = Writer(th, name)
    for b in bs:
        w.block(b, w.d, w.width)
    w.d.save(path)
