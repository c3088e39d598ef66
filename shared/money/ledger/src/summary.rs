//! Sums of entries over a period, by deal or by month, tied to the balances.
//!
//! An entry belongs to the day on which it occurred, in UTC. Entries are in the order in which they were booked, and what waited was
//! booked late, so an account is summed up from all its entries and not from two balances.

use std::{cmp::Ordering, collections::BTreeMap};

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::{
    account::{Account, Kind},
    chain::{Entry, Head},
    transaction::TransactionKind,
};

/// The most days of a period: three years, one of them a leap year.
pub const DAYS_MAX: i32 = 1_096;

/// Days in UTC, the first and the last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: Date,
    to: Date,
}

/// The reason for which two days make no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The last day comes before the first.
    #[error("the last day is before the first")]
    Reversed,
    /// More than [`DAYS_MAX`].
    #[error("a period has at most {DAYS_MAX} days")]
    TooLong,
}

/// A sum beyond 64 bits of minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sum is too large to hold")]
pub struct TooLarge;

impl Period {
    /// The period from a day to a day, both included.
    pub fn new(from: Date, to: Date) -> Result<Self, PeriodError> {
        if to < from {
            return Err(PeriodError::Reversed);
        }
        match from.checked_add(DAYS_MAX.days()) {
            Ok(end) if to >= end => Err(PeriodError::TooLong),
            _ => Ok(Self { from, to }),
        }
    }

    /// The first day.
    #[must_use]
    pub const fn from(self) -> Date {
        self.from
    }

    /// The last day.
    #[must_use]
    pub const fn to(self) -> Date {
        self.to
    }

    /// Whether a moment is before the period, in it, or after it.
    fn place(self, at: Timestamp) -> Ordering {
        let day = day(at);
        if day < self.from {
            Ordering::Less
        } else if day > self.to {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}

fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// The kind of rows that entries are added up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A row a deal; one without a name for what belongs to none.
    Deal,
    /// A row a month, as `2026-11`.
    Month,
}

impl Group {
    fn of(self, entry: &Entry) -> String {
        match self {
            Self::Deal => entry.deal.as_ref().map(ToString::to_string).unwrap_or_default(),
            Self::Month => day(entry.occurred_at).strftime("%Y-%m").to_string(),
        }
    }
}

/// An account: where it stood, and every entry that was booked after that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The head of the account before the period or at its beginning.
    pub before: Head,
    /// The entries that were booked after that head.
    pub entries: Vec<Entry>,
}

/// An account over a period, in minor units. `opening + change = closing`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The account that was added up.
    pub account: Account,
    /// The sum of all that had occurred before the period.
    pub opening_minor_units: i64,
    /// The sum of all that occurred in the period.
    pub change_minor_units: i64,
    /// The sum of the opening and the change. It is the balance where nothing occurred after the period.
    pub closing_minor_units: i64,
}

/// Something that adds up what postings do.
pub trait Tally: Default {
    /// Adds what a transaction of this kind changed in an account of that kind.
    fn add(&mut self, account: Kind, kind: TransactionKind, change_minor_units: i64) -> Result<(), TooLarge>;
}

/// Rows, their total, and the accounts that they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary<T> {
    /// The rows, by deal or by month, in the order of these.
    pub rows: Vec<(String, T)>,
    /// The total of all rows.
    pub total: T,
    /// The accounts that the rows come from.
    pub accounts: Vec<Span>,
}

/// Adds up what happened in accounts over a period.
pub fn summarize<T: Tally>(courses: &[Course], period: Period, group: Group) -> Result<Summary<T>, TooLarge> {
    let mut rows: BTreeMap<String, T> = BTreeMap::new();
    let mut total = T::default();
    let mut accounts = Vec::new();
    for Course { before, entries } in courses {
        let (mut opening, mut change) = (before.balance_minor_units, 0);
        for entry in entries {
            let units = entry.change_minor_units;
            match period.place(entry.occurred_at) {
                Ordering::Less => sum(&mut opening, units)?,
                Ordering::Greater => {}
                Ordering::Equal => {
                    sum(&mut change, units)?;
                    let account = entry.account.kind();
                    total.add(account, entry.kind, units)?;
                    rows.entry(group.of(entry))
                        .or_default()
                        .add(account, entry.kind, units)?;
                }
            }
        }
        accounts.push(Span {
            account: before.account.clone(),
            opening_minor_units: opening,
            change_minor_units: change,
            closing_minor_units: opening.checked_add(change).ok_or(TooLarge)?,
        });
    }
    Ok(Summary {
        rows: rows.into_iter().collect(),
        total,
        accounts,
    })
}

