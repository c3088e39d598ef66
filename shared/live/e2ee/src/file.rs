//! Files: sealed with a key of their own, which goes into a sealed message.

use openmls::prelude::{OpenMlsCrypto, OpenMlsProvider, OpenMlsRand};
use openmls_rust_crypto::OpenMlsRustCrypto;
use openmls_traits::types::AeadType;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::Error;

/// The label that is sealed with each file. So nothing else that such a key sealed is taken for a file.
const LABEL: &[u8] = b"inventure file 1";

/// The key that opens a sealed file. Anybody who has it and the file reads the file, so it goes into a sealed message and nowhere
/// else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileKey {
    key: [u8; 32],
    nonce: [u8; 12],
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileKey").finish_non_exhaustive()
    }
}

impl Drop for FileKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// Seals a file with a key that is new each time (AES-256-GCM). Its size shows: the sealed file is 16 bytes longer.
pub fn seal_file(file: &[u8]) -> Result<(FileKey, Vec<u8>), Error> {
    let provider = OpenMlsRustCrypto::default();
    let key = FileKey {
        key: provider.rand().random_array().map_err(Error::internal)?,
        nonce: provider.rand().random_array().map_err(Error::internal)?,
    };
    let crypto = provider.crypto();
    let sealed = crypto.aead_encrypt(AeadType::Aes256Gcm, &key.key, file, &key.nonce, LABEL);
    Ok((key, sealed.map_err(Error::internal)?))
}

/// Opens a sealed file, unless it was changed on its way.
pub fn open_file(key: &FileKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let provider = OpenMlsRustCrypto::default();
    let crypto = provider.crypto();
    let opened = crypto.aead_decrypt(AeadType::Aes256Gcm, &key.key, sealed, &key.nonce, LABEL);
    opened.map(Zeroizing::new).map_err(|_| Error::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_with_its_key_and_unchanged() {
        let (key, sealed) = seal_file(b"the annex").unwrap();
        let (other, again) = seal_file(b"the annex").unwrap();
        assert_ne!(sealed, again);
        assert_eq!(sealed.len(), 9 + 16);
        assert_eq!(open_file(&key, &sealed).unwrap().as_slice(), b"the annex");
        let text = serde_json::to_string(&key).unwrap();
        let key: FileKey = serde_json::from_str(&text).unwrap();
        assert_eq!(open_file(&key, &sealed).unwrap().as_slice(), b"the annex");
        assert_eq!(open_file(&other, &sealed), Err(Error::Unreadable));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open_file(&key, &changed), Err(Error::Unreadable));
        }
        assert_eq!(open_file(&key, &sealed[..15]), Err(Error::Unreadable));
        assert_eq!(format!("{key:?}"), "FileKey { .. }");
    }
}
