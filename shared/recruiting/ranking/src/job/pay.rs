//! Pay in running text.

use std::{ops::Range, sync::LazyLock};

use inventure_core::{Currency, PayPeriod, PayRange};
use regex::Regex;

use super::pattern;
use crate::place::Place;

/// A word or sign that names a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// One currency and no other.
    Code(Currency),
    /// A sign that several currencies share.
    Sign(&'static str),
    /// A sign with letters before it that are no known country.
    Unknown,
}

/// Signs that may stand before or after an amount.
const SIGNS: [char; 5] = ['$', '£', '€', '₹', '¥'];

/// Letters before a dollar sign, with their currencies.
const DOLLARS: [(&str, &str); 18] = [
    ("US", "USD"),
    ("C", "CAD"),
    ("CA", "CAD"),
    ("CAN", "CAD"),
    ("CDN", "CAD"),
    ("A", "AUD"),
    ("AU", "AUD"),
    ("AUS", "AUD"),
    ("S", "SGD"),
    ("SG", "SGD"),
    ("HK", "HKD"),
    ("NZ", "NZD"),
    ("NT", "TWD"),
    ("R", "BRL"),
    ("MX", "MXN"),
    ("MEX", "MXN"),
    ("CLP", "CLP"),
    ("COL", "COP"),
];

/// Codes that are read in lower case too, since they are no words.
const PLAIN_CODES: [&str; 17] = [
    "usd", "eur", "gbp", "cad", "aud", "nzd", "sgd", "hkd", "inr", "chf", "sek", "nok", "dkk", "pln", "jpy", "aed",
    "zar",
];

/// Returns the currency of an ISO 4217 code; lower case counts where it is no word.
fn code(word: &str) -> Option<Currency> {
    let plain = PLAIN_CODES.contains(&word.to_lowercase().as_str());
    let word = if plain { word.to_uppercase() } else { word.to_owned() };
    word.parse().ok()
}

/// Returns the mark that letters and a sign behind them make.
fn signed(letters: &str, sign: char) -> Mark {
    let known = || DOLLARS.iter().find(|(name, _)| name.eq_ignore_ascii_case(letters));
    match (letters, sign) {
        ("", '$') => Mark::Sign("$"),
        ("", '£') => Mark::Sign("£"),
        ("", '€') => Mark::Sign("€"),
        ("", '₹') => Mark::Sign("₹"),
        ("", _) => Mark::Sign("¥"),
        (_, '$') => known()
            .and_then(|(_, name)| name.parse().ok())
            .or_else(|| code(letters))
            .map_or(Mark::Unknown, Mark::Code),
        _ => code(letters).map_or(Mark::Unknown, Mark::Code),
    }
}

/// Returns the mark that is a word.
fn word_mark(word: &str) -> Option<Mark> {
    Some(match word.to_lowercase().as_str() {
        "kr" => Mark::Sign("kr"),
        "rs" | "rupees" => Mark::Sign("₹"),
        "euro" | "euros" => Mark::Sign("€"),
        "dollars" => Mark::Sign("$"),
        _ => Mark::Code(code(word)?),
    })
}

/// Whether a sign may be written for a currency.
fn stands_for(sign: &str, currency: Currency) -> bool {
    let codes: &[&str] = match sign {
        "$" => &[
            "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "BRL",
        ],
        "£" => &["GBP", "EGP"],
        "€" => &["EUR"],
        "₹" => &["INR", "PKR"],
        "¥" => &["JPY", "CNY"],
        _ => &["SEK", "NOK", "DKK", "ISK", "CZK"],
    };
    codes.contains(&currency.code())
}

/// Returns the currency that all marks of an amount agree on. A code beats a sign that may stand for it.
fn agreed(marks: &[Mark], text: &str, amount: usize, places: &[Range<usize>]) -> Option<Currency> {
    let mut codes = Vec::new();
    let mut signs = Vec::new();
    for mark in marks {
        match mark {
            Mark::Code(currency) => codes.push(*currency),
            Mark::Sign(sign) => signs.push(*sign),
            Mark::Unknown => return None,
        }
    }
    let currency = match (codes.first(), signs.first()) {
        (Some(code), _) => *code,
        (None, Some(sign)) => local(sign, text, amount, places).parse().ok()?,
        (None, None) => return None,
    };
    let fits = codes.iter().all(|code| *code == currency)
        && signs.iter().all(|sign| stands_for(sign, currency))
        && signs.windows(2).all(|pair| pair[0] == pair[1]);
    fits.then_some(currency)
}

/// Returns the currency that a sign of several countries means.
///
/// It is that of the country which the line of the amount names first, else a place of the work, else the whole text.
fn local(sign: &str, text: &str, amount: usize, places: &[Range<usize>]) -> &'static str {
    const DOLLARS: [(&str, &[&str]); 5] = [
        // Not the bare letters: headings shout "ABOUT US".
        (
            "USD",
            &[
                "United States",
                "USA",
                "U.S.",
                "the US",
                ", US",
                "Denver",
                "Chicago",
                "Houston",
                "Seattle",
                "Austin",
                "Dallas",
                "Atlanta",
                "Phoenix",
                "San Francisco",
                "Los Angeles",
                "New York",
                "Miami",
                "Philadelphia",
                "San Diego",
                "Boston",
                "Nashville",
            ],
        ),
        (
            "CAD",
            &[
                "Canada",
                "Ontario",
                ", ON",
                "Toronto",
                "Vancouver",
                "Calgary",
                "Alberta",
                "Montreal",
                "Montréal",
                "Winnipeg",
                "Halifax",
                "Ottawa",
                ", BC",
                ", AB",
                ", QC",
                ", MB",
                ", SK",
                ", NS",
                "Québec",
                "Quebec",
                "Saskatoon",
            ],
        ),
        (
            "AUD",
            &[
                "Australia",
                "Sydney",
                "Melbourne",
                "Brisbane",
                "Adelaide",
                "Perth",
                "NSW",
                "QLD",
                "VIC",
                "Queensland",
                "Tasmania",
                "Hobart",
            ],
        ),
        (
            "NZD",
            &["New Zealand", "Auckland", "Wellington", "Christchurch", "Dunedin", "NZ"],
        ),
        ("SGD", &["Singapore"]),
    ];
    const CROWNS: [(&str, &[&str]); 2] = [
        ("DKK", &["Denmark", "Copenhagen", "Aarhus", "Odense"]),
        ("NOK", &["Norway", "Oslo", "Bergen", "Trondheim"]),
    ];
    let start = text[..amount].rfind('\n').map_or(0, |at| at + 1);
    let end = text[amount..].find('\n').map_or(text.len(), |at| amount + at);
    let of_line = |range: Range<usize>| -> (&str, usize) {
        let end = text[range.start..].find('\n').map_or(text.len(), |at| range.start + at);
        (&text[range.start..end], range.len())
    };
    let named = |table: &[(&'static str, &[&str])]| {
        let own = [(&text[start..end], end - start)];
        let placed = places.iter().cloned().map(of_line);
        let mut texts = own.into_iter().chain(placed).chain([(text, text.len())]);
        texts.find_map(|(text, within)| first_named(text, within, table))
    };
    match sign {
        "$" => named(&DOLLARS).unwrap_or("USD"),
        "£" => "GBP",
        "€" => "EUR",
        "₹" => "INR",
        "¥" => "JPY",
        _ => named(&CROWNS).unwrap_or("SEK"),
    }
}

