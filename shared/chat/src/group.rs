use std::collections::{BTreeSet, HashSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use inventure_core::MemberId;
use inventure_realtime::{COMMIT_DEVICES_MAX, Code, DEVICES_MAX, Refusal, RoomDevice};
use inventure_store::{
    Change, Condition, Store, StoreError,
    records::{GroupDevice, Member, MlsDevice, MlsGroup},
    table::Query,
};

use crate::{Seat, get_all, history::stale_epoch, unanswered};

/// How many people's devices are looked up at once.
const AT_ONCE: usize = 10;

/// What a commit says that it does.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// Whose it is.
    pub by: RoomDevice,
    /// The epoch that it is made in.
    pub epoch: u64,
    /// Whether the group begins with it.
    pub founds: bool,
    /// The devices that it lets in.
    pub added: &'a [RoomDevice],
    /// The devices that it removes.
    pub removed: &'a [RoomDevice],
}

/// The group as a commit leaves it, to be written with the commit's entry.
#[derive(Debug, Clone)]
pub struct After {
    record: MlsGroup,
    condition: Condition,
}

impl After {
    /// The write.
    #[must_use]
    pub fn change(&self) -> Change {
        Change::new().put(&self.record, self.condition.clone())
    }
}

/// The group of an encrypted room: the devices that read it, as far as the server is told. What a commit truly does only devices see;
/// they compare it with what is said here.
#[derive(Clone)]
pub struct Group {
    store: Store,
    seat: Seat,
    record: MlsGroup,
}

fn name(device: &GroupDevice) -> RoomDevice {
    RoomDevice {
        member: device.member_id,
        device: device.device_id,
    }
}

impl Group {
    /// The group of a room as it is now; without devices while nobody has founded it.
    pub async fn of(store: &Store, seat: &Seat) -> Result<Self, StoreError> {
        let room_id = seat.room.room_id;
        let record: Option<MlsGroup> = store.get(&MlsGroup::key_of(room_id)).await?;
        Ok(Self {
            store: store.clone(),
            seat: seat.clone(),
            record: record.unwrap_or(MlsGroup {
                room_id,
                epoch: 0,
                devices: Vec::new(),
                version: 0,
            }),
        })
    }

    /// The epoch that the last commit led to; 0 before the first.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.record.epoch
    }

    /// The devices.
    #[must_use]
    pub fn devices(&self) -> Vec<RoomDevice> {
        self.record.devices.iter().map(name).collect()
    }

    /// The devices of the group that do not belong to it any more: their people are out of the room, or have given them up. Whatever is
    /// sealed in this epoch they can read.
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
            self.seat.inside(&self.store, people),
            get_all::<MlsDevice>(&self.store, &keys)
        )?;
        let known: HashSet<_> = known
            .into_iter()
            .filter(|device| device.given_up_at.is_none())
            .map(|device| (device.member_id, device.device_id))
            .collect();
        let belongs = |device: &&GroupDevice| {
            inside.contains(&device.member_id) && known.contains(&(device.member_id, device.device_id))
        };
        Ok(devices.iter().filter(|device| !belongs(device)).map(name).collect())
    }

    /// The devices of the room's people that are not in the group yet, of the first two hundred people.
    pub async fn missing(&self) -> Result<Vec<RoomDevice>, StoreError> {
        let people = self.seat.people(&self.store, DEVICES_MAX).await?;
        let each = people.into_iter().map(|(member, _)| self.devices_of(member));
        let found: Vec<Vec<MlsDevice>> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
        let inside: HashSet<RoomDevice> = self.devices().into_iter().collect();
        let there = found
            .into_iter()
            .flatten()
            .filter(|device| device.given_up_at.is_none());
        let names = there.map(|device| RoomDevice {
            member: device.member_id,
            device: device.device_id,
        });
        Ok(names.filter(|device| !inside.contains(device)).collect())
    }

    async fn devices_of(&self, member: Member) -> Result<Vec<MlsDevice>, StoreError> {
        let query = Query::table(MlsDevice::of_member(member.member_id), MlsDevice::PREFIX);
        self.store.query(&query).await
    }

    /// These devices, if their people are in the room and have them.
    pub async fn known(&self, devices: &[RoomDevice]) -> Result<Vec<MlsDevice>, Refusal> {
        let once: BTreeSet<&RoomDevice> = devices.iter().collect();
        let keys: Vec<_> = once
            .into_iter()
            .map(|device| MlsDevice::key_of(device.member, device.device))
            .collect();
        let mut known: Vec<MlsDevice> = get_all(&self.store, &keys).await.map_err(unanswered)?;
        known.retain(|device| device.given_up_at.is_none());
        let people = known
            .iter()
            .map(|device| (device.subject.as_str(), device.member_id))
            .collect();
        let inside = self.seat.inside(&self.store, people).await.map_err(unanswered)?;
        if known.len() == devices.len() && known.iter().all(|device| inside.contains(&device.member_id)) {
            Ok(known)
        } else {
            let detail = "A device is named twice, is not known, or is not of somebody in the room.";
            Err(Refusal::new(Code::NoSuchEntry, detail))
        }
    }

    /// The group after a commit.
    pub async fn after(&self, changed: Changed<'_>) -> Result<After, Refusal> {
        let refused = |code, detail: String| Err(Refusal::new(code, detail));
        let Changed {
            by,
            epoch,
            founds,
            added,
            removed,
        } = changed;
        if epoch != self.record.epoch {
            return refused(Code::StaleEpoch, stale_epoch(self.record.epoch));
        }
        if added.len() + removed.len() > COMMIT_DEVICES_MAX {
            let detail = format!("A commit lets at most {COMMIT_DEVICES_MAX} devices in and out; make several.");
            return refused(Code::TooLarge, detail);
        }
        let mut devices = self.record.devices.clone();
        // Who has a stolen device commits nothing either.
        let mut known = self.known(&[added, &[by]].concat()).await?;
        if founds {
            devices.clear();
        } else if devices.iter().any(|device| name(device) == by) {
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
            let before = devices.len();
            devices.retain(|device| name(device) != *gone);
            if devices.len() == before || *gone == by {
                let detail = "A device that is to go is not in the group, or is the one that says so.";
                return refused(Code::NoSuchEntry, detail.to_owned());
            }
            if gone.member != by.member && !out.contains(gone) {
                let detail = "Somebody else's device goes when its person is out of the room, or has given it up.";
                return refused(Code::Forbidden, detail.to_owned());
            }
        }
        for known in known {
            let new = GroupDevice {
                member_id: known.member_id,
                subject: known.subject,
                device_id: known.device_id,
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
        let read_at = self.record.version;
        let after = MlsGroup {
            epoch: epoch + 1,
            devices,
            version: read_at + 1,
            ..self.record.clone()
        };
        let condition = match read_at {
            0 => Condition::Absent,
            read_at => Condition::Version(read_at),
        };
        Ok(After {
            record: after,
            condition,
        })
    }

    /// Whether somebody's message may be sealed in the epoch that the group is in: by a device of theirs that is in it, and readable by
    /// none that does not belong to it any more.
    pub(crate) async fn sealable(&self, sender: MemberId) -> Result<(), Refusal> {
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
