//! The person that sends a request, and what they may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{MemberId, TenantId};

/// The role of a person in a tenant, or on the platform. Deny by default: a route names the roles it lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs an agency: its members, invitations and grants, and all a broker may.
    AgencyOwner,
    /// Works an agency's jobs and candidates.
    Broker,
    /// Posts jobs for an employer and sees who was matched to them.
    Employer,
    /// Reads everything in the tenant that engaged them, changes nothing.
    Auditor,
    /// Runs the platform: sees how things run, never a person's data.
    Operator,
}

impl Role {
    /// Every role, for tests that must cover all of them.
    pub const ALL: [Self; 5] = [
        Self::AgencyOwner,
        Self::Broker,
        Self::Employer,
        Self::Auditor,
        Self::Operator,
    ];

    /// The wire name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgencyOwner => "agency_owner",
            Self::Broker => "broker",
            Self::Employer => "employer",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }
}

/// A signed-in person with a place in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The membership, which is what records name as their author.
    pub member_id: MemberId,
    /// The only tenant whose records the person may touch without a grant.
    pub tenant_id: TenantId,
    /// The person's role in that tenant.
    pub role: Role,
}
