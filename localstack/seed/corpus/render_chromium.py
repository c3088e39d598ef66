"""Write a document as HTML and print it to PDF with one Chromium process."""

import base64
import html
import itertools
import json
import os
import subprocess
import tempfile
import time

import websocket

from blocks import Columns, Para, Table

FONTS = {
    "serif": "'Liberation Serif', serif",
    "sans": "'Liberation Sans', sans-serif",
    "times": "'TeX Gyre Termes','Liberation Serif', serif",
    "garamond": "'EB Garamond', serif",
    "lato": "Lato, 'Carlito', sans-serif",
    "mixed": "Carlito, sans-serif",
    "arial": "'Liberation Sans', sans-serif",
    "mono": "'Liberation Mono', monospace",
    "palatino": "'TeX Gyre Pagella','Noto Serif', serif",
    "humanist": "'Open Sans', sans-serif",
    "book": "'Caladea', serif",
    "verdana": "'DejaVu Sans', sans-serif",
}


def run_html(run):
    """One run with its style."""
    if not run.text:
        return ""
    css = "".join(
        rule
        for flag, rule in (
            ("b", "font-weight:bold;"),
            ("i", "font-style:italic;"),
            ("c", "font-variant:small-caps;"),
            ("g", "color:#666;"),
            ("s", "font-size:88%;"),
            ("l", "font-size:115%;"),
            ("k", "color:var(--accent);"),
        )
        if flag in run.flags
    )
    body = html.escape(run.text).replace("\n", "<br>")
    body = f'<span style="{css}">{body}</span>' if css else body
    return f'<a href="{html.escape(run.link)}">{body}</a>' if run.link else body


def runs_html(runs):
    return "".join(run_html(run) for run in runs)


def para_html(para, style):
    """One paragraph, a heading or a line with a right part."""
    body = runs_html(para.runs)
    css = f"margin-top:{para.before}pt;" if para.before else ""
    css += f"text-align:{para.align};" if para.align != "left" else ""
    css += f"padding-left:{para.indent}em;" if para.indent else ""
    if para.right:
        body = f'<span>{body}</span><span class="r">{runs_html(para.right)}</span>'
        css += "display:flex;justify-content:space-between;gap:1em;"
    tag = {"heading": "h2", "name": "h1", "headline": "h3"}.get(para.style, "p")
    return f'<{tag} style="{css}">{body}</{tag}>\n'


def blocks_html(blocks, style):
    """All blocks; paragraphs with bullets in a row become a list."""
    out, i = [], 0
    while i < len(blocks):
        block = blocks[i]
        if isinstance(block, Para) and block.style in ("bullet", "bullet2"):
            kind = block.style
            out.append(f'<ul class="{kind}" style="list-style-type:\'{block.glyph} \'">')
            while i < len(blocks) and isinstance(blocks[i], Para) and blocks[i].style == kind:
                body = runs_html(blocks[i].runs)
                if blocks[i].right:
                    body = f'<div class="line"><span>{body}</span><span class="r">{runs_html(blocks[i].right)}</span></div>'
                out.append(f"<li>{body}</li>")
                i += 1
            out.append("</ul>\n")
            continue
        if isinstance(block, Para):
            out.append(para_html(block, style))
        elif isinstance(block, Table):
            rows = "".join(
                "<tr>"
                + "".join(f'<td style="width:{w*100:.0f}%">{blocks_html(cell, style)}</td>' for cell, w in zip(row, block.widths))
                + "</tr>"
                for row in block.rows
            )
            out.append(f'<table class="{"lines" if block.borders else ""}">{rows}</table>\n')
        elif isinstance(block, Columns):
            side = f'<aside class="{"shade" if block.shade else ""}" style="flex:0 0 {block.width*100:.0f}%">{blocks_html(block.sidebar, style)}</aside>'
            main = f"<main>{blocks_html(block.main, style)}</main>"
            order = (
                {"left": "row", "right": "row-reverse"}[block.side]
                if block.sidebar_first
                else {"left": "row-reverse", "right": "row"}[block.side]
            )
            out.append(
                f'<div class="cols" style="flex-direction:{order}">' + (side + main if block.sidebar_first else main + side) + "</div>"
            )
        i += 1
    return "".join(out)


