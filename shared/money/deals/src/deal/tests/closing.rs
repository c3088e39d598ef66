//! Attempts to gain by one side's own bills, by early closing, and by mixing up who was hired after whom.

use jiff::civil::date;

use super::super::*;
use crate::{
    MinorUnits, Template,
    dispute::Ruling,
    fact::Author,
    fee::Billed,
    sample::{
        ARBITER, CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, at, candidate, check_money, closed, contested, disputed,
        disputed_report, fell_off, hired, hourly, invoiced, member, moved, paid, placed, sample_ruling, submitted,
        template, terms,
    },
    terms::{PaymentTiming, RefundCurve, RetainedStage},
};

pub(super) fn bill(terms: &Terms, number: &str, billed: Billed, minor_units: i64) -> What {
    What::Invoiced {
        invoice: number.into(),
        billed,
        amount: terms.money(minor_units),
    }
}

/// A search for 30,000.00: a third at its start, the rest with the placement.
pub(super) fn retained() -> Terms {
    let mut terms = terms();
    let stage = |name: &str, share: &str, after_placement| RetainedStage {
        name: name.to_owned(),
        share: share.parse().unwrap(),
        after_placement,
    };
    terms.fee = FeeBase::Retained {
        minor_units: MinorUnits(3_000_000),
        stages: vec![stage("engagement", "1/3", false), stage("placement", "2/3", true)],
    };
    terms.guarantee.refund = RefundCurve::Full;
    terms.payment = PaymentTiming::AfterGuarantee;
    terms
}

#[test]
fn a_party_bills_hours_that_nobody_worked() {
    let terms = hourly(1_000);
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    let minutes =
        |number: &str, hours: u32| bill(&terms, number, Billed::Minutes(hours * 60), i64::from(hours) * 1_000);
    play.on_day(7);
    let greedy = play.must(member(CANDIDATE_SIDE), minutes("1", 121));
    assert_eq!(
        play.deal.assertion(greedy).unwrap().accepted_from,
        None,
        "more than 60 a week"
    );
    assert_eq!(play.deal.invoices(), []);
    play.must(
        CLIENT,
        What::AssertionContested {
            assertion: greedy,
            reason: "nobody works that long".into(),
        },
    );
    // What can have been worked counts if the client says nothing, from the day on which it was sent.
    let fair = play.must(member(CANDIDATE_SIDE), minutes("2", 80));
    let over = play.deal.assertion(fair).unwrap().accepted_from.unwrap();
    play.until(over);
    assert_eq!(play.deal.invoices()[0].fact, fair);
    assert_eq!(
        play.deal.invoices()[0].due_on,
        Some(date(2026, 2, 21)),
        "30 days after the bill"
    );
    play.must(Author::Network, paid(&terms, "2", 80_000));
    let said = play.must(member(CANDIDATE_SIDE), minutes("3", 40));
    play.must(CLIENT, What::AssertionConfirmed { assertion: said });
    play.must(Author::Network, paid(&terms, "3", 40_000));
    check_money(&play.deal);
}

#[test]
fn all_bill_the_same_hours_at_once() {
    let terms = hourly(1_000);
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    play.on_day(7);
    let minutes =
        |number: &str, hours: u32| bill(&terms, number, Billed::Minutes(hours * 60), i64::from(hours) * 1_000);
    let accepted_from = |play: &Play, report| play.deal.assertion(report).unwrap().accepted_from;
    let one = play.must(member(JOB_SIDE), minutes("1", 60));
    assert!(accepted_from(&play, one).is_some());
    let other = play.must(member(CANDIDATE_SIDE), minutes("2", 61));
    assert_eq!(accepted_from(&play, other), None, "121 hours in two weeks");
    // What the client says no to takes nobody's room.
    play.must(CLIENT, contested(one));
    play.must(member(CANDIDATE_SIDE), What::AssertionWithdrawn { assertion: other });
    let fair = play.must(member(CANDIDATE_SIDE), minutes("3", 61));
    assert!(accepted_from(&play, fair).is_some());
}

#[test]
fn one_party_closes_before_the_others_have_billed() {
    // The fee itself.
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    play.on(2027, 6, 1);
    play.must(member(JOB_SIDE), closed());
    assert_eq!(play.deal.state(), State::Placed);
    play.must(member(CANDIDATE_SIDE), invoiced(&terms(), "1", 3_333_333));
    // The hours to come.
    let terms = hourly(1_000);
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    let minutes = bill(&terms, "1", Billed::Minutes(60), 1_000);
    play.agreed(member(CANDIDATE_SIDE), minutes);
    play.must(Author::Network, paid(&terms, "1", 1_000));
    play.until(at("2027-06-01T12:00:00Z"));
    assert_eq!(play.deal.state(), State::Settled);
    play.must(member(JOB_SIDE), closed());
    assert_ne!(play.deal.state(), State::Closed);
}

