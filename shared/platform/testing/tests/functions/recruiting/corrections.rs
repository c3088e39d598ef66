//! Corrections of what was read, and what they may not do.

use inventure_deal_store::records::SubmittedPerson;
use inventure_recruiting::records::ResumeCorrections;
use inventure_testing::{Answer, BACKEND_JOB, ENGINEER, NURSE, Person, World};
use serde_json::{Value, json};

use crate::money::deals::Room;

struct Desk {
    world: World,
    broker: Person,
    candidate: String,
}

/// An agency with an engineer whose file was read.
async fn desk() -> Desk {
    let world = World::new();
    let broker = Person::named("ada");
    world.tenant(&broker, "agency", "Northbank").await;
    let candidate = world.candidate(&broker, "Mara Lindqvist").await;
    world.read(&broker, &candidate, ENGINEER.as_bytes()).await;
    Desk {
        world,
        broker,
        candidate,
    }
}

async fn correct(world: &World, who: &Person, candidate: &str, what: Value) -> Answer {
    let path = format!("/candidates/{candidate}");
    let version = world.get(who, &path).await.expect(200)["version"].clone();
    let upload = world.get(who, &format!("{path}/resume")).await.expect(200)["upload_id"].clone();
    let mut body = json!({ "version": version, "upload_id": upload });
    for (name, value) in what.as_object().unwrap() {
        body[name] = value.clone();
    }
    who.write(&world.app, "PATCH", &format!("{path}/resume"), body).await
}

impl Desk {
    async fn correct(&self, what: Value) -> Answer {
        correct(&self.world, &self.broker, &self.candidate, what).await
    }

    async fn resume(&self) -> Value {
        let path = format!("/candidates/{}/resume", self.candidate);
        self.world.get(&self.broker, &path).await.expect(200)
    }

