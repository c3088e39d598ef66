//! Placements: made, corrected, and undone by an objection.

use std::ops::Range;

use inventure_core::{CandidateId, DocumentId};
use inventure_ledger::{Hash, Share, canonical, fee};
use jiff::civil::Date;

use crate::{
    assertion::Reported,
    calendar::plus_days,
    deal::{Deal, Decided, Invoice, Placement, Submittal},
    fact::{Author, Fact, What},
    fee::{Billed, FeeError, Pay},
    pipeline::Stage,
    refusal::Why,
    state::State,
    terms::FeeBase,
};

/// The most that is billed in one deal, in minor units. Every JSON library holds it exactly, and it is far from where
/// sums of 64 bits end.
pub(super) const BILLED_MAX_MINOR_UNITS: i64 = canonical::INTEGER_MAX as i64;

/// The most that one side bills, so that it takes no room from the others.
pub(super) const FEE_MAX_MINOR_UNITS: i64 = BILLED_MAX_MINOR_UNITS / 32;

/// The most days between acceptance and start, and by which a start is corrected.
const START_DAYS_MAX: i64 = 3 * 366;

impl Deal {
    pub(crate) fn place(&mut self, what: &What, reported: Reported, fact: &Fact) -> Result<(), Why> {
        let What::Placed {
            candidate,
            pay,
            accepted_on,
            starts_on,
            evidence,
        } = what
        else {
            return Err(Why::NotInThisState);
        };
        let (candidate, pay, accepted_on, starts_on) = (*candidate, *pay, *accepted_on, *starts_on);
        let terms = self.bound()?;
        let calendar = terms.calendar()?;
        let today = calendar.date(reported.at);
        if accepted_on > today {
            return Err(Why::Dates("the acceptance lies in the future"));
        }
        if starts_on < accepted_on {
            return Err(Why::Dates("the start comes before the acceptance"));
        }
        let submittal = self.candidates.get(&candidate).ok_or(Why::NotSubmitted(candidate))?;
        // It was in the pipeline when it was reported. Who moves it out of there meanwhile answers nothing by that, and a yes or a judge does.
        let answered = fact.id != reported.fact && !matches!(fact.what, What::AssertionAccepted { .. });
        self.check_hire(submittal, (accepted_on, starts_on), *evidence, answered)?;
        let fee = terms.whole_fee(pay)?;
        if self.rules >= 2 && fee > FEE_MAX_MINOR_UNITS {
            return Err(Why::Fee(FeeError::TooLarge));
        }
        let (decision, owners) = self.decide_for(candidate, accepted_on)?;
        if !decision.is_split {
            return Err(Why::NotASplit(decision.because));
        }
        // Nobody is hired twice, whoever was hired since.
        let stays = |known: &Placement| known.candidate == candidate && known.fall_off.is_none();
        if self.rules >= 2 && self.placements.iter().any(stays) {
            return Err(Why::AlreadyPlaced);
        }
        let placement = self.following(
            Placement {
                fact: reported.fact,
                candidate,
                source: submittal.source,
                owners,
                pay,
                starts_on,
                reported_in_time: today <= plus_days(accepted_on, i64::from(terms.report_placement_within_days))?,
                guarantee_from: starts_on,
                guarantee_days: terms.guarantee.days(fee),
                billed_from: self.invoices.len(),
                counts_from: fact.at,
                fall_off: None,
            },
            accepted_on,
            today,
        )?;
        // A guarantee that ends beyond the calendar would never end.
        let (days, from) = (placement.guarantee_days, placement.guarantee_from);
        terms.guarantee.end(days, from, &calendar)?;
        if self.fall_off().is_some_and(|left| left.refunded_by.is_some()) {
            // What the refund of the last hire took off is not owed again by this one.
            for invoice in self.invoices.iter_mut().skip(placement.billed_from) {
                invoice.corrected_minor_units = invoice.credited_minor_units;
            }
        }
        self.placements.push(placement);
        let submittal = self.submittal(candidate)?;
        submittal.stage = Stage::Accepted;
        // The others see all there is once the candidate's own side says so, and not by its silence.
        if reported.agreed {
            submittal.furthest = Stage::Accepted;
        }
        self.open = None;
        self.state = self.money_state();
        Ok(())
    }

