use inventure_core::DocumentId;
use inventure_ledger::Hash;
use jiff::civil::date;

use super::super::*;
use crate::{
    SplitDecision, Template,
    claims::Rule,
    dispute::DisputeError,
    fact::Author,
    pipeline::CandidateField,
    sample::{
        ARBITER, CANDIDATE_SIDE, EMPLOYER, JOB_SIDE, Play, STRANGER, at, candidate, disputed, event, fell_off,
        invoiced, member, paid, parts, placed, signature, submitted, template, tenant, terms,
    },
};

fn version(number: u32, change: impl Fn(&mut Terms)) -> Terms {
    let mut terms = terms();
    terms.version = number;
    change(&mut terms);
    terms
}

#[test]
fn a_candidate_is_submitted_with_consent_and_once() {
    let mut play = Play::signed(&terms());
    let now = play.now;
    let later = now.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap();
    let by = member(CANDIDATE_SIDE);
    assert_eq!(play.refused(by, submitted(1, later)), Why::NoConsent);
    assert_eq!(play.refused(member(JOB_SIDE), submitted(1, now)), Why::NotYours);
    play.must(by, submitted(1, now));
    assert_eq!(play.refused(by, submitted(1, now)), Why::AlreadySubmitted(candidate(1)));
    let contacted = What::Contacted {
        candidate: candidate(2),
    };
    assert_eq!(play.refused(by, contacted), Why::NotSubmitted(candidate(2)));
}

#[test]
fn a_placement_is_a_split_inside_the_window_and_says_why() {
    let terms = version(1, |terms| terms.claims.lapses_after_days = None);
    let mut play = Play::signed(&terms);
    play.submit(1);
    // A year to the day: the window is twelve months.
    play.on(2027, 1, 6);
    let late = What::Placed {
        candidate: candidate(1),
        pay: None,
        accepted_on: date(2027, 1, 6),
        starts_on: date(2027, 1, 6),
        evidence: None,
    };
    assert!(matches!(play.refused(member(JOB_SIDE), late), Why::Fee(_)));
    let accepted = |day| What::Placed {
        candidate: candidate(1),
        pay: Some(crate::sample::yearly(16_666_665, terms.currency)),
        accepted_on: date(2027, 1, day),
        starts_on: date(2027, 1, 20),
        evidence: None,
    };
    let Why::NotASplit(because) = play.refused(member(JOB_SIDE), accepted(6)) else {
        panic!("the window is over");
    };
    assert_eq!(because.last().map(|ground| ground.rule), Some(Rule::WindowOver));
    // Reported on the 6th, accepted on the 5th: the day of acceptance counts.
    play.must(member(JOB_SIDE), accepted(5));
    let decision = play.deal.decide(candidate(1), date(2027, 1, 5)).unwrap();
    let SplitDecision {
        is_split,
        shares,
        because,
    } = decision;
    assert!(is_split);
    let shares: Vec<String> = shares
        .iter()
        .map(|split| format!("{} {}", split.who, split.share))
        .collect();
    assert_eq!(shares, ["job 47.5%", "candidate 47.5%", "network 5%"]);
    let facts: Vec<_> = because
        .iter()
        .map(|ground| (ground.rule, ground.facts.clone()))
        .collect();
    let signed = vec![event(101), event(102)];
    assert_eq!(
        facts,
        [(Rule::TermsSigned, signed), (Rule::InsideWindow, vec![event(103)])]
    );
}

#[test]
fn what_the_network_decides_across_deals_counts() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    let decided = |owners: &[u128]| What::OwnershipDecided {
        candidate: candidate(1),
        owners: owners.iter().map(|owner| tenant(*owner)).collect(),
        on: None,
        grounds: vec![event(9)],
    };
    assert_eq!(play.refused(member(JOB_SIDE), decided(&[])), Why::NotYours);
    play.on_day(0);
    for owners in [&[][..], &[STRANGER], &[CANDIDATE_SIDE, STRANGER]] {
        play.must(Author::Network, decided(owners));
        let why = play.refused(member(JOB_SIDE), placed(1, 0, 0));
        assert!(matches!(why, Why::NotASplit(_)), "{owners:?}");
    }
    play.must(Author::Network, decided(&[CANDIDATE_SIDE]));
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
}

