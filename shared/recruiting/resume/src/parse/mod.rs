//! Puts the fields of a resume together from its lines and what their words name, as [`crate::structure`] tells them.

pub(crate) mod dates;
mod education;
mod experience;
mod lists;
mod person;
mod phones;
pub(crate) mod sections;

use std::ops::Range;

use inventure_core::Span;
use regex::Regex;

use crate::{
    date::PartialDate,
    read::{Document, Hint, Limits, MediaType, PdfLibrary, ScannedPage, read, read_scan},
    refusal::Refusal,
    resume::{Field, Resume, UNSURE},
    structure::{self, LineKind, Part, PartKind, lines::Page},
};
use dates::Period;
pub use lists::{is_language, short_form};

/// Finds the fields of a resume. `today` is the month in which it is read, up to which a current job has lasted.
///
/// A document that states its resume outright (JSON Resume) is taken at its word; only what follows from the dates is added.
#[must_use]
pub fn parse(document: &Document, today: PartialDate) -> Resume {
    let mut resume = fields(document);
    if document.recognised {
        // Words that lie unseen under a picture may be others than those that one sees on it.
        resume.weigh(|_| UNSURE);
    }
    count(document, &mut resume, today);
    resume
}

/// Adds what follows from the dates.
fn count(document: &Document, resume: &mut Resume, today: PartialDate) {
    count_months(resume, today);
    lists::count_months(document, resume, today);
}

/// Finds the fields that a document states. Where it was recognised on pictures, contacts are suggestions: a letter that was taken for
/// another is somebody else's address.
fn fields(document: &Document) -> Resume {
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
    if document.recognised {
        let links = resume.links.iter_mut().map(|link| &mut link.url);
        for contact in resume.emails.iter_mut().chain(&mut resume.phones).chain(links) {
            contact.confidence = contact.confidence.min(UNSURE);
        }
    }
    resume
}

/// Counts the months of each job and of all, as far as their dates tell.
pub(crate) fn count_months(resume: &mut Resume, today: PartialDate) {
    let intervals = experience::count_months(resume, today);
    let has_dates = resume
        .experience
        .iter()
        .any(|job| job.start.is_some() || job.end.is_some());
    if has_dates {
        // What a file says of the sum does not count beside the dates that it gives.
        resume.total_months = (!intervals.is_empty()).then(|| dates::union(intervals));
    }
}

/// Reads a file and finds the fields of the resume in it.
///
/// # Errors
/// A [`Refusal`] with the reason. A file with nothing of a resume in it is none.
pub fn read_resume(
    bytes: &[u8],
    hint: Hint<'_>,
    limits: &Limits,
    pdf: Option<&PdfLibrary>,
    today: PartialDate,
) -> Result<(Document, Resume), Refusal> {
    let document = read(bytes, hint, limits, pdf)?;
    let resume = parse(&document, today);
    checked(document, resume)
}

/// Finds the fields of a resume in the words that were recognised on its pages.
///
/// A field is no surer than the recognition of its words.
///
/// # Errors
/// A [`Refusal`] with the reason, as [`read_scan`] and [`read_resume`].
pub fn read_scanned_resume(
    media_type: MediaType,
    pages: &[ScannedPage],
    limits: &Limits,
    today: PartialDate,
) -> Result<(Document, Resume), Refusal> {
    let (document, sure) = read_scan(media_type, pages, limits)?;
    let mut resume = fields(&document);
    resume.weigh(|span| {
        let letters = sure.get(span.start as usize..span.end as usize).unwrap_or_default();
        let known = || letters.iter().flatten();
        known().sum::<f32>() / known().count().max(1) as f32
    });
    count(&document, &mut resume, today);
    checked(document, resume)
}

/// Refuses what is no resume.
fn checked(document: Document, resume: Resume) -> Result<(Document, Resume), Refusal> {
    // A record says itself what it is.
    if document.structured.is_some() || is_resume(&resume) {
        Ok((document, resume))
    } else {
        Err(Refusal::NotAResume)
    }
}

/// Whether there is anything of a resume: a job, a school, or two things that are said of a person.
fn is_resume(resume: &Resume) -> bool {
    let contact = !(resume.emails.is_empty() && resume.phones.is_empty() && resume.links.is_empty());
    let said = [
        resume.name.is_some(),
        contact,
        resume.headline.is_some(),
        resume.location.is_some(),
        resume.skills.len() > 1,
        !resume.languages.is_empty(),
        !resume.certifications.is_empty(),
    ];
    !resume.experience.is_empty() || !resume.education.is_empty() || said.iter().filter(|said| **said).count() > 1
}

