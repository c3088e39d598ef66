//! Money between brokers: shares and allocations, double entry, a hash chain per account, daily seals, and statements that
//! anybody can verify offline.
//!
//! **Architecture Invariant:** this crate holds rules. It knows `inventure-core` and nothing else of the workspace: no AWS type, no
//! clock, no environment. Money is a number of minor units (`i64`); nothing here is a floating-point number.

pub mod allocate;
pub mod amount;
pub mod canonical;
pub mod share;

pub use allocate::{AllocationError, allocate, fee};
pub use amount::AmountError;
pub use canonical::{CanonicalError, Hash};
pub use share::{Party, Share, ShareError};
