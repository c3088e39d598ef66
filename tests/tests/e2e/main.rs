//! End-to-end tests on the deployed template, with IAM enforced, through the public interfaces only.
//! The exception is `money::deaths`, which kills the product's own code in processes of its own. All are one binary, so that it links
//! once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that meets what it did not expect has failed"
)]

mod live;
mod money;
mod people;
mod platform;
mod recruiting;
