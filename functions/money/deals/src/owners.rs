//! The ownership of a candidate at their placement, and the check that nobody else has placed them.

use inventure_api::{Problem, problem::Kind};
use inventure_core::{CandidateId, EventId};
use inventure_deal_store::{
    Asked, EmployersWord, Keys, KnownFrom, LoadedDeal, Placing, claims_of, is_engaged, owner, place_once,
    records::SubmittedPerson,
};
use inventure_deals::{
    What,
    claims::{ClaimFact, Decision},
};
use inventure_people::Caller;
use inventure_table::Change;
use jiff::civil::Date;

use crate::{App, refusals::not_added};

/// The facts and changes that go along with a placement.
#[derive(Default)]
pub struct Owned {
    /// The network's decision on who owns the candidate; `None` where it is not new.
    pub decided: Option<What>,
    /// The change that marks the person as placed, which only one deal can write.
    pub placed: Change,
}

/// Returns the one answer to a deal that the employer has nothing to do with, whatever stands in the way. More would tell strangers which
/// broker claims a person.
fn elsewhere() -> Problem {
    Problem::new(
        Kind::RefusedByTerms,
        "Another claim, placement, address or number at this employer stands in the way. The employer never engaged an agency that brought \
         this deal's job, so no more is said here. Have it engage one, or let it report the placement itself.",
    )
}

/// Returns the problem of an address or number that two files share. It can be one that was read wrongly, or an agency's own. So it
/// decides nothing, and people are asked.
fn doubtful() -> Problem {
    Problem::new(
        Kind::RefusedByTerms,
        "Another submittal at this employer has an address or number in common with this candidate, and nothing shows that it is theirs as \
         well. Have the candidate asked at that address, or let the employer report the placement: it knows whom it hires.",
    )
}

fn taken() -> Problem {
    Problem::new(
        Kind::RefusedByTerms,
        "This person is placed with this employer already, by another deal or another record. They can be placed again when that placement \
         has ended.",
    )
}

impl App {
    /// Returns the reason for which a person is not placed, as far as the caller may know it. The employer and a deal that it engaged are
    /// told all.
    async fn in_the_way(&self, held: &LoadedDeal, by_employer: bool, why: fn() -> Problem) -> Result<Problem, Problem> {
        let informed = by_employer || is_engaged(&self.store, held).await?;
        Ok(if informed { why() } else { elsewhere() })
    }

    /// Returns the change that claims a person's place, or the reason for which the place is not free.
    pub async fn free(&self, held: &LoadedDeal, caller: &Caller, placing: Placing) -> Result<Change, Problem> {
        let why = match placing {
            Placing::Free(placed) => return Ok(placed),
            Placing::Doubtful(_) => doubtful,
            Placing::Taken(_) => taken,
        };
        let by_employer = caller.principal.tenant_id == held.head.employer_id;
        Err(self.in_the_way(held, by_employer, why).await?)
    }

    /// Whether another broker's claim counts on the person named by a résumé that this deal showed after the submittal.
    async fn shown_elsewhere(
        &self,
        held: &LoadedDeal,
        person: &SubmittedPerson,
        mine: &[ClaimFact],
        on: Date,
    ) -> Result<bool, Problem> {
        let Some(terms) = held.deal.terms().filter(|_| !person.shown.is_empty()) else {
            return Ok(false);
        };
        let keys: Keys = person
            .shown
            .iter()
            .map(|print| (print.clone(), KnownFrom::File))
            .collect();
        let asked = Asked {
            held,
            candidate: Some(person.candidate_id),
            keys: &keys,
            on,
        };
        let known = claims_of(&self.store, asked, terms).await.map_err(not_added)?;
        let others = known.with_doubtful.into_iter();
        // The submittal came before what was shown, so it is no earlier claim on whoever that is.
        let others: Vec<ClaimFact> = others
            .filter(|claim| mine.iter().all(|own| own.id != claim.id))
            .collect();
        let decision = owner(terms, &others, on).map_err(not_added)?;
        let own = mine.first().map(|own| own.tenant);
        Ok(decision.owners.iter().any(|owner| Some(owner.tenant) != own))
    }

