//! The tree of a sealed day in pieces, so that one account is proved without reading the others.
//!
//! Piece 0 of level 0 holds the first [`FANOUT`] heads, piece 1 the next, and so on. A piece of a higher level holds for each of [`FANOUT`]
//! pieces below it the first account under it and the root over them; the highest level has one piece. As [`FANOUT`] is a power of two, the
//! roots are nodes of the tree over all heads ([`crate::merkle`]), and the proofs inside the pieces put together are the proof in it.
//! A proof reads one piece of each level: two for up to a million accounts, three for up to a thousand millions.

use serde::{Deserialize, Serialize};

use crate::{
    account::Account,
    canonical::{CanonicalError, Hash},
    chain::Head,
    merkle,
    seal::{Inclusion, Seal, SealedDay, leaf},
};

/// The most heads, or pieces below it, that a piece holds.
pub const FANOUT: usize = 1_024;

/// A piece as its parent knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildPiece {
    /// The first account in it.
    pub first: Account,
    /// The root over it.
    pub root: Hash,
}

/// The contents of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Heads of accounts, in the order of the accounts' texts.
    Heads(Vec<Head>),
    /// The pieces below it.
    Below(Vec<ChildPiece>),
}

/// The place of a piece: its level from the lowest, and its number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The level of the piece; 0 for heads.
    pub level: u32,
    /// The number of the piece in its level, from 0.
    pub number: u64,
}

/// A piece that is not what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pieces of a seal are not those that were sealed")]
pub struct NotSealed;

impl From<CanonicalError> for NotSealed {
    fn from(_: CanonicalError) -> Self {
        Self
    }
}

/// The highest level of a tree over so many heads.
#[must_use]
pub const fn highest(tree_size: u64) -> u32 {
    let (mut pieces, mut level) = (tree_size.div_ceil(FANOUT as u64), 0);
    while pieces > 1 {
        pieces = pieces.div_ceil(FANOUT as u64);
        level += 1;
    }
    level
}

impl SealedDay {
    /// The day in pieces, those of the lowest level first.
    #[must_use]
    pub fn pieces(&self) -> Vec<(Place, Piece)> {
        let (mut all, mut above) = (Vec::new(), Vec::new());
        let place = |level, number: usize| Place {
            level,
            number: number as u64,
        };
        let leaves = self.leaves().chunks(FANOUT);
        for (number, (heads, leaves)) in self.heads().chunks(FANOUT).zip(leaves).enumerate() {
            let heads: Vec<Head> = heads.iter().map(|(_, head)| head.clone()).collect();
            above.push(ChildPiece {
                first: heads[0].account.clone(),
                root: merkle::root(leaves),
            });
            all.push((place(0, number), Piece::Heads(heads)));
        }
        for level in 1..=highest(self.seal().tree_size) {
            let below = std::mem::take(&mut above);
            for (number, some) in below.chunks(FANOUT).enumerate() {
                above.push(ChildPiece {
                    first: some[0].first.clone(),
                    root: merkle::root(&roots(some)),
                });
                all.push((place(level, number), Piece::Below(some.to_vec())));
            }
        }
        all
    }
}

fn roots(below: &[ChildPiece]) -> Vec<Hash> {
    below.iter().map(|piece| piece.root).collect()
}

/// The path to an account through the pieces, from the highest.
#[derive(Debug, Clone)]
pub struct ProofPath {
    account: String,
    at: Place,
    /// The proofs so far, the highest first.
    proofs: Vec<Vec<Hash>>,
}

/// The result of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The next piece has to be read.
    Read(Place),
    /// The account had no entries that day.
    NotThere,
    /// The head of the account on that day, with the proof.
    Found(Box<(Head, Inclusion)>),
}

impl ProofPath {
    /// The path to an account in a tree over so many heads, and the piece it begins with. Nothing where there are no heads.
    #[must_use]
    pub fn to(account: &Account, tree_size: u64) -> Option<(Self, Place)> {
        let at = Place {
            level: highest(tree_size),
            number: 0,
        };
        let path = Self {
            account: account.to_string(),
            at,
            proofs: Vec::new(),
        };
        (tree_size > 0).then_some((path, at))
    }

    /// Goes on with the piece that was asked for last.
    ///
    /// # Errors
    /// [`NotSealed`] where the pieces do not lead to the root of the seal.
    pub fn step(&mut self, piece: &Piece, seal: &Seal) -> Result<Step, NotSealed> {
        match piece {
            Piece::Below(below) if self.at.level > 0 => self.descend(below),
            Piece::Heads(heads) if self.at.level == 0 => self.arrive(heads, seal),
            _ => Err(NotSealed),
        }
    }

    fn descend(&mut self, below: &[ChildPiece]) -> Result<Step, NotSealed> {
        let up_to = below.partition_point(|piece| piece.first.to_string() <= self.account);
        let Some(index) = up_to.checked_sub(1) else {
            return Ok(Step::NotThere);
        };
        self.proofs.push(merkle::prove(&roots(below), index).ok_or(NotSealed)?);
        self.at = Place {
            level: self.at.level - 1,
            number: self.at.number * FANOUT as u64 + index as u64,
        };
        Ok(Step::Read(self.at))
    }

