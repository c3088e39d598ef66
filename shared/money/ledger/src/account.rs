//! Accounts: whose money it is, what it is for, and in which currency.

use std::{fmt, str::FromStr};

use inventure_core::{Currency, TenantId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::Reference;

/// The network's accounts are kept in this many shards, so that two deals seldom wait for the same chain.
pub const SHARDS: u8 = 16;

/// The number of one of the network's parallel accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// The shard that holds what there is only one of: the guarantee reserve.
    pub const FIRST: Self = Self(0);

    /// A shard by its number, below [`SHARDS`].
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < SHARDS { Some(Self(number)) } else { None }
    }

    /// The shard of a deal, which is always the same. So the cash that a deal brought in is where it is paid out from.
    #[must_use]
    pub fn of(deal: &Reference) -> Self {
        let hash = crate::canonical::hash_text("inventure/shard/v1", deal.as_str());
        Self(hash.as_bytes()[0] % SHARDS)
    }
}

/// The owner of an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// An agency of brokers.
    Broker(TenantId),
    /// The client of a deal, by the deal: what is owed for one deal is no other deal's business.
    Client(Reference),
    /// The network itself.
    Network(Shard),
}

/// The side of the books on which an account grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Debits make it grow: what we have and what we are owed.
    Debit,
    /// Credits make it grow: what we owe and what we earned.
    Credit,
}

/// The purpose of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The debt of the client of a deal. Debit. May be negative: a client who paid too much, or is to be refunded, is owed.
    Receivable,
    /// Money that arrived at the processor or the bank. Debit. Never negative.
    Cash,
    /// The earnings of a broker that cannot be paid yet. The money is not received, or is still under guarantee. Credit. Never negative.
    Reserved,
    /// The money that a broker can be paid. Credit. Never negative: what it cannot cover becomes a [`Kind::Debt`].
    Available,
    /// The debt of a broker to the network after a fall-off. Debit. Never negative.
    Debt,
    /// The network's own share. Credit. May be negative where refunds of an old year exceed what is new.
    Revenue,
    /// The money that the network keeps to stand in when a broker cannot cover a fall-off. Credit. Never negative.
    GuaranteeReserve,
    /// The money that the guarantee reserve gets back as debts are paid: the other side of [`Kind::Debt`]. Credit. Never negative.
    Recoverable,
    /// Payouts that the processor was told and has not confirmed. Credit. Never negative.
    InTransit,
    /// The processor's fees: an expense of the network. Debit. May be negative where a fee of another shard was given back.
    Fees,
}

impl Kind {
    /// All kinds of accounts.
    pub const ALL: [Self; 10] = [
        Self::Receivable,
        Self::Cash,
        Self::Reserved,
        Self::Available,
        Self::Debt,
        Self::Revenue,
        Self::GuaranteeReserve,
        Self::Recoverable,
        Self::InTransit,
        Self::Fees,
    ];

    /// The name inside an account's text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receivable => "receivable",
            Self::Cash => "cash",
            Self::Reserved => "reserved",
            Self::Available => "available",
            Self::Debt => "debt",
            Self::Revenue => "revenue",
            Self::GuaranteeReserve => "guarantee-reserve",
            Self::Recoverable => "recoverable",
            Self::InTransit => "in-transit",
            Self::Fees => "fees",
        }
    }

    /// The side on which such an account grows.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::Receivable | Self::Cash | Self::Debt | Self::Fees => Side::Debit,
            Self::Reserved
            | Self::Available
            | Self::Revenue
            | Self::GuaranteeReserve
            | Self::Recoverable
            | Self::InTransit => Side::Credit,
        }
    }

    /// Whether its balance may be below zero.
    #[must_use]
    pub const fn may_be_negative(self) -> bool {
        matches!(self, Self::Receivable | Self::Revenue | Self::Fees)
    }

    /// Whether what is in it was set aside by a first step and waits for the second.
    #[must_use]
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Reserved | Self::InTransit)
    }

    /// Whether such an owner has such an account.
    const fn belongs_to(self, owner: &Owner) -> bool {
        match owner {
            Owner::Broker(_) => matches!(self, Self::Reserved | Self::Available | Self::Debt),
            Owner::Client(_) => matches!(self, Self::Receivable),
            Owner::Network(shard) => match self {
                Self::GuaranteeReserve => shard.0 == Shard::FIRST.0,
                Self::Cash | Self::Revenue | Self::Recoverable | Self::InTransit | Self::Fees => true,
                _ => false,
            },
        }
    }
}

/// An account of the ledger. Its text is its key everywhere: `broker/ten_…/available/USD`, `client/<deal>/receivable/JPY`,
/// `network/07/cash/KWD`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    owner: Owner,
    kind: Kind,
    currency: Currency,
}

/// The error for a text that is no account, or for an owner that has no account of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an account like broker/ten_…/available/USD")]
pub struct InvalidAccount;

impl Account {
    /// An account, where the owner may have one of the kind.
    pub fn new(owner: Owner, kind: Kind, currency: Currency) -> Result<Self, InvalidAccount> {
        if !kind.belongs_to(&owner) {
            return Err(InvalidAccount);
        }
        Ok(Self { owner, kind, currency })
    }

    /// A broker's account: [`Kind::Reserved`], [`Kind::Available`] or [`Kind::Debt`].
    pub fn broker(broker: TenantId, kind: Kind, currency: Currency) -> Result<Self, InvalidAccount> {
        Self::new(Owner::Broker(broker), kind, currency)
    }

