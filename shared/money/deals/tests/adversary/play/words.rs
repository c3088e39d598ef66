//! The words of everybody, kept apart from the deal. They show which reports the others' words, silence or a ruling
//! stand behind.
//!
//! Written from the table in `docs/money/deals.md`, not from the rules' own code: the two must come to the same.

use std::collections::{BTreeMap, BTreeSet};

use inventure_core::{CandidateId, EventId, TenantId};
use inventure_deals::{
    Author, Deal, Fact, Pay, Terms, What, Who,
    calendar::plus_days,
    dispute::Ruling,
    fee::Billed,
    pipeline::{CandidateField, Stage},
    terms::{FeeBase, Ladder},
};
use inventure_ledger::Hash;
use jiff::{Timestamp, civil::Date};

use super::cast::who;

/// A report and what was said about it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The event that was reported.
    pub what: What,
    /// The day on which it was.
    pub on: Date,
    /// The side that reported it.
    pub by: Who,
    /// The sides whose word it needs.
    pub needs: BTreeSet<Who>,
    /// The sides that said yes.
    pub yes: BTreeSet<Who>,
    /// The sides that said no.
    pub no: BTreeSet<Who>,
    /// The moment from which silence is a yes.
    pub silence_from: Option<Timestamp>,
    /// Whether it may take effect.
    pub backed: bool,
    /// Whether a judge upheld it.
    pub judged: bool,
}

/// A dispute, as its facts tell it.
#[derive(Clone)]
pub struct Quarrel {
    pub(super) about: Option<EventId>,
    pub(super) step: usize,
    pub(super) until: Date,
    pub(super) evidence: Vec<Author>,
}

/// Everything that was said.
#[derive(Clone, Default)]
pub struct Words {
    /// The terms that all signed.
    pub terms: Option<Terms>,
    /// Every report, by its fact.
    pub reports: BTreeMap<EventId, Report>,
    /// Whether a judge ruled, and nothing can be said of shares any more.
    pub judged: bool,
    pub(super) open: Option<(Terms, BTreeSet<TenantId>)>,
    pub(super) quarrels: BTreeMap<EventId, Quarrel>,
    pub(super) submitted: BTreeMap<CandidateId, (TenantId, Timestamp)>,
    pub(super) confirmed: BTreeSet<CandidateId>,
    pub(super) withdrawn: BTreeSet<CandidateId>,
    pub(super) documents: BTreeSet<Hash>,
    pub(super) shown: BTreeMap<CandidateId, Stage>,
    pub(super) ruled: Vec<(Option<Pay>, Date)>,
    pub(super) closed: bool,
    /// The number of facts that were heard before each report took effect.
    pub effective_after: BTreeMap<EventId, usize>,
    pub(super) heard: usize,
    pub(super) faults: Vec<String>,
}

/// The last day of a step.
fn last_day(ladder: &Ladder, step: usize, on: Date) -> Date {
    plus_days(on, i64::from(ladder.steps[step].evidence_days)).unwrap()
}

impl Words {
    fn date(&self, at: Timestamp) -> Date {
        self.terms.as_ref().unwrap().calendar().unwrap().date(at)
    }

    /// Hears a fact that the deal took. The deal is as it was before a closing, and as it is after anything else.
    pub fn hear(&mut self, fact: &Fact, before: &Deal) {
        self.heard += 1;
        match &fact.what {
            What::TermsProposed { terms } => self.open = Some((Terms::clone(terms), BTreeSet::new())),
            What::TermsWithdrawn {} => self.open = None,
            What::Signed { .. } => self.sign(fact.by),
            What::Submitted { candidate, consent, .. } => {
                let Author::Member { tenant, .. } = fact.by else { return };
                if consent.given_at > fact.at {
                    self.fault("a submittal before its consent");
                }
                self.submitted.insert(*candidate, (tenant, fact.at));
                self.shown.insert(*candidate, Stage::Submitted);
            }
            What::Confirmed { candidate } if fact.by == Author::Candidate => {
                self.confirmed.insert(*candidate);
            }
            What::ConsentWithdrawn { candidate } => {
                self.withdrawn.insert(*candidate);
            }
            What::DocumentAdded { sha256, .. } => {
                self.documents.insert(*sha256);
            }
            What::AssertionConfirmed { assertion } => self.yes(*assertion, fact.by, fact.at),
            What::AssertionContested { assertion, .. } => self.no(*assertion, fact.by),
            What::AssertionAccepted { assertion } => self.silence(*assertion, fact),
            What::DisputeOpened { assertion, .. } => {
                let on = self.date(fact.at);
                let ladder = &self.terms.as_ref().unwrap().disputes;
                let quarrel = Quarrel {
                    about: *assertion,
                    step: 0,
                    until: last_day(ladder, 0, on),
                    evidence: Vec::new(),
                };
                self.quarrels.insert(fact.id, quarrel);
            }
            What::EvidenceGiven { dispute, .. } => {
                if let Some(quarrel) = self.which(*dispute).and_then(|id| self.quarrels.get_mut(&id)) {
                    quarrel.evidence.push(fact.by);
                }
            }
            What::DisputeEscalated { dispute } => {
                let on = self.date(fact.at);
                let ladder = self.terms.as_ref().unwrap().disputes.clone();
                if let Some(quarrel) = self.which(*dispute).and_then(|id| self.quarrels.get_mut(&id)) {
                    quarrel.step += 1;
                    quarrel.until = last_day(&ladder, quarrel.step, on);
                }
            }
            What::DisputeWithdrawn { dispute } => {
                let _ = self.which(*dispute).and_then(|id| self.quarrels.remove(&id));
            }
            What::AssertionWithdrawn { assertion } => self.quarrels.retain(|_, known| known.about != Some(*assertion)),
            What::Ruled { dispute, ruling, .. } => self.rule(*dispute, ruling, fact),
            _ => {}
        }
        if fact.by != Author::Network {
            self.report(fact, before);
        } else if matches!(fact.what, What::Closed { .. }) {
            self.closed = true;
        }
    }

