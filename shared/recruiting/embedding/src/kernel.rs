//! The places where a transformer is not a matrix product, row by row.
//!
//! These loops are written so that the compiler makes them vector instructions, of whatever width the processor turns out to
//! have. An exponential of the standard library for one number at a time takes longer than all matrix products.

#![expect(
    clippy::inline_always,
    reason = "each loop must be compiled with the instruction set of its caller"
)]

/// The numbers worked on side by side: one register of AVX-512, two of AVX2, four of NEON.
const LANES: usize = 16;

/// The summand that rounds a number to a whole one, and leaves that in the low bits.
const ROUND: f32 = 12_582_912.0;

/// Rows of numbers as whole ones from 0 to 255.
#[derive(Default)]
pub struct Levels {
    /// The levels, row by row.
    pub values: Vec<u8>,
    /// The value of one level, for each row.
    pub steps: Vec<f32>,
    /// The level that stands for 0, for each row.
    pub zeros: Vec<u8>,
}

/// Writes rows of this length as [`Levels`], each row from its own smallest to its largest number.
pub fn to_levels(rows: &[f32], length: usize, levels: &mut Levels) {
    levels.values.resize(rows.len(), 0);
    levels.steps.clear();
    levels.zeros.clear();
    vectorised(
        #[inline(always)]
        || {
            for (row, values) in rows.chunks_exact(length).zip(levels.values.chunks_exact_mut(length)) {
                let (step, zero) = row_to_levels(row, values);
                levels.steps.push(step);
                levels.zeros.push(zero);
            }
        },
    );
}

/// The facts of the weights behind each column of a product.
#[derive(Default)]
pub struct Columns {
    /// The value of one level of the weights.
    pub steps: Vec<f32>,
    /// The sum of the weights' levels.
    pub totals: Vec<i32>,
    /// The summand.
    pub bias: Vec<f32>,
}

/// Writes the numbers that sums of levels times weights stand for.
pub fn from_sums(sums: &[i32], levels: &Levels, columns: &Columns, out: &mut [f32]) {
    let Columns { steps, totals, bias } = columns;
    let length = bias.len();
    vectorised(
        #[inline(always)]
        || {
            let rows = out.chunks_exact_mut(length).zip(sums.chunks_exact(length));
            for ((out, sums), (row, zero)) in rows.zip(levels.steps.iter().zip(&levels.zeros)) {
                let zero = i32::from(*zero);
                for ((((out, sum), step), total), bias) in out.iter_mut().zip(sums).zip(steps).zip(totals).zip(bias) {
                    *out = (sum - zero * total) as f32 * (row * step) + bias;
                }
            }
        },
    );
}

/// Does softmax over rows of this length.
pub fn softmax(values: &mut [f32], length: usize) {
    vectorised(
        #[inline(always)]
        || {
            for row in values.chunks_exact_mut(length) {
                softmax_row(row);
            }
        },
    );
}

/// Does GELU with the exact error function.
pub fn gelu(values: &mut [f32]) {
    vectorised(
        #[inline(always)]
        || {
            for value in values {
                *value = gelu_of(*value);
            }
        },
    );
}

/// Brings rows to mean 0 and variance 1, then scales each column by its weight and adds its bias.
pub fn layer_norm(values: &mut [f32], weight: &[f32], bias: &[f32]) {
    /// The `layer_norm_eps` of the model's `config.json`.
    const EPSILON: f32 = 1e-12;
    vectorised(
        #[inline(always)]
        || {
            for row in values.chunks_exact_mut(weight.len()) {
                let count = row.len() as f32;
                let mean = sum(row, |value| value) / count;
                let variance = sum(row, |value| (value - mean) * (value - mean)) / count;
                let scale = 1.0 / (variance + EPSILON).sqrt();
                for ((value, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
                    *value = (*value - mean) * scale * weight + bias;
                }
            }
        },
    );
}

/// Does `work`, compiled for the widest vectors of this processor.
#[inline(always)]
fn vectorised(work: impl FnOnce()) {
    pulp::Arch::new().dispatch(work);
}

/// Writes the levels of a row; returns the value of one, and the level of 0.
#[inline(always)]
fn row_to_levels(row: &[f32], levels: &mut [u8]) -> (f32, u8) {
    let least = -largest(row, |value| -value).max(0.0);
    let most = largest(row, |value| value).max(0.0);
    let step = ((most - least) / 255.0).max(f32::MIN_POSITIVE);
    let scale = 1.0 / step;
    // Rounded once, so that 0 is a level of its own.
    let zero = (-least * scale + ROUND) - ROUND;
    for (level, value) in levels.iter_mut().zip(row) {
        let place = value * scale + zero;
        let place = if place > 255.0 { 255.0 } else { place };
        *level = (place + ROUND).to_bits() as u8;
    }
    (step, zero as u8)
}

/// Returns the largest `term` of a row.
#[inline(always)]
fn largest(row: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            let value = term(*value);
            *lane = if value > *lane { value } else { *lane };
        }
    }
    let rest = rest.iter().map(|value| term(*value));
    lanes.into_iter().chain(rest).fold(f32::NEG_INFINITY, f32::max)
}

/// Returns the sum of `term` over a row. The order of summation is fixed by [`LANES`], whatever the processor's width.
#[inline(always)]
fn sum(row: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0_f32; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|value| term(*value)).sum::<f32>()
}

