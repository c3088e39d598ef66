"""Make synthetic résumés and their truth: python3 make.py --data FOLDER --out FOLDER --documents 1200 --seed 1"""

import argparse
import json
import os
import time

import align
import render_chromium
import render_docx
import render_latex
import render_text
import render_writer
import sources
from blocks import has_columns
from compose import compose
from layouts import LAYOUTS

TOOLS = [
    ("latex", "pdf", render_latex),
    ("chromium", "pdf", render_chromium),
    ("docx", "docx", render_docx),
    ("writer", "docx", render_writer),
    ("text", "txt", render_text),
]


def plan(count, seed, layouts):
    """List (file, layout, tool, document seed): every layout with every tool in turn."""
    out = []
    for i in range(count):
        tool = TOOLS[i % len(TOOLS)]
        layout = layouts[(i // len(TOOLS) + i % len(TOOLS) * 17) % len(layouts)]
        out.append((f"{layout.id}-{tool[0]}-{i:04d}.{tool[1]}", layout, tool, seed * 1000003 + i))
    return out


def main():
    """Compose, render in batches, check and append to truth.jsonl."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("INVENTURE_DATA", "data"), help="folder with taxonomy/ and resume-entities/")
    parser.add_argument("--out", required=True)
    parser.add_argument("--documents", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layouts", default="", help="the first and one past the last of the layouts to take, as 0:279; otherwise all")
    parser.add_argument("--batch", type=int, default=150, help="documents between two writes of truth.jsonl")
    args = parser.parse_args()
    src = sources.load(args.data)
    os.makedirs(args.out, exist_ok=True)
    truth_path = os.path.join(args.out, "truth.jsonl")
    done = set()
    if os.path.exists(truth_path):
        with open(truth_path, encoding="utf-8") as f:
            done = {json.loads(line)["file"] for line in f}
    first, _, last = args.layouts.partition(":")
    layouts = LAYOUTS[int(first or 0) : int(last or len(LAYOUTS))]
    todo = [item for item in plan(args.documents, args.seed, layouts) if item[0] not in done]
    seconds, totals = {}, {}
    for start in range(0, len(todo), args.batch):
        batch = todo[start : start + args.batch]
        made = {item[0]: compose(item[1], item[3], src) for item in batch}
        for name, _, module in TOOLS:
            jobs = [(made[f][0], os.path.join(args.out, f)) for f, _, tool, _ in batch if tool[0] == name]
            begin = time.time()
            if jobs:
                module.render(jobs)
            spent = seconds.setdefault(name, [0, 0])
            spent[0], spent[1] = spent[0] + time.time() - begin, spent[1] + len(jobs)
        with open(truth_path, "a", encoding="utf-8") as out:
            for file, layout, tool, seed in batch:
                path = os.path.join(args.out, file)
                if not os.path.exists(path):
                    continue
                document, resume, marks = made[file]
                columns = has_columns(document.blocks)
                marks, missing, misplaced, places, text = align.check(path, marks, not columns)
                real = sum(1 for label, _ in marks if not label.startswith("entry:"))
                total = totals.setdefault(tool[0], [0, 0, 0, 0, []])
                total[0], total[1] = total[0] + real, total[1] + missing
                if not columns:
                    total[2], total[3] = total[2] + real, total[3] + misplaced
                if missing > 0.03 * real or misplaced > 0.03 * real and not columns:
                    total[4].append((file, missing, misplaced, real))
                if tool[0] != "text":
                    marks = align.with_running(marks, places, text, document.header, document.footer, path.endswith(".pdf"))
                out.write(
                    json.dumps(
                        {"file": file, "layout": layout.id, "tool": tool[0], "seed": seed, "resume": resume, "marks": marks},
                        ensure_ascii=False,
                    )
                    + "\n"
                )
        print(f"{start + len(batch)} of {len(todo)} documents", flush=True)
    for name, (spent, number) in seconds.items():
        real, missing, ordered, misplaced, bad = totals.get(name, [0, 0, 0, 0, []])
        print(
            f"{name}: {number} documents, {spent / max(number, 1):.2f} s each, {real} marks, {missing} missing, {misplaced} of {ordered} out of order (one column); documents above 3 %: {len(bad)} {bad[:6]}"
        )


if __name__ == "__main__":
    main()
