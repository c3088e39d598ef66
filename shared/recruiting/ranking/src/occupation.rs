//! Titles and the occupations that go by them, from the O*NET alternate titles (CC BY 4.0, see `data/README.md`).

use std::{collections::HashMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{neutral, seniority, text};

/// Normalised titles, sorted by bytes: `title TAB index,index…` into [`OCCUPATIONS`]. Searched where it lies, so that a cold
/// start pays nothing for its 46,000 lines.
const TITLES: &str = include_str!("../data/titles.tsv");

/// `code TAB title`, one occupation a line.
const OCCUPATIONS: &str = include_str!("../data/occupations.tsv");

/// The most titles of occupations that a job is compared by, besides its own.
pub const ALTERNATES_MAX: usize = 32;

/// The most words of a title that are looked at.
const TITLE_MAX_WORDS: usize = 8;

/// The most bytes of a word of a title. What is longer is no word.
const TITLE_WORD_MAX_BYTES: usize = 40;

/// An occupation of O*NET-SOC 2019: its code `15-1252.00` as the number 15125200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Occupation(u32);

impl Occupation {
    /// Reads a code such as `15-1252.00`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        (digits.len() == 8).then(|| digits.parse().ok().map(Self)).flatten()
    }

    /// The occupation's own title, such as `Software Developers`; empty for a code that the taxonomy lacks.
    #[must_use]
    pub fn title(self) -> &'static str {
        let mut lines = OCCUPATIONS.lines().filter_map(|line| line.split_once('\t'));
        lines
            .find(|(code, _)| Self::from_code(code) == Some(self))
            .map_or("", |(_, title)| title)
    }
}

/// A title as it is compared: lower case, singular, gender-neutral, without words of rank, employer, place or contract.
#[must_use]
pub fn normalise(title: &str) -> String {
    let lower = title.to_lowercase();
    let mut core = lower.as_str();
    for end in [
        " at ",
        " @ ",
        " - ",
        " – ",
        " — ",
        " | ",
        "|",
        "(",
        "[",
        ";",
        " for ",
        " based in ",
    ] {
        if let Some((before, _)) = core.split_once(end)
            && before.chars().any(char::is_alphabetic)
        {
            core = before;
        }
    }
    let words = text::words(core)
        .map(|(_, word)| word)
        .filter(|word| !seniority::is_rank_only(word));
    let words = words.map(|word| text::singular(neutral::neutral_word(word).unwrap_or_default().to_owned()));
    words
        .filter(|word| !word.is_empty() && word.len() <= TITLE_WORD_MAX_BYTES)
        .take(TITLE_MAX_WORDS)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns the occupations that go by the normalised title. If there are none, they are those of the longest run of its words
/// that the taxonomy knows; of two equally long the later, since in English the head of a title comes last. Titles of more than
/// eight occupations ("engineer") are not in the table: they tell nothing.
#[must_use]
pub fn occupations(normal: &str) -> Vec<Occupation> {
    let words: Vec<&str> = normal.split(' ').take(TITLE_MAX_WORDS).collect();
    for length in (1..=words.len()).rev() {
        for start in (0..=words.len() - length).rev() {
            let found = look_up(&words[start..start + length].join(" "));
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// Returns the titles that these occupations go by, normalised; at most [`ALTERNATES_MAX`], evenly out of the alphabet.
#[must_use]
pub fn alternates(occupations: &[Occupation]) -> Vec<&'static str> {
    let codes = OCCUPATIONS
        .lines()
        .map(|line| line.split_once('\t').and_then(|(code, _)| Occupation::from_code(code)));
    let wanted: Vec<String> = (0_usize..)
        .zip(codes)
        .filter(|(_, code)| code.is_some_and(|code| occupations.contains(&code)))
        .map(|(index, _)| index.to_string())
        .collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let goes_by = |line: &'static str| {
        let (title, indices) = line.split_once('\t')?;
        let known = indices
            .split(',')
            .any(|index| wanted.iter().any(|wanted| wanted == index));
        known.then_some(title)
    };
    let titles: Vec<&str> = TITLES.lines().filter_map(goes_by).collect();
    let kept = titles.len().min(ALTERNATES_MAX);
    (0..kept).map(|place| titles[place * titles.len() / kept]).collect()
}

/// Whether titles use this word, in lower case, as a word of work: five of them at least. One or two may name a firm.
#[must_use]
pub fn is_title_word(word: &str) -> bool {
    static WORDS: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
        let mut words = HashMap::new();
        for word in TITLES
            .lines()
            .filter_map(|line| line.split('\t').next())
            .flat_map(|title| title.split(' '))
        {
            *words.entry(word).or_default() += 1;
        }
        words
    });
    WORDS.get(word).is_some_and(|titles| *titles >= 5)
}

