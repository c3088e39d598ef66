//! The text of a resume beyond the fields that were read. It is the safety net for a layout that the parser does not follow.
//!
//! Here nothing may be taken just because nobody knew what it was. Left out are the head of the resume, the sections about
//! schooling, languages, the person, hobbies and references, every line that names a school, and every field that was read:
//! those that tell who it is, and those that are looked at already.

use std::{ops::Range, sync::LazyLock};

use inventure_core::Span;
use inventure_resume::Resume;
use regex::Regex;

/// The lines within which a heading comes, or the head of the resume is taken to be [`HEAD_LINES`].
const HEADING_WITHIN_LINES: usize = 15;

/// Lines that are head where no heading ends it: the name and how to reach the person.
const HEAD_LINES: usize = 3;

/// The least letters of a line; one with fewer says nothing.
const LEAST_LETTERS: usize = 8;

/// Headings of sections that are read, and of sections that are not.
static KEPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*((professional|career|executive|work|employment|relevant|core|key|technical|qualifications?|job|areas? of|my|other|additional|selected|it|computer|professional and)\s+)*(summary|profile|objective|overview|experience|employment|history|skills?|highlights|expertise|competenc(y|ies)|qualifications?|accomplishments|achievements|projects?|responsibilities|certifications?|licen[cs]es?|training|strengths|capabilities|proficienc(y|ies)|technologies|tools|background|about( me)?|affiliations|memberships|awards|honou?rs|publications|activities|volunteer(ing)?( experience| work)?)(\s*(summary|history|highlights|background|overview|of qualifications|and .{3,25}|& .{3,25}))?\W*$").ok()
});
static LEFT_OUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*((academic|educational|professional|personal|additional|other|scholastic|my|contact|extra)\s+)*(education(al)?|academics?|schooling|academic (background|qualifications?|record)|educational (background|qualifications?|details)|references?|personal( (details?|information|data|particulars|profile|interests))?|contact( (details?|information))?|details|declaration|languages?( known| skills)?|hobbies|interests)(\s*(and|&|,|/)\s*(training|hobbies|interests|references|credentials|coursework|qualifications|certifications?|languages?))*\W*$").ok()
});
static SCHOOL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(universit(y|ies|at|ät|é|e|à|a|eit)|universi(dad|dade|tet)|colleges?|institutes? of|polytechnic|hochschule|école|escuela|academy|high school|secondary school|school of|schools?,|alma mater|b\.?s\.?c|m\.?s\.?c|b\.?a\.?,|bachelor|master of|masters in|ph\.?d|m\.?b\.?a|b\.?tech|m\.?tech|gpa|cgpa|diploma|graduated)\b").ok()
});

fn says(pattern: &LazyLock<Option<Regex>>, line: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

/// Returns the rest of `text`, line by line. Spans of `resume` point into it.
pub(crate) fn rest(resume: &Resume, text: &str) -> String {
    let taken = taken(resume);
    let mut lines: Vec<String> = vec![String::new()];
    let mut next = taken.iter().peekable();
    for (at, c) in (0_u32..).zip(text.chars()) {
        while next.next_if(|range| range.end <= at).is_some() {}
        let inside = next.peek().is_some_and(|range| range.start <= at);
        match lines.last_mut() {
            // A wide gap parts lines as well: columns, or a layout that came as one line.
            _ if matches!(c, '\n' | '\t') => lines.push(String::new()),
            Some(line) if !inside => line.push(c),
            _ => {}
        }
    }
    let heading = |line: &String| says(&KEPT, line.trim()) || says(&LEFT_OUT, line.trim());
    let head = lines
        .iter()
        .take(HEADING_WITHIN_LINES)
        .position(heading)
        .unwrap_or(HEAD_LINES);
    let mut keep = true;
    let mut kept = Vec::new();
    for line in lines.iter().skip(head).map(|line| line.trim()) {
        if says(&LEFT_OUT, line) {
            keep = false;
        } else if says(&KEPT, line) {
            keep = true;
        } else if keep && !says(&SCHOOL, line) && line.chars().filter(|c| c.is_alphabetic()).count() >= LEAST_LETTERS {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// The characters that fields stand on, sorted, without overlap. Skills are left in place: they are words of sentences.
fn taken(resume: &Resume) -> Vec<Range<u32>> {
    let mut spans: Vec<Option<Span>> = Vec::new();
    let texts = [&resume.name, &resume.headline, &resume.summary].into_iter().flatten();
    spans.extend(
        texts
            .chain(&resume.emails)
            .chain(&resume.phones)
            .map(|field| field.span),
    );
    spans.extend(resume.links.iter().map(|link| link.url.span));
    spans.extend(resume.location.iter().map(|location| location.text.span));
    for job in &resume.experience {
        let texts = [&job.employer, &job.title, &job.location, &job.description]
            .into_iter()
            .flatten();
        spans.extend(texts.chain(&job.highlights).map(|field| field.span));
        spans.extend([&job.start, &job.end].into_iter().flatten().map(|date| date.span));
    }
    for school in &resume.education {
        spans.extend(
            [&school.school, &school.degree, &school.field]
                .into_iter()
                .flatten()
                .map(|field| field.span),
        );
        spans.extend([&school.start, &school.end].into_iter().flatten().map(|date| date.span));
    }
    spans.extend(resume.languages.iter().map(|language| language.name.span));
    spans.extend(resume.certifications.iter().map(|certificate| certificate.name.span));
    let mut ranges: Vec<Range<u32>> = spans.into_iter().flatten().map(|span| span.start..span.end).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|later, first| {
        let meets = later.start <= first.end;
        if meets {
            first.end = first.end.max(later.end);
        }
        meets
    });
    ranges
}

#[cfg(test)]
mod tests {
    use inventure_resume::Field;

    use super::*;

    #[test]
    fn only_what_is_about_work_is_left() {
        let text = "Mary Smith\n12 High Street\nPROFILE\tKeeps ledgers balanced every month\nJob done: audits of suppliers\n\
            Mary was a student at Oxford University\nEDUCATION\nSpelman, in economics\nReferences available\nSKILLS\n\
            Bookkeeping and reporting\nHobbies\nWomen's chess club of Leeds";
        let start = text.find("audits").unwrap() as u32;
        let resume = Resume {
            summary: Some(Field::new(
                "audits of suppliers".into(),
                Span {
                    page: None,
                    start,
                    end: start + 19,
                },
                1.0,
            )),
            ..Resume::default()
        };
        assert_eq!(
            rest(&resume, text),
            "Keeps ledgers balanced every month\nBookkeeping and reporting"
        );
        let all = rest(&Resume::default(), text);
        assert!(
            all.contains("Job done: audits of suppliers") && !all.contains("Mary"),
            "{all}"
        );
    }

    #[test]
    fn without_headings_the_head_goes() {
        let text = "Mary Smith\n12 High Street\nmary at example\nSold software to hospitals";
        assert_eq!(rest(&Resume::default(), text), "Sold software to hospitals");
        assert_eq!(rest(&Resume::default(), ""), "");
    }

    #[test]
    fn taken_places_do_not_overlap() {
        let at = |start, end| Some(Field::new(String::new(), Span { page: None, start, end }, 1.0));
        let resume = Resume {
            name: at(0, 10),
            headline: at(5, 8),
            summary: at(20, 30),
            ..Resume::default()
        };
        assert_eq!(taken(&resume), [0..10, 20..30]);
    }
}
