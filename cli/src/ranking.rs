//! `inventure rank`.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, Write},
    path::PathBuf,
    slice,
    sync::Arc,
};

use inventure_embedding::{Embedder, MODEL_VERSION};
use inventure_ranking::{
    Document, Feature, Filters, Index, Match, Segment, explain, parse_job,
    profile::{EmbeddingText, Preferences, Stamp, Vectors, candidate_document, candidate_text, job_document, job_text},
    rank,
    rank::GOOD_MATCH,
};
use serde_json::json;

use crate::{
    Outcome,
    args::RankArgs,
    cache::Cache,
    input,
    job::{self, Job},
    output::{self, HEADING},
    progress::Progress,
    reader::{self, Read, Reader},
    refused::Worst,
    vectors,
};

/// The tenant of everything on one's own machine, which is one's own.
const TENANT: &str = "local";

/// A resume and the file it was read from.
type Candidate = (PathBuf, Read);

/// A job's document and its best candidates.
type Ranked = (Document, Vec<Match>);

pub fn run(args: &RankArgs) -> Outcome {
    input::standard_input_once(args.jobs.iter().chain([&args.resumes]))?;
    let jobs = args
        .jobs
        .iter()
        .map(|path| job::read(path))
        .collect::<Result<Vec<Job>, _>>()?;
    let embedder = if args.lexical_only {
        None
    } else {
        Some(vectors::load(args.model.clone())?)
    };
    let reader = Reader::new(if args.no_cache { None } else { Cache::open() }, args.ocr)?;
    let (candidates, worst) = read_all(args, &reader)?;
    if candidates.is_empty() {
        return Err(format!("{} holds no resume that can be read", args.resumes.display()).into());
    }
    let ranked = ranked(args, &jobs, &candidates, &reader, embedder.as_ref())?;
    let mut out = output::results(args.json);
    let several = jobs.len() > 1;
    for (at, ((path, job), (query, matches))) in args.jobs.iter().zip(&jobs).zip(&ranked).enumerate() {
        let rows = || matches.iter().map(row).collect::<Vec<_>>();
        if args.json && several {
            let line = json!({ "job": path.to_string_lossy(), "title": job.title, "matches": rows() });
            writeln!(out, "{line}")?;
        } else if args.json {
            writeln!(out, "{}", serde_json::to_string_pretty(&rows())?)?;
        } else {
            if several {
                let gap = if at > 0 { "\n" } else { "" };
                let (name, title) = (output::name(path), output::printable(&job.title));
                writeln!(out, "{gap}{HEADING}{name}: {title}{HEADING:#}")?;
            }
            // Words alone do not say whom a broker would shortlist.
            let line = if args.lexical_only { 0.0 } else { GOOD_MATCH };
            table(&mut out, query, matches, candidates.len(), line)?;
        }
    }
    Ok(worst.into())
}

/// Reads every resume, and says which ones were refused.
fn read_all(args: &RankArgs, reader: &Reader) -> Result<(Vec<Candidate>, Worst), Box<dyn Error>> {
    let paths = input::files(slice::from_ref(&args.resumes))?;
    let read = reader.read_all(&paths, &Progress::new("read", paths.len(), args.quiet));
    let mut candidates = Vec::new();
    let mut worst = Worst::default();
    for (path, outcome) in paths.into_iter().zip(read) {
        match outcome {
            Ok(read) => candidates.push((path, read)),
            Err(refused) => worst.refused(&path, &refused),
        }
    }
    Ok((candidates, worst))
}

fn stamp(id: String, today: i32) -> Stamp {
    Stamp {
        id,
        tenant_id: TENANT.to_owned(),
        version: 1,
        updated_day: today,
    }
}

