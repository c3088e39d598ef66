use std::fmt;

use inventure_core::{MemberId, RoomId};
use openmls::prelude::KeyPackageVerifyError;

use crate::DeviceName;

/// The reason why a call had no effect. After an error the device is where it was before: what was refused can be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The device is not in the room.
    #[error("this device is not in {0}")]
    NoSuchRoom(RoomId),
    /// The device is in the room already.
    #[error("this device is in {0} already")]
    RoomExists(RoomId),
    /// The bytes are not an MLS message of the kind that was wanted.
    #[error("not an MLS message of the kind that was wanted")]
    Malformed,
    /// The input has more bytes than it may have.
    #[error("{bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// The number of bytes that there are.
        bytes: usize,
        /// The largest number of bytes that there may be.
        limit: usize,
    },
    /// No device was named to be invited or removed.
    #[error("nobody was named")]
    Nobody,
    /// The room would have more devices than it may.
    #[error("a room has at most {} devices", crate::DEVICES_MAX)]
    TooManyDevices,
    /// The commit would let in more devices than it may. Invite the others with another commit.
    #[error("at most {} devices are invited at once", crate::INVITED_MAX)]
    TooManyInvited,
    /// The key package must not be used to invite `device`. The others may be good: go on without this one.
    #[error("the key package handed out for {device} is refused: {fault}")]
    KeyPackage {
        /// The device that the key package was handed out for.
        device: DeviceName,
        /// The fault of the key package.
        fault: KeyPackageFault,
    },
    /// The device is in the room already, or is named twice.
    #[error("{0} is in the room already")]
    AlreadyInRoom(DeviceName),
    /// A device cannot remove itself. Another one has to, or those who stay could not make new keys without it.
    #[error("a device cannot remove itself from a room")]
    OwnDevice,
    /// A commit of this device waits for the server's answer. Confirm or discard it first.
    #[error("a commit waits for the server's answer")]
    CommitPending,
    /// No commit of this device waits. It was never made, or another one was taken in its place.
    #[error("no commit waits for an answer")]
    NothingPending,
    /// The entry is of another room than the one it was put under.
    #[error("the entry is of another room")]
    OtherRoom,
    /// The entry is the device's own. The device has its own copy, kept when it was sealed; a member could also have made an entry
    /// that only claims so, and then there is no copy.
    #[error("the entry was sent by this device")]
    Own,
    /// The entry's signature is of another member than the server says.
    #[error("the entry claims to be from {claimed} and is from {actual}")]
    ForgedSender {
        /// The member that the server named.
        claimed: MemberId,
        /// The device that signed the entry.
        actual: DeviceName,
    },
    /// The commit's signature is of another device than the server says. Otherwise a device that was given up could go on under a
    /// sibling's name.
    #[error("the commit claims to be from {claimed} and is from {actual}")]
    ForgedDevice {
        /// The device that the server named.
        claimed: DeviceName,
        /// The device that signed the commit.
        actual: DeviceName,
    },
    /// The message was opened before.
    #[error("the message was opened before")]
    Replay,
    /// The keys are gone or never were here. The entry is of an epoch that has passed, too many messages ago, or from before this
    /// device was invited.
    #[error("the message is too old, or from before this device was invited")]
    TooOld,
    /// The message is of an epoch that this device has not reached. Take the commits before it first.
    #[error("the entry is of epoch {entry}, and this device is at {room}")]
    Ahead {
        /// The epoch of the entry.
        entry: u64,
        /// The epoch that the device is at.
        room: u64,
    },
    /// The commit is of an epoch that the room has left. If the log says of it that it is of the epoch that this device is at, the
    /// server or its sender lies: say so.
    #[error("the commit is of epoch {entry}, and this device is at {room}")]
    Passed {
        /// The epoch of the entry.
        entry: u64,
        /// The epoch that the device is at.
        room: u64,
    },
    /// The entry does not decrypt, or its signature is wrong. It was changed on its way, or made by a stranger to the room.
    #[error("the entry does not decrypt")]
    Unreadable,
    /// The commit does what no device of ours does. Its maker broke the room: those who refuse it stay at the old epoch, and the
    /// room has to be made anew without them.
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
    /// The saved bytes are not the state of a device, or were damaged.
    #[error("the saved state cannot be read")]
    State,
    /// An error that does not happen with correct code and a random source.
    #[error("internal: {0}")]
    Internal(String),
}

/// The fault of a key package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyPackageFault {
    /// The bytes are not a key package, or more than [`crate::KEY_PACKAGE_BYTES_MAX`] bytes.
    #[error("it is not a key package")]
    Malformed,
    /// A signature in it is wrong.
    #[error("a signature in it is wrong")]
    Signature,
    /// The package has expired or will within [`crate::KEY_PACKAGE_DAYS_LEFT_MIN`] days, is not valid yet, or is valid for too long.
    /// Too long is longer than [`crate::KEY_PACKAGE_DAYS`].
    #[error("its lifetime is not right")]
    Lifetime,
    /// The package is of another ciphersuite or version.
    #[error("it is of another ciphersuite")]
    Ciphersuite,
    /// The package says that its device can do something else than ours can.
    #[error("its device is not like ours")]
    Capabilities,
    /// The package's credential does not name a device.
    #[error("its credential does not name a device")]
    Credential,
    /// The package's credential is another device's.
    #[error("it belongs to {0}")]
    OtherDevice(DeviceName),
    /// The package holds together and cannot be used in this room. It may for example repeat a key of another device.
    #[error("it cannot be used in this room")]
    Unusable,
}

impl Error {
    /// Makes an internal error. `openmls` says more than a caller can act on; none of its texts holds a key.
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
