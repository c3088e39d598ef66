//! Trains the taggers of lines and parts on made documents, and measures them on layouts held out.
//!
//! ```sh
//! python3 localstack/seed/corpus/make.py --out DIR --documents 1200 --seed 1
//! cargo run --release -p inventure-resume --example train_structure -- --data DIR [--all] [--verbose] [--out FOLDER]
//! ```
//!
//! `INVENTURE_PDF_LIBRARY` names the PDF library, which `cargo xtask tools` fetches. One layout in five is held out and measured,
//! but with `--all`. `--out` writes the models to a folder, as `model/` has them.
#![expect(clippy::print_stdout, reason = "an example speaks to a terminal")]

mod corpus;
#[path = "../train_entities/learn.rs"]
#[expect(dead_code, reason = "the other trainer cuts its documents itself")]
mod learn;

use std::{collections::BTreeMap, error::Error, fs, path::PathBuf};

use corpus::Marked;
use inventure_resume::{
    entities::{
        crf::{TokenSpan, labels_of, spans_of},
        model::Model,
    },
    structure::{LineKind, PartKind, lines::Page, parts::Sequence, runs, spans},
};
use learn::{Example, Settings};

const LINES: Settings = Settings {
    epochs: 14,
    rate: 0.12,
    l2: 2e-6,
    dropout: 0.5,
    least_count: 5,
    prune: 0.04,
    seed: 17,
};
const PARTS: Settings = Settings {
    epochs: 14,
    rate: 0.12,
    l2: 2e-6,
    dropout: 0.5,
    least_count: 5,
    prune: 0.04,
    seed: 23,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(PathBuf::from)
    };
    let data = value("--data").ok_or("--data DIR is missing: the folder with truth.jsonl")?;
    let out = value("--out");
    out.iter().try_for_each(std::fs::create_dir_all)?;
    let documents = corpus::read_folder(&data)?;
    println!("{} documents", documents.len());
    let all = arguments.iter().any(|argument| argument == "--all");
    let held_out = |marked: &Marked| !all && marked.layout_number().is_multiple_of(5);
    let (mut lines, mut parts) = (Vec::new(), Vec::new());
    for marked in documents.iter().filter(|marked| !held_out(marked)) {
        let page = Page::new(&marked.document);
        let gold = marked.gold(&page);
        lines.push(Example {
            attributes: page.attributes(),
            labels: labels_of(&gold.line_spans, page.lines.len()),
        });
        for run in runs(&gold.blocks()) {
            let sequence = Sequence::new(&page, &run);
            let spans = gold.part_spans(&sequence);
            parts.push(Example {
                attributes: sequence.attributes(),
                labels: labels_of(&spans, sequence.len()),
            });
        }
    }
    println!("{} pages, {} heads to learn from", lines.len(), parts.len());
    let line_model = learn::train(&lines.iter().collect::<Vec<_>>(), LineKind::ALL.len(), &LINES);
    println!("lines: {} bytes", line_model.to_bytes().len());
    let part_model = learn::train(&parts.iter().collect::<Vec<_>>(), PartKind::ALL.len(), &PARTS);
    println!("parts: {} bytes", part_model.to_bytes().len());
    if let Some(out) = out {
        fs::write(out.join("lines.bin"), line_model.to_bytes())?;
        fs::write(out.join("parts.bin"), part_model.to_bytes())?;
    }
    measure(
        documents.iter().filter(|marked| held_out(marked)),
        &line_model,
        &part_model,
    );
    Ok(())
}

/// The finds that are right, those that were made, and those that there are.
#[derive(Default)]
struct Score {
    right: u32,
    made: u32,
    there: u32,
}

impl Score {
    fn add(&mut self, found: &[TokenSpan], gold: &[TokenSpan]) {
        self.right += found.iter().filter(|span| gold.contains(span)).count() as u32;
        self.made += found.len() as u32;
        self.there += gold.len() as u32;
    }
}

/// Prints precision and recall of blocks of lines, and of the parts of heads whose lines are known.
fn measure<'a>(documents: impl Iterator<Item = &'a Marked>, line_model: &Model, part_model: &Model) {
    let verbose = std::env::args().any(|argument| argument == "--verbose");
    let mut lines: BTreeMap<String, Score> = BTreeMap::new();
    let mut parts: BTreeMap<String, Score> = BTreeMap::new();
    for marked in documents {
        let page = Page::new(&marked.document);
        let gold = marked.gold(&page);
        let found = predict(line_model, &page.attributes());
        for (number, kind) in LineKind::ALL.iter().enumerate() {
            let of = |spans: &[TokenSpan]| {
                spans
                    .iter()
                    .filter(|span| span.kind == number)
                    .copied()
                    .collect::<Vec<_>>()
            };
            let score = lines.entry(format!("{kind:?}")).or_default();
            score.add(&of(&found), &of(&gold.line_spans));
        }
        if verbose {
            for span in found.iter().filter(|span| !gold.line_spans.contains(span)) {
                let was = gold
                    .line_spans
                    .iter()
                    .find(|gold| gold.start <= span.start && span.start < gold.end);
                let was = was.map(|gold| (LineKind::ALL[gold.kind], gold.end - gold.start));
                let text = &page.lines[span.start].text;
                println!(
                    "{} {:?}x{} was {was:?}: {text}",
                    marked.file,
                    LineKind::ALL[span.kind],
                    span.end - span.start
                );
            }
        }
        let heads: Vec<Sequence> = runs(&gold.blocks())
            .iter()
            .map(|run| Sequence::new(&page, run))
            .collect();
        for (sequence, found) in heads.iter().zip(spans(&heads, part_model)) {
            let gold_spans = gold.part_spans(sequence);
            let found: Vec<TokenSpan> = found.into_iter().map(|(span, _)| span).collect();
            for (number, kind) in PartKind::ALL.iter().enumerate() {
                let of = |spans: &[TokenSpan]| {
                    spans
                        .iter()
                        .filter(|span| span.kind == number)
                        .copied()
                        .collect::<Vec<_>>()
                };
                parts
                    .entry(format!("{kind:?}"))
                    .or_default()
                    .add(&of(&found), &of(&gold_spans));
            }
            if verbose {
                let text = |span: &TokenSpan| {
                    let range = sequence.range(span.start..span.end).unwrap_or_default();
                    format!("{:?}={:?}", PartKind::ALL[span.kind], &marked.document.text[range])
                };
                for span in found.iter().filter(|span| !gold_spans.contains(span)) {
                    let whole = sequence.range(0..sequence.len()).unwrap_or_default();
                    let missed: Vec<String> = gold_spans
                        .iter()
                        .filter(|span| !found.contains(span))
                        .map(text)
                        .collect();
                    println!(
                        "{} part {} missed {missed:?} in {:?}",
                        marked.file,
                        text(span),
                        &marked.document.text[whole]
                    );
                }
            }
        }
    }
    for (name, scores) in [("blocks of lines", &lines), ("parts, lines known", &parts)] {
        println!("\n| {name} | precision | recall | there |\n|---|---|---|---|");
        for (kind, score) in scores {
            let share = |of: u32| f64::from(score.right) / f64::from(of.max(1));
            println!(
                "| {kind} | {:.3} | {:.3} | {} |",
                share(score.made),
                share(score.there),
                score.there
            );
        }
    }
}

fn predict(model: &Model, attributes: &[Vec<u32>]) -> Vec<TokenSpan> {
    spans_of(&model.transitions().viterbi(&model.scores_of(attributes)))
}
