//! Every state, reached by facts, and every move tried in it.

use inventure_core::DocumentId;
use inventure_ledger::Hash;
use jiff::civil::date;

use super::super::*;
use crate::{
    Template,
    dispute::Ruling,
    fact::{Author, Consent},
    refusal::Refused,
    sample::{
        CANDIDATE_SIDE, JOB_SIDE, Play, candidate, charged_back, disputed, event, fell_off, invoiced, member, paid,
        placed, sample_ruling, signature, template,
    },
};

/// Terms with a replacement, so that every state can be reached.
fn terms() -> Terms {
    template(Template::Replacement)
}

/// A deal in a state.
fn reach(state: State) -> Play {
    let terms = terms();
    let mut play = match state {
        State::Draft => Play::new(),
        State::Signing => {
            let mut play = Play::new();
            let terms = Box::new(terms.clone());
            play.must(member(JOB_SIDE), What::TermsProposed { terms });
            play
        }
        State::Active | State::Closed => Play::signed(&terms),
        State::Placed => {
            let mut play = Play::signed(&terms);
            play.submit(1);
            play.on_day(0);
            play.agreed(member(JOB_SIDE), placed(1, 0, 0));
            play
        }
        _ => Play::billed(&terms),
    };
    if matches!(state, State::Paid | State::Settled) {
        play.must(Author::Network, paid(&terms, "1", 3_333_333));
    }
    match state {
        State::Settled => {
            play.on_day(91);
            play.must(Author::Network, What::GuaranteeEnded {});
        }
        State::FallenOff | State::Replacing => {
            play.agreed(member(JOB_SIDE), fell_off(0));
        }
        State::Disputed => {
            play.must(member(JOB_SIDE), disputed(&terms, 1));
        }
        State::Closed => {
            let reason = "the job is gone".into();
            play.must(member(JOB_SIDE), What::Closed { reason });
        }
        _ => {}
    }
    if state == State::Replacing {
        play.must(Author::Employer, What::ReplacementStarted {});
    }
    assert_eq!(play.deal.state(), state);
    play
}

/// A move that says something.
fn sample(kind: Move) -> What {
    let terms = terms();
    let candidate = candidate(1);
    let text = || "a word".to_owned();
    match kind {
        Move::TermsProposed => What::TermsProposed { terms: Box::new(terms) },
        Move::TermsWithdrawn => What::TermsWithdrawn {},
        Move::Signed => signature(&terms, JOB_SIDE),
        Move::Submitted => crate::sample::submitted(7, Timestamp::UNIX_EPOCH),
        Move::Confirmed => What::Confirmed { candidate },
        Move::PriorClaimRaised => What::PriorClaimRaised {
            candidate,
            last_contact_on: date(2026, 1, 1),
            proof: Hash::ZERO,
        },
        Move::Contacted => What::Contacted { candidate },
        Move::ConsentWithdrawn => What::ConsentWithdrawn { candidate },
        Move::OwnershipDecided => What::OwnershipDecided {
            candidate,
            owners: Vec::new(),
            on: None,
            grounds: Vec::new(),
        },
        Move::StageMoved => What::StageMoved {
            candidate,
            from: Stage::Submitted,
            to: Stage::Screening,
            note: None,
        },
        Move::Noted => What::Noted {
            candidate: None,
            text: text(),
        },
        Move::DocumentAdded => What::DocumentAdded {
            document: DocumentId::from_uuid(uuid::Uuid::nil()),
            sha256: Hash::ZERO,
            candidate: None,
            for_client: false,
        },
        Move::Placed => placed(1, 0, 0),
        Move::Invoiced => invoiced(&terms, "2", 3_333_333),
        Move::PaymentReceived => paid(&terms, "1", 1),
        Move::PaymentChargedBack => charged_back(&terms, "1", 1),
        Move::GuaranteeEnded => What::GuaranteeEnded {},
        Move::FellOff => fell_off(0),
        Move::ReplacementStarted => What::ReplacementStarted {},
        Move::RefundChosen => What::RefundChosen {},
        Move::DisputeOpened => disputed(&terms, 1),
        Move::PlacementCorrected => What::PlacementCorrected {
            pay: None,
            starts_on: date(2026, 1, 15),
        },
        Move::AssertionConfirmed => What::AssertionConfirmed { assertion: event(1) },
        Move::AssertionContested => What::AssertionContested {
            assertion: event(1),
            reason: text(),
        },
        Move::AssertionWithdrawn => What::AssertionWithdrawn { assertion: event(1) },
        Move::AssertionAccepted => What::AssertionAccepted { assertion: event(1) },
        Move::AssertionExpired => What::AssertionExpired { assertion: event(1) },
        Move::PaymentReminded => What::PaymentReminded { invoice: "1".into() },
        Move::RulesAdopted => What::RulesAdopted { rules: 2 },
        Move::EvidenceGiven => What::EvidenceGiven {
            dispute: None,
            text: text(),
            sha256: Hash::ZERO,
        },
        Move::DisputeEscalated => What::DisputeEscalated { dispute: None },
        Move::DisputeWithdrawn => What::DisputeWithdrawn { dispute: None },
        Move::Ruled => sample_ruling(Ruling::Stands),
        Move::Closed => What::Closed { reason: text() },
    }
}

