//! Reads from a job's text what it asks for, each finding with the place that says so.

mod denied;
mod pay;
mod place_of_work;
mod sections;
mod surroundings;
pub mod tagger;
mod years;

use std::{collections::BTreeMap, ops::Range, sync::LazyLock};

use inventure_core::{PayRange, Span};
use inventure_resume::{is_language, short_form, skills};
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    document::{MAX_SKILLS, Need, RemotePolicy},
    occupation,
    place::Place,
    seniority::Seniority,
    text,
};
use tagger::{AdPart, AdPartKind, Understood};

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
    /// The id of the skill in the lexicon, such as `kubernetes`. A language has one such as `language-german`, words that the lexicon
    /// does not know one such as `named-wound-care`.
    pub id: String,
    /// The name of the skill in the lexicon, such as `Kubernetes`, or the words as they are written.
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
    /// Every skill that the text asks for, once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<JobSkill>,
    /// The places of the work, as written, in the order of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Found<String>>,
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

/// Reads a job: its title and its description in plain text. Words behind the first 6,000 are not read, which bounds time
/// and memory.
#[must_use]
pub fn parse_job(title: &str, description: &str) -> ParsedJob {
    let chars = Chars::new(description);
    let found = |range: Range<usize>| Some(chars.span(&range));
    let ad = Ad::new(title, description);
    ParsedJob {
        title: title.trim().to_owned(),
        normalized_title: occupation::normalise(title),
        seniority: Seniority::of_title(title),
        skills: ad.skills(&chars),
        places: ad.places(&chars),
        remote_policy: ad.understood.policy.as_ref().map(|(value, range)| Found {
            value: *value,
            span: ad.span(range, &chars),
        }),
        pay: ad.pay(&chars),
        employment_type: employment_type(title, description).map(|(value, range)| Found {
            value,
            span: range.and_then(found),
        }),
        min_years: ad.years(&chars),
    }
}

/// A job's title and description as one text, with its parts.
struct Ad {
    text: String,
    /// The length of the title and the line break behind it.
    title: usize,
    understood: Understood,
    needs: sections::Needs,
}

impl Ad {
    fn new(title: &str, description: &str) -> Self {
        let text = format!("{title}\n{}", read_part(description));
        Self {
            understood: tagger::understand(&text),
            needs: sections::Needs::new(description),
            title: title.len() + 1,
            text,
        }
    }

    /// Returns the parts of a kind with their words.
    fn named(&self, kind: AdPartKind) -> impl Iterator<Item = (&AdPart, &str)> {
        let own = self.understood.parts.iter().filter(move |part| part.kind == kind);
        own.filter_map(|part| Some((part, self.text.get(part.range.clone())?)))
    }

    /// Returns the place of bytes in the description; `None` for those of the title.
    fn span(&self, range: &Range<usize>, chars: &Chars) -> Option<Span> {
        let start = range.start.checked_sub(self.title)?;
        Some(chars.span(&(start..range.end.checked_sub(self.title)?)))
    }

    /// Whether a place of the description stands under a heading that speaks of the firm and its offers.
    fn is_the_firms(&self, span: Option<Span>) -> bool {
        span.is_some_and(|span| self.needs.at(span.start).is_none())
    }

    /// Returns the skills that are asked for. One named twice counts where it is needed most.
    fn skills(&self, chars: &Chars) -> Vec<JobSkill> {
        let mut list: Vec<JobSkill> = Vec::new();
        let mut known_at: BTreeMap<String, usize> = BTreeMap::new();
        let mut unranked = 0;
        let mut last: Option<&AdPart> = None;
        let tagged = self.named(AdPartKind::Skill).filter_map(|(part, words)| {
            if denied::skill(&self.text, &part.range) {
                return None;
            }
            let again = last
                .replace(part)
                .is_some_and(|last| self.is_short_form(&last.range, &part.range));
            let span = self.span(&part.range, chars);
            let counts = words.len() <= LONGEST_NAME && !self.is_the_firms(span);
            let nice = span.is_some_and(|span| self.needs.is_nice_by_heading(span.start));
            let need = if nice { Need::Nice } else { part.need };
            let mut names = self.names(words, part.range.end);
            // "Computer Numerical Control (CNC)": the lexicon may know the short form alone.
            names.retain(|(id, _)| !again || is_ranked(id));
            counts.then_some((need, span, names))
        });
        // "Dutch customer agent": a language in a title is always asked for.
        let title = self.text.get(..self.title).unwrap_or_default();
        let in_title = text::words(title)
            .filter(|(at, word)| self.is_spoken(word, at + word.len()))
            .map(|(_, word)| (Need::Required, None, vec![language(word, word)]));
        for (need, span, names) in in_title.chain(tagged) {
            for (id, label) in names {
                let place = known_at.get(&id).copied().unwrap_or(list.len());
                // What ranks nobody must not push out what does.
                let full = list.len() >= MAX_SKILLS || !is_ranked(&id) && unranked >= UNRANKED_KEPT;
                match list.get_mut(place) {
                    // The place to show is the one that makes it required.
                    Some(known) if need < known.need => (known.need, known.span) = (need, span),
                    None if !full => {
                        unranked += usize::from(!is_ranked(&id));
                        known_at.insert(id.clone(), place);
                        list.push(JobSkill { id, label, need, span });
                    }
                    Some(_) | None => {}
                }
            }
        }
        list
    }

