//! The port to a key-value table, as small as the access patterns allow. Items are read by key or by a range of one
//! partition, and written whole, many at once, each on a condition.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

/// The longest partition key, of the table and of its index.
pub(crate) const PK_BYTES_MAX: usize = 2_048;
/// The longest sort key.
pub(crate) const SK_BYTES_MAX: usize = 1_024;

/// An item as the table holds it.
pub type Item = HashMap<String, AttributeValue>;

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    /// A key from its parts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }

    /// Refuses a key that the table does not take. Parts of keys come from outside, as the id of a payment does.
    ///
    /// # Errors
    /// [`StoreError::KeyTooLong`].
    pub fn check(&self) -> Result<(), StoreError> {
        if self.pk.len() > PK_BYTES_MAX || self.sk.len() > SK_BYTES_MAX {
            return Err(StoreError::KeyTooLong);
        }
        Ok(())
    }

    /// The key an item is stored under.
    #[must_use]
    pub fn of(item: &Item) -> Option<Self> {
        let text = |name: &str| item.get(name)?.as_s().ok().cloned();
        Some(Self {
            pk: text("pk")?,
            sk: text("sk")?,
        })
    }
}

/// The most writes of one transaction.
pub const WRITES_MAX: usize = 100;

/// The most bytes of all items of one transaction.
pub const TRANSACTION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most bytes of an item, names included.
pub const ITEM_BYTES_MAX: usize = 400 * 1024;

/// The most keys of one batch read.
pub const KEYS_MAX: usize = 100;

/// The bytes that an item takes in the table. They are counted by DynamoDB's own rules for names, values, lists and maps.
#[must_use]
pub fn bytes_of(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + bytes(value)).sum()
}

/// The bytes that a value takes in the table; of a number about.
fn bytes(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number_bytes(number),
        AttributeValue::B(blob) => blob.as_ref().len(),
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + bytes(value)).sum::<usize>(),
        AttributeValue::M(map) => {
            let parts = map.iter().map(|(name, value)| 1 + name.len() + bytes(value));
            3 + parts.sum::<usize>()
        }
        AttributeValue::Ss(set) => set.iter().map(String::len).sum(),
        AttributeValue::Ns(set) => set.iter().map(|number| number_bytes(number)).sum(),
        AttributeValue::Bs(set) => set.iter().map(|blob| blob.as_ref().len()).sum(),
        _ => 1,
    }
}

fn number_bytes(number: &str) -> usize {
    1 + digits(number).div_ceil(2) + usize::from(number.starts_with('-'))
}

/// The significant digits of a number.
pub(crate) fn digits(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

/// The condition that must hold for a write to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// No condition: the last write wins. Only for items of which every writer writes the same.
    None,
    /// There is no such item yet.
    Absent,
    /// The item is there, at this `version`.
    Version(u64),
    /// The item is not there, has no such attribute, or has there a whole number below the value.
    Below(&'static str, u64),
}

impl Condition {
    /// The item is as it was read: at this version, or not there where the version is 0.
    #[must_use]
    pub const fn at(version: u64) -> Self {
        match version {
            0 => Self::Absent,
            version => Self::Version(version),
        }
    }
}

/// One write of a transaction.
#[derive(Debug, Clone)]
pub enum Write {
    /// Puts an item, replacing what is there.
    Put(Item, Condition),
    /// Removes an item.
    Delete(Key, Condition),
    /// Leaves an item as it is, and holds the transaction to its condition.
    Check(Key, Condition),
}

/// The error of a writer that would change what only grows.
pub(crate) fn write_once() -> StoreError {
    StoreError::Corrupt("what only grows is not changed".into())
}

impl Write {
    /// The partition that it is in; none of an item that has no key.
    #[must_use]
    pub fn partition(&self) -> &str {
        match self {
            Self::Put(item, _) => item.get("pk").and_then(|pk| pk.as_s().ok()).map_or("", String::as_str),
            Self::Delete(key, _) | Self::Check(key, _) => &key.pk,
        }
    }

    /// Whether it changes nothing that is there: it adds an item, or looks at one.
    #[must_use]
    pub fn adds(&self) -> bool {
        matches!(self, Self::Put(_, Condition::Absent) | Self::Check(..))
    }

    /// Refuses keys that the table or its index does not take.
    ///
    /// # Errors
    /// [`StoreError::KeyTooLong`].
    pub fn check(&self) -> Result<(), StoreError> {
        let item = match self {
            Self::Put(item, _) => item,
            Self::Delete(key, _) | Self::Check(key, _) => return key.check(),
        };
        let text = |name: &str| {
            item.get(name)
                .and_then(|value| value.as_s().ok())
                .cloned()
                .unwrap_or_default()
        };
        Key::new(text("pk"), text("sk")).check()?;
        Key::new(text("gsi1pk"), text("gsi1sk")).check()
    }
}

/// Whether a transaction happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The whole transaction was done.
    Done,
    /// Nothing was done: these writes' conditions (by position) did not hold.
    Refused(Vec<usize>),
}

