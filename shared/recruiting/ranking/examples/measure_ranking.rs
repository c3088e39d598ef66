//! Measures rankings of real CVs against what two judges would shortlist.
//! `INVENTURE_DATA=… INVENTURE_MODEL_DIR=… cargo run --release -p inventure-ranking --example measure_ranking -- tests/ranking`.
//!
//! The CVs of `resume-entities/` without near copies are the candidates, 19 O*NET occupations (title and description) the jobs. A
//! CV is relevant where one judge would shortlist it and the other at least may. Others that one of them may shortlist are left out of
//! that job. Weights are fitted to the mean of the two, a maybe counting half.
//! It is told twice: with the CVs as they are, and without each line that holds a marked title. Measured per job: average precision,
//! and precision at 10 (of the at most 10 that there are), with 95% intervals from 2,000 bootstrap samples of the jobs.
//!
//! The weights of meaning, words and title are fitted here: for the figures on all jobs but the one that is ranked, and once on all,
//! which is what [`WEIGHTS`] holds. `before.json` has the orders of the ranking by hand-set weights that this one replaced.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use inventure_embedding::{EmbedError, Embedder, MODEL_VERSION};
use inventure_ranking::{
    Document, FeatureName, Filters, Index, Segment,
    document::{Facts, Kind, Shown, TermCounter},
    parse_job,
    profile::{EmbeddingText, Preferences, Stamp, Vectors, candidate_document, candidate_text, job_document, job_text},
    rank,
    rank::{BIAS, WEIGHTS},
    vector::Vector,
};
use inventure_resume::{Hint, Limits, PartialDate, parse, read};
use regex::Regex;
use serde::Deserialize;

const BOOTSTRAP: usize = 2_000;
const TODAY: i32 = 20_000;

/// The features whose weights are fitted.
const FITTED: [FeatureName; 3] = [FeatureName::Meaning, FeatureName::Words, FeatureName::Title];

#[derive(Deserialize)]
struct Labels {
    #[serde(default)]
    duplicates: Vec<u32>,
    jobs: BTreeMap<String, Judged>,
}

#[derive(Deserialize)]
struct Judged {
    relevant: BTreeSet<u32>,
    maybe: BTreeSet<u32>,
}

impl Judged {
    /// The share of a yes: 1, or ½ for a maybe.
    fn of(&self, cv: u32) -> f64 {
        match () {
            () if self.relevant.contains(&cv) => 1.0,
            () if self.maybe.contains(&cv) => 0.5,
            () => 0.0,
        }
    }
}

/// The orders of an earlier ranking, by kind of CV and job.
type Before = BTreeMap<String, BTreeMap<String, Vec<u32>>>;

struct Job {
    code: String,
    title: String,
    description: String,
    /// The degree to which the two judges would shortlist each CV, from 0 to 1.
    wanted: BTreeMap<u32, f64>,
}

impl Job {
    fn relevant(&self) -> BTreeSet<u32> {
        let wanted = self.wanted.iter().filter(|(_, wanted)| **wanted >= 0.75);
        wanted.map(|(cv, _)| *cv).collect()
    }

    /// Average precision, and precision at 10 of what is possible. CVs that the judges differ about are left out.
    fn quality(&self, order: &[u32]) -> [f64; 2] {
        let relevant = self.relevant();
        let (mut place, mut hits, mut sum, mut early) = (0.0, 0.0, 0.0, 0.0);
        for cv in order {
            if !relevant.contains(cv) && self.wanted[cv] > 0.0 {
                continue;
            }
            place += 1.0;
            if relevant.contains(cv) {
                hits += 1.0;
                sum += hits / place;
                early += f64::from(u8::from(place <= 10.0));
            }
        }
        [sum / relevant.len() as f64, early / relevant.len().min(10) as f64]
    }
}

/// The jobs, in the order of their codes, and the CVs that are no near copies.
fn judged(labels: &Path, data: &Path) -> Result<(Vec<Job>, Vec<u32>), Box<dyn Error>> {
    let read =
        |name| -> Result<Labels, Box<dyn Error>> { Ok(serde_json::from_str(&fs::read_to_string(labels.join(name))?)?) };
    let (first, second) = (read("labels-a.json")?, read("labels-b.json")?);
    let mut cvs: Vec<u32> = fs::read_dir(data.join("resume-entities"))?
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str()?.parse().ok())
        .filter(|cv| !first.duplicates.contains(cv))
        .collect();
    cvs.sort_unstable();
    let table = fs::read_to_string(data.join("taxonomy/onet-occupations.tsv"))?;
    let mut jobs = Vec::new();
    for (code, judged) in &first.jobs {
        let row = table
            .lines()
            .find_map(|line| line.strip_prefix(code.as_str())?.strip_prefix('\t'));
        let (title, description) = row.and_then(|row| row.split_once('\t')).ok_or("no such occupation")?;
        let other = second.jobs.get(code).ok_or("the judges had other jobs")?;
        jobs.push(Job {
            code: code.clone(),
            title: title.to_owned(),
            description: description.to_owned(),
            wanted: cvs
                .iter()
                .map(|cv| (*cv, f64::midpoint(judged.of(*cv), other.of(*cv))))
                .collect(),
        });
    }
    Ok((jobs, cvs))
}

