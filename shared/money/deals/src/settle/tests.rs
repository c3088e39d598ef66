mod grounds;

use inventure_core::EventId;

use crate::{
    Author, Reason, State, Template, Who, Why,
    dispute::{RuledShare, Ruling},
    fact::What,
    sample::{
        CANDIDATE_SIDE, JOB_SIDE, Play, at, charged_back, check_money, disputed, fell_off, member, paid, sample_ruling,
        template, terms,
    },
    terms::{PaymentTiming, Terms},
};

fn released(play: &Play) -> Vec<(String, i64)> {
    let settlement = play.deal.settle().unwrap();
    let released = settlement
        .movements
        .iter()
        .filter(|movement| movement.why == Reason::Released);
    released
        .map(|movement| (movement.at.to_string(), movement.amount.minor_units))
        .collect()
}

fn paid_at(terms: &Terms, now: &str) -> Play {
    let mut play = Play::billed(terms);
    play.now = at(now);
    play.must(Author::Network, paid(terms, "1", 3_333_333));
    play
}

#[test]
fn the_next_business_day_is_one_in_the_zone_of_the_terms() {
    let terms = terms();
    // Friday 13 February, 23:30 in New York, is Saturday in London: paid on Monday either way.
    assert_eq!(
        released(&paid_at(&terms, "2026-02-14T04:30:00Z"))[0].0,
        "2026-02-16T05:00:00Z"
    );
    // Sunday 23:30 in New York is Monday in London: paid on Monday, not Tuesday.
    assert_eq!(
        released(&paid_at(&terms, "2026-02-16T04:30:00Z"))[0].0,
        "2026-02-16T05:00:00Z"
    );
    let mut closed = terms.clone();
    closed.closed_on = vec![jiff::civil::date(2026, 2, 16)];
    assert_eq!(
        released(&paid_at(&closed, "2026-02-14T04:30:00Z"))[0].0,
        "2026-02-17T05:00:00Z"
    );
    // The night in which clocks go forward: Monday begins at four in UTC, not at five.
    assert_eq!(
        released(&paid_at(&terms, "2026-03-07T17:00:00Z"))[0].0,
        "2026-03-09T04:00:00Z"
    );
}

#[test]
fn hours_are_hours_also_in_the_night_in_which_clocks_change() {
    let terms = template(Template::Platform);
    assert_eq!(
        released(&paid_at(&terms, "2026-03-07T17:00:00Z"))[0].0,
        "2026-03-08T17:00:00Z"
    );
}

#[test]
fn what_waits_for_the_guarantee_waits_for_the_start_of_the_day_after() {
    let terms = template(Template::Replacement);
    // Day 90 is 15 April, and clocks went forward in March.
    assert_eq!(
        released(&paid_at(&terms, "2026-02-14T17:00:00Z"))[0].0,
        "2026-04-16T04:00:00Z"
    );
    // Who pays after the guarantee is not waited for.
    assert_eq!(
        released(&paid_at(&terms, "2026-05-01T17:00:00Z"))[0].0,
        "2026-05-01T17:00:00Z"
    );
}

#[test]
fn partial_payments_add_up_to_the_shares() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    for minor_units in [1, 2, 1_000_000, 2_333_330] {
        play.must(Author::Network, paid(&terms, "1", minor_units));
    }
    assert_eq!(play.deal.state(), State::Paid);
    let totals = crate::simulate::totals(&play.deal.settle().unwrap().movements);
    let payable = |who: &str| {
        let who: Who = who.parse().unwrap();
        totals
            .iter()
            .find(|total| total.who == who)
            .unwrap()
            .payable_minor_units
    };
    assert_eq!(
        [payable("job"), payable("candidate"), payable("network")],
        [1_583_334, 1_583_333, 166_666]
    );
}

#[test]
fn nothing_is_paid_out_while_a_dispute_is_open() {
    let terms = terms();
    let mut play = paid_at(&terms, "2026-02-14T04:30:00Z");
    play.must(member(JOB_SIDE), disputed(&terms, 3_333_333));
    assert_eq!(play.deal.settle().unwrap().held_minor_units, 3_333_333);
    assert!(released(&play).is_empty());
    play.on(2026, 2, 20);
    play.must(member(JOB_SIDE), What::DisputeWithdrawn { dispute: None });
    assert_eq!(play.deal.state(), State::Paid);
    // It had fallen due on the 16th and is released when the dispute ends.
    assert_eq!(released(&play)[0], ("2026-02-20T17:00:00Z".into(), 1_583_334));
    let movements = play.deal.settle().unwrap().movements;
    let facts: Vec<EventId> = play.deal.facts().iter().map(|fact| fact.id).collect();
    // The payment, and the end of the dispute.
    let [.., payment, _, ended] = facts[..] else {
        unreachable!()
    };
    assert_eq!(movements[4].facts, [payment, ended]);
}

