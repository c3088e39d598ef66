mod bounds;

use serde_json::Value;

use super::*;
use crate::{
    Template,
    sample::{CANDIDATE_SIDE, JOB_SIDE, template, tenant, terms},
};

fn problems(change: impl Fn(&mut Terms)) -> Vec<String> {
    let mut terms = terms();
    change(&mut terms);
    let found = terms.check().err().unwrap_or_default();
    found.into_iter().map(|problem| problem.field).collect()
}

#[test]
fn every_template_can_be_signed() {
    for template_of in Template::ALL {
        assert_eq!(template(template_of).check(), Ok(()), "{template_of:?}");
    }
    let hashes: std::collections::BTreeSet<_> = Template::ALL.map(|kind| template(kind).hash().unwrap()).into();
    assert_eq!(hashes.len(), Template::ALL.len());
}

#[test]
fn each_problem_names_its_field() {
    type Change = fn(&mut Terms);
    let cases: [(&[&str], Change); 23] = [
        (&[], |_| {}),
        (&["format"], |terms| terms.format = 3),
        (&["format"], |terms| terms.format = 1),
        (&["version"], |terms| terms.version = 0),
        (&["time_zone"], |terms| terms.time_zone = "EST5".into()),
        (&["parties"], |terms| terms.parties[0].share = "49.9%".parse().unwrap()),
        (&["parties"], |terms| terms.parties[0].share = "50.1%".parse().unwrap()),
        (&["parties"], |terms| terms.shares_of = SharesOf::Fee),
        (&["parties", "parties", "parties"], |terms| terms.parties.clear()),
        (&["parties"], |terms| terms.parties[0].role = PartyRole::Referrer),
        (&["parties[1].id"], |terms| terms.parties[1].id = "job".parse().unwrap()),
        (&["parties[1].tenant"], |terms| {
            terms.parties[1].tenant = tenant(JOB_SIDE);
        }),
        (&["parties[1].tenant"], |terms| terms.employer = tenant(CANDIDATE_SIDE)),
        (&["disputes.arbiter"], |terms| terms.disputes.arbiter = tenant(JOB_SIDE)),
        (&["disputes.steps", "disputes.steps"], |terms| {
            terms.disputes.steps[0] = LadderStep {
                name: String::new(),
                evidence_days: 0,
            };
        }),
        (&["fee.minor_units"], |terms| {
            terms.fee = FeeBase::Flat {
                minor_units: MinorUnits(0),
            };
        }),
        (&["fee.minor_units_per_hour", "guarantee.levels"], |terms| {
            terms.fee = FeeBase::Hourly {
                minor_units_per_hour: MinorUnits(-1),
            };
        }),
        (&["fee.stages"], |terms| {
            terms.fee = FeeBase::Retained {
                minor_units: MinorUnits(1),
                stages: Vec::new(),
            };
        }),
        (&["guarantee.levels"], |terms| terms.guarantee.levels.reverse()),
        (&["guarantee.levels"], |terms| terms.guarantee.levels[0].days = 3_661),
        (&["guarantee.refund.steps"], |terms| {
            terms.guarantee.refund = RefundCurve::Steps(Vec::new());
        }),
        (&["claims.window"], |terms| terms.claims.window = Window::Days(0)),
        (&["claims.several"], |terms| terms.claims.several = Several::Last),
    ];
    for (index, (fields, change)) in cases.into_iter().enumerate() {
        let found = problems(change);
        // Turning the levels over breaks their order and their beginning.
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let mut unique = found.clone();
        unique.dedup();
        let mut wanted = fields.to_vec();
        wanted.dedup();
        assert_eq!(unique, wanted, "case {index}");
    }
}

