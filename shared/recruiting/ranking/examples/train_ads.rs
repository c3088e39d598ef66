//! Trains the tagger of job ads on marked ads, and measures it on ads that it has not seen:
//!
//! ```sh
//! cargo run --release -p inventure-ranking --example train_ads -- localstack/seed/ads [--folds 5] [--out FOLDER]
//! ```
//!
//! The folder holds texts of ads, parted by lines of `=====`, whose words are marked as `[[code|words]]`. The same ads give the same
//! bytes.
#![expect(clippy::print_stdout, reason = "an example speaks to a terminal")]
#![allow(missing_docs, reason = "a command-line tool")]

#[path = "../../resume/examples/train_entities/learn.rs"]
#[allow(dead_code, reason = "the part that cuts CVs is not used here")]
mod learn;

use std::{error::Error, fmt, fs, ops::Range, path::Path};

use inventure_ranking::{
    document::{Need, RemotePolicy},
    job::tagger::{AdPartKind, POLICIES, Words, asked},
};
use inventure_resume::entities::{
    crf::{TokenSpan, labels_of},
    model::Model,
};
use learn::{Example, Settings, train};

type Failure = Box<dyn Error + Send + Sync>;

/// An ad with the stretches that are marked, each with the number of its kind.
struct Ad {
    words: Words,
    marks: Vec<TokenSpan>,
    /// The needs of the marked skills and years, in order.
    needs: Vec<Need>,
    /// The words that say whether the work is remote, by their first one.
    policies: Vec<(RemotePolicy, usize)>,
}

/// The kind and the need that the codes of marks stand for.
const CODES: [(&str, AdPartKind, Need); 7] = [
    ("t", AdPartKind::Title, Need::Required),
    ("r", AdPartKind::Skill, Need::Required),
    ("p", AdPartKind::Skill, Need::Nice),
    ("l", AdPartKind::Place, Need::Required),
    ("y", AdPartKind::Years, Need::Required),
    ("yp", AdPartKind::Years, Need::Nice),
    ("pay", AdPartKind::Pay, Need::Required),
];

/// The policies that the codes of marks stand for.
const WORK: [(&str, RemotePolicy); 3] = [
    ("wr", RemotePolicy::Remote),
    ("wh", RemotePolicy::Hybrid),
    ("wo", RemotePolicy::OnSite),
];

/// The number of needs.
const NEEDS: usize = 2;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().skip_while(|given| *given != name).nth(1);
    let folder = arguments
        .first()
        .ok_or("usage: train_ads FOLDER [--folds 5] [--out FOLDER]")?;
    let folds: usize = value("--folds").map_or(Ok(5), |folds| folds.parse())?;
    let number = |name: &str, default: f32| value(name).map_or(Ok(default), |given| given.parse());
    let settings = Settings {
        epochs: number("--epochs", 12.0)? as usize,
        rate: number("--rate", 0.05)?,
        l2: number("--l2", 0.0005)?,
        dropout: number("--dropout", 0.5)?,
        least_count: 2,
        prune: 0.02,
        seed: 1,
    };
    // The needs have few examples: what they are told by is seen more often, and longer.
    let few = Settings {
        epochs: 2 * settings.epochs,
        dropout: number("--few-dropout", 0.2)?,
        ..settings
    };
    let ads = read_folder(Path::new(folder))?;
    println!("{} ads", ads.len());

    let parts = |ads: &[&Ad]| {
        learnt(
            ads.iter().flat_map(|ad| ad.examples()).collect(),
            AdPartKind::ALL.len(),
            &settings,
        )
    };
    let needs = |ads: &[&Ad]| learnt(ads.iter().map(|ad| ad.needs_example()).collect(), NEEDS, &few);
    let work = |ads: &[&Ad]| learnt(ads.iter().map(|ad| ad.work_example()).collect(), POLICIES.len(), &few);
    let run = |fold: usize| -> Option<Vec<Held>> {
        let others = ads.iter().enumerate().filter(|(n, _)| n % folds != fold);
        let others: Vec<&Ad> = others.map(|(_, ad)| ad).collect();
        let (parts, needs, work) = (parts(&others)?, needs(&others)?, work(&others)?);
        let held = |(n, ad): (usize, &Ad)| Held {
            ad: n,
            candidates: ad.words.candidates(&parts),
            needs: ad.words.needs(&ad.marks, &needs),
            policy: ad.words.policy(&work).map(|(policy, _)| policy),
        };
        Some(ads.iter().enumerate().skip(fold).step_by(folds).map(held).collect())
    };
    let mut held = Vec::new();
    for pair in (0..folds).collect::<Vec<_>>().chunks(2) {
        std::thread::scope(|scope| {
            let runs: Vec<_> = pair.iter().map(|fold| scope.spawn(|| run(*fold))).collect();
            held.extend(runs.into_iter().filter_map(|run| run.join().ok().flatten()).flatten());
        });
    }
    let thresholds = tune(&ads, &held);
    print_decisions(&ads, &held);
    if let Some(out) = value("--out") {
        fs::create_dir_all(out)?;
        let all: Vec<&Ad> = ads.iter().collect();
        let (Some(mut parts), Some(needs), Some(work)) = (parts(&all), needs(&all), work(&all)) else {
            return Err("a model does not read back".into());
        };
        parts.set_thresholds(thresholds);
        for (name, model) in [("ad-parts.bin", parts), ("ad-needs.bin", needs), ("ad-work.bin", work)] {
            let bytes = model.to_bytes();
            println!("{name}: {} bytes", bytes.len());
            fs::write(Path::new(out).join(name), bytes)?;
        }
    }
    Ok(())
}

