//! Finds skills, languages and certificates.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use regex::Regex;
use serde_json::Map;

use super::{Line, Text, dates, experience, regex};
use crate::{
    date::PartialDate,
    entities::EntityKind,
    read::Document,
    resume::{Certification, Field, Language, Resume, Skill},
    skills,
    structure::{LineKind, Part, PartKind},
};

/// The most certificates of one resume.
const CERTIFICATES_MAX: usize = 60;
/// The most skills of one resume.
const SKILLS_MAX: usize = 400;

const LANGUAGES: [&str; 76] = [
    "afrikaans",
    "albanian",
    "amharic",
    "arabic",
    "armenian",
    "assamese",
    "azerbaijani",
    "basque",
    "belarusian",
    "bengali",
    "bosnian",
    "bulgarian",
    "burmese",
    "cantonese",
    "catalan",
    "chinese",
    "croatian",
    "czech",
    "danish",
    "dari",
    "dutch",
    "english",
    "estonian",
    "farsi",
    "filipino",
    "finnish",
    "flemish",
    "french",
    "galician",
    "georgian",
    "german",
    "greek",
    "gujarati",
    "hebrew",
    "hindi",
    "hungarian",
    "icelandic",
    "indonesian",
    "irish",
    "italian",
    "japanese",
    "kannada",
    "kazakh",
    "khmer",
    "konkani",
    "korean",
    "latvian",
    "lithuanian",
    "macedonian",
    "malay",
    "malayalam",
    "mandarin",
    "marathi",
    "mongolian",
    "nepali",
    "norwegian",
    "oriya",
    "pashto",
    "persian",
    "polish",
    "portuguese",
    "punjabi",
    "romanian",
    "russian",
    "sanskrit",
    "serbian",
    "sinhala",
    "slovak",
    "slovenian",
    "somali",
    "spanish",
    "swahili",
    "swedish",
    "tagalog",
    "tamil",
    "telugu",
];
const MORE_LANGUAGES: [&str; 12] = [
    "gaelic",
    "luxembourgish",
    "thai",
    "tulu",
    "turkish",
    "ukrainian",
    "urdu",
    "uzbek",
    "vietnamese",
    "welsh",
    "yiddish",
    "zulu",
];

/// Whether a word in lower case is the name of a language.
#[must_use]
pub fn is_language(word: &str) -> bool {
    LANGUAGES.contains(&word) || MORE_LANGUAGES.contains(&word)
}

static FLUENCY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:native(?:\s+(?:speaker|language|proficiency))?|mother\s+tongue|bilingual|fluent(?:ly)?|full\s+professional(?:\s+proficiency)?|professional(?:\s+working)?(?:\s+proficiency)?|limited\s+working(?:\s+proficiency)?|conversational|intermediate|advanced|upper[\s-]intermediate|basics?|beginner|elementary|proficient|good|excellent|[abc][12])\b",
    )
});
static LANGUAGE_LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)^(?:languages?(?:\s+(?:known|spoken|skills))?|spoken\s+languages?|language\s+proficiency|known\s+languages?)\s*[:\-–]\s*(?P<list>.+)$",
    )
});

pub(super) fn languages(text: &Text<'_>, resume: &mut Resume) {
    for line in &text.lines {
        let list = match line.kind {
            LineKind::Language => Some(0..line.text.len()),
            _ => LANGUAGE_LABEL
                .as_ref()
                .and_then(|pattern| pattern.captures(line.text)?.name("list"))
                .map(|list| list.range()),
        };
        if let Some(list) = list {
            languages_in(text, line, list, resume);
        }
    }
    resume.languages.truncate(24);
}