    /// The dispute that is meant: the only one where none is named.
    fn which(&self, named: Option<EventId>) -> Option<EventId> {
        named.or_else(|| {
            self.quarrels
                .keys()
                .next()
                .copied()
                .filter(|_| self.quarrels.len() == 1)
        })
    }

    fn fault(&mut self, fault: &str) {
        self.faults.push(fault.to_owned());
    }

    fn sign(&mut self, by: Author) {
        let Author::Member { tenant, .. } = by else { return };
        let Some((open, signed)) = &mut self.open else { return };
        signed.insert(tenant);
        let old = self.terms.iter().flat_map(|terms| &terms.parties);
        let missing = open
            .parties
            .iter()
            .chain(old)
            .any(|party| !signed.contains(&party.tenant));
        if !missing {
            let new = self.open.take().map(|(terms, _)| terms);
            let old = std::mem::replace(&mut self.terms, new);
            self.ask_anew(old);
        }
    }

    /// Puts the waiting reports to the sides of the new terms. A side that is another agency now has said nothing yet.
    fn ask_anew(&mut self, old: Option<Terms>) {
        let (Some(old), Some(new)) = (old, self.terms.clone()) else {
            return;
        };
        let stays = |side: &Who| match side {
            Who::Party(id) => new.party(id).map(|party| party.tenant) == old.party(id).map(|party| party.tenant),
            _ => true,
        };
        let submitters: BTreeMap<CandidateId, Option<Who>> =
            self.submitted.keys().map(|id| (*id, self.submitter(*id))).collect();
        for report in self.reports.values_mut().filter(|report| !report.backed) {
            let parties = new.parties.iter().map(|party| Who::Party(party.id.clone()));
            report.needs = match &report.what {
                What::StageMoved { candidate, .. } => submitters[candidate].iter().cloned().collect(),
                What::Invoiced { .. } => BTreeSet::from([Who::Client]),
                _ => parties.chain([Who::Client]).filter(|who| *who != report.by).collect(),
            };
            report.yes.retain(stays);
        }
    }

