//! The outcome of a placement: the guarantee, a fall-off, a replacement.

use inventure_ledger::fee;
use jiff::civil::Date;

use crate::{
    assertion::Reported,
    calendar::plus_days,
    deal::{Deal, FallOff, Placement},
    fact::Fact,
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

    pub(crate) fn fall_off_on(&mut self, reported: Reported, fact: &Fact, last_day: Date) -> Result<(), Why> {
        let terms = self.bound()?;
        let placement = self.placements.last().ok_or(Why::NotPlaced)?;
        if placement.fall_off.is_some() {
            return Err(Why::RefundMade);
        }
        // The day on which it was reported counts, not that on which the others agreed.
        let today = terms.calendar()?.date(reported.at);
        if last_day > today {
            return Err(Why::TooEarly(last_day));
        }
        let (days, from) = (placement.guarantee_days, placement.guarantee_from);
        let cover = terms.guarantee.cover(days, from, last_day)?;
        if !cover.inside {
            let (day, last_day) = (cover.day, cover.last_day);
            return Err(Why::NotCovered { day, days, last_day });
        }
        let until = self.reported_until(placement, last_day)?;
        if today > until {
            return Err(Why::TooLate(until));
        }
        let replaceable = terms
            .guarantee
            .replacement
            .is_some_and(|rule| self.placements.len() - self.first_of_last() <= usize::from(rule.count_max));
        let fall_off = FallOff {
            fact: reported.fact,
            last_day,
            counts_from: fact.at,
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
        let until = self.replaced_until()?;
        if terms.calendar()?.date(fact.at) > until {
            return Err(Why::TooLate(until));
        }
        self.state = State::Replacing;
        Ok(())
    }

    /// The last day on which a departure on a given day may be reported.
    ///
    /// Where a person never came, nobody could know it before their first day; the days to report it run from there.
    /// Nor could anybody report it before the placement counted: else a side that contests the placement would be rid
    /// of the guarantee.
    pub(crate) fn reported_until(&self, placement: &Placement, last_day: Date) -> Result<Date, Why> {
        let terms = self.bound()?;
        let counts_from = terms.calendar()?.date(placement.counts_from);
        let from = last_day.max(placement.starts_on).max(counts_from);
        Ok(plus_days(from, i64::from(terms.guarantee.report_within_days))?)
    }

    /// The last day on which a replacement for the person who left accepts.
    ///
    /// Nobody looks for one before the departure counts: a side that dates it back, or contests it, takes nothing from
    /// the days for that.
    pub(crate) fn replaced_until(&self) -> Result<Date, Why> {
        let terms = self.bound()?;
        let rule = terms.guarantee.replacement.ok_or(Why::NoReplacement)?;
        let placement = self.placements.last().ok_or(Why::NotPlaced)?;
        let left = placement.fall_off.as_ref().ok_or(Why::NotPlaced)?;
        let from = if self.rules < 2 {
            left.last_day
        } else {
            let counts_from = terms.calendar()?.date(left.counts_from);
            left.last_day.max(placement.starts_on).max(counts_from)
        };
        Ok(plus_days(from, i64::from(rule.within_days))?)
    }

    pub(crate) fn choose_refund(&mut self, fact: &Fact) -> Result<(), Why> {
        let fall_off = self.fall_off().ok_or(Why::NotPlaced)?;
        if fall_off.refunded_by.is_some() {
            return Err(Why::RefundMade);
        }
        self.refund(fact);
        self.state = State::FallenOff;
        Ok(())
    }

    /// Takes the refund off every bill for the placement: what is unpaid is not owed, what is paid goes back.
    fn refund(&mut self, fact: &Fact) {
        let Some(placement) = self.placements.last_mut() else {
            return;
        };
        let Some(fall_off) = &mut placement.fall_off else {
            return;
        };
        fall_off.refunded_by = Some(fact.id);
        let share = fall_off.cover.refund;
        let first = self.first_bill();
        for invoice in self.invoices.iter_mut().skip(first) {
            let left = invoice.amount_minor_units - invoice.credited_minor_units;
            // A part of what is not negative: there is always one.
            invoice.credit(fee(left, share).unwrap_or(0));
        }
    }
}
