//! One person, one employer, one placement at a time.

use std::collections::BTreeMap;

use crate::records::{PlacedPerson, SubmittedPerson};
use inventure_core::{CandidateId, EventId};
use inventure_deals::{Deal, What, Who, deal::Placement};
use inventure_table::{Change, Condition, Key, Store};
use jiff::civil::Date;

use crate::{
    AddError, LoadedDeal,
    claims::{Engaged, sides_of},
    load,
};

/// Whether a person can be placed by a deal.
#[derive(Debug)]
pub enum Placing {
    /// They can, together with this change, which another placement of the same person would make fail.
    Free(Change),
    /// Another deal has placed them with this employer, by this fact, and the placement stands.
    Taken(EventId),
    /// Another deal has placed, by this fact, a candidate who may be the same person. Their file has an address or number in common with
    /// this person's, and nothing more shows it.
    Doubtful(EventId),
}

/// The employer's word on whom it hires, at a placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmployersWord {
    /// It has not spoken.
    None,
    /// It agreed to the report of somebody else.
    Agreed,
    /// It reports the placement itself.
    Reports,
}

/// A placement that took effect after it was reported, and whether the person is still free for it.
#[derive(Debug)]
pub struct Late {
    /// The candidate who is placed.
    pub candidate: CandidateId,
    /// Whether a document shows the hire.
    pub is_shown: bool,
    /// Whether the candidate can be placed.
    pub placing: Placing,
}

/// Claims the place of a person at the employer for a deal. Doubts are settled by the employer's word, and where this side stated the address,
/// by its own report. A deal whose job side the employer engaged is not held up by one that it did not.
pub async fn place_once(
    store: &Store,
    held: &LoadedDeal,
    candidate: CandidateId,
    person: Option<&SubmittedPerson>,
    word: EmployersWord,
    on: Date,
) -> Result<Placing, AddError> {
    let record = format!("{}/{candidate}", held.head.employer_id);
    let prints = person.map(SubmittedPerson::keys).unwrap_or_default();
    let keys: BTreeMap<String, bool> = prints.into_iter().chain([(record.clone(), true)]).collect();
    let at: Vec<Key> = keys.keys().map(|key| PlacedPerson::key_of(key)).collect();
    let known: Vec<PlacedPerson> = store.get_all(&at).await?;
    let mut known: BTreeMap<String, PlacedPerson> = known
        .into_iter()
        .map(|placed| (placed.known_by.clone(), placed))
        .collect();
    let mut change = Change::new();
    for (key, stated) in keys {
        let sure = key == record || person.is_some_and(|person| person.is_sure_of(&key));
        let before = known.remove(&key);
        // In this deal too, under another record.
        let own = before.as_ref().filter(|other| other.deal_id == held.deal.id());
        if let Some(placed) = own.and_then(|other| stays(&held.deal, other, candidate).filter(|_| stated || other.sure))
        {
            return Ok(Placing::Taken(placed));
        }
        if let Some(other) = before.as_ref().filter(|other| other.deal_id != held.deal.id())
            && let Some(by) = stands(store, held, other, on).await?
        {
            if other.sure || (stated && word != EmployersWord::Reports) {
                return Ok(Placing::Taken(by));
            }
            if word == EmployersWord::None {
                return Ok(Placing::Doubtful(by));
            }
            // It is somebody else, whose file names this address or number too. What this side is sure of it takes over, or the place
            // would be free once theirs has ended.
            if !sure {
                continue;
            }
        }
        let version = before.map_or(0, |before| before.version);
        let placed = PlacedPerson {
            known_by: key,
            deal_id: held.deal.id(),
            candidate_id: candidate,
            sure,
            version: version + 1,
        };
        let condition = Condition::at(version);
        change = change.put(&placed, condition);
    }
    Ok(Placing::Free(change))
}

/// The placement of a deal that stands.
fn standing(deal: &Deal) -> Option<&Placement> {
    deal.placements()
        .last()
        .filter(|placement| placement.fall_off.is_none())
}

/// Claims the place of the person who stands as placed in a deal now and did not before. The placement took effect by others' yes, by
/// silence or by a ruling. Another deal may have placed the person since it was reported. `None` where nobody stands so.
pub async fn place_late(store: &Store, before: &Deal, after: &LoadedDeal) -> Result<Option<Late>, AddError> {
    let stood = standing(before).map(|placement| placement.fact);
    let Some(placement) = standing(&after.deal).filter(|placement| stood != Some(placement.fact)) else {
        return Ok(None);
    };
    let report = after.deal.assertion(placement.fact);
    let (on, is_shown) = match report.map(|report| &report.what) {
        Some(What::Placed {
            accepted_on, evidence, ..
        }) => (*accepted_on, evidence.is_some()),
        _ => (placement.starts_on, false),
    };
    // Who was hired the employer knows, where it said yes itself; and of a placement that is restored nobody doubts who it was.
    let restored = before.placements().iter().any(|known| known.fact == placement.fact);
    let agreed = restored || report.is_none_or(|report| !report.awaits.contains(&Who::Client));
    let word = if agreed {
        EmployersWord::Agreed
    } else {
        EmployersWord::None
    };
    let candidate = placement.candidate;
    let key = SubmittedPerson::key_of(after.deal.id(), candidate);
    let person: Option<SubmittedPerson> = store.get(&key).await?;
    let placing = place_once(store, after, candidate, person.as_ref(), word, on).await?;
    Ok(Some(Late {
        candidate,
        is_shown,
        placing,
    }))
}

/// The fact by which this deal has placed the same person under another record, where that stands.
fn stays(deal: &Deal, other: &PlacedPerson, candidate: CandidateId) -> Option<EventId> {
    let mut placed = deal
        .placements()
        .iter()
        .filter(|placement| placement.fall_off.is_none());
    let same = |placement: &&Placement| placement.candidate == other.candidate_id && other.candidate_id != candidate;
    placed.find(same).map(|placement| placement.fact)
}

/// The fact by which another deal's placement of the person still stands in the way of this deal.
async fn stands(store: &Store, held: &LoadedDeal, other: &PlacedPerson, on: Date) -> Result<Option<EventId>, AddError> {
    let Some(theirs) = load(store, other.deal_id).await? else {
        return Ok(None);
    };
    if !theirs.deal.employs(other.candidate_id, on) {
        return Ok(None);
    }
    let (ours, others) = (sides_of(held), sides_of(&theirs));
    let mut engaged = Engaged::of(held.head.employer_id);
    engaged.read(store, [ours.clone(), others.clone()]).await?;
    if engaged.ever(ours.0, &ours.1) && !engaged.ever(others.0, &others.1) {
        return Ok(None);
    }
    let deal = &theirs.deal;
    let placed = deal.facts().iter().rev().find(|fact| match fact.what {
        What::Placed { candidate, .. } => candidate == other.candidate_id,
        _ => false,
    });
    Ok(placed.map(|fact| fact.id))
}
