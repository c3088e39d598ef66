//! Simulates a deal before it is signed. From terms and a story it computes who gets what when.
//!
//! The story is told to the same [`Deal`] that a real one is, and settled by the same code. A step that is refused
//! there is refused here.

use std::collections::BTreeMap;

use inventure_core::{CandidateId, ConsentId, EventId, MemberId};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    calendar::{Calendar, CalendarError, plus_days},
    check::Problem,
    deal::Deal,
    fact::{Author, Consent, Fact, What},
    fee::{Billed, FeeError, Pay},
    movement::{Movement, Reason},
    party::{PartyRole, Who},
    refusal::Refused,
    settle::SettleError,
    signature::Signature,
    state::State,
    terms::{FeeBase, Source, Terms},
};

/// The most steps of a story.
pub const STEPS_MAX: usize = 100;

/// A story: a candidate is placed, and then this happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The source that the candidate came from.
    pub source: Source,
    /// The pay that the candidate will earn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay: Option<Pay>,
    /// The first day at work: day 0.
    #[schemars(with = "String", extend("format" = "date"))]
    #[schema(value_type = String, format = Date)]
    pub starts_on: Date,
    /// The steps of the story, in order of days.
    pub steps: Vec<ScenarioStep>,
}

/// A step of a story. Everything happens at noon in the terms' zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioStep {
    /// The day, where the first at work is 0.
    pub day: u16,
    /// The event that happens.
    pub event: ScenarioEvent,
}

/// An event in a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScenarioEvent {
    /// The client is billed for a stage or for hours. A whole placement is billed on day 0 without a step.
    Billed(Billed),
    /// The client pays everything that is open.
    Paid,
    /// The client pays a part of what is open.
    PaidInPart {
        /// The amount, in minor units.
        minor_units: i64,
    },
    /// The person's last day at work.
    FallsOff,
    /// A replacement begins.
    Replaced,
    /// The client takes the refund.
    RefundChosen,
    /// The guarantee is found to have ended.
    GuaranteeEnds,
}

/// The outcome of a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Outcome {
    /// The state of the deal in the end.
    pub state: State,
    /// Everything that moves, in order of time.
    pub movements: Vec<Movement>,
    /// The totals of each side in the end.
    pub totals: Vec<Total>,
    /// The amount that was paid and waits for its release.
    pub held_minor_units: i64,
}

/// The totals of one side in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Total {
    /// The party, the network or the client.
    pub who: Who,
    /// The amount that they earned, and for the client what it paid.
    pub in_minor_units: i64,
    /// The amount that was taken back, and for the client what it got back.
    pub out_minor_units: i64,
    /// The amount that they may take or have taken; zero for the client.
    pub payable_minor_units: i64,
}

/// The reason for which a story cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// Terms that cannot be signed.
    #[error("the terms have {} problems", .0.len())]
    Problems(Vec<Problem>),
    /// Too long, or a step that does not follow.
    #[error("a story has at most {STEPS_MAX} steps, in order of days, and a replacement only after a fall-off")]
    Steps,
    /// A step that the rules refuse.
    #[error("step {step}: {refused}")]
    Refused {
        /// The step, from 1; 0 is the placement itself.
        step: usize,
        /// The refusal with its reason.
        refused: Box<Refused>,
    },
    /// The fee cannot be computed.
    #[error(transparent)]
    Fee(#[from] FeeError),
    /// A day beyond the calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The amounts do not work out.
    #[error(transparent)]
    Settle(#[from] SettleError),
}

/// A story on its way.
pub(crate) struct Teller<'a> {
    pub(crate) deal: Deal,
    terms: &'a Terms,
    scenario: &'a Scenario,
    calendar: Calendar,
    step: usize,
    next_id: u128,
}

/// Computes who gets how much and when, if these terms are signed and this happens.
pub fn simulate(terms: &Terms, scenario: &Scenario) -> Result<Outcome, SimulateError> {
    let deal = play(terms, scenario)?;
    let settlement = deal.settle()?;
    Ok(Outcome {
        state: deal.state(),
        totals: totals(&settlement.movements),
        movements: settlement.movements,
        held_minor_units: settlement.held_minor_units,
    })
}

