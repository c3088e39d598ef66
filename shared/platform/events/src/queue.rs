//! Events as a queue brings them: the bus wraps an envelope in its own.

use serde::Deserialize;

use crate::{Envelope, UnreadableEvent};

#[derive(Deserialize)]
struct BusMessage {
    detail: serde_json::Value,
}

/// Reads the event in the body of a message that a bus rule put into a queue.
pub fn from_bus(body: &str) -> Result<Envelope, UnreadableEvent> {
    let message: BusMessage = serde_json::from_str(body)?;
    Envelope::read(message.detail)
}
