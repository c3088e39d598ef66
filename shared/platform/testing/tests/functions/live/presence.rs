//! Presence of people, over all their devices and rooms, and its end.

use inventure_api::clock;
use inventure_people::records::Member;
use inventure_rooms::{
    Job,
    records::{FrameCounts, Socket},
};
use inventure_table::{Change, Condition, Key, Record as _, table::Item};
use inventure_testing::Device;
use serde_json::{Value, json};
use tokio::task::yield_now;

use crate::live::chat::{Talk, later};

pub fn presences(frames: &[Value]) -> Vec<&str> {
    let presence = |frame: &&Value| frame["type"] == "presence";
    frames
        .iter()
        .filter(presence)
        .map(|frame| frame["state"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn others_hear_who_comes_and_who_goes_and_nothing_of_a_short_break() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let one = talk.device(&talk.deal.job_side).await;
    let _ = talk.heard(&one);
    let phone = talk.device(&talk.deal.candidate_side).await;
    assert_eq!(presences(&talk.heard(&one)), ["online"]);
    let laptop = talk.device(&talk.deal.candidate_side).await;
    assert_eq!(presences(&talk.heard(&one)), [""; 0], "there already");

    let state = async |device: &Device, state: &str| {
        let answer = talk.ask(device, json!({ "action": "presence", "state": state })).await;
        assert_eq!(answer["type"], "ack", "{answer}");
    };
    state(&phone, "away").await;
    assert_eq!(presences(&talk.heard(&one)), [""; 0], "still at the laptop");
    state(&laptop, "away").await;
    assert_eq!(presences(&talk.heard(&one)), ["away"]);
    state(&laptop, "online").await;
    assert_eq!(presences(&talk.heard(&one)), ["online"]);

    sockets.hang_up(&laptop, clock::now()).await;
    let jobs = sockets.lines.jobs();
    assert!(jobs.is_empty(), "the phone is still there: {jobs:?}");
    assert_eq!(presences(&talk.heard(&one)), ["away"]);
    sockets.hang_up(&phone, clock::now()).await;
    let jobs = sockets.lines.jobs();
    assert_eq!(jobs.len(), 1);
    assert!(jobs[0].1 >= 10, "after a while, for who comes back: {jobs:?}");
    let back = talk.device(&talk.deal.candidate_side).await;
    sockets.work(jobs[0].0.clone(), clock::now()).await.unwrap();
    let heard = talk.heard(&one);
    assert!(
        !presences(&heard).contains(&"offline"),
        "a short break is nobody's news: {heard:?}"
    );
    sockets.hang_up(&back, clock::now()).await;
    for _ in 0..2 {
        for (job, _) in sockets.lines.jobs() {
            sockets.work(job.clone(), clock::now()).await.unwrap();
            sockets.work(job, clock::now()).await.unwrap();
        }
    }
    assert_eq!(
        presences(&talk.heard(&one)),
        ["offline"],
        "once, however often the job comes"
    );
}

#[tokio::test]
async fn a_connection_that_died_without_a_word_is_noticed() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let (one, dead) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    let _ = talk.heard(&one);
    let ping = json!({ "action": "ping" });
    sockets.work(Job::Sweep {}, later(530)).await.unwrap();
    assert!(sockets.lines.is_open(&dead), "not yet");
    assert_eq!(sockets.ask_at(&one, ping.clone(), later(530)).await["type"], "ack");
    sockets.work(Job::Sweep {}, later(550)).await.unwrap();
    assert!(!sockets.lines.is_open(&dead) && sockets.lines.is_open(&one));
    assert_eq!(presences(&talk.heard(&one)), ["offline"]);
    assert!(
        sockets.ask_at(&dead, ping, later(551)).await.is_null(),
        "given up, it is closed"
    );
}

#[tokio::test]
async fn a_heartbeat_that_is_due_is_written_and_one_too_early_is_counted() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let one = talk.device(&talk.deal.job_side).await;
    let counted = || {
        let items = sockets.connections.items();
        let counts = items
            .iter()
            .filter(|item| item["pk"].as_s().is_ok_and(|pk| pk.starts_with(FrameCounts::PARTITION)));
        counts.count()
    };
    let before = counted();
    // How much more would have failed: its record is read and written, and nobody is looked up.
    let due = async |at: i64| {
        sockets.connections.fail_nth(2);
        talk.deal.world.table.fail_nth(0);
        let answer = sockets.ask_at(&one, json!({ "action": "ping" }), later(at)).await;
        assert_eq!(answer["type"], "ack");
        assert!(sockets.connections.fault_is_due() && talk.deal.world.table.fault_is_due());
        for table in [&sockets.connections, &talk.deal.world.table] {
            table.fail_nth(u32::MAX);
        }
    };
    due(240).await;
    assert_eq!(counted(), before);
    let early = sockets.ask_at(&one, json!({ "action": "ping" }), later(290)).await;
    assert_eq!(early["type"], "ack");
    assert_eq!(counted(), before + 1, "or a flood of them would be free");
    // Not put off by one that came too early.
    due(301).await;
    assert_eq!(counted(), before + 1);
}

