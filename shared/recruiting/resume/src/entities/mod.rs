//! Finds names, employers, titles, schools, skills and the like in the text of a CV. The tagger was trained on marked CVs.

pub mod crf;
pub mod features;
pub mod lexicon;
pub mod model;
pub mod token;
pub mod words;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crf::TokenSpan;
use features::Document;
use lexicon::Lexicon;
use model::Model;
use token::{Token, TokenKind, tokenize};

/// The kind of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// The candidate's name.
    Name,
    /// An email address.
    Email,
    /// A job title.
    Designation,
    /// An employer that the CV names.
    Company,
    /// A school, college or university.
    College,
    /// A degree, diploma or certificate.
    Degree,
    /// The time at which a degree was taken: a year or a period.
    GraduationYear,
    /// A place that the CV names.
    Location,
    /// A period of employment or a number of years.
    YearsOfExperience,
    /// A skill of the trade.
    JobSkill,
    /// A trait, a social skill, a human language.
    SoftSkill,
    /// Software, a programming language, a machine.
    TechTool,
}

impl EntityKind {
    /// All kinds, in the order of the model's numbers.
    pub const ALL: [Self; 12] = [
        Self::Name,
        Self::Email,
        Self::Designation,
        Self::Company,
        Self::College,
        Self::Degree,
        Self::GraduationYear,
        Self::Location,
        Self::YearsOfExperience,
        Self::JobSkill,
        Self::SoftSkill,
        Self::TechTool,
    ];
}

/// A stretch of text that names something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entity {
    /// The kind of the entity.
    pub kind: EntityKind,
    /// The text between `start` and `end`.
    pub text: String,
    /// The offset of the first character (Unicode scalar values).
    pub start: u32,
    /// The offset behind the last character.
    pub end: u32,
    /// The tagger's probability that exactly this stretch is marked so, 0 to 1.
    pub confidence: f32,
}

/// The most tokens of a text that are looked at; some 200 pages. Text behind them is not tagged.
const TOKENS_MAX: usize = 100_000;

/// The number of tokens that are decoded together. It bounds the memory of a lattice.
const WINDOW: usize = 4_000;

/// The longest entity, in tokens.
const SPAN_MAX: usize = 40;

/// The least probability at which a span is considered at all.
const CANDIDATE_MIN: f32 = 0.02;

/// The knowledge of words and phrases before any training. It is absent where the built-in bytes do not read back.
pub static LEXICON: LazyLock<Option<Lexicon>> =
    LazyLock::new(|| model::lexicon_from_bytes(include_bytes!("../../model/lexicon.bin")));
static ENTITIES: LazyLock<Option<Model>> =
    LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/entities.bin")));

/// Returns the entities of a CV's text in order of their place; they do not overlap. Never fails: what is not recognised is left
/// out. Texts beyond 100,000 tokens are tagged up to there.
#[must_use]
pub fn entities(text: &str) -> Vec<Entity> {
    let (Some(lexicon), Some(model)) = (&*LEXICON, &*ENTITIES) else {
        return Vec::new();
    };
    let tokens = tokenize(text, TOKENS_MAX);
    let candidates = apply_known_rules(text, &tokens, candidates(&Document::new(text, &tokens, lexicon), model));
    pick(&candidates, model.thresholds())
        .into_iter()
        .filter_map(|(span, confidence)| {
            let (text, start, end) = slice(text, &tokens, span)?;
            Some(Entity {
                kind: *EntityKind::ALL.get(span.kind)?,
                text,
                start,
                end,
                confidence,
            })
        })
        .collect()
}

fn slice(text: &str, tokens: &[Token], span: TokenSpan) -> Option<(String, u32, u32)> {
    let first = tokens.get(span.start)?;
    let last = tokens.get(span.end.checked_sub(1)?)?;
    Some((
        text.get(first.start..last.end)?.to_owned(),
        first.start_char,
        last.end_char,
    ))
}

/// Returns every span of some probability, in windows that break between segments.
#[must_use]
pub fn candidates(document: &Document, model: &Model) -> Vec<(TokenSpan, f32)> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < document.len() {
        let mut end = (start + WINDOW).min(document.len());
        if end < document.len() {
            let segment = document.segment_of(end);
            let fitting = (start + WINDOW / 2..end)
                .rev()
                .find(|i| document.segment_of(*i) != segment);
            end = fitting.map_or(end, |i| i + 1);
        }
        let lattice = model.transitions().lattice(&model.scores(document, start..end));
        found.extend(
            lattice
                .probable_spans(CANDIDATE_MIN, SPAN_MAX)
                .into_iter()
                .map(|(span, probability)| {
                    (
                        TokenSpan {
                            start: span.start + start,
                            end: span.end + start,
                            kind: span.kind,
                        },
                        probability,
                    )
                }),
        );
        start = end;
    }
    found
}

/// Applies what is known of CVs and need not be learnt. An email address is one by its form. A CV is about one person, so that of
/// all names only the most probable stays, wherever it stands.
#[must_use]
pub fn apply_known_rules(text: &str, tokens: &[Token], mut candidates: Vec<(TokenSpan, f32)>) -> Vec<(TokenSpan, f32)> {
    let words = |span: &TokenSpan| -> Vec<u64> {
        let range = tokens.get(span.start..span.end).unwrap_or_default();
        range
            .iter()
            .map(|t| lexicon::hash_word(&text[t.start..t.end]))
            .collect()
    };
    let names = candidates
        .iter()
        .filter(|(span, _)| span.kind == EntityKind::Name as usize);
    let name = names.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(span, _)| words(span));
    candidates.retain(|(span, _)| match EntityKind::ALL.get(span.kind) {
        Some(EntityKind::Email) => false,
        Some(EntityKind::Name) => name.as_ref() == Some(&words(span)),
        _ => true,
    });
    let addresses = tokens.iter().enumerate().filter(|(_, t)| t.kind == TokenKind::Email);
    let email = EntityKind::Email as usize;
    candidates.extend(addresses.map(|(i, _)| {
        (
            TokenSpan {
                start: i,
                end: i + 1,
                kind: email,
            },
            1.0,
        )
    }));
    candidates
}

/// Takes the most probable spans first. They must reach their kind's threshold and overlap none taken before. Returns them in
/// order of place. Where one span's probability is split over two readings of its end, the likelier still gets in.
#[must_use]
pub fn pick(candidates: &[(TokenSpan, f32)], thresholds: &[f32]) -> Vec<(TokenSpan, f32)> {
    let reaches =
        |(span, probability): &&(TokenSpan, f32)| thresholds.get(span.kind).is_some_and(|least| probability >= least);
    let mut likely: Vec<(TokenSpan, f32)> = candidates.iter().filter(reaches).copied().collect();
    likely.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut taken = vec![false; likely.iter().map(|(span, _)| span.end).max().unwrap_or_default()];
    likely.retain(|(span, _)| {
        let range = &mut taken[span.start..span.end];
        let free = !range.contains(&true);
        if free {
            range.fill(true);
        }
        free
    });
    likely.sort_by_key(|(span, _)| span.start);
    likely
}

#[cfg(test)]
mod tests;
