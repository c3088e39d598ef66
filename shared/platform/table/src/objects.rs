//! The port to a bucket.

use async_trait::async_trait;

use crate::table::StoreError;

/// A bucket of objects.
///
/// # Errors
/// Every method fails with [`StoreError::Unavailable`] when the bucket does not answer in bounded time, and with nothing else
/// but what its own text names.
#[async_trait]
pub trait Objects: Send + Sync {
    /// An object's bytes; `None` where there is none. [`StoreError::TooLarge`] past `max_bytes`, before they are read.
    async fn get(&self, key: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Puts an object.
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError>;

    /// Puts an object where there is none; says whether it did.
    async fn add(&self, key: &str, bytes: Vec<u8>) -> Result<bool, StoreError>;

    /// Removes an object; no error where there is none.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// The keys with this prefix, in order; also those of which only older versions are left.
    async fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// Removes an object with all its versions; no error where there is none.
    async fn erase(&self, key: &str) -> Result<(), StoreError>;
}
