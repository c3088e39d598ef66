//! The protocol of the sockets: the frames of clients, the frames of the server, and the codes of refusals.
//!
//! Server and clients are built from these types, and `docs/asyncapi.json` is generated from them
//! (`cargo run -p inventure-realtime --example asyncapi`); a test fails when they differ. `docs/live/realtime.md` tells the story around them.
//!
//! **Architecture Invariant:** knows frames and nothing behind them; no AWS type, no clock, no environment.

pub mod asyncapi;
mod client;
mod code;
pub mod mls;
mod opaque;
mod server;
mod view;

pub use client::{Action, ClientFrame, Position, Refusal, Unreadable};
pub use code::Code;
pub use opaque::Opaque;
pub use server::{
    About, Ack, AddedDevice, Attached, Content, Cursor, Entry, HistoryLost, Notification, NotificationKind, Presence,
    PresenceState, RoomDevice, RoomState, ServerFrame, Unavailable,
};
pub use view::{RoomView, Step};

/// The version of the protocol. A change that an older client would misread is a new version, taken beside the old one for a time.
pub const VERSION: u32 = 1;

/// The largest frame that a client may send, in bytes: what the platform passes on whole.
pub const FRAME_BYTES_MAX: usize = 32 * 1024;

/// The largest frame that the server sends, in bytes: below the platform's 128 KiB.
pub const PUSH_BYTES_MAX: usize = 96 * 1024;

/// The longest text of a message, in characters.
pub const TEXT_CHARS_MAX: usize = 8_000;

/// The most rooms that one `resume` names.
pub const ROOMS_MAX: usize = 20;

/// The most people that a message mentions.
pub const MENTIONS_MAX: usize = 50;

/// The most files that come with a message.
pub const ATTACHMENTS_MAX: usize = 10;

/// The longest name of a file, in characters.
pub const FILE_NAME_CHARS_MAX: usize = 200;

/// The most entries that one answer holds.
pub const ENTRIES_MAX: usize = 100;

/// The longest sealed message, in bytes.
pub const SEALED_BYTES_MAX: usize = 17 * 1024;

/// The longest commit, in bytes: with a welcome it fits into one request, and by itself into one frame.
pub const COMMIT_BYTES_MAX: usize = 48 * 1024;

/// The longest welcome, in bytes.
pub const WELCOME_BYTES_MAX: usize = 128 * 1024;

/// The longest key package, in bytes: clients' have some 300, and one that is longer makes each later welcome longer.
pub const KEY_PACKAGE_BYTES_MAX: usize = 512;

/// The most devices in an encrypted room.
pub const DEVICES_MAX: usize = 200;

/// The most devices that one commit lets in or out.
pub const COMMIT_DEVICES_MAX: usize = 50;

/// The interval at which a client says that it is there, in seconds. The gateway ends what is silent for ten minutes, so one may get lost.
pub const HEARTBEAT_SECONDS: u64 = 240;
