//! What holds on every route, and where a request is at the edge of what one takes.

use inventure_core::Cursor;
use inventure_testing::{Answer, Person, SECRET, World, api};
use serde_json::{Value, json};

use crate::access::{body, package, tenants};

/// Every method and path that is described, with what is described of it.
fn routes() -> Vec<(String, String, Value)> {
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

/// Routes with a body to which a key says nothing: two that write nothing, one whose events have ids of their own under a signature, and one
/// that does the same however often it is asked, for programs that know of no key.
const NO_KEY: [&str; 4] = [
    "/deal-simulations",
    "/deal-templates",
    "/payment-events",
    "/unsubscribe",
];

/// Routes that take nothing of what the fixture has; each has a test of its own.
const NOT_REACHED: [&str; 6] = [
    "POST /candidate-links/answers",
    "POST /fee-schedules",
    "POST /invitations/accept",
    "POST /rooms/{id}/attachments/{attachment_id}",
    "DELETE /tenants/{id}/engagements/{agency_id}",
    "PUT /tenants/{id}/engagements/{agency_id}",
];

#[tokio::test]
async fn who_does_not_know_whether_it_arrived_has_it_done_twice() {
    let mut not_reached = Vec::new();
    for (method, path, operation) in routes() {
        if operation["requestBody"].is_null() || NO_KEY.contains(&path.as_str()) {
            continue;
        }
        let tenants = tenants().await;
        let mut reached = false;
        for (_, person) in &tenants.people {
            let package = package(&tenants.world, person).await;
            let mut body = body(&method, &path, &tenants, &package);
            if body["version"] == 999 {
                let record = tenants.target(&path).replace("/close", "");
                let version = person.get(&tenants.world.app, &record).await.body["version"].clone();
                body["version"] = if version.is_null() { json!(1) } else { version };
            }
            let body = body.to_string();
            let send = async |body: String| -> Answer {
                let headers = [("content-type", "application/json"), ("idempotency-key", "one")];
                person
                    .send(&tenants.world.app, &method, &tenants.target(&path), &headers, body)
                    .await
            };
            let first = send(body.clone()).await;
            if !first.status.is_success() {
                continue;
            }
            reached = true;
            let again = send(body.clone()).await;
            assert_eq!(again.status, first.status, "{method} {path}: {}", again.body);
            // Other bytes are another request.
            let other = send(format!("{body} ")).await;
            assert_eq!(other.problem(422), "idempotency-key-reused", "{method} {path}");
            break;
        }
        if !reached {
            not_reached.push(format!("{method} {path}"));
        }
    }
    assert_eq!(not_reached, NOT_REACHED);
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let tenants = tenants().await;
    let app = &tenants.world.app;
    let owner = &tenants.people[0].1;
    for (method, path, _) in routes() {
        for person in [owner, &Person::nobody()] {
            let answer = if method == "GET" {
                person.get(app, &tenants.target(&path)).await
            } else {
                person
                    .write(app, &method, &tenants.target(&path), json!({ "no": "such field" }))
                    .await
            };
            let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
            let what = format!("{method} {path} {}", answer.status);
            assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
            assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
            assert!(
                header("strict-transport-security").contains("max-age=63072000"),
                "{what}"
            );
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
            let open = path == "/feed/jobs" || path.starts_with("/seals/");
            assert!(header("cache-control") == "no-store" || open, "{what}");
        }
    }
    let nowhere = owner.get(app, "/nowhere").await;
    assert!(nowhere.headers.contains_key("content-security-policy"));
}

#[tokio::test]
async fn an_id_that_no_key_takes_is_refused_and_not_tried_again_for_ever() {
    let world = World::new();
    let event = async |id: String| -> Answer {
        let body =
            json!({ "id": id, "type": "charge.updated", "livemode": false, "data": { "object": {} } }).to_string();
        let now = inventure_lambda::clock::now().as_second();
        let signed = inventure_payments::signature::sign(body.as_bytes(), SECRET.as_bytes(), now);
        let headers = [
            ("stripe-signature", signed.as_str()),
            ("content-type", "application/json"),
        ];
        Person::nobody()
            .send(&world.app, "POST", "/payment-events", &headers, body)
            .await
    };
    assert_eq!(event("e".repeat(3_000)).await.problem(422), "invalid-body");
    let _ = event("e".repeat(1_000)).await.expect(200);
    let owner = Person::named("owner");
    let _ = world.tenant(&owner, "agency", "Northbank").await;
    let cursor = Cursor("k".repeat(3_000)).encode();
    for path in ["/jobs", "/candidates", "/deals", "/notifications"] {
        let answer = owner.get(&world.app, &format!("{path}?cursor={cursor}")).await;
        assert!(
            answer.status.is_client_error(),
            "{path}: {} {}",
            answer.status,
            answer.body
        );
    }
}

#[tokio::test]
async fn a_field_s_name_tells_what_was_sent() {
    let tenants = tenants().await;
    let owner = &tenants.people[0].1;
    let secret = "mara.lindqvist@example.com";
    let deal = format!("/deals/{}/moves", tenants.deal);
    let feedback = format!("/jobs/{}/feedback", tenants.job);
    for (method, path, body) in [
        ("POST", "/jobs", json!({ secret: 1 })),
        ("POST", "/tenants", json!({ "kind": secret, "name": "Plain" })),
        ("POST", &feedback, json!({ "candidate_id": secret, "rating": "good" })),
        (
            "POST",
            &feedback,
            json!({ "candidate_id": tenants.candidate, "rating": format!("a: {secret}") }),
        ),
        ("POST", &deal, json!({ "kind": secret })),
        ("POST", &deal, json!({ "kind": "noted", secret: "x" })),
        ("POST", "/rooms", json!({ "kind": secret })),
        (
            "PUT",
            "/notification-preferences",
            json!({ "version": 0, "kinds": { secret: 5 }, "daily_at": "08:00", "time_zone": "UTC" }),
        ),
        (
            "PUT",
            "/notification-preferences",
            json!({
                "version": 0, "kinds": { secret: { "socket": true, "inbox": true, "mail": "never" } }, "daily_at": "08:00", "time_zone": "UTC",
            }),
        ),
    ] {
        let answer = owner
            .write(&tenants.world.app, method, path, body.clone())
            .await
            .expect(422);
        for error in answer["errors"].as_array().unwrap() {
            let field = error["field"].as_str().unwrap();
            assert!(
                !field.contains("mara") && !field.contains("example"),
                "{body}: {answer}"
            );
            assert!(error["message"].as_str().unwrap().chars().count() <= 300);
        }
    }
    // What is missing is named.
    let missing = owner
        .write(&tenants.world.app, "POST", "/jobs", json!({ "title": "Rust engineer" }))
        .await;
    assert_eq!(missing.expect(422)["errors"][0]["field"], "description");
}
