//! `inventure simulate`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use inventure_core::{DealId, JobId, PayPeriod, TenantId};
use inventure_deals::{
    Pay, Reason, Scenario, Template, Terms, calendar, simulate,
    simulate::{ScenarioEvent, ScenarioStep, SimulateError},
    templates::Parts,
    terms::Source,
};
use inventure_ledger::amount;

use crate::{Outcome, args::SimulateArgs, input};

/// The longest terms, in bytes.
const TERMS_BYTES_MAX: u64 = 1_000_000;

pub fn run(args: &SimulateArgs) -> Outcome {
    let terms = terms(args)?;
    let mut out = io::stdout().lock();
    if args.show_terms {
        serde_json::to_writer_pretty(&mut out, &terms)?;
        writeln!(out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let scenario = scenario(args, &terms)?;
    let outcome = match simulate(&terms, &scenario) {
        Ok(outcome) => outcome,
        Err(SimulateError::Problems(problems)) => {
            let lines = problems
                .iter()
                .map(|problem| format!("\n  {}: {}", problem.field, problem.detail));
            return Err(format!("these terms cannot be signed:{}", lines.collect::<String>()).into());
        }
        Err(error) => return Err(error.into()),
    };
    if args.json {
        serde_json::to_writer(&mut out, &outcome)?;
        writeln!(out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let zone = terms.calendar()?;
    for movement in &outcome.movements {
        let day = calendar::day_number(scenario.starts_on, zone.date(movement.at));
        let (who, why) = (movement.who.to_string(), in_words(movement.why));
        writeln!(
            out,
            "day {day:>4}  {who:<12}  {why:<10}  {:>20}",
            amount::display(movement.amount)
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

const fn in_words(why: Reason) -> &'static str {
    match why {
        Reason::Earned => "earns",
        Reason::Received => "pays",
        Reason::Released => "is paid",
        Reason::TakenBackReserved | Reason::TakenBackPayable => "gives back",
        Reason::Refunded => "gets back",
        Reason::ChargedBack => "takes back",
    }
}

/// The user's own terms, or a template between parties who are made up: a simulation asks nobody who they are.
fn terms(args: &SimulateArgs) -> Result<Terms, Box<dyn std::error::Error>> {
    if let Some(file) = &args.terms {
        let name = file.display();
        let terms = input::bytes(file, TERMS_BYTES_MAX).map_err(|error| format!("{name}: {error}"))?;
        return Ok(serde_json::from_slice(&terms).map_err(|error| format!("{name}: {error}"))?);
    }
    let name = args.template.replace('-', "_");
    let template: Template = serde_json::from_value(name.into()).map_err(|_| {
        format!(
            "--template {}: there are even, replacement, platform and by-source",
            args.template
        )
    })?;
    let code = &args.currency;
    let parts = Parts {
        deal: DealId::new(),
        job: JobId::new(),
        employer: TenantId::new(),
        job_side: TenantId::new(),
        candidate_side: TenantId::new(),
        arbiter: TenantId::new(),
        currency: code
            .parse()
            .map_err(|problem| format!("--currency {code}: {problem}"))?,
    };
    Ok(template.terms(&parts, &args.time_zone))
}

/// The story that the arguments tell.
fn scenario(args: &SimulateArgs, terms: &Terms) -> Result<Scenario, Box<dyn std::error::Error>> {
    let pay = args.pay.as_ref().map(|text| {
        let amount = amount::parse(text, terms.currency).map_err(|problem| format!("--pay {text}: {problem}"))?;
        Ok::<_, String>(Pay {
            amount,
            period: PayPeriod::Year,
        })
    });
    let steps = [
        (args.paid, ScenarioEvent::Paid),
        (args.falls_off, ScenarioEvent::FallsOff),
        (args.refund_chosen, ScenarioEvent::RefundChosen),
        (args.guarantee_ends, ScenarioEvent::GuaranteeEnds),
    ];
    let mut steps: Vec<ScenarioStep> = steps
        .into_iter()
        .filter_map(|(day, event)| Some(ScenarioStep { day: day?, event }))
        .collect();
    steps.sort_by_key(|step| step.day);
    Ok(Scenario {
        source: Source::Member,
        pay: pay.transpose()?,
        starts_on: args.starts_on,
        steps,
    })
}
