//! Notices to people of what happens: on their sockets, in their inbox, by mail, as they wish.

use inventure_api::clock;
use inventure_realtime::NotificationKind;
use inventure_testing::{Person, World};
use jiff::{SignedDuration, Timestamp};
use notifier::Message;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::money::deals::Room as Deal;

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn later(minutes: i64) -> Timestamp {
    clock::now() + SignedDuration::from_mins(minutes)
}

pub async fn inbox(world: &World, who: &Person) -> Vec<Value> {
    let page = world.get(who, "/notifications").await.expect(200);
    page["items"].as_array().unwrap().clone()
}

pub async fn kinds(world: &World, who: &Person) -> Vec<String> {
    let mut kinds: Vec<String> = inbox(world, who).await.iter().map(|item| text(&item["kind"])).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

pub async fn unread(world: &World, who: &Person) -> u64 {
    world.get(who, "/notifications/unread").await.expect(200)["count"]
        .as_u64()
        .unwrap()
}

pub async fn wish(world: &World, who: &Person, wishes: Value) -> Value {
    let now = world.get(who, "/notification-preferences").await.expect(200);
    let mut body = json!({ "version": now["version"], "kinds": {}, "daily_at": "08:00", "time_zone": "UTC" });
    for (name, value) in wishes.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    who.write(&world.app, "PUT", "/notification-preferences", body)
        .await
        .expect(200)
}

async fn mails(world: &World, at: Timestamp) -> Vec<(String, String)> {
    world.sockets.notifier.handle(&Message::Mail, at).await.unwrap();
    let mails = world.sockets.post.empty();
    mails.into_iter().map(|mail| (mail.to, mail.text)).collect()
}

/// A broker and an auditor of the candidate's side.
pub async fn staff(deal: &Deal) -> [Person; 2] {
    let staff = [("bea", "broker"), ("audra", "auditor")].map(|(name, role)| (Person::named(name), role));
    for (person, role) in &staff {
        deal.world
            .join(&deal.candidate_side, &deal.tenants[1], person, role)
            .await;
    }
    staff.map(|(person, _)| person)
}

#[tokio::test]
async fn everybody_is_told_what_is_theirs_and_nobody_else() {
    let deal = Deal::new("even").await;
    let world = &deal.world;
    world.settle().await;
    let [broker, auditor] = staff(&deal).await;
    deal.both_sign().await;
    let _ = deal.submit().await.expect(201);
    world.settle().await;
    let of = async |who: &Person| kinds(world, who).await;
    assert_eq!(
        of(&deal.job_side).await,
        ["candidate_claimed", "deal_accepted"],
        "who proposed knows that they did"
    );
    assert_eq!(
        of(&deal.candidate_side).await,
        ["deal_accepted", "deal_shared"],
        "and who submitted too"
    );
    assert_eq!(
        of(&broker).await,
        ["deal_accepted"],
        "who joined later was not there before"
    );
    assert_eq!(of(&auditor).await, [""; 0]);
    assert_eq!(
        of(&deal.employer).await,
        ["candidate_claimed"],
        "the days in which it may object begin"
    );
    assert_eq!(of(&deal.arbiter).await, [""; 0]);
    let told = inbox(world, &broker).await;
    assert_eq!(told[0]["about"]["deal_id"], deal.deal.as_str());
    assert!(!format!("{told:?}").contains("Mara"), "ids, and no person's data");
}

#[tokio::test]
async fn who_is_written_out_of_a_deal_is_told_to_sign_it_and_nothing_after() {
    let deal = Deal::signed("even").await;
    let world = &deal.world;
    let next = Person::named("nora");
    let tenant = world.tenant(&next, "agency", "Next").await;
    world.settle().await;
    let told = async |who: &Person| {
        let all = inbox(world, who).await.into_iter();
        let told = all.filter(|item| item["about"]["deal_id"] == deal.deal.as_str());
        let mut told: Vec<String> = told.map(|item| text(&item["kind"])).collect();
        told.sort();
        told
    };
    let left = &deal.candidate_side;
    assert_eq!(told(left).await, ["deal_accepted", "deal_shared"]);
    let mut terms = deal.terms("even").await;
    terms["parties"][1]["tenant"] = json!(tenant);
    let proposed = json!({ "kind": "terms_proposed", "terms": terms });
    let _ = deal.tell(&deal.job_side, proposed).await.expect(201);
    world.settle().await;
    assert_eq!(told(left).await, ["deal_accepted", "deal_shared", "deal_shared"]);
    assert_eq!(told(&next).await, ["deal_shared"]);
    for who in [&next, left, &deal.job_side] {
        let _ = deal.sign(who).await.expect(201);
    }
    world.settle().await;
    let all = ["deal_accepted", "deal_accepted", "deal_shared", "deal_shared"];
    assert_eq!(told(left).await, all);
    assert_eq!(told(&next).await, ["deal_accepted", "deal_shared"]);
    let candidate = world.candidate(&next, "Mara Lindqvist").await;
    let contact = json!({ "email": "mara.lindqvist@example.com" });
    let submitted = json!({ "kind": "submitted", "candidate": candidate, "source": "member", "contact": contact });
    let _ = deal.tell(&next, submitted).await.expect(201);
    world.settle().await;
    assert!(told(&deal.job_side).await.contains(&"candidate_claimed".to_owned()));
    assert_eq!(told(left).await, all, "and of nothing after that");
}

#[tokio::test]
async fn a_match_is_heard_at_once_and_told_once() {
    let deal = Deal::new("even").await;
    let world = &deal.world;
    let device = world.connect(&deal.candidate_side).await;
    let job = world.job(&deal.candidate_side, inventure_testing::BACKEND_JOB).await;
    let events = world.settle().await;
    let heard = world.sockets.lines.heard(&device);
    let about = |frame: &&Value| frame["type"] == "notification" && frame["about"]["job_id"] == job.as_str();
    let matched: Vec<&Value> = heard.iter().filter(about).collect();
    assert_eq!(matched.len(), 1, "{heard:?}");
    assert_eq!(matched[0]["kind"], "matches_found");
    let before = inbox(world, &deal.candidate_side).await;
    for event in &events {
        world.deliver(event).await.unwrap();
    }
    assert_eq!(
        inbox(world, &deal.candidate_side).await,
        before,
        "delivered twice, told once"
    );
    let again = world.sockets.lines.heard(&device);
    assert!(
        again.iter().filter(about).all(|frame| frame["id"] == matched[0]["id"]),
        "a client knows it by its id"
    );
}

#[tokio::test]
async fn what_is_read_is_read_for_good_and_only_by_its_owner() {
    let deal = Deal::signed("even").await;
    let world = &deal.world;
    world.settle().await;
    let (me, other) = (&deal.candidate_side, &deal.job_side);
    let all = inbox(world, me).await;
    assert_eq!(unread(world, me).await, all.len() as u64);
    let mark = async |who: &Person, body: Value| {
        who.write(&world.app, "POST", "/notifications/read", body)
            .await
            .expect(200)["marked"]
            .as_u64()
            .unwrap()
    };
    let one = json!({ "these": [{ "id": all[0]["id"], "at": all[0]["at"] }] });
    let theirs = unread(world, other).await;
    let shared = inbox(world, other).await.iter().any(|item| item["id"] == all[0]["id"]);
    assert_eq!(
        mark(other, one.clone()).await,
        u64::from(shared),
        "their own, if they have it"
    );
    assert_eq!(unread(world, other).await, theirs - u64::from(shared));
    assert_eq!(unread(world, me).await, all.len() as u64, "and never mine");
    assert_eq!(mark(me, one.clone()).await, 1);
    assert_eq!(mark(me, one).await, 0);
    let listed = world.get(me, "/notifications?unread=true").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), all.len() - 1);
    assert_eq!(mark(me, json!({ "until": later(1) })).await, all.len() as u64 - 1);
    assert_eq!(unread(world, me).await, 0);
    for wrong in [
        json!({}),
        json!({ "until": later(1), "these": [{ "id": all[0]["id"], "at": all[0]["at"] }] }),
    ] {
        let answer = me.write(&world.app, "POST", "/notifications/read", wrong).await;
        assert_eq!(answer.problem(422), "invalid-body");
    }
}

