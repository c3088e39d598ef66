use async_trait::async_trait;

use inventure_api::batch::Failure;

/// The reason why a frame did not reach a connection.
#[derive(Debug)]
pub enum PostError {
    /// The connection is closed, or never was.
    Gone,
    /// The platform takes no more just now.
    Busy,
    /// There was no answer, or one that makes no sense.
    Failed(Failure),
}

/// The port to the connections.
///
/// # Errors
/// Each method fails as [`PostError`] says, in bounded time, and says nothing of whether the other end has read the frame.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Sends a frame to a connection.
    async fn post(&self, connection_id: &str, frame: &str) -> Result<(), PostError>;

    /// Closes a connection.
    async fn close(&self, connection_id: &str) -> Result<(), PostError>;
}
