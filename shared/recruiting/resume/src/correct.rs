//! Corrections: what a person says of a resume where the reader was wrong.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
};

use inventure_core::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    date::PartialDate,
    json_resume, parse,
    resume::{Certification, Education, Experience, Field, Language, Link, Location, Resume, Skill},
    skills,
};

/// A part of a resume that is corrected as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResumePart {
    /// The person's name.
    Name,
    /// The title under the name.
    Headline,
    /// The e-mail addresses.
    Emails,
    /// The telephone numbers.
    Phones,
    /// The web addresses and profiles.
    Links,
    /// The place where the person lives.
    Location,
    /// The summary.
    Summary,
    /// The jobs held.
    Experience,
    /// The schools.
    Education,
    /// The skills.
    Skills,
    /// The languages.
    Languages,
    /// The certificates and licences.
    Certifications,
}

/// A part of a resume as it should be. An empty text or list says that there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(tag = "part", content = "value", rename_all = "snake_case")]
pub enum StatedPart {
    /// The person's name.
    Name(String),
    /// The title under the name.
    Headline(String),
    /// The e-mail addresses.
    Emails(Vec<String>),
    /// The telephone numbers.
    Phones(Vec<String>),
    /// The web addresses and profiles.
    Links(Vec<String>),
    /// The place where the person lives.
    Location(String),
    /// The summary.
    Summary(String),
    /// The jobs held, newest first.
    Experience(Vec<StatedJob>),
    /// The schools, newest first.
    Education(Vec<StatedSchool>),
    /// The skills.
    Skills(Vec<String>),
    /// The languages.
    Languages(Vec<StatedLanguage>),
    /// The certificates and licences.
    Certifications(Vec<StatedCertificate>),
}

/// A job as it should be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StatedJob {
    /// The employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employer: Option<String>,
    /// The team or department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The date on which the job began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<PartialDate>,
    /// The date on which the job ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<PartialDate>,
    /// Whether the job goes on.
    pub current: bool,
    /// The place of the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The description, as running text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The points under the job.
    pub highlights: Vec<String>,
}

/// A school as it should be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StatedSchool {
    /// The school, college or university.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// The degree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degree: Option<String>,
    /// The field of study.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The date on which the studies began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<PartialDate>,
    /// The date on which the studies ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<PartialDate>,
}

/// A language as it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedLanguage {
    /// The English name of the language.
    pub name: String,
    /// The fluency, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fluency: Option<String>,
}

/// A certificate as it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedCertificate {
    /// The name of the certificate.
    pub name: String,
    /// The body that gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The date on which it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
}

impl StatedPart {
    /// The part that is stated.
    #[must_use]
    pub const fn part(&self) -> ResumePart {
        match self {
            Self::Name(_) => ResumePart::Name,
            Self::Headline(_) => ResumePart::Headline,
            Self::Emails(_) => ResumePart::Emails,
            Self::Phones(_) => ResumePart::Phones,
            Self::Links(_) => ResumePart::Links,
            Self::Location(_) => ResumePart::Location,
            Self::Summary(_) => ResumePart::Summary,
            Self::Experience(_) => ResumePart::Experience,
            Self::Education(_) => ResumePart::Education,
            Self::Skills(_) => ResumePart::Skills,
            Self::Languages(_) => ResumePart::Languages,
            Self::Certifications(_) => ResumePart::Certifications,
        }
    }

