//! A ledger in memory: the model that any store must behave like, for tests and simulations.

use std::collections::BTreeMap;

use crate::{
    account::Account,
    chain::{self, AppendError, Entry, Head},
    text::Reference,
    transaction::{Hold, Mismatch, Transaction},
};

/// The result of booking a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction's id.
    pub transaction_id: Reference,
    /// The entries that it made, in the order of its postings.
    pub entries: Vec<Entry>,
}

/// The reason for which a transaction was not booked. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// It cannot be appended.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The id was used for something else.
    #[error("{0} was booked before with other contents")]
    OtherBody(Reference),
    /// It names a transaction that is not there.
    #[error("there is no transaction {0}")]
    NoSuchTransaction(Reference),
    /// Nothing is left of the first step.
    #[error("{first} was resolved before, by {by}")]
    ResolvedBefore {
        /// The first step.
        first: Reference,
        /// The last of its second steps.
        by: Reference,
    },
    /// The second step does not fit the first.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
}

/// A whole ledger in memory.
#[derive(Debug, Clone, Default)]
pub struct Book {
    transactions: BTreeMap<Reference, (Transaction, Receipt)>,
    /// First steps, their second steps in order, and what is left.
    resolved: BTreeMap<Reference, (Vec<Reference>, Hold)>,
    chains: BTreeMap<Account, Vec<Entry>>,
}

impl Book {
    /// Books a transaction: all of it or nothing. Booked again it changes nothing and gives the same receipt.
    pub fn apply(&mut self, transaction: &Transaction) -> Result<Receipt, BookError> {
        if let Some((known, receipt)) = self.transactions.get(&transaction.id) {
            return if known == transaction {
                Ok(receipt.clone())
            } else {
                Err(BookError::OtherBody(transaction.id.clone()))
            };
        }
        transaction.validate().map_err(AppendError::from)?;
        let left = self.check_named(transaction)?;
        let entries = chain::append_all(transaction, |account| self.head(account))?;
        // Nothing below can fail.
        for entry in &entries {
            self.chains
                .entry(entry.account.clone())
                .or_default()
                .push(entry.clone());
        }
        if let (Some(first), Some(left)) = (&transaction.resolves, left) {
            let (by, held) = self.resolved.entry(first.clone()).or_default();
            by.push(transaction.id.clone());
            *held = left;
        }
        let receipt = Receipt {
            transaction_id: transaction.id.clone(),
            entries,
        };
        let record = (transaction.clone(), receipt.clone());
        self.transactions.insert(transaction.id.clone(), record);
        Ok(receipt)
    }

    /// Whether the transactions it names are there and as it needs them; what a second step leaves of its first.
    fn check_named(&self, transaction: &Transaction) -> Result<Option<Hold>, BookError> {
        let named = |id: &Reference| {
            let found = self.transactions.get(id).map(|(transaction, _)| transaction);
            found.ok_or_else(|| BookError::NoSuchTransaction(id.clone()))
        };
        if let Some(corrected) = &transaction.corrects {
            named(corrected)?;
        }
        let Some(first) = &transaction.resolves else {
            return Ok(None);
        };
        let reserved = named(first)?;
        let (by, left) = match self.resolved.get(first) {
            Some((by, left)) => (by.last(), left.clone()),
            None => (None, reserved.sets_aside()),
        };
        let after = transaction.takes(reserved, &left);
        match by {
            Some(by) if left.is_over() => Err(BookError::ResolvedBefore {
                first: first.clone(),
                by: by.clone(),
            }),
            _ => Ok(Some(after?)),
        }
    }

    /// A transaction that was booked.
    #[must_use]
    pub fn transaction(&self, id: &Reference) -> Option<&Transaction> {
        self.transactions.get(id).map(|(transaction, _)| transaction)
    }

    /// The second steps of a first, in order.
    #[must_use]
    pub fn resolved_by(&self, first: &Reference) -> &[Reference] {
        self.resolved.get(first).map_or(&[], |(by, _)| by)
    }

    /// The head of an account; `None` where it has no entries.
    #[must_use]
    pub fn head(&self, account: &Account) -> Option<Head> {
        self.entries(account).last().map(Entry::head)
    }

    /// The balance of an account, in minor units.
    #[must_use]
    pub fn balance_minor_units(&self, account: &Account) -> i64 {
        self.entries(account)
            .last()
            .map_or(0, |entry| entry.balance_minor_units)
    }