/// The number of things that there are, that were found, and that are both.
#[derive(Default)]
struct Tally {
    there: usize,
    found: usize,
    right: usize,
}

impl Tally {
    fn add(&mut self, there: bool, found: bool) {
        self.there += usize::from(there);
        self.found += usize::from(found);
        self.right += usize::from(there && found);
    }

    fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.there + self.found).max(1) as f64
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |of: usize| self.right as f64 / of.max(1) as f64;
        let (precision, recall) = (share(self.found), share(self.there));
        write!(
            f,
            "| {} | {precision:.3} | {recall:.3} | {:.3} |",
            self.there,
            self.f1()
        )
    }
}

/// Returns the least probability for each kind of part. It is the best one where a find within a marked stretch counts, or around
/// it.
fn tune(ads: &[Ad], held: &[Held]) -> Vec<f32> {
    println!("| kind | marked | precision | recall | F1 | from | F1 of exact finds |\n|---|---|---|---|---|---|---|");
    let tallies = |kind: usize, least: f32| {
        let mut only = vec![2.0; AdPartKind::ALL.len()];
        only[kind] = least;
        let (mut near, mut exact) = (Tally::default(), Tally::default());
        for held in held {
            let marks = || ads[held.ad].marks.iter().filter(|mark| mark.kind == kind);
            for (found, _) in ads[held.ad].words.decode(held.candidates.clone(), &only) {
                let within = |a: &TokenSpan, b: &TokenSpan| b.start <= a.start && a.end <= b.end;
                near.right += usize::from(marks().any(|mark| within(mark, &found) || within(&found, mark)));
                exact.right += usize::from(marks().any(|mark| *mark == found));
                near.found += 1;
            }
            near.there += marks().count();
        }
        (exact.found, exact.there) = (near.found, near.there);
        (near, exact)
    };
    let best = |(kind, name): (usize, &AdPartKind)| {
        let tried = (4..16)
            .map(|step| step as f32 * 0.05)
            .map(|least| (least, tallies(kind, least)));
        let best = tried.max_by(|(_, (a, _)), (_, (b, _))| a.f1().total_cmp(&b.f1()));
        best.map_or(0.5, |(least, (near, exact))| {
            println!("| {name:?} {near} {least:.2} | {:.3} |", exact.f1());
            least
        })
    };
    AdPartKind::ALL.iter().enumerate().map(best).collect()
}

/// Prints how many marked skills and years have their need told right, and how many ads their policy.
fn print_decisions(ads: &[Ad], held: &[Held]) {
    println!("\n| decision | there | precision | recall | F1 |\n|---|---|---|---|---|");
    for need in [Need::Required, Need::Nice] {
        let mut tally = Tally::default();
        for held in held {
            let ad = &ads[held.ad];
            for (n, known) in asked(&ad.marks).into_iter().zip(&ad.needs) {
                tally.add(*known == need, held.needs[n] == need);
            }
        }
        println!("| {need:?} {tally}");
    }
    for policy in POLICIES {
        let mut tally = Tally::default();
        for held in held {
            let stated = ads[held.ad].policies.iter().any(|(known, _)| *known == policy);
            tally.add(stated, held.policy == Some(policy));
        }
        println!("| {policy:?} {tally}");
    }
}

