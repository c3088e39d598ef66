"""All trades by name, with their lists split."""
import trades_a as a
import trades_b as b

FIRMS = "Larchmont;Oyster & Pike;Vantor;Silva Irmãos;Fenwick;Ravelin;Maple Court;Kowloon Motor;Brandt;Tessellate;Guntur Mills;Hollis Grey"
TRADES = {}
for _m in (a, b):
    for _k, _v in vars(_m).items():
        if _k.isupper():
            d = dict(_v)
            for f in ("titles", "teams", "employers", "skills", "summary"):
                d[f] = d[f].split(";")
            d["points"] = [s.strip() for s in d["points"].strip().split("\n")]
            d["certs"] = [tuple(c.split("|")) for c in d["certs"].split(";")]
            d["degrees"] = [tuple(c.split("|")) for c in d["degrees"].split(";")]
            TRADES[_k.lower()] = d
FIRMS = FIRMS.split(";")
