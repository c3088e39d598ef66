//! Encrypted rooms in memory. Devices found groups, come, go, get lost and talk, over the same routes and frames as deployed.

use base64::{Engine, engine::general_purpose::STANDARD};
use inventure_api::clock;
use inventure_core::{MemberId, RoomId};
use inventure_e2ee::{Device, DeviceName, Error};
use inventure_realtime::{
    Ack, Action, ClientFrame, Code, Content, Entry, Opaque, Refusal, ServerFrame, mls::PrivateKind,
};
use inventure_rooms::records::{FrameCounts, GroupDevice, MlsDevice, MlsGroup, Room};
use inventure_table::{
    Change, Condition, Key,
    table::{Item, Table, Write},
};
use inventure_testing::{
    Answer, Device as Connection, Heard, Person, Sealed, Wire, World, key_package, private_message,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::money::deals::Room as Deal;

/// A person's connection to the world.
pub struct Line<'a> {
    world: &'a World,
    person: Person,
    connection: Connection,
    /// The number of next `POST` requests that are done while their answers are lost.
    lost: u32,
}

impl Wire for Line<'_> {
    async fn http(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let answer = self.person.write(&self.world.app, method, path, body).await;
        if self.lost > 0 && method == "POST" {
            self.lost -= 1;
            return (504, Value::Null);
        }
        (answer.status.as_u16(), answer.body)
    }

    async fn frame(&mut self, action: Action) -> Result<Ack, Refusal> {
        let text = serde_json::to_string(&ClientFrame::new("1", action)).unwrap();
        let now = inventure_api::clock::now();
        let answer = self.world.sockets.say(&self.connection, &text, now).await;
        match serde_json::from_value(answer).unwrap() {
            ServerFrame::Ack { result, .. } => Ok(result),
            ServerFrame::Error { code, detail, .. } => Err(Refusal::new(code, detail)),
            other => unreachable!("{other:?}"),
        }
    }
}

async fn member(world: &World, person: &Person) -> MemberId {
    let me = world.get(person, "/me").await.expect(200);
    me["member"]["id"].as_str().unwrap().parse().unwrap()
}

/// Returns a new device of a person.
pub async fn device<'a>(world: &'a World, person: &Person) -> Sealed<Line<'a>> {
    let member = member(world, person).await;
    let line = Line {
        world,
        person: person.clone(),
        connection: world.connect(person).await,
        lost: 0,
    };
    Sealed::new(line, member).await.unwrap()
}

async fn open(world: &World, person: &Person, body: Value) -> RoomId {
    let room = person.write(&world.app, "POST", "/rooms", body).await.expect(201);
    room["id"].as_str().unwrap().parse().unwrap()
}

/// The encrypted room of a deal.
async fn of_deal(deal: &Deal) -> RoomId {
    let body = json!({ "kind": "deal", "deal_id": deal.deal, "encrypted": true });
    open(&deal.world, &deal.job_side, body).await
}

/// The deal's other room.
async fn in_the_open(deal: &Deal) -> RoomId {
    let body = json!({ "kind": "deal", "deal_id": deal.deal });
    open(&deal.world, &deal.job_side, body).await
}

/// A new device on each side of a deal.
async fn both(deal: &Deal) -> [Sealed<Line<'_>>; 2] {
    [
        device(&deal.world, &deal.job_side).await,
        device(&deal.world, &deal.candidate_side).await,
    ]
}

async fn history(device: &mut Sealed<Line<'_>>, room: RoomId) -> Vec<Entry> {
    let all = Action::History {
        room,
        after: 0,
        before: None,
        limit: Some(100),
    };
    let Ok(Ack::History { entries, .. }) = device.wire.frame(all).await else {
        unreachable!("no history")
    };
    entries
}

/// The room's last entry, sealed.
async fn last_sealed(device: &mut Sealed<Line<'_>>, room: RoomId) -> (MemberId, Vec<u8>) {
    let entries = history(device, room).await;
    let sealed = entries.iter().rev().find_map(|entry| match &entry.content {
        Content::Sealed { sealed, .. } => Some((entry.sender, sealed.0.clone())),
        _ => None,
    });
    sealed.unwrap()
}

/// Checks that a thief with this state of a device is removed by its last commit. The thief gets the room's history from `by`,
/// and reads nothing of what was said after it: neither then, nor if they do as if it had not come.
async fn removed_and_deaf(state: impl AsRef<[u8]>, by: &mut Sealed<Line<'_>>, room: RoomId) {
    let entries = history(by, room).await;
    let commit = entries.iter().rev().find_map(|entry| match &entry.content {
        Content::Commit { commit, device, .. } => Some((entry.sender, *device, commit.0.clone())),
        _ => None,
    });
    let (member, device, commit) = commit.unwrap();
    let (sender, sealed) = last_sealed(by, room).await;
    let mut thief = Device::restore(state.as_ref()).unwrap();
    let ignores = thief.open_message(room, sender, &sealed);
    assert!(matches!(ignores, Err(Error::Ahead { .. })), "{ignores:?}");
    let opened = thief.open_commit(room, DeviceName { member, device }, &commit).unwrap();
    assert!(opened.removed_self, "{opened:?}");
    assert_eq!(thief.open_message(room, sender, &sealed), Err(Error::NoSuchRoom(room)));
}

fn code(refused: Result<u64, Refusal>) -> Code {
    refused.unwrap_err().code
}

#[tokio::test]
async fn two_agencies_talk_and_the_server_has_no_word_of_it() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let plain = in_the_open(&deal).await;
    assert_ne!(room, plain, "the encrypted room is another room");
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    one.say(room, "the fee is quetzalcoatlus").await.unwrap();
    other.catch_up(room).await.unwrap();
    other.say(room, "make it archaeopteryx").await.unwrap();
    for device in [&mut one, &mut other] {
        device.catch_up(room).await.unwrap();
    }
    for device in [&one, &other] {
        assert_eq!(
            device.texts(room),
            ["the fee is quetzalcoatlus", "make it archaeopteryx"]
        );
    }
    assert_eq!(
        one.device.authenticator(room).unwrap(),
        other.device.authenticator(room).unwrap()
    );

    let text = json!({ "action": "send", "room": plain, "message": Uuid::new_v4(), "text": "out in the open: magpie" });
    let sent = deal.world.sockets.ask(&one.wire.connection, text).await;
    assert_eq!(sent["type"], "ack");
    deal.world.settle().await;
    let kept = format!(
        "{:?}{:?}{:?}",
        deal.world.table.items(),
        deal.world.sockets.connections.items(),
        deal.world.sockets.lines.heard(&other.wire.connection)
    );
    assert!(kept.contains("magpie"), "what is said in the open is found");
    for word in ["quetzalcoatlus", "archaeopteryx"] {
        for word in spellings(word) {
            assert!(!kept.contains(&word), "{word}");
        }
    }
    // What is in there as base64 would be found: the sealed messages are.
    let (_, sealed) = last_sealed(&mut one, room).await;
    let middle = String::from_utf8_lossy(&sealed[5..42]).into_owned();
    assert!(
        spellings(&middle)[2..].iter().any(|word| kept.contains(word)),
        "{middle}"
    );
}

#[tokio::test]
async fn each_room_takes_what_it_is_for() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let plain = in_the_open(&deal).await;
    let mut one = device(&deal.world, &deal.job_side).await;
    one.tidy(room).await.unwrap();
    let offset = one.say(room, "sealed").await.unwrap();
    let ask = async |action: Value| deal.world.sockets.ask(&one.wire.connection, action).await["code"].clone();
    let message = Uuid::new_v4();
    let text = json!({ "action": "send", "room": room, "message": message, "text": "in the open" });
    assert_eq!(ask(text).await, "wrong-kind");
    let edit = json!({ "action": "edit", "room": room, "message": message, "target": offset, "text": "in the open" });
    assert_eq!(ask(edit).await, "wrong-kind");
    let sealed = |room, epoch: u64, sealed: Vec<u8>| json!({ "action": "sealed", "room": room, "message": message, "epoch": epoch, "sealed": Opaque(sealed) });
    assert_eq!(ask(sealed(plain, 1, vec![1])).await, "wrong-kind");
    assert_eq!(ask(sealed(room, 1, vec![0; 17 * 1024 + 1])).await, "too-large");
    assert_eq!(ask(sealed(room, 1, vec![1])).await, "malformed");
    assert_eq!(ask(sealed(room, 0, vec![1])).await, "stale-epoch");
    assert_eq!(ask(sealed(room, 2, vec![1])).await, "stale-epoch");
    let mut no_base64 = sealed(room, 1, vec![1]);
    no_base64["sealed"] = "%%%".into();
    assert_eq!(ask(no_base64).await, "malformed");
    let without = deal.world.connect(&deal.candidate_side).await;
    let made = private_message(&room.to_string(), 0, 1, PrivateKind::Message);
    let refused = deal.world.sockets.ask(&without, sealed(room, 1, made.0)).await;
    assert_eq!(
        refused["code"], "forbidden",
        "who has no device in the group has no keys to seal with"
    );
    for path in [format!("/mls/rooms/{plain}"), format!("/mls/rooms/{plain}/commits")] {
        let method = if path.ends_with("commits") { "POST" } else { "GET" };
        let body = json!({ "message": message, "device_id": message, "epoch": 0, "commit": "AA==" });
        let refused = deal.job_side.write(&deal.world.app, method, &path, body).await;
        assert_eq!(refused.problem(409), "wrong-state", "{path}");
    }
    let erased = json!({ "action": "delete", "room": room, "message": message, "target": offset });
    assert_eq!(
        deal.world.sockets.ask(&one.wire.connection, erased).await["type"],
        "ack"
    );
    let (mut late, offset) = (
        device(&deal.world, &deal.candidate_side).await,
        one.say(room, "after").await,
    );
    assert_eq!(offset.unwrap(), 4, "an entry that says nothing keeps the epoch");
    late.catch_up(room).await.unwrap();
    assert!(matches!(late.heard(room)[0], Heard::Erased), "{:?}", late.heard(room));
}

