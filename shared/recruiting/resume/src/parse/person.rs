//! Finds the person: name, headline, contact, location, summary.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use serde_json::Map;

use super::{Line, Section, Text, experience::has_title_word, overlap, regex};
use crate::{
    entities::EntityKind,
    json_resume::network,
    resume::{Field, Link, Location, Resume},
};

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?i)[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}\b"));
static PHONE: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"(?:\+|\b00)?\(?\+?\d(?:[\d\s().–/-]{5,20})\d(?:\s?(?:x|ext\.?)\s?\d{1,5})?\b"));
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r#"(?i)\b(?:https?://|www\.)[^\s<>"'|,;()]{3,200}|\b(?:[a-z]{2,3}\.)?(?:linkedin\.com|github\.com|gitlab\.com|bitbucket\.org|stackoverflow\.com|behance\.net|dribbble\.com|medium\.com|kaggle\.com|leetcode\.com|twitter\.com|indeed\.com)/[^\s<>"'|,;()]{1,200}|\b[a-z0-9-]{2,40}\.(?:github\.io|dev|me|io|com|net|org|tech)(?:/[^\s<>"'|,;()]{0,100})?\b"#,
    )
});
static NAMED_PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:residence|location|city of residence|lives? in|based in|current location|city)\s*:?\s+(?P<place>[A-Z\p{Lu}][^\n|•\t]{2,60})",
    )
});

/// The number of lines at the top among which the person stands.
const HEADER_LINES: usize = 12;

pub(super) fn read(text: &Text<'_>, resume: &mut Resume) {
    resume.emails = found(text, &EMAIL, |_, _| true, 0.99);
    resume.phones = found(text, &PHONE, is_phone, 0.9);
    resume.links = links(text);
    linked(&text.document.links, resume);
    let header: Vec<&Line<'_>> = text
        .lines
        .iter()
        .take(HEADER_LINES)
        .take_while(|line| line.section == Section::Header || line.set_off)
        .collect();
    let name = name(text, &header);
    let name_range = name.as_ref().map(|(range, _)| range);
    resume.headline = headline(text, &header, name_range);
    resume.location = location(text, &header, name_range);
    resume.name = name.and_then(|(range, confidence)| text.field(range, confidence));
    resume.summary = summary(text, &header);
}

/// Returns everything a pattern finds and a test lets through, each value once.
fn found(
    text: &Text<'_>,
    pattern: &LazyLock<Option<Regex>>,
    test: fn(&str, Range<usize>) -> bool,
    confidence: f32,
) -> Vec<Field<String>> {
    let mut fields: Vec<Field<String>> = Vec::new();
    let Some(pattern) = pattern.as_ref() else { return fields };
    for hit in pattern.find_iter(&text.document.text).take(64) {
        if !test(&text.document.text, hit.range()) {
            continue;
        }
        if let Some(field) = text.field(hit.range(), confidence)
            && !fields
                .iter()
                .any(|known| known.value.eq_ignore_ascii_case(&field.value))
        {
            fields.push(field);
        }
    }
    fields.truncate(16);
    fields
}

