use inventure_ledger::pieces::Place;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::table::Key;

/// The seal of a day (`inventure_ledger::seal::Seal`) and where the heads under it are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SealRecord {
    /// The day.
    pub date: Date,
    /// The seal, JSON.
    pub seal: String,
    /// The object that holds all heads, of an older seal that has no pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heads_key: Option<String>,
    /// What the keys of its pieces begin with (`inventure_ledger::pieces`). Older seals have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<String>,
}

/// The key of a piece, below what the keys of a seal's pieces begin with.
#[must_use]
pub fn piece_key(pieces: &str, place: Place) -> String {
    format!("{pieces}/{}/{}.json", place.level, place.number)
}

impl SealRecord {
    /// The partition of all seals, in the order of their days. One a day: ten years are 3,650.
    pub const PARTITION: &'static str = "SEALS";

    /// Where the seal of a day is stored.
    #[must_use]
    pub fn key_of(date: Date) -> Key {
        Key::new(Self::PARTITION, date.to_string())
    }
}

impl Record for SealRecord {
    const ENTITY: &'static str = "seal";

    fn key(&self) -> Key {
        Self::key_of(self.date)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seals_of_either_form_are_read() {
        let read = |record| -> SealRecord { serde_json::from_value(record).unwrap() };
        let old = read(json!({ "date": "2026-01-05", "seal": "{}", "heads_key": "seals/heads.json" }));
        assert_eq!((old.heads_key.as_deref(), old.pieces), (Some("seals/heads.json"), None));
        let new = read(json!({ "date": "2026-01-05", "seal": "{}", "pieces": "seals/2026-01-05" }));
        assert_eq!((new.heads_key, new.pieces.as_deref()), (None, Some("seals/2026-01-05")));
    }
}