#[tokio::test]
async fn of_two_commits_in_an_epoch_one_is_taken_and_all_end_in_the_same() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    // Both found it at once.
    let (first, second) = futures_util::join!(one.found(room), other.found(room));
    assert!(first.unwrap() != second.unwrap(), "one of two");
    for device in [&mut one, &mut other] {
        device.catch_up(room).await.unwrap();
        assert_eq!(device.device.epoch(room).unwrap(), 1);
    }
    // Both make new keys at once, several times, and talk meanwhile.
    for round in 0..4 {
        let (first, second) = futures_util::join!(one.update(room), other.update(room));
        assert!(first.unwrap() != second.unwrap(), "one of two");
        let (first, second) = (format!("one {round}"), format!("other {round}"));
        let (first, second) = futures_util::join!(one.say(room, &first), other.say(room, &second));
        assert!(first.unwrap() != second.unwrap());
    }
    for device in [&mut one, &mut other] {
        device.catch_up(room).await.unwrap();
        assert_eq!(device.device.epoch(room).unwrap(), 5);
        assert_eq!(device.texts(room).len(), 8, "{:?}", device.heard(room));
    }
    assert_eq!(one.texts(room), other.texts(room));
    assert_eq!(
        one.device.authenticator(room).unwrap(),
        other.device.authenticator(room).unwrap()
    );
}

#[tokio::test]
async fn a_new_device_reads_from_its_coming_on_and_a_lost_one_no_more() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    one.say(room, "before the telephone").await.unwrap();
    let mut phone = device(&deal.world, &deal.candidate_side).await;
    other.tidy(room).await.unwrap();
    one.say(room, "with the telephone").await.unwrap();
    phone.catch_up(room).await.unwrap();
    assert_eq!(phone.texts(room), ["with the telephone"]);
    assert!(
        matches!(phone.heard(room)[0], Heard::Closed(_)),
        "{:?}",
        phone.heard(room)
    );
    phone.say(room, "from the telephone").await.unwrap();
    other.catch_up(room).await.unwrap();
    assert_eq!(
        other.texts(room).last(),
        Some(&"from the telephone"),
        "own devices read each other"
    );

    // It is lost. Whoever has it keeps its keys, and its person gives it up from another device.
    let thief = phone.device.save().unwrap();
    let lost = phone.device.name();
    let path = format!("/mls/devices/{}", lost.device);
    let (status, _) = other.wire.http("DELETE", &path, json!({})).await;
    assert_eq!(status, 204);
    one.catch_up(room).await.unwrap();
    let refused = one.seal(room, Uuid::new_v4(), "before it is removed").await;
    assert_eq!(code(refused), Code::DevicesOut, "nothing is taken that it could read");
    // Whoever has it goes on as every client does: it does not come back, and changes nothing.
    let package = phone.device.key_package().map(Opaque).unwrap();
    let (status, _) = phone.wire.http("PUT", &path, json!({ "last_resort": package })).await;
    assert_eq!(status, 409);
    for (method, path, body) in [
        (
            "POST",
            format!("{path}/key-packages"),
            json!({ "key_packages": [package] }),
        ),
        ("GET", format!("{path}/welcomes"), json!({})),
        ("POST", format!("/mls/rooms/{room}/commits"), commit(&phone, room, 2)),
    ] {
        assert_eq!(phone.wire.http(method, &path, body).await.0, 404, "{path}");
    }
    let refused = one.seal(room, Uuid::new_v4(), "before it is removed").await;
    assert_eq!(code(refused), Code::DevicesOut, "and it is out still");
    one.say(room, "without the telephone").await.unwrap();
    assert!(one.device.members(room).unwrap().iter().all(|leaf| leaf.device != lost));
    phone.catch_up(room).await.unwrap();
    assert!(!phone.texts(room).contains(&"without the telephone"));
    removed_and_deaf(thief, &mut one, room).await;
    let refused = phone.seal(room, Uuid::new_v4(), "it was I").await;
    assert_eq!(code(refused), Code::Forbidden);
    for device in [&mut one, &mut other] {
        device.catch_up(room).await.unwrap();
    }
    assert_eq!(other.texts(room), one.texts(room));
}

#[tokio::test]
async fn who_is_out_can_neither_read_nor_send_nor_open() {
    let deal = Deal::new("even").await;
    let world = &deal.world;
    let (ada, bea) = (Person::named("ada-inside"), Person::named("bea-out"));
    for person in [&ada, &bea] {
        world.join(&deal.job_side, &deal.tenants[0], person, "broker").await;
    }
    let body = json!({ "kind": "topic", "title": "Fees", "encrypted": true });
    let room = open(world, &deal.job_side, body).await;
    let (mut owner, mut inside, mut out) = (
        device(world, &deal.job_side).await,
        device(world, &ada).await,
        device(world, &bea).await,
    );
    let stranger = owner.key_packages_of(room, &out).await;
    assert_eq!(stranger.0, 404, "who is not in the room is not invited: {}", stranger.1);
    for device in [&inside, &out] {
        let body = json!({ "tenant_id": deal.tenants[0], "member_id": device.device.name().member });
        let path = format!("/rooms/{room}/members");
        let _ = deal.job_side.write(&world.app, "POST", &path, body).await.expect(201);
    }
    let mut asleep = device(world, &bea).await;
    owner.tidy(room).await.unwrap();
    owner.say(room, "all three").await.unwrap();
    out.catch_up(room).await.unwrap();
    let list = format!("/mls/devices/{}/welcomes", asleep.device.name().device);
    let (_, waiting) = asleep.wire.http("GET", &list, json!({})).await;
    let welcome = format!("{list}/{room}/{}", waiting["welcomes"][0]["offset"]);
    assert_eq!(asleep.wire.http("GET", &welcome, json!({})).await.0, 200);
    assert_eq!(out.texts(room), ["all three"]);
    let kept = out.device.save().unwrap();

    let path = format!("/rooms/{room}/members/{}", out.device.name().member);
    let (status, _) = owner.wire.http("DELETE", &path, json!({})).await;
    assert_eq!(status, 204);
    assert_eq!(
        asleep.wire.http("GET", &welcome, json!({})).await.0,
        404,
        "a welcome opens nothing any more"
    );
    assert_eq!(code(out.say(room, "still here").await), Code::NoSuchRoom);
    assert_eq!(out.catch_up(room).await.unwrap_err().code, Code::NoSuchRoom);
    for path in [format!("/mls/rooms/{room}"), format!("/rooms/{room}/entries")] {
        assert_eq!(world.get(&bea, &path).await.problem(404), "not-found");
    }
    inside.catch_up(room).await.unwrap();
    let refused = inside.seal(room, Uuid::new_v4(), "to their keys").await;
    assert_eq!(
        code(refused),
        Code::DevicesOut,
        "before they are removed nothing is taken"
    );
    inside.say(room, "the two of us").await.unwrap();
    owner.catch_up(room).await.unwrap();
    assert_eq!(owner.texts(room), ["all three", "the two of us"]);
    // Even if the entry gets to them, they cannot open it.
    removed_and_deaf(kept, &mut owner, room).await;
    let heard = world.sockets.lines.heard(&out.wire.connection);
    assert!(
        heard
            .iter()
            .all(|frame| frame["room"] != json!(room) || frame["type"] == "welcome"),
        "{heard:?}"
    );
}

/// Requests that the tests send past the client.
trait Past {
    async fn key_packages_of(&mut self, room: RoomId, other: &Self) -> (u16, Value);
    fn named(&self) -> Value;
}

