//! The sockets in memory: who connects, what a room hears, what is missed, and who is there.

use inventure_api::clock;
use inventure_core::{MemberId, RoomId};
use inventure_realtime::{Position, RoomState, RoomView, ServerFrame};
use inventure_rooms::{
    RoomAccess,
    records::{Room, RoomCursor},
};
use inventure_testing::{Device, ORIGIN, Person};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::money::deals::Room as Deal;

/// A deal between two agencies and its room.
pub struct Talk {
    pub deal: Deal,
    pub room: Value,
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub fn later(seconds: i64) -> jiff::Timestamp {
    clock::now() + SignedDuration::from_secs(seconds)
}

/// The texts of the entries among frames or in a history.
pub fn texts(frames: &[Value]) -> Vec<String> {
    let said = |frame: &Value| frame["content"]["text"].as_str().map(str::to_owned);
    frames.iter().filter_map(said).collect()
}

pub fn code(answer: &Value) -> &str {
    assert_eq!(answer["type"], "error", "{answer}");
    answer["code"].as_str().unwrap()
}

impl Talk {
    pub async fn new() -> Self {
        let deal = Box::pin(Deal::signed("even")).await;
        let body = json!({ "kind": "deal", "deal_id": deal.deal });
        let room = deal
            .job_side
            .write(&deal.world.app, "POST", "/rooms", body)
            .await
            .expect(201);
        Self {
            room: room["id"].clone(),
            deal,
        }
    }

    pub async fn ask(&self, device: &Device, action: Value) -> Value {
        self.deal.world.sockets.ask(device, action).await
    }

    pub async fn resume(&self, device: &Device, epoch: &Value, offset: u64) -> Value {
        let rooms = json!([{ "room": self.room, "epoch": epoch, "offset": offset }]);
        let answer = self.ask(device, json!({ "action": "resume", "rooms": rooms })).await;
        assert_eq!(answer["of"], "resume", "{answer}");
        answer
    }

    /// A device that receives the room.
    pub async fn device(&self, who: &Person) -> Device {
        let device = self.deal.world.connect(who).await;
        let answer = self.resume(&device, &Value::Null, 0).await;
        assert_eq!(answer["rooms"][0]["room"], self.room, "{answer}");
        device
    }

    pub async fn send_as(&self, device: &Device, message: Uuid, text: &str) -> Value {
        let room = &self.room;
        self.ask(
            device,
            json!({ "action": "send", "room": room, "message": message, "text": text }),
        )
        .await
    }

    pub async fn send(&self, device: &Device, text: &str) -> Value {
        self.send_as(device, Uuid::new_v4(), text).await
    }

