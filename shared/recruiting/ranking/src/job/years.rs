//! The years of experience that a job asks for, told from the firm's own.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{pattern, sections};

static YEARS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?ix)\b(?P<number>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)\b\s*(?:\(\d{1,2}\)\s*)?(?P<more>\+|plus\b|or\s+more\b)?\s*(?:(?:-|–|—|to|or)\s*(?P<high>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\s*\+?\s*)?(?:(?:full|good|solid|complete)\s)?(?:years?|yrs?)\b['’]?",
    )
});

/// The beginning of a time for which a firm has done something.
static FOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"\b(?:for|we have|we bring|our)(?:\s+(?:more than|over|nearly|almost|about|around|some|the past|the last|close to|well over))?\s*$",
    )
});

/// Words that make years the firm's, the law's or the contract's.
const OTHERWISE: [&str; 44] = [
    "founded",
    "established",
    "years of age",
    "years old",
    "year old",
    "in business",
    "over the past",
    "over the last",
    "for the past",
    "for the last",
    "in the last",
    "past few years",
    "years ago",
    "we have been",
    "we've been",
    "we've ",
    "our company",
    "anniversary",
    "combined",
    "between us",
    "on average",
    "average of",
    "averages",
    "average ",
    "have been here",
    "fixed term",
    "fixed-term",
    "licence for",
    "license for",
    "held a",
    "clean driving",
    "retir",
    "after two years",
    "after three years",
    "after one year",
    "within two years",
    "next three years",
    "next two years",
    "next five years",
    "every two years",
    "every three years",
    "each year",
    "since ",
    "history of",
];

/// Words that make years an ask.
const ASKED: [&str; 40] = [
    "experience",
    "background",
    "track record",
    "worked",
    "working",
    "expertise",
    "practice",
    "at least",
    "minimum",
    "min.",
    "or more",
    "you have",
    "you've",
    "you will have",
    "you need",
    "you'll need",
    "we need",
    "we ask",
    "we're asking",
    "looking for",
    "must have",
    "should have",
    "required",
    "require",
    "essential",
    "please",
    "need ",
    "needs ",
    "under your belt",
    "behind you",
    "in the trade",
    "in a similar",
    "in a kitchen",
    "in the role",
    "with you",
    "hands-on",
    "post-qualif",
    "pqe",
    "ideally",
    "you bring",
];

/// Returns the least years of experience that are asked. It is the largest of the least numbers, since "5+ years of software, 2+
/// of Rust" asks for five. What is only preferred counts where nothing is required.
pub(super) fn find(text: &str) -> Option<(u32, Range<usize>)> {
    let mut most: Option<(bool, u32, Range<usize>)> = None;
    for found in YEARS.as_ref()?.captures_iter(text) {
        let (Some(all), Some(named)) = (found.get(0), found.name("number")) else {
            continue;
        };
        let number = number(named.as_str());
        let sentence = sections::sentence(text, all.start());
        let lower = text[sentence.clone()].to_lowercase();
        let before = text[sentence.start..all.start()].to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        // "up to two years" is no least, "18 years or older" is the law's, and "for 30 years" the firm's.
        let bound = before.trim_end().ends_with("up to") || lower.contains("or older");
        let firm = FOR.as_ref().is_some_and(|of_firm| of_firm.is_match(&before)) && !lower.contains("you");
        // "A two year contract", "Contract: 2 years": beside the number these are no ask.
        let beside = [
            "contract",
            "guarantee",
            "tenure",
            "apprenticeship",
            "course",
            "pension",
            "warranty",
            "placement",
        ];
        let after = text[all.end()..]
            .trim_start_matches([' ', '-', ':', '’', '\'', 's'])
            .chars()
            .take(24)
            .flat_map(char::to_lowercase)
            .collect::<String>();
        let thing = beside
            .iter()
            .any(|word| after.starts_with(word) || before.trim_end_matches([' ', ':']).ends_with(word));
        let ask = found.name("more").is_some()
            || found.name("high").is_some()
            || has(&ASKED)
            || ["in ", "of ", "as ", "on ", "with ", "doing ", "behind "]
                .iter()
                .any(|word| text[all.end()..].trim_start().starts_with(word));
        if !ask || bound || firm || thing || has(&OTHERWISE) || !(1..=30).contains(&number) {
            continue;
        }
        let preferred = has(&[
            "prefer",
            "ideally",
            "a plus",
            "nice to have",
            "desirable",
            "would be great",
            "bonus",
        ]);
        let better = most
            .as_ref()
            .is_none_or(|(required, known, _)| (!preferred, number) > (*required, *known));
        if better {
            most = Some((!preferred, number, all.range()));
        }
    }
    most.map(|(_, number, range)| (number, range))
}

fn number(text: &str) -> u32 {
    match text.to_lowercase().as_str() {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "twelve" => 12,
        "fifteen" => 15,
        "twenty" => 20,
        digits => digits.parse().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn years_that_are_asked_are_told_from_the_firm_s() {
        for (text, years) in [
            ("For more than 25 years, we deliver software with experience.", None),
            ("Founded 15 years ago, we have experience.", None),
            ("At least three (3) years of experience", Some(3)),
            ("Minimum of 5 years' experience", Some(5)),
            ("You must be 18 years or older. 2 years experience.", Some(2)),
            (
                "Backed by a combined 40 years of industry experience. 4 years of experience in sales needed.",
                Some(4),
            ),
            ("Contract: 2 years. Experience with SQL.", None),
            ("No experience required", None),
            ("Three or more years of backend work, please.", Some(3)),
            (
                "We have been in business for 30 years. You bring 3-5 years in audit.",
                Some(3),
            ),
            ("5+ years of software, 2+ of Rust", Some(5)),
            ("At least 5 years of experience in contract law", Some(5)),
            ("5+ years' experience in pension administration", Some(5)),
            ("A 2 year contract in Leeds, with you from May.", None),
            ("3 years of Go required; 8 years preferred.", Some(3)),
        ] {
            assert_eq!(find(text).map(|(years, _)| years), years, "{text}");
        }
    }
}