fn sum(to: &mut i64, units: i64) -> Result<(), TooLarge> {
    *to = to.checked_add(units).ok_or(TooLarge)?;
    Ok(())
}

fn less(from: &mut i64, units: i64) -> Result<(), TooLarge> {
    *from = from.checked_sub(units).ok_or(TooLarge)?;
    Ok(())
}

/// The earnings of a broker, from its accounts `reserved`, `available` and `debt`, in minor units.
///
/// `earned - taken_back - paid_out + other = reserved + available - owed`, whatever was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Earned {
    /// Its shares of what clients were billed.
    pub earned: i64,
    /// The amount that became the broker's to take.
    pub released: i64,
    /// The amount that was paid to the broker or is on its way, less what came back.
    pub paid_out: i64,
    /// The amount that the broker had earned and that was taken back. It came out of what was reserved or available, or became a debt.
    pub taken_back: i64,
    /// The amount that was kept back of the available for debts.
    pub kept_back: i64,
    /// Corrections, and debts that were paid from outside.
    pub other: i64,
    /// The growth of the account `reserved`.
    pub reserved: i64,
    /// The growth of the account `available`.
    pub available: i64,
    /// The growth of the account `debt`.
    pub owed: i64,
}

impl Tally for Earned {
    fn add(&mut self, account: Kind, kind: TransactionKind, change: i64) -> Result<(), TooLarge> {
        use TransactionKind::{DebtRepaid, Payout, PayoutReturned, Post, Reserve, Reversal, Void};
        match account {
            Kind::Reserved => sum(&mut self.reserved, change)?,
            Kind::Available => sum(&mut self.available, change)?,
            Kind::Debt => sum(&mut self.owed, change)?,
            _ => return Ok(()),
        }
        match (account, kind) {
            (Kind::Reserved, Reserve) => sum(&mut self.earned, change),
            (Kind::Reserved, Void) | (Kind::Available, Reversal) => less(&mut self.taken_back, change),
            (Kind::Debt, Reversal) => sum(&mut self.taken_back, change),
            (Kind::Available, Payout | PayoutReturned) => less(&mut self.paid_out, change),
            // The rest moves between the three, and comes to nothing here unless one side is elsewhere.
            _ => {
                match (account, kind) {
                    (Kind::Available, Post) => sum(&mut self.released, change)?,
                    (Kind::Available, DebtRepaid) => less(&mut self.kept_back, change)?,
                    _ => {}
                }
                match account {
                    Kind::Debt => less(&mut self.other, change),
                    _ => sum(&mut self.other, change),
                }
            }
        }
    }
}

/// The earnings of the network, from its accounts `revenue`, in minor units. `earned - taken_back + other = net`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Revenue {
    /// Its shares of what clients were billed.
    pub earned: i64,
    /// The amount that was taken back of these shares.
    pub taken_back: i64,
    /// Corrections, and everything else that is neither earned nor taken back.
    pub other: i64,
    /// The growth of the accounts.
    pub net: i64,
}

impl Tally for Revenue {
    fn add(&mut self, account: Kind, kind: TransactionKind, change: i64) -> Result<(), TooLarge> {
        if account != Kind::Revenue {
            return Ok(());
        }
        sum(&mut self.net, change)?;
        match kind {
            TransactionKind::Reserve | TransactionKind::NetworkFee => sum(&mut self.earned, change),
            TransactionKind::Void | TransactionKind::Reversal => less(&mut self.taken_back, change),
            _ => sum(&mut self.other, change),
        }
    }
}

#[cfg(test)]
mod tests;