    /// Takes a report, where the table asks for others' word.
    fn report(&mut self, fact: &Fact, before: &Deal) {
        let Some(terms) = &self.terms else { return };
        let Some(by) = who(fact.by, terms) else {
            let counts = matches!(
                fact.what,
                What::Placed { .. } | What::FellOff { .. } | What::Closed { .. } | What::PlacementCorrected { .. }
            );
            if counts {
                self.fault("somebody reported who is no side of the deal");
            }
            return;
        };
        let everybody = || -> BTreeSet<Who> {
            let parties = terms.parties.iter().map(|party| Who::Party(party.id.clone()));
            parties.chain([Who::Client]).filter(|who| *who != by).collect()
        };
        let needs = match &fact.what {
            What::Placed { .. }
            | What::PlacementCorrected { .. }
            | What::FellOff { .. }
            | What::RefundChosen {}
            | What::PriorClaimRaised { .. }
            | What::Contacted { .. } => everybody(),
            What::Invoiced {
                billed: Billed::Minutes(_),
                ..
            } => BTreeSet::from([Who::Client]),
            What::Closed { .. } if !self.is_over(before, fact.at) => everybody(),
            What::Closed { .. } => {
                self.closed = true;
                return;
            }
            What::StageMoved { candidate, to, .. } => {
                let Some(submitter) = self.submitter(*candidate) else {
                    return;
                };
                if submitter == by {
                    self.show(*candidate, *to);
                    return;
                }
                if self
                    .fields(*candidate, *to)
                    .is_subset(&self.fields(*candidate, Stage::Submitted))
                {
                    return;
                }
                BTreeSet::from([submitter])
            }
            _ => return,
        };
        let cannot_be = match &fact.what {
            What::FellOff { last_day, .. } => *last_day > self.date(fact.at),
            What::Placed {
                accepted_on, starts_on, ..
            } => *accepted_on > self.date(fact.at) || starts_on < accepted_on,
            What::PriorClaimRaised {
                candidate,
                last_contact_on,
                proof,
            } => !self.could_object(*candidate, *last_contact_on, fact.at) || !self.documents.contains(proof),
            _ => false,
        };
        if cannot_be {
            self.fault("a report that cannot be so, or has no document behind it");
        }
        let report = Report {
            on: self.date(fact.at),
            silence_from: self.silence_from(fact, before),
            what: fact.what.clone(),
            by,
            needs,
            yes: BTreeSet::new(),
            no: BTreeSet::new(),
            backed: false,
            judged: false,
        };
        self.reports.insert(fact.id, report);
    }

    /// Whether the client could still object to a submittal, with a contact on that day.
    fn could_object(&self, candidate: CandidateId, contact: Date, at: Timestamp) -> bool {
        let Some(((_, submitted), terms)) = self.submitted.get(&candidate).zip(self.terms.as_ref()) else {
            return false;
        };
        let calendar = terms.calendar().unwrap();
        let on = calendar.date(*submitted);
        terms.claims.prior_claim.is_some_and(|rule| {
            let until = calendar
                .business_days_after(on, rule.raised_within_business_days)
                .unwrap();
            let inside = rule.contact_within.last_day(contact).is_ok_and(|last| on <= last);
            calendar.date(at) <= until && contact <= on && inside
        })
    }

    fn submitter(&self, candidate: CandidateId) -> Option<Who> {
        let (tenant, _) = self.submitted.get(&candidate)?;
        let party = self
            .terms
            .as_ref()?
            .parties
            .iter()
            .find(|party| party.tenant == *tenant)?;
        Some(Who::Party(party.id.clone()))
    }

    fn show(&mut self, candidate: CandidateId, to: Stage) {
        let shown = self.shown.entry(candidate).or_insert(Stage::Submitted);
        if to <= Stage::Started {
            *shown = (*shown).max(to);
        }
    }

    /// Returns the fields of a candidate that the others may see at a stage. A later stage that was reached with the
    /// word of the candidate's side counts instead.
    pub(super) fn fields(&self, candidate: CandidateId, at: Stage) -> BTreeSet<CandidateField> {
        let reached = self.shown.get(&candidate).map_or(at, |shown| (*shown).max(at));
        let reveals = self.terms.iter().flat_map(|terms| &terms.disclosure.0);
        let seen = reveals.filter(|reveal| reveal.from <= reached && reached <= Stage::Started);
        seen.map(|reveal| reveal.field).collect()
    }

    /// The moment from which nobody's answer is a yes, as the table says.
    fn silence_from(&self, fact: &Fact, before: &Deal) -> Option<Timestamp> {
        let terms = self.terms.as_ref()?;
        let today = self.date(fact.at);
        let counts = match &fact.what {
            What::Placed {
                pay,
                accepted_on,
                starts_on,
                ..
            } => {
                let year = plus_days(*accepted_on, 366).is_ok_and(|last| *starts_on <= last);
                let plausible = match (pay, terms.stated_pay) {
                    (Some(pay), Some(stated)) => {
                        let yearly = i128::from(pay.amount.minor_units) * i128::from(pay.period.per_year());
                        let (least, most) = (stated.from_minor_units_a_year.0, stated.to_minor_units_a_year.0);
                        yearly * 2 >= i128::from(least) && yearly <= i128::from(most) * 2
                    }
                    _ => true,
                };
                year && plausible && plus_days(*accepted_on, 30).is_ok_and(|last| today <= last)
            }
            What::Invoiced {
                billed: Billed::Minutes(minutes),
                ..
            } => {
                let billed = before.invoices().iter().map(|bill| match bill.billed {
                    Billed::Minutes(minutes) => u64::from(minutes),
                    _ => 0,
                });
                // What others have sent and nobody has answered is billed before it, if nobody does.
                let silent = before
                    .assertions()
                    .iter()
                    .filter(|known| known.fact != fact.id && known.is_open() && known.accepted_from.is_some());
                let waiting = silent.map(|known| match known.what {
                    What::Invoiced {
                        billed: Billed::Minutes(minutes),
                        ..
                    } => u64::from(minutes),
                    _ => 0,
                });
                let hours = (billed.chain(waiting).sum::<u64>() + u64::from(*minutes)).div_ceil(60);
                let mut weeks = 1;
                let starts_on = before.placements().last()?.starts_on;
                while plus_days(starts_on, weeks * 7).is_ok_and(|next| next <= today) {
                    weeks += 1;
                }
                hours <= 60 * weeks.unsigned_abs()
            }
            What::FellOff { .. } | What::RefundChosen {} | What::PriorClaimRaised { .. } | What::Contacted { .. } => {
                true
            }
            _ => false,
        };
        counts.then(|| self.answered_by(fact.at))
    }

