//! Tests of the keys that records are stored under, and of the times of an engagement.

use std::{fmt::Debug, str::FromStr};

use inventure_core::{JobId, MemberId, Role, TenantId};
use inventure_table::{Key, Record};
use jiff::Timestamp;

use super::*;

const ONE: &str = "0198c7a2e0b07a31b2d4c6e8fa0c1e22";
const OTHER: &str = "0198c7a2e0b07a31b2d4c6e8fa0c1e23";
/// The SHA-256 of `a`, in hexadecimal.
const HASH_OF_A: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

fn id<T: FromStr<Err: Debug>>(prefix: &str, of: &str) -> T {
    format!("{prefix}_{of}").parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn tenant() -> TenantId {
    id("ten", ONE)
}

/// Stored records are found by these texts alone: a change of one loses what is stored.
#[test]
fn records_are_stored_under_the_keys_that_stored_ones_have() {
    let member: MemberId = id("mem", ONE);
    assert_eq!(secret_hash("a"), HASH_OF_A);
    assert_eq!(
        Tenant::key_of(tenant()),
        Key::new(format!("TENANT#ten_{ONE}"), "TENANT")
    );
    assert_eq!(
        TenantName::key_of("skeleton"),
        Key::new("TENANT_NAME#skeleton", "TENANT")
    );
    let record = Member {
        subject: "a".to_owned(),
        member_id: member,
        tenant_id: tenant(),
        role: Role::Broker,
        name: "Ada".to_owned(),
        email: None,
        version: 1,
        joined_at: at(0),
    };
    assert_eq!(record.key(), Key::new(format!("SUBJECT#{HASH_OF_A}"), "MEMBER"));
    assert_eq!(
        record.index(),
        Some((format!("MEMBERS#ten_{ONE}"), format!("mem_{ONE}")))
    );
    assert_eq!(Member::of_tenant(tenant()), format!("MEMBERS#ten_{ONE}"));
    let principal = record.principal();
    assert_eq!(
        (principal.member_id, principal.tenant_id, principal.role),
        (member, tenant(), Role::Broker)
    );
    let invitation = Invitation {
        invitation_id: "hash".to_owned(),
        tenant_id: tenant(),
        email: "ada@example.com".to_owned(),
        role: Role::Broker,
        invited_by: member,
        created_at: at(0),
        expires_at: 0,
        version: 1,
    };
    assert_eq!(invitation.key(), Key::new("INVITATION#hash", "INVITATION"));
    assert_eq!(
        invitation.index(),
        Some((format!("INVITATIONS#ten_{ONE}"), "hash".to_owned()))
    );
    assert_eq!(Invitation::of_tenant(tenant()), format!("INVITATIONS#ten_{ONE}"));
    let record = format!("can_{ONE}");
    let grant = Grant {
        record_id: record.clone(),
        tenant_id: tenant(),
        grantee_id: id("ten", OTHER),
        granted_by: member,
        granted_at: at(0),
    };
    assert_eq!(grant.key(), Key::new(format!("GRANTS#can#ten_{OTHER}"), record.clone()));
    assert_eq!(
        grant.index(),
        Some((format!("GRANTED#{record}"), format!("ten_{OTHER}")))
    );
    assert_eq!(Grant::to_tenant("job", tenant()), format!("GRANTS#job#ten_{ONE}"));
    assert_eq!(Grant::of_record("job_1"), "GRANTED#job_1");
    assert_eq!(
        TenantCount::key_of(tenant(), "grants#2026-11-30"),
        Key::new(format!("COUNTS#ten_{ONE}"), "grants#2026-11-30")
    );
    let job: JobId = id("job", ONE);
    let agency: TenantId = id("ten", OTHER);
    assert_eq!(Engagement::of_employer(tenant()), format!("ENGAGEMENTS#ten_{ONE}"));
    assert_eq!(
        Engagement::key_of(tenant(), agency, Some(job)),
        Key::new(format!("ENGAGEMENTS#ten_{ONE}"), format!("ten_{OTHER}#job_{ONE}"))
    );
    assert_eq!(
        engagement(&[]).key(),
        Key::new(format!("ENGAGEMENTS#ten_{ONE}"), format!("ten_{OTHER}#*"))
    );
}

/// An engagement that was in force at these times: from a second, until another.
fn engagement(times: &[(i64, Option<i64>)]) -> Engagement {
    let period = |(from, until): &(i64, Option<i64>)| EngagementPeriod {
        from: at(*from),
        until: until.map(at),
        by: id("mem", ONE),
    };
    Engagement {
        employer_id: tenant(),
        agency_id: id("ten", OTHER),
        job_id: None,
        periods: times.iter().map(period).collect(),
        version: 1,
    }
}

#[test]
fn an_engagement_counts_from_the_first_moment_in_force() {
    let twice = engagement(&[(10, Some(20)), (30, None)]);
    for (asked, since) in [
        (5, 10),
        (10, 10),
        (15, 15),
        (19, 19),
        (20, 30),
        (25, 30),
        (30, 30),
        (99, 99),
    ] {
        assert_eq!(twice.since(at(asked)), Some(at(since)), "from {asked} on");
    }
    let over = engagement(&[(10, Some(20))]);
    assert_eq!((over.since(at(19)), over.since(at(20))), (Some(at(19)), None));
    assert_eq!(engagement(&[]).since(at(0)), None);
}

#[test]
fn an_engagement_is_open_while_its_last_time_has_no_end() {
    for (times, open) in [
        (&[] as &[_], false),
        (&[(10, None)], true),
        (&[(10, Some(20))], false),
        (&[(10, Some(20)), (30, None)], true),
        (&[(10, Some(20)), (30, Some(40))], false),
    ] {
        assert_eq!(engagement(times).is_open(), open, "{times:?}");
    }
}