/// A line with something on it.
#[derive(Debug, Clone)]
struct Line<'a> {
    /// The text of the line without the bullet.
    text: &'a str,
    /// The place where `text` begins, in bytes of the document.
    start: usize,
    /// Whether an empty line stands before it.
    set_off: bool,
    bullet: bool,
    kind: LineKind,
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

/// Lines that belong together, with what their words name.
struct Block {
    kind: LineKind,
    /// The lines, by their numbers.
    lines: Range<usize>,
    parts: Vec<Part>,
    confidence: f32,
}

impl Block {
    /// Returns the first part of a kind.
    fn part(&self, kind: PartKind) -> Option<&Part> {
        self.parts.iter().find(|part| part.kind == kind)
    }
}

/// A document made ready to be searched.
struct Text<'a> {
    document: &'a Document,
    page: Page<'a>,
    lines: Vec<Line<'a>>,
    blocks: Vec<Block>,
}

impl<'a> Text<'a> {
    fn new(document: &'a Document) -> Self {
        let page = structure::page(document);
        let found = structure::blocks(&page);
        let mut lines: Vec<Line<'a>> = page
            .lines
            .iter()
            .map(|line| Line {
                text: line.text,
                start: line.start,
                set_off: line.set_off,
                bullet: line.bullet,
                kind: LineKind::Other,
            })
            .collect();
        for block in &found {
            for line in &mut lines[block.lines.clone()] {
                line.kind = block.kind;
                strip_label(line);
            }
        }
        let runs = structure::runs(&found);
        let parts = structure::parts(&page, &runs);
        let blocks = runs
            .into_iter()
            .zip(parts)
            .map(|(run, parts)| Block {
                kind: run.kind,
                parts,
                confidence: found[found.partition_point(|block| block.lines.end <= run.lines.start)..]
                    .iter()
                    .take_while(|block| block.lines.start < run.lines.end)
                    .map(|block| block.confidence)
                    .fold(1.0, f32::min),
                lines: run.lines,
            })
            .collect();
        Self {
            document,
            page,
            lines,
            blocks,
        }
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.document.text.get(range).unwrap_or_default()
    }

    fn span(&self, range: Range<usize>) -> Span {
        let start = self.page.characters[range.start];
        Span {
            page: self.document.page_of(start),
            start,
            end: self.page.characters[range.end],
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

    /// Makes a field of the first part of a kind that a block names.
    fn part(&self, block: &Block, kind: PartKind) -> Option<Field<String>> {
        let part = block.part(kind)?;
        self.field(part.range.clone(), part.confidence * block.confidence)
    }

    /// Returns the first span of time that the lines of a block name. One with a beginning and an end goes first.
    fn period(&self, block: &Block) -> Option<(Dated, Dated, bool)> {
        let all = block.lines.clone().flat_map(|at| {
            let line = &self.page.lines[at];
            line.periods.iter().map(move |period| (line.start, period))
        });
        let whole =
            |period: &&(usize, &Period)| period.1.start.is_some() && (period.1.end.is_some() || period.1.current);
        let all: Vec<(usize, &Period)> = all.collect();
        let (start, period) = all.iter().find(whole).or_else(|| all.first())?;
        let date = |date: &Option<(PartialDate, Range<usize>)>| {
            let (date, range) = date.as_ref()?;
            let span = self.span(start + range.start..start + range.end);
            Some(Field::new(*date, span, 0.97 * block.confidence))
        };
        Some((date(&period.start), date(&period.end), period.current))
    }

    /// Returns the kind of the line that holds a byte of the document.
    fn kind_at(&self, byte: usize) -> LineKind {
        let after = self.lines.partition_point(|line| line.start <= byte);
        self.lines[..after].last().map_or(LineKind::Person, |line| line.kind)
    }

    fn of_kind(&self, kind: LineKind) -> impl Iterator<Item = &[Line<'a>]> {
        self.lines
            .chunk_by(|a, b| a.kind == b.kind)
            .filter(move |lines| lines[0].kind == kind)
    }
}

/// A date that may be absent.
type Dated = Option<Field<PartialDate>>;

/// Takes a heading off the line that holds its content as well: "Skills: Java, Python".
fn strip_label(line: &mut Line<'_>) {
    if line.kind.is_heading() {
        return;
    }
    let Some((_, content)) = sections::heading(line.text).filter(|(_, content)| !content.is_empty()) else {
        return;
    };
    let rest = &line.text[content];
    let text = rest.trim();
    line.start += line.text.len() - rest.len() + (rest.len() - rest.trim_start().len());
    line.text = text;
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

/// Compiles a pattern that is known to be right. A wrong one would find nothing, and a test says so.
fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

#[cfg(test)]
pub(crate) mod tests;
