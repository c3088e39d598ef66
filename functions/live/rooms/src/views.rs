//! What the routes answer with.

use inventure_core::{DealId, MemberId, RoomId, TenantId};
use inventure_table::records::{Member, Room, RoomKind, RoomMember};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a room is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KindView {
    /// Two people.
    Direct {},
    /// The members of the agencies that a deal is between.
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

/// A room.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomView {
    /// Its id, as the frames of a socket name it.
    pub id: RoomId,
    /// What it is.
    #[serde(flatten)]
    pub kind: KindView,
    /// What a topic is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it takes only what the server cannot read.
    pub encrypted: bool,
    /// The epoch of its offsets.
    pub epoch: Uuid,
    /// When it was opened.
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
    /// The room.
    #[serde(flatten)]
    pub room: RoomView,
    /// The offset of its last entry.
    pub last: u64,
    /// The offset up to which the caller has read.
    pub read: u64,
}

/// The caller's rooms.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomList {
    /// The rooms.
    pub rooms: Vec<ListedRoom>,
    /// Pass as `cursor` for more; absent where there is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Somebody in a room.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonView {
    /// Who.
    pub member_id: MemberId,
    /// Where they belong.
    pub tenant_id: TenantId,
    /// Their name.
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

/// A room and who is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomWithPeople {
    /// The room.
    #[serde(flatten)]
    pub room: RoomView,
    /// Who is in it, at most 500.
    pub people: Vec<PersonView>,
}
