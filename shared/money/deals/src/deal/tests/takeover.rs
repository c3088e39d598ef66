//! Attempts of a party with terms that nobody else has signed, and with the room that all share.

use inventure_ledger::Hash;

use super::super::*;
use crate::{
    assertion::Ended,
    dispute::Ruling,
    fact::Author,
    party::{Party, PartyRole},
    pipeline::{CandidateField, Disclosure, Reveal},
    sample::{
        ARBITER, CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, STRANGER, at, candidate, confirmed, contested, disputed,
        invoiced, member, moved, of_rules_1, paid, placed, sample_ruling, signature, submitted, tenant, terms,
    },
    terms::ChangesUntil,
};

fn proposed(terms: &Terms) -> What {
    What::TermsProposed {
        terms: Box::new(terms.clone()),
    }
}

fn note(text: &str) -> What {
    What::Noted {
        candidate: None,
        text: text.into(),
    }
}

/// Signed terms that may change until somebody is placed, and the next version of them.
fn changeable(change: impl Fn(&mut Terms)) -> (Play, Terms) {
    let mut terms = terms();
    terms.changes = ChangesUntil::Placement;
    let play = Play::signed(&terms);
    terms.version = 2;
    change(&mut terms);
    (play, terms)
}

#[test]
fn one_party_names_its_own_judge() {
    let (mut play, next) = changeable(|terms| terms.disputes.arbiter = tenant(STRANGER));
    play.must(member(CANDIDATE_SIDE), proposed(&next));
    play.must(member(JOB_SIDE), disputed(&terms(), 0));
    play.on(2026, 1, 13);
    play.must(member(JOB_SIDE), What::DisputeEscalated { dispute: None });
    play.on(2026, 1, 28);
    play.must(member(JOB_SIDE), What::DisputeEscalated { dispute: None });
    play.on(2026, 2, 12);
    assert_eq!(
        play.refused(member(STRANGER), sample_ruling(Ruling::Stands)),
        Why::NotYours
    );
    play.must(member(ARBITER), sample_ruling(Ruling::Stands));
}

#[test]
fn one_party_takes_the_judge_away_by_making_it_a_party() {
    let (mut play, next) = changeable(|terms| {
        terms.disputes.arbiter = tenant(STRANGER);
        terms.parties[1].tenant = tenant(ARBITER);
    });
    play.must(member(JOB_SIDE), proposed(&next));
    play.must(member(JOB_SIDE), disputed(&terms(), 0));
    for (day, month) in [(13, 1), (28, 1)] {
        play.on(2026, month, day);
        play.must(member(CANDIDATE_SIDE), What::DisputeEscalated { dispute: None });
    }
    play.on(2026, 2, 12);
    play.must(member(ARBITER), sample_ruling(Ruling::Stands));
}

#[test]
fn an_agency_is_baited_into_a_deal_that_it_has_no_part_in() {
    let (mut play, next) = changeable(|terms| terms.parties[1].tenant = tenant(STRANGER));
    play.must(member(JOB_SIDE), proposed(&next));
    let now = play.now;
    assert_eq!(play.refused(member(STRANGER), submitted(1, now)), Why::NotYours);
    play.must(member(STRANGER), note("what is this about?"));
}

#[test]
fn the_candidates_of_somebody_who_left_are_looked_at() {
    let (mut play, next) = changeable(|terms| terms.parties[1].tenant = tenant(STRANGER));
    play.submit(1);
    play.must(member(JOB_SIDE), proposed(&next));
    let mut signs = |number| {
        let What::Signed { mut signature } = signature(&next, number) else {
            unreachable!()
        };
        signature.tenant = tenant(number);
        if number == STRANGER {
            signature.party = "candidate".parse().unwrap();
        }
        play.must(member(number), What::Signed { signature });
    };
    signs(JOB_SIDE);
    signs(STRANGER);
    signs(CANDIDATE_SIDE);
    assert_eq!(play.deal.terms().unwrap().version, 2);
    play.must(member(JOB_SIDE), moved(1, Stage::Submitted, Stage::Screening));
    assert_eq!(
        play.refused(member(JOB_SIDE), moved(1, Stage::Screening, Stage::Interviewing)),
        Why::NotYours
    );
    for number in [JOB_SIDE, STRANGER, CANDIDATE_SIDE] {
        assert_eq!(play.deal.disclosed(candidate(1), tenant(number)), []);
    }
}

#[test]
fn the_employer_is_exchanged_before_the_signature() {
    let mut play = Play::new();
    play.must(member(JOB_SIDE), proposed(&terms()));
    let mut next = terms();
    next.version = 2;
    for change in [
        |terms: &mut Terms| terms.employer = tenant(STRANGER),
        |terms: &mut Terms| terms.job = inventure_core::JobId::from_uuid(uuid::Uuid::from_u128(99)),
    ] {
        let mut other = next.clone();
        change(&mut other);
        assert_eq!(play.refused(member(JOB_SIDE), proposed(&other)), Why::FrameChanged);
    }
    play.must(member(JOB_SIDE), proposed(&next));
}

