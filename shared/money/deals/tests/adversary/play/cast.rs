//! Everybody who could cheat.

use inventure_core::{CandidateId, DealId, DocumentId, EventId, JobId, MemberId, TenantId};
use inventure_deals::{Author, Terms, Who};
use inventure_ledger::Hash;
use uuid::Uuid;

/// Somebody at or around a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// The client of the deal.
    Employer,
    /// The broker of the job.
    JobSide,
    /// The broker of the first candidate.
    CandidateSide,
    /// Another broker of candidates, where the terms name one.
    Rival,
    /// A party of another kind, where the terms name one.
    Extra,
    /// The one who rules.
    Arbiter,
    /// The one who rules where the arbiter did not.
    Deputy,
    /// The person, by their link.
    Person,
    /// Somebody who was a party and whom the terms in force leave out.
    Dropped,
    /// Somebody who was never a party.
    Stranger,
}

impl Actor {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Employer,
        Self::JobSide,
        Self::CandidateSide,
        Self::Rival,
        Self::Extra,
        Self::Arbiter,
        Self::Deputy,
        Self::Person,
        Self::Dropped,
        Self::Stranger,
    ];

    /// Returns the tenant of the actor.
    pub fn tenant(self) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(11 + self as u128))
    }

    /// The author that the service would name.
    pub fn author(self) -> Author {
        let member = MemberId::from_uuid(self.tenant().uuid());
        match self {
            Self::Employer => Author::Employer,
            Self::Person => Author::Candidate,
            _ => Author::Member {
                tenant: self.tenant(),
                member,
            },
        }
    }

    /// The side that the actor is under terms; `None` where they are none.
    pub fn who(self, terms: &Terms) -> Option<Who> {
        who(self.author(), terms)
    }
}

/// The side that an author is under terms.
pub fn who(author: Author, terms: &Terms) -> Option<Who> {
    match author {
        Author::Employer => Some(Who::Client),
        Author::Member { tenant, .. } if tenant == terms.employer => Some(Who::Client),
        Author::Member { tenant, .. } => {
            let party = terms.parties.iter().find(|party| party.tenant == tenant)?;
            Some(Who::Party(party.id.clone()))
        }
        Author::Candidate | Author::Network => None,
    }
}

/// A candidate by number.
pub fn candidate(number: u128) -> CandidateId {
    CandidateId::from_uuid(Uuid::from_u128(number))
}

/// A fact by number.
pub fn event(number: u128) -> EventId {
    EventId::from_uuid(Uuid::from_u128(number))
}

/// A document by number, and its hash.
pub fn document(number: u128) -> (DocumentId, Hash) {
    (
        DocumentId::from_uuid(Uuid::from_u128(number)),
        Hash::from([number as u8; 32]),
    )
}

/// Returns the id of the deal.
pub fn deal() -> DealId {
    DealId::from_uuid(Uuid::from_u128(1))
}

/// Returns the id of the job.
pub fn job() -> JobId {
    JobId::from_uuid(Uuid::from_u128(2))
}
