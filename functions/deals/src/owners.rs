//! Who owns a candidate when they are placed, and that nobody else has placed them.

use inventure_core::CandidateId;
use inventure_deal_store::{Asked, Held, Keys, Placing, claims_of, owner, place_once};
use inventure_deals::{What, claims::Decision};
use inventure_lambda::{Problem, problem::Kind};
use inventure_store::{Change, records::SubmittedPerson};
use jiff::civil::Date;

use crate::{App, refusals::not_added};

/// What goes along with a placement.
#[derive(Default)]
pub struct Owned {
    /// What the network decides about who owns the candidate, where this is new.
    pub decided: Option<What>,
    /// That the person is placed, which only one deal can write.
    pub placed: Change,
}

/// The same address or number in two files can be one that was read wrongly, or an agency's own. So it decides nothing, and people are asked.
pub fn doubtful() -> Problem {
    Problem::new(
        Kind::RefusedByTerms,
        "Another submittal at this employer has an address or number in common with this candidate's résumé, and nobody has stated or \
         confirmed that it is theirs. Have the candidate asked at that address, or let the employer report the placement: it knows whom it hires.",
    )
}

pub fn taken() -> Problem {
    Problem::new(
        Kind::RefusedByTerms,
        "This person is placed with this employer already, by another deal or another record. They can be placed again when that placement \
         has ended.",
    )
}

impl App {
    /// What the claims of all deals and other placements say of placing a candidate who accepted on this day.
    /// Where the employer itself reports it, `by_employer`, nobody doubts whom it hires.
    pub async fn owned(
        &self,
        held: &Held,
        candidate: CandidateId,
        on: Date,
        by_employer: bool,
    ) -> Result<Owned, Problem> {
        let key = SubmittedPerson::key_of(held.deal.id(), candidate);
        let person: Option<SubmittedPerson> = self.store.get(&key).await?;
        let (Some(submittal), Some(terms)) = (held.deal.candidates().get(&candidate), held.deal.terms()) else {
            // Nobody was submitted: the deal itself refuses it.
            return Ok(Owned::default());
        };
        let mine = held.deal.claim_facts(candidate);
        let mut decided = None;
        if let Some(person) = &person {
            let keys: Keys = person
                .fingerprints
                .iter()
                .map(|print| (print.clone(), person.is_sure_of(print)))
                .collect();
            let asked = Asked {
                held,
                candidate: Some(candidate),
                keys: &keys,
                on,
            };
            let known = claims_of(&self.store, asked, terms).await.map_err(not_added)?;
            if known.placed_before {
                return Err(taken());
            }
            let decision = owner(terms, &known.facts, on).map_err(not_added)?;
            let doubted = owner(terms, &known.with_doubtful, on).map_err(not_added)?;
            if !by_employer && doubted.owners != decision.owners {
                return Err(doubtful());
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
        }
        let placing = place_once(&self.store, held, candidate, person.as_ref(), by_employer, on).await;
        match placing.map_err(not_added)? {
            Placing::Free(placed) => Ok(Owned { decided, placed }),
            Placing::Doubtful(_) => Err(doubtful()),
            Placing::Taken(_) => Err(taken()),
        }
    }
}

/// The decision as a fact, with what it rests on.
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
