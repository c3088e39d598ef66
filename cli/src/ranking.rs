//! `inventure rank`.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use inventure_embedding::{EmbedError, Embedder, MODEL_VERSION};
use inventure_ranking::{
    Document, Feature, Filters, Index, Match, Segment, explain, parse_job,
    profile::{Preferences, Stamp, candidate_document, candidate_text, job_document, job_text},
    rank,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Outcome, RankArgs,
    reader::{self, Read, Reader},
};

/// The most resumes of one folder.
const MOST_FILES: usize = 20_000;

/// The most levels of folders inside folders.
const DEEPEST: usize = 8;

/// The longest job file, in bytes.
const JOB_BYTES_MAX: u64 = 1_000_000;

/// The tenant of everything on one's own machine, which is one's own.
const TENANT: &str = "local";

#[derive(Deserialize)]
struct Job {
    title: String,
    #[serde(default)]
    description: String,
}

pub fn run(args: &RankArgs) -> Outcome {
    let job = read_job(&args.job)?;
    let embedder = if args.lexical_only {
        None
    } else {
        Some(load(args.model.clone())?)
    };
    let mut paths = Vec::new();
    collect(&args.resumes, 0, &mut paths)?;
    let mut candidates: Vec<(PathBuf, Read)> = Vec::new();
    for (path, outcome) in paths.iter().zip(Reader::new()?.read_all(&paths)) {
        match outcome {
            Ok(read) => candidates.push((path.clone(), read)),
            Err(refused) => {
                writeln!(
                    io::stderr(),
                    "{}: left out ({}): {}",
                    path.display(),
                    refused.reason,
                    refused.detail
                )?;
            }
        }
    }
    if candidates.is_empty() {
        return Err(format!("{} holds no resume that can be read", args.resumes.display()).into());
    }
    let (query, matches) = ranked(&job, &candidates, embedder.as_ref(), usize::from(args.top))?;
    let mut out = io::stdout().lock();
    if args.json {
        let rows: Vec<_> = matches.iter().map(row).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
    } else {
        table(&mut out, &query, &matches, candidates.len())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a job. The first line is the title, the rest the description; or the file is JSON.
fn read_job(path: &Path) -> Result<Job, Box<dyn Error>> {
    let named = |what: String| format!("{}: {what}", path.display());
    let size = fs::metadata(path).map_err(|error| named(error.to_string()))?.len();
    if size > JOB_BYTES_MAX {
        return Err(named(format!("a job may have up to {JOB_BYTES_MAX} bytes")).into());
    }
    let bytes = fs::read(path).map_err(|error| named(error.to_string()))?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    let job = if text.starts_with('{') {
        serde_json::from_str(text).map_err(|error| named(format!("not a job: {error}")))?
    } else {
        let (title, description) = text.split_once('\n').unwrap_or((text, ""));
        Job {
            title: title.trim().to_owned(),
            description: description.trim().to_owned(),
        }
    };
    if job.title.trim().is_empty() {
        Err(named("the job has no title".to_owned()).into())
    } else {
        Ok(job)
    }
}

/// Collects every file of a folder, in the order of their names; hidden ones are left out.
fn collect(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    let named = |error: io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(named)?;
    let mut entries = entries
        .map(|entry| Ok(entry.map_err(named)?.path()))
        .collect::<Result<Vec<_>, String>>()?;
    entries.sort();
    for path in entries {
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
        {
            continue;
        }
        if path.is_dir() {
            if depth < DEEPEST {
                collect(&path, depth + 1, paths)?;
            }
        } else {
            paths.push(path);
        }
        if paths.len() > MOST_FILES {
            return Err(format!("{} holds more than {MOST_FILES} files", folder.display()).into());
        }
    }
    Ok(())
}

fn load(model: Option<PathBuf>) -> Result<Embedder, Box<dyn Error>> {
    let dir = model
        .or_else(model_dir)
        .ok_or("there is no home folder to look for the model in: name it with --model")?;
    let embedder = Embedder::load(&dir).and_then(|embedder| embedder.with_threads(reader::cores()));
    embedder.map_err(|error| match error {
        EmbedError::Read { .. } => format!(
            "no model in {}: `cargo xtask test` fetches it, or name its folder with --model, or rank without it by --lexical-only",
            dir.display()
        )
        .into(),
        other => other.into(),
    })
}

fn model_dir() -> Option<PathBuf> {
    let given = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    given("INVENTURE_MODEL_DIR").or_else(|| {
        let cache = given("XDG_CACHE_HOME").or_else(|| Some(given("HOME")?.join(".cache")))?;
        Some(cache.join("inventure/models/all-MiniLM-L6-v2"))
    })
}

fn stamp(id: String, today: i32) -> Stamp {
    Stamp {
        id,
        tenant_id: TENANT.to_owned(),
        version: 1,
        updated_day: today,
    }
}

/// The job's document and its best candidates, explained.
fn ranked(
    job: &Job,
    candidates: &[(PathBuf, Read)],
    embedder: Option<&Embedder>,
    top: usize,
) -> Result<(Document, Vec<Match>), Box<dyn Error>> {
    let today = (reader::today() - jiff::civil::date(1970, 1, 1)).get_days();
    let texts: Vec<String> = candidates
        .iter()
        .map(|(_, read)| candidate_text(read.reading()).text)
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut vectors = Vec::new();
    for vector in embedder.map(|embedder| embedder.embed_all(&texts)).unwrap_or_default() {
        vectors.push(match vector {
            Ok(vector) => Some(vector),
            // Nothing to embed is nothing known, and ranked as that.
            Err(EmbedError::Empty) => None,
            Err(error) => return Err(error.into()),
        });
    }
    let documents: Vec<Document> = candidates
        .iter()
        .enumerate()
        .map(|(index, (path, read))| {
            let vector = vectors.get(index).and_then(Option::as_deref);
            candidate_document(
                stamp(path.to_string_lossy().into_owned(), today),
                read.reading(),
                &Preferences::default(),
                vector,
            )
        })
        .collect();
    let vector = embedder
        .map(|embedder| embedder.embed(&job_text(&job.title, &job.description).text))
        .transpose()?;
    let parsed = parse_job(&job.title, &job.description);
    let query = job_document(
        stamp("job".to_owned(), today),
        &parsed,
        &job.description,
        vector.as_deref(),
    );

    let version = if embedder.is_some() { MODEL_VERSION } else { "none" };
    let index = Index::new(
        version,
        vec![Arc::new(Segment::build(&documents, BTreeMap::new(), version))],
    )?;
    let filters = Filters {
        tenants: [TENANT.to_owned()].into(),
        ..Filters::default()
    };
    let mut matches = rank(&index, &query, &filters, top, today);
    let resumes: BTreeMap<_, _> = candidates
        .iter()
        .map(|(path, read)| (path.to_string_lossy(), &read.resume))
        .collect();
    for found in &mut matches {
        if let Some(resume) = resumes.get(found.id.as_str()) {
            explain(resume, &query, found);
        }
    }
    Ok((query, matches))
}

/// The features that were known, those that gave most first.
fn telling(found: &Match) -> Vec<&Feature> {
    let mut features: Vec<&Feature> = found.features.iter().filter(|feature| feature.known).collect();
    features.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
    features
}

fn row(found: &Match) -> serde_json::Value {
    let reasons: Vec<&str> = telling(found)
        .into_iter()
        .map(|feature| feature.reason.as_str())
        .collect();
    json!({
        "file": found.id,
        "score": found.score,
        "reasons": reasons,
        "features": found.features,
        "evidence": found.evidence,
        "weights_version": found.weights_version,
        "model_version": found.model_version,
        "stats_version": found.stats_version,
    })
}

fn table(out: &mut impl Write, query: &Document, matches: &[Match], read: usize) -> io::Result<()> {
    let skills: Vec<&str> = query.facts.skills.iter().map(|skill| skill.label.as_str()).collect();
    writeln!(
        out,
        "{read} resumes read; the job names {} skills: {}\n",
        skills.len(),
        skills.join(", ")
    )?;
    for (place, found) in matches.iter().enumerate() {
        writeln!(out, "{:>3}.  {:.3}  {}", place + 1, found.score, found.id)?;
        for feature in telling(found)
            .into_iter()
            .filter(|feature| feature.contribution > 0.0)
            .take(4)
        {
            writeln!(out, "             {:+.3}  {}", feature.contribution, feature.reason)?;
        }
    }
    Ok(())
}
