//! Assertions: what one side reports about money, a claim or a candidate, and what the others answer.
//!
//! A report takes effect once every other side whose money, claim or candidate it touches has confirmed it, or once the days to answer are
//! over and nobody contested it, or once a ruling upholds it. Until then it changes nothing but to hold back the money at stake.
//!
//! | report | who confirms | silence counts |
//! |---|---|---|
//! | `placed` | the client and every party | where the pay is plausible and the start is within a year |
//! | `placement_corrected`, `closed` | the client and every party | no |
//! | `fell_off`, `refund_chosen`, `prior_claim_raised`, `contacted` | the client and every party | yes |
//! | `stage_moved` that shows more of a candidate | the agency that submitted them | no |

use inventure_core::{CandidateId, EventId, MemberId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    author::Standing,
    calendar::plus_days,
    deal::Deal,
    dispute::Dispute,
    fact::{Author, Fact, What},
    fee::Pay,
    party::Who,
    refusal::Why,
};

/// How often a side may report the same thing without being believed; after that only a dispute is left.
const FAILED_MAX: usize = 3;

/// The most days between acceptance and start for which silence counts.
const START_WITHIN_DAYS: i32 = 366;

/// The days after which a report lapses that nothing else would end.
const LAPSES_AFTER_DAYS: i64 = 30;

/// How a report ended.
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
}

/// A report by one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assertion {
    /// The fact that reported it.
    pub fact: EventId,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What was reported.
    pub what: What,
    /// The side that reported it.
    pub by: Who,
    /// The sides whose yes is missing.
    pub awaits: Vec<Who>,
    /// The moment from which silence counts as a yes; nothing where it never does.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_from: Option<Timestamp>,
    /// How much of the bills it would take off, which is held back meanwhile.
    pub stake_minor_units: i64,
    /// The side that contested it.
    pub contested_by: Option<Who>,
    /// How it ended; nothing while it is open or contested.
    pub ended: Option<Ended>,
}

impl Assertion {
    /// Whether it waits for answers.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ended.is_none() && self.contested_by.is_none()
    }

    /// Whether it was contested and nobody ruled yet.
    #[must_use]
    pub const fn is_contested(&self) -> bool {
        self.ended.is_none() && self.contested_by.is_some()
    }

    /// The candidate that it is about.
    #[must_use]
    pub const fn candidate(&self) -> Option<CandidateId> {
        self.what.candidate()
    }
}

