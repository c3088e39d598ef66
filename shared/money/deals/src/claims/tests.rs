mod bounds;

use jiff::civil::date;

use super::*;
use crate::{
    Template,
    calendar::{Window, plus_days},
    sample::{at, event, template, tenant, terms},
    terms::PriorClaimRule,
};

const ADA: u128 = 21;
const BEN: u128 = 22;

fn fact(number: u128, when: &str, broker: u128, what: ClaimWhat) -> ClaimFact {
    ClaimFact {
        id: event(number),
        at: at(when),
        tenant: tenant(broker),
        what,
    }
}

fn submitted(number: u128, when: &str, broker: u128) -> ClaimFact {
    let consent_given_at = at(when);
    fact(number, when, broker, ClaimWhat::Submitted { consent_given_at })
}

fn rules() -> ClaimRules {
    template(Template::Replacement).claims
}

fn calendar() -> Calendar {
    terms().calendar().unwrap()
}

fn decide(rules: &ClaimRules, facts: &[ClaimFact], on: Date) -> (Vec<u128>, Vec<Rule>) {
    let decision = owner(rules, &calendar(), facts, on).unwrap();
    // The order in which facts are given changes nothing.
    let mut backwards = facts.to_vec();
    backwards.reverse();
    assert_eq!(owner(rules, &calendar(), &backwards, on).unwrap(), decision);
    assert!(decision.because.iter().all(|ground| !ground.facts.is_empty()));
    let claimed = is_claimed(rules, &calendar(), facts, on).unwrap();
    assert_eq!(claimed, !decision.owners.is_empty());
    let owners = decision.owners.iter().map(|owner| owner.tenant.uuid().as_u128());
    let rules = decision.because.iter().map(|ground| ground.rule);
    (owners.collect(), rules.collect())
}

#[test]
fn day_180_is_inside_the_window_and_day_181_is_not() {
    let facts = [submitted(1, "2026-01-15T17:00:00Z", ADA)];
    let on = |day| decide(&rules(), &facts, plus_days(date(2026, 1, 15), day).unwrap());
    assert_eq!(on(179), (vec![ADA], vec![Rule::InsideWindow]));
    assert_eq!(on(180), (vec![ADA], vec![Rule::InsideWindow]));
    assert_eq!(on(181), (vec![], vec![Rule::WindowOver]));
}

#[test]
fn the_window_begins_on_the_day_that_it_was_in_the_zone() {
    // 04:30 in UTC is still the 14th in New York, so day 180 is 13 July and not the 14th.
    let facts = [submitted(1, "2026-01-15T04:30:00Z", ADA)];
    assert_eq!(decide(&rules(), &facts, date(2026, 7, 13)).0, [ADA]);
    assert_eq!(decide(&rules(), &facts, date(2026, 7, 14)).0, []);
}

#[test]
fn twelve_months_end_on_the_same_date() {
    let facts = [submitted(1, "2024-02-29T17:00:00Z", ADA)];
    let rules = ClaimRules {
        window: Window::Months(12),
        ..rules()
    };
    assert_eq!(decide(&rules, &facts, date(2025, 2, 28)).0, [ADA]);
    assert_eq!(decide(&rules, &facts, date(2025, 3, 1)).0, []);
}

#[test]
fn of_two_in_the_same_instant_the_lower_id_is_first() {
    let when = "2026-01-15T17:00:00Z";
    let facts = [submitted(2, when, ADA), submitted(1, when, BEN)];
    let grounds = vec![Rule::InsideWindow, Rule::InsideWindow, Rule::First];
    assert_eq!(decide(&rules(), &facts, date(2026, 2, 1)), (vec![BEN], grounds));
    // In the same second, the earlier instant is first whatever the ids are.
    let facts = [
        submitted(2, "2026-01-15T17:00:00.000000001Z", ADA),
        submitted(1, "2026-01-15T17:00:00.000000002Z", BEN),
    ];
    assert_eq!(decide(&rules(), &facts, date(2026, 2, 1)).0, [ADA]);
}

