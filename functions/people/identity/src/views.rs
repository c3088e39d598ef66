//! The bodies of the routes' answers.

use inventure_core::{MemberId, Role, TenantId};
use inventure_people::records::{Invitation, Member, Tenant, TenantKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kind of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A firm of recruiting brokers.
    Agency,
    /// A company that hires.
    Employer,
    /// The operator of the platform. No route sets one up.
    Network,
}

impl From<Kind> for TenantKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Agency => Self::Agency,
            Kind::Employer => Self::Employer,
            Kind::Network => Self::Network,
        }
    }
}

/// A tenant, as the routes show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantView {
    /// The tenant's id.
    #[schema(value_type = String)]
    pub id: TenantId,
    /// The kind of tenant.
    pub kind: Kind,
    /// The tenant's name.
    pub name: String,
    /// The version of the record. Send this back with a change.
    pub version: u64,
    /// The time at which the tenant was set up.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        let kind = match tenant.kind {
            TenantKind::Agency => Kind::Agency,
            TenantKind::Employer => Kind::Employer,
            TenantKind::Network => Kind::Network,
        };
        Self {
            id: tenant.tenant_id,
            kind,
            name: tenant.name,
            version: tenant.version,
            created_at: tenant.created_at,
        }
    }
}

/// A member of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// The id of the membership.
    pub id: MemberId,
    /// The tenant that the person belongs to.
    pub tenant_id: TenantId,
    /// The person's role in the tenant.
    pub role: Role,
    /// The person's display name.
    pub name: String,
    /// The person's address, where the identity provider has seen them use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The version of the record. Send this back with a change.
    pub version: u64,
    /// The time at which the person joined.
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Timestamp,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.member_id,
            tenant_id: member.tenant_id,
            role: member.role,
            name: member.name,
            email: member.email,
            version: member.version,
            joined_at: member.joined_at,
        }
    }
}

/// The signed-in person.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// The person's address, where the token carries one.
    pub email: Option<String>,
    /// The person's membership; absent before they set up or join a tenant.
    pub member: Option<MemberView>,
    /// The tenant that the person belongs to; absent before they set up or join one.
    pub tenant: Option<TenantView>,
}

/// An open invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationView {
    /// The invitation's id. It is not the token: nobody can join with it.
    pub id: String,
    /// The address of the person that may accept the invitation.
    pub email: String,
    /// The role that the person will have.
    pub role: Role,
    /// The time at which the invitation was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The time until which the invitation can be accepted.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.invitation_id,
            email: invitation.email,
            role: invitation.role,
            created_at: invitation.created_at,
            expires_at: Timestamp::from_second(invitation.expires_at).unwrap_or(Timestamp::MAX),
        }
    }
}

/// A new invitation, with the token that is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewInvitationView {
    /// The invitation that was made.
    #[serde(flatten)]
    pub invitation: InvitationView,
    /// The token that the invited person sends to `POST /invitations/accept`. Hand it to them; it is not kept, so a repeated
    /// request with the same `Idempotency-Key` answers without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}
