//! The bodies of the routes' answers.

use inventure_core::{CandidateId, ConsentId, MemberId, PayRange, TenantId, UploadId};
use inventure_people::Access;
use inventure_recruiting::records::{
    AwaitedFile, Candidate, Consent, ConsentRecord, ConsentScope, Reading, ReadingStatus,
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

/// A candidate, as the API shows them.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateView {
    /// The id of the candidate.
    pub id: CandidateId,
    /// The tenant that owns the candidate's record.
    pub tenant_id: TenantId,
    /// The candidate's name.
    pub name: String,
    /// The first day on which the candidate could begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub available_from: Option<Date>,
    /// The pay that the candidate asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_pay: Option<PayRange>,
    /// Whether the candidate takes remote work only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_only: Option<bool>,
    /// The town or region that the candidate works in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The consent in force. While it is absent, nothing is processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentView>,
    /// The reading of the newest file that came. Without any, it shows the file that is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingView>,
    /// The newest file that a form was given for and that was not read yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaited: Option<AwaitedView>,
    /// The version of the record, to send back with a change.
    pub version: u64,
    /// The member who recorded the candidate.
    pub created_by: MemberId,
    /// The time at which the candidate was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The time of the last change to the record.
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

impl CandidateView {
    /// Returns the candidate as somebody with this access sees them. How the consent was given, and to whom the candidate may be
    /// submitted, is their own broker's.
    #[must_use]
    pub fn of(candidate: Candidate, access: Access) -> Self {
        let mut view = Self::from(candidate);
        if access == Access::Granted
            && let Some(consent) = &mut view.consent
        {
            consent.employers = Vec::new();
            consent.evidence = None;
            consent.recorded_by = None;
        }
        view
    }
}

/// A candidate who was erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedView {
    /// The id of the candidate, which nobody finds any more.
    pub id: CandidateId,
    /// The time at which the candidate was erased.
    #[schema(value_type = String, format = DateTime)]
    pub erased_at: Timestamp,
}

/// A consent, as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// The id of the consent.
    pub id: ConsentId,
    /// The uses of the candidate's data that the consent allows.
    pub scopes: Vec<ConsentScope>,
    /// The employers that the consent names. Shown to the candidate's own broker alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub employers: Vec<TenantId>,
    /// The way in which the consent was given, in the broker's words. Shown to the candidate's own broker alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The member who recorded the consent. Shown to the candidate's own broker alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<MemberId>,
    /// The time at which the consent was given.
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Timestamp,
    /// The last day on which the consent holds, in UTC.
    #[schema(value_type = String, format = Date)]
    pub until: Date,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.consent_id,
            scopes: consent.scopes,
            employers: consent.employers,
            evidence: Some(consent.evidence),
            recorded_by: Some(consent.recorded_by),
            given_at: consent.given_at,
            until: consent.until,
        }
    }
}

/// A consent, past or present.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastConsentView {
    /// The consent as it was given.
    #[serde(flatten)]
    pub consent: ConsentView,
    /// The time of the withdrawal. Absent where the consent was not withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn_at: Option<Timestamp>,
    /// The time at which the consent stopped being in force. It was withdrawn, replaced, or found to have run out.
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

/// The state of the reading of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingView {
    /// The id of the file's upload.
    pub upload_id: UploadId,
    /// The progress of the reading.
    pub status: ReadingStatus,
    /// The name under which the file was sent.
    pub file_name: String,
    /// The stable code of a refusal, e.g. `needs_ocr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The advice for the sender after a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The time at which the reading came to this status.
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

/// A file that an upload form was given for and that is waited for.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwaitedView {
    /// The id of the file's upload.
    pub upload_id: UploadId,
    /// The name under which the file will be sent.
    pub file_name: String,
    /// The time at which the form was given.
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
