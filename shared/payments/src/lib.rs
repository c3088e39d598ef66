//! The payment processor (Stripe Connect: separate charges and transfers) as the functions see it: a port, its adapter, its signatures.
//!
//! **Architecture Invariant:** nothing is asked of the processor without an idempotency key that says what it is for, and an answer that did not
//! come is never taken for a no.

pub mod signature;
mod stripe;

use async_trait::async_trait;
use inventure_core::Money;
use serde::{Deserialize, Serialize};

pub use stripe::{Stripe, WrongKey};

/// A transfer to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferOrder {
    /// What it pays: the processor sees it once, however often it is asked.
    pub payout_id: String,
    /// The deal, by which the processor's list can be searched.
    pub deal_id: String,
    /// The connected account.
    pub account: String,
    /// How much.
    pub amount: Money,
}

/// A transfer that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The processor's id of it.
    pub id: String,
    /// What it paid.
    pub payout_id: Option<String>,
    /// How much, in minor units.
    pub minor_units: i64,
    /// In which currency, as the processor writes it.
    pub currency: String,
}

/// A broker's account at the processor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedAccount {
    /// The processor's id of it.
    pub id: String,
    /// Whether transfers reach it: the broker has told the processor who they are.
    pub is_ready: bool,
}

/// Why the processor did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProcessorError {
    /// It will not, and said so: nothing has happened.
    #[error("the processor declines: {code}: {message}")]
    Declined {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// It did not answer, or not so that one could know. It may have happened.
    #[error("the processor gave no answer that could be relied on: {0}")]
    Unknown(String),
}

/// What is asked of the processor.
#[async_trait]
pub trait Processor: Send + Sync {
    /// Transfers money to a connected account. Asked again with the same payout it gives the first answer.
    async fn transfer(&self, order: &TransferOrder) -> Result<Transfer, ProcessorError>;

    /// The transfers of a deal, newest first, at most 100.
    async fn transfers_of(&self, deal_id: &str) -> Result<Vec<Transfer>, ProcessorError>;

    /// Opens a connected account for a tenant; the same one however often.
    async fn open_account(&self, tenant_id: &str) -> Result<ConnectedAccount, ProcessorError>;

    /// How a connected account stands.
    async fn account(&self, id: &str) -> Result<ConnectedAccount, ProcessorError>;

    /// An address at which the broker tells the processor who they are. Good for a short time.
    async fn onboarding_link(&self, account: &str, return_url: &str) -> Result<String, ProcessorError>;
}