impl Past for Sealed<Line<'_>> {
    async fn key_packages_of(&mut self, room: RoomId, other: &Self) -> (u16, Value) {
        let body = json!({ "devices": [other.named()] });
        self.wire
            .http("POST", &format!("/mls/rooms/{room}/key-packages"), body)
            .await
    }

    fn named(&self) -> Value {
        let name = self.device.name();
        json!({ "member_id": name.member, "device_id": name.device })
    }
}

#[tokio::test]
async fn a_key_package_is_handed_out_once_and_the_last_one_again() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, other] = both(&deal).await;
    let path = format!("/mls/rooms/{room}/key-packages");
    let body = json!({ "devices": [other.named()] });
    let app = &deal.world.app;
    let first = deal
        .job_side
        .write_once(app, "POST", &path, "once", body.clone())
        .await
        .expect(201);
    let again = deal
        .job_side
        .write_once(app, "POST", &path, "once", body.clone())
        .await
        .expect(201);
    assert_eq!(first, again, "under the same key the same one");
    let mut seen = vec![first["key_packages"][0]["key_package"].clone()];
    let claims = (0..4).map(|_| deal.job_side.write(app, "POST", &path, body.clone()));
    for answer in futures_util::future::join_all(claims).await {
        let package = answer.expect(201)["key_packages"][0].clone();
        assert_eq!(package["last_resort"], false);
        assert!(!seen.contains(&package["key_package"]), "each once");
        seen.push(package["key_package"].clone());
    }
    let last: Vec<Value> = [
        one.key_packages_of(room, &other).await,
        one.key_packages_of(room, &other).await,
    ]
    .map(|(_, answer)| answer["key_packages"][0].clone())
    .to_vec();
    assert_eq!((&last[0], &last[0]["last_resort"]), (&last[1], &json!(true)));
    let listed = deal.world.get(&deal.candidate_side, "/mls/devices").await.expect(200);
    assert_eq!(listed["devices"][0]["key_packages"], 0);
    let nobody = json!({ "devices": [{ "member_id": other.device.name().member, "device_id": Uuid::new_v4() }] });
    assert_eq!(
        deal.job_side.write(app, "POST", &path, nobody).await.problem(404),
        "not-found"
    );
    let twice = json!({ "devices": [other.named(), other.named()] });
    assert_eq!(
        deal.job_side.write(app, "POST", &path, twice).await.problem(422),
        "invalid-body"
    );
    assert_eq!(
        deal.employer.write(app, "POST", &path, body).await.problem(404),
        "not-found"
    );
}

#[tokio::test]
async fn a_person_has_ten_devices_and_a_device_a_hundred_packages() {
    let deal = &Deal::new("even").await;
    let (app, me) = (&deal.world.app, &deal.job_side);
    let mine = member(&deal.world, me).await;
    let theirs = member(&deal.world, &deal.candidate_side).await;
    let put = async |id: Uuid| {
        let body = json!({ "last_resort": package(mine, id, 0) });
        me.write(app, "PUT", &format!("/mls/devices/{id}"), body).await
    };
    let ids: Vec<Uuid> = (0..11).map(|_| Uuid::new_v4()).collect();
    for id in &ids[..10] {
        let _ = put(*id).await.expect(200);
    }
    assert_eq!(put(ids[10]).await.problem(409), "wrong-state");
    let many = futures_util::future::join_all((0..15).map(|_| {
        let id = Uuid::new_v4();
        let (path, body) = (
            format!("/mls/devices/{id}"),
            json!({ "last_resort": package(theirs, id, 0) }),
        );
        async move { deal.candidate_side.write(app, "PUT", &path, body).await }
    }));
    let taken = many.await.iter().filter(|answer| answer.status == 200).count();
    assert!((1..=10).contains(&taken), "at once as well: {taken}");
    let _ = put(ids[0]).await.expect(200);
    let stock = async |from: u8, count: u8, key: &str| {
        let packages: Vec<Opaque> = (from..from + count)
            .map(|number| package(mine, ids[0], number))
            .collect();
        let path = format!("/mls/devices/{}/key-packages", ids[0]);
        me.write_once(app, "POST", &path, key, json!({ "key_packages": packages }))
            .await
    };
    assert_eq!(stock(0, 50, "a").await.expect(201)["key_packages"], 50);
    // One is handed out, and the answer to the upload was lost.
    let room = of_deal(deal).await;
    let body = json!({ "devices": [{ "member_id": mine, "device_id": ids[0] }] });
    let claim = format!("/mls/rooms/{room}/key-packages");
    let _ = deal.candidate_side.write(app, "POST", &claim, body).await.expect(201);
    assert_eq!(stock(0, 50, "a").await.expect(201)["key_packages"], 50);
    // Nor does it under another key, or later.
    assert_eq!(stock(0, 50, "again").await.expect(201)["key_packages"], 49);
    let listed = deal.world.get(me, "/mls/devices").await.expect(200);
    let left = listed["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| device["key_packages"].as_u64().unwrap());
    assert_eq!(left.sum::<u64>(), 49, "what was handed out does not come back");
    let kept = stock(25, 50, "b").await.expect(201)["key_packages"].as_u64().unwrap();
    assert_eq!(kept, 74, "the same one is there once");
    assert_eq!(stock(75, 27, "c").await.problem(409), "wrong-state");
    assert_eq!(stock(0, 51, "d").await.problem(422), "invalid-body");
    let large = json!({ "key_packages": [Opaque([&package(mine, ids[0], 0).0[..], &[0; 512]].concat())] });
    let path = format!("/mls/devices/{}/key-packages", ids[0]);
    assert_eq!(me.write(app, "POST", &path, large).await.problem(422), "invalid-body");
    let body = json!({ "key_packages": [package(theirs, ids[0], 0)] });
    let refused = deal.candidate_side.write(app, "POST", &path, body).await;
    assert_eq!(refused.problem(404), "not-found", "another's device");
    assert_eq!(
        me.write(app, "DELETE", &format!("/mls/devices/{}", ids[0]), json!({}))
            .await
            .status,
        204
    );
    let _ = put(ids[10]).await.expect(200);
    let packages = format!("{:?}", deal.world.table.items()).matches("PACKAGE#").count();
    assert_eq!(packages, 0, "they go with the device");
    let upper = ids[1].to_string().to_uppercase();
    let body = json!({ "last_resort": package(mine, ids[1], 0) });
    assert_eq!(
        me.write(app, "PUT", &format!("/mls/devices/{upper}"), body)
            .await
            .problem(404),
        "not-found"
    );
}

/// A deal's encrypted room that one device has founded alone, with commits that only the server looks at.
struct Founded<'a> {
    deal: &'a Deal,
    room: RoomId,
    one: Sealed<Line<'a>>,
    other: Sealed<Line<'a>>,
}

fn commit(by: &Sealed<Line<'_>>, room: RoomId, epoch: u64) -> Value {
    let commit = private_message(&room.to_string(), 0, epoch, PrivateKind::Commit);
    json!({ "message": Uuid::new_v4(), "device_id": by.device.name().device, "epoch": epoch, "commit": commit })
}

/// One of many key packages of a device, as far as the server looks at them.
fn package(member: MemberId, device: Uuid, number: u8) -> Opaque {
    key_package(DeviceName { member, device }, 1, number)
}

/// Returns the spellings of a word: as text, as hexadecimal, and inside of something longer as base64, wherever it begins.
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

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn invite(body: Value, device: Value) -> Value {
    with(with(body, "added", json!([device])), "welcome", json!("AQ=="))
}

impl<'a> Founded<'a> {
    async fn new(deal: &'a Deal) -> Self {
        let room = of_deal(deal).await;
        let founded = Self {
            deal,
            room,
            one: device(&deal.world, &deal.job_side).await,
            other: device(&deal.world, &deal.candidate_side).await,
        };
        let early = founded.ask(&deal.job_side, commit(&founded.one, room, 0)).await;
        assert_eq!(
            early.problem(403),
            "forbidden",
            "nobody is in a group that nobody has founded"
        );
        let wrong = with(commit(&founded.one, room, 1), "founds", json!(true));
        assert_eq!(founded.ask(&deal.job_side, wrong).await.problem(409), "stale-version");
        let first = with(commit(&founded.one, room, 0), "founds", json!(true));
        let _ = founded.ask(&deal.job_side, first).await.expect(201);
        founded
    }

    async fn ask(&self, who: &Person, body: Value) -> Answer {
        let path = format!("/mls/rooms/{}/commits", self.room);
        who.write(&self.deal.world.app, "POST", &path, body).await
    }
}

