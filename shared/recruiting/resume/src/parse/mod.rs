//! Finds the fields of a resume in its text. Rules over headings, lines and dates work together with the learned tagger of
//! [`crate::entities`]. Where both find the same thing the confidence is high; neither makes anything up.

mod dates;
mod education;
mod experience;
mod lists;
mod person;
mod sections;

use std::ops::Range;

use inventure_core::Span;
use regex::Regex;

use crate::{
    date::PartialDate,
    entities::{EntityKind, entities},
    read::Document,
    resume::{Field, Resume},
};
use sections::Section;

/// The most lines of a resume; 200,000 characters are fewer.
const LINES_MAX: usize = 20_000;

/// Finds the fields of a resume. `today` is the month in which it is read, up to which a current job has lasted.
///
/// A document that states its resume outright (JSON Resume) is taken at its word; only what follows from the dates is added.
#[must_use]
pub fn parse(document: &Document, today: PartialDate) -> Resume {
    let mut resume = if let Some(stated) = &document.structured {
        stated.as_ref().clone()
    } else {
        let text = Text::new(document);
        let mut resume = Resume {
            experience: experience::read(&text),
            education: education::read(&text),
            ..Resume::default()
        };
        person::read(&text, &mut resume);
        lists::languages(&text, &mut resume);
        lists::certifications(&text, &mut resume);
        lists::skills(&text, &mut resume);
        resume
    };
    let intervals = experience::count_months(&mut resume, today);
    lists::count_months(document, &mut resume, today);
    if !intervals.is_empty() {
        resume.total_months = Some(dates::union(intervals));
    }
    resume
}

/// A line with something on it.
#[derive(Debug, Clone)]
struct Line<'a> {
    /// The text of the line without the bullet.
    text: &'a str,
    /// The place where `text` begins, in bytes of the document.
    start: usize,
    /// Whether an empty line or a heading stands before it.
    set_off: bool,
    bullet: bool,
    section: Section,
}

impl Line<'_> {
    /// Returns a stretch of the line in bytes of the document.
    fn at(&self, range: Range<usize>) -> Range<usize> {
        self.start + range.start..self.start + range.end
    }

    fn whole(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// Something the tagger found.
#[derive(Debug, Clone)]
struct Tagged {
    kind: EntityKind,
    /// The place of the find, in bytes of the document.
    range: Range<usize>,
    confidence: f32,
}

/// A document made ready to be searched.
struct Text<'a> {
    document: &'a Document,
    lines: Vec<Line<'a>>,
    tagged: Vec<Tagged>,
    /// The number of the character at each byte.
    characters: Vec<u32>,
}

impl<'a> Text<'a> {
    fn new(document: &'a Document) -> Self {
        let text = document.text.as_str();
        let mut characters = vec![0; text.len() + 1];
        let mut bytes = Vec::with_capacity(text.len() + 1);
        for (at, c) in text.char_indices() {
            characters[at..at + c.len_utf8()].fill(bytes.len() as u32);
            bytes.push(at);
        }
        characters[text.len()] = bytes.len() as u32;
        bytes.push(text.len());
        let tagged = entities(text)
            .into_iter()
            .filter_map(|entity| {
                let range = *bytes.get(entity.start as usize)?..*bytes.get(entity.end as usize)?;
                Some(Tagged {
                    kind: entity.kind,
                    range,
                    confidence: entity.confidence,
                })
            })
            .collect();
        Self {
            document,
            lines: lines(text),
            tagged,
            characters,
        }
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.document.text.get(range).unwrap_or_default()
    }

    fn span(&self, range: Range<usize>) -> Span {
        let start = self.characters[range.start];
        Span {
            page: self.document.page_of(start),
            start,
            end: self.characters[range.end],
        }
    }

    /// Makes a field of the text at `range`, without the space and the signs around it. `None` where nothing is left.
    fn field(&self, range: Range<usize>, confidence: f32) -> Option<Field<String>> {
        let range = trimmed(self.slice(range.clone()), range.start)?;
        let value = self
            .slice(range.clone())
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        Some(Field::new(value, self.span(range), confidence))
    }

    /// Returns the share of `range` that the tagger marked as `kind`, times its confidence.
    fn says(&self, kind: EntityKind, range: &Range<usize>) -> f32 {
        let marked = self
            .tagged
            .iter()
            .filter(|tagged| tagged.kind == kind && overlap(&tagged.range, range) > 0);
        let sum: f32 = marked
            .map(|tagged| overlap(&tagged.range, range) as f32 * tagged.confidence)
            .sum();
        sum / (range.len().max(1)) as f32
    }

    fn of_section(&self, section: Section) -> impl Iterator<Item = &[Line<'a>]> {
        self.lines
            .chunk_by(|a, b| a.section == b.section)
            .filter(move |lines| lines[0].section == section)
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

/// Returns the place of the words of `text`, which begins at `start`. It is without the white space and the signs around them.
fn trimmed(text: &str, start: usize) -> Option<Range<usize>> {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '|' | '•' | '-' | '–' | '—' | '/' | '·');
    let front = text.trim_start_matches(is_edge);
    let back = front.trim_end_matches(is_edge);
    // One bracket without the other was left by a cut.
    let back = if back.ends_with(')') && !back.contains('(') {
        &back[..back.len() - 1]
    } else {
        back
    };
    let cut = usize::from(back.starts_with('(') && !back.contains(')'));
    let begin = start + text.len() - front.len() + cut;
    let end = start + text.len() - front.len() + back.len();
    (begin < end && text.contains(char::is_alphanumeric)).then_some(begin..end)
}

/// Returns the lines of a text with the section each belongs to. Headings themselves are left out.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut section = Section::Header;
    let mut set_off = true;
    let mut start = 0;
    // How the heading of the jobs is written; headings of lesser parts inside them are written otherwise.
    let mut loud = false;
    for raw in text.split('\n').take(LINES_MAX) {
        let line_start = start;
        start += raw.len() + 1;
        if raw.trim().is_empty() {
            set_off = true;
            continue;
        }
        let mut range = 0..raw.len();
        if let Some((opened, content)) = sections::heading(raw) {
            let inline = !content.is_empty();
            let is_loud = !raw[..raw.len() - content.len()].chars().any(char::is_lowercase);
            let inside_jobs = section == Section::Experience && opened != Section::Experience;
            let opens = !inside_jobs
                || if inline {
                    opened == Section::Education
                } else {
                    is_loud == loud
                };
            // "Languages: Java, C++" among skills names no languages that are spoken.
            let label = inline && section == Section::Skills && opened == Section::Languages;
            if opens && !label {
                section = opened;
                set_off = true;
                if opened == Section::Experience {
                    loud = is_loud;
                }
                range = content;
            }
        }
        let content = &raw[range.clone()];
        let (bullet, content_start) = match content.strip_prefix("• ") {
            Some(rest) => (true, raw.len() - rest.len()),
            None => (false, range.start + content.len() - content.trim_start().len()),
        };
        let content = raw[content_start..].trim_end();
        if content.is_empty() {
            continue;
        }
        lines.push(Line {
            text: content,
            start: line_start + content_start,
            set_off,
            bullet,
            section,
        });
        set_off = false;
    }
    lines
}

/// Compiles a pattern that is known to be right. A wrong one would find nothing, and a test says so.
fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

#[cfg(test)]
pub(crate) mod tests;