/// A town with a state of the USA behind it.
static TOWN_OF_STATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?P<town>\p{Lu}[\p{L}.'’-]*(?: \p{Lu}[\p{L}.'’-]*){0,3})(?:, (?P<state>[A-Z]{2}|\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)?)|,? (?P<code>[A-Z]{2}))\b",
    )
});

/// Returns the places of a text that say a town and a state of the USA.
fn towns_of_states(text: &str) -> Vec<Range<usize>> {
    // "Toronto, New York" are two cities, and so may be "Vancouver, Washington".
    const CITIES_TOO: [&str; 2] = ["New York", "Washington"];
    const WORDS: [&str; 5] = ["OR", "IN", "ME", "OK", "HI"];
    const IN_CANADA: [&str; 7] = [
        "Toronto",
        "Vancouver",
        "Calgary",
        "Montreal",
        "Winnipeg",
        "Ottawa",
        "Halifax",
    ];
    let Some(towns) = TOWN_OF_STATE.as_ref() else {
        return Vec::new();
    };
    let is_american = |found: &regex::Captures<'_>| {
        let (town, whole) = (&found["town"], &found[0]);
        let state = found
            .name("state")
            .or(found.name("code"))
            .map_or("", |state| state.as_str());
        let shouts = || {
            text[found.get(0).map_or(0, |all| all.end())..]
                .trim_start()
                .chars()
                .take(2)
                .all(char::is_uppercase)
        };
        match state {
            "CA" if IN_CANADA.contains(&town) => false,
            "WA" if text.contains("Perth") || text.contains("Australia") => false,
            state if WORDS.contains(&state) && (!whole.contains(',') || shouts()) => false,
            state if CITIES_TOO.contains(&state) => false,
            state => {
                let place = Place::parse(&format!("{town}, {state}"));
                place.region.is_some() && place.country.as_deref() == Some("us")
            }
        }
    };
    let american = towns.captures_iter(text).filter(is_american);
    american.filter_map(|found| Some(found.get(0)?.range())).collect()
}

/// Returns the currency of the country that a text names first, in its beginning of some length.
fn first_named(text: &str, within: usize, table: &[(&'static str, &[&str])]) -> Option<&'static str> {
    let dollars = table.iter().any(|(code, _)| *code == "USD");
    let american = if dollars { towns_of_states(text) } else { Vec::new() };
    let whole = |(at, name): &(usize, &str)| {
        // A name that begins with a comma stands behind a town.
        let begins = !name.starts_with(char::is_alphanumeric) || !text[..*at].ends_with(char::is_alphanumeric);
        begins
            && !text[at + name.len()..].starts_with(char::is_alphanumeric)
            && american.iter().all(|town| !town.contains(at))
    };
    let first = |names: &[&str]| {
        let places = names.iter().filter_map(|name| text.match_indices(name).find(whole));
        places.map(|(at, _)| at).min()
    };
    let named = table.iter().filter_map(|(code, names)| Some((first(names)?, *code)));
    let towns = american.first().map(|town| (town.start, "USD"));
    let (at, code) = named.chain(towns).min()?;
    (at < within).then_some(code)
}

/// Whether a sign is a blank within a line.
fn is_blank(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\n' | '\r')
}

/// Returns a text without the blanks at its start, and their length.
fn skip_blanks(text: &str) -> (&str, usize) {
    let rest = text.trim_start_matches(is_blank);
    (rest, text.len() - rest.len())
}

/// Returns the letters at the start of a text.
fn letters(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    &text[..end]
}

/// Names of dollars in two words.
static NAMED_DOLLARS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?P<USD>US|U\.S\.|American)|(?P<CAD>Canadian)|(?P<AUD>Australian)|(?P<NZD>New Zealand)|(?P<SGD>Singapore)|(?P<HKD>Hong Kong)) dollars?\b",
    )
});

/// Returns the mark at the start of a text, with its length.
fn mark(text: &str) -> Option<(Mark, usize)> {
    if let Some(named) = NAMED_DOLLARS.as_ref().and_then(|named| named.captures(text)) {
        let code = ["USD", "CAD", "AUD", "NZD", "SGD", "HKD"]
            .into_iter()
            .find(|code| named.name(code).is_some())?;
        return Some((Mark::Code(code.parse().ok()?), named.get(0)?.len()));
    }
    let word = letters(text);
    let rest = &text[word.len()..];
    if let Some(sign) = rest.chars().next().filter(|c| SIGNS.contains(c)) {
        return Some((signed(word, sign), word.len() + sign.len_utf8()));
    }
    let dot = usize::from(rest.starts_with('.') && matches!(word.to_lowercase().as_str(), "rs" | "kr"));
    Some((word_mark(word)?, word.len() + dot))
}

