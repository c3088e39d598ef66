//! The outbox, put on the bus.
//!
//! Every function that changes a record writes the event into the table in the same transaction; the table's stream brings it
//! here. Each event is published at least once, and in the order in which a function wrote those about one record. A stream record
//! that cannot be read, or whose event its writer may not say, is set aside on a queue for a person, and the shard goes on.
//!
//! A role writes to its own function's part of the outbox alone, so the key says who wrote an event. Consumers act on an event's type
//! (settlement books a funded reserve): without this check, any function that writes events could move another one's money.

pub mod aws;

use std::collections::HashSet;

use async_trait::async_trait;
use aws_lambda_events::{
    dynamodb::EventRecord,
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use inventure_events::writers_of;
use inventure_table::change::{OUTBOX_PREFIX, OutboxItem};
use serde_json::Value;

/// Most entries of one call to the bus.
pub const BATCH: usize = 10;

/// The longest event that is published, in bytes. The bus takes 256 KB in one call, so one alone always passes; a line to a large room
/// may address hundreds of people.
const EVENT_BYTES_MAX: usize = 200_000;

/// An event on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The event's type, for the bus's rules.
    pub kind: String,
    /// The whole envelope, JSON.
    pub detail: String,
}

/// The reason for which something was not taken.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct Refused {
    /// The reason, for the log.
    pub reason: String,
    /// Whether it is never taken, however often it is tried.
    pub for_good: bool,
}

impl Refused {
    /// A refusal that may pass by itself.
    pub fn for_now(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            for_good: false,
        }
    }
}

/// The bus that events are published to.
///
/// # Errors
/// One outcome for each entry, in order. An entry that is refused may be sent again.
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Publishes up to [`BATCH`] entries.
    async fn publish(&self, entries: &[Entry]) -> Vec<Result<(), Refused>>;
}

/// The place for stream records that cannot be read.
///
/// # Errors
/// [`Refused`] when the record could not be set aside; it must then not be skipped.
#[async_trait]
pub trait Parking: Send + Sync {
    /// Sets a record aside.
    async fn park(&self, record: &Value, reason: &str) -> Result<(), Refused>;
}

struct Pending {
    /// Place in the batch.
    position: usize,
    sequence_number: String,
    key: String,
    entry: Entry,
    /// The stream record, to be set aside if the bus never takes the event.
    record: Value,
}

/// Publishes the outbox items among a batch of stream records. The response names the first record that is not through; the
/// stream begins again from there, so what follows it may be published twice, which every consumer takes.
pub async fn handle(payload: Value, bus: &dyn EventBus, parking: &dyn Parking) -> DynamoDbEventResponse {
    let Value::Array(records) = payload["Records"].clone() else {
        tracing::error!("relay.not_a_stream_batch");
        return DynamoDbEventResponse::default();
    };
    let mut pending = Vec::new();
    for record in records {
        let sequence_number = record["dynamodb"]["SequenceNumber"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        match read(&record) {
            Ok(None) => {}
            Ok(Some((key, entry))) => pending.push(Pending {
                position: pending.len(),
                sequence_number,
                key,
                entry,
                record,
            }),
            Err(reason) => {
                tracing::error!(sequence_number, reason, "relay.record_set_aside");
                if let Err(error) = parking.park(&record, &reason).await {
                    tracing::error!(sequence_number, error = %error, "relay.parking_failed");
                    // Neither published nor kept anywhere else: the stream must bring it again.
                    let published = publish(pending, bus, parking).await;
                    return failed_from(published.or(Some(sequence_number)));
                }
            }
        }
    }
    failed_from(publish(pending, bus, parking).await)
}

fn failed_from(sequence_number: Option<String>) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    if let Some(sequence_number) = sequence_number {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number);
        response.batch_item_failures.push(failure);
        inventure_api::metrics::failed();
    }
    response
}

