//! What the routes answer with.

use inventure_core::{JobId, MemberId, TenantId};
use inventure_api::Problem;
use inventure_ranking::job::ParsedJob;
use inventure_table::records::{FeedJob, Job, JobStatus};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// As posted.
    pub title: String,
    /// As posted.
    pub description: String,
    /// What it was read as.
    pub parsed: ParsedJob,
    /// Whether it is to be filled.
    pub status: JobStatus,
    /// Whether it stands in the public feed while it is open.
    pub public: bool,
    /// Send this back with a change.
    pub version: u64,
    /// Who posted it.
    pub created_by: MemberId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl JobView {
    /// The job as the routes show it.
    pub fn of(job: Job) -> Result<Self, Problem> {
        Ok(Self {
            parsed: serde_json::from_str(&job.parsed).map_err(Problem::internal)?,
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
        })
    }
}

/// A job as everybody may see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedJobView {
    /// Its id.
    pub id: JobId,
    /// As posted.
    pub title: String,
    /// As posted.
    pub description: String,
    /// When it was posted.
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