    /// The account for the debt of the client of a deal.
    #[must_use]
    pub const fn receivable(deal: Reference, currency: Currency) -> Self {
        Self {
            owner: Owner::Client(deal),
            kind: Kind::Receivable,
            currency,
        }
    }

    /// The network's account for a deal: [`Kind::Cash`], [`Kind::Revenue`], [`Kind::Fees`], [`Kind::Recoverable`] and [`Kind::InTransit`] in the deal's
    /// shard, and the one [`Kind::GuaranteeReserve`].
    pub fn network(kind: Kind, currency: Currency, deal: &Reference) -> Result<Self, InvalidAccount> {
        let shard = match kind {
            Kind::GuaranteeReserve => Shard::FIRST,
            _ => Shard::of(deal),
        };
        Self::new(Owner::Network(shard), kind, currency)
    }

    /// The owner of the account.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The purpose of the account.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The currency of the account.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The change of the balance by a posting (debit above zero, credit below). `None` where it does not fit into 64 bits.
    #[must_use]
    pub const fn change(&self, posted_minor_units: i64) -> Option<i64> {
        match self.kind.side() {
            Side::Debit => Some(posted_minor_units),
            Side::Credit => posted_minor_units.checked_neg(),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Owner::Broker(broker) => write!(f, "broker/{broker}")?,
            Owner::Client(deal) => write!(f, "client/{deal}")?,
            Owner::Network(shard) => write!(f, "network/{:02}", shard.0)?,
        }
        write!(f, "/{}/{}", self.kind.name(), self.currency)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Account {
    type Err = InvalidAccount;

    fn from_str(text: &str) -> Result<Self, InvalidAccount> {
        let mut parts = text.split('/');
        let (Some(owner), Some(id), Some(kind), Some(currency), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidAccount);
        };
        let owner = match owner {
            "broker" => id.parse().ok().map(Owner::Broker),
            "client" => id.parse().ok().map(Owner::Client),
            "network" => id.parse().ok().and_then(Shard::new).map(Owner::Network),
            _ => None,
        };
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind);
        let account = Self::new(
            owner.ok_or(InvalidAccount)?,
            kind.ok_or(InvalidAccount)?,
            currency.parse().map_err(|_| InvalidAccount)?,
        )?;
        // One spelling per account, or two keys could name the same thing: `network/7` and `network/+07` are refused here.
        if account.to_string() == text {
            Ok(account)
        } else {
            Err(InvalidAccount)
        }
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::parsed(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROKER: &str = "broker/ten_0192f3a4b5c67d8e9fa0b1c2d3e4f506";

    #[test]
    fn an_account_reads_back_what_it_writes() {
        for text in [
            &format!("{BROKER}/available/USD"),
            &format!("{BROKER}/reserved/KWD"),
            &format!("{BROKER}/debt/JPY"),
            "client/deal-1/receivable/USD",
            "network/00/guarantee-reserve/USD",
            "network/15/cash/EUR",
            "network/07/in-transit/USD",
        ] {
            let account: Account = text.parse().unwrap();
            assert_eq!(account.to_string(), *text);
            let json = serde_json::to_string(&account).unwrap();
            assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), account);
        }
    }

    #[test]
    fn what_is_no_account_is_refused() {
        for text in [
            "",
            "broker/ten_1/available/USD",
            &format!("{BROKER}/available/XXX"),
            &format!("{BROKER}/available/usd"),
            &format!("{BROKER}/cash/USD"),
            &format!("{BROKER}/available/USD/"),
            &format!("{BROKER}/savings/USD"),
            "client//receivable/USD",
            "client/deal-1/cash/USD",
            "network/7/cash/USD",
            "network/+7/cash/USD",
            "network/16/cash/USD",
            "network/01/guarantee-reserve/USD",
            "network/00/available/USD",
        ] {
            assert_eq!(text.parse::<Account>(), Err(InvalidAccount), "{text}");
        }
    }

    #[test]
    fn a_deal_stays_in_its_shard_and_deals_spread() {
        let deal = |n: u32| format!("deal-{n}").parse::<Reference>().unwrap();
        assert_eq!(Shard::of(&deal(1)), Shard::of(&deal(1)));
        let shards: std::collections::BTreeSet<Shard> = (0..200).map(|n| Shard::of(&deal(n))).collect();
        assert_eq!(shards.len(), usize::from(SHARDS));
        // printf 'inventure/shard/v1\0deal-1' | sha256sum: f1, 35 and a0 are the first bytes.
        assert_eq!([1, 2, 3].map(|n| Shard::of(&deal(n))), [1, 5, 0].map(Shard));
    }

    #[test]
    fn the_deals_of_all_shards_have_one_guarantee_reserve() {
        for n in 1..=3 {
            let deal = format!("deal-{n}").parse().unwrap();
            let reserve = Account::network(Kind::GuaranteeReserve, Currency::USD, &deal).unwrap();
            assert_eq!(reserve.to_string(), "network/00/guarantee-reserve/USD");
        }
    }

    #[test]
    fn a_posting_changes_each_account_on_its_side() {
        let cash: Account = "network/00/cash/USD".parse().unwrap();
        let revenue: Account = "network/00/revenue/USD".parse().unwrap();
        assert_eq!((cash.change(5), revenue.change(5)), (Some(5), Some(-5)));
        assert_eq!(revenue.change(i64::MIN), None);
    }
}
