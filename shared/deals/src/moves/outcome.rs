//! How a placement turns out: the guarantee, a fall-off, a replacement, a dispute.

use std::collections::BTreeSet;

use inventure_ledger::{Hash, allocate::check_whole, fee};
use jiff::civil::Date;

use crate::{
    calendar::plus_days,
    deal::{Deal, FallOff},
    dispute::{Dispute, GivenEvidence, Ruling},
    fact::{Author, Fact},
    part::prorate,
    refusal::Why,
    state::State,
};

impl Deal {
    pub(super) fn end_guarantee(&mut self, fact: &Fact) -> Result<(), Why> {
        let end = self.guarantee_end().ok_or(Why::NotPlaced)?;
        if fact.at < end {
            let calendar = self.bound()?.calendar()?;
            return Err(Why::TooEarly(calendar.date(end)));
        }
        self.state = State::Settled;
        Ok(())
    }

    pub(super) fn fall_off_on(&mut self, fact: &Fact, last_day: Date) -> Result<(), Why> {
        let terms = self.bound()?;
        let placement = self.placements.last().ok_or(Why::NotPlaced)?;
        if placement.fall_off.is_some() {
            return Err(Why::RefundMade);
        }
        let today = terms.calendar()?.date(fact.at);
        if last_day > today {
            return Err(Why::TooEarly(last_day));
        }
        let (days, from) = (placement.guarantee_days, placement.guarantee_from);
        let cover = terms.guarantee.cover(days, from, last_day)?;
        if !cover.inside {
            let (day, last_day) = (cover.day, cover.last_day);
            return Err(Why::NotCovered { day, days, last_day });
        }
        // Who never came had a first day that nobody could know was none; the days to report it run from there.
        let reported_from = last_day.max(placement.starts_on);
        let until = plus_days(reported_from, i64::from(terms.guarantee.report_within_days))?;
        if today > until {
            return Err(Why::TooLate(until));
        }
        let replaceable = terms
            .guarantee
            .replacement
            .is_some_and(|rule| self.placements.len() <= usize::from(rule.count_max));
        let fall_off = FallOff {
            fact: fact.id,
            last_day,
            cover,
            refunded_by: None,
        };
        if let Some(placement) = self.placements.last_mut() {
            placement.fall_off = Some(fall_off);
        }
        self.state = State::FallenOff;
        if !replaceable {
            self.refund(fact);
        }
        Ok(())
    }

    pub(super) fn start_replacement(&mut self, fact: &Fact) -> Result<(), Why> {
        let terms = self.bound()?;
        let fall_off = self.fall_off().ok_or(Why::NotPlaced)?;
        if fall_off.refunded_by.is_some() {
            return Err(Why::RefundMade);
        }
        let rule = terms.guarantee.replacement.ok_or(Why::NoReplacement)?;
        let until = plus_days(fall_off.last_day, i64::from(rule.within_days))?;
        if terms.calendar()?.date(fact.at) > until {
            return Err(Why::TooLate(until));
        }
        self.state = State::Replacing;
        Ok(())
    }

    pub(super) fn choose_refund(&mut self, fact: &Fact) -> Result<(), Why> {
        let fall_off = self.fall_off().ok_or(Why::NotPlaced)?;
        if fall_off.refunded_by.is_some() {
            return Err(Why::RefundMade);
        }
        self.refund(fact);
        self.state = State::FallenOff;
        Ok(())
    }

    /// Takes the refund off every bill: what is unpaid is not owed, what is paid goes back.
    fn refund(&mut self, fact: &Fact) {
        let Some(placement) = self.placements.last_mut() else {
            return;
        };
        let Some(fall_off) = &mut placement.fall_off else {
            return;
        };
        fall_off.refunded_by = Some(fact.id);
        let share = fall_off.cover.refund;
        for invoice in &mut self.invoices {
            let left = invoice.amount_minor_units - invoice.credited_minor_units;
            // A part of what is not negative: there is always one.
            invoice.credit(fee(left, share).unwrap_or(0));
        }
    }

