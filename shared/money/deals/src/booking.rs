//! Turns movements into the ledger's transactions.
//!
//! | movement | transaction |
//! |---|---|
//! | earned | `reserve`: the client's debt against each party's `reserved` and the network's `revenue`; `network_fee` where the network is alone |
//! | received | `payment_received` |
//! | released | `post`: a party's `reserved` becomes `available`. The network's share was its own from the start |
//! | taken back, reserved | `void` of what is reserved, and `reversal` of the network's part where it is alone |
//! | taken back, payable | `reversal`: from what the party has available; what that does not cover it owes, and the guarantee reserve stands in |
//! | refunded | `refund`: from the deal's own cash, then from the other shards' |
//! | charged back | `chargeback`: the same, and nothing is left to send to the client |
//!
//! The bookings up to a moment are always the same and numbered in order, so settling again finds what was booked
//! before. Only what is taken from balances depends on these, and the first booking of it stands.

use std::collections::BTreeMap;

use inventure_core::{Currency, EventId, TenantId};
use inventure_ledger::{
    Account, FreeCash, InvalidAccount, Kind, Posting, Reason as Words, Reference, Transaction, TransactionKind,
    transaction::POSTINGS_MAX,
};
use jiff::Timestamp;

use crate::{
    books::Unbalanced,
    deal::Deal,
    movement::{Movement, Reason},
    party::Who,
    settle::SettleError,
    terms::Terms,
};

/// The most parties whose money one transaction releases or takes back; more are several bookings, each whole in itself. Two postings for
/// each, and at most four for the client and the network, are what a transaction may have.
pub const PARTIES_TOGETHER_MAX: usize = 20;

const _: () = assert!(2 * PARTIES_TOGETHER_MAX + 4 <= POSTINGS_MAX);

/// A transaction to book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Booking {
    /// A transaction that is the same whatever the balances are.
    Exact(Transaction),
    /// An amount that a party was paid, or could have been, is taken back.
    TakeBack(TakeBack),
    /// The client gets money back.
    Refund(Refund),
    /// The client's bank took money back.
    Chargeback(Refund),
}

/// A booking that takes back what was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeBack {
    /// The transaction that lowers what is owed, with the reason. Its postings are the client's side.
    transaction: Transaction,
    /// The amount that each party gives back.
    from: Vec<(TenantId, i64)>,
    currency: Currency,
    deal: Reference,
}

/// A booking that pays the client back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The number in the client's bill.
    pub invoice: String,
    /// The facts that it rests on.
    pub facts: Vec<EventId>,
    /// The amount, in minor units of the terms' currency.
    pub minor_units: i64,
    /// The client's side.
    transaction: Transaction,
    /// The cash to pay from, the deal's own shard first.
    cash: FreeCash,
}

/// There is less cash than is to be paid back. It never goes below zero: the refund waits until the reserve is funded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{missing_minor_units} minor units of cash are missing for the refund")]
pub struct CashMissing {
    /// The amount of cash that is missing, in minor units.
    pub missing_minor_units: i64,
}

impl Booking {
    /// The transaction's id.
    #[must_use]
    pub const fn id(&self) -> &Reference {
        match self {
            Self::Exact(transaction) => &transaction.id,
            Self::TakeBack(take_back) => &take_back.transaction.id,
            Self::Refund(refund) | Self::Chargeback(refund) => &refund.transaction.id,
        }
    }

    /// The moment it belongs to.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Exact(transaction) => transaction.occurred_at,
            Self::TakeBack(take_back) => take_back.transaction.occurred_at,
            Self::Refund(refund) | Self::Chargeback(refund) => refund.transaction.occurred_at,
        }
    }

    /// Returns the accounts that booking it reads. They are those whose balances it depends on, and those that it posts
    /// to whatever they are. At most 100.
    #[must_use]
    pub fn reads(&self) -> Vec<Account> {
        let (transaction, mut accounts) = match self {
            Self::Exact(transaction) => (transaction, Vec::new()),
            Self::TakeBack(take_back) => (&take_back.transaction, take_back.depends_on()),
            Self::Refund(refund) | Self::Chargeback(refund) => {
                (&refund.transaction, refund.cash.accounts().cloned().collect())
            }
        };
        accounts.extend(transaction.postings.iter().map(|posting| posting.account.clone()));
        accounts
    }

    /// The accounts that it rests on whether or not it posts to them. A refund or a chargeback has none besides the
    /// cash that it takes, to which it posts.
    #[must_use]
    pub fn rests_on(&self) -> Vec<Account> {
        match self {
            Self::TakeBack(take_back) => take_back.depends_on(),
            Self::Exact(_) | Self::Refund(_) | Self::Chargeback(_) => Vec::new(),
        }
    }

    /// The transaction, given these balances in minor units.
    pub fn transaction(&self, balance: impl Fn(&Account) -> i64) -> Result<Transaction, CashMissing> {
        match self {
            Self::Exact(transaction) => Ok(transaction.clone()),
            Self::TakeBack(take_back) => Ok(take_back.transaction(balance)),
            Self::Refund(refund) | Self::Chargeback(refund) => refund.transaction(balance),
        }
    }
}

