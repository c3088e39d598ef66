//! The payment processor (Stripe Connect: separate charges and transfers) as the functions see it: a port, its adapter, its signatures.
//!
//! **Architecture Invariant:** nothing that moves money is asked of the processor without an idempotency key that says what it is for, and an
//! answer that did not come is never taken for a no.

pub mod signature;
mod stripe;
pub mod unit;

use std::collections::BTreeMap;

use async_trait::async_trait;
use inventure_core::Money;
use jiff::Timestamp;

pub use stripe::{Stripe, WrongKey};

/// A transfer to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferOrder {
    /// The id of the payout that it pays. The processor sees it once, however often it is asked.
    pub payout_id: String,
    /// The deal, by which the processor's list can be searched.
    pub deal_id: String,
    /// The connected account.
    pub account: String,
    /// The amount to transfer.
    pub amount: Money,
}

/// A transfer that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The processor's id of it.
    pub id: String,
    /// The id of the payout that it paid.
    pub payout_id: Option<String>,
    /// The connected account.
    pub account: String,
    /// The amount, in the books' minor units. It is as the processor writes it where the books do not know the currency.
    pub minor_units: i64,
    /// The part that was taken back since, in the same unit.
    pub reversed_minor_units: i64,
    /// The currency, as the processor writes it.
    pub currency: String,
}

/// Money to take back, of a transfer or of a client's payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackOrder {
    /// The id that says what it is for. The processor sees it once, however often it is asked.
    pub id: String,
    /// The processor's id of the transfer or payment that it takes back of.
    pub of: String,
    /// The amount to take back, in the currency of the transfer or payment.
    pub amount: Money,
}

/// Money that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// The processor's id of it.
    pub id: String,
    /// The id it was ordered with.
    pub order_id: Option<String>,
    /// The amount that was taken back, in minor units.
    pub minor_units: i64,
    /// Whether it moved no money after all: the client's bank sent it back.
    pub is_failed: bool,
}

/// The platform's balance in one currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// The part that can be moved now.
    pub available: i64,
    /// The part that clients have paid and that cannot be moved yet.
    pub pending: i64,
}

impl Balance {
    /// Both parts; the books count money from the moment it was paid.
    #[must_use]
    pub const fn total(self) -> i64 {
        self.available.saturating_add(self.pending)
    }

    /// Whether an amount is there, and a part of it cannot be moved yet.
    #[must_use]
    pub const fn is_pending_for(self, minor_units: i64) -> bool {
        self.available < minor_units && self.total() >= minor_units
    }
}

/// A fee that the processor kept or took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// The processor's id of the change of the balance.
    pub id: String,
    /// The amount of the fee; below zero where a fee was given back.
    pub amount: Money,
    /// The time at which it was taken.
    pub taken_at: Timestamp,
}

/// An event that the processor has sent, or wanted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The processor's id of it.
    pub id: String,
    /// The type of the event.
    pub kind: String,
}

/// A window of time: from a moment on, and before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first moment of the window.
    pub from: Timestamp,
    /// The end of the window, exclusive.
    pub until: Timestamp,
}

/// A broker's account at the processor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedAccount {
    /// The processor's id of it.
    pub id: String,
    /// Whether transfers reach it now: the processor has all that it asks of the broker.
    pub is_ready: bool,
}

/// The code of a processor that has too little to move.
pub const BALANCE_INSUFFICIENT: &str = "balance_insufficient";

/// The reason for which the processor did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProcessorError {
    /// It will not, and said so: nothing has happened.
    #[error("the processor declines: {code}: {message}")]
    Declined {
        /// The processor's code for the reason.
        code: String,
        /// The processor's words for the reason.
        message: String,
    },
    /// It did not answer, or not so that one could know. It may have happened.
    #[error("the processor gave no answer that could be relied on: {0}")]
    Unknown(String),
}

/// The calls to the payment processor. A call that moves money gives the first answer again where it is made again with the same id. The
/// processor remembers ids for a day, so what was asked longer ago is looked for before it is asked again.
#[async_trait]
pub trait Processor: Send + Sync {
    /// Transfers money to a connected account.
    async fn transfer(&self, order: &TransferOrder) -> Result<Transfer, ProcessorError>;

    /// The transfers of a deal.
    async fn transfers_of(&self, deal_id: &str) -> Result<Vec<Transfer>, ProcessorError>;

    /// Takes money of a transfer back from the connected account, as far as that has it.
    async fn reverse(&self, order: &BackOrder) -> Result<Back, ProcessorError>;

    /// The amounts that were taken back of a transfer.
    async fn reversals_of(&self, transfer: &str) -> Result<Vec<Back>, ProcessorError>;

    /// Pays a client back what it paid.
    async fn refund(&self, order: &BackOrder) -> Result<Back, ProcessorError>;

    /// The amounts that were paid back of a payment, with what failed.
    async fn refunds_of(&self, payment: &str) -> Result<Vec<Back>, ProcessorError>;

    /// The transfers that were made in this time.
    async fn transfers_in(&self, window: Window) -> Result<Vec<Transfer>, ProcessorError>;

    /// The events of some types, at most 20, that happened in this time.
    async fn events_in(&self, kinds: &[&str], window: Window) -> Result<Vec<Happened>, ProcessorError>;

    /// The fees that were taken in this time, and those that were given back.
    async fn fees_in(&self, window: Window) -> Result<Vec<Fee>, ProcessorError>;

    /// The platform's balances by currency, in small letters.
    async fn balances(&self) -> Result<BTreeMap<String, Balance>, ProcessorError>;

    /// Opens a connected account for a tenant; the same one however often.
    async fn open_account(&self, tenant_id: &str) -> Result<ConnectedAccount, ProcessorError>;

    /// The state of a connected account.
    async fn account(&self, id: &str) -> Result<ConnectedAccount, ProcessorError>;

    /// An address at which the broker tells the processor who they are. Good for a short time.
    async fn onboarding_link(&self, account: &str, return_url: &str) -> Result<String, ProcessorError>;
}
