//! Reads job ads whose meaning was labelled by two people, and prints what is understood of them.
//!
//! ```sh
//! cargo run --release -p inventure-ranking --example measure_ads -- tests/ads [--wrong]
//! ```
//!
//! A skill that was read counts as a labelled one where their words are the same, or one is the other with words around it. The
//! interval is of 95%, over ads drawn again 1,000 times.
#![expect(clippy::print_stdout, reason = "an example speaks to a terminal")]

use std::{collections::BTreeMap, error::Error, fs, path::PathBuf};

use inventure_core::PayPeriod;
use inventure_ranking::{
    ParsedJob,
    document::{Need, RemotePolicy},
    job::JobSkill,
    parse_job,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Ad {
    id: String,
    text: String,
}

#[derive(Deserialize)]
struct Label {
    id: String,
    required: Vec<String>,
    preferred: Vec<String>,
    years_min: Option<u32>,
    work: Option<String>,
    places: Vec<String>,
    pay: Option<Pay>,
}

#[derive(Deserialize)]
struct Pay {
    currency: String,
    period: String,
    min: Option<f64>,
    max: Option<f64>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    there: u32,
    made: u32,
    right: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().ok_or("usage: measure_ads FOLDER [--wrong]")?);
    let lists = arguments.iter().any(|argument| argument == "--wrong");
    let labels: BTreeMap<String, Label> = fs::read_to_string(folder.join("labels.jsonl"))?
        .lines()
        .map(|line| serde_json::from_str::<Label>(line).map(|label| (label.id.clone(), label)))
        .collect::<Result<_, _>>()?;
    let mut counts: BTreeMap<&str, Vec<Count>> = BTreeMap::new();
    for line in fs::read_to_string(folder.join("ads.jsonl"))?.lines() {
        let ad: Ad = serde_json::from_str(line)?;
        let label = labels.get(&ad.id).ok_or("an ad without a label")?;
        let (title, body) = ad.text.split_once('\n').unwrap_or((&ad.text, ""));
        let job = parse_job(title, body);
        let mut note = |kind: &'static str, truth: String, found: String| {
            let none = "none";
            let count = Count {
                there: u32::from(truth != none),
                made: u32::from(found != none),
                right: u32::from(truth == found && truth != none),
            };
            if lists && truth != found {
                println!("{} {kind}: {truth} read as {found}", ad.id);
            }
            counts.entry(kind).or_default().push(count);
        };
        note(
            "years",
            show(label.years_min),
            show(job.min_years.as_ref().map(|years| years.value)),
        );
        note(
            "work",
            show(label.work.clone()),
            show(job.remote_policy.as_ref().map(|found| work_name(found.value))),
        );
        note("pay", show(label.pay.as_ref().map(show_pay)), show(pay_of(&job)));
        let places = job.places.iter().map(|place| fold(&place.value)).collect();
        let counted = compare(
            &label.places.iter().map(|place| fold(place)).collect::<Vec<_>>(),
            places,
            &ad.id,
            "place",
            lists,
        );
        counts.entry("places").or_default().push(counted);
        counts
            .entry("skills")
            .or_default()
            .push(skills(label, &job, body, (&ad.id, lists)));
        for (need, wanted, kind) in [
            (Need::Required, &label.required, "required skills"),
            (Need::Nice, &label.preferred, "preferred skills"),
        ] {
            let own = job.skills.iter().filter(|skill| skill.need == need);
            let found = own.map(|skill| named(skill, body)).collect();
            let wanted: Vec<String> = wanted.iter().map(|skill| fold(skill)).collect();
            counts
                .entry(kind)
                .or_default()
                .push(compare(&wanted, found, &ad.id, kind, false));
        }
    }
    println!("| what | there | precision | recall | F1 | [95%] |\n|---|---|---|---|---|---|");
    for (kind, own) in &counts {
        let all = sum(own.iter().copied());
        let mut random = 0x9e37_79b9_u64;
        let mut drawn: Vec<f64> = (0..1_000)
            .map(|_| {
                f1(sum((0..own.len()).map(|_| {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    own[(random >> 33) as usize % own.len()]
                })))
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let share = |of: u32| f64::from(all.right) / f64::from(of.max(1));
        println!(
            "| {kind} | {} | {:.3} | {:.3} | {:.3} | [{:.3}, {:.3}] |",
            all.there,
            share(all.made),
            share(all.there),
            f1(all),
            drawn[25],
            drawn[974]
        );
    }
    Ok(())
}

fn sum(counts: impl Iterator<Item = Count>) -> Count {
    counts.fold(Count::default(), |all, count| Count {
        there: all.there + count.there,
        made: all.made + count.made,
        right: all.right + count.right,
    })
}

fn f1(count: Count) -> f64 {
    2.0 * f64::from(count.right) / f64::from((count.there + count.made).max(1))
}

fn show<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn fold(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn work_name(policy: RemotePolicy) -> &'static str {
    match policy {
        RemotePolicy::Remote => "remote",
        RemotePolicy::Hybrid => "hybrid",
        RemotePolicy::OnSite => "on_site",
    }
}

fn show_pay(pay: &Pay) -> String {
    let bound = |bound: Option<f64>| bound.map_or_else(String::new, |bound| format!("{bound:.2}"));
    format!("{} {}-{} {}", pay.currency, bound(pay.min), bound(pay.max), pay.period)
}

fn pay_of(job: &ParsedJob) -> Option<String> {
    let pay = &job.pay.as_ref()?.value;
    let unit = 10_f64.powi(pay.currency.digits() as i32);
    let bound = |bound: Option<i64>| bound.map(|bound| bound as f64 / unit);
    let period = match pay.period {
        PayPeriod::Hour => "hour",
        PayPeriod::Day => "day",
        PayPeriod::Month => "month",
        PayPeriod::Year => "year",
    };
    Some(show_pay(&Pay {
        currency: pay.currency.to_string(),
        period: period.to_owned(),
        min: bound(pay.min_minor_units),
        max: bound(pay.max_minor_units),
    }))
}

fn skills(label: &Label, job: &ParsedJob, body: &str, (id, lists): (&str, bool)) -> Count {
    let wanted: Vec<String> = label
        .required
        .iter()
        .chain(&label.preferred)
        .map(|skill| fold(skill))
        .collect();
    let found = job.skills.iter().map(|skill| named(skill, body)).collect();
    compare(&wanted, found, id, "skill", lists)
}

/// Returns the words of the ad that name a skill.
fn named(skill: &JobSkill, body: &str) -> String {
    skill
        .span
        .map_or_else(|| fold(&skill.label), |span| fold(span.of(body)))
}

/// Counts the wanted texts that were found: the same words, or one with words around it.
fn compare(wanted: &[String], found: Vec<String>, id: &str, kind: &str, lists: bool) -> Count {
    let same = |a: &str, b: &str| {
        let inside = |long: &str, short: &str| format!(" {long} ").contains(&format!(" {short} "));
        inside(a, b) || inside(b, a)
    };
    let mut taken = vec![false; found.len()];
    let mut right = 0;
    for text in wanted {
        let hit = (0..found.len()).find(|n| !taken[*n] && same(text, &found[*n]));
        match hit {
            Some(n) => {
                taken[n] = true;
                right += 1;
            }
            None if lists => println!("{id} {kind} missed: {text}"),
            None => {}
        }
    }
    if lists {
        for (text, _) in found.iter().zip(&taken).filter(|(_, taken)| !**taken) {
            println!("{id} {kind} made up: {text}");
        }
    }
    Count {
        there: wanted.len() as u32,
        made: found.len() as u32,
        right,
    }
}
