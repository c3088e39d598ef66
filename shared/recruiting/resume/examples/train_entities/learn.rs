//! Trains the weights: `AdaGrad` on the likelihood of the marked sequences, with L2 regularisation, in a fixed random order.

use std::collections::HashMap;

use inventure_resume::entities::{
    crf::{Transitions, label_count},
    features::Document,
    model::{Model, Row},
};

/// A sequence to learn from: the attributes of each token, and its label.
pub struct Example {
    pub attributes: Vec<Vec<u32>>,
    pub labels: Vec<usize>,
}

/// The settings of a training.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub epochs: usize,
    pub rate: f32,
    pub l2: f32,
    /// Part of the attributes of a token that a step does not see.
    pub dropout: f32,
    /// Attributes in fewer sequences are not learnt.
    pub least_count: u32,
    /// Weights below are dropped from the model.
    pub prune: f32,
    pub seed: u64,
}

/// Least number of tokens of a training sequence; documents are cut where a segment ends and no entity runs on.
const SEQUENCE_MIN: usize = 60;

/// Cuts a document with its labels into sequences.
pub fn examples(document: &Document, labels: &[usize]) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut current = Example {
        attributes: Vec::new(),
        labels: Vec::new(),
    };
    for (i, label) in labels.iter().enumerate() {
        let cut = i > 0 && document.segment_of(i) != document.segment_of(i - 1) && (label % 4 == 1 || label % 4 == 0);
        if cut && current.labels.len() >= SEQUENCE_MIN {
            examples.push(std::mem::replace(
                &mut current,
                Example {
                    attributes: Vec::new(),
                    labels: Vec::new(),
                },
            ));
        }
        let mut attributes = Vec::new();
        document.attributes(i, &mut attributes);
        current.attributes.push(attributes);
        current.labels.push(*label);
    }
    if !current.labels.is_empty() {
        examples.push(current);
    }
    examples
}

/// Weights with what `AdaGrad` and the lazy decay keep of each.
struct Weights {
    labels: usize,
    values: Vec<f32>,
    squares: Vec<f32>,
    /// Step of the last decay, a row each.
    touched: Vec<u32>,
    transition_squares: Vec<f32>,
}

impl Weights {
    fn new(rows: usize, labels: usize) -> Self {
        Self {
            labels,
            values: vec![0.0; rows * labels],
            squares: vec![0.0; rows * labels],
            touched: vec![0; rows],
            transition_squares: vec![0.0; labels * labels],
        }
    }

    /// Catches up with the decay a row has missed since it was last touched.
    fn decay(&mut self, row: usize, step: u32, settings: &Settings) {
        let missed = (step - self.touched[row]) as f32;
        if missed > 0.0 {
            self.touched[row] = step;
            let range = row * self.labels..(row + 1) * self.labels;
            for (value, square) in self.values[range.clone()].iter_mut().zip(&self.squares[range]) {
                *value /= 1.0 + missed * settings.rate * settings.l2 / (square + EPSILON).sqrt();
            }
        }
    }

    /// One step on one sequence.
    fn learn(
        &mut self,
        rows: &[Vec<u32>],
        gold: &[usize],
        transitions: &mut Transitions,
        (step, rate, settings): (u32, f32, &Settings),
    ) {
        let n = self.labels;
        let scale = 1.0 / (1.0 - settings.dropout);
        let mut scores = vec![0.0f32; rows.len() * n];
        for (attributes, row) in rows.iter().zip(scores.chunks_exact_mut(n)) {
            for attribute in attributes {
                let at = *attribute as usize;
                self.decay(at, step - 1, settings);
                row.iter_mut()
                    .zip(&self.values[at * n..(at + 1) * n])
                    .for_each(|(s, w)| *s += w * scale);
            }
        }
        let lattice = transitions.lattice(&scores);
        let mut gradient = vec![0.0f32; n];
        for (t, attributes) in rows.iter().enumerate() {
            gradient
                .iter_mut()
                .enumerate()
                .for_each(|(y, g)| *g = -lattice.marginal(t, y));
            gradient[gold[t]] += 1.0;
            // what is certain teaches nothing
            if gradient.iter().any(|g| g.abs() >= 1e-3) {
                for attribute in attributes {
                    self.climb(*attribute as usize, &gradient, rate);
                }
            }
        }
        let mut pairs = vec![0.0f32; n * n];
        lattice.add_expected_pairs(&mut pairs);
        for pair in &mut pairs {
            *pair = -*pair;
        }
        gold.windows(2).for_each(|pair| pairs[pair[0] * n + pair[1]] += 1.0);
        for ((weight, square), g) in transitions
            .weights_mut()
            .iter_mut()
            .zip(&mut self.transition_squares)
            .zip(&pairs)
        {
            *square += g * g;
            *weight += rate * (g - settings.l2 * *weight) / (*square + EPSILON).sqrt();
        }
    }

