//! The parts of one bill that each side earned, was paid for, and has released. The arithmetic below [`crate::settle`].
//!
//! For every line `0 <= released <= received <= earned`, and over all lines what is earned is the bill less what was taken off it.

use inventure_core::{Currency, EventId, Money};
use inventure_ledger::Share;
use jiff::Timestamp;

use crate::{
    deal::Invoice,
    dispute::RuledShare,
    fact::Fact,
    movement::{Movement, Reason},
    part::{prorate, share_out},
    party::Who,
};

/// Shares or amounts that do not work out. Those that [`crate::Deal::apply`] let through do, short of amounts beyond 64
/// bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amounts of the deal do not work out")]
pub struct Unbalanced;

impl From<inventure_ledger::AllocationError> for Unbalanced {
    fn from(_: inventure_ledger::AllocationError) -> Self {
        Self
    }
}

/// The part of a bill that one side has, in minor units.
struct Line {
    who: Who,
    earned: i64,
    received: i64,
    released: i64,
    /// The amount that was taken back of it, and could be restored.
    taken_back: i64,
}

/// A bill and what each has of it.
pub(crate) struct Book {
    invoice: String,
    currency: Currency,
    lines: Vec<Line>,
}

impl Book {
    /// Shares out a new bill.
    pub(crate) fn open(
        invoice: &Invoice,
        split: &[(Who, Share)],
        currency: Currency,
        at: Timestamp,
        facts: &[EventId],
        movements: &mut Vec<Movement>,
    ) -> Result<Self, Unbalanced> {
        let shares: Vec<Share> = split.iter().map(|(_, share)| *share).collect();
        let parts = share_out(invoice.amount_minor_units, &shares)?;
        let line = |((who, _), earned): (&(Who, Share), i64)| Line {
            who: who.clone(),
            earned,
            received: 0,
            released: 0,
            taken_back: 0,
        };
        let book = Self {
            invoice: invoice.number.clone(),
            currency,
            lines: split.iter().zip(parts).map(line).collect(),
        };
        for line in &book.lines {
            book.add(&line.who, line.earned, Reason::Earned, at, facts, movements);
        }
        Ok(book)
    }

    /// Returns the amount that was paid and not released.
    pub(crate) fn unreleased(&self) -> i64 {
        self.lines.iter().map(|line| line.received - line.released).sum()
    }

    /// The client paid a part of what is open, or all of it.
    pub(crate) fn receive(
        &mut self,
        minor_units: i64,
        fact: &Fact,
        movements: &mut Vec<Movement>,
    ) -> Result<(), Unbalanced> {
        let open: Vec<i64> = self.lines.iter().map(|line| line.earned - line.received).collect();
        for (line, part) in self.lines.iter_mut().zip(prorate(minor_units, &open)?) {
            line.received += part;
        }
        self.add(
            &Who::Client,
            minor_units,
            Reason::Received,
            fact.at,
            &[fact.id],
            movements,
        );
        Ok(())
    }

    /// The client's bank took back a part of what was paid. The part of it that was released is earned and not paid
    /// again, so it is reserved anew.
    pub(crate) fn charge_back(
        &mut self,
        minor_units: i64,
        fact: &Fact,
        movements: &mut Vec<Movement>,
    ) -> Result<(), Unbalanced> {
        let received: Vec<i64> = self.lines.iter().map(|line| line.received).collect();
        let mut unpaid = Vec::new();
        for (line, part) in self.lines.iter_mut().zip(prorate(minor_units, &received)?) {
            line.received -= part;
            let beyond = (line.released - line.received).max(0);
            line.released -= beyond;
            unpaid.push((line.who.clone(), beyond));
        }
        for why in [Reason::TakenBackPayable, Reason::Earned] {
            for (who, beyond) in &unpaid {
                self.add(who, *beyond, why, fact.at, &[fact.id], movements);
            }
        }
        let why = Reason::ChargedBack;
        self.add(&Who::Client, minor_units, why, fact.at, &[fact.id], movements);
        Ok(())
    }

    /// Releases so much of what was paid, or what is left of it after refunds.
    pub(crate) fn release(
        &mut self,
        minor_units: i64,
        at: Timestamp,
        facts: &[EventId],
        movements: &mut Vec<Movement>,
    ) -> Result<(), Unbalanced> {
        let waiting: Vec<i64> = self.lines.iter().map(|line| line.received - line.released).collect();
        let parts = prorate(minor_units.min(self.unreleased()), &waiting)?;
        for (index, part) in parts.into_iter().enumerate() {
            self.lines[index].released += part;
            let who = self.lines[index].who.clone();
            self.add(&who, part, Reason::Released, at, facts, movements);
        }
        Ok(())
    }