/// The text of a CV, with or without the lines that hold a marked title.
fn text(xml: &str, without_titles: bool) -> Result<String, Box<dyn Error>> {
    const MARK: char = '\u{1}';
    let title = Regex::new(r#"(?s)<label type="Designation">(.*?)</label>"#)?;
    let label = Regex::new(r#"(?s)<label type="[^"]*">(.*?)</label>"#)?;
    let marked = title.replace_all(xml, "\u{1}$1\u{1}");
    let text = label.replace_all(&marked, "$1");
    // Most of the CVs came as one line, with two spaces where a line ended.
    let text = if text.lines().count() < 12 {
        text.replace("  ", "\n")
    } else {
        text.into_owned()
    };
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("<?xml") && !matches!(line.trim(), "<cv>" | "</cv>"))
        .filter(|line| !(without_titles && line.contains(MARK)));
    Ok(lines.map(plain).collect::<Vec<_>>().join("\n").replace(MARK, ""))
}

fn plain(xml: &str) -> String {
    let text = xml
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'");
    text.replace("&amp;", "&").trim().trim_matches('"').to_owned()
}

/// The mean and its 95% interval by resampling, with a fixed generator.
fn interval(values: &[f64]) -> [f64; 3] {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut state = 42_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        values[(state >> 33) as usize % values.len()]
    };
    let mut means: Vec<f64> = (0..BOOTSTRAP)
        .map(|_| mean(&values.iter().map(|_| next()).collect::<Vec<_>>()))
        .collect();
    means.sort_by(f64::total_cmp);
    [
        mean(values),
        means[BOOTSTRAP / 40],
        means[BOOTSTRAP - BOOTSTRAP / 40 - 1],
    ]
}

fn order(mut scored: Vec<(f64, u32)>) -> Vec<u32> {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.into_iter().map(|(_, cv)| cv).collect()
}

/// The values of the features of one CV for one job, and the degree to which it is wanted.
struct Scored {
    cv: u32,
    values: Vec<f64>,
    wanted: f64,
}

impl Scored {
    fn fitted(&self) -> [f64; 4] {
        let value = |name| {
            WEIGHTS
                .iter()
                .position(|(known, _)| *known == name)
                .map_or(0.0, |at| self.values[at])
        };
        [1.0, value(FITTED[0]), value(FITTED[1]), value(FITTED[2])]
    }

    /// The evidence of the features whose weights are set by hand.
    fn by_hand(&self) -> f64 {
        let rows = self.values.iter().zip(WEIGHTS);
        let rows = rows.filter(|(_, (name, _))| !FITTED.contains(name));
        rows.map(|(value, (_, weight))| value * weight).sum()
    }

    /// The score with these weights in place of those of the fitted features.
    fn chance(&self, weights: &[f64; 4]) -> f64 {
        let fitted = self.fitted();
        let fitted: f64 = fitted.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        1.0 / (1.0 + (-fitted - self.by_hand()).exp())
    }
}

/// Fits bias and weights (none below 0) by logistic regression, in a fixed number of steps of Adam.
fn fit<'a>(rows: impl Iterator<Item = &'a Scored> + Clone) -> [f64; 4] {
    let count = rows.clone().count() as f64;
    let mut weights = [0.0; 4];
    let (mut first, mut second) = ([0.0; 4], [0.0; 4]);
    for step in 1..=3_000 {
        let mut gradient = [0.0; 4];
        for row in rows.clone() {
            let off = row.chance(&weights) - row.wanted;
            for (gradient, value) in gradient.iter_mut().zip(row.fitted()) {
                *gradient += off * value / count;
            }
        }
        for at in 0..4 {
            first[at] = 0.9 * first[at] + 0.1 * gradient[at];
            second[at] = 0.99 * second[at] + 0.01 * gradient[at] * gradient[at];
            let [mean, spread] = [
                first[at] / (1.0 - 0.9_f64.powi(step)),
                second[at] / (1.0 - 0.99_f64.powi(step)),
            ];
            weights[at] -= 0.05 * mean / (spread.sqrt() + 1e-12);
            if at > 0 {
                weights[at] = weights[at].max(0.0);
            }
        }
    }
    weights
}

