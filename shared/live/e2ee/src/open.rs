//! Opens the messages and commits that the server hands out.

use std::collections::BTreeSet;

use inventure_core::{MemberId, RoomId};
use openmls::{
    framing::errors::{MessageDecryptionError, SecretTreeError},
    group::{MlsGroup, ProcessMessageError, StageCommitError, StagedCommit, ValidationError},
    prelude::{
        ContentType, KeyPackageVerifyError, MlsMessageBodyIn, MlsMessageIn, OpenMlsProvider, ProcessedMessage,
        ProcessedMessageContent, Proposal, ProtocolMessage, Sender, tls_codec::Deserialize as _,
    },
};
use openmls_rust_crypto::OpenMlsRustCrypto;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    APPLICATION_BYTES_MAX, DEVICES_MAX, Device, DeviceName, Error, HANDSHAKE_BYTES_MAX, PLAINTEXT_BYTES_MAX,
    key_package::is_plain,
    room::{Room, forget, room_of},
    storage::Kept,
};

/// A message that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The device that sent the message.
    pub device: DeviceName,
    /// The text or other bytes of the message. They are wiped when they are dropped.
    pub plaintext: Zeroizing<Vec<u8>>,
}

/// A commit that was opened: a change of the devices in the room, or of the committer's own keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The device that made the commit.
    pub by: DeviceName,
    /// The epoch that the room is in now.
    pub epoch: u64,
    /// The devices that came in. Show them: one that its member does not know is not the member's.
    pub added: Vec<DeviceName>,
    /// The devices that went.
    pub removed: Vec<DeviceName>,
    /// Whether this device was removed. The room is forgotten then.
    pub removed_self: bool,
}

/// The member that the server names as the sender, and the device where the server says it.
type Claimed = (MemberId, Option<Uuid>);

enum Opened {
    Message(Message),
    Commit(Commit),
}

impl Device {
    /// Opens a message of a room's log, and nothing but a message. The server says that it is from `claimed_sender`. Take the
    /// entries in the order of the log.
    pub fn open_message(&mut self, room: RoomId, claimed_sender: MemberId, bytes: &[u8]) -> Result<Message, Error> {
        match self.open(ContentType::Application, room, (claimed_sender, None), bytes)? {
            Opened::Message(message) => Ok(message),
            Opened::Commit(_) => Err(Error::Malformed),
        }
    }

    /// Opens a commit of a room's log, and takes it. The server says that it is from the device `claimed`. Take the entries in the
    /// order of the log, as with [`Device::open_message`].
    pub fn open_commit(&mut self, room: RoomId, claimed: DeviceName, bytes: &[u8]) -> Result<Commit, Error> {
        let sender = (claimed.member, Some(claimed.device));
        match self.open(ContentType::Commit, room, sender, bytes)? {
            Opened::Commit(commit) => Ok(commit),
            Opened::Message(_) => Err(Error::Malformed),
        }
    }

    fn open(&mut self, wanted: ContentType, room: RoomId, claimed: Claimed, bytes: &[u8]) -> Result<Opened, Error> {
        Error::at_most(bytes, HANDSHAKE_BYTES_MAX)?;
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| Error::Malformed)?;
        // Public messages would show the server who is who; and who is outside of the room can send nothing else.
        let MlsMessageBodyIn::PrivateMessage(message) = message.extract() else {
            return Err(Error::Malformed);
        };
        let message = ProtocolMessage::from(message);
        // Before anything is taken: the server counts commits by what the entry says that it is. What devices propose they commit at once,
        // so that there is nothing that some have heard of and others have not.
        if message.content_type() != wanted {
            return Err(Error::Malformed);
        }
        let (of, base) = room_of(message.group_id()).ok_or(Error::OtherRoom)?;
        if of != room {
            return Err(Error::OtherRoom);
        }
        let (entry, now) = (base.saturating_add(message.epoch().as_u64()), place.epoch());
        if entry > now {
            return Err(Error::Ahead { entry, room: now });
        }
        if wanted == ContentType::Application {
            Error::at_most(bytes, APPLICATION_BYTES_MAX)?;
            // The server takes messages in the current epoch alone, so this one was moved behind a commit.
            if entry < now {
                return Err(Error::TooOld);
            }
        } else if entry < now {
            return Err(Error::Passed { entry, room: now });
        }
        if base != place.base {
            return Err(Error::TooOld);
        }

        let kept = Kept::message_secrets(&self.provider, message.group_id())?;
        let opened = place.take(&self.provider, claimed, message);
        match &opened {
            Ok(Opened::Commit(commit)) if commit.removed_self => self.leave(room)?,
            // A group that was to begin in the epoch before never does.
            Ok(Opened::Commit(_)) => forget(&self.provider, self.founding.remove(&room))?,
            Ok(Opened::Message(_)) => {}
            // `openmls` has used the message's key up where its own rules were kept and only ours were not.
            Err(_) => {
                if kept.put_back(&self.provider) {
                    place.reload(&self.provider)?;
                }
            }
        }
        opened
    }
}

