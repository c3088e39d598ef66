//! Finds the person: name, headline, contact, location, summary.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use serde_json::Map;

use super::{Line, Text, experience::has_title_word, phones, regex};
use crate::{
    entities::EntityKind,
    json_resume::network,
    places,
    resume::{Field, Link, Location, Resume, SURE, UNSURE},
    structure::{LineKind, Part, PartKind},
};

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?i)[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}\b"));
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r#"(?i)\b(?:https?://|www\.)[^\s<>"'|,;()]{3,200}|\b(?:[a-z]{2,3}\.)?(?:linkedin\.com|github\.com|gitlab\.com|bitbucket\.org|stackoverflow\.com|behance\.net|dribbble\.com|medium\.com|kaggle\.com|leetcode\.com|twitter\.com|indeed\.com)/[^\s<>"'|,;()]{1,200}|\b[a-z0-9-]{2,40}\.(?:github\.io|dev|me|io|com|net|org|tech)(?:/[^\s<>"'|,;()]{0,100})?\b"#,
    )
});
/// The most countries whose telephone numbers are tried.
const COUNTRIES_MAX: usize = 6;
/// The most mail addresses, and the most telephone numbers, of one resume.
const CONTACTS_MAX: usize = 16;
/// The most runs of digits that are tried as telephone numbers.
const PHONE_TRIES_MAX: usize = 500;
/// The number of lines at the top among which the person stands.
const HEADER_LINES: usize = 12;

pub(super) fn read(text: &Text<'_>, resume: &mut Resume) {
    let header: Vec<&Line<'_>> = text.lines.iter().take(HEADER_LINES).collect();
    let mut mailboxes = mailboxes(text);
    resume.name = name(text, &header, &mailboxes);
    let others = weigh(text, &mut mailboxes, resume.name.as_ref());
    resume.emails = emails(text, &mailboxes);
    resume.phones = numbers(text, &mailboxes, &others);
    resume.links = links(text);
    linked(text, resume);
    resume.location = best(text, PartKind::Place).map(|text| Location {
        text,
        extra: Map::new(),
    });
    resume.headline = best(text, PartKind::Headline).or_else(|| held_title(text, resume));
    resume.summary = summary(text, &header);
}

/// Returns the surest part of a kind among what stands about the person.
fn best(text: &Text<'_>, kind: PartKind) -> Option<Field<String>> {
    let blocks = text.blocks.iter().filter(|block| block.kind == LineKind::Person);
    let parts = blocks.flat_map(|block| block.parts.iter().map(move |part| (block, part)));
    let of_other = |part: &Part| {
        let line = text.lines[..text.lines.partition_point(|line| line.start <= part.range.start)].last();
        line.is_some_and(|line| is_labelled_other(line.text, (part.range.start - line.start).min(line.text.len())))
    };
    let parts = parts.filter(|(_, part)| part.kind == kind && !of_other(part));
    let (block, part) = parts.max_by(|a, b| {
        a.1.confidence
            .total_cmp(&b.1.confidence)
            .then(b.1.range.start.cmp(&a.1.range.start))
    })?;
    text.field(part.range.clone(), part.confidence * block.confidence)
}

/// Returns a part of a line about the person that is also the title of one of their jobs. It is no surer than that title.
fn held_title(text: &Text<'_>, resume: &Resume) -> Option<Field<String>> {
    let other = |value: &str| {
        let location = resume.location.as_ref().map(|location| &location.text);
        resume
            .name
            .iter()
            .chain(location)
            .all(|field| !field.value.eq_ignore_ascii_case(value))
    };
    let titles = || {
        resume
            .experience
            .iter()
            .filter_map(|job| job.title.as_ref())
            .filter(|title| title.is_sure())
    };
    let lines = text
        .lines
        .iter()
        .take(HEADER_LINES)
        .filter(|line| line.kind == LineKind::Person);
    lines
        .flat_map(|line| line.text.split(['|', '•', '·', '\t']))
        .find_map(|part| {
            let own = part.trim();
            let title = titles().find(|title| title.value.eq_ignore_ascii_case(own) && other(own))?;
            let start = own.as_ptr() as usize - text.document.text.as_ptr() as usize;
            text.field(start..start + own.len(), title.confidence)
        })
}

