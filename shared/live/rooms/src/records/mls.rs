//! The records that the server keeps for encrypted rooms. They are the devices, key packages to hand out, the devices in a room's
//! group, and welcomes that wait. The server never has keys and texts.

use inventure_core::{MemberId, RoomId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use inventure_table::{Key, Record};

use super::Room;

/// Returns the partition of everything about a member's devices.
fn partition(member: MemberId) -> String {
    format!("{}{member}", MlsDevice::PARTITION)
}

/// A device with which a member reads encrypted rooms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsDevice {
    /// The member that the device belongs to.
    pub member_id: MemberId,
    /// The issuer and subject of the person's tokens.
    pub subject: String,
    /// The id that the device made for itself.
    pub device_id: Uuid,
    /// The device's signature key, base64: that of its first key package, and never another.
    pub signature_key: String,
    /// The key package that is handed out when there is no other, base64.
    pub last_resort: String,
    /// The time since which the device is known.
    pub created_at: Timestamp,
    /// The time at which the device's key package of last resort was made anew.
    pub renewed_at: Timestamp,
    /// The time at which its person gave the device up. `None` while they have not. It never comes back: its holder has its keys.
    pub given_up_at: Option<Timestamp>,
    /// A counter that grows by one with every write.
    pub version: u64,
}

/// The number of devices that a member has. It is written with each device that comes or goes, so that two requests that count at
/// once do not count too few.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsDeviceCount {
    /// The member whose devices are counted.
    pub member_id: MemberId,
    /// The number of devices, without those that were given up.
    pub devices: usize,
    /// The time at which a device was last given up. A session that signed in before it may belong to the holder of the lost device,
    /// and may change nothing.
    pub given_up_at: Option<Timestamp>,
    /// The time at which the session that gave it up had signed in, in seconds of the epoch. That session goes on.
    pub reported_by: Option<i64>,
    /// A counter that grows by one with every write.
    pub version: u64,
}

impl MlsDeviceCount {
    /// Returns the key of a member's count.
    #[must_use]
    pub fn key_of(member: MemberId) -> Key {
        Key::new(partition(member), "COUNT")
    }
}

impl Record for MlsDeviceCount {
    const ENTITY: &'static str = "mls_device_count";
    const PARTITION: &'static str = MlsDevice::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.member_id)
    }
}

impl MlsDevice {
    /// The sort key prefix of a member's devices.
    pub const PREFIX: &'static str = "DEVICE#";

    /// Returns the partition of a member's devices.
    #[must_use]
    pub fn of_member(member: MemberId) -> String {
        partition(member)
    }

    /// Returns the key of a device.
    #[must_use]
    pub fn key_of(member: MemberId, device: Uuid) -> Key {
        Key::new(partition(member), format!("{}{device}", Self::PREFIX))
    }
}

impl Record for MlsDevice {
    const ENTITY: &'static str = "mls_device";
    const PARTITION: &'static str = "MLS#";

    fn key(&self) -> Key {
        Self::key_of(self.member_id, self.device_id)
    }
}

/// A key package by which a device can be invited once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsKeyPackage {
    /// The member that the device belongs to.
    pub member_id: MemberId,
    /// The device's id.
    pub device_id: Uuid,
    /// The SHA-256 of the package, hexadecimal. A package that is uploaded twice is there once.
    pub sha256: String,
    /// The package, base64.
    pub key_package: String,
    /// The time after which the package is worth nothing, and the table may drop it, in seconds of the epoch.
    pub expires_at: i64,
}

impl MlsKeyPackage {
    /// Returns the sort key prefix of a device's packages.
    #[must_use]
    pub fn prefix(device: Uuid) -> String {
        format!("PACKAGE#{device}#")
    }
}

impl Record for MlsKeyPackage {
    const ENTITY: &'static str = "mls_key_package";
    const PARTITION: &'static str = MlsDevice::PARTITION;

    fn key(&self) -> Key {
        let sort = format!("{}{}", Self::prefix(self.device_id), self.sha256);
        Key::new(partition(self.member_id), sort)
    }
}

