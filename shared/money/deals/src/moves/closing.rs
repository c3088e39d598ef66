//! Closing: when nobody has anything at stake any more.

use inventure_core::{CandidateId, EventId};
use inventure_ledger::Share;
use jiff::{Timestamp, civil::Date};

use crate::{
    assertion::Assertion,
    deal::{Deal, Invoice, Submittal},
    fact::{Author, Fact, What},
    refusal::Why,
    state::State,
    terms::FeeBase,
};

impl Deal {
    /// Whether every deadline of the deal is over at a moment, so that one party may close it alone.
    ///
    /// Over are: the days in which a fall-off may be reported or a replacement found, the days in which the client may object to a submittal,
    /// and the claims on candidates, but for those whose own side took them out. Nothing that the terms give is left to bill, and nobody works
    /// by the hour. Where the client paid for a search and nobody was placed, as long as a claim counts has passed since the last bill.
    pub(crate) fn is_over(&self, at: Timestamp) -> bool {
        let Some(terms) = &self.in_force else { return true };
        let Ok(calendar) = terms.calendar() else { return false };
        let today = calendar.date(at);
        if self.assertions().iter().any(|known| known.ended.is_none()) {
            return false;
        }
        let day_of = |id: EventId| {
            let fact = self.facts.iter().find(|fact| fact.id == id);
            fact.map(|fact| calendar.date(fact.at))
        };
        let window_over = |from: Date| {
            let last_day = terms.claims.window.last_day(from);
            last_day.is_ok_and(|last_day| today > last_day)
        };
        let placement = self.placements.last();
        let guarantee = placement.is_none_or(|placement| {
            if let Some(left) = &placement.fall_off {
                return left.refunded_by.is_some() && (self.is_billed() || left.cover.refund == Share::WHOLE);
            }
            let by_the_hour = matches!(terms.fee, FeeBase::Hourly { .. });
            self.is_past(placement, today) && self.is_billed() && !by_the_hour
        });
        let search = placement.is_some()
            || self
                .invoices
                .iter()
                .all(|bill| bill.received_minor_units == 0 || day_of(bill.fact).is_some_and(window_over));
        let placed = |id| self.placements.iter().any(|placement| placement.candidate == id);
        let claims = self.candidates.iter().all(|(id, submittal)| {
            let Some(day_zero) = day_of(submittal.fact) else {
                return false;
            };
            let objection = terms.claims.prior_claim.is_none_or(|rule| {
                let last_day = calendar.business_days_after(day_zero, rule.raised_within_business_days);
                last_day.is_ok_and(|last_day| today > last_day)
            });
            let left = submittal.withdrawn.is_some() || placed(*id) || self.was_let_go(*id, submittal);
            objection && (left || window_over(day_zero))
        });
        guarantee && search && claims
    }

    /// Returns the end of the time in which a bill for a search waits for a placement. `None` once there is a
    /// placement.
    pub(crate) fn search_end(&self, bill: &Invoice) -> Option<Timestamp> {
        let terms = self
            .in_force
            .as_ref()
            .filter(|_| self.rules >= 2 && self.placements.is_empty())?;
        let calendar = terms.calendar().ok()?;
        let last_day = terms.claims.window.last_day(calendar.date(bill.sent_at)).ok()?;
        calendar.end_of(last_day).ok()
    }

    /// Whether a candidate was taken out of the pipeline by the side that submitted them. Where another side says so, the claim counts on.
    fn was_let_go(&self, candidate: CandidateId, submittal: &Submittal) -> bool {
        let moves = self.facts.iter().rev();
        let mut moves = moves.filter(|fact| match fact.what {
            What::StageMoved { candidate: moved, .. } => moved == candidate && self.counts(fact),
            _ => false,
        });
        let own = |fact: &Fact| matches!(fact.by, Author::Member { tenant, .. } if tenant == submittal.tenant);
        submittal.stage.is_end() && moves.next().is_some_and(own)
    }

    /// The moment at which the deal was closed, while it is.
    pub(crate) fn closed_at(&self) -> Option<Timestamp> {
        let last = self.facts.iter().rev();
        let mut closings = last.filter(|fact| matches!(fact.what, What::Closed { .. }) && self.counts(fact));
        let closing = closings
            .next()
            .filter(|_| self.rules >= 2 && self.state == State::Closed);
        closing.map(|fact| fact.at)
    }

    pub(crate) fn close(&mut self, fact: &Fact) -> Result<(), Why> {
        // A contractor who never came, under terms without a guarantee. A party could close a placement to keep the fee for itself.
        if self.rules < 2 && self.state == State::Placed && fact.by != Author::Network {
            return Err(Why::NotYours);
        }
        let owed = self.invoices.iter().any(|invoice| invoice.outstanding() > 0);
        let closes = |known: &&Assertion| matches!(known.what, What::Closed { .. });
        let waits = self
            .assertions
            .iter()
            .any(|known| known.ended.is_none() && !closes(&known));
        let about_closing = |id| self.assertion(id).as_ref().is_some_and(closes);
        let disputed = self
            .disputes
            .iter()
            .any(|dispute| !dispute.assertion.is_some_and(about_closing));
        // What somebody reported is decided first, whoever said yes to the closing before it.
        if owed
            || (self.rules >= 2 && (disputed || waits))
            || self.refund_at_stake() > 0
            || (self.rules < 2 && self.is_frozen())
        {
            return Err(Why::MoneyOpen);
        }
        self.state = State::Closed;
        self.open = None;
        self.lapse_assertions(None);
        Ok(())
    }
}
