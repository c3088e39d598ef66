//! Makes a file in the bucket a structured résumé, or refuses it with a reason. It also erases what a consent no longer covers.
//!
//! The file is a stranger's. It is read in a child process with bounded time and memory, so whatever it does to the reader,
//! this function answers for it and goes on to the next.

mod erase;
pub mod library;
pub mod ocr;
pub mod reader;

pub use erase::{SWEPT_MAX, Swept};

use std::sync::Arc;

use inventure_api::{batch::Failure, problem::Kind};
use inventure_core::{CandidateId, TenantId, UploadId};
use inventure_events::{
    CandidateErased, ConsentExpired, ConsentGiven, ConsentWithdrawn, Envelope, Event, ResumeParsed, ResumeRefused,
    queue,
};
use inventure_people::Limit;
use inventure_recruiting::records::{Candidate, ConsentScope, ReadResume, Reading, ReadingStatus};
use inventure_resume::Refusal;
use inventure_table::{Change, Commit, Condition, Objects, Store, StoreError, pages::size};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::reader::{Read, Reader};

/// The largest file that is fetched. The upload form's own bound is at or below it.
pub const MAX_BYTES: u64 = 20 << 20;

/// The limit on scans. Each costs the recognition of up to ten pages.
const SCANS: Limit = Limit {
    what: "scans",
    span: "%Y-%m-%d",
    max: 1_000,
    told: "A tenant may have 1,000 scans recognised in a day.",
};

/// The most attempts to write a result while the candidate's record changes meanwhile.
const MAX_ROUNDS: u32 = 4;

/// The consumer of uploaded files and of the ends of consents.
pub struct Parser {
    store: Store,
    uploads: Arc<dyn Objects>,
    reader: Arc<dyn Reader>,
}

/// The tenant, candidate and upload of a file. The object's key names them: `resumes/<tenant>/<candidate>/<upload>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Upload {
    tenant_id: TenantId,
    candidate_id: CandidateId,
    upload_id: UploadId,
}

impl Upload {
    fn of(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix("resumes/")?.split('/');
        let upload = Self {
            tenant_id: parts.next()?.parse().ok()?,
            candidate_id: parts.next()?.parse().ok()?,
            upload_id: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(upload)
    }
}

/// A file that came into the bucket, as S3 tells the bus. The key stands there as it is, not encoded as in a notification.
#[derive(Debug, Deserialize)]
struct Created {
    object: CreatedObject,
}

#[derive(Debug, Deserialize)]
struct CreatedObject {
    key: String,
}

/// Returns the folder of a candidate's files, with the slash at its end.
fn folder(tenant_id: TenantId, candidate_id: CandidateId) -> String {
    format!("resumes/{tenant_id}/{candidate_id}/")
}

/// The decision about a file, by the candidate's record as it is now.
enum Standing {
    /// The file is to be read.
    Wanted(Box<Candidate>),
    /// A file that came with its form was read before, with this outcome.
    Used(Reading),
    /// The file is not to be read.
    Unwanted,
}

/// The result of reading a file.
enum Outcome {
    Parsed(Box<ReadResume>),
    Refused { reason: String, detail: String },
}

impl Parser {
    /// Creates a parser on this table and bucket, with this reader.
    #[must_use]
    pub fn new(store: Store, uploads: Arc<dyn Objects>, reader: Arc<dyn Reader>) -> Self {
        Self { store, uploads, reader }
    }

    /// Handles a message: a file from the bucket, an event from the bus, or `{"sweep":{}}` from the schedule.
    pub async fn handle(&self, body: &str, now: Timestamp) -> Result<(), Failure> {
        let message: Value = serde_json::from_str(body)?;
        if message.get("sweep").is_some() {
            self.sweep(now).await?;
            return Ok(());
        }
        if message["source"] != "aws.s3" {
            return self.event(&queue::from_bus(body)?, now).await;
        }
        let Created { object } = Created::deserialize(&message["detail"])?;
        if let Some(upload) = Upload::of(&object.key) {
            self.file(&object.key, upload, now).await?;
        } else {
            tracing::warn!(key = object.key, "upload.unknown_key");
        }
        Ok(())
    }

