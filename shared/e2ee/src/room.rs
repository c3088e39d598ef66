//! Rooms on a device: making them, changing who is in them, and what is known of them.

use std::collections::BTreeSet;

use inventure_core::{MemberId, RoomId};
use openmls::prelude::{
    CommitBuilder, Complete, CreateCommitError, GroupId, Initial, LeafNodeIndex, MlsGroup, MlsGroupCreateConfig,
    MlsGroupJoinConfig, OpenMlsProvider, PURE_CIPHERTEXT_WIRE_FORMAT_POLICY, SenderRatchetConfiguration, StagedCommit,
    tls_codec::Serialize as _,
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use serde::{Deserialize, Serialize};

use crate::{
    CIPHERSUITE, DEVICES_MAX, Device, DeviceName, Error, Fingerprint, INVITED_MAX, KeyPackageFault, LATE_MESSAGES_MAX,
    MISSING_MESSAGES_MAX, PADDING_BYTES, PAST_EPOCHS, PLAINTEXT_BYTES_MAX, key_package,
};

/// A commit that was made and counts once the server takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// The epoch it was made in. The server takes it only while the room is there.
    pub epoch: u64,
    /// The entry for the room's log.
    pub commit: Vec<u8>,
    /// What the added devices join with, one for all of them. Hand it out only once the commit was taken.
    pub welcome: Option<Vec<u8>>,
}

/// A device that is in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its name.
    pub device: DeviceName,
    /// The fingerprint of its signature key; the device shows the same one.
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
    pub(crate) pending: Option<Staged>,
    pub(crate) removals: Removals,
}

/// Who was removed lately, and in which epoch the commit was made. The keys of past epochs are kept for messages that
/// were overtaken, and a removed device has those keys too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Removals(Vec<(u64, DeviceName)>);

impl Removals {
    pub(crate) fn add(&mut self, epoch: u64, removed: &[DeviceName]) {
        self.0.retain(|(then, _)| then + PAST_EPOCHS >= epoch);
        self.0.extend(removed.iter().map(|name| (epoch, *name)));
    }

    /// Whether the device was removed since an epoch.
    pub(crate) fn since(&self, epoch: u64, name: DeviceName) -> bool {
        self.0.iter().any(|(then, removed)| *removed == name && *then >= epoch)
    }
}

impl Room {
    pub(crate) fn new(group: MlsGroup) -> Self {
        Self {
            group,
            pending: None,
            removals: Removals::default(),
        }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.group.epoch().as_u64()
    }

    /// Names were checked when their leaves came in.
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

    /// The devices that a commit removes.
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

    /// Makes a commit. The room stays where it is until the commit is confirmed.
    fn stage(
        &mut self,
        provider: &OpenMlsRustCrypto,
        signer: &SignatureKeyPair,
        fill: impl FnOnce(CommitBuilder<'_, Initial>) -> CommitBuilder<'_, Initial>,
    ) -> Result<Staged, StageError> {
        let epoch = self.epoch();
        // New keys with every commit: it costs little, and whoever had the old ones is out.
        let builder = fill(self.group.commit_builder()).force_self_update(true);
        let complete: CommitBuilder<'_, Complete> =
            builder
                .load_psks(provider.storage())?
                .build(provider.rand(), provider.crypto(), signer, |_| true)?;
        let bundle = complete.stage_commit(provider).map_err(Error::internal)?;
        let welcome = bundle.to_welcome_msg();
        let staged = Staged {
            epoch,
            commit: bundle.commit().tls_serialize_detached().map_err(Error::internal)?,
            welcome: match welcome {
                Some(welcome) => Some(welcome.tls_serialize_detached().map_err(Error::internal)?),
                None => None,
            },
        };
        self.pending = Some(staged.clone());
        Ok(staged)
    }

    fn is_free(&self) -> Result<(), Error> {
        if self.pending.is_some() {
            return Err(Error::CommitPending);
        }
        Ok(())
    }
}

/// Only an invitation can go wrong by what somebody else made.
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

pub(crate) fn group_id(room: RoomId) -> GroupId {
    GroupId::from_slice(room.to_string().as_bytes())
}

/// How every device keeps a room: all encrypted, padded, the tree in the welcome.
pub(crate) fn join_config() -> MlsGroupJoinConfig {
    let past = usize::try_from(PAST_EPOCHS).unwrap_or_default();
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .max_past_epochs(past)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchets())
        .build()
}

