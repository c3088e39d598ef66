//! The storage of `openmls`, seen as entries. Its memory storage has no transactions and wipes nothing; both are added here.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLockReadGuard, RwLockWriteGuard},
};

use openmls::prelude::{GroupId, OpenMlsProvider};
use openmls_rust_crypto::OpenMlsRustCrypto;
use openmls_traits::storage::CURRENT_VERSION;
use zeroize::{Zeroize, Zeroizing};

use crate::Error;

pub(crate) type Entries = HashMap<Vec<u8>, Vec<u8>>;

/// The prefix of the keys under which the storage keeps the private keys of key packages.
pub(crate) const KEY_PACKAGES: &[u8] = b"KeyPackage";

/// The prefix of the keys under which the storage keeps the keys of messages.
const MESSAGE_SECRETS: &[u8] = b"MessageSecrets";

pub(crate) fn read(provider: &OpenMlsRustCrypto) -> RwLockReadGuard<'_, Entries> {
    provider.storage().values.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write(provider: &OpenMlsRustCrypto) -> RwLockWriteGuard<'_, Entries> {
    provider
        .storage()
        .values
        .write()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Removes and wipes every entry for which `gone` holds.
pub(crate) fn wipe(provider: &OpenMlsRustCrypto, gone: impl Fn(&[u8], &[u8]) -> bool) {
    write(provider).retain(|key, value| {
        let gone = gone(key, value);
        if gone {
            value.zeroize();
        }
        !gone
    });
}

/// The entries as they were, to be put back when what was done to them is refused.
pub(crate) struct Kept(Vec<(Vec<u8>, Zeroizing<Vec<u8>>)>);

impl Kept {
    /// Keeps the keys of one room's messages.
    pub(crate) fn message_secrets(provider: &OpenMlsRustCrypto, group: &GroupId) -> Result<Self, Error> {
        let mut key = MESSAGE_SECRETS.to_vec();
        key.extend(serde_json::to_vec(group).map_err(Error::internal)?);
        key.extend(CURRENT_VERSION.to_be_bytes());
        let value = read(provider).get(&key).cloned().map(Zeroizing::new);
        // Without it a refused message would be lost, so better none is opened at all.
        let value = value.ok_or_else(|| Error::internal("the message secrets are not where they are looked for"))?;
        Ok(Self(vec![(key, value)]))
    }

    /// Keeps the private keys of all key packages.
    pub(crate) fn key_packages(provider: &OpenMlsRustCrypto) -> Self {
        let entries = read(provider);
        let packages = entries.iter().filter(|(key, _)| key.starts_with(KEY_PACKAGES));
        Self(
            packages
                .map(|(key, value)| (key.clone(), Zeroizing::new(value.clone())))
                .collect(),
        )
    }

    /// Puts the entries back. Returns whether any had changed.
    pub(crate) fn put_back(self, provider: &OpenMlsRustCrypto) -> bool {
        let mut entries = write(provider);
        let mut changed = false;
        for (key, value) in self.0 {
            if entries.get(&key) != Some(&*value) {
                changed = true;
                if let Some(mut other) = entries.insert(key, value.to_vec()) {
                    other.zeroize();
                }
            }
        }
        changed
    }
}
