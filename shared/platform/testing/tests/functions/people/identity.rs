//! The identity of a person: what the identity provider vouches for, and nothing beside it.

use inventure_people::records::{Tenant, TenantName};
use inventure_table::{Change, Condition};
use inventure_testing::{Person, World};
use serde_json::{Value, json};

/// An owner's invitation of an auditor, who is known by this address.
async fn invited(world: &World, invitee: &Person) -> Value {
    let owner = Person::named("owner");
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    let body = json!({ "email": invitee.email(), "role": "auditor" });
    let path = format!("/tenants/{tenant}/invitations");
    let invitation = owner.write(&world.app, "POST", &path, body).await.expect(201);
    json!({ "token": invitation["token"] })
}

#[tokio::test]
async fn a_stranger_joins_by_writing_an_address_into_an_access_token() {
    let world = World::new();
    let victim = Person::named("victim");
    let token = invited(&world, &victim).await;
    // The provider's access token says nothing of an address that the provider has checked; what it says, a client or a trigger added.
    let stranger = victim.with_access_token();
    let refused = stranger
        .write(&world.app, "POST", "/invitations/accept", token.clone())
        .await;
    assert_eq!(refused.problem(401), "unauthenticated");
    let tenant = json!({ "kind": "agency", "name": "Theirs" });
    let refused = stranger.write(&world.app, "POST", "/tenants", tenant).await;
    assert_eq!(refused.problem(401), "unauthenticated");
    let me = world.get(&stranger, "/me").await.expect(200);
    assert_eq!(me["email"], Value::Null, "an access token names no address");
    let _ = victim
        .write(&world.app, "POST", "/invitations/accept", token)
        .await
        .expect(201);
}

#[tokio::test]
async fn an_owner_who_was_put_out_comes_back_by_their_own_invitation() {
    let world = World::new();
    let [owner, other] = ["owner", "other"].map(Person::named);
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    world.join(&owner, &tenant, &other, "agency_owner").await;
    let invitations = format!("/tenants/{tenant}/invitations");
    let mut tokens = Vec::new();
    for (email, role) in [
        (other.email(), "agency_owner"),
        ("friend@example.com".to_owned(), "broker"),
    ] {
        let body = json!({ "email": email, "role": role });
        let made = other.write(&world.app, "POST", &invitations, body).await.expect(201);
        tokens.push(json!({ "token": made["token"] }));
    }
    let me = world.get(&other, "/me").await.expect(200)["member"].clone();
    let path = format!("/tenants/{tenant}/members/{}", me["id"].as_str().unwrap());
    // Another role first: who may not invite brings nobody in either.
    let less = json!({ "version": me["version"], "role": "auditor" });
    let _ = owner.write(&world.app, "PATCH", &path, less).await.expect(200);
    let friend = Person::named("friend");
    let accept = async |who: &Person, token: &Value| {
        let answer = who.write(&world.app, "POST", "/invitations/accept", token.clone());
        answer.await
    };
    assert_eq!(accept(&friend, &tokens[1]).await.problem(404), "not-found");
    let removed = owner.send(&world.app, "DELETE", &path, &[], String::new()).await;
    assert_eq!(removed.status, 204);
    assert_eq!(accept(&other, &tokens[0]).await.problem(404), "not-found");
    assert!(world.get(&other, "/me").await.expect(200)["tenant"].is_null());
    // Invited by somebody who may, they come back.
    world.join(&owner, &tenant, &other, "broker").await;
}

#[tokio::test]
async fn every_other_route_takes_either_token() {
    let world = World::new();
    let owner = Person::named("owner");
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    let by_access = owner.with_access_token();
    let me = world.get(&by_access, "/me").await.expect(200);
    assert_eq!(me["tenant"]["id"], tenant.as_str());
    // The address that was verified before stays: a token without one changes nothing.
    assert_eq!(me["member"]["email"], owner.email());
    let _ = world
        .get(&by_access, &format!("/tenants/{tenant}/members"))
        .await
        .expect(200);
    let job = json!({ "title": "Rust engineer", "description": "Rust in production, five years." });
    let _ = by_access.write(&world.app, "POST", "/jobs", job).await.expect(201);
}

#[tokio::test]
async fn a_stranger_joins_by_an_address_that_only_looks_like_the_invited_one() {
    let world = World::new();
    let victim = Person::named("kim");
    let token = invited(&world, &victim).await;
    // U+212A, the Kelvin sign, becomes a plain k in lower case.
    let stranger = Person::named("stranger").known_by("\u{212A}im@example.com");
    let refused = stranger
        .write(&world.app, "POST", "/invitations/accept", token.clone())
        .await;
    assert_eq!(refused.problem(404), "not-found");
    let shouting = Person::named("other").known_by("KIM@example.com");
    let _ = shouting
        .write(&world.app, "POST", "/invitations/accept", token)
        .await
        .expect(201);
}

#[tokio::test]
async fn an_owner_opens_their_own_invitation() {
    let world = World::new();
    let owner = Person::named("owner");
    let token = invited(&world, &owner).await;
    let accepted = owner.write(&world.app, "POST", "/invitations/accept", token).await;
    assert_eq!(accepted.problem(409), "already-exists");
}

