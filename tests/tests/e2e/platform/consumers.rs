//! Consumers of queues under messages that come broken, twice, in the wrong order and late, on the deployed template.

use std::collections::BTreeMap;

use inventure_realtime::{RoomView, ServerFrame};
use inventure_tests::{Person, Stack, id, queues::CONSUMERS, wait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    live::chat::{Talk, connect, hear, texts},
    money::deals::Room,
};

const RESUME: &str = "Leocadia Thistlewood\nRust engineer\n\nEXPERIENCE\nRust engineer, Marrowgate Systems\n2019 - 2024\n\nSKILLS\nRust, PostgreSQL\n";

/// The seconds for which a message hides once it is received, so that five attempts are soon over. These tests run alone, or others'
/// messages would be given up as well.
const SOON_SECONDS: &str = "2";

/// The seconds for which a message hides that is to be handled in the end. It is handled also where its first attempts meet others.
const AGAIN_SECONDS: &str = "20";

/// Consumers that hear of the story from the bus, and the kinds of events that their rules name.
const HEARD: [(&str, &[&str]); 4] = [
    ("ResumeParser", &["ConsentGiven"]),
    ("Indexer", &["ConsentGiven", "JobPosted"]),
    ("Settlement", &["DealMoved"]),
    (
        "Notifier",
        &["DealShared", "DealAccepted", "CandidateClaimed", "AnswerAsked"],
    ),
];

/// A kind of event that a consumer is given by the bus, or none.
fn kind_for(consumer: &str) -> Option<&'static str> {
    match consumer {
        "ResumeParser" | "Settlement" => Some("ConsentWithdrawn"),
        "Indexer" => Some("JobPosted"),
        "MatchFinder" => Some("JobIndexed"),
        "Notifier" => Some("MatchesFound"),
        _ => None,
    }
}

/// Returns messages that no consumer can do anything with. They are no JSON, no message of the consumer's own, or an event of its own
/// without what it is about.
fn poisons(consumer: &str, mark: &str) -> Vec<String> {
    let mut all = vec![format!("{mark} is no JSON"), json!({ "unknown": mark }).to_string()];
    all.extend(kind_for(consumer).map(|kind| {
        let event = json!({ "id": mark, "type": kind, "data": {} });
        json!({ "detail-type": kind, "source": "inventure", "detail": event }).to_string()
    }));
    all.sort();
    all
}

#[test]
fn every_consumer_sets_aside_what_it_cannot_read_and_it_stays_until_somebody_looks() {
    let stack = Stack::running();
    let mark = Uuid::new_v4().to_string();
    let of_mark = |message: &str| message.contains(&mark);
    let hurried = stack.hurry_consumers(SOON_SECONDS);
    for (name, _) in CONSUMERS {
        for poison in poisons(name, &mark) {
            stack.send(&format!("{name}QueueUrl"), &poison);
        }
    }
    for round in ["at first", "brought back"] {
        for (name, queue) in CONSUMERS {
            let mut dead = Vec::new();
            wait(&format!("the dead letters of {queue}, {round}"), || {
                dead.extend(stack.take(&format!("{name}DlqUrl"), of_mark));
                dead.sort();
                (dead == poisons(name, &mark)).then_some(())
            });
            for message in dead.iter().filter(|_| round == "at first") {
                stack.send(&format!("{name}DlqUrl"), message);
            }
            if round == "at first" {
                stack.xtask(&["replay", queue]).unwrap();
            }
        }
    }
    drop(hurried);
    for (name, line) in stack.log_lines() {
        assert!(!line.contains(&mark), "{name} says what it could not read: {line}");
    }
}

/// The work that is asked of every consumer. A file is read, a job and a candidate are indexed and matched, a deal is billed and paid,
/// and a line is said in a room.
struct Story {
    room: Room,
    talk: Talk,
    broker: Person,
    job: String,
    candidate: String,
}

impl Story {
    fn told() -> Self {
        let room = Room::placed();
        room.ready_for_payouts();
        let payment = json!({
            "amount": 3_333_333, "currency": "usd", "metadata": { "deal": room.deal, "invoice": "1" },
        });
        let _ = room.stack.processor("/_test/payments", &payment).expect(200);
        let (broker, _) = room.stack.agency("shuffled");
        let job = json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years." });
        let job = id(&broker.write("POST", "/jobs", &job).expect(201));
        let candidate = broker.candidate("L.");
        broker.upload(&candidate, "cv.txt", RESUME.as_bytes());
        Self {
            talk: Talk::new(),
            broker,
            job,
            candidate,
            room,
        }
    }

