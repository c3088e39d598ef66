//! Places in a text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stretch of a document's text, counted in characters (Unicode scalar values, as Python and most databases count), end
/// exclusive. Characters and not bytes, because spans leave the house in JSON and are used by programs that do not hold UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The page, from 1; absent where the format has no pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The first character.
    pub start: u32,
    /// The character one past the last.
    pub end: u32,
}

impl Span {
    /// The text this span stands for; empty where the span does not lie inside `text`.
    #[must_use]
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        let mut bounds = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let (Some(start), Some(length)) = (bounds.nth(self.start as usize), self.end.checked_sub(self.start)) else {
            return "";
        };
        let end = match length {
            0 => Some(start),
            n => bounds.nth(n as usize - 1),
        };
        end.map_or("", |end| &text[start..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_counts_characters() {
        let span = |start, end| Span { page: None, start, end };
        assert_eq!(span(0, 2).of("Zoë"), "Zo");
        assert_eq!(span(2, 3).of("Zoë"), "ë");
        assert_eq!(span(3, 3).of("Zoë"), "");
        assert_eq!(span(2, 4).of("Zoë"), "");
        assert_eq!(span(2, 1).of("Zoë"), "");
    }
}
