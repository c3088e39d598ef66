use inventure_core::{MemberId, Principal, Role, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use inventure_table::{Key, Record};

/// The kind of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantKind {
    /// A firm of recruiting brokers.
    Agency,
    /// A company that hires.
    Employer,
    /// The operator of the platform. There is one, set up by `cargo xtask operator` and by no route.
    Network,
}

/// A company on the network: an agency, an employer, or the network itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tenant {
    /// The tenant's id.
    pub tenant_id: TenantId,
    /// The kind of tenant.
    pub kind: TenantKind,
    /// The tenant's name, as others see it.
    pub name: String,
    /// Grows by one with every write.
    pub version: u64,
    /// The time at which the tenant was set up.
    pub created_at: Timestamp,
    /// Its name's visual skeleton (`TenantName`), hashed; nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_skeleton: Option<String>,
}

impl Tenant {
    /// The network's own tenant. `cargo xtask operator` writes this id too.
    pub const NETWORK: &'static str = "ten_00000000000070008000000000000001";

    /// Returns the key that the tenant of this id is stored under.
    #[must_use]
    pub fn key_of(id: TenantId) -> Key {
        Key::new(format!("{}{id}", Self::PARTITION), "TENANT")
    }
}

impl Record for Tenant {
    const ENTITY: &'static str = "tenant";
    const PARTITION: &'static str = "TENANT#";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id)
    }
}

/// The tenant that has a name, and with it all names that look the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantName {
    /// The name's visual skeleton, hashed.
    pub name_skeleton: String,
    /// The tenant that has the name.
    pub tenant_id: TenantId,
}

impl TenantName {
    /// Returns the key for the tenant that has a name of this skeleton.
    #[must_use]
    pub fn key_of(name_skeleton: &str) -> Key {
        Key::new(format!("{}{name_skeleton}", Self::PARTITION), "TENANT")
    }
}

impl Record for TenantName {
    const ENTITY: &'static str = "tenant_name";
    const PARTITION: &'static str = "TENANT_NAME#";

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
    /// The id of the membership.
    pub member_id: MemberId,
    /// The tenant that the person belongs to.
    pub tenant_id: TenantId,
    /// The person's role in the tenant.
    pub role: Role,
    /// The person's display name.
    pub name: String,
    /// The person's address, where the identity provider has seen them use it.
    pub email: Option<String>,
    /// Grows by one with every write.
    pub version: u64,
    /// The time at which the person joined.
    pub joined_at: Timestamp,
}

impl Member {
    /// Returns the key that this person's membership is stored under.
    #[must_use]
    pub fn key_of(subject: &str) -> Key {
        Key::new(format!("{}{}", Self::PARTITION, secret_hash(subject)), "MEMBER")
    }

    /// The index partition of a tenant's members.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("{}{id}", Self::INDEX)
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
    const PARTITION: &'static str = "SUBJECT#";
    const INDEX: &'static str = "MEMBERS#";

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
    /// The tenant that the person is invited into.
    pub tenant_id: TenantId,
    /// The address of the person that may accept the invitation, lower case.
    pub email: String,
    /// The role that the person will have.
    pub role: Role,
    /// The member who invited.
    pub invited_by: MemberId,
    /// The time at which the invitation was made.
    pub created_at: Timestamp,
    /// Epoch second after which the invitation cannot be accepted.
    pub expires_at: i64,
    /// Grows by one with every write.
    pub version: u64,
}

impl Invitation {
    /// The inviter of the network's first operator: nobody, since that invitation is written straight into the table.
    pub const BY_THE_TABLE: &str = "mem_00000000000070008000000000000001";

    /// Returns the key that the invitation of this id is stored under.
    #[must_use]
    pub fn key_of(invitation_id: &str) -> Key {
        Key::new(format!("{}{invitation_id}", Self::PARTITION), "INVITATION")
    }

    /// The index partition of a tenant's open invitations.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("{}{id}", Self::INDEX)
    }
}

impl Record for Invitation {
    const ENTITY: &'static str = "invitation";
    const PARTITION: &'static str = "INVITATION#";
    const INDEX: &'static str = "INVITATIONS#";

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
    /// The tenant that owns the record.
    pub tenant_id: TenantId,
    /// The tenant that may see the record.
    pub grantee_id: TenantId,
    /// The member who granted it.
    pub granted_by: MemberId,
    /// The time at which it was granted.
    pub granted_at: Timestamp,
}

impl Grant {
    /// Returns the key that the grant of this record to this tenant is stored under.
    #[must_use]
    pub fn key_of(grantee_id: TenantId, record_id: &str) -> Key {
        let kind = record_id.split('_').next().unwrap_or_default();
        Key::new(Self::to_tenant(kind, grantee_id), record_id)
    }

    /// The table partition of the records of a kind that a tenant was granted. The kind is the prefix of the records' ids (`JobId::PREFIX`):
    /// a function grants access to what is its own, and its role to nothing else.
    #[must_use]
    pub fn to_tenant(kind: &str, grantee_id: TenantId) -> String {
        format!("{}{kind}#{grantee_id}", Self::PARTITION)
    }

    /// The index partition of a record's grants.
    #[must_use]
    pub fn of_record(record_id: &str) -> String {
        format!("{}{record_id}", Self::INDEX)
    }
}

impl Record for Grant {
    const ENTITY: &'static str = "grant";
    const PARTITION: &'static str = "GRANTS#";
    const INDEX: &'static str = "GRANTED#";

    fn key(&self) -> Key {
        Self::key_of(self.grantee_id, &self.record_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_record(&self.record_id), self.grantee_id.to_string()))
    }
}