#[tokio::test]
async fn who_was_put_out_is_closed_by_one_of_four_heartbeats() {
    let talk = Talk::new().await;
    let (world, sockets) = (&talk.deal.world, &talk.deal.world.sockets);
    let out = talk.device(&talk.deal.candidate_side).await;
    let me = world.get(&talk.deal.candidate_side, "/me").await.expect(200)["member"]["id"].clone();
    let is_me = |item: &Item| {
        item["pk"].as_s().is_ok_and(|pk| pk.starts_with(Member::PARTITION))
            && item["member_id"].as_s() == Ok(&me.as_str().unwrap().to_owned())
    };
    let mine = world
        .table
        .items()
        .into_iter()
        .find(is_me)
        .and_then(|item| Key::of(&item));
    let change = Change::new().delete(mine.unwrap(), Condition::None);
    world.store.commit(change).await.unwrap();
    let ping = json!({ "action": "ping" });
    let mut beats = 0;
    while sockets.lines.is_open(&out) {
        beats += 1;
        assert!(beats <= 4, "a minute of heartbeats is enough");
        let _ = sockets.ask_at(&out, ping.clone(), later(240 * beats)).await;
    }
}

#[tokio::test]
async fn an_eleventh_connection_takes_the_place_of_the_one_that_was_silent_longest() {
    let talk = Talk::new().await;
    let (world, sockets) = (&talk.deal.world, &talk.deal.world.sockets);
    let mut devices = Vec::new();
    for _ in 0..10 {
        devices.push(world.connect(&talk.deal.job_side).await);
    }
    let more = async || {
        let ticket = world.ticket(&talk.deal.job_side).await.expect(201)["ticket"].clone();
        sockets.handshake(ticket.as_str().unwrap(), None, clock::now()).await
    };
    assert_eq!(more().await.err(), Some(429), "all of them are alive");
    let store = sockets.store();
    let me = world.get(&talk.deal.job_side, "/me").await.expect(200)["member"]["id"].clone();
    let member = me.as_str().unwrap().parse().unwrap();
    let key = Socket::key_of(member, &devices[0].connection_id);
    let mut quiet: Socket = store.get(&key).await.unwrap().unwrap();
    quiet.seen_at -= 120;
    store.commit(Change::new().put(&quiet, Condition::None)).await.unwrap();
    assert!(more().await.is_ok());
    assert!(
        !sockets.lines.is_open(&devices[0]),
        "its network died, and it locked nobody out"
    );
    assert!(devices[1..].iter().all(|device| sockets.lines.is_open(device)));
}

