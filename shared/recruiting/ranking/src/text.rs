//! Words and terms of a text. Every text of the index is cut in this way, so that a job and a resume meet on the same terms.

/// Words that say nothing about a person's work; sorted, for binary search.
const STOP_WORDS: [&str; 128] = [
    "a",
    "about",
    "above",
    "across",
    "after",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "been",
    "before",
    "being",
    "below",
    "between",
    "both",
    "but",
    "by",
    "can",
    "candidate",
    "did",
    "do",
    "does",
    "done",
    "during",
    "each",
    "etc",
    "few",
    "for",
    "from",
    "further",
    "had",
    "has",
    "have",
    "having",
    "here",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "itself",
    "job",
    "just",
    "like",
    "may",
    "me",
    "might",
    "more",
    "most",
    "must",
    "my",
    "no",
    "nor",
    "not",
    "of",
    "off",
    "on",
    "once",
    "one",
    "only",
    "or",
    "other",
    "our",
    "ours",
    "out",
    "over",
    "own",
    "per",
    "same",
    "shall",
    "should",
    "so",
    "some",
    "such",
    "than",
    "that",
    "the",
    "their",
    "theirs",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "through",
    "to",
    "too",
    "two",
    "under",
    "until",
    "up",
    "upon",
    "us",
    "use",
    "used",
    "using",
    "various",
    "very",
    "via",
    "was",
    "we",
    "well",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "will",
    "with",
    "within",
    "without",
    "would",
    "you",
    "your",
    "yours",
];

/// Longest word kept, in bytes; longer ones are encoded data, not language.
const WORD_MAX_BYTES: usize = 40;

/// The words of `text` in lower case with their byte ranges. A word is letters and digits, with `+` and `#` at its end and
/// `.` inside, so that `C++`, `C#`, `node.js` and `.net` survive.
pub fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    let mut offset = 0;
    std::iter::from_fn(move || {
        let start = rest.find(char::is_alphanumeric)?;
        let tail = &rest[start..];
        let mut end = tail.find(|c: char| !c.is_alphanumeric()).unwrap_or(tail.len());
        // `node.js`, `3.5`: a dot between letters or digits belongs to the word.
        while let Some(after) = tail[end..].strip_prefix('.') {
            let more = after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len());
            if more == 0 {
                break;
            }
            end += 1 + more;
        }
        end += tail[end..]
            .find(|c| !matches!(c, '+' | '#'))
            .unwrap_or(tail.len() - end)
            .min(2);
        let at = offset + start;
        rest = &tail[end..];
        offset = at + end;
        Some((at, &tail[..end]))
    })
}

/// The terms of `text`: its words in lower case, without stop words, plurals folded.
pub fn terms(text: &str) -> impl Iterator<Item = String> {
    words(text).filter_map(|(_, word)| term(word))
}

/// The term one word stands for; `None` for stop words, single letters other than `c` and `r`, and encoded data.
#[must_use]
pub fn term(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let single = lower.chars().nth(1).is_none() && !matches!(lower.as_str(), "c" | "r");
    if single || lower.len() > WORD_MAX_BYTES || STOP_WORDS.binary_search(&lower.as_str()).is_ok() {
        return None;
    }
    Some(singular(lower))
}

/// The S-stemmer (Harman 1991): folds English plurals and touches nothing else.
#[must_use]
pub fn singular(mut word: String) -> String {
    let plain = word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    // "devops" is a trade, not several of something.
    if !plain || !word.ends_with('s') || word.ends_with("devops") || word == "mlops" {
        return word;
    }
    if word.ends_with("ies") && !word.ends_with("eies") && !word.ends_with("aies") {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if !word.ends_with("us") && !word.ends_with("ss") && !word.ends_with("is") {
        word.pop();
    }
    word
}

/// `text` cut at a character boundary to at most `max` characters.
#[must_use]
pub fn clip(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn words_of_the_trade_survive() {
        let found: Vec<_> = words("C++, C# & node.js; .NET 4.8. R&D (Zürich)...")
            .map(|(_, word)| word)
            .collect();
        assert_eq!(found, ["C++", "C#", "node.js", "NET", "4.8", "R", "D", "Zürich"]);
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "Über-Node.js++++ x";
        assert!(words(text).all(|(at, word)| text[at..].starts_with(word)));
        assert_eq!(words(text).count(), 3);
    }

    #[test]
    fn terms_fold_plurals_and_drop_noise() {
        let found: Vec<_> = terms("The Managers of databases and companies; analysis, business, C, x").collect();
        assert_eq!(found, ["manager", "database", "company", "analysis", "business", "c"]);
    }
}