#[test]
fn the_day_of_one_report_decides_who_owns_for_another() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    play.on_day(0);
    let decided = |owners: &[u128], day| What::OwnershipDecided {
        candidate: candidate(1),
        owners: owners.iter().map(|owner| tenant(*owner)).collect(),
        on: Some(date(2026, 1, day)),
        grounds: vec![event(9)],
    };
    play.must(Author::Network, decided(&[CANDIDATE_SIDE], 15));
    let report = play.must(member(CANDIDATE_SIDE), placed(1, 0, 0));
    // The client reports the hire for a day on which nobody owned them, and a rival for one on which they did.
    play.must(Author::Network, decided(&[], 5));
    play.must(Author::Network, decided(&[STRANGER], 10));
    for day in [-10, -5] {
        let why = play.refused(member(JOB_SIDE), placed(1, day, 0));
        assert!(matches!(why, Why::NotASplit(_)), "{day}: {why:?}");
    }
    play.agreed_to(report);
    assert_eq!(play.deal.placements()[0].owners, [tenant(CANDIDATE_SIDE)]);
}

#[test]
fn an_owner_from_outside_is_let_in_by_new_terms() {
    let mut play = Play::signed(&terms());
    play.submit(1);
    let let_in = version(2, |terms| {
        terms.parties[1].share = "25%".parse().unwrap();
        let mut other = terms.parties[1].clone();
        (other.id, other.tenant) = ("candidate-2".parse().unwrap(), tenant(STRANGER));
        terms.parties.push(other);
    });
    let proposed = || What::TermsProposed {
        terms: Box::new(let_in.clone()),
    };
    assert_eq!(play.refused(member(JOB_SIDE), proposed()), Why::ChangesOver);
    let decided = What::OwnershipDecided {
        candidate: candidate(1),
        owners: vec![tenant(CANDIDATE_SIDE), tenant(STRANGER)],
        on: None,
        grounds: vec![event(9)],
    };
    play.must(Author::Network, decided);
    play.must(member(JOB_SIDE), proposed());
    for number in [JOB_SIDE, CANDIDATE_SIDE] {
        play.must(member(number), signature(&let_in, number));
    }
    let What::Signed { mut signature } = signature(&let_in, STRANGER) else {
        unreachable!("it is a signature");
    };
    signature.party = "candidate-2".parse().unwrap();
    play.must(member(STRANGER), What::Signed { signature });
    play.on_day(0);
    play.agreed(member(JOB_SIDE), placed(1, 0, 0));
    let shares = play.deal.decide(candidate(1), date(2026, 1, 15)).unwrap().shares;
    let shares: Vec<String> = shares.iter().map(|split| split.share.to_string()).collect();
    assert_eq!(shares, ["47.5%", "23.75%", "23.75%", "5%"]);
}

#[test]
fn bills_and_payments_are_held_to_the_terms() {
    let terms = terms();
    let mut play = Play::signed(&terms);
    let by = member(JOB_SIDE);
    assert_eq!(play.refused(by, invoiced(&terms, "1", 3_333_333)), Why::NotPlaced);
    play.submit(1);
    play.on_day(0);
    assert_eq!(
        play.refused(by, placed(1, 1, 1)),
        Why::Dates("the acceptance lies in the future")
    );
    assert_eq!(
        play.refused(by, placed(1, 0, -1)),
        Why::Dates("the start comes before the acceptance")
    );
    let beyond = play.refused(by, placed(1, 0, 2_912_400));
    assert!(matches!(beyond, Why::Dates(_)), "{beyond:?}");
    play.agreed(by, placed(1, 0, 0));
    let expected_minor_units = 3_333_333;
    assert_eq!(
        play.refused(by, invoiced(&terms, "1", 3_333_332)),
        Why::WrongAmount { expected_minor_units }
    );
    play.must(by, invoiced(&terms, "1", 3_333_333));
    assert_eq!(play.refused(by, invoiced(&terms, "1", 3_333_333)), Why::InvoiceTwice);
    assert_eq!(play.refused(by, invoiced(&terms, "2", 3_333_333)), Why::BilledTwice);
    assert_eq!(play.refused(by, paid(&terms, "1", 1)), Why::NotYours);
    assert_eq!(play.refused(Author::Network, paid(&terms, "2", 1)), Why::UnknownInvoice);
    for minor_units in [0, -1, i64::MIN] {
        assert_eq!(
            play.refused(Author::Network, paid(&terms, "1", minor_units)),
            Why::NotPositive
        );
    }
    let yen = Template::Even.terms(&parts("JPY"), "UTC");
    assert_eq!(
        play.refused(Author::Network, paid(&yen, "1", 1)),
        Why::WrongCurrency(terms.currency)
    );
    let outstanding_minor_units = 3_333_333;
    assert_eq!(
        play.refused(Author::Network, paid(&terms, "1", i64::MAX)),
        Why::TooMuch {
            outstanding_minor_units
        }
    );
    play.must(Author::Network, paid(&terms, "1", 3_333_332));
    assert_eq!(play.deal.state(), State::Invoiced);
    play.must(Author::Network, paid(&terms, "1", 1));
    assert_eq!(play.deal.state(), State::Paid);
}

