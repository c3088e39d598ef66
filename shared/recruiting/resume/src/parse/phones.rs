//! Finds telephone numbers: digits that are written as one, where the person's contact stands, and that some country has.

use std::{ops::Range, sync::LazyLock};

use phonenumber::country::Id;
use regex::Regex;

use super::regex;
use crate::places;

static CANDIDATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)(?:\+|\b00)?\(?\+?\d[\d\s().–/-]{5,44}\d(?:,?\s?(?:x|ext|extension)\.?\s?\d{1,6})?|(?:\+|\b00)\d{7,15}\b|\b\d{9,11}\b",
    )
});
/// Words before digits that say that they are something else.
static OTHERWISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:iban|bic|swift|vat|ust|tva|btw|isbn|issn|orcid|doi|gpa|cgpa|grade|score|passport|member(?:ship)?|licen[cs]e|registration|reg|invoice|tender|account|acct|tax|ssn|nino|nmc|gmc|pin|id|no|nr|number|ref|born|birth|dob|zip|postcode|code|patent|budget|revenue|amount)\b\.?\s*(?:no\.?|nr\.?|number|id|#)?\s*:?\s*#?\s*[A-Z]{0,3}$",
    )
});
/// Words before digits that say that they are a telephone number.
static CUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)(?:\b(?:phone|telephone|tel|tél|téléphone|telefon|telefoon|teléfono|telefone|mobile|mob|móvil|handy|cell|cellular|call|whatsapp|contact|fixe|portable|gsm|fax|ph|hp|m|p|t|h)\b\.?\s*(?:no\.?|number|nr\.?|\((?:home|work|mobile|m|h|w)\)|\+)?\s*[:.|]?\s*|[☎📞📱✆])$",
    )
});

/// The countries that are tried where nothing says which it is, by how many resumes come from each.
const USUAL: [Id; 4] = [Id::US, Id::GB, Id::IN, Id::AU];

/// A telephone number in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phone {
    /// The place of the number, in bytes of the text.
    pub range: Range<usize>,
    /// The probability that it is one.
    pub confidence: f32,
}

/// Returns the country codes that the places of a text name, in their order.
pub(super) fn countries(text: &str) -> Vec<Id> {
    let mut found: Vec<Id> = Vec::new();
    let mut add = |code: &str| {
        if let Ok(id) = code.parse::<Id>()
            && !found.contains(&id)
        {
            found.push(id);
        }
    };
    for part in text.split([',', '|', '\n', '\t', '•', '·', '(', ')', ';', '/']) {
        let part = part
            .trim()
            .trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '-');
        if (3..=40).contains(&part.len())
            && let Some(codes) = places::countries(part)
        {
            codes.take(2).for_each(&mut add);
        } else if part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase()) {
            // The code of a state behind its city.
            let code = part;
            if crate::entities::words::STATE_CODES
                .split(' ')
                .any(|state| state == code)
            {
                add("US");
            } else if ["ON", "QC", "BC", "AB", "MB", "NS", "SK", "NB"].contains(&code) {
                add("CA");
            } else if code == "UK" {
                add("GB");
            }
        }
    }
    found
}

/// Returns the numbers of one line. `near` are the countries whose numbers may stand there; `own` is set where the line is about
/// the person. Each run of digits that is looked at takes one of the `tries`, and without any nothing is found.
pub(super) fn find(line: &str, near: &[Id], own: bool, tries: &mut usize) -> Vec<Phone> {
    let Some(pattern) = CANDIDATE.as_ref() else {
        return Vec::new();
    };
    if *tries == 0 || !pattern.is_match(line) {
        return Vec::new();
    }
    let dates = super::dates::periods(line, super::dates::Order::Unknown);
    let mut found: Vec<Phone> = Vec::new();
    for hit in pattern.find_iter(line).take(16) {
        let before = &line[..hit.start()];
        let is_cued = CUE.as_ref().is_some_and(|cue| cue.is_match(before))
            || found
                .last()
                .is_some_and(|last| goes_on(&line[last.range.end..hit.start()]));
        let is_other = !is_cued && OTHERWISE.as_ref().is_some_and(|other| other.is_match(before));
        let glued = before.ends_with(|c: char| {
            c.is_alphanumeric() || matches!(c, '@' | '$' | '€' | '£' | '.' | '_' | '#' | '/' | '=')
        });
        let glued = glued || line[hit.end()..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '%' | '@'));
        let is_date = dates
            .iter()
            .any(|date| date.range.start < hit.end() && hit.start() < date.range.end && !hit.as_str().starts_with('+'));
        if is_other || is_date || (glued && !is_cued) || !(own || is_cued) {
            continue;
        }
        let Some(left) = tries.checked_sub(1) else { break };
        *tries = left;
        for (range, sure) in numbers(hit.as_str(), near, is_cued) {
            found.push(Phone {
                range: hit.start() + range.start..hit.start() + range.end,
                confidence: if is_cued { sure.max(0.95) } else { sure },
            });
        }
    }
    found
}

/// Whether what stands between two numbers makes the second one as well.
fn goes_on(between: &str) -> bool {
    let between = between.trim().to_lowercase();
    matches!(between.as_str(), "," | "/" | "|" | "or" | "and" | "&" | ";")
}

