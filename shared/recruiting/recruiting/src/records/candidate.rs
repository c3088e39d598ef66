use inventure_core::{CandidateId, ConsentId, MemberId, PayRange, TenantId, UploadId};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use inventure_resume::{Resume, correct::ResumePart};
use inventure_table::{Key, Record};

/// A use of their data that a candidate agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentScope {
    /// The candidate's résumé may be kept and read.
    StoreResume,
    /// The candidate may be compared with jobs.
    Matching,
    /// The candidate may be shown to other agencies.
    ShareWithNetwork,
}

/// A consent of a candidate: its scopes, its evidence, and the last day of its validity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// The id of the consent.
    pub consent_id: ConsentId,
    /// The uses of the candidate's data that it allows.
    pub scopes: Vec<ConsentScope>,
    /// The employers that the consent names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub employers: Vec<TenantId>,
    /// The way in which it was given (a signed form, a mail, a call), in the broker's words.
    pub evidence: String,
    /// The member who recorded the consent.
    pub recorded_by: MemberId,
    /// The time at which the consent was given.
    pub given_at: Timestamp,
    /// The last day on which the consent holds, in UTC.
    pub until: Date,
}

impl Consent {
    /// Whether the consent covers this scope on this day.
    #[must_use]
    pub fn covers(&self, scope: ConsentScope, today: Date) -> bool {
        today <= self.until && self.scopes.contains(&scope)
    }
}

/// A candidate's consent with its end. It is kept for the record after the candidate's own has moved on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentRecord {
    /// The candidate who gave the consent.
    pub candidate_id: CandidateId,
    /// The consent as it was given.
    pub consent: Consent,
    /// The time of the withdrawal. `None` where the consent was not withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// The time at which the consent stopped being in force. It was withdrawn, replaced, or found to have run out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl ConsentRecord {
    /// The sort key prefix of a candidate's consents.
    pub const PREFIX: &'static str = "CONSENT#";

    /// The number of partitions of the index that the consents in force are spread over.
    pub const SHARDS: u8 = 4;

    /// Returns a partition of the consents in force, by their last day.
    #[must_use]
    pub fn due(shard: u8) -> String {
        format!("{}{shard}", Self::INDEX)
    }

    /// Returns the key of a candidate's consent.
    #[must_use]
    pub fn key_of(candidate: CandidateId, consent: ConsentId) -> Key {
        Key::new(
            format!("{}{candidate}", Self::PARTITION),
            format!("{}{consent}", Self::PREFIX),
        )
    }
}

impl Record for ConsentRecord {
    const ENTITY: &'static str = "consent";
    const PARTITION: &'static str = Candidate::PARTITION;
    const INDEX: &'static str = "CONSENTS_DUE#";

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

/// The progress of telling an agency's deals that a consent ended. It is kept while some deals are still to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEnd {
    /// The candidate whose consent ended.
    pub candidate_id: CandidateId,
    /// The consent that ended.
    pub consent_id: ConsentId,
    /// The sort key of the last deal among those of the agency up to which all were told.
    pub told_until: String,
    /// The epoch second after which the table may drop the record.
    pub expires_at: i64,
}

impl ConsentEnd {
    /// Returns the key of the progress for a candidate's consent.
    #[must_use]
    pub fn key_of(candidate: CandidateId, consent: ConsentId) -> Key {
        Key::new(format!("{}{candidate}", Self::PARTITION), consent.to_string())
    }
}

impl Record for ConsentEnd {
    const ENTITY: &'static str = "consent_end";
    const PARTITION: &'static str = "CONSENT_END#";

    fn key(&self) -> Key {
        Self::key_of(self.candidate_id, self.consent_id)
    }
}

/// The progress of reading a candidate's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadingStatus {
    /// An upload form was handed out; no file has been read yet.
    AwaitingUpload,
    /// The file was read; the structured résumé is there.
    Parsed,
    /// The file could not be read; `reason` gives the cause.
    Refused,
}

/// A file for which an upload form was handed out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AwaitedFile {
    /// The id of the file's upload.
    pub upload_id: UploadId,
    /// The name that the sender gave the file.
    pub file_name: String,
    /// The time at which the form was handed out.
    pub at: Timestamp,
}

/// The reading of the newest file of a candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The id of the file's upload.
    pub upload_id: UploadId,
    /// The progress of the reading.
    pub status: ReadingStatus,
    /// The name that the sender gave the file.
    pub file_name: String,
    /// The stable code of a refusal.
    pub reason: Option<String>,
    /// The advice for the sender after a refusal.
    pub detail: Option<String>,
    /// The SHA-256 of the file that was read, in hexadecimal.
    pub sha256: Option<String>,
    /// The time at which the reading came to this status.
    pub at: Timestamp,
}

