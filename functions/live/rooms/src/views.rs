//! The bodies of the routes' answers.

use inventure_core::{DealId, MemberId, RoomId, TenantId};
use inventure_people::records::Member;
use inventure_rooms::records::{Room, RoomKind, RoomMember};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The kind of a room.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KindView {
    /// A room of two people.
    Direct {},
    /// A room of the members of the agencies that a deal is between.
    Deal {
        /// The deal that the room is of.
        deal_id: DealId,
    },
    /// A room of the members of a tenant.
    Agency {
        /// The tenant that the room is of.
        tenant_id: TenantId,
    },
    /// A room of the people who were let in.
    Topic {},
}

/// A room, as the routes show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomView {
    /// The room's id, as the frames of a socket name it.
    pub id: RoomId,
    /// The kind of room.
    #[serde(flatten)]
    pub kind: KindView,
    /// The title of a topic; absent in other rooms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it takes only what the server cannot read.
    pub encrypted: bool,
    /// The epoch of the room's offsets.
    pub epoch: Uuid,
    /// The time at which the room was opened.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<Room> for RoomView {
    fn from(room: Room) -> Self {
        let kind = match room.kind {
            RoomKind::Direct {} => KindView::Direct {},
            RoomKind::Deal { deal_id } => KindView::Deal { deal_id },
            RoomKind::Agency { tenant_id } => KindView::Agency { tenant_id },
            RoomKind::Topic {} => KindView::Topic {},
        };
        Self {
            id: room.room_id,
            kind,
            title: room.title,
            encrypted: room.encrypted,
            epoch: room.epoch,
            created_at: room.created_at,
        }
    }
}

/// A room in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedRoom {
    /// The room in the list.
    #[serde(flatten)]
    pub room: RoomView,
    /// The offset of the room's last entry.
    pub last: u64,
    /// The offset up to which the caller has read.
    pub read: u64,
}

/// The caller's rooms.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomList {
    /// The rooms in this part of the list.
    pub rooms: Vec<ListedRoom>,
    /// Pass as `cursor` for more; absent where there is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A person in a room.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonView {
    /// The person's membership.
    pub member_id: MemberId,
    /// The tenant that the person belongs to.
    pub tenant_id: TenantId,
    /// The person's name.
    pub name: String,
    /// Whether they let others into a topic and out of it.
    pub owner: bool,
}

impl From<Member> for PersonView {
    fn from(member: Member) -> Self {
        Self {
            member_id: member.member_id,
            tenant_id: member.tenant_id,
            name: member.name,
            owner: false,
        }
    }
}

impl From<RoomMember> for PersonView {
    fn from(member: RoomMember) -> Self {
        Self {
            member_id: member.member_id,
            tenant_id: member.tenant_id,
            name: member.name,
            owner: member.owner,
        }
    }
}

/// A room and the people in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomWithPeople {
    /// The room itself.
    #[serde(flatten)]
    pub room: RoomView,
    /// The people in it, at most 500.
    pub people: Vec<PersonView>,
}
