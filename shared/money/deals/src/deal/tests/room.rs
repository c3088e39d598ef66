//! The room of each side, and the candidates whom a fact is about.

use inventure_core::DocumentId;
use inventure_ledger::Hash;

use super::super::*;
use crate::sample::{CANDIDATE_SIDE, CLIENT, JOB_SIDE, Play, candidate, disputed, evidence, member, terms};

fn note(about: Option<CandidateId>) -> What {
    What::Noted {
        candidate: about,
        text: "a note".into(),
    }
}

fn document(about: Option<CandidateId>) -> What {
    What::DocumentAdded {
        document: DocumentId::new(),
        sha256: Hash::from([7; 32]),
        candidate: about,
        for_client: true,
    }
}

#[test]
fn a_side_has_room_for_three_hundred_documents_and_pieces_of_evidence() {
    let mut play = Play::signed(&terms());
    play.must(CLIENT, disputed(&terms(), 0));
    for _ in 0..299 {
        play.must(member(JOB_SIDE), document(None));
    }
    let shown = evidence(Hash::from([7; 32]));
    play.must(member(JOB_SIDE), shown.clone());
    assert_eq!(play.refused(member(JOB_SIDE), document(None)), Why::Full);
    assert_eq!(play.refused(member(JOB_SIDE), shown), Why::Full);
    play.must(member(JOB_SIDE), note(None));
    play.must(member(CANDIDATE_SIDE), document(None));
    play.must(CLIENT, document(None));
}

#[test]
fn a_note_and_a_document_are_about_the_candidate_that_they_name() {
    for named in [None, Some(candidate(1))] {
        assert_eq!(note(named).candidate(), named);
        assert_eq!(document(named).candidate(), named);
    }
}
