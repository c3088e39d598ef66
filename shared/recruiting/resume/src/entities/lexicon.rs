//! The knowledge of words and phrases before any training. It is the word lists, and phrases of the O*NET and ESCO taxonomies
//! kept as hashes, so that 70,000 of them take a few hundred kilobytes.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{
    token::{Token, tokenize},
    words::{self, class},
};

/// The lists of phrases, each a bit of the mask under a phrase's hash.
pub mod list {
    /// Job titles: O*NET titles and alternate titles, ESCO occupations.
    pub const TITLE: usize = 0;
    /// Software and machines: O*NET technology skills.
    pub const TECH: usize = 1;
    /// Knowledge as ESCO lists it.
    pub const KNOWLEDGE: usize = 2;
    /// Other skills that ESCO lists.
    pub const SKILL: usize = 3;
    /// Names of places.
    pub const PLACE: usize = 4;
    /// The number of lists.
    pub const COUNT: usize = 5;
}

/// The longest phrase that is looked for, in tokens.
pub const PHRASE_MAX: usize = 6;

/// The number of times that a word stands in each list, as a bit length. It is 0 for never, 1 for once, 2 for two or three times,
/// and so on. The lists are: the last word of titles, any word of titles, technology, ESCO knowledge, other ESCO skills, O*NET
/// task statements.
pub type Counts = [u8; 6];

/// A map whose keys are hashes already.
pub type HashedMap<V> = HashMap<u32, V, BuildHasherDefault<Spread>>;

/// Spreads a 32-bit hash over the 64 bits the map wants.
#[derive(Debug, Default, Clone, Copy)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0, u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = u64::from(value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Combines two hashes into one; the order matters.
#[must_use]
pub const fn mix(a: u64, b: u64) -> u64 {
    let x = (a ^ b.wrapping_mul(0xff51_afd7_ed55_8ccd)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ (x >> 29)).rotate_left(17).wrapping_add(b)
}

/// Returns the 32 best bits of a hash.
#[must_use]
pub const fn fold(hash: u64) -> u32 {
    (hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53) >> 32) as u32
}

/// Returns the hash of a text.
#[must_use]
pub fn hash_text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns the hash of a word in lower case, its digits all alike if there are more than two.
#[must_use]
pub fn hash_word(word: &str) -> u64 {
    let masked = word.bytes().filter(u8::is_ascii_digit).count() > 2;
    word.chars()
        .flat_map(char::to_lowercase)
        .fold(0xcbf2_9ce4_8422_2325, |hash, c| {
            let c = if masked && c.is_ascii_digit() { '0' } else { c };
            (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3)
        })
}

/// Returns the hash of a sequence of word hashes.
#[must_use]
pub fn hash_phrase(words: &[u64]) -> u32 {
    fold(words.iter().fold(0, |hash, word| mix(hash, *word)))
}

/// Returns the word hashes of a phrase as the tagger would read them, marks included.
#[must_use]
pub fn phrase_words(phrase: &str) -> Vec<u64> {
    tokenize(phrase, PHRASE_MAX + 1)
        .iter()
        .map(|t: &Token| hash_word(&phrase[t.start..t.end]))
        .collect()
}

/// The words and phrases with what is known of them.
#[derive(Debug, Default)]
pub struct Lexicon {
    classes: HashedMap<u32>,
    phrases: HashedMap<u8>,
    counts: HashedMap<Counts>,
    sections: HashedMap<u8>,
}

impl Lexicon {
    /// Creates the built-in word lists with phrases (hash, bits of the lists) and word counts (hash, counts) of the taxonomies.
    #[must_use]
    pub fn new(phrases: impl Iterator<Item = (u32, u8)>, counts: impl Iterator<Item = (u32, Counts)>) -> Self {
        let mut lexicon = Self {
            phrases: phrases.collect(),
            counts: counts.collect(),
            ..Self::default()
        };
        for (word, bit) in words::classes() {
            *lexicon.classes.entry(fold(hash_word(word))).or_default() |= bit;
        }
        for place in words::PLACES.split(',') {
            *lexicon.phrases.entry(hash_phrase(&phrase_words(place))).or_default() |= 1 << list::PLACE;
        }
        for (section, (_, keywords)) in (1..).zip(words::SECTIONS) {
            for word in keywords.split_whitespace() {
                lexicon.sections.entry(fold(hash_word(word))).or_insert(section);
            }
        }
        lexicon
    }

