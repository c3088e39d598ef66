//! A resume without the ways to reach its person, for readers to whom these are not due yet.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use crate::Resume;

/// The text in place of what was taken out.
pub const REDACTED: &str = "[…]";

/// The least letters of a part of a name that is looked for alone.
const NAME_LETTERS_MIN: usize = 3;

/// A pattern that no text matches.
const NOTHING: &str = r"[^\s\S]";

/// E-mail addresses, web addresses, and runs of digits that are long enough to be a telephone number.
static CONTACTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let email = r"[^\s@<>(),;:]+\s?(?:@|\(at\)|\[at\])\s?[^\s@<>(),;:]+\.[^\s@<>(),;:]+";
    // Domains that are common in addresses; `.net` and `.js` are more often a technology.
    let domain =
        "com|org|io|dev|me|co|app|ai|info|page|site|link|ly|eu|uk|de|fr|es|it|nl|ch|at|us|ca|au|br|pl|se|dk|ie|nz";
    let url = format!(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.(?:{domain})/\S+");
    let phone = r"\+\d[\d\s().\u{a0}-]{5,}\d|\(?\d(?:[\s().\u{a0}-]{0,3}\d){8,}";
    Regex::new(&format!("(?i){email}|{url}|{phone}")).ok()
});

impl Resume {
    /// Returns the resume without e-mail addresses, telephone numbers and links, wherever in it they stand. It is without the
    /// name too, where that is not shown either. `None` where the result cannot be told from what was read, so that nothing is
    /// shown.
    #[must_use]
    pub fn without_contact(&self, with_name: bool) -> Option<Self> {
        let mut resume = Self {
            emails: Vec::new(),
            phones: Vec::new(),
            links: Vec::new(),
            extra: Map::new(),
            name: self.name.clone().filter(|_| with_name),
            ..self.clone()
        };
        if let Some(location) = &mut resume.location {
            location.extra = Map::new();
            // A street and a number lead to a door; a town does not.
            if location.text.value.chars().any(|letter| letter.is_ascii_digit()) {
                resume.location = None;
            }
        }
        resume.experience.iter_mut().for_each(|job| job.extra = Map::new());
        resume.education.iter_mut().for_each(|school| school.extra = Map::new());
        resume
            .languages
            .iter_mut()
            .for_each(|language| language.extra = Map::new());
        resume
            .certifications
            .iter_mut()
            .for_each(|certificate| certificate.extra = Map::new());
        let contacts = CONTACTS.as_ref()?;
        let mut value = serde_json::to_value(&resume).ok()?;
        let names = any(if with_name { Vec::new() } else { self.names() })?;
        redact(&mut value, &[&any(self.contacts())?, contacts, &names]);
        serde_json::from_value(value).ok()
    }

    /// Returns patterns of the contacts that were read.
    fn contacts(&self) -> Vec<String> {
        let links = self.links.iter().map(|link| &link.url);
        let fields = self.emails.iter().chain(&self.phones).chain(links);
        let texts = fields.map(|field| field.value.trim());
        let texts = texts.filter(|text| text.chars().count() > 2);
        texts.map(regex::escape).collect()
    }

    /// Returns patterns of the name, however it is put together (`Ada Love`, `ada.love`, `AdaLove`). Its longer parts count as
    /// words too.
    fn names(&self) -> Vec<String> {
        let Some(name) = &self.name else { return Vec::new() };
        let parts = name.value.split(|letter: char| !letter.is_alphanumeric());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let long = parts.iter().filter(|part| part.chars().count() >= NAME_LETTERS_MIN);
        let mut names: Vec<String> = long.map(|part| format!(r"\b{part}\b")).collect();
        if parts.concat().chars().count() >= NAME_LETTERS_MIN {
            names.push(parts.join(r"[\s.,_-]*"));
        }
        names
    }
}

/// Joins patterns to one that matches any of them, in either case of the letters. Without patterns it matches nothing.
fn any(mut patterns: Vec<String>) -> Option<Regex> {
    // The longest first, or a part of an address would be left of it.
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
    let patterns = if patterns.is_empty() {
        NOTHING.to_owned()
    } else {
        patterns.join("|")
    };
    Regex::new(&format!("(?i){patterns}")).ok()
}

