//! The encoder of all-MiniLM-L6-v2, for one text without padding.
//!
//! The products with weights are of whole numbers, which a processor multiplies several times as fast; everything else is in
//! `f32`. A test holds the vectors to those of the same weights in `f32`.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::NdTensorView;
use safetensors::SafeTensors;

use crate::{
    DIMENSIONS, EmbedError,
    kernel::{self, Columns, Levels},
};

const LAYERS: usize = 6;
const HEADS: usize = 12;
const HEAD: usize = DIMENSIONS / HEADS;
const INNER: usize = 1_536;
const VOCABULARY: usize = 30_522;
const POSITIONS: usize = 512;

/// The largest weight as a whole number. With seven bits no product of AVX2 overflows its sixteen, so that every processor
/// finds the same sums.
const LARGEST: f32 = 63.0;

/// The encoder with its weights.
pub struct Bert {
    words: Vec<f32>,
    /// The summand of each place, with the type of a first sentence in it: there is never a second.
    places: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

/// The products of matrices, on the widest instructions of this processor. It stays on its thread.
#[derive(Default)]
struct Gemm {
    exact: GemmExecutor<f32>,
    whole: GemmExecutor<u8, i8, i32>,
}

/// The memory that a text is worked on in. To ask for it anew in each layer takes longer than some of the products.
#[derive(Default)]
pub struct Scratch {
    gemm: Gemm,
    rows: Vec<f32>,
    projected: Vec<f32>,
    /// The weights of attention of one head.
    weights: Vec<f32>,
    /// The means of one head.
    own: Vec<f32>,
    mixed: Vec<f32>,
    out: Vec<f32>,
    wide: Vec<f32>,
    levels: Levels,
    sums: Vec<i32>,
}

struct Layer {
    /// The query, key and value beside each other. The query is scaled by the root of a head's width.
    attention: Linear,
    out: Linear,
    out_norm: Norm,
    widen: Linear,
    narrow: Linear,
    narrow_norm: Norm,
}

/// A product with weights, and its summand.
struct Linear {
    weight: PackedBMatrix<i8>,
    columns: Columns,
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// The weights of a file, by name.
struct Weights<'a>(SafeTensors<'a>);

impl Weights<'_> {
    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let tensor = self.0.tensor(name)?;
        if tensor.shape() != shape || tensor.dtype() != safetensors::Dtype::F32 {
            return Err(EmbedError::Shape { name: name.to_owned() });
        }
        let (values, _) = tensor.data().as_chunks();
        Ok(values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// Returns the weights (a row an output) and the bias of a layer.
    fn linear(&self, name: &str, from: usize, to: usize) -> Result<(Vec<f32>, Vec<f32>), EmbedError> {
        Ok((
            self.get(&format!("{name}.weight"), &[to, from])?,
            self.get(&format!("{name}.bias"), &[to])?,
        ))
    }
}

impl Linear {
    /// Brings weights, a row of `from` for each output, to whole numbers.
    fn new((rows, bias): (Vec<f32>, Vec<f32>), from: usize, gemm: &Gemm) -> Self {
        let mut levels = Vec::with_capacity(rows.len());
        let mut columns = Columns {
            bias,
            ..Columns::default()
        };
        for row in rows.chunks_exact(from) {
            let largest = row
                .iter()
                .fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
            let step = largest / LARGEST;
            levels.extend(row.iter().map(|weight| (weight / step).round() as i8));
            columns.steps.push(step);
            columns
                .totals
                .push(levels.iter().rev().take(from).map(|level| i32::from(*level)).sum());
        }
        let matrix = NdTensorView::from_data([columns.bias.len(), from], levels.as_slice());
        Self {
            weight: gemm.whole.prepack_b(matrix.transposed()),
            columns,
        }
    }

    fn load(weights: &Weights<'_>, name: &str, from: usize, to: usize, gemm: &Gemm) -> Result<Self, EmbedError> {
        Ok(Self::new(weights.linear(name, from, to)?, from, gemm))
    }

    /// Writes the rows times the weights, plus the bias, to `out`.
    fn forward(
        &self,
        rows: &[f32],
        out: &mut Vec<f32>,
        (levels, sums): (&mut Levels, &mut Vec<i32>),
        gemm: &Gemm,
    ) -> Result<(), EmbedError> {
        let width = self.weight.rows();
        let count = rows.len() / width;
        kernel::to_levels(rows, width, levels);
        sums.resize(count * self.weight.cols(), 0);
        gemm.whole.gemm(
            sums,
            GemmInputA::Unpacked(NdTensorView::from_data([count, width], levels.values.as_slice())),
            GemmInputB::Packed(&self.weight),
            GemmOptions::default(),
        )?;
        out.resize(sums.len(), 0.0);
        kernel::from_sums(sums, levels, &self.columns, out);
        Ok(())
    }
}

impl Norm {
    fn load(weights: &Weights<'_>, name: &str) -> Result<Self, EmbedError> {
        Ok(Self {
            weight: weights.get(&format!("{name}.weight"), &[DIMENSIONS])?,
            bias: weights.get(&format!("{name}.bias"), &[DIMENSIONS])?,
        })
    }

