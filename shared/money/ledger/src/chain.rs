//! The entries of one account, each bound to the one before by its hash.
//!
//! An entry's hash is [`canonical::hash`] under `inventure/entry/v1` of all its other members: the sequence number, the balance, the
//! hash of the entry before (zeros for the first) and the hash of the whole transaction among them. So an entry
//! can be neither changed, nor moved, nor left out without every later hash being wrong.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    account::Account,
    canonical::{self, CanonicalError, Hash},
    text::{Reason, Reference, minor_units},
    transaction::{InvalidTransaction, Posting, Transaction, TransactionKind},
};

/// The domain tag of an entry's hash.
const TAG: &str = "inventure/entry/v1";

/// An entry: the change that one transaction made in one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The account that the entry belongs to.
    pub account: Account,
    /// Its place in the account, from 1, without gaps.
    pub sequence: u64,
    /// The id of the transaction that made the entry.
    pub transaction_id: Reference,
    /// The hash of all of the transaction, so its other postings can be asked for and checked.
    pub transaction_hash: Hash,
    /// The kind of the transaction.
    pub kind: TransactionKind,
    /// The time of the transaction, as it was given with it.
    pub occurred_at: Timestamp,
    /// The deal it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<Reference>,
    /// The reason for the transaction, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The change of the balance: below zero where the balance shrank. (A debit or a credit, as the account has it.)
    #[serde(with = "minor_units")]
    pub change_minor_units: i64,
    /// The balance afterwards, on the account's own side: what a broker is owed is above zero.
    #[serde(with = "minor_units")]
    pub balance_minor_units: i64,
    /// The hash of the entry before; zeros for the first.
    pub previous_hash: Hash,
    /// The hash of all of the above.
    pub hash: Hash,
}

/// The head of an account: its last entry in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The account that the head belongs to.
    pub account: Account,
    /// The number of entries, which is also the number of the last one.
    pub sequence: u64,
    /// The balance after it.
    #[serde(with = "minor_units")]
    pub balance_minor_units: i64,
    /// Its hash; zeros before the first.
    pub hash: Hash,
}

/// The reason for which a transaction cannot be appended to its accounts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The transaction cannot be booked, whatever the balances are.
    #[error(transparent)]
    Invalid(#[from] InvalidTransaction),
    /// The account does not have that much.
    #[error("{account} would fall to {balance_minor_units} minor units and must not fall below zero")]
    BelowZero {
        /// The account that would fall below zero.
        account: Account,
        /// The balance that the account would have.
        balance_minor_units: i64,
    },
    /// The cash is already promised to brokers.
    #[error("{account} does not have that much beside what is in transit out of it")]
    NotFree {
        /// The shard's cash.
        account: Account,
    },
    /// The balance or the sequence would not fit.
    #[error("the balance of {0} would be too large to hold")]
    Overflow(Account),
    /// The head given is that of another account.
    #[error("{0} was given the head of another account")]
    OtherAccount(Account),
    /// The entry cannot be written down.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// The fault of an entry, seen after the entry before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryFault {
    /// It belongs to another account.
    Account(Account),
    /// Another number was due.
    Sequence {
        /// The number that was due.
        expected: u64,
        /// The number it has.
        found: u64,
    },
    /// It does not name the hash of the entry before.
    PreviousHash,
    /// The balance is not the one before plus the change.
    Balance {
        /// The balance it should have; absent where it would not fit.
        expected_minor_units: Option<i64>,
        /// The balance it has.
        found_minor_units: i64,
    },
    /// The account must not fall below zero.
    BelowZero,
    /// The hash is not that of the entry.
    Hash,
}

impl fmt::Display for EntryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "it belongs to {account}"),
            Self::Sequence { expected, found } => {
                write!(
                    f,
                    "sequence {expected} was due and {found} is there: an entry is missing, inserted or moved"
                )
            }
            Self::PreviousHash => f.write_str("its previous_hash is not the hash of the entry before"),
            Self::Balance {
                expected_minor_units: Some(expected),
                found_minor_units,
            } => write!(
                f,
                "the balance before and the change make {expected} minor units, and balance_minor_units says {found_minor_units}"
            ),
            Self::Balance { .. } => f.write_str("the balance before and the change are too large to add"),
            Self::BelowZero => f.write_str("the balance is below zero, where this account can never be"),
            Self::Hash => f.write_str("its hash is not that of its contents: one of its members was changed"),
        }
    }
}

