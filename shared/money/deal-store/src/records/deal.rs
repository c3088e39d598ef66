use inventure_core::{CandidateId, DealId, DocumentId, JobId, MemberId, TenantId};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use inventure_deals::Fact;
use inventure_table::{Key, Record, files::FileContent};

/// A deal as everybody who writes to it must have seen it. Its content follows from its [`DealFact`]s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealHead {
    /// The deal's id.
    pub deal_id: DealId,
    /// The job that the deal is about.
    pub job_id: JobId,
    /// The client, which is the employer.
    pub employer_id: TenantId,
    /// The tenants that may see it: the parties of all its terms, the employer, the arbiters.
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
    /// The state of the deal (`inventure_deals::State`), for lists.
    pub state: String,
    /// The number of its facts.
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
    /// The number of times in a row that the sweep could not do what is due.
    #[serde(default)]
    pub failures: u32,
    /// Grows by one with every write.
    pub version: u64,
    /// The time at which the deal was proposed.
    pub created_at: Timestamp,
    /// The time at which the deal last changed.
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
        format!("{}{shard}", Self::INDEX)
    }

    /// Whether a tenant is a party of the terms in force, as far as the head says. An older head has the parties of open terms as well.
    #[must_use]
    pub fn binds(&self, tenant: TenantId) -> bool {
        self.bound.as_ref().unwrap_or(&self.parties).contains(&tenant)
    }

    /// Whether a tenant is in the deal now, as far as the head says. An older head says nothing of judges.
    #[must_use]
    pub fn has(&self, tenant: TenantId) -> bool {
        self.employer_id == tenant || self.present.as_ref().unwrap_or(&self.parties).contains(&tenant)
    }

    /// The time at which the sweep looks at it again.
    #[must_use]
    pub fn swept_at(&self) -> Option<Timestamp> {
        Some(self.due_at?.max(self.not_before.unwrap_or(Timestamp::MIN)))
    }

    fn shard(&self) -> u8 {
        self.deal_id.uuid().as_bytes()[15] % Self::SHARDS
    }

    /// The key of the deal with this id.
    #[must_use]
    pub fn key_of(id: DealId) -> Key {
        Key::new(format!("{}{id}", Self::PARTITION), "DEAL")
    }
}

impl Record for DealHead {
    const ENTITY: &'static str = "deal";
    const PARTITION: &'static str = "DEAL#";
    const INDEX: &'static str = "DEALS_DUE#";

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
    /// The deal that the fact belongs to.
    pub deal_id: DealId,
    /// The place of the fact in the deal, from 1.
    pub number: u32,
    /// The fact itself.
    #[serde(with = "inventure_table::json")]
    pub fact: Fact,
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
    const PARTITION: &'static str = DealHead::PARTITION;

    fn key(&self) -> Key {
        Key::new(
            format!("{}{}", Self::PARTITION, self.deal_id),
            Self::sort_of(self.number),
        )
    }
}

/// A deal that a tenant takes part in, or did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealOfTenant {
    /// The tenant that takes part.
    pub tenant_id: TenantId,
    /// The deal that it takes part in.
    pub deal_id: DealId,
    /// The state of the deal with the fact that dropped the tenant. Of no meaning once it is in the deal again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<LeftDeal>,
}

/// The state of a deal for a tenant that was dropped from it, for its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftDeal {
    /// The state, as in the deal's head.
    pub state: String,
    /// The number of facts that the deal had.
    pub facts: u32,
    /// The time at which the deal had last changed.
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
        format!("{}{id}", Self::PARTITION)
    }
}

impl Record for DealOfTenant {
    const ENTITY: &'static str = "deal_of_tenant";
    const PARTITION: &'static str = "DEALS#";

    fn key(&self) -> Key {
        Key::new(Self::of_tenant(self.tenant_id), self.deal_id.to_string())
    }
}

/// A broker's request, by mail, for the word of a submitted candidate. One record for each mailbox at an employer, so that neither
/// another candidate record of the same person nor another tag in their address has them asked more often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateAsk {
    /// The broker that submitted the candidate and had them asked.
    pub tenant_id: TenantId,
    /// The fingerprint of the mailbox at the employer, the address without what follows a `+`, hexadecimal.
    pub mailbox: String,
    /// The fingerprint of the address that they were last asked at, hexadecimal.
    pub address: String,
    /// The fingerprint of the mailbox at no employer in particular; nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The deal that they were last asked about.
    pub deal_id: DealId,
    /// The candidate in it.
    pub candidate_id: CandidateId,
    /// The time at which the résumé was read that has the address. The address itself stays where erasing finds it.
    pub read_at: Timestamp,
    /// The number of the address among the résumé's, from 0.
    pub place: usize,
    /// Whether the mail went out.
    pub sent: bool,
    /// The number of times that they were asked so far.
    pub times: u32,
    /// The time from which they may be asked again.
    pub again_at: Timestamp,
    /// The time at which they said no, after which they never are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Timestamp>,
    /// Grows by one with every write.
    pub version: u64,
    /// Epoch second after which the table may drop it; a no stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl CandidateAsk {
    /// The key of the record that a tenant had a candidate asked at this mailbox.
    #[must_use]
    pub fn key_of(tenant: TenantId, mailbox: &str) -> Key {
        Key::new(format!("{}{tenant}", Self::PARTITION), mailbox)
    }
}

impl Record for CandidateAsk {
    const ENTITY: &'static str = "candidate_ask";
    const PARTITION: &'static str = "ASKS#";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id, &self.mailbox)
    }
}

