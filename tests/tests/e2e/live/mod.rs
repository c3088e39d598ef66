//! Tests of rooms and sockets.

pub mod chat;
mod sealed;