fn ruled(play: &mut Play, ruling: Ruling) {
    play.must(member(CANDIDATE_SIDE), disputed(&terms(), 3_333_333));
    play.show(member(CANDIDATE_SIDE), 7);
    for day in [3, 4] {
        play.on(2026, day, 1);
        play.must(member(CANDIDATE_SIDE), What::DisputeEscalated { dispute: None });
    }
    play.on(2026, 5, 1);
    play.must(member(crate::sample::ARBITER), sample_ruling(ruling));
}

#[test]
fn a_ruling_shares_anew_what_the_parties_have() {
    let terms = terms();
    for early in [true, false] {
        let mut play = Play::billed(&terms);
        play.on(2026, 2, 13);
        play.must(Author::Network, paid(&terms, "1", 3_333_333));
        if early {
            // Paid out on the 16th, before the dispute.
            play.on(2026, 2, 17);
        }
        let share = |party: &str, share: &str| RuledShare {
            party: party.parse().unwrap(),
            share: share.parse().unwrap(),
        };
        let wrong = Ruling::Reallocated {
            shares: vec![share("job", "20%"), share("nobody", "80%")],
        };
        let right = Ruling::Reallocated {
            shares: vec![share("job", "20%"), share("candidate", "80%")],
        };
        ruled(&mut play, right);
        let settlement = play.deal.settle().unwrap();
        let totals = crate::simulate::totals(&settlement.movements);
        let payable: Vec<i64> = totals.iter().map(|total| total.payable_minor_units).collect();
        // client, network, candidate, job
        assert_eq!(payable, [0, 166_666, 2_533_333, 633_334], "early: {early}");
        assert_eq!(settlement.held_minor_units, 0);
        let back = settlement
            .movements
            .iter()
            .any(|movement| movement.why == Reason::TakenBackPayable);
        assert_eq!(back, early);
        play.must(member(JOB_SIDE), disputed(&terms, 1));
        let early_ruling = play.refused(member(crate::sample::ARBITER), sample_ruling(wrong));
        assert!(matches!(early_ruling, Why::Dispute(_)));
    }
}

#[test]
fn who_a_ruling_gives_nothing_gets_no_unit_that_is_left() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on(2026, 2, 13);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let share = |party: &str, share: &str| RuledShare {
        party: party.parse().unwrap(),
        share: share.parse().unwrap(),
    };
    let shares = vec![share("job", "0%"), share("candidate", "100%")];
    ruled(&mut play, Ruling::Reallocated { shares });
    let totals = crate::simulate::totals(&play.deal.settle().unwrap().movements);
    let payable: Vec<i64> = totals.iter().map(|total| total.payable_minor_units).collect();
    // client, network, candidate, job
    assert_eq!(payable[..3], [0, 166_666, 3_166_667]);
    assert!(payable[3..].iter().all(|units| *units == 0));
}

#[test]
fn a_ruling_may_give_the_client_something_back() {
    let terms = terms();
    let mut play = paid_at(&terms, "2026-02-13T17:00:00Z");
    play.on(2026, 2, 17);
    ruled(
        &mut play,
        Ruling::Refunded {
            amount: terms.money(333_333),
        },
    );
    let totals = crate::simulate::totals(&play.deal.settle().unwrap().movements);
    assert_eq!(totals[0].out_minor_units, 333_333);
    let taken: i64 = totals[1..].iter().map(|total| total.out_minor_units).sum();
    assert_eq!(taken, 333_333);
    assert_eq!(play.deal.state(), State::Paid);
}