    /// The entries of an account, oldest first.
    #[must_use]
    pub fn entries(&self, account: &Account) -> &[Entry] {
        self.chains.get(account).map_or(&[], Vec::as_slice)
    }

    /// The heads of all accounts that have entries.
    pub fn heads(&self) -> impl Iterator<Item = Head> + '_ {
        self.chains
            .values()
            .filter_map(|entries| entries.last())
            .map(Entry::head)
    }
}

#[cfg(test)]
mod tests {
    use inventure_core::Currency;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        account::Side,
        sample::{BROKER, post, posting, reserve, transaction},
        transaction::{Posting, TransactionKind},
    };

    fn account(text: &str) -> Account {
        text.parse().unwrap()
    }

    #[test]
    fn the_same_again_is_the_same_and_something_else_is_an_error() {
        let mut book = Book::default();
        let receipt = book.apply(&reserve(1, 100)).unwrap();
        assert_eq!(book.apply(&reserve(1, 100)), Ok(receipt));
        assert_eq!(
            book.apply(&reserve(1, 101)),
            Err(BookError::OtherBody("reserve:1".parse().unwrap()))
        );
        let first = reserve(1, 100);
        assert_eq!(book.transaction(&first.id), Some(&first));
        assert_eq!(
            book.balance_minor_units(&account(&format!("{BROKER}/reserved/USD"))),
            100
        );
    }

    #[test]
    fn a_reservation_is_ended_once() {
        let mut book = Book::default();
        let first = || "reserve:1".parse().unwrap();
        assert_eq!(book.apply(&post(1, 100)), Err(BookError::NoSuchTransaction(first())));
        book.apply(&reserve(1, 100)).unwrap();
        book.apply(&reserve(2, 100)).unwrap();
        assert!(matches!(book.apply(&post(1, 101)), Err(BookError::Mismatch(_))));
        let mut part = post(1, 60);
        part.id = "post:1a".parse().unwrap();
        book.apply(&part).unwrap();
        book.apply(&part).unwrap();
        // The money of the second reservation would cover it; of the first only 40 are left.
        assert!(matches!(book.apply(&post(1, 100)), Err(BookError::Mismatch(_))));
        book.apply(&post(1, 40)).unwrap();
        let mut again = post(1, 40);
        again.id = "void:1".parse().unwrap();
        again.kind = TransactionKind::Void;
        let before = BookError::ResolvedBefore {
            first: first(),
            by: "post:1".parse().unwrap(),
        };
        assert_eq!(book.apply(&again), Err(before));
        let both = ["post:1a", "post:1"].map(|id| id.parse().unwrap());
        assert_eq!(book.resolved_by(&first()), both);
        let mut nothing = post(2, 100);
        nothing.resolves = "reserve:9".parse().ok();
        assert_eq!(
            book.apply(&nothing),
            Err(BookError::NoSuchTransaction("reserve:9".parse().unwrap()))
        );
    }

    #[test]
    fn what_fails_changes_nothing() {
        let mut book = Book::default();
        book.apply(&reserve(1, 100)).unwrap();
        let before: Vec<Head> = book.heads().collect();
        // The first posting would be fine, the second takes cash that is not there.
        let postings = vec![
            posting("client/deal-1/receivable/USD", 5),
            posting("network/00/cash/USD", -5),
        ];
        let refund = transaction("refund:1", TransactionKind::Refund, postings);
        assert!(matches!(
            book.apply(&refund),
            Err(BookError::Append(AppendError::BelowZero { .. }))
        ));
        assert_eq!(book.heads().collect::<Vec<_>>(), before);
        assert_eq!(book.transaction(&refund.id), None);
    }

    /// A fall-off after the payout, as the rules tell it: the reserve covers the refund and the broker owes it.
    #[test]
    fn a_fall_off_after_the_payout_leaves_a_debt_and_no_negative_cash() {
        use TransactionKind::{DebtRepaid, PaymentReceived, Payout, PayoutSettled, Refund, ReserveFunded, Reversal};
        let mut book = Book::default();
        let (receivable, cash, transit) = (
            "client/deal-1/receivable/USD",
            "network/00/cash/USD",
            "network/00/in-transit/USD",
        );
        let (reserve_account, recoverable) = ("network/00/guarantee-reserve/USD", "network/00/recoverable/USD");
        let (available, debt) = (&format!("{BROKER}/available/USD"), &format!("{BROKER}/debt/USD"));
        let mut apply = |id: &str, kind, lines: &[(&str, i64)], named: Option<&str>| {
            let lines = lines.iter().map(|(account, units)| posting(account, *units)).collect();
            let mut transaction = transaction(id, kind, lines);
            let named = named.map(|named| named.parse().unwrap());
            if kind.corrects() {
                (transaction.corrects, transaction.reason) = (named, "Left on day 20".parse().ok());
            } else {
                transaction.resolves = named;
            }
            book.apply(&transaction).unwrap()
        };
        apply("fund", ReserveFunded, &[(cash, 500), (reserve_account, -500)], None);
        apply(
            "r",
            TransactionKind::Reserve,
            &[(receivable, 100), (&format!("{BROKER}/reserved/USD"), -100)],
            None,
        );
        apply("in", PaymentReceived, &[(cash, 100), (receivable, -100)], None);
        apply(
            "p",
            TransactionKind::Post,
            &[(&format!("{BROKER}/reserved/USD"), 100), (available, -100)],
            Some("r"),
        );
        apply("out", Payout, &[(available, 70), (transit, -70)], None);
        apply("done", PayoutSettled, &[(transit, 70), (cash, -70)], Some("out"));
        // 30 are still there; 70 are not.
        let taken_back: [(&str, i64); 5] = [
            (available, 30),
            (reserve_account, 70),
            (receivable, -100),
            (debt, 70),
            (recoverable, -70),
        ];
        apply("falloff", Reversal, &taken_back, Some("p"));
        apply("refund", Refund, &[(receivable, 100), (cash, -100)], None);
        apply(
            "repaid",
            DebtRepaid,
            &[(cash, 70), (debt, -70), (recoverable, 70), (reserve_account, -70)],
            None,
        );
        let balances: Vec<i64> = [receivable, cash, reserve_account, available, debt, recoverable]
            .iter()
            .map(|text| book.balance_minor_units(&account(text)))
            .collect();
        assert_eq!(balances, [0, 500, 500, 0, 0, 0]);
    }

    /// Any two or three accounts and amounts that balance.
    fn moves() -> impl Strategy<Value = Vec<Posting>> {
        const ACCOUNTS: [&str; 5] = [
            "client/deal-1/receivable/USD",
            "network/00/revenue/USD",
            "network/00/cash/USD",
            "network/00/recoverable/USD",
            "network/00/guarantee-reserve/USD",
        ];
        let some = prop::sample::subsequence(ACCOUNTS.to_vec(), 2..=4).prop_shuffle();
        (some, prop::collection::vec(-50_i64..50, 4), any::<bool>()).prop_map(|(accounts, units, huge)| {
            let scale = if huge { i64::MAX / 200 } else { 1 };
            let mut postings: Vec<Posting> = accounts
                .iter()
                .zip(units)
                .map(|(account, units)| posting(account, units * scale))
                .collect();
            let rest: i64 = postings[1..].iter().map(|posting| posting.minor_units).sum();
            postings[0].minor_units = -rest;
            postings
        })
    }

    proptest! {
        #[test]
        fn the_books_balance_whatever_happens(steps in prop::collection::vec((0_u32..40, moves()), 1..60)) {
            let mut book = Book::default();
            let mut booked: BTreeMap<u32, Vec<Posting>> = BTreeMap::new();
            for (n, postings) in steps {
                let step = transaction(&format!("step:{n}"), TransactionKind::Refund, postings.clone());
                let before: Vec<Head> = book.heads().collect();
                if book.apply(&step).is_ok() {
                    prop_assert_eq!(booked.entry(n).or_insert_with(|| postings.clone()), &postings);
                } else {
                    prop_assert_eq!(book.heads().collect::<Vec<_>>(), before);
                }
            }
            let mut naive: BTreeMap<&Account, i128> = BTreeMap::new();
            for posting in booked.values().flatten() {
                *naive.entry(&posting.account).or_default() += i128::from(posting.minor_units);
            }
            let mut debits_less_credits = 0_i128;
            for head in book.heads() {
                let sign = if head.account.kind().side() == Side::Debit { 1 } else { -1 };
                prop_assert_eq!(i128::from(head.balance_minor_units) * sign, naive[&head.account]);
                prop_assert!(head.balance_minor_units >= 0 || head.account.kind().may_be_negative());
                prop_assert_eq!(head.account.currency(), Currency::USD);
                debits_less_credits += i128::from(head.balance_minor_units) * sign;
                let mut check = Head::genesis(head.account.clone());
                for entry in book.entries(&head.account) {
                    check = entry.check_after(&check).unwrap();
                }
                prop_assert_eq!(check, head);
            }
            prop_assert_eq!(debits_less_credits, 0);
        }
    }
}
