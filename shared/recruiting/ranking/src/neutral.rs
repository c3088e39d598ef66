//! Removes from texts what the model must never see. These are words that tell a person's gender, and lines that tell age, origin
//! or family.
//!
//! Names, contacts, schools and employers are kept out by never being read (see [`crate::profile`]); this module is for what
//! free text lets slip. It lowers how much the text tells about a person's group; it cannot promise that nothing is left, which
//! is why outcomes are measured as well.

use std::{borrow::Cow, sync::LazyLock};

use inventure_resume::skills;
use regex::Regex;

use crate::occupation;

/// Words that are left out: pronouns, forms of address, family.
const DROPPED: &[&str] = &[
    "he",
    "him",
    "his",
    "himself",
    "she",
    "her",
    "hers",
    "herself",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "sir",
    "madam",
    "male",
    "female",
    "males",
    "females",
    "man",
    "woman",
    "men",
    "women",
    "boy",
    "girl",
    "boys",
    "girls",
    "gentleman",
    "lady",
    "ladies",
    "husband",
    "wife",
    "father",
    "mother",
    "dad",
    "mom",
    "mum",
    "son",
    "daughter",
    "brother",
    "sister",
    "fraternity",
    "sorority",
    "maternity",
    "paternity",
    "pregnant",
    "pregnancy",
    "married",
    "unmarried",
    "divorced",
    "widowed",
    "bachelor's",
    "mother's",
    "father's",
    "women's",
    "men's",
    "girls'",
    "boys'",
    "girl's",
    "boy's",
    "nonbinary",
    "transgender",
    "cisgender",
    // Peoples whose name is not also that of a language.
    "american",
    "argentinian",
    "australian",
    "austrian",
    "bangladeshi",
    "belgian",
    "brazilian",
    "british",
    "canadian",
    "chilean",
    "colombian",
    "cuban",
    "egyptian",
    "ethiopian",
    "filipino",
    "ghanaian",
    "indian",
    "iranian",
    "iraqi",
    "israeli",
    "jamaican",
    "kenyan",
    "lebanese",
    "mexican",
    "moroccan",
    "nepalese",
    "nigerian",
    "pakistani",
    "peruvian",
    "scottish",
    "syrian",
    "tunisian",
    "venezuelan",
    "african",
    "asian",
    "european",
    "hispanic",
    "latino",
    "latina",
    "caucasian",
    "christian",
    "muslim",
    "hindu",
    "jewish",
    "buddhist",
    "sikh",
    "catholic",
];

/// Gendered names of occupations that do not end in `man` or `woman`.
const OCCUPATIONS: &[(&str, &str)] = &[
    ("actress", "actor"),
    ("actresses", "actors"),
    ("ballerina", "dancer"),
    ("hostess", "host"),
    ("hostesses", "hosts"),
    ("housewife", "homemaker"),
    ("househusband", "homemaker"),
    ("landlady", "landlord"),
    ("manageress", "manager"),
    ("masseuse", "massage therapist"),
    ("masseur", "massage therapist"),
    ("midwife", "obstetric nurse"),
    ("seamstress", "tailor"),
    ("steward", "flight attendant"),
    ("stewardess", "flight attendant"),
    ("waitress", "waiter"),
    ("waitresses", "waiters"),
    ("heroine", "hero"),
    ("directress", "director"),
    ("authoress", "author"),
];

/// Words that end like an occupation's but are none.
const NO_OCCUPATION: &[&str] = &[
    "german",
    "roman",
    "norman",
    "ottoman",
    "human",
    "superhuman",
    "talisman",
    "shaman",
    "yemen",
    "specimen",
    "regimen",
    "acumen",
    "abdomen",
    "omen",
    "women",
    "pitman",
    "putman",
    "walkman",
    "batman",
    "oman",
];

