//! Makes a resume or a job into the document that the index holds.
//!
//! **Fairness by construction:** name, e-mail, telephone, links, photo, schools, employers, streets, birth dates and years are
//! never read into a document; gendered words, ages and nationalities are taken out of running text ([`crate::neutral`]). If the
//! text is given besides the fields, its head, its sections about schooling and the person, and lines that name a school are left
//! out as well, whatever the parser made of them. Two resumes that differ only in those give the same bytes.
//!
//! Suggestions of the reader ([`Resume::sure`]) are left out.

use inventure_core::PayRange;
use inventure_resume::Resume;

use crate::{
    document::{
        Document, Facts, Kind, MAX_SKILLS, MAX_TITLES, Need, RemotePolicy, Shown, Skill, TermCounter, Title,
        TitleVector, YearlyPay,
    },
    job::{ParsedJob, work_text},
    neutral::{self, Name},
    occupation,
    place::Place,
    seniority::Seniority,
    text,
    unparsed::rest,
    vector::Vector,
};

/// The most characters of a text that are embedded. Each becomes one word piece at most, so that the embedder never has to
/// refuse; ten pages of a resume fit.
pub const MAX_TEXT_CHARS: usize = 14_000;

/// The version of how vectors are made of texts, beside that of the model. Vectors of another are made anew.
pub const VECTORS_VERSION: &str = "widened-1";

/// The weight of the titles that a job's occupation goes by in its vector. Its own text has 1.
const WIDENING: f32 = 0.7;

/// The weights of a term that stands in a title, among skills or certificates, or in running text.
const TITLE_WEIGHT: u32 = 3;
const SKILL_WEIGHT: u32 = 2;
const TEXT_WEIGHT: u32 = 1;

/// The id, the owner, the version and the day of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The id: `can_…` or `job_…`.
    pub id: String,
    /// The tenant that owns the document.
    pub tenant_id: String,
    /// The version, which rises with every change.
    pub version: u64,
    /// The day of the change, from 1970-01-01.
    pub updated_day: i32,
}

/// The wishes of a candidate, which no resume states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The pay asked for.
    pub pay: Option<PayRange>,
    /// The place in which they would work; `Remote` for a candidate who takes nothing else.
    pub remote: Option<RemotePolicy>,
    /// The first day they could start, from 1970-01-01.
    pub available_from_day: Option<i32>,
    /// The place in which they want to work, if not the one in which they live.
    pub location: Option<String>,
}

/// The texts of a document that are embedded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingText {
    /// The text that stands for its meaning, at most [`MAX_TEXT_CHARS`] characters.
    pub text: String,
    /// Whether the text was longer; the rest is then in no vector.
    pub was_cut: bool,
    /// A candidate's titles, newest first, or the title of a job; normalised.
    pub titles: Vec<String>,
    /// The titles that a job's occupation also goes by.
    pub alternates: Vec<&'static str>,
}

impl EmbeddingText {
    fn new(text: &str, titles: &[Title]) -> Self {
        let clipped = text::clip(text, MAX_TEXT_CHARS);
        Self {
            text: clipped.to_owned(),
            was_cut: clipped.len() < text.len(),
            titles: titles.iter().map(|title| title.normal.clone()).collect(),
            alternates: Vec::new(),
        }
    }

    /// Returns the texts to embed, each once: the one of the meaning, then the titles.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let titles = self.titles.iter().map(String::as_str);
        [self.text.as_str()]
            .into_iter()
            .chain(titles)
            .chain(self.alternates.iter().copied())
    }

    /// Makes the vectors of a document. `embedded` are those of [`EmbeddingText::texts`], in their order; `None` of an empty text.
    ///
    /// The meaning of a job is widened by the titles that its occupation goes by: its text says what the firm calls the work,
    /// résumés say what others call it.
    #[must_use]
    pub fn vectors(&self, embedded: impl IntoIterator<Item = Option<Vec<f32>>>) -> Vectors {
        let mut embedded = embedded.into_iter();
        let mut meaning = embedded.next().flatten();
        let titles: Vec<TitleVector> = self
            .texts()
            .skip(1)
            .zip(embedded)
            .filter_map(|(normal, values)| {
                Some(TitleVector {
                    normal: normal.to_owned(),
                    vector: Vector::quantise(&values?)?,
                })
            })
            .collect();
        let alternates = titles
            .iter()
            .filter(|title| self.alternates.contains(&title.normal.as_str()));
        if let (Some(meaning), Some(others)) = (&mut meaning, Vector::mean(alternates.map(|title| &title.vector))) {
            for (value, other) in meaning.iter_mut().zip(&others.bytes) {
                *value += WIDENING * f32::from(*other) * others.scale;
            }
            let length = meaning.iter().map(|value| value * value).sum::<f32>().sqrt();
            for value in meaning {
                *value /= length.max(f32::MIN_POSITIVE);
            }
        }
        Vectors {
            meaning: meaning.as_deref().and_then(Vector::quantise),
            titles,
            text_was_cut: self.was_cut,
        }
    }
}