#[test]
fn the_guarantee_ends_at_midnight_after_its_last_day() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    // Day 90 is 15 April; clocks went forward in March, so the day ends at four.
    play.now = at("2026-04-16T03:59:59Z");
    let early = play.refused(Author::Network, What::GuaranteeEnded {});
    assert_eq!(early, Why::TooEarly(date(2026, 4, 16)));
    play.now = at("2026-04-16T04:00:00Z");
    play.must(Author::Network, What::GuaranteeEnded {});
    assert_eq!(play.deal.state(), State::Settled);
    // Told two days late, but it happened inside: the guarantee holds.
    play.on_day(92);
    play.agreed(member(JOB_SIDE), fell_off(90));
    assert_eq!(play.deal.state(), State::FallenOff);
}

#[test]
fn a_fall_off_is_reported_in_time() {
    let mut play = Play::billed(&terms());
    play.on_day(50);
    assert_eq!(
        play.refused(member(JOB_SIDE), fell_off(51)),
        Why::TooEarly(date(2026, 3, 7))
    );
    assert_eq!(
        play.refused(member(JOB_SIDE), fell_off(44)),
        Why::TooLate(date(2026, 3, 5))
    );
    play.agreed(member(JOB_SIDE), fell_off(45));
    let none = play.refused(Author::Employer, What::ReplacementStarted {});
    assert_eq!(none, Why::RefundMade);
}

#[test]
fn a_dispute_goes_up_the_ladder() {
    let mut play = Play::billed(&terms());
    play.must(member(CANDIDATE_SIDE), disputed(&terms(), 3_333_333));
    let (_, sha256) = play.document(member(JOB_SIDE), 1, true);
    let evidence = || What::EvidenceGiven {
        dispute: None,
        text: "a mail".into(),
        sha256,
    };
    let escalated = || What::DisputeEscalated { dispute: None };
    let until = date(2026, 1, 22);
    play.on_day(7);
    play.must(member(JOB_SIDE), evidence());
    let early = play.refused(member(JOB_SIDE), escalated());
    assert_eq!(early, Why::Dispute(DisputeError::TooEarly { until }));
    play.on_day(8);
    let late = play.refused(member(JOB_SIDE), evidence());
    assert_eq!(late, Why::Dispute(DisputeError::EvidenceTooLate { until }));
    let ruled = || crate::sample::sample_ruling(crate::dispute::Ruling::Stands);
    assert_eq!(
        play.refused(member(ARBITER), ruled()),
        Why::Dispute(DisputeError::NotLastStep)
    );
    play.must(member(JOB_SIDE), escalated());
    play.on_day(23);
    play.must(member(JOB_SIDE), escalated());
    play.on_day(38);
    assert_eq!(
        play.refused(member(JOB_SIDE), escalated()),
        Why::Dispute(DisputeError::LastStep)
    );
    assert_eq!(play.refused(member(JOB_SIDE), ruled()), Why::NotYours);
    assert_eq!(
        play.refused(member(JOB_SIDE), What::DisputeWithdrawn { dispute: None }),
        Why::NotYours
    );
    play.must(member(ARBITER), ruled());
    assert_eq!(
        (play.deal.state(), play.deal.disputes().first()),
        (State::Invoiced, None)
    );
}

