//! The skills lexicon: it finds the skills that a text names, with a stable id for each. The id is the same for every writer.
//! Resumes and job descriptions go through the same table, so that "k8s" in one meets "Kubernetes" in the other.
//!
//! The table (`data/skills.tsv`) is derived from O*NET technology skills and ESCO skill labels, with the house's own aliases
//! on top; `examples/build_skills.rs` makes it. Precision comes before recall: a name that is also an ordinary word ("go",
//! "excel", "R") counts only where it stands as an item among other skills.

mod tokens;

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use inventure_core::Span;
use serde::Serialize;

use tokens::{Token, joins, tokenize};

/// A skill that a text names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkillHit {
    /// The stable id, a slug of the label: `kubernetes`, `c-plus-plus`.
    pub id: String,
    /// The canonical name: `Kubernetes`.
    pub label: String,
    /// The place where the text names the skill, in characters; `page` is absent.
    pub span: Span,
}

/// The rule by which a form in the table counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The form counts anywhere.
    Always,
    /// The form counts in capitals; otherwise as `Listed`.
    Capitals,
    /// The form is an ordinary word, which counts only as an item among other skills.
    Listed,
}

struct Table {
    /// The label and rule of each normal form of a name.
    forms: HashMap<&'static str, (&'static str, Rule)>,
    /// The number of tokens of the longest form that begins with each first token.
    longest: HashMap<&'static str, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("../../data/skills.tsv");
    let mut table = Table {
        forms: HashMap::with_capacity(40_000),
        longest: HashMap::with_capacity(16_000),
    };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((label, forms)) = line.split_once('\t') else {
            continue;
        };
        for form in forms.split('|') {
            let (form, rule) = match form.split_at_checked(1) {
                Some(("~", form)) => (form, Rule::Listed),
                Some(("^", form)) => (form, Rule::Capitals),
                _ => (form, Rule::Always),
            };
            let mut words = form.split(' ');
            let first = words.next().unwrap_or_default();
            let longest = table.longest.entry(first).or_default();
            *longest = (*longest).max(1 + words.count());
            table.forms.insert(form, (label, rule));
        }
    }
    table
});

/// Returns the normal form under which the table holds a name: lower case, tokens parted by one space.
#[must_use]
pub fn key(name: &str) -> String {
    let words: Vec<String> = tokenize(name).into_iter().map(|token| token.lower).collect();
    words.join(" ")
}