fn languages_in(text: &Text<'_>, line: &Line<'_>, list: Range<usize>, resume: &mut Resume) {
    // Each language goes with the words up to the next one.
    let mut names: Vec<Range<usize>> = Vec::new();
    let mut from = list.start;
    for (at, c) in line.text[list.clone()].char_indices().chain([(list.len(), ' ')]) {
        let at = list.start + at;
        if !c.is_alphabetic() {
            let word = line.text.get(from..at).unwrap_or_default().to_lowercase();
            if is_language(&word) {
                names.push(from..at);
            }
            from = at + c.len_utf8();
        }
    }
    let first = names.first().map_or(list.start, |name| name.start);
    for (n, name) in names.iter().enumerate() {
        let Some(field) = text.field(line.at(name.clone()), 0.95) else {
            continue;
        };
        if resume
            .languages
            .iter()
            .any(|known| known.name.value.eq_ignore_ascii_case(&field.value))
        {
            continue;
        }
        let end = names.get(n + 1).map_or(list.end, |next| next.start);
        let find = |range: Range<usize>| {
            let found = FLUENCY.as_ref()?.find(&line.text[range.clone()])?;
            text.field(line.at(range.start + found.start()..range.start + found.end()), 0.85)
        };
        // "Hindi (fluent)", or "Fluent in Hindi" for the first of a line.
        let fluency = find(name.end..end).or_else(|| if n == 0 { find(list.start..first) } else { None });
        resume.languages.push(Language {
            name: field,
            fluency,
            extra: Map::new(),
        });
    }
}

/// Finds certificates, each with the issuer and the date that stand behind its name.
pub(super) fn certifications(text: &Text<'_>, resume: &mut Resume) {
    for block in text.blocks.iter().filter(|block| block.kind == LineKind::Certificate) {
        let names: Vec<&Part> = block
            .parts
            .iter()
            .filter(|part| part.kind == PartKind::Certificate)
            .take(CERTIFICATES_MAX)
            .collect();
        let whole_by_itself = |part: &&&Part| !text.slice(0..part.range.start).trim_end().ends_with('(');
        let mut known = 0;
        for (n, part) in names.iter().enumerate() {
            // A short form that is in the name before it is none of its own.
            if part.range.start < known {
                continue;
            }
            let whole = whole_name(text, part);
            known = whole.end;
            let Some(name) = text.field(whole.clone(), part.confidence * block.confidence) else {
                continue;
            };
            // What belongs to a certificate stands on its line or below it, up to the next.
            let next = names[n + 1..].iter().find(|next| next.range.start >= whole.end);
            let end = next.map_or(usize::MAX, |next| next.range.start);
            let issuer = block
                .parts
                .iter()
                .find(|other| other.kind == PartKind::Issuer && (whole.end..end).contains(&other.range.start));
            let date = block.lines.clone().find_map(|at| {
                let line = &text.page.lines[at];
                line.periods.iter().find_map(|period| {
                    let (date, range) = period.start.as_ref().or(period.end.as_ref())?;
                    // A date behind the last of several names is not that of all; one in brackets is the name before it again.
                    let on_line = |part: &&&Part| line.range().contains(&part.range.start);
                    let alone = on_line(&part) && names.iter().filter(on_line).filter(whole_by_itself).count() == 1;
                    let place = line.start + range.start;
                    let given = alone || (whole.end..end).contains(&place);
                    (given && !ends(text.slice(line.start..place)))
                        .then(|| Field::new(*date, text.span(place..line.start + range.end), 0.9 * block.confidence))
                })
            });
            resume.certifications.push(Certification {
                name,
                issuer: issuer.and_then(|part| text.field(part.range.clone(), part.confidence * block.confidence)),
                date,
                extra: Map::new(),
            });
        }
    }
    resume.certifications.truncate(CERTIFICATES_MAX);
}

/// Whether words before a date say that something ends on it: "valid until".
fn ends(before: &str) -> bool {
    static ENDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:exp|expires?|expiry|expiration|expiring|valid|renew(?:al|s|ed)?|until|due)\b[^\w\n]*(?:(?:date|on|by|until|till|through|to)\b[^\w\n]*)*$").ok()
    });
    ENDS.as_ref().is_some_and(|ends| ends.is_match(before))
}

