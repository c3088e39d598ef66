//! The aims of a hostile party in a deal, none of which it reaches.

use jiff::civil::date;

use super::super::*;
use crate::{
    MinorUnits, Template,
    assertion::Ended,
    dispute::Ruling,
    fact::{Author, Consent},
    movement::Reason,
    pipeline::CandidateField,
    sample::{
        ARBITER, CANDIDATE_SIDE, CLIENT, EMPLOYER, JOB_SIDE, Play, STRANGER, at, candidate, check_money, closed,
        confirmed, contested, disputed, disputed_report, evidence, fell_off, hired, invoiced, member, moved, paid,
        placed, sample_ruling, signature, template, tenant, terms, yearly,
    },
    terms::{ChangesUntil, StatedPay},
};

fn placed_at(minor_units: i64) -> What {
    match placed(1, 0, 0) {
        What::Placed {
            candidate,
            accepted_on,
            starts_on,
            ..
        } => What::Placed {
            candidate,
            pay: Some(yearly(minor_units, terms().currency)),
            accepted_on,
            starts_on,
            evidence: None,
        },
        other => other,
    }
}

/// A candidate submitted under terms whose job states 150,000 to 200,000 a year.
fn submitted_one(change: impl Fn(&mut Terms)) -> Play {
    let mut terms = terms();
    terms.stated_pay = Some(StatedPay {
        from_minor_units_a_year: MinorUnits(15_000_000),
        to_minor_units_a_year: MinorUnits(20_000_000),
    });
    change(&mut terms);
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play
}

#[test]
fn the_client_sets_its_own_price() {
    for minor_units in [5, 1_000_000, i64::MAX] {
        let mut play = submitted_one(|_| {});
        let tried = play.try_to(CLIENT, placed_at(minor_units));
        let Ok(report) = tried else {
            assert_eq!(minor_units, i64::MAX, "what cannot be billed is refused");
            continue;
        };
        let known = play.deal.assertion(report).unwrap();
        assert_eq!(known.accepted_from, None, "silence does not make {minor_units} the pay");
        assert_eq!((play.deal.state(), play.deal.placements().len()), (State::Active, 0));
        play.must(member(CANDIDATE_SIDE), contested(report));
        // The right pay, by the side that knows it, with the client's word.
        let right = play.must(member(CANDIDATE_SIDE), placed(1, 0, 0));
        play.must(CLIENT, confirmed(right));
        assert_eq!(play.deal.placements().len(), 0, "the job's side is paid by it too");
        play.must(member(JOB_SIDE), confirmed(right));
        assert_eq!(play.deal.state(), State::Placed);
        check_money(&play.deal);
    }
}

#[test]
fn silence_counts_for_what_is_plausible_when_its_days_are_over() {
    let mut play = submitted_one(|_| {});
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    let over = play.deal.assertion(report).unwrap().accepted_from.unwrap();
    assert_eq!(over, at("2026-01-21T05:00:00Z"), "five days, to the end of the last");
    let accepted = || What::AssertionAccepted { assertion: report };
    play.now = at("2026-01-21T04:59:59Z");
    assert_eq!(
        play.refused(Author::Network, accepted()),
        Why::TooEarly(date(2026, 1, 21))
    );
    play.now = over;
    assert_eq!(play.refused(member(JOB_SIDE), accepted()), Why::NotYours);
    play.until(over);
    assert_eq!(play.deal.state(), State::Placed);
    // The candidate's side said nothing, so nothing more of the candidate is shown.
    let seen = play.deal.disclosed(candidate(1), tenant(JOB_SIDE));
    assert!(
        !seen.contains(&CandidateField::Contact) && !seen.contains(&CandidateField::Name),
        "{seen:?}"
    );
}

#[test]
fn a_report_repeated_until_somebody_sleeps() {
    let mut play = submitted_one(|_| {});
    for _ in 0..3 {
        let report = play.must(CLIENT, placed_at(10_000_000));
        assert_eq!(play.refused(CLIENT, placed_at(9_000_000)), Why::AssertionOpen);
        assert_eq!(play.refused(CLIENT, confirmed(report)), Why::NotAwaited);
        assert_eq!(play.refused(member(STRANGER), contested(report)), Why::NotYours);
        play.must(member(JOB_SIDE), contested(report));
        assert_eq!(play.refused(CLIENT, placed_at(9_000_000)), Why::AssertionOpen);
        play.must(CLIENT, What::AssertionWithdrawn { assertion: report });
    }
    assert_eq!(play.refused(CLIENT, placed_at(10_000_000)), Why::TooOften);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
}

/// Placed, billed and paid.
fn paid_deal(change: impl Fn(&mut Terms)) -> (Play, Terms) {
    let mut terms = terms();
    change(&mut terms);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    (play, terms)
}

fn client_out(play: &Play) -> i64 {
    let totals = crate::simulate::totals(&play.deal.settle().unwrap().movements);
    totals.first().map_or(0, |total| total.out_minor_units)
}

#[test]
fn the_client_reports_a_departure_that_was_none() {
    let (mut play, _) = paid_deal(|_| {});
    play.on_day(1);
    let report = play.must(CLIENT, fell_off(0));
    assert_eq!((play.deal.state(), client_out(&play)), (State::Paid, 0));
    assert!(play.deal.frozen_minor_units() > 3_200_000, "what is at stake waits");
    play.must(member(CANDIDATE_SIDE), contested(report));
    assert!(play.deal.frozen_minor_units() > 3_200_000, "a no alone frees nothing");
    // The client disputes, gives no evidence, and the arbiter sleeps: nothing has happened.
    let about = What::DisputeOpened {
        about: "they left".into(),
        amount: None,
        assertion: Some(report),
        among_parties: false,
    };
    play.must(CLIENT, about);
    assert_eq!(play.deal.state(), State::Disputed);
    play.until(at("2026-04-01T00:00:00Z"));
    assert_eq!(play.deal.disputes().first(), None, "the default ruling ended it");
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Rejected));
    assert_eq!((play.deal.state(), client_out(&play)), (State::Paid, 0));
    assert_eq!(play.refused(CLIENT, confirmed(report)), Why::AssertionEnded);
    let released = |movement: &&crate::Movement| movement.why == Reason::Released;
    assert_eq!(play.deal.settle().unwrap().movements.iter().filter(released).count(), 3);
    check_money(&play.deal);
}