/// The number of mails to a person in our name on a day, and a wish for no more. The count is over all tenants that had them asked.
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
    /// The time at which they asked not to be written to again; nothing where they did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_since: Option<Timestamp>,
    /// Grows by one with every write.
    pub version: u64,
    /// Epoch second after which the table may drop a count; a wish stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl MailedPerson {
    /// The key of the count of mails to a person.
    #[must_use]
    pub fn key_of(person: &str) -> Key {
        Key::new(format!("{}{person}", Self::PARTITION), "MAILED")
    }
}

impl Record for MailedPerson {
    const ENTITY: &'static str = "mailed_person";
    const PARTITION: &'static str = "MAILED#";

    fn key(&self) -> Key {
        Self::key_of(&self.person)
    }
}

/// A link by which a candidate says that a broker speaks for them, or no longer does. Known by the hash of its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateLink {
    /// SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// The deal that the link is about.
    pub deal_id: DealId,
    /// The candidate that the link was sent to.
    pub candidate_id: CandidateId,
    /// The fingerprint of the address that it went to, at the employer, hexadecimal.
    pub address: String,
    /// The fingerprint of the mailbox, under which the asking is counted.
    pub mailbox: String,
    /// The fingerprint of the mailbox at no employer in particular; nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Epoch second after which it is no good for a yes any more.
    pub confirm_until: i64,
    /// Epoch second after which it is worth nothing, and the table may drop it.
    pub expires_at: i64,
}

impl CandidateLink {
    /// The key of the link whose secret has this hash.
    #[must_use]
    pub fn key_of(secret_hash: &str) -> Key {
        Key::new(format!("{}{secret_hash}", Self::PARTITION), "LINK")
    }
}

impl Record for CandidateLink {
    const ENTITY: &'static str = "candidate_link";
    const PARTITION: &'static str = "CANDIDATE_LINK#";

    fn key(&self) -> Key {
        Self::key_of(&self.secret_hash)
    }
}

/// A document of a deal, with what its fact does not say and can be erased. Until the fact is there it is a form that was given out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealDocument {
    /// The deal that the document belongs to.
    pub deal_id: DealId,
    /// The document's id.
    pub document_id: DocumentId,
    /// The tenant that the document belongs to.
    pub tenant_id: TenantId,
    /// The member who gave it.
    pub member_id: MemberId,
    /// The name of the file; nothing once it is erased.
    pub file_name: Option<String>,
    /// Its media type, as its form fixed it.
    pub media_type: String,
    /// The candidate that the document is about.
    pub candidate_id: Option<CandidateId>,
    /// Whether the client sees it.
    pub for_client: bool,
    /// Its size and its SHA-256, hexadecimal, once it is in the deal.
    pub content: Option<FileContent>,
    /// The time at which the form was made. Once the document is in the deal, the time at which it was added.
    pub at: Timestamp,
    /// The time at which it was erased.
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
    /// The deal whose documents are to be erased.
    pub deal_id: DealId,
    /// The time from which to look at it again.
    pub due_at: Timestamp,
    /// The sort key of the last document that was looked at, where a run did not come to the end.
    pub after: Option<String>,
}

impl Record for ErasureDue {
    const ENTITY: &'static str = "erasure_due";
    /// One partition, the first that is due first.
    const PARTITION: &'static str = "ERASURES_DUE";

    fn key(&self) -> Key {
        let at = self.due_at.as_second();
        Key::new(Self::PARTITION, format!("{at:012}#{}", self.deal_id))
    }
}

impl DealDocument {
    /// Sort key prefix of a deal's documents.
    pub const PREFIX: &'static str = "DOCUMENT#";

    /// The key of a deal's document.
    #[must_use]
    pub fn key_of(deal: DealId, document: DocumentId) -> Key {
        Key::new(
            format!("{}{deal}", Self::PARTITION),
            format!("{}{document}", Self::PREFIX),
        )
    }

    /// Whether its file is in the deal and was not erased.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.content.is_some() && self.erased_at.is_none()
    }

    /// The object that the form puts the file in.
    #[must_use]
    pub fn incoming(&self) -> String {
        format!("incoming/deals/{}/{}", self.deal_id, self.document_id)
    }

    /// The object that has the file once it is in the deal, out of the form's reach.
    #[must_use]
    pub fn object(&self) -> String {
        format!("documents/{}/{}", self.deal_id, self.document_id)
    }
}

impl Record for DealDocument {
    const ENTITY: &'static str = "deal_document";
    const PARTITION: &'static str = DealHead::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.document_id)
    }
}

/// The network's least shares by source, as the operator published them. Written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeSchedule {
    /// The number of the schedule, from 1, without gaps.
    pub version: u32,
    /// The first day, UTC, on which new terms quote it.
    pub from: Date,
    /// The share for a candidate whom a member brought, as `5%`.
    pub member: String,
    /// The share for a candidate from the job board.
    pub job_board: String,
    /// The share for a candidate who registered themselves.
    pub self_registered: String,
    /// The member who published it.
    pub member_id: MemberId,
    /// The time at which it was published.
    pub published_at: Timestamp,
}

impl Record for FeeSchedule {
    const ENTITY: &'static str = "fee_schedule";
    const PARTITION: &'static str = "FEE_SCHEDULES";

    fn key(&self) -> Key {
        Key::new(Self::PARTITION, format!("{:010}", self.version))
    }
}
