//! Mutation testing in resumable slices: `cargo xtask mutants`.
//!
//! The mutants are those that cargo-mutants lists. It compiles each by itself, which takes hours for the rules of deals. Here all mutants of
//! a slice are compiled once into a copy of the work tree, and an environment variable switches one of them on. Each mutant is tried with
//! the tests that reach it until one fails: first those that found the most in its file, then the fastest.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks through its output"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "a command-line tool lives in the clock and the environment that rules must not know"
)]

mod compile;
mod list;
mod record;
mod run;
mod write;

use std::{
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Parser;
use inventure_stack::project::Project;

use crate::{
    list::{ACROSS, Mutant, SLICES},
    record::Record,
};

#[derive(Parser)]
#[command(
    name = "cargo xtask mutants",
    about = "Changes the code, and sees whether a test fails"
)]
struct Options {
    /// The parts of the code that are changed: ledger, deals, books, consent, access.
    #[arg(required = true)]
    slices: Vec<String>,
    /// Stop after so many minutes. The next run goes on from there.
    #[arg(long, default_value_t = 24 * 60)]
    minutes: u64,
    /// Only the tests across functions, for what the tests of the packages themselves left.
    #[arg(long)]
    across: bool,
}

/// Tries the mutants of slices. Returns whether a test fails for each.
fn mutants(options: &Options) -> Result<bool> {
    let until = Instant::now() + Duration::from_mins(options.minutes.min(24 * 60));
    let project = Project::find(env!("CARGO_MANIFEST_DIR"))?;
    project.claim_target()?;
    let (mut mutants, mut own) = (Vec::new(), Vec::new());
    for name in &options.slices {
        let slice = SLICES.iter().find(|slice| slice.name == *name);
        let slice = slice.with_context(|| format!("there is no slice {name}"))?;
        mutants.extend(list::mutants(&project, slice)?);
        own.extend(slice.tests);
    }
    println!("cargo-mutants lists {} mutants", mutants.len());
    let folder = project.target()?.join("inventure/mutants");
    let (tree, target) = (folder.join("tree"), folder.join("target"));
    let outcomes = folder.join("outcomes.jsonl");
    fs::create_dir_all(&folder)?;
    let mut not_compiled = 0;
    for tests in [own.as_slice(), &[ACROSS]] {
        if options.across && tests != [ACROSS] {
            continue;
        }
        let record = Record::open(&outcomes)?;
        let mut open: Vec<Mutant> = mutants
            .iter()
            .filter(|mutant| !record.is_killed(mutant))
            .cloned()
            .collect();
        list::number(&mut open)?;
        if open.is_empty() || Instant::now() > until {
            break;
        }
        println!("{} mutants, tests of {}", open.len(), tests.join(", "));
        project.copy_to(&tree)?;
        let (binaries, left_out) = compile::compile(&project, tests, &tree, &target, &mut open)?;
        not_compiled += left_out.len();
        mutants.retain(|mutant| !left_out.contains(&mutant.name));
        run::run(&tree, &binaries, &open, &record, until)?;
    }
    println!("{not_compiled} stand where nothing runs or do not compile: left out");
    record::tell(&outcomes, &mutants)
}

fn main() -> ExitCode {
    match mutants(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
