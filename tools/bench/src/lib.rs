//! The numbers of `cargo xtask bench`, measured with optimised binaries on a stack of its own, for `docs/benchmarks.md`.

#![allow(
    clippy::disallowed_methods,
    reason = "a command-line tool lives in the clock and the environment that rules must not know"
)]

// `println!`, which speaks above the lines of the running steps.
#[macro_use]
extern crate inventure_stack;

mod money;
mod talk;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_demo as demo;
use inventure_http_client::{self as http, Api};
use inventure_stack::{
    local::{STAGE, Stack, Temporary},
    logs,
    package::{self, Build},
    project::Project,
    shell, tools,
};
use serde_json::{Value, json};

/// The number of clients at once.
const CLIENTS: usize = 8;
/// The number of starts of each function.
const STARTS: usize = 20;
/// The number of times that one client alone asks for matches.
const ASKED_BY_ONE: usize = 200;
/// Documents whose way from upload to match is timed.
const UPLOADS: usize = 5;
const UPLOAD_LIMIT: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(10);

/// The choices that a run of the benchmarks leaves.
pub struct Options {
    /// The time for which each route is asked, in seconds.
    pub seconds: u64,
    /// With the binaries of `up`: quick, and good only to try the task itself. Writes nothing.
    pub dev: bool,
    /// Only this part. Prints it and writes nothing.
    pub only: Option<Part>,
}

/// A part of the benchmark that can be measured by itself.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Part {
    /// The sockets: the time that messages take, and their cost.
    Talk,
    /// Placements: the time until they are booked and shared, and what they cost.
    Money,
    /// Résumés and job ads: the share of them that is read right, and the time it takes.
    Reading,
    /// Rankings: their quality, and the time they take.
    Ranking,
}

/// Measures, and writes the page or prints it.
pub fn bench(project: &Project, options: &Options) -> Result<()> {
    let build = if options.dev { Build::Local } else { Build::Release };
    if let Some(part) = options.only {
        return only(project, build, part);
    }
    let mut page = String::from(HEAD);
    writeln!(page, "\nMachine: {}.", machine())?;
    if !options.dev {
        parts(project, &mut page)?;
        shell::step("writers", || money::build(project))?;
    }
    let temporary = Temporary::bring_up(project, build)?;
    let stack = &temporary.stack;
    let demo = shell::step("demo", || demo::run(project, stack, build, None))?;

    shell::step("load", || load(stack, &demo, options, &mut page))?;
    shell::step("upload to match", || upload_to_match(project, stack, &demo, &mut page))?;
    shell::step("placements", || money::measure(project, stack, &demo, &mut page))?;
    if !options.dev {
        shell::step("writers", || money::contention(project, stack, &mut page))?;
    }
    talk::measure(project, stack, &demo, build, &mut page)?;
    let memory = memory(&stack.folder);
    let calls = shell::step("calls of AWS", || calls(project, stack))?;
    drop(temporary);
    shell::step("starts", || starts(project, build, &memory, &mut page))?;
    page.push_str(&calls);
    if options.dev {
        println!("\n{page}");
        return Ok(());
    }
    let path = project.root.join("docs/benchmarks.md");
    let before = fs::read_to_string(&path).unwrap_or_default();
    if let Some(start) = before.find(APART) {
        page.push('\n');
        page.push_str(&before[start..]);
    }
    fs::write(&path, page)?;
    println!("Written to {}", path.display());
    Ok(())
}

/// One part by itself, printed as it stands on the page.
fn only(project: &Project, build: Build, part: Part) -> Result<()> {
    match part {
        Part::Reading => return reading(project),
        Part::Ranking => return ranking(project),
        Part::Talk | Part::Money => {}
    }
    let mut page = format!("Machine: {}.\n", machine());
    let temporary = Temporary::bring_up(project, build)?;
    let stack = &temporary.stack;
    let demo = shell::step("demo", || demo::run(project, stack, build, None))?;
    match part {
        Part::Talk => talk::measure(project, stack, &demo, build, &mut page)?,
        Part::Money => money::measure(project, stack, &demo, &mut page)?,
        Part::Reading | Part::Ranking => {}
    }
    println!("\n{page}");
    Ok(())
}

const HEAD: &str = "\
# Benchmarks

Written by `cargo xtask bench`, which builds everything optimised, brings up a stack of its own on the emulator and takes it down again.
The emulator is a Python program on the same cores: times through the API are an upper bound of what the functions need, and say nothing
of AWS's own network and cold machines.

