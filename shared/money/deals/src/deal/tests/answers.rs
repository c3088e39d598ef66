//! Attempts to gain by the first word, by bills that take the others' room, or while a report waits.

use jiff::civil::date;

use super::super::*;
use crate::{
    Template,
    assertion::Ended,
    dispute::Ruling,
    fact::Author,
    fee::Billed,
    sample::{
        ARBITER, CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, at, check_money, closed, confirmed, contested, disputed,
        disputed_report, evidence, fell_off, hourly, invoiced, member, paid, placed, sample_ruling, template, terms,
        yearly,
    },
};

/// One candidate submitted, on the day of the hire.
fn submitted_one() -> Play {
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.on_day(0);
    play
}

#[test]
fn an_ally_says_no_first_so_that_the_client_is_not_heard() {
    let mut play = submitted_one();
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(CANDIDATE_SIDE), contested(report));
    play.must(member(JOB_SIDE), disputed_report(report));
    // The client is asked too, so it sees what is shown.
    let (_, hidden) = play.document(member(JOB_SIDE), 1, false);
    assert_eq!(play.refused(member(JOB_SIDE), evidence(hidden)), Why::NoSuchDocument);
    let (_, shown) = play.document(member(JOB_SIDE), 2, true);
    play.must(member(JOB_SIDE), evidence(shown));
    // And its own no is heard beside the other's, and stays where that one is taken back.
    play.must(CLIENT, contested(report));
    assert_eq!(play.refused(CLIENT, contested(report)), Why::NotAwaited);
    play.must(member(CANDIDATE_SIDE), confirmed(report));
    let known = play.deal.assertion(report).unwrap();
    assert!(known.is_contested() && known.awaits.len() == 1, "{known:?}");
}

#[test]
fn a_no_is_taken_back_so_that_silence_counts_at_once() {
    let mut play = submitted_one();
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(CANDIDATE_SIDE), contested(report));
    play.on_day(5);
    play.must(member(CANDIDATE_SIDE), confirmed(report));
    let known = play.deal.assertion(report).unwrap();
    assert!(
        known.is_open() && known.accepted_from > Some(at("2026-01-25T00:00:00Z")),
        "{known:?}"
    );
}

#[test]
fn a_no_is_taken_back_on_the_last_day_of_the_dispute() {
    let mut play = submitted_one();
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(CLIENT, contested(report));
    play.must(member(JOB_SIDE), disputed_report(report));
    let (_, sha256) = play.document(member(JOB_SIDE), 1, true);
    play.must(member(JOB_SIDE), evidence(sha256));
    let over = |play: &Play| play.deal.default_from(&play.deal.disputes()[0]).unwrap();
    while play.deal.deadline().unwrap().at < over(&play) {
        let next = play.deal.deadline().unwrap().at;
        play.until(next);
    }
    play.now = over(&play) - jiff::SignedDuration::from_secs(1);
    play.must(CLIENT, confirmed(report));
    assert!(play.deal.assertion(report).unwrap().is_open());
    // A second no of the same side is none, and the other has its days: then silence counts, and the dispute is over.
    assert_eq!(play.refused(CLIENT, contested(report)), Why::NotAwaited);
    let known = play.deal.assertion(report).unwrap();
    let until = known.accepted_from.unwrap();
    play.until(until);
    assert_eq!((play.deal.state(), play.deal.disputes().len()), (State::Placed, 0));
    check_money(&play.deal);
}

#[test]
fn a_no_is_taken_back_late_so_that_the_report_is_over() {
    let mut terms = terms();
    terms.answer_within_days = Some(30);
    let mut play = Play::billed(&terms);
    let corrected = What::PlacementCorrected {
        pay: Some(yearly(17_000_000, terms.currency)),
        starts_on: date(2026, 1, 15),
    };
    let report = play.must(member(JOB_SIDE), corrected);
    play.on_day(29);
    play.must(CLIENT, contested(report));
    play.on_day(31);
    play.must(CLIENT, confirmed(report));
    let known = play.deal.assertion(report).unwrap();
    assert!(
        play.deal.expires_at(known) > Some(at("2026-03-16T00:00:00Z")),
        "{:?}",
        play.deal.expires_at(known)
    );
}

