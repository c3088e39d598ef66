//! Claims on one person at one employer, across deals.
//!
//! A claim counts beyond its own deal only where the employer engaged the deal's job side, and the submittal came with a résumé and a consent
//! that names the employer, or the candidate confirmed it. Until then it is private: it counts among the parties of its deal, and against
//! nobody whose claim counts beyond.

mod engaged;
mod found;

use std::collections::BTreeMap;

use crate::records::{ClaimOfPerson, SubmittedPerson};
use inventure_core::{CandidateId, DealId, TenantId};
use inventure_deals::{
    claims::{self, ClaimFact, ClaimWhat, Decision},
    terms::{ClaimBasis, ClaimRules, Several, Terms},
};
use inventure_table::{Change, Condition, Store};
use jiff::{Timestamp, civil::Date};

use crate::{AddError, LoadedDeal, corrupt, load};

pub use engaged::is_engaged;
pub(crate) use engaged::{Engaged, sides_of};
pub use found::own_submittals;

/// The addresses and numbers that a person is looked for by, as fingerprints, each with its source.
pub type Keys = BTreeMap<String, KnownFrom>;

/// The source from which an address or number of a person is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownFrom {
    /// A file names it, perhaps as somebody else's.
    File,
    /// The broker stated it.
    Stated,
    /// The candidate confirmed at it.
    Confirmed,
}

/// The most submittals of one agency on one address or number. Beyond it the address or number is taken for the agency's own, unless it
/// was stated or confirmed.
const AGENCY_KEY: usize = 20;

/// The least number of deals that a question reads. So the work it makes does not tell how many there are.
const READ_AT_LEAST: usize = 4;

/// A question for the claims on a person.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The deal that asks.
    pub held: &'a LoadedDeal,
    /// Its candidate; nobody for a question before a submittal.
    pub candidate: Option<CandidateId>,
    /// The addresses and numbers that the person is known by.
    pub keys: &'a Keys,
    /// The day of the decision.
    pub on: Date,
}

/// The claims on a person at an employer, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct KnownClaims {
    /// The facts that decide.
    pub facts: Vec<ClaimFact>,
    /// The same with the claims on people who are the same person by nothing but what was read from files. They raise a question to
    /// people.
    pub with_doubtful: Vec<ClaimFact>,
    /// Whether a deal from before placements were recorded by person has placed them.
    pub placed_before: bool,
}

/// A submittal of a person, and what is known about its claim.
#[derive(Debug, Clone)]
struct Claim {
    person: SubmittedPerson,
    facts: Vec<ClaimFact>,
    /// The employer's objections to it that took effect. They hold for the person, also where the claim is private or not sure.
    objections: Vec<ClaimFact>,
    /// Whether the submittal is sure of an address or number that the person is looked for by.
    sure: bool,
    /// Whether it may be on somebody else, as far as anybody has said.
    doubtful: bool,
    /// Whether it is the asking deal's own.
    own: bool,
    /// The time from which it counts beyond its deal; `None` while it is private.
    since: Option<Timestamp>,
}

impl Claim {
    /// The broker that the claim belongs to.
    fn holder(&self) -> Option<TenantId> {
        self.facts.first().map(|fact| fact.tenant)
    }

    /// The claim as it counts beyond its deal. It has its place from the time from which it counts there, and its days from the
    /// submittal. `None` while it is private.
    fn beyond(&self) -> Option<Self> {
        let counts_from = self.since?;
        let mut claim = self.clone();
        for fact in &mut claim.facts {
            if let ClaimWhat::Submitted { consent_given_at } = fact.what {
                fact.what = ClaimWhat::SubmittedBefore {
                    consent_given_at,
                    counts_from,
                };
            }
        }
        Some(claim)
    }
}

/// The employer's objections to a submittal that took effect, as they hold for later ones by the same agency.
fn objections(held: &LoadedDeal, facts: &[ClaimFact]) -> Vec<ClaimFact> {
    let Some(submitted_at) = facts.first().map(|fact| fact.at) else {
        return Vec::new();
    };
    let objection = |fact: &ClaimFact| match fact.what {
        // Where others' word was needed, only what they did not refuse is among the facts.
        ClaimWhat::PriorClaim { last_contact_on } if held.deal.assertion(fact.id).is_some() => Some(ClaimFact {
            what: ClaimWhat::ObjectedBefore {
                submitted_at,
                last_contact_on,
            },
            ..*fact
        }),
        _ => None,
    };
    facts.iter().filter_map(objection).collect()
}

