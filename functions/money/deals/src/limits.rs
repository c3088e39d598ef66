//! Limits on how often a tenant may write to others or learn from their data. Either costs the others attention, or would tell the tenant
//! too much.

use inventure_api::{Problem, problem::Kind};
use inventure_core::TenantId;
use inventure_deals::{Author, Deal};
pub use inventure_people::Limit;
use jiff::{SignedDuration, Timestamp};

use crate::App;

/// The limit on proposals of terms. A tenant that terms name has the deal in its lists, and its members are told by mail.
pub const PROPOSALS: Limit = Limit {
    what: "proposals",
    span: "%Y-%m-%d",
    max: 500,
    told: "A tenant may propose terms 500 times in a day.",
};

/// The limit on upload forms. Each form is a record that is read whenever documents of its deal are erased.
pub const FORMS: Limit = Limit {
    what: "document-forms",
    span: "%Y-%m-%d",
    max: 500,
    told: "A tenant may ask for 500 document forms in a day.",
};

/// The most facts that one person adds to a deal within a minute.
const PERSON_MAX: usize = 30;

/// The most facts that all people of one tenant add to a deal within a minute.
const TENANT_MAX: usize = 60;

/// Refuses a fact from an author who has just told the deal many others. All facts of a deal are written one after another, so an author
/// with hundreds a minute would leave the other parties, and the network, no room for theirs. The deal itself says how many there were.
pub fn check_pace(deal: &Deal, by: Author, now: Timestamp) -> Result<(), Problem> {
    let since = now
        .saturating_sub(SignedDuration::from_mins(1))
        .unwrap_or(Timestamp::MIN);
    let recent = deal.facts().iter().rev().take_while(|fact| fact.at > since);
    let (mut of_person, mut of_tenant) = (0, 0);
    for fact in recent {
        of_person += usize::from(fact.by == by);
        of_tenant += usize::from(matches!(
            (fact.by, by),
            (Author::Member { tenant, .. }, Author::Member { tenant: own, .. }) if tenant == own
        ));
    }
    if of_person < PERSON_MAX && of_tenant < TENANT_MAX {
        return Ok(());
    }
    Err(Problem::new(
        Kind::TooManyRequests,
        "You have told this deal too much within a minute. Wait a minute, then go on.",
    ))
}

impl App {
    /// Counts one use against a limit, whatever its outcome, and returns the number that is left.
    pub async fn count(&self, tenant_id: TenantId, limit: &Limit) -> Result<u64, Problem> {
        limit.count(&self.store, tenant_id).await
    }
}
