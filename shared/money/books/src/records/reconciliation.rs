use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use inventure_table::{Key, Record};

/// The result of a reconciliation of the books with the payment processor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// The start of the compared time.
    pub from: Timestamp,
    /// The end of the compared time, exclusive.
    pub until: Timestamp,
    /// The number of things that were compared.
    pub compared: u64,
    /// The differences, in records from before differences were items of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// The number of [`FoundDifference`]s beside it.
    #[serde(default)]
    pub found: u32,
    /// Both sides' balances.
    pub balances: Vec<BalanceLine>,
    /// The last entry of each of the ledger's cash accounts that was read.
    pub seen: BTreeMap<String, u64>,
    /// The moment from which the next one looks for the processor's fees; nothing in records from before fees were booked.
    #[serde(default)]
    pub fees_until: Option<Timestamp>,
}

/// The kind of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// A transfer to a broker.
    Transfer,
    /// An amount that was taken back of a transfer.
    Reversal,
    /// An event that the processor sent and that never arrived.
    EventMissed,
    /// Something that was begun more than a day ago and has not ended.
    Open,
    /// The balance of a currency.
    Balance,
    /// A part of the comparison that could not be made.
    Unchecked,
}

impl DifferenceKind {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Reversal => "reversal",
            Self::EventMissed => "event_missed",
            Self::Open => "open",
            Self::Balance => "balance",
            Self::Unchecked => "unchecked",
        }
    }
}

/// Something that the two sides do not agree on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The kind of the difference.
    pub kind: DifferenceKind,
    /// Ours or the processor's id of it; of a balance, the currency.
    pub id: String,
    /// The amount in the books, where they have it.
    pub books_minor_units: Option<i64>,
    /// The amount at the processor, where the processor has it.
    pub processor_minor_units: Option<i64>,
}

/// The platform's balance in a currency, on both sides, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceLine {
    /// The currency's code in ISO 4217.
    pub currency: String,
    /// The books' cash.
    pub books_minor_units: i64,
    /// The least that the processor should have: less what is on its way out.
    pub least_minor_units: i64,
    /// The most that the processor should have. It includes what the books have paid back and the processor has not yet.
    pub most_minor_units: i64,
    /// The balance that the processor has.
    pub processor_minor_units: i64,
}

impl BalanceLine {
    /// Whether the sides agree, as far as one can know while money is on its way.
    #[must_use]
    pub fn agrees(&self) -> bool {
        (self.least_minor_units..=self.most_minor_units).contains(&self.processor_minor_units)
    }
}

impl Reconciliation {
    /// The key of the one that compared up to a moment, to the second.
    #[must_use]
    pub fn key_of(until: Timestamp) -> Key {
        Key::new(Self::PARTITION, format!("{:012}", until.as_second()))
    }
}

impl Record for Reconciliation {
    const ENTITY: &'static str = "reconciliation";
    /// One partition, in the order of time. One a day: ten years are 3,650.
    const PARTITION: &'static str = "RECONCILIATIONS";

    fn key(&self) -> Key {
        Self::key_of(self.until)
    }
}

/// A difference that a reconciliation found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundDifference {
    /// The end of what the reconciliation compared.
    pub until: Timestamp,
    /// Its number in that, from 0.
    pub number: u32,
    /// The difference that was found.
    pub difference: Difference,
}

impl FoundDifference {
    /// The partition of a reconciliation's differences, in the order in which they were found.
    #[must_use]
    pub fn partition(until: Timestamp) -> String {
        format!("{}{:012}", Self::PARTITION, until.as_second())
    }
}

impl Record for FoundDifference {
    const ENTITY: &'static str = "reconciliation_difference";
    const PARTITION: &'static str = "DIFFERENCES#";

    fn key(&self) -> Key {
        Key::new(Self::partition(self.until), format!("{:08}", self.number))
    }
}

/// The stage of a reconciliation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStage {
    /// The processor's list is compared with the books.
    Processor,
    /// The books' entries are compared with the processor.
    Books,
    /// The processor's fees are booked.
    Fees,
    /// The things that are open, and the balances, are compared.
    Balances,
}

impl RunStage {
    /// The name in logs and differences.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Processor => "processor",
            Self::Books => "books",
            Self::Fees => "fees",
            Self::Balances => "balances",
        }
    }
}

/// A reconciliation that has begun and is not over. There is one at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReconciliationRun {
    /// The start of the compared time.
    pub from: Timestamp,
    /// The end of the compared time, exclusive.
    pub until: Timestamp,
    /// The processor's list is compared up to here.
    pub reached: Timestamp,
    /// The stage that comes next.
    pub stage: RunStage,
    /// The last entry of each of the ledger's cash accounts that was read.
    pub seen: BTreeMap<String, u64>,
    /// The processor's fees were looked at up to here; nothing where they never were.
    #[serde(default)]
    pub fees_from: Option<Timestamp>,
    /// The moment of the first fee of this run that could not be booked.
    #[serde(default)]
    pub fees_missing_from: Option<Timestamp>,
    /// The number of things that were compared so far.
    pub compared: u64,
    /// The number of differences that were found so far.
    pub differences: u32,
    /// The number of times in a row that the next step failed.
    pub failures: u32,
    /// Grows by one with every write.
    pub version: u64,
}

impl ReconciliationRun {
    /// The key of the run.
    #[must_use]
    pub fn place() -> Key {
        Key::new(Self::PARTITION, "RUN")
    }
}

impl Record for ReconciliationRun {
    const ENTITY: &'static str = "reconciliation_run";
    const PARTITION: &'static str = "RECONCILIATION_RUN";

    fn key(&self) -> Key {
        Self::place()
    }
}
