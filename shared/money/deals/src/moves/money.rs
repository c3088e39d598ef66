//! Bills and what comes in.

use inventure_core::Money;
use inventure_ledger::{Share, fee};
use jiff::Timestamp;

use super::placement::{BILLED_MAX_MINOR_UNITS, FEE_MAX_MINOR_UNITS};
use crate::{
    assertion::Reported,
    calendar::{day_number, plus_days},
    deal::{Deal, Invoice},
    fact::Fact,
    fee::{Billed, FeeError},
    refusal::Why,
    state::State,
    terms::{FeeBase, Source},
};

/// The days after which one more part of a late fee begins, and between two reminders.
const LATE_STEP_DAYS: i64 = 30;

/// The most bills of one deal: weekly ones for years. Each party has an equal part of them, which no other can fill.
const INVOICES_MAX: usize = 500;

/// The most reminders of one bill.
pub(crate) const REMINDERS_MAX: u16 = 3;

impl Deal {
    pub(crate) fn invoice(
        &mut self,
        reported: Reported,
        fact: &Fact,
        number: &str,
        billed: Billed,
        amount: Money,
    ) -> Result<(), Why> {
        let terms = self.bound()?;
        if self.invoices.iter().any(|invoice| invoice.number == number) {
            return Err(Why::InvoiceTwice);
        }
        let by = self.assertion(reported.fact).map(|known| known.by.clone());
        let by = by.or_else(|| self.side(fact.by));
        let own = || self.invoices.iter().filter(|invoice| invoice.by == by);
        if self.rules >= 2 && own().count() >= INVOICES_MAX / terms.parties.len().max(1) {
            return Err(Why::Full);
        }
        let stages = matches!(billed, Billed::Stage(_));
        if self.rules < 2 && stages && self.invoices.iter().any(|invoice| invoice.billed == billed) {
            return Err(Why::BilledTwice);
        }
        let early = match (&terms.fee, billed) {
            (FeeBase::Retained { stages, .. }, Billed::Stage(index)) => stages
                .get(usize::from(index))
                .is_some_and(|stage| !stage.after_placement),
            _ => false,
        };
        let placement = self.placements.last();
        if placement.is_none() && !early {
            return Err(Why::NotPlaced);
        }
        let expected_minor_units = self.amount_due(billed, reported.at)?;
        self.check_amount(amount)?;
        if amount.minor_units != expected_minor_units {
            return Err(Why::WrongAmount { expected_minor_units });
        }
        let sum = |bills: &mut dyn Iterator<Item = &Invoice>| {
            let amounts = bills.map(|invoice| invoice.amount_minor_units);
            amounts.fold(amount.minor_units, i64::saturating_add)
        };
        let of_side = self.rules >= 2 && sum(&mut own()) > FEE_MAX_MINOR_UNITS;
        if of_side || sum(&mut self.invoices.iter()) > BILLED_MAX_MINOR_UNITS {
            return Err(Why::Fee(FeeError::TooLarge));
        }
        let due_on = match terms.bills {
            Some(bills) => Some(plus_days(
                terms.calendar()?.date(reported.at),
                i64::from(bills.due_within_days),
            )?),
            None => None,
        };
        let fall_off = placement.and_then(|placement| placement.fall_off.as_ref());
        // Who left before the bill came leaves as much of it to pay as if it had come before.
        let refund = fall_off
            .filter(|fall_off| fall_off.refunded_by.is_some())
            .map_or(Share::NONE, |fall_off| fall_off.cover.refund);
        let mut invoice = Invoice {
            number: number.to_owned(),
            fact: reported.fact,
            by,
            sent_at: reported.at,
            counts_from: fact.at,
            billed,
            source: placement.map_or(Source::Member, |placement| placement.source),
            amount_minor_units: amount.minor_units,
            credited_minor_units: 0,
            corrected_minor_units: 0,
            received_minor_units: 0,
            due_on,
            reminders: 0,
        };
        // A part of what is not negative: there is always one.
        invoice.credit(fee(amount.minor_units, refund).unwrap_or(0));
        self.invoices.push(invoice);
        self.follow_the_money();
        Ok(())
    }

    /// The amount that the terms give for a bill at a moment, in minor units.
    fn amount_due(&self, billed: Billed, at: Timestamp) -> Result<i64, Why> {
        let due = match billed {
            Billed::Placement => self.placement_due()?,
            Billed::Stage(index) => self.stage_due(index)?,
            Billed::LateFee(index) => return self.late_fee_due(index, at),
            Billed::Minutes(_) => {
                let pay = self.placements.last().and_then(|placement| placement.pay);
                return Ok(self.bound()?.fee_for(billed, pay)?);
            }
        };
        if due > 0 { Ok(due) } else { Err(Why::BilledTwice) }
    }

