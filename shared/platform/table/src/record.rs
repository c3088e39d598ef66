//! Records: what a domain keeps in a table, each with the key that it is stored under.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::table::{Item, Key, StoreError, to_item};

/// A record of a table.
pub trait Record: Serialize + DeserializeOwned + Send + Sync {
    /// The name of the record's kind in the `entity` attribute, for readers of the raw table.
    const ENTITY: &'static str;

    /// The prefix of its partition keys, or the one key. Functions have rights to it by this.
    const PARTITION: &'static str;

    /// The prefix of its partition keys in the secondary index; empty where it does not stand there.
    const INDEX: &'static str = "";

    /// The primary key that the record is stored under.
    fn key(&self) -> Key;

    /// The partition and the sort key of the record in the secondary index; `None` where it does not stand there.
    fn index(&self) -> Option<(String, String)> {
        None
    }
}

/// A record as it is stored: its own fields, its keys and its entity name.
pub(crate) fn item_of<R: Record>(record: &R) -> Result<Item, StoreError> {
    let mut item = to_item(record)?;
    let Key { pk, sk } = record.key();
    if !pk.starts_with(R::PARTITION) {
        return Err(StoreError::Corrupt(
            format!("{} is in no partition of its own", R::ENTITY).into(),
        ));
    }
    let mut set = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::S(value));
    set("pk", pk);
    set("sk", sk);
    set("entity", R::ENTITY.to_owned());
    if let Some((partition, sort)) = record.index() {
        if R::INDEX.is_empty() || !partition.starts_with(R::INDEX) {
            return Err(StoreError::Corrupt(
                format!("{} is in no index of its own", R::ENTITY).into(),
            ));
        }
        set("gsi1pk", partition);
        set("gsi1sk", sort);
    }
    Ok(item)
}
