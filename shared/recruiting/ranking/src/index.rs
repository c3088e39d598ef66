//! Segments and what was written since: one view in which the newest version of an id wins.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize};

use crate::{
    document::Document,
    search,
    segment::{Segment, Writer, skill_term},
};

/// One change to the index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// The document as it is now.
    Put(Box<Document>),
    /// The document is gone.
    Remove {
        /// The id of the document.
        id: String,
        /// The version that removed it; documents up to and including it are gone.
        version: u64,
    },
}

impl Entry {
    /// The id of the document that the entry is about.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Put(document) => &document.id,
            Self::Remove { id, .. } => id,
        }
    }

    /// The version that the entry brings.
    #[must_use]
    pub const fn version(&self) -> u64 {
        match self {
            Self::Put(document) => document.version,
            Self::Remove { version, .. } => *version,
        }
    }

    /// Returns the rank that decides between two entries of one id, in whatever order they came. The version decides first, then
    /// that gone is gone, then the bytes.
    fn rank(&self) -> (u64, bool, Vec<u8>) {
        match self {
            Self::Put(document) => (document.version, false, document.to_bytes()),
            Self::Remove { version, .. } => (*version, true, Vec::new()),
        }
    }
}

/// Recent changes, one an id. Applying the same entries again, or in another order, gives the same delta.
#[derive(Debug, Clone, Default)]
pub struct Delta(BTreeMap<String, Entry>);

impl Delta {
    /// Takes a change in and returns whether it was news.
    pub fn apply(&mut self, entry: Entry) -> bool {
        let news = self.0.get(entry.id()).is_none_or(|known| entry.rank() > known.rank());
        if news {
            self.0.insert(entry.id().to_owned(), entry);
        }
        news
    }

    /// Returns the number of ids that the delta holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the delta holds no ids.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The delta as a segment of its own.
    fn to_segment(&self, model_version: &str) -> Segment {
        let mut documents = Vec::new();
        let mut tombstones = BTreeMap::new();
        for entry in self.0.values() {
            match entry {
                Entry::Put(document) => documents.push((**document).clone()),
                Entry::Remove { id, version } => {
                    tombstones.insert(id.clone(), *version);
                }
            }
        }
        Segment::build(&documents, tombstones, model_version)
    }
}

/// All candidates, or all jobs, as of the segments and the delta it was given.
#[derive(Debug, Clone)]
pub struct Index {
    model_version: String,
    segments: Vec<Arc<Segment>>,
    delta: Delta,
    /// The segments and the delta's own, with the rows that are still the truth.
    parts: Vec<Part>,
    stats: Stats,
}

#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub segment: Arc<Segment>,
    pub live: Vec<bool>,
    /// For each row the most that its words could bring, counted when it is first asked for.
    reach: Arc<OnceLock<Vec<f32>>>,
}

impl Part {
    /// Returns for each row the most that its words could bring, if a document had them all; see [`crate::search`].
    pub(crate) fn reach(&self, stats: &Stats) -> &[f32] {
        self.reach.get_or_init(|| search::reach(&self.segment, stats))
    }
}

/// The documents that are supposed besides those there are, and those of them that have a term, whichever it is.
const SUPPOSED: (f64, f64) = (20.0, 2.0);

/// The corpus statistics that scores use: how rare a term is and how long documents are. They are taken from the segments alone,
/// so that scores stay put between two compactions while documents come and go; from the delta only while there is no segment.
#[derive(Debug, Clone)]
pub struct Stats {
    sources: Vec<Arc<Segment>>,
    documents: f64,
    mean_length: f64,
    version: String,
}

impl Stats {
    fn new(sources: Vec<Arc<Segment>>) -> Self {
        let documents: usize = sources.iter().map(|segment| segment.len()).sum();
        let length: u64 = sources.iter().map(|segment| segment.total_length()).sum();
        let version = sources
            .iter()
            .map(|segment| format!("{:08x}", segment.checksum()))
            .collect::<Vec<_>>()
            .join("-");
        let documents = documents as f64;
        Self {
            sources,
            documents,
            mean_length: if length == 0 { 1.0 } else { length as f64 / documents },
            version,
        }
    }

    /// Returns the name of the segments behind the numbers.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The mean length of a document, in weighted terms.
    #[must_use]
    pub const fn mean_length(&self) -> f64 {
        self.mean_length
    }

    /// Returns the rarity of a term: `ln(1 + (N − n + ½) / (n + ½))`, never negative.
    ///
    /// `N` documents, of which `n` have the term, count with 20 others, two of which have it: in a pool of one, what that one says would seem
    /// common and all else rare.
    #[must_use]
    pub fn idf(&self, term: &str) -> f64 {
        let (documents, supposed) = SUPPOSED;
        let with = self
            .sources
            .iter()
            .filter_map(|segment| Some(segment.documents_with(segment.find_term(term)?)));
        let with = with.map(f64::from).sum::<f64>().min(self.documents) + supposed;
        libm::log1p((self.documents + documents - with + 0.5) / (with + 0.5))
    }

    /// Returns the rarity of a skill, on the same scale.
    #[must_use]
    pub fn skill_idf(&self, id: &str) -> f64 {
        self.idf(&skill_term(id))
    }
}

/// A segment whose vectors come from another model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the segment's vectors come from {found}, the index is of {expected}")]
pub struct OtherModel {
    /// The model of the index's vectors.
    pub expected: String,
    /// The model of the segment's vectors.
    pub found: String,
}

