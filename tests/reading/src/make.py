"""Makes the unseen résumés and their truth. python3 make.py OUT [--node DIR] [--only u01,u02]

Needs: typst, weasyprint, python-docx (pip); chromium, soffice, xelatex (programs); docx (npm, in DIR)."""
import argparse
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
os.environ.setdefault("SOURCE_DATE_EPOCH", "1704067200")

import layouts_a
import layouts_b
import people
import to_docx
import to_fodt
import to_html
import to_latex
import to_text
import to_typst
from ctx import Ctx, truth

SEED = 20250117
LAYOUTS = {**layouts_a.LAYOUTS, **layouts_b.LAYOUTS}
CLASSES = [("xelatex", "typst"), ("chromium", "weasyprint"), ("python-docx", "npm-docx"), ("lo-fodt", "lo-html"), ("text",)]
EXT = {"xelatex": "pdf", "typst": "pdf", "chromium": "pdf", "weasyprint": "pdf", "text": "txt"}
GRADUATE = {"u30"}


def plan():
    """(file, layout, tool, seed) of every document."""
    for n, lay in enumerate(sorted(LAYOUTS)):
        for k, tools in enumerate(CLASSES):
            tool = tools[n % len(tools)]
            if tool == "lo-html" and lay in ("u32", "u19"):     # LibreOffice's HTML has no running header
                tool = "lo-fodt"
            yield f"{lay}-{tool}-{k + 1:02}.{EXT.get(tool, 'docx')}", lay, tool, f"{SEED}/{lay}/{k}"


def curly(x):
    if isinstance(x, str):
        return x.replace("'", "’")
    if isinstance(x, (list, tuple)):
        return type(x)(curly(y) for y in x)
    return SimpleNamespace(**{k: curly(v) for k, v in vars(x).items()}) if isinstance(x, SimpleNamespace) else x


def build(lay, tool, seed):
    """A person laid out: blocks, theme and truth."""
    rng = random.Random(seed)
    trade = rng.choice(list(people.TRADES))
    person = people.make(rng, trade, graduate=lay in GRADUATE or rng.random() < .1)
    if tool == "xelatex" or tool.endswith("docx") and rng.random() < .5:      # as LaTeX and Word set apostrophes
        person = curly(person)
    c = Ctx(copy.deepcopy(person), rng)
    c.theme["tool"] = tool
    c.theme["glyph"] = rng.choice("•••–-▪" if tool != "text" else "--*•–")
    c.theme["h1"] = rng.random() < .5
    c.theme["typed"] = rng.random() < .25
    c.theme["just"] = tool == "xelatex" and rng.random() < .5
    c.theme["text"] = rng.choice(["plain", "plain", "tab"])
    c.theme["paper"] = "us-letter" if person.cc in ("US", "CA", "PH", "MX") else "a4"
    LAYOUTS[lay](c)
    return c.stack[0], c.theme, c, rng


def run(cmd, **kw):
    subprocess.run(cmd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kw)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("out", type=Path)
    ap.add_argument("--node", type=Path, help="folder whose node_modules has docx")
    ap.add_argument("--only", default="")
    a = ap.parse_args()
    only = set(filter(None, a.only.split(",")))
    a.out.mkdir(parents=True, exist_ok=True)
    tmp = Path(tempfile.mkdtemp())
    truths, npm, lo = [], [], []
    for file, lay, tool, seed in plan():
        if only and lay not in only:
            continue
        bs, th, c, rng = build(lay, tool, seed)
        truths.append(truth(c, lay, tool, file))
        path, name = a.out / file, c.p.name
        if tool == "typst":
            import typst
            (tmp / "a.typ").write_text(to_typst.source(bs, th, name), encoding="utf-8")
            typst.compile(str(tmp / "a.typ"), output=str(path))
        elif tool == "xelatex":
            (tmp / "a.tex").write_text(to_latex.source(bs, th, name), encoding="utf-8")
            for _ in (1, 2):
                run(["xelatex", "-interaction=batchmode", "-halt-on-error", "a.tex"], cwd=tmp)
            shutil.copy(tmp / "a.pdf", path)
        elif tool == "weasyprint":
            import weasyprint
            weasyprint.HTML(string=to_html.source(bs, th, name)).write_pdf(str(path))
        elif tool == "chromium":
            (tmp / "a.html").write_text(to_html.source(bs, th, name), encoding="utf-8")
            run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={path.resolve()}", str(tmp / "a.html")])
        elif tool == "python-docx":
            to_docx.write(bs, th, name, str(path))
        elif tool == "npm-docx":
            npm.append(dict(blocks=bs, theme=th, name=name, path=str(path.resolve())))
        elif tool == "lo-fodt":
            (tmp / (path.stem + ".fodt")).write_text(to_fodt.source(bs, th, name), encoding="utf-8")
            lo.append(tmp / (path.stem + ".fodt"))
        elif tool == "lo-html":
            (tmp / (path.stem + ".html")).write_text(to_html.source(bs, th, name, plain=True), encoding="utf-8")
            lo.append(tmp / (path.stem + ".html"))
        else:
            path.write_text(to_text.text(bs, th, rng.choice([78, 88, 96, 0])), encoding="utf-8")
    if npm:
        run(["node", str(HERE / "docx_npm.mjs")], input=json.dumps(npm).encode(), cwd=a.node)
    for ext, more in ((".fodt", []), (".html", ["--infilter=HTML (StarWriter)"])):
        files = [str(f) for f in lo if f.suffix == ext]
        if files:
            run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp}/lo", *more, "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(a.out), *files])
    with open(a.out / "truth.jsonl", "w", encoding="utf-8") as f:
        for t in truths:
            f.write(json.dumps(t, ensure_ascii=False) + "\n")
    shutil.rmtree(tmp)
    print(len(truths), "documents")


if __name__ == "__main__":
    main()
