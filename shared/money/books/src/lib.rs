//! The ledger in the table, and what is owed, paid in, paid out and sealed.
//!
//! **Architecture Invariant:** what is in the ledger is added to and never changed, and nothing else books.

mod connect;
mod ledger;
pub mod records;

pub use connect::connect;
pub use ledger::{Balances, Booked, Decided, HEAD_SHARDS, LEDGER_PREFIX, Ledger, LedgerError};
