//! Both sides of each bound that terms are held to before anybody signs them.

use super::*;
use crate::sample::{hourly, of_rules_1};

type Change = fn(&mut Terms);

/// Checks that each change has exactly the named field for a problem. Where none is named it can be signed.
#[track_caller]
fn check(cases: &[(&str, Change)]) {
    for (index, (field, change)) in cases.iter().enumerate() {
        let mut found = problems(change);
        found.dedup();
        let wanted: Vec<&str> = Some(*field).filter(|field| !field.is_empty()).into_iter().collect();
        assert_eq!(found, wanted, "case {index}");
    }
}

fn percent(minimum: Option<i64>) -> FeeBase {
    FeeBase::Percent {
        of_first_year_pay: "20%".parse().unwrap(),
        minimum_minor_units: minimum.map(MinorUnits),
    }
}

fn retained(minor_units: i64, stages: &[(&str, &str)]) -> FeeBase {
    let stage = |(name, share): &(&str, &str)| RetainedStage {
        name: (*name).to_owned(),
        share: share.parse().unwrap(),
        after_placement: true,
    };
    FeeBase::Retained {
        minor_units: MinorUnits(minor_units),
        stages: stages.iter().map(stage).collect(),
    }
}

#[test]
fn a_fee_is_more_than_nothing_in_each_of_its_parts() {
    check(&[
        ("", |terms| terms.fee = percent(None)),
        ("", |terms| terms.fee = percent(Some(1))),
        ("fee.minimum_minor_units", |terms| terms.fee = percent(Some(0))),
        ("fee.minimum_minor_units", |terms| terms.fee = percent(Some(-1))),
        ("", |terms| {
            terms.fee = FeeBase::Flat {
                minor_units: MinorUnits(1),
            };
        }),
        ("", |terms| terms.fee = retained(1, &[("search", "100%")])),
        ("fee.minor_units", |terms| {
            terms.fee = retained(0, &[("search", "100%")]);
        }),
        ("fee.stages", |terms| terms.fee = retained(1, &[("", "100%")])),
        ("fee.stages", |terms| {
            terms.fee = retained(1, &[("search", "100%"), ("shortlist", "0%")]);
        }),
        ("", |terms| *terms = hourly(1)),
        ("fee.minor_units_per_hour", |terms| *terms = hourly(0)),
    ]);
}

/// Levels of 10 days each that begin at these fees.
fn levels(fees: impl IntoIterator<Item = i64>) -> Vec<GuaranteeLevel> {
    let level = |fee| GuaranteeLevel {
        fee_from_minor_units: MinorUnits(fee),
        days: 10,
    };
    fees.into_iter().map(level).collect()
}

fn steps(days: &[u16]) -> RefundCurve {
    let step = |day: &u16| RefundStep {
        through_day: *day,
        refund: "50%".parse().unwrap(),
    };
    RefundCurve::Steps(days.iter().map(step).collect())
}

const fn replacement(within_days: u16, count_max: u16) -> Replacement {
    Replacement {
        within_days,
        restarts_clock: true,
        count_max,
    }
}

#[test]
fn a_guarantee_has_a_level_for_each_fee_and_steps_that_rise() {
    check(&[
        ("", |terms| terms.guarantee.levels = levels(0..100)),
        ("guarantee.levels", |terms| terms.guarantee.levels = levels(0..101)),
        ("guarantee.levels", |terms| terms.guarantee.levels = levels([1])),
        ("guarantee.levels", |terms| terms.guarantee.levels = levels([])),
        ("guarantee.levels", |terms| terms.guarantee.levels = levels([0, 5, 5])),
        ("", |terms| terms.guarantee.levels = levels([0, 5, 6])),
        ("", |terms| terms.guarantee.refund = steps(&[5, 6])),
        ("guarantee.refund.steps", |terms| {
            terms.guarantee.refund = steps(&[5, 5]);
        }),
        ("", |terms| terms.guarantee.replacement = Some(replacement(1, 1))),
        ("guarantee.replacement", |terms| {
            terms.guarantee.replacement = Some(replacement(0, 1));
        }),
        ("guarantee.replacement", |terms| {
            terms.guarantee.replacement = Some(replacement(1, 0));
        }),
    ]);
}

