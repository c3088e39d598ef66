//! The model that makes vectors of texts.

use std::sync::Arc;

use async_trait::async_trait;
use inventure_api::batch::Failure;
use inventure_embedding::{Embedder, TOKENIZER_FILE, WEIGHTS_FILE};
use inventure_table::Objects;
use tokio::sync::OnceCell;

/// The largest model file that is loaded.
const MAX_BYTES: u64 = 512 << 20;

/// A model that makes vectors of texts.
///
/// # Errors
/// Fails when the model cannot be had just now, or the text has nothing to embed.
#[async_trait]
pub trait Model: Send + Sync {
    /// Returns the unit vector of a text.
    async fn embed(&self, text: &str) -> Result<Vec<f32>, Failure>;
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
        Ok(Arc::new(Embedder::from_bytes(weights, &tokenizer)?))
    }
}

#[async_trait]
impl Model for LazyModel {
    async fn embed(&self, text: &str) -> Result<Vec<f32>, Failure> {
        let embedder = Arc::clone(self.embedder.get_or_try_init(|| self.load()).await?);
        let text = text.to_owned();
        // Arithmetic for a tenth of a second: off the thread that keeps the connections alive.
        Ok(tokio::task::spawn_blocking(move || embedder.embed(&text)).await??)
    }
}
