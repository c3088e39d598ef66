//! Words around an amount: its period, and which end of a range it is.

use std::sync::LazyLock;

use inventure_core::PayPeriod;
use regex::Regex;

use super::super::pattern;
use super::currency::{Mark, letters, mark, skip_blanks};

/// The period that words behind or before an amount state; `None` inside for one that pay is not told by.
pub(super) type Stated = Option<PayPeriod>;

/// Returns the period of a word that needs no "per".
pub(super) fn alone(word: &str) -> Option<Stated> {
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
pub(super) static PERIOD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?P<by>\x20?/\x20?|per\b[^\S\n]*|an?[^\S\n]+|each[^\S\n]+|every[^\S\n]+)(?:(?:calendar|working|full|whole)[^\S\n]+)?(?P<unit>\p{L}+)?|(?P<alone>\p{L}[\p{L}./-]*))",
    )
});

/// Returns the period at the start of a text, with its length.
pub(super) fn period(text: &str) -> Option<(Stated, usize)> {
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
pub(super) fn named_period(context: &str) -> Option<Stated> {
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
pub(super) enum Bound {
    Least,
    Most,
}

/// Returns the end that the words before an amount make it.
pub(super) fn bound_before(context: &str) -> Option<Bound> {
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
pub(super) fn bound_behind(text: &str) -> Option<(Bound, usize)> {
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
pub(super) struct Behind {
    pub marks: Vec<Mark>,
    pub period: Option<Stated>,
    pub bound: Option<Bound>,
    /// Whether the amount is in lakhs a year.
    pub lakhs: bool,
    /// The length of all.
    pub length: usize,
}

/// Words that may stand between an amount and its period.
pub(super) static FILLER: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)^[^\S\n]*\(?(?:gross|brutto|net|base|basic|FTE)\b\)?"));

/// Signs and words between an amount and a code: "(CAD)", "in CAD", and "/CAD" behind another code.
pub(super) static APART: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)^[^\S\n]*(?:\(|in\b[^\S\n]+)?"));
pub(super) static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)^[^\S\n]*(?:/|or\b|and\b)[^\S\n]*"));

pub(super) fn behind(text: &str) -> Behind {
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
