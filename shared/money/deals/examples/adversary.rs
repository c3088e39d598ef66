//! Counts the steps of an adversary that the rules take, and checks that nobody ends with more than is theirs.
//!
//! `cargo run --release -p inventure-deals --example adversary -- [seconds] [steps of a play] [seed]`
//!
//! A seed, which is printed, plays the same again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program to be run and read by hand"
)]

#[allow(dead_code, reason = "the test uses more of it")]
#[path = "../tests/adversary/play/mod.rs"]
mod play;

use std::time::{Duration, Instant};

use play::{cheat, money, setup, world::World};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

fn main() {
    let given: Vec<u64> = std::env::args().skip(1).map(|text| text.parse().unwrap()).collect();
    let (seconds, steps) = (
        given.first().copied().unwrap_or(10),
        given.get(1).copied().unwrap_or(40),
    );
    let seed = given.get(2).copied().unwrap_or(1);
    let began = Instant::now();
    let plays = setup::plays(steps as usize);
    let (mut played, mut tried, mut taken, mut stepped) = (0_u64, 0, 0, 0);
    while began.elapsed() < Duration::from_secs(seconds) {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&played.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let (setup, steps) = plays.new_tree(&mut runner).unwrap().current();
        let mut world = World::begin(setup.clone());
        let ended = cheat::play(&mut world, &steps)
            .and_then(|()| money::check(&world.deal, &world.words))
            .and_then(|()| world.leave());
        if let Err(fault) = ended {
            panic!("seed {seed}, play {played}: {fault}\n{setup:?}\n{}", world.story());
        }
        (played, tried, taken) = (played + 1, tried + world.tried, taken + world.taken);
        stepped += steps.len() as u64;
    }
    let each = |count: u64| (count as f64 / began.elapsed().as_secs_f64()) as u64;
    println!(
        "adversary, seed {seed}: {} steps a second, {} moves tried a second; {played} plays, {tried} moves, {taken} taken",
        each(stepped),
        each(tried),
    );
}
