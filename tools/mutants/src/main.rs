//! Mutation testing in resumable slices: `cargo xtask mutants`.
//!
//! The mutants are those that cargo-mutants lists. It compiles each by itself, which takes hours for the rules of deals. Here all mutants of
//! a slice are compiled once into a copy of the work tree, and an environment variable switches one of them on. Each mutant is tried with
//! the tests that reach it, the fastest first, until one fails.

#![allow(clippy::print_stdout, reason = "a command-line tool speaks through its output")]
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
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_stack::project::Project;

use crate::{list::SLICES, record::Record};

fn mutants(arguments: &[String]) -> Result<()> {
    let [name, rest @ ..] = arguments else {
        let names: Vec<&str> = SLICES.iter().map(|slice| slice.name).collect();
        bail!("name a slice: {}", names.join(", "));
    };
    let slice = SLICES.iter().find(|slice| slice.name == *name);
    let slice = slice.with_context(|| format!("there is no slice {name}"))?;
    let minutes: u64 = rest.first().map_or(Ok(u64::MAX / 60), |text| text.parse())?;
    let until = Instant::now() + Duration::from_secs((minutes * 60).min(7 * 24 * 3_600));

    let project = Project::find(env!("CARGO_MANIFEST_DIR"))?;
    let folder = project.target()?.join("inventure/mutants");
    let tree = folder.join(slice.name);
    let mut mutants = list::mutants(&project, slice)?;
    println!("{}: cargo-mutants lists {} mutants", slice.name, mutants.len());
    project.copy_to(&tree)?;
    let binaries = compile::compile(&project, slice, &tree, &folder.join("target"), &mut mutants)?;
    let outcomes = folder.join(format!("{}.jsonl", slice.name));
    run::run(&tree, &binaries, &mutants, &Record::open(&outcomes)?, until)?;
    record::tell(&outcomes, &mutants)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match mutants(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