/// A person a broker speaks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The id of the candidate.
    pub candidate_id: CandidateId,
    /// The tenant that owns the candidate's record.
    pub tenant_id: TenantId,
    /// The candidate's name, as the broker gave it.
    pub name: String,
    /// The first day on which the candidate could begin, if stated.
    pub available_from: Option<Date>,
    /// The pay that the candidate asks for, if stated.
    pub desired_pay: Option<PayRange>,
    /// Whether the candidate takes remote work only, if stated.
    pub remote_only: Option<bool>,
    /// The town or region that the candidate works in, if stated. Otherwise the résumé's is used.
    pub location: Option<String>,
    /// The way in which the record came in. The route that made the record sets it, never the client that submits it.
    #[serde(default)]
    pub source: CandidateSource,
    /// The consent in force. While it is `None`, nothing is processed.
    pub consent: Option<Consent>,
    /// The reading of the newest file that came. Records from before `awaited` also hold a form here that nothing came with yet.
    pub reading: Option<Reading>,
    /// The newest form for which no file was read yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaited: Option<AwaitedFile>,
    /// The file behind the structured résumé there is now.
    pub resume_upload_id: Option<UploadId>,
    /// The parts of the résumé that are corrected, as [`super::ResumeCorrections`] has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<ResumePart>,
    /// The last form that is void, with all before it: a consent ended after they were handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forms_void_until: Option<UploadId>,
    /// Grows by one with every write.
    pub version: u64,
    /// The member who recorded the candidate.
    pub created_by: MemberId,
    /// The time at which the candidate was recorded.
    pub created_at: Timestamp,
    /// The time of the last change to the record.
    pub updated_at: Timestamp,
    /// The time at which the candidate was erased, if they were. The id stays, since deals name it, and nothing else is known of
    /// them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
}

/// The way in which a candidate's record came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateSource {
    /// A member recorded the candidate.
    #[default]
    Member,
    /// The candidate applied on the network's job board.
    JobBoard,
    /// The candidate registered themselves.
    SelfRegistered,
}

impl Candidate {
    /// Returns the key of the candidate of this id.
    #[must_use]
    pub fn key_of(id: CandidateId) -> Key {
        Key::new(format!("{}{id}", Self::PARTITION), "CANDIDATE")
    }

    /// The index partition of a tenant's candidates.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("{}{id}", Self::INDEX)
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

    /// Forgets what is known of their files, and voids the forms that are out. [`ReadResume::erase`] goes with it, in the same change.
    pub fn forget_resume(&mut self) {
        self.forms_void_until = Some(self.next_upload());
        self.reading = None;
        self.awaited = None;
        self.resume_upload_id = None;
        self.corrected.clear();
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
    const PARTITION: &'static str = "CANDIDATE#";
    const INDEX: &'static str = "CANDIDATES#";

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
    /// The candidate of the résumé.
    pub candidate_id: CandidateId,
    /// The tenant that owns the candidate's record.
    pub tenant_id: TenantId,
    /// The file it was read from.
    pub upload_id: UploadId,
    /// The structured résumé.
    #[serde(with = "inventure_table::json")]
    pub resume: Resume,
    /// The file's text, which every span points into.
    pub text: String,
    /// The places of the text's words on their pages, as [`inventure_resume::boxes`] packs them. Empty for formats without pages, and
    /// where résumé and text leave no room.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Vec::is_empty")]
    pub boxes: Vec<u8>,
    /// The time at which the file was read.
    pub read_at: Timestamp,
}

impl ReadResume {
    /// The most bytes of résumé, text and places together. A table item holds 400 KB, and the keys and names need a few.
    pub const MAX_BYTES: usize = 380_000;

    /// Returns the résumé as it was read, without its suggestions: what a claim may rest on. Corrections are not in it.
    #[must_use]
    pub fn into_sure(self) -> Resume {
        self.resume.sure()
    }

    /// Returns the key of a candidate's structured résumé.
    #[must_use]
    pub fn key_of(id: CandidateId) -> Key {
        Key::new(format!("{}{id}", Self::PARTITION), "RESUME")
    }
}

impl Record for ReadResume {
    const ENTITY: &'static str = "resume";
    const PARTITION: &'static str = Candidate::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.candidate_id)
    }
}
