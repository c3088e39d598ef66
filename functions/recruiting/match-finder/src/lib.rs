//! Finds matches when a job or a candidate arrives, without anyone asking.
//!
//! Both sides are written to the index before their event comes here, and each search sees every acknowledged write; so of a
//! job and a candidate that arrive together, whichever is handled later finds the other.
//!
//! Each tenant is told of a pair once. These are the record's own, those that it is granted to by then, and any that it is
//! granted to later. A message makes one search, for one tenant. The search for a record which many may see is handed on, some
//! grantees at a time.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use inventure_api::batch::Failure;
use inventure_core::{CandidateId, JobId, TenantId};
use inventure_events::{
    AccessGranted, CandidateIndexed, Envelope, Event, FoundMatch, JobIndexed, MatchTrigger, MatchesFound,
    SharedRecordIndexed,
};
use inventure_live_index::{
    Best, LiveIndex, Search, Visible,
    records::{IndexKind, Indexed},
};
use inventure_people::records::Grant;
use inventure_ranking::{Document, Filters, Match as Ranked};
use inventure_recruiting::records::{Candidate, Job, JobStatus, Match};
use inventure_table::{Change, Commit, Condition, Key, Objects, Record, Store, retry::Attempts, table::Query};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// The most candidates reported for a job that arrives.
const FOR_JOB: usize = 20;

/// The most jobs that a candidate who arrives is reported for.
const FOR_CANDIDATE: usize = 10;

/// The most attempts to write a job's matches while another run writes them at the same time.
const ROUNDS: u32 = 5;

/// The number of grantees that one message hands a record on to.
const HANDED_ON: usize = 50;

/// The number of grantees that a message hands on to at once.
const PARALLEL: usize = 10;

/// The least score of a pair that is reported unasked: of four such people, a broker would shortlist one.
const WORTH_REPORTING: f64 = 0.25;

/// The consumer of `CandidateIndexed`, `JobIndexed`, `SharedRecordIndexed` and `AccessGranted`.
pub struct MatchFinder {
    store: Store,
    candidates: LiveIndex,
    jobs: LiveIndex,
}

