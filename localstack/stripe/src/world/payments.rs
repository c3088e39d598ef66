//! What clients pay.

use serde_json::Value;

use super::{PLATFORM, World, events::EventType, page, was_made};
use crate::{
    error::ApiError,
    objects::{Payment, Texts, id, value},
    params::Params,
};

impl World {
    /// A client pays: the whole amount comes to the platform's balance.
    pub fn pay(&mut self, amount: i64, currency: &str, metadata: Texts, at: i64) -> Value {
        self.put(PLATFORM, currency, amount);
        let payment = Payment {
            id: id("pi"),
            object: "payment_intent",
            amount,
            amount_received: amount,
            created: at,
            currency: currency.to_owned(),
            latest_charge: id("ch"),
            livemode: false,
            metadata,
            status: "succeeded",
        };
        let shown = value(&payment);
        self.payments.push(payment);
        self.emit(EventType::PaymentSucceeded, None, &shown, at);
        shown
    }

    pub(super) fn payment(&self, payment: &str) -> Option<&Payment> {
        self.payments.iter().find(|known| known.id == payment)
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
