//! Measures how good rankings are, on real CVs:
//! `INVENTURE_DATA=… INVENTURE_MODEL_DIR=… cargo run --release -p inventure-ranking --example eval_ranking`.
//!
//! CVs of `resume-entities/` whose newest `Designation` is a title of one or two O*NET occupations are the candidates; the
//! occupations' titles and descriptions are the jobs. Every line of a CV that states that title is removed first, so that nothing
//! is found by its label; with `--headline-only` the first such line alone, as where a CV keeps its list of jobs. A CV is
//! relevant to a job if the occupation is one of its own. Measured per job: average precision over all CVs, and precision at 10
//! (of the at most 10 that there are); with intervals from 2,000 bootstrap samples of the jobs. `--features` measures each
//! feature alone; `EVAL_DUMP=FILE` writes every feature value, to try weights on.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use inventure_embedding::{Embedder, MODEL_VERSION};
use inventure_ranking::{
    Document, Filters, Index, Match, Segment,
    document::{Facts, Kind, Shown, TermCounter},
    occupation, parse_job,
    profile::{Preferences, Stamp, candidate_document, candidate_text, job_document, job_text},
    rank,
    rank::WEIGHTS,
    vector::Vector,
};
use inventure_resume::{Hint, Limits, PartialDate, parse, read};
use regex::Regex;

/// A job with fewer relevant CVs is left out.
const LEAST_RELEVANT: usize = 3;

/// A CV of which less text is left is left out.
const LEAST_CHARACTERS: usize = 400;
const BOOTSTRAP: usize = 2_000;
const TODAY: i32 = 20_000;

struct Cv {
    id: String,
    text: String,
    occupations: BTreeSet<String>,
}

