use inventure_core::{DealId, EventId, Money};
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
    /// The part that the client's bank has taken back, in minor units.
    #[serde(default)]
    pub charged_back_minor_units: i64,
    /// Grows by one with every write.
    pub version: u64,
}

impl ClientPayment {
    /// The part that a refund can still go back through, in minor units.
    #[must_use]
    pub const fn refundable(&self) -> i64 {
        self.amount.minor_units - self.refunded_minor_units - self.charged_back_minor_units
    }

    /// What the sort keys of a deal's payments begin with.
    pub const PREFIX: &'static str = "PAYMENT#";

    /// Where a payment of a deal is stored, by the processor's id of it.
    #[must_use]
    pub fn key_of(deal: DealId, payment_id: &str) -> Key {
        Key::new(Self::partition(deal), format!("{}{payment_id}", Self::PREFIX))
    }

    /// The partition of a deal's payments.
    #[must_use]
    pub fn partition(deal: DealId) -> String {
        format!("DEAL#{deal}")
    }
}

impl Record for ClientPayment {
    const ENTITY: &'static str = "client_payment";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, &self.payment_id)
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

    /// The partition of a deal's refunds, whose sort keys begin with the deal's id.
    #[must_use]
    pub fn partition_of(deal: DealId) -> String {
        Self::partition(deal.uuid().as_bytes()[15] % Self::SHARDS)
    }

    /// Where this refund is stored.
    #[must_use]
    pub fn key_of(deal: DealId, refund_id: &str) -> Key {
        Key::new(Self::partition_of(deal), refund_id)
    }
}

impl Record for ClientRefund {
    const ENTITY: &'static str = "client_refund";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, &self.refund_id)
    }
}

/// The deal of a payment by the processor's id of it, and what the client's bank says about it. Written by whoever comes first: a payment's
/// event and a dispute's may come in either order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentFile {
    /// The processor's id of the payment.
    pub payment_id: String,
    /// The deal and the number in its bill; nothing while the payment is applied to none.
    pub applied_to: Option<(DealId, String)>,
    /// The disputes about it.
    pub disputes: Vec<PaymentDispute>,
    /// Grows by one with every write.
    pub version: u64,
}

/// A dispute of a client's bank about a payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentDispute {
    /// The processor's id of it.
    pub dispute_id: String,
    /// The amount that is disputed.
    pub amount: Money,
    /// Whether the money was taken.
    pub is_withdrawn: bool,
    /// Whether it was given back.
    pub is_reinstated: bool,
}

impl PaymentFile {
    /// The most disputes about one payment that are kept.
    pub const DISPUTES_MAX: usize = 50;

    /// A payment of which nothing is known yet.
    #[must_use]
    pub const fn new(payment_id: String) -> Self {
        Self {
            payment_id,
            applied_to: None,
            disputes: Vec::new(),
            version: 0,
        }
    }

    /// Where the file of this payment is stored.
    #[must_use]
    pub fn key_of(payment_id: &str) -> Key {
        Key::new(format!("PAYMENT_FILE#{payment_id}"), "FILE")
    }

    /// The part of the payment that is taken back now, in minor units.
    #[must_use]
    pub fn charged_back(&self) -> i64 {
        let taken = |dispute: &&PaymentDispute| dispute.is_withdrawn && !dispute.is_reinstated;
        let amounts = self.disputes.iter().filter(taken);
        amounts.map(|dispute| dispute.amount.minor_units).sum()
    }
}

impl Record for PaymentFile {
    const ENTITY: &'static str = "payment_file";

    fn key(&self) -> Key {
        Self::key_of(&self.payment_id)
    }
}

/// A chargeback that the processor has done and the books have not: written with the deal's fact, gone once it is booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenChargeback {
    /// The deal.
    pub deal_id: DealId,
    /// The deal's fact.
    pub fact_id: EventId,
    /// How much.
    pub amount: Money,
    /// When it was told.
    pub told_at: Timestamp,
}

impl OpenChargeback {
    /// Partitions that they are spread over.
    pub const SHARDS: u8 = 4;

    /// A partition of the open chargebacks.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("CHARGEBACKS#{shard}")
    }

    /// Where the chargeback of this fact is stored.
    #[must_use]
    pub fn key_of(deal: DealId, fact: EventId) -> Key {
        let shard = deal.uuid().as_bytes()[15] % Self::SHARDS;
        Key::new(Self::partition(shard), format!("{deal}#{fact}"))
    }
}

impl Record for OpenChargeback {
    const ENTITY: &'static str = "open_chargeback";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.fact_id)
    }
}

/// A failed refund that is due again. Written once, by whoever hears of it first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailedRefund {
    /// The processor's id of the refund.
    pub refund: String,
    /// The id that it was ordered with.
    pub order_id: String,
    /// When it was heard of.
    pub heard_at: Timestamp,
}

impl FailedRefund {
    /// Where the failure of this refund is stored.
    #[must_use]
    pub fn key_of(refund: &str) -> Key {
        Key::new(format!("FAILED_REFUND#{refund}"), "FAILED")
    }
}

impl Record for FailedRefund {
    const ENTITY: &'static str = "failed_refund";

    fn key(&self) -> Key {
        Self::key_of(&self.refund)
    }
}
