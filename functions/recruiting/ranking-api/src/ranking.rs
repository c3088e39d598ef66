//! Ranks candidates for a job and jobs for a candidate.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Path, Query},
    problem::Kind,
};
use inventure_core::{CandidateId, Currency, JobId};
use inventure_live_index::{Best, Hit, Search, SearchError, Visible, records::Indexed};
use inventure_people::{Access, Visitor, access};
use inventure_ranking::{Document, Filters, explain, place::Place, rank::GOOD_MATCH};
use inventure_recruiting::records::{AwaitedFile, Candidate, Job, JobStatus, ReadResume, ResumeCorrections};
use inventure_resume::skills;
use inventure_table::{Key, form};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    App,
    views::{CandidateMatch, CandidateMatches, JobMatch, JobMatches},
};

/// The greatest age of a warm function's view of the index.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(1);

/// The greatest age of the view while the table or the bucket does not answer. A ranking from a minute ago is better than none,
/// and each match shown is checked in any case.
const MAX_STALE: SignedDuration = SignedDuration::from_secs(60);

/// The filters on candidates or jobs, applied before anything is ranked.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The most matches to return, 1 to 40. It is 10 where left out.
    #[garde(inner(range(min = 1, max = 40)))]
    limit: Option<usize>,
    /// The required skills, with commas between, each by its id, its label or another of its names. All must be there.
    #[garde(inner(length(max = 500)))]
    skills: Option<String>,
    /// A place, as people write it: `Austin, TX`, `Germany`. Anything that is remote from anywhere passes too.
    #[garde(inner(length(max = 100)))]
    location: Option<String>,
    /// Whether only remote work passes.
    #[garde(skip)]
    remote_only: Option<bool>,
    /// The most pay that the candidate may ask for, in minor units a year; with `currency`.
    #[garde(inner(range(min = 0)))]
    pay_ceiling: Option<i64>,
    /// The least that the job's highest pay must be, in minor units a year; with `currency`.
    #[garde(inner(range(min = 0)))]
    pay_floor: Option<i64>,
    /// The currency of the two pay bounds, ISO 4217. It is USD where left out.
    #[garde(skip)]
    currency: Option<Currency>,
    /// The day by which the candidate can begin: on it or before.
    #[garde(skip)]
    #[param(value_type = Option<String>, format = Date)]
    available_by: Option<Date>,
    /// The least experience, in months.
    #[garde(inner(range(max = 1200)))]
    min_months: Option<u32>,
    /// Whether records pass that do not say what a filter asks for. They pass where it is left out; `false` leaves them out.
    #[garde(skip)]
    keep_unknown: Option<bool>,
}

impl Wanted {
    fn filters(&self) -> Result<Filters, Problem> {
        let currency = self.currency.unwrap_or(Currency::USD);
        let bad = |_| Problem::new(Kind::BadQuery, "`available_by` is out of range.");
        let days = |day: Date| {
            day.to_zoned(jiff::tz::TimeZone::UTC)
                .map(|day| inventure_live_index::day(day.timestamp()))
        };
        let names = self.skills.iter().flat_map(|names| names.split(','));
        let names = names.map(str::trim).filter(|name| !name.is_empty());
        let skills: Result<_, Problem> = names
            .map(|name| {
                let id = skills::id_of(name);
                id.ok_or_else(|| Problem::query("skills", format!("no skill goes by {name:?}")))
            })
            .collect();
        Ok(Filters {
            skills: skills?,
            place: self.location.as_deref().map(Place::parse).unwrap_or_default(),
            or_remote: self.location.is_some(),
            remote_only: self.remote_only.unwrap_or(false),
            pay_ceiling: self.pay_ceiling.map(|units| (units, currency)),
            pay_floor: self.pay_floor.map(|units| (units, currency)),
            available_by_day: self.available_by.map(days).transpose().map_err(bad)?,
            min_months: self.min_months,
            keep_unknown: self.keep_unknown.unwrap_or(true),
            ..Filters::default()
        })
    }

