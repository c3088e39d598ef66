//! Who may say what.

use inventure_core::TenantId;

use crate::{
    fact::{Author, Kind},
    party::PartyRole,
    terms::Terms,
};

/// What an author is to a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A party, by what it does.
    Party(PartyRole),
    /// The client.
    Employer,
    /// Whom it is about.
    Candidate,
    /// The network.
    Network,
    /// Who rules.
    Arbiter,
}

impl Standing {
    /// What an author is under these terms; nothing where they are nobody there.
    pub(crate) fn of(author: Author, terms: &Terms) -> Option<Self> {
        match author {
            Author::Employer => Some(Self::Employer),
            Author::Candidate => Some(Self::Candidate),
            Author::Network => Some(Self::Network),
            Author::Member { tenant, .. } => Self::of_tenant(tenant, terms),
        }
    }

    fn of_tenant(tenant: TenantId, terms: &Terms) -> Option<Self> {
        if let Some(party) = terms.parties.iter().find(|party| party.tenant == tenant) {
            Some(Self::Party(party.role))
        } else if tenant == terms.employer {
            Some(Self::Employer)
        } else if tenant == terms.disputes.arbiter {
            Some(Self::Arbiter)
        } else {
            None
        }
    }

    /// Whether somebody of this standing may make a move.
    pub(crate) const fn may(self, kind: Kind) -> bool {
        match kind {
            Kind::TermsProposed | Kind::TermsWithdrawn | Kind::Signed => matches!(self, Self::Party(_)),
            Kind::Submitted | Kind::Contacted => matches!(self, Self::Party(PartyRole::CandidateSide)),
            Kind::Confirmed => matches!(self, Self::Candidate),
            Kind::ConsentWithdrawn => matches!(self, Self::Candidate | Self::Network),
            Kind::PriorClaimRaised => matches!(self, Self::Employer),
            // Money and time are the network's to report: a party that could say "it is paid" could pay itself.
            Kind::OwnershipDecided | Kind::PaymentReceived | Kind::GuaranteeEnded => matches!(self, Self::Network),
            Kind::Ruled => matches!(self, Self::Arbiter),
            Kind::StageMoved | Kind::Placed | Kind::FellOff | Kind::ReplacementStarted | Kind::DisputeOpened => {
                matches!(self, Self::Party(_) | Self::Employer)
            }
            Kind::RefundChosen => matches!(self, Self::Employer | Self::Network),
            Kind::Noted | Kind::DocumentAdded | Kind::EvidenceGiven => !matches!(self, Self::Network),
            Kind::DisputeEscalated | Kind::DisputeWithdrawn => matches!(self, Self::Party(_) | Self::Employer),
            Kind::Invoiced | Kind::Closed => matches!(self, Self::Party(_) | Self::Network),
        }
    }
}
