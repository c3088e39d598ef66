//! Attempts to gain by silence, by a no without reasons, and by occupying the only place for a dispute.

use jiff::civil::date;

use super::super::*;
use crate::{
    Template,
    assertion::Ended,
    dispute::Ruling,
    fact::Author,
    sample::{
        ARBITER, CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, at, candidate, check_money, confirmed, contested, disputed,
        disputed_report, evidence, fell_off, invoiced, member, paid, placed, sample_ruling, submitted, template, terms,
    },
};

#[test]
fn a_broker_thaws_the_money_by_a_no_and_keeps_the_client_from_a_dispute() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(60);
    let report = play.must(CLIENT, fell_off(60));
    let at_stake = play.deal.frozen_minor_units();
    assert_eq!(at_stake, 3_333_333);
    play.must(member(JOB_SIDE), contested(report));
    play.must(member(JOB_SIDE), disputed(&terms, 1));
    assert_eq!(play.deal.frozen_minor_units(), at_stake + 1);
    // The broker's own dispute goes its way, and the client's about the report beside it.
    play.must(CLIENT, disputed_report(report));
    let (_, sha256) = play.document(CLIENT, 9, true);
    assert_eq!(play.refused(CLIENT, evidence(sha256)), Why::WhichDispute);
    let opened = play.deal.disputes()[1].opened;
    let given = What::EvidenceGiven {
        dispute: Some(opened),
        text: "the letter".into(),
        sha256,
    };
    play.must(CLIENT, given);
    while !play.deal.disputes().is_empty() {
        assert_eq!(play.deal.settle().unwrap().held_minor_units, 3_333_333);
        let next = play.deal.deadline().unwrap().at;
        play.until(next);
    }
    assert!(play.now > at("2026-05-01T00:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Effective));
    play.until(at("2026-10-01T00:00:00Z"));
    assert_eq!(play.deal.invoices()[0].credited_minor_units, at_stake);
    check_money(&play.deal);
}

#[test]
fn a_broker_thaws_the_money_by_a_dispute_about_the_clients_report() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    // A first dispute of each, so that their next holds back nothing by itself.
    for by in [member(JOB_SIDE), CLIENT] {
        play.must(by, disputed(&terms, 1));
        play.must(by, What::DisputeWithdrawn { dispute: None });
    }
    play.on_day(60);
    let report = play.must(CLIENT, fell_off(60));
    let at_stake = play.deal.frozen_minor_units();
    play.must(member(JOB_SIDE), contested(report));
    for by in [JOB_SIDE, CANDIDATE_SIDE] {
        assert_eq!(play.refused(member(by), disputed_report(report)), Why::NotYours);
    }
    play.must(CLIENT, disputed_report(report));
    assert_eq!(
        play.deal.frozen_minor_units(),
        at_stake,
        "held back until the report ends"
    );
    let opened = play.now;
    while !play.deal.disputes().is_empty() {
        assert_eq!(play.deal.settle().unwrap().held_minor_units, 3_333_333);
        let next = play.deal.deadline().unwrap().at;
        play.until(next);
    }
    assert!(play.now.duration_since(opened).as_hours() > 24 * 30);
    assert_eq!(play.deal.frozen_minor_units(), 0);
    check_money(&play.deal);
}

#[test]
fn a_report_that_silence_does_not_decide_is_waited_out() {
    let mut terms = terms();
    terms.stated_pay = Some(crate::terms::StatedPay {
        from_minor_units_a_year: crate::MinorUnits(1),
        to_minor_units_a_year: crate::MinorUnits(2),
    });
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    let report = play.must(member(CANDIDATE_SIDE), placed(1, 0, 0));
    assert_eq!(play.deal.assertion(report).unwrap().accepted_from, None);
    // The others say nothing; a judge is asked, and the thirty days do not run meanwhile.
    play.on_day(20);
    play.must(member(CANDIDATE_SIDE), disputed_report(report));
    assert_eq!(
        play.deal.default_ruling(&play.deal.disputes()[0]),
        Ruling::Stands,
        "nobody's silence counts here either"
    );
    play.show(member(CANDIDATE_SIDE), 7);
    play.until(at("2026-03-14T00:00:00Z"));
    play.on(2026, 3, 14);
    let known = play.deal.assertion(report).unwrap();
    assert_eq!(play.deal.expires_at(known), None);
    let mut said_yes = play.clone();
    said_yes.agreed_to(report);
    assert!(said_yes.deal.disputes().is_empty(), "nothing is left to rule on");
    assert_eq!(said_yes.deal.state(), State::Placed);
    play.must(member(ARBITER), sample_ruling(Ruling::Upheld));
    assert_eq!(play.deal.state(), State::Placed);
    play.must(member(CANDIDATE_SIDE), invoiced(&terms, "1", 3_333_333));
    check_money(&play.deal);
}

