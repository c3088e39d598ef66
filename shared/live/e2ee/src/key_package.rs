//! Key packages: making our own, and looking hard at those of others.

use openmls::prelude::{
    Capabilities, CredentialType, CredentialWithKey, ExtensionType, KeyPackage, KeyPackageBundle, LeafNode, Lifetime,
    MlsMessageBodyIn, MlsMessageIn, MlsMessageOut, OpenMlsProvider, ProtocolVersion,
    tls_codec::{Deserialize as _, Serialize as _},
};
use openmls_rust_crypto::OpenMlsRustCrypto;

use crate::{
    CIPHERSUITE, Device, DeviceName, Error, KEY_PACKAGE_BYTES_MAX, KEY_PACKAGE_DAYS, KEY_PACKAGE_DAYS_LEFT_MIN,
    KeyPackageFault, WELCOME_DAYS, storage,
};

const DAY_SECONDS: u64 = 24 * 60 * 60;

impl Device {
    /// Makes a key package by which others invite this device, once. Upload some, and more when the server has few left; one that
    /// was not used within [`KEY_PACKAGE_DAYS`] days is of no use any more.
    pub fn key_package(&mut self) -> Result<Vec<u8>, Error> {
        self.make_key_package(false)
    }

    /// Makes the key package that the server hands out when it has no other. It can be used again and again, so anybody who learns
    /// its private key reads every welcome that was sealed to it. Replace it with a new one every week or so.
    ///
    /// The private keys of those before it are forgotten once they were replaced for [`WELCOME_DAYS`] days: no welcome to them waits
    /// any more.
    pub fn last_resort_key_package(&mut self) -> Result<Vec<u8>, Error> {
        let package = self.make_key_package(true)?;
        self.forget_replaced_key_packages();
        Ok(package)
    }

    fn forget_replaced_key_packages(&self) {
        // As its end says when a key package was made: so long ago, or longer.
        let replaced = seconds_in(KEY_PACKAGE_DAYS - WELCOME_DAYS);
        let first = {
            let entries = storage::read(&self.provider);
            let ends = entries.iter().filter_map(|(key, value)| last_resort_until(key, value));
            ends.filter(|end| *end <= replaced).max()
        };
        let Some(first) = first else {
            return;
        };
        storage::wipe(&self.provider, |key, value| {
            last_resort_until(key, value).is_some_and(|end| end < first)
        });
    }

    fn make_key_package(&mut self, last_resort: bool) -> Result<Vec<u8>, Error> {
        let mut builder = KeyPackage::builder()
            .key_package_lifetime(Lifetime::new(KEY_PACKAGE_DAYS * DAY_SECONDS))
            .leaf_node_capabilities(capabilities());
        if last_resort {
            builder = builder.mark_as_last_resort();
        }
        let bundle = builder
            .build(CIPHERSUITE, &self.provider, &self.signer, self.credential())
            .map_err(Error::internal)?;
        MlsMessageOut::from(bundle.into_key_package())
            .tls_serialize_detached()
            .map_err(Error::internal)
    }

    /// Forgets the private keys of key packages that have expired, and returns how many there were. A welcome to one of them can no
    /// longer be opened. Call it when new ones are uploaded.
    pub fn forget_expired_key_packages(&mut self) -> usize {
        let now = seconds_in(0);
        let before = storage::read(&self.provider).len();
        storage::wipe(&self.provider, |key, value| {
            key.starts_with(storage::KEY_PACKAGES)
                && serde_json::from_slice::<KeyPackageBundle>(value)
                    .is_ok_and(|bundle| bundle.key_package().life_time().not_after() <= now)
        });
        before - storage::read(&self.provider).len()
    }

    pub(crate) fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: self.name.credential(),
            signature_key: self.signer.public().into(),
        }
    }
}

/// Returns the time until which a key package of last resort is good. `None` if the entry is none.
fn last_resort_until(key: &[u8], value: &[u8]) -> Option<u64> {
    if !key.starts_with(storage::KEY_PACKAGES) {
        return None;
    }
    let bundle: KeyPackageBundle = serde_json::from_slice(value).ok()?;
    let package = bundle.key_package();
    package.last_resort().then(|| package.life_time().not_after())
}

/// Returns the capabilities of our devices, and nothing more. So no room can ask for what they would have to be taught first.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities::builder()
        .versions(vec![ProtocolVersion::Mls10])
        .ciphersuites(vec![CIPHERSUITE])
        .extensions(vec![ExtensionType::LastResort])
        .credentials(vec![CredentialType::Basic])
        .build()
}

