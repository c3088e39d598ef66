//! Encrypted rooms on the deployed template: devices over the gateway and the API, and what the platform is left with.

use base64::{Engine, engine::general_purpose::STANDARD};
use inventure_core::{MemberId, RoomId};
use inventure_e2ee::{Device, DeviceName, Error};
use inventure_realtime::{Ack, Action, Code, Content, Refusal};
use inventure_testing::{Client, ClientError, Heard, Sealed, Wire};
use inventure_tests::{Person, Stack, id};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::live::chat::{Talk, connect};

/// A person's device on the wire.
struct Line {
    person: Person,
    client: Client,
}

impl Wire for Line {
    async fn http(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let answer = match method {
            "GET" => self.person.get(path),
            method => self.person.write(method, path, &body),
        };
        (answer.status, answer.body)
    }

    async fn frame(&mut self, action: Action) -> Result<Ack, Refusal> {
        match self.client.ask(action).await {
            Ok(ack) => Ok(ack),
            Err(ClientError::Frame(refusal)) => Err(refusal),
            Err(lost) => panic!("{lost:?}"),
        }
    }
}

async fn device(person: &Person) -> Sealed<Line> {
    let me = person.get("/me").expect(200);
    let member: MemberId = me["member"]["id"].as_str().unwrap().parse().unwrap();
    let line = Line {
        person: person.clone(),
        client: connect(person).await,
    };
    Sealed::new(line, member).await.unwrap()
}

/// Returns a word as text, as hexadecimal, and inside of something longer as base64, wherever it begins.
fn spellings(word: &str) -> Vec<String> {
    let inside = |shift: usize| {
        let encoded = STANDARD.encode(format!("{}{word}", "x".repeat(shift)));
        // The digits at its ends depend on what is around it.
        encoded[4..encoded.len() - 4].to_owned()
    };
    let mut spellings = vec![word.to_owned(), hex::encode(word)];
    spellings.extend((0..3).map(inside));
    spellings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_in_an_encrypted_room_is_nowhere_on_the_platform() {
    let (stack, talk) = (Stack::running(), Talk::new());
    let body = json!({ "kind": "deal", "deal_id": talk.deal, "encrypted": true });
    let room: RoomId = id(&talk.one.write("POST", "/rooms", &body).expect(201))
        .parse()
        .unwrap();
    let (mut one, mut other, mut phone) = (
        device(&talk.one).await,
        device(&talk.other).await,
        device(&talk.other).await,
    );
    one.tidy(room).await.unwrap();
    one.say(room, "the floor is quetzalcoatlus").await.unwrap();
    for device in [&mut other, &mut phone] {
        device.catch_up(room).await.unwrap();
        assert_eq!(device.texts(room), ["the floor is quetzalcoatlus"]);
    }
    phone.say(room, "and ours is archaeopteryx").await.unwrap();
    other.update(room).await.unwrap();

    // The telephone is lost, with its keys and a person who is signed in.
    phone.catch_up(room).await.unwrap();
    let stolen = phone.device.save().unwrap();
    let path = format!("/mls/devices/{}", phone.device.name().device);
    assert_eq!(other.wire.http("DELETE", &path, json!({})).await.0, 204);
    one.catch_up(room).await.unwrap();
    let refused = one.seal(room, Uuid::new_v4(), "not to the thief").await.unwrap_err();
    assert_eq!(refused.code, Code::DevicesOut);
    one.say(room, "then it is microraptor").await.unwrap();
    let after = Action::History {
        room,
        after: 0,
        before: None,
        limit: None,
    };
    let Ok(Ack::History { entries, .. }) = one.wire.frame(after).await else {
        panic!("no history");
    };
    let Some(Content::Sealed { sealed, .. }) = entries.last().map(|entry| &entry.content) else {
        panic!("{:?}", entries.last());
    };
    let sender = entries.last().unwrap().sender;
    let mut thief = Device::restore(&stolen).unwrap();
    let opened = thief.open_message(room, sender, &sealed.0);
    assert!(matches!(opened, Err(Error::Ahead { .. })), "{opened:?}");
    // The commit before it has removed the telephone: whoever has it sees so, and reads nothing then either.
    let before = &entries[entries.len() - 2];
    let Content::Commit { commit, device, .. } = &before.content else {
        panic!("{before:?}");
    };
    let by = DeviceName {
        member: before.sender,
        device: *device,
    };
    assert!(thief.open_commit(room, by, &commit.0).unwrap().removed_self);
    assert_eq!(
        thief.open_message(room, sender, &sealed.0),
        Err(Error::NoSuchRoom(room))
    );
    for device in [&mut one, &mut other] {
        device.catch_up(room).await.unwrap();
        assert_eq!(device.texts(room).last(), Some(&"then it is microraptor"));
        assert!(
            !device
                .heard(room)
                .iter()
                .any(|heard| matches!(heard, Heard::Closed(_) | Heard::Lie(_)))
        );
    }
    assert_eq!(one.texts(room), other.texts(room));
    assert_eq!(talk.outsider.get(&format!("/mls/rooms/{room}")).status, 404);

    // What is said in the open is in the store, so what is not found there would have been.
    let text = Action::Send {
        room: talk.room,
        message: Uuid::new_v4(),
        text: "in the open: pteranodon".to_owned(),
        mentions: Vec::new(),
        reply_to: None,
        attachments: Vec::new(),
    };
    let _ = one.wire.frame(text).await.unwrap();
    let stored = format!(
        "{}{}",
        stack.table_text("MainTableName"),
        stack.table_text("ConnectionsTableName")
    );
    assert!(stored.contains("pteranodon"));
    let lines = stack.log_lines();
    for function in ["chat", "mls"] {
        let ours = format!("-{function}");
        assert!(
            lines.iter().any(|(name, _)| name.ends_with(&ours)),
            "{function} says nothing"
        );
    }
    for word in ["quetzalcoatlus", "archaeopteryx", "microraptor", "not to the thief"] {
        for word in spellings(word) {
            assert!(!stored.contains(&word), "{word} is stored");
            assert!(lines.iter().all(|(_, line)| !line.contains(&word)), "{word} is logged");
        }
    }
    assert!(lines.iter().all(|(_, line)| !line.contains("pteranodon")));
}
