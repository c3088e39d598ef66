//! How often a person may do what others pay for: each commit goes to everybody in its room, and each key package is somebody's.

use inventure_core::MemberId;
use inventure_api::{Problem, clock, problem::Kind};
use inventure_table::records::FrameCounts;

use crate::App;

/// The stretch of time that requests are counted in.
const WINDOW_SECONDS: i64 = 60;

/// So often in a stretch.
pub struct Limit {
    /// What is counted.
    what: &'static str,
    /// So often.
    most: u64,
}

/// Commits, foundings too.
pub const COMMITS: Limit = Limit {
    what: "commits",
    most: 60,
};

/// Devices that say that they cannot follow: nothing is said in a room until another one has removed them.
pub const LEAVES: Limit = Limit {
    what: "leaves",
    most: 6,
};

/// Devices that come, or renew their key package of last resort.
pub const DEVICES: Limit = Limit {
    what: "devices",
    most: 20,
};

/// Requests for key packages.
pub const KEY_PACKAGES: Limit = Limit {
    what: "key-packages",
    most: 60,
};

impl App {
    /// Counts against a limit, whatever comes of it.
    pub async fn count(&self, member: MemberId, limit: &Limit) -> Result<(), Problem> {
        let now = clock::now().as_second();
        let begins_at = now - now.rem_euclid(WINDOW_SECONDS);
        let key = FrameCounts::key_of(member, begins_at);
        let kept_until = begins_at + 10 * WINDOW_SECONDS;
        let counted = self.connections.count(&key, &[limit.what], kept_until).await?;
        if counted.first().is_some_and(|count| *count <= limit.most) {
            return Ok(());
        }
        let wait = begins_at + WINDOW_SECONDS - now;
        let detail = format!(
            "At most {} {} a minute; try again in {wait} seconds.",
            limit.most, limit.what
        );
        Err(Problem::new(Kind::TooManyRequests, detail))
    }
}