#[test]
fn the_brokers_hide_a_departure() {
    let (mut play, _) = paid_deal(|_| {});
    play.on_day(10);
    let report = play.must(CLIENT, fell_off(9));
    play.must(member(JOB_SIDE), contested(report));
    let about = What::DisputeOpened {
        about: "they left".into(),
        amount: None,
        assertion: Some(report),
        among_parties: false,
    };
    play.must(CLIENT, about);
    let (_, sha256) = play.document(CLIENT, 7, false);
    play.must(
        CLIENT,
        What::EvidenceGiven {
            dispute: None,
            text: "the notice".into(),
            sha256,
        },
    );
    play.until(at("2026-05-01T00:00:00Z"));
    // Nobody ruled, and only the client gave evidence: the departure stands, as of the day on which it was reported.
    assert_eq!(play.deal.state(), State::FallenOff);
    assert!(client_out(&play) > 2_900_000, "{}", client_out(&play));
    check_money(&play.deal);
}

#[test]
fn a_ruling_puts_back_what_was_taken_off() {
    let (mut play, terms) = paid_deal(|_| {});
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    let credited = play.deal.invoices()[0].credited_minor_units;
    play.must(member(JOB_SIDE), disputed(&terms, 1_000));
    let mut unshown = play.clone();
    play.show(member(JOB_SIDE), 7);
    for play in [&mut play, &mut unshown] {
        for _ in 0..2 {
            play.now = play.deal.deadline().unwrap().at;
            play.must(member(JOB_SIDE), What::DisputeEscalated { dispute: None });
        }
        play.on(2026, 5, 1);
    }
    let amount = terms.money(credited);
    let bare = unshown.refused(member(ARBITER), sample_ruling(Ruling::Restored { amount }));
    assert_eq!(bare, Why::NothingShown);
    let amount = terms.money(credited + 1);
    let much = play.refused(member(ARBITER), sample_ruling(Ruling::Restored { amount }));
    assert!(matches!(much, Why::TooMuch { .. }));
    let amount = terms.money(credited);
    play.must(member(ARBITER), sample_ruling(Ruling::Restored { amount }));
    assert_eq!(
        play.deal.invoices()[0].outstanding(),
        credited,
        "the client got it back, and owes it again"
    );
    assert_eq!(play.deal.state(), State::Invoiced);
    play.must(Author::Network, paid(&terms, "1", credited));
    check_money(&play.deal);
    let totals = crate::simulate::totals(&play.deal.settle().unwrap().movements);
    let payable: i64 = totals.iter().map(|total| total.payable_minor_units).sum();
    assert_eq!(payable, 3_333_333);
}

#[test]
fn a_wrong_pay_is_corrected_with_everybodys_word() {
    for (pay, fee) in [(15_000_000, 3_000_000), (20_000_000, 4_000_000)] {
        let (mut play, terms) = paid_deal(|_| {});
        let corrected = || What::PlacementCorrected {
            pay: Some(yearly(pay, terms.currency)),
            starts_on: date(2026, 1, 20),
        };
        let report = play.must(CLIENT, corrected());
        assert_eq!(play.deal.assertion(report).unwrap().accepted_from, None);
        play.must(member(JOB_SIDE), confirmed(report));
        assert_eq!(play.deal.placements()[0].pay, Some(yearly(16_666_665, terms.currency)));
        play.must(member(CANDIDATE_SIDE), confirmed(report));
        assert_eq!(play.deal.placements()[0].starts_on, date(2026, 1, 20));
        let more = fee - 3_333_333;
        if more > 0 {
            assert_eq!(play.deal.state(), State::Placed, "not all is billed");
            play.must(member(JOB_SIDE), invoiced(&terms, "2", more));
        } else {
            assert_eq!(client_out(&play), -more);
            assert_eq!(
                play.refused(member(JOB_SIDE), invoiced(&terms, "2", 1)),
                Why::BilledTwice
            );
        }
        check_money(&play.deal);
    }
}

#[test]
fn one_side_looks_at_a_candidate_before_its_turn() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    let seen = |play: &Play| play.deal.disclosed(candidate(1), tenant(JOB_SIDE));
    for by in [member(JOB_SIDE), CLIENT] {
        for to in [Stage::Offered, Stage::Interviewing] {
            let why = play.refused(by, moved(1, Stage::Submitted, to));
            let next = vec![Stage::Screening, Stage::Rejected, Stage::Withdrawn];
            assert_eq!(
                why,
                Why::WrongStage {
                    at: Stage::Submitted,
                    next
                }
            );
        }
    }
    play.must(CLIENT, moved(1, Stage::Submitted, Stage::Screening));
    let before = seen(&play);
    let asked = play.must(CLIENT, moved(1, Stage::Screening, Stage::Interviewing));
    assert_eq!(play.deal.assertion(asked).unwrap().accepted_from, None);
    play.until(at("2026-03-01T00:00:00Z"));
    assert_eq!(seen(&play), before, "silence discloses nothing");
    assert_eq!(play.deal.assertion(asked).unwrap().ended, Some(Ended::Expired));
    let asked = play.must(CLIENT, moved(1, Stage::Screening, Stage::Interviewing));
    for answer in [confirmed(asked), contested(asked)] {
        assert_eq!(play.refused(member(JOB_SIDE), answer), Why::NotAwaited);
    }
    play.must(member(CANDIDATE_SIDE), confirmed(asked));
    assert!(seen(&play).contains(&CandidateField::Name));
    // A step back and forth discloses nothing new, and needs nobody.
    play.must(CLIENT, moved(1, Stage::Interviewing, Stage::Screening));
    play.must(CLIENT, moved(1, Stage::Screening, Stage::Interviewing));
}

fn objection(sha256: inventure_ledger::Hash) -> What {
    What::PriorClaimRaised {
        candidate: candidate(1),
        last_contact_on: date(2025, 12, 1),
        proof: sha256,
    }
}

