//! What the API answers with, as far as it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

use jiff::Timestamp;

use crate::{Back, Balance, ConnectedAccount, Fee, Happened, Transfer, unit};

/// Types of changes of the balance that are fees altogether.
const FEES: [&str; 4] = ["stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"];

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
    currency: String,
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
    /// By name: `active`, `inactive` or `pending`.
    #[serde(default)]
    capabilities: BTreeMap<String, String>,
}

/// A change of the balance.
#[derive(Deserialize)]
pub struct TransactionBody {
    id: String,
    amount: i64,
    #[serde(default)]
    fee: i64,
    currency: String,
    created: i64,
    #[serde(rename = "type")]
    kind: String,
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

impl Listed for TransactionBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for EventBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl TransactionBody {
    /// The fee in it, where there is one.
    pub fn fee(self) -> Option<Fee> {
        let whole = if FEES.contains(&self.kind.as_str()) {
            -self.amount
        } else {
            0
        };
        let amount = unit::from_processor(self.fee.checked_add(whole)?, &self.currency)?;
        (amount.minor_units != 0).then_some(Fee {
            id: self.id,
            amount,
            taken_at: Timestamp::from_second(self.created).ok()?,
        })
    }
}

/// An amount in the books' minor units; as it is where the books do not know the currency.
fn read(amount: i64, currency: &str) -> i64 {
    unit::from_processor(amount, currency).map_or(amount, |money| money.minor_units)
}

impl From<TransferBody> for Transfer {
    fn from(mut body: TransferBody) -> Self {
        Self {
            id: body.id,
            payout_id: body.metadata.remove("payout"),
            account: body.destination,
            minor_units: read(body.amount, &body.currency),
            reversed_minor_units: read(body.amount_reversed, &body.currency),
            currency: body.currency,
        }
    }
}

impl From<BackBody> for Back {
    fn from(mut body: BackBody) -> Self {
        Self {
            id: body.id,
            order_id: body.metadata.remove("order"),
            minor_units: read(body.amount, &body.currency),
            is_failed: matches!(body.status.as_deref(), Some("failed" | "canceled")),
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

impl From<BalanceBody> for BTreeMap<String, Balance> {
    fn from(body: BalanceBody) -> Self {
        let mut all = Self::new();
        for part in body.available {
            let balance = all.entry(part.currency.clone()).or_default();
            balance.available += read(part.amount, &part.currency);
        }
        for part in body.pending {
            let balance = all.entry(part.currency.clone()).or_default();
            balance.pending += read(part.amount, &part.currency);
        }
        all
    }
}

impl From<AccountBody> for ConnectedAccount {
    fn from(body: AccountBody) -> Self {
        Self {
            is_ready: body
                .capabilities
                .get("transfers")
                .is_some_and(|status| status == "active"),
            id: body.id,
        }
    }
}