fn create_config() -> MlsGroupCreateConfig {
    let past = usize::try_from(PAST_EPOCHS).unwrap_or_default();
    MlsGroupCreateConfig::builder()
        .ciphersuite(CIPHERSUITE)
        .capabilities(key_package::capabilities())
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .max_past_epochs(past)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchets())
        .build()
}

fn ratchets() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(LATE_MESSAGES_MAX, MISSING_MESSAGES_MAX)
}

impl Device {
    pub(crate) fn room(&self, room: RoomId) -> Result<&Room, Error> {
        self.rooms.get(&room).ok_or(Error::NoSuchRoom(room))
    }

    /// Makes a room with this device alone in it, at epoch 0.
    pub fn create(&mut self, room: RoomId) -> Result<(), Error> {
        if self.rooms.contains_key(&room) {
            return Err(Error::RoomExists(room));
        }
        let group = MlsGroup::new_with_group_id(
            &self.provider,
            &self.signer,
            &create_config(),
            group_id(room),
            self.credential(),
        )
        .map_err(Error::internal)?;
        self.rooms.insert(room, Room::new(group));
        Ok(())
    }

    /// Makes a commit that adds devices, each by a key package that the server handed out for a member, and the welcome
    /// for them.
    ///
    /// At most [`INVITED_MAX`] at once. Name all devices of a member, the own ones too: a device that is left out reads nothing.
    pub fn invite(&mut self, room: RoomId, key_packages: &[(MemberId, Vec<u8>)]) -> Result<Staged, Error> {
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        place.is_free()?;
        let Some((first, _)) = key_packages.first() else {
            return Err(Error::Nobody);
        };
        let mut names = place.names()?;
        if names.len() + key_packages.len() > DEVICES_MAX {
            return Err(Error::TooManyDevices);
        }
        if key_packages.len() > INVITED_MAX {
            return Err(Error::TooManyInvited);
        }
        let mut packages = Vec::with_capacity(key_packages.len());
        for (member, bytes) in key_packages {
            let (name, package) = key_package::check(&self.provider, *member, bytes)?;
            if !names.insert(name) {
                return Err(Error::AlreadyInRoom(name));
            }
            packages.push(package);
        }
        let staged = place.stage(&self.provider, &self.signer, |builder| builder.propose_adds(packages));
        staged.map_err(|error| match error {
            StageError::Proposal => Error::KeyPackage {
                member: *first,
                fault: KeyPackageFault::Unusable,
            },
            StageError::Other(error) => error,
        })
    }

    /// Makes a commit that removes devices: a lost one, or all of a member who is to go. They read nothing of what is
    /// said from its epoch on.
    pub fn remove(&mut self, room: RoomId, devices: &[DeviceName]) -> Result<Staged, Error> {
        let own = self.name;
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        place.is_free()?;
        let leaves = place.leaves()?;
        // A set, or a device that is named twice would be removed twice.
        let devices: BTreeSet<DeviceName> = devices.iter().copied().collect();
        if devices.is_empty() {
            return Err(Error::Nobody);
        }
        let mut indexes = Vec::with_capacity(devices.len());
        for device in devices {
            if device == own {
                return Err(Error::OwnDevice);
            }
            let leaf = leaves.iter().find(|(_, leaf)| leaf.name == device);
            indexes.push(leaf.ok_or(Error::NotInRoom(device))?.0);
        }
        Ok(place.stage(&self.provider, &self.signer, |builder| {
            builder.propose_removals(indexes)
        })?)
    }

