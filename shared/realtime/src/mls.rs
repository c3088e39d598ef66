//! What MLS messages (RFC 9420) say of themselves in the clear, as far as a server without their keys looks at them.

/// MLS 1.0, and the wire formats that an `MLSMessage` begins with (section 6).
const PRIVATE_MESSAGE: [u8; 4] = [0, 1, 0, 2];
const KEY_PACKAGE: [u8; 4] = [0, 1, 0, 5];

/// What a key package begins with (section 10): MLS 1.0, and the one ciphersuite, X25519 with AES-128-GCM, SHA-256 and Ed25519.
const OUR_SUITE: [u8; 4] = [0, 1, 0, 1];

/// What is in a private message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKind {
    /// Something that was said.
    Message,
    /// A commit.
    Commit,
}

/// The beginning of a private message (section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateHeader<'a> {
    /// The group's id.
    pub group: &'a [u8],
    /// The epoch of the group that it is made in.
    pub epoch: u64,
    /// What is in it.
    pub kind: PrivateKind,
}

impl<'a> PrivateHeader<'a> {
    /// Reads it; nothing where a message begins in another way. What follows is encrypted, and bound to it by that.
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

/// A vector of bytes and what follows it (section 2.1.2): its length is written as short as it can be, and the first two bits say how long
/// that is.
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
        // A group's id is short.
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// Whether bytes begin as a key package of the one ciphersuite does. Whether it is good only a device can tell.
#[must_use]
pub fn is_key_package(message: &[u8]) -> bool {
    let package = message.strip_prefix(&KEY_PACKAGE);
    package.is_some_and(|package| package.starts_with(&OUR_SUITE))
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

    #[test]
    fn a_key_package_is_of_the_one_ciphersuite() {
        assert!(is_key_package(&[0, 1, 0, 5, 0, 1, 0, 1, 32]));
        for other in [
            &[0, 1, 0, 2, 0, 1, 0, 1][..],
            &[0, 1, 0, 5, 0, 1, 0, 3],
            &[0, 1, 0, 5, 0, 2, 0, 1],
            &[0, 1, 0, 5, 0, 1, 0],
            &[],
        ] {
            assert!(!is_key_package(other), "{other:?}");
        }
    }
}
