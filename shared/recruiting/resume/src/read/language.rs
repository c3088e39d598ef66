//! Checks whether a text is English.

use crate::refusal::Refusal;

/// The least number of letters to detect a language of. Below it a detector guesses.
const LETTERS_MIN: usize = 200;

/// Words that are frequent in English and rare elsewhere. Resumes are full of names, which lead a detector of letter
/// triples astray; these do not.
const ENGLISH: [&str; 12] = [
    "the", "and", "of", "for", "with", "to", "from", "by", "on", "as", "at", "using",
];

/// Returns `Some("en")`, or `None` where there is too little text to tell.
pub(super) fn detect(text: &str) -> Result<Option<String>, Refusal> {
    if text.chars().filter(|c| c.is_alphabetic()).take(LETTERS_MIN).count() < LETTERS_MIN {
        return Ok(None);
    }
    let (mut words, mut english) = (0_usize, 0_usize);
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        words += 1;
        english += usize::from(ENGLISH.iter().any(|known| known.eq_ignore_ascii_case(word)));
    }
    // One word in twenty-five is far below English prose (one in six) and far above any other language.
    if english * 25 >= words {
        return Ok(Some("en".into()));
    }
    match whatlang::detect(text) {
        Some(info) if info.lang() == whatlang::Lang::Eng => Ok(Some("en".into())),
        Some(info) if info.is_reliable() && english * 60 < words => Err(Refusal::UnsupportedLanguage {
            language: info.lang().code().into(),
        }),
        _ => Ok(None),
    }
}
