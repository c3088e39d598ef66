//! `test`: every check there is, each a part that can be run alone.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use inventure_stack::{
    local::{STACK_FILE, Temporary},
    package::Build,
    project::Project,
    shell, tools,
};

use crate::{architecture, dependencies, mends, template, words};

#[derive(Args)]
pub struct Options {
    /// Only these, in this order. Without any, all but `storm`.
    parts: Vec<Part>,
    /// For `mends`: also those of the store and the functions, whose tests take minutes to build.
    #[arg(long)]
    all: bool,
}

/// A part of the checks.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Part {
    /// The formatting of the code.
    Fmt,
    /// The first sentences of doc comments.
    Words,
    /// The templates: cfn-lint, and what they promise.
    Lint,
    /// The dependencies of our packages on each other.
    Architecture,
    /// Advisories, licences and sources of every dependency.
    Deny,
    /// Clippy, warnings denied.
    Clippy,
    /// Unit and property tests, and the examples in the documentation.
    Unit,
    /// The mends against cheats, each taken out in turn: a test has to fail.
    Mends,
    /// The documentation, warnings denied.
    Docs,
    /// The platform as a whole, on an emulator of its own.
    E2e,
    /// A thousand connections at once, some ten minutes; `e2e` has a hundred.
    Storm,
}

const ALL: [Part; 10] = [
    Part::Fmt,
    Part::Words,
    Part::Lint,
    Part::Architecture,
    Part::Deny,
    Part::Clippy,
    Part::Unit,
    Part::Mends,
    Part::Docs,
    Part::E2e,
];
/// The numbers of rooms of the storm, of ten connections each. The first is so small that it stays short, the second is as many as are
/// promised.
const STORM_SMALL: &str = "10";
const STORM_FULL: &str = "100";
/// The disk space of all that `cargo xtask test` builds from nothing: 12.2 GB without incremental caches.
const TEST_GB: u64 = 13;
/// The package with the end-to-end tests.
const E2E_PACKAGE: &str = "inventure-tests";

impl Part {
    /// Tells whether the part compiles what is checked.
    const fn builds(self) -> bool {
        !matches!(
            self,
            Self::Fmt | Self::Words | Self::Lint | Self::Architecture | Self::Deny
        )
    }
}

/// The numbers of tests that went well, and that did not.
#[derive(Clone, Copy, Default)]
struct Count {
    passed: usize,
    failed: usize,
}

/// `cargo xtask test`.
pub fn test(project: &Project, options: &Options) -> Result<()> {
    let parts = if options.parts.is_empty() {
        ALL.to_vec()
    } else {
        options.parts.clone()
    };
    if parts.iter().any(|part| part.builds()) {
        // A full disk would show after ten minutes, as errors from everywhere.
        tools::check_space(project, TEST_GB)?;
    }
    let start = Instant::now();
    let mut rows = Vec::new();
    for part in parts {
        println!("\n== {part:?}");
        let began = Instant::now();
        let (count, error) = run(project, part, options.all);
        if let Some(error) = &error {
            eprintln!("{part:?}: {error:#}");
        }
        rows.push((format!("{part:?}"), count, error.is_none(), shell::seconds(began)));
    }
    println!("\npart           passed  failed  time");
    for (part, count, _, time) in &rows {
        println!("{part:<14} {:>6}  {:>6}  {time}", count.passed, count.failed);
    }
    let total = rows.iter().fold(Count::default(), |total, (_, count, ..)| Count {
        passed: total.passed + count.passed,
        failed: total.failed + count.failed,
    });
    println!("{:<30} {}\n", "all", shell::seconds(start));
    println!("{} passed, {} failed", total.passed, total.failed);
    if rows.iter().any(|(_, _, fine, _)| !fine) {
        bail!("not everything is as it should be");
    }
    Ok(())
}

/// Runs one part. A part that is no collection of tests counts as one test; so does one that broke off before it counted any.
fn run(project: &Project, part: Part, all: bool) -> (Count, Option<anyhow::Error>) {
    let counted = match part {
        Part::Unit => unit(project),
        Part::E2e => e2e(project, &[], STORM_SMALL),
        Part::Storm => e2e(project, &["--test", "storm"], STORM_FULL),
        Part::Mends => mends::check(project, all).map(|(passed, failed)| Count { passed, failed }),
        other => check(project, other).map(|()| Count { passed: 1, failed: 0 }),
    };
    match counted {
        Ok(count) if count.failed > 0 => (count, Some(anyhow::anyhow!("{} tests failed", count.failed))),
        Ok(count) => (count, None),
        Err(error) => (Count { passed: 0, failed: 1 }, Some(error)),
    }
}

fn check(project: &Project, part: Part) -> Result<()> {
    let mut cargo = project.cargo();
    match part {
        Part::Fmt => shell::run(cargo.args(["fmt", "--all", "--check"])),
        Part::Words => words::check(project),
        Part::Lint => template::check(project),
        Part::Architecture => architecture::check_arrows(project),
        Part::Deny => deny(project),
        Part::Clippy => shell::run(cargo.args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "--deny",
            "warnings",
        ])),
        Part::Docs => shell::run(cargo.env("RUSTDOCFLAGS", "--deny warnings").args([
            "doc",
            "--workspace",
            "--no-deps",
            "--quiet",
        ])),
        Part::Unit | Part::Mends | Part::E2e | Part::Storm => Ok(()),
    }
}