    /// Erases what the consent that the event is about no longer covers.
    pub async fn event(&self, event: &Envelope, now: Timestamp) -> Result<(), Failure> {
        match &event.event {
            // A new consent may cover less than the one that it replaces.
            Event::ConsentGiven(ConsentGiven { candidate_id, .. })
            | Event::ConsentWithdrawn(ConsentWithdrawn { candidate_id, .. })
            | Event::ConsentExpired(ConsentExpired { candidate_id, .. }) => self.erase(*candidate_id, now).await,
            Event::CandidateErased(CandidateErased { candidate_id, .. }) => {
                self.erase(*candidate_id, now).await?;
                self.erase_evidence(*candidate_id).await
            }
            other => {
                tracing::warn!(kind = other.kind(), "resume_parser.not_for_me");
                Ok(())
            }
        }
    }

    async fn file(&self, key: &str, upload: Upload, now: Timestamp) -> Result<(), Failure> {
        let standing = self.standing(key, upload, now).await?;
        if matches!(standing, Standing::Unwanted) {
            return Ok(());
        }
        let (bytes, sha256) = match self.uploads.get(key, MAX_BYTES).await {
            Ok(Some(bytes)) => {
                let sha256 = hex::encode(Sha256::digest(&bytes));
                (bytes, Some(sha256))
            }
            Ok(None) => {
                tracing::warn!(upload_id = %upload.upload_id, "upload.gone");
                return Ok(());
            }
            Err(StoreError::TooLarge) => (Vec::new(), None),
            Err(error) => return Err(error.into()),
        };
        let candidate = match standing {
            Standing::Wanted(candidate) => candidate,
            Standing::Used(reading) if reading.sha256 == sha256 => {
                tracing::info!(upload_id = %upload.upload_id, "upload.read_before");
                return Ok(());
            }
            Standing::Used(_) => {
                // A form is good for one file: what replaces it in the bucket is not what was read.
                self.uploads.erase(key).await?;
                tracing::warn!(upload_id = %upload.upload_id, "upload.form_used_again");
                return Ok(());
            }
            Standing::Unwanted => return Ok(()),
        };
        let outcome = if sha256.is_none() {
            refused(&Refusal::TooLarge { limit_bytes: MAX_BYTES })
        } else {
            let read = match self.reader.read(&bytes, file_name(&candidate, upload), now).await? {
                Err(Refusal::NeedsOcr) if self.may_recognise(upload.tenant_id).await? => {
                    self.reader.read_scan(&bytes, now).await?
                }
                read => read,
            };
            match read {
                Ok(read) => parsed(upload, read, now)?,
                Err(refusal) => refused(&refusal),
            }
        };
        self.record(key, upload, &outcome, sha256, now).await
    }

    /// Whether the pages of a file of this tenant may be recognised. Each time counts: also one that fails, as its pages are paid for.
    async fn may_recognise(&self, tenant_id: TenantId) -> Result<bool, Failure> {
        if !self.reader.reads_scans() {
            return Ok(false);
        }
        match SCANS.count(&self.store, tenant_id).await {
            Ok(_) => Ok(true),
            Err(problem) if problem.kind == Kind::TooManyRequests => {
                tracing::warn!(%tenant_id, "scans.too_many");
                Ok(false)
            }
            Err(problem) => Err(problem.detail.into()),
        }
    }

    /// Decides whether the file is still wanted. It is, where it is the candidate's, they consent to its reading, its form is
    /// good, and no newer file was read.
    async fn standing(&self, key: &str, upload: Upload, now: Timestamp) -> Result<Standing, Failure> {
        let (id, upload_id) = (upload.candidate_id, upload.upload_id);
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(id)).await?;
        let Some(candidate) = candidate.filter(|candidate| candidate.tenant_id == upload.tenant_id) else {
            tracing::warn!(%upload_id, "upload.no_such_candidate");
            return Ok(Standing::Unwanted);
        };
        let today = now.to_zoned(TimeZone::UTC).date();
        let void = candidate.forms_void_until.is_some_and(|until| upload_id <= until);
        if void || !candidate.consents(ConsentScope::StoreResume, today) {
            // Nobody may keep it: it came with a form from before the consent ended.
            self.uploads.erase(key).await?;
            tracing::warn!(%upload_id, "upload.no_consent");
            return Ok(Standing::Unwanted);
        }
        if let Some(reading) = candidate.last_reading().filter(|last| last.upload_id == upload_id) {
            return Ok(Standing::Used(reading.clone()));
        }
        // By the order of the forms, not of arrival: what comes late does not replace what is newer.
        let last = candidate
            .last_reading()
            .map(|last| last.upload_id)
            .max(candidate.resume_upload_id);
        if last.is_some_and(|last| last >= upload_id) {
            if candidate.resume_upload_id != Some(upload_id) {
                self.uploads.erase(key).await?;
            }
            tracing::info!(%upload_id, "upload.superseded");
            return Ok(Standing::Unwanted);
        }
        Ok(Standing::Wanted(Box::new(candidate)))
    }

