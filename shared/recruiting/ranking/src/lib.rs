//! Features, index, ranking and explanation of matches.
//!
//! | step | function |
//! |---|---|
//! | read a job | [`job::parse_job`] |
//! | what to embed | [`profile::candidate_text`], [`profile::job_text`] |
//! | what the index holds | [`profile::candidate_document`], [`profile::job_document`] → [`Document`] |
//! | store, load | [`Document::to_bytes`], [`Segment::to_bytes`], [`Segment::from_bytes`] |
//! | one view of it all | [`Index::new`], [`Index::apply`]; [`compact`] |
//! | rank | [`rank()`] → [`Match`]; [`reproduce`] gives a stored match's score again |
//! | explain | [`explain()`] |
//!
//! The same code ranks candidates for a job and jobs for a candidate: keep one index of each and ask it with a document of the
//! other kind.
//!
//! **Architecture Invariant:** knows no AWS, no clock, no environment; the same input gives the same score, bit for bit.

pub mod document;
pub mod explain;
mod feature;
pub mod hints;
pub mod index;
pub mod job;
pub mod neutral;
pub mod occupation;
mod packed;
pub mod place;
pub mod profile;
pub mod rank;
pub mod search;
mod segment;
pub mod seniority;
pub mod text;
mod unparsed;
pub mod vector;

pub use document::{Document, InvalidDocument};
pub use explain::explain;
pub use index::{Delta, Entry, Index, OtherModel, compact};
pub use job::{ParsedJob, parse_job};
pub use rank::{Evidence, Feature, FeatureName, Match, WEIGHTS_VERSION, rank, reproduce};
pub use search::Filters;
pub use segment::{InvalidSegment, Segment};
