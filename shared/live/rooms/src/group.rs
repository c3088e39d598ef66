use std::collections::{BTreeSet, HashSet};

use crate::records::{GroupDevice, MlsDevice, MlsGroup, MlsKeyPackage, MlsSpent};
use futures_util::{StreamExt, TryStreamExt, stream};
use inventure_core::MemberId;
use inventure_people::records::Member;
use inventure_realtime::{
    AddedDevice, COMMIT_DEVICES_MAX, Code, DEVICES_MAX, Opaque, Refusal, RoomDevice,
    mls::{PrivateHeader, PrivateKind},
};
use inventure_table::{Change, Condition, Store, StoreError, table::Query};
use jiff::{SignedDuration, Timestamp};

use crate::{RoomAccess, history::stale_epoch, unanswered};

/// The number of people whose devices are looked up at once.
const AT_ONCE: usize = 10;

/// The time for which a key package is kept and handed out. Clients make them for 84 days, and take none with fewer than 14 left.
pub const KEY_PACKAGE_KEPT: SignedDuration = SignedDuration::from_hours(24 * 70);

/// The largest number of key packages to read of a device: more than any device has.
const ALL_PACKAGES: usize = 200;

/// Reads the key packages of a device that have not expired, of the first `limit`. The table drops expired ones late, so that they
/// may stand in front.
pub async fn key_packages(
    store: &Store,
    device: &MlsDevice,
    limit: Option<usize>,
    now: Timestamp,
) -> Result<Vec<MlsKeyPackage>, StoreError> {
    let query = Query {
        limit: limit.unwrap_or(ALL_PACKAGES),
        ..Query::table(
            MlsDevice::of_member(device.member_id),
            MlsKeyPackage::prefix(device.device_id),
        )
    };
    let mut found: Vec<MlsKeyPackage> = store.query(&query).await?;
    found.retain(|package| package.expires_at > now.as_second());
    Ok(found)
}

/// Whether a device's key package of last resort is still good.
#[must_use]
pub fn is_fresh(device: &MlsDevice, now: Timestamp) -> bool {
    now.duration_since(device.renewed_at) < KEY_PACKAGE_KEPT
}

/// Whether a device has lately brought a key package by which it can be let in. One that was handed out since counts too. A device
/// that was not used for so long comes into no room.
async fn in_use(store: &Store, device: &MlsDevice, now: Timestamp) -> Result<bool, StoreError> {
    if is_fresh(device, now) || !key_packages(store, device, None, now).await?.is_empty() {
        return Ok(true);
    }
    let query = Query::table(
        MlsDevice::of_member(device.member_id),
        MlsSpent::prefix(device.device_id),
    );
    let spent: Vec<MlsSpent> = store.query(&query).await?;
    Ok(spent.iter().any(|spent| spent.expires_at > now.as_second()))
}

/// The changes that a commit says that it makes.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// The device that made the commit.
    pub by: RoomDevice,
    /// The epoch that the commit is made in.
    pub epoch: u64,
    /// Whether the group begins with the commit.
    pub founds: bool,
    /// The MLS message.
    pub commit: &'a Opaque,
    /// The devices that the commit lets in.
    pub added: &'a [RoomDevice],
    /// The devices that the commit removes.
    pub removed: &'a [RoomDevice],
}

/// The group as a commit leaves it, to be written with the commit's entry.
#[derive(Debug, Clone)]
pub struct After {
    record: MlsGroup,
    condition: Condition,
}

impl After {
    /// Makes the change that writes the group.
    #[must_use]
    pub fn change(&self) -> Change {
        Change::new().put(&self.record, self.condition.clone())
    }
}

/// The group of an encrypted room: the devices that read it, as far as the server is told. Only devices see what a commit truly
/// does; they compare it with what is said here.
#[derive(Clone)]
pub struct Group {
    store: Store,
    access: RoomAccess,
    record: MlsGroup,
}

fn name(device: &GroupDevice) -> RoomDevice {
    RoomDevice {
        member: device.member_id,
        device: device.device_id,
    }
}

impl Group {
    /// Reads the group of a room as it is now. It is without devices while nobody has founded it.
    pub async fn of(store: &Store, access: &RoomAccess) -> Result<Self, StoreError> {
        let room_id = access.room.room_id;
        let record: Option<MlsGroup> = store.get(&MlsGroup::key_of(room_id)).await?;
        Ok(Self {
            store: store.clone(),
            access: access.clone(),
            record: record.unwrap_or(MlsGroup {
                room_id,
                epoch: 0,
                founded_in: 0,
                devices: Vec::new(),
                version: 0,
            }),
        })
    }