/// Makes a submittal findable by the person's fingerprints.
#[must_use]
pub fn record_claims(mut change: Change, held: &LoadedDeal, tenant: TenantId, person: &SubmittedPerson) -> Change {
    for fingerprint in &person.fingerprints {
        let claim = ClaimOfPerson {
            fingerprint: fingerprint.clone(),
            deal_id: person.deal_id,
            candidate_id: person.candidate_id,
            tenant_id: Some(tenant),
            job_id: Some(held.head.job_id),
            job_sides: engaged::job_sides(held),
            stated: person.is_stated(fingerprint),
        };
        change = change.put(&claim, Condition::None);
    }
    change
}

/// Reads all claims on a person, for a decision by these terms. They come from all deals in which one of the keys was submitted.
pub async fn claims_of(store: &Store, asked: Asked<'_>, terms: &Terms) -> Result<KnownClaims, AddError> {
    let own = asked.held.deal.id();
    let mut found = found::submittals(store, asked.keys).await?;
    let submittal = asked.candidate.and_then(|id| asked.held.deal.candidates().get(&id));
    let tenant = submittal.map(|submittal| submittal.tenant);
    let mut engaged = Engaged::of(asked.held.head.employer_id);
    let sides = found.iter().map(|found| (found.job, found.job_sides.clone()));
    engaged.read(store, sides.chain([sides_of(asked.held)])).await?;
    // Whom the employer never engaged claims nobody beyond their own deal, and costs no more reading. An agency's own submittals are read
    // for what the employer said against them.
    found.retain(|found| {
        let own_agency = tenant.is_some() && found.tenant == tenant;
        own_agency || found.deal == own || found.is_old() || engaged.ever(found.job, &found.job_sides)
    });
    found::identify(store, &mut found, asked.held).await?;

    let mut deals: BTreeMap<DealId, LoadedDeal> = BTreeMap::from([(own, asked.held.clone())]);
    let wanted: Vec<DealId> = found.iter().map(|found| found.deal).collect();
    for deal in wanted {
        if !deals.contains_key(&deal)
            && let Some(held) = load(store, deal).await?
        {
            deals.insert(deal, held);
        }
    }
    if asked.candidate.is_none() {
        for _ in deals.len()..=READ_AT_LEAST {
            load(store, own).await?;
        }
    }
    let old = found.iter().filter(|found| found.is_old());
    let old: Vec<_> = old.filter_map(|found| deals.get(&found.deal)).map(sides_of).collect();
    if !old.is_empty() {
        engaged.read(store, old).await?;
    }

    let ours = sides_of(asked.held);
    let is_engaged = engaged.ever(ours.0, &ours.1);
    let mut known = KnownClaims::default();
    let mut claims = Vec::new();
    for found in found {
        let (Some(held), Some(person)) = (deals.get(&found.deal), found.person) else {
            continue;
        };
        let mine = found.deal == own && Some(found.candidate) == asked.candidate;
        let (job, sides) = if found.job_sides.is_empty() {
            sides_of(held)
        } else {
            (found.job, found.job_sides)
        };
        let facts = held.deal.claim_facts(found.candidate);
        let since = engaged.counts_since(job, &sides, &person, &facts);
        // A deal from before has no record of whom it placed. One that was never engaged holds up no engaged one.
        let before = person.grounds.is_none() && found.deal != own;
        let in_the_way = before && (!is_engaged || engaged.ever(job, &sides));
        known.placed_before |= found.sure && in_the_way && held.deal.employs(found.candidate, asked.on);
        claims.push(Claim {
            sure: found.sure || mine,
            doubtful: !found.answered,
            own: found.deal == own,
            objections: if found.stated || mine {
                objections(held, &facts)
            } else {
                Vec::new()
            },
            person,
            facts,
            since,
        });
    }
    known.with_doubtful = deciding(terms, &claims, |claim| claim.sure || claim.doubtful, asked.on)?;
    known.facts = deciding(terms, &claims, |claim| claim.sure, asked.on)?;
    Ok(known)
}

/// The time from which a deal's claim on a candidate counts beyond the deal; `None` while it is private.
pub async fn counts_since(
    store: &Store,
    held: &LoadedDeal,
    candidate: CandidateId,
) -> Result<Option<Timestamp>, AddError> {
    let person: Option<SubmittedPerson> = store.get(&SubmittedPerson::key_of(held.deal.id(), candidate)).await?;
    // Sure of no address or number, it raises a question to others and claims nobody.
    let person = person.filter(|person| person.fingerprints.iter().any(|print| person.is_sure_of(print)));
    let Some(person) = person else { return Ok(None) };
    let print = person.fingerprints.first();
    let key = print.map(|print| ClaimOfPerson::key_of(print, held.deal.id(), candidate));
    let row: Option<ClaimOfPerson> = match key {
        Some(key) => store.get(&key).await?,
        None => None,
    };
    let (job, sides) = row
        .filter(|row| !row.job_sides.is_empty())
        .map_or_else(|| sides_of(held), |row| (row.job_id, row.job_sides));
    let mut engaged = Engaged::of(held.head.employer_id);
    engaged.read(store, [(job, sides.clone())]).await?;
    Ok(engaged.counts_since(job, &sides, &person, &held.deal.claim_facts(candidate)))
}