#[test]
fn terms_of_older_rules_are_signed_late() {
    let mut old = terms();
    (old.format, old.schedule, old.answer_within_days, old.bills) = (1, None, None, None);
    old.disputes.ruling_within_days = None;
    let mut play = Play::new();
    play.must(member(JOB_SIDE), proposed(&old));
    play.must(Author::Network, What::RulesAdopted { rules: RULES });
    assert_eq!(
        play.refused(member(JOB_SIDE), signature(&old, JOB_SIDE)),
        Why::NoSchedule
    );
    let mut next = terms();
    next.version = 2;
    play.must(member(JOB_SIDE), proposed(&next));
    play.must(member(JOB_SIDE), signature(&next, JOB_SIDE));
}

#[test]
fn one_side_fills_the_deal_so_that_the_others_can_prove_nothing() {
    let mut play = Play::signed(&terms());
    let long = "x".repeat(10_000);
    let talked = std::iter::repeat_with(|| play.try_to(member(JOB_SIDE), note(&long)));
    let refused = talked.take(50).find_map(Result::err).unwrap();
    assert_eq!(refused.why, Why::Full, "a side has 256 KB of talk");
    let short = std::iter::repeat_with(|| play.try_to(member(CANDIDATE_SIDE), note("x")));
    assert_eq!(short.take(1_001).flatten().count(), 1_000);
    // Nobody else's room is touched, nor what is needed in a dispute.
    play.must(CLIENT, note("still here"));
    for (number, by) in [(1, member(JOB_SIDE)), (2, member(CANDIDATE_SIDE)), (3, CLIENT)] {
        play.document(by, number, true);
    }
    play.must(CLIENT, disputed(&terms(), 0));
    play.must(
        member(JOB_SIDE),
        What::EvidenceGiven {
            dispute: None,
            text: "the mail".into(),
            sha256: Hash::from([1; 32]),
        },
    );
    // The note of a stage is as long as any other.
    play = Play::signed(&terms());
    play.submit(1);
    let moved = |note: String| What::StageMoved {
        candidate: candidate(1),
        from: Stage::Submitted,
        to: Stage::Screening,
        note: Some(note),
    };
    assert_eq!(play.refused(member(JOB_SIDE), moved("x".repeat(10_001))), Why::Text);
    assert_eq!(play.refused(member(JOB_SIDE), moved(" ".repeat(10_001))), Why::Text);
}

#[test]
fn the_brokers_sign_the_clients_objection_away() {
    let (mut play, mut next) = changeable(|terms| terms.report_placement_within_days = 8);
    play.submit(1);
    let (_, proof) = play.document(CLIENT, 1, true);
    let objection = What::PriorClaimRaised {
        candidate: candidate(1),
        last_contact_on: jiff::civil::date(2025, 12, 1),
        proof,
    };
    let raised = play.must(CLIENT, objection);
    play.must(member(JOB_SIDE), What::AssertionConfirmed { assertion: raised });
    play.must(member(JOB_SIDE), proposed(&next));
    for number in [JOB_SIDE, CANDIDATE_SIDE] {
        play.must(member(number), signature(&next, number));
    }
    let known = play.deal.assertion(raised).unwrap();
    assert_eq!(
        (known.ended, known.awaits.len()),
        (None, 1),
        "the yes that was given stays"
    );
    play.until(at("2026-01-20T00:00:00Z"));
    assert_eq!(play.deal.assertion(raised).unwrap().ended, Some(Ended::Effective));
    assert!(
        !play
            .deal
            .decide(candidate(1), jiff::civil::date(2026, 1, 20))
            .unwrap()
            .is_split
    );
    // What protects the client is not the brokers' to change once somebody was offered to it.
    next.version = 3;
    for change in [
        |terms: &mut Terms| terms.claims.prior_claim = None,
        |terms: &mut Terms| terms.guarantee.levels[0].days = 1,
    ] {
        let mut other = next.clone();
        change(&mut other);
        assert_eq!(play.refused(member(JOB_SIDE), proposed(&other)), Why::FrameChanged);
    }
}

/// A signed deal with a researcher whose terms may change until somebody is placed.
fn with_researcher() -> Play {
    let mut terms = terms();
    terms.changes = ChangesUntil::Placement;
    terms.parties.push(Party {
        id: "research".parse().unwrap(),
        tenant: tenant(STRANGER),
        role: PartyRole::Researcher,
        title: None,
        counts: None,
        share: inventure_ledger::Share::NONE,
    });
    let mut play = Play::new();
    play.must(member(JOB_SIDE), proposed(&terms));
    all_sign(&mut play, &terms);
    play
}

/// Signs the terms for every party to them, or to those before.
fn all_sign(play: &mut Play, terms: &Terms) {
    for (number, party) in [(JOB_SIDE, "job"), (CANDIDATE_SIDE, "candidate"), (STRANGER, "research")] {
        let What::Signed { mut signature } = signature(terms, number) else {
            unreachable!()
        };
        signature.party = party.parse().unwrap();
        play.must(member(number), What::Signed { signature });
    }
}

