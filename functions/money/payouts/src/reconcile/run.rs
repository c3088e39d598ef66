//! The steps of a reconciliation, and the record of its progress.

use std::collections::HashMap;

use inventure_api::batch::Failure;
use inventure_books::records::{FoundDifference, Reconciliation, ReconciliationRun, RunStage};
use inventure_ledger::Entry;
use inventure_payments::Window;
use inventure_table::{Change, Commit, Condition, Record, table::Query};
use jiff::{SignedDuration, Timestamp};

use super::{DAY, FEES_LATE, Findings, Next, SETTLES};
use crate::Payer;

/// The time covered by one step.
const SLICE: SignedDuration = SignedDuration::from_hours(1);

/// The number of differences that are written at once.
const WRITTEN: usize = 50;

impl Payer {
    /// Returns the run that is on its way, or a new one. `None` where nothing came since the last, or where another worker began a run.
    pub(super) async fn run(&self, now: Timestamp) -> Result<Option<ReconciliationRun>, Failure> {
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
        // Comparisons are named by the second in which they end: one that ended with another could never be written down.
        if run.from.as_second() >= run.until.as_second() {
            return Ok(None);
        }
        let change = Change::new().insert(&run);
        let change = change.check(Reconciliation::key_of(run.until), Condition::Absent);
        match self.store.commit(change).await? {
            Commit::Done => Ok(Some(run)),
            // Another worker was quicker.
            _ => Ok(None),
        }
    }

    /// Does the next step of a run. Returns the run after it, or the balances where that was the last.
    pub(super) async fn step(
        &self,
        run: &ReconciliationRun,
        now: Timestamp,
        found: &mut Findings,
    ) -> Result<Next, Failure> {
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

    /// Returns the run behind a step that cannot be done.
    pub(super) async fn passed_over(&self, run: &ReconciliationRun, now: Timestamp) -> Next {
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
            // None was ever looked at, so that the next run begins with the whole list again.
            RunStage::Fees if run.fees_from.is_none() => Next::Step(ReconciliationRun {
                stage: RunStage::Balances,
                ..run.clone()
            }),
            // The next run looks at this time again.
            RunStage::Fees => Next::Step(after_fees(run, Some(fees_slice(run, now).from), now)),
            RunStage::Balances => Next::Over(Vec::new()),
        }
    }

    /// Writes down what a step found, and that it is done. Returns the run as it goes on; `None` where it is over, or another worker is
    /// at it.
    pub(super) async fn write_step(
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
        if let Commit::Done = self.store.commit(change).await? {
            return Ok(next);
        }
        self.drop_if_written(run).await?;
        Ok(None)
    }

    /// Removes a run whose comparison is written down already: it could never end. Versions before this began such runs.
    async fn drop_if_written(&self, run: &ReconciliationRun) -> Result<(), Failure> {
        let written: Option<Reconciliation> = self.store.get(&Reconciliation::key_of(run.until)).await?;
        if written.is_some() {
            let over = Change::new().delete(run.key(), Condition::Version(run.version));
            self.store.commit(over).await?;
            tracing::warn!(until = %run.until, "payouts.compared_before");
        }
        Ok(())
    }
}

/// Returns the run once the processor's list was read up to a moment.
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

/// Returns the time from which the next run looks for fees.
fn fees_until(run: &ReconciliationRun) -> Option<Timestamp> {
    let seen = run.fees_from.map(|from| from - FEES_LATE);
    run.fees_missing_from.into_iter().chain(seen).min()
}

/// Returns the time whose fees are booked next. Before any fees were booked, it is all the time up to the run's `from`. The last window
/// goes on beyond now, for what is taken meanwhile.
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

/// Returns the run once the fees of the next time were booked, as far as there was cash for them.
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

/// Returns the run once these entries were looked at.
fn after_page(run: &ReconciliationRun, entries: &[Entry]) -> ReconciliationRun {
    let mut next = run.clone();
    if let Some(last) = entries.last() {
        next.seen.insert(last.account.to_string(), last.sequence);
    }
    next
}
