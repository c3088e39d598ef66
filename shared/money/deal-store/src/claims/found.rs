//! Submittals that are found by what a person is known by.

use std::collections::BTreeMap;

use crate::records::{ClaimOfPerson, SubmittedPerson};
use inventure_core::{CandidateId, DealId, JobId, TenantId};
use inventure_table::{Key, Store, StoreError, table::Query};
use uuid::Uuid;

use super::{AGENCY_KEY, Keys, KnownFrom};
use crate::LoadedDeal;

/// A submittal that has a key in common with the person looked for.
pub struct Found {
    pub deal: DealId,
    pub candidate: CandidateId,
    /// The broker who submitted them; nothing in records from before it was kept.
    pub tenant: Option<TenantId>,
    /// The deal's job.
    pub job: Option<JobId>,
    /// The parties that brought the job.
    pub job_sides: Vec<TenantId>,
    /// The common keys, each with the asking side's source.
    shared: Vec<(String, KnownFrom)>,
    /// The submittal's own record, once it is read.
    pub person: Option<SubmittedPerson>,
    /// Whether the submittal is sure of one of the common keys.
    pub sure: bool,
    /// Whether one of the two sides stated a common key.
    pub stated: bool,
    /// Whether the candidate confirmed for the asking side at every common key, of none of which the submittal is sure.
    pub answered: bool,
}

impl Found {
    /// Whether it was recorded before claims named their job sides.
    pub const fn is_old(&self) -> bool {
        self.job_sides.is_empty()
    }
}

/// All submittals under any of the keys, however many there are.
pub async fn submittals(store: &Store, keys: &Keys) -> Result<Vec<Found>, StoreError> {
    let mut found: BTreeMap<(DealId, CandidateId), Found> = BTreeMap::new();
    for (key, source) in keys {
        for row in rows(store, key).await? {
            let entry = found.entry((row.deal_id, row.candidate_id)).or_insert_with(|| Found {
                deal: row.deal_id,
                candidate: row.candidate_id,
                tenant: row.tenant_id,
                job: row.job_id,
                job_sides: row.job_sides,
                shared: Vec::new(),
                person: None,
                sure: false,
                stated: false,
                answered: false,
            });
            entry.shared.push((key.clone(), *source));
        }
    }
    Ok(found.into_values().collect())
}

async fn rows(store: &Store, key: &str) -> Result<Vec<ClaimOfPerson>, StoreError> {
    store.query_all(&Query::table(ClaimOfPerson::of_person(key), "")).await
}

/// The most submittals by an agency under any one of these keys, where it stated the key itself.
pub async fn own_submittals(store: &Store, keys: &Keys, tenant: TenantId) -> Result<usize, StoreError> {
    let mut most = 0;
    for (key, _) in keys.iter().filter(|(_, source)| **source > KnownFrom::File) {
        let rows = rows(store, key).await?;
        let own = rows.iter().filter(|row| row.stated && row.tenant_id == Some(tenant));
        most = most.max(own.count());
    }
    Ok(most)
}

/// Reads the submitted people, and keeps those who may be the same person.
pub async fn identify(store: &Store, found: &mut Vec<Found>, own: &LoadedDeal) -> Result<(), StoreError> {
    let mut keys: Vec<Key> = found
        .iter()
        .map(|found| SubmittedPerson::key_of(found.deal, found.candidate))
        .collect();
    // Somebody whom nobody submitted takes the same reading.
    keys.push(SubmittedPerson::key_of(
        own.deal.id(),
        CandidateId::from_uuid(Uuid::nil()),
    ));
    let people: Vec<SubmittedPerson> = store.get_all(&keys).await?;
    let mut people: BTreeMap<_, _> = people
        .into_iter()
        .map(|person| ((person.deal_id, person.candidate_id), person))
        .collect();
    for found in found.iter_mut() {
        found.person = people.remove(&(found.deal, found.candidate));
        let person = found.person.as_ref();
        let any = |says: fn(&SubmittedPerson, &str) -> bool| {
            let mut shared = found.shared.iter();
            shared.any(|(key, _)| person.is_some_and(|person| says(person, key)))
        };
        // The other side's word alone would make of a mention in a file a claim on whoever is mentioned.
        found.sure = any(SubmittedPerson::is_sure_of);
        let (mut all, mut some) = (found.shared.iter(), found.shared.iter());
        found.stated = any(SubmittedPerson::is_stated) || some.any(|(_, source)| *source > KnownFrom::File);
        found.answered = !found.sure && all.all(|(_, source)| *source == KnownFrom::Confirmed);
    }
    // What one agency's files name again and again is the agency's own address or number and tells nobody apart.
    let mut named: BTreeMap<(TenantId, String), usize> = BTreeMap::new();
    for found in found.iter().filter(|found| !found.stated) {
        for (key, _) in &found.shared {
            if let Some(tenant) = found.tenant {
                *named.entry((tenant, key.clone())).or_default() += 1;
            }
        }
    }
    found.retain(|found| {
        let own_key = |(key, _): &(String, KnownFrom)| {
            let tenant = found.tenant?;
            named.get(&(tenant, key.clone())).map(|count| *count > AGENCY_KEY)
        };
        found.stated || found.deal == own.deal.id() || !found.shared.iter().all(|shared| own_key(shared) == Some(true))
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use inventure_table::{Change, Condition, memory::MemoryTable};

    use super::*;

    #[tokio::test]
    async fn no_claim_is_crowded_out_however_many_there_are() {
        let store = Store::new(Arc::new(MemoryTable::default()), "test");
        for _ in 0..2_500 {
            let claim = ClaimOfPerson {
                fingerprint: "a".to_owned(),
                deal_id: DealId::new(),
                candidate_id: CandidateId::new(),
                tenant_id: None,
                job_id: None,
                job_sides: Vec::new(),
                stated: true,
            };
            store.commit(Change::new().put(&claim, Condition::None)).await.unwrap();
        }
        let found = submittals(&store, &Keys::from([("a".to_owned(), KnownFrom::Stated)]))
            .await
            .unwrap();
        assert_eq!(found.len(), 2_500);
    }
}
