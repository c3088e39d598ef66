//! The sealed rooms' client: one device of a person that founds groups, invites, removes, seals and opens, over whatever carries its
//! requests. It does what docs/e2ee.md tells clients to do.

use std::collections::HashMap;

use inventure_core::{AttachmentId, MemberId, RoomId};
use inventure_e2ee::{Device, DeviceName, Error, Opened, Staged};
use inventure_realtime::{Ack, Action, COMMIT_DEVICES_MAX, Code, Content, Entry, Opaque, Refusal, RoomDevice};
use serde_json::{Value, json};
use uuid::Uuid;

/// How many key packages a new device brings.
const PACKAGES: usize = 5;

/// How often something is tried again that others were quicker with.
const TRIES: usize = 12;

/// What carries a device's requests.
#[expect(async_fn_in_trait, reason = "tests ask from one task")]
pub trait Wire {
    /// Asks over HTTP: the status and the body.
    async fn http(&mut self, method: &str, path: &str, body: Value) -> (u16, Value);

    /// Asks over the socket.
    async fn frame(&mut self, action: Action) -> Result<Ack, Refusal>;
}

/// What a device makes of an entry of a sealed room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Somebody said this, the device's own person included.
    Said(MemberId, String),
    /// Devices came and went.
    Changed {
        /// Who came.
        added: Vec<DeviceName>,
        /// Who went.
        removed: Vec<DeviceName>,
    },
    /// It cannot be opened here.
    Closed(Error),
    /// A commit that does something else than its sender told the server.
    Lie(MemberId),
    /// It was erased.
    Erased,
}

#[derive(Default)]
struct Log {
    /// The offset of the last entry that was taken.
    at: u64,
    /// How many commits the room has taken up to there: the epoch that its keys are in.
    epoch: u64,
    /// What this device said, by the message's id: it cannot open that itself.
    said: HashMap<Uuid, String>,
    /// The commit that waits for its place in the log.
    pending: Option<Uuid>,
    heard: Vec<Heard>,
}

/// A device and what it knows.
pub struct Sealed<W> {
    /// What carries its requests.
    pub wire: W,
    /// Its keys.
    pub device: Device,
    logs: HashMap<RoomId, Log>,
}

fn name(device: RoomDevice) -> DeviceName {
    DeviceName {
        member: device.member,
        device: device.device,
    }
}

fn names(devices: &Value) -> Vec<DeviceName> {
    let name = |device: &Value| {
        Some(DeviceName {
            member: device["member_id"].as_str()?.parse().ok()?,
            device: device["device_id"].as_str()?.parse().ok()?,
        })
    };
    devices
        .as_array()
        .map(|all| all.iter().filter_map(name).collect())
        .unwrap_or_default()
}

