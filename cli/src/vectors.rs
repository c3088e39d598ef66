//! The vectors of resumes and jobs, computed on every core or taken from the cache.

use std::{error::Error, path::PathBuf};

use inventure_embedding::{DIMENSIONS, EmbedError, Embedder, MODEL_VERSION};

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

/// Returns the vector of each text, in the order given. `None` where there is nothing to embed.
pub fn all(
    embedder: &Embedder,
    texts: &[String],
    cache: Option<&Cache>,
    progress: &Progress,
) -> Result<Vec<Option<Vec<f32>>>, EmbedError> {
    let mut vectors = Vec::with_capacity(texts.len());
    for batch in texts.chunks(reader::cores() * BATCH_PER_CORE) {
        let known: Vec<Option<Vec<f32>>> = batch.iter().map(|text| kept(cache?, text)).collect();
        let missing = batch.iter().zip(&known).filter(|(_, known)| known.is_none());
        let missing: Vec<&str> = missing.map(|(text, _)| text.as_str()).collect();
        let mut computed = embedder.embed_all(&missing).into_iter();
        for (text, known) in batch.iter().zip(known) {
            let vector = match known {
                Some(vector) => vector,
                None => match computed.next() {
                    Some(Ok(vector)) => keep(cache, text, vector),
                    // Nothing to embed is nothing known, and ranked as that.
                    Some(Err(EmbedError::Empty)) | None => Vec::new(),
                    Some(Err(error)) => return Err(error),
                },
            };
            vectors.push((!vector.is_empty()).then_some(vector));
            progress.step();
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
