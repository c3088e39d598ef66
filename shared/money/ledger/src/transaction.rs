//! Transactions: what happened, and which accounts it moves.

use std::collections::{BTreeMap, BTreeSet};

use inventure_core::Currency;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    account::{self, Account},
    canonical::{self, CanonicalError, Hash},
    text::{Reason, Reference, minor_units},
};

/// The most postings of one transaction: two for each of 20 parties and four for the client and the network. With its entries and heads,
/// and what is written beside it, it fits into one atomic write of the table (100 items).
pub const POSTINGS_MAX: usize = 44;

/// The domain tag of a transaction's hash.
const TAG: &str = "inventure/transaction/v1";

/// The kind of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionKind {
    /// The first of two steps: a fee is earned and set aside. It stays so until the money has come and the guarantee has ended.
    Reserve,
    /// Second step: what a reservation set aside becomes available, all of it or a part.
    Post,
    /// Second step: what a reservation set aside is taken back, all of it or a part.
    Void,
    /// The client is billed, and the network alone has a share of it.
    NetworkFee,
    /// The client paid.
    PaymentReceived,
    /// The client was paid back.
    Refund,
    /// An earlier transaction is undone, in whole or in part, for a fall-off inside the guarantee. The part that a broker cannot cover it
    /// owes, and the guarantee reserve stands in.
    Reversal,
    /// First of two steps: the processor is told to pay a broker.
    Payout,
    /// Second step: the processor confirmed.
    PayoutSettled,
    /// Second step: the processor refused, or the money came back.
    PayoutReturned,
    /// A broker paid what it owes.
    DebtRepaid,
    /// Money was put into the guarantee reserve.
    ReserveFunded,
    /// An earlier transaction was wrong.
    Correction,
    /// The client's bank took a payment back.
    Chargeback,
    /// The processor took a fee, or gave one back.
    ProcessorFee,
}

impl TransactionKind {
    /// The name in entries and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::Post => "post",
            Self::Void => "void",
            Self::NetworkFee => "network_fee",
            Self::PaymentReceived => "payment_received",
            Self::Refund => "refund",
            Self::Reversal => "reversal",
            Self::Payout => "payout",
            Self::PayoutSettled => "payout_settled",
            Self::PayoutReturned => "payout_returned",
            Self::DebtRepaid => "debt_repaid",
            Self::ReserveFunded => "reserve_funded",
            Self::Correction => "correction",
            Self::Chargeback => "chargeback",
            Self::ProcessorFee => "processor_fee",
        }
    }

    /// Whether it names the transaction that it corrects.
    #[must_use]
    pub const fn corrects(self) -> bool {
        matches!(self, Self::Reversal | Self::Correction)
    }

    /// The first step that this is the second of.
    #[must_use]
    pub const fn resolves(self) -> Option<Self> {
        match self {
            Self::Post | Self::Void => Some(Self::Reserve),
            Self::PayoutSettled | Self::PayoutReturned => Some(Self::Payout),
            _ => None,
        }
    }

    /// The accounts in which its first step sets money aside, and its second step ends that.
    #[must_use]
    pub const fn holds(self) -> Option<account::Kind> {
        match self {
            Self::Reserve | Self::Post | Self::Void => Some(account::Kind::Reserved),
            Self::Payout | Self::PayoutSettled | Self::PayoutReturned => Some(account::Kind::InTransit),
            _ => None,
        }
    }
}

/// One line of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    /// The account that is posted to.
    pub account: Account,
    /// The amount in the account's currency: a debit above zero, a credit below. Never zero.
    #[serde(with = "minor_units")]
    pub minor_units: i64,
}

/// Something that happened to money. Never changed once booked: what was wrong is corrected by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// The id, made by the caller from what the transaction stands for. A caller that tries again uses the same one.
    pub id: Reference,
    /// The kind of the transaction.
    pub kind: TransactionKind,
    /// The time of the transaction, by the caller's clock. The order of entries is their sequence, not this.
    pub occurred_at: Timestamp,
    /// The deal it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<Reference>,
    /// The reason for the transaction, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The transaction that a reversal or a correction is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Reference>,
    /// The first step that a second step ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolves: Option<Reference>,
    /// The amounts that move, by account. They sum to zero in each currency.
    pub postings: Vec<Posting>,
}