    /// Checks that a candidate could be hired as reported. The hire is from the pipeline, or from outside it with a
    /// document that shows it.
    fn check_hire(
        &self,
        submittal: &Submittal,
        (accepted_on, starts_on): (Date, Date),
        evidence: Option<DocumentId>,
        answered: bool,
    ) -> Result<(), Why> {
        if self.rules < 2 {
            let at = submittal.stage;
            return if at.is_end() {
                Err(Why::WrongStage {
                    at,
                    next: at.next(false),
                })
            } else {
                Ok(())
            };
        }
        if starts_on > plus_days(accepted_on, START_DAYS_MAX)? {
            return Err(Why::Dates("the start is more than three years after the acceptance"));
        }
        if let Some(withdrawn) = submittal.withdrawn {
            let calendar = self.bound()?.calendar()?;
            let fact = self.facts.iter().find(|fact| fact.id == withdrawn);
            if fact.is_none_or(|fact| calendar.date(fact.at) <= accepted_on) {
                return Err(Why::ConsentWithdrawn);
            }
        }
        // Who was out of the pipeline may have been hired behind the brokers' backs; a document has to show it.
        let in_pipeline = (answered || !submittal.stage.is_end()) && submittal.withdrawn.is_none();
        match evidence {
            Some(document) => self.check_shown(|_, id| id == document, true),
            None if in_pipeline && matches!(self.state, State::Active | State::Replacing) => Ok(()),
            None => Err(Why::NeedsEvidence),
        }
    }

    /// Returns a placement as it follows the last one. It follows as a replacement, as the same person's second hire,
    /// or on its own.
    ///
    /// It is on its own where the person was hired after a refund, or besides another whose fee is billed and of whom
    /// nothing can be reported any more. Until what was reported of the other has ended, nobody comes after them: the
    /// report would be about nobody.
    fn following(&self, mut placement: Placement, accepted_on: Date, today: Date) -> Result<Placement, Why> {
        let Some(last) = self.placements.last() else {
            return Ok(placement);
        };
        let Some(left) = &last.fall_off else {
            let besides = self.rules >= 2 && last.candidate != placement.candidate;
            // Who works by the hour is billed for on and on.
            let by_the_hour = matches!(self.bound()?.fee, FeeBase::Hourly { .. });
            let is_past = self.is_past(last, today) && self.is_billed() && !by_the_hour;
            return if besides && !self.is_reported(last) && (is_past || self.state == State::Closed) {
                Ok(placement)
            } else {
                Err(Why::AlreadyPlaced)
            };
        };
        // A replacement is asked for first.
        if self.state == State::FallenOff && (self.rules < 2 || left.refunded_by.is_none()) {
            return Err(Why::NotInThisState);
        }
        match self.bound()?.guarantee.replacement {
            Some(rule) if left.refunded_by.is_none() => {
                let until = self.replaced_until()?;
                if accepted_on > until {
                    return Err(Why::TooLate(until));
                }
                if !rule.restarts_clock {
                    placement.guarantee_from = last.guarantee_from;
                }
                // The fee was agreed for the first, and so were the days that go with it.
                placement.guarantee_days = last.guarantee_days;
                placement.pay = last.pay;
                placement.source = last.source;
                placement.billed_from = last.billed_from;
            }
            _ if self.rules >= 2 && self.is_reported(last) => return Err(Why::AssertionOpen),
            // Hired again after a refund: what the client kept paying for the first time counts.
            _ if last.candidate == placement.candidate => placement.billed_from = last.billed_from,
            _ => {}
        }
        Ok(placement)
    }

