"""Blocks to LaTeX source for XeLaTeX."""
# (XeTeX writes no Unicode map for some letters of EB Garamond, so another face stands in for it)
FONTS = dict(serif="Latin Modern Roman", sans="Carlito", lato="Lato", roboto="Roboto", open="Open Sans", garamond="Noto Serif", caladea="Caladea", arial="Liberation Sans", noto="Noto Serif")
ESC = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def q(s):
    return "".join(ESC.get(ch, ch) for ch in s)


def run(r, th):
    s, f = r
    s = q(s)
    if "b" in f:
        s = rf"\textbf{{{s}}}"
    if "i" in f:
        s = rf"\textit{{{s}}}"
    if "s" in f:
        s = rf"{{\small {s}}}"
    if "c" in f:
        s = rf"\textcolor{{acc}}{{{s}}}"
    return s


def rs(x, th):
    return "".join(run(r, th) for r in x)


def block(b, th):
    t = b["t"]
    if t == "p":
        s = rs(b["runs"], th)
        if b.get("size"):
            s = rf"{{\fontsize{{{b['size']}}}{{{b['size'] * 1.25}}}\selectfont {s}\par}}"
        else:
            s += r"\par"
        env = {"c": "center", "r": "flushright"}.get(b.get("align"))
        if env:
            s = {"c": r"{\centering ", "r": r"{\raggedleft "}[b["align"]] + s + "}"
        return s + rf"\vspace{{{b.get('after', 0) + 1}pt}}"
    if t == "lr":
        return rf"{rs(b['l'], th)}\hfill {{{rs(b['r'], th)}}}\par\vspace{{1pt}}"
    if t == "ul":
        g = {"•": r"\textbullet", "–": "--", "-": "-", "▪": r"\rule[.3ex]{.7ex}{.7ex}", "*": "*", "◦": r"$\circ$", "→": r"$\rightarrow$", "‣": r"$\triangleright$"}.get(b.get("glyph", th["glyph"]), r"\textbullet")
        return "\\begin{itemize}[label={" + g + "}]\n" + "\n".join(r"\item " + rs(i, th) for i in b["items"]) + "\n\\end{itemize}"
    if t == "h":
        return rf"\section*{{{q(b['text'])}}}"
    if t == "hr":
        return r"\vspace{2pt}\hrule\vspace{5pt}"
    if t == "gap":
        return rf"\vspace{{{b['pt']}pt}}"
    if t in ("cols", "side"):
        cols = b["cols"] if t == "cols" else [[dict(t="p", runs=b["l"])], b["r"]]
        w = b["w"] if t == "cols" else [b["w"], 100 - b["w"]]
        if t == "cols":
            body = r"\switchcolumn ".join(blocks(c, th) + "\n\n" for c in cols)
            return rf"\columnratio{{{w[0] / sum(w)}}}\begin{{paracol}}{{2}}" + body + r"\end{paracol}"
        a, c = w[0] / 100 - .01, w[1] / 100 - .01
        return (rf"\noindent\begin{{minipage}}[t]{{{a}\linewidth}}\raggedright {blocks(cols[0], th)}\end{{minipage}}\hfill\begin{{minipage}}[t]{{{c}\linewidth}}{PAR}{blocks(cols[1], th)}\end{{minipage}}\par\vspace{{4pt}}")
    if t == "table":
        n = len(b["w"])
        bar = "|" if b["border"] else ""
        total = sum(b["w"]) * 1.0
        spec = bar + bar.join(rf">{{\raggedright\arraybackslash}}p{{{w / total * (.99 - .025 * n):.3f}\linewidth}}" for w in b["w"]) + bar
        line = r"\hline" if b["border"] else ""
        rows = [" & ".join(r" \newline ".join(rs(p, th) for p in c) for c in r) + r" \\ " + line for r in b["rows"]]
        return rf"\begin{{longtable}}{{{spec}}}{line}" + "\n".join(rows) + r"\end{longtable}"
    raise ValueError(t)


PAR = r"\setlength{\parskip}{1pt}\setlength{\parindent}{0pt}"


def blocks(bs, th):
    return "\n\n".join(block(b, th) for b in bs)


def source(bs, th, name):
    h = th["head"]
    fmt = {"center": r"\centering\bfseries\large", "under": r"\bfseries\large", "color": r"\bfseries\large\color{acc}", "bar": r"\bfseries\large\color{acc}", "caps": r"\scshape\Large", "rule": r"\bfseries\large\color{acc}"}.get(h, r"\bfseries\large")
    after = r"[\vspace{-4pt}\hrule\vspace{2pt}]" if h in ("rule", "under", "caps") else ""
    paper = "letterpaper" if th.get("paper") == "us-letter" else "a4paper"
    fancy = ""
    if th.get("header") or th.get("footer"):
        fancy = r"\pagestyle{fancy}\fancyhf{}\renewcommand{\headrulewidth}{0pt}" + rf"\fancyhead[R]{{\small {rs(th.get('header') or [], th)}}}"
        fancy += rf"\fancyfoot[C]{{\small {rs(th['footer'], th)} Page \thepage}}" if th.get("footer") else ""
    return (rf"\documentclass[{round(th['size'])}pt,{paper}]{{article}}" + r"\usepackage{fontspec}\usepackage[margin=" + str(th["margin"]) + r"cm]{geometry}\usepackage{enumitem,titlesec,xcolor,paracol,longtable,array,fancyhdr}"
            + r"\usepackage[hidelinks]{hyperref}" + rf"\hypersetup{{pdftitle={{{q(name)}}}}}" + rf"\definecolor{{acc}}{{HTML}}{{{th['color'].upper()}}}\setmainfont{{{FONTS.get(th['font'], th['font'])}}}"
            + rf"\titleformat{{\section}}{{{fmt}}}{{}}{{0pt}}{{}}{after}\titlespacing*{{\section}}{{0pt}}{{9pt}}{{4pt}}" + r"\setlist[itemize]{nosep,leftmargin=1.4em,topsep=1pt,after=\vspace{4pt}}"
            + PAR + ("" if th.get("just") else r"\raggedright") + r"\setlength{\emergencystretch}{3em}" + fancy + ("" if fancy else r"\pagestyle{empty}") + "\n\\begin{document}\n" + blocks(bs, th) + "\n\\end{document}\n")
