//! `inventure verify`.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};

use inventure_ledger::{
    Hash, Statement, Summary,
    report::{Row, csv},
};
use serde_json::json;

use crate::{EntriesAs, Outcome, VerifyArgs};

/// The largest statement: some hundred thousand entries.
const BYTES_MAX: u64 = 64 << 20;

/// The exit code for a file that could not be read, which says nothing about what is in it.
const UNREADABLE: u8 = 2;

pub fn run(args: &VerifyArgs) -> Outcome {
    let published: Option<Hash> = match &args.root {
        Some(root) => Some(root.parse().map_err(|problem| format!("--root {root}: {problem}"))?),
        None => None,
    };
    let file = args.file.to_string_lossy();
    let document = match read(&args.file) {
        Ok(document) => document,
        Err(error) => {
            writeln!(io::stderr(), "inventure: {file}: {error}")?;
            return Ok(ExitCode::from(UNREADABLE));
        }
    };
    let verified = Statement::verified(&document).and_then(|(statement, summary)| {
        let compared = published.map_or(Ok(()), |root| summary.check_root(root));
        compared.map(|()| (statement, summary))
    });
    let mut out = io::stdout().lock();
    match verified {
        Ok((statement, summary)) => {
            let rows = || -> Vec<Row> { statement.entries.iter().map(Row::from).collect() };
            match args.entries {
                Some(EntriesAs::Csv) => write!(out, "{}", csv(&rows()))?,
                Some(EntriesAs::Json) => writeln!(out, "{}", serde_json::to_string_pretty(&rows())?)?,
                None if args.json => {
                    let mut line = serde_json::to_value(&summary)?;
                    line["file"] = json!(file);
                    line["verified"] = json!(true);
                    line["root_compared"] = json!(published.is_some());
                    writeln!(out, "{line}")?;
                }
                None => write!(out, "{file}: holds\n{}", lines(&summary, published.is_some()))?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            if args.json {
                let line =
                    json!({ "file": file, "verified": false, "where": broken.place(), "problem": broken.problem() });
                writeln!(out, "{line}")?;
            } else {
                writeln!(io::stderr(), "inventure: {file}: does not hold: {broken}")?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut document = Vec::new();
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut document)?;
    if document.len() as u64 > BYTES_MAX {
        return Err(io::Error::other("larger than 64 MiB"));
    }
    Ok(document)
}

/// Describes a sound statement in some lines.
fn lines(summary: &Summary, compared: bool) -> String {
    let entries = match summary.entries {
        0 => "none".to_owned(),
        _ => format!("{} to {}", summary.opening_sequence + 1, summary.sequence),
    };
    let sealed = summary.sealed.as_ref().map_or_else(
        || "not yet: nobody outside has seen these entries".to_owned(),
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
        "  account     {}\n  balance     {}\n  entries     {entries}\n  sealed      {sealed}\n",
        summary.account,
        summary.balance_text(),
    )
}