    /// Makes a commit that gives this device new keys, so that whoever stole the old ones reads nothing from its epoch
    /// on. Do it now and then, for example once a day of talk.
    pub fn update(&mut self, room: RoomId) -> Result<Staged, Error> {
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        place.is_free()?;
        Ok(place.stage(&self.provider, &self.signer, |builder| builder)?)
    }

    /// The commit that waits for the server's answer. If the answer was lost, send the same one again, or look for it
    /// in the log.
    pub fn pending(&self, room: RoomId) -> Result<Option<&Staged>, Error> {
        Ok(self.room(room)?.pending.as_ref())
    }

    /// The server has taken the commit that waits: the room is now in the epoch that this returns.
    ///
    /// Open what stands before the commit in the log first: what a removed device said before it went counts, and is
    /// refused afterwards. Never call it before the server has said so, or before the commit was seen in the log; the
    /// device would be alone in an epoch of its own.
    pub fn confirm(&mut self, room: RoomId) -> Result<u64, Error> {
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        let Some(commit) = place.group.pending_commit() else {
            return Err(Error::NothingPending);
        };
        let removed = place.removed_by(commit)?;
        let epoch = place.epoch();
        place
            .group
            .merge_pending_commit(&self.provider)
            .map_err(Error::internal)?;
        place.removals.add(epoch, &removed);
        place.pending = None;
        Ok(place.epoch())
    }

    /// The server has refused the commit that waits: another one was taken in its epoch. Open that one, and make a new
    /// commit if it is still wanted. Without a commit that waits this does nothing, since opening the other one
    /// discards it too.
    pub fn discard(&mut self, room: RoomId) -> Result<(), Error> {
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        place
            .group
            .clear_pending_commit(self.provider.storage())
            .map_err(Error::internal)?;
        place.pending = None;
        Ok(())
    }

    /// Forgets a room and its keys; nothing of it can be read any more. The others do not learn of it: one of them has
    /// to remove this device, as one has to when the server says that a member has left.
    pub fn leave(&mut self, room: RoomId) -> Result<(), Error> {
        let mut place = self.rooms.remove(&room).ok_or(Error::NoSuchRoom(room))?;
        place.group.delete(self.provider.storage()).map_err(Error::internal)
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

    /// The epoch that the device is at in a room.
    pub fn epoch(&self, room: RoomId) -> Result<u64, Error> {
        Ok(self.room(room)?.epoch())
    }

    /// The devices that are in a room, this one too, by name.
    pub fn members(&self, room: RoomId) -> Result<Vec<Leaf>, Error> {
        let mut leaves: Vec<Leaf> = self
            .room(room)?
            .leaves()?
            .iter()
            .map(|(_, leaf)| Leaf {
                device: leaf.name,
                fingerprint: Fingerprint::of_leaf(leaf),
            })
            .collect();
        leaves.sort_by_key(|leaf| leaf.device);
        Ok(leaves)
    }

    /// A fingerprint of the epoch: devices that show the same one are in the same room with the same keys and the same
    /// history of commits. It is another one after each commit, and tells nothing about who the others are.
    pub fn authenticator(&self, room: RoomId) -> Result<Fingerprint, Error> {
        let authenticator = self.room(room)?.group.epoch_authenticator();
        Ok(Fingerprint::of("epoch", [authenticator.as_slice()]))
    }

    /// A fingerprint of the devices in the room and their signature keys, for people to compare face to face or over
    /// the telephone. It stays the same as long as the devices do.
    ///
    /// The server names the keys of each member's devices and could name one of its own; all would then show the same
    /// fingerprint with a stranger in it. So everybody also looks through their own devices in [`Device::members`] and
    /// misses none and knows each.
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
