//! Compares the processor's record with the books, both ways, and keeps what differs.
//!
//! | looked at | must be |
//! |---|---|
//! | a transfer at the processor | a settled payout in the ledger, of the same amount, and as much of it taken back |
//! | a settled payout or a reversal in the ledger | the same at the processor |
//! | an event of the processor that says money came | taken in by the webhook |
//! | a payout or a refund that was begun | ended within a day |
//! | a fee at the processor | booked here, before the balances are compared |
//! | the platform's balance at the processor | the books' cash, with what is on its way |
//!
//! It goes step by step: an hour of the processor's list, a page of the books' entries, an hour of the processor's fees, at last what is
//! open and the balances. Each step is
//! written down with what it found, so a run that failed or was cut off goes on where it was. A step that fails again and again is
//! passed over, and that it was is a difference as well.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use inventure_lambda::batch::Failure;
use inventure_ledger::{Entry, Head, Kind, Posting, Reference, Transaction, TransactionKind};
use inventure_payments::{Transfer, Window, unit};
use inventure_store::{
    Change, Commit, Condition,
    records::{
        BalanceLine, ClientRefund, Difference, DifferenceKind, FoundDifference, OpenChargeback, PaidOut, Payable,
        PaymentEvent, Payout, Reconciliation, ReconciliationRun, Record, RunStage,
    },
    table::Query,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Message, Payer};

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

/// What is read of the processor's list in one step.
const SLICE: SignedDuration = SignedDuration::from_hours(1);

/// Entries of one step. Each may ask the processor.
const ENTRIES: usize = 50;

/// How long one message goes on, and its most steps; the next message goes on from there.
const RUN_FOR: Duration = Duration::from_secs(20);
const STEPS_MAX: usize = 300;

/// How often a step is tried before it is passed over.
const TRIES: u32 = 4;

