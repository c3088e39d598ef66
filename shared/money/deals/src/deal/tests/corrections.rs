use jiff::civil::date;

use super::super::*;
use crate::{
    fact::Author,
    sample::{CLIENT, JOB_SIDE, Play, fell_off, invoiced, member, paid, placed, terms, yearly},
};

/// A departure waits; a correction that all confirm makes it take off more. No bill changes by it.
#[test]
fn a_correction_that_makes_a_departure_cost_more_holds_back_more() {
    // The start, ten days later: 60 of 90 days are left, then 70.
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(30);
    let left = play.must(CLIENT, fell_off(30));
    assert_eq!(play.deal.frozen_minor_units(), 2_222_222);
    let later = What::PlacementCorrected {
        pay: Some(yearly(16_666_665, terms.currency)),
        starts_on: date(2026, 1, 25),
    };
    play.agreed(CLIENT, later);
    let held = play.deal.frozen_minor_units();
    play.agreed_to(left);
    assert_eq!(
        (held, play.deal.invoices()[0].credited_minor_units),
        (2_592_592, 2_592_592)
    );
}

#[test]
fn a_correction_to_a_longer_guarantee_holds_back_more() {
    // A fee of 20,000 has 60 days of guarantee, one of 30,000 has 90: half of it is refunded on day 30, then two thirds.
    let terms = terms();
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    let mut hire = placed(1, 0, 0);
    if let What::Placed { pay, .. } = &mut hire {
        *pay = Some(yearly(10_000_000, terms.currency));
    }
    play.agreed(member(JOB_SIDE), hire);
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 2_000_000));
    play.on_day(30);
    play.must(Author::Network, paid(&terms, "1", 2_000_000));
    let left = play.must(CLIENT, fell_off(30));
    assert_eq!(play.deal.frozen_minor_units(), 1_000_000);
    play.agreed(
        CLIENT,
        What::PlacementCorrected {
            pay: Some(yearly(15_000_000, terms.currency)),
            starts_on: date(2026, 1, 15),
        },
    );
    let held = play.deal.frozen_minor_units();
    play.on(2026, 2, 18);
    let released = play.released();
    play.agreed_to(left);
    assert_eq!(
        (held, released, play.deal.invoices()[0].credited_minor_units),
        (1_333_333, 666_667, 1_333_333)
    );
}
