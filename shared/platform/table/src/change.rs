//! A change: records, the events they cause and the answer to remember, written in one transaction.
//!
//! An event is an item of the table (the outbox) written together with what it reports, so that there is never one without the
//! other; the table's stream carries it to the `relay`, which puts it on the bus.

use inventure_events::Envelope;
use inventure_api::{
    http::Answer,
    idempotency::{Idempotency, Remembered},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    records::{Record, item_of},
    table::{Condition, Item, Key, Outcome, StoreError, Table, Write, from_item, to_item},
};

/// Prefix of the partition keys of the outbox; the relay's stream filter names it too.
pub const OUTBOX_PREFIX: &str = "OUTBOX#";
/// How long a published event stays in the outbox, for replay by hand.
const OUTBOX_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long a key and its answer are remembered.
const IDEMPOTENCY_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The longest answer that is kept, in bytes. A longer one would not fit into its item, and nobody could write with a key.
const ANSWER_BYTES_MAX: usize = 100_000;

/// An event waiting to be published.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutboxItem {
    /// `OUTBOX#` and the record it is about: the stream keeps the order within a partition key.
    pub pk: String,
    /// The event's id.
    pub sk: String,
    /// The event, JSON.
    pub event: String,
    /// Epoch second after which the table may drop it.
    pub expires_at: i64,
}

/// Whether a change happened.
#[derive(Debug, Clone)]
pub enum Commit {
    /// All of it.
    Done,
    /// None of it: a record was not as the change expected.
    Conflict,
    /// None of it: the events it would cause have been written before, by an earlier delivery of the same cause.
    Repeated,
    /// None of it: the idempotency key was used before (or just now, by a parallel request); this is what it answered.
    Replayed(Box<Remembered>),
}

/// A set of writes in the making.
#[derive(Debug, Default)]
pub struct Change {
    writes: Vec<Write>,
    outbox: Vec<usize>,
    idempotency: Option<(usize, Key)>,
    error: Option<StoreError>,
}

