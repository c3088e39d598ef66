//! The outcomes so far, a line each, so that a run that is broken off goes on where it was.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::Path,
    sync::{Mutex, PoisonError},
};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::list::Mutant;

/// The outcome of one mutant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The mutant's name.
    pub name: String,
    /// The hash of the file that the mutant was in.
    pub of: String,
    /// The test that failed. `None` where all passed.
    pub killed_by: Option<String>,
}

/// The outcomes of a slice.
pub struct Record {
    file: Mutex<File>,
    known: BTreeMap<(String, String), Option<String>>,
}

impl Record {
    /// Reads the outcomes of earlier runs. Survivors are tried again, since a test may have come.
    pub fn open(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).unwrap_or_default();
        let outcomes = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Outcome>(line).ok());
        let known = outcomes.map(|outcome| ((outcome.name, outcome.of), outcome.killed_by));
        Ok(Self {
            known: known.filter(|(_, killed_by)| killed_by.is_some()).collect(),
            file: Mutex::new(File::options().append(true).create(true).open(path)?),
        })
    }

    /// Whether a mutant was killed before, as its file is now.
    pub fn is_killed(&self, mutant: &Mutant) -> bool {
        self.known.contains_key(&(mutant.name.clone(), mutant.of.clone()))
    }

    /// The file of each mutant that was killed before, and the test that did.
    pub fn kills(&self) -> impl Iterator<Item = (&str, &str)> {
        let kills = self.known.iter();
        kills.filter_map(|((name, _), by)| Some((name.split_once(':')?.0, by.as_deref()?)))
    }

    /// Writes down an outcome.
    pub fn write(&self, mutant: &Mutant, killed_by: Option<&str>) -> Result<()> {
        let outcome = Outcome {
            name: mutant.name.clone(),
            of: mutant.of.clone(),
            killed_by: killed_by.map(str::to_owned),
        };
        let line = format!("{}\n", serde_json::to_string(&outcome)?);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(file.write_all(line.as_bytes())?)
    }
}

/// Prints how many of the mutants were killed, out of those that were tried. Returns whether all were.
pub fn tell(path: &Path, mutants: &[Mutant]) -> Result<bool> {
    let text = fs::read_to_string(path)?;
    let outcomes = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Outcome>(line).ok());
    let last: BTreeMap<(String, String), Option<String>> = outcomes
        .map(|outcome| ((outcome.name, outcome.of), outcome.killed_by))
        .collect();
    let found = |mutant: &Mutant| last.get(&(mutant.name.clone(), mutant.of.clone()));
    let killed = mutants
        .iter()
        .filter(|mutant| found(mutant).is_some_and(Option::is_some))
        .count();
    let survivors: Vec<&str> = mutants
        .iter()
        .filter(|mutant| found(mutant).is_some_and(Option::is_none))
        .map(|mutant| mutant.name.as_str())
        .collect();
    let tried = killed + survivors.len();
    for name in &survivors {
        println!("  survived  {name}");
    }
    if tried == 0 {
        bail!("no mutant was tried");
    }
    let left = mutants.len() - tried;
    let percent = killed as f64 / tried as f64 * 100.0;
    println!("{killed} of {tried} killed ({percent:.1}%), {left} not tried yet");
    Ok(survivors.is_empty() && left == 0)
}
