//! A linear-chain conditional random field over spans. Each token begins, continues, ends or is the whole of a span of some kind,
//! or stands outside.
//!
//! Labels are numbered: 0 is outside; kind `k` has begin `4k+1`, inside `4k+2`, end `4k+3` and single `4k+4`. Only sequences
//! that spell whole spans have a score, so no decoding can leave a span half open.

/// The scores of a label given a token, and of a label given the label before it.
#[derive(Debug, Clone)]
pub struct Transitions {
    kinds: usize,
    /// The weights, as `labels × labels`. A row is the label before.
    weights: Vec<f32>,
}

/// A span of tokens of one kind, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenSpan {
    /// The first token of the span.
    pub start: usize,
    /// One past the last token of the span.
    pub end: usize,
    /// The number of the kind.
    pub kind: usize,
}

/// Returns the number of labels for a number of kinds.
#[must_use]
pub const fn label_count(kinds: usize) -> usize {
    4 * kinds + 1
}

/// Returns the labels of `length` tokens with these spans, which must not overlap. Parts out of range are left out.
#[must_use]
pub fn labels_of(spans: &[TokenSpan], length: usize) -> Vec<usize> {
    let mut labels = vec![0; length];
    for span in spans {
        for (i, label) in labels.iter_mut().enumerate().take(span.end).skip(span.start) {
            let position = match (i == span.start, i + 1 == span.end) {
                (true, true) => 4,
                (true, false) => 1,
                (false, false) => 2,
                (false, true) => 3,
            };
            *label = 4 * span.kind + position;
        }
    }
    labels
}

/// Returns the spans that a sequence of labels spells. Parts that are not whole are left out.
#[must_use]
pub fn spans_of(labels: &[usize]) -> Vec<TokenSpan> {
    let mut spans = Vec::new();
    let mut open = 0;
    for (i, label) in labels.iter().enumerate().filter(|(_, label)| **label > 0) {
        let (kind, position) = ((label - 1) / 4, (label - 1) % 4);
        match position {
            0 => open = i,
            2 => spans.push(TokenSpan {
                start: open,
                end: i + 1,
                kind,
            }),
            3 => spans.push(TokenSpan {
                start: i,
                end: i + 1,
                kind,
            }),
            _ => {}
        }
    }
    spans
}

impl Transitions {
    /// Creates all legal transitions with weight 0.
    #[must_use]
    pub fn new(kinds: usize) -> Self {
        Self {
            kinds,
            weights: vec![0.0; label_count(kinds) * label_count(kinds)],
        }
    }

    /// Creates transitions from stored weights (`labels × labels`, row = the label before). `None` if the size does not fit.
    #[must_use]
    pub fn from_weights(kinds: usize, weights: Vec<f32>) -> Option<Self> {
        (weights.len() == label_count(kinds) * label_count(kinds)).then_some(Self { kinds, weights })
    }

    /// Returns the weights, row by row.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Returns the weights, to be trained.
    pub fn weights_mut(&mut self) -> &mut [f32] {
        &mut self.weights
    }

    /// Returns the number of labels.
    #[must_use]
    pub const fn labels(&self) -> usize {
        label_count(self.kinds)
    }

    /// Calls `visit(before, after)` for every legal pair.
    pub fn for_legal(&self, mut visit: impl FnMut(usize, usize)) {
        let labels = self.labels();
        for before in 0..labels {
            if is_open(before) {
                let first = before - (before - 1) % 4;
                visit(before, first + 1);
                visit(before, first + 2);
            } else {
                (0..labels)
                    .filter(|after| starts(*after))
                    .for_each(|after| visit(before, after));
            }
        }
    }

    /// Returns the label sequence of the highest score. `scores` holds one row of label scores for each token.
    #[must_use]
    pub fn viterbi(&self, scores: &[f32]) -> Vec<usize> {
        let n = self.labels();
        let length = scores.len() / n;
        if length == 0 {
            return Vec::new();
        }
        let mut best: Vec<f32> = (0..n)
            .map(|y| if starts(y) { scores[y] } else { f32::NEG_INFINITY })
            .collect();
        let mut back = vec![0u16; length * n];
        for t in 1..length {
            let mut next = vec![f32::NEG_INFINITY; n];
            self.for_legal(|before, after| {
                let score = best[before] + self.weights[before * n + after];
                if score > next[after] {
                    next[after] = score;
                    back[t * n + after] = before as u16;
                }
            });
            for (y, score) in next.iter_mut().enumerate() {
                *score += scores[t * n + y];
            }
            best = next;
        }
        let mut last = 0;
        for y in (0..n).filter(|y| !is_open(*y)) {
            if best[y] > best[last] {
                last = y;
            }
        }
        let mut path = vec![0; length];
        for t in (0..length).rev() {
            path[t] = last;
            last = usize::from(back[t * n + last]);
        }
        path
    }

