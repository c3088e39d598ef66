//! Free cash: what a shard of the network has in `cash`, less what is `in-transit` out of it.
//!
//! Never below zero after a transaction that takes of it. Such a transaction rests on both accounts of the shard, also where it posts to one
//! alone: a payout's first step posts to `in-transit`, a refund to `cash`.

use std::collections::BTreeMap;

use inventure_core::Currency;

use crate::{
    account::{Account, InvalidAccount, Kind, Owner, SHARDS, Shard},
    chain::{AppendError, Head},
    text::Reference,
    transaction::Transaction,
};

/// The two accounts of a shard that make its free cash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardCash {
    /// The shard's cash.
    pub cash: Account,
    /// The part of it that is on its way to brokers.
    pub in_transit: Account,
}

/// An amount taken of a shard's free cash, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashPart {
    /// The shard whose cash is taken, by its accounts.
    pub of: ShardCash,
    /// The amount taken, in minor units.
    pub minor_units: i64,
}

/// The network's free cash of a currency, in the order in which it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeCash(Vec<ShardCash>);

impl FreeCash {
    /// Lists the shards: that of a deal or another thing first, the others for what is missing there.
    ///
    /// # Errors
    /// [`InvalidAccount`] for a currency that accounts are not kept in.
    pub fn of(reference: &Reference, currency: Currency) -> Result<Self, InvalidAccount> {
        let own = Shard::of(reference);
        let others = (0..SHARDS).filter_map(Shard::new).filter(|other| *other != own);
        let both = |shard| {
            let of = |kind| Account::new(Owner::Network(shard), kind, currency);
            Ok(ShardCash {
                cash: of(Kind::Cash)?,
                in_transit: of(Kind::InTransit)?,
            })
        };
        let all: Result<_, _> = std::iter::once(own).chain(others).map(both).collect();
        Ok(Self(all?))
    }

    /// The accounts whose balances it depends on.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.0.iter().flat_map(|shard| [&shard.cash, &shard.in_transit])
    }

    /// Takes up to an amount, shard by shard. The parts sum to less where less is free.
    pub fn parts(&self, mut wanted: i64, balance: impl Fn(&Account) -> i64) -> Vec<CashPart> {
        let mut parts = Vec::new();
        for of in &self.0 {
            let free = balance(&of.cash).saturating_sub(balance(&of.in_transit));
            let minor_units = free.min(wanted);
            if minor_units > 0 {
                wanted -= minor_units;
                parts.push(CashPart {
                    of: of.clone(),
                    minor_units,
                });
            }
        }
        parts
    }

    /// An amount of the first shard alone, whatever is free there: cash that comes back has a negative one.
    #[must_use]
    pub fn of_first(&self, minor_units: i64) -> Vec<CashPart> {
        let first = self.0.first().cloned();
        first.map(|of| CashPart { of, minor_units }).into_iter().collect()
    }
}

impl Transaction {
    /// The accounts whose balances the transaction rests on without posting to them. They are the other halves of the free cash that it
    /// takes.
    #[must_use]
    pub fn rests_on(&self) -> Vec<Account> {
        let both = self.takes_free_cash().into_iter().flat_map(|(pair, _)| pair);
        let posted = |account: &Account| self.postings.iter().any(|posting| posting.account == *account);
        both.filter(|account| !posted(account)).collect()
    }

    /// The free cash that the transaction takes, by shard, in minor units. A shard is given by its cash and what is in transit out of it.
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
        chain::append_all,
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
    fn a_payout_is_settled_however_little_is_free() {
        // More is in transit than there is in cash.
        let head = |account: &Account| {
            let balance_minor_units = if account.kind() == Kind::Cash { 60 } else { 70 };
            Some(Head {
                balance_minor_units,
                ..Head::genesis(account.clone())
            })
        };
        assert!(append_all(&second(TransactionKind::PayoutSettled), head).is_ok());
        let refused = append_all(&refund(1), head);
        assert!(matches!(refused, Err(AppendError::NotFree { .. })));
    }

    #[test]
    fn it_is_drawn_from_the_own_shard_first_and_never_from_what_is_on_its_way() {
        let deal: Reference = "deal-1".parse().unwrap();
        let all = FreeCash::of(&deal, Currency::USD).unwrap();
        let accounts: Vec<&Account> = all.accounts().collect();
        assert_eq!(accounts.len(), 2 * usize::from(SHARDS));
        assert_eq!(
            *accounts[0],
            Account::network(Kind::Cash, Currency::USD, &deal).unwrap()
        );
        // 50 in every shard's cash, of which 20 are on their way out of the first, and more than there is out of the second.
        let balance = |account: &Account| match account.kind() {
            Kind::Cash => 50,
            _ if account == accounts[1] => 20,
            _ if account == accounts[3] => 60,
            _ => 0,
        };
        let taken = |wanted| -> Vec<(Account, i64)> {
            let parts = all.parts(wanted, balance).into_iter();
            parts.map(|part| (part.of.cash, part.minor_units)).collect()
        };
        let [first, third] = [0, 4].map(|index| accounts[index].clone());
        assert_eq!(taken(30), [(first.clone(), 30)]);
        assert_eq!(taken(31), [(first, 30), (third, 1)]);
        let most: i64 = taken(i64::MAX).iter().map(|(_, part)| part).sum();
        assert_eq!(most, 30 + 50 * (i64::from(SHARDS) - 2));
        assert!(taken(0).is_empty() && taken(-5).is_empty());
        // What comes back goes to the own shard.
        let of = all.0[0].clone();
        let minor_units = -5;
        assert_eq!(all.of_first(minor_units), [CashPart { of, minor_units }]);
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
