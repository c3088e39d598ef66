//! Letting another tenant see a candidate.

use axum::{Json, extract::State, http::StatusCode};
use garde::Validate;
use inventure_core::TenantId;
use inventure_api::{
    Problem, clock,
    http::{Answer, Caller, Path, Write},
    problem::Kind,
};
use inventure_table::{
    Store,
    access::{GrantView, Shared},
    records::{Candidate, ConsentScope},
    stale,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::routes::find_own;

/// Whom to let see it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// The tenant.
    #[garde(skip)]
    tenant_id: TenantId,
}

/// The candidate, if they are the caller's own to share.
async fn shared<'a>(store: &Store, caller: &'a Caller, id: &str) -> Result<(Candidate, Shared<'a>), Problem> {
    let candidate = find_own(store, caller, id).await?;
    let shared = Shared {
        record_id: candidate.candidate_id.to_string(),
        tenant_id: candidate.tenant_id,
        caller,
    };
    Ok((candidate, shared))
}

/// Lets another tenant see a candidate whose consent covers it.
#[utoipa::path(
    post, path = "/candidates/{id}/grants", tag = "candidates", params(("id" = String, Path)), request_body = NewGrant,
    responses((status = 201, body = GrantView))
)]
pub async fn create(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewGrant>,
) -> Result<Answer, Problem> {
    let (owner, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    let (candidate, shared) = shared(&store, &caller, &id).await?;
    if let Some(answer) = store.remembered(&owner, key).await? {
        return Ok(answer);
    }
    if !candidate.consents(ConsentScope::ShareWithNetwork, clock::today()) {
        let detail = "Record the candidate's consent to `share_with_network` first: `PUT /candidates/{id}/consent`.";
        return Err(Problem::new(Kind::ConsentMissing, detail));
    }
    let (change, grant) = shared.grant(&store, write.body.tenant_id).await?;
    let answer = Answer::created(&GrantView::from(grant))?;
    store.finish(change, &owner, key, answer, stale()).await
}

/// The tenants that may see a candidate.
#[utoipa::path(
    get, path = "/candidates/{id}/grants", tag = "candidates", params(("id" = String, Path)),
    responses((status = 200, body = Vec<GrantView>))
)]
pub async fn list(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<GrantView>>, Problem> {
    let grants = shared(&store, &caller, &id).await?.1.grants(&store).await?;
    Ok(Json(grants.into_iter().map(Into::into).collect()))
}

/// Takes a grant back, at once.
#[utoipa::path(
    delete, path = "/candidates/{id}/grants/{tenant_id}", tag = "candidates",
    params(("id" = String, Path), ("tenant_id" = String, Path)), responses((status = 204))
)]
pub async fn remove(
    State(store): State<Store>,
    caller: Caller,
    Path((id, tenant_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    shared(&store, &caller, &id).await?.1.revoke(&store, &tenant_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
