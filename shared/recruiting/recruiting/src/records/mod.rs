//! The records of jobs, of candidates and of what was said about both.
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`Job`] | `JOB#<id>` | `JOB` | `JOBS#<tenant>` | `<id>` |
//! | [`FeedJob`] | `FEED#<shard>` | `<id>` | | |
//! | [`Match`] | `MATCH#<candidate>` | `<job>#<tenant>` | | |
//! | [`Feedback`] | `FEEDBACK#<job>` | `<candidate>#<member>` | | |
//! | [`Candidate`] | `CANDIDATE#<id>` | `CANDIDATE` | `CANDIDATES#<tenant>` | `<id>` |
//! | [`ConsentRecord`] | `CANDIDATE#<id>` | `CONSENT#<id>` | `CONSENTS_DUE#<shard>` | `<day>#<id>` |
//! | [`ConsentEnd`] | `CONSENT_END#<candidate>` | `<consent>` | | |
//! | [`ReadResume`] | `CANDIDATE#<id>` | `RESUME` | | |
//! | [`ResumeCorrections`] | `CANDIDATE#<id>` | `CORRECTIONS` | | |

mod candidate;
mod correction;
mod job;

pub use candidate::{
    AwaitedFile, Candidate, CandidateSource, Consent, ConsentEnd, ConsentRecord, ConsentScope, ReadResume, Reading,
    ReadingStatus,
};
pub use correction::{ResumeCorrection, ResumeCorrections};
pub use job::{FeedJob, Feedback, Job, JobStatus, Match};

use inventure_table::Record;

/// The partitions of these records in the main table.
pub const PARTITIONS: &[&str] = &[
    Job::PARTITION,
    FeedJob::PARTITION,
    Match::PARTITION,
    Feedback::PARTITION,
    Candidate::PARTITION,
    ConsentEnd::PARTITION,
];

/// The partitions of these records in the main table's index.
pub const INDEXES: &[&str] = &[Job::INDEX, Candidate::INDEX, ConsentRecord::INDEX];

#[cfg(test)]
mod tests;