#[tokio::test]
async fn a_commit_keeps_to_the_rules() {
    let deal = Deal::new("even").await;
    let founded = Founded::new(&deal).await;
    let (one, other, room) = (&founded.one, &founded.other, founded.room);
    let made = |founded_in, epoch, kind| json!(private_message(&room.to_string(), founded_in, epoch, kind));
    let elsewhere = json!(private_message(&RoomId::new().to_string(), 0, 1, PrivateKind::Commit));
    let unknown = json!({ "member_id": MemberId::new(), "device_id": Uuid::new_v4() });
    let large = json!(Opaque(vec![0; 48 * 1024 + 1]));
    let invalid = |field: &str, value: Value| {
        let body = with(commit(one, room, 1), field, value);
        (&deal.job_side, body, 422, "invalid-body")
    };
    for (who, body, status, problem) in [
        (&deal.candidate_side, commit(other, room, 1), 403, "forbidden"),
        (&deal.candidate_side, commit(one, room, 1), 404, "not-found"),
        (&deal.employer, commit(one, room, 1), 404, "not-found"),
        (&deal.job_side, commit(one, room, 0), 409, "stale-version"),
        (&deal.job_side, commit(one, room, 2), 409, "stale-version"),
        invalid("welcome", json!("AQ==")),
        invalid("added", json!([other.named()])),
        invalid("commit", json!("")),
        invalid("commit", large),
        (
            &deal.job_side,
            with(commit(one, room, 1), "removed", json!([one.named()])),
            404,
            "not-found",
        ),
        invalid("commit", json!("AQ==")),
        invalid("commit", elsewhere),
        invalid("commit", made(0, 1, PrivateKind::Message)),
        invalid("commit", made(1, 1, PrivateKind::Commit)),
        (
            &deal.job_side,
            with(commit(one, room, 1), "commit", made(0, 0, PrivateKind::Commit)),
            409,
            "stale-version",
        ),
        (
            &deal.job_side,
            with(commit(one, room, 1), "commit", made(0, 2, PrivateKind::Commit)),
            409,
            "stale-version",
        ),
        (
            &deal.job_side,
            invite(commit(one, room, 1), one.named()),
            404,
            "not-found",
        ),
        (&deal.job_side, invite(commit(one, room, 1), unknown), 404, "not-found"),
        (
            &deal.job_side,
            invite(
                with(
                    with(commit(one, room, 1), "commit", made(1, 1, PrivateKind::Commit)),
                    "founds",
                    json!(true),
                ),
                one.named(),
            ),
            404,
            "not-found",
        ),
    ] {
        assert_eq!(founded.ask(who, body.clone()).await.problem(status), problem, "{body}");
    }
}

#[tokio::test]
async fn an_encrypted_room_has_a_largest_size() {
    let deal = Deal::new("even").await;
    let founded = Founded::new(&deal).await;
    let store = &deal.world.store;
    let key = MlsGroup::key_of(founded.room);
    let mut group: MlsGroup = store.get(&key).await.unwrap().unwrap();
    let read_at = group.version;
    while group.devices.len() < inventure_realtime::DEVICES_MAX {
        let another = GroupDevice {
            device_id: Uuid::new_v4(),
            ..group.devices[0].clone()
        };
        group.devices.push(another);
    }
    group.version += 1;
    let _ = store.commit(Change::new().update(&group, read_at)).await.unwrap();
    let full = invite(commit(&founded.one, founded.room, 1), founded.other.named());
    let refused = founded.ask(&deal.job_side, full).await;
    assert_eq!(refused.problem(422), "invalid-body");
    // Nobody is missing for whom there is no room.
    let second = device(&deal.world, &deal.candidate_side).await;
    let path = format!("/mls/rooms/{}", founded.room);
    let missing = async || deal.world.get(&deal.job_side, &path).await.expect(200)["missing"].clone();
    assert_eq!(missing().await, json!([]));
    group.devices.pop();
    group.version += 1;
    let _ = store.commit(Change::new().update(&group, read_at + 1)).await.unwrap();
    let one_of = missing().await;
    let both = [founded.other.named(), second.named()];
    assert_eq!(one_of.as_array().map(Vec::len), Some(1), "{one_of}");
    assert!(both.contains(&one_of[0]), "{one_of}");
    let many: Vec<Value> = (0..51)
        .map(|_| json!({ "member_id": MemberId::new(), "device_id": Uuid::new_v4() }))
        .collect();
    let many = with(commit(&founded.one, founded.room, 1), "removed", json!(many));
    assert_eq!(founded.ask(&deal.job_side, many).await.problem(422), "invalid-body");
}

#[tokio::test]
async fn a_commit_counts_once_and_removes_only_who_is_out_or_ones_own() {
    let deal = Deal::new("even").await;
    let mut founded = Founded::new(&deal).await;
    let body = invite(commit(&founded.one, founded.room, 1), founded.other.named());
    let taken = founded.ask(&deal.job_side, body.clone()).await.expect(201);
    let again = founded.ask(&deal.job_side, body.clone()).await.expect(201);
    assert_eq!(again, taken, "sent again, it counts once");
    let other_commit = with(body, "commit", commit(&founded.one, founded.room, 5)["commit"].clone());
    assert_eq!(
        founded.ask(&deal.job_side, other_commit).await.problem(409),
        "already-exists"
    );
    let kick = with(
        commit(&founded.one, founded.room, 2),
        "removed",
        json!([founded.other.named()]),
    );
    assert_eq!(founded.ask(&deal.job_side, kick).await.problem(403), "forbidden");
    let phone = device(&deal.world, &deal.job_side).await;
    let body = invite(commit(&founded.one, founded.room, 2), phone.named());
    let _ = founded.ask(&deal.job_side, body).await.expect(201);
    let own = with(commit(&founded.one, founded.room, 3), "removed", json!([phone.named()]));
    let _ = founded.ask(&deal.job_side, own).await.expect(201);
    let path = format!("/mls/rooms/{}", founded.room);
    let (_, group) = founded.one.wire.http("GET", &path, json!({})).await;
    let inside = json!([founded.one.named(), founded.other.named()]);
    assert_eq!((&group["epoch"], &group["devices"]), (&json!(4), &inside));
    assert_eq!(
        (&group["out"], &group["missing"]),
        (&json!([]), &json!([phone.named()]))
    );
}

#[tokio::test]
async fn a_welcome_is_for_the_devices_that_it_is_for() {
    let deal = Deal::new("even").await;
    let mut founded = Founded::new(&deal).await;
    let body = invite(commit(&founded.one, founded.room, 1), founded.other.named());
    let _ = founded.ask(&deal.job_side, body).await.expect(201);
    let mut phone = device(&deal.world, &deal.candidate_side).await;
    let room = founded.room;
    let Founded { one, other, .. } = &mut founded;
    let list = format!("/mls/devices/{}/welcomes", other.device.name().device);
    let welcome = format!("{list}/{room}/2");
    let phones = format!("/mls/devices/{}/welcomes/{room}/2", phone.device.name().device);
    assert_eq!(other.wire.http("GET", &welcome, json!({})).await.1["welcome"], "AQ==");
    assert_eq!(
        phone.wire.http("GET", &phones, json!({})).await.0,
        404,
        "another device"
    );
    assert_eq!(
        one.wire.http("GET", &welcome, json!({})).await.0,
        404,
        "another's device"
    );
    assert_eq!(
        other.wire.http("GET", &list, json!({})).await.1["welcomes"][0]["offset"],
        2
    );
    assert_eq!(one.wire.http("GET", &list, json!({})).await.0, 404);
    assert_eq!(other.wire.http("DELETE", &welcome, json!({})).await.0, 204);
    assert_eq!(other.wire.http("GET", &welcome, json!({})).await.0, 404);
    let heard = deal.world.sockets.lines.heard(&other.wire.connection);
    let told = json!({ "type": "welcome", "room": room, "device": other.device.name().device, "offset": 2 });
    assert!(heard.contains(&told), "{heard:?}");
}

#[tokio::test]
async fn a_room_that_no_device_can_open_begins_anew() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    one.update(room).await.unwrap();
    one.say(room, "before").await.unwrap();
    other.catch_up(room).await.unwrap();
    // One loses all that they have; their new device is not in the group and nobody who is comes by.
    let path = format!("/mls/devices/{}", one.device.name().device);
    let _ = one.wire.http("DELETE", &path, json!({})).await;
    let mut new = device(&deal.world, &deal.job_side).await;
    new.catch_up(room).await.unwrap();
    assert_eq!(code(new.say(room, "let me in").await), Code::Forbidden);
    assert!(new.found(room).await.unwrap());
    // What was made in the group before it fits no epoch of the new one.
    let path = format!("/mls/rooms/{room}/commits");
    for epoch in [1, 2] {
        let (status, answer) = other.wire.http("POST", &path, commit(&other, room, epoch)).await;
        assert_eq!(status, 409, "{answer}");
    }
    let refused = other.seal(room, Uuid::new_v4(), "in the group before").await;
    assert_eq!(code(refused), Code::StaleEpoch);
    new.say(room, "anew").await.unwrap();
    other.say(room, "welcome back").await.unwrap();
    new.catch_up(room).await.unwrap();
    assert_eq!(new.texts(room), ["anew", "welcome back"]);
    other.catch_up(room).await.unwrap();
    assert_eq!(other.texts(room), ["before", "anew", "welcome back"]);
    let names: Vec<_> = other
        .device
        .members(room)
        .unwrap()
        .iter()
        .map(|leaf| leaf.device)
        .collect();
    assert_eq!(names.len(), 2);
    assert!(!names.contains(&one.device.name()));
}

