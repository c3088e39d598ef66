//! Finds matches when a job or a candidate arrives, without anyone asking.
//!
//! Both sides are written to the index before their event comes here, and each search sees every acknowledged write; so of a
//! job and a candidate that arrive together, whichever is handled later finds the other.

use std::sync::Arc;

use inventure_core::{CandidateId, JobId, TenantId};
use inventure_events::{CandidateIndexed, Envelope, Event, FoundMatch, JobIndexed, MatchTrigger, MatchesFound};
use inventure_lambda::batch::Failure;
use inventure_matching::{Document, Filters, Match as Ranked};
use inventure_search::{LiveIndex, Visible};
use inventure_store::{
    Change, Commit, Condition, Key, Objects, Store,
    records::{Candidate, ConsentScope, IndexKind, Indexed, Job, JobStatus, Match, Record},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Most candidates reported for a job that arrives.
const FOR_JOB: usize = 20;

/// Most jobs that a candidate who arrives is reported for.
const FOR_CANDIDATE: usize = 10;

/// How often the matches of a job are written anew that another writes at the same time.
const ROUNDS: usize = 5;

/// What a pair must score to be reported unasked. Whoever asks for a ranking gets it down to any score.
const WORTH_REPORTING: f64 = 0.45;

/// The consumer of `CandidateIndexed` and `JobIndexed`.
pub struct Matcher {
    store: Store,
    candidates: LiveIndex,
    jobs: LiveIndex,
}

impl Matcher {
    /// A matcher on this table and this bucket of segments.
    #[must_use]
    pub fn new(store: Store, segments: Arc<dyn Objects>) -> Self {
        let index = |kind| LiveIndex::new(kind, store.clone(), Arc::clone(&segments));
        Self {
            candidates: index(IndexKind::Candidates),
            jobs: index(IndexKind::Jobs),
            store,
        }
    }

    /// Finds the matches that this event makes possible, and reports them.
    pub async fn handle(&self, event: &Envelope, now: Timestamp) -> Result<(), Failure> {
        match &event.event {
            Event::JobIndexed(JobIndexed { job_id, tenant_id, .. }) => self.job(event, *job_id, *tenant_id, now).await,
            Event::CandidateIndexed(CandidateIndexed {
                candidate_id,
                tenant_id,
                ..
            }) => self.candidate(event, *candidate_id, *tenant_id, now).await,
            other => {
                tracing::warn!(kind = other.kind(), "matcher.not_for_me");
                Ok(())
            }
        }
    }

    async fn document(&self, key: &Key) -> Result<Option<Document>, Failure> {
        let indexed: Option<Indexed> = self.store.get(key).await?;
        let bytes = indexed.and_then(|indexed| indexed.document);
        Ok(bytes.map(|bytes| Document::from_bytes(&bytes)).transpose()?)
    }

    async fn search(
        &self,
        index: &LiveIndex,
        query: &Document,
        tenant: TenantId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Ranked>, Failure> {
        let visible = Visible::to(tenant, &self.store).await?;
        let found = index
            .rank(query, visible, Filters::default(), limit, now, SignedDuration::ZERO)
            .await?;
        Ok(found
            .into_iter()
            .filter(|found| found.score >= WORTH_REPORTING)
            .collect())
    }

    async fn job(&self, cause: &Envelope, job_id: JobId, tenant: TenantId, now: Timestamp) -> Result<(), Failure> {
        // Closed since: there is nothing to find any more.
        let Some(query) = self.document(&Indexed::key_of_job(job_id)).await? else {
            return Ok(());
        };
        let found = self.search(&self.candidates, &query, tenant, FOR_JOB, now).await?;
        let mut matches = Vec::new();
        for found in found {
            let candidate_id: CandidateId = found.id.parse()?;
            if self.may_show(candidate_id, tenant, now).await? {
                matches.push(record(job_id, candidate_id, &found, now));
            }
        }
        self.report(cause, job_id, tenant, MatchTrigger::Job, &matches, now)
            .await
    }

    async fn candidate(
        &self,
        cause: &Envelope,
        candidate_id: CandidateId,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Some(query) = self.document(&Indexed::key_of_candidate(candidate_id)).await? else {
            return Ok(());
        };
        if !self.may_show(candidate_id, tenant, now).await? {
            return Ok(());
        }
        for found in self.search(&self.jobs, &query, tenant, FOR_CANDIDATE, now).await? {
            let job_id: JobId = found.id.parse()?;
            let job: Option<Job> = self.store.get(&Job::key_of(job_id)).await?;
            if job.is_some_and(|job| job.status == JobStatus::Open) {
                let matches = [record(job_id, candidate_id, &found, now)];
                self.report(cause, job_id, tenant, MatchTrigger::Candidate, &matches, now)
                    .await?;
            }
        }
        Ok(())
    }

    /// Whether the candidate's consent covers being matched for this tenant, as of now.
    async fn may_show(&self, id: CandidateId, tenant: TenantId, now: Timestamp) -> Result<bool, Failure> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(id)).await?;
        Ok(candidate.is_some_and(|candidate| {
            candidate.may_be_matched(today)
                && (candidate.tenant_id == tenant || candidate.consents(ConsentScope::ShareWithNetwork, today))
        }))
    }

    async fn report(
        &self,
        cause: &Envelope,
        job_id: JobId,
        tenant_id: TenantId,
        trigger: MatchTrigger,
        matches: &[Match],
        now: Timestamp,
    ) -> Result<(), Failure> {
        if matches.is_empty() {
            return Ok(());
        }
        let keys: Vec<Key> = matches.iter().map(Record::key).collect();
        for _ in 0..ROUNDS {
            let known: Vec<Match> = self.store.get_many(&keys).await?;
            let is_known = |found: &&Match| known.iter().any(|known| known.candidate_id == found.candidate_id);
            let (known, new): (Vec<&Match>, Vec<&Match>) = matches.iter().partition(is_known);
            let mut change = Change::new();
            for found in known {
                change = change.put(found, Condition::None);
            }
            // A job that is edited matches whom it matched before: that is no news.
            if let Some(best) = new.first() {
                let found = MatchesFound {
                    job_id,
                    tenant_id,
                    trigger,
                    matches: new
                        .iter()
                        .map(|found| FoundMatch {
                            candidate_id: found.candidate_id,
                            score: found.score,
                        })
                        .collect(),
                    model_version: best.model_version.clone(),
                };
                change = change.emit(job_id, &cause.follow(found.into(), &job_id.to_string(), now));
            }
            for found in &new {
                change = change.insert(*found);
            }
            // Refused where the job and the candidate found each other at the same moment: now one of them is known.
            if !matches!(self.store.commit(change).await?, Commit::Conflict) {
                tracing::info!(%job_id, matches = matches.len(), new = new.len(), "matches.found");
                return Ok(());
            }
        }
        Err("matches were found by others in every round".into())
    }
}

fn record(job_id: JobId, candidate_id: CandidateId, found: &Ranked, now: Timestamp) -> Match {
    Match {
        job_id,
        candidate_id,
        score: found.score,
        model_version: format!("{} {}", found.model_version, found.weights_version),
        found_at: now,
    }
}