/// Returns the marks before an amount, and where the first begins that nothing but blanks parts from it.
fn marks_before(text: &str, amount: usize) -> (Vec<Mark>, usize) {
    let (mut marks, mut start) = (Vec::new(), amount);
    let mut at = amount;
    // A code may stand before a sign, and either in brackets or before a colon: "Salary (CAD): $90,000".
    while marks.len() < 3 {
        let before = text[..at].trim_end_matches(|c| is_blank(c) || matches!(c, ':' | '(' | ')'));
        let bare = before.trim_end_matches(|c| SIGNS.contains(&c) || c == '.');
        let signs = &before[bare.len()..];
        let word_at = bare
            .rfind(|c: char| !c.is_alphabetic())
            .map_or(0, |at| at + bare[at..].chars().next().map_or(1, char::len_utf8));
        let word = &bare[word_at..];
        let glued = word_at == 0 || !bare[..word_at].ends_with(char::is_numeric);
        let found = match signs.chars().next() {
            Some('.') | None if glued && (signs.is_empty() || signs == ".") => word_mark(word),
            Some(sign) if sign != '.' && signs.len() == sign.len_utf8() => Some(signed(word, sign)),
            _ => None,
        };
        // A word before a sign is a code, and no unit of the amount before it.
        let Some(found) = found.filter(|found| marks.is_empty() || !matches!(found, Mark::Sign(_))) else {
            break;
        };
        if text[before.len()..at].chars().all(is_blank) && start == at {
            start = word_at;
        }
        marks.push(found);
        at = word_at;
    }
    (marks, start)
}

/// A number that was read whole, without its currency.
#[derive(Debug, Clone, Copy)]
struct Figure {
    /// The number without its point.
    digits: i64,
    /// The number of its digits behind the point.
    decimals: u32,
    /// The thousand, million, lakh or crore behind it.
    times: Option<i64>,
}

impl Figure {
    /// Returns the amount in minor units.
    fn minor(self, currency: Currency) -> Option<i64> {
        let all = self
            .digits
            .checked_mul(10_i64.checked_pow(currency.digits())?)?
            .checked_mul(self.times.unwrap_or(1))?;
        Some(all / 10_i64.checked_pow(self.decimals)?)
    }

    /// Returns the number itself, whatever multiple stands behind it.
    fn bare(self) -> i64 {
        self.digits / 10_i64.checked_pow(self.decimals).unwrap_or(i64::MAX)
    }

    /// Returns the number with its multiple, to compare.
    fn value(self) -> i64 {
        self.bare().saturating_mul(self.times.unwrap_or(1))
    }

    /// Returns it with the multiple of the other end of its range, where that can hold for both: "$90-110k".
    fn sharing(self, times: Option<i64>, fits: bool) -> Self {
        let shared = self.times.or(times.filter(|_| fits && self.bare() < 1_000));
        Self { times: shared, ..self }
    }
}

