//! Rooms on a device: making them, changing their devices, and what is known of them.

use std::collections::{BTreeMap, BTreeSet};

use inventure_core::RoomId;
use openmls::prelude::{
    CommitBuilder, Complete, CreateCommitError, GroupId, Initial, KeyPackage, LeafNodeIndex, MlsGroup,
    MlsGroupCreateConfig, MlsGroupJoinConfig, OpenMlsProvider, PURE_CIPHERTEXT_WIRE_FORMAT_POLICY,
    SenderRatchetConfiguration, StagedCommit, tls_codec::Serialize as _,
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CIPHERSUITE, DEVICES_MAX, Device, DeviceName, Error, Fingerprint, INVITED_MAX, KeyPackageFault, LATE_MESSAGES_MAX,
    MISSING_MESSAGES_MAX, PADDING_BYTES, PLAINTEXT_BYTES_MAX, key_package,
};

/// A commit that was made and counts once the server takes it. It is the whole request, so that the same one can be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// The commit's own id. A commit that is sent again under it counts once.
    pub message: Uuid,
    /// The room's epoch that the commit was made in. The server takes it only while the room is there.
    pub epoch: u64,
    /// Whether the room's group begins with the commit.
    pub founds: bool,
    /// The entry for the room's log.
    pub commit: Vec<u8>,
    /// The welcome by which the added devices join, one for all of them. Hand it out only once the commit was taken. `None` if none
    /// are added.
    pub welcome: Option<Vec<u8>>,
    /// The devices that the commit lets in.
    pub added: Vec<DeviceName>,
    /// The devices that the commit removes, those included that were named and are in no leaf.
    pub removed: Vec<DeviceName>,
}

/// A device that is in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The device's name.
    pub device: DeviceName,
    /// The device's signature key. If the server says that the device has another one, a stranger has taken its name.
    pub key: Vec<u8>,
    /// The fingerprint of the device's name and that key. The device shows the same one.
    pub fingerprint: Fingerprint,
}

/// A leaf of the tree with its name read.
pub(crate) struct KeyedLeaf {
    pub(crate) name: DeviceName,
    pub(crate) signature_key: Vec<u8>,
}

/// A room as this device has it.
pub(crate) struct Room {
    pub(crate) group: MlsGroup,
    /// The room's epoch that the group was founded in. The group itself counts from 0.
    pub(crate) base: u64,
    pub(crate) pending: Option<Staged>,
}

impl Room {
    pub(crate) fn new(group: MlsGroup, base: u64) -> Self {
        Self {
            group,
            base,
            pending: None,
        }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.base.saturating_add(self.group.epoch().as_u64())
    }

    /// Reads the leaves of the tree, each with its name. Names were checked when their leaves came in.
    pub(crate) fn leaves(&self) -> Result<Vec<(LeafNodeIndex, KeyedLeaf)>, Error> {
        let members = self.group.members().map(|member| {
            let leaf = KeyedLeaf {
                name: DeviceName::from_credential(&member.credential).map_err(Error::internal)?,
                signature_key: member.signature_key,
            };
            Ok((member.index, leaf))
        });
        members.collect()
    }

    pub(crate) fn names(&self) -> Result<BTreeSet<DeviceName>, Error> {
        Ok(self.leaves()?.into_iter().map(|(_, leaf)| leaf.name).collect())
    }

    /// Returns the devices that a commit removes.
    pub(crate) fn removed_by(&self, commit: &StagedCommit) -> Result<Vec<DeviceName>, Error> {
        let leaves = self.leaves()?;
        let removed = commit.remove_proposals().map(|proposal| {
            let index = proposal.remove_proposal().removed();
            let leaf = leaves.iter().find(|(other, _)| *other == index);
            leaf.map(|(_, leaf)| leaf.name)
                .ok_or(Error::Commit("it removes a leaf that is not there"))
        });
        removed.collect()
    }

