//! The bodies of the routes' answers.

use inventure_core::{JobId, MemberId, TenantId};
use inventure_ranking::job::ParsedJob;
use inventure_recruiting::records::{FeedJob, Job, JobStatus};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A job, as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    /// The id of the job.
    pub id: JobId,
    /// The tenant that owns the job.
    pub tenant_id: TenantId,
    /// The title, as posted.
    pub title: String,
    /// The description, as posted.
    pub description: String,
    /// The facts that were read from title and description.
    pub parsed: ParsedJob,
    /// Whether the job is to be filled.
    pub status: JobStatus,
    /// Whether the job stands in the public feed while it is open.
    pub public: bool,
    /// The version of the job, to send back with a change.
    pub version: u64,
    /// The member who posted the job.
    pub created_by: MemberId,
    /// The time at which the job was posted.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The time of the last change to the job.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            parsed: job.parsed,
            id: job.job_id,
            tenant_id: job.tenant_id,
            title: job.title,
            description: job.description,
            status: job.status,
            public: job.public,
            version: job.version,
            created_by: job.created_by,
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}

/// A job as the public feed shows it to everybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedJobView {
    /// The id of the job.
    pub id: JobId,
    /// The title, as posted.
    pub title: String,
    /// The description, as posted, up to 2,000 characters. It ends with `…` where there is more.
    pub description: String,
    /// The time at which the job was posted.
    #[schema(value_type = String, format = DateTime)]
    pub posted_at: Timestamp,
}

impl From<FeedJob> for FeedJobView {
    fn from(job: FeedJob) -> Self {
        Self {
            id: job.job_id,
            title: job.title,
            description: job.description,
            posted_at: job.posted_at,
        }
    }
}