#[test]
fn a_state_refuses_exactly_the_moves_that_it_does_not_allow() {
    for state in State::ALL {
        for kind in Move::ALL {
            let mut play = reach(state);
            let legal = play.deal.legal();
            assert_eq!(sample(*kind).kind(), *kind);
            let authors = [member(JOB_SIDE), member(CANDIDATE_SIDE), member(crate::sample::ARBITER)];
            let others = [Author::Employer, Author::Candidate, Author::Network];
            let tries = authors.into_iter().chain(others);
            let answers: Vec<_> = tries.map(|by| play.try_to(by, sample(*kind))).collect();
            let unknown = |answer: &Result<EventId, Box<Refused>>| {
                let refused = answer.as_ref().err();
                refused.is_some_and(|refused| refused.state == state && refused.why == Why::NotInThisState)
            };
            let all_unknown = answers.iter().all(unknown);
            // Whoever asks: what the state does not know is refused for that, and what it knows for something else or not at all.
            let first_unknown = unknown(&answers[0]);
            let allowed = legal.contains(kind);
            assert_eq!(first_unknown, !allowed, "{state:?} {kind:?}");
            assert_eq!(all_unknown, !allowed, "{state:?} {kind:?}");
        }
    }
}

#[test]
fn a_replacement_is_placed_by_its_deadline() {
    let terms = terms();
    let mut play = reach(State::Replacing);
    play.on_day(61);
    let consent = Consent {
        id: inventure_core::ConsentId::new(),
        given_at: play.now,
    };
    let second = What::Submitted {
        candidate: candidate(2),
        consent,
        source: Source::Member,
    };
    play.must(member(CANDIDATE_SIDE), second);
    // The sixty days are over. Accepted on the last of them would be in time, but this one was submitted only after that day.
    assert_eq!(
        play.refused(member(JOB_SIDE), placed(2, 61, 62)),
        Why::TooLate(date(2026, 3, 16))
    );
    assert!(matches!(
        play.refused(member(JOB_SIDE), placed(2, 60, 62)),
        Why::NotASplit(_)
    ));
    play.agreed(Author::Employer, What::RefundChosen {});
    assert_eq!(play.deal.state(), State::FallenOff);
    assert_eq!(
        play.refused(Author::Employer, What::ReplacementStarted {}),
        Why::RefundMade
    );
    assert_eq!(play.deal.invoices()[0].outstanding(), 0);
    assert!(
        play.deal
            .settle()
            .unwrap()
            .movements
            .iter()
            .all(|movement| movement.amount.currency == terms.currency)
    );
}

#[test]
fn no_party_closes_a_placement_on_the_other() {
    let mut play = reach(State::Placed);
    let asked = play.must(member(JOB_SIDE), sample(Move::Closed));
    assert_eq!(play.deal.state(), State::Placed);
    assert_eq!(
        play.deal.assertion(asked).unwrap().accepted_from,
        None,
        "silence does not close"
    );
    play.must(Author::Network, sample(Move::Closed));
}

#[test]
fn the_schema_of_a_fact_names_every_move() {
    let schema = serde_json::to_string(&schemars::schema_for!(Fact)).unwrap();
    for kind in Move::ALL {
        let name = serde_json::to_string(kind).unwrap();
        assert!(schema.contains(&format!("\"const\":{name}")), "{name}");
        assert_eq!(
            serde_json::to_value(sample(*kind)).unwrap()["kind"],
            serde_json::to_value(kind).unwrap()
        );
    }
}
