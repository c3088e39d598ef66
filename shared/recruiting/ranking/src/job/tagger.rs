//! Tells which words of a job ad name what it asks for and offers.
//!
//! Three taggers of [`inventure_resume::entities::crf`] do it: one over the words of the ad finds the parts, one over the skills and
//! years that were found tells which are required, one over the sentences tells whether the work is remote. They learn from made ads
//! whose words are marked (`localstack/seed/ads`); `examples/train_ads` is the command.

use std::{ops::Range, sync::LazyLock};

use inventure_resume::{
    entities::{
        LEXICON,
        crf::TokenSpan,
        features::Document,
        lexicon::{fold, hash_word, mix},
        model::Model,
        pick,
        token::{Gap, Token, TokenKind, tokenize},
    },
    is_language, is_place, skills,
};

use super::{place_of_work, sections::Needs};
use crate::document::{Need, RemotePolicy};

static PARTS: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/ad-parts.bin")));
static NEEDS: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/ad-needs.bin")));

static WORK: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/ad-work.bin")));

/// The policies, in the order of the numbers of the model of sentences.
pub const POLICIES: [RemotePolicy; 3] = [RemotePolicy::Remote, RemotePolicy::Hybrid, RemotePolicy::OnSite];

/// The meaning of a stretch of words in a job ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// The job's title.
    Title,
    /// A skill that is asked for.
    Skill,
    /// A place where the job is done.
    Place,
    /// The years of experience that are asked for.
    Years,
    /// The base pay.
    Pay,
}

impl PartKind {
    /// All kinds, in the order of the model's numbers.
    pub const ALL: [Self; 5] = [Self::Title, Self::Skill, Self::Place, Self::Years, Self::Pay];

    /// Whether the part is something that may be required or nice to have.
    #[must_use]
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::Skill | Self::Years)
    }
}

/// A stretch of words with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The meaning of the words.
    pub kind: PartKind,
    /// The stretch, in bytes of the text.
    pub range: Range<usize>,
    /// The model's probability that exactly this stretch has this meaning, 0 to 1.
    pub confidence: f32,
    /// Whether a skill or years are required, or nice to have. Required for all else.
    pub need: Need,
}

/// The most words of an ad that are looked at; text behind them is not tagged.
pub const TOKENS_MAX: usize = 6_000;

/// The words of one sentence that are looked at, before and after a word.
const SENTENCE_MAX: usize = 24;

/// The most words of a heading.
const HEADING_MAX: usize = 8;

/// The longest part, in words.
pub const PART_MAX: usize = 24;

/// An ad as the taggers understand it.
#[derive(Debug, Default)]
pub struct Understood {
    /// The parts, in order of their place; they do not overlap.
    pub parts: Vec<Part>,
    /// Whether the work is remote, with the sentence that says so, in bytes of the text.
    pub policy: Option<(RemotePolicy, Range<usize>)>,
}

/// Reads an ad. Never fails: what is not recognised is left out.
#[must_use]
pub fn understand(text: &str) -> Understood {
    let (Some(model), Some(needs), Some(work)) = (&*PARTS, &*NEEDS, &*WORK) else {
        return Understood::default();
    };
    let words = Words::new(text);
    let found = words.found(model);
    let spans: Vec<TokenSpan> = found.iter().map(|(span, _)| *span).collect();
    let needs = words.needs(&spans, needs);
    let part = |((span, confidence), need): (&(TokenSpan, f32), Need)| {
        Some(Part {
            kind: *PartKind::ALL.get(span.kind)?,
            range: words.range(span.start..span.end)?,
            confidence: *confidence,
            need,
        })
    };
    Understood {
        parts: found.iter().zip(needs).filter_map(part).collect(),
        policy: words
            .policy(work)
            .and_then(|(policy, sentence)| Some((policy, words.range(sentence)?))),
    }
}

/// The words of an ad with what the tagger sees of each.
pub struct Words {
    tokens: Vec<Token>,
    attributes: Vec<Vec<u32>>,
    context: Context,
    /// The words of skills of the lexicon: 0 none, 1 the first, 2 a later one.
    listed: Vec<u8>,
    /// The policy that plain rules read in the sentence that begins with a word.
    policies: Vec<Option<RemotePolicy>>,
    /// The parts of the text that are tagged each for itself: paragraphs, joined up to some length.
    sequences: Vec<Range<usize>>,
}

