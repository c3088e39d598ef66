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
use inventure_ranking::{ParsedJob, document::RemotePolicy, parse_job};
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
        let places: Vec<String> = label.places.iter().map(|place| fold(place)).collect();
        let found = job.location.as_ref().map(|found| fold(&found.value));
        let place = found
            .filter(|found| !places.contains(found))
            .or_else(|| places.first().cloned().filter(|_| job.location.is_some()));
        note("place", show(places.first().cloned()), show(place));
        counts
            .entry("skills")
            .or_default()
            .push(skills(label, &job, body, &ad.id, lists));
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

fn skills(label: &Label, job: &ParsedJob, body: &str, id: &str, lists: bool) -> Count {
    let wanted: Vec<String> = label
        .required
        .iter()
        .chain(&label.preferred)
        .map(|skill| fold(skill))
        .collect();
    let found: Vec<String> = job
        .skills
        .iter()
        .map(|skill| match skill.span {
            Some(span) => fold(span.of(body)),
            None => fold(&skill.label),
        })
        .collect();
    let same = |a: &str, b: &str| {
        let inside = |long: &str, short: &str| format!(" {long} ").contains(&format!(" {short} "));
        inside(a, b) || inside(b, a)
    };
    let mut taken = vec![false; found.len()];
    let mut right = 0;
    for skill in &wanted {
        let hit = (0..found.len()).find(|n| !taken[*n] && same(skill, &found[*n]));
        match hit {
            Some(n) => {
                taken[n] = true;
                right += 1;
            }
            None if lists => println!("{id} skill missed: {skill}"),
            None => {}
        }
    }
    if lists {
        for (skill, _) in found.iter().zip(&taken).filter(|(_, taken)| !**taken) {
            println!("{id} skill made up: {skill}");
        }
    }
    Count {
        there: wanted.len() as u32,
        made: found.len() as u32,
        right,
    }
}
