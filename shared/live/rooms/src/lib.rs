//! Rooms and their members, history, connections and presence, and the delivery of frames to everybody who is there.
//!
//! **Architecture Invariant:** whoever receives or reads anything of a room is looked up at that moment, in the records that say who
//! belongs where; a subscription alone opens nothing. An entry has its offset before anybody hears of it, and the offsets have no gaps.

mod access;
pub mod attachments;
pub mod aws;
mod delivery;
mod gateway;
mod group;
mod history;
mod job;
mod presence;
pub mod records;

pub use access::{RoomAccess, TALKERS};
pub use delivery::Delivery;
pub use gateway::{Gateway, PostError};
pub use group::{After, Changed, Group, KEY_PACKAGE_KEPT, is_fresh, key_packages};
pub use history::{Appended, History, NewEntry};
pub use job::{Job, Queue};
pub use presence::{Connections, Session};

use inventure_api::{Problem, problem::Kind};
use inventure_realtime::{Code, Refusal};
use inventure_table::StoreError;

/// Makes the refusal for a store that did not answer. The cause is logged, and the client is told to try again.
#[must_use]
pub fn unanswered(error: StoreError) -> Refusal {
    let cause = inventure_api::http::chain(&error);
    if matches!(error, StoreError::Unavailable(_)) {
        tracing::error!(cause, "store.unavailable");
        Refusal::new(
            Code::Unavailable,
            "Something the server needs does not answer; try again.",
        )
    } else {
        tracing::error!(cause, "store.failed");
        Refusal::new(Code::Internal, "Something broke on the server's side.")
    }
}

/// Makes the HTTP problem for a refusal of the sockets.
#[must_use]
pub fn problem(refusal: Refusal) -> Problem {
    let kind = match refusal.code {
        Code::NoSuchRoom | Code::NoSuchEntry => return Problem::not_found(),
        Code::Forbidden => Kind::Forbidden,
        Code::Conflict => Kind::AlreadyExists,
        Code::WrongKind | Code::DevicesOut => Kind::WrongState,
        Code::StaleEpoch => Kind::StaleVersion,
        Code::RateLimited => Kind::TooManyRequests,
        Code::Unavailable => Kind::Unavailable,
        Code::SessionEnded => Kind::Unauthenticated,
        Code::Malformed | Code::UnsupportedVersion | Code::UnknownAction | Code::TooLarge => Kind::InvalidBody,
        Code::Internal => Kind::Internal,
    };
    Problem::new(kind, refusal.detail)
}
