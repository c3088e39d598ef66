//! Assertions: what one side reports about money, a claim or a candidate, and what the others answer.
//!
//! A report takes effect once every other side whose money, claim or candidate it touches has confirmed it, or once the days to answer are
//! over and nobody contested it, or once a ruling upholds it. Until then it changes nothing but to hold back the money at stake.
//! A report that is contested, and that its reporter takes to no dispute, expires; so does one that nobody answers where silence does not count.
//!
//! | report | who confirms | silence counts |
//! |---|---|---|
//! | `placed` | the client and every party | where the pay is plausible, the start is within a year, and the acceptance is no older than 30 days |
//! | `placement_corrected`, `closed` | the client and every party | no |
//! | `fell_off`, `refund_chosen`, `prior_claim_raised`, `contacted` | the client and every party | yes |
//! | `stage_moved` that shows more of a candidate | the agency that submitted them | no |
//! | `invoiced` for hours | the client | where there are no more than 60 hours for each week since the start |

mod silence;
mod stake;

use std::collections::BTreeMap;

use inventure_core::{CandidateId, EventId, MemberId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    author::Standing,
    deal::Deal,
    dispute::Dispute,
    fact::{Author, Fact, What},
    fee::Billed,
    party::Who,
    refusal::Why,
    terms::Terms,
};

/// The number of times in a row that a side may report the same thing without being believed.
const FAILED_MAX: usize = 3;

/// The most bills for hours by one side that wait for an answer.
const HOURS_WAITING_MAX: usize = 10;

/// The way in which a report ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It took effect.
    Effective,
    /// Its reporter took it back.
    Withdrawn,
    /// The deal had changed, so that it could no longer take effect.
    Lapsed,
    /// A ruling did not uphold it.
    Rejected,
    /// Nobody answered it, or its reporter took no dispute to the side that contested it in time.
    Expired,
}

/// A report by one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assertion {
    /// The fact that reported it.
    pub fact: EventId,
    /// The time at which the server received the report.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The event that was reported.
    pub what: What,
    /// The report of the placement that stood then.
    #[serde(skip)]
    pub placement: Option<EventId>,
    /// The side that reported it.
    pub by: Who,
    /// The sides whose yes is missing.
    pub awaits: Vec<Who>,
    /// The moment from which silence counts as a yes; nothing where it never does.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_from: Option<Timestamp>,
    /// The amount that it would take off the bills, which is held back meanwhile.
    pub stake_minor_units: i64,
    /// The sides that contest it.
    pub contested_by: Vec<Who>,
    /// The sides that ever said no to it: each may take that back once, and then stands by its yes.
    #[serde(skip)]
    pub said_no: Vec<Who>,
    /// The time at which a side last took its no back.
    #[serde(skip)]
    pub renewed_at: Option<Timestamp>,
    /// The time at which it was first contested; absent while it is not contested.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub contested_at: Option<Timestamp>,
    /// The way in which it ended; absent while it is open or contested.
    pub ended: Option<Ended>,
}

impl Assertion {
    /// Whether it waits for answers.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ended.is_none() && self.contested_by.is_empty()
    }

    /// Whether it was contested and nobody ruled yet.
    #[must_use]
    pub const fn is_contested(&self) -> bool {
        self.ended.is_none() && !self.contested_by.is_empty()
    }

    /// Whether a dispute can be about it. A side said no, or silence will never count as a yes.
    #[must_use]
    pub const fn is_disputable(&self) -> bool {
        self.is_contested() || (self.is_open() && self.accepted_from.is_none())
    }

    /// Whether it is about one placement, and no other.
    pub(crate) const fn is_of_one(&self) -> bool {
        matches!(
            self.what,
            What::PlacementCorrected { .. } | What::FellOff { .. } | What::RefundChosen {}
        )
    }

    /// Whether it can take something off the bills.
    pub(crate) const fn takes_off(&self) -> bool {
        matches!(
            self.what,
            What::FellOff { .. }
                | What::RefundChosen {}
                | What::PriorClaimRaised { .. }
                | What::PlacementCorrected { .. }
        )
    }

    /// The candidate that it is about.
    #[must_use]
    pub const fn candidate(&self) -> Option<CandidateId> {
        self.what.candidate()
    }
}

/// A report as its effect needs it. It has the fact and the time of the report, and whether the candidate's own side
/// stands behind it.
#[derive(Clone, Copy)]
pub(crate) struct Reported {
    pub fact: EventId,
    pub at: Timestamp,
    pub agreed: bool,
}

impl Deal {
    /// Every report, in order.
    #[must_use]
    pub fn assertions(&self) -> &[Assertion] {
        &self.assertions
    }

    /// The report that a fact made.
    #[must_use]
    pub fn assertion(&self, fact: EventId) -> Option<&Assertion> {
        self.assertions.iter().find(|known| known.fact == fact)
    }

