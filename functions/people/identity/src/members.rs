//! The members of a tenant.

use axum::{Json, extract::State, http::StatusCode};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Query, Write},
    once::{Once, Reply},
    problem::{Kind, stale},
};
use inventure_core::{MemberId, Page, Role, TenantId};
use inventure_events::{Envelope, MemberRemoved};
use inventure_people::{
    Caller,
    records::{Member, Tenant, TenantKind},
};
use inventure_table::{Change, Condition, Record, Store, StoreError, table};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    tenants::{own, owner_role},
    views::MemberView,
};

/// The part of a list to return.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The `next_cursor` of the page before.
    #[garde(skip)]
    pub cursor: Option<String>,
    /// The most members on a page, 1 to 100; 50 without it.
    #[garde(inner(range(min = 1, max = 100)))]
    pub limit: Option<usize>,
}

/// A change to a member.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberChange {
    /// The version that the record was read at.
    #[garde(skip)]
    version: u64,
    /// The member's new role.
    #[garde(skip)]
    role: Role,
}

/// Refuses a role that a tenant of this kind does not have.
pub fn check_role(kind: TenantKind, role: Role) -> Result<(), Problem> {
    let fits = match kind {
        TenantKind::Agency => matches!(role, Role::AgencyOwner | Role::Broker | Role::Auditor),
        TenantKind::Employer => matches!(role, Role::Employer | Role::Auditor),
        TenantKind::Network => matches!(role, Role::Operator),
    };
    if fits {
        Ok(())
    } else {
        Err(Problem::field("role", "a tenant of this kind has no such role"))
    }
}

/// Lists the members of the caller's tenant, newest first.
#[utoipa::path(
    get, path = "/tenants/{id}/members", tag = "identity", params(("id" = String, Path), Listing),
    responses((status = 200, body = Page<MemberView>))
)]
pub async fn list(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<MemberView>>, Problem> {
    let tenant = own(&store, &caller, &id).await?;
    let query = table::Query::index(Member::of_tenant(tenant.tenant_id));
    let page: Page<Member> = store
        .page(query, listing.cursor.as_deref(), listing.limit.unwrap_or(50), |_| true)
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// A member of a tenant, as the record is now.
pub async fn member_of(store: &Store, tenant: TenantId, member: MemberId) -> Result<Option<Member>, StoreError> {
    let query = table::Query {
        prefix: member.to_string(),
        ..table::Query::index(Member::of_tenant(tenant))
    };
    let found: Vec<Member> = store.query(&query).await?;
    let Some(found) = found.into_iter().next() else {
        return Ok(None);
    };
    // The index lags behind, and whoever left may be a member elsewhere by now.
    let now: Option<Member> = store.get(&found.key()).await?;
    Ok(now.filter(|now| now.member_id == member && now.tenant_id == tenant))
}

async fn find(store: &Store, tenant: &Tenant, member: &str) -> Result<Member, Problem> {
    let member: MemberId = member.parse().map_err(|_| Problem::not_found())?;
    let found = member_of(store, tenant.tenant_id, member).await?;
    found.ok_or_else(Problem::not_found)
}

/// The tenant one version on, for changes that must not happen beside each other. Two owners who remove one another at the
/// same moment would leave nobody.
async fn without_owner(store: &Store, tenant: &Tenant, leaving: &Member) -> Result<Tenant, Problem> {
    let query = table::Query::index(Member::of_tenant(tenant.tenant_id));
    let members: Vec<Member> = store.query_all(&query).await?;
    let role = owner_role(tenant.kind);
    let is_other = |member: &Member| member.role == role && member.member_id != leaving.member_id;
    for member in members.into_iter().filter(is_other) {
        // The index may lag behind; what decides is the record.
        let now: Option<Member> = store.get(&member.key()).await?;
        if now.is_some_and(|now| now.tenant_id == tenant.tenant_id && is_other(&now)) {
            return Ok(Tenant {
                version: tenant.version + 1,
                ..tenant.clone()
            });
        }
    }
    Err(Problem::new(
        Kind::WrongState,
        "Make somebody else an owner first; a tenant always has one.",
    ))
}

/// Gives a member another role.
#[utoipa::path(
    patch, path = "/tenants/{id}/members/{member_id}", tag = "identity",
    params(("id" = String, Path), ("member_id" = String, Path)), request_body = MemberChange,
    responses((status = 200, body = MemberView), (status = 409, description = "Stale version, or the last owner"))
)]
pub async fn update(
    State(store): State<Store>,
    caller: Caller,
    Path((id, member_id)): Path<(String, String)>,
    write: Write<MemberChange>,
) -> Result<Answer, Problem> {
    let tenant = own(&store, &caller, &id).await?;
    caller.allow(&[owner_role(tenant.kind)])?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            check_role(tenant.kind, write.body.role)?;
            let mut member = find(&store, &tenant, &member_id).await?;
            if write.body.version != member.version {
                return Err(stale());
            }
            let mut change = Change::new();
            if member.role == owner_role(tenant.kind) && write.body.role != member.role {
                change = change.update(&without_owner(&store, &tenant, &member).await?, tenant.version);
            }
            member.role = write.body.role;
            member.version += 1;
            change = change.update(&member, write.body.version);
            let answer = Answer::ok(&MemberView::from(member))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// Ends a membership. The person's next request finds them without a tenant.
#[utoipa::path(
    delete, path = "/tenants/{id}/members/{member_id}", tag = "identity",
    params(("id" = String, Path), ("member_id" = String, Path)),
    responses((status = 204), (status = 409, description = "The last owner"))
)]
pub async fn remove(
    State(store): State<Store>,
    caller: Caller,
    Path((id, member_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let tenant = own(&store, &caller, &id).await?;
    caller.allow(&[owner_role(tenant.kind)])?;
    let member = find(&store, &tenant, &member_id).await?;
    let mut change = Change::new();
    if member.role == owner_role(tenant.kind) {
        change = change.update(&without_owner(&store, &tenant, &member).await?, tenant.version);
    }
    let event = MemberRemoved {
        tenant_id: tenant.tenant_id,
        member_id: member.member_id,
    };
    let envelope = Envelope::new(event.into(), clock::now(), &caller.ids.correlation_id);
    let change = change
        .delete(member.key(), Condition::Version(member.version))
        .emit(tenant.tenant_id, &envelope);
    match store.commit(change).await? {
        inventure_table::Commit::Done => Ok(StatusCode::NO_CONTENT),
        _ => Err(stale()),
    }
}
