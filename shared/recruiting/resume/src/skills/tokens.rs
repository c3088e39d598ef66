//! The words of a text as the lexicon sees them.

use std::ops::Range;

/// One word, `&`, or a name with a sign that belongs to it (`c++`, `c#`, `.net`).
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// The word in lower case.
    pub lower: String,
    /// The place of the word, in bytes.
    pub bytes: Range<usize>,
    /// The place of the word, in characters.
    pub chars: Range<u32>,
    /// The line of the word, from 0.
    pub line: u32,
    /// Whether its line has no lower-case letter, which makes capitals mean nothing.
    pub in_capitals_line: bool,
}

/// The most characters of a token. Longer runs are noise and are cut into pieces.
const TOKEN_CHARS_MAX: u32 = 64;

/// Returns the words of `text`, in order.
pub(super) fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars_before = 0;
    let mut bytes_before = 0;
    for (line, content) in text.split('\n').enumerate() {
        let letters = content.chars().filter(|c| c.is_alphabetic()).count();
        let capitals = letters >= 10 && !content.chars().any(char::is_lowercase);
        chars_before = line_tokens(content, bytes_before, chars_before, line as u32, capitals, &mut tokens);
        bytes_before += content.len() + 1;
    }
    tokens
}

/// Adds the words of one line. Returns the number of characters up to the start of the next line.
fn line_tokens(
    line: &str,
    bytes_before: usize,
    chars_before: u32,
    number: u32,
    in_capitals_line: bool,
    tokens: &mut Vec<Token>,
) -> u32 {
    let mut chars = line.char_indices().peekable();
    let mut at_char = chars_before;
    let mut previous = ' ';
    while let Some((start, c)) = chars.next() {
        let start_char = at_char;
        at_char += 1;
        let dot_net = c == '.'
            && !previous.is_alphanumeric()
            && line[start + 1..]
                .get(..3)
                .is_some_and(|word| word.eq_ignore_ascii_case("net"))
            && !line[start + 4..].starts_with(char::is_alphanumeric);
        previous = c;
        if !(c.is_alphanumeric() || c == '&' || dot_net) {
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some(&(at, next)) = chars.peek() {
            let belongs = c != '&'
                && at_char - start_char < TOKEN_CHARS_MAX
                && (next.is_alphanumeric()
                    || (is_apostrophe(next) && line[at + next.len_utf8()..].starts_with(char::is_alphabetic))
                    || (matches!(next, '+' | '#') && sign_belongs(&line[start..at], &line[at..])));
            if !belongs {
                break;
            }
            chars.next();
            at_char += 1;
            end = at + next.len_utf8();
            previous = next;
        }
        let lower: String = line[start..end]
            .chars()
            .map(|c| if is_apostrophe(c) { '\'' } else { c })
            .collect();
        tokens.push(Token {
            lower: lower.to_lowercase(),
            bytes: bytes_before + start..bytes_before + end,
            chars: start_char..at_char,
            line: number,
            in_capitals_line,
        });
    }
    at_char + 1
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Whether `rest`, which begins with a sign, goes on the name before it. It does in `c++`, `notepad++`, `c#`, but not in "1+2" or
/// "C+".
fn sign_belongs(name: &str, rest: &str) -> bool {
    if rest.starts_with('#') {
        return name.len() == 1;
    }
    let whole = rest.starts_with("++") && !rest[2..].starts_with(|c: char| c == '+' || (c.is_alphabetic()));
    let second = name.ends_with('+') && rest.starts_with('+');
    whole || second
}

/// Whether two tokens in a row can be words of one name.
pub(super) fn joins(text: &str, left: &Token, right: &Token) -> bool {
    let gap = &text[left.bytes.end..right.bytes.start];
    if left.line != right.line {
        // A name is broken over two lines only where the first of them is full.
        let line_start = text[..left.bytes.end].rfind('\n').map_or(0, |at| at + 1);
        return right.line - left.line == 1 && left.bytes.end - line_start >= 60 && gap.trim() == "";
    }
    gap.is_empty() || matches!(gap, "-" | "/" | "." | "_" | "‐" | "‑") || (gap.len() <= 3 && gap.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokenize(text).into_iter().map(|token| token.lower).collect()
    }

    #[test]
    fn signs_stay_with_their_names() {
        assert_eq!(
            words("C++, C#; .NET (asp.net) M&A"),
            ["c++", "c#", ".net", "asp", "net", "m", "&", "a"]
        );
        assert_eq!(words("C++11 1+2 notepad++."), ["c++11", "1", "2", "notepad++"]);
        assert_eq!(words("Raiser’s Edge"), ["raiser's", "edge"]);
    }

    #[test]
    fn places_are_counted_in_characters_over_lines() {
        let text = "é\nñ Zoë";
        let last = tokenize(text).pop().unwrap();
        assert_eq!((last.chars, last.line), (4..7, 1));
        assert_eq!(&text[last.bytes], "Zoë");
    }
}
