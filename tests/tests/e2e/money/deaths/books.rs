//! The books as they lie in the table, and what they must be.

use std::collections::{BTreeMap, BTreeSet};

use inventure_books::Ledger;
use inventure_core::{Currency, TenantId};
use inventure_deals::{
    Deal, Reason, Who,
    booking::{Booking, bookings},
};
use inventure_ledger::{Account, Book, Entry, Head, Kind, Owner, Reference, Side, Transaction, TransactionKind};
use jiff::Timestamp;

/// All accounts of some currencies.
pub struct Books {
    pub heads: Vec<Head>,
    pub entries: BTreeMap<Account, Vec<Entry>>,
    pub transactions: BTreeMap<Reference, Transaction>,
}

impl Books {
    /// Reads the books. Nobody may be writing: it is no snapshot.
    pub async fn read(ledger: &Ledger, currencies: &[Currency]) -> Self {
        let mut heads = ledger.all_heads().await.unwrap();
        heads.retain(|head| currencies.contains(&head.account.currency()));
        let (mut entries, mut transactions) = (BTreeMap::new(), BTreeMap::new());
        for head in &heads {
            let account = &head.account;
            let mut all: Vec<Entry> = Vec::new();
            loop {
                let after = all.last().map_or(0, |entry| entry.sequence);
                let more = ledger.entries(account, after, 1_000).await.unwrap();
                if more.is_empty() {
                    break;
                }
                all.extend(more);
            }
            for id in all.iter().map(|entry| &entry.transaction_id) {
                if !transactions.contains_key(id) {
                    let found = ledger.transaction(id).await.unwrap();
                    transactions.insert(id.clone(), found.expect("an entry without its transaction"));
                }
            }
            entries.insert(account.clone(), all);
        }
        Self {
            heads,
            entries,
            transactions,
        }
    }

    /// Returns the balance of an account, in minor units.
    pub fn balance(&self, account: &Account) -> i64 {
        let head = self.heads.iter().find(|head| head.account == *account);
        head.map_or(0, |head| head.balance_minor_units)
    }

    /// Returns what the network has in all its accounts of a kind, in minor units.
    pub fn network(&self, kind: Kind, currency: Currency) -> i64 {
        let own = |head: &&Head| {
            let of_network = matches!(head.account.owner(), Owner::Network(_));
            of_network && head.account.kind() == kind && head.account.currency() == currency
        };
        self.heads.iter().filter(own).map(|head| head.balance_minor_units).sum()
    }

    /// Checks that every chain holds from its first entry, and that every head is where its chain ends. No balance is below zero that
    /// must not be.
    pub fn check_chains(&self) {
        for head in &self.heads {
            let mut at = Head::genesis(head.account.clone());
            for entry in &self.entries[&head.account] {
                at = entry
                    .check_after(&at)
                    .unwrap_or_else(|fault| panic!("{} {}: {fault}", head.account, entry.sequence));
            }
            assert_eq!(at, *head, "the head is where the chain ends");
        }
    }

    pub fn check_debits_equal_credits(&self, currency: Currency) {
        let sum = |side| -> i128 {
            let all = self.heads.iter().filter(|head| head.account.currency() == currency);
            let of_side = all.filter(|head| head.account.kind().side() == side);
            of_side.map(|head| i128::from(head.balance_minor_units)).sum()
        };
        assert_eq!(sum(Side::Debit), sum(Side::Credit), "{currency}");
    }

    /// Returns the transactions one after the other, such that each finds every account where it found it. Such an order is what makes
    /// booking at once as good as booking in turn.
    pub fn in_order(&self) -> Vec<&Transaction> {
        let mut places: BTreeMap<&Reference, Vec<(&Account, u64)>> = BTreeMap::new();
        for entry in self.entries.values().flatten() {
            let places = places.entry(&entry.transaction_id).or_default();
            places.push((&entry.account, entry.sequence));
        }
        let mut next: BTreeMap<&Account, u64> = self.entries.keys().map(|account| (account, 1)).collect();
        let mut ordered = Vec::new();
        while !places.is_empty() {
            let free = |(_, places): &(&&Reference, &Vec<(&Account, u64)>)| {
                places.iter().all(|(account, sequence)| next[account] == *sequence)
            };
            let found = places.iter().find(free).map(|(id, _)| *id);
            let id = found.unwrap_or_else(|| panic!("no order gives these chains: {places:?}"));
            for (account, sequence) in places.remove(id).unwrap_or_default() {
                next.insert(account, sequence + 1);
            }
            ordered.push(&self.transactions[id]);
        }
        ordered
    }

