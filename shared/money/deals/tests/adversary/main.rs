//! An adversary: one or two actors cheat. They end with no more money, claim or disclosure than the terms and the
//! others' words give.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod play;

use std::collections::{BTreeMap, BTreeSet};

use inventure_deals::Move;
use play::{cast::Actor, cheat, dice::Dice, money, moves, setup, stages, world::World};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nobody_ends_with_more_than_is_theirs((setup, steps) in setup::plays(24)) {
        let mut world = World::begin(setup);
        let played = cheat::play(&mut world, &steps);
        let ended = played.and_then(|()| world.check()).and_then(|()| money::check(&world.deal, &world.words));
        if let Err(fault) = ended.and_then(|()| world.leave()) {
            return Err(TestCaseError::fail(format!("{fault}\n{}", world.story())));
        }
    }
}

#[test]
fn every_actor_cheats_in_every_way_with_somebody() {
    let plays = (setup::setups(), prop::collection::vec(any::<setup::Step>(), 24));
    for (first, actor) in Actor::ALL.into_iter().enumerate() {
        for (second, way) in cheat::Strategy::ALL.into_iter().enumerate() {
            let seed = (first * cheat::Strategy::ALL.len() + second) as u8;
            let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
            let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
            let (mut setup, steps) = plays.new_tree(&mut runner).unwrap().current();
            setup.cheats = (actor, Actor::ALL[(first + second + 1) % Actor::ALL.len()]);
            setup.way = way;
            let mut world = World::begin(setup);
            let ended = cheat::play(&mut world, &steps)
                .and_then(|()| world.check())
                .and_then(|()| money::check(&world.deal, &world.words))
                .and_then(|()| world.leave());
            if let Err(fault) = ended {
                panic!("{actor:?}, {way:?}: {fault}\n{}", world.story());
            }
        }
    }
}

/// The moves that the network alone makes. Nobody here is the network.
const NETWORK: [Move; 8] = [
    Move::OwnershipDecided,
    Move::PaymentReceived,
    Move::PaymentChargedBack,
    Move::PaymentReminded,
    Move::GuaranteeEnded,
    Move::AssertionAccepted,
    Move::AssertionExpired,
    Move::RulesAdopted,
];

#[test]
fn every_actor_tries_every_move() {
    let mut taken: BTreeMap<Move, usize> = BTreeMap::new();
    for setup in stages::stages() {
        let world = setup();
        for kind in Move::ALL {
            for actor in Actor::ALL {
                let tries = [Dice::First, Dice::Last]
                    .into_iter()
                    .chain((1..12).map(|n| Dice::Digits(n * 7_919)));
                for dice in tries {
                    let what = moves::say(*kind, &world, actor, dice);
                    assert_eq!(what.kind(), *kind);
                    let mut world = world.clone();
                    world.setup.cheats = (actor, actor);
                    if world.say(actor.author(), what.clone()).is_err() {
                        continue;
                    }
                    *taken.entry(*kind).or_default() += 1;
                    if let Err(fault) = world.check().and_then(|()| money::check(&world.deal, &world.words)) {
                        panic!("{fault}: {actor:?} said {what:?}");
                    }
                }
            }
        }
    }
    let never: BTreeSet<Move> = Move::ALL
        .iter()
        .copied()
        .filter(|kind| !taken.contains_key(kind))
        .collect();
    assert_eq!(never, BTreeSet::from(NETWORK), "everything else is taken at some stage");
}
