//! The strategies by which cheats choose their moves.

use inventure_deals::{Author, Move, What};
use jiff::SignedDuration;

use super::{
    cast::Actor,
    dice::Dice,
    moves,
    setup::Step,
    world::{World, signature},
};

/// A way to cheat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Reports what is not so.
    Lie,
    /// Does the same as often as it may.
    Flood,
    /// Does the same again on other days.
    Repeat,
    /// Waits until just before, or just after, something is due.
    Wait,
    /// Two who answer for each other.
    Collude,
    /// Goes silent for ever after a few moves.
    Leave,
    /// Does everything that is possible as early as possible.
    Haste,
    /// Proposes terms and judges by them.
    Propose,
    /// Makes any move at random.
    Random,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Lie,
        Self::Flood,
        Self::Repeat,
        Self::Wait,
        Self::Collude,
        Self::Leave,
        Self::Haste,
        Self::Propose,
        Self::Random,
    ];
}

/// The moves that change money, claims or what is shown.
const LIES: [Move; 10] = [
    Move::Placed,
    Move::FellOff,
    Move::PlacementCorrected,
    Move::StageMoved,
    Move::PriorClaimRaised,
    Move::Invoiced,
    Move::Closed,
    Move::RefundChosen,
    Move::Contacted,
    Move::ConsentWithdrawn,
];

/// The moves of a quarrel.
const QUARRELS: [Move; 9] = [
    Move::DisputeOpened,
    Move::DocumentAdded,
    Move::EvidenceGiven,
    Move::Ruled,
    Move::AssertionContested,
    Move::AssertionConfirmed,
    Move::AssertionWithdrawn,
    Move::DisputeWithdrawn,
    Move::DisputeEscalated,
];

/// The moves of a negotiation.
const TERMS: [Move; 4] = [Move::TermsProposed, Move::Signed, Move::TermsWithdrawn, Move::Submitted];

/// Plays the cheats' steps.
pub fn play(world: &mut World, steps: &[Step]) -> Result<(), String> {
    let way = world.setup.way;
    // A document of their own, so that what they report and show has one behind it.
    for actor in [world.setup.cheats.0, world.setup.cheats.1] {
        let added = moves::say(Move::DocumentAdded, world, actor, Dice::First);
        let _ = world.say(actor.author(), added);
    }
    for (index, (wait, which, number)) in steps.iter().enumerate() {
        if way == Strategy::Leave && index * 3 > steps.len() {
            break;
        }
        pass(world, *wait);
        let (one, other) = world.setup.cheats;
        let actor = if which % 2 == 0 { one } else { other };
        step(world, actor, which / 2, *number);
        world.check()?;
    }
    Ok(())
}

/// Lets time pass as the cheats want it.
fn pass(world: &mut World, wait: u8) {
    let due = world.deal.deadline().map(|deadline| deadline.at);
    let sharp = world.setup.way == Strategy::Wait;
    match (wait % 16, due) {
        (6..=9, Some(at)) if sharp => world.advance(at - SignedDuration::from_secs(1)),
        (10..=13, Some(at)) if sharp => world.advance(at),
        (8..=9, _) => world.wait(1),
        (10..=12, _) => world.wait(24 * 3),
        (13, Some(at)) => world.advance(at),
        (14, _) => world.wait(24 * 15),
        (15, _) => world.wait(24 * 40),
        _ => {}
    }
}

/// One step of one cheat.
fn step(world: &mut World, actor: Actor, which: u8, number: u32) {
    let dice = Dice::of(number);
    let pick = |kinds: &[Move]| kinds[usize::from(which) % kinds.len()];
    let kind = match (world.setup.way, which % 8) {
        (Strategy::Lie | Strategy::Collude, 0..=4) | (Strategy::Wait | Strategy::Leave, 2..=5) | (_, 0) => pick(&LIES),
        (Strategy::Propose, 0..=4) | (_, 1) => pick(&TERMS),
        (_, 2..=4) => pick(&QUARRELS),
        _ => pick(Move::ALL),
    };
    let mut ways = vec![(kind, dice)];
    match world.setup.way {
        Strategy::Flood => ways = vec![(kind, dice); 4],
        // The kinds of the whole play are few.
        Strategy::Repeat => ways = vec![(pick(&[LIES[0], LIES[1], LIES[3], QUARRELS[0], QUARRELS[4]]), dice)],
        Strategy::Haste => ways.extend(LIES.iter().chain(&QUARRELS).map(|kind| (*kind, Dice::First))),
        _ => {}
    }
    for (kind, dice) in ways {
        let what = moves::say(kind, world, actor, dice);
        let _ = world.say(actor.author(), what);
    }
    if matches!(world.setup.way, Strategy::Collude | Strategy::Propose) {
        agree(world);
    }
}

/// The cheats, and a puppet of theirs, say yes and sign wherever they are asked.
fn agree(world: &mut World) {
    let (one, other) = world.setup.cheats;
    for actor in [one, other, Actor::Stranger] {
        if let Some(open) = world.deal.proposed().cloned()
            && world.deal.unsigned().contains(&actor.tenant())
        {
            let signature = signature(&world.deal, &open, actor, world.now);
            let _ = world.say(actor.author(), What::Signed { signature });
        }
        let author = actor.author();
        let open: Vec<_> = world
            .deal
            .assertions()
            .iter()
            .filter(|known| known.is_open())
            .map(|known| known.fact)
            .collect();
        for assertion in open {
            let _ = world.say(author, What::AssertionConfirmed { assertion });
        }
        if !world.deal.disputes().is_empty() && author != Author::Candidate {
            let what = moves::say(Move::Ruled, world, actor, Dice::First);
            let _ = world.say(author, what);
        }
    }
}
