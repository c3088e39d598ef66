//! A resume without the ways to reach its person, for readers to whom these are not due yet.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use serde_json::{Map, Value};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{
    Resume,
    parse::dates::{self, Order},
    places,
};

/// The text in place of what was taken out.
pub const REDACTED: &str = "[…]";

/// The least letters of a part of a name that is looked for alone.
const NAME_LETTERS_MIN: usize = 3;

/// A pattern that no text matches.
const NOTHING: &str = r"[^\s\S]";

/// Domains that are common in addresses; `.net` and `.js` are more often a technology.
const DOMAINS: &str =
    "com|org|io|dev|me|co|app|ai|info|page|site|link|ly|eu|uk|de|fr|es|it|nl|ch|at|us|ca|au|br|pl|se|dk|ie|nz";

/// E-mail addresses, web addresses, names on networks, and digits or words of digits enough for a telephone number. They are looked
/// for in a [`Shadow`].
static CONTACTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let at = r"(?:@|\(at\)|\[at\]|\{at\}|<at>)";
    let dot = r"(?:\.|\s?[(\[{<]\s?dot\s?[)\]}>]\s?|\s+dot\s+)";
    let word = r"[^\s@<>(),;:\[\]{}]+";
    let email = format!(
        r"[^\s@<>(),;:]+\s?{at}\s?[^\s@<>(),;:]+\.[^\s@<>(),;:]+|{word}\s?{at}\s?{word}(?:{dot}{word})+|{word}@[\w-]+,(?:{DOMAINS})\b"
    );
    // In words: "ada dot love at example dot org". An "at" alone stands before firms as well.
    let spoken = format!(
        r"\b[\w.+-]+(?:\s+(?:dot|underscore|dash|hyphen)\s+[\w+-]+)*\s+at\s+[\w-]+(?:(?:\.|\s+dot\s+)[\w-]+)*\s+dot\s+(?:{DOMAINS}|edu|gov|example)\b"
    );
    let url = format!(
        r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.(?:{DOMAINS})/\S+|\b[\w-]+\.(?:github|gitlab)\.io\b|\blinkedin(?:\.com)?[\s:(/]{{0,3}}(?:in|pub)/[\w-]+"
    );
    let network = r"(?:telegram|skype|whatsapp|signal|wechat|viber|threema|icq|discord|twitter|instagram|linkedin|facebook|mastodon|github|gitlab)";
    let chat = r"(?:telegram|skype|whatsapp|wechat|viber|threema|icq)";
    let handle = format!(
        r"\b{network}[\s:(-]{{0,3}}(?:id|handle|user(?:name)?)?[\s:]{{0,2}}@[\w.-]+|\blive:[\w.:-]+|\b{chat}(?:\s(?:id|name))?:\s*[\w.-]{{3,}}\s*(?:$|[.,;|)])"
    );
    let phone =
        r"\+\d[\d\s()./-]{5,}\d|\(?\d(?:[\s().-]{0,3}\d){8,}|\(?\b0\d(?:[\s()./-]{0,3}\d){7,}|\b\d{3}/\d{3}/\d{4}\b";
    let digit = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|hundred)";
    Regex::new(&format!(
        r"(?i){email}|{spoken}|{url}|{handle}|{phone}|\b{digit}(?:[\s,-]+{digit}){{6,}}\b"
    ))
    .ok()
});

/// A text in plain letters, as a reader sees it: without accents, signs of no width and lookalikes.
struct Shadow {
    text: String,
    /// For each byte of the plain text and its end, the place in the original.
    places: Vec<usize>,
}

impl Shadow {
    fn of(original: &str) -> Self {
        let mut shadow = Self {
            text: String::with_capacity(original.len()),
            places: Vec::with_capacity(original.len() + 1),
        };
        for (at, letter) in original.char_indices() {
            for letter in std::iter::once(letter).nfkd().filter(|letter| !is_unseen(*letter)) {
                shadow
                    .text
                    .push_str(&places::plain(lookalike(letter).encode_utf8(&mut [0; 4])));
            }
            shadow.places.resize(shadow.text.len(), at);
        }
        shadow.places.push(original.len());
        shadow
    }

    /// Returns a stretch of the plain text in the original, with the signs of no width behind it.
    fn original(&self, range: Range<usize>) -> Range<usize> {
        let start = self.places[range.start];
        // One letter may be several plain ones.
        let last = self.places[range.end - 1];
        let end = self.places[range.end..].iter().find(|place| **place > last);
        start..end.copied().unwrap_or(start)
    }
}