#[test]
fn the_client_takes_a_candidate_by_an_objection_without_proof() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    let (_, sha256) = play.document(CLIENT, 1, false);
    assert_eq!(
        play.refused(CLIENT, objection(inventure_ledger::Hash::ZERO)),
        Why::NoSuchDocument
    );
    let future = What::PriorClaimRaised {
        candidate: candidate(1),
        last_contact_on: date(2026, 1, 6),
        proof: sha256,
    };
    assert!(matches!(play.refused(CLIENT, future), Why::Dates(_)));
    let report = play.must(CLIENT, objection(sha256));
    play.must(member(CANDIDATE_SIDE), contested(report));
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    assert_eq!(play.deal.state(), State::Placed);
}

#[test]
fn a_timely_objection_counts_after_the_placement() {
    let terms = terms();
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.agreed(
        member(JOB_SIDE),
        What::Placed {
            candidate: candidate(1),
            pay: Some(yearly(16_666_665, terms.currency)),
            accepted_on: date(2026, 1, 5),
            starts_on: date(2026, 1, 6),
            evidence: None,
        },
    );
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let (_, sha256) = play.document(CLIENT, 1, false);
    play.on(2026, 1, 7);
    let report = play.must(CLIENT, objection(sha256));
    assert_eq!(play.deal.frozen_minor_units(), 3_333_333, "all of the fee is at stake");
    play.until(at("2026-02-01T00:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Effective));
    assert_eq!((play.deal.state(), client_out(&play)), (State::Active, 3_333_333));
    check_money(&play.deal);
    // Too late is too late.
    let mut late = Play::billed(&terms);
    let (_, sha256) = late.document(CLIENT, 1, false);
    assert_eq!(late.refused(CLIENT, objection(sha256)), Why::TooLate(date(2026, 1, 7)));
}

#[test]
fn a_party_freezes_all_for_ever() {
    let (mut play, terms) = paid_deal(|_| {});
    let nothing_said = What::DisputeOpened {
        about: "everything".into(),
        amount: None,
        assertion: None,
        among_parties: false,
    };
    assert_eq!(play.refused(member(JOB_SIDE), nothing_said), Why::AmountMissing);
    play.must(member(JOB_SIDE), disputed(&terms, 333_333));
    assert_eq!(
        play.refused(member(JOB_SIDE), disputed(&terms, 1)),
        Why::DisputeOpen,
        "one of each side at a time"
    );
    play.on_day(7);
    assert_eq!(play.released(), 3_000_000, "what is not disputed is paid");
    play.until(at("2026-12-01T00:00:00Z"));
    assert_eq!((play.deal.disputes().first(), play.released()), (None, 3_333_333));
    // Two more are heard, and hold back nothing.
    for _ in 0..2 {
        play.must(member(JOB_SIDE), disputed(&terms, 333_333));
        assert_eq!(play.deal.frozen_minor_units(), 0);
        play.must(member(JOB_SIDE), What::DisputeWithdrawn { dispute: None });
    }
    assert_eq!(play.refused(member(JOB_SIDE), disputed(&terms, 1)), Why::TooOften);
    check_money(&play.deal);
}

#[test]
fn the_arbiter_sleeps_and_the_deputy_rules() {
    let (mut play, terms) = paid_deal(|terms| terms.disputes.deputy = Some(tenant(STRANGER)));
    play.must(member(CANDIDATE_SIDE), disputed(&terms, 333_333));
    play.show(member(CANDIDATE_SIDE), 7);
    for _ in 0..2 {
        play.now = play.deal.deadline().unwrap().at;
        play.must(member(JOB_SIDE), What::DisputeEscalated { dispute: None });
    }
    let until = play.deal.disputes().first().unwrap().evidence_until;
    let ruling = || {
        sample_ruling(Ruling::Refunded {
            amount: terms.money(333_333),
        })
    };
    play.on(until.year(), until.month(), until.day());
    play.now += jiff::SignedDuration::from_hours(24);
    assert!(
        matches!(play.refused(member(STRANGER), ruling()), Why::Dispute(_)),
        "the arbiter's days"
    );
    assert!(matches!(play.refused(Author::Network, ruling()), Why::Dispute(_)));
    play.now += jiff::SignedDuration::from_hours(24 * 14);
    assert!(
        matches!(play.refused(Author::Network, ruling()), Why::Dispute(_)),
        "the deputy's days"
    );
    let mut ruled = play.deal.clone();
    play.must(member(STRANGER), ruling());
    assert_eq!(client_out(&play), 333_333);
    // Had the deputy slept as well, nothing but the default would have ended it.
    let end = ruled.deadline().unwrap();
    let mut network = |what| {
        let fact = Fact {
            id: EventId::new(),
            at: end.at,
            by: Author::Network,
            what,
        };
        ruled.apply(fact).map(|()| ruled.state()).map_err(|refused| refused.why)
    };
    assert_eq!(network(ruling()), Err(Why::NotTheDefault));
    assert_eq!(network(end.then), Ok(State::Paid));
}

#[test]
fn nobody_rules_over_their_own_money() {
    let wrong = |change: &dyn Fn(&mut Terms)| {
        let mut terms = terms();
        change(&mut terms);
        let problems = terms.check().err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
    };
    assert_eq!(
        wrong(&|terms| terms.disputes.arbiter = tenant(EMPLOYER)),
        ["disputes.arbiter"]
    );
    for other in [EMPLOYER, JOB_SIDE, ARBITER] {
        assert_eq!(
            wrong(&|terms| terms.disputes.deputy = Some(tenant(other))),
            ["disputes.deputy"]
        );
    }
    let long = |terms: &mut Terms| terms.disputes.steps.iter_mut().for_each(|step| step.evidence_days = 61);
    assert_eq!(wrong(&long), ["disputes.steps"], "three steps of 61 days");
    assert_eq!(
        wrong(&|terms| terms.disputes.ruling_within_days = None),
        ["disputes.ruling_within_days"]
    );
    assert_eq!(wrong(&|terms| terms.bills = None), ["bills.due_within_days"]);
    assert_eq!(
        wrong(&|terms| terms.answer_within_days = Some(31)),
        ["answer_within_days"]
    );
}

#[test]
fn the_parties_leave_the_network_nothing() {
    let mut free = terms();
    free.network = crate::terms::NetworkShare::Flat {
        share: "0%".parse().unwrap(),
    };
    let problems = free.check().unwrap_err();
    assert!(
        problems.iter().all(|problem| problem.field == "network"),
        "{problems:?}"
    );
    let mut unquoted = free.clone();
    unquoted.schedule = None;
    let mut play = Play::new();
    let proposed = What::TermsProposed {
        terms: Box::new(unquoted),
    };
    assert_eq!(play.refused(member(JOB_SIDE), proposed), Why::NoSchedule);
    // New terms keep the schedule that was signed, whatever the operator publishes meanwhile.
    let mut play = Play::signed(&terms());
    let mut cheaper = terms();
    cheaper.version = 2;
    cheaper.schedule = Some(crate::Schedule {
        version: 1,
        member: "1%".parse().unwrap(),
        ..crate::Schedule::default()
    });
    let proposed = What::TermsProposed {
        terms: Box::new(cheaper),
    };
    assert_eq!(play.refused(member(JOB_SIDE), proposed), Why::NetworkShareChanged);
}

#[test]
fn a_proposal_holds_up_what_is_signed() {
    let mut play = submitted_one(|terms| terms.changes = ChangesUntil::Placement);
    let mut version = 1;
    let mut propose = |play: &mut Play| {
        version += 1;
        let mut next = play.deal.terms().unwrap().clone();
        next.version = version;
        play.try_to(member(CANDIDATE_SIDE), What::TermsProposed { terms: Box::new(next) })
    };
    propose(&mut play).unwrap();
    assert_eq!(play.deal.state(), State::Active);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    assert_eq!(
        (play.deal.state(), play.deal.proposed()),
        (State::Placed, None),
        "it was about a deal without a placement"
    );
    let mut play = Play::signed(&terms());
    let mut version = 1;
    for _ in 0..19 {
        version += 1;
        let mut next = terms();
        next.version = version;
        play.must(member(JOB_SIDE), What::TermsProposed { terms: Box::new(next) });
    }
    let mut next = terms();
    next.version = version + 1;
    let again = play.refused(member(JOB_SIDE), What::TermsProposed { terms: Box::new(next) });
    assert_eq!(again, Why::TooOften);
    // Signed after somebody was submitted, it would change what the submittal was made under.
    let mut play = Play::signed(&terms());
    let mut next = terms();
    next.version = 2;
    play.must(
        member(JOB_SIDE),
        What::TermsProposed {
            terms: Box::new(next.clone()),
        },
    );
    play.submit(1);
    assert_eq!(
        play.refused(member(JOB_SIDE), signature(&next, JOB_SIDE)),
        Why::ChangesOver
    );
}

#[test]
fn one_party_closes_on_the_others() {
    // Before the days in which a fall-off may be reported are over.
    let (mut play, _) = paid_deal(|_| {});
    play.until(at("2026-04-17T00:00:00Z"));
    assert_eq!(play.deal.state(), State::Settled);
    let asked = play.must(member(JOB_SIDE), closed());
    assert_eq!(play.deal.state(), State::Settled);
    play.on(2026, 4, 20);
    let left = play.must(CLIENT, fell_off(90));
    for number in [JOB_SIDE, CANDIDATE_SIDE] {
        play.must(member(number), confirmed(left));
    }
    assert_eq!(play.deal.state(), State::FallenOff);
    assert_eq!(
        play.deal.assertion(asked).unwrap().ended,
        None,
        "and does not answer for the others"
    );
    // With a candidate in the pipeline, whose broker's claim counts.
    let mut play = submitted_one(|_| {});
    play.must(member(JOB_SIDE), closed());
    assert_eq!(play.deal.state(), State::Active);
    play.until(at("2026-12-31T00:00:00Z"));
    assert_eq!(play.deal.state(), State::Active);
    // Everything is over a year later, and then nobody needs to be asked.
    let mut play = submitted_one(|_| {});
    play.on(2027, 2, 1);
    play.must(member(JOB_SIDE), closed());
    assert_eq!(play.deal.state(), State::Closed);
}

#[test]
fn the_client_rejects_closes_and_hires() {
    let mut play = submitted_one(|terms| terms.claims.lapses_after_days = None);
    play.must(CLIENT, moved(1, Stage::Submitted, Stage::Rejected));
    play.agreed(member(JOB_SIDE), closed());
    assert_eq!(play.deal.state(), State::Closed);
    play.on_day(60);
    assert_eq!(
        play.refused(member(CANDIDATE_SIDE), hired(1, 45, None)),
        Why::NeedsEvidence
    );
    let (hidden, _) = play.document(member(CANDIDATE_SIDE), 1, false);
    assert_eq!(
        play.refused(member(CANDIDATE_SIDE), hired(1, 45, Some(hidden))),
        Why::NoSuchDocument
    );
    let (shown, sha256) = play.document(member(CANDIDATE_SIDE), 2, true);
    let report = play.must(member(CANDIDATE_SIDE), hired(1, 45, Some(shown)));
    play.must(CLIENT, contested(report));
    assert_eq!(
        play.refused(member(CANDIDATE_SIDE), disputed(&terms(), 1)),
        Why::OnlyReports
    );
    let about = What::DisputeOpened {
        about: "they work there".into(),
        amount: None,
        assertion: Some(report),
        among_parties: false,
    };
    play.must(member(CANDIDATE_SIDE), about);
    play.must(
        member(CANDIDATE_SIDE),
        What::EvidenceGiven {
            dispute: None,
            text: "the staff page".into(),
            sha256,
        },
    );
    play.until(at("2026-08-01T00:00:00Z"));
    assert_eq!(
        play.deal.state(),
        State::Placed,
        "opened again by evidence, and the fee follows"
    );
    let terms = play.deal.terms().unwrap().clone();
    play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    check_money(&play.deal);
    // A hire after the claim's window is nobody's.
    let mut late = submitted_one(|terms| terms.claims.lapses_after_days = None);
    late.must(CLIENT, moved(1, Stage::Submitted, Stage::Rejected));
    late.on(2027, 3, 1);
    let (shown, _) = late.document(member(CANDIDATE_SIDE), 2, true);
    let hired = hired(1, 410, Some(shown));
    assert!(matches!(late.refused(member(CANDIDATE_SIDE), hired), Why::NotASplit(_)));
}

#[test]
fn the_client_lets_somebody_go_for_the_refund_and_hires_them_again() {
    let (mut play, terms) = paid_deal(|terms| terms.guarantee.refund = crate::terms::RefundCurve::Full);
    play.on_day(3);
    play.agreed(CLIENT, fell_off(3));
    assert_eq!(client_out(&play), 3_333_333);
    play.on_day(10);
    play.must(member(JOB_SIDE), closed());
    play.on_day(30);
    let (shown, _) = play.document(member(JOB_SIDE), 2, true);
    play.agreed(member(JOB_SIDE), hired(1, 30, Some(shown)));
    assert_eq!(play.deal.state(), State::Placed);
    play.must(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    check_money(&play.deal);
}

#[test]
fn who_took_their_consent_back_is_not_placed() {
    let mut play = submitted_one(|_| {});
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    let withdrawn = What::ConsentWithdrawn {
        candidate: candidate(1),
    };
    play.must(Author::Network, withdrawn);
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Lapsed));
    assert_eq!(play.refused(member(JOB_SIDE), placed(1, 0, 0)), Why::ConsentWithdrawn);
    // A day that is dated back does not help without a document.
    assert_eq!(play.refused(member(JOB_SIDE), placed(1, -1, 0)), Why::NeedsEvidence);
}

#[test]
fn a_bill_is_late_and_costs_what_the_terms_say() {
    let mut terms = template(Template::Even);
    terms.bills.as_mut().unwrap().late_fee = Some("1%".parse().unwrap());
    let mut play = Play::billed(&terms);
    let late = |minor_units| What::Invoiced {
        invoice: format!("late-{minor_units}"),
        billed: Billed::LateFee(0),
        amount: terms.money(minor_units),
    };
    play.on_day(30);
    assert_eq!(
        play.refused(member(JOB_SIDE), late(33_333)),
        Why::TooEarly(date(2026, 2, 14))
    );
    play.on_day(31);
    play.until(play.now);
    assert_eq!(play.deal.invoices()[0].reminders, 1);
    assert!(matches!(
        play.refused(member(JOB_SIDE), late(33_334)),
        Why::WrongAmount { .. }
    ));
    play.must(member(JOB_SIDE), late(33_333));
    play.on_day(60);
    assert_eq!(play.refused(member(JOB_SIDE), late(1)), Why::BilledTwice);
    play.on_day(61);
    play.must(
        member(JOB_SIDE),
        What::Invoiced {
            invoice: "late-2".into(),
            billed: Billed::LateFee(0),
            amount: terms.money(33_333),
        },
    );
    play.until(at("2027-01-01T00:00:00Z"));
    assert_eq!(play.deal.invoices()[0].reminders, 3, "and no more");
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    check_money(&play.deal);
}

#[test]
fn a_broker_keeps_a_claim_alive_by_its_own_word() {
    let mut play = submitted_one(|_| {});
    let contact = || What::Contacted {
        candidate: candidate(1),
    };
    play.on_day(80);
    let report = play.must(member(CANDIDATE_SIDE), contact());
    play.must(CLIENT, contested(report));
    play.must(member(CANDIDATE_SIDE), What::AssertionWithdrawn { assertion: report });
    let decided = |play: &Play| play.deal.decide(candidate(1), date(2026, 4, 10)).unwrap().is_split;
    assert!(!decided(&play), "90 days without a contact that counts");
    let report = play.must(member(CANDIDATE_SIDE), contact());
    play.until(at("2026-05-01T00:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Effective));
    assert!(
        decided(&play),
        "nobody contested the second, so it counts from the day it was made"
    );
}

#[test]
fn the_client_contests_a_hire_and_both_brokers_show_it() {
    let mut play = submitted_one(|_| {});
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(CANDIDATE_SIDE), confirmed(report));
    play.must(CLIENT, contested(report));
    play.must(member(JOB_SIDE), disputed_report(report));
    for (number, by) in [(7, JOB_SIDE), (8, CANDIDATE_SIDE)] {
        let (_, sha256) = play.document(member(by), number, true);
        play.must(member(by), evidence(sha256));
    }
    let mut shown = play.clone();
    play.until(at("2026-05-01T00:00:00Z"));
    assert_eq!(
        play.deal.state(),
        State::Placed,
        "two who show the same are not two who disagree"
    );
    // Whoever took their yes back does not stand behind it any more.
    shown.must(member(CANDIDATE_SIDE), contested(report));
    assert_eq!(shown.deal.default_ruling(&shown.deal.disputes()[0]), Ruling::Stands);
}

#[test]
fn one_side_looks_at_a_candidate_by_a_dispute_that_nobody_rules() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.must(CLIENT, moved(1, Stage::Submitted, Stage::Screening));
    let asked = play.must(member(JOB_SIDE), moved(1, Stage::Screening, Stage::Interviewing));
    play.must(member(CANDIDATE_SIDE), contested(asked));
    play.must(member(JOB_SIDE), disputed_report(asked));
    let (_, sha256) = play.document(member(JOB_SIDE), 7, true);
    play.must(member(JOB_SIDE), evidence(sha256));
    // Also where the arbiter finds that the interview took place, the name is the agency's to give.
    let mut ruled = play.clone();
    ruled.until(at("2026-02-12T00:00:00Z"));
    ruled.on(2026, 2, 12);
    ruled.must(member(ARBITER), sample_ruling(Ruling::Upheld));
    assert_eq!(ruled.deal.candidates()[&candidate(1)].stage, Stage::Interviewing);
    play.until(at("2027-01-01T00:00:00Z"));
    assert_eq!(play.deal.assertion(asked).unwrap().ended, Some(Ended::Rejected));
    for deal in [&play.deal, &ruled.deal] {
        let seen = deal.disclosed(candidate(1), tenant(JOB_SIDE));
        assert!(!seen.contains(&CandidateField::Name), "{seen:?}");
    }
}

/// Terms of a retained search: a third at once, and the rest for a placement.
fn retained() -> Terms {
    let mut terms = terms();
    let stage = |share: &str, after_placement| crate::terms::RetainedStage {
        name: "a stage".into(),
        share: share.parse().unwrap(),
        after_placement,
    };
    terms.fee = FeeBase::Retained {
        minor_units: MinorUnits(3_000_000),
        stages: vec![stage("1/3", false), stage("2/3", true)],
    };
    terms
}

#[test]
fn the_client_objects_to_one_and_hires_the_next_for_nothing() {
    let terms = retained();
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.submit(2);
    let bill = |number: &str, index, minor_units| What::Invoiced {
        invoice: number.into(),
        billed: Billed::Stage(index),
        amount: terms.money(minor_units),
    };
    play.agreed(member(JOB_SIDE), hired(1, -10, None));
    play.must(member(JOB_SIDE), bill("1", 0, 1_000_000));
    play.must(member(JOB_SIDE), bill("2", 1, 2_000_000));
    let (_, sha256) = play.document(CLIENT, 1, false);
    play.agreed(CLIENT, objection(sha256));
    assert_eq!(play.deal.state(), State::Active);
    play.agreed(member(JOB_SIDE), hired(2, -10, None));
    assert_eq!(play.deal.state(), State::Placed, "not all is billed for the second");
    play.must(member(JOB_SIDE), bill("3", 1, 2_000_000));
    assert_eq!(
        play.refused(member(JOB_SIDE), bill("4", 1, 2_000_000)),
        Why::BilledTwice
    );
    check_money(&play.deal);
}

#[test]
fn a_retainer_is_held_for_a_guarantee_that_never_begins() {
    let mut terms = retained();
    terms.payment = crate::terms::PaymentTiming::AfterGuarantee;
    let mut play = Play::signed(&terms);
    let bill = What::Invoiced {
        invoice: "1".into(),
        billed: Billed::Stage(0),
        amount: terms.money(1_000_000),
    };
    play.must(member(JOB_SIDE), bill);
    play.must(Author::Network, paid(&terms, "1", 1_000_000));
    play.on(2026, 3, 1);
    assert_eq!(play.released(), 0);
    play.agreed(member(JOB_SIDE), closed());
    assert_eq!(play.released(), 1_000_000);
    check_money(&play.deal);
}

/// A signed deal whose terms may change until somebody is placed.
fn changeable() -> Play {
    let mut terms = terms();
    terms.changes = ChangesUntil::Placement;
    Play::signed(&terms)
}

/// Proposes terms after those in force.
fn propose(play: &mut Play, by: u128, change: impl Fn(&mut Terms)) -> Result<EventId, Box<crate::refusal::Refused>> {
    let mut next = play.deal.terms().unwrap().clone();
    next.version = play.deal.last_version() + 1;
    change(&mut next);
    play.try_to(member(by), What::TermsProposed { terms: Box::new(next) })
}

#[test]
fn the_brokers_exchange_the_judge_and_the_fee_once_the_client_relies_on_them() {
    let mut play = changeable();
    play.submit(1);
    let changes: [fn(&mut Terms); 7] = [
        |terms| terms.disputes.arbiter = tenant(STRANGER),
        |terms| terms.disputes.steps.truncate(1),
        |terms| {
            terms.fee = FeeBase::Flat {
                minor_units: MinorUnits(1),
            }
        },
        |terms| terms.bills.as_mut().unwrap().due_within_days = 1,
        |terms| terms.answer_within_days = Some(1),
        |terms| terms.claims.window = crate::calendar::Window::Months(60),
        |terms| terms.claims.lapses_after_days = None,
    ];
    for change in changes {
        let refused = propose(&mut play, JOB_SIDE, change).unwrap_err();
        assert_eq!(refused.why, Why::FrameChanged);
    }
    propose(&mut play, JOB_SIDE, |terms| {
        terms.parties[0].title = Some("lead".into());
    })
    .unwrap();
}

#[test]
fn a_puppet_judges_by_terms_that_nobody_signed() {
    let mut play = changeable();
    propose(&mut play, JOB_SIDE, |terms| terms.disputes.arbiter = tenant(STRANGER)).unwrap();
    play.submit(1);
    play.on_day(0);
    let report = play.must(member(JOB_SIDE), placed_at(100_000_000));
    play.must(CLIENT, contested(report));
    play.must(member(JOB_SIDE), disputed_report(report));
    while !play
        .deal
        .disputes()
        .first()
        .unwrap()
        .is_last(&play.deal.terms().unwrap().disputes)
    {
        let until = play.deal.deadline().unwrap().at;
        play.until(until);
    }
    let until = play.deal.disputes().first().unwrap().evidence_until;
    play.on(until.year(), until.month(), until.day());
    play.now += jiff::SignedDuration::from_hours(24);
    let upheld = || sample_ruling(Ruling::Upheld);
    assert_eq!(play.refused(member(STRANGER), upheld()), Why::NotYours);
    assert_eq!(play.deal.placements().len(), 0);
    // Who is named may read, talk and sign, and the judge of what is in force judges.
    let note = What::Noted {
        candidate: None,
        text: "what is this about?".into(),
    };
    play.must(member(STRANGER), note);
    play.must(member(ARBITER), sample_ruling(Ruling::Stands));
}

#[test]
fn a_proposal_takes_the_others_word() {
    let mut play = changeable();
    propose(&mut play, JOB_SIDE, |terms| {
        terms.parties[1].tenant = tenant(STRANGER);
        terms.disputes.arbiter = tenant(CANDIDATE_SIDE);
    })
    .unwrap();
    play.submit(1);
    play.on_day(0);
    // Whoever would be the judge of the new terms is a party of the old ones, and says no to what is not so.
    let report = play.must(CLIENT, placed_at(10_000_000));
    play.must(member(CANDIDATE_SIDE), contested(report));
    let consent = Consent {
        id: inventure_core::ConsentId::new(),
        given_at: play.now,
    };
    let submitted = |number| What::Submitted {
        candidate: candidate(number),
        consent,
        source: Source::Member,
    };
    play.must(member(CANDIDATE_SIDE), submitted(2));
    assert_eq!(play.refused(member(STRANGER), submitted(3)), Why::NotYours);
    let rejected = moved(1, Stage::Submitted, Stage::Rejected);
    assert_eq!(play.refused(member(STRANGER), rejected), Why::NotYours);
}

#[test]
fn a_stranger_takes_over_a_deal_whose_terms_were_taken_back() {
    let terms = terms();
    let mut play = Play::new();
    let proposed = |terms: &Terms| What::TermsProposed {
        terms: Box::new(terms.clone()),
    };
    play.must(member(JOB_SIDE), proposed(&terms));
    play.must(member(JOB_SIDE), What::TermsWithdrawn {});
    assert_eq!(play.deal.state(), State::Draft);
    let mut theirs = terms.clone();
    theirs.version = 2;
    theirs.parties[0].tenant = tenant(STRANGER);
    for what in [proposed(&theirs), closed()] {
        assert_eq!(play.refused(member(STRANGER), what), Why::NotYours);
    }
    theirs.parties[0].tenant = tenant(JOB_SIDE);
    play.must(member(CANDIDATE_SIDE), proposed(&theirs));
}

#[test]
fn a_side_takes_back_what_another_reported() {
    let mut play = submitted_one(|_| {});
    let report = play.must(member(CANDIDATE_SIDE), placed(1, 0, 0));
    let withdrawn = || What::AssertionWithdrawn { assertion: report };
    for by in [CLIENT, member(JOB_SIDE), Author::Network] {
        assert_eq!(play.refused(by, withdrawn()), Why::NotYours);
    }
    play.must(member(CANDIDATE_SIDE), withdrawn());
}

#[test]
fn evidence_that_the_others_cannot_see() {
    let (mut play, terms) = paid_deal(|_| {});
    play.must(CLIENT, disputed(&terms, 1));
    let nowhere = evidence(inventure_ledger::Hash::ZERO);
    assert_eq!(play.refused(CLIENT, nowhere), Why::NoSuchDocument);
    let (_, hidden) = play.document(member(JOB_SIDE), 7, false);
    assert_eq!(play.refused(member(JOB_SIDE), evidence(hidden)), Why::NoSuchDocument);
    let (_, shown) = play.document(member(JOB_SIDE), 8, true);
    play.must(member(JOB_SIDE), evidence(shown));
}

#[test]
fn a_fee_that_no_bill_can_carry() {
    let mut play = submitted_one(|_| {});
    let most = (1_i64 << 53) / 32;
    for by in [CLIENT, member(CANDIDATE_SIDE)] {
        assert_eq!(
            play.refused(by, placed_at(most * 5 + 5)),
            Why::Fee(crate::FeeError::TooLarge)
        );
    }
    play.must(CLIENT, placed_at(most));
}

#[test]
fn a_late_fee_without_end() {
    let mut terms = template(Template::Even);
    terms.bills.as_mut().unwrap().late_fee = Some("10%".parse().unwrap());
    let mut play = Play::billed(&terms);
    play.on(2030, 1, 1);
    play.until(play.now);
    let late = |minor_units| What::Invoiced {
        invoice: format!("late-{minor_units}"),
        billed: Billed::LateFee(0),
        amount: terms.money(minor_units),
    };
    let why = play.refused(member(JOB_SIDE), late(3_333_334));
    assert_eq!(
        why,
        Why::WrongAmount {
            expected_minor_units: 3_333_333
        }
    );
    play.must(member(JOB_SIDE), late(3_333_333));
    assert_eq!(play.refused(member(JOB_SIDE), late(1)), Why::BilledTwice);
}

#[test]
fn a_start_in_years_counts_by_silence() {
    let mut play = submitted_one(|_| {});
    let started = |days| match placed(1, 0, days) {
        What::Placed {
            candidate,
            pay,
            accepted_on,
            starts_on,
            ..
        } => What::Placed {
            candidate,
            pay,
            accepted_on,
            starts_on,
            evidence: None,
        },
        other => other,
    };
    for (by, days, counts) in [(CLIENT, 366, true), (member(JOB_SIDE), 367, false)] {
        let report = play.must(by, started(days));
        assert_eq!(
            play.deal.assertion(report).unwrap().accepted_from.is_some(),
            counts,
            "{days}"
        );
    }
}

#[test]
fn a_side_is_believed_against_the_others_evidence() {
    let (mut play, _) = paid_deal(|_| {});
    play.on_day(10);
    let report = play.must(CLIENT, fell_off(9));
    play.must(member(JOB_SIDE), contested(report));
    play.must(CLIENT, disputed_report(report));
    for (number, by) in [(7, CLIENT), (8, member(CANDIDATE_SIDE))] {
        let (_, sha256) = play.document(by, number, true);
        play.must(by, evidence(sha256));
    }
    play.until(at("2026-05-01T00:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Rejected));
    assert_eq!(client_out(&play), 0);
}

#[test]
fn the_client_takes_the_refund_and_no_replacement() {
    let terms = template(Template::Replacement);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(3);
    play.agreed(CLIENT, fell_off(3));
    let chosen = play.must(CLIENT, What::RefundChosen {});
    assert_eq!(
        (client_out(&play), play.deal.assertion(chosen).unwrap().is_open()),
        (0, true)
    );
    play.must(member(JOB_SIDE), contested(chosen));
    play.must(member(CANDIDATE_SIDE), What::ReplacementStarted {});
    assert_eq!(client_out(&play), 0);
    // The days for a replacement end, and so does the waiting.
    play.until(at("2026-05-01T00:00:00Z"));
    assert_eq!(client_out(&play), 3_333_333);
    check_money(&play.deal);
}

#[test]
fn somebody_hired_again_is_billed_for_as_if_they_were_new() {
    let (mut play, terms) = paid_deal(|_| {});
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    let refunded = play.deal.invoices()[0].credited_minor_units;
    assert!(0 < refunded && refunded < 3_333_333);
    play.on_day(60);
    let (shown, _) = play.document(member(JOB_SIDE), 2, true);
    play.must(member(JOB_SIDE), closed());
    play.agreed(member(JOB_SIDE), hired(1, 59, Some(shown)));
    // What the client kept paying for the first time counts.
    let why = play.refused(member(JOB_SIDE), invoiced(&terms, "2", 3_333_333));
    assert_eq!(
        why,
        Why::WrongAmount {
            expected_minor_units: refunded
        }
    );
    play.must(member(JOB_SIDE), invoiced(&terms, "2", refunded));
    check_money(&play.deal);
}

#[test]
fn a_file_gives_away_the_contact_before_it_is_due() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    let document = inventure_core::DocumentId::from_uuid(uuid::Uuid::from_u128(7));
    let file = What::DocumentAdded {
        document,
        sha256: inventure_ledger::Hash::ZERO,
        candidate: Some(candidate(1)),
        for_client: false,
    };
    play.must(member(CANDIDATE_SIDE), file);
    let seen = |play: &Play| play.deal.shows_document(document, tenant(JOB_SIDE));
    for (from, to) in [
        (Stage::Submitted, Stage::Screening),
        (Stage::Screening, Stage::Interviewing),
        (Stage::Interviewing, Stage::Offered),
    ] {
        play.must(member(CANDIDATE_SIDE), moved(1, from, to));
        assert!(!seen(&play), "{to:?}");
    }
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    assert!(seen(&play));
}

/// Plays a hire that the job's side contests and a judge upholds. The candidate's side, which reported it, takes it to
/// the judge. The job's side moved the candidate out of the pipeline before that, or did not.
fn upheld_hire(rejected: bool) -> Play {
    let mut play = submitted_one(|terms| terms.disputes.steps.truncate(1));
    let report = play.must(member(CANDIDATE_SIDE), placed(1, 0, 0));
    play.must(CLIENT, confirmed(report));
    play.must(member(JOB_SIDE), contested(report));
    play.must(member(CANDIDATE_SIDE), disputed_report(report));
    play.show(member(CANDIDATE_SIDE), 7);
    if rejected {
        play.must(member(JOB_SIDE), moved(1, Stage::Submitted, Stage::Rejected));
    }
    play.on_day(8);
    play.must(member(ARBITER), sample_ruling(Ruling::Upheld));
    play
}

#[test]
fn a_rejection_takes_the_ruling_out_of_the_judges_hand() {
    for rejected in [false, true] {
        let play = upheld_hire(rejected);
        assert_eq!((play.deal.state(), play.deal.placements().len()), (State::Placed, 1));
    }
    // By silence nobody is hired who is out of the pipeline: to move them there is an answer too.
    let mut play = submitted_one(|_| {});
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(CLIENT, moved(1, Stage::Submitted, Stage::Rejected));
    play.until(at("2026-02-01T00:00:00Z"));
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Lapsed));
}

