//! Who may see a record: its tenant, and whoever its tenant granted it to. Everybody else learns that there is no such thing.

use async_trait::async_trait;
use inventure_core::{MemberId, Principal, TenantId};
use inventure_events::{AccessGranted, AccessRevoked, Envelope};
use inventure_api::{
    Problem, clock,
    http::{Caller, Directory},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Change, Condition, Limit, Store,
    records::{Grant, Member, Tenant},
    table::Query,
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
    /// Whether the caller may see the record that `owner` holds under `record_id`; nobody owns what is not there. What is
    /// somebody else's and what does not exist take the same way through here, so that they cannot be told apart by it.
    pub async fn access(
        &self,
        caller: &Principal,
        owner: Option<TenantId>,
        record_id: &str,
    ) -> Result<Access, Problem> {
        if owner == Some(caller.tenant_id) {
            return Ok(Access::Own);
        }
        let grant: Option<Grant> = self.get(&Grant::key_of(caller.tenant_id, record_id)).await?;
        match grant {
            Some(grant) if Some(grant.tenant_id) == owner => Ok(Access::Granted),
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

/// Each grant is read with every search of who has it, and makes a search of its own.
const GRANTS: Limit = Limit {
    what: "grants",
    span: "%Y-%m-%d",
    max: 1_000,
    told: "A tenant may grant access 1,000 times in a day.",
};

/// A record that grants are about, as the routes of two functions need it.
pub struct Shared<'a> {
    /// The job's or candidate's id.
    pub record_id: String,
    /// Whose record it is.
    pub tenant_id: TenantId,
    /// The owner's member who is asking.
    pub caller: &'a Caller,
}

impl Shared<'_> {
    /// The change that lets `grantee` see the record.
    pub async fn grant(&self, store: &Store, grantee: TenantId) -> Result<(Change, Grant), Problem> {
        if grantee == self.tenant_id {
            return Err(Problem::field("tenant_id", "the record is this tenant's already"));
        }
        let known: Option<Tenant> = store.get(&Tenant::key_of(grantee)).await?;
        if known.is_none() {
            return Err(Problem::field("tenant_id", "there is no such tenant"));
        }
        store.count_against(self.tenant_id, &GRANTS).await?;
        let now = clock::now();
        let grant = Grant {
            record_id: self.record_id.clone(),
            tenant_id: self.tenant_id,
            grantee_id: grantee,
            granted_by: self.caller.principal.member_id,
            granted_at: now,
        };
        let event = AccessGranted {
            record_id: self.record_id.clone(),
            tenant_id: self.tenant_id,
            grantee_id: grantee,
        };
        let envelope = Envelope::new(event.into(), now, &self.caller.ids.correlation_id);
        // Granting twice is granting: the later word stands.
        Ok((
            Change::new()
                .put(&grant, Condition::None)
                .emit(&self.record_id, &envelope),
            grant,
        ))
    }

    /// Takes a grant back; no error where there is none.
    pub async fn revoke(&self, store: &Store, grantee: &str) -> Result<(), Problem> {
        let grantee: TenantId = grantee.parse().map_err(|_| Problem::not_found())?;
        let event = AccessRevoked {
            record_id: self.record_id.clone(),
            tenant_id: self.tenant_id,
            grantee_id: grantee,
        };
        let envelope = Envelope::new(event.into(), clock::now(), &self.caller.ids.correlation_id);
        let key = Grant::key_of(grantee, &self.record_id);
        store
            .commit(
                Change::new()
                    .delete(key, Condition::None)
                    .emit(&self.record_id, &envelope),
            )
            .await?;
        Ok(())
    }

    /// Who may see the record.
    pub async fn grants(&self, store: &Store) -> Result<Vec<Grant>, Problem> {
        Ok(store
            .query_all(&Query::index(Grant::of_record(&self.record_id)))
            .await?)
    }
}

/// A grant, as the routes show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantView {
    /// Who may see the record.
    pub tenant_id: TenantId,
    /// Who granted it.
    pub granted_by: MemberId,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub granted_at: Timestamp,
}

impl From<Grant> for GrantView {
    fn from(grant: Grant) -> Self {
        Self {
            tenant_id: grant.grantee_id,
            granted_by: grant.granted_by,
            granted_at: grant.granted_at,
        }
    }
}