#[tokio::test]
async fn a_phisher_writes_a_lure_into_a_name() {
    let world = World::new();
    let phisher = Person::named("phisher");
    let lures = [
        "Your account is locked. Sign in at https://evil.example",
        "Your account is locked: evil.example",
        "Northbank\u{202E}elpmaxe.live",
        "Northbank\nSign in",
        "<a href=x>Sign in</a>",
    ];
    for lure in lures {
        for (field, body) in [
            ("name", json!({ "kind": "agency", "name": lure })),
            (
                "owner_name",
                json!({ "kind": "agency", "name": "Plain", "owner_name": lure }),
            ),
        ] {
            let refused = phisher.write(&world.app, "POST", "/tenants", body).await.expect(422);
            assert_eq!(refused["errors"][0]["field"], field, "{lure:?}: {refused}");
        }
    }
    let long = json!({ "kind": "agency", "name": "Sign in ".repeat(16) });
    let _ = phisher.write(&world.app, "POST", "/tenants", long).await.expect(422);
    let tenant = world.tenant(&phisher, "agency", "Plain").await;
    let renamed = json!({ "version": 1, "name": lures[0] });
    let path = format!("/tenants/{tenant}");
    let _ = phisher.write(&world.app, "PATCH", &path, renamed).await.expect(422);
    let candidate = json!({ "name": lures[0] });
    let _ = phisher
        .write(&world.app, "POST", "/candidates", candidate)
        .await
        .expect(422);
}

#[tokio::test]
async fn an_impostor_takes_a_name_that_looks_like_anothers() {
    let world = World::new();
    let _ = world.tenant(&Person::named("honest"), "agency", "Northbank").await;
    let impostor = Person::named("impostor");
    let impostors = [
        "Northbank",
        "NORTH BANK",
        "N\u{043E}rthbank",
        "Northbank.",
        "Inventure",
        "lnventure Support",
        "Inven\u{03C4}ure",
        "Northban\u{043A}",
        "Northban\u{03BA} Talent",
    ];
    for name in impostors {
        let body = json!({ "kind": "employer", "name": name });
        let refused = impostor.write(&world.app, "POST", "/tenants", body).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "name", "{name}");
    }
    let tenant = world.tenant(&impostor, "agency", "Southbank").await;
    let path = format!("/tenants/{tenant}");
    for name in impostors {
        let body = json!({ "version": 1, "name": name });
        let refused = impostor.write(&world.app, "PATCH", &path, body).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "name", "{name}");
    }
    // Their own they may write otherwise, and leave for another's use.
    let own = json!({ "version": 1, "name": "South Bank" });
    let _ = impostor.write(&world.app, "PATCH", &path, own).await.expect(200);
    let own = json!({ "version": 2, "name": "Eastbank" });
    let _ = impostor.write(&world.app, "PATCH", &path, own).await.expect(200);
    let free = json!({ "kind": "agency", "name": "Southbank" });
    let _ = Person::named("third")
        .write(&world.app, "POST", "/tenants", free)
        .await
        .expect(201);
}

#[tokio::test]
async fn a_tenant_from_before_names_were_taken_keeps_its_name() {
    let world = World::new();
    let (first, second) = (Person::named("first"), Person::named("second"));
    let mut tenants = Vec::new();
    for (person, name) in [(&first, "Northbank"), (&second, "Other")] {
        let id = world.tenant(person, "agency", name).await.parse().unwrap();
        let tenant: Tenant = world.store.get(&Tenant::key_of(id)).await.unwrap().unwrap();
        let taken = TenantName::key_of(tenant.name_skeleton.as_deref().unwrap());
        // As the version before wrote it: the same name twice, taken for nobody.
        let before = Tenant {
            name_skeleton: None,
            name: "Northbank".into(),
            ..tenant
        };
        let change = Change::new()
            .put(&before, Condition::None)
            .delete(taken, Condition::None);
        world.store.commit(change).await.unwrap();
        tenants.push(before);
    }
    for person in [&first, &second, &first] {
        assert_eq!(
            world.get(person, "/me").await.expect(200)["tenant"]["name"],
            "Northbank"
        );
    }
    let body = json!({ "kind": "agency", "name": "Northbank" });
    let _ = Person::named("third")
        .write(&world.app, "POST", "/tenants", body)
        .await
        .expect(422);
    // The second leaves the name, and the first still has it.
    let path = format!("/tenants/{}", tenants[1].tenant_id);
    let renamed = json!({ "version": 2, "name": "Westbank" });
    let _ = second.write(&world.app, "PATCH", &path, renamed).await.expect(200);
    let body = json!({ "kind": "agency", "name": "Northbank" });
    let _ = Person::named("third")
        .write(&world.app, "POST", "/tenants", body)
        .await
        .expect(422);
}

#[tokio::test]
async fn the_last_owner_leaves_while_the_index_still_shows_another() {
    let world = World::new();
    let (owner, other) = (Person::named("olga"), Person::named("otto"));
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    world.join(&owner, &tenant, &other, "agency_owner").await;
    let id = async |who: &Person| world.get(who, "/me").await.expect(200)["member"]["id"].clone();
    let member = |id: &Value| format!("/tenants/{tenant}/members/{}", id.as_str().unwrap());
    let (own, others) = (member(&id(&owner).await), member(&id(&other).await));
    world.table.hold_index(true);
    let demoted = json!({ "version": 1, "role": "broker" });
    let _ = owner
        .write(&world.app, "PATCH", &others, demoted.clone())
        .await
        .expect(200);
    let last = owner.write(&world.app, "PATCH", &own, demoted).await;
    assert_eq!(last.problem(409), "wrong-state");
    let gone = owner.send(&world.app, "DELETE", &own, &[], String::new()).await;
    assert_eq!(gone.problem(409), "wrong-state");
}

#[tokio::test]
async fn a_refused_role_is_told_whose_request_it_is() {
    let world = World::new();
    let owner = Person::named("owner");
    world.tenant(&owner, "agency", "Northbank").await;
    let refused = world.get(&owner, "/reconciliations").await.expect(403);
    assert_eq!(refused["detail"], "This is for those who run the network.");
}