#[test]
fn a_hire_is_contested_until_the_guarantee_is_worth_nothing() {
    // They left on the second day, while the hire itself was in dispute: nobody could report that then.
    let mut play = upheld_hire(false);
    let report = play.must(CLIENT, fell_off(2));
    play.must(member(JOB_SIDE), confirmed(report));
    play.must(member(CANDIDATE_SIDE), confirmed(report));
    assert_eq!(play.deal.state(), State::FallenOff);
    // The days to report it run from the ruling, and not for ever.
    let mut late = upheld_hire(false);
    late.on_day(13);
    late.must(CLIENT, fell_off(2));
    let mut late = upheld_hire(false);
    late.on_day(14);
    assert_eq!(late.refused(CLIENT, fell_off(2)), Why::TooLate(date(2026, 1, 28)));
}

#[test]
fn a_ruling_takes_from_the_client_in_a_dispute_that_it_does_not_know_of() {
    let (mut play, terms) = paid_deal(|_| {});
    play.on_day(45);
    play.agreed(CLIENT, fell_off(45));
    let credited = terms.money(play.deal.invoices()[0].credited_minor_units);
    let among_us = || What::DisputeOpened {
        about: "how we share".into(),
        amount: Some(terms.money(1_000)),
        assertion: None,
        among_parties: true,
    };
    assert_eq!(play.refused(CLIENT, among_us()), Why::NotOfTheParties);
    play.must(member(JOB_SIDE), among_us());
    let dispute = play.deal.disputes()[0].clone();
    assert!(!play.deal.concerns_client(&dispute));
    // What the client does not know of it neither hastens nor argues in.
    play.now = play.deal.deadline().unwrap().at;
    let next = || What::DisputeEscalated { dispute: None };
    assert_eq!(play.refused(CLIENT, next()), Why::WhichDispute);
    play.must(member(JOB_SIDE), next());
    play.now = play.deal.deadline().unwrap().at;
    play.must(member(JOB_SIDE), next());
    play.on(2026, 5, 1);
    for ruling in [
        Ruling::Restored { amount: credited },
        Ruling::Refunded { amount: terms.money(1) },
        Ruling::Corrected {
            pay: None,
            starts_on: date(2026, 1, 15),
        },
    ] {
        assert_eq!(play.refused(member(ARBITER), sample_ruling(ruling)), Why::RulingWithout);
    }
    play.must(member(ARBITER), sample_ruling(Ruling::Stands));
    assert_eq!(play.deal.rulings()[0].dispute.opened, dispute.opened);
}

