//! Reads from a job's text what it asks for, each finding with the place that says so.

mod pay;
mod place_of_work;
mod sections;
mod years;

use std::{collections::BTreeMap, ops::Range, sync::LazyLock};

use inventure_core::{PayRange, Span};
use inventure_resume::{is_language, skills};
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    document::{Need, RemotePolicy},
    occupation,
    place::Place,
    seniority::Seniority,
    text,
};

/// A value that was read from the job's title or description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Found<T> {
    /// The value that was found.
    pub value: T,
    /// The place in the description that says so, in characters; absent where the title does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

/// A skill that the job names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct JobSkill {
    /// The id of the skill in the lexicon, such as `kubernetes`, or of a language, such as `language-german`.
    pub id: String,
    /// The name of the skill in the lexicon, such as `Kubernetes`.
    pub label: String,
    /// The importance of the skill to the job.
    pub need: Need,
    /// The place in the description that names the skill, in characters; absent where the title does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

/// The kind of employment that a job offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmploymentType {
    /// For learning, for some months.
    Internship,
    /// For a project or a stated time.
    Contract,
    /// For a season or to stand in.
    Temporary,
    /// Fewer hours than a full week.
    PartTime,
    /// Without an end.
    Permanent,
    /// A full week, nothing else stated.
    FullTime,
}

/// The facts that a job's text states. Nothing is made up: what the text does not say is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct ParsedJob {
    /// The title as it was given.
    pub title: String,
    /// The title in lower case, singular, gender-neutral, without rank, place and contract.
    pub normalized_title: String,
    /// The rank that the title states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seniority: Option<Seniority>,
    /// Every skill of the lexicon, and every language, that the text names, once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<JobSkill>,
    /// The place of the work, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Found<String>>,
    /// The place in which the work may be done: on site, partly there, or remote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_policy: Option<Found<RemotePolicy>>,
    /// The pay that the job offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay: Option<Found<PayRange>>,
    /// The kind of employment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employment_type: Option<Found<EmploymentType>>,
    /// The least years of experience that the job asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_years: Option<Found<u32>>,
}

/// A table from byte offsets to character offsets.
struct Chars(Vec<u32>);

impl Chars {
    fn new(text: &str) -> Self {
        let mut offsets = Vec::with_capacity(text.len() + 1);
        for (index, c) in text.chars().enumerate() {
            offsets.resize(offsets.len() + c.len_utf8(), index as u32);
        }
        offsets.push(text.chars().count() as u32);
        Self(offsets)
    }

    fn span(&self, bytes: &Range<usize>) -> Span {
        let at = |byte: usize| self.0.get(byte).or(self.0.last()).copied().unwrap_or_default();
        Span {
            page: None,
            start: at(bytes.start),
            end: at(bytes.end),
        }
    }
}

fn pattern(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// Returns the parts of a description about the work and the person, not about the firm and its offers.
#[must_use]
pub fn work_text(description: &str) -> String {
    sections::about_work(description)
}

/// Reads a job: its title and its description in plain text. Time and memory are linear in the text.
#[must_use]
pub fn parse_job(title: &str, description: &str) -> ParsedJob {
    let chars = Chars::new(description);
    let found = |range: Range<usize>| Some(chars.span(&range));
    ParsedJob {
        title: title.trim().to_owned(),
        normalized_title: occupation::normalise(title),
        seniority: Seniority::of_title(title),
        skills: job_skills(title, description),
        location: location(description).map(|(value, range)| Found {
            value,
            span: found(range),
        }),
        remote_policy: remote_policy(title, description).map(|(value, range)| Found {
            value,
            span: range.and_then(found),
        }),
        pay: pay::find(description).map(|(value, range)| Found {
            value,
            span: found(range),
        }),
        employment_type: employment_type(title, description).map(|(value, range)| Found {
            value,
            span: range.and_then(found),
        }),
        min_years: years::find(description).map(|(value, range)| Found {
            value,
            span: found(range),
        }),
    }
}

/// The skills of the title and the description. One named twice counts where it is needed most.
fn job_skills(title: &str, description: &str) -> Vec<JobSkill> {
    let needs = sections::Needs::new(description);
    let named = |text| {
        let skills = skills::find(text).into_iter().map(|hit| (hit.id, hit.label, hit.span));
        skills.chain(languages(text))
    };
    let in_title = named(title).map(|(id, label, _)| (id, label, None));
    let in_text = named(description).map(|(id, label, span)| (id, label, Some(span)));
    let mut list: Vec<JobSkill> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (id, label, span) in in_title.chain(in_text) {
        let need = span.map_or(Some(Need::Required), |span| needs.at(span.start));
        let Some(need) = need else { continue };
        let place = *places.entry(id.clone()).or_insert(list.len());
        match list.get_mut(place) {
            // The place to show is the one that makes it required.
            Some(known) if need < known.need => (known.need, known.span) = (need, span),
            Some(_) => {}
            None => list.push(JobSkill { id, label, need, span }),
        }
    }
    list
}

/// The beginning of a language's id among the skills of a job.
const LANGUAGE_ID: &str = "language-";

impl JobSkill {
    /// Whether it is a language that people speak. Such a skill is told, and takes no part in a ranking: it would stand for where
    /// somebody comes from.
    #[must_use]
    pub fn is_language(&self) -> bool {
        self.id.starts_with(LANGUAGE_ID)
    }
}

/// The languages that a text names: id, name and place.
fn languages(text: &str) -> impl Iterator<Item = (String, String, Span)> {
    let chars = Chars::new(text);
    let mut words = text::words(text).peekable();
    std::iter::from_fn(move || {
        loop {
            let (at, word) = words.next()?;
            let lower = word.to_lowercase();
            let is_named = word.starts_with(char::is_uppercase) && is_language(&lower);
            // "German law", "Polish the floors": the people, and another word.
            let next = words.peek().map_or("", |(_, next)| *next);
            if is_named && !NOT_SPOKEN.contains(&next.to_lowercase().as_str()) {
                let span = chars.span(&(at..at + word.len()));
                return Some((format!("{LANGUAGE_ID}{lower}"), word.to_owned(), span));
            }
        }
    })
}

/// Words after the name of a language by which it is a people's, or no name.
const NOT_SPOKEN: [&str; 24] = [
    "bank",
    "banks",
    "client",
    "clients",
    "company",
    "cuisine",
    "customers",
    "food",
    "government",
    "group",
    "holidays",
    "law",
    "market",
    "markets",
    "office",
    "our",
    "parent",
    "press",
    "regulations",
    "restaurant",
    "tax",
    "team",
    "the",
    "your",
];

/// The value of a line `Location: …`, or of `based in …`, if it reads as a place.
fn location(text: &str) -> Option<(String, Range<usize>)> {
    static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?im)^[\s•*·#-]*(?:job |work |office )?(?:location|place of work|where|office|city)s?\s*(?::|\s[-–]\s)\s*([^\n]{2,80})",
        )
    });
    static BASED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"\b(?:[Bb]ased|[Ll]ocated|[Oo]ffices?|[Oo]n-?site|[Hh]ybrid(?: role)?)\s+(?:in|at|out of)\s+(?:our\s+|the\s+)?(\p{Lu}[\p{L}'.-]+(?:[ ]\p{Lu}[\p{L}'.-]+){0,2}(?:,\s?\p{Lu}[\p{L}.]+(?:[ ]\p{Lu}\p{L}+)?){0,2})",
        )
    });
    for regex in [&LABEL, &BASED] {
        let Some(captures) = regex.as_ref().and_then(|regex| regex.captures(text)) else {
            continue;
        };
        let Some(group) = captures.get(1) else { continue };
        // "Berlin (hybrid)", "London or remote": the place is what stands before.
        let raw = group.as_str();
        let end = [" (", " or ", " - ", " – ", " / ", ". ", ";", "|"]
            .iter()
            .filter_map(|mark| raw.find(mark))
            .min();
        let place = raw[..end.unwrap_or(raw.len())].trim_end_matches(['.', ',', ' ', '\r']);
        let remote = ["remote", "hybrid", "anywhere", "on-site", "onsite"]
            .iter()
            .any(|word| place.to_lowercase().starts_with(word));
        if !remote && !Place::parse(place).is_unknown() {
            return Some((place.to_owned(), group.start()..group.start() + place.len()));
        }
    }
    None
}

