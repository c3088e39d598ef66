//! Tells which words of a job ad name what it asks for and offers.
//!
//! Three taggers of [`inventure_resume::entities::crf`] do it: one over the words of the ad finds the parts, one over the skills and
//! years that were found tells which are required, one over the sentences tells whether the work is remote. They learn from made ads
//! whose words are marked (`localstack/seed/ads`); `examples/train_ads` is the command.

use std::{ops::Range, sync::LazyLock};

use inventure_resume::entities::{
    crf::TokenSpan,
    lexicon::mix,
    model::Model,
    pick,
    token::{Gap, Token, TokenKind, tokenize},
};

use super::place_of_work;
use super::surroundings::{Context, Template, attribute, attributes, by_sentence, listed, places};
use crate::document::{Need, RemotePolicy};

static PARTS: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/ad-parts.bin")));
static NEEDS: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/ad-needs.bin")));

static WORK: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/ad-work.bin")));

/// The policies, in the order of the numbers of the model of sentences.
pub const POLICIES: [RemotePolicy; 3] = [RemotePolicy::Remote, RemotePolicy::Hybrid, RemotePolicy::OnSite];

/// The meaning of a stretch of words in a job ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdPartKind {
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

impl AdPartKind {
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
pub struct AdPart {
    /// The meaning of the words.
    pub kind: AdPartKind,
    /// The stretch, in bytes of the text.
    pub range: Range<usize>,
    /// The model's probability that exactly this stretch has this meaning, 0 to 1.
    pub confidence: f32,
    /// Whether a skill or years are required, or nice to have. Required for all else.
    pub need: Need,
}

/// The most words of an ad that are looked at; text behind them is not tagged.
pub const TOKENS_MAX: usize = 6_000;

/// The longest part, in words.
pub const PART_MAX: usize = 24;

/// An ad as the taggers understand it.
#[derive(Debug, Default)]
pub struct Understood {
    /// The parts, in order of their place; they do not overlap.
    pub parts: Vec<AdPart>,
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
        Some(AdPart {
            kind: *AdPartKind::ALL.get(span.kind)?,
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
    /// The words of places of the gazetteer, by the same numbers.
    places: Vec<u8>,
    /// The policy that plain rules read in the sentence that begins with a word.
    policies: Vec<Option<RemotePolicy>>,
    /// Whether the sentence that begins with a word says "on site" and nothing of any other place.
    on_site: Vec<bool>,
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
        let places = places(text, &tokens);
        Self {
            attributes: attributes(text, &tokens, &context, &listed, &places),
            listed,
            places,
            policies: by_sentence(text, &tokens, &context, place_of_work::find),
            on_site: by_sentence(text, &tokens, &context, place_of_work::is_only_on_site),
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

    /// Returns the spans that count, in order; they do not overlap.
    ///
    /// A skill that the lexicon finds needs less to count, and so does a place of the gazetteer in one sentence with another.
    #[must_use]
    pub fn found(&self, model: &Model) -> Vec<(TokenSpan, f32)> {
        self.decode(self.candidates(model), model.thresholds())
    }

    /// Returns those of all probable spans that count, by the least probability of each kind.
    #[must_use]
    pub fn decode(&self, mut candidates: Vec<(TokenSpan, f32)>, thresholds: &[f32]) -> Vec<(TokenSpan, f32)> {
        // A part is within a line. Nobody asks for the titles in a text, and they would push out "Registered Nurse license".
        let broken = |at: usize| self.tokens.get(at).is_some_and(|token| token.gap >= Gap::Line);
        candidates
            .retain(|(span, _)| span.kind != AdPartKind::Title as usize && !(span.start + 1..span.end).any(broken));
        let least = |kind: AdPartKind| thresholds.get(kind as usize).copied().unwrap_or(1.0);
        let (skill, place) = (least(AdPartKind::Skill), least(AdPartKind::Place));
        let is_place = |span: &TokenSpan| span.kind == AdPartKind::Place as usize;
        let placed: Vec<usize> = candidates
            .iter()
            .filter(|(span, probability)| is_place(span) && *probability >= place)
            .map(|(span, _)| span.start)
            .collect();
        for (span, probability) in candidates.iter_mut().filter(|(_, probability)| *probability >= LISTED) {
            let beside = || placed.iter().any(|at| self.context.same_sentence(*at, span.start));
            if span.kind == AdPartKind::Skill as usize && is_listed(&self.listed, span) {
                *probability = probability.max(skill);
            } else if is_place(span) && is_listed(&self.places, span) && beside() {
                *probability = probability.max(place);
            }
        }
        let mut found = pick(&candidates, thresholds);
        for (span, probability) in &mut found {
            self.drop_opening_word(span, *probability, &candidates);
        }
        found
    }

    /// Takes the word that opens a sentence from a skill that may as well begin behind it: "Manage mechanical ventilation".
    ///
    /// A skill that the lexicon knows whole keeps it.
    fn drop_opening_word(&self, span: &mut TokenSpan, probability: f32, candidates: &[(TokenSpan, f32)]) {
        let opens = span.start.checked_sub(1).is_none_or(|before| {
            let bullet = self
                .tokens
                .get(before)
                .is_some_and(|token| token.kind != TokenKind::Word);
            !self.context.same_sentence(before, span.start)
                || bullet
                    && before
                        .checked_sub(1)
                        .is_none_or(|at| !self.context.same_sentence(at, before))
        });
        let rest = TokenSpan {
            start: span.start + 1,
            ..*span
        };
        let likely = |(other, of_rest): &(TokenSpan, f32)| *other == rest && *of_rest >= MAY_BEGIN_LATER * probability;
        let whole = span.kind != AdPartKind::Skill as usize || is_listed(&self.listed, span);
        if !whole && opens && candidates.iter().any(likely) {
            *span = rest;
        }
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
        let sentence = sentences.get(best.start)?.clone();
        let on_site = self.on_site.get(sentence.start).copied().unwrap_or_default();
        let rule = self.policies.get(sentence.start).copied().flatten();
        let learned = *POLICIES.get(best.kind)?;
        // What is said to be remote is not, where the rules find it denied.
        let denied = learned == RemotePolicy::Remote && rule == Some(RemotePolicy::OnSite);
        let policy = if denied || on_site && rule.is_none_or(|rule| rule == RemotePolicy::OnSite) {
            RemotePolicy::OnSite
        } else {
            learned
        };
        Some((policy, sentence))
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

/// Whether a list finds a name in just these words.
fn is_listed(marks: &[u8], span: &TokenSpan) -> bool {
    let mark = |at: usize| marks.get(at).copied().unwrap_or_default();
    mark(span.start) == 1 && (span.start + 1..span.end).all(|at| mark(at) == 2) && mark(span.end) != 2
}

/// Returns the numbers of the parts that may be required or nice to have.
#[must_use]
pub fn asked(spans: &[TokenSpan]) -> Vec<usize> {
    let is_asked = |n: &usize| AdPartKind::ALL.get(spans[*n].kind).is_some_and(|kind| kind.is_asked());
    (0..spans.len()).filter(is_asked).collect()
}

/// The probability from which on a sentence says whether the work is remote.
const SAID: f32 = 0.15;

/// The same where plain rules say so too.
const SAID_BY_RULE: f32 = 0.05;

/// The probability from which on a skill that the lexicon finds, or a place of the gazetteer, counts.
const LISTED: f32 = 0.1;

/// The least probability, as a share of the whole's, at which a skill begins behind its first word.
const MAY_BEGIN_LATER: f32 = 0.4;

/// The probability from which on a skill counts as nice to have. Most skills are required, so a half would be too careful.
const NICE: f32 = 0.3;

/// The least probability at which a span is considered at all.
const LIKELY: f32 = 0.05;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_models_load() {
        let kinds = |model: &Option<Model>| model.as_ref().map(Model::kinds);
        assert_eq!(kinds(&PARTS), Some(AdPartKind::ALL.len()));
        assert_eq!(kinds(&NEEDS), Some(2));
        assert_eq!(kinds(&WORK), Some(POLICIES.len()));
    }

    #[test]
    fn a_skill_loses_the_verb_before_it_and_no_word_of_its_name() {
        let text = "Nurse\n- Manage infusion pumps\n- Project management\n- You manage infusion pumps\nNew York";
        let words = Words::new(text);
        let at = |word: &str| {
            words
                .tokens
                .iter()
                .position(|token| text[token.start..].starts_with(word))
                .unwrap()
        };
        let after = |start: usize, end: usize, kind: AdPartKind, likely: f32| {
            let mut span = TokenSpan {
                start,
                end,
                kind: kind as usize,
            };
            let rest = TokenSpan {
                start: start + 1,
                ..span
            };
            words.drop_opening_word(&mut span, 0.6, &[(rest, likely)]);
            &text[words.range(span.start..span.end).unwrap()]
        };
        let skill = AdPartKind::Skill;
        assert_eq!(after(at("Manage"), at("Manage") + 3, skill, 0.3), "infusion pumps");
        assert_eq!(
            after(at("Manage"), at("Manage") + 3, skill, 0.1),
            "Manage infusion pumps",
            "not likely"
        );
        assert_eq!(
            after(at("Project"), at("Project") + 2, skill, 0.5),
            "Project management",
            "a name of the lexicon"
        );
        assert_eq!(
            after(at("manage inf"), at("manage inf") + 3, skill, 0.5),
            "manage infusion pumps",
            "opens nothing"
        );
        assert_eq!(
            after(at("New"), at("New") + 2, AdPartKind::Place, 0.5),
            "New York",
            "no skill"
        );
    }

    #[test]
    fn a_skill_is_listed_by_its_whole_name_only() {
        let words = Words::new("Clerk\nYou know Microsoft Excel well.");
        let span = |start, end| TokenSpan {
            start,
            end,
            kind: AdPartKind::Skill as usize,
        };
        assert!(is_listed(&words.listed, &span(3, 5)));
        for other in [span(3, 4), span(4, 5), span(2, 5), span(3, 6)] {
            assert!(!is_listed(&words.listed, &other), "{other:?}");
        }
    }
}
