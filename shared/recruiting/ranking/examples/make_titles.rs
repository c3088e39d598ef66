//! Makes `data/titles.tsv` and `data/occupations.tsv` from the O*NET tables:
//! `INVENTURE_DATA=… cargo run -p inventure-ranking --example make_titles`.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt::Write as _,
    fs,
    path::PathBuf,
};

use inventure_ranking::occupation::normalise;

/// Titles of more occupations than this tell nothing.
const MOST_OCCUPATIONS: usize = 8;

#[expect(
    clippy::disallowed_methods,
    reason = "a generator is told by the environment where its sources lie"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let source = PathBuf::from(std::env::var("INVENTURE_DATA")?).join("taxonomy");
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");

    let occupations = fs::read_to_string(source.join("onet-occupations.tsv"))?;
    let occupations: Vec<(&str, &str)> = occupations
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let indices: BTreeMap<&str, usize> = occupations
        .iter()
        .enumerate()
        .map(|(index, (code, _))| (*code, index))
        .collect();

    let mut titles: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut add = |title: &str, index: usize| {
        // "Chief Executive Officer (CEO)" goes by either.
        let inside = title
            .split_once('(')
            .map_or("", |(_, inside)| inside.trim_end_matches(')'));
        for normal in [normalise(title), normalise(inside)] {
            if normal.is_ascii() && normal.len() > 2 {
                titles.entry(normal).or_default().insert(index);
            }
        }
    };
    let mut list = String::new();
    for (index, (code, rest)) in occupations.iter().enumerate() {
        let title = rest.split('\t').next().unwrap_or_default();
        writeln!(list, "{code}\t{title}")?;
        add(title, index);
    }
    let alternates = fs::read_to_string(source.join("onet-alternate-titles.tsv"))?;
    for line in alternates.lines().skip(1) {
        let mut cells = line.split('\t');
        if let (Some(code), Some(title)) = (cells.next(), cells.next())
            && let Some(index) = indices.get(code)
        {
            add(title, *index);
        }
    }
    let mut table = String::new();
    for (title, codes) in titles.iter().filter(|(_, codes)| codes.len() <= MOST_OCCUPATIONS) {
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        writeln!(table, "{title}\t{}", codes.join(","))?;
    }
    fs::write(target.join("occupations.tsv"), list)?;
    fs::write(target.join("titles.tsv"), table)?;
    Ok(())
}
