"""Write a document as plain text."""

import textwrap

from blocks import Columns, Para, Table


def runs_text(runs):
    return "".join(run.text for run in runs)


def para_lines(para, style, width, wrap):
    """The lines of a paragraph."""
    body, right = runs_text(para.runs), runs_text(para.right) if para.right else ""
    lead, rest = " " * int(para.indent * 3), " " * int(para.indent * 3)
    if para.style in ("bullet", "bullet2"):
        lead = ("" if para.style == "bullet" else "    ") + ("" if style.item_gap else " ") + para.glyph + " "
        rest = " " * len(lead)
    if "\n" in body:
        return [lead + line for line in body.split("\n")]
    if para.style in ("heading", "name") and style.accent == "1B5E20":
        return [("# " if para.style == "name" else "## ") + body]
    if para.style == "heading" and style.accent == "5B2C83":
        return [f"*** {body} ***" if style.item_gap else f"[ {body} ]"]
    if right and style.accent == "333333":
        return [f"{lead}{body}\t{right}"]
    if right:
        gap = width - len(lead + body) - len(right)
        body = body + (" " * gap if gap >= 2 else "   ") + right
        return [lead + body]
    lines = (
        textwrap.wrap(body, width - len(lead), break_on_hyphens=False, break_long_words=False, drop_whitespace=True)
        if wrap and len(body) + len(lead) > width
        else [body]
    )
    if para.align == "center":
        lines = [line.center(width).rstrip() for line in lines]
    return [(lead if i == 0 else rest) + line for i, line in enumerate(lines)]


def blocks_lines(blocks, style, width, wrap):
    """The lines of all blocks."""
    out = []
    for block in blocks:
        if isinstance(block, Para):
            if block.before >= 5 and out and out[-1]:
                out.append("")
            lines = para_lines(block, style, width, wrap)
            out.extend(lines)
            if block.style == "heading" and style.heading.get("rule"):
                out.append("-" * (width if style.heading.get("centre") else len(lines[0])))
            elif block.style == "heading" and style.heading.get("underlined"):
                out.append("=" * len(lines[0]))
        elif isinstance(block, Table):
            for row in block.rows:
                out.extend(row_lines(row, block.widths, style, width, wrap))
        elif isinstance(block, Columns):
            parts = (block.sidebar, block.main) if block.sidebar_first else (block.main, block.sidebar)
            for part in parts:
                out.extend(blocks_lines(part, style, width, wrap) + [""])
    return out


def row_lines(row, widths, style, width, wrap):
    """A row of a table: cells one under the other, or side by side when both are one line."""
    cells = [blocks_lines(cell, style, width, wrap) for cell in row]
    if len(cells) > 2 and all(len(cell) <= 1 for cell in cells):
        parts = [(cell[0] if cell else "") for cell in cells]
        return ["  ".join(part.ljust(int(width * w) - 2) for part, w in zip(parts, widths)).rstrip()]
    if len(cells) == 2 and (all(len(cell) == 1 for cell in cells) or len(cells[0]) == 1 and cells[1]):
        left = cells[0][0].ljust(max(int(width * widths[0]), len(cells[0][0]) + 2))
        return [left + cells[1][0]] + cells[1][1:]
    return [line for cell in cells for line in cell] + [""]


def render(documents):
    """Write (document, path) pairs."""
    for document, path in documents:
        s = document.style
        width, wrap = (78 if s.paper == "letter" else 90), s.typed_bullets or s.item_gap == 1
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(blocks_lines(document.blocks, s, width, wrap)) + "\n")
