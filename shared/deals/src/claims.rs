//! Who owns a candidate at an employer, from what happened and the terms' rules, with the reasons.
//!
//! The facts are all that is known about one person at one employer, from every deal; the caller gathers them (by the person's
//! fingerprints, [`crate::fingerprint`]). They are put in order by the moment the server received them and, where two came in the same
//! instant, by their ids, so every reader comes to the same decision.

use inventure_core::{EventId, TenantId};
use inventure_ledger::Share;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    calendar::{Calendar, CalendarError, plus_days},
    party::Who,
    terms::{ClaimBasis, ClaimRules, Several},
};

/// Something that bears on who owns a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimFact {
    /// The fact.
    pub id: EventId,
    /// When it was received.
    pub at: Timestamp,
    /// The agency whose claim it is about.
    pub tenant: TenantId,
    /// What it says.
    pub what: ClaimWhat,
}

/// What a [`ClaimFact`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimWhat {
    /// The agency submitted the candidate.
    Submitted {
        /// When the consent was given.
        consent_given_at: Timestamp,
    },
    /// The candidate confirmed the agency.
    Confirmed,
    /// The same, at an address that another agency, which the candidate is said to have confirmed as well, does not know them by.
    ConfirmedElsewhere,
    /// The agency was in contact.
    Contacted,
    /// The candidate took the consent back.
    ConsentWithdrawn,
    /// The employer objects to this agency's submittal.
    PriorClaim {
        /// The last contact that it can prove.
        last_contact_on: Date,
    },
}

/// A rule that a decision follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// All parties signed these terms.
    TermsSigned,
    /// The submittal is inside the window.
    InsideWindow,
    /// The window is over.
    WindowOver,
    /// There was no contact for too long.
    Lapsed,
    /// The consent came after the submittal.
    NoConsent,
    /// The candidate took the consent back.
    ConsentWithdrawn,
    /// The candidate has not confirmed, and the terms ask for it.
    NotConfirmed,
    /// The candidate confirmed.
    Confirmed,
    /// Somebody confirmed at an address that a rival who was confirmed too does not know the candidate by.
    ConfirmedElsewhere,
    /// The employer knew the candidate, with proof and in time.
    PriorClaim,
    /// The employer objected too late.
    PriorClaimTooLate,
    /// The employer's last contact was too long before the submittal, or after it.
    PriorClaimOutsideWindow,
    /// The terms know no objection.
    PriorClaimNotInTerms,
    /// A second submittal by an agency whose first still counts changes nothing.
    AlreadyClaimed,
    /// The first of several.
    First,
    /// The last of several.
    Last,
    /// All of several, in equal parts.
    Shared,
    /// The network decided from the claims of all deals.
    DecidedByNetwork,
}

impl Rule {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TermsSigned => "the terms are signed",
            Self::InsideWindow => "the claim is inside its window",
            Self::WindowOver => "the claim's window is over",
            Self::Lapsed => "the claim lapsed without contact",
            Self::NoConsent => "the consent came after the submittal",
            Self::ConsentWithdrawn => "the candidate took the consent back",
            Self::NotConfirmed => "the candidate has not confirmed",
            Self::Confirmed => "the candidate confirmed",
            Self::ConfirmedElsewhere => {
                "the confirmation came from an address that the other broker does not know the candidate by"
            }
            Self::PriorClaim => "the employer knew the candidate",
            Self::PriorClaimTooLate => "the employer objected too late",
            Self::PriorClaimOutsideWindow => "the employer's contact is outside its window",
            Self::PriorClaimNotInTerms => "the terms know no objection",
            Self::AlreadyClaimed => "the agency had claimed already",
            Self::First => "the first of several owns",
            Self::Last => "the last of several owns",
            Self::Shared => "several own together",
            Self::DecidedByNetwork => "the claims of all deals decide",
        }
    }
}

/// A reason of a decision: a rule and the facts it was applied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ground {
    /// The rule.
    pub rule: Rule,
    /// The facts.
    pub facts: Vec<EventId>,
}

/// An owner of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Owner {
    /// The agency.
    pub tenant: TenantId,
    /// Its part of the ownership.
    #[schema(value_type = String)]
    pub share: Share,
}

/// Who owns a candidate, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Decision {
    /// The owners; nobody where no claim counts.
    pub owners: Vec<Owner>,
    /// The reasons, in the order in which they came up.
    pub because: Vec<Ground>,
}

/// Whether a placement is a split, and whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SplitDecision {
    /// Whether it is.
    pub is_split: bool,
    /// Who gets which share of the fee; nobody where it is no split.
    pub shares: Vec<SplitShare>,
    /// The reasons.
    pub because: Vec<Ground>,
}

/// A share of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SplitShare {
    /// Whose.
    pub who: Who,
    /// Of the whole fee.
    #[schema(value_type = String)]
    pub share: Share,
}

/// A claim as the facts make it.
struct Claim {
    tenant: TenantId,
    submitted: EventId,
    order: (Timestamp, EventId),
    day_zero: Date,
    last_day: Date,
    last_contact: Date,
    last_contact_fact: EventId,
    confirmed: Option<(Timestamp, EventId)>,
    /// Why it no longer counts.
    ended: Option<Ground>,
}