#[tokio::test]
async fn coming_back_to_a_room_is_no_news() {
    let talk = Talk::new().await;
    let one = talk.device(&talk.deal.job_side).await;
    let (phone, _laptop) = (
        talk.device(&talk.deal.candidate_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    let away = json!({ "action": "presence", "state": "away" });
    assert_eq!(talk.ask(&phone, away).await["type"], "ack");
    let _ = talk.heard(&one);
    for _ in 0..3 {
        let _ = talk.resume(&phone, &Value::Null, 0).await;
    }
    let heard = talk.heard(&one);
    assert_eq!(
        presences(&heard),
        [""; 0],
        "they sit at the laptop, as all know: {heard:?}"
    );
}

/// Opens a topic that both sides are in.
async fn topic(talk: &Talk) -> Value {
    let (world, deal) = (&talk.deal.world, &talk.deal);
    let topic = json!({ "kind": "topic", "title": "Rust in Leeds" });
    let room = deal
        .job_side
        .write(&world.app, "POST", "/rooms", topic)
        .await
        .expect(201)["id"]
        .clone();
    let emil = world.get(&deal.candidate_side, "/me").await.expect(200)["member"]["id"].clone();
    let let_in = json!({ "tenant_id": deal.tenants[1], "member_id": emil, "deal_id": deal.deal });
    let path = format!("/rooms/{}/members", room.as_str().unwrap());
    let _ = deal.job_side.write(&world.app, "POST", &path, let_in).await.expect(201);
    room
}

#[tokio::test]
async fn every_room_hears_whichever_device_it_knows() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let topic = topic(&talk).await;
    let resume = async |device: &Device, rooms: &[&Value]| {
        let rooms: Vec<Value> = rooms.iter().map(|room| json!({ "room": room, "offset": 0 })).collect();
        let answer = talk.ask(device, json!({ "action": "resume", "rooms": rooms })).await;
        assert_eq!(answer["of"], "resume", "{answer}");
    };
    // Of two who listen one hears the deal's room, the other the topic.
    let listens = async |room: &Value| {
        let device = talk.deal.world.connect(&talk.deal.job_side).await;
        resume(&device, &[room]).await;
        let _ = talk.heard(&device);
        device
    };
    let (in_deal, in_topic) = (listens(&talk.room).await, listens(&topic).await);
    let heard = || [&in_deal, &in_topic].map(|device| presences(&talk.heard(device)).join(" "));

    let phone = talk.deal.world.connect(&talk.deal.candidate_side).await;
    resume(&phone, &[&talk.room]).await;
    assert_eq!(heard(), ["online", ""]);
    let laptop = talk.deal.world.connect(&talk.deal.candidate_side).await;
    resume(&laptop, &[&talk.room, &topic]).await;
    assert_eq!(
        heard(),
        ["", "online"],
        "a second device brings a room that did not know"
    );
    sockets.hang_up(&laptop, clock::now()).await;
    assert_eq!(heard(), ["", ""]);
    sockets.hang_up(&phone, clock::now()).await;
    for (job, _) in sockets.lines.jobs() {
        sockets.work(job, later(25)).await.unwrap();
    }
    assert_eq!(
        heard(),
        ["offline", "offline"],
        "also the room that only the laptop received"
    );

    // The same by one device that brings both rooms at once.
    let tablet = talk.deal.world.connect(&talk.deal.candidate_side).await;
    resume(&tablet, &[&talk.room, &topic]).await;
    assert_eq!(heard(), ["online", "online"]);
    sockets.hang_up(&tablet, clock::now()).await;
    for (job, _) in sockets.lines.jobs() {
        sockets.work(job, later(25)).await.unwrap();
    }
    assert_eq!(heard(), ["offline", "offline"]);
}

#[tokio::test]
async fn who_dies_while_a_connection_closes_leaves_nobody_there_for_ever() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let one = talk.device(&talk.deal.job_side).await;
    for nth in 0..40 {
        let device = talk.device(&talk.deal.candidate_side).await;
        let _ = talk.heard(&one);
        sockets.connections.fail_nth(nth);
        sockets.hang_up(&device, clock::now()).await;
        let through = sockets.connections.fault_is_due();
        sockets.connections.fail_nth(u32::MAX);
        for (job, _) in sockets.lines.jobs() {
            sockets.work(job, later(25)).await.unwrap();
        }
        // Everybody else gives a sign of life; the sweep looks for who does not.
        assert_eq!(
            sockets.ask_at(&one, json!({ "action": "ping" }), later(500)).await["type"],
            "ack"
        );
        sockets.work(Job::Sweep {}, later(550)).await.unwrap();
        for (job, _) in sockets.lines.jobs() {
            sockets.work(job, later(580)).await.unwrap();
        }
        let heard = talk.heard(&one);
        assert_eq!(presences(&heard), ["offline"], "the call that failed: {nth}");
        if through {
            assert!(nth >= 4, "each call of closing failed once: {nth}");
            return;
        }
    }
    unreachable!("closing takes fewer calls");
}

