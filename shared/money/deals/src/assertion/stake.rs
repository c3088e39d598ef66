//! The amount that a report would take off the bills, which is held back until the report ends.

use std::collections::BTreeMap;

use super::{Assertion, Reported};
use crate::{
    deal::Deal,
    fact::{Author, Fact, Move, What},
    refusal::Why,
};

impl Deal {
    /// Returns the amount that a report would take off the bills if it took effect now.
    pub(super) fn stake(&self, what: &What, reported: Reported, fact: &Fact) -> Result<i64, Why> {
        let mut trial = self.clone();
        trial.effect(what, reported, fact)?;
        let credited = |deal: &Self| -> i64 { deal.invoices.iter().map(|invoice| invoice.credited_minor_units).sum() };
        let taken = credited(&trial) - credited(self);
        Ok((trial.refund_at_stake() - self.refund_at_stake()).max(taken).max(0))
    }

    /// Counts anew what is at stake by the reports that wait. An amount that was billed since is at stake too, one that
    /// was taken off since is not.
    pub(crate) fn weigh_stakes(&mut self) {
        // Each report is tried out on a copy of the deal. Objections alone look at the facts, of which there can be thousands.
        let facts = std::mem::take(&mut self.facts);
        self.weigh(|what| !matches!(what, What::PriorClaimRaised { .. }));
        self.facts = facts;
        self.weigh(|what| matches!(what, What::PriorClaimRaised { .. }));
    }

    fn weigh(&mut self, is_meant: impl Fn(&What) -> bool) {
        for index in 0..self.assertions.len() {
            let known = &self.assertions[index];
            if known.ended.is_some() || !known.takes_off() || !is_meant(&known.what) {
                continue;
            }
            // Of somebody who was never placed there is nothing to take off.
            let placed = |id| self.placements.iter().any(|placement| placement.candidate == id);
            if known.candidate().is_some_and(|id| !placed(id)) {
                continue;
            }
            let reported = Reported {
                fact: known.fact,
                at: known.at,
                agreed: false,
            };
            let fact = Fact {
                id: known.fact,
                at: known.at,
                by: Author::Network,
                what: known.what.clone(),
            };
            let stake = if self.is_of_this_placement(known) {
                self.stake(&known.what, reported, &fact).unwrap_or(0)
            } else {
                0
            };
            self.assertions[index].stake_minor_units = stake;
        }
    }

    /// Whether a report about a placement is about the one that stands. A report of one placement holds of no other
    /// that came after it.
    pub(crate) fn is_of_this_placement(&self, known: &Assertion) -> bool {
        !known.is_of_one() || self.placements.last().map(|placement| placement.fact) == known.placement
    }

    /// Returns the amount that the reports that wait would take off, all together. Two of the same are no more than
    /// one.
    pub(crate) fn at_stake(&self) -> i64 {
        let mut stakes = BTreeMap::from([((Move::FellOff, None), self.refund_at_stake())]);
        for known in self.assertions.iter().filter(|known| known.ended.is_none()) {
            let kind = match known.what.kind() {
                Move::RefundChosen => Move::FellOff,
                kind => kind,
            };
            let stake = stakes.entry((kind, known.candidate())).or_default();
            *stake = known.stake_minor_units.max(*stake);
        }
        stakes.into_values().fold(0, i64::saturating_add)
    }
}
