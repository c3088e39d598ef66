//! The view that a party has of a candidate in a deal.

use axum::{Json, extract::State};
use inventure_api::{Problem, clock, http::Path, problem::Kind};
use inventure_core::{CandidateId, PayRange, TenantId};
use inventure_deal_store::counts_since;
use inventure_deals::{
    SplitDecision,
    pipeline::{CandidateField, Stage},
};
use inventure_people::Caller;
use inventure_recruiting::records::{Candidate, ConsentScope};
use inventure_resume::{REDACTED, Resume};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, refusals::not_added, routes::find, shown::Shown};

/// A candidate, as far as the terms disclose them to the caller's tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisclosedCandidate {
    /// The id of the candidate.
    pub candidate_id: CandidateId,
    /// The tenant that submitted the candidate.
    pub tenant_id: TenantId,
    /// The candidate's stage in the pipeline.
    pub stage: Stage,
    /// The fields that the terms disclose to the caller's tenant now.
    pub discloses: Vec<CandidateField>,
    /// The candidate's name, once it is disclosed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The candidate's mail addresses and phone numbers, as the résumé has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Vec<String>>,
    /// The candidate's skills, as the résumé has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skills: Option<Vec<String>>,
    /// The titles of the jobs that the candidate held, each with its employer, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experience: Option<Vec<String>>,
    /// The whole résumé; without ways to reach the person until contact is disclosed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<Box<Resume>>,
    /// Whether a résumé that was read since the submittal is kept back. It names no address or number of the submittal, or came too late.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub withheld: bool,
    /// The pay that the candidate asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_pay: Option<PayRange>,
    /// The time from which the claim on the candidate counts in other deals too. Absent while the claim is private. Only for the broker
    /// who submitted the candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub counts_since: Option<Timestamp>,
    /// The decision on whether their placement today would be a split, and whose. It gives the reasons and the facts each rests on.
    /// Absent for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<SplitDecision>,
}

/// Returns a candidate of a deal, as far as the terms disclose them. They disclose as much as the stage that the candidate has reached
/// allows, while their consent holds.
#[utoipa::path(
    get, path = "/deals/{id}/candidates/{candidate_id}", tag = "deals",
    params(("id" = String, Path), ("candidate_id" = String, Path)),
    responses((status = 200, body = DisclosedCandidate), (status = 403, description = "The candidate's consent has ended"))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path((id, candidate_id)): Path<(String, String)>,
) -> Result<Json<DisclosedCandidate>, Problem> {
    let held = find(&app.store, &caller, &id).await?;
    let candidate_id: CandidateId = candidate_id.parse().map_err(|_| Problem::not_found())?;
    let submittal = held
        .deal
        .candidates()
        .get(&candidate_id)
        .ok_or_else(Problem::not_found)?;
    let candidate: Option<Candidate> = app.store.get(&Candidate::key_of(candidate_id)).await?;
    let candidate = candidate.ok_or_else(Problem::not_found)?;
    let discloses = held.deal.disclosed(candidate_id, caller.principal.tenant_id);
    if submittal.withdrawn.is_some() || !candidate.consents(ConsentScope::ShareWithNetwork, clock::today()) {
        return Err(Problem::new(
            Kind::ConsentMissing,
            "The candidate's consent to be shown to others has ended.",
        ));
    }
    let _ = app.not_refused(&held, candidate_id, None).await?;
    let shows = |field| discloses.contains(&field);
    let (with_name, with_contact) = (shows(CandidateField::Name), shows(CandidateField::Contact));
    let shown = app.shown_resume(&held, candidate_id).await?;
    let withheld = matches!(shown, Shown::Withheld);
    let resume = match shown {
        Shown::Resume(resume) => Some(*resume),
        Shown::Nothing | Shown::Withheld => None,
    };
    let contact = resume.as_ref().filter(|_| with_contact).map(|resume| {
        let all = resume.emails.iter().chain(&resume.phones);
        all.filter(|field| field.is_sure())
            .map(|field| field.value.clone())
            .collect()
    });
    // A line of skills or a firm's name gives a person away as well as the whole résumé does.
    let resume = resume.and_then(|resume| match (with_contact, with_name) {
        (true, true) => Some(resume),
        (true, false) | (false, _) => resume.without_contact(with_name, &candidate.name),
    });
    // After the contact is taken out: a name that is a suggestion is one, where it stands in the text.
    let resume = resume.map(Resume::sure);
    let of = |field, list: fn(&Resume) -> Vec<String>| resume.as_ref().filter(|_| shows(field)).map(list);
    let today = held
        .deal
        .terms()
        .and_then(|terms| Some(terms.calendar().ok()?.date(clock::now())));
    let decision = held
        .deal
        .decide(candidate_id, today.unwrap_or_else(clock::today))
        .map_err(Problem::internal)?;
    let counts_since = if submittal.tenant == caller.principal.tenant_id {
        counts_since(&app.store, &held, candidate_id).await.map_err(not_added)?
    } else {
        None
    };
    Ok(Json(DisclosedCandidate {
        candidate_id,
        counts_since,
        withheld,
        tenant_id: submittal.tenant,
        stage: submittal.stage,
        name: shows(CandidateField::Name).then(|| candidate.name.clone()),
        contact,
        skills: of(CandidateField::Skills, |resume| {
            let names = resume.skills.iter().map(|skill| skill.name.value.clone());
            names.filter(|name| name != REDACTED).collect()
        }),
        experience: of(CandidateField::Experience, |resume| {
            resume.experience.iter().map(job_line).collect()
        }),
        desired_pay: candidate.desired_pay.filter(|_| shows(CandidateField::Pay)),
        resume: resume.filter(|_| shows(CandidateField::Resume)).map(Box::new),
        discloses,
        decision: Some(decision).filter(|_| held.shows_terms_to(caller.principal.tenant_id)),
    }))
}

fn job_line(job: &inventure_resume::Experience) -> String {
    let title = job.title.as_ref().map_or("", |title| title.value.as_str());
    let employer = job.employer.as_ref().map_or("", |employer| employer.value.as_str());
    [title, employer]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}
