//! A deal: a fold over its facts.
//!
//! [`Deal::apply`] takes the facts one by one, in the order in which they were recorded, and refuses what the state,
//! the terms or the dates do not allow. Nothing else changes a deal, so replaying its facts gives the same deal, and
//! every decision can be checked by anybody who has them.

use std::collections::BTreeMap;

use inventure_core::{CandidateId, DealId, EventId, TenantId};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    allowance::{Allowance, Allowances},
    assertion::Assertion,
    author::Standing,
    dispute::{Dispute, Ruled},
    fact::{Author, Fact, Move, What},
    fee::{Billed, Pay},
    guarantee::Cover,
    party::Who,
    pipeline::Stage,
    refusal::{Refused, Why},
    signature::{self, Signature},
    state::State,
    terms::{FeeBase, Source, Terms},
};

/// The longest text of a note or a reason.
const TEXT_CHARS_MAX: usize = 10_000;

/// The longest reason of a contest, the longest subject of a dispute, and the longest number of an invoice.
const SHORT_TEXT_CHARS_MAX: usize = 1_000;

/// The facts beyond which a deal of rules 1 takes only what moves it on. Notes, documents, evidence and steps in the
/// pipeline have had their room.
const TALK_MAX: usize = 5_000;

/// A deal, as it stands after its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    pub(crate) id: DealId,
    pub(crate) state: State,
    pub(crate) facts: Vec<Fact>,
    pub(crate) in_force: Option<Terms>,
    pub(crate) open: Option<Terms>,
    pub(crate) last_version: u32,
    pub(crate) signatures: Vec<Signature>,
    pub(crate) candidates: BTreeMap<CandidateId, Submittal>,
    pub(crate) placements: Vec<Placement>,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) disputes: Vec<Dispute>,
    pub(crate) ruled: Vec<Ruled>,
    pub(crate) before_dispute: State,
    /// The version of the rules of conduct: 1 for what was recorded before reports needed others' word.
    pub(crate) rules: u32,
    pub(crate) assertions: Vec<Assertion>,
    /// The number of each side's disputes that count towards its limit. They are open ones that are about no report,
    /// and those that ended as nobody ruled for the side.
    pub(crate) disputes_of: BTreeMap<Who, usize>,
    /// The room that each author's side has used.
    pub(crate) used: Allowances,
}

/// The version of the rules of conduct that new facts follow.
pub const RULES: u32 = 2;

/// A candidate in a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Submittal {
    /// The fact that recorded the submittal.
    pub fact: EventId,
    /// The agency that submitted the candidate.
    pub tenant: TenantId,
    /// The source that the candidate came from.
    pub source: Source,
    /// The stage at which the candidate stands.
    pub stage: Stage,
    /// The furthest they ever stood, by which is decided what the other side sees.
    pub furthest: Stage,
    /// The decisions about their owners, in order. The last one for a day of acceptance counts on that day.
    pub decided: Vec<Decided>,
    /// The fact with which they took their consent back, where they did.
    pub withdrawn: Option<EventId>,
}

/// A decision about the owners of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Decided {
    /// The fact that recorded the decision.
    pub fact: EventId,
    /// The owners; nobody where the employer knew the candidate.
    pub owners: Vec<TenantId>,
    /// The day of acceptance that it is for; absent where it is for any day.
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
}

impl Submittal {
    /// The decision about their owners for a day of acceptance.
    #[must_use]
    pub fn decided_for(&self, accepted_on: Date) -> Option<&Decided> {
        let mut latest = self.decided.iter().rev();
        latest.find(|decided| decided.on.is_none_or(|on| on == accepted_on))
    }
}

