//! Candidates: how they move, what their claims rest on, and what brokers see of them.

use jiff::civil::date;

use super::super::*;
use crate::{
    claims::ClaimWhat,
    fact::Author,
    party::PartyRole,
    pipeline::CandidateField,
    sample::{
        CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, STRANGER, candidate, member, moved, of_rules_1, placed, signature,
        tenant, terms,
    },
};

/// The statements about candidate 1 that their claim rests on, after the submittal.
fn told(play: &Play) -> Vec<ClaimWhat> {
    let facts = play.deal.claim_facts(candidate(1));
    let (submitted, rest) = facts.split_first().unwrap();
    assert!(matches!(submitted.what, ClaimWhat::Submitted { .. }));
    assert!(facts.iter().all(|fact| fact.tenant == tenant(CANDIDATE_SIDE)));
    rest.iter().map(|fact| fact.what).collect()
}

#[test]
fn who_accepted_is_moved_by_hand_no_more_and_nobody_to_where_they_stand() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    for to in [Stage::Submitted, Stage::Accepted] {
        let why = play.refused(CLIENT, moved(1, Stage::Submitted, to));
        let told = "the candidate is at submitted; from there they go to screening, rejected, withdrawn";
        assert_eq!(why.to_string(), told);
    }
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    for to in [Stage::Interviewing, Stage::Rejected] {
        let why = play.refused(CLIENT, moved(1, Stage::Accepted, to));
        let told = "the candidate is at accepted, and is moved from there by no hand";
        assert_eq!(why.to_string(), told);
    }
}

#[test]
fn a_step_on_by_the_client_alone_is_contact_since_rules_2() {
    for (terms, by, to, is_contact) in [
        (terms(), CLIENT, Stage::Screening, true),
        (terms(), CLIENT, Stage::Rejected, false),
        (terms(), member(JOB_SIDE), Stage::Screening, false),
        (terms(), member(JOB_SIDE), Stage::Rejected, false),
        (of_rules_1(terms()), CLIENT, Stage::Screening, false),
    ] {
        let mut play = Play::signed(&terms);
        play.submit(1);
        play.must(by, moved(1, Stage::Submitted, to));
        let expected = if is_contact {
            vec![ClaimWhat::Contacted]
        } else {
            Vec::new()
        };
        assert_eq!(told(&play), expected, "{by:?} to {to:?}, rules {}", play.deal.rules());
    }
}

#[test]
fn a_claim_rests_on_the_objection_that_counts_and_on_the_consent_that_ended() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.submit(2);
    let mut objected = play.clone();
    let withdrawn = |number| What::ConsentWithdrawn {
        candidate: candidate(number),
    };
    play.must(Author::Candidate, withdrawn(2));
    assert_eq!(told(&play), []);
    play.must(Author::Candidate, withdrawn(1));
    assert_eq!(told(&play), [ClaimWhat::ConsentWithdrawn]);
    let (_, proof) = objected.document(CLIENT, 1, true);
    let last_contact_on = date(2025, 12, 1);
    let objection = What::PriorClaimRaised {
        candidate: candidate(1),
        last_contact_on,
        proof,
    };
    let report = objected.must(CLIENT, objection);
    assert_eq!(told(&objected), []);
    objected.agreed_to(report);
    assert_eq!(told(&objected), [ClaimWhat::PriorClaim { last_contact_on }]);
}

#[test]
fn other_brokers_are_strangers_to_a_candidate_and_by_rules_1_a_researcher_is_none() {
    let first = vec![CandidateField::Skills, CandidateField::Experience];
    let all = CandidateField::ALL.to_vec();
    for (terms, role, expected) in [
        (terms(), PartyRole::CandidateSide, &first),
        (terms(), PartyRole::Researcher, &first),
        (of_rules_1(terms()), PartyRole::CandidateSide, &first),
        (of_rules_1(terms()), PartyRole::Researcher, &all),
    ] {
        let mut terms = terms;
        terms.parties[1].share = "25%".parse().unwrap();
        let mut other = terms.parties[1].clone();
        (other.id, other.tenant, other.role) = ("other".parse().unwrap(), tenant(STRANGER), role);
        terms.parties.push(other);
        let mut play = Play::signed(&terms);
        let What::Signed { signature: mut third } = signature(&terms, STRANGER) else {
            unreachable!("it is a signature");
        };
        third.party = "other".parse().unwrap();
        play.must(member(STRANGER), What::Signed { signature: third });
        play.submit(1);
        let seen = play.deal.disclosed(candidate(1), tenant(STRANGER));
        assert_eq!(&seen, expected, "{role:?}, rules {}", play.deal.rules());
        assert_eq!(play.deal.disclosed(candidate(1), tenant(CANDIDATE_SIDE)), all);
    }
}
