//! Cross-validation: every document is tagged by a model that has not seen it.

use std::collections::HashSet;

use inventure_resume::entities::{
    apply_known_rules, candidates,
    crf::{TokenSpan, labels_of},
    features::Document,
    lexicon::Lexicon,
    model::Model,
    pick,
};

use crate::{
    corpus::Marked,
    learn::{Example, Settings, examples, train},
    score::{Pairs, Tally, compare, total},
};

/// Returns the sign of a span, which must agree. It is the text, trimmed and in lower case, so that a text counts once.
fn sign(document: &Marked, start: usize, end: usize) -> String {
    document.text[start..end].trim().to_lowercase()
}

/// The finds in a document of a model trained without it.
pub struct Held<'a> {
    fold: usize,
    document: &'a Marked,
    candidates: Vec<(TokenSpan, f32)>,
    marked: Pairs,
}

impl<'a> Held<'a> {
    pub fn new(fold: usize, document: &'a Marked, lexicon: &Lexicon, model: &Model) -> Self {
        let marked = document
            .marks
            .iter()
            .map(|(kind, start, end)| (*kind, sign(document, *start, *end)))
            .collect();
        Self {
            fold,
            document,
            candidates: apply_known_rules(
                &document.text,
                &document.tokens,
                candidates(&Document::new(&document.text, &document.tokens, lexicon), model),
            ),
            marked,
        }
    }

    fn found(&self, thresholds: &[f32]) -> Pairs {
        let tokens = &self.document.tokens;
        let sign = |span: TokenSpan| sign(self.document, tokens[span.start].start, tokens[span.end - 1].end);
        pick(&self.candidates, thresholds)
            .into_iter()
            .map(|(span, _)| (span.kind, sign(span)))
            .collect()
    }
}

/// The training sequences of a document.
pub fn sequences_of(document: &Marked, lexicon: &Lexicon) -> Vec<Example> {
    let labels = labels_of(&document.spans, document.tokens.len());
    examples(&Document::new(&document.text, &document.tokens, lexicon), &labels)
}

/// A set of marked documents with their training sequences.
pub struct Corpus<'a> {
    pub kinds: usize,
    pub documents: &'a [Marked],
    pub sequences: &'a [Vec<Example>],
    pub lexicon: &'a Lexicon,
    /// The fold of each document.
    pub folds: &'a [usize],
}

/// The words of a shingle.
const SHINGLE: usize = 5;
/// The share of the shorter document's shingles from which two documents are near copies.
const NEAR: f32 = 0.3;

/// Returns a fold for each document, near copies in one. A copy of what was learnt from tests nothing.
pub fn folds_of(documents: &[Marked], folds: usize) -> Vec<usize> {
    let shingles: Vec<HashSet<Vec<&str>>> = documents
        .iter()
        .map(|document| {
            let words: Vec<&str> = document.tokens.iter().map(|t| &document.text[t.start..t.end]).collect();
            words.windows(SHINGLE).map(<[&str]>::to_vec).collect()
        })
        .collect();
    let near = |a: &HashSet<Vec<&str>>, b: &HashSet<Vec<&str>>| {
        let least = a.len().min(b.len()).max(1);
        a.intersection(b).count() as f32 >= NEAR * least as f32
    };
    let mut first: Vec<usize> = (0..documents.len()).collect();
    for i in 0..documents.len() {
        for j in 0..i {
            if first[i] != first[j] && near(&shingles[i], &shingles[j]) {
                let (from, to) = (first[i].max(first[j]), first[i].min(first[j]));
                first.iter_mut().filter(|f| **f == from).for_each(|f| *f = to);
            }
        }
    }
    let mut groups: Vec<usize> = first.clone();
    groups.sort_unstable();
    groups.dedup();
    let fold = |f: &usize| groups.binary_search(f).unwrap_or_default() % folds.max(1);
    first.iter().map(fold).collect()
}

/// Trains on all folds but one and tags that one, for each.
pub fn hold_out<'a>(corpus: &Corpus<'a>, folds: usize, threads: usize, settings: &Settings) -> Vec<Held<'a>> {
    let run = |fold: usize| -> Vec<Held<'a>> {
        let others = corpus.sequences.iter().zip(corpus.folds).filter(|(_, f)| **f != fold);
        let training: Vec<&Example> = others.flat_map(|(e, _)| e).collect();
        // as it would be shipped: written and read back, so quantised
        let bytes = train(&training, corpus.kinds, settings).to_bytes();
        println!("fold {fold}: model of {} bytes", bytes.len());
        let Some(model) = Model::from_bytes(&bytes) else {
            return Vec::new();
        };
        let held = corpus.documents.iter().zip(corpus.folds).filter(|(_, f)| **f == fold);
        held.map(|(document, _)| Held::new(fold, document, corpus.lexicon, &model))
            .collect()
    };
    let list: Vec<usize> = (0..folds).collect();
    let mut held = Vec::new();
    for group in list.chunks(threads.max(1)) {
        std::thread::scope(|scope| {
            let handles: Vec<_> = group.iter().map(|fold| scope.spawn(|| run(*fold))).collect();
            held.extend(handles.into_iter().filter_map(|handle| handle.join().ok()).flatten());
        });
    }
    held
}

/// Tallies of some documents under some thresholds, one a kind.
pub fn tallies_of<'h, 'a: 'h>(held: impl Iterator<Item = &'h Held<'a>>, thresholds: &[f32]) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); thresholds.len()];
    held.for_each(|h| compare(&h.found(thresholds), &h.marked, &mut tallies));
    tallies
}

/// Returns the thresholds that are best for the F1 of each kind and that of all together. They are tuned one kind after the
/// other.
pub fn tune(held: &[&Held], kinds: usize) -> Vec<f32> {
    let mut thresholds = vec![0.3; kinds];
    for kind in 0..kinds {
        let value = |step: i32| {
            let mut tried = thresholds.clone();
            tried[kind] = step as f32 * 0.05;
            let tallies = tallies_of(held.iter().copied(), &tried);
            (tallies[kind].f1() + 2.0 * total(&tallies).f1(), tried[kind])
        };
        let best = (2..12).map(value).max_by(|a, b| a.0.total_cmp(&b.0));
        thresholds[kind] = best.map_or(0.3, |b| b.1);
    }
    thresholds
}

/// Tallies over all folds; the thresholds for a fold come from the other folds.
pub fn cross_validate(held: &[Held], folds: usize, kinds: usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); kinds];
    for fold in 0..folds {
        let others: Vec<&Held> = held.iter().filter(|h| h.fold != fold).collect();
        let result = tallies_of(held.iter().filter(|h| h.fold == fold), &tune(&others, kinds));
        tallies.iter_mut().zip(result).for_each(|(all, one)| all.add(one));
    }
    tallies
}
