//! Chat on the deployed template: sockets through the gateway, frames through the function, rights as they are deployed.

use std::time::Duration;

use inventure_core::RoomId;
use inventure_realtime::{Ack, Action, Attached, Code, Content, Position, PresenceState, RoomView, ServerFrame, Step};
use inventure_testing::{Client, ClientError};
use inventure_tests::{Person, Stack, fetch, id, post_form};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const JOB: &str = "We look for a machinist.\n\nRequirements:\n- five years at the lathe\n\nLocation: Leeds.";

/// Two agencies that propose a deal, and its room.
pub struct Talk {
    pub one: Person,
    pub other: Person,
    pub outsider: Person,
    pub deal: String,
    pub room: RoomId,
}

/// Returns terms of a deal on a new job of this broker's, between the first two agencies. The third would rule over the deal.
fn terms(stack: &Stack, broker: &Person, [first, second, arbiter]: [&str; 3]) -> Value {
    let (_, employer) = stack.tenant("talk-employer", "employer");
    let job = json!({ "title": "Machinist", "description": JOB });
    let job = id(&broker.write("POST", "/jobs", &job).expect(201));
    let parts = json!({
        "template": "even", "job": job, "employer": employer, "job_side": first, "candidate_side": second,
        "arbiter": arbiter, "currency": "USD", "time_zone": "Europe/London",
    });
    broker.write("POST", "/deal-templates", &parts).expect(200)
}

impl Talk {
    pub fn new() -> Self {
        let stack = Stack::running();
        let (one, first) = stack.agency("talk-one");
        let (other, second) = stack.agency("talk-other");
        let (outsider, arbiter) = stack.agency("talk-outsider");
        let terms = terms(&stack, &one, [&first, &second, &arbiter]);
        let made = one.write("POST", "/deals", &json!({ "terms": terms })).expect(201);
        let deal = id(&made);
        // Who has said nothing in a deal is shown to nobody in its room.
        let sign = json!({ "kind": "signed", "terms_version": 1, "terms_hash": made["proposed"]["hash"] });
        let _ = other.write("POST", &format!("/deals/{deal}/moves"), &sign).expect(201);
        let room = one
            .write("POST", "/rooms", &json!({ "kind": "deal", "deal_id": deal }))
            .expect(201);
        Self {
            deal,
            room: id(&room).parse().unwrap(),
            one,
            other,
            outsider,
        }
    }

    pub async fn resume(&self, client: &mut Client, view: &mut RoomView) {
        let rooms = vec![view.position(self.room)];
        let Ok(Ack::Resume { rooms, unavailable }) = client.ask(Action::Resume { rooms }).await else {
            panic!("no resume");
        };
        assert!(unavailable.is_empty(), "{unavailable:?}");
        let _ = view.resumed(&rooms[0]);
    }

    pub fn said(&self, text: &str) -> Action {
        Action::Send {
            room: self.room,
            message: Uuid::new_v4(),
            text: text.to_owned(),
            mentions: Vec::new(),
            reply_to: None,
            attachments: Vec::new(),
        }
    }
}

pub async fn connect(who: &Person) -> Client {
    let ticket = who.write("POST", "/socket-tickets", &json!({})).expect(201);
    let (url, ticket) = (ticket["url"].as_str().unwrap(), ticket["ticket"].as_str().unwrap());
    Client::connect(url, ticket).await.unwrap()
}

/// The next frame that is no presence.
pub async fn hear(client: &mut Client) -> ServerFrame {
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(10), client.next()).await;
        match frame.expect("a frame in time").expect("an open connection") {
            ServerFrame::Presence { .. } => {}
            frame => return frame,
        }
    }
}

