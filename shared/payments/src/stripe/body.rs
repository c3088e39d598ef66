//! What the API answers with, as far as it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Back, ConnectedAccount, Happened, Transfer};

#[derive(Deserialize)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Deserialize)]
pub struct ErrorDetail {
    pub code: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub message: Option<String>,
}

/// A page of a list.
#[derive(Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// What can be listed: the next page begins after an id.
pub trait Listed {
    fn id(&self) -> &str;
}

#[derive(Deserialize)]
pub struct TransferBody {
    id: String,
    amount: i64,
    #[serde(default)]
    amount_reversed: i64,
    currency: String,
    destination: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

/// A reversal of a transfer, or a refund of a payment.
#[derive(Deserialize)]
pub struct BackBody {
    id: String,
    amount: i64,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    /// Of a refund: `failed` and `canceled` moved nothing.
    status: Option<String>,
}

#[derive(Deserialize)]
pub struct EventBody {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
pub struct BalanceBody {
    available: Vec<AmountBody>,
    pending: Vec<AmountBody>,
}

#[derive(Deserialize)]
struct AmountBody {
    amount: i64,
    currency: String,
}

#[derive(Deserialize)]
pub struct AccountBody {
    id: String,
    #[serde(default)]
    payouts_enabled: bool,
    #[serde(default)]
    details_submitted: bool,
}

#[derive(Deserialize)]
pub struct LinkBody {
    pub url: String,
}

impl Listed for TransferBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for BackBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for EventBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl BackBody {
    /// Whether it moved money, or will.
    pub fn stands(&self) -> bool {
        !matches!(self.status.as_deref(), Some("failed" | "canceled"))
    }
}

impl From<TransferBody> for Transfer {
    fn from(mut body: TransferBody) -> Self {
        Self {
            id: body.id,
            payout_id: body.metadata.remove("payout"),
            account: body.destination,
            minor_units: body.amount,
            reversed_minor_units: body.amount_reversed,
            currency: body.currency,
        }
    }
}

impl From<BackBody> for Back {
    fn from(mut body: BackBody) -> Self {
        Self {
            id: body.id,
            order_id: body.metadata.remove("order"),
            minor_units: body.amount,
        }
    }
}

impl From<EventBody> for Happened {
    fn from(body: EventBody) -> Self {
        Self {
            id: body.id,
            kind: body.kind,
        }
    }
}

impl From<BalanceBody> for BTreeMap<String, i64> {
    fn from(body: BalanceBody) -> Self {
        let mut all = Self::new();
        for amount in body.available.into_iter().chain(body.pending) {
            *all.entry(amount.currency).or_default() += amount.amount;
        }
        all
    }
}

impl From<AccountBody> for ConnectedAccount {
    fn from(body: AccountBody) -> Self {
        Self {
            is_ready: body.payouts_enabled && body.details_submitted,
            id: body.id,
        }
    }
}
