//! Disputes: who opens how many, who rules when, and on how much.

use jiff::civil::date;

use super::{super::*, guards::tried, reports::correction};
use crate::{
    Template,
    books::Book,
    dispute::{DisputeError, RuledShare, Ruling},
    fact::Author,
    movement::Movement,
    sample::{
        ARBITER, CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, STRANGER, at, check_money, closed, contested, disputed,
        disputed_report, event, fell_off, hired, member, moved, of_rules_1, paid, sample_ruling, template, tenant,
        terms,
    },
    simulate::totals,
};

/// A ladder of one step, of seven days.
fn quick(mut terms: Terms) -> Terms {
    terms.disputes.steps.truncate(1);
    terms
}

fn share(party: &str, share: &str) -> RuledShare {
    RuledShare {
        party: party.parse().unwrap(),
        share: share.parse().unwrap(),
    }
}

fn reallocated(shares: &[(&str, &str)]) -> What {
    let shares = shares.iter().map(|(party, part)| share(party, part)).collect();
    sample_ruling(Ruling::Reallocated { shares })
}

fn refunded(terms: &Terms, minor_units: i64) -> What {
    let amount = terms.money(minor_units);
    sample_ruling(Ruling::Refunded { amount })
}

fn restored(terms: &Terms, minor_units: i64) -> What {
    let amount = terms.money(minor_units);
    sample_ruling(Ruling::Restored { amount })
}

fn corrected(terms: &Terms) -> What {
    match correction(terms) {
        What::PlacementCorrected { pay, starts_on } => sample_ruling(Ruling::Corrected { pay, starts_on }),
        other => other,
    }
}

#[test]
fn a_side_has_one_dispute_about_no_report_beside_those_of_others_and_about_its_reports() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on_day(1);
    let first = play.must(member(JOB_SIDE), disputed(&terms, 1));
    let opened = |play: &Play, id| play.deal.dispute(id).map(|dispute| dispute.opened);
    assert_eq!(opened(&play, None), Some(first), "the only one");
    assert_eq!(play.refused(member(JOB_SIDE), disputed(&terms, 1)), Why::DisputeOpen);
    let second = play.must(member(CANDIDATE_SIDE), disputed(&terms, 1));
    assert_eq!(opened(&play, None), None, "which of them?");
    assert_eq!(opened(&play, Some(second)), Some(second));
    let left = play.must(CLIENT, fell_off(0));
    play.must(member(JOB_SIDE), contested(left));
    play.must(CLIENT, disputed_report(left));
    play.must(CLIENT, disputed(&terms, 1));
    assert_eq!(play.refused(CLIENT, disputed(&terms, 1)), Why::DisputeOpen);
}

#[test]
fn the_default_comes_after_the_days_of_every_judge() {
    // The last step takes evidence until 21 February; each judge has 14 days.
    for (deputy, until, from) in [
        (None, date(2026, 3, 7), at("2026-03-08T05:00:00Z")),
        (Some(tenant(STRANGER)), date(2026, 3, 21), at("2026-03-22T04:00:00Z")),
    ] {
        let mut terms = terms();
        terms.disputes.deputy = deputy;
        let mut play = Play::billed(&terms);
        play.must(member(JOB_SIDE), disputed(&terms, 1));
        let default_at = |play: &Play| play.deal.default_ruling_at(&play.deal.disputes()[0]);
        assert_eq!(default_at(&play), None, "there are steps before it");
        play.on_day(8);
        play.must(member(JOB_SIDE), What::DisputeEscalated { dispute: None });
        play.on(2026, 2, 7);
        play.must(member(JOB_SIDE), What::DisputeEscalated { dispute: None });
        assert_eq!(default_at(&play), Some(from));
        let stands = || sample_ruling(Ruling::Stands);
        let early = Why::Dispute(DisputeError::TooEarly { until });
        play.on(2026, 2, 22);
        assert_eq!(play.refused(Author::Network, stands()), early);
        play.now = from - jiff::SignedDuration::from_secs(1);
        assert_eq!(play.refused(Author::Network, stands()), early);
        play.now = from;
        play.must(Author::Network, stands());
    }
    let old = quick(of_rules_1(terms()));
    let mut play = Play::billed(&old);
    play.must(member(JOB_SIDE), disputed(&old, 0));
    assert_eq!(play.deal.default_ruling_at(&play.deal.disputes()[0]), None);
}

