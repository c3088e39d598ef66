//! How often a tenant may do what others pay for, or what it would learn too much by.

use inventure_core::TenantId;
use inventure_api::{Problem, clock, problem::Kind};
use jiff::SignedDuration;

use crate::{Change, Commit, Condition, Store, StoreError, pause, records::TenantCount};

/// How often a count is tried while others count too.
const ATTEMPTS: u32 = 8;

/// Longer than any span: the table may drop a count after it.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// A number of times in one span of time.
pub struct Limit {
    /// What is counted.
    pub what: &'static str,
    /// The span, as `strftime` writes the moment it is in, UTC.
    pub span: &'static str,
    /// So often.
    pub max: u64,
    /// The refusal's text.
    pub told: &'static str,
}

impl Store {
    /// Counts against a tenant's limit, whatever comes of it; how much is left.
    ///
    /// # Errors
    /// `too-many-requests` where nothing is left, and whatever the table fails with.
    pub async fn count_against(&self, tenant_id: TenantId, limit: &Limit) -> Result<u64, Problem> {
        let now = clock::now();
        let of = format!("{}#{}", limit.what, now.strftime(limit.span));
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                pause(attempt).await;
            }
            let known: Option<TenantCount> = self.get(&TenantCount::key_of(tenant_id, &of)).await?;
            let counted = known.map_or(0, |known| known.version);
            if counted >= limit.max {
                break;
            }
            let change = next(tenant_id, &of, counted);
            if let Commit::Done = self.commit(change).await? {
                return Ok(limit.max - counted - 1);
            }
        }
        Err(Problem::new(Kind::TooManyRequests, limit.told))
    }

    /// A change that only one of a tenant's requests of a kind makes at a time: what each read before it, the next finds written.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn one_at_a_time(&self, tenant_id: TenantId, what: &str) -> Result<Change, StoreError> {
        let known: Option<TenantCount> = self.get(&TenantCount::key_of(tenant_id, what)).await?;
        let read_at = known.map_or(0, |known| known.version);
        Ok(next(tenant_id, what, read_at))
    }
}

/// Counts once more, if nobody has since it was read.
fn next(tenant_id: TenantId, of: &str, counted: u64) -> Change {
    let next = TenantCount {
        tenant_id,
        of: of.to_owned(),
        version: counted + 1,
        expires_at: (clock::now() + KEPT).as_second(),
    };
    let condition = if counted == 0 {
        Condition::Absent
    } else {
        Condition::Version(counted)
    };
    Change::new().put(&next, condition)
}
