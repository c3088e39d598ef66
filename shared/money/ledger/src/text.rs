//! Texts with rules: ids that other rooms give, reasons, and amounts as strings.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest id, in bytes.
pub const REFERENCE_BYTES_MAX: usize = 120;

/// The longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 500;

/// An id that another room made, of a deal or of a money operation. It has 1 to 120 ASCII letters, digits, `-`, `_`, `.` and `:`. The
/// maker derives it from what it stands for (`payout:pla_…:1`), so a caller that tries again finds the same one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(String);

/// A text that is no [`Reference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to {REFERENCE_BYTES_MAX} ASCII letters, digits, `-`, `_`, `.` and `:`")]
pub struct InvalidReference;

impl Reference {
    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
        if text.is_empty() || text.len() > REFERENCE_BYTES_MAX || !text.bytes().all(plain) {
            return Err(InvalidReference);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

/// The reason for a booking, in words: 1 to 500 characters, none of them a control character. No personal data: it is kept for ever.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reason(String);

/// A text that is no [`Reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason has 1 to {REASON_CHARS_MAX} characters and no control characters")]
pub struct InvalidReason;

impl Reason {
    /// The text of the reason.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reason {
    type Err = InvalidReason;

    fn from_str(text: &str) -> Result<Self, InvalidReason> {
        if text.trim().is_empty() || text.chars().count() > REASON_CHARS_MAX || text.chars().any(char::is_control) {
            return Err(InvalidReason);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

/// Reads anything that is parsed from its text.
pub(crate) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    Cow::<'de, str>::deserialize(deserializer)?
        .parse()
        .map_err(de::Error::custom)
}

/// Minor units as a string in JSON, since they may have more than 53 bits: `#[serde(with = "minor_units")]`.
pub mod minor_units {
    use super::{Cow, Deserialize, Deserializer, Serializer, de};

    /// Writes the digits.
    pub fn serialize<S: Serializer>(minor_units: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(minor_units)
    }

    /// Reads the one spelling of a number: no plus, no leading zeros, no `-0`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse::<i64>()
            .ok()
            .filter(|number| number.to_string() == text)
            .ok_or_else(|| de::Error::custom("expected minor units as a string of digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_plain() {
        for text in ["a", "payout:pla_01:1", "A-b_c.d", &"x".repeat(120)] {
            assert_eq!(text.parse::<Reference>().unwrap().as_str(), text);
        }
        for text in ["", "a/b", "a b", "é", "a\n", &"x".repeat(121)] {
            assert_eq!(text.parse::<Reference>(), Err(InvalidReference), "{text:?}");
        }
    }

    #[test]
    fn a_reason_is_said_in_words() {
        for text in ["x", "Fall-off on day 59, “café”", &"é".repeat(500)] {
            assert_eq!(text.parse::<Reason>().unwrap().as_str(), text);
        }
        for text in ["", "  ", "a\nb", "a\u{0}", &"é".repeat(501)] {
            assert_eq!(text.parse::<Reason>(), Err(InvalidReason), "{text:?}");
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Amount(#[serde(with = "minor_units")] i64);
        for number in [0, -1, i64::MAX, i64::MIN] {
            let json = format!("\"{number}\"");
            assert_eq!(serde_json::to_string(&Amount(number)).unwrap(), json);
            assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), Amount(number));
        }
        for json in [
            "1",
            "\"+1\"",
            "\"01\"",
            "\"-0\"",
            "\"\"",
            "\"1.0\"",
            "\"9223372036854775808\"",
        ] {
            assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
        }
    }
}
