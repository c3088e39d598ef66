//! Precision, recall and F1 over distinct (kind, text) pairs per document.

use std::collections::BTreeSet;

/// The counts of pairs found, marked, and both.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub found: usize,
    pub marked: usize,
    pub both: usize,
}

impl Tally {
    pub fn precision(self) -> f64 {
        self.both as f64 / self.found.max(1) as f64
    }

    pub fn recall(self) -> f64 {
        self.both as f64 / self.marked.max(1) as f64
    }

    pub fn f1(self) -> f64 {
        2.0 * self.both as f64 / (self.found + self.marked).max(1) as f64
    }

    pub fn add(&mut self, other: Self) {
        self.found += other.found;
        self.marked += other.marked;
        self.both += other.both;
    }
}

/// Distinct pairs of one document, the text trimmed and in lower case.
pub type Pairs = BTreeSet<(usize, String)>;

/// Adds a document to the tallies, one a kind.
pub fn compare(found: &Pairs, marked: &Pairs, tallies: &mut [Tally]) {
    for (kind, _) in found {
        tallies[*kind].found += 1;
    }
    for (kind, _) in marked {
        tallies[*kind].marked += 1;
    }
    found
        .intersection(marked)
        .for_each(|(kind, _)| tallies[*kind].both += 1);
}

pub fn total(tallies: &[Tally]) -> Tally {
    let mut all = Tally::default();
    for tally in tallies {
        all.add(*tally);
    }
    all
}

pub fn print(names: &[String], tallies: &[Tally]) {
    println!("| kind | precision | recall | F1 | marked |\n|---|---|---|---|---|");
    let row = |name: &str, t: Tally| {
        println!(
            "| {name} | {:.3} | {:.3} | {:.3} | {} |",
            t.precision(),
            t.recall(),
            t.f1(),
            t.marked
        );
    };
    for (name, tally) in names.iter().zip(tallies) {
        row(name, *tally);
    }
    row("**micro**", total(tallies));
}