/// A report as its effect needs it: when it was made, by which fact, and whether the candidate's own side stands behind it.
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
    pub(crate) fn side(&self, author: Author) -> Option<Who> {
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
            What::StageMoved { candidate, to, .. } => {
                self.discloses_more(*candidate, *to) && self.side(fact.by) != self.submitter(*candidate)
            }
            _ => false,
        }
    }

    /// The sides whose word a report needs.
    fn awaited(&self, what: &What, by: &Who) -> Vec<Who> {
        if let What::StageMoved { candidate, .. } = what {
            return self.submitter(*candidate).into_iter().collect();
        }
        let parties = self.in_force.iter().flat_map(|terms| &terms.parties);
        let parties = parties.map(|party| Who::Party(party.id.clone()));
        parties.chain([Who::Client]).filter(|who| who != by).collect()
    }

    /// Whether a side made a report, or said yes to it and did not take that back.
    pub(crate) fn stands_behind(&self, side: &Who, known: &Assertion) -> bool {
        let agreed = !known.awaits.contains(side) && self.awaited(&known.what, &known.by).contains(side);
        known.contested_by.as_ref() != Some(side) && (known.by == *side || agreed)
    }

    /// The moment from which silence counts as a yes.
    fn accepted_from(&self, fact: &Fact) -> Result<Option<Timestamp>, Why> {
        let terms = self.bound()?;
        let counts = match &fact.what {
            What::Placed {
                pay,
                accepted_on,
                starts_on,
                ..
            } => {
                let wait = starts_on.since(*accepted_on).map_or(i32::MAX, |span| span.get_days());
                wait <= START_WITHIN_DAYS && self.is_plausible(*pay)
            }
            What::FellOff { .. } | What::RefundChosen {} | What::PriorClaimRaised { .. } | What::Contacted { .. } => {
                true
            }
            _ => false,
        };
        if !counts {
            return Ok(None);
        }
        let calendar = terms.calendar()?;
        let last_day = plus_days(calendar.date(fact.at), i64::from(terms.answer_days()))?;
        Ok(Some(calendar.end_of(last_day)?))
    }

    /// Whether a pay is between half the least and twice the most that the job stated. Where nothing is stated, any is.
    fn is_plausible(&self, pay: Option<Pay>) -> bool {
        let Some(terms) = &self.in_force else { return false };
        match (pay, terms.stated_pay) {
            (Some(pay), Some(stated)) => {
                let yearly = i128::from(pay.amount.minor_units) * i128::from(pay.period.per_year());
                let (from, to) = (stated.from_minor_units_a_year.0, stated.to_minor_units_a_year.0);
                yearly * 2 >= i128::from(from) && yearly <= i128::from(to) * 2
            }
            _ => true,
        }
    }

    /// Takes a report. It is tried out first: what could not take effect today is refused today.
    pub(crate) fn assert(&mut self, fact: &Fact) -> Result<(), Why> {
        let by = self.side(fact.by).ok_or(Why::NotYours)?;
        let same = |known: &&Assertion| {
            let about = fact.what.candidate();
            known.by == by && known.what.kind() == fact.what.kind() && known.candidate() == about
        };
        let disputed = self.dispute.as_ref().and_then(|dispute| dispute.assertion);
        let waits = |known: &Assertion| known.is_open() || Some(known.fact) == disputed;
        if self.assertions.iter().filter(same).any(waits) {
            return Err(Why::AssertionOpen);
        }
        let failed = |known: &&Assertion| same(known) && known.ended != Some(Ended::Effective);
        if self.assertions.iter().filter(failed).count() >= FAILED_MAX {
            return Err(Why::TooOften);
        }
        let reported = Reported {
            fact: fact.id,
            at: fact.at,
            agreed: false,
        };
        let mut trial = self.clone();
        trial.effect(&fact.what, reported, fact)?;
        let credited = |deal: &Self| -> i64 { deal.invoices.iter().map(|invoice| invoice.credited_minor_units).sum() };
        let mut assertion = Assertion {
            fact: fact.id,
            at: fact.at,
            what: fact.what.clone(),
            awaits: self.awaited(&fact.what, &by),
            by,
            accepted_from: self.accepted_from(fact)?,
            stake_minor_units: (trial.refund_at_stake() - self.refund_at_stake())
                .max(credited(&trial) - credited(self))
                .max(0),
            contested_by: None,
            ended: None,
        };
        if assertion.awaits.is_empty() {
            self.effect(
                &fact.what,
                Reported {
                    agreed: true,
                    ..reported
                },
                fact,
            )?;
            assertion.ended = Some(Ended::Effective);
        }
        self.assertions.push(assertion);
        Ok(())
    }

    fn index_of(&self, fact: EventId, is: impl Fn(&Assertion) -> bool) -> Result<usize, Why> {
        let known = self.assertions.iter().position(|known| known.fact == fact);
        let index = known.ok_or(Why::UnknownAssertion)?;
        if is(&self.assertions[index]) {
            Ok(index)
        } else {
            Err(Why::AssertionEnded)
        }
    }

    pub(crate) fn confirm(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, Assertion::is_open)?;
        let side = self.side(fact.by).ok_or(Why::NotYours)?;
        let awaits = &self.assertions[index].awaits;
        let left: Vec<Who> = awaits.iter().filter(|who| **who != side).cloned().collect();
        if left.len() == awaits.len() {
            return Err(Why::NotAwaited);
        }
        if left.is_empty() {
            self.make_effective(index, fact)?;
        }
        self.assertions[index].awaits = left;
        Ok(())
    }

    pub(crate) fn contest(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, Assertion::is_open)?;
        let side = self.side(fact.by).ok_or(Why::NotYours)?;
        if side == self.assertions[index].by {
            return Err(Why::NotAwaited);
        }
        // Whoever said yes may still say no until it takes effect: then one more look is better than one too few.
        let touched = self.awaited(&self.assertions[index].what, &self.assertions[index].by);
        if !touched.contains(&side) {
            return Err(Why::NotAwaited);
        }
        self.assertions[index].contested_by = Some(side);
        Ok(())
    }

    pub(crate) fn withdraw_assertion(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, |known| known.ended.is_none())?;
        if fact.by == Author::Network {
            let from = self.lapses_from(&self.assertions[index]).ok_or(Why::NotYours)?;
            if fact.at < from {
                return Err(Why::TooEarly(self.bound()?.calendar()?.date(from)));
            }
            self.assertions[index].ended = Some(Ended::Lapsed);
            return Ok(());
        }
        if self.side(fact.by).as_ref() != Some(&self.assertions[index].by) {
            return Err(Why::NotYours);
        }
        if self
            .dispute
            .as_ref()
            .is_some_and(|dispute| dispute.assertion == Some(assertion))
        {
            self.end_dispute();
        }
        self.assertions[index].ended = Some(Ended::Withdrawn);
        Ok(())
    }

    /// The moment from which a report lapses that nothing else would end: silence does not count for it, or it was contested and nobody
    /// took it to the judge. The days begin anew when a dispute ends, since there is one at a time.
    pub(crate) fn lapses_from(&self, known: &Assertion) -> Option<Timestamp> {
        let disputed = |dispute: &Dispute| known.contested_by.is_some() || dispute.assertion == Some(known.fact);
        let waits = known.is_open() && known.accepted_from.is_some();
        if known.ended.is_some() || waits || self.dispute.as_ref().is_some_and(disputed) {
            return None;
        }
        let begins = |fact: &&Fact| match fact.what {
            What::AssertionContested { assertion, .. } => assertion == known.fact,
            What::Ruled { .. } | What::DisputeWithdrawn {} => known.contested_by.is_some(),
            _ => fact.id == known.fact,
        };
        let since = self.facts.iter().rev().find(begins)?;
        let calendar = self.in_force.as_ref()?.calendar().ok()?;
        let last_day = plus_days(calendar.date(since.at), LAPSES_AFTER_DAYS).ok()?;
        calendar.end_of(last_day).ok()
    }

    /// Silence counts as a yes. What the deal no longer allows by now ends without effect.
    pub(crate) fn accept_silence(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, Assertion::is_open)?;
        let from = self.assertions[index].accepted_from.ok_or(Why::WordMissing)?;
        if fact.at < from {
            return Err(Why::TooEarly(self.bound()?.calendar()?.date(from)));
        }
        if self.make_effective(index, fact).is_err() {
            self.assertions[index].ended = Some(Ended::Lapsed);
        }
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
        if !self.state.allows(what.kind()) {
            return Err(Why::NotInThisState);
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

    /// What a report does once it counts.
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
            } => self.move_stage(*candidate, *from, *to),
            What::Contacted { candidate } => self.submittal(*candidate).map(|_| ()),
            What::Closed { .. } => self.close(fact),
            _ => Err(Why::NotInThisState),
        }
    }

    /// Ends every open report, or every one about a candidate: the deal that they were about is another now.
    pub(crate) fn lapse_assertions(&mut self, about: Option<CandidateId>) {
        for known in &mut self.assertions {
            let concerned = about.is_none_or(|candidate| known.candidate() == Some(candidate));
            // An objection, and a hire that a document shows, stand whatever the candidate says about their consent.
            let shown = matches!(
                known.what,
                What::PriorClaimRaised { .. } | What::Placed { evidence: Some(_), .. }
            );
            if known.ended.is_none() && concerned && !(about.is_some() && shown) {
                known.ended = Some(Ended::Lapsed);
            }
        }
    }

    /// The next yes to an open report, and who would say it; nothing where nobody is asked any more.
    #[must_use]
    pub fn yes_to(&self, assertion: EventId) -> Option<(Author, What)> {
        let known = self.assertion(assertion).filter(|known| known.is_open())?;
        let terms = self.in_force.as_ref()?;
        let by = match known.awaits.first()? {
            Who::Party(party) => Author::Member {
                tenant: terms.party(party)?.tenant,
                member: MemberId::from_uuid(uuid::Uuid::nil()),
            },
            _ => Author::Employer,
        };
        Some((by, What::AssertionConfirmed { assertion }))
    }

    /// Whether a fact counts: a report that needs others' word counts once it took effect.
    pub(crate) fn counts(&self, fact: &Fact) -> bool {
        self.assertion(fact.id)
            .is_none_or(|known| known.ended == Some(Ended::Effective))
    }
}
