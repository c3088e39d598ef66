//! The model that makes vectors of texts.

use std::sync::Arc;

use async_trait::async_trait;
use inventure_api::batch::Failure;
use inventure_embedding::{EmbedError, Embedder, TOKENIZER_FILE, WEIGHTS_FILE};
use inventure_table::Objects;
use tokio::sync::OnceCell;

/// The largest model file that is loaded.
const MAX_BYTES: u64 = 512 << 20;

/// A model that makes vectors of texts.
///
/// # Errors
/// Fails when the model cannot be had just now.
#[async_trait]
pub trait Model: Send + Sync {
    /// Returns the unit vector of each text, in their order; `None` of a text without words.
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Option<Vec<f32>>>, Failure>;
}

/// The model from the artifacts bucket, fetched when the first text comes. A function that has only removals to do need not wait
/// for 90 MB.
pub struct LazyModel {
    artifacts: Arc<dyn Objects>,
    prefix: String,
    embedder: OnceCell<Arc<Embedder>>,
}

impl LazyModel {
    /// Creates the model whose files lie under `prefix`.
    #[must_use]
    pub fn new(artifacts: Arc<dyn Objects>, prefix: String) -> Self {
        Self {
            artifacts,
            prefix,
            embedder: OnceCell::new(),
        }
    }

    async fn load(&self) -> Result<Arc<Embedder>, Failure> {
        let mut files = Vec::new();
        for name in [WEIGHTS_FILE, TOKENIZER_FILE] {
            let key = format!("{}/{name}", self.prefix.trim_end_matches('/'));
            let bytes = self.artifacts.get(&key, MAX_BYTES).await?;
            files.push(bytes.ok_or_else(|| format!("{key} is not in the artifacts bucket; deploy puts it there"))?);
        }
        let tokenizer = files.pop().unwrap_or_default();
        let weights = files.pop().unwrap_or_default();
        Ok(Arc::new(Embedder::from_bytes(&weights, &tokenizer)?))
    }
}

#[async_trait]
impl Model for LazyModel {
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Option<Vec<f32>>>, Failure> {
        let embedder = Arc::clone(self.embedder.get_or_try_init(|| self.load()).await?);
        // Arithmetic for a tenth of a second: off the thread that keeps the connections alive.
        tokio::task::spawn_blocking(move || {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let embedded = embedder.embed_all(&texts).into_iter();
            let vectors = embedded.map(|vector| match vector {
                Ok(vector) => Ok(Some(vector)),
                Err(EmbedError::Empty) => Ok(None),
                Err(error) => Err(error.into()),
            });
            vectors.collect()
        })
        .await?
    }
}
