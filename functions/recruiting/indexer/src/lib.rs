//! Makes documents of the index from résumés and jobs. A document holds the record's terms, its facts, and a vector made once,
//! here, so that no ranking has to embed anything.
//!
//! The record as it is now is indexed, whatever version the event speaks of. So events may repeat and come in any order: the
//! document of a newer version stands, and an older one changes nothing.

pub mod model;

use std::sync::Arc;

use inventure_api::batch::Failure;
use inventure_core::{CandidateId, JobId, UploadId};
use inventure_events::{
    CandidateErased, CandidateIndexed, CandidateUpdated, ConsentExpired, ConsentGiven, ConsentWithdrawn, Envelope,
    Event, JobClosed, JobIndexed, JobPosted, JobUpdated, ResumeParsed,
};
use inventure_live_index::{
    day,
    records::{DeltaEntry, IndexKind, Indexed},
};
use inventure_ranking::{
    Document,
    document::{RemotePolicy, Shown},
    profile::{self, EmbeddingText, Preferences, Reading, Stamp, Vectors},
};
use inventure_recruiting::records::{Candidate, ConsentScope, Job, JobStatus, ReadResume, ResumeCorrections};
use inventure_resume::Resume;
use inventure_table::{Change, Commit, Condition, Key, Store};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sha2::{Digest, Sha256};

use crate::model::Model;

/// The consumer of everything that changes what can be found.
pub struct Indexer {
    store: Store,
    model: Arc<dyn Model>,
}

/// A record on its way into the index.
struct Next {
    kind: IndexKind,
    record_id: String,
    version: u64,
    /// The last upload whose file is void, with all before it.
    void_until: Option<UploadId>,
    /// The texts to embed, and the function that makes the document with the vectors. `None` takes the record out of the index.
    made: Option<(EmbeddingText, MakeDocument)>,
}

type MakeDocument = Box<dyn FnOnce(Vectors) -> Document + Send>;

impl Indexer {
    /// Creates an indexer on this table, with this model.
    #[must_use]
    pub fn new(store: Store, model: Arc<dyn Model>) -> Self {
        Self { store, model }
    }

    /// Brings the index up to the record that the event is about.
    pub async fn handle(&self, event: &Envelope, now: Timestamp) -> Result<(), Failure> {
        match &event.event {
            Event::JobPosted(JobPosted { job_id, .. })
            | Event::JobUpdated(JobUpdated { job_id, .. })
            | Event::JobClosed(JobClosed { job_id, .. }) => self.job(event, *job_id, now).await,
            Event::ResumeParsed(ResumeParsed { candidate_id, .. })
            | Event::CandidateUpdated(CandidateUpdated { candidate_id, .. })
            | Event::CandidateErased(CandidateErased { candidate_id, .. })
            | Event::ConsentGiven(ConsentGiven { candidate_id, .. })
            | Event::ConsentWithdrawn(ConsentWithdrawn { candidate_id, .. })
            | Event::ConsentExpired(ConsentExpired { candidate_id, .. }) => {
                self.candidate(event, *candidate_id, now).await
            }
            other => {
                tracing::warn!(kind = other.kind(), "indexer.not_for_me");
                Ok(())
            }
        }
    }

    async fn job(&self, cause: &Envelope, job_id: JobId, now: Timestamp) -> Result<(), Failure> {
        let Some(job) = self.store.get::<Job>(&Job::key_of(job_id)).await? else {
            return Ok(());
        };
        let stamp = Stamp {
            id: job_id.to_string(),
            tenant_id: job.tenant_id.to_string(),
            version: job.version,
            updated_day: day(job.updated_at),
        };
        let made: Option<(EmbeddingText, MakeDocument)> = if job.status == JobStatus::Open {
            let parsed = job.parsed;
            let text = profile::job_text(&job.title, &job.description);
            let make = move |vectors| profile::job_document(stamp, &parsed, &job.description, vectors);
            Some((text, Box::new(make)))
        } else {
            None
        };
        let event = JobIndexed {
            job_id,
            tenant_id: job.tenant_id,
            job_version: job.version,
        };
        let next = Next {
            kind: IndexKind::Jobs,
            record_id: job_id.to_string(),
            version: job.version,
            void_until: None,
            made,
        };
        self.write(cause, &Indexed::key_of_job(job_id), next, event.into(), now)
            .await
    }

    async fn candidate(&self, cause: &Envelope, id: CandidateId, now: Timestamp) -> Result<(), Failure> {
        let Some(candidate) = self.store.get::<Candidate>(&Candidate::key_of(id)).await? else {
            return Ok(());
        };
        let today = now.to_zoned(TimeZone::UTC).date();
        let read = if candidate.may_be_matched(today) {
            self.store.get::<ReadResume>(&ReadResume::key_of(id)).await?
        } else {
            None
        };
        let made = match read {
            Some(read) => {
                let corrections: Option<ResumeCorrections> = self.store.get(&ResumeCorrections::key_of(id)).await?;
                let name = read.resume.name.as_ref().map(|name| name.value.clone());
                let resume = read.corrected(corrections.as_ref(), now);
                Some(candidate_parts(&candidate, resume, name))
            }
            None => None,
        };
        let event = CandidateIndexed {
            candidate_id: id,
            tenant_id: candidate.tenant_id,
            candidate_version: candidate.version,
        };
        let next = Next {
            kind: IndexKind::Candidates,
            record_id: id.to_string(),
            version: candidate.version,
            void_until: candidate.forms_void_until,
            made,
        };
        self.write(cause, &Indexed::key_of_candidate(id), next, event.into(), now)
            .await
    }

