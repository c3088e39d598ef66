//! Changes (`PATCH`): what is left out stays, what is stated replaces, and `null` clears what need not be stated.

use inventure_testing::{BACKEND_JOB, Person, World};
use serde_json::{Value, json};

#[tokio::test]
async fn null_clears_and_what_is_left_out_stays() {
    let world = World::new();
    let broker = Person::named("ada");
    world.tenant(&broker, "agency", "Northbank").await;
    let stated = json!({
        "available_from": "2027-01-01", "remote_only": true, "location": "Austin, TX",
        "desired_pay": { "min_minor_units": 10_000_000, "currency": "USD", "period": "year" },
    });
    let mut new = stated.clone();
    new["name"] = "Mara".into();
    let made = broker.write(&world.app, "POST", "/candidates", new).await.expect(201);
    let path = format!("/candidates/{}", made["id"].as_str().unwrap());
    let fields = ["available_from", "remote_only", "location", "desired_pay"];
    let mut version = 1;
    let mut change = async |body: Value| {
        let mut body = body;
        body["version"] = version.into();
        let changed = broker.write(&world.app, "PATCH", &path, body).await.expect(200);
        version += 1;
        changed
    };
    let before = change(json!({ "name": "Mara L." })).await;
    for cleared in fields {
        assert!(!before[cleared].is_null(), "{cleared} stays where it is left out");
        let after = change(json!({ cleared: null })).await;
        assert!(after[cleared].is_null(), "{cleared} is cleared");
        let back = change(json!({ cleared: stated[cleared] })).await;
        assert_eq!(back[cleared], before[cleared]);
    }
}

#[tokio::test]
async fn what_must_be_stated_cannot_be_cleared() {
    let world = World::new();
    let broker = Person::named("ada");
    let tenant = world.tenant(&broker, "agency", "Northbank").await;
    let candidate = world.candidate(&broker, "Mara").await;
    let job = world.job(&broker, BACKEND_JOB).await;
    for (path, field) in [
        (format!("/candidates/{candidate}"), "name"),
        (format!("/jobs/{job}"), "title"),
        (format!("/jobs/{job}"), "description"),
        (format!("/jobs/{job}"), "public"),
        (format!("/tenants/{tenant}"), "name"),
    ] {
        let body = json!({ "version": 1, field: null });
        let answer = broker.write(&world.app, "PATCH", &path, body).await;
        assert_eq!(answer.status.as_u16(), 422, "{path} {field}: {}", answer.text);
    }
}