Targets: API p95 < 100 ms with 8 clients; upload to match < 5 s; text and fields of a 2-page PDF p95 < 40 ms; 256 tokens embedded < 50 ms on one core;
ranking of 100,000 p95 < 50 ms, its scan < 10 ms, memory < 512 MB; of 1,000,000 < 250 ms and < 100 ms; init < 100 ms; a zip < 10 MB without the model;
a statement of 10,000 entries verified < 100 ms; 64 writers to one account without a lost update, in at most 24 tries each;
a message to the other person p95 < 50 ms at 50 a second.
";

/// The part of the page that other commands than this one measure. It stays as it is.
const APART: &str = "## Measured apart";

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("an unknown processor", |(_, model)| model.trim());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores, {}", std::env::consts::OS)
}

/// Builds examples optimised and returns the folder that they lie in.
fn examples(project: &Project, examples: &[(&str, &str)]) -> Result<PathBuf> {
    shell::step("examples", || {
        let mut cargo = project.cargo();
        cargo.args(["build", "--release", "--quiet"]);
        for (package, example) in examples {
            cargo.args(["--package", package, "--example", example]);
        }
        shell::run(&mut cargo)?;
        Ok(project.target()?.join("release/examples"))
    })
}

/// The reading of résumés in layouts that the reader never learned from, of job ads, and its time.
fn reading(project: &Project) -> Result<()> {
    let examples = examples(
        project,
        &[
            ("inventure-resume", "measure_reading"),
            ("inventure-resume", "bench_read"),
            ("inventure-ranking", "measure_ads"),
        ],
    )?;
    let library = tools::pdf_library(project)?.path();
    let folder = |path: &str| project.root.join(path);
    println!("Machine: {}.\n", machine());
    let runs = [
        ("measure_reading", folder("tests/reading/unseen"), &["--confidence"][..]),
        ("measure_ads", folder("tests/ads"), &[]),
        ("bench_read", folder("localstack/seed/resumes"), &[]),
    ];
    for (example, folder, arguments) in runs {
        let mut command = Command::new(examples.join(example));
        command
            .arg(folder)
            .args(arguments)
            .env("INVENTURE_PDF_LIBRARY", &library);
        let said = shell::step(example, || shell::output(&mut command))?;
        println!("## {example}\n\n{said}");
    }
    Ok(())
}

/// The quality of rankings on real CVs, and their time on 100,000 made-up ones.
fn ranking(project: &Project) -> Result<()> {
    if std::env::var_os("INVENTURE_DATA").is_none() {
        bail!(
            "`INVENTURE_DATA` names no folder: the rankings are measured on the CVs of `resume-entities/` and the occupations of \
             `taxonomy/` in it, which are no part of this repository (tests/ranking/README.md says where they come from)"
        );
    }
    let examples = examples(
        project,
        &[
            ("inventure-ranking", "measure_ranking"),
            ("inventure-ranking", "bench_index"),
        ],
    )?;
    let model = tools::model(project)?;
    let segment = project.target()?.join("inventure/bench.segment");
    let segment = segment.to_string_lossy();
    let labels = project.root.join("tests/ranking");
    println!("Machine: {}.\n", machine());
    let runs: [(&str, &[&str]); 3] = [
        ("measure_ranking", &[&labels.to_string_lossy()]),
        ("bench_index", &["build", "100000", &segment]),
        ("bench_index", &["rank", &segment]),
    ];
    for (example, arguments) in runs {
        let mut command = Command::new(examples.join(example));
        command.args(arguments).env("INVENTURE_MODEL_DIR", &model);
        let said = shell::step(example, || shell::output(&mut command))?;
        println!("## {example} {}\n\n{said}", arguments.first().unwrap_or(&""));
    }
    fs::remove_file(&*segment)?;
    Ok(())
}

