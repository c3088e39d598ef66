//! Makes the lexicon from the O*NET and ESCO tables. It holds phrases as hashes, and the number of times that each word stands in
//! each table.

use std::{collections::BTreeMap, path::Path};

use inventure_resume::entities::{
    lexicon::{Counts, PHRASE_MAX, fold, hash_phrase, hash_word, list, phrase_words},
    model::lexicon_to_bytes,
    token::{TokenKind, tokenize},
};

use crate::Failure;

/// Makers whose name people leave out: `Microsoft Excel` is also `Excel`.
const MAKERS: [&str; 16] = [
    "microsoft",
    "adobe",
    "oracle",
    "ibm",
    "sap",
    "apple",
    "google",
    "apache",
    "amazon",
    "cisco",
    "autodesk",
    "atlassian",
    "intuit",
    "salesforce",
    "red",
    "corel",
];

#[derive(Default)]
struct Tables {
    phrases: BTreeMap<u32, u8>,
    words: BTreeMap<u32, [u32; 6]>,
}

impl Tables {
    fn add(&mut self, phrase: &str, kind: usize, column: usize) {
        let words = phrase_words(phrase);
        if !words.is_empty() && words.len() <= PHRASE_MAX {
            *self.phrases.entry(hash_phrase(&words)).or_default() |= 1 << kind;
        }
        self.count(phrase, column);
    }

    fn count(&mut self, text: &str, column: usize) {
        for token in tokenize(text, usize::MAX).iter().filter(|t| t.kind == TokenKind::Word) {
            self.words
                .entry(fold(hash_word(&text[token.start..token.end])))
                .or_default()[column] += 1;
        }
    }

    fn add_title(&mut self, title: &str) {
        let title = title.split('(').next().unwrap_or_default().trim();
        self.add(title, list::TITLE, 1);
        // plural headings: `Chief Executives`
        if let Some(single) = title.strip_suffix('s').filter(|s| !s.ends_with('s')) {
            self.add(single, list::TITLE, 1);
        }
        if let Some(last) = title.split_whitespace().next_back() {
            self.count(last, 0);
        }
    }

    fn add_tech(&mut self, name: &str) {
        self.add(name, list::TECH, 2);
        let maker = name.split(' ').next().unwrap_or_default().to_lowercase();
        for rest in [name
            .split_once(' ')
            .map(|(_, rest)| rest)
            .filter(|_| MAKERS.contains(&maker.as_str()))]
        .into_iter()
        .flatten()
        {
            self.add(rest, list::TECH, 2);
        }
        if let Some(base) = name.strip_suffix(" software") {
            self.add(base, list::TECH, 2);
        }
        // `Hypertext markup language HTML` ends in what people write
        if let Some(short) = name
            .split(' ')
            .next_back()
            .filter(|w| w.len() > 1 && !w.chars().any(char::is_lowercase))
        {
            self.add(short, list::TECH, 2);
        }
    }
}

/// Bytes of the lexicon from the tables in `folder`.
pub fn lexicon(folder: &Path) -> Result<Vec<u8>, Failure> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    let mut tables = Tables::default();
    for line in read("onet-occupations.tsv")?.lines().skip(1) {
        tables.add_title(line.split('\t').nth(1).unwrap_or_default());
    }
    for line in read("onet-alternate-titles.tsv")?.lines().skip(1) {
        let mut columns = line.split('\t').skip(1);
        tables.add_title(columns.next().unwrap_or_default());
        if let Some(short) = columns.next().filter(|s| *s != "n/a") {
            tables.add_title(short);
        }
    }
    for row in csv_rows(&read("esco-occupations.csv")?).iter().skip(1) {
        for label in row.iter().skip(5).take(2).flat_map(|cell| cell.lines()) {
            tables.add_title(label);
        }
    }
    for line in read("onet-technology-skills.tsv")?.lines().skip(1) {
        tables.add_tech(line.split('\t').nth(1).unwrap_or_default());
    }
    for line in read("esco-skills.txt")?.lines() {
        let (label, code) = line.split_once('\t').unwrap_or((line, ""));
        let label = label.split('(').next().unwrap_or_default().trim();
        if code.starts_with('K') {
            tables.add(label, list::KNOWLEDGE, 3);
        } else {
            tables.add(label, list::SKILL, 4);
        }
    }
    for line in read("onet-task-statements.tsv")?.lines().skip(1) {
        tables.count(line.split('\t').nth(2).unwrap_or_default(), 5);
    }
    let phrases: Vec<(u32, u8)> = tables.phrases.into_iter().collect();
    let log = |counts: [u32; 6]| counts.map(|n| (u32::BITS - n.leading_zeros()).min(15) as u8);
    let frequent = tables
        .words
        .into_iter()
        .filter(|(_, counts)| counts.iter().sum::<u32>() > 1);
    let words: Vec<(u32, Counts)> = frequent.map(|(word, counts)| (word, log(counts))).collect();
    Ok(lexicon_to_bytes(&phrases, &words))
}

/// Cells of a CSV table with quoted cells that may hold line breaks.
fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let Some(row) = rows.last_mut() else { break };
        let Some(cell) = row.last_mut() else { break };
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            _ => cell.push(c),
        }
    }
    rows
}