    fn arrive(&mut self, heads: &[Head], seal: &Seal) -> Result<Step, NotSealed> {
        let Ok(index) = heads.binary_search_by(|head| head.account.to_string().cmp(&self.account)) else {
            return Ok(Step::NotThere);
        };
        let leaves = heads.iter().map(leaf).collect::<Result<Vec<Hash>, _>>()?;
        let mut proof = merkle::prove(&leaves, index).ok_or(NotSealed)?;
        proof.extend(self.proofs.iter().rev().flatten());
        let leaf_index = self.at.number * FANOUT as u64 + index as u64;
        if !merkle::verify(leaves[index], leaf_index, seal.tree_size, &proof, seal.root) {
            return Err(NotSealed);
        }
        let inclusion = Inclusion {
            seal: seal.clone(),
            sequence: heads[index].sequence,
            leaf_index,
            proof,
        };
        Ok(Step::Found(Box::new((heads[index].clone(), inclusion))))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A day over so many accounts of deals.
    fn day(size: usize) -> SealedDay {
        let heads = (0..size).map(|n| Head {
            sequence: n as u64 + 1,
            ..Head::genesis(account(n))
        });
        let at = "2026-11-23T00:05:00Z".parse().unwrap();
        SealedDay::new("2026-11-22".parse().unwrap(), at, heads, None).unwrap()
    }

    fn account(n: usize) -> Account {
        format!("client/deal-{n:07}/receivable/USD").parse().unwrap()
    }

    /// Returns the result for an account, and the number of pieces that were read for it.
    fn find(pieces: &BTreeMap<Place, Piece>, seal: &Seal, account: &Account) -> Result<(Step, usize), NotSealed> {
        let Some((mut path, mut at)) = ProofPath::to(account, seal.tree_size) else {
            return Ok((Step::NotThere, 0));
        };
        for read in 1.. {
            match path.step(&pieces[&at], seal)? {
                Step::Read(next) => at = next,
                end => return Ok((end, read)),
            }
        }
        unreachable!("levels without end")
    }

    #[test]
    fn pieces_prove_what_the_whole_day_proves() {
        for size in [0, 1, 2, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 3_333] {
            let day = day(size);
            let pieces: BTreeMap<Place, Piece> = day.pieces().into_iter().collect();
            for n in [0, 1, 511, 1_022, 1_023, 1_024, 2_047, 2_048, 3_332] {
                let found = find(&pieces, day.seal(), &account(n)).unwrap();
                match day.inclusion(&account(n)) {
                    Some(inclusion) => {
                        let (Step::Found(found), read) = found else {
                            panic!("{n} of {size}: {found:?}")
                        };
                        assert_eq!(found.1, inclusion, "{n} of {size}");
                        assert_eq!(read, if size > FANOUT { 2 } else { 1 }, "{n} of {size}");
                    }
                    None => assert_eq!(found.0, Step::NotThere, "{n} of {size}"),
                }
            }
            let before = "broker/ten_0192f3a4b5c67d8e9fa0b1c2d3e4f506/debt/USD".parse().unwrap();
            assert_eq!(find(&pieces, day.seal(), &before).unwrap().0, Step::NotThere);
        }
    }

    #[test]
    fn a_head_that_was_changed_later_is_not_proved() {
        let day = day(1_500);
        let mut pieces: BTreeMap<Place, Piece> = day.pieces().into_iter().collect();
        let Some(Piece::Heads(heads)) = pieces.get_mut(&Place { level: 0, number: 1 }) else {
            panic!("the second piece has heads")
        };
        heads[3].balance_minor_units += 1;
        assert_eq!(find(&pieces, day.seal(), &account(1_027)), Err(NotSealed));
        assert!(find(&pieces, day.seal(), &account(1_023)).is_ok());
    }

    #[test]
    fn a_piece_of_another_level_proves_nothing() {
        let day = day(1_500);
        let pieces: BTreeMap<Place, Piece> = day.pieces().into_iter().collect();
        let heads = &pieces[&Place { level: 0, number: 0 }];
        let (mut path, highest) = ProofPath::to(&account(1_400), 1_500).unwrap();
        assert_eq!(path.step(heads, day.seal()), Err(NotSealed));
        assert!(matches!(path.step(&pieces[&highest], day.seal()), Ok(Step::Read(_))));
        assert_eq!(path.step(&pieces[&highest], day.seal()), Err(NotSealed));
    }

    #[test]
    fn a_path_counts_the_pieces_of_a_level_from_its_first() {
        // Three levels: the highest piece is over pieces of a million heads, and each of these over pieces of a thousand.
        let below = |heads: usize| {
            let first = |n| ChildPiece {
                first: account(n * heads),
                root: Hash::ZERO,
            };
            Piece::Below((0..3).map(first).collect())
        };
        let (day, place) = (day(0), |level, number| Place { level, number });
        let (mut path, highest) = ProofPath::to(&account(2 * FANOUT * FANOUT), 3 * 1_048_576).unwrap();
        assert_eq!(highest, place(2, 0));
        let step = path.step(&below(FANOUT * FANOUT), day.seal());
        assert_eq!(step, Ok(Step::Read(place(1, 2))));
        let step = path.step(&below(FANOUT), day.seal());
        assert_eq!(step, Ok(Step::Read(place(0, 2 * 1_024 + 2))));
    }

    #[test]
    fn a_million_accounts_are_two_pieces_for_each_proof() {
        let reads = |size| highest(size) + 1;
        assert_eq!([1, 1_024, 1_025, 1_000_000, 1_048_576].map(reads), [1, 1, 2, 2, 2]);
        assert_eq!([1_048_577, 1_000_000_000].map(reads), [3, 3]);
    }
}
