//! Tests of deals, of whose a candidate is, and of the money.

mod boundaries;
mod candidates_word;
mod conduct;
mod contention;
pub mod deals;
mod documents;
mod dropped;
mod ended;
mod evidence;
mod owners;
mod payouts;
mod reports;
mod told;
mod twice;