/// Whether digits are a telephone number. They are as many as one has, not a span of years, not part of something longer, and
/// written as one or introduced as one.
fn is_phone(text: &str, range: Range<usize>) -> bool {
    let number = &text[range.clone()];
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let line_start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line_start..range.start];
    if !(8..=16).contains(&digits) || number.contains('\n') || number.contains("..") {
        return false;
    }
    if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '@' | '$' | '€' | '£' | '.' | '_' | '#'))
    {
        return false;
    }
    if text[range.end..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '%' | '@')) {
        return false;
    }
    let years = number
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20")));
    if years.count() >= 1 && digits <= 8 + 4 && !number.starts_with(['+', '(']) {
        return false;
    }
    let cue = {
        let before = before.to_lowercase();
        [
            "phone", "tel", "mob", "cell", "call", "contact", "whatsapp", "ph", "m:", "p:", "t:",
        ]
        .iter()
        .any(|cue| before.contains(cue))
    };
    let head = text[..range.start].lines().count() <= 25;
    let written_as_one = number.starts_with('+') || number.contains(['(', '-', ' ', '.']) || digits == 10;
    cue || number.starts_with('+') || (head && written_as_one && digits >= 9)
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
        if after_at || url.is_empty() || !(explicit || head) {
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

/// Adds the contact that stands in the targets of links alone. Other addresses than profiles may be an employer's.
fn linked(targets: &[String], resume: &mut Resume) {
    let stated = |value: &str| Field {
        value: value.to_owned(),
        span: None,
        confidence: 0.9,
    };
    let (no_email, no_phone) = (resume.emails.is_empty(), resume.phones.is_empty());
    for target in targets {
        let (scheme, rest) = target.split_once(':').unwrap_or_default();
        let address = rest.split('?').next().unwrap_or_default().trim();
        match scheme.to_ascii_lowercase().as_str() {
            "mailto" if no_email && resume.emails.is_empty() => {
                let is_one = EMAIL.as_ref().and_then(|email| email.find(address));
                if is_one.is_some_and(|found| found.len() == address.len()) {
                    resume.emails.push(stated(address));
                }
            }
            "tel" if no_phone && resume.phones.is_empty() => {
                let digits = address.chars().filter(char::is_ascii_digit).count();
                if (8..=16).contains(&digits) {
                    resume.phones.push(stated(address));
                }
            }
            "http" | "https" if resume.links.len() < 24 => {
                let known = resume.links.iter().any(|link| bare(&link.url.value) == bare(target));
                if let Some(site) = network(target).filter(|_| !known) {
                    resume.links.push(Link {
                        url: stated(target),
                        network: Some(site.to_owned()),
                        extra: Map::new(),
                    });
                }
            }
            _ => {}
        }
    }
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

/// Finds the name and how sure it is. The tagger knows names it has never seen by how they stand; the rule is that a name is the
/// first line of two to four capitalised words.
fn name(text: &Text<'_>, header: &[&Line<'_>]) -> Option<(Range<usize>, f32)> {
    let by_rule = header.iter().take(6).enumerate().find_map(|(n, line)| {
        let part = line.text.split(['\t', '|', ',', '(', '•']).next()?;
        let range = line.start..line.start + part.trim_end().len();
        looks_like_name(part).then_some((range, if n == 0 { 0.75 } else { 0.5 }))
    });
    let first_lines = header.get(5).map_or(text.document.text.len(), |line| line.start);
    let by_tagger = text
        .tagged
        .iter()
        .filter(|tagged| tagged.kind == EntityKind::Name && tagged.range.start <= first_lines)
        .filter(|tagged| !has_title_word(text.slice(tagged.range.clone())))
        .max_by(|a, b| a.confidence.total_cmp(&b.confidence))
        .map(|tagged| (whole_word(text, tagged.range.clone()), tagged.confidence));
    match (by_rule, by_tagger) {
        (Some((rule, _)), Some((tagger, confidence)))
            if overlap(&rule, &tagger) * 10 >= rule.len().max(tagger.len()) * 7 =>
        {
            Some((tagger, confidence.max(0.95)))
        }
        (Some(rule), Some(tagger)) => Some(if tagger.1 >= 0.5 { tagger } else { rule }),
        (rule, tagger) => tagger.or(rule),
    }
}

/// Returns the whole of a double name, which the tagger cuts at the hyphen.
fn whole_word(text: &Text<'_>, range: Range<usize>) -> Range<usize> {
    let rest = text.slice(range.end..text.document.text.len());
    let more = rest.find(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\'' | '’')));
    range.start..range.end + more.unwrap_or(rest.len())
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

/// Finds the title a person gives themselves. It is a short line with a title in it, just under or beside the name.
fn headline(text: &Text<'_>, header: &[&Line<'_>], name: Option<&Range<usize>>) -> Option<Field<String>> {
    let name_end = name.map_or(0, |name| name.end);
    for line in header
        .iter()
        .take(6)
        .filter(|line| line.whole().end > name_end && line.section == Section::Header)
    {
        let start = line.start.max(name_end.min(line.whole().end));
        let rest = text.slice(start..line.whole().end);
        if rest.contains('@') || rest.len() > 120 || super::dates::periods(rest).len() > 1 {
            continue;
        }
        let range = start..line.whole().end;
        let said = text.says(EntityKind::Designation, &range);
        if said > 0.4 {
            return text.field(range, 0.9);
        }
        if has_title_word(rest) && !rest.ends_with('.') {
            return text.field(range, 0.7);
        }
    }
    None
}

