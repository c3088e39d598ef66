//! The terms that the parties of a deal agree to, and the hash that they sign.

use inventure_core::{Currency, DealId, JobId, TenantId};
use inventure_ledger::{CanonicalError, Hash, Share, canonical};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    amount::MinorUnits,
    calendar::{Calendar, CalendarError, Window},
    part,
    party::{Party, PartyId, PartyRole, Who},
    pipeline::Disclosure,
};

/// The version of the document's shape that is proposed today. Deals that were signed in format 1 keep it.
pub const FORMAT: u32 = 2;

/// The domain tag of the terms' hash.
const TAG: &str = "inventure/terms/v1";

/// Everything that the parties agree to. It names its deal and its version, so a signature on it is good for nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The version of the document's shape: [`FORMAT`].
    pub format: u32,
    /// The id of the deal.
    pub deal: DealId,
    /// The version of the terms, from 1.
    pub version: u32,
    /// The job that is to be filled.
    pub job: JobId,
    /// The employer, who is the client.
    pub employer: TenantId,
    /// The parties that share, in the order in which units that are left over are handed out. The network comes after
    /// all of them.
    pub parties: Vec<Party>,
    /// The amount that the parties' shares are parts of.
    pub shares_of: SharesOf,
    /// The network's share of the fee.
    pub network: NetworkShare,
    /// The currency of everything.
    pub currency: Currency,
    /// The IANA time zone in which days are counted.
    pub time_zone: String,
    /// Dates, beside weekends, that are no business days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    #[schema(value_type = Vec<String>, format = Date)]
    pub closed_on: Vec<Date>,
    /// The fee that the client pays.
    pub fee: FeeBase,
    /// The guarantee where the person leaves early.
    pub guarantee: Guarantee,
    /// The time at which the parties are paid.
    pub payment: PaymentTiming,
    /// The rules by which brokers own a candidate.
    pub claims: ClaimRules,
    /// The moment until which the terms may change.
    pub changes: ChangesUntil,
    /// The number of days from acceptance within which a placement is reported.
    pub report_placement_within_days: u16,
    /// The fields of a candidate that the other side sees, with the stage from which it sees each.
    pub disclosure: Disclosure,
    /// The steps by which a dispute is settled.
    pub disputes: Ladder,
    /// The operator's schedule of network shares, as it was in force when these terms were proposed. From format 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The pay that the job stated when these terms were proposed, where it stated one. From format 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_pay: Option<StatedPay>,
    /// The days that the other sides have to contest what one side reports. From format 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_within_days: Option<u16>,
    /// The time at which a bill is due, and the cost of a late one. From format 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bills: Option<Bills>,
}

/// The network's least share of a fee, by where the candidate came from, as the operator published it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The schedule's version; 0 is the one before the operator published any.
    pub version: u32,
    /// The share for candidates that a member brought.
    #[schemars(with = "String")]
    #[schema(value_type = String)]
    pub member: Share,
    /// The share for candidates from the network's job board.
    #[schemars(with = "String")]
    #[schema(value_type = String)]
    pub job_board: Share,
    /// The share for candidates who registered themselves.
    #[schemars(with = "String")]
    #[schema(value_type = String)]
    pub self_registered: Share,
}

impl Schedule {
    /// The least share for a source.
    #[must_use]
    pub const fn at(self, source: Source) -> Share {
        match source {
            Source::Member => self.member,
            Source::JobBoard => self.job_board,
            Source::SelfRegistered => self.self_registered,
        }
    }
}

/// The schedule before the operator published one: 5%, 12% and 17%, as comparable networks take.
impl Default for Schedule {
    fn default() -> Self {
        let share = |basis_points| Share::from_basis_points(basis_points).unwrap_or(Share::NONE);
        Self {
            version: 0,
            member: share(500),
            job_board: share(1_200),
            self_registered: share(1_700),
        }
    }
}

/// The range of pay that a job states, in the currency of the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedPay {
    /// The least, for a full year.
    pub from_minor_units_a_year: MinorUnits,
    /// The most, for a full year.
    pub to_minor_units_a_year: MinorUnits,
}

/// The time at which a bill is due, and the cost of a late one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bills {
    /// Days after the bill, the last one in time.
    pub due_within_days: u16,
    /// The part of what is outstanding that each begun 30 days of delay cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    #[schema(value_type = Option<String>)]
    pub late_fee: Option<Share>,
}