/// Adds a value unless it is there.
fn add(fields: &mut Vec<Field<String>>, field: Field<String>) {
    let known = fields
        .iter()
        .any(|known| known.value.eq_ignore_ascii_case(&field.value));
    if !known && fields.len() < CONTACTS_MAX {
        fields.push(field);
    }
}

/// Returns the person's own contact, else the first of any other. What may be acted on goes first.
fn own_or_first(mut own: Vec<Field<String>>, other: Vec<Field<String>>) -> Vec<Field<String>> {
    let sure = own.iter().any(Field::is_sure);
    let first = other
        .iter()
        .find(|field| field.is_sure())
        .or_else(|| other.first().filter(|_| own.is_empty()));
    own.extend(first.filter(|_| !sure).cloned());
    own.sort_by_key(|field| !field.is_sure());
    own
}

/// Whether contact on such a line is the person's own: not a referee's, an employer's or a publisher's.
const fn is_own(kind: LineKind) -> bool {
    matches!(
        kind,
        LineKind::Person | LineKind::Margin | LineKind::Summary | LineKind::HeadingContact
    )
}

/// Words of labels before other people's contact: "Line manager: ".
const OTHERS: [&str; 27] = [
    "agency",
    "agent",
    "boss",
    "brother",
    "colleague",
    "daughter",
    "emergency",
    "employer",
    "father",
    "guardian",
    "husband",
    "kin",
    "manager",
    "mentor",
    "mother",
    "parent",
    "parents",
    "partner",
    "recruiter",
    "referee",
    "referees",
    "reference",
    "references",
    "sister",
    "son",
    "supervisor",
    "wife",
];

/// Whether the label before a place of a line says that somebody else stands there.
fn is_labelled_other(line: &str, at: usize) -> bool {
    let before = line.get(..at).unwrap_or_default();
    let before = before.rsplit(['\t', '|', '•', '·', ';']).next().unwrap_or_default();
    let label = before.split_once(':').map_or("", |(label, _)| label);
    words_of(label).iter().any(|word| OTHERS.contains(&word.as_str()))
}

/// Returns the words of a text in lower case without accents, those of one or two letters left out.
fn words_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() > 2)
        .map(places::plain)
        .collect()
}

/// A mail address where it stands in the text.
struct Mailbox {
    range: Range<usize>,
    /// The line, by its number.
    line: usize,
    /// The letters before the "@", without accents.
    local: String,
    /// Whether it stands with the person: see [`near`].
    near: bool,
    /// Whether its line says that it is somebody else's.
    of_other: bool,
    confidence: f32,
}

fn mailboxes(text: &Text<'_>) -> Vec<Mailbox> {
    let near = near(text);
    let hits = EMAIL.iter().flat_map(|pattern| pattern.find_iter(&text.document.text));
    hits.take(64)
        .filter_map(|hit| {
            let at = text
                .lines
                .partition_point(|line| line.start <= hit.start())
                .checked_sub(1)?;
            let line = &text.lines[at];
            let (local, _) = hit.as_str().split_once('@')?;
            let local = places::plain(local);
            Some(Mailbox {
                range: hit.range(),
                line: at,
                local: local.chars().filter(|c| c.is_alphabetic()).collect(),
                near: near[at],
                of_other: is_labelled_other(line.text, (hit.start() - line.start).min(line.text.len())),
                confidence: 0.0,
            })
        })
        .collect()
}