fn look_up(normal: &str) -> Vec<Occupation> {
    let (mut low, mut high) = (0, TITLES.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        // From the middle back to where its line begins; the data is ASCII and `find` steps by bytes.
        let start = TITLES.as_bytes()[low..middle]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(low, |at| low + at + 1);
        let end = TITLES.as_bytes()[start..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(TITLES.len(), |at| start + at);
        let Some((title, indices)) = TITLES.get(start..end).and_then(|line| line.split_once('\t')) else {
            return Vec::new();
        };
        match title.cmp(normal) {
            std::cmp::Ordering::Less => low = (end + 1).min(high),
            std::cmp::Ordering::Greater => high = start,
            std::cmp::Ordering::Equal => {
                let nth = |index: &str| OCCUPATIONS.lines().nth(index.parse().ok()?)?.split_once('\t');
                return indices
                    .split(',')
                    .filter_map(nth)
                    .filter_map(|(code, _)| Occupation::from_code(code))
                    .collect();
            }
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lose_what_is_not_the_work() {
        for (title, normal) in [
            ("Senior Software Engineers (Contract) - Berlin", "software engineer"),
            ("Sr. Java Developer at Oracle", "java developer"),
            ("Saleswoman", "salesperson"),
            ("Chairman", "chairperson"),
            ("Lead Data Scientist | Remote", "data scientist"),
            (&format!("Cook {}", "a.".repeat(20_000)), "cook"),
        ] {
            assert_eq!(normalise(title), normal, "{title}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_sound() {
        assert!(
            TITLES
                .lines()
                .is_sorted_by(|a, b| a.split('\t').next() < b.split('\t').next())
        );
        assert!(TITLES.is_ascii());
        let count = OCCUPATIONS.lines().count();
        assert_eq!(count, 1016);
        assert!(
            TITLES
                .lines()
                .flat_map(|line| line.split(['\t', ',']).skip(1))
                .all(|i| i.parse::<usize>().unwrap() < count)
        );
    }

    #[test]
    fn every_title_is_found_where_it_lies() {
        for line in TITLES
            .lines()
            .step_by(97)
            .chain(TITLES.lines().next())
            .chain(TITLES.lines().last())
        {
            let (title, indices) = line.split_once('\t').unwrap();
            assert_eq!(look_up(title).len(), indices.split(',').count(), "{title}");
        }
        assert!(look_up("zzz").is_empty() && look_up("").is_empty() && look_up("~~~~").is_empty());
    }

    #[test]
    fn an_occupation_goes_by_many_titles() {
        let nurses = alternates(&occupations("registered nurse"));
        assert_eq!(nurses.len(), ALTERNATES_MAX);
        assert!(nurses.iter().any(|title| title.contains("nurse")), "{nurses:?}");
        assert!(nurses.is_sorted() && alternates(&[]).is_empty());
    }

    #[test]
    fn titles_have_their_occupations() {
        let of = |title: &str| occupations(&normalise(title));
        let names = |title: &str| of(title).into_iter().map(Occupation::title).collect::<Vec<_>>();
        assert_eq!(names("Senior Software Engineer"), ["Software Developers"]);
        assert!(of("Engineer").is_empty());
    }
}
