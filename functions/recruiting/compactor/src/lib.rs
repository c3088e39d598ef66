//! Makes segments of the recent writes to an index.
//!
//! Readers hold segments and ask the table for what was written since. A recent write leaves the table only after it has been
//! in a published segment for [`GRACE`], so that a reader who still holds the manifest from before finds it in one place or
//! the other, never in none.
//!
//! A removal counts at once. The bytes of what it removed leave the bucket within [`ERASED_WITHIN`] and the runs that follow:
//! the segments are made one, and those that were are erased.

use std::sync::Arc;

use inventure_api::batch::Failure;
use inventure_live_index::{
    MAX_SEGMENT_BYTES, MODEL_VERSION, entry,
    records::{DeltaEntry, IndexKind, Manifest, SHARDS, SegmentRef},
};
use inventure_ranking::{Delta, Segment, compact};
use inventure_table::{Change, Commit, Condition, Objects, Record, Store, table::Query};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// The time for which a recent write stays in the table after it is in a published segment.
pub const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// The least age of a recent write that is taken into a segment. Its place in the order is its writer's clock, so a younger one
/// may still be overtaken by one that is being written.
pub const SETTLED: SignedDuration = SignedDuration::from_secs(30);

/// The most segments that an index may have before they are made one. A few small ones cost a search little; rewriting everything
/// each time costs the more the larger the index is.
pub const MAX_SEGMENTS: usize = 8;

/// The longest time that a removal waits for the segments to be made one. A removal every few minutes must not rewrite a large
/// index as often.
pub const ERASED_WITHIN: SignedDuration = SignedDuration::from_hours(12);

/// The most recent writes of one shard taken in one run. The next run takes the rest.
const MAX_ENTRIES: usize = 5_000;

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compacted {
    /// The number of recent writes that went into a new segment.
    pub taken: usize,
    /// The number of recent writes that left the table.
    pub removed: usize,
    /// The number of segments that the index has now.
    pub segments: usize,
}

/// Compacts one index.
pub async fn run(kind: IndexKind, store: &Store, bucket: &dyn Objects, now: Timestamp) -> Result<Compacted, Failure> {
    let manifest: Option<Manifest> = store.get(&Manifest::key_of(kind)).await?;
    let manifest = match manifest {
        Some(manifest) => Some(erase_retired(store, bucket, manifest, now).await?),
        None => None,
    };
    let covered = manifest
        .as_ref()
        .map(|manifest| manifest.covers_until.clone())
        .unwrap_or_default();
    let mut until = DeltaEntry::sequence_at(now.checked_sub(SETTLED)?);
    let mut entries = Vec::new();
    for shard in 0..SHARDS {
        let query = Query {
            limit: MAX_ENTRIES,
            ..Query::table(DeltaEntry::partition(kind, shard), "")
        };
        let rows: Vec<DeltaEntry> = store.query(&query).await?;
        // What was not read must not count as covered.
        if let (MAX_ENTRIES, Some(last)) = (rows.len(), rows.last()) {
            until = until.min(last.sequence.clone());
        }
        entries.extend(rows);
    }
    let (old, rest): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.sequence <= covered);
    let new: Vec<_> = rest.into_iter().filter(|entry| entry.sequence <= until).collect();
    let mut done = Compacted {
        segments: manifest.as_ref().map_or(0, |manifest| manifest.segments.len()),
        ..Compacted::default()
    };
    if manifest
        .as_ref()
        .is_some_and(|manifest| now.duration_since(manifest.written_at) >= GRACE)
    {
        remove(store, &old).await?;
        done.removed = old.len();
    }
    // While covered writes wait for their grace to end, a new manifest would begin it anew and they would never leave.
    let waiting = done.removed < old.len();
    let erases = manifest.as_ref().is_some_and(|manifest| removal_is_due(manifest, now));
    if (!new.is_empty() || erases)
        && !waiting
        && let Some(segments) = publish(kind, store, bucket, manifest, &new, now).await?
    {
        done = Compacted {
            taken: new.len(),
            segments,
            ..done
        };
    }
    Ok(done)
}

/// Whether a removal in the segments has waited for [`ERASED_WITHIN`].
fn removal_is_due(manifest: &Manifest, now: Timestamp) -> bool {
    let since = manifest.removal_waits_since;
    since.is_some_and(|since| now.duration_since(since) >= ERASED_WITHIN)
}