#[test]
fn a_judge_rules_before_the_client_has_answered() {
    let mut terms = terms();
    terms.answer_within_days = Some(30);
    terms.disputes.steps.truncate(1);
    terms.disputes.steps[0].evidence_days = 1;
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(CANDIDATE_SIDE), contested(report));
    play.must(member(JOB_SIDE), disputed_report(report));
    let mut unshown = play.clone();
    play.show(member(JOB_SIDE), 7);
    play.on_day(2);
    let upheld = || sample_ruling(Ruling::Upheld);
    assert_eq!(play.refused(member(ARBITER), upheld()), Why::WordMissing);
    let amount = terms.money(1);
    let refunded = sample_ruling(Ruling::Refunded { amount });
    assert_eq!(play.refused(member(ARBITER), refunded), Why::WordMissing);
    let other = play.refused(member(ARBITER), sample_ruling(Ruling::Restored { amount }));
    assert_eq!(other, Why::RulingWithout, "a hire takes nothing off a bill");
    play.must(CLIENT, contested(report));
    play.must(member(ARBITER), upheld());

    // Nor does a judge uphold what nobody who stands behind it showed anything for.
    unshown.show(member(CANDIDATE_SIDE), 8);
    unshown.must(CLIENT, contested(report));
    unshown.on_day(2);
    assert_eq!(unshown.refused(member(ARBITER), upheld()), Why::NothingShown);
    unshown.must(member(ARBITER), sample_ruling(Ruling::Stands));
}

#[test]
fn whoever_says_no_first_turns_the_others_evidence_against_the_report() {
    let mut play = submitted_one();
    let report = play.must(member(CANDIDATE_SIDE), placed(1, 0, 0));
    play.must(CLIENT, contested(report));
    play.must(member(CANDIDATE_SIDE), disputed_report(report));
    // The other broker saw the hire too, and says so after the no.
    play.must(member(JOB_SIDE), confirmed(report));
    for (number, by) in [(1, CANDIDATE_SIDE), (2, JOB_SIDE)] {
        let (_, sha256) = play.document(member(by), number, true);
        play.must(member(by), evidence(sha256));
    }
    play.until(at("2026-08-01T00:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Effective));
}

#[test]
fn a_dispute_is_over_before_the_days_to_answer_are() {
    let mut terms = terms();
    terms.answer_within_days = Some(30);
    terms.disputes.steps.truncate(1);
    terms.disputes.steps[0].evidence_days = 1;
    terms.disputes.ruling_within_days = Some(1);
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(CANDIDATE_SIDE), contested(report));
    play.must(member(JOB_SIDE), disputed_report(report));
    let (_, sha256) = play.document(member(JOB_SIDE), 1, true);
    play.must(member(JOB_SIDE), evidence(sha256));
    let mut heard = play.clone();
    play.until(at("2026-02-10T00:00:00Z"));
    assert_eq!(
        play.deal.assertion(report).unwrap().ended,
        None,
        "the client has its 30 days"
    );
    play.until(at("2026-03-01T00:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Effective));
    // What it shows inside the days of the ladder is heard.
    let (_, sha256) = heard.document(CLIENT, 2, true);
    heard.must(CLIENT, evidence(sha256));
    heard.until(at("2026-03-01T00:00:00Z"));
    assert_eq!(heard.deal.assertion(report).unwrap().ended, Some(Ended::Rejected));
}

#[test]
fn the_client_says_no_until_nobody_is_heard_any_more() {
    let mut terms = hourly(1_000);
    terms.disputes.steps.truncate(1);
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    for week in 1..=6_i64 {
        play.on_day(week * 30);
        let bill = |number: String| What::Invoiced {
            invoice: number,
            billed: Billed::Minutes(600),
            amount: terms.money(10_000),
        };
        let report = play.must(member(CANDIDATE_SIDE), bill(format!("{week}")));
        play.must(CLIENT, contested(report));
        play.must(member(CANDIDATE_SIDE), disputed_report(report));
        play.show(member(CANDIDATE_SIDE), week as u128);
        // The next week's bill does not wait for that.
        let next = play.must(member(CANDIDATE_SIDE), bill(format!("{week} again")));
        play.must(CLIENT, confirmed(next));
        play.on_day(week * 30 + 15);
        play.must(member(ARBITER), sample_ruling(Ruling::Upheld));
    }
    assert_eq!(play.deal.invoices().len(), 12);
    check_money(&play.deal);
}

#[test]
fn a_party_and_the_client_fill_the_deal_with_bills() {
    let terms = hourly(60);
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    let bill = |number: String, minutes: u32| What::Invoiced {
        invoice: number,
        billed: Billed::Minutes(minutes),
        amount: terms.money(i64::from(minutes)),
    };
    for number in 0..250 {
        play.agreed(member(JOB_SIDE), bill(format!("job-{number}"), 1));
    }
    assert_eq!(play.refused(member(JOB_SIDE), bill("one more".into(), 1)), Why::Full);
    play.agreed(member(CANDIDATE_SIDE), bill("candidate-1".into(), 60));
}

#[test]
fn a_departure_keeps_the_pay_from_being_corrected() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    let corrected = |minor_units| What::PlacementCorrected {
        pay: Some(yearly(minor_units, terms.currency)),
        starts_on: date(2026, 1, 15),
    };
    // Half of what was reported: the rest of the fee was never owed.
    play.agreed(CLIENT, corrected(8_333_333));
    assert_eq!(
        (play.deal.state(), play.deal.invoices()[0].left()),
        (State::FallenOff, 1_666_667)
    );
    check_money(&play.deal);
    // And twice of it: the rest can be billed, and is refunded as the first was.
    play.agreed(member(JOB_SIDE), corrected(16_666_665));
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 1_666_666));
    play.until(at("2026-06-01T00:00:00Z"));
    let left: i64 = play.deal.invoices().iter().map(crate::deal::Invoice::left).sum();
    assert_eq!(left, 0, "a refund of all");
    check_money(&play.deal);
    // After the refund of a part the client keeps that part of what is still owed.
    let (mut play, even) = (Play::billed(&terms_even()), terms_even());
    play.must(Author::Network, paid(&even, "1", 3_333_333));
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    let kept = play.deal.invoices()[0].left();
    assert_eq!(kept, 1_666_666);
    play.agreed(CLIENT, corrected(8_333_333));
    assert_eq!(play.deal.invoices()[0].left(), 833_333);
    check_money(&play.deal);
}

