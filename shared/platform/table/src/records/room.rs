use inventure_core::{AttachmentId, DealId, MemberId, RoomId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Record;
use crate::table::Key;

/// Who may be in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RoomKind {
    /// Two people.
    Direct {},
    /// The members of the agencies that a deal is between, whoever they are at the time.
    Deal {
        /// The deal.
        deal_id: DealId,
    },
    /// The members of a tenant.
    Agency {
        /// The tenant.
        tenant_id: TenantId,
    },
    /// Whoever was let in.
    Topic {},
}

/// A place where people talk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// Its id.
    pub room_id: RoomId,
    /// Who may be in it.
    #[serde(flatten)]
    pub kind: RoomKind,
    /// What a topic is called.
    pub title: Option<String>,
    /// Whether it takes only what the server cannot read.
    #[serde(default)]
    pub encrypted: bool,
    /// Changes when the offsets begin anew, as after a table was set back.
    pub epoch: Uuid,
    /// Who opened it.
    pub created_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// Grows by one with every write.
    pub version: u64,
}

/// An id that follows from what a room is for, so that there is one such room, whoever opens it, and one that is encrypted.
fn derived(name: &str, encrypted: bool) -> RoomId {
    let how = if encrypted { "/encrypted" } else { "" };
    RoomId::from_uuid(Uuid::new_v5(
        &Uuid::NAMESPACE_URL,
        format!("inventure/room/{name}{how}").as_bytes(),
    ))
}

impl Room {
    /// The room of a deal.
    #[must_use]
    pub fn of_deal(id: DealId, encrypted: bool) -> RoomId {
        derived(&format!("deal/{id}"), encrypted)
    }

    /// The room of a tenant.
    #[must_use]
    pub fn of_agency(id: TenantId, encrypted: bool) -> RoomId {
        derived(&format!("agency/{id}"), encrypted)
    }

    /// The room of two people.
    #[must_use]
    pub fn of_two(one: MemberId, other: MemberId, encrypted: bool) -> RoomId {
        derived(&format!("direct/{}/{}", one.min(other), one.max(other)), encrypted)
    }

    /// Where the room of this id is stored.
    #[must_use]
    pub fn key_of(id: RoomId) -> Key {
        Key::new(Self::partition(id), "ROOM")
    }

    /// The partition of everything in a room.
    #[must_use]
    pub fn partition(id: RoomId) -> String {
        format!("ROOM#{id}")
    }
}

impl Record for Room {
    const ENTITY: &'static str = "room";

    fn key(&self) -> Key {
        Self::key_of(self.room_id)
    }
}

/// That somebody is in a direct room or a topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomMember {
    /// The room.
    pub room_id: RoomId,
    /// Who.
    pub member_id: MemberId,
    /// Their tenant.
    pub tenant_id: TenantId,
    /// Their name.
    pub name: String,
    /// Whether they let others in and out.
    pub owner: bool,
    /// Since when.
    pub joined_at: Timestamp,
}

impl RoomMember {
    /// Sort key prefix of a room's members.
    pub const PREFIX: &'static str = "MEMBER#";

    /// Where the membership is stored.
    #[must_use]
    pub fn key_of(room: RoomId, member: MemberId) -> Key {
        Key::new(Room::partition(room), format!("{}{member}", Self::PREFIX))
    }

    /// Its index sort key, by time: ids of direct rooms follow from their people and say nothing of when.
    #[must_use]
    pub fn listed(&self) -> String {
        format!("{:014}#{}", self.joined_at.as_millisecond(), self.room_id)
    }

    /// The index partition of somebody's direct rooms and topics.
    #[must_use]
    pub fn rooms_of(member: MemberId) -> String {
        format!("ROOMS#{member}")
    }
}

impl Record for RoomMember {
    const ENTITY: &'static str = "room_member";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.member_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::rooms_of(self.member_id), self.listed()))
    }
}

/// Something in a room's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomEntry {
    /// The room.
    pub room_id: RoomId,
    /// Its place, from 1, without gaps: nobody writes one before they have seen the one before it.
    pub offset: u64,
    /// When it was taken; never before the entry before it.
    pub at: Timestamp,
    /// Who sent it.
    pub sender: MemberId,
    /// The id that its sender made.
    pub message: Uuid,
    /// What it is (`inventure_realtime::Content`), JSON.
    pub content: String,
    /// In an encrypted room, the epoch that its keys are in after this entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_epoch: Option<u64>,
    /// The offsets of the changes of it, whose texts go when its own does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<u64>,
    /// The files that came with it, which go when its text does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentId>,
    /// Grows by one with every write.
    pub version: u64,
}

impl RoomEntry {
    /// Sort key prefix of a room's entries.
    pub const PREFIX: &'static str = "ENTRY#";

    /// The sort key of an entry.
    #[must_use]
    pub fn sort_of(offset: u64) -> String {
        format!("{}{offset:012}", Self::PREFIX)
    }

    /// Where an entry is stored.
    #[must_use]
    pub fn key_of(room: RoomId, offset: u64) -> Key {
        Key::new(Room::partition(room), Self::sort_of(offset))
    }
}

impl Record for RoomEntry {
    const ENTITY: &'static str = "room_entry";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.offset)
    }
}

/// What became of a message that somebody sent, so that sending it again has no second effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentMessage {
    /// The room.
    pub room_id: RoomId,
    /// Who sent it.
    pub sender: MemberId,
    /// The id that they made.
    pub message: Uuid,
    /// The entry that it became.
    pub offset: u64,
    /// When.
    pub at: Timestamp,
    /// SHA-256 of what was sent, hexadecimal.
    pub fingerprint: String,
    /// Epoch second after which nobody sends it again, and the table may drop it.
    pub expires_at: i64,
}

impl SentMessage {
    /// Where it is stored.
    #[must_use]
    pub fn key_of(room: RoomId, sender: MemberId, message: Uuid) -> Key {
        Key::new(Room::partition(room), format!("SENT#{sender}#{message}"))
    }
}

impl Record for SentMessage {
    const ENTITY: &'static str = "sent_message";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.sender, self.message)
    }
}

/// How far somebody is in a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomCursor {
    /// The room.
    pub room_id: RoomId,
    /// Who.
    pub member_id: MemberId,
    /// Everything up to here has reached one of their devices.
    pub delivered: u64,
    /// Everything up to here they have read.
    pub read: u64,
    /// Grows by one with every write.
    pub version: u64,
}

impl RoomCursor {
    /// Sort key prefix of a room's cursors.
    pub const PREFIX: &'static str = "CURSOR#";

    /// Where it is stored.
    #[must_use]
    pub fn key_of(room: RoomId, member: MemberId) -> Key {
        Key::new(Room::partition(room), format!("{}{member}", Self::PREFIX))
    }
}

impl Record for RoomCursor {
    const ENTITY: &'static str = "room_cursor";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.member_id)
    }
}