/// The number of words from which on a paragraph is tagged for itself. It bounds the memory of a lattice.
const SEQUENCE: usize = 400;

impl Words {
    /// Cuts a text into words. Linear in their number.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let tokens = tokenize(text, TOKENS_MAX);
        let mut sequences = Vec::new();
        let mut start = 0;
        for (i, token) in tokens.iter().enumerate() {
            let long = i - start >= SEQUENCE && token.gap >= Gap::Line || i - start >= 2 * SEQUENCE;
            if long {
                sequences.push(start..i);
                start = i;
            }
        }
        sequences.push(start..tokens.len());
        let context = Context::new(text, &tokens);
        let listed = listed(text, &tokens);
        Self {
            attributes: attributes(text, &tokens, &context, &listed),
            listed,
            policies: policies(text, &tokens, &context),
            context,
            tokens,
            sequences,
        }
    }

    /// The words, in order.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The parts of the text that are tagged each for itself, by the numbers of their words.
    #[must_use]
    pub fn sequences(&self) -> &[Range<usize>] {
        &self.sequences
    }

    /// The attributes of some words, a row each.
    #[must_use]
    pub fn attributes(&self, range: Range<usize>) -> &[Vec<u32>] {
        self.attributes.get(range).unwrap_or_default()
    }

    /// The stretch of text, in bytes, that some words take.
    #[must_use]
    pub fn range(&self, words: Range<usize>) -> Option<Range<usize>> {
        Some(self.tokens.get(words.start)?.start..self.tokens.get(words.end.checked_sub(1)?)?.end)
    }

    /// Returns the spans that count, in order; they do not overlap. A skill that the lexicon finds needs less to count.
    #[must_use]
    pub fn found(&self, model: &Model) -> Vec<(TokenSpan, f32)> {
        let mut candidates = self.candidates(model);
        // A part is within a line.
        let broken = |at: usize| self.tokens.get(at).is_some_and(|token| token.gap >= Gap::Line);
        candidates.retain(|(span, _)| !(span.start + 1..span.end).any(broken));
        let least = model.thresholds().get(PartKind::Skill as usize).copied().unwrap_or(1.0);
        for (span, probability) in &mut candidates {
            let skill = span.kind == PartKind::Skill as usize;
            if skill && *probability >= LISTED && self.is_listed(span) {
                *probability = probability.max(least);
            }
        }
        pick(&candidates, model.thresholds())
    }

    /// Whether the lexicon finds a skill in just these words.
    fn is_listed(&self, span: &TokenSpan) -> bool {
        let mark = |at: usize| self.listed.get(at).copied().unwrap_or_default();
        mark(span.start) == 1 && (span.start + 1..span.end).all(|at| mark(at) == 2) && mark(span.end) != 2
    }

    /// Returns every span of some probability.
    #[must_use]
    pub fn candidates(&self, model: &Model) -> Vec<(TokenSpan, f32)> {
        let mut found = Vec::new();
        for sequence in &self.sequences {
            let scores = model.scores_of(self.attributes(sequence.clone()));
            let spans = model.transitions().lattice(&scores).probable_spans(LIKELY, PART_MAX);
            found.extend(spans.into_iter().map(|(span, probability)| {
                let placed = TokenSpan {
                    start: span.start + sequence.start,
                    end: span.end + sequence.start,
                    kind: span.kind,
                };
                (placed, probability)
            }));
        }
        found
    }

    /// Returns whether parts are required or nice to have. Most are required, and so are all that are neither skills nor years.
    #[must_use]
    pub fn needs(&self, spans: &[TokenSpan], model: &Model) -> Vec<Need> {
        let asked = asked(spans);
        let own: Vec<TokenSpan> = asked.iter().map(|n| spans[*n]).collect();
        let lattice = model
            .transitions()
            .lattice(&model.scores_of(&self.need_attributes(&own)));
        let mut needs = vec![Need::Required; spans.len()];
        for (place, n) in asked.into_iter().enumerate() {
            let probability = |need| {
                let span = TokenSpan {
                    start: place,
                    end: place + 1,
                    kind: need as usize,
                };
                lattice.span_probability(span)
            };
            if probability(Need::Nice) >= NICE {
                needs[n] = Need::Nice;
            }
        }
        needs
    }

    /// The sentences, by the numbers of their words.
    #[must_use]
    pub fn sentences(&self) -> Vec<Range<usize>> {
        let mut all: Vec<Range<usize>> = Vec::new();
        for (i, at) in self.context.sentences.iter().enumerate() {
            match all.last_mut() {
                Some(last) if self.context.sentences[last.start].sentence == at.sentence => last.end = i + 1,
                _ => all.push(i..i + 1),
            }
        }
        all
    }

    /// Returns the attributes by which a sentence tells whether the work is remote, a row each.
    #[must_use]
    pub fn sentence_attributes(&self, sentences: &[Range<usize>]) -> Vec<Vec<u32>> {
        let row = |sentence: &Range<usize>| {
            let words = &self.context.words[sentence.clone()];
            let mut row = Vec::new();
            let mut put = |template, value| row.push(attribute(template, value));
            for (n, word) in words.iter().enumerate() {
                put(Template::Word, *word);
                let after = |n: usize| words.get(n).copied().unwrap_or(2);
                put(Template::Pair, mix(*word, after(n + 1)));
                put(Template::Triple, mix(mix(*word, after(n + 1)), after(n + 2)));
                put(Template::Skip, mix(*word, after(n + 2)));
            }
            let policy = self.policies.get(sentence.start).copied().flatten();
            put(Template::Policy, policy.map_or(0, |policy| policy as u64 + 1));
            self.context.put(sentence.clone(), &mut put);
            put(Template::Length, u64::from((words.len() as u32).ilog2()));
            row.sort_unstable();
            row.dedup();
            row
        };
        sentences.iter().map(row).collect()
    }

    /// Returns whether the work is remote, with the sentence that says so best, by the numbers of its words.
    #[must_use]
    pub fn policy(&self, model: &Model) -> Option<(RemotePolicy, Range<usize>)> {
        let sentences = self.sentences();
        let scores = model.scores_of(&self.sentence_attributes(&sentences));
        let lattice = model.transitions().lattice(&scores);
        let said = lattice.probable_spans(SAID_BY_RULE, 1).into_iter();
        let counts = |(span, probability): &(TokenSpan, f32)| {
            let rule = sentences
                .get(span.start)
                .and_then(|sentence| self.policies.get(sentence.start))
                .copied()
                .flatten();
            *probability >= SAID || rule.is_some() && rule == POLICIES.get(span.kind).copied()
        };
        let best = said.filter(counts).max_by(|a, b| a.1.total_cmp(&b.1))?.0;
        Some((*POLICIES.get(best.kind)?, sentences.get(best.start)?.clone()))
    }

    /// Returns the attributes by which the need of skills and years is told, a row each.
    #[must_use]
    pub fn need_attributes(&self, spans: &[TokenSpan]) -> Vec<Vec<u32>> {
        let mut before: Option<TokenSpan> = None;
        spans
            .iter()
            .map(|span| {
                let mut row = Vec::new();
                let mut put = |template, value| row.push(attribute(template, value));
                put(Template::Kind, span.kind as u64);
                self.context.put(span.start..span.end, &mut put);
                let word = |at: Option<usize>| at.and_then(|at| self.context.words.get(at)).copied().unwrap_or(1);
                for (n, template) in [Template::Before1, Template::Before2, Template::Before3]
                    .into_iter()
                    .enumerate()
                {
                    put(template, word(span.start.checked_sub(n + 1)));
                }
                for (n, template) in [Template::After1, Template::After2, Template::After3]
                    .into_iter()
                    .enumerate()
                {
                    put(template, word(Some(span.end + n)));
                }
                // How the last part goes over into this one: "Go, and ideally Rust".
                let from = before.map_or(span.start, |before| before.end);
                let same = before.is_some_and(|before| self.context.same_sentence(before.start, span.start));
                put(Template::SameSentence, u64::from(same));
                for word in self
                    .context
                    .words
                    .get(from..span.start)
                    .filter(|_| same)
                    .unwrap_or_default()
                {
                    put(Template::Between, *word);
                }
                before = Some(*span);
                row.sort_unstable();
                row.dedup();
                row
            })
            .collect()
    }
}

