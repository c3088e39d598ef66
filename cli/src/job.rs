//! `inventure job`: what a job ad was understood to ask, and from which words.

use std::{error::Error, io::Write, path::Path, process::ExitCode};

use inventure_core::{PayRange, Span};
use inventure_ranking::{document::Need, hints, job::ParsedJob, parse_job};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Outcome,
    args::JobArgs,
    input,
    output::{self, HEADING},
};

/// The longest job file, in bytes.
const BYTES_MAX: u64 = 1_000_000;

/// A job ad.
#[derive(Deserialize)]
pub struct Job {
    pub title: String,
    #[serde(default)]
    pub description: String,
}

pub fn run(args: &JobArgs) -> Outcome {
    let job = read(&args.file)?;
    let parsed = parse_job(&job.title, &job.description);
    let hints = hints::hints(&job.description, &parsed);
    let mut out = output::results(args.json);
    if args.json {
        writeln!(out, "{}", json!({ "understood": parsed, "hints": hints }))?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{HEADING}{}{HEADING:#}", output::printable(&job.title))?;
    for (what, value, span) in understood(&parsed)? {
        let words = match span {
            Some(span) => format!(
                "“{}”",
                span.of(&job.description)
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            ),
            None => "the title".to_owned(),
        };
        let (value, words) = (output::printable(&value), output::printable(&words));
        writeln!(out, "  {what:<12}{value:<34}  {words}")?;
    }
    for hint in hints {
        writeln!(out, "  hint        {}", output::printable(&hint.message))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A finding, its value, and the place in the description that says so. Without a place the title says so.
type Row = (&'static str, String, Option<Span>);

fn understood(job: &ParsedJob) -> Result<Vec<Row>, serde_json::Error> {
    let mut rows: Vec<Row> = vec![("title", job.normalized_title.clone(), None)];
    let mut add = |what, value: Option<String>, span: Option<Span>| {
        rows.extend(value.map(|value| (what, value, span)));
    };
    add("rank", job.seniority.map(|rank| rank.label().to_owned()), None);
    let years = job.min_years.as_ref();
    add(
        "years",
        years.map(|years| format!("{} at least", years.value)),
        years.and_then(|years| years.span),
    );
    for skill in &job.skills {
        let need = match skill.need {
            Need::Required => "required",
            Need::Nice => "nice to have",
        };
        add("skill", Some(format!("{}, {need}", skill.label)), skill.span);
    }
    for place in &job.places {
        add("place", Some(place.value.clone()), place.span);
    }
    let policy = job.remote_policy.as_ref();
    add(
        "work",
        policy.map(|policy| word(policy.value)).transpose()?,
        policy.and_then(|policy| policy.span),
    );
    let kind = job.employment_type.as_ref();
    add(
        "employment",
        kind.map(|kind| word(kind.value)).transpose()?,
        kind.and_then(|kind| kind.span),
    );
    let pay = job.pay.as_ref();
    add(
        "pay",
        pay.map(|pay| in_words(pay.value)).transpose()?,
        pay.and_then(|pay| pay.span),
    );
    Ok(rows)
}

/// Returns the word that the API has for a value.
fn word(value: impl serde::Serialize) -> Result<String, serde_json::Error> {
    let value = serde_json::to_value(value)?;
    Ok(value.as_str().unwrap_or_default().replace('_', " "))
}

/// Returns a range of pay in whole units of its currency.
fn in_words(pay: PayRange) -> Result<String, serde_json::Error> {
    let units = |minor: i64| minor as f64 / 10_f64.powi(pay.currency.digits() as i32);
    let amount = match (pay.min_minor_units, pay.max_minor_units) {
        (Some(min), Some(max)) if min != max => format!("{} to {}", units(min), units(max)),
        (Some(min), None) => format!("from {}", units(min)),
        (None, Some(max)) => format!("up to {}", units(max)),
        (min, max) => min.or(max).map(|one| units(one).to_string()).unwrap_or_default(),
    };
    Ok(format!("{amount} {} a {}", pay.currency.code(), word(pay.period)?))
}

/// Reads a job. The first line is the title, the rest the description; or the file is JSON.
pub fn read(path: &Path) -> Result<Job, Box<dyn Error>> {
    let named = |what: String| format!("{}: {what}", output::name(path));
    let bytes = input::bytes(path, BYTES_MAX).map_err(|error| named(error.to_string()))?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    let job = if text.starts_with('{') {
        serde_json::from_str(text).map_err(|error| named(format!("not a job: {error}")))?
    } else {
        let (title, description) = text.split_once('\n').unwrap_or((text, ""));
        Job {
            title: title.trim().to_owned(),
            description: description.trim().to_owned(),
        }
    };
    if job.title.trim().is_empty() {
        Err(named("the job has no title".to_owned()).into())
    } else {
        Ok(job)
    }
}