    /// Returns a part of a resume as it is.
    #[must_use]
    pub fn of(resume: &Resume, part: ResumePart) -> Self {
        let one = |field: Option<&Field<String>>| text(field).unwrap_or_default();
        let all = |fields: &[Field<String>]| fields.iter().map(|field| field.value.clone()).collect();
        match part {
            ResumePart::Name => Self::Name(one(resume.name.as_ref())),
            ResumePart::Headline => Self::Headline(one(resume.headline.as_ref())),
            ResumePart::Emails => Self::Emails(all(&resume.emails)),
            ResumePart::Phones => Self::Phones(all(&resume.phones)),
            ResumePart::Links => Self::Links(resume.links.iter().map(|link| link.url.value.clone()).collect()),
            ResumePart::Location => {
                let place = resume.location.as_ref().map(|location| location.text.value.clone());
                Self::Location(place.unwrap_or_default())
            }
            ResumePart::Summary => Self::Summary(one(resume.summary.as_ref())),
            ResumePart::Experience => Self::Experience(resume.experience.iter().map(StatedJob::of).collect()),
            ResumePart::Education => Self::Education(resume.education.iter().map(StatedSchool::of).collect()),
            ResumePart::Skills => Self::Skills(resume.skills.iter().map(|skill| skill.name.value.clone()).collect()),
            ResumePart::Languages => {
                let language = |language: &Language| StatedLanguage {
                    name: language.name.value.clone(),
                    fluency: text(language.fluency.as_ref()),
                };
                Self::Languages(resume.languages.iter().map(language).collect())
            }
            ResumePart::Certifications => {
                let certificate = |certificate: &Certification| StatedCertificate {
                    name: certificate.name.value.clone(),
                    issuer: text(certificate.issuer.as_ref()),
                    date: date(certificate.date.as_ref()),
                };
                Self::Certifications(resume.certifications.iter().map(certificate).collect())
            }
        }
    }
}

impl StatedJob {
    fn of(job: &Experience) -> Self {
        Self {
            employer: text(job.employer.as_ref()),
            team: text(job.team.as_ref()),
            title: text(job.title.as_ref()),
            start: date(job.start.as_ref()),
            end: date(job.end.as_ref()),
            current: job.current,
            location: text(job.location.as_ref()),
            description: text(job.description.as_ref()),
            highlights: job.highlights.iter().map(|field| field.value.clone()).collect(),
        }
    }
}

impl StatedSchool {
    fn of(school: &Education) -> Self {
        Self {
            school: text(school.school.as_ref()),
            degree: text(school.degree.as_ref()),
            field: text(school.field.as_ref()),
            start: date(school.start.as_ref()),
            end: date(school.end.as_ref()),
        }
    }
}

fn text(field: Option<&Field<String>>) -> Option<String> {
    field.map(|field| field.value.clone())
}

fn date(field: Option<&Field<PartialDate>>) -> Option<PartialDate> {
    field.map(|field| field.value)
}

/// The texts of one part of a reading with their places, so that what a person confirms keeps its place. Each place is given once,
/// the first first.
struct Known(RefCell<HashMap<String, VecDeque<Span>>>);

impl Known {
    fn of(part: impl Serialize) -> Self {
        let mut known = HashMap::new();
        collect(&serde_json::json!(part), &mut known);
        Self(RefCell::new(known))
    }

    fn place(&self, value: &str) -> Option<Span> {
        self.0.borrow_mut().get_mut(value)?.pop_front()
    }

    fn one(&self, value: &str) -> Option<Field<String>> {
        (!value.is_empty()).then(|| Field {
            span: self.place(value),
            ..Field::stated(value.to_owned())
        })
    }

    fn some(&self, value: Option<&String>) -> Option<Field<String>> {
        self.one(value?)
    }

    fn all(&self, values: &[String]) -> Vec<Field<String>> {
        values.iter().filter_map(|value| self.one(value)).collect()
    }

    fn date(&self, value: Option<PartialDate>) -> Option<Field<PartialDate>> {
        let value = value?;
        Some(Field {
            span: self.place(&value.to_string()),
            ..Field::stated(value)
        })
    }
}

/// Collects the fields of a part that have a place.
fn collect(value: &serde_json::Value, known: &mut HashMap<String, VecDeque<Span>>) {
    if let (Some(text), Some(span)) = (value["value"].as_str(), value.get("span"))
        && let Ok(span) = serde_json::from_value(span.clone())
    {
        known.entry(text.to_owned()).or_default().push_back(span);
    }
    match value {
        serde_json::Value::Object(members) => members.values().for_each(|member| collect(member, known)),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, known)),
        _ => {}
    }
}

