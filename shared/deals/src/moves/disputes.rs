//! Disputes: opened, argued with evidence, and ended by a ruling or by the default that stands in for one.

use std::collections::BTreeSet;

use inventure_core::{EventId, Money};
use inventure_ledger::{Hash, allocate::check_whole};
use jiff::Timestamp;

use crate::{
    assertion::{Assertion, Ended},
    author::Standing,
    deal::{Deal, Invoice},
    dispute::{Dispute, DisputeError, GivenEvidence, Ruling},
    fact::{Author, Fact, What},
    part::prorate,
    party::Who,
    refusal::Why,
    state::State,
};

/// The most disputes that one side opens in a deal.
const DISPUTES_MAX: usize = 3;

impl Deal {
    pub(super) fn open_dispute(
        &mut self,
        fact: &Fact,
        amount: Option<Money>,
        assertion: Option<EventId>,
    ) -> Result<(), Why> {
        let terms = self.bound()?;
        let mut dispute = Dispute::open(fact.id, fact.by, fact.at, &terms.disputes, &terms.calendar()?)?;
        if self.rules < 2 {
            self.dispute = Some(dispute);
            self.before_dispute = self.state;
            self.state = State::Disputed;
            return Ok(());
        }
        let side = self.side(fact.by).ok_or(Why::NotYours)?;
        let opened = |known: &&Fact| {
            matches!(known.what, What::DisputeOpened { .. }) && self.side(known.by).as_ref() == Some(&side)
        };
        let before = self.facts.iter().filter(opened).count();
        if before >= DISPUTES_MAX {
            return Err(Why::TooOften);
        }
        let left: i64 = self.invoices.iter().map(Invoice::left).sum();
        let disputed = match (assertion, amount) {
            (Some(id), _) => {
                let known = self.assertion(id).ok_or(Why::UnknownAssertion)?;
                if !known.is_disputable() {
                    return Err(Why::AssertionEnded);
                }
                // Its days, its evidence and its withdrawal are its reporter's.
                if known.by != side {
                    return Err(Why::NotYours);
                }
                // Something may have been taken off meanwhile.
                known.stake_minor_units.min(left)
            }
            // A closed deal is opened again only by what somebody reported, with its evidence.
            (None, _) if self.state == State::Closed => return Err(Why::OnlyReports),
            (None, Some(amount)) => {
                self.check_amount(amount)?;
                amount.minor_units
            }
            (None, None) if left > 0 => return Err(Why::AmountMissing),
            (None, None) => 0,
        };
        if disputed > left {
            return Err(Why::TooMuch {
                outstanding_minor_units: left,
            });
        }
        dispute.assertion = assertion;
        dispute.amount_minor_units = disputed;
        // A side that comes again is heard again, and holds back nothing more. A report holds back its stake by itself.
        dispute.frozen_minor_units = if before == 0 && assertion.is_none() {
            disputed
        } else {
            0
        };
        self.dispute = Some(dispute);
        Ok(())
    }

    pub(super) fn give_evidence(&mut self, fact: &Fact, sha256: Hash) -> Result<(), Why> {
        let calendar = self.bound()?.calendar()?;
        let dispute = self.dispute.as_ref().ok_or(Why::NotInThisState)?;
        dispute.check_evidence(fact.at, &calendar)?;
        if self.rules >= 2 {
            self.check_shown(|known, _| known == sha256, self.concerns_client(dispute))?;
        }
        let (by, step) = (fact.by, dispute.step);
        let evidence = GivenEvidence {
            fact: fact.id,
            by,
            step,
            sha256,
        };
        if let Some(dispute) = &mut self.dispute {
            dispute.evidence.push(evidence);
        }
        Ok(())
    }

    /// Whether the client is a side of a dispute.
    pub(super) fn concerns_client(&self, dispute: &Dispute) -> bool {
        let reported = dispute.assertion.and_then(|id| self.assertion(id));
        let opened = self.side(dispute.by) == Some(Who::Client);
        opened || reported.is_some_and(|known| known.by == Who::Client || known.contested_by == Some(Who::Client))
    }

    pub(super) fn escalate(&mut self, fact: &Fact) -> Result<(), Why> {
        let terms = self.bound()?;
        let dispute = self.dispute.as_ref().ok_or(Why::NotInThisState)?;
        let next = dispute.escalated(fact.at, &terms.disputes, &terms.calendar()?)?;
        self.dispute = Some(next);
        Ok(())
    }

