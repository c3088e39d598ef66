//! Files of rooms in memory: from a form to a message, to whom they come, and how they go.

use inventure_api::clock;
use inventure_core::AttachmentId;
use inventure_rooms::{Job, records::Attachment};
use inventure_table::{Change, Objects};
use inventure_testing::{Answer, Device, Person, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{live::sealed::device, money::deals::Room as Deal};

struct Files {
    deal: Deal,
    room: String,
    one: Device,
    other: Device,
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn texts(of: &Value) -> &str {
    of.as_str().unwrap_or_default()
}

impl Files {
    async fn new(encrypted: bool) -> Self {
        let deal = Deal::new("even").await;
        let body = json!({ "kind": "deal", "deal_id": deal.deal, "encrypted": encrypted });
        let room = deal
            .job_side
            .write(&deal.world.app, "POST", "/rooms", body)
            .await
            .expect(201);
        Self {
            room: texts(&room["id"]).to_owned(),
            one: deal.world.connect(&deal.job_side).await,
            other: deal.world.connect(&deal.candidate_side).await,
            deal,
        }
    }

    fn world(&self) -> &World {
        &self.deal.world
    }

    async fn form(&self, who: &Person, body: Value) -> Answer {
        let path = format!("/rooms/{}/attachments", self.room);
        who.write(&self.world().app, "POST", &path, body).await
    }

    /// A form of the first agency's, with its file posted.
    async fn posted(&self, bytes: &[u8]) -> String {
        let body = json!({ "file_name": "annex.pdf", "media_type": "application/pdf", "size_bytes": bytes.len() });
        let form = self.form(&self.deal.job_side, body).await.expect(201);
        self.world()
            .documents
            .put(texts(&form["fields"]["key"]), bytes.to_vec())
            .await
            .unwrap();
        texts(&form["attachment_id"]).to_owned()
    }

    async fn take(&self, who: &Person, id: &str, sha256: &str) -> Answer {
        let path = format!("/rooms/{}/attachments/{id}", self.room);
        who.write(&self.world().app, "POST", &path, json!({ "sha256": sha256 }))
            .await
    }

    /// A file that was taken, as a message names it.
    async fn taken(&self, bytes: &[u8]) -> Value {
        let id = self.posted(bytes).await;
        let view = self.take(&self.deal.job_side, &id, &sha256(bytes)).await.expect(201);
        json!({
            "id": view["id"], "file_name": view["file_name"], "media_type": view["media_type"],
            "bytes": view["bytes"], "sha256": view["sha256"],
        })
    }

    async fn send(&self, from: &Device, message: Uuid, text: &str, files: &[&Value]) -> Value {
        let action =
            json!({ "action": "send", "room": self.room, "message": message, "text": text, "attachments": files });
        self.world().sockets.ask(from, action).await
    }

    async fn get(&self, who: &Person, id: &Value) -> Answer {
        let path = format!("/rooms/{}/attachments/{}", self.room, texts(id));
        self.world().get(who, &path).await
    }

    async fn sweep(&self, now: Timestamp) {
        self.world().sockets.work(Job::Sweep {}, now).await.unwrap();
    }

    fn kept(&self) -> Vec<String> {
        self.world().documents.keys()
    }
}

#[tokio::test]
async fn a_file_comes_with_its_message_to_whom_the_message_comes() {
    let files = Files::new(false).await;
    let deal = &files.deal;
    let file = files.taken(b"annex, signed").await;
    assert_eq!(
        files.get(&deal.candidate_side, &file["id"]).await.problem(404),
        "not-found",
        "not sent yet"
    );
    let _own = files.get(&deal.job_side, &file["id"]).await.expect(200);
    let rooms = json!([{ "room": files.room }]);
    let resume = json!({ "action": "resume", "rooms": rooms });
    assert_eq!(files.world().sockets.ask(&files.other, resume).await["type"], "ack");
    let message = Uuid::new_v4();
    let sent = files.send(&files.one, message, "", &[&file]).await;
    assert_eq!((&sent["type"], &sent["offset"]), (&json!("ack"), &json!(1)), "{sent}");
    assert_eq!(
        files.send(&files.one, message, "", &[&file]).await,
        sent,
        "sent again, it counts once"
    );
    let heard = files.world().sockets.lines.heard(&files.other);
    let entry = heard.iter().find(|frame| frame["type"] == "entry").unwrap();
    assert_eq!(entry["content"]["attachments"], json!([file]));
    let opened = files.get(&deal.candidate_side, &file["id"]).await.expect(200);
    assert_eq!(
        (&opened["file_name"], &opened["offset"]),
        (&json!("annex.pdf"), &json!(1))
    );
    let url = texts(&opened["link"]["url"]);
    assert!(
        url.contains("/attachments/") && url.contains("X-Amz-Signature="),
        "{url}"
    );
    for stranger in [&deal.employer, &Person::named("nobody-here")] {
        assert!([403, 404].contains(&files.get(stranger, &file["id"]).await.status.as_u16()));
    }
}

#[tokio::test]
async fn a_file_is_taken_once_as_it_is_and_sent_once_by_its_sender() {
    let files = Files::new(false).await;
    let (one, other) = (&files.deal.job_side, &files.deal.candidate_side);
    for (body, field) in [
        (
            json!({ "file_name": "a.exe", "media_type": "application/x-msdownload", "size_bytes": 1 }),
            "media_type",
        ),
        (
            json!({ "file_name": "a.pdf", "media_type": "application/pdf", "size_bytes": 10_000_001 }),
            "size_bytes",
        ),
        (json!({ "media_type": "application/pdf", "size_bytes": 1 }), "file_name"),
    ] {
        assert_eq!(files.form(one, body).await.expect(422)["errors"][0]["field"], field);
    }
    let body = json!({ "file_name": "a.pdf", "media_type": "application/pdf", "size_bytes": 1 });
    assert_eq!(
        files.form(&files.deal.employer, body.clone()).await.problem(404),
        "not-found"
    );
    let empty = files.form(one, body).await.expect(201);
    let empty = texts(&empty["attachment_id"]);
    assert_eq!(
        files.take(one, empty, &sha256(b"")).await.problem(422),
        "invalid-body",
        "not posted"
    );

    let id = files.posted(b"as posted").await;
    assert_eq!(
        files.take(one, &id, &sha256(b"another")).await.expect(422)["errors"][0]["field"],
        "sha256"
    );
    assert_eq!(
        files.take(other, &id, &sha256(b"as posted")).await.problem(404),
        "not-found"
    );
    let view = files.take(one, &id, &sha256(b"as posted")).await.expect(201);
    assert_eq!(files.take(one, &id, &sha256(b"as posted")).await.expect(201), view);
    assert_eq!(
        files.take(one, &id, &sha256(b"another")).await.problem(409),
        "already-exists"
    );
    // Posted again with the same form: what was taken stays.
    let posted = format!("incoming/attachments/{}/{id}", files.room);
    files
        .world()
        .documents
        .put(&posted, b"something else".to_vec())
        .await
        .unwrap();
    let object = format!("attachments/{}/{id}", files.room);
    let kept = files.world().documents.get(&object, 100).await.unwrap().unwrap();
    assert_eq!(kept, b"as posted");

    let file = files.taken(b"annex").await;
    let with = |name: &str, value: Value| {
        let mut changed = file.clone();
        changed[name] = value;
        changed
    };
    let unknown = with("id", json!("att_00000000000070008000000000000000"));
    for wrong in [
        with("file_name", json!("another.pdf")),
        with("media_type", json!("text/plain")),
        with("bytes", json!(1)),
        with("sha256", json!(sha256(b"another"))),
        unknown,
    ] {
        let refused = files.send(&files.one, Uuid::new_v4(), "with it", &[&wrong]).await;
        assert_eq!(refused["code"], "no-such-entry", "{wrong}");
    }
    for (from, list) in [(&files.other, vec![&file]), (&files.one, vec![&file, &file])] {
        let refused = files.send(from, Uuid::new_v4(), "with it", &list).await;
        assert_eq!(refused["code"], "no-such-entry");
    }
    let many = vec![&file; 11];
    assert_eq!(
        files.send(&files.one, Uuid::new_v4(), "with it", &many).await["code"],
        "too-large"
    );
    assert_eq!(
        files.send(&files.one, Uuid::new_v4(), " ", &[]).await["code"],
        "malformed"
    );
    assert_eq!(
        files.send(&files.one, Uuid::new_v4(), "with it", &[&file]).await["type"],
        "ack"
    );
    let again = files.send(&files.one, Uuid::new_v4(), "with it", &[&file]).await;
    assert_eq!(again["code"], "no-such-entry", "it came with a message");
}

#[tokio::test]
async fn what_was_put_first_counts_and_nothing_is_taken_near_its_end() {
    let files = Files::new(false).await;
    let one = &files.deal.job_side;
    // Of two who take at once the first counts: what was put for it does not change under who has it.
    let id = files.posted(b"second").await;
    let object = format!("attachments/{}/{id}", files.room);
    files.world().documents.put(&object, b"first".to_vec()).await.unwrap();
    let refused = files.take(one, &id, &sha256(b"second")).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "attachment_id");
    assert_eq!(
        files.world().documents.get(&object, 100).await.unwrap().unwrap(),
        b"first"
    );
    // Near its end a file is not taken any more, or it could meet its erasure.
    let id = files.posted(b"late").await;
    let store = &files.world().store;
    let key = Attachment::key_of(files.room.parse().unwrap(), id.parse().unwrap());
    let mut record: Attachment = store.get(&key).await.unwrap().unwrap();
    record.at = clock::now() - SignedDuration::from_hours(23) - SignedDuration::from_secs(1);
    let _ = store
        .commit(Change::new().update(&record, record.version))
        .await
        .unwrap();
    assert_eq!(files.take(one, &id, &sha256(b"late")).await.problem(404), "not-found");
}

#[tokio::test]
async fn a_removed_message_takes_its_files_along() {
    let files = Files::new(false).await;
    let (file, stays) = (files.taken(b"annex").await, files.taken(b"stays").await);
    let sent = files.send(&files.one, Uuid::new_v4(), "with it", &[&file]).await;
    let _ = files.send(&files.one, Uuid::new_v4(), "with another", &[&stays]).await;
    let message = Uuid::new_v4();
    let delete = json!({ "action": "delete", "room": files.room, "message": message, "target": sent["offset"] });
    let removed = files.world().sockets.ask(&files.one, delete.clone()).await;
    assert_eq!(removed["type"], "ack", "{removed}");
    for who in [&files.deal.job_side, &files.deal.candidate_side] {
        assert_eq!(files.get(who, &file["id"]).await.problem(404), "not-found", "at once");
    }
    assert_eq!(files.world().sockets.ask(&files.one, delete).await, removed);
    assert_eq!(
        files
            .kept()
            .iter()
            .filter(|key| key.contains(texts(&file["id"])))
            .count(),
        2
    );
    files.sweep(clock::now() + SignedDuration::from_secs(1)).await;
    let kept = files.kept();
    assert!(kept.iter().all(|key| !key.contains(texts(&file["id"]))), "{kept:?}");
    assert!(
        kept.iter()
            .any(|key| key.starts_with("attachments/") && key.contains(texts(&stays["id"])))
    );
    let _there = files.get(&files.deal.candidate_side, &stays["id"]).await.expect(200);
    let records = format!("{:?}", files.world().table.items());
    assert!(!records.contains(&format!("ATTACHMENT#{}", texts(&file["id"]))));
}

#[tokio::test]
async fn what_nobody_sends_is_erased_after_a_day() {
    let files = Files::new(false).await;
    let (sent, waits) = (files.taken(b"sent").await, files.taken(b"waits").await);
    let posted = files.posted(b"posted").await;
    assert_eq!(
        files.send(&files.one, Uuid::new_v4(), "with it", &[&sent]).await["type"],
        "ack"
    );
    files.sweep(clock::now() + SignedDuration::from_hours(23)).await;
    assert_eq!(files.kept().len(), 5);
    // It dies after it has said that the file goes, and before it went.
    files.world().documents.fail_next(1);
    let late = clock::now() + SignedDuration::from_hours(25);
    let failed = files.world().sockets.work(Job::Sweep {}, late).await;
    assert!(failed.is_err());
    let again = files.send(&files.one, Uuid::new_v4(), "too late", &[&waits]).await;
    files.sweep(late).await;
    let kept = files.kept();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept.iter().all(|key| key.contains(texts(&sent["id"]))), "{kept:?}");
    assert!(!kept.iter().any(|key| key.contains(&posted)));
    assert_eq!(again["code"], "no-such-entry", "it had been said that it goes");
    assert_eq!(
        files.get(&files.deal.job_side, &waits["id"]).await.problem(404),
        "not-found"
    );
}