    /// Whether a skill is the short form, in brackets, of the one before it: "Advanced Cardiovascular Life Support (ACLS)".
    fn is_short_form(&self, last: &Range<usize>, range: &Range<usize>) -> bool {
        let text = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        let behind = text(last.end..self.text.len());
        short_form(text(last.clone()), behind).is_some_and(|length| range.end < last.end + length)
    }

    /// Whether a word that ends at this byte names a language, and not a people or something else.
    fn is_spoken(&self, word: &str, end: usize) -> bool {
        let after = self.text.get(end..).unwrap_or_default();
        let next = text::words(after).next().map(|(_, next)| next.to_lowercase());
        let another = next.is_some_and(|next| NOT_SPOKEN.contains(&next.as_str()));
        word.starts_with(char::is_uppercase) && is_language(&word.to_lowercase()) && !another
    }

    /// Returns the ids and labels of the skills that words name, which end at this byte.
    ///
    /// They are of the lexicon, of a language, or the words themselves; none where they name a people.
    fn names(&self, words: &str, end: usize) -> Vec<(String, String)> {
        let lower = words.to_lowercase();
        let start = end - words.len();
        let named =
            |(_, word): &(usize, &str)| word.starts_with(char::is_uppercase) && is_language(&word.to_lowercase());
        let spoken = text::words(words).find(named);
        let whole = spoken.is_some_and(|(_, word)| word == words);
        if let Some(label) = skills::lookup(words).filter(|_| !whole) {
            return vec![(skills::slug(label), label.to_owned())];
        }
        let known: Vec<(String, String)> = skills::find(words).into_iter().map(|hit| (hit.id, hit.label)).collect();
        if !known.is_empty() && !whole {
            return known;
        }
        // "German C1" is German, "German law" is neither German nor a skill of its own.
        if let Some((at, word)) = spoken {
            let spoken = self.is_spoken(word, start + at + word.len());
            return if spoken {
                vec![language(word, words)]
            } else {
                Vec::new()
            };
        }
        let slug: Vec<&str> = text::words(&lower).map(|(_, word)| word).collect();
        if slug.is_empty() {
            return Vec::new();
        }
        vec![(format!("{NAMED_ID}{}", slug.join("-")), words.to_owned())]
    }

    /// Returns the first pay that can be read, or the first that its sentence calls pay.
    fn pay(&self, chars: &Chars) -> Option<Found<PayRange>> {
        let places: Vec<Range<usize>> = self
            .named(AdPartKind::Place)
            .map(|(part, _)| part.range.clone())
            .collect();
        let tried = self.named(AdPartKind::Pay).take(PAY_TRIED);
        let read: Vec<_> = tried
            .filter_map(|(part, _)| pay::read(&self.text, &part.range, &places))
            .collect();
        let labelled = read.iter().find(|(_, range)| pay::is_labelled(&self.text, range));
        let (value, range) = labelled.or(read.first())?;
        let span = self.span(range, chars);
        Some(Found { value: *value, span })
    }

    /// Returns the least years of experience. Of those required it is the most, since "5+ years of software, 2+ of Rust" asks for
    /// five; what is only preferred counts where nothing is required.
    fn years(&self, chars: &Chars) -> Option<Found<u32>> {
        let stated = self
            .named(AdPartKind::Years)
            .filter(|(part, _)| !years::are_no_ask(&self.text, &part.range))
            .filter(|(part, _)| !self.is_the_firms(self.span(&part.range, chars)))
            .filter_map(|(part, words)| Some((part, years::least(words)?)));
        let (part, value) = stated.max_by_key(|(part, years)| (part.need == Need::Required, *years))?;
        let span = self.span(&part.range, chars);
        Some(Found { value, span })
    }