/// The event in a stream record, and what it is about; nothing where the record is no new outbox item.
fn read(record: &Value) -> Result<Option<(String, Entry)>, String> {
    let record: EventRecord = serde_json::from_value(record.clone()).map_err(|error| error.to_string())?;
    if record.event_name != "INSERT" {
        return Ok(None);
    }
    let item: OutboxItem =
        serde_dynamo::from_item(record.change.new_image).map_err(|error| format!("no outbox item: {error}"))?;
    if !item.pk.starts_with(OUTBOX_PREFIX) {
        return Ok(None);
    }
    let event: Value = serde_json::from_str(&item.event).map_err(|error| format!("no JSON: {error}"))?;
    let kind = event["type"].as_str().ok_or("an event without a type")?.to_owned();
    let (writer, _) = item.origin().ok_or("a key that names no function")?;
    if !writers_of(&kind).contains(&writer) {
        return Err(format!("{writer} may not say {kind}"));
    }
    // Written anew: in what was written a name might stand twice, and a consumer read the other type than was looked at here.
    let detail = event.to_string();
    if detail.len() > EVENT_BYTES_MAX {
        return Err(format!("{kind} has {} bytes", detail.len()));
    }
    Ok(Some((item.pk, Entry { kind, detail })))
}

/// Publishes in rounds that hold at most one event of each key. Within one call to the bus an earlier entry may fail while a
/// later one goes through, and for one record that would turn the order around. What the bus never takes is set aside, or it would hold up
/// everybody's events. Gives the first that is not through.
async fn publish(mut pending: Vec<Pending>, bus: &dyn EventBus, parking: &dyn Parking) -> Option<String> {
    while !pending.is_empty() {
        let mut keys = HashSet::new();
        let (mut round, mut rest) = (Vec::new(), Vec::new());
        for event in pending {
            // A key that had to wait once waits for good, or a later event of it would overtake.
            if round.len() < BATCH
                && !rest.iter().any(|waiting: &Pending| waiting.key == event.key)
                && keys.insert(event.key.clone())
            {
                round.push(event);
            } else {
                rest.push(event);
            }
        }
        let entries: Vec<Entry> = round.iter().map(|event| event.entry.clone()).collect();
        let outcomes = bus.publish(&entries).await;
        let mut failed: Vec<&Pending> = Vec::new();
        for (at, event) in round.iter().enumerate() {
            match outcomes.get(at) {
                Some(Ok(())) => tracing::info!(kind = event.entry.kind, "event.published"),
                outcome => {
                    let refused = outcome.and_then(|outcome| outcome.as_ref().err());
                    let reason = refused.map_or("no answer", |refused| &refused.reason);
                    tracing::error!(kind = event.entry.kind, reason, "event.refused");
                    let for_good = refused.is_some_and(|refused| refused.for_good);
                    if !for_good || parking.park(&event.record, reason).await.is_err() {
                        failed.push(event);
                    }
                }
            }
        }
        if !failed.is_empty() {
            // What waited for a later round may stand before what failed in this one, and is not through either.
            let not_through = failed.into_iter().chain(&rest);
            return not_through
                .min_by_key(|event| event.position)
                .map(|event| event.sequence_number.clone());
        }
        pending = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use serde_json::json;

    #[derive(Default)]
    struct Bus {
        published: Mutex<Vec<String>>,
        refuse: Vec<&'static str>,
        for_good: bool,
    }

    #[async_trait]
    impl EventBus for Bus {
        async fn publish(&self, entries: &[Entry]) -> Vec<Result<(), Refused>> {
            let mut published = self.published.lock().unwrap();
            let mut outcomes = Vec::new();
            for entry in entries {
                let event: Value = serde_json::from_str(&entry.detail).unwrap();
                let name = event["data"].as_str().unwrap().to_owned();
                if self.refuse.contains(&name.as_str()) {
                    outcomes.push(Err(Refused {
                        reason: "no".to_owned(),
                        for_good: self.for_good,
                    }));
                } else {
                    published.push(name);
                    outcomes.push(Ok(()));
                }
            }
            outcomes
        }
    }

    #[derive(Default)]
    struct Lot {
        parked: Mutex<u32>,
        full: bool,
    }

    #[async_trait]
    impl Parking for Lot {
        async fn park(&self, _: &Value, _: &str) -> Result<(), Refused> {
            if self.full {
                return Err(Refused::for_now("full"));
            }
            *self.parked.lock().unwrap() += 1;
            Ok(())
        }
    }

    fn record(sequence: u32, about: &str, name: &str) -> Value {
        json!({
            "eventID": sequence.to_string(), "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "Keys": { "pk": { "S": format!("OUTBOX#jobs#{about}") }, "sk": { "S": name } },
                "NewImage": {
                    "pk": { "S": format!("OUTBOX#jobs#{about}") }, "sk": { "S": name }, "expires_at": { "N": "1" },
                    "event": { "S": json!({ "type": "JobPosted", "data": name }).to_string() },
                },
                "SequenceNumber": sequence.to_string(), "SizeBytes": 1, "StreamViewType": "NEW_IMAGE",
            },
        })
    }

    async fn run(records: Vec<Value>, bus: &Bus, lot: &Lot) -> Option<String> {
        let response = handle(json!({ "Records": records }), bus, lot).await;
        response
            .batch_item_failures
            .into_iter()
            .next()
            .and_then(|failure| failure.item_identifier)
    }

    #[tokio::test]
    async fn everything_is_published_in_order_per_record() {
        let (bus, lot) = (Bus::default(), Lot::default());
        let records = (0..30)
            .map(|n| record(n, &format!("job_{}", n % 3), &format!("{}.{n:02}", n % 3)))
            .collect();
        assert_eq!(run(records, &bus, &lot).await, None);
        let published = bus.published.into_inner().unwrap();
        assert_eq!(published.len(), 30);
        for about in ["0.", "1.", "2."] {
            let of_one: Vec<_> = published.iter().filter(|name| name.starts_with(about)).collect();
            assert!(of_one.is_sorted(), "{of_one:?}");
        }
    }

    #[tokio::test]
    async fn what_is_refused_comes_again_before_its_followers() {
        let (bus, lot) = (
            Bus {
                refuse: vec!["a1"],
                ..Bus::default()
            },
            Lot::default(),
        );
        let records = vec![
            record(1, "b", "b1"),
            record(2, "a", "a1"),
            record(3, "a", "a2"),
            record(4, "c", "c1"),
        ];
        assert_eq!(run(records, &bus, &lot).await.as_deref(), Some("2"));
        assert!(
            !bus.published.into_inner().unwrap().contains(&"a2".to_owned()),
            "a2 must not overtake a1"
        );
    }

    #[tokio::test]
    async fn what_the_bus_never_takes_holds_up_nobody() {
        let (bus, lot) = (
            Bus {
                refuse: vec!["a1"],
                for_good: true,
                ..Bus::default()
            },
            Lot::default(),
        );
        let records = || vec![record(1, "b", "b1"), record(2, "a", "a1"), record(3, "a", "a2")];
        assert_eq!(run(records(), &bus, &lot).await, None);
        assert_eq!(*bus.published.lock().unwrap(), ["b1", "a2"]);
        assert_eq!(*lot.parked.lock().unwrap(), 1);
        let full = Lot {
            full: true,
            ..Lot::default()
        };
        assert_eq!(run(records(), &bus, &full).await.as_deref(), Some("2"));
    }

    #[tokio::test]
    async fn an_event_that_is_too_long_or_names_two_types_is_not_what_it_seems() {
        let (bus, lot) = (Bus::default(), Lot::default());
        let with = |event: String| {
            let mut record = record(1, "a", "a1");
            record["dynamodb"]["NewImage"]["event"]["S"] = json!(event);
            record
        };
        let long = with(json!({ "type": "JobPosted", "data": "x".repeat(EVENT_BYTES_MAX) }).to_string());
        let two = with(r#"{"type":"JobPosted","data":"a1","type":"ReserveFunded"}"#.to_owned());
        let first = with(r#"{"type":"ReserveFunded","data":"a2","type":"JobPosted"}"#.to_owned());
        assert_eq!(run(vec![long, two], &bus, &lot).await, None);
        assert_eq!(*lot.parked.lock().unwrap(), 2);
        let (_, entry) = read(&first).unwrap().unwrap();
        assert!(
            entry.kind == "JobPosted" && !entry.detail.contains("ReserveFunded"),
            "{}",
            entry.detail
        );
    }

    #[tokio::test]
    async fn what_waited_for_a_later_round_is_not_forgotten() {
        let (bus, lot) = (
            Bus {
                refuse: vec!["b1"],
                ..Bus::default()
            },
            Lot::default(),
        );
        let records = vec![record(1, "a", "a1"), record(2, "a", "a2"), record(3, "b", "b1")];
        assert_eq!(run(records, &bus, &lot).await.as_deref(), Some("2"));
    }

    #[tokio::test]
    async fn an_unreadable_record_is_set_aside_and_the_rest_goes_on() {
        let (bus, lot) = (Bus::default(), Lot::default());
        let mut broken = record(1, "a", "a1");
        broken["dynamodb"]["NewImage"]["event"]["S"] = json!("not json");
        let records = vec![broken, json!({ "nonsense": true }), record(3, "a", "a2")];
        assert_eq!(run(records, &bus, &lot).await, None);
        assert_eq!(*lot.parked.lock().unwrap(), 2);
        assert_eq!(*bus.published.lock().unwrap(), ["a2"]);
    }

    #[tokio::test]
    async fn an_event_that_its_writer_may_not_say_is_set_aside() {
        let (bus, lot) = (Bus::default(), Lot::default());
        let said = |sequence: u32, pk: &str, kind: &str| {
            let mut record = record(sequence, "a", kind);
            record["dynamodb"]["NewImage"]["pk"]["S"] = json!(pk);
            record["dynamodb"]["NewImage"]["event"]["S"] = json!(json!({ "type": kind, "data": kind }).to_string());
            record
        };
        let records = vec![
            said(1, "OUTBOX#jobs#a", "ReserveFunded"),
            said(2, "OUTBOX#payment-webhook#a", "ReserveFunded"),
            said(3, "OUTBOX#payment-webhook", "ReserveFunded"),
            said(4, "OUTBOX##payment-webhook#a", "ReserveFunded"),
            said(5, "OUTBOX#jobs#payment-webhook#a", "ReserveFunded"),
            said(6, "OUTBOX#jobs#a", "Unheard"),
        ];
        assert_eq!(run(records, &bus, &lot).await, None);
        assert_eq!(*lot.parked.lock().unwrap(), 5);
        assert_eq!(*bus.published.lock().unwrap(), ["ReserveFunded"]);
    }

    #[tokio::test]
    async fn a_record_that_cannot_be_set_aside_is_not_skipped() {
        let (bus, lot) = (
            Bus::default(),
            Lot {
                full: true,
                ..Lot::default()
            },
        );
        let mut broken = record(2, "a", "a1");
        broken["dynamodb"]["NewImage"]["event"]["S"] = json!("not json");
        assert_eq!(
            run(vec![record(1, "b", "b1"), broken], &bus, &lot).await.as_deref(),
            Some("2")
        );
    }

    #[tokio::test]
    async fn a_new_version_is_blamed_for_a_batch_that_comes_again_and_for_no_other() {
        let broken = || {
            let mut record = record(1, "a", "a1");
            record["dynamodb"]["NewImage"]["event"]["S"] = json!("not json");
            record
        };
        for (full, counts) in [(false, 0), (true, 1)] {
            let lot = Lot { full, ..Lot::default() };
            let before = inventure_api::metrics::failures();
            run(vec![broken()], &Bus::default(), &lot).await;
            assert_eq!(inventure_api::metrics::failures() - before, counts, "{full}");
        }
    }
}