fn terms_even() -> Terms {
    template(Template::Even)
}

#[test]
fn a_bill_is_paid_out_while_the_report_that_takes_it_back_waits() {
    let terms = terms();
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    let report = play.must(CLIENT, fell_off(0));
    assert_eq!(
        play.deal.assertion(report).unwrap().stake_minor_units,
        0,
        "nothing is billed"
    );
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    let at_stake = play.deal.assertion(report).unwrap().stake_minor_units;
    assert!(at_stake > 0);
    // Two reports of one departure hold back one refund.
    play.must(member(CANDIDATE_SIDE), fell_off(0));
    assert_eq!(play.deal.frozen_minor_units(), at_stake);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.must(member(JOB_SIDE), contested(report));
    play.must(CLIENT, disputed_report(report));
    play.on_day(6);
    assert_eq!(play.deal.frozen_minor_units(), at_stake);
    assert_eq!(play.released(), 3_333_333 - at_stake);
}

#[test]
fn a_departure_is_dated_so_that_nobody_can_be_replaced() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(1);
    // They never came; sixty days before the start nobody could look for another.
    play.agreed(CLIENT, fell_off(-61));
    play.must(member(JOB_SIDE), What::ReplacementStarted {});
    play.on_day(61);
    let now = play.now;
    play.must(member(CANDIDATE_SIDE), crate::sample::submitted(2, now));
    play.agreed(member(JOB_SIDE), placed(2, 61, 61));
    assert_eq!(play.deal.invoices()[0].credited_minor_units, 0);
    check_money(&play.deal);
}

#[test]
fn a_yes_to_closing_ends_a_report_that_came_after_it() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let settled = play.deal.guarantee_end().unwrap();
    play.until(settled);
    let closing = play.must(member(JOB_SIDE), closed());
    play.must(CLIENT, confirmed(closing));
    let report = play.must(CLIENT, fell_off(60 + 29));
    assert_eq!(play.refused(member(CANDIDATE_SIDE), confirmed(closing)), Why::MoneyOpen);
    assert!(play.deal.assertion(report).unwrap().is_open());
}

#[test]
fn a_judge_closes_a_deal_that_one_side_keeps_open() {
    let mut play = submitted_one();
    let closing = play.must(member(JOB_SIDE), closed());
    play.must(member(CANDIDATE_SIDE), contested(closing));
    play.must(member(JOB_SIDE), disputed_report(closing));
    play.until(at("2026-02-22T00:00:00Z"));
    play.on(2026, 2, 22);
    play.must(member(ARBITER), sample_ruling(Ruling::Upheld));
    assert_eq!((play.deal.state(), play.deal.disputes().len()), (State::Closed, 0));
}

#[test]
fn a_report_goes_to_a_dispute_once() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(10);
    let report = play.must(CLIENT, fell_off(10));
    play.must(member(JOB_SIDE), contested(report));
    play.must(CLIENT, disputed_report(report));
    assert_eq!(play.refused(CLIENT, disputed_report(report)), Why::DisputeOpen);
    play.must(CLIENT, What::DisputeWithdrawn { dispute: None });
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Withdrawn));
    assert_eq!(play.deal.frozen_minor_units(), 0);
    assert_eq!(play.refused(CLIENT, disputed_report(report)), Why::AssertionEnded);
}

#[test]
fn whoever_wins_a_dispute_is_heard_again() {
    let mut terms = terms();
    terms.disputes.steps.truncate(1);
    let mut play = Play::billed(&terms);
    let amount = terms.money(100);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    for time in 1..=5 {
        play.on_day(time * 10);
        play.must(CLIENT, disputed(&terms, 100));
        play.show(CLIENT, time as u128);
        assert_eq!(play.deal.frozen_minor_units(), 100, "the {time}th");
        play.on_day(time * 10 + 8);
        play.must(member(ARBITER), sample_ruling(Ruling::Refunded { amount }));
    }
    check_money(&play.deal);
}
