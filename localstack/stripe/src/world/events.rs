//! Events, and what goes wrong with their delivery.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Fault, World, page};
use crate::{error::ApiError, objects::id, params::Params};

/// The version whose shapes are answered.
const API_VERSION: &str = "2025-06-30.basil";

/// An event on its way.
pub struct Delivery {
    pub event: String,
    pub body: String,
    pub after_seconds: u64,
    /// What was before a reset is not sent after it.
    pub generation: u64,
}

/// An event, with the account it is of.
#[derive(Debug, Serialize)]
pub struct Event {
    pub account: Option<String>,
    pub event: Value,
}

impl World {
    /// What is to be sent.
    pub fn take_deliveries(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.deliveries)
    }

    pub(super) fn list_events(&self, account: Option<&str>, params: Params) -> Result<Value, ApiError> {
        let own = self.events.iter().filter(|event| event.account.as_deref() == account);
        let newest_first = own.rev().map(|event| event.event.clone()).collect();
        page("/v1/events", "event", newest_first, params, |_| true)
    }

    pub(super) fn emit(&mut self, kind: &str, account: Option<String>, object: &Value, at: i64) {
        let event_id = id("evt");
        let mut event = json!({
            "id": event_id, "object": "event", "api_version": API_VERSION, "created": at, "data": {"object": object},
            "livemode": false, "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null}, "type": kind,
        });
        if let Some(account) = &account {
            event["account"] = account.as_str().into();
        }
        let (times, after_seconds) = match self.event_faults.pop_front() {
            Some(Fault::LostEvent) => (0, 0),
            Some(Fault::DuplicateEvent) => (2, 0),
            Some(Fault::LateEvent { seconds }) => (1, seconds),
            _ => (1, 0),
        };
        for _ in 0..times {
            let body = event.to_string();
            self.deliveries.push(Delivery {
                event: event_id.clone(),
                body,
                after_seconds,
                generation: self.generation,
            });
        }
        self.events.push(Event { account, event });
    }
}
