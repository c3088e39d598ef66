//! The records of rooms and their encryption, and, in the table of connections, those of sockets and presence.
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`Room`] | `ROOM#<id>` | `ROOM` | | |
//! | [`RoomMember`] | `ROOM#<id>` | `MEMBER#<member>` | `ROOMS#<member>` | `<millisecond>#<room>` |
//! | [`RoomEntry`] | `ROOM#<id>` | `ENTRY#<offset>` | | |
//! | [`SentMessage`] | `ROOM#<id>` | `SENT#<member>#<message>` | | |
//! | [`RoomCursor`] | `ROOM#<id>` | `CURSOR#<member>` | | |
//! | [`Attachment`] | `ROOM#<id>` | `ATTACHMENT#<id>` | `ATTACHMENTS_TO_ERASE` | `<second>#<room>#<id>` |
//! | [`MlsGroup`] | `ROOM#<id>` | `MLS` | | |
//! | [`MlsWelcome`] | `ROOM#<id>` | `WELCOME#<offset>` | | |
//! | [`MlsDevice`] | `MLS#<member>` | `DEVICE#<device>` | | |
//! | [`MlsDeviceCount`] | `MLS#<member>` | `COUNT` | | |
//! | [`MlsKeyPackage`] | `MLS#<member>` | `PACKAGE#<device>#<hash>` | | |
//! | [`MlsSpent`] | `MLS#<member>` | `SPENT#<device>#<hash>` | | |
//! | [`MlsInvitation`] | `MLS#<member>` | `INVITED#<device>#<room>#<offset>` | | |
//!
//! In the table of connections, whose items all go by themselves:
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`SocketTicket`] | `TICKET#<hash>` | `TICKET` | | |
//! | [`Socket`] | `SOCKETS#<member>` | `<connection>` | `SEEN#<shard>` | `<second>#<connection>` |
//! | [`Subscription`] | `ROOM#<room>` | `<connection>` | `CONNECTION#<connection>` | `<room>` |
//! | [`PresenceRecord`] | `PRESENCE#<member>` | `PRESENCE` | | |
//! | [`FrameCounts`] | `FRAMES#<member>` | `<second>` | | |

mod attachment;
mod mls;
mod room;
mod socket;

pub use attachment::Attachment;
pub use mls::{GroupDevice, MlsDevice, MlsDeviceCount, MlsGroup, MlsInvitation, MlsKeyPackage, MlsSpent, MlsWelcome};
pub use room::{Room, RoomCursor, RoomEntry, RoomKind, RoomMember, SentMessage};
pub use socket::{Attention, FrameCounts, PresenceRecord, Socket, SocketTicket, Subscription};

use inventure_table::Record;

/// The partitions of these records in the main table.
pub const PARTITIONS: &[&str] = &[Room::PARTITION, MlsDevice::PARTITION];

/// The partitions of these records in the main table's index.
pub const INDEXES: &[&str] = &[RoomMember::INDEX, Attachment::INDEX];

/// The partitions of these records in the table of connections.
pub const CONNECTION_PARTITIONS: &[&str] = &[
    SocketTicket::PARTITION,
    Socket::PARTITION,
    Subscription::PARTITION,
    PresenceRecord::PARTITION,
    FrameCounts::PARTITION,
];

/// The partitions of these records in that table's index.
pub const CONNECTION_INDEXES: &[&str] = &[Socket::INDEX, Subscription::INDEX];