def document_html(document):
    """The whole HTML source."""
    s, h = document.style, document.style.heading
    rules = [
        "color:var(--accent)" if h.get("accent") else "",
        "border-bottom:1px solid #444" if h.get("rule") else "",
        "letter-spacing:0.18em" if h.get("css_spaced") else "",
        "background:#e4e4e4;padding:1pt 4pt" if h.get("shaded") else "",
        "text-decoration:underline" if h.get("underlined") else "",
        "border-top:1px solid #444" if h.get("over") else "",
        f"font-size:{130 if h.get('large') else 100 if h.get('same') else 112}%",
        f"font-weight:{'bold' if h.get('bold') else 'normal'}",
    ]
    css = f"""@page {{ size: {'A4' if s.paper == 'a4' else 'letter'}; margin: {s.margin}cm; }} :root {{ --accent: #{s.accent}; }}
body {{ font-family: {FONTS[s.font]}; font-size: {s.size}pt; line-height: 1.25; margin: 0; }} p, h1, h2, h3, ul {{ margin: 0; }} h1 {{ font-size: 190%; margin-bottom: 3pt; font-weight: normal; }}
h3 {{ font-size: 115%; font-weight: normal; }} h2 {{ {';'.join(r for r in rules if r)}; margin-bottom: 3pt; break-after: avoid; }} ul {{ padding-left: 1.3em; }} ul.bullet2 {{ padding-left: 2.8em; }} li {{ margin-bottom: {s.item_gap}pt; }}
a {{ color: inherit; text-decoration: none; }} table {{ width: 100%; border-collapse: collapse; }} td {{ vertical-align: top; padding: 1pt 6pt 2pt 0; }} table.lines td {{ border: 1px solid #888; padding: 2pt 5pt; }}
.cols {{ display: flex; gap: 1.8em; }} main {{ flex: 1 1 0; min-width: 0; }} aside {{ min-width: 0; overflow-wrap: anywhere; }} .shade {{ background: #eef1f5; padding: 6pt; }} .line {{ display: flex; justify-content: space-between; gap: 1em; }} .r {{ white-space: nowrap; }} h1, h2 {{ font-variant-ligatures: {'normal' if s.ligatures else 'none'}; }}"""
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>r</title><style>{css}</style></head><body>{blocks_html(document.blocks, s)}</body></html>'


class Browser:
    """One headless Chromium, spoken to over its debugging port."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [
                "chromium",
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                f"--user-data-dir={self.folder.name}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port_file = os.path.join(self.folder.name, "DevToolsActivePort")
        for _ in range(300):
            if os.path.exists(port_file) and len(open(port_file).read().split()) == 2:
                break
            time.sleep(0.1)
        port, path = open(port_file).read().split()
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{port}{path}", timeout=60)
        self.ids, self.session = itertools.count(1), None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method, **params):
        """Send a command and wait for its answer."""
        number = next(self.ids)
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]

    def print(self, source, header, footer, margin):
        """Print HTML to PDF bytes."""
        frame = self.call("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self.call("Page.setDocumentContent", frameId=frame, html=source)
        self.call("Runtime.evaluate", expression="document.fonts.ready.then(() => 1)", awaitPromise=True)
        line = lambda text: (
            f'<div style="font-size:8pt;width:100%;text-align:center;font-family:Liberation Sans">{html.escape(text).replace("{page}", "<span class=pageNumber></span>").replace("{pages}", "<span class=totalPages></span>")}</div>'
            if text
            else "<span></span>"
        )
        data = self.call(
            "Page.printToPDF",
            preferCSSPageSize=True,
            printBackground=True,
            displayHeaderFooter=bool(header or footer),
            headerTemplate=line(header),
            footerTemplate=line(footer),
        )["data"]
        return base64.b64decode(data)

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def render(documents):
    """Print (document, path) pairs in one browser."""
    browser = Browser()
    try:
        for document, path in documents:
            data = browser.print(document_html(document), document.header, document.footer, document.style.margin)
            with open(path, "wb") as out:
                out.write(data)
    finally:
        browser.close()
