//! Measures the time that one text takes on one core.
//!
//! `cargo run --release -p inventure-embedding --example bench_embedding -- DIR [--json]`

use std::{error::Error, path::Path, time::Instant};

use inventure_embedding::{Embedder, MODEL_VERSION};

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let dir = arguments.first().ok_or("name the model folder")?;

    let start = Instant::now();
    let embedder = Embedder::load(Path::new(dir))?;
    let load_ms = start.elapsed().as_secs_f64() * 1e3;

    // Each of these words is one piece: 254 of them fill a window of 256 with the two marks.
    let text = "rust engineer with many years of work on large data systems ".repeat(24);
    let text: Vec<&str> = text.split_whitespace().take(254).collect();
    let text = text.join(" ");
    let mut times: Vec<f64> = (0..60)
        .map(|_| {
            let start = Instant::now();
            embedder.embed(&text).map(|_| start.elapsed().as_secs_f64() * 1e3)
        })
        .collect::<Result<_, _>>()?;
    times.sort_by(f64::total_cmp);
    let (p50, p95) = (times[times.len() / 2], times[times.len() * 95 / 100]);

    if arguments.iter().any(|argument| argument == "--json") {
        let row = serde_json::json!({ "name": "embed_256_tokens", "model": MODEL_VERSION, "cores": 1, "runs": times.len(),
            "load_ms": load_ms, "p50_ms": p50, "p95_ms": p95 });
        println!("{row}");
    } else {
        println!(
            "{MODEL_VERSION}: loaded and checked in {load_ms:.0} ms; 256 tokens on one core p50 {p50:.1} ms, p95 {p95:.1} ms"
        );
    }
    Ok(())
}
