use inventure_ledger::{pieces::Place, seal::Seal};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use inventure_table::{Key, Record};

/// The seal of a day and where the heads under it are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SealRecord {
    /// The day that was sealed.
    pub date: Date,
    /// The seal of the day.
    #[serde(with = "inventure_table::json")]
    pub seal: Seal,
    /// The object that holds all heads, of an older seal that has no pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heads_key: Option<String>,
    /// The prefix of the keys of its pieces (`inventure_ledger::pieces`). Older seals have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<String>,
}

/// The key of a piece, below what the keys of a seal's pieces begin with.
#[must_use]
pub fn piece_key(pieces: &str, place: Place) -> String {
    format!("{pieces}/{}/{}.json", place.level, place.number)
}

impl SealRecord {
    /// The key of the seal of a day.
    #[must_use]
    pub fn key_of(date: Date) -> Key {
        Key::new(Self::PARTITION, date.to_string())
    }
}

impl Record for SealRecord {
    const ENTITY: &'static str = "seal";
    /// One partition, in the order of the days. One a day: ten years are 3,650.
    const PARTITION: &'static str = "SEALS";

    fn key(&self) -> Key {
        Self::key_of(self.date)
    }
}

#[cfg(test)]
mod tests {
    use inventure_ledger::seal::SealedDay;
    use jiff::{Timestamp, civil::date};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn seals_of_either_form_are_read() {
        let day = SealedDay::new(date(2026, 1, 5), Timestamp::UNIX_EPOCH, [], None).unwrap();
        let seal = serde_json::to_string(day.seal()).unwrap();
        let read = |key: &str, value: &str| -> SealRecord {
            let mut record = json!({ "date": "2026-01-05", "seal": seal });
            record[key] = Value::from(value);
            serde_json::from_value(record).unwrap()
        };
        let old = read("heads_key", "seals/heads.json");
        assert_eq!((old.heads_key.as_deref(), old.pieces), (Some("seals/heads.json"), None));
        let new = read("pieces", "seals/2026-01-05");
        assert_eq!((new.heads_key, new.pieces.as_deref()), (None, Some("seals/2026-01-05")));
    }
}
