//! Holds the index as a warm function does: segments from the bucket, and the recent writes from the table. Segments are loaded
//! once; recent writes are asked for since the last time. A request reads neither the whole table nor the whole index.
//!
//! **Architecture Invariant:** every search goes through [`Visible`], so nothing is found that the asking tenant may not see.

pub mod records;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use crate::records::{DeltaEntry, IndexKind, Manifest, SHARDS};
use inventure_core::{CandidateId, JobId, TenantId};
use inventure_people::records::Grant;
use inventure_ranking::{
    Document, Entry, Filters, Index, Match, OtherModel, Segment,
    rank::{MAX_LIMIT, rank},
};
use inventure_table::{Key, Objects, Record, Store, StoreError, table::Query};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// The model that made the vectors of this build's index. The indexer checks that it is the embedder's own.
pub const MODEL_VERSION: &str = "all-MiniLM-L6-v2/f32/windows-1";

/// The most bytes of a segment that is loaded.
pub const MAX_SEGMENT_BYTES: u64 = 2 << 30;

/// The time by which a reader looks again behind the newest entry seen. An entry's sequence is taken from its writer's clock
/// before it is written, so entries may appear a little out of order.
const OVERLAP: SignedDuration = SignedDuration::from_secs(15);

/// The most entries fetched in one request for the recent writes of one shard.
const FETCHED: usize = 500;

/// The number of matches ranked at first beyond those asked for. They make up for what may no longer be shown.
const SPARE: usize = 10;

/// The most matches whose records are read in one request, each with what is read beside it.
const READ_AT_ONCE: usize = 50;

/// The reason for which the index cannot be searched.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The table or the bucket failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A segment is missing or damaged.
    #[error("segment {key} cannot be used: {reason}")]
    Segment {
        /// The key of the segment's object.
        key: String,
        /// The fault of the segment.
        reason: String,
    },
    /// A segment was made with another model.
    #[error(transparent)]
    Model(#[from] OtherModel),
}

struct State {
    manifest_version: u64,
    segments: Vec<(String, Arc<Segment>)>,
    index: Index,
    /// The time up to which recent writes have been seen.
    seen_until: Timestamp,
}

/// The updates that a view of the index lacks.
struct News {
    /// A view of the segments there are now. `None` where the view has them.
    loaded: Option<State>,
    entries: Vec<Entry>,
}

fn apply(state: &mut Option<State>, news: News, now: Timestamp) {
    if news.loaded.is_some() {
        *state = news.loaded;
    }
    if let Some(state) = state {
        state.index.apply(news.entries);
        state.seen_until = now;
    }
}

/// A search of the index for one tenant.
#[derive(Debug)]
pub struct Search<'a> {
    /// The document of the job or the candidate to find matches for.
    pub query: &'a Document,
    /// The records visible to the tenant.
    pub visible: &'a Visible,
    /// The filters on the matches.
    pub filters: Filters,
    /// The most matches that are returned.
    pub limit: usize,
    /// The time of the search.
    pub now: Timestamp,
    /// The greatest age of the view of the index. With none allowed every acknowledged write is seen.
    pub max_age: SignedDuration,
    /// The greatest age of the view where the table or the bucket does not answer. The search fails where it is older than that.
    pub max_stale: SignedDuration,
}

/// A match with its record.
#[derive(Debug)]
pub struct Hit<R, B> {
    /// The match.
    pub found: Match,
    /// The record behind the match.
    pub record: R,
    /// The record that was read beside it. `None` where there is none.
    pub beside: Option<B>,
}

/// The matches with their records, best first.
#[derive(Debug)]
pub struct Best<R, B> {
    /// The matches that may be shown.
    pub hits: Vec<Hit<R, B>>,
    /// The time at which the index was last asked for what is new.
    pub as_of: Timestamp,
}

/// One index, kept up to date.
pub struct LiveIndex {
    kind: IndexKind,
    store: Store,
    segments: Arc<dyn Objects>,
    state: Mutex<Option<State>>,
}

