//! Settles a deal: from its facts to the movements of money.
//!
//! The facts are replayed, and each moves what it moves: a bill makes shares, a payment makes cash, time releases, a
//! fall-off takes back. Past movements are never changed by later facts: the movements up to a moment are the same
//! whether they are asked for then or a year after.

use inventure_core::EventId;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    books::{Book, Unbalanced},
    deal::Deal,
    dispute::Ruling,
    fact::{Fact, What},
    movement::Movement,
    refusal::Refused,
    terms::{PaymentTiming, Terms},
};

/// All movements of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Settlement {
    /// The movements in order of time. Releases that lie in the future are those that will come if nothing else
    /// happens.
    pub movements: Vec<Movement>,
    /// The amount that the client has paid and that has no time of release. A dispute or a fall-off is open, or nobody
    /// is placed yet.
    pub held_minor_units: i64,
}

impl Settlement {
    /// Returns the movements up to now.
    pub fn due(&self, now: Timestamp) -> impl Iterator<Item = &Movement> {
        self.movements.iter().take_while(move |movement| movement.at <= now)
    }
}

/// The reason for which a deal cannot be settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The facts are not those of a deal.
    #[error(transparent)]
    Refused(#[from] Box<Refused>),
    /// The arithmetic does not work out: the shares, or an amount beyond 64 bits.
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
}

/// The moment at which a part of what was paid is released.
#[derive(Clone, Copy)]
enum Moment {
    /// At this time.
    At(Timestamp),
    /// At the guarantee's end, or the closing without a placement, but not before this time.
    GuaranteeEnd(Timestamp),
}

/// A release to come.
struct Pending {
    invoice: usize,
    minor_units: i64,
    moment: Moment,
    /// The fact of the payment.
    fact: EventId,
}

/// The settlement so far.
struct Progress {
    deal: Deal,
    books: Vec<Book>,
    pending: Vec<Pending>,
    movements: Vec<Movement>,
    /// The time at which payments began to flow again after the last freeze, and the fact that ended it.
    thawed: Option<(Timestamp, EventId)>,
}

impl Deal {
    /// Computes who gets how much and when, on these facts.
    pub fn settle(&self) -> Result<Settlement, SettleError> {
        let mut progress = Progress {
            deal: Self::new(self.id),
            books: Vec::new(),
            pending: Vec::new(),
            movements: Vec::new(),
            thawed: None,
        };
        for fact in &self.facts {
            progress.release(Some(fact.at))?;
            progress.take(fact)?;
        }
        progress.release(None)?;
        Ok(Settlement {
            held_minor_units: progress.books.iter().map(Book::unreleased).sum(),
            movements: progress.movements,
        })
    }
}

impl Progress {
    /// Takes a fact, and moves what it moves.
    fn take(&mut self, fact: &Fact) -> Result<(), SettleError> {
        let frozen_before = self.deal.frozen_minor_units();
        let credited: Vec<i64> = self
            .deal
            .invoices
            .iter()
            .map(|invoice| invoice.credited_minor_units)
            .collect();
        self.deal.apply(fact.clone())?;
        if self.deal.frozen_minor_units() < frozen_before {
            self.thawed = Some((fact.at, fact.id));
        }
        let Some(terms) = self.deal.in_force.clone() else {
            return Ok(());
        };
        // A bill for hours counts with the client's word, so not always with the fact that names it.
        if self.deal.invoices.len() > credited.len() {
            self.bill(fact, &terms)?;
        }
        match &fact.what {
            What::PaymentReceived { invoice, amount } => {
                let known = self.deal.invoices.iter().position(|known| known.number == *invoice);
                // `apply` lets no payment of an unknown invoice through.
                if let Some(index) = known {
                    self.receive(index, amount.minor_units, fact, &terms)?;
                }
            }
            What::PaymentChargedBack { invoice, amount } => {
                let known = self.deal.invoices.iter().position(|known| known.number == *invoice);
                if let Some(book) = known.and_then(|index| self.books.get_mut(index)) {
                    book.charge_back(amount.minor_units, fact, &mut self.movements)?;
                }
            }
            What::Ruled {
                ruling: Ruling::Reallocated { shares },
                ..
            } => {
                for (index, book) in self.books.iter_mut().enumerate() {
                    let freed = book.reallocate(shares, fact, &mut self.movements)?;
                    self.pending.push(Pending {
                        invoice: index,
                        minor_units: freed,
                        moment: Moment::At(fact.at),
                        fact: fact.id,
                    });
                }
            }
            _ => {}
        }
        // A refund, by the guarantee or by a ruling, shows as credit on the bills.
        let because: Vec<EventId> = [self.deal.fall_off().map(|fall_off| fall_off.fact), Some(fact.id)]
            .into_iter()
            .flatten()
            .collect();
        for (index, invoice) in self.deal.invoices.iter().enumerate() {
            let taken = invoice.credited_minor_units - credited.get(index).copied().unwrap_or(0);
            let Some(book) = self.books.get_mut(index) else {
                continue;
            };
            match taken {
                1.. => book.take_back(taken, fact.at, &because, &mut self.movements)?,
                0 => {}
                ..0 => book.restore(-taken, fact.at, &because, &mut self.movements)?,
            }
        }
        Ok(())
    }