/// Returns the length of a number with all signs that may group its digits.
fn token(text: &str) -> usize {
    let groups = |c: char| is_blank(c) || matches!(c, ',' | '.' | '\'' | '’' | '‘' | '`' | '´');
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let goes_on = groups(c) && at > 0 && chars.peek().is_some_and(|(_, next)| next.is_numeric());
        if !c.is_numeric() && !goes_on {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// Returns the digits of a number and how many stand behind its point; `None` where its groups are not understood.
fn number(token: &str) -> Option<(i64, u32)> {
    let plain: String = token
        .chars()
        .map(|c| match c {
            '’' | '‘' | '`' | '´' => '\'',
            c if is_blank(c) => ' ',
            c => c,
        })
        .collect();
    if !plain.chars().all(|c| c.is_ascii_digit() || ",.' ".contains(c)) {
        return None;
    }
    let last = plain.rfind([',', '.']);
    // What stands behind the last sign is a fraction unless it is three digits, which is a group of thousands.
    let (whole, fraction) = match last.map(|at| (&plain[..at], &plain[at + 1..])) {
        Some((whole, fraction)) if fraction.len() < 3 && !whole.contains(&plain[whole.len()..=whole.len()]) => {
            (whole, fraction)
        }
        _ => (plain.as_str(), ""),
    };
    let mut signs: Vec<char> = whole.chars().filter(|c| !c.is_ascii_digit()).collect();
    signs.dedup();
    let groups: Vec<&str> = whole.split([',', '.', '\'', ' ']).collect();
    let [first, middle @ .., end] = groups.as_slice() else {
        let digits = format!("{whole}{fraction}").parse().ok()?;
        return Some((digits, fraction.len() as u32));
    };
    let western = middle.iter().all(|group| group.len() == 3);
    // "12,00,000" are twelve lakhs.
    let indian = signs != ['.'] && first.len() < 3 && middle.iter().all(|group| group.len() == 2);
    let grouped = signs.len() == 1
        && (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && end.len() == 3
        && (western || indian);
    let digits = format!("{}{fraction}", groups.concat());
    grouped.then_some((digits.parse().ok()?, fraction.len() as u32))
}

/// Words of a multiple, with it.
const MULTIPLES: [(&str, i64); 17] = [
    ("k", 1_000),
    ("thousand", 1_000),
    ("grand", 1_000),
    ("m", 1_000_000),
    ("mn", 1_000_000),
    ("mm", 1_000_000),
    ("mil", 1_000_000),
    ("mio", 1_000_000),
    ("million", 1_000_000),
    ("lakh", LAKH),
    ("lakhs", LAKH),
    ("lac", LAKH),
    ("lacs", LAKH),
    ("crore", 10_000_000),
    ("crores", 10_000_000),
    ("cr", 10_000_000),
    ("crs", 10_000_000),
];

const LAKH: i64 = 100_000;

/// Reads the number at the start of a text with its multiple, and returns its length.
///
/// `None` where anything that touches it, or a digit behind it, is not understood: a part of a number is a wrong one.
fn figure(text: &str) -> Option<(Figure, usize)> {
    let all = &text[..token(text)];
    let first = &all[..all.find(is_blank).unwrap_or(all.len())];
    let next = all[first.len()..].trim_start_matches(is_blank);
    let next = &next[..next.find(|c: char| !c.is_numeric()).unwrap_or(next.len())];
    let (token, (digits, decimals)) = match number(all) {
        Some(number) => (all, number),
        // "£30,000 37 hours": a number whose groups have a sign does not go on over a blank.
        None if first.len() < all.len() && !first.chars().all(char::is_numeric) && next.len() != 3 => {
            (first, number(first)?)
        }
        None => return None,
    };
    let behind = &text[token.len()..];
    let (word_text, gap) = skip_blanks(behind);
    let word = letters(word_text);
    let times = MULTIPLES.iter().find_map(|(name, times)| {
        // "65kEUR", "45kpa"
        let rest = || &word[name.len()..];
        let own = word.len() >= name.len()
            && word.is_char_boundary(name.len())
            && word[..name.len()].eq_ignore_ascii_case(name)
            && (rest().is_empty() || gap == 0 && (word_mark(rest()).is_some() || alone(rest()).is_some()));
        own.then_some((*times, name.len()))
    });
    if times.is_some() && token.contains(is_blank) && gap == 0 {
        return None;
    }
    let length = token.len() + times.map_or(0, |(_, length)| gap + length);
    let after = &text[length..];
    let known = mark(after).is_some() || period(after).is_some();
    let mut chars = after.chars();
    let (touching, second) = (chars.next(), chars.next());
    let apart = |c: char| is_blank(c) || SIGNS.contains(&c) || "-–—−‐‑(+~|".contains(c);
    let torn = match touching {
        Some(c) if c.is_alphanumeric() => !known,
        Some('%') => true,
        Some(c) => !apart(c) && second.is_some_and(char::is_numeric),
        None => false,
    };
    let next = skip_blanks(after).0;
    let huge = ["bn", "billion", "trillion"]
        .iter()
        .any(|word| letters(next).eq_ignore_ascii_case(word));
    let odd = next.starts_with(|c: char| c.is_numeric() && !c.is_ascii_digit());
    let figure = Figure {
        digits,
        decimals,
        times: times.map(|(times, _)| times),
    };
    (!torn && !huge && !odd).then_some((figure, length))
}

/// The period that words behind or before an amount state; `None` inside for one that pay is not told by.
type Stated = Option<PayPeriod>;

/// Returns the period of a word that needs no "per".
fn alone(word: &str) -> Option<Stated> {
    let plain: String = word
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, '.' | '/' | '-'))
        .collect();
    Some(match plain.as_str() {
        "pa" | "annually" | "annual" | "yearly" => Some(PayPeriod::Year),
        "pcm" | "pm" | "monthly" => Some(PayPeriod::Month),
        "pd" | "daily" => Some(PayPeriod::Day),
        "ph" | "hourly" => Some(PayPeriod::Hour),
        "pw" | "weekly" | "biweekly" | "fortnightly" | "semimonthly" | "bimonthly" | "quarterly" => None,
        _ => return None,
    })
}

/// A period with "per" or the like before it, or a word of its own.
static PERIOD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?P<by>\x20?/\x20?|per\b[^\S\n]*|an?[^\S\n]+|each[^\S\n]+|every[^\S\n]+)(?:(?:calendar|working|full|whole)[^\S\n]+)?(?P<unit>\p{L}+)?|(?P<alone>\p{L}[\p{L}./-]*))",
    )
});

/// Returns the period at the start of a text, with its length.
fn period(text: &str) -> Option<(Stated, usize)> {
    let (rest, gap) = skip_blanks(text);
    let found = PERIOD.as_ref()?.captures(rest)?;
    if let Some(word) = found.name("alone") {
        let bare = word.as_str().trim_end_matches(['/', '-', '.']);
        let end = usize::from(rest[bare.len()..].starts_with('.') && bare.contains('.'));
        return Some((alone(bare)?, gap + bare.len() + end));
    }
    let by = found.name("by")?.as_str();
    let unit = found.name("unit").map_or("", |unit| unit.as_str());
    let slash = by.contains('/');
    let stated = match unit.to_lowercase().as_str() {
        "year" | "yr" | "y" | "annum" => Some(PayPeriod::Year),
        // "p/a" has its own name, "per a." not.
        "a" if by.starts_with(['p', 'P']) || slash => Some(PayPeriod::Year),
        "month" | "mo" | "mth" | "mnth" => Some(PayPeriod::Month),
        // What is paid for a shift is paid for a day.
        "day" | "d" | "diem" | "shift" => Some(PayPeriod::Day),
        "hour" | "hr" | "h" => Some(PayPeriod::Hour),
        // "£40,000 / Leeds", "€60k / £50k" and "A" of a list are no periods.
        "" if slash || !by.starts_with(['p', 'P']) => return None,
        _ if slash && (gap > 0 || by.len() > 1) && unit.starts_with(char::is_uppercase) => return None,
        _ => None,
    };
    Some((stated, gap + found.get(0)?.len()))
}

/// Returns the period that the words before an amount name.
fn named_period(context: &str) -> Option<Stated> {
    const NAMES: [(&str, PayPeriod); 5] = [
        ("day rate", PayPeriod::Day),
        ("daily", PayPeriod::Day),
        ("monthly", PayPeriod::Month),
        ("hourly", PayPeriod::Hour),
        ("an hour", PayPeriod::Hour),
    ];
    static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"\b(?:(?P<year>annual|yearly|per annum|per year)|(?P<month>per month)|(?P<day>per day)|(?P<hour>per hour)|weekly|fortnightly|biweekly|quarterly|(?:per|a|each) (?:week|fortnight|session))(?: \(?(?:pay|rate|wages?|salary|base|gross|net|compensation|earnings|range|scale)\)?){0,3}\s*(?:is|of|from|up to)?\s*[:=–—-]?\s*(?:from|up to)?\s*$",
        )
    });
    if let Some(label) = LABEL.as_ref().and_then(|label| label.captures(context)) {
        let stated = [
            ("year", PayPeriod::Year),
            ("month", PayPeriod::Month),
            ("day", PayPeriod::Day),
            ("hour", PayPeriod::Hour),
        ];
        let known = stated.into_iter().find(|(name, _)| label.name(name).is_some());
        return Some(known.map(|(_, period)| period));
    }
    NAMES
        .iter()
        .find(|(name, _)| context.contains(name))
        .map(|(_, period)| Some(*period))
}

