//! Shows candidates to other tenants by grants.

use axum::{Json, extract::State, http::StatusCode};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write},
    once::{Once, Reply},
    problem::Kind,
};
use inventure_core::TenantId;
use inventure_people::{
    Caller,
    access::{GrantView, Shared},
};
use inventure_recruiting::records::{Candidate, ConsentScope};
use inventure_table::Store;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::routes::find_own;

/// The tenant to which a record is to be shown.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// The tenant that may see the job or the candidate.
    #[garde(skip)]
    tenant_id: TenantId,
}

/// Returns the candidate, if they are the caller's own to share.
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
    let (candidate, shared) = shared(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            if !candidate.consents(ConsentScope::ShareWithNetwork, clock::today()) {
                let detail =
                    "Record the candidate's consent to `share_with_network` first: `PUT /candidates/{id}/consent`.";
                return Err(Problem::new(Kind::ConsentMissing, detail));
            }
            let (change, grant) = shared.grant(&store, write.body.tenant_id).await?;
            let answer = Answer::created(&GrantView::from(grant))?;
            Ok(Reply::new(change, answer))
        })
        .await
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

/// Takes a grant back. It ends at once.
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
