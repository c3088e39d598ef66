//! The longest story, the second replacement, and payments over several bills.

use super::*;

#[test]
fn a_story_has_a_hundred_steps_and_not_one_more() {
    let step = || (0, ScenarioEvent::PaidInPart { minor_units: 1 });
    let story = |steps: usize| simulate(&sample::terms(), &sample::story(&vec![step(); steps]));
    assert_eq!(story(100).unwrap().held_minor_units, 0);
    assert!(matches!(story(101), Err(SimulateError::Steps)));
}

#[test]
fn whoever_replaces_a_replacement_is_somebody_else() {
    let mut terms = sample::template(Template::Replacement);
    terms.guarantee.replacement.as_mut().unwrap().count_max = 2;
    let steps = [
        (10, ScenarioEvent::FallsOff),
        (20, ScenarioEvent::Replaced),
        (30, ScenarioEvent::FallsOff),
        (40, ScenarioEvent::Replaced),
    ];
    let deal = play(&terms, &sample::story(&steps)).unwrap();
    assert_eq!(deal.placements().len(), 3);
    assert_eq!((deal.candidates().len(), deal.state()), (3, State::Invoiced));
}

#[test]
fn a_part_pays_the_oldest_bill_first_and_what_is_left_the_next() {
    let mut terms = sample::terms();
    let stage = |name: &str, after_placement| crate::terms::RetainedStage {
        name: name.into(),
        share: "1/2".parse().unwrap(),
        after_placement,
    };
    terms.fee = FeeBase::Retained {
        minor_units: crate::MinorUnits(3_333_333),
        stages: vec![stage("engagement", false), stage("placement", true)],
    };
    let bill = |index| (0, ScenarioEvent::Billed(Billed::Stage(index)));
    // The bills are of 1,666,667 and 1,666,666.
    for (minor_units, expected) in [
        (1_000_000, vec![("1", 1_000_000)]),
        (1_666_667, vec![("1", 1_666_667)]),
        (2_000_000, vec![("1", 1_666_667), ("2", 333_333)]),
        (3_333_333, vec![("1", 1_666_667), ("2", 1_666_666)]),
    ] {
        let paid = (1, ScenarioEvent::PaidInPart { minor_units });
        let outcome = simulate(&terms, &sample::story(&[bill(0), bill(1), paid])).unwrap();
        let received = outcome
            .movements
            .iter()
            .filter(|movement| movement.why == Reason::Received);
        let received: Vec<(&str, i64)> = received
            .map(|movement| (movement.invoice.as_str(), movement.amount.minor_units))
            .collect();
        assert_eq!(received, expected);
    }
}
