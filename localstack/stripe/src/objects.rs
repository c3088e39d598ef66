//! Stripe's objects, as far as they are kept, in the shape in which they are answered.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Texts by name, as metadata is.
pub type Texts = BTreeMap<String, String>;

/// A new id: `tr_…`.
pub fn id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::new_v4().simple())
}

/// A connected account.
#[derive(Debug, Serialize)]
pub struct Account {
    pub id: String,
    pub object: &'static str,
    pub business_type: Option<String>,
    /// `inactive` until onboarding is complete, then `active`.
    pub capabilities: BTreeMap<String, &'static str>,
    pub charges_enabled: bool,
    pub country: String,
    pub created: i64,
    pub default_currency: Option<String>,
    pub details_submitted: bool,
    pub email: Option<String>,
    pub metadata: Texts,
    pub payouts_enabled: bool,
    pub requirements: Value,
    #[serde(rename = "type")]
    pub kind: String,
}

impl Account {
    /// Returns the requirements of an account whose onboarding is not complete.
    pub fn requirements_open() -> Value {
        json!({"currently_due": ["external_account"], "disabled_reason": "requirements.past_due"})
    }

    /// Completes the onboarding: its holder has given everything that was asked.
    pub fn complete(&mut self) {
        self.charges_enabled = true;
        self.payouts_enabled = true;
        self.details_submitted = true;
        self.capabilities.values_mut().for_each(|status| *status = "active");
        self.requirements = json!({"currently_due": [], "disabled_reason": null});
    }

    /// Whether it can be the destination of transfers.
    pub fn takes_transfers(&self) -> bool {
        self.capabilities.get("transfers") == Some(&"active")
    }
}

/// A change of a balance. Amounts are in the currency's smallest unit; `net` is what the balance moved by.
#[derive(Debug, Clone, Serialize)]
pub struct BalanceTransaction {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub available_on: i64,
    pub created: i64,
    pub currency: String,
    pub description: Option<String>,
    pub exchange_rate: Option<i64>,
    pub fee: i64,
    pub fee_details: Vec<Value>,
    pub net: i64,
    pub reporting_category: &'static str,
    pub source: Option<String>,
    /// `pending` until it ripens, then `available`.
    pub status: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// The card's side of a payment: what transfers may be paid from, and what is disputed.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "Stripe's own fields")]
pub struct Charge {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub balance_transaction: String,
    pub captured: bool,
    pub created: i64,
    pub currency: String,
    pub disputed: bool,
    pub livemode: bool,
    pub metadata: Texts,
    pub paid: bool,
    pub payment_intent: String,
    pub refunded: bool,
    pub status: &'static str,
    pub transfer_group: Option<String>,
}

/// A client's bank takes a payment back, for a while or for good.
#[derive(Debug, Serialize)]
pub struct Dispute {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub balance_transactions: Vec<Value>,
    pub charge: String,
    pub created: i64,
    pub currency: String,
    pub is_charge_refundable: bool,
    pub livemode: bool,
    pub metadata: Texts,
    pub payment_intent: String,
    pub reason: String,
    /// `needs_response` (or `warning_needs_response`, which moves no money), then `won`, `lost` or `warning_closed`.
    pub status: &'static str,
}

/// A payment of a client to the platform, all at once. Amounts are in the currency's smallest unit.
#[derive(Debug, Serialize)]
pub struct Payment {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub amount_received: i64,
    pub created: i64,
    pub currency: String,
    pub latest_charge: String,
    pub livemode: bool,
    pub metadata: Texts,
    pub status: &'static str,
}

/// Money of a payment that went back to the client.
#[derive(Debug, Serialize)]
pub struct Refund {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub balance_transaction: String,
    pub charge: String,
    pub created: i64,
    pub currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_balance_transaction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    pub metadata: Texts,
    pub payment_intent: String,
    pub reason: Option<String>,
    pub receipt_number: Option<String>,
    pub source_transfer_reversal: Option<String>,
    pub status: &'static str,
    pub transfer_reversal: Option<String>,
}

/// Money moved from the platform's balance to a connected account's. Amounts are in the currency's smallest unit.
#[derive(Debug, Serialize)]
pub struct Transfer {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub amount_reversed: i64,
    pub balance_transaction: String,
    pub created: i64,
    pub currency: String,
    pub description: Option<String>,
    pub destination: String,
    pub destination_payment: String,
    pub livemode: bool,
    pub metadata: Texts,
    pub reversed: bool,
    pub source_transaction: Option<String>,
    pub source_type: &'static str,
    pub transfer_group: Option<String>,
}

/// Money of a transfer that came back.
#[derive(Debug, Serialize)]
pub struct Reversal {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub balance_transaction: String,
    pub created: i64,
    pub currency: String,
    pub metadata: Texts,
    pub source_refund: Option<String>,
    pub transfer: String,
}

/// Money paid from a balance to a bank account.
#[derive(Debug, Serialize)]
pub struct Payout {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub arrival_date: i64,
    pub automatic: bool,
    pub balance_transaction: String,
    pub created: i64,
    pub currency: String,
    pub description: Option<String>,
    pub livemode: bool,
    pub metadata: Texts,
    pub method: &'static str,
    pub source_type: &'static str,
    pub status: &'static str,
}

/// Money brought from a bank account to the platform's balance. The amount is in the currency's smallest unit.
#[derive(Debug, Serialize)]
pub struct Topup {
    pub id: String,
    pub object: &'static str,
    pub amount: i64,
    pub balance_transaction: String,
    pub created: i64,
    pub currency: String,
    pub description: Option<String>,
    pub expected_availability_date: i64,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    pub livemode: bool,
    pub metadata: Texts,
    pub source: Option<String>,
    pub statement_descriptor: Option<String>,
    pub status: &'static str,
    pub transfer_group: Option<String>,
}

/// A page that an account's holder opens to give what is asked of them. It works once.
#[derive(Debug, Serialize)]
pub struct Link {
    pub account: String,
    pub expires_at: i64,
    pub return_url: String,
}

/// A list object with everything in it.
pub fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}

/// The JSON of an object.
pub fn value(object: &impl Serialize) -> Value {
    // Cannot fail: keys are texts and no number is a float.
    serde_json::to_value(object).unwrap_or_default()
}