/// A placement of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Placement {
    /// The fact that reported the placement.
    pub fact: EventId,
    /// The candidate who was placed.
    pub candidate: CandidateId,
    /// The source that the candidate came from.
    pub source: Source,
    /// The agencies that owned the candidate, the earlier first.
    pub owners: Vec<TenantId>,
    /// The pay of the candidate; absent where it was not reported.
    pub pay: Option<Pay>,
    /// The first day at work.
    #[schema(value_type = String, format = Date)]
    pub starts_on: Date,
    /// Whether it was reported within the days that the terms give.
    pub reported_in_time: bool,
    /// Day 0 of the guarantee. It is the first day at work, or that of the one who was replaced where the clock goes
    /// on.
    #[schema(value_type = String, format = Date)]
    pub guarantee_from: Date,
    /// The guarantee's days.
    pub guarantee_days: u16,
    /// The number of the deal's bills from before its fee.
    #[serde(skip)]
    pub billed_from: usize,
    /// The moment from which it counts, which may be long after the report of it.
    #[serde(skip)]
    pub counts_from: Timestamp,
    /// The fall-off, where the placement ended inside the guarantee.
    pub fall_off: Option<FallOff>,
}

/// A fall-off inside the guarantee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FallOff {
    /// The fact that reported the fall-off.
    pub fact: EventId,
    /// The last day at work.
    #[schema(value_type = String, format = Date)]
    pub last_day: Date,
    /// The moment from which it counts, which may be long after the report of it.
    #[serde(skip)]
    pub counts_from: Timestamp,
    /// The cover of the guarantee for the last day at work.
    pub cover: Cover,
    /// The fact with which the refund fell due; nothing while a replacement is still possible.
    pub refunded_by: Option<EventId>,
}

/// An invoice to the client. The open amount is `amount - credited - received`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invoice {
    /// The invoice's number.
    pub number: String,
    /// The fact that recorded the bill.
    pub fact: EventId,
    /// The side that sent it.
    #[serde(skip)]
    pub by: Option<Who>,
    /// The time at which it was sent.
    #[serde(skip)]
    pub sent_at: Timestamp,
    /// The moment from which it counts: a bill for hours waits for the client's word.
    #[serde(skip)]
    pub counts_from: Timestamp,
    /// The item that the invoice is for.
    pub billed: Billed,
    /// The source of the candidate, which decides the network's share. A retainer before any placement counts as a
    /// member's.
    pub source: Source,
    /// The amount of the invoice, in minor units.
    pub amount_minor_units: i64,
    /// The amount that was taken off by a refund, a correction or a ruling.
    pub credited_minor_units: i64,
    /// The part of what was taken off that was never owed. It comes from a correction of the pay, or an objection that
    /// was upheld.
    pub corrected_minor_units: i64,
    /// The amount that the client paid and did not get back.
    pub received_minor_units: i64,
    /// The last day on which it is paid in time; nothing where the terms name no days.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<Date>,
    /// The number of times that the client was reminded of it.
    pub reminders: u16,
}

impl Invoice {
    /// Returns the amount that the client still owes.
    #[must_use]
    pub const fn outstanding(&self) -> i64 {
        self.amount_minor_units - self.credited_minor_units - self.received_minor_units
    }

    /// Returns the amount that is left of it after what was taken off, paid or not.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.amount_minor_units - self.credited_minor_units
    }

    /// Takes so much off the bill; what was paid beyond the rest goes back to the client.
    pub(crate) fn credit(&mut self, minor_units: i64) {
        self.credited_minor_units += minor_units;
        let owed = self.amount_minor_units - self.credited_minor_units;
        self.received_minor_units = self.received_minor_units.min(owed);
    }
}

impl Deal {
    /// A deal to which nothing has happened.
    #[must_use]
    pub const fn new(id: DealId) -> Self {
        Self {
            id,
            state: State::Draft,
            facts: Vec::new(),
            in_force: None,
            open: None,
            last_version: 0,
            signatures: Vec::new(),
            candidates: BTreeMap::new(),
            placements: Vec::new(),
            invoices: Vec::new(),
            disputes: Vec::new(),
            ruled: Vec::new(),
            before_dispute: State::Draft,
            rules: 1,
            assertions: Vec::new(),
            disputes_of: BTreeMap::new(),
            used: Allowances::new(),
        }
    }

