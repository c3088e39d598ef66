use inventure_core::{CandidateId, JobId, UploadId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Record;
use crate::table::Key;

/// Partitions that the recent writes of one index are spread over. A document of 8 KB costs 16 write units in a transaction
/// and a partition takes 1,000 a second, so four of them take about 250 documents a second.
pub const SHARDS: u8 = 4;

/// Which index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKind {
    /// Candidates, searched for jobs.
    Candidates,
    /// Jobs, searched for candidates.
    Jobs,
}

impl IndexKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Candidates, Self::Jobs];

    /// The name in keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Candidates => "candidates",
            Self::Jobs => "jobs",
        }
    }
}

/// The document under which a job or a candidate is in the index now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indexed {
    /// The job's or candidate's id.
    pub record_id: String,
    /// Which index.
    pub kind: IndexKind,
    /// The version of the record that was indexed.
    pub indexed_version: u64,
    /// SHA-256 of the text behind the document's vector: the same text need not be embedded again.
    pub text_sha256: String,
    /// The document, as `inventure_ranking` writes it; `None` where it was taken out.
    #[serde(with = "serde_bytes")]
    pub document: Option<Vec<u8>>,
    /// Files up to this one were void when it was indexed, as a consent had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void_until: Option<UploadId>,
}

impl Indexed {
    /// Where a job's document is stored.
    #[must_use]
    pub fn key_of_job(id: JobId) -> Key {
        Key::new(format!("JOB#{id}"), "INDEXED")
    }

    /// Where a candidate's document is stored.
    #[must_use]
    pub fn key_of_candidate(id: CandidateId) -> Key {
        Key::new(format!("CANDIDATE#{id}"), "INDEXED")
    }
}

impl Record for Indexed {
    const ENTITY: &'static str = "indexed";

    fn key(&self) -> Key {
        let owner = match self.kind {
            IndexKind::Candidates => "CANDIDATE",
            IndexKind::Jobs => "JOB",
        };
        Key::new(format!("{owner}#{}", self.record_id), "INDEXED")
    }
}

/// A recent write to an index, not yet in a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeltaEntry {
    /// Which index.
    pub kind: IndexKind,
    /// Time-ordered (UUID version 7), so that a reader asks only for what came after what it has.
    pub sequence: String,
    /// The job's or candidate's id.
    pub record_id: String,
    /// The version of the record.
    pub record_version: u64,
    /// The document; `None` takes the record out of the index.
    #[serde(with = "serde_bytes")]
    pub document: Option<Vec<u8>>,
    /// Whether it takes the place of a document that must be gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces_void: bool,
}

impl DeltaEntry {
    /// Whether something must be gone from the segments once it is in one.
    #[must_use]
    pub const fn removes(&self) -> bool {
        self.document.is_none() || self.replaces_void
    }

    /// An entry that comes after all those made before it, give or take the clocks of the machines.
    #[must_use]
    pub fn new(kind: IndexKind, record_id: String, record_version: u64, document: Option<Vec<u8>>) -> Self {
        Self {
            kind,
            sequence: Uuid::now_v7().simple().to_string(),
            record_id,
            record_version,
            document,
            replaces_void: false,
        }
    }

    /// The table partition of one shard of an index's recent writes.
    #[must_use]
    pub fn partition(kind: IndexKind, shard: u8) -> String {
        format!("DELTA#{}#{shard}", kind.name())
    }

    /// The smallest sequence of an entry made at this time; what a reader asks for is after it.
    #[must_use]
    pub fn sequence_at(time: Timestamp) -> String {
        let millisecond = u64::try_from(time.as_millisecond()).unwrap_or(0);
        format!("{:012x}{:020x}", millisecond & 0xffff_ffff_ffff, 0)
    }
}

impl Record for DeltaEntry {
    const ENTITY: &'static str = "delta";

    fn key(&self) -> Key {
        let digits = u64::from_str_radix(
            self.record_id
                .get(self.record_id.len().saturating_sub(8)..)
                .unwrap_or("0"),
            16,
        );
        // The last digits of an id are random, the first are a time.
        let shard = (digits.unwrap_or(0) % u64::from(SHARDS)) as u8;
        Key::new(Self::partition(self.kind, shard), self.sequence.clone())
    }
}

/// One segment of an index, in the artifacts bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentRef {
    /// The object's key.
    pub key: String,
    /// Its length.
    pub bytes: u64,
    /// How many documents it holds.
    pub documents: u64,
}

/// Manifests from before removals were noted are taken to have had one.
#[expect(clippy::unnecessary_wraps, reason = "the field's type")]
const fn long_ago() -> Option<Timestamp> {
    Some(Timestamp::UNIX_EPOCH)
}

/// What an index consists of, apart from its recent writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which index.
    pub kind: IndexKind,
    /// Oldest first.
    pub segments: Vec<SegmentRef>,
    /// Recent writes up to and including this sequence are in the segments.
    pub covers_until: String,
    /// Keys of segments that a manifest before named and this one does not; readers may still be loading them.
    pub retired: Vec<String>,
    /// Since when a removal waits for the bytes of what it removed to go from the segments; absent where none does.
    #[serde(default = "long_ago")]
    pub removal_waits_since: Option<Timestamp>,
    /// Grows by one with every write.
    pub version: u64,
    /// When it was written.
    pub written_at: Timestamp,
}

impl Manifest {
    /// Where an index's manifest is stored.
    #[must_use]
    pub fn key_of(kind: IndexKind) -> Key {
        Key::new(format!("INDEX#{}", kind.name()), "MANIFEST")
    }
}

impl Record for Manifest {
    const ENTITY: &'static str = "manifest";

    fn key(&self) -> Key {
        Self::key_of(self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_sort_by_time_and_spread_over_the_shards() {
        let entries: Vec<_> = (0..200)
            .map(|_| DeltaEntry::new(IndexKind::Candidates, CandidateId::new().to_string(), 1, None))
            .collect();
        assert!(entries.is_sorted_by_key(|entry| entry.sequence.clone()));
        let mut used: Vec<_> = entries.iter().map(|entry| entry.key().pk).collect();
        used.sort();
        used.dedup();
        assert_eq!(used.len(), usize::from(SHARDS));
    }

    #[test]
    fn a_sequence_at_a_time_is_before_everything_made_then() {
        let id = Uuid::now_v7();
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        let time = Timestamp::new(seconds.try_into().unwrap(), nanos.try_into().unwrap()).unwrap();
        assert!(DeltaEntry::sequence_at(time) <= id.simple().to_string());
        let later = time + jiff::SignedDuration::from_secs(1);
        assert!(DeltaEntry::sequence_at(later) > id.simple().to_string());
    }
}
