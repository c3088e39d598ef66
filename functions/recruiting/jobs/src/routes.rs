//! Post, read, change, close and list jobs.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_core::{JobId, Page, Role};
use inventure_events::{Envelope, Event, JobClosed, JobPosted, JobUpdated};
use inventure_api::{
    Problem, clock,
    http::{Answer, Caller, Path, Query, Write},
    patch,
    problem::Kind,
    text,
};
use inventure_ranking::job::{ParsedJob, parse_job};
use inventure_table::{
    Change, Condition, Store,
    access::Access,
    records::{FeedJob, Job, JobStatus},
    stale, table,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::views::JobView;

/// Who may post and change jobs.
pub const WRITERS: &[Role] = &[Role::AgencyOwner, Role::Broker, Role::Employer];

/// A job to post.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// What the job is called.
    #[garde(length(chars, min = 2, max = 200), custom(text::line))]
    title: String,
    /// Plain text: duties, requirements, place, pay.
    #[garde(length(chars, min = 20, max = 20_000), custom(text::prose))]
    description: String,
    /// Whether it may stand in the public feed.
    #[garde(skip)]
    #[serde(default)]
    public: bool,
}

/// A change to a job. What is left out stays; nothing of a job can be cleared.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobChange {
    /// The version it was read at.
    #[garde(skip)]
    version: u64,
    /// What the job is called.
    #[garde(inner(length(chars, min = 2, max = 200), custom(text::line)))]
    #[serde(default, deserialize_with = "patch::stated")]
    #[schema(value_type = String, required = false)]
    title: Option<String>,
    /// Plain text.
    #[garde(inner(length(chars, min = 20, max = 20_000), custom(text::prose)))]
    #[serde(default, deserialize_with = "patch::stated")]
    #[schema(value_type = String, required = false)]
    description: Option<String>,
    /// Whether it may stand in the public feed.
    #[garde(skip)]
    #[serde(default, deserialize_with = "patch::stated")]
    #[schema(value_type = bool, required = false)]
    public: Option<bool>,
}

/// Closing a job.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The version it was read at.
    #[garde(skip)]
    version: u64,
}

/// Which part of a list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The `next_cursor` of the page before.
    #[garde(skip)]
    pub cursor: Option<String>,
    /// At most so many, 1 to 100; 50 without it.
    #[garde(inner(range(min = 1, max = 100)))]
    pub limit: Option<usize>,
}

/// Which jobs.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct JobListing {
    /// The `next_cursor` of the page before.
    #[garde(skip)]
    cursor: Option<String>,
    /// At most so many, 1 to 100; 50 without it.
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<usize>,
    /// Only jobs in this state.
    #[garde(skip)]
    status: Option<JobStatus>,
    /// Only jobs that ask for this skill (its id, as in `parsed.skills`).
    #[garde(inner(length(max = 100)))]
    skill: Option<String>,
}

/// The job, if the caller may see it.
pub async fn find(store: &Store, caller: &Caller, id: &str) -> Result<(Job, Access), Problem> {
    let id: JobId = id.parse().map_err(|_| Problem::not_found())?;
    let job: Option<Job> = store.get(&Job::key_of(id)).await?;
    let owner = job.as_ref().map(|job| job.tenant_id);
    let access = store.access(&caller.principal, owner, &id.to_string()).await?;
    Ok((job.ok_or_else(Problem::not_found)?, access))
}

/// The job, if it is the caller's to change.
async fn find_own(store: &Store, caller: &Caller, id: &str) -> Result<Job, Problem> {
    let (job, access) = find(store, caller, id).await?;
    if access == Access::Granted {
        return Err(Problem::forbidden());
    }
    caller.allow(WRITERS)?;
    Ok(job)
}

fn parsed(title: &str, description: &str) -> Result<String, Problem> {
    serde_json::to_string(&parse_job(title, description)).map_err(Problem::internal)
}

/// Adds to `change` what the public feed shows of the job now.
fn show(change: Change, job: &Job) -> Change {
    if job.public && job.status == JobStatus::Open {
        let shown = FeedJob {
            job_id: job.job_id,
            title: job.title.clone(),
            description: job.description.clone(),
            posted_at: job.created_at,
        };
        change.put(&shown, Condition::None)
    } else {
        change.delete(FeedJob::key_of(job.job_id), Condition::None)
    }
}

