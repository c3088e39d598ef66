//! Tests of deals and of the money.

mod contention;
pub mod deals;
mod deaths;