    pub(super) fn withdraw_dispute(&mut self, fact: &Fact) -> Result<(), Why> {
        let opener = self.dispute.as_ref().ok_or(Why::NotInThisState)?.by;
        let same = match (opener, fact.by) {
            (Author::Member { tenant, .. }, Author::Member { tenant: other, .. }) => tenant == other,
            (opener, other) => opener == other,
        };
        if !same {
            return Err(Why::NotYours);
        }
        self.end_dispute(fact.at);
        Ok(())
    }

    pub(super) fn rule(&mut self, fact: &Fact, ruling: &Ruling) -> Result<(), Why> {
        let terms = self.bound()?;
        let dispute = self.dispute.as_ref().ok_or(Why::NotInThisState)?;
        let calendar = terms.calendar()?;
        dispute.check_ruling(fact.at, &terms.disputes, &calendar)?;
        if self.rules >= 2 {
            let ladder = &terms.disputes;
            let not_before = match fact.by {
                Author::Network => dispute.ruling_days_end(ladder)?,
                Author::Member { tenant, .. } if Some(tenant) == ladder.deputy => dispute.arbiters_days_end(ladder)?,
                _ => dispute.evidence_until,
            };
            if calendar.date(fact.at) <= not_before {
                return Err(Why::Dispute(DisputeError::TooEarly { until: not_before }));
            }
            if fact.by == Author::Network && *ruling != self.default_ruling() {
                return Err(Why::NotTheDefault);
            }
        } else if Standing::of(fact.by, terms) != Some(Standing::Arbiter) {
            return Err(Why::NotYours);
        }
        let assertion = dispute.assertion;
        let reopens = self.state == State::Closed;
        match ruling {
            Ruling::Stands => {}
            Ruling::Upheld => {
                let id = assertion.ok_or(Why::RulingWithout)?;
                let index = self.index_of(id, Assertion::is_disputable)?;
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
            Ruling::Corrected { pay, starts_on } => self.correct(*pay, *starts_on)?,
        }
        if let Some(known) = self
            .assertions
            .iter_mut()
            .find(|known| Some(known.fact) == assertion && known.ended.is_none())
        {
            known.ended = Some(Ended::Rejected);
        }
        self.end_dispute(fact.at);
        Ok(())
    }

    /// The ruling where nobody ruled in time: a report stands if only sides that stand behind it gave evidence, and everything else stays.
    /// What silence never makes effective this does not either.
    #[must_use]
    pub fn default_ruling(&self) -> Ruling {
        let Some(dispute) = &self.dispute else {
            return Ruling::Stands;
        };
        let reported = dispute.assertion.and_then(|id| self.assertion(id));
        // What silence never makes effective is nobody's word here either.
        let decides = |known: &&Assertion| known.is_contested() && known.accepted_from.is_some();
        let Some(known) = reported.filter(decides) else {
            return Ruling::Stands;
        };
        let given = dispute.evidence.iter().filter_map(|evidence| self.side(evidence.by));
        let sides: BTreeSet<Who> = given.collect();
        if sides.is_empty() || !sides.iter().all(|side| self.stands_behind(side, known)) {
            return Ruling::Stands;
        }
        // What can no longer take effect is not upheld.
        let mut trial = self.clone();
        let index = self.index_of(known.fact, Assertion::is_contested);
        let now = Fact {
            id: dispute.opened,
            at: self.facts.last().map_or(known.at, |last| last.at),
            by: Author::Network,
            what: known.what.clone(),
        };
        match index.map(|index| trial.make_effective(index, &now)) {
            Ok(Ok(())) => Ruling::Upheld,
            _ => Ruling::Stands,
        }
    }

    /// A weight for each bill; nothing for those of an earlier placement, where the last has bills of its own and left.
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

    /// Puts an amount that was taken off back onto the bills in question, in proportion to what was taken off each.
    ///
    /// A refund that still waits is undone together with the departure, or not at all.
    fn restore_by_ruling(&mut self, amount: Money) -> Result<(), Why> {
        self.check_amount(amount)?;
        let weights = self.bills_in_question(|bill| bill.credited_minor_units);
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
            invoice.corrected_minor_units = invoice.corrected_minor_units.min(invoice.credited_minor_units);
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

    /// Ends the dispute; before rules 2, takes the deal back to where it was, or to where money that came in meanwhile has brought it.
    pub(crate) fn end_dispute(&mut self, at: Timestamp) {
        self.dispute = None;
        self.undisputed_since = Some(at);
        if self.rules < 2 {
            self.state = self.before_dispute;
        }
        self.follow_the_money();
    }
}
