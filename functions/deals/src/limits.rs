//! How often a tenant may do what others pay for with their attention, or what they would learn too much by.

use inventure_core::TenantId;
use inventure_deals::{Author, Deal};
use inventure_lambda::{Problem, clock, problem::Kind};
use inventure_store::{Change, Commit, Condition, records::TenantCount};
use jiff::{SignedDuration, Timestamp};

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

/// The most facts that one person adds to a deal within a minute.
const PERSON_MAX: usize = 30;

/// The most facts that all people of one tenant add to a deal within a minute.
const AGENCY_MAX: usize = 60;

/// Refuses a fact of whoever has just told the deal many others. All facts of a deal are written one after another, so who told
/// hundreds a minute would leave the other parties, and the network, no room for theirs. The deal itself says how many there were.
pub fn check_pace(deal: &Deal, by: Author, now: Timestamp) -> Result<(), Problem> {
    let since = now
        .saturating_sub(SignedDuration::from_mins(1))
        .unwrap_or(Timestamp::MIN);
    let recent = deal.facts().iter().rev().take_while(|fact| fact.at > since);
    let (mut of_person, mut of_agency) = (0, 0);
    for fact in recent {
        of_person += usize::from(fact.by == by);
        of_agency += usize::from(matches!(
            (fact.by, by),
            (Author::Member { tenant, .. }, Author::Member { tenant: own, .. }) if tenant == own
        ));
    }
    if of_person < PERSON_MAX && of_agency < AGENCY_MAX {
        return Ok(());
    }
    Err(Problem::new(
        Kind::TooManyRequests,
        "You have told this deal too much within a minute. Wait a minute, then go on.",
    ))
}

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