    pub fn heard(&self, device: &Device) -> Vec<Value> {
        self.deal.world.sockets.lines.heard(device)
    }
}

#[tokio::test]
async fn a_ticket_is_good_once_for_a_short_while_and_for_our_pages() {
    let talk = Talk::new().await;
    let (world, person) = (&talk.deal.world, &talk.deal.job_side);
    let ticket = async || text(&world.ticket(person).await.expect(201)["ticket"]);
    let sockets = &world.sockets;
    let now = clock::now();
    let first = ticket().await;
    assert!(
        !format!("{:?}", sockets.connections.items()).contains(&first),
        "the table does not hold it"
    );
    let _ = sockets.handshake(&first, Some(ORIGIN), now).await.unwrap();
    assert_eq!(
        sockets.handshake(&first, Some(ORIGIN), now).await.unwrap_err(),
        403,
        "used"
    );
    let program = ticket().await;
    let _ = sockets.handshake(&program, None, now).await.unwrap();
    let stolen = ticket().await;
    assert_eq!(
        sockets
            .handshake(&stolen, Some("https://evil.example"), now)
            .await
            .unwrap_err(),
        403
    );
    let _ = sockets.handshake(&stolen, Some(ORIGIN), now).await.unwrap();
    let late = ticket().await;
    assert_eq!(sockets.handshake(&late, None, later(61)).await.unwrap_err(), 403);
    assert_eq!(sockets.handshake("guess", None, now).await.unwrap_err(), 403);
    let (one, other) = {
        let raced = ticket().await;
        futures_util::join!(
            sockets.handshake(&raced, None, now),
            sockets.handshake(&raced, None, now)
        )
    };
    assert!(one.is_ok() != other.is_ok(), "of two at once one wins");
}

#[tokio::test]
async fn what_is_said_reaches_everybody_in_the_room_in_order_and_nobody_else() {
    let talk = Talk::new().await;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    let outsider = talk.deal.world.connect(&talk.deal.employer).await;
    let refused = talk
        .ask(
            &outsider,
            json!({ "action": "resume", "rooms": [{ "room": talk.room }] }),
        )
        .await;
    assert_eq!(
        (&refused["rooms"], &refused["unavailable"][0]["code"]),
        (&json!([]), &json!("no-such-room"))
    );
    let _ = talk.heard(&one);
    for n in 1..=3_u64 {
        let sent = talk.send(&one, &format!("{n}")).await;
        assert_eq!((&sent["type"], &sent["offset"]), (&json!("ack"), &json!(n)), "{sent}");
    }
    let heard = talk.heard(&other);
    let entries: Vec<&Value> = heard.iter().filter(|frame| frame["type"] == "entry").collect();
    assert_eq!(
        entries
            .iter()
            .map(|entry| entry["offset"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(texts(&heard), ["1", "2", "3"]);
    assert_eq!(
        texts(&talk.heard(&one)),
        ["1", "2", "3"],
        "the sender's devices hear it too"
    );
    assert!(talk.heard(&outsider).is_empty());
    let outside = talk.send(&outsider, "let me in").await;
    assert_eq!(code(&outside), "no-such-room");
    let nowhere = json!({ "action": "typing", "room": "rom_00000000000070008000000000000000" });
    assert_eq!(
        talk.ask(&outsider, nowhere).await["detail"],
        outside["detail"],
        "what is hidden looks like what is not"
    );
}

#[tokio::test]
async fn a_message_that_is_sent_again_counts_once() {
    let talk = Talk::new().await;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    let message = Uuid::new_v4();
    let first = talk.send_as(&one, message, "once").await;
    let again = talk.send_as(&one, message, "once").await;
    assert_eq!(first, again);
    assert_eq!(code(&talk.send_as(&one, message, "twice").await), "conflict");
    let theirs = talk.send_as(&other, message, "mine").await;
    assert_eq!(theirs["offset"], 2, "an id is its sender's: {theirs}");
    let offsets: Vec<u64> = talk
        .heard(&other)
        .iter()
        .filter_map(|frame| frame["offset"].as_u64())
        .collect();
    assert_eq!(
        offsets,
        [1, 1, 2],
        "handed out again, for whoever missed it, at the same place"
    );
}

#[tokio::test]
async fn many_who_send_at_once_leave_no_gap_and_lose_nothing() {
    let talk = Talk::new().await;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    let sends = (0..60).map(|n| {
        let device = if n % 2 == 0 { &one } else { &other };
        let talk = &talk;
        async move { talk.send(device, &format!("{n}")).await }
    });
    let answers = futures_util::future::join_all(sends).await;
    let mut offsets: Vec<u64> = answers
        .iter()
        .map(|answer| answer["offset"].as_u64().unwrap())
        .collect();
    offsets.sort_unstable();
    assert_eq!(offsets, (1..=60).collect::<Vec<_>>());
    let path = format!("/rooms/{}/entries?limit=100", text(&talk.room));
    let history = talk.deal.world.get(&talk.deal.candidate_side, &path).await.expect(200);
    let mut said = texts(history["entries"].as_array().unwrap());
    said.sort_by_key(|text| text.parse::<u32>().unwrap());
    assert_eq!(said, (0..60).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_was_missed() {
    let talk = Talk::new().await;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    for n in 1..=4 {
        let _ = talk.send(&one, &n.to_string()).await;
    }
    talk.deal.world.sockets.lines.cut(&other);
    for n in 5..=120 {
        let _ = talk.send_at_leisure(&one, &n.to_string(), n).await;
    }
    let back = talk.deal.world.connect(&talk.deal.candidate_side).await;
    let path = format!("/rooms/{}", text(&talk.room));
    let epoch = talk.deal.world.get(&talk.deal.candidate_side, &path).await.expect(200)["epoch"].clone();
    let answer = talk.resume(&back, &epoch, 4).await;
    let state = &answer["rooms"][0];
    assert_eq!(
        (&state["last"], &state["lost"], &state["more"]),
        (&json!(120), &Value::Null, &json!(true))
    );
    let mut missed = texts(state["entries"].as_array().unwrap());
    while missed.len() < 116 {
        let action = json!({ "action": "history", "room": talk.room, "after": 4 + missed.len() });
        let page = talk.ask(&back, action).await;
        missed.extend(texts(page["entries"].as_array().unwrap()));
    }
    assert_eq!(missed, (5..=120).map(|n| n.to_string()).collect::<Vec<_>>());
    let page = json!({ "action": "history", "room": talk.room, "before": 11, "limit": 5 });
    let page = talk.ask(&back, page).await;
    assert_eq!(texts(page["entries"].as_array().unwrap()), ["6", "7", "8", "9", "10"]);
    assert_eq!(page["more"], true);

    // Another epoch, or an offset that there is not: the histories have parted, and it says where to go on.
    for (epoch, offset) in [(json!(Uuid::new_v4()), 4), (epoch, 121)] {
        let answer = talk.resume(&back, &epoch, offset).await;
        let state = &answer["rooms"][0];
        assert_eq!(state["lost"]["resume_from"], 70);
        assert_eq!(state["entries"][0]["offset"], 71);
    }
}

impl Talk {
    /// Sends as a person would who does not run into the limit.
    async fn send_at_leisure(&self, device: &Device, text: &str, n: i64) -> Value {
        let action = json!({ "action": "send", "room": self.room, "message": Uuid::new_v4(), "text": text });
        let answer = self.deal.world.sockets.ask_at(device, action, later(n)).await;
        assert_eq!(answer["type"], "ack", "{answer}");
        answer
    }
}

#[tokio::test]
async fn who_is_out_hears_and_reads_nothing_more() {
    let talk = Talk::new().await;
    let world = &talk.deal.world;
    let broker = Person::named("bea");
    world
        .join(&talk.deal.candidate_side, &talk.deal.tenants[1], &broker, "broker")
        .await;
    let (one, out) = (talk.device(&talk.deal.job_side).await, talk.device(&broker).await);
    let _ = talk.send(&one, "all of you").await;
    assert_eq!(texts(&talk.heard(&out)), ["all of you"]);
    let me = world.get(&broker, "/me").await.expect(200);
    let path = format!(
        "/tenants/{}/members/{}",
        talk.deal.tenants[1],
        text(&me["member"]["id"])
    );
    let _ = talk
        .deal
        .candidate_side
        .write(&world.app, "DELETE", &path, json!({}))
        .await
        .expect(204);
    let _ = talk.send(&one, "without them").await;
    let heard = talk.heard(&out);
    assert_eq!(texts(&heard), [""; 0], "{heard:?}");
    assert_eq!(heard[0], json!({ "type": "room_closed", "room": talk.room }));
    assert!(
        talk.ask(&out, json!({ "action": "history", "room": talk.room }))
            .await
            .is_null(),
        "closed over it"
    );
    let heard = talk.heard(&out);
    assert_eq!((heard.len(), code(&heard[0])), (1, "session-ended"));
    assert!(!world.sockets.lines.is_open(&out));
}

#[tokio::test]
async fn who_was_let_go_and_comes_back_is_another_member_and_hears_again() {
    let talk = Talk::new().await;
    let world = &talk.deal.world;
    let broker = Person::named("bob");
    let join = async || {
        let tenant = &talk.deal.tenants[1];
        world.join(&talk.deal.candidate_side, tenant, &broker, "broker").await;
    };
    join().await;
    let before = talk.device(&broker).await;
    let me = world.get(&broker, "/me").await.expect(200);
    let path = format!(
        "/tenants/{}/members/{}",
        talk.deal.tenants[1],
        text(&me["member"]["id"])
    );
    let let_go = talk.deal.candidate_side.write(&world.app, "DELETE", &path, json!({}));
    let _ = let_go.await.expect(204);
    join().await;
    let (after, one) = (talk.device(&broker).await, talk.device(&talk.deal.job_side).await);
    let _ = talk.heard(&before);
    let _ = talk.send(&one, "welcome back").await;
    assert_eq!(texts(&talk.heard(&after)), ["welcome back"]);
    assert_eq!(
        texts(&talk.heard(&before)),
        [""; 0],
        "the old connection is another member's"
    );
}

#[tokio::test]
async fn what_is_said_after_a_token_has_ended_does_not_reach_its_connection() {
    let talk = Talk::new().await;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    // A token of an hour, and no heartbeat since.
    let frame = json!({ "action": "send", "room": talk.room, "message": Uuid::new_v4(), "text": "before" });
    let sockets = &talk.deal.world.sockets;
    assert_eq!(sockets.ask_at(&one, frame, later(3_590)).await["type"], "ack");
    assert_eq!(texts(&talk.heard(&other)), ["before"]);
    let access = Room::key_of(talk.room.as_str().unwrap().parse().unwrap());
    let room: Room = talk.deal.world.store.get(&access).await.unwrap().unwrap();
    let access = RoomAccess::of(&talk.deal.world.store, room).await.unwrap();
    let typing = ServerFrame::Typing {
        room: access.room.room_id,
        member: MemberId::new(),
    };
    sockets.delivery.passing(&access, &typing, later(3_601)).await.unwrap();
    assert_eq!(talk.heard(&other), [Value::Null; 0]);
    let me = talk.deal.world.get(&talk.deal.candidate_side, "/me").await.expect(200);
    let me: MemberId = text(&me["member"]["id"]).parse().unwrap();
    assert!(sockets.delivery.person(me, &typing, later(3_590)).await.unwrap());
    assert!(!sockets.delivery.person(me, &typing, later(3_601)).await.unwrap());
}

#[tokio::test]
async fn a_party_that_new_terms_leave_out_is_out_of_the_room() {
    let talk = Talk::new().await;
    let deal = &talk.deal;
    let (one, other) = (
        talk.device(&deal.job_side).await,
        talk.device(&deal.candidate_side).await,
    );
    // A third agency takes the candidate's side's place.
    let third = Person::named("third");
    let tenant = deal.world.tenant(&third, "agency", "Third").await;
    let mut terms = deal.view(&deal.job_side).await["in_force"]["terms"].clone();
    for name in ["format", "deal", "version"] {
        let _ = terms.as_object_mut().unwrap().remove(name);
    }
    terms["parties"][1]["tenant"] = tenant.as_str().into();
    let proposed = deal
        .tell(&deal.job_side, json!({ "kind": "terms_proposed", "terms": terms }))
        .await;
    let _ = proposed.expect(201);
    let new = talk.device(&third).await;
    let _ = talk.send(&one, "while it is open").await;
    assert_eq!(texts(&talk.heard(&other)), ["while it is open"]);
    assert_eq!(texts(&talk.heard(&new)), ["while it is open"]);
    let room = deal
        .world
        .store
        .get::<Room>(&Room::key_of(text(&talk.room).parse().unwrap()))
        .await
        .unwrap();
    let before = RoomAccess::of(&deal.world.store, room.unwrap()).await.unwrap();
    for who in [&deal.job_side, &deal.candidate_side, &third] {
        let _ = deal.sign(who).await.expect(201);
    }
    // What was on its way when they went out.
    let entry = &talk
        .ask(&one, json!({ "action": "history", "room": talk.room, "limit": 1 }))
        .await["entries"][0];
    let entry = serde_json::from_value(entry.clone()).unwrap();
    deal.world
        .sockets
        .delivery
        .entry(&before, &entry, clock::now())
        .await
        .unwrap();
    assert_eq!(texts(&talk.heard(&other)), [""; 0]);
    let _ = talk.heard(&new);
    let _ = talk.send(&one, "among us").await;
    assert_eq!(texts(&talk.heard(&other)), [""; 0]);
    assert_eq!(texts(&talk.heard(&new)), ["among us"]);
    assert_eq!(code(&talk.send(&other, "hello?").await), "no-such-room");
    let path = format!("/rooms/{}/entries", text(&talk.room));
    assert_eq!(
        deal.world.get(&deal.candidate_side, &path).await.problem(404),
        "not-found"
    );
}

#[tokio::test]
async fn an_own_message_is_changed_and_removed_and_its_texts_are_gone() {
    let talk = Talk::new().await;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    let _ = talk.send(&one, "kestrle").await;
    let edit = |target: u64, text: &str| json!({ "action": "edit", "room": talk.room, "message": Uuid::new_v4(), "target": target, "text": text });
    assert_eq!(talk.ask(&one, edit(1, "kestrel")).await["offset"], 2);
    assert_eq!(code(&talk.ask(&other, edit(1, "forged")).await), "forbidden");
    assert_eq!(
        code(&talk.ask(&one, edit(2, "a change of a change")).await),
        "no-such-entry"
    );
    assert_eq!(code(&talk.ask(&one, edit(9, "nothing there")).await), "no-such-entry");
    let message = Uuid::new_v4();
    let delete = json!({ "action": "delete", "room": talk.room, "message": message, "target": 1 });
    let removed = talk.ask(&one, delete.clone()).await;
    assert_eq!(removed["offset"], 3);
    assert_eq!(
        talk.ask(&one, delete).await,
        removed,
        "sent again, it is the same removal"
    );
    assert_eq!(code(&talk.ask(&one, edit(1, "too late")).await), "no-such-entry");
    let items = format!("{:?}", talk.deal.world.table.items());
    assert!(
        !items.contains("kestrle") && !items.contains("kestrel"),
        "no text is left on the server"
    );
    let history = talk
        .ask(&other, json!({ "action": "history", "room": talk.room }))
        .await;
    let kinds: Vec<&str> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["content"]["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["erased", "erased", "deleted"]);
}

#[tokio::test]
async fn a_removal_that_is_cut_short_leaves_no_text_of_what_is_shown_as_removed() {
    let talk = Talk::new().await;
    let table = &talk.deal.world.table;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    for nth in 0.. {
        let sent = talk.send(&one, "kestrle").await["offset"].clone();
        let edit = json!({ "action": "edit", "room": talk.room, "message": Uuid::new_v4(), "target": sent, "text": "kestrel" });
        assert_eq!(talk.ask(&one, edit).await["type"], "ack");
        let delete = json!({ "action": "delete", "room": talk.room, "message": Uuid::new_v4(), "target": sent });
        table.fail_nth(nth);
        let _ = talk.ask(&one, delete.clone()).await;
        let through = table.fault_is_due();
        table.fail_nth(u32::MAX);
        let after = json!({ "action": "history", "room": talk.room, "after": sent });
        let history = talk.ask(&other, after).await["entries"].to_string();
        let items = format!("{:?}", table.items());
        let removed = history.contains("deleted");
        assert_eq!(
            removed,
            !items.contains("kestrle") && !items.contains("kestrel"),
            "{nth}: {history}"
        );
        assert_eq!(talk.ask(&one, delete).await["type"], "ack", "sent again, it is done");
        if through {
            assert!(nth >= 5, "each call failed once: {nth}");
            return;
        }
    }
}

#[tokio::test]
async fn receipts_go_forward_and_typing_passes() {
    let talk = Talk::new().await;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    for n in 0..3 {
        let _ = talk.send(&one, &n.to_string()).await;
    }
    let _ = talk.heard(&one);
    let receipt = async |delivered: u64, read: u64| {
        let action = json!({ "action": "receipt", "room": talk.room, "delivered": delivered, "read": read });
        assert_eq!(talk.ask(&other, action).await["type"], "ack");
        let heard = talk.heard(&one);
        heard
            .iter()
            .map(|frame| (frame["delivered"].as_u64().unwrap(), frame["read"].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(receipt(2, 1).await, [(2, 1)]);
    assert_eq!(receipt(1, 0).await, [], "never back");
    assert_eq!(
        receipt(0, 99).await,
        [(3, 3)],
        "not past the end, and what is read was delivered"
    );
    assert_eq!(
        talk.ask(&other, json!({ "action": "typing", "room": talk.room })).await["type"],
        "ack"
    );
    assert_eq!(talk.heard(&one)[0]["type"], "typing");
    let list = talk
        .deal
        .world
        .get(&talk.deal.candidate_side, "/rooms")
        .await
        .expect(200);
    assert_eq!(
        (&list["rooms"][0]["last"], &list["rooms"][0]["read"]),
        (&json!(3), &json!(3)),
        "{list}"
    );
}

#[tokio::test]
async fn frames_that_are_none_too_many_or_too_late_are_refused_with_a_code() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let one = talk.device(&talk.deal.job_side).await;
    let say = async |text: &str| sockets.say(&one, text, clock::now()).await;
    assert_eq!(code(&say("no frame").await), "malformed");
    assert_eq!(code(&say("").await), "malformed");
    let fine = r#"{"v":1,"id":"1","action":"ping"}"#;
    assert_eq!(say(fine).await["type"], "ack");
    let binary = sockets.say_binary(&one, fine, clock::now()).await;
    assert_eq!(code(&binary), "malformed", "frames are text");
    assert_eq!(
        code(&say(r#"{"v":1,"id":"1","action":"shutdown"}"#).await),
        "unknown-action"
    );
    assert_eq!(code(&say(&"x".repeat(40_000)).await), "too-large");

    let now = jiff::Timestamp::from_second(clock::now().as_second() / 10 * 10 + 100).unwrap();
    let mut answers = Vec::new();
    for _ in 0..300 {
        let frame = json!({ "action": "typing", "room": talk.room });
        answers.push(sockets.ask_at(&one, frame, now).await);
    }
    assert_eq!(answers.iter().filter(|answer| answer["type"] == "ack").count(), 100);
    assert_eq!(code(&answers[100]), "rate-limited");
    assert_eq!(answers[100]["retry_after_ms"], 10_000);
    assert!(sockets.lines.is_open(&one));
    let again = json!({ "action": "typing", "room": talk.room });
    let ten_later = now + SignedDuration::from_secs(10);
    assert_eq!(
        sockets.ask_at(&one, again.clone(), ten_later).await["type"],
        "ack",
        "after the wait"
    );
    assert!(sockets.ask_at(&one, again, now).await.is_null());
    assert!(!sockets.lines.is_open(&one), "who does not stop is cut off");

    let late = talk.device(&talk.deal.candidate_side).await;
    assert!(
        sockets
            .ask_at(&late, json!({ "action": "ping" }), later(3_700))
            .await
            .is_null()
    );
    let heard = talk.heard(&late);
    assert_eq!(code(heard.last().unwrap()), "session-ended", "it is told why");
    assert!(!sockets.lines.is_open(&late), "and closed");
}

#[tokio::test]
async fn a_person_is_limited_over_all_their_connections() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let now = jiff::Timestamp::from_second(clock::now().as_second() / 10 * 10 + 20).unwrap();
    let mut taken = 0;
    for _ in 0..4 {
        let device = talk.deal.world.connect(&talk.deal.job_side).await;
        for _ in 0..90 {
            let answer = sockets.ask_at(&device, json!({ "action": "ping" }), now).await;
            taken += u32::from(answer["type"] == "ack");
        }
    }
    assert_eq!(taken, 300, "none of the four sends too much, the person does");
    let mut devices = Vec::new();
    for _ in 0..6 {
        devices.push(talk.deal.world.connect(&talk.deal.job_side).await);
    }
    // 360 frames came; none of these connections sends more than one may.
    for n in 0..541 {
        let _ = sockets.ask_at(&devices[n % 6], json!({ "action": "ping" }), now).await;
    }
    let open = devices.iter().filter(|device| sockets.lines.is_open(device)).count();
    assert_eq!(open, 5, "who does not stop is cut off, by however many connections");
}

#[tokio::test]
async fn a_removal_that_comes_twice_at_once_is_one() {
    let talk = Talk::new().await;
    let device = talk.device(&talk.deal.job_side).await;
    // One as many steps behind the other, so that they meet at each.
    for behind in 0..16 {
        let sent = talk.send_at_leisure(&device, "not this", behind).await;
        let remove = json!({
            "action": "delete", "room": talk.room, "message": Uuid::new_v4(), "target": sent["offset"],
        });
        let second = async {
            for _ in 0..behind {
                tokio::task::yield_now().await;
            }
            talk.ask(&device, remove.clone()).await
        };
        let (one, other) = tokio::join!(talk.ask(&device, remove.clone()), second);
        assert_eq!(
            (&one["type"], &one["offset"]),
            (&json!("ack"), &other["offset"]),
            "{one} {other}"
        );
    }
}

#[tokio::test]
async fn a_device_that_is_new_gets_everything_of_every_room() {
    let talk = Talk::new().await;
    let (world, owner) = (&talk.deal.world, &talk.deal.job_side);
    let sockets = &world.sockets;
    let device = world.connect(owner).await;
    let mut views: Vec<(RoomId, RoomView)> = Vec::new();
    for n in 0..20 {
        let topic = json!({ "kind": "topic", "title": format!("Topic {n}") });
        let room = owner.write(&world.app, "POST", "/rooms", topic).await.expect(201)["id"].clone();
        for entry in 0..50 {
            let say = json!({
                "action": "send", "room": room, "message": Uuid::new_v4(), "text": "word ".repeat(20),
            });
            let answer = sockets.ask_at(&device, say, later(n * 50 + entry)).await;
            assert_eq!(answer["type"], "ack", "{answer}");
        }
        views.push((text(&room).parse().unwrap(), RoomView::default()));
    }
    let new = world.connect(owner).await;
    for _ in 0..10 {
        let rooms: Vec<Position> = views.iter().map(|(id, view)| view.position(*id)).collect();
        let answer = sockets.ask(&new, json!({ "action": "resume", "rooms": rooms })).await;
        assert!(answer.to_string().len() < 128 * 1024, "what the platform carries");
        for state in answer["rooms"].as_array().unwrap() {
            let state: RoomState = serde_json::from_value(state.clone()).unwrap();
            let (_, view) = views.iter_mut().find(|(id, _)| *id == state.room).unwrap();
            assert_eq!(view.resumed(&state), None);
        }
    }
    for (id, view) in views {
        let offsets: Vec<u64> = view.shown().iter().map(|entry| entry.offset).collect();
        assert_eq!(offsets, (1..=50).collect::<Vec<_>>(), "{id}");
    }
}

#[tokio::test]
async fn rooms_full_of_people_fit_into_the_answers_even_so() {
    let talk = Talk::new().await;
    let (world, owner) = (&talk.deal.world, &talk.deal.job_side);
    let mut rooms = Vec::new();
    for n in 0..20 {
        let topic = json!({ "kind": "topic", "title": format!("Topic {n}") });
        let room = owner.write(&world.app, "POST", "/rooms", topic).await.expect(201)["id"].clone();
        for _ in 0..100 {
            let cursor = RoomCursor {
                room_id: text(&room).parse().unwrap(),
                member_id: MemberId::new(),
                delivered: 1_000_000,
                read: 1_000_000,
                version: 1,
            };
            let change = inventure_table::Change::new().insert(&cursor);
            let _ = world.store.commit(change).await.unwrap();
        }
        rooms.push(room);
    }
    let device = world.connect(owner).await;
    let resume = async |rooms: &[Value]| {
        let rooms: Vec<Value> = rooms.iter().map(|room| json!({ "room": room, "offset": 0 })).collect();
        let answer = world
            .sockets
            .ask(&device, json!({ "action": "resume", "rooms": rooms }))
            .await;
        assert!(answer.to_string().len() < 128 * 1024, "what the platform carries");
        answer
    };
    let answer = resume(&rooms).await;
    let left = answer["unavailable"].as_array().unwrap();
    assert_eq!(answer["rooms"].as_array().unwrap().len() + left.len(), 20);
    assert!(!left.is_empty());
    for room in left {
        assert_eq!(room["code"], "too-large");
        let alone = resume(&[room["room"].clone()]).await;
        assert_eq!(alone["rooms"][0]["cursors"].as_array().unwrap().len(), 100);
    }
}

#[tokio::test]
async fn every_room_is_in_some_part_of_the_list_the_newest_first() {
    let talk = Talk::new().await;
    let (world, owner) = (&talk.deal.world, &talk.deal.job_side);
    let mut opened = Vec::new();
    for n in 0..110 {
        let topic = json!({ "kind": "topic", "title": format!("Topic {n}") });
        opened.push(owner.write(&world.app, "POST", "/rooms", topic).await.expect(201)["id"].clone());
    }
    let (mut listed, mut cursor) = (Vec::new(), None);
    for _ in 0..3 {
        let path = cursor.map_or("/rooms".to_owned(), |cursor: String| format!("/rooms?cursor={cursor}"));
        let part = world.get(owner, &path).await.expect(200);
        listed.extend(part["rooms"].as_array().unwrap().iter().map(|room| room["id"].clone()));
        cursor = part["next_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(cursor, None);
    assert_eq!(listed.pop(), Some(talk.room.clone()), "deals' rooms come after");
    listed.reverse();
    assert_eq!(listed.len(), 110);
    assert!(opened.iter().all(|room| listed.contains(room)), "none is left out");
    assert_eq!(listed[..10], opened[..10], "the oldest last");
    assert_eq!(world.get(owner, "/rooms?cursor=bm8").await.problem(400), "bad-cursor");
}

#[tokio::test]
async fn whoever_joined_a_moment_ago_opens_a_topic() {
    let talk = Talk::new().await;
    let (world, owner) = (&talk.deal.world, &talk.deal.job_side);
    let tenant = talk.deal.tenant(0).to_string();
    let new = Person::named("newcomer");
    world.table.hold_index(true);
    world.join(owner, &tenant, &new, "broker").await;
    let topic = json!({ "kind": "topic", "title": "Rust in Leeds" });
    let room = new.write(&world.app, "POST", "/rooms", topic).await.expect(201);
    let path = format!("/rooms/{}", room["id"].as_str().unwrap());
    assert_eq!(world.get(&new, &path).await.status, 200);
}

#[tokio::test]
async fn a_list_of_rooms_is_whole_or_there_is_none() {
    let talk = Talk::new().await;
    let (world, owner) = (&talk.deal.world, &talk.deal.job_side);
    let topic = json!({ "kind": "topic", "title": "Rust in Leeds" });
    let _ = owner.write(&world.app, "POST", "/rooms", topic).await.expect(201);
    for nth in 0.. {
        world.table.fail_nth(nth);
        let answer = world.get(owner, "/rooms").await;
        let through = world.table.fault_is_due();
        world.table.fail_nth(u32::MAX);
        if answer.status == 200 {
            assert_eq!(
                answer.body["rooms"].as_array().unwrap().len(),
                2,
                "the call that failed: {nth}"
            );
        }
        if through {
            assert!(nth >= 8, "each call failed once: {nth}");
            return;
        }
    }
}

#[tokio::test]
async fn who_is_there_and_does_not_receive_a_direct_room_is_told_of_it() {
    let talk = Talk::new().await;
    let deal = &talk.deal;
    let world = &deal.world;
    let there = world.connect(&deal.candidate_side).await;
    let emil = world.get(&deal.candidate_side, "/me").await.expect(200)["member"]["id"].clone();
    let direct = json!({
        "kind": "direct", "tenant_id": deal.tenants[1], "member_id": emil, "deal_id": deal.deal,
    });
    let room = deal
        .job_side
        .write(&world.app, "POST", "/rooms", direct)
        .await
        .expect(201);
    let device = world.connect(&deal.job_side).await;
    let say = json!({ "action": "send", "room": room["id"], "message": Uuid::new_v4(), "text": "new here" });
    assert_eq!(talk.ask(&device, say).await["type"], "ack");
    let _ = world.settle().await;
    let heard = talk.heard(&there);
    let told = heard.iter().find(|frame| frame["kind"] == "addressed");
    assert_eq!(told.unwrap()["about"]["room_id"], room["id"], "{heard:?}");
}

#[tokio::test]
async fn topics_and_direct_rooms_are_for_whoever_was_let_in() {
    let talk = Talk::new().await;
    let (world, deal) = (&talk.deal.world, &talk.deal);
    let member = async |who: &Person| text(&world.get(who, "/me").await.expect(200)["member"]["id"]);
    let (dana, emil, orla) = (
        member(&deal.job_side).await,
        member(&deal.candidate_side).await,
        member(&deal.employer).await,
    );
    let open = async |who: &Person, body: Value| who.write(&world.app, "POST", "/rooms", body).await;
    let direct = |tenant: usize, member: &str, deal_id: Value| json!({ "kind": "direct", "tenant_id": deal.tenants[tenant], "member_id": member, "deal_id": deal_id });
    let id = json!(deal.deal);
    assert_eq!(
        open(&deal.job_side, direct(1, &emil, Value::Null)).await.problem(422),
        "invalid-body",
        "strangers"
    );
    assert_eq!(
        open(&deal.job_side, direct(2, &orla, id.clone())).await.problem(422),
        "invalid-body",
        "no party"
    );
    assert_eq!(
        open(&deal.job_side, direct(0, &dana, Value::Null)).await.problem(422),
        "invalid-body",
        "oneself"
    );
    let two = open(&deal.job_side, direct(1, &emil, id.clone())).await.expect(201);
    assert_eq!(
        open(&deal.candidate_side, direct(0, &dana, id.clone()))
            .await
            .expect(201),
        two,
        "one room for two"
    );

    let topic = open(&deal.job_side, json!({ "kind": "topic", "title": "Rust in Leeds" }))
        .await
        .expect(201);
    let path = format!("/rooms/{}", text(&topic["id"]));
    assert_eq!(world.get(&deal.candidate_side, &path).await.problem(404), "not-found");
    let members = format!("{path}/members");
    let let_in = json!({ "tenant_id": deal.tenants[1], "member_id": emil, "deal_id": deal.deal });
    assert_eq!(
        deal.candidate_side
            .write(&world.app, "POST", &members, let_in.clone())
            .await
            .problem(404),
        "not-found"
    );
    let _ = deal
        .job_side
        .write(&world.app, "POST", &members, let_in.clone())
        .await
        .expect(201);
    assert_eq!(
        deal.candidate_side
            .write(&world.app, "POST", &members, let_in)
            .await
            .problem(403),
        "forbidden"
    );
    let people = world.get(&deal.candidate_side, &path).await.expect(200);
    assert_eq!(people["people"].as_array().unwrap().len(), 2);
    let out = format!("{members}/{emil}");
    let _ = deal
        .job_side
        .write(&world.app, "DELETE", &out, json!({}))
        .await
        .expect(204);
    assert_eq!(world.get(&deal.candidate_side, &path).await.problem(404), "not-found");
    let listed = world.get(&deal.job_side, "/rooms").await.expect(200);
    assert_eq!(
        listed["rooms"].as_array().unwrap().len(),
        3,
        "the deal's, the direct one, the topic: {listed}"
    );
    assert_eq!(
        open(&deal.employer, json!({ "kind": "deal", "deal_id": id }))
            .await
            .problem(404),
        "not-found"
    );
    assert_eq!(world.ticket(&Person::nobody()).await.problem(401), "unauthenticated");
}

#[tokio::test]
async fn a_stranger_lists_a_tenants_people_and_writes_to_them_by_a_proposal() {
    let deal = Deal::new("even").await;
    let app = &deal.world.app;
    let named = deal.world.get(&deal.candidate_side, "/me").await.expect(200)["member"]["id"].clone();
    let open = async |body: Value| deal.job_side.write(app, "POST", "/rooms", body).await;
    let room = open(json!({ "kind": "deal", "deal_id": deal.deal })).await.expect(201);
    let path = format!("/rooms/{}", text(&room["id"]));
    let people = async |who: &Person| {
        let shown = deal.world.get(who, &path).await.expect(200)["people"].clone();
        let ids = shown
            .as_array()
            .unwrap()
            .iter()
            .map(|person| person["member_id"].clone());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(people(&deal.job_side).await.len(), 1, "the proposer alone");
    let direct = json!({
        "kind": "direct", "tenant_id": deal.tenants[1], "member_id": named, "deal_id": deal.deal,
    });
    let _ = open(direct.clone()).await.expect(422);
    let topic = open(json!({ "kind": "topic", "title": "Hello" })).await.expect(201);
    let add = json!({ "tenant_id": deal.tenants[1], "member_id": named, "deal_id": deal.deal });
    let members = format!("/rooms/{}/members", text(&topic["id"]));
    let added = deal.job_side.write(app, "POST", &members, add.clone()).await;
    let _ = added.expect(422);
    // They enter, see who named them, and are seen once they say something in the deal.
    assert_eq!(people(&deal.candidate_side).await.len(), 1);
    let _ = deal.sign(&deal.candidate_side).await.expect(201);
    assert!(people(&deal.job_side).await.contains(&named));
    let _ = open(direct).await.expect(201);
    let _ = deal.job_side.write(app, "POST", &members, add).await.expect(201);
}
