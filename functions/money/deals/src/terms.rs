//! Terms that a tenant proposes: what the service writes into them, and the job that they are about.

use inventure_api::{Problem, http::readable, problem::Kind};
use inventure_core::{DealId, TenantId};
use inventure_deal_store::LoadedDeal;
use inventure_deals::{
    MinorUnits, Terms, What,
    terms::{ANSWER_WITHIN_DAYS, Bills, DUE_WITHIN_DAYS, FORMAT, RULING_WITHIN_DAYS, StatedPay},
};
use inventure_people::{Caller, access};
use inventure_recruiting::records::Job;
use serde_json::{Map, Value};

use crate::App;

/// Terms as the service completed them, with the owner of their job.
pub struct Completed {
    /// The completed terms.
    pub terms: Terms,
    /// The tenant that owns the job; `None` where there is no such job.
    owner: Option<TenantId>,
    /// Whether the proposer may see the job.
    job_seen: bool,
}

fn unknown_job() -> Problem {
    Problem::field("terms.job", "there is no such job of the employer or of a party")
}

impl Completed {
    /// Refuses a job that belongs to nobody whom the terms name.
    pub fn check_owner(&self) -> Result<(), Problem> {
        let terms = &self.terms;
        let named = |tenant| tenant == terms.employer || terms.parties.iter().any(|party| party.tenant == tenant);
        if self.owner.is_some_and(named) {
            Ok(())
        } else {
            Err(unknown_job())
        }
    }

    /// Refuses a job that the proposer may not see, or that belongs to nobody whom the terms name.
    pub fn check_job(&self) -> Result<(), Problem> {
        if self.job_seen {
            self.check_owner()
        } else {
            Err(unknown_job())
        }
    }
}

/// Refuses terms about another job or another employer than the deal was made for. Claims, placements and the recipients of messages go
/// by these.
pub fn check_frame(held: &LoadedDeal, terms: &Terms) -> Result<(), Problem> {
    if terms.job != held.head.job_id {
        return Err(Problem::field(
            "terms.job",
            "a deal is about one job; propose another deal for another",
        ));
    }
    if terms.employer != held.head.employer_id {
        return Err(Problem::field(
            "terms.employer",
            "a deal has one employer; propose another deal with another",
        ));
    }
    Ok(())
}

impl App {
    /// Returns the terms as they were sent, with what the service adds to them. It adds their place, the schedule in force, the pay that
    /// the job states, and the defaults of what was left out. Terms that replace signed ones keep the schedule that was signed. The pay
    /// is that of a job which the proposer may see, or else what the deal's terms before these quoted.
    pub async fn terms_of(
        &self,
        caller: &Caller,
        mut sent: Map<String, Value>,
        (deal, version): (DealId, u32),
        before: Option<&LoadedDeal>,
    ) -> Result<Completed, Problem> {
        for (name, value) in [
            ("format", Value::from(FORMAT)),
            ("deal", Value::from(deal.to_string())),
            ("version", Value::from(version)),
        ] {
            sent.insert(name.to_owned(), value);
        }
        let terms: Result<Terms, _> = serde_json::from_value(Value::Object(sent));
        let mut terms = terms.map_err(|error| Problem::field("terms", readable(&error.to_string())))?;
        let in_force = before.and_then(|held| held.deal.terms());
        terms.schedule = match in_force {
            Some(signed) => signed.schedule,
            None => Some(self.schedule().await?),
        };
        let job: Option<Job> = self.store.get(&Job::key_of(terms.job)).await?;
        let owner = job.as_ref().map(|job| job.tenant_id);
        let job_id = terms.job.to_string();
        let job_seen = match access(&self.store, &caller.principal, owner, &job_id).await {
            Ok(_) => true,
            Err(problem) if problem.kind == Kind::NotFound => false,
            Err(problem) => return Err(problem),
        };
        terms.stated_pay = match job.filter(|_| job_seen) {
            Some(job) => stated_pay(&job, &terms),
            None => before.and_then(|held| quoted(held, &terms)),
        };
        terms.answer_within_days.get_or_insert(ANSWER_WITHIN_DAYS);
        terms.disputes.ruling_within_days.get_or_insert(RULING_WITHIN_DAYS);
        terms.bills.get_or_insert(Bills {
            due_within_days: DUE_WITHIN_DAYS,
            late_fee: None,
        });
        Ok(Completed { terms, owner, job_seen })
    }
}

/// Returns the pay that the deal's last terms quoted of the same job, in the same currency.
fn quoted(held: &LoadedDeal, terms: &Terms) -> Option<StatedPay> {
    let last = held.deal.facts().iter().rev().find_map(|fact| match &fact.what {
        What::TermsProposed { terms } => Some(terms),
        _ => None,
    });
    let same = last.filter(|last| last.job == terms.job && last.currency == terms.currency);
    same?.stated_pay
}

/// Returns the pay that a job states, if it states it in the currency of the terms.
fn stated_pay(job: &Job, terms: &Terms) -> Option<StatedPay> {
    let pay = job.parsed.pay.as_ref().map(|pay| pay.value)?;
    if pay.currency != terms.currency {
        return None;
    }
    let (least, most) = (pay.min_minor_units, pay.max_minor_units);
    let yearly = |units: Option<i64>| units?.checked_mul(pay.period.per_year());
    let (from, to) = (yearly(least.or(most))?, yearly(most.or(least))?);
    (0 < from && from <= to).then_some(StatedPay {
        from_minor_units_a_year: MinorUnits(from),
        to_minor_units_a_year: MinorUnits(to),
    })
}

#[cfg(test)]
mod tests {
    use inventure_core::{Currency, JobId, MemberId};
    use inventure_deals::{Template, templates::Parts};
    use inventure_recruiting::records::JobStatus;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn job(pay: serde_json::Value) -> Job {
        Job {
            job_id: JobId::new(),
            tenant_id: TenantId::new(),
            title: "Engineer".to_owned(),
            description: String::new(),
            parsed: serde_json::from_value(json!({ "title": "Engineer", "normalized_title": "engineer", "pay": pay }))
                .unwrap(),
            status: JobStatus::Open,
            public: false,
            version: 1,
            created_by: MemberId::new(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_job_states_its_pay_in_its_own_currency_alone() {
        let parts = Parts {
            deal: DealId::new(),
            job: JobId::new(),
            employer: TenantId::new(),
            job_side: TenantId::new(),
            candidate_side: TenantId::new(),
            arbiter: TenantId::new(),
            currency: Currency::USD,
        };
        let terms = Template::Even.terms(&parts, "UTC");
        let pay = |currency: &str| {
            let value =
                json!({ "min_minor_units": 100, "max_minor_units": 200, "currency": currency, "period": "year" });
            stated_pay(&job(json!({ "value": value })), &terms)
        };
        let stated = pay("USD").map(|stated| stated.to_minor_units_a_year.0);
        assert_eq!(stated, Some(200));
        assert!(pay("EUR").is_none(), "in another currency it says nothing");
        assert!(stated_pay(&job(serde_json::Value::Null), &terms).is_none());
    }
}
