//! Compares the processor's record with the books, both ways, and keeps what differs.
//!
//! | looked at | must be |
//! |---|---|
//! | a transfer at the processor | a settled payout in the ledger, of the same amount, and as much of it taken back |
//! | a settled payout or a reversal in the ledger | the same at the processor |
//! | an event of the processor that says money came | taken in by the webhook |
//! | a payout or a refund that was begun | ended within a day |
//! | a fee at the processor | booked here, before anything is compared |
//! | the platform's balance at the processor | the books' cash, with what is on its way |

use std::collections::{BTreeMap, HashMap};

use inventure_lambda::batch::Failure;
use inventure_ledger::{Entry, Head, Kind, Posting, Reference, Transaction, TransactionKind};
use inventure_payments::{Transfer, Window, unit};
use inventure_store::{
    Change,
    records::{
        BalanceLine, ClientRefund, Difference, DifferenceKind, OpenChargeback, PaidOut, Payable, PaymentEvent, Payout,
        Reconciliation,
    },
    table::Query,
};
use jiff::{SignedDuration, Timestamp};

use crate::Payer;

/// What the processor did so recently may not be booked yet, and is looked at the next time.
const SETTLES: SignedDuration = SignedDuration::from_hours(1);

/// How far the first reconciliation looks back, and after how long something that was begun should have ended.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The events that say that money came or went without our asking.
pub const MONEY_MOVED: [&str; 5] = [
    "payment_intent.succeeded",
    "topup.succeeded",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "refund.failed",
];

/// Entries of one run; the next goes on from there.
const ENTRIES_MAX: usize = 50_000;

/// How often balances are read until they agree: money may move between reading one side and the other.
const LOOKS: usize = 3;

/// What a transaction moves of the network's cash.
fn cash(booked: &Transaction) -> impl Iterator<Item = &Posting> {
    booked
        .postings
        .iter()
        .filter(|posting| posting.account.kind() == Kind::Cash)
}

/// How much cash it takes, in minor units.
fn paid_out(booked: &Transaction) -> i64 {
    -cash(booked).map(|posting| posting.minor_units).sum::<i64>()
}

/// What a run has found so far.
#[derive(Default)]
struct Findings {
    differences: Vec<Difference>,
    compared: u64,
}

impl Findings {
    fn add(&mut self, kind: DifferenceKind, id: &str, books: Option<i64>, processor: Option<i64>) {
        tracing::error!(kind = kind.name(), id, books, processor, "payouts.differs");
        self.differences.push(Difference {
            kind,
            id: id.to_owned(),
            books_minor_units: books,
            processor_minor_units: processor,
        });
    }

    fn compare(&mut self, kind: DifferenceKind, id: &str, books: Option<i64>, processor: Option<i64>) {
        self.compared += 1;
        if books != processor {
            self.add(kind, id, books, processor);
        }
    }
}

impl Payer {
    /// Compares what came since the last time, and the balances as they are now.
    pub(crate) async fn reconcile(&self, now: Timestamp) -> Result<(), Failure> {
        let newest = Query {
            descending: true,
            limit: 1,
            ..Query::table(Reconciliation::PARTITION, "")
        };
        let last: Option<Reconciliation> = self.store.query(&newest).await?.pop();
        let window = Window {
            from: last.as_ref().map_or(now - SETTLES - DAY, |last| last.until),
            until: now - SETTLES,
        };
        if window.from >= window.until {
            return Ok(());
        }
        let fees = Window {
            // Before fees were booked at all, none was.
            from: last
                .as_ref()
                .and_then(|last| last.fees_until)
                .unwrap_or(Timestamp::UNIX_EPOCH),
            until: now,
        };
        let fees_until = self.book_fees(fees).await?;
        let mut found = Findings::default();
        let transfers = self.processor.transfers_in(window).await?;
        for transfer in &transfers {
            self.check_transfer(transfer, &mut found).await?;
        }
        let seen = last.map(|last| last.seen).unwrap_or_default();
        let seen = self.check_books(seen, &transfers, &mut found).await?;
        self.check_events(window, &mut found).await?;
        let pending = self.check_open(now, &mut found).await?;
        let balances = self.check_balances(&pending, &mut found).await?;
        let differences = found.differences.len();
        let record = Reconciliation {
            from: window.from,
            until: window.until,
            compared: found.compared,
            differences: found.differences,
            balances,
            seen,
            fees_until: Some(fees_until),
        };
        self.store.commit(Change::new().insert(&record)).await?;
        tracing::info!(compared = found.compared, differences, "payouts.reconciled");
        crate::count_of("ReconciliationDifferences", differences);
        Ok(())
    }

