//! Tells every deal that a candidate was submitted in that their consent has ended.

use inventure_core::{CandidateId, EventId, TenantId};
use inventure_deal_store::load;
use inventure_deals::{Author, Fact, What};
use inventure_lambda::batch::Failure;
use inventure_store::{
    Commit, Key, Store, pause,
    records::{Candidate, ConsentScope, DealOfTenant, Record, SubmittedPerson},
    table::Query,
};
use jiff::Timestamp;

/// How often a deal is tried while others move it.
const ATTEMPTS: u32 = 12;

/// Adds the fact to each deal of the candidate's agency in which they were submitted. Does nothing where they consent again by now, and
/// nothing twice.
pub async fn ended(
    store: &Store,
    tenant: TenantId,
    candidate: CandidateId,
    correlation_id: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let known: Option<Candidate> = store.get(&Candidate::key_of(candidate)).await?;
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    if known.is_some_and(|known| known.consents(ConsentScope::ShareWithNetwork, today)) {
        return Ok(());
    }
    let mut query = Query::table(DealOfTenant::of_tenant(tenant), "");
    loop {
        let rows: Vec<DealOfTenant> = store.query(&query).await?;
        let keys: Vec<Key> = rows
            .iter()
            .map(|row| SubmittedPerson::key_of(row.deal_id, candidate))
            .collect();
        for batch in keys.chunks(100) {
            let submitted: Vec<SubmittedPerson> = store.get_many(batch).await?;
            for person in submitted {
                tell(store, &person, correlation_id, now).await?;
            }
        }
        let Some(last) = rows.last().filter(|_| rows.len() == query.limit) else {
            return Ok(());
        };
        query.after = Some(last.key().sk);
    }
}

async fn tell(store: &Store, person: &SubmittedPerson, correlation_id: &str, now: Timestamp) -> Result<(), Failure> {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            pause(attempt).await;
        }
        let Some(held) = load(store, person.deal_id).await? else {
            return Ok(());
        };
        let candidates = held.deal.candidates();
        let stands = candidates
            .get(&person.candidate_id)
            .is_some_and(|submittal| submittal.withdrawn.is_none());
        if !stands {
            return Ok(());
        }
        let fact = Fact {
            id: EventId::new(),
            at: held.moment(now),
            by: Author::Network,
            what: What::ConsentWithdrawn {
                candidate: person.candidate_id,
            },
        };
        let (change, _) = held.add(vec![fact], correlation_id)?;
        if let Commit::Done = store.commit(change).await? {
            tracing::info!(deal = %person.deal_id, candidate = %person.candidate_id, "settlement.consent_ended");
            return Ok(());
        }
    }
    Err(format!("{} moves faster than it can be told", person.deal_id).into())
}