/// Returns the numbers of the parts that may be required or nice to have.
#[must_use]
pub fn asked(spans: &[TokenSpan]) -> Vec<usize> {
    let is_asked = |n: &usize| PartKind::ALL.get(spans[*n].kind).is_some_and(|kind| kind.is_asked());
    (0..spans.len()).filter(is_asked).collect()
}

/// The probability from which on a sentence says whether the work is remote.
const SAID: f32 = 0.15;

/// The same where plain rules say so too.
const SAID_BY_RULE: f32 = 0.05;

/// The probability from which on a skill that the lexicon finds counts.
const LISTED: f32 = 0.1;

/// The probability from which on a skill counts as nice to have. Most skills are required, so a half would be too careful.
const NICE: f32 = 0.3;

/// The least probability at which a span is considered at all.
const LIKELY: f32 = 0.05;

/// The templates of attributes. They stand beside those of the tagger of entities, which count from 1.
#[derive(Clone, Copy)]
enum Template {
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

fn attribute(template: Template, value: u64) -> u32 {
    fold(mix(template as u64, value))
}

/// The attributes of each word: those of a CV's word, and those of its surroundings.
fn attributes(text: &str, tokens: &[Token], context: &Context, listed: &[u8]) -> Vec<Vec<u32>> {
    let Some(lexicon) = &*LEXICON else {
        return vec![Vec::new(); tokens.len()];
    };
    let document = Document::new(text, tokens, lexicon);
    let places = places(text, tokens);
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
struct Context {
    words: Vec<u64>,
    is_word: Vec<bool>,
    sentences: Vec<At>,
    above: Vec<Above>,
    /// The need that plain rules give a word's place: 0 the firm's, 1 required, 2 nice to have.
    rules: Vec<u64>,
}

impl Context {
    fn new(text: &str, tokens: &[Token]) -> Self {
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

    fn same_sentence(&self, a: usize, b: usize) -> bool {
        let of = |at: usize| self.sentences.get(at).map(|at| at.sentence);
        of(a) == of(b)
    }

    /// Gives the other words of the sentence, by side and clause, and those of the heading and the label.
    fn put(&self, span: Range<usize>, put: &mut impl FnMut(Template, u64)) {
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

fn policies(text: &str, tokens: &[Token], context: &Context) -> Vec<Option<RemotePolicy>> {
    let mut all = vec![None; tokens.len()];
    let mut start = 0;
    for end in 1..=tokens.len() {
        if end == tokens.len() || !context.same_sentence(start, end) {
            let sentence = &text[tokens[start].start..tokens[end - 1].end];
            all[start] = place_of_work::find(sentence);
            start = end;
        }
    }
    all
}

/// Marks the words of skills of the lexicon: 0 none, 1 the first, 2 a later one.
fn listed(text: &str, tokens: &[Token]) -> Vec<u8> {
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
fn places(text: &str, tokens: &[Token]) -> Vec<u8> {
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
struct At {
    sentence: u32,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_models_load() {
        let kinds = |model: &Option<Model>| model.as_ref().map(Model::kinds);
        assert_eq!(kinds(&PARTS), Some(PartKind::ALL.len()));
        assert_eq!(kinds(&NEEDS), Some(2));
        assert_eq!(kinds(&WORK), Some(POLICIES.len()));
    }

    #[test]
    fn a_skill_is_listed_by_its_whole_name_only() {
        let words = Words::new("Clerk\nYou know Microsoft Excel well.");
        let span = |start, end| TokenSpan {
            start,
            end,
            kind: PartKind::Skill as usize,
        };
        assert!(words.is_listed(&span(3, 5)));
        for other in [span(3, 4), span(4, 5), span(2, 5), span(3, 6)] {
            assert!(!words.is_listed(&other), "{other:?}");
        }
    }
}