    /// Returns the distribution over label sequences. `scores` holds one row of label scores for each token.
    #[must_use]
    pub fn lattice(&self, scores: &[f32]) -> Lattice {
        Lattice::new(self, scores)
    }
}

/// Whether a span is still open after the label.
const fn is_open(label: usize) -> bool {
    label > 0 && (label - 1) % 4 < 2
}

/// Whether the label can follow a closed one.
const fn starts(label: usize) -> bool {
    label == 0 || matches!((label - 1) % 4, 0 | 3)
}

/// Returns the label that a span of `length` tokens of `kind` has at its token `i`.
const fn label_at(kind: usize, length: usize, i: usize) -> usize {
    let position = if length == 1 {
        4
    } else if i == 0 {
        1
    } else if i + 1 == length {
        3
    } else {
        2
    };
    4 * kind + position
}

/// The forward and backward sums of a sequence. They are scaled at each token so that they neither vanish nor overflow.
#[derive(Debug)]
pub struct Lattice {
    labels: usize,
    length: usize,
    /// The `exp` of the scores, each row divided by its maximum.
    potentials: Vec<f32>,
    /// The `exp` of the transition weights; 0 where illegal.
    factors: Vec<f32>,
    forward: Vec<f32>,
    backward: Vec<f32>,
    scales: Vec<f32>,
    log_partition: f64,
}

/// The least that a score may be below the best of its token. The best may be out of reach, and what is left must not vanish.
const POTENTIAL_MIN: f32 = -40.0;

/// The least that a scale may be. It keeps a division finite when a row has underflowed to nothing.
const SCALE_MIN: f32 = 1e-30;

impl Lattice {
    fn new(transitions: &Transitions, scores: &[f32]) -> Self {
        let n = transitions.labels();
        let length = scores.len() / n;
        let mut factors = vec![0.0; n * n];
        transitions.for_legal(|a, b| factors[a * n + b] = transitions.weights[a * n + b].exp());
        let mut log_partition = 0.0;
        let mut potentials = vec![0.0; length * n];
        for (row, out) in scores.chunks_exact(n).zip(potentials.chunks_exact_mut(n)) {
            let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            log_partition += f64::from(top);
            out.iter_mut()
                .zip(row)
                .for_each(|(o, s)| *o = (s - top).max(POTENTIAL_MIN).exp());
        }
        let mut lattice = Self {
            labels: n,
            length,
            potentials,
            factors,
            forward: vec![0.0; length * n],
            backward: vec![0.0; length * n],
            scales: vec![1.0; length],
            log_partition,
        };
        lattice.run_forward();
        lattice.run_backward();
        lattice
    }

