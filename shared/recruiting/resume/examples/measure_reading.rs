//! Reads documents whose truth is known, and prints how many fields are right, absent and wrong.
//!
//! ```sh
//! cargo run --release -p inventure-resume --example measure_reading -- tests/reading/unseen [--tool TOOL] [--held-out] [--wrong] [--least N] [--confidence] [--read FILE]
//! ```
//!
//! `INVENTURE_PDF_LIBRARY` names the PDF library, which `cargo xtask tools` fetches. `--wrong` lists each field that is not right.
//! `--read` judges what `inventure parse --json` wrote, such as of scans of the documents under their names; documents of other endings than those do
//! not count then, and one that it lacks has no fields.
//! `--held-out` takes only the layouts that `train_structure` holds out.
//! A share is of the fields that the truth names; a field that the truth does not name and the reader does is wrong. Jobs and
//! schools of reader and truth are matched by the fields that agree; one that matches none is made up. The interval is of 95%,
//! over documents drawn again 1,000 times.
#![expect(clippy::print_stdout, reason = "an example speaks to a terminal")]

use std::{collections::BTreeMap, error::Error, fs, io::BufRead, path::Path, path::PathBuf, sync::LazyLock};

use inventure_resume::{Education, Experience, Field, Hint, Limits, PartialDate, PdfLibrary, Resume, parse, read};
use serde::Deserialize;

static PDF: LazyLock<Option<PdfLibrary>> = LazyLock::new(|| {
    let file = std::env::var_os("INVENTURE_PDF_LIBRARY")?;
    PdfLibrary::open(Path::new(&file)).ok()
});

#[derive(Deserialize)]
struct Truth {
    file: String,
    layout: String,
    tool: String,
    resume: Known,
}

#[derive(Deserialize)]
struct Known {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    headline: Option<String>,
    location: Option<String>,
    jobs: Vec<KnownJob>,
    education: Vec<KnownSchool>,
    #[serde(default)]
    certifications: Vec<KnownCertificate>,
}

#[derive(Deserialize)]
struct KnownJob {
    employer: Option<String>,
    team: Option<String>,
    title: Option<String>,
    start: Option<String>,
    end: Option<String>,
}

#[derive(Deserialize)]
struct KnownSchool {
    school: Option<String>,
    degree: Option<String>,
    field: Option<String>,
    start: Option<String>,
    end: Option<String>,
}

#[derive(Deserialize)]
struct KnownCertificate {
    name: String,
}

/// The fields of one kind in one document.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    there: u32,
    right: u32,
    wrong: u32,
}

type Counts = BTreeMap<&'static str, Count>;

/// A value that was read, and how sure the reader is of it.
type Read<T> = Option<(T, f32)>;

struct Judge {
    counts: Counts,
    file: String,
    lists: bool,
    /// Values of less confidence count as absent.
    least: f32,
    /// For each value that was read, its confidence and whether it is right.
    sure: Vec<(&'static str, f32, bool)>,
}

impl Judge {
    fn field(&mut self, kind: &'static str, truth: Option<&str>, read: Read<&str>, same: impl Fn(&str, &str) -> bool) {
        let right = truth.zip(read).is_some_and(|(truth, (found, _))| same(truth, found));
        self.sure.extend(read.map(|(_, confidence)| (kind, confidence, right)));
        let found = read
            .filter(|(_, confidence)| *confidence >= self.least)
            .map(|(found, _)| found);
        let right = right && found.is_some();
        let count = self.counts.entry(kind).or_default();
        count.there += u32::from(truth.is_some());
        count.right += u32::from(right);
        count.wrong += u32::from(found.is_some() && !right);
        if self.lists && !right && (truth.is_some() || found.is_some()) {
            println!("{} {kind}: {truth:?} read as {read:?}", self.file);
        }
    }

