//! Events, and what goes wrong with their delivery.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Fault, World, is_asked, page, was_made};
use crate::{error::ApiError, objects::id, params::Params};

/// The version whose shapes are answered.
const API_VERSION: &str = "2025-03-31.basil";

/// Stripe's bound on the types that one list asks for.
const TYPES_MAX: usize = 20;

/// The type of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventType {
    #[serde(rename = "account.updated")]
    AccountUpdated,
    #[serde(rename = "charge.dispute.created")]
    DisputeCreated,
    #[serde(rename = "charge.dispute.funds_withdrawn")]
    DisputeFundsWithdrawn,
    #[serde(rename = "charge.dispute.funds_reinstated")]
    DisputeFundsReinstated,
    #[serde(rename = "charge.dispute.closed")]
    DisputeClosed,
    #[serde(rename = "payment_intent.succeeded")]
    PaymentSucceeded,
    #[serde(rename = "payout.paid")]
    PayoutPaid,
    #[serde(rename = "refund.created")]
    RefundCreated,
    #[serde(rename = "refund.failed")]
    RefundFailed,
    #[serde(rename = "refund.updated")]
    RefundUpdated,
    #[serde(rename = "topup.succeeded")]
    TopupSucceeded,
    #[serde(rename = "transfer.created")]
    TransferCreated,
    #[serde(rename = "transfer.reversed")]
    TransferReversed,
}

/// An event on its way.
pub struct Delivery {
    pub event: String,
    pub body: String,
    pub after_seconds: u64,
    /// The generation of the world that the event is of. An event from before a reset is not sent after it.
    pub generation: u64,
}

/// An event, with the account it is of.
#[derive(Debug, Serialize)]
pub struct Event {
    pub account: Option<String>,
    pub event: Value,
}

impl World {
    /// Takes the events that are to be sent.
    pub fn take_deliveries(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.deliveries)
    }

    /// One of an account's events, or of the platform's own.
    pub(super) fn read_event(&self, account: Option<&str>, event: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let found = self.events_of(account).find(|known| known["id"] == event);
        found.cloned().ok_or_else(|| ApiError::not_found("event", event))
    }

    pub(super) fn list_events(&self, account: Option<&str>, mut params: Params) -> Result<Value, ApiError> {
        let (created, kind) = (params.created()?, params.take("type"));
        let kinds = params.list("types");
        if kind.is_some() && !kinds.is_empty() {
            return Err(ApiError::parameter(
                None,
                "types",
                "You may give type or types, not both.",
            ));
        }
        if kinds.len() > TYPES_MAX {
            let message = format!("You may give up to {TYPES_MAX} types.");
            return Err(ApiError::parameter(None, "types", message));
        }
        let newest_first = self.events_of(account).rev().cloned().collect();
        page("/v1/events", "event", newest_first, params, |event| {
            let is_of = |asked: &String| is_of_type(event, Some(asked));
            let is_of_one = kinds.is_empty() || kinds.iter().any(is_of);
            was_made(event, &created) && is_of_type(event, kind.as_deref()) && is_of_one
        })
    }

    fn events_of(&self, account: Option<&str>) -> impl DoubleEndedIterator<Item = &Value> {
        let own = self
            .events
            .iter()
            .filter(move |event| event.account.as_deref() == account);
        own.map(|event| &event.event)
    }

    pub(super) fn emit(&mut self, kind: EventType, account: Option<String>, object: &Value, at: i64) {
        let event_id = id("evt");
        let mut event = json!({
            "id": event_id, "object": "event", "api_version": API_VERSION, "created": at, "data": {"object": object},
            "livemode": false, "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null}, "type": kind,
        });
        if let Some(account) = &account {
            event["account"] = account.as_str().into();
        }
        let (times, after_seconds) = match self.event_fault(kind) {
            Some(Fault::LostEvent { .. }) => (0, 0),
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

/// Whether an event is of the type that is asked for, or of the group, `transfer.*`.
fn is_of_type(event: &Value, asked: Option<&str>) -> bool {
    match asked.and_then(|asked| asked.strip_suffix('*')) {
        Some(group) => event["type"].as_str().is_some_and(|kind| kind.starts_with(group)),
        None => is_asked(event, "type", asked),
    }
}
