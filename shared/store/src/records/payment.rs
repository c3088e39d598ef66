use inventure_core::{DealId, Money};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::table::Key;

/// An event of the payment processor, as it came. Written together with what it does, so it does it once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentEvent {
    /// The processor's id of it.
    pub event_id: String,
    /// Its type, e.g. `payment_intent.succeeded`.
    pub kind: String,
    /// The body, byte for byte.
    pub body: String,
    /// What became of it: `booked`, `ignored`, or why it was refused.
    pub outcome: String,
    /// When it came.
    pub received_at: Timestamp,
}

impl PaymentEvent {
    /// Where the event of this id is stored.
    #[must_use]
    pub fn key_of(event_id: &str) -> Key {
        Key::new(format!("PAYMENT_EVENT#{event_id}"), "EVENT")
    }
}

impl Record for PaymentEvent {
    const ENTITY: &'static str = "payment_event";

    fn key(&self) -> Key {
        Self::key_of(&self.event_id)
    }
}

/// A payment of a client that was laid to a bill: what a refund can go back through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientPayment {
    /// The deal.
    pub deal_id: DealId,
    /// The number in its bill.
    pub invoice: String,
    /// The processor's id of the payment.
    pub payment_id: String,
    /// How much.
    pub amount: Money,
    /// What of it went back, or is on its way there, in minor units.
    pub refunded_minor_units: i64,
    /// Grows by one with every write.
    pub version: u64,
}

impl ClientPayment {
    /// What the sort keys of a deal's payments begin with.
    pub const PREFIX: &'static str = "PAYMENT#";

    /// The partition of a deal's payments.
    #[must_use]
    pub fn partition(deal: DealId) -> String {
        format!("DEAL#{deal}")
    }
}

impl Record for ClientPayment {
    const ENTITY: &'static str = "client_payment";

    fn key(&self) -> Key {
        let sort = format!("{}{}", Self::PREFIX, self.payment_id);
        Key::new(Self::partition(self.deal_id), sort)
    }
}

/// What the books paid back to a client, as far as the processor has still to do it: written by settlement with the ledger's transaction, gone
/// once all of it went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientRefund {
    /// The ledger's transaction.
    pub refund_id: String,
    /// The deal.
    pub deal_id: DealId,
    /// The number in its bill.
    pub invoice: String,
    /// What has still to go back.
    pub left: Money,
    /// How often the processor was asked for a part; the number of the last.
    pub number: u32,
    /// The part whose end is not known yet: the processor's payment, and how much of it in minor units.
    pub open: Option<(String, i64)>,
    /// When the books paid it back.
    pub booked_at: Timestamp,
    /// Not before this: something is in the way.
    pub not_before: Timestamp,
    /// Grows by one with every write.
    pub version: u64,
}

impl ClientRefund {
    /// Partitions that the refunds are spread over.
    pub const SHARDS: u8 = 4;

    /// A partition of the refunds.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("REFUNDS#{shard}")
    }

    /// Where this refund is stored.
    #[must_use]
    pub fn key_of(deal: DealId, refund_id: &str) -> Key {
        let shard = deal.uuid().as_bytes()[15] % Self::SHARDS;
        Key::new(Self::partition(shard), refund_id)
    }
}

impl Record for ClientRefund {
    const ENTITY: &'static str = "client_refund";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, &self.refund_id)
    }
}
