//! Joining a room.

use std::collections::BTreeSet;

use inventure_core::RoomId;
use openmls::prelude::{
    Credential, MlsMessageBodyIn, MlsMessageIn, StagedWelcome, Welcome, WelcomeError, tls_codec::Deserialize as _,
};

use crate::{
    CIPHERSUITE, DEVICES_MAX, Device, DeviceName, Error, HANDSHAKE_BYTES_MAX,
    room::{Room, forget, join_config, room_of},
    storage::Kept,
};

/// The commit that lets a device into a room, as the room's log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// The room that the device is let into.
    pub room: RoomId,
    /// The epoch that the commit leads to. The device reads what is said from here on.
    pub epoch: u64,
    /// The device that made the commit.
    pub by: DeviceName,
}

impl Device {
    /// Joins a room by the welcome that belongs to a commit, and by no other. The maker of the commit could else send the welcome of
    /// a group of their own, and the device would wait in it for good. A welcome that is refused uses no key package up, and leaves
    /// no room behind.
    ///
    /// Show the people who are in the room.
    pub fn join(&mut self, invitation: Invitation, welcome: &[u8]) -> Result<(), Error> {
        Error::at_most(welcome, HANDSHAKE_BYTES_MAX)?;
        let message = MlsMessageIn::tls_deserialize_exact(welcome).map_err(|_| Error::Malformed)?;
        let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
            return Err(Error::Malformed);
        };
        // The private key is forgotten before the welcome is looked at, and anybody could send a broken one.
        let kept = Kept::key_packages(&self.provider);
        let joined = self.join_by(invitation, welcome);
        if joined.is_err() {
            kept.put_back(&self.provider);
        }
        joined
    }

    fn join_by(&mut self, invitation: Invitation, welcome: Welcome) -> Result<(), Error> {
        let builder = StagedWelcome::build_from_welcome(&self.provider, &join_config(), welcome).map_err(refused)?;
        let (room, base) = room_of(builder.processed_welcome().unverified_group_info().group_id())
            .ok_or(Error::Welcome("it does not name a room"))?;
        if room != invitation.room {
            return Err(Error::OtherRoom);
        }
        if self.rooms.contains_key(&room) {
            return Err(Error::RoomExists(room));
        }
        // Devices that have been in the room for longer than their key package was good for are no reason to stay out
        // of it: whether it was good is looked at when they are added.
        // One that was to begin in the same epoch has the same id, and is forgotten below.
        let builder = builder.skip_lifetime_validation().replace_old_group();
        let staged = builder.build().map_err(refused)?;
        if staged.group_context().ciphersuite() != CIPHERSUITE {
            return Err(Error::Welcome("another ciphersuite"));
        }
        if staged.group_context().extensions().iter().next().is_some() {
            return Err(Error::Welcome("a room has no extensions"));
        }
        let mut names = BTreeSet::new();
        for member in staged.members() {
            let name = named(&member.credential)?;
            if !names.insert(name) {
                return Err(Error::Welcome("a device is in the room twice"));
            }
            if member.index == staged.own_leaf_index() && name != self.name {
                return Err(Error::Welcome("it names another device"));
            }
        }
        if names.len() > DEVICES_MAX {
            return Err(Error::TooManyDevices);
        }
        let sender = staged.welcome_sender().map_err(Error::internal)?;
        if named(sender.credential())? != invitation.by {
            return Err(Error::Welcome("it is another device's"));
        }
        if base.checked_add(staged.group_context().epoch().as_u64()) != Some(invitation.epoch) {
            return Err(Error::Welcome("it leads into another epoch than its commit"));
        }
        // Of two that were to begin in one epoch this one was taken.
        forget(&self.provider, self.founding.remove(&room))?;
        let group = staged.into_group(&self.provider).map_err(refused)?;
        self.rooms.insert(room, Room::new(group, base));
        Ok(())
    }
}

fn named(credential: &Credential) -> Result<DeviceName, Error> {
    DeviceName::from_credential(credential).map_err(|_| Error::Welcome("a credential does not name a device"))
}

fn refused<E>(error: WelcomeError<E>) -> Error {
    match error {
        WelcomeError::NoMatchingKeyPackage => Error::NotInvited,
        _ => Error::Welcome("it does not hold together"),
    }
}