#[tokio::test]
async fn a_commit_that_does_another_thing_than_it_says_is_seen() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    // It lets a device in of which it says nothing.
    let mut hidden = Device::new(one.device.name().member, Uuid::new_v4()).unwrap();
    let package = (hidden.name(), hidden.key_package().unwrap());
    let staged = one.device.invite(room, &[package]).unwrap();
    let body = json!({
        "message": Uuid::new_v4(), "device_id": one.device.name().device, "epoch": staged.epoch,
        "commit": Opaque(staged.commit.clone()),
    });
    let (status, _) = one.wire.http("POST", &format!("/mls/rooms/{room}/commits"), body).await;
    assert_eq!(status, 201, "the server cannot see it");
    other.catch_up(room).await.unwrap();
    assert_eq!(other.heard(room), [Heard::Lie(one.device.name().member)]);
    // A server counts a commit again that is of an epoch that has passed.
    let all = Action::History {
        room,
        after: 0,
        before: None,
        limit: None,
    };
    let Ok(Ack::History { mut entries, last, .. }) = other.wire.frame(all).await else {
        unreachable!("no history")
    };
    let mut again = entries.pop().unwrap();
    again.offset = last + 1;
    if let Content::Commit { epoch, .. } = &mut again.content {
        *epoch += 1;
    }
    other.take(again).await;
    let lie = Heard::Lie(one.device.name().member);
    assert_eq!(other.heard(room), [lie.clone(), lie]);
}

/// Returns the request by which a device makes a commit count, whatever it says of it.
fn told(by: &Sealed<Line<'_>>, commit: &[u8], epoch: u64) -> Value {
    json!({
        "message": Uuid::new_v4(), "device_id": by.device.name().device, "epoch": epoch,
        "commit": Opaque(commit.to_vec()),
    })
}

async fn all_talk(devices: &mut [Sealed<Line<'_>>], room: RoomId) {
    let words: Vec<String> = devices.iter().map(|device| device.device.name().to_string()).collect();
    for (device, word) in devices.iter_mut().zip(&words) {
        device.say(room, word).await.unwrap();
    }
    for device in &mut *devices {
        device.catch_up(room).await.unwrap();
        let texts = device.texts(room);
        assert!(
            texts.ends_with(&words.iter().map(String::as_str).collect::<Vec<_>>()),
            "{texts:?}"
        );
    }
    let shown = devices.iter().map(|device| device.device.authenticator(room).unwrap());
    assert_eq!(shown.collect::<std::collections::HashSet<_>>().len(), 1);
}

/// Starts a device anew from what it saved.
fn restart(device: &mut Sealed<Line<'_>>) {
    device.device = Device::restore(&device.device.save().unwrap()).unwrap();
}

#[tokio::test]
async fn a_device_that_stayed_behind_neither_seals_nor_removes() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    let mut phone = device(&deal.world, &deal.candidate_side).await;
    one.tidy(room).await.unwrap();
    for device in [&mut other, &mut phone] {
        device.catch_up(room).await.unwrap();
    }
    let mut behind = Device::restore(&other.device.save().unwrap()).unwrap();
    one.update(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    let path = format!("/mls/devices/{}", phone.device.name().device);
    assert_eq!(phone.wire.http("DELETE", &path, json!({})).await.0, 204);
    // It knows the room's epoch, and its keys are of the one before: others would pass over its commit, and the telephone would read on.
    let epoch = one.device.epoch(room).unwrap();
    let staged = behind.remove(room, &[phone.device.name()]).unwrap();
    let body = with(told(&other, &staged.commit, epoch), "removed", json!([phone.named()]));
    let path = format!("/mls/rooms/{room}/commits");
    assert_eq!(other.wire.http("POST", &path, body).await.0, 409);
    let (_, group) = one.wire.http("GET", &format!("/mls/rooms/{room}"), json!({})).await;
    assert_eq!(group["out"], json!([phone.named()]), "it is in still");
    one.say(room, "without the telephone").await.unwrap();
    other.catch_up(room).await.unwrap();
    let send = async |sealed: Vec<u8>, wire: &mut Line<'_>, epoch| {
        let action = Action::Sealed {
            room,
            message: Uuid::new_v4(),
            epoch,
            sealed: Opaque(sealed),
            mentions: Vec::new(),
            attachments: Vec::new(),
        };
        wire.frame(action).await.map_err(|refusal| refusal.code)
    };
    let epoch = epoch + 1;
    let old = behind.seal(room, b"with old keys").unwrap();
    assert_eq!(send(old, &mut other.wire, epoch).await, Err(Code::StaleEpoch));
    let commit = other.device.update(room).unwrap().commit;
    assert_eq!(
        send(commit, &mut other.wire, epoch).await,
        Err(Code::Malformed),
        "a commit that is called a message"
    );
    other.device.discard(room).unwrap();
    all_talk(&mut [one, other], room).await;
}

#[tokio::test]
async fn a_device_that_nobody_can_let_in_keeps_nobody_else_out() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    let (app, them) = (&deal.world.app, &deal.candidate_side);
    for wrong in ["AA==", "AAEAAgABAAE=", "AAEABQABAAM="] {
        let path = format!("/mls/devices/{}", other.device.name().device);
        let body = json!({ "last_resort": wrong });
        assert_eq!(them.write(app, "PUT", &path, body).await.problem(422), "invalid-body");
        let body = json!({ "key_packages": [wrong] });
        let answer = them.write(app, "POST", &format!("{path}/key-packages"), body).await;
        assert_eq!(answer.problem(422), "invalid-body");
    }
    // It begins as a key package does, and is none.
    let garbage = Uuid::new_v4();
    let body = json!({ "last_resort": package(other.device.name().member, garbage, 0) });
    let path = format!("/mls/devices/{garbage}");
    let _ = them.write(app, "PUT", &path, body).await.expect(200);
    // It was not used for so long that nobody may take its key package any more.
    let stale = device(&deal.world, them).await;
    unused(&deal, stale.device.name()).await;
    let asked = json!({ "devices": [stale.named()] });
    let packages = format!("/mls/rooms/{room}/key-packages");
    for _ in 0..5 {
        let answer = deal
            .job_side
            .write(app, "POST", &packages, asked.clone())
            .await
            .expect(201);
        assert_eq!(
            answer["key_packages"][0]["last_resort"], false,
            "what it brought is good still"
        );
    }
    let answer = deal.job_side.write(app, "POST", &packages, asked).await.expect(201);
    assert_eq!(answer["key_packages"], json!([]));
    let group = deal
        .world
        .get(&deal.job_side, &format!("/mls/rooms/{room}"))
        .await
        .expect(200);
    assert!(
        !group["missing"].as_array().unwrap().contains(&stale.named()),
        "{group}"
    );
    one.tidy(room).await.unwrap();
    let inside: Vec<DeviceName> = one
        .device
        .members(room)
        .unwrap()
        .iter()
        .map(|leaf| leaf.device)
        .collect();
    assert_eq!(inside.len(), 2, "{inside:?}");
    other.catch_up(room).await.unwrap();
    // And one that comes later is let in.
    let mut late = device(&deal.world, them).await;
    other.tidy(room).await.unwrap();
    late.catch_up(room).await.unwrap();
    let left = deal.world.get(them, "/mls/devices").await.expect(200);
    let left = left["devices"].as_array().unwrap().iter();
    let mut left: Vec<u64> = left.map(|device| device["key_packages"].as_u64().unwrap()).collect();
    left.sort_unstable();
    assert_eq!(left, [0, 0, 4, 4], "each device's packages are used once");
    all_talk(&mut [one, other, late], room).await;
}

