//! The document: what the index holds of one candidate or one job.

use std::collections::BTreeMap;

use inventure_core::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{occupation::Occupation, place::Place, seniority::Seniority, text, vector::Vector};

/// First byte of an encoded document.
const FORMAT: u8 = 3;

/// First byte of a document from before [`Document::titles`] was part of it.
const FORMAT_WITHOUT_TITLES: u8 = 2;

/// First byte of a document from before [`Document::shown`] was part of it.
const FORMAT_WITHOUT_SHOWN: u8 = 1;

/// The most distinct terms kept of one document; the heaviest stay. With it a document stays under 35 KB.
pub const MAX_TERMS: usize = 800;

/// The most skills kept of one document.
pub const MAX_SKILLS: usize = 120;

/// The most titles kept of one candidate, newest first.
pub const MAX_TITLES: usize = 8;

/// The most titles of one document that have a vector. A job has its own and those that its occupation goes by.
pub const MAX_TITLE_VECTORS: usize = 1 + crate::occupation::ALTERNATES_MAX;

/// The side of a match that a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A person who looks for work.
    Candidate,
    /// Work that looks for a person.
    Job,
}

/// The importance of a skill to its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The job cannot do without the skill; or the candidate has it.
    Required,
    /// The job would like the skill.
    Nice,
}

/// A skill of the taxonomy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skill {
    /// The id of the skill in the taxonomy.
    pub id: String,
    /// The name of the skill for people.
    pub label: String,
    /// The importance of the skill to the document.
    pub need: Need,
}

/// A job title as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// As [`crate::occupation::normalise`] leaves it: lower case, singular, without words of rank.
    pub normal: String,
    /// The occupations that go by a job's title. Empty where the taxonomy does not know it, and for a candidate's.
    pub occupations: Vec<Occupation>,
}

/// The place in which work may be done, or in which a candidate would do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemotePolicy {
    /// At the employer's place.
    OnSite,
    /// Partly at the employer's place.
    Hybrid,
    /// From anywhere, or anywhere in the country.
    Remote,
}

/// Pay for a full working year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearlyPay {
    /// The lowest pay, in minor units: a job's floor, or the least that a candidate asks for.
    pub min: Option<i64>,
    /// The highest pay, in minor units.
    pub max: Option<i64>,
    /// The currency of both.
    pub currency: Currency,
}

/// The facts of a document that the rules compare. Days are counted from 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The side of a match that the document is.
    pub kind: Kind,
    /// A job's title, or a candidate's titles from the newest to the oldest; at most [`MAX_TITLES`].
    pub titles: Vec<Title>,
    /// The rank that the (newest) title states; absent where it states none.
    pub seniority: Option<Seniority>,
    /// A candidate's months of work, or the least that a job asks for.
    pub months: Option<u32>,
    /// The skills, sorted by id, no id twice; at most [`MAX_SKILLS`].
    pub skills: Vec<Skill>,
    /// The place of the candidate or the job, no finer than a city.
    pub place: Place,
    /// The place in which the work may be done: on site, partly there, or remote.
    pub remote: Option<RemotePolicy>,
    /// The pay that a job offers, or that a candidate asks for.
    pub pay: Option<YearlyPay>,
    /// The first day a candidate could start.
    pub available_from_day: Option<i32>,
    /// The day of the last change.
    pub updated_day: i32,
}

impl Facts {
    /// Returns facts of which nothing is known but the side and the day of the last change.
    #[must_use]
    pub const fn unknown(kind: Kind, updated_day: i32) -> Self {
        Self {
            kind,
            titles: Vec::new(),
            seniority: None,
            months: None,
            skills: Vec::new(),
            place: Place {
                city: None,
                region: None,
                country: None,
            },
            remote: None,
            pay: None,
            available_from_day: None,
            updated_day,
        }
    }
}

/// The time for which a document may be shown, and the tenants that may be shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The last day on which it may be shown, in days from 1970-01-01.
    pub until_day: i32,
    /// Whether tenants other than its own may be shown it, where it was granted to them.
    pub to_others: bool,
}

impl Shown {
    /// The limits of a document that is shown without an end, to everybody who may see it.
    pub const ALWAYS: Self = Self {
        until_day: i32::MAX,
        to_others: true,
    };
}

/// One candidate or one job as the index holds it. It carries no name, contact, gender, birth date, nationality or school.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The id: `can_…` or `job_…`.
    pub id: String,
    /// The tenant that owns the document.
    pub tenant_id: String,
    /// The version of the document. Of two documents of one id, the one of the greater version is the truth.
    pub version: u64,
    /// The facts that the rules compare.
    pub facts: Facts,
    /// The vector of its meaning; absent while the document has not been embedded.
    pub vector: Option<Vector>,
    /// Terms with how often they occur, weighted by where; sorted by term, at most [`MAX_TERMS`].
    pub terms: Vec<(String, u8)>,
    /// Whether the text was longer than what the profile reads, so that its end is not in the vector.
    pub text_was_cut: bool,
    /// The time for which it may be shown, and the tenants that may be shown it.
    pub shown: Shown,
    /// A candidate's titles, newest first; or a job's title and those that its occupation also goes by.
    pub titles: Vec<TitleVector>,
}