#[tokio::test]
async fn who_does_not_look_gets_one_mail_that_names_nobody() {
    let deal = Deal::new("even").await;
    let world = &deal.world;
    world.settle().await;
    // Terms lie open for the candidate's side, who is not there.
    assert_eq!(mails(world, later(4)).await, [], "they have time to look");
    let sent = mails(world, later(6)).await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].0, deal.candidate_side.email());
    assert!(sent[0].1.contains("1 × terms to sign"), "{}", sent[0].1);
    assert!(
        !sent[0].1.contains("Mara") && !sent[0].1.contains("dea_"),
        "{}",
        sent[0].1
    );
    assert_eq!(mails(world, later(20)).await, [], "once");

    // Who has read it gets none.
    deal.both_sign().await;
    let _ = deal.submit().await.expect(201);
    world.settle().await;
    for who in [&deal.job_side, &deal.employer] {
        let read = json!({ "until": later(1) });
        let read = who.write(&world.app, "POST", "/notifications/read", read).await;
        let _ = read.expect(200);
    }
    let day = mails(world, later(25 * 60)).await;
    assert_eq!(
        day.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(),
        [deal.candidate_side.email()]
    );
    assert!(day[0].1.contains("1 × a deal that all have signed"), "{}", day[0].1);
    assert!(
        !day[0].1.contains("terms to sign"),
        "a mail told of that already: {}",
        day[0].1
    );
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_tried_again_and_nobody_waits_for_it() {
    let deal = Deal::new("even").await;
    let world = &deal.world;
    let broker = Person::named("bea");
    world
        .join(&deal.candidate_side, &deal.tenants[1], &broker, "broker")
        .await;
    world.settle().await;
    // Terms lie open for two people.
    world.sockets.post.refuse(1);
    let mut to: Vec<String> = mails(world, later(6)).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(to.len(), 1, "the other one");
    assert_eq!(mails(world, later(10)).await, [], "not at once");
    to.extend(mails(world, later(12)).await.into_iter().map(|(to, _)| to));
    to.sort();
    assert_eq!(to, [broker.email(), deal.candidate_side.email()]);
}

