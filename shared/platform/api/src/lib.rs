//! The parts that every function needs and none should write again. They are boot, HTTP plumbing, problem details, batches
//! with partial failures, and metrics.
//!
//! **Architecture Invariant:** knows how Lambda is spoken to, and nothing about what any function does. The wall clock and the
//! environment are read here and nowhere else.

pub mod batch;
pub mod boot;
pub mod connect;
pub mod http;
pub mod idempotency;
pub mod metrics;
pub mod once;
pub mod patch;
pub mod problem;
pub mod text;

pub use boot::{clock, config};
pub use problem::Problem;