#[test]
fn when_the_first_claim_ends_the_second_counts() {
    let facts = [
        submitted(1, "2026-01-15T17:00:00Z", ADA),
        submitted(2, "2026-03-15T17:00:00Z", BEN),
    ];
    assert_eq!(decide(&rules(), &facts, date(2026, 7, 14)).0, [ADA]);
    let grounds = vec![Rule::WindowOver, Rule::InsideWindow];
    assert_eq!(decide(&rules(), &facts, date(2026, 7, 15)), (vec![BEN], grounds));
}

#[test]
fn submitting_again_does_not_stretch_the_window() {
    let facts = [
        submitted(1, "2026-01-15T17:00:00Z", ADA),
        submitted(2, "2026-07-01T17:00:00Z", ADA),
    ];
    let grounds = vec![Rule::AlreadyClaimed, Rule::WindowOver];
    assert_eq!(decide(&rules(), &facts, date(2026, 7, 15)), (vec![], grounds));
    // Once the first has ended, a second is a claim of its own.
    let later = [facts[0], submitted(2, "2026-07-15T17:00:00Z", ADA)];
    assert_eq!(decide(&rules(), &later, date(2026, 8, 1)).0, [ADA]);
}

#[test]
fn a_candidate_who_confirms_two() {
    let confirmed = |number, when: &str, broker| fact(number, when, broker, ClaimWhat::Confirmed);
    let facts = [
        submitted(1, "2026-01-15T17:00:00Z", ADA),
        submitted(2, "2026-01-16T17:00:00Z", BEN),
        confirmed(3, "2026-01-17T17:00:00Z", BEN),
        confirmed(4, "2026-01-18T17:00:00Z", ADA),
        // Repeating what was said does not make it later.
        confirmed(5, "2026-01-19T17:00:00Z", BEN),
    ];
    let on = date(2026, 2, 1);
    let with = |several| {
        let rules = ClaimRules {
            basis: ClaimBasis::Confirmation,
            several,
            ..rules()
        };
        decide(&rules, &facts, on).0
    };
    assert_eq!(with(Several::First), [BEN]);
    assert_eq!(with(Several::Last), [ADA]);
    assert_eq!(with(Several::Shared), [BEN, ADA]);
    let rules = ClaimRules {
        basis: ClaimBasis::Confirmation,
        ..rules()
    };
    let unconfirmed = decide(&rules, &facts[..2], on);
    assert_eq!(unconfirmed, (vec![], vec![Rule::NotConfirmed, Rule::NotConfirmed]));
}

#[test]
fn a_confirmation_that_a_rival_does_not_know_the_address_of_does_not_decide() {
    let elsewhere = fact(3, "2026-01-16T17:00:00Z", ADA, ClaimWhat::ConfirmedElsewhere);
    let facts = [
        submitted(1, "2026-01-15T17:00:00Z", ADA),
        submitted(2, "2026-01-16T17:00:00Z", BEN),
        elsewhere,
        fact(4, "2026-01-17T17:00:00Z", BEN, ClaimWhat::Confirmed),
    ];
    let rules = ClaimRules {
        basis: ClaimBasis::Confirmation,
        several: Several::First,
        ..rules()
    };
    let (owners, because) = decide(&rules, &facts, date(2026, 2, 1));
    assert_eq!(owners, [BEN]);
    assert!(because.contains(&Rule::ConfirmedElsewhere) && because.contains(&Rule::NotConfirmed));
    assert_eq!(decide(&rules, &facts[..3], date(2026, 2, 1)).0, []);
}

#[test]
fn shared_is_in_equal_parts() {
    let rules = ClaimRules {
        several: Several::Shared,
        ..rules()
    };
    let facts = [
        submitted(1, "2026-01-15T17:00:00Z", ADA),
        submitted(2, "2026-01-16T17:00:00Z", BEN),
    ];
    let decision = owner(&rules, &calendar(), &facts, date(2026, 2, 1)).unwrap();
    let shares: Vec<String> = decision.owners.iter().map(|owner| owner.share.to_string()).collect();
    assert_eq!(shares, ["50%", "50%"]);
    assert_eq!(
        decision.because.last(),
        Some(&ground(Rule::Shared, &[event(1), event(2)]))
    );
}

