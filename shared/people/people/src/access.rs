//! Access to a record: its tenant may see it, and every tenant that it was granted to. Everybody else learns that there is no
//! such thing.

use inventure_api::{Problem, clock};
use inventure_core::{MemberId, Principal, TenantId};
use inventure_events::{AccessGranted, AccessRevoked, Envelope};
use inventure_table::{Change, Condition, Store, table::Query};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Caller, Limit,
    records::{Grant, Tenant},
};

/// The ground on which the caller may use a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The record is of the caller's own tenant.
    Own,
    /// Another tenant granted the record to the caller's.
    Granted,
}

/// Says whether the caller may see the record that `owner` holds under `record_id`. Nobody owns a record that is not there.
/// Records of others and ones that do not exist take the same way through here, so that they cannot be told apart by it.
///
/// # Errors
/// `not-found` where the caller may not see it, and whatever the table fails with.
pub async fn access(
    store: &Store,
    caller: &Principal,
    owner: Option<TenantId>,
    record_id: &str,
) -> Result<Access, Problem> {
    if owner == Some(caller.tenant_id) {
        return Ok(Access::Own);
    }
    let grant: Option<Grant> = store.get(&Grant::key_of(caller.tenant_id, record_id)).await?;
    match grant {
        Some(grant) if Some(grant.tenant_id) == owner => Ok(Access::Granted),
        _ => Err(Problem::not_found()),
    }
}

/// The limit on the grants of a tenant. Each grant is read with every search of the tenant that has it, and makes a search of
/// its own.
const GRANTS: Limit = Limit {
    what: "grants",
    span: "%Y-%m-%d",
    max: 1_000,
    told: "A tenant may grant access 1,000 times in a day.",
};

/// The number of grants that one transaction takes back, each with its event.
const REVOKED_AT_ONCE: usize = 40;

/// A record that grants are about, as the routes of two functions need it.
pub struct Shared<'a> {
    /// The job's or candidate's id.
    pub record_id: String,
    /// The tenant that owns the record.
    pub tenant_id: TenantId,
    /// The owner's member who sends the request.
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
        GRANTS.count(store, self.tenant_id).await?;
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

    /// Takes all grants of the record back.
    pub async fn revoke_all(&self, store: &Store) -> Result<(), Problem> {
        for part in self.grants(store).await?.chunks(REVOKED_AT_ONCE) {
            let change = part.iter().fold(Change::new(), |change, grant| {
                let event = AccessRevoked {
                    record_id: self.record_id.clone(),
                    tenant_id: self.tenant_id,
                    grantee_id: grant.grantee_id,
                };
                let envelope = Envelope::new(event.into(), clock::now(), &self.caller.ids.correlation_id);
                let key = Grant::key_of(grant.grantee_id, &self.record_id);
                change.delete(key, Condition::None).emit(&self.record_id, &envelope)
            });
            store.commit(change).await?;
        }
        Ok(())
    }

    /// Returns the grants of the record to other tenants.
    pub async fn grants(&self, store: &Store) -> Result<Vec<Grant>, Problem> {
        Ok(store
            .query_all(&Query::index(Grant::of_record(&self.record_id)))
            .await?)
    }
}

/// A grant, as the routes show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantView {
    /// The tenant that may see the record.
    pub tenant_id: TenantId,
    /// The member who granted it.
    pub granted_by: MemberId,
    /// The time from which the tenant may see it.
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
