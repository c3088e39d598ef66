//! The day on which everything is over, who closes a deal before, and when a guarantee ends.

use jiff::civil::{Date, date};

use super::{
    super::*,
    closing::{bill, first_of_two, retained},
    guards::tried,
    reports::correction,
};
use crate::{
    Template,
    fact::Author,
    fee::FeeError,
    movement::Reason,
    sample::{
        CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, at, candidate, charged_back, closed, fell_off, hired, invoiced, member,
        moved, of_rules_1, paid, placed, template, terms,
    },
};

/// Whether everything is over at noon of a day.
fn is_over(play: &Play, day: Date) -> bool {
    let mut play = play.clone();
    play.on(day.year(), day.month(), day.day());
    play.deal.is_over(play.now)
}

/// A search whose first third is billed on 5 January 2026, and paid where it says so.
fn searched(terms: &Terms, is_paid: bool) -> Play {
    let mut play = Play::signed(terms);
    play.must(member(JOB_SIDE), bill(terms, "1", Billed::Stage(0), 1_000_000));
    if is_paid {
        play.must(Author::Network, paid(terms, "1", 1_000_000));
    }
    play
}

/// Somebody who started on 15 January 2026, without a bill.
fn hired_by(terms: &Terms) -> Play {
    let mut play = Play::signed(terms);
    play.submit(1);
    play.on_day(-1);
    play.agreed(member(JOB_SIDE), placed(1, -1, 0));
    play
}

#[test]
fn a_claim_is_over_on_the_day_after_its_window() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    assert!(!is_over(&play, date(2027, 1, 5)), "twelve months after 5 January 2026");
    assert!(is_over(&play, date(2027, 1, 6)));
}

#[test]
fn a_candidate_who_was_let_go_is_objected_to_for_two_business_days() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.must(member(CANDIDATE_SIDE), moved(1, Stage::Submitted, Stage::Withdrawn));
    assert!(!is_over(&play, date(2026, 1, 7)), "Wednesday after Monday");
    assert!(is_over(&play, date(2026, 1, 8)));
}

#[test]
fn what_the_client_does_with_one_candidate_leaves_the_other_let_go() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.submit(2);
    play.must(member(CANDIDATE_SIDE), moved(1, Stage::Submitted, Stage::Withdrawn));
    play.must(CLIENT, moved(2, Stage::Submitted, Stage::Screening));
    assert!(!is_over(&play, date(2026, 1, 8)), "the second is claimed");
    let withdrawn = What::ConsentWithdrawn {
        candidate: candidate(2),
    };
    play.must(Author::Network, withdrawn);
    assert!(is_over(&play, date(2026, 1, 8)));
}

#[test]
fn a_departure_is_over_once_it_is_refunded_and_the_rest_is_billed() {
    let day = date(2026, 6, 1);
    let mut waits = Play::billed(&template(Template::Replacement));
    waits.on_day(10);
    waits.agreed(CLIENT, fell_off(10));
    assert!(!is_over(&waits, day), "a replacement or the refund is to come");
    waits.agreed(CLIENT, What::RefundChosen {});
    assert!(is_over(&waits, day));

    // Half of the fee stays, and is to be billed.
    let mut half = hired_by(&terms());
    half.on_day(45);
    half.agreed(CLIENT, fell_off(45));
    assert!(!is_over(&half, day));
    half.must(member(JOB_SIDE), invoiced(&terms(), "1", 3_333_333));
    assert!(is_over(&half, day));

    let mut whole = hired_by(&template(Template::Platform));
    whole.on_day(45);
    whole.agreed(CLIENT, fell_off(45));
    assert!(is_over(&whole, day), "nothing is left to bill");
}

#[test]
fn a_search_that_is_paid_for_is_over_a_window_after_its_bill() {
    let unpaid = searched(&retained(), false);
    assert!(is_over(&unpaid, date(2026, 2, 1)));
    let play = searched(&retained(), true);
    assert!(!is_over(&play, date(2027, 1, 5)));
    assert!(is_over(&play, date(2027, 1, 6)));
}

#[test]
fn a_search_waits_for_its_window_since_rules_2_and_until_somebody_is_placed() {
    let terms = retained();
    let mut play = searched(&terms, true);
    let end = |play: &Play| play.deal.search_end(&play.deal.invoices()[0]);
    assert_eq!(end(&play), Some(at("2027-01-06T05:00:00Z")));
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    assert_eq!(end(&play), None);

    let old = searched(&of_rules_1(terms), true);
    assert_eq!(end(&old), None);
    let settlement = old.deal.settle().unwrap();
    assert_eq!(settlement.held_minor_units, 1_000_000);
    assert!(
        settlement
            .movements
            .iter()
            .all(|movement| movement.why != Reason::Released)
    );
}

