//! The comparisons of a reconciliation, each of one side with the other.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use inventure_api::batch::Failure;
use inventure_books::records::{
    BalanceLine, ClientRefund, DifferenceKind, OpenChargeback, PaidOut, Payable, PaymentEvent, Payout,
    ReconciliationRun,
};
use inventure_ledger::{Entry, Head, Kind, Posting, Reference, Transaction, TransactionKind};
use inventure_payments::{Transfer, Window, unit};
use jiff::Timestamp;

use super::{DAY, Findings, MONEY_MOVED};
use crate::Payer;

/// The most entries of one step. Each may ask the processor.
const ENTRIES: usize = 50;

/// The number of times that balances are read until they agree. Money may move between reading one side and the other.
const LOOKS: usize = 3;

/// Lists the postings of a transaction to the network's cash.
fn cash(booked: &Transaction) -> impl Iterator<Item = &Posting> {
    booked
        .postings
        .iter()
        .filter(|posting| posting.account.kind() == Kind::Cash)
}

/// Returns the cash that a transaction takes, in minor units.
fn paid_out(booked: &Transaction) -> i64 {
    -cash(booked).map(|posting| posting.minor_units).sum::<i64>()
}

impl Payer {
    /// Checks a transfer of the processor against the books.
    pub(super) async fn check_transfer(&self, transfer: &Transfer, found: &mut Findings) -> Result<(), Failure> {
        let kind = DifferenceKind::Transfer;
        let Some(payout_id) = &transfer.payout_id else {
            found.compare(kind, &transfer.id, None, Some(transfer.minor_units));
            return Ok(());
        };
        let payout: Option<Payout> = self.store.get(&Payout::key_of(payout_id)).await?;
        let booked = match format!("{payout_id}:settled").parse::<Reference>() {
            Ok(id) => self.ledger.transaction(&id).await?,
            Err(_) => None,
        };
        let currency = booked
            .as_ref()
            .and_then(|booked| cash(booked).next())
            .map(|cash| cash.account.currency());
        let same = currency.is_some_and(|own| own.to_string().eq_ignore_ascii_case(&transfer.currency));
        let paid = booked.filter(|_| same).map(|booked| paid_out(&booked));
        found.compare(kind, &transfer.id, paid, Some(transfer.minor_units));
        let reversed = payout.map_or(0, |payout| payout.reversed_minor_units);
        found.compare(
            DifferenceKind::Reversal,
            &transfer.id,
            Some(reversed),
            Some(transfer.reversed_minor_units),
        );
        Ok(())
    }

    /// Returns the next entries of the cash accounts that were not looked at; `None` where all were.
    pub(super) async fn page(&self, run: &ReconciliationRun) -> Result<Option<Vec<Entry>>, Failure> {
        for head in self.cash_heads().await? {
            let after = run.seen.get(&head.account.to_string()).copied().unwrap_or(0);
            if after < head.sequence {
                return Ok(Some(self.ledger.entries(&head.account, after, ENTRIES).await?));
            }
        }
        Ok(None)
    }

