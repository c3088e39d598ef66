//! Pays brokers what they may take.
//!
//! A schedule asks what is due, each payable becomes a message, and a worker pays it in two steps: the books say that money is on its way,
//! then the processor is asked under the payout's own id. Asked again, by another delivery or after a crash, the processor gives the first answer
//! and the books know the id, so nothing is paid twice. A payout whose end is not known stays open, and the next message for it asks again.
//! What was paid too much is taken back the same way, and what clients get back is sent to them. Once a day both sides are compared.

mod books;
mod fees;
mod reconcile;
mod refund;
mod reversal;
mod worker;

use std::sync::Arc;

use async_trait::async_trait;
use inventure_core::{DealId, TenantId};
use inventure_lambda::{batch::Failure, metrics};
use inventure_payments::Processor;
use inventure_store::{
    Ledger, Store,
    records::{ClientRefund, Payable, Record},
    table::Query,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Payables or refunds that are read at once, and how often: those that wait for their broker's account must not hide the others.
const PAGE: usize = 200;
const PAGES_MAX: usize = 20;

/// What the queue brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// The minute is over: see what is due.
    Plan {},
    /// Pay what a party of a deal may take, or take back what it was paid too much.
    Pay {
        /// The deal.
        deal: DealId,
        /// The party's tenant.
        tenant: TenantId,
    },
    /// Pay a client back.
    Refund {
        /// The deal.
        deal: DealId,
        /// The ledger's transaction.
        refund: String,
    },
    /// The day is over: compare both sides.
    Reconcile {},
}

/// The queue that the messages come from, to hand out more.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends a message.
    async fn send(&self, body: String) -> Result<(), Failure>;
}

/// Pays.
pub struct Payer {
    store: Store,
    ledger: Ledger,
    processor: Arc<dyn Processor>,
    queue: Arc<dyn Queue>,
}

impl Payer {
    /// A payer on a store that has the ledger table.
    #[must_use]
    pub fn new(store: Store, processor: Arc<dyn Processor>, queue: Arc<dyn Queue>) -> Self {
        Self {
            ledger: Ledger::new(store.clone()),
            store,
            processor,
            queue,
        }
    }

    /// Does what a message asks for.
    pub async fn handle(&self, message: &Message, now: Timestamp) -> Result<(), Failure> {
        match message {
            Message::Plan {} => self.plan(now).await,
            Message::Pay { deal, tenant } => self.pay(*deal, *tenant, now).await,
            Message::Refund { deal, refund } => self.refund(*deal, refund, now).await,
            Message::Reconcile {} => self.reconcile(now).await,
        }
    }

    /// Makes a message of everything that is due.
    async fn plan(&self, now: Timestamp) -> Result<(), Failure> {
        let payables: Vec<Payable> = self.all(Payable::SHARDS, Payable::partition).await?;
        let refunds: Vec<ClientRefund> = self.all(ClientRefund::SHARDS, ClientRefund::partition).await?;
        let payables = payables.iter().filter(|payable| payable.not_before <= now);
        let refunds = refunds.iter().filter(|refund| refund.not_before <= now);
        let messages = payables.map(|payable| Message::Pay {
            deal: payable.deal_id,
            tenant: payable.tenant_id,
        });
        let messages = messages.chain(refunds.map(|refund| Message::Refund {
            deal: refund.deal_id,
            refund: refund.refund_id.clone(),
        }));
        let mut due = 0;
        for message in messages {
            self.queue.send(serde_json::to_string(&message)?).await?;
            due += 1;
        }
        if due > 0 {
            tracing::info!(due, "payouts.planned");
        }
        Ok(())
    }

    /// The records of a few partitions, up to a bound that is far above what waits at one time.
    async fn all<R: Record>(&self, shards: u8, partition: impl Fn(u8) -> String) -> Result<Vec<R>, Failure> {
        let mut all = Vec::new();
        for shard in 0..shards {
            let mut query = Query {
                limit: PAGE,
                ..Query::table(partition(shard), "")
            };
            for _ in 0..PAGES_MAX {
                let page: Vec<R> = self.store.query(&query).await?;
                query.after = page.last().map(|record| record.key().sk);
                let is_last = page.len() < query.limit;
                all.extend(page);
                if is_last {
                    break;
                }
            }
        }
        Ok(all)
    }
}

/// Counts that something happened.
fn count(name: &str) {
    count_of(name, 1);
}

fn count_of(name: &str, times: usize) {
    let times = f64::from(u32::try_from(times).unwrap_or(u32::MAX));
    metrics::emit(&[("function", "payouts")], &[(name, metrics::Unit::Count, times)]);
}
