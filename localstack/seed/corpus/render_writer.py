"""Write a document as flat OpenDocument text and convert it to DOCX with LibreOffice, many in one run."""

import os
import shutil
import subprocess
import tempfile
from xml.sax.saxutils import escape, quoteattr

from blocks import Columns, Para, Table

FONTS = {
    "serif": "Liberation Serif",
    "sans": "Liberation Sans",
    "times": "Liberation Serif",
    "garamond": "EB Garamond",
    "lato": "Lato",
    "mixed": "Carlito",
    "arial": "Liberation Sans",
    "mono": "Liberation Mono",
    "palatino": "Noto Serif",
    "humanist": "Open Sans",
    "book": "Caladea",
    "verdana": "DejaVu Sans",
}
NAMESPACES = (
    " ".join(
        f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for p, n in (
            ("office", "office"),
            ("style", "style"),
            ("text", "text"),
            ("table", "table"),
            ("fo", "xsl-fo-compatible"),
            ("svg", "svg-compatible"),
        )
    )
    + ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)


class Writer:
    """Collects the styles that the text needs."""

    def __init__(self, document):
        self.document, self.style = document, document.style
        s = self.style
        paper = (21.0, 29.7) if s.paper == "a4" else (21.59, 27.94)
        self.paper, self.width = paper, paper[0] - 2 * s.margin
        self.automatic = {}
        self.tables = 0

    def named(self, family, body):
        """Name an automatic style."""
        if (family, body) not in self.automatic:
            self.automatic[family, body] = f"{family[0].upper()}{len(self.automatic) + 1}"
        return self.automatic[family, body]

    def runs(self, runs):
        """Runs as spans."""
        out = []
        for run in runs:
            if not run.text:
                continue
            f, s = run.flags, self.style
            props = "".join(
                text
                for flag, text in (
                    ("b", 'fo:font-weight="bold" '),
                    ("i", 'fo:font-style="italic" '),
                    ("c", 'fo:font-variant="small-caps" '),
                    ("g", 'fo:color="#666666" '),
                    ("k", f'fo:color="#{s.accent}" '),
                    ("s", f'fo:font-size="{s.size - 1}pt" '),
                    ("l", f'fo:font-size="{s.size + 1.5}pt" '),
                )
                if flag in f
            )
            body = escape(run.text).replace("\n", "<text:line-break/>")
            while "  " in body:
                body = body.replace("  ", " <text:s/>", 1)
            body = "<text:s/>" + body[1:] if body.startswith(" ") else body
            body = body[:-1] + "<text:s/>" if body.endswith(" ") else body
            if props:
                body = f'<text:span text:style-name="{self.named("text", props)}">{body}</text:span>'
            out.append(f'<text:a xlink:type="simple" xlink:href={quoteattr(run.link)}>{body}</text:a>' if run.link and s.item_gap else body)
        return "".join(out)

    def paragraph(self, para, width):
        """One paragraph with its automatic style."""
        s, h = self.style, self.style.heading
        props, text, parent, tab = f'fo:margin-top="{para.before}pt" ', "", "Standard", ""
        if para.align != "left":
            props += f'fo:text-align="{ {"center": "center", "right": "end"}[para.align] }" '
        if para.indent:
            props += f'fo:margin-left="{para.indent * s.size}pt" '
        if para.right:
            tab = f'<style:tab-stops><style:tab-stop style:position="{width:.2f}cm" style:type="right"/></style:tab-stops>'
        if para.style == "heading":
            parent = "Heading_20_1"
            props += (
                ('fo:border-bottom="0.5pt solid #444444" ' if h.get("rule") else "")
                + ('fo:border-top="0.5pt solid #444444" ' if h.get("over") else "")
                + ('fo:background-color="#e4e4e4" ' if h.get("shaded") else "")
                + 'fo:margin-bottom="3pt" '
                + ('fo:keep-with-next="always" ' if width > self.width - 0.1 else "")
            )
            text = (
                ('fo:letter-spacing="2pt" ' if h.get("css_spaced") else "")
                + ('style:text-underline-style="solid" ' if h.get("underlined") else "")
                + f'fo:font-size="{s.size + (4 if h.get("large") else 0 if h.get("same") else 1.5)}pt" fo:font-weight="{"bold" if h.get("bold") else "normal"}" '
            )
        elif para.style == "name":
            text = f'fo:font-size="{s.size + 10}pt" '
        elif para.style == "headline":
            text = f'fo:font-size="{s.size + 2}pt" '
        elif para.style in ("bullet", "bullet2") and s.typed_bullets:
            props += f'fo:margin-left="{0.6 if para.style == "bullet" else 1.3}cm" fo:text-indent="-0.5cm" '
        name = self.named(
            "paragraph", f"{parent}|<style:paragraph-properties {props}>{tab}</style:paragraph-properties><style:text-properties {text}/>"
        )
        body = self.runs(para.runs) + ("<text:tab/>" + self.runs(para.right) if para.right else "")
        if para.style in ("bullet", "bullet2") and s.typed_bullets:
            body = escape(para.glyph) + ("<text:tab/>" if s.item_gap else " ") + body
        if para.style == "heading":
            return f'<text:h text:style-name="{name}" text:outline-level="1">{body}</text:h>'
        return f'<text:p text:style-name="{name}">{body}</text:p>'

    def blocks(self, blocks, width):
        """All blocks; paragraphs with bullets in a row become a list."""
        out, i = [], 0
        while i < len(blocks):
            block = blocks[i]
            if isinstance(block, Para) and block.style in ("bullet", "bullet2") and not self.style.typed_bullets:
                kind, glyph, items = block.style, block.glyph, []
                while i < len(blocks) and isinstance(blocks[i], Para) and blocks[i].style == kind:
                    items.append(f"<text:list-item>{self.paragraph(blocks[i], width - 0.6)}</text:list-item>")
                    i += 1
                out.append(f'<text:list text:style-name="{self.named("list", glyph + kind)}">{"".join(items)}</text:list>')
                continue
            if isinstance(block, Para):
                out.append(self.paragraph(block, width))
            elif isinstance(block, Table):
                out.append(self.table(block.rows, block.widths, width, block.borders))
            elif isinstance(block, Columns):
                left = block.side == "left"
                widths = [block.width, 1 - block.width] if left else [1 - block.width, block.width]
                out.append(self.table([[block.sidebar, block.main] if left else [block.main, block.sidebar]], widths, width))
            i += 1
        return "".join(out)

    def table(self, rows, widths, width, borders=False):
        """A table of block lists."""
        self.tables += 1
        cell_style = self.named(
            "cell", 'fo:border="0.5pt solid #888888" fo:padding="0.05cm"' if borders else 'fo:border="none" fo:padding="0.05cm"'
        )
        columns = "".join(f'<table:table-column table:style-name="{self.named("column", f"{width * w:.2f}cm")}"/>' for w in widths)
        body = "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell table:style-name="{cell_style}" office:value-type="string">{self.blocks(cell, width * w - 0.2) or "<text:p/>"}</table:table-cell>'
                for cell, w in zip(row, widths)
            )
            + "</table:table-row>"
            for row in rows
        )
        return f'<table:table table:name="Table{self.tables}" table:style-name="{self.named("grid", f"{width:.2f}cm")}">{columns}{body}</table:table>'

    def styles(self):
        """The automatic styles that were asked for."""
        out = []
        for (family, body), name in self.automatic.items():
            if family == "text":
                out.append(f'<style:style style:name="{name}" style:family="text"><style:text-properties {body}/></style:style>')
            elif family == "paragraph":
                parent, inner = body.split("|", 1)
                out.append(
                    f'<style:style style:name="{name}" style:family="paragraph" style:parent-style-name="{parent}">{inner}</style:style>'
                )
            elif family == "list":
                glyph, margin = body[0], 0.6 if body.endswith("bullet") else 1.3
                out.append(
                    f'<text:list-style style:name="{name}"><text:list-level-style-bullet text:level="1" text:bullet-char="{glyph}"><style:list-level-properties text:list-level-position-and-space-mode="label-alignment"><style:list-level-label-alignment text:label-followed-by="listtab" fo:text-indent="-0.5cm" fo:margin-left="{margin}cm"/></style:list-level-properties></text:list-level-style-bullet></text:list-style>'
                )
            elif family == "cell":
                out.append(
                    f'<style:style style:name="{name}" style:family="table-cell"><style:table-cell-properties {body}/></style:style>'
                )
            elif family == "column":
                out.append(
                    f'<style:style style:name="{name}" style:family="table-column"><style:table-column-properties style:column-width="{body}"/></style:style>'
                )
            else:
                out.append(
                    f'<style:style style:name="{name}" style:family="table"><style:table-properties style:width="{body}" table:align="left"/></style:style>'
                )
        return "".join(out)

    def source(self):
        """The whole flat OpenDocument file."""
        s = self.style
        body = self.blocks(self.document.blocks, self.width)
        fields = (
            lambda t: escape(t)
            .replace("{page}", '<text:page-number text:select-page="current">1</text:page-number>')
            .replace("{pages}", "<text:page-count>1</text:page-count>")
        )
        header = f"<style:header><text:p>{fields(self.document.header)}</text:p></style:header>" if self.document.header else ""
        footer = f"<style:footer><text:p>{fields(self.document.footer)}</text:p></style:footer>" if self.document.footer else ""
        page = f'<style:page-layout style:name="pm"><style:page-layout-properties fo:page-width="{self.paper[0]}cm" fo:page-height="{self.paper[1]}cm" fo:margin="{s.margin}cm"/></style:page-layout>'
        base = f'<style:style style:name="Standard" style:family="paragraph"><style:text-properties style:font-name="F" fo:font-family="{FONTS[s.font]}" fo:font-size="{s.size}pt"/></style:style><style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="paragraph" style:parent-style-name="Standard" style:default-outline-level="1"/>'
        return f'<?xml version="1.0" encoding="UTF-8"?><office:document {NAMESPACES} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text"><office:styles>{base}</office:styles><office:automatic-styles>{page}{self.styles()}</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="pm">{header}{footer}</style:master-page></office:master-styles><office:body><office:text>{body}</office:text></office:body></office:document>'


def render(documents):
    """Convert (document, path) pairs in one run of soffice."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, (document, path) in enumerate(documents):
            name = os.path.join(folder, f"d{i}.fodt")
            with open(name, "w", encoding="utf-8") as out:
                out.write(Writer(document).source())
            names.append(name)
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{folder}/profile",
                "--headless",
                "--convert-to",
                "docx:MS Word 2007 XML",
                "--outdir",
                folder,
            ]
            + names,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=600,
        )
        for i, (_, path) in enumerate(documents):
            made = os.path.join(folder, f"d{i}.docx")
            if os.path.exists(made):
                shutil.move(made, path)
            else:
                print("soffice failed:", path)