/// Finds the place where the person lives: the first place at the top of the resume.
fn location(text: &Text<'_>, header: &[&Line<'_>], name: Option<&Range<usize>>) -> Option<Location> {
    let place = |range: Range<usize>, confidence| {
        text.field(range, confidence).map(|text| Location {
            text,
            extra: Map::new(),
        })
    };
    let name_end = name.map_or(0, |name| name.end);
    for line in header {
        let range = line.start.max(name_end.min(line.whole().end))..line.whole().end;
        let rest = text.slice(range.clone());
        let tagged = text.tagged.iter().find(|tagged| {
            tagged.kind == EntityKind::Location && tagged.range.start >= range.start && tagged.range.end <= range.end
        });
        if let Some(tagged) = tagged {
            return place(tagged.range.clone(), tagged.confidence);
        }
        if let Some(found) = NAMED_PLACE
            .as_ref()
            .and_then(|pattern| pattern.captures(rest)?.name("place"))
        {
            return place(range.start + found.start()..range.start + found.end(), 0.8);
        }
        if let Some(found) = place_in(rest, |_| false).filter(|found| !has_title_word(&rest[found.clone()])) {
            return place(range.start + found.start..range.start + found.end, 0.7);
        }
    }
    None
}

/// Finds the summary: the section of that name, else a paragraph at the top.
fn summary(text: &Text<'_>, header: &[&Line<'_>]) -> Option<Field<String>> {
    if let Some(lines) = text.of_section(Section::Summary).next() {
        let last = lines.get(..lines.len().min(40))?.last()?;
        return text.field(lines[0].start..last.whole().end, 0.9);
    }
    let is_prose = |line: &&Line<'_>| line.section == Section::Header && line.text.split_whitespace().count() >= 12;
    let first = header.iter().position(is_prose)?;
    let last = header[first..]
        .iter()
        .take_while(|line| is_prose(line) || line.text.ends_with('.'))
        .last()?;
    text.field(header[first].start..last.whole().end, 0.5)
}

/// Countries, and states and provinces in full, in lower case. They stand behind the comma in "City, Region".
const REGIONS: &[&str] = &[
    "alabama",
    "alaska",
    "arizona",
    "arkansas",
    "california",
    "colorado",
    "connecticut",
    "delaware",
    "florida",
    "georgia",
    "hawaii",
    "idaho",
    "illinois",
    "indiana",
    "iowa",
    "kansas",
    "kentucky",
    "louisiana",
    "maine",
    "maryland",
    "massachusetts",
    "michigan",
    "minnesota",
    "mississippi",
    "missouri",
    "montana",
    "nebraska",
    "nevada",
    "new hampshire",
    "new jersey",
    "new mexico",
    "new york",
    "north carolina",
    "north dakota",
    "ohio",
    "oklahoma",
    "oregon",
    "pennsylvania",
    "rhode island",
    "south carolina",
    "south dakota",
    "tennessee",
    "texas",
    "utah",
    "vermont",
    "virginia",
    "washington",
    "west virginia",
    "wisconsin",
    "wyoming",
    "ontario",
    "quebec",
    "british columbia",
    "alberta",
    "manitoba",
    "nova scotia",
    "saskatchewan",
    "andhra pradesh",
    "assam",
    "bihar",
    "chhattisgarh",
    "delhi",
    "goa",
    "gujarat",
    "haryana",
    "himachal pradesh",
    "jammu and kashmir",
    "jharkhand",
    "karnataka",
    "kerala",
    "madhya pradesh",
    "maharashtra",
    "odisha",
    "orissa",
    "punjab",
    "rajasthan",
    "tamil nadu",
    "telangana",
    "uttar pradesh",
    "uttarakhand",
    "west bengal",
    "new south wales",
    "victoria",
    "queensland",
    "england",
    "scotland",
    "wales",
    "northern ireland",
    "usa",
    "us",
    "u.s.",
    "u.s.a.",
    "united states",
    "uk",
    "u.k.",
    "united kingdom",
    "canada",
    "australia",
    "new zealand",
    "india",
    "ireland",
    "germany",
    "france",
    "spain",
    "portugal",
    "italy",
    "netherlands",
    "belgium",
    "switzerland",
    "austria",
    "poland",
    "czech republic",
    "romania",
    "hungary",
    "greece",
    "turkey",
    "ukraine",
    "russia",
    "israel",
    "egypt",
    "nigeria",
    "kenya",
    "south africa",
    "uae",
    "united arab emirates",
    "saudi arabia",
    "qatar",
    "pakistan",
    "bangladesh",
    "sri lanka",
    "nepal",
    "singapore",
    "malaysia",
    "indonesia",
    "philippines",
    "vietnam",
    "thailand",
    "china",
    "hong kong",
    "japan",
    "korea",
];

