//! Disputes: opened, argued with evidence, and ended by a ruling or by the default that stands in for one.

use std::collections::BTreeSet;

use inventure_core::{EventId, Money};
use inventure_ledger::{Hash, allocate::check_whole};
use jiff::Timestamp;

use crate::{
    assertion::{Assertion, Ended},
    author::Standing,
    deal::{Deal, Invoice},
    dispute::{Dispute, DisputeError, GivenEvidence, Ruled, Ruling},
    fact::{Author, Fact, What},
    part::prorate,
    party::Who,
    refusal::Why,
    state::State,
};

/// The most disputes about no report that one side opens in a deal and wins nothing by.
const DISPUTES_MAX: usize = 3;

impl Deal {
    pub(super) fn open_dispute(
        &mut self,
        fact: &Fact,
        amount: Option<Money>,
        assertion: Option<EventId>,
        among_parties: bool,
    ) -> Result<(), Why> {
        let terms = self.bound()?;
        let mut dispute = Dispute::open(fact.id, fact.by, fact.at, &terms.disputes, &terms.calendar()?)?;
        if self.rules < 2 {
            self.disputes.push(dispute);
            self.before_dispute = self.state;
            self.state = State::Disputed;
            return Ok(());
        }
        let side = self.side(fact.by).ok_or(Why::NotYours)?;
        // Whom a report asks is a side of a dispute about it.
        if among_parties && (side == Who::Client || assertion.is_some()) {
            return Err(Why::NotOfTheParties);
        }
        dispute.among_parties = among_parties;
        let left: i64 = self.invoices.iter().map(Invoice::left).sum();
        if let Some(id) = assertion {
            let known = self.assertion(id).ok_or(Why::UnknownAssertion)?;
            if !known.is_disputable() {
                return Err(Why::AssertionEnded);
            }
            // Its days, its evidence and its withdrawal are its reporter's.
            if known.by != side {
                return Err(Why::NotYours);
            }
            if self.is_in_dispute(id) {
                return Err(Why::DisputeOpen);
            }
            dispute.assertion = assertion;
            // Something may have been taken off meanwhile. The report holds it back by itself.
            dispute.amount_minor_units = known.stake_minor_units.min(left);
        } else {
            dispute.amount_minor_units = self.amount_in_dispute(&side, amount, left)?;
            let count = self.disputes_of.entry(side).or_default();
            // A side that comes again is heard again, and holds back nothing more.
            if *count == 0 {
                dispute.frozen_minor_units = dispute.amount_minor_units;
            }
            *count += 1;
        }
        self.disputes.push(dispute);
        Ok(())
    }

    /// The amount of a dispute that is about no report.
    fn amount_in_dispute(&self, side: &Who, amount: Option<Money>, left: i64) -> Result<i64, Why> {
        // A closed deal is opened again only by what somebody reported, with its evidence.
        if self.state == State::Closed {
            return Err(Why::OnlyReports);
        }
        let own = |dispute: &Dispute| dispute.assertion.is_none() && self.side(dispute.by).as_ref() == Some(side);
        if self.disputes.iter().any(own) {
            return Err(Why::DisputeOpen);
        }
        if self.disputes_of.get(side).is_some_and(|count| *count >= DISPUTES_MAX) {
            return Err(Why::TooOften);
        }
        let disputed = match amount {
            Some(amount) => {
                self.check_amount(amount)?;
                amount.minor_units
            }
            None if left > 0 => return Err(Why::AmountMissing),
            None => 0,
        };
        if disputed > left {
            return Err(Why::TooMuch {
                outstanding_minor_units: left,
            });
        }
        Ok(disputed)
    }

    /// The place of an open dispute, by the fact that opened it; of the only one where none is named.
    fn find_dispute(&self, opened: Option<EventId>) -> Result<usize, Why> {
        self.find_dispute_where(opened, |_| true)
    }

    /// The place of an open dispute among those that the author may know of, as `find_dispute` finds it. The client
    /// does not know of those in which it is no side.
    fn find_dispute_of(&self, by: Author, opened: Option<EventId>) -> Result<usize, Why> {
        let is_client = self.rules >= 2 && self.side(by) == Some(Who::Client);
        self.find_dispute_where(opened, |dispute| !is_client || self.concerns_client(dispute))
    }

