//! Limits on the requests of a person that others pay for. Each commit goes to everybody in its room, and each key package
//! belongs to some person's device.

use inventure_api::{Problem, clock, problem::Kind};
use inventure_core::MemberId;
use inventure_rooms::records::FrameCounts;

use crate::App;

/// The stretch of time that requests are counted in.
const WINDOW_SECONDS: i64 = 60;

/// The most requests of one kind in a stretch.
pub struct Limit {
    /// The name of what is counted.
    what: &'static str,
    /// The highest number in a stretch.
    most: u64,
}

/// The limit on commits, foundings too.
pub const COMMITS: Limit = Limit {
    what: "commits",
    most: 60,
};

/// The limit on devices that say that they cannot follow. Nothing is said in a room until another one has removed them.
pub const LEAVES: Limit = Limit {
    what: "leaves",
    most: 6,
};

/// The limit on devices that come, or renew their key package of last resort.
pub const DEVICES: Limit = Limit {
    what: "devices",
    most: 20,
};

/// The limit on requests for key packages.
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
