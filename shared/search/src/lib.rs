//! The index as a warm function holds it: segments from the bucket, loaded once, and the recent writes from the table, asked
//! for since the last time. A request reads neither the whole table nor the whole index.
//!
//! **Architecture Invariant:** every search goes through [`Visible`], so nothing is found that the asking tenant may not see.

use std::{collections::BTreeSet, sync::Arc};

use inventure_core::TenantId;
use inventure_matching::{Document, Entry, Filters, Index, Match, OtherModel, Segment, rank};
use inventure_store::{
    Objects, Store, StoreError,
    records::{DeltaEntry, Grant, IndexKind, Manifest, SHARDS},
    table::Query,
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// The model that made the vectors of this build's index. The indexer checks that it is the embedder's own.
pub const MODEL_VERSION: &str = "all-MiniLM-L6-v2/f32/windows-1";

/// The largest segment that is loaded.
pub const MAX_SEGMENT_BYTES: u64 = 2 << 30;

/// How far behind the newest entry seen a reader looks again: an entry's sequence is taken from its writer's clock before it
/// is written, so entries may appear a little out of order.
const OVERLAP: SignedDuration = SignedDuration::from_secs(15);

/// Most entries fetched in one request for the recent writes of one shard.
const FETCHED: usize = 500;

/// Why the index cannot be searched.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The table or the bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A segment is missing or damaged.
    #[error("segment {key} cannot be used: {reason}")]
    Segment {
        /// The object's key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A segment of another model.
    #[error(transparent)]
    Model(#[from] OtherModel),
}

struct State {
    manifest_version: u64,
    segments: Vec<(String, Arc<Segment>)>,
    index: Index,
    /// Recent writes made before this have been seen.
    seen_until: Option<Timestamp>,
}

/// One index, kept up to date.
pub struct LiveIndex {
    kind: IndexKind,
    store: Store,
    segments: Arc<dyn Objects>,
    state: Mutex<Option<State>>,
}

impl LiveIndex {
    /// An index that is loaded when it is first asked.
    #[must_use]
    pub fn new(kind: IndexKind, store: Store, segments: Arc<dyn Objects>) -> Self {
        Self {
            kind,
            store,
            segments,
            state: Mutex::new(None),
        }
    }

    /// Ranks what `visible` lets through of `filters`, best first, as of the writes that were acknowledged at least `max_age`
    /// before `now`. With no age allowed every acknowledged write is seen.
    pub async fn rank(
        &self,
        query: &Document,
        visible: Visible,
        filters: Filters,
        limit: usize,
        now: Timestamp,
        max_age: SignedDuration,
    ) -> Result<Vec<Match>, SearchError> {
        let mut state = self.state.lock().await;
        let fresh = state
            .as_ref()
            .and_then(|state| state.seen_until)
            .is_some_and(|seen| now.duration_since(seen) < max_age);
        if !fresh {
            let refreshed = self.refresh(state.take(), now).await?;
            *state = Some(refreshed);
        }
        let filters = Filters {
            tenants: visible.tenants,
            granted: visible.granted,
            ..filters
        };
        let today = day(now);
        Ok(state
            .as_ref()
            .map(|state| rank(&state.index, query, &filters, limit, today))
            .unwrap_or_default())
    }

    async fn refresh(&self, old: Option<State>, now: Timestamp) -> Result<State, SearchError> {
        let manifest: Option<Manifest> = self.store.get(&Manifest::key_of(self.kind)).await?;
        let version = manifest.as_ref().map_or(0, |manifest| manifest.version);
        let mut state = match old {
            Some(state) if state.manifest_version == version => state,
            old => self.load(version, manifest, old).await?,
        };
        // Every shard is asked with the same bound; an entry that is read twice changes nothing.
        let since = state
            .seen_until
            .and_then(|seen| seen.checked_sub(OVERLAP).ok())
            .map(DeltaEntry::sequence_at);
        let mut entries = Vec::new();
        for shard in 0..SHARDS {
            let partition = DeltaEntry::partition(self.kind, shard);
            let mut query = Query {
                after: since.clone(),
                limit: FETCHED,
                ..Query::table(partition, "")
            };
            loop {
                let rows: Vec<DeltaEntry> = self.store.query(&query).await?;
                query.after = rows.last().map(|row| row.sequence.clone());
                let more = rows.len() == FETCHED;
                entries.extend(rows.into_iter().filter_map(entry));
                if !more {
                    break;
                }
            }
        }
        state.index.apply(entries);
        state.seen_until = Some(now);
        Ok(state)
    }

    async fn load(&self, version: u64, manifest: Option<Manifest>, old: Option<State>) -> Result<State, SearchError> {
        let known = old.map(|state| state.segments).unwrap_or_default();
        let mut segments = Vec::new();
        for wanted in manifest.into_iter().flat_map(|manifest| manifest.segments) {
            let segment = match known.iter().find(|(key, _)| *key == wanted.key) {
                Some((_, segment)) => Arc::clone(segment),
                None => self.fetch(&wanted.key).await?,
            };
            segments.push((wanted.key, segment));
        }
        let index = Index::new(
            MODEL_VERSION,
            segments.iter().map(|(_, segment)| Arc::clone(segment)).collect(),
        )?;
        Ok(State {
            manifest_version: version,
            segments,
            index,
            seen_until: None,
        })
    }

    async fn fetch(&self, key: &str) -> Result<Arc<Segment>, SearchError> {
        let broken = |reason: String| SearchError::Segment {
            key: key.to_owned(),
            reason,
        };
        let bytes = self
            .segments
            .get(key, MAX_SEGMENT_BYTES)
            .await?
            .ok_or_else(|| broken("it is not there".into()))?;
        Segment::from_bytes(bytes)
            .map(Arc::new)
            .map_err(|error| broken(error.to_string()))
    }
}

/// A stored entry as the index takes it. One that cannot be read is reported and left out: it must not blind every search.
#[must_use]
pub fn entry(stored: DeltaEntry) -> Option<Entry> {
    let Some(bytes) = stored.document else {
        return Some(Entry::Remove {
            id: stored.record_id,
            version: stored.record_version,
        });
    };
    match Document::from_bytes(&bytes) {
        Ok(document) => Some(Entry::Put(Box::new(document))),
        Err(error) => {
            tracing::error!(record_id = stored.record_id, %error, "index.entry_unreadable");
            None
        }
    }
}

/// A time as the day number that documents carry.
#[must_use]
pub fn day(time: Timestamp) -> i32 {
    i32::try_from(time.as_second().div_euclid(86_400)).unwrap_or(i32::MAX)
}

/// What a tenant may find: its own, and what it was granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visible {
    tenants: BTreeSet<String>,
    granted: BTreeSet<String>,
}

impl Visible {
    /// What this tenant may find, as of now.
    pub async fn to(tenant: TenantId, store: &Store) -> Result<Self, StoreError> {
        let grants: Vec<Grant> = store.query(&Query::table(Grant::to_tenant(tenant), "")).await?;
        Ok(Self {
            tenants: BTreeSet::from([tenant.to_string()]),
            granted: grants.into_iter().map(|grant| grant.record_id).collect(),
        })
    }
}
