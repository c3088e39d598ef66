//! Hires: until when they are reported, and who may come after whom.

use jiff::civil::date;

use super::super::*;
use crate::{
    MinorUnits, Template,
    fact::Author,
    sample::{
        CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, check_money, closed, day, fell_off, hired, invoiced, member, moved,
        of_rules_1, paid, placed, submitted, template, terms, yearly,
    },
    terms::RetainedStage,
};

/// Two candidates and a document that shows a hire; the first is placed on day 0 and billed.
fn first_of_two(mut terms: Terms) -> (Play, Terms, inventure_core::DocumentId) {
    terms.claims.lapses_after_days = None;
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.submit(2);
    play.on_day(0);
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    if matches!(terms.fee, FeeBase::Percent { .. }) {
        play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    }
    (play, terms, shown)
}

#[test]
fn a_hire_is_in_time_through_the_last_day_to_report_it() {
    for (reported_on, in_time) in [(7, true), (8, false)] {
        let mut play = Play::signed(&terms());
        play.submit(1);
        play.on_day(reported_on);
        play.agreed(member(JOB_SIDE), placed(1, 0, 0));
        assert_eq!(play.deal.placements()[0].reported_in_time, in_time, "day {reported_on}");
    }
}

#[test]
fn a_start_comes_three_years_after_the_acceptance_at_most_since_rules_2() {
    let late = Why::Dates("the start is more than three years after the acceptance");
    for (terms, start, expected) in [
        (terms(), 1_098, Ok(())),
        (terms(), 1_099, Err(late)),
        (of_rules_1(terms()), 1_099, Ok(())),
    ] {
        let mut play = Play::signed(&terms);
        play.submit(1);
        play.on_day(0);
        let tried = play.try_to(member(JOB_SIDE), placed(1, 0, start));
        assert_eq!(tried.map(|_| ()).map_err(|refused| refused.why), expected, "{start}");
    }
}

#[test]
fn who_is_out_of_the_pipeline_is_hired_with_evidence_since_rules_2() {
    for (terms, expected) in [
        (terms(), Why::NeedsEvidence),
        (
            of_rules_1(terms()),
            Why::WrongStage {
                at: Stage::Rejected,
                next: vec![Stage::Submitted],
            },
        ),
    ] {
        let mut play = Play::signed(&terms);
        play.submit(1);
        play.on_day(0);
        play.must(CLIENT, moved(1, Stage::Submitted, Stage::Rejected));
        assert_eq!(play.refused(member(JOB_SIDE), placed(1, 0, 0)), expected);
    }
}

#[test]
fn nobody_comes_besides_another_who_can_still_be_reported() {
    let (mut play, terms, shown) = first_of_two(terms());
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    // 90 days of guarantee and 5 to report that somebody left.
    play.on_day(95);
    assert_eq!(
        play.refused(member(JOB_SIDE), hired(2, 95, Some(shown))),
        Why::AlreadyPlaced
    );
    play.on_day(96);
    play.agreed(member(JOB_SIDE), hired(2, 95, Some(shown)));
    assert_eq!(play.deal.placements()[1].billed_from, 1);
}

#[test]
fn nobody_comes_besides_another_by_rules_1() {
    let (mut play, terms, shown) = first_of_two(of_rules_1(terms()));
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(96);
    play.must(Author::Network, What::GuaranteeEnded {});
    play.must(member(JOB_SIDE), closed());
    let second = || hired(2, 96, Some(shown));
    assert_eq!(play.refused(member(JOB_SIDE), second()), Why::AlreadyPlaced);
    play.must(Author::Network, What::RulesAdopted { rules: RULES });
    play.agreed(member(JOB_SIDE), second());
}

#[test]
fn nobody_comes_after_who_left_before_a_replacement_is_asked_for() {
    for terms in [
        template(Template::Replacement),
        of_rules_1(template(Template::Replacement)),
        of_rules_1(template(Template::Even)),
    ] {
        let (mut play, _, shown) = first_of_two(terms);
        play.on_day(10);
        play.agreed(CLIENT, fell_off(10));
        let second = hired(2, 10, Some(shown));
        assert_eq!(play.refused(member(JOB_SIDE), second), Why::NotInThisState);
    }
}