/// Every way to change one leaf of a document.
fn tampered(value: &Value, write: &mut dyn FnMut(Value)) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                tampered(inner, &mut |changed| {
                    let mut copy = members.clone();
                    copy.insert(name.clone(), changed);
                    write(Value::Object(copy));
                });
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                tampered(inner, &mut |changed| {
                    let mut copy = items.clone();
                    copy[index] = changed;
                    write(Value::Array(copy));
                });
            }
            if items.len() > 1 {
                let mut turned = items.clone();
                turned.reverse();
                write(Value::Array(turned));
            }
        }
        Value::Number(number) => write((number.as_u64().unwrap() + 1).into()),
        Value::Bool(flag) => write((!flag).into()),
        Value::String(text) => {
            // The last digit or letter becomes another one; shares grow by a digit in front.
            let changed = match text.strip_suffix('%') {
                Some(percent) => format!("{}%", if percent == "100" { "99" } else { "3" }),
                None => text[..text.len() - 1].to_owned() + if text.ends_with('1') { "2" } else { "1" },
            };
            write(changed.into());
            // Variants and codes: what is no such thing in its place is not read.
            for other in [
                "EUR",
                "pool",
                "shared",
                "confirmation",
                "placement",
                "full",
                "offered",
                "other",
            ] {
                if other != text {
                    write(other.into());
                }
            }
        }
        Value::Null => write(1.into()),
    }
}

#[test]
fn any_change_of_the_terms_changes_the_hash() {
    for kind in Template::ALL {
        let original = template(kind);
        let hash = original.hash().unwrap();
        let value = serde_json::to_value(&original).unwrap();
        let again: Terms = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(again.hash(), Ok(hash));
        let (mut changed, mut unreadable) = (0, 0);
        tampered(
            &value,
            &mut |tampered| match serde_json::from_value::<Terms>(tampered.clone()) {
                Ok(terms) => {
                    assert_ne!(terms.hash().unwrap(), hash, "{tampered}");
                    changed += 1;
                }
                // The name of a variant that is none is refused when it is read.
                Err(_) => unreadable += 1,
            },
        );
        assert!(changed > 60, "{changed} changed, {unreadable} unreadable");
    }
}

#[test]
fn what_the_document_does_not_know_is_not_read() {
    let mut value = serde_json::to_value(terms()).unwrap();
    value["bonus"] = 1.into();
    assert!(serde_json::from_value::<Terms>(value).is_err());
    let mut value = serde_json::to_value(terms()).unwrap();
    for currency in ["XXX", "usd", ""] {
        value["currency"] = currency.into();
        assert!(serde_json::from_value::<Terms>(value.clone()).is_err());
    }
}

#[test]
fn the_hash_is_pinned() {
    // Whoever changes the document's shape changes what was signed: a new format, and not this hash.
    insta::assert_snapshot!(terms().hash().unwrap());
    insta::assert_snapshot!(inventure_ledger::canonical::encode(&terms()).unwrap());
}

#[test]
fn the_largest_terms_fit_into_an_item_together_with_their_proposal() {
    // Four bytes each, the most that a character takes.
    let long = "𐀀".repeat(200);
    let share = |of: u64| Share::new(1, of).unwrap();
    let mut terms = terms();
    let party = terms.parties[0].clone();
    terms.parties = (0..31)
        .map(|index| Party {
            id: format!("{index:0>32}").parse().unwrap(),
            tenant: tenant(100 + index),
            role: [PartyRole::JobSide, PartyRole::CandidateSide][usize::from(index % 2 == 1)],
            title: Some(long.clone()),
            share: share(31),
            ..party.clone()
        })
        .collect();
    let day = |index: i64| crate::calendar::plus_days(jiff::civil::date(2026, 1, 1), index).unwrap();
    terms.closed_on = (0..100).map(day).collect();
    let stage = |index: u8| RetainedStage {
        name: long.clone(),
        share: share(32),
        after_placement: index == 31,
    };
    terms.fee = FeeBase::Retained {
        minor_units: MinorUnits(1_000_000_000),
        stages: (0..32).map(stage).collect(),
    };
    let level = |index: i64| GuaranteeLevel {
        fee_from_minor_units: MinorUnits(index * 1_000_000_000),
        days: 3_660,
    };
    terms.guarantee.levels = (0..100).map(level).collect();
    let step = |index: u16| RefundStep {
        through_day: index + 1_000,
        refund: share(u64::from(index) + 1),
    };
    terms.guarantee.refund = RefundCurve::Steps((0..100).map(step).collect());
    let rung = LadderStep {
        name: long.clone(),
        evidence_days: 30,
    };
    terms.disputes.steps = vec![rung; 5];
    assert_eq!(terms.check(), Ok(()));
    // Kept as text in a record: each quotation mark of it takes two bytes.
    let kept = serde_json::to_string(&serde_json::to_string(&terms).unwrap()).unwrap();
    assert!(kept.len() < 200_000, "{} bytes, half of an item", kept.len());
}
