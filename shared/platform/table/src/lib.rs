//! A key-value table, buckets and the outbox.
//!
//! **Architecture Invariant:** this is the only room that speaks DynamoDB and S3, and it knows no domain and no HTTP. Everything above it
//! sees the ports [`Table`], [`Objects`] and [`Secrets`], each with an adapter for AWS and one in memory that keeps the same contract, so that
//! every function is tested without the world, and the world is tested end to end.

pub mod aws;
pub mod change;
pub mod files;
pub mod form;
pub mod json;
pub mod link;
pub mod memory;
pub mod objects;
pub mod pages;
mod record;
pub mod retry;
pub mod secrets;
mod store;
pub mod table;
pub mod usage;

pub use change::{Change, Commit};
pub use files::{FileError, Files};
pub use form::{FormSigner, UploadForm};
pub use link::{DownloadLink, LinkSigner};
pub use objects::Objects;
pub use pages::{PageError, Pages};
pub use record::Record;
pub use secrets::Secrets;
pub use store::{Found, Store};
pub use table::{Condition, Key, StoreError, Table, Write};
