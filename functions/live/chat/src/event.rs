//! A socket's event, as API Gateway hands it over.

use inventure_rooms::Session;
use serde::Deserialize;

/// An event, as a function behind a WebSocket API gets it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketEvent {
    request_context: Context,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    event_type: What,
    connection_id: String,
    request_id: Option<String>,
    authorizer: Option<Person>,
}

/// The authorizer's word of the person that connected. Every event of the connection carries it; nothing that a client sends
/// can change it.
#[derive(Debug, Clone, Deserialize)]
struct Person {
    subject: String,
    member_id: String,
    tenant_id: String,
    session_ends_at: String,
}

/// The kind of a socket's event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum What {
    /// A client connects.
    Connect,
    /// A client sent a frame.
    Message,
    /// The connection is closed.
    Disconnect,
}

impl SocketEvent {
    /// Returns the kind of the event.
    #[must_use]
    pub const fn what(&self) -> What {
        self.request_context.event_type
    }

    /// The platform's id of this event.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.request_context.request_id.as_deref().unwrap_or_default()
    }

    /// The text of a frame; nothing where it was binary.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.body.as_deref().filter(|_| !self.is_base64_encoded)
    }

    /// Returns the session of the person at the other end; `None` where no authorizer has seen them.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        let context = &self.request_context;
        let person = context.authorizer.as_ref()?;
        Some(Session {
            connection_id: context.connection_id.clone(),
            subject: person.subject.clone(),
            member_id: person.member_id.parse().ok()?,
            tenant_id: person.tenant_id.parse().ok()?,
            session_ends_at: person.session_ends_at.parse().ok()?,
        })
    }
}
