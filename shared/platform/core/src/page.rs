//! Pages of a list, by seek: a cursor says after which key to go on. So a page costs the same however deep it lies, and
//! nothing is skipped or shown twice when rows come and go.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows, newest first unless the route says otherwise.
    pub items: Vec<T>,
    /// The cursor of the next page; absent on the last. Hand it back as `cursor` to get that page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A cursor that was not made by this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor was not made by this service")]
pub struct InvalidCursor;

/// The sort key after which a page begins. It holds nothing but a key inside the caller's own partition, so a forged one
/// reaches nothing that an honest one would not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    /// The opaque form for clients.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// Reads back what [`Cursor::encode`] wrote.
    pub fn decode(text: &str) -> Result<Self, InvalidCursor> {
        if text.len() > 256 {
            return Err(InvalidCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let key = String::from_utf8(bytes).map_err(|_| InvalidCursor)?;
        if key.is_empty()
            || !key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'#' | b'-'))
        {
            return Err(InvalidCursor);
        }
        Ok(Self(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = Cursor("job_0123".into());
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn what_is_not_a_cursor_is_refused() {
        for wrong in ["", "%%%", "a", "Zm9vIGJhcg", &"A".repeat(400)] {
            assert_eq!(Cursor::decode(wrong), Err(InvalidCursor), "{wrong}");
        }
    }
}