/// Returns the id of a label. It is in lower case, `+` and `#` spelled out, everything else that is not alphanumeric a hyphen.
#[must_use]
pub fn slug(label: &str) -> String {
    let mut slug = String::with_capacity(label.len());
    for c in label.chars().flat_map(char::to_lowercase) {
        match c {
            '+' => slug.push_str("-plus"),
            '#' => slug.push_str("-sharp"),
            '.' if slug.is_empty() => slug.push_str("dot-"),
            c if c.is_alphanumeric() => slug.push(c),
            _ if !slug.ends_with('-') && !slug.is_empty() => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Returns the canonical label of a name that is known to be that of a skill. An item of a skills section is such a name.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static str> {
    TABLE.forms.get(key(name).as_str()).map(|(label, _)| *label)
}

/// Returns the id of a skill by its id, its label or another of its names. `None` for what the lexicon does not know.
#[must_use]
pub fn id_of(name: &str) -> Option<String> {
    static IDS: LazyLock<HashSet<String>> =
        LazyLock::new(|| TABLE.forms.values().map(|(label, _)| slug(label)).collect());
    lookup(name).map(slug).or_else(|| IDS.get(name).cloned())
}

/// A form that was found, before the rules have decided on it.
struct Candidate {
    tokens: std::ops::Range<usize>,
    label: &'static str,
    rule: Rule,
}

/// Returns the skills that `text` names, in order, without overlap. At each place the longest name wins.
#[must_use]
pub fn find(text: &str) -> Vec<SkillHit> {
    let tokens = tokenize(text);
    let candidates = candidates(text, &tokens);
    let accepted = accept(text, &tokens, &candidates);
    candidates
        .iter()
        .zip(accepted)
        .filter(|(_, accepted)| *accepted)
        .map(|(candidate, _)| SkillHit {
            id: slug(candidate.label),
            label: candidate.label.to_owned(),
            span: Span {
                page: None,
                start: tokens[candidate.tokens.start].chars.start,
                end: tokens[candidate.tokens.end - 1].chars.end,
            },
        })
        .collect()
}

fn candidates(text: &str, tokens: &[Token]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut form = String::new();
    while at < tokens.len() {
        let longest = TABLE.longest.get(tokens[at].lower.as_str()).copied().unwrap_or(0);
        // As far as the tokens hang together, up to the longest form that begins here.
        let mut reach = at + 1;
        while reach < tokens.len() && reach - at < longest && joins(text, &tokens[reach - 1], &tokens[reach]) {
            reach += 1;
        }
        let mut hit = None;
        for end in (at + 1..=reach).rev().filter(|_| longest > 0) {
            form.clear();
            for (n, token) in tokens[at..end].iter().enumerate() {
                if n > 0 {
                    form.push(' ');
                }
                form.push_str(&token.lower);
            }
            if let Some((label, rule)) = TABLE.forms.get(form.as_str()) {
                hit = Some(Candidate {
                    tokens: at..end,
                    label,
                    rule: *rule,
                });
                break;
            }
        }
        at = hit.as_ref().map_or(at + 1, |hit: &Candidate| hit.tokens.end);
        found.extend(hit.filter(|hit| !in_address(text, &tokens[hit.tokens.start])));
    }
    found
}

/// Whether a token is part of a web or mail address.
fn in_address(text: &str, token: &Token) -> bool {
    let start = text[..token.bytes.start]
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + 1);
    let end = text[token.bytes.end..]
        .find(char::is_whitespace)
        .map_or(text.len(), |at| token.bytes.end + at);
    // `start` may be inside a white-space character of several bytes.
    text.get(start..end).is_some_and(|word| {
        word.contains("://") || word.contains('@') || word.contains("www.") || word.contains(".com/")
    })
}

/// Decides for each candidate whether the rules let it through.
fn accept(text: &str, tokens: &[Token], candidates: &[Candidate]) -> Vec<bool> {
    let sure: Vec<bool> = candidates
        .iter()
        .map(|candidate| match candidate.rule {
            Rule::Always => true,
            Rule::Capitals => {
                let (first, last) = (&tokens[candidate.tokens.start], &tokens[candidate.tokens.end - 1]);
                let surface = &text[first.bytes.start..last.bytes.end];
                !surface.chars().any(char::is_lowercase) && !first.in_capitals_line
            }
            Rule::Listed => false,
        })
        .collect();
    // An ordinary word counts as a skill where it stands alone between separators on a line (or beside a line) that names
    // a sure skill, or two other words that could be skills ("Word, Excel, Outlook").
    let bounded: Vec<Option<Bound>> = candidates
        .iter()
        .map(|candidate| bound(text, tokens, candidate))
        .collect();
    (0..candidates.len())
        .map(|n| {
            if sure[n] || is_named(text, tokens, &candidates[n]) {
                return true;
            }
            let Some(bound) = bounded[n] else { return false };
            let first = &tokens[candidates[n].tokens.start];
            let capital = text[first.bytes.clone()].starts_with(char::is_uppercase);
            if bound == Bound::Cue && !capital {
                return false;
            }
            let line = first.line;
            let near = |m: usize| {
                let other = tokens[candidates[m].tokens.start].line;
                m != n && other.abs_diff(line) <= 1
            };
            let window = n.saturating_sub(12)..(n + 13).min(candidates.len());
            let neighbours = window.clone().filter(|m| near(*m) && sure[*m]).count();
            let alike = window
                .filter(|m| near(*m) && !sure[*m] && bounded[*m].is_some())
                .count();
            neighbours >= 1 || alike >= 2
        })
        .collect()
}

/// Ordinary words that, with a capital inside a sentence, are the name of a tool. They must be introduced like one ("services in
/// Rust").
const NAMES: [&str; 30] = [
    "access",
    "angular",
    "bash",
    "blender",
    "bootstrap",
    "c",
    "cucumber",
    "cypress",
    "dart",
    "elixir",
    "excel",
    "flask",
    "flutter",
    "go",
    "groovy",
    "helm",
    "hive",
    "julia",
    "nix",
    "r",
    "react",
    "ruby",
    "rust",
    "sage",
    "scala",
    "spark",
    "swift",
    "unity",
    "vue",
    "word",
];

/// Words before a name that make it something asked for: "we need Rust", "strong Excel".
const ASKS_BEFORE: [&str; 24] = [
    "need",
    "needs",
    "know",
    "knows",
    "strong",
    "solid",
    "good",
    "deep",
    "excellent",
    "advanced",
    "intermediate",
    "confident",
    "fluent",
    "proficient",
    "write",
    "writes",
    "writing",
    "use",
    "uses",
    "want",
    "require",
    "requires",
    "love",
    "modern",
];

/// Things that are written or done in a tool, before "is" or "runs on": "our backend is Go".
const WRITTEN_IN: [&str; 16] = [
    "backend",
    "frontend",
    "back-end",
    "front-end",
    "stack",
    "codebase",
    "code",
    "services",
    "service",
    "server",
    "app",
    "language",
    "pipeline",
    "platform",
    "system",
    "everything",
];

/// Whether a candidate is one of [`NAMES`], with its capital, after a word that introduces it in the same sentence.
fn is_named(text: &str, tokens: &[Token], candidate: &Candidate) -> bool {
    let first = &tokens[candidate.tokens.start];
    let Some(before) = candidate.tokens.start.checked_sub(1).map(|n| &tokens[n]) else {
        return false;
    };
    let gap = &text[before.bytes.end..first.bytes.start];
    let two_before = candidate.tokens.start.checked_sub(2).map(|n| tokens[n].lower.as_str());
    let is_said =
        matches!(before.lower.as_str(), "is" | "are") && two_before.is_some_and(|word| WRITTEN_IN.contains(&word));
    // "C-level", "R&D", "C. Smith": a letter that goes on is no name.
    let after = text[tokens[candidate.tokens.end - 1].bytes.end..].chars().next();
    let goes_on = first.lower.len() == 1 && matches!(after, Some('-' | '&' | '.' | '\'' | '’'));
    !goes_on
        && NAMES.contains(&first.lower.as_str())
        && text[first.bytes.clone()].starts_with(char::is_uppercase)
        && (is_said || CUES_BEFORE.contains(&before.lower.as_str()) || ASKS_BEFORE.contains(&before.lower.as_str()))
        && gap.trim().is_empty()
        && !gap.contains('\n')
}

/// The way in which an item is set apart from the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// Commas, bullets, brackets or the ends of a line on both sides.
    Separators,
    /// A word such as "in", "using" or "and" on at least one side.
    Cue,
}

/// Words before an item that introduce it or join it to the one before.
const CUES_BEFORE: [&str; 14] = [
    "in",
    "using",
    "with",
    "and",
    "&",
    "or",
    "like",
    "including",
    "as",
    "of",
    "on",
    "knowledge",
    "basic",
    "advanced",
];

fn bound(text: &str, tokens: &[Token], candidate: &Candidate) -> Option<Bound> {
    let separates = |gap: &str| gap.contains([',', ';', '|', '•', '/', '(', ')', '\n', ':', '\t', '[', ']', '·', '–']);
    let (first, last) = (&tokens[candidate.tokens.start], &tokens[candidate.tokens.end - 1]);
    let before = candidate.tokens.start.checked_sub(1).map(|n| &tokens[n]);
    let after = tokens.get(candidate.tokens.end);
    let left = match before {
        Some(token) if !separates(&text[token.bytes.end..first.bytes.start]) => {
            CUES_BEFORE.contains(&token.lower.as_str()).then_some(Bound::Cue)?
        }
        _ => Bound::Separators,
    };
    let right = match after {
        Some(token) => {
            let gap = &text[last.bytes.end..token.bytes.start];
            if separates(gap) || gap.contains(". ") {
                Bound::Separators
            } else {
                matches!(token.lower.as_str(), "and" | "or" | "&").then_some(Bound::Cue)?
            }
        }
        None => Bound::Separators,
    };
    Some(if left == right { left } else { Bound::Cue })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<String> {
        find(text).into_iter().map(|hit| hit.label).collect()
    }

    #[test]
    fn a_tool_with_an_ordinary_name_counts_where_its_capital_says_so() {
        assert_eq!(labels("Design and build services in Rust that stay correct."), ["Rust"]);
        assert_eq!(labels("Two years with Rust in production."), ["Rust"]);
        assert!(labels("Removed rust from pipes. Rust was everywhere.").is_empty());
        assert!(labels("Go the extra mile. We go on.").is_empty());
    }

    #[test]
    fn aliases_meet_in_one_label() {
        assert_eq!(
            labels("k8s, JS and Postgres"),
            ["Kubernetes", "JavaScript", "PostgreSQL"]
        );
        assert_eq!(labels("Node.js / NodeJS / node js"), ["Node.js", "Node.js", "Node.js"]);
        assert_eq!(
            labels("MS Excel, C++, C#, ASP.NET, .NET"),
            ["Microsoft Excel", "C++", "C#", "ASP.NET", ".NET"]
        );
    }

    #[test]
    fn the_longest_name_wins() {
        assert_eq!(labels("Amazon Web Services"), ["Amazon Web Services"]);
        assert_eq!(
            labels("Spring Boot and SQL Server"),
            ["Spring Boot", "Microsoft SQL Server"]
        );
    }

    #[test]
    fn ordinary_words_need_company() {
        for prose in [
            "I go to work and excel at it.",
            "A go to market strategy",
            "Vitamin C, every day",
            "Grades: A, B, C",
            "We spring into action, react and express ourselves.",
            "Access to the project office",
        ] {
            let found = labels(prose);
            for skill in [
                "Go",
                "Microsoft Excel",
                "C",
                "Spring",
                "React",
                "Express.js",
                "Microsoft Access",
            ] {
                assert!(!found.iter().any(|label| label == skill), "{prose}: {found:?}");
            }
        }
        assert_eq!(labels("Python, R, C, Go"), ["Python", "R", "C", "Go"]);
        assert_eq!(labels("Proficient in Excel, Word and PowerPoint").len(), 3);
        assert_eq!(labels("Word, Excel, Outlook").len(), 3);
    }

    #[test]
    fn spans_count_characters() {
        let text = "Zoë’s skills: Kubernetes";
        let hit = find(text).pop().unwrap();
        assert_eq!(hit.span.of(text), "Kubernetes");
        assert_eq!(hit.id, "kubernetes");
    }

    #[test]
    fn slugs_are_stable() {
        for (label, id) in [
            ("C++", "c-plus-plus"),
            ("C#", "c-sharp"),
            (".NET", "dot-net"),
            ("CI/CD", "ci-cd"),
        ] {
            assert_eq!(slug(label), id);
        }
    }

    #[test]
    fn ids_name_one_label_each() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for (label, _) in TABLE.forms.values() {
            assert_eq!(*seen.entry(slug(label)).or_insert(label), *label);
        }
        assert!(seen.len() > 10_000, "{}", seen.len());
    }
}
