//! Claims on one person at one employer, across deals.

use std::collections::BTreeSet;

use inventure_core::{CandidateId, DealId};
use inventure_deals::{
    claims::{self, ClaimFact, ClaimWhat, Decision},
    terms::Terms,
};
use inventure_store::{
    Change, Condition, Store, StoreError,
    records::{ClaimOfPerson, SubmittedPerson},
    table::Query,
};
use jiff::civil::Date;

use crate::{AddError, corrupt, load};

/// The most deals that are looked at for one person at one employer.
const CLAIMS_MAX: usize = 100;

/// The change that makes a submittal findable by the person's fingerprints.
#[must_use]
pub fn record_claims(mut change: Change, fingerprints: &[String], deal: DealId, candidate: CandidateId) -> Change {
    for fingerprint in fingerprints {
        let claim = ClaimOfPerson {
            fingerprint: fingerprint.clone(),
            deal_id: deal,
            candidate_id: candidate,
        };
        change = change.put(&claim, Condition::None);
    }
    change
}

/// Everything known about who claims a person, from the deals in which any of the fingerprints was submitted.
pub async fn claims_of(store: &Store, fingerprints: &[String]) -> Result<Vec<ClaimFact>, StoreError> {
    let mut submitted = BTreeSet::new();
    for fingerprint in fingerprints {
        let query = Query {
            limit: CLAIMS_MAX,
            ..Query::table(ClaimOfPerson::of_person(fingerprint), "")
        };
        let rows: Vec<ClaimOfPerson> = store.query(&query).await?;
        submitted.extend(rows.into_iter().map(|claim| (claim.deal_id, claim.candidate_id)));
    }
    let mut claims = Vec::new();
    for (deal, candidate) in submitted {
        let person: Option<SubmittedPerson> = store.get(&SubmittedPerson::key_of(deal, candidate)).await?;
        if let (Some(held), Some(person)) = (load(store, deal).await?, person) {
            claims.push((person, held.deal.claim_facts(candidate)));
        }
    }
    let elsewhere: Vec<bool> = claims.iter().map(|claim| confirmed_elsewhere(claim, &claims)).collect();
    let facts = claims
        .into_iter()
        .zip(elsewhere)
        .flat_map(|((_, mut facts), elsewhere)| {
            for fact in &mut facts {
                if elsewhere && fact.what == ClaimWhat::Confirmed {
                    fact.what = ClaimWhat::ConfirmedElsewhere;
                }
            }
            facts
        });
    Ok(facts.collect())
}

/// A submittal of somebody, and what is known about its claim.
type Claim = (SubmittedPerson, Vec<ClaimFact>);

/// Whether a rival was confirmed too and does not know the person by the address that this confirmation came from. A broker names the
/// addresses of whom they submit; one whom only they know to be the candidate's must not decide against somebody else.
fn confirmed_elsewhere((person, facts): &Claim, all: &[Claim]) -> bool {
    let tenant = facts.first().map(|fact| fact.tenant);
    let mut rivals = all.iter().filter(|(rival, facts)| {
        rival.confirmed_at.is_some() && facts.first().is_some_and(|fact| Some(fact.tenant) != tenant)
    });
    let address = person.confirmed_at.as_ref();
    address.is_some_and(|address| rivals.any(|(rival, _)| !rival.fingerprints.contains(address)))
}

/// Who owns a person on a day, by these terms and the claims of all deals.
pub fn owner(terms: &Terms, facts: &[ClaimFact], on: Date) -> Result<Decision, AddError> {
    let calendar = terms.calendar().map_err(corrupt)?;
    Ok(claims::owner(&terms.claims, &calendar, facts, on).map_err(corrupt)?)
}
