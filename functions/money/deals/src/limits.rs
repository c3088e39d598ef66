//! How often a tenant may do what others pay for with their attention, or what they would learn too much by.

use inventure_core::TenantId;
use inventure_deals::{Author, Deal};
use inventure_api::{Problem, problem::Kind};
pub use inventure_table::Limit;
use jiff::{SignedDuration, Timestamp};

use crate::App;

/// Whoever is named in terms has the deal in its lists, and its people are told by mail.
pub const PROPOSALS: Limit = Limit {
    what: "proposals",
    span: "%Y-%m-%d",
    max: 500,
    told: "A tenant may propose terms 500 times in a day.",
};

/// Each form is a record that is read whenever documents of its deal are erased.
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

/// Refuses a fact of whoever has just told the deal many others. All facts of a deal are written one after another, so who told
/// hundreds a minute would leave the other parties, and the network, no room for theirs. The deal itself says how many there were.
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
    /// Counts against a limit, whatever comes of it; how much is left.
    pub async fn count(&self, tenant_id: TenantId, limit: &Limit) -> Result<u64, Problem> {
        self.store.count_against(tenant_id, limit).await
    }
}