/// Tells for each line whether contact on it stands with the person.
///
/// It does in the block that begins with the first line about them, below a heading over contact, in the summary or in a margin.
fn near(text: &Text<'_>) -> Vec<bool> {
    let first = text.lines.iter().position(|line| line.kind == LineKind::Person);
    let mut near = vec![false; text.lines.len()];
    let mut start = 0;
    for run in text.lines.chunk_by(|a, b| is_own(a.kind) == is_own(b.kind)) {
        let whole = start..start + run.len();
        let with_person = first.is_some_and(|first| whole.contains(&first));
        let mut headed = false;
        for (line, near) in run.iter().zip(&mut near[whole.clone()]) {
            headed |= line.kind == LineKind::HeadingContact;
            *near = is_own(line.kind) && (with_person || headed || line.kind != LineKind::Person);
        }
        start = whole.end;
    }
    near
}

/// Sets how sure each mail address is the person's. Returns the names of others, in two words, that addresses are made of.
fn weigh(text: &Text<'_>, mailboxes: &mut [Mailbox], name: Option<&Field<String>>) -> Vec<[String; 2]> {
    let owner = &words_of(name.map_or("", |name| name.value.as_str()));
    let shared = |mailbox: &Mailbox| owner.iter().filter(|word| mailbox.local.contains(*word)).count();
    let mut others: Vec<[String; 2]> = Vec::new();
    // Someone who is named in the text by two words of the address, when the person by none, has that address. A name in another
    // script, or one that is a guess, tells nothing.
    let known = name.is_some_and(Field::is_sure) && owner.iter().any(|word| word.is_ascii());
    let mut asked: Vec<&mut Mailbox> = mailboxes
        .iter_mut()
        .filter(|mailbox| known && shared(mailbox) == 0)
        .collect();
    for pair in if asked.is_empty() { Vec::new() } else { pairs(text) } {
        for mailbox in &mut asked {
            if pair.iter().all(|word| mailbox.local.contains(word)) {
                mailbox.of_other = true;
                if !others.contains(&pair) {
                    others.push(pair.clone());
                }
            }
        }
    }
    for mailbox in &mut *mailboxes {
        mailbox.of_other |= shared(mailbox) == 0 && is_of_firm(text, mailbox, owner);
    }
    let is_own_kind = |mailbox: &Mailbox| is_own(text.lines[mailbox.line].kind);
    // The first address is the person's though it does not hold their name, unless another does.
    let mut taken = mailboxes
        .iter()
        .any(|mailbox| is_own_kind(mailbox) && !mailbox.of_other && shared(mailbox) > 0);
    for mailbox in mailboxes {
        let own = is_own_kind(mailbox);
        mailbox.confidence = if mailbox.of_other {
            UNSURE
        } else if shared(mailbox) > 0 {
            if own { 0.99 } else { SURE }
        } else if own && mailbox.near && !taken {
            taken = true;
            0.99
        } else {
            UNSURE
        };
    }
    others
}

/// Returns the words that stand one behind the other and begin with a capital, two by two.
fn pairs(text: &Text<'_>) -> Vec<[String; 2]> {
    let mut pairs = Vec::new();
    for line in &text.lines {
        let mut before: Option<&str> = None;
        for word in line.text.split([' ', '\t', '\u{a0}']) {
            let bare = word.trim_matches(|c: char| !c.is_alphabetic());
            let is_one = bare.chars().count() > 2 && bare.starts_with(char::is_uppercase) && word.starts_with(bare);
            if let Some(before) = before.filter(|_| is_one) {
                pairs.push([before, bare].map(places::plain));
            }
            before = (is_one && word.ends_with(bare)).then_some(bare);
        }
    }
    pairs
}