    /// Whether a report about a placement waits.
    fn is_reported(&self, placement: &Placement) -> bool {
        let mut waiting = self.assertions.iter().filter(|known| known.ended.is_none());
        waiting.any(|known| known.is_of_one() && known.placement == Some(placement.fact))
    }

    /// Whether the days are over in which a fall-off inside the guarantee may be reported.
    pub(crate) fn is_past(&self, placement: &Placement, today: Date) -> bool {
        let from = placement.guarantee_from.max(placement.starts_on);
        let last_day = plus_days(from, i64::from(placement.guarantee_days)).map_err(Why::from);
        last_day
            .and_then(|last_day| self.reported_until(placement, last_day))
            .is_ok_and(|until| today > until)
    }

    /// Returns the part of the fee for the placement itself that is still to be billed.
    pub(crate) fn placement_due(&self) -> Result<i64, Why> {
        let placement = self.placements.last().ok_or(Why::NotPlaced)?;
        let fee = self.bound()?.fee_for(Billed::Placement, placement.pay)?;
        Ok(fee - self.placement_billed(placement))
    }

    fn placement_billed(&self, placement: &Placement) -> i64 {
        self.billed_since(placement.billed_from, Billed::Placement)
    }

    /// Returns the amount that was billed for an item and not corrected since.
    fn billed_since(&self, first: usize, billed: Billed) -> i64 {
        let owed = |invoice: &Invoice| invoice.amount_minor_units - invoice.corrected_minor_units;
        let bills = self.invoices.iter().skip(first);
        bills.filter(|invoice| invoice.billed == billed).map(owed).sum()
    }

    /// Returns the part of a stage's fee that is still to be billed. A stage after the placement is due for each person
    /// who is placed.
    pub(crate) fn stage_due(&self, index: u16) -> Result<i64, Why> {
        let terms = self.bound()?;
        let placement = self.placements.last();
        let fee = terms.fee_for(Billed::Stage(index), placement.and_then(|placement| placement.pay))?;
        let after = match &terms.fee {
            FeeBase::Retained { stages, .. } => stages
                .get(usize::from(index))
                .is_some_and(|stage| stage.after_placement),
            _ => false,
        };
        let first = placement.filter(|_| after && self.rules >= 2);
        let first = first.map_or(0, |placement| placement.billed_from);
        Ok(fee - self.billed_since(first, Billed::Stage(index)))
    }

    /// Corrects the pay and the start. An amount that was billed too much is taken off; one that was billed too little
    /// can be billed.
    ///
    /// The pay of a person who left can be corrected: by it the rest of their fee is counted. The guarantee stays as it
    /// was.
    pub(crate) fn correct(&mut self, pay: Option<Pay>, starts_on: Date) -> Result<(), Why> {
        let terms = self.bound()?;
        let last = self.placements.len().checked_sub(1).ok_or(Why::NotPlaced)?;
        let placement = &self.placements[last];
        let left = placement.fall_off.as_ref();
        if left.is_some() && (self.rules < 2 || starts_on != placement.starts_on) {
            return Err(Why::RefundMade);
        }
        let moved = crate::calendar::day_number(placement.starts_on, starts_on).abs();
        if moved > START_DAYS_MAX {
            return Err(Why::Dates("the start is more than three years from the one recorded"));
        }
        let goes_on = self.goes_on(last);
        if self.rules < 2 && goes_on && pay != placement.pay {
            return Err(Why::Fee(FeeError::NotInTerms));
        }
        let fee = terms.whole_fee(pay)?;
        if fee > FEE_MAX_MINOR_UNITS {
            return Err(Why::Fee(FeeError::TooLarge));
        }
        let refund = left.filter(|left| left.refunded_by.is_some());
        let refund = refund.map_or(Share::NONE, |left| left.cover.refund);
        let has_left = left.is_some();
        let mut corrected = placement.clone();
        if corrected.guarantee_from == corrected.starts_on {
            corrected.guarantee_from = starts_on;
        }
        if !goes_on && !has_left {
            corrected.guarantee_days = terms.guarantee.days(fee);
        }
        (corrected.pay, corrected.starts_on) = (pay, starts_on);
        let (days, from) = (corrected.guarantee_days, corrected.guarantee_from);
        terms.guarantee.end(days, from, &terms.calendar()?)?;
        let too_much = match terms.fee {
            FeeBase::Percent { .. } => self.placement_billed(placement) - fee,
            _ => 0,
        };
        let billed_from = corrected.billed_from;
        self.placements[last] = corrected;
        // The fee was agreed for the first of those who replaced each other.
        for index in (0..last).rev() {
            let replaced = self.placements[index].fall_off.as_ref();
            if replaced.is_none_or(|left| left.refunded_by.is_some()) {
                break;
            }
            self.placements[index].pay = pay;
        }
        self.take_off(billed_from, too_much, refund);
        if !has_left {
            self.state = self.money_state();
        }
        Ok(())
    }

