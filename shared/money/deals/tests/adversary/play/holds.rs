//! Holds a deal to what was said.

use std::collections::BTreeSet;

use inventure_deals::{
    Author, Deal, Fact, Pay, State, What,
    assertion::Ended,
    pipeline::{CandidateField, Stage},
    terms::ClaimBasis,
};
use jiff::civil::Date;

use super::{cast::Actor, words::Words};
impl Words {
    /// Holds a deal to what was said.
    pub fn check(&self, deal: &Deal) -> Result<(), String> {
        if let Some(fault) = self.faults.first() {
            return Err(fault.clone());
        }
        if deal.terms() != self.terms.as_ref() {
            return Err("terms are in force that not all signed".into());
        }
        for known in deal.assertions() {
            let backed = self.reports.get(&known.fact).is_some_and(|report| report.backed);
            if known.ended == Some(Ended::Effective) && !backed {
                return Err(format!("{:?} took effect by one side's word", known.what));
            }
        }
        if deal.state() == State::Closed && !self.closed && self.terms.is_some() {
            return Err("the deal was closed on somebody who has a stake".into());
        }
        self.check_placements(deal)?;
        self.check_claims(deal)?;
        self.check_disclosure(deal)
    }

    fn check_placements(&self, deal: &Deal) -> Result<(), String> {
        let backed = || self.reports.values().filter(|report| report.backed);
        let mut pays: Vec<Option<Pay>> = self.ruled.iter().map(|(pay, _)| *pay).collect();
        let mut starts: Vec<Date> = self.ruled.iter().map(|(_, starts_on)| *starts_on).collect();
        for report in backed() {
            if let What::Placed { pay, starts_on, .. } | What::PlacementCorrected { pay, starts_on } = &report.what {
                pays.push(*pay);
                starts.push(*starts_on);
            }
        }
        for placement in deal.placements() {
            let placed = self.reports.get(&placement.fact).filter(|report| report.backed);
            let same = placed.is_some_and(
                |report| matches!(report.what, What::Placed { candidate, .. } if candidate == placement.candidate),
            );
            if !same || !pays.contains(&placement.pay) || !starts.contains(&placement.starts_on) {
                return Err(format!("nobody but one side said of this placement: {placement:?}"));
            }
            let Some(left) = &placement.fall_off else { continue };
            let refund = deal.facts().iter().find(|fact| Some(fact.id) == left.refunded_by);
            let alone = |fact: &Fact| fact.by != Author::Network && matches!(fact.what, What::RefundChosen {});
            if refund.is_some_and(alone) {
                return Err("the client took the refund by its own word".into());
            }
            let told = self.reports.get(&left.fact).filter(|report| report.backed);
            let told = told.is_some_and(
                |report| matches!(report.what, What::FellOff { last_day, .. } if last_day == left.last_day),
            );
            if !told {
                return Err(format!("nobody but one side said that they left: {left:?}"));
            }
        }
        Ok(())
    }

    /// Checks that nobody owns a candidate whom they did not submit with a consent that still holds. The candidate's
    /// word is needed too where the terms ask for it.
    fn check_claims(&self, deal: &Deal) -> Result<(), String> {
        let Some(terms) = &self.terms else { return Ok(()) };
        for placement in deal.placements() {
            let submitted = self.submitted.get(&placement.candidate);
            let word = terms.claims.basis != ClaimBasis::Confirmation || self.confirmed.contains(&placement.candidate);
            let owned = submitted.is_some_and(|(tenant, _)| placement.owners == [*tenant]);
            if !owned || !word {
                return Err(format!("{:?} own whom they may not", placement.owners));
            }
        }
        for (id, known) in deal.candidates() {
            let objected = self.reports.values().any(|report| {
                report.backed && matches!(report.what, What::PriorClaimRaised { candidate, .. } if candidate == *id)
            });
            if known.decided.last().is_some_and(|decided| decided.owners.is_empty()) && !objected {
                return Err("an objection took a candidate by the client's word alone".into());
            }
        }
        Ok(())
    }

    fn check_disclosure(&self, deal: &Deal) -> Result<(), String> {
        let Some(terms) = &self.terms else { return Ok(()) };
        for (id, (submitter, _)) in &self.submitted {
            for actor in Actor::ALL {
                let tenant = actor.tenant();
                let party = terms.parties.iter().find(|party| party.tenant == tenant);
                let all = tenant == *submitter;
                let may = match party {
                    _ if self.withdrawn.contains(id) => BTreeSet::new(),
                    None => BTreeSet::new(),
                    Some(_) if all => CandidateField::ALL.into(),
                    Some(_) => self.fields(*id, Stage::Submitted),
                };
                let seen: BTreeSet<_> = deal.disclosed(*id, tenant).into_iter().collect();
                if !seen.is_subset(&may) {
                    return Err(format!("{actor:?} sees {seen:?} of a candidate, and may see {may:?}"));
                }
            }
        }
        Ok(())
    }
}
