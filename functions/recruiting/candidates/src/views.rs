//! What the routes answer with.

use inventure_core::{CandidateId, ConsentId, MemberId, PayRange, TenantId, UploadId};
use inventure_table::records::{AwaitedFile, Candidate, Consent, ConsentRecord, ConsentScope, Reading, ReadingStatus};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

/// A candidate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateView {
    /// Their id.
    pub id: CandidateId,
    /// Whose they are.
    pub tenant_id: TenantId,
    /// Their name.
    pub name: String,
    /// First day they could begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub available_from: Option<Date>,
    /// Pay they ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_pay: Option<PayRange>,
    /// Whether they take remote work only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_only: Option<bool>,
    /// Town or region they work in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The consent in force; absent, and nothing is processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentView>,
    /// How the reading of the newest file that came went; without any, the file that is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingView>,
    /// The newest file that a form was given for and that has not been read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaited: Option<AwaitedView>,
    /// Send this back with a change.
    pub version: u64,
    /// Who recorded them.
    pub created_by: MemberId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<Candidate> for CandidateView {
    fn from(candidate: Candidate) -> Self {
        let awaited = candidate.awaited;
        // A form that nothing came with hides no reading; records from before `awaited` hold such a form as their reading.
        let reading = candidate.reading.map(ReadingView::from);
        let reading = reading.filter(|reading| awaited.is_none() || reading.status != ReadingStatus::AwaitingUpload);
        Self {
            id: candidate.candidate_id,
            tenant_id: candidate.tenant_id,
            name: candidate.name,
            available_from: candidate.available_from,
            desired_pay: candidate.desired_pay,
            remote_only: candidate.remote_only,
            location: candidate.location,
            consent: candidate.consent.map(Into::into),
            reading: reading.or_else(|| awaited.as_ref().map(ReadingView::awaiting)),
            awaited: awaited.map(Into::into),
            version: candidate.version,
            created_by: candidate.created_by,
            created_at: candidate.created_at,
            updated_at: candidate.updated_at,
        }
    }
}

/// A candidate who was erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedView {
    /// Their id, which nobody finds any more.
    pub id: CandidateId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub erased_at: Timestamp,
}

/// A consent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// Its id.
    pub id: ConsentId,
    /// To what.
    pub scopes: Vec<ConsentScope>,
    /// The employers that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub employers: Vec<TenantId>,
    /// How it was given.
    pub evidence: String,
    /// Who recorded it.
    pub recorded_by: MemberId,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Timestamp,
    /// The last day it holds, UTC.
    #[schema(value_type = String, format = Date)]
    pub until: Date,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.consent_id,
            scopes: consent.scopes,
            employers: consent.employers,
            evidence: consent.evidence,
            recorded_by: consent.recorded_by,
            given_at: consent.given_at,
            until: consent.until,
        }
    }
}

/// A consent, past or present.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastConsentView {
    /// What was agreed.
    #[serde(flatten)]
    pub consent: ConsentView,
    /// When it was withdrawn, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn_at: Option<Timestamp>,
    /// When it stopped being in force: it was withdrawn, replaced, or found to have run out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

impl From<ConsentRecord> for PastConsentView {
    fn from(record: ConsentRecord) -> Self {
        Self {
            consent: record.consent.into(),
            withdrawn_at: record.withdrawn_at,
            ended_at: record.ended_at.or(record.withdrawn_at),
        }
    }
}

/// How the reading of a file went.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingView {
    /// The file.
    pub upload_id: UploadId,
    /// How far it is.
    pub status: ReadingStatus,
    /// The name it was sent under.
    pub file_name: String,
    /// Stable code of a refusal, e.g. `needs_ocr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When it came to this.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl ReadingView {
    fn awaiting(awaited: &AwaitedFile) -> Self {
        Self {
            upload_id: awaited.upload_id,
            status: ReadingStatus::AwaitingUpload,
            file_name: awaited.file_name.clone(),
            reason: None,
            detail: None,
            at: awaited.at,
        }
    }
}

/// A file that is waited for.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwaitedView {
    /// The file.
    pub upload_id: UploadId,
    /// The name it will be sent under.
    pub file_name: String,
    /// When its form was given.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl From<AwaitedFile> for AwaitedView {
    fn from(awaited: AwaitedFile) -> Self {
        Self {
            upload_id: awaited.upload_id,
            file_name: awaited.file_name,
            at: awaited.at,
        }
    }
}

impl From<Reading> for ReadingView {
    fn from(reading: Reading) -> Self {
        Self {
            upload_id: reading.upload_id,
            status: reading.status,
            file_name: reading.file_name,
            reason: reading.reason,
            detail: reading.detail,
            at: reading.at,
        }
    }
}
