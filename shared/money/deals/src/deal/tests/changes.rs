//! The terms that may still be changed, and by which rules.

use jiff::civil::date;

use super::{
    super::*,
    closing::{bill, retained},
    guards::{proposed, tried},
};
use crate::{
    MinorUnits,
    fact::Author,
    sample::{
        CANDIDATE_SIDE, JOB_SIDE, Play, STRANGER, candidate, disputed, event, member, of_rules_1, placed, tenant, terms,
    },
    terms::{ChangesUntil, Several},
};

/// Proposes the terms in force with a change, on a copy of the deal.
fn changed(play: &Play, change: impl Fn(&mut Terms)) -> Result<(), Why> {
    let mut next = play.deal.terms().unwrap().clone();
    next.version = play.deal.last_version() + 1;
    change(&mut next);
    tried(&mut play.clone(), member(JOB_SIDE), proposed(&next))
}

#[test]
fn rules_that_are_adopted_move_only_what_the_old_ones_held_up() {
    let adopted = || What::RulesAdopted { rules: RULES };
    let old = of_rules_1(terms());
    let mut unsigned = Play::new();
    unsigned.must(member(JOB_SIDE), proposed(&old));
    unsigned.must(Author::Network, adopted());
    assert_eq!(unsigned.deal.state(), State::Signing);
    let mut hired = Play::signed(&old);
    hired.submit(1);
    hired.on_day(0);
    hired.must(member(JOB_SIDE), placed(1, 0, 0));
    hired.must(Author::Network, adopted());
    assert_eq!(hired.deal.state(), State::Placed);
}

#[test]
fn terms_of_today_in_an_old_deal_do_not_adopt_the_rules() {
    let mut play = Play::new();
    play.must(member(JOB_SIDE), proposed(&of_rules_1(terms())));
    let mut next = terms();
    next.version = 2;
    play.must(member(JOB_SIDE), proposed(&next));
    assert_eq!(play.deal.rules(), 1);
    let mut new = Play::new();
    new.must(member(JOB_SIDE), proposed(&terms()));
    assert_eq!(new.deal.rules(), RULES);
}

#[test]
fn what_was_billed_keeps_its_fee_its_parties_and_what_the_client_relies_on() {
    let otherwise = Err(Why::FrameChanged);
    for (terms, guarantee) in [(of_rules_1(retained()), Ok(())), (retained(), otherwise.clone())] {
        let mut play = Play::signed(&terms);
        play.must(member(JOB_SIDE), bill(&terms, "1", Billed::Stage(0), 1_000_000));
        let format = terms.format;
        let title = changed(&play, |next| next.parties[0].title = Some("lead".into()));
        assert_eq!(title, Ok(()), "format {format}");
        let party = changed(&play, |next| next.parties[1].tenant = tenant(STRANGER));
        assert_eq!(party, otherwise, "format {format}");
        let minor_units = MinorUnits(3_000_000);
        let fee = changed(&play, |next| next.fee = FeeBase::Flat { minor_units });
        assert_eq!(fee, otherwise, "format {format}");
        let reported = changed(&play, |next| next.guarantee.report_within_days = 9);
        assert_eq!(reported, guarantee, "format {format}");
    }
}

#[test]
fn a_dispute_keeps_its_judge() {
    let mut play = Play::signed(&terms());
    let judge = |next: &mut Terms| next.disputes.arbiter = tenant(STRANGER);
    assert_eq!(changed(&play, judge), Ok(()));
    play.must(member(JOB_SIDE), disputed(&terms(), 0));
    assert_eq!(changed(&play, judge), Err(Why::FrameChanged));
}

#[test]
fn the_days_that_the_client_counts_by_stay_and_which_of_several_owns_does_not() {
    let mut terms = terms();
    terms.changes = ChangesUntil::Placement;
    let mut play = Play::signed(&terms);
    play.submit(1);
    assert_eq!(changed(&play, |next| next.claims.several = Several::Shared), Ok(()));
    let closed_on = changed(&play, |next| next.closed_on = vec![date(2026, 7, 3)]);
    assert_eq!(closed_on, Err(Why::FrameChanged));
}

#[test]
fn terms_change_late_only_for_an_owner_from_outside_beside_one_from_inside() {
    let over = Err(Why::ChangesOver);
    for (owners, answer) in [
        (vec![], over.clone()),
        (vec![CANDIDATE_SIDE], over.clone()),
        (vec![STRANGER], over),
        (vec![CANDIDATE_SIDE, STRANGER], Ok(())),
    ] {
        for changes in [ChangesUntil::FirstSubmittal, ChangesUntil::Never] {
            let mut terms = terms();
            terms.changes = changes;
            let mut play = Play::signed(&terms);
            play.submit(1);
            let decided = What::OwnershipDecided {
                candidate: candidate(1),
                owners: owners.iter().map(|owner| tenant(*owner)).collect(),
                on: None,
                grounds: vec![event(9)],
            };
            play.must(Author::Network, decided);
            assert_eq!(changed(&play, |_| {}), answer, "{owners:?} {changes:?}");
        }
    }
}