    /// Adds to `out[after]` the sum over the labels before it of `row[before]` times the transition.
    fn step(&self, row: &[f32], out: &mut [f32]) {
        let n = self.labels;
        for (before, value) in row.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            if is_open(before) {
                let first = before - (before - 1) % 4;
                out[first + 1] += value * self.factors[before * n + first + 1];
                out[first + 2] += value * self.factors[before * n + first + 2];
            } else {
                let factors = &self.factors[before * n..(before + 1) * n];
                out.iter_mut().zip(factors).for_each(|(o, f)| *o += value * f);
            }
        }
    }

    fn run_forward(&mut self) {
        let n = self.labels;
        for t in 0..self.length {
            let mut row = vec![0.0; n];
            if t == 0 {
                row.iter_mut()
                    .enumerate()
                    .for_each(|(y, v)| *v = if starts(y) { 1.0 } else { 0.0 });
            } else {
                self.step(&self.forward[(t - 1) * n..t * n], &mut row);
            }
            for (value, potential) in row.iter_mut().zip(&self.potentials[t * n..]) {
                *value *= potential;
            }
            // what is still open after the last token belongs to no whole sequence
            if t + 1 == self.length {
                row.iter_mut()
                    .enumerate()
                    .filter(|(y, _)| is_open(*y))
                    .for_each(|(_, v)| *v = 0.0);
            }
            let sum = row.iter().sum::<f32>().max(SCALE_MIN);
            self.scales[t] = sum;
            self.log_partition += f64::from(sum).ln();
            for (to, from) in self.forward[t * n..].iter_mut().zip(row) {
                *to = from / sum;
            }
        }
    }

    fn run_backward(&mut self) {
        let n = self.labels;
        for t in (0..self.length).rev() {
            for before in 0..n {
                self.backward[t * n + before] = if t + 1 == self.length {
                    if is_open(before) { 0.0 } else { 1.0 }
                } else {
                    let after = (t + 1) * n..(t + 2) * n;
                    let sum: f32 = if is_open(before) {
                        let first = before - (before - 1) % 4;
                        [first + 1, first + 2]
                            .iter()
                            .map(|y| self.factors[before * n + y] * self.weighted_after(after.start, *y))
                            .sum()
                    } else {
                        self.factors[before * n..(before + 1) * n]
                            .iter()
                            .enumerate()
                            .map(|(y, factor)| factor * self.weighted_after(after.start, y))
                            .sum()
                    };
                    sum / self.scales[t + 1]
                };
            }
        }
    }

    fn weighted_after(&self, row: usize, label: usize) -> f32 {
        self.potentials[row + label] * self.backward[row + label]
    }

    /// Returns the natural logarithm of the sum over all sequences.
    #[must_use]
    pub const fn log_partition(&self) -> f64 {
        self.log_partition
    }

    /// Returns the probability that token `t` has `label`; 0 outside the sequence.
    #[must_use]
    pub fn marginal(&self, t: usize, label: usize) -> f32 {
        let at = t * self.labels + label;
        self.forward
            .get(at)
            .zip(self.backward.get(at))
            .map_or(0.0, |(f, b)| f * b)
    }

    /// Adds to `expected` (`labels × labels`) the number of times that each pair of labels is expected.
    pub fn add_expected_pairs(&self, expected: &mut [f32]) {
        let n = self.labels;
        for t in 1..self.length {
            let after: Vec<f32> = (0..n)
                .map(|y| self.potentials[t * n + y] * self.backward[t * n + y] / self.scales[t])
                .collect();
            for before in 0..n {
                let value = self.forward[(t - 1) * n + before];
                if value > 1e-6 {
                    for ((e, a), f) in expected[before * n..(before + 1) * n]
                        .iter_mut()
                        .zip(&after)
                        .zip(&self.factors[before * n..])
                    {
                        *e += value * a * f;
                    }
                }
            }
        }
    }

    /// Returns the probability that `span` is marked exactly so; 0 if it is empty or out of range.
    #[must_use]
    pub fn span_probability(&self, span: TokenSpan) -> f32 {
        let n = self.labels;
        let length = span.end.saturating_sub(span.start);
        if length == 0 || span.end > self.length || label_at(span.kind, 1, 0) >= n {
            return 0.0;
        }
        let mut before = label_at(span.kind, length, 0);
        let mut value = self.forward[span.start * n + before];
        for i in 1..length {
            let (t, label) = (span.start + i, label_at(span.kind, length, i));
            value *= self.factors[before * n + label] * self.potentials[t * n + label] / self.scales[t];
            before = label;
        }
        (value * self.backward[(span.end - 1) * n + before]).clamp(0.0, 1.0)
    }

    /// Returns every span that is at least `least` probable and at most `longest` tokens long. Each comes with its probability,
    /// by start.
    #[must_use]
    pub fn probable_spans(&self, least: f32, longest: usize) -> Vec<(TokenSpan, f32)> {
        let n = self.labels;
        let mut found = Vec::new();
        for start in 0..self.length {
            for kind in 0..n / 4 {
                let single = self.marginal(start, label_at(kind, 1, 0));
                if single >= least {
                    found.push((
                        TokenSpan {
                            start,
                            end: start + 1,
                            kind,
                        },
                        single,
                    ));
                }
                let begin = label_at(kind, 2, 0);
                if self.marginal(start, begin) < least {
                    continue;
                }
                let (inside, end) = (begin + 1, begin + 2);
                let mut value = self.forward[start * n + begin];
                let mut before = begin;
                for t in start + 1..self.length.min(start + longest) {
                    let to = |label: usize| {
                        self.factors[before * n + label] * self.potentials[t * n + label] / self.scales[t]
                    };
                    let whole = value * to(end) * self.backward[t * n + end];
                    if whole >= least {
                        found.push((
                            TokenSpan {
                                start,
                                end: t + 1,
                                kind,
                            },
                            whole.min(1.0),
                        ));
                    }
                    value *= to(inside);
                    if value * self.backward[t * n + inside] < least {
                        break;
                    }
                    before = inside;
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns numbers that look random and are the same each time.
    fn numbers(count: usize, mut state: u32) -> Vec<f32> {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).map(|_| 2.0 * next()).collect()
    }

    /// Returns every legal sequence with its score, by trying all.
    fn all_paths(transitions: &Transitions, scores: &[f32]) -> Vec<(Vec<usize>, f32)> {
        let n = transitions.labels();
        let length = scores.len() / n;
        let mut legal = vec![false; n * n];
        transitions.for_legal(|a, b| legal[a * n + b] = true);
        let mut paths: Vec<(Vec<usize>, f32)> = (0..n).filter(|y| starts(*y)).map(|y| (vec![y], scores[y])).collect();
        for t in 1..length {
            paths = paths
                .iter()
                .flat_map(|(path, score)| {
                    let last = path[path.len() - 1];
                    let legal = &legal;
                    (0..n).filter(move |y| legal[last * n + y]).map(move |y| {
                        let mut longer = path.clone();
                        longer.push(y);
                        (longer, score + transitions.weights()[last * n + y] + scores[t * n + y])
                    })
                })
                .collect();
        }
        paths.retain(|(path, _)| !is_open(path[path.len() - 1]));
        paths
    }

    fn example(seed: u32) -> (Transitions, Vec<f32>) {
        let n = label_count(2);
        (
            Transitions::from_weights(2, numbers(n * n, seed)).unwrap(),
            numbers(n * 5, seed + 99),
        )
    }

    #[test]
    fn viterbi_finds_the_best_of_all_paths() {
        for seed in 0..20 {
            let (transitions, scores) = example(seed);
            let paths = all_paths(&transitions, &scores);
            let best = paths.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            assert_eq!(transitions.viterbi(&scores), best.0);
        }
    }

    #[test]
    fn lattice_agrees_with_the_sum_over_all_paths() {
        let (transitions, scores) = example(7);
        let paths = all_paths(&transitions, &scores);
        let total: f64 = paths.iter().map(|p| f64::from(p.1).exp()).sum();
        let lattice = transitions.lattice(&scores);
        assert!((lattice.log_partition() - total.ln()).abs() < 1e-3);
        let probability = |holds: &dyn Fn(&[usize]) -> bool| {
            (paths
                .iter()
                .filter(|p| holds(&p.0))
                .map(|p| f64::from(p.1).exp())
                .sum::<f64>()
                / total) as f32
        };
        for t in 0..5 {
            for label in 0..transitions.labels() {
                assert!((lattice.marginal(t, label) - probability(&|path| path[t] == label)).abs() < 1e-4);
            }
        }
        let spans = lattice.probable_spans(0.0, 5);
        assert!(spans.len() >= 2 * 15);
        for (span, found) in spans {
            let wanted = probability(&|path| spans_of(path).contains(&span));
            assert!((found - wanted).abs() < 1e-4, "{span:?}: {found} is not {wanted}");
            assert!((lattice.span_probability(span) - wanted).abs() < 1e-4);
        }
        let n = transitions.labels();
        let mut pairs = vec![0.0; n * n];
        lattice.add_expected_pairs(&mut pairs);
        let wanted: f32 = (1..5)
            .map(|t| probability(&|path| path[t - 1] == 0 && path[t] == 0))
            .sum();
        assert!((pairs[0] - wanted).abs() < 1e-4);
    }

    #[test]
    fn labels_and_spans_are_inverse() {
        let spans = vec![
            TokenSpan {
                start: 0,
                end: 1,
                kind: 1,
            },
            TokenSpan {
                start: 1,
                end: 4,
                kind: 0,
            },
            TokenSpan {
                start: 5,
                end: 7,
                kind: 1,
            },
        ];
        assert_eq!(spans_of(&labels_of(&spans, 8)), spans);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        let transitions = Transitions::new(3);
        assert!(transitions.viterbi(&[]).is_empty());
        let lattice = transitions.lattice(&[]);
        assert!(lattice.probable_spans(0.0, 9).is_empty());
        assert!(
            lattice
                .span_probability(TokenSpan {
                    start: 0,
                    end: 1,
                    kind: 0
                })
                .abs()
                < f32::EPSILON
        );
    }
}