/// Posts a job.
#[utoipa::path(
    post, path = "/jobs", tag = "jobs", request_body = NewJob,
    responses((status = 201, body = JobView), (status = 422, description = "A field is not valid"))
)]
pub async fn create(State(store): State<Store>, caller: Caller, write: Write<NewJob>) -> Result<Answer, Problem> {
    let (owner, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    caller.allow(WRITERS)?;
    if let Some(answer) = store.remembered(&owner, key).await? {
        return Ok(answer);
    }
    let now = clock::now();
    let job = Job {
        job_id: JobId::new(),
        tenant_id: caller.principal.tenant_id,
        parsed: parsed(&write.body.title, &write.body.description)?,
        title: write.body.title,
        description: write.body.description,
        status: JobStatus::Open,
        public: write.body.public,
        version: 1,
        created_by: caller.principal.member_id,
        created_at: now,
        updated_at: now,
    };
    let event = JobPosted {
        job_id: job.job_id,
        tenant_id: job.tenant_id,
        job_version: job.version,
    };
    let envelope = Envelope::new(event.into(), now, &caller.ids.correlation_id);
    let mut change = Change::new().insert(&job).emit(job.job_id, &envelope);
    if job.public {
        change = show(change, &job);
    }
    let answer = Answer::created(&JobView::of(job)?)?;
    store.finish(change, &owner, key, answer, stale()).await
}

/// The jobs of the caller's tenant, newest first.
#[utoipa::path(
    get, path = "/jobs", tag = "jobs", params(JobListing), responses((status = 200, body = Page<JobView>))
)]
pub async fn list(
    State(store): State<Store>,
    caller: Caller,
    Query(listing): Query<JobListing>,
) -> Result<Json<Page<JobView>>, Problem> {
    let wanted = |job: &Job| {
        let asks_for = |skill: &String| {
            serde_json::from_str(&job.parsed)
                .is_ok_and(|parsed: ParsedJob| parsed.skills.iter().any(|asked| asked.id == *skill))
        };
        listing.status.is_none_or(|status| status == job.status) && listing.skill.as_ref().is_none_or(asks_for)
    };
    let query = table::Query::index(Job::of_tenant(caller.principal.tenant_id));
    let page: Page<Job> = store
        .page(query, listing.cursor.as_deref(), listing.limit.unwrap_or(50), wanted)
        .await?;
    let items = page.items.into_iter().map(JobView::of).collect::<Result<_, _>>()?;
    Ok(Json(Page {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// A job of the caller's tenant, or one that was shared with it.
#[utoipa::path(
    get, path = "/jobs/{id}", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = JobView), (status = 404, description = "Not there, or not the caller's to know of"))
)]
pub async fn read(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<JobView>, Problem> {
    let (job, _) = find(&store, &caller, &id).await?;
    Ok(Json(JobView::of(job)?))
}

/// Changes a job.
#[utoipa::path(
    patch, path = "/jobs/{id}", tag = "jobs", params(("id" = String, Path)), request_body = JobChange,
    responses((status = 200, body = JobView), (status = 409, description = "Stale version, or the job is closed"))
)]
pub async fn update(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<JobChange>,
) -> Result<Answer, Problem> {
    let (owner, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    let mut job = find_own(&store, &caller, &id).await?;
    if let Some(answer) = store.remembered(&owner, key).await? {
        return Ok(answer);
    }
    open_at(&job, write.body.version)?;
    job.title = write.body.title.unwrap_or(job.title);
    job.description = write.body.description.unwrap_or(job.description);
    job.public = write.body.public.unwrap_or(job.public);
    job.parsed = parsed(&job.title, &job.description)?;
    let event = |job: &Job| {
        JobUpdated {
            job_id: job.job_id,
            tenant_id: job.tenant_id,
            job_version: job.version,
        }
        .into()
    };
    let (change, job) = next(job, &caller, event);
    let answer = Answer::ok(&JobView::of(job)?)?;
    store.finish(change, &owner, key, answer, stale()).await
}

/// Closes a job: it is no longer matched, and leaves the feed.
#[utoipa::path(
    post, path = "/jobs/{id}/close", tag = "jobs", params(("id" = String, Path)), request_body = Closing,
    responses((status = 200, body = JobView), (status = 409, description = "Stale version, or closed already"))
)]
pub async fn close(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<Closing>,
) -> Result<Answer, Problem> {
    let (owner, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    let mut job = find_own(&store, &caller, &id).await?;
    if let Some(answer) = store.remembered(&owner, key).await? {
        return Ok(answer);
    }
    open_at(&job, write.body.version)?;
    job.status = JobStatus::Closed;
    let event = |job: &Job| {
        JobClosed {
            job_id: job.job_id,
            tenant_id: job.tenant_id,
            job_version: job.version,
        }
        .into()
    };
    let (change, job) = next(job, &caller, event);
    let answer = Answer::ok(&JobView::of(job)?)?;
    store.finish(change, &owner, key, answer, stale()).await
}

fn open_at(job: &Job, version: u64) -> Result<(), Problem> {
    if job.version != version {
        return Err(stale());
    }
    if job.status == JobStatus::Closed {
        return Err(Problem::new(Kind::WrongState, "The job is closed; post a new one."));
    }
    Ok(())
}

/// The job one version on, and the change that makes it so.
fn next(mut job: Job, caller: &Caller, event: impl Fn(&Job) -> Event) -> (Change, Job) {
    let read_at = job.version;
    job.version += 1;
    job.updated_at = clock::now();
    let envelope = Envelope::new(event(&job), job.updated_at, &caller.ids.correlation_id);
    let change = Change::new().update(&job, read_at).emit(job.job_id, &envelope);
    (show(change, &job), job)
}
