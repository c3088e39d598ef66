//! One deal as the ledger has it.

use inventure_core::TenantId;
use inventure_ledger::{
    Owner, Transaction, TransactionKind,
    summary::{Earned, Revenue, Tally, TooLarge},
};

use crate::{
    deal::{Deal, Invoice},
    fact::{Fact, What},
    party::Who,
    terms::Terms,
};

/// The amounts that were booked for a deal, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The amounts that the client was billed and paid.
    pub client: BookedClient,
    /// The amounts that each party got, in the order of the terms. Parties that left the terms after something was
    /// booked for them come last.
    pub parties: Vec<BookedParty>,
    /// The amounts that the network got.
    pub network: Revenue,
}

/// A party's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedParty {
    /// The party in the deal.
    pub who: Who,
    /// The agency that is the party.
    pub tenant: TenantId,
    /// The amounts that were booked. `reserved`, `available` and `owed` are what is left of this deal in the agency's
    /// accounts.
    pub earned: Earned,
}

/// The client's side. `billed - credited - received + refunded = outstanding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BookedClient {
    /// The sum of all bills.
    pub billed: i64,
    /// The amount that was taken off them.
    pub credited: i64,
    /// The amount that came in.
    pub received: i64,
    /// The amount that went back.
    pub refunded: i64,
    /// The amount that is still to come in; below zero where a refund is still to go out.
    pub outstanding: i64,
}

/// Adds up what was booked for a deal: its own bookings, and the payouts out of it, in any order.
pub fn booked(deal: &Deal, transactions: &[Transaction]) -> Result<Booked, TooLarge> {
    let terms = deal.facts().iter().rev().filter_map(terms_of);
    let all_terms: Vec<&Terms> = deal.terms().into_iter().chain(terms).collect();
    let mut booked = Booked {
        client: BookedClient::default(),
        parties: Vec::new(),
        network: Revenue::default(),
    };
    for party in deal.terms().map(|terms| terms.parties.as_slice()).unwrap_or_default() {
        booked.party(party.tenant, &all_terms);
    }
    for transaction in transactions {
        for posting in &transaction.postings {
            let change = posting.account.change(posting.minor_units).ok_or(TooLarge)?;
            let (account, kind) = (posting.account.kind(), transaction.kind);
            match posting.account.owner() {
                Owner::Broker(tenant) => {
                    if let Some(party) = booked.party(*tenant, &all_terms) {
                        party.earned.add(account, kind, change)?;
                    }
                }
                Owner::Network(_) => booked.network.add(account, kind, change)?,
                Owner::Client(_) => booked.client.add(kind, change)?,
            }
        }
    }
    booked.client.bill(deal, transactions)?;
    Ok(booked)
}

const fn terms_of(fact: &Fact) -> Option<&Terms> {
    match &fact.what {
        What::TermsProposed { terms } => Some(terms),
        _ => None,
    }
}

impl Booked {
    /// The line of an agency, a new one where it has none; `None` where no terms ever named it.
    fn party(&mut self, tenant: TenantId, terms: &[&Terms]) -> Option<&mut BookedParty> {
        if let Some(index) = self.parties.iter().position(|party| party.tenant == tenant) {
            return self.parties.get_mut(index);
        }
        let mut named = terms.iter().flat_map(|terms| &terms.parties);
        let party = named.find(|party| party.tenant == tenant)?;
        self.parties.push(BookedParty {
            who: Who::Party(party.id.clone()),
            tenant,
            earned: Earned::default(),
        });
        self.parties.last_mut()
    }
}

impl BookedClient {
    fn add(&mut self, kind: TransactionKind, change: i64) -> Result<(), TooLarge> {
        let sum = |to: i64, units: i64| to.checked_add(units).ok_or(TooLarge);
        self.outstanding = sum(self.outstanding, change)?;
        match kind {
            TransactionKind::PaymentReceived | TransactionKind::Chargeback => {
                self.received = sum(self.received, -change)?;
            }
            TransactionKind::Refund => self.refunded = sum(self.refunded, change)?,
            _ => {}
        }
        Ok(())
    }

    /// Finds the amounts that were billed and taken off. The books have the client's debt in all; a ruling that gives
    /// one side what another had passes through it as well. So the amount billed is the sum of the bills that were
    /// booked, and the change that is not explained by that and by money was taken off.
    fn bill(&mut self, deal: &Deal, transactions: &[Transaction]) -> Result<(), TooLarge> {
        let is_booked = |invoice: &&Invoice| {
            transactions.iter().any(|transaction| {
                let earns = matches!(transaction.kind, TransactionKind::Reserve | TransactionKind::NetworkFee);
                earns && transaction.occurred_at == invoice.counts_from
            })
        };
        let billed = |sum: i64, invoice: &Invoice| sum.checked_add(invoice.amount_minor_units);
        let mut booked = deal.invoices().iter().filter(is_booked);
        self.billed = booked.try_fold(0, billed).ok_or(TooLarge)?;
        let explained = [self.outstanding, self.received]
            .iter()
            .try_fold(0_i64, |sum, units| sum.checked_add(*units));
        let left = explained.and_then(|sum| sum.checked_sub(self.refunded));
        self.credited = left.and_then(|left| self.billed.checked_sub(left)).ok_or(TooLarge)?;
        Ok(())
    }
}
