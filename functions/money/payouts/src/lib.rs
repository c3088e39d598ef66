//! Pays brokers the money that they may take.
//!
//! A schedule asks what is due, each payable becomes a message, and a worker pays it in two steps. First the books say that money is on
//! its way, then the processor is asked under the payout's own id. Asked again, by another delivery or after a crash, the processor gives
//! the first answer and the books know the id, so nothing is paid twice. A payout whose end is not known stays open, and the next message
//! for it asks again. Money that was paid too much is taken back the same way, and refunds to clients are sent to them. Once a day both
//! sides are compared.

pub mod aws;
mod books;
mod claim;
mod fees;
mod reconcile;
mod refund;
mod reversal;
mod worker;

use std::sync::Arc;

use async_trait::async_trait;
use inventure_api::{batch::Failure, metrics};
use inventure_books::{
    Ledger, LedgerError,
    records::{ClientRefund, Payable},
};
use inventure_core::{DealId, TenantId};
use inventure_payments::Processor;
use inventure_table::{Pages, Record, Store, table::Query};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The number of records that are read at once.
const PAGE: usize = 200;

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// The minute is over: everything that is due becomes a message.
    Plan {},
    /// Pays a party of a deal what it may take, or takes back what it was paid too much.
    Pay {
        /// The deal of the payment.
        deal: DealId,
        /// The party's tenant.
        tenant: TenantId,
    },
    /// Pays a client back.
    Refund {
        /// The deal of the refund.
        deal: DealId,
        /// The ledger transaction of the refund.
        refund: String,
    },
    /// The day is over: both sides are compared.
    Reconcile {},
}

/// The queue that the messages come from, to which the payer sends more.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends a message to the queue.
    async fn send(&self, body: String) -> Result<(), Failure>;
}

/// The payer of brokers and of clients' refunds.
pub struct Payer {
    store: Store,
    ledger: Ledger,
    processor: Arc<dyn Processor>,
    queue: Arc<dyn Queue>,
}

impl Payer {
    /// Creates a payer on a store that has the ledger table.
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
            Message::Pay { deal, tenant } => match self.pay(*deal, *tenant, now).await {
                Err(error) if matches!(error.downcast_ref(), Some(LedgerError::Stale)) => {
                    tracing::info!(%deal, %tenant, "payouts.another_was_quicker");
                    Ok(())
                }
                done => done,
            },
            Message::Refund { deal, refund } => self.refund(*deal, refund, now).await,
            Message::Reconcile {} => self.reconcile(now).await,
        }
    }

    /// Sends a message for everything that is due. It goes page by page to the last: those that wait must not hide the others.
    async fn plan(&self, now: Timestamp) -> Result<(), Failure> {
        let mut due = 0;
        for shard in 0..Payable::SHARDS {
            let mut pages = self.pages(Payable::partition(shard));
            while let Some(page) = pages.next::<Payable>().await? {
                for payable in page.into_iter().filter(|payable| payable.not_before <= now) {
                    let (deal, tenant) = (payable.deal_id, payable.tenant_id);
                    self.send(&Message::Pay { deal, tenant }).await?;
                    due += 1;
                }
            }
        }
        for shard in 0..ClientRefund::SHARDS {
            let mut pages = self.pages(ClientRefund::partition(shard));
            while let Some(page) = pages.next::<ClientRefund>().await? {
                for waiting in page.into_iter().filter(|waiting| waiting.not_before <= now) {
                    let (deal, refund) = (waiting.deal_id, waiting.refund_id);
                    self.send(&Message::Refund { deal, refund }).await?;
                    due += 1;
                }
            }
        }
        if due > 0 {
            tracing::info!(due, "payouts.planned");
        }
        Ok(())
    }

    /// Returns the records of a partition, page by page.
    fn pages(&self, partition: String) -> Pages {
        let query = Query {
            limit: PAGE,
            ..Query::table(partition, "")
        };
        self.store.pages(query)
    }

    /// Returns all records of a few partitions.
    async fn all<R: Record>(&self, shards: u8, partition: impl Fn(u8) -> String) -> Result<Vec<R>, Failure> {
        let mut all = Vec::new();
        for shard in 0..shards {
            all.extend(self.pages(partition(shard)).rest::<R>().await?);
        }
        Ok(all)
    }

    async fn send(&self, message: &Message) -> Result<(), Failure> {
        self.queue.send(serde_json::to_string(message)?).await
    }
}

/// Counts one event in the metrics.
fn count(name: &str) {
    count_of(name, 1);
}

fn count_of(name: &str, times: usize) {
    let times = f64::from(u32::try_from(times).unwrap_or(u32::MAX));
    metrics::emit(&[("function", "payouts")], &[(name, metrics::Unit::Count, times)]);
}