/// Differences that are written at once.
const WRITTEN: usize = 50;

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
    /// Compares what came since the last time, and the balances as they are now, or goes on with what was begun.
    pub(crate) async fn reconcile(&self, now: Timestamp) -> Result<(), Failure> {
        let Some(mut run) = self.run(now).await? else {
            return Ok(());
        };
        let begun = Instant::now();
        for _ in 0..STEPS_MAX {
            if begun.elapsed() > RUN_FOR {
                break;
            }
            let mut found = Findings::default();
            let next = match self.step(&run, now, &mut found).await {
                Ok(next) => next,
                Err(error) if run.failures + 1 < TRIES => {
                    let failed = ReconciliationRun {
                        failures: run.failures + 1,
                        version: run.version + 1,
                        ..run.clone()
                    };
                    self.store.commit(Change::new().update(&failed, run.version)).await?;
                    return Err(error);
                }
                Err(error) => {
                    tracing::error!(stage = run.stage.name(), reached = %run.reached, %error, "payouts.not_compared");
                    found = Findings::default();
                    let place = format!("{} {}", run.stage.name(), run.reached);
                    found.add(DifferenceKind::Unchecked, &place, None, None);
                    self.passed_over(&run, now).await
                }
            };
            // The alarm hears of nothing being found as well: that it was compared at all.
            if !found.differences.is_empty() || matches!(next, Next::Over(_)) {
                crate::count_of("ReconciliationDifferences", found.differences.len());
            }
            match self.write_step(&run, next, found).await? {
                Some(next) => run = next,
                None => return Ok(()),
            }
        }
        self.send(&Message::Reconcile {}).await
    }

    /// The run that is on its way, or a new one; nothing where nothing came since the last.
    async fn run(&self, now: Timestamp) -> Result<Option<ReconciliationRun>, Failure> {
        let known: Option<ReconciliationRun> = self.store.get(&ReconciliationRun::place()).await?;
        if known.is_some() {
            return Ok(known);
        }
        let newest = Query {
            descending: true,
            limit: 1,
            ..Query::table(Reconciliation::PARTITION, "")
        };
        let last: Option<Reconciliation> = self.store.query(&newest).await?.pop();
        let from = last.as_ref().map_or(now - SETTLES - DAY, |last| last.until);
        let run = ReconciliationRun {
            from,
            until: now - SETTLES,
            reached: from,
            stage: RunStage::Processor,
            fees_from: last.as_ref().and_then(|last| last.fees_until),
            fees_missing_from: None,
            seen: last.map(|last| last.seen).unwrap_or_default(),
            compared: 0,
            differences: 0,
            failures: 0,
            version: 1,
        };
        // Comparisons are named by the second in which they end: one that ended with the last could never be written down.
        let begins = run.from.as_second() < run.until.as_second();
        if begins && !matches!(self.store.commit(Change::new().insert(&run)).await?, Commit::Done) {
            // Another worker was quicker.
            return Ok(None);
        }
        Ok(begins.then_some(run))
    }

    /// Does the next step of a run. What the run is after it, or the whole comparison where that was the last.
    async fn step(&self, run: &ReconciliationRun, now: Timestamp, found: &mut Findings) -> Result<Next, Failure> {
        match run.stage {
            RunStage::Processor => {
                let window = Window {
                    from: run.reached,
                    until: run.until.min(run.reached + SLICE),
                };
                for transfer in &self.processor.transfers_in(window).await? {
                    self.check_transfer(transfer, found).await?;
                }
                self.check_events(window, found).await?;
                Ok(Next::Step(after_slice(run, window.until)))
            }
            RunStage::Books => match self.page(run).await? {
                Some(entries) => {
                    let mut listed = HashMap::new();
                    for entry in &entries {
                        self.check_entry(entry, &mut listed, found).await?;
                    }
                    Ok(Next::Step(after_page(run, &entries)))
                }
                None => Ok(Next::Step(ReconciliationRun {
                    stage: RunStage::Fees,
                    ..run.clone()
                })),
            },
            RunStage::Fees => {
                let fees = self.book_fees(fees_slice(run, now)).await?;
                found.compared += fees.seen;
                Ok(Next::Step(after_fees(run, fees.missing_from, now)))
            }
            RunStage::Balances => {
                let pending = self.check_open(now, found).await?;
                Ok(Next::Over(self.check_balances(&pending, found).await?))
            }
        }
    }

    /// The run behind a step that cannot be done.
    async fn passed_over(&self, run: &ReconciliationRun, now: Timestamp) -> Next {
        match run.stage {
            RunStage::Processor => Next::Step(after_slice(run, run.until.min(run.reached + SLICE))),
            RunStage::Books => Next::Step(match self.page(run).await {
                Ok(Some(entries)) => after_page(run, &entries),
                // The page itself cannot be read.
                _ => ReconciliationRun {
                    stage: RunStage::Fees,
                    ..run.clone()
                },
            }),
            // The next run looks at this time again.
            RunStage::Fees => Next::Step(after_fees(run, Some(fees_slice(run, now).from), now)),
            RunStage::Balances => Next::Over(Vec::new()),
        }
    }

    /// Writes down what a step found, and that it is done. The run as it goes on; nothing where it is over, or another worker is at it.
    async fn write_step(
        &self,
        run: &ReconciliationRun,
        next: Next,
        found: Findings,
    ) -> Result<Option<ReconciliationRun>, Failure> {
        let compared = run.compared + found.compared;
        let differences = run.differences + u32::try_from(found.differences.len())?;
        let numbered = (run.differences..).zip(found.differences);
        let items = numbered.map(|(number, difference)| FoundDifference {
            until: run.until,
            number,
            difference,
        });
        let items: Vec<FoundDifference> = items.collect();
        for some in items.chunks(WRITTEN) {
            // Numbered from where the run stood: written again, they are the same items.
            let put = |change: Change, item: &FoundDifference| change.put(item, Condition::None);
            self.store.commit(some.iter().fold(Change::new(), put)).await?;
        }
        let (change, next) = match next {
            Next::Step(next) => {
                let next = ReconciliationRun {
                    compared,
                    differences,
                    failures: 0,
                    version: run.version + 1,
                    ..next
                };
                (Change::new().update(&next, run.version), Some(next))
            }
            Next::Over(balances) => {
                let record = Reconciliation {
                    from: run.from,
                    until: run.until,
                    compared,
                    differences: Vec::new(),
                    found: differences,
                    balances,
                    seen: run.seen.clone(),
                    fees_until: fees_until(run),
                };
                tracing::info!(compared, differences, "payouts.reconciled");
                let over = Change::new().delete(run.key(), Condition::Version(run.version));
                (over.insert(&record), None)
            }
        };
        match self.store.commit(change).await? {
            Commit::Done => Ok(next),
            _ => Ok(None),
        }
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

    /// The next entries of the cash accounts that were not looked at; nothing where all were.
    async fn page(&self, run: &ReconciliationRun) -> Result<Option<Vec<Entry>>, Failure> {
        for head in self.cash_heads().await? {
            let after = run.seen.get(&head.account.to_string()).copied().unwrap_or(0);
            if after < head.sequence {
                return Ok(Some(self.ledger.entries(&head.account, after, ENTRIES).await?));
            }
        }
        Ok(None)
    }

    /// What the books say was paid out or taken back: the processor has it. `listed` are the transfers of the deals that were asked for.
    async fn check_entry(
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

    /// Where the network's cash accounts stand.
    async fn cash_heads(&self) -> Result<Vec<Head>, Failure> {
        let heads = self.ledger.network_heads().await?;
        let cash = |head: &Head| head.account.kind() == Kind::Cash;
        Ok(heads.into_iter().filter(cash).collect())
    }
}

/// What a step came to.
enum Next {
    /// The run goes on.
    Step(ReconciliationRun),
    /// It is over, and these are the balances.
    Over(Vec<BalanceLine>),
}

/// The run once the processor's list was read up to a moment.
fn after_slice(run: &ReconciliationRun, reached: Timestamp) -> ReconciliationRun {
    ReconciliationRun {
        reached,
        stage: if reached < run.until {
            RunStage::Processor
        } else {
            RunStage::Books
        },
        ..run.clone()
    }
}

/// The moment from which the next run looks for fees. The processor may list one late, so a day is looked at twice.
fn fees_until(run: &ReconciliationRun) -> Option<Timestamp> {
    let seen = run.fees_from.map(|from| from - DAY);
    run.fees_missing_from.into_iter().chain(seen).min()
}

/// The time whose fees are booked next. Before fees were booked at all, none was. The last goes on beyond now, for what is taken meanwhile.
fn fees_slice(run: &ReconciliationRun, now: Timestamp) -> Window {
    match run.fees_from {
        None => Window {
            from: Timestamp::UNIX_EPOCH,
            until: run.from,
        },
        Some(from) if from + SLICE < now => Window {
            from,
            until: from + SLICE,
        },
        Some(from) => Window {
            from,
            until: now + SLICE,
        },
    }
}

/// The run once the fees of the next time were booked, as far as there was cash for them.
fn after_fees(run: &ReconciliationRun, missing_from: Option<Timestamp>, now: Timestamp) -> ReconciliationRun {
    let until = fees_slice(run, now).until;
    ReconciliationRun {
        stage: if until < now {
            RunStage::Fees
        } else {
            RunStage::Balances
        },
        fees_from: Some(until.min(now)),
        fees_missing_from: run.fees_missing_from.into_iter().chain(missing_from).min(),
        ..run.clone()
    }
}

/// The run once these entries were looked at.
fn after_page(run: &ReconciliationRun, entries: &[Entry]) -> ReconciliationRun {
    let mut next = run.clone();
    if let Some(last) = entries.last() {
        next.seen.insert(last.account.to_string(), last.sequence);
    }
    next
}
