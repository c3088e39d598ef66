//! Deals at each stage of their life.

use inventure_core::DocumentId;
use inventure_deals::{Move, What, calendar::plus_days};
use inventure_ledger::Hash;
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    cast::{self, Actor},
    cheat::Strategy,
    dice::Dice,
    moves::say,
    setup::{Setup, TermsDraw, TruthDraw},
    world::World,
};
/// A deal after so many days; nobody answers, reports or rules where all are `asleep`.
fn at(days: i64, (template, fee): (u8, u8), left_after: Option<u8>, asleep: bool) -> World {
    let mut world = World::begin(Setup {
        terms: TermsDraw {
            template,
            timing: 1,
            fee,
            parties: 5,
            bits: 0b10_0001,
        },
        truth: TruthDraw {
            hired: true,
            accepted: 10,
            start_after: 5,
            left_after,
            pay: 0,
            knew: asleep.then_some(10),
            pays: true,
            charged_back: false,
        },
        cheats: (Actor::Stranger, Actor::Stranger),
        way: Strategy::Random,
        asleep: if asleep { u16::MAX } else { 0 },
    });
    world.wait(24 * days);
    world
}

/// A deal in which everybody does what they have to do.
fn honest(days: i64, terms: (u8, u8), left_after: Option<u8>) -> World {
    at(days, terms, left_after, false)
}

/// A deal of two days in which everybody is asleep and has added a document.
fn quiet() -> World {
    let mut world = at(2, (0, 0), None, true);
    for actor in Actor::ALL {
        let added = say(Move::DocumentAdded, &world, actor, Dice::First);
        let _ = world.say(actor.author(), added);
    }
    world
}

/// A hire that its reporter knows of, and nobody has answered.
fn reported() -> World {
    let mut world = quiet();
    let placed = What::Placed {
        candidate: cast::candidate(1),
        pay: Some(world.setup.truth.pay()),
        accepted_on: world.today(),
        starts_on: world.today(),
        evidence: None,
    };
    world.must(Actor::CandidateSide.author(), placed);
    world
}

/// A hire that the client contests and its reporter has taken to a dispute.
fn disputed() -> World {
    let mut world = reported();
    for (kind, actor) in [
        (Move::AssertionContested, Actor::Employer),
        (Move::DisputeOpened, Actor::CandidateSide),
    ] {
        let what = say(kind, &world, actor, Dice::First);
        world.must(actor.author(), what);
    }
    // Shown, or no judge could uphold it.
    let sha256 = Hash::from([9; 32]);
    let shown = What::DocumentAdded {
        document: DocumentId::from_uuid(Uuid::from_u128(9)),
        sha256,
        candidate: None,
        for_client: true,
    };
    let given = What::EvidenceGiven {
        dispute: None,
        text: "the offer".to_owned(),
        sha256,
    };
    for what in [shown, given] {
        world.must(Actor::CandidateSide.author(), what);
    }
    world
}

/// Deals at each stage of their life.
pub fn stages() -> Vec<fn() -> World> {
    vec![
        || honest(0, (0, 0), None),
        || honest(5, (0, 2), None),
        || honest(20, (0, 0), None),
        || honest(20, (1, 3), None),
        || honest(60, (1, 0), Some(20)),
        || honest(60, (2, 1), Some(20)),
        || honest(200, (3, 0), None),
        quiet,
        reported,
        disputed,
        // Terms that one party has proposed.
        || {
            let mut world = quiet();
            let proposed = say(Move::TermsProposed, &world, Actor::JobSide, Dice::First);
            world.must(Actor::JobSide.author(), proposed);
            world
        },
        // A placement that all have confirmed, and nobody has billed.
        || {
            let mut world = reported();
            let report = world.deal.assertions()[0].fact;
            while let Some((by, yes)) = world.deal.yes_to(report) {
                world.must(by, yes);
            }
            world
        },
        // A contested placement, and the last one told by somebody else.
        || {
            let mut world = reported();
            let contested = say(Move::AssertionContested, &world, Actor::Employer, Dice::First);
            world.must(Actor::Employer.author(), contested);
            world
        },
        // The first step of a dispute is over, and nobody has gone on.
        || {
            let mut world = disputed();
            world.now += SignedDuration::from_hours(24 * 10);
            world
        },
        // The days to rule have begun.
        || {
            let mut world = disputed();
            let ladder = world.terms.disputes.clone();
            while world.deal.disputes()[0].step + 1 < ladder.steps.len() {
                let next = world.deal.deadline().unwrap().at;
                world.advance(next);
            }
            let over = plus_days(world.deal.disputes()[0].evidence_until, 2).unwrap();
            world.now = world.terms.calendar().unwrap().noon_of(over).unwrap();
            world
        },
    ]
}
