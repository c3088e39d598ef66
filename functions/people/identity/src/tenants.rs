//! Tenants: agencies and employers.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Identity, Path, RequestIds, Write},
    once::{Once, Reply},
    problem::{self, stale},
    text,
};
use inventure_core::{MemberId, Role, TenantId};
use inventure_events::{Envelope, TenantCreated};
use inventure_people::{
    Caller,
    records::{Member, Tenant},
};
use inventure_table::{Change, Store};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    names,
    views::{Kind, TenantView},
};

/// A tenant to set up. The caller becomes its owner.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// The kind of tenant.
    #[garde(skip)]
    kind: Kind,
    /// The tenant's name, as others see it.
    #[garde(length(chars, min = 1, max = 120), custom(text::name))]
    name: String,
    /// The owner's display name; the token's is used without it.
    #[garde(inner(length(chars, min = 1, max = 120), custom(text::name)))]
    owner_name: Option<String>,
}

/// A change to a tenant.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantChange {
    /// The version that the record was read at.
    #[garde(skip)]
    version: u64,
    /// The tenant's new name.
    #[garde(length(chars, min = 1, max = 120), custom(text::name))]
    name: String,
}

/// The role of the owner of a tenant of this kind.
pub const fn owner_role(kind: inventure_people::records::TenantKind) -> Role {
    match kind {
        inventure_people::records::TenantKind::Agency => Role::AgencyOwner,
        inventure_people::records::TenantKind::Employer => Role::Employer,
        inventure_people::records::TenantKind::Network => Role::Operator,
    }
}

/// The caller's own tenant. Any other is not found.
pub async fn own(store: &Store, caller: &Caller, id: &str) -> Result<Tenant, Problem> {
    let id: TenantId = id.parse().map_err(|_| Problem::not_found())?;
    if id != caller.principal.tenant_id {
        return Err(Problem::not_found());
    }
    store.get(&Tenant::key_of(id)).await?.ok_or_else(Problem::not_found)
}

/// Sets up a tenant with the signed-in person as its owner.
#[utoipa::path(
    post, path = "/tenants", tag = "identity", request_body = NewTenant,
    responses((status = 201, body = TenantView), (status = 401, description = "Not an ID token"), (status = 409, description = "The person belongs to a tenant already"))
)]
pub async fn create(
    State(store): State<Store>,
    Identity(claims): Identity,
    ids: RequestIds,
    write: Write<NewTenant>,
) -> Result<Answer, Problem> {
    Once::new(&store, claims.subject.clone(), write.idempotency.as_ref())
        .answer(async {
            if write.body.kind == Kind::Network {
                return Err(Problem::field("kind", "an agency or an employer can be set up"));
            }
            // Somebody who has a tenant is told that, and not whose names there are.
            let known: Option<Member> = store.get(&Member::key_of(&claims.subject)).await?;
            if known.is_none() {
                names::check(&store, &write.body.name, None).await?;
            }
            let now = clock::now();
            let tenant = Tenant {
                tenant_id: TenantId::new(),
                kind: write.body.kind.into(),
                name_skeleton: Some(names::skeleton_key(&write.body.name)),
                name: write.body.name,
                version: 1,
                created_at: now,
            };
            let named = write.body.owner_name.or(claims.name).or_else(|| claims.email.clone());
            let member = Member {
                subject: claims.subject,
                member_id: MemberId::new(),
                tenant_id: tenant.tenant_id,
                role: owner_role(tenant.kind),
                name: named.unwrap_or_else(|| "Owner".to_owned()),
                // Whoever signs up can name any address; to one that is not theirs nothing is sent.
                email: claims.email.filter(|_| claims.email_verified),
                version: 1,
                joined_at: now,
            };
            let event = TenantCreated {
                tenant_id: tenant.tenant_id,
                member_id: member.member_id,
            };
            let change = Change::new()
                .insert(&tenant)
                .insert(&member)
                .emit(tenant.tenant_id, &Envelope::new(event.into(), now, &ids.correlation_id));
            let change = names::take(&store, change, &tenant, None).await?;
            let answer = Answer::created(&TenantView::from(tenant))?;
            let conflict = Problem::new(
                problem::Kind::AlreadyExists,
                "You belong to a tenant already (`GET /me` shows it), or somebody took this name just now.",
            );
            Ok(Reply::new(change, answer).or(conflict))
        })
        .await
}

/// The caller's tenant.
#[utoipa::path(
    get, path = "/tenants/{id}", tag = "identity", params(("id" = String, Path)),
    responses((status = 200, body = TenantView), (status = 404, description = "Not the caller's tenant"))
)]
pub async fn read(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TenantView>, Problem> {
    Ok(Json(own(&store, &caller, &id).await?.into()))
}

/// Renames the caller's tenant.
#[utoipa::path(
    patch, path = "/tenants/{id}", tag = "identity", params(("id" = String, Path)), request_body = TenantChange,
    responses((status = 200, body = TenantView), (status = 409, description = "Stale version"))
)]
pub async fn update(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<TenantChange>,
) -> Result<Answer, Problem> {
    let mut tenant = own(&store, &caller, &id).await?;
    caller.allow(&[owner_role(tenant.kind)])?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            if write.body.version != tenant.version {
                return Err(stale());
            }
            names::check(&store, &write.body.name, Some(&tenant)).await?;
            let before = tenant.name_skeleton.replace(names::skeleton_key(&write.body.name));
            tenant.name = write.body.name;
            tenant.version += 1;
            let change = Change::new().update(&tenant, write.body.version);
            let change = names::take(&store, change, &tenant, before.as_deref()).await?;
            let answer = Answer::ok(&TenantView::from(tenant))?;
            Ok(Reply::new(change, answer))
        })
        .await
}