    /// A transfer that the processor made: the books have it.
    async fn check_transfer(&self, transfer: &Transfer, found: &mut Findings) -> Result<(), Failure> {
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

    /// What the books say was paid out or taken back: the processor has it. Returns how far every account was read.
    async fn check_books(
        &self,
        mut seen: BTreeMap<String, u64>,
        transfers: &[Transfer],
        found: &mut Findings,
    ) -> Result<BTreeMap<String, u64>, Failure> {
        let listed: HashMap<&str, &Transfer> = transfers
            .iter()
            .filter_map(|transfer| Some((transfer.payout_id.as_deref()?, transfer)))
            .collect();
        let mut left = ENTRIES_MAX;
        for head in self.heads_of(Kind::Cash).await? {
            let account = head.account.to_string();
            let mut after = seen.get(&account).copied().unwrap_or(0);
            while after < head.sequence && left > 0 {
                let entries = self.ledger.entries(&head.account, after, left.min(1_000)).await?;
                let Some(last) = entries.last() else { break };
                after = last.sequence;
                left -= entries.len();
                for entry in &entries {
                    self.check_entry(entry, &listed, found).await?;
                }
            }
            seen.insert(account, after);
        }
        Ok(seen)
    }

    async fn check_entry(
        &self,
        entry: &Entry,
        listed: &HashMap<&str, &Transfer>,
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
                let mut made = listed.get(payout_id).map(|transfer| transfer.minor_units);
                if let (None, Some(deal)) = (made, &entry.deal) {
                    let all = self.processor.transfers_of(deal.as_str()).await?;
                    let own = |transfer: &&Transfer| transfer.payout_id.as_deref() == Some(payout_id);
                    made = all.iter().find(own).map(|transfer| transfer.minor_units);
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

    /// Events that say that money moved: the webhook took them in.
    async fn check_events(&self, window: Window, found: &mut Findings) -> Result<(), Failure> {
        for event in self.processor.events_in(&MONEY_MOVED, window).await? {
            let known: Option<PaymentEvent> = self.store.get(&PaymentEvent::key_of(&event.id)).await?;
            found.compared += 1;
            if known.is_none() {
                found.add(DifferenceKind::EventMissed, &event.id, None, None);
            }
        }
        Ok(())
    }

    /// What was begun long ago and has not ended. Returns by how much the processor may have more than the books have as cash, at least and at
    /// most, by currency.
    async fn check_open(&self, now: Timestamp, found: &mut Findings) -> Result<BTreeMap<String, (i64, i64)>, Failure> {
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

    /// The balance at the processor is the books' cash.
    async fn check_balances(
        &self,
        pending: &BTreeMap<String, (i64, i64)>,
        found: &mut Findings,
    ) -> Result<Vec<BalanceLine>, Failure> {
        let mut lines = Vec::new();
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
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
        for head in self.heads_of(Kind::Cash).await? {
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

    async fn heads_of(&self, kind: Kind) -> Result<Vec<Head>, Failure> {
        let heads = self.ledger.all_heads().await?;
        Ok(heads.into_iter().filter(|head| head.account.kind() == kind).collect())
    }
}
