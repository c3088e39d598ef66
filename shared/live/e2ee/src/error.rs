use std::fmt;

use inventure_core::{MemberId, RoomId};
use openmls::prelude::KeyPackageVerifyError;

use crate::DeviceName;

/// Why a call had no effect. After an error the device is where it was before: what was refused can be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The device is not in the room.
    #[error("this device is not in {0}")]
    NoSuchRoom(RoomId),
    /// The device is in the room already.
    #[error("this device is in {0} already")]
    RoomExists(RoomId),
    /// Not an MLS message of the kind that was wanted.
    #[error("not an MLS message of the kind that was wanted")]
    Malformed,
    /// More bytes than there may be.
    #[error("{bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Nobody was named to be invited or removed.
    #[error("nobody was named")]
    Nobody,
    /// The room would have more devices than it may.
    #[error("a room has at most {} devices", crate::DEVICES_MAX)]
    TooManyDevices,
    /// More devices than one commit may let in; invite the others with another one.
    #[error("at most {} devices are invited at once", crate::INVITED_MAX)]
    TooManyInvited,
    /// A key package that must not be used to invite `device`. The others may be good: go on without this one.
    #[error("the key package handed out for {device} is refused: {fault}")]
    KeyPackage {
        /// Which device it was handed out for.
        device: DeviceName,
        /// What is wrong with it.
        fault: KeyPackageFault,
    },
    /// The device is in the room already, or is named twice.
    #[error("{0} is in the room already")]
    AlreadyInRoom(DeviceName),
    /// A device cannot remove itself: another one has to, or those who stay could not make new keys without it.
    #[error("a device cannot remove itself from a room")]
    OwnDevice,
    /// A commit of this device waits for the server's answer: confirm or discard it first.
    #[error("a commit waits for the server's answer")]
    CommitPending,
    /// No commit of this device waits: it was never made, or another one was taken in its place.
    #[error("no commit waits for an answer")]
    NothingPending,
    /// The entry is of another room than the one it was put under.
    #[error("the entry is of another room")]
    OtherRoom,
    /// The device's own entry. It has its own copy, kept when it was sealed; a member could also have made an entry
    /// that only claims so, and then there is no copy.
    #[error("the entry was sent by this device")]
    Own,
    /// The entry's signature is of another member than the server says.
    #[error("the entry claims to be from {claimed} and is from {actual}")]
    ForgedSender {
        /// Whom the server named.
        claimed: MemberId,
        /// Who signed it.
        actual: DeviceName,
    },
    /// The commit's signature is of another device than the server says: one that was given up would else go on under a sibling's name.
    #[error("the commit claims to be from {claimed} and is from {actual}")]
    ForgedDevice {
        /// Which device the server named.
        claimed: DeviceName,
        /// Which one signed it.
        actual: DeviceName,
    },
    /// The message was opened before.
    #[error("the message was opened before")]
    Replay,
    /// The keys are gone or never were here: of an epoch that has passed, too many messages ago, or from before this device was invited.
    #[error("the message is too old, or from before this device was invited")]
    TooOld,
    /// The message is of an epoch that this device has not reached; take the commits before it first.
    #[error("the entry is of epoch {entry}, and this device is at {room}")]
    Ahead {
        /// The entry's epoch.
        entry: u64,
        /// The device's.
        room: u64,
    },
    /// A commit of an epoch that the room has left. If the log says of it that it is of the epoch that this device is at, the server or its
    /// sender lies: say so.
    #[error("the commit is of epoch {entry}, and this device is at {room}")]
    Passed {
        /// The entry's epoch.
        entry: u64,
        /// The device's.
        room: u64,
    },
    /// It does not decrypt, or its signature is wrong: it was changed on its way, or made by somebody outside.
    #[error("the entry does not decrypt")]
    Unreadable,
    /// A commit that does what no device of ours does. Whoever made it broke the room: those who refuse it stay at the
    /// old epoch, and the room has to be made anew without them.
    #[error("the commit is refused: {0}")]
    Commit(&'static str),
    /// The commit adds a device by a key package that has expired since. This device was away too long; it has to be
    /// removed from the room and invited again.
    #[error("this device was away for too long to follow the room")]
    Overslept,
    /// The welcome is for none of this device's key packages, or the key package was used already.
    #[error("the welcome is not for this device")]
    NotInvited,
    /// The welcome does not hold together, belongs to another commit, or leads into a room that breaks the rules.
    #[error("the welcome is refused: {0}")]
    Welcome(&'static str),
    /// What was saved is not the state of a device, or was damaged.
    #[error("the saved state cannot be read")]
    State,
    /// Something that does not happen with correct code and a random source.
    #[error("internal: {0}")]
    Internal(String),
}

/// What is wrong with a key package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyPackageFault {
    /// Not a key package, or more than [`crate::KEY_PACKAGE_BYTES_MAX`] bytes.
    #[error("it is not a key package")]
    Malformed,
    /// A signature in it is wrong.
    #[error("a signature in it is wrong")]
    Signature,
    /// It has expired or will within [`crate::KEY_PACKAGE_DAYS_LEFT_MIN`] days, is not valid yet, or is valid for
    /// longer than [`crate::KEY_PACKAGE_DAYS`].
    #[error("its lifetime is not right")]
    Lifetime,
    /// Another ciphersuite or version.
    #[error("it is of another ciphersuite")]
    Ciphersuite,
    /// It says that its device can do something else than ours can.
    #[error("its device is not like ours")]
    Capabilities,
    /// Its credential does not name a device.
    #[error("its credential does not name a device")]
    Credential,
    /// Its credential is another device's.
    #[error("it belongs to {0}")]
    OtherDevice(DeviceName),
    /// It holds together and cannot be used in this room, for example since it repeats a key of another device.
    #[error("it cannot be used in this room")]
    Unusable,
}

impl Error {
    /// `openmls` says more than a caller can act on; none of its texts holds a key.
    pub(crate) fn internal(error: impl fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    pub(crate) fn at_most(bytes: &[u8], limit: usize) -> Result<(), Self> {
        if bytes.len() > limit {
            return Err(Self::TooLarge {
                bytes: bytes.len(),
                limit,
            });
        }
        Ok(())
    }
}

impl From<KeyPackageVerifyError> for KeyPackageFault {
    fn from(error: KeyPackageVerifyError) -> Self {
        match error {
            KeyPackageVerifyError::InvalidLeafNodeSignature | KeyPackageVerifyError::InvalidSignature => {
                Self::Signature
            }
            KeyPackageVerifyError::LifetimeError(_) | KeyPackageVerifyError::MissingLifetime => Self::Lifetime,
            KeyPackageVerifyError::InvalidProtocolVersion => Self::Ciphersuite,
            _ => Self::Malformed,
        }
    }
}
