"""Write a document as LaTeX and print it with pdflatex."""

import os
import subprocess
import tempfile

from blocks import Columns, Para, Table, walk_runs

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "•": r"\textbullet{}",
    "◦": r"\textopenbullet{}",
    "·": r"\textperiodcentered{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "\u2010": "-",
    "\u2212": r"$-$",
    "→": r"$\rightarrow$",
    "’": "'",
    "“": "``",
    "”": "''",
    "▪": r"{\tiny$\blacksquare$}",
    "►": r"$\blacktriangleright$",
    "▶": r"$\blacktriangleright$",
    "■": r"$\blacksquare$",
    "◆": r"$\blacklozenge$",
    "★": r"$\bigstar$",
    "●": r"\textbullet{}",
    "○": r"\textopenbullet{}",
    "☎": r"\ding{37}",
    "²": r"\texttwosuperior{}",
    "\n": r"\newline{}",
    "\u00a0": "~",
    "\u2003": r"\quad{}",
    "-": "{-}",
    "'": "'",
}
FONTS = {
    "serif": r"\usepackage{lmodern}",
    "sans": r"\usepackage{lmodern}\renewcommand{\familydefault}{\sfdefault}",
    "times": r"\usepackage{mathptmx}",
    "garamond": r"\usepackage{charter}",
    "lato": r"\usepackage[scaled=0.92]{helvet}\renewcommand{\familydefault}{\sfdefault}",
    "mixed": r"\usepackage{mathptmx}\usepackage[scaled=0.9]{helvet}",
    "arial": r"\usepackage{helvet}\renewcommand{\familydefault}{\sfdefault}",
    "mono": r"\usepackage{lmodern}\renewcommand{\familydefault}{\ttdefault}",
    "palatino": r"\usepackage{mathpazo}",
    "humanist": r"\usepackage{avant}\renewcommand{\familydefault}{\sfdefault}",
    "book": r"\usepackage{bookman}",
    "verdana": r"\usepackage{lmodern}\renewcommand{\familydefault}{\sfdefault}",
}


def escape(text):
    """Escape text for LaTeX; double spaces stay."""
    out = "".join(SPECIAL.get(c, c) for c in text)
    return out.replace("  ", r"\ \ ").replace("<<", "<{}<")


def run_tex(run):
    """One run with its style."""
    if not run.text:
        return ""
    body = escape(run.text)
    if run.mark in ("link", "email") and len(run.text) > 18:
        body = body.replace("/", "/\\allowbreak{}").replace("@", "@\\allowbreak{}")
    for flag, command in (("b", "textbf"), ("i", "textit"), ("c", "textsc")):
        if flag in run.flags:
            body = f"\\{command}{{{body}}}"
    if "s" in run.flags:
        body = f"{{\\small {body}}}"
    if "l" in run.flags:
        body = f"{{\\large {body}}}"
    if "g" in run.flags:
        body = f"\\textcolor{{black!60}}{{{body}}}"
    if "k" in run.flags:
        body = f"\\textcolor{{accent}}{{{body}}}"
    if run.link:
        url = run.link.replace("%", r"\%").replace("#", r"\#").replace("_", r"\_")
        body = f"\\href{{{url}}}{{{body}}}"
    return body


def runs_tex(runs):
    return "".join(run_tex(run) for run in runs)