impl LiveIndex {
    /// Creates an index that is loaded when it is first asked.
    #[must_use]
    pub fn new(kind: IndexKind, store: Store, segments: Arc<dyn Objects>) -> Self {
        Self {
            kind,
            store,
            segments,
            state: Mutex::new(None),
        }
    }

    /// The records that are indexed.
    #[must_use]
    pub const fn kind(&self) -> IndexKind {
        self.kind
    }

    /// Finds the best of what is visible and whose record `keep` still lets through. A match that `keep` refuses is left out and
    /// the search goes on behind it, so that nothing that may not be shown takes the place of what may. `keys` returns the key of
    /// the record of an id, and of what is to be read beside it. Only as many records are read as it takes.
    pub async fn best<R: Record, B: Record>(
        &self,
        search: &Search<'_>,
        keys: impl Fn(&str) -> Option<(Key, Option<Key>)> + Send + Sync,
        keep: impl Fn(&R) -> bool + Send + Sync,
    ) -> Result<Best<R, B>, SearchError> {
        let mut filters = search.filters.clone();
        let mut wide = search.limit + SPARE;
        // Every record that was read: `None` where it may not be shown.
        let mut read: HashMap<String, Option<(R, Option<B>)>> = HashMap::new();
        loop {
            let (ranked, as_of) = self.rank(search, &filters, wide).await?;
            let exhausted = ranked.len() < wide;
            let (mut shown, mut refused) = (Vec::new(), Vec::new());
            let mut rest = ranked.as_slice();
            while shown.len() < search.limit && !rest.is_empty() {
                let lacking = search.limit - shown.len();
                // First no more than are asked for. Where some may not be shown, others behind them may not be either.
                let wanted = if refused.is_empty() {
                    lacking
                } else {
                    lacking.max(SPARE)
                };
                let (part, behind) = rest.split_at(rest.len().min(READ_AT_ONCE).min(wanted));
                let new: Vec<&str> = part.iter().map(|found| found.id.as_str()).collect();
                let new: Vec<&str> = new.into_iter().filter(|id| !read.contains_key(*id)).collect();
                let new = self.records(&new, &keys).await?;
                read.extend(
                    new.into_iter()
                        .map(|(id, pair)| (id, pair.filter(|(record, _)| keep(record)))),
                );
                for found in part {
                    let to = if read.get(&found.id).is_some_and(Option::is_some) {
                        &mut shown
                    } else {
                        &mut refused
                    };
                    to.push(found);
                }
                rest = behind;
            }
            if shown.len() >= search.limit || exhausted {
                let hit = |found: &Match| {
                    let (record, beside) = read.remove(&found.id)??;
                    let found = found.clone();
                    Some(Hit { found, record, beside })
                };
                return Ok(Best {
                    hits: shown.into_iter().take(search.limit).filter_map(hit).collect(),
                    as_of,
                });
            }
            filters.hidden.extend(refused.into_iter().map(|found| found.id.clone()));
            wide = (wide * 4).min(MAX_LIMIT);
        }
    }

    /// Reads the records of ids, each with what is to be read beside it.
    async fn records<R: Record, B: Record>(
        &self,
        ids: &[&str],
        keys: impl Fn(&str) -> Option<(Key, Option<Key>)>,
    ) -> Result<Vec<(String, Option<(R, Option<B>)>)>, StoreError> {
        let pairs: Vec<_> = ids.iter().map(|id| (*id, keys(id))).collect();
        let each = pairs.iter().filter_map(|(_, keys)| keys.as_ref());
        let all: Vec<Key> = each
            .flat_map(|(key, beside)| std::iter::once(key).chain(beside))
            .cloned()
            .collect();
        let mut found = self.store.read(&all).await?;
        let pair = |(id, keys): (&str, Option<(Key, Option<Key>)>)| {
            let mut records = None;
            if let Some((key, beside)) = keys {
                let record = found.take(&key)?;
                let beside = beside.map(|key| found.take(&key)).transpose()?.flatten();
                records = record.map(|record| (record, beside));
            }
            Ok((id.to_owned(), records))
        };
        pairs.into_iter().map(pair).collect()
    }

