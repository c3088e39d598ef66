//! The delivery of entries to connections: busy platforms, slow receivers, large rooms.

use std::time::{Duration, Instant};

use inventure_api::clock;
use inventure_rooms::{Job, records::Subscription};
use inventure_testing::Person;
use serde_json::json;
use uuid::Uuid;

use crate::live::chat::{Talk, later, text, texts};

#[tokio::test]
async fn a_busy_platform_is_tried_again_and_a_closed_connection_forgotten() {
    let talk = Talk::new().await;
    let lines = &talk.deal.world.sockets.lines;
    let (one, other) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    lines.busy(2);
    let _ = talk.send(&one, "patience").await;
    assert_eq!(
        (texts(&talk.heard(&one)), texts(&talk.heard(&other))),
        (vec!["patience".into()], vec!["patience".into()])
    );
    lines.cut(&other);
    let _ = talk.send(&one, "gone").await;
    let before = lines.posts();
    let _ = talk.send(&one, "only me").await;
    assert_eq!(lines.posts() - before, 1, "nobody posts to who is gone twice");
}

#[tokio::test]
async fn a_large_room_is_served_in_parts() {
    let talk = Talk::new().await;
    let (world, owner) = (&talk.deal.world, &talk.deal.job_side);
    let sockets = &world.sockets;
    let topic = json!({ "kind": "topic", "title": "All of us" });
    let room = owner.write(&world.app, "POST", "/rooms", topic).await.expect(201)["id"].clone();
    let me = world.get(owner, "/me").await.expect(200);
    let subject = "https://issuer.example|dana";
    let receive = async |connection_id: String| {
        let subscription = Subscription {
            room_id: text(&room).parse().unwrap(),
            connection_id,
            member_id: text(&me["member"]["id"]).parse().unwrap(),
            tenant_id: talk.deal.tenant(0),
            subject: subject.to_owned(),
            expires_at: later(60).as_second(),
        };
        let change = inventure_table::Change::new().insert(&subscription);
        let _ = sockets.store().commit(change).await.unwrap();
    };
    for n in 0..450 {
        receive(format!("x{n:05}")).await;
    }
    let device = world.connect(owner).await;
    let action = json!({ "action": "send", "room": room, "message": Uuid::new_v4(), "text": "to all" });
    let before = sockets.lines.posts();
    assert_eq!(talk.ask(&device, action).await["type"], "ack");
    assert_eq!(sockets.lines.posts(), before, "nothing is sent before the queue has it");
    let jobs = sockets.lines.jobs();
    assert_eq!(jobs.len(), 3);
    // Others come into the first part before it is served.
    for n in 0..250 {
        receive(format!("x00001-{n:03}")).await;
    }
    for (job, _) in jobs {
        sockets.work(job, clock::now()).await.unwrap();
    }
    let posted = sockets.lines.posted_to();
    let once = posted
        .iter()
        .filter(|(connection, posts)| connection.starts_with('x') && **posts == 1);
    assert_eq!(once.count(), 700, "each once: {} posts", sockets.lines.posts() - before);
}

#[tokio::test]
async fn who_is_slow_keeps_nobody_waiting_and_gets_it_later() {
    let talk = Talk::new().await;
    let sockets = &talk.deal.world.sockets;
    let (one, slow) = (
        talk.device(&talk.deal.job_side).await,
        talk.device(&talk.deal.candidate_side).await,
    );
    let colleague = Person::named("bea");
    talk.deal
        .world
        .join(&talk.deal.candidate_side, &talk.deal.tenants[1], &colleague, "broker")
        .await;
    let quick = talk.device(&colleague).await;
    let _ = sockets.lines.jobs();
    sockets.lines.slow(&slow, true);
    let begun = Instant::now();
    let _ = talk.send(&one, "hello").await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(texts(&talk.heard(&quick)), ["hello"]);
    assert_eq!(texts(&talk.heard(&slow)), [""; 0]);
    sockets.lines.slow(&slow, false);
    let late = |(job, _): &(Job, u32)| matches!(job, Job::Late { .. });
    let jobs: Vec<_> = sockets.lines.jobs().into_iter().filter(late).collect();
    assert_eq!(jobs.len(), 1);
    sockets.work(jobs[0].0.clone(), clock::now()).await.unwrap();
    assert_eq!(texts(&talk.heard(&slow)), ["hello"]);
    assert_eq!(texts(&talk.heard(&quick)), [""; 0], "nobody else again");
}
