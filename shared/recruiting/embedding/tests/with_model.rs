//! The tests that need the real weights. `cargo xtask test` fetches them.

use std::{path::PathBuf, sync::LazyLock};

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, HiddenAct, PositionEmbeddingType};
use inventure_embedding::{DIMENSIONS, EmbedError, Embedder, MAX_PIECES};
use tokenizers::Tokenizer;

static EMBEDDER: LazyLock<Embedder> = LazyLock::new(load);

#[expect(
    clippy::panic,
    reason = "without weights these tests can only fail, and say how to get them"
)]
fn load() -> Embedder {
    let dir = model_dir();
    Embedder::load(&dir).unwrap_or_else(|error| panic!("{error} in {}: `cargo xtask test` fetches it", dir.display()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told by the environment where the weights lie"
)]
fn model_dir() -> PathBuf {
    if let Ok(dir) = std::env::var("INVENTURE_MODEL_DIR") {
        return dir.into();
    }
    let cache = std::env::var("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|_| PathBuf::from(std::env::var("HOME").unwrap_or_default()).join(".cache"));
    cache.join("inventure/models/all-MiniLM-L6-v2")
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn cosines_are_the_published_ones() {
    // The quick start of sentence-transformers prints these for this model.
    let vectors = EMBEDDER.embed_all(&[
        "The weather is lovely today.",
        "It's so sunny outside!",
        "He drove to the stadium.",
    ]);
    let vectors: Vec<_> = vectors.into_iter().map(Result::unwrap).collect();
    for (a, b, published) in [(0, 0, 1.0), (0, 1, 0.6660), (0, 2, 0.1046), (1, 2, 0.1411)] {
        let found = cosine(&vectors[a], &vectors[b]);
        assert!(
            (found - published).abs() < 5e-4,
            "{a} {b}: {found}, published {published}"
        );
    }
}

#[test]
fn the_encoder_computes_what_candles_own_does() {
    let dir = model_dir();
    let weights = std::fs::read(dir.join("model.safetensors")).unwrap();
    let variables = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).unwrap();
    let reference = BertModel::load(variables, &config()).unwrap();
    let mut tokenizer = Tokenizer::from_file(dir.join("tokenizer.json")).unwrap();
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).unwrap();
    for text in [
        "Rust",
        "Registered nurse, intensive care, night shifts.",
        &"senior software engineer in Berlin, payments and ledgers, ".repeat(20),
    ] {
        let pieces = tokenizer.encode(text, true).unwrap();
        let ids = Tensor::new(pieces.get_ids(), &Device::Cpu)
            .unwrap()
            .unsqueeze(0)
            .unwrap();
        let tokens = reference.forward(&ids, &ids.zeros_like().unwrap(), None).unwrap();
        let mean: Vec<f32> = tokens.mean(1).unwrap().squeeze(0).unwrap().to_vec1().unwrap();
        let length = cosine(&mean, &mean).sqrt();
        for (ours, theirs) in EMBEDDER.embed(text).unwrap().iter().zip(mean) {
            assert!((ours - theirs / length).abs() < 2e-6, "{ours}, {}", theirs / length);
        }
    }
}

#[test]
fn a_long_text_is_read_to_its_end() {
    let filler = "managed the warehouse and counted the stock every evening. ".repeat(200);
    let plain = EMBEDDER.embed(&filler).unwrap();
    let other = EMBEDDER
        .embed(&format!("{filler} quantum chromodynamics lattice simulation"))
        .unwrap();
    assert_eq!(plain.len(), DIMENSIONS);
    assert!((cosine(&other, &other) - 1.0).abs() < 1e-5);
    assert!(cosine(&plain, &other) < 0.9999, "the last words left no trace");
}

#[test]
fn what_cannot_be_embedded_is_an_error() {
    assert!(matches!(EMBEDDER.embed(" \n"), Err(EmbedError::Empty)));
    let error = EMBEDDER.embed(&"word ".repeat(MAX_PIECES + 1)).unwrap_err();
    assert!(
        matches!(error, EmbedError::TooLong { pieces } if pieces == MAX_PIECES + 1),
        "{error}"
    );
}

#[test]
fn a_vector_does_not_depend_on_the_threads() {
    let two = load().with_threads(2).unwrap();
    let text = "Registered nurse, intensive care, night shifts. ".repeat(40);
    assert_eq!(two.embed(&text).unwrap(), EMBEDDER.embed(&text).unwrap());
}

/// Returns the `config.json` of all-MiniLM-L6-v2.
fn config() -> Config {
    Config {
        vocab_size: 30_522,
        hidden_size: DIMENSIONS,
        num_hidden_layers: 6,
        num_attention_heads: 12,
        intermediate_size: 1_536,
        hidden_act: HiddenAct::Gelu,
        hidden_dropout_prob: 0.1,
        max_position_embeddings: 512,
        type_vocab_size: 2,
        initializer_range: 0.02,
        layer_norm_eps: 1e-12,
        pad_token_id: 0,
        position_embedding_type: PositionEmbeddingType::Absolute,
        use_cache: true,
        classifier_dropout: None,
        model_type: Some("bert".to_owned()),
    }
}
