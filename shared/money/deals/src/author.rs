//! The authors of a deal, and the moves that each may make.

use inventure_core::TenantId;

use crate::{
    deal::Deal,
    fact::{Author, Move, What},
    party::PartyRole,
    terms::Terms,
};

/// The standing of an author in a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A party, by what it does.
    Party(PartyRole),
    /// The employer, who is the client.
    Employer,
    /// The candidate that the deal is about.
    Candidate,
    /// The network that runs the deals.
    Network,
    /// The arbiter, or another judge that the terms name.
    Arbiter,
}

impl Standing {
    /// Returns the standing of an author under these terms; `None` where the terms give them none.
    pub(crate) fn of(author: Author, terms: &Terms) -> Option<Self> {
        match author {
            Author::Employer => Some(Self::Employer),
            Author::Candidate => Some(Self::Candidate),
            Author::Network => Some(Self::Network),
            Author::Member { tenant, .. } => Self::of_tenant(tenant, terms),
        }
    }

    /// Returns the standing of a tenant under these terms.
    pub(crate) fn of_tenant(tenant: TenantId, terms: &Terms) -> Option<Self> {
        if let Some(party) = terms.parties.iter().find(|party| party.tenant == tenant) {
            Some(Self::Party(party.role))
        } else if tenant == terms.employer {
            Some(Self::Employer)
        } else if terms.disputes.judges().any(|judge| judge == tenant) {
            Some(Self::Arbiter)
        } else {
            None
        }
    }

    /// Whether an author of this standing may make a move.
    pub(crate) const fn may(self, kind: Move) -> bool {
        match kind {
            Move::TermsProposed | Move::TermsWithdrawn | Move::Signed => matches!(self, Self::Party(_)),
            Move::Submitted | Move::Contacted => matches!(self, Self::Party(PartyRole::CandidateSide)),
            Move::Confirmed => matches!(self, Self::Candidate),
            Move::ConsentWithdrawn => matches!(self, Self::Candidate | Self::Network),
            Move::PriorClaimRaised => matches!(self, Self::Employer),
            // Money and time are the network's to report: a party that could say "it is paid" could pay itself.
            Move::OwnershipDecided
            | Move::PaymentReceived
            | Move::PaymentChargedBack
            | Move::PaymentReminded
            | Move::GuaranteeEnded
            | Move::AssertionAccepted
            | Move::AssertionExpired
            | Move::RulesAdopted => matches!(self, Self::Network),
            // The network rules where neither the arbiter nor the deputy did in time, as the rules say.
            Move::Ruled => matches!(self, Self::Arbiter | Self::Network),
            Move::StageMoved
            | Move::Placed
            | Move::PlacementCorrected
            | Move::FellOff
            | Move::ReplacementStarted
            | Move::AssertionConfirmed
            | Move::AssertionContested
            | Move::AssertionWithdrawn
            | Move::DisputeOpened => matches!(self, Self::Party(_) | Self::Employer),
            Move::RefundChosen => matches!(self, Self::Employer | Self::Network),
            Move::Noted | Move::DocumentAdded | Move::EvidenceGiven => !matches!(self, Self::Network),
            Move::DisputeEscalated => matches!(self, Self::Party(_) | Self::Employer | Self::Network),
            Move::DisputeWithdrawn => matches!(self, Self::Party(_) | Self::Employer),
            Move::Invoiced | Move::Closed => matches!(self, Self::Party(_) | Self::Network),
        }
    }
}

impl Deal {
    /// Whether an author may make a move. Terms that not all have signed let those whom they name read, talk, sign and
    /// take them back; everything else is for those whom the terms in force name. Before there are terms, the author
    /// counts as the maker of the deal.
    pub(crate) fn may(&self, author: Author, kind: Move) -> bool {
        let talks = matches!(
            kind,
            Move::TermsWithdrawn | Move::Signed | Move::Noted | Move::DocumentAdded
        );
        let named = |terms: &Terms| Standing::of(author, terms).is_some_and(|standing| standing.may(kind));
        let (in_force, open) = (self.in_force.as_ref(), self.open.as_ref());
        if in_force.is_none() && open.is_none() && self.taken_back().is_none() {
            let made = match author {
                Author::Member { .. } => Some(Standing::Party(PartyRole::JobSide)),
                Author::Network => Some(Standing::Network),
                _ => None,
            };
            return made.is_some_and(|standing| standing.may(kind));
        }
        if self.rules < 2 {
            // Whom the open terms named was that alone.
            let mut terms = open.into_iter().chain(in_force);
            let known = terms.find_map(|terms| Standing::of(author, terms));
            return known.is_some_and(|standing| standing.may(kind));
        }
        let open = open.filter(|_| talks || in_force.is_none());
        [in_force, open, self.taken_back()].into_iter().flatten().any(named)
    }

    /// The terms that were proposed last, where nothing was ever signed and nothing is open. The tenants that they name
    /// still made the deal.
    pub(crate) fn taken_back(&self) -> Option<&Terms> {
        let before = self.rules >= 2 && self.in_force.is_none() && self.open.is_none();
        let mut proposed = self.facts.iter().rev().filter(|_| before);
        proposed.find_map(|fact| match &fact.what {
            What::TermsProposed { terms } => Some(terms.as_ref()),
            _ => None,
        })
    }
}
