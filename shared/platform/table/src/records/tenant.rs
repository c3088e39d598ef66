use inventure_core::{MemberId, Principal, Role, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Record;
use crate::table::Key;

/// What a tenant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantKind {
    /// Recruiting brokers.
    Agency,
    /// Whoever hires.
    Employer,
    /// Whoever runs the platform. There is one, set up by `cargo xtask operator` and by no route.
    Network,
}

/// An agency or an employer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub tenant_id: TenantId,
    /// What it is.
    pub kind: TenantKind,
    /// Its name, as others see it.
    pub name: String,
    /// Grows by one with every write.
    pub version: u64,
    /// When it was set up.
    pub created_at: Timestamp,
    /// Its name's visual skeleton (`TenantName`), hashed; nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_skeleton: Option<String>,
}

impl Tenant {
    /// The network's own tenant. `cargo xtask operator` writes this id too.
    pub const NETWORK: &'static str = "ten_00000000000070008000000000000001";

    /// Where the tenant of this id is stored.
    #[must_use]
    pub fn key_of(id: TenantId) -> Key {
        Key::new(format!("TENANT#{id}"), "TENANT")
    }
}

impl Record for Tenant {
    const ENTITY: &'static str = "tenant";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id)
    }
}

/// The tenant that has a name, and with it all names that look the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantName {
    /// The name's visual skeleton, hashed.
    pub name_skeleton: String,
    /// The tenant.
    pub tenant_id: TenantId,
}

impl TenantName {
    /// Where the tenant is stored that has a name of this skeleton.
    #[must_use]
    pub fn key_of(name_skeleton: &str) -> Key {
        Key::new(format!("TENANT_NAME#{name_skeleton}"), "TENANT")
    }
}

impl Record for TenantName {
    const ENTITY: &'static str = "tenant_name";

    fn key(&self) -> Key {
        Self::key_of(&self.name_skeleton)
    }
}

/// SHA-256 of a text that must not itself become a key: a token, an identity provider's subject.
#[must_use]
pub fn secret_hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// A person's place in a tenant. A person has one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Issuer and subject, as the token names the person.
    pub subject: String,
    /// The membership.
    pub member_id: MemberId,
    /// Where.
    pub tenant_id: TenantId,
    /// As what.
    pub role: Role,
    /// Display name.
    pub name: String,
    /// Address, where the identity provider has seen the person use it.
    pub email: Option<String>,
    /// Grows by one with every write.
    pub version: u64,
    /// Since when.
    pub joined_at: Timestamp,
}

impl Member {
    /// Where the membership of this person is stored.
    #[must_use]
    pub fn key_of(subject: &str) -> Key {
        Key::new(format!("SUBJECT#{}", secret_hash(subject)), "MEMBER")
    }

    /// The index partition of a tenant's members.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("MEMBERS#{id}")
    }

    /// The person as the routes know them.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal {
            member_id: self.member_id,
            tenant_id: self.tenant_id,
            role: self.role,
        }
    }
}

impl Record for Member {
    const ENTITY: &'static str = "member";

    fn key(&self) -> Key {
        Self::key_of(&self.subject)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_tenant(self.tenant_id), self.member_id.to_string()))
    }
}

/// An invitation into a tenant. The token is a secret that only its receiver has; the table holds its hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// Hash of the token; names the invitation without giving it away.
    pub invitation_id: String,
    /// Into which tenant.
    pub tenant_id: TenantId,
    /// Who may accept it, lower case.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invited.
    pub invited_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// Epoch second after which it is worth nothing.
    pub expires_at: i64,
    /// Grows by one with every write.
    pub version: u64,
}

impl Invitation {
    /// The inviter of whoever operates the network first: nobody, since that invitation is written straight into the table.
    pub const BY_THE_TABLE: &str = "mem_00000000000070008000000000000001";

    /// Where the invitation of this id is stored.
    #[must_use]
    pub fn key_of(invitation_id: &str) -> Key {
        Key::new(format!("INVITATION#{invitation_id}"), "INVITATION")
    }

    /// The index partition of a tenant's open invitations.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("INVITATIONS#{id}")
    }
}

impl Record for Invitation {
    const ENTITY: &'static str = "invitation";

    fn key(&self) -> Key {
        Self::key_of(&self.invitation_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_tenant(self.tenant_id), self.invitation_id.clone()))
    }
}

/// One tenant lets another see one of its records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The job's or candidate's id.
    pub record_id: String,
    /// Whose record it is.
    pub tenant_id: TenantId,
    /// Who may see it.
    pub grantee_id: TenantId,
    /// Who granted.
    pub granted_by: MemberId,
    /// When.
    pub granted_at: Timestamp,
}

impl Grant {
    /// Where the grant of this record to this tenant is stored.
    #[must_use]
    pub fn key_of(grantee_id: TenantId, record_id: &str) -> Key {
        Key::new(Self::to_tenant(grantee_id), record_id)
    }

    /// The table partition of what a tenant was granted.
    #[must_use]
    pub fn to_tenant(grantee_id: TenantId) -> String {
        format!("GRANTS#{grantee_id}")
    }

    /// The index partition of a record's grants.
    #[must_use]
    pub fn of_record(record_id: &str) -> String {
        format!("GRANTED#{record_id}")
    }
}

impl Record for Grant {
    const ENTITY: &'static str = "grant";

    fn key(&self) -> Key {
        Self::key_of(self.grantee_id, &self.record_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_record(&self.record_id), self.grantee_id.to_string()))
    }
}
