"""Blocks to plain text, 78 to 96 columns wide or not wrapped at all."""
import textwrap


def rs(x):
    return "".join(r[0] for r in x)


def wrap(s, width, first="", rest=""):
    if not width:
        return [first + s]
    return textwrap.wrap(s, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False) or [""]


def render(bs, th, width, out=None, ind=""):
    out = [] if out is None else out
    style = th.get("text", "plain")

    def blank():
        if out and out[-1] != "" and not th.get("dense"):
            out.append("")

    for b in bs:
        t = b["t"]
        if t == "p":
            s = rs(b["runs"])
            if b.get("align") == "c" and width and len(s) < width:
                out.append(s.center(width).rstrip())
            else:
                out += wrap(s, width, ind, ind)
            if b.get("after", 0) >= 3:
                blank()
        elif t == "lr":
            a, c = rs(b["l"]), rs(b["r"])
            room = (width or 80) - len(ind)
            out.append(ind + (a + c.rjust(room - len(a)) if style != "tab" and len(a) + len(c) + 2 < room else a + ("\t" if style == "tab" else "    ") + c))
        elif t == "ul":
            g = b.get("glyph", th["glyph"])
            for i in b["items"]:
                out.extend(wrap(rs(i), width, f"{ind}{' ' if style != 'tab' else ''}{g} ", ind + "   "))
            if not b.get("tight"):
                blank()
        elif t == "h":
            if out and out[-1] != "":
                out.append("")
            s = b["text"]
            out.append(f"== {s} ==" if th["head"] == "box" else f"{s}:" if th["head"] == "bar" else s.upper() if th["head"] in ("rule", "caps") else s)
            if th["head"] in ("under", "rule"):
                out.append(("-" if th["head"] == "under" else "=") * (len(s) if th["head"] == "under" else width or 60))
            elif not th.get("dense"):
                out.append("")
        elif t == "hr":
            out.append("-" * (width or 60))
        elif t == "gap":
            blank()
        elif t == "cols":
            for c in b["cols"]:
                render(c, th, width, out, ind)
                blank()
        elif t == "side":
            inner = render(b["r"], th, width and width - 20, [], "")
            while inner and inner[-1] == "":
                inner.pop()
            left = rs(b["l"]).strip()
            pad = 20 if len(left) < 20 else len(left) + 2
            for k, line in enumerate(inner):
                out.append((left.ljust(pad) if k == 0 else " " * pad) + line)
            blank()
        elif t == "table":
            for r in b["rows"]:
                if b["border"]:                           # one line of parts; what else the last cell holds goes below
                    out.append(" | ".join([", ".join(rs(p) for p in c) for c in r[:-1]] + [rs(r[-1][0])]))
                    for p in r[-1][1:]:
                        out.extend(wrap(rs(p), width, f"    {th['glyph']} ", "      "))
                elif len(r) == 2:
                    for k, p in enumerate(r[1]):
                        out.extend(wrap(rs(p), width, (rs(r[0][0]) if k == 0 else "").ljust(22) + " ", " " * 23))
                else:
                    out.append("".join("; ".join(rs(p) for p in c).ljust(30) for c in r).rstrip())
            blank()
    return out


def text(bs, th, width):
    lines = [x.rstrip() for x in render(bs, th, width)]
    if th.get("header"):
        lines = [rs(th["header"]), ""] + lines
    out = []
    for x in lines:
        if x or (out and out[-1]):
            out.append(x)
    return "\n".join(out).rstrip() + "\n"
