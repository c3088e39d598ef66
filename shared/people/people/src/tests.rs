//! Tests of access by ownership and by grant, of roles, and of limits.

use std::{fmt::Debug, str::FromStr, sync::Arc};

use inventure_api::{clock, http::RequestIds, problem::Kind};
use inventure_core::{MemberId, Principal, Role, TenantId};
use inventure_table::{Change, Commit, Condition, Store, memory::MemoryTable};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Access, Caller, Limit, access,
    access::Shared,
    one_at_a_time,
    records::{Tenant, TenantCount, TenantKind},
};

const JOB: &str = "job_0198c7a2e0b07a31b2d4c6e8fa0c1e22";

fn tenant(number: u8) -> TenantId {
    id("ten", number)
}

fn id<T: FromStr<Err: Debug>>(prefix: &str, number: u8) -> T {
    format!("{prefix}_0198c7a2e0b07a31b2d4c6e8fa0c1e{number:02x}")
        .parse()
        .unwrap()
}

fn store() -> Store {
    Store::new(Arc::new(MemoryTable::default()), "test")
}

fn caller(role: Role) -> Caller {
    let member: MemberId = id("mem", 1);
    Caller {
        principal: Principal {
            member_id: member,
            tenant_id: tenant(1),
            role,
        },
        name: "Ada".to_owned(),
        ids: RequestIds {
            request_id: "request".to_owned(),
            correlation_id: "correlation".to_owned(),
        },
    }
}

fn shared_by(owner: &Caller) -> Shared<'_> {
    Shared {
        record_id: JOB.to_owned(),
        tenant_id: tenant(1),
        caller: owner,
    }
}

async fn known(store: &Store, tenant_id: TenantId) {
    let tenant = Tenant {
        tenant_id,
        kind: TenantKind::Agency,
        name: "Northbank".to_owned(),
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        name_skeleton: None,
    };
    let change = Change::new().put(&tenant, Condition::None);
    store.commit(change).await.unwrap();
}

#[test]
fn a_role_passes_where_it_is_named_and_is_told_which_are() {
    let broker = caller(Role::Broker);
    assert!(broker.allow(&[Role::AgencyOwner, Role::Broker]).is_ok());
    let refused = broker.allow(&[Role::AgencyOwner, Role::Employer]).unwrap_err();
    assert_eq!(refused.kind, Kind::Forbidden);
    assert_eq!(
        refused.detail,
        "Your role is broker; this is for: agency_owner, employer. An owner of your tenant gives roles."
    );
    assert!(broker.allow(&[Role::Operator]).is_err());
}

#[tokio::test]
async fn a_record_is_seen_by_its_tenant_and_by_those_it_was_granted_to_until_it_is_taken_back() {
    let store = store();
    let owner = caller(Role::AgencyOwner);
    let shared = shared_by(&owner);
    for number in [2, 3] {
        known(&store, tenant(number)).await;
    }
    let as_of = |number: u8| Principal {
        tenant_id: tenant(number),
        ..owner.principal.clone()
    };
    let sees = async |number: u8, of: Option<TenantId>| {
        let seen = access(&store, &as_of(number), of, JOB).await;
        seen.map_err(|problem| problem.kind)
    };
    let (mine, missing) = (Some(tenant(1)), Err(Kind::NotFound));
    assert_eq!(sees(1, mine).await, Ok(Access::Own));
    assert_eq!(sees(2, mine).await, missing);
    assert_eq!(sees(1, None).await, missing, "nobody owns what is not there");
    for number in [2, 3] {
        let (change, grant) = shared.grant(&store, tenant(number)).await.unwrap();
        assert_eq!((grant.tenant_id, grant.grantee_id), (tenant(1), tenant(number)));
        store.commit(change).await.unwrap();
        assert_eq!(sees(number, mine).await, Ok(Access::Granted));
    }
    assert_eq!(
        sees(2, Some(tenant(3))).await,
        missing,
        "a grant of somebody who is not the owner is worth nothing"
    );
    assert_eq!(sees(2, None).await, missing);
    let grantees = async || -> Vec<TenantId> {
        let grants = shared.grants(&store).await.unwrap();
        grants.iter().map(|grant| grant.grantee_id).collect()
    };
    assert_eq!(grantees().await, [tenant(3), tenant(2)], "the last id first");
    shared.revoke(&store, &tenant(2).to_string()).await.unwrap();
    assert_eq!(
        (sees(2, mine).await, sees(3, mine).await),
        (missing, Ok(Access::Granted))
    );
    shared.revoke_all(&store).await.unwrap();
    assert_eq!(sees(3, mine).await, missing);
    assert_eq!(grantees().await, []);
}

#[tokio::test]
async fn a_record_is_granted_to_another_tenant_that_there_is() {
    let store = store();
    let owner = caller(Role::AgencyOwner);
    let shared = shared_by(&owner);
    known(&store, tenant(1)).await;
    for number in [1, 9] {
        let refused = shared.grant(&store, tenant(number)).await.map(drop).unwrap_err();
        assert_eq!(refused.errors[0].field, "tenant_id", "tenant {number}");
    }
}

const LIMIT: Limit = Limit {
    what: "checks",
    span: "a span",
    max: 3,
    told: "Three times.",
};

#[tokio::test]
async fn a_limit_counts_down_for_each_tenant_and_then_refuses() {
    let store = store();
    for left in [2, 1, 0] {
        assert_eq!(LIMIT.count(&store, tenant(1)).await.unwrap(), left);
    }
    for _ in 0..2 {
        let refused = LIMIT.count(&store, tenant(1)).await.unwrap_err();
        assert_eq!(
            (refused.kind, refused.detail.as_str()),
            (Kind::TooManyRequests, "Three times.")
        );
    }
    assert_eq!(LIMIT.count(&store, tenant(2)).await.unwrap(), 2, "another's count");
    let key = TenantCount::key_of(tenant(1), "checks#a span");
    let counted: TenantCount = store.get(&key).await.unwrap().unwrap();
    assert_eq!((counted.tenant_id, counted.version), (tenant(1), 3));
    let in_a_day = (clock::now() + SignedDuration::from_hours(24)).as_second();
    assert!(counted.expires_at > in_a_day, "kept for longer than any span");
}

#[tokio::test]
async fn of_two_requests_at_once_one_conflicts() {
    let store = store();
    for _ in 0..2 {
        let first = one_at_a_time(&store, tenant(1), "close").await.unwrap();
        let second = one_at_a_time(&store, tenant(1), "close").await.unwrap();
        assert!(matches!(store.commit(first).await.unwrap(), Commit::Done));
        assert!(!matches!(store.commit(second).await.unwrap(), Commit::Done));
    }
}
