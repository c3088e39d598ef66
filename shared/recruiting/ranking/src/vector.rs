//! Vectors of one byte a dimension, and the exact scan over them.

use serde::{Deserialize, Serialize};

/// Dimensions of every vector in an index.
pub const DIMENSIONS: usize = 384;

/// A unit vector with each dimension rounded to a signed byte: `value ≈ byte × scale`. A quarter of the memory of floats, and
/// integer sums come out the same on every machine. The cosine of two of them is off by less than 0.01.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vector {
    /// The value of one step of a byte.
    pub scale: f32,
    /// [`DIMENSIONS`] signed bytes.
    pub bytes: Vec<i8>,
}

impl Vector {
    /// Rounds `values`; `None` unless they are [`DIMENSIONS`] finite numbers, not all zero.
    #[must_use]
    pub fn quantise(values: &[f32]) -> Option<Self> {
        let largest = values.iter().fold(0_f32, |largest, value| largest.max(value.abs()));
        let sound = values.len() == DIMENSIONS && largest > 0.0 && values.iter().all(|value| value.is_finite());
        sound.then(|| {
            let scale = largest / 127.0;
            Self {
                scale,
                bytes: values.iter().map(|value| (value / scale).round() as i8).collect(),
            }
        })
    }

    /// Whether this could have come out of [`Vector::quantise`].
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.bytes.len() == DIMENSIONS && self.scale.is_finite() && self.scale > 0.0
    }

    /// The cosine with `other`, if both are unit vectors.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f64 {
        let dot: i32 = self
            .bytes
            .iter()
            .zip(&other.bytes)
            .map(|(a, b)| i32::from(*a) * i32::from(*b))
            .sum();
        f64::from(dot) * f64::from(self.scale) * f64::from(other.scale)
    }

    /// Returns the mean direction of unit vectors, as one vector; `None` of none.
    #[must_use]
    pub fn mean<'a>(vectors: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut sum = [0_f32; DIMENSIONS];
        for vector in vectors {
            for (sum, byte) in sum.iter_mut().zip(&vector.bytes) {
                *sum += f32::from(*byte) * vector.scale;
            }
        }
        let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            for value in &mut sum {
                *value /= length;
            }
        }
        Self::quantise(&sum)
    }

    /// Returns the bytes as they lie in a file.
    pub(crate) fn to_row(&self) -> impl Iterator<Item = u8> {
        self.bytes.iter().map(|byte| *byte as u8)
    }

    fn widened(&self) -> [i16; DIMENSIONS] {
        let mut wide = [0; DIMENSIONS];
        for (wide, byte) in wide.iter_mut().zip(&self.bytes) {
            *wide = i16::from(*byte);
        }
        wide
    }
}

/// The dot product of `query` with every row of `rows` ([`DIMENSIONS`] bytes each), in integers. `rows` are the bytes of a
/// file, hence unsigned; each stands for the signed byte of the same bits.
#[must_use]
pub fn scan(query: &Vector, rows: &[u8]) -> Vec<i32> {
    let query = query.widened();
    // One function, compiled for each instruction set, chosen by what the processor has.
    pulp::Arch::new().dispatch(|| {
        let (rows, _) = rows.as_chunks::<DIMENSIONS>();
        rows.iter().map(|row| dot(&query, row)).collect()
    })
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it must be compiled with the instruction set of its caller"
)]
fn dot(query: &[i16; DIMENSIONS], row: &[u8; DIMENSIONS]) -> i32 {
    let mut sum = 0;
    for (query, byte) in query.iter().zip(row) {
        sum += i32::from(*query) * i32::from(*byte as i8);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(seed: usize) -> Vec<f32> {
        let values: Vec<f32> = (0..DIMENSIONS)
            .map(|i| ((i * 7 + seed * 13) % 29) as f32 - 14.0)
            .collect();
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        values.iter().map(|v| v / length).collect()
    }

    #[test]
    fn rounding_costs_less_than_a_hundredth() {
        for (a, b) in [(1, 2), (3, 3), (5, 11)] {
            let exact: f32 = unit(a).iter().zip(unit(b)).map(|(a, b)| a * b).sum();
            let rounded = Vector::quantise(&unit(a))
                .unwrap()
                .cosine(&Vector::quantise(&unit(b)).unwrap());
            assert!((f64::from(exact) - rounded).abs() < 0.01, "{exact} {rounded}");
        }
    }

    #[test]
    fn the_scan_agrees_with_the_plain_sum() {
        let vectors: Vec<_> = (0..33).map(|seed| Vector::quantise(&unit(seed)).unwrap()).collect();
        let rows: Vec<u8> = vectors
            .iter()
            .flat_map(|v| v.bytes.iter().map(|byte| *byte as u8))
            .collect();
        let dots = scan(&vectors[4], &rows);
        for (vector, dot) in vectors.iter().zip(dots) {
            let plain = f64::from(dot) * f64::from(vector.scale) * f64::from(vectors[4].scale);
            assert!((plain - vectors[4].cosine(vector)).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_not_a_direction_is_no_vector() {
        assert_eq!(Vector::quantise(&[0.0; DIMENSIONS]), None);
        assert_eq!(Vector::quantise(&[1.0; 3]), None);
        assert_eq!(Vector::quantise(&[f32::NAN; DIMENSIONS]), None);
    }
}
