//! Faults, in queues of their own for requests and events.

use serde::{Deserialize, Serialize};

use super::{World, events::EventType};

/// A fault that meets the next request or event.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The answer comes after so many seconds. With `after_effect` the effect is done at once and only the answer is late; without, the
    /// request holds its idempotency key for that time, and then ends without having done anything.
    Timeout { after_effect: bool, seconds: u64 },
    /// 429, and nothing happens.
    RateLimit,
    /// 500, with the effect done or not. Kept under the idempotency key either way, as Stripe does.
    ServerError { after_effect: bool },
    /// The next event is sent twice.
    DuplicateEvent,
    /// The next event is sent after so many seconds.
    LateEvent { seconds: u64 },
    /// The next event, or the next of a type, is never sent; it is in the list of events.
    LostEvent {
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        of: Option<EventType>,
    },
}

impl World {
    /// Puts faults into their queues.
    pub fn add_faults(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            match fault {
                Fault::DuplicateEvent | Fault::LateEvent { .. } | Fault::LostEvent { .. } => {
                    self.event_faults.push_back(fault);
                }
                Fault::Timeout { .. } | Fault::RateLimit | Fault::ServerError { .. } => {
                    self.request_faults.push_back(fault);
                }
            }
        }
    }

    /// The next fault of a request.
    pub fn request_fault(&mut self) -> Option<Fault> {
        self.request_faults.pop_front()
    }

    /// The next fault of an event of this type. One that waits for another type goes on waiting.
    pub(super) fn event_fault(&mut self, kind: EventType) -> Option<Fault> {
        let fits = |fault: &Fault| !matches!(fault, Fault::LostEvent { of: Some(of) } if *of != kind);
        let next = self.event_faults.iter().position(fits)?;
        self.event_faults.remove(next)
    }
}
