use inventure_core::{DealId, EventId, Money};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use inventure_table::{Key, Record};

/// An event of the payment processor, as it came. Written together with what it does, so it does it once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentEvent {
    /// The processor's id of it.
    pub event_id: String,
    /// Its type, e.g. `payment_intent.succeeded`.
    pub kind: String,
    /// The body, byte for byte.
    pub body: String,
    /// The outcome: `booked`, `ignored`, or the reason for a refusal.
    pub outcome: String,
    /// The time at which the event came.
    pub received_at: Timestamp,
}

impl PaymentEvent {
    /// The key of the event with this id.
    #[must_use]
    pub fn key_of(event_id: &str) -> Key {
        Key::new(format!("{}{event_id}", Self::PARTITION), "EVENT")
    }
}

impl Record for PaymentEvent {
    const ENTITY: &'static str = "payment_event";
    const PARTITION: &'static str = "PAYMENT_EVENT#";

    fn key(&self) -> Key {
        Self::key_of(&self.event_id)
    }
}

/// A payment of a client that was laid to a bill: what a refund can go back through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientPayment {
    /// The deal that the payment is for.
    pub deal_id: DealId,
    /// The number in its bill.
    pub invoice: String,
    /// The processor's id of the payment.
    pub payment_id: String,
    /// The amount that the client paid.
    pub amount: Money,
    /// The part that went back, or is on its way there, in minor units.
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

    /// The key of a payment of a deal, by the processor's id of it.
    #[must_use]
    pub fn key_of(deal: DealId, payment_id: &str) -> Key {
        Key::new(Self::partition(deal), payment_id)
    }

    /// The partition of a deal's payments.
    #[must_use]
    pub fn partition(deal: DealId) -> String {
        format!("{}{deal}", Self::PARTITION)
    }
}

impl Record for ClientPayment {
    const ENTITY: &'static str = "client_payment";
    const PARTITION: &'static str = "PAYMENT#";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, &self.payment_id)
    }
}

/// A refund that the books paid to a client and that the processor has still to make. Written by settlement with the ledger's
/// transaction, gone once all of it went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientRefund {
    /// The id of the ledger's transaction.
    pub refund_id: String,
    /// The deal whose client is paid back.
    pub deal_id: DealId,
    /// The number in its bill.
    pub invoice: String,
    /// The amount that has still to go back.
    pub left: Money,
    /// The number of times that the processor was asked for a part; also the number of the last part.
    pub number: u32,
    /// The part whose end is not known yet: the processor's payment, and how much of it in minor units.
    pub open: Option<(String, i64)>,
    /// The time at which the books paid it back.
    pub booked_at: Timestamp,
    /// The time until which it is left alone. Something is in the way.
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
        format!("{}{shard}", Self::PARTITION)
    }

    /// The partition of a deal's refunds, whose sort keys begin with the deal's id.
    #[must_use]
    pub fn partition_of(deal: DealId) -> String {
        Self::partition(deal.uuid().as_bytes()[15] % Self::SHARDS)
    }

    /// The key of this refund.
    #[must_use]
    pub fn key_of(deal: DealId, refund_id: &str) -> Key {
        Key::new(Self::partition_of(deal), refund_id)
    }
}

impl Record for ClientRefund {
    const ENTITY: &'static str = "client_refund";
    const PARTITION: &'static str = "REFUNDS#";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, &self.refund_id)
    }
}

/// The deal of a payment by the processor's id of it, and what the client's bank says about it. Written by the event that comes first: a
/// payment's event and a dispute's may come in either order.
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

    /// The key of the file of this payment.
    #[must_use]
    pub fn key_of(payment_id: &str) -> Key {
        Key::new(format!("{}{payment_id}", Self::PARTITION), "FILE")
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
    const PARTITION: &'static str = "PAYMENT_FILE#";

    fn key(&self) -> Key {
        Self::key_of(&self.payment_id)
    }
}

/// A chargeback that the processor has done and the books have not booked yet. Written with the deal's fact, gone once it is booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenChargeback {
    /// The deal whose payment was charged back.
    pub deal_id: DealId,
    /// The id of the deal's fact.
    pub fact_id: EventId,
    /// The amount that was charged back.
    pub amount: Money,
    /// The time at which the chargeback was told.
    pub told_at: Timestamp,
}

impl OpenChargeback {
    /// Partitions that they are spread over.
    pub const SHARDS: u8 = 4;

    /// A partition of the open chargebacks.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("{}{shard}", Self::PARTITION)
    }

    /// The key of the chargeback of this fact.
    #[must_use]
    pub fn key_of(deal: DealId, fact: EventId) -> Key {
        let shard = deal.uuid().as_bytes()[15] % Self::SHARDS;
        Key::new(Self::partition(shard), format!("{deal}#{fact}"))
    }
}

impl Record for OpenChargeback {
    const ENTITY: &'static str = "open_chargeback";
    const PARTITION: &'static str = "CHARGEBACKS#";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.fact_id)
    }
}

/// A failed refund that is due again. Written once, when it is first heard of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailedRefund {
    /// The processor's id of the refund.
    pub refund: String,
    /// The id that it was ordered with.
    pub order_id: String,
    /// The time at which the failure was heard of.
    pub heard_at: Timestamp,
}

impl FailedRefund {
    /// The key of the failure of this refund.
    #[must_use]
    pub fn key_of(refund: &str) -> Key {
        Key::new(format!("{}{refund}", Self::PARTITION), "FAILED")
    }
}

impl Record for FailedRefund {
    const ENTITY: &'static str = "failed_refund";
    const PARTITION: &'static str = "FAILED_REFUND#";

    fn key(&self) -> Key {
        Self::key_of(&self.refund)
    }
}