impl Room {
    fn reload(&mut self, provider: &OpenMlsRustCrypto) -> Result<(), Error> {
        let group = MlsGroup::load(provider.storage(), self.group.group_id()).map_err(Error::internal)?;
        self.group = group.ok_or_else(|| Error::internal("a room is missing from the storage"))?;
        Ok(())
    }

    fn take(
        &mut self,
        provider: &OpenMlsRustCrypto,
        (claimed, device): Claimed,
        message: ProtocolMessage,
    ) -> Result<Opened, Error> {
        let processed = self.group.process_message(provider, message).map_err(refused)?;
        if matches!(processed.content(), ProcessedMessageContent::OwnPrivateMessage) {
            return Err(Error::Own);
        }
        let by = DeviceName::from_credential(processed.credential()).map_err(Error::internal)?;
        if by.member != claimed {
            return Err(Error::ForgedSender { claimed, actual: by });
        }
        if let Some(device) = device.filter(|device| *device != by.device) {
            let claimed = DeviceName {
                member: claimed,
                device,
            };
            return Err(Error::ForgedDevice { claimed, actual: by });
        }
        let sender = sender(&processed)?;
        match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(message) => {
                let plaintext = Zeroizing::new(message.into_bytes());
                Error::at_most(&plaintext, PLAINTEXT_BYTES_MAX)?;
                Ok(Opened::Message(Message { device: by, plaintext }))
            }
            ProcessedMessageContent::StagedCommitMessage(commit) => {
                let (added, removed) = self.check(sender, by, &commit)?;
                let removed_self = commit.self_removed();
                self.group
                    .merge_staged_commit(provider, *commit)
                    .map_err(Error::internal)?;
                // Ours was of the same epoch: this one was taken, so ours was not.
                self.pending = None;
                Ok(Opened::Commit(Commit {
                    by,
                    epoch: self.epoch(),
                    added,
                    removed,
                    removed_self,
                }))
            }
            _ => Err(Error::Malformed),
        }
    }

    /// Checks that a commit does only what our devices do, and returns the devices that it adds and removes. `openmls` has seen to
    /// it that the commit is valid; it leaves to the application who may be what.
    fn check(
        &self,
        sender: openmls::prelude::LeafNodeIndex,
        by: DeviceName,
        commit: &StagedCommit,
    ) -> Result<(Vec<DeviceName>, Vec<DeviceName>), Error> {
        let mut added = Vec::new();
        for proposal in commit.queued_proposals() {
            match proposal.proposal() {
                Proposal::Add(add) => {
                    let leaf = add.key_package().leaf_node();
                    if !is_plain(leaf) {
                        return Err(Error::Commit("it adds a device that is not like ours"));
                    }
                    let name = DeviceName::from_credential(leaf.credential());
                    added.push(name.map_err(|_| Error::Commit("a credential does not name a device"))?);
                }
                Proposal::Remove(_) => {}
                _ => return Err(Error::Commit("it neither adds nor removes a device")),
            }
        }
        if let Some(leaf) = commit.update_path_leaf_node() {
            let before = self.group.member_at(sender);
            let key = before.map(|member| member.signature_key);
            if DeviceName::from_credential(leaf.credential()) != Ok(by)
                || key.as_deref() != Some(leaf.signature_key().as_slice())
            {
                return Err(Error::Commit("it changes the committer's name or signature key"));
            }
            if !is_plain(leaf) {
                return Err(Error::Commit("its committer's leaf is not like ours"));
            }
        }
        let removed = self.removed_by(commit)?;
        let mut names: BTreeSet<DeviceName> = self.names()?;
        for name in &removed {
            names.remove(name);
        }
        for name in &added {
            if !names.insert(*name) {
                return Err(Error::Commit("it adds a device that is in the room already"));
            }
        }
        if names.len() > DEVICES_MAX {
            return Err(Error::TooManyDevices);
        }
        Ok((added, removed))
    }
}

fn sender(processed: &ProcessedMessage) -> Result<openmls::prelude::LeafNodeIndex, Error> {
    match processed.sender() {
        Sender::Member(index) => Ok(*index),
        _ => Err(Error::Malformed),
    }
}

fn refused<E>(error: ProcessMessageError<E>) -> Error {
    match error {
        ProcessMessageError::ValidationError(ValidationError::UnableToDecrypt(
            MessageDecryptionError::SecretTreeError(SecretTreeError::SecretReuseError),
        )) => Error::Replay,
        ProcessMessageError::ValidationError(
            ValidationError::NoPastEpochData
            | ValidationError::UnableToDecrypt(MessageDecryptionError::SecretTreeError(
                SecretTreeError::TooDistantInThePast,
            )),
        ) => Error::TooOld,
        ProcessMessageError::ValidationError(ValidationError::KeyPackageVerifyError(
            KeyPackageVerifyError::LifetimeError(_),
        )) => Error::Overslept,
        ProcessMessageError::InvalidCommit(StageCommitError::OwnCommitMismatch) => Error::Own,
        ProcessMessageError::InvalidCommit(_) => Error::Commit("it is not valid"),
        _ => Error::Unreadable,
    }
}
