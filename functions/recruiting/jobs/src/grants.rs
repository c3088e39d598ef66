//! Shows jobs to other tenants by grants.

use axum::{Json, extract::State, http::StatusCode};
use garde::Validate;
use inventure_api::{
    Problem,
    http::{Answer, Path, Write},
    once::{Once, Reply},
};
use inventure_core::TenantId;
use inventure_people::{
    Caller,
    access::{Access, GrantView, Shared},
};
use inventure_recruiting::records::Job;
use inventure_table::Store;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::routes::{WRITERS, find};

/// The tenant to which a record is to be shown.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// The tenant that may see the job or the candidate.
    #[garde(skip)]
    tenant_id: TenantId,
}

/// Returns the job, if it is the caller's own to share.
async fn shared<'a>(store: &Store, caller: &'a Caller, id: &str) -> Result<Shared<'a>, Problem> {
    let (job, access): (Job, Access) = find(store, caller, id).await?;
    // Who was granted a job knows of it, but it is not theirs to hand on.
    if access == Access::Granted {
        return Err(Problem::only_shown());
    }
    caller.allow(WRITERS)?;
    Ok(Shared {
        record_id: job.job_id.to_string(),
        tenant_id: job.tenant_id,
        caller,
    })
}

/// Lets another tenant see a job and match its own candidates to it.
#[utoipa::path(
    post, path = "/jobs/{id}/grants", tag = "jobs", params(("id" = String, Path)), request_body = NewGrant,
    responses((status = 201, body = GrantView))
)]
pub async fn create(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewGrant>,
) -> Result<Answer, Problem> {
    let shared = shared(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let (change, grant) = shared.grant(&store, write.body.tenant_id).await?;
            let answer = Answer::created(&GrantView::from(grant))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// The tenants that may see a job.
#[utoipa::path(
    get, path = "/jobs/{id}/grants", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Vec<GrantView>))
)]
pub async fn list(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<GrantView>>, Problem> {
    let grants = shared(&store, &caller, &id).await?.grants(&store).await?;
    Ok(Json(grants.into_iter().map(Into::into).collect()))
}

/// Takes a grant back. It ends at once.
#[utoipa::path(
    delete, path = "/jobs/{id}/grants/{tenant_id}", tag = "jobs",
    params(("id" = String, Path), ("tenant_id" = String, Path)), responses((status = 204))
)]
pub async fn remove(
    State(store): State<Store>,
    caller: Caller,
    Path((id, tenant_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    shared(&store, &caller, &id).await?.revoke(&store, &tenant_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
