//! Finds schools and degrees.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{Line, Section, Text, dates, overlap, person::place_in, regex};
use crate::{
    date::PartialDate,
    entities::EntityKind,
    resume::{Education, Field},
};

/// The most schools of one resume.
const SCHOOLS_MAX: usize = 40;

static DEGREE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?x)
        \b(?:
          (?i:(?:bachelor|master|doctor|associate)(?:['’]?s)?(?:\s+degree)?(?:\s+of\s+(?:applied\s+|fine\s+|medical\s+|information\s+|computer\s+|business\s+)?(?:science|arts?|engineering|technology|commerce|business\s+administration|administration|laws?|education|philosophy|computer\s+applications?|applications?|pharmacy|architecture|medicine|nursing|design|mathematics|management|statistics|economics))?(?:\s+degree)?)
          |(?i:doctorate|post[\s-]?graduate\s+diploma|post[\s-]?graduation|advanced\s+diploma|diploma|high\s+school\s+diploma|higher\s+secondary(?:\s+certificate)?|senior\s+secondary|secondary\s+school\s+certificate|intermediate|matriculation|ged)
          |B\.?\s?(?:Tech|Sc|Com|Arch|Ed|Pharm|Voc|Des)\b\.?|M\.?\s?(?:Tech|Sc|Com|Arch|Ed|Pharm|Phil|Des)\b\.?
          |B\.?E\b\.?|B\.?A\b\.?|B\.S\.?c?\.?|BS\b|BSc\b|BBA|BCA|BFA|BBM|M\.?E\b\.?|M\.?A\b\.?|M\.S\.?c?\.?|MS\b|MSc\b|M\.?B\.?A\b\.?|M\.?C\.?A\b\.?|MFA|MPH|MPA
          |Ph\.?\s?D\b\.?|P\.?G\.?D\.?(?:M|CA|BM)\b|LL\.?[BM]\b\.?|J\.D\.?|M\.D\.?|MBBS|A\.A\.S?\.?|A\.S\.|HSC|H\.S\.C\.?|SSC|S\.S\.C\.?|S\.?S\.?L\.?C\.?|CBSE|ICSE
        )",
    )
});
static SCHOOL_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:university|universität|université|universidad|college|institute?s?|institution|school|academy|polytechnic|vidyalaya?|vidyapeeth|vidhyalaya|iit|nit|iiit|bits|mit|ucla|faculty|campus|gymnasium|lyceum)\b",
    )
});
static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:degree\s*)?(?:(?:with\s+)?(?:a\s+)?(?:major(?:ing|ed)?\s+)?\b(?:in|of)\b:?\s+|[:,(\-–—|]\s*)(?P<field>[A-Z][\p{L}&'’/ .-]{1,70}?(?:,? and [A-Z][\p{L} ]{2,40})?)\s*(?:[,;:(|)\t–—]|\s-\s|\bfrom\b|\bat\b|\bin\b|\bwith\b|\d|$)",
    )
});

pub(super) fn read(text: &Text<'_>) -> Vec<Education> {
    let mut schools: Vec<Education> = Vec::new();
    for lines in text.of_section(Section::Education) {
        section(text, lines, &mut schools);
    }
    schools.truncate(SCHOOLS_MAX);
    schools
}

fn section(text: &Text<'_>, lines: &[Line<'_>], schools: &mut Vec<Education>) {
    let mut current = Education::default();
    let mut finish = |current: &mut Education| {
        let done = std::mem::take(current);
        if done.school.is_some() || done.degree.is_some() {
            schools.push(done);
        }
    };
    for line in lines {
        let degree = find_degree(text, line);
        let school = find_school(text, line, degree.as_ref());
        let repeats = (degree.is_some() && current.degree.is_some()) || (school.is_some() && current.school.is_some());
        let complete = current.school.is_some() && (current.degree.is_some() || current.end.is_some());
        let dated = dates::periods_or_date(line.text)
            .into_iter()
            .next()
            .filter(|_| line.text.len() <= 160);
        // A date before its school, as in "2011 – 2013: Master …", belongs to what follows.
        let begins = repeats || (complete && line.set_off && (degree.is_some() || school.is_some()));
        let begins = begins || (dated.is_some() && current.end.is_some() && complete);
        if begins {
            finish(&mut current);
        }
        if let Some(range) = &degree {
            current.field = find_field(text, line, range).or(current.field.take());
            let agreed = text.says(EntityKind::Degree, range) > 0.3;
            current.degree = text.field(range.clone(), if agreed { 0.95 } else { 0.75 });
        }
        if let Some(range) = school {
            let agreed = text.says(EntityKind::College, &range) > 0.3;
            current.school = text.field(range, if agreed { 0.95 } else { 0.7 });
        }
        // A dated line of an education section names a school, whatever the school calls itself.
        if let Some(period) = &dated
            && current.school.is_none()
            && degree.is_none()
            && period.start.is_some()
            && !line.bullet
            && !line.text.ends_with('.')
            && line.text.len() <= 80
        {
            let rest = [period.range.end..line.text.len(), 0..period.range.start];
            let named = rest
                .into_iter()
                .find(|rest| line.text[rest.clone()].contains(char::is_alphabetic));
            let first = named.map(|rest| {
                let piece = line.text[rest.clone()].trim_start_matches(|c: char| !c.is_alphanumeric());
                let start = rest.end - piece.len();
                start..start + piece.find(['\t', '|', ',', '(', '–', '—']).unwrap_or(piece.len())
            });
            let is_name = |range: &Range<usize>| line.text[range.clone()].starts_with(char::is_uppercase);
            current.school = first.filter(is_name).and_then(|range| text.field(line.at(range), 0.4));
        }
        if let Some(period) = dated.filter(|_| current.end.is_none()) {
            let date = |date: Option<(PartialDate, Range<usize>)>| {
                date.map(|(date, range)| Field::new(date, text.span(line.at(range)), 0.85))
            };
            (current.start, current.end) = (date(period.start), date(period.end));
        }
    }
    finish(&mut current);
}

