//! What a parsed resume holds. Every field says where in the text it stands and how sure the reader is of it.

use inventure_core::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::date::PartialDate;

/// A value, where it was read, and how sure the reader is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Field<T> {
    /// The value. Text is as the document has it, with every run of white space made one space.
    pub value: T,
    /// Where the document's text says so; absent where the value came from a record and not from a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// From 0 (a guess) to 1 (stated in a form that leaves no doubt).
    pub confidence: f32,
}

impl<T> Field<T> {
    /// A value that stands at `span`.
    pub const fn new(value: T, span: Span, confidence: f32) -> Self {
        Self {
            value,
            span: Some(span),
            confidence,
        }
    }

    /// A value that was stated outright in a record.
    pub const fn stated(value: T) -> Self {
        Self {
            value,
            span: None,
            confidence: 1.0,
        }
    }
}

/// A structured resume. Nothing in it is made up: a field that was not found is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Resume {
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Field<String>>,
    /// What they call themselves: the title under the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<Field<String>>,
    /// E-mail addresses, in the order they stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Field<String>>,
    /// Telephone numbers as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Field<String>>,
    /// Web addresses and profiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Where they live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Their own summary, profile or objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Field<String>>,
    /// Jobs held, in the order they stand (most often newest first).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub experience: Vec<Experience>,
    /// Schools attended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub education: Vec<Education>,
    /// Skills named anywhere in the resume, one entry per skill.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Skill>,
    /// Languages spoken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Certificates and licences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certifications: Vec<Certification>,
    /// Months of work in all: the union of the jobs' intervals, so that two jobs at once count once. Absent where no job has
    /// dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_months: Option<u32>,
    /// Parts of an imported JSON Resume that have no field here, under their names in that schema; exported as they came.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "Map<String, Value>")]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

/// A web address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Link {
    /// The address as written; it may lack a scheme.
    pub url: Field<String>,
    /// The site, where it is one of the known networks: `LinkedIn`, `GitHub`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// As [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

/// Where somebody lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Location {
    /// As written, or the parts of an imported location joined by commas.
    pub text: Field<String>,
    /// As [`Resume::extra`]: `city`, `region`, `countryCode` and so on, as they came.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

/// One job held.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Experience {
    /// Who for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<Field<String>>,
    /// As what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Field<String>>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Field<PartialDate>>,
    /// Until when; absent for a current job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Field<PartialDate>>,
    /// Whether the resume says that the job goes on.
    #[serde(default)]
    pub current: bool,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Field<String>>,
    /// What it was about, as running text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Field<String>>,
    /// The points under it, one per bullet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<Field<String>>,
    /// How many calendar months, both ends included; for a current job up to the day of parsing. Absent where the dates do
    /// not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// As [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

/// One school attended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Education {
    /// School, college or university.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<Field<String>>,
    /// The degree: `B.E.`, `Master of Science`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degree: Option<Field<String>>,
    /// The field of study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field<String>>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Field<PartialDate>>,
    /// Until when, or the year of graduation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Field<PartialDate>>,
    /// As [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

/// A skill, where it is named first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Skill {
    /// As written.
    pub name: Field<String>,
    /// Id in the lexicon ([`crate::skills`]); absent for what the lexicon does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Canonical name in the lexicon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Months of the jobs whose text names the skill, overlaps counted once. Absent where no dated job names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_used: Option<u32>,
    /// End of the latest such job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<PartialDate>,
}

/// A language spoken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Language {
    /// Its English name.
    pub name: Field<String>,
    /// How well, in the resume's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fluency: Option<Field<String>>,
    /// As [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

/// A certificate or licence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Certification {
    /// What it certifies.
    pub name: Field<String>,
    /// When it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Field<PartialDate>>,
    /// As [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}
