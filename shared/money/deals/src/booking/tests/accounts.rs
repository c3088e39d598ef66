//! The accounts that a booking reads and rests on, and the amounts that are taken back by what is there.

use super::*;
use crate::Reason;

/// A deal that was paid and released, and whose person left with 59 of 90 days to go. 2,185,185 go back.
fn paid_and_left() -> (Terms, Play, EventId) {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on(2026, 2, 13);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on(2026, 2, 17);
    let left = play.agreed(member(JOB_SIDE), fell_off(31));
    (terms, play, left)
}

fn kinds(accounts: &[Account]) -> Vec<Kind> {
    accounts.iter().map(Account::kind).collect()
}

#[test]
fn a_booking_belongs_to_the_moment_of_what_it_books() {
    let (_, play, _) = paid_and_left();
    let all = bookings(&play.deal, Timestamp::MAX).unwrap();
    let moments: Vec<String> = all.iter().map(|booking| booking.at().to_string()).collect();
    assert_eq!(
        moments,
        [
            "2026-01-15T17:00:00Z",
            "2026-02-13T17:00:00Z",
            "2026-02-16T05:00:00Z",
            "2026-02-17T17:00:00Z",
            "2026-02-17T17:00:00Z",
        ]
    );
}

#[test]
fn a_booking_reads_what_it_depends_on_and_what_it_posts_to() {
    let (terms, play, _) = paid_and_left();
    let all = bookings(&play.deal, Timestamp::MAX).unwrap();
    let [_, payment, _, taken_back, refund] = &all[..] else {
        panic!("five bookings")
    };
    assert_eq!(kinds(&payment.reads()), [Kind::Cash, Kind::Receivable]);
    assert_eq!(payment.rests_on(), []);
    let rests_on = [JOB_SIDE, CANDIDATE_SIDE]
        .map(|number| Account::broker(tenant(number), Kind::Available, terms.currency).unwrap());
    assert_eq!(taken_back.rests_on()[..2], rests_on);
    assert_eq!(
        kinds(&taken_back.reads()),
        [
            Kind::Available,
            Kind::Available,
            Kind::GuaranteeReserve,
            Kind::Receivable,
            Kind::Revenue,
        ]
    );
    assert_eq!(taken_back.rests_on()[..], taken_back.reads()[..3]);
    let read = kinds(&refund.reads());
    for kind in [Kind::Cash, Kind::InTransit, Kind::Receivable] {
        assert!(read.contains(&kind), "{kind:?}");
    }
    assert_eq!(refund.rests_on(), []);
}

#[test]
fn what_a_party_cannot_cover_it_owes_and_the_reserve_stands_in_for_all_of_it() {
    let (terms, play, left) = paid_and_left();
    let all = bookings(&play.deal, Timestamp::MAX).unwrap();
    let covers = Account::broker(tenant(JOB_SIDE), Kind::Available, terms.currency).unwrap();
    let with = |reserve: i64| {
        let balance = |account: &Account| match account.kind() {
            Kind::GuaranteeReserve => reserve,
            _ if *account == covers => 1_000_000,
            _ => 0,
        };
        all[3].transaction(balance).unwrap()
    };
    let posted = |reserve: i64| -> Vec<(Kind, i64)> {
        let postings = with(reserve).postings;
        let all = postings.iter();
        all.map(|posting| (posting.account.kind(), posting.minor_units))
            .collect()
    };
    // 1,037,964 of the job's side, of which 37,964 are missing, and 1,037,963 of the candidate's, who has nothing.
    let given_back = [
        (Kind::Receivable, -2_185_185),
        (Kind::Revenue, 109_258),
        (Kind::Available, 1_000_000),
        (Kind::Debt, 37_964),
        (Kind::Debt, 1_037_963),
    ];
    assert_eq!(posted(0), given_back);
    for (reserve, stands_in) in [(1, 1), (1_075_927, 1_075_927), (i64::MAX, 1_075_927)] {
        let posted = posted(reserve);
        assert_eq!(posted[..5], given_back);
        assert_eq!(
            posted[5..],
            [(Kind::GuaranteeReserve, stands_in), (Kind::Recoverable, -stands_in)]
        );
    }
    let agreed = play.deal.facts().last().unwrap().id;
    let reason = with(0).reason.unwrap();
    assert_eq!(
        reason.as_str(),
        format!("fell_off {left}, assertion_confirmed {agreed}")
    );
}

#[test]
fn nothing_is_released_that_was_never_reserved() {
    let (terms, play, _) = paid_and_left();
    let mut movements = play.deal.settle().unwrap().movements;
    movements.retain(|movement| movement.why == Reason::Released);
    let mut plan = Plan {
        deal: &play.deal,
        terms: &terms,
        reference: play.deal.id().to_string().parse().unwrap(),
        reserved: Vec::new(),
        bookings: Vec::new(),
    };
    assert!(matches!(plan.take(&movements), Err(SettleError::Unbalanced(_))));
}
