"""Blocks to HTML for Chromium and WeasyPrint; plain=True for LibreOffice, which knows little CSS."""
from html import escape as q

FONTS = dict(serif="Liberation Serif", sans="Carlito", lato="Lato", roboto="Roboto", open="Open Sans", garamond="EB Garamond", caladea="Caladea", arial="Liberation Sans", noto="Noto Serif")


def run(r, th):
    s, f = r
    s = q(s)
    if "b" in f:
        s = f"<b>{s}</b>"
    if "i" in f:
        s = f"<i>{s}</i>"
    if "s" in f:
        s = f"<small>{s}</small>"
    if "c" in f:
        s = f'<span style="color:#{th["color"]}">{s}</span>'
    return s


def rs(x, th):
    return "".join(run(r, th) for r in x)


def block(b, th, plain):
    t = b["t"]
    if t == "p":
        al = {"c": "center", "r": "right"}.get(b.get("align"), "left")
        st = f"text-align:{al};margin-bottom:{b.get('after', 0) + 2}pt" + (f";font-size:{b['size']}pt" if b.get("size") else "")
        tag = "h1" if b.get("role") == "name" else "p"
        return f'<{tag} style="{st}">{rs(b["runs"], th)}</{tag}>'
    if t == "lr":
        if plain:
            return f'<table width="100%" cellpadding="0" cellspacing="0"><tr><td><p>{rs(b["l"], th)}</p></td><td align="right" width="30%"><p align="right">{rs(b["r"], th)}</p></td></tr></table>'
        return f'<div class="lr"><span>{rs(b["l"], th)}</span><span class="r">{rs(b["r"], th)}</span></div>'
    if t == "ul":
        return "<ul>" + "".join(f"<li>{rs(i, th)}</li>" for i in b["items"]) + "</ul>"
    if t == "h":
        return f"<h2>{q(b['text'])}</h2>"
    if t == "hr":
        return "<hr>"
    if t == "gap":
        return f'<div style="height:{b["pt"]}pt"></div>' if not plain else ""
    if t in ("cols", "side"):
        cols = b["cols"] if t == "cols" else [[dict(t="p", runs=b["l"])], b["r"]]
        w = b["w"] if t == "cols" else [b["w"], 100 - b["w"]]
        if plain:
            return '<table width="100%"><tr>' + "".join(f'<td valign="top" width="{x}%">{blocks(c, th, plain)}</td>' for x, c in zip(w, cols)) + "</tr></table>"
        sh = f"background:#{b['shade']};padding:8pt" if b.get("shade") else ""
        return f'<div class="{t}" style="grid-template-columns:{w[0]}fr {w[1]}fr">' + "".join(f'<div style="{sh if i == 0 else ""}">{blocks(c, th, plain)}</div>' for i, c in enumerate(cols)) + "</div>"
    if t == "table":
        cls = "b" if b["border"] else "n"
        brd = ' border="1"' if b["border"] and plain else ""
        rows = "".join("<tr>" + "".join(f'<td style="width:{w}%" valign="top">' + "".join(f"<p>{rs(p, th)}</p>" for p in c) + "</td>" for c, w in zip(r, b["w"])) + "</tr>" for r in b["rows"])
        return f'<table class="{cls}" width="100%"{brd}>{rows}</table>'
    raise ValueError(t)


def blocks(bs, th, plain=False):
    return "\n".join(block(b, th, plain) for b in bs)


def source(bs, th, name, plain=False):
    h = {"rule": "border-bottom:1px solid #555", "under": "text-decoration:underline", "center": "text-align:center", "box": "background:#e6e9ee;padding:2pt 4pt", "bar": "border-left:4pt solid #%s;padding-left:5pt" % th["color"],
         "spaced": "letter-spacing:2pt", "caps": "font-variant:small-caps"}.get(th["head"], "")
    col = f"color:#{th['color']}" if th["head"] in ("color", "rule", "bar") else ""
    page = f"@page{{size:{'letter' if th.get('paper') == 'us-letter' else 'A4'};margin:{th['margin']}cm;"
    text = "".join(s for s, _ in th.get("header") or []).replace('"', "'")
    foot = "".join(s for s, _ in th.get("footer") or []).replace('"', "'")
    page += f'@top-right{{content:"{text}";font-size:8pt}}' if text else ""
    page += f'@bottom-center{{content:"{foot} Page " counter(page) " of " counter(pages);font-size:8pt}}' if foot else ""
    css = f"""{page}}}body{{font-family:"{FONTS.get(th['font'], th['font'])}";font-size:{th['size']}pt;line-height:1.28;margin:0}}
p{{margin:0 0 2pt}}h1{{margin:0 0 2pt;font-weight:normal}}h2{{font-size:1.15em;margin:9pt 0 4pt;{h};{col}}}ul{{margin:2pt 0 5pt;padding-left:14pt;list-style-type:"{th['glyph']}  "}}
.lr{{display:flex;justify-content:space-between;gap:10pt;margin-bottom:2pt}}.r{{white-space:nowrap;text-align:right}}.cols,.side{{display:grid;column-gap:14pt}}.side{{margin-bottom:5pt}}
table{{border-collapse:collapse;width:100%;margin-bottom:4pt}}td{{vertical-align:top;padding:1pt 5pt 1pt 0}}table.b td{{border:1px solid #888;padding:4pt}}hr{{border:0;border-top:1px solid #777;margin:5pt 0}}"""
    css += "p,li{text-align:justify;hyphens:auto}" if th.get("just") else ""
    if plain:
        css = "p{margin-bottom:0.05cm;margin-top:0} h1{margin-bottom:0.1cm} h2{margin-top:0.3cm;margin-bottom:0.1cm;font-size:13pt} body{font-family:'%s';font-size:%spt} @page{margin:%scm}" % (FONTS.get(th["font"], th["font"]), th["size"], th["margin"])
    return f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{q(name)}</title><style>{css}</style></head><body>{blocks(bs, th, plain)}</body></html>'
