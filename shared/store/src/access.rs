//! Who may see a record: its tenant, and whoever its tenant granted it to. Everybody else learns that there is no such thing.

use async_trait::async_trait;
use inventure_core::{Principal, TenantId};
use inventure_lambda::{Problem, http::Directory};

use crate::{
    Store,
    records::{Grant, Member},
};

/// What the caller may do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is their tenant's.
    Own,
    /// Another tenant lets theirs see it.
    Granted,
}

impl Store {
    /// Whether the caller may see the record that `owner` holds under `record_id`.
    pub async fn access(&self, caller: &Principal, owner: TenantId, record_id: &str) -> Result<Access, Problem> {
        if caller.tenant_id == owner {
            return Ok(Access::Own);
        }
        let grant: Option<Grant> = self.get(&Grant::key_of(caller.tenant_id, record_id)).await?;
        match grant {
            Some(grant) if grant.tenant_id == owner => Ok(Access::Granted),
            _ => Err(Problem::not_found()),
        }
    }
}

#[async_trait]
impl Directory for Store {
    async fn principal(&self, subject: &str) -> Result<Option<Principal>, Problem> {
        let member: Option<Member> = self.get(&Member::key_of(subject)).await?;
        Ok(member.map(|member| member.principal()))
    }
}
