use inventure_core::{MemberId, RoomId, TenantId};
use serde::{Deserialize, Serialize};

use super::{Record, Room};
use crate::table::Key;

/// A ticket for one connection. Known by the hash of its secret, and gone when it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SocketTicket {
    /// SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// Issuer and subject of the person's token.
    pub subject: String,
    /// Who they are.
    pub member_id: MemberId,
    /// Where.
    pub tenant_id: TenantId,
    /// Epoch second at which the token ends, and with it the connection.
    pub session_ends_at: i64,
    /// Epoch second after which the ticket is worth nothing, and the table may drop it.
    pub expires_at: i64,
    /// [`SocketTicket::VERSION`], by which of two who use it one wins.
    pub version: u64,
}

impl SocketTicket {
    /// A ticket has one version, and then it is gone.
    pub const VERSION: u64 = 1;

    /// Where the ticket with this secret is stored.
    #[must_use]
    pub fn key_of(secret_hash: &str) -> Key {
        Key::new(format!("TICKET#{secret_hash}"), "TICKET")
    }
}

impl Record for SocketTicket {
    const ENTITY: &'static str = "socket_ticket";

    fn key(&self) -> Key {
        Self::key_of(&self.secret_hash)
    }
}

/// Whether somebody sits at a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// They do.
    Online,
    /// They do not.
    Away,
}

/// A connection of somebody's device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Socket {
    /// Who.
    pub member_id: MemberId,
    /// The platform's id of the connection.
    pub connection_id: String,
    /// Where they belong.
    pub tenant_id: TenantId,
    /// Issuer and subject of the person's token.
    pub subject: String,
    /// Whether they sit there.
    pub attention: Attention,
    /// Epoch second of the last sign of life.
    pub seen_at: i64,
    /// Epoch second at which the token ends. Nothing goes over the connection after it.
    #[serde(default)]
    pub session_ends_at: i64,
    /// Grows by one with every write.
    pub version: u64,
    /// Epoch second after which no connection lives, and the table may drop it.
    pub expires_at: i64,
}

impl Socket {
    /// Partitions of the index that connections are spread over.
    pub const SHARDS: u8 = 4;

    /// The partition of somebody's connections.
    #[must_use]
    pub fn of_member(member: MemberId) -> String {
        format!("SOCKETS#{member}")
    }

    /// Where a connection is stored.
    #[must_use]
    pub fn key_of(member: MemberId, connection_id: &str) -> Key {
        Key::new(Self::of_member(member), connection_id)
    }

    /// An index partition of connections, the longest silent first.
    #[must_use]
    pub fn seen(shard: u8) -> String {
        format!("SEEN#{shard}")
    }

    /// The first index sort key of connections that were seen at this second.
    #[must_use]
    pub fn seen_sort(at: i64) -> String {
        format!("{at:012}")
    }
}

impl Record for Socket {
    const ENTITY: &'static str = "socket";

    fn key(&self) -> Key {
        Self::key_of(self.member_id, &self.connection_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let shard = self.member_id.uuid().as_bytes()[15] % Self::SHARDS;
        let sort = format!("{}#{}", Self::seen_sort(self.seen_at), self.connection_id);
        Some((Self::seen(shard), sort))
    }
}

/// That a connection receives what happens in a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The room.
    pub room_id: RoomId,
    /// The connection.
    pub connection_id: String,
    /// Whose it is.
    pub member_id: MemberId,
    /// Their tenant.
    pub tenant_id: TenantId,
    /// Issuer and subject of the person's token.
    pub subject: String,
    /// Epoch second from which nothing more of the room goes over the connection, and the table may drop it.
    pub expires_at: i64,
}

impl Subscription {
    /// The partition of a room's subscriptions.
    #[must_use]
    pub fn of_room(room: RoomId) -> String {
        Room::partition(room)
    }

    /// Where a subscription is stored.
    #[must_use]
    pub fn key_of(room: RoomId, connection_id: &str) -> Key {
        Key::new(Self::of_room(room), connection_id)
    }

    /// The index partition of a connection's subscriptions.
    #[must_use]
    pub fn of_connection(connection_id: &str) -> String {
        format!("CONNECTION#{connection_id}")
    }
}

impl Record for Subscription {
    const ENTITY: &'static str = "subscription";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, &self.connection_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_connection(&self.connection_id), self.room_id.to_string()))
    }
}

/// What others were told last of somebody's presence, and where. Absent: offline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresenceRecord {
    /// Who.
    pub member_id: MemberId,
    /// Issuer and subject of the person's token.
    #[serde(default)]
    pub subject: String,
    /// Whether they sit at a device; nothing while they are offline.
    pub attention: Option<Attention>,
    /// The rooms that were told, over all devices: those that are told of what changes. None while they are offline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomId>,
    /// The rooms that know otherwise and are still to be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<RoomId>,
    /// Grows by one with every write. It begins with the time, so that it grows even where the record had been dropped.
    pub version: u64,
    /// Epoch second after which it says no more than its absence, and the table may drop it.
    pub expires_at: i64,
}

impl PresenceRecord {
    /// Where somebody's presence is stored.
    #[must_use]
    pub fn key_of(member: MemberId) -> Key {
        Key::new(format!("PRESENCE#{member}"), "PRESENCE")
    }
}

impl Record for PresenceRecord {
    const ENTITY: &'static str = "presence";

    fn key(&self) -> Key {
        Self::key_of(self.member_id)
    }
}

/// How many frames somebody sent in a stretch of time, and how many requests: counters, for frames one for the person and one for each
/// connection, for requests one for each kind.
#[derive(Debug, Clone, Copy)]
pub struct FrameCounts;

impl FrameCounts {
    /// Where the counters of the stretch that begins at this epoch second are stored.
    #[must_use]
    pub fn key_of(member: MemberId, begins_at: i64) -> Key {
        Key::new(format!("FRAMES#{member}"), begins_at.to_string())
    }
}
