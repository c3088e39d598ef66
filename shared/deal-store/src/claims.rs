//! Claims on one person at one employer, across deals.

use std::collections::BTreeSet;

use inventure_core::{CandidateId, DealId, TenantId};
use inventure_deals::{
    claims::{self, ClaimFact, ClaimWhat, Decision},
    terms::{ClaimBasis, ClaimRules, Several, Terms},
};
use inventure_store::{
    Change, Condition, Store,
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

/// Everything known about who claims a person, from the deals in which any of the fingerprints was submitted, for a decision by these terms
/// on this day.
pub async fn claims_of(
    store: &Store,
    fingerprints: &[String],
    terms: &Terms,
    on: Date,
) -> Result<Vec<ClaimFact>, AddError> {
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
    let confirmed = confirmed(terms, &claims, on)?;
    let elsewhere: Vec<bool> = claims
        .iter()
        .map(|claim| confirmed_elsewhere(claim, &claims, &confirmed))
        .collect();
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

/// Whose a claim is.
fn holder((_, facts): &Claim) -> Option<TenantId> {
    facts.first().map(|fact| fact.tenant)
}

/// The brokers who were confirmed and whose claim still stands on this day, wherever the confirmation came from: what is over contradicts
/// nobody.
fn confirmed(terms: &Terms, all: &[Claim], on: Date) -> Result<Vec<TenantId>, AddError> {
    let mut terms = terms.clone();
    terms.claims = ClaimRules {
        basis: ClaimBasis::Confirmation,
        several: Several::Shared,
        ..terms.claims
    };
    let facts: Vec<ClaimFact> = all.iter().flat_map(|(_, facts)| facts).copied().collect();
    let owners = owner(&terms, &facts, on)?.owners;
    Ok(owners.into_iter().map(|owner| owner.tenant).collect())
}

/// Whether a rival was confirmed too and does not know the person by any address that this confirmation came from. A broker names the
/// addresses of whom they submit; one whom only they know to be the candidate's must not decide against somebody else.
fn confirmed_elsewhere(claim: &Claim, all: &[Claim], confirmed: &[TenantId]) -> bool {
    let (person, _) = claim;
    let known = |known: &SubmittedPerson| {
        known
            .fingerprints
            .iter()
            .any(|print| person.confirmed_at.contains(print))
    };
    let knows = |rival: TenantId| all.iter().any(|claim| holder(claim) == Some(rival) && known(&claim.0));
    let mut rivals = confirmed.iter().filter(|rival| Some(**rival) != holder(claim));
    rivals.any(|rival| !knows(*rival))
}

/// Who owns a person on a day, by these terms and the claims of all deals.
pub fn owner(terms: &Terms, facts: &[ClaimFact], on: Date) -> Result<Decision, AddError> {
    let calendar = terms.calendar().map_err(corrupt)?;
    Ok(claims::owner(&terms.claims, &calendar, facts, on).map_err(corrupt)?)
}

#[cfg(test)]
mod tests {
    use inventure_core::{Currency, EventId, JobId};
    use inventure_deals::{Template, templates::Parts};
    use jiff::{SignedDuration, Timestamp, ToSpan, civil::date};

    use super::*;

    fn claim(tenant: TenantId, at: Timestamp, known: &str) -> Claim {
        let person = SubmittedPerson {
            deal_id: DealId::new(),
            candidate_id: CandidateId::new(),
            fingerprints: vec![known.to_owned()],
            confirmed_at: vec![known.to_owned()],
        };
        let fact = |what| ClaimFact {
            id: EventId::new(),
            at,
            tenant,
            what,
        };
        let submitted = ClaimWhat::Submitted { consent_given_at: at };
        (person, vec![fact(submitted), fact(ClaimWhat::Confirmed)])
    }

    #[test]
    fn whose_window_is_over_contradicts_nobody() {
        let parts = Parts {
            deal: DealId::new(),
            job: JobId::new(),
            employer: TenantId::new(),
            job_side: TenantId::new(),
            candidate_side: TenantId::new(),
            arbiter: TenantId::new(),
            currency: Currency::USD,
        };
        let terms = Template::BySource.terms(&parts, "UTC");
        let at: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
        let (rival, ours) = (TenantId::new(), TenantId::new());
        let all = [
            claim(rival, at, "a"),
            claim(ours, at + SignedDuration::from_hours(24), "b"),
        ];
        let contradicted = |days: i64| {
            let on = date(2026, 1, 15) + days.days();
            let confirmed = confirmed(&terms, &all, on).unwrap();
            all.each_ref().map(|claim| confirmed_elsewhere(claim, &all, &confirmed))
        };
        assert_eq!(contradicted(180), [true, true], "neither knows the other's address");
        assert_eq!(contradicted(181), [true, false], "the rival's 180 days are over");
    }
}