#[tokio::test]
async fn a_file_that_does_not_go_keeps_no_other_from_going() {
    let files = Files::new(false).await;
    let store = &files.world().store;
    let taken = files.taken(b"one of many").await;
    let key = Attachment::key_of(files.room.parse().unwrap(), texts(&taken["id"]).parse().unwrap());
    let one: Attachment = store.get(&key).await.unwrap().unwrap();
    // More than are looked at at once.
    for _ in 0..149 {
        let another = Attachment {
            attachment_id: AttachmentId::new(),
            erased_at: Some(clock::now()),
            ..one.clone()
        };
        let _ = store.commit(Change::new().insert(&another)).await.unwrap();
    }
    let left = || {
        format!("{:?}", files.world().table.items())
            .matches("ATTACHMENT#")
            .count()
    };
    let before = left();
    let late = clock::now() + SignedDuration::from_hours(25);
    // The first hundred do not go.
    files.world().documents.fail_next(100);
    assert!(files.world().sockets.work(Job::Sweep {}, late).await.is_err());
    assert_eq!(left() * 3, before * 2, "the others went");
    files.sweep(late).await;
    assert_eq!(left(), 0);
}

#[tokio::test]
async fn a_sealed_file_has_no_name_and_opens_with_what_is_in_the_message() {
    let files = Files::new(true).await;
    let one = &files.deal.job_side;
    for body in [
        json!({ "file_name": "fees.pdf", "media_type": "application/octet-stream", "size_bytes": 1 }),
        json!({ "media_type": "application/pdf", "size_bytes": 1 }),
    ] {
        assert_eq!(files.form(one, body).await.problem(422), "invalid-body");
    }
    let (key, sealed) = inventure_e2ee::seal_file(b"kestrel fees").unwrap();
    let body = json!({ "media_type": "application/octet-stream", "size_bytes": sealed.len() });
    let form = files.form(one, body).await.expect(201);
    let object = texts(&form["fields"]["key"]);
    files.world().documents.put(object, sealed.clone()).await.unwrap();
    let id = texts(&form["attachment_id"]);
    let view = files.take(one, id, &sha256(&sealed)).await.expect(201);
    assert_eq!(view["file_name"], Value::Null);
    let kept = format!("attachments/{}/{id}", files.room);
    let stored = files.world().documents.get(&kept, 1_000).await.unwrap().unwrap();
    assert!(!stored.windows(7).any(|part| part == b"kestrel"));
    let (mut mine, mut theirs) = (
        device(files.world(), one).await,
        device(files.world(), &files.deal.candidate_side).await,
    );
    let room = files.room.parse().unwrap();
    mine.tidy(room).await.unwrap();
    let said = serde_json::to_string(&json!({ "file_name": "fees.pdf", "key": key })).unwrap();
    let attachment = id.parse().unwrap();
    mine.seal_with(room, Uuid::new_v4(), &said, vec![attachment])
        .await
        .unwrap();
    theirs.catch_up(room).await.unwrap();
    let heard: Value = serde_json::from_str(theirs.texts(room)[0]).unwrap();
    let key = serde_json::from_value(heard["key"].clone()).unwrap();
    assert_eq!(
        inventure_e2ee::open_file(&key, &stored).unwrap().as_slice(),
        b"kestrel fees"
    );
    let opened = files.get(&files.deal.candidate_side, &json!(id)).await.expect(200);
    assert_eq!(opened["offset"], 2);
    // One that is to go, since nobody has sent it in time, does not come with a message any more.
    let body = json!({ "media_type": "application/octet-stream", "size_bytes": sealed.len() });
    let form = files.form(one, body).await.expect(201);
    let object = texts(&form["fields"]["key"]);
    files.world().documents.put(object, sealed.clone()).await.unwrap();
    let late = texts(&form["attachment_id"]);
    let _ = files.take(one, late, &sha256(&sealed)).await.expect(201);
    files.world().documents.fail_next(1);
    let sweep = Job::Sweep {};
    let died = files
        .world()
        .sockets
        .work(sweep, clock::now() + SignedDuration::from_hours(25))
        .await;
    assert!(died.is_err());
    let refused = mine
        .seal_with(room, Uuid::new_v4(), &said, vec![late.parse().unwrap()])
        .await;
    assert_eq!(refused.unwrap_err().code, inventure_realtime::Code::NoSuchEntry);
    let again = mine.seal_with(room, Uuid::new_v4(), &said, vec![attachment]).await;
    assert_eq!(again.unwrap_err().code, inventure_realtime::Code::NoSuchEntry);
}
