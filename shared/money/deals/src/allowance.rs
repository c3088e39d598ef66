//! The room in a deal that each side has, so that nobody can fill what others need.

use std::collections::BTreeMap;

use inventure_core::TenantId;

use crate::fact::{Author, Fact, Move};

/// The most facts of talk by one side, and the most bytes of their texts. Each reader of a deal reads them all.
const TALK: (usize, usize) = (1_000, 256 * 1024);

/// The most documents and pieces of evidence by one side, and the most bytes of their texts.
const PROOF: (usize, usize) = (300, 128 * 1024);

/// A kind of room in a deal. Flooding one takes nothing from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Allowance {
    /// Notes, candidates and their steps in the pipeline.
    Talk,
    /// Documents and evidence.
    Proof,
}

impl Allowance {
    /// The room that a kind of move takes from; nothing for one that moves the deal on.
    pub(crate) const fn of(kind: Move) -> Option<Self> {
        match kind {
            Move::Noted | Move::StageMoved | Move::Contacted | Move::Submitted => Some(Self::Talk),
            Move::DocumentAdded | Move::EvidenceGiven => Some(Self::Proof),
            _ => None,
        }
    }
}

/// The side of an author, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Tenant(TenantId),
    Employer,
    Candidate,
    Network,
}

impl Side {
    const fn of(author: Author) -> Self {
        match author {
            Author::Member { tenant, .. } => Self::Tenant(tenant),
            Author::Employer => Self::Employer,
            Author::Candidate => Self::Candidate,
            Author::Network => Self::Network,
        }
    }
}

/// The facts and bytes that each side has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowances(BTreeMap<(Side, Allowance), (usize, usize)>);

impl Allowances {
    pub(crate) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn size(fact: &Fact) -> usize {
        fact.what.text().map_or(0, str::len)
    }

    /// Whether the author's side has room for a fact.
    pub(crate) fn has_room_for(&self, fact: &Fact) -> bool {
        let Some(allowance) = Allowance::of(fact.what.kind()) else {
            return true;
        };
        let (facts, bytes) = match allowance {
            Allowance::Talk => TALK,
            Allowance::Proof => PROOF,
        };
        let used = self.0.get(&(Side::of(fact.by), allowance)).copied().unwrap_or_default();
        used.0 < facts && used.1.saturating_add(Self::size(fact)) <= bytes
    }

    /// Counts a fact.
    pub(crate) fn take(&mut self, fact: &Fact) {
        if let Some(allowance) = Allowance::of(fact.what.kind()) {
            let used = self.0.entry((Side::of(fact.by), allowance)).or_default();
            *used = (used.0 + 1, used.1.saturating_add(Self::size(fact)));
        }
    }
}
