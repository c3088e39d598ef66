//! Invitations into a tenant.

use axum::{Json, extract::State, http::StatusCode};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Identity, Path, Query, RequestIds, Write},
    once::{Once, Reply},
    problem::{Kind, stale},
    text,
};
use inventure_core::{MemberId, Page, Role};
use inventure_events::{Envelope, MemberJoined};
use inventure_people::{
    Caller,
    records::{Invitation, Member, Tenant, secret_hash},
};
use inventure_table::{Change, Commit, Condition, Record, Store, table};
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    members::{Listing, check_role, member_of},
    tenants::{own, owner_role},
    views::{InvitationView, MemberView, NewInvitationView},
};

/// The time for which an invitation can be accepted.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(24 * 14);

/// A person to invite.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// The person's address; only the person whom the identity provider knows by it can accept.
    #[garde(length(max = 254), custom(text::address))]
    email: String,
    /// The role that the person will have.
    #[garde(skip)]
    role: Role,
}

/// An invitation's token.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The token, as it was handed over.
    #[garde(length(min = 1, max = 200))]
    token: String,
    /// The person's display name; the token's is used without it.
    #[garde(inner(length(chars, min = 1, max = 120), custom(text::name)))]
    name: Option<String>,
}

/// Invites a person into the caller's tenant.
#[utoipa::path(
    post, path = "/tenants/{id}/invitations", tag = "identity", params(("id" = String, Path)), request_body = NewInvitation,
    responses((status = 201, body = NewInvitationView), (status = 403, description = "Not an owner"))
)]
pub async fn create(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewInvitation>,
) -> Result<Answer, Problem> {
    let tenant = own(&store, &caller, &id).await?;
    caller.allow(&[owner_role(tenant.kind)])?;
    // Two random UUIDs hold 244 random bits: nobody guesses one.
    let token = format!("inv_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let invitation_id = secret_hash(&token);
    let mut answer = Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            check_role(tenant.kind, write.body.role)?;
            let now = clock::now();
            let invitation = Invitation {
                invitation_id: invitation_id.clone(),
                tenant_id: tenant.tenant_id,
                email: write.body.email.to_ascii_lowercase(),
                role: write.body.role,
                invited_by: caller.principal.member_id,
                created_at: now,
                expires_at: now.saturating_add(VALID_FOR).map_err(Problem::internal)?.as_second(),
                version: 1,
            };
            let change = Change::new().insert(&invitation);
            // What is remembered for repeats lacks the token, or the table would hold it after all.
            let kept = Answer::created(&NewInvitationView {
                invitation: invitation.into(),
                token: None,
            })?;
            Ok(Reply::new(change, kept))
        })
        .await?;
    if answer.body["id"] == invitation_id {
        answer.body["token"] = token.into();
    }
    Ok(answer)
}

