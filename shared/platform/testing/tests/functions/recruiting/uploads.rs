//! Upload forms. They are good for one file, in the order in which they were given out, and hide nothing that was read.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use inventure_api::clock;
use inventure_events::Event;
use inventure_table::Objects as _;
use inventure_testing::{ENGINEER, NURSE, Person, World};
use serde_json::{Value, json};

use crate::money::deals::Room;

struct Desk {
    world: World,
    broker: Person,
    candidate: String,
}

async fn desk() -> Desk {
    let world = World::new();
    let broker = Person::named("ada");
    world.tenant(&broker, "agency", "Northbank").await;
    let candidate = world.candidate(&broker, "Mara").await;
    Desk {
        world,
        broker,
        candidate,
    }
}

#[tokio::test]
async fn a_form_takes_no_more_bytes_than_were_named_for_it() {
    let desk = desk().await;
    let room = Room::signed("even").await;
    let file = |bytes: u64| json!({ "file_name": "a.pdf", "media_type": "application/pdf", "size_bytes": bytes });
    for (world, who, path) in [
        (
            &desk.world,
            &desk.broker,
            format!("/candidates/{}/uploads", desk.candidate),
        ),
        (&room.world, &room.job_side, format!("/deals/{}/documents", room.deal)),
    ] {
        let form = who.write(&world.app, "POST", &path, file(4_321)).await.expect(201);
        let policy = STANDARD.decode(form["fields"]["policy"].as_str().unwrap()).unwrap();
        let policy: Value = serde_json::from_slice(&policy).unwrap();
        let conditions = policy["conditions"].as_array().unwrap();
        assert!(
            conditions.contains(&json!(["content-length-range", 1, 4_321])),
            "{path}: {policy}"
        );
    }
}

#[tokio::test]
async fn forms_asked_for_at_once_are_all_given() {
    for seed in 0..6 {
        let desk = desk().await;
        let path = format!("/candidates/{}/uploads", desk.candidate);
        let file = json!({ "file_name": "a.pdf", "media_type": "application/pdf", "size_bytes": 10 });
        desk.world.table.interleave(seed);
        let asked = (0..3).map(async |_| {
            let form = desk.broker.write(&desk.world.app, "POST", &path, file.clone()).await;
            form.expect(201)["upload_id"].clone()
        });
        let forms = futures_util::future::join_all(asked).await;
        let different: std::collections::BTreeSet<String> = forms.iter().map(Value::to_string).collect();
        assert_eq!(different.len(), 3, "seed {seed}");
    }
}

impl Desk {
    async fn form(&self, file_name: &str, bytes: &[u8]) -> String {
        self.world.upload(&self.broker, &self.candidate, file_name, bytes).await
    }

    async fn announce(&self, key: &str) {
        self.world
            .parser
            .handle(&World::created(key), clock::now())
            .await
            .unwrap();
    }

    async fn post(&self, key: &str, bytes: &[u8]) {
        self.world.uploads.put(key, bytes.to_vec()).await.unwrap();
        self.announce(key).await;
    }

    async fn get(&self, path: &str) -> Value {
        let path = format!("/candidates/{}{path}", self.candidate);
        self.world.get(&self.broker, &path).await.expect(200)
    }

    async fn text(&self) -> String {
        self.get("/resume").await["text"].as_str().unwrap().to_owned()
    }

    fn read(&self) -> usize {
        let news = self.world.news();
        news.iter()
            .filter(|event| matches!(event.event, Event::ResumeParsed(_)))
            .count()
    }
}

#[tokio::test]
async fn a_late_older_upload_does_not_replace_a_newer_reading_while_a_third_form_is_out() {
    let desk = desk().await;
    let older = desk.form("old.txt", NURSE.as_bytes()).await;
    let newer = desk.form("new.txt", ENGINEER.as_bytes()).await;
    desk.announce(&newer).await;
    let _third = desk.form("third.txt", b"not posted yet").await;
    desk.announce(&older).await;
    assert!(desk.text().await.contains("Copperfield"));
    assert_eq!(desk.read(), 1);
    let kept = desk.world.uploads.get(&older, 1 << 20).await.unwrap();
    assert!(kept.is_none(), "what nobody will read is not kept");
}