fn stamp(id: String) -> Stamp {
    Stamp {
        id,
        tenant_id: "ten_1".into(),
        version: 1,
        updated_day: TODAY,
    }
}

fn vectors(embedder: &Embedder, text: &EmbeddingText) -> Result<Vectors, EmbedError> {
    let texts: Vec<&str> = text.texts().collect();
    let embedded = embedder.embed_all(&texts).into_iter().map(|vector| match vector {
        Err(EmbedError::Empty) => Ok(None),
        vector => vector.map(Some),
    });
    Ok(text.vectors(embedded.collect::<Result<Vec<_>, _>>()?))
}

/// The candidates as the product has them, and as bare text for the baselines.
fn candidates(
    folder: &Path,
    cvs: &[u32],
    without_titles: bool,
    embedder: &Embedder,
) -> Result<[Vec<Document>; 2], Box<dyn Error>> {
    let (mut documents, mut bare) = (Vec::new(), Vec::new());
    for cv in cvs {
        let id = format!("can_{cv:05}");
        let text = text(&fs::read_to_string(folder.join(format!("{cv}.xml")))?, without_titles)?;
        let hint = Hint {
            file_name: Some("cv.txt"),
            media_type: None,
        };
        let document = read(text.as_bytes(), hint, &Limits::default(), None)?;
        let resume = parse(&document, PartialDate::year_month(2018, 12)?);
        let vectors = vectors(embedder, &candidate_text(&resume))?;
        documents.push(candidate_document(
            stamp(id.clone()),
            &resume,
            &Preferences::default(),
            vectors,
        ));
        let text: String = text.chars().take(14_000).collect();
        let mut terms = TermCounter::default();
        terms.add(&text, 1);
        bare.push(Document {
            id,
            tenant_id: "ten_1".into(),
            version: 1,
            facts: Facts::unknown(Kind::Candidate, TODAY),
            vector: Vector::quantise(&embedder.embed(&text)?),
            terms: terms.finish(),
            text_was_cut: false,
            shown: Shown::ALWAYS,
            titles: Vec::new(),
        });
    }
    Ok([documents, bare])
}

