//! The sealed rooms' client: one device of a person that founds groups, invites, removes, seals and opens. It works over whatever
//! carries its requests, and does what docs/live/e2ee.md tells clients to do.

use std::collections::{BTreeSet, HashMap};

use inventure_core::{AttachmentId, MemberId, RoomId};
use inventure_e2ee::{Commit, Device, DeviceName, Error, Invitation, Staged};
use inventure_realtime::{
    Ack, Action, AddedDevice, COMMIT_DEVICES_MAX, Code, Content, Entry, Opaque, Refusal, RoomDevice, mls::PrivateKind,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// The number of key packages that a new device brings.
const PACKAGES: usize = 5;

/// The most times that an action is tried when others were quicker.
const TRIES: usize = 12;

/// The carrier of a device's requests.
#[expect(async_fn_in_trait, reason = "tests ask from one task")]
pub trait Wire {
    /// Asks over HTTP and returns the status and the body.
    async fn http(&mut self, method: &str, path: &str, body: Value) -> (u16, Value);

    /// Asks over the socket.
    async fn frame(&mut self, action: Action) -> Result<Ack, Refusal>;
}

/// The reading of an entry of a sealed room by a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A member, possibly the device's own person, said this.
    Said(MemberId, String),
    /// Devices came and went.
    Changed {
        /// The devices that came.
        added: Vec<DeviceName>,
        /// The devices that went.
        removed: Vec<DeviceName>,
    },
    /// The entry cannot be opened by this device.
    Closed(Error),
    /// A commit that is not what its sender told the server. It does something else, is of another device, has a welcome of
    /// something else, lets a device in under another device's name, or is not of the epoch that the server counts it in.
    Lie(MemberId),
    /// A device has the room's keys, and the server does not list it.
    Stranger(DeviceName),
    /// The entry was erased.
    Erased,
}

#[derive(Default)]
struct Log {
    /// The epoch of the room's offsets. With another one the room has begun anew.
    began: Option<Uuid>,
    /// The offset of the last entry that was taken.
    at: u64,
    /// The number of commits that the room has taken up to there. It is the epoch that its keys are in.
    epoch: u64,
    /// The texts that this device said, by the message's id: it cannot open those itself.
    said: HashMap<Uuid, String>,
    /// The last commit of this device that was taken.
    taken: Option<Uuid>,
    heard: Vec<Heard>,
}

/// A device, its carrier and the rooms' histories that it has read.
pub struct Sealed<W> {
    /// The carrier of the device's requests.
    pub wire: W,
    /// The keys of the device.
    pub device: Device,
    logs: HashMap<RoomId, Log>,
}

fn name(device: RoomDevice) -> DeviceName {
    DeviceName {
        member: device.member,
        device: device.device,
    }
}

fn keyed(device: &AddedDevice) -> DeviceName {
    DeviceName {
        member: device.member,
        device: device.device,
    }
}

fn named(device: &Value) -> Option<DeviceName> {
    Some(DeviceName {
        member: device["member_id"].as_str()?.parse().ok()?,
        device: device["device_id"].as_str()?.parse().ok()?,
    })
}

fn names(devices: &Value) -> Vec<DeviceName> {
    devices
        .as_array()
        .map(|all| all.iter().filter_map(named).collect())
        .unwrap_or_default()
}

/// Makes a commit with these key packages, without those that are bad: one stale device keeps nobody else out.
fn with_good(
    mut packages: Vec<(DeviceName, Vec<u8>)>,
    mut make: impl FnMut(&[(DeviceName, Vec<u8>)]) -> Result<Staged, Error>,
) -> Result<Staged, Error> {
    loop {
        match make(&packages) {
            Err(Error::KeyPackage { device, .. } | Error::AlreadyInRoom(device)) => {
                packages.retain(|(name, _)| *name != device);
            }
            made => return made,
        }
    }
}

fn listed(devices: &[DeviceName]) -> Value {
    let one = |device: &DeviceName| json!({ "member_id": device.member, "device_id": device.device });
    devices.iter().map(one).collect()
}

/// Returns the beginning of a device's key package, with nothing behind it: as much as the server looks at. Equal numbers are the
/// same package, equal keys the same signature key.
#[must_use]
pub fn key_package(device: DeviceName, key: u8, number: u8) -> Opaque {
    let name = device.to_string();
    let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
    Opaque(
        [
            &[0, 1, 0, 5, 0, 1, 0, 1, 1, number, 1, number, 32][..],
            &[key; 32],
            &[0, 1, 0x40, length],
            name.as_bytes(),
        ]
        .concat(),
    )
}

