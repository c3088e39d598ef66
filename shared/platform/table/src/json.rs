//! Fields kept as JSON text, for what has more structure than queries and conditions look into: `#[serde(with = "inventure_table::json")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

/// Writes a value as the text of its JSON.
///
/// # Errors
/// Fails where the value has no JSON, as a map whose keys are no texts.
pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let text = serde_json::to_string(value).map_err(serde::ser::Error::custom)?;
    serializer.serialize_str(&text)
}

/// Reads a value from the text of its JSON.
///
/// # Errors
/// Fails where the text is no JSON of such a value.
pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text).map_err(serde::de::Error::custom)
}
