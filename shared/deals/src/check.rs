//! What is wrong with terms, field by field.

use std::collections::BTreeSet;

use inventure_ledger::{AllocationError, Share, allocate::check_whole};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    calendar::CalendarError,
    party::PartyRole,
    terms::{ClaimBasis, FORMAT, FeeBase, RefundCurve, Several, Source, Terms},
};

/// The longest text in terms: names and titles, not prose.
const TEXT_CHARS_MAX: usize = 200;
/// The longest guarantee and the longest window of a claim. Ten years, to keep typing errors out.
const DAYS_MAX: u16 = 3_660;
/// The most stages, levels, steps and closed dates.
const LIST_MAX: usize = 100;

/// Something in terms that cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The field, as a path: `parties[1].share`.
    pub field: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

/// Collects problems.
struct Report(Vec<Problem>);

impl Report {
    fn unless(&mut self, sound: bool, field: &str, detail: &str) {
        if !sound {
            self.add(field, detail);
        }
    }

    fn add(&mut self, field: &str, detail: impl Into<String>) {
        self.0.push(Problem {
            field: field.to_owned(),
            detail: detail.into(),
        });
    }
}

impl Terms {
    /// Whether the terms can be signed, with everything that is wrong and not only the first.
    pub fn check(&self) -> Result<(), Vec<Problem>> {
        let mut report = Report(Vec::new());
        report.unless(self.format == FORMAT, "format", &format!("this is format {FORMAT}"));
        report.unless(self.version > 0, "version", "versions begin with 1");
        report.unless(
            self.closed_on.len() <= LIST_MAX,
            "closed_on",
            "at most 100 closed dates",
        );
        if let Err(error @ CalendarError::UnknownZone(_)) = self.calendar() {
            report.add("time_zone", error.to_string());
        }
        self.check_parties(&mut report);
        self.check_shares(&mut report);
        self.check_fee(&mut report);
        self.check_guarantee(&mut report);
        self.check_claims(&mut report);
        self.check_ladder(&mut report);
        if report.0.is_empty() { Ok(()) } else { Err(report.0) }
    }

    fn check_parties(&self, report: &mut Report) {
        let has = |role| self.parties.iter().any(|party| party.role == role);
        report.unless(
            has(PartyRole::JobSide),
            "parties",
            "somebody must have the role job_side",
        );
        report.unless(
            has(PartyRole::CandidateSide),
            "parties",
            "somebody must have the role candidate_side",
        );
        let (mut ids, mut tenants) = (BTreeSet::new(), BTreeSet::new());
        for (index, party) in self.parties.iter().enumerate() {
            let field = |name: &str| format!("parties[{index}].{name}");
            report.unless(ids.insert(&party.id), &field("id"), "two parties have this id");
            report.unless(
                tenants.insert(party.tenant),
                &field("tenant"),
                "an agency is in a deal once; give it one share",
            );
            report.unless(
                party.tenant != self.employer,
                &field("tenant"),
                "the employer pays and does not share",
            );
            if let Some(title) = &party.title {
                report.unless(is_short(title), &field("title"), "1 to 200 characters");
            }
            report.unless(
                party.title.is_some() || party.role != PartyRole::Other,
                &field("title"),
                "the role `other` needs a title",
            );
        }
    }

    fn check_shares(&self, report: &mut Report) {
        for source in Source::ALL {
            let whole = match self.split(source) {
                None => Err(AllocationError::TooFine),
                Some(split) => check_whole(&split.into_iter().map(|(_, share)| share).collect::<Vec<Share>>()),
            };
            if let Err(error) = whole {
                report.add(
                    "parties",
                    format!("{error} (with the network's share for this source: {source:?})"),
                );
                return;
            }
        }
    }