#[test]
fn a_search_that_is_paid_for_is_closed_at_once_or_its_money_held_for_ever() {
    let terms = retained();
    let mut play = Play::signed(&terms);
    play.must(member(JOB_SIDE), bill(&terms, "1", Billed::Stage(0), 1_000_000));
    play.must(Author::Network, paid(&terms, "1", 1_000_000));
    let asked = play.must(member(JOB_SIDE), closed());
    assert_eq!(play.deal.assertion(asked).unwrap().ended, None, "the others are asked");
    play.must(member(JOB_SIDE), What::AssertionWithdrawn { assertion: asked });
    // Somebody is submitted shortly before the end, so that one party alone cannot close.
    play.on(2027, 1, 4);
    assert_eq!(play.released(), 0);
    play.submit(1);
    // The claims' twelve months after the bill the money is paid out, closed or not.
    play.on(2027, 1, 7);
    assert_eq!(play.released(), 1_000_000);
    play.must(member(JOB_SIDE), closed());
    assert_ne!(play.deal.state(), State::Closed);
    check_money(&play.deal);
}

#[test]
fn a_client_that_had_the_fee_of_a_stage_back_hires_for_nothing() {
    let terms = retained();
    let mut play = Play::signed(&terms);
    play.submit(1);
    let now = play.now;
    play.must(member(CANDIDATE_SIDE), submitted(2, now));
    let (_, proof) = play.document(CLIENT, 1, true);
    play.on(2026, 1, 6);
    play.must(member(JOB_SIDE), bill(&terms, "1", Billed::Stage(0), 1_000_000));
    play.agreed(member(JOB_SIDE), hired(1, -9, None));
    play.must(member(JOB_SIDE), bill(&terms, "2", Billed::Stage(1), 2_000_000));
    play.agreed(
        CLIENT,
        What::PriorClaimRaised {
            candidate: candidate(1),
            last_contact_on: date(2025, 12, 1),
            proof,
        },
    );
    let credited = |play: &Play| -> Vec<i64> {
        let bills = play.deal.invoices().iter();
        bills.map(|bill| bill.credited_minor_units).collect()
    };
    assert_eq!(
        credited(&play),
        [0, 2_000_000],
        "the search is owed, the placement is not"
    );
    play.agreed(member(JOB_SIDE), hired(2, -9, None));
    assert_eq!(play.deal.state(), State::Invoiced);
    assert_eq!(
        play.refused(member(JOB_SIDE), bill(&terms, "3", Billed::Stage(0), 1_000_000)),
        Why::BilledTwice
    );
    play.must(member(JOB_SIDE), bill(&terms, "3", Billed::Stage(1), 2_000_000));
    assert_eq!(
        play.refused(member(JOB_SIDE), bill(&terms, "4", Billed::Stage(1), 2_000_000)),
        Why::BilledTwice
    );
    check_money(&play.deal);
}

/// The first of two candidates, placed and billed.
pub(super) fn first_of_two() -> (Play, Terms) {
    let mut terms = template(Template::Even);
    terms.claims.lapses_after_days = None;
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    let now = play.now;
    play.must(member(CANDIDATE_SIDE), submitted(2, now));
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    (play, terms)
}

#[test]
fn somebody_hired_after_a_refund_is_taken_for_a_replacement() {
    let (mut play, terms) = first_of_two();
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    let kept = |play: &Play| play.deal.invoices()[0].left();
    let first = kept(&play);
    assert_eq!(first, 1_666_666);
    // Hired behind the brokers' backs, with a bill of their own.
    play.agreed(member(JOB_SIDE), closed());
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.agreed(member(CANDIDATE_SIDE), hired(2, 45, Some(shown)));
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    play.must(Author::Network, paid(&terms, "2", 3_333_333));
    // The second leaves: their refund is of their fee alone.
    play.on_day(50);
    let report = play.must(CLIENT, fell_off(50));
    let stake = play.deal.assertion(report).unwrap().stake_minor_units;
    assert!(stake < 3_333_333, "{stake}");
    play.must(member(JOB_SIDE), What::AssertionConfirmed { assertion: report });
    play.must(member(CANDIDATE_SIDE), What::AssertionConfirmed { assertion: report });
    assert_eq!(kept(&play), first, "what was kept for the first stays");
    assert_eq!(play.deal.invoices()[1].credited_minor_units, stake);
    check_money(&play.deal);
}