impl ResumePart {
    /// The part under its name in JSON Resume, and in its `basics`. What an import kept under it goes with a correction.
    const fn names(self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Name => (None, Some("name")),
            Self::Headline => (None, Some("label")),
            Self::Emails => (None, Some("email")),
            Self::Phones => (None, Some("phone")),
            Self::Links => (None, Some("profiles")),
            Self::Location => (None, Some("location")),
            Self::Summary => (None, Some("summary")),
            Self::Experience => (Some("work"), None),
            Self::Education => (Some("education"), None),
            Self::Skills => (Some("skills"), None),
            Self::Languages => (Some("languages"), None),
            Self::Certifications => (Some("certificates"), None),
        }
    }
}

/// Takes out what an import kept of a part as it came.
fn forget(resume: &mut Resume, part: ResumePart) {
    let (own, in_basics) = part.names();
    if let Some(name) = own {
        resume.extra.remove(name);
    }
    if let Some(serde_json::Value::Object(basics)) = resume.extra.get_mut("basics")
        && let Some(name) = in_basics
    {
        basics.remove(name);
        if part == ResumePart::Links {
            basics.remove("url");
            basics.remove("website");
        }
    }
}

/// Puts corrections over a reading. A part that is stated replaces the one that was read; what was read and is stated again keeps its
/// place in the text. `today` is the month up to which a current job has lasted.
#[must_use]
pub fn corrected<'a>(
    mut resume: Resume,
    stated: impl IntoIterator<Item = &'a StatedPart>,
    today: PartialDate,
) -> Resume {
    for part in stated {
        forget(&mut resume, part.part());
        match part {
            StatedPart::Name(name) => resume.name = Known::of(&resume.name).one(name),
            StatedPart::Headline(headline) => resume.headline = Known::of(&resume.headline).one(headline),
            StatedPart::Emails(emails) => resume.emails = Known::of(&resume.emails).all(emails),
            StatedPart::Phones(phones) => resume.phones = Known::of(&resume.phones).all(phones),
            StatedPart::Links(links) => {
                let link = |url: Field<String>| Link {
                    network: json_resume::network(&url.value).map(str::to_owned),
                    url,
                    extra: serde_json::Map::new(),
                };
                resume.links = Known::of(&resume.links).all(links).into_iter().map(link).collect();
            }
            StatedPart::Location(place) => {
                let location = |text| Location {
                    text,
                    extra: serde_json::Map::new(),
                };
                resume.location = Known::of(&resume.location).one(place).map(location);
            }
            StatedPart::Summary(summary) => resume.summary = Known::of(&resume.summary).one(summary),
            StatedPart::Experience(jobs) => {
                let known = Known::of(&resume.experience);
                resume.experience = jobs.iter().map(|job| known.job(job)).collect();
                resume.total_months = None;
                parse::count_months(&mut resume, today);
                // They were counted by the jobs that were read.
                for skill in &mut resume.skills {
                    (skill.months_used, skill.last_used) = (None, None);
                }
            }
            StatedPart::Education(schools) => {
                let known = Known::of(&resume.education);
                resume.education = schools.iter().map(|school| known.school(school)).collect();
            }
            StatedPart::Skills(names) => {
                let read = std::mem::take(&mut resume.skills);
                let before: HashMap<&str, &Skill> =
                    read.iter().map(|skill| (skill.name.value.as_str(), skill)).collect();
                let skill = |name: Field<String>| {
                    let before = before.get(name.value.as_str());
                    before.map_or_else(
                        || Skill {
                            label: skills::lookup(&name.value).map(str::to_owned),
                            id: skills::id_of(&name.value),
                            months_used: None,
                            last_used: None,
                            name: name.clone(),
                        },
                        |before| Skill {
                            name: name.clone(),
                            ..(*before).clone()
                        },
                    )
                };
                let known = Known::of(&read);
                resume.skills = known.all(names).into_iter().map(skill).collect();
            }
            StatedPart::Languages(languages) => {
                let known = Known::of(&resume.languages);
                let language = |stated: &StatedLanguage| {
                    Some(Language {
                        name: known.one(&stated.name)?,
                        fluency: known.some(stated.fluency.as_ref()),
                        extra: serde_json::Map::new(),
                    })
                };
                resume.languages = languages.iter().filter_map(language).collect();
            }
            StatedPart::Certifications(certificates) => {
                let known = Known::of(&resume.certifications);
                let certificate = |stated: &StatedCertificate| {
                    Some(Certification {
                        name: known.one(&stated.name)?,
                        issuer: known.some(stated.issuer.as_ref()),
                        date: known.date(stated.date),
                        extra: serde_json::Map::new(),
                    })
                };
                resume.certifications = certificates.iter().filter_map(certificate).collect();
            }
        }
    }
    resume
}