    /// The deal that these facts make.
    pub fn replay(id: DealId, facts: impl IntoIterator<Item = Fact>) -> Result<Self, Box<Refused>> {
        let mut deal = Self::new(id);
        for fact in facts {
            deal.apply(fact)?;
        }
        Ok(deal)
    }

    /// Takes a fact. A refused fact changes nothing.
    pub fn apply(&mut self, fact: Fact) -> Result<(), Box<Refused>> {
        let before = self.billed();
        // The moves check first and change last, so a refusal in the middle leaves no trace.
        if let Err(why) = self.check_common(&fact).and_then(|()| self.make(&fact)) {
            return Err(Box::new(Refused {
                kind: fact.what.kind(),
                state: self.state(),
                why,
                legal: self.legal_for(fact.by),
            }));
        }
        self.used.take(&fact);
        self.facts.push(fact);
        if self.rules >= 2 && self.billed() != before {
            self.weigh_stakes();
        }
        Ok(())
    }

    /// Returns the figures that decide how much a report takes off. They are the bills, what is taken off them, and the
    /// placement that stands with its guarantee.
    fn billed(&self) -> impl PartialEq + use<> {
        let credited = self.invoices.iter().map(|invoice| invoice.credited_minor_units);
        let placed = self.placements.last();
        let placed = placed.map(|placement| {
            (
                placement.fact,
                placement.fall_off.is_some(),
                placement.guarantee_from,
                placement.guarantee_days,
            )
        });
        (self.invoices.len(), credited.fold(0, i64::saturating_add), placed)
    }

    /// Checks the conditions that hold for every move.
    fn check_common(&self, fact: &Fact) -> Result<(), Why> {
        let kind = fact.what.kind();
        if self.facts.iter().any(|known| known.id == fact.id) {
            return Err(Why::Repeated);
        }
        if !self.allows(kind) {
            return Err(Why::NotInThisState);
        }
        if self.facts.last().is_some_and(|last| fact.at < last.at) {
            return Err(Why::OutOfOrder);
        }
        let is_full = if self.rules < 2 {
            Allowance::of(kind).is_some() && self.facts.len() >= TALK_MAX
        } else {
            !self.used.has_room_for(fact)
        };
        if is_full {
            return Err(Why::Full);
        }
        let may = match &fact.what {
            // Who proposes is a party of what they propose; of the terms before too, or strangers could take over a deal.
            What::TermsProposed { terms } => {
                let before = self
                    .in_force
                    .as_ref()
                    .or(self.open.as_ref())
                    .or_else(|| self.taken_back());
                let stranger = before.is_some_and(|before| Standing::of(fact.by, before).is_none());
                Standing::of(fact.by, terms).is_some_and(|standing| !stranger && standing.may(kind))
            }
            _ => self.may(fact.by, kind),
        };
        if !may {
            return Err(Why::NotYours);
        }
        let short = matches!(kind, Move::AssertionContested | Move::DisputeOpened | Move::Invoiced) && self.rules >= 2;
        let longest = if short { SHORT_TEXT_CHARS_MAX } else { TEXT_CHARS_MAX };
        let sound = |text: &str| (1..=longest).contains(&text.trim().chars().count());
        // Of a note that may be left out only the length is looked at; blanks count there, or they would take room for nothing.
        let short_enough = |text: &str| self.rules < 2 || text.chars().count() <= longest;
        match (&fact.what, fact.what.text()) {
            (What::StageMoved { .. }, Some(note)) if !short_enough(note) => Err(Why::Text),
            (What::StageMoved { .. }, _) | (_, None) => Ok(()),
            (_, Some(text)) if sound(text) && short_enough(text) => Ok(()),
            _ => Err(Why::Text),
        }
    }

    /// Returns the standing of a tenant in this deal.
    pub(crate) fn standing_of(&self, tenant: TenantId) -> Option<Standing> {
        let terms = [self.open.as_ref(), self.in_force.as_ref()];
        terms
            .into_iter()
            .flatten()
            .find_map(|terms| Standing::of_tenant(tenant, terms))
    }

