"""Compare the marks of a document with the text that a reader can extract from the file."""

import re
import subprocess
import unicodedata
import zipfile

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FOLD = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
    "\u2010": "-",
    "\u2212": "-",
    "\u2011": "-",
    "´": "'",
    "`": "'",
    "∼": "~",
    "˜": "~",
    "\u00ad": "-",
}


def extract(path):
    """The text of a PDF (in the order of its content), of a DOCX or of a text file."""
    if path.endswith(".pdf"):
        return subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True).stdout
    if path.endswith(".txt"):
        return re.sub(r"(?m)^\s*[-=]{4,}$", "", open(path, encoding="utf-8").read())
    parts = []
    with zipfile.ZipFile(path) as z:
        names = sorted(z.namelist())
        order = (
            [n for n in names if re.match(r"word/header\d*\.xml", n)]
            + ["word/document.xml"]
            + [n for n in names if re.match(r"word/footer\d*\.xml", n)]
        )
        for name in order:
            for node in etree.fromstring(z.read(name)).iter(W + "t", W + "tab", W + "br", W + "p"):
                parts.append(node.text or "" if node.tag == W + "t" else "\n" if node.tag == W + "p" else " ")
            parts.append("\f")
    return "".join(parts)


def folded(text):
    """Fold text for comparison: without white space, case, dash and quote variants; also the offsets into the text."""
    out, offsets = [], []
    for i, c in enumerate(text):
        if c.isspace():
            continue
        for d in unicodedata.normalize("NFKC", c.casefold()).casefold():
            if d.isspace():
                continue
            out.append(FOLD.get(d, d))
            offsets.append(i)
    joined = "".join(out).replace('"', "''")
    if len(joined) != len(out):
        offsets = [o for c, o in zip(out, offsets) for _ in range(2 if c == '"' else 1)]
    return joined, offsets


def check(path, marks, in_order):
    """Find each mark in the file's text; returns (marks as printed, number missing, number out of order, place of each)."""
    text = extract(path)
    flat, offsets = folded(text)
    exact = "".join(text.split())
    missing, misplaced, at, found, places = 0, 0, 0, [], []
    for label, value in marks:
        if label.startswith("entry:"):
            found.append([label, value])
            places.append(None)
            continue
        want, _ = folded(value)
        i = flat.find(want, at)
        if i < 0 or (i - at > 1500 and not in_order):
            j = flat.find(want)
            if j < 0:
                missing += 1
                found.append([label, value])
                places.append(None)
                continue
            misplaced += 1
            i = j
        elif i - at > 60:
            misplaced += 1
        at = i + len(want)
        places.append((offsets[i], offsets[at - 1] + 1))
        printed = re.sub(r"\s+", " ", text[offsets[i] : offsets[at - 1] + 1])
        plain = "".join(value.split())
        if plain not in exact and len("".join(printed.split())) == len(plain):
            found.append([label, printed])
        else:
            found.append([label, value])
    return found, missing, misplaced, places, text


def with_running(marks, places, text, header, footer, pdf):
    """Add the running headers and footers where their pages begin and end."""
    if not (header or footer):
        return marks
    if not pdf:
        one = lambda t: [["footer", t.replace("{page}", "1").replace("{pages}", "1").strip()]] if t else []
        return one(header) + marks + one(footer)
    pages = text.split("\f")
    count = len(pages) - 1 if not pages[-1].strip() else len(pages)
    ends, total = [], 0
    for page in pages[:count]:
        total += len(page) + 1
        ends.append(total)
    out, page = [], 0
    write = lambda t, n: ["footer", t.replace("{page}", str(n + 1)).replace("{pages}", str(count)).strip()]
    if header:
        out.append(write(header, 0))
    for i, (mark, place) in enumerate(zip(marks, places)):
        while place and page < count - 1 and place[0] >= ends[page]:
            tail = []
            while out and out[-1][0].startswith("entry:"):
                tail.insert(0, out.pop())
            if footer:
                out.append(write(footer, page))
            page += 1
            if header:
                out.append(write(header, page))
            out.extend(tail)
        out.append(mark)
    if footer:
        out.append(write(footer, page))
    return out
