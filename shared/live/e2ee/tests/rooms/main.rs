//! Devices that talk through a server which orders and stores what they send, and is not trusted with anything else.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets what it did not expect has failed"
)]

mod bytes;
mod hostile;
mod key_packages;
mod membership;
mod outsider;
mod saved;
mod talk;
mod vectors;
mod walk;
mod world;