/// A range of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The partition key.
    pub pk: String,
    /// Read the secondary index instead of the table.
    pub index: bool,
    /// Only sort keys with this prefix.
    pub prefix: String,
    /// Only sort keys past this one, in reading order.
    pub after: Option<String>,
    /// Largest sort keys first.
    pub descending: bool,
    /// The most items to return.
    pub limit: usize,
}

impl Query {
    /// The items of a partition whose sort keys have a prefix.
    pub fn table(pk: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            index: false,
            prefix: prefix.into(),
            after: None,
            descending: false,
            limit: 1_000,
        }
    }

    /// The items of a partition of the secondary index, newest (largest sort key) first.
    pub fn index(pk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            index: true,
            prefix: String::new(),
            after: None,
            descending: true,
            limit: 1_000,
        }
    }
}

impl Query {
    /// Refuses a range whose keys the table does not take: a cursor comes from outside.
    ///
    /// # Errors
    /// [`StoreError::KeyTooLong`].
    pub fn check(&self) -> Result<(), StoreError> {
        let after = self.after.as_deref().unwrap_or_default();
        [self.prefix.as_str(), after]
            .into_iter()
            .try_for_each(|sk| Key::new(self.pk.as_str(), sk).check())
    }
}

/// The errors of a table or a bucket.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store does not answer, or throttles beyond the bounded retries. Nothing is known to have been written; trying
    /// again is safe because every write is conditional.
    #[error("the store is not answering")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An item is not what its type says.
    #[error("a stored item cannot be read")]
    Corrupt(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An item or object is over the bound its writer set.
    #[error("an item is over the size limit")]
    TooLarge,
    /// A key is longer than the table takes. Nothing was asked of it.
    #[error("a key is over the size limit")]
    KeyTooLong,
}

/// A key-value table.
///
/// # Errors
/// Every method fails with [`StoreError::Unavailable`] when the table does not answer in bounded time, and with nothing else
/// but what its own text names. A mistake in the request, as one item twice in a transaction, is answered in the same way, and
/// nothing is written. Reads are strongly consistent except on the index, which shows a write some time later.
#[async_trait]
pub trait Table: Send + Sync {
    /// Reads one item by its key; `None` where there is none.
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError>;

    /// Reads up to 100 items by distinct keys, in the order of the keys. Absent ones are left out. They may be of any size together.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError>;

    /// Reads a range of a partition, in order, at most `limit` items.
    async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError>;

    /// Does all of up to 100 writes to distinct items, of 4 MB together and 400 KB each, or none.
    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, StoreError>;

    /// Adds one to each of these distinct number attributes of an item that is nothing but counters. Returns their new values, in the
    /// order of the names. The item appears with the first count and may be dropped after `expires_at` (epoch seconds).
    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError>;
}

/// A stored item as its type.
pub fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|error| StoreError::Corrupt(error.into()))
}

/// A value as an item.
pub fn to_item<T: Serialize>(value: &T) -> Result<Item, StoreError> {
    serde_dynamo::aws_sdk_dynamodb_1::to_item(value).map_err(|error| StoreError::Corrupt(error.into()))
}
