//! Tenants, their members, their grants to each other, and the caller.
//!
//! **Architecture Invariant:** whether a caller may see a record is decided here, from the table as it is at that moment. A
//! record that is not theirs cannot be told from one that does not exist.

pub mod access;
mod caller;
mod limit;
pub mod records;

pub use access::{Access, access};
pub use caller::{Caller, Visitor};
pub use limit::{Limit, one_at_a_time};

#[cfg(test)]
mod tests;