/// Each job's document and its best candidates, explained.
fn ranked(
    args: &RankArgs,
    jobs: &[Job],
    candidates: &[Candidate],
    reader: &Reader,
    embedder: Option<&Embedder>,
) -> Result<Vec<Ranked>, Box<dyn Error>> {
    let today = (reader::today() - jiff::civil::date(1970, 1, 1)).get_days();
    let vectors = embed(args, candidates, reader, embedder)?;
    let documents: Vec<Document> = candidates
        .iter()
        .enumerate()
        .map(|(index, (path, read))| {
            let vectors = vectors.get(index).cloned().unwrap_or_default();
            let stamp = stamp(path.to_string_lossy().into_owned(), today);
            candidate_document(stamp, read.reading(), &Preferences::default(), vectors)
        })
        .collect();
    let version = if embedder.is_some() { MODEL_VERSION } else { "none" };
    let segment = Segment::build(&documents, BTreeMap::new(), version);
    let index = Index::new(version, vec![Arc::new(segment)])?;
    let filters = Filters {
        tenants: [TENANT.to_owned()].into(),
        ..Filters::default()
    };
    let resumes: BTreeMap<_, _> = candidates
        .iter()
        .map(|(path, read)| (path.to_string_lossy(), &read.resume))
        .collect();
    let mut ranked = Vec::with_capacity(jobs.len());
    for job in jobs {
        let vectors = match embedder {
            Some(embedder) => {
                let texts = [job_text(&job.title, &job.description)];
                let embedded = vectors::of(embedder, &texts, reader.cache(), &Progress::new("embedded", 1, true))?;
                embedded.into_iter().next().unwrap_or_default()
            }
            None => Vectors::default(),
        };
        let parsed = parse_job(&job.title, &job.description);
        let stamp = stamp("job".to_owned(), today);
        let query = job_document(stamp, &parsed, &job.description, vectors);
        let mut matches = rank(&index, &query, &filters, usize::from(args.top), today);
        for found in &mut matches {
            if let Some(resume) = resumes.get(found.id.as_str()) {
                explain(&(*resume).clone().sure(), &query, found);
            }
        }
        ranked.push((query, matches));
    }
    Ok(ranked)
}

/// The vectors of all candidates, or none at all where there is no model.
fn embed(
    args: &RankArgs,
    candidates: &[Candidate],
    reader: &Reader,
    embedder: Option<&Embedder>,
) -> Result<Vec<Vectors>, Box<dyn Error>> {
    let Some(embedder) = embedder else {
        return Ok(Vec::new());
    };
    let texts: Vec<EmbeddingText> = candidates
        .iter()
        .map(|(_, read)| candidate_text(read.reading()))
        .collect();
    let progress = Progress::new("embedded", texts.len(), args.quiet);
    Ok(vectors::of(embedder, &texts, reader.cache(), &progress)?)
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

fn table(out: &mut impl Write, query: &Document, matches: &[Match], read: usize, line: f64) -> io::Result<()> {
    let skills: Vec<&str> = query.facts.skills.iter().map(|skill| skill.label.as_str()).collect();
    writeln!(
        out,
        "{read} resumes read; the job names {} skills that people are compared by: {}\n",
        skills.len(),
        output::printable(&skills.join(", "))
    )?;
    let good = matches.iter().filter(|found| found.score >= line);
    for (place, found) in good.clone().enumerate() {
        let name = output::printable(&found.id);
        writeln!(out, "{:>3}.  {:.3}  {HEADING}{name}{HEADING:#}", place + 1, found.score)?;
        for feature in telling(found)
            .into_iter()
            .filter(|feature| feature.contribution > 0.0)
            .take(4)
        {
            let reason = output::printable(&feature.reason);
            writeln!(out, "             {:+.3}  {reason}", feature.contribution)?;
        }
    }
    let shown = good.count();
    if shown < matches.len() {
        let among = if shown > 0 { " among the others" } else { "" };
        let others = "of people like them, brokers would shortlist fewer than one in twenty";
        writeln!(out, "No good match{among}: {others}.")?;
    }
    Ok(())
}