    fn build<'a>(
        &'a mut self,
        provider: &'a OpenMlsRustCrypto,
        signer: &SignatureKeyPair,
        fill: impl FnOnce(CommitBuilder<'a, Initial>) -> CommitBuilder<'a, Initial>,
    ) -> Result<CommitBuilder<'a, Complete>, StageError> {
        // New keys with every commit: it costs little, and whoever had the old ones is out.
        let builder = fill(self.group.commit_builder()).force_self_update(true);
        let loaded = builder.load_psks(provider.storage())?;
        Ok(loaded.build(provider.rand(), provider.crypto(), signer, |_| true)?)
    }

    /// Makes a commit. The room stays where it is until the commit is confirmed.
    fn stage(
        &mut self,
        provider: &OpenMlsRustCrypto,
        signer: &SignatureKeyPair,
        (added, removed): (Vec<DeviceName>, Vec<DeviceName>),
        fill: impl FnOnce(CommitBuilder<'_, Initial>) -> CommitBuilder<'_, Initial>,
    ) -> Result<Staged, StageError> {
        // A group that has taken no commit yet is one that nobody else knows.
        let (epoch, founds) = (self.epoch(), self.group.epoch().as_u64() == 0);
        let complete = self.build(provider, signer, fill)?;
        let bundle = complete.stage_commit(provider).map_err(Error::internal)?;
        let welcome = bundle.to_welcome_msg();
        let staged = Staged {
            message: Uuid::new_v4(),
            epoch,
            founds,
            commit: bundle.commit().tls_serialize_detached().map_err(Error::internal)?,
            welcome: match welcome {
                Some(welcome) => Some(welcome.tls_serialize_detached().map_err(Error::internal)?),
                None => None,
            },
            added,
            removed,
        };
        self.pending = Some(staged.clone());
        Ok(staged)
    }

    /// Makes a commit that adds devices.
    fn stage_adds(
        &mut self,
        provider: &OpenMlsRustCrypto,
        signer: &SignatureKeyPair,
        key_packages: &[(DeviceName, Vec<u8>)],
    ) -> Result<Staged, Error> {
        let mut names = self.names()?;
        if names.len() + key_packages.len() > DEVICES_MAX {
            return Err(Error::TooManyDevices);
        }
        if key_packages.len() > INVITED_MAX {
            return Err(Error::TooManyInvited);
        }
        let (mut added, mut packages) = (Vec::new(), Vec::new());
        for (device, bytes) in key_packages {
            packages.push(key_package::check(provider, *device, bytes)?);
            if !names.insert(*device) {
                return Err(Error::AlreadyInRoom(*device));
            }
            added.push(*device);
        }
        let staged = self.stage(provider, signer, (added.clone(), Vec::new()), |builder| {
            builder.propose_adds(packages.clone())
        });
        match staged {
            Err(StageError::Proposal) => {
                let device = self.unusable(provider, signer, &added, &packages);
                Err(device.map_or_else(
                    || StageError::Proposal.into(),
                    |device| Error::KeyPackage {
                        device,
                        fault: KeyPackageFault::Unusable,
                    },
                ))
            }
            staged => Ok(staged?),
        }
    }

    /// Finds the device whose key package a commit cannot add, alone or next to those before it.
    fn unusable(
        &mut self,
        provider: &OpenMlsRustCrypto,
        signer: &SignatureKeyPair,
        added: &[DeviceName],
        packages: &[KeyPackage],
    ) -> Option<DeviceName> {
        let fits = |count: &usize| {
            let some = packages.iter().take(*count).cloned();
            self.build(provider, signer, |builder| builder.propose_adds(some))
                .is_ok()
        };
        let counts: Vec<usize> = (1..=packages.len()).collect();
        added.get(counts.partition_point(fits)).copied()
    }
}

/// An error in making a commit. Only an invitation can go wrong by something that another device made.
enum StageError {
    Proposal,
    Other(Error),
}

impl From<CreateCommitError> for StageError {
    fn from(error: CreateCommitError) -> Self {
        match error {
            CreateCommitError::ProposalValidationError(_)
            | CreateCommitError::LeafNodeValidation(_)
            | CreateCommitError::TreeSyncAddLeaf(_)
            | CreateCommitError::PublicTreeError(_) => Self::Proposal,
            error => Self::Other(Error::internal(error)),
        }
    }
}

impl From<Error> for StageError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<StageError> for Error {
    fn from(error: StageError) -> Self {
        match error {
            StageError::Proposal => Self::internal("a commit of our own making is not valid"),
            StageError::Other(error) => error,
        }
    }
}

/// Makes the id of a room's group that was founded in this epoch of the room: `<room id>/<epoch>`. No two groups of a room have the
/// same one, so what was made in one fits no other, and a device keeps two of them apart.
pub(crate) fn group_id(room: RoomId, base: u64) -> GroupId {
    GroupId::from_slice(format!("{room}/{base}").as_bytes())
}

/// Reads the room and the epoch in a group's id. `None` if the id is not in its one spelling.
pub(crate) fn room_of(group: &GroupId) -> Option<(RoomId, u64)> {
    let text = std::str::from_utf8(group.as_slice()).ok()?;
    let (room, base) = text.split_once('/')?;
    let (room, base) = (room.parse().ok()?, base.parse().ok()?);
    (group_id(room, base) == *group).then_some((room, base))
}

/// Returns the room as it will be where a new group waits, and as it is otherwise.
fn newest<'a>(
    founding: &'a mut BTreeMap<RoomId, Room>,
    rooms: &'a mut BTreeMap<RoomId, Room>,
    room: RoomId,
) -> Result<&'a mut Room, Error> {
    let place = founding.get_mut(&room).or_else(|| rooms.get_mut(&room));
    place.ok_or(Error::NoSuchRoom(room))
}