#[tokio::test]
async fn a_device_has_one_name_and_one_signature_key() {
    let deal = Deal::new("even").await;
    let (app, me) = (&deal.world.app, &deal.job_side);
    let (mine, id) = (member(&deal.world, me).await, Uuid::new_v4());
    let name = DeviceName {
        member: mine,
        device: id,
    };
    let path = format!("/mls/devices/{id}");
    let put = async |package: Opaque| me.write(app, "PUT", &path, json!({ "last_resort": package })).await;
    let stock = async |package: Opaque| {
        let body = json!({ "key_packages": [package] });
        me.write(app, "POST", &format!("{path}/key-packages"), body).await
    };
    let of_another = [package(mine, Uuid::new_v4(), 1), package(MemberId::new(), id, 1)];
    for other in &of_another {
        assert_eq!(put(other.clone()).await.problem(422), "invalid-body");
    }
    let _ = put(key_package(name, 1, 1)).await.expect(200);
    for other in of_another {
        assert_eq!(put(other.clone()).await.problem(422), "invalid-body");
        assert_eq!(stock(other).await.problem(422), "invalid-body");
    }
    // The same name with another key.
    assert_eq!(put(key_package(name, 2, 2)).await.problem(409), "wrong-state");
    assert_eq!(stock(key_package(name, 2, 2)).await.problem(409), "wrong-state");
    let _ = put(key_package(name, 1, 2)).await.expect(200);
    let _ = stock(key_package(name, 1, 3)).await.expect(201);
}

/// Makes the last sight of a device so old that none of its key packages is good any more.
async fn unused(deal: &Deal, name: DeviceName) {
    let store = &deal.world.store;
    let key = MlsDevice::key_of(name.member, name.device);
    let mut record: MlsDevice = store.get(&key).await.unwrap().unwrap();
    record.renewed_at = clock::now() - SignedDuration::from_hours(24 * 70);
    let _ = store.commit(Change::new().put(&record, Condition::None)).await.unwrap();
}

#[tokio::test]
async fn who_comes_in_under_the_name_of_an_old_device_is_seen() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    // Both people have a device in a drawer. One of them lets another device in under the name of the other's.
    let old = device(&deal.world, &deal.candidate_side).await;
    let mut late = device(&deal.world, &deal.job_side).await;
    let name = old.device.name();
    let mut impostor = Device::new(name.member, name.device).unwrap();
    let packages = [
        (name, impostor.key_package().unwrap()),
        (late.device.name(), late.device.key_package().unwrap()),
    ];
    one.device.invite(room, &packages).unwrap();
    assert!(one.settle(room).await.unwrap(), "the server cannot see it");
    let liar = Heard::Lie(one.device.name().member);
    other.catch_up(room).await.unwrap();
    assert_eq!(other.heard(room), std::slice::from_ref(&liar));
    // Who comes in with it sees it too.
    late.catch_up(room).await.unwrap();
    assert_eq!(late.heard(room).last(), Some(&liar));
    // The same by founding the group anew, under the own name.
    let (old, mut third) = (
        device(&deal.world, &deal.job_side).await.device.name(),
        device(&deal.world, &deal.candidate_side).await,
    );
    let mut impostor = Device::new(old.member, old.device).unwrap();
    let epoch = other.device.epoch(room).unwrap();
    let package = third.device.key_package().unwrap();
    std::mem::swap(&mut one.device, &mut impostor);
    one.device
        .found(room, epoch, &[(third.device.name(), package)])
        .unwrap();
    assert!(one.settle(room).await.unwrap());
    third.catch_up(room).await.unwrap();
    assert_eq!(third.heard(room).last(), Some(&liar));
}

#[tokio::test]
async fn a_welcome_into_something_else_is_seen_and_the_device_comes_back() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    // One lets a device in, and sends it the welcome of a group that has gone on by itself.
    let mut late = device(&deal.world, &deal.candidate_side).await;
    let mut fork = Device::restore(&one.device.save().unwrap()).unwrap();
    fork.update(room).unwrap();
    fork.confirm(room).unwrap();
    let mut package = || (late.device.name(), late.device.key_package().unwrap());
    let (first, second) = (package(), package());
    let astray = fork.invite(room, &[first]).unwrap().welcome.unwrap();
    let staged = one.device.invite(room, &[second]).unwrap();
    let body = with(
        invite(told(&one, &staged.commit, staged.epoch), late.named()),
        "welcome",
        json!(Opaque(astray)),
    );
    let path = format!("/mls/rooms/{room}/commits");
    assert_eq!(one.wire.http("POST", &path, body).await.0, 201);
    one.device.confirm(room).unwrap();
    late.catch_up(room).await.unwrap();
    let liar = Heard::Lie(one.device.name().member);
    assert_eq!(late.heard(room).last(), Some(&liar));
    assert!(late.device.epoch(room).is_err(), "it is in no room of the liar's");
    late.tidy(room).await.unwrap();
    other.tidy(room).await.unwrap();
    late.catch_up(room).await.unwrap();
    all_talk(&mut [other, late], room).await;
}

#[tokio::test]
async fn a_device_that_nobody_uses_is_let_in_by_nobody() {
    let deal = Deal::new("even").await;
    let founded = Founded::new(&deal).await;
    let (other, room) = (&founded.other, founded.room);
    unused(&deal, other.device.name()).await;
    // What it brought is good still, also when it is handed out.
    let path = format!("/mls/rooms/{room}/key-packages");
    for _ in 0..5 {
        let body = json!({ "devices": [other.named()] });
        let _ = deal
            .job_side
            .write(&deal.world.app, "POST", &path, body)
            .await
            .expect(201);
    }
    let body = invite(commit(&founded.one, room, 1), other.named());
    let _ = founded.ask(&deal.job_side, body).await.expect(201);
    // Another has brought nothing since.
    let silent = DeviceName {
        member: other.device.name().member,
        device: Uuid::new_v4(),
    };
    let silent_path = format!("/mls/devices/{}", silent.device);
    let body = json!({ "last_resort": key_package(silent, 1, 1) });
    let _ = deal
        .candidate_side
        .write(&deal.world.app, "PUT", &silent_path, body)
        .await
        .expect(200);
    unused(&deal, silent).await;
    let named = json!({ "member_id": silent.member, "device_id": silent.device });
    let body = invite(commit(&founded.one, room, 2), named);
    assert_eq!(founded.ask(&deal.job_side, body).await.problem(404), "not-found");
}

#[tokio::test]
async fn who_has_a_lost_devices_sign_in_changes_nothing_any_more() {
    let deal = Deal::new("even").await;
    let (app, room) = (&deal.world.app, of_deal(&deal).await);
    let before = clock::now() - SignedDuration::from_secs(60);
    // Two sessions of one person, and one of them gives a device up.
    let (thief, owner) = (
        deal.job_side.signed_in(before),
        deal.job_side.signed_in(before + SignedDuration::from_secs(10)),
    );
    let me = member(&deal.world, &thief).await;
    let put = async |who: &Person, id: Uuid| {
        let body = json!({ "last_resort": package(member(&deal.world, who).await, id, 0) });
        who.write(app, "PUT", &format!("/mls/devices/{id}"), body).await
    };
    let give_up = async |who: &Person, id: Uuid| {
        let path = format!("/mls/devices/{id}");
        who.write(app, "DELETE", &path, json!({})).await
    };
    let (phone, laptop, new) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    for id in [phone, laptop] {
        let _ = put(&thief, id).await.expect(200);
    }
    assert_eq!(give_up(&owner, phone).await.status, 204);
    let device = format!("/mls/devices/{laptop}");
    let commit = private_message(&room.to_string(), 0, 0, PrivateKind::Commit);
    let writes = [
        ("PUT", device.clone(), json!({ "last_resort": package(me, laptop, 0) })),
        (
            "POST",
            format!("{device}/key-packages"),
            json!({ "key_packages": [package(me, laptop, 1)] }),
        ),
        ("DELETE", format!("{device}/welcomes/{room}/1"), json!({})),
        (
            "POST",
            format!("/mls/rooms/{room}/key-packages"),
            json!({ "devices": [{ "member_id": me, "device_id": laptop }] }),
        ),
        (
            "POST",
            format!("/mls/rooms/{room}/commits"),
            json!({ "message": new, "device_id": laptop, "epoch": 0, "founds": true, "commit": commit }),
        ),
        ("DELETE", format!("/mls/rooms/{room}/devices/{laptop}"), json!({})),
    ];
    for (method, path, body) in writes {
        let refused = thief.write(app, method, &path, body.clone()).await;
        assert_eq!(refused.problem(401), "unauthenticated", "{method} {path}");
        let done = owner.write(app, method, &path, body).await;
        assert!(done.status.is_success(), "{method} {path}: {}", done.body);
    }
    assert_eq!(
        give_up(&thief, laptop).await.problem(401),
        "unauthenticated",
        "it would be the session that gave one up"
    );
    let later = deal.job_side.signed_in(clock::now() - SignedDuration::from_secs(1));
    for who in [&thief, &owner, &later] {
        assert_eq!(put(who, new).await.problem(401), "unauthenticated");
    }
    let anew = deal.job_side.signed_in(clock::now() + SignedDuration::from_secs(2));
    let _ = put(&anew, new).await.expect(200);
    assert_eq!(put(&anew, phone).await.problem(409), "wrong-state");
    // The last giving up counts.
    assert_eq!(give_up(&anew, new).await.status, 204);
    assert_eq!(put(&owner, laptop).await.problem(401), "unauthenticated");
    let _ = put(&anew, laptop).await.expect(200);
    // Somebody else is not asked.
    let _ = put(&deal.candidate_side.signed_in(before), new).await.expect(200);
}