impl Head {
    /// An account without entries.
    #[must_use]
    pub const fn genesis(account: Account) -> Self {
        Self {
            account,
            sequence: 0,
            balance_minor_units: 0,
            hash: Hash::ZERO,
        }
    }
}

impl Entry {
    /// The hash that its contents have.
    pub fn computed_hash(&self) -> Result<Hash, CanonicalError> {
        canonical::hash_of_rest(TAG, self)
    }

    /// The head of the account after this entry.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            account: self.account.clone(),
            sequence: self.sequence,
            balance_minor_units: self.balance_minor_units,
            hash: self.hash,
        }
    }

    /// Checks that it follows on `before`, and says where the account stands then.
    pub fn check_after(&self, before: &Head) -> Result<Head, EntryFault> {
        if self.account != before.account {
            return Err(EntryFault::Account(self.account.clone()));
        }
        // A sequence that ends at 2^64 is one that no entry can follow.
        let expected = before.sequence.saturating_add(1);
        if self.sequence != expected {
            return Err(EntryFault::Sequence {
                expected,
                found: self.sequence,
            });
        }
        if self.previous_hash != before.hash {
            return Err(EntryFault::PreviousHash);
        }
        let expected_minor_units = before.balance_minor_units.checked_add(self.change_minor_units);
        if expected_minor_units != Some(self.balance_minor_units) {
            return Err(EntryFault::Balance {
                expected_minor_units,
                found_minor_units: self.balance_minor_units,
            });
        }
        if self.computed_hash() != Ok(self.hash) {
            return Err(EntryFault::Hash);
        }
        // A rule that the hash cannot prove: a ledger that let cash fall below zero is a broken ledger, however well it is chained.
        if self.balance_minor_units < 0 && !self.account.kind().may_be_negative() {
            return Err(EntryFault::BelowZero);
        }
        Ok(self.head())
    }
}

/// The entry that a posting of a transaction makes in its account, and where the account stands then.
pub fn append(
    head: &Head,
    transaction: &Transaction,
    transaction_hash: Hash,
    posting: &Posting,
) -> Result<(Entry, Head), AppendError> {
    let account = &posting.account;
    if head.account != *account {
        return Err(AppendError::OtherAccount(account.clone()));
    }
    let overflow = || AppendError::Overflow(account.clone());
    let change_minor_units = account.change(posting.minor_units).ok_or_else(overflow)?;
    let sum = head.balance_minor_units.checked_add(change_minor_units);
    let balance_minor_units = sum.ok_or_else(overflow)?;
    if balance_minor_units < 0 && !account.kind().may_be_negative() {
        return Err(AppendError::BelowZero {
            account: account.clone(),
            balance_minor_units,
        });
    }
    let mut entry = Entry {
        account: account.clone(),
        sequence: head.sequence.checked_add(1).ok_or_else(overflow)?,
        transaction_id: transaction.id.clone(),
        transaction_hash,
        kind: transaction.kind,
        occurred_at: transaction.occurred_at,
        deal: transaction.deal.clone(),
        reason: transaction.reason.clone(),
        change_minor_units,
        balance_minor_units,
        previous_hash: head.hash,
        hash: Hash::ZERO,
    };
    entry.hash = entry.computed_hash()?;
    let head = entry.head();
    Ok((entry, head))
}