impl Index {
    /// An index of `segments`, all with vectors of the model of `model_version`.
    pub fn new(model_version: &str, segments: Vec<Arc<Segment>>) -> Result<Self, OtherModel> {
        if let Some(other) = segments.iter().find(|segment| segment.model_version() != model_version) {
            return Err(OtherModel {
                expected: model_version.to_owned(),
                found: other.model_version().to_owned(),
            });
        }
        let mut index = Self {
            model_version: model_version.to_owned(),
            stats: Stats::new(segments.clone()),
            segments,
            delta: Delta::default(),
            parts: Vec::new(),
        };
        index.refresh();
        Ok(index)
    }

    /// Takes changes in. Entries may repeat and come in any order. Costs a pass over the delta if there was news, so a delta is
    /// best kept to some thousands of documents and then compacted.
    pub fn apply(&mut self, entries: impl IntoIterator<Item = Entry>) {
        let mut news = false;
        for entry in entries {
            news |= self.delta.apply(entry);
        }
        if news {
            self.refresh();
        }
    }

    /// Returns the number of documents that can be found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts
            .iter()
            .flat_map(|part| &part.live)
            .filter(|live| **live)
            .count()
    }

    /// Whether nothing can be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The corpus statistics that scores use.
    #[must_use]
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The model that made the vectors.
    #[must_use]
    pub fn model_version(&self) -> &str {
        &self.model_version
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    fn refresh(&mut self) {
        let mut segments = self.segments.clone();
        if !self.delta.is_empty() {
            segments.push(Arc::new(self.delta.to_segment(&self.model_version)));
        }
        if self.segments.is_empty() {
            self.stats = Stats::new(segments.clone());
        }
        let live = live_rows(&segments);
        // The numbers of a segment stay what they are while only the delta changes.
        let known = |segment: &Arc<Segment>| {
            let mut parts = self.parts.iter();
            let part = parts.find(|part| Arc::ptr_eq(&part.segment, segment));
            part.map(|part| Arc::clone(&part.reach)).unwrap_or_default()
        };
        self.parts = segments
            .into_iter()
            .zip(live)
            .map(|(segment, live)| Part {
                reach: known(&segment),
                segment,
                live,
            })
            .collect();
    }
}

/// For every row of every segment, whether it is the newest of its id and not removed. Of two of the same version the one in the
/// later segment wins.
fn live_rows<S: AsRef<Segment>>(segments: &[S]) -> Vec<Vec<bool>> {
    let mut live: Vec<Vec<bool>> = segments
        .iter()
        .map(|segment| vec![true; segment.as_ref().len()])
        .collect();
    let version = |segment: usize, row: usize| segments[segment].as_ref().rows()[row].version;
    for later in 1..segments.len() {
        for earlier in 0..later {
            // Walk the smaller and look up in the larger: a delta against a million documents costs next to nothing.
            let swap = segments[earlier].as_ref().len() < segments[later].as_ref().len();
            let (small, large) = if swap { (earlier, later) } else { (later, earlier) };
            for row in 0..segments[small].as_ref().len() {
                let Some(other) = segments[large].as_ref().find_id(segments[small].as_ref().id(row)) else {
                    continue;
                };
                let (old, new) = if swap { (row, other) } else { (other, row) };
                if version(later, new) >= version(earlier, old) {
                    live[earlier][old] = false;
                } else {
                    live[later][new] = false;
                }
            }
        }
    }
    for tombstones in segments.iter().map(|segment| segment.as_ref().tombstones()) {
        for (id, removed) in tombstones {
            for (index, live) in live.iter_mut().enumerate() {
                if let Some(row) = segments[index].as_ref().find_id(id)
                    && version(index, row) <= *removed
                {
                    live[row] = false;
                }
            }
        }
    }
    live
}

/// One segment out of many and the delta: what was replaced or removed is gone from it. Tombstones stay, so that a change that
/// comes late cannot bring a removed document back; they are ids and versions and hold nothing of a person.
///
/// Documents whose vectors come from another model stay without a vector until they are embedded anew.
///
/// Works term by term, so that it needs little more memory than what it reads and writes.
#[must_use]
pub fn compact(segments: &[Arc<Segment>], delta: &Delta, model_version: &str) -> Segment {
    let mut sources = segments.to_vec();
    sources.push(Arc::new(delta.to_segment(model_version)));
    let live = live_rows(&sources);

    let mut tombstones: BTreeMap<String, u64> = BTreeMap::new();
    for (id, version) in sources.iter().flat_map(|segment| segment.tombstones()) {
        let known = tombstones.entry(id.clone()).or_default();
        *known = (*known).max(*version);
    }

    let mut order: Vec<(&str, usize, usize)> = Vec::new();
    for (source, segment) in sources.iter().enumerate() {
        order.extend(
            (0..segment.len())
                .filter(|row| live[source][*row])
                .map(|row| (segment.id(row), source, row)),
        );
    }
    order.sort_unstable();

    let mut writer = Writer::new(model_version, tombstones);
    let mut new_rows: Vec<Vec<Option<u32>>> = sources.iter().map(|segment| vec![None; segment.len()]).collect();
    for (_, source, row) in order {
        new_rows[source][row] = Some(writer.push_row(&sources[source], row));
    }

    let vocabulary: BTreeSet<&str> = sources.iter().flat_map(|segment| segment.terms()).collect();
    let mut list: Vec<(u32, u8)> = Vec::new();
    for term in vocabulary {
        list.clear();
        for (segment, new_rows) in sources.iter().zip(&new_rows) {
            let Some(term) = segment.find_term(term) else { continue };
            list.extend(
                segment
                    .postings(term)
                    .filter_map(|(row, count)| Some((new_rows[row]?, count))),
            );
        }
        if !list.is_empty() {
            list.sort_unstable();
            writer.push_term(term, &list);
        }
    }
    writer.finish()
}