    fn check_fee(&self, report: &mut Report) {
        match &self.fee {
            FeeBase::Percent {
                of_first_year_pay,
                minimum_minor_units,
            } => {
                report.unless(!of_first_year_pay.is_none(), "fee.of_first_year_pay", "more than 0%");
                report.unless(
                    minimum_minor_units.is_none_or(|minimum| minimum.0 > 0),
                    "fee.minimum_minor_units",
                    "more than zero; leave it out where there is none",
                );
            }
            FeeBase::Flat { minor_units } => report.unless(minor_units.0 > 0, "fee.minor_units", "more than zero"),
            FeeBase::Retained { minor_units, stages } => {
                report.unless(minor_units.0 > 0, "fee.minor_units", "more than zero");
                let shares: Vec<Share> = stages.iter().map(|stage| stage.share).collect();
                if let Err(error) = check_whole(&shares) {
                    report.add("fee.stages", error.to_string());
                }
                let sound = |name: &str, share: Share| is_short(name) && !share.is_none();
                report.unless(
                    stages.iter().all(|stage| sound(&stage.name, stage.share)),
                    "fee.stages",
                    "each stage has a name and more than 0%",
                );
            }
            FeeBase::Hourly { minor_units_per_hour } => {
                report.unless(minor_units_per_hour.0 > 0, "fee.minor_units_per_hour", "more than zero");
            }
        }
    }

    fn check_guarantee(&self, report: &mut Report) {
        let guarantee = &self.guarantee;
        let levels = &guarantee.levels;
        report.unless(
            levels.first().is_some_and(|level| level.fee_from_minor_units.0 == 0) && levels.len() <= LIST_MAX,
            "guarantee.levels",
            "the first level begins at a fee of 0",
        );
        report.unless(
            levels
                .windows(2)
                .all(|pair| pair[0].fee_from_minor_units < pair[1].fee_from_minor_units),
            "guarantee.levels",
            "the fees of the levels rise",
        );
        report.unless(
            levels.iter().all(|level| level.days <= DAYS_MAX),
            "guarantee.levels",
            "at most 3,660 days",
        );
        if let RefundCurve::Steps(steps) = &guarantee.refund {
            report.unless(
                (1..=LIST_MAX).contains(&steps.len())
                    && steps.windows(2).all(|pair| pair[0].through_day < pair[1].through_day),
                "guarantee.refund.steps",
                "1 to 100 steps, their days rising",
            );
        }
        if let Some(replacement) = guarantee.replacement {
            report.unless(
                replacement.within_days > 0 && replacement.count_max > 0,
                "guarantee.replacement",
                "at least one day and one replacement; leave it out where there is none",
            );
        }
        // Hours are billed as they are worked; nobody has ever been given worked hours back.
        let hourly = matches!(self.fee, FeeBase::Hourly { .. });
        report.unless(
            !hourly || levels.iter().all(|level| level.days == 0),
            "guarantee.levels",
            "a contract by the hour has no guarantee: 0 days",
        );
    }

    fn check_claims(&self, report: &mut Report) {
        let claims = &self.claims;
        report.unless(!claims.window.is_empty(), "claims.window", "more than no time");
        report.unless(
            claims.lapses_after_days != Some(0),
            "claims.lapses_after_days",
            "at least one day; leave it out where claims do not lapse",
        );
        report.unless(
            !matches!((claims.basis, claims.several), (ClaimBasis::Submittal, Several::Last)),
            "claims.several",
            "a later submittal would take every candidate from whoever came first: `first` or `shared`, or let the candidate confirm",
        );
    }

    fn check_ladder(&self, report: &mut Report) {
        let steps = &self.disputes.steps;
        report.unless(
            (1..=10).contains(&steps.len()) && steps.iter().all(|step| is_short(&step.name)),
            "disputes.steps",
            "1 to 10 steps, each with a name",
        );
        report.unless(
            steps.iter().all(|step| (1..=365).contains(&step.evidence_days)),
            "disputes.steps",
            "1 to 365 days for evidence",
        );
        report.unless(
            self.parties.iter().all(|party| party.tenant != self.disputes.arbiter),
            "disputes.arbiter",
            "nobody is the judge of their own deal",
        );
    }
}

fn is_short(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS_MAX
}