    /// The side that an author speaks for under the terms in force.
    #[must_use]
    pub fn side(&self, author: Author) -> Option<Who> {
        let terms = self.in_force.as_ref()?;
        match (Standing::of(author, terms)?, author) {
            (Standing::Employer, _) => Some(Who::Client),
            (Standing::Network, _) => Some(Who::Network),
            (Standing::Party(_), Author::Member { tenant, .. }) => {
                let party = terms.parties.iter().find(|party| party.tenant == tenant)?;
                Some(Who::Party(party.id.clone()))
            }
            _ => None,
        }
    }

    /// The side that submitted a candidate.
    fn submitter(&self, candidate: CandidateId) -> Option<Who> {
        let tenant = self.candidates.get(&candidate)?.tenant;
        let terms = self.in_force.as_ref()?;
        let party = terms.parties.iter().find(|party| party.tenant == tenant)?;
        Some(Who::Party(party.id.clone()))
    }

    /// Whether what is reported needs others' word before it takes effect.
    pub(crate) fn needs_word(&self, fact: &Fact) -> bool {
        if self.rules < 2 || self.in_force.is_none() || fact.by == Author::Network {
            return false;
        }
        match &fact.what {
            What::Placed { .. }
            | What::PlacementCorrected { .. }
            | What::FellOff { .. }
            | What::RefundChosen {}
            | What::PriorClaimRaised { .. }
            | What::Contacted { .. } => true,
            What::Closed { .. } => !self.is_over(fact.at),
            What::Invoiced { billed, .. } => matches!(billed, Billed::Minutes(_)),
            What::StageMoved { candidate, to, .. } => {
                self.discloses_more(*candidate, *to) && self.side(fact.by) != self.submitter(*candidate)
            }
            _ => false,
        }
    }

    /// The sides whose word a report needs.
    pub(crate) fn awaited(&self, what: &What, by: &Who) -> Vec<Who> {
        match what {
            What::StageMoved { candidate, .. } => return self.submitter(*candidate).into_iter().collect(),
            // Hours are the client's to know.
            What::Invoiced { .. } => return vec![Who::Client],
            _ => {}
        }
        let parties = self.in_force.iter().flat_map(|terms| &terms.parties);
        let parties = parties.map(|party| Who::Party(party.id.clone()));
        parties.chain([Who::Client]).filter(|who| who != by).collect()
    }

    /// The sides that a report concerns: its reporter, and those whose word it needs.
    #[must_use]
    pub fn concerned(&self, known: &Assertion) -> Vec<Who> {
        let mut sides = self.awaited(&known.what, &known.by);
        sides.push(known.by.clone());
        sides
    }

    /// Whether a side made a report, or said yes to it and did not take that back.
    pub(crate) fn stands_behind(&self, side: &Who, known: &Assertion) -> bool {
        let agreed = !known.awaits.contains(side) && self.awaited(&known.what, &known.by).contains(side);
        known.by == *side || agreed
    }

    /// Takes a report. It is tried out first: what could not take effect today is refused today.
    pub(crate) fn assert(&mut self, fact: &Fact) -> Result<(), Why> {
        let by = self.side(fact.by).ok_or(Why::NotYours)?;
        let awaits = self.awaited(&fact.what, &by);
        // A report that nobody could answer is nobody's word: a candidate is shown by the agency that submitted them, or not at all.
        if awaits.is_empty() {
            return Err(Why::NotYours);
        }
        let same = |known: &&Assertion| {
            let about = fact.what.candidate();
            known.by == by && known.what.kind() == fact.what.kind() && known.candidate() == about
        };
        let own = || self.assertions.iter().rev().filter(same);
        let waiting = own().filter(|known| known.ended.is_none()).count();
        // Hours are billed again before the last bill is answered.
        let waiting_max = if matches!(fact.what, What::Invoiced { .. }) {
            HOURS_WAITING_MAX
        } else {
            1
        };
        if waiting >= waiting_max {
            return Err(Why::AssertionOpen);
        }
        // Since it was believed last. What ended because the deal changed was not refuted.
        let since = own().take_while(|known| known.ended != Some(Ended::Effective));
        let failed = |known: &&Assertion| !matches!(known.ended, None | Some(Ended::Lapsed));
        if since.filter(failed).count() >= FAILED_MAX {
            return Err(Why::TooOften);
        }
        let reported = Reported {
            fact: fact.id,
            at: fact.at,
            agreed: false,
        };
        let stake_minor_units = self.stake(&fact.what, reported, fact)?;
        self.assertions.push(Assertion {
            fact: fact.id,
            at: fact.at,
            what: fact.what.clone(),
            placement: self.placements.last().map(|placement| placement.fact),
            awaits,
            by,
            accepted_from: self.accepted_from(fact)?,
            stake_minor_units,
            contested_by: Vec::new(),
            said_no: Vec::new(),
            renewed_at: None,
            contested_at: None,
            ended: None,
        });
        Ok(())
    }