/// The finds in an ad by models that have not seen it.
struct Held {
    ad: usize,
    candidates: Vec<(TokenSpan, f32)>,
    needs: Vec<Need>,
    policy: Option<RemotePolicy>,
}

/// Returns a model as it is shipped: written, and read back.
fn learnt(examples: Vec<Example>, kinds: usize, settings: &Settings) -> Option<Model> {
    let model = train(&examples.iter().collect::<Vec<_>>(), kinds, settings);
    Model::from_bytes(&model.to_bytes())
}

fn read_folder(folder: &Path) -> Result<Vec<Ad>, Failure> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "txt"));
    files.sort();
    let mut ads = Vec::new();
    for file in files {
        for marked in fs::read_to_string(&file)?.split("\n=====\n") {
            ads.push(Ad::new(marked.trim()).map_err(|error| format!("{}: {error}", file.display()))?);
        }
    }
    Ok(ads)
}

impl Ad {
    fn new(marked: &str) -> Result<Self, Failure> {
        let mut text = String::with_capacity(marked.len());
        let mut marks: Vec<(AdPartKind, Need, Range<usize>)> = Vec::new();
        let mut said = Vec::new();
        let mut rest = marked;
        while let Some((before, after)) = rest.split_once("[[") {
            let (mark, after) = after.split_once("]]").ok_or("a mark without an end")?;
            let (code, words) = mark
                .split_once('|')
                .ok_or_else(|| format!("a mark without a code: {mark}"))?;
            text.push_str(before);
            let start = text.len();
            text.push_str(words);
            if let Some((_, policy)) = WORK.iter().find(|(known, _)| *known == code) {
                said.push((*policy, start));
            } else {
                let known = CODES.iter().find(|(known, ..)| *known == code);
                let (_, kind, need) = known.ok_or_else(|| format!("an unknown code: {code}"))?;
                marks.push((*kind, *need, start..text.len()));
            }
            rest = after;
        }
        text.push_str(rest);
        let words = Words::new(&text);
        let tokens = words.tokens();
        let spans = marks.iter().map(|(kind, _, range)| TokenSpan {
            start: tokens.partition_point(|token| token.end <= range.start),
            end: tokens.partition_point(|token| token.start < range.end),
            kind: *kind as usize,
        });
        let spans: Vec<TokenSpan> = spans.collect();
        let needs = marks.iter().filter(|(kind, ..)| kind.is_asked());
        let needs = needs.map(|(_, need, _)| *need).collect();
        let policies = said
            .into_iter()
            .map(|(policy, start)| (policy, tokens.partition_point(|token| token.end <= start)))
            .collect();
        Ok(Self {
            marks: spans,
            needs,
            policies,
            words,
        })
    }

    /// The sentences as a sequence whose labels are the policies that they state.
    fn work_example(&self) -> Example {
        let sentences = self.words.sentences();
        let label = |(policy, word): &(RemotePolicy, usize)| {
            let start = sentences.partition_point(|sentence| sentence.end <= *word);
            TokenSpan {
                start,
                end: start + 1,
                kind: POLICIES.iter().position(|known| known == policy).unwrap_or_default(),
            }
        };
        let mut labels: Vec<TokenSpan> = self.policies.iter().map(label).collect();
        labels.dedup_by_key(|label| label.start);
        Example {
            attributes: self.words.sentence_attributes(&sentences),
            labels: labels_of(&labels, sentences.len()),
        }
    }

    /// The skills and years as a sequence whose labels are their needs.
    fn needs_example(&self) -> Example {
        let own: Vec<TokenSpan> = asked(&self.marks).into_iter().map(|n| self.marks[n]).collect();
        let label = |(n, need): (usize, &Need)| TokenSpan {
            start: n,
            end: n + 1,
            kind: *need as usize,
        };
        let labels: Vec<TokenSpan> = self.needs.iter().enumerate().map(label).collect();
        Example {
            attributes: self.words.need_attributes(&own),
            labels: labels_of(&labels, own.len()),
        }
    }

    fn examples(&self) -> Vec<Example> {
        let labels = labels_of(&self.marks, self.words.tokens().len());
        let of = |range: &Range<usize>| Example {
            attributes: self.words.attributes(range.clone()).to_vec(),
            labels: labels[range.clone()].to_vec(),
        };
        self.words.sequences().iter().map(of).collect()
    }
}
