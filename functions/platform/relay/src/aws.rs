//! The bus on EventBridge, and the queue for what cannot be read.

use async_trait::async_trait;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use inventure_events::SOURCE;
use inventure_table::usage::count_aws_call;
use serde_json::{Value, json};

use crate::{Entry, EventBus, Parking, Refused};

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
}

#[async_trait]
impl EventBus for EventBridge {
    async fn publish(&self, entries: &[Entry]) -> Vec<Result<(), Refused>> {
        count_aws_call();
        let entry = |entry: &Entry| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.bus)
                .source(SOURCE)
                .detail_type(&entry.kind)
                .detail(&entry.detail)
                .build()
        };
        match self
            .client
            .put_events()
            .set_entries(Some(entries.iter().map(entry).collect()))
            .send()
            .await
        {
            Ok(reply) => reply
                .entries()
                .iter()
                .map(|entry| entry.error_code().map_or(Ok(()), |code| Err(Refused(code.to_owned()))))
                .collect(),
            Err(error) => {
                let refused = Refused(format!("{}", aws_sdk_eventbridge::error::DisplayErrorContext(error)));
                vec![Err(refused); entries.len()]
            }
        }
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
        let body = json!({ "reason": reason, "record": record }).to_string();
        let sent = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .send()
            .await;
        sent.map(|_| ())
            .map_err(|error| Refused(format!("{}", aws_sdk_sqs::error::DisplayErrorContext(error))))
    }
}
