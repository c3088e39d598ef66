//! The Merkle tree of RFC 6962, section 2.1. It gives one hash for many things, and a short proof that one of them is in it.
//!
//! A leaf is SHA-256 over a zero byte and the data, a node SHA-256 over a one byte and its two children, so no node can be passed
//! off as a leaf. The left part of a tree of n leaves has the largest power of two below n.

use crate::canonical::Hash;

/// No tree is deeper: its size has 64 bits.
const DEPTH_MAX: usize = 64;

/// The hash of a leaf.
#[must_use]
pub fn leaf(data: &[u8]) -> Hash {
    Hash::of(&[&[0], data])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// The number of leaves in the left part of a tree of more than one leaf.
const fn split(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

/// The root over leaves, which are hashes made by [`leaf`]. The root of no leaves is the hash of nothing.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(&[]),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The proof that the leaf at `index` is under the root: the hashes beside its way up, from the lowest. `None` where there is no such
/// leaf.
#[must_use]
pub fn prove(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut leaves, mut index, mut proof) = (leaves, index, Vec::new());
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            proof.push(root(right));
            leaves = left;
        } else {
            proof.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    proof.reverse();
    Some(proof)
}

/// Whether `leaf` is at `index` in a tree of `size` leaves with this root (RFC 9162, section 2.1.3.2).
#[must_use]
pub fn verify(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> bool {
    if index >= size || proof.len() > DEPTH_MAX {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(beside, &hash);
            // The right edge of a tree that is no power of two goes up some levels without a neighbour.
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The data and the roots that the authors of Certificate Transparency test with.
    const DATA: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let leaves: Vec<Hash> = DATA.iter().map(|data| leaf(&hex::decode(data).unwrap())).collect();
        for (size, expected) in ROOTS.iter().enumerate() {
            assert_eq!(root(&leaves[..size]).to_string(), *expected, "{size} leaves");
        }
    }

    fn leaves(size: usize) -> Vec<Hash> {
        (0..size).map(|n| leaf(&n.to_be_bytes())).collect()
    }

    #[test]
    fn every_leaf_is_proved_in_its_place_and_nowhere_else() {
        for size in 1..40 {
            let leaves = leaves(size);
            let root = root(&leaves);
            for index in 0..size {
                let proof = prove(&leaves, index).unwrap();
                for claimed in 0..=size as u64 {
                    let holds = verify(leaves[index], claimed, size as u64, &proof, root);
                    assert_eq!(holds, claimed == index as u64, "{index} of {size} claimed as {claimed}");
                }
            }
            assert_eq!(prove(&leaves, size), None);
        }
    }

    #[test]
    fn the_largest_tree_has_proofs_of_64_hashes() {
        let proof = leaves(DEPTH_MAX);
        let first = leaf(b"first");
        let root = proof.iter().fold(first, |hash, beside| node(&hash, beside));
        assert!(verify(first, 0, u64::MAX, &proof, root));
        let longer = leaves(DEPTH_MAX + 1);
        assert!(!verify(first, 0, u64::MAX, &longer, node(&root, &longer[DEPTH_MAX])));
    }

    proptest! {
        #[test]
        fn a_proof_that_was_touched_proves_nothing(size in 2_usize..300, at: prop::sample::Index, piece: prop::sample::Index, byte in 0_usize..32) {
            let leaves = leaves(size);
            let (root, index) = (root(&leaves), at.index(size));
            let proof = prove(&leaves, index).unwrap();
            let holds = |proof: &[Hash]| verify(leaves[index], index as u64, size as u64, proof, root);
            prop_assert!(holds(&proof));
            let piece = piece.index(proof.len());
            let mut changed = proof.clone();
            let mut bytes = *changed[piece].as_bytes();
            bytes[byte] ^= 1;
            changed[piece] = bytes.into();
            prop_assert!(!holds(&changed));
            let mut shorter = proof.clone();
            shorter.remove(piece);
            prop_assert!(!holds(&shorter));
            let mut longer = proof;
            longer.insert(piece, root);
            prop_assert!(!holds(&longer));
        }
    }
}