#[tokio::test]
async fn a_match_is_announced_once_however_often_the_job_is_edited() {
    let world = World::new();
    let broker = Person::named("ada");
    world.tenant(&broker, "agency", "Northbank").await;
    let candidate = async |name: &str| {
        let candidate = world.candidate(&broker, name).await;
        world
            .read(&broker, &candidate, inventure_testing::ENGINEER.as_bytes())
            .await;
        candidate
    };
    let announced = async || {
        let mut announced = Vec::new();
        for event in world.settle().await {
            if let inventure_events::Event::MatchesFound(found) = event.event {
                announced.extend(found.matches.iter().map(|found| found.candidate_id.to_string()));
            }
        }
        announced
    };
    let first = candidate("Mara Lindqvist").await;
    let job = world.job(&broker, inventure_testing::BACKEND_JOB).await;
    assert_eq!(announced().await, [first.as_str()]);
    let edit = async |title: &str| {
        let path = format!("/jobs/{job}");
        let version = world.get(&broker, &path).await.expect(200)["version"].clone();
        let change = json!({ "version": version, "title": title });
        broker.write(&world.app, "PATCH", &path, change).await.expect(200)
    };
    let _ = edit("Rust Backend Engineer").await;
    assert_eq!(announced().await, [""; 0], "known already");
    let second = candidate("Lucia Fontana").await;
    let _ = edit("Senior Backend Engineer (Rust)").await;
    assert_eq!(
        announced().await,
        [second.as_str()],
        "only who is new, and by one of both ways"
    );
    assert_eq!(inbox(&world, &broker).await.len(), 2);
}