    /// Returns the bits of [`class`] for a word.
    #[must_use]
    pub fn class(&self, word: u64) -> u32 {
        self.classes.get(&fold(word)).copied().unwrap_or_default()
    }

    /// Returns the counts for a word.
    #[must_use]
    pub fn counts(&self, word: u64) -> Counts {
        self.counts.get(&fold(word)).copied().unwrap_or_default()
    }

    /// Returns the number of the section whose heading a word may be, 0 for none.
    #[must_use]
    pub fn section(&self, word: u64) -> u8 {
        self.sections.get(&fold(word)).copied().unwrap_or_default()
    }

    /// Returns the place of each word in the longest phrase of each list that covers it. It is 0 in none, 1 first, 2 inside, 3
    /// last, 4 the whole phrase.
    #[must_use]
    pub fn phrase_positions(&self, words: &[u64]) -> Vec<[u8; list::COUNT]> {
        let mut positions = vec![[0; list::COUNT]; words.len()];
        for start in 0..words.len() {
            for length in (1..=PHRASE_MAX.min(words.len() - start)).rev() {
                let Some(mask) = self.phrases.get(&hash_phrase(&words[start..start + length])) else {
                    continue;
                };
                for kind in (0..list::COUNT).filter(|kind| mask & (1 << kind) != 0) {
                    if positions[start][kind] != 0 {
                        continue;
                    }
                    for i in 0..length {
                        positions[start + i][kind] = match (i, length) {
                            (0, 1) => 4,
                            (0, _) => 1,
                            _ if i + 1 == length => 3,
                            _ => 2,
                        };
                    }
                }
            }
        }
        positions
    }
}

/// Returns the bits that follow from a token's form alone.
#[must_use]
pub fn class_of_form(text: &str, token: &Token) -> u32 {
    use super::token::TokenKind;
    match token.kind {
        TokenKind::Email => class::EMAIL,
        TokenKind::Url => class::URL,
        TokenKind::Escape => class::BULLET,
        TokenKind::Mark
            if matches!(
                text,
                "•" | "●" | "▪" | "■" | "◦" | "‣" | "\u{f0b7}" | "\u{f0a7}" | "➢" | "✓" | "*" | "·"
            ) =>
        {
            class::BULLET
        }
        TokenKind::Number if text.len() == 4 && ("1950".."2050").contains(&text) => class::YEAR,
        TokenKind::Number if text.len() > 4 => class::LONG_NUMBER,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_wins() {
        let phrases = ["software engineer", "senior software engineer", "engineer"];
        let hashes = phrases
            .iter()
            .map(|p| (hash_phrase(&phrase_words(p)), 1 << list::TITLE));
        let lexicon = Lexicon::new(hashes, std::iter::empty());
        let found = lexicon.phrase_positions(&phrase_words("a Senior Software Engineer / Engineer"));
        let titles: Vec<u8> = found.iter().map(|p| p[list::TITLE]).collect();
        assert_eq!(titles, [0, 1, 2, 3, 0, 4]);
    }

    #[test]
    fn places_and_classes_are_known() {
        let lexicon = Lexicon::new(std::iter::empty(), std::iter::empty());
        let found = lexicon.phrase_positions(&phrase_words("Tamil Nadu"));
        assert_eq!(found.iter().map(|p| p[list::PLACE]).collect::<Vec<_>>(), [1, 3]);
        assert_ne!(lexicon.class(hash_word("University")) & class::SCHOOL, 0);
        assert_eq!(lexicon.section(hash_word("EDUCATION")), 3);
    }
}