    /// The end of the days to answer from a moment on.
    fn answered_by(&self, at: Timestamp) -> Timestamp {
        let terms = self.terms.as_ref().unwrap();
        let days = i64::from(terms.answer_within_days.unwrap_or(5));
        let last_day = plus_days(self.date(at), days).unwrap();
        terms.calendar().unwrap().end_of(last_day).unwrap()
    }

    fn yes(&mut self, assertion: EventId, by: Author, at: Timestamp) {
        let Some(side) = self.terms.as_ref().and_then(|terms| who(by, terms)) else {
            return self.fault("a yes by somebody who is no side of the deal");
        };
        let again = self.answered_by(at);
        let Some(report) = self.reports.get_mut(&assertion) else {
            return self.fault("a yes to nothing");
        };
        let asked = report.needs.contains(&side);
        // The others relied on a no that is taken back.
        if report.no.remove(&side) && report.no.is_empty() && report.silence_from.is_some() {
            report.silence_from = Some(again);
        }
        report.yes.insert(side);
        if report.needs.is_subset(&report.yes) {
            self.back(assertion);
        }
        if !asked {
            self.fault("a yes by a side that nobody asked");
        }
    }

    fn no(&mut self, assertion: EventId, by: Author) {
        let side = self.terms.as_ref().and_then(|terms| who(by, terms));
        match (self.reports.get_mut(&assertion), side) {
            (Some(report), Some(side)) if report.needs.contains(&side) => {
                report.yes.remove(&side);
                report.no.insert(side);
            }
            _ => self.fault("a no by a side that nobody asked"),
        }
    }

    fn silence(&mut self, assertion: EventId, fact: &Fact) {
        let Some(report) = self.reports.get(&assertion) else {
            return self.fault("silence about nothing");
        };
        let due = report.silence_from.is_some_and(|from| fact.at >= from);
        if !due || !report.no.is_empty() || fact.by != Author::Network {
            return self.fault("silence counted that does not");
        }
        self.back(assertion);
    }

    fn back(&mut self, assertion: EventId) {
        let Some(report) = self.reports.get_mut(&assertion) else {
            return;
        };
        report.backed = true;
        self.effective_after.insert(assertion, self.heard);
        let (what, by, yes) = (report.what.clone(), report.by.clone(), report.yes.clone());
        match what {
            // A judge's word shows nobody.
            What::StageMoved { candidate, to, .. }
                if self.submitter(candidate).is_some_and(|side| yes.contains(&side)) =>
            {
                self.show(candidate, to);
            }
            What::Placed {
                candidate, evidence, ..
            } => {
                if evidence.is_none() && self.withdrawn.contains(&candidate) {
                    self.fault("somebody was hired who took their consent back");
                }
                let submitter = self.submitter(candidate);
                if submitter.is_some_and(|side| side == by || yes.contains(&side)) {
                    self.show(candidate, Stage::Accepted);
                }
            }
            What::Closed { .. } => self.closed = true,
            _ => {}
        }
    }

