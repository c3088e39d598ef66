//! Random walks: whatever is told in whatever order, the money works out and a refusal leaves no trace.

use proptest::prelude::*;

use super::super::*;
use crate::{
    Template, Who,
    calendar::plus_days,
    dispute::{RuledShare, Ruling},
    fact::Author,
    sample::{
        ARBITER, CANDIDATE_SIDE, JOB_SIDE, Play, candidate, charged_back, check_money, disputed, invoiced, member,
        paid, sample_ruling, submitted, template,
    },
    terms::PaymentTiming,
};

/// A step: which move, how many days later, and a number for its particulars.
type Step = (u8, u8, u16);

fn step(play: &mut Play, terms: &Terms, (which, days, number): Step) {
    let hours = jiff::SignedDuration::from_hours(i64::from(days % 12) * 24);
    play.now = play.now.checked_add(hours).unwrap();
    let today = terms.calendar().unwrap().date(play.now);
    let ago = |days: u16| plus_days(today, -i64::from(days)).unwrap();
    let open = play.deal.invoices().first().map_or(0, Invoice::outstanding);
    let about = u128::from(number % 3);
    let received = play
        .deal
        .invoices()
        .first()
        .map_or(0, |invoice| invoice.received_minor_units);
    let (by, what) = match which % 17 {
        0 => (member(CANDIDATE_SIDE), submitted(about, play.now)),
        1 => (
            Author::Candidate,
            What::Confirmed {
                candidate: candidate(about),
            },
        ),
        2 | 3 => {
            let placed = What::Placed {
                candidate: candidate(about),
                pay: Some(crate::sample::yearly(16_666_665, terms.currency)),
                accepted_on: today,
                starts_on: plus_days(today, i64::from(number % 5)).unwrap(),
                evidence: None,
            };
            (member(JOB_SIDE), placed)
        }
        5 => (Author::Network, paid(terms, "1", open)),
        6 | 7 => (Author::Network, paid(terms, "1", open * i64::from(number % 100) / 100)),
        8 => {
            let fell_off = What::FellOff {
                last_day: ago(number % 7),
                reason: "resigned".into(),
            };
            (Author::Employer, fell_off)
        }
        9 => (Author::Employer, What::ReplacementStarted {}),
        10 => (Author::Employer, What::RefundChosen {}),
        11 if number % 4 == 0 => (member(JOB_SIDE), disputed(terms, open.max(1))),
        12 if number % 2 == 0 => (member(JOB_SIDE), What::DisputeWithdrawn { dispute: None }),
        12 => (member(JOB_SIDE), What::DisputeEscalated { dispute: None }),
        13 if number % 2 == 0 => (
            member(ARBITER),
            sample_ruling(Ruling::Refunded {
                amount: terms.money(i64::from(number)),
            }),
        ),
        14 => {
            let share = |party: &str, part: u64| RuledShare {
                party: party.parse().unwrap(),
                share: inventure_ledger::Share::new(part, 1_000).unwrap(),
            };
            let part = u64::from(number % 1_001);
            let shares = vec![share("job", part), share("candidate", 1_000 - part)];
            (member(ARBITER), sample_ruling(Ruling::Reallocated { shares }))
        }
        16 => (
            Author::Network,
            charged_back(terms, "1", received * i64::from(number % 101) / 100),
        ),
        4 | 11 | 13 => (member(JOB_SIDE), invoiced(terms, "1", 3_333_333)),
        _ => (Author::Network, What::GuaranteeEnded {}),
    };
    // Most are refused, which is half of what is tested: the play looks whether a refusal changed anything.
    let Ok(fact) = play.try_to(by, what) else { return };
    // What waits for an answer gets one of each kind: all say yes, somebody says no, nobody says anything.
    if let Some(who) = play.awaits(fact) {
        let by = play.author(&who);
        let no = What::AssertionContested {
            assertion: fact,
            reason: "it is not so".into(),
        };
        match number % 5 {
            0 => drop(play.try_to(by, no)),
            1 => {
                let over = play.deal.assertion(fact).and_then(|known| known.accepted_from);
                play.now = over.unwrap_or(play.now);
                let _ = play.try_to(Author::Network, What::AssertionAccepted { assertion: fact });
            }
            _ => {
                while let Some(who) = play.awaits(fact) {
                    let by = play.author(&who);
                    if play.try_to(by, What::AssertionConfirmed { assertion: fact }).is_err() {
                        break;
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_money_works_out_whatever_happens(
        kind in prop::sample::select(Template::ALL.to_vec()),
        timing in 0..3_usize,
        steps in prop::collection::vec(any::<Step>(), 1..120),
    ) {
        let mut terms = template(kind);
        terms.payment = [PaymentTiming::Hours(24), PaymentTiming::NextBusinessDay, PaymentTiming::AfterGuarantee][timing];
        // One step of the ladder, or no walk would ever reach a ruling.
        terms.disputes.steps.truncate(1);
        let mut play = Play::signed(&terms);
        for taken in steps {
            step(&mut play, &terms, taken);
        }
        check_money(&play.deal);
        let outsiders = play.deal.settle().unwrap().movements;
        let known = |who: &Who| ["client", "network", "job", "candidate"].contains(&who.to_string().as_str());
        prop_assert!(outsiders.iter().all(|movement| known(&movement.who)));
        let json = serde_json::to_string(play.deal.facts()).unwrap();
        let facts: Vec<Fact> = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(Deal::replay(play.deal.id(), facts).unwrap(), play.deal);
    }
}
