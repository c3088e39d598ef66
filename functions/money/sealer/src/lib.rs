//! Seals the day: one hash over the state of every account. It is kept where nobody can change it, and told to everybody.
//!
//! The heads are kept first, in pieces under keys that hold the seal's hash, then the seal is recorded, once a day. A crash in between
//! leaves objects that nothing names; the next attempt seals anew.

use futures_util::{StreamExt, TryStreamExt, stream};
use inventure_api::batch::Failure;
use inventure_books::{
    Ledger,
    records::{SealRecord, piece_key},
};
use inventure_events::{Envelope, LedgerSealed};
use inventure_ledger::{Head, Seal, SealedDay};
use inventure_table::{Change, Commit, Objects, Record, Store, table::Query};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// The number of pieces that are written at once.
const PARALLEL: usize = 16;

/// Returns the day that is over, in UTC.
pub fn day_before(now: Timestamp) -> Result<Date, Failure> {
    Ok(now.to_zoned(TimeZone::UTC).date().checked_sub(1.day())?)
}

/// Returns the newest seal; `None` before the first.
pub async fn latest(store: &Store) -> Result<Option<SealRecord>, Failure> {
    let query = Query {
        descending: true,
        limit: 1,
        ..Query::table(SealRecord::PARTITION, "")
    };
    Ok(store.query(&query).await?.pop())
}

/// Seals a day, unless it or a later one is sealed already. Returns the newest seal.
pub async fn run(store: &Store, seals: &dyn Objects, date: Date, now: Timestamp) -> Result<Seal, Failure> {
    let previous = latest(store).await?;
    let seal = previous.map(|record| record.seal);
    if let Some(seal) = seal.as_ref().filter(|seal| seal.date >= date) {
        return Ok(seal.clone());
    }
    let heads: Vec<Head> = Ledger::new(store.clone()).all_heads().await?;
    let day = SealedDay::new(date, now, heads, seal.as_ref())?;
    let pieces = format!("seals/{date}/{}", day.seal().hash);
    let kept = day.pieces().into_iter().map(|(place, piece)| {
        let key = piece_key(&pieces, place);
        async move { Ok::<_, Failure>(seals.put(&key, serde_json::to_vec(&piece)?).await?) }
    });
    stream::iter(kept)
        .buffer_unordered(PARALLEL)
        .try_collect::<()>()
        .await?;
    let record = SealRecord {
        date,
        seal: day.seal().clone(),
        heads_key: None,
        pieces: Some(pieces),
    };
    let event = LedgerSealed {
        date: date.to_string(),
        root: day.seal().root.to_string(),
        hash: day.seal().hash.to_string(),
        accounts: day.seal().tree_size,
    };
    let envelope = Envelope::new(event.into(), now, &format!("seal-{date}"));
    let change = Change::new().insert(&record).emit("seals", &envelope);
    if let Commit::Done = store.commit(change).await? {
        return Ok(day.seal().clone());
    }
    // Another run was quicker; what it recorded is the seal of the day.
    let record: Option<SealRecord> = store.get(&SealRecord::key_of(date)).await?;
    let record = record.ok_or("the seal was neither written nor there")?;
    Ok(record.seal)
}
