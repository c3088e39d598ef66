//! The parts of a description: what is required, what would be nice, and what says nothing about the person.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::document::Need;

/// The subject of a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The things that the person must bring.
    Required,
    /// The things that would be nice to have.
    Nice,
    /// The work itself, and everything without a heading.
    Work,
    /// The firm, its benefits, its process: what it names is not asked of the person.
    Firm,
}

/// The importance that each line of a description gives to what it names, by character. It tells what is the firm's; what is asked
/// the taggers decide, which see it.
pub(super) struct Needs {
    /// The start of each line or clause, rising, and the importance that holds from there on.
    starts: Vec<(u32, Option<Need>)>,
    /// The clauses under a heading over what would be nice, by character. Those that insist on something are left out.
    nice: Vec<Range<u32>>,
}

static NICE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(nice[ -]to[ -]haves?|good to have|great to have|prefer(red|ably|ence)?|bonus( points)?|(is|are|a|big|huge|definite|as a|considered a) plus|plus(es)?$|desir(ed|able)|ideally|advantage(ous)?|beneficial|would be (great|nice|good|helpful|ideal)|(is|are) welcome|optional(ly)?|not required|wish ?list)\b").ok()
});

static REQUIRED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(requirements?|required|must[ -]haves?|essentials?|qualifications?|what you('ll)? (bring|need)|what we('re| are)? (look|expect|need)|who you are|you have|about you|your (profile|skills|background|experience)|skills( and|$|:)|we('re| are) looking for|minimum|you bring|experience and)\b").ok()
});

static WORK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(responsibilit(y|ies)|what you('ll| will) (do|be)|the role|your (role|tasks|mission|day)|duties|job description|about the (role|job|position)|day[ -]to[ -]day|you will|tasks|overview|summary|tech(nology)? stack|our stack)\b").ok()
});

static FIRM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(about (us|the (company|team))|who we are|benefits|perks|what we offer|we offer|why (join|work)|our (company|culture|values|process|offer)|compensation|salary|pay range|equal opportunit|how to apply|(interview|hiring|application) process|diversity)\b").ok()
});

