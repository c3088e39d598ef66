//! The claims that the facts about a person come to, one after another, and the objections that outlast them.

use inventure_core::{EventId, TenantId};
use jiff::{Timestamp, civil::Date};

use super::{ClaimFact, ClaimWhat, Ground, Rule, ground};
use crate::{
    calendar::{Calendar, CalendarError, plus_days},
    terms::ClaimRules,
};

/// A claim as the facts make it.
pub(super) struct Claim {
    pub(super) tenant: TenantId,
    pub(super) submitted: EventId,
    submitted_at: Timestamp,
    /// Its place among others: from when on it counts, and the submittal that it counts by.
    pub(super) order: (Timestamp, EventId),
    day_zero: Date,
    last_day: Date,
    last_contact: Date,
    last_contact_fact: EventId,
    pub(super) confirmed: Option<(Timestamp, EventId)>,
    /// The reason for which it no longer counts; `None` while it counts.
    pub(super) ended: Option<Ground>,
}

/// An employer's objection that took effect. It holds for the person, under whatever record the agency submits them again.
struct Objection {
    fact: EventId,
    tenant: TenantId,
    /// The time of the submittal that it ended.
    submitted_at: Timestamp,
    last_contact_on: Date,
}

impl Objection {
    /// Whether it ends a later submittal by the same agency: the contact still falls inside the window before it.
    fn ends(&self, rules: &ClaimRules, claim: &Claim) -> Result<bool, CalendarError> {
        let Some(rule) = rules.prior_claim else {
            return Ok(false);
        };
        let later = self.tenant == claim.tenant && self.submitted_at < claim.submitted_at;
        Ok(later && claim.day_zero <= rule.contact_within.last_day(self.last_contact_on)?)
    }
}

/// The claims and objections that the facts so far come to.
#[derive(Default)]
pub(super) struct Known {
    pub(super) claims: Vec<Claim>,
    objections: Vec<Objection>,
    pub(super) because: Vec<Ground>,
}

impl Known {
    /// Applies one fact to the claims so far.
    pub(super) fn take(
        &mut self,
        rules: &ClaimRules,
        calendar: &Calendar,
        fact: &ClaimFact,
    ) -> Result<(), CalendarError> {
        let date = calendar.date(fact.at);
        // An objection is about the submittal and not about the day it is raised.
        let objects = matches!(
            fact.what,
            ClaimWhat::PriorClaim { .. } | ClaimWhat::ObjectedBefore { .. }
        );
        // An agency has one claim that counts at a time: the last, unless it ended.
        let own = self.claims.iter().rposition(|claim| claim.tenant == fact.tenant);
        if let Some(claim) = own.and_then(|own| self.claims.get_mut(own)).filter(|_| !objects) {
            claim.end_by(rules, date)?;
        }
        let open = own.and_then(|own| self.claims.get_mut(own));
        let open = open.filter(|claim| claim.ended.is_none());
        match (fact.what, open) {
            (ClaimWhat::Submitted { consent_given_at }, open) => {
                let (order, is_claimed) = ((fact.at, fact.id), open.is_some());
                self.submit(rules, fact, date, consent_given_at, order, is_claimed)?;
            }
            (
                ClaimWhat::SubmittedBefore {
                    consent_given_at,
                    counts_from,
                },
                open,
            ) => {
                let (order, is_claimed) = ((counts_from.max(fact.at), fact.id), open.is_some());
                self.submit(rules, fact, date, consent_given_at, order, is_claimed)?;
            }
            (ClaimWhat::Confirmed, Some(claim)) => {
                // The first confirmation counts; repeating it does not move it.
                claim.confirmed.get_or_insert((fact.at, fact.id));
                (claim.last_contact, claim.last_contact_fact) = (date, fact.id);
            }
            (ClaimWhat::ConfirmedElsewhere, Some(claim)) => {
                let ground = ground(Rule::ConfirmedElsewhere, &[claim.submitted, fact.id]);
                self.because.push(ground);
            }
            (ClaimWhat::Contacted, Some(claim)) => (claim.last_contact, claim.last_contact_fact) = (date, fact.id),
            (ClaimWhat::ConsentWithdrawn, Some(claim)) => {
                claim.ended = Some(ground(Rule::ConsentWithdrawn, &[claim.submitted, fact.id]));
            }
            (ClaimWhat::PriorClaim { last_contact_on }, Some(claim)) => {
                let rule = judge_objection(rules, calendar, claim.day_zero, date, last_contact_on)?;
                let ground = ground(rule, &[claim.submitted, fact.id]);
                if rule == Rule::PriorClaim {
                    claim.ended = Some(ground);
                    let submitted_at = claim.submitted_at;
                    self.object(rules, fact, submitted_at, last_contact_on)?;
                } else {
                    self.because.push(ground);
                }
            }
            (
                ClaimWhat::ObjectedBefore {
                    submitted_at,
                    last_contact_on,
                },
                _,
            ) => self.object(rules, fact, submitted_at, last_contact_on)?,
            // About a claim that has ended, or never was.
            (_, None) => {}
        }
        Ok(())
    }

