//! The made documents, and the place of each of their marks in the text that is read from them.

use std::{error::Error, fs, io::BufRead, ops::Range, path::Path, sync::LazyLock};

use inventure_resume::{
    Document, Hint, Limits, PdfLibrary,
    entities::crf::TokenSpan,
    read,
    structure::{Block, LineKind, PartKind, lines::Page, parts::Sequence},
};
use serde::Deserialize;

static PDF: LazyLock<Option<PdfLibrary>> = LazyLock::new(|| {
    let file = std::env::var_os("INVENTURE_PDF_LIBRARY")?;
    PdfLibrary::open(Path::new(&file)).ok()
});

#[derive(Deserialize)]
struct Truth {
    file: String,
    layout: String,
    marks: Vec<(String, String)>,
}

/// A stretch of the document with its label, and the number of the entry that it belongs to.
struct Mark {
    label: String,
    range: Range<usize>,
    entry: usize,
    banner: bool,
}

/// A document with its marks.
pub struct Marked {
    pub file: String,
    layout: String,
    pub document: Document,
    marks: Vec<Mark>,
}

/// Reads every document of a folder that `truth.jsonl` names. Documents in which marks are not found are left out and told.
pub fn read_folder(folder: &Path) -> Result<Vec<Marked>, Box<dyn Error>> {
    let truths = fs::File::open(folder.join("truth.jsonl"))?;
    let (mut documents, mut lost) = (Vec::new(), 0);
    for line in std::io::BufReader::new(truths).lines() {
        let truth: Truth = serde_json::from_str(&line?)?;
        let bytes = fs::read(folder.join(&truth.file))?;
        let hint = Hint {
            file_name: Some(&truth.file),
            media_type: None,
        };
        let Ok(document) = read(&bytes, hint, &Limits::default(), PDF.as_ref()) else {
            println!("{} is not read", truth.file);
            continue;
        };
        let (marks, missing) = locate(&document.text, &truth.marks);
        if missing.len() * 20 > truth.marks.len() {
            lost += 1;
            if lost <= 10 {
                println!(
                    "{}: {} of {} marks not found, as {:?}",
                    truth.file,
                    missing.len(),
                    truth.marks.len(),
                    missing[0]
                );
            }
            continue;
        }
        documents.push(Marked {
            file: truth.file,
            layout: truth.layout,
            document,
            marks,
        });
    }
    if lost > 0 {
        println!("{lost} documents left out");
    }
    Ok(documents)
}

/// A text without blanks, hyphens and case, with the place of each byte in the text itself.
struct Bare {
    text: String,
    places: Vec<usize>,
}

impl Bare {
    fn new(text: &str) -> Self {
        let (mut bare, mut places) = (String::new(), Vec::new());
        for (at, c) in text.char_indices() {
            let dropped =
                c.is_whitespace() || matches!(c, '-' | '–' | '—' | '‐' | '‑' | '−' | '\u{AD}' | '•' | '\u{200B}');
            if dropped {
                continue;
            }
            let c = match c {
                '’' | '‘' => '\'',
                '“' | '”' => '"',
                c => c,
            };
            for lower in c.to_lowercase() {
                bare.push(lower);
                places.extend(std::iter::repeat_n(at, lower.len_utf8()));
            }
        }
        places.push(text.len());
        Self { text: bare, places }
    }
}

/// Finds each mark in the text, in order where it can be. Returns those that are not found as well.
fn locate(text: &str, marks: &[(String, String)]) -> (Vec<Mark>, Vec<String>) {
    let bare = Bare::new(text);
    let mut taken = vec![false; bare.text.len()];
    let (mut cursor, mut entry, mut banner) = (0, 0, false);
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for (label, wanted) in marks {
        if let Some(kind) = label.strip_prefix("entry:") {
            entry += 1;
            banner = kind == "banner";
            continue;
        }
        let wanted_bare = Bare::new(wanted).text;
        if wanted_bare.is_empty() {
            continue;
        }
        let end_of = |start: usize| start + wanted_bare.len();
        let whole_word = |start: usize| {
            let (first, last) = (bare.places[start], bare.places[end_of(start) - 1]);
            let after = last + text[last..].chars().next().map_or(1, char::len_utf8);
            let word = |c: char| c.is_alphanumeric();
            let begins = !text[..first].ends_with(word) || !text[first..].starts_with(word);
            let ends = !text[after..].starts_with(word) || !text[..after].ends_with(word);
            begins && ends
        };
        let places = bare.text.match_indices(&wanted_bare).map(|(start, _)| start);
        let free = places.filter(|start| !taken[*start..end_of(*start)].contains(&true) && whole_word(*start));
        // Columns and turned pages put text elsewhere; the nearest place behind is the likeliest.
        let distance = |start: &usize| {
            if *start >= cursor {
                *start - cursor
            } else {
                200 + 3 * (cursor - *start)
            }
        };
        let nearest = free
            .min_by_key(distance)
            .filter(|start| wanted_bare.len() > 3 || distance(start) < 60);
        let Some(start) = nearest else {
            missing.push(wanted.clone());
            continue;
        };
        taken[start..end_of(start)].fill(true);
        cursor = end_of(start);
        let last = bare.places[end_of(start) - 1];
        let end = last + text[last..].chars().next().map_or(1, char::len_utf8);
        found.push(Mark {
            label: label.clone(),
            range: bare.places[start]..end,
            entry,
            banner,
        });
    }
    found.sort_by_key(|mark| mark.range.start);
    (found, missing)
}

/// The true kinds of lines and parts of one document.
pub struct Gold<'a> {
    pub line_spans: Vec<TokenSpan>,
    marks: &'a [Mark],
}

