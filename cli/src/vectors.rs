//! The vectors of resumes and jobs, computed on every core or taken from the cache.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    path::PathBuf,
};

use inventure_embedding::{DIMENSIONS, EmbedError, Embedder, MODEL_VERSION};
use inventure_ranking::profile::{EmbeddingText, Vectors};

use crate::{
    cache::{self, Cache},
    progress::Progress,
    reader,
};

/// The texts for each core from one sign of progress to the next.
const BATCH_PER_CORE: usize = 8;

/// Loads the model from the folder that was named, or the one where it usually lies.
pub fn load(model: Option<PathBuf>) -> Result<Embedder, Box<dyn Error>> {
    let dir = model
        .or_else(model_dir)
        .ok_or("there is no home folder to look for the model in: name it with --model")?;
    let embedder = Embedder::load(&dir).and_then(|embedder| embedder.with_threads(reader::cores()));
    embedder.map_err(|error| match error {
        EmbedError::Read { .. } => format!(
            "no model in {}: `cargo xtask test` fetches it, or name its folder with --model, or rank without it by --lexical-only",
            dir.display()
        )
        .into(),
        other => other.into(),
    })
}

fn model_dir() -> Option<PathBuf> {
    std::env::var_os("INVENTURE_MODEL_DIR")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(cache::users_cache()?.join("models/all-MiniLM-L6-v2")))
}

/// Returns the vectors of each document's texts, in the order given. A text that several share is embedded once.
pub fn of(
    embedder: &Embedder,
    documents: &[EmbeddingText],
    cache: Option<&Cache>,
    progress: &Progress,
) -> Result<Vec<Vectors>, EmbedError> {
    let mut known: BTreeMap<String, Option<Vec<f32>>> = BTreeMap::new();
    let mut vectors = Vec::with_capacity(documents.len());
    for batch in documents.chunks(reader::cores() * BATCH_PER_CORE) {
        let mut texts: BTreeSet<&str> = batch.iter().flat_map(EmbeddingText::texts).collect();
        texts.retain(|text| !known.contains_key(*text));
        let mut missing = Vec::new();
        for text in texts {
            match cache.and_then(|cache| kept(cache, text)) {
                Some(vector) => _ = known.insert(text.to_owned(), Some(vector)),
                None => missing.push(text),
            }
        }
        for (text, embedded) in missing.iter().zip(embedder.embed_all(&missing)) {
            let vector = match embedded {
                Ok(vector) => Some(keep(cache, text, vector)),
                // Nothing to embed is nothing known, and ranked as that.
                Err(EmbedError::Empty) => None,
                Err(error) => return Err(error),
            };
            known.insert((*text).to_owned(), vector);
        }
        for document in batch {
            let embedded = document.texts().map(|text| known.get(text).cloned().flatten());
            vectors.push(document.vectors(embedded));
            progress.step();
        }
        // Titles come again; a resume does not.
        for document in batch {
            known.remove(&document.text);
        }
    }
    Ok(vectors)
}

fn kept(cache: &Cache, text: &str) -> Option<Vec<f32>> {
    let bytes = cache.get(&cache.key(MODEL_VERSION, text.as_bytes()))?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    let whole = numbers.len() == DIMENSIONS && rest.is_empty();
    whole.then(|| numbers.iter().copied().map(f32::from_le_bytes).collect())
}

fn keep(cache: Option<&Cache>, text: &str, vector: Vec<f32>) -> Vec<f32> {
    if let Some(cache) = cache {
        // Bit for bit, so that the next ranking is the same to the last digit.
        let bytes: Vec<u8> = vector.iter().copied().flat_map(f32::to_le_bytes).collect();
        cache.put(&cache.key(MODEL_VERSION, text.as_bytes()), &bytes);
    }
    vector
}
