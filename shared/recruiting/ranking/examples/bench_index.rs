//! Measures how fast the index answers, and in how much memory. In three steps, so that the memory of making it is not counted:
//!
//! ```text
//! cargo build --release -p inventure-ranking --example bench_index
//! bench_index build 100000 /tmp/index.seg     # made-up documents: 250 terms (Zipf) and 15 skills each
//! bench_index rank /tmp/index.seg [--json]    # whole rankings of 20, and the scan within them
//! bench_index scan 1000000 [--json]           # the scan alone
//! ```

use std::{collections::BTreeMap, error::Error, fs, sync::Arc, time::Instant};

use inventure_ranking::{
    Delta, Document, Filters, Index, Segment, compact,
    document::{Facts, Kind, MAX_TITLE_VECTORS, Need, Shown, Skill, Title, TitleVector},
    occupation,
    place::Place,
    rank,
    vector::{DIMENSIONS, Vector, scan},
};

const MODEL: &str = "bench";
const VOCABULARY: f64 = 50_000.0;
const TODAY: i32 = 20_000;
const RUNS: usize = 60;

/// A small generator (splitmix64): the same documents on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// A rank between 0 and `limit`, falling as Zipf has it.
    fn zipf(&mut self, limit: f64) -> usize {
        limit.powf(self.unit()) as usize
    }

    fn vector(&mut self) -> Vec<f32> {
        (0..DIMENSIONS)
            .map(|_| (self.unit() + self.unit() + self.unit() - 1.5) as f32 / 10.0)
            .collect()
    }
}

/// A job goes by many titles, a person held some; of 30,000 distinct ones.
fn titles(kind: Kind, random: &mut Random) -> Vec<TitleVector> {
    let count = if kind == Kind::Job {
        MAX_TITLE_VECTORS
    } else {
        1 + random.below(6)
    };
    let title = |number: usize| TitleVector {
        normal: format!("title {number}"),
        vector: Vector::quantise(&Random(number as u64 + 1).vector()).unwrap_or(Vector {
            scale: 1.0,
            bytes: vec![0; DIMENSIONS],
        }),
    };
    (0..count).map(|_| title(random.zipf(30_000.0))).collect()
}

fn document(kind: Kind, number: usize, random: &mut Random) -> Document {
    const TITLES: [&str; 6] = [
        "Senior Software Engineer",
        "Data Analyst",
        "Registered Nurse",
        "Accountant",
        "Sales Manager",
        "Mechanical Engineer",
    ];
    let mut terms: BTreeMap<String, u8> = BTreeMap::new();
    for _ in 0..if kind == Kind::Job { 160 } else { 340 } {
        let count = terms.entry(format!("term{}", random.zipf(VOCABULARY))).or_default();
        *count = count.saturating_add(1);
    }
    let skills: BTreeMap<String, Skill> = (0..15)
        .map(|index| {
            let id = format!("skill-{}", random.zipf(2_000.0));
            let need = if kind == Kind::Job && index > 9 {
                Need::Nice
            } else {
                Need::Required
            };
            (
                id.clone(),
                Skill {
                    label: id.clone(),
                    id,
                    need,
                },
            )
        })
        .collect();
    let normal = occupation::normalise(TITLES[random.below(TITLES.len())]);
    let facts = Facts {
        titles: vec![Title {
            occupations: occupation::occupations(&normal),
            normal,
        }],
        months: Some(random.below(300) as u32),
        skills: skills.into_values().collect(),
        place: Place::new(Some(["Berlin", "Austin", "Leeds", "Pune"][random.below(4)]), None, None),
        ..Facts::unknown(kind, TODAY - random.below(400) as i32)
    };
    Document {
        id: format!("can_{:032x}", u128::from(random.next()) << 32 | number as u128),
        tenant_id: format!("ten_{:02}", random.below(50)),
        version: 1,
        facts,
        vector: Vector::quantise(&random.vector()),
        terms: terms.into_iter().collect(),
        text_was_cut: false,
        shown: Shown::ALWAYS,
        titles: titles(kind, random),
    }
}