    /// Makes the document unless it is there already. It is written beside the record, among the recent writes and into the
    /// outbox, all or nothing.
    async fn write(
        &self,
        cause: &Envelope,
        key: &Key,
        next: Next,
        event: Event,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let before: Option<Indexed> = self.store.get(key).await?;
        let gone_before = before.as_ref().is_none_or(|before| before.document.is_none());
        if before
            .as_ref()
            .is_some_and(|before| before.indexed_version >= next.version)
            || (gone_before && next.made.is_none())
        {
            return Ok(());
        }
        let (document, text_sha256) = match next.made {
            Some((text, make)) => {
                let mut hash = Sha256::new_with_prefix(profile::VECTORS_VERSION);
                for text in text.texts() {
                    hash.update((text.len() as u64).to_le_bytes());
                    hash.update(text);
                }
                let hash = hex::encode(hash.finalize());
                let vectors = self.vectors(&text, &hash, before.as_ref()).await?;
                (Some(make(vectors).to_bytes()), hash)
            }
            None => (None, String::new()),
        };
        let found = document.is_some();
        // A consent ended and another was given before this was told of either: what was read under the first goes as if taken out.
        let replaces_void =
            before.is_some_and(|before| before.document.is_some() && before.void_until != next.void_until);
        let entry = DeltaEntry {
            replaces_void,
            ..DeltaEntry::new(next.kind, next.record_id.clone(), next.version, document.clone())
        };
        let indexed = Indexed {
            record_id: next.record_id.clone(),
            kind: next.kind,
            indexed_version: next.version,
            text_sha256,
            document,
            void_until: next.void_until,
        };
        let mut change = Change::new()
            .put(&indexed, Condition::Below("indexed_version", next.version))
            .insert(&entry);
        if found {
            change = change.emit(&next.record_id, &cause.follow(event, &next.version.to_string(), now));
        }
        // Not done: another delivery, or a newer version, was quicker, and the index is at least this far.
        let written = matches!(self.store.commit(change).await?, Commit::Done);
        tracing::info!(
            record_id = next.record_id,
            version = next.version,
            found,
            written,
            "index.brought_up_to_date"
        );
        Ok(())
    }

    /// Returns the vectors of the texts, or those there are where the texts have not changed.
    async fn vectors(&self, text: &EmbeddingText, hash: &str, before: Option<&Indexed>) -> Result<Vectors, Failure> {
        if let Some(before) = before.filter(|before| before.text_sha256 == hash)
            && let Some(bytes) = &before.document
            && let Ok(Document {
                vector: Some(vector),
                titles,
                ..
            }) = Document::from_bytes(bytes)
        {
            return Ok(Vectors {
                meaning: Some(vector),
                titles,
                text_was_cut: text.was_cut,
            });
        }
        let texts = text.texts().map(str::to_owned).collect();
        Ok(text.vectors(self.model.embed(texts).await?))
    }
}

/// Returns a date as the day number that documents carry. `None` stands for a day at the edge of time, which no search could
/// mean.
fn day_of(date: Date) -> Option<i32> {
    let date = date.to_zoned(TimeZone::UTC).ok()?;
    Some(day(date.timestamp()))
}

/// Returns what is embedded and indexed of a candidate. `name` is the one in their file, whatever was corrected.
fn candidate_parts(candidate: &Candidate, resume: Resume, name: Option<String>) -> (EmbeddingText, MakeDocument) {
    let wants = Preferences {
        pay: candidate.desired_pay,
        remote: candidate.remote_only.filter(|only| *only).map(|_| RemotePolicy::Remote),
        available_from_day: candidate.available_from.and_then(day_of),
        location: candidate.location.clone(),
    };
    let stamp = Stamp {
        id: candidate.candidate_id.to_string(),
        tenant_id: candidate.tenant_id.to_string(),
        version: candidate.version,
        updated_day: day(candidate.updated_at),
    };
    // The index knows how far the consent goes, so that what may not be shown takes no place in a ranking.
    let shown = candidate.consent.as_ref().map_or(Shown::ALWAYS, |consent| Shown {
        until_day: day_of(consent.until).unwrap_or(i32::MAX),
        to_others: consent.scopes.contains(&ConsentScope::ShareWithNetwork),
    });
    // Each name that they go by is taken out, so that nobody is found, or passed over, by it.
    let names = format!("{} {}", candidate.name, name.unwrap_or_default());
    let text = profile::candidate_text(reading(&resume, &names));
    let make = move |vectors| Document {
        shown,
        ..profile::candidate_document(stamp, reading(&resume, &names), &wants, vectors)
    };
    (text, Box::new(make))
}

const fn reading<'a>(resume: &'a Resume, names: &'a str) -> Reading<'a> {
    Reading {
        resume,
        text: "",
        names,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_index_is_of_the_model_that_embeds() {
        assert_eq!(inventure_live_index::MODEL_VERSION, inventure_embedding::MODEL_VERSION);
    }
}
