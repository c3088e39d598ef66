use inventure_core::{AttachmentId, DealId, MemberId, RoomId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use inventure_realtime::Content;
use inventure_table::{Key, Record};

/// The kind of a room, which decides who may be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RoomKind {
    /// A conversation of two people.
    Direct {},
    /// A room for the members of the agencies that a deal is between, whoever they are at the time.
    Deal {
        /// The deal that the room is for.
        deal_id: DealId,
    },
    /// A room for the members of a tenant.
    Agency {
        /// The tenant that the room is for.
        tenant_id: TenantId,
    },
    /// A room for the people who were let in.
    Topic {},
}

/// A place where people talk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// The room's id.
    pub room_id: RoomId,
    /// The kind of the room, which decides who may be in it.
    #[serde(flatten)]
    pub kind: RoomKind,
    /// The title of a topic. `None` for other rooms.
    pub title: Option<String>,
    /// Whether the room takes only what the server cannot read.
    #[serde(default)]
    pub encrypted: bool,
    /// The epoch of the room's offsets. It changes when they begin anew, as after a table was set back.
    pub epoch: Uuid,
    /// The member who opened the room.
    pub created_by: MemberId,
    /// The time at which the room was opened.
    pub created_at: Timestamp,
    /// A counter that grows by one with every write.
    pub version: u64,
}

/// Derives a room's id from what the room is for. So there is one such room, whoever opens it, and one that is encrypted.
fn derived(name: &str, encrypted: bool) -> RoomId {
    let how = if encrypted { "/encrypted" } else { "" };
    RoomId::from_uuid(Uuid::new_v5(
        &Uuid::NAMESPACE_URL,
        format!("inventure/room/{name}{how}").as_bytes(),
    ))
}

impl Room {
    /// Returns the id of the room of a deal.
    #[must_use]
    pub fn of_deal(id: DealId, encrypted: bool) -> RoomId {
        derived(&format!("deal/{id}"), encrypted)
    }

    /// Returns the id of the room of a tenant.
    #[must_use]
    pub fn of_agency(id: TenantId, encrypted: bool) -> RoomId {
        derived(&format!("agency/{id}"), encrypted)
    }

    /// Returns the id of the room of two people.
    #[must_use]
    pub fn of_two(one: MemberId, other: MemberId, encrypted: bool) -> RoomId {
        derived(&format!("direct/{}/{}", one.min(other), one.max(other)), encrypted)
    }

    /// Returns the key of the room of this id.
    #[must_use]
    pub fn key_of(id: RoomId) -> Key {
        Key::new(Self::partition(id), "ROOM")
    }

    /// Returns the partition of everything in a room.
    #[must_use]
    pub fn partition(id: RoomId) -> String {
        format!("{}{id}", Self::PARTITION)
    }
}

impl Record for Room {
    const ENTITY: &'static str = "room";
    const PARTITION: &'static str = "ROOM#";

    fn key(&self) -> Key {
        Self::key_of(self.room_id)
    }
}

/// A membership of a person in a direct room or a topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomMember {
    /// The room that the person is in.
    pub room_id: RoomId,
    /// The member who is in the room.
    pub member_id: MemberId,
    /// The tenant that the member belongs to.
    pub tenant_id: TenantId,
    /// The member's name.
    pub name: String,
    /// Whether the member lets others in and out.
    pub owner: bool,
    /// The time since which the member is in the room.
    pub joined_at: Timestamp,
}

impl RoomMember {
    /// The sort key prefix of a room's members.
    pub const PREFIX: &'static str = "MEMBER#";

    /// Returns the key of the membership.
    #[must_use]
    pub fn key_of(room: RoomId, member: MemberId) -> Key {
        Key::new(Room::partition(room), format!("{}{member}", Self::PREFIX))
    }

    /// Returns the membership's index sort key, by time. Ids of direct rooms follow from their people, and say nothing of the time.
    #[must_use]
    pub fn listed(&self) -> String {
        format!("{:014}#{}", self.joined_at.as_millisecond(), self.room_id)
    }

