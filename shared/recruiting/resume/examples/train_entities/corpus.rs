//! Reads the marked CVs: XML with `<label type="…">` around each entity.

use std::path::Path;

use inventure_resume::entities::{
    EntityKind,
    crf::TokenSpan,
    token::{Token, tokenize},
};
use quick_xml::{Reader, escape::resolve_predefined_entity, events::Event};

use crate::Failure;

/// A marked text.
pub struct Marked {
    pub text: String,
    pub tokens: Vec<Token>,
    /// Kind, start and end in bytes, trimmed of white space.
    pub marks: Vec<(usize, usize, usize)>,
    /// The marks as spans of tokens that do not overlap.
    pub spans: Vec<TokenSpan>,
}

/// Returns the kind for a name that the data uses.
fn kind_of(name: &str) -> Option<EntityKind> {
    Some(match name {
        "Name" => EntityKind::Name,
        "Email Address" => EntityKind::Email,
        "Designation" => EntityKind::Designation,
        "Companies worked at" => EntityKind::Company,
        "College Name" => EntityKind::College,
        "Degree" => EntityKind::Degree,
        "Graduation Year" => EntityKind::GraduationYear,
        "Location" => EntityKind::Location,
        "Years of Experience" => EntityKind::YearsOfExperience,
        "Job Specific Skills" => EntityKind::JobSkill,
        "Soft Skills" => EntityKind::SoftSkill,
        "Tech Tools" => EntityKind::TechTool,
        _ => return None,
    })
}

/// All `.xml` files of a folder, in the order of the numbers they are named by.
pub fn read_folder(folder: &Path) -> Result<Vec<Marked>, Failure> {
    let mut files: Vec<(u32, std::path::PathBuf)> = std::fs::read_dir(folder)?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let number = path.file_stem()?.to_str()?.parse().ok()?;
            (path.extension()? == "xml").then_some((number, path))
        })
        .collect();
    files.sort();
    files
        .iter()
        .map(|(_, path)| read(&std::fs::read_to_string(path)?))
        .collect()
}

fn read(xml: &str) -> Result<Marked, Failure> {
    let mut reader = Reader::from_str(xml);
    let mut text = String::new();
    let mut marks = Vec::new();
    let mut open = Vec::new();
    let mut inside = false;
    loop {
        match reader.read_event()? {
            Event::Eof => break,
            Event::Start(tag) if tag.name().as_ref() == "label" => {
                let name = tag.try_get_attribute("type")?.ok_or("a label without a type")?;
                let kind = kind_of(&name.value).ok_or("a label of unknown type")?;
                open.push((kind, text.len()));
            }
            Event::End(tag) if tag.name().as_ref() == "label" => {
                let (kind, start) = open.pop().ok_or("a label that ends before it starts")?;
                let inner = &text[start..];
                let from = start + inner.len() - inner.trim_start().len();
                let to = start + inner.trim_end().len();
                let number = EntityKind::ALL.iter().position(|k| *k == kind).unwrap_or_default();
                if from < to {
                    marks.push((number, from, to));
                }
            }
            Event::Start(_) => inside = true,
            Event::Text(part) if inside => text.push_str(&part),
            Event::GeneralRef(name) => {
                let name = name.to_string();
                match name.strip_prefix('#') {
                    Some(number) => text.extend(character(number)),
                    None => text.push_str(resolve_predefined_entity(&name).ok_or("an unknown entity reference")?),
                }
            }
            _ => {}
        }
    }
    Ok(Marked::new(text, marks))
}

impl Marked {
    pub fn new(text: String, marks: Vec<(usize, usize, usize)>) -> Self {
        let tokens = tokenize(&text, usize::MAX);
        let spans = spans(&tokens, &marks);
        Self {
            text,
            tokens,
            marks,
            spans,
        }
    }
}

fn character(number: &str) -> Option<char> {
    let code = number
        .strip_prefix('x')
        .map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16))
        .ok()?;
    char::from_u32(code)
}

/// Returns the tokens a mark touches. Of two marks that touch one token the first counts.
fn spans(tokens: &[Token], marks: &[(usize, usize, usize)]) -> Vec<TokenSpan> {
    let mut marks = marks.to_vec();
    marks.sort_by_key(|(_, start, _)| *start);
    let mut spans: Vec<TokenSpan> = Vec::new();
    for (kind, from, to) in marks {
        let start = tokens
            .partition_point(|t| t.end <= from)
            .max(spans.last().map_or(0, |s| s.end));
        let end = tokens.partition_point(|t| t.start < to);
        if start < end {
            spans.push(TokenSpan { start, end, kind });
        }
    }
    spans
}
