//! Writes a [`Resume`] as a JSON Resume.

use serde_json::{Map, Value, json};

use super::{IS_PROFILE, NAMESPACE};
use crate::{
    date::PartialDate,
    resume::{Certification, Education, Experience, Field, Language, Link, Resume, Skill},
};

/// Returns the resume as a JSON Resume, schema 1.0.
#[must_use]
pub fn export(resume: &Resume) -> Value {
    let mut writer = Writer { provenance: Map::new() };
    let mut root = resume.extra.clone();
    let mut basics = match root.remove("basics") {
        Some(Value::Object(kept)) => kept,
        _ => Map::new(),
    };
    let has_basics = resume.extra.contains_key("basics");
    writer.basics(resume, &mut basics);
    if has_basics || !basics.is_empty() {
        root.insert("basics".into(), Value::Object(basics));
    }
    writer.list(&mut root, "work", &resume.experience, Writer::work);
    writer.list(&mut root, "education", &resume.education, Writer::education);
    writer.list(&mut root, "skills", &resume.skills, Writer::skill);
    writer.list(&mut root, "languages", &resume.languages, Writer::language);
    writer.list(&mut root, "certificates", &resume.certifications, Writer::certificate);
    let mut own = Map::new();
    if !writer.provenance.is_empty() {
        own.insert("provenance".into(), Value::Object(writer.provenance));
    }
    if let Some(months) = resume.total_months {
        own.insert("totalMonths".into(), months.into());
    }
    if !own.is_empty() {
        let meta = root.entry("meta").or_insert_with(|| json!({}));
        if let Value::Object(meta) = meta {
            meta.insert(NAMESPACE.into(), Value::Object(own));
        }
    }
    Value::Object(root)
}

struct Writer {
    provenance: Map<String, Value>,
}

impl Writer {
    /// Notes the place and the confidence of a value, unless it was stated outright.
    fn note<T>(&mut self, field: &Field<T>, path: String) {
        let stated = field.span.is_none() && (field.confidence - 1.0).abs() < f32::EPSILON;
        if !stated {
            let mut known = json!({ "confidence": field.confidence });
            if let Some(span) = field.span {
                known["span"] = json!(span);
            }
            self.provenance.insert(path, known);
        }
    }

    fn text(&mut self, map: &mut Map<String, Value>, key: &str, path: &str, field: Option<&Field<String>>) {
        if let Some(field) = field {
            map.insert(key.into(), field.value.clone().into());
            self.note(field, format!("{path}/{key}"));
        }
    }

    fn date(&mut self, map: &mut Map<String, Value>, key: &str, path: &str, field: Option<&Field<PartialDate>>) {
        if let Some(field) = field {
            map.insert(key.into(), field.value.to_string().into());
            self.note(field, format!("{path}/{key}"));
        }
    }

    fn texts(&mut self, map: &mut Map<String, Value>, key: &str, path: &str, fields: &[Field<String>]) {
        if !fields.is_empty() {
            map.insert(key.into(), fields.iter().map(|field| field.value.clone()).collect());
            for (n, field) in fields.iter().enumerate() {
                self.note(field, format!("{path}/{key}/{n}"));
            }
        }
    }

    fn list<T>(
        &mut self,
        root: &mut Map<String, Value>,
        key: &str,
        entries: &[T],
        write: fn(&mut Self, &T, &str) -> Map<String, Value>,
    ) {
        // A list that was kept as it came holds more than the entries read from it.
        if !entries.is_empty() && !root.contains_key(key) {
            let written = entries.iter().enumerate();
            let written = written
                .map(|(n, entry)| Value::Object(write(self, entry, &format!("/{key}/{n}"))))
                .collect();
            root.insert(key.into(), Value::Array(written));
        }
    }

