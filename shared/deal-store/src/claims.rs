//! Claims on one person at one employer, across deals.

use std::collections::BTreeSet;

use inventure_core::{CandidateId, DealId};
use inventure_deals::{
    claims::{self, ClaimFact, Decision},
    terms::Terms,
};
use inventure_store::{Change, Condition, Store, StoreError, records::ClaimOfPerson, table::Query};
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
    let mut facts = Vec::new();
    for (deal, candidate) in submitted {
        if let Some(held) = load(store, deal).await? {
            facts.extend(held.deal.claim_facts(candidate));
        }
    }
    Ok(facts)
}

/// Who owns a person on a day, by these terms and the claims of all deals.
pub fn owner(terms: &Terms, facts: &[ClaimFact], on: Date) -> Result<Decision, AddError> {
    let calendar = terms.calendar().map_err(corrupt)?;
    Ok(claims::owner(&terms.claims, &calendar, facts, on).map_err(corrupt)?)
}
