//! The records that the live index is made of: recent writes, manifests, and the documents that were indexed.
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`Indexed`] | `INDEXED#<job or candidate>` | `INDEXED` | | |
//! | [`DeltaEntry`] | `DELTA#<kind>#<shard>` | `<sequence>` | | |
//! | [`Manifest`] | `INDEX#<kind>` | `MANIFEST` | | |

use inventure_core::{CandidateId, JobId, UploadId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use inventure_table::{Key, Record};

/// The number of partitions that the recent writes of one index are spread over. A candidate's document of 10 KB costs 20 write units in a
/// transaction and a partition takes 1,000 a second, so four of them take about 200 documents a second; a job's, of 25 KB with
/// the titles that it goes by, about 80.
pub const SHARDS: u8 = 4;

/// An index, by the kind of record in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKind {
    /// The index of candidates, searched for jobs.
    Candidates,
    /// The index of jobs, searched for candidates.
    Jobs,
}

impl IndexKind {
    /// Both indexes.
    pub const ALL: [Self; 2] = [Self::Candidates, Self::Jobs];

    /// Returns the name of the index in keys.
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
    /// The id of the job or candidate.
    pub record_id: String,
    /// The index that holds the document.
    pub kind: IndexKind,
    /// The version of the record that was indexed.
    pub indexed_version: u64,
    /// The SHA-256 of the texts behind the document's vectors. The same texts need not be embedded again.
    pub text_sha256: String,
    /// The document, as `inventure_ranking` writes it. `None` where it was taken out.
    #[serde(with = "serde_bytes")]
    pub document: Option<Vec<u8>>,
    /// The last upload that was void when the record was indexed, with all before it. They were void as a consent had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void_until: Option<UploadId>,
}

impl Indexed {
    fn place(record_id: &str) -> Key {
        Key::new(format!("{}{record_id}", Self::PARTITION), "INDEXED")
    }

    /// Returns the key of a job's document.
    #[must_use]
    pub fn key_of_job(id: JobId) -> Key {
        Self::place(&id.to_string())
    }

    /// Returns the key of a candidate's document.
    #[must_use]
    pub fn key_of_candidate(id: CandidateId) -> Key {
        Self::place(&id.to_string())
    }
}

impl Record for Indexed {
    const ENTITY: &'static str = "indexed";
    const PARTITION: &'static str = "INDEXED#";

    fn key(&self) -> Key {
        Self::place(&self.record_id)
    }
}

/// A recent write to an index, not yet in a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeltaEntry {
    /// The index that is written to.
    pub kind: IndexKind,
    /// The time-ordered number of the write (UUID version 7). By it a reader asks only for what came after what it has.
    pub sequence: String,
    /// The id of the job or candidate.
    pub record_id: String,
    /// The version of the record.
    pub record_version: u64,
    /// The document. `None` takes the record out of the index.
    #[serde(with = "serde_bytes")]
    pub document: Option<Vec<u8>>,
    /// Whether the write takes the place of a document that must be gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces_void: bool,
}

impl DeltaEntry {
    /// Whether something must be gone from the segments once this write is in one.
    #[must_use]
    pub const fn removes(&self) -> bool {
        self.document.is_none() || self.replaces_void
    }

    /// Creates an entry that comes after all those made before it, give or take the clocks of the machines.
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

    /// Returns the table partition of one shard of an index's recent writes.
    #[must_use]
    pub fn partition(kind: IndexKind, shard: u8) -> String {
        format!("{}{}#{shard}", Self::PARTITION, kind.name())
    }

    /// Returns the smallest sequence of an entry made at this time. A reader asks for what is after it.
    #[must_use]
    pub fn sequence_at(time: Timestamp) -> String {
        let millisecond = u64::try_from(time.as_millisecond()).unwrap_or(0);
        format!("{:012x}{:020x}", millisecond & 0xffff_ffff_ffff, 0)
    }
}

impl Record for DeltaEntry {
    const ENTITY: &'static str = "delta";
    const PARTITION: &'static str = "DELTA#";

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
    /// The key of the segment's object.
    pub key: String,
    /// The length of the segment, in bytes.
    pub bytes: u64,
    /// The number of documents that the segment holds.
    pub documents: u64,
}

/// Returns a time long past, since manifests from before removals were noted are taken to have had one.
#[expect(clippy::unnecessary_wraps, reason = "the field's type")]
const fn long_ago() -> Option<Timestamp> {
    Some(Timestamp::UNIX_EPOCH)
}

/// The segments that an index consists of, apart from its recent writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The index of the manifest.
    pub kind: IndexKind,
    /// The segments, oldest first.
    pub segments: Vec<SegmentRef>,
    /// The last sequence of the recent writes that are in the segments, itself included.
    pub covers_until: String,
    /// The keys of segments that a manifest before named and this one does not. Readers may still be loading them.
    pub retired: Vec<String>,
    /// The time since which a removal waits for the bytes of what it removed to go from the segments. Absent where none does.
    #[serde(default = "long_ago")]
    pub removal_waits_since: Option<Timestamp>,
    /// The version of the manifest. It grows by one with every write.
    pub version: u64,
    /// The time at which the manifest was written.
    pub written_at: Timestamp,
}

impl Manifest {
    /// Returns the key of an index's manifest.
    #[must_use]
    pub fn key_of(kind: IndexKind) -> Key {
        Key::new(format!("{}{}", Self::PARTITION, kind.name()), "MANIFEST")
    }
}

impl Record for Manifest {
    const ENTITY: &'static str = "manifest";
    const PARTITION: &'static str = "INDEX#";

    fn key(&self) -> Key {
        Self::key_of(self.kind)
    }
}

/// The partitions of these records in the main table.
pub const PARTITIONS: &[&str] = &[Indexed::PARTITION, DeltaEntry::PARTITION, Manifest::PARTITION];

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