/// The parts by themselves, as their own examples measure and print them.
fn parts(project: &Project, page: &mut String) -> Result<()> {
    let examples = examples(
        project,
        &[
            ("inventure-ranking", "bench_index"),
            ("inventure-embedding", "bench_embedding"),
            ("inventure-resume", "bench_read"),
            ("inventure-ledger", "bench_ledger"),
            ("inventure-ledger", "bench_seal"),
            ("inventure-deals", "adversary"),
        ],
    )?;
    let model = tools::model(project)?;
    let library = tools::pdf_library(project)?.path();
    let segment = project.target()?.join("inventure/bench.segment");
    let segment = segment.to_string_lossy();
    let resumes = project.root.join("localstack/seed/resumes");
    let runs: [(&str, &[&str]); 10] = [
        ("bench_ledger", &[]),
        ("bench_seal", &[]),
        ("adversary", &["10"]),
        ("bench_read", &[&resumes.to_string_lossy()]),
        ("bench_embedding", &[&model.to_string_lossy()]),
        ("bench_index", &["build", "100000", &segment]),
        ("bench_index", &["rank", &segment]),
        ("bench_index", &["scan", "100000"]),
        ("bench_index", &["scan", "1000000"]),
        ("bench_index", &["build", "1000000", &segment]),
    ];
    writeln!(
        page,
        "\n## Splitting, verifying, cheating, reading, embedding, ranking\n\n```text"
    )?;
    for (example, arguments) in runs {
        let said = shell::step(&format!("{example} {}", arguments.first().unwrap_or(&"")), || {
            shell::output(
                Command::new(examples.join(example))
                    .args(arguments)
                    .env("INVENTURE_PDF_LIBRARY", &library),
            )
        })?;
        page.push_str(&said);
    }
    page.push_str(&shell::output(
        Command::new(examples.join("bench_index")).args(["rank", &segment]),
    )?);
    fs::remove_file(&*segment)?;
    page.push_str("```\n");
    Ok(())
}

/// A time of a sorted list: the one below which that share lies, in milliseconds.
fn quantile(sorted: &[f64], percent: usize) -> f64 {
    sorted
        .get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

fn sorted(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times
}

/// The demo's first job, and a token of the member who posted it.
fn job(stack: &Stack, demo: &demo::Demo) -> Result<(String, String)> {
    let job = demo.jobs.first().context("the demo posted no job")?;
    let client = stack.output("UserPoolClientId")?;
    let token = http::sign_in(&stack.emulator.endpoint(), client, &job.owner, &demo.password)?;
    Ok((job.id.clone(), token))
}

fn load(stack: &Stack, demo: &demo::Demo, options: &Options, page: &mut String) -> Result<()> {
    let (job, token) = job(stack, demo)?;
    let matches = format!("/jobs/{job}/matches?limit=10");
    let routes = ["/health", "/me", "/jobs", "/candidates", "/feed/jobs", &matches];
    let titles = [
        "/health",
        "/me",
        "/jobs",
        "/candidates",
        "/feed/jobs",
        "/jobs/{id}/matches",
    ];
    writeln!(
        page,
        "\n## API, {CLIENTS} clients at once, {} s a route, warm\n",
        options.seconds
    )?;
    writeln!(
        page,
        "| route | requests a second | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|"
    )?;
    for (route, title) in routes.iter().zip(titles) {
        // Every client meets a warm function.
        ask(stack, &token, route, Duration::from_secs(1))?;
        let times = ask(stack, &token, route, Duration::from_secs(options.seconds))?;
        let rate = times.len() as f64 / options.seconds as f64;
        let (p50, p95, p99) = (quantile(&times, 50), quantile(&times, 95), quantile(&times, 99));
        writeln!(page, "| `GET {title}` | {rate:.0} | {p50:.1} | {p95:.1} | {p99:.1} |")?;
    }
    one_client(stack, &token, &matches, page)
}

/// Asks for matches with one client, and writes how long the function itself took.
fn one_client(stack: &Stack, token: &str, matches: &str, page: &mut String) -> Result<()> {
    let api = Api::new(&stack.api, Some(token.to_owned()));
    let (mut all, mut inside, mut calls) = (Vec::new(), Vec::new(), String::new());
    for _ in 0..ASKED_BY_ONE {
        let start = Instant::now();
        let answer = api.get(matches)?;
        all.push(start.elapsed().as_secs_f64() * 1e3);
        let timing = answer.header("server-timing");
        let (took, rest) = timing.split_once(',').context("an answer without its time")?;
        let took = took.strip_prefix("handler;dur=").context("a time of another form")?;
        inside.push(took.parse::<f64>()?);
        rest.split('"').nth(1).unwrap_or_default().clone_into(&mut calls);
    }
    let (all, inside) = (sorted(all), sorted(inside));
    writeln!(
        page,
        "\n`GET /jobs/{{id}}/matches` with one client, {ASKED_BY_ONE} times: p50 {:.1} ms, p95 {:.1} ms; inside the function p50 {:.1} ms, \
         p95 {:.1} ms, with {calls} calls of AWS.",
        quantile(&all, 50),
        quantile(&all, 95),
        quantile(&inside, 50),
        quantile(&inside, 95)
    )?;
    Ok(())
}

/// Asks with all clients for so long. The times of all answers, sorted, in milliseconds.
fn ask(stack: &Stack, token: &str, route: &str, how_long: Duration) -> Result<Vec<f64>> {
    let until = Instant::now() + how_long;
    let client = || -> Result<Vec<f64>> {
        let api = Api::new(&stack.api, Some(token.to_owned()));
        let mut times = Vec::new();
        while Instant::now() < until {
            let start = Instant::now();
            api.get(route)?.ok().with_context(|| format!("GET {route}"))?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        Ok(times)
    };
    let all = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap_or_else(|_| bail!("a client broke off")))
            .collect::<Result<Vec<_>>>()
    })?;
    Ok(sorted(all.concat()))
}