/// The most groups of digits of one number.
const GROUPS_MAX: usize = 8;

/// Returns the numbers in a run of digits and signs. A postcode before one, or a second number behind it, is cut off.
fn numbers(run: &str, near: &[Id], is_cued: bool) -> Vec<(Range<usize>, f32)> {
    let groups: Vec<Range<usize>> = run
        .split_inclusive([' ', '/', '\t'])
        .scan(0, |at, part| {
            let start = *at;
            *at += part.len();
            Some(start..start + part.trim_end_matches([' ', '/', '\t']).len())
        })
        .filter(|group| !group.is_empty())
        .collect();
    let mut numbers = Vec::new();
    // From the back: a postcode stands before a number, and the first number before the second.
    let mut end = groups.len();
    while end > 0 {
        let found = (end.saturating_sub(GROUPS_MAX)..end).find_map(|first| {
            let range = groups[first].start..groups[end - 1].end;
            let text = run[range.clone()].trim_end_matches(['-', '.', '(', '–']);
            let sure = sure_of(text, near, is_cued)?;
            Some((first, range.start..range.start + text.len(), sure))
        });
        match found {
            Some((first, range, sure)) => {
                numbers.push((range, sure));
                end = first;
            }
            None => end -= 1,
        }
    }
    numbers.reverse();
    numbers
}

/// Returns how sure it is that a text is a telephone number; `None` where no country has such a one.
fn sure_of(text: &str, near: &[Id], is_cued: bool) -> Option<f32> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if !(7..=20).contains(&digits) || text.matches('(').count() != text.matches(')').count() {
        return None;
    }
    let valid = |country: Option<Id>| phonenumber::parse(country, text).is_ok_and(|number| number.is_valid());
    if text.starts_with('+') || text.starts_with("(+") {
        return valid(None)
            .then_some(0.98)
            .or_else(|| (is_cued || digits >= 9).then_some(0.8));
    }
    if near.iter().any(|country| valid(Some(*country))) {
        return Some(0.97);
    }
    let grouped = text.contains(['-', '.', ' ', '(']);
    if (grouped || is_cued) && USUAL.iter().any(|country| valid(Some(*country))) {
        return Some(0.85);
    }
    // Numbers of the ranges that are kept free for fiction are no country's, and are written as real ones are.
    let shape = AMERICAN.as_ref().is_some_and(|shape| shape.is_match(text));
    (shape || (is_cued && digits >= 8)).then_some(0.8)
}

static AMERICAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"(?i)^(?:1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?:,?\s?(?:x|ext|extension)\.?\s?\d{1,6})?$")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn own(line: &str) -> Vec<&str> {
        let near = countries(line);
        find(line, &near, true, &mut 16)
            .into_iter()
            .map(|phone| &line[phone.range])
            .collect()
    }

    #[test]
    fn numbers_are_told_from_what_looks_like_them() {
        for (line, expected) in [
            ("Pleasantville, CA 94588 (555) 123-4567", vec!["(555) 123-4567"]),
            ("Pune, India 09304398005", vec!["09304398005"]),
            ("GPA: 3.66 (9.15/10.0)", vec![]),
            ("IBAN NL02 ABNA 0123 4567 89", vec![]),
            ("Tel: 020 7946 0958", vec!["020 7946 0958"]),
            ("Member no. 555-0100-2231", vec![]),
            ("+1 (415) 555-0142 ext. 7", vec!["+1 (415) 555-0142 ext. 7"]),
            ("Invoice 2019-2020-0045", vec![]),
            (
                "Mobile: +91-98765-43210, +91 98765 43211",
                vec!["+91-98765-43210", "+91 98765 43211"],
            ),
            ("Passport A1234567, born 12.04.1988", vec![]),
            ("ISBN 978-3-16-148410-0", vec![]),
            ("ORCID 0000-0002-1825-0097", vec![]),
            ("2015 - 2019", vec![]),
            ("Leeds, UK | 07700 900123 | a@b.example", vec!["07700 900123"]),
            ("VAT DE 123456789", vec![]),
            ("415-555-0187 / 415-555-0188", vec!["415-555-0187", "415-555-0188"]),
            ("Berlin, Germany, 030 901820", vec!["030 901820"]),
            ("Athlone, South Africa 29704 082/300 4527", vec!["082/300 4527"]),
            ("Zürich  +41 44 668 18 00", vec!["+41 44 668 18 00"]),
        ] {
            assert_eq!(own(line), expected, "{line}");
        }
        assert!(find("called 415 555 0187 times", &[], false, &mut 16).is_empty());
    }

    #[test]
    fn no_more_runs_of_digits_are_looked_at_than_there_are_tries() {
        let mut tries = 3;
        let found = |line: &str, tries: &mut usize| find(line, &[], true, tries).len();
        assert_eq!(found("415-555-0187 / 415-555-0188", &mut tries), 2);
        assert_eq!(found("No digits, and 2015 - 2019", &mut tries), 0);
        let left = tries;
        assert!((1..3).contains(&left));
        for _ in 0..left {
            assert_eq!(found("415-555-0189", &mut tries), 1);
        }
        assert_eq!(found("415-555-0190", &mut tries), 0);
    }
}