/// Returns a certificate's name with its short form in brackets behind it and the "… Certified:" before it.
fn whole_name(text: &Text<'_>, part: &Part) -> Range<usize> {
    let mut range = part.range.clone();
    if let Some(short) = short_form(
        text.slice(range.clone()),
        text.slice(range.end..text.document.text.len()),
    ) {
        range.end += short;
    }
    let line = text.lines[..text.lines.partition_point(|line| line.start <= range.start)].last();
    let maker = line.and_then(|line| {
        text.slice(line.start..range.start)
            .trim_end()
            .strip_suffix("Certified:")
    });
    let plain = |maker: &str| !maker.trim().is_empty() && maker.chars().all(|c| c.is_alphanumeric() || c == ' ');
    if let Some((line, _)) = line.zip(maker.filter(|maker| plain(maker))) {
        range.start = line.start;
    }
    range
}

/// Returns the length, in bytes, of the initials of a name that stand in brackets at the beginning of `behind`.
#[must_use]
pub fn short_form(name: &str, behind: &str) -> Option<usize> {
    let inside = behind.trim_start().strip_prefix('(')?;
    let words = || {
        name.split(|c: char| c.is_whitespace() || c == '-')
            .filter_map(|word| word.chars().next())
    };
    let short: &str = inside.split(|c: char| !c.is_alphanumeric()).next()?;
    let is = |initials: String| initials.chars().count() > 1 && short.eq_ignore_ascii_case(&initials);
    let closed = inside[short.len()..].starts_with(')');
    let before = behind.len() - inside.len();
    (closed && (is(words().collect()) || is(words().filter(|c| c.is_uppercase()).collect())))
        .then_some(before + short.len() + 1)
}

/// Words that say that a person lacks what is listed behind them, or has yet to learn it.
static LACKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let kinds = r"(?:(?:prior|previous|real|hands-on|professional|commercial|practical|formal|working|direct|any)\s+)?(?:experience|knowledge|background|exposure|familiarity|skills?|expertise|command)\s+(?:with|in|of|to|on|using)";
    let wish = r"want(?:s|ed|ing)?|like|love|wish(?:es|ing)?|hop(?:e|es|ing)|plan(?:s|ning)?|keen|eager|willing|ready|intend(?:s|ing)?|aim(?:s|ing)?|curious|looking\s+forward";
    regex(&format!(
        r"(?i)\b(?:(?:no|little\s+or\s+no|lack(?:s|ing)?(?:\s+of)?|without)\s+{kinds}|not?\s+(?:yet\s+)?(?:know|familiar\s+with|experienced\s+(?:in|with)|worked\s+with|used)|(?:do|does|did|have|has)n['’]t\s+(?:yet\s+)?(?:know|used?|worked\s+with|have\s+{kinds})|(?:do|does|did)\s+not\s+(?:yet\s+)?have\s+{kinds}|unfamiliar\s+with|never\s+(?:yet\s+)?(?:used|learn(?:ed|t)|tried|touched|worked\s+(?:with|in)|programmed\s+in)|(?:{wish})\s+to\s+(?:learn|study|be\s+trained\s+in|take\s+up|pick\s+up)|(?:interested|interest)\s+in\s+(?:learning|studying))\s+(?:the\s+|any\s+|either\s+)?"
    ))
});
/// The items between such words and a later item of their list.
static LISTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"(?i)^(?:[\w+#.-]+(?:\s[\w+#.-]+){0,2}(?:\s*(?:,\s*(?:or|and|nor)?|/|&)\s*|\s+(?:or|and|nor)\s+))*$")
});
/// Subjects before such words that are not the person.
static OF_OTHERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:who|that|which|people|users?|staff|clients?|customers?|colleagues|students|teams?|managers|those|anyone|everyone|beginners|engineers|developers|needs?|needed|needing|requir(?:es|ed|ing))(?:\s+(?:with|do|does|did|had|have|has|were|are|is|was))?\s*$",
    )
});
/// Words behind the item that take such words back: "never used Rust without tests".
static EXCEPT: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?i)^[^.;\n]{0,24}?\b(?:without|unless|until|except|before|better|alone|only)\b"));
/// Words behind an item by which the person lacks it: "Rust (none)".
static NONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?im)^\s*(?:[(\[:=–—]|\s-\s)\s*(?:(?:none|nil|zero)\s*(?:[)\],;.]|$)|no\s+(?:experience|knowledge|exposure|skills?)\b|not\s+(?:yet|known|used)\b|never\s+(?:used|learn(?:ed|t)|tried)\b|0\s+(?:years?|months?)\b|(?:i\s+)?(?:want(?:s|ing)?|would\s+(?:like|love)|wish|hop(?:e|ing)|plan(?:ning)?|keen|eager)\s+to\s+(?:learn|study)\b|to\s+learn\b|(?:interested\s+in\s+)?learning\s+next\b|interested\s+in\s+(?:learning|studying)\b)",
    )
});

