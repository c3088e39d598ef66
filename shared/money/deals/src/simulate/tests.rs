mod stories;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{
    Template, Why, sample,
    terms::{GuaranteeLevel, PaymentTiming, RefundCurve, RefundStep},
};

fn table(outcome: &Outcome) -> String {
    let zone = jiff::tz::TimeZone::UTC;
    let line = |movement: &Movement| {
        let at = zone.to_datetime(movement.at).strftime("%Y-%m-%d %H:%M");
        let amount = inventure_ledger::amount::display(movement.amount);
        format!("{at} {:?} {} {amount}", movement.why, movement.who)
    };
    outcome.movements.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn refunded(outcome: &Outcome) -> i64 {
    let client = outcome.totals.iter().find(|total| total.who == Who::Client);
    client.map_or(0, |client| client.out_minor_units)
}

#[test]
fn paid_on_day_30_and_gone_on_day_59() {
    let steps = [(30, ScenarioEvent::Paid), (59, ScenarioEvent::FallsOff)];
    let outcome = simulate(&sample::terms(), &sample::story(&steps)).unwrap();
    assert_eq!(outcome.state, State::FallenOff);
    insta::assert_snapshot!(table(&outcome));
    assert_eq!(refunded(&outcome), 1_148_148);
    assert_eq!(outcome.held_minor_units, 0);
}

#[test]
fn the_last_day_of_the_guarantee_is_inside_and_the_next_is_not() {
    for (days, level) in [(60_u16, 60_u16), (90, 90)] {
        let mut terms = sample::terms();
        terms.guarantee.refund = RefundCurve::Full;
        terms.guarantee.levels = vec![GuaranteeLevel {
            fee_from_minor_units: crate::MinorUnits(0),
            days: level,
        }];
        let gone_on = |day| {
            simulate(
                &terms,
                &sample::story(&[(30, ScenarioEvent::Paid), (day, ScenarioEvent::FallsOff)]),
            )
        };
        for day in [days - 1, days] {
            assert_eq!(refunded(&gone_on(day).unwrap()), 3_333_333, "day {day}");
        }
        let Err(SimulateError::Refused { step: 2, refused }) = gone_on(days + 1) else {
            panic!("day {} is outside", days + 1);
        };
        let last_day = date(2026, 1, 15).checked_add(jiff::Span::new().days(days)).unwrap();
        let day = days + 1;
        assert_eq!(refused.why, Why::NotCovered { day, days, last_day });
    }
}

#[test]
fn a_replacement_starts_the_clock_anew_and_keeps_the_fee() {
    let terms = sample::template(Template::Replacement);
    let steps = [
        (30, ScenarioEvent::Paid),
        (59, ScenarioEvent::FallsOff),
        (80, ScenarioEvent::Replaced),
        (170, ScenarioEvent::FallsOff),
    ];
    let outcome = simulate(&terms, &sample::story(&steps)).unwrap();
    // Day 170 is day 90 of the replacement; there is one replacement only, so the client is refunded.
    assert_eq!(refunded(&outcome), 3_333_333);
    let outcome = simulate(&terms, &sample::story(&steps[..3])).unwrap();
    assert_eq!((outcome.state, refunded(&outcome)), (State::Paid, 0));
    insta::assert_snapshot!(table(&outcome));
    let late = [(59, ScenarioEvent::FallsOff), (120, ScenarioEvent::Replaced)];
    let Err(SimulateError::Refused { refused, .. }) = simulate(&terms, &sample::story(&late)) else {
        panic!("60 days to replace are over on day 119");
    };
    assert_eq!(refused.why, Why::TooLate(date(2026, 5, 14)));
}

#[test]
fn a_clock_that_goes_on_ends_when_the_first_would_have() {
    let mut terms = sample::template(Template::Replacement);
    terms.guarantee.replacement = terms.guarantee.replacement.map(|mut rule| {
        rule.restarts_clock = false;
        rule
    });
    let steps = |last| {
        [
            (30, ScenarioEvent::Paid),
            (59, ScenarioEvent::FallsOff),
            (80, ScenarioEvent::Replaced),
            (last, ScenarioEvent::FallsOff),
        ]
    };
    assert_eq!(
        refunded(&simulate(&terms, &sample::story(&steps(90))).unwrap()),
        3_333_333
    );
    assert!(simulate(&terms, &sample::story(&steps(91))).is_err());
}

#[test]
fn currencies_without_and_with_three_decimals() {
    let parts = sample::parts("JPY");
    let yen = Template::Even.terms(&parts, "Asia/Tokyo");
    let mut scenario = sample::story(&[(1, ScenarioEvent::Paid)]);
    scenario.pay = Some(sample::yearly(75, parts.currency));
    let earned = |outcome: &Outcome| -> Vec<i64> {
        let shares = outcome.totals.iter().filter(|total| total.who != Who::Client);
        shares.map(|total| total.in_minor_units).collect()
    };
    // 15 yen are 7.125, 7.125 and 0.75: the unit that is left goes to the first of the terms, the network gets none.
    // Totals are in the order of names: the network, the candidate's side, the job's side.
    let outcome = simulate(&yen, &scenario).unwrap();
    assert_eq!(earned(&outcome), [7, 8]);
    let parts = sample::parts("KWD");
    let dinar = Template::Platform.terms(&parts, "Asia/Kuwait");
    scenario.pay = Some(sample::yearly(61_725_000, parts.currency));
    let outcome = simulate(&dinar, &scenario).unwrap();
    assert_eq!(earned(&outcome), [1_234_500, 5_555_250, 5_555_250]);
}

#[test]
fn three_parties_and_a_source() {
    let mut terms = sample::template(Template::BySource);
    terms.parties[1].share = "40%".parse().unwrap();
    let mut referrer = terms.parties[0].clone();
    (referrer.id, referrer.tenant) = ("referrer".parse().unwrap(), sample::tenant(16));
    referrer.role = PartyRole::Referrer;
    referrer.share = "10%".parse().unwrap();
    terms.parties.push(referrer);
    let mut scenario = sample::story(&[(1, ScenarioEvent::Paid)]);
    for (source, network, referrer) in [
        (Source::Member, 166_667, 316_666),
        (Source::JobBoard, 400_000, 293_333),
        (Source::SelfRegistered, 566_667, 276_666),
    ] {
        scenario.source = source;
        let outcome = simulate(&terms, &scenario).unwrap();
        let of = |who: &str| {
            let who: Who = who.parse().unwrap();
            let total = outcome.totals.iter().find(|total| total.who == who);
            total.unwrap().in_minor_units
        };
        let all = of("job") + of("candidate") + of("referrer") + of("network");
        assert_eq!(all, 3_333_333);
        assert!((of("network") - network).abs() <= 1 && (of("referrer") - referrer).abs() <= 1);
    }
}

#[test]
fn a_retainer_is_shared_stage_by_stage() {
    let mut terms = sample::terms();
    let stage = |name: &str, after_placement| crate::terms::RetainedStage {
        name: name.into(),
        share: "1/2".parse().unwrap(),
        after_placement,
    };
    terms.fee = FeeBase::Retained {
        minor_units: crate::MinorUnits(3_333_333),
        stages: vec![stage("engagement", false), stage("placement", true)],
    };
    let bill = |index| ScenarioEvent::Billed(Billed::Stage(index));
    let steps = [
        (0, bill(0)),
        (1, ScenarioEvent::Paid),
        (2, bill(1)),
        (3, ScenarioEvent::Paid),
        (91, ScenarioEvent::GuaranteeEnds),
    ];
    let outcome = simulate(&terms, &sample::story(&steps)).unwrap();
    assert_eq!(outcome.state, State::Settled);
    let paid: i64 = outcome.totals.iter().map(|total| total.payable_minor_units).sum();
    assert_eq!(paid, 3_333_333);
}

#[test]
fn hours_are_billed_again_and_again() {
    let mut terms = sample::terms();
    terms.fee = FeeBase::Hourly {
        minor_units_per_hour: crate::MinorUnits(1_500),
    };
    terms.guarantee.levels = vec![GuaranteeLevel {
        fee_from_minor_units: crate::MinorUnits(0),
        days: 0,
    }];
    let week = ScenarioEvent::Billed(Billed::Minutes(2_400));
    let steps = [
        (7, week.clone()),
        (10, ScenarioEvent::Paid),
        (14, week),
        (20, ScenarioEvent::Paid),
        (20, ScenarioEvent::GuaranteeEnds),
    ];
    let outcome = simulate(&terms, &sample::story(&steps)).unwrap();
    let paid: i64 = outcome.totals.iter().map(|total| total.payable_minor_units).sum();
    assert_eq!((outcome.state, paid), (State::Settled, 120_000));
}

#[test]
fn what_makes_no_story_is_refused() {
    let terms = sample::terms();
    let refused = |steps: &[(u16, ScenarioEvent)]| simulate(&terms, &sample::story(steps)).unwrap_err();
    assert!(matches!(refused(&[(5, ScenarioEvent::Replaced)]), SimulateError::Steps));
    let backwards = refused(&[(5, ScenarioEvent::Paid), (4, ScenarioEvent::FallsOff)]);
    assert!(matches!(backwards, SimulateError::Refused { refused, .. } if refused.why == Why::OutOfOrder));
    let twice = refused(&[(5, ScenarioEvent::PaidInPart { minor_units: 3_333_334 })]);
    assert!(matches!(twice, SimulateError::Refused { refused, .. } if matches!(refused.why, Why::TooMuch { .. })));
    for minor_units in [0, -1] {
        let nothing = refused(&[(5, ScenarioEvent::PaidInPart { minor_units })]);
        assert!(matches!(nothing, SimulateError::Refused { refused, .. } if refused.why == Why::NotPositive));
    }
    let mut scenario = sample::story(&[]);
    scenario.pay = None;
    assert!(simulate(&terms, &scenario).is_err());
    scenario.pay = Some(sample::yearly(16_666_665, "JPY".parse().unwrap()));
    assert!(simulate(&terms, &scenario).is_err());
    scenario.steps = vec![
        ScenarioStep {
            day: 1,
            event: ScenarioEvent::Paid
        };
        STEPS_MAX + 1
    ];
    assert!(matches!(simulate(&terms, &scenario), Err(SimulateError::Steps)));
    let mut wrong = sample::terms();
    wrong.parties[0].share = "48%".parse().unwrap();
    assert!(matches!(
        simulate(&wrong, &sample::story(&[])),
        Err(SimulateError::Problems(_))
    ));
}

/// The example of `docs/money/deals.md`, amount by amount.
#[test]
fn the_page_for_brokers_says_what_the_code_does() {
    let page = include_str!("../../../../../docs/money/deals.md");
    let steps = [(30, ScenarioEvent::Paid), (59, ScenarioEvent::FallsOff)];
    let outcome = simulate(&sample::terms(), &sample::story(&steps)).unwrap();
    for movement in &outcome.movements {
        let amount = inventure_ledger::amount::display(movement.amount);
        let day = crate::calendar::day_number(date(2026, 1, 15), sample::terms().calendar().unwrap().date(movement.at));
        let why = match movement.why {
            Reason::Earned => "earns",
            Reason::Received => "pays",
            Reason::Released => "is paid",
            Reason::TakenBackReserved | Reason::TakenBackPayable => "gives back",
            Reason::Refunded => "gets back",
            Reason::ChargedBack => "takes back",
        };
        let row = format!("| {day} | {} | {why} | {amount} |", movement.who);
        assert!(page.contains(&row), "docs/money/deals.md lacks this row:\n{row}");
    }
    let rows = page.lines().filter(|line| line.contains("| USD ")).count();
    assert_eq!(rows, outcome.movements.len());
}

fn terms_and_story() -> impl Strategy<Value = (Terms, Scenario)> {
    let refund = prop_oneof![
        Just(RefundCurve::Full),
        Just(RefundCurve::ProRata),
        Just(RefundCurve::None),
        Just(RefundCurve::Steps(vec![RefundStep {
            through_day: 30,
            refund: "2/3".parse().unwrap()
        }])),
    ];
    let payment = prop_oneof![
        Just(PaymentTiming::Hours(24)),
        Just(PaymentTiming::NextBusinessDay),
        Just(PaymentTiming::AfterGuarantee),
    ];
    let template = prop::sample::select(Template::ALL.to_vec());
    let weights = prop::collection::vec(1_u64..1_000, 2..6);
    let part = 1_i64..=1_000;
    let days = (0_u16..100, 0_u16..100, 0_u16..60, any::<bool>());
    (template, weights, refund, payment, 1_i64..1_000_000_000_000, part, days).prop_map(
        |(template, weights, refund, payment, pay, part, (first, second, gone, replaced))| {
            let mut terms = sample::template(template);
            terms.shares_of = crate::terms::SharesOf::Pool;
            terms.guarantee.refund = refund;
            terms.payment = payment;
            let sum = weights.iter().sum();
            while terms.parties.len() < weights.len() {
                let mut other = terms.parties[0].clone();
                let number = terms.parties.len();
                other.id = format!("other-{number}").parse().unwrap();
                other.tenant = sample::tenant(100 + number as u128);
                other.role = PartyRole::Referrer;
                terms.parties.push(other);
            }
            for (party, weight) in terms.parties.iter_mut().zip(weights) {
                party.share = inventure_ledger::Share::new(weight, sum).unwrap();
            }
            let pay = pay.max(10);
            let fee = (pay / 5).max(1);
            let mut steps = vec![
                (
                    first,
                    ScenarioEvent::PaidInPart {
                        minor_units: (fee * part / 1_000).max(1),
                    },
                ),
                (second, ScenarioEvent::Paid),
                (gone, ScenarioEvent::FallsOff),
            ];
            steps.sort_by_key(|(day, _)| *day);
            if replaced && terms.guarantee.replacement.is_some() {
                steps.retain(|(day, event)| *day <= gone || !matches!(event, ScenarioEvent::FallsOff));
                steps.push((
                    steps.last().map_or(gone, |(day, _)| *day).max(gone),
                    ScenarioEvent::RefundChosen,
                ));
            }
            let mut scenario = sample::story(&steps);
            scenario.pay = Some(sample::yearly(pay, terms.currency));
            (terms, scenario)
        },
    )
}

proptest! {
    #[test]
    fn parts_add_up_and_nothing_is_ever_negative((terms, scenario) in terms_and_story()) {
        // Fees that round to nothing and partial payments beyond what a refund left are refused, as they should be.
        let Ok(deal) = play(&terms, &scenario) else { return Ok(()) };
        sample::check_money(&deal);
    }
}