#[test]
fn a_contested_report_holds_money_and_people_for_ever() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(1);
    let report = play.must(CLIENT, fell_off(0));
    play.must(member(JOB_SIDE), contested(report));
    let expired = || What::AssertionExpired { assertion: report };
    assert_eq!(
        play.refused(Author::Network, expired()),
        Why::TooEarly(date(2026, 1, 22))
    );
    assert_eq!(play.refused(member(JOB_SIDE), expired()), Why::NotYours);
    play.until(at("2026-01-22T05:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Expired));
    assert_eq!(play.deal.frozen_minor_units(), 0);
    assert_eq!(play.refused(CLIENT, disputed_report(report)), Why::AssertionEnded);

    // A hire that was none, contested; and one at a pay that nobody believes, which nobody answers.
    for unbelievable in [false, true] {
        let mut terms = terms.clone();
        terms.stated_pay = unbelievable.then_some(crate::terms::StatedPay {
            from_minor_units_a_year: crate::MinorUnits(1),
            to_minor_units_a_year: crate::MinorUnits(2),
        });
        let mut play = Play::signed(&terms);
        play.submit(1);
        play.on_day(0);
        let report = play.must(member(CANDIDATE_SIDE), placed(1, 0, 0));
        assert!(play.deal.employs(candidate(1), date(2026, 1, 16)));
        if !unbelievable {
            play.must(CLIENT, contested(report));
            assert!(!play.deal.employs(candidate(1), date(2026, 1, 16)), "somebody said no");
        }
        play.until(at("2026-03-01T00:00:00Z"));
        assert!(!play.deal.employs(candidate(1), date(2026, 3, 1)));
    }
}

#[test]
fn the_client_says_nothing_and_keeps_the_replacement_and_the_refund() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    let now = play.now;
    play.must(CLIENT, What::ReplacementStarted {});
    play.must(member(CANDIDATE_SIDE), submitted(2, now));
    // The 60 days end on day 70; hired on day 68 and reported at once.
    play.on_day(68);
    let report = play.must(member(CANDIDATE_SIDE), placed(2, 68, 68));
    play.until(at("2026-04-10T00:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Effective));
    assert_eq!(play.deal.placements().len(), 2);
    assert!(play.deal.invoices()[0].credited_minor_units == 0, "no refund beside it");
    check_money(&play.deal);

    // Reported after the days, it keeps nobody's refund back.
    let mut late = Play::billed(&terms);
    late.on_day(10);
    late.agreed(CLIENT, fell_off(10));
    late.until(at("2026-03-28T00:00:00Z"));
    assert!(
        late.deal.placements()[0]
            .fall_off
            .as_ref()
            .unwrap()
            .refunded_by
            .is_some()
    );
}

#[test]
fn a_report_about_somebody_who_said_no_is_ruled_to_count() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    let contact = What::Contacted {
        candidate: candidate(1),
    };
    let report = play.must(member(CANDIDATE_SIDE), contact);
    play.must(CLIENT, contested(report));
    play.must(member(CANDIDATE_SIDE), disputed_report(report));
    let withdrawn = What::ConsentWithdrawn {
        candidate: candidate(1),
    };
    play.must(Author::Network, withdrawn);
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Lapsed));
    assert!(play.deal.disputes().is_empty(), "nothing is left to rule on");
}

#[test]
fn a_hire_is_dated_back_so_that_the_guarantee_is_over() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.on_day(60);
    let report = play.must(member(JOB_SIDE), placed(1, -5, -5));
    assert_eq!(play.deal.assertion(report).unwrap().accepted_from, None);
    play.must(CLIENT, confirmed(report));
}

#[test]
fn a_departure_that_was_none_is_undone_before_the_refund() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    play.must(member(JOB_SIDE), disputed(&terms, 3_333_333));
    play.show(member(JOB_SIDE), 7);
    play.until(at("2026-03-06T00:00:00Z"));
    play.on(2026, 3, 6);
    // A part of a refund that has not been taken off cannot be given back.
    let part = terms.money(1);
    let outstanding_minor_units = 0;
    assert_eq!(
        play.refused(member(ARBITER), sample_ruling(Ruling::Restored { amount: part })),
        Why::TooMuch {
            outstanding_minor_units
        }
    );
    let amount = terms.money(3_333_333);
    play.must(member(ARBITER), sample_ruling(Ruling::Restored { amount }));
    assert_eq!(play.deal.state(), State::Paid);
    assert!(play.deal.placements()[0].fall_off.is_none());
    check_money(&play.deal);
}
