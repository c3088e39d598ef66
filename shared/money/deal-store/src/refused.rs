//! Refusals: the times at which candidates said no to a broker.

use crate::records::{Refusal, SubmittedPerson};
use inventure_core::{CandidateId, TenantId};
use inventure_table::{Change, Condition, Key, Store, StoreError};
use jiff::Timestamp;

use crate::LoadedDeal;

/// The condition that a person has not said no to a broker at this employer. Or the time when they first did.
///
/// # Errors
/// The errors of the store.
pub async fn still_unrefused(
    store: &Store,
    tenant: TenantId,
    person: &SubmittedPerson,
) -> Result<Result<Change, Timestamp>, StoreError> {
    let keys = person
        .known_by()
        .into_iter()
        .map(|print| Refusal::key_of(tenant, print));
    let keys: Vec<Key> = keys.collect();
    let refusals: Vec<Refusal> = store.get_all(&keys).await?;
    let first = refusals.iter().map(|refusal| refusal.refused_at).min();
    let still = keys
        .into_iter()
        .fold(Change::new(), |change, key| change.check(key, Condition::Absent));
    Ok(first.map_or(Ok(still), Err))
}

/// The condition of [`still_unrefused`] for a candidate of a deal and the broker who submitted them there.
///
/// # Errors
/// The errors of the store.
pub async fn still_unrefused_in(
    store: &Store,
    held: &LoadedDeal,
    candidate: CandidateId,
) -> Result<Result<Change, Timestamp>, StoreError> {
    let Some(submittal) = held.deal.candidates().get(&candidate) else {
        return Ok(Ok(Change::new()));
    };
    let key = SubmittedPerson::key_of(held.deal.id(), candidate);
    match store.get::<SubmittedPerson>(&key).await? {
        Some(person) => still_unrefused(store, submittal.tenant, &person).await,
        None => Ok(Ok(Change::new())),
    }
}

/// The change that keeps a no for every deal of the broker with the employer. A no before it stands.
///
/// # Errors
/// The errors of the store.
pub async fn refuse(
    store: &Store,
    tenant: TenantId,
    person: &SubmittedPerson,
    mailbox: &str,
    now: Timestamp,
) -> Result<Change, StoreError> {
    // An address that stands in the file alone may be the agency's own, in everybody's.
    let mut prints = person.all_stated();
    prints.insert(mailbox);
    let keys = prints.iter().map(|print| Refusal::key_of(tenant, print));
    let known: Vec<Refusal> = store.get_all(&keys.collect::<Vec<Key>>()).await?;
    let is_known = |print: &&str| known.iter().any(|refusal| refusal.known_by == **print);
    let new = prints.into_iter().filter(|print| !is_known(print));
    Ok(new.fold(Change::new(), |change, print| {
        let refusal = Refusal {
            tenant_id: tenant,
            known_by: print.to_owned(),
            deal_id: person.deal_id,
            refused_at: now,
        };
        change.put(&refusal, Condition::None)
    }))
}
