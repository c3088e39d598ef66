"""Checks that each value of the truth stands in the text of its document. python3 check.py DIR"""
import json
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

OTHER_SHAPE = ("start", "end", "date", "phone")


def squash(s):
    s = unicodedata.normalize("NFKC", s).replace("\u00ad", "").replace("\u2010", "-")
    return re.sub(r"\s+", "", s).lower()


def texts(path):
    """The text of a document, in the several orders a program may read it."""
    if path.suffix == ".txt":
        raw = [path.read_text(encoding="utf-8")]
    elif path.suffix == ".pdf":
        raw = [subprocess.run(["pdftotext", *m, str(path), "-"], capture_output=True, text=True).stdout for m in ([], ["-raw"], ["-layout"])]
    else:
        z = zipfile.ZipFile(path)
        raw = []
        parts = [n for n in z.namelist() if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", n)]
        xml = "\n".join(re.sub(r"<w:(tab|br)/>", "\t", z.read(n).decode("utf-8")) for n in parts)
        from html import unescape
        raw.append(unescape(re.sub(r"<[^>]+>", "", xml.replace("</w:p>", "\n"))))
    raw += [re.sub(r"[-‐\u00ad]\n", "", r) for r in raw] + [re.sub(r"\n", "", r) for r in raw]
    return raw


def values(x, key=""):
    if isinstance(x, dict):
        for k, v in x.items():
            yield from values(v, k)
    elif isinstance(x, list):
        for v in x:
            yield from values(v, key)
    elif isinstance(x, str):
        yield key, x


def main():
    d = Path(sys.argv[1])
    bad, n, loose = 0, 0, 0
    by_tool, by_layout, size = Counter(), Counter(), Counter()
    seen = set()
    for line in open(d / "truth.jsonl", encoding="utf-8"):
        t = json.loads(line)
        path = d / t["file"]
        seen.add(t["file"])
        by_tool[t["tool"]] += 1
        by_layout[t["layout"]] += 1
        size[path.suffix] += path.stat().st_size
        raw = texts(path)
        sq = [squash(r) for r in raw]
        digits = [re.sub(r"\D", "", r) for r in raw]
        for key, v in values(t["resume"]):
            n += 1
            if key in OTHER_SHAPE:
                tail = v[-6:] if key == "phone" else v[:4]
                ok = any(tail in x for x in digits) or any(f"'{v[2:4]}" in r or f"–{v[2:4]}" in r for r in raw)
            else:
                ok = any(squash(v) in x for x in sq)
                if not ok and key == "points" and all(any(squash(w) in x for x in sq) for w in v.split()):
                    ok, loose = True, loose + 1        # cut by a page end or a neighbour column
            if not ok:
                bad += 1
                print("not found:", t["file"], key, repr(v))
    extra = {p.name for p in d.iterdir()} - seen - {"truth.jsonl"}
    print(len(seen), "documents,", n, "values,", bad, "not found,", loose, "found only word by word; files without truth:", sorted(extra))
    print(dict(by_tool), {k: round(v / 1024) for k, v in size.items()}, "KiB")
    print(len(by_layout), "layouts,", set(by_layout.values()), "documents each")
    sys.exit(1 if bad or extra else 0)


if __name__ == "__main__":
    main()