    /// Checks a booked payout, or what was taken back of one, against the processor. `listed` are the transfers of the deals that were
    /// asked for.
    pub(super) async fn check_entry(
        &self,
        entry: &Entry,
        listed: &mut HashMap<String, Vec<Transfer>>,
        found: &mut Findings,
    ) -> Result<(), Failure> {
        let id = entry.transaction_id.as_str();
        match entry.kind {
            TransactionKind::PayoutSettled => {
                let booked = self.ledger.transaction(&entry.transaction_id).await?;
                // The cash may be of several accounts: the first stands for all.
                let booked =
                    booked.filter(|booked| cash(booked).next().is_some_and(|first| first.account == entry.account));
                let Some(booked) = booked else { return Ok(()) };
                let payout_id = id.trim_end_matches(":settled");
                let mut made = None;
                if let Some(deal) = &entry.deal {
                    if !listed.contains_key(deal.as_str()) {
                        let all = self.processor.transfers_of(deal.as_str()).await?;
                        listed.insert(deal.as_str().to_owned(), all);
                    }
                    let own = |transfer: &&Transfer| transfer.payout_id.as_deref() == Some(payout_id);
                    let mut all = listed.get(deal.as_str()).into_iter().flatten();
                    made = all.find(own).map(|transfer| transfer.minor_units);
                }
                found.compare(DifferenceKind::Transfer, payout_id, Some(paid_out(&booked)), made);
            }
            TransactionKind::DebtRepaid => {
                let reversal: Option<Payout> = self.store.get(&Payout::key_of(id)).await?;
                let transfer = reversal.and_then(|reversal| reversal.transfer_id).unwrap_or_default();
                let all = self.processor.reversals_of(&transfer).await?;
                let own = all.into_iter().find(|back| back.order_id.as_deref() == Some(id));
                let made = own.map(|back| back.minor_units);
                found.compare(DifferenceKind::Reversal, id, Some(entry.change_minor_units), made);
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks that the webhook took in the events of money that moved.
    pub(super) async fn check_events(&self, window: Window, found: &mut Findings) -> Result<(), Failure> {
        for event in self.processor.events_in(&MONEY_MOVED, window).await? {
            let known: Option<PaymentEvent> = self.store.get(&PaymentEvent::key_of(&event.id)).await?;
            found.compared += 1;
            if known.is_none() {
                found.add(DifferenceKind::EventMissed, &event.id, None, None);
            }
        }
        Ok(())
    }

    /// Finds payouts, refunds and chargebacks that were begun long ago and have not ended. Returns, by currency, by how much the
    /// processor may have more than the books have as cash, at least and at most.
    pub(super) async fn check_open(
        &self,
        now: Timestamp,
        found: &mut Findings,
    ) -> Result<BTreeMap<String, (i64, i64)>, Failure> {
        let mut pending: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let payables: Vec<Payable> = self.all(Payable::SHARDS, Payable::partition).await?;
        for payable in payables {
            let key = PaidOut::key_of(payable.deal_id, payable.tenant_id);
            let paid: Option<PaidOut> = self.store.get(&key).await?;
            let Some(open) = paid.and_then(|paid| paid.open) else {
                continue;
            };
            let payout: Option<Payout> = self.store.get(&Payout::key_of(&open)).await?;
            let Some(payout) = payout else { continue };
            let units = payout.amount.minor_units;
            let range = pending.entry(payout.amount.currency.to_string()).or_default();
            if payout.reverses.is_some() {
                range.1 += units;
            } else {
                range.0 -= units;
            }
            if payout.requested_at + DAY < now {
                found.add(DifferenceKind::Open, &open, Some(units), None);
            }
        }
        let refunds: Vec<ClientRefund> = self.all(ClientRefund::SHARDS, ClientRefund::partition).await?;
        for refund in refunds {
            let (units, open) = (refund.left.minor_units, refund.open.map_or(0, |(_, units)| units));
            let range = pending.entry(refund.left.currency.to_string()).or_default();
            range.0 += units - open;
            range.1 += units;
            // Less than the processor moves is owed, and waits for more.
            let can_go = unit::movable(units, refund.left.currency) > 0;
            if can_go && refund.booked_at + DAY < now {
                found.add(DifferenceKind::Open, &refund.refund_id, Some(units), None);
            }
        }
        let chargebacks: Vec<OpenChargeback> = self.all(OpenChargeback::SHARDS, OpenChargeback::partition).await?;
        for chargeback in chargebacks {
            let units = chargeback.amount.minor_units;
            let range = pending.entry(chargeback.amount.currency.to_string()).or_default();
            range.0 -= units;
            range.1 -= units;
            if chargeback.told_at + DAY < now {
                let id = format!("chargeback:{}", chargeback.fact_id);
                found.add(DifferenceKind::Open, &id, Some(units), None);
            }
        }
        Ok(pending)
    }

    /// Compares the balances at the processor with the books' cash.
    pub(super) async fn check_balances(
        &self,
        pending: &BTreeMap<String, (i64, i64)>,
        found: &mut Findings,
    ) -> Result<Vec<BalanceLine>, Failure> {
        let mut lines = Vec::new();
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            lines = self.balance_lines(pending).await?;
            if lines.iter().all(BalanceLine::agrees) {
                break;
            }
        }
        for line in &lines {
            found.compared += 1;
            if !line.agrees() {
                found.add(
                    DifferenceKind::Balance,
                    &line.currency,
                    Some(line.books_minor_units),
                    Some(line.processor_minor_units),
                );
            }
        }
        Ok(lines)
    }

    async fn balance_lines(&self, pending: &BTreeMap<String, (i64, i64)>) -> Result<Vec<BalanceLine>, Failure> {
        let mut cash: BTreeMap<String, i64> = BTreeMap::new();
        for head in self.cash_heads().await? {
            *cash.entry(head.account.currency().to_string()).or_default() += head.balance_minor_units;
        }
        let at_processor = self.processor.balances().await?;
        for currency in at_processor.keys() {
            cash.entry(currency.to_uppercase()).or_default();
        }
        let line = |(currency, books): (String, i64)| {
            let (least, most) = pending.get(&currency).copied().unwrap_or_default();
            BalanceLine {
                books_minor_units: books,
                least_minor_units: books + least,
                most_minor_units: books + most,
                processor_minor_units: at_processor
                    .get(&currency.to_lowercase())
                    .map_or(0, |balance| balance.total()),
                currency,
            }
        };
        Ok(cash.into_iter().map(line).collect())
    }

    /// Returns the heads of the network's cash accounts.
    async fn cash_heads(&self) -> Result<Vec<Head>, Failure> {
        let heads = self.ledger.network_heads().await?;
        let cash = |head: &Head| head.account.kind() == Kind::Cash;
        Ok(heads.into_iter().filter(cash).collect())
    }
}
