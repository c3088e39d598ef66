//! Titles and the occupations that go by them, from the O*NET alternate titles (CC BY 4.0, see `data/README.md`).

use std::{collections::HashMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{neutral, seniority, text};

/// Normalised titles, sorted by bytes: `title TAB index,index…` into [`OCCUPATIONS`]. Searched where it lies, so that a cold
/// start pays nothing for its 46,000 lines.
const TITLES: &str = include_str!("../data/titles.tsv");

/// `code TAB title`, one occupation a line.
const OCCUPATIONS: &str = include_str!("../data/occupations.tsv");

/// The most words of a title that are looked at.
const TITLE_MAX_WORDS: usize = 8;

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

    /// Returns how near two occupations stand in the classification, in `[0, 1]`. The same occupation gives 1, the same detailed
    /// occupation 0.85, broad occupation 0.6, minor group 0.3, major group 0.05.
    #[must_use]
    pub fn similarity(self, other: Self) -> f64 {
        let same = |divisor: u32| self.0 / divisor == other.0 / divisor;
        match () {
            () if self == other => 1.0,
            () if same(100) => 0.85,
            () if same(1_000) => 0.6,
            () if same(100_000) => 0.3,
            () if same(1_000_000) => 0.05,
            () => 0.0,
        }
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
        .filter(|word| !word.is_empty())
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

/// Returns how alike two normalised titles are, in `[0, 1]`: by words or by occupations, whichever says more.
/// The share of words (Dice) is squared: half of them is seldom half the work ("sales manager", "project manager").
#[must_use]
pub fn similarity(a: (&str, &[Occupation]), b: (&str, &[Occupation])) -> f64 {
    let by_occupation =
        a.1.iter()
            .flat_map(|a| b.1.iter().map(|b| a.similarity(*b)))
            .fold(0.0, f64::max);
    let (left, right): (Vec<&str>, Vec<&str>) = (a.0.split(' ').collect(), b.0.split(' ').collect());
    let shared = left.iter().filter(|word| right.contains(word)).count();
    let by_words = 2.0 * shared as f64 / (left.len() + right.len()) as f64;
    // Two empty titles split into one empty word each, and share it.
    let stated = !a.0.is_empty() && !b.0.is_empty();
    by_occupation.max(if stated { by_words * by_words } else { 0.0 })
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
    fn near_titles_share_occupations() {
        let of = |title: &str| occupations(&normalise(title));
        let names = |title: &str| of(title).into_iter().map(Occupation::title).collect::<Vec<_>>();
        assert_eq!(names("Senior Software Engineer"), ["Software Developers"]);
        assert!(of("Engineer").is_empty());
        let like = |a: &str, b: &str| similarity((&normalise(a), &of(a)), (&normalise(b), &of(b)));
        assert!(like("Java Developer", "Computer Programmer") > 0.9);
        assert!(like("Registered Nurse", "Software Engineer") < 0.1);
        assert!((like("Data Scientist", "Senior Data Scientist") - 1.0).abs() < 1e-9);
    }
}
