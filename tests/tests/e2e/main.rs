//! End to end, on the deployed template with IAM enforced, through the public interfaces only; but for `money`, which kills the product's own
//! code in processes of its own. One binary, so that it links once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that meets what it did not expect has failed"
)]

mod chat;
mod consent;
mod consumers;
mod deals;
mod files;
mod identity;
mod money;
mod resilience;
mod road;
mod sealed;