#[test]
fn what_nobody_does_in_time_the_network_does() {
    let mut terms = template(Template::Replacement);
    terms.bills.as_mut().unwrap().due_within_days = 180;
    let mut play = Play::billed(&terms);
    let late = play.deal.deadline().unwrap();
    let reminded = What::PaymentReminded { invoice: "1".into() };
    assert_eq!(
        (late.at, late.then),
        (at("2026-07-15T04:00:00Z"), reminded),
        "the day after the last in time"
    );
    play.on_day(20);
    play.agreed(member(JOB_SIDE), fell_off(20));
    let replacement_over = at("2026-04-06T04:00:00Z");
    let over = |play: &Play| play.deal.deadline().map(|deadline| deadline.at);
    assert_eq!(
        over(&play),
        Some(replacement_over),
        "60 days after the 20th day, to its end"
    );
    play.must(member(JOB_SIDE), What::ReplacementStarted {});
    assert_eq!(over(&play), Some(replacement_over));
    // A dispute holds it up, and goes up its ladder by itself.
    play.must(member(CANDIDATE_SIDE), disputed(&terms, 3_333_333));
    let first = over(&play).unwrap();
    assert!(first < replacement_over);
    for at in [first, first + jiff::SignedDuration::from_hours(24 * 30)] {
        play.now = at;
        let then = play.deal.deadline().unwrap().then;
        let dispute = Some(play.deal.disputes()[0].opened);
        assert_eq!(then, What::DisputeEscalated { dispute });
        play.must(Author::Network, then);
    }
    let ruled = over(&play).unwrap();
    assert_eq!(
        play.deal.default_ruling(&play.deal.disputes()[0]),
        crate::dispute::Ruling::Stands
    );
    assert!(ruled > play.now, "the last step is the arbiter's, for their days");
    let mut play = Play::billed(&terms);
    play.on_day(20);
    play.agreed(member(JOB_SIDE), fell_off(20));
    play.now = replacement_over;
    let then = play.deal.deadline().unwrap().then;
    play.must(Author::Network, then);
    assert_eq!(over(&play), None, "the client has been refunded");
}

#[test]
fn money_that_comes_during_a_dispute_moves_the_deal_on_after_it() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(member(JOB_SIDE), disputed(&terms, 3_333_333));
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    assert_eq!(play.deal.state(), State::Disputed);
    play.must(member(JOB_SIDE), What::DisputeWithdrawn { dispute: None });
    assert_eq!(play.deal.state(), State::Paid);
}

#[test]
fn the_pipeline_shows_what_the_stage_allows() {
    let mut play = Play::signed(&template(Template::Even));
    play.submit(1);
    let seen = |play: &Play, number| play.deal.disclosed(candidate(1), tenant(number));
    assert_eq!(
        seen(&play, JOB_SIDE),
        [CandidateField::Skills, CandidateField::Experience]
    );
    assert_eq!(seen(&play, CANDIDATE_SIDE), CandidateField::ALL);
    assert_eq!(seen(&play, STRANGER), []);
    assert_eq!(seen(&play, EMPLOYER), []);
    let moved = |from, to| What::StageMoved {
        candidate: candidate(1),
        from,
        to,
        note: None,
    };
    play.must(member(JOB_SIDE), moved(Stage::Submitted, Stage::Screening));
    play.agreed(member(JOB_SIDE), moved(Stage::Screening, Stage::Interviewing));
    let stale = play.refused(member(CANDIDATE_SIDE), moved(Stage::Submitted, Stage::Rejected));
    assert!(matches!(stale, Why::WrongStage { .. }), "{stale}");
    play.must(Author::Employer, moved(Stage::Interviewing, Stage::Screening));
    // What was seen stays seen.
    assert!(seen(&play, JOB_SIDE).contains(&CandidateField::Name));
    assert!(!seen(&play, JOB_SIDE).contains(&CandidateField::Contact));
}

