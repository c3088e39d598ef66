//! Objections: their days, and whose fee they take back.

use jiff::civil::{Date, date};

use super::super::*;
use crate::{
    Template,
    sample::{
        CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, candidate, check_money, fell_off, hired, invoiced, member, placed,
        template, terms,
    },
    terms::Replacement,
};

fn objection(number: u128, last_contact_on: Date, proof: inventure_ledger::Hash) -> What {
    What::PriorClaimRaised {
        candidate: candidate(number),
        last_contact_on,
        proof,
    }
}

/// Terms by which the client may object for months, so that somebody is hired in between.
fn slow() -> Terms {
    let mut terms = terms();
    terms.claims.lapses_after_days = None;
    terms.claims.prior_claim.as_mut().unwrap().raised_within_business_days = 90;
    terms
}

#[test]
fn the_last_day_to_object_is_that_of_the_terms() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    // Two business days after Monday, 5 January.
    assert_eq!(play.deal.objection_until(candidate(1)), Some(date(2026, 1, 7)));
    assert_eq!(play.deal.objection_until(candidate(2)), None);
    let mut none = terms();
    none.claims.prior_claim = None;
    let mut play = Play::signed(&none);
    play.submit(1);
    assert_eq!(play.deal.objection_until(candidate(1)), None);
}

#[test]
fn a_contact_counts_from_the_first_day_of_the_window_to_the_day_of_the_submittal() {
    // 5 January 2026 is day 180 after 9 July 2025.
    for (contact, counts) in [
        (date(2025, 7, 8), false),
        (date(2025, 7, 9), true),
        (date(2026, 1, 5), true),
        (date(2026, 1, 6), false),
    ] {
        let mut play = Play::signed(&template(Template::Replacement));
        play.submit(1);
        let (_, proof) = play.document(CLIENT, 1, true);
        let tried = play.try_to(CLIENT, objection(1, contact, proof));
        let expected = if counts {
            Ok(())
        } else {
            Err(Why::Dates("the contact is not inside the window before the submittal"))
        };
        assert_eq!(tried.map(|_| ()).map_err(|refused| refused.why), expected, "{contact}");
    }
}

#[test]
fn an_objection_to_somebody_who_left_takes_the_rest_of_their_fee_and_nothing_of_the_next() {
    let terms = slow();
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.submit(2);
    let (_, proof) = play.document(CLIENT, 7, true);
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    assert_eq!(play.deal.invoices()[0].left(), 1_666_666);
    play.agreed(member(JOB_SIDE), hired(2, 45, Some(shown)));
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    play.agreed(CLIENT, objection(1, date(2025, 12, 1), proof));
    let left: Vec<i64> = play.deal.invoices().iter().map(Invoice::left).collect();
    assert_eq!((left, play.deal.placements().len()), (vec![0, 3_333_333], 2));
    check_money(&play.deal);
}

#[test]
fn an_objection_to_a_replacement_takes_nothing_of_the_fee_that_was_agreed_for_the_first() {
    let mut terms = slow();
    terms.guarantee.replacement = Some(Replacement {
        within_days: 60,
        restarts_clock: true,
        count_max: 1,
    });
    let mut play = Play::billed(&terms);
    let (_, proof) = play.document(CLIENT, 7, true);
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    play.must(CLIENT, What::ReplacementStarted {});
    play.on_day(20);
    play.submit(2);
    play.submit(3);
    play.agreed(member(JOB_SIDE), placed(2, 20, 20));
    // Half of 90 days later there is no second replacement, and half of the fee is refunded.
    play.on_day(65);
    play.agreed(CLIENT, fell_off(65));
    play.agreed(member(JOB_SIDE), hired(3, 65, Some(shown)));
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    play.agreed(CLIENT, objection(2, date(2025, 12, 1), proof));
    let left: Vec<i64> = play.deal.invoices().iter().map(Invoice::left).collect();
    assert_eq!((left, play.deal.placements().len()), (vec![1_666_666, 3_333_333], 3));
    check_money(&play.deal);
}
