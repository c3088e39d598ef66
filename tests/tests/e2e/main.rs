//! End to end, through the public interfaces only, on the deployed template with IAM enforced. One binary, so that it links once.
#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect has failed")]

mod deals;
mod files;
mod resilience;
mod road;
