//! The weights of a trained tagger, small enough to be built into the program. The module also reads and writes them.

use super::{
    crf::{Transitions, label_count},
    features::Document,
    lexicon::{Counts, HashedMap, Lexicon},
};

const MODEL_MAGIC: &[u8; 8] = b"INVCRF01";
const LEXICON_MAGIC: &[u8; 8] = b"INVLEX01";

/// A trained tagger. It has a sparse row of label weights for each attribute, and the least probability of a span for each kind.
#[derive(Debug)]
pub struct Model {
    transitions: Transitions,
    /// The thresholds, one a kind.
    thresholds: Vec<f32>,
    /// The value of one step of a quantised weight.
    step: f32,
    /// The range in `entries` of each attribute.
    rows: HashedMap<(u32, u32)>,
    /// The labels with their quantised weights.
    entries: Vec<(u8, i8)>,
}

/// An attribute, then labels with their weights.
pub type Row = (u32, Vec<(u8, f32)>);

impl Model {
    /// Quantises trained weights to steps of 1/127 of the greatest. Rows that quantise to nothing are left out.
    #[must_use]
    pub fn new(transitions: Transitions, thresholds: Vec<f32>, trained: &[Row]) -> Self {
        let greatest = trained
            .iter()
            .flat_map(|(_, row)| row)
            .map(|(_, w)| w.abs())
            .fold(1e-6, f32::max);
        let step = greatest / 127.0;
        let mut model = Self {
            transitions,
            thresholds,
            step,
            rows: HashedMap::default(),
            entries: Vec::new(),
        };
        for (attribute, row) in trained {
            let start = model.entries.len() as u32;
            let quantised = row.iter().map(|(label, w)| (*label, (w / step).round() as i8));
            model.entries.extend(quantised.filter(|(_, q)| *q != 0));
            let end = model.entries.len() as u32;
            if end > start {
                model.rows.insert(*attribute, (start, end));
            }
        }
        model
    }

    /// Returns the transitions between labels.
    #[must_use]
    pub const fn transitions(&self) -> &Transitions {
        &self.transitions
    }

    /// Returns for each kind the least probability of a span for it to be reported.
    #[must_use]
    pub fn thresholds(&self) -> &[f32] {
        &self.thresholds
    }

    /// Replaces the thresholds, one a kind.
    pub fn set_thresholds(&mut self, thresholds: Vec<f32>) {
        self.thresholds = thresholds;
    }

    /// Returns the number of kinds.
    #[must_use]
    pub const fn kinds(&self) -> usize {
        self.thresholds.len()
    }

    /// Returns the label scores of tokens `range` of a document, a row each.
    #[must_use]
    pub fn scores(&self, document: &Document, range: std::ops::Range<usize>) -> Vec<f32> {
        let n = self.transitions.labels();
        let mut scores = vec![0.0; range.len() * n];
        let mut attributes = Vec::new();
        for (i, row) in range.zip(scores.chunks_exact_mut(n)) {
            document.attributes(i, &mut attributes);
            self.score(&attributes, row);
        }
        scores
    }

    /// Returns the label scores of a sequence whose attributes are given, a row each.
    #[must_use]
    pub fn scores_of(&self, rows: &[Vec<u32>]) -> Vec<f32> {
        let n = self.transitions.labels();
        let mut scores = vec![0.0; rows.len() * n];
        for (attributes, row) in rows.iter().zip(scores.chunks_exact_mut(n)) {
            self.score(attributes, row);
        }
        scores
    }

    fn score(&self, attributes: &[u32], row: &mut [f32]) {
        for attribute in attributes {
            let Some((start, end)) = self.rows.get(attribute) else {
                continue;
            };
            for (label, weight) in &self.entries[*start as usize..*end as usize] {
                row[usize::from(*label)] += f32::from(*weight) * self.step;
            }
        }
    }