    /// Returns the index partition of a member's direct rooms and topics.
    #[must_use]
    pub fn rooms_of(member: MemberId) -> String {
        format!("{}{member}", Self::INDEX)
    }
}

impl Record for RoomMember {
    const ENTITY: &'static str = "room_member";
    const PARTITION: &'static str = Room::PARTITION;
    const INDEX: &'static str = "ROOMS#";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.member_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::rooms_of(self.member_id), self.listed()))
    }
}

/// An entry in a room's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomEntry {
    /// The room of the entry.
    pub room_id: RoomId,
    /// The entry's place, from 1, without gaps. Nobody writes an entry before they have seen the one before it.
    pub offset: u64,
    /// The time at which the entry was taken, never before that of the entry before it.
    pub at: Timestamp,
    /// The member who sent the entry.
    pub sender: MemberId,
    /// The id that the entry's sender made.
    pub message: Uuid,
    /// The content of the entry.
    #[serde(with = "inventure_table::json")]
    pub content: Content,
    /// The epoch that an encrypted room's keys are in after this entry. `None` in other rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_epoch: Option<u64>,
    /// The offsets of the entry's changes, whose texts go when its own does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<u64>,
    /// The files that came with the entry, which go when its text does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentId>,
    /// A counter that grows by one with every write.
    pub version: u64,
}

impl RoomEntry {
    /// The sort key prefix of a room's entries.
    pub const PREFIX: &'static str = "ENTRY#";

    /// Returns the sort key of an entry.
    #[must_use]
    pub fn sort_of(offset: u64) -> String {
        format!("{}{offset:012}", Self::PREFIX)
    }

    /// Returns the key of an entry.
    #[must_use]
    pub fn key_of(room: RoomId, offset: u64) -> Key {
        Key::new(Room::partition(room), Self::sort_of(offset))
    }
}

impl Record for RoomEntry {
    const ENTITY: &'static str = "room_entry";
    const PARTITION: &'static str = Room::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.offset)
    }
}

/// The record of a message that was sent, so that sending it again has no second effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentMessage {
    /// The room that the message was sent to.
    pub room_id: RoomId,
    /// The member who sent the message.
    pub sender: MemberId,
    /// The id that the sender made.
    pub message: Uuid,
    /// The offset of the entry that the message became.
    pub offset: u64,
    /// The time of the entry that the message became.
    pub at: Timestamp,
    /// The SHA-256 of what was sent, hexadecimal.
    pub fingerprint: String,
    /// The time after which nobody sends the message again, and the table may drop it, in seconds of the epoch.
    pub expires_at: i64,
}

impl SentMessage {
    /// Returns the key of the record of a message.
    #[must_use]
    pub fn key_of(room: RoomId, sender: MemberId, message: Uuid) -> Key {
        Key::new(Room::partition(room), format!("SENT#{sender}#{message}"))
    }
}

impl Record for SentMessage {
    const ENTITY: &'static str = "sent_message";
    const PARTITION: &'static str = Room::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.sender, self.message)
    }
}

/// The offsets up to which a member has received and read a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomCursor {
    /// The room that is received and read.
    pub room_id: RoomId,
    /// The member whose offsets these are.
    pub member_id: MemberId,
    /// The offset up to which every entry has reached one of the member's devices.
    pub delivered: u64,
    /// The offset up to which the member has read every entry.
    pub read: u64,
    /// A counter that grows by one with every write.
    pub version: u64,
}

impl RoomCursor {
    /// The sort key prefix of a room's cursors.
    pub const PREFIX: &'static str = "CURSOR#";

    /// Returns the key of a member's cursor.
    #[must_use]
    pub fn key_of(room: RoomId, member: MemberId) -> Key {
        Key::new(Room::partition(room), format!("{}{member}", Self::PREFIX))
    }
}

impl Record for RoomCursor {
    const ENTITY: &'static str = "room_cursor";
    const PARTITION: &'static str = Room::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.member_id)
    }
}
