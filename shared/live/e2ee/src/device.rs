use std::{collections::BTreeMap, fmt};

use inventure_core::{MemberId, RoomId};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use uuid::Uuid;

use crate::{
    CIPHERSUITE, DeviceName, Error, Fingerprint,
    room::{KeyedLeaf, Room},
    storage,
};

/// One device of a member, with its keys and the rooms it is in.
pub struct Device {
    pub(crate) name: DeviceName,
    pub(crate) signer: SignatureKeyPair,
    pub(crate) provider: OpenMlsRustCrypto,
    pub(crate) rooms: BTreeMap<RoomId, Room>,
    /// The groups that begin once the server takes their first commit.
    pub(crate) founding: BTreeMap<RoomId, Room>,
}

impl Device {
    /// Makes a new device of a member, with a new signature key. A device that lost its state is a new device: give it a new id.
    pub fn new(member: MemberId, device: Uuid) -> Result<Self, Error> {
        Ok(Self {
            name: DeviceName { member, device },
            signer: SignatureKeyPair::new(CIPHERSUITE.signature_algorithm()).map_err(Error::internal)?,
            provider: OpenMlsRustCrypto::default(),
            rooms: BTreeMap::new(),
            founding: BTreeMap::new(),
        })
    }

    /// Returns the device's name.
    #[must_use]
    pub fn name(&self) -> DeviceName {
        self.name
    }

    /// Returns the fingerprint of the device's name and signature key, as [`Device::members`] shows it to others.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_leaf(&KeyedLeaf {
            name: self.name,
            signature_key: self.signer.to_public_vec(),
        })
    }

    /// Returns the rooms that the device is in.
    pub fn rooms(&self) -> impl Iterator<Item = RoomId> + '_ {
        self.rooms.keys().copied()
    }
}

impl fmt::Debug for Device {
    /// Writes the name alone: everything else is keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        storage::wipe(&self.provider, |_, _| true);
    }
}