/// Erases segments that no manifest has named for [`GRACE`]. Returns the manifest without them.
async fn erase_retired(
    store: &Store,
    bucket: &dyn Objects,
    manifest: Manifest,
    now: Timestamp,
) -> Result<Manifest, Failure> {
    if manifest.retired.is_empty() || now.duration_since(manifest.written_at) < GRACE {
        return Ok(manifest);
    }
    for key in &manifest.retired {
        bucket.erase(key).await?;
    }
    let next = Manifest {
        retired: Vec::new(),
        version: manifest.version + 1,
        ..manifest.clone()
    };
    let change = Change::new().update(&next, manifest.version);
    match store.commit(change).await? {
        Commit::Done => Ok(next),
        _ => Err("another run was quicker".into()),
    }
}

/// Removes recent writes that a published segment holds, a hundred in a transaction.
async fn remove(store: &Store, entries: &[DeltaEntry]) -> Result<(), Failure> {
    for chunk in entries.chunks(100) {
        let change = chunk.iter().fold(Change::new(), |change, entry| {
            change.delete(entry.key(), Condition::None)
        });
        store.commit(change).await?;
    }
    Ok(())
}

/// Writes the new entries as a segment and publishes a manifest that names it. Returns the number of segments there are then, or
/// `None` where another run was quicker.
async fn publish(
    kind: IndexKind,
    store: &Store,
    bucket: &dyn Objects,
    manifest: Option<Manifest>,
    new: &[DeltaEntry],
    now: Timestamp,
) -> Result<Option<usize>, Failure> {
    // Up to what was taken, not up to what could have been: a clock that is ahead must not cover what is yet to be written.
    let covers_until = new.iter().map(|entry| entry.sequence.clone()).max();
    let removes = new.iter().any(DeltaEntry::removes);
    let erases = manifest.as_ref().is_some_and(|manifest| removal_is_due(manifest, now));
    let mut delta = Delta::default();
    for entry in new.iter().cloned().filter_map(entry) {
        delta.apply(entry);
    }
    let before = manifest.unwrap_or_else(|| Manifest {
        kind,
        segments: Vec::new(),
        covers_until: String::new(),
        retired: Vec::new(),
        removal_waits_since: None,
        version: 0,
        written_at: now,
    });
    let (version, known, mut retired) = (before.version, before.segments, before.retired);
    let merge = erases || known.len() >= MAX_SEGMENTS;
    let sources = if merge { load(bucket, &known).await? } else { Vec::new() };
    let segment = compact(&sources, &delta, MODEL_VERSION);
    let key = format!("index/{}/{}.segment", kind.name(), Uuid::now_v7().simple());
    bucket.put(&key, segment.to_bytes().to_vec()).await?;
    let written = SegmentRef {
        key: key.clone(),
        bytes: segment.to_bytes().len() as u64,
        documents: segment.len() as u64,
    };
    let segments: Vec<SegmentRef> = if merge {
        retired.extend(known.into_iter().map(|segment| segment.key));
        vec![written]
    } else {
        known.into_iter().chain([written]).collect()
    };
    let count = segments.len();
    let waits = before.removal_waits_since.or(removes.then_some(now));
    let next = Manifest {
        kind,
        segments,
        covers_until: covers_until.unwrap_or(before.covers_until),
        retired,
        removal_waits_since: waits.filter(|_| !merge),
        version: version + 1,
        written_at: now,
    };
    let condition = Condition::at(version);
    if !matches!(store.commit(Change::new().put(&next, condition)).await?, Commit::Done) {
        // The other run's manifest stands; this segment is named nowhere.
        bucket.erase(&key).await?;
        return Ok(None);
    }
    Ok(Some(count))
}

async fn load(bucket: &dyn Objects, segments: &[SegmentRef]) -> Result<Vec<Arc<Segment>>, Failure> {
    let mut loaded = Vec::new();
    for segment in segments {
        let bytes = bucket.get(&segment.key, MAX_SEGMENT_BYTES).await?;
        let bytes = bytes.ok_or_else(|| format!("segment {} is not there", segment.key))?;
        loaded.push(Arc::new(Segment::from_bytes(bytes)?));
    }
    Ok(loaded)
}