#[tokio::test]
async fn everything_is_read_when_there_is_no_more() {
    let deal = Deal::new("even").await;
    let (world, who) = (&deal.world, &deal.candidate_side);
    for _ in 0..150 {
        let sent = inventure_events::PayoutSent {
            payout_id: "po_1".into(),
            deal_id: deal.deal.parse().unwrap(),
            tenant_id: deal.tenant(1),
            minor_units: 1,
            currency: "USD".into(),
        };
        let event = inventure_events::Envelope::new(sent.into(), clock::now(), "test");
        world.deliver(&event).await.unwrap();
    }
    let until = json!({ "until": later(1) });
    let mark = async |body: Value| {
        who.write(&world.app, "POST", "/notifications/read", body)
            .await
            .expect(200)
    };
    // Two devices at once: each marks a part of the first hundred, and each is told that there is more.
    let (one, other) = futures_util::future::join(mark(until.clone()), mark(until.clone())).await;
    let marked = |answer: &Value| answer["marked"].as_u64().unwrap();
    assert_eq!(marked(&one) + marked(&other), 100, "{one} {other}");
    assert_eq!((&one["more"], &other["more"]), (&json!(true), &json!(true)));
    assert_eq!(mark(until.clone()).await, json!({ "marked": 50, "more": false }));
    assert_eq!(unread(world, who).await, 0);

    world.settle().await;
    let listed = world.get(who, "/notifications?unread=true").await.expect(200);
    let item = &listed["items"][0];
    let named = json!({ "id": item["id"], "at": item["at"] });
    let twice = json!({ "these": [named, named] });
    assert_eq!(mark(twice).await, json!({ "marked": 1, "more": false }));
}

#[tokio::test]
async fn everybody_may_have_a_wish_for_every_kind() {
    let deal = Deal::new("even").await;
    let wishes = NotificationKind::ALL.map(|kind| {
        let wish = json!({ "socket": true, "inbox": true, "mail": "never" });
        (kind.code().to_owned(), wish)
    });
    let wishes = json!(serde_json::Map::from_iter(wishes));
    let set = wish(&deal.world, &deal.candidate_side, json!({ "kinds": wishes })).await;
    assert_eq!(set["kinds"], wishes);
}

#[tokio::test]
async fn wishes_are_kept_and_quiet_hours_are_quiet() {
    let deal = Deal::new("even").await;
    let world = &deal.world;
    let who = &deal.candidate_side;
    let never = json!({ "deal_shared": { "socket": false, "inbox": false, "mail": "never" } });
    let set = wish(world, who, json!({ "kinds": never })).await;
    assert_eq!((&set["version"], &set["kinds"]), (&json!(1), &never));
    let device = world.connect(who).await;
    world.settle().await;
    assert_eq!(kinds(world, who).await, [""; 0]);
    assert_eq!(world.sockets.lines.heard(&device), [] as [Value; 0]);

    for (wrong, field) in [
        (json!({ "time_zone": "Europe/Atlantis" }), "time_zone"),
        (
            json!({ "kinds": { "gossip": { "socket": true, "inbox": true, "mail": "never" } } }),
            "kinds",
        ),
        (
            json!({ "kinds": { "deal_shared": { "socket": true, "inbox": false, "mail": "soon" } } }),
            "kinds.deal_shared",
        ),
    ] {
        let mut body = json!({ "version": 1, "kinds": {}, "daily_at": "08:00", "time_zone": "UTC" });
        for (name, value) in wrong.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = who.write(&world.app, "PUT", "/notification-preferences", body).await;
        assert_eq!(answer.expect(422)["errors"][0]["field"], field);
    }
    let stale = json!({ "version": 0, "kinds": {}, "daily_at": "08:00", "time_zone": "UTC" });
    let answer = who.write(&world.app, "PUT", "/notification-preferences", stale).await;
    assert_eq!(answer.problem(409), "stale-version");

    // Quiet from now on for an hour: what would go out in five minutes goes out then.
    let now = clock::now().to_zoned(jiff::tz::TimeZone::UTC);
    let clock_at = |minutes: i64| {
        (now.clone() + SignedDuration::from_mins(minutes))
            .strftime("%H:%M")
            .to_string()
    };
    let quiet = json!({ "quiet_hours": { "from": clock_at(-1), "to": clock_at(60) } });
    let _ = wish(world, &deal.job_side, quiet).await;
    let addressed = address(&deal, &deal.candidate_side, &deal.job_side).await;
    assert_eq!(addressed["type"], "ack");
    world.settle().await;
    let to_job_side = async |at: Timestamp| {
        let mails = mails(world, at).await;
        mails.into_iter().filter(|(to, _)| *to == deal.job_side.email()).count()
    };
    assert_eq!(to_job_side(later(30)).await, 0);
    assert_eq!(to_job_side(later(61)).await, 1);
}