    /// Takes off what was never owed, the newest bill first. The client keeps the part that was refunded of what is
    /// still owed.
    fn take_off(&mut self, billed_from: usize, minor_units: i64, refund: Share) {
        let mut left = minor_units.max(0);
        let bills = self.invoices.iter_mut().skip(billed_from).rev();
        for invoice in bills.filter(|invoice| invoice.billed == Billed::Placement) {
            let owed = invoice.amount_minor_units - invoice.corrected_minor_units;
            let part = left.min(owed);
            let still = owed - part;
            // A part of what is not negative: there is always one.
            let kept = still - fee(still, refund).unwrap_or(0);
            invoice.corrected_minor_units += part;
            invoice.credit((invoice.left() - kept).max(0));
            left -= part;
        }
    }

    /// The day on which a candidate was submitted, and the last on which the client may object to them.
    fn objection_days(&self, candidate: CandidateId) -> Result<(Date, Date), Why> {
        let terms = self.bound()?;
        let rule = terms.claims.prior_claim.ok_or(Why::NoObjection)?;
        let calendar = terms.calendar()?;
        let submittal = self.candidates.get(&candidate).ok_or(Why::NotSubmitted(candidate))?;
        let fact = self.facts.iter().find(|fact| fact.id == submittal.fact);
        let submitted_on = calendar.date(fact.ok_or(Why::NotSubmitted(candidate))?.at);
        let until = calendar.business_days_after(submitted_on, rule.raised_within_business_days)?;
        Ok((submitted_on, until))
    }

    /// The last day on which the client may object to a candidate; nothing where the terms know no objection.
    #[must_use]
    pub fn objection_until(&self, candidate: CandidateId) -> Option<Date> {
        self.objection_days(candidate).ok().map(|(_, until)| until)
    }

