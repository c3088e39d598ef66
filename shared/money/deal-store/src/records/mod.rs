//! The records of deals, of what belongs to one, and of who claims whom.
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`DealHead`] | `DEAL#<id>` | `DEAL` | `DEALS_DUE#<shard>` | `<second>#<id>` |
//! | [`DealFact`] | `DEAL#<id>` | `FACT#<number>` | | |
//! | [`Refusal`] | `REFUSALS#<tenant>` | `<fingerprint>` | | |
//! | [`SubmittedPerson`] | `DEAL#<id>` | `PERSON#<candidate>` | | |
//! | [`DealDocument`] | `DEAL#<id>` | `DOCUMENT#<id>` | | |
//! | [`ErasureDue`] | `ERASURES_DUE` | `<second>#<deal>` | | |
//! | [`DealOfTenant`] | `DEALS#<tenant>` | `<deal>` | | |
//! | [`ClaimOfPerson`] | `CLAIMS#<fingerprint>` | `<deal>#<candidate>` | | |
//! | [`PlacedPerson`] | `PLACED#<fingerprint or employer/candidate>` | `PLACED` | | |
//! | [`CandidateAsk`] | `ASKS#<tenant>` | `<mailbox's fingerprint>` | | |
//! | [`CandidateLink`] | `CANDIDATE_LINK#<hash>` | `LINK` | | |
//! | [`MailedPerson`] | `MAILED#<mailbox's fingerprint>` | `MAILED` | | |
//! | [`FeeSchedule`] | `FEE_SCHEDULES` | `<version>` | | |

mod claim;
mod deal;

pub use claim::{ClaimGrounds, ClaimOfPerson, PlacedPerson, Refusal, SubmittedPerson};
pub use deal::{
    CandidateAsk, CandidateLink, DealDocument, DealFact, DealHead, DealOfTenant, ErasureDue, FeeSchedule, LeftDeal,
    MailedPerson,
};

use inventure_table::Record;

/// The partitions of these records in the main table.
pub const PARTITIONS: &[&str] = &[
    DealHead::PARTITION,
    DealOfTenant::PARTITION,
    ClaimOfPerson::PARTITION,
    Refusal::PARTITION,
    PlacedPerson::PARTITION,
    CandidateAsk::PARTITION,
    MailedPerson::PARTITION,
    CandidateLink::PARTITION,
    ErasureDue::PARTITION,
    FeeSchedule::PARTITION,
];

/// The partitions of these records in the main table's index.
pub const INDEXES: &[&str] = &[DealHead::INDEX];
