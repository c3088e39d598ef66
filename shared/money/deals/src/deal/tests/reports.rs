//! The reports that a dispute can be about, that end by themselves, and what is at stake by them.

use inventure_core::{Money, PayPeriod};
use jiff::civil::date;

use super::{super::*, closing::bill, guards::proposed};
use crate::{
    MinorUnits, Template,
    assertion::Ended,
    fact::Author,
    sample::{
        CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, STRANGER, candidate, contested, disputed_report, fell_off, hired,
        hourly, invoiced, member, moved, placed, signature, template, tenant, terms, yearly,
    },
    terms::{ChangesUntil, StatedPay},
};

/// A correction of the pay to 150,000 a year, 20% of which is 30,000.
pub(super) fn correction(terms: &Terms) -> What {
    What::PlacementCorrected {
        pay: Some(yearly(15_000_000, terms.currency)),
        starts_on: date(2026, 1, 15),
    }
}

fn contact(number: u128) -> What {
    What::Contacted {
        candidate: candidate(number),
    }
}

fn stake(play: &Play, report: EventId) -> i64 {
    play.deal.assertion(report).unwrap().stake_minor_units
}

fn ended(play: &Play, report: EventId) -> Option<Ended> {
    play.deal.assertion(report).unwrap().ended
}

#[test]
fn a_report_goes_to_a_dispute_after_a_no_or_where_silence_never_counts() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on_day(1);
    let left = play.must(CLIENT, fell_off(0));
    assert_eq!(play.refused(CLIENT, disputed_report(left)), Why::AssertionEnded);
    let corrected = play.must(CLIENT, correction(&terms));
    let mut withdrawn = play.clone();
    withdrawn.must(CLIENT, What::AssertionWithdrawn { assertion: corrected });
    assert_eq!(
        withdrawn.refused(CLIENT, disputed_report(corrected)),
        Why::AssertionEnded
    );
    play.must(CLIENT, disputed_report(corrected));
    play.must(member(JOB_SIDE), contested(left));
    play.must(CLIENT, disputed_report(left));
}

#[test]
fn a_consent_that_ends_ends_the_reports_about_that_person_that_nothing_shows() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.submit(2);
    play.on_day(0);
    let (shown, _) = play.document(member(JOB_SIDE), 8, true);
    let theirs = play.must(member(CANDIDATE_SIDE), contact(1));
    let anothers = play.must(member(CANDIDATE_SIDE), contact(2));
    let hire = play.must(member(JOB_SIDE), hired(1, 0, Some(shown)));
    let withdrawn = What::ConsentWithdrawn {
        candidate: candidate(1),
    };
    play.must(Author::Network, withdrawn);
    assert_eq!(ended(&play, theirs), Some(Ended::Lapsed));
    assert_eq!(ended(&play, anothers), None);
    assert_eq!(ended(&play, hire), None);
}

#[test]
fn new_terms_end_the_reports_of_who_left_and_those_that_nobody_can_answer() {
    let mut terms = terms();
    terms.changes = ChangesUntil::Placement;
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.must(CLIENT, moved(1, Stage::Submitted, Stage::Screening));
    let shown = play.must(CLIENT, moved(1, Stage::Screening, Stage::Interviewing));
    let leavers = play.must(member(CANDIDATE_SIDE), placed(1, 0, 0));
    let stayers = play.must(member(JOB_SIDE), placed(1, 0, 0));
    terms.version = 2;
    terms.parties[1].tenant = tenant(STRANGER);
    play.must(member(JOB_SIDE), proposed(&terms));
    for number in [JOB_SIDE, CANDIDATE_SIDE, STRANGER] {
        play.must(member(number), signature(&terms, number));
    }
    assert_eq!(play.deal.terms().unwrap().version, 2);
    assert_eq!(ended(&play, shown), Some(Ended::Lapsed), "its only answer has left");
    assert_eq!(ended(&play, leavers), Some(Ended::Lapsed));
    assert_eq!(ended(&play, stayers), None);
}

#[test]
fn hours_that_are_billed_leave_less_to_silence() {
    let terms = hourly(1_000);
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    // The second week has begun: 120 hours.
    play.on_day(7);
    let minutes =
        |number: &str, hours: u32| bill(&terms, number, Billed::Minutes(hours * 60), i64::from(hours) * 1_000);
    play.agreed(member(CANDIDATE_SIDE), minutes("1", 100));
    for (hours, counts) in [(20, true), (21, false)] {
        let mut play = play.clone();
        let report = play.must(member(JOB_SIDE), minutes("2", hours));
        let known = play.deal.assertion(report).unwrap();
        assert_eq!(known.accepted_from.is_some(), counts, "{hours} hours");
    }
}

#[test]
fn silence_counts_from_half_the_least_to_twice_the_most_pay_by_the_year() {
    let mut terms = terms();
    terms.stated_pay = Some(StatedPay {
        from_minor_units_a_year: MinorUnits(15_000_000),
        to_minor_units_a_year: MinorUnits(20_000_000),
    });
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    // 75,000 to 400,000 a year.
    for (minor_units, period, counts) in [
        (624_999, PayPeriod::Month, false),
        (625_000, PayPeriod::Month, true),
        (3_333_333, PayPeriod::Month, true),
        (3_333_334, PayPeriod::Month, false),
        (7_499_999, PayPeriod::Year, false),
        (7_500_000, PayPeriod::Year, true),
        (40_000_000, PayPeriod::Year, true),
        (40_000_001, PayPeriod::Year, false),
    ] {
        let mut play = play.clone();
        let mut hire = placed(1, 0, 0);
        if let What::Placed { pay, .. } = &mut hire {
            let currency = terms.currency;
            let amount = Money { minor_units, currency };
            *pay = Some(Pay { amount, period });
        }
        let report = play.must(member(JOB_SIDE), hire);
        let known = play.deal.assertion(report).unwrap();
        assert_eq!(known.accepted_from.is_some(), counts, "{minor_units} by the {period:?}");
    }
}

#[test]
fn beside_a_refund_that_waits_a_report_has_at_stake_what_it_takes_off_itself() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    let contacted = play.must(member(CANDIDATE_SIDE), contact(1));
    assert_eq!(stake(&play, contacted), 0);
    let corrected = play.must(CLIENT, correction(&terms));
    assert_eq!(stake(&play, corrected), 333_333);
}

#[test]
fn a_bill_that_comes_after_an_objection_is_at_stake_by_it() {
    let terms = terms();
    let mut play = Play::signed(&terms);
    play.submit(1);
    let (_, proof) = play.document(CLIENT, 7, true);
    play.on(2026, 1, 6);
    play.agreed(member(JOB_SIDE), hired(1, -9, None));
    let objection = What::PriorClaimRaised {
        candidate: candidate(1),
        last_contact_on: date(2025, 12, 1),
        proof,
    };
    let objection = play.must(CLIENT, objection);
    assert_eq!(stake(&play, objection), 0);
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    assert_eq!(stake(&play, objection), 3_333_333);
    assert_eq!(play.deal.frozen_minor_units(), 3_333_333);
}

#[test]
fn a_report_that_ended_keeps_the_stake_that_it_had() {
    let mut play = Play::billed(&terms());
    play.on_day(45);
    let left = play.agreed(CLIENT, fell_off(45));
    assert_eq!(ended(&play, left), Some(Ended::Effective));
    // Half of it: 45 of 90 days are left.
    assert_eq!(stake(&play, left), 1_666_667);
    assert_eq!(play.deal.frozen_minor_units(), 0);
}