/// A mark that a key package was handed out. Of two requests that take the package one makes this mark, and a package that is
/// brought again does not come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsSpent {
    /// The member that the device belongs to.
    pub member_id: MemberId,
    /// The device's id.
    pub device_id: Uuid,
    /// The SHA-256 of the package, hexadecimal.
    pub sha256: String,
    /// The time after which the package is worth nothing, in seconds of the epoch. The table may drop this mark then.
    pub expires_at: i64,
}

impl MlsSpent {
    /// Returns the sort key prefix of a device's marks.
    #[must_use]
    pub fn prefix(device: Uuid) -> String {
        format!("SPENT#{device}#")
    }

    /// Makes the mark of a package.
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
    const PARTITION: &'static str = MlsDevice::PARTITION;

    fn key(&self) -> Key {
        let sort = format!("{}{}", Self::prefix(self.device_id), self.sha256);
        Key::new(partition(self.member_id), sort)
    }
}

/// A device in a room's group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupDevice {
    /// The member that the device belongs to.
    pub member_id: MemberId,
    /// The issuer and subject of the person's tokens.
    pub subject: String,
    /// The device's id.
    pub device_id: Uuid,
    /// Whether the device says that it cannot follow. Another device removes it then, and lets it in anew.
    pub left: bool,
}

/// The group of an encrypted room, as the members who changed it said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsGroup {
    /// The room of the group.
    pub room_id: RoomId,
    /// The epoch that the last commit led to; 0 before the first.
    pub epoch: u64,
    /// The epoch that the group was founded in: MLS counts its epochs from there.
    pub founded_in: u64,
    /// The devices in the group.
    pub devices: Vec<GroupDevice>,
    /// A counter that grows by one with every write.
    pub version: u64,
}

impl MlsGroup {
    /// Returns the key of the group of a room.
    #[must_use]
    pub fn key_of(room: RoomId) -> Key {
        Key::new(Room::partition(room), "MLS")
    }
}

impl Record for MlsGroup {
    const ENTITY: &'static str = "mls_group";
    const PARTITION: &'static str = Room::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.room_id)
    }
}

/// The welcome by which the devices that a commit let in join, one for all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsWelcome {
    /// The room to join.
    pub room_id: RoomId,
    /// The offset of the commit.
    pub offset: u64,
    /// The welcome, base64.
    pub welcome: String,
    /// The time after which the table may drop it, in seconds of the epoch.
    pub expires_at: i64,
}

impl MlsWelcome {
    /// Returns the key of a welcome.
    #[must_use]
    pub fn key_of(room: RoomId, offset: u64) -> Key {
        Key::new(Room::partition(room), format!("WELCOME#{offset:012}"))
    }
}

impl Record for MlsWelcome {
    const ENTITY: &'static str = "mls_welcome";
    const PARTITION: &'static str = Room::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.offset)
    }
}

/// A note that a welcome waits for a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MlsInvitation {
    /// The member that the device belongs to.
    pub member_id: MemberId,
    /// The device's id.
    pub device_id: Uuid,
    /// The room that the device was let into.
    pub room_id: RoomId,
    /// The offset of the commit that let the device in.
    pub offset: u64,
    /// The time at which the device was let in.
    pub at: Timestamp,
    /// The time after which the table may drop it, in seconds of the epoch.
    pub expires_at: i64,
}

impl MlsInvitation {
    /// Returns the sort key prefix of a device's invitations.
    #[must_use]
    pub fn prefix(device: Uuid) -> String {
        format!("INVITED#{device}#")
    }

    /// Returns the key of an invitation.
    #[must_use]
    pub fn key_of(member: MemberId, device: Uuid, room: RoomId, offset: u64) -> Key {
        let sort = format!("{}{room}#{offset:012}", Self::prefix(device));
        Key::new(partition(member), sort)
    }
}

impl Record for MlsInvitation {
    const ENTITY: &'static str = "mls_invitation";
    const PARTITION: &'static str = MlsDevice::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.member_id, self.device_id, self.room_id, self.offset)
    }
}
