//! The functions in memory, through their routes and consumers. One binary, so that it links once.
#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect has failed")]

mod live;
mod money;
mod people;
mod platform;
mod recruiting;
