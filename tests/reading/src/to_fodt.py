"""Blocks to a flat OpenDocument text, for LibreOffice to make a Word file of."""
from html import escape

FONTS = dict(serif="Liberation Serif", sans="Carlito", lato="Lato", roboto="Roboto", open="Open Sans", garamond="EB Garamond", caladea="Caladea", arial="Liberation Sans", noto="Noto Serif")
NS = " ".join(f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{u}"' for p, u in dict(office="office:1.0", text="text:1.0", style="style:1.0", fo="xsl-fo-compatible:1.0", table="table:1.0", svg="svg-compatible:1.0", meta="meta:1.0").items())


def q(s):
    return escape(s).replace("\t", "<text:tab/>").replace("  ", ' <text:s text:c="1"/>')


class Writer:
    def __init__(self, th):
        self.th, self.styles, self.n = th, {}, 0

    def style(self, family, props):
        key = (family, props)
        if key not in self.styles:
            self.styles[key] = f"{family[0].upper()}{len(self.styles)}"
        return self.styles[key]

    def rs(self, rs):
        out = ""
        for s, f in rs:
            a = ""
            a += ' fo:font-weight="bold"' if "b" in f else ""
            a += ' fo:font-style="italic"' if "i" in f else ""
            a += f' fo:font-size="{self.th["size"] - 1.5}pt"' if "s" in f else ""
            a += f' fo:color="#{self.th["color"]}"' if "c" in f else ""
            out += f'<text:span text:style-name="{self.style("text", f"<style:text-properties{a}/>")}">{q(s)}</text:span>' if a else q(s)
        return out

    def p(self, inner, props="", text="", tag="p", parent="Standard"):
        tp = f"<style:text-properties {text}/>" if text else ""
        body = props if props.startswith("<") else f"<style:paragraph-properties {props}/>"
        st = self.style("paragraph", body + tp + f"|{parent}")
        lvl = ' text:outline-level="1"' if tag == "h" else ""
        return f'<text:{tag} text:style-name="{st}"{lvl}>{inner}</text:{tag}>'

    def block(self, b, width):
        th, t = self.th, b["t"]
        if t == "p":
            al = {"c": "center", "r": "end"}.get(b.get("align"), "start")
            return self.p(self.rs(b["runs"]), f'fo:text-align="{al}" fo:margin-bottom="{b.get("after", 0) + 2}pt"', f'fo:font-size="{b["size"]}pt"' if b.get("size") else "")
        if t == "lr":
            tabs = f'<style:paragraph-properties fo:margin-bottom="2pt"><style:tab-stops><style:tab-stop style:position="{width:.2f}cm" style:type="right"/></style:tab-stops></style:paragraph-properties>'
            return self.p(self.rs(b["l"]) + "<text:tab/>" + self.rs(b["r"]), tabs)
        if t == "ul":
            return '<text:list text:style-name="L1">' + "".join(f"<text:list-item>{self.p(self.rs(i))}</text:list-item>" for i in b["items"]) + "</text:list>"
        if t == "h":
            line = ' fo:border-bottom="0.5pt solid #555555"' if th["head"] in ("rule", "under") else ""
            al = "center" if th["head"] == "center" else "start"
            return self.p(q(b["text"]), f'fo:text-align="{al}" fo:margin-top="9pt" fo:margin-bottom="3pt"{line}', f'fo:font-weight="bold" fo:font-size="{th["size"] + 2}pt"', tag="p" if th.get("boldheads") else "h", parent="Standard" if th.get("boldheads") else "Heading_20_1")
        if t == "hr":
            return self.p("", 'fo:border-bottom="0.5pt solid #555555"')
        if t == "gap":
            return "" if th.get("dense") else self.p("")
        if t == "table":
            return self.grid([[[dict(t="p", runs=p) for p in c] for c in r] for r in b["rows"]], b["w"], width, b["border"])
        cols = b["cols"] if t == "cols" else [[dict(t="p", runs=b["l"])], b["r"]]
        return self.grid([cols], b["w"] if t == "cols" else [b["w"], 100 - b["w"]], width, False, b.get("shade"))

    def grid(self, rows, ws, width, border, shade=None):
        self.n += 1
        ws = [width * w / sum(ws) for w in ws]
        tst = self.style("table", f'<style:table-properties style:width="{width:.2f}cm"/>')
        cols = "".join(f'<table:table-column table:style-name="{self.style("table-column", f"""<style:table-column-properties style:column-width="{w:.2f}cm"/>""")}"/>' for w in ws)
        body = ""
        for r in rows:
            cells = ""
            for i, c in enumerate(r):
                sh = f' fo:background-color="#{shade}"' if shade and i == 0 else ""
                cst = self.style("table-cell", f'<style:table-cell-properties fo:padding="0.1cm" fo:border="{"0.5pt solid #888888" if border else "none"}"{sh}/>')
                cells += f'<table:table-cell table:style-name="{cst}">{"".join(self.block(x, ws[i] - .2) for x in c) or "<text:p/>"}</table:table-cell>'
            body += f"<table:table-row>{cells}</table:table-row>"
        return f'<table:table table:name="T{self.n}" table:style-name="{tst}">{cols}{body}</table:table>'


def source(bs, th, name):
    w = Writer(th)
    us = th.get("paper") == "us-letter"
    pw, ph = (21.59, 27.94) if us else (21.0, 29.7)
    body = "".join(w.block(b, pw - 2 * th["margin"]) for b in bs)
    hf = ""
    if th.get("header"):
        hf += f"<style:header><text:p>{w.rs(th['header'])}</text:p></style:header>"
    if th.get("footer"):
        hf += f"<style:footer><text:p>{w.rs(th['footer'])}</text:p></style:footer>"
    auto = ""
    for (fam, props), n in w.styles.items():
        props, _, parent = props.partition("|")
        auto += f'<style:style style:name="{n}" style:family="{fam}"' + (f' style:parent-style-name="{parent}"' if parent else "") + f">{props}</style:style>"
    hs = "".join(f'<style:{k}-style><style:header-footer-properties fo:min-height="0.6cm"/></style:{k}-style>' for k in ("header", "footer"))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {NS} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:styles><style:default-style style:family="paragraph"><style:text-properties style:font-name="F" fo:font-family="{FONTS.get(th['font'], th['font'])}" fo:font-size="{th['size']}pt" fo:language="en" fo:country="GB"/></style:default-style>
<style:style style:name="Standard" style:family="paragraph"/><style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="paragraph" style:parent-style-name="Standard" style:default-outline-level="1"/>
</office:styles><office:automatic-styles><style:page-layout style:name="PL"><style:page-layout-properties fo:page-width="{pw}cm" fo:page-height="{ph}cm" fo:margin="{th['margin']}cm"/>{hs}</style:page-layout>
<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1" text:bullet-char="{th['glyph']}"><style:list-level-properties text:list-level-position-and-space-mode="label-alignment"><style:list-level-label-alignment text:label-followed-by="listtab" fo:text-indent="-0.5cm" fo:margin-left="0.8cm"/></style:list-level-properties></text:list-level-style-bullet></text:list-style>
{auto}</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="PL">{hf}</style:master-page></office:master-styles>
<office:body><office:text>{body}</office:text></office:body></office:document>"""
