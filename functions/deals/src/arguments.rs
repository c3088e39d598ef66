//! Why sides disagree, in their own words: contests of reports, disputes, evidence and rulings.

use inventure_core::EventId;
use inventure_deal_store::Held;
use inventure_deals::{
    Assertion, Author, Fact, What,
    dispute::{Dispute, Ruled, Ruling},
};
use inventure_ledger::Hash;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

/// A no to a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContestView {
    /// The fact.
    pub fact: EventId,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who said it.
    pub by: Author,
    /// Why, in their words.
    pub reason: String,
}

impl ContestView {
    /// The contests of a report that stand, in order.
    pub fn of(held: &Held, known: &Assertion) -> Vec<Self> {
        let contests = held.deal.facts().iter().filter_map(|fact| match &fact.what {
            What::AssertionContested { assertion, reason } if *assertion == known.fact => Some(Self {
                fact: fact.id,
                at: fact.at,
                by: fact.by,
                reason: reason.clone(),
            }),
            _ => None,
        });
        // Whoever took the no back stands by the yes.
        let stands = |contest: &Self| {
            held.deal
                .side(contest.by)
                .is_some_and(|side| known.contested_by.contains(&side))
        };
        contests.filter(stands).collect()
    }
}

/// Evidence that was given in time.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// The fact.
    pub fact: EventId,
    /// Who gave it.
    pub by: Author,
    /// On which step, from 0.
    pub step: usize,
    /// What it shows, in their words.
    pub text: String,
    /// The hash of the document.
    #[schema(value_type = String)]
    pub sha256: Hash,
}

/// An open dispute. The client sees those in which it is a side.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisputeView {
    /// The fact that opened it.
    pub opened: EventId,
    /// Who opened it.
    pub by: Author,
    /// About what, in their words.
    pub about: String,
    /// The report that it is about, which somebody contested or never answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion: Option<EventId>,
    /// The step it is on, from 0.
    pub step: usize,
    /// The last day on which this step takes evidence.
    #[schema(value_type = String, format = Date)]
    pub evidence_until: Date,
    /// What was given so far.
    pub evidence: Vec<EvidenceView>,
    /// The amount in dispute.
    pub amount_minor_units: i64,
    /// The part of it that is held back of what is not released yet; zero where the stake of a report holds it.
    pub frozen_minor_units: i64,
}

/// A ruling. The client sees those in whose dispute it was a side.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulingView {
    /// The fact.
    pub fact: EventId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who ruled; the network where nobody did in time.
    pub by: Author,
    /// What. Not for the client where it says how the brokers share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
    /// Why, in the arbiter's words.
    pub reasons: String,
    /// The dispute, as it was before.
    pub dispute: DisputeView,
}

/// Which of a deal's arguments somebody sees: all who are inside all of them, the client its own.
#[derive(Clone, Copy)]
pub struct Arguments<'a> {
    held: &'a Held,
    inside: bool,
}

impl<'a> Arguments<'a> {
    /// Those of a deal that a viewer sees who is inside it, or is the client.
    pub const fn new(held: &'a Held, inside: bool) -> Self {
        Self { held, inside }
    }

    fn shows(&self, dispute: &Dispute) -> bool {
        self.inside || self.held.deal.concerns_client(dispute)
    }

    fn fact(&self, id: EventId) -> Option<&'a Fact> {
        self.held.deal.facts().iter().find(|fact| fact.id == id)
    }

    fn text(&self, id: EventId) -> String {
        let text = self.fact(id).and_then(|fact| fact.what.text());
        text.unwrap_or_default().to_owned()
    }

    fn dispute(&self, dispute: &Dispute) -> DisputeView {
        let evidence = dispute.evidence.iter().map(|given| EvidenceView {
            fact: given.fact,
            by: given.by,
            step: given.step,
            text: self.text(given.fact),
            sha256: given.sha256,
        });
        DisputeView {
            opened: dispute.opened,
            by: dispute.by,
            about: self.text(dispute.opened),
            assertion: dispute.assertion,
            step: dispute.step,
            evidence_until: dispute.evidence_until,
            evidence: evidence.collect(),
            amount_minor_units: dispute.amount_minor_units,
            frozen_minor_units: dispute.frozen_minor_units,
        }
    }

    /// The open disputes, in the order in which they were opened.
    pub fn disputes(&self) -> Vec<DisputeView> {
        let seen = self.held.deal.disputes().iter().filter(|dispute| self.shows(dispute));
        seen.map(|dispute| self.dispute(dispute)).collect()
    }

    fn ruling(&self, ruled: &Ruled) -> Option<RulingView> {
        let fact = self.fact(ruled.fact)?;
        let What::Ruled { ruling, reasons, .. } = &fact.what else {
            return None;
        };
        let of_brokers = matches!(ruling, Ruling::Reallocated { .. });
        Some(RulingView {
            fact: fact.id,
            at: fact.at,
            by: fact.by,
            ruling: (self.inside || !of_brokers).then(|| ruling.clone()),
            reasons: reasons.clone(),
            dispute: self.dispute(&ruled.dispute),
        })
    }

    /// The rulings, in order.
    pub fn rulings(&self) -> Vec<RulingView> {
        let seen = self.held.deal.rulings().iter();
        let seen = seen.filter(|ruled| self.shows(&ruled.dispute));
        seen.filter_map(|ruled| self.ruling(ruled)).collect()
    }
}
