//! The currency of an amount, by the signs, codes and places around it.

use std::{ops::Range, sync::LazyLock};

use inventure_core::Currency;
use regex::Regex;

use super::super::pattern;
use crate::place::Place;

/// A word or sign that names a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// One currency and no other.
    Code(Currency),
    /// A sign that several currencies share.
    Sign(&'static str),
    /// A sign with letters before it that are no known country.
    Unknown,
}

/// Signs that may stand before or after an amount.
pub(super) const SIGNS: [char; 5] = ['$', '£', '€', '₹', '¥'];

/// Letters before a dollar sign, with their currencies.
pub(super) const DOLLARS: [(&str, &str); 18] = [
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
pub(super) const PLAIN_CODES: [&str; 17] = [
    "usd", "eur", "gbp", "cad", "aud", "nzd", "sgd", "hkd", "inr", "chf", "sek", "nok", "dkk", "pln", "jpy", "aed",
    "zar",
];

/// Returns the currency of an ISO 4217 code; lower case counts where it is no word.
pub(super) fn code(word: &str) -> Option<Currency> {
    let plain = PLAIN_CODES.contains(&word.to_lowercase().as_str());
    let word = if plain { word.to_uppercase() } else { word.to_owned() };
    word.parse().ok()
}

/// Returns the mark that letters and a sign behind them make.
pub(super) fn signed(letters: &str, sign: char) -> Mark {
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
pub(super) fn word_mark(word: &str) -> Option<Mark> {
    Some(match word.to_lowercase().as_str() {
        "kr" => Mark::Sign("kr"),
        "rs" | "rupees" => Mark::Sign("₹"),
        "euro" | "euros" => Mark::Sign("€"),
        "dollars" => Mark::Sign("$"),
        _ => Mark::Code(code(word)?),
    })
}

/// Whether a sign may be written for a currency.
pub(super) fn stands_for(sign: &str, currency: Currency) -> bool {
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
pub(super) fn agreed(marks: &[Mark], text: &str, amount: usize, places: &[Range<usize>]) -> Option<Currency> {
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
pub(super) fn local(sign: &str, text: &str, amount: usize, places: &[Range<usize>]) -> &'static str {
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
pub(super) static TOWN_OF_STATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?P<town>\p{Lu}[\p{L}.'’-]*(?: \p{Lu}[\p{L}.'’-]*){0,3})(?:, (?P<state>[A-Z]{2}|\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)?)|,? (?P<code>[A-Z]{2}))\b",
    )
});

/// Returns the places of a text that say a town and a state of the USA.
pub(super) fn towns_of_states(text: &str) -> Vec<Range<usize>> {
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
pub(super) fn first_named(text: &str, within: usize, table: &[(&'static str, &[&str])]) -> Option<&'static str> {
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
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\n' | '\r')
}

/// Returns a text without the blanks at its start, and their length.
pub(super) fn skip_blanks(text: &str) -> (&str, usize) {
    let rest = text.trim_start_matches(is_blank);
    (rest, text.len() - rest.len())
}

/// Returns the letters at the start of a text.
pub(super) fn letters(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    &text[..end]
}

/// Names of dollars in two words.
pub(super) static NAMED_DOLLARS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?P<USD>US|U\.S\.|American)|(?P<CAD>Canadian)|(?P<AUD>Australian)|(?P<NZD>New Zealand)|(?P<SGD>Singapore)|(?P<HKD>Hong Kong)) dollars?\b",
    )
});

/// Returns the mark at the start of a text, with its length.
pub(super) fn mark(text: &str) -> Option<(Mark, usize)> {
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
pub(super) fn marks_before(text: &str, amount: usize) -> (Vec<Mark>, usize) {
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