impl Known {
    fn job(&self, stated: &StatedJob) -> Experience {
        Experience {
            employer: self.some(stated.employer.as_ref()),
            team: self.some(stated.team.as_ref()),
            title: self.some(stated.title.as_ref()),
            start: self.date(stated.start),
            end: self.date(stated.end),
            current: stated.current,
            location: self.some(stated.location.as_ref()),
            description: self.some(stated.description.as_ref()),
            highlights: self.all(&stated.highlights),
            ..Experience::default()
        }
    }

    fn school(&self, stated: &StatedSchool) -> Education {
        Education {
            school: self.some(stated.school.as_ref()),
            degree: self.some(stated.degree.as_ref()),
            field: self.some(stated.field.as_ref()),
            start: self.date(stated.start),
            end: self.date(stated.end),
            ..Education::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hint, Limits, json_resume, read};

    fn today() -> PartialDate {
        PartialDate::year_month(2026, 11).unwrap()
    }

    fn imported(json: &str) -> Resume {
        let document = read(json.as_bytes(), Hint::default(), &Limits::default(), None).unwrap();
        parse::parse(&document, today())
    }

    #[test]
    fn an_export_holds_nothing_that_was_corrected_away() {
        let resume = imported(
            r#"{"basics": {"name": "Edda Marlowe", "label": "Wrong headline", "url": "https://wrong.example", "summary": "Wrong summary",
                "profiles": [{"network": "Wrong network", "username": "wrong"}], "location": {"city": "Wrongville", "countryCode": "GB"}},
                "work": [{"name": "Wrong employer", "position": "Wrong title", "startDate": "2019-01", "x": "wrong"}],
                "education": [{"institution": "Wrong school", "courses": ["Wrong course"]}],
                "skills": [{"name": "Wrong group", "keywords": ["Wrongdoing", "Rust"]}],
                "languages": [{"language": "Wrongish"}, {"fluency": "wrong"}],
                "certificates": [{"name": "Wrong certificate"}, {"issuer": "Wrong issuer"}]}"#,
        );
        assert!(
            json_resume::export(&resume)
                .to_string()
                .to_lowercase()
                .contains("wrong")
        );
        let stated = [
            StatedPart::Headline(String::new()),
            StatedPart::Links(vec!["https://edda.example".into()]),
            StatedPart::Location("Leeds, UK".into()),
            StatedPart::Summary(String::new()),
            StatedPart::Experience(Vec::new()),
            StatedPart::Education(Vec::new()),
            StatedPart::Skills(vec!["Rust".into()]),
            StatedPart::Languages(Vec::new()),
            StatedPart::Certifications(Vec::new()),
        ];
        let export = json_resume::export(&corrected(resume, &stated, today())).to_string();
        assert!(!export.to_lowercase().contains("wrong"), "{export}");
        assert!(
            export.contains("Edda Marlowe") && export.contains("Leeds, UK") && export.contains("Rust"),
            "{export}"
        );
    }

    #[test]
    fn each_place_in_the_text_is_given_to_one_field() {
        let resume = imported(
            r#"{"work": [{"name": "Acme", "position": "Engineer", "startDate": "2019-01", "endDate": "2020-12"},
                {"name": "Acme", "position": "Engineer", "startDate": "2017-01", "endDate": "2018-12"}]}"#,
        );
        let as_it_is = StatedPart::of(&resume, ResumePart::Experience);
        let again = corrected(resume.clone(), [&as_it_is], today());
        let spans = |resume: &Resume| {
            let title = |job: &Experience| job.title.as_ref().and_then(|title| title.span);
            resume.experience.iter().map(title).collect::<Vec<_>>()
        };
        assert_eq!(spans(&again), spans(&resume));
        assert_eq!(again.total_months, Some(48));
        assert_eq!(StatedPart::of(&again, ResumePart::Experience), as_it_is);
    }
}