#[tokio::test]
async fn who_was_silent_and_speaks_before_the_sweep_is_there_again() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let one = talk.device(&talk.deal.job_side).await;
    let (phone, laptop) = (
        talk.device(&talk.deal.candidate_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    let _ = talk.heard(&one);
    sockets.hang_up(&laptop, later(550)).await;
    for (job, _) in sockets.lines.jobs() {
        sockets.work(job, later(570)).await.unwrap();
    }
    assert_eq!(presences(&talk.heard(&one)), ["offline"], "the phone says nothing");
    let ping = json!({ "action": "ping" });
    assert_eq!(sockets.ask_at(&phone, ping, later(575)).await["type"], "ack");
    let _ = talk.resume(&phone, &Value::Null, 0).await;
    assert_eq!(presences(&talk.heard(&one)), ["online"]);
}

#[tokio::test]
async fn who_closes_without_a_word_is_noticed_by_the_next_frame() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let one = talk.device(&talk.deal.job_side).await;
    let gone = talk.device(&talk.deal.candidate_side).await;
    let _ = talk.heard(&one);
    sockets.lines.cut(&gone);
    let _ = talk.send(&one, "anybody?").await;
    for _ in 0..2 {
        for (job, _) in sockets.lines.jobs() {
            sockets.work(job, later(25)).await.unwrap();
        }
    }
    assert_eq!(presences(&talk.heard(&one)), ["offline"], "not only with the sweep");
}

/// Lets other tasks go first, so many times.
async fn after(turns: usize) {
    for _ in 0..turns {
        yield_now().await;
    }
}

#[tokio::test]
async fn two_last_connections_that_close_at_once_leave_nobody_there() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let one = talk.device(&talk.deal.job_side).await;
    for lead in 0..24 {
        let (phone, laptop) = (
            talk.device(&talk.deal.candidate_side).await,
            talk.device(&talk.deal.candidate_side).await,
        );
        let _ = talk.heard(&one);
        let now = clock::now();
        futures_util::join!(
            async {
                after(lead).await;
                sockets.hang_up(&phone, now).await;
            },
            async {
                after(12).await;
                sockets.hang_up(&laptop, now).await;
            }
        );
        for (job, _) in sockets.lines.jobs() {
            sockets.work(job, later(25)).await.unwrap();
        }
        assert_eq!(presences(&talk.heard(&one)), ["offline"], "a lead of {lead}");
    }
}