    /// Returns the epoch that the last commit led to; 0 before the first.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.record.epoch
    }

    /// Returns the devices of the group.
    #[must_use]
    pub fn devices(&self) -> Vec<RoomDevice> {
        self.record.devices.iter().map(name).collect()
    }

    /// Checks that an MLS message, in the clear, is of this kind, this group and this epoch. The group is the room's as it was
    /// founded in the epoch `founded_in`. A device that has stayed behind could else seal with keys that a device has which the
    /// others have removed, or remove a device here and nowhere else.
    fn fits(&self, message: &Opaque, kind: PrivateKind, founded_in: u64, epoch: u64) -> Result<(), Refusal> {
        let group = format!("{}/{founded_in}", self.record.room_id);
        match PrivateHeader::read(&message.0) {
            Some(header) if header.kind == kind && header.group == group.as_bytes() => {
                if founded_in.checked_add(header.epoch) == Some(epoch) {
                    return Ok(());
                }
                Err(Refusal::new(Code::StaleEpoch, stale_epoch(epoch)))
            }
            _ => {
                let detail = "This is no MLS message of the room's group, or another one than it is called.";
                Err(Refusal::new(Code::Malformed, detail))
            }
        }
    }

    /// Returns the devices of the group that no longer belong to it. Their people are out of the room, or have given them up, or
    /// they say themselves that they cannot follow. They may read whatever is sealed in this epoch.
    pub async fn out(&self) -> Result<Vec<RoomDevice>, StoreError> {
        let devices = &self.record.devices;
        let people = devices
            .iter()
            .map(|device| (device.subject.as_str(), device.member_id))
            .collect();
        let keys: Vec<_> = devices
            .iter()
            .map(|device| MlsDevice::key_of(device.member_id, device.device_id))
            .collect();
        let (inside, known) = futures_util::try_join!(
            self.access.inside(&self.store, people),
            self.store.get_all::<MlsDevice>(&keys)
        )?;
        let known: HashSet<_> = known
            .into_iter()
            .filter(|device| device.given_up_at.is_none())
            .map(|device| (device.member_id, device.device_id))
            .collect();
        let belongs = |device: &&GroupDevice| {
            !device.left && inside.contains(&device.member_id) && known.contains(&(device.member_id, device.device_id))
        };
        Ok(devices.iter().filter(|device| !belongs(device)).map(name).collect())
    }

    /// Returns the devices of the room's people that are not in the group yet and can be let in. They are those of the first two
    /// hundred people, and no more than have room in the group: the caller takes a key package of each, for nothing where the commit
    /// is refused.
    pub async fn missing(&self, now: Timestamp) -> Result<Vec<RoomDevice>, StoreError> {
        let room = DEVICES_MAX.saturating_sub(self.record.devices.len());
        if room == 0 {
            return Ok(Vec::new());
        }
        let people = self.access.everybody(&self.store, DEVICES_MAX).await?;
        let each = people.into_iter().map(|(member, _)| self.devices_of(member));
        let found: Vec<Vec<MlsDevice>> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
        let inside: HashSet<RoomDevice> = self.devices().into_iter().collect();
        let mut missing = Vec::new();
        for device in found.into_iter().flatten() {
            if missing.len() == room {
                break;
            }
            let name = RoomDevice {
                member: device.member_id,
                device: device.device_id,
            };
            let wanted = device.given_up_at.is_none() && !inside.contains(&name);
            // A device that nobody has used for so long would only make each invitation fail.
            if wanted && (is_fresh(&device, now) || !key_packages(&self.store, &device, None, now).await?.is_empty()) {
                missing.push(name);
            }
        }
        Ok(missing)
    }

    async fn devices_of(&self, member: Member) -> Result<Vec<MlsDevice>, StoreError> {
        let query = Query::table(MlsDevice::of_member(member.member_id), MlsDevice::PREFIX);
        self.store.query(&query).await
    }

    /// Returns the records of these devices, if their people are in the room and have not given them up.
    pub async fn known(&self, devices: &[RoomDevice]) -> Result<Vec<MlsDevice>, Refusal> {
        let once: BTreeSet<&RoomDevice> = devices.iter().collect();
        let keys: Vec<_> = once
            .into_iter()
            .map(|device| MlsDevice::key_of(device.member, device.device))
            .collect();
        let mut known: Vec<MlsDevice> = self.store.get_all(&keys).await.map_err(unanswered)?;
        known.retain(|device| device.given_up_at.is_none());
        let people = known
            .iter()
            .map(|device| (device.subject.as_str(), device.member_id))
            .collect();
        let inside = self.access.inside(&self.store, people).await.map_err(unanswered)?;
        if known.len() == devices.len() && known.iter().all(|device| inside.contains(&device.member_id)) {
            Ok(known)
        } else {
            let detail = "A device is named twice, is not known, or is not of somebody in the room.";
            Err(Refusal::new(Code::NoSuchEntry, detail))
        }
    }

    /// Returns these devices with their signature keys, whatever became of them since. An entry that was sent is sent again word for
    /// word.
    pub async fn keys(&self, devices: &[RoomDevice]) -> Result<Vec<AddedDevice>, Refusal> {
        let once: BTreeSet<&RoomDevice> = devices.iter().collect();
        let keys: Vec<_> = once
            .into_iter()
            .map(|device| MlsDevice::key_of(device.member, device.device))
            .collect();
        let known: Vec<MlsDevice> = self.store.get_all(&keys).await.map_err(unanswered)?;
        let key = |device: &RoomDevice| {
            let known = known.iter();
            let mut known = known.filter(|known| (known.member_id, known.device_id) == (device.member, device.device));
            Some(AddedDevice {
                member: device.member,
                device: device.device,
                key: Opaque::read(&known.next()?.signature_key)?,
            })
        };
        let keyed: Option<Vec<AddedDevice>> = devices.iter().map(key).collect();
        keyed.ok_or_else(|| Refusal::new(Code::NoSuchEntry, "A device is not known."))
    }

    /// Makes the group as it is after a commit.
    pub async fn after(&self, changed: Changed<'_>, now: Timestamp) -> Result<After, Refusal> {
        let refused = |code, detail: String| Err(Refusal::new(code, detail));
        let Changed {
            by,
            epoch,
            founds,
            commit,
            added,
            removed,
        } = changed;
        if epoch != self.record.epoch {
            return refused(Code::StaleEpoch, stale_epoch(self.record.epoch));
        }
        let founded_in = if founds { epoch } else { self.record.founded_in };
        self.fits(commit, PrivateKind::Commit, founded_in, epoch)?;
        if added.len() + removed.len() > COMMIT_DEVICES_MAX {
            let detail = format!("A commit lets at most {COMMIT_DEVICES_MAX} devices in and out; make several.");
            return refused(Code::TooLarge, detail);
        }
        let mut devices = self.record.devices.clone();
        // Who has a stolen device commits nothing either.
        let mut known = self.known(&[added, &[by]].concat()).await?;
        if founds {
            devices.clear();
        } else if devices.iter().any(|device| name(device) == by && !device.left) {
            known.retain(|device| (device.member_id, device.device_id) != (by.member, by.device));
        } else {
            return refused(Code::Forbidden, "This device is not in the room's group.".to_owned());
        }
        // Who could remove any device could shut people out whom the room is theirs to read.
        let out: HashSet<RoomDevice> = if removed.iter().all(|device| device.member == by.member) {
            HashSet::new()
        } else {
            self.out().await.map_err(unanswered)?.into_iter().collect()
        };
        for gone in removed {
            if *gone == by {
                let detail = "A device cannot remove itself: say that it has left.";
                return refused(Code::NoSuchEntry, detail.to_owned());
            }
            // One that was let in behind the server's back goes whoever sees it.
            let listed = devices.len();
            devices.retain(|device| name(device) != *gone);
            if devices.len() < listed && gone.member != by.member && !out.contains(gone) {
                let detail = "Somebody else's device goes when its person is out of the room, or has given it up.";
                return refused(Code::Forbidden, detail.to_owned());
            }
        }
        for known in known {
            let comes = (known.member_id, known.device_id) != (by.member, by.device);
            if comes && !in_use(&self.store, &known, now).await.map_err(unanswered)? {
                let detail = "A device that is to come was not used for too long; go on without it.";
                return refused(Code::NoSuchEntry, detail.to_owned());
            }
            let new = GroupDevice {
                member_id: known.member_id,
                subject: known.subject,
                device_id: known.device_id,
                left: false,
            };
            if devices.iter().any(|device| name(device) == name(&new)) {
                return refused(Code::Conflict, "A device that is to come is in the group.".to_owned());
            }
            devices.push(new);
        }
        if devices.len() > DEVICES_MAX {
            let detail = format!("An encrypted room has at most {DEVICES_MAX} devices.");
            return refused(Code::TooLarge, detail);
        }
        Ok(self.with(epoch + 1, founded_in, devices))
    }

    /// Makes the group as it is after a device has said that it cannot follow. `None` where the device is not in it, or has said so
    /// before.
    #[must_use]
    pub fn without(&self, device: RoomDevice) -> Option<After> {
        let mut devices = self.record.devices.clone();
        let inside = devices
            .iter_mut()
            .find(|inside| name(inside) == device && !inside.left)?;
        inside.left = true;
        Some(self.with(self.record.epoch, self.record.founded_in, devices))
    }

    fn with(&self, epoch: u64, founded_in: u64, devices: Vec<GroupDevice>) -> After {
        let read_at = self.record.version;
        After {
            record: MlsGroup {
                room_id: self.record.room_id,
                epoch,
                founded_in,
                devices,
                version: read_at + 1,
            },
            condition: Condition::at(read_at),
        }
    }

    /// Checks that a member's message that is sealed in this epoch may be taken. It is sealed with the keys of that epoch, its
    /// sender has a device in the group, and no device can read it that does not belong to the group any more.
    pub(crate) async fn sealable(&self, sender: MemberId, epoch: u64, sealed: &Opaque) -> Result<(), Refusal> {
        self.fits(sealed, PrivateKind::Message, self.record.founded_in, epoch)?;
        let out = self.out().await.map_err(unanswered)?;
        if !out.is_empty() {
            let detail = format!(
                "{} of the room's devices do not belong to it any more; remove them first.",
                out.len()
            );
            return Err(Refusal::new(Code::DevicesOut, detail));
        }
        if self.record.devices.iter().any(|device| device.member_id == sender) {
            return Ok(());
        }
        let detail = "None of your devices is in the room's group yet; another device has to let one in.";
        Err(Refusal::new(Code::Forbidden, detail))
    }
}