    /// The client owes an amount less. It comes from everybody in proportion to what they have, first from what was not
    /// released. Money that was paid beyond the rest goes back.
    pub(crate) fn take_back(
        &mut self,
        minor_units: i64,
        at: Timestamp,
        facts: &[EventId],
        movements: &mut Vec<Movement>,
    ) -> Result<(), Unbalanced> {
        let earned: Vec<i64> = self.lines.iter().map(|line| line.earned).collect();
        let parts = prorate(minor_units, &earned)?;
        for (line, part) in self.lines.iter_mut().zip(&parts) {
            line.taken_back += part;
        }
        let targets: Vec<i64> = earned.iter().zip(parts).map(|(earned, part)| earned - part).collect();
        let (_, refunded) = self.rebalance(&targets, at, facts, movements);
        self.add(&Who::Client, refunded, Reason::Refunded, at, facts, movements);
        Ok(())
    }

    /// The client owes so much again: to everybody in proportion to what was taken back from them.
    pub(crate) fn restore(
        &mut self,
        minor_units: i64,
        at: Timestamp,
        facts: &[EventId],
        movements: &mut Vec<Movement>,
    ) -> Result<(), Unbalanced> {
        let taken_back: Vec<i64> = self.lines.iter().map(|line| line.taken_back).collect();
        for (index, part) in prorate(minor_units, &taken_back)?.into_iter().enumerate() {
            let line = &mut self.lines[index];
            line.earned += part;
            line.taken_back -= part;
            let who = line.who.clone();
            self.add(&who, part, Reason::Earned, at, facts, movements);
        }
        Ok(())
    }

    /// Shares what the parties have together anew. Gives how much of what had been released has to be released again, to others.
    pub(crate) fn reallocate(
        &mut self,
        shares: &[RuledShare],
        fact: &Fact,
        movements: &mut Vec<Movement>,
    ) -> Result<i64, Unbalanced> {
        let is_party = |line: &Line| matches!(line.who, Who::Party(_));
        let pool: i64 = self
            .lines
            .iter()
            .filter(|line| is_party(line))
            .map(|line| line.earned)
            .sum();
        if pool == 0 {
            return Ok(0);
        }
        let share_of = |line: &Line| {
            let ruled = shares.iter().find(|ruled| Who::Party(ruled.party.clone()) == line.who);
            ruled.map_or(Share::NONE, |ruled| ruled.share)
        };
        let shares_of: Vec<Share> = self.lines.iter().map(share_of).collect();
        let restorable: i64 = self
            .lines
            .iter()
            .filter(|line| is_party(line))
            .map(|line| line.taken_back)
            .sum();
        if restorable > 0 {
            // What would be restored follows the ruling as well.
            for (line, part) in self.lines.iter_mut().zip(share_out(restorable, &shares_of)?) {
                if is_party(line) {
                    line.taken_back = part;
                }
            }
        }
        // The network has no share of the pool; its line keeps what it has.
        let parts = share_out(pool, &shares_of)?;
        let target = |(line, part): (&Line, i64)| if is_party(line) { part } else { line.earned };
        let targets: Vec<i64> = self.lines.iter().zip(parts).map(target).collect();
        let (freed, _) = self.rebalance(&targets, fact.at, &[fact.id], movements);
        Ok(freed)
    }

    /// Brings every line to what it shall have. Gives how much of what had been released was taken back, and how much more was paid than
    /// all have now.
    fn rebalance(
        &mut self,
        targets: &[i64],
        at: Timestamp,
        facts: &[EventId],
        movements: &mut Vec<Movement>,
    ) -> (i64, i64) {
        let (mut freed, mut paid_beyond) = (0, 0);
        for (index, target) in targets.iter().enumerate() {
            let line = &mut self.lines[index];
            let (less, more) = ((line.earned - target).max(0), (target - line.earned).max(0));
            let from_payable = (line.released - target).max(0);
            line.earned = *target;
            line.released -= from_payable;
            paid_beyond += (line.received - target).max(0);
            line.received = line.received.min(*target);
            freed += from_payable;
            let who = line.who.clone();
            self.add(
                &who,
                less - from_payable,
                Reason::TakenBackReserved,
                at,
                facts,
                movements,
            );
            self.add(&who, from_payable, Reason::TakenBackPayable, at, facts, movements);
            self.add(&who, more, Reason::Earned, at, facts, movements);
        }
        // Money that was paid for one and is no longer theirs pays for whoever has not been paid for.
        for line in &mut self.lines {
            let moved = paid_beyond.min(line.earned - line.received);
            line.received += moved;
            paid_beyond -= moved;
        }
        (freed, paid_beyond)
    }

    fn add(
        &self,
        who: &Who,
        minor_units: i64,
        why: Reason,
        at: Timestamp,
        facts: &[EventId],
        movements: &mut Vec<Movement>,
    ) {
        if minor_units == 0 {
            return;
        }
        let (from, to) = why.pots();
        movements.push(Movement {
            at,
            who: who.clone(),
            amount: Money {
                minor_units,
                currency: self.currency,
            },
            why,
            from,
            to,
            invoice: self.invoice.clone(),
            facts: facts.to_vec(),
        });
    }
}