    fn bill(&mut self, fact: &Fact, terms: &Terms) -> Result<(), SettleError> {
        let Some(invoice) = self.deal.invoices.last() else {
            return Ok(());
        };
        // A retainer is billed before anybody is placed, and so before anybody owns.
        let owners = self.deal.placements.last().map(|placement| placement.owners.as_slice());
        let split = terms
            .split_among(invoice.source, owners.unwrap_or_default())
            .ok_or(Unbalanced)?;
        let mut facts = vec![fact.id];
        facts.extend(self.deal.placements.last().map(|placement| placement.fact));
        let book = Book::open(invoice, &split, terms.currency, fact.at, &facts, &mut self.movements)?;
        self.books.push(book);
        Ok(())
    }

    fn receive(&mut self, index: usize, minor_units: i64, fact: &Fact, terms: &Terms) -> Result<(), SettleError> {
        let Some(book) = self.books.get_mut(index) else {
            return Ok(());
        };
        book.receive(minor_units, fact, &mut self.movements)?;
        let moment = match terms.payment {
            PaymentTiming::Hours(hours) => {
                let later = fact.at.checked_add(SignedDuration::from_hours(i64::from(hours)));
                Moment::At(later.map_err(|_| Unbalanced)?)
            }
            PaymentTiming::NextBusinessDay => {
                let calendar = terms.calendar().map_err(|_| Unbalanced)?;
                let day = calendar.business_days_after(calendar.date(fact.at), 1);
                let start = day.and_then(|day| calendar.start_of(day));
                Moment::At(start.map_err(|_| Unbalanced)?)
            }
            PaymentTiming::AfterGuarantee => Moment::GuaranteeEnd(fact.at),
        };
        self.pending.push(Pending {
            invoice: index,
            minor_units,
            moment,
            fact: fact.id,
        });
        Ok(())
    }

    /// Releases what is due by a moment, or all that will ever be due if nothing else happens. Frozen money stays; it
    /// is released when it thaws.
    fn release(&mut self, until: Option<Timestamp>) -> Result<(), SettleError> {
        let frozen = self.deal.frozen_minor_units();
        // Before rules 2 everything was held back.
        if frozen == i64::MAX {
            return Ok(());
        }
        // Where nobody was placed no guarantee will end: what was paid for the search is released when the deal is closed, or when the
        // time is over for which a claim counts.
        let closed_at = self.deal.closed_at();
        // What was not released before the last fact is not released before it now, however late that fact was told.
        let earliest = self.deal.facts.last().map(|last| last.at);
        let mut due: Vec<(Timestamp, usize)> = Vec::new();
        for (index, pending) in self.pending.iter().enumerate() {
            let planned = match pending.moment {
                Moment::At(at) => Some(at),
                Moment::GuaranteeEnd(not_before) => {
                    let end = self.deal.guarantee_end_of(pending.invoice).or(closed_at);
                    let end = end.or_else(|| self.deal.search_end(&self.deal.invoices[pending.invoice]));
                    end.map(|end| end.max(not_before))
                }
            };
            let at = planned.map(|at| earliest.map_or(at, |earliest| at.max(earliest)));
            if let Some(at) = at.filter(|at| until.is_none_or(|until| *at <= until)) {
                due.push((at, index));
            }
        }
        due.sort_unstable();
        for (at, index) in due {
            let unreleased: i64 = self.books.iter().map(Book::unreleased).sum();
            let free = unreleased.saturating_sub(frozen).max(0);
            let pending = &mut self.pending[index];
            let Some(book) = self.books.get_mut(pending.invoice) else {
                continue;
            };
            // What refunds have taken of it is not released any more.
            let wanted = pending.minor_units.min(book.unreleased());
            let part = wanted.min(free);
            pending.minor_units = wanted - part;
            let mut facts = vec![pending.fact];
            // What had to wait for the end of a freeze rests on that too.
            facts.extend(self.thawed.filter(|(thawed, _)| *thawed == at).map(|(_, fact)| fact));
            book.release(part, at, &facts, &mut self.movements)?;
        }
        self.pending.retain(|pending| pending.minor_units > 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