/// Lists the open invitations of the caller's tenant.
#[utoipa::path(
    get, path = "/tenants/{id}/invitations", tag = "identity", params(("id" = String, Path), Listing),
    responses((status = 200, body = Page<InvitationView>))
)]
pub async fn list(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<InvitationView>>, Problem> {
    let tenant = own(&store, &caller, &id).await?;
    caller.allow(&[owner_role(tenant.kind)])?;
    let now = clock::now().as_second();
    let query = table::Query::index(Invitation::of_tenant(tenant.tenant_id));
    let page: Page<Invitation> = store
        .page(
            query,
            listing.cursor.as_deref(),
            listing.limit.unwrap_or(50),
            |invitation: &Invitation| invitation.expires_at > now,
        )
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// Takes an invitation back.
#[utoipa::path(
    delete, path = "/tenants/{id}/invitations/{invitation_id}", tag = "identity",
    params(("id" = String, Path), ("invitation_id" = String, Path)), responses((status = 204))
)]
pub async fn withdraw(
    State(store): State<Store>,
    caller: Caller,
    Path((id, invitation_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let tenant = own(&store, &caller, &id).await?;
    caller.allow(&[owner_role(tenant.kind)])?;
    let invitation: Option<Invitation> = store.get(&Invitation::key_of(&invitation_id)).await?;
    let invitation = invitation
        .filter(|found| found.tenant_id == tenant.tenant_id)
        .ok_or_else(Problem::not_found)?;
    let change = Change::new().delete(invitation.key(), Condition::Version(invitation.version));
    match store.commit(change).await? {
        Commit::Done => Ok(StatusCode::NO_CONTENT),
        _ => Err(Problem::not_found()),
    }
}

/// Holds an invitation to its author, who must still have the right to invite when it is accepted. Nothing where they lost it.
async fn still_invites(store: &Store, tenant: &Tenant, invitation: &Invitation) -> Result<Option<Change>, Problem> {
    let by = invitation.invited_by;
    if by.to_string() == Invitation::BY_THE_TABLE {
        return Ok(Some(Change::new()));
    }
    let inviter = member_of(store, tenant.tenant_id, by).await?;
    let inviter = inviter.filter(|inviter| inviter.role == owner_role(tenant.kind));
    Ok(inviter.map(|inviter| Change::new().unchanged(&inviter, inviter.version)))
}

/// Joins the tenant that invited the signed-in person. An invitation is worth nothing once its author may no longer invite.
#[utoipa::path(
    post, path = "/invitations/accept", tag = "identity", request_body = Acceptance,
    responses((status = 201, body = MemberView), (status = 401, description = "Not an ID token"), (status = 404, description = "No such invitation for this person"))
)]
pub async fn accept(
    State(store): State<Store>,
    Identity(claims): Identity,
    ids: RequestIds,
    write: Write<Acceptance>,
) -> Result<Answer, Problem> {
    let subject = Member::key_of(&claims.subject);
    let conflict = || {
        Problem::new(
            Kind::AlreadyExists,
            "You belong to a tenant already; `GET /me` shows it.",
        )
    };
    let joined = Once::new(&store, claims.subject.clone(), write.idempotency.as_ref())
        .answer(async {
            let now = clock::now();
            let invitation: Option<Invitation> =
                store.get(&Invitation::key_of(&secret_hash(&write.body.token))).await?;
            // A stolen token is worth nothing to somebody else: the provider must know the person by the invited address.
            let invitation = invitation
                .filter(|invitation| invitation.expires_at > now.as_second())
                .filter(|invitation| claims.email_verified && claims.email.as_ref() == Some(&invitation.email));
            let Some(invitation) = invitation else {
                return Err(Problem::not_found());
            };
            let named = write
                .body
                .name
                .or(claims.name)
                .unwrap_or_else(|| invitation.email.clone());
            let member = Member {
                subject: claims.subject,
                member_id: MemberId::new(),
                tenant_id: invitation.tenant_id,
                role: invitation.role,
                name: named,
                email: claims.email,
                version: 1,
                joined_at: now,
            };
            let event = MemberJoined {
                tenant_id: member.tenant_id,
                member_id: member.member_id,
                role: member.role,
            };
            let tenant: Tenant = store
                .get(&Tenant::key_of(member.tenant_id))
                .await?
                .ok_or_else(Problem::not_found)?;
            // Whoever opens an invitation of their own, too: the change below may not write and check one record.
            if store.get::<Member>(&subject).await?.is_some() {
                return Err(conflict());
            }
            let Some(still) = still_invites(&store, &tenant, &invitation).await? else {
                return Err(Problem::not_found());
            };
            let change = still
                .insert(&member)
                .delete(invitation.key(), Condition::Version(invitation.version))
                .emit(tenant.tenant_id, &Envelope::new(event.into(), now, &ids.correlation_id));
            let answer = Answer::created(&MemberView::from(member))?;
            Ok(Reply::new(change, answer).or(conflict()))
        })
        .await;
    match joined {
        // What changed may be the inviter's record, or the invitation's.
        Err(problem) if problem.kind == Kind::AlreadyExists && store.get::<Member>(&subject).await?.is_none() => {
            Err(stale())
        }
        joined => joined,
    }
}
