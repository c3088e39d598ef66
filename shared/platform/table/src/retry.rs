//! Attempts at a write that others may make at the same moment.

use std::time::Duration;

use uuid::Uuid;

/// The longest pause between attempts, in milliseconds. It is as long as an attempt takes where many wait for one table, or they all meet
/// again each time: with 64 writers on the local stack the last needed 12 attempts, and 18 beside as many others.
const PAUSE_MAX_MS: u64 = 1_000;

/// A bounded number of attempts, with pauses between them so that writers who met do not meet again.
///
/// Read what the write rests on after [`Attempts::begin`], never before: the pause makes it old.
///
/// A pause is of random length between nothing and a bound that doubles with every attempt (full jitter).
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # use inventure_table::retry::Attempts;
/// let mut attempts = Attempts::new(8);
/// let mut tried = 0;
/// while attempts.begin().await {
///     tried += 1;
/// }
/// assert_eq!(tried, 8);
/// # });
/// ```
#[derive(Debug)]
pub struct Attempts {
    most: u32,
    begun: u32,
}

impl Attempts {
    /// Allows at most so many attempts.
    #[must_use]
    pub const fn new(most: u32) -> Self {
        Self { most, begun: 0 }
    }

    /// Begins an attempt, after a pause where it is not the first. Returns whether there is one left.
    pub async fn begin(&mut self) -> bool {
        if self.begun == self.most {
            return false;
        }
        if self.begun > 0 {
            let bound_ms = PAUSE_MAX_MS.min(5 << self.begun.min(16));
            let random = Uuid::new_v4().as_u128() as u64;
            tokio::time::sleep(Duration::from_millis(random % bound_ms)).await;
        }
        self.begun += 1;
        true
    }

    /// Whether the attempt that was begun is the first.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.begun <= 1
    }
}
