//! Pays brokers what they may take.
//!
//! A schedule asks what is due, each payable becomes a message, and a worker pays it in two steps: the books say that money is on its way,
//! then the processor is asked under the payout's own id. Asked again, by another delivery or after a crash, the processor gives the first answer
//! and the books know the id, so nothing is paid twice. A payout whose end is not known stays open, and the next message for it asks again.

mod books;
mod worker;

use std::sync::Arc;

use async_trait::async_trait;
use inventure_core::{DealId, TenantId};
use inventure_lambda::batch::Failure;
use inventure_payments::Processor;
use inventure_store::{
    Ledger, Store,
    records::{Payable, Record},
    table::Query,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Payables that are read at once, and how often: those that wait for their broker's account must not hide the others.
const PAGE: usize = 200;
const PAGES_MAX: usize = 20;

/// What the queue brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// The minute is over: see what is due.
    Plan {},
    /// Pay what a party of a deal may take.
    Pay {
        /// The deal.
        deal: DealId,
        /// The party's tenant.
        tenant: TenantId,
    },
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
        }
    }

    /// Makes a message of every payable that is due.
    async fn plan(&self, now: Timestamp) -> Result<(), Failure> {
        let mut due = 0;
        for shard in 0..Payable::SHARDS {
            let mut query = Query {
                limit: PAGE,
                ..Query::table(Payable::partition(shard), "")
            };
            for _ in 0..PAGES_MAX {
                let payables: Vec<Payable> = self.store.query(&query).await?;
                for payable in payables.iter().filter(|payable| payable.not_before <= now) {
                    let message = Message::Pay {
                        deal: payable.deal_id,
                        tenant: payable.tenant_id,
                    };
                    self.queue.send(serde_json::to_string(&message)?).await?;
                    due += 1;
                }
                query.after = payables.last().map(|payable| payable.key().sk);
                if payables.len() < query.limit {
                    break;
                }
            }
        }
        if due > 0 {
            tracing::info!(due, "payouts.planned");
        }
        Ok(())
    }
}