/// The most bytes before an item in which words that it is lacked stand.
const CLAUSE_MAX: usize = 240;

/// Whether a clause says of what stands at `range`, in bytes of the text, that the person lacks it.
fn is_lacked(text: &str, range: &Range<usize>) -> bool {
    let after = text.get(range.end..).unwrap_or_default();
    if NONE.as_ref().is_some_and(|none| none.is_match(after)) {
        return true;
    }
    let from = (range.start.saturating_sub(CLAUSE_MAX)..=range.start).find(|at| text.is_char_boundary(*at));
    let before = from.and_then(|from| text.get(from..range.start)).unwrap_or_default();
    // An empty line, a bullet and the end of a sentence end a clause.
    let ends = ["\n\n", "\n•", "\n-", ". ", ".\n", "! ", "? ", ";", "•"];
    let start = ends.iter().filter_map(|end| Some(before.rfind(end)? + end.len())).max();
    let clause = &before[start.unwrap_or_default()..];
    let Some(words) = LACKS.as_ref().and_then(|lacks| lacks.find_iter(clause).last()) else {
        return false;
    };
    let of_others = OF_OTHERS
        .as_ref()
        .is_some_and(|others| others.is_match(&clause[..words.start()]));
    let listed = LISTED
        .as_ref()
        .is_some_and(|listed| listed.is_match(&clause[words.end()..]));
    let except = EXCEPT.as_ref().is_some_and(|except| except.is_match(after));
    listed && !of_others && !except
}

/// Returns the skills of the lexicon that a text names, each with whether the text says that it is lacked.
fn named(text: &str) -> impl Iterator<Item = (skills::SkillHit, bool)> {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let byte = move |character: u32| places.get(character as usize).copied().unwrap_or(text.len());
    skills::find(text).into_iter().map(move |hit| {
        let range = byte(hit.span.start)..byte(hit.span.end);
        let lacked = is_lacked(text, &range);
        (hit, lacked)
    })
}