/// Whether a firm that its line names before it gave the address: "Acme Ltd, office@acme.example".
fn is_of_firm(text: &Text<'_>, mailbox: &Mailbox, owner: &[String]) -> bool {
    let address = text.slice(mailbox.range.clone()).to_lowercase();
    let domain = address.split_once('@').map_or("", |(_, domain)| domain);
    let firm = domain.split('.').next().unwrap_or_default();
    let line = &text.lines[mailbox.line];
    let before = line.text.get(..mailbox.range.start.saturating_sub(line.start));
    let letters: String = before
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let of_many = ["mail", "yahoo", "outlook"].iter().any(|many| firm.contains(many));
    firm.len() > 3
        && !of_many
        && !owner.iter().any(|word| firm.contains(word))
        && places::plain(&letters).contains(firm)
}

/// Finds mail addresses: those that stand about the person, else the first of any that is not a referee's.
fn emails(text: &Text<'_>, mailboxes: &[Mailbox]) -> Vec<Field<String>> {
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for mailbox in mailboxes {
        let Some(field) = text.field(mailbox.range.clone(), mailbox.confidence) else {
            continue;
        };
        match text.lines[mailbox.line].kind {
            kind if is_own(kind) => add(&mut own, field),
            LineKind::Referee => {}
            _ => add(&mut other, field),
        }
    }
    own_or_first(own, other)
}

/// Finds telephone numbers where the person's contact stands, and where a line says that it holds one. A number is the person's as
/// far as the mail address beside it is.
fn numbers(text: &Text<'_>, mailboxes: &[Mailbox], others: &[[String; 2]]) -> Vec<Field<String>> {
    let person: Vec<&str> = text
        .lines
        .iter()
        .filter(|line| is_own(line.kind))
        .map(|line| line.text)
        .collect();
    let countries = phones::countries(&person.join("\n"));
    let countries = &countries[..countries.len().min(COUNTRIES_MAX)];
    let near = near(text);
    let (mut own, mut other) = (Vec::new(), Vec::new());
    let mut tries = PHONE_TRIES_MAX;
    let mut start = 0;
    for run in text.lines.chunk_by(|a, b| is_own(a.kind) == is_own(b.kind)) {
        let lines = start..start + run.len();
        start = lines.end;
        let owned = |lines: &Range<usize>| {
            let mut beside = mailboxes
                .iter()
                .filter(|mailbox| lines.contains(&mailbox.line))
                .peekable();
            beside
                .peek()
                .is_some()
                .then(|| beside.any(|mailbox| mailbox.confidence >= SURE))
        };
        let run_owned = owned(&lines) == Some(true);
        for (at, line) in lines.zip(run).filter(|(_, line)| line.kind != LineKind::Referee) {
            if own.len() >= CONTACTS_MAX || tries == 0 {
                break;
            }
            let of_other = || {
                others
                    .iter()
                    .any(|other| words_of(line.text).windows(2).any(|words| words == other))
            };
            for phone in phones::find(line.text, countries, is_own(line.kind), &mut tries) {
                let is_persons = match owned(&(at..at + 1)) {
                    Some(owned) => owned,
                    None => near[at] || is_own(line.kind) && run_owned,
                } && !is_labelled_other(line.text, phone.range.start)
                    && !of_other();
                let most = if is_own(line.kind) { 1.0 } else { SURE };
                let confidence = phone.confidence.min(if is_persons { most } else { UNSURE });
                let Some(field) = text.field(line.at(phone.range), confidence) else {
                    continue;
                };
                add(if is_own(line.kind) { &mut own } else { &mut other }, field);
            }
        }
    }
    own_or_first(own, other)
}