    pub(super) fn open_dispute(&mut self, fact: &Fact) -> Result<(), Why> {
        let terms = self.bound()?;
        let dispute = Dispute::open(fact.id, fact.by, fact.at, &terms.disputes, &terms.calendar()?)?;
        self.dispute = Some(dispute);
        self.before_dispute = self.state;
        self.state = State::Disputed;
        Ok(())
    }

    pub(super) fn give_evidence(&mut self, fact: &Fact, sha256: Hash) -> Result<(), Why> {
        let calendar = self.bound()?.calendar()?;
        let dispute = self.dispute.as_mut().ok_or(Why::NotInThisState)?;
        dispute.check_evidence(fact.at, &calendar)?;
        let (by, step) = (fact.by, dispute.step);
        dispute.evidence.push(GivenEvidence {
            fact: fact.id,
            by,
            step,
            sha256,
        });
        Ok(())
    }

    pub(super) fn escalate(&mut self, fact: &Fact) -> Result<(), Why> {
        let terms = self.bound()?;
        let dispute = self.dispute.as_ref().ok_or(Why::NotInThisState)?;
        let next = dispute.escalated(fact.at, &terms.disputes, &terms.calendar()?)?;
        self.dispute = Some(next);
        Ok(())
    }

    pub(super) fn withdraw_dispute(&mut self, fact: &Fact) -> Result<(), Why> {
        let opener = self.dispute.as_ref().ok_or(Why::NotInThisState)?.by;
        let same = match (opener, fact.by) {
            (Author::Member { tenant, .. }, Author::Member { tenant: other, .. }) => tenant == other,
            (opener, other) => opener == other,
        };
        if !same {
            return Err(Why::NotYours);
        }
        self.end_dispute();
        Ok(())
    }

    pub(super) fn rule(&mut self, fact: &Fact, ruling: &Ruling) -> Result<(), Why> {
        let terms = self.bound()?;
        let dispute = self.dispute.as_ref().ok_or(Why::NotInThisState)?;
        dispute.check_ruling(fact.at, &terms.disputes, &terms.calendar()?)?;
        match ruling {
            Ruling::Stands => {}
            Ruling::Reallocated { shares } => {
                let names: BTreeSet<_> = shares.iter().map(|ruled| &ruled.party).collect();
                let known = shares.iter().all(|ruled| terms.party(&ruled.party).is_some());
                let parts: Vec<_> = shares.iter().map(|ruled| ruled.share).collect();
                if !known || names.len() != shares.len() || check_whole(&parts).is_err() {
                    return Err(Why::RulingShares);
                }
            }
            Ruling::Refunded { amount } => self.refund_by_ruling(*amount)?,
        }
        self.end_dispute();
        Ok(())
    }

    /// Takes the amount off all bills, in proportion to what is left of each.
    fn refund_by_ruling(&mut self, amount: inventure_core::Money) -> Result<(), Why> {
        self.check_amount(amount)?;
        let left = |invoice: &crate::deal::Invoice| invoice.amount_minor_units - invoice.credited_minor_units;
        let weights: Vec<i64> = self.invoices.iter().map(left).collect();
        let outstanding = weights.iter().try_fold(0_i64, |sum, weight| sum.checked_add(*weight));
        let outstanding_minor_units = outstanding.unwrap_or(i64::MAX);
        if amount.minor_units > outstanding_minor_units {
            return Err(Why::TooMuch {
                outstanding_minor_units,
            });
        }
        let parts = prorate(amount.minor_units, &weights).map_err(|_| Why::NotPositive)?;
        for (invoice, part) in self.invoices.iter_mut().zip(parts) {
            invoice.credit(part);
        }
        Ok(())
    }

    /// Back to where the deal was, or to where money that came in meanwhile has brought it.
    fn end_dispute(&mut self) {
        self.dispute = None;
        self.state = self.before_dispute;
        self.follow_the_money();
    }
}
