//! Documents: which are evidence, and who is shown them.

use inventure_core::DocumentId;
use inventure_ledger::Hash;
use jiff::civil::date;

use super::super::*;
use crate::sample::{
    CANDIDATE_SIDE, CLIENT, EMPLOYER, JOB_SIDE, Play, candidate, disputed, evidence, hired, member, moved, of_rules_1,
    tenant, terms,
};

fn id(number: u128) -> DocumentId {
    DocumentId::from_uuid(uuid::Uuid::from_u128(number))
}

fn about(number: u128, candidate: Option<CandidateId>) -> What {
    What::DocumentAdded {
        document: id(number),
        sha256: Hash::from([number as u8; 32]),
        candidate,
        for_client: false,
    }
}

fn objection(proof: Hash) -> What {
    What::PriorClaimRaised {
        candidate: candidate(1),
        last_contact_on: date(2025, 12, 1),
        proof,
    }
}

/// A candidate, and the documents 1 and 2 that all see.
fn shown_two() -> (Play, Hash) {
    let mut play = Play::signed(&terms());
    play.submit(1);
    let (_, first) = play.document(member(JOB_SIDE), 1, true);
    play.document(member(JOB_SIDE), 2, true);
    (play, first)
}

#[test]
fn a_document_is_added_once_and_about_somebody_who_was_submitted() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    let by = member(CANDIDATE_SIDE);
    assert_eq!(
        play.refused(by, about(1, Some(candidate(2)))),
        Why::NotSubmitted(candidate(2))
    );
    play.must(by, about(1, Some(candidate(1))));
    for again in [about(1, Some(candidate(1))), about(1, None)] {
        assert_eq!(play.refused(by, again), Why::DocumentTwice);
    }
}

#[test]
fn a_document_is_evidence_once_a_move_cites_it() {
    let (play, first) = shown_two();
    assert!(!play.deal.is_evidence(id(1)));
    let mut disputing = play.clone();
    disputing.must(member(JOB_SIDE), disputed(&terms(), 0));
    let mut placing = play.clone();
    placing.on_day(0);
    for (mut play, by, cites) in [
        (play, CLIENT, objection(first)),
        (disputing, member(JOB_SIDE), evidence(first)),
        (placing, member(JOB_SIDE), hired(1, 0, Some(id(1)))),
    ] {
        let kind = cites.kind();
        play.must(by, cites);
        let is_evidence = [1, 2, 3].map(|number| play.deal.is_evidence(id(number)));
        assert_eq!(is_evidence, [true, false, false], "{kind}");
    }
}

#[test]
fn a_move_cites_the_documents_that_all_whom_it_concerns_see() {
    let (mut play, first) = shown_two();
    let (hidden, hidden_hash) = play.document(member(JOB_SIDE), 3, false);
    let (own, own_hash) = play.document(member(EMPLOYER), 4, false);
    let (clients, clients_hash) = play.document(CLIENT, 5, false);
    let mut among_parties = play.clone();
    play.must(member(JOB_SIDE), disputed(&terms(), 0));
    among_parties.must(
        member(JOB_SIDE),
        What::DisputeOpened {
            about: "our shares".into(),
            amount: None,
            assertion: None,
            among_parties: true,
        },
    );
    for (document, hash, seen) in [
        (id(1), first, true),
        (hidden, hidden_hash, false),
        (own, own_hash, true),
        (clients, clients_hash, true),
    ] {
        let expected = if seen { vec![document] } else { Vec::new() };
        for cites in [hired(1, 0, Some(document)), objection(hash), evidence(hash)] {
            assert_eq!(
                play.deal.evidence_of(&cites),
                expected,
                "{document} in {}",
                cites.kind()
            );
        }
        assert_eq!(among_parties.deal.evidence_of(&evidence(hash)), [document]);
    }
    assert_eq!(play.deal.evidence_of(&hired(1, 0, None)), []);
}

#[test]
fn a_file_about_a_candidate_waits_for_their_contact_since_rules_2() {
    for (terms, shown_with_the_resume) in [(of_rules_1(terms()), true), (terms(), false)] {
        let mut play = Play::signed(&terms);
        play.submit(1);
        play.must(member(CANDIDATE_SIDE), about(1, Some(candidate(1))));
        let shown = |play: &Play| play.deal.shows_document(id(1), tenant(JOB_SIDE));
        play.must(CLIENT, moved(1, Stage::Submitted, Stage::Screening));
        assert!(!shown(&play));
        play.agreed(CLIENT, moved(1, Stage::Screening, Stage::Interviewing));
        assert_eq!(shown(&play), shown_with_the_resume, "rules {}", play.deal.rules());
    }
}