/// Returns the beginning of a private message of a room's group. Nothing stands behind it: it is as much as the server looks at.
#[must_use]
pub fn private_message(room: &str, founded_in: u64, epoch: u64, kind: PrivateKind) -> Opaque {
    let group = format!("{room}/{founded_in}");
    let length = u8::try_from(group.len()).unwrap_or(u8::MAX);
    let kind = match kind {
        PrivateKind::Message => 1,
        PrivateKind::Commit => 3,
    };
    Opaque(
        [
            &[0, 1, 0, 2, length],
            group.as_bytes(),
            &(epoch - founded_in).to_be_bytes(),
            &[kind],
        ]
        .concat(),
    )
}

fn bytes(text: &Value) -> Vec<u8> {
    serde_json::from_value::<Opaque>(text.clone())
        .map(|opaque| opaque.0)
        .unwrap_or_default()
}

impl<W: Wire> Sealed<W> {
    /// A new device of a member, known to the server, with key packages to invite it by.
    ///
    /// # Panics
    /// When the server does not take it.
    pub async fn new(wire: W, member: MemberId) -> Result<Self, Error> {
        let mut sealed = Self {
            wire,
            device: Device::new(member, Uuid::new_v4())?,
            logs: HashMap::new(),
        };
        let id = sealed.device.name().device;
        let last_resort = Opaque(sealed.device.last_resort_key_package()?);
        let body = json!({ "last_resort": last_resort });
        let (status, answer) = sealed.wire.http("PUT", &format!("/mls/devices/{id}"), body).await;
        assert_eq!(status, 200, "{answer}");
        let mut packages = Vec::new();
        for _ in 0..PACKAGES {
            packages.push(Opaque(sealed.device.key_package()?));
        }
        let path = format!("/mls/devices/{id}/key-packages");
        let (status, answer) = sealed
            .wire
            .http("POST", &path, json!({ "key_packages": packages }))
            .await;
        assert_eq!(status, 201, "{answer}");
        Ok(sealed)
    }

    /// Returns the readings of a room's entries so far, in the order of its history.
    #[must_use]
    pub fn heard(&self, room: RoomId) -> &[Heard] {
        self.logs.get(&room).map(|log| log.heard.as_slice()).unwrap_or_default()
    }

    /// Returns the texts of a room that the device could open.
    #[must_use]
    pub fn texts(&self, room: RoomId) -> Vec<&str> {
        let mut texts = Vec::new();
        for heard in self.heard(room) {
            if let Heard::Said(_, said) = heard {
                texts.push(said.as_str());
            }
        }
        texts
    }

    /// Reads a room's history to its end.
    pub async fn catch_up(&mut self, room: RoomId) -> Result<(), Refusal> {
        let outside = self.device.epoch(room).is_err();
        self.read(room).await?;
        if outside && self.device.epoch(room).is_ok() {
            let group = self.group(room).await;
            self.strangers(room, &group);
        }
        Ok(())
    }

