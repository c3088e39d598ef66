//! What the routes answer with.

use inventure_core::{CandidateId, ConsentId, MemberId, PayRange, TenantId, UploadId};
use inventure_store::records::{Candidate, Consent, ConsentRecord, ConsentScope, Reading, ReadingStatus};
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
    /// How the reading of the newest file went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingView>,
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
        Self {
            id: candidate.candidate_id,
            tenant_id: candidate.tenant_id,
            name: candidate.name,
            available_from: candidate.available_from,
            desired_pay: candidate.desired_pay,
            remote_only: candidate.remote_only,
            location: candidate.location,
            consent: candidate.consent.map(Into::into),
            reading: candidate.reading.map(Into::into),
            version: candidate.version,
            created_by: candidate.created_by,
            created_at: candidate.created_at,
            updated_at: candidate.updated_at,
        }
    }
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
}

impl From<ConsentRecord> for PastConsentView {
    fn from(record: ConsentRecord) -> Self {
        Self {
            consent: record.consent.into(),
            withdrawn_at: record.withdrawn_at,
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