#[test]
fn who_took_their_consent_back_is_shown_to_nobody_and_goes_no_further() {
    let mut play = Play::signed(&template(Template::Even));
    play.submit(1);
    play.submit(2);
    let document = |number, candidate| What::DocumentAdded {
        document: DocumentId::from_uuid(uuid::Uuid::from_u128(number)),
        sha256: Hash::ZERO,
        candidate,
        for_client: true,
    };
    play.must(member(CANDIDATE_SIDE), document(1, Some(candidate(1))));
    play.must(member(CANDIDATE_SIDE), document(2, None));
    let shown = |play: &Play, number| {
        let document = DocumentId::from_uuid(uuid::Uuid::from_u128(number));
        play.deal.shows_document(document, tenant(EMPLOYER))
    };
    assert!(shown(&play, 1) && shown(&play, 2));
    let moved = |to| What::StageMoved {
        candidate: candidate(1),
        from: Stage::Submitted,
        to,
        note: None,
    };
    let reason = "the job is gone".into();
    play.agreed(member(JOB_SIDE), What::Closed { reason });
    let confirmed = What::Confirmed {
        candidate: candidate(1),
    };
    let mut open = Play::signed(&template(Template::Even));
    open.submit(1);
    open.must(Author::Candidate, confirmed.clone());
    for play in [&mut play, &mut open] {
        let withdrawn = What::ConsentWithdrawn {
            candidate: candidate(1),
        };
        let fact = play.must(Author::Candidate, withdrawn.clone());
        // Said again it is another fact, and changes nothing.
        play.must(Author::Candidate, withdrawn);
        assert_eq!(play.deal.candidates()[&candidate(1)].withdrawn, Some(fact));
        for number in [JOB_SIDE, CANDIDATE_SIDE, EMPLOYER] {
            assert_eq!(play.deal.disclosed(candidate(1), tenant(number)), []);
        }
    }
    assert!(!shown(&play, 1) && shown(&play, 2));
    assert_ne!(play.deal.disclosed(candidate(2), tenant(JOB_SIDE)), []);
    assert_eq!(open.refused(Author::Candidate, confirmed), Why::ConsentWithdrawn);
    assert_eq!(
        open.refused(member(JOB_SIDE), moved(Stage::Screening)),
        Why::ConsentWithdrawn
    );
    assert_eq!(open.refused(member(JOB_SIDE), moved(Stage::Withdrawn)), Why::NotYours);
    open.must(member(CANDIDATE_SIDE), moved(Stage::Withdrawn));
}

#[test]
fn a_closed_deal_does_not_move_and_a_repeat_is_known() {
    let mut play = Play::signed(&terms());
    let fact = play.deal.facts()[0].clone();
    assert_eq!(play.deal.apply(fact).unwrap_err().why, Why::Repeated);
    play.now = at("2026-01-05T16:59:59.999999999Z");
    let closed = || What::Closed {
        reason: "the job is gone".into(),
    };
    assert_eq!(play.refused(member(JOB_SIDE), closed()), Why::OutOfOrder);
    play.on_day(0);
    assert_eq!(
        play.refused(member(JOB_SIDE), What::Closed { reason: " ".into() }),
        Why::Text
    );
    play.must(member(JOB_SIDE), closed());
    for by in [member(JOB_SIDE), Author::Network] {
        assert_eq!(play.refused(by, closed()), Why::NotInThisState);
    }
    let refused = play.try_to(member(JOB_SIDE), What::TermsWithdrawn {}).unwrap_err();
    assert!(refused.legal.contains(&Move::Placed) && !refused.legal.contains(&Move::ConsentWithdrawn));
    assert!(play.deal.legal_for(Author::Candidate).contains(&Move::ConsentWithdrawn));
    assert!(!play.deal.legal().contains(&Move::Noted));
    let text = refused.to_string();
    assert_eq!(
        text,
        "TermsWithdrawn is refused while the deal is Closed: the state does not allow it"
    );
}

#[test]
fn facts_replay_to_the_same_deal_also_from_json() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(59);
    play.agreed(Author::Employer, fell_off(59));
    let json = serde_json::to_string(play.deal.facts()).unwrap();
    let facts: Vec<Fact> = serde_json::from_str(&json).unwrap();
    assert_eq!(Deal::replay(play.deal.id(), facts).unwrap(), play.deal);
    let stranger = json.replacen("\"what\":", "\"extra\":1,\"what\":", 1);
    assert!(serde_json::from_str::<Vec<Fact>>(&stranger).is_err());
}