#[tokio::test]
async fn an_older_form_is_good_until_a_newer_one_was_used() {
    let desk = desk().await;
    let older = desk.form("old.txt", NURSE.as_bytes()).await;
    let newer = desk.form("new.txt", ENGINEER.as_bytes()).await;
    desk.announce(&older).await;
    assert!(desk.text().await.contains("Harbourview"));
    assert_eq!(desk.get("").await["awaited"]["file_name"], "new.txt");
    desk.announce(&newer).await;
    assert!(desk.text().await.contains("Copperfield"));
    assert!(desk.get("").await["awaited"].is_null());
}

#[tokio::test]
async fn a_form_cannot_be_used_again_to_replace_what_was_read() {
    let desk = desk().await;
    let key = desk.form("cv.txt", ENGINEER.as_bytes()).await;
    desk.announce(&key).await;
    desk.announce(&key).await;
    assert!(
        desk.world.uploads.get(&key, 1 << 20).await.unwrap().is_some(),
        "announced again it is the same file"
    );
    desk.post(&key, NURSE.as_bytes()).await;
    assert!(desk.text().await.contains("Copperfield"));
    assert_eq!(desk.read(), 1);
    assert!(
        desk.world.uploads.get(&key, 1 << 20).await.unwrap().is_none(),
        "what took its place is not kept"
    );
    // Not after another form was handed out either.
    let _next = desk.form("next.txt", b"not posted yet").await;
    desk.post(&key, NURSE.as_bytes()).await;
    assert!(desk.text().await.contains("Copperfield"));
}

#[tokio::test]
async fn an_abandoned_form_hides_no_reading() {
    let desk = desk().await;
    let before = desk.get("").await;
    assert!(before["reading"].is_null() && before["awaited"].is_null());
    let key = desk.form("cv.txt", ENGINEER.as_bytes()).await;
    assert_eq!(desk.get("").await["reading"]["status"], "awaiting_upload");
    desk.announce(&key).await;
    let _abandoned = desk.form("abandoned.txt", b"never posted").await;
    let candidate = desk.get("").await;
    assert_eq!(candidate["reading"]["status"], "parsed");
    assert_eq!(candidate["reading"]["file_name"], "cv.txt");
    assert_eq!(candidate["awaited"]["file_name"], "abandoned.txt");
    let listed = async |status: &str| {
        let path = format!("/candidates?reading={status}");
        let page = desk.world.get(&desk.broker, &path).await.expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((listed("parsed").await, listed("awaiting_upload").await), (1, 1));
    assert_eq!(listed("refused").await, 0);
}

#[tokio::test]
async fn a_page_can_light_up_what_a_field_was_read_from() {
    let desk = desk().await;
    let bytes = include_bytes!("../../../../../recruiting/resume/tests/cases/banner-employer-teams.pdf");
    let key = desk.form("cv.pdf", bytes).await;
    desk.post(&key, bytes).await;
    assert_eq!(desk.get("/resume").await["boxes"], Value::Null, "they are asked for");
    let shown = desk.get("/resume?boxes=true").await;
    let text: Vec<char> = shown["text"].as_str().unwrap().chars().collect();
    let name = &shown["resume"]["name"];
    let at = |value: &Value, member: &str| value[member].as_u64().unwrap();
    let span = &name["span"];
    let mut lit = String::new();
    let mut right = 0.0;
    for word in shown["boxes"].as_array().unwrap() {
        let (start, end) = (at(word, "start"), at(word, "end"));
        if at(span, "start") <= start && end <= at(span, "end") {
            lit.extend(&text[start as usize..end as usize]);
            lit.push(' ');
            let side = |name: &str| word[name].as_f64().unwrap();
            assert_eq!(at(word, "page"), 1);
            assert!(side("left") >= right && side("right") > side("left"), "{word}");
            assert!(
                side("bottom") > side("top") && side("bottom") < 200.0,
                "the name stands on top: {word}"
            );
            right = side("right");
        }
    }
    assert_eq!(Some(lit.trim()), name["value"].as_str());

    let plain = desk.form("cv.txt", ENGINEER.as_bytes()).await;
    desk.post(&plain, ENGINEER.as_bytes()).await;
    assert_eq!(
        desk.get("/resume?boxes=true").await["boxes"],
        json!([]),
        "text has no pages"
    );
}
