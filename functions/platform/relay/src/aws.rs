//! The bus on EventBridge, and the queue for what cannot be read.

use async_trait::async_trait;
use aws_sdk_eventbridge::{error::ProvideErrorMetadata as _, types::PutEventsRequestEntry};
use inventure_events::SOURCE;
use inventure_table::usage::count_aws_call;
use serde_json::{Value, json};

use crate::{Entry, EventBus, Parking, Refused};

/// The codes with which the bus refuses an event for good. Anything else may pass: throttling, an outage, a right that was taken away.
const FOR_GOOD: [&str; 4] = [
    "InvalidArgument",
    "MalformedDetail",
    "RedactionFailure",
    "ValidationException",
];

/// The longest message that is put into the queue of what is set aside, in bytes. SQS takes 256 KB.
const PARKED_BYTES_MAX: usize = 200_000;

/// An EventBridge bus.
pub struct EventBridge {
    client: aws_sdk_eventbridge::Client,
    bus: String,
}

impl EventBridge {
    /// The bus of this name.
    #[must_use]
    pub fn new(sdk: &aws_config::SdkConfig, bus: String) -> Self {
        Self {
            client: aws_sdk_eventbridge::Client::new(sdk),
            bus,
        }
    }

    /// Sends entries in one call.
    async fn send(&self, entries: &[Entry]) -> Vec<Result<(), Refused>> {
        count_aws_call();
        let entry = |entry: &Entry| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.bus)
                .source(SOURCE)
                .detail_type(&entry.kind)
                .detail(&entry.detail)
                .build()
        };
        let entries: Vec<_> = entries.iter().map(entry).collect();
        let (call, many) = (self.client.put_events(), entries.len());
        let refused = |code: Option<&str>, reason: String| Refused {
            reason,
            for_good: code.is_some_and(|code| FOR_GOOD.contains(&code)),
        };
        match call.set_entries(Some(entries)).send().await {
            Ok(reply) => reply
                .entries()
                .iter()
                .map(|entry| match entry.error_code() {
                    None => Ok(()),
                    Some(code) => Err(refused(Some(code), code.to_owned())),
                })
                .collect(),
            Err(error) => {
                let code = error.code().map(str::to_owned);
                let reason = format!("{}", aws_sdk_eventbridge::error::DisplayErrorContext(error));
                vec![Err(refused(code.as_deref(), reason)); many]
            }
        }
    }
}

#[async_trait]
impl EventBus for EventBridge {
    async fn publish(&self, entries: &[Entry]) -> Vec<Result<(), Refused>> {
        let outcomes = self.send(entries).await;
        let call_failed = outcomes
            .iter()
            .all(|outcome| matches!(outcome, Err(refused) if refused.for_good));
        if entries.len() < 2 || !call_failed {
            return outcomes;
        }
        // One of them spoils the call for all.
        let mut outcomes = Vec::new();
        for entry in entries {
            outcomes.extend(self.send(std::slice::from_ref(entry)).await);
        }
        outcomes
    }
}

/// An SQS queue for stream records that cannot be read.
pub struct PoisonQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl PoisonQueue {
    /// The queue at this URL.
    #[must_use]
    pub fn new(sdk: &aws_config::SdkConfig, url: String) -> Self {
        Self {
            client: aws_sdk_sqs::Client::new(sdk),
            url,
        }
    }
}

#[async_trait]
impl Parking for PoisonQueue {
    async fn park(&self, record: &Value, reason: &str) -> Result<(), Refused> {
        count_aws_call();
        let mut body = json!({ "reason": reason, "record": record }).to_string();
        if body.len() > PARKED_BYTES_MAX {
            // The rest is in the table, under these keys.
            let keys = json!({ "dynamodb": { "Keys": record["dynamodb"]["Keys"] } });
            body = json!({ "reason": reason, "record": keys }).to_string();
        }
        // SQS takes no other signs.
        let body: String = body
            .chars()
            .map(|sign| {
                if is_taken(sign) {
                    sign
                } else {
                    char::REPLACEMENT_CHARACTER
                }
            })
            .collect();
        let sent = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .send()
            .await;
        sent.map(|_| ())
            .map_err(|error| Refused::for_now(format!("{}", aws_sdk_sqs::error::DisplayErrorContext(error))))
    }
}

/// Whether SQS takes a sign in a message: all of XML 1.0.
const fn is_taken(sign: char) -> bool {
    matches!(sign, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