def heading_tex(para, style):
    """A section heading with rules, shades or spaced letters."""
    h, body = style.heading, runs_tex(para.runs)
    if h.get("css_spaced"):
        body = f"\\textls[180]{{{body}}}"
    if h.get("underlined"):
        body = f"\\underline{{{body}}}"
    size = r"\Large" if h.get("large") else r"\large" if not h.get("upper") and not h.get("same") else r"\normalsize"
    font = r"\sffamily" if style.font == "mixed" else ""
    line = f"{{{size}{font} {body}\\par}}"
    if para.align == "right":
        line = f"{{\\raggedleft {line}}}"
    if h.get("centre"):
        line = f"{{\\centering {line}}}"
    if h.get("shaded"):
        line = f"\\colorbox{{black!12}}{{\\parbox{{\\dimexpr\\linewidth-2\\fboxsep}}{{{line}}}}}\\par"
    rule = r"\vspace{-0.7\baselineskip}\noindent\rule{\linewidth}{0.5pt}\par\vspace{-2pt}" if h.get("rule") else ""
    over = r"\noindent\rule{\linewidth}{0.5pt}\nopagebreak\par\nopagebreak" if h.get("over") else ""
    return f"\\vspace{{{para.before}pt plus 2pt}}{over}\\noindent {line}\\nopagebreak{rule}\\vspace{{3pt}}\\nopagebreak\n"


def para_tex(para, style):
    """One paragraph."""
    if para.style == "heading":
        return heading_tex(para, style)
    body = runs_tex(para.runs)
    if para.right:
        body += r"\hfill " + runs_tex(para.right)
    align = {"center": r"\centering ", "right": r"\raggedleft "}.get(para.align, "")
    lead = f"\\vspace{{{para.before}pt}}" if para.before else ""
    indent = f"\\hspace*{{{para.indent}em}}" if para.indent else ""
    tail = r"\vspace{3pt}" if para.style == "name" else ""
    size = {"name": r"\LARGE ", "headline": r"\large "}.get(para.style, "")
    return f"{lead}{{{align}{size}\\noindent {indent}{body}\\par}}{tail}\n"


def blocks_tex(blocks, style):
    """All blocks; paragraphs with bullets in a row become a list."""
    out, i = [], 0
    while i < len(blocks):
        block = blocks[i]
        if isinstance(block, Para) and block.style in ("bullet", "bullet2"):
            margin = "1.4em" if block.style == "bullet" else "2.8em"
            out.append(
                f"\\begin{{itemize}}[leftmargin={margin},label={{{escape(block.glyph)}}},itemsep={style.item_gap}pt,parsep=0pt,topsep=1pt]\n"
            )
            kind = block.style
            while i < len(blocks) and isinstance(blocks[i], Para) and blocks[i].style == kind:
                right = r"\hfill " + runs_tex(blocks[i].right) if blocks[i].right else ""
                out.append(f"\\item {{}}{runs_tex(blocks[i].runs)}{right}\n")
                i += 1
            out.append("\\end{itemize}\n")
            continue
        if isinstance(block, Para):
            out.append(para_tex(block, style))
        elif isinstance(block, Table):
            out.append(table_tex(block, style))
        elif isinstance(block, Columns):
            out.append(columns_tex(block, style))
        i += 1
    return "".join(out)


def table_tex(table, style):
    """Rows of boxes, or a tabular with lines."""
    out = []
    if table.borders:
        spec = "|" + "|".join(f"p{{{w*0.93:.3f}\\linewidth}}" for w in table.widths) + "|"
        for row in table.rows:  # each row is a tabular of its own, so that a page can end between rows
            cells = " & ".join(r"\raggedright " + r"\newline ".join(runs_tex(p.runs) for p in cell) for cell in row)
            out.append(
                f"\\noindent\\begin{{tabular}}{{{spec}}}\\hline\n{cells} \\tabularnewline \\hline\n\\end{{tabular}}\\par\\nointerlineskip\n"
            )
        return "".join(out) + "\\vspace{3pt}\n"
    if table.breakable:
        for row in table.rows:
            left, right = (blocks_tex(cell, style) for cell in row)
            out.append(
                f"\\columnratio{{{table.widths[0]}}}\\begin{{paracol}}{{2}}\\raggedright\n{left}\\switchcolumn\\raggedright\n{right}\\end{{paracol}}\n"
            )
        return "".join(out)
    for row in table.rows:
        cells = [
            f"\\begin{{minipage}}[t]{{{w-0.015:.3f}\\linewidth}}\\raggedright\n{blocks_tex(cell, style) or '~'}\\end{{minipage}}"
            for cell, w in zip(row, table.widths)
        ]
        out.append("\\vspace{3pt}\\noindent " + r"\hfill ".join(cells) + "\\par\n")
    return "".join(out)


