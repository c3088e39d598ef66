//! Rules that hold on every route, and requests at the edge of what a route takes.

use inventure_core::Cursor;
use inventure_table::Objects as _;
use inventure_testing::{Answer, Person, SECRET, World};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    money::deals::Room,
    platform::access::{body, package, routes, tenants},
};

/// Routes with a body to which a key says nothing. Two write nothing, one has events with ids of their own under a signature, and
/// one does the same however often it is asked, for programs that know of no key.
const NO_KEY: [&str; 4] = [
    "/deal-simulations",
    "/deal-templates",
    "/payment-events",
    "/unsubscribe",
];

/// Routes that take nothing of what the fixture has. They are reached by `a_key_is_kept_where_only_some_may_come`.
const NOT_REACHED: [&str; 6] = [
    "POST /candidate-links/answers",
    "PATCH /candidates/{id}/resume",
    "POST /fee-schedules",
    "POST /invitations/accept",
    "POST /rooms/{id}/attachments/{attachment_id}",
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

/// Sends the same write twice by one key: the second changes nothing and is answered as the first. Then it sends other bytes by
/// the same key, which are refused. Gives the answer.
async fn twice(world: &World, person: &Person, method: &str, path: &str, body: &Value) -> Value {
    let headers = [("content-type", "application/json"), ("idempotency-key", "one")];
    let send = async |body: String| person.send(&world.app, method, path, &headers, body).await;
    let first = send(body.to_string()).await;
    assert!(first.status.is_success(), "{method} {path}: {}", first.text);
    let writes = world.table.writes();
    let again = send(body.to_string()).await;
    assert_eq!(
        (again.status, &again.body),
        (first.status, &first.body),
        "{method} {path}"
    );
    assert_eq!(world.table.writes(), writes, "{method} {path} wrote twice");
    let other = send(format!("{body} ")).await;
    assert_eq!(other.problem(422), "idempotency-key-reused", "{method} {path}");
    first.body
}

#[tokio::test]
async fn a_key_is_kept_where_only_some_may_come() {
    let room = Room::signed("by_source").await;
    let operator = room.world.operator("olaf").await;
    let today = inventure_api::clock::today().to_string();
    let schedule = json!({ "member": "8%", "job_board": "12%", "self_registered": "17%", "from": today });
    twice(&room.world, &operator, "POST", "/fee-schedules", &schedule).await;

    let path = format!("/candidates/{}", room.candidate);
    let candidate = room.candidate_side.get(&room.world.app, &path).await.expect(200);
    let path = format!("{path}/resume");
    let read = room.candidate_side.get(&room.world.app, &path).await.expect(200);
    let name = json!([{ "part": "name", "value": "Mara E. Lindqvist" }]);
    let correction = json!({ "version": candidate["version"], "upload_id": read["upload_id"], "parts": name });
    twice(&room.world, &room.candidate_side, "PATCH", &path, &correction).await;

    let guest = Person::named("guest");
    let invite = json!({ "email": guest.email(), "role": "broker" });
    let path = format!("/tenants/{}/invitations", room.tenants[0]);
    let invitation = room
        .job_side
        .write(&room.world.app, "POST", &path, invite)
        .await
        .expect(201);
    let token = json!({ "token": invitation["token"] });
    twice(&room.world, &guest, "POST", "/invitations/accept", &token).await;

    let _ = room.submit().await.expect(201);
    room.world.settle().await;
    let answer = json!({ "token": room.asked_token().await, "answer": "confirm" });
    twice(
        &room.world,
        &Person::nobody(),
        "POST",
        "/candidate-links/answers",
        &answer,
    )
    .await;

    let topic = json!({ "kind": "topic", "title": "Ours", "encrypted": false });
    let topic = room
        .job_side
        .write(&room.world.app, "POST", "/rooms", topic)
        .await
        .expect(201);
    let path = format!("/rooms/{}/attachments", topic["id"].as_str().unwrap());
    let bytes = b"%PDF-1.7\n".to_vec();
    let file = json!({ "file_name": "a.pdf", "media_type": "application/pdf", "size_bytes": bytes.len() });
    let form = room
        .job_side
        .write(&room.world.app, "POST", &path, file)
        .await
        .expect(201);
    let posted = form["fields"]["key"].as_str().unwrap();
    room.world.documents.put(posted, bytes.clone()).await.unwrap();
    let path = format!("{path}/{}", form["attachment_id"].as_str().unwrap());
    let taken = json!({ "sha256": hex::encode(Sha256::digest(&bytes)) });
    twice(&room.world, &room.job_side, "POST", &path, &taken).await;

    let path = format!("/tenants/{}/engagements/{}", room.tenants[2], room.tenants[1]);
    twice(&room.world, &room.employer, "PUT", &path, &json!({})).await;
}

#[tokio::test]
async fn a_repeat_engages_again_whom_the_employer_let_go() {
    // The agency was engaged already, so that the request changed nothing the first time.
    let room = Room::new("even").await;
    let app = &room.world.app;
    let path = format!("/tenants/{}/engagements/{}", room.tenants[2], room.tenants[0]);
    let put = async || {
        room.employer
            .write_once(app, "PUT", &path, "one", json!({}))
            .await
            .expect(200)
    };
    let first = put().await;
    assert_eq!(first["open"], true);
    let end = async |path: &str| room.employer.send(app, "DELETE", path, &[], String::new()).await;
    let job = format!("{path}?job_id={}", room.job);
    assert_eq!(
        end(&job).await.problem(404),
        "not-found",
        "it is not engaged for one job"
    );
    assert!(
        end(&format!("{path}?job=1")).await.status.is_client_error(),
        "no such parameter"
    );
    let ended = end(&path).await.expect(200);
    assert_eq!(ended["open"], false);
    assert_eq!(end(&path).await.expect(200), ended, "twice is once");
    assert_eq!(put().await, first, "answered as before, and nothing done");
    let listed = format!("/tenants/{}/engagements", room.tenants[2]);
    let listed = room.world.get(&room.employer, &listed).await.expect(200);
    assert_eq!(listed["items"][0]["open"], false);

    let for_job = json!({ "job_id": room.job });
    let _ = room.employer.write(app, "PUT", &path, for_job).await.expect(200);
    assert_eq!(end(&job).await.expect(200)["job_id"], room.job);
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
        let now = inventure_api::clock::now().as_second();
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

#[tokio::test]
async fn a_value_of_another_type_is_refused_by_its_field_in_plain_words() {
    let tenants = tenants().await;
    let owner = &tenants.people[0].1;
    let moves = format!("/deals/{}/moves", tenants.deal);
    for (path, body, field, words) in [
        (
            "/candidates",
            json!({ "name": "Ada", "desired_pay": 5 }),
            "desired_pay",
            "expected an object",
        ),
        (
            "/candidates",
            json!({ "name": "Ada", "consent": { "scopes": ["matching"], "evidence": "form", "until": "01/01/2027" } }),
            "consent.until",
            "YYYY-MM-DD",
        ),
        (
            &moves,
            json!({ "kind": "signed", "terms_version": 1, "terms_hash": "deadbeef" }),
            "terms_hash",
            "64",
        ),
        (
            &moves,
            json!({ "kind": "stage_moved", "candidate": tenants.candidate, "from": "submitted", "to": "interview" }),
            "to",
            "interviewing",
        ),
        (
            &moves,
            json!({ "kind": "placed", "candidate": tenants.candidate, "accepted_on": "2026-01-01", "starts_on": "soon" }),
            "starts_on",
            "YYYY-MM-DD",
        ),
        (&moves, json!({ "kind": "noted", "candidate": null }), "text", "missing"),
    ] {
        let answer = owner.write(&tenants.world.app, "POST", path, body.clone()).await;
        let error = &answer.expect(422)["errors"][0];
        assert_eq!(error["field"], field, "{body}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(words), "{body}: {message}");
        assert!(
            !message.contains("struct ") && !message.contains(" at line "),
            "{message}"
        );
    }
    let query = tenants
        .world
        .get(owner, &format!("/jobs/{}/matches?remote_only=perhaps", tenants.job))
        .await
        .expect(400);
    assert_eq!(query["errors"][0]["field"], "remote_only", "{query}");
}