/// From the moment a document is uploaded until it stands among the matches of a job.
fn upload_to_match(project: &Project, stack: &Stack, demo: &demo::Demo, page: &mut String) -> Result<()> {
    let (job, token) = job(stack, demo)?;
    let api = Api::new(&stack.api, Some(token));
    // Those whom the job suits: nobody else comes up among its matches.
    let seed = project.root.join("localstack/seed");
    let jobs: Value = serde_json::from_str(&fs::read_to_string(seed.join("jobs.json"))?)?;
    let suited = jobs["jobs"][0]["fits"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let suited: Vec<PathBuf> = suited.map(|name| seed.join("resumes").join(name)).collect();
    let mut times = Vec::new();
    for (number, path) in suited.iter().cycle().enumerate().take(UPLOADS) {
        let id = demo::candidate(&api, &format!("bench-{number}"), &format!("Bench {number}"))?;
        let start = Instant::now();
        demo::upload(&api, &format!("bench-upload-{number}"), &id, path)?;
        let is_there = || -> Result<bool> {
            let found = api.get(&format!("/jobs/{job}/matches?limit=40"))?.ok()?;
            Ok(found["items"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|found| found["candidate_id"] == *id))
        };
        while !is_there()? {
            if start.elapsed() > UPLOAD_LIMIT {
                bail!(
                    "a candidate did not appear among the matches within {} s",
                    UPLOAD_LIMIT.as_secs()
                );
            }
            thread::sleep(PAUSE);
        }
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let times = sorted(times);
    let (middle, worst) = (quantile(&times, 50), quantile(&times, 100));
    writeln!(
        page,
        "\nFrom upload to match, {UPLOADS} documents one after another: p50 {middle:.0} ms, at most {worst:.0} ms."
    )?;
    Ok(())
}

/// The peak memory of each function's processes in this stack, in MB.
fn memory(folder: &Path) -> BTreeMap<String, u64> {
    let mut peak = BTreeMap::new();
    let marker = folder.join("tmp").to_string_lossy().into_owned();
    for process in fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        let command = fs::read(process.join("cmdline")).unwrap_or_default();
        if !String::from_utf8_lossy(&command).contains(&marker) {
            continue;
        }
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        let function = environment
            .split('\0')
            .find_map(|line| line.strip_prefix("AWS_LAMBDA_FUNCTION_NAME="));
        let status = fs::read_to_string(process.join("status")).unwrap_or_default();
        let high = status.lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .split_whitespace()
                .next()?
                .parse::<u64>()
                .ok()
        });
        if let (Some(function), Some(kilobytes)) = (function, high) {
            let entry = peak.entry(function.to_owned()).or_insert(0);
            *entry = (*entry).max(kilobytes / 1024);
        }
    }
    peak
}

/// Calls of AWS by route or message, as the functions log them.
fn calls(project: &Project, stack: &Stack) -> Result<String> {
    let mut rows: BTreeMap<String, (usize, f64, f64)> = BTreeMap::new();
    for (_, function, line) in logs::of_stack(project, stack)? {
        let Ok(line) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let (Some(calls), Some(duration)) = (line["aws_calls"].as_f64(), line["duration_ms"].as_f64()) else {
            continue;
        };
        let span = &line["span"];
        let what = match (span["method"].as_str(), span["route"].as_str()) {
            (Some(method), Some(route)) => format!("`{method} {route}`"),
            _ if function == "relay" => "relay, one batch of the stream".to_owned(),
            _ => format!("{function}, one message"),
        };
        let row = rows.entry(what).or_default();
        *row = (row.0 + 1, row.1 + calls, row.2 + duration);
    }
    let mut text = String::from(
        "\n## Calls of AWS for each piece of work\n\n| work | times | calls, mean | ms inside the function, mean |\n|---|---|---|---|\n",
    );
    for (what, (times, calls, duration)) in rows {
        let count = times as f64;
        writeln!(
            text,
            "| {what} | {times} | {:.1} | {:.1} |",
            calls / count,
            duration / count
        )?;
    }
    Ok(text)
}

