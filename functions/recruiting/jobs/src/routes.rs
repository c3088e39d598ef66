//! Posts, reads, changes, closes and lists jobs.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Query, Write},
    once::{Once, Reply},
    patch,
    problem::{Kind, stale},
    text,
};
use inventure_core::{JobId, Page, Role};
use inventure_events::{Envelope, Event, JobClosed, JobPosted, JobUpdated};
use inventure_people::{Access, Caller, access};
use inventure_ranking::job::parse_job;
use inventure_recruiting::records::{FeedJob, Job, JobStatus};
use inventure_resume::skills;
use inventure_table::{Change, Condition, Store, table};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::views::JobView;

/// The roles that may post and change jobs.
pub const WRITERS: &[Role] = &[Role::AgencyOwner, Role::Broker, Role::Employer];

/// A job to post.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// The title of the job.
    #[garde(length(chars, min = 2, max = 200), custom(text::line))]
    title: String,
    /// The description in plain text: duties, requirements, place, pay.
    #[garde(length(chars, min = 20, max = 20_000), custom(text::prose))]
    description: String,
    /// Whether the job may stand in the public feed.
    #[garde(skip)]
    #[serde(default)]
    public: bool,
}

/// A change to a job. A field left out stays; nothing of a job can be cleared.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobChange {
    /// The version of the job that the change is based on.
    #[garde(skip)]
    version: u64,
    /// The title of the job.
    #[garde(inner(length(chars, min = 2, max = 200), custom(text::line)))]
    #[serde(default, deserialize_with = "patch::stated")]
    #[schema(value_type = String, required = false)]
    title: Option<String>,
    /// The description in plain text.
    #[garde(inner(length(chars, min = 20, max = 20_000), custom(text::prose)))]
    #[serde(default, deserialize_with = "patch::stated")]
    #[schema(value_type = String, required = false)]
    description: Option<String>,
    /// Whether the job may stand in the public feed.
    #[garde(skip)]
    #[serde(default, deserialize_with = "patch::stated")]
    #[schema(value_type = bool, required = false)]
    public: Option<bool>,
}

/// The closing of a job.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The version of the job that the closing is based on.
    #[garde(skip)]
    version: u64,
}

/// The part of a list to return.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The cursor of the page: the `next_cursor` of the page before.
    #[garde(skip)]
    pub cursor: Option<String>,
    /// The most items on a page, 1 to 100. It is 50 where left out.
    #[garde(inner(range(min = 1, max = 100)))]
    pub limit: Option<usize>,
}

/// The jobs to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct JobListing {
    /// The cursor of the page: the `next_cursor` of the page before.
    #[garde(skip)]
    cursor: Option<String>,
    /// The most jobs on a page, 1 to 100. It is 50 where left out.
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<usize>,
    /// Lists only jobs in this state.
    #[garde(skip)]
    status: Option<JobStatus>,
    /// Lists only jobs that ask for this skill, by its id, its label or another of its names.
    #[garde(inner(length(max = 100)))]
    skill: Option<String>,
}

/// Returns the job, if the caller may see it.
pub async fn find(store: &Store, caller: &Caller, id: &str) -> Result<(Job, Access), Problem> {
    let id: JobId = id.parse().map_err(|_| Problem::not_found())?;
    let job: Option<Job> = store.get(&Job::key_of(id)).await?;
    let owner = job.as_ref().map(|job| job.tenant_id);
    let access = access(store, &caller.principal, owner, &id.to_string()).await?;
    Ok((job.ok_or_else(Problem::not_found)?, access))
}

/// Returns the job, if it is the caller's to change.
async fn find_own(store: &Store, caller: &Caller, id: &str) -> Result<Job, Problem> {
    let (job, access) = find(store, caller, id).await?;
    if access == Access::Granted {
        return Err(Problem::only_shown());
    }
    caller.allow(WRITERS)?;
    Ok(job)
}

/// Adds to `change` what the public feed shows of the job now.
fn show(change: Change, job: &Job) -> Change {
    if job.public && job.status == JobStatus::Open {
        let shown = FeedJob {
            job_id: job.job_id,
            title: job.title.clone(),
            description: FeedJob::excerpt(&job.description),
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
    caller.allow(WRITERS)?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let now = clock::now();
            let job = Job {
                job_id: JobId::new(),
                tenant_id: caller.principal.tenant_id,
                parsed: parse_job(&write.body.title, &write.body.description),
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
            let answer = Answer::created(&JobView::from(job))?;
            Ok(Reply::new(change, answer))
        })
        .await
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
    let skill = listing.skill.as_deref().map(|name| {
        let id = skills::id_of(name);
        id.ok_or_else(|| Problem::query("skill", format!("no skill goes by {name:?}")))
    });
    let skill = skill.transpose()?;
    let wanted = |job: &Job| {
        let asks_for = |skill: &String| job.parsed.skills.iter().any(|asked| asked.id == *skill);
        listing.status.is_none_or(|status| status == job.status) && skill.as_ref().is_none_or(asks_for)
    };
    let query = table::Query::index(Job::of_tenant(caller.principal.tenant_id));
    let page: Page<Job> = store
        .page(query, listing.cursor.as_deref(), listing.limit.unwrap_or(50), wanted)
        .await?;
    let items = page.items.into_iter().map(JobView::from).collect();
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
    Ok(Json(JobView::from(job)))
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
    let mut job = find_own(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            open_at(&job, write.body.version)?;
            job.title = write.body.title.unwrap_or(job.title);
            job.description = write.body.description.unwrap_or(job.description);
            job.public = write.body.public.unwrap_or(job.public);
            job.parsed = parse_job(&job.title, &job.description);
            let event = |job: &Job| {
                JobUpdated {
                    job_id: job.job_id,
                    tenant_id: job.tenant_id,
                    job_version: job.version,
                }
                .into()
            };
            let (change, job) = next(job, &caller, event);
            let answer = Answer::ok(&JobView::from(job))?;
            Ok(Reply::new(change, answer))
        })
        .await
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
    let mut job = find_own(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
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
            let answer = Answer::ok(&JobView::from(job))?;
            Ok(Reply::new(change, answer))
        })
        .await
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

/// Returns the job one version on, and the change that makes it so.
fn next(mut job: Job, caller: &Caller, event: impl Fn(&Job) -> Event) -> (Change, Job) {
    let read_at = job.version;
    job.version += 1;
    job.updated_at = clock::now();
    let envelope = Envelope::new(event(&job), job.updated_at, &caller.ids.correlation_id);
    let change = Change::new().update(&job, read_at).emit(job.job_id, &envelope);
    (show(change, &job), job)
}