/// The CVs whose newest title is that of one or two occupations, without the lines that say so.
fn cvs(folder: &Path, headline_only: bool) -> Result<Vec<Cv>, Box<dyn Error>> {
    let label = Regex::new(r#"(?s)<label type="([^"]*)">(.*?)</label>"#)?;
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let mut cvs = Vec::new();
    for path in paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
    {
        let xml = fs::read_to_string(&path)?;
        let mut titles = label
            .captures_iter(&xml)
            .filter(|found| &found[1] == "Designation")
            .map(|found| plain(&found[2]));
        let Some(title) = titles.next() else { continue };
        let normal = occupation::normalise(&title);
        let occupations: BTreeSet<String> = occupation::occupations(&normal)
            .iter()
            .map(|occupation| occupation.title().to_owned())
            .collect();
        if occupations.is_empty() || occupations.len() > 2 {
            continue;
        }
        let stripped = label.replace_all(&xml, "$2");
        // Most of the CVs came as one line, with two spaces where a line ended.
        let ended = stripped.lines().count() < 12;
        let stripped = if ended {
            stripped.replace("  ", "\n")
        } else {
            stripped.into_owned()
        };
        let body = stripped
            .lines()
            .filter(|line| !line.starts_with("<?xml") && !matches!(line.trim(), "<cv>" | "</cv>"));
        // As strict as can be, or, as a job board has it, without the headline alone.
        let mut left = if headline_only { 1 } else { usize::MAX };
        let mut told = |line: &str| {
            let line = line.to_lowercase();
            let told = left > 0 && (line.contains(&title.to_lowercase()) || line.contains(&normal));
            left -= usize::from(told);
            told
        };
        let text = body
            .map(plain)
            .filter(|line| !told(line))
            .collect::<Vec<_>>()
            .join("\n");
        // Some CVs stand on one line, which states the title: nothing is left of them.
        if text.chars().count() < LEAST_CHARACTERS {
            continue;
        }
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        cvs.push(Cv {
            id: format!("can_{id}"),
            text,
            occupations,
        });
    }
    Ok(cvs)
}

fn plain(xml: &str) -> String {
    let text = xml
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'");
    text.replace("&amp;", "&").trim().to_owned()
}

/// Average precision, and precision at 10 of what is possible.
fn quality(order: &[String], relevant: &BTreeSet<&str>) -> (f64, f64) {
    let (mut hits, mut sum, mut hits_10) = (0.0, 0.0, 0.0);
    for (place, id) in order.iter().enumerate() {
        if relevant.contains(id.as_str()) {
            hits += 1.0;
            sum += hits / (place + 1) as f64;
            if place < 10 {
                hits_10 += 1.0;
            }
        }
    }
    (sum / relevant.len() as f64, hits_10 / relevant.len().min(10) as f64)
}

/// The mean and its 95% interval by resampling, with a fixed generator.
fn interval(values: &[f64]) -> (f64, f64, f64) {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut state = 42_u64;
    let mut means: Vec<f64> = (0..BOOTSTRAP)
        .map(|_| {
            let sample: Vec<f64> = (0..values.len())
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    values[(state >> 33) as usize % values.len()]
                })
                .collect();
            mean(&sample)
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (
        mean(values),
        means[BOOTSTRAP / 40],
        means[BOOTSTRAP - BOOTSTRAP / 40 - 1],
    )
}

fn order(mut scored: Vec<(f64, String)>) -> Vec<String> {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.into_iter().map(|(_, id)| id).collect()
}

/// The order that feature weights give; to try weights without touching the program.
fn reweighted(matches: &[Match], weights: &[f64]) -> Vec<String> {
    let score = |found: &Match| {
        found
            .features
            .iter()
            .zip(weights)
            .map(|(feature, weight)| feature.value * weight)
            .sum()
    };
    order(matches.iter().map(|found| (score(found), found.id.clone())).collect())
}

fn stamp(id: &str) -> Stamp {
    Stamp {
        id: id.to_owned(),
        tenant_id: "ten_1".into(),
        version: 1,
        updated_day: TODAY,
    }
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
#[expect(clippy::disallowed_methods, reason = "told by the environment where the data lie")]
#[expect(clippy::too_many_lines, reason = "an experiment, told in one go")]
fn main() -> Result<(), Box<dyn Error>> {
    let asked = |flag: &str| std::env::args().any(|argument| argument == flag);
    let data = PathBuf::from(std::env::var("INVENTURE_DATA")?);
    let embedder = Embedder::load(Path::new(&std::env::var("INVENTURE_MODEL_DIR")?))?.with_threads(2)?;
    let cvs = cvs(&data.join("resume-entities"), asked("--headline-only"))?;
    let table = fs::read_to_string(data.join("taxonomy/onet-occupations.tsv"))?;
    let mut jobs: Vec<(&str, &str, BTreeSet<&str>)> = Vec::new();
    for line in table.lines().skip(1) {
        let mut cells = line.split('\t').skip(1);
        let (title, description) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let relevant: BTreeSet<&str> = cvs
            .iter()
            .filter(|cv| cv.occupations.contains(title))
            .map(|cv| cv.id.as_str())
            .collect();
        if relevant.len() >= LEAST_RELEVANT {
            jobs.push((title, description, relevant));
        }
    }
    let known: BTreeSet<&str> = jobs
        .iter()
        .flat_map(|(.., relevant)| relevant.iter().copied())
        .collect();
    let cvs: Vec<&Cv> = cvs.iter().filter(|cv| known.contains(cv.id.as_str())).collect();
    println!("{} CVs, {} occupations", cvs.len(), jobs.len());

    let embed = |texts: &[String]| -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Ok(embedder.embed_all(&texts).into_iter().collect::<Result<_, _>>()?)
    };
    // The baselines see the whole text; ours sees what the parser made of it, without identity.
    let raw_vectors = embed(
        &cvs.iter()
            .map(|cv| cv.text.chars().take(14_000).collect())
            .collect::<Vec<String>>(),
    )?;
    let resumes = cvs.iter().map(|cv| {
        let document = read(
            cv.text.as_bytes(),
            Hint {
                file_name: Some("cv.txt"),
                media_type: None,
            },
            &Limits::default(),
            None,
        )?;
        Ok((parse(&document, PartialDate::year_month(2018, 12)?), document.text))
    });
    let resumes: Vec<_> = resumes.collect::<Result<_, Box<dyn Error>>>()?;
    let texts: Vec<String> = resumes
        .iter()
        .map(|(resume, text)| candidate_text((resume, text.as_str())).text)
        .collect();
    let vectors: Vec<Option<Vec<f32>>> = embedder
        .embed_all(&texts.iter().map(String::as_str).collect::<Vec<_>>())
        .into_iter()
        .map(Result::ok)
        .collect();
    let characters = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text.chars().count()).sum::<usize>();
    println!(
        "the profiles hold {:.0}% of the characters; {} are empty",
        100.0 * characters(&mut texts.iter()) as f64 / characters(&mut cvs.iter().map(|cv| &cv.text)) as f64,
        vectors.iter().filter(|vector| vector.is_none()).count(),
    );

    let mut raw_documents = Vec::new();
    let mut documents = Vec::new();
    for (((cv, (resume, text)), vector), raw) in cvs.iter().zip(&resumes).zip(&vectors).zip(&raw_vectors) {
        documents.push(candidate_document(
            stamp(&cv.id),
            (resume, text.as_str()),
            &Preferences::default(),
            vector.as_deref(),
        ));
        let mut terms = TermCounter::default();
        terms.add(&cv.text, 1);
        let facts = Facts::unknown(Kind::Candidate, TODAY);
        let Stamp {
            id, tenant_id, version, ..
        } = stamp(&cv.id);
        let vector = Vector::quantise(raw);
        raw_documents.push(Document {
            id,
            tenant_id,
            version,
            facts,
            vector,
            terms: terms.finish(),
            text_was_cut: false,
            shown: Shown::ALWAYS,
        });
    }
    let index = |documents: &[Document]| {
        Index::new(
            MODEL_VERSION,
            vec![Arc::new(Segment::build(documents, BTreeMap::new(), MODEL_VERSION))],
        )
    };
    let (raw_index, index) = (index(&raw_documents)?, index(&documents)?);
    let filters = Filters {
        tenants: ["ten_1".to_owned()].into(),
        ..Filters::default()
    };

    let one = |place: usize| {
        (0..WEIGHTS.len())
            .map(|index| f64::from(u8::from(index == place)))
            .collect::<Vec<f64>>()
    };
    let mut dump = String::new();

    let mut methods: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (title, description, relevant) in &jobs {
        let parsed = parse_job(title, description);
        let text = job_text(title, description).text;
        let vector = embedder.embed(&text)?;
        let job = job_document(stamp("job_1"), &parsed, description, Some(&vector));
        let cosine = |other: &Vec<f32>| f64::from(vector.iter().zip(other).map(|(a, b)| a * b).sum::<f32>());
        let mut note = |method: &str, order: Vec<String>| {
            assert_eq!(order.len(), cvs.len(), "{method} left somebody out");
            methods
                .entry(method.to_owned())
                .or_default()
                .push(quality(&order, relevant));
        };
        let raw = rank(&raw_index, &job, &filters, cvs.len(), TODAY);
        note("1 BM25, whole text", reweighted(&raw, &one(1)));
        note(
            "2 MiniLM, whole text",
            order(
                cvs.iter()
                    .zip(&raw_vectors)
                    .map(|(cv, v)| (cosine(v), cv.id.clone()))
                    .collect(),
            ),
        );
        note(
            "3 MiniLM, profile text",
            order(
                cvs.iter()
                    .zip(&vectors)
                    .map(|(cv, v)| (v.as_ref().map_or(0.0, cosine), cv.id.clone()))
                    .collect(),
            ),
        );
        let ours = rank(&index, &job, &filters, cvs.len(), TODAY);
        note("4 rank", ours.iter().map(|found| found.id.clone()).collect());
        for (place, (name, _)) in WEIGHTS.iter().enumerate().filter(|_| asked("--features")) {
            note(&format!("  {name:?} alone"), reweighted(&ours, &one(place)));
        }
        for found in &ours {
            let values: Vec<f64> = found.features.iter().map(|feature| feature.value).collect();
            let row = serde_json::json!({ "job": title, "id": found.id, "relevant": relevant.contains(found.id.as_str()), "values": values });
            writeln!(dump, "{row}")?;
        }
    }
    if let Ok(path) = std::env::var("EVAL_DUMP") {
        fs::write(path, dump)?;
    }

    println!("{:<28} {:^24} {:^24}", "", "MAP [95%]", "P@10 of possible [95%]");
    for (method, values) in &methods {
        let [(map, map_low, map_high), (p, p_low, p_high)] = [
            interval(&values.iter().map(|v| v.0).collect::<Vec<_>>()),
            interval(&values.iter().map(|v| v.1).collect::<Vec<_>>()),
        ];
        println!("{method:<28} {map:.3} [{map_low:.3}, {map_high:.3}]   {p:.3} [{p_low:.3}, {p_high:.3}]");
    }
    for base in ["1 BM25, whole text", "2 MiniLM, whole text", "3 MiniLM, profile text"] {
        let pairs: Vec<f64> = methods["4 rank"]
            .iter()
            .zip(&methods[base])
            .map(|(ours, theirs)| ours.0 - theirs.0)
            .collect();
        let (mean, low, high) = interval(&pairs);
        println!("rank minus {base}: MAP {mean:+.3} [{low:+.3}, {high:+.3}]");
    }
    Ok(())
}