#[test]
fn a_closed_deal_is_shared_anew_only_once_what_was_reported_holds() {
    let mut terms = quick(terms());
    terms.claims.lapses_after_days = None;
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.must(CLIENT, moved(1, Stage::Submitted, Stage::Rejected));
    play.agreed(member(JOB_SIDE), closed());
    play.on_day(10);
    let (shown, _) = play.document(member(CANDIDATE_SIDE), 2, true);
    let report = play.must(member(CANDIDATE_SIDE), hired(1, 10, Some(shown)));
    play.must(CLIENT, contested(report));
    play.must(member(CANDIDATE_SIDE), disputed_report(report));
    play.on_day(18);
    let anew = reallocated(&[("job", "20%"), ("candidate", "80%")]);
    assert_eq!(play.refused(member(ARBITER), anew), Why::RulingWithout);
    play.must(member(ARBITER), sample_ruling(Ruling::Upheld));
    assert_eq!(play.deal.state(), State::Placed);
}

#[test]
fn shares_by_a_ruling_are_of_known_parties_each_once_and_whole() {
    let terms = quick(terms());
    let mut play = Play::billed(&terms);
    play.must(member(JOB_SIDE), disputed(&terms, 3_333_333));
    play.on_day(8);
    for shares in [
        [("job", "20%"), ("nobody", "80%")],
        [("job", "50%"), ("job", "50%")],
        [("job", "80%"), ("candidate", "30%")],
        [("job", "60%"), ("candidate", "30%")],
    ] {
        assert_eq!(
            play.refused(member(ARBITER), reallocated(&shares)),
            Why::RulingShares,
            "{shares:?}"
        );
    }
    play.must(member(ARBITER), reallocated(&[("job", "20%"), ("candidate", "80%")]));
}

#[test]
fn a_judge_corrects_the_pay_only_where_a_correction_was_reported() {
    let terms = quick(terms());
    let mut play = Play::billed(&terms);
    play.on_day(1);
    for (report, answer) in [(fell_off(0), Err(Why::RulingWithout)), (correction(&terms), Ok(()))] {
        let mut play = play.clone();
        let report = play.must(CLIENT, report);
        play.must(member(JOB_SIDE), contested(report));
        play.must(CLIENT, disputed_report(report));
        play.show(CLIENT, 7);
        play.on_day(9);
        assert_eq!(tried(&mut play, member(ARBITER), corrected(&terms)), answer);
    }
}

#[test]
fn a_judge_upholds_from_the_moment_at_which_the_days_to_answer_are_over() {
    let mut terms = quick(terms());
    terms.disputes.steps[0].evidence_days = 1;
    terms.answer_within_days = Some(30);
    let mut play = Play::billed(&terms);
    let left = play.must(CLIENT, fell_off(0));
    play.must(member(JOB_SIDE), contested(left));
    play.must(CLIENT, disputed_report(left));
    play.show(CLIENT, 7);
    // Thirty days after 15 January, to the end of the day.
    play.now = at("2026-02-15T04:59:59Z");
    let upheld = || sample_ruling(Ruling::Upheld);
    assert_eq!(play.refused(member(ARBITER), upheld()), Why::WordMissing);
    play.now = at("2026-02-15T05:00:00Z");
    play.must(member(ARBITER), upheld());
}

#[test]
fn a_ruling_gives_back_at_most_all_that_is_in_dispute() {
    let terms = quick(terms());
    for disputed_minor_units in [1, 3_333_332, 3_333_333] {
        let mut play = Play::billed(&terms);
        play.must(member(JOB_SIDE), disputed(&terms, disputed_minor_units));
        play.show(member(JOB_SIDE), 7);
        play.on_day(8);
        let outstanding_minor_units = disputed_minor_units;
        assert_eq!(
            play.refused(member(ARBITER), refunded(&terms, disputed_minor_units + 1)),
            Why::TooMuch {
                outstanding_minor_units
            }
        );
        play.must(member(ARBITER), refunded(&terms, disputed_minor_units));
        assert_eq!(play.deal.invoices()[0].credited_minor_units, disputed_minor_units);
        check_money(&play.deal);
    }
}