    /// Returns the places of the work, each once.
    fn places(&self, chars: &Chars) -> Vec<Found<String>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for (part, words) in self.named(AdPartKind::Place) {
            let before = ranges.last().and_then(|last| self.text.get(last.end..part.range.start));
            match ranges.last_mut() {
                // "Berlin, Germany" is one place, "Leeds, York" are two.
                Some(last) if before == Some(", ") && Place::parse(words).city.is_none() => last.end = part.range.end,
                _ => ranges.push(part.range.clone()),
            }
        }
        let mut list: Vec<Found<String>> = Vec::new();
        for range in ranges {
            let value = self.text.get(range.clone()).unwrap_or_default().to_owned();
            let fits = value.len() <= LONGEST_NAME && list.len() < PLACES_KEPT;
            if fits && list.iter().all(|known| known.value != value) {
                let span = self.span(&range, chars);
                list.push(Found { value, span });
            }
        }
        list
    }
}

/// The most skills that a job keeps by which nobody is ranked.
const UNRANKED_KEPT: usize = 60;

/// The most stretches of pay that are tried, until one can be read.
const PAY_TRIED: usize = 10;

/// The most places that a job keeps.
const PLACES_KEPT: usize = 20;

/// The longest skill or place, in bytes. A longer one is no name.
const LONGEST_NAME: usize = 120;

/// Returns the id and the label of a language.
fn language(name: &str, words: &str) -> (String, String) {
    (format!("{LANGUAGE_ID}{}", name.to_lowercase()), words.to_owned())
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

/// The beginning of the id of a language among the skills of a job.
const LANGUAGE_ID: &str = "language-";

/// The beginning of the id of words that the lexicon does not know.
const NAMED_ID: &str = "named-";

impl JobSkill {
    /// Whether people are ranked by it. A language would stand for where somebody comes from, and what the lexicon does not know is
    /// not known of anybody; both are only told.
    #[must_use]
    pub fn is_ranked(&self) -> bool {
        is_ranked(&self.id)
    }
}

fn is_ranked(id: &str) -> bool {
    let language = id.strip_prefix(LANGUAGE_ID).is_some_and(is_language);
    !language && !id.starts_with(NAMED_ID)
}

/// Words by which "permanent" offers no employment: "a chance of a permanent place", "permanent residents".
static NO_OFFER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:chance|possibility|prospect|option|view|may|might|could|become|becoming|convert(?:ed|ible)?|turn(?:s|ing)? into|temp(?:orary)?[ -]to)(?:\W+\w+){0,4}?\W+permanent\b|\bpermanent residen\w+|\bpermanent\b[^.,;|\n]*\b(?:later|afterwards)\b",
    )
});

/// Returns the words of a text that are read.
fn read_part(text: &str) -> &str {
    let end = text::words(text)
        .nth(tagger::TOKENS_MAX)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
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
                    r"(?i)\b(?:fixed[ -]term|freelance|contractor (?:role|position)|contract (?:role|position|basis|to hire|length|duration)|(?:\d+|three|six|nine|twelve|eighteen)[ -]months? contract|contract of (?:\d+|three|six|nine|twelve|eighteen)[ -]months?|(?:employment|job|contract)(?: type)?\s*:\s*contract(?:or)?)\b",
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
                pattern(
                    r"(?i)\bpermanent(?:,? (?:full[ -]time )?(?:role|position|job|contract|employment|basis|appointment|post))?\b",
                ),
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
    let text = read_part(text);
    let in_text = |(regex, kind): &(Option<Regex>, EmploymentType)| {
        let mut hits = regex.as_ref()?.find_iter(text);
        let mut sentence = 0..0;
        let mut no_offers: Vec<Range<usize>> = Vec::new();
        let offered = |hit: &regex::Match<'_>| {
            if hit.start() >= sentence.end {
                sentence = sections::sentence(text, hit.start());
                let found = NO_OFFER.as_ref().map(|none| none.find_iter(&text[sentence.clone()]));
                no_offers = found
                    .into_iter()
                    .flatten()
                    .map(|other| sentence.start + other.start()..sentence.start + other.end())
                    .collect();
            }
            let denied = no_offers.partition_point(|other| other.end <= hit.start());
            let none = no_offers.get(denied).is_some_and(|other| other.contains(&hit.start()));
            let unoffered = none && *kind == EmploymentType::Permanent;
            !unoffered && !denied::employment(text, &hit.range())
        };
        hits.find(offered).map(|hit| (*kind, Some(hit.range())))
    };
    PATTERNS.iter().find_map(in_text)
}
