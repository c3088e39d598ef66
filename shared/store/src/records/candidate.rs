use inventure_core::{CandidateId, ConsentId, MemberId, PayRange, TenantId, UploadId};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Record;
use crate::table::Key;

/// What a candidate agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentScope {
    /// Their résumé may be kept and read.
    StoreResume,
    /// They may be compared with jobs.
    Matching,
    /// Other agencies may be shown them.
    ShareWithNetwork,
}

/// A consent: who gave it, to what, until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// The consent.
    pub consent_id: ConsentId,
    /// To what.
    pub scopes: Vec<ConsentScope>,
    /// How it was given (a signed form, a mail, a call), in the broker's words.
    pub evidence: String,
    /// Who recorded it.
    pub recorded_by: MemberId,
    /// When it was given.
    pub given_at: Timestamp,
    /// The last day it holds, UTC.
    pub until: Date,
}

impl Consent {
    /// Whether it holds on this day, for this.
    #[must_use]
    pub fn covers(&self, scope: ConsentScope, today: Date) -> bool {
        today <= self.until && self.scopes.contains(&scope)
    }
}

/// A consent and how it ended, kept for the record after the candidate's own has moved on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentRecord {
    /// Whose.
    pub candidate_id: CandidateId,
    /// What was agreed.
    pub consent: Consent,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Timestamp>,
}

impl ConsentRecord {
    /// Sort key prefix of a candidate's consents.
    pub const PREFIX: &'static str = "CONSENT#";
}

impl Record for ConsentRecord {
    const ENTITY: &'static str = "consent";

    fn key(&self) -> Key {
        Key::new(
            format!("CANDIDATE#{}", self.candidate_id),
            format!("{}{}", Self::PREFIX, self.consent.consent_id),
        )
    }
}

/// How far the reading of a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadingStatus {
    /// The form was handed out; no file has been seen yet.
    AwaitingUpload,
    /// The file was read; the structured résumé is there.
    Parsed,
    /// The file could not be read; `reason` says why.
    Refused,
}

/// The reading of the newest file of a candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The file.
    pub upload_id: UploadId,
    /// How far it is.
    pub status: ReadingStatus,
    /// The name it was given by its sender.
    pub file_name: String,
    /// Stable code of a refusal.
    pub reason: Option<String>,
    /// What to do about a refusal.
    pub detail: Option<String>,
    /// SHA-256 of the file that was read, hexadecimal.
    pub sha256: Option<String>,
    /// When it came to this.
    pub at: Timestamp,
}

/// A person a broker speaks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Their id.
    pub candidate_id: CandidateId,
    /// Whose they are.
    pub tenant_id: TenantId,
    /// Their name, as the broker gave it.
    pub name: String,
    /// First day they could begin, if stated.
    pub available_from: Option<Date>,
    /// Pay they ask for, if stated.
    pub desired_pay: Option<PayRange>,
    /// Whether they take remote work only, if stated.
    pub remote_only: Option<bool>,
    /// Town or region they work in, if stated; otherwise the résumé's is used.
    pub location: Option<String>,
    /// How the record came in: set by the route that made it, never by who submits it.
    #[serde(default)]
    pub source: CandidateSource,
    /// The consent in force; none, and nothing is processed.
    pub consent: Option<Consent>,
    /// The newest file that was asked for.
    pub reading: Option<Reading>,
    /// The file behind the structured résumé there is now.
    pub resume_upload_id: Option<UploadId>,
    /// Grows by one with every write.
    pub version: u64,
    /// Who recorded them.
    pub created_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How a candidate's record came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateSource {
    /// A member recorded them.
    #[default]
    Member,
    /// They applied on the network's job board.
    JobBoard,
    /// They registered themselves.
    SelfRegistered,
}

impl Candidate {
    /// Where the candidate of this id is stored.
    #[must_use]
    pub fn key_of(id: CandidateId) -> Key {
        Key::new(format!("CANDIDATE#{id}"), "CANDIDATE")
    }

    /// The index partition of a tenant's candidates.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("CANDIDATES#{id}")
    }

    /// Whether they may be matched: compared with jobs, by the résumé that is kept for it.
    #[must_use]
    pub fn may_be_matched(&self, today: Date) -> bool {
        self.consents(ConsentScope::Matching, today) && self.consents(ConsentScope::StoreResume, today)
    }

    /// Whether the candidate agreed to this, as of this day.
    #[must_use]
    pub fn consents(&self, scope: ConsentScope, today: Date) -> bool {
        self.consent
            .as_ref()
            .is_some_and(|consent| consent.covers(scope, today))
    }
}

impl Record for Candidate {
    const ENTITY: &'static str = "candidate";

    fn key(&self) -> Key {
        Self::key_of(self.candidate_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_tenant(self.tenant_id), self.candidate_id.to_string()))
    }
}

/// The structured résumé of a candidate, and the text it was read from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadResume {
    /// Whose.
    pub candidate_id: CandidateId,
    /// Whose the candidate is.
    pub tenant_id: TenantId,
    /// The file it was read from.
    pub upload_id: UploadId,
    /// The structured résumé (`inventure_resume::Resume`), JSON.
    pub resume: String,
    /// The file's text, which every span points into.
    pub text: String,
    /// When it was read.
    pub read_at: Timestamp,
}

impl ReadResume {
    /// Most bytes of résumé and text together: a table item holds 400 KB, and the keys and names need a few.
    pub const MAX_BYTES: usize = 380_000;

    /// Where a candidate's structured résumé is stored.
    #[must_use]
    pub fn key_of(id: CandidateId) -> Key {
        Key::new(format!("CANDIDATE#{id}"), "RESUME")
    }
}

impl Record for ReadResume {
    const ENTITY: &'static str = "resume";

    fn key(&self) -> Key {
        Self::key_of(self.candidate_id)
    }
}
    /// Whether they may be shown to this tenant as a match, as of this day. A grant is not asked for here.
    #[must_use]
    pub fn may_be_shown(&self, tenant: TenantId, today: Date) -> bool {
        let own = self.tenant_id == tenant;
        self.may_be_matched(today) && (own || self.consents(ConsentScope::ShareWithNetwork, today))
    }