    /// Returns the cost of a bill's delay by now, less the part of it that was billed before.
    fn late_fee_due(&self, index: u16, at: Timestamp) -> Result<i64, Why> {
        let terms = self.bound()?;
        let late_fee = terms.bills.and_then(|bills| bills.late_fee);
        let share = late_fee.ok_or(Why::Fee(FeeError::NotInTerms))?;
        let invoice = self.invoices.get(usize::from(index)).ok_or(Why::UnknownInvoice)?;
        let due_on = invoice.due_on.ok_or(Why::Fee(FeeError::NotInTerms))?;
        let late_days = day_number(due_on, terms.calendar()?.date(at));
        if matches!(invoice.billed, Billed::LateFee(_)) || invoice.outstanding() <= 0 {
            return Err(Why::Fee(FeeError::NotInTerms));
        }
        if late_days <= 0 {
            return Err(Why::TooEarly(due_on));
        }
        let begun = (late_days + LATE_STEP_DAYS - 1) / LATE_STEP_DAYS;
        let each = fee(invoice.outstanding(), share).map_err(|_| Why::Fee(FeeError::Nothing))?;
        let all = each.checked_mul(begun).ok_or(Why::Fee(FeeError::TooLarge))?;
        // However late: never more than the bill itself.
        let all = all.min(invoice.amount_minor_units);
        let before = self
            .invoices
            .iter()
            .filter(|known| known.billed == Billed::LateFee(index));
        match all - before.map(|known| known.amount_minor_units).sum::<i64>() {
            ..=0 => Err(Why::BilledTwice),
            due => Ok(due),
        }
    }

    pub(super) fn remind(&mut self, fact: &Fact, number: &str) -> Result<(), Why> {
        let calendar = self.bound()?.calendar()?;
        let known = self.invoices.iter_mut().find(|invoice| invoice.number == number);
        let invoice = known.ok_or(Why::UnknownInvoice)?;
        let next_on = invoice.next_reminder_on().ok_or(Why::NotOwed)?;
        if calendar.date(fact.at) < next_on {
            return Err(Why::TooEarly(next_on));
        }
        invoice.reminders += 1;
        Ok(())
    }

    pub(super) fn receive(&mut self, number: &str, amount: Money) -> Result<(), Why> {
        self.check_amount(amount)?;
        let known = self.invoices.iter_mut().find(|invoice| invoice.number == number);
        let invoice = known.ok_or(Why::UnknownInvoice)?;
        let outstanding_minor_units = invoice.outstanding();
        if amount.minor_units > outstanding_minor_units {
            return Err(Why::TooMuch {
                outstanding_minor_units,
            });
        }
        invoice.received_minor_units += amount.minor_units;
        self.follow_the_money();
        Ok(())
    }

    /// The client owes again what its bank took back. A deal that was over is open until it is paid.
    pub(super) fn charge_back(&mut self, number: &str, amount: Money) -> Result<(), Why> {
        self.check_amount(amount)?;
        let known = self.invoices.iter_mut().find(|invoice| invoice.number == number);
        let invoice = known.ok_or(Why::UnknownInvoice)?;
        let received_minor_units = invoice.received_minor_units;
        if amount.minor_units > received_minor_units {
            return Err(Why::NotPaid { received_minor_units });
        }
        invoice.received_minor_units -= amount.minor_units;
        let reopened = match self.placements.last() {
            None => State::Active,
            Some(placement) if placement.fall_off.is_some() => State::FallenOff,
            Some(_) => self.money_state(),
        };
        let is_over = |state| matches!(state, State::Settled | State::Closed);
        if is_over(self.state) {
            self.state = reopened;
        } else if self.state == State::Disputed && is_over(self.before_dispute) {
            self.before_dispute = reopened;
        }
        self.follow_the_money();
        Ok(())
    }

    /// Moves a placed deal on as its bills are sent and paid. Before a placement, after a fall-off and in a dispute, money alone
    /// moves nothing.
    pub(super) fn follow_the_money(&mut self) {
        if matches!(self.state, State::Placed | State::Invoiced | State::Paid) {
            self.state = self.money_state();
        }
    }

    pub(super) fn check_amount(&self, amount: Money) -> Result<(), Why> {
        let currency = self.bound()?.currency;
        if amount.currency != currency {
            return Err(Why::WrongCurrency(currency));
        }
        if amount.minor_units <= 0 {
            return Err(Why::NotPositive);
        }
        Ok(())
    }
}

impl Invoice {
    /// Returns the first day on which the client is reminded next. `None` where nothing is owed, or the client was
    /// reminded often enough.
    #[must_use]
    pub fn next_reminder_on(&self) -> Option<jiff::civil::Date> {
        if self.outstanding() <= 0 || self.reminders >= REMINDERS_MAX {
            return None;
        }
        plus_days(self.due_on?, 1 + LATE_STEP_DAYS * i64::from(self.reminders)).ok()
    }
}
