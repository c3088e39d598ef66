use inventure_core::{MemberId, RoomId, TenantId};
use serde::{Deserialize, Serialize};

use inventure_table::{Key, Record};

use super::Room;

/// A ticket for one connection. It is known by the hash of its secret, and gone when it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SocketTicket {
    /// The SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// The issuer and subject of the person's token.
    pub subject: String,
    /// The member that the ticket is for.
    pub member_id: MemberId,
    /// The tenant that the member belongs to.
    pub tenant_id: TenantId,
    /// The time at which the token ends, and with it the connection, in seconds of the epoch.
    pub session_ends_at: i64,
    /// The time after which the ticket is worth nothing, and the table may drop it, in seconds of the epoch.
    pub expires_at: i64,
    /// The version of the ticket, [`SocketTicket::VERSION`]. Of two requests that use the ticket one wins by it.
    pub version: u64,
}

impl SocketTicket {
    /// The one version of a ticket; after it the ticket is gone.
    pub const VERSION: u64 = 1;

    /// Returns the key of the ticket whose secret has this hash.
    #[must_use]
    pub fn key_of(secret_hash: &str) -> Key {
        Key::new(format!("{}{secret_hash}", Self::PARTITION), "TICKET")
    }
}

impl Record for SocketTicket {
    const ENTITY: &'static str = "socket_ticket";
    const PARTITION: &'static str = "TICKET#";

    fn key(&self) -> Key {
        Self::key_of(&self.secret_hash)
    }
}

/// The attention of a person at a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// The person sits at the device.
    Online,
    /// The device is connected, and the person does not sit at it.
    Away,
}

/// A connection of a person's device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Socket {
    /// The member who is connected.
    pub member_id: MemberId,
    /// The platform's id of the connection.
    pub connection_id: String,
    /// The tenant that the member belongs to.
    pub tenant_id: TenantId,
    /// The issuer and subject of the person's token.
    pub subject: String,
    /// The person's attention at the device.
    pub attention: Attention,
    /// The time of the last sign of life, in seconds of the epoch.
    pub seen_at: i64,
    /// The time at which the token ends, in seconds of the epoch. Nothing goes over the connection after it.
    #[serde(default)]
    pub session_ends_at: i64,
    /// A counter that grows by one with every write.
    pub version: u64,
    /// The time after which no connection lives, and the table may drop it, in seconds of the epoch.
    pub expires_at: i64,
}

impl Socket {
    /// The number of index partitions that connections are spread over.
    pub const SHARDS: u8 = 4;

    /// Returns the partition of a member's connections.
    #[must_use]
    pub fn of_member(member: MemberId) -> String {
        format!("{}{member}", Self::PARTITION)
    }

    /// Returns the key of a connection.
    #[must_use]
    pub fn key_of(member: MemberId, connection_id: &str) -> Key {
        Key::new(Self::of_member(member), connection_id)
    }

    /// Returns an index partition of connections, the longest silent first.
    #[must_use]
    pub fn seen(shard: u8) -> String {
        format!("{}{shard}", Self::INDEX)
    }

    /// Returns the first index sort key of connections that were seen at this second of the epoch.
    #[must_use]
    pub fn seen_sort(at: i64) -> String {
        format!("{at:012}")
    }
}

impl Record for Socket {
    const ENTITY: &'static str = "socket";
    const PARTITION: &'static str = "SOCKETS#";
    const INDEX: &'static str = "SEEN#";

    fn key(&self) -> Key {
        Self::key_of(self.member_id, &self.connection_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let shard = self.member_id.uuid().as_bytes()[15] % Self::SHARDS;
        let sort = format!("{}#{}", Self::seen_sort(self.seen_at), self.connection_id);
        Some((Self::seen(shard), sort))
    }
}

/// A subscription of a connection to a room, whose frames it receives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The room that is received.
    pub room_id: RoomId,
    /// The platform's id of the connection.
    pub connection_id: String,
    /// The member that the connection belongs to.
    pub member_id: MemberId,
    /// The tenant that the member belongs to.
    pub tenant_id: TenantId,
    /// The issuer and subject of the person's token.
    pub subject: String,
    /// The time from which nothing more of the room goes over the connection, in seconds of the epoch. The table may drop this then.
    pub expires_at: i64,
}

impl Subscription {
    /// Returns the partition of a room's subscriptions.
    #[must_use]
    pub fn of_room(room: RoomId) -> String {
        Room::partition(room)
    }

    /// Returns the key of a subscription.
    #[must_use]
    pub fn key_of(room: RoomId, connection_id: &str) -> Key {
        Key::new(Self::of_room(room), connection_id)
    }

    /// Returns the index partition of a connection's subscriptions.
    #[must_use]
    pub fn of_connection(connection_id: &str) -> String {
        format!("{}{connection_id}", Self::INDEX)
    }
}

impl Record for Subscription {
    const ENTITY: &'static str = "subscription";
    const PARTITION: &'static str = Room::PARTITION;
    const INDEX: &'static str = "CONNECTION#";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, &self.connection_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_connection(&self.connection_id), self.room_id.to_string()))
    }
}

/// A person's presence as others were last told of it, and the rooms that were told. A person without a record is offline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresenceRecord {
    /// The member whose presence it is.
    pub member_id: MemberId,
    /// The issuer and subject of the person's token.
    #[serde(default)]
    pub subject: String,
    /// The person's attention over all their devices. `None` while they are offline.
    pub attention: Option<Attention>,
    /// The rooms that were told, over all devices: those that are told of what changes. Empty while the person is offline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomId>,
    /// The rooms that know otherwise and are still to be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<RoomId>,
    /// A counter that grows by one with every write. It begins with the time, so that it grows even where the record had been
    /// dropped.
    pub version: u64,
    /// The time after which the record says no more than its absence, in seconds of the epoch. The table may drop it then.
    pub expires_at: i64,
}

impl PresenceRecord {
    /// Returns the key of a person's presence.
    #[must_use]
    pub fn key_of(member: MemberId) -> Key {
        Key::new(format!("{}{member}", Self::PARTITION), "PRESENCE")
    }
}

impl Record for PresenceRecord {
    const ENTITY: &'static str = "presence";
    const PARTITION: &'static str = "PRESENCE#";

    fn key(&self) -> Key {
        Self::key_of(self.member_id)
    }
}

/// The counters of frames and requests that a person sent in a stretch of time. For frames there is one for the person and one for
/// each connection, for requests one for each kind.
#[derive(Debug, Clone, Copy)]
pub struct FrameCounts;

impl FrameCounts {
    /// The prefix of the counters' partition keys.
    pub const PARTITION: &'static str = "FRAMES#";

    /// Returns the key of the counters of the stretch that begins at this epoch second.
    #[must_use]
    pub fn key_of(member: MemberId, begins_at: i64) -> Key {
        Key::new(format!("{}{member}", Self::PARTITION), begins_at.to_string())
    }
}