/// The reason for which a transaction cannot be booked, whatever the balances are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransaction {
    /// Money comes from somewhere and goes somewhere.
    #[error("a transaction needs at least two postings")]
    TooFewPostings,
    /// More than one write can hold.
    #[error("a transaction has at most {POSTINGS_MAX} postings")]
    TooManyPostings,
    /// A line that says nothing.
    #[error("the posting to {0} is zero")]
    ZeroPosting(Account),
    /// Two lines for one account.
    #[error("{0} is posted to twice")]
    AccountTwice(Account),
    /// Debits and credits differ.
    #[error("debits and credits in {currency} differ by {} minor units", difference.unsigned_abs())]
    Unbalanced {
        /// The currency in which they differ.
        currency: Currency,
        /// The debits less the credits, in minor units.
        difference: i128,
    },
    /// An amount that has no opposite in 64 bits.
    #[error("the posting to {0} is too large")]
    TooLarge(Account),
    /// A correction of nothing.
    #[error("a {} must name the transaction that it corrects", .0.name())]
    CorrectsNothing(TransactionKind),
    /// A correction by something else.
    #[error("a {} corrects no other transaction", .0.name())]
    CannotCorrect(TransactionKind),
    /// A correction without a reason.
    #[error("a {} must give its reason", .0.name())]
    NoReason(TransactionKind),
    /// A second step without its first.
    #[error("a {} must name the transaction that it resolves", .0.name())]
    ResolvesNothing(TransactionKind),
    /// A second step by something else.
    #[error("a {} resolves no other transaction", .0.name())]
    CannotResolve(TransactionKind),
    /// A first step that sets nothing aside, or a second step of nothing.
    #[error("a {} must post to an account that holds what is set aside", .0.name())]
    HoldsNothing(TransactionKind),
    /// Money that is set aside is moved past its two steps. Or a first step takes out instead of setting aside.
    #[error("{account} holds what is set aside, and a {} cannot move it so", kind.name())]
    MovesHeld {
        /// The account that holds what is set aside.
        account: Account,
        /// The kind of the transaction that would move it.
        kind: TransactionKind,
    },
    /// Its own correction or second step.
    #[error("a transaction cannot name itself")]
    NamesItself,
}

/// The rest of a reservation, by account. It is empty where the reservation is over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hold(pub BTreeMap<Account, i64>);

impl Hold {
    /// Whether the reservation is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// The reason for which a second step does not fit its first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The transaction that is named is not the first step of this one.
    #[error("a {} cannot resolve a {}", second.name(), first.name())]
    Kind {
        /// The kind of the second step.
        second: TransactionKind,
        /// The kind of the transaction that it names.
        first: TransactionKind,
    },
    /// It takes out more than is left of what was set aside, or puts something in.
    #[error("{account} holds {held_minor_units} minor units of it, and {taken_minor_units} are taken out")]
    Amount {
        /// The account that it takes out of.
        account: Account,
        /// The amount that is left there of what the first step set aside.
        held_minor_units: i64,
        /// The amount that the second step takes out.
        taken_minor_units: i64,
    },
}

impl Transaction {
    /// Whether it can be booked at all. The balances are looked at when it is appended.
    pub fn validate(&self) -> Result<(), InvalidTransaction> {
        self.validate_names()?;
        if self.postings.len() < 2 {
            return Err(InvalidTransaction::TooFewPostings);
        }
        if self.postings.len() > POSTINGS_MAX {
            return Err(InvalidTransaction::TooManyPostings);
        }
        let mut accounts = BTreeSet::new();
        // 44 postings of 64 bits cannot overflow 128.
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for Posting { account, minor_units } in &self.postings {
            if *minor_units == 0 {
                return Err(InvalidTransaction::ZeroPosting(account.clone()));
            }
            if minor_units.checked_neg().is_none() {
                return Err(InvalidTransaction::TooLarge(account.clone()));
            }
            if !accounts.insert(account) {
                return Err(InvalidTransaction::AccountTwice(account.clone()));
            }
            *sums.entry(account.currency()).or_default() += i128::from(*minor_units);
        }
        match sums.into_iter().find(|(_, sum)| *sum != 0) {
            Some((currency, difference)) => Err(InvalidTransaction::Unbalanced { currency, difference }),
            None => self.validate_held(),
        }
    }

