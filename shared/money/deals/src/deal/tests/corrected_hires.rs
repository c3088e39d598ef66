//! Corrections of the pay and the start: what they change, and how far they go.

use super::super::*;
use crate::{
    fee::FeeError,
    sample::{CLIENT, JOB_SIDE, Play, check_money, day, fell_off, invoiced, member, of_rules_1, placed, terms, yearly},
    terms::Replacement,
};

fn corrected(minor_units: i64, start: i64) -> What {
    What::PlacementCorrected {
        pay: Some(yearly(minor_units, terms().currency)),
        starts_on: day(start),
    }
}

fn credited(play: &Play) -> Vec<i64> {
    let bills = play.deal.invoices().iter();
    bills.map(|bill| bill.credited_minor_units).collect()
}

/// The first left on day 10, and the second came on day 20, for the rest of the first's guarantee.
fn replaced(mut terms: Terms) -> Play {
    terms.guarantee.replacement = Some(Replacement {
        within_days: 60,
        restarts_clock: false,
        count_max: 1,
    });
    let mut play = Play::billed(&terms);
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    play.must(CLIENT, What::ReplacementStarted {});
    play.on_day(20);
    play.submit(2);
    play.agreed(member(JOB_SIDE), placed(2, 20, 20));
    play
}

#[test]
fn a_correction_moves_the_guarantee_with_the_start_and_the_fee() {
    let mut play = Play::billed(&terms());
    assert_eq!(play.deal.placements()[0].guarantee_days, 90);
    // A fee of 20,000 is below the level of 90 days.
    play.agreed(CLIENT, corrected(10_000_000, 3));
    let placement = &play.deal.placements()[0];
    assert_eq!(
        (placement.starts_on, placement.guarantee_from, placement.guarantee_days),
        (day(3), day(3), 60)
    );
}

#[test]
fn a_correction_of_a_replacement_leaves_the_guarantee_that_goes_on() {
    let mut play = replaced(terms());
    play.agreed(CLIENT, corrected(10_000_000, 25));
    let [first, second] = play.deal.placements() else {
        unreachable!("two were placed");
    };
    assert_eq!(
        (second.starts_on, second.guarantee_from, second.guarantee_days),
        (day(25), day(0), 90)
    );
    let pay = Some(yearly(10_000_000, terms().currency));
    assert_eq!((first.pay, second.pay), (pay, pay), "the fee was agreed for the first");
    assert_eq!(credited(&play), [1_333_333]);
    check_money(&play.deal);
}

#[test]
fn a_correction_of_who_left_leaves_the_guarantee_and_the_start() {
    let mut play = Play::billed(&terms());
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    assert_eq!(play.refused(CLIENT, corrected(10_000_000, 1)), Why::RefundMade);
    play.agreed(CLIENT, corrected(10_000_000, 0));
    assert_eq!(play.deal.placements()[0].guarantee_days, 90);
    // Half of the fee of 20,000 was refunded.
    assert_eq!(play.deal.invoices()[0].left(), 1_000_000);
    check_money(&play.deal);
}

#[test]
fn rules_1_correct_the_pay_of_who_stays_and_replaced_nobody() {
    let terms = of_rules_1(terms());
    let mut play = Play::billed(&terms);
    play.must(CLIENT, corrected(15_000_000, 0));
    assert_eq!(credited(&play), [333_333]);
    play.on_day(45);
    play.must(CLIENT, fell_off(45));
    assert_eq!(play.refused(CLIENT, corrected(15_000_000, 0)), Why::RefundMade);
    let mut play = replaced(terms);
    assert_eq!(
        play.refused(CLIENT, corrected(15_000_000, 20)),
        Why::Fee(FeeError::NotInTerms)
    );
    play.must(CLIENT, corrected(16_666_665, 25));
    assert_eq!(play.deal.placements()[1].starts_on, day(25));
}

#[test]
fn a_correction_moves_the_start_by_three_years_and_the_fee_to_what_a_side_bills_at_most() {
    let far = Why::Dates("the start is more than three years from the one recorded");
    let large = Why::Fee(FeeError::TooLarge);
    // A fifth of the pay is 281,474,976,710,655, a 32nd of 2^53 - 1, and then a unit more.
    for (pay, start, expected) in [
        (16_666_665, 1_098, Ok(())),
        (16_666_665, 1_099, Err(far.clone())),
        (16_666_665, -1_099, Err(far)),
        (1_407_374_883_553_275, 0, Ok(())),
        (1_407_374_883_553_280, 0, Err(large)),
    ] {
        let mut play = Play::billed(&terms());
        let tried = play.try_to(CLIENT, corrected(pay, start));
        assert_eq!(
            tried.map(|_| ()).map_err(|refused| refused.why),
            expected,
            "{pay} from day {start}"
        );
    }
}

#[test]
fn what_was_billed_too_much_is_taken_off_once_and_off_the_newest_bill_first() {
    let mut play = Play::billed(&terms());
    for (pay, taken_off) in [(15_000_000, 333_333), (14_000_000, 533_333)] {
        play.agreed(CLIENT, corrected(pay, 0));
        assert_eq!(credited(&play), [taken_off]);
    }
    let mut play = Play::billed(&terms());
    play.agreed(CLIENT, corrected(20_000_000, 0));
    play.must(member(JOB_SIDE), invoiced(&terms(), "2", 666_667));
    for (pay, taken_off) in [(17_500_000, [0, 500_000]), (15_000_000, [333_333, 666_667])] {
        play.agreed(CLIENT, corrected(pay, 0));
        assert_eq!(credited(&play), taken_off);
    }
    check_money(&play.deal);
}
