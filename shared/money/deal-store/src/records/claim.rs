use std::collections::{BTreeMap, BTreeSet};

use inventure_core::{CandidateId, DealId, JobId, TenantId, UploadId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use inventure_table::{Key, Record};

use super::DealHead;

/// A submittal found by the person's fingerprint. The person is known by a keyed fingerprint, so the table tells nobody who it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimOfPerson {
    /// The fingerprint of an email or a phone number at the employer, hexadecimal.
    pub fingerprint: String,
    /// The deal that the person was submitted in.
    pub deal_id: DealId,
    /// The candidate's record.
    pub candidate_id: CandidateId,
    /// The broker who submitted them; nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// The deal's job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The parties that brought the job, when the person was submitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub job_sides: Vec<TenantId>,
    /// Whether the broker stated the address or number themselves.
    #[serde(default)]
    pub stated: bool,
}

impl ClaimOfPerson {
    /// The partition of a person's claims.
    #[must_use]
    pub fn of_person(fingerprint: &str) -> String {
        format!("{}{fingerprint}", Self::PARTITION)
    }

    /// The sort key of the claim of a deal's candidate.
    #[must_use]
    pub fn sort_of(deal: DealId, candidate: CandidateId) -> String {
        format!("{deal}#{candidate}")
    }

    /// The key of the claim of a deal's candidate.
    #[must_use]
    pub fn key_of(fingerprint: &str, deal: DealId, candidate: CandidateId) -> Key {
        Key::new(Self::of_person(fingerprint), Self::sort_of(deal, candidate))
    }
}

impl Record for ClaimOfPerson {
    const ENTITY: &'static str = "claim";
    const PARTITION: &'static str = "CLAIMS#";

    fn key(&self) -> Key {
        Self::key_of(&self.fingerprint, self.deal_id, self.candidate_id)
    }
}

/// The fingerprints under which a deal's candidate was submitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubmittedPerson {
    /// The deal that the person was submitted in.
    pub deal_id: DealId,
    /// The candidate's record.
    pub candidate_id: CandidateId,
    /// The fingerprints, hexadecimal.
    pub fingerprints: Vec<String>,
    /// Those of the fingerprints that the broker stated; the others stand in the résumé alone. Nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<Vec<String>>,
    /// Those of the fingerprints that the résumé names. Nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_resume: Option<Vec<String>>,
    /// Those of the addresses at which the candidate confirmed, one for each time they did, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed_at: Vec<String>,
    /// The grounds that came along with the submittal; nothing in records from before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grounds: Option<ClaimGrounds>,
    /// The file whose reading they were submitted with; nothing without one, and in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<UploadId>,
    /// The fingerprints that a résumé that was read later names beside these, kept before the deal shows it. They claim nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<String>,
    /// The fingerprints of the mailboxes of their addresses, without what follows a `+`. Nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailboxes: Vec<String>,
}

/// The grounds of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimGrounds {
    /// Whether a résumé was there.
    pub resume: bool,
    /// Whether the candidate's consent named the employer.
    pub employer_named: bool,
}

impl SubmittedPerson {
    /// The key of the fingerprints of a deal's candidate.
    #[must_use]
    pub fn key_of(deal: DealId, candidate: CandidateId) -> Key {
        Key::new(format!("{}{deal}", Self::PARTITION), format!("PERSON#{candidate}"))
    }

    /// Whether the candidate confirmed at this address.
    #[must_use]
    pub fn is_confirmed_at(&self, fingerprint: &str) -> bool {
        names(&self.confirmed_at, fingerprint)
    }

    /// Whether the broker stated this address or number, or the candidate confirmed at it.
    #[must_use]
    pub fn is_stated(&self, fingerprint: &str) -> bool {
        let stated = self.stated.as_ref();
        stated.is_none_or(|stated| names(stated, fingerprint)) || self.is_confirmed_at(fingerprint)
    }

    /// Whether the submittal claims whoever has this address or number. It does where the broker stated one that the résumé names as
    /// well, or the candidate confirmed at it. Anybody can state an address, and a file may name somebody else's.
    #[must_use]
    pub fn is_sure_of(&self, fingerprint: &str) -> bool {
        let in_resume = self.in_resume.as_ref();
        let in_resume = in_resume.is_none_or(|prints| names(prints, fingerprint));
        (self.is_stated(fingerprint) && in_resume) || self.is_confirmed_at(fingerprint)
    }

    /// The fingerprints that were stated, or confirmed at.
    #[must_use]
    pub fn all_stated(&self) -> BTreeSet<&str> {
        let stated = self.fingerprints.iter().filter(|print| self.is_stated(print));
        stated.map(String::as_str).collect()
    }

    /// The fingerprints by which a no of theirs is looked for: what was stated, and the mailboxes in the file.
    #[must_use]
    pub fn known_by(&self) -> BTreeSet<&str> {
        let mut known = self.all_stated();
        known.extend(self.mailboxes.iter().map(String::as_str));
        known
    }

    /// The addresses and numbers that the person is looked for by at a placement. Each has whether it was stated, or
    /// confirmed at.
    #[must_use]
    pub fn keys(&self) -> BTreeMap<String, bool> {
        let shown = self.shown.iter().map(|print| (print.clone(), false));
        let submitted = self
            .fingerprints
            .iter()
            .map(|print| (print.clone(), self.is_stated(print)));
        shown.chain(submitted).collect()
    }
}

fn names(prints: &[String], print: &str) -> bool {
    prints.iter().any(|known| known == print)
}

impl Record for SubmittedPerson {
    const ENTITY: &'static str = "submitted_person";
    const PARTITION: &'static str = DealHead::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.candidate_id)
    }
}

/// A candidate's no to a broker, by the link in a mail. The broker puts them forward at this employer no more, in whichever deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The broker's tenant.
    pub tenant_id: TenantId,
    /// The fingerprint of an address, mailbox or number of theirs at the employer, hexadecimal.
    pub known_by: String,
    /// The deal that they were asked about.
    pub deal_id: DealId,
    /// The time of the first no.
    pub refused_at: Timestamp,
}

impl Refusal {
    /// The key of a no to this broker.
    #[must_use]
    pub fn key_of(tenant: TenantId, known_by: &str) -> Key {
        Key::new(format!("{}{tenant}", Self::PARTITION), known_by)
    }
}

impl Record for Refusal {
    const ENTITY: &'static str = "refusal";
    const PARTITION: &'static str = "REFUSALS#";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id, &self.known_by)
    }
}

/// A placement found by the person's fingerprint. One record for each of their fingerprints, so that two deals cannot place them at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacedPerson {
    /// The fingerprint, or the employer and the candidate's record.
    pub known_by: String,
    /// The deal that placed them last.
    pub deal_id: DealId,
    /// The candidate's record in it.
    pub candidate_id: CandidateId,
    /// Whether more than a file says that it is them.
    pub sure: bool,
    /// Grows by one with every write.
    pub version: u64,
}

impl PlacedPerson {
    /// The key of the placement of a person.
    #[must_use]
    pub fn key_of(known_by: &str) -> Key {
        Key::new(format!("{}{known_by}", Self::PARTITION), "PLACED")
    }
}

impl Record for PlacedPerson {
    const ENTITY: &'static str = "placed_person";
    const PARTITION: &'static str = "PLACED#";

    fn key(&self) -> Key {
        Self::key_of(&self.known_by)
    }
}