#[test]
fn a_dispute_has_steps_and_each_has_a_name() {
    check(&[
        ("disputes.steps", |terms| terms.disputes.steps.clear()),
        ("disputes.steps", |terms| terms.disputes.steps[1].name = " ".into()),
        ("", |terms| terms.disputes.steps.truncate(1)),
    ]);
}

#[test]
fn a_title_has_one_to_two_hundred_characters() {
    check(&[
        ("", |terms| terms.parties[0].title = Some("ä".repeat(200))),
        ("parties[0].title", |terms| {
            terms.parties[0].title = Some("ä".repeat(201));
        }),
        ("parties[0].title", |terms| terms.parties[0].title = Some(String::new())),
        ("parties[0].title", |terms| terms.parties[0].title = Some("  ".into())),
    ]);
}

#[test]
fn terms_of_format_1_take_no_field_of_format_2() {
    check(&[
        ("", |terms| *terms = of_rules_1(crate::sample::terms())),
        ("format", |terms| {
            *terms = of_rules_1(crate::sample::terms());
            terms.schedule = Some(Schedule::default());
        }),
        ("format", |terms| {
            *terms = of_rules_1(crate::sample::terms());
            terms.stated_pay = Some(stated_pay(1, 2));
        }),
        ("format", |terms| {
            *terms = of_rules_1(crate::sample::terms());
            terms.answer_within_days = Some(5);
        }),
        ("format", |terms| {
            *terms = of_rules_1(crate::sample::terms());
            terms.bills = Some(late_fee(None));
        }),
        ("format", |terms| {
            *terms = of_rules_1(crate::sample::terms());
            terms.disputes.ruling_within_days = Some(14);
        }),
        ("format", |terms| {
            *terms = of_rules_1(crate::sample::terms());
            terms.disputes.deputy = Some(tenant(99));
        }),
    ]);
}

const fn stated_pay(from: i64, to: i64) -> StatedPay {
    StatedPay {
        from_minor_units_a_year: MinorUnits(from),
        to_minor_units_a_year: MinorUnits(to),
    }
}

fn late_fee(share: Option<&str>) -> Bills {
    Bills {
        due_within_days: 30,
        late_fee: share.map(|share| share.parse().unwrap()),
    }
}

#[test]
fn a_stated_pay_is_a_range_from_more_than_nothing_up() {
    check(&[
        ("", |terms| terms.stated_pay = Some(stated_pay(1, 1))),
        ("", |terms| terms.stated_pay = Some(stated_pay(1, 2))),
        ("stated_pay", |terms| terms.stated_pay = Some(stated_pay(2, 1))),
        ("stated_pay", |terms| terms.stated_pay = Some(stated_pay(0, 1))),
        ("stated_pay", |terms| terms.stated_pay = Some(stated_pay(-1, 1))),
    ]);
}

#[test]
fn a_late_fee_is_more_than_nothing_and_at_most_a_tenth() {
    check(&[
        ("bills.late_fee", |terms| terms.bills = Some(late_fee(Some("0%")))),
        ("", |terms| terms.bills = Some(late_fee(Some("0.01%")))),
        ("", |terms| terms.bills = Some(late_fee(Some("10%")))),
        ("bills.late_fee", |terms| terms.bills = Some(late_fee(Some("10.01%")))),
    ]);
}

#[test]
fn no_claim_and_no_objection_reaches_beyond_ten_years() {
    const CONTACT: &str = "claims.prior_claim.contact_within";
    fn contact_within(terms: &mut Terms, window: Window) {
        terms.claims.prior_claim.as_mut().unwrap().contact_within = window;
    }
    // A month is counted as 31 days: 118 are 3,658, and 119 are 3,689.
    check(&[
        ("", |terms| terms.claims.window = Window::Days(3_660)),
        ("claims.window", |terms| terms.claims.window = Window::Days(3_661)),
        ("", |terms| terms.claims.window = Window::Months(118)),
        ("claims.window", |terms| terms.claims.window = Window::Months(119)),
        ("", |terms| contact_within(terms, Window::Days(3_660))),
        (CONTACT, |terms| contact_within(terms, Window::Days(3_661))),
        ("", |terms| contact_within(terms, Window::Months(118))),
        (CONTACT, |terms| contact_within(terms, Window::Months(119))),
        ("", |terms| terms.claims.lapses_after_days = Some(3_660)),
        ("claims.lapses_after_days", |terms| {
            terms.claims.lapses_after_days = Some(3_661);
        }),
    ]);
}
