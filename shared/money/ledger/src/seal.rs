//! The seal of a day: one hash over where every account stands.
//!
//! Once a day the heads of all accounts become the leaves of a tree ([`crate::merkle`]), in the order of the accounts' texts. A leaf's data is
//! the canonical form of the head. The root is published with the seal, and each seal names the hash of the one
//! before. After that nobody, the network included, can change an entry of that day without it being seen.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    account::Account,
    canonical::{self, CanonicalError, Hash},
    chain::Head,
    merkle,
};

/// The domain tag of a seal's hash.
const TAG: &str = "inventure/seal/v1";

/// The seal of a day, as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The day that was over. The seal holds all that was booked until `sealed_at`, so also the next day's first entries.
    pub date: Date,
    /// The time of the sealing.
    pub sealed_at: Timestamp,
    /// The number of accounts that had entries.
    pub tree_size: u64,
    /// The root over their heads.
    pub root: Hash,
    /// The hash of the seal before; zeros for the first.
    pub previous_hash: Hash,
    /// The hash of all of the above.
    pub hash: Hash,
}

/// The reason for which a day cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Two heads of one account.
    #[error("{0} is there twice")]
    AccountTwice(Account),
    /// Days are sealed in order, each once.
    #[error("{0} is sealed already")]
    NotLater(Date),
    /// It cannot be written down.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

impl Seal {
    /// The hash that its contents have.
    pub fn computed_hash(&self) -> Result<Hash, CanonicalError> {
        canonical::hash_of_rest(TAG, self)
    }

    /// Whether its hash is that of its contents.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.computed_hash() == Ok(self.hash)
    }

    /// Whether it comes directly after another.
    #[must_use]
    pub fn follows(&self, before: &Self) -> bool {
        self.is_whole() && before.is_whole() && self.previous_hash == before.hash && self.date > before.date
    }
}

/// Proof that a head is in a seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inclusion {
    /// The seal that the head is in.
    pub seal: Seal,
    /// The number of the account's last entry when the day was sealed.
    pub sequence: u64,
    /// The place of the account's head among the leaves.
    pub leaf_index: u64,
    /// The hashes beside its way to the root.
    pub proof: Vec<Hash>,
}

/// The leaf that a head is.
pub fn leaf(head: &Head) -> Result<Hash, CanonicalError> {
    Ok(merkle::leaf(canonical::encode(head)?.as_bytes()))
}

/// A sealed day with all that proofs are made of.
#[derive(Debug, Clone)]
pub struct SealedDay {
    seal: Seal,
    heads: Vec<(String, Head)>,
    leaves: Vec<Hash>,
}

impl SealedDay {
    /// Seals a day over the heads of all accounts, in any order. `previous` is the last seal there is.
    pub fn new(
        date: Date,
        sealed_at: Timestamp,
        heads: impl IntoIterator<Item = Head>,
        previous: Option<&Seal>,
    ) -> Result<Self, SealError> {
        if previous.is_some_and(|previous| date <= previous.date) {
            return Err(SealError::NotLater(date));
        }
        let mut heads: Vec<(String, Head)> = heads.into_iter().map(|head| (head.account.to_string(), head)).collect();
        heads.sort_by(|(a, _), (b, _)| a.cmp(b));
        if let Some(pair) = heads.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(SealError::AccountTwice(pair[0].1.account.clone()));
        }
        let leaves = heads
            .iter()
            .map(|(_, head)| leaf(head))
            .collect::<Result<Vec<Hash>, _>>()?;
        let mut seal = Seal {
            date,
            sealed_at,
            tree_size: leaves.len() as u64,
            root: merkle::root(&leaves),
            previous_hash: previous.map_or(Hash::ZERO, |previous| previous.hash),
            hash: Hash::ZERO,
        };
        seal.hash = seal.computed_hash()?;
        Ok(Self { seal, heads, leaves })
    }

    /// The seal, which is published.
    #[must_use]
    pub const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// The heads with their accounts' texts, in the order of these.
    pub(crate) fn heads(&self) -> &[(String, Head)] {
        &self.heads
    }

    /// The leaves of the tree, in the order of the heads.
    pub(crate) fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// The proof for an account; `None` where it had no entries that day.
    #[must_use]
    pub fn inclusion(&self, account: &Account) -> Option<Inclusion> {
        let text = account.to_string();
        let index = self.heads.binary_search_by(|(known, _)| known.cmp(&text)).ok()?;
        Some(Inclusion {
            seal: self.seal.clone(),
            sequence: self.heads[index].1.sequence,
            leaf_index: index as u64,
            proof: merkle::prove(&self.leaves, index)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(account: &str) -> Head {
        Head {
            sequence: 1,
            ..Head::genesis(account.parse().unwrap())
        }
    }

    fn day(date: &str, heads: Vec<Head>, previous: Option<&Seal>) -> Result<SealedDay, SealError> {
        SealedDay::new(
            date.parse().unwrap(),
            "2026-11-23T00:05:00Z".parse().unwrap(),
            heads,
            previous,
        )
    }

    #[test]
    fn seals_follow_each_other() {
        let heads = || vec![head("network/01/cash/USD"), head("network/00/cash/USD")];
        let first = day("2026-11-22", heads(), None).unwrap();
        let second = day("2026-11-23", vec![], Some(first.seal())).unwrap();
        assert!(second.seal().follows(first.seal()));
        assert!(!first.seal().follows(second.seal()));
        let mut changed = first.seal().clone();
        changed.tree_size += 1;
        assert!(!changed.is_whole() && !second.seal().follows(&changed));
        let mut same_day = second.seal().clone();
        same_day.date = first.seal().date;
        same_day.hash = same_day.computed_hash().unwrap();
        assert!(same_day.is_whole() && !same_day.follows(first.seal()));
        let again = day("2026-11-22", heads(), Some(first.seal()));
        assert_eq!(again.unwrap_err(), SealError::NotLater("2026-11-22".parse().unwrap()));
        let twice = day("2026-11-22", [heads(), heads()].concat(), None);
        assert!(matches!(twice, Err(SealError::AccountTwice(_))));
    }

    #[test]
    fn the_order_heads_come_in_does_not_matter() {
        let mut heads: Vec<Head> = (0..16).map(|n| head(&format!("network/{n:02}/cash/USD"))).collect();
        let forward = day("2026-11-22", heads.clone(), None).unwrap();
        heads.reverse();
        let backward = day("2026-11-22", heads.clone(), None).unwrap();
        assert_eq!(forward.seal(), backward.seal());
        for head in &heads {
            let inclusion = forward.inclusion(&head.account).unwrap();
            let seal = &inclusion.seal;
            let leaf = leaf(head).unwrap();
            assert!(merkle::verify(
                leaf,
                inclusion.leaf_index,
                seal.tree_size,
                &inclusion.proof,
                seal.root
            ));
        }
        assert_eq!(forward.inclusion(&"network/00/cash/EUR".parse().unwrap()), None);
    }
}