#[test]
fn an_unpaid_bill_is_credited_and_what_stays_is_still_owed() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on_day(45);
    play.agreed(member(JOB_SIDE), fell_off(45));
    let movements = play.deal.settle().unwrap().movements;
    assert!(movements.iter().all(|movement| movement.who != Who::Client));
    // Half of 33,333.33, half a cent up for the client.
    let outstanding_minor_units = play.deal.invoices()[0].outstanding();
    assert_eq!(outstanding_minor_units, 1_666_666);
    let closed = What::Closed { reason: "done".into() };
    assert_eq!(play.refused(member(JOB_SIDE), closed.clone()), Why::MoneyOpen);
    let much = play.refused(Author::Network, paid(&terms, "1", 1_666_667));
    assert_eq!(
        much,
        Why::TooMuch {
            outstanding_minor_units
        }
    );
    play.must(Author::Network, paid(&terms, "1", 1_666_666));
    assert_eq!(play.deal.settle().unwrap().held_minor_units, 0);
    play.must(member(JOB_SIDE), closed);
    assert_eq!(play.deal.state(), State::Closed);
}

#[test]
fn what_is_reserved_is_taken_before_what_was_paid_out() {
    let mut terms = terms();
    terms.guarantee.refund = crate::terms::RefundCurve::ProRata;
    let mut play = Play::billed(&terms);
    play.on_day(1);
    play.must(Author::Network, paid(&terms, "1", 1_000_000));
    play.on_day(45);
    play.must(Author::Network, paid(&terms, "1", 2_333_333));
    play.agreed(member(JOB_SIDE), fell_off(45));
    let settlement = play.deal.settle().unwrap();
    let because: Vec<Reason> = settlement.movements.iter().map(|movement| movement.why).collect();
    // Half goes back, and less than half had been paid out.
    assert!(because.contains(&Reason::TakenBackReserved) && !because.contains(&Reason::TakenBackPayable));
    let totals = crate::simulate::totals(&settlement.movements);
    assert_eq!(totals[0].out_minor_units, 1_666_667);
    let payable: i64 = totals.iter().map(|total| total.payable_minor_units).sum();
    assert_eq!(payable, 1_666_666);
}

#[test]
fn who_left_before_the_bill_leaves_the_same_to_pay() {
    let terms = terms();
    let mut play = Play::signed(&terms);
    play.submit(1);
    play.on_day(0);
    play.agreed(member(JOB_SIDE), crate::sample::placed(1, 0, 0));
    play.on_day(45);
    play.agreed(member(JOB_SIDE), fell_off(45));
    play.must(member(JOB_SIDE), crate::sample::invoiced(&terms, "1", 3_333_333));
    assert_eq!(
        (play.deal.state(), play.deal.invoices()[0].outstanding()),
        (State::FallenOff, 1_666_666)
    );
    play.must(Author::Network, paid(&terms, "1", 1_666_666));
    let totals = crate::simulate::totals(&play.deal.settle().unwrap().movements);
    let payable: i64 = totals.iter().map(|total| total.payable_minor_units).sum();
    assert_eq!(payable, 1_666_666);
}

#[test]
fn a_bill_beyond_what_can_be_counted_is_refused() {
    let mut terms = terms();
    let bill = |terms: &mut Terms, minor_units| {
        terms.fee = crate::terms::FeeBase::Flat {
            minor_units: crate::MinorUnits(minor_units),
        };
        let mut play = Play::signed(terms);
        play.submit(1);
        play.on_day(0);
        let placed = What::Placed {
            candidate: crate::sample::candidate(1),
            pay: None,
            accepted_on: jiff::civil::date(2026, 1, 15),
            starts_on: jiff::civil::date(2026, 1, 15),
            evidence: None,
        };
        // The placement is refused, or nothing could ever be billed for it.
        play.try_to(member(JOB_SIDE), placed.clone())
            .map_err(|refused| refused.why)?;
        let mut play = Play::signed(terms);
        play.submit(1);
        play.on_day(0);
        play.agreed(member(JOB_SIDE), placed);
        play.try_to(member(JOB_SIDE), crate::sample::invoiced(terms, "1", minor_units))
            .map_err(|refused| refused.why)
    };
    // Of what every JSON library holds exactly, each of 32 sides has an equal part.
    let most = ((1_i64 << 53) - 1) / 32;
    assert!(bill(&mut terms, most).is_ok());
    for minor_units in [most + 1, i64::MAX] {
        assert_eq!(bill(&mut terms, minor_units), Err(Why::Fee(crate::FeeError::TooLarge)));
    }
}

