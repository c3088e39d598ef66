//! Decisions on balances: made on one reading, and booked only where the accounts are still as they were read.

use std::collections::{BTreeMap, BTreeSet};

use inventure_ledger::{Account, Head, Transaction};

use super::{of_head, version_of};
use inventure_table::Change;

/// The balances of accounts at one reading.
#[derive(Debug, Clone, Default)]
pub struct Balances(pub(super) BTreeMap<Account, Head>);

impl Balances {
    /// The balance of an account in minor units; zero where nothing was ever booked to it.
    #[must_use]
    pub fn of(&self, account: &Account) -> i64 {
        self.0.get(account).map_or(0, |head| head.balance_minor_units)
    }

    /// The number of an account's last entry; zero where nothing was ever booked to it.
    #[must_use]
    pub fn entry(&self, account: &Account) -> u64 {
        self.0.get(account).map_or(0, |head| head.sequence)
    }

    /// The change, to be made only where this account still stands as it was read.
    #[must_use]
    pub fn bind(&self, change: Change, account: &Account) -> Change {
        change.check(of_head(account), version_of(self.0.get(account)))
    }
}

/// A transaction that follows from balances.
#[derive(Debug)]
pub struct Decided {
    /// The transaction to be booked.
    pub transaction: Transaction,
    /// The accounts that it rests on beside those that it posts to. The other half of free cash that it takes need not be named.
    pub rests_on: Vec<Account>,
    /// The change that is written with the transaction.
    pub also: Change,
}

/// The result of a decision.
#[derive(Debug)]
pub enum Booked {
    /// It was booked now.
    Now(Transaction),
    /// A transaction of this id was booked before and stands, whatever balances are now.
    Before(Transaction),
    /// There was nothing to book.
    Nothing,
}

/// Every account once, in the order in which they are named.
pub(super) fn each_once(accounts: impl Iterator<Item = Account>) -> Vec<Account> {
    let mut known = BTreeSet::new();
    accounts.filter(|account| known.insert(account.clone())).collect()
}