    /// Whether it names what its kind must name, and nothing else.
    fn validate_names(&self) -> Result<(), InvalidTransaction> {
        let kind = self.kind;
        if [&self.corrects, &self.resolves]
            .into_iter()
            .flatten()
            .any(|named| *named == self.id)
        {
            return Err(InvalidTransaction::NamesItself);
        }
        match (kind.corrects(), &self.corrects) {
            (true, None) => return Err(InvalidTransaction::CorrectsNothing(kind)),
            (false, Some(_)) => return Err(InvalidTransaction::CannotCorrect(kind)),
            _ => {}
        }
        if kind.corrects() && self.reason.is_none() {
            return Err(InvalidTransaction::NoReason(kind));
        }
        match (kind.resolves(), &self.resolves) {
            (Some(_), None) => return Err(InvalidTransaction::ResolvesNothing(kind)),
            (None, Some(_)) => return Err(InvalidTransaction::CannotResolve(kind)),
            _ => {}
        }
        Ok(())
    }

    /// Checks that money that is set aside moves only by its two steps. So a broker's reserved balance is the sum of the reservations
    /// that are still open. A correction may do what it must.
    fn validate_held(&self) -> Result<(), InvalidTransaction> {
        let kind = self.kind;
        if kind == TransactionKind::Correction {
            return Ok(());
        }
        let held = self.held();
        let first_step = kind.resolves().is_none();
        let wrong = |account: &Account, units: i64| Some(account.kind()) != kind.holds() || (first_step && units > 0);
        if let Some((account, _)) = held.iter().find(|(account, units)| wrong(account, **units)) {
            let account = (*account).clone();
            return Err(InvalidTransaction::MovesHeld { account, kind });
        }
        if kind.holds().is_some() && held.is_empty() {
            return Err(InvalidTransaction::HoldsNothing(kind));
        }
        Ok(())
    }

    /// The amounts that this first step sets aside, by account.
    #[must_use]
    pub fn sets_aside(&self) -> Hold {
        // Accounts that hold are credit accounts: a credit sets aside, a debit takes out.
        let held = self.held().into_iter().filter(|(_, units)| *units < 0);
        Hold(held.map(|(account, units)| (account.clone(), -units)).collect())
    }

    /// Returns the rest of what `first` set aside once this second step has taken its part. `left` is what was left before. A second step
    /// takes all that is left or a part of it, and never more. The destination of the money is free, so one step can release a part and
    /// take another back.
    pub fn takes(&self, first: &Self, left: &Hold) -> Result<Hold, Mismatch> {
        if self.kind.resolves() != Some(first.kind) {
            return Err(Mismatch::Kind {
                second: self.kind,
                first: first.kind,
            });
        }
        let Hold(mut left) = left.clone();
        for (account, taken_minor_units) in self.held() {
            let held_minor_units = left.get(account).copied().unwrap_or(0);
            if taken_minor_units <= 0 || taken_minor_units > held_minor_units {
                return Err(Mismatch::Amount {
                    account: account.clone(),
                    held_minor_units,
                    taken_minor_units,
                });
            }
            if taken_minor_units == held_minor_units {
                left.remove(account);
            } else {
                left.insert(account.clone(), held_minor_units - taken_minor_units);
            }
        }
        Ok(Hold(left))
    }

    /// The amounts posted to accounts that hold.
    fn held(&self) -> BTreeMap<&Account, i64> {
        let held = self.postings.iter().filter(|posting| posting.account.kind().is_held());
        held.map(|posting| (&posting.account, posting.minor_units)).collect()
    }