impl Marked {
    /// Returns a number that is the same for all documents of one layout.
    pub fn layout_number(&self) -> u32 {
        let hash = self
            .layout
            .bytes()
            .fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
        (hash ^ (hash >> 7)) % 1_000
    }

    /// Returns the true kind of each line.
    pub fn gold(&self, page: &Page<'_>) -> Gold<'_> {
        let mut kinds: Vec<(LineKind, usize)> = Vec::new();
        for line in &page.lines {
            let range = line.range();
            let own = self.marks.iter().filter(|mark| overlap(&mark.range, &range) > 0);
            let labels: Vec<&str> = own.clone().map(|mark| mark.label.as_str()).collect();
            let most = own.max_by_key(|mark| overlap(&mark.range, &range));
            let before = kinds.last().map_or(LineKind::Person, |(kind, _)| *kind);
            kinds.push(most.map_or((LineKind::Other, 0), |mark| {
                (kind_of(mark, &labels, before), mark.entry)
            }));
        }
        let mut spans: Vec<TokenSpan> = Vec::new();
        for (at, (kind, entry)) in kinds.iter().enumerate() {
            let number = LineKind::ALL.iter().position(|known| known == kind).unwrap_or_default();
            match spans.last_mut() {
                Some(span) if kind.is_head() && span.kind == number && kinds[at - 1] == (*kind, *entry) => {
                    span.end = at + 1;
                }
                _ => spans.push(TokenSpan {
                    start: at,
                    end: at + 1,
                    kind: number,
                }),
            }
        }
        Gold {
            line_spans: spans,
            marks: &self.marks,
        }
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

fn kind_of(mark: &Mark, labels: &[&str], before: LineKind) -> LineKind {
    match mark.label.as_str() {
        "name" | "headline" | "email" | "phone" | "place" | "link" => LineKind::Person,
        "summary" => LineKind::Summary,
        "employer" | "team" | "title" | "job_place" | "dates" | "aside" if mark.banner => LineKind::Banner,
        "employer" | "team" | "title" | "job_place" | "dates" | "aside" => LineKind::Job,
        "about" | "point" | "text" => LineKind::JobText,
        "school" | "degree" | "field" | "edu_dates" => LineKind::Study,
        "edu_place" | "grade" | "detail" => {
            let heads = ["school", "degree", "field", "edu_dates"];
            if labels.iter().any(|label| heads.contains(label)) {
                LineKind::Study
            } else {
                LineKind::StudyText
            }
        }
        "skill" => LineKind::Skill,
        "label" => match before {
            LineKind::Skill | LineKind::HeadingSkills => LineKind::Skill,
            LineKind::Language | LineKind::HeadingLanguages => LineKind::Language,
            LineKind::Person | LineKind::HeadingContact => LineKind::Person,
            LineKind::Study | LineKind::StudyText => LineKind::StudyText,
            LineKind::Job | LineKind::JobText => LineKind::JobText,
            _ => LineKind::Other,
        },
        "language" | "fluency" => LineKind::Language,
        "certificate" | "issuer" | "cert_date" => LineKind::Certificate,
        "project" | "project_dates" => LineKind::Project,
        "project_text" => LineKind::ProjectText,
        "referee" => LineKind::Referee,
        "footer" => LineKind::Margin,
        "heading:summary" => LineKind::HeadingSummary,
        "heading:experience" => LineKind::HeadingExperience,
        "heading:education" => LineKind::HeadingEducation,
        "heading:skills" => LineKind::HeadingSkills,
        "heading:languages" => LineKind::HeadingLanguages,
        "heading:certifications" => LineKind::HeadingCertificates,
        "heading:projects" => LineKind::HeadingProjects,
        "heading:references" => LineKind::HeadingReferences,
        "heading:contact" => LineKind::HeadingContact,
        label if label.starts_with("heading") => LineKind::HeadingOther,
        _ => LineKind::Other,
    }
}

impl Gold<'_> {
    /// Returns the lines as blocks.
    pub fn blocks(&self) -> Vec<Block> {
        self.line_spans
            .iter()
            .map(|span| Block {
                kind: LineKind::ALL[span.kind],
                lines: span.start..span.end,
                confidence: 1.0,
            })
            .collect()
    }

    /// Returns the true parts of a few lines.
    pub fn part_spans(&self, sequence: &Sequence) -> Vec<TokenSpan> {
        let places = sequence.places();
        let mut spans = Vec::new();
        for mark in self.marks {
            let Some(kind) = part_of(&mark.label) else { continue };
            let inside = |place: &Option<Range<usize>>| {
                place
                    .as_ref()
                    .is_some_and(|place| mark.range.start <= place.start && place.end <= mark.range.end)
            };
            let (Some(first), Some(last)) = (places.iter().position(inside), places.iter().rposition(inside)) else {
                continue;
            };
            spans.push(TokenSpan {
                start: first,
                end: last + 1,
                kind: PartKind::ALL
                    .iter()
                    .position(|known| *known == kind)
                    .unwrap_or_default(),
            });
        }
        spans
    }
}

fn part_of(label: &str) -> Option<PartKind> {
    Some(match label {
        "name" => PartKind::Name,
        "headline" => PartKind::Headline,
        "place" | "job_place" | "edu_place" => PartKind::Place,
        "employer" => PartKind::Employer,
        "team" => PartKind::Team,
        "title" => PartKind::Title,
        "aside" => PartKind::Aside,
        "school" => PartKind::School,
        "degree" => PartKind::Degree,
        "field" => PartKind::Field,
        "grade" => PartKind::Grade,
        "certificate" => PartKind::Certificate,
        "issuer" => PartKind::Issuer,
        _ => return None,
    })
}