/// Finds skills by the lexicon anywhere in the text. Items of a skills section and finds of the tagger come besides.
pub(super) fn skills(text: &Text<'_>, resume: &mut Resume) {
    let mut seen: HashSet<String> = HashSet::new();
    let mut covered: Vec<Range<u32>> = Vec::new();
    let in_list = |start: u32| {
        let after = text
            .lines
            .partition_point(|line| text.page.characters[line.start] <= start);
        text.lines[..after]
            .last()
            .is_some_and(|line| line.kind == LineKind::Skill)
    };
    let mut found: Vec<Skill> = Vec::new();
    for (hit, lacked) in named(&text.document.text) {
        covered.push(hit.span.start..hit.span.end);
        if lacked || !seen.insert(hit.id.clone()) {
            continue;
        }
        let start = hit.span.start;
        let span = inventure_core::Span {
            page: text.document.page_of(start),
            ..hit.span
        };
        let value = span
            .of(&text.document.text)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let name = Field::new(value, span, if in_list(start) { 0.95 } else { 0.8 });
        found.push(Skill {
            name,
            id: Some(hit.id),
            label: Some(hit.label),
            months_used: None,
            last_used: None,
        });
    }
    let is_free = |range: &Range<usize>| {
        let span = text.span(range.clone());
        let at = covered.partition_point(|known| known.end <= span.start);
        covered.get(at).is_none_or(|known| known.start >= span.end)
    };
    let mut extras: Vec<(Range<usize>, f32)> = Vec::new();
    for tagged in &text.page.tagged {
        let is_skill = matches!(
            tagged.kind,
            EntityKind::TechTool | EntityKind::JobSkill | EntityKind::SoftSkill
        );
        if is_skill && tagged.confidence >= 0.6 && is_free(&tagged.range) {
            extras.push((tagged.range.clone(), tagged.confidence * 0.8));
        }
    }
    for line in text.lines.iter().filter(|line| line.kind == LineKind::Skill) {
        extras.extend(items(line).into_iter().filter(is_free).map(|range| (range, 0.5)));
    }
    let lacks = |range: &Range<usize>| {
        let begins = LACKS.as_ref().and_then(|lacks| lacks.find(text.slice(range.clone())));
        begins.is_some_and(|words| words.start() == 0) || is_lacked(&text.document.text, range)
    };
    for (range, confidence) in extras {
        if lacks(&range) {
            continue;
        }
        let Some(name) = text.field(range, confidence) else {
            continue;
        };
        let lower = name.value.to_lowercase();
        let is_language = lower.split(|c: char| !c.is_alphabetic()).any(is_language);
        if is_language || lower.starts_with("and ") {
            continue;
        }
        let is_short = name.value.chars().count() <= 60 && name.value.split_whitespace().count() <= 6;
        if is_short && seen.insert(skills::key(&name.value)) {
            found.push(Skill {
                name,
                id: None,
                label: None,
                months_used: None,
                last_used: None,
            });
        }
    }
    found.truncate(SKILLS_MAX);
    found.sort_by_key(|skill| skill.name.span);
    resume.skills = found;
}

/// Returns the items of a line of a skills section, in bytes of the document. A label before a colon is none.
fn items(line: &Line<'_>) -> Vec<Range<usize>> {
    let from = line.text.find(':').map_or(0, |at| at + 1);
    let mut items = Vec::new();
    let mut start = from;
    let mut depth = 0_usize;
    for (at, c) in line.text[from..].char_indices().chain([(line.text.len() - from, ',')]) {
        let at = from + at;
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' | ';' | '|' | '•' | '\t' if depth == 0 || at == line.text.len() => {
                let item = line.text.get(start..at).unwrap_or_default();
                // "Java (2 years)": what stands in brackets is about the item.
                let bare = item.split('(').next().unwrap_or_default().trim_end_matches(['.', ' ']);
                let words = bare.split_whitespace().count();
                if (1..=4).contains(&words) && bare.trim().len() >= 2 && bare.contains(char::is_alphabetic) {
                    let lead = bare.len() - bare.trim_start().len();
                    items.push(line.at(start + lead..start + bare.len()));
                }
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    items
}

/// Sets the time for which each skill was used. It is the months of the jobs whose text names the skill, and the end of the last
/// of them.
pub(super) fn count_months(document: &Document, resume: &mut Resume, today: PartialDate) {
    let jobs: Vec<_> = resume
        .experience
        .iter()
        .filter_map(|job| {
            let date = |field: &Option<Field<PartialDate>>| field.as_ref().map(|field| field.value);
            let interval = experience::interval(job, today)?;
            let last = if job.current { today } else { date(&job.end)?.min(today) };
            Some((experience::stretch(job)?, interval, last))
        })
        .collect();
    if jobs.is_empty() {
        return;
    }
    let mut used: HashMap<String, (Vec<(i32, i32)>, PartialDate)> = HashMap::new();
    for (hit, _) in named(&document.text).filter(|(_, lacked)| !lacked) {
        for (stretch, interval, last) in &jobs {
            if experience::inside(hit.span.start..hit.span.end, stretch) {
                let entry = used.entry(hit.id.clone()).or_insert_with(|| (Vec::new(), *last));
                entry.0.push(*interval);
                entry.1 = entry.1.max(*last);
            }
        }
    }
    for skill in &mut resume.skills {
        if let Some((intervals, last)) = skill.id.as_ref().and_then(|id| used.remove(id)) {
            skill.months_used = Some(dates::union(intervals));
            skill.last_used = Some(last);
        }
    }
}