fn links(text: &Text<'_>) -> Vec<Link> {
    let whole = &text.document.text;
    let mut links: Vec<Link> = Vec::new();
    let Some(pattern) = LINK.as_ref() else { return links };
    for hit in pattern.find_iter(whole).take(64) {
        let url = hit.as_str().trim_end_matches(['.', ':', '-', '/']);
        let range = hit.start()..hit.start() + url.len();
        let after_at = whole[..range.start].ends_with(['@', '.', '-', '_', '+']) || whole[range.end..].starts_with('@');
        let explicit = url.contains("://") || url.to_ascii_lowercase().starts_with("www.") || network(url).is_some();
        // A bare "name.io" is an address at the top of a resume and may be anything further down.
        let head = whole[..range.start].lines().count() <= HEADER_LINES;
        let of_referee = text.kind_at(hit.start()) == LineKind::Referee;
        if after_at || url.is_empty() || of_referee || !(explicit || head) {
            continue;
        }
        let known = links.iter().any(|link| link.url.value.eq_ignore_ascii_case(url));
        if !known && links.len() < 24 {
            let field = Field::new(url.to_owned(), text.span(range), if explicit { 0.98 } else { 0.7 });
            links.push(Link {
                url: field,
                network: network(url).map(str::to_owned),
                extra: Map::new(),
            });
        }
    }
    links
}

/// Adds the contact that stands in the targets of links alone. An address that is no profile and does not hold the person's name
/// may be an employer's.
fn linked(text: &Text<'_>, resume: &mut Resume) {
    let stated = |value: &str| Field {
        value: value.to_owned(),
        span: None,
        confidence: 0.9,
    };
    let name = resume.name.as_ref().map_or("", |name| name.value.as_str());
    let names: Vec<String> = name
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() > 3)
        .map(places::plain)
        .collect();
    let no_sure = |fields: &[Field<String>]| !fields.iter().any(Field::is_sure);
    let lower = text.document.text.to_ascii_lowercase();
    let digits: String = lower.chars().filter(char::is_ascii_digit).collect();
    for target in &text.document.links {
        let (scheme, rest) = target.split_once(':').unwrap_or_default();
        let scheme = scheme.to_ascii_lowercase();
        let address = rest.split('?').next().unwrap_or_default().trim();
        // What the text says as well was looked at there, and may be somebody else's.
        let said = match scheme.as_str() {
            "mailto" => lower.contains(&address.to_ascii_lowercase()),
            "tel" => digits.contains(&last_digits(address)),
            _ => false,
        };
        if said {
            continue;
        }
        match scheme.as_str() {
            "mailto" if no_sure(&resume.emails) => {
                let is_one = EMAIL.as_ref().and_then(|email| email.find(address));
                if is_one.is_some_and(|found| found.len() == address.len()) {
                    resume.emails.insert(0, stated(address));
                }
            }
            "tel" if no_sure(&resume.phones) => {
                let digits = address.chars().filter(char::is_ascii_digit).count();
                if (8..=16).contains(&digits) {
                    resume.phones.insert(0, stated(address));
                }
            }
            "http" | "https" if resume.links.len() < 24 => {
                let known = resume.links.iter().any(|link| bare(&link.url.value) == bare(target));
                let site = network(target);
                let host = places::plain(&bare(target));
                let own = names
                    .iter()
                    .any(|name| host.split('/').next().is_some_and(|host| host.contains(name)));
                if !known && (site.is_some() || own) {
                    resume.links.push(Link {
                        url: stated(target),
                        network: site.map(str::to_owned),
                        extra: Map::new(),
                    });
                }
            }
            _ => {}
        }
    }
}

/// Returns the last digits of a telephone number, which stay the same however it is written.
fn last_digits(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(8)..].to_owned()
}

/// Returns a web address without what people leave out of it.
fn bare(url: &str) -> String {
    let url = url.to_ascii_lowercase();
    let url = url.rsplit_once("://").map_or(url.as_str(), |(_, rest)| rest);
    url.trim_start_matches("www.").trim_end_matches('/').to_owned()
}

/// Words that stand at the top of a resume and are no name.
const NOT_NAMES: [&str; 34] = [
    "resume",
    "résumé",
    "curriculum",
    "vitae",
    "cv",
    "profile",
    "summary",
    "objective",
    "contact",
    "address",
    "phone",
    "mobile",
    "email",
    "experience",
    "education",
    "skills",
    "page",
    "date",
    "street",
    "road",
    "university",
    "college",
    "personal",
    "details",
    "information",
    "india",
    "usa",
    "january",
    "professional",
    "biodata",
    "name",
    "linkedin",
    "portfolio",
    "city",
];