/// Who owns the candidate on a day, given everything that is known. What came after that day is left aside, except the employer's
/// objection: it has its own deadline, which may end after somebody accepted.
pub fn owner(
    rules: &ClaimRules,
    calendar: &Calendar,
    facts: &[ClaimFact],
    on: Date,
) -> Result<Decision, CalendarError> {
    let mut facts: Vec<&ClaimFact> = facts.iter().collect();
    facts.sort_by_key(|fact| (fact.at, fact.id));
    let mut claims: Vec<Claim> = Vec::new();
    let mut because = Vec::new();
    for fact in facts {
        let date = calendar.date(fact.at);
        let known = date <= on || matches!(fact.what, ClaimWhat::PriorClaim { .. });
        if known {
            take(rules, calendar, &mut claims, fact, &mut because)?;
        }
    }
    let mut standing: Vec<Claim> = Vec::new();
    for mut claim in claims {
        claim.end_by(rules, on)?;
        match claim.ended.take() {
            Some(ground) => because.push(ground),
            None => standing.push(claim),
        }
    }
    Ok(choose(rules, standing, because))
}

/// Whether anybody's claim counts on this day. Yes or no, and never whose: what a broker may ask before submitting.
pub fn is_claimed(
    rules: &ClaimRules,
    calendar: &Calendar,
    facts: &[ClaimFact],
    on: Date,
) -> Result<bool, CalendarError> {
    Ok(!owner(rules, calendar, facts, on)?.owners.is_empty())
}

/// Applies one fact to the claims so far.
fn take(
    rules: &ClaimRules,
    calendar: &Calendar,
    claims: &mut Vec<Claim>,
    fact: &ClaimFact,
    because: &mut Vec<Ground>,
) -> Result<(), CalendarError> {
    let date = calendar.date(fact.at);
    // An agency has one claim that counts at a time: the last, unless it ended.
    let mut own = claims.iter_mut().rev().find(|claim| claim.tenant == fact.tenant);
    if let Some(claim) = own.as_mut().filter(|claim| claim.ended.is_none()) {
        // An objection is about the submittal and not about the day it is raised.
        if !matches!(fact.what, ClaimWhat::PriorClaim { .. }) {
            claim.end_by(rules, date)?;
        }
    }
    let open = own.filter(|claim| claim.ended.is_none());
    match (fact.what, open) {
        (ClaimWhat::Submitted { .. }, Some(claim)) => {
            because.push(ground(Rule::AlreadyClaimed, &[claim.submitted, fact.id]));
        }
        (ClaimWhat::Submitted { consent_given_at }, None) => {
            let ended = (consent_given_at > fact.at).then(|| ground(Rule::NoConsent, &[fact.id]));
            claims.push(Claim {
                tenant: fact.tenant,
                submitted: fact.id,
                order: (fact.at, fact.id),
                day_zero: date,
                last_day: rules.window.last_day(date)?,
                last_contact: date,
                last_contact_fact: fact.id,
                confirmed: None,
                ended,
            });
        }
        (ClaimWhat::Confirmed, Some(claim)) => {
            // The first confirmation counts; repeating it does not move it.
            claim.confirmed.get_or_insert((fact.at, fact.id));
            (claim.last_contact, claim.last_contact_fact) = (date, fact.id);
        }
        (ClaimWhat::ConfirmedElsewhere, Some(claim)) => {
            because.push(ground(Rule::ConfirmedElsewhere, &[claim.submitted, fact.id]));
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
            } else {
                because.push(ground);
            }
        }
        // About a claim that has ended, or never was.
        (_, None) => {}
    }
    Ok(())
}

impl Claim {
    /// Ends the claim where its time is over on this day.
    fn end_by(&mut self, rules: &ClaimRules, on: Date) -> Result<(), CalendarError> {
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

/// What an employer's objection is worth.
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

/// Chooses among the claims that count.
fn choose(rules: &ClaimRules, standing: Vec<Claim>, mut because: Vec<Ground>) -> Decision {
    let mut counting: Vec<((Timestamp, EventId), Claim)> = Vec::new();
    for claim in standing {
        match (rules.basis, claim.confirmed) {
            (ClaimBasis::Submittal, _) => counting.push((claim.order, claim)),
            (ClaimBasis::Confirmation, Some(confirmed)) => counting.push((confirmed, claim)),
            (ClaimBasis::Confirmation, None) => because.push(ground(Rule::NotConfirmed, &[claim.submitted])),
        }
    }
    counting.sort_by_key(|(order, _)| *order);
    let all: Vec<EventId> = counting.iter().map(|((_, fact), _)| *fact).collect();
    for (_, claim) in &counting {
        because.push(ground(Rule::InsideWindow, &[claim.submitted]));
        if let (ClaimBasis::Confirmation, Some((_, fact))) = (rules.basis, claim.confirmed) {
            because.push(ground(Rule::Confirmed, &[fact]));
        }
    }
    if counting.len() > 1 {
        let rule = match rules.several {
            Several::First => Rule::First,
            Several::Last => Rule::Last,
            Several::Shared => Rule::Shared,
        };
        because.push(ground(rule, &all));
    }
    let chosen = match rules.several {
        Several::First => counting.get(..1),
        Several::Last => counting.len().checked_sub(1).and_then(|last| counting.get(last..)),
        Several::Shared => counting.get(..),
    }
    .unwrap_or_default();
    let share = Share::new(1, chosen.len().max(1) as u64).unwrap_or(Share::NONE);
    let owners = chosen
        .iter()
        .map(|(_, claim)| Owner {
            tenant: claim.tenant,
            share,
        })
        .collect();
    Decision { owners, because }
}

pub(crate) fn ground(rule: Rule, facts: &[EventId]) -> Ground {
    Ground {
        rule,
        facts: facts.to_vec(),
    }
}

#[cfg(test)]
mod tests;
