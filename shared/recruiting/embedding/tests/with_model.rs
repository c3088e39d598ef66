//! The tests that need the real weights. `cargo xtask test` fetches them.

use std::{path::PathBuf, sync::LazyLock};

use inventure_embedding::{DIMENSIONS, EmbedError, Embedder, MAX_PIECES};

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
            (found - published).abs() < 0.01,
            "{a} {b}: {found}, published {published}"
        );
    }
}

/// The vectors of the same weights in `f32`, by candle 0.11.
#[test]
fn vectors_are_those_of_the_weights_in_f32() {
    #[derive(serde::Deserialize)]
    struct Known {
        text: String,
        vector: Vec<f32>,
    }
    let known: Vec<Known> = include_str!("fixtures/f32.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ours: Vec<Vec<f32>> = known.iter().map(|known| EMBEDDER.embed(&known.text).unwrap()).collect();
    for (n, (a, exact)) in ours.iter().zip(&known).enumerate() {
        let own = cosine(a, &exact.vector);
        assert!(own > 0.994, "{}: {own} to itself", exact.text);
        for (b, other) in ours.iter().zip(&known).take(n) {
            let (found, expected) = (cosine(a, b), cosine(&exact.vector, &other.vector));
            assert!(
                (found - expected).abs() < 0.02,
                "{} and {}: {found}, in f32 {expected}",
                exact.text,
                other.text
            );
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
