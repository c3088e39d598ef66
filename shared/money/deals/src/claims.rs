//! Decides who owns a candidate at an employer, by the facts and the terms' rules, and gives the reasons.
//!
//! The facts are all that is known about one person at one employer, from every deal; the caller gathers them (by the person's
//! fingerprints, [`crate::fingerprint`]). They are put in order by the moment the server received them and, where two came in the same
//! instant, by their ids, so every reader comes to the same decision.

mod known;

use inventure_core::{EventId, TenantId};
use inventure_ledger::Share;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use self::known::{Claim, Known};
use crate::{
    calendar::{Calendar, CalendarError},
    party::Who,
    terms::{ClaimBasis, ClaimRules, Several},
};

/// A fact that bears on who owns a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimFact {
    /// The id of the fact.
    pub id: EventId,
    /// The time at which the server received it.
    pub at: Timestamp,
    /// The agency whose claim it is about.
    pub tenant: TenantId,
    /// The statement of the fact.
    pub what: ClaimWhat,
}

/// The statement of a [`ClaimFact`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimWhat {
    /// The agency submitted the candidate.
    Submitted {
        /// The time at which the consent was given.
        consent_given_at: Timestamp,
    },
    /// The agency submitted the candidate, and the claim began to count later. It has its place among others from then
    /// on, and its days from the submittal.
    SubmittedBefore {
        /// The time at which the consent was given.
        consent_given_at: Timestamp,
        /// The time from which the claim counts.
        counts_from: Timestamp,
    },
    /// The candidate confirmed the agency.
    Confirmed,
    /// The candidate confirmed the agency at an address that another agency does not know them by. The candidate is
    /// said to have confirmed that agency as well.
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
    /// The employer's objection to another submittal of the person by this agency, which took effect there.
    ObjectedBefore {
        /// The time at which that submittal was made.
        submitted_at: Timestamp,
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
    /// The first of several owns.
    First,
    /// The last of several owns.
    Last,
    /// All of several own, in equal parts.
    Shared,
    /// The network decided from the claims of all deals.
    DecidedByNetwork,
}

impl Rule {
    /// Returns the rule in words.
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
    /// The rule that was followed.
    pub rule: Rule,
    /// The facts to which the rule was applied.
    pub facts: Vec<EventId>,
}

/// An owner of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Owner {
    /// The agency that owns the candidate.
    pub tenant: TenantId,
    /// Its part of the ownership.
    #[schema(value_type = String)]
    pub share: Share,
}

/// A decision about the owners of a candidate, with the reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Decision {
    /// The owners; nobody where no claim counts.
    pub owners: Vec<Owner>,
    /// The reasons, in the order in which they came up.
    pub because: Vec<Ground>,
}

/// Whether a placement is a split, and the shares in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SplitDecision {
    /// Whether it is a split.
    pub is_split: bool,
    /// The shares of the fee; empty where it is no split.
    pub shares: Vec<SplitShare>,
    /// The reasons, each with its facts.
    pub because: Vec<Ground>,
}

/// A share of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SplitShare {
    /// The party, or the network, that has the share.
    pub who: Who,
    /// The part of the whole fee.
    #[schema(value_type = String)]
    pub share: Share,
}

/// Returns the owners of the candidate on a day, given everything that is known. Facts that came after that day are
/// left aside, except the employer's objection: it has its own deadline, which may end after the acceptance.
pub fn owner(
    rules: &ClaimRules,
    calendar: &Calendar,
    facts: &[ClaimFact],
    on: Date,
) -> Result<Decision, CalendarError> {
    let mut facts: Vec<&ClaimFact> = facts.iter().collect();
    facts.sort_by_key(|fact| (fact.at, fact.id));
    let mut known = Known::default();
    for fact in facts {
        let date = calendar.date(fact.at);
        let objects = matches!(
            fact.what,
            ClaimWhat::PriorClaim { .. } | ClaimWhat::ObjectedBefore { .. }
        );
        if date <= on || objects {
            known.take(rules, calendar, fact)?;
        }
    }
    let Known {
        claims, mut because, ..
    } = known;
    let mut standing: Vec<Claim> = Vec::new();
    for mut claim in claims {
        if calendar.date(claim.order.0) > on {
            // It does not count yet.
            continue;
        }
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

/// Chooses among the claims that count.
fn choose(rules: &ClaimRules, standing: Vec<Claim>, mut because: Vec<Ground>) -> Decision {
    let mut counting: Vec<((Timestamp, EventId), Claim)> = Vec::new();
    for claim in standing {
        match (rules.basis, claim.confirmed) {
            (ClaimBasis::Submittal, _) => counting.push((claim.order, claim)),
            (ClaimBasis::Confirmation, Some((at, fact))) => counting.push(((at.max(claim.order.0), fact), claim)),
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
