//! Opening what the server hands out.

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
use zeroize::Zeroizing;

use crate::{
    APPLICATION_BYTES_MAX, DEVICES_MAX, Device, DeviceName, Error, HANDSHAKE_BYTES_MAX, PLAINTEXT_BYTES_MAX,
    room::{Room, group_id},
    storage::Kept,
};

/// An entry that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Somebody said something.
    Message {
        /// Who.
        device: DeviceName,
        /// What. It is wiped when it is dropped.
        plaintext: Zeroizing<Vec<u8>>,
    },
    /// Somebody changed who is in the room, or their own keys.
    Commit {
        /// Who.
        by: DeviceName,
        /// The epoch that the room is in now.
        epoch: u64,
        /// The devices that came in. Show them: one that its member does not know is not the member's.
        added: Vec<DeviceName>,
        /// The devices that went.
        removed: Vec<DeviceName>,
        /// Whether this device was removed. The room is forgotten then.
        removed_self: bool,
    },
}

impl Device {
    /// Opens an entry of a room's log, which the server says is from `claimed_sender`. Take the entries in the order of
    /// the log.
    pub fn open(&mut self, room: RoomId, claimed_sender: MemberId, bytes: &[u8]) -> Result<Opened, Error> {
        Error::at_most(bytes, HANDSHAKE_BYTES_MAX)?;
        let place = self.rooms.get_mut(&room).ok_or(Error::NoSuchRoom(room))?;
        let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| Error::Malformed)?;
        // Public messages would show the server who is who; and who is outside of the room can send nothing else.
        let MlsMessageBodyIn::PrivateMessage(message) = message.extract() else {
            return Err(Error::Malformed);
        };
        let message = ProtocolMessage::from(message);
        if message.group_id() != &group_id(room) {
            return Err(Error::OtherRoom);
        }
        let (entry, now) = (message.epoch().as_u64(), place.epoch());
        if entry > now {
            return Err(Error::Ahead { entry, room: now });
        }
        match message.content_type() {
            ContentType::Application => Error::at_most(bytes, APPLICATION_BYTES_MAX)?,
            ContentType::Commit if entry < now => return Err(Error::Passed { entry, room: now }),
            ContentType::Commit => {}
            // Devices commit what they propose at once, so that there is nothing that some have heard of and others
            // have not.
            ContentType::Proposal => return Err(Error::Malformed),
        }

        let kept = Kept::message_secrets(&self.provider, message.group_id())?;
        let opened = place.take(&self.provider, claimed_sender, message);
        match &opened {
            Ok(Opened::Commit { removed_self: true, .. }) => self.leave(room)?,
            Ok(_) => {}
            // `openmls` has used the message's key up where its own rules were kept and only ours were not.
            Err(_) => {
                if kept.put_back(&self.provider) {
                    place.reload(&self.provider, room)?;
                }
            }
        }
        opened
    }
}

impl Room {
    fn reload(&mut self, provider: &OpenMlsRustCrypto, room: RoomId) -> Result<(), Error> {
        let group = MlsGroup::load(provider.storage(), &group_id(room)).map_err(Error::internal)?;
        self.group = group.ok_or_else(|| Error::internal("a room is missing from the storage"))?;
        Ok(())
    }

    fn take(
        &mut self,
        provider: &OpenMlsRustCrypto,
        claimed: MemberId,
        message: ProtocolMessage,
    ) -> Result<Opened, Error> {
        let processed = self.group.process_message(provider, message).map_err(refused)?;
        if matches!(processed.content(), ProcessedMessageContent::OwnPrivateMessage) {
            return Err(Error::Own);
        }
        let epoch = processed.epoch().as_u64();
        let by = DeviceName::from_credential(processed.credential()).map_err(Error::internal)?;
        if by.member != claimed {
            return Err(Error::ForgedSender { claimed, actual: by });
        }
        if self.removals.since(epoch, by) {
            return Err(Error::SenderRemoved(by));
        }
        let sender = sender(&processed)?;
        match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(message) => {
                let plaintext = Zeroizing::new(message.into_bytes());
                Error::at_most(&plaintext, PLAINTEXT_BYTES_MAX)?;
                Ok(Opened::Message { device: by, plaintext })
            }
            ProcessedMessageContent::StagedCommitMessage(commit) => {
                let (added, removed) = self.check(sender, by, &commit)?;
                let removed_self = commit.self_removed();
                self.group
                    .merge_staged_commit(provider, *commit)
                    .map_err(Error::internal)?;
                // Ours was of the same epoch: this one was taken, so ours was not.
                self.pending = None;
                self.removals.add(epoch, &removed);
                Ok(Opened::Commit {
                    by,
                    epoch: self.epoch(),
                    added,
                    removed,
                    removed_self,
                })
            }
            _ => Err(Error::Malformed),
        }
    }

    /// Whether a commit does only what our devices do. `openmls` has seen to it that it is valid; what it leaves to the
    /// application is who may be what.
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
                    let name = DeviceName::from_credential(add.key_package().leaf_node().credential());
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
