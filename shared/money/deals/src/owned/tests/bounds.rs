//! The time for which a placement keeps a person, and the parties that may count for their own candidates.

use super::*;
use crate::{
    dispute::Ruling,
    sample::{ARBITER, CANDIDATE_SIDE, JOB_SIDE, closed, disputed, hired, invoiced, member, placed, sample_ruling},
    terms::NetworkShare,
};

/// Tells whether the first candidate is kept on the last day of the claim's twelve months, and on the next.
fn kept(play: &Play) -> [bool; 2] {
    [date(2027, 1, 15), date(2027, 1, 16)].map(|on| play.deal.employs(candidate(1), on))
}

#[test]
fn a_placement_that_is_over_keeps_the_person_to_the_last_day_of_the_window() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on_day(30).must(Author::Network, paid(&terms, "1", 3_333_333));
    assert_eq!(kept(&play), [true, true], "the deal goes on");
    play.on_day(100).must(Author::Network, What::GuaranteeEnded {});
    assert_eq!(kept(&play), [true, false], "settled");
    play.agreed(member(JOB_SIDE), closed());
    assert_eq!(play.deal.state(), State::Closed);
    assert_eq!(kept(&play), [true, false], "closed, with a fee");
}

#[test]
fn a_deal_that_was_closed_without_a_fee_keeps_nobody() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on(2026, 2, 13).must(Author::Network, paid(&terms, "1", 3_333_333));
    play.must(member(CANDIDATE_SIDE), disputed(&terms, 3_333_333));
    play.show(member(CANDIDATE_SIDE), 7);
    for month in [3, 4] {
        play.on(2026, month, 1);
        play.must(member(CANDIDATE_SIDE), What::DisputeEscalated { dispute: None });
    }
    let amount = terms.money(3_333_333);
    play.on(2026, 5, 1);
    play.must(member(ARBITER), sample_ruling(Ruling::Refunded { amount }));
    play.must(Author::Network, What::GuaranteeEnded {});
    play.agreed(member(JOB_SIDE), closed());
    let [bill] = play.deal.invoices() else {
        panic!("one bill");
    };
    assert_eq!((play.deal.state(), bill.left()), (State::Closed, 0));
    assert_eq!(kept(&play), [false, false]);
}

#[test]
fn who_was_hired_before_another_is_kept_for_the_window_and_the_other_while_the_deal_goes_on() {
    let mut terms = terms();
    terms.claims.lapses_after_days = None;
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.submit(2);
    play.on_day(0).agreed(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 8, true);
    play.on_day(120);
    play.agreed(member(CANDIDATE_SIDE), hired(2, 119, Some(shown)));
    assert_eq!(play.deal.state(), State::Placed);
    assert_eq!(kept(&play), [true, false]);
    assert!(play.deal.employs(candidate(2), date(2030, 1, 1)));
}

fn fields(terms: &Terms) -> Vec<String> {
    let found = terms.check().err().unwrap_or_default();
    found.into_iter().map(|problem| problem.field).collect()
}

#[test]
fn whoever_counts_for_their_own_candidates_has_more_than_no_share() {
    assert_eq!(fields(&owned(&[0, 5_000])), ["parties[1].counts"]);
    assert!(fields(&owned(&[1, 4_999])).is_empty());
}

#[test]
fn a_network_share_that_is_finer_is_for_parties_whose_shares_are_of_the_fee() {
    let mut terms = owned(&[2_500, 2_500]);
    terms.network = NetworkShare::Flat {
        share: "1/3".parse().unwrap(),
    };
    assert_eq!(fields(&terms), ["network"]);
    // A sixth, a quarter, a quarter and a third are the whole.
    terms.shares_of = SharesOf::Fee;
    terms.parties[0].share = "1/6".parse().unwrap();
    assert!(fields(&terms).is_empty());
}