fn is_unseen(letter: char) -> bool {
    is_combining_mark(letter)
        || matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Returns the Latin letter that a Cyrillic or Greek one looks like, and the hyphen for other dashes.
const fn lookalike(letter: char) -> char {
    match letter {
        'а' | 'А' | 'α' | 'Α' => 'a',
        'В' | 'Β' => 'b',
        'с' | 'С' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'Е' | 'Ε' => 'e',
        'һ' | 'Н' | 'Η' => 'h',
        'і' | 'І' | 'ι' | 'Ι' | 'Ӏ' => 'i',
        'ј' | 'Ј' => 'j',
        'К' | 'к' | 'Κ' | 'κ' => 'k',
        'М' | 'Μ' => 'm',
        'Ν' => 'n',
        'о' | 'О' | 'ο' | 'Ο' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' | 'Ѕ' => 's',
        'Т' | 'Τ' => 't',
        'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'Υ' => 'y',
        'Ζ' => 'z',
        '‐'..='―' | '−' => '-',
        '·' | '•' | '∙' => '.',
        letter => letter,
    }
}

impl Resume {
    /// Returns the resume without e-mail addresses, telephone numbers and links, wherever in it they stand. It is without the
    /// name too, where that is not shown either: the one that was read, and the one that they are `known_as`. `None` where the result cannot be told from what was read, so that nothing is
    /// shown.
    #[must_use]
    pub fn without_contact(&self, with_name: bool, known_as: &str) -> Option<Self> {
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
        let read = self.name.as_ref().map_or("", |name| name.value.as_str());
        let called = [read, known_as].map(Shadow::of);
        let called = || called.iter().map(|name| name.text.as_str());
        let names = any(if with_name {
            Vec::new()
        } else {
            called().flat_map(names).collect()
        })?;
        let own = self.contacts().into_iter().chain(called().flat_map(sites));
        redact(&mut value, &[&any(own.collect())?, contacts, &names]);
        serde_json::from_value(value).ok()
    }

    /// Returns patterns of the contacts that were read.
    fn contacts(&self) -> Vec<String> {
        let links = self.links.iter().map(|link| &link.url);
        let fields = self.emails.iter().chain(&self.phones).chain(links);
        let texts = fields.map(|field| field.value.trim());
        let texts = texts.filter(|text| text.chars().count() > 2);
        texts.map(|text| regex::escape(&Shadow::of(text).text)).collect()
    }
}

fn parts(name: &str) -> Vec<&str> {
    let parts = name.split(|letter: char| !letter.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).collect()
}

/// Returns patterns of a plain name, however it is put together (`Ada Love`, `ada.love`, `AdaLove`). Its longer parts count as words
/// too, and so they do letter by letter (`A d a`).
fn names(name: &str) -> Vec<String> {
    let parts = parts(name);
    let long = parts.iter().filter(|part| part.chars().count() >= NAME_LETTERS_MIN);
    let mut names: Vec<String> = long
        .flat_map(|part| {
            let letters: Vec<String> = part.chars().map(String::from).collect();
            [
                format!(r"\b{part}\b"),
                format!(r"\b{}\b", letters.join(r"[\s._-]{1,2}")),
            ]
        })
        .collect();
    if parts.concat().chars().count() >= NAME_LETTERS_MIN {
        names.push(parts.join(r"[\s.,_-]*"));
    }
    names
}

/// Returns patterns of the sites that hold a part of a plain name: `adalove.dev`.
fn sites(name: &str) -> Vec<String> {
    let long = parts(name)
        .into_iter()
        .filter(|part| part.chars().count() > NAME_LETTERS_MIN);
    long.map(|part| format!(r"\b[\w.-]*{part}[\w-]*\.(?:{DOMAINS}|net)\b(?:/\S*)?"))
        .collect()
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

/// Takes what the patterns find out of every text of a value.
fn redact(value: &mut Value, found: &[&Regex]) {
    match value {
        Value::String(text) => {
            for found in found {
                cut(text, found);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, found)),
        Value::Object(members) => members.values_mut().for_each(|member| redact(member, found)),
        _ => {}
    }
}

/// Cuts out of a text what a pattern finds in its shadow. Digits of spans of time alone stay.
fn cut(text: &mut String, found: &Regex) {
    let shadow = Shadow::of(text);
    let hits = found
        .find_iter(&shadow.text)
        .filter(|hit| !hit.is_empty() && !is_time(hit.as_str()));
    let ranges: Vec<Range<usize>> = hits.map(|hit| shadow.original(hit.range())).collect();
    for range in ranges.into_iter().rev() {
        text.replace_range(range, REDACTED);
    }
}

/// Whether all digits of a text are those of spans of time.
fn is_time(text: &str) -> bool {
    let periods = dates::periods(text, Order::Unknown);
    let in_one = |at: usize| periods.iter().any(|period| period.range.contains(&at));
    let mut digits = text.match_indices(|c: char| c.is_ascii_digit()).peekable();
    let plain = |c: char| c.is_ascii_digit() || " ./-()".contains(c);
    text.chars().all(plain) && digits.peek().is_some() && digits.all(|(at, _)| in_one(at))
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
            let shown = resume.without_contact(with_name, "").unwrap();
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
        let shown = resume.without_contact(false, "").unwrap();
        let json = serde_json::to_string(&shown).unwrap().to_lowercase();
        for secret in ["łove", "östlund", "adalove", "ada,", "ada."] {
            assert!(!json.contains(secret), "{secret}: {json}");
        }
        let kept = &shown.experience[0].highlights[0].value;
        assert_eq!(kept, "Adapted the Canada site; Liaison for lists; adaptive loads");
        let named = serde_json::to_string(&resume.without_contact(true, "").unwrap()).unwrap();
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
        let shown = resume.without_contact(false, "").unwrap();
        assert_eq!(shown.summary.unwrap().value, summary);
    }

    fn shown(summary: &str, with_name: bool) -> String {
        let text = |value: &str| Field::stated(value.to_owned());
        let resume = Resume {
            name: Some(text("Tessa Brandvold")),
            emails: vec![text("tessa.b@mail.example")],
            summary: Some(text(summary)),
            ..Resume::default()
        };
        let shown = resume.without_contact(with_name, "Tess Holmgaard").unwrap();
        shown.summary.unwrap().value
    }

    #[test]
    fn contact_in_another_spelling_is_taken_out() {
        for (summary, expected) in [
            ("Write to tessa dot b at mail dot example today", "Write to […] today"),
            ("Mail: tb@post [dot] example, or call", "Mail: […], or call"),
            ("tb＠post.example is mine", "[…] is mine"),
            ("tb@post\u{200b}.exam\u{ad}ple is mine", "[…] is mine"),
            ("Mail tb@post,com now", "Mail […] now"),
            ("On Telegram @tbrand77 since 2019", "On […] since 2019"),
            ("Reach me: skype live:tbrand77", "Reach me: skype […]"),
            ("Skype: tbrand77, Leeds", "[…] Leeds"),
            ("See linkedin in/tbrand77 for more", "See […] for more"),
            ("See brandvold-stock.net/cv or tbrand.github.io", "See […] or […]"),
            (
                "Call 01482–496–012, 01482/496/012 or 01482·496·012",
                "Call […], […] or […]",
            ),
            ("Call ０１４８２ ４９６ ０１２ now", "Call […] now"),
            ("Call zero one four eight two, four nine six", "Call […]"),
        ] {
            assert_eq!(shown(summary, true), expected, "{summary}");
        }
        for kept in [
            "Engineer at booking.com and at Nordic Dot Net, looked at dots",
            "Stock counted 01/2019 – 02/2020, 03.2015-04.2018 and 2012–2015 2016–2019",
            "Skype for Business, Telegram bots, Discord.js, GitHub Actions, @Component of Angular",
            "LinkedIn: grew the page by 40%, built-in/custom parts",
            "One or two of three teams, nine to five; 24/7 in 3/4 of 900 shops",
            "Cut costs by 1,200,000 in 2019 – for 350 people",
            "Café menus, naïve Bayes, Привет мир, Ελλάδα, ½ of Zürich",
        ] {
            assert_eq!(shown(kept, true), kept);
        }
    }

    #[test]
    fn a_name_in_another_spelling_is_taken_out() {
        for (summary, expected) in [
            ("Téssa Brändvold counts", "[…] counts"),
            ("T e s s a counts", "[…] counts"),
            ("T.e.s.s.a B.r.a.n.d.v.o.l.d counts", "[…] […] counts"),
            ("Тessa counts, Tеssа counts", "[…] counts, […] counts"),
            ("Te\u{ad}ssa and Bran\u{200d}dvold count", "[…] and […] count"),
            ("Ｔｅｓｓａ and 𝐁𝐫𝐚𝐧𝐝𝐯𝐨𝐥𝐝 count", "[…] and […] count"),
            ("Te\u{301}ssa\u{301}, who counts", "[…], who counts"),
            // The name of the file beside the one that was read.
            ("Tess Holmgaard, or holmgaard, counts", "[…], or […], counts"),
        ] {
            assert_eq!(shown(summary, false), expected, "{summary}");
        }
        for kept in [
            "Tessellation of stores, brand volumes",
            "T e s t a b l e",
            "Tes, Sa and Bran",
        ] {
            assert_eq!(shown(kept, false), kept);
        }
        assert_eq!(shown("Téssa counts", true), "Téssa counts");
    }
}