def columns_tex(columns, style):
    """Two columns with paracol."""
    side, main = blocks_tex(columns.sidebar, style), blocks_tex(columns.main, style)
    left, right, ratio = (side, main, columns.width) if columns.side == "left" else (main, side, 1 - columns.width)
    shade = f"\\backgroundcolor{{c[{0 if columns.side == 'left' else 1}]}}{{black!7}}" if columns.shade else ""
    return f"\\setlength{{\\columnsep}}{{1.6em}}\\columnratio{{{ratio}}}{shade}\\begin{{paracol}}{{2}}\\raggedright\n{left}\\switchcolumn\\raggedright\n{right}\\end{{paracol}}\n"


def running(text):
    return escape(text).replace(r"\{page\}", r"\thepage{}").replace(r"\{pages\}", r"\pageref{LastPage}")


def document_tex(document):
    """The whole LaTeX source."""
    s = document.style
    accented = any(0xFF < ord(c) < 0x180 for run in walk_runs(document.blocks) for c in run.text)
    # Only Latin Modern has all letters of T1 as glyphs of their own.
    font = (
        s.font if not accented or s.font == "mono" else "serif" if s.font in ("serif", "times", "garamond", "palatino", "book") else "sans"
    )
    paper = "a4paper" if s.paper == "a4" else "letterpaper"
    head = [
        f"\\documentclass[{'11pt' if s.size > 10.5 else '10pt'},{paper}]{{article}}",
        r"\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{textcomp}",
        FONTS[font],
        r"\usepackage{amssymb,pifont,xcolor,enumitem,paracol,fancyhdr,lastpage}\usepackage[protrusion=false,expansion=false]{microtype}",
        f"\\usepackage[margin={s.margin}cm,headheight=14pt]{{geometry}}",
        r"\usepackage[hidelinks]{hyperref}",
        (
            r"\input{glyphtounicode}\pdfgentounicode=1"
            if s.ligatures
            else r"\input{glyphtounicode}\pdfgentounicode=1\DisableLigatures[f]{encoding=*}"
        ),
        f"\\definecolor{{accent}}{{HTML}}{{{s.accent}}}",
        r"\setlength{\parindent}{0pt}\setlength{\parskip}{1pt}\hyphenpenalty=10000\exhyphenpenalty=10000\sloppy\raggedright\pagestyle{fancy}\fancyhf{}\renewcommand{\headrulewidth}{0pt}",
    ]
    if document.header:
        head.append(f"\\fancyhead[R]{{\\small {running(document.header)}}}")
    if document.footer:
        head.append(f"\\fancyfoot[C]{{\\small {running(document.footer)}}}")
    return "\n".join(head) + "\n\\begin{document}\n" + blocks_tex(document.blocks, s) + "\\end{document}\n"


def render(documents):
    """Print (document, path) pairs, one run of pdflatex each (two when it counts pages)."""
    for document, path in documents:
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "r.tex"), "w", encoding="utf-8") as f:
                f.write(document_tex(document))
            for _ in range(2 if "{pages}" in f"{document.header}{document.footer}" else 1):
                done = subprocess.run(
                    ["pdflatex", "-interaction=batchmode", "-halt-on-error", "r.tex"],
                    cwd=folder,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            if done.returncode == 0:
                with open(os.path.join(folder, "r.pdf"), "rb") as pdf, open(path, "wb") as out:
                    out.write(pdf.read())
            else:
                with open(os.path.join(folder, "r.log"), encoding="latin-1") as log:
                    print("pdflatex failed:", path, [line for line in log if line.startswith("!")][:2])
