//! `inventure split`.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use inventure_core::{Currency, Money};
use inventure_ledger::{Share, allocate, amount};
use serde_json::json;

use crate::{Outcome, args::SplitArgs};

pub fn run(args: &SplitArgs) -> Outcome {
    let code = &args.currency;
    let currency: Currency = code
        .parse()
        .map_err(|problem| format!("--currency {code}: {problem}, such as USD, JPY or KWD"))?;
    let total = amount::parse(&args.amount, currency)
        .map_err(|problem| format!("--amount {}: {problem}", args.amount))?
        .minor_units;
    let mut parties: Vec<(&str, Share)> = Vec::new();
    for text in &args.shares {
        let (party, share) = read(text).map_err(|problem| format!("--share {text}: {problem}"))?;
        if parties.iter().any(|(known, _)| *known == party) {
            return Err(format!("--share {text}: {party} has a share already").into());
        }
        parties.push((party, share));
    }
    let shares: Vec<Share> = parties.iter().map(|(_, share)| *share).collect();
    let parts = allocate(total, &shares)?;
    let mut out = io::stdout().lock();
    if args.json {
        let rows = parties.iter().zip(&parts);
        let rows: Vec<_> = rows
            .map(|((party, _), minor_units)| json!({ "party": party, "minor_units": minor_units }))
            .collect();
        writeln!(out, "{}", json!({ "currency": currency, "parts": rows }))?;
    } else {
        for ((party, share), minor_units) in parties.iter().zip(parts) {
            let money = amount::display(Money { minor_units, currency });
            writeln!(out, "{:<12}{:>12}  {money}", party, share.to_string())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The longest name of a party.
const PARTY_MAX: usize = 64;

/// A party and its share: `job=47.5%`. A split knows no parties of its own, so any name does.
fn read(text: &str) -> Result<(&str, Share), Box<dyn Error>> {
    let (party, share) = text
        .split_once('=')
        .ok_or("expected a party and its share, as in job=47.5%")?;
    let fine = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    if party.is_empty() || party.len() > PARTY_MAX || !party.chars().all(fine) {
        return Err("the name of a party is letters, digits, `-`, `_` and `.`".into());
    }
    Ok((party, share.parse()?))
}