/// Makes the settings by which every device keeps a room. All is encrypted and padded, the tree is in the welcome, and no keys of
/// epochs that have passed are kept.
pub(crate) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .max_past_epochs(0)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchets())
        .build()
}

fn create_config() -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(CIPHERSUITE)
        .capabilities(key_package::capabilities())
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .max_past_epochs(0)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchets())
        .build()
}

fn ratchets() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(LATE_MESSAGES_MAX, MISSING_MESSAGES_MAX)
}

pub(crate) fn forget(provider: &OpenMlsRustCrypto, place: Option<Room>) -> Result<(), Error> {
    match place {
        Some(mut place) => place.group.delete(provider.storage()).map_err(Error::internal),
        None => Ok(()),
    }
}

impl Device {
    pub(crate) fn room(&self, room: RoomId) -> Result<&Room, Error> {
        self.rooms.get(&room).ok_or(Error::NoSuchRoom(room))
    }

    /// Makes the first commit of a new group for a room, and lets these devices in. The room is in the epoch `epoch`, 0 if nobody
    /// has founded it yet. The group that there was before stays until the new one is confirmed.
    pub fn found(&mut self, room: RoomId, epoch: u64, key_packages: &[(DeviceName, Vec<u8>)]) -> Result<Staged, Error> {
        if self.pending(room).is_some() {
            return Err(Error::CommitPending);
        }
        // Two groups of one id would be stored in one place.
        if self.rooms.get(&room).is_some_and(|place| place.base >= epoch) {
            return Err(Error::RoomExists(room));
        }
        let group = MlsGroup::new_with_group_id(
            &self.provider,
            &self.signer,
            &create_config(),
            group_id(room, epoch),
            self.credential(),
        )
        .map_err(Error::internal)?;
        let mut place = Room::new(group, epoch);
        let staged = place.stage_adds(&self.provider, &self.signer, key_packages);
        self.founding.insert(room, place);
        if staged.is_err() {
            self.discard(room)?;
        }
        staged
    }

    /// Makes a commit that adds devices, and the welcome for them. Each is added by a key package that the server handed out for it.
    ///
    /// At most [`INVITED_MAX`] at once. [`Error::KeyPackage`] and [`Error::AlreadyInRoom`] say which device to go on without. Name all
    /// other devices of a member, the own ones too: a device that is left out reads nothing.
    pub fn invite(&mut self, room: RoomId, key_packages: &[(DeviceName, Vec<u8>)]) -> Result<Staged, Error> {
        if key_packages.is_empty() {
            return Err(Error::Nobody);
        }
        let (place, provider, signer) = self.free(room)?;
        place.stage_adds(provider, signer, key_packages)
    }

    /// Makes a commit that removes devices: a lost one, or all of a member who is to go. They read nothing of what is said from its
    /// epoch on. A device that has no leaf is named all the same: the server may think that it has one.
    pub fn remove(&mut self, room: RoomId, devices: &[DeviceName]) -> Result<Staged, Error> {
        let own = self.name;
        let (place, provider, signer) = self.free(room)?;
        // A set, or a device that is named twice would be removed twice.
        let devices: BTreeSet<DeviceName> = devices.iter().copied().collect();
        if devices.is_empty() {
            return Err(Error::Nobody);
        }
        if devices.contains(&own) {
            return Err(Error::OwnDevice);
        }
        let leaves = place.leaves()?;
        let gone = leaves.iter().filter(|(_, leaf)| devices.contains(&leaf.name));
        let indexes: Vec<LeafNodeIndex> = gone.map(|(index, _)| *index).collect();
        let removed = devices.into_iter().collect();
        Ok(place.stage(provider, signer, (Vec::new(), removed), |builder| {
            builder.propose_removals(indexes)
        })?)
    }

    /// Makes a commit that gives this device new keys. A thief of the old ones reads nothing from its epoch on. Do it now and then,
    /// for example once a day of talk.
    pub fn update(&mut self, room: RoomId) -> Result<Staged, Error> {
        let (place, provider, signer) = self.free(room)?;
        Ok(place.stage(provider, signer, (Vec::new(), Vec::new()), |builder| builder)?)
    }

    /// Returns a room in which no commit waits, and the provider and signer with which a commit is made.
    fn free(&mut self, room: RoomId) -> Result<(&mut Room, &OpenMlsRustCrypto, &SignatureKeyPair), Error> {
        if self.pending(room).is_some() {
            return Err(Error::CommitPending);
        }
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        Ok((place, &self.provider, &self.signer))
    }

