//! Deadlines after which the network acts by itself.

use jiff::civil::date;

use super::super::*;
use crate::{
    Template,
    deadline::Deadline,
    fact::Author,
    sample::{
        CANDIDATE_SIDE, JOB_SIDE, Play, at, fell_off, invoiced, member, of_rules_1, placed, signature, template, terms,
    },
};

#[test]
fn nobody_is_reminded_of_a_bill_under_the_first_rules() {
    let mut play = Play::signed(&of_rules_1(terms()));
    // New terms of format 2 in a deal of the first rules: its bills have a last day, and the rules stay.
    let mut next = terms();
    (next.version, next.schedule) = (2, None);
    let proposed = What::TermsProposed {
        terms: Box::new(next.clone()),
    };
    play.must(member(JOB_SIDE), proposed);
    for number in [JOB_SIDE, CANDIDATE_SIDE] {
        play.must(member(number), signature(&next, number));
    }
    play.submit(1);
    play.on_day(0).must(member(JOB_SIDE), placed(1, 0, 0));
    play.must(member(JOB_SIDE), invoiced(&next, "1", 3_333_333));
    assert_eq!(
        (play.deal.rules(), play.deal.invoices()[0].due_on),
        (1, Some(date(2026, 2, 14)))
    );
    assert_eq!(play.deal.deadline(), None);
    play.must(Author::Network, What::RulesAdopted { rules: RULES });
    let reminded = Deadline {
        at: at("2026-02-15T05:00:00Z"),
        then: What::PaymentReminded { invoice: "1".into() },
    };
    assert_eq!(play.deal.deadline(), Some(reminded));
}

#[test]
fn a_replacement_that_is_reported_once_the_days_are_over_is_not_waited_for() {
    let mut terms = template(Template::Replacement);
    terms.bills.as_mut().unwrap().due_within_days = 180;
    let mut play = Play::billed(&terms);
    play.on_day(20).agreed(member(JOB_SIDE), fell_off(20));
    play.must(member(JOB_SIDE), What::ReplacementStarted {});
    play.submit(2);
    // 60 days after day 20 is 5 April, to its end in New York.
    let over = at("2026-04-06T04:00:00Z");
    let deadline = |reported: &str| {
        let mut play = play.clone();
        play.now = at(reported);
        let assertion = play.must(member(JOB_SIDE), placed(2, 80, 80));
        let deadline = play.deal.deadline().unwrap();
        (
            deadline.at,
            deadline.then == What::AssertionAccepted { assertion },
            deadline.then,
        )
    };
    let (accepted_at, is_accepted, _) = deadline("2026-04-06T03:59:59.999999999Z");
    // Five days to answer a report of 5 April.
    assert_eq!((accepted_at, is_accepted), (at("2026-04-11T04:00:00Z"), true));
    assert_eq!(deadline("2026-04-06T04:00:00Z"), (over, false, What::RefundChosen {}));
}
