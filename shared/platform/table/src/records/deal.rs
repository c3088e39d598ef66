use inventure_core::{CandidateId, DealId, DocumentId, JobId, MemberId, TenantId};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Record;
use crate::table::Key;

/// A deal as everybody who writes to it must have seen it. What it is follows from its [`DealFact`]s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealHead {
    /// Its id.
    pub deal_id: DealId,
    /// The job.
    pub job_id: JobId,
    /// The client.
    pub employer_id: TenantId,
    /// Whoever may see it: the parties of all its terms, the employer, the arbiters.
    pub tenants: Vec<TenantId>,
    /// The parties of the terms in force and of those that lie open.
    pub parties: Vec<TenantId>,
    /// Those of the parties whose people said anything in the deal: a signature, terms, a note. Nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoke: Option<Vec<TenantId>>,
    /// The parties of the terms in force alone. None in a head that was written before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Vec<TenantId>>,
    /// All who are in the deal now, judges among them and those who were dropped not. None as above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<Vec<TenantId>>,
    /// Where it stands (`inventure_deals::State`), for lists.
    pub state: String,
    /// How many facts it has.
    pub facts: u32,
    /// No fact may be dated before this: the money is being settled up to here.
    pub settled_until: Timestamp,
    /// Everything up to here is booked.
    pub booked_until: Timestamp,
    /// The next moment at which something has to be done without anybody asking: money to book, a guarantee to end.
    pub due_at: Option<Timestamp>,
    /// The sweep leaves it until then: what is due could not be done, and others come first. Nothing once something happens to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// How often in a row the sweep could not do what is due.
    #[serde(default)]
    pub failures: u32,
    /// Grows by one with every write.
    pub version: u64,
    /// When it was proposed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl DealHead {
    /// The parties that took part by a word of their own. Others may have been named by a stranger.
    #[must_use]
    pub fn taking_part(&self) -> &[TenantId] {
        self.spoke.as_deref().unwrap_or(&self.parties)
    }

    /// Partitions of the index that the deals with a next moment are spread over.
    pub const SHARDS: u8 = 4;

    /// A partition of the deals to which something will happen by itself.
    #[must_use]
    pub fn due(shard: u8) -> String {
        format!("DEALS_DUE#{shard}")
    }

    /// Whether a tenant is a party of the terms in force, as far as the head says: an older one has those of open terms as well.
    #[must_use]
    pub fn binds(&self, tenant: TenantId) -> bool {
        self.bound.as_ref().unwrap_or(&self.parties).contains(&tenant)
    }

    /// Whether a tenant is in the deal now, as far as the head says: an older one says nothing of judges.
    #[must_use]
    pub fn has(&self, tenant: TenantId) -> bool {
        self.employer_id == tenant || self.present.as_ref().unwrap_or(&self.parties).contains(&tenant)
    }

    /// When the sweep looks at it again.
    #[must_use]
    pub fn swept_at(&self) -> Option<Timestamp> {
        Some(self.due_at?.max(self.not_before.unwrap_or(Timestamp::MIN)))
    }

    fn shard(&self) -> u8 {
        self.deal_id.uuid().as_bytes()[15] % Self::SHARDS
    }

    /// Where the deal of this id is stored.
    #[must_use]
    pub fn key_of(id: DealId) -> Key {
        Key::new(format!("DEAL#{id}"), "DEAL")
    }
}

impl Record for DealHead {
    const ENTITY: &'static str = "deal";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id)
    }

    /// Among those that something will happen to by itself, the first to come first.
    fn index(&self) -> Option<(String, String)> {
        let at = self.swept_at()?.as_second();
        Some((Self::due(self.shard()), format!("{at:012}#{}", self.deal_id)))
    }
}

/// Something that happened to a deal. Written once and never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealFact {
    /// The deal.
    pub deal_id: DealId,
    /// Its place, from 1.
    pub number: u32,
    /// The fact (`inventure_deals::Fact`), JSON.
    pub fact: String,
}

impl DealFact {
    /// Sort key prefix of a deal's facts.
    pub const PREFIX: &'static str = "FACT#";

    /// The sort key of a fact.
    #[must_use]
    pub fn sort_of(number: u32) -> String {
        format!("{}{number:08}", Self::PREFIX)
    }
}

impl Record for DealFact {
    const ENTITY: &'static str = "deal_fact";

    fn key(&self) -> Key {
        Key::new(format!("DEAL#{}", self.deal_id), Self::sort_of(self.number))
    }
}

