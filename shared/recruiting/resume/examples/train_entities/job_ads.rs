//! Reads the SkillSpan sentences: one JSON object a line, with white-space tokens and BIO tags. The sentences of one ad become
//! one text, a line each.

use std::path::Path;

use serde::Deserialize;

use crate::{Failure, corpus::Marked};

#[derive(Deserialize)]
struct Sentence {
    idx: u32,
    tokens: Vec<String>,
    tags_knowledge: Vec<String>,
}

/// Reads all ads of a file, their knowledge spans marked as kind 0.
pub fn read_file(path: &Path) -> Result<Vec<Marked>, Failure> {
    let mut ads = Vec::new();
    let mut ad = (None, String::new(), Vec::new());
    for line in std::fs::read_to_string(path)?.lines() {
        let sentence: Sentence = serde_json::from_str(line)?;
        if ad.0 != Some(sentence.idx) {
            let (_, text, marks) = std::mem::replace(&mut ad, (Some(sentence.idx), String::new(), Vec::new()));
            ads.push(Marked::new(text, marks));
        }
        append(&sentence, &mut ad.1, &mut ad.2);
    }
    ads.push(Marked::new(ad.1, ad.2));
    ads.retain(|ad| !ad.tokens.is_empty());
    Ok(ads)
}

fn append(sentence: &Sentence, text: &mut String, marks: &mut Vec<(usize, usize, usize)>) {
    for (token, tag) in sentence.tokens.iter().zip(&sentence.tags_knowledge) {
        let start = text.len();
        text.push_str(token);
        match (tag.as_str(), marks.last_mut()) {
            ("B", _) => marks.push((0, start, text.len())),
            ("I", Some(last)) => last.2 = text.len(),
            _ => {}
        }
        text.push(' ');
    }
    text.push('\n');
}

/// Widens a span to the data's own white-space tokens: the bytes from white space to white space.
pub fn place(text: &str, start: usize, end: usize) -> String {
    let from = text[..start].rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let to = text[end..].find(char::is_whitespace).map_or(text.len(), |at| end + at);
    format!("{from}..{to}")
}
