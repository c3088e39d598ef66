//! Templates and simulations of terms, before anybody signs: terms to begin with, and what they would come to.

use axum::extract::State;
use garde::Validate;
use inventure_api::{
    Problem,
    http::{Answer, Write},
};
use inventure_core::{Currency, DealId, JobId, TenantId};
use inventure_deals::{
    Outcome, Scenario, Template, Terms, calendar::Calendar, simulate, simulate::SimulateError, templates::Parts,
};
use inventure_people::Caller;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{App, refusals::unsound};

/// The facts about a deal that a template cannot know.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateParts {
    /// The template to fill in.
    #[garde(skip)]
    template: Template,
    /// The job that the terms are about.
    #[garde(skip)]
    job: JobId,
    /// The employer, who is the client.
    #[garde(skip)]
    employer: TenantId,
    /// The agency that brought the job.
    #[garde(skip)]
    job_side: TenantId,
    /// The agency that brings the candidate.
    #[garde(skip)]
    candidate_side: TenantId,
    /// The tenant that rules in a dispute.
    #[garde(skip)]
    arbiter: TenantId,
    /// The currency of the deal's amounts.
    #[garde(skip)]
    currency: Currency,
    /// The IANA time zone in which days are counted.
    #[garde(length(min = 1, max = 64))]
    time_zone: String,
}

/// Terms and a scenario to run under them.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSimulation {
    /// The terms to run the scenario under. The fields that the service sets may be left out: `format`, `deal` and `version`.
    #[garde(skip)]
    #[schema(value_type = Terms)]
    terms: Map<String, Value>,
    /// The events that happen in the simulation.
    #[garde(skip)]
    scenario: Scenario,
}

/// Returns terms made from a template of rules that networks publish, to change and to propose.
#[utoipa::path(
    post, path = "/deal-templates", tag = "deals", request_body = TemplateParts, responses((status = 200, body = Terms))
)]
pub async fn templates(
    State(app): State<App>,
    _caller: Caller,
    write: Write<TemplateParts>,
) -> Result<Answer, Problem> {
    let parts = &write.body;
    Calendar::new(&parts.time_zone, &[]).map_err(|error| Problem::field("time_zone", error.to_string()))?;
    let terms = parts.template.under(
        app.schedule().await?,
        &Parts {
            deal: DealId::from_uuid(uuid::Uuid::nil()),
            job: parts.job,
            employer: parts.employer,
            job_side: parts.job_side,
            candidate_side: parts.candidate_side,
            arbiter: parts.arbiter,
            currency: parts.currency,
        },
        &parts.time_zone,
    );
    Answer::ok(&terms)
}

/// Runs a scenario under terms and returns who gets what and when. It follows the same rules as a real deal.
#[utoipa::path(
    post, path = "/deal-simulations", tag = "deals", request_body = NewSimulation,
    responses((status = 200, body = Outcome), (status = 422, description = "The terms, or the story, do not work"))
)]
pub async fn run(State(app): State<App>, caller: Caller, write: Write<NewSimulation>) -> Result<Answer, Problem> {
    let deal = DealId::from_uuid(uuid::Uuid::nil());
    let terms = app.terms_of(&caller, write.body.terms, (deal, 1), None).await?.terms;
    let outcome = simulate(&terms, &write.body.scenario).map_err(|error| match error {
        SimulateError::Problems(_) => unsound(&terms.check().err().unwrap_or_default()),
        other => Problem::field("scenario", other.to_string()),
    })?;
    Answer::ok(&outcome)
}