/// The end of a range that a single amount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Least,
    Most,
}

/// Returns the end that the words before an amount make it.
fn bound_before(context: &str) -> Option<Bound> {
    static WORDS: LazyLock<[(Option<Regex>, Bound); 4]> = LazyLock::new(|| {
        let ends = |words: &str| {
            pattern(&format!(
                r"(?i)\b(?:{words})\s*(?:pay|salary|wage|rate)?\s*(?:of|is|:)?\s*$"
            ))
        };
        [
            (
                ends(r"(?:not|no|never|n['’]t) (?:more than|higher than|over|above|beyond|exceed(?:ing)?)"),
                Bound::Most,
            ),
            (
                ends(r"(?:not|no|never|n['’]t) (?:less than|lower than|under|below)"),
                Bound::Least,
            ),
            (
                ends(r"up to|at most|max(?:imum|\.)?|less than|lower than|under|below|capped at|limited to|as much as"),
                Bound::Most,
            ),
            (
                ends(
                    r"from|at least|start(?:ing|s)? (?:at|from)|min(?:imum|\.)?|more than|over|above|upwards? of|in excess of|exceeding",
                ),
                Bound::Least,
            ),
        ]
    });
    let hit = WORDS
        .iter()
        .find(|(words, _)| words.as_ref().is_some_and(|words| words.is_match(context)))?;
    Some(hit.1)
}

/// Returns the end that the words behind an amount make it.
fn bound_behind(text: &str) -> Option<(Bound, usize)> {
    static LEAST: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?i)^[^\S\n]*(?:or (?:more|above|over|higher)|and (?:up|above|over|upwards?)|upwards?|min(?:imum)?)\b",
        )
    });
    static MOST: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"(?i)^[^\S\n]*(?:or (?:less|below|lower)|max(?:imum)?|at most|tops)\b"));
    // "£45,000+" is a least, "£45,000+ bonus" is not.
    if let Some(rest) = text.strip_prefix('+') {
        let (next, _) = skip_blanks(rest);
        let ends = !next.starts_with(char::is_alphanumeric) || period(next).is_some() || mark(next).is_some();
        return ends.then_some((Bound::Least, 1));
    }
    let hit = |words: &LazyLock<Option<Regex>>, bound| Some((bound, words.as_ref()?.find(text)?.len()));
    hit(&LEAST, Bound::Least).or_else(|| hit(&MOST, Bound::Most))
}

/// The words behind an amount: its marks, its period, and the end that it is.
#[derive(Debug, Default)]
struct Behind {
    marks: Vec<Mark>,
    period: Option<Stated>,
    bound: Option<Bound>,
    /// Whether the amount is in lakhs a year.
    lakhs: bool,
    /// The length of all.
    length: usize,
}

/// Words that may stand between an amount and its period.
static FILLER: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)^[^\S\n]*\(?(?:gross|brutto|net|base|basic|FTE)\b\)?"));

/// Signs and words between an amount and a code: "(CAD)", "in CAD", and "/CAD" behind another code.
static APART: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)^[^\S\n]*(?:\(|in\b[^\S\n]+)?"));
static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)^[^\S\n]*(?:/|or\b|and\b)[^\S\n]*"));

fn behind(text: &str) -> Behind {
    let mut all = Behind::default();
    let length = |words: &LazyLock<Option<Regex>>, text: &str| {
        words
            .as_ref()
            .and_then(|words| words.find(text))
            .map_or(0, |hit| hit.len())
    };
    loop {
        let rest = &text[all.length..];
        let next = skip_blanks(rest);
        let lakhs = letters(next.0).eq_ignore_ascii_case("lpa");
        if lakhs && let Ok(rupee) = "INR".parse() {
            all.marks.push(Mark::Code(rupee));
            (all.lakhs, all.period) = (true, Some(Some(PayPeriod::Year)));
            all.length += next.1 + 3;
            continue;
        }
        // A mark before a digit belongs to the next amount.
        let found = [length(&APART, rest), length(&OTHER, rest)]
            .into_iter()
            .enumerate()
            .find_map(|(n, gap)| {
                let (mark, length) = mark(&rest[gap..])?;
                let after = skip_blanks(&rest[gap + length..]).0;
                let others = after.starts_with(|c: char| c.is_numeric()) && !(all.marks.is_empty() && n == 0);
                let code = matches!(mark, Mark::Code(_));
                let known = n == 0 && (gap == next.1 || code) || n == 1 && code && !all.marks.is_empty();
                (known && !others && mark != Mark::Unknown).then_some((mark, gap + length))
            });
        if let Some((mark, length)) = found {
            all.marks.push(mark);
            all.length += length;
            all.length += usize::from(rest[length..].starts_with(')') && rest[..length].contains('('));
        } else if let Some((bound, length)) = bound_behind(rest).filter(|_| all.bound.is_none()) {
            all.bound = Some(bound);
            all.length += length;
        } else if let Some((period, length)) = period(rest).filter(|_| all.period.is_none()) {
            all.period = Some(period);
            all.length += length;
        } else if length(&FILLER, rest) > 0 && all.period.is_none() {
            all.length += length(&FILLER, rest);
        } else {
            return all;
        }
    }
}

/// Signs and words between the two ends of a range.
static BETWEEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)^[^\S\n]*(?:[-–—−‐‑]|to\b|(?P<and>and)\b)[^\S\n]*"));

