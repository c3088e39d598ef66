"""Blocks to Typst source."""
FONTS = dict(serif="Liberation Serif", sans="Carlito", lato="Lato", roboto="Roboto", open="Open Sans", garamond="EB Garamond", caladea="Caladea", arial="Liberation Sans", noto="Noto Serif")


def q(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


def run(r, th):
    s, f = r
    a = []
    if "b" in f:
        a.append('weight: "bold"')
    if "i" in f:
        a.append('style: "italic"')
    if "s" in f:
        a.append("size: 0.88em")
    if "c" in f:
        a.append(f'fill: rgb("#{th["color"]}")')
    return f"#text({', '.join(a)}, {q(s)})" if a else f"#text({q(s)})"


def rs(x, th):
    return "".join(run(r, th) for r in x)


def block(b, th):
    t = b["t"]
    if t == "p":
        s = rs(b["runs"], th)
        if b.get("size"):
            s = f"#text(size: {b['size']}pt)[{s}]"
        al = {"c": "center", "r": "right"}.get(b.get("align"))
        s = f"#align({al})[{s}]" if al else s
        return f"#block(below: {b.get('after', 0) + 5}pt, inset: (left: {b.get('ind', 0)}pt))[{s}]"
    if t == "lr":
        return f"#block(below: 5pt, grid(columns: (1fr, auto), column-gutter: 8pt, [{rs(b['l'], th)}], align(right)[{rs(b['r'], th)}]))"
    if t == "ul":
        items = ", ".join(f"[{rs(i, th)}]" for i in b["items"])
        return f"#block(below: 7pt, list(marker: [{b.get('glyph', th['glyph'])}], indent: {b.get('ind', 4)}pt, spacing: 4.5pt, {items},))"
    if t == "h":
        h, s = th["head"], f"#text({q(b['text'])})"
        col = f'fill: rgb("#{th["color"]}"), ' if h in ("color", "bar", "rule") else ""
        tr = "tracking: 2pt, " if h == "spaced" else ""
        s = f'#text({col}{tr}weight: "bold", size: 1.15em)[{s}]'
        if h == "center":
            s = f"#align(center)[{s}]"
        if h == "box":
            return f'#block(above: 11pt, below: 7pt, width: 100%, fill: rgb("#e6e9ee"), inset: 3pt)[{s}]'
        st = ", width: 100%, inset: (bottom: 3pt), stroke: (bottom: 0.6pt)" if h in ("rule", "under") else ""
        return f"#block(above: 11pt, below: 7pt{st})[{s}]"
    if t == "hr":
        return "#line(length: 100%, stroke: 0.5pt)"
    if t == "gap":
        return f"#v({b['pt']}pt)"
    if t == "cols":
        fill = f'#set block(spacing: 6pt)\n'
        cells = []
        for i, c in enumerate(b["cols"]):
            body = blocks(c, th)
            cells.append(f'block(fill: rgb("#{b["shade"]}"), inset: 8pt)[{fill}{body}]' if b.get("shade") and i == 0 else f"[{fill}{body}]")
        return f"#grid(columns: ({', '.join(str(w) + 'fr' for w in b['w'])}), column-gutter: 14pt, {', '.join(cells)})"
    if t == "side":
        return f"#block(below: 7pt, grid(columns: ({b['w']}%, 1fr), column-gutter: 8pt, [{rs(b['l'], th)}], [{blocks(b['r'], th)}]))"
    if t == "table":
        cells = ", ".join("[" + "".join(f"#block(below: 4pt)[{rs(p, th)}]" for p in c) + "]" for r in b["rows"] for c in r)
        return f"#table(columns: ({', '.join(str(w) + 'fr' for w in b['w'])}), stroke: {'0.5pt' if b['border'] else 'none'}, inset: {'5pt' if b['border'] else '2pt'}, {cells})"
    raise ValueError(t)


def blocks(bs, th):
    return "\n".join(block(b, th) for b in bs)


def source(bs, th, name):
    head = f"header: align(right, text(size: 8.5pt)[{rs(th['header'], th)}]), " if th.get("header") else ""
    foot = f'footer: context align(center, text(size: 8.5pt)[{rs(th["footer"], th)} #text("Page ") #counter(page).display() #text("of") #counter(page).final().first()]), ' if th.get("footer") else ""
    return (f'#set document(title: {q(name)})\n#set page(paper: "{th.get("paper", "a4")}", margin: {th["margin"]}cm, {head}{foot})\n'
            f'#set text(font: "{FONTS.get(th["font"], th["font"])}", size: {th["size"]}pt)\n#set par(leading: 0.55em, justify: {"true" if th.get("just") else "false"})\n#set block(spacing: 6pt)\n' + blocks(bs, th))