    /// The hash of all of it, which every entry it makes carries.
    pub fn hash(&self) -> Result<Hash, CanonicalError> {
        canonical::hash(TAG, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{post, posting, reserve, transaction};

    #[test]
    fn a_sound_transaction_is_sound() {
        assert_eq!(reserve(1, 100).validate(), Ok(()));
        assert_eq!(post(1, 100).validate(), Ok(()));
        let first = reserve(1, 100);
        assert_eq!(post(1, 100).takes(&first, &first.sets_aside()), Ok(Hold::default()));
    }

    #[test]
    fn what_cannot_be_booked_is_refused_by_name() {
        use InvalidTransaction as No;
        let cash = || posting("network/00/cash/USD", 100);
        let revenue = || posting("network/00/revenue/USD", -100);
        let kind = TransactionKind::PaymentReceived;
        let with = |postings| transaction("a", kind, postings).validate();
        assert_eq!(with(vec![]), Err(No::TooFewPostings));
        assert_eq!(with(vec![cash()]), Err(No::TooFewPostings));
        let client = |n: usize| {
            let minor_units = if n.is_multiple_of(2) { 1 } else { -1 };
            posting(&format!("client/deal-{n}/receivable/USD"), minor_units)
        };
        assert_eq!(with((0..POSTINGS_MAX).map(client).collect()), Ok(()));
        assert_eq!(with(vec![cash(); POSTINGS_MAX + 1]), Err(No::TooManyPostings));
        let zero = posting("network/00/cash/USD", 0);
        assert_eq!(with(vec![zero.clone(), revenue()]), Err(No::ZeroPosting(zero.account)));
        let twice = vec![cash(), revenue(), cash()];
        assert_eq!(with(twice), Err(No::AccountTwice(cash().account)));
        let least = posting("network/00/cash/USD", i64::MIN);
        assert_eq!(with(vec![least.clone(), revenue()]), Err(No::TooLarge(least.account)));
        // The same number in two currencies is not the same money.
        let euro = posting("network/00/revenue/EUR", -100);
        let unbalanced = No::Unbalanced {
            currency: "EUR".parse().unwrap(),
            difference: -100,
        };
        assert_eq!(with(vec![cash(), euro]), Err(unbalanced));

        let mut nameless = transaction("a", TransactionKind::Reversal, vec![cash(), revenue()]);
        assert_eq!(nameless.validate(), Err(No::CorrectsNothing(nameless.kind)));
        nameless.corrects = "b".parse().ok();
        assert_eq!(nameless.validate(), Err(No::NoReason(nameless.kind)));
        nameless.reason = "Left on day 20".parse().ok();
        assert_eq!(nameless.validate(), Ok(()));
        nameless.corrects = "a".parse().ok();
        assert_eq!(nameless.validate(), Err(No::NamesItself));
        let mut correcting = transaction("a", kind, vec![cash(), revenue()]);
        correcting.corrects = "b".parse().ok();
        assert_eq!(correcting.validate(), Err(No::CannotCorrect(kind)));
        let mut resolving = transaction("a", kind, vec![cash(), revenue()]);
        resolving.resolves = "b".parse().ok();
        assert_eq!(resolving.validate(), Err(No::CannotResolve(kind)));
        let alone = transaction("a", TransactionKind::Void, vec![cash(), revenue()]);
        assert_eq!(alone.validate(), Err(No::ResolvesNothing(alone.kind)));
    }

    #[test]
    fn what_is_set_aside_moves_by_its_two_steps_only() {
        use InvalidTransaction as No;
        let mut past = reserve(1, 100);
        past.kind = TransactionKind::Refund;
        assert!(matches!(past.validate(), Err(No::MovesHeld { .. })));
        let mut backwards = reserve(1, 100);
        backwards
            .postings
            .iter_mut()
            .for_each(|posting| posting.minor_units *= -1);
        assert!(matches!(backwards.validate(), Err(No::MovesHeld { .. })));
        let mut nothing = reserve(1, 100);
        nothing.postings = vec![posting("network/00/cash/USD", 1), posting("network/00/revenue/USD", -1)];
        assert_eq!(nothing.validate(), Err(No::HoldsNothing(TransactionKind::Reserve)));
    }

    #[test]
    fn only_what_is_put_in_is_set_aside() {
        let set_aside = |minor_units| reserve(1, minor_units).sets_aside();
        assert_eq!(set_aside(100).0.into_values().collect::<Vec<_>>(), [100]);
        assert!(set_aside(0).is_over() && set_aside(-100).is_over());
    }

    #[test]
    fn second_steps_take_what_is_left_and_never_more() {
        let first = reserve(1, 100);
        let left = post(1, 60).takes(&first, &first.sets_aside()).unwrap();
        let units = |step: Transaction| step.takes(&first, &left);
        assert!(matches!(
            units(post(1, 41)),
            Err(Mismatch::Amount {
                held_minor_units: 40,
                taken_minor_units: 41,
                ..
            })
        ));
        assert!(matches!(units(post(1, -1)), Err(Mismatch::Amount { .. })));
        assert!(units(post(1, 40)).unwrap().is_over());
        assert!(matches!(units(reserve(2, 100)), Err(Mismatch::Kind { .. })));
    }
}
