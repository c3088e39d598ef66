//! How often a tenant may do what others pay for with their attention, or what they would learn too much by.

use inventure_core::TenantId;
use inventure_lambda::{Problem, clock, problem::Kind};
use inventure_store::{Change, Commit, Condition, records::TenantCount};
use jiff::SignedDuration;

use crate::App;

/// How often a count is tried while others count too.
const ATTEMPTS: usize = 5;

/// So often in one span of time.
pub struct Limit {
    /// What is counted.
    pub what: &'static str,
    /// The span, as `strftime` writes the moment it is in, UTC.
    pub span: &'static str,
    /// So often.
    pub max: u64,
    /// What who comes too often is told.
    pub told: &'static str,
}

/// Longer than any span: the table may drop a count after it.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

impl App {
    /// Counts against a limit, whatever comes of it; how much is left.
    pub async fn count(&self, tenant_id: TenantId, limit: &Limit) -> Result<u64, Problem> {
        let now = clock::now();
        let of = format!("{}#{}", limit.what, now.strftime(limit.span));
        for _ in 0..ATTEMPTS {
            let known: Option<TenantCount> = self.store.get(&TenantCount::key_of(tenant_id, &of)).await?;
            let counted = known.map_or(0, |known| known.version);
            if counted >= limit.max {
                break;
            }
            let next = TenantCount {
                tenant_id,
                of: of.clone(),
                version: counted + 1,
                expires_at: (now + KEPT).as_second(),
            };
            let condition = if counted == 0 {
                Condition::Absent
            } else {
                Condition::Version(counted)
            };
            if let Commit::Done = self.store.commit(Change::new().put(&next, condition)).await? {
                return Ok(limit.max - next.version);
            }
        }
        Err(Problem::new(Kind::TooManyRequests, limit.told))
    }
}
