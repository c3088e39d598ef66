#!/usr/bin/env python3
"""Agreement of two label files: agree.py [A] [B] [--diff]  (default labels-a.jsonl labels-b.jsonl)"""
import json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))


def load(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return {d["id"]: d for d in map(json.loads, filter(str.strip, f))}


def fold(s):
    return " ".join(s.lower().split())


def skills(d):
    return {fold(s) for s in d["required"] + d["preferred"]}


def places(d):
    return {fold(s) for s in d["places"]}


def pay(d):
    p = d.get("pay")
    if not p:
        return None
    num = lambda v: None if v is None else float(v)
    return (p["currency"], p["period"], num(p["min"]), num(p["max"]))


def f1(tp, na, nb):
    return 2 * tp / (na + nb) if na + nb else 1.0


def main():
    names = [a for a in sys.argv[1:] if not a.startswith("--")] or ["labels-a.jsonl", "labels-b.jsonl"]
    A, B = load(names[0]), load(names[1])
    assert list(A) == list(B), "not the same ads in the same order"
    n = len(A)
    tp = na = nb = 0
    sh = shsame = 0
    macro = 0.0
    fields = {
        "years_min": lambda d: d["years_min"],
        "years_max": lambda d: d["years_max"],
        "years_preferred": lambda d: d["years_preferred"],
        "work": lambda d: d["work"],
        "pay": pay,
        "places": places,
        "bonus": lambda d: d["bonus"],
        "title": lambda d: fold(d["title"]),
    }
    eq = dict.fromkeys(fields, 0)
    for i in A:
        a, b = A[i], B[i]
        sa, sb = skills(a), skills(b)
        tp += len(sa & sb); na += len(sa); nb += len(sb)
        macro += f1(len(sa & sb), len(sa), len(sb))
        ra, rb = {fold(s) for s in a["required"]}, {fold(s) for s in b["required"]}
        for s in sa & sb:
            sh += 1
            shsame += (s in ra) == (s in rb)
        d = []
        for k, g in fields.items():
            if g(a) == g(b):
                eq[k] += 1
            else:
                d.append(f"  {k}: {g(a)!r} | {g(b)!r}")
        if "--diff" in sys.argv:
            if sa - sb: d.append(f"  only {names[0]}: {sorted(sa - sb)}")
            if sb - sa: d.append(f"  only {names[1]}: {sorted(sb - sa)}")
            h = sorted(s for s in sa & sb if (s in ra) != (s in rb))
            if h: d.append(f"  other heading: " + ", ".join(f"{s} ({'req' if s in ra else 'pref'}|{'req' if s in rb else 'pref'})" for s in h))
            if d: print(i, *d, sep="\n")
    print(f"{names[0]} x {names[1]}: {n} ads")
    print(f"skills: {na} | {nb}, shared {tp}, micro F1 {f1(tp, na, nb):.4f}, "
          f"mean F1 per ad {macro / n:.4f}")
    print(f"shared skills under the same heading: {shsame}/{sh} = {shsame / max(sh, 1):.4f}")
    for k in fields:
        print(f"{k:16} equal {eq[k]:3}/{n} = {eq[k] / n:.4f}")


main()