    /// Returns the state of the deal.
    #[must_use]
    pub const fn state(&self) -> State {
        // Since rules 2 a dispute stands beside everything else; before, nothing else went on.
        if self.disputes.is_empty() {
            self.state
        } else {
            State::Disputed
        }
    }

    /// Whether the deal takes such a move now. It may still be refused for what it says.
    pub(crate) fn allows(&self, kind: Move) -> bool {
        if self.rules < 2 {
            return self.state.allows(kind);
        }
        match kind {
            Move::EvidenceGiven | Move::DisputeEscalated | Move::DisputeWithdrawn | Move::Ruled => {
                !self.disputes.is_empty()
            }
            Move::Closed => self.disputes.is_empty() && self.state.allows(kind),
            Move::Signed | Move::TermsWithdrawn => self.open.is_some() && self.state.allows(kind),
            Move::RulesAdopted => self.rules < RULES,
            _ => self.state.allows(kind),
        }
    }

    /// The version of the rules of conduct that its next fact follows.
    #[must_use]
    pub const fn rules(&self) -> u32 {
        self.rules
    }

    /// Returns the deal's id.
    #[must_use]
    pub const fn id(&self) -> DealId {
        self.id
    }

    /// Returns the facts of the deal, in order.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The terms that all have signed.
    #[must_use]
    pub const fn terms(&self) -> Option<&Terms> {
        self.in_force.as_ref()
    }

    /// The terms that lie open for signature.
    #[must_use]
    pub const fn proposed(&self) -> Option<&Terms> {
        self.open.as_ref()
    }

    /// The number of the newest terms; zero before there are any.
    #[must_use]
    pub const fn last_version(&self) -> u32 {
        self.last_version
    }

    /// The agencies that still have to sign.
    #[must_use]
    pub fn unsigned(&self) -> Vec<TenantId> {
        let missing = |open| signature::missing(open, self.in_force.as_ref(), &self.signatures);
        self.open.as_ref().map(missing).into_iter().flatten().collect()
    }

    /// Every signature, on old versions too.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The candidates who were submitted.
    #[must_use]
    pub const fn candidates(&self) -> &BTreeMap<CandidateId, Submittal> {
        &self.candidates
    }

    /// The placements, the last of which counts.
    #[must_use]
    pub fn placements(&self) -> &[Placement] {
        &self.placements
    }

    /// Returns the invoices of the deal.
    #[must_use]
    pub fn invoices(&self) -> &[Invoice] {
        &self.invoices
    }

    /// The open disputes, in the order in which they were opened.
    #[must_use]
    pub fn disputes(&self) -> &[Dispute] {
        &self.disputes
    }

    /// The disputes that a ruling ended, in order.
    #[must_use]
    pub fn rulings(&self) -> &[Ruled] {
        &self.ruled
    }

    /// Returns the billed amount that is held back. It covers what a dispute is about, what an open report would take
    /// off, and the refund of a person who left while the client may still have a replacement.
    #[must_use]
    pub fn frozen_minor_units(&self) -> i64 {
        if self.rules < 2 {
            let pending = self.fall_off().is_some_and(|fall_off| fall_off.refunded_by.is_none());
            let all = self.state == State::Disputed || pending;
            return if all { i64::MAX } else { 0 };
        }
        // Neither contesting a report frees anything, nor a dispute about it, whoever opens that and how often: only its end does.
        let disputed = self.disputes.iter().map(|dispute| dispute.frozen_minor_units);
        disputed.fold(self.at_stake(), i64::saturating_add)
    }

    /// The refund that the person's departure will cost if no replacement is found.
    pub(crate) fn refund_at_stake(&self) -> i64 {
        let Some(fall_off) = self.fall_off().filter(|fall_off| fall_off.refunded_by.is_none()) else {
            return 0;
        };
        let of = |invoice: &Invoice| inventure_ledger::fee(invoice.left(), fall_off.cover.refund).unwrap_or(0);
        self.invoices.iter().skip(self.first_bill()).map(of).sum()
    }

