//! Puts schools together from their heads.

use std::sync::LazyLock;

use regex::Regex;

use super::{Block, Dated, Text, dates, regex};
use crate::{
    resume::{Education, Field},
    structure::{LineKind, PartKind},
};

/// The most schools of one resume.
const SCHOOLS_MAX: usize = 40;

/// Puts schools together. Several degrees under one school are an entry each.
pub(super) fn read(text: &Text<'_>) -> Vec<Education> {
    let mut schools: Vec<Education> = Vec::new();
    for block in text.blocks.iter().filter(|block| block.kind == LineKind::Study) {
        let (start, end) = text.period(block).map_or((None, None), |(start, end, _)| (start, end));
        let end = end.or_else(|| expected(text, block));
        let mut school = Education {
            school: text.part(block, PartKind::School),
            degree: text.part(block, PartKind::Degree),
            field: text.part(block, PartKind::Field),
            start,
            end,
            ..Education::default()
        };
        if school.field.is_none() {
            part_field(text, block, &mut school);
        }
        if school.school.is_none() && school.degree.is_some() {
            // A school over several degrees is named once.
            school.school = schools
                .last()
                .and_then(|last| last.school.clone())
                .filter(|_| above(text, block.lines.start));
        }
        if school.school.is_some() || school.degree.is_some() {
            schools.push(school);
        }
    }
    schools.truncate(SCHOOLS_MAX);
    schools
}

/// Degrees whose field follows with nothing between: "BA History".
static WITH_FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^(?:B\.?\s?(?:A|S|Sc|Eng|E|Tech|Com|BA|CA|FA|Ed)|M\.?\s?(?:A|S|Sc|Eng|E|Tech|Com|BA|CA|FA|Ed|Phil|Res)|Ph\.?\s?D|D\.?Phil|A\.?\s?A\.?\s?S?|A\.?S|HND|HNC|PGDip|Diploma)\.?(?:\s\(?Hons\.?\)?)?\s+(?P<field>\p{Lu}[\p{L}&'’/ -]+)$",
    )
});

/// Takes the field of study off a degree that it stands behind.
fn part_field(text: &Text<'_>, block: &Block, school: &mut Education) {
    let Some(part) = block.part(PartKind::Degree) else {
        return;
    };
    let whole = text.slice(part.range.clone());
    let Some(field) = WITH_FIELD
        .as_ref()
        .and_then(|pattern| pattern.captures(whole)?.name("field"))
    else {
        return;
    };
    let (from, confidence) = (part.range.start + field.start(), part.confidence * block.confidence);
    school.degree = text.field(part.range.start..from, confidence);
    school.field = text.field(from..part.range.end, confidence);
}

static EXPECTED: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"(?i)\b(?:expected|anticipated|graduating)\b"));

/// Returns the date at which studies that go on are to end.
fn expected(text: &Text<'_>, block: &Block) -> Dated {
    text.lines[block.lines.clone()].iter().find_map(|line| {
        let word = EXPECTED.as_ref()?.find(line.text)?;
        let period = dates::periods_or_date(&line.text[word.end()..], dates::Order::Unknown)
            .into_iter()
            .next()?;
        let (date, range) = period.end.or(period.start)?;
        let span = text.span(line.at(word.end() + range.start..word.end() + range.end));
        Some(Field::new(date, span, 0.9 * block.confidence))
    })
}

/// Whether the lines above a head are about a school as well.
fn above(text: &Text<'_>, line: usize) -> bool {
    line.checked_sub(1)
        .is_some_and(|above| matches!(text.lines[above].kind, LineKind::Study | LineKind::StudyText))
}
