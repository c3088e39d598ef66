//! Surroundings of the words of a job ad, as the attributes that the taggers learn from.

use std::ops::Range;

use inventure_resume::{
    entities::{
        LEXICON,
        features::Document,
        lexicon::{fold, hash_word, mix},
        token::{Gap, Token, TokenKind},
    },
    is_language, is_place, skills,
};

use super::sections::Needs;
use crate::document::Need;

/// The words of one sentence that are looked at, before and after a word.
const SENTENCE_MAX: usize = 24;

/// The most words of a heading.
const HEADING_MAX: usize = 8;

/// The templates of attributes. They stand beside those of the tagger of entities, which count from 1.
#[derive(Clone, Copy)]
pub(super) enum Template {
    Listed = 1_000,
    NextListed,
    Spoken,
    Place,
    NextPlace,
    BeforeInClause,
    AfterInClause,
    BeforeInSentence,
    AfterInSentence,
    Heading,
    Label,
    Line,
    Bullet,
    Rule,
    Kind,
    Word,
    Pair,
    Triple,
    Skip,
    Length,
    Before1,
    Before2,
    Before3,
    After1,
    After2,
    After3,
    SameSentence,
    Between,
    Policy,
}

pub(super) fn attribute(template: Template, value: u64) -> u32 {
    fold(mix(template as u64, value))
}

/// The attributes of each word: those of a CV's word, and those of its surroundings.
pub(super) fn attributes(
    text: &str,
    tokens: &[Token],
    context: &Context,
    listed: &[u8],
    places: &[u8],
) -> Vec<Vec<u32>> {
    let Some(lexicon) = &*LEXICON else {
        return vec![Vec::new(); tokens.len()];
    };
    let document = Document::new(text, tokens, lexicon);
    let row = |i: usize| {
        let mut row = Vec::new();
        document.attributes(i, &mut row);
        let mut put = |template, value| row.push(attribute(template, value));
        put(Template::Listed, u64::from(listed[i]));
        put(Template::NextListed, u64::from(listed.get(i + 1).copied().unwrap_or(9)));
        let word = &text[tokens[i].start..tokens[i].end];
        let spoken = word.starts_with(char::is_uppercase) && is_language(&word.to_lowercase());
        put(Template::Spoken, u64::from(spoken));
        put(Template::Place, u64::from(places[i]));
        put(Template::NextPlace, u64::from(places.get(i + 1).copied().unwrap_or(9)));
        context.put(i..i + 1, &mut put);
        // A word that stands twice in a sentence says no more than once.
        row.sort_unstable();
        row.dedup();
        row
    };
    (0..tokens.len()).map(row).collect()
}

/// The surroundings of the words of a text.
pub(super) struct Context {
    pub words: Vec<u64>,
    is_word: Vec<bool>,
    pub sentences: Vec<At>,
    above: Vec<Above>,
    /// The need that plain rules give a word's place: 0 the firm's, 1 required, 2 nice to have.
    rules: Vec<u64>,
}

impl Context {
    pub fn new(text: &str, tokens: &[Token]) -> Self {
        // The first line is the title: "Benefits Administrator" is no heading of the firm.
        let title = text.find('\n').map_or(text.len(), |end| end + 1);
        let before = text[..title].chars().count() as u32;
        let rules = Needs::new(&text[title..]);
        let rule = |token: &Token| match token.start_char.checked_sub(before) {
            Some(at) => rules.at(at).map_or(0, |need| need as u64 + 1),
            None => Need::Required as u64 + 1,
        };
        Self {
            rules: tokens.iter().map(rule).collect(),
            words: tokens
                .iter()
                .map(|token| hash_word(&text[token.start..token.end]))
                .collect(),
            is_word: tokens.iter().map(|token| token.kind == TokenKind::Word).collect(),
            sentences: sentences(text, tokens),
            above: headings(text, tokens),
        }
    }

    pub fn same_sentence(&self, a: usize, b: usize) -> bool {
        let of = |at: usize| self.sentences.get(at).map(|at| at.sentence);
        of(a) == of(b)
    }

    /// Gives the other words of the sentence, by side and clause, and those of the heading and the label.
    pub fn put(&self, span: Range<usize>, put: &mut impl FnMut(Template, u64)) {
        let (Some(own), Some(above)) = (self.sentences.get(span.start), self.above.get(span.start)) else {
            return;
        };
        let around = span.start.saturating_sub(SENTENCE_MAX)..(span.end + SENTENCE_MAX).min(self.words.len());
        for j in around.filter(|j| !span.contains(j)) {
            let other = self.sentences[j];
            if other.sentence != own.sentence || !self.is_word[j] {
                continue;
            }
            let template = match (j < span.start, other.clause == own.clause) {
                (true, true) => Template::BeforeInClause,
                (false, true) => Template::AfterInClause,
                (true, false) => Template::BeforeInSentence,
                (false, false) => Template::AfterInSentence,
            };
            put(template, self.words[j]);
        }
        for word in self.words.get(above.heading.clone()).unwrap_or_default() {
            put(Template::Heading, *word);
        }
        for word in self.words.get(above.label.clone()).unwrap_or_default() {
            put(Template::Label, *word);
        }
        put(Template::Rule, self.rules.get(span.start).copied().unwrap_or_default());
        put(Template::Line, u64::from(above.line.min(3)));
        put(Template::Bullet, u64::from(above.bullet));
    }
}