    fn rule(&mut self, dispute: Option<EventId>, ruling: &Ruling, fact: &Fact) {
        let Some(quarrel) = self.which(dispute).and_then(|id| self.quarrels.remove(&id)) else {
            return self.fault("a ruling about nothing");
        };
        let ladder = self.terms.as_ref().unwrap().disputes.clone();
        let days = i64::from(ladder.ruling_within_days.unwrap_or(14));
        let (from, may) = match fact.by {
            Author::Member { tenant, .. } if tenant == ladder.arbiter => (0, true),
            Author::Member { tenant, .. } if Some(tenant) == ladder.deputy => (days, true),
            Author::Network => {
                // What can no longer take effect is not upheld either.
                let default = *ruling == Ruling::Stands || *ruling == self.default(&quarrel);
                (days * ladder.judges().count() as i64, default)
            }
            _ => (0, false),
        };
        if !may {
            self.fault("a ruling by somebody who does not judge here, or the network's own");
        }
        let too_early = self.date(fact.at) <= plus_days(quarrel.until, from).unwrap();
        if quarrel.step + 1 < ladder.steps.len() || too_early {
            self.fault("a ruling before its time");
        }
        match (ruling, quarrel.about) {
            (Ruling::Upheld, Some(about)) => {
                if let Some(report) = self.reports.get_mut(&about) {
                    report.judged = fact.by != Author::Network;
                }
                self.back(about);
            }
            (Ruling::Upheld, None) => self.fault("nothing was upheld"),
            (Ruling::Stands, _) => {}
            (Ruling::Corrected { pay, starts_on }, _) => {
                self.judged = true;
                self.ruled.push((*pay, *starts_on));
            }
            (Ruling::Reallocated { .. } | Ruling::Refunded { .. } | Ruling::Restored { .. }, _) => self.judged = true,
        }
    }

    /// The default ruling: what silence could have made effective, and only those who stand behind it showed something for.
    fn default(&self, quarrel: &Quarrel) -> Ruling {
        let report = quarrel.about.and_then(|about| self.reports.get(&about));
        let Some(report) = report.filter(|report| report.silence_from.is_some()) else {
            return Ruling::Stands;
        };
        let sides = quarrel.evidence.iter().filter_map(|by| who(*by, self.terms.as_ref()?));
        let (mut shown, mut against) = (false, false);
        for side in sides {
            shown = true;
            against |= side != report.by && !report.yes.contains(&side);
        }
        if shown && !against {
            Ruling::Upheld
        } else {
            Ruling::Stands
        }
    }

    /// Whether every deadline is over, so that one party may close alone.
    fn is_over(&self, deal: &Deal, at: Timestamp) -> bool {
        let Some(terms) = &self.terms else { return true };
        let calendar = terms.calendar().unwrap();
        let today = calendar.date(at);
        let whole = |bill: &Billed, since: usize| -> bool {
            let of = deal
                .invoices()
                .iter()
                .skip(since)
                .filter(|invoice| invoice.billed == *bill);
            let owed: i64 = of
                .map(|invoice| invoice.amount_minor_units - invoice.corrected_minor_units)
                .sum();
            let pay = deal.placements().last().and_then(|placement| placement.pay);
            terms.fee_for(*bill, pay).is_ok_and(|fee| owed >= fee)
        };
        let billed = |since: usize| match &terms.fee {
            FeeBase::Retained { stages, .. } => stages
                .iter()
                .zip(0..)
                .all(|(stage, index)| whole(&Billed::Stage(index), if stage.after_placement { since } else { 0 })),
            FeeBase::Hourly { .. } => false,
            _ => whole(&Billed::Placement, since),
        };
        let guarantee = deal.placements().last().is_none_or(|placement| {
            let days = i64::from(placement.guarantee_days) + i64::from(terms.guarantee.report_within_days);
            let last = plus_days(placement.guarantee_from.max(placement.starts_on), days).unwrap();
            match &placement.fall_off {
                Some(left) => left.refunded_by.is_some(),
                None => today > last && billed(placement.billed_from),
            }
        });
        let window = |from: Date| today > terms.claims.window.last_day(from).unwrap();
        let search = !deal.placements().is_empty()
            || deal
                .invoices()
                .iter()
                .all(|bill| bill.received_minor_units == 0 || window(calendar.date(bill.sent_at)));
        let claims = self.submitted.iter().all(|(id, (tenant, submitted))| {
            let on = calendar.date(*submitted);
            let objection = terms.claims.prior_claim.is_none_or(|rule| {
                today
                    > calendar
                        .business_days_after(on, rule.raised_within_business_days)
                        .unwrap()
            });
            let moved = deal.facts().iter().rev().find(|fact| match fact.what {
                What::StageMoved { candidate, .. } => candidate == *id && deal.candidates()[id].stage.is_end(),
                _ => false,
            });
            let own = |fact: &Fact| matches!(fact.by, Author::Member { tenant: by, .. } if by == *tenant);
            let left = moved.is_some_and(own) || self.withdrawn.contains(id);
            let placed = deal.placements().iter().any(|placement| placement.candidate == *id);
            objection && (left || placed || window(on))
        });
        guarantee && search && claims && deal.assertions().iter().all(|known| known.ended.is_some())
    }
}