    fn is_done(&self) -> bool {
        let paid = |who: &Person| who.get("/payouts").body[0]["status"] == "settled";
        let ranked = self.broker.get(&format!("/jobs/{}/matches", self.job)).body;
        // A payout that has settled leaves its payable for one more message.
        let is_payable = |item: &Value| {
            item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("PAYABLES#"))
                && item["sk"]["S"]
                    .as_str()
                    .is_some_and(|sk| sk.starts_with(&self.room.deal))
        };
        paid(&self.room.job_side)
            && paid(&self.room.candidate_side)
            && !self.room.stack.items("MainTableName").iter().any(is_payable)
            && ranked["items"].as_array().is_some_and(|items| items.len() == 1)
    }

    /// The events of the story, as they stand in the outbox.
    fn events(&self) -> Vec<Value> {
        let keys = [&self.room.deal, &self.job, &self.candidate].map(|id| format!("#{id}"));
        let items = self.room.stack.items("MainTableName").into_iter();
        let own = items.filter(|item| {
            let pk = item["pk"]["S"].as_str().unwrap_or_default();
            pk.starts_with("OUTBOX#") && keys.iter().any(|key| pk.ends_with(key.as_str()))
        });
        own.map(|item| serde_json::from_str::<Value>(item["event"]["S"].as_str().unwrap()).unwrap())
            .collect()
    }

    /// Returns what the indexer told the match finder of the story, as the bus delivers it.
    fn indexed(&self) -> Vec<String> {
        let indexed = self.events().into_iter().filter(|event| {
            ["CandidateIndexed", "JobIndexed"]
                .iter()
                .any(|kind| event["type"] == *kind)
        });
        indexed
            .map(|event| json!({ "detail-type": event["type"], "source": "inventure", "detail": event }).to_string())
            .collect()
    }

    /// Returns everything that the tables and the processor hold of the story. The outbox and the recent writes of the index, which go
    /// with time, and the room's cursors are none of it. A match is scored against all that the index has by then, so its score is none
    /// either.
    fn stands(&self) -> BTreeMap<String, Value> {
        let ids = [
            &self.room.deal,
            &self.job,
            &self.candidate,
            &self.room.tenants[0],
            &self.room.tenants[1],
        ];
        let mut all = BTreeMap::new();
        for table in ["MainTableName", "LedgerTableName"] {
            for mut item in self.room.stack.items(table) {
                if item["entity"]["S"] == "match" {
                    let _ = item.as_object_mut().unwrap().remove("score");
                }
                let text = item.to_string();
                let key = format!("{} {}", item["pk"]["S"], item["sk"]["S"]);
                let passing = ["\"OUTBOX#", "DELTA#"].iter().any(|mark| key.contains(mark));
                if !passing && ids.iter().any(|id| text.contains(*id)) {
                    let _ = all.insert(key, item);
                }
            }
        }
        for kind in ["transfers", "refunds"] {
            let own = |found: &Value| found.to_string().contains(&self.room.deal);
            let _ = all.insert(kind.to_owned(), json!(self.room.at_processor(kind, own)));
        }
        all
    }
}

/// Takes every message there is, by its consumer, until all have come that the story must have caused.
fn collected(stack: &Stack, story: &Story) -> BTreeMap<&'static str, Vec<String>> {
    // Consumers are stopped, so that no event follows from another.
    let events = story.events();
    let due: Vec<(&str, &str)> = HEARD
        .iter()
        .flat_map(|(name, kinds)| {
            let heard = events
                .iter()
                .filter(move |event| kinds.iter().any(|kind| event["type"] == *kind));
            heard.map(move |event| (*name, event["id"].as_str().unwrap()))
        })
        // And the bucket tells of the file.
        .chain([("ResumeParser", "Object Created")])
        .collect();
    let mut all = BTreeMap::<_, Vec<String>>::new();
    wait("every message of the story", || {
        for (name, _) in CONSUMERS {
            let taken = stack.take(&format!("{name}QueueUrl"), |_| true);
            if !taken.is_empty() {
                all.entry(name).or_default().extend(taken);
            }
        }
        let has_come = |(name, what): &(&str, &str)| {
            all.get(name)
                .is_some_and(|messages| messages.iter().any(|message| message.contains(what)))
        };
        due.iter().all(has_come).then_some(())
    });
    all
}

