//! Deals at each stage of their life.

use inventure_deals::{Move, What};

use super::{
    cast::{self, Actor},
    cheat::Strategy,
    dice::Dice,
    moves::say,
    setup::{Setup, TermsDraw, TruthDraw},
    world::World,
};
/// Deals at each stage of their life, honest so far.
pub fn stages() -> Vec<fn() -> World> {
    fn at(days: i64, left_after: Option<u8>, template: u8, fee: u8) -> World {
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
                knew: None,
                pays: true,
                charged_back: false,
            },
            cheats: (Actor::Stranger, Actor::Stranger),
            way: Strategy::Random,
            asleep: 0,
        });
        world.wait(24 * days);
        world
    }
    vec![
        || at(0, None, 0, 0),
        || at(5, None, 0, 2),
        || at(20, None, 0, 0),
        || at(20, None, 1, 3),
        || at(60, Some(20), 1, 0),
        || at(60, Some(20), 2, 1),
        || at(200, None, 3, 0),
        // A report that the client contested, and a dispute about it.
        || {
            let mut world = at(5, None, 0, 0);
            let told = say(Move::FellOff, &world, Actor::JobSide, Dice::First);
            let _ = world.say(Actor::JobSide.author(), told);
            let asked = say(Move::PlacementCorrected, &world, Actor::Employer, Dice::First);
            let _ = world.say(Actor::Employer.author(), asked);
            let placed = What::Placed {
                candidate: cast::candidate(2),
                pay: Some(world.setup.truth.pay()),
                accepted_on: world.today(),
                starts_on: world.today(),
                evidence: None,
            };
            let report = world.must(Actor::JobSide.author(), placed);
            world.wait(1);
            let about = What::DisputeOpened {
                about: "they work there".into(),
                amount: None,
                assertion: Some(report),
            };
            world.must(Actor::JobSide.author(), about);
            world
        },
    ]
}
