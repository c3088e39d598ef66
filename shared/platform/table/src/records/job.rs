use inventure_core::{CandidateId, JobId, MemberId, TenantId};
use inventure_events::Rating;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Record;
use crate::table::Key;

/// Whether a job is to be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Yes.
    Open,
    /// No longer.
    Closed,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub job_id: JobId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// As posted.
    pub title: String,
    /// As posted, plain text.
    pub description: String,
    /// What the description was read as (`inventure_ranking::job::ParsedJob`), JSON.
    pub parsed: String,
    /// Whether it is to be filled.
    pub status: JobStatus,
    /// Whether it may stand in the public feed.
    pub public: bool,
    /// Grows by one with every write.
    pub version: u64,
    /// Who posted it.
    pub created_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Job {
    /// Where the job of this id is stored.
    #[must_use]
    pub fn key_of(id: JobId) -> Key {
        Key::new(format!("JOB#{id}"), "JOB")
    }

    /// The index partition of a tenant's jobs.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("JOBS#{id}")
    }
}

impl Record for Job {
    const ENTITY: &'static str = "job";

    fn key(&self) -> Key {
        Self::key_of(self.job_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_tenant(self.tenant_id), self.job_id.to_string()))
    }
}

/// An open job as everybody may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedJob {
    /// Its id.
    pub job_id: JobId,
    /// As posted.
    pub title: String,
    /// As posted.
    pub description: String,
    /// When it was posted.
    pub posted_at: Timestamp,
}

impl FeedJob {
    /// Partitions the feed is spread over: everybody reads it.
    pub const SHARDS: u8 = 4;

    /// One partition of the feed.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("FEED#{shard}")
    }

    /// Where a job stands in the feed. The last bits of an id are random, so the partitions fill evenly.
    #[must_use]
    pub fn key_of(id: JobId) -> Key {
        let shard = id.uuid().as_bytes()[15] % Self::SHARDS;
        Key::new(Self::partition(shard), id.to_string())
    }
}

impl Record for FeedJob {
    const ENTITY: &'static str = "feed_job";

    fn key(&self) -> Key {
        Self::key_of(self.job_id)
    }
}

/// A match that a tenant was told of without asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The job.
    pub job_id: JobId,
    /// The candidate.
    pub candidate_id: CandidateId,
    /// The tenant that was told; absent in records from when a pair was told to one tenant only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// 0 to 1.
    pub score: f64,
    /// The ranking's version.
    pub model_version: String,
    /// When.
    pub found_at: Timestamp,
}

impl Match {
    /// Sort key prefix of a job's matches.
    pub const PREFIX: &'static str = "MATCH#";

    /// Where the match of these two is stored that this tenant was told of.
    #[must_use]
    pub fn key_of(job: JobId, candidate: CandidateId, tenant: Option<TenantId>) -> Key {
        let told = tenant.map(|tenant| format!("#{tenant}")).unwrap_or_default();
        Key::new(format!("JOB#{job}"), format!("{}{candidate}{told}", Self::PREFIX))
    }

    /// The index partition of a candidate's matches.
    #[must_use]
    pub fn of_candidate(candidate: CandidateId) -> String {
        format!("MATCHES#{candidate}")
    }
}

impl Record for Match {
    const ENTITY: &'static str = "match";

    fn key(&self) -> Key {
        Self::key_of(self.job_id, self.candidate_id, self.tenant_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let told = self.tenant_id.map(|tenant| format!("#{tenant}")).unwrap_or_default();
        Some((Self::of_candidate(self.candidate_id), format!("{}{told}", self.job_id)))
    }
}

/// What one person said of one match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// The job.
    pub job_id: JobId,
    /// The candidate.
    pub candidate_id: CandidateId,
    /// Who says so.
    pub member_id: MemberId,
    /// For which tenant.
    pub tenant_id: TenantId,
    /// What they say.
    pub rating: Rating,
    /// When.
    pub rated_at: Timestamp,
}

impl Feedback {
    /// Where the feedback of this person on these two is stored.
    #[must_use]
    pub fn key_of(job: JobId, candidate: CandidateId, member: MemberId) -> Key {
        Key::new(format!("JOB#{job}"), format!("FEEDBACK#{candidate}#{member}"))
    }
}

impl Record for Feedback {
    const ENTITY: &'static str = "feedback";

    fn key(&self) -> Key {
        Self::key_of(self.job_id, self.candidate_id, self.member_id)
    }
}
