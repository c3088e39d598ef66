//! End-to-end encrypted rooms, seen from a device: MLS (RFC 9420) with the rules of this product around it.
//!
//! A [`Device`] belongs to one member and holds that device's keys. It makes key packages, creates rooms, invites other
//! devices, removes lost ones, seals and opens messages. What it returns as bytes goes to the server; what the server
//! hands out goes back in. The server orders the entries of a room and takes one commit an epoch; it holds no key.
//! `docs/live/e2ee.md` tells the story around it.
//!
//! Three things a caller has to know:
//!
//! - **Save before you send.** Every call that takes `&mut self` changes keys. [`Device::save`] after it, and only then
//!   hand out what it returned. A device that is restored to an older state than the one it sent from uses keys twice,
//!   and others refuse what it says.
//! - **Own entries cannot be opened.** MLS forgets the key of a message as it seals it, so a device keeps what it wrote
//!   itself and recognises its entry by the offset or the id that the server answered with, or by the bytes.
//!   [`Device::open_message`] says [`Error::Own`].
//! - **The server names the members' devices.** It could slip in one of its own. [`Commit`] says who was added,
//!   and people compare [`Device::room_fingerprint`] by another way than this server; nothing else tells an honest
//!   server from one that lies.
//!
//! **Architecture Invariant:** keys and plaintext stay in it; no network, no AWS type. The clock is read for the
//! lifetimes of key packages alone, and inside `openmls`.

mod device;
mod error;
mod file;
mod fingerprint;
mod key_package;
mod name;
mod open;
mod room;
mod state;
mod storage;
mod welcome;

pub use device::Device;
pub use error::{Error, KeyPackageFault};
pub use file::{FileKey, open_file, seal_file};
pub use fingerprint::Fingerprint;
pub use name::{DeviceName, InvalidName};
pub use open::{Commit, Message};
pub use room::{Leaf, Staged};
pub use welcome::Invitation;

use openmls::prelude::Ciphersuite;

/// The one ciphersuite. Every device speaks it, so a room never has to be moved to another one for the sake of a member.
const CIPHERSUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// The longest plaintext of a message, in bytes.
pub const PLAINTEXT_BYTES_MAX: usize = 16 * 1024;

/// The longest application entry, in bytes: the longest plaintext, its padding, signature and framing.
pub const APPLICATION_BYTES_MAX: usize = PLAINTEXT_BYTES_MAX + 1024;

/// The longest commit or welcome, in bytes. It is what a room of [`DEVICES_MAX`] devices needs that grows by [`INVITED_MAX`] at a
/// time, and some room.
pub const HANDSHAKE_BYTES_MAX: usize = 128 * 1024;

/// The most devices that are invited at once.
pub const INVITED_MAX: usize = 50;

/// The longest key package, in bytes. Ours have some 300, and one that is longer makes each later welcome longer.
pub const KEY_PACKAGE_BYTES_MAX: usize = 512;

/// The most devices in a room.
pub const DEVICES_MAX: usize = 200;

/// The time for which a key package is good, in days.
pub const KEY_PACKAGE_DAYS: u64 = 84;

/// The time for which a key package must still be good to be used for an invitation, in days. A device that was away reads the
/// commit later, and MLS checks the lifetime again when it does; so long may it be away.
pub const KEY_PACKAGE_DAYS_LEFT_MIN: u64 = 14;

/// The time for which a welcome waits on the server for its device, in days.
pub const WELCOME_DAYS: u64 = 28;

/// Messages are padded to a multiple of this many bytes. The server learns no more of their length.
pub const PADDING_BYTES: usize = 256;

/// The largest number of messages of one device that may arrive late, within an epoch.
pub const LATE_MESSAGES_MAX: u32 = 32;

/// The largest number of messages of one device that may be missing before the next one, within an epoch.
pub const MISSING_MESSAGES_MAX: u32 = 1_000;
