use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a frame had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Not JSON, not a text frame, or not the shape of its action.
    Malformed,
    /// A version of the protocol that the server does not speak.
    UnsupportedVersion,
    /// An action that there is not.
    UnknownAction,
    /// The frame is over the limit, or a field of it is.
    TooLarge,
    /// There is no such room, or it is not yours to know of.
    NoSuchRoom,
    /// The room is yours to read, and this is not yours to do.
    Forbidden,
    /// What the frame is about is not there, or has gone.
    NoSuchEntry,
    /// The same message id came before with other content.
    Conflict,
    /// Text in an encrypted room, or something sealed in another.
    WrongKind,
    /// Sealed, or a commit, in an epoch that the room is not in: take what you have missed, and make it again.
    StaleEpoch,
    /// A device that does not belong to the room any more could read it: remove it with a commit, and seal it again.
    DevicesOut,
    /// Too many frames in a short time; wait as long as `retry_after_ms` says.
    RateLimited,
    /// Your sign-in has ended. The server closes the connection; sign in, take a new ticket, connect and resume.
    SessionEnded,
    /// Something that the server needs does not answer; try again.
    Unavailable,
    /// Something broke on the server's side.
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 15] = [
        Self::Malformed,
        Self::UnsupportedVersion,
        Self::UnknownAction,
        Self::TooLarge,
        Self::NoSuchRoom,
        Self::Forbidden,
        Self::NoSuchEntry,
        Self::Conflict,
        Self::WrongKind,
        Self::StaleEpoch,
        Self::DevicesOut,
        Self::RateLimited,
        Self::SessionEnded,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Whether the same frame may succeed later.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable | Self::Internal)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