    /// Returns the commit that waits for the server's answer. As long as it is not known whether the server has taken it, send the
    /// same one again.
    #[must_use]
    pub fn pending(&self, room: RoomId) -> Option<&Staged> {
        let place = self.founding.get(&room).or_else(|| self.rooms.get(&room))?;
        place.pending.as_ref()
    }

    /// Takes the commit that waits, after the server has taken it. Returns the epoch that the room is in now.
    ///
    /// Open the entries that stand before the commit in the log first: the keys for them go with the epoch. Never call this before
    /// the server has said that it took the commit, or the device would be alone in an epoch of its own.
    pub fn confirm(&mut self, room: RoomId) -> Result<u64, Error> {
        let place = newest(&mut self.founding, &mut self.rooms, room)?;
        if place.group.pending_commit().is_none() {
            return Err(Error::NothingPending);
        }
        place
            .group
            .merge_pending_commit(&self.provider)
            .map_err(Error::internal)?;
        place.pending = None;
        let now = place.epoch();
        if let Some(founded) = self.founding.remove(&room) {
            forget(&self.provider, self.rooms.insert(room, founded))?;
        }
        Ok(now)
    }

    /// Drops the commit that waits, after the server has refused it and the log does not have it. Open what came, and make a new
    /// commit if it is still wanted. Without a commit that waits this does nothing, since opening another one discards it too.
    pub fn discard(&mut self, room: RoomId) -> Result<(), Error> {
        if let Some(founding) = self.founding.remove(&room) {
            return forget(&self.provider, Some(founding));
        }
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        place
            .group
            .clear_pending_commit(self.provider.storage())
            .map_err(Error::internal)?;
        place.pending = None;
        Ok(())
    }

    /// Forgets a room and its keys, and a group that was to begin in it. Nothing of it can be read any more. The others do not learn
    /// of it: tell the server, and one of them removes this device.
    pub fn leave(&mut self, room: RoomId) -> Result<(), Error> {
        let (founding, place) = (self.founding.remove(&room), self.rooms.remove(&room));
        if founding.is_none() && place.is_none() {
            return Err(Error::NoSuchRoom(room));
        }
        forget(&self.provider, founding)?;
        forget(&self.provider, place)
    }

    /// Seals a message for the devices that are in the room now.
    pub fn seal(&mut self, room: RoomId, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        Error::at_most(plaintext, PLAINTEXT_BYTES_MAX)?;
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        place
            .group
            .create_message(&self.provider, &self.signer, plaintext)
            .map_err(Error::internal)?
            .tls_serialize_detached()
            .map_err(Error::internal)
    }

    /// Returns the room's epoch that the device is at.
    pub fn epoch(&self, room: RoomId) -> Result<u64, Error> {
        Ok(self.room(room)?.epoch())
    }

    /// Returns the devices that are in a room, this one too, by name.
    pub fn members(&self, room: RoomId) -> Result<Vec<Leaf>, Error> {
        let mut leaves: Vec<Leaf> = self
            .room(room)?
            .leaves()?
            .iter()
            .map(|(_, leaf)| Leaf {
                device: leaf.name,
                key: leaf.signature_key.clone(),
                fingerprint: Fingerprint::of_leaf(leaf),
            })
            .collect();
        leaves.sort_by_key(|leaf| leaf.device);
        Ok(leaves)
    }

    /// Returns a fingerprint of the room's epoch. Devices that show the same one are in the same room with the same keys and the
    /// same history of commits. It is another one after each commit, and tells nothing about who the others are.
    pub fn authenticator(&self, room: RoomId) -> Result<Fingerprint, Error> {
        let authenticator = self.room(room)?.group.epoch_authenticator();
        Ok(Fingerprint::of("epoch", [authenticator.as_slice()]))
    }

    /// Returns a fingerprint of the devices in the room and their signature keys. People compare it face to face or over the
    /// telephone. It stays the same as long as the devices do.
    ///
    /// The server names the keys of each member's devices and could name one of its own; all would then show the same
    /// fingerprint with a stranger in it. So everybody also looks through their own devices in [`Device::members`],
    /// misses none, and compares the fingerprint of each with the one that it shows itself.
    pub fn room_fingerprint(&self, room: RoomId) -> Result<Fingerprint, Error> {
        let mut leaves = self.room(room)?.leaves()?;
        leaves.sort_by_key(|(_, leaf)| leaf.name);
        let id = room.to_string();
        let names: Vec<String> = leaves.iter().map(|(_, leaf)| leaf.name.to_string()).collect();
        let parts = names
            .iter()
            .zip(&leaves)
            .flat_map(|(name, (_, leaf))| [name.as_bytes(), &leaf.signature_key]);
        Ok(Fingerprint::of("room", std::iter::once(id.as_bytes()).chain(parts)))
    }
}