    /// Applies an objection that the client knew the candidate before. Where the candidate was placed, the fee was
    /// never earned.
    pub(crate) fn object(
        &mut self,
        reported: Reported,
        candidate: CandidateId,
        last_contact_on: Date,
        proof: Hash,
    ) -> Result<(), Why> {
        if self.rules < 2 {
            return self.submittal(candidate).map(|_| ());
        }
        let terms = self.bound()?;
        let rule = terms.claims.prior_claim.ok_or(Why::NoObjection)?;
        let calendar = terms.calendar()?;
        let (submitted_on, until) = self.objection_days(candidate)?;
        if calendar.date(reported.at) > until {
            return Err(Why::TooLate(until));
        }
        if last_contact_on > submitted_on || submitted_on > rule.contact_within.last_day(last_contact_on)? {
            return Err(Why::Dates("the contact is not inside the window before the submittal"));
        }
        self.check_shown(|sha256, _| sha256 == proof, true)?;
        let submittal = self.submittal(candidate)?;
        submittal.decided.push(Decided {
            fact: reported.fact,
            owners: Vec::new(),
            on: None,
        });
        submittal.stage = Stage::Rejected;
        let is_theirs = |placement: &Placement| placement.candidate == candidate;
        match self.placements.iter().rposition(is_theirs) {
            // Also what stayed of the fee of somebody who left is not owed.
            Some(index) if index + 1 == self.placements.len() => self.undo_placement(),
            // Somebody else was hired since, with bills of their own. A replacement has none between the two.
            Some(index) if !self.goes_on(index) => {
                let until = self.placements[index + 1].billed_from;
                self.owe_nothing(self.placements[index].billed_from..until);
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes all that is left off these bills: it was never owed.
    fn owe_nothing(&mut self, bills: Range<usize>) {
        for invoice in &mut self.invoices[bills] {
            invoice.credit(invoice.left());
            invoice.corrected_minor_units = invoice.credited_minor_units;
        }
    }

    /// Undoes the last placement: its fee is not owed, unless it was a replacement, for which there was none.
    fn undo_placement(&mut self) {
        // What was billed before anybody was placed is owed for the search.
        let first = self
            .placements
            .get(self.first_of_last())
            .map_or(0, |first| first.billed_from);
        self.placements.pop();
        let before = self.placements.last();
        let left = before.and_then(|before| before.fall_off.as_ref());
        if left.is_some_and(|left| left.refunded_by.is_none()) {
            self.state = State::Replacing;
            return;
        }
        self.state = match (before, left) {
            (None, _) => State::Active,
            (Some(_), None) => State::Settled,
            (Some(_), Some(_)) => State::FallenOff,
        };
        self.owe_nothing(first..self.invoices.len());
    }

    /// The documents that a move cites as its evidence, of those that every side whom it concerns can see.
    #[must_use]
    pub fn evidence_of(&self, what: &What) -> Vec<DocumentId> {
        match what {
            What::Placed {
                evidence: Some(document),
                ..
            } => self.shown_to_all(|_, id| id == *document, true),
            What::PriorClaimRaised { proof, .. } => self.shown_to_all(|sha256, _| sha256 == *proof, true),
            What::EvidenceGiven { dispute, sha256, .. } => {
                let to_client = self
                    .dispute(*dispute)
                    .is_some_and(|dispute| self.concerns_client(dispute));
                self.shown_to_all(|known, _| known == *sha256, to_client)
            }
            _ => Vec::new(),
        }
    }

    /// Whether there is a document, found by its hash and id, that every side can see.
    pub(crate) fn check_shown(&self, is: impl Fn(Hash, DocumentId) -> bool, to_client: bool) -> Result<(), Why> {
        self.bound()?;
        if self.shown_to_all(is, to_client).is_empty() {
            return Err(Why::NoSuchDocument);
        }
        Ok(())
    }

    /// Returns the documents, found by their hash and id, that all parties and judges can see. Where the client is one
    /// of the sides, it can see them too.
    fn shown_to_all(&self, is: impl Fn(Hash, DocumentId) -> bool, to_client: bool) -> Vec<DocumentId> {
        let Some(terms) = &self.in_force else { return Vec::new() };
        let parties = terms.parties.iter().map(|party| party.tenant);
        let readers: Vec<_> = parties.chain(terms.disputes.judges()).collect();
        let shown = self.facts.iter().filter_map(|fact| match &fact.what {
            What::DocumentAdded {
                document,
                sha256,
                for_client,
                ..
            } if is(*sha256, *document) => {
                let own = match fact.by {
                    Author::Employer => true,
                    Author::Member { tenant, .. } => tenant == terms.employer,
                    _ => false,
                };
                (!to_client || *for_client || own).then_some(*document)
            }
            _ => None,
        });
        shown
            .filter(|document| readers.iter().all(|reader| self.shows_document(*document, *reader)))
            .collect()
    }
}
