//! The parts of MLS messages (RFC 9420) that a server without their keys reads in the clear.

/// MLS 1.0, and the wire formats that an `MLSMessage` begins with (section 6).
const PRIVATE_MESSAGE: [u8; 4] = [0, 1, 0, 2];
const KEY_PACKAGE: [u8; 4] = [0, 1, 0, 5];

/// The bytes that a key package begins with (section 10). They name MLS 1.0, and the one ciphersuite, X25519 with AES-128-GCM,
/// SHA-256 and Ed25519.
const OUR_SUITE: [u8; 4] = [0, 1, 0, 1];

/// The kind of content in a private message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKind {
    /// An application message: something that was said.
    Message,
    /// A commit, which changes the group.
    Commit,
}

/// The beginning of a private message (section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateHeader<'a> {
    /// The group's id.
    pub group: &'a [u8],
    /// The epoch of the group that the message was made in.
    pub epoch: u64,
    /// The kind of content in the message.
    pub kind: PrivateKind,
}

impl<'a> PrivateHeader<'a> {
    /// Reads the beginning of a private message. `None` where a message begins in another way. The rest of the message is encrypted,
    /// and bound to its beginning by that.
    #[must_use]
    pub fn read(message: &'a [u8]) -> Option<Self> {
        let (group, rest) = vector(message.strip_prefix(&PRIVATE_MESSAGE)?)?;
        let (epoch, rest) = rest.split_first_chunk::<8>()?;
        let kind = match rest.first()? {
            1 => PrivateKind::Message,
            3 => PrivateKind::Commit,
            _ => return None,
        };
        Some(Self {
            group,
            epoch: u64::from_be_bytes(*epoch),
            kind,
        })
    }
}

/// Reads a vector of bytes, and returns it with what follows it (section 2.1.2). Its length is written as short as it can be, and
/// the first two bits say how long that is.
fn vector(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let start = usize::from(first & 0x3f);
    let (length, rest) = match first >> 6 {
        0 => (start, rest),
        1 => {
            let (second, rest) = rest.split_first()?;
            let length = start << 8 | usize::from(*second);
            (length >= 1 << 6).then_some((length, rest))?
        }
        // Names and keys are short.
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The length of a public key of Ed25519.
const SIGNATURE_KEY_BYTES: usize = 32;

/// The kind of credential that is a name and nothing else (section 5.3).
const BASIC_CREDENTIAL: [u8; 2] = [0, 1];

/// The beginning of a key package of the one ciphersuite (section 10), and of the leaf in it (section 7.2). Only a device can tell
/// whether the package is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPackageHeader<'a> {
    /// The device's signature key.
    pub signature_key: &'a [u8],
    /// The name that the device gives itself.
    pub identity: &'a [u8],
}

impl<'a> KeyPackageHeader<'a> {
    /// Reads the beginning of a key package. `None` where bytes begin in another way.
    #[must_use]
    pub fn read(message: &'a [u8]) -> Option<Self> {
        let package = message.strip_prefix(&KEY_PACKAGE)?.strip_prefix(&OUR_SUITE)?;
        let (_init_key, leaf) = vector(package)?;
        let (_encryption_key, rest) = vector(leaf)?;
        let (signature_key, rest) = vector(rest)?;
        let (identity, _) = vector(rest.strip_prefix(&BASIC_CREDENTIAL)?)?;
        (signature_key.len() == SIGNATURE_KEY_BYTES).then_some(Self {
            signature_key,
            identity,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: &[u8], group: &[u8], epoch: u64, kind: u8) -> Vec<u8> {
        [&PRIVATE_MESSAGE, length, group, &epoch.to_be_bytes(), &[kind]].concat()
    }

    #[test]
    fn a_header_says_group_epoch_and_kind() {
        for (length, group, kind, read) in [
            (vec![4], b"room".to_vec(), 1, PrivateKind::Message),
            (vec![63], vec![7; 63], 3, PrivateKind::Commit),
            (vec![0x40, 64], vec![7; 64], 3, PrivateKind::Commit),
            (vec![0x41, 0], vec![7; 256], 1, PrivateKind::Message),
            (vec![0], vec![], 1, PrivateKind::Message),
        ] {
            let mut bytes = message(&length, &group, 1 << 40 | 5, kind);
            let header = PrivateHeader {
                group: &group,
                epoch: 1 << 40 | 5,
                kind: read,
            };
            assert_eq!(PrivateHeader::read(&bytes), Some(header));
            bytes.extend(b"what is encrypted");
            assert_eq!(PrivateHeader::read(&bytes), Some(header));
        }
    }

    #[test]
    fn what_begins_otherwise_is_refused() {
        let good = message(&[4], b"room", 5, 1);
        for length in 0..good.len() {
            assert_eq!(PrivateHeader::read(&good[..length]), None, "{length} bytes");
        }
        // Another version, a public message, a proposal, no kind, a length that is longer than it need be, one without end.
        for (place, byte) in [
            (1, 2),
            (3, 1),
            (good.len() - 1, 2),
            (good.len() - 1, 0),
            (4, 0x84),
            (4, 0xc4),
        ] {
            let mut other = good.clone();
            other[place] = byte;
            assert_eq!(PrivateHeader::read(&other), None, "{place}: {byte}");
        }
        assert_eq!(PrivateHeader::read(&message(&[0x40, 4], b"room", 5, 1)), None);
        assert_eq!(PrivateHeader::read(&message(&[0x7f, 0xff], b"room", 5, 1)), None);
    }

    fn package(signature_key: &[u8], credential: u8, identity: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        [
            &KEY_PACKAGE[..],
            &OUR_SUITE,
            &[2, 8, 8],
            &[1, 9],
            &[length(signature_key)],
            signature_key,
            &[0, credential, 0x40, length(identity)],
            identity,
        ]
        .concat()
    }

    #[test]
    fn a_key_package_says_its_signature_key_and_its_name() {
        let (key, name) = ([7; 32], [b'n'; 68]);
        let mut bytes = package(&key, 1, &name);
        for length in 0..bytes.len() {
            assert_eq!(KeyPackageHeader::read(&bytes[..length]), None, "{length} bytes");
        }
        let header = KeyPackageHeader {
            signature_key: &key,
            identity: &name,
        };
        assert_eq!(KeyPackageHeader::read(&bytes), Some(header));
        bytes.extend(b"what follows");
        assert_eq!(KeyPackageHeader::read(&bytes), Some(header));
    }

    #[test]
    fn a_key_package_is_of_the_one_ciphersuite_with_a_name() {
        // A message, another version, another ciphersuite.
        for (place, byte) in [(3, 2), (5, 2), (7, 3)] {
            let mut other = package(&[7; 32], 1, &[b'n'; 68]);
            other[place] = byte;
            assert_eq!(KeyPackageHeader::read(&other), None, "{place}: {byte}");
        }
        // A certificate, a key that is none of the ciphersuite.
        assert_eq!(KeyPackageHeader::read(&package(&[7; 32], 2, &[b'n'; 68])), None);
        assert_eq!(KeyPackageHeader::read(&package(&[7; 31], 1, &[b'n'; 68])), None);
    }
}
