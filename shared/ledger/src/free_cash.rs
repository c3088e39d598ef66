//! Free cash: what a shard of the network has in `cash`, less what is `in-transit` out of it.
//!
//! Never below zero after a transaction that takes of it. Such a transaction rests on both accounts of the shard, also where it posts to one
//! alone: a payout's first step posts to `in-transit`, a refund to `cash`.

use std::collections::BTreeMap;

use inventure_core::Currency;

use crate::{
    account::{Account, Kind, Owner},
    chain::{AppendError, Head},
    transaction::Transaction,
};

impl Transaction {
    /// The accounts that it posts nothing to and whose balances it rests on: the other halves of the free cash that it takes.
    #[must_use]
    pub fn rests_on(&self) -> Vec<Account> {
        let both = self.takes_free_cash().into_iter().flat_map(|(pair, _)| pair);
        let posted = |account: &Account| self.postings.iter().any(|posting| posting.account == *account);
        both.filter(|account| !posted(account)).collect()
    }

    /// By shard, its cash and what is in transit out of it, and how much of its free cash is taken in minor units.
    fn takes_free_cash(&self) -> Vec<([Account; 2], i128)> {
        let mut taken: BTreeMap<(&Owner, Currency), i128> = BTreeMap::new();
        for posting in &self.postings {
            if matches!(posting.account.kind(), Kind::Cash | Kind::InTransit) {
                // Cash grows by debits and makes more of it free; what is in transit grows by credits and makes less.
                let shard = (posting.account.owner(), posting.account.currency());
                *taken.entry(shard).or_default() -= i128::from(posting.minor_units);
            }
        }
        let taken = taken.into_iter().filter(|(_, taken)| *taken > 0);
        let pairs = taken.filter_map(|((owner, currency), taken)| {
            let of = |kind| Account::new(owner.clone(), kind, currency).ok();
            Some(([of(Kind::Cash)?, of(Kind::InTransit)?], taken))
        });
        pairs.collect()
    }

    /// Whether so much free cash is there. `head` says where an account stands before.
    pub(crate) fn check_free_cash(&self, mut head: impl FnMut(&Account) -> Option<Head>) -> Result<(), AppendError> {
        for (pair, taken) in self.takes_free_cash() {
            let [cash, transit] = pair
                .each_ref()
                .map(|account| head(account).map_or(0, |head| i128::from(head.balance_minor_units)));
            if cash - transit < taken {
                let [account, _] = pair;
                return Err(AppendError::NotFree { account });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        book::{Book, BookError},
        sample::{BROKER, post, posting, reserve, transaction},
        transaction::TransactionKind,
    };

    /// A book with 100 in cash, all of it available to a broker.
    fn book() -> Book {
        let mut book = Book::default();
        let paid = vec![
            posting("network/00/cash/USD", 100),
            posting("client/deal-1/receivable/USD", -100),
        ];
        for step in [
            reserve(1, 100),
            transaction("paid", TransactionKind::PaymentReceived, paid),
            post(1, 100),
        ] {
            book.apply(&step).unwrap();
        }
        book
    }

    fn payout(minor_units: i64) -> Transaction {
        let postings = vec![
            posting(&format!("{BROKER}/available/USD"), minor_units),
            posting("network/00/in-transit/USD", -minor_units),
        ];
        transaction("payout", TransactionKind::Payout, postings)
    }

    fn refund(minor_units: i64) -> Transaction {
        let postings = vec![
            posting("client/deal-1/receivable/USD", minor_units),
            posting("network/00/cash/USD", -minor_units),
        ];
        transaction("refund", TransactionKind::Refund, postings)
    }

    fn second(kind: TransactionKind) -> Transaction {
        let to = if kind == TransactionKind::PayoutSettled {
            posting("network/00/cash/USD", -60)
        } else {
            posting(&format!("{BROKER}/available/USD"), -60)
        };
        let mut second = transaction("second", kind, vec![posting("network/00/in-transit/USD", 60), to]);
        second.resolves = "payout".parse().ok();
        second
    }

    #[test]
    fn cash_that_is_on_its_way_out_is_not_paid_out_again() {
        let refused =
            |found: Result<_, BookError>| matches!(found, Err(BookError::Append(AppendError::NotFree { .. })));
        let mut book = book();
        book.apply(&payout(60)).unwrap();
        assert!(refused(book.clone().apply(&refund(41))));
        book.clone().apply(&refund(40)).unwrap();
        // The second step takes no free cash, and giving it back makes more of it.
        let mut settled = book.clone();
        settled.apply(&refund(40)).unwrap();
        settled.apply(&second(TransactionKind::PayoutSettled)).unwrap();
        book.apply(&second(TransactionKind::PayoutReturned)).unwrap();
        book.apply(&refund(100)).unwrap();
        let mut again = payout(1);
        again.id = "again".parse().unwrap();
        assert!(refused(book.apply(&again)));
    }

    #[test]
    fn it_rests_on_the_half_that_it_does_not_post_to() {
        let names = |step: &Transaction| step.rests_on().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&payout(1)), ["network/00/cash/USD"]);
        assert_eq!(names(&refund(1)), ["network/00/in-transit/USD"]);
        assert!(names(&second(TransactionKind::PayoutSettled)).is_empty());
        assert!(names(&second(TransactionKind::PayoutReturned)).is_empty());
        assert!(names(&reserve(1, 1)).is_empty());
    }
}