/// Waits until the consumers have handled everything.
fn settle(stack: &Stack) {
    // The queues are empty for a moment while an event is on its way to them, so a later one has to have come through first.
    let (marker, _) = stack.agency("marker");
    let job = json!({ "title": "Baker", "description": "Bread and rolls, at night." });
    let job = format!("INDEXED#{}", id(&marker.write("POST", "/jobs", &job).expect(201)));
    wait("a later event to be handled", || {
        let indexed = |item: &Value| item["pk"]["S"] == job.as_str() && item["sk"]["S"] == "INDEXED";
        stack.items("MainTableName").iter().any(indexed).then_some(())
    });
    wait("the queues to be empty", || {
        let pending = |name: &str| stack.pending(&format!("{name}QueueUrl"));
        CONSUMERS.iter().all(|(name, _)| pending(name) == 0).then_some(())
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_come_twice_in_the_wrong_order_and_late_lead_to_the_same() {
    let stack = Stack::running();
    let stopped = stack.stop_consumers();
    stack.purge_queues();
    let story = tokio::task::block_in_place(Story::told);
    let (mut one, mut other) = (connect(&story.talk.one).await, connect(&story.talk.other).await);
    let mut view = RoomView::default();
    story.talk.resume(&mut other, &mut view).await;
    for text in ["first", "second", "third"] {
        let _ = one.ask(story.talk.said(text)).await.unwrap();
    }
    let mut messages = tokio::task::block_in_place(|| collected(&stack, &story));
    // A small room's lines reach everybody without the queue, so these are its parts of a large one.
    let parts = (1..=3).map(|offset| {
        let part = json!({ "room": story.talk.room, "offset": offset, "after": null, "until": "~" });
        json!({ "entry": part }).to_string()
    });
    messages.entry("Fanout").or_default().extend(parts);
    // And the clock asks for payouts, not an event.
    let pay = story
        .room
        .tenants
        .iter()
        .map(|tenant| json!({ "pay": { "deal": story.room.deal, "tenant": tenant } }));
    messages
        .entry("Payouts")
        .or_default()
        .extend(pay.map(|pay| pay.to_string()));
    // What the match finder is told the indexer says first, so its turn comes below.
    for (name, queue) in CONSUMERS.iter().filter(|(name, _)| *name != "MatchFinder") {
        assert!(messages.contains_key(name), "{queue} has nothing to do");
    }
    // Newest first, each twice; every second one comes from the dead letters.
    for (name, all) in &messages {
        for (place, message) in all.iter().rev().enumerate() {
            let first = if place % 2 == 0 { "DlqUrl" } else { "QueueUrl" };
            stack.send(&format!("{name}{first}"), message);
            stack.send(&format!("{name}QueueUrl"), message);
        }
    }
    for (_, queue) in CONSUMERS {
        stack.xtask(&["replay", queue]).unwrap();
    }
    // What meets others on its way is tried again soon, and not in minutes.
    let hurried = stack.hurry_consumers(AGAIN_SECONDS);
    drop(stopped);
    tokio::task::block_in_place(|| {
        wait("the story to be done", || {
            story.room.go_on();
            story.is_done().then_some(())
        });
    });
    // Each line came with its sending, and twice or thrice from the queue.
    for _ in 0..3 + 2 * 3 {
        if let ServerFrame::Entry { entry } = hear(&mut other).await {
            let _ = view.take(entry);
        }
    }
    assert_eq!(texts(&view), ["first", "second", "third"]);

    let before = tokio::task::block_in_place(|| {
        settle(&stack);
        story.stands()
    });
    assert_eq!(
        before["transfers"].as_array().unwrap().len(),
        2,
        "{}",
        before["transfers"]
    );
    // All of it once more, long after it was done, and what the consumers told each other, twice and newest first.
    let told = tokio::task::block_in_place(|| story.indexed());
    assert!(told.len() >= 2, "{told:?}");
    messages
        .entry("MatchFinder")
        .or_default()
        .extend(told.iter().rev().cloned());
    messages.entry("MatchFinder").or_default().extend(told);
    for (name, all) in &messages {
        for message in all {
            stack.send(&format!("{name}QueueUrl"), message);
        }
    }
    let after = tokio::task::block_in_place(|| {
        settle(&stack);
        story.stands()
    });
    drop(hurried);
    for (key, item) in &after {
        assert_eq!(before.get(key), Some(item), "{key}");
    }
    let gone: Vec<&String> = before.keys().filter(|key| !after.contains_key(*key)).collect();
    assert!(gone.is_empty(), "{gone:?}");
    for (name, queue) in CONSUMERS {
        let own = |message: &str| {
            [&story.room.deal, &story.job, &story.candidate]
                .iter()
                .any(|id| message.contains(*id))
        };
        let dead = stack.take(&format!("{name}DlqUrl"), own);
        assert!(dead.is_empty(), "{queue}: {dead:?}");
    }
}