    /// Whether a placement goes on with the bills of the one before it. It does so as its replacement, or as the same
    /// person's second hire.
    pub(crate) fn goes_on(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1).and_then(|before| self.placements.get(before)) else {
            return false;
        };
        let replaced = before.fall_off.as_ref().is_some_and(|left| left.refunded_by.is_none());
        let same = self
            .placements
            .get(index)
            .is_some_and(|last| last.candidate == before.candidate);
        self.rules < 2 || replaced || same
    }

    /// The index of the first placement of those that have the last one's bills.
    pub(crate) fn first_of_last(&self) -> usize {
        let mut indices = (0..self.placements.len()).rev();
        indices.find(|index| !self.goes_on(*index)).unwrap_or(0)
    }

    /// The index of the first bill for the last placement. Bills from before any placement belong to the first one.
    pub(crate) fn first_bill(&self) -> usize {
        match self.first_of_last() {
            0 => 0,
            first => self.placements[first].billed_from,
        }
    }

    /// Whether anything is held back.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.frozen_minor_units() > 0
    }

    /// The first moment that the guarantee no longer covers; after a refund, the moment of the refund. Nothing before a placement.
    #[must_use]
    pub fn guarantee_end(&self) -> Option<Timestamp> {
        self.end_of(self.placements.last()?)
    }

    /// The end of the guarantee that a bill is held for: of the last placement that has this bill.
    pub(crate) fn guarantee_end_of(&self, bill: usize) -> Option<Timestamp> {
        let on_their_own = |index: &usize| *index > 0 && !self.goes_on(*index);
        let mut later = (0..self.placements.len()).filter(on_their_own);
        let next = later.find(|index| self.placements[*index].billed_from > bill);
        let last = next.unwrap_or(self.placements.len()).checked_sub(1)?;
        self.end_of(self.placements.get(last)?)
    }

    fn end_of(&self, placement: &Placement) -> Option<Timestamp> {
        if let Some(fact) = placement.fall_off.as_ref().and_then(|fall_off| fall_off.refunded_by) {
            return self.facts.iter().find(|known| known.id == fact).map(|fact| fact.at);
        }
        let terms = self.in_force.as_ref()?;
        let calendar = terms.calendar().ok()?;
        let (days, from) = (placement.guarantee_days, placement.guarantee_from);
        terms.guarantee.end(days, from, &calendar).ok()
    }

    pub(crate) fn fall_off(&self) -> Option<&FallOff> {
        self.placements.last()?.fall_off.as_ref()
    }

    /// Returns the state of a placed deal, by its money.
    pub(crate) fn money_state(&self) -> State {
        if self.invoices.iter().any(|invoice| invoice.outstanding() > 0) {
            State::Invoiced
        } else if self.is_billed() {
            State::Paid
        } else {
            State::Placed
        }
    }

    /// Whether the whole fee for the last placement is billed; for hours, whether any of it is.
    pub(crate) fn is_billed(&self) -> bool {
        match self.in_force.as_ref().map(|terms| &terms.fee) {
            Some(FeeBase::Retained { stages, .. }) => {
                let mut stages = 0..u16::try_from(stages.len()).unwrap_or(u16::MAX);
                stages.all(|index| self.stage_due(index).is_ok_and(|due| due <= 0))
            }
            Some(FeeBase::Hourly { .. }) => !self.invoices.is_empty(),
            _ => self.placement_due().is_ok_and(|due| due <= 0),
        }
    }

    /// The moves that the deal takes now.
    #[must_use]
    pub fn legal(&self) -> Vec<Move> {
        Move::ALL.iter().copied().filter(|kind| self.allows(*kind)).collect()
    }

    /// The moves that the deal takes now from this author. Each still depends on its content.
    #[must_use]
    pub fn legal_for(&self, by: Author) -> Vec<Move> {
        let legal = self.legal().into_iter();
        legal.filter(|kind| self.may(by, *kind)).collect()
    }
}

#[cfg(test)]
mod tests;
