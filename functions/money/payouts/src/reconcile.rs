//! Compares the processor's record with the books, both ways, and records each difference.
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
//! It goes step by step: an hour of the processor's list, a page of the books' entries, an hour of the processor's fees. At last come the
//! balances and everything that is open. Each step is written down with what it found, so a run that failed or was cut off goes on where
//! it was. A step that fails again and again is passed over, and that is recorded as a difference as well.

mod checks;
mod run;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use inventure_api::batch::Failure;
use inventure_books::records::{BalanceLine, Difference, DifferenceKind, ReconciliationRun};
use inventure_table::Change;
use jiff::{SignedDuration, Timestamp};

use crate::{Message, Payer};

/// The newest span of time, which is left to the next comparison: its events may not be booked yet.
const SETTLES: SignedDuration = SignedDuration::from_hours(1);

/// The time that the first reconciliation looks back, and the time within which something that was begun should have ended.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The delay with which the processor may list a fee: that much time is looked at twice.
const FEES_LATE: SignedDuration = SignedDuration::from_hours(24);

/// The events of the processor by which money came or went without our asking.
pub const MONEY_MOVED: [&str; 5] = [
    "payment_intent.succeeded",
    "topup.succeeded",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "refund.failed",
];

/// The time for which one message goes on; it also ends after `STEPS_MAX` steps. The next message goes on from there.
const RUN_FOR: Duration = Duration::from_secs(20);
const STEPS_MAX: usize = 300;

/// The number of times that a step is tried before it is passed over.
const TRIES: u32 = 4;

/// The findings of a step.
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
    /// Compares the books with the processor since the last reconciliation, or goes on with a run that was begun. The balances are
    /// compared as they are now.
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
}

/// The result of a step.
enum Next {
    /// The run goes on with its next step.
    Step(ReconciliationRun),
    /// The run is over, and these are the balances.
    Over(Vec<BalanceLine>),
}