#[test]
fn a_claim_lapses_when_nobody_speaks() {
    let rules = ClaimRules {
        lapses_after_days: Some(30),
        ..rules()
    };
    let first = submitted(1, "2026-01-15T17:00:00Z", ADA);
    assert_eq!(decide(&rules, &[first], date(2026, 2, 14)).0, [ADA]);
    assert_eq!(
        decide(&rules, &[first], date(2026, 2, 15)),
        (vec![], vec![Rule::Lapsed])
    );
    let in_time = fact(2, "2026-02-14T17:00:00Z", ADA, ClaimWhat::Contacted);
    assert_eq!(decide(&rules, &[first, in_time], date(2026, 3, 16)).0, [ADA]);
    // What has lapsed is not woken by a late word.
    let late = fact(2, "2026-02-15T17:00:00Z", ADA, ClaimWhat::Contacted);
    assert_eq!(decide(&rules, &[first, late], date(2026, 2, 16)).0, []);
}

#[test]
fn an_objection_needs_proof_inside_the_window_and_two_business_days() {
    // A Thursday; the second business day is the Monday.
    let first = submitted(1, "2026-01-15T17:00:00Z", ADA);
    let object = |raised: &str, last_contact_on| fact(2, raised, ADA, ClaimWhat::PriorClaim { last_contact_on });
    let judged = |objection| decide(&rules(), &[first, objection], date(2026, 1, 15));
    let monday = "2026-01-20T04:59:59Z";
    assert_eq!(
        judged(object(monday, date(2025, 7, 19))),
        (vec![], vec![Rule::PriorClaim])
    );
    let too_old = vec![Rule::PriorClaimOutsideWindow, Rule::InsideWindow];
    assert_eq!(judged(object(monday, date(2025, 7, 18))), (vec![ADA], too_old.clone()));
    assert_eq!(judged(object(monday, date(2026, 1, 16))), (vec![ADA], too_old));
    let tuesday = "2026-01-20T05:00:00Z";
    let too_late = vec![Rule::PriorClaimTooLate, Rule::InsideWindow];
    assert_eq!(judged(object(tuesday, date(2025, 12, 1))), (vec![ADA], too_late));
    let none = ClaimRules {
        prior_claim: None::<PriorClaimRule>,
        ..rules()
    };
    let objection = object(monday, date(2025, 12, 1));
    assert_eq!(decide(&none, &[first, objection], date(2026, 1, 15)).0, [ADA]);
}

#[test]
fn consent_comes_first_and_can_be_taken_back() {
    let consent_given_at = at("2026-01-15T17:00:01Z");
    let early = fact(
        1,
        "2026-01-15T17:00:00Z",
        ADA,
        ClaimWhat::Submitted { consent_given_at },
    );
    assert_eq!(
        decide(&rules(), &[early], date(2026, 2, 1)),
        (vec![], vec![Rule::NoConsent])
    );
    let first = submitted(1, "2026-01-15T17:00:00Z", ADA);
    let back = fact(2, "2026-01-20T17:00:00Z", ADA, ClaimWhat::ConsentWithdrawn);
    // Who had accepted before keeps the broker's claim.
    assert_eq!(decide(&rules(), &[first, back], date(2026, 1, 19)).0, [ADA]);
    assert_eq!(decide(&rules(), &[first, back], date(2026, 1, 20)).0, []);
    let stray = fact(3, "2026-01-21T17:00:00Z", BEN, ClaimWhat::Confirmed);
    assert_eq!(decide(&rules(), &[stray], date(2026, 2, 1)), (vec![], vec![]));
}

#[test]
fn what_one_broker_did_in_one_instant_is_in_the_order_of_ids() {
    let when = "2026-01-15T17:00:00Z";
    let back = |number| fact(number, when, ADA, ClaimWhat::ConsentWithdrawn);
    assert_eq!(
        decide(&rules(), &[submitted(1, when, ADA), back(2)], date(2026, 2, 1)).0,
        []
    );
    assert_eq!(
        decide(&rules(), &[submitted(2, when, ADA), back(1)], date(2026, 2, 1)).0,
        [ADA]
    );
}