/// The deal that a story makes.
pub(crate) fn play(terms: &Terms, scenario: &Scenario) -> Result<Deal, SimulateError> {
    let mut terms = terms.clone();
    // A draft's version is whatever the editor counts; the story is about what it says.
    terms.version = 1;
    terms.check().map_err(SimulateError::Problems)?;
    if scenario.steps.len() > STEPS_MAX {
        return Err(SimulateError::Steps);
    }
    let mut teller = Teller {
        deal: Deal::new(terms.deal),
        terms: &terms,
        scenario,
        calendar: terms.calendar()?,
        step: 0,
        next_id: 1,
    };
    teller.place()?;
    for (index, step) in scenario.steps.iter().enumerate() {
        teller.step = index + 1;
        teller.tell(step)?;
    }
    Ok(teller.deal)
}

impl Teller<'_> {
    fn day(&self, day: i64) -> Result<Timestamp, CalendarError> {
        self.calendar.noon_of(plus_days(self.scenario.starts_on, day)?)
    }

    fn add(&mut self, at: Timestamp, by: Author, what: What) -> Result<(), SimulateError> {
        let id = EventId::from_uuid(Uuid::from_u128(self.next_id));
        self.next_id += 1;
        let step = self.step;
        self.deal
            .apply(Fact { id, at, by, what })
            .map_err(|refused| SimulateError::Refused { step, refused })?;
        self.agree(at, id)
    }

    /// Lets everybody who is asked confirm a report at once: a story has no quarrels.
    fn agree(&mut self, at: Timestamp, assertion: EventId) -> Result<(), SimulateError> {
        let Some((by, what)) = self.deal.yes_to(assertion) else {
            return Ok(());
        };
        let id = EventId::from_uuid(Uuid::from_u128(self.next_id));
        self.next_id += 1;
        let step = self.step;
        self.deal
            .apply(Fact { id, at, by, what })
            .map_err(|refused| SimulateError::Refused { step, refused })?;
        self.agree(at, assertion)
    }

    fn member(&self, role: PartyRole) -> Author {
        let party = self.terms.parties.iter().find(|party| party.role == role);
        Author::Member {
            // Terms that were checked have both sides.
            tenant: party.map_or(self.terms.employer, |party| party.tenant),
            member: nobody(),
        }
    }

    /// Signature, submittal and placement on the day before the start, and the bill on the start.
    fn place(&mut self) -> Result<(), SimulateError> {
        let eve = self.day(-1)?;
        let terms = Box::new(self.terms.clone());
        let hash = terms.hash().map_err(|_| SimulateError::Steps)?;
        let proposer = self.member(PartyRole::JobSide);
        self.add(eve, proposer, What::TermsProposed { terms })?;
        for party in self.terms.parties.clone() {
            let by = Author::Member {
                tenant: party.tenant,
                member: nobody(),
            };
            let signature = Signature {
                deal: self.terms.deal,
                party: party.id,
                tenant: party.tenant,
                member: nobody(),
                terms_version: self.terms.version,
                terms_hash: hash,
                signed_at: eve,
                from: "simulation".to_owned(),
            };
            self.add(eve, by, What::Signed { signature })?;
        }
        self.fill(eve, 1, self.scenario.starts_on)?;
        if matches!(self.terms.fee, FeeBase::Percent { .. } | FeeBase::Flat { .. }) {
            let start = self.day(0)?;
            self.bill(start, Billed::Placement)?;
        }
        Ok(())
    }

    /// Submits and places the first candidate, or the second, or the third.
    fn fill(&mut self, at: Timestamp, number: u128, starts_on: Date) -> Result<(), SimulateError> {
        let candidate = CandidateId::from_uuid(Uuid::from_u128(number));
        let consent = Consent {
            id: ConsentId::from_uuid(Uuid::from_u128(number)),
            given_at: at,
        };
        let submitted = What::Submitted {
            candidate,
            consent,
            source: self.scenario.source,
        };
        self.add(at, self.member(PartyRole::CandidateSide), submitted)?;
        self.add(at, Author::Candidate, What::Confirmed { candidate })?;
        let placed = What::Placed {
            candidate,
            pay: self.scenario.pay,
            accepted_on: self.calendar.date(at),
            starts_on,
            evidence: None,
        };
        self.add(at, self.member(PartyRole::JobSide), placed)
    }

    fn bill(&mut self, at: Timestamp, billed: Billed) -> Result<(), SimulateError> {
        let amount = self.terms.fee_for(billed, self.scenario.pay)?;
        let what = What::Invoiced {
            invoice: format!("{}", self.deal.invoices().len() + 1),
            billed,
            amount: self.terms.money(amount),
        };
        self.add(at, self.member(PartyRole::JobSide), what)
    }

    fn tell(&mut self, step: &ScenarioStep) -> Result<(), SimulateError> {
        let at = self.day(i64::from(step.day))?;
        let employer = Author::Employer;
        match &step.event {
            ScenarioEvent::Billed(billed) => self.bill(at, *billed),
            ScenarioEvent::Paid => self.pay(at, i64::MAX),
            ScenarioEvent::PaidInPart { minor_units } => self.pay(at, *minor_units),
            ScenarioEvent::FallsOff => {
                let what = What::FellOff {
                    last_day: self.calendar.date(at),
                    reason: "simulation".to_owned(),
                };
                self.add(at, employer, what)
            }
            ScenarioEvent::Replaced => {
                if self.deal.fall_off().is_none() {
                    return Err(SimulateError::Steps);
                }
                if self.deal.state() == State::FallenOff {
                    self.add(at, employer, What::ReplacementStarted {})?;
                }
                let number = self.deal.placements().len() as u128 + 1;
                self.fill(at, number, self.calendar.date(at))
            }
            ScenarioEvent::RefundChosen => self.add(at, employer, What::RefundChosen {}),
            ScenarioEvent::GuaranteeEnds => self.add(at, Author::Network, What::GuaranteeEnded {}),
        }
    }

    /// Pays the open invoices, the oldest first, up to so much.
    fn pay(&mut self, at: Timestamp, minor_units: i64) -> Result<(), SimulateError> {
        let mut left = minor_units;
        let open: Vec<(String, i64)> = self
            .deal
            .invoices()
            .iter()
            .map(|invoice| (invoice.number.clone(), invoice.outstanding()))
            .filter(|(_, outstanding)| *outstanding > 0)
            .collect();
        let last = open.len().saturating_sub(1);
        for (index, (invoice, outstanding)) in open.into_iter().enumerate() {
            // More than is open goes onto the last bill, to be refused there as it would be in a real deal.
            let whole = minor_units == i64::MAX || index < last;
            let amount = if whole { left.min(outstanding) } else { left };
            left -= amount;
            let amount = self.terms.money(amount);
            self.add(at, Author::Network, What::PaymentReceived { invoice, amount })?;
            if left == 0 {
                break;
            }
        }
        Ok(())
    }
}

fn nobody() -> MemberId {
    MemberId::from_uuid(Uuid::nil())
}

/// Returns the totals of each side after these movements.
#[must_use]
pub fn totals(movements: &[Movement]) -> Vec<Total> {
    let mut totals: BTreeMap<Who, Total> = BTreeMap::new();
    for movement in movements {
        let total = totals.entry(movement.who.clone()).or_insert_with(|| Total {
            who: movement.who.clone(),
            in_minor_units: 0,
            out_minor_units: 0,
            payable_minor_units: 0,
        });
        let amount = movement.amount.minor_units;
        match movement.why {
            Reason::Earned | Reason::Received => total.in_minor_units += amount,
            Reason::Released => total.payable_minor_units += amount,
            Reason::TakenBackReserved | Reason::Refunded | Reason::ChargedBack => total.out_minor_units += amount,
            Reason::TakenBackPayable => {
                total.out_minor_units += amount;
                total.payable_minor_units -= amount;
            }
        }
    }
    totals.into_values().collect()
}

#[cfg(test)]
mod tests;
