use async_trait::async_trait;
use inventure_core::{MemberId, RoomId};
use inventure_api::batch::Failure;
use serde::{Deserialize, Serialize};

/// What is done after the answer, by `fanout`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Job {
    /// Hand an entry to a part of a large room.
    Entry {
        /// The room.
        room: RoomId,
        /// The entry.
        offset: u64,
        /// The part: connections past this one, in order…
        after: Option<String>,
        /// …up to and with this one.
        until: String,
    },
    /// Hand an entry to connections that took longer than the others, or that the platform was too busy for.
    Late {
        /// The room.
        room: RoomId,
        /// The entry.
        offset: u64,
        /// The connections.
        connections: Vec<String>,
    },
    /// Somebody's last connection closed a while ago: if they are not back, say so where they were.
    Left {
        /// Who.
        member: MemberId,
    },
    /// A connection turned out to be closed, and nobody said so.
    Gone {
        /// Whose it was.
        member: MemberId,
        /// The connection.
        connection: String,
    },
    /// Close the connections that have been silent for too long, and erase the files that nobody sent or that were removed.
    Sweep {},
}

/// The port to the queue of jobs.
///
/// # Errors
/// Fails when the queue does not take a job; it may have it even so.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Hands out jobs, to be done after so many seconds.
    async fn send(&self, jobs: &[Job], delay_seconds: u32) -> Result<(), Failure>;
}
