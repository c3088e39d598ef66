//! The functions in memory, through their routes and consumers. One binary, so that it links once.
#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect has failed")]

mod access;
mod attachments;
mod bad_input;
mod boundaries;
mod candidates_word;
mod changes;
mod chat;
mod conduct;
mod consent;
mod contracts;
mod deals;
mod delivery;
mod documents;
mod dropped;
mod edges;
mod ended;
mod evidence;
mod floods;
mod grants;
mod identity;
mod inbox;
mod mails;
mod money;
mod owners;
mod payouts;
mod presence;
mod reports;
mod rights;
mod road;
mod sealed;
mod told;
mod twice;
mod uploads;