/// The days to contest a report where the terms name none.
pub const ANSWER_WITHIN_DAYS: u16 = 5;
/// The days to pay a bill where the proposer names none.
pub const DUE_WITHIN_DAYS: u16 = 30;
/// The days to rule after the last step of a dispute where the terms name none.
pub const RULING_WITHIN_DAYS: u16 = 14;

/// The amount that the parties' shares are parts of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SharesOf {
    /// The whole fee: with the network's they add up to it (47.5 / 47.5 / 5).
    Fee,
    /// The rest that the network leaves. Without the network's share they add up to all of it (10%, and 50 / 50 of the
    /// rest).
    Pool,
}

/// The source that a candidate came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A member of the network brought them.
    Member,
    /// The network's job board.
    JobBoard,
    /// They registered themselves.
    SelfRegistered,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Member, Self::JobBoard, Self::SelfRegistered];
}

/// The network's share of the fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NetworkShare {
    /// Always the same.
    Flat {
        /// The network's share of the fee.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        share: Share,
    },
    /// One share for each source of candidates.
    BySource {
        /// The share for candidates that a member brought.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        member: Share,
        /// The share for candidates from the network's job board.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        job_board: Share,
        /// The share for candidates who registered themselves.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        self_registered: Share,
    },
}

impl NetworkShare {
    /// The share for a source.
    #[must_use]
    pub const fn at(self, source: Source) -> Share {
        match self {
            Self::Flat { share } => share,
            Self::BySource {
                member,
                job_board,
                self_registered,
            } => match source {
                Source::Member => member,
                Source::JobBoard => job_board,
                Source::SelfRegistered => self_registered,
            },
        }
    }
}

/// The fee that the client pays, without tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FeeBase {
    /// A part of the first year's pay.
    Percent {
        /// The part of the first year's pay.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        of_first_year_pay: Share,
        /// The least fee, in minor units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minimum_minor_units: Option<MinorUnits>,
    },
    /// One amount for the placement.
    Flat {
        /// The amount, in minor units.
        minor_units: MinorUnits,
    },
    /// One amount, paid in stages.
    Retained {
        /// The amount of all stages.
        minor_units: MinorUnits,
        /// The stages; their shares add up to the whole.
        stages: Vec<RetainedStage>,
    },
    /// An amount for every hour that a contractor works.
    Hourly {
        /// The mark-up per hour, in minor units.
        minor_units_per_hour: MinorUnits,
    },
}

/// A stage of a retained search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetainedStage {
    /// The name of the stage: `engagement`, `shortlist`, `placement`.
    pub name: String,
    /// Its part of the fee.
    #[schemars(with = "String")]
    #[schema(value_type = String)]
    pub share: Share,
    /// Whether it is due only once somebody is placed.
    pub after_placement: bool,
}

/// The guarantee where the person leaves early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Guarantee {
    /// The length of the guarantee, by the fee. The last level that the fee reaches counts.
    pub levels: Vec<GuaranteeLevel>,
    /// The part of the fee that the client gets back.
    pub refund: RefundCurve,
    /// Whether a replacement is offered before any refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Replacement>,
    /// The number of days after the last day at work within which a fall-off must be reported.
    pub report_within_days: u16,
}

/// A level of the guarantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuaranteeLevel {
    /// The fee from which the level counts, in minor units.
    pub fee_from_minor_units: MinorUnits,
    /// Days after the start, the last one inside. Zero is no guarantee.
    pub days: u16,
}

/// The part of the fee that the client gets back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RefundCurve {
    /// Nothing: there is a replacement or there is nothing.
    None,
    /// All of it.
    Full,
    /// All of it on day 0, nothing on the last day, and the same part less with every day between.
    ProRata,
    /// A part up to a day: `through_day` rising, the first step that reaches the day counts, nothing after the last.
    Steps(Vec<RefundStep>),
}

/// A step of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundStep {
    /// The last day of the step.
    pub through_day: u16,
    /// The part of the fee that the client gets back.
    #[schemars(with = "String")]
    #[schema(value_type = String)]
    pub refund: Share,
}

/// A replacement instead of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// The number of days that the parties have to place one.
    pub within_days: u16,
    /// Whether the guarantee begins anew with the replacement, or ends when the first would have.
    pub restarts_clock: bool,
    /// The greatest number of replacements.
    pub count_max: u16,
}

/// The time at which the parties are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PaymentTiming {
    /// This many hours after the client's money arrived, by the clock and not by the calendar.
    Hours(u16),
    /// At the start of the business day after the client's money arrived.
    NextBusinessDay,
    /// At the start of the day after the guarantee's last, and not before the money arrived.
    AfterGuarantee,
}

