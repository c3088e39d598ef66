//! Writes a [`Resume`] as a text, so that a record has one like any other document.

use inventure_core::Span;
use serde_json::Value;

use crate::resume::{Field, Resume};

/// The greatest depth of values inside values that are searched for text.
const DEPTH_MAX: usize = 16;

/// Writes a resume as a text and points every span of it there.
#[must_use]
pub fn render(resume: &mut Resume) -> String {
    let mut page = Page {
        text: String::new(),
        characters: 0,
    };
    page.fields(resume.name.iter_mut().chain(&mut resume.headline));
    page.fields(resume.location.iter_mut().map(|location| &mut location.text));
    page.fields(resume.emails.iter_mut().chain(&mut resume.phones));
    page.fields(resume.links.iter_mut().map(|link| &mut link.url));
    if let Some(summary) = &mut resume.summary {
        page.heading("Summary");
        page.fields([summary]);
    }
    for (n, job) in resume.experience.iter_mut().enumerate() {
        page.entry("Experience", n);
        page.fields(
            job.title
                .iter_mut()
                .chain(&mut job.team)
                .chain(&mut job.employer)
                .chain(&mut job.location),
        );
        page.period(&mut job.start, &mut job.end, job.current);
        page.fields(&mut job.description);
        page.points(&mut job.highlights);
    }
    for (n, school) in resume.education.iter_mut().enumerate() {
        page.entry("Education", n);
        page.fields(
            school
                .degree
                .iter_mut()
                .chain(&mut school.field)
                .chain(&mut school.school),
        );
        page.period(&mut school.start, &mut school.end, false);
    }
    if !resume.skills.is_empty() {
        page.heading("Skills");
        page.fields(resume.skills.iter_mut().map(|skill| &mut skill.name));
    }
    if !resume.languages.is_empty() {
        page.heading("Languages");
        page.fields(
            resume
                .languages
                .iter_mut()
                .flat_map(|language| [&mut language.name].into_iter().chain(&mut language.fluency)),
        );
    }
    for (n, certificate) in resume.certifications.iter_mut().enumerate() {
        page.entry("Certifications", n);
        page.fields([&mut certificate.name].into_iter().chain(&mut certificate.issuer));
        page.period(&mut None, &mut certificate.date, false);
    }
    for key in ["projects", "volunteer", "awards", "publications", "interests"] {
        if let Some(kept) = resume.extra.get(key) {
            page.heading(&format!("{}{}", key[..1].to_uppercase(), &key[1..]));
            page.texts(kept, 0);
        }
    }
    page.text.truncate(page.text.trim_end().len());
    page.text
}

struct Page {
    text: String,
    characters: u32,
}

impl Page {
    fn write(&mut self, text: &str) -> Span {
        let start = self.characters;
        self.characters += text.chars().count() as u32;
        self.text.push_str(text);
        Span {
            page: None,
            start,
            end: self.characters,
        }
    }

    fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.write("\n");
        }
        self.write(heading);
        self.write("\n");
    }

    /// Begins entry `n` of a section.
    fn entry(&mut self, heading: &str, n: usize) {
        if n == 0 {
            self.heading(heading);
        } else {
            self.write("\n");
        }
    }

    fn fields<'a>(&mut self, fields: impl IntoIterator<Item = &'a mut Field<String>>) {
        for field in fields {
            field.span = Some(self.write(&field.value));
            self.write("\n");
        }
    }

    fn points(&mut self, fields: &mut [Field<String>]) {
        for field in fields {
            self.write("• ");
            field.span = Some(self.write(&field.value));
            self.write("\n");
        }
    }

    fn period(
        &mut self,
        start: &mut Option<Field<crate::date::PartialDate>>,
        end: &mut Option<Field<crate::date::PartialDate>>,
        current: bool,
    ) {
        if start.is_none() && end.is_none() {
            return;
        }
        let both = start.is_some() && (end.is_some() || current);
        if let Some(start) = start {
            start.span = Some(self.write(&start.value.to_string()));
        }
        self.write(if both { " – " } else { "" });
        match end {
            Some(end) => end.span = Some(self.write(&end.value.to_string())),
            None if current => drop(self.write("Present")),
            None => {}
        }
        self.write("\n");
    }

    /// Writes every text inside a value, a line each.
    fn texts(&mut self, value: &Value, depth: usize) {
        match value {
            Value::String(text) if !text.trim().is_empty() => {
                self.write(text);
                self.write("\n");
            }
            Value::Array(list) if depth < DEPTH_MAX => list.iter().for_each(|value| self.texts(value, depth + 1)),
            Value::Object(map) if depth < DEPTH_MAX => map.values().for_each(|value| self.texts(value, depth + 1)),
            _ => {}
        }
    }
}
