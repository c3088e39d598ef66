//! The signed-in person's profile, and tenants, their members and invitations.
//!
//! The identity provider says who a person is; what they may do is said here, in the table, so that any provider will do and a
//! right that is taken away is gone with the next request. A person belongs to one tenant.

mod engagements;
mod invitations;
mod members;
mod names;
mod tenants;
mod views;

use axum::{Json, extract::State};
use inventure_api::{Problem, http::Claims};
use inventure_people::records::{Member, Tenant};
use inventure_table::{Change, Commit, Store};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::views::{MeView, MemberView, TenantView};

/// All routes of this function.
pub fn routes() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(me))
        .routes(routes!(tenants::create))
        .routes(routes!(tenants::read, tenants::update))
        .routes(routes!(members::list))
        .routes(routes!(members::update, members::remove))
        .routes(routes!(engagements::list))
        .routes(routes!(engagements::begin, engagements::end))
        .routes(routes!(invitations::create, invitations::list))
        .routes(routes!(invitations::withdraw))
        .routes(routes!(invitations::accept))
}

/// Whether the API answers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Health {
    /// Always `ok`; anything else is no answer at all.
    status: &'static str,
}

/// Answers without a token and without touching anything, for load balancers and people with a browser.
#[utoipa::path(get, path = "/health", tag = "identity", security(()), responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The signed-in person, and their tenant if they have one.
#[utoipa::path(get, path = "/me", tag = "identity", responses((status = 200, body = MeView)))]
async fn me(State(store): State<Store>, claims: Claims) -> Result<Json<MeView>, Problem> {
    let mut member: Option<Member> = store.get(&Member::key_of(&claims.subject)).await?;
    if let Some(known) = member.take() {
        member = Some(readdressed(&store, known, &claims).await?);
    }
    let mut tenant: Option<Tenant> = match &member {
        Some(member) => store.get(&Tenant::key_of(member.tenant_id)).await?,
        None => None,
    };
    if let Some(known) = tenant.take() {
        tenant = Some(names::kept(&store, known).await?);
    }
    Ok(Json(MeView {
        email: claims.email,
        member: member.map(MemberView::from),
        tenant: tenant.map(TenantView::from),
    }))
}

/// The member with the address that the provider has verified by now. People confirm an address late, and change it, and mail
/// must not go to the holder of the old one. A token that says nothing of an address changes nothing.
async fn readdressed(store: &Store, known: Member, claims: &Claims) -> Result<Member, Problem> {
    let verified = claims.email.clone().filter(|_| claims.email_verified);
    if claims.email.is_none() || verified == known.email {
        return Ok(known);
    }
    let after = Member {
        email: verified,
        version: known.version + 1,
        ..known.clone()
    };
    match store.commit(Change::new().update(&after, known.version)).await? {
        Commit::Done => Ok(after),
        // Changed by others just now: the next time will do.
        _ => Ok(known),
    }
}
