//! Bills: their bounds, late ones, and payments that the bank takes back.

use super::super::*;
use crate::{
    MinorUnits, Template,
    fact::Author,
    fee::FeeError,
    sample::{
        CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, candidate, charged_back, closed, day, disputed, fell_off, hourly,
        member, of_rules_1, paid, placed, template, terms,
    },
    terms::{RefundCurve, RetainedStage},
};

fn bill(terms: &Terms, number: &str, billed: Billed, minor_units: i64) -> What {
    What::Invoiced {
        invoice: number.into(),
        billed,
        amount: terms.money(minor_units),
    }
}

/// A contractor at work since day 0, whose pay nobody stated.
fn at_work(terms: &Terms) -> Play {
    let mut play = Play::signed(terms);
    play.submit(1);
    play.on_day(0);
    let hire = What::Placed {
        candidate: candidate(1),
        pay: None,
        accepted_on: day(0),
        starts_on: day(0),
        evidence: None,
    };
    play.agreed(member(JOB_SIDE), hire);
    play
}

#[test]
fn a_side_bills_its_part_of_what_a_deal_holds() {
    // A 32nd of 2^53 - 1 is 281,474,976,710,655, in fifteen hours.
    let an_hour = 18_764_998_447_377;
    let terms = hourly(an_hour);
    let mut play = at_work(&terms);
    let all = || bill(&terms, "1", Billed::Minutes(15 * 60), 281_474_976_710_655);
    let hour = |number: &str| bill(&terms, number, Billed::Minutes(60), an_hour);
    play.agreed(member(JOB_SIDE), all());
    assert_eq!(
        play.refused(member(JOB_SIDE), hour("2")),
        Why::Fee(FeeError::TooLarge),
        "far less than the deal holds"
    );
    play.agreed(member(CANDIDATE_SIDE), hour("2"));
}

#[test]
fn a_deal_of_rules_1_bills_what_every_json_library_holds() {
    // 2^53 - 1 in 6,361 hours.
    let an_hour = 1_416_003_655_831;
    let terms = of_rules_1(hourly(an_hour));
    let mut play = at_work(&terms);
    let most = bill(&terms, "1", Billed::Minutes(6_361 * 60), 9_007_199_254_740_991);
    play.must(member(JOB_SIDE), most);
    let hour = bill(&terms, "2", Billed::Minutes(60), an_hour);
    assert_eq!(play.refused(member(JOB_SIDE), hour), Why::Fee(FeeError::TooLarge));
}

#[test]
fn a_stage_is_billed_once_by_rules_1_whoever_is_hired_again() {
    let mut terms = of_rules_1(terms());
    let stage = |share: &str, after_placement| RetainedStage {
        name: "a stage".into(),
        share: share.parse().unwrap(),
        after_placement,
    };
    terms.fee = FeeBase::Retained {
        minor_units: MinorUnits(3_000_000),
        stages: vec![stage("1/3", false), stage("2/3", true)],
    };
    terms.guarantee.refund = RefundCurve::Full;
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.must(member(JOB_SIDE), placed(1, 0, 0));
    for (index, amount) in [(0, 1_000_000), (1, 2_000_000)] {
        let number = index.to_string();
        play.must(member(JOB_SIDE), bill(&terms, &number, Billed::Stage(index), amount));
    }
    play.on_day(3);
    play.must(CLIENT, fell_off(3));
    play.must(member(JOB_SIDE), closed());
    play.must(member(JOB_SIDE), placed(1, 3, 3));
    for (index, amount) in [(0, 1_000_000), (1, 2_000_000)] {
        let again = bill(&terms, "again", Billed::Stage(index), amount);
        assert_eq!(play.refused(member(JOB_SIDE), again), Why::BilledTwice);
    }
}

#[test]
fn a_late_fee_is_for_what_is_owed_and_not_for_a_late_fee() {
    let mut terms = template(Template::Even);
    terms.bills.as_mut().unwrap().late_fee = Some("1%".parse().unwrap());
    let mut play = Play::billed(&terms);
    play.on_day(31);
    let mut settled = play.clone();
    settled.must(Author::Network, paid(&terms, "1", 3_333_333));
    let late = |number: &str, index, minor_units| bill(&terms, number, Billed::LateFee(index), minor_units);
    let none = Why::Fee(FeeError::NotInTerms);
    assert_eq!(settled.refused(member(JOB_SIDE), late("2", 0, 33_333)), none);
    play.must(member(JOB_SIDE), late("2", 0, 33_333));
    play.on_day(62);
    assert_eq!(play.refused(member(JOB_SIDE), late("3", 1, 333)), none);
}

#[test]
fn a_payment_taken_back_opens_the_deal_of_somebody_who_left_where_it_was() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    play.agreed(member(JOB_SIDE), closed());
    assert_eq!(play.deal.state(), State::Closed);
    play.must(Author::Network, charged_back(&terms, "1", 1));
    assert_eq!(play.deal.state(), State::FallenOff);
}

#[test]
fn a_payment_taken_back_in_a_dispute_of_rules_1_opens_what_was_over_and_nothing_else() {
    let taken_back = |play: &mut Play, terms: &Terms| {
        play.must(member(JOB_SIDE), disputed(terms, 0));
        play.must(Author::Network, charged_back(terms, "1", 1));
        assert_eq!(play.deal.state(), State::Disputed);
        play.must(member(JOB_SIDE), What::DisputeWithdrawn { dispute: None });
        play.deal.state()
    };
    let terms = of_rules_1(template(Template::Even));
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(91);
    play.must(Author::Network, What::GuaranteeEnded {});
    assert_eq!(taken_back(&mut play, &terms), State::Invoiced);
    let terms = of_rules_1(template(Template::Replacement));
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(20);
    play.must(CLIENT, fell_off(20));
    play.must(CLIENT, What::ReplacementStarted {});
    assert_eq!(taken_back(&mut play, &terms), State::Replacing);
}
