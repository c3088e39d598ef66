//! The port to what must stay secret.

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::table::StoreError;

/// A secret text that is read from elsewhere.
///
/// # Errors
/// [`StoreError::Unavailable`] when it cannot be had just now.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The secret's text.
    async fn read(&self) -> Result<String, StoreError>;

    /// Returns a key made from the secret for one purpose: SHA-256 over the purpose and the text. A reader of one key learns
    /// no other.
    async fn derived(&self, purpose: &str) -> Result<[u8; 32], StoreError> {
        let text = self.read().await?;
        let mut hash = Sha256::new();
        for part in [purpose, &text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Ok(hash.finalize().into())
    }
}

/// A secret that is known; for tests.
pub struct Known(pub String);

#[async_trait]
impl Secrets for Known {
    async fn read(&self) -> Result<String, StoreError> {
        Ok(self.0.clone())
    }
}