/// Finds the name by the taggers, else the first line that looks like one. A line that the person's mail address repeats is believed
/// over a name that is a suggestion.
fn name(text: &Text<'_>, header: &[&Line<'_>], mailboxes: &[Mailbox]) -> Option<Field<String>> {
    let own = || mailboxes.iter().filter(|mailbox| mailbox.near && !mailbox.of_other);
    let in_address = |name: &str| {
        words_of(name)
            .iter()
            .any(|word| own().any(|own| own.local.contains(word)))
    };
    let by_parts = best(text, PartKind::Name);
    if by_parts
        .as_ref()
        .is_some_and(|name| name.is_sure() || in_address(&name.value))
    {
        return by_parts;
    }
    let named = text
        .lines
        .iter()
        .enumerate()
        .filter(|(at, line)| {
            let at_the_top = *at < HEADER_LINES && line.kind != LineKind::Referee;
            line.text.len() <= 120 && (at_the_top || is_own(line.kind) || line.kind.is_heading())
        })
        .find_map(|(_, line)| {
            let parts = line
                .text
                .split(['\t', '|', ',', '(', '•', ':', '–', '—'])
                .map(str::trim);
            let place = |part: &str| part.as_ptr() as usize - line.text.as_ptr() as usize;
            let part = parts
                .filter(|part| looks_like_name(part) && !places::is_place(part))
                .find(|part| in_address(part) && !is_labelled_other(line.text, place(part)))?;
            let start = line.start + place(part);
            text.field(start..start + part.len(), 0.85)
        });
    if named.is_some() || by_parts.is_some() {
        return named.or(by_parts);
    }
    let first_lines = header.get(5).map_or(text.document.text.len(), |line| line.start);
    let by_tagger = text
        .page
        .tagged
        .iter()
        .filter(|tagged| tagged.kind == EntityKind::Name && tagged.range.start <= first_lines)
        .filter(|tagged| !has_title_word(text.slice(tagged.range.clone())))
        .max_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let by_rule = || {
        header
            .iter()
            .take(6)
            .filter(|line| line.kind == LineKind::Person)
            .find_map(|line| {
                let part = line.text.split(['\t', '|', ',', '(', '•']).next()?;
                looks_like_name(part).then(|| line.start..line.start + part.trim_end().len())
            })
    };
    match by_tagger {
        Some(tagged) => text.field(tagged.range.clone(), tagged.confidence * 0.8),
        None => text.field(by_rule()?, 0.5),
    }
}

fn looks_like_name(part: &str) -> bool {
    let words: Vec<&str> = part.split_whitespace().collect();
    let is_name_word = |word: &&str| {
        let letters = word.trim_matches(['.', '\'', '’', '-']);
        letters.starts_with(char::is_uppercase)
            && letters
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '-'))
            && !NOT_NAMES.contains(&letters.to_lowercase().as_str())
    };
    (2..=4).contains(&words.len()) && part.len() <= 48 && words.iter().all(is_name_word) && !has_title_word(part)
}

/// Finds the summary: the section of that name, else a paragraph at the top.
fn summary(text: &Text<'_>, header: &[&Line<'_>]) -> Option<Field<String>> {
    if let Some(lines) = text.of_kind(LineKind::Summary).next() {
        let last = lines.get(..lines.len().min(40))?.last()?;
        return text.field(lines[0].start..last.whole().end, 0.9);
    }
    let is_prose = |line: &&Line<'_>| line.kind == LineKind::Person && line.text.split_whitespace().count() >= 12;
    let first = header.iter().position(is_prose)?;
    let last = header[first..]
        .iter()
        .take_while(|line| is_prose(line) || line.text.ends_with('.'))
        .last()?;
    text.field(header[first].start..last.whole().end, 0.5)
}
