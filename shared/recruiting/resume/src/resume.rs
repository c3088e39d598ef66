//! The fields of a parsed resume. Every field says where in the text it stands and how sure the reader is of it.

use inventure_core::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::date::PartialDate;

/// The least confidence of a value that is acted on. Values from it up are right 99 times in a hundred, those below 4 times in five.
pub const SURE: f32 = 0.7;

/// The confidence of a suggestion that is likely right: nothing is done about it until somebody confirms it.
pub(crate) const UNSURE: f32 = 0.65;

/// A value, the place where it was read, and the reader's confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Field<T> {
    /// The value itself. Text is as the document has it, with every run of white space made one space.
    pub value: T,
    /// The place in the document's text that says so. Absent where the value came from a record and not from a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The confidence, from 0 (a guess) to 1 (stated in a form that leaves no doubt).
    pub confidence: f32,
}

impl<T> Field<T> {
    /// Creates a value that stands at `span`.
    pub const fn new(value: T, span: Span, confidence: f32) -> Self {
        Self {
            value,
            span: Some(span),
            confidence,
        }
    }

    /// Creates a value that was stated outright in a record.
    pub const fn stated(value: T) -> Self {
        Self {
            value,
            span: None,
            confidence: 1.0,
        }
    }

    /// Whether the value may be acted on. One that may not is a suggestion.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.confidence >= SURE
    }
}

/// A structured resume. Nothing in it is made up: a field that was not found is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Resume {
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Field<String>>,
    /// The title under the name, by which the person describes themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<Field<String>>,
    /// The e-mail addresses, in the order they stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Field<String>>,
    /// The telephone numbers, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Field<String>>,
    /// The web addresses and profiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The place where the person lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The person's own summary, profile or objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Field<String>>,
    /// The jobs held, in the order they stand (most often newest first).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub experience: Vec<Experience>,
    /// The schools that the person attended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub education: Vec<Education>,
    /// The skills named anywhere in the resume, one entry per skill.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Skill>,
    /// The languages that the person speaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// The certificates and licences of the person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certifications: Vec<Certification>,
    /// The months of work in all. They are the union of the jobs' intervals, so that two jobs at once count once. Absent where no
    /// job has dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_months: Option<u32>,
    /// The parts of an imported JSON Resume that have no field here. They are under their names in that schema, and exported as
    /// they came.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "Map<String, Value>")]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub extra: Map<String, Value>,
}

impl Resume {
    /// Returns the resume without its suggestions: values of too little confidence for ranking, claims and mail.
    #[must_use]
    pub fn sure(mut self) -> Self {
        keep(&mut self.name);
        keep(&mut self.headline);
        keep(&mut self.summary);
        self.location.take_if(|location| !location.text.is_sure());
        self.emails.retain(Field::is_sure);
        self.phones.retain(Field::is_sure);
        self.links.retain(|link| link.url.is_sure());
        self.skills.retain(|skill| skill.name.is_sure());
        self.languages.retain(|language| language.name.is_sure());
        self.certifications.retain(|certificate| certificate.name.is_sure());
        for language in &mut self.languages {
            keep(&mut language.fluency);
        }
        for certificate in &mut self.certifications {
            keep(&mut certificate.issuer);
            keep(&mut certificate.date);
        }
        for job in &mut self.experience {
            keep(&mut job.employer);
            keep(&mut job.team);
            keep(&mut job.title);
            keep(&mut job.start);
            keep(&mut job.end);
            keep(&mut job.location);
            keep(&mut job.description);
            job.highlights.retain(Field::is_sure);
        }
        for school in &mut self.education {
            keep(&mut school.school);
            keep(&mut school.degree);
            keep(&mut school.field);
            keep(&mut school.start);
            keep(&mut school.end);
        }
        self
    }
}

