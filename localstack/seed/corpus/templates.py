"""Turn a line template and its values into a paragraph; missing parts take their separators with them."""

import re
from dataclasses import replace

from blocks import Para, Run

TOKEN = re.compile(r"(<|>|\|\||\{[^}]+\})")
LEADING = re.compile(r"^\s*(?://|::|--|——|· ·|\.\.\.|__|[,|·–—\-/:;•@~»›→¦*+\\]|(?:at|with|from|as|in|for|by)\b|w/)?\s*")
MARGIN_LABELS = {"{=Client:}", "{=Employer:}"}


def styled(runs, flags):
    """Give runs the flags of a field; u writes them in upper case."""
    out = []
    for run in runs:
        text = run.text.upper() if "u" in flags and run.mark else run.text
        out.append(replace(run, text=text, flags=run.flags + flags.replace("u", "")))
    return out


def expand(template, values, used):
    """Make a paragraph of a template; used gathers the names of the printed fields; None when nothing is printed."""
    style, indent, glyph = "body", 0, "•"
    if template.startswith("** "):
        style, template, glyph = "bullet2", template[3:], "◦"
    elif template.startswith("* "):
        style, template = "bullet", template[2:]
    elif template.startswith("~"):
        indent, template = 1.2, template[1:]
    sides, side = [[], None], 0
    group, group_ok, printed, strip_next = None, True, False, False
    for token in TOKEN.split(template):
        if not token:
            continue
        if token == "<":
            group, group_ok = [], True
        elif token == ">":
            names = [n for n, _ in group if n]
            if group_ok and names:
                runs = [run for _, part in group for run in part]
                if not sides[side] and runs and runs[0].mark is None:
                    runs[0] = replace(runs[0], text=LEADING.sub("", runs[0].text))
                sides[side].extend(runs)
                used.update(names)
                printed = True
            group = None
        elif token == "||":
            side, sides[1] = 1, []
        elif token.startswith("{="):
            (group if group is not None else sides[side]).append(
                ("", [Run(token[2:-1], None, "b")]) if group is not None else Run(token[2:-1], None, "b")
            )
        elif token.startswith("{"):
            name, _, flags = token[1:-1].partition(":")
            value = values.get(name)
            if group is not None:
                group_ok = group_ok and bool(value)
                group.append((name, styled(value or [], flags)))
            elif value:
                sides[side].extend(styled(value, flags))
                used.add(name)
                printed = True
            else:
                while sides[side] and sides[side][-1].mark is None:
                    sides[side].pop()
                strip_next = True
        elif group is not None:
            group.append(("", [Run(token)]))
        elif sides[side] or not strip_next:
            sides[side].append(Run(token))
    if not printed:
        return None
    left, right = sides
    if right is not None and not right:
        right = None
    if right and not left:
        left, right = right, None
    return Para(left, right, style, indent=indent, glyph=glyph)


def merge_lines(paras):
    """Join plain lines into one paragraph with line breaks, as many word processor documents have them."""
    out = []
    for para in paras:
        plain = not para.right and para.style == "body" and not para.indent
        if out and plain and not out[-1].right and out[-1].style == "body" and not out[-1].indent:
            out[-1].runs += [Run("\n")] + para.runs
        else:
            out.append(para)
    return out


def expand_lines(lines, values, used):
    """Expand several templates, leaving out the empty ones."""
    paras = [expand(line, values, used) for line in lines]
    return [para for para in paras if para]
