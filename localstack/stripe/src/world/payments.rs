//! What clients pay.

use serde_json::{Value, json};

use super::{PLATFORM, World, events::EventType};
use crate::objects::{Texts, id};

impl World {
    /// A client pays: the whole amount comes to the platform's balance.
    pub fn pay(&mut self, amount: i64, currency: &str, metadata: &Texts, at: i64) -> Value {
        self.put(PLATFORM, currency, amount);
        let payment = json!({
            "id": id("pi"), "object": "payment_intent", "amount": amount, "amount_received": amount, "created": at,
            "currency": currency, "livemode": false, "metadata": metadata, "status": "succeeded",
        });
        self.payments.push(payment.clone());
        self.emit(EventType::PaymentSucceeded, None, &payment, at);
        payment
    }
}