#[test]
fn who_is_hired_after_a_refund_is_no_replacement_and_has_replacements_of_their_own() {
    let (mut play, terms, shown) = first_of_two(template(Template::Replacement));
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    play.agreed(CLIENT, What::RefundChosen {});
    assert_eq!(play.deal.state(), State::FallenOff);
    // The 60 days for a replacement ended on day 70.
    play.on_day(75);
    play.agreed(member(JOB_SIDE), hired(2, 75, Some(shown)));
    assert_eq!(play.deal.placements()[1].billed_from, 1);
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    play.on_day(80);
    play.agreed(CLIENT, fell_off(80));
    let left = play.deal.placements()[1].fall_off.as_ref().unwrap();
    assert_eq!(
        left.refunded_by, None,
        "the one replacement of the terms is still to come"
    );
    assert_eq!(play.deal.invoices()[1].left(), 3_333_333);
    play.must(CLIENT, What::ReplacementStarted {});
    check_money(&play.deal);
}

#[test]
fn nobody_comes_after_a_refund_while_a_report_about_who_left_waits() {
    let (mut play, terms, shown) = first_of_two(terms());
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    let correction = What::PlacementCorrected {
        pay: Some(yearly(15_000_000, terms.currency)),
        starts_on: day(0),
    };
    let waits = play.must(CLIENT, correction);
    let second = || hired(2, 45, Some(shown));
    assert_eq!(play.refused(member(JOB_SIDE), second()), Why::AssertionOpen);
    play.must(CLIENT, What::AssertionWithdrawn { assertion: waits });
    play.agreed(member(JOB_SIDE), second());
}

#[test]
fn a_stage_after_the_placement_is_due_for_each_person_who_is_placed() {
    let mut terms = terms();
    let stage = |share: &str, after_placement| RetainedStage {
        name: "a stage".into(),
        share: share.parse().unwrap(),
        after_placement,
    };
    terms.fee = FeeBase::Retained {
        minor_units: MinorUnits(3_000_000),
        stages: vec![stage("1/3", false), stage("2/3", true)],
    };
    let (mut play, terms, shown) = first_of_two(terms);
    let bill = |number: &str, index, minor_units| What::Invoiced {
        invoice: number.into(),
        billed: Billed::Stage(index),
        amount: terms.money(minor_units),
    };
    play.must(member(JOB_SIDE), bill("1", 0, 1_000_000));
    play.must(member(JOB_SIDE), bill("2", 1, 2_000_000));
    play.on_day(96);
    play.agreed(member(JOB_SIDE), hired(2, 96, Some(shown)));
    let by = member(JOB_SIDE);
    assert_eq!(play.refused(by, bill("3", 0, 1_000_000)), Why::BilledTwice);
    play.must(by, bill("3", 1, 2_000_000));
    assert_eq!(play.refused(by, bill("4", 1, 2_000_000)), Why::BilledTwice);
}

#[test]
fn a_replacement_is_looked_for_through_the_last_of_its_days() {
    // Who left on day 0 was reported on day 5. The 60 days run from the report, by rules 1 from the last day at work.
    for (terms, last, until) in [
        (template(Template::Replacement), 65, date(2026, 3, 21)),
        (of_rules_1(template(Template::Replacement)), 60, date(2026, 3, 16)),
    ] {
        let mut play = Play::billed(&terms);
        play.on_day(5);
        play.agreed(CLIENT, fell_off(0));
        let mut late = play.clone();
        play.on_day(last);
        play.must(CLIENT, What::ReplacementStarted {});
        late.on_day(last + 1);
        assert_eq!(late.refused(CLIENT, What::ReplacementStarted {}), Why::TooLate(until));
        let now = play.now;
        play.must(member(CANDIDATE_SIDE), submitted(2, now));
        play.agreed(member(JOB_SIDE), placed(2, last, last));
        assert_eq!(play.deal.placements()[1].billed_from, 0);
    }
}
