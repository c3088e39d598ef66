use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The reason why a frame had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The frame is not JSON, not a text frame, or not of the shape of its action.
    Malformed,
    /// The frame names a version of the protocol that the server does not speak.
    UnsupportedVersion,
    /// The frame names an action that does not exist.
    UnknownAction,
    /// The frame is over the limit, or a field of it is.
    TooLarge,
    /// There is no such room, or the person may not know of it.
    NoSuchRoom,
    /// The person may read the room, and may not do this in it.
    Forbidden,
    /// Something that the frame names, such as an entry or a file, is not there, or has gone.
    NoSuchEntry,
    /// The same message id came before with other content.
    Conflict,
    /// The frame is text for an encrypted room, or something sealed for a room that is not.
    WrongKind,
    /// The message or commit was made in an epoch that the room is not in. Take the entries that you have missed, and make it again.
    StaleEpoch,
    /// A device that no longer belongs to the room could read the message. Remove it with a commit, and seal the message again.
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
    /// The list of all codes.
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
