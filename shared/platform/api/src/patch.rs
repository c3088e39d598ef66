//! Fields of a change (`PATCH`): left out they stay, stated they replace, and `null` clears what can be absent.

use serde::{Deserialize, Deserializer};

/// Reads a field that can be cleared: `None` where it is left out, `Some(None)` for `null`.
///
/// # Errors
/// As the value's own.
pub fn clearable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(input).map(Some)
}

/// Reads a field that can be left out and not be cleared.
///
/// # Errors
/// As the value's own, which `null` is none of.
pub fn stated<'de, T: Deserialize<'de>, D: Deserializer<'de>>(input: D) -> Result<Option<T>, D::Error> {
    T::deserialize(input).map(Some)
}
