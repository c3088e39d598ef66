//! Denials of what a job ad names: "no PHP needed", "not a permanent role".

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{pattern, sections};

/// The bytes of a sentence that are looked at, before and behind a name.
const NEAR: usize = 240;

/// The beginning of a sentence that asks for none of the names after it.
static NOT_ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:(?:do|does|will|would|need|must|should)(?: not|n['’]t)|cannot|never|no longer|no need to|no need for)(?: (?:currently|actually|really|even|ever))?(?: (?:use|need|require|expect|want|ask for|know|touch|run|work with|have to know|have to have))?(?: you)?(?: to (?:know|have|use|learn|bring|work with))?(?: (?:any|prior|previous|experience (?:in|with|of)|knowledge of|experience|knowledge))*)(?P<list>[^.;:–—()]*)$",
    )
});

/// Verbs of which a denial must have one: "do not hesitate" denies nothing that is asked.
static ASKS: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)\b(?:use|need|require|expect|want|ask for|know|touch|run|work with|learn|bring)\b"));

/// Words by which a list of names is over.
static NO_LIST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:but|instead|rather|only|however|we|you|your|our|it|is|are|though|so|because|since|if|when|to|than|that|who|which|with|for|in|as|on|use|need|require|know|want|expect)\b| - ",
    )
});

/// "No" before a name, with at most one more name between.
static NO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)\bno (?:(?:prior|previous|knowledge of|experience (?:in|with|of)) ){0,2}(?:[\w+#.]+ (?:or|and) )?$")
});

/// The end of a denial that "no" begins.
static NEEDED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?: (?:or|and) [\w+#.]+)?(?: (?:skills?|knowledge|experience|expertise))?(?: (?:is|are))? (?:needed|required|necessary|expected|wanted)\b",
    )
});

/// A denial behind a name.
static NOT_NEEDED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?: (?:skills?|knowledge|experience|expertise))?(?: (?:is|are))?|(?:,? (?:(?:or|and) )?[\w+#.]+){1,3} are)(?: not|n['’]t)(?: (?:actually|really|strictly))? (?:needed|required|necessary|used|expected)\b",
    )
});

/// Words by which what is not required is wished for all the same.
static WISHED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:but|plus|bonus|nice|helpful|advantage|welcome|desirable|ideal(?:ly)?|prefer\w*|useful|though|although)\b",
    )
});

/// The sentence before and behind a range, no further than some bytes.
fn around<'a>(text: &'a str, range: &Range<usize>) -> (&'a str, &'a str) {
    let sentence = sections::sentence(text, range.start);
    let start = sentence
        .start
        .max(text.floor_char_boundary(range.start.saturating_sub(NEAR)));
    let end = sentence
        .end
        .max(range.end)
        .min(text.floor_char_boundary(range.end + NEAR));
    (&text[start..range.start], &text[range.end..end])
}

fn says(words: &LazyLock<Option<Regex>>, text: &str) -> bool {
    words.as_ref().is_some_and(|words| words.is_match(text))
}

/// Whether a sentence says that a skill is not asked for.
pub(super) fn skill(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = around(text, range);
    let not_asked = NOT_ASKED
        .as_ref()
        .and_then(|not| not.captures(before))
        .is_some_and(|found| {
            let list = found.name("list").map_or("", |list| list.as_str());
            let asks = &found[0][..found[0].len() - list.len()];
            // "We do not use Java, Rust is our language."
            let says_more = list.contains(',') && after.trim_start().split(' ').next().is_some_and(is_verb);
            says(&ASKS, asks) && !says(&NO_LIST, list) && !says_more
        });
    let behind = says(&NOT_NEEDED, after) || says(&NO, before) && says(&NEEDED, after);
    not_asked || behind && !says(&WISHED, after)
}

fn is_verb(word: &str) -> bool {
    ["is", "are", "was", "will", "would", "must", "has"].contains(&word)
}

/// Words of a denial right before a kind of employment, with other kinds between.
static NO_KIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:not|no|never)\b|n['’]t\b)(?:[\s,]+(?:on|as|be|offer(?:ed|ing)?|an?|any|the|or|nor|full[ -]time|part[ -]time|permanent|temporary|contract|freelance|fixed[ -]term|role|position|job)\b){0,6}[\s,]*$|\bnon[ -]?$",
    )
});

/// Whether a sentence says that the employment it names here is not offered.
pub(super) fn employment(text: &str, range: &Range<usize>) -> bool {
    says(&NO_KIND, around(text, range).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_that_are_not_asked_are_told_apart() {
        for (text, denied) in [
            ("We do not use COBOL, Perl or Ruby.", true),
            ("We don't use Perl and never will touch Ruby", true),
            ("No Ruby needed.", true),
            ("No Perl or Ruby experience required", true),
            ("No prior knowledge of Ruby is necessary", true),
            ("You need not know Ruby", true),
            ("You do not need to know Perl or Ruby", true),
            ("Ruby is not required", true),
            ("Ruby and Perl are not needed", true),
            ("Ruby skills aren't expected.", true),
            ("Not only Perl but Ruby", false),
            ("We need not only Perl but Ruby", false),
            ("We do not only use Perl but Ruby", false),
            ("We do not use Perl but Ruby", false),
            ("We do not use Perl, we use Ruby", false),
            ("We do not use Perl, Ruby is our language", false),
            ("We do not use Perl. Ruby is needed.", false),
            ("No less than 3 years of Ruby required", false),
            ("Do not hesitate to apply with Ruby", false),
            ("No matter whether Perl or Ruby is needed", false),
            ("You are not afraid of Ruby", false),
            ("No legacy, Ruby required", false),
            ("Ruby is not required but a plus", false),
            ("Perl is not required, Ruby is", false),
            ("Ruby, and Perl is not required", false),
            ("You will not need long to learn our tools: Ruby", false),
            ("You do not need a degree if you know Ruby", false),
        ] {
            let at = text.rfind("Ruby").unwrap();
            let at = if text.starts_with("Ruby") { 0 } else { at };
            assert_eq!(skill(text, &(at..at + 4)), denied, "{text}");
        }
    }

    #[test]
    fn employment_that_is_not_offered_is_told_apart() {
        for (text, denied) in [
            ("This is not a permanent post.", true),
            ("Not on a permanent basis", true),
            ("A non-permanent post", true),
            ("It isn't a full-time or permanent post", true),
            ("No permanent jobs", true),
            ("Not a problem: permanent", false),
            ("Not only a permanent post", false),
            ("No agencies. A permanent post.", false),
            ("We do not wait; a permanent post", false),
            ("A permanent post", false),
        ] {
            let at = text.find("permanent").unwrap();
            assert_eq!(employment(text, &(at..at + 9)), denied, "{text}");
        }
    }
}
