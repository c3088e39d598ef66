//! Bills and what comes in.

use inventure_core::Money;
use inventure_ledger::{Share, canonical, fee};

use crate::{
    deal::{Deal, Invoice},
    fact::Fact,
    fee::{Billed, FeeError},
    refusal::Why,
    state::State,
    terms::{FeeBase, Source},
};

/// The most that is billed in one deal: what every JSON library holds exactly, and far from where sums of 64 bits end.
const BILLED_MAX_MINOR_UNITS: i64 = canonical::INTEGER_MAX as i64;

impl Deal {
    pub(super) fn invoice(&mut self, fact: &Fact, number: &str, billed: Billed, amount: Money) -> Result<(), Why> {
        let terms = self.bound()?;
        if self.invoices.iter().any(|invoice| invoice.number == number) {
            return Err(Why::InvoiceTwice);
        }
        let hours = matches!(billed, Billed::Minutes(_));
        if !hours && self.invoices.iter().any(|invoice| invoice.billed == billed) {
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
        let expected_minor_units = terms.fee_for(billed, placement.and_then(|placement| placement.pay))?;
        self.check_amount(amount)?;
        if amount.minor_units != expected_minor_units {
            return Err(Why::WrongAmount { expected_minor_units });
        }
        let billed_before: i64 = self.invoices.iter().map(|invoice| invoice.amount_minor_units).sum();
        let all = billed_before.checked_add(amount.minor_units);
        if all.is_none_or(|all| all > BILLED_MAX_MINOR_UNITS) {
            return Err(Why::Fee(FeeError::TooLarge));
        }
        let fall_off = placement.and_then(|placement| placement.fall_off.as_ref());
        // Who left before the bill came leaves as much of it to pay as if it had come before.
        let refund = fall_off
            .filter(|fall_off| fall_off.refunded_by.is_some())
            .map_or(Share::NONE, |fall_off| fall_off.cover.refund);
        let mut invoice = Invoice {
            number: number.to_owned(),
            fact: fact.id,
            billed,
            source: placement.map_or(Source::Member, |placement| placement.source),
            amount_minor_units: amount.minor_units,
            credited_minor_units: 0,
            received_minor_units: 0,
        };
        // A part of what is not negative: there is always one.
        invoice.credit(fee(amount.minor_units, refund).unwrap_or(0));
        self.invoices.push(invoice);
        self.follow_the_money();
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