/// Units of things that are no pay: "£30,000 - 40 hours".
static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)^[^\S\n]*(?:%|(?:hours?|hrs?|days?|weeks?|months?|years?|yrs?|employees|people)\b)")
});

/// The other end of a range with its marks and its length.
type OtherEnd = (Figure, Vec<Mark>, usize);

/// Reads the other end of a range, and returns it with its marks and its length.
///
/// An error where a figure stands there that is not understood, which makes the first amount unsure too.
fn other_end(text: &str, low: Figure, first: &Behind, between: bool) -> Result<Option<OtherEnd>, ()> {
    let Some(joint) = BETWEEN.as_ref().and_then(|joint| joint.captures(text)) else {
        return Ok(None);
    };
    let joined = joint[0].len();
    let rest = &text[joined..];
    let (own, length) = match mark(rest) {
        Some((mark, length)) => (vec![mark], length + skip_blanks(&rest[length..]).1),
        None => (Vec::new(), 0),
    };
    // A code before a sign: "USD $90,000 - USD $95,000".
    let (more, further) = match mark(&rest[length..]).filter(|_| !own.is_empty()) {
        Some((mark, more)) => (Some(mark), more + skip_blanks(&rest[length + more..]).1),
        None => (None, 0),
    };
    let start = length + further;
    let marks: Vec<Mark> = own.into_iter().chain(more).collect();
    let loose = joint.name("and").is_some() && !between && marks.is_empty();
    if loose || !rest[start..].starts_with(char::is_numeric) || first.period.is_some() && marks.is_empty() {
        return Ok(None);
    }
    let (high, length) = figure(&rest[start..]).ok_or(())?;
    let counted = COUNTED
        .as_ref()
        .is_some_and(|unit| unit.is_match(&rest[start + length..]));
    if marks.is_empty() && counted {
        return Ok(None);
    }
    // "£30,000 and £500 for tools"
    let less = high.sharing(low.times, true).value() < low.sharing(high.times, high.bare() >= low.bare()).value();
    if less && joint.name("and").is_some() && !between {
        return Ok(None);
    }
    Ok(Some((high, marks, joined + start + length)))
}

/// Reads the amount whose digits begin at a byte. It returns the pay, with its place, and where to go on.
///
/// An amount that ends before `from` is only skipped.
fn stretch(text: &str, at: usize, from: usize, places: &[Range<usize>]) -> (usize, Option<(PayRange, Range<usize>)>) {
    let after_token = at + token(&text[at..]).max(1);
    let mut end = after_token;
    let mut read = || {
        let (mut marks, start) = marks_before(text, at);
        // The rest of a number or a name that was not understood: "90‚000", "A1".
        let mut before = text[..start].chars().rev();
        let torn = match (before.next(), before.next()) {
            (Some(c), _) if c.is_alphanumeric() => true,
            (Some(c), Some(digit)) => start == at && digit.is_numeric() && !is_blank(c) && !"-–—−‐‑(~|\n".contains(c),
            _ => false,
        };
        let (low, length) = figure(&text[at..]).filter(|_| !torn)?;
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let sentence = super::sections::sentence(text, start).start;
        let context = text[sentence..start].to_lowercase();
        let first = behind(&text[at + length..]);
        let joint = at + length + first.length;
        let other = other_end(&text[joint..], low, &first, context.contains("between")).ok()?;
        let (high, last) = if let Some((high, own, length)) = other {
            marks.extend(&first.marks);
            marks.extend(own);
            end = joint + length;
            (Some(high), behind(&text[end..]))
        } else {
            end = at + length;
            (None, behind(&text[end..]))
        };
        end += last.length;
        if end <= from {
            return None;
        }
        marks.extend(&last.marks);
        let currency = agreed(&marks, text, at, places)?;
        let lakhs = last.lakhs.then_some(LAKH);
        let times = high.and_then(|high| high.times).or(lakhs);
        let rising = high.is_none_or(|high| low.bare() <= high.bare());
        let high = match high {
            Some(high) => Some(high.sharing(lakhs.or(low.times), true).minor(currency)?),
            None => None,
        };
        let low = low.sharing(times, rising).minor(currency)?;
        let stated = match (first.period, last.period) {
            (Some(first), Some(last)) if first != last => return None,
            (first, last) => first.or(last),
        };
        let unit = 10_i64.checked_pow(currency.digits())?;
        let period = match stated.or_else(|| named_period(&context)) {
            Some(stated) => stated?,
            None => match low / unit {
                ..500 => PayPeriod::Hour,
                500..12_000 => PayPeriod::Month,
                _ => PayPeriod::Year,
            },
        };
        let bound = last.bound.or_else(|| bound_before(&text[line..start]));
        let (min, max) = match (high, bound) {
            (Some(_), _) if last.bound == Some(Bound::Least) => (Some(low), None),
            (Some(high), _) => (Some(low), Some(high)),
            (None, Some(Bound::Most)) => (None, Some(low)),
            (None, Some(Bound::Least)) => (Some(low), None),
            (None, None) => (Some(low), Some(low)),
        };
        let range = PayRange {
            min_minor_units: min,
            max_minor_units: max,
            currency,
            period,
        };
        (range.is_sound() && low > 0).then_some((range, start..end))
    };
    let pay = read();
    (end.max(after_token), pay)
}

/// The bytes before a part in which its amount may begin.
const BEFORE: usize = 200;

/// Returns the pay that a part of a text states. What stands before it in its sentence tells its period and which end it is.
///
/// The places of the work tell the country of a sign that several have.
pub(super) fn read(text: &str, part: &Range<usize>, places: &[Range<usize>]) -> Option<(PayRange, Range<usize>)> {
    let near = text.floor_char_boundary(part.start.saturating_sub(BEFORE));
    let mut at = super::sections::sentence(text, part.start).start.max(near);
    while at < part.end {
        at += text[at..].find(char::is_numeric)?;
        if at >= part.end {
            break;
        }
        let (end, pay) = stretch(text, at, part.start, places);
        if end > part.start
            && let Some(pay) = pay
        {
            return Some(pay);
        }
        at = end;
    }
    None
}