fn redact(value: &mut Value, found: &[&Regex]) {
    match value {
        Value::String(text) => {
            for found in found {
                if found.is_match(text) {
                    *text = found.replace_all(text, REDACTED).into_owned();
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, found)),
        Value::Object(members) => members.values_mut().for_each(|member| redact(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Experience, Field, Link};

    #[test]
    fn no_way_to_reach_the_person_is_left() {
        let text = |value: &str| Field::stated(value.to_owned());
        let resume = Resume {
            name: Some(text("Ada Love")),
            emails: vec![text("ada@example.org")],
            phones: vec![text("020 7946 0958")],
            links: vec![Link {
                url: text("adalove.dev"),
                network: None,
                extra: Map::new(),
            }],
            headline: Some(text("Engineer, ada@example.org, adalove.dev")),
            summary: Some(text(
                "Call +44 20 7946 0958 or 020 7946 0958, write to ada.love (at) mail.example.com, see https://ada.example/cv",
            )),
            experience: vec![Experience {
                highlights: vec![
                    text("Cut costs by 1,200,000 in 2019, for 350 people, since 2018"),
                    text("github.com/adalove has the code; Ada Love wrote it"),
                ],
                extra: [("url".to_owned(), Value::from("https://x.example"))]
                    .into_iter()
                    .collect(),
                ..Experience::default()
            }],
            extra: [("basics".to_owned(), Value::from("ada@example.org"))]
                .into_iter()
                .collect(),
            ..Resume::default()
        };
        for with_name in [true, false] {
            let shown = resume.without_contact(with_name).unwrap();
            let json = serde_json::to_string(&shown).unwrap();
            for secret in [
                "example.org",
                "mail.example",
                "7946",
                "adalove",
                "ada.example",
                "x.example",
            ] {
                assert!(!json.contains(secret), "{secret}: {json}");
            }
            assert_eq!(json.contains("Ada Love"), with_name, "{json}");
            let kept = &shown.experience[0].highlights[0].value;
            assert_eq!(kept, "Cut costs by 1,200,000 in 2019, for 350 people, since 2018");
        }
    }

    #[test]
    fn a_name_in_capitals_or_in_part_is_no_less_the_name() {
        let text = |value: &str| Field::stated(value.to_owned());
        let resume = Resume {
            name: Some(text("Ada Łove-Östlund Li")),
            links: vec![Link {
                url: text("adalove.dev"),
                network: None,
                extra: Map::new(),
            }],
            headline: Some(text("ADA ŁOVE-ÖSTLUND LI, AdaLove.dev")),
            summary: Some(text(
                "ada_łove_östlund_li wrote it. Łove, Ada. Mrs. ÖSTLUND. AdaŁoveÖstlundLi",
            )),
            experience: vec![Experience {
                highlights: vec![text("Adapted the Canada site; Liaison for lists; adaptive loads")],
                ..Experience::default()
            }],
            ..Resume::default()
        };
        let shown = resume.without_contact(false).unwrap();
        let json = serde_json::to_string(&shown).unwrap().to_lowercase();
        for secret in ["łove", "östlund", "adalove", "ada,", "ada."] {
            assert!(!json.contains(secret), "{secret}: {json}");
        }
        let kept = &shown.experience[0].highlights[0].value;
        assert_eq!(kept, "Adapted the Canada site; Liaison for lists; adaptive loads");
        let named = serde_json::to_string(&resume.without_contact(true).unwrap()).unwrap();
        assert!(
            named.contains("ADA ŁOVE-ÖSTLUND LI") && named.contains("Mrs. ÖSTLUND"),
            "{named}"
        );
        assert!(!named.contains("AdaLove.dev"), "{named}");
    }

    #[test]
    fn of_whom_nothing_is_known_nothing_is_taken_out() {
        let summary = "Rust for ten years, in teams of 3 to 12";
        let resume = Resume {
            summary: Some(Field::stated(summary.to_owned())),
            ..Resume::default()
        };
        let shown = resume.without_contact(false).unwrap();
        assert_eq!(shown.summary.unwrap().value, summary);
    }
}