/// That a tenant takes part in a deal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealOfTenant {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The deal.
    pub deal_id: DealId,
    /// How the deal stood with the fact that dropped the tenant. Of no meaning once it is in the deal again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<LeftDeal>,
}

/// How a deal stood for a tenant that was dropped from it, for its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftDeal {
    /// Where it stood, as in its head.
    pub state: String,
    /// How many facts it had.
    pub facts: u32,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl LeftDeal {
    /// Shows a deal as it stood then.
    pub fn show_in(&self, head: &mut DealHead) {
        head.state.clone_from(&self.state);
        head.facts = self.facts;
        head.updated_at = self.updated_at;
    }
}

impl DealOfTenant {
    /// The partition of a tenant's deals.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("DEALS#{id}")
    }
}

impl Record for DealOfTenant {
    const ENTITY: &'static str = "deal_of_tenant";

    fn key(&self) -> Key {
        Key::new(Self::of_tenant(self.tenant_id), self.deal_id.to_string())
    }
}

/// How often a tenant did something that is limited, in one span of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TenantCount {
    /// The tenant.
    pub tenant_id: TenantId,
    /// What, and when in UTC: `claim-checks#2026-11-23T14`.
    pub of: String,
    /// So often.
    pub version: u64,
    /// Epoch second after which the table may drop it.
    pub expires_at: i64,
}

impl TenantCount {
    /// Where a count is stored.
    #[must_use]
    pub fn key_of(tenant: TenantId, of: &str) -> Key {
        Key::new(format!("COUNTS#{tenant}"), of)
    }
}

impl Record for TenantCount {
    const ENTITY: &'static str = "tenant_count";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id, &self.of)
    }
}

/// That a broker had a submitted candidate asked for their word, by mail. One record for each mailbox at an employer, so that neither another
/// candidate record of the same person nor another tag in their address has them asked more often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateAsk {
    /// Who asked: the broker who submitted them.
    pub tenant_id: TenantId,
    /// The fingerprint of the mailbox at the employer, the address without what follows a `+`, hexadecimal.
    pub mailbox: String,
    /// The fingerprint of the address that they were last asked at, hexadecimal.
    pub address: String,
    /// That of the mailbox at no employer in particular; nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The deal that they were last asked about.
    pub deal_id: DealId,
    /// The candidate in it.
    pub candidate_id: CandidateId,
    /// When the résumé was read that has the address. The address itself stays where erasing finds it.
    pub read_at: Timestamp,
    /// Which of the résumé's addresses it is, from 0.
    pub place: usize,
    /// Whether the mail went out.
    pub sent: bool,
    /// How often they were asked so far.
    pub times: u32,
    /// When they may be asked again.
    pub again_at: Timestamp,
    /// When they said no, after which they never are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Timestamp>,
    /// Grows by one with every write.
    pub version: u64,
    /// Epoch second after which the table may drop it; a no stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl CandidateAsk {
    /// Where it is stored that a tenant had somebody asked at this mailbox.
    #[must_use]
    pub fn key_of(tenant: TenantId, mailbox: &str) -> Key {
        Key::new(format!("ASKS#{tenant}"), mailbox)
    }
}

impl Record for CandidateAsk {
    const ENTITY: &'static str = "candidate_ask";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id, &self.mailbox)
    }
}

/// How often a person was written to in our name on a day, whoever had them asked, and whether they want no such mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailedPerson {
    /// The fingerprint of their mailbox at no employer in particular, hexadecimal.
    pub person: String,
    /// The day (UTC) of the count.
    pub day: Date,
    /// The mails of that day.
    pub mails: u32,
    /// The tenants that had them asked on that day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<TenantId>,
    /// When they asked not to be written to again; nothing where they did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_since: Option<Timestamp>,
    /// Grows by one with every write.
    pub version: u64,
    /// Epoch second after which the table may drop a count; a wish stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl MailedPerson {
    /// Where it is stored how a person was written to.
    #[must_use]
    pub fn key_of(person: &str) -> Key {
        Key::new(format!("MAILED#{person}"), "MAILED")
    }
}

impl Record for MailedPerson {
    const ENTITY: &'static str = "mailed_person";

    fn key(&self) -> Key {
        Self::key_of(&self.person)
    }
}