#[tokio::test]
async fn a_commit_of_a_device_that_calls_itself_another_is_seen() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    let mut phone = device(&deal.world, &deal.candidate_side).await;
    one.tidy(room).await.unwrap();
    for device in [&mut other, &mut phone] {
        device.catch_up(room).await.unwrap();
    }
    let staged = phone.device.update(room).unwrap();
    let body = told(&other, &staged.commit, staged.epoch);
    let (status, _) = phone
        .wire
        .http("POST", &format!("/mls/rooms/{room}/commits"), body)
        .await;
    assert_eq!(status, 201, "the server cannot see it");
    one.catch_up(room).await.unwrap();
    assert_eq!(one.heard(room), [Heard::Lie(phone.device.name().member)]);
}

#[tokio::test]
async fn nobody_keeps_the_others_at_work_all_the_time() {
    let deal = Deal::new("even").await;
    let founded = Founded::new(&deal).await;
    let (one, other, room) = (&founded.one, &founded.other, founded.room);
    let body = invite(commit(one, room, 1), other.named());
    let _ = founded.ask(&deal.job_side, body).await.expect(201);
    let connections = deal.world.sockets.store();
    let ask = |by: &Sealed<Line<'_>>, what: &str| {
        let name = by.device.name();
        let id = name.device;
        match what {
            "commits" => ("POST", format!("/mls/rooms/{room}/commits"), commit(by, room, 9)),
            "leaves" => (
                "DELETE",
                format!("/mls/rooms/{room}/devices/{}", Uuid::new_v4()),
                json!({}),
            ),
            "devices" => (
                "PUT",
                format!("/mls/devices/{id}"),
                json!({ "last_resort": package(name.member, id, 0) }),
            ),
            _ => (
                "POST",
                format!("/mls/rooms/{room}/key-packages"),
                json!({ "devices": [by.named()] }),
            ),
        }
    };
    for (what, most, status) in [
        ("commits", 60, 409),
        ("leaves", 6, 204),
        ("devices", 20, 409),
        ("key-packages", 60, 201),
    ] {
        // All but one, in this minute and in the next.
        let now = clock::now().as_second();
        for begins_at in [now - now.rem_euclid(60), now - now.rem_euclid(60) + 60] {
            let key = FrameCounts::key_of(one.device.name().member, begins_at);
            let counted = connections.count(&key, &[what], now + 600).await.unwrap()[0];
            for _ in counted..most - 1 {
                let _ = connections.count(&key, &[what], now + 600).await.unwrap();
            }
        }
        let send = async |who: &Person, by| {
            let (method, path, body) = ask(by, what);
            who.write(&deal.world.app, method, &path, body).await
        };
        assert_eq!(send(&deal.job_side, one).await.status, status, "{what}");
        let refused = send(&deal.job_side, one).await;
        assert_eq!(refused.problem(429), "too-many-requests", "{what}");
        assert_eq!(send(&deal.candidate_side, other).await.status, status, "{what}");
    }
}

#[tokio::test]
async fn a_commit_of_which_nobody_says_what_became_of_it_is_sent_again() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    // Taken, and no answer comes; the device starts anew.
    one.wire.lost = u32::MAX;
    assert_eq!(one.update(room).await.unwrap_err().code, Code::Unavailable);
    let sent = one.device.pending(room).cloned().unwrap();
    restart(&mut one);
    assert_eq!(one.device.pending(room), Some(&sent));
    other.say(room, "meanwhile").await.unwrap();
    other.update(room).await.unwrap();
    one.wire.lost = 0;
    assert!(one.settle(room).await.unwrap(), "it had been taken");
    one.catch_up(room).await.unwrap();
    assert_eq!(one.device.epoch(room), other.device.epoch(room));
    // Not taken, since nothing answers; the device starts anew.
    deal.world.table.fail_next(12);
    assert_eq!(one.update(room).await.unwrap_err().code, Code::Unavailable);
    restart(&mut one);
    assert!(one.settle(room).await.unwrap(), "it is taken now");
    // Not taken, since another one was.
    other.catch_up(room).await.unwrap();
    deal.world.table.fail_next(12);
    assert_eq!(one.update(room).await.unwrap_err().code, Code::Unavailable);
    assert!(other.update(room).await.unwrap());
    assert!(!one.settle(room).await.unwrap());
    assert_eq!(one.device.pending(room), None);
    for device in [&one, &other] {
        let fine = |heard: &Heard| matches!(heard, Heard::Said(..) | Heard::Changed { .. });
        assert!(device.heard(room).iter().all(fine), "{:?}", device.heard(room));
    }
    all_talk(&mut [one, other], room).await;
}

#[tokio::test]
async fn a_group_that_is_founded_anew_keeps_the_one_before_until_it_is_taken() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    let epoch = one.device.epoch(room).unwrap();
    // Another commit is taken in that epoch.
    one.device.found(room, epoch, &[]).unwrap();
    assert!(other.update(room).await.unwrap());
    assert!(!one.settle(room).await.unwrap());
    assert_eq!(one.device.epoch(room), other.device.epoch(room));
    let mut devices = [one, other];
    all_talk(&mut devices, room).await;
    let [mut one, mut other] = devices;
    // It is taken, and no answer comes.
    let epoch = one.device.epoch(room);
    one.wire.lost = u32::MAX;
    assert_eq!(one.found(room).await.unwrap_err().code, Code::Unavailable);
    assert_eq!(one.device.epoch(room), epoch, "the group from before is there");
    restart(&mut one);
    one.wire.lost = 0;
    assert!(one.settle(room).await.unwrap());
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    all_talk(&mut [one, other], room).await;
}

#[tokio::test]
async fn a_device_that_cannot_follow_says_so_and_comes_back() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    let list = format!("/mls/rooms/{room}");
    let mut inside = format!("{list}/devices/{}", other.device.name().device);
    // It was set back behind what it has read; then behind what it has sent.
    for own in [false, true] {
        let before = other.device.save().unwrap();
        if own {
            other.wire.lost = u32::MAX;
            assert_eq!(other.update(room).await.unwrap_err().code, Code::Unavailable);
            other.wire.lost = 0;
        } else {
            assert!(one.update(room).await.unwrap());
            other.catch_up(room).await.unwrap();
        }
        other.device = Device::restore(&before).unwrap();
        one.catch_up(room).await.unwrap();
        assert!(one.update(room).await.unwrap());
        let heard = other.heard(room).len();
        other.tidy(room).await.unwrap();
        let expected = |heard: &Heard| match heard {
            Heard::Closed(Error::Own) => own,
            Heard::Closed(Error::Ahead { .. }) => !own,
            _ => false,
        };
        assert!(
            other.heard(room)[heard..].iter().any(expected),
            "{:?}",
            other.heard(room)
        );
        let (_, group) = one.wire.http("GET", &list, json!({})).await;
        assert_eq!(group["out"], json!([other.named()]), "it said so");
        assert_eq!(
            code(one.seal(room, Uuid::new_v4(), "not to it").await),
            Code::DevicesOut
        );
        let epoch = group["epoch"].as_u64().unwrap();
        let path = format!("{list}/commits");
        let refused = other.wire.http("POST", &path, commit(&other, room, epoch)).await;
        assert_eq!(refused.0, 403, "it changes nothing any more");
        one.tidy(room).await.unwrap();
        other.catch_up(room).await.unwrap();
        let mut devices = [one, other];
        all_talk(&mut devices, room).await;
        [one, other] = devices;
    }
    // Whoever else says so of it changes nothing, and who is in no group neither.
    assert_eq!(one.wire.http("DELETE", &inside, json!({})).await.0, 204);
    inside.replace_range(inside.len() - 4.., "0000");
    assert_eq!(other.wire.http("DELETE", &inside, json!({})).await.0, 204);
    let refused = deal.employer.write(&deal.world.app, "DELETE", &inside, json!({})).await;
    assert_eq!(refused.problem(404), "not-found");
    let (_, group) = one.wire.http("GET", &list, json!({})).await;
    assert_eq!(group["out"], json!([]));
}

