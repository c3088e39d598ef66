//! Tests of rooms, sockets and notices.

mod attachments;
mod chat;
mod delivery;
pub mod inbox;
mod mails;
mod presence;
mod sealed;
