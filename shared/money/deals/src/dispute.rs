//! Disputes: a ladder of steps with a deadline for evidence each, and an arbiter after the last.

use inventure_core::{EventId, Money};
use inventure_ledger::{Hash, Share};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    calendar::{Calendar, CalendarError, plus_days},
    fact::Author,
    fee::Pay,
    party::PartyId,
    terms::Ladder,
};

/// A decision of the arbiter about the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ruling {
    /// Everything stays as it is.
    Stands,
    /// The parties share what is theirs together anew; the network's share stays. The shares add up to the whole, and a
    /// party that is not named gets nothing.
    Reallocated {
        /// The new shares.
        shares: Vec<RuledShare>,
    },
    /// The client gets an amount back from all, in proportion to what each has of it.
    Refunded {
        /// The amount that the client gets back.
        amount: Money,
    },
    /// The contested report that the dispute is about takes effect.
    Upheld,
    /// The client owes an amount again of what was taken off its bills. All of it undoes a fall-off.
    Restored {
        /// The amount that the client owes again.
        amount: Money,
    },
    /// The pay and the start of the placement are these.
    Corrected {
        /// The pay; may be left out where the fee does not depend on it.
        pay: Option<Pay>,
        /// The first day at work.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        starts_on: Date,
    },
}

impl Ruling {
    /// Whether it changes what the client owes.
    pub(crate) const fn concerns_client(&self) -> bool {
        matches!(
            self,
            Self::Refunded { .. } | Self::Restored { .. } | Self::Corrected { .. }
        )
    }

    /// Whether it gives a side money that belongs to another.
    pub(crate) const fn moves_money(&self) -> bool {
        matches!(
            self,
            Self::Refunded { .. } | Self::Restored { .. } | Self::Reallocated { .. }
        )
    }
}

/// A party's share, by a ruling, of what all parties have together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuledShare {
    /// The party that gets the share.
    pub party: PartyId,
    /// The part of the whole that it gets.
    #[schemars(with = "String")]
    #[schema(value_type = String)]
    pub share: Share,
}

/// Evidence that was given in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenEvidence {
    /// The fact that gave the evidence.
    pub fact: EventId,
    /// The author who gave it.
    pub by: Author,
    /// The step on which it was given, from 0.
    pub step: usize,
    /// The hash of the document.
    pub sha256: Hash,
}

/// An open dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The fact that opened it.
    pub opened: EventId,
    /// The author who opened it.
    pub by: Author,
    /// The step it is on, from 0.
    pub step: usize,
    /// The last day on which this step takes evidence.
    pub evidence_until: Date,
    /// The evidence that was given so far.
    pub evidence: Vec<GivenEvidence>,
    /// The contested report that it is about.
    pub assertion: Option<EventId>,
    /// Whether it is of the parties alone: the client is no side, and no ruling changes what it owes.
    pub among_parties: bool,
    /// The amount in dispute.
    pub amount_minor_units: i64,
    /// The part of the amount that is held back of what is not released yet. Zero where the stake of a report holds it.
    pub frozen_minor_units: i64,
}

/// A dispute that a ruling ended, as it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled {
    /// The fact with the ruling.
    pub fact: EventId,
    /// The dispute before the ruling.
    pub dispute: Dispute,
}

/// The reason for which a move in a dispute is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DisputeError {
    /// The step takes no more evidence.
    #[error("this step took evidence until {until}")]
    EvidenceTooLate {
        /// The last day.
        until: Date,
    },
    /// The others still have time.
    #[error("this step takes evidence until {until}; wait for the day after")]
    TooEarly {
        /// The last day.
        until: Date,
    },
    /// Nothing comes after the last step but the ruling.
    #[error("this is the last step; the arbiter rules")]
    LastStep,
    /// There are steps before a ruling.
    #[error("the arbiter rules on the last step only")]
    NotLastStep,
    /// The calendar's end.
    #[error("the deadline is outside the calendar")]
    OutOfRange,
}

impl From<CalendarError> for DisputeError {
    fn from(_: CalendarError) -> Self {
        Self::OutOfRange
    }
}

impl Dispute {
    /// A dispute on the first step of the ladder.
    pub fn open(
        opened: EventId,
        by: Author,
        at: Timestamp,
        ladder: &Ladder,
        calendar: &Calendar,
    ) -> Result<Self, DisputeError> {
        Ok(Self {
            opened,
            by,
            step: 0,
            evidence_until: deadline(ladder, 0, at, calendar)?,
            evidence: Vec::new(),
            assertion: None,
            among_parties: false,
            amount_minor_units: 0,
            frozen_minor_units: 0,
        })
    }

    /// Whether evidence is still taken.
    pub fn check_evidence(&self, at: Timestamp, calendar: &Calendar) -> Result<(), DisputeError> {
        let until = self.evidence_until;
        if calendar.date(at) > until {
            return Err(DisputeError::EvidenceTooLate { until });
        }
        Ok(())
    }

    /// The next step of the ladder, once this one takes no more evidence.
    pub fn escalated(&self, at: Timestamp, ladder: &Ladder, calendar: &Calendar) -> Result<Self, DisputeError> {
        if self.is_last(ladder) {
            return Err(DisputeError::LastStep);
        }
        self.check_over(at, calendar)?;
        Ok(Self {
            step: self.step + 1,
            evidence_until: deadline(ladder, self.step + 1, at, calendar)?,
            ..self.clone()
        })
    }

    /// Whether the arbiter may rule now.
    pub fn check_ruling(&self, at: Timestamp, ladder: &Ladder, calendar: &Calendar) -> Result<(), DisputeError> {
        if !self.is_last(ladder) {
            return Err(DisputeError::NotLastStep);
        }
        self.check_over(at, calendar)
    }

    /// The last day on which the arbiter alone may rule.
    pub(crate) fn arbiters_days_end(&self, ladder: &Ladder) -> Result<Date, DisputeError> {
        Ok(plus_days(self.evidence_until, i64::from(ladder.ruling_days()))?)
    }

    /// The last day on which anybody may rule, before the default does.
    pub(crate) fn ruling_days_end(&self, ladder: &Ladder) -> Result<Date, DisputeError> {
        let judges = ladder.judges().count() as i64;
        Ok(plus_days(
            self.evidence_until,
            i64::from(ladder.ruling_days()) * judges,
        )?)
    }

    pub(crate) const fn is_last(&self, ladder: &Ladder) -> bool {
        self.step + 1 >= ladder.steps.len()
    }

    fn check_over(&self, at: Timestamp, calendar: &Calendar) -> Result<(), DisputeError> {
        let until = self.evidence_until;
        if calendar.date(at) <= until {
            return Err(DisputeError::TooEarly { until });
        }
        Ok(())
    }
}

fn deadline(ladder: &Ladder, step: usize, at: Timestamp, calendar: &Calendar) -> Result<Date, DisputeError> {
    let days = ladder.steps.get(step).map_or(0, |step| step.evidence_days);
    Ok(plus_days(calendar.date(at), i64::from(days))?)
}
