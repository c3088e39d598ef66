//! The résumé that a deal shows of a candidate. It names no person whom the deal does not claim.

use std::collections::BTreeSet;

use inventure_api::{Problem, problem::Kind};
use inventure_core::CandidateId;
use inventure_deal_store::{LoadedDeal, load, records::SubmittedPerson};
use inventure_deals::What;
use inventure_recruiting::records::ReadResume;
use inventure_resume::Resume;
use inventure_table::{Change, Commit, Condition, retry::Attempts};

use crate::{App, claims::KEYS_MAX};

/// The number of times that a newer reading is taken into a deal while others move the deal.
const ATTEMPTS: u32 = 8;

/// A candidate's résumé, as far as a deal may show it.
pub enum Shown {
    /// The candidate has no résumé.
    Nothing,
    /// The résumé to show, with its suggestions, which are not shown.
    Resume(Box<Resume>),
    /// A résumé that was read since the submittal and cannot be told to be the same person's.
    Withheld,
}

/// Whether a candidate's placement is reported or made. A newer résumé of a hired candidate is not shown.
fn is_placed(held: &LoadedDeal, candidate: CandidateId) -> bool {
    let mut placements = held.deal.placements().iter();
    let mut reports = held.deal.assertions().iter().filter(|known| known.ended.is_none());
    let reported = |what: &What| matches!(what, What::Placed { .. }) && what.candidate() == Some(candidate);
    placements.any(|placement| placement.candidate == candidate) || reports.any(|known| reported(&known.what))
}

/// Whether a reading is the one that a candidate was submitted with. Older records did not keep the upload, so the time of the reading
/// decides for them.
fn is_submitted(held: &LoadedDeal, person: &SubmittedPerson, read: &ReadResume) -> bool {
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
    /// Returns the résumé that the deal shows of a candidate. It is the one of the submittal, or a newer one that names an address or
    /// number of the submittal.
    ///
    /// Any other key that a newer résumé names is kept beside the submittal before it is shown, and the candidate's placement is looked
    /// up by it. Otherwise a person whom another broker claims could be shown under the claim on an accomplice.
    pub async fn shown_resume(&self, held: &LoadedDeal, candidate: CandidateId) -> Result<Shown, Problem> {
        let mut held = held.clone();
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            if !attempts.is_first() {
                held = load(&self.store, held.deal.id())
                    .await?
                    .ok_or_else(Problem::not_found)?;
            }
            let Some(read) = self.store.get::<ReadResume>(&ReadResume::key_of(candidate)).await? else {
                return Ok(Shown::Nothing);
            };
            let key = SubmittedPerson::key_of(held.deal.id(), candidate);
            let person: Option<SubmittedPerson> = self.store.get(&key).await?;
            let person = person.filter(|person| !is_submitted(&held, person, &read));
            // Whole, also what is a suggestion: whatever could tell who it is counts, and is taken out before anything is shown.
            let resume = read.resume;
            let Some(mut person) = person else {
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