#[test]
fn a_deal_was_closed_when_that_was_said_while_it_is_closed() {
    let terms = retained();
    let mut play = searched(&terms, true);
    let then = play.now;
    assert_eq!(play.deal.closed_at(), None);
    play.agreed(member(JOB_SIDE), closed());
    play.on_day(0);
    play.document(member(JOB_SIDE), 8, true);
    assert_eq!(play.deal.closed_at(), Some(then), "and not when a file came");
    play.must(Author::Network, charged_back(&terms, "1", 1_000_000));
    assert_eq!((play.deal.state(), play.deal.closed_at()), (State::Active, None));

    let mut old = searched(&of_rules_1(terms), true);
    old.must(member(JOB_SIDE), closed());
    assert_eq!((old.deal.state(), old.deal.closed_at()), (State::Closed, None));
    assert_eq!(old.deal.settle().unwrap().held_minor_units, 1_000_000);
}

#[test]
fn a_placement_of_rules_1_is_closed_by_the_network_alone() {
    let mut play = hired_by(&of_rules_1(terms()));
    for by in [JOB_SIDE, CANDIDATE_SIDE] {
        assert_eq!(play.refused(member(by), closed()), Why::NotYours);
    }
    play.must(Author::Network, closed());
    assert_eq!(play.deal.state(), State::Closed);
}

#[test]
fn a_deal_with_money_or_reports_open_is_closed_by_nobody() {
    let owed = searched(&retained(), false);
    let mut refund = Play::billed(&template(Template::Replacement));
    refund.must(Author::Network, paid(&template(Template::Replacement), "1", 3_333_333));
    refund.on_day(10);
    refund.agreed(CLIENT, fell_off(10));
    let mut reported = Play::signed(&terms());
    reported.submit(1);
    let contact = What::Contacted {
        candidate: candidate(1),
    };
    reported.must(member(CANDIDATE_SIDE), contact);
    // By rules 1 all was held back for somebody who left, also where nothing was billed.
    let mut old = hired_by(&of_rules_1(template(Template::Replacement)));
    old.on_day(0);
    old.must(member(JOB_SIDE), fell_off(0));
    for (name, play) in [("owed", owed), ("refund", refund), ("reported", reported), ("old", old)] {
        for by in [member(JOB_SIDE), Author::Network] {
            let answer = tried(&mut play.clone(), by, closed());
            assert_eq!(answer, Err(Why::MoneyOpen), "{name} {by:?}");
        }
    }
}

#[test]
fn a_bill_from_before_the_placement_is_held_for_its_guarantee() {
    let terms = retained();
    let mut play = searched(&terms, true);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    // Day 90 is 15 April.
    assert_eq!(play.deal.guarantee_end_of(0), Some(at("2026-04-16T04:00:00Z")));
    let movements = play.deal.settle().unwrap().movements;
    let released = movements.iter().filter(|movement| movement.why == Reason::Released);
    assert!(released.map(|movement| movement.at).eq([at("2026-04-16T04:00:00Z"); 3]));
}

#[test]
fn each_of_two_hires_has_the_guarantee_of_its_own_bills() {
    let (mut play, terms) = first_of_two();
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.until(at("2026-05-15T00:00:00Z"));
    play.on(2026, 5, 15);
    // Day 119 is 14 May, and 90 days later it is 12 August.
    play.agreed(member(CANDIDATE_SIDE), hired(2, 119, Some(shown)));
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    assert_eq!(play.deal.guarantee_end_of(0), Some(at("2026-04-16T04:00:00Z")));
    assert_eq!(play.deal.guarantee_end_of(1), Some(at("2026-08-13T04:00:00Z")));
}

#[test]
fn a_guarantee_ends_with_the_refund() {
    let mut play = Play::billed(&terms());
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    assert_eq!(play.deal.guarantee_end(), Some(play.now));
}

#[test]
fn by_rules_1_whoever_came_after_a_refund_had_the_fee_of_the_first() {
    let mut play = Play::signed(&of_rules_1(template(Template::Platform)));
    play.submit(1);
    play.submit(2);
    play.on_day(0);
    play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(JOB_SIDE), fell_off(0));
    play.must(member(JOB_SIDE), closed());
    play.must(member(JOB_SIDE), placed(2, 0, 0));
    let corrected = correction(play.deal.terms().unwrap());
    assert_eq!(
        play.refused(member(JOB_SIDE), corrected),
        Why::Fee(FeeError::NotInTerms)
    );
}
