//! The authors of moves, and the room for their texts, by the rules of today and by rules 1.

use super::super::*;
use crate::{
    fact::Author,
    sample::{
        ARBITER, CANDIDATE_SIDE, CLIENT, EMPLOYER, JOB_SIDE, Play, STRANGER, candidate, closed, disputed, event,
        member, of_rules_1, tenant, terms,
    },
    terms::ChangesUntil,
};

pub(super) fn proposed(terms: &Terms) -> What {
    What::TermsProposed {
        terms: Box::new(terms.clone()),
    }
}

/// The reason for which a move is refused, where it is.
pub(super) fn tried(play: &mut Play, by: Author, what: What) -> Result<(), Why> {
    play.try_to(by, what).map(|_| ()).map_err(|refused| refused.why)
}

fn note(text: &str) -> What {
    What::Noted {
        candidate: None,
        text: text.into(),
    }
}

#[test]
fn before_there_are_terms_a_member_makes_the_deal_and_the_network_ends_it() {
    for (by, notes, closes) in [
        (member(STRANGER), Ok(()), Ok(())),
        (Author::Network, Err(Why::NotYours), Ok(())),
        (CLIENT, Err(Why::NotYours), Err(Why::NotYours)),
        (Author::Candidate, Err(Why::NotYours), Err(Why::NotYours)),
    ] {
        assert_eq!(tried(&mut Play::new(), by, note("a word")), notes, "{by:?}");
        assert_eq!(tried(&mut Play::new(), by, closed()), closes, "{by:?}");
    }
}

#[test]
fn whom_open_terms_name_might_close_by_rules_1_and_only_talks_since() {
    for (old, closes) in [(true, Ok(())), (false, Err(Why::NotYours))] {
        let mut first = terms();
        first.changes = ChangesUntil::Placement;
        if old {
            first = of_rules_1(first);
        }
        let mut play = Play::signed(&first);
        let mut next = first;
        next.version = 2;
        next.parties[1].tenant = tenant(STRANGER);
        play.must(member(JOB_SIDE), proposed(&next));
        play.must(member(STRANGER), note("what is this?"));
        assert_eq!(tried(&mut play, member(STRANGER), closed()), closes, "old: {old}");
    }
}

#[test]
fn terms_that_were_taken_back_leave_the_deal_to_whom_they_named_since_rules_2() {
    for (terms, strangers) in [(of_rules_1(terms()), Ok(())), (terms(), Err(Why::NotYours))] {
        let mut play = Play::new();
        play.must(member(JOB_SIDE), proposed(&terms));
        play.must(member(JOB_SIDE), What::TermsWithdrawn {});
        let mut own = terms.clone();
        own.version = 2;
        own.parties[1].tenant = tenant(STRANGER);
        let format = terms.format;
        assert_eq!(
            tried(&mut play, member(STRANGER), note("mine")),
            strangers,
            "format {format}"
        );
        assert_eq!(
            tried(&mut play, member(STRANGER), proposed(&own)),
            strangers,
            "format {format}"
        );
    }
}

#[test]
fn nobody_proposes_terms_that_leave_them_out() {
    for number in [STRANGER, ARBITER, EMPLOYER] {
        assert_eq!(
            Play::new().refused(member(number), proposed(&terms())),
            Why::NotYours,
            "{number}"
        );
    }
    let mut play = Play::signed(&terms());
    let mut next = terms();
    next.version = 2;
    next.parties[0].tenant = tenant(STRANGER);
    assert_eq!(play.refused(member(JOB_SIDE), proposed(&next)), Why::NotYours);
    play.must(member(CANDIDATE_SIDE), proposed(&next));
}

#[test]
fn a_deal_of_rules_1_has_one_room_for_the_talk_of_all() {
    let mut play = Play::signed(&of_rules_1(terms()));
    let known = play.deal.facts.len();
    play.deal.facts.extend((known..TALK_MAX - 1).map(|number| Fact {
        id: event(10_000 + number as u128),
        at: play.now,
        by: member(JOB_SIDE),
        what: note("a word"),
    }));
    play.must(member(CANDIDATE_SIDE), note("the last word"));
    assert_eq!(play.refused(member(CANDIDATE_SIDE), note("one more")), Why::Full);
    play.must(member(CANDIDATE_SIDE), closed());
}

