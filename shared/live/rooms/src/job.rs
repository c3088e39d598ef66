use async_trait::async_trait;
use inventure_api::batch::Failure;
use inventure_core::{MemberId, RoomId};
use serde::{Deserialize, Serialize};

/// A piece of work that `fanout` does after the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Job {
    /// Hands an entry to a part of a large room.
    Entry {
        /// The room of the entry.
        room: RoomId,
        /// The offset of the entry.
        offset: u64,
        /// The connection past which the part begins, in order. `None` for the first part.
        after: Option<String>,
        /// The connection that the part ends with.
        until: String,
    },
    /// Hands an entry to connections that took longer than the others, or that the platform was too busy for.
    Late {
        /// The room of the entry.
        room: RoomId,
        /// The offset of the entry.
        offset: u64,
        /// The ids of the connections.
        connections: Vec<String>,
    },
    /// Tells a person's rooms that the person is gone, unless they are back. Their last connection closed a while ago.
    Left {
        /// The member whose last connection closed.
        member: MemberId,
    },
    /// Forgets a connection that turned out to be closed, without a word that it was.
    Gone {
        /// The member that the connection belonged to.
        member: MemberId,
        /// The id of the connection.
        connection: String,
    },
    /// Closes the connections that have been silent for too long. Erases the files that were not sent in time or whose messages were
    /// removed.
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
