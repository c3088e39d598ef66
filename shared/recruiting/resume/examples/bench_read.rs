//! Reads and parses every file of a folder, and prints the time it took or the result.
//!
//! `INVENTURE_PDF_LIBRARY` names the PDF library, which `cargo xtask tools` fetches.
//!
//! ```text
//! cargo run --release -p inventure-resume --example bench_read -- FOLDER            p50 and p95 of text and fields, per file and in all
//! cargo run -p inventure-resume --example bench_read -- FOLDER --text               the text of each file
//! cargo run -p inventure-resume --example bench_read -- FOLDER --json               the resume of each file
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to a terminal")]

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::{Duration, Instant},
};

use inventure_resume::{Document, Hint, Limits, PartialDate, PdfLibrary, Refusal, parse, read};

/// The PDF library.
static PDF: LazyLock<Option<PdfLibrary>> = LazyLock::new(|| {
    let file = std::env::var_os("INVENTURE_PDF_LIBRARY")?;
    PdfLibrary::open(Path::new(&file)).ok()
});

/// The number of warm runs of each file.
const ROUNDS: usize = 30;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: bench_read FOLDER [--text | --json]")?;
    let mode = arguments.next();
    let today = PartialDate::year_month(2026, 11)?;
    let mut paths: Vec<PathBuf> = match fs::read_dir(&folder) {
        Ok(entries) => entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .collect(),
        Err(_) => vec![PathBuf::from(&folder)],
    };
    paths.sort();
    let mut all = Vec::new();
    for path in &paths {
        let bytes = fs::read(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match mode.as_deref() {
            Some("--text") => match read_file(&bytes, path) {
                Ok(document) => println!("=== {name}\n{}\n", document.text),
                Err(refusal) => println!("=== {name}: {}\n", refusal.code()),
            },
            Some("--json") => match read_file(&bytes, path) {
                Ok(document) => println!(
                    "=== {name}\n{}\n",
                    serde_json::to_string_pretty(&parse(&document, today))?
                ),
                Err(refusal) => println!("=== {name}: {}\n", refusal.code()),
            },
            _ => {
                let (text, fields) = measure(&bytes, path, today);
                let pages = read_file(&bytes, path).map_or(0, |document| document.pages.len());
                println!(
                    "{name}: {pages} pages, text p50 {:?} p95 {:?}, fields p50 {:?}",
                    rank(&text, 50),
                    rank(&text, 95),
                    rank(&fields, 50)
                );
                all.extend(text.iter().zip(&fields).map(|(text, fields)| *text + *fields));
            }
        }
    }
    if !all.is_empty() {
        println!(
            "text and fields of {} files, {ROUNDS} rounds each: p50 {:?} p95 {:?}",
            paths.len(),
            rank(&all, 50),
            rank(&all, 95)
        );
    }
    Ok(())
}

fn read_file(bytes: &[u8], path: &Path) -> Result<Document, Refusal> {
    let name = path.file_name().map(|name| name.to_string_lossy());
    read(
        bytes,
        Hint {
            file_name: name.as_deref(),
            media_type: None,
        },
        &Limits::default(),
        PDF.as_ref(),
    )
}

fn measure(bytes: &[u8], path: &Path, today: PartialDate) -> (Vec<Duration>, Vec<Duration>) {
    let (mut text, mut fields) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let started = Instant::now();
        let document = read_file(bytes, path);
        let read = started.elapsed();
        let started = Instant::now();
        let resume = document.map(|document| parse(&document, today));
        std::hint::black_box(&resume).as_ref().ok();
        // The first round loads the lexicon and the model.
        if round > 0 {
            text.push(read);
            fields.push(started.elapsed());
        }
    }
    (text, fields)
}

/// Returns the value below which `percent` of the measurements lie.
fn rank(durations: &[Duration], percent: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort();
    sorted
        .get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}
