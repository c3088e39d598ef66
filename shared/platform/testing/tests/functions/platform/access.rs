//! The rights of every role, on every route, on its own tenant's records and on another's.

use std::{collections::BTreeMap, fmt::Write};

use axum::http::StatusCode;
use inventure_core::MemberId;
use inventure_e2ee::DeviceName;
use inventure_realtime::{Opaque, mls::PrivateKind};
use inventure_testing::{BACKEND_JOB, ENGINEER, Person, World, api, key_package, private_message};
use serde_json::{Value, json};

pub struct Tenants {
    pub world: World,
    pub people: Vec<(&'static str, Person)>,
    tenant: String,
    member: String,
    pub job: String,
    pub candidate: String,
    grantee: String,
    terms: Value,
    pub deal: String,
    room: String,
    encrypted: String,
    attachment: String,
}

/// A device that the owner and the broker both have.
const DEVICE: &str = "00000000-0000-4000-8000-000000000001";

pub async fn tenants() -> Tenants {
    let world = World::new();
    let person = Person::named;
    let (owner, broker, auditor) = (person("owner"), person("broker"), person("auditor"));
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    world.join(&owner, &tenant, &broker, "broker").await;
    world.join(&owner, &tenant, &auditor, "auditor").await;
    let stranger = person("stranger");
    let grantee = world.tenant(&stranger, "agency", "Harbour").await;
    let employer = person("employer");
    let client = world.tenant(&employer, "employer", "Orchid").await;
    let candidate = world.candidate(&owner, "Mara").await;
    world.read(&owner, &candidate, ENGINEER.as_bytes()).await;
    let job = world.job(&owner, BACKEND_JOB).await;
    world.settle().await;
    let member = world.get(&broker, "/me").await.expect(200)["member"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    // The tenant brings both job and candidate side of it together with another agency; the employer takes part, the stranger rules.
    let other = person("other");
    let other_tenant = world.tenant(&other, "agency", "Westgate").await;
    let parts = json!({
        "template": "even", "job": job, "employer": client, "job_side": other_tenant, "candidate_side": tenant,
        "arbiter": grantee, "currency": "USD", "time_zone": "Europe/London",
    });
    let mut terms = owner
        .write(&world.app, "POST", "/deal-templates", parts)
        .await
        .expect(200);
    // The job is the tenant's own, so that it may propose.
    terms["job"] = json!(job);
    let made = owner
        .write(&world.app, "POST", "/deals", json!({ "terms": terms }))
        .await
        .expect(201);
    let deal = made["id"].as_str().unwrap().to_owned();
    let moves = format!("/deals/{deal}/moves");
    for who in [&owner, &other] {
        let sign = json!({ "kind": "signed", "terms_version": 1, "terms_hash": made["proposed"]["hash"] });
        let _ = who.write(&world.app, "POST", &moves, sign).await.expect(201);
    }
    let submitted = json!({ "kind": "submitted", "candidate": candidate, "source": "member" });
    let _ = owner.write(&world.app, "POST", &moves, submitted).await.expect(201);
    // Topics of the owner's, with the broker in them, one of them encrypted.
    let mut rooms = Vec::new();
    for encrypted in [false, true] {
        let topic = json!({ "kind": "topic", "title": "Ours", "encrypted": encrypted });
        let topic = owner.write(&world.app, "POST", "/rooms", topic).await.expect(201);
        let room = topic["id"].as_str().unwrap().to_owned();
        let let_in = json!({ "tenant_id": tenant, "member_id": member });
        let _ = owner
            .write(&world.app, "POST", &format!("/rooms/{room}/members"), let_in)
            .await
            .expect(201);
        rooms.push(room);
    }
    for who in [&owner, &broker] {
        let path = format!("/mls/devices/{DEVICE}");
        let device = json!({ "last_resort": package(&world, who).await });
        let _ = who.write(&world.app, "PUT", &path, device).await.expect(200);
    }
    let [room, encrypted] = rooms.try_into().unwrap();
    let file = json!({ "file_name": "a.pdf", "media_type": "application/pdf", "size_bytes": 10 });
    let path = format!("/rooms/{room}/attachments");
    let file = owner.write(&world.app, "POST", &path, file).await.expect(201);
    let attachment = file["attachment_id"].as_str().unwrap().to_owned();
    world.settle().await;
    let operator = world.operator("operator").await;
    let people = vec![
        ("owner", owner),
        ("broker", broker),
        ("auditor", auditor),
        ("stranger", stranger),
        ("employer", employer),
        ("operator", operator),
        ("newcomer", person("newcomer")),
        ("nobody", Person::nobody()),
    ];
    Tenants {
        world,
        people,
        tenant,
        member,
        job,
        candidate,
        grantee,
        terms,
        deal,
        room,
        encrypted,
        attachment,
    }
}

impl Tenants {
    /// A route's path with the ids of what is there.
    pub fn target(&self, path: &str) -> String {
        let id = if path.starts_with("/jobs") {
            &self.job
        } else if path.starts_with("/candidates") {
            &self.candidate
        } else if path.starts_with("/deals") || path.starts_with("/reports/deals") {
            &self.deal
        } else if path.starts_with("/rooms") {
            &self.room
        } else if path.starts_with("/mls/rooms") {
            &self.encrypted
        } else {
            &self.tenant
        };
        path.replace("{id}", id)
            .replace("{member_id}", &self.member)
            .replace("{candidate_id}", &self.candidate)
            .replace("{tenant_id}", &self.grantee)
            .replace("{invitation_id}", "none")
            .replace("{attachment_id}", &self.attachment)
            .replace("{device_id}", DEVICE)
            .replace("{room_id}", &self.encrypted)
            .replace("{agency_id}", &self.tenant)
            .replace("{offset}", "1")
    }
}

/// A key package of that device, if it were this person's.
pub async fn package(world: &World, person: &Person) -> Opaque {
    let me = person.get(&world.app, "/me").await.body;
    let member = me["member"]["id"].as_str().and_then(|id| id.parse().ok());
    let name = DeviceName {
        member: member.unwrap_or_else(MemberId::new),
        device: DEVICE.parse().unwrap(),
    };
    key_package(name, 1, 1)
}

/// A body that the route takes, so that what refuses the request is the right, not the form.
pub fn body(method: &str, path: &str, tenants: &Tenants, package: &Opaque) -> Value {
    let consent = json!({ "scopes": ["matching"], "evidence": "form", "until": "2099-01-01" });
    match (method, path) {
        ("POST", "/jobs") => json!({ "title": BACKEND_JOB.0, "description": BACKEND_JOB.1 }),
        ("POST", "/tenants") => json!({ "kind": "agency", "name": "Another" }),
        ("POST", "/candidates") => json!({ "name": "Somebody" }),
        ("POST", "/invitations/accept") => json!({ "token": "inv_nothing" }),
        ("POST", "/jobs/{id}/feedback") => json!({ "candidate_id": tenants.candidate, "rating": "good" }),
        ("POST", "/candidates/{id}/uploads" | "/deals/{id}/documents" | "/rooms/{id}/attachments") => {
            json!({ "file_name": "a.pdf", "media_type": "application/pdf", "size_bytes": 10 })
        }
        ("PUT", "/candidates/{id}/consent") => consent,
        ("POST", "/deals") => json!({ "terms": tenants.terms }),
        ("POST", "/deals/{id}/moves") => json!({ "kind": "noted", "candidate": null, "text": "hello" }),
        ("POST", "/deals/{id}/claim-checks") => json!({ "email": "a@example.com" }),
        ("POST", "/candidate-links/answers") => json!({ "token": "0".repeat(40), "answer": "confirm" }),
        ("POST", "/notifications/read") => json!({ "until": "2020-01-01T00:00:00Z" }),
        ("PUT", "/notification-preferences") => {
            json!({ "version": 0, "kinds": {}, "daily_at": "08:00", "time_zone": "Europe/Berlin" })
        }
        ("POST", "/rooms") => json!({ "kind": "deal", "deal_id": tenants.deal }),
        ("POST", "/rooms/{id}/attachments/{attachment_id}") => json!({ "sha256": "0".repeat(64) }),
        ("POST", "/rooms/{id}/members") => json!({ "tenant_id": tenants.tenant, "member_id": tenants.member }),
        ("PUT", "/mls/devices/{device_id}") => json!({ "last_resort": package }),
        ("POST", "/mls/devices/{device_id}/key-packages") => json!({ "key_packages": [package] }),
        ("POST", "/mls/rooms/{id}/key-packages") => {
            json!({ "devices": [{ "member_id": tenants.member, "device_id": DEVICE }] })
        }
        ("POST", "/mls/rooms/{id}/commits") => {
            let commit = private_message(&tenants.encrypted, 0, 0, PrivateKind::Commit);
            json!({ "message": DEVICE, "device_id": DEVICE, "epoch": 0, "founds": true, "commit": commit })
        }
        ("POST", "/payment-events") => json!({ "id": "evt_1" }),
        ("POST", "/payout-account") => json!({ "return_url": "https://app.example/" }),
        ("POST", "/deal-templates") => json!({
            "template": "even", "job": tenants.job, "employer": tenants.grantee, "job_side": tenants.tenant,
            "candidate_side": tenants.grantee, "arbiter": tenants.grantee, "currency": "USD", "time_zone": "UTC",
        }),
        ("POST", "/deal-simulations") => json!({
            "terms": tenants.terms,
            "scenario": { "source": "member", "starts_on": "2026-01-15", "steps": [],
                "pay": { "amount": { "minor_units": 10_000_000, "currency": "USD" }, "period": "year" } },
        }),
        ("POST", path) if path.ends_with("/grants") => json!({ "tenant_id": tenants.grantee }),
        ("POST", path) if path.ends_with("/invitations") => json!({ "email": "x@example.com", "role": "broker" }),
        ("POST", "/jobs/{id}/close") | ("PATCH", "/jobs/{id}" | "/candidates/{id}") => json!({ "version": 999 }),
        ("PATCH", "/tenants/{id}") => json!({ "version": 999, "name": "Other" }),
        ("PATCH", "/tenants/{id}/members/{member_id}") => json!({ "version": 999, "role": "broker" }),
        _ => json!({}),
    }
}

/// Returns every method and path that is described, with its description.
pub fn routes() -> Vec<(String, String, Value)> {
    let paths = api()
        .paths
        .paths
        .into_iter()
        .map(|(path, item)| (path, serde_json::to_value(&item).unwrap()));
    let methods = |(path, item): (String, Value)| {
        let operations = item.as_object().unwrap().clone().into_iter();
        operations.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    };
    paths.flat_map(methods).collect()
}

/// Sends a person's request to a route, and returns the status.
async fn ask(tenants: &Tenants, method: &str, path: &str, person: &Person) -> u16 {
    let (world, target) = (&tenants.world, tenants.target(path));
    let answer = if method == "GET" {
        person.get(&world.app, &target).await
    } else {
        let package = package(world, person).await;
        let body = body(method, path, tenants, &package);
        person.write(&world.app, method, &target, body).await
    };
    assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    answer.status.as_u16()
}

/// Returns the access matrix, whose cells are asked for in the order that `order` gives them. Each begins with the same state, so
/// that what one request changes decides nothing about another.
async fn matrix(order: impl FnOnce(&mut [(usize, usize)])) -> String {
    let (mut tenants, routes) = (tenants().await, routes());
    let state = tenants.world.state();
    let roles = 0..tenants.people.len();
    let mut cells: Vec<(usize, usize)> = (0..routes.len())
        .flat_map(|route| roles.clone().map(move |role| (route, role)))
        .collect();
    order(&mut cells);
    let mut statuses = BTreeMap::new();
    for (route, role) in cells {
        let (method, path, _) = &routes[route];
        let status = ask(&tenants, method, path, &tenants.people[role].1).await;
        statuses.insert((route, role), status);
        // Most requests change nothing. Those that follow them need no other world.
        if tenants.world.state() != state {
            tenants.world = World::with(&state).await;
        }
    }
    let mut table = String::new();
    for (route, (method, path, _)) in routes.iter().enumerate() {
        let _ = write!(table, "{method} {path}\n   ");
        for (role, (name, _)) in tenants.people.iter().enumerate() {
            let _ = write!(table, " {name} {}", statuses[&(route, role)]);
        }
        table.push('\n');
    }
    table
}

#[tokio::test]
async fn every_role_on_every_route() {
    let table = matrix(|_| ()).await;
    insta::assert_snapshot!("every_role_on_every_route", table);
}

#[tokio::test]
async fn the_order_of_the_requests_decides_nothing() {
    let table = matrix(<[_]>::reverse).await;
    insta::assert_snapshot!("every_role_on_every_route", table);
}

#[tokio::test]
async fn a_grant_shows_a_job_and_taking_it_back_hides_it() {
    let tenants = tenants().await;
    let (owner, stranger) = (&tenants.people[0].1, &tenants.people[3].1);
    let app = &tenants.world.app;
    let path = format!("/jobs/{}", tenants.job);
    assert_eq!(stranger.get(app, &path).await.problem(404), "not-found");
    let grants = format!("{path}/grants");
    let _ = owner
        .write(app, "POST", &grants, json!({ "tenant_id": tenants.grantee }))
        .await
        .expect(201);
    assert_eq!(stranger.get(app, &path).await.expect(200)["id"], tenants.job.as_str());
    let change = stranger
        .write(app, "PATCH", &path, json!({ "version": 1, "title": "Mine now" }))
        .await;
    assert_eq!(change.problem(403), "forbidden", "seen is not owned");
    let hand_on = stranger
        .write(app, "POST", &grants, json!({ "tenant_id": tenants.tenant }))
        .await;
    assert_eq!(hand_on.problem(403), "forbidden", "and not handed on");
    let _ = owner
        .write(app, "DELETE", &format!("{grants}/{}", tenants.grantee), json!({}))
        .await
        .expect(204);
    assert_eq!(stranger.get(app, &path).await.problem(404), "not-found");
}

#[tokio::test]
async fn another_tenants_candidates_are_matched_only_while_they_are_shared() {
    let tenants = tenants().await;
    let (owner, stranger) = (&tenants.people[0].1, &tenants.people[3].1);
    let app = &tenants.world.app;
    let job = tenants.world.job(stranger, BACKEND_JOB).await;
    tenants.world.settle().await;
    let path = format!("/jobs/{job}/matches");
    let found = async || {
        stranger.get(app, &path).await.expect(200)["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(found().await, 0);
    let grants = format!("/candidates/{}/grants", tenants.candidate);
    let _ = owner
        .write(app, "POST", &grants, json!({ "tenant_id": tenants.grantee }))
        .await
        .expect(201);
    assert_eq!(found().await, 1);
    let consent = json!({ "scopes": ["store_resume", "matching"], "evidence": "form", "until": "2099-01-01" });
    let _ = owner
        .write(
            app,
            "PUT",
            &format!("/candidates/{}/consent", tenants.candidate),
            consent,
        )
        .await
        .expect(200);
    assert_eq!(
        found().await,
        0,
        "the grant stands, the consent does not cover it any more"
    );
    let candidate = format!("/candidates/{}", tenants.candidate);
    assert_eq!(stranger.get(app, &candidate).await.problem(403), "consent-missing");
    let rating = json!({ "candidate_id": tenants.candidate, "rating": "good" });
    let feedback = stranger
        .write(app, "POST", &format!("/jobs/{job}/feedback"), rating)
        .await;
    assert_eq!(feedback.problem(422), "invalid-body");
}

#[tokio::test]
async fn how_a_consent_was_given_is_the_owners_business() {
    let tenants = tenants().await;
    let (owner, stranger) = (&tenants.people[0].1, &tenants.people[3].1);
    let app = &tenants.world.app;
    let candidate = format!("/candidates/{}", tenants.candidate);
    let grant = json!({ "tenant_id": tenants.grantee });
    let _ = owner
        .write(app, "POST", &format!("{candidate}/grants"), grant)
        .await
        .expect(201);
    let _ = stranger.get(app, &candidate).await.expect(200);
    let history = format!("{candidate}/consents");
    let _ = owner.get(app, &history).await.expect(200);
    assert_eq!(stranger.get(app, &history).await.problem(403), "forbidden");
}

#[tokio::test]
async fn who_is_removed_has_no_rights_with_the_next_request() {
    let tenants = tenants().await;
    let (owner, broker) = (&tenants.people[0].1, &tenants.people[1].1);
    let app = &tenants.world.app;
    let path = format!("/tenants/{}/members/{}", tenants.tenant, tenants.member);
    let _ = owner.write(app, "DELETE", &path, json!({})).await.expect(204);
    assert_eq!(broker.get(app, "/jobs").await.problem(403), "no-membership");
}

#[tokio::test]
async fn a_tenant_keeps_an_owner() {
    let tenants = tenants().await;
    let owner = &tenants.people[0].1;
    let me = owner.get(&tenants.world.app, "/me").await.expect(200);
    let path = format!(
        "/tenants/{}/members/{}",
        tenants.tenant,
        me["member"]["id"].as_str().unwrap()
    );
    let demoted = owner
        .write(
            &tenants.world.app,
            "PATCH",
            &path,
            json!({ "version": 1, "role": "broker" }),
        )
        .await;
    assert_eq!(demoted.problem(409), "wrong-state");
    assert_eq!(
        owner
            .write(&tenants.world.app, "DELETE", &path, json!({}))
            .await
            .problem(409),
        "wrong-state"
    );
}

#[tokio::test]
async fn a_token_is_worth_nothing_to_somebody_else() {
    let tenants = tenants().await;
    let owner = &tenants.people[0].1;
    let invited = Person::named("invited");
    let body = json!({ "email": invited.email(), "role": "broker" });
    let path = format!("/tenants/{}/invitations", tenants.tenant);
    let made = owner
        .write_once(&tenants.world.app, "POST", &path, "once", body.clone())
        .await
        .expect(201);
    let again = owner
        .write_once(&tenants.world.app, "POST", &path, "once", body)
        .await
        .expect(201);
    assert_eq!(
        (&again["id"], &again["token"]),
        (&made["id"], &Value::Null),
        "the token is shown once and not kept"
    );
    let token = made["token"].as_str().unwrap();
    for item in tenants.world.table.items() {
        assert!(!format!("{item:?}").contains(token), "the table does not hold it");
    }
    let accept = json!({ "token": token });
    let thief = Person::named("thief")
        .write(&tenants.world.app, "POST", "/invitations/accept", accept.clone())
        .await;
    assert_eq!(thief.problem(404), "not-found");
    let _ = invited
        .write(&tenants.world.app, "POST", "/invitations/accept", accept.clone())
        .await
        .expect(201);
    let late = Person::named("invited2")
        .write(&tenants.world.app, "POST", "/invitations/accept", accept)
        .await;
    assert_eq!(late.problem(404), "not-found", "it works once");
}