    async fn history(&self) -> Vec<Value> {
        let path = format!("/candidates/{}/resume/corrections", self.candidate);
        let history = self.world.get(&self.broker, &path).await.expect(200);
        history["items"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_correction_outlives_the_next_reading_and_can_be_taken_back() {
    let desk = desk().await;
    let jobs = json!([
        { "employer": "Copperfield Systems", "title": "Principal Engineer", "start": "2019-03", "current": true },
        { "employer": "Tallow Labs", "title": "Backend Engineer", "start": "2015-06", "end": "2016-05" }
    ]);
    let parts = json!([{ "part": "experience", "value": jobs }, { "part": "name", "value": "Mara E. Lindqvist" }]);
    let before = desk.resume().await;
    let _ = desk.correct(json!({ "parts": parts })).await.expect(200);
    let shown = desk.resume().await;
    assert_eq!(shown["resume"]["experience"][0]["title"]["value"], "Principal Engineer");
    assert_eq!(shown["resume"]["name"]["value"], "Mara E. Lindqvist");
    assert_eq!(shown["corrected"], json!(["experience", "name"]));
    let employer = |shown: &Value| shown["resume"]["experience"][0]["employer"]["span"].clone();
    assert_eq!(
        employer(&shown),
        employer(&before),
        "what was read and is confirmed keeps its place"
    );
    assert_eq!(shown["resume"]["experience"][1]["months"], 12, "counted anew");
    assert_eq!(shown["text"], before["text"], "the file says what it says");

    // Another file is read: what was corrected stands, what was not is new.
    desk.world.read(&desk.broker, &desk.candidate, NURSE.as_bytes()).await;
    let shown = desk.resume().await;
    assert_eq!(shown["resume"]["name"]["value"], "Mara E. Lindqvist");
    assert_eq!(shown["resume"]["emails"][0]["value"], "tomas.avery@example.com");

    let _ = desk.correct(json!({ "take_back": ["name"] })).await.expect(200);
    let shown = desk.resume().await;
    assert_eq!(shown["resume"]["name"]["value"], "Tomas Avery");
    assert_eq!(shown["corrected"], json!(["experience"]));
    let history = desk.history().await;
    let told: Vec<(&str, &Value, &Value)> = history
        .iter()
        .map(|one| {
            (
                one["part"].as_str().unwrap(),
                &one["before"]["value"],
                &one["after"]["value"],
            )
        })
        .collect();
    assert_eq!(told[1], ("name", &json!("Mara Lindqvist"), &json!("Mara E. Lindqvist")));
    assert_eq!(told[2], ("name", &json!("Mara E. Lindqvist"), &Value::Null));
}

#[tokio::test]
async fn a_ranking_goes_by_what_was_corrected() {
    // Two agencies: a function that is warm may rank by what it knew a second ago.
    let title = async |corrected: bool| {
        let desk = desk().await;
        let job = desk.world.job(&desk.broker, BACKEND_JOB).await;
        desk.world.settle().await;
        if corrected {
            let jobs = json!([{ "title": "Rust Backend Engineer", "start": "2015-06", "current": true }]);
            let parts = json!([{ "part": "experience", "value": jobs }]);
            let _ = desk.correct(json!({ "parts": parts })).await.expect(200);
            desk.world.settle().await;
        }
        let found = desk
            .world
            .get(&desk.broker, &format!("/jobs/{job}/matches"))
            .await
            .expect(200);
        let best = &found["items"][0];
        let evidence = best["evidence"].as_array().unwrap().iter();
        let quoted: Vec<&Value> = evidence
            .filter(|piece| piece["feature"] == "title")
            .map(|piece| &piece["what"])
            .collect();
        assert_eq!(
            quoted,
            [if corrected {
                "Rust Backend Engineer"
            } else {
                "Senior Backend Engineer"
            }]
        );
        assert_eq!(best["corrected"].is_array(), corrected, "and it is told");
        let features = best["features"].as_array().unwrap().clone();
        let mut titles = features.into_iter().filter(|feature| feature["name"] == "title");
        titles.next().unwrap()["value"].as_f64().unwrap()
    };
    let (before, after) = (title(false).await, title(true).await);
    assert!(before < 0.9 && after > 0.99, "{before} {after}");
}

#[tokio::test]
async fn a_corrected_address_claims_nobody() {
    let room = Room::signed("even").await;
    let parts = json!([{ "part": "emails", "value": ["victim@example.org"] }]);
    let corrected = correct(
        &room.world,
        &room.candidate_side,
        &room.candidate,
        json!({ "parts": parts }),
    )
    .await;
    let _ = corrected.expect(200);
    let contact = json!({ "email": "victim@example.org" });
    let what = json!({ "kind": "submitted", "candidate": room.candidate, "source": "member", "contact": contact });
    let _ = room.tell(&room.candidate_side, what).await.expect(201);
    let key = SubmittedPerson::key_of(room.deal.parse().unwrap(), room.candidate.parse().unwrap());
    let person: SubmittedPerson = room.world.store.get(&key).await.unwrap().unwrap();
    let (stated, in_resume) = (person.stated.unwrap(), person.in_resume.unwrap());
    assert_eq!(stated.len(), 1);
    assert!(
        !in_resume.contains(&stated[0]) && !in_resume.is_empty(),
        "the file names another"
    );
}

#[tokio::test]
async fn corrections_go_with_the_consent() {
    let desk = desk().await;
    let parts = json!([{ "part": "headline", "value": "Zygomorph" }]);
    let _ = desk.correct(json!({ "parts": parts })).await.expect(200);
    let key = ResumeCorrections::key_of(desk.candidate.parse().unwrap());
    let kept = async || desk.world.store.get::<ResumeCorrections>(&key).await.unwrap();
    assert!(kept().await.is_some());
    let consent = format!("/candidates/{}/consent", desk.candidate);
    let _ = desk
        .broker
        .write(&desk.world.app, "DELETE", &consent, json!({}))
        .await
        .expect(200);
    assert_eq!(kept().await, None);
}

#[tokio::test]
async fn what_is_no_correction_is_refused() {
    let desk = desk().await;
    let long = "x".repeat(5_001);
    for what in [
        json!({}),
        json!({ "parts": [{ "part": "name", "value": long }] }),
        json!({ "parts": [{ "part": "skills", "value": vec!["Rust"; 201] }] }),
        json!({ "parts": [{ "part": "links", "value": ["javascript:alert(1)"] }] }),
        json!({ "parts": [{ "part": "emails", "value": ["not an address"] }] }),
        json!({ "take_back": ["name"] }),
        json!({ "parts": [{ "part": "name", "value": "a\u{202e}b" }] }),
        json!({ "parts": [{ "part": "name", "value": "a" }, { "part": "name", "value": "b" }] }),
    ] {
        let _ = desk.correct(what).await.expect(422);
    }
    let part = json!([{ "part": "name", "value": "Mara" }]);
    let _ = desk.correct(json!({ "parts": part, "version": 1 })).await.expect(409);
    let other = "upl_00000000000000000000000000000000";
    let _ = desk
        .correct(json!({ "parts": part, "upload_id": other }))
        .await
        .expect(409);
    let stranger = Person::named("eve");
    desk.world.tenant(&stranger, "agency", "Southbank").await;
    let path = format!("/candidates/{}/resume", desk.candidate);
    let upload = desk.resume().await["upload_id"].clone();
    let body = json!({ "version": 3, "upload_id": upload, "parts": part });
    let _ = stranger.write(&desk.world.app, "PATCH", &path, body).await.expect(404);
    assert!(desk.history().await.is_empty());
    // Said again and again, the oldest of what was replaced goes, and what is in force can still be taken back.
    let say = async |part: &str, value: String| {
        let parts = json!([{ "part": part, "value": value }]);
        let _ = desk.correct(json!({ "parts": parts })).await.expect(200);
    };
    say("headline", String::new()).await;
    for round in 0..=ResumeCorrections::MAX {
        say("name", format!("Mara {round}")).await;
    }
    let history = desk.history().await;
    assert_eq!(history.len(), ResumeCorrections::MAX);
    assert_eq!(history[0]["part"], "headline", "it is in force");
    assert_eq!(
        desk.resume().await["resume"]["headline"],
        Value::Null,
        "an empty text says that there is none"
    );
    let _ = desk
        .correct(json!({ "take_back": ["name", "headline"] }))
        .await
        .expect(200);
    assert_eq!(desk.resume().await["corrected"], json!([]));
}

#[tokio::test]
async fn what_was_corrected_is_the_own_agencys_to_know() {
    let desk = desk().await;
    let parts = json!([{ "part": "headline", "value": "Principal Engineer" }]);
    let _ = desk.correct(json!({ "parts": parts })).await.expect(200);
    let other = Person::named("eve");
    let tenant = desk.world.tenant(&other, "agency", "Southbank").await;
    let path = format!("/candidates/{}", desk.candidate);
    let grant = json!({ "tenant_id": tenant });
    let _ = desk
        .broker
        .write(&desk.world.app, "POST", &format!("{path}/grants"), grant)
        .await
        .expect(201);
    let shown = desk.world.get(&other, &format!("{path}/resume")).await.expect(200);
    assert_eq!(shown["resume"]["headline"]["value"], "Principal Engineer");
    let history = desk.world.get(&other, &format!("{path}/resume/corrections")).await;
    let _ = history.expect(403);
}