/// Returns what a rule reads in the sentence that begins with each word.
pub(super) fn by_sentence<T: Clone + Default>(
    text: &str,
    tokens: &[Token],
    context: &Context,
    rule: impl Fn(&str) -> T,
) -> Vec<T> {
    let mut all = vec![T::default(); tokens.len()];
    let mut start = 0;
    for end in 1..=tokens.len() {
        if end == tokens.len() || !context.same_sentence(start, end) {
            let sentence = &text[tokens[start].start..tokens[end - 1].end];
            all[start] = rule(sentence);
            start = end;
        }
    }
    all
}

/// Marks the words of skills of the lexicon: 0 none, 1 the first, 2 a later one.
pub(super) fn listed(text: &str, tokens: &[Token]) -> Vec<u8> {
    let mut marks = vec![0; tokens.len()];
    for hit in skills::find(text) {
        let first = tokens.partition_point(|token| token.start_char < hit.span.start);
        for (n, mark) in marks.iter_mut().enumerate().skip(first) {
            if tokens[n].end_char > hit.span.end {
                break;
            }
            *mark = if n == first { 1 } else { 2 };
        }
    }
    marks
}

/// Marks the words of places of the gazetteer, the longest first: 0 none, 1 the first, 2 a later one.
pub(super) fn places(text: &str, tokens: &[Token]) -> Vec<u8> {
    /// The most words of a place's name.
    const NAME_MAX: usize = 4;
    let mut marks = vec![0; tokens.len()];
    let mut i = 0;
    while i < tokens.len() {
        let capital = text[tokens[i].start..].starts_with(char::is_uppercase);
        let length = (1..=NAME_MAX.min(tokens.len() - i))
            .rev()
            .take_while(|_| capital)
            .find(|n| {
                let last = &tokens[i + n - 1];
                last.kind == TokenKind::Word && is_place(&text[tokens[i].start..last.end])
            });
        if let Some(length) = length {
            marks[i] = 1;
            marks[i + 1..i + length].fill(2);
        }
        i += length.unwrap_or(1);
    }
    marks
}

/// The sentence and the clause of a word, by number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub sentence: u32,
    clause: u32,
}

fn sentences(text: &str, tokens: &[Token]) -> Vec<At> {
    let mut at = At { sentence: 0, clause: 0 };
    let mut ended = false;
    let mut all = Vec::with_capacity(tokens.len());
    for token in tokens {
        let sign = &text[token.start..token.end];
        if token.gap >= Gap::Line || ended && token.gap >= Gap::Space {
            at.sentence += 1;
            at.clause += 1;
        } else if matches!(
            sign,
            "," | ";" | ":" | "(" | ")" | "–" | "—" | "but" | "while" | "though"
        ) {
            at.clause += 1;
        }
        ended = matches!(sign, "." | "!" | "?" | ";");
        all.push(at);
    }
    all
}

/// The heading and the label of a word, and the kind of its line.
#[derive(Clone, Default)]
struct Above {
    /// The words of the last heading.
    heading: Range<usize>,
    /// The words of its line before a colon.
    label: Range<usize>,
    line: u32,
    bullet: bool,
}

fn headings(text: &str, tokens: &[Token]) -> Vec<Above> {
    let mut all = Vec::with_capacity(tokens.len());
    let mut heading = 0..0;
    let mut start = 0;
    let mut line = 0;
    while start < tokens.len() {
        let end = (start + 1..tokens.len())
            .find(|i| tokens[*i].gap >= Gap::Line)
            .unwrap_or(tokens.len());
        let sign = |i: usize| &text[tokens[i].start..tokens[i].end];
        let bullet = matches!(sign(start), "-" | "•" | "*" | "·" | "–" | "—" | "+" | "►");
        let short = end - start <= HEADING_MAX + 1 && !bullet;
        let closed = matches!(sign(end - 1), "." | "!" | "," | ";");
        if line > 0 && short && !closed {
            heading = start..end;
        }
        let colon = (start..end.min(start + HEADING_MAX)).find(|i| sign(*i) == ":");
        for i in start..end {
            let label = colon.filter(|colon| i > *colon).map_or(0..0, |colon| start..colon);
            let own = heading.start == start && heading.end == end;
            all.push(Above {
                heading: if own { 0..0 } else { heading.clone() },
                label,
                line,
                bullet,
            });
        }
        start = end;
        line += 1;
    }
    all
}
