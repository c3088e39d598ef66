//! The résumé that a deal shows of a candidate. It names nobody whom the deal does not claim.

use std::collections::BTreeSet;

use inventure_core::CandidateId;
use inventure_deal_store::{Held, load};
use inventure_deals::What;
use inventure_api::{Problem, problem::Kind};
use inventure_resume::Resume;
use inventure_table::{
    Change, Commit, Condition, pause,
    records::{ReadResume, SubmittedPerson},
};

use crate::{App, claims::KEYS_MAX};

/// How often a newer reading is taken into a deal while others move the deal.
const ATTEMPTS: u32 = 8;

/// A candidate's résumé, as far as a deal may show it.
pub enum Shown {
    /// There is none.
    Nothing,
    /// The résumé.
    Resume(Box<Resume>),
    /// One that was read since the submittal and cannot be told to be the same person's.
    Withheld,
}

/// Whether a candidate's placement is reported or made. Whoever was hired is not shown anew.
fn is_placed(held: &Held, candidate: CandidateId) -> bool {
    let mut placements = held.deal.placements().iter();
    let mut reports = held.deal.assertions().iter().filter(|known| known.ended.is_none());
    let reported = |what: &What| matches!(what, What::Placed { .. }) && what.candidate() == Some(candidate);
    placements.any(|placement| placement.candidate == candidate) || reports.any(|known| reported(&known.what))
}

/// Whether a reading is the one that a candidate was submitted with. Records from before that was kept go by its moment.
fn is_submitted(held: &Held, person: &SubmittedPerson, read: &ReadResume) -> bool {
    if let Some(upload) = person.upload_id {
        return upload == read.upload_id;
    }
    let submittal = held.deal.candidates().get(&person.candidate_id);
    let mut submitted = held.deal.facts().iter();
    let submitted = submitted.find(|fact| submittal.is_some_and(|submittal| submittal.fact == fact.id));
    let had_resume = person.grounds.is_none_or(|grounds| grounds.resume);
    had_resume && submitted.is_some_and(|fact| read.read_at <= fact.at)
}

impl App {
    /// The résumé that the deal shows of a candidate: the one of the submittal, or a newer one that names an address or number of it.
    ///
    /// Whatever else a newer one names is kept beside the submittal before it is shown, and the candidate's placement is looked up by it.
    /// Otherwise the résumé of somebody whom another claims could be shown under the claim on an accomplice.
    pub async fn shown_resume(&self, held: &Held, candidate: CandidateId) -> Result<Shown, Problem> {
        let mut held = held.clone();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                pause(attempt).await;
                held = load(&self.store, held.deal.id())
                    .await?
                    .ok_or_else(Problem::not_found)?;
            }
            let Some(read) = self.store.get::<ReadResume>(&ReadResume::key_of(candidate)).await? else {
                return Ok(Shown::Nothing);
            };
            let resume: Resume = serde_json::from_str(&read.resume).map_err(Problem::internal)?;
            let key = SubmittedPerson::key_of(held.deal.id(), candidate);
            let person: Option<SubmittedPerson> = self.store.get(&key).await?;
            let Some(mut person) = person.filter(|person| !is_submitted(&held, person, &read)) else {
                return Ok(Shown::Resume(Box::new(resume)));
            };
            let named: BTreeSet<String> = self.named(held.head.employer_id, &resume).await?;
            if !named.iter().any(|print| person.fingerprints.contains(print)) {
                return Ok(Shown::Withheld);
            }
            let known = person.keys();
            let new: Vec<String> = named.into_iter().filter(|print| !known.contains_key(print)).collect();
            if new.is_empty() {
                return Ok(Shown::Resume(Box::new(resume)));
            }
            if is_placed(&held, candidate) || known.len() + new.len() > KEYS_MAX {
                return Ok(Shown::Withheld);
            }
            person.shown.extend(new);
            // Whoever confirms or reports a placement at this moment moves the deal, and reads it anew.
            let change = Change::new()
                .put(&person, Condition::None)
                .unchanged(&held.head, held.head.version);
            if let Commit::Done = self.store.commit(change).await? {
                return Ok(Shown::Resume(Box::new(resume)));
            }
        }
        Err(Problem::new(
            Kind::TooManyRequests,
            "Many others write to this deal at the same moment; try again.",
        ))
    }
}
