//! One person, one employer, one placement at a time.

use std::collections::BTreeMap;

use inventure_core::CandidateId;
use inventure_store::{
    Change, Condition, Key, Store,
    records::{PlacedPerson, SubmittedPerson},
};
use jiff::civil::Date;

use crate::{
    AddError, Held,
    claims::{Engaged, sides_of},
    load,
};

/// Whether a person can be placed by a deal.
#[derive(Debug)]
pub enum Placing {
    /// They can, together with this change, which another placement of the same person would make fail.
    Free(Change),
    /// Another deal has placed them with this employer, and the placement stands.
    Taken,
    /// Another deal has placed somebody whose file has an address or number in common with theirs, and nothing more.
    Doubtful,
}

/// Claims the place of a person at the employer for a deal. Doubts are `settled` where the employer reports whom it hires. A deal whose job
/// side the employer engaged is not held up by one that it did not.
pub async fn place_once(
    store: &Store,
    held: &Held,
    candidate: CandidateId,
    person: Option<&SubmittedPerson>,
    settled: bool,
    on: Date,
) -> Result<Placing, AddError> {
    let record = format!("{}/{candidate}", held.head.employer_id);
    let prints = person.into_iter().flat_map(|person| {
        let print = |print: &String| (print.clone(), person.is_sure_of(print));
        person.fingerprints.iter().map(print)
    });
    let keys: BTreeMap<String, bool> = prints.chain([(record, true)]).collect();
    let at: Vec<Key> = keys.keys().map(|key| PlacedPerson::key_of(key)).collect();
    let known: Vec<PlacedPerson> = store.get_all(&at).await?;
    let mut known: BTreeMap<String, PlacedPerson> = known
        .into_iter()
        .map(|placed| (placed.known_by.clone(), placed))
        .collect();
    let mut change = Change::new();
    for (key, sure) in keys {
        let before = known.remove(&key);
        if let Some(other) = before.as_ref().filter(|other| other.deal_id != held.deal.id())
            && stands(store, held, other, on).await?
        {
            if sure || other.sure {
                return Ok(Placing::Taken);
            }
            if !settled {
                return Ok(Placing::Doubtful);
            }
            // It is somebody else, whose file names this address or number too.
            continue;
        }
        let version = before.map_or(0, |before| before.version);
        let placed = PlacedPerson {
            known_by: key,
            deal_id: held.deal.id(),
            candidate_id: candidate,
            sure,
            version: version + 1,
        };
        let condition = match version {
            0 => Condition::Absent,
            version => Condition::Version(version),
        };
        change = change.put(&placed, condition);
    }
    Ok(Placing::Free(change))
}

/// Whether another deal's placement of somebody still stands in the way of this deal.
async fn stands(store: &Store, held: &Held, other: &PlacedPerson, on: Date) -> Result<bool, AddError> {
    let Some(theirs) = load(store, other.deal_id).await? else {
        return Ok(false);
    };
    if !theirs.deal.employs(other.candidate_id, on) {
        return Ok(false);
    }
    let (ours, others) = (sides_of(held), sides_of(&theirs));
    let mut engaged = Engaged::of(held.head.employer_id);
    engaged.read(store, [ours.clone(), others.clone()]).await?;
    Ok(!engaged.ever(ours.0, &ours.1) || engaged.ever(others.0, &others.1))
}