#[test]
fn nothing_is_paid_out_until_there_is_a_replacement() {
    let mut terms = template(Template::Replacement);
    terms.payment = PaymentTiming::Hours(24);
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 1_000_000));
    play.agreed(member(JOB_SIDE), fell_off(0));
    play.on_day(5);
    assert!(released(&play).is_empty());
    play.must(Author::Employer, What::ReplacementStarted {});
    play.submit(2);
    assert_eq!(play.deal.settle().unwrap().held_minor_units, 1_000_000);
    play.agreed(member(JOB_SIDE), crate::sample::placed(2, 5, 6));
    let replaced = play.deal.facts().last().unwrap().id;
    play.on_day(7);
    let second = play.must(Author::Network, paid(&terms, "1", 2_333_333));
    let movements = play.deal.settle().unwrap().movements;
    let released: Vec<&crate::Movement> = movements
        .iter()
        .filter(|movement| movement.why == Reason::Released)
        .collect();
    assert_eq!(released[0].at.to_string(), "2026-01-20T17:00:00Z");
    assert_eq!(released[0].facts.last(), Some(&replaced));
    // What came after the wait has not waited.
    assert_eq!(released[3].facts, [second]);
}

/// Returns each movement with this reason, as the side and the amount.
fn sums(play: &Play, why: Reason) -> Vec<(String, i64)> {
    let settlement = play.deal.settle().unwrap();
    let own = settlement.movements.iter().filter(|movement| movement.why == why);
    own.map(|movement| (movement.who.to_string(), movement.amount.minor_units))
        .collect()
}

#[test]
fn a_payment_that_is_charged_back_is_owed_again_and_paid_out_again_once_it_comes() {
    let terms = terms();
    let mut play = paid_at(&terms, "2026-02-14T04:30:00Z");
    play.now = at("2026-02-20T12:00:00Z");
    let first = released(&play);
    let too_much = play.try_to(Author::Network, charged_back(&terms, "1", 3_333_334));
    let received_minor_units = 3_333_333;
    assert_eq!(too_much.unwrap_err().why, Why::NotPaid { received_minor_units });
    let unknown = play.try_to(Author::Network, charged_back(&terms, "2", 1));
    assert_eq!(unknown.unwrap_err().why, Why::UnknownInvoice);
    let stranger = play.try_to(member(JOB_SIDE), charged_back(&terms, "1", 1));
    assert_eq!(
        stranger.unwrap_err().why,
        Why::NotYours,
        "a party could take its partner's money"
    );
    play.must(Author::Network, charged_back(&terms, "1", 3_333_333));
    assert_eq!(play.deal.state(), State::Invoiced);
    let taken: i64 = sums(&play, Reason::TakenBackPayable)
        .iter()
        .map(|(_, units)| units)
        .sum();
    assert_eq!(taken, 3_333_333, "nobody keeps what the bank has");
    assert_eq!(sums(&play, Reason::ChargedBack), [("client".to_owned(), 3_333_333)]);
    check_money(&play.deal);
    play.now = at("2026-03-20T12:00:00Z");
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    assert_eq!(play.deal.state(), State::Paid);
    let again: Vec<i64> = released(&play)[first.len()..].iter().map(|(_, units)| *units).collect();
    assert_eq!(again, first.iter().map(|(_, units)| *units).collect::<Vec<_>>());
    check_money(&play.deal);
}

#[test]
fn a_part_that_is_charged_back_takes_from_each_in_proportion_and_opens_a_deal_that_was_over() {
    let terms = terms();
    let mut play = paid_at(&terms, "2026-02-14T04:30:00Z");
    play.now = at("2027-02-14T04:30:00Z");
    play.must(Author::Network, What::GuaranteeEnded {});
    play.must(
        Author::Network,
        What::Closed {
            reason: "settled".into(),
        },
    );
    play.must(Author::Network, charged_back(&terms, "1", 1_000_000));
    assert_eq!(play.deal.state(), State::Invoiced);
    assert_eq!(play.deal.invoices()[0].outstanding(), 1_000_000);
    let taken = sums(&play, Reason::TakenBackPayable);
    assert_eq!(taken.iter().map(|(_, units)| units).sum::<i64>(), 1_000_000);
    let of = |who: &str| taken.iter().find(|(known, _)| known == who).map(|(_, units)| *units);
    assert_eq!(
        of("network"),
        Some(49_999),
        "five in a hundred, rounded down: {taken:?}"
    );
    check_money(&play.deal);
}