    fn basics(&mut self, resume: &Resume, basics: &mut Map<String, Value>) {
        let path = "/basics";
        self.text(basics, "name", path, resume.name.as_ref());
        self.text(basics, "label", path, resume.headline.as_ref());
        self.text(basics, "summary", path, resume.summary.as_ref());
        self.text(basics, "email", path, resume.emails.first());
        self.texts(basics, "x-emails", path, resume.emails.get(1..).unwrap_or_default());
        self.text(basics, "phone", path, resume.phones.first());
        self.texts(basics, "x-phones", path, resume.phones.get(1..).unwrap_or_default());
        if let Some(location) = &resume.location {
            let value = if location.extra.is_empty() {
                json!({ "address": location.text.value })
            } else {
                json!(location.extra)
            };
            basics.insert("location".into(), value);
            self.note(&location.text, "/basics/location".into());
        }
        // The first address without a network is the person's own site; all others are profiles.
        let own = resume
            .links
            .first()
            .filter(|link| link.network.is_none() && link.extra.is_empty());
        self.text(basics, "url", path, own.map(|link| &link.url));
        if !basics.contains_key("profiles") {
            let profiles: Vec<Value> = resume.links[usize::from(own.is_some())..]
                .iter()
                .enumerate()
                .map(|(n, link)| self.profile(link, &format!("/basics/profiles/{n}")))
                .collect();
            if !profiles.is_empty() {
                basics.insert("profiles".into(), Value::Array(profiles));
            }
        }
    }

    fn profile(&mut self, link: &Link, path: &str) -> Value {
        let mut profile = link.extra.clone();
        profile.remove(IS_PROFILE);
        if let Some(network) = &link.network {
            profile.insert("network".into(), network.clone().into());
        }
        self.text(&mut profile, "url", path, Some(&link.url));
        Value::Object(profile)
    }

    fn work(&mut self, entry: &Experience, path: &str) -> Map<String, Value> {
        let mut work = entry.extra.clone();
        if !work.contains_key("company") {
            self.text(&mut work, "name", path, entry.employer.as_ref());
        }
        self.text(&mut work, "x-team", path, entry.team.as_ref());
        self.text(&mut work, "position", path, entry.title.as_ref());
        self.date(&mut work, "startDate", path, entry.start.as_ref());
        self.date(&mut work, "endDate", path, entry.end.as_ref());
        self.text(&mut work, "location", path, entry.location.as_ref());
        self.text(&mut work, "summary", path, entry.description.as_ref());
        self.texts(&mut work, "highlights", path, &entry.highlights);
        if entry.current != (entry.start.is_some() && entry.end.is_none()) {
            work.insert("x-current".into(), entry.current.into());
        }
        if let Some(months) = entry.months {
            work.insert("x-months".into(), months.into());
        }
        work
    }

    fn education(&mut self, entry: &Education, path: &str) -> Map<String, Value> {
        let mut education = entry.extra.clone();
        self.text(&mut education, "institution", path, entry.school.as_ref());
        self.text(&mut education, "studyType", path, entry.degree.as_ref());
        self.text(&mut education, "area", path, entry.field.as_ref());
        self.date(&mut education, "startDate", path, entry.start.as_ref());
        self.date(&mut education, "endDate", path, entry.end.as_ref());
        education
    }

    fn skill(&mut self, entry: &Skill, path: &str) -> Map<String, Value> {
        let mut skill = Map::new();
        self.text(&mut skill, "name", path, Some(&entry.name));
        let Skill {
            id,
            label,
            months_used,
            last_used,
            ..
        } = entry;
        for (key, value) in [
            ("x-id", id.clone().map(Value::from)),
            ("x-label", label.clone().map(Value::from)),
            ("x-months-used", months_used.map(Value::from)),
            ("x-last-used", last_used.map(|date| date.to_string().into())),
        ] {
            if let Some(value) = value {
                skill.insert(key.into(), value);
            }
        }
        skill
    }

    fn language(&mut self, entry: &Language, path: &str) -> Map<String, Value> {
        let mut language = entry.extra.clone();
        self.text(&mut language, "language", path, Some(&entry.name));
        self.text(&mut language, "fluency", path, entry.fluency.as_ref());
        language
    }

    fn certificate(&mut self, entry: &Certification, path: &str) -> Map<String, Value> {
        let mut certificate = entry.extra.clone();
        self.text(&mut certificate, "name", path, Some(&entry.name));
        self.text(&mut certificate, "issuer", path, entry.issuer.as_ref());
        self.date(&mut certificate, "date", path, entry.date.as_ref());
        certificate
    }
}