    async fn read(&mut self, room: RoomId) -> Result<(), Refusal> {
        loop {
            let action = Action::History {
                room,
                after: self.logs.entry(room).or_default().at,
                before: None,
                limit: None,
            };
            let Ack::History {
                epoch, entries, more, ..
            } = self.wire.frame(action).await?
            else {
                return Err(Refusal::new(Code::Internal, "no history"));
            };
            let log = self.logs.entry(room).or_default();
            if log.began.replace(epoch).is_some_and(|before| before != epoch) {
                // It was set back: offsets and commits are not those that this device knows.
                (log.at, log.epoch) = (0, 0);
                let _left = self.device.leave(room);
                continue;
            }
            for entry in entries {
                self.take(entry).await;
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Takes the next entry of a room's history.
    ///
    /// # Panics
    /// When it is not the next.
    pub async fn take(&mut self, entry: Entry) {
        let log = self.logs.entry(entry.room).or_default();
        assert_eq!(entry.offset, log.at + 1, "entries are taken in order");
        log.at = entry.offset;
        let own = entry.sender == self.device.name().member;
        let heard = match &entry.content {
            Content::Sealed { sealed, .. } => match log.said.get(&entry.message).cloned() {
                Some(text) if own => vec![Heard::Said(entry.sender, text)],
                _ => vec![self.open(&entry, &sealed.0)],
            },
            Content::Commit {
                epoch,
                commit,
                founds,
                device,
                key,
                added,
                removed,
            } => {
                log.epoch = epoch + 1;
                let waits = self.device.pending(entry.room);
                if own && waits.is_some_and(|staged| staged.message == entry.message && staged.commit == commit.0) {
                    log.taken = Some(entry.message);
                    let confirmed = self.device.confirm(entry.room);
                    confirmed.err().map(Heard::Closed).into_iter().collect()
                } else {
                    let by = AddedDevice {
                        member: entry.sender,
                        device: *device,
                        key: key.clone(),
                    };
                    self.changed(&entry, &commit.0, (*founds, epoch + 1), by, added, removed)
                        .await
                }
            }
            Content::Erased {} => vec![Heard::Erased],
            Content::Text { .. } | Content::Edited { .. } | Content::Deleted { .. } => Vec::new(),
        };
        self.logs.entry(entry.room).or_default().heard.extend(heard);
    }

    /// Takes another device's commit, and joins by it if it lets this device in.
    async fn changed(
        &mut self,
        entry: &Entry,
        commit: &[u8],
        (founds, epoch): (bool, u64),
        by: AddedDevice,
        added: &[AddedDevice],
        removed: &[RoomDevice],
    ) -> Vec<Heard> {
        let (room, me) = (entry.room, self.device.name());
        if founds {
            // The group from before is void; nobody seals in it any more.
            let _left = self.device.leave(room);
        }
        let mut heard = Vec::new();
        if self.device.epoch(room).is_ok() {
            let inside = self.inside(room);
            match self.device.open_commit(room, keyed(&by), commit) {
                Ok(Commit {
                    added: came,
                    removed: went,
                    ..
                }) => {
                    let told_to_come: BTreeSet<_> = added.iter().map(keyed).collect();
                    let told_to_go: BTreeSet<_> = removed.iter().copied().map(name).collect();
                    // Who had no leaf goes from the server's list alone.
                    let told_to_go: BTreeSet<_> = told_to_go.intersection(&inside).copied().collect();
                    let done = |devices: &[DeviceName]| devices.iter().copied().collect::<BTreeSet<_>>();
                    let lies = told_to_come != done(&came) || told_to_go != done(&went);
                    return vec![if lies || self.taken_name(room, added) {
                        Heard::Lie(entry.sender)
                    } else {
                        Heard::Changed {
                            added: came,
                            removed: went,
                        }
                    }];
                }
                // The server has counted it and this device cannot follow: it comes back by this commit or a later one.
                Err(error) => {
                    let _left = self.device.leave(room);
                    heard.push(match error {
                        Error::Passed { .. } | Error::ForgedDevice { .. } => Heard::Lie(entry.sender),
                        error => Heard::Closed(error),
                    });
                }
            }
        }
        if !added.iter().any(|device| keyed(device) == me) {
            return heard;
        }
        let path = format!("/mls/devices/{}/welcomes/{room}/{}", me.device, entry.offset);
        let (_, welcome) = self.wire.http("GET", &path, json!({})).await;
        let invitation = Invitation {
            room,
            epoch,
            by: keyed(&by),
        };
        match self.device.join(invitation, &bytes(&welcome["welcome"])) {
            Ok(()) => {
                let _ = self.wire.http("DELETE", &path, json!({})).await;
                if self.taken_name(room, &[added, &[by]].concat()) {
                    heard.push(Heard::Lie(entry.sender));
                }
            }
            Err(Error::Welcome(_) | Error::OtherRoom) => heard.push(Heard::Lie(entry.sender)),
            Err(error) => heard.push(Heard::Closed(error)),
        }
        heard
    }

    fn open(&mut self, entry: &Entry, bytes: &[u8]) -> Heard {
        match self.device.open_message(entry.room, entry.sender, bytes) {
            Ok(message) => Heard::Said(
                message.device.member,
                String::from_utf8_lossy(&message.plaintext).into_owned(),
            ),
            Err(error) => Heard::Closed(error),
        }
    }

    /// Whether one of these devices has another signature key in a room than the server has known it by.
    fn taken_name(&self, room: RoomId, devices: &[AddedDevice]) -> bool {
        let members = self.device.members(room).unwrap_or_default();
        let other = |device: &AddedDevice| {
            let mut leaves = members.iter();
            leaves.any(|leaf| leaf.device == keyed(device) && leaf.key != device.key.0)
        };
        devices.iter().any(other)
    }

    /// The devices that have a room's keys.
    fn inside(&self, room: RoomId) -> BTreeSet<DeviceName> {
        let members = self.device.members(room).unwrap_or_default();
        members.into_iter().map(|leaf| leaf.device).collect()
    }

    /// A room's group, as the server knows it.
    async fn group(&mut self, room: RoomId) -> Value {
        self.wire.http("GET", &format!("/mls/rooms/{room}"), json!({})).await.1
    }

    /// Returns the devices that have a room's keys and are not in the server's list. The list is of the same epoch. They are
    /// told, and to be removed.
    fn strangers(&mut self, room: RoomId, group: &Value) -> Vec<DeviceName> {
        if self.device.epoch(room).ok() != group["epoch"].as_u64() {
            return Vec::new();
        }
        let listed = names(&group["devices"]);
        let strangers: Vec<DeviceName> = self
            .inside(room)
            .into_iter()
            .filter(|name| !listed.contains(name))
            .collect();
        let log = self.logs.entry(room).or_default();
        log.heard.extend(strangers.iter().copied().map(Heard::Stranger));
        strangers
    }

    /// Sends the commit that waits, and returns whether it was taken. It sends until it is known what became of the commit; if
    /// the server does not say, the commit waits on.
    pub async fn settle(&mut self, room: RoomId) -> Result<bool, Refusal> {
        let Some(staged) = self.device.pending(room).cloned() else {
            return Ok(false);
        };
        let body = json!({
            "message": staged.message, "device_id": self.device.name().device, "epoch": staged.epoch,
            "founds": staged.founds, "commit": Opaque(staged.commit), "welcome": staged.welcome.map(Opaque),
            "added": listed(&staged.added), "removed": listed(&staged.removed),
        });
        let path = format!("/mls/rooms/{room}/commits");
        for _ in 0..TRIES {
            let (status, answer) = self.wire.http("POST", &path, body.clone()).await;
            if !matches!(status, 201 | 403 | 404 | 409 | 422) {
                continue;
            }
            // Whatever this answer says, one before it may have been lost: the log knows.
            self.catch_up(room).await?;
            if self.logs.entry(room).or_default().taken == Some(staged.message) {
                return Ok(true);
            }
            if self.device.pending(room).is_some() {
                let _discarded = self.device.discard(room);
            }
            return match status {
                409 => Ok(false),
                _ => Err(Refusal::new(Code::Forbidden, answer.to_string())),
            };
        }
        Err(Refusal::new(Code::Unavailable, "nobody says what became of a commit"))
    }

    /// Makes a commit that waits for no other, and sends it.
    async fn commit(
        &mut self,
        room: RoomId,
        make: impl FnOnce(&mut Device) -> Result<Staged, Error>,
    ) -> Result<bool, Refusal> {
        self.settle(room).await?;
        make(&mut self.device).map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
        self.settle(room).await
    }

    /// Key packages of these devices, checked as they are used.
    async fn key_packages(&mut self, room: RoomId, devices: &[DeviceName]) -> Vec<(DeviceName, Vec<u8>)> {
        if devices.is_empty() {
            return Vec::new();
        }
        let path = format!("/mls/rooms/{room}/key-packages");
        let (_, answer) = self
            .wire
            .http("POST", &path, json!({ "devices": listed(devices) }))
            .await;
        let packages = answer["key_packages"].as_array();
        let package = |one: &Value| Some((named(one)?, bytes(&one["key_package"])));
        packages
            .map(|all| all.iter().filter_map(package).collect())
            .unwrap_or_default()
    }

    /// Founds a room's group, or founds it anew, with everybody who should be in it.
    pub async fn found(&mut self, room: RoomId) -> Result<bool, Refusal> {
        self.settle(room).await?;
        self.catch_up(room).await?;
        let group = self.group(room).await;
        let me = self.device.name();
        let mut others = names(&group["missing"]);
        others.extend(names(&group["devices"]));
        let out = names(&group["out"]);
        others.retain(|device| *device != me && !out.contains(device));
        others.truncate(COMMIT_DEVICES_MAX);
        let packages = self.key_packages(room, &others).await;
        let epoch = group["epoch"].as_u64().unwrap_or_default();
        self.commit(room, |device| {
            with_good(packages, |packages| device.found(room, epoch, packages))
        })
        .await
    }

    /// Brings a room's group in line with who belongs there. It founds the group, removes devices that are out, and invites those
    /// that are missing.
    pub async fn tidy(&mut self, room: RoomId) -> Result<(), Refusal> {
        let me = self.device.name();
        // Whom nobody can let in today.
        let mut hopeless = BTreeSet::new();
        for _ in 0..TRIES {
            self.settle(room).await?;
            self.catch_up(room).await?;
            let group = self.group(room).await;
            if group["epoch"] == 0 {
                let _ = self.found(room).await?;
                continue;
            }
            let mut out = names(&group["out"]);
            if self.device.epoch(room).is_err() {
                let read = Some(self.logs.entry(room).or_default().epoch);
                // The list is as old as what was read: the device should be inside and cannot follow.
                if read == group["epoch"].as_u64() && names(&group["devices"]).contains(&me) && !out.contains(&me) {
                    let path = format!("/mls/rooms/{room}/devices/{}", me.device);
                    let _ = self.wire.http("DELETE", &path, json!({})).await;
                }
                return Ok(());
            }
            out.extend(self.strangers(room, &group));
            out.retain(|device| *device != me);
            out.truncate(COMMIT_DEVICES_MAX);
            let mut missing = names(&group["missing"]);
            missing.retain(|device| !hopeless.contains(device));
            missing.truncate(COMMIT_DEVICES_MAX);
            if !out.is_empty() {
                let _ = self.commit(room, |device| device.remove(room, &out)).await?;
            } else if !missing.is_empty() {
                let packages = self.key_packages(room, &missing).await;
                let invited = match with_good(packages, |packages| self.device.invite(room, packages)) {
                    Ok(staged) => {
                        let _ = self.settle(room).await?;
                        staged.added
                    }
                    Err(Error::Nobody) => Vec::new(),
                    Err(error) => return Err(Refusal::new(Code::Internal, error.to_string())),
                };
                hopeless.extend(missing.into_iter().filter(|device| !invited.contains(device)));
            } else {
                return Ok(());
            }
        }
        Err(Refusal::new(Code::Unavailable, "others were quicker each time"))
    }

    /// Makes this device's keys anew and returns whether the commit was taken.
    pub async fn update(&mut self, room: RoomId) -> Result<bool, Refusal> {
        self.commit(room, |device| device.update(room)).await
    }

    /// Removes devices and returns whether the commit was taken.
    pub async fn remove(&mut self, room: RoomId, devices: &[DeviceName]) -> Result<bool, Refusal> {
        self.commit(room, |device| device.remove(room, devices)).await
    }

    /// Says something in a room, in whatever epoch it is by then, to those who belong there.
    pub async fn say(&mut self, room: RoomId, text: &str) -> Result<u64, Refusal> {
        let message = Uuid::new_v4();
        for _ in 0..TRIES {
            match self.seal(room, message, text).await {
                Err(refusal) if refusal.code == Code::StaleEpoch => self.catch_up(room).await?,
                Err(refusal) if refusal.code == Code::DevicesOut => self.tidy(room).await?,
                done => return done,
            }
        }
        Err(Refusal::new(Code::Unavailable, "the room changes all the time"))
    }

    /// Seals something in the epoch that this device knows, and sends it once.
    pub async fn seal(&mut self, room: RoomId, message: Uuid, text: &str) -> Result<u64, Refusal> {
        self.seal_with(room, message, text, Vec::new()).await
    }

    /// Seals a text with sealed files that were taken, and sends it once.
    pub async fn seal_with(
        &mut self,
        room: RoomId,
        message: Uuid,
        text: &str,
        attachments: Vec<AttachmentId>,
    ) -> Result<u64, Refusal> {
        let sealed = self.device.seal(room, text.as_bytes());
        let sealed = sealed.map_err(|error| Refusal::new(Code::Forbidden, error.to_string()))?;
        let log = self.logs.entry(room).or_default();
        log.said.insert(message, text.to_owned());
        let epoch = self.device.epoch(room).unwrap_or(log.epoch);
        let action = Action::Sealed {
            room,
            message,
            epoch,
            sealed: Opaque(sealed),
            mentions: Vec::new(),
            attachments,
        };
        match self.wire.frame(action).await? {
            Ack::Entry { offset, .. } => Ok(offset),
            _ => Err(Refusal::new(Code::Internal, "no entry")),
        }
    }
}