/// Finds the first place that a stretch of text names in the form "City, Region". A region that is none of the known ones counts
/// where `is_place` says so of the whole.
pub(super) fn place_in(text: &str, is_place: impl Fn(Range<usize>) -> bool) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    for (comma, _) in text.char_indices().filter(|(_, c)| *c == ',') {
        let place = place_at(text, comma, &is_place);
        match (&found, place) {
            (None, place) => found = place,
            // In "Tallyhouse, New York, NY" the later one is the place: what seemed a region was its city.
            (Some(before), Some(place)) if place.start < before.end && place.end > before.end => found = Some(place),
            (Some(_), _) => break,
        }
    }
    found
}

/// Returns the place whose city stands before this comma.
fn place_at(text: &str, comma: usize, is_place: &impl Fn(Range<usize>) -> bool) -> Option<Range<usize>> {
    let separates = |c: char| matches!(c, ',' | '\t' | '|' | '(' | ')' | ';' | ':' | '•' | '–' | '—' | '/');
    // The city: up to three capitalised words before the comma.
    let before = &text[..comma];
    let floor = before
        .rfind(separates)
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let floor = before[floor..].rfind(" - ").map_or(floor, |at| floor + at + 3);
    let mut start = comma;
    for word in before[floor..].split_whitespace().rev().take(3) {
        if !word.starts_with(char::is_uppercase) || word.ends_with('.') || word.contains(|c: char| c.is_ascii_digit()) {
            break;
        }
        start = word.as_ptr() as usize - text.as_ptr() as usize;
    }
    if start == comma {
        return None;
    }
    // The region: a code of two capitals, or a known name, perhaps with a country behind it.
    let end_of = |from: usize| {
        text[from..]
            .find(|c| separates(c) || c == '.')
            .map_or(text.len(), |at| from + at)
    };
    let first_end = end_of(comma + 1);
    let region = text[comma + 1..first_end].trim();
    let code = region.split_whitespace().next().unwrap_or_default();
    let is_code = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    let known = |name: &str| REGIONS.contains(&name.to_lowercase().as_str());
    let shape = region.split_whitespace().count() <= 3
        && !region.is_empty()
        && region
            .split_whitespace()
            .all(|word| word.starts_with(char::is_uppercase));
    // Some write the country first.
    let reversed = shape && known(text[start..comma].trim());
    if !(is_code || known(region) || reversed || (shape && is_place(start..first_end))) {
        return None;
    }
    let mut end = comma + 1 + text[comma + 1..first_end].trim_end().len();
    if is_code && !known(region) {
        let zip = region[2..].trim();
        let is_zip = zip.len() >= 5 && zip.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !is_zip {
            end = comma + 1 + text[comma + 1..].find(code).unwrap_or(0) + 2;
        }
    }
    if text[first_end..].starts_with(',') && known(text[first_end + 1..end_of(first_end + 1)].trim()) {
        end = first_end + 1 + text[first_end + 1..end_of(first_end + 1)].trim_end().len();
    }
    Some(start..end)
}