    fn climb(&mut self, row: usize, gradient: &[f32], rate: f32) {
        let range = row * self.labels..(row + 1) * self.labels;
        let (values, squares) = (&mut self.values[range.clone()], &mut self.squares[range]);
        for ((value, square), g) in values.iter_mut().zip(squares).zip(gradient) {
            *square += g * g;
            *value += rate * g / (*square + EPSILON).sqrt();
        }
    }
}

const EPSILON: f32 = 1e-6;

/// Trains a model of `kinds` kinds. The same examples in the same order and the same settings give the same model.
pub fn train(examples: &[&Example], kinds: usize, settings: &Settings) -> Model {
    let labels = label_count(kinds);
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for example in examples {
        let mut seen: Vec<u32> = example.attributes.iter().flatten().copied().collect();
        seen.sort_unstable();
        seen.dedup();
        for attribute in seen {
            *counts.entry(attribute).or_default() += 1;
        }
    }
    let mut known: Vec<u32> = counts
        .into_iter()
        .filter(|(_, n)| *n >= settings.least_count)
        .map(|(a, _)| a)
        .collect();
    known.sort_unstable();
    let index: HashMap<u32, u32> = known.iter().zip(0..).map(|(a, row)| (*a, row)).collect();
    let rows: Vec<Vec<Vec<u32>>> = examples
        .iter()
        .map(|e| {
            e.attributes
                .iter()
                .map(|a| a.iter().filter_map(|a| index.get(a)).copied().collect())
                .collect()
        })
        .collect();
    let mut weights = Weights::new(known.len(), labels);
    let mut transitions = Transitions::new(kinds);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut random = settings.seed;
    let mut step = 0;
    for epoch in 0..settings.epochs {
        shuffle(&mut order, &mut random);
        let rate = settings.rate * (1.0 - 0.9 * epoch as f32 / settings.epochs as f32);
        for at in &order {
            step += 1;
            let seen = thin(&rows[*at], settings.dropout, &mut random);
            weights.learn(&seen, &examples[*at].labels, &mut transitions, (step, rate, settings));
        }
    }
    for row in 0..known.len() {
        weights.decay(row, step, settings);
    }
    let trained: Vec<Row> = known
        .iter()
        .zip(weights.values.chunks_exact(labels))
        .map(|(attribute, row)| {
            let kept = row.iter().enumerate().filter(|(_, w)| w.abs() >= settings.prune);
            (*attribute, kept.map(|(label, w)| (label as u8, *w)).collect())
        })
        .collect();
    Model::new(transitions, vec![0.3; kinds], &trained)
}

/// Leaves out attributes at random, so that the weights do not lean on few.
fn thin(rows: &[Vec<u32>], dropout: f32, random: &mut u64) -> Vec<Vec<u32>> {
    let mut keep = || (next(random) >> 40) as f32 / (1u64 << 24) as f32 >= dropout;
    rows.iter()
        .map(|row| row.iter().copied().filter(|_| keep()).collect())
        .collect()
}

/// Shuffles by the method of Fisher and Yates.
fn shuffle(order: &mut [usize], random: &mut u64) {
    for i in (1..order.len()).rev() {
        order.swap(i, (next(random) >> 33) as usize % (i + 1));
    }
}

/// Next number of a linear congruence: the high bits are the random ones.
fn next(random: &mut u64) -> u64 {
    *random = random
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *random
}
