//! Compiles a slice's mutants, and leaves out those that do not compile.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use inventure_stack::project::{Project, write_changed};
use serde_json::Value;

use crate::{
    list::{ACROSS, Mutant},
    write::{LENIENT, SWITCH, with_mutants},
};

/// The most builds in which mutants that do not compile are found. Each build names those of the crates that it comes to.
const ROUNDS: usize = 20;

/// A program with tests.
#[derive(Debug, Clone)]
pub struct Binary {
    /// Its path.
    pub path: PathBuf,
    /// The folder of its package, in which it runs.
    pub folder: PathBuf,
}

/// Writes the mutants into the copy of the work tree and builds the tests of packages. Mutants that cannot be written or compiled are taken
/// out of the list, and their names returned.
pub fn compile(
    project: &Project,
    tests: &[&str],
    tree: &Path,
    target: &Path,
    mutants: &mut Vec<Mutant>,
) -> Result<(Vec<Binary>, BTreeSet<String>)> {
    let all: BTreeSet<String> = mutants.iter().map(|mutant| mutant.name.clone()).collect();
    let mut constant = BTreeSet::new();
    // Also those files whose mutants are all left out in the end.
    let files: BTreeSet<String> = mutants.iter().map(|mutant| mutant.file.clone()).collect();
    for round in 1..=ROUNDS {
        let unplaced = write(project, tree, &files, mutants, &constant)?;
        if !unplaced.is_empty() {
            mutants.retain(|mutant| !unplaced.contains(&mutant.id));
        }
        println!("  build {round}");
        match build(project, tests, tree, target)? {
            Built::Done(binaries) => {
                let kept: BTreeSet<String> = mutants.iter().map(|mutant| mutant.name.clone()).collect();
                return Ok((binaries, &all - &kept));
            }
            Built::Failed(errors) => {
                let known = constant.len();
                constant.extend(errors.iter().filter_map(asked_for_constant));
                let (inside, before): (Vec<_>, Vec<_>) = errors.iter().map(|error| blamed(tree, error)).unzip();
                let mut broken: BTreeSet<u32> = inside.into_iter().flatten().collect();
                if broken.is_empty() && constant.len() == known {
                    // An error behind what a mutant made of the code before.
                    broken.extend(before.into_iter().flatten());
                }
                if broken.is_empty() && constant.len() == known {
                    let first = errors.first().map(|error| error.text.clone()).unwrap_or_default();
                    bail!("the copy does not build, and no mutant is the cause: {first}");
                }
                mutants.retain(|mutant| !broken.contains(&mutant.id));
            }
        }
    }
    bail!("some mutants do not compile in any of {ROUNDS} rounds")
}

/// Writes the files that have mutants, and returns the ids of those that have no place.
fn write(
    project: &Project,
    tree: &Path,
    files: &BTreeSet<String>,
    mutants: &[Mutant],
    constant: &BTreeSet<String>,
) -> Result<BTreeSet<u32>> {
    let mut unplaced = BTreeSet::new();
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(project.root.join(file))?;
        let own: Vec<&Mutant> = mutants.iter().filter(|mutant| mutant.file == *file).collect();
        let (written, left) = with_mutants(&text, &own, constant).with_context(|| file.clone())?;
        unplaced.extend(left);
        texts.insert(file.into(), written);
        let (package, _) = file.split_once("/src/").context("a mutant outside of src")?;
        texts.entry(Path::new(package).join("src/lib.rs")).or_default();
    }
    for (file, written) in texts {
        let mut text = written;
        if text.is_empty() {
            text = fs::read_to_string(project.root.join(&file))?;
        }
        if file.ends_with("src/lib.rs") {
            text = format!("{LENIENT}{text}{SWITCH}");
        }
        write_changed(&tree.join(file), text.as_bytes())?;
    }
    Ok(unplaced)
}

/// An error of the compiler: the file and the bytes that it is about.
struct CompileError {
    text: String,
    places: Vec<(PathBuf, usize)>,
}

enum Built {
    Done(Vec<Binary>),
    Failed(Vec<CompileError>),
}

fn build(project: &Project, tests: &[&str], tree: &Path, target: &Path) -> Result<Built> {
    let mut cargo = project.cargo();
    // A folder of its own: cargo tells a copy of the work tree from the work tree by the age of its files alone, and would take mutants for
    // the real code.
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", target);
    cargo.args(["build", "--tests", "--keep-going", "--message-format", "json"]);
    for package in tests {
        cargo.args(["--package", package]);
        // Built a few times and run a thousand times.
        if *package != ACROSS {
            cargo.args(["--config", &format!("profile.dev.package.{package}.opt-level=1")]);
        }
    }
    let ended = cargo.output().context("cannot start cargo")?;
    let messages = String::from_utf8_lossy(&ended.stdout).into_owned();
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let (mut binaries, mut errors) = (Vec::new(), Vec::new());
    for message in messages {
        if let (Some(path), Some(manifest)) = (message["executable"].as_str(), message["manifest_path"].as_str()) {
            let folder = Path::new(manifest).parent().unwrap_or(tree).to_owned();
            binaries.push(Binary {
                path: path.into(),
                folder,
            });
        }
        let said = &message["message"];
        if message["reason"] == "compiler-message" && said["level"] == "error" {
            let spans = said["spans"].as_array().into_iter().flatten();
            let place = |span: &Value| {
                let file = PathBuf::from(span["file_name"].as_str()?);
                let at = usize::try_from(span["byte_start"].as_u64()?).ok()?;
                Some((file, at))
            };
            errors.push(CompileError {
                text: said["rendered"].as_str().unwrap_or_default().to_owned(),
                places: spans.filter_map(place).collect(),
            });
        }
    }
    if ended.status.success() {
        return Ok(Built::Done(binaries));
    }
    if errors.is_empty() {
        bail!("cargo fails: {}", String::from_utf8_lossy(&ended.stderr));
    }
    Ok(Built::Failed(errors))
}

/// The function that has to be constant, of an error about a constant that calls it.
fn asked_for_constant(error: &CompileError) -> Option<String> {
    let (_, name) = error.text.split_once("cannot call non-const ")?;
    let path = name.split('`').nth(1)?;
    Some(path.rsplit("::").next().unwrap_or(path).to_owned())
}

/// The mutants whose text an error is in, and the one whose text is the last before it.
fn blamed(tree: &Path, error: &CompileError) -> (Vec<u32>, Option<u32>) {
    let mut inside = Vec::new();
    let mut before = None;
    if asked_for_constant(error).is_some() {
        return (inside, before);
    }
    for (file, at) in &error.places {
        let text = fs::read_to_string(tree.join(file)).unwrap_or_default();
        let head = text.get(..*at).unwrap_or_default();
        let opened = |head: &str| -> Option<u32> {
            let (_, tail) = head.rsplit_once("/*<")?;
            tail.split_once("*/")?.0.parse().ok()
        };
        if let Some(id) = opened(head) {
            if head.contains(&format!("/*{id}>*/")) {
                before = before.or(Some(id));
            } else {
                inside.push(id);
            }
        }
    }
    (inside, before)
}
