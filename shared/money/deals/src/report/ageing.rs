//! The amounts that clients have not paid, and the time for which they have not.
//!
//! A bill is due on the day that the terms give; under terms of format 1, which name no days, when it is sent. Days are dates in the
//! terms' zone, and the day on which a bill is due is day 0, on which nobody is late.

use inventure_core::Money;
use jiff::civil::Date;

use crate::{calendar::day_number, deal::Deal, fact::Fact, settle::SettleError};

/// The time for which a bill has been due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// Still in time.
    NotYetDue,
    /// 1 to 30 days.
    UpTo30,
    /// 31 to 60 days.
    UpTo60,
    /// 61 to 90 days.
    UpTo90,
    /// 91 days and more.
    Over90,
}

impl Bucket {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::NotYetDue, Self::UpTo30, Self::UpTo60, Self::UpTo90, Self::Over90];

    /// The bucket of a number of days.
    #[must_use]
    pub const fn of(days: i64) -> Self {
        match days {
            ..=0 => Self::NotYetDue,
            1..=30 => Self::UpTo30,
            31..=60 => Self::UpTo60,
            61..=90 => Self::UpTo90,
            91.. => Self::Over90,
        }
    }

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotYetDue => "not_yet_due",
            Self::UpTo30 => "1-30",
            Self::UpTo60 => "31-60",
            Self::UpTo90 => "61-90",
            Self::Over90 => "over_90",
        }
    }
}

/// A bill of which something is still to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvoice {
    /// Its place among the deal's bills, from 1.
    pub number: usize,
    /// The number that the broker gave the invoice.
    pub invoice: String,
    /// The date of the bill.
    pub billed_on: Date,
    /// The last day on which it is paid in time.
    pub due_on: Date,
    /// The number of days since that day; zero while it is in time.
    pub days: i64,
    /// The amount that was billed.
    pub amount: Money,
    /// The amount of it that is still to be paid.
    pub outstanding: Money,
}

/// The bills that were open at the end of a day, by what was known then.
pub fn open_invoices(deal: &Deal, as_of: Date) -> Result<Vec<OpenInvoice>, SettleError> {
    let Some(calendar) = deal.terms().and_then(|terms| terms.calendar().ok()) else {
        return Ok(Vec::new());
    };
    let known = |fact: &&Fact| calendar.date(fact.at) <= as_of;
    let then = Deal::replay(deal.id(), deal.facts().iter().take_while(known).cloned())?;
    let Some(terms) = then.terms() else {
        return Ok(Vec::new());
    };
    let mut open = Vec::new();
    for (number, invoice) in (1..).zip(then.invoices()) {
        if invoice.outstanding() > 0 {
            let billed_on = calendar.date(invoice.sent_at);
            let due_on = invoice.due_on.unwrap_or(billed_on);
            open.push(OpenInvoice {
                number,
                invoice: invoice.number.clone(),
                billed_on,
                due_on,
                days: day_number(due_on, as_of).max(0),
                amount: terms.money(invoice.amount_minor_units),
                outstanding: terms.money(invoice.outstanding()),
            });
        }
    }
    Ok(open)
}