/// A word without what it tells about gender: `None` to leave it out, another word, or itself. Letter case is kept where the word
/// is.
#[must_use]
pub fn neutral_word(word: &str) -> Option<&str> {
    let lower = word.to_lowercase();
    if DROPPED.contains(&lower.as_str()) {
        return None;
    }
    if let Some((_, neutral)) = OCCUPATIONS.iter().find(|(gendered, _)| *gendered == lower) {
        return Some(neutral);
    }
    if NO_OCCUPATION.contains(&lower.as_str()) {
        return Some(word);
    }
    Some(
        PERSONS
            .iter()
            .find(|(gendered, _)| gendered.contains(&lower.as_str()))
            .map_or(word, |(_, neutral)| neutral),
    )
}

/// Occupations that name the person by gender, and what they become.
const PERSONS: &[(&[&str], &str)] = &[
    (&["salesman", "salesmen", "saleswoman", "saleswomen"], "salesperson"),
    (&["chairman", "chairmen", "chairwoman", "chairwomen"], "chairperson"),
    (&["spokesman", "spokeswoman"], "spokesperson"),
    (
        &["businessman", "businesswoman", "businessmen", "businesswomen"],
        "businessperson",
    ),
    (&["foreman", "forewoman"], "supervisor"),
    (&["fireman", "firemen", "firewoman"], "firefighter"),
    (&["policeman", "policewoman", "policemen"], "police officer"),
    (&["mailman", "postman", "postwoman"], "mail carrier"),
    (&["repairman", "repairmen", "repairwoman"], "repairer"),
    (&["craftsman", "craftsmen", "craftswoman"], "artisan"),
    (&["draftsman", "draughtsman", "draftswoman"], "drafter"),
    (&["cameraman", "camerawoman"], "camera operator"),
    (&["handyman", "handywoman"], "maintenance worker"),
    (&["journeyman", "journeywoman"], "journey worker"),
    (&["serviceman", "servicewoman", "servicemen"], "service member"),
    (&["tradesman", "tradeswoman", "tradesmen"], "tradesperson"),
    (&["barman", "barmaid"], "bartender"),
    (&["layman", "laywoman"], "layperson"),
    (&["workman", "workwoman", "workmen"], "worker"),
    (&["ombudsman", "ombudswoman"], "ombudsperson"),
];

/// Personal data that resumes state as `label: value`.
static PERSONAL_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?im)^[\s•*·-]*(nationality|citizenship|country of birth|place of birth|date of birth|birth ?date|d\.?o\.?b\.?|born|age|gender|sex|sexual orientation|marital status|family status|religion|caste|race|ethnicity|father'?s name|mother'?s name|husband'?s name|spouse|children|passport( no\.?| number)?|visa status|pronouns|blood group|permanent address|present address|address)(\s*:|\s+[-–]\s).*$",
    )
    .ok()
});

/// Phrases in running text.
static PERSONAL_PHRASE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b( \d{1,2}[\s-]years?[\s-]old | aged?\s+\d{2}\b | born\s+(on|in)\s+[^\n.;,]{0,40} | [a-z]+\s+(national|citizen|nationality|citizenship|passport\ holder)\b | (native|citizen|national)\s+of\s+[a-z]+ ) | \b[\w.+-]+@[\w-]+\.[\w.]+ | \bhttps?://\S+ | \bwww\.\S+ | \b(linkedin|github)\.com\S* | \+?\(?\d[\d\s().-]{8,}\d | \b(19|20)\d\d\b",
    )
    .ok()
});

/// A person's name as it may turn up in a text.
#[derive(Debug, Clone, Default)]
pub struct Name {
    /// Each part in lower case, with whether it is also a word of work ("Baker", "Ruby").
    parts: Vec<(String, bool)>,
}