    fn entries(&mut self, kind: &'static str, there: usize, matched: usize, made_up: usize) {
        let count = self.counts.entry(kind).or_default();
        count.there += there as u32;
        count.right += matched as u32;
        count.wrong += made_up as u32;
        if self.lists && (there > matched || made_up > 0) {
            println!("{} {kind}: {} missing, {made_up} made up", self.file, there - matched);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(
        arguments
            .first()
            .ok_or("usage: measure_reading FOLDER [--tool TOOL] [--wrong]")?,
    );
    let tool = arguments.iter().position(|argument| argument == "--tool");
    let tool = tool.and_then(|at| arguments.get(at + 1));
    let lists = arguments.iter().any(|argument| argument == "--wrong");
    let held_out = arguments.iter().any(|argument| argument == "--held-out");
    let today = PartialDate::year_month(2026, 11)?;
    let least = arguments.iter().position(|argument| argument == "--least");
    let least = least
        .and_then(|at| arguments.get(at + 1)?.parse().ok())
        .unwrap_or_default();
    let read_before = arguments.iter().position(|argument| argument == "--read");
    let read_before = read_before
        .map(|at| read_before_from(arguments.get(at + 1).ok_or("--read names no file")?))
        .transpose()?;
    let (mut documents, mut sure): (Vec<Counts>, Vec<(&str, f32, bool)>) = (Vec::new(), Vec::new());
    for line in std::io::BufReader::new(fs::File::open(folder.join("truth.jsonl"))?).lines() {
        let truth: Truth = serde_json::from_str(&line?)?;
        let hash = truth
            .layout
            .bytes()
            .fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
        let layout_number = (hash ^ (hash >> 7)) % 1_000;
        if tool.is_some_and(|tool| *tool != truth.tool) || (held_out && !layout_number.is_multiple_of(5)) {
            continue;
        }
        let resume = match &read_before {
            Some(known) if known.keys().all(|file| ending(file) != ending(&truth.file)) => None,
            Some(known) => Some(known.get(&truth.file).cloned().unwrap_or_default()),
            None => Some(read_now(&folder, &truth.file, today)?),
        };
        let Some(resume) = resume else { continue };
        let mut judge = Judge {
            counts: Counts::new(),
            file: truth.file,
            lists,
            least,
            sure: Vec::new(),
        };
        judge_resume(&mut judge, &truth.resume, &resume);
        documents.push(judge.counts);
        sure.append(&mut judge.sure);
    }
    report(&documents);
    if arguments.iter().any(|argument| argument == "--confidence") {
        report_confidence(&sure);
    }
    Ok(())
}

fn ending(file: &str) -> Option<&std::ffi::OsStr> {
    Path::new(file).extension()
}

/// Reads what `inventure parse --json` wrote, by the names of the files.
fn read_before_from(file: &str) -> Result<BTreeMap<String, Resume>, Box<dyn Error>> {
    #[derive(Deserialize)]
    struct Line {
        file: String,
        resume: Resume,
    }
    let lines = fs::read_to_string(file)?;
    let lines = lines.lines().map(|line| {
        let Line { file, resume } = serde_json::from_str(line)?;
        let name = Path::new(&file).file_name().unwrap_or_default();
        Ok((name.to_string_lossy().into_owned(), resume))
    });
    lines.collect()
}

/// Reads a document. One that is refused has no fields.
fn read_now(folder: &Path, file: &str, today: PartialDate) -> Result<Resume, Box<dyn Error>> {
    let bytes = fs::read(folder.join(file))?;
    let hint = Hint {
        file_name: Some(file),
        media_type: None,
    };
    Ok(match read(&bytes, hint, &Limits::default(), PDF.as_ref()) {
        Ok(document) => parse(&document, today),
        Err(refusal) => {
            println!("{file}: {}", refusal.code());
            Resume::default()
        }
    })
}

fn text(field: Option<&Field<String>>) -> Read<&str> {
    field.map(|field| (field.value.as_str(), field.confidence))
}

fn date(field: Option<&Field<PartialDate>>) -> Read<String> {
    field.map(|field| (field.value.to_string().chars().take(7).collect(), field.confidence))
}

fn as_text(read: Option<&(String, f32)>) -> Read<&str> {
    read.map(|(text, confidence)| (text.as_str(), *confidence))
}

/// Whether two texts are the same but for case, blanks and signs.
fn same(a: &str, b: &str) -> bool {
    bare(a) == bare(b)
}

fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn same_number(a: &str, b: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (a, b) = (digits(a), digits(b));
    let tail = |text: &str| text.chars().rev().take(8).collect::<String>();
    a.len().min(b.len()) >= 7 && tail(&a) == tail(&b)
}

fn same_date(truth: &str, found: &str) -> bool {
    let month = |text: &str| text.chars().take(7).collect::<String>();
    month(truth) == month(found)
}

fn judge_resume(judge: &mut Judge, truth: &Known, resume: &Resume) {
    judge.field("name", truth.name.as_deref(), text(resume.name.as_ref()), same);
    judge.field("e-mail", truth.email.as_deref(), text(resume.emails.first()), same);
    judge.field(
        "phone",
        truth.phone.as_deref(),
        text(resume.phones.first()),
        same_number,
    );
    judge.field(
        "headline",
        truth.headline.as_deref(),
        text(resume.headline.as_ref()),
        same,
    );
    let location = resume.location.as_ref().map(|location| &location.text);
    judge.field("location", truth.location.as_deref(), text(location), same);
    jobs(judge, &truth.jobs, &resume.experience);
    schools(judge, &truth.education, &resume.education);
    let names: Vec<&str> = resume
        .certifications
        .iter()
        .map(|found| found.name.value.as_str())
        .collect();
    let right = truth
        .certifications
        .iter()
        .filter(|known| names.iter().any(|name| same(&known.name, name)))
        .count();
    judge.entries(
        "certificates",
        truth.certifications.len(),
        right,
        names.len().saturating_sub(right),
    );
}

/// Pairs entries of truth and reader in the order of how much they share. A pair that shares nothing is none.
fn pair(shared: &[Vec<u32>]) -> Vec<(usize, usize)> {
    let mut all: Vec<(u32, usize, usize)> = Vec::new();
    for (a, row) in shared.iter().enumerate() {
        all.extend(row.iter().enumerate().map(|(b, score)| (*score, a, b)));
    }
    all.sort_by_key(|(score, a, b)| (std::cmp::Reverse(*score), *a, *b));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (score, a, b) in all {
        if score > 0 && !pairs.iter().any(|(x, y)| *x == a || *y == b) {
            pairs.push((a, b));
        }
    }
    pairs.sort_unstable();
    pairs
}

fn both(truth: Option<&str>, read: Read<&str>, same: &dyn Fn(&str, &str) -> bool) -> u32 {
    u32::from(truth.zip(read).is_some_and(|(truth, (read, _))| same(truth, read)))
}

fn same_title(truth: &KnownJob, found: &str) -> bool {
    let (Some(title), team) = (&truth.title, truth.team.as_deref().unwrap_or_default()) else {
        return false;
    };
    same(title, found) || same(&format!("{title}{team}"), found) || same(&format!("{team}{title}"), found)
}

fn jobs(judge: &mut Judge, truth: &[KnownJob], found: &[Experience]) {
    let score = |known: &KnownJob, job: &Experience| {
        2 * u32::from(text(job.title.as_ref()).is_some_and(|(title, _)| same_title(known, title)))
            + 2 * both(known.employer.as_deref(), text(job.employer.as_ref()), &same)
            + both(
                known.start.as_deref(),
                as_text(date(job.start.as_ref()).as_ref()),
                &same_date,
            )
            + both(
                known.end.as_deref(),
                as_text(date(job.end.as_ref()).as_ref()),
                &same_date,
            )
    };
    let shared: Vec<Vec<u32>> = truth
        .iter()
        .map(|known| found.iter().map(|job| score(known, job)).collect())
        .collect();
    let pairs = pair(&shared);
    judge.entries("jobs", truth.len(), pairs.len(), found.len() - pairs.len());
    let none = Experience::default();
    for (at, known) in truth.iter().enumerate() {
        let job = pairs.iter().find(|(a, _)| *a == at).map_or(&none, |(_, b)| &found[*b]);
        judge.field("employer", known.employer.as_deref(), text(job.employer.as_ref()), same);
        judge.field("title", known.title.as_deref(), text(job.title.as_ref()), |_, found| {
            same_title(known, found)
        });
        judge.field(
            "job start",
            known.start.as_deref(),
            as_text(date(job.start.as_ref()).as_ref()),
            same_date,
        );
        judge.field(
            "job end",
            known.end.as_deref(),
            as_text(date(job.end.as_ref()).as_ref()),
            same_date,
        );
    }
}

fn schools(judge: &mut Judge, truth: &[KnownSchool], found: &[Education]) {
    let score = |known: &KnownSchool, school: &Education| {
        2 * both(known.school.as_deref(), text(school.school.as_ref()), &same)
            + 2 * both(known.degree.as_deref(), text(school.degree.as_ref()), &same)
            + both(known.field.as_deref(), text(school.field.as_ref()), &same)
            + both(
                known.end.as_deref(),
                as_text(date(school.end.as_ref()).as_ref()),
                &same_date,
            )
    };
    let shared: Vec<Vec<u32>> = truth
        .iter()
        .map(|known| found.iter().map(|school| score(known, school)).collect())
        .collect();
    let pairs = pair(&shared);
    judge.entries("schools", truth.len(), pairs.len(), found.len() - pairs.len());
    let none = Education::default();
    for (at, known) in truth.iter().enumerate() {
        let school = pairs.iter().find(|(a, _)| *a == at).map_or(&none, |(_, b)| &found[*b]);
        judge.field("school", known.school.as_deref(), text(school.school.as_ref()), same);
        judge.field("degree", known.degree.as_deref(), text(school.degree.as_ref()), same);
        judge.field(
            "field of study",
            known.field.as_deref(),
            text(school.field.as_ref()),
            same,
        );
        judge.field(
            "school start",
            known.start.as_deref(),
            as_text(date(school.start.as_ref()).as_ref()),
            same_date,
        );
        judge.field(
            "school end",
            known.end.as_deref(),
            as_text(date(school.end.as_ref()).as_ref()),
            same_date,
        );
    }
}

const ORDER: [&str; 17] = [
    "name",
    "e-mail",
    "phone",
    "headline",
    "location",
    "jobs",
    "employer",
    "title",
    "job start",
    "job end",
    "schools",
    "school",
    "degree",
    "field of study",
    "school start",
    "school end",
    "certificates",
];

fn report(documents: &[Counts]) {
    println!("{} documents\n", documents.len());
    println!("| field | there | right | [95%] | absent | wrong or made up |");
    println!("|---|---|---|---|---|---|");
    for kind in ORDER {
        let own: Vec<Count> = documents
            .iter()
            .map(|counts| counts.get(kind).copied().unwrap_or_default())
            .collect();
        let sum = |counts: &mut dyn Iterator<Item = Count>| {
            counts.fold(Count::default(), |all, count| Count {
                there: all.there + count.there,
                right: all.right + count.right,
                wrong: all.wrong + count.wrong,
            })
        };
        let all = sum(&mut own.iter().copied());
        let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
        let mut random = 0x9e37_79b9_u64;
        let mut drawn: Vec<f64> = (0..1_000)
            .map(|_| {
                let again = sum(&mut (0..own.len()).map(|_| {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    own[(random >> 33) as usize % own.len()]
                }));
                share(again.right, again.there)
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let at = |share: f64| {
            drawn
                .get((share * drawn.len() as f64) as usize)
                .copied()
                .unwrap_or_default()
        };
        let absent = all
            .there
            .saturating_sub(all.right + all.wrong.min(all.there - all.right));
        println!(
            "| {kind} | {} | {:.3} | [{:.3}, {:.3}] | {:.3} | {:.3} |",
            all.there,
            share(all.right, all.there),
            at(0.025),
            at(0.975),
            share(absent, all.there),
            share(all.wrong, all.there)
        );
    }
}

/// Prints how often values of each confidence are right.
fn report_confidence(sure: &[(&str, f32, bool)]) {
    println!("\n| confidence | values | mean | right |\n|---|---|---|---|");
    for step in 0..10 {
        let own: Vec<_> = sure
            .iter()
            .filter(|(_, confidence, _)| ((confidence * 10.0) as usize).min(9) == step)
            .collect();
        let count = own.len().max(1) as f32;
        let mean = own.iter().map(|(_, confidence, _)| confidence).sum::<f32>() / count;
        let right = own.iter().filter(|(_, _, right)| *right).count() as f32 / count;
        let (from, to) = (step as f32 / 10.0, (step + 1) as f32 / 10.0);
        println!("| {from:.1} to {to:.1} | {} | {mean:.3} | {right:.3} |", own.len());
    }
}