    /// Writes the outcome, the candidate's reading and the event, all or nothing.
    async fn record(
        &self,
        key: &str,
        upload: Upload,
        outcome: &Outcome,
        sha256: Option<String>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        for _ in 0..MAX_ROUNDS {
            // Read anew each time: consent may have ended, or another file been read, while this one was.
            let Standing::Wanted(mut candidate) = self.standing(key, upload, now).await? else {
                return Ok(());
            };
            let read_at = candidate.version;
            candidate.version += 1;
            candidate.updated_at = now;
            let (status, reason, detail) = match outcome {
                Outcome::Parsed(_) => (ReadingStatus::Parsed, None, None),
                Outcome::Refused { reason, detail } => {
                    (ReadingStatus::Refused, Some(reason.clone()), Some(detail.clone()))
                }
            };
            let file_name = file_name(&candidate, upload);
            candidate.awaited = candidate
                .awaited
                .take()
                .filter(|awaited| awaited.upload_id > upload.upload_id);
            candidate.reading = Some(Reading {
                upload_id: upload.upload_id,
                status,
                file_name,
                reason,
                detail,
                sha256: sha256.clone(),
                at: now,
            });
            let mut change = Change::new();
            if let Outcome::Parsed(resume) = outcome {
                candidate.resume_upload_id = Some(upload.upload_id);
                change = change.put(&**resume, Condition::None);
            }
            let envelope = Envelope::new(
                event(upload, outcome, candidate.version),
                now,
                &upload.upload_id.to_string(),
            );
            let change = change
                .update(&*candidate, read_at)
                .emit(candidate.candidate_id, &envelope);
            if matches!(self.store.commit(change).await?, Commit::Done) {
                tracing::info!(upload_id = %upload.upload_id, outcome = envelope.event.kind(), "upload.read");
                return Ok(());
            }
        }
        Err("the candidate's record changed in every round".into())
    }
}

/// Returns the name that its sender gave the file. Only that of the newest form is known.
fn file_name(candidate: &Candidate, upload: Upload) -> String {
    let awaited = candidate
        .awaited
        .as_ref()
        .map(|awaited| (awaited.upload_id, &awaited.file_name));
    let before = candidate
        .reading
        .as_ref()
        .map(|reading| (reading.upload_id, &reading.file_name));
    let known = awaited
        .into_iter()
        .chain(before)
        .find(|(id, _)| *id == upload.upload_id);
    known.map(|(_, name)| name.clone()).unwrap_or_default()
}

fn event(upload: Upload, outcome: &Outcome, candidate_version: u64) -> Event {
    let Upload {
        tenant_id,
        candidate_id,
        upload_id,
    } = upload;
    match outcome {
        Outcome::Parsed(_) => ResumeParsed {
            candidate_id,
            tenant_id,
            upload_id,
            candidate_version,
        }
        .into(),
        Outcome::Refused { reason, .. } => ResumeRefused {
            candidate_id,
            tenant_id,
            upload_id,
            reason: reason.clone(),
        }
        .into(),
    }
}

fn refused(refusal: &Refusal) -> Outcome {
    Outcome::Refused {
        reason: refusal.code().to_owned(),
        detail: refusal.to_string(),
    }
}

fn parsed(upload: Upload, read: Read, now: Timestamp) -> Result<Outcome, Failure> {
    let bytes = size(&read.resume)? + read.text.len();
    if bytes > ReadResume::MAX_BYTES {
        let limit_characters = read.limit_characters;
        return Ok(refused(&Refusal::TooLong { limit_characters }));
    }
    Ok(Outcome::Parsed(Box::new(ReadResume {
        candidate_id: upload.candidate_id,
        tenant_id: upload.tenant_id,
        upload_id: upload.upload_id,
        resume: read.resume,
        text: read.text,
        // A page can do without its lights; a table item cannot do with more than it holds.
        boxes: Some(read.boxes)
            .filter(|boxes| bytes + boxes.len() <= ReadResume::MAX_BYTES)
            .unwrap_or_default(),
        read_at: now,
    })))
}