fn build(count: usize, path: &str) -> Result<(), Box<dyn Error>> {
    let mut random = Random(7);
    let mut segments = Vec::new();
    for start in (0..count).step_by(20_000) {
        let documents: Vec<Document> = (start..count.min(start + 20_000))
            .map(|number| document(Kind::Candidate, number, &mut random))
            .collect();
        segments.push(Arc::new(Segment::build(&documents, BTreeMap::new(), MODEL)));
    }
    let start = Instant::now();
    let segment = compact(&segments, &Delta::default(), MODEL);
    eprintln!(
        "compacted {} documents in {:.1} s",
        segment.len(),
        start.elapsed().as_secs_f64()
    );
    fs::write(path, segment.to_bytes())?;
    Ok(())
}

/// Returns p50 and p95 in milliseconds.
fn quantiles(mut run: impl FnMut()) -> (f64, f64) {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[RUNS / 2], times[RUNS * 95 / 100])
}

/// Returns the entry `name` of a file in `/proc`: the peak resident memory, the processor.
fn proc(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_once(':'))
        .map_or("unknown", |(_, value)| value.trim())
        .to_owned()
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn report(rows: &[(&str, usize, (f64, f64))], extra: &str, as_json: bool) {
    let (machine, peak) = (proc("/proc/cpuinfo", "model name"), proc("/proc/self/status", "VmHWM"));
    for (name, documents, (p50, p95)) in rows {
        if as_json {
            let row = serde_json::json!({ "name": name, "documents": documents, "cores": 1, "runs": RUNS, "p50_ms": p50,
                "p95_ms": p95, "peak_rss": peak, "machine": machine });
            println!("{row}");
        } else {
            println!("{name:<14} {documents:>9} documents  p50 {p50:7.2} ms  p95 {p95:7.2} ms");
        }
    }
    if !as_json {
        println!("one core of {machine}; peak memory {peak}; {extra}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let as_json = arguments.iter().any(|argument| argument == "--json");
    let arguments: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| *argument != "--json")
        .collect();
    match arguments.as_slice() {
        ["build", count, path] => build(count.parse()?, path)?,
        ["rank", path] => {
            let start = Instant::now();
            let segment = Arc::new(Segment::from_bytes(fs::read(path)?)?);
            let documents = segment.len();
            let index = Index::new(MODEL, vec![segment])?;
            let loaded = format!("loaded and checked in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);

            let mut random = Random(1);
            let jobs: Vec<Document> = (0..RUNS)
                .map(|number| document(Kind::Job, number, &mut random))
                .collect();
            let filters = Filters {
                tenants: (0..50).map(|tenant| format!("ten_{tenant:02}")).collect(),
                ..Filters::default()
            };
            let mut job = jobs.iter().cycle();
            let mut found = 0;
            let all = quantiles(|| found += job.next().map_or(0, |job| rank(&index, job, &filters, 20, TODAY).len()));
            let few = Filters {
                tenants: ["ten_01".to_owned()].into(),
                place: Place::parse("Berlin"),
                ..Filters::default()
            };
            let filtered = quantiles(|| found += job.next().map_or(0, |job| rank(&index, job, &few, 20, TODAY).len()));
            assert!(found == RUNS * 40, "rankings came back short");
            report(
                &[("rank", documents, all), ("rank, filtered", documents, filtered)],
                &loaded,
                as_json,
            );
        }
        ["scan", count] => {
            let count: usize = count.parse()?;
            let mut random = Random(1);
            let rows: Vec<u8> = (0..count * DIMENSIONS / 8)
                .flat_map(|_| random.next().to_le_bytes())
                .collect();
            let query = Vector::quantise(&random.vector()).ok_or("no query")?;
            let mut sum = 0_i64;
            let times = quantiles(|| sum += scan(&query, &rows).iter().map(|dot| i64::from(*dot)).sum::<i64>());
            report(&[("scan", count, times)], &format!("check sum {sum}"), as_json);
        }
        _ => return Err("build COUNT PATH | rank PATH | scan COUNT".into()),
    }
    Ok(())
}