    /// Takes a submittal, which is a claim unless its agency has an open one. The open one is then as good as the
    /// better of both.
    fn submit(
        &mut self,
        rules: &ClaimRules,
        fact: &ClaimFact,
        date: Date,
        consent_given_at: Timestamp,
        order: (Timestamp, EventId),
        is_claimed: bool,
    ) -> Result<(), CalendarError> {
        let own = self.claims.iter_mut().rev().find(|claim| claim.tenant == fact.tenant);
        if let Some(claim) = own.filter(|_| is_claimed) {
            self.because
                .push(ground(Rule::AlreadyClaimed, &[claim.submitted, fact.id]));
            claim.order = claim.order.min(order);
            return Ok(());
        }
        let mut claim = Claim {
            tenant: fact.tenant,
            submitted: fact.id,
            submitted_at: fact.at,
            order,
            day_zero: date,
            last_day: rules.window.last_day(date)?,
            last_contact: date,
            last_contact_fact: fact.id,
            confirmed: None,
            ended: (consent_given_at > fact.at).then(|| ground(Rule::NoConsent, &[fact.id])),
        };
        for objection in &self.objections {
            if claim.ended.is_none() && objection.ends(rules, &claim)? {
                claim.ended = Some(ground(Rule::PriorClaim, &[fact.id, objection.fact]));
            }
        }
        self.claims.push(claim);
        Ok(())
    }

    /// Takes an objection that took effect: against what is submitted later, and against what was in the meantime.
    fn object(
        &mut self,
        rules: &ClaimRules,
        fact: &ClaimFact,
        submitted_at: Timestamp,
        last_contact_on: Date,
    ) -> Result<(), CalendarError> {
        let objection = Objection {
            fact: fact.id,
            tenant: fact.tenant,
            submitted_at,
            last_contact_on,
        };
        for claim in &mut self.claims {
            if claim.ended.is_none() && objection.ends(rules, claim)? {
                claim.ended = Some(ground(Rule::PriorClaim, &[claim.submitted, fact.id]));
            }
        }
        self.objections.push(objection);
        Ok(())
    }
}

impl Claim {
    /// Ends the claim where its time is over on this day.
    pub(super) fn end_by(&mut self, rules: &ClaimRules, on: Date) -> Result<(), CalendarError> {
        if self.ended.is_some() {
            return Ok(());
        }
        if on > self.last_day {
            self.ended = Some(ground(Rule::WindowOver, &[self.submitted]));
        } else if let Some(days) = rules.lapses_after_days
            && on > plus_days(self.last_contact, i64::from(days))?
        {
            self.ended = Some(ground(Rule::Lapsed, &[self.submitted, self.last_contact_fact]));
        }
        Ok(())
    }
}

/// Judges an employer's objection, and returns the rule that decides about it.
fn judge_objection(
    rules: &ClaimRules,
    calendar: &Calendar,
    submitted_on: Date,
    raised_on: Date,
    last_contact_on: Date,
) -> Result<Rule, CalendarError> {
    let Some(rule) = rules.prior_claim else {
        return Ok(Rule::PriorClaimNotInTerms);
    };
    if raised_on > calendar.business_days_after(submitted_on, rule.raised_within_business_days)? {
        return Ok(Rule::PriorClaimTooLate);
    }
    let inside = last_contact_on <= submitted_on && submitted_on <= rule.contact_within.last_day(last_contact_on)?;
    Ok(if inside {
        Rule::PriorClaim
    } else {
        Rule::PriorClaimOutsideWindow
    })
}