#[test]
fn the_person_comes_back_under_a_new_record() {
    // 28 January is the last of the 180 days after the contact.
    let objection = ClaimWhat::PriorClaim {
        last_contact_on: date(2025, 8, 1),
    };
    let facts = [
        submitted(1, "2026-01-15T17:00:00Z", ADA),
        fact(2, "2026-01-16T17:00:00Z", ADA, objection),
        submitted(3, "2026-01-20T17:00:00Z", ADA),
    ];
    let ended = vec![Rule::PriorClaim, Rule::PriorClaim];
    assert_eq!(decide(&rules(), &facts, date(2026, 1, 21)), (vec![], ended));
    // It was raised against this agency's submittal, and another's is another.
    let rival = [facts[0], facts[1], submitted(3, "2026-01-20T17:00:00Z", BEN)];
    assert_eq!(decide(&rules(), &rival, date(2026, 1, 21)).0, [BEN]);
    // Once the contact is out of its window, a submittal is a claim again.
    let later = [facts[0], facts[1], submitted(3, "2026-01-29T17:00:00Z", ADA)];
    assert_eq!(decide(&rules(), &later, date(2026, 2, 1)).0, [ADA]);
    let inside = [facts[0], facts[1], submitted(3, "2026-01-28T17:00:00Z", ADA)];
    assert_eq!(decide(&rules(), &inside, date(2026, 2, 1)).0, []);
}

#[test]
fn an_objection_in_another_deal_holds_for_what_is_submitted_after_what_it_ended() {
    let objected = |submitted_at: &str| {
        let what = ClaimWhat::ObjectedBefore {
            submitted_at: at(submitted_at),
            last_contact_on: date(2025, 12, 1),
        };
        fact(2, "2026-01-16T17:00:00Z", ADA, what)
    };
    let first = submitted(1, "2026-01-15T17:00:00Z", ADA);
    let on = date(2026, 1, 21);
    let ended = (vec![], vec![Rule::PriorClaim]);
    assert_eq!(decide(&rules(), &[first, objected("2026-01-14T17:00:00Z")], on), ended);
    assert_eq!(
        decide(&rules(), &[first, objected("2026-01-15T17:00:00.000000001Z")], on).0,
        [ADA],
        "what was submitted before was not objected to"
    );
    let next = submitted(3, "2026-01-18T17:00:00Z", ADA);
    assert_eq!(decide(&rules(), &[objected("2026-01-14T17:00:00Z"), next], on), ended);
}

#[test]
fn a_claim_that_counts_late_is_ordered_late_and_ends_no_later() {
    let late = |number, when: &str, broker, from: &str| {
        let what = ClaimWhat::SubmittedBefore {
            consent_given_at: at(when),
            counts_from: at(from),
        };
        fact(number, when, broker, what)
    };
    let ada = late(1, "2026-01-15T17:00:00Z", ADA, "2026-03-01T17:00:00Z");
    let ben = submitted(2, "2026-02-01T17:00:00Z", BEN);
    assert_eq!(decide(&rules(), &[ada], date(2026, 2, 28)).0, [], "not yet");
    assert_eq!(decide(&rules(), &[ada], date(2026, 3, 1)).0, [ADA]);
    assert_eq!(decide(&rules(), &[ada, ben], date(2026, 3, 2)).0, [BEN]);
    assert_eq!(decide(&rules(), &[ada], date(2026, 7, 14)).0, [ADA]);
    assert_eq!(
        decide(&rules(), &[ada], date(2026, 7, 15)),
        (vec![], vec![Rule::WindowOver]),
        "180 days from the submittal"
    );
    // The days to object run from the submittal too, so no late count opens them again.
    let objection = ClaimWhat::PriorClaim {
        last_contact_on: date(2025, 12, 1),
    };
    let objected = fact(3, "2026-03-02T17:00:00Z", ADA, objection);
    assert_eq!(decide(&rules(), &[ada, objected], date(2026, 3, 3)).0, [ADA]);
    // A second submittal that counts sooner brings the claim forward, and its end nowhere.
    let second = submitted(4, "2026-01-20T17:00:00Z", ADA);
    assert_eq!(decide(&rules(), &[ada, second, ben], date(2026, 3, 2)).0, [ADA]);
    assert_eq!(decide(&rules(), &[ada, second], date(2026, 7, 15)).0, []);
    let lapsing = ClaimRules {
        lapses_after_days: Some(30),
        ..rules()
    };
    assert_eq!(
        decide(&lapsing, &[ada], date(2026, 3, 2)).0,
        [],
        "nobody spoke for 30 days"
    );
}