    /// Returns the search for `query` that these filters ask for.
    fn search<'a>(&self, query: &'a Document, visible: &'a Visible) -> Result<Search<'a>, Problem> {
        Ok(Search {
            query,
            visible,
            filters: self.filters()?,
            limit: self.limit.unwrap_or(10),
            now: clock::now(),
            max_age: MAX_AGE,
            max_stale: MAX_STALE,
        })
    }
}

fn problem(error: SearchError) -> Problem {
    match error {
        SearchError::Store(error) => error.into(),
        error => Problem::internal(error),
    }
}

/// The time for which the file of a form may still come and be read: twice the form's own.
const AWAITED_FOR: SignedDuration = SignedDuration::from_mins(2 * form::VALID_FOR.as_mins());

/// The problem of a candidate who is not in the index, though their consent covers matching.
fn without_document(candidate: &Candidate, now: Timestamp) -> Problem {
    let comes = |awaited: &AwaitedFile| now.duration_since(awaited.at) < AWAITED_FOR;
    if candidate.resume_upload_id.is_some() || candidate.awaited.as_ref().is_some_and(comes) {
        let detail = "The candidate's file is not read or not indexed yet; try again shortly.";
        return Problem::new(Kind::NotIndexedYet, detail);
    }
    Problem::new(Kind::WrongState, "No résumé of the candidate has been read.")
}

/// Returns the document that a record is in the index under, if it is in it.
fn document(indexed: Option<Indexed>) -> Result<Option<(Indexed, Document)>, Problem> {
    let Some(indexed) = indexed else { return Ok(None) };
    let bytes = indexed.document.as_deref();
    let document = bytes.map(Document::from_bytes).transpose().map_err(Problem::internal)?;
    Ok(document.map(|document| (indexed, document)))
}

