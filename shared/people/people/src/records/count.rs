use inventure_core::TenantId;
use inventure_table::{Key, Record};
use serde::{Deserialize, Serialize};

/// The number of times that a tenant did something that is limited, in one span of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TenantCount {
    /// The tenant that is counted.
    pub tenant_id: TenantId,
    /// The name of the thing that is counted, and the span in UTC: `claim-checks#2026-11-23T14`.
    pub of: String,
    /// The number of times so far.
    pub version: u64,
    /// Epoch second after which the table may drop it.
    pub expires_at: i64,
}

impl TenantCount {
    /// Returns the key that a count is stored under.
    #[must_use]
    pub fn key_of(tenant: TenantId, of: &str) -> Key {
        Key::new(format!("{}{tenant}", Self::PARTITION), of)
    }
}

impl Record for TenantCount {
    const ENTITY: &'static str = "tenant_count";
    const PARTITION: &'static str = "COUNTS#";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id, &self.of)
    }
}
