//! What the server keeps for encrypted rooms: which devices there are, key packages to hand out, who is in a room's group, and
//! welcomes that wait. Keys and texts it never has.

use inventure_core::{MemberId, RoomId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Record, Room};
use crate::table::Key;

/// The partition of everything of somebody's devices.
fn partition(member: MemberId) -> String {
    format!("MLS#{member}")
}

/// A device that somebody reads encrypted rooms with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsDevice {
    /// Whose.
    pub member_id: MemberId,
    /// Issuer and subject of the person's tokens.
    pub subject: String,
    /// The id that it made for itself.
    pub device_id: Uuid,
    /// Its signature key, base64: that of its first key package, and never another.
    pub signature_key: String,
    /// The key package that is handed out when there is no other, base64.
    pub last_resort: String,
    /// Since when it is known.
    pub created_at: Timestamp,
    /// When its key package of last resort was made anew.
    pub renewed_at: Timestamp,
    /// When its person gave it up. It never comes back: whoever has it has its keys.
    pub given_up_at: Option<Timestamp>,
    /// Grows by one with every write.
    pub version: u64,
}

/// How many devices somebody has: written with each that comes or goes, so that two who count at once do not count too few.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsDeviceCount {
    /// Whose.
    pub member_id: MemberId,
    /// How many, without those that were given up.
    pub devices: usize,
    /// When one was given up last: who is signed in since before may be who has it, and changes nothing.
    pub given_up_at: Option<Timestamp>,
    /// When the session had signed in that gave it up, in seconds of the epoch. It goes on.
    pub reported_by: Option<i64>,
    /// Grows by one with every write.
    pub version: u64,
}

impl MlsDeviceCount {
    /// Where it is stored.
    #[must_use]
    pub fn key_of(member: MemberId) -> Key {
        Key::new(partition(member), "COUNT")
    }
}

impl Record for MlsDeviceCount {
    const ENTITY: &'static str = "mls_device_count";

    fn key(&self) -> Key {
        Self::key_of(self.member_id)
    }
}

impl MlsDevice {
    /// Sort key prefix of somebody's devices.
    pub const PREFIX: &'static str = "DEVICE#";

    /// The partition of somebody's devices.
    #[must_use]
    pub fn of_member(member: MemberId) -> String {
        partition(member)
    }

    /// Where a device is stored.
    #[must_use]
    pub fn key_of(member: MemberId, device: Uuid) -> Key {
        Key::new(partition(member), format!("{}{device}", Self::PREFIX))
    }
}

impl Record for MlsDevice {
    const ENTITY: &'static str = "mls_device";

    fn key(&self) -> Key {
        Self::key_of(self.member_id, self.device_id)
    }
}

/// A key package by which a device can be invited once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsKeyPackage {
    /// Whose.
    pub member_id: MemberId,
    /// The device.
    pub device_id: Uuid,
    /// SHA-256 of it, hexadecimal: uploaded twice, it is there once.
    pub sha256: String,
    /// The package, base64.
    pub key_package: String,
    /// Epoch second after which it is worth nothing, and the table may drop it.
    pub expires_at: i64,
}

impl MlsKeyPackage {
    /// Sort key prefix of a device's packages.
    #[must_use]
    pub fn prefix(device: Uuid) -> String {
        format!("PACKAGE#{device}#")
    }
}

impl Record for MlsKeyPackage {
    const ENTITY: &'static str = "mls_key_package";

    fn key(&self) -> Key {
        let sort = format!("{}{}", Self::prefix(self.device_id), self.sha256);
        Key::new(partition(self.member_id), sort)
    }
}

/// That a key package was handed out: of two who take it one makes this mark, and whoever brings it again does not bring it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsSpent {
    /// Whose.
    pub member_id: MemberId,
    /// The device.
    pub device_id: Uuid,
    /// SHA-256 of the package, hexadecimal.
    pub sha256: String,
    /// Epoch second after which the package is worth nothing, and the table may drop this.
    pub expires_at: i64,
}

impl MlsSpent {
    /// Sort key prefix of a device's marks.
    #[must_use]
    pub fn prefix(device: Uuid) -> String {
        format!("SPENT#{device}#")
    }

    /// The mark of a package.
    #[must_use]
    pub fn of(package: &MlsKeyPackage) -> Self {
        Self {
            member_id: package.member_id,
            device_id: package.device_id,
            sha256: package.sha256.clone(),
            expires_at: package.expires_at,
        }
    }
}

impl Record for MlsSpent {
    const ENTITY: &'static str = "mls_spent";

    fn key(&self) -> Key {
        let sort = format!("{}{}", Self::prefix(self.device_id), self.sha256);
        Key::new(partition(self.member_id), sort)
    }
}

/// A device in a room's group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupDevice {
    /// Whose.
    pub member_id: MemberId,
    /// Issuer and subject of the person's tokens.
    pub subject: String,
    /// The device.
    pub device_id: Uuid,
    /// Whether it says that it cannot follow. Another device removes it then, and lets it in anew.
    pub left: bool,
}

/// The group of an encrypted room, as those who changed it said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsGroup {
    /// The room.
    pub room_id: RoomId,
    /// The epoch that the last commit led to.
    pub epoch: u64,
    /// The epoch that the group was founded in: MLS counts its epochs from there.
    pub founded_in: u64,
    /// The devices.
    pub devices: Vec<GroupDevice>,
    /// Grows by one with every write.
    pub version: u64,
}

impl MlsGroup {
    /// Where the group of a room is stored.
    #[must_use]
    pub fn key_of(room: RoomId) -> Key {
        Key::new(Room::partition(room), "MLS")
    }
}

impl Record for MlsGroup {
    const ENTITY: &'static str = "mls_group";

    fn key(&self) -> Key {
        Self::key_of(self.room_id)
    }
}

/// What the devices that a commit let in join with, one for all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsWelcome {
    /// The room.
    pub room_id: RoomId,
    /// The commit's offset.
    pub offset: u64,
    /// The welcome, base64.
    pub welcome: String,
    /// Epoch second after which the table may drop it.
    pub expires_at: i64,
}

impl MlsWelcome {
    /// Where it is stored.
    #[must_use]
    pub fn key_of(room: RoomId, offset: u64) -> Key {
        Key::new(Room::partition(room), format!("WELCOME#{offset:012}"))
    }
}

impl Record for MlsWelcome {
    const ENTITY: &'static str = "mls_welcome";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.offset)
    }
}

/// That a welcome waits for a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsInvitation {
    /// Whose.
    pub member_id: MemberId,
    /// The device.
    pub device_id: Uuid,
    /// The room.
    pub room_id: RoomId,
    /// The offset of the commit that let it in.
    pub offset: u64,
    /// When that was.
    pub at: Timestamp,
    /// Epoch second after which the table may drop it.
    pub expires_at: i64,
}

impl MlsInvitation {
    /// Sort key prefix of a device's invitations.
    #[must_use]
    pub fn prefix(device: Uuid) -> String {
        format!("INVITED#{device}#")
    }

    /// Where it is stored.
    #[must_use]
    pub fn key_of(member: MemberId, device: Uuid, room: RoomId, offset: u64) -> Key {
        let sort = format!("{}{room}#{offset:012}", Self::prefix(device));
        Key::new(partition(member), sort)
    }
}

impl Record for MlsInvitation {
    const ENTITY: &'static str = "mls_invitation";

    fn key(&self) -> Key {
        Self::key_of(self.member_id, self.device_id, self.room_id, self.offset)
    }
}