#[inline(always)]
fn softmax_row(row: &mut [f32]) {
    let max = largest(row, |value| value);
    for value in &mut *row {
        *value = exp(*value - max);
    }
    let scale = 1.0 / sum(row, |value| value);
    for value in row {
        *value *= scale;
    }
}

/// Returns `x` times the normal distribution's share below `x`. It uses formula 7.1.26 of Abramowitz and Stegun (error below
/// 1.5e-7).
#[inline(always)]
fn gelu_of(x: f32) -> f32 {
    let z = (x * std::f32::consts::FRAC_1_SQRT_2).abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let polynomial = ((((1.061_405_4 * t - 1.453_152_1) * t + 1.421_413_8) * t - 0.284_496_74) * t + 0.254_829_6) * t;
    // Half of what lies outside of ±z.
    let tail = 0.5 * polynomial * exp(-z * z);
    x * if x < 0.0 { tail } else { 1.0 - tail }
}

/// Returns the exponential of a number that is at most 0. The relative error is below 2e-7: `2^n · e^r` with `|r| ≤ ln 2 / 2`.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Below, the result is no normal number any more; e^-87 is nothing beside 1.
    let x = if x < -87.0 { -87.0 } else { x };
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    // ln 2 in two parts, the first with so few bits that n times it is exact.
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let power = ((((1.987_569_1e-4 * r + 1.398_199_9e-3) * r + 8.333_452e-3) * r + 4.166_579_5e-2) * r + 0.166_666_66)
        * r
        + 0.5;
    let two_to_the_n = f32::from_bits((rounded.to_bits() << 23).wrapping_add(1_f32.to_bits()));
    (power * r * r + r + 1.0) * two_to_the_n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f32, exact: f64, allowed: f64) {
        assert!((f64::from(found) - exact).abs() <= allowed, "{found}, exactly {exact}");
    }

    #[test]
    fn the_exponential_is_exact_to_seven_digits() {
        for step in 0..87_000 {
            let x = step as f32 * -1e-3;
            let exact = f64::from(x).exp();
            close(exp(x), exact, exact * 3e-7);
        }
        close(exp(-1e9), 0.0, 1e-37);
    }

    #[test]
    fn gelu_is_the_published_function() {
        // scipy.stats.norm.cdf(x) * x
        for (x, exact) in [
            (0.0, 0.0),
            (1.0, 0.841_344_746_068_543),
            (-1.0, -0.158_655_253_931_457),
            (0.1, 0.053_982_783_727_702_9),
            (-2.5, -0.015_524_163_314_585_6),
            (6.0, 5.999_999_994_080_472),
            (-30.0, 0.0),
        ] {
            close(gelu_of(x), exact, 1e-6);
        }
    }

    #[test]
    fn rows_of_softmax_sum_to_one_and_keep_their_ratios() {
        let mut values: Vec<f32> = (0..74).map(|n| (n * 31 % 17) as f32 / 3.0 - 2.0).collect();
        let given = values.clone();
        softmax(&mut values, 37);
        for (row, given) in values.chunks(37).zip(given.chunks(37)) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            let ratio = f64::from(given[3] - given[20]).exp();
            close(row[3] / row[20], ratio, ratio * 1e-5);
        }
    }

    #[test]
    fn a_normal_row_has_mean_0_and_variance_1_before_its_weights() {
        let mut values: Vec<f32> = (0..74).map(|n| (n * n % 23) as f32).collect();
        layer_norm(&mut values, &[2.0; 37], &[5.0; 37]);
        for row in values.chunks(37) {
            let mean = row.iter().sum::<f32>() / 37.0;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / 37.0;
            assert!(
                (mean - 5.0).abs() < 1e-4 && (variance - 4.0).abs() < 1e-3,
                "{mean} {variance}"
            );
        }
    }

    #[test]
    fn levels_are_off_by_half_a_step_at_most() {
        for row in [
            (0..300)
                .map(|n| (n * 77 % 301) as f32 / 50.0 - 1.0)
                .collect::<Vec<f32>>(),
            vec![0.0; 20],
            vec![5.0; 20],
            vec![-3.0; 20],
        ] {
            let mut levels = Levels::default();
            to_levels(&row, row.len(), &mut levels);
            let (step, zero) = (levels.steps[0], i32::from(levels.zeros[0]));
            for (value, level) in row.iter().zip(&levels.values) {
                let back = (i32::from(*level) - zero) as f32 * step;
                assert!(
                    (value - back).abs() <= step * 0.51,
                    "{value} came back as {back}, a step is {step}"
                );
            }
        }
    }

    #[test]
    fn sums_are_scaled_by_row_and_column() {
        let levels = Levels {
            values: vec![4, 6],
            steps: vec![0.5],
            zeros: vec![3],
        };
        let columns = Columns {
            steps: vec![2.0, 4.0],
            totals: vec![12, 1],
            bias: vec![1.0, 2.0],
        };
        // (4 - 3) * 5 + (6 - 3) * 7 = 4 * 5 + 6 * 7 - 3 * 12
        let mut out = [0.0; 2];
        from_sums(&[62, -2], &levels, &columns, &mut out);
        close(out[0], 27.0, 1e-6);
        close(out[1], -8.0, 1e-6);
    }
}