    fn apply(&self, rows: &mut [f32]) {
        kernel::layer_norm(rows, &self.weight, &self.bias);
    }
}

impl Layer {
    fn load(weights: &Weights<'_>, name: &str, gemm: &Gemm) -> Result<Self, EmbedError> {
        let projection = |part| weights.linear(&format!("{name}.attention.self.{part}"), DIMENSIONS, DIMENSIONS);
        let (mut rows, mut bias) = projection("query")?;
        let scale = 1.0 / (HEAD as f32).sqrt();
        rows.iter_mut().chain(&mut bias).for_each(|value| *value *= scale);
        for part in ["key", "value"] {
            let (more_rows, more_bias) = projection(part)?;
            rows.extend(more_rows);
            bias.extend(more_bias);
        }
        let linear = |part: &str, from, to| Linear::load(weights, &format!("{name}.{part}"), from, to, gemm);
        Ok(Self {
            attention: Linear::new((rows, bias), DIMENSIONS, gemm),
            out: linear("attention.output.dense", DIMENSIONS, DIMENSIONS)?,
            out_norm: Norm::load(weights, &format!("{name}.attention.output.LayerNorm"))?,
            widen: linear("intermediate.dense", DIMENSIONS, INNER)?,
            narrow: linear("output.dense", INNER, DIMENSIONS)?,
            narrow_norm: Norm::load(weights, &format!("{name}.output.LayerNorm"))?,
        })
    }

    /// Turns the rows of the layer before into those of this one.
    fn forward(&self, scratch: &mut Scratch) -> Result<(), EmbedError> {
        let Scratch {
            gemm,
            rows,
            projected,
            mixed,
            out,
            wide,
            levels,
            sums,
            weights,
            own,
        } = scratch;
        self.attention.forward(rows, projected, (levels, sums), gemm)?;
        mix(projected, mixed, (weights, own), gemm)?;
        self.out.forward(mixed, out, (levels, sums), gemm)?;
        add(out, rows);
        self.out_norm.apply(out);

        self.widen.forward(out, wide, (levels, sums), gemm)?;
        kernel::gelu(wide);
        self.narrow.forward(wide, rows, (levels, sums), gemm)?;
        add(rows, out);
        self.narrow_norm.apply(rows);
        Ok(())
    }
}

/// Writes attention to `mixed`. It is each token's mean of all values, weighted by how its query and their keys agree.
fn mix(
    projected: &[f32],
    mixed: &mut Vec<f32>,
    (weights, own): (&mut Vec<f32>, &mut Vec<f32>),
    gemm: &Gemm,
) -> Result<(), EmbedError> {
    let count = projected.len() / (3 * DIMENSIONS);
    let all = NdTensorView::from_data([count, 3 * DIMENSIONS], projected);
    mixed.resize(count * DIMENSIONS, 0.0);
    weights.resize(count * count, 0.0);
    own.resize(count * HEAD, 0.0);
    for head in 0..HEADS {
        let part = |n: usize| {
            let start = n * DIMENSIONS + head * HEAD;
            all.slice((.., start..start + HEAD))
        };
        gemm.exact.gemm(
            weights,
            GemmInputA::Unpacked(part(0)),
            GemmInputB::Unpacked(part(1).transposed()),
            GemmOptions::default(),
        )?;
        kernel::softmax(weights, count);
        gemm.exact.gemm(
            own,
            GemmInputA::Unpacked(NdTensorView::from_data([count, count], weights.as_slice())),
            GemmInputB::Unpacked(part(2)),
            GemmOptions::default(),
        )?;
        for (row, own) in mixed.chunks_exact_mut(DIMENSIONS).zip(own.chunks_exact(HEAD)) {
            row[head * HEAD..(head + 1) * HEAD].copy_from_slice(own);
        }
    }
    Ok(())
}

fn add(rows: &mut [f32], others: &[f32]) {
    for (value, other) in rows.iter_mut().zip(others) {
        *value += other;
    }
}

impl Bert {
    /// Loads the weights of a safetensors file.
    pub fn load(file: &[u8]) -> Result<Self, EmbedError> {
        let weights = Weights(SafeTensors::deserialize(file)?);
        let gemm = Gemm::default();
        let table = |name: &str, rows| weights.get(&format!("embeddings.{name}.weight"), &[rows, DIMENSIONS]);
        let mut places = table("position_embeddings", POSITIONS)?;
        let kinds = table("token_type_embeddings", 2)?;
        for place in places.chunks_exact_mut(DIMENSIONS) {
            add(place, &kinds[..DIMENSIONS]);
        }
        Ok(Self {
            words: table("word_embeddings", VOCABULARY)?,
            places,
            norm: Norm::load(&weights, "embeddings.LayerNorm")?,
            layers: (0..LAYERS)
                .map(|n| Layer::load(&weights, &format!("encoder.layer.{n}"), &gemm))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Returns the vectors of at most [`POSITIONS`] tokens, a row of [`DIMENSIONS`] each.
    pub fn forward<'s>(&self, tokens: &[u32], scratch: &'s mut Scratch) -> Result<&'s [f32], EmbedError> {
        scratch.rows.clear();
        for token in tokens {
            let start = *token as usize * DIMENSIONS;
            let word = self.words.get(start..start + DIMENSIONS);
            scratch.rows.extend_from_slice(word.ok_or(EmbedError::Token(*token))?);
        }
        add(&mut scratch.rows, &self.places);
        self.norm.apply(&mut scratch.rows);
        for layer in &self.layers {
            layer.forward(scratch)?;
        }
        Ok(&scratch.rows)
    }
}