impl TakeBack {
    fn account(&self, tenant: TenantId, kind: Kind) -> Option<Account> {
        Account::broker(tenant, kind, self.currency).ok()
    }

    fn network(&self, kind: Kind) -> Option<Account> {
        Account::network(kind, self.currency, &self.deal).ok()
    }

    fn depends_on(&self) -> Vec<Account> {
        let available = self
            .from
            .iter()
            .filter_map(|(tenant, _)| self.account(*tenant, Kind::Available));
        available.chain(self.network(Kind::GuaranteeReserve)).collect()
    }

    fn transaction(&self, balance: impl Fn(&Account) -> i64) -> Transaction {
        let mut transaction = self.transaction.clone();
        let mut owed = 0;
        for (tenant, minor_units) in &self.from {
            let covered = self
                .account(*tenant, Kind::Available)
                .map_or(0, |account| balance(&account).clamp(0, *minor_units));
            push(&mut transaction, self.account(*tenant, Kind::Available), covered);
            push(
                &mut transaction,
                self.account(*tenant, Kind::Debt),
                minor_units - covered,
            );
            owed += minor_units - covered;
        }
        let reserve = self.network(Kind::GuaranteeReserve);
        let stands_in = reserve.as_ref().map_or(0, |account| balance(account).clamp(0, owed));
        push(&mut transaction, reserve, stands_in);
        push(&mut transaction, self.network(Kind::Recoverable), -stands_in);
        transaction
    }
}

impl Refund {
    fn transaction(&self, balance: impl Fn(&Account) -> i64) -> Result<Transaction, CashMissing> {
        let mut transaction = self.transaction.clone();
        let mut missing_minor_units = self.minor_units;
        for part in self.cash.parts(self.minor_units, balance) {
            push(&mut transaction, Some(part.of.cash), -part.minor_units);
            missing_minor_units -= part.minor_units;
        }
        if missing_minor_units > 0 {
            return Err(CashMissing { missing_minor_units });
        }
        Ok(transaction)
    }
}

fn push(transaction: &mut Transaction, account: Option<Account>, minor_units: i64) {
    if let Some(account) = account.filter(|_| minor_units != 0) {
        transaction.postings.push(Posting { account, minor_units });
    }
}

/// Returns the amount that each party may be paid out of this deal by a moment. Earlier payments are not subtracted.
pub fn released(deal: &Deal, until: Timestamp) -> Result<BTreeMap<TenantId, i64>, SettleError> {
    let Some(terms) = deal.terms() else {
        return Ok(BTreeMap::new());
    };
    let mut all = BTreeMap::new();
    for movement in deal.settle()?.due(until) {
        let sign = match movement.why {
            Reason::Released => 1,
            Reason::TakenBackPayable => -1,
            _ => continue,
        };
        if let Some(tenant) = tenant(terms, &movement.who) {
            *all.entry(tenant).or_default() += sign * movement.amount.minor_units;
        }
    }
    Ok(all)
}

/// Everything to book for a deal by a moment, in order.
pub fn bookings(deal: &Deal, until: Timestamp) -> Result<Vec<Booking>, SettleError> {
    let Some(terms) = deal.terms() else {
        return Ok(Vec::new());
    };
    let reference: Reference = deal.id().to_string().parse().map_err(|_| Unbalanced)?;
    let mut plan = Plan {
        deal,
        terms,
        reference,
        reserved: Vec::new(),
        bookings: Vec::new(),
    };
    let settlement = deal.settle()?;
    let due: Vec<Movement> = settlement.due(until).cloned().collect();
    let same = |a: &Movement, b: &Movement| (a.at, a.why, &a.invoice, &a.facts) == (b.at, b.why, &b.invoice, &b.facts);
    for group in due.chunk_by(same) {
        plan.take(group)?;
    }
    Ok(plan.bookings)
}

/// The rest that a reservation still holds for a party.
struct Reserved {
    invoice: String,
    who: Who,
    by: Reference,
    left: i64,
}