    fn find_dispute_where(&self, opened: Option<EventId>, known: impl Fn(&Dispute) -> bool) -> Result<usize, Why> {
        let named = |dispute: &Dispute| opened.is_none_or(|opened| dispute.opened == opened) && known(dispute);
        let mut found = self.disputes.iter().enumerate().filter(|(_, dispute)| named(dispute));
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Ok(index),
            _ => Err(Why::WhichDispute),
        }
    }

    /// The open dispute that is meant, by the fact that opened it; the only one where none is named.
    #[must_use]
    pub fn dispute(&self, opened: Option<EventId>) -> Option<&Dispute> {
        self.find_dispute(opened).ok().map(|index| &self.disputes[index])
    }

    pub(super) fn give_evidence(&mut self, fact: &Fact, opened: Option<EventId>, sha256: Hash) -> Result<(), Why> {
        let calendar = self.bound()?.calendar()?;
        let index = self.find_dispute_of(fact.by, opened)?;
        let dispute = &self.disputes[index];
        dispute.check_evidence(fact.at, &calendar)?;
        if self.rules >= 2 {
            self.check_shown(|known, _| known == sha256, self.concerns_client(dispute))?;
        }
        let (by, step) = (fact.by, dispute.step);
        self.disputes[index].evidence.push(GivenEvidence {
            fact: fact.id,
            by,
            step,
            sha256,
        });
        Ok(())
    }

    /// Whether the client is a side of a dispute. It is where it made the report or is asked about it. It is too where
    /// there is no report, unless the dispute is of the parties alone.
    #[must_use]
    pub fn concerns_client(&self, dispute: &Dispute) -> bool {
        let reported = dispute.assertion.and_then(|id| self.assertion(id));
        reported.map_or(!dispute.among_parties, |known| {
            self.concerned(known).contains(&Who::Client)
        })
    }

    pub(super) fn escalate(&mut self, fact: &Fact, opened: Option<EventId>) -> Result<(), Why> {
        let terms = self.bound()?;
        let index = self.find_dispute_of(fact.by, opened)?;
        self.disputes[index] = self.disputes[index].escalated(fact.at, &terms.disputes, &terms.calendar()?)?;
        Ok(())
    }

    pub(super) fn withdraw_dispute(&mut self, fact: &Fact, opened: Option<EventId>) -> Result<(), Why> {
        let index = self.find_dispute_of(fact.by, opened)?;
        let dispute = &self.disputes[index];
        let same = match (dispute.by, fact.by) {
            (Author::Member { tenant, .. }, Author::Member { tenant: other, .. }) => tenant == other,
            (opener, other) => opener == other,
        };
        if !same {
            return Err(Why::NotYours);
        }
        let about = dispute.assertion;
        // A report goes to a dispute once: otherwise whoever comes again and again holds back its stake for ever.
        if let Some(known) = self.assertions.iter_mut().find(|known| Some(known.fact) == about) {
            known.ended = Some(Ended::Withdrawn);
        }
        self.end_dispute(index);
        Ok(())
    }

    pub(super) fn rule(&mut self, fact: &Fact, opened: Option<EventId>, ruling: &Ruling) -> Result<(), Why> {
        let terms = self.bound()?;
        let index = self.find_dispute(opened)?;
        let dispute = &self.disputes[index];
        let calendar = terms.calendar()?;
        dispute.check_ruling(fact.at, &terms.disputes, &calendar)?;
        if self.rules >= 2 {
            let ladder = &terms.disputes;
            let not_before = match fact.by {
                Author::Network => dispute.ruling_days_end(ladder)?,
                Author::Member { tenant, .. } if Some(tenant) == ladder.deputy => dispute.arbiters_days_end(ladder)?,
                _ => dispute.evidence_until,
            };
            let by_default = fact.by == Author::Network;
            let answered = !by_default || self.default_from(dispute).is_some_and(|from| from <= fact.at);
            if calendar.date(fact.at) <= not_before || !answered {
                return Err(Why::Dispute(DisputeError::TooEarly { until: not_before }));
            }
            if by_default && *ruling != self.default_ruling(dispute) {
                return Err(Why::NotTheDefault);
            }
        } else if Standing::of(fact.by, terms) != Some(Standing::Arbiter) {
            return Err(Why::NotYours);
        }
        let dispute = dispute.clone();
        let assertion = dispute.assertion;
        let reopens = self.state == State::Closed;
        // No ruling against a client that could not be heard.
        if self.rules >= 2 && ruling.concerns_client() && !self.concerns_client(&dispute) {
            return Err(Why::RulingWithout);
        }
        if self.rules >= 2 && fact.by != Author::Network {
            self.check_grounds(&dispute, ruling, fact)?;
        }
        match ruling {
            Ruling::Stands => {}
            Ruling::Upheld => {
                let id = assertion.ok_or(Why::RulingWithout)?;
                let index = self.index_of(id, |known| known.ended.is_none())?;
                self.make_effective(index, fact)?;
            }
            // Only what was reported, and what comes of it, opens a closed deal again.
            _ if reopens => return Err(Why::RulingWithout),
            Ruling::Reallocated { shares } => {
                let terms = self.bound()?;
                let names: BTreeSet<_> = shares.iter().map(|ruled| &ruled.party).collect();
                let known = shares.iter().all(|ruled| terms.party(&ruled.party).is_some());
                let parts: Vec<_> = shares.iter().map(|ruled| ruled.share).collect();
                if !known || names.len() != shares.len() || check_whole(&parts).is_err() {
                    return Err(Why::RulingShares);
                }
            }
            Ruling::Refunded { amount } => {
                // What nobody disputed is not the arbiter's to give.
                let disputed = dispute.amount_minor_units;
                if self.rules >= 2 && amount.minor_units > disputed {
                    return Err(Why::TooMuch {
                        outstanding_minor_units: disputed,
                    });
                }
                self.refund_by_ruling(*amount)?;
            }
            Ruling::Restored { amount } => self.restore_by_ruling(*amount)?,
            Ruling::Corrected { pay, starts_on } => {
                // What was said of one placement corrects no other.
                let known = assertion.and_then(|id| self.assertion(id));
                if known.is_some_and(|known| !self.is_of_this_placement(known)) {
                    return Err(Why::RulingWithout);
                }
                self.correct(*pay, *starts_on)?;
            }
        }
        if let Some(known) = self
            .assertions
            .iter_mut()
            .find(|known| Some(known.fact) == assertion && known.ended.is_none())
        {
            known.ended = Some(Ended::Rejected);
        }
        // Who was given something comes again as if for the first time.
        if assertion.is_none()
            && ruling.moves_money()
            && let Some(count) = self.side(dispute.by).and_then(|side| self.disputes_of.get_mut(&side))
        {
            *count = count.saturating_sub(1);
        }
        if let Ok(index) = self.find_dispute(Some(dispute.opened)) {
            self.end_dispute(index);
        }
        self.ruled.push(Ruled { fact: fact.id, dispute });
        Ok(())
    }

    /// Refuses a judge's ruling that the dispute is not about, or for which nothing was shown.
    ///
    /// The effect of a report, all of it or as a refund, rests on what was shown for it; the client's debt otherwise,
    /// on what anybody showed.
    fn check_grounds(&self, dispute: &Dispute, ruling: &Ruling, fact: &Fact) -> Result<(), Why> {
        let report = dispute.assertion.and_then(|id| self.assertion(id));
        let is_about = |report: &Assertion| match ruling {
            Ruling::Restored { .. } => report.takes_off(),
            Ruling::Corrected { .. } => matches!(report.what, What::PlacementCorrected { .. }),
            _ => true,
        };
        if report.is_some_and(|report| !is_about(report)) {
            return Err(Why::RulingWithout);
        }
        let shown = match (ruling, report) {
            (Ruling::Upheld | Ruling::Refunded { .. }, Some(report)) => self.is_shown(dispute, report),
            _ => !ruling.concerns_client() || !dispute.evidence.is_empty(),
        };
        if !shown {
            return Err(Why::NothingShown);
        }
        // Whoever has said nothing yet has the days that the terms give.
        let waits = |report: &Assertion| {
            let silent = report.awaits.iter().any(|who| !report.contested_by.contains(who));
            silent && report.accepted_from.is_some_and(|from| fact.at < from)
        };
        let rests_on_report = *ruling == Ruling::Upheld || ruling.concerns_client();
        if rests_on_report && report.is_some_and(waits) {
            return Err(Why::WordMissing);
        }
        Ok(())
    }

    /// Whether something was shown for a report by a side that stands behind it. It is shown in the dispute or with the
    /// report. A step, a choice and a closing need nothing.
    fn is_shown(&self, dispute: &Dispute, known: &Assertion) -> bool {
        let cites = match &known.what {
            What::StageMoved { .. } | What::RefundChosen {} | What::Closed { .. } | What::PriorClaimRaised { .. } => {
                true
            }
            What::Placed { evidence, .. } => evidence.is_some(),
            _ => false,
        };
        let given = dispute.evidence.iter().filter_map(|evidence| self.side(evidence.by));
        cites || given.into_iter().any(|side| self.stands_behind(&side, known))
    }

    /// The ruling where nobody ruled in time. A report stands if only sides that stand behind it gave evidence, and
    /// everything else stays. A report that silence never makes effective is not upheld by this either.
    #[must_use]
    pub fn default_ruling(&self, dispute: &Dispute) -> Ruling {
        self.upheld_by_default(dispute)
            .map_or(Ruling::Stands, |()| Ruling::Upheld)
    }

    /// The moment from which the default ruling ends a dispute that is on its last step.
    #[must_use]
    pub fn default_ruling_at(&self, dispute: &Dispute) -> Option<Timestamp> {
        let terms = self.in_force.as_ref().filter(|_| self.rules >= 2)?;
        let is_last = dispute.is_last(&terms.disputes);
        self.default_from(dispute).filter(|_| is_last)
    }

    /// The moment from which the default ruling ends a dispute. The judges' days are over by then, and so are those to
    /// answer the report.
    pub(crate) fn default_from(&self, dispute: &Dispute) -> Option<Timestamp> {
        let terms = self.in_force.as_ref()?;
        let judges = terms
            .calendar()
            .ok()?
            .end_of(dispute.ruling_days_end(&terms.disputes).ok()?)
            .ok()?;
        let reported = dispute.assertion.and_then(|id| self.assertion(id));
        let answers = reported.and_then(|known| known.accepted_from);
        Some(answers.map_or(judges, |answers| answers.max(judges)))
    }

    fn upheld_by_default(&self, dispute: &Dispute) -> Option<()> {
        let known = self.assertion(dispute.assertion?)?;
        let decides = known.is_contested() && known.accepted_from.is_some();
        let given = dispute.evidence.iter().filter_map(|evidence| self.side(evidence.by));
        let sides: BTreeSet<Who> = given.collect();
        if !decides || sides.is_empty() || !sides.iter().all(|side| self.stands_behind(side, known)) {
            return None;
        }
        // What can no longer take effect is not upheld.
        let now = Fact {
            id: dispute.opened,
            at: self.facts.last().map_or(known.at, |last| last.at),
            by: Author::Network,
            what: known.what.clone(),
        };
        let index = self.index_of(known.fact, Assertion::is_contested).ok()?;
        self.clone().make_effective(index, &now).ok()
    }

    /// Returns a weight for each bill. It is zero for those of an earlier placement, where the last has bills of its
    /// own and left.
    fn bills_in_question(&self, weight: impl Fn(&Invoice) -> i64) -> Vec<i64> {
        let first = self.fall_off().map_or(0, |_| self.first_bill());
        let bills = self.invoices.iter().enumerate();
        bills
            .map(|(index, bill)| if index < first { 0 } else { weight(bill) })
            .collect()
    }

    /// Takes the amount off the bills in question, in proportion to what is left of each.
    fn refund_by_ruling(&mut self, amount: Money) -> Result<(), Why> {
        self.check_amount(amount)?;
        let weights = self.bills_in_question(Invoice::left);
        let outstanding = weights.iter().try_fold(0_i64, |sum, weight| sum.checked_add(*weight));
        let outstanding_minor_units = outstanding.unwrap_or(i64::MAX);
        if amount.minor_units > outstanding_minor_units {
            return Err(Why::TooMuch {
                outstanding_minor_units,
            });
        }
        let parts = prorate(amount.minor_units, &weights).map_err(|_| Why::NotPositive)?;
        for (invoice, part) in self.invoices.iter_mut().zip(parts) {
            invoice.credit(part);
        }
        Ok(())
    }

    /// Puts an amount that was taken off back onto the bills in question. Each gets a part in proportion to what was
    /// taken off it.
    ///
    /// A refund that still waits is undone together with the departure, or not at all.
    fn restore_by_ruling(&mut self, amount: Money) -> Result<(), Why> {
        self.check_amount(amount)?;
        // What was corrected was never owed; a ruling corrects it again.
        let weights = self.bills_in_question(|bill| (bill.credited_minor_units - bill.corrected_minor_units).max(0));
        let credited: i64 = weights.iter().sum();
        let at_stake = if self.rules >= 2 { self.refund_at_stake() } else { 0 };
        let all = credited + at_stake;
        if amount.minor_units > credited && amount.minor_units != all {
            let outstanding_minor_units = if amount.minor_units > all { all } else { credited };
            return Err(Why::TooMuch {
                outstanding_minor_units,
            });
        }
        let put_back = amount.minor_units.min(credited);
        let parts = prorate(put_back, &weights).map_err(|_| Why::NotPositive)?;
        for (invoice, part) in self.invoices.iter_mut().zip(parts) {
            invoice.credited_minor_units -= part;
        }
        // Somebody who is owed again has a guarantee that runs on, or is over, as if nothing had been taken off.
        if amount.minor_units == all
            && let Some(placement) = self.placements.last_mut()
        {
            placement.fall_off = None;
            self.state = self.money_state();
        }
        Ok(())
    }

    /// Ends a dispute. Before rules 2, takes the deal back to where it was, or to where money that came in meanwhile
    /// has brought it.
    pub(crate) fn end_dispute(&mut self, index: usize) {
        self.disputes.remove(index);
        if self.rules < 2 {
            self.state = self.before_dispute;
        }
        self.follow_the_money();
    }

    /// Ends the dispute about a report, where there is one.
    pub(crate) fn end_dispute_about(&mut self, assertion: EventId) {
        let about = |dispute: &Dispute| dispute.assertion == Some(assertion);
        if let Some(index) = self.disputes.iter().position(about) {
            self.end_dispute(index);
        }
    }
}