/// A link by which a candidate says that a broker speaks for them, or no longer does. Known by the hash of its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateLink {
    /// SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// The deal.
    pub deal_id: DealId,
    /// The candidate.
    pub candidate_id: CandidateId,
    /// The fingerprint of the address that it went to, at the employer, hexadecimal.
    pub address: String,
    /// That of the mailbox, under which the asking is counted.
    pub mailbox: String,
    /// That of the mailbox at no employer in particular; nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Epoch second after which it is no good for a yes any more.
    pub confirm_until: i64,
    /// Epoch second after which it is worth nothing, and the table may drop it.
    pub expires_at: i64,
}

impl CandidateLink {
    /// Where the link with this secret is stored.
    #[must_use]
    pub fn key_of(secret_hash: &str) -> Key {
        Key::new(format!("CANDIDATE_LINK#{secret_hash}"), "LINK")
    }
}

impl Record for CandidateLink {
    const ENTITY: &'static str = "candidate_link";

    fn key(&self) -> Key {
        Self::key_of(&self.secret_hash)
    }
}

/// A document of a deal: what its fact does not say, and can be erased. Until the fact is there it is a form that was given out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealDocument {
    /// The deal.
    pub deal_id: DealId,
    /// Its id.
    pub document_id: DocumentId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Who gave it.
    pub member_id: MemberId,
    /// What it is called; nothing once it is erased.
    pub file_name: Option<String>,
    /// Its media type, as its form fixed it.
    pub media_type: String,
    /// About whom.
    pub candidate_id: Option<CandidateId>,
    /// Whether the client sees it.
    pub for_client: bool,
    /// Its size and its SHA-256, hexadecimal, once it is in the deal.
    pub content: Option<FileContent>,
    /// When the form was made; when it was added, once it is in the deal.
    pub at: Timestamp,
    /// When it was erased.
    pub erased_at: Option<Timestamp>,
    /// Whether its files are known to be gone with all versions.
    #[serde(default)]
    pub is_gone: bool,
    /// Grows by one with every write.
    pub version: u64,
    /// Epoch second after which the table may drop a form that nobody used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// A deal with documents that are still to be erased: others come first, or a placement stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureDue {
    /// The deal.
    pub deal_id: DealId,
    /// When to look at it again.
    pub due_at: Timestamp,
    /// The sort key of the last document that was looked at, where a run did not come to the end.
    pub after: Option<String>,
}

impl ErasureDue {
    /// The partition of these deals, the first that is due first.
    pub const PARTITION: &'static str = "ERASURES_DUE";
}

impl Record for ErasureDue {
    const ENTITY: &'static str = "erasure_due";

    fn key(&self) -> Key {
        let at = self.due_at.as_second();
        Key::new(Self::PARTITION, format!("{at:012}#{}", self.deal_id))
    }
}

/// What a file is, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// Its size.
    pub bytes: u64,
    /// Its hash, hexadecimal.
    pub sha256: String,
}

impl DealDocument {
    /// Sort key prefix of a deal's documents.
    pub const PREFIX: &'static str = "DOCUMENT#";

    /// Where a deal's document is stored.
    #[must_use]
    pub fn key_of(deal: DealId, document: DocumentId) -> Key {
        Key::new(format!("DEAL#{deal}"), format!("{}{document}", Self::PREFIX))
    }

    /// Whether its file is in the deal and was not erased.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.content.is_some() && self.erased_at.is_none()
    }

    /// Where the form puts the file.
    #[must_use]
    pub fn incoming(&self) -> String {
        format!("incoming/deals/{}/{}", self.deal_id, self.document_id)
    }

    /// Where the file lies once it is in the deal, out of the form's reach.
    #[must_use]
    pub fn object(&self) -> String {
        format!("documents/{}/{}", self.deal_id, self.document_id)
    }
}

impl Record for DealDocument {
    const ENTITY: &'static str = "deal_document";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.document_id)
    }
}

/// The network's least shares by source, as the operator published them. Written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeSchedule {
    /// From 1, without gaps.
    pub version: u32,
    /// The first day, UTC, on which new terms quote it.
    pub from: Date,
    /// Of a candidate whom a member brought, as `5%`.
    pub member: String,
    /// Of one from the job board.
    pub job_board: String,
    /// Of one who registered themselves.
    pub self_registered: String,
    /// Who published it.
    pub member_id: MemberId,
    /// When.
    pub published_at: Timestamp,
}

impl FeeSchedule {
    /// The partition of all schedules.
    pub const ALL: &str = "FEE_SCHEDULES";
}

impl Record for FeeSchedule {
    const ENTITY: &'static str = "fee_schedule";

    fn key(&self) -> Key {
        Key::new(Self::ALL, format!("{:010}", self.version))
    }
}
