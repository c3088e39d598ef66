//! The three places where a transformer is not a matrix product, in place and row by row.
//!
//! candle's own softmax and GELU call the exponential of the standard library for one number at a time; together they took
//! longer than all matrix products. These loops are written so that the compiler makes them vector instructions, of whatever
//! width the processor turns out to have.

#![expect(
    clippy::inline_always,
    reason = "each loop must be compiled with the instruction set of its caller"
)]

use candle_core::{CpuStorage, InplaceOp1, Layout, Result};

/// The numbers worked on side by side: one register of AVX-512, two of AVX2, four of NEON.
const LANES: usize = 16;

/// Softmax over rows of this length.
pub struct Softmax(pub usize);

/// GELU with the exact error function, after a bias is added to each row.
pub struct BiasGelu<'a>(pub &'a [f32]);

/// Rows brought to mean 0 and variance 1, then scaled and shifted.
pub struct LayerNorm<'a> {
    /// The factor of each column.
    pub weight: &'a [f32],
    /// The summand of each column.
    pub bias: &'a [f32],
}

impl InplaceOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        rows(storage, layout, self.0, softmax)
    }
}

impl InplaceOp1 for BiasGelu<'_> {
    fn name(&self) -> &'static str {
        "bias-gelu"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        rows(storage, layout, self.0.len(), |row| {
            for (value, bias) in row.iter_mut().zip(self.0) {
                *value = gelu(*value + bias);
            }
        })
    }
}

impl InplaceOp1 for LayerNorm<'_> {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        /// The `layer_norm_eps` of the model's `config.json`.
        const EPSILON: f32 = 1e-12;
        rows(storage, layout, self.weight.len(), |row| {
            let count = row.len() as f32;
            let mean = sum(row, |value| value) / count;
            let variance = sum(row, |value| (value - mean) * (value - mean)) / count;
            let scale = 1.0 / (variance + EPSILON).sqrt();
            for ((value, weight), bias) in row.iter_mut().zip(self.weight).zip(self.bias) {
                *value = (*value - mean) * scale * weight + bias;
            }
        })
    }
}

/// Does `work` to each row, compiled for the widest vectors of this processor.
#[inline(always)]
fn rows(storage: &mut CpuStorage, layout: &Layout, length: usize, work: impl Fn(&mut [f32])) -> Result<()> {
    let (Some((start, end)), CpuStorage::F32(values)) = (layout.contiguous_offsets(), storage) else {
        candle_core::bail!("a kernel takes contiguous f32");
    };
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            for row in values[start..end].chunks_exact_mut(length) {
                work(row);
            }
        },
    );
    Ok(())
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
fn softmax(row: &mut [f32]) {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    let max = lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max);
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
fn gelu(x: f32) -> f32 {
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
    /// The summand that rounds to a whole number and leaves that in the low bits.
    const ROUND: f32 = 12_582_912.0;
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
    use candle_core::{Device, Tensor};

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
            close(gelu(x), exact, 1e-6);
        }
    }

    #[test]
    fn rows_are_candles_own() {
        let values = Tensor::randn(0_f32, 3.0, (7, 37), &Device::Cpu).unwrap();
        let ours = values.copy().unwrap();
        ours.inplace_op1(&Softmax(37)).unwrap();
        let theirs = candle_nn::ops::softmax_last_dim(&values).unwrap();
        assert!(difference(&ours, &theirs) < 1e-6);

        let (weight, bias): (Vec<f32>, Vec<f32>) = (0..37).map(|n| (n as f32 / 10.0, 1.0 - n as f32)).unzip();
        let ours = values.copy().unwrap();
        ours.inplace_op1(&LayerNorm {
            weight: &weight,
            bias: &bias,
        })
        .unwrap();
        let row = |values: &[f32]| Tensor::new(values, &Device::Cpu).unwrap();
        let theirs = candle_nn::ops::layer_norm(&values, &row(&weight), &row(&bias), 1e-12).unwrap();
        assert!(difference(&ours, &theirs) < 1e-4);

        let ours = values.copy().unwrap();
        ours.inplace_op1(&BiasGelu(&bias)).unwrap();
        let theirs = values.broadcast_add(&row(&bias)).unwrap().gelu_erf().unwrap();
        assert!(difference(&ours, &theirs) < 1e-5);
    }

    fn difference(a: &Tensor, b: &Tensor) -> f32 {
        let worst = (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap();
        worst.to_scalar().unwrap()
    }
}
