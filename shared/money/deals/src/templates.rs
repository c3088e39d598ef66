//! Terms ready to sign, after the rules that networks publish. A user of one may change every field of it.

use inventure_core::{Currency, DealId, JobId, TenantId};
use inventure_ledger::Share;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    amount::MinorUnits,
    calendar::Window,
    part,
    party::{Party, PartyRole},
    pipeline::{CandidateField, Disclosure, Reveal, Stage},
    terms::{
        ANSWER_WITHIN_DAYS, Bills, ChangesUntil, ClaimBasis, ClaimRules, DUE_WITHIN_DAYS, FORMAT, FeeBase, Guarantee,
        GuaranteeLevel, Ladder, LadderStep, NetworkShare, PaymentTiming, PriorClaimRule, RULING_WITHIN_DAYS,
        RefundCurve, Replacement, Schedule, Several, SharesOf, Terms,
    },
};

/// A template of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// The schedule's share to the network (5% of a member's candidate), the rest 50 / 50. The parts are 47.5 / 47.5 / 5. It
    /// has 60 days, or 90 from a fee of 25,000; pro rata; paid on the next business day.
    Even,
    /// At least 6% to the network: 47 / 47 / 6. 90 days, a replacement first, full refund; held until the guarantee ends.
    Replacement,
    /// At least 10% to the network, and 50 / 50 of the pool, which is negotiable. It has 90 days, full refund; paid
    /// within 24 hours.
    Platform,
    /// The schedule's share to the network, the rest 50 / 50; 60 days, full refund; the candidate's confirmation decides.
    BySource,
}

/// The parts of terms that a template cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The id of the deal.
    pub deal: DealId,
    /// The id of the job.
    pub job: JobId,
    /// The employer, who is the client.
    pub employer: TenantId,
    /// The agency that brought the job.
    pub job_side: TenantId,
    /// The agency that brings the candidate.
    pub candidate_side: TenantId,
    /// The agency that rules in a dispute.
    pub arbiter: TenantId,
    /// The currency of the amounts.
    pub currency: Currency,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Even, Self::Replacement, Self::Platform, Self::BySource];

    /// Terms for two parties, version 1.
    #[must_use]
    pub fn terms(self, parts: &Parts, time_zone: &str) -> Terms {
        self.under(Schedule::default(), parts, time_zone)
    }

    /// Terms for two parties, version 1, that quote this schedule of the network's shares.
    #[must_use]
    pub fn under(self, schedule: Schedule, parts: &Parts, time_zone: &str) -> Terms {
        let party = |id: &str, tenant, role| {
            Some(Party {
                id: id.parse().ok()?,
                tenant,
                role,
                title: None,
                counts: None,
                share: percent(5_000),
            })
        };
        let parties = [
            party("job", parts.job_side, PartyRole::JobSide),
            party("candidate", parts.candidate_side, PartyRole::CandidateSide),
        ];
        Terms {
            format: FORMAT,
            deal: parts.deal,
            version: 1,
            job: parts.job,
            employer: parts.employer,
            parties: parties.into_iter().flatten().collect(),
            shares_of: SharesOf::Pool,
            network: self.network(schedule),
            currency: parts.currency,
            time_zone: time_zone.to_owned(),
            closed_on: Vec::new(),
            fee: FeeBase::Percent {
                of_first_year_pay: percent(2_000),
                minimum_minor_units: None,
            },
            guarantee: self.guarantee(parts.currency),
            payment: match self {
                Self::Even | Self::BySource => PaymentTiming::NextBusinessDay,
                Self::Replacement => PaymentTiming::AfterGuarantee,
                Self::Platform => PaymentTiming::Hours(24),
            },
            claims: self.claims(),
            changes: ChangesUntil::FirstSubmittal,
            report_placement_within_days: 7,
            disclosure: disclosure(),
            disputes: ladder(parts.arbiter),
            schedule: Some(schedule),
            stated_pay: None,
            answer_within_days: Some(ANSWER_WITHIN_DAYS),
            bills: Some(Bills {
                due_within_days: DUE_WITHIN_DAYS,
                late_fee: None,
            }),
        }
    }

    /// The schedule's shares, or the template's own where that is more.
    fn network(self, schedule: Schedule) -> NetworkShare {
        let least = percent(match self {
            Self::Even | Self::BySource => 0,
            Self::Replacement => 600,
            Self::Platform => 1_000,
        });
        NetworkShare::BySource {
            member: part::larger(schedule.member, least),
            job_board: part::larger(schedule.job_board, least),
            self_registered: part::larger(schedule.self_registered, least),
        }
    }

    fn guarantee(self, currency: Currency) -> Guarantee {
        let level = |from_major: i64, days| GuaranteeLevel {
            fee_from_minor_units: MinorUnits(from_major * 10_i64.pow(currency.digits())),
            days,
        };
        let replacement = Replacement {
            within_days: 60,
            restarts_clock: true,
            count_max: 1,
        };
        let (levels, refund, replacement) = match self {
            Self::Even => (vec![level(0, 60), level(25_000, 90)], RefundCurve::ProRata, None),
            Self::Replacement => (vec![level(0, 90)], RefundCurve::Full, Some(replacement)),
            Self::Platform => (vec![level(0, 90)], RefundCurve::Full, None),
            Self::BySource => (vec![level(0, 60)], RefundCurve::Full, None),
        };
        Guarantee {
            levels,
            refund,
            replacement,
            report_within_days: 5,
        }
    }

    const fn claims(self) -> ClaimRules {
        let (window, basis, several, lapses_after_days) = match self {
            Self::Even => (Window::Months(12), ClaimBasis::Submittal, Several::First, Some(90)),
            Self::Replacement => (Window::Days(180), ClaimBasis::Submittal, Several::First, None),
            Self::Platform => (Window::Days(180), ClaimBasis::Submittal, Several::Shared, None),
            Self::BySource => (Window::Days(180), ClaimBasis::Confirmation, Several::Last, None),
        };
        ClaimRules {
            window,
            basis,
            several,
            lapses_after_days,
            prior_claim: Some(PriorClaimRule {
                contact_within: window,
                raised_within_business_days: 2,
            }),
        }
    }
}

/// Hundredths of a percent; at most the whole, as every constant here is.
fn percent(basis_points: u64) -> Share {
    Share::from_basis_points(basis_points).unwrap_or(Share::NONE)
}

/// Shows skills and experience from the start, and the name and résumé once the employer wants to meet the candidate.
/// The pay follows with an offer, the contact with the acceptance.
fn disclosure() -> Disclosure {
    let reveal = |field, from| Reveal { field, from };
    Disclosure(vec![
        reveal(CandidateField::Skills, Stage::Submitted),
        reveal(CandidateField::Experience, Stage::Submitted),
        reveal(CandidateField::Name, Stage::Interviewing),
        reveal(CandidateField::Resume, Stage::Interviewing),
        reveal(CandidateField::Pay, Stage::Offered),
        reveal(CandidateField::Contact, Stage::Accepted),
    ])
}

fn ladder(arbiter: TenantId) -> Ladder {
    let step = |name: &str, evidence_days| LadderStep {
        name: name.to_owned(),
        evidence_days,
    };
    Ladder {
        steps: vec![step("talk", 7), step("mediation", 14), step("arbitration", 14)],
        arbiter,
        ruling_within_days: Some(RULING_WITHIN_DAYS),
        deputy: None,
    }
}
