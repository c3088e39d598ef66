use inventure_core::{CandidateId, ConsentId, MemberId, PayRange, TenantId, UploadId};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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
    /// The employers that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub employers: Vec<TenantId>,
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
    /// When it stopped being in force: it was withdrawn, replaced, or found to have run out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl ConsentRecord {
    /// Sort key prefix of a candidate's consents.
    pub const PREFIX: &'static str = "CONSENT#";

    /// Partitions of the index that the consents in force are spread over.
    pub const SHARDS: u8 = 4;

    /// A partition of the consents in force, by their last day.
    #[must_use]
    pub fn due(shard: u8) -> String {
        format!("CONSENTS_DUE#{shard}")
    }

    /// Where a consent of a candidate is stored.
    #[must_use]
    pub fn key_of(candidate: CandidateId, consent: ConsentId) -> Key {
        Key::new(format!("CANDIDATE#{candidate}"), format!("{}{consent}", Self::PREFIX))
    }
}

impl Record for ConsentRecord {
    const ENTITY: &'static str = "consent";

    fn key(&self) -> Key {
        Self::key_of(self.candidate_id, self.consent.consent_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let (id, ended) = (self.consent.consent_id, self.withdrawn_at.or(self.ended_at));
        let shard = id.uuid().as_bytes()[15] % Self::SHARDS;
        ended
            .is_none()
            .then(|| (Self::due(shard), format!("{}#{id}", self.consent.until)))
    }
}

/// How far the deals of an agency have been told that a consent ended, while some are still to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEnd {
    /// The candidate.
    pub candidate_id: CandidateId,
    /// The consent.
    pub consent_id: ConsentId,
    /// The sort key of the last deal among those of the agency up to which all were told.
    pub told_until: String,
    /// Epoch second after which the table may drop it.
    pub expires_at: i64,
}

impl ConsentEnd {
    /// Where the place of a run is stored.
    #[must_use]
    pub fn key_of(candidate: CandidateId, consent: ConsentId) -> Key {
        Key::new(format!("CANDIDATE#{candidate}"), format!("ENDING#{consent}"))
    }
}

impl Record for ConsentEnd {
    const ENTITY: &'static str = "consent_end";

    fn key(&self) -> Key {
        Self::key_of(self.candidate_id, self.consent_id)
    }
}

/// How far the reading of a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadingStatus {
    /// A form was handed out; no file has been read yet.
    AwaitingUpload,
    /// The file was read; the structured résumé is there.
    Parsed,
    /// The file could not be read; `reason` says why.
    Refused,
}

/// A file that a form was handed out for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AwaitedFile {
    /// The file.
    pub upload_id: UploadId,
    /// The name it was given by its sender.
    pub file_name: String,
    /// When the form was handed out.
    pub at: Timestamp,
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
    /// The reading of the newest file that came. Records from before `awaited` also hold a form here that nothing came with yet.
    pub reading: Option<Reading>,
    /// The newest form that nothing was read from yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaited: Option<AwaitedFile>,
    /// The file behind the structured résumé there is now.
    pub resume_upload_id: Option<UploadId>,
    /// The last form that is void, with all before it: a consent ended after they were handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forms_void_until: Option<UploadId>,
    /// Grows by one with every write.
    pub version: u64,
    /// Who recorded them.
    pub created_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When they were erased, if they were: the id stays, since deals name it, and nothing else is known of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
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

    /// The id of the next file to ask for: greater than all before it, whatever the clocks say.
    #[must_use]
    pub fn next_upload(&self) -> UploadId {
        let known = [
            self.awaited.as_ref().map(|awaited| awaited.upload_id),
            self.reading.as_ref().map(|reading| reading.upload_id),
            self.forms_void_until,
        ];
        let next = UploadId::new();
        match known.into_iter().flatten().max() {
            Some(last) if next <= last => UploadId::from_uuid(Uuid::from_u128(last.uuid().as_u128() + 1)),
            _ => next,
        }
    }

    /// The reading of the newest file that came; none while nothing was read.
    #[must_use]
    pub fn last_reading(&self) -> Option<&Reading> {
        let reading = self.reading.as_ref();
        reading.filter(|reading| reading.status != ReadingStatus::AwaitingUpload)
    }

    /// Takes the consent out of force and forgets what was read under it. Gives the consent's record, ended.
    pub fn end_consent(&mut self, now: Timestamp) -> Option<ConsentRecord> {
        let consent = self.consent.take()?;
        self.forget_resume();
        Some(ConsentRecord {
            candidate_id: self.candidate_id,
            consent,
            withdrawn_at: None,
            ended_at: Some(now),
        })
    }

    /// Whether anything is known of a file of theirs.
    #[must_use]
    pub fn keeps_resume(&self) -> bool {
        self.reading.is_some() || self.awaited.is_some() || self.resume_upload_id.is_some()
    }

    /// Forgets what is known of their files, and voids the forms that are out. [`ReadResume`] goes with it, in the same change.
    pub fn forget_resume(&mut self) {
        self.forms_void_until = Some(self.next_upload());
        self.reading = None;
        self.awaited = None;
        self.resume_upload_id = None;
    }

    /// Erases what the broker stated and what was read. Gives the record of the consent that this ends. [`ReadResume`] goes with it, in the same
    /// change.
    pub fn erase(&mut self, now: Timestamp) -> Option<ConsentRecord> {
        let ended = self.end_consent(now);
        self.forget_resume();
        self.name.clear();
        self.available_from = None;
        self.desired_pay = None;
        self.remote_only = None;
        self.location = None;
        self.erased_at = Some(now);
        ended
    }

    /// Whether they may be matched: compared with jobs, by the résumé that is kept for it.
    #[must_use]
    pub fn may_be_matched(&self, today: Date) -> bool {
        self.consents(ConsentScope::Matching, today) && self.consents(ConsentScope::StoreResume, today)
    }

    /// Whether they may be shown to this tenant as a match, as of this day. A grant is not asked for here.
    #[must_use]
    pub fn may_be_shown(&self, tenant: TenantId, today: Date) -> bool {
        let own = self.tenant_id == tenant;
        self.may_be_matched(today) && (own || self.consents(ConsentScope::ShareWithNetwork, today))
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
        let key = || (Self::of_tenant(self.tenant_id), self.candidate_id.to_string());
        self.erased_at.is_none().then(key)
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
