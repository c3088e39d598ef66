//! Money between brokers, in books that balance and that anybody can verify offline. It has shares and allocations, double entry, a hash
//! chain per account, daily seals and statements.
//!
//! - [`allocate()`] splits an amount by [`Share`]s, to the unit; [`amount`] reads and writes amounts by currency.
//! - A [`Transaction`] balances; [`append_all`] makes it the [`Entry`]s of its accounts; [`Book`] is a whole ledger in memory.
//! - [`SealedDay`] puts one hash over all accounts; a [`Statement`] carries entries and proof, and [`verify`] checks it.
//! - [`summary`] adds up what entries did over a period; [`report`] and [`csv`] make rows for spreadsheets.
//! - [`canonical`] says how things are hashed, for anybody who checks with a program of their own.
//!
//! **Architecture Invariant:** this crate holds rules. It knows `inventure-core` and nothing else of the workspace: no AWS type, no
//! clock, no environment. Money is a number of minor units (`i64`); nothing here is a floating-point number.

pub mod account;
pub mod allocate;
pub mod amount;
pub mod book;
pub mod canonical;
pub mod chain;
pub mod csv;
mod free_cash;
pub mod merkle;
pub mod pieces;
pub mod report;
pub mod seal;
pub mod share;
pub mod statement;
pub mod summary;
pub mod text;
pub mod transaction;

#[cfg(test)]
mod sample;

pub use account::{Account, InvalidAccount, Kind, Owner, SHARDS, Shard, Side};
pub use allocate::{AllocationError, allocate, fee};
pub use amount::AmountError;
pub use book::{Book, BookError, Receipt};
pub use canonical::{CanonicalError, Hash};
pub use chain::{AppendError, Entry, EntryFault, Head, append, append_all};
pub use free_cash::{CashPart, FreeCash, ShardCash};
pub use seal::{Inclusion, Seal, SealError, SealedDay};
pub use share::{Party, Share, ShareError, UnknownParty};
pub use statement::{Broken, Sealed, Statement, Summary, verify};
pub use text::{Reason, Reference};
pub use transaction::{Hold, InvalidTransaction, Mismatch, Posting, Transaction, TransactionKind};