    /// Decides who owns a candidate who accepted on this day, and claims their place. It goes by the claims of all deals and other
    /// placements. If the employer itself reports the placement, nobody doubts whom it hires.
    pub async fn owned(
        &self,
        held: &LoadedDeal,
        caller: &Caller,
        candidate: CandidateId,
        on: Date,
    ) -> Result<Owned, Problem> {
        let key = SubmittedPerson::key_of(held.deal.id(), candidate);
        let person: Option<SubmittedPerson> = self.store.get(&key).await?;
        let (Some(submittal), Some(terms)) = (held.deal.candidates().get(&candidate), held.deal.terms()) else {
            // Nobody was submitted: the deal itself refuses it.
            return Ok(Owned::default());
        };
        let calendar = terms.calendar().map_err(Problem::internal)?;
        let mut submitted = held.deal.facts().iter().filter(|fact| fact.id == submittal.fact);
        if submitted.any(|fact| on < calendar.date(fact.at)) {
            // Each day would be another decision of the network, and none of them this deal's.
            let detail = "The acceptance comes before the candidate was submitted in this deal, so no claim in it counts on that day.";
            return Err(Problem::new(Kind::RefusedByTerms, detail));
        }
        let by_employer = caller.principal.tenant_id == held.head.employer_id;
        let mut decided = None;
        if let Some(person) = &person {
            let source = |print: &String| match () {
                () if person.is_confirmed_at(print) => KnownFrom::Confirmed,
                () if person.is_stated(print) => KnownFrom::Stated,
                () => KnownFrom::File,
            };
            let prints = person.fingerprints.iter();
            let keys: Keys = prints.map(|print| (print.clone(), source(print))).collect();
            let asked = Asked {
                held,
                candidate: Some(candidate),
                keys: &keys,
                on,
            };
            let known = claims_of(&self.store, asked, terms).await.map_err(not_added)?;
            if known.placed_before {
                return Err(self.in_the_way(held, by_employer, taken).await?);
            }
            let mine = held.deal.claim_facts(candidate);
            if !by_employer && self.shown_elsewhere(held, person, &mine, on).await? {
                return Err(self.in_the_way(held, by_employer, doubtful).await?);
            }
            let decision = owner(terms, &known.facts, on).map_err(not_added)?;
            let doubted = owner(terms, &known.with_doubtful, on).map_err(not_added)?;
            if !by_employer && doubted.owners != decision.owners {
                return Err(self.in_the_way(held, by_employer, doubtful).await?);
            }
            let alone = known
                .facts
                .iter()
                .all(|claim| mine.iter().any(|own| own.id == claim.id));
            let before = submittal.decided_for(on).map(|decided| &decided.owners);
            let new = fact(candidate, on, &decision);
            decided = match (&new, before) {
                (What::OwnershipDecided { owners, .. }, Some(before)) if owners == before => None,
                (_, None) if alone => None,
                _ => Some(new),
            };
            let own = |fact: &EventId| held.deal.facts().iter().any(|known| known.id == *fact);
            if let Some(What::OwnershipDecided { owners, grounds, .. }) = &mut decided
                && !by_employer
                && !is_engaged(&self.store, held).await?
            {
                if owners.is_empty() || !owners.iter().all(|owner| terms.is_candidate_side(*owner)) {
                    return Err(elsewhere());
                }
                grounds.retain(own);
            }
        }
        let word = if by_employer {
            EmployersWord::Reports
        } else {
            EmployersWord::None
        };
        let placing = place_once(&self.store, held, candidate, person.as_ref(), word, on).await;
        let placed = self.free(held, caller, placing.map_err(not_added)?).await?;
        Ok(Owned { decided, placed })
    }
}

/// Returns the decision as a fact, with the facts that it rests on.
fn fact(candidate: CandidateId, on: Date, decision: &Decision) -> What {
    let mut grounds: Vec<_> = decision
        .because
        .iter()
        .flat_map(|ground| ground.facts.iter().copied())
        .collect();
    grounds.sort_unstable();
    grounds.dedup();
    What::OwnershipDecided {
        candidate,
        owners: decision.owners.iter().map(|owner| owner.tenant).collect(),
        on: Some(on),
        grounds,
    }
}