fn listed(devices: &[DeviceName]) -> Value {
    let one = |device: &DeviceName| json!({ "member_id": device.member, "device_id": device.device });
    devices.iter().map(one).collect()
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

    /// What the device made of a room so far, in the order of its history.
    #[must_use]
    pub fn heard(&self, room: RoomId) -> &[Heard] {
        self.logs.get(&room).map(|log| log.heard.as_slice()).unwrap_or_default()
    }

    /// What was said in a room that the device could open.
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
        loop {
            let action = Action::History {
                room,
                after: self.logs.entry(room).or_default().at,
                before: None,
                limit: None,
            };
            let Ack::History { entries, more, .. } = self.wire.frame(action).await? else {
                return Err(Refusal::new(Code::Internal, "no history"));
            };
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
                Some(text) if own => Some(Heard::Said(entry.sender, text)),
                _ => Some(self.open(&entry, &sealed.0)),
            },
            Content::Commit {
                epoch,
                commit,
                founds,
                added,
                removed,
                ..
            } => {
                log.epoch = epoch + 1;
                if own && log.pending == Some(entry.message) {
                    log.pending = None;
                    let confirmed = self.device.confirm(entry.room);
                    confirmed.err().map(Heard::Closed)
                } else {
                    self.changed(&entry, &commit.0, *founds, added, removed).await
                }
            }
            Content::Erased {} => Some(Heard::Erased),
            Content::Text { .. } | Content::Edited { .. } | Content::Deleted { .. } => None,
        };
        self.logs.entry(entry.room).or_default().heard.extend(heard);
    }

    /// Takes somebody else's commit, and joins by it if it lets this device in.
    async fn changed(
        &mut self,
        entry: &Entry,
        commit: &[u8],
        founds: bool,
        added: &[RoomDevice],
        removed: &[RoomDevice],
    ) -> Option<Heard> {
        let (room, me) = (entry.room, self.device.name());
        if founds && self.device.epoch(room).is_ok() {
            // The group from before is void; nobody seals in it any more.
            let _left = self.device.leave(room);
        }
        if self.device.epoch(room).is_ok() {
            let heard = self.open(entry, commit);
            let Heard::Changed {
                added: came,
                removed: went,
            } = &heard
            else {
                return Some(heard);
            };
            let told = |devices: &[RoomDevice]| {
                let mut devices: Vec<DeviceName> = devices.iter().copied().map(name).collect();
                devices.sort_unstable();
                devices
            };
            let done = |devices: &[DeviceName]| {
                let mut devices = devices.to_vec();
                devices.sort_unstable();
                devices
            };
            let lies = told(added) != done(came) || told(removed) != done(went);
            return Some(if lies { Heard::Lie(entry.sender) } else { heard });
        }
        if !added.iter().copied().any(|device| name(device) == me) {
            return None;
        }
        let path = format!("/mls/devices/{}/welcomes/{room}/{}", me.device, entry.offset);
        let (_, welcome) = self.wire.http("GET", &path, json!({})).await;
        match self.device.join(&bytes(&welcome["welcome"])) {
            Ok(joined) if joined.room == room => {
                let _ = self.wire.http("DELETE", &path, json!({})).await;
                None
            }
            Ok(joined) => {
                let _left = self.device.leave(joined.room);
                Some(Heard::Lie(entry.sender))
            }
            Err(error) => Some(Heard::Closed(error)),
        }
    }

    fn open(&mut self, entry: &Entry, bytes: &[u8]) -> Heard {
        match self.device.open(entry.room, entry.sender, bytes) {
            Ok(Opened::Message { device, plaintext }) => {
                Heard::Said(device.member, String::from_utf8_lossy(&plaintext).into_owned())
            }
            Ok(Opened::Commit { added, removed, .. }) => Heard::Changed { added, removed },
            Err(error) => Heard::Closed(error),
        }
    }

    /// Sends a commit that this device made, and takes it at its place in the history; whether it was taken.
    async fn commit(
        &mut self,
        room: RoomId,
        staged: &Staged,
        founds: Option<u64>,
        (added, removed): (&[DeviceName], &[DeviceName]),
    ) -> Result<bool, Refusal> {
        let message = Uuid::new_v4();
        let log = self.logs.entry(room).or_default();
        log.pending = Some(message);
        let epoch = founds.unwrap_or(log.epoch);
        let body = json!({
            "message": message, "device_id": self.device.name().device, "epoch": epoch,
            "founds": founds.is_some(), "commit": Opaque(staged.commit.clone()),
            "welcome": staged.welcome.clone().map(Opaque), "added": listed(added), "removed": listed(removed),
        });
        let (status, answer) = self
            .wire
            .http("POST", &format!("/mls/rooms/{room}/commits"), body)
            .await;
        if status != 201 {
            self.logs.entry(room).or_default().pending = None;
            // A group that was to begin with it never was; another commit of this device may be made anew.
            let _ = match founds {
                Some(_) => self.device.leave(room),
                None => self.device.discard(room),
            };
        }
        self.catch_up(room).await?;
        match status {
            201 => Ok(true),
            409 => Ok(false),
            _ => Err(Refusal::new(Code::Forbidden, answer.to_string())),
        }
    }

    /// Key packages of these devices, checked as they are used.
    async fn key_packages(&mut self, room: RoomId, devices: &[DeviceName]) -> Vec<(MemberId, Vec<u8>)> {
        let path = format!("/mls/rooms/{room}/key-packages");
        let (_, answer) = self
            .wire
            .http("POST", &path, json!({ "devices": listed(devices) }))
            .await;
        let package = |one: &Value| Some((one["member_id"].as_str()?.parse().ok()?, bytes(&one["key_package"])));
        let packages = answer["key_packages"].as_array();
        packages
            .map(|all| all.iter().filter_map(package).collect())
            .unwrap_or_default()
    }

    /// Founds a room's group, or founds it anew, with everybody who should be in it.
    pub async fn found(&mut self, room: RoomId) -> Result<bool, Refusal> {
        let (_, group) = self.wire.http("GET", &format!("/mls/rooms/{room}"), json!({})).await;
        if self.device.epoch(room).is_ok() {
            let _left = self.device.leave(room);
        }
        let me = self.device.name();
        let mut others = names(&group["missing"]);
        others.extend(names(&group["devices"]));
        let out = names(&group["out"]);
        others.retain(|device| *device != me && !out.contains(device));
        others.truncate(COMMIT_DEVICES_MAX);
        let packages = self.key_packages(room, &others).await;
        let made = self.device.create(room).and_then(|()| {
            if packages.is_empty() {
                self.device.update(room)
            } else {
                self.device.invite(room, &packages)
            }
        });
        let staged = made.map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
        let epoch = group["epoch"].as_u64().unwrap_or_default();
        self.commit(room, &staged, Some(epoch), (&others, &[])).await
    }

    /// Brings a room's group in line with who belongs there: founds it, removes devices that are out, invites those that are missing.
    pub async fn tidy(&mut self, room: RoomId) -> Result<(), Refusal> {
        for _ in 0..TRIES {
            self.catch_up(room).await?;
            let (_, group) = self.wire.http("GET", &format!("/mls/rooms/{room}"), json!({})).await;
            if group["epoch"] == 0 {
                let _ = self.found(room).await?;
                continue;
            }
            if self.device.epoch(room).is_err() {
                return Ok(());
            }
            let broken = |error: Error| Refusal::new(Code::Internal, error.to_string());
            let (mut out, mut missing) = (names(&group["out"]), names(&group["missing"]));
            out.truncate(COMMIT_DEVICES_MAX);
            missing.truncate(COMMIT_DEVICES_MAX);
            if !out.is_empty() {
                let staged = self.device.remove(room, &out).map_err(broken)?;
                let _ = self.commit(room, &staged, None, (&[], &out)).await?;
            } else if !missing.is_empty() {
                let packages = self.key_packages(room, &missing).await;
                let staged = self.device.invite(room, &packages).map_err(broken)?;
                let _ = self.commit(room, &staged, None, (&missing, &[])).await?;
            } else {
                return Ok(());
            }
        }
        Err(Refusal::new(Code::Unavailable, "others were quicker each time"))
    }

    /// Makes this device's keys anew; whether the commit was taken.
    pub async fn update(&mut self, room: RoomId) -> Result<bool, Refusal> {
        let staged = self.device.update(room);
        let staged = staged.map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
        self.commit(room, &staged, None, (&[], &[])).await
    }

    /// Removes devices; whether the commit was taken.
    pub async fn remove(&mut self, room: RoomId, devices: &[DeviceName]) -> Result<bool, Refusal> {
        let staged = self.device.remove(room, devices);
        let staged = staged.map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
        self.commit(room, &staged, None, (&[], devices)).await
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

    /// The same, with sealed files that were taken.
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
        let epoch = log.epoch;
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
