use inventure_core::{CandidateId, JobId, MemberId, TenantId};
use inventure_events::Rating;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use inventure_ranking::job::ParsedJob;
use inventure_table::{Key, Record};

/// Whether a job is to be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// The job is to be filled.
    Open,
    /// The job is no longer to be filled.
    Closed,
}

/// A job that a tenant posted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The id of the job.
    pub job_id: JobId,
    /// The tenant that owns the job.
    pub tenant_id: TenantId,
    /// The title, as posted.
    pub title: String,
    /// The description, as posted; plain text.
    pub description: String,
    /// The facts that were read from title and description.
    #[serde(with = "inventure_table::json")]
    pub parsed: ParsedJob,
    /// Whether the job is to be filled.
    pub status: JobStatus,
    /// Whether the job may stand in the public feed.
    pub public: bool,
    /// Grows by one with every write.
    pub version: u64,
    /// The member who posted the job.
    pub created_by: MemberId,
    /// The time at which the job was posted.
    pub created_at: Timestamp,
    /// The time of the last change to the job.
    pub updated_at: Timestamp,
}

impl Job {
    /// Returns the key of the job of this id.
    #[must_use]
    pub fn key_of(id: JobId) -> Key {
        Key::new(format!("{}{id}", Self::PARTITION), "JOB")
    }

    /// The index partition of a tenant's jobs.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("{}{id}", Self::INDEX)
    }
}

impl Record for Job {
    const ENTITY: &'static str = "job";
    const PARTITION: &'static str = "JOB#";
    const INDEX: &'static str = "JOBS#";

    fn key(&self) -> Key {
        Self::key_of(self.job_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_tenant(self.tenant_id), self.job_id.to_string()))
    }
}

/// An open job as the public feed shows it to everybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedJob {
    /// The id of the job.
    pub job_id: JobId,
    /// The title, as posted.
    pub title: String,
    /// The beginning of the description: see [`FeedJob::excerpt`].
    pub description: String,
    /// The time at which the job was posted.
    pub posted_at: Timestamp,
}

impl FeedJob {
    /// The most characters of a description in the feed. Anybody may read it as often as they like, and each reading costs what it reads.
    pub const EXCERPT_MAX: usize = 2_000;

    /// The description as far as the feed shows it, with `…` where there is more.
    #[must_use]
    pub fn excerpt(description: &str) -> String {
        match description.char_indices().nth(Self::EXCERPT_MAX) {
            Some((at, _)) => format!("{}…", description.get(..at).unwrap_or_default().trim_end()),
            None => description.to_owned(),
        }
    }

    /// The number of partitions that the feed is spread over, since everybody reads it.
    pub const SHARDS: u8 = 4;

    /// One partition of the feed.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("{}{shard}", Self::PARTITION)
    }

    /// Returns the key under which a job stands in the feed. The last bits of an id are random, so the partitions fill evenly.
    #[must_use]
    pub fn key_of(id: JobId) -> Key {
        let shard = id.uuid().as_bytes()[15] % Self::SHARDS;
        Key::new(Self::partition(shard), id.to_string())
    }
}

impl Record for FeedJob {
    const ENTITY: &'static str = "feed_job";
    const PARTITION: &'static str = "FEED#";

    fn key(&self) -> Key {
        Self::key_of(self.job_id)
    }
}

/// A match that was reported to a tenant without its asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The job of the match.
    pub job_id: JobId,
    /// The candidate of the match.
    pub candidate_id: CandidateId,
    /// The tenant that was told of the match.
    pub tenant_id: TenantId,
    /// The score of the match, from 0 to 1.
    pub score: f64,
    /// The version of the ranking that scored the match.
    pub model_version: String,
    /// The time at which the match was found.
    pub found_at: Timestamp,
}

impl Match {
    /// Returns the key of the match of a job and a candidate that this tenant was told of.
    #[must_use]
    pub fn key_of(job: JobId, candidate: CandidateId, tenant: TenantId) -> Key {
        Key::new(Self::of_candidate(candidate), format!("{job}#{tenant}"))
    }

    /// Returns the partition of a candidate's matches. The end of their consent finds all of them there, without an index that lags.
    #[must_use]
    pub fn of_candidate(candidate: CandidateId) -> String {
        format!("{}{candidate}", Self::PARTITION)
    }
}

impl Record for Match {
    const ENTITY: &'static str = "match";
    const PARTITION: &'static str = "MATCH#";

    fn key(&self) -> Key {
        Self::key_of(self.job_id, self.candidate_id, self.tenant_id)
    }
}

/// The rating that one member gave to one match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// The job of the match.
    pub job_id: JobId,
    /// The candidate of the match.
    pub candidate_id: CandidateId,
    /// The member who gave the rating.
    pub member_id: MemberId,
    /// The tenant for which the member rated.
    pub tenant_id: TenantId,
    /// The rating that the member gave.
    pub rating: Rating,
    /// The time of the rating.
    pub rated_at: Timestamp,
}

impl Feedback {
    /// Returns the key of this member's feedback on a job and a candidate.
    #[must_use]
    pub fn key_of(job: JobId, candidate: CandidateId, member: MemberId) -> Key {
        Key::new(format!("{}{job}", Self::PARTITION), format!("{candidate}#{member}"))
    }
}

impl Record for Feedback {
    const ENTITY: &'static str = "feedback";
    const PARTITION: &'static str = "FEEDBACK#";

    fn key(&self) -> Key {
        Self::key_of(self.job_id, self.candidate_id, self.member_id)
    }
}
