//! The mutants there are, by slices of the code.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};
use inventure_stack::{project::Project, shell, tools::hash};
use serde::Deserialize;

use crate::write::SWITCHES;

/// The release of cargo-mutants that lists the mutants.
const VERSION: &str = "27.1.0";

/// Files whose mutants are tried together, and the tests that are to find them.
pub struct Slice {
    /// The name of the slice.
    pub name: &'static str,
    /// The packages of the files.
    pub packages: &'static [&'static str],
    /// The files, from the root; all of the packages where there are none.
    pub files: &'static [&'static str],
    /// The packages whose own tests look for the mutants first. Those across functions look for what is left.
    pub tests: &'static [&'static str],
}

/// The package whose tests run all functions together.
pub const ACROSS: &str = "inventure-testing";

/// All slices: what guards money, consent and access.
pub const SLICES: [Slice; 5] = [
    Slice {
        name: "ledger",
        packages: &["inventure-ledger"],
        files: &[],
        tests: &["inventure-ledger"],
    },
    Slice {
        name: "deals",
        packages: &["inventure-deals"],
        files: &[],
        tests: &["inventure-deals"],
    },
    Slice {
        name: "books",
        packages: &["inventure-books"],
        files: &[],
        tests: &["inventure-books"],
    },
    Slice {
        name: "consent",
        packages: &["inventure-recruiting", "candidates", "resume-parser", "settlement"],
        files: &[
            "shared/recruiting/recruiting/src/records/candidate.rs",
            "functions/recruiting/candidates/src/consents.rs",
            "functions/recruiting/candidates/src/new_consent.rs",
            "functions/recruiting/resume-parser/src/erase.rs",
            "functions/money/settlement/src/consents.rs",
        ],
        tests: &["inventure-recruiting", "candidates", "resume-parser", "settlement"],
    },
    Slice {
        name: "access",
        packages: &["inventure-people", "inventure-rooms"],
        files: &[
            "shared/people/people/src/access.rs",
            "shared/people/people/src/caller.rs",
            "shared/people/people/src/limit.rs",
            "shared/people/people/src/records/*.rs",
            "shared/live/rooms/src/access.rs",
        ],
        tests: &["inventure-people", "inventure-rooms"],
    },
];

/// A place in a file: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Span {
    /// Its beginning.
    pub start: Place,
    /// The place right behind it.
    pub end: Place,
}

/// A mutant, as cargo-mutants lists it.
#[derive(Debug, Clone, Deserialize)]
pub struct Mutant {
    /// The number that switches it on.
    #[serde(skip)]
    pub id: u32,
    /// The hash of the file that it is in.
    #[serde(skip)]
    pub of: String,
    /// Its name: place and change.
    pub name: String,
    /// The file, from the root.
    pub file: String,
    /// The kind of change.
    pub genre: String,
    /// The text that is put in place of what stands there.
    pub replacement: String,
    /// The text that is replaced.
    pub span: Span,
}

/// Lists the mutants of a slice.
pub fn mutants(project: &Project, slice: &Slice) -> Result<Vec<Mutant>> {
    let mut list = Command::new(installed(project)?);
    list.current_dir(&project.root);
    list.args(["mutants", "--list", "--json"]);
    // Texts for programmers, and the schema that comes of a type's derive.
    list.args(["--exclude-re", "fmt::Debug|JsonSchema"]);
    for package in slice.packages {
        list.args(["--package", package]);
    }
    for file in slice.files {
        list.args(["--file", file]);
    }
    let listed = shell::output(&mut list).context("cargo-mutants lists no mutants")?;
    let mut mutants: Vec<Mutant> = serde_json::from_str(&listed).context("cargo-mutants printed no list")?;
    for mutant in &mut mutants {
        hash(&fs::read(project.root.join(&mutant.file))?)[..12].clone_into(&mut mutant.of);
    }
    Ok(mutants)
}

/// Numbers the mutants that are tried together.
pub fn number(mutants: &mut [Mutant]) -> Result<()> {
    ensure!(
        mutants.len() < SWITCHES,
        "{} mutants are too many at once",
        mutants.len()
    );
    for (mutant, id) in mutants.iter_mut().zip(1..) {
        mutant.id = id;
    }
    Ok(())
}

/// Returns cargo-mutants, which is installed the first time.
fn installed(project: &Project) -> Result<PathBuf> {
    let root = project.cache.join(format!("cargo-mutants-{VERSION}"));
    let program = root.join("bin/cargo-mutants");
    if let Some(known) = env::var_os("CARGO_MUTANTS") {
        return Ok(known.into());
    }
    if !program.is_file() {
        let mut install = project.cargo();
        install.args([
            "install",
            "--locked",
            "--quiet",
            "cargo-mutants",
            "--version",
            VERSION,
            "--root",
        ]);
        shell::run(install.arg(&root)).context("cargo-mutants cannot be installed")?;
    }
    Ok(program)
}
