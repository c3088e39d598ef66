use super::super::*;
use crate::{
    sample::{CANDIDATE_SIDE, JOB_SIDE, Play, STRANGER, at, member, signature, submitted, tenant, terms},
    signature::SignatureError,
    terms::ChangesUntil,
};

fn proposed(terms: &Terms) -> What {
    What::TermsProposed {
        terms: Box::new(terms.clone()),
    }
}

fn version(number: u32, change: impl Fn(&mut Terms)) -> Terms {
    let mut terms = terms();
    terms.version = number;
    change(&mut terms);
    terms
}

#[test]
fn all_sign_and_then_it_holds() {
    let mut play = Play::new();
    play.must(member(JOB_SIDE), proposed(&terms()));
    assert_eq!(play.deal.unsigned(), [tenant(JOB_SIDE), tenant(CANDIDATE_SIDE)]);
    play.must(member(JOB_SIDE), signature(&terms(), JOB_SIDE));
    assert_eq!(play.deal.state(), State::Signing);
    // The moment of signature against the moment of submittal: the order of the facts decides, in the same instant too.
    let now = play.now;
    assert_eq!(
        play.refused(member(CANDIDATE_SIDE), submitted(1, now)),
        Why::NotInThisState
    );
    let again = play.refused(member(JOB_SIDE), signature(&terms(), JOB_SIDE));
    assert_eq!(again, Why::Signature(SignatureError::Twice));
    play.must(member(CANDIDATE_SIDE), signature(&terms(), CANDIDATE_SIDE));
    assert_eq!(play.deal.state(), State::Active);
    play.submit(1);
    assert_eq!(play.deal.facts().last().map(|fact| fact.at), Some(now));
}

#[test]
fn a_signature_counts_for_what_was_signed_only() {
    let mut play = Play::new();
    play.must(member(JOB_SIDE), proposed(&terms()));
    let changed = version(1, |terms| terms.report_placement_within_days = 8);
    let why = |error| Why::Signature(error);
    let by_job = member(JOB_SIDE);
    assert_eq!(
        play.refused(by_job, signature(&changed, JOB_SIDE)),
        why(SignatureError::OtherHash)
    );
    let old = SignatureError::OtherVersion { current: 1, signed: 2 };
    assert_eq!(play.refused(by_job, signature(&version(2, |_| {}), JOB_SIDE)), why(old));
    assert_eq!(play.refused(by_job, signature(&terms(), CANDIDATE_SIDE)), Why::NotYours);
    assert_eq!(
        play.refused(member(STRANGER), signature(&terms(), STRANGER)),
        Why::NotYours
    );
    play.now = at("2026-01-05T16:59:58Z");
    let mut early = Play::new();
    early.now = play.now;
    early.must(by_job, proposed(&terms()));
    assert_eq!(
        early.refused(by_job, signature(&terms(), JOB_SIDE)),
        why(SignatureError::FromTheFuture)
    );
    let What::Signed { mut signature } = signature(&terms(), JOB_SIDE) else {
        unreachable!("it is a signature");
    };
    signature.party = "candidate".parse().unwrap();
    let named = What::Signed {
        signature: signature.clone(),
    };
    assert_eq!(early.refused(by_job, named), why(SignatureError::NotAParty));
    signature.deal = DealId::new();
    assert_eq!(
        early.refused(by_job, What::Signed { signature }),
        why(SignatureError::OtherDeal)
    );
}

#[test]
fn new_terms_are_signed_by_all_again_also_by_who_leaves() {
    let mut play = Play::signed(&terms());
    let without = version(2, |terms| terms.parties[1].tenant = tenant(STRANGER));
    play.must(member(JOB_SIDE), proposed(&without));
    // An old version cannot be signed any more.
    let old = play.refused(member(CANDIDATE_SIDE), signature(&terms(), CANDIDATE_SIDE));
    assert!(matches!(old, Why::Signature(SignatureError::OtherVersion { .. })));
    for number in [JOB_SIDE, STRANGER] {
        play.must(member(number), signature(&without, number));
    }
    assert_eq!(play.deal.unsigned(), [tenant(CANDIDATE_SIDE)]);
    assert_eq!(play.deal.terms(), Some(&terms()));
    play.must(member(CANDIDATE_SIDE), signature(&without, CANDIDATE_SIDE));
    assert_eq!(play.deal.terms(), Some(&without));
}

#[test]
fn terms_change_only_as_long_as_they_say() {
    let mut play = Play::signed(&terms());
    let next = version(2, |terms| {
        terms.parties[0].share = "40%".parse().unwrap();
        terms.parties[1].share = "60%".parse().unwrap();
    });
    let dearer = version(2, |terms| {
        terms.network = crate::terms::NetworkShare::Flat {
            share: "17%".parse().unwrap(),
        };
    });
    let by = member(JOB_SIDE);
    assert_eq!(play.refused(by, proposed(&dearer)), Why::NetworkShareChanged);
    let elsewhere = version(2, |terms| terms.time_zone = "UTC".into());
    assert_eq!(play.refused(by, proposed(&elsewhere)), Why::FrameChanged);
    assert_eq!(play.refused(by, proposed(&terms())), Why::WrongVersion { expected: 2 });
    assert_eq!(play.refused(member(STRANGER), proposed(&next)), Why::NotYours);
    play.must(by, proposed(&next));
    play.must(by, What::TermsWithdrawn {});
    assert_eq!(play.deal.state(), State::Active);
    play.submit(1);
    let next = version(3, |_| {});
    assert_eq!(play.refused(by, proposed(&next)), Why::ChangesOver);
    let mut later = Play::signed(&version(1, |terms| terms.changes = ChangesUntil::Placement));
    later.submit(1);
    later.must(by, proposed(&version(2, |_| {})));
    let mut never = Play::signed(&version(1, |terms| terms.changes = ChangesUntil::Never));
    assert_eq!(never.refused(by, proposed(&version(2, |_| {}))), Why::ChangesOver);
}
