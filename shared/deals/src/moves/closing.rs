//! Closing: when nobody has anything at stake any more.

use jiff::Timestamp;

use crate::{
    calendar::plus_days,
    deal::Deal,
    fact::{Author, Fact},
    refusal::Why,
    state::State,
};

impl Deal {
    /// Whether every deadline of the deal is over at a moment, so that one party may close it alone.
    ///
    /// Over are: the days in which a fall-off may be reported, the days in which the client may object to a submittal, and the claims
    /// of candidates who are still in the pipeline.
    pub(crate) fn is_over(&self, at: Timestamp) -> bool {
        let Some(terms) = &self.in_force else { return true };
        let Ok(calendar) = terms.calendar() else { return false };
        let today = calendar.date(at);
        if self.assertions().iter().any(|known| known.ended.is_none()) {
            return false;
        }
        let guarantee = self.placements.last().is_none_or(|placement| {
            let days = i64::from(placement.guarantee_days) + i64::from(terms.guarantee.report_within_days);
            let last_day = plus_days(placement.guarantee_from.max(placement.starts_on), days);
            placement.fall_off.is_some() || last_day.is_ok_and(|last_day| today > last_day)
        });
        let submitted_on = |submittal: &crate::deal::Submittal| {
            let fact = self.facts.iter().find(|fact| fact.id == submittal.fact);
            fact.map(|fact| calendar.date(fact.at))
        };
        let placed = |id| self.placements.iter().any(|placement| placement.candidate == id);
        let claims = self.candidates.iter().all(|(id, submittal)| {
            let Some(day_zero) = submitted_on(submittal) else {
                return false;
            };
            let objection = terms.claims.prior_claim.is_none_or(|rule| {
                let last_day = calendar.business_days_after(day_zero, rule.raised_within_business_days);
                last_day.is_ok_and(|last_day| today > last_day)
            });
            let left = submittal.stage.is_end() || submittal.withdrawn.is_some() || placed(*id);
            let claim = left
                || terms
                    .claims
                    .window
                    .last_day(day_zero)
                    .is_ok_and(|last_day| today > last_day);
            objection && claim
        });
        guarantee && claims
    }

    /// Whether the deal is over and nobody was placed.
    pub(crate) fn is_closed_unplaced(&self) -> bool {
        self.rules >= 2 && self.state == State::Closed && self.placements.is_empty()
    }

    pub(crate) fn close(&mut self, fact: &Fact) -> Result<(), Why> {
        // A contractor who never came, under terms without a guarantee. A party could close a placement to keep the fee for itself.
        if self.rules < 2 && self.state == State::Placed && fact.by != Author::Network {
            return Err(Why::NotYours);
        }
        let owed = self.invoices.iter().any(|invoice| invoice.outstanding() > 0);
        let disputed = self.rules >= 2 && self.dispute.is_some();
        if owed || disputed || self.refund_at_stake() > 0 || (self.rules < 2 && self.is_frozen()) {
            return Err(Why::MoneyOpen);
        }
        self.state = State::Closed;
        self.open = None;
        self.lapse_assertions(None);
        Ok(())
    }
}