pub fn texts(view: &RoomView) -> Vec<String> {
    let text = |content| match content {
        Content::Text { text, .. } => Some(text),
        _ => None,
    };
    view.shown()
        .iter()
        .filter_map(|entry| text(entry.content.clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_brokers_talk_in_their_deals_room_and_miss_nothing() {
    let talk = Talk::new();
    let (mut one, mut other) = (connect(&talk.one).await, connect(&talk.other).await);
    let (mut mine, mut theirs) = (RoomView::default(), RoomView::default());
    talk.resume(&mut one, &mut mine).await;
    talk.resume(&mut other, &mut theirs).await;
    let Some(ServerFrame::Presence { presence }) = one.next().await else {
        panic!("nobody says that the other came");
    };
    assert_eq!(presence.state, PresenceState::Online);

    let sent = one.ask(talk.said("Can you start Monday?")).await.unwrap();
    assert!(matches!(sent, Ack::Entry { offset: 1, .. }), "{sent:?}");
    let ServerFrame::Entry { entry } = hear(&mut other).await else {
        panic!("no entry");
    };
    assert_eq!(theirs.take(entry), Step::Shown(1));

    // One is cut off, the other goes on talking.
    drop(other);
    for n in 0..5 {
        let _ = one.ask(talk.said(&format!("and {n}"))).await.unwrap();
    }
    let mut other = connect(&talk.other).await;
    talk.resume(&mut other, &mut theirs).await;
    assert_eq!(
        texts(&theirs),
        ["Can you start Monday?", "and 0", "and 1", "and 2", "and 3", "and 4"]
    );
    let _ = other.ask(talk.said("Yes.")).await.unwrap();
    let history = talk
        .one
        .get(&format!("/rooms/{}/entries?after=6", talk.room))
        .expect(200);
    assert_eq!(history["entries"][0]["content"]["text"], "Yes.");
    assert_eq!(talk.outsider.get(&format!("/rooms/{}/entries", talk.room)).status, 404);

    // The gateway hands over what is no frame, too.
    for (text, code) in [
        ("hello", Code::Malformed),
        (r#"{"v":1,"id":"x","action":"sudo"}"#, Code::UnknownAction),
    ] {
        one.send(tokio_tungstenite::tungstenite::Message::text(text))
            .await
            .unwrap();
        let refused = loop {
            if let ServerFrame::Error { code, .. } = hear(&mut one).await {
                break code;
            }
        };
        assert_eq!(refused, code);
    }

    // Nobody hears of a short break. Whose last connection stays closed is gone, and the queue has it said.
    drop(other);
    let gone = async {
        loop {
            let frame = one.next().await.expect("an open connection");
            if matches!(frame, ServerFrame::Presence { presence } if presence.state == PresenceState::Offline) {
                break;
            }
        }
    };
    let gone = tokio::time::timeout(Duration::from_mins(1), gone).await;
    gone.expect("somebody says that the other is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_table_was_set_back_clients_are_told_that_their_history_is_void() {
    let talk = Talk::new();
    let (mut one, mut view) = (connect(&talk.one).await, RoomView::default());
    talk.resume(&mut one, &mut view).await;
    let _ = one.ask(talk.said("before")).await.unwrap();
    let told = Stack::running()
        .xtask(&["restored", "--room", &talk.room.to_string()])
        .unwrap();
    assert!(told.starts_with("1 rooms have a new epoch"), "{told}");
    let rooms = vec![view.position(talk.room)];
    let Ok(Ack::Resume { rooms, .. }) = one.ask(Action::Resume { rooms }).await else {
        panic!("no resume");
    };
    assert!(view.resumed(&rooms[0]).is_some(), "lost, and not passed over");
    assert_eq!(texts(&view), ["before"], "and taken anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_needs_a_fresh_ticket_and_a_room_its_people() {
    let talk = Talk::new();
    let ticket = talk.one.write("POST", "/socket-tickets", &json!({})).expect(201);
    let (url, ticket) = (ticket["url"].as_str().unwrap(), ticket["ticket"].as_str().unwrap());
    let first = Client::connect(url, ticket).await;
    assert!(first.is_ok());
    for used in [ticket, "guess"] {
        let refused = Client::connect(url, used).await.err();
        assert!(matches!(refused, Some(ClientError::Refused(403))), "{refused:?}");
    }
    let mut outsider = connect(&talk.outsider).await;
    let rooms = vec![Position {
        room: talk.room,
        epoch: None,
        offset: 0,
    }];
    let Ok(Ack::Resume { rooms, unavailable }) = outsider.ask(Action::Resume { rooms }).await else {
        panic!("no answer");
    };
    assert_eq!((rooms.len(), unavailable[0].code), (0, Code::NoSuchRoom));
    let refused = outsider.ask(talk.said("let me in")).await;
    assert!(
        matches!(&refused, Err(ClientError::Frame(refusal)) if refusal.code == Code::NoSuchRoom),
        "{refused:?}"
    );
    assert!(
        talk.one.get(&format!("/rooms/{}/entries", talk.room)).expect(200)["entries"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_through_the_bucket_with_its_message_and_goes_with_it() {
    let (stack, talk) = (Stack::running(), Talk::new());
    let (mut one, mut other) = (connect(&talk.one).await, connect(&talk.other).await);
    let mut theirs = RoomView::default();
    talk.resume(&mut other, &mut theirs).await;
    let file = b"%PDF-1.7 the annex";
    let attachments = format!("/rooms/{}/attachments", talk.room);
    let new = json!({ "file_name": "annex.pdf", "media_type": "application/pdf", "size_bytes": file.len() });
    let form = talk.one.write("POST", &attachments, &new).expect(201);
    let path = format!("{attachments}/{}", form["attachment_id"].as_str().unwrap());
    let posted = json!({ "sha256": hex::encode(Sha256::digest(file)) });
    let early = talk.one.write("POST", &path, &posted).expect(422);
    assert_eq!(
        early["errors"][0]["field"], "attachment_id",
        "not there is not the same as not allowed"
    );
    assert!(matches!(post_form(&form, file).status, 200 | 204));
    let view = talk.one.write("POST", &path, &posted).expect(201);
    let attached = Attached {
        id: view["id"].as_str().unwrap().parse().unwrap(),
        file_name: "annex.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: file.len() as u64,
        sha256: view["sha256"].as_str().unwrap().to_owned(),
    };
    let Action::Send { room, message, .. } = talk.said("") else {
        unreachable!()
    };
    let send = Action::Send {
        room,
        message,
        text: String::new(),
        mentions: Vec::new(),
        reply_to: None,
        attachments: vec![attached.clone()],
    };
    let Ok(Ack::Entry { offset, .. }) = one.ask(send).await else {
        panic!("not sent")
    };
    let ServerFrame::Entry { entry } = hear(&mut other).await else {
        panic!("no entry");
    };
    assert!(matches!(&entry.content, Content::Text { attachments, .. } if *attachments == [attached]));
    let opened = talk.other.get(&path).expect(200);
    let url = opened["link"]["url"].as_str().unwrap();
    let found = fetch(url);
    assert_eq!((found.status, found.bytes.as_slice()), (200, file.as_slice()));
    assert_eq!(talk.outsider.get(&path).status, 404);

    let delete = Action::Delete {
        room,
        message: Uuid::new_v4(),
        target: offset,
    };
    let _ = one.ask(delete).await.unwrap();
    assert_eq!(talk.other.get(&path).status, 404, "at once");
    stack.send("FanoutQueueUrl", r#"{"sweep":{}}"#);
    inventure_tests::wait("the file to go, also for who has a link", || {
        (fetch(url).status == 404).then_some(())
    });
    let dead = stack.take("FanoutDlqUrl", |message| message.contains(&room.to_string()));
    assert!(dead.is_empty(), "{dead:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_reaches_people_on_their_sockets_in_their_inbox_and_by_mail() {
    let stack = Stack::running();
    let (one, first) = stack.agency("told-one");
    let (other, second) = stack.agency("told-other");
    let mut device = connect(&other).await;
    let (_, arbiter) = stack.agency("told-arbiter");
    let terms = terms(&stack, &one, [&first, &second, &arbiter]);
    // With the day's mail, which for this person goes out in some seconds.
    let soon = jiff::civil::Time::from(utc_now() + jiff::SignedDuration::from_secs(8));
    let daily = json!({ "socket": true, "inbox": true, "mail": "daily" });
    let wishes = json!({
        "version": 0, "kinds": { "deal_shared": daily }, "daily_at": soon.strftime("%H:%M:%S").to_string(), "time_zone": "UTC",
    });
    let _ = other.write("PUT", "/notification-preferences", &wishes).expect(200);
    let deal = id(&one.write("POST", "/deals", &json!({ "terms": terms })).expect(201));
    let ServerFrame::Notification { notification } = hear(&mut device).await else {
        panic!("no notification");
    };
    let about = notification.about.deal_id.map(|id| id.to_string());
    assert_eq!(about.as_deref(), Some(deal.as_str()));
    // It is pushed first and kept a moment later: whether somebody sits in front of it decides about the mail.
    inventure_tests::wait("the inbox", || {
        let listed = other.get("/notifications").expect(200);
        (listed["items"][0]["kind"] == "deal_shared").then_some(())
    });
    assert_eq!(
        one.get("/notifications/unread").expect(200)["count"],
        0,
        "who proposed knows"
    );

    // The schedule asks every minute; here it is asked until the hour has come.
    let text = inventure_tests::wait("a mail", || {
        stack.mail_to(&other.email).or_else(|| {
            stack.send("NotifierQueueUrl", r#"{"mail":{}}"#);
            std::thread::park_timeout(Duration::from_secs(1));
            None
        })
    });
    assert!(text.contains("1 × terms to sign"), "{text}");
    // Its link opens a page and, asked with one click, ends such mails.
    let link = text
        .split_whitespace()
        .find(|word| word.contains("/unsubscribe?"))
        .expect("a link");
    let page = stack.visit(link).expect(200);
    assert!(page.as_str().is_some_and(|page| page.contains("<form")), "{page}");
    let mail = |who: &inventure_tests::Person| {
        let now = who.get("/notification-preferences").expect(200);
        now["kinds"]["deal_shared"]["mail"].clone()
    };
    assert_eq!(mail(&other), "daily", "who only follows the link ends nothing");
    let _ = stack.post(link, &json!({})).expect(200);
    assert_eq!(mail(&other), "never");
    let dead = stack.take("NotifierDlqUrl", |message| message.contains(&deal));
    assert!(dead.is_empty(), "{dead:?}");
}

#[expect(clippy::disallowed_methods, reason = "the tests' own clock")]
fn utc_now() -> jiff::civil::DateTime {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).datetime()
}