/// Everything that a transaction does, or why it cannot: its entries in the order of its postings. `head` says where an account
/// stands, also one of [`Transaction::rests_on`]; an account it does not know has no entries yet.
pub fn append_all(
    transaction: &Transaction,
    mut head: impl FnMut(&Account) -> Option<Head>,
) -> Result<Vec<Entry>, AppendError> {
    transaction.validate()?;
    let transaction_hash = transaction.hash()?;
    let entries = transaction.postings.iter().map(|posting| {
        let head = head(&posting.account).unwrap_or_else(|| Head::genesis(posting.account.clone()));
        append(&head, transaction, transaction_hash, posting).map(|(entry, _)| entry)
    });
    let entries = entries.collect::<Result<_, _>>()?;
    transaction.check_free_cash(head)?;
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{posting, reserve};

    fn chain(changes: &[i64]) -> Vec<Entry> {
        let mut head = None;
        let mut entries = Vec::new();
        for (n, change) in (1..).zip(changes) {
            let transaction = reserve(n, *change);
            let made = append_all(&transaction, |account| {
                head.clone().filter(|head: &Head| head.account == *account)
            })
            .unwrap();
            head = Some(made[0].head());
            entries.push(made[0].clone());
        }
        entries
    }

    fn check(entries: &[Entry]) -> Result<(), EntryFault> {
        let mut head = Head::genesis(entries[0].account.clone());
        for entry in entries {
            head = entry.check_after(&head)?;
        }
        Ok(())
    }

    #[test]
    fn a_chain_holds_until_it_is_touched() {
        let sound = chain(&[10, 20, 30]);
        assert_eq!(check(&sound), Ok(()));
        assert_eq!(sound[2].balance_minor_units, 60);

        let mut swapped = sound.clone();
        swapped.swap(0, 1);
        assert_eq!(check(&swapped), Err(EntryFault::Sequence { expected: 1, found: 2 }));
        let mut balance = sound.clone();
        balance[1].balance_minor_units += 1;
        assert!(matches!(check(&balance), Err(EntryFault::Balance { .. })));
        let mut reason = sound.clone();
        reason[1].reason = "Because".parse().ok();
        assert_eq!(check(&reason), Err(EntryFault::Hash));
        let mut rehashed = sound.clone();
        rehashed[1].reason = "Because".parse().ok();
        rehashed[1].hash = rehashed[1].computed_hash().unwrap();
        assert_eq!(check(&rehashed), Err(EntryFault::PreviousHash));
    }

    #[test]
    fn the_hash_covers_the_sequence() {
        let mut entry = chain(&[10]).remove(0);
        let before = entry.computed_hash().unwrap();
        entry.sequence = 2;
        assert_ne!(entry.computed_hash().unwrap(), before);
    }

    #[test]
    fn a_hash_can_be_made_without_this_program() {
        let entry = chain(&[10]).remove(0);
        let mut value = serde_json::to_value(&entry).unwrap();
        value.as_object_mut().unwrap().remove("hash");
        let form = canonical::encode(&value).unwrap();
        let pinned = format!(
            "{{\"account\":\"client/deal-1/receivable/USD\",\"balance_minor_units\":\"10\",\"change_minor_units\":\"10\",\
            \"deal\":\"deal-1\",\"kind\":\"reserve\",\"occurred_at\":\"2026-11-22T10:00:00Z\",\"previous_hash\":\"{}\",\
            \"sequence\":1,\"transaction_hash\":\"{}\",\"transaction_id\":\"reserve:1\"}}",
            Hash::ZERO,
            reserve(1, 10).hash().unwrap(),
        );
        assert_eq!(form, pinned);
        let expected = Hash::of(&[b"inventure/entry/v1", &[0], pinned.as_bytes()]);
        assert_eq!(entry.hash, expected);
    }

    #[test]
    fn a_balance_neither_overflows_nor_falls_below_zero() {
        let cash = posting("network/00/cash/USD", -1);
        let head = Head::genesis(cash.account.clone());
        let transaction = reserve(1, 1);
        let below = AppendError::BelowZero {
            account: cash.account.clone(),
            balance_minor_units: -1,
        };
        assert_eq!(append(&head, &transaction, Hash::ZERO, &cash), Err(below));
        let full = Head {
            balance_minor_units: i64::MAX,
            ..head
        };
        let more = posting("network/00/cash/USD", 1);
        let overflow = AppendError::Overflow(more.account.clone());
        assert_eq!(append(&full, &transaction, Hash::ZERO, &more), Err(overflow));
        let elsewhere = posting("network/01/cash/USD", 1);
        let other = AppendError::OtherAccount(elsewhere.account.clone());
        assert_eq!(append(&full, &transaction, Hash::ZERO, &elsewhere), Err(other));
        // Who paid too much is owed.
        let paid = posting("client/deal-1/receivable/USD", -1);
        let (entry, _) = append(&Head::genesis(paid.account.clone()), &transaction, Hash::ZERO, &paid).unwrap();
        assert_eq!(entry.balance_minor_units, -1);
    }
}