#[test]
fn a_ruling_on_a_second_hire_takes_back_what_the_first_was_refunded() {
    let (mut play, terms) = first_of_two();
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    let first = play.deal.invoices()[0].clone();
    assert!(first.credited_minor_units > 0);
    play.agreed(member(JOB_SIDE), closed());
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.agreed(member(CANDIDATE_SIDE), hired(2, 45, Some(shown)));
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    play.must(Author::Network, paid(&terms, "2", 3_333_333));
    play.on_day(50);
    play.agreed(CLIENT, fell_off(50));
    let taken_off = play.deal.invoices()[1].credited_minor_units;
    play.must(member(JOB_SIDE), disputed(&terms, 1));
    play.show(member(JOB_SIDE), 9);
    play.until(at("2026-04-20T00:00:00Z"));
    let restored = |minor_units| {
        let amount = terms.money(minor_units);
        sample_ruling(Ruling::Restored { amount })
    };
    let outstanding_minor_units = taken_off;
    assert_eq!(
        play.refused(member(ARBITER), restored(taken_off + 1)),
        Why::TooMuch {
            outstanding_minor_units
        }
    );
    play.must(member(ARBITER), restored(taken_off));
    assert_eq!(play.deal.invoices()[0], first, "the first's bills are left alone");
    assert_eq!(play.deal.invoices()[1].credited_minor_units, 0);
    assert!(play.deal.placements()[1].fall_off.is_none(), "as if they had not left");
    check_money(&play.deal);
}

#[test]
fn the_client_pays_for_one_and_hires_two() {
    let (mut play, terms) = first_of_two();
    play.must(CLIENT, moved(2, Stage::Submitted, Stage::Rejected));
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.on_day(30);
    let second = || hired(2, 30, Some(shown));
    assert_eq!(play.refused(member(CANDIDATE_SIDE), second()), Why::AlreadyPlaced);
    // While somebody's leaving can still be reported, nobody else takes their place.
    let settled = play.deal.guarantee_end().unwrap();
    play.until(settled);
    assert_eq!(play.deal.state(), State::Settled);
    assert_eq!(play.refused(member(CANDIDATE_SIDE), second()), Why::AlreadyPlaced);
    play.on_day(120);
    assert_eq!(
        play.refused(member(CANDIDATE_SIDE), hired(2, 30, None)),
        Why::NeedsEvidence
    );
    let report = play.must(member(CANDIDATE_SIDE), second());
    // By now silence does not count, and the client says nothing.
    play.must(member(CANDIDATE_SIDE), disputed_report(report));
    play.until(at("2026-06-22T00:00:00Z"));
    play.on(2026, 6, 22);
    play.must(member(ARBITER), sample_ruling(Ruling::Upheld));
    assert_eq!(play.deal.state(), State::Placed);
    let today = date(2026, 8, 1);
    assert!(play.deal.employs(candidate(1), today) && play.deal.employs(candidate(2), today));
    play.must(member(CANDIDATE_SIDE), invoiced(&terms, "2", 3_333_333));
    play.must(Author::Network, paid(&terms, "2", 3_333_333));
    check_money(&play.deal);
    // What goes wrong with the second leaves the first alone.
    let last_day = play.deal.placements()[1].starts_on;
    let counts_from = play.now;
    let report = play.must(CLIENT, fell_off(40));
    assert!(last_day < counts_from.to_zoned(jiff::tz::TimeZone::UTC).date());
    play.agreed_to(report);
    assert_eq!(play.deal.invoices()[0].credited_minor_units, 0);
    assert!(play.deal.invoices()[1].credited_minor_units > 0);
    check_money(&play.deal);
}

#[test]
fn a_correction_of_who_left_is_kept_for_the_replacement() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    let correction = What::PlacementCorrected {
        pay: Some(crate::sample::yearly(8_333_333, terms.currency)),
        starts_on: date(2026, 1, 15),
    };
    let about_the_first = play.must(CLIENT, correction);
    play.must(member(JOB_SIDE), What::ReplacementStarted {});
    let now = play.now;
    play.must(member(CANDIDATE_SIDE), submitted(2, now));
    play.on_day(20);
    play.agreed(member(JOB_SIDE), placed(2, 20, 20));
    let yes = || What::AssertionConfirmed {
        assertion: about_the_first,
    };
    play.must(member(JOB_SIDE), yes());
    assert_eq!(play.refused(member(CANDIDATE_SIDE), yes()), Why::Overtaken);
    assert_eq!(play.deal.placements()[1].starts_on, date(2026, 2, 4));
}

#[test]
fn the_client_leaves_a_unit_unpaid_and_hires_another() {
    let (mut play, terms) = first_of_two();
    play.must(Author::Network, paid(&terms, "1", 3_333_332));
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.until(at("2026-05-15T00:00:00Z"));
    play.on(2026, 5, 15);
    assert_eq!(play.deal.state(), State::Invoiced);
    play.agreed(member(CANDIDATE_SIDE), hired(2, 119, Some(shown)));
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    check_money(&play.deal);
}

