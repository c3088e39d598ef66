//! Cuts text into tokens, each with its byte and character offsets and the white space before it.

/// The kind of characters that a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, or letters and then letters and digits (`J2EE`).
    Word,
    /// A run of digits.
    Number,
    /// One character that is neither letter, digit nor white space.
    Mark,
    /// A run of `\xe2\x80\xa2`: bytes that a careless exporter wrote out as text, nearly always a bullet or a dash.
    Escape,
    /// A whole email address.
    Email,
    /// A whole web address.
    Url,
}

/// The white space before a token, from closest to farthest. From `Wide` on the token starts a new segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Gap {
    /// No white space.
    Joined,
    /// One single space.
    Space,
    /// Two or more spaces or a tab: what is left of a line break in flattened documents.
    Wide,
    /// A line break.
    Line,
    /// An empty line, or the start of the text.
    Blank,
}

/// A token of a text. Ends are exclusive.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// The byte offset of the start.
    pub start: usize,
    /// The byte offset of the end.
    pub end: usize,
    /// The character offset of the start.
    pub start_char: u32,
    /// The character offset of the end.
    pub end_char: u32,
    /// The kind of characters in the token.
    pub kind: TokenKind,
    /// The white space before the token.
    pub gap: Gap,
}

/// Returns the tokens of `text`, in order, at most `limit` of them. Linear in the length of the text.
#[must_use]
pub fn tokenize(text: &str, limit: usize) -> Vec<Token> {
    let mut tokens = Vec::with_capacity((text.len() / 5).min(limit));
    let mut start = 0;
    let mut start_char = 0;
    let mut gap = Gap::Blank;
    while tokens.len() < limit {
        let rest = &text[start..];
        let space: usize = rest.chars().take_while(|c| is_space(*c)).map(char::len_utf8).sum();
        if space > 0 {
            let blank = &rest[..space];
            gap = gap.max(gap_of(blank));
            start += space;
            start_char += blank.chars().count() as u32;
            continue;
        }
        if rest.is_empty() {
            break;
        }
        let (kind, length) = next(rest);
        let end = start + length;
        let end_char = start_char + rest[..length].chars().count() as u32;
        tokens.push(Token {
            start,
            end,
            start_char,
            end_char,
            kind,
            gap,
        });
        (start, start_char, gap) = (end, end_char, Gap::Joined);
    }
    tokens
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}'
}

fn gap_of(blank: &str) -> Gap {
    match blank.bytes().filter(|b| *b == b'\n').count() {
        0 if blank.chars().count() > 1 || blank == "\t" => Gap::Wide,
        0 => Gap::Space,
        1 => Gap::Line,
        _ => Gap::Blank,
    }
}

/// Returns the kind and the length in bytes of the token at the start of `rest`. `rest` is not empty and does not start with
/// white space.
fn next(rest: &str) -> (TokenKind, usize) {
    let escape = escapes(rest);
    if escape > 0 {
        return (TokenKind::Escape, escape);
    }
    let Some(first) = rest.chars().next() else {
        return (TokenKind::Mark, rest.len());
    };
    if first.is_ascii_alphanumeric() {
        if let Some(length) = url(rest) {
            return (TokenKind::Url, length);
        }
        if let Some(length) = email(rest) {
            return (TokenKind::Email, length);
        }
    }
    let run = |accept: fn(char) -> bool| rest.chars().take_while(|c| accept(*c)).map(char::len_utf8).sum();
    if first.is_alphabetic() {
        (TokenKind::Word, run(|c| c.is_alphanumeric() || is_combining(c)))
    } else if first.is_numeric() {
        (TokenKind::Number, run(char::is_numeric))
    } else {
        (TokenKind::Mark, first.len_utf8())
    }
}

/// Whether a character is an accent that some PDF writers put behind its letter as a character of its own.
fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Returns the length of the run of `\xHH` at the start.
fn escapes(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut length = 0;
    while let Some([b'\\', b'x', high, low]) = bytes.get(length..length + 4) {
        if !(high.is_ascii_hexdigit() && low.is_ascii_hexdigit()) {
            break;
        }
        length += 4;
    }
    length
}

/// The longest local part and the longest domain that mail knows.
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;

fn email(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let local = bytes
        .iter()
        .take(LOCAL_MAX + 1)
        .take_while(|b| b.is_ascii_alphanumeric() || b"._%+'-".contains(b))
        .count();
    if local > LOCAL_MAX || bytes.get(local) != Some(&b'@') {
        return None;
    }
    let domain = &bytes[local + 1..];
    let mut length = domain
        .iter()
        .take(DOMAIN_MAX)
        .take_while(|b| b.is_ascii_alphanumeric() || b".-".contains(b))
        .count();
    while length > 0 && !domain[length - 1].is_ascii_alphanumeric() {
        length -= 1;
    }
    let top = domain[..length].rsplit(|b| *b == b'.').next()?;
    let dotted = domain[..length].contains(&b'.');
    (dotted && top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic)).then_some(local + 1 + length)
}

fn url(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let starts = |prefix: &[u8]| {
        bytes
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if !(starts(b"http://")
        || starts(b"https://")
        || starts(b"www.")
        || starts(b"linkedin.com/")
        || starts(b"github.com/"))
    {
        return None;
    }
    let mut length = bytes
        .iter()
        .take_while(|b| b.is_ascii_graphic() && !b"<>()[]{}\"|,;\\".contains(b))
        .count();
    while length > 0 && b".:!?'".contains(&bytes[length - 1]) {
        length -= 1;
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokenize(text, 1000).iter().map(|t| &text[t.start..t.end]).collect()
    }

    #[test]
    fn splits_words_numbers_and_marks() {
        assert_eq!(
            texts("C++, J2EE (2years)"),
            ["C", "+", "+", ",", "J2EE", "(", "2", "years", ")"]
        );
        assert_eq!(texts(r"\xe2\x80\xa2 Led"), [r"\xe2\x80\xa2", "Led"]);
    }

    #[test]
    fn keeps_addresses_whole() {
        assert_eq!(
            texts("Mail: romeo.o'connell@mail.example.org. See https://example.org/in/a-b."),
            [
                "Mail",
                ":",
                "romeo.o'connell@mail.example.org",
                ".",
                "See",
                "https://example.org/in/a-b",
                "."
            ]
        );
        assert_eq!(texts("a@b @c"), ["a", "@", "b", "@", "c"]);
    }

    #[test]
    fn gaps_tell_lines_from_spaces() {
        let gaps: Vec<Gap> = tokenize("a b  c\nd\n\ne,", 10).iter().map(|t| t.gap).collect();
        assert_eq!(
            gaps,
            [Gap::Blank, Gap::Space, Gap::Wide, Gap::Line, Gap::Blank, Gap::Joined]
        );
    }

    #[test]
    fn character_offsets_slice_the_same_text() {
        let text = "Zoë Müller — naïve\n李小龍 𝒳 e\u{301}t";
        let characters: Vec<char> = text.chars().collect();
        for token in tokenize(text, 100) {
            let sliced: String = characters[token.start_char as usize..token.end_char as usize]
                .iter()
                .collect();
            assert_eq!(sliced, text[token.start..token.end]);
        }
    }

    #[test]
    fn stops_at_the_limit() {
        assert_eq!(tokenize("a b c d", 2).len(), 2);
    }
}