/// The vectors of a document. [`EmbeddingText::vectors`] makes them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vectors {
    /// The vector of the text; absent where there is no text, or no model.
    pub meaning: Option<Vector>,
    /// The vectors of the titles.
    pub titles: Vec<TitleVector>,
    /// Whether the text was longer than what was embedded.
    pub text_was_cut: bool,
}

/// A resume as it was read, with the text that it was read from where there is one. Text that no field holds is then looked at as
/// well (see [`crate::profile`] for what is left out).
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The fields of the resume.
    pub resume: &'a Resume,
    /// The text that their spans point into; empty for a resume that came as fields.
    pub text: &'a str,
    /// Other names that the person goes by, with spaces between. They are taken out of what is looked at, as the resume's own name is.
    pub names: &'a str,
}

impl<'a> From<&'a Resume> for Reading<'a> {
    fn from(resume: &'a Resume) -> Self {
        Self {
            resume,
            text: "",
            names: "",
        }
    }
}

impl<'a> From<(&'a Resume, &'a str)> for Reading<'a> {
    fn from((resume, text): (&'a Resume, &'a str)) -> Self {
        Self {
            resume,
            text,
            names: "",
        }
    }
}

/// The parts of a resume that may be looked at, free of identity, most telling first: text and weight.
fn candidate_parts(
    Reading {
        resume: whole,
        text,
        names,
    }: Reading<'_>,
) -> Vec<(String, u32)> {
    // A name that is a suggestion is taken out of the text all the same.
    let read = whole.name.as_ref().map(|name| name.value.as_str());
    let name = Name::new(&format!("{names} {}", read.unwrap_or_default()));
    let resume = &whole.clone().sure();
    let neutral = |text: &str| neutral::neutral(text, &name);
    let mut parts = Vec::new();
    let mut add = |text: &str, weight| {
        let text = neutral(text);
        if !text.is_empty() {
            parts.push((text, weight));
        }
    };
    let titles = resume.experience.iter().filter_map(|job| job.title.as_ref());
    for title in resume.headline.iter().chain(titles) {
        add(&title.value, TITLE_WEIGHT);
    }
    let skills: Vec<&str> = resume
        .skills
        .iter()
        .map(|skill| skill.label.as_ref().unwrap_or(&skill.name.value).as_str())
        .collect();
    add(&skills.join(", "), SKILL_WEIGHT);
    for certificate in &resume.certifications {
        add(&certificate.name.value, SKILL_WEIGHT);
    }
    if let Some(summary) = &resume.summary {
        add(&summary.value, TEXT_WEIGHT);
    }
    for job in &resume.experience {
        for text in job.description.iter().chain(&job.highlights) {
            add(&text.value, TEXT_WEIGHT);
        }
    }
    for field in resume.education.iter().filter_map(|education| education.field.as_ref()) {
        add(&field.value, TEXT_WEIGHT);
    }
    add(&rest(whole, text), TEXT_WEIGHT);
    parts
}

/// Returns the texts of a resume that are embedded: titles, skills, summary and work, without anything that identifies the person.
#[must_use]
pub fn candidate_text<'a>(reading: impl Into<Reading<'a>>) -> EmbeddingText {
    let reading = reading.into();
    let parts: Vec<String> = candidate_parts(reading).into_iter().map(|(text, _)| text).collect();
    EmbeddingText::new(&parts.join("\n"), &held_titles(&reading.resume.clone().sure()))
}

/// Returns the texts of a job that are embedded: its title and the description of the work, not the firm.
#[must_use]
pub fn job_text(title: &str, description: &str) -> EmbeddingText {
    let none = Name::default();
    let text = format!(
        "{}\n{}",
        neutral::neutral(title, &none),
        neutral::neutral(&work_text(description), &none)
    );
    let titles = stated_title(title);
    let occupations = titles.first().map(|title| title.occupations.as_slice());
    let mut alternates = occupation::alternates(occupations.unwrap_or_default());
    alternates.retain(|other| titles.iter().all(|own| own.normal != *other));
    EmbeddingText {
        alternates,
        ..EmbeddingText::new(&text, &titles)
    }
}

