//! Trains the taggers and measures them by cross-validation:
//!
//! ```text
//! cargo run --release -p inventure-resume --example train_entities -- --data DIR [--folds 5] [--threads 1] [--out FILE]
//! ```
//!
//! `DIR` holds `resume-entities/` and `taxonomy/`. With `--out` the model is written there, trained on all CVs, and the lexicon
//! beside it. The same data give the same bytes.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

mod corpus;
mod learn;
mod score;
mod taxonomy;
mod validate;

use std::path::PathBuf;

use inventure_resume::entities::{EntityKind, model::lexicon_from_bytes};
use learn::{Example, Settings, train};
use validate::{Corpus, cross_validate, hold_out, sequences_of, tune};

/// Any error: the tool prints it and stops.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|a| a != name).nth(1)
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> Result<T, Failure> {
    argument(name).map_or(Ok(default), |v| {
        v.parse().map_err(|_| format!("{name} {v}: not a number").into())
    })
}

fn main() -> Result<(), Failure> {
    let data = PathBuf::from(
        argument("--data").ok_or("--data DIR is missing: the folder with resume-entities/ and taxonomy/")?,
    );
    let folds = number("--folds", 5)?;
    let settings = Settings {
        epochs: number("--epochs", 12)?,
        rate: number("--rate", 0.05)?,
        l2: number("--l2", 0.0005)?,
        dropout: number("--dropout", 0.5)?,
        least_count: 2,
        prune: 0.02,
        seed: 1,
    };
    let lexicon_bytes = taxonomy::lexicon(&data.join("taxonomy"))?;
    let lexicon = lexicon_from_bytes(&lexicon_bytes).ok_or("the lexicon does not read back")?;
    let documents = corpus::read_folder(&data.join("resume-entities"))?;
    let names: Vec<String> = EntityKind::ALL.iter().map(|k| format!("{k:?}")).collect();
    let kinds = names.len();
    println!(
        "{} documents, {} tokens",
        documents.len(),
        documents.iter().map(|d| d.tokens.len()).sum::<usize>()
    );
    let sequences: Vec<Vec<Example>> = documents.iter().map(|d| sequences_of(d, &lexicon)).collect();
    let corpus = Corpus {
        kinds,
        documents: &documents,
        sequences: &sequences,
        lexicon: &lexicon,
        folds: &validate::folds_of(&documents, folds),
    };
    let held = hold_out(&corpus, folds, number("--threads", 1)?, &settings);
    score::print(&names, &cross_validate(&held, folds, kinds));
    let Some(out) = argument("--out").map(PathBuf::from) else {
        return Ok(());
    };
    let all: Vec<&Example> = sequences.iter().flatten().collect();
    let mut model = train(&all, kinds, &settings);
    model.set_thresholds(tune(&held.iter().collect::<Vec<_>>(), kinds));
    println!("thresholds {:?}", model.thresholds());
    std::fs::write(&out, model.to_bytes())?;
    std::fs::write(out.with_file_name("lexicon.bin"), lexicon_bytes)?;
    Ok(())
}