/// The rules by which brokers own a candidate at an employer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRules {
    /// The time for which a submittal counts.
    pub window: Window,
    /// The act that makes a claim.
    pub basis: ClaimBasis,
    /// The choice of owner where several brokers have a claim that counts.
    pub several: Several,
    /// The number of days without contact after which a claim lapses; never where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapses_after_days: Option<u16>,
    /// The rule for the employer's objection that it knew the candidate before; absent where it may not object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior_claim: Option<PriorClaimRule>,
}

/// The act that makes a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimBasis {
    /// The submittal of the candidate.
    Submittal,
    /// The candidate's own confirmation of a submittal.
    Confirmation,
}

/// The choice of owner where several brokers have a claim that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Several {
    /// The first claim owns.
    First,
    /// The last claim owns: the candidate may change their mind.
    Last,
    /// All claims own in equal parts.
    Shared,
}

/// The rule for an employer's objection that it knew the candidate before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorClaimRule {
    /// The time before the submittal in which the employer's last contact may lie.
    pub contact_within: Window,
    /// The number of business days from the submittal within which it must object.
    pub raised_within_business_days: u16,
}

/// The moment until which the terms may change. The network's share never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangesUntil {
    /// The terms may not change once they are in force.
    Never,
    /// The terms may change before a candidate was submitted.
    FirstSubmittal,
    /// The terms may change before a candidate was placed.
    Placement,
}

/// The way in which a dispute is settled: step by step, with the arbiter at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// The steps, in their order.
    pub steps: Vec<LadderStep>,
    /// The agency that rules after the last step.
    pub arbiter: TenantId,
    /// The days that the arbiter has to rule after the last step. From format 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling_within_days: Option<u16>,
    /// The agency that rules where the arbiter did not in time. From format 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<TenantId>,
}

impl Ladder {
    /// The days that each of the arbiter and the deputy has to rule.
    #[must_use]
    pub fn ruling_days(&self) -> u16 {
        self.ruling_within_days.unwrap_or(RULING_WITHIN_DAYS)
    }

    /// The arbiter and the deputy.
    pub fn judges(&self) -> impl Iterator<Item = TenantId> {
        std::iter::once(self.arbiter).chain(self.deputy)
    }
}

/// A step of a dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LadderStep {
    /// The name of the step: `talk`, `mediation`.
    pub name: String,
    /// The number of days on which evidence is taken; the last day is inside.
    pub evidence_days: u16,
}

impl Terms {
    /// The hash that a party signs: SHA-256 over the canonical form (RFC 8785) under this document's tag.
    pub fn hash(&self) -> Result<Hash, CanonicalError> {
        canonical::hash(TAG, self)
    }

    /// The calendar that the terms count by.
    pub fn calendar(&self) -> Result<Calendar, CalendarError> {
        Calendar::new(&self.time_zone, &self.closed_on)
    }

    /// A party by its id.
    #[must_use]
    pub fn party(&self, id: &PartyId) -> Option<&Party> {
        self.parties.iter().find(|party| party.id == *id)
    }

    /// The days that the other sides have to contest what one side reports.
    #[must_use]
    pub fn answer_days(&self) -> u16 {
        self.answer_within_days.unwrap_or(ANSWER_WITHIN_DAYS)
    }

    /// Whether an agency brought the candidate.
    #[must_use]
    pub fn is_candidate_side(&self, tenant: TenantId) -> bool {
        self.parties
            .iter()
            .any(|party| party.tenant == tenant && party.role == PartyRole::CandidateSide)
    }

    /// Returns the shares of the fee, the parties in the order of the terms and the network last. `None` where the
    /// shares are fractions too fine to be multiplied.
    #[must_use]
    pub fn split(&self, source: Source) -> Option<Vec<(Who, Share)>> {
        let network = self.network.at(source);
        let share_of_fee = |party: &Party| match self.shares_of {
            SharesOf::Fee => Some(party.share),
            SharesOf::Pool => part::product(party.share, part::rest(network)),
        };
        let parties = self
            .parties
            .iter()
            .map(|party| Some((Who::Party(party.id.clone()), share_of_fee(party)?)));
        parties.chain([Some((Who::Network, network))]).collect()
    }

    /// The amount in the terms' currency.
    #[must_use]
    pub const fn money(&self, minor_units: i64) -> inventure_core::Money {
        inventure_core::Money {
            minor_units,
            currency: self.currency,
        }
    }
}

#[cfg(test)]
mod tests;
