//! Numbers as people write amounts, read whole or not at all.

use inventure_core::Currency;

use super::{
    currency::{SIGNS, is_blank, letters, mark, skip_blanks, word_mark},
    terms::{alone, period},
};

/// A number that was read whole, without its currency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure {
    /// The number without its point.
    pub digits: i64,
    /// The number of its digits behind the point.
    pub decimals: u32,
    /// The thousand, million, lakh or crore behind it.
    pub times: Option<i64>,
}

impl Figure {
    /// Returns the amount in minor units.
    pub fn minor(self, currency: Currency) -> Option<i64> {
        let all = self
            .digits
            .checked_mul(10_i64.checked_pow(currency.digits())?)?
            .checked_mul(self.times.unwrap_or(1))?;
        Some(all / 10_i64.checked_pow(self.decimals)?)
    }

    /// Returns the number itself, whatever multiple stands behind it.
    pub fn bare(self) -> i64 {
        self.digits / 10_i64.checked_pow(self.decimals).unwrap_or(i64::MAX)
    }

    /// Returns the number with its multiple, to compare.
    pub fn value(self) -> i64 {
        self.bare().saturating_mul(self.times.unwrap_or(1))
    }

    /// Returns it with the multiple of the other end of its range, where that can hold for both: "$90-110k".
    pub fn sharing(self, times: Option<i64>, fits: bool) -> Self {
        let shared = self.times.or(times.filter(|_| fits && self.bare() < 1_000));
        Self { times: shared, ..self }
    }
}

/// Returns the length of a number with all signs that may group its digits.
pub(super) fn token(text: &str) -> usize {
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
pub(super) fn number(token: &str) -> Option<(i64, u32)> {
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
pub(super) const MULTIPLES: [(&str, i64); 17] = [
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

pub(super) const LAKH: i64 = 100_000;

/// Reads the number at the start of a text with its multiple, and returns its length.
///
/// `None` where anything that touches it, or a digit behind it, is not understood: a part of a number is a wrong one.
pub(super) fn figure(text: &str) -> Option<(Figure, usize)> {
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