impl Change {
    /// An empty change.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it writes and checks nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.error.is_none()
    }

    /// Adds a record that must not be there yet.
    #[must_use]
    pub fn insert<R: Record>(self, record: &R) -> Self {
        self.put(record, Condition::Absent)
    }

    /// Replaces a record that must still be at the version it was read at.
    #[must_use]
    pub fn update<R: Record>(self, record: &R, read_at_version: u64) -> Self {
        self.put(record, Condition::Version(read_at_version))
    }

    /// Leaves a record as it is, and does everything else only if it still has the version that was read.
    #[must_use]
    pub fn unchanged<R: Record>(self, record: &R, read_at_version: u64) -> Self {
        self.check(record.key(), Condition::Version(read_at_version))
    }

    /// Writes a record on a condition of the caller's.
    #[must_use]
    pub fn put<R: Record>(mut self, record: &R, condition: Condition) -> Self {
        match item_of(record) {
            Ok(item) => self.writes.push(Write::Put(item, condition)),
            Err(error) => self.error = Some(error),
        }
        self
    }

    /// Removes an item.
    #[must_use]
    pub fn delete(mut self, key: Key, condition: Condition) -> Self {
        self.writes.push(Write::Delete(key, condition));
        self
    }

    /// Leaves an item as it is, and does everything else only if it meets the condition.
    #[must_use]
    pub fn check(mut self, key: Key, condition: Condition) -> Self {
        self.writes.push(Write::Check(key, condition));
        self
    }

    /// How many writes it has so far.
    pub(crate) const fn len(&self) -> usize {
        self.writes.len()
    }

    /// Everything of this and of another change, in one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let shift = self.writes.len();
        self.writes.extend(other.writes);
        self.outbox
            .extend(other.outbox.into_iter().map(|position| position + shift));
        self.idempotency = self
            .idempotency
            .or(other.idempotency.map(|(position, key)| (position + shift, key)));
        self.error = self.error.or(other.error);
        self
    }

    /// Publishes an event about the record `about` (a job's id, say). Events about one record keep their order.
    #[must_use]
    pub fn emit(mut self, about: impl std::fmt::Display, envelope: &Envelope) -> Self {
        let item = serde_json::to_string(envelope)
            .map_err(|error| StoreError::Corrupt(error.into()))
            .and_then(|event| {
                to_item(&OutboxItem {
                    pk: format!("{OUTBOX_PREFIX}{about}"),
                    sk: envelope.id.to_string(),
                    event,
                    expires_at: after(envelope.occurred_at, OUTBOX_KEPT),
                })
            });
        match item {
            Ok(item) => {
                self.outbox.push(self.writes.len());
                self.writes.push(Write::Put(item, Condition::Absent));
            }
            Err(error) => self.error = Some(error),
        }
        self
    }

    /// Remembers the answer under the client's key, if it sent one. `owner` keeps one person's keys apart from another's. Of an answer that is too
    /// long the status alone is remembered.
    #[must_use]
    pub fn remember(mut self, owner: &str, idempotency: Option<&Idempotency>, answer: &Answer, now: Timestamp) -> Self {
        let Some(idempotency) = idempotency else { return self };
        let key = idempotency_key(owner, &idempotency.key);
        let body = answer.body.to_string();
        let body = if body.len() > ANSWER_BYTES_MAX {
            serde_json::json!({ "repeated": true, "id": answer.body.get("id") }).to_string()
        } else {
            body
        };
        let item = to_item(&IdempotencyItem {
            pk: key.pk.clone(),
            sk: key.sk.clone(),
            expires_at: after(now, IDEMPOTENCY_KEPT),
            remembered: Remembered {
                fingerprint: idempotency.fingerprint.clone(),
                status: answer.status.as_u16(),
                body,
            },
        });
        match item {
            Ok(item) => {
                self.idempotency = Some((self.writes.len(), key));
                self.writes.push(Write::Put(item, Condition::Absent));
            }
            Err(error) => self.error = Some(error),
        }
        self
    }

    /// Does it, and says which writes did not hold instead of what that means for the caller.
    pub(crate) async fn transact(self, table: &dyn Table) -> Result<Outcome, StoreError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.writes.iter().try_for_each(Write::check)?;
        table.transact(self.writes).await
    }

    pub(crate) async fn commit(mut self, table: &dyn Table) -> Result<Commit, StoreError> {
        let (outbox, idempotency) = (std::mem::take(&mut self.outbox), self.idempotency.take());
        let Outcome::Refused(refused) = self.transact(table).await? else {
            return Ok(Commit::Done);
        };
        if let Some((position, key)) = idempotency
            && refused.contains(&position)
            && let Some(item) = table.get(&key).await?
        {
            return Ok(Commit::Replayed(Box::new(from_item(item)?)));
        }
        let repeated = outbox.iter().any(|position| refused.contains(position));
        Ok(if repeated { Commit::Repeated } else { Commit::Conflict })
    }
}

#[derive(Serialize)]
struct IdempotencyItem {
    pk: String,
    sk: String,
    expires_at: i64,
    #[serde(flatten)]
    remembered: Remembered,
}

/// Where a key's answer is kept. Hashed, so that a client's text never becomes part of a key of ours.
pub(crate) fn idempotency_key(owner: &str, key: &str) -> Key {
    let hash = hex::encode(Sha256::digest(format!("{}:{owner}:{key}", owner.len())));
    Key::new(format!("IDEMPOTENCY#{hash}"), "ANSWER")
}

fn after(time: Timestamp, kept: SignedDuration) -> i64 {
    time.saturating_add(kept).unwrap_or(Timestamp::MAX).as_second()
}

/// The outbox item as the relay finds it in a stream record.
pub fn outbox_item(item: Item) -> Result<OutboxItem, StoreError> {
    from_item(item)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use inventure_api::Problem;

    use super::*;
    use crate::{Store, memory::MemoryTable};

    #[tokio::test]
    async fn an_answer_too_long_to_keep_is_repeated_by_its_status() {
        let store = Store::new(Arc::new(MemoryTable::default()));
        let idempotency = Idempotency::new("key", "POST", "/deals/1/moves", b"{}").unwrap();
        let key = Some(&idempotency);
        let long = serde_json::json!({ "id": "dea_1", "text": "x".repeat(500_000) });
        let answer = Answer::created(&long).unwrap();
        let done = store
            .finish(Change::new(), "ada", key, answer, Problem::not_found())
            .await;
        assert_eq!(done.unwrap().body, long);
        let repeated = store.remembered("ada", key).await.unwrap().unwrap();
        assert_eq!(repeated.status.as_u16(), 201);
        assert_eq!(repeated.body, serde_json::json!({ "repeated": true, "id": "dea_1" }));
    }
}
