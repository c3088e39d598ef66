//! Tests the stand-in through its HTTP interface, as a client of Stripe sees it.
//! There is a module for each part of it, in one binary, which links once.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod harness;

mod accounts;
mod balances;
mod delivery;
mod disputes;
mod events;
mod faults;
mod idempotency;
mod keys;
mod library;
mod payments;
mod payouts;
mod pending;
mod refunds;
mod reversals;
mod topups;
mod transfers;
