//! Tests of rooms, sockets and notices.

mod attachments;
pub mod chat;
mod delivery;
pub mod inbox;
mod mails;
mod presence;
mod sealed;