    /// Ranks what is visible, best first, whatever its record says by now. Also returns the time as of which the index is.
    async fn rank(
        &self,
        search: &Search<'_>,
        filters: &Filters,
        limit: usize,
    ) -> Result<(Vec<Match>, Timestamp), SearchError> {
        let now = search.now;
        let mut state = self.state.lock().await;
        let age = |state: &State| now.duration_since(state.seen_until);
        if state.as_ref().is_none_or(|state| age(state) >= search.max_age) {
            match self.news(state.as_ref(), now).await {
                Ok(news) => apply(&mut state, news, now),
                // What is warm is kept: it serves who may wait no longer, and the next request asks again.
                Err(error) => match state.as_ref() {
                    Some(state) if age(state) < search.max_stale => {
                        let age_ms = age(state).as_millis();
                        tracing::warn!(index = self.kind.name(), age_ms, %error, "index.stale");
                    }
                    _ => return Err(error),
                },
            }
        }
        let filters = Filters {
            tenants: search.visible.tenants.clone(),
            granted: search.visible.granted.clone(),
            ..filters.clone()
        };
        Ok(state.as_ref().map_or((Vec::new(), now), |state| {
            let found = rank(&state.index, search.query, &filters, limit, day(now));
            (found, state.seen_until)
        }))
    }

    /// Reads the updates that a view of the index lacks. Changes nothing, so that a failure leaves the view as it is.
    async fn news(&self, old: Option<&State>, now: Timestamp) -> Result<News, SearchError> {
        let manifest: Option<Manifest> = self.store.get(&Manifest::key_of(self.kind)).await?;
        let version = manifest.as_ref().map_or(0, |manifest| manifest.version);
        let known = old.filter(|state| state.manifest_version == version);
        let loaded = match known {
            Some(_) => None,
            None => Some(self.load(version, manifest, old, now).await?),
        };
        // Every shard is asked with the same bound; an entry that is read twice changes nothing.
        let since = known
            .and_then(|state| state.seen_until.checked_sub(OVERLAP).ok())
            .map(DeltaEntry::sequence_at);
        let mut entries = Vec::new();
        for shard in 0..SHARDS {
            let partition = DeltaEntry::partition(self.kind, shard);
            let query = Query {
                after: since.clone(),
                limit: FETCHED,
                ..Query::table(partition, "")
            };
            let rows: Vec<DeltaEntry> = self.store.query_all(&query).await?;
            entries.extend(rows.into_iter().filter_map(entry));
        }
        Ok(News { loaded, entries })
    }

    async fn load(
        &self,
        version: u64,
        manifest: Option<Manifest>,
        old: Option<&State>,
        now: Timestamp,
    ) -> Result<State, SearchError> {
        let known = old.map(|state| state.segments.as_slice()).unwrap_or_default();
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
            seen_until: now,
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

/// Reads a stored entry as the index takes it. `None` stands for one that cannot be read: it is reported and left out, since it
/// must not blind every search.
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

/// Returns a time as the day number that documents carry.
#[must_use]
pub fn day(time: Timestamp) -> i32 {
    i32::try_from(time.as_second().div_euclid(86_400)).unwrap_or(i32::MAX)
}

/// The records visible to a tenant: its own, and those granted to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visible {
    tenants: BTreeSet<String>,
    granted: BTreeSet<String>,
}

impl Visible {
    /// Reads all records of an index that are visible to this tenant now, however many grants there are.
    pub async fn to(tenant: TenantId, kind: IndexKind, store: &Store) -> Result<Self, StoreError> {
        let records = match kind {
            IndexKind::Candidates => CandidateId::PREFIX,
            IndexKind::Jobs => JobId::PREFIX,
        };
        let grants = Query::table(Grant::to_tenant(records, tenant), "");
        let grants: Vec<Grant> = store.query_all(&grants).await?;
        Ok(Self {
            tenants: BTreeSet::from([tenant.to_string()]),
            granted: grants.into_iter().map(|grant| grant.record_id).collect(),
        })
    }
}
