//! The cost of a deal if the person leaves now, where a dispute is open, and under the first rules. Also the books on bills that are
//! not booked yet, and on parties that left.

use super::*;
use crate::{
    MinorUnits,
    fee::Billed,
    sample::{charged_back, disputed, invoiced, of_rules_1, placed, signature, terms},
    terms::{FeeBase, RefundCurve, RetainedStage},
};

/// A deal of the first rules, billed on day 0 and paid on day 1.
fn paid_under_first_rules() -> (Play, Terms) {
    let terms = of_rules_1(terms());
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0).must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    play.on_day(1).must(Author::Network, paid(&terms, "1", 3_333_333));
    assert_eq!(play.deal.rules(), 1);
    (play, terms)
}

fn amounts(play: &Play) -> Option<(u16, i64, i64)> {
    let exposed = exposure(&play.deal, play.now, &BTreeMap::new()).unwrap();
    exposed.map(|exposed| (exposed.day, exposed.credited, exposed.refunded))
}

#[test]
fn a_departure_of_the_first_rules_is_exposed_with_and_without_a_dispute() {
    let (mut play, terms) = paid_under_first_rules();
    // 60 of 90 days are left: two thirds of 33,333.33.
    play.on_day(30);
    assert_eq!(amounts(&play), Some((30, 2_222_222, 2_222_222)));
    play.must(member(JOB_SIDE), disputed(&terms, 0));
    assert_eq!(amounts(&play), Some((30, 2_222_222, 2_222_222)));
}

#[test]
fn a_refund_of_the_first_rules_is_not_exposed_again_by_a_dispute() {
    let (mut play, terms) = paid_under_first_rules();
    play.on_day(30).must(Author::Employer, fell_off(30));
    assert_eq!(amounts(&play), None);
    play.must(member(JOB_SIDE), disputed(&terms, 0));
    assert_eq!(amounts(&play), None);
}

#[test]
fn what_a_dispute_holds_is_not_counted_as_paid_out() {
    let mut terms = terms();
    terms.guarantee.refund = RefundCurve::Full;
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(5);
    let all = crate::booking::released(&play.deal, play.now).unwrap();
    assert_eq!(
        [JOB_SIDE, CANDIDATE_SIDE].map(|number| all[&tenant(number)]),
        [1_583_334, 1_583_333]
    );
    // Of the 10,000.00 that the bank takes back the parties give 4,750.01 and 4,750.00, which they owe from then on. What
    // is paid for that again is held by a dispute.
    play.must(Author::Network, charged_back(&terms, "1", 1_000_000));
    play.on_day(6).must(Author::Network, paid(&terms, "1", 1_000_000));
    play.must(member(JOB_SIDE), disputed(&terms, 3_333_333));
    play.on_day(10);
    let exposed = exposure(&play.deal, play.now, &all).unwrap().unwrap();
    let parts: Vec<(i64, i64)> = exposed
        .parts
        .iter()
        .map(|part| (part.gives_back, part.paid_out))
        .collect();
    assert_eq!(parts, [(1_583_334, 1_108_333), (1_583_333, 1_108_333), (166_666, 0)]);
}

fn booked_by(play: &Play, now: Timestamp) -> Vec<Transaction> {
    let bookings = crate::booking::bookings(&play.deal, now).unwrap();
    let booked = bookings
        .iter()
        .map(|booking| booking.transaction(|_| i64::MAX).unwrap());
    booked.collect()
}

#[test]
fn of_two_bills_the_one_that_is_booked_counts() {
    let mut terms = terms();
    let stage = |name: &str, share: &str| RetainedStage {
        name: name.to_owned(),
        share: share.parse().unwrap(),
        after_placement: false,
    };
    terms.fee = FeeBase::Retained {
        minor_units: MinorUnits(3_000_000),
        stages: vec![stage("engagement", "1/3"), stage("shortlist", "2/3")],
    };
    let mut play = Play::signed(&terms);
    let bill = |number: u16, minor_units| What::Invoiced {
        invoice: number.to_string(),
        billed: Billed::Stage(number),
        amount: terms.money(minor_units),
    };
    play.on_day(0).must(member(JOB_SIDE), bill(0, 1_000_000));
    let first = play.now;
    play.on_day(5).must(member(JOB_SIDE), bill(1, 2_000_000));
    for (now, billed) in [(first, 1_000_000), (play.now, 3_000_000)] {
        let client = booked(&play.deal, &booked_by(&play, now)).unwrap().client;
        assert_eq!(
            (client.billed, client.credited, client.outstanding),
            (billed, 0, billed)
        );
    }
}

#[test]
fn who_left_the_terms_keeps_a_line_of_what_was_booked_for_it() {
    let mut play = Play::signed(&terms());
    let mut next = terms();
    next.version = 2;
    next.parties[1].tenant = tenant(STRANGER);
    let proposed = What::TermsProposed {
        terms: Box::new(next.clone()),
    };
    play.must(member(JOB_SIDE), proposed);
    for number in [JOB_SIDE, STRANGER, CANDIDATE_SIDE] {
        play.must(member(number), signature(&next, number));
    }
    assert_eq!(play.deal.terms(), Some(&next));
    let earlier = Play::billed(&terms());
    let report = booked(&play.deal, &booked_by(&earlier, earlier.now)).unwrap();
    let lines = report.parties.iter().map(|party| (party.tenant, party.earned.reserved));
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            (tenant(JOB_SIDE), 1_583_334),
            (tenant(STRANGER), 0),
            (tenant(CANDIDATE_SIDE), 1_583_333)
        ]
    );
}