/// A title with the vector of its meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TitleVector {
    /// The title, as [`crate::occupation::normalise`] leaves it.
    pub normal: String,
    /// The vector of the title.
    pub vector: Vector,
}

/// Bytes that are not a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an index document: {0}")]
pub struct InvalidDocument(&'static str);

impl Document {
    /// The compact form, at most about 35 KB.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Serialising plain data into memory has no way to fail.
        postcard::to_extend(self, vec![FORMAT]).unwrap_or_default()
    }

    /// Reads what [`Document::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidDocument> {
        let document: Self = match bytes {
            [FORMAT, body @ ..] => postcard::from_bytes(body),
            // The same without its last fields: no limit to its showing, no titles.
            [FORMAT_WITHOUT_TITLES, body @ ..] => postcard::from_bytes(&[body, &[0]].concat()),
            [FORMAT_WITHOUT_SHOWN, body @ ..] => {
                let always = postcard::to_stdvec(&Shown::ALWAYS).unwrap_or_default();
                postcard::from_bytes(&[body, &always, &[0]].concat())
            }
            _ => return Err(InvalidDocument("unknown format")),
        }
        .map_err(|_| InvalidDocument("malformed"))?;
        let Facts { titles, skills, .. } = &document.facts;
        let many = document.titles.len() > MAX_TITLE_VECTORS;
        if many || document.terms.len() > MAX_TERMS || skills.len() > MAX_SKILLS || titles.len() > MAX_TITLES {
            return Err(InvalidDocument("too much in it"));
        }
        let sorted = document.terms.is_sorted_by(|a, b| a.0 < b.0) && skills.is_sorted_by(|a, b| a.id < b.id);
        let mut vectors = document
            .vector
            .iter()
            .chain(document.titles.iter().map(|title| &title.vector));
        if !sorted || !vectors.all(Vector::is_sound) {
            return Err(InvalidDocument("unsound"));
        }
        Ok(document)
    }
}

/// Counts terms field by field. A field's weight multiplies its counts, so that one lexical score covers all fields (the simple
/// form of BM25F, Robertson et al. 2004).
#[derive(Debug, Default)]
pub struct TermCounter(BTreeMap<String, u32>);

impl TermCounter {
    /// Adds the terms of `text`, each counted `weight` times.
    pub fn add(&mut self, text: &str, weight: u32) {
        for term in text::terms(text) {
            *self.0.entry(term).or_default() += weight;
        }
    }

    /// The counts, sorted by term; the heaviest [`MAX_TERMS`] where there are more, ties in the order of the alphabet.
    #[must_use]
    pub fn finish(self) -> Vec<(String, u8)> {
        let mut terms: Vec<_> = self.0.into_iter().collect();
        if terms.len() > MAX_TERMS {
            terms.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            terms.truncate(MAX_TERMS);
            terms.sort();
        }
        terms
            .into_iter()
            .map(|(term, count)| (term, count.min(255) as u8))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_terms_stay() {
        let mut counter = TermCounter::default();
        for number in 0..2 * MAX_TERMS {
            counter.add(&format!("word{number:05}"), 1);
        }
        counter.add("terraform", 3);
        let terms = counter.finish();
        assert_eq!(terms.len(), MAX_TERMS);
        assert!(terms.contains(&("terraform".into(), 3)));
        assert!(terms.is_sorted());
    }

    #[test]
    fn a_full_document_is_small_and_reads_back() {
        let mut facts = Facts::unknown(Kind::Candidate, 20_000);
        facts.skills = (0..MAX_SKILLS)
            .map(|n| Skill {
                id: format!("skill-{n:05}"),
                label: "a skill of usual length".into(),
                need: Need::Required,
            })
            .collect();
        let document = Document {
            id: "can_0190163d8694739b8adf2d5a45ff2ae5".into(),
            tenant_id: "ten_0190163d8694739b8adf2d5a45ff2ae5".into(),
            version: 7,
            facts,
            vector: Vector::quantise(&[0.05; 384]),
            terms: (0..MAX_TERMS).map(|n| (format!("longword{n:05}"), 3)).collect(),
            text_was_cut: false,
            shown: Shown::ALWAYS,
            titles: vec![
                TitleVector {
                    normal: "a title of usual length".into(),
                    vector: Vector::quantise(&[0.05; 384]).unwrap(),
                };
                MAX_TITLE_VECTORS
            ],
        };
        let bytes = document.to_bytes();
        assert!(bytes.len() < 35_840, "{}", bytes.len());
        assert_eq!(Document::from_bytes(&bytes), Ok(document));
        for cut in [0, 1, 40, 500, bytes.len() - 1] {
            assert!(Document::from_bytes(&bytes[..cut]).is_err(), "{cut}");
        }
    }
}
