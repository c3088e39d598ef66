//! `inventure verify`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use inventure_ledger::{
    Broken, Hash, Statement, Summary,
    report::{Row, csv},
};
use serde_json::json;

use crate::{
    Outcome,
    args::{EntriesAs, VerifyArgs},
    input,
    output::{self, BAD, GOOD},
};

/// The largest statement: some hundred thousand entries.
const BYTES_MAX: u64 = 64 << 20;

/// The exit code where there is no statement that could be checked, which says nothing about anybody's money.
const NO_STATEMENT: u8 = 2;

pub fn run(args: &VerifyArgs) -> Outcome {
    let file = output::name(&args.file);
    let document = match input::bytes(&args.file, BYTES_MAX) {
        Ok(document) => document,
        Err(error) => {
            output::tell(BAD, format_args!("{file}: {error}"));
            return Ok(ExitCode::from(NO_STATEMENT));
        }
    };
    let verified = Statement::verified(&document).and_then(|(statement, summary)| {
        let compared = args.root.map_or(Ok(()), |root: Hash| summary.check_root(root));
        compared.map(|()| (statement, summary))
    });
    let (code, shown) = match verified {
        Ok((statement, summary)) => (ExitCode::SUCCESS, show(args, &file, &statement, &summary)),
        Err(broken) => {
            let code = match broken {
                Broken::NotAStatement { .. } => ExitCode::from(NO_STATEMENT),
                _ => ExitCode::FAILURE,
            };
            (code, show_broken(args, &file, &broken))
        }
    };
    match shown {
        // Whoever has stopped listening still gets the verdict.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(code),
    }
}

fn show(args: &VerifyArgs, file: &str, statement: &Statement, summary: &Summary) -> io::Result<()> {
    let mut out = output::results(args.json || args.entries.is_some());
    let compared = args.root.is_some();
    let rows = || -> Vec<Row> { statement.entries.iter().map(Row::from).collect() };
    match args.entries {
        Some(EntriesAs::Csv) => write!(out, "{}", csv(&rows())),
        Some(EntriesAs::Json) => writeln!(out, "{}", serde_json::to_string_pretty(&rows())?),
        None if args.json => {
            let mut line = serde_json::to_value(summary)?;
            line["file"] = json!(args.file.to_string_lossy());
            line["verified"] = json!(true);
            line["root_compared"] = json!(compared);
            writeln!(out, "{line}")
        }
        None => write!(out, "{file}: {GOOD}holds{GOOD:#}\n{}", lines(summary, compared)),
    }
}

fn show_broken(args: &VerifyArgs, file: &str, broken: &Broken) -> io::Result<()> {
    if args.json {
        let line = json!({
            "file": args.file.to_string_lossy(),
            "verified": false,
            "where": broken.place(),
            "problem": broken.problem(),
        });
        return writeln!(output::results(true), "{line}");
    }
    let verdict = match broken {
        Broken::NotAStatement { .. } => "",
        _ => "does not hold: ",
    };
    output::tell(BAD, format_args!("{file}: {verdict}{broken}"));
    Ok(())
}

/// Describes a sound statement in some lines.
fn lines(summary: &Summary, compared: bool) -> String {
    let entries = match summary.entries {
        0 => "none".to_owned(),
        _ => format!("{} to {}", summary.opening_sequence + 1, summary.sequence),
    };
    let sealed = summary.sealed.as_ref().map_or_else(
        // A page before the last seal looks like entries after it: this document cannot tell them apart.
        || "no seal covers the last of these entries here: they are newer than it, or a page of more".to_owned(),
        |sealed| {
            let compare = if compared {
                "as published"
            } else {
                "compare it with what was published"
            };
            format!(
                "up to entry {} on {}\n  root        {} ({compare})",
                sealed.sequence, sealed.date, sealed.root
            )
        },
    );
    format!(
        "  account     {}\n  balance     {} after entry {}\n  entries     {entries}\n  sealed      {sealed}\n",
        summary.account,
        summary.balance_text(),
        summary.sequence,
    )
}