impl Name {
    /// The parts of a full name.
    #[must_use]
    pub fn new(full: &str) -> Self {
        let parts = full
            .split(boundary)
            .filter(|part| part.chars().count() > 1)
            .map(|part| {
                let lower = part.to_lowercase();
                // The lexicon takes an ordinary word for a skill only in the company of others.
                let skill = || skills::find(&format!("Python, {part}, Java")).len() == 3;
                let work = occupation::is_title_word(&lower) || skill();
                (lower, work)
            });
        Self { parts: parts.collect() }
    }

    fn find(&self, word: &str) -> Option<bool> {
        if !word.starts_with(char::is_uppercase) {
            return None;
        }
        let lower = word.to_lowercase();
        let stem = lower.strip_suffix("'s").unwrap_or(&lower);
        self.parts.iter().find(|(part, _)| part == stem).map(|(_, work)| *work)
    }
}

const fn boundary(c: char) -> bool {
    !(c == '\''
        || c.is_ascii_alphanumeric()
        || (!c.is_ascii() && !c.is_whitespace() && !matches!(c, '•' | '·' | '–' | '—' | '“' | '”' | '…')))
}

/// `text` without gendered words, personal lines, contacts, years and the person's name.
///
/// A part of a name that is also a word of work goes only beside another part of it: Ruby Miller keeps her Ruby on Rails, and
/// a baker by the name of Baker stays a baker.
#[must_use]
pub fn neutral(text: &str, name: &Name) -> String {
    let mut text = Cow::Owned(text.replace('’', "'"));
    for pattern in [&PERSONAL_LINE, &PERSONAL_PHRASE] {
        if let Some(pattern) = pattern.as_ref() {
            text = Cow::Owned(pattern.replace_all(&text, " ").into_owned());
        }
    }
    // Words and the gaps between them, in turn.
    let mut pieces: Vec<&str> = Vec::new();
    let mut rest = text.as_ref();
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| boundary(c) != boundary(first)).unwrap_or(rest.len());
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    let named = |index: Option<usize>| index.and_then(|index| name.find(pieces.get(index)?));
    let mut out = String::with_capacity(text.len());
    for (index, piece) in pieces.iter().enumerate() {
        let is_name = match named(Some(index)) {
            Some(false) => true,
            Some(true) => named(index.checked_sub(2)).is_some() || named(Some(index + 2)).is_some(),
            None => false,
        };
        if !is_name {
            out.push_str(neutral_word(piece).unwrap_or_default());
        }
    }
    // The gaps that words leave behind must not tell that there were words.
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_about_her_reads_as_one_about_him() {
        let hers =
            "Mary Smith led her team. She was a saleswoman; Mary’s work won. Gender: Female\nNationality: Indian";
        let his = "John Doe led his team. He was a salesman; John's work won. Gender: Male\nNationality: British";
        let (hers, his) = (
            neutral(hers, &Name::new("Mary Smith")),
            neutral(his, &Name::new("John Doe")),
        );
        assert_eq!(hers, his);
        assert!(hers.contains("salesperson") && hers.contains("led team"), "{hers}");
    }

    #[test]
    fn a_name_that_is_work_stays_work() {
        let text = "Ruby Miller built shops in Ruby on Rails.";
        assert_eq!(
            neutral(text, &Name::new("Ruby Miller")),
            "built shops in Ruby on Rails."
        );
    }

    #[test]
    fn contacts_and_ages_go() {
        let text = "34 years old, born in Lagos, Kenyan citizen. Call +44 20 7946 0000 or me@example.com, linkedin.com/in/x, 1987";
        let left = neutral(text, &Name::default());
        for leak in ["34", "Lagos", "Kenyan", "7946", "@", "linkedin", "1987"] {
            assert!(!left.contains(leak), "{leak}: {left}");
        }
    }

    #[test]
    fn work_stays() {
        let text = "German and Human Resources, foreman of 12. Age-based pricing in C++ and .NET.";
        let left = neutral(text, &Name::default());
        for word in ["German", "Human Resources", "supervisor", "C++", ".NET", "Age-based"] {
            assert!(left.contains(word), "{word}: {left}");
        }
    }
}