impl MatchFinder {
    /// Creates a match finder on this table and this bucket of segments.
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
            Event::JobIndexed(JobIndexed { job_id, tenant_id, .. }) => {
                self.hand_on(event, &job_id.to_string(), *tenant_id, None, now).await?;
                self.job(event, *job_id, *tenant_id, now).await
            }
            Event::CandidateIndexed(CandidateIndexed {
                candidate_id,
                tenant_id,
                ..
            }) => {
                self.hand_on(event, &candidate_id.to_string(), *tenant_id, None, now)
                    .await?;
                self.candidate(event, *candidate_id, *tenant_id, now).await
            }
            Event::SharedRecordIndexed(shared) => {
                let (record, grantee) = (&shared.record_id, shared.grantee_id);
                if shared.more {
                    self.hand_on(event, record, shared.tenant_id, Some(grantee), now)
                        .await?;
                }
                self.granted(event, record, grantee, now).await
            }
            Event::AccessGranted(AccessGranted {
                record_id, grantee_id, ..
            }) => self.granted(event, record_id, *grantee_id, now).await,
            other => {
                tracing::warn!(kind = other.kind(), "match_finder.not_for_me");
                Ok(())
            }
        }
    }

    /// Makes a message of its own for each of the next grantees of a record, after one of them. The last message goes on with
    /// those behind it.
    async fn hand_on(
        &self,
        cause: &Envelope,
        record_id: &str,
        owner: TenantId,
        after: Option<TenantId>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let query = Query {
            after: after.map(|grantee| grantee.to_string()),
            limit: HANDED_ON,
            ..Query::index(Grant::of_record(record_id))
        };
        let grants: Vec<Grant> = self.store.query(&query).await?;
        let is_full = grants.len() == HANDED_ON;
        let last = grants.last().map(|grant| grant.grantee_id);
        let sent = grants.iter().map(|grant| {
            let more = is_full && Some(grant.grantee_id) == last;
            let shared = SharedRecordIndexed {
                record_id: record_id.to_owned(),
                tenant_id: owner,
                grantee_id: grant.grantee_id,
                more,
            };
            // Each is written by itself: delivered again, those that are there already must not keep the others back.
            let part = format!("{record_id}/{}/{more}", grant.grantee_id);
            let envelope = cause.follow(shared.into(), &part, now);
            async move { self.store.commit(Change::new().emit(record_id, &envelope)).await }
        });
        stream::iter(sent)
            .buffer_unordered(PARALLEL)
            .try_for_each(|_| async { Ok(()) })
            .await?;
        Ok(())
    }

    /// Tells a tenant of the matches of a record that it may see, as the record's owner is told.
    async fn granted(&self, cause: &Envelope, record: &str, tenant: TenantId, now: Timestamp) -> Result<(), Failure> {
        let grant: Option<Grant> = self.store.get(&Grant::key_of(tenant, record)).await?;
        // Taken back since.
        if grant.is_none() {
            return Ok(());
        }
        let job: Option<JobId> = record.parse().ok();
        let candidate: Option<CandidateId> = record.parse().ok();
        match (job, candidate) {
            (Some(job), _) => self.job(cause, job, tenant, now).await,
            (None, Some(candidate)) => self.candidate(cause, candidate, tenant, now).await,
            (None, None) => Ok(()),
        }
    }

    async fn document(&self, key: &Key) -> Result<Option<Document>, Failure> {
        let indexed: Option<Indexed> = self.store.get(key).await?;
        let bytes = indexed.and_then(|indexed| indexed.document);
        Ok(bytes.map(|bytes| Document::from_bytes(&bytes)).transpose()?)
    }

    /// Finds the best records that the tenant may see and that `keep` lets through. Only those with a score worth a report are
    /// returned.
    async fn search<R: Record>(
        &self,
        index: &LiveIndex,
        query: &Document,
        (tenant, limit, now): (TenantId, usize, Timestamp),
        key: impl Fn(&str) -> Option<Key> + Send + Sync,
        keep: impl Fn(&R) -> bool + Send + Sync,
    ) -> Result<Vec<Ranked>, Failure> {
        let visible = Visible::to(tenant, index.kind(), &self.store).await?;
        let search = Search {
            query,
            visible: &visible,
            filters: Filters::default(),
            limit,
            now,
            max_age: SignedDuration::ZERO,
            max_stale: SignedDuration::ZERO,
        };
        let alone = |id: &str| Some((key(id)?, None));
        let best: Best<R, R> = index.best(&search, alone, keep).await?;
        let found = best.hits.into_iter().map(|hit| hit.found);
        Ok(found.filter(|found| found.score >= WORTH_REPORTING).collect())
    }

    async fn job(&self, cause: &Envelope, job_id: JobId, tenant: TenantId, now: Timestamp) -> Result<(), Failure> {
        // Closed since: there is nothing to find any more.
        let Some(query) = self.document(&Indexed::key_of_job(job_id)).await? else {
            return Ok(());
        };
        let today = now.to_zoned(TimeZone::UTC).date();
        let key = |id: &str| id.parse().ok().map(Candidate::key_of);
        let keep = |candidate: &Candidate| candidate.may_be_shown(tenant, today);
        let asked = (tenant, FOR_JOB, now);
        let found = self.search(&self.candidates, &query, asked, key, keep).await?;
        let mut matches = Vec::new();
        for found in found {
            matches.push(record(job_id, found.id.parse()?, tenant, &found, now));
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
        let today = now.to_zoned(TimeZone::UTC).date();
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(candidate_id)).await?;
        if candidate.is_none_or(|candidate| !candidate.may_be_shown(tenant, today)) {
            return Ok(());
        }
        let key = |id: &str| id.parse().ok().map(Job::key_of);
        let is_open = |job: &Job| job.status == JobStatus::Open;
        let asked = (tenant, FOR_CANDIDATE, now);
        for found in self.search(&self.jobs, &query, asked, key, is_open).await? {
            let job_id: JobId = found.id.parse()?;
            let matches = [record(job_id, candidate_id, tenant, &found, now)];
            self.report(cause, job_id, tenant, MatchTrigger::Candidate, &matches, now)
                .await?;
        }
        Ok(())
    }

    async fn report(
        &self,
        cause: &Envelope,
        job_id: JobId,
        tenant: TenantId,
        trigger: MatchTrigger,
        matches: &[Match],
        now: Timestamp,
    ) -> Result<(), Failure> {
        if matches.is_empty() {
            return Ok(());
        }
        let keys: Vec<Key> = matches.iter().map(Record::key).collect();
        let candidates: Vec<Key> = matches
            .iter()
            .map(|found| Candidate::key_of(found.candidate_id))
            .collect();
        let today = now.to_zoned(TimeZone::UTC).date();
        let mut attempts = Attempts::new(ROUNDS);
        while attempts.begin().await {
            // A consent that ends meanwhile takes all that was found with it, and nothing is found after that.
            let mut shown: Vec<Candidate> = self.store.get_many(&candidates).await?;
            shown.retain(|candidate| candidate.may_be_shown(tenant, today));
            let is_shown = |found: &&Match| {
                shown
                    .iter()
                    .any(|candidate| candidate.candidate_id == found.candidate_id)
            };
            let known: Vec<Match> = self.store.get_many(&keys).await?;
            let known_of = |found: &Match| known.iter().find(|known| known.candidate_id == found.candidate_id);
            let (again, new): (Vec<&Match>, Vec<&Match>) = matches
                .iter()
                .filter(is_shown)
                .partition(|found| known_of(found).is_some());
            let mut change = Change::new();
            let mut written = Vec::new();
            for found in again {
                // Found when it was found first: what comes again changes nothing.
                let found_at = known_of(found).map_or(found.found_at, |known| known.found_at);
                let found = Match {
                    found_at,
                    ..found.clone()
                };
                if !known.contains(&found) {
                    change = change.put(&found, Condition::None);
                    written.push(found.candidate_id);
                }
            }
            // A job that is edited matches whom it matched before: that is no news.
            if let Some(best) = new.first() {
                let found = MatchesFound {
                    job_id,
                    tenant_id: tenant,
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
                change = change.emit(job_id, &cause.follow(found.into(), &format!("{job_id}/{tenant}"), now));
            }
            for found in &new {
                change = change.insert(*found);
                written.push(found.candidate_id);
            }
            for candidate in shown
                .iter()
                .filter(|candidate| written.contains(&candidate.candidate_id))
            {
                change = change.unchanged(candidate, candidate.version);
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

fn record(job_id: JobId, candidate_id: CandidateId, tenant: TenantId, found: &Ranked, now: Timestamp) -> Match {
    Match {
        job_id,
        candidate_id,
        tenant_id: tenant,
        score: found.score,
        model_version: format!("{} {}", found.model_version, found.weights_version),
        found_at: now,
    }
}