#[test]
fn the_client_names_a_low_pay_and_a_judge_corrects_it() {
    let (mut play, terms) = paid_deal(|_| {});
    play.on_day(10);
    let lower = |amount: i64| What::PlacementCorrected {
        pay: Some(yearly(amount, inventure_core::Currency::USD)),
        starts_on: date(2026, 1, 15),
    };
    let report = play.must(CLIENT, lower(10_000_000));
    play.must(member(JOB_SIDE), contested(report));
    play.must(CLIENT, disputed_report(report));
    play.show(member(JOB_SIDE), 7);
    for _ in 0..2 {
        play.now = play.deal.deadline().unwrap().at;
        play.must(member(JOB_SIDE), What::DisputeEscalated { dispute: None });
    }
    play.on(2026, 5, 1);
    // A bill that nothing was taken off is not restored.
    let amount = terms.money(1);
    let other = play.refused(
        member(ARBITER),
        sample_ruling(Ruling::Reallocated { shares: Vec::new() }),
    );
    assert_eq!(other, Why::RulingShares);
    assert!(matches!(
        play.refused(member(ARBITER), sample_ruling(Ruling::Restored { amount })),
        Why::TooMuch { .. }
    ));
    // Less than the brokers say, and more than the client does.
    let ruling = Ruling::Corrected {
        pay: Some(yearly(15_000_000, inventure_core::Currency::USD)),
        starts_on: date(2026, 1, 15),
    };
    play.must(member(ARBITER), sample_ruling(ruling));
    assert_eq!(
        play.deal.placements()[0].pay,
        Some(yearly(15_000_000, inventure_core::Currency::USD))
    );
    assert_eq!(play.deal.assertion(report).unwrap().ended, Some(Ended::Rejected));
    let bill = &play.deal.invoices()[0];
    assert_eq!(bill.left(), 3_000_000, "a fifth of what a judge found the pay to be");
    assert_eq!(bill.corrected_minor_units, 333_333);
    assert_eq!(play.deal.rulings().len(), 1);
    check_money(&play.deal);
}