/// The facts that decide among the claims that count. They are those that count beyond their deals where one of another deal stands, else
/// also the private ones of the deal that asks. Objections hold to all claims.
fn deciding(terms: &Terms, claims: &[Claim], counts: fn(&Claim) -> bool, on: Date) -> Result<Vec<ClaimFact>, AddError> {
    let objections = claims.iter().flat_map(|claim| &claim.objections).copied();
    let objections: Vec<ClaimFact> = objections.collect();
    let claims: Vec<&Claim> = claims.iter().filter(|claim| counts(claim)).collect();
    let beyond = |own: bool| {
        let claims = claims.iter().filter(move |claim| own || !claim.own);
        claims.filter_map(|claim| claim.beyond())
    };
    let all = |claims: Vec<Claim>| {
        let mut facts = told(terms, claims, on)?;
        facts.extend(&objections);
        Ok::<_, AddError>(facts)
    };
    let others = all(beyond(false).collect())?;
    if !owner(terms, &others, on)?.owners.is_empty() {
        return all(beyond(true).collect());
    }
    let inside = claims.iter().filter(|claim| claim.own).map(|claim| (*claim).clone());
    all(beyond(false).chain(inside).collect())
}

/// The facts of claims, those marked that another's confirmation speaks against.
fn told(terms: &Terms, claims: Vec<Claim>, on: Date) -> Result<Vec<ClaimFact>, AddError> {
    let confirmed = confirmed(terms, &claims, on)?;
    let elsewhere: Vec<bool> = claims
        .iter()
        .map(|claim| confirmed_elsewhere(claim, &claims, &confirmed))
        .collect();
    let facts = claims.into_iter().zip(elsewhere).flat_map(|(mut claim, elsewhere)| {
        for fact in &mut claim.facts {
            if elsewhere && fact.what == ClaimWhat::Confirmed {
                fact.what = ClaimWhat::ConfirmedElsewhere;
            }
        }
        claim.facts
    });
    Ok(facts.collect())
}

/// The brokers that were confirmed and whose claim still stands on this day, wherever the confirmation came from. A claim that is over
/// contradicts nobody.
fn confirmed(terms: &Terms, all: &[Claim], on: Date) -> Result<Vec<TenantId>, AddError> {
    let mut terms = terms.clone();
    terms.claims = ClaimRules {
        basis: ClaimBasis::Confirmation,
        several: Several::Shared,
        ..terms.claims
    };
    let facts: Vec<ClaimFact> = all.iter().flat_map(|claim| &claim.facts).copied().collect();
    let owners = owner(&terms, &facts, on)?.owners;
    Ok(owners.into_iter().map(|owner| owner.tenant).collect())
}

/// Whether a rival was confirmed too and does not know the person by any address that this confirmation came from. A broker names the
/// addresses of whom they submit; one whom only they know to be the candidate's must not decide against somebody else.
fn confirmed_elsewhere(claim: &Claim, all: &[Claim], confirmed: &[TenantId]) -> bool {
    let known = |known: &SubmittedPerson| {
        known
            .fingerprints
            .iter()
            .any(|print| claim.person.confirmed_at.contains(print))
    };
    let knows = |rival: TenantId| {
        all.iter()
            .any(|claim| claim.holder() == Some(rival) && known(&claim.person))
    };
    let mut rivals = confirmed.iter().filter(|rival| Some(**rival) != claim.holder());
    rivals.any(|rival| !knows(*rival))
}

/// Decides the owner of a person on a day, by these terms and the claims of all deals.
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
            stated: None,
            in_resume: None,
            confirmed_at: vec![known.to_owned()],
            grounds: None,
            upload_id: None,
            shown: Vec::new(),
            mailboxes: Vec::new(),
        };
        let fact = |what| ClaimFact {
            id: EventId::new(),
            at,
            tenant,
            what,
        };
        let submitted = ClaimWhat::Submitted { consent_given_at: at };
        Claim {
            person,
            facts: vec![fact(submitted), fact(ClaimWhat::Confirmed)],
            objections: Vec::new(),
            sure: true,
            doubtful: false,
            own: false,
            since: Some(at),
        }
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
