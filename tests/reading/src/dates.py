"""Dates as people print them, and as the truth keeps them."""
FULL = "January February March April May June July August September October November December".split()
SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DOTTED = "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split()
SEASON = "Winter Winter Spring Spring Spring Summer Summer Summer Autumn Autumn Autumn Winter".split()


def show(d, fmt):
    """d is (year, month)."""
    y, m = d
    return {"Mon Y": f"{SHORT[m-1]} {y}", "Month Y": f"{FULL[m-1]} {y}", "Mon. Y": f"{DOTTED[m-1]} {y}", "MM/Y": f"{m:02}/{y}", "M/Y": f"{m}/{y}", "MM.Y": f"{m:02}.{y}",
            "Y-MM": f"{y}-{m:02}", "Y": f"{y}", "Mon 'YY": f"{SHORT[m-1]} '{y%100:02}", "season": f"{SEASON[m-1]} {y}", "Y Mon": f"{y} {SHORT[m-1]}", "Y/MM": f"{y}/{m:02}",
            "MON Y": f"{SHORT[m-1].upper()} {y}", "MM/YY": f"{m:02}/{y%100:02}", "Month, Y": f"{FULL[m-1]}, {y}", "Y.M": f"{y}.{m:02}"}[fmt]


def iso(d, fmt):
    if d is None:
        return None
    return str(d[0]) if fmt in ("Y", "season") else f"{d[0]}-{d[1]:02}"


def span(start, end, current, fmt, sep=" – ", cur="Present", since=None, short=False):
    """A range; since: a word used in place of 'x to now'; short: leave out what the two ends share."""
    if not start:
        return ""
    a = show(start, fmt)
    if current:
        return f"{since} {a}" if since else a + sep + cur
    b = show(end, fmt)
    if a == b:
        return a
    if short and fmt == "Y" and start[0] // 100 == end[0] // 100:
        return f"{a}{sep}{end[0] % 100:02}"
    if short and fmt in ("Mon Y", "Month Y") and start[0] == end[0]:
        return a.rsplit(" ", 1)[0] + sep + b
    return a + sep + b