#[tokio::test]
async fn what_somebody_does_is_not_lost_to_a_sign_of_life() {
    let talk = Talk::new().await;
    let one = talk.device(&talk.deal.job_side).await;
    let other = talk.device(&talk.deal.candidate_side).await;
    let mut version = 0;
    for lead in 0..24 {
        let state = if lead % 2 == 0 { "away" } else { "online" };
        let _ = talk.heard(&one);
        let (alive, told) = futures_util::join!(
            async {
                after(lead).await;
                talk.ask(&other, json!({ "action": "ping" })).await
            },
            async {
                after(12).await;
                talk.ask(&other, json!({ "action": "presence", "state": state })).await
            }
        );
        assert_eq!((&alive["type"], &told["type"]), (&json!("ack"), &json!("ack")));
        let heard = talk.heard(&one);
        assert_eq!(presences(&heard), [state], "a lead of {lead}");
        let newer = heard[0]["version"].as_u64().unwrap();
        assert!(newer > version, "of two that overtake each other the higher counts");
        version = newer;
    }
    let state = talk.resume(&one, &Value::Null, 0).await["rooms"][0].clone();
    let known = state["present"].as_array().unwrap().iter();
    assert!(
        known
            .clone()
            .any(|presence| presence["version"].as_u64().unwrap() >= version),
        "{state}"
    );
}

#[tokio::test]
async fn every_room_is_told_in_the_end_whatever_does_not_answer() {
    let talk = Talk::new().await;
    let (world, sockets) = (&talk.deal.world, &talk.deal.world.sockets);
    let topic = topic(&talk).await;
    let rooms = [&talk.room, &topic].map(|room| json!({ "room": room, "offset": 0 }));
    let both = json!({ "action": "resume", "rooms": rooms });
    let mut listening = Vec::new();
    for room in &rooms {
        let device = world.connect(&talk.deal.job_side).await;
        let alone = json!({ "action": "resume", "rooms": [room] });
        assert_eq!(talk.ask(&device, alone).await["of"], "resume");
        listening.push(device);
    }
    for table in [&sockets.connections, &world.table] {
        for nth in 0.. {
            let device = world.connect(&talk.deal.candidate_side).await;
            assert_eq!(talk.ask(&device, both.clone()).await["of"], "resume");
            sockets.hang_up(&device, clock::now()).await;
            for device in &listening {
                let _ = talk.heard(device);
            }
            let jobs = sockets.lines.jobs();
            table.fail_nth(nth);
            let _ = sockets.work(jobs[0].0.clone(), later(25)).await;
            let through = table.fault_is_due();
            table.fail_nth(u32::MAX);
            // A job that failed comes again.
            sockets.work(jobs[0].0.clone(), later(120)).await.unwrap();
            for device in &listening {
                let heard = talk.heard(device);
                assert_eq!(
                    presences(&heard).last(),
                    Some(&"offline"),
                    "the call that failed: {nth}"
                );
            }
            if through {
                assert!(nth >= 4, "each call failed once: {nth}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_room_hears_of_somebody_who_is_out_that_they_are_gone_and_nothing_more() {
    let talk = Talk::new().await;
    let (world, deal) = (&talk.deal.world, &talk.deal);
    let topic = topic(&talk).await;
    let receive = async |who| {
        let device = world.connect(who).await;
        let rooms = json!([{ "room": topic, "offset": 0 }]);
        let answer = talk.ask(&device, json!({ "action": "resume", "rooms": rooms })).await;
        assert_eq!(answer["of"], "resume", "{answer}");
        device
    };
    let one = receive(&deal.job_side).await;
    let _ = talk.heard(&one);
    let other = receive(&deal.candidate_side).await;
    assert_eq!(presences(&talk.heard(&one)), ["online"]);
    let emil = world.get(&deal.candidate_side, "/me").await.expect(200)["member"]["id"].clone();
    let path = format!("/rooms/{}/members/{}", topic.as_str().unwrap(), emil.as_str().unwrap());
    let _ = deal
        .job_side
        .write(&world.app, "DELETE", &path, json!({}))
        .await
        .expect(204);
    for state in ["away", "online", "away"] {
        let told = talk.ask(&other, json!({ "action": "presence", "state": state })).await;
        assert_eq!(told["type"], "ack");
    }
    assert_eq!(presences(&talk.heard(&one)), ["offline"]);
}