fn says(pattern: &LazyLock<Option<Regex>>, line: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

/// Returns the part that a heading opens; `None` for other lines. A heading is a short line of its own: it ends in a colon, is
/// marked as one, or has neither a verb's full stop nor a bullet.
fn heading(line: &str) -> Option<Part> {
    let bare = trimmed(line);
    let bullet = line.trim_start().starts_with(['-', '•', '·', '–']) || line.trim_start().starts_with("* ");
    // "Salary: £30,000" is a fact with its label, and nothing that comes after is about it.
    let labelled = bare.trim_end_matches(':').contains(':');
    if bare.is_empty() || bare.chars().count() > 60 || bullet || labelled || bare.ends_with(['.', ',', ';']) {
        return None;
    }
    let marked = bare.ends_with(':') || bare.len() + 2 <= line.trim().len();
    let short = bare.split_whitespace().count() <= 6;
    if !(marked || short) {
        return None;
    }
    match bare {
        _ if says(&NICE, bare) => Some(Part::Nice),
        _ if says(&FIRM, bare) && is_only(&FIRM, bare) => Some(Part::Firm),
        _ if says(&REQUIRED, bare) => Some(Part::Required),
        _ if says(&WORK, bare) => Some(Part::Work),
        _ if bare.ends_with(':') && marked && short => Some(Part::Work),
        _ => None,
    }
}

impl Needs {
    pub(super) fn new(text: &str) -> Self {
        let lines: Vec<(&str, Option<Part>)> = text.split('\n').map(|line| (line, heading(line))).collect();
        // Where a part is marked as required, what the work description names in passing is nice at most.
        let says_required = lines.iter().any(|(_, part)| *part == Some(Part::Required));
        let (mut starts, mut nice) = (Vec::new(), Vec::new());
        let mut part = Part::Work;
        let mut nice_list: Option<List> = None;
        let mut at = 0_u32;
        for (line, marked) in lines {
            part = marked.unwrap_or(part);
            nice_list = match marked {
                Some(Part::Nice) if is_only(&NICE, trimmed(line)) => Some(List::Begun),
                Some(Part::Required | Part::Work | Part::Firm) => None,
                Some(Part::Nice) | None => nice_list.and_then(|list| list.goes_on(line)),
            };
            let insisting = insists(line);
            // Within a line, sentence by sentence: "Rust is required. Go is a plus."
            for sentence in line.split_inclusive(['.', ';', '!']) {
                let need = match part {
                    Part::Firm if says(&ASKED, sentence) || insists(sentence) => Some(Need::Required),
                    Part::Firm => None,
                    Part::Nice => Some(Need::Nice),
                    _ if says(&NICE, sentence.trim_end_matches(['.', ';', '!', ' '])) => Some(Need::Nice),
                    Part::Work if says_required && !requires(sentence) => Some(Need::Nice),
                    Part::Work | Part::Required => Some(Need::Required),
                };
                starts.push((at, need));
                let end = at + sentence.chars().count() as u32;
                if nice_list.is_some() && !insisting {
                    nice.push(at..end);
                }
                at = end;
            }
            at += 1;
        }
        Self { starts, nice }
    }

    /// Whether a heading says that what stands at this character would be nice to have.
    pub(super) fn is_nice_by_heading(&self, char_at: u32) -> bool {
        let after = self.nice.partition_point(|range| range.start <= char_at);
        after
            .checked_sub(1)
            .is_some_and(|index| self.nice[index].contains(&char_at))
    }

    /// Returns the importance of a skill at this character; `None` where it is not asked of the person.
    pub(super) fn at(&self, char_at: u32) -> Option<Need> {
        let after = self.starts.partition_point(|(start, _)| *start <= char_at);
        after.checked_sub(1).and_then(|index| self.starts[index].1)
    }
}

/// `text` without the parts about the firm; the whole text where little else would be left.
pub(super) fn about_work(text: &str) -> String {
    let mut part = Part::Work;
    let mut kept = String::with_capacity(text.len());
    for line in text.split('\n') {
        part = heading(line).unwrap_or(part);
        if part != Part::Firm {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    if kept.len() * 4 < text.len() {
        text.to_owned()
    } else {
        kept
    }
}

/// The progress of the list under a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    /// Its heading was the last line with words.
    Begun,
    /// Lines without bullets.
    Plain,
    /// Points with bullets.
    Points,
    /// An empty line after some of it.
    Gap,
}

impl List {
    /// Returns how far it is after a line; `None` where the line is no part of it.
    fn goes_on(self, line: &str) -> Option<Self> {
        let bare = line.trim();
        let is_point = bare.starts_with(['-', '•', '·', '–', '*']);
        match self {
            Self::Begun if bare.is_empty() => Some(Self::Begun),
            _ if bare.is_empty() => Some(Self::Gap),
            _ if is_point => Some(Self::Points),
            // A point that goes on in the next line.
            Self::Points if line.starts_with([' ', '\t']) => Some(Self::Points),
            Self::Begun | Self::Plain => Some(Self::Plain),
            Self::Points | Self::Gap => None,
        }
    }
}

/// Whether a line has no words of its own beside those of a heading. "Benefits Administrator" heads nothing.
fn is_only(heading: &LazyLock<Option<Regex>>, line: &str) -> bool {
    let rest = heading
        .as_ref()
        .map(|words| words.replace_all(line, " ").to_lowercase());
    rest.is_some_and(|rest| {
        let mut words = rest
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        words.all(|word| COMMON.contains(&word))
    })
}

/// Words of headings that tell nothing apart.
const COMMON: [&str; 52] = [
    "a",
    "abilities",
    "also",
    "and",
    "at",
    "attributes",
    "background",
    "be",
    "but",
    "certificates",
    "certifications",
    "competencies",
    "criteria",
    "details",
    "education",
    "expectations",
    "experience",
    "experiences",
    "extras",
    "for",
    "from",
    "get",
    "have",
    "here",
    "if",
    "in",
    "information",
    "it",
    "knowledge",
    "know",
    "languages",
    "ll",
    "of",
    "our",
    "package",
    "points",
    "profile",
    "qualifications",
    "range",
    "requirements",
    "s",
    "section",
    "skills",
    "technologies",
    "the",
    "to",
    "tools",
    "traits",
    "us",
    "what",
    "with",
    "you",
];

/// Words by which a sentence asks something of the reader, whatever heading it stands under.
static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\byou(?:['’]ll| will)? (?:also )?(?:write|know|bring|build|run|maintain|design|develop|operate|use|work with|are (?:fluent|skilled|experienced|qualified|comfortable))\b|\b(?:\d+|two|three|four|five|six|seven|eight|ten)\+? years (?:of|at|in)\b").ok()
});

/// Returns a line without the signs that mark it as a heading.
fn trimmed(line: &str) -> &str {
    line.trim().trim_matches(['#', '*', '=', '_', ' ']).trim()
}

/// Words by which a line asks for something, with what may deny them.
static INSISTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?P<no>\b(?:not?|never|n['’]t)\s+(?:\w+\s+)?)?\b(?:must|required|requires?|essential|mandatory|need(?:s|ed)?)\b").ok()
});

/// Whether a line asks for something, whatever heading it stands under.
fn insists(line: &str) -> bool {
    let asks = |hits: &Regex| hits.captures_iter(line).any(|hit| hit.name("no").is_none());
    INSISTING.as_ref().is_some_and(asks)
}

fn requires(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let asks = ["proficien", "experience with", "experience in", "knowledge of"];
    insists(sentence) || asks.iter().any(|word| lower.contains(word))
}

/// The sentence or line around a byte.
pub(super) fn sentence(text: &str, at: usize) -> Range<usize> {
    let ends = |c: char| matches!(c, '\n' | '!' | '?' | ';');
    let start = text[..at].rfind(ends).map_or(0, |before| before + 1);
    let start = text[start..at].rfind(". ").map_or(start, |before| start + before + 1);
    let end = text[at..].find(ends).map_or(text.len(), |after| at + after);
    let end = text[at..end].find(". ").map_or(end, |after| at + after);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_sentences_say_what_is_needed() {
        let text = "About us\nWe love Go.\n\nRequirements:\n- Rust. Kafka is a plus.\nNice to have\n- Perl\n\nBenefits:\n- Excel";
        let needs = Needs::new(text);
        let at = |word: &str| needs.at(text.find(word).unwrap() as u32);
        assert_eq!(at("Go"), None);
        assert_eq!(at("Rust"), Some(Need::Required));
        assert_eq!(at("Kafka"), Some(Need::Nice));
        assert_eq!(at("Perl"), Some(Need::Nice));
        assert_eq!(at("Excel"), None);
        let nice = |word: &str| needs.is_nice_by_heading(text.find(word).unwrap() as u32);
        assert!(nice("Perl") && !nice("Rust") && !nice("Kafka") && !nice("Excel"));
        let insisting = "Nice to have\n- Perl, Go\n- Rust is a must";
        let needs = Needs::new(insisting);
        let nice = |word: &str| needs.is_nice_by_heading(insisting.find(word).unwrap() as u32);
        assert!(nice("Perl") && nice("Go") && !nice("Rust"));
        for (text, nice, asked) in [
            ("Nice to have\n- Perl\n\nCertifications\n- BLS", "Perl", "BLS"),
            ("Nice-to-haves:\n- Perl\n\nWe run Rust in two regions.", "Perl", "Rust"),
            (
                "**Bonus points if you have:**\n- Perl\n- Node.js is a must",
                "Perl",
                "js",
            ),
            (
                "Nice to have\nPerl\nPython (not required)\n\nWe run Rust.",
                "Python",
                "Rust",
            ),
            (
                "Nice to have\n\n- Perl and\n  Go\nApply with a sample of your Rust.",
                "Go",
                "Rust",
            ),
        ] {
            let needs = Needs::new(text);
            let is_nice = |word: &str| needs.is_nice_by_heading(text.find(word).unwrap() as u32);
            assert!(is_nice(nice) && !is_nice(asked), "{text}");
        }
        for (text, asked) in [
            ("Salary\n£60,000\n\nYou write Rust.", "Rust"),
            ("Why join us\nA growing team.\nKubernetes is required.", "Kubernetes"),
            ("Compensation and benefits specialist\nExcel", "Excel"),
            ("Our company is growing\nYou know Docker well.", "Docker"),
        ] {
            assert_eq!(
                Needs::new(text).at(text.find(asked).unwrap() as u32),
                Some(Need::Required),
                "{text}"
            );
        }
        for (text, firms) in [
            ("What we offer:\n- Excel courses", "Excel"),
            ("About us\nWe sell Rust tools.\n\nWe run Kafka.", "Kafka"),
            ("Benefits & perks\nA Docker mug", "Docker"),
        ] {
            assert_eq!(Needs::new(text).at(text.find(firms).unwrap() as u32), None, "{text}");
        }
        for text in [
            "Bonus structure:\n- Perl",
            "Preferred location:\n- Perl",
            "Desirable start date:\nMay\nPerl",
        ] {
            assert!(
                !Needs::new(text).is_nice_by_heading(text.find("Perl").unwrap() as u32),
                "{text}"
            );
        }
        let list = "Requirements\nJava\nPython preferred\nSQL";
        assert!(!Needs::new(list).is_nice_by_heading(list.find("SQL").unwrap() as u32));
    }

    #[test]
    fn without_headings_everything_is_asked() {
        let needs = Needs::new("You write Rust all day. Ideally you know Go.");
        assert_eq!(needs.at(10), Some(Need::Required));
        assert_eq!(needs.at(40), Some(Need::Nice));
    }
}