    /// Returns the model as bytes, the same for the same model.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MODEL_MAGIC.to_vec();
        put(&mut out, self.kinds() as u32);
        let floats = self
            .thresholds
            .iter()
            .chain(self.transitions.weights())
            .chain([&self.step]);
        floats.for_each(|f| out.extend(f.to_le_bytes()));
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_unstable();
        put(&mut out, rows.len() as u32);
        out.extend(rows.iter().flat_map(|(attribute, _)| attribute.to_le_bytes()));
        out.extend(rows.iter().map(|(_, (start, end))| (end - start) as u8));
        for (_, (start, end)) in &rows {
            for (label, weight) in &self.entries[*start as usize..*end as usize] {
                out.extend([*label, weight.cast_unsigned()]);
            }
        }
        out
    }

    /// Reads what `to_bytes` wrote. `None` if the bytes are not a whole model.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        if reader.take(8)? != MODEL_MAGIC {
            return None;
        }
        let kinds = reader.number()? as usize;
        let labels = label_count(kinds);
        if labels > 255 {
            return None;
        }
        let thresholds = reader.floats(kinds)?;
        let transitions = Transitions::from_weights(kinds, reader.floats(labels * labels)?)?;
        let step = *reader.floats(1)?.first()?;
        let count = reader.number()? as usize;
        let attributes = reader.take(count.checked_mul(4)?)?;
        let lengths = reader.take(count)?;
        let mut rows = HashedMap::with_capacity_and_hasher(count, std::hash::BuildHasherDefault::default());
        let mut end = 0;
        for (attribute, length) in attributes.as_chunks::<4>().0.iter().zip(lengths) {
            let start = end;
            end += u32::from(*length);
            rows.insert(u32::from_le_bytes(*attribute), (start, end));
        }
        let pairs = reader.take((end as usize).checked_mul(2)?)?;
        let entries: Vec<(u8, i8)> = pairs
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[l, w]| (*l, w.cast_signed()))
            .collect();
        let sound = entries.iter().all(|(label, _)| usize::from(*label) < labels);
        sound.then_some(Self {
            transitions,
            thresholds,
            step,
            rows,
            entries,
        })
    }
}

/// Returns phrases (hash, bits of the lists) and word counts, both sorted by hash, as bytes.
#[must_use]
pub fn lexicon_to_bytes(phrases: &[(u32, u8)], counts: &[(u32, Counts)]) -> Vec<u8> {
    let mut out = LEXICON_MAGIC.to_vec();
    put(&mut out, phrases.len() as u32);
    out.extend(phrases.iter().flat_map(|(hash, _)| hash.to_le_bytes()));
    out.extend(phrases.iter().map(|(_, mask)| *mask));
    put(&mut out, counts.len() as u32);
    out.extend(counts.iter().flat_map(|(hash, _)| hash.to_le_bytes()));
    for (_, [a, b, c, d, e, f]) in counts {
        out.extend([a | b << 4, c | d << 4, e | f << 4]);
    }
    out
}

/// Reads what [`lexicon_to_bytes`] wrote. `None` if the bytes are not a whole lexicon.
#[must_use]
pub fn lexicon_from_bytes(bytes: &[u8]) -> Option<Lexicon> {
    let mut reader = Reader(bytes);
    if reader.take(8)? != LEXICON_MAGIC {
        return None;
    }
    let hash = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
    let phrase_count = reader.number()? as usize;
    let phrases = reader.take(phrase_count.checked_mul(4)?)?.as_chunks::<4>().0;
    let masks = reader.take(phrase_count)?;
    let word_count = reader.number()? as usize;
    let words = reader.take(word_count.checked_mul(4)?)?.as_chunks::<4>().0;
    let counts = reader.take(word_count.checked_mul(3)?)?.as_chunks::<3>().0;
    let unpack = |[a, b, c]: [u8; 3]| [a & 15, a >> 4, b & 15, b >> 4, c & 15, c >> 4];
    Some(Lexicon::new(
        phrases.iter().map(hash).zip(masks.iter().copied()),
        words.iter().map(hash).zip(counts.iter().map(|packed| unpack(*packed))),
    ))
}

fn put(out: &mut Vec<u8>, number: u32) {
    out.extend(number.to_le_bytes());
}

/// The bytes that are left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        let bytes = self.take(count.checked_mul(4)?)?;
        Some(
            bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        let mut transitions = Transitions::new(2);
        transitions.weights_mut()[3] = 0.25;
        Model::new(
            transitions,
            vec![0.5, 0.4],
            &[(7, vec![(0, 1.0), (8, -0.5)]), (9, vec![(3, 0.001)])],
        )
    }

    #[test]
    fn a_model_survives_writing_and_reading() {
        let bytes = model().to_bytes();
        let read = Model::from_bytes(&bytes).unwrap();
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(read.kinds(), 2);
        assert_eq!(read.rows.len(), 1, "a row of weights too small to keep is left out");
    }

    #[test]
    fn a_cut_or_foreign_model_is_refused() {
        let bytes = model().to_bytes();
        for length in 0..bytes.len() {
            assert!(Model::from_bytes(&bytes[..length]).is_none());
        }
        assert!(Model::from_bytes(&[0; 100]).is_none());
        assert!(lexicon_from_bytes(&bytes).is_none());
    }

    #[test]
    fn a_lexicon_survives_writing_and_reading() {
        use crate::entities::lexicon::{fold, hash_phrase, hash_word, phrase_words};
        let phrase = phrase_words("glass blower");
        let word = hash_word("blower");
        let bytes = lexicon_to_bytes(&[(hash_phrase(&phrase), 1)], &[(fold(word), [1, 2, 3, 4, 5, 6])]);
        let lexicon = lexicon_from_bytes(&bytes).unwrap();
        assert_eq!(lexicon.counts(word), [1, 2, 3, 4, 5, 6]);
        assert_eq!(lexicon.phrase_positions(&phrase)[0][0], 1);
    }
}
