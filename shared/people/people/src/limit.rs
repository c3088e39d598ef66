//! Limits on the requests of a tenant that others pay for, or that it would learn too much by.

use inventure_api::{Problem, clock, problem::Kind};
use inventure_core::TenantId;
use inventure_table::{Change, Commit, Condition, Store, StoreError, retry::Attempts};
use jiff::SignedDuration;

use crate::records::TenantCount;

/// The number of times that a count is tried while others count too.
const ATTEMPTS: u32 = 8;

/// Longer than any span: the table may drop a count after it.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// A limit: a number of times in one span of time.
pub struct Limit {
    /// The name of what is counted.
    pub what: &'static str,
    /// The span, as `strftime` writes the moment it is in, UTC.
    pub span: &'static str,
    /// The highest number of times in one span.
    pub max: u64,
    /// The text of the refusal.
    pub told: &'static str,
}

impl Limit {
    /// Counts against a tenant's limit, whatever comes of it. Returns the number of times that are left.
    ///
    /// # Errors
    /// `too-many-requests` where nothing is left, and whatever the table fails with.
    pub async fn count(&self, store: &Store, tenant_id: TenantId) -> Result<u64, Problem> {
        let now = clock::now();
        let of = format!("{}#{}", self.what, now.strftime(self.span));
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            let known: Option<TenantCount> = store.get(&TenantCount::key_of(tenant_id, &of)).await?;
            let counted = known.map_or(0, |known| known.version);
            if counted >= self.max {
                break;
            }
            let change = next(tenant_id, &of, counted);
            if let Commit::Done = store.commit(change).await? {
                return Ok(self.max - counted - 1);
            }
        }
        Err(Problem::new(Kind::TooManyRequests, self.told))
    }
}

/// Returns a change that only one of a tenant's requests of a kind makes at a time. It conflicts where another such request
/// has written since this one read.
///
/// # Errors
/// As [`Store::get`].
pub async fn one_at_a_time(store: &Store, tenant_id: TenantId, what: &str) -> Result<Change, StoreError> {
    let known: Option<TenantCount> = store.get(&TenantCount::key_of(tenant_id, what)).await?;
    let read_at = known.map_or(0, |known| known.version);
    Ok(next(tenant_id, what, read_at))
}

/// Counts once more, if nobody has since it was read.
fn next(tenant_id: TenantId, of: &str, counted: u64) -> Change {
    let next = TenantCount {
        tenant_id,
        of: of.to_owned(),
        version: counted + 1,
        expires_at: (clock::now() + KEPT).as_second(),
    };
    let condition = Condition::at(counted);
    Change::new().put(&next, condition)
}
