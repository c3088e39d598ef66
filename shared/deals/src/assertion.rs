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

use std::collections::BTreeMap;

use inventure_core::{CandidateId, EventId, MemberId};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    author::Standing,
    calendar::{day_number, plus_days},
    deal::Deal,
    dispute::Dispute,
    fact::{Author, Fact, Move, What},
    fee::{Billed, Pay},
    party::Who,
    refusal::Why,
    terms::Terms,
};

/// How often in a row a side may report the same thing without being believed.
const FAILED_MAX: usize = 3;

/// The most bills for hours by one side that wait for an answer.
const HOURS_WAITING_MAX: usize = 10;

/// The most days between acceptance and start for which silence counts.
const START_WITHIN_DAYS: i32 = 366;

/// The most days between acceptance and report for which silence counts: an older day would shorten the guarantee, or an older claim decide.
const ACCEPTED_WITHIN_DAYS: i64 = 30;

/// The minutes of a week for which silence counts.
const WEEK_MINUTES: i64 = 60 * 60;

/// The days after which a report expires that nobody answers and for which silence does not count.
const UNANSWERED_DAYS: i64 = 30;

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
    /// Nobody answered it, or its reporter took no dispute to the side that contested it in time.
    Expired,
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
    /// How much of the bills it would take off, which is held back meanwhile.
    pub stake_minor_units: i64,
    /// The sides that contest it.
    pub contested_by: Vec<Who>,
    /// When it was contested first, while it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub contested_at: Option<Timestamp>,
    /// How it ended; nothing while it is open or contested.
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

    /// Whether a dispute can be about it: somebody said no, or nobody's silence will ever count as a yes.
    #[must_use]
    pub const fn is_disputable(&self) -> bool {
        self.is_contested() || (self.is_open() && self.accepted_from.is_none())
    }

    /// Whether it can take something off the bills.
    const fn takes_off(&self) -> bool {
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

    /// Whether a side made a report, or said yes to it and did not take that back.
    pub(crate) fn stands_behind(&self, side: &Who, known: &Assertion) -> bool {
        let agreed = !known.awaits.contains(side) && self.awaited(&known.what, &known.by).contains(side);
        known.by == *side || agreed
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
                let age = day_number(*accepted_on, terms.calendar()?.date(fact.at));
                wait <= START_WITHIN_DAYS && age <= ACCEPTED_WITHIN_DAYS && self.is_plausible(*pay)
            }
            What::Invoiced {
                billed: Billed::Minutes(minutes),
                ..
            } => self.could_be_worked(*minutes, terms.calendar()?.date(fact.at)),
            What::FellOff { .. } | What::RefundChosen {} | What::PriorClaimRaised { .. } | What::Contacted { .. } => {
                true
            }
            _ => false,
        };
        if !counts {
            return Ok(None);
        }
        Ok(Some(self.answer_until(fact.at)?))
    }

    /// The end of the days to answer what is said now.
    fn answer_until(&self, at: Timestamp) -> Result<Timestamp, Why> {
        let terms = self.bound()?;
        let calendar = terms.calendar()?;
        let last_day = plus_days(calendar.date(at), i64::from(terms.answer_days()))?;
        Ok(calendar.end_of(last_day)?)
    }

    /// Whether so many minutes can have been worked by a day, together with those that are billed, or will be if nobody answers.
    fn could_be_worked(&self, minutes: u32, today: Date) -> bool {
        let Some(placement) = self.placements.last() else {
            return false;
        };
        let billed = self.invoices.iter().map(|invoice| match invoice.billed {
            Billed::Minutes(minutes) => i64::from(minutes),
            _ => 0,
        });
        let silent = self
            .assertions
            .iter()
            .filter(|known| known.is_open() && known.accepted_from.is_some());
        let waiting = silent.map(|known| match known.what {
            What::Invoiced {
                billed: Billed::Minutes(minutes),
                ..
            } => i64::from(minutes),
            _ => 0,
        });
        let all = billed.chain(waiting).fold(i64::from(minutes), i64::saturating_add);
        let weeks = day_number(placement.starts_on, today).max(0) / 7 + 1;
        all <= weeks * WEEK_MINUTES
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
            contested_at: None,
            ended: None,
        });
        Ok(())
    }

    /// How much a report would take off the bills if it took effect now.
    fn stake(&self, what: &What, reported: Reported, fact: &Fact) -> Result<i64, Why> {
        let mut trial = self.clone();
        trial.effect(what, reported, fact)?;
        let credited = |deal: &Self| -> i64 { deal.invoices.iter().map(|invoice| invoice.credited_minor_units).sum() };
        let taken = credited(&trial) - credited(self);
        Ok((trial.refund_at_stake() - self.refund_at_stake()).max(taken).max(0))
    }

    /// Counts anew what is at stake by the reports that wait: what was billed since is at stake too, what was taken off since is not.
    pub(crate) fn weigh_stakes(&mut self) {
        for index in 0..self.assertions.len() {
            let known = &self.assertions[index];
            if known.ended.is_some() || !known.takes_off() {
                continue;
            }
            let reported = Reported {
                fact: known.fact,
                at: known.at,
                agreed: false,
            };
            let fact = Fact {
                id: known.fact,
                at: known.at,
                by: Author::Network,
                what: known.what.clone(),
            };
            let stake = if self.is_of_this_placement(known) {
                self.stake(&known.what, reported, &fact).unwrap_or(0)
            } else {
                0
            };
            self.assertions[index].stake_minor_units = stake;
        }
    }

    /// Whether a report about a placement is about the one that stands: what was said of one holds of no other that came after it.
    fn is_of_this_placement(&self, known: &Assertion) -> bool {
        let is_of_one = matches!(
            known.what,
            What::PlacementCorrected { .. } | What::FellOff { .. } | What::RefundChosen {}
        );
        !is_of_one || self.placements.last().map(|placement| placement.fact) == known.placement
    }

    /// What the reports that wait would take off, all together. Two of the same are no more than one.
    pub(crate) fn at_stake(&self) -> i64 {
        let mut stakes = BTreeMap::from([((Move::FellOff, None), self.refund_at_stake())]);
        for known in self.assertions.iter().filter(|known| known.ended.is_none()) {
            let kind = match known.what.kind() {
                Move::RefundChosen => Move::FellOff,
                kind => kind,
            };
            let stake = stakes.entry((kind, known.candidate())).or_default();
            *stake = known.stake_minor_units.max(*stake);
        }
        stakes.into_values().fold(0, i64::saturating_add)
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
        // Whoever said yes may still say no until it takes effect: then one more look is better than one too few.
        let touched = self.awaited(&self.assertions[index].what, &self.assertions[index].by);
        let known = &mut self.assertions[index];
        if !touched.contains(&side) || known.contested_by.contains(&side) {
            return Err(Why::NotAwaited);
        }
        if !known.awaits.contains(&side) {
            known.awaits.push(side.clone());
        }
        known.contested_by.push(side);
        known.contested_at.get_or_insert(fact.at);
        Ok(())
    }

    /// The moment at which a report ends by itself without effect; nothing where it does not.
    ///
    /// A contest can be answered by a dispute for as many days as a report by a contest; a report that is not answered, where silence does
    /// not count, for thirty. A report that is in a dispute ends with it.
    #[must_use]
    pub fn expires_at(&self, known: &Assertion) -> Option<Timestamp> {
        let terms = self.in_force.as_ref()?;
        let calendar = terms.calendar().ok()?;
        let end = |from: Timestamp, days: i64| {
            let last_day = plus_days(calendar.date(from), days).ok()?;
            calendar.end_of(last_day).ok()
        };
        if known.ended.is_some() {
            return None;
        }
        let (from, days) = match (known.contested_at, known.accepted_from) {
            (Some(contested_at), _) => (contested_at, i64::from(terms.answer_days())),
            (None, None) => (known.at, UNANSWERED_DAYS),
            (None, Some(_)) => return None,
        };
        if self.is_in_dispute(known.fact) {
            return None;
        }
        end(from, days)
    }

    /// Whether an open dispute is about a report.
    pub(crate) fn is_in_dispute(&self, assertion: EventId) -> bool {
        let about = |dispute: &Dispute| dispute.assertion == Some(assertion);
        self.disputes.iter().any(about)
    }

    pub(crate) fn expire(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, |known| known.ended.is_none())?;
        let from = self.expires_at(&self.assertions[index]).ok_or(Why::WordMissing)?;
        if fact.at < from {
            return Err(Why::TooEarly(self.bound()?.calendar()?.date(from)));
        }
        self.assertions[index].ended = Some(Ended::Expired);
        Ok(())
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
        if !self.is_of_this_placement(known) {
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

    /// Ends the reports that are open or contested, with the dispute about one of them: all, or those about a candidate.
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
            let left: Vec<Who> = known.contested_by.iter().filter(|who| !stays(who)).cloned().collect();
            self.assertions[index].awaits = awaits;
            for side in left {
                self.take_back_no(index, &side, at);
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
