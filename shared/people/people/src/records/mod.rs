//! The records of tenants and of the people in them.
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`Tenant`] | `TENANT#<id>` | `TENANT` | | |
//! | [`TenantName`] | `TENANT_NAME#<look of a name>` | `TENANT` | | |
//! | [`Member`] | `SUBJECT#<hash>` | `MEMBER` | `MEMBERS#<tenant>` | `<member>` |
//! | [`Invitation`] | `INVITATION#<hash>` | `INVITATION` | `INVITATIONS#<tenant>` | `<hash>` |
//! | [`Grant`] | `GRANTS#<kind>#<grantee>` | `<record>` | `GRANTED#<record>` | `<grantee>` |
//! | [`Engagement`] | `ENGAGEMENTS#<employer>` | `<agency>#<job or *>` | | |
//! | [`TenantCount`] | `COUNTS#<tenant>` | `<what>#<span of time>` | | |

mod count;
mod engagement;
mod tenant;

pub use count::TenantCount;
pub use engagement::{Engagement, EngagementPeriod};
pub use tenant::{Grant, Invitation, Member, Tenant, TenantKind, TenantName, secret_hash};

use inventure_table::Record;

/// The partitions of these records in the main table.
pub const PARTITIONS: &[&str] = &[
    Tenant::PARTITION,
    TenantName::PARTITION,
    Member::PARTITION,
    Invitation::PARTITION,
    Grant::PARTITION,
    Engagement::PARTITION,
    TenantCount::PARTITION,
];

/// The partitions of these records in the main table's index.
pub const INDEXES: &[&str] = &[Member::INDEX, Invitation::INDEX, Grant::INDEX];

#[cfg(test)]
mod tests;
