//! What the routes answer with.

use inventure_core::{MemberId, Role, TenantId};
use inventure_table::records::{Invitation, Member, Tenant, TenantKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a tenant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Recruiting brokers.
    Agency,
    /// Whoever hires.
    Employer,
    /// Whoever runs the platform. No route sets one up.
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

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: TenantId,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Send this back with a change.
    pub version: u64,
    /// When it was set up.
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
    /// The membership.
    pub id: MemberId,
    /// Where.
    pub tenant_id: TenantId,
    /// As what.
    pub role: Role,
    /// Display name.
    pub name: String,
    /// Address, where the identity provider has seen the person use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Send this back with a change.
    pub version: u64,
    /// Since when.
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
    /// Address, where the token carries one.
    pub email: Option<String>,
    /// Their membership; absent before they set up or join a tenant.
    pub member: Option<MemberView>,
    /// Their tenant.
    pub tenant: Option<TenantView>,
}

/// An open invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationView {
    /// Its id. Not the token: nobody can join with it.
    pub id: String,
    /// Who may accept it.
    pub email: String,
    /// As what.
    pub role: Role,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when it can be accepted.
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
    /// The invitation.
    #[serde(flatten)]
    pub invitation: InvitationView,
    /// What the invited person sends to `POST /invitations/accept`. Hand it to them; it is not kept, so a repeated request
    /// with the same `Idempotency-Key` answers without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}