/// Returns the titles of a candidate as they are compared, newest first, each once.
fn held_titles(resume: &Resume) -> Vec<Title> {
    let held = resume.experience.iter().filter_map(|job| job.title.as_ref());
    let mut titles: Vec<Title> = Vec::new();
    for title in held.chain(&resume.headline) {
        let normal = occupation::normalise(&title.value);
        if titles.len() < MAX_TITLES && !normal.is_empty() && titles.iter().all(|known| known.normal != normal) {
            titles.push(Title {
                normal,
                occupations: Vec::new(),
            });
        }
    }
    titles
}

/// Returns the title of a job as it is compared; none where it states no work.
fn stated_title(title: &str) -> Vec<Title> {
    let normal = occupation::normalise(title);
    if normal.is_empty() {
        return Vec::new();
    }
    vec![Title {
        occupations: occupation::occupations(&normal),
        normal,
    }]
}

/// The document of a candidate. `vectors` are those of [`candidate_text`].
#[must_use]
pub fn candidate_document<'a>(
    stamp: Stamp,
    reading: impl Into<Reading<'a>>,
    wants: &Preferences,
    vectors: Vectors,
) -> Document {
    let reading = reading.into();
    let resume = &reading.resume.clone().sure();
    let mut terms = TermCounter::default();
    for (text, weight) in candidate_parts(reading) {
        terms.add(&text, weight);
    }
    let held = resume.experience.iter().filter_map(|job| job.title.as_ref());
    let newest = held.chain(&resume.headline).next();
    let skills = resume.skills.iter().filter_map(|skill| {
        let label = skill.label.clone().unwrap_or_else(|| skill.name.value.clone());
        Some(Skill {
            id: skill.id.clone()?,
            label,
            need: Need::Required,
        })
    });
    let lives = resume.location.as_ref().map(|location| location.text.value.as_str());
    let place = wants
        .location
        .as_deref()
        .or(lives)
        .map(Place::parse)
        .unwrap_or_default();
    let facts = Facts {
        titles: held_titles(resume),
        seniority: newest.and_then(|title| Seniority::of_title(&title.value)),
        months: resume.total_months,
        skills: sorted(skills),
        place,
        remote: wants.remote,
        pay: wants.pay.map(yearly),
        available_from_day: wants.available_from_day,
        ..Facts::unknown(Kind::Candidate, stamp.updated_day)
    };
    document(stamp, facts, terms, vectors)
}

/// The document of a job. `vectors` are those of [`job_text`].
#[must_use]
pub fn job_document(stamp: Stamp, job: &ParsedJob, description: &str, vectors: Vectors) -> Document {
    let none = Name::default();
    let mut terms = TermCounter::default();
    terms.add(&neutral::neutral(&job.title, &none), TITLE_WEIGHT);
    for skill in job.skills.iter().filter(|skill| skill.is_ranked()) {
        terms.add(&skill.label, SKILL_WEIGHT - TEXT_WEIGHT);
    }
    terms.add(&neutral::neutral(&work_text(description), &none), TEXT_WEIGHT);
    let skills = job.skills.iter().filter(|skill| skill.is_ranked()).map(|skill| Skill {
        id: skill.id.clone(),
        label: skill.label.clone(),
        need: skill.need,
    });
    let facts = Facts {
        titles: stated_title(&job.title),
        seniority: job.seniority,
        months: job.min_years.as_ref().map(|years| years.value.saturating_mul(12)),
        skills: sorted(skills),
        // Of several places, only what they share: nobody is told to live elsewhere who lives at one of them.
        place: job
            .places
            .iter()
            .map(|place| Place::parse(&place.value))
            .reduce(Place::common)
            .unwrap_or_default(),
        remote: job.remote_policy.as_ref().map(|policy| policy.value),
        pay: job.pay.as_ref().map(|pay| yearly(pay.value)),
        ..Facts::unknown(Kind::Job, stamp.updated_day)
    };
    document(stamp, facts, terms, vectors)
}

fn document(stamp: Stamp, facts: Facts, terms: TermCounter, vectors: Vectors) -> Document {
    let Stamp {
        id, tenant_id, version, ..
    } = stamp;
    Document {
        id,
        tenant_id,
        version,
        facts,
        vector: vectors.meaning,
        terms: terms.finish(),
        text_was_cut: vectors.text_was_cut,
        shown: Shown::ALWAYS,
        titles: vectors.titles,
    }
}

fn sorted(skills: impl Iterator<Item = Skill>) -> Vec<Skill> {
    let mut skills: Vec<Skill> = skills.take(MAX_SKILLS).collect();
    // The stricter need of one skill named twice comes first and stays.
    skills.sort_by(|a, b| a.id.cmp(&b.id).then(a.need.cmp(&b.need)));
    skills.dedup_by(|later, first| later.id == first.id);
    skills
}

fn yearly(pay: PayRange) -> YearlyPay {
    let (min, max) = pay.yearly();
    YearlyPay {
        min,
        max,
        currency: pay.currency,
    }
}