/// Size, start and memory of each function.
fn starts(project: &Project, build: Build, memory: &BTreeMap<String, u64>, page: &mut String) -> Result<()> {
    let target = project.target()?;
    let packages = package::pack(&target, build, &target.join("inventure").join(build.folder()))?;
    writeln!(page, "\n## Functions\n")?;
    writeln!(
        page,
        "Init is the time from the start of the process until it asks the runtime for its first event, {STARTS} starts.\n"
    )?;
    writeln!(
        page,
        "| function | zip MB | init p50 ms | init p95 ms | peak memory MB |\n|---|---|---|---|---|"
    )?;
    for package in packages {
        let binary = build.binary(&target, package.function);
        let times = (0..STARTS).map(|_| start(&binary)).collect::<Result<Vec<_>>>();
        let times = sorted(times.with_context(|| format!("{} does not start", package.function))?);
        let zip = fs::metadata(&package.path)?.len() as f64 / 1e6;
        let name = format!("inventure-{}-{}", STAGE, package.function);
        let memory = memory.get(&name).map_or_else(|| "not run".to_owned(), u64::to_string);
        let (p50, p95) = (quantile(&times, 50), quantile(&times, 95));
        writeln!(
            page,
            "| {} | {zip:.1} | {p50:.1} | {p95:.1} | {memory} |",
            package.function
        )?;
    }
    Ok(())
}

/// Starts a function against a runtime of ours, in milliseconds until it asks for work.
fn start(binary: &Path) -> Result<f64> {
    let runtime = TcpListener::bind(("127.0.0.1", 0))?;
    let environment = json!({
        "AWS_LAMBDA_RUNTIME_API": runtime.local_addr()?.to_string(),
        "AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_LOG_GROUP_NAME": "bench", "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
        "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
        "TABLE_NAME": "bench", "UPLOADS_BUCKET": "bench", "UPLOAD_MAX_BYTES": "1",
        "ARTIFACTS_BUCKET": "bench", "MODEL_PREFIX": "bench/", "EVENT_BUS_NAME": "bench", "POISON_QUEUE_URL": "http://127.0.0.1/bench",
        "LEDGER_TABLE_NAME": "bench", "FINGERPRINT_SECRET": "bench", "SEALS_BUCKET": "bench", "PAYMENT_WEBHOOK_SECRET": "bench",
        "PROCESSOR_SECRET": "bench", "PROCESSOR_ACCOUNTS_SECRET": "bench", "PROCESSOR_URL": "http://127.0.0.1", "PAYMENTS_LIVE": "false",
        "PAYOUTS_QUEUE_URL": "http://127.0.0.1/bench", "DOCUMENTS_BUCKET": "bench", "CONNECTIONS_TABLE_NAME": "bench",
        "SOCKET_API_ID": "bench", "SOCKET_STAGE": "bench", "SOCKET_ORIGINS": "http://127.0.0.1", "FANOUT_QUEUE_URL": "http://127.0.0.1/bench",
        "OCR": "off", "MAIL_FROM": "bench@example.com", "API_ID": "bench",
    });
    let environment = environment
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name, value.as_str()?)));
    let started = Instant::now();
    let mut process = Command::new(binary)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    runtime.set_nonblocking(true)?;
    let asked = loop {
        match runtime.accept() {
            Ok((connection, _)) => {
                connection.set_nonblocking(false)?;
                BufReader::new(connection).read_line(&mut String::new())?;
                break Ok(started.elapsed().as_secs_f64() * 1e3);
            }
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => break Err(error.into()),
            Err(_) if process.try_wait()?.is_some() => {
                break Err(anyhow::anyhow!("it ended before it asked for an event"));
            }
            Err(_) if started.elapsed() > UPLOAD_LIMIT => break Err(anyhow::anyhow!("it never asked for an event")),
            Err(_) => thread::sleep(Duration::from_micros(100)),
        }
    };
    let _ = process.kill();
    let _ = process.wait();
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_sorted_list() {
        let times = sorted((0..100).rev().map(f64::from).collect());
        assert_eq!(
            (quantile(&times, 50), quantile(&times, 95), quantile(&times, 100)),
            (50.0, 95.0, 99.0)
        );
        assert!(quantile(&[], 50).is_nan());
    }
}