/// Every CV for a job, with the values of its features.
fn scored(index: &Index, query: &Document, job: &Job) -> Result<Vec<Scored>, Box<dyn Error>> {
    let filters = Filters {
        tenants: ["ten_1".to_owned()].into(),
        ..Filters::default()
    };
    let matches = rank(index, query, &filters, job.wanted.len(), TODAY);
    let row = |found: inventure_ranking::Match| {
        let cv = found.id.trim_start_matches("can_").parse()?;
        Ok(Scored {
            cv,
            values: found.features.iter().map(|feature| feature.value).collect(),
            wanted: job.wanted[&cv],
        })
    };
    matches.into_iter().map(row).collect()
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn report(kind: &str, jobs: &[Job], methods: &[(String, Vec<Vec<u32>>)]) {
    println!(
        "\n{kind}\n{:<44} {:^24} {:^24}",
        "", "MAP [95%]", "P@10 of possible [95%]"
    );
    let mut all = Vec::new();
    for (name, orders) in methods {
        let quality: Vec<[f64; 2]> = jobs.iter().zip(orders).map(|(job, order)| job.quality(order)).collect();
        let [map, early] = [0, 1].map(|at| interval(&quality.iter().map(|values| values[at]).collect::<Vec<_>>()));
        println!(
            "{name:<44} {:.3} [{:.3}, {:.3}]   {:.3} [{:.3}, {:.3}]",
            map[0], map[1], map[2], early[0], early[1], early[2]
        );
        all.push(quality);
    }
    let Some(ours) = all.pop() else { return };
    for ((name, _), other) in methods.iter().zip(&all) {
        let pairs: Vec<f64> = ours
            .iter()
            .zip(other)
            .map(|(ours, theirs)| ours[0] - theirs[0])
            .collect();
        let [mean, low, high] = interval(&pairs);
        println!("  against {name}: MAP {mean:+.3} [{low:+.3}, {high:+.3}]");
    }
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn report_shares(rows: &[(f64, f64)]) {
    println!("\nscores (weights fitted on the other jobs) against what the judges would shortlist");
    println!("| score | CVs | mean score | shortlisted |\n|---|---|---|---|");
    let bounds = [0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
    for pair in bounds.windows(2) {
        let own: Vec<&(f64, f64)> = rows
            .iter()
            .filter(|(score, _)| (pair[0]..pair[1]).contains(score))
            .collect();
        let mean = |part: fn(&(f64, f64)) -> f64| own.iter().map(|row| part(row)).sum::<f64>() / own.len() as f64;
        let (score, share) = (mean(|row| row.0), mean(|row| row.1));
        println!(
            "| {} to {} | {} | {score:.3} | {share:.3} |",
            pair[0],
            pair[1],
            own.len()
        );
    }
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
#[expect(clippy::disallowed_methods, reason = "told by the environment where the data lie")]
fn main() -> Result<(), Box<dyn Error>> {
    let labels = PathBuf::from(std::env::args().nth(1).ok_or("name the folder of the labels")?);
    let data = PathBuf::from(std::env::var("INVENTURE_DATA")?);
    let embedder = Embedder::load(Path::new(&std::env::var("INVENTURE_MODEL_DIR")?))?.with_threads(2)?;
    let (jobs, cvs) = judged(&labels, &data)?;
    let before: Before = serde_json::from_str(&fs::read_to_string(labels.join("before.json"))?)?;
    println!(
        "{} CVs, {} jobs, {} pairs relevant",
        cvs.len(),
        jobs.len(),
        jobs.iter().map(|job| job.relevant().len()).sum::<usize>()
    );
    let mut queries = Vec::new();
    for job in &jobs {
        let parsed = parse_job(&job.title, &job.description);
        let text = job_text(&job.title, &job.description);
        let own = EmbeddingText {
            alternates: Vec::new(),
            ..text.clone()
        };
        let make = |text| -> Result<Document, EmbedError> {
            Ok(job_document(
                stamp(job.code.clone()),
                &parsed,
                &job.description,
                vectors(&embedder, text)?,
            ))
        };
        queries.push([make(&text)?, make(&own)?]);
    }
    for (kind, without_titles) in [("whole", false), ("without titles", true)] {
        let [documents, bare] = candidates(&data.join("resume-entities"), &cvs, without_titles, &embedder)?;
        let index = |documents: &[Document]| {
            Index::new(
                MODEL_VERSION,
                vec![Arc::new(Segment::build(documents, BTreeMap::new(), MODEL_VERSION))],
            )
        };
        let (index, bare) = (index(&documents)?, index(&bare)?);
        let by = |rows: &[Scored], weights: &[f64]| {
            let score = |row: &Scored| {
                row.values
                    .iter()
                    .zip(weights)
                    .map(|(value, weight)| value * weight)
                    .sum()
            };
            order(rows.iter().map(|row| (score(row), row.cv)).collect())
        };
        let one = |name| WEIGHTS.map(|(known, _)| f64::from(u8::from(known == name)));
        let all: Vec<Vec<Scored>> = jobs
            .iter()
            .zip(&queries)
            .map(|(job, [query, _])| scored(&index, query, job))
            .collect::<Result<_, _>>()?;
        let (mut lexical, mut meaning, mut unmapped, mut left_out, mut shares) =
            (vec![], vec![], vec![], vec![], vec![]);
        for (at, (job, [_, own])) in jobs.iter().zip(&queries).enumerate() {
            let text_alone = scored(&bare, own, job)?;
            lexical.push(by(&text_alone, &one(FeatureName::Words)));
            meaning.push(by(&text_alone, &one(FeatureName::Meaning)));
            unmapped.push(by(&scored(&index, own, job)?, &WEIGHTS.map(|(_, weight)| weight)));
            let weights = fit((0..all.len())
                .filter(|other| *other != at)
                .flat_map(|other| &all[other]));
            left_out.push(order(
                all[at].iter().map(|row| (row.chance(&weights), row.cv)).collect(),
            ));
            shares.extend(all[at].iter().map(|row| (row.chance(&weights), row.wanted)));
        }
        let earlier = jobs.iter().map(|job| before[kind][&job.code].clone()).collect();
        let ours = |weights: [f64; WEIGHTS.len()]| all.iter().map(|rows| by(rows, &weights)).collect::<Vec<_>>();
        let mut methods = vec![
            ("BM25, whole text".to_owned(), lexical),
            ("MiniLM, whole text".to_owned(), meaning),
            ("the ranking before, weights by hand".to_owned(), earlier),
            ("meaning alone".to_owned(), ours(one(FeatureName::Meaning))),
            ("words alone".to_owned(), ours(one(FeatureName::Words))),
            ("title alone".to_owned(), ours(one(FeatureName::Title))),
            ("the ranking, no occupation found".to_owned(), unmapped),
            ("the ranking".to_owned(), ours(WEIGHTS.map(|(_, weight)| weight))),
        ];
        methods.push(("the ranking, weights of the other jobs".to_owned(), left_out));
        report(kind, &jobs, &methods);
        if !without_titles {
            report_shares(&shares);
            let weights = fit(all.iter().flatten());
            println!(
                "\nfitted on all: bias {:.2}, {FITTED:?} {:.2?}; shipped: bias {BIAS}, {WEIGHTS:?}",
                weights[0],
                &weights[1..]
            );
        }
    }
    Ok(())
}
