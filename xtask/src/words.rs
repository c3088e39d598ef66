//! The first sentence of every doc comment: short, and about something that it names.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use inventure_stack::project::Project;

/// The most words of a first sentence.
const WORDS_MAX: usize = 20;
/// Words that a comment does not begin with: what follows them has no name.
const QUESTIONS: [&str; 10] = [
    "Who", "What", "That", "Whose", "Whom", "Where", "When", "Why", "How", "Which",
];
/// The folders with our own code.
const FOLDERS: [&str; 7] = [
    "cli",
    "functions",
    "localstack/stripe",
    "shared",
    "tests",
    "tools",
    "xtask",
];

/// Checks the doc comments of all crates.
///
/// # Errors
/// Names every comment whose first sentence is too long, or begins with a question word.
pub fn check(project: &Project) -> Result<()> {
    let mut faults = Vec::new();
    for folder in FOLDERS {
        walk(&project.root.join(folder), &mut |path, text| {
            let path = path.strip_prefix(&project.root).unwrap_or(path).display();
            faults.extend(
                faults_of(text)
                    .into_iter()
                    .map(|(line, fault)| format!("{path}:{line}: {fault}")),
            );
        })?;
    }
    if !faults.is_empty() {
        bail!(
            "doc comments that do not explain themselves (CONTRIBUTING.md):\n  {}",
            faults.join("\n  ")
        );
    }
    Ok(())
}

/// Shows every Rust file below a folder.
fn walk(folder: &Path, show: &mut impl FnMut(&Path, &str)) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("target") {
                walk(&path, show)?;
            }
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            show(&path, &fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// The text of a line of a doc comment, and its marker.
fn doc(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let marker = ["///", "//!"].into_iter().find(|marker| line.starts_with(marker))?;
    Some((marker, line[marker.len()..].trim()))
}

/// The faults of the comments of a file, by line.
fn faults_of(text: &str) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((marker, _)) = doc(line) else { continue };
        let before = at.checked_sub(1).and_then(|before| doc(lines[before]));
        if before.is_some_and(|(before, _)| before == marker) {
            continue;
        }
        let paragraph = lines[at..].iter().map_while(|line| {
            let (own, text) = doc(line)?;
            (own == marker && !text.is_empty()).then_some(text)
        });
        let sentence = first_sentence(&paragraph.collect::<Vec<_>>().join(" "));
        let words = sentence.split_whitespace().count();
        let first = sentence
            .split(|letter: char| !letter.is_alphabetic())
            .next()
            .unwrap_or_default();
        if QUESTIONS.contains(&first) {
            faults.push((at + 1, format!("begins with “{first}”")));
        }
        if words > WORDS_MAX {
            faults.push((at + 1, format!("has a first sentence of {words} words")));
        }
    }
    faults
}

/// The text up to the first full stop, question or exclamation mark that a space follows.
fn first_sentence(text: &str) -> String {
    let end = text.char_indices().find(|(at, letter)| {
        matches!(letter, '.' | '!' | '?') && text[at + 1..].chars().next().is_none_or(char::is_whitespace)
    });
    end.map_or(text, |(at, _)| &text[..at]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_what_it_is_about_in_a_short_sentence() {
        let faults = |text: &str| faults_of(text).len();
        assert_eq!(faults("/// The tenant that owns the job.\nstruct A;"), 0);
        assert_eq!(faults("/// Whose it is.\nstruct A;"), 1);
        assert_eq!(
            faults("//! Reads files.\n//!\n//! Who reads this knows more."),
            0,
            "of the first sentence alone"
        );
        let long = "word ".repeat(21);
        assert_eq!(faults(&format!("/// {long}\n")), 1);
        assert_eq!(faults(&format!("/// Short. {long}\n")), 0);
        assert_eq!(
            faults(&format!("/// {}\n/// {}\n", "word ".repeat(11), "word ".repeat(11))),
            1,
            "over two lines"
        );
        assert_eq!(faults("let text = \"/// Who\";"), 0, "code is no comment");
    }
}