/// Whether a leaf is made as those of our devices are, and holds nothing more. Everything that it holds is in each later welcome.
pub(crate) fn is_plain(leaf: &LeafNode) -> bool {
    *leaf.capabilities() == capabilities() && leaf.extensions().iter().next().is_none()
}

/// Returns the time in so many days, in seconds of the epoch. `openmls` reads the clock when it checks a lifetime; reading it here
/// by the same hand leaves one clock to be wrong.
fn seconds_in(days: u64) -> u64 {
    Lifetime::new(days * DAY_SECONDS).not_after()
}

/// Checks that a key package may be used to invite this device, and returns it.
pub(crate) fn check(provider: &OpenMlsRustCrypto, device: DeviceName, bytes: &[u8]) -> Result<KeyPackage, Error> {
    checked(provider, device, bytes).map_err(|fault| Error::KeyPackage { device, fault })
}

fn checked(provider: &OpenMlsRustCrypto, device: DeviceName, bytes: &[u8]) -> Result<KeyPackage, KeyPackageFault> {
    if bytes.len() > KEY_PACKAGE_BYTES_MAX {
        return Err(KeyPackageFault::Malformed);
    }
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| KeyPackageFault::Malformed)?;
    let MlsMessageBodyIn::KeyPackage(package) = message.extract() else {
        return Err(KeyPackageFault::Malformed);
    };
    let package = package.validate(provider.crypto(), ProtocolVersion::Mls10)?;
    if package.ciphersuite() != CIPHERSUITE {
        return Err(KeyPackageFault::Ciphersuite);
    }
    let lifetime = package.life_time();
    if !lifetime.has_acceptable_range() || lifetime.not_after() < seconds_in(KEY_PACKAGE_DAYS_LEFT_MIN) {
        return Err(KeyPackageFault::Lifetime);
    }
    if !is_plain(package.leaf_node()) {
        return Err(KeyPackageFault::Capabilities);
    }
    let name =
        DeviceName::from_credential(package.leaf_node().credential()).map_err(|_| KeyPackageFault::Credential)?;
    if name != device {
        return Err(KeyPackageFault::OtherDevice(name));
    }
    Ok(package)
}

#[cfg(test)]
mod tests {
    use inventure_core::MemberId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_was_replaced_for_longer_than_a_welcome_waits_is_forgotten() {
        let mut device = Device::new(MemberId::new(), Uuid::nil()).unwrap();
        device.key_package().unwrap();
        // Made so many days ago, as a device that renews itself now and then.
        let made = |device: &Device, days: u64, last_resort: bool| {
            let end = seconds_in(KEY_PACKAGE_DAYS - days) - 1;
            let builder = KeyPackage::builder().key_package_lifetime(Lifetime::init(0, end));
            let builder = if last_resort {
                builder.mark_as_last_resort()
            } else {
                builder
            };
            builder
                .leaf_node_capabilities(capabilities())
                .build(CIPHERSUITE, &device.provider, &device.signer, device.credential())
                .unwrap();
            end
        };
        made(&device, 60, false);
        made(&device, 50, true);
        let in_use_then = made(&device, 35, true);
        let lately = made(&device, 10, true);
        device.last_resort_key_package().unwrap();
        let ends = || {
            let entries = storage::read(&device.provider);
            let ends = entries.iter().filter_map(|(key, value)| last_resort_until(key, value));
            ends.collect::<std::collections::BTreeSet<u64>>()
        };
        // What was handed out 28 days ago is that of 35 days ago, and a welcome to it may wait still.
        assert!(ends().contains(&in_use_then) && ends().contains(&lately));
        assert_eq!(ends().len(), 3);
        assert_eq!(
            storage::read(&device.provider).len(),
            5,
            "those that are used once stay"
        );
    }

    #[test]
    fn what_has_expired_is_forgotten_and_the_rest_is_kept() {
        let mut device = Device::new(MemberId::new(), Uuid::nil()).unwrap();
        device.key_package().unwrap();
        device.last_resort_key_package().unwrap();
        let lifetime = Lifetime::init(0, seconds_in(0) - 1);
        KeyPackage::builder()
            .key_package_lifetime(lifetime)
            .build(CIPHERSUITE, &device.provider, &device.signer, device.credential())
            .unwrap();
        assert_eq!(device.forget_expired_key_packages(), 1);
        assert_eq!(device.forget_expired_key_packages(), 0);
        assert_eq!(storage::read(&device.provider).len(), 2);
    }
}