/// Whether the sentence of an amount says that it is pay, and not something that is paid besides.
pub(super) fn is_labelled(text: &str, amount: &Range<usize>) -> bool {
    static LABEL: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"(?i)\b(?:pay|salary|salaries|compensation|remuneration|wages?|rates?|ctc|base)\b"));
    static BESIDES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:sick|holiday|maternity|paternity|parental|overtime|bonus|referral|sign(?:ing)?[- ]on|relocation|allowances?|budgets?|revenues?|retention|conversion|interest|tax)\b",
        )
    });
    let sentence = super::sections::sentence(text, amount.start);
    let before = &text[sentence.start..amount.start];
    let behind = &text[amount.end..sentence.end.max(amount.end)];
    let says = |words: &LazyLock<Option<Regex>>, text: &str| words.as_ref().is_some_and(|words| words.is_match(text));
    (says(&LABEL, before) || says(&LABEL, behind)) && !says(&BESIDES, before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pay(text: &str) -> Option<(Option<i64>, Option<i64>, String, PayPeriod)> {
        read(text, &(0..text.len()), &[]).map(|(pay, _)| {
            (
                pay.min_minor_units,
                pay.max_minor_units,
                pay.currency.to_string(),
                pay.period,
            )
        })
    }

    #[test]
    fn pay_is_read() {
        use PayPeriod::{Day, Hour, Month, Year};
        let range = |low: i64, high: i64, code: &str, period| Some((Some(low), Some(high), code.to_owned(), period));
        for (text, wanted) in [
            (
                "Salary: $120,000 - $150,000 per year",
                range(12_000_000, 15_000_000, "USD", Year),
            ),
            ("£45k–£55k", range(4_500_000, 5_500_000, "GBP", Year)),
            (
                "Salary €60.000 to €70.000 gross per annum",
                range(6_000_000, 7_000_000, "EUR", Year),
            ),
            ("$50/hr", range(5_000, 5_000, "USD", Hour)),
            ("pay: 25.50 - 30 USD per hour", range(2_550, 3_000, "USD", Hour)),
            ("12-15 LPA", range(120_000_000, 150_000_000, "INR", Year)),
            ("$90-110k base", range(9_000_000, 11_000_000, "USD", Year)),
            ("£500 per day, outside IR35", range(50_000, 50_000, "GBP", Day)),
            ("CHF 7'500 per month", range(750_000, 750_000, "CHF", Month)),
            ("Salary from £30,000", Some((Some(3_000_000), None, "GBP".into(), Year))),
            (
                "Salary up to €80,000",
                Some((None, Some(8_000_000), "EUR".into(), Year)),
            ),
        ] {
            assert_eq!(pay(text), wanted, "{text}");
        }
    }

    fn money(text: &str) -> Option<String> {
        let bound = |bound: Option<i64>| bound.map_or("-".to_owned(), |units| (units / 100).to_string());
        pay(text).map(|(low, high, code, period)| format!("{}..{} {code} {period:?}", bound(low), bound(high)))
    }

    #[test]
    fn a_code_beats_a_sign_and_two_codes_are_none() {
        for (text, wanted) in [
            ("$85,000 CAD per year", Some("85000..85000 CAD Year")),
            ("AUD $70,000 a year", Some("70000..70000 AUD Year")),
            ("$70,000 - $82,000 NZD", Some("70000..82000 NZD Year")),
            ("Salary (CAD): $70,000 - $82,000", Some("70000..82000 CAD Year")),
            ("$70,000 a year (CAD)", Some("70000..70000 CAD Year")),
            ("$40k–$45k in SGD", Some("40000..45000 SGD Year")),
            ("$90,000 per year, 5 CAD seats", Some("90000..90000 USD Year")),
            ("US$90,000 - US$95,000 a year", Some("90000..95000 USD Year")),
            ("90,000 Canadian dollars a year", Some("90000..90000 CAD Year")),
            ("MX$40,000 per month", Some("40000..40000 MXN Month")),
            ("NT$70,000 per month", Some("70000..70000 TWD Month")),
            ("65kEUR p.a.", Some("65000..65000 EUR Year")),
            ("EUR3.600,00 monthly", Some("3600..3600 EUR Month")),
            ("Rs. 60,000 per month", Some("60000..60000 INR Month")),
            ("€80k / $90k a year", Some("80000..80000 EUR Year")),
            ("€80,000 (or £70k)", Some("80000..80000 EUR Year")),
            ("QQ$70,000 per year", None),
            ("$70,000 USD/CAD", None),
            ("$70,000 EUR a year", None),
            ("CAD 70,000 - USD 80,000", None),
            ("£70k - $80k", None),
        ] {
            assert_eq!(money(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_number_is_read_whole_or_not_at_all() {
        for (text, wanted) in [
            ("€52 000 per year", Some("52000..52000 EUR Year")),
            (
                "52\u{a0}000 € - 58\u{202f}000 € per year",
                Some("52000..58000 EUR Year"),
            ),
            ("CHF 110 000 per year", Some("110000..110000 CHF Year")),
            ("41 000–47 500 kr per month", Some("41000..47500 SEK Month")),
            ("₹9,50,000 - ₹11,00,000 per annum", Some("950000..1100000 INR Year")),
            ("₹9.5 lakhs per annum", Some("950000..950000 INR Year")),
            ("₹1.2 crore a year", Some("12000000..12000000 INR Year")),
            ("6.5 to 9 LPA", Some("650000..900000 INR Year")),
            ("$1.3M a year", Some("1300000..1300000 USD Year")),
            ("€800-1.2k a month", Some("800..1200 EUR Month")),
            ("£45,000-55k", Some("45000..55000 GBP Year")),
            ("USD 80.000,50 per year", Some("80000..80000 USD Year")),
            ("£31,000 37.5 hours a week", Some("31000..31000 GBP Year")),
            ("£31,000 - 28 days of holiday", Some("31000..31000 GBP Year")),
            ("£31,000 and 28 days of holiday", Some("31000..31000 GBP Year")),
            ("£31,000 and £500 for tools", Some("31000..31000 GBP Year")),
            ("between £31,000 and £35,000", Some("31000..35000 GBP Year")),
            ("$28.50 an hour to $31 an hour", Some("28..31 USD Hour")),
            ("£31,000pa", Some("31000..31000 GBP Year")),
            ("£31,0000 a year", None),
            ("£3,10,00 a year", None),
            ("€31 00 a year", None),
            ("$80\u{201a}000 a year", None),
            ("$\u{ff18}0,000 a year", None),
            ("31x000 € a year", None),
            ("$80·000 a year", None),
            ("$8 billion", None),
            ("£8zz a day", None),
            ("€5% a year", None),
        ] {
            assert_eq!(money(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_period_that_stands_there_is_never_guessed() {
        for (text, wanted) in [
            ("£30,000", Some("30000..30000 GBP Year")),
            ("£30,000 / Leeds / full-time", Some("30000..30000 GBP Year")),
            ("£30,000, 37 hours per week", Some("30000..30000 GBP Year")),
            ("£30,000 plus a bonus", Some("30000..30000 GBP Year")),
            ("Annual salary: £11,000", Some("11000..11000 GBP Year")),
            ("£2,500 pcm", Some("2500..2500 GBP Month")),
            ("€3,000 gross per calendar month", Some("3000..3000 EUR Month")),
            ("£110 a shift", Some("110..110 GBP Day")),
            ("€16 p/h", Some("16..16 EUR Hour")),
            ("$1,100 per week", None),
            ("£550 a week", None),
            ("£550/week", None),
            ("£550 weekly", None),
            ("Weekly pay: £550", None),
            ("$1,900 biweekly", None),
            ("$1,900 every two weeks", None),
            ("€1,900 per fortnight", None),
            ("$350 per session", None),
            ("£40 each visit", None),
            ("€0.20 per word", None),
        ] {
            assert_eq!(money(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn words_around_an_amount_make_it_one_end() {
        for (text, wanted) in [
            ("a maximum of $70,000 per year", Some("-..70000 USD Year")),
            ("Salary max. £41,000", Some("-..41000 GBP Year")),
            ("not more than £41,000 per year", Some("-..41000 GBP Year")),
            ("£41,000 max", Some("-..41000 GBP Year")),
            ("$70,000+ per year", Some("70000..- USD Year")),
            ("$70,000 or more per year", Some("70000..- USD Year")),
            ("over USD 70,000 per year", Some("70000..- USD Year")),
            ("no less than £41,000", Some("41000..- GBP Year")),
            ("Minimum salary: £41,000", Some("41000..- GBP Year")),
            ("£41,000 per annum minimum", Some("41000..- GBP Year")),
            ("from £41,000 to £45,000", Some("41000..45000 GBP Year")),
            ("£41,000+bonus", Some("41000..41000 GBP Year")),
            ("£41,000+ bonus", Some("41000..41000 GBP Year")),
            ("£41,000 + bonus", Some("41000..41000 GBP Year")),
            ("Turnover grew. £41,000", Some("41000..41000 GBP Year")),
            ("A starting salary of £41,000", Some("41000..41000 GBP Year")),
        ] {
            assert_eq!(money(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_dollar_is_that_of_the_country_that_its_line_names_first() {
        for (text, code) in [
            (
                "Remote within the United States or Canada.\nPay: $140,000 a year",
                "USD",
            ),
            ("Toronto. We serve the US and Australia.\nPay: $90,000 a year", "CAD"),
            ("Founded in Sydney.\nDenver, US: $90,000 a year", "USD"),
            ("Founded in Boston, US.\nPerth, $90,000 a year", "AUD"),
            ("We focus on you. $90,000 a year", "USD"),
            ("Kingston, ON\nPay: $30 an hour", "CAD"),
            ("Victoria, BC\nPay: $30 an hour", "CAD"),
            ("ABOUT US\nWe are a clinic in Toronto.\nPay: $90,000 a year", "CAD"),
            ("Austin, US\nA clinic that began in Sydney.\nPay: $90,000 a year", "USD"),
            ("Sydney, OH\nPay: $30 an hour", "USD"),
            ("Perth Valley, NY. $30 an hour", "USD"),
            ("Ontario, CA: $30 an hour", "USD"),
            ("Wellington FL, $30 an hour", "USD"),
            ("Halifax, Virginia\nPay: $30 an hour", "USD"),
            ("Toronto, CA\nPay: $30 an hour", "CAD"),
            ("Perth, WA\nPay: $30 an hour", "AUD"),
            ("Toronto OR Montreal\nPay: $30 an hour", "CAD"),
            ("Toronto, New York\nPay: $30 an hour", "CAD"),
            ("Halifax, Nova Scotia\nPay: $30 an hour", "CAD"),
        ] {
            let at = text.find('$').unwrap_or_default();
            let found = read(text, &(at..text.len()), &[]).map(|(pay, _)| pay.currency.to_string());
            assert_eq!(found.as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn a_place_of_the_work_comes_before_all_other_places() {
        for (line, code) in [("Vancouver, WA", "USD"), ("Vancouver, BC", "CAD"), ("Leeds", "AUD")] {
            let text = format!("Founded in Sydney.\n{line}\nPay: $31 an hour");
            let place = text.find(line).unwrap();
            let at = text.find('$').unwrap();
            let found = read(&text, &(at..text.len()), std::slice::from_ref(&(place..place + 5)));
            assert_eq!(found.unwrap().0.currency.code(), code, "{text}");
        }
    }

    #[test]
    fn the_span_is_the_words_of_it() {
        let text = "Base salary: $120,000 - $150,000 per year. Apply!";
        let (_, range) = read(text, &(0..text.len()), &[]).unwrap();
        assert_eq!(&text[range], "$120,000 - $150,000 per year");
    }
}