/// Candidates for a job, best first, each with the features behind its score and the text behind the features.
#[utoipa::path(
    get, path = "/jobs/{id}/matches", tag = "matching", params(("id" = String, Path), Wanted),
    responses((status = 200, body = CandidateMatches), (status = 409, description = "The job is being indexed, or closed"))
)]
pub async fn candidates_for_job(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<CandidateMatches>, Problem> {
    let keys = id
        .parse()
        .ok()
        .map(|id: JobId| [Job::key_of(id), Indexed::key_of_job(id)]);
    let (caller, mut found) = visitor
        .enter(&app.store, keys.as_ref().map_or(&[], |keys| keys))
        .await?;
    let [job_key, indexed_key] = keys.ok_or_else(Problem::not_found)?;
    let job: Option<Job> = found.take(&job_key)?;
    let indexed = found.take(&indexed_key)?;
    let owner = job.as_ref().map(|job| job.tenant_id);
    access(&app.store, &caller.principal, owner, &id).await?;
    let job = job.ok_or_else(Problem::not_found)?;
    if job.status != JobStatus::Open {
        return Err(Problem::new(Kind::WrongState, "The job is closed."));
    }
    let (indexed, query) = document(indexed)?.ok_or_else(|| {
        let detail = "The job came in moments ago; try again shortly.";
        Problem::new(Kind::NotIndexedYet, detail)
    })?;
    let tenant = caller.principal.tenant_id;
    let visible = Visible::to(tenant, app.candidates.kind(), &app.store).await?;
    let keys = |id: &str| {
        let id: CandidateId = id.parse().ok()?;
        Some((Candidate::key_of(id), Some(ReadResume::key_of(id))))
    };
    let keep = |candidate: &Candidate| candidate.may_be_shown(tenant, clock::today());
    let search = wanted.search(&query, &visible)?;
    let best = app.candidates.best(&search, keys, keep).await.map_err(problem)?;
    let Best { hits, as_of }: Best<Candidate, ReadResume> = best;
    let corrected = hits.iter().filter(|hit| !hit.record.corrected.is_empty());
    let keys: Vec<Key> = corrected
        .map(|hit| ResumeCorrections::key_of(hit.record.candidate_id))
        .collect();
    let said: Vec<ResumeCorrections> = app.store.get_many(&keys).await?;
    let item = |mut hit: Hit<Candidate, ReadResume>| {
        let id = hit.record.candidate_id;
        if let Some(read) = hit.beside {
            let said = said.iter().find(|said| said.candidate_id == id);
            explain(&read.corrected(said, clock::now()).sure(), &query, &mut hit.found);
        }
        CandidateMatch {
            corrected: hit.record.corrected,
            candidate_id: id,
            name: hit.record.name,
            explained: hit.found.into(),
        }
    };
    let items: Vec<_> = hits
        .into_iter()
        .filter(|hit| hit.found.score >= GOOD_MATCH)
        .map(item)
        .collect();
    Ok(Json(CandidateMatches {
        job_id: job.job_id,
        job_indexed_version: indexed.indexed_version,
        as_of,
        no_good_match: items.is_empty(),
        items,
    }))
}

/// Open jobs for a candidate, best first, explained like candidates for a job.
#[utoipa::path(
    get, path = "/candidates/{id}/matches", tag = "matching", params(("id" = String, Path), Wanted),
    responses((status = 200, body = JobMatches), (status = 409, description = "The candidate is not in the index"))
)]
pub async fn jobs_for_candidate(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<JobMatches>, Problem> {
    let keys = id
        .parse()
        .ok()
        .map(|id: CandidateId| [Candidate::key_of(id), Indexed::key_of_candidate(id)]);
    let (caller, mut found) = visitor
        .enter(&app.store, keys.as_ref().map_or(&[], |keys| keys))
        .await?;
    let [candidate_key, indexed_key] = keys.ok_or_else(Problem::not_found)?;
    let candidate: Option<Candidate> = found.take(&candidate_key)?;
    let indexed = found.take(&indexed_key)?;
    let owner = candidate.as_ref().map(|candidate| candidate.tenant_id);
    let _: Access = access(&app.store, &caller.principal, owner, &id).await?;
    let candidate = candidate.ok_or_else(Problem::not_found)?;
    let tenant = caller.principal.tenant_id;
    if !candidate.may_be_shown(tenant, clock::today()) {
        return Err(Problem::new(
            Kind::ConsentMissing,
            "The candidate's consent does not cover matching, or has ended.",
        ));
    }
    let (indexed, query) = document(indexed)?.ok_or_else(|| without_document(&candidate, clock::now()))?;
    let visible = Visible::to(tenant, app.jobs.kind(), &app.store).await?;
    let keys = |id: &str| {
        let id: JobId = id.parse().ok()?;
        Some((Job::key_of(id), Some(Indexed::key_of_job(id))))
    };
    let search = wanted.search(&query, &visible)?;
    let is_open = |job: &Job| job.status == JobStatus::Open;
    let best = app.jobs.best(&search, keys, is_open).await.map_err(problem)?;
    let Best { hits, as_of }: Best<Job, Indexed> = best;
    // Last, so that a consent that ended meanwhile takes the quotes along.
    let read: Option<ReadResume> = app.store.get(&ReadResume::key_of(candidate.candidate_id)).await?;
    let said: Option<ResumeCorrections> = if candidate.corrected.is_empty() {
        None
    } else {
        app.store
            .get(&ResumeCorrections::key_of(candidate.candidate_id))
            .await?
    };
    let resume = read.map(|read| read.corrected(said.as_ref(), clock::now()).sure());
    let item = |mut hit: Hit<Job, Indexed>| {
        let bytes = hit.beside.and_then(|indexed| indexed.document);
        let document = bytes.and_then(|bytes| Document::from_bytes(&bytes).ok());
        if let (Some(resume), Some(document)) = (&resume, document) {
            explain(resume, &document, &mut hit.found);
        }
        JobMatch {
            job_id: hit.record.job_id,
            title: hit.record.title,
            explained: hit.found.into(),
        }
    };
    let items: Vec<_> = hits
        .into_iter()
        .filter(|hit| hit.found.score >= GOOD_MATCH)
        .map(item)
        .collect();
    Ok(Json(JobMatches {
        candidate_id: candidate.candidate_id,
        candidate_indexed_version: indexed.indexed_version,
        as_of,
        no_good_match: items.is_empty(),
        items,
    }))
}
