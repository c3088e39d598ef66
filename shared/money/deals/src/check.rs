//! The problems of terms, found field by field.

use std::collections::BTreeSet;

use inventure_ledger::{AllocationError, Share, allocate::check_whole};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    calendar::{CalendarError, Window},
    part::is_less,
    party::PartyRole,
    pipeline::Disclosure,
    terms::{ClaimBasis, FORMAT, FeeBase, RefundCurve, Several, Source, Terms},
};

/// The longest text in terms: names and titles, not prose.
const TEXT_CHARS_MAX: usize = 200;
/// The longest guarantee and the longest window of a claim. Ten years, to keep typing errors out.
const DAYS_MAX: u16 = 3_660;
/// The longest time to pay a bill.
const DUE_DAYS_MAX: u16 = 180;
/// The highest late fee for each begun 30 days: 10%.
const LATE_FEE_BASIS_POINTS_MAX: u64 = 1_000;
/// The longest time to contest a report.
const ANSWER_DAYS_MAX: u16 = 30;
/// The longest time to report a fall-off, or to object.
const REPORT_DAYS_MAX: u16 = 90;
/// The longest search for a replacement.
const REPLACEMENT_DAYS_MAX: u16 = 366;
/// The most steps of a dispute.
const STEPS_MAX: usize = 5;
/// The longest dispute before the days to rule.
const LADDER_DAYS_MAX: u32 = 180;
/// The longest time to rule, for the arbiter and the deputy each.
const RULING_DAYS_MAX: u16 = 60;
/// The most stages, levels, steps and closed dates.
const LIST_MAX: usize = 100;

/// Something in terms that cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The field, as a path: `parties[1].share`.
    pub field: String,
    /// The problem in words, and what would be right.
    pub detail: String,
}

/// A list of the problems found so far.
pub(crate) struct Report(Vec<Problem>);

impl Report {
    pub(crate) fn unless(&mut self, sound: bool, field: &str, detail: &str) {
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
        report.unless(
            (1..=FORMAT).contains(&self.format),
            "format",
            &format!("the newest format is {FORMAT}"),
        );
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
        self.check_counts(&mut report);
        self.check_fee(&mut report);
        self.check_guarantee(&mut report);
        self.check_claims(&mut report);
        self.check_ladder(&mut report);
        if self.format == 1 {
            self.check_old(&mut report);
        } else {
            self.check_network(&mut report);
            self.check_bills(&mut report);
            self.check_judges(&mut report);
            self.check_windows(&mut report);
            self.check_lists(&mut report);
        }
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

    /// Terms of format 1 know nothing of what came with format 2.
    fn check_old(&self, report: &mut Report) {
        let new = self.schedule.is_some()
            || self.stated_pay.is_some()
            || self.answer_within_days.is_some()
            || self.bills.is_some()
            || self.disputes.ruling_within_days.is_some()
            || self.disputes.deputy.is_some();
        report.unless(!new, "format", "fields of format 2 in terms of format 1");
    }

    fn check_network(&self, report: &mut Report) {
        if let Some(schedule) = self.schedule {
            for source in Source::ALL {
                report.unless(
                    !is_less(self.network.at(source), schedule.at(source)),
                    "network",
                    &format!(
                        "the operator's schedule asks for at least {} for this source: {source:?}",
                        schedule.at(source)
                    ),
                );
            }
        }
        if let Some(stated) = self.stated_pay {
            report.unless(
                0 < stated.from_minor_units_a_year.0 && stated.from_minor_units_a_year <= stated.to_minor_units_a_year,
                "stated_pay",
                "a range from more than zero up",
            );
        }
    }

    fn check_bills(&self, report: &mut Report) {
        report.unless(
            self.bills.is_some_and(|bills| bills.due_within_days <= DUE_DAYS_MAX),
            "bills.due_within_days",
            "0 to 180 days to pay a bill",
        );
        let late_fee = self.bills.and_then(|bills| bills.late_fee);
        let most = Share::from_basis_points(LATE_FEE_BASIS_POINTS_MAX).unwrap_or(Share::NONE);
        report.unless(
            late_fee.is_none_or(|share| !share.is_none() && !is_less(most, share)),
            "bills.late_fee",
            "more than 0% and at most 10%; leave it out where there is none",
        );
        report.unless(
            self.answer_within_days
                .is_some_and(|days| (1..=ANSWER_DAYS_MAX).contains(&days)),
            "answer_within_days",
            "1 to 30 days to contest what another side reports",
        );
        report.unless(
            self.guarantee.report_within_days <= REPORT_DAYS_MAX,
            "guarantee.report_within_days",
            "at most 90 days",
        );
        report.unless(
            self.guarantee
                .replacement
                .is_none_or(|replacement| replacement.within_days <= REPLACEMENT_DAYS_MAX),
            "guarantee.replacement.within_days",
            "at most 366 days",
        );
        report.unless(
            self.claims
                .prior_claim
                .is_none_or(|rule| (1..=REPORT_DAYS_MAX).contains(&rule.raised_within_business_days)),
            "claims.prior_claim.raised_within_business_days",
            "1 to 90 days",
        );
    }

    /// A claim that never ends would keep a person from everybody else.
    fn check_windows(&self, report: &mut Report) {
        let claims = &self.claims;
        let contact = claims
            .prior_claim
            .map(|rule| ("claims.prior_claim.contact_within", rule.contact_within));
        for (field, window) in [("claims.window", claims.window)].into_iter().chain(contact) {
            let days = match window {
                Window::Days(days) => u32::from(days),
                Window::Months(months) => u32::from(months) * 31,
            };
            report.unless(days <= u32::from(DAYS_MAX), field, "at most 3,660 days, or 118 months");
        }
        report.unless(
            claims.lapses_after_days.is_none_or(|days| days <= DAYS_MAX),
            "claims.lapses_after_days",
            "at most 3,660 days",
        );
    }

    /// Each reader of the terms reads all of them, so each list has an end.
    fn check_lists(&self, report: &mut Report) {
        let Disclosure(reveals) = &self.disclosure;
        let fields: BTreeSet<_> = reveals.iter().map(|reveal| reveal.field).collect();
        report.unless(fields.len() == reveals.len(), "disclosure", "each field once");
        if let FeeBase::Retained { stages, .. } = &self.fee {
            report.unless(stages.len() <= LIST_MAX, "fee.stages", "at most 100 stages");
        }
    }

    /// Everybody in a deal has one role, and a dispute ends.
    fn check_judges(&self, report: &mut Report) {
        let ladder = &self.disputes;
        report.unless(
            ladder.arbiter != self.employer,
            "disputes.arbiter",
            "the employer pays and does not rule",
        );
        if let Some(deputy) = ladder.deputy {
            let party = self.parties.iter().any(|party| party.tenant == deputy);
            report.unless(
                !party && deputy != self.employer && deputy != ladder.arbiter,
                "disputes.deputy",
                "somebody who is neither a party, nor the employer, nor the arbiter",
            );
        }
        let days: u32 = ladder.steps.iter().map(|step| u32::from(step.evidence_days)).sum();
        report.unless(
            ladder.steps.len() <= STEPS_MAX && days <= LADDER_DAYS_MAX,
            "disputes.steps",
            "at most 5 steps, and 180 days together",
        );
        report.unless(
            ladder
                .ruling_within_days
                .is_some_and(|days| (1..=RULING_DAYS_MAX).contains(&days)),
            "disputes.ruling_within_days",
            "1 to 60 days to rule",
        );
    }
}

fn is_short(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS_MAX
}