/// Lets one person address another in the deal's room.
async fn address(deal: &Deal, from: &Person, to: &Person) -> Value {
    let world = &deal.world;
    let room = json!({ "kind": "deal", "deal_id": deal.deal });
    let room = from.write(&world.app, "POST", "/rooms", room).await.expect(201);
    let named = world.get(to, "/me").await.expect(200)["member"]["id"].clone();
    let outsider = world.get(&deal.employer, "/me").await.expect(200)["member"]["id"].clone();
    let device = world.connect(from).await;
    let action = json!({
        "action": "send", "room": room["id"], "message": Uuid::new_v4(), "text": "please look", "mentions": [named, outsider],
    });
    world.sockets.ask(&device, action).await
}

#[tokio::test]
async fn who_is_named_in_a_room_is_told_if_they_are_in_it() {
    let deal = Deal::new("even").await;
    let world = &deal.world;
    let unnamed = Person::named("bea");
    world.join(&deal.job_side, &deal.tenants[0], &unnamed, "broker").await;
    let device = world.connect(&deal.job_side).await;
    assert_eq!(
        address(&deal, &deal.candidate_side, &deal.job_side).await["type"],
        "ack"
    );
    world.settle().await;
    let heard = world.sockets.lines.heard(&device);
    let told = heard.iter().find(|frame| frame["kind"] == "addressed").unwrap();
    assert_eq!(told["about"]["offset"], 1);
    assert!(
        !told.to_string().contains("please look"),
        "what was said is in the room"
    );
    assert_eq!(
        kinds(world, &deal.employer).await,
        [""; 0],
        "who is not in the room learns nothing of it"
    );
    let unnamed = kinds(world, &unnamed).await;
    assert!(
        !unnamed.contains(&"addressed".to_owned()),
        "who is in it and not named is not called"
    );
    // They sit in front of it, so no mail in five minutes.
    assert!(
        mails(world, later(10))
            .await
            .iter()
            .all(|(to, _)| *to != deal.job_side.email())
    );
}

#[tokio::test]
async fn whoever_writes_to_one_who_is_away_is_told_of() {
    let deal = Deal::signed("even").await;
    let world = &deal.world;
    let member = async |who: &Person| world.get(who, "/me").await.expect(200)["member"]["id"].clone();
    let direct = json!({
        "kind": "direct", "tenant_id": deal.tenants[1], "member_id": member(&deal.candidate_side).await, "deal_id": deal.deal,
    });
    let room = deal
        .job_side
        .write(&world.app, "POST", "/rooms", direct)
        .await
        .expect(201);
    let device = world.connect(&deal.job_side).await;
    let send = json!({ "action": "send", "room": room["id"], "message": Uuid::new_v4(), "text": "are you there?" });
    assert_eq!(world.sockets.ask(&device, send.clone()).await["type"], "ack");
    world.settle().await;
    let count = async || {
        inbox(world, &deal.candidate_side)
            .await
            .iter()
            .filter(|item| item["kind"] == "addressed")
            .count()
    };
    assert_eq!(count().await, 1);
    let there = world.connect(&deal.candidate_side).await;
    let rooms = json!([{ "room": room["id"], "offset": 0 }]);
    let resume = json!({ "action": "resume", "rooms": rooms });
    assert_eq!(world.sockets.ask(&there, resume).await["type"], "ack");
    let mut again = send;
    again["message"] = json!(Uuid::new_v4());
    assert_eq!(world.sockets.ask(&device, again.clone()).await["type"], "ack");
    world.settle().await;
    assert_eq!(count().await, 1, "who is there sees it in the room");
    // The network took their connection, and nobody knows yet. What is sent again is told once.
    world.sockets.lines.cut(&there);
    again["message"] = json!(Uuid::new_v4());
    for _ in 0..2 {
        assert_eq!(world.sockets.ask(&device, again.clone()).await["type"], "ack");
        world.settle().await;
        assert_eq!(count().await, 2, "who seemed to be there");
    }
}