impl Resume {
    /// Multiplies the confidence of every field by the weight of its place in the text.
    pub(crate) fn weigh(&mut self, weight: impl Fn(Span) -> f32) {
        fn one<T>(field: &mut Field<T>, weight: &impl Fn(Span) -> f32) {
            field.confidence *= field.span.map_or(1.0, weight);
        }
        fn all<'a, T: 'a>(fields: impl IntoIterator<Item = &'a mut Field<T>>, weight: &impl Fn(Span) -> f32) {
            fields.into_iter().for_each(|field| one(field, weight));
        }
        let w = &weight;
        all(
            [&mut self.name, &mut self.headline, &mut self.summary]
                .into_iter()
                .flatten(),
            w,
        );
        all(self.location.iter_mut().map(|location| &mut location.text), w);
        all(self.emails.iter_mut().chain(&mut self.phones), w);
        all(self.links.iter_mut().map(|link| &mut link.url), w);
        all(self.skills.iter_mut().map(|skill| &mut skill.name), w);
        for language in &mut self.languages {
            one(&mut language.name, w);
            all(&mut language.fluency, w);
        }
        for certificate in &mut self.certifications {
            one(&mut certificate.name, w);
            all(&mut certificate.issuer, w);
            all(&mut certificate.date, w);
        }
        for job in &mut self.experience {
            let texts = [
                &mut job.employer,
                &mut job.team,
                &mut job.title,
                &mut job.location,
                &mut job.description,
            ];
            all(texts.into_iter().flatten().chain(&mut job.highlights), w);
            all([&mut job.start, &mut job.end].into_iter().flatten(), w);
        }
        for school in &mut self.education {
            let texts = [&mut school.school, &mut school.degree, &mut school.field];
            all(texts.into_iter().flatten(), w);
            all([&mut school.start, &mut school.end].into_iter().flatten(), w);
        }
    }
}

/// Takes a suggestion out.
fn keep<T>(field: &mut Option<Field<T>>) {
    field.take_if(|field| !field.is_sure());
}

/// A web address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Link {
    /// The address as written; it may lack a scheme.
    pub url: Field<String>,
    /// The name of the site, where it is one of the known networks: `LinkedIn`, `GitHub`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The other members of the imported link, as in [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub extra: Map<String, Value>,
}

/// The place where a person lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Location {
    /// The place as written, or the parts of an imported location joined by commas.
    pub text: Field<String>,
    /// The parts of the imported location (`city`, `region`, `countryCode` and so on), as they came. See [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub extra: Map<String, Value>,
}

/// A job that the person held.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Experience {
    /// The employer of the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<Field<String>>,
    /// The team or department of the employer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Field<String>>,
    /// The title of the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Field<String>>,
    /// The date on which the job began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Field<PartialDate>>,
    /// The date on which the job ended. Absent for a current job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Field<PartialDate>>,
    /// Whether the resume says that the job goes on.
    #[serde(default)]
    pub current: bool,
    /// The place of the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Field<String>>,
    /// The description of the job, as running text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Field<String>>,
    /// The points under the job, one per bullet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<Field<String>>,
    /// The number of calendar months, both ends included. A current job counts up to the day of parsing. Absent where the dates
    /// do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// The other members of the imported job, as in [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub extra: Map<String, Value>,
}

/// A school that the person attended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Education {
    /// The school, college or university.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<Field<String>>,
    /// The degree: `B.E.`, `Master of Science`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degree: Option<Field<String>>,
    /// The field of study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field<String>>,
    /// The date on which the studies began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Field<PartialDate>>,
    /// The date on which the studies ended, or the year of graduation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Field<PartialDate>>,
    /// The other members of the imported school, as in [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub extra: Map<String, Value>,
}

/// A skill, at the place where it is named first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Skill {
    /// The skill, as written.
    pub name: Field<String>,
    /// The id in the lexicon ([`crate::skills`]). Absent for what the lexicon does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The canonical name in the lexicon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The months of the jobs whose text names the skill, overlaps counted once. Absent where no dated job names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_used: Option<u32>,
    /// The end of the latest job whose text names the skill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<PartialDate>,
}

/// A language that the person speaks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Language {
    /// The English name of the language.
    pub name: Field<String>,
    /// The fluency, in the resume's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fluency: Option<Field<String>>,
    /// The other members of the imported language, as in [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub extra: Map<String, Value>,
}

/// A certificate or licence of the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Certification {
    /// The name of the certificate.
    pub name: Field<String>,
    /// The body that gave the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Field<String>>,
    /// The date on which the certificate was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Field<PartialDate>>,
    /// The other members of the imported certificate, as in [`Resume::extra`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub extra: Map<String, Value>,
}