#[tokio::test]
async fn who_has_the_keys_and_is_in_no_list_is_told_and_removed() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    // One lets a device in of which the server learns nothing, and then puts one on the list that has no keys.
    let mut hidden = Device::new(one.device.name().member, Uuid::new_v4()).unwrap();
    let package = (hidden.name(), hidden.key_package().unwrap());
    let staged = one.device.invite(room, &[package]).unwrap();
    let commits = format!("/mls/rooms/{room}/commits");
    let body = told(&one, &staged.commit, staged.epoch);
    assert_eq!(one.wire.http("POST", &commits, body).await.0, 201);
    one.device.confirm(room).unwrap();
    let mut paper = device(&deal.world, &deal.job_side).await;
    let staged = one.device.update(room).unwrap();
    let body = invite(told(&one, &staged.commit, staged.epoch), paper.named());
    assert_eq!(one.wire.http("POST", &commits, body).await.0, 201);
    one.device.confirm(room).unwrap();
    other.catch_up(room).await.unwrap();
    let liar = Heard::Lie(one.device.name().member);
    assert_eq!(other.heard(room), [liar.clone(), liar]);
    // Who joins finds it.
    let mut late = device(&deal.world, &deal.candidate_side).await;
    let (status, packages) = other.key_packages_of(room, &late).await;
    assert_eq!(status, 201);
    let package: Opaque = serde_json::from_value(packages["key_packages"][0]["key_package"].clone()).unwrap();
    other.device.invite(room, &[(late.device.name(), package.0)]).unwrap();
    assert!(other.settle(room).await.unwrap());
    late.catch_up(room).await.unwrap();
    let stranger = Heard::Stranger(hidden.name());
    assert_eq!(late.heard(room).last(), Some(&stranger));
    // The one on the list goes as well, once it is out, and comes in by an invitation.
    paper.tidy(room).await.unwrap();
    late.tidy(room).await.unwrap();
    assert!(
        late.device
            .members(room)
            .unwrap()
            .iter()
            .all(|leaf| leaf.device != hidden.name())
    );
    for device in [&mut other, &mut paper] {
        device.tidy(room).await.unwrap();
    }
    assert!(!other.heard(room).contains(&stranger), "it went before");
    let changed = |heard: &&Heard| matches!(heard, Heard::Lie(_));
    assert_eq!(
        other.heard(room).iter().filter(changed).count(),
        2,
        "{:?}",
        other.heard(room)
    );
    all_talk(&mut [other, late, paper], room).await;
}

#[tokio::test]
async fn a_room_that_was_set_back_voids_what_devices_know_of_it() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let [mut one, mut other] = both(&deal).await;
    one.tidy(room).await.unwrap();
    one.say(room, "before").await.unwrap();
    let of_room = |item: &Item| item["pk"].as_s().unwrap().contains(&room.to_string());
    let copy: Vec<Item> = deal.world.table.items().into_iter().filter(of_room).collect();
    for device in [&mut one, &mut other] {
        device.catch_up(room).await.unwrap();
        assert!(device.update(room).await.unwrap());
        device.say(room, "after the copy").await.unwrap();
    }
    // Everything of the room is as it was, but for its epoch.
    let (table, store) = (&deal.world.table, &deal.world.store);
    let gone = table.items().into_iter().filter(of_room);
    let gone = gone.map(|item| Write::Delete(Key::of(&item).unwrap(), Condition::None));
    table.transact(gone.collect()).await.unwrap();
    let back = copy.into_iter().map(|item| Write::Put(item, Condition::None));
    table.transact(back.collect()).await.unwrap();
    let mut record: Room = store.get(&Room::key_of(room)).await.unwrap().unwrap();
    record.epoch = Uuid::new_v4();
    let _ = store.commit(Change::new().put(&record, Condition::None)).await.unwrap();
    assert!(one.found(room).await.unwrap());
    one.tidy(room).await.unwrap();
    other.catch_up(room).await.unwrap();
    all_talk(&mut [one, other], room).await;
}

/// Checks that all devices in the group at the end have heard the same. People come, go, lose devices, make new keys and talk,
/// two at a time.
#[tokio::test]
async fn whatever_happens_those_inside_hear_the_same() {
    let deal = Deal::new("even").await;
    let room = of_deal(&deal).await;
    let world = &deal.world;
    let people = [&deal.job_side, &deal.candidate_side];
    let mut devices = vec![device(world, people[0]).await, device(world, people[1]).await];
    devices[0].tidy(room).await.unwrap();
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let mut roll = |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice % sides as u64) as usize
    };
    for step in 0..40 {
        match roll(8) {
            0 if devices.len() < 6 => {
                let new = device(world, people[roll(2)]).await;
                devices.push(new);
                devices[0].tidy(room).await.unwrap();
            }
            1 if devices.len() > 3 => {
                let mut gone = devices.remove(1 + roll(devices.len() - 1));
                let path = format!("/mls/devices/{}", gone.device.name().device);
                let _ = gone.wire.http("DELETE", &path, json!({})).await;
            }
            2 | 3 => {
                let (first, rest) = devices.split_at_mut(1);
                let other = roll(rest.len());
                first[0].catch_up(room).await.unwrap();
                rest[other].catch_up(room).await.unwrap();
                let both = futures_util::join!(first[0].update(room), rest[other].update(room));
                assert!(both.0.unwrap() || both.1.unwrap());
            }
            _ => {
                let (first, rest) = devices.split_at_mut(1);
                let other = roll(rest.len());
                rest[other].catch_up(room).await.unwrap();
                let (one, two) = (format!("{step} one"), format!("{step} two"));
                let both = futures_util::join!(first[0].say(room, &one), rest[other].say(room, &two));
                assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
            }
        }
    }
    devices[0].tidy(room).await.unwrap();
    for device in &mut devices {
        device.catch_up(room).await.unwrap();
    }
    let (first, rest) = devices.split_first().unwrap();
    let all = first.texts(room);
    assert!(all.len() > 20);
    for device in rest {
        let heard = device.texts(room);
        assert!(all.ends_with(&heard), "{heard:?}\n{all:?}");
        assert_eq!(device.device.authenticator(room), first.device.authenticator(room));
        // From its coming on it has missed nothing.
        let after = device
            .heard(room)
            .iter()
            .skip_while(|heard| matches!(heard, Heard::Closed(_)));
        assert!(
            after
                .clone()
                .all(|heard| !matches!(heard, Heard::Closed(_) | Heard::Lie(_))),
            "{:?}",
            device.heard(room)
        );
    }
}

#[test]
fn a_full_room_fits_into_requests_and_frames() {
    use inventure_e2ee as client;
    use inventure_realtime as server;
    assert_eq!(client::DEVICES_MAX, server::DEVICES_MAX);
    assert_eq!(client::INVITED_MAX, server::COMMIT_DEVICES_MAX);
    assert_eq!(client::APPLICATION_BYTES_MAX, server::SEALED_BYTES_MAX);
    assert_eq!(client::HANDSHAKE_BYTES_MAX, server::WELCOME_BYTES_MAX);
    assert_eq!(client::KEY_PACKAGE_BYTES_MAX, server::KEY_PACKAGE_BYTES_MAX);
    let text = |bytes: usize| bytes.div_ceil(3) * 4 + 4 * 1024;
    assert!(text(server::COMMIT_BYTES_MAX) + text(server::WELCOME_BYTES_MAX) < inventure_api::http::MAX_BODY_BYTES);
    assert!(text(server::COMMIT_BYTES_MAX) + text(0) < server::PUSH_BYTES_MAX);
    assert!(text(server::SEALED_BYTES_MAX) < server::FRAME_BYTES_MAX);

    // The worst that there is: one device lets all the others in, fifty at a time, and none of them has made keys yet.
    let room = RoomId::new();
    let new = || Device::new(MemberId::new(), Uuid::new_v4()).unwrap();
    let mut first = new();
    first.found(room, 0, &[]).unwrap();
    first.confirm(room).unwrap();
    let mut others: Vec<Device> = (1..client::DEVICES_MAX).map(|_| new()).collect();
    let (mut commit, mut welcome) = (0, 0);
    for part in others.chunks_mut(client::INVITED_MAX) {
        let packages: Vec<_> = part
            .iter_mut()
            .map(|device| (device.name(), device.last_resort_key_package().unwrap()))
            .collect();
        let staged = first.invite(room, &packages).unwrap();
        first.confirm(room).unwrap();
        commit = commit.max(staged.commit.len());
        welcome = welcome.max(staged.welcome.unwrap().len());
    }
    let update = first.update(room).unwrap();
    commit = commit.max(update.commit.len());
    assert!(commit < server::COMMIT_BYTES_MAX, "{commit} bytes");
    assert!(welcome < server::WELCOME_BYTES_MAX, "{welcome} bytes");
}