#[test]
fn a_party_leaves_and_with_it_the_only_answer_that_is_missing() {
    let mut play = with_researcher();
    play.submit(1);
    play.on_day(0);
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(CLIENT, confirmed(report));
    play.must(member(CANDIDATE_SIDE), confirmed(report));
    let mut next = play.deal.terms().unwrap().clone();
    next.version = 2;
    next.parties.pop();
    play.must(member(JOB_SIDE), proposed(&next));
    all_sign(&mut play, &next);
    assert_eq!(play.deal.terms().unwrap().version, 2);
    let known = play.deal.assertion(report).unwrap();
    assert_eq!((known.ended, known.awaits.len()), (None, 1), "somebody can answer");
    play.agreed_to(report);
    assert_eq!(play.deal.placements().len(), 1);
}

#[test]
fn whoever_takes_the_place_of_a_party_that_said_no_may_say_none() {
    let (mut play, next) = changeable(|terms| terms.parties[1].tenant = tenant(STRANGER));
    play.submit(1);
    play.on_day(0);
    let report = play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(CANDIDATE_SIDE), contested(report));
    play.must(member(JOB_SIDE), proposed(&next));
    for number in [JOB_SIDE, CANDIDATE_SIDE, STRANGER] {
        let What::Signed { mut signature } = signature(&next, number) else {
            unreachable!()
        };
        signature.tenant = tenant(number);
        play.must(member(number), What::Signed { signature });
    }
    assert!(play.deal.assertion(report).unwrap().is_open());
    play.must(member(STRANGER), contested(report));
}

#[test]
fn a_researcher_looks_at_candidates_that_are_not_theirs() {
    let mut play = with_researcher();
    play.submit(1);
    let seen = |number| play.deal.disclosed(candidate(1), tenant(number));
    assert_eq!(seen(STRANGER), seen(JOB_SIDE));
    assert!(seen(CANDIDATE_SIDE).contains(&CandidateField::Contact));
}

#[test]
fn a_judge_gives_away_what_nobody_disputed() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(member(JOB_SIDE), disputed(&terms, 1_000));
    play.show(member(JOB_SIDE), 7);
    play.until(at("2026-02-23T00:00:00Z"));
    play.on(2026, 2, 23);
    let refunded = |minor_units| {
        let amount = terms.money(minor_units);
        sample_ruling(Ruling::Refunded { amount })
    };
    let outstanding_minor_units = 1_000;
    assert_eq!(
        play.refused(member(ARBITER), refunded(1_001)),
        Why::TooMuch {
            outstanding_minor_units
        }
    );
    play.must(member(ARBITER), refunded(1_000));
}

#[test]
fn a_report_is_put_to_a_party_that_came_later() {
    let (mut play, next) = changeable(|terms| {
        terms.parties.push(Party {
            id: "scout".parse().unwrap(),
            tenant: tenant(STRANGER),
            role: PartyRole::Referrer,
            title: None,
            counts: None,
            share: inventure_ledger::Share::NONE,
        });
    });
    play.submit(1);
    play.on_day(0);
    let report = play.must(CLIENT, placed(1, 0, 0));
    play.must(member(JOB_SIDE), What::AssertionConfirmed { assertion: report });
    play.must(member(JOB_SIDE), proposed(&next));
    for (number, party) in [(JOB_SIDE, "job"), (CANDIDATE_SIDE, "candidate"), (STRANGER, "scout")] {
        let What::Signed { mut signature } = signature(&next, number) else {
            unreachable!()
        };
        signature.party = party.parse().unwrap();
        play.must(member(number), What::Signed { signature });
    }
    let awaits = &play.deal.assertion(report).unwrap().awaits;
    let names: Vec<String> = awaits.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["candidate", "scout"]);
}

#[test]
fn terms_list_a_field_many_times() {
    let mut listed = terms();
    let Disclosure(reveals) = &mut listed.disclosure;
    reveals.push(Reveal {
        field: CandidateField::Skills,
        from: Stage::Submitted,
    });
    let mut play = Play::new();
    let Why::Problems(problems) = play.refused(member(JOB_SIDE), proposed(&listed)) else {
        panic!("each field once");
    };
    assert_eq!(problems[0].field, "disclosure");
}

#[test]
fn a_dispute_from_before_the_rules_holds_back_what_it_held_back() {
    let old = of_rules_1(terms());
    let mut play = Play::signed(&old);
    play.submit(1);
    play.on_day(0);
    play.must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(JOB_SIDE), invoiced(&old, "1", 3_333_333));
    play.must(Author::Network, paid(&old, "1", 3_333_333));
    play.must(member(JOB_SIDE), disputed(&old, 0));
    play.must(Author::Network, What::RulesAdopted { rules: RULES });
    play.must(member(CANDIDATE_SIDE), note("and now?"));
    assert_eq!(play.deal.frozen_minor_units(), 3_333_333);
    play.on_day(30);
    play.must(member(CANDIDATE_SIDE), note("still?"));
    let released = play.deal.settle().unwrap();
    assert_eq!(released.held_minor_units, 3_333_333, "a note pays nobody");
}
