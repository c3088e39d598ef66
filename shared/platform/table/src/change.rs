//! A change: records and the events they cause, written in one transaction.
//!
//! An event is an item of the table (the outbox) written together with what it reports, so that there is never one without the
//! other; the table's stream carries it to the `relay`, which puts it on the bus.

use aws_sdk_dynamodb::types::AttributeValue;
use inventure_events::Envelope;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Record,
    record::item_of,
    table::{Condition, Item, Key, Outcome, StoreError, Table, Write, from_item, to_item},
};

/// Prefix of the partition keys of the outbox; the relay's stream filter names it too. The writing function's name follows, so that a
/// role puts no event there that is another function's to tell.
pub const OUTBOX_PREFIX: &str = "OUTBOX#";
/// The time for which a published event stays in the outbox, for replay by hand.
const OUTBOX_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// An event waiting to be published.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutboxItem {
    /// `OUTBOX#<function>#<record>`: the function that wrote the event, and the record it is about. The stream keeps the order within a
    /// partition key.
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
    /// The whole change was made.
    Done,
    /// Nothing was changed: a record was not as the change expected.
    Conflict,
    /// Nothing was changed: the events it would cause have been written before, by an earlier delivery of the same cause.
    Repeated,
    /// Nothing was changed: what was to be written once ([`Change::once`]) is there already, and this is it.
    Before(Item),
}

/// A set of writes in the making.
#[derive(Debug, Default)]
pub struct Change {
    writes: Vec<Write>,
    outbox: Vec<usize>,
    once: Option<(usize, Key)>,
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

    /// The number of writes that the change has so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.writes.len()
    }

    /// Everything of this and of another change, in one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let shift = self.writes.len();
        self.writes.extend(other.writes);
        self.outbox
            .extend(other.outbox.into_iter().map(|position| position + shift));
        self.once = self.once.or(other.once.map(|(position, key)| (position + shift, key)));
        self.error = self.error.or(other.error);
        self
    }

    /// Publishes an event about the record `about` (a job's id, say). The events of one function about one record keep their order.
    #[must_use]
    pub fn emit(mut self, about: impl std::fmt::Display, envelope: &Envelope) -> Self {
        let item = serde_json::to_string(envelope)
            .map_err(|error| StoreError::Corrupt(error.into()))
            .and_then(|event| {
                to_item(&OutboxItem {
                    // The store that writes it puts its function in front.
                    pk: about.to_string(),
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

    /// Adds a record that says that all this was done. If it is there already, nothing is done, and [`Commit::Before`] shows
    /// it. A change has one such record.
    #[must_use]
    pub fn once<R: Record>(mut self, record: &R) -> Self {
        self.once = Some((self.writes.len(), record.key()));
        self.insert(record)
    }

    /// Makes the change, and says which writes did not hold instead of what that means for the caller.
    pub(crate) async fn transact(mut self, table: &dyn Table, function: &str) -> Result<Outcome, StoreError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        for position in self.outbox {
            if let Some(Write::Put(item, _)) = self.writes.get_mut(position)
                && let Some(AttributeValue::S(about)) = item.get_mut("pk")
            {
                *about = format!("{OUTBOX_PREFIX}{function}#{about}");
            }
        }
        self.writes.iter().try_for_each(Write::check)?;
        table.transact(self.writes).await
    }

    pub(crate) async fn commit(mut self, table: &dyn Table, function: &str) -> Result<Commit, StoreError> {
        let (outbox, once) = (self.outbox.clone(), self.once.take());
        let Outcome::Refused(refused) = self.transact(table, function).await? else {
            return Ok(Commit::Done);
        };
        if let Some((position, key)) = once
            && refused.contains(&position)
            && let Some(item) = table.get(&key).await?
        {
            return Ok(Commit::Before(item));
        }
        let repeated = outbox.iter().any(|position| refused.contains(position));
        Ok(if repeated { Commit::Repeated } else { Commit::Conflict })
    }
}

fn after(time: Timestamp, kept: SignedDuration) -> i64 {
    time.saturating_add(kept).unwrap_or(Timestamp::MAX).as_second()
}

impl OutboxItem {
    /// The function that wrote the event, and the record it is about. `None` where the key is none of the outbox.
    #[must_use]
    pub fn origin(&self) -> Option<(&str, &str)> {
        self.pk.strip_prefix(OUTBOX_PREFIX)?.split_once('#')
    }
}

/// The outbox item as the relay finds it in a stream record.
pub fn outbox_item(item: Item) -> Result<OutboxItem, StoreError> {
    from_item(item)
}
