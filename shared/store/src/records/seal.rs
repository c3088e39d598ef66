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
    /// The object that holds the heads.
    pub heads_key: String,
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
