//! The payments of clients.

use serde_json::Value;

use super::{PLATFORM, World, balances::Line, events::EventType, page, was_made};
use crate::{
    error::ApiError,
    objects::{Charge, Payment, Texts, id, value},
    params::Params,
};

/// A client's payment, and what Stripe keeps of it.
pub struct Paying {
    pub amount: i64,
    pub currency: String,
    pub metadata: Texts,
    pub fee: i64,
    pub is_pending: bool,
}

impl World {
    /// Takes a client's payment. The amount less the fee comes to the platform's balance, at once or pending.
    pub fn pay(&mut self, paying: Paying, at: i64) -> Value {
        let payment = Payment {
            id: id("pi"),
            object: "payment_intent",
            amount: paying.amount,
            amount_received: paying.amount,
            created: at,
            currency: paying.currency,
            latest_charge: id("ch"),
            livemode: false,
            metadata: paying.metadata,
            status: "succeeded",
        };
        let line = Line {
            fee: paying.fee,
            is_pending: paying.is_pending,
            ..Line::new("charge", &payment.latest_charge, payment.amount, &payment.currency, at)
        };
        let charge = Charge {
            id: payment.latest_charge.clone(),
            object: "charge",
            amount: payment.amount,
            amount_captured: payment.amount,
            amount_refunded: 0,
            balance_transaction: self.change(PLATFORM, &line),
            captured: true,
            created: at,
            currency: payment.currency.clone(),
            disputed: false,
            livemode: false,
            metadata: payment.metadata.clone(),
            paid: true,
            payment_intent: payment.id.clone(),
            refunded: false,
            status: "succeeded",
            transfer_group: None,
        };
        let shown = value(&payment);
        self.payments.push(payment);
        self.charges.push(charge);
        self.emit(EventType::PaymentSucceeded, None, &shown, at);
        shown
    }

    pub(super) fn payment(&self, payment: &str) -> Option<&Payment> {
        self.payments.iter().find(|known| known.id == payment)
    }

    pub(super) fn charge(&self, charge: &str) -> Option<&Charge> {
        self.charges.iter().find(|known| known.id == charge)
    }

    pub(super) fn read_charge(&self, charge: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let found = self.charge(charge).map(value);
        found.ok_or_else(|| ApiError::not_found("charge", charge))
    }

    pub(super) fn read_payment(&self, payment: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let found = self.payment(payment).map(value);
        found.ok_or_else(|| ApiError::not_found("payment_intent", payment))
    }

    pub(super) fn list_payments(&self, mut params: Params) -> Result<Value, ApiError> {
        let created = params.created()?;
        let newest_first = self.payments.iter().rev().map(value).collect();
        page(
            "/v1/payment_intents",
            "payment_intent",
            newest_first,
            params,
            |payment| was_made(payment, &created),
        )
    }
}