struct Plan<'a> {
    deal: &'a Deal,
    terms: &'a Terms,
    reference: Reference,
    reserved: Vec<Reserved>,
    bookings: Vec<Booking>,
}

impl From<InvalidAccount> for SettleError {
    fn from(_: InvalidAccount) -> Self {
        Self::Unbalanced(Unbalanced)
    }
}

pub(crate) fn tenant(terms: &Terms, who: &Who) -> Option<TenantId> {
    match who {
        Who::Party(party) => terms.party(party).map(|party| party.tenant),
        _ => None,
    }
}

impl Plan<'_> {
    /// Books what moves at one moment for one reason.
    fn take(&mut self, group: &[Movement]) -> Result<(), SettleError> {
        let Some(first) = group.first() else { return Ok(()) };
        let total = sum(group.iter());
        let receivable = self.receivable();
        match first.why {
            Reason::Earned => self.earned(group, total)?,
            Reason::Received => {
                let mut booked = self.transaction(TransactionKind::PaymentReceived, first)?;
                push(&mut booked, Some(self.network(Kind::Cash)?), total);
                push(&mut booked, Some(receivable), -total);
                self.bookings.push(Booking::Exact(booked));
            }
            Reason::Released => self.resolve(TransactionKind::Post, group)?,
            Reason::TakenBackReserved => self.resolve(TransactionKind::Void, group)?,
            Reason::TakenBackPayable => self.take_back(group)?,
            Reason::Refunded | Reason::ChargedBack => {
                let is_refund = first.why == Reason::Refunded;
                let kind = if is_refund {
                    TransactionKind::Refund
                } else {
                    TransactionKind::Chargeback
                };
                let mut booked = self.transaction(kind, first)?;
                push(&mut booked, Some(receivable), total);
                let refund = Refund {
                    invoice: first.invoice.clone(),
                    facts: first.facts.clone(),
                    minor_units: total,
                    transaction: booked,
                    cash: FreeCash::of(&self.reference, self.terms.currency)?,
                };
                self.bookings.push(if is_refund {
                    Booking::Refund(refund)
                } else {
                    Booking::Chargeback(refund)
                });
            }
        }
        Ok(())
    }

    fn earned(&mut self, group: &[Movement], total: i64) -> Result<(), SettleError> {
        let alone = group.iter().all(|movement| movement.who == Who::Network);
        let kind = if alone {
            TransactionKind::NetworkFee
        } else {
            TransactionKind::Reserve
        };
        let mut booked = self.transaction(kind, &group[0])?;
        push(&mut booked, Some(self.receivable()), total);
        for movement in group {
            let account = match tenant(self.terms, &movement.who) {
                Some(tenant) => Account::broker(tenant, Kind::Reserved, self.terms.currency)?,
                None => self.network(Kind::Revenue)?,
            };
            push(&mut booked, Some(account), -movement.amount.minor_units);
            self.reserved.push(Reserved {
                invoice: movement.invoice.clone(),
                who: movement.who.clone(),
                by: booked.id.clone(),
                left: movement.amount.minor_units,
            });
        }
        self.bookings.push(Booking::Exact(booked));
        Ok(())
    }

    /// Ends reservations, the oldest first: by releasing, or by taking back.
    fn resolve(&mut self, kind: TransactionKind, group: &[Movement]) -> Result<(), SettleError> {
        // By reservation, in the order in which they were made: who takes how much of it.
        let mut parts: Vec<(Reference, Vec<(Who, i64)>)> = Vec::new();
        for movement in group {
            let mut missing = movement.amount.minor_units;
            let own = |reserved: &&mut Reserved| reserved.invoice == movement.invoice && reserved.who == movement.who;
            for reserved in self.reserved.iter_mut().filter(own) {
                let taken = reserved.left.min(missing);
                if taken > 0 {
                    reserved.left -= taken;
                    missing -= taken;
                    match parts.iter_mut().find(|(by, _)| *by == reserved.by) {
                        Some((_, part)) => part.push((movement.who.clone(), taken)),
                        None => parts.push((reserved.by.clone(), vec![(movement.who.clone(), taken)])),
                    }
                }
            }
            if missing > 0 {
                return Err(Unbalanced.into());
            }
        }
        for (by, mut part) in parts {
            if kind != TransactionKind::Post {
                self.resolve_one(kind, &group[0], by, &part)?;
                continue;
            }
            // The network's part was revenue from the start.
            part.retain(|(who, _)| *who != Who::Network);
            for some in part.chunks(PARTIES_TOGETHER_MAX) {
                self.resolve_one(kind, &group[0], by.clone(), some)?;
            }
        }
        Ok(())
    }

    fn resolve_one(
        &mut self,
        kind: TransactionKind,
        movement: &Movement,
        by: Reference,
        part: &[(Who, i64)],
    ) -> Result<(), SettleError> {
        let releases = kind == TransactionKind::Post;
        let alone = part.iter().all(|(who, _)| *who == Who::Network);
        let mut booked = self.transaction(if alone { TransactionKind::Reversal } else { kind }, movement)?;
        if alone {
            (booked.corrects, booked.reason) = (Some(by), self.words(&movement.facts));
        } else {
            booked.resolves = Some(by);
        }
        let mut back = 0;
        for (who, minor_units) in part {
            if let Some(tenant) = tenant(self.terms, who) {
                let of = |kind| Account::broker(tenant, kind, self.terms.currency);
                push(&mut booked, Some(of(Kind::Reserved)?), *minor_units);
                if releases {
                    push(&mut booked, Some(of(Kind::Available)?), -minor_units);
                } else {
                    back += minor_units;
                }
            } else {
                push(&mut booked, Some(self.network(Kind::Revenue)?), *minor_units);
                back += minor_units;
            }
        }
        push(&mut booked, Some(self.receivable()), -back);
        self.bookings.push(Booking::Exact(booked));
        Ok(())
    }

    fn take_back(&mut self, group: &[Movement]) -> Result<(), SettleError> {
        let network = sum(group.iter().filter(|movement| movement.who == Who::Network));
        let parties = group
            .iter()
            .filter_map(|movement| Some((tenant(self.terms, &movement.who)?, movement.amount.minor_units)));
        let parties: Vec<(TenantId, i64)> = parties.collect();
        if parties.is_empty() {
            return self.take_back_of(group, &[], network);
        }
        // The network gives back with the first of them.
        for (number, some) in parties.chunks(PARTIES_TOGETHER_MAX).enumerate() {
            self.take_back_of(group, some, if number == 0 { network } else { 0 })?;
        }
        Ok(())
    }

    fn take_back_of(
        &mut self,
        group: &[Movement],
        parties: &[(TenantId, i64)],
        network: i64,
    ) -> Result<(), SettleError> {
        let mut booked = self.transaction(TransactionKind::Reversal, &group[0])?;
        let earned = |reserved: &&Reserved| reserved.invoice == group[0].invoice;
        booked.corrects = self.reserved.iter().find(earned).map(|reserved| reserved.by.clone());
        booked.reason = self.words(&group[0].facts);
        let all = network + parties.iter().map(|(_, minor_units)| minor_units).sum::<i64>();
        push(&mut booked, Some(self.receivable()), -all);
        push(&mut booked, Some(self.network(Kind::Revenue)?), network);
        self.bookings.push(Booking::TakeBack(TakeBack {
            transaction: booked,
            from: parties.to_vec(),
            currency: self.terms.currency,
            deal: self.reference.clone(),
        }));
        Ok(())
    }

    /// A transaction with the next number and nothing in it.
    fn transaction(&self, kind: TransactionKind, movement: &Movement) -> Result<Transaction, SettleError> {
        let id = format!("{}:{}", self.reference, self.bookings.len() + 1);
        Ok(Transaction {
            id: id.parse().map_err(|_| Unbalanced)?,
            kind,
            occurred_at: movement.at,
            deal: Some(self.reference.clone()),
            reason: None,
            corrects: None,
            resolves: None,
            postings: Vec::new(),
        })
    }

    fn receivable(&self) -> Account {
        Account::receivable(self.reference.clone(), self.terms.currency)
    }

    fn network(&self, kind: Kind) -> Result<Account, InvalidAccount> {
        Account::network(kind, self.terms.currency, &self.reference)
    }

    /// Returns the reason as the facts that it rests on. It names their kinds and ids, and holds no word of anybody's.
    fn words(&self, facts: &[EventId]) -> Option<Words> {
        let known = |id: &EventId| self.deal.facts().iter().find(|fact| fact.id == *id);
        let names = facts
            .iter()
            .filter_map(known)
            .map(|fact| format!("{} {}", fact.what.kind(), fact.id));
        names.collect::<Vec<_>>().join(", ").parse().ok()
    }
}

fn sum<'a>(movements: impl Iterator<Item = &'a Movement>) -> i64 {
    movements.map(|movement| movement.amount.minor_units).sum()
}

#[cfg(test)]
pub(crate) mod tests;
