//! The encoder of all-MiniLM-L6-v2, as candle's matrix products and the loops of [`crate::kernel`].
//!
//! It computes what `candle_transformers::models::bert` computes (a test holds it to that), for one text without padding and
//! with the three projections of attention as one product.

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

use crate::{
    DIMENSIONS,
    kernel::{BiasGelu, LayerNorm, Softmax},
};

const LAYERS: usize = 6;
const HEADS: usize = 12;
const INNER: usize = 1_536;
const VOCABULARY: usize = 30_522;
const POSITIONS: usize = 512;

/// The encoder with its weights.
pub struct Bert {
    words: Tensor,
    /// The summand of each place, with the type of a first sentence in it: there is never a second.
    places: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
}

struct Layer {
    /// The query, key and value beside each other. The query is scaled by the root of a head's width.
    attention: Linear,
    out: Linear,
    out_norm: Norm,
    /// The weights that widen, transposed. They are without their bias, which [`BiasGelu`] adds.
    widen: Tensor,
    widen_bias: Vec<f32>,
    narrow: Linear,
    narrow_norm: Norm,
}

/// A matrix product and its summand.
struct Linear {
    /// The weights, transposed, as the product takes them.
    weight: Tensor,
    bias: Tensor,
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Linear {
    fn load(weights: &VarBuilder, from: usize, to: usize) -> Result<Self> {
        Ok(Self {
            weight: weights.get((to, from), "weight")?.t()?,
            bias: weights.get(to, "bias")?,
        })
    }

    fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        rows.matmul(&self.weight)?.broadcast_add(&self.bias)
    }
}

impl Norm {
    fn load(weights: &VarBuilder) -> Result<Self> {
        let values = |name| weights.get(DIMENSIONS, name)?.to_vec1();
        Ok(Self {
            weight: values("weight")?,
            bias: values("bias")?,
        })
    }

    /// Normalises the rows of a tensor that nobody else holds.
    fn apply(&self, rows: Tensor) -> Result<Tensor> {
        rows.inplace_op1(&LayerNorm {
            weight: &self.weight,
            bias: &self.bias,
        })?;
        Ok(rows)
    }
}

impl Layer {
    fn load(weights: &VarBuilder) -> Result<Self> {
        let attention = weights.pp("attention.self");
        let [query, key, value] =
            ["query", "key", "value"].map(|name| Linear::load(&attention.pp(name), DIMENSIONS, DIMENSIONS));
        let (query, key, value) = (query?, key?, value?);
        let scale = 1.0 / ((DIMENSIONS / HEADS) as f64).sqrt();
        let widen = Linear::load(&weights.pp("intermediate.dense"), DIMENSIONS, INNER)?;
        Ok(Self {
            attention: Linear {
                weight: Tensor::cat(&[(query.weight * scale)?, key.weight, value.weight], 1)?,
                bias: Tensor::cat(&[(query.bias * scale)?, key.bias, value.bias], 0)?,
            },
            out: Linear::load(&weights.pp("attention.output.dense"), DIMENSIONS, DIMENSIONS)?,
            out_norm: Norm::load(&weights.pp("attention.output.LayerNorm"))?,
            widen: widen.weight,
            widen_bias: widen.bias.to_vec1()?,
            narrow: Linear::load(&weights.pp("output.dense"), INNER, DIMENSIONS)?,
            narrow_norm: Norm::load(&weights.pp("output.LayerNorm"))?,
        })
    }

    fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        let count = rows.dim(0)?;
        let projected = self.attention.forward(rows)?;
        // Head by head: (heads, tokens, width of a head).
        let part = |n: usize| {
            let part = projected.narrow(1, n * DIMENSIONS, DIMENSIONS)?;
            part.reshape((count, HEADS, DIMENSIONS / HEADS))?
                .transpose(0, 1)?
                .contiguous()
        };
        let weights = part(0)?.matmul(&part(1)?.t()?)?;
        weights.inplace_op1(&Softmax(count))?;
        let mixed = weights
            .matmul(&part(2)?)?
            .transpose(0, 1)?
            .reshape((count, DIMENSIONS))?;
        let rows = self.out_norm.apply((self.out.forward(&mixed)? + rows)?)?;

        let wide = rows.matmul(&self.widen)?;
        wide.inplace_op1(&BiasGelu(&self.widen_bias))?;
        self.narrow_norm.apply((self.narrow.forward(&wide)? + rows)?)
    }
}

impl Bert {
    pub fn load(weights: &VarBuilder) -> Result<Self> {
        let embeddings = weights.pp("embeddings");
        let places = embeddings.get((POSITIONS, DIMENSIONS), "position_embeddings.weight")?;
        let kinds = embeddings.get((2, DIMENSIONS), "token_type_embeddings.weight")?;
        Ok(Self {
            words: embeddings.get((VOCABULARY, DIMENSIONS), "word_embeddings.weight")?,
            places: places.broadcast_add(&kinds.get(0)?)?,
            norm: Norm::load(&embeddings.pp("LayerNorm"))?,
            layers: (0..LAYERS)
                .map(|n| Layer::load(&weights.pp(format!("encoder.layer.{n}"))))
                .collect::<Result<_>>()?,
        })
    }

    /// Returns the vectors of the tokens: (tokens, [`DIMENSIONS`]).
    pub fn forward(&self, tokens: &[u32]) -> Result<Tensor> {
        let words = self.words.index_select(&Tensor::new(tokens, &Device::Cpu)?, 0)?;
        let mut rows = self.norm.apply((words + self.places.narrow(0, 0, tokens.len())?)?)?;
        for layer in &self.layers {
            rows = layer.forward(&rows)?;
        }
        Ok(rows)
    }
}