/// Finds the degree that a line names, in bytes of the document.
fn find_degree(text: &Text<'_>, line: &Line<'_>) -> Option<Range<usize>> {
    if line.text.len() > 200 {
        return None;
    }
    if let Some(found) = DEGREE.as_ref().and_then(|pattern| pattern.find(line.text)) {
        return Some(line.at(found.range()));
    }
    let whole = line.whole();
    let tagged = text.tagged.iter().find(|tagged| {
        tagged.kind == EntityKind::Degree
            && tagged.confidence > 0.6
            && overlap(&tagged.range, &whole) == tagged.range.len()
    });
    tagged.map(|tagged| tagged.range.clone())
}

/// Finds the school that a line names. It is the tagger's, or the piece of the line with a word like "University" in it.
fn find_school(text: &Text<'_>, line: &Line<'_>, degree: Option<&Range<usize>>) -> Option<Range<usize>> {
    if line.bullet && line.text.len() > 120 {
        return None;
    }
    let whole = line.whole();
    let tagged = text.tagged.iter().find(|tagged| {
        tagged.kind == EntityKind::College && tagged.confidence > 0.5 && whole.contains(&tagged.range.start)
    });
    if let Some(tagged) = tagged {
        return Some(tagged.range.clone());
    }
    let word = SCHOOL_WORD.as_ref()?.find(line.text)?;
    let is_cut = |c: char| matches!(c, '\t' | '|' | ',' | ';' | '(' | ')' | ':' | '–' | '—');
    let start = line.text[..word.start()]
        .rfind(is_cut)
        .map_or(0, |at| at + line.text[at..].chars().next().map_or(1, char::len_utf8));
    let end = line.text[word.end()..]
        .find(is_cut)
        .map_or(line.text.len(), |at| word.end() + at);
    // A dash between spaces parts as well.
    let start = line.text[start..word.start()]
        .rfind(" - ")
        .map_or(start, |at| start + at + 3);
    let end = line.text[word.end()..end].find(" - ").map_or(end, |at| word.end() + at);
    let mut range = line.at(start..end);
    // "B.Sc. from Delhi University", "Masters, Accounting University of Florida".
    if let Some(degree) = degree
        && overlap(degree, &range) > 0
    {
        let after = text.slice(degree.end..range.end);
        let from = [" from ", " at ", " in "]
            .iter()
            .filter_map(|cue| after.find(cue).map(|at| at + cue.len()))
            .min();
        range.start = degree.end + from.unwrap_or(0);
    }
    let named = text.slice(range.clone()).trim();
    let high_school_diploma = named.to_lowercase().contains("diploma");
    // "School" or "University" alone is a heading of a table, not a name.
    let sentence = !(2..=12).contains(&named.split_whitespace().count());
    (!named.is_empty() && !sentence && !high_school_diploma && SCHOOL_WORD.as_ref()?.is_match(named)).then_some(range)
}

/// Finds the field of study behind a degree.
fn find_field(text: &Text<'_>, line: &Line<'_>, degree: &Range<usize>) -> Option<Field<String>> {
    let rest = text.slice(degree.end.min(line.whole().end)..line.whole().end);
    let found = FIELD.as_ref()?.captures(rest)?.name("field")?;
    let named = found.as_str().trim().trim_end_matches('.');
    let is_school = SCHOOL_WORD.as_ref()?.is_match(named);
    let is_place = place_in(named, |_| false).is_some();
    let range =
        degree.end + found.start()..degree.end + found.start() + found.as_str().trim_end_matches(['.', ' ']).len();
    (!is_school && !is_place).then(|| text.field(range, 0.75)).flatten()
}
