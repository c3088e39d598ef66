use std::fmt;

use sha2::{Digest, Sha512};

use crate::room::KeyedLeaf;

/// Sixty digits that people can read to each other. Two that are the same were made of the same keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u32; 12]);

impl Fingerprint {
    /// Makes the fingerprint of some parts. `label` keeps fingerprints of different things apart; lengths keep neighbouring parts
    /// apart.
    pub(crate) fn of<'a>(label: &'static str, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha512::new();
        for part in std::iter::once(label.as_bytes()).chain(parts) {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let mut groups = [0; 12];
        // Five bytes for five digits: the remainder of 2^40 by 100,000 is off by less than one in a million.
        for (group, bytes) in groups.iter_mut().zip(hash.finalize().chunks_exact(5)) {
            let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            *group = u32::try_from(number % 100_000).unwrap_or_default();
        }
        Self(groups)
    }

    pub(crate) fn of_leaf(leaf: &KeyedLeaf) -> Self {
        Self::of("device", [leaf.name.to_string().as_bytes(), &leaf.signature_key])
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{group:05}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_twelve_groups_of_five_digits() {
        let text = Fingerprint::of("device", [b"key".as_slice()]).to_string();
        assert_eq!(text.len(), 12 * 5 + 11);
        assert!(
            text.split(' ')
                .all(|group| group.len() == 5 && group.bytes().all(|byte| byte.is_ascii_digit()))
        );
    }

    #[test]
    fn what_is_cut_elsewhere_has_another_fingerprint() {
        let one = Fingerprint::of("device", [b"ab".as_slice(), b"c"]);
        assert_ne!(one, Fingerprint::of("device", [b"a".as_slice(), b"bc"]));
        assert_ne!(one, Fingerprint::of("room", [b"ab".as_slice(), b"c"]));
        assert_eq!(one, Fingerprint::of("device", [b"ab".as_slice(), b"c"]));
    }
}