fn remote_policy(title: &str, text: &str) -> Option<(RemotePolicy, Option<Range<usize>>)> {
    let by_title = || {
        let plain = title.to_lowercase().contains("remote").then_some(RemotePolicy::Remote);
        place_of_work::find(title).map(|(policy, _)| policy).or(plain)
    };
    let in_text = || place_of_work::find(text).map(|(policy, range)| (policy, Some(range)));
    by_title().map(|policy| (policy, None)).or_else(in_text)
}

fn employment_type(title: &str, text: &str) -> Option<(EmploymentType, Option<Range<usize>>)> {
    static PATTERNS: LazyLock<[(Option<Regex>, EmploymentType); 6]> = LazyLock::new(|| {
        [
            (
                pattern(r"(?i)\b(?:internship|(?:as an?|summer|our) intern)\b"),
                EmploymentType::Internship,
            ),
            (
                pattern(
                    r"(?i)\b(?:fixed[ -]term|freelance|contractor (?:role|position)|contract (?:role|position|basis|to hire|length|duration)|(?:\d+|six|twelve|three)[ -]months? contract|(?:employment|job|contract)(?: type)?\s*:\s*contract(?:or)?)\b",
                ),
                EmploymentType::Contract,
            ),
            (
                pattern(
                    r"(?i)\b(?:temporary|temp|seasonal|maternity cover)\s+(?:role|position|job|contract|staff|assignment|work)\b|\bmaternity cover\b|\btype\s*:\s*temporary\b",
                ),
                EmploymentType::Temporary,
            ),
            (pattern(r"(?i)\bpart[ -]time\b"), EmploymentType::PartTime),
            (
                pattern(r"(?i)\bpermanent(?:,? (?:full[ -]time )?(?:role|position|job|contract|employment|basis))?\b"),
                EmploymentType::Permanent,
            ),
            (pattern(r"(?i)\bfull[ -]time\b"), EmploymentType::FullTime),
        ]
    });
    let title = title.to_lowercase();
    let words = [
        ("intern", EmploymentType::Internship),
        ("internship", EmploymentType::Internship),
        ("contract", EmploymentType::Contract),
        ("contractor", EmploymentType::Contract),
        ("freelance", EmploymentType::Contract),
        ("temporary", EmploymentType::Temporary),
        ("part-time", EmploymentType::PartTime),
        ("permanent", EmploymentType::Permanent),
    ];
    let stated = |word: &str| {
        title.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|part| part == word)
            // A contract manager manages contracts.
            && !(word == "contract" && ["manager", "admin", "negotiat", "law"].iter().any(|work| title.contains(work)))
    };
    if let Some((_, kind)) = words.iter().find(|(word, _)| stated(word)) {
        return Some((*kind, None));
    }
    let in_text = |(regex, kind): &(Option<Regex>, EmploymentType)| {
        regex.as_ref()?.find(text).map(|hit| (*kind, Some(hit.range())))
    };
    PATTERNS.iter().find_map(in_text)
}