#[test]
fn what_was_corrected_is_restored_by_no_ruling() {
    let terms = quick(terms());
    let mut play = Play::billed(&terms);
    play.on_day(1);
    play.agreed(CLIENT, correction(&terms));
    assert_eq!(play.deal.invoices()[0].credited_minor_units, 333_333);
    play.must(member(JOB_SIDE), disputed(&terms, 1));
    play.show(member(JOB_SIDE), 7);
    play.on_day(9);
    let outstanding_minor_units = 0;
    assert_eq!(
        play.refused(member(ARBITER), restored(&terms, 1)),
        Why::TooMuch {
            outstanding_minor_units
        }
    );
}

#[test]
fn beside_a_refund_that_waits_a_ruling_restores_what_was_taken_off_or_all() {
    let terms = quick(template(Template::Replacement));
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.must(member(JOB_SIDE), disputed(&terms, 1_000));
    play.show(member(JOB_SIDE), 7);
    play.on_day(8);
    play.must(member(ARBITER), refunded(&terms, 1_000));
    play.on_day(10);
    play.agreed(CLIENT, fell_off(10));
    play.must(member(JOB_SIDE), disputed(&terms, 1));
    play.show(member(JOB_SIDE), 8);
    play.on_day(18);
    // 1,000 were taken off, and the rest of the fee waits to be.
    for (minor_units, outstanding_minor_units) in [
        (1_001, 1_000),
        (3_333_332, 1_000),
        (3_333_334, 3_333_333),
        (3_333_335, 3_333_333),
    ] {
        assert_eq!(
            play.refused(member(ARBITER), restored(&terms, minor_units)),
            Why::TooMuch {
                outstanding_minor_units
            },
            "{minor_units}"
        );
    }
    for (minor_units, credited, has_left) in [(999, 1, true), (1_000, 0, true), (3_333_333, 0, false)] {
        let mut play = play.clone();
        play.must(member(ARBITER), restored(&terms, minor_units));
        assert_eq!(play.deal.invoices()[0].credited_minor_units, credited);
        assert_eq!(play.deal.fall_off().is_some(), has_left, "{minor_units}");
        check_money(&play.deal);
    }
}

/// A bill of 33,333.33, of which an amount was taken off.
fn book(taken_back: i64) -> (Book, Vec<Movement>, Timestamp) {
    let terms = terms();
    let play = Play::billed(&terms);
    let split = terms.split(Source::Member).unwrap();
    let mut movements = Vec::new();
    let invoice = &play.deal.invoices()[0];
    let mut book = Book::open(invoice, &split, terms.currency, play.now, &[event(1)], &mut movements).unwrap();
    book.take_back(taken_back, play.now, &[event(2)], &mut movements)
        .unwrap();
    (book, movements, play.now)
}

/// The amounts that the network, the candidate's side and the job's side have.
fn have(movements: &[Movement]) -> Vec<i64> {
    let totals = totals(movements);
    totals
        .iter()
        .map(|total| total.in_minor_units - total.out_minor_units)
        .collect()
}

#[test]
fn what_is_restored_in_parts_goes_to_whom_it_was_taken_from() {
    // 48, 48 and 4 units were taken back.
    let (mut book, mut movements, now) = book(100);
    assert_eq!(have(&movements), [166_662, 1_583_285, 1_583_286]);
    book.restore(1, now, &[event(3)], &mut movements).unwrap();
    book.restore(99, now, &[event(4)], &mut movements).unwrap();
    assert_eq!(have(&movements), [166_666, 1_583_333, 1_583_334]);
}

#[test]
fn what_is_restored_after_a_ruling_follows_its_shares() {
    let (mut book, mut movements, at) = book(1_000_000);
    let ruled = Fact {
        id: event(3),
        at,
        by: member(ARBITER),
        what: reallocated(&[("job", "0%"), ("candidate", "100%")]),
    };
    let shares = [share("job", "0%"), share("candidate", "100%")];
    book.reallocate(&shares, &ruled, &mut movements).unwrap();
    book.restore(1_000_000, at, &[event(4)], &mut movements).unwrap();
    assert_eq!(have(&movements), [166_666, 3_166_667, 0]);
}