    pub(crate) fn index_of(&self, fact: EventId, is: impl Fn(&Assertion) -> bool) -> Result<usize, Why> {
        let known = self.assertions.iter().position(|known| known.fact == fact);
        let index = known.ok_or(Why::UnknownAssertion)?;
        if is(&self.assertions[index]) {
            Ok(index)
        } else {
            Err(Why::AssertionEnded)
        }
    }

    pub(crate) fn confirm(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, |known| known.ended.is_none())?;
        let side = self.side(fact.by).ok_or(Why::NotYours)?;
        let awaits = &self.assertions[index].awaits;
        let left: Vec<Who> = awaits.iter().filter(|who| **who != side).cloned().collect();
        if left.len() == awaits.len() {
            return Err(Why::NotAwaited);
        }
        if left.is_empty() {
            self.make_effective(index, fact)?;
            self.end_dispute_about(assertion);
        }
        self.assertions[index].awaits = left;
        self.take_back_no(index, &side, fact.at);
        Ok(())
    }

    /// Takes a side's no back. Where it was the last, the days to answer begin anew: the others relied on it.
    fn take_back_no(&mut self, index: usize, side: &Who, at: Timestamp) {
        let again = self.answer_until(at).ok();
        let known = &mut self.assertions[index];
        if known.is_contested() {
            known.contested_by.retain(|who| who != side);
            if known.contested_by.is_empty() {
                known.contested_at = None;
                known.renewed_at = Some(at);
                known.accepted_from = known.accepted_from.and(again);
            }
        }
    }

    pub(crate) fn contest(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, |known| known.ended.is_none())?;
        let side = self.side(fact.by).ok_or(Why::NotYours)?;
        if side == self.assertions[index].by {
            return Err(Why::NotAwaited);
        }
        // Whoever said yes may still say no until it takes effect: then one more look is better than one too few. But once: with each no
        // that is taken back the others' days begin anew.
        let touched = self.awaited(&self.assertions[index].what, &self.assertions[index].by);
        let known = &mut self.assertions[index];
        if !touched.contains(&side) || known.said_no.contains(&side) {
            return Err(Why::NotAwaited);
        }
        if !known.awaits.contains(&side) {
            known.awaits.push(side.clone());
        }
        known.said_no.push(side.clone());
        known.contested_by.push(side);
        known.contested_at.get_or_insert(fact.at);
        Ok(())
    }

    /// Whether an open dispute is about a report.
    pub(crate) fn is_in_dispute(&self, assertion: EventId) -> bool {
        let about = |dispute: &Dispute| dispute.assertion == Some(assertion);
        self.disputes.iter().any(about)
    }

    pub(crate) fn withdraw_assertion(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, |known| known.ended.is_none())?;
        if self.side(fact.by).as_ref() != Some(&self.assertions[index].by) {
            return Err(Why::NotYours);
        }
        self.end_dispute_about(assertion);
        self.assertions[index].ended = Some(Ended::Withdrawn);
        Ok(())
    }

    /// Counts silence as a yes. A report that the deal no longer allows by now ends without effect.
    pub(crate) fn accept_silence(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, Assertion::is_open)?;
        let from = self.assertions[index].accepted_from.ok_or(Why::WordMissing)?;
        if fact.at < from {
            return Err(Why::TooEarly(self.bound()?.calendar()?.date(from)));
        }
        if self.make_effective(index, fact).is_err() {
            self.assertions[index].ended = Some(Ended::Lapsed);
        }
        self.end_dispute_about(assertion);
        Ok(())
    }

    /// Gives a report its effect, with the fact that completes it.
    pub(crate) fn make_effective(&mut self, index: usize, fact: &Fact) -> Result<(), Why> {
        let known = &self.assertions[index];
        let (what, at, reported_by) = (known.what.clone(), known.at, known.fact);
        let submitter = what.candidate().and_then(|candidate| self.submitter(candidate));
        // The candidate's own side stands behind it if it reported it, or is no longer among those who are waited for.
        let confirms = self.side(fact.by).filter(|side| known.awaits.contains(side));
        let agreed = submitter.is_some_and(|side| !known.awaits.contains(&side) || confirms == Some(side));
        if !self.state.allows(what.kind()) || !self.is_of_this_placement(known) {
            return Err(Why::Overtaken);
        }
        let reported = Reported {
            fact: reported_by,
            at,
            agreed,
        };
        self.effect(&what, reported, fact)?;
        self.assertions[index].ended = Some(Ended::Effective);
        Ok(())
    }

    /// Applies the effect that a report has once it counts.
    pub(crate) fn effect(&mut self, what: &What, reported: Reported, fact: &Fact) -> Result<(), Why> {
        match what {
            What::Placed { .. } => self.place(what, reported, fact),
            What::PlacementCorrected { pay, starts_on } => self.correct(*pay, *starts_on),
            What::FellOff { last_day, .. } => self.fall_off_on(reported, fact, *last_day),
            What::RefundChosen {} => self.choose_refund(fact),
            What::PriorClaimRaised {
                candidate,
                last_contact_on,
                proof,
            } => self.object(reported, *candidate, *last_contact_on, *proof),
            What::StageMoved {
                candidate, from, to, ..
            } => self.move_stage(*candidate, *from, *to, reported.agreed),
            What::Invoiced {
                invoice,
                billed,
                amount,
            } => self.invoice(reported, fact, invoice, *billed, *amount),
            What::Contacted { candidate } => self.submittal(*candidate).map(|_| ()),
            What::Closed { .. } => self.close(fact),
            _ => Err(Why::NotInThisState),
        }
    }

    /// Ends the reports that are open or contested, with the dispute about one of them. It ends all, or those about a
    /// candidate.
    pub(crate) fn lapse_assertions(&mut self, about: Option<CandidateId>) {
        // An objection, and a hire that a document shows, stand whatever the candidate says about their consent.
        let shown = |what: &What| {
            matches!(
                what,
                What::PriorClaimRaised { .. } | What::Placed { evidence: Some(_), .. }
            )
        };
        self.lapse_where(|known| match about {
            Some(candidate) => known.candidate() == Some(candidate) && !shown(&known.what),
            None => true,
        });
    }

    fn lapse_where(&mut self, ends: impl Fn(&Assertion) -> bool) {
        for index in 0..self.assertions.len() {
            let known = &self.assertions[index];
            if known.ended.is_some() || !ends(known) {
                continue;
            }
            let fact = known.fact;
            self.assertions[index].ended = Some(Ended::Lapsed);
            self.end_dispute_about(fact);
        }
    }

    /// Puts the open reports to the sides of new terms. Parties that changed answer anew; what a side reported that is none any more lapses.
    pub(crate) fn carry_assertions(&mut self, old: &Terms, at: Timestamp) {
        let Some(terms) = self.in_force.clone() else { return };
        let stays = |who: &Who| match who {
            Who::Party(party) => terms.party(party).map(|new| new.tenant) == old.party(party).map(|was| was.tenant),
            _ => true,
        };
        let asked: BTreeMap<EventId, Vec<Who>> = self
            .assertions
            .iter()
            .map(|known| (known.fact, self.awaited(&known.what, &known.by)))
            .collect();
        self.lapse_where(|known| !stays(&known.by) || asked[&known.fact].is_empty());
        for index in 0..self.assertions.len() {
            let known = &self.assertions[index];
            if known.ended.is_some() {
                continue;
            }
            let asked = &asked[&known.fact];
            let said_yes = |who: &&Who| stays(who) && !known.awaits.contains(who);
            let mut awaits: Vec<Who> = asked.iter().filter(|who| !said_yes(who)).cloned().collect();
            // All who are left have said yes. A report takes effect by a yes, so one of them says it once more.
            if awaits.is_empty() {
                awaits.extend(asked.first().cloned());
            }
            // Whoever comes in the place of a side that said no has a no of its own.
            let said_no: Vec<Who> = known.said_no.iter().filter(|who| stays(who)).cloned().collect();
            let left: Vec<Who> = known.contested_by.iter().filter(|who| !stays(who)).cloned().collect();
            self.assertions[index].awaits = awaits;
            self.assertions[index].said_no = said_no;
            for side in left {
                self.take_back_no(index, &side, at);
            }
        }
    }

    /// The next yes to an open report, and who would say it; nothing where nobody is asked any more.
    #[must_use]
    pub fn yes_to(&self, assertion: EventId) -> Option<(Author, What)> {
        let known = self.assertion(assertion).filter(|known| known.is_open())?;
        let by = self.speaker(known.awaits.first()?)?;
        Some((by, What::AssertionConfirmed { assertion }))
    }

    /// An author who speaks for a side, where it does not matter which of its people.
    pub(crate) fn speaker(&self, side: &Who) -> Option<Author> {
        let Who::Party(party) = side else {
            return Some(Author::Employer);
        };
        Some(Author::Member {
            tenant: self.in_force.as_ref()?.party(party)?.tenant,
            member: MemberId::from_uuid(uuid::Uuid::nil()),
        })
    }

    /// Whether a fact counts: a report that needs others' word counts once it took effect.
    pub(crate) fn counts(&self, fact: &Fact) -> bool {
        self.assertion(fact.id)
            .is_none_or(|known| known.ended == Some(Ended::Effective))
    }
}