#[test]
fn the_first_hires_money_waits_for_the_seconds_guarantee() {
    let mut terms = template(Template::Even);
    terms.claims.lapses_after_days = None;
    terms.payment = PaymentTiming::AfterGuarantee;
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.submit(2);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.until(at("2026-05-15T00:00:00Z"));
    play.on(2026, 5, 15);
    play.agreed(member(CANDIDATE_SIDE), hired(2, 119, Some(shown)));
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(121);
    assert_eq!(play.released(), 3_333_333);
    check_money(&play.deal);
}

#[test]
fn a_report_about_one_hire_is_kept_for_the_next() {
    let (mut play, terms) = first_of_two();
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.until(at("2026-05-10T00:00:00Z"));
    assert_eq!(play.deal.state(), State::Settled);
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    let correction = What::PlacementCorrected {
        pay: Some(crate::sample::yearly(5, terms.currency)),
        starts_on: date(2026, 1, 15),
    };
    let about_the_first = play.must(CLIENT, correction);
    // Another hire would leave it without an object, and thaw what it holds back.
    let second = || hired(2, 100, Some(shown));
    assert_eq!(play.refused(member(CANDIDATE_SIDE), second()), Why::AlreadyPlaced);
    play.must(
        CLIENT,
        What::AssertionWithdrawn {
            assertion: about_the_first,
        },
    );
    play.agreed(member(CANDIDATE_SIDE), second());
    assert_eq!(play.deal.placements().len(), 2);
    // Nobody is hired twice, whoever was hired since.
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    play.must(Author::Network, paid(&terms, "2", 3_333_333));
    play.until(at("2027-01-04T00:00:00Z"));
    play.on(2027, 1, 4);
    let again = hired(1, 340, Some(shown));
    assert_eq!(play.refused(member(CANDIDATE_SIDE), again), Why::AlreadyPlaced);
    check_money(&play.deal);
}

#[test]
fn an_objection_against_a_second_hire_takes_back_their_fee() {
    let (mut play, terms) = first_of_two();
    play.agreed(CLIENT, fell_off(0));
    let first = play.deal.invoices()[0].clone();
    play.agreed(member(JOB_SIDE), closed());
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.agreed(member(CANDIDATE_SIDE), hired(2, 0, Some(shown)));
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    let (_, proof) = play.document(CLIENT, 7, true);
    let objection = What::PriorClaimRaised {
        candidate: candidate(2),
        last_contact_on: date(2025, 12, 1),
        proof,
    };
    play.on_day(1);
    play.agreed(CLIENT, objection);
    assert_eq!(play.deal.state(), State::FallenOff);
    assert_eq!(play.deal.invoices()[0], first);
    assert_eq!(play.deal.invoices()[1].left(), 0);
    check_money(&play.deal);
}

#[test]
fn what_stayed_of_the_fee_of_somebody_whom_the_client_knew_is_not_owed() {
    let terms = template(Template::Even);
    let mut play = Play::signed(&terms);
    play.submit(1);
    let (_, proof) = play.document(CLIENT, 7, true);
    play.on(2026, 1, 6);
    play.agreed(member(JOB_SIDE), hired(1, -9, None));
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    play.on(2026, 1, 7);
    play.agreed(
        CLIENT,
        What::FellOff {
            last_day: date(2026, 1, 7),
            reason: "left".into(),
        },
    );
    assert!(play.deal.invoices()[0].left() > 0);
    let objection = What::PriorClaimRaised {
        candidate: candidate(1),
        last_contact_on: date(2025, 12, 1),
        proof,
    };
    play.agreed(CLIENT, objection);
    assert_eq!((play.deal.invoices()[0].left(), play.deal.state()), (0, State::Active));
    check_money(&play.deal);
}

#[test]
fn a_party_rejects_the_others_candidates_so_that_it_may_close() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    assert_eq!(
        play.refused(member(JOB_SIDE), moved(1, Stage::Submitted, Stage::Withdrawn)),
        Why::NotYours
    );
    assert_eq!(
        play.refused(CLIENT, moved(1, Stage::Submitted, Stage::Withdrawn)),
        Why::NotYours
    );
    play.must(member(JOB_SIDE), moved(1, Stage::Submitted, Stage::Rejected));
    play.on_day(30);
    let asked = play.must(member(JOB_SIDE), closed());
    assert_eq!(play.deal.assertion(asked).unwrap().ended, None);
    // Whoever submitted them may let them go.
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.must(member(CANDIDATE_SIDE), moved(1, Stage::Submitted, Stage::Withdrawn));
    play.on_day(30);
    play.must(member(JOB_SIDE), closed());
    assert_eq!(play.deal.state(), State::Closed);
}