#[test]
fn a_text_is_as_long_as_the_rules_allow() {
    let dispute = |chars: usize| What::DisputeOpened {
        about: "x".repeat(chars),
        amount: None,
        assertion: None,
        among_parties: false,
    };
    let step = |chars: Option<usize>| What::StageMoved {
        candidate: candidate(1),
        from: Stage::Submitted,
        to: Stage::Screening,
        note: chars.map(|chars| "x".repeat(chars)),
    };
    let blanks = format!("x{}", " ".repeat(10_000));
    // What, and whether rules 1 and rules 2 take it.
    let cases = [
        (dispute(1_000), true, true),
        (dispute(1_001), true, false),
        (dispute(10_000), true, false),
        (dispute(10_001), false, false),
        (note(&"x".repeat(10_000)), true, true),
        (note(&"x".repeat(10_001)), false, false),
        (note(&blanks), true, false),
        (note(" "), false, false),
        (step(None), true, true),
        (step(Some(1)), true, true),
        (step(Some(10_000)), true, true),
        (step(Some(10_001)), true, false),
    ];
    for (terms, is_old) in [(of_rules_1(terms()), true), (terms(), false)] {
        let mut play = Play::signed(&terms);
        play.submit(1);
        for (index, (what, by_old, by_new)) in cases.iter().enumerate() {
            let takes = if is_old { *by_old } else { *by_new };
            let expected = if takes { Ok(()) } else { Err(Why::Text) };
            let answer = tried(&mut play.clone(), member(CANDIDATE_SIDE), what.clone());
            assert_eq!(answer, expected, "case {index}, old: {is_old}");
        }
    }
}

#[test]
fn with_nothing_open_nothing_is_signed_or_taken_back_since_rules_2() {
    for (terms, answer) in [(of_rules_1(terms()), Ok(())), (terms(), Err(Why::NotInThisState))] {
        let mut play = Play::signed(&terms);
        for kind in [Move::TermsWithdrawn, Move::Signed] {
            assert_eq!(play.deal.legal().contains(&kind), answer.is_ok(), "{kind}");
        }
        assert_eq!(tried(&mut play, member(JOB_SIDE), What::TermsWithdrawn {}), answer);
    }
}

#[test]
fn a_deal_in_dispute_is_closed_by_nobody() {
    let mut play = Play::signed(&terms());
    play.must(member(JOB_SIDE), disputed(&terms(), 0));
    assert!(!play.deal.legal().contains(&Move::Closed));
    for by in [member(JOB_SIDE), Author::Network] {
        assert_eq!(play.refused(by, closed()), Why::NotInThisState);
    }
    play.must(member(JOB_SIDE), What::DisputeWithdrawn { dispute: None });
    play.must(Author::Network, closed());
}

#[test]
fn versions_and_signatures_are_those_of_the_facts() {
    assert_eq!(Play::new().deal.last_version(), 0);
    let mut play = Play::signed(&terms());
    assert_eq!(play.deal.last_version(), 1);
    let mut next = terms();
    next.version = 2;
    play.must(member(JOB_SIDE), proposed(&next));
    assert_eq!(play.deal.last_version(), 2);
    let signers: Vec<TenantId> = play.deal.signatures().iter().map(|signed| signed.tenant).collect();
    assert_eq!(signers, [tenant(JOB_SIDE), tenant(CANDIDATE_SIDE)]);
}

#[test]
fn each_author_speaks_for_their_own_side() {
    let play = Play::signed(&terms());
    let party = |id: &str| Some(Who::Party(id.parse().unwrap()));
    for (by, side) in [
        (member(JOB_SIDE), party("job")),
        (member(CANDIDATE_SIDE), party("candidate")),
        (member(EMPLOYER), Some(Who::Client)),
        (CLIENT, Some(Who::Client)),
        (Author::Network, Some(Who::Network)),
        (Author::Candidate, None),
        (member(ARBITER), None),
        (member(STRANGER), None),
    ] {
        assert_eq!(play.deal.side(by), side, "{by:?}");
    }
}

#[test]
fn a_deal_is_frozen_while_a_unit_is_held_back() {
    let mut play = Play::billed(&terms());
    assert!(!play.deal.is_frozen());
    play.must(member(JOB_SIDE), disputed(&terms(), 1));
    assert!(play.deal.is_frozen());
    play.must(member(JOB_SIDE), What::DisputeWithdrawn { dispute: None });
    assert!(!play.deal.is_frozen());
}
