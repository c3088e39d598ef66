//! Numbers of years in words and figures.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{pattern, sections};
use crate::text;

/// The beginning of a time for which a firm has done something.
static FOR_YEARS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:we have|we bring|we['’]ve|our)(?:\s+(?:more than|over|nearly|almost|about|around|some|well over))?|for\s+(?:more than|over|nearly|almost|about|around|the past|the last|close to|well over))\s*$",
    )
});

/// Things that last for years, beside whose name a number is no ask: "a two year contract", "Contract: 2 years".
const THINGS: [&str; 8] = [
    "contract",
    "guarantee",
    "tenure",
    "apprenticeship",
    "course",
    "pension",
    "warranty",
    "placement",
];

/// The words before years that are an age.
static AGED: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\bage[ds]?\b(?:[\s:]*(?:of|is|at|least|from|over|minimum|limit)){0,3}[\s:]*$"));

/// Years with words behind them that make them an age.
static OLD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^(?:\w+[ -]+){0,4}?(?:years?|yrs?)[ -]+(?:of age\b|old\b|(?:or|and) older\b|(?:or|and) over (?:on|at|when|to|by)\b|(?:or|and) over\s*(?:$|[.,;)\n]))",
    )
});

/// The words before years that are the most that is asked.
static AT_MOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?:\b(?:up to|at most|(?:not?|never|n['’]t) (?:\w+ )?(?:more|longer|over|exceed(?:ing)?)(?: than)?|max(?:imum|\.)?)|(?P<not>\b(?:no|not|never) )?\b(?:less|fewer|under|below)(?: than)?)\s*(?:of\s*)?:?\s*$",
    )
});

/// Whether the words before a number make it the most.
fn is_most(before: &str) -> bool {
    let most = AT_MOST.as_ref().and_then(|most| most.captures(before));
    most.is_some_and(|most| most.name("not").is_none())
}

/// Whether years are an age, or those of a thing or of the firm.
pub(super) fn are_no_ask(text: &str, years: &Range<usize>) -> bool {
    let sentence = sections::sentence(text, years.start);
    let before = text[sentence.start..years.start].to_lowercase();
    let after = text[years.end..]
        .trim_start_matches([' ', '-', ':', '’', '\'', 's'])
        .to_lowercase();
    let is_thing = THINGS
        .iter()
        .any(|thing| after.starts_with(thing) || before.trim_end_matches([' ', ':']).ends_with(thing));
    let firms = FOR_YEARS.as_ref().is_some_and(|firm| firm.is_match(&before));
    let from = text[years.start..sentence.end.max(years.end)].to_lowercase();
    let is_age =
        AGED.as_ref().is_some_and(|aged| aged.is_match(&before)) || OLD.as_ref().is_some_and(|old| old.is_match(&from));
    is_thing || is_age || is_most(&before) || firms && !text[sentence].to_lowercase().contains("you")
}

/// Returns the least number of years, 1 to 30, that words such as "at least three years" state.
pub(super) fn least(words: &str) -> Option<u32> {
    let lower = words.to_lowercase();
    // "Up to two years" is no least.
    let amount = text::words(&lower)
        .find(|(_, word)| number(word).is_some())
        .map_or(0, |(at, _)| at);
    if lower.contains("max") || is_most(&lower[..amount]) {
        return None;
    }
    let parts: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    // "A year or two" is one, "a minimum of five years" are five.
    let one = parts
        .windows(2)
        .any(|pair| pair[0] == "a" && matches!(pair[1], "year" | "yr" | "full"));
    let stated = if one {
        1
    } else {
        parts.iter().find_map(|part| number(part))?
    };
    let only_months = lower.contains("month") && !lower.contains("year");
    let years = match (only_months, stated % 12) {
        (false, _) => stated,
        (true, 0) => stated / 12,
        (true, _) => return None,
    };
    (1..=30).contains(&years).then_some(years)
}

fn number(word: &str) -> Option<u32> {
    Some(match word {
        "one" => 1,
        "couple" | "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" | "decade" => 10,
        "twelve" => 12,
        "fifteen" => 15,
        "twenty" => 20,
        // "3yrs"
        digits => digits.trim_end_matches(char::is_alphabetic).parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{are_no_ask, least};

    #[test]
    fn years_of_firms_and_things_are_told_apart() {
        for (text, firm) in [
            ("We have 30 years of experience in the field.", true),
            ("For over 30 years we ask", true),
            ("We ask you for 3 years of practice.", false),
            ("3 years of practice.", false),
            ("Contract: 3 years. Experience with SQL.", true),
            ("A 3 years contract in Leeds.", true),
            ("Minimum age: 3 years", true),
            ("You are aged at least 3 years", true),
            ("3 years or older", true),
            ("3 years of age", true),
            ("Less than 3 years of practice", true),
            ("You must not have more than 3 years of practice", true),
            ("Not more than 3 years of practice", true),
            ("No less than 3 years of practice", false),
            ("More than 3 years of practice", false),
            ("3 years or more", false),
            ("3 years of agency work", false),
            ("Manage a firm of any age for 3 years, please", false),
        ] {
            let at = text.find('3').unwrap();
            assert_eq!(are_no_ask(text, &(at..at + 7)), firm, "{text}");
        }
    }

    #[test]
    fn years_are_read_in_words_and_figures() {
        for (text, years) in [
            ("At least three (3) years", Some(3)),
            ("Minimum of 5 years'", Some(5)),
            ("3-5 years", Some(3)),
            ("2yrs", Some(2)),
            ("a year", Some(1)),
            ("a year or two", Some(1)),
            ("a minimum of five years", Some(5)),
            ("a good ten years", Some(10)),
            ("a couple of years", Some(2)),
            ("at least a decade", Some(10)),
            ("2 years and 6 months", Some(2)),
            ("up to 2 years", None),
            ("fewer than 2 years", None),
            ("not more than two years", None),
            ("no less than two years", Some(2)),
            ("more than 2 years", Some(2)),
            ("24 months", Some(2)),
            ("18 months", None),
            ("0 years", None),
            ("years", None),
        ] {
            assert_eq!(least(text), years, "{text}");
        }
    }
}