    /// Checks that the books are what a ledger in memory comes to, to the last hash. The ledger is told the same in turn. It is told
    /// the bookings that the rules give for the deals' facts, each once and none left out, and payouts.
    pub fn check_against_model(&self, deals: &[(Deal, Timestamp)], own: &Reference) {
        let mut due: BTreeMap<Reference, Booking> = BTreeMap::new();
        for (deal, end) in deals {
            let all = bookings(deal, *end).unwrap();
            due.extend(all.into_iter().map(|booking| (booking.id().clone(), booking)));
        }
        let mut model = Book::default();
        for booked in self.in_order() {
            match due.remove(&booked.id) {
                Some(booking) => assert_eq!(*booked, of_rules(&booking, booked), "what the rules say"),
                None => assert!(is_payout(booked) || booked.id == *own, "nobody asked for {booked:?}"),
            }
            model
                .apply(booked)
                .unwrap_or_else(|error| panic!("{}: {error}", booked.id));
        }
        assert!(due.is_empty(), "never booked: {:?}", due.keys());
        for (account, entries) in &self.entries {
            assert_eq!(model.entries(account), entries, "{account}");
        }
        assert_eq!(model.heads().count(), self.heads.len());
    }

    /// The payouts: their first steps.
    pub fn payouts(&self) -> impl Iterator<Item = &Transaction> {
        let all = self.transactions.values();
        all.filter(|booked| booked.kind == TransactionKind::Payout)
    }
}

/// Returns a booking as the rules give it. The rules leave open how much of what is taken from balances is there and how much is owed,
/// and from which cash a refund comes: that depends on the moment. There the balances are taken from what was booked, so that all else,
/// and the sums, must be as the rules say.
fn of_rules(booking: &Booking, booked: &Transaction) -> Transaction {
    let taken = |account: &Account| {
        let posting = booked.postings.iter().find(|posting| posting.account == *account);
        posting.map_or(0, |posting| posting.minor_units.abs())
    };
    booking.transaction(taken).unwrap()
}

fn is_payout(booked: &Transaction) -> bool {
    use TransactionKind::{DebtRepaid, Payout, PayoutSettled};
    matches!(booked.kind, Payout | PayoutSettled | DebtRepaid)
}

/// The sums of what everybody has. They are added up from the movements of money that the rules give, in no order and without any
/// booking.
#[derive(Default)]
pub struct Sums {
    pub cash: i64,
    pub refunded: i64,
    pub revenue: i64,
    pub receivable: BTreeMap<Reference, i64>,
    pub reserved: BTreeMap<TenantId, i64>,
    /// The brokers' money that was released and not taken back.
    pub theirs: BTreeMap<TenantId, i64>,
}

impl Sums {
    pub fn of(deals: &[(Deal, Timestamp)], currency: Currency) -> Self {
        let mut sums = Self::default();
        for (deal, end) in deals {
            let terms = deal.terms().unwrap();
            if terms.currency != currency {
                continue;
            }
            let receivable = sums
                .receivable
                .entry(deal.id().to_string().parse().unwrap())
                .or_default();
            for movement in deal.settle().unwrap().due(*end) {
                let units = movement.amount.minor_units;
                let party = match &movement.who {
                    Who::Party(party) => terms.party(party).map(|party| party.tenant),
                    _ => None,
                };
                let (owed, reserved, theirs, cash) = match movement.why {
                    Reason::Earned => (units, units, 0, 0),
                    Reason::Received => (-units, 0, 0, units),
                    Reason::Released => (0, -units, units, 0),
                    Reason::TakenBackReserved => (-units, -units, 0, 0),
                    Reason::TakenBackPayable => (-units, 0, -units, 0),
                    Reason::Refunded | Reason::ChargedBack => (units, 0, 0, -units),
                };
                *receivable += owed;
                sums.cash += cash;
                sums.refunded += if movement.why == Reason::Refunded { units } else { 0 };
                match party {
                    Some(tenant) => {
                        *sums.reserved.entry(tenant).or_default() += reserved;
                        *sums.theirs.entry(tenant).or_default() += theirs;
                    }
                    // The network's own share is its own from the start.
                    None => sums.revenue += reserved + theirs,
                }
            }
        }
        sums
    }
}

/// The accounts that a deal's parties can have.
pub fn tenants(deals: &[(Deal, Timestamp)]) -> BTreeSet<TenantId> {
    let terms = deals.iter().filter_map(|(deal, _)| deal.terms());
    terms
        .flat_map(|terms| terms.parties.iter().map(|party| party.tenant))
        .collect()
}