/// Runs cargo-deny where it is installed; our own reading of the same file otherwise.
fn deny(project: &Project) -> Result<()> {
    dependencies::check_advisories(project)?;
    if has(project, "deny") {
        let checks = ["deny", "--offline", "check", "licenses", "sources", "bans"];
        return shell::run(project.cargo().args(checks));
    }
    dependencies::check_licences(project)
}

fn has(project: &Project, tool: &str) -> bool {
    let version = project
        .cargo()
        .args([tool, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

fn unit(project: &Project) -> Result<Count> {
    let others = ["--workspace", "--exclude", E2E_PACKAGE];
    // The embedder is tested with its model.
    tools::check_machine(project)?;
    let model = shell::step("model", || tools::model(project))?;
    let pdf = shell::step("PDF library", || tools::pdf_library(project))?;
    // The processor's stand-in is tested with the processor's own library.
    shell::step("Stripe's library", || tools::Venv::Tools.ensure(project))?;
    let python = tools::Venv::Tools.program(project, "python");
    let count = tests(project, &others, |cargo| {
        cargo
            .env("INVENTURE_MODEL_DIR", &model)
            .env("INVENTURE_PDF_LIBRARY", pdf.path())
            .env("INVENTURE_TOOLS_PYTHON", &python);
    })?;
    // nextest leaves out the examples in the documentation.
    if has(project, "nextest") {
        let mut cargo = project.cargo();
        let documented = counted(cargo.args(["test", "--doc", "--quiet"]).args(others))?;
        return Ok(Count {
            passed: count.passed + documented.passed,
            failed: count.failed + documented.failed,
        });
    }
    Ok(count)
}

fn tests(project: &Project, packages: &[&str], set: impl FnOnce(&mut Command)) -> Result<Count> {
    let mut cargo = project.cargo();
    // The message says what failed; a trace of each failure would bury it.
    cargo.env("RUST_BACKTRACE", "0");
    if has(project, "nextest") {
        cargo.args([
            "nextest",
            "run",
            "--no-fail-fast",
            "--cargo-quiet",
            "--status-level",
            "slow",
            "--no-tests",
            "pass",
        ]);
    } else {
        cargo.args(["test", "--no-fail-fast", "--quiet"]);
    }
    set(cargo.args(packages));
    counted(&mut cargo)
}

/// Runs tests on an emulator of their own: all, or those of a filter. It has the whole platform, and ends with the tests however they
/// end.
fn e2e(project: &Project, filter: &[&str], rooms: &str) -> Result<Count> {
    tools::check_machine(project)?;
    let temporary = Temporary::bring_up(project, Build::Local)?;
    // What an operator would type is tried as well.
    let xtask = std::env::current_exe()?;
    let arguments = [&["--package", E2E_PACKAGE], filter].concat();
    tests(project, &arguments, |cargo| {
        cargo
            .env("INVENTURE_STORM_ROOMS", rooms)
            .env("INVENTURE_STACK", temporary.stack.folder.join(STACK_FILE))
            .env("INVENTURE_XTASK", &xtask);
    })
}

/// Runs tests, shows what they say, and counts them by their summaries.
fn counted(command: &mut Command) -> Result<Count> {
    let (passed, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let tally = |line: &str| {
        if let Some(count) = summary(line) {
            passed.fetch_add(count.passed, Ordering::Relaxed);
            failed.fetch_add(count.failed, Ordering::Relaxed);
        }
    };
    let status = shell::lines(
        command,
        |line| {
            tally(line);
            println!("{line}");
        },
        |line| {
            tally(line);
            eprintln!("{line}");
        },
    )?;
    let count = Count {
        passed: passed.into_inner(),
        failed: failed.into_inner(),
    };
    if !status.success() && count.failed == 0 {
        bail!("the tests did not run to their end ({status})");
    }
    Ok(count)
}

/// The numbers in a summary of nextest (`12 tests run: 11 passed, 1 failed`) or of cargo (`test result: ok. 3 passed; 0 failed`).
fn summary(line: &str) -> Option<Count> {
    // nextest shows what a failed test printed, cargo's summary of it among the rest, indented.
    if !line.contains("tests run:") && !line.contains("test run:") && !line.starts_with("test result:") {
        return None;
    }
    let words: Vec<&str> = line
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let before = |names: &[&str]| {
        let numbers = words
            .windows(2)
            .filter(|pair| names.contains(&pair[1]))
            .filter_map(|pair| pair[0].parse::<usize>().ok());
        numbers.sum()
    };
    Some(Count {
        passed: before(&["passed"]),
        failed: before(&["failed", "timed"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_summary(line: &str, expected: Option<(usize, usize)>) {
        assert_eq!(
            summary(line).map(|count| (count.passed, count.failed)),
            expected,
            "{line}"
        );
    }

    #[test]
    fn summaries_are_counted() {
        check_summary(
            "     Summary [   0.010s] 12 tests run: 11 passed (1 slow), 1 failed, 3 skipped",
            Some((11, 1)),
        );
        check_summary("     Summary [   0.010s] 1 test run: 1 passed, 0 skipped", Some((1, 0)));
        check_summary(
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
            Some((3, 2)),
        );
        check_summary(
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured",
            None,
        );
        check_summary("running 5 tests", None);
        check_summary("        FAIL [   0.002s] inventure-core money::tests::failed", None);
    }
}
