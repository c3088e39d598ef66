//! Bad input: it gets a clear problem, and has no effect.

use inventure_api::clock;
use inventure_testing::{BACKEND_JOB, Person, World};
use serde_json::{Value, json};

async fn agency() -> (World, Person) {
    let world = World::new();
    let broker = Person::named("ada");
    world.tenant(&broker, "agency", "Northbank").await;
    (world, broker)
}

fn job() -> Value {
    json!({ "title": BACKEND_JOB.0, "description": BACKEND_JOB.1 })
}

#[tokio::test]
async fn bodies_that_are_not_what_the_route_takes() {
    let (world, broker) = agency().await;
    let json_type = [("content-type", "application/json")];
    let cases = [
        ("{", 400, "malformed-json", ""),
        ("[]", 400, "malformed-json", ""),
        (
            r#"["Rust engineer", "A description of some length", false]"#,
            400,
            "malformed-json",
            "",
        ),
        ("null", 400, "malformed-json", ""),
        (r#"{"title": 5, "description": "x"}"#, 422, "invalid-body", "title"),
        (r#"{"title": "Rust engineer"}"#, 422, "invalid-body", "description"),
        (
            r#"{"title": "Rust engineer", "description": "short"}"#,
            422,
            "invalid-body",
            "description",
        ),
    ];
    let before = world.table.writes();
    for (body, status, code, field) in cases {
        let answer = broker
            .send(&world.app, "POST", "/jobs", &json_type, body.to_owned())
            .await;
        if !field.is_empty() {
            assert_eq!(answer.body["errors"][0]["field"], field, "{}", answer.body);
        }
        assert_eq!(answer.problem(status), code, "{body}");
    }
    let mut unknown = job();
    unknown["salery"] = json!(1);
    let answer = broker.write(&world.app, "POST", "/jobs", unknown).await;
    assert!(
        answer.body.to_string().contains("salery"),
        "it says which: {}",
        answer.body
    );
    assert_eq!(answer.problem(422), "invalid-body");
    let mut long = job();
    long["description"] = json!("x".repeat(20_001));
    assert_eq!(
        broker.write(&world.app, "POST", "/jobs", long).await.problem(422),
        "invalid-body"
    );
    let mut huge = job();
    huge["description"] = json!("x".repeat(300_000));
    assert_eq!(
        broker.write(&world.app, "POST", "/jobs", huge).await.problem(413),
        "body-too-large"
    );
    let xml = broker
        .send(
            &world.app,
            "POST",
            "/jobs",
            &[("content-type", "application/xml")],
            "<job/>".into(),
        )
        .await;
    assert_eq!(xml.problem(415), "unsupported-media-type");
    assert_eq!(world.table.writes(), before, "nothing was written");
}

#[tokio::test]
async fn a_value_of_another_type_is_not_called_bad_json() {
    let (world, broker) = agency().await;
    let job = world.job(&broker, inventure_testing::BACKEND_JOB).await;
    let candidate = "can_00000000000070008000000000000000";
    let feedback = format!("/jobs/{job}/feedback");
    for (path, body) in [
        (feedback.as_str(), json!({ "candidate_id": candidate, "rating": 5 })),
        (feedback.as_str(), json!({ "candidate_id": candidate, "rating": null })),
        (
            "/candidates",
            json!({ "name": "Mara", "consent": { "scopes": [5], "evidence": "a call", "until": "2035-12-31" } }),
        ),
    ] {
        let answer = broker.write(&world.app, "POST", path, body.clone()).await;
        assert_eq!(answer.problem(422), "invalid-body", "{body}");
    }
    let cut_off = [("content-type", "application/json")];
    let answer = broker
        .send(&world.app, "POST", &feedback, &cut_off, r#"{"rating": 5"#.into())
        .await;
    assert_eq!(answer.problem(400), "malformed-json");
}

#[tokio::test]
async fn queries_and_paths_that_make_no_sense() {
    let (world, broker) = agency().await;
    for (path, status, code) in [
        ("/jobs?cursor=%25%25", 400, "bad-cursor"),
        ("/jobs?limit=0", 400, "bad-query"),
        ("/jobs?limit=many", 400, "bad-query"),
        ("/jobs?colour=red", 400, "bad-query"),
        ("/reports/earnings?from=2026-02-01&to=2026-01-31", 400, "bad-query"),
        ("/reports/earnings?from=2020-01-01&to=2026-01-01", 400, "bad-query"),
        ("/reports/earnings?from=2026-02-30", 400, "bad-query"),
        ("/reports/earnings?group=year", 400, "bad-query"),
        ("/reports/earnings?currency=usd", 400, "bad-query"),
        ("/reports/earnings?tenant=other", 400, "bad-query"),
        ("/reports/ageing?as_of=yesterday", 400, "bad-query"),
        ("/reports/exposure?format=xml", 400, "bad-query"),
        ("/reports/deals/1", 404, "not-found"),
        ("/reports/deals/dea_00000000000000000000000000000000", 404, "not-found"),
        ("/jobs/1", 404, "not-found"),
        ("/jobs/job_00000000000000000000000000000000", 404, "not-found"),
        ("/candidates/job_00000000000000000000000000000000", 404, "not-found"),
    ] {
        assert_eq!(world.get(&broker, path).await.problem(status), code, "{path}");
    }
}

#[tokio::test]
async fn a_page_ends_before_it_is_more_than_an_answer_holds() {
    let (world, broker) = agency().await;
    // Twenty thousand characters of four bytes each.
    let mut large = job();
    large["description"] = json!("😀".repeat(20_000));
    large["public"] = json!(true);
    for _ in 0..30 {
        let _ = broker
            .write(&world.app, "POST", "/jobs", large.clone())
            .await
            .expect(201);
    }
    for path in ["/jobs", "/feed/jobs"] {
        let (mut seen, mut cursor) = (0, String::new());
        loop {
            let page = world
                .get(&broker, &format!("{path}?limit=100{cursor}"))
                .await
                .expect(200);
            assert!(
                page.to_string().len() < 2_000_000,
                "{path}: {} bytes",
                page.to_string().len()
            );
            seen += page["items"].as_array().unwrap().len();
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, 30, "{path}");
    }
}

#[tokio::test]
async fn the_last_page_has_no_cursor_also_when_it_is_full() {
    let (world, broker) = agency().await;
    for _ in 0..2 {
        let _ = broker.write(&world.app, "POST", "/jobs", job()).await.expect(201);
    }
    let page = world.get(&broker, "/jobs?limit=2").await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert!(page["next_cursor"].is_null(), "{page}");
}

#[tokio::test]
async fn blanks_and_control_characters_are_no_text() {
    let (world, broker) = agency().await;
    for (path, body, field) in [
        (
            "/jobs",
            json!({ "title": "   ", "description": BACKEND_JOB.1 }),
            "title",
        ),
        (
            "/jobs",
            json!({ "title": "Rust", "description": " ".repeat(30) }),
            "description",
        ),
        ("/candidates", json!({ "name": "Ada\u{0}" }), "name"),
        ("/candidates", json!({ "name": "\u{202E}adA" }), "name"),
    ] {
        let answer = broker.write(&world.app, "POST", path, body).await;
        assert_eq!(answer.body["errors"][0]["field"], field, "{}", answer.body);
        assert_eq!(answer.problem(422), "invalid-body");
    }
}

#[tokio::test]
async fn a_day_that_nobody_can_mean_is_refused() {
    let (world, broker) = agency().await;
    for day in ["9999-12-31", "-009999-01-01", "1999-12-31", "2300-01-01", "2101-01-01"] {
        let candidate = json!({ "name": "Ada", "available_from": day });
        let answer = broker.write(&world.app, "POST", "/candidates", candidate).await;
        assert_eq!(answer.body["errors"][0]["field"], "available_from", "{}", answer.body);
        assert_eq!(answer.problem(422), "invalid-body", "{day}");
        let consent = json!({ "scopes": ["matching"], "evidence": "form", "until": day });
        let candidate = json!({ "name": "Ada", "consent": consent });
        let answer = broker.write(&world.app, "POST", "/candidates", candidate).await;
        assert_eq!(answer.body["errors"][0]["field"], "consent.until", "{}", answer.body);
    }
}

#[tokio::test]
async fn a_stale_version_is_a_conflict_and_nothing_is_lost() {
    let (world, broker) = agency().await;
    let path = format!("/jobs/{}", world.job(&broker, BACKEND_JOB).await);
    let change = |title: &str| json!({ "version": 1, "title": title });
    let _ = broker
        .write(&world.app, "PATCH", &path, change("First"))
        .await
        .expect(200);
    assert_eq!(
        broker
            .write(&world.app, "PATCH", &path, change("Second"))
            .await
            .problem(409),
        "stale-version"
    );
    assert_eq!(world.get(&broker, &path).await.expect(200)["title"], "First");
}

#[tokio::test]
async fn the_same_key_is_the_same_answer_and_another_body_is_refused() {
    let (world, broker) = agency().await;
    let first = broker
        .write_once(&world.app, "POST", "/jobs", "k1", job())
        .await
        .expect(201);
    let again = broker
        .write_once(&world.app, "POST", "/jobs", "k1", job())
        .await
        .expect(201);
    assert_eq!(first, again);
    let mut other = job();
    other["title"] = json!("Another title");
    let refused = broker.write_once(&world.app, "POST", "/jobs", "k1", other).await;
    assert_eq!(refused.problem(422), "idempotency-key-reused");
    let listed = world.get(&broker, "/jobs").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let long = "x".repeat(200);
    let bad = broker.write_once(&world.app, "POST", "/jobs", &long, job()).await;
    assert_eq!(bad.problem(400), "bad-idempotency-key");
    let colleague = Person::named("bob");
    world.tenant(&colleague, "agency", "Other").await;
    let theirs = colleague
        .write_once(&world.app, "POST", "/jobs", "k1", job())
        .await
        .expect(201);
    assert_ne!(theirs["id"], first["id"], "another person's key is another key");
}

#[tokio::test]
async fn a_change_is_repeated_safely_after_the_version_moved_on() {
    let (world, broker) = agency().await;
    let path = format!("/jobs/{}", world.job(&broker, BACKEND_JOB).await);
    let change = json!({ "version": 1, "title": "New title" });
    let first = broker
        .write_once(&world.app, "PATCH", &path, "k", change.clone())
        .await
        .expect(200);
    let again = broker
        .write_once(&world.app, "PATCH", &path, "k", change)
        .await
        .expect(200);
    assert_eq!((&first, &again["version"]), (&again, &json!(2)));
}

#[tokio::test]
async fn pages_show_everything_once() {
    let (world, broker) = agency().await;
    for n in 0..7 {
        let title = format!("Rust engineer {n}");
        world.job(&broker, (title.as_str(), BACKEND_JOB.1)).await;
    }
    let (mut seen, mut path) = (Vec::new(), "/jobs?limit=3".to_owned());
    loop {
        let page = world.get(&broker, &path).await.expect(200);
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|job| job["title"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/jobs?limit=3&cursor={cursor}");
    }
    let expected: Vec<_> = (0..7).rev().map(|n| format!("Rust engineer {n}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_public_feed_shows_open_public_jobs_to_nobody_in_particular() {
    let (world, broker) = agency().await;
    world.job(&broker, BACKEND_JOB).await;
    let mut public = job();
    public["public"] = json!(true);
    let mut long = public.clone();
    long["description"] = json!(format!(
        "{}{}",
        public["description"].as_str().unwrap(),
        " Ünd mehr.".repeat(400)
    ));
    let made = broker.write(&world.app, "POST", "/jobs", public).await.expect(201);
    let feed = async || world.get(&Person::nobody(), "/feed/jobs").await.expect(200)["items"].clone();
    let shown = feed().await;
    let told = made["description"].as_str().unwrap();
    assert_eq!(shown[0]["description"], told, "what is short is whole");
    assert_eq!((shown.as_array().unwrap().len(), &shown[0]["id"]), (1, &made["id"]));
    assert!(shown[0].get("tenant_id").is_none(), "whose it is stays inside");
    let close = format!("/jobs/{}/close", made["id"].as_str().unwrap());
    let _ = broker
        .write(&world.app, "POST", &close, json!({ "version": 1 }))
        .await
        .expect(200);
    assert_eq!(feed().await, json!([]));
    let _ = broker.write(&world.app, "POST", "/jobs", long).await.expect(201);
    let shown = feed().await[0]["description"].as_str().unwrap().to_owned();
    assert!(shown.chars().count() <= 2_001 && shown.ends_with('…'), "{shown}");
}

#[tokio::test]
async fn when_the_table_does_not_answer_the_caller_hears_so_and_may_try_again() {
    let (world, broker) = agency().await;
    world.table.fail_next(1);
    let answer = broker.write_once(&world.app, "POST", "/jobs", "k", job()).await;
    assert_eq!(answer.headers["retry-after"], "2");
    assert!(!answer.body.to_string().contains("ordered"), "the cause stays inside");
    assert_eq!(answer.problem(503), "unavailable");
    let _ = broker
        .write_once(&world.app, "POST", "/jobs", "k", job())
        .await
        .expect(201);
}

#[tokio::test]
async fn files_that_cannot_be_read_are_refused_with_their_reason() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/bad");
    let expected = std::fs::read_to_string(format!("{folder}/expected.json")).unwrap();
    let expected: serde_json::Map<String, Value> = serde_json::from_str(&expected).unwrap();
    let (world, broker) = agency().await;
    // Those that only the process around the reader bounds are end-to-end tests' business.
    for name in [
        "empty.pdf",
        "random.pdf",
        "encrypted-aes-256.pdf",
        "german.txt",
        "pages-500.pdf",
        "scan.pdf",
    ] {
        let candidate = world.candidate(&broker, "Somebody").await;
        world
            .read(&broker, &candidate, &std::fs::read(format!("{folder}/{name}")).unwrap())
            .await;
        let reading = world
            .get(&broker, &format!("/candidates/{candidate}"))
            .await
            .expect(200)["reading"]
            .clone();
        assert_eq!(
            (&reading["status"], &reading["reason"]),
            (&json!("refused"), &expected[name]),
            "{name}"
        );
        assert!(
            reading["detail"].as_str().is_some_and(|detail| detail.len() > 20),
            "{name} says what to do"
        );
        let resume = world.get(&broker, &format!("/candidates/{candidate}/resume")).await;
        assert_eq!(resume.problem(409), "wrong-state", "nothing was made up");
    }
}

#[tokio::test]
async fn messages_that_are_none_return_to_their_queue() {
    let (world, _) = agency().await;
    assert!(world.parser.handle("not json", clock::now()).await.is_err());
    assert!(
        world
            .parser
            .handle(r#"{"source": "aws.s3", "detail": {}}"#, clock::now())
            .await
            .is_err()
    );
    assert!(
        world
            .parser
            .handle(&World::created("resumes/../../etc/passwd"), clock::now())
            .await
            .is_ok()
    );
    for body in ["", "{}", r#"{"detail": {"type": "NoSuchEvent"}}"#] {
        assert!(inventure_events::queue::from_bus(body).is_err(), "{body}");
    }
}
