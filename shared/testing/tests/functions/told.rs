//! Which side of a deal is told of what, and what the client reads of an argument that is its own.

use inventure_testing::Person;
use serde_json::{Value, json};

use crate::{
    conduct::{answer, placed, report},
    deals::Room,
    inbox::inbox,
    twice::{dispute, rule},
};

/// What people are told of since they last looked, as kind and kind of fact.
struct News<'a> {
    room: &'a Room,
    seen: usize,
    who: &'a Person,
}

impl<'a> News<'a> {
    fn of(room: &'a Room, who: &'a Person) -> Self {
        Self { room, seen: 0, who }
    }

    async fn next(&mut self) -> Vec<Value> {
        self.room.world.settle().await;
        let mut all = inbox(&self.room.world, self.who).await;
        all.reverse();
        let news = all.split_off(self.seen);
        self.seen += news.len();
        news
    }

    async fn kinds(&mut self) -> Vec<String> {
        let kind = |item: &Value| {
            let kind = item["kind"].as_str().unwrap();
            let fact = item["about"]["fact_kind"].as_str();
            fact.map_or_else(|| kind.to_owned(), |fact| format!("{kind}: {fact}"))
        };
        let mut kinds: Vec<String> = self.next().await.iter().map(kind).collect();
        kinds.sort();
        kinds
    }
}

#[tokio::test]
async fn the_client_is_told_of_who_was_submitted_of_its_bill_and_of_what_it_is_to_answer() {
    let room = Room::signed("even").await;
    let (mut client, mut broker) = (News::of(&room, &room.employer), News::of(&room, &room.candidate_side));
    let _ = broker.next().await;
    let _ = room.submit().await.expect(201);
    assert_eq!(client.kinds().await, ["candidate_claimed"]);
    let hire = report(&room, &room.job_side, placed(&room, 16_666_665)).await;
    let asked = client.next().await;
    let about = &asked[0]["about"];
    assert_eq!(
        (&about["fact_id"], &about["fact_kind"]),
        (&hire["fact"], &json!("placed"))
    );
    assert_eq!(about["accepted_from"], hire["accepted_from"], "{about}");
    assert_eq!(broker.kinds().await, ["answer_asked: placed"]);
    for who in [&room.employer, &room.candidate_side] {
        let _ = answer(&room, who, &hire, "assertion_confirmed").await.expect(201);
    }
    let ended = client.next().await;
    assert_eq!(ended[0]["kind"], "report_ended");
    assert_eq!(ended[0]["about"]["ended"], "effective");
    assert_eq!(broker.kinds().await, [""; 0], "who says the last yes knows");
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    let billed = client.next().await;
    assert_eq!(billed.len(), 1, "{billed:?}");
    assert_eq!(billed[0]["kind"], "invoice_issued");
    assert_eq!(billed[0]["about"]["invoice"], "2026-001");
    assert_eq!(broker.kinds().await, ["invoice_issued"]);
}

#[tokio::test]
async fn the_arbiter_and_the_client_follow_a_dispute_from_its_opening_to_its_ruling() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let hire = report(&room, &room.job_side, placed(&room, 16_666_665)).await;
    let (mut client, mut arbiter) = (News::of(&room, &room.employer), News::of(&room, &room.arbiter));
    let mut reporter = News::of(&room, &room.job_side);
    let (_, _) = (client.next().await, reporter.next().await);
    let no = json!({ "kind": "assertion_contested", "assertion": hire["fact"], "reason": "she was never here" });
    let _ = room.tell(&room.candidate_side, no).await.expect(201);
    let asked = reporter.next().await;
    let asked = asked.last().unwrap();
    assert_eq!(asked["kind"], "answer_asked");
    let seen = room.view(&room.employer).await["assertions"][0].clone();
    assert_eq!(
        asked["about"]["expires_at"], seen["expires_at"],
        "by when it is disputed: {asked}"
    );
    assert_eq!(seen["contests"][0]["reason"], "she was never here");

    dispute(&room, &room.deal, json!({ "assertion": hire["fact"] })).await;
    let ladder = [
        "dispute_moved: dispute_escalated",
        "dispute_moved: dispute_escalated",
        "dispute_moved: dispute_opened",
    ];
    let told = arbiter.next().await;
    assert_eq!(
        told[0]["about"]["fact_id"],
        room.view(&room.arbiter).await["disputes"][0]["opened"]
    );
    assert!(told[0]["about"]["evidence_until"].is_string(), "{told:?}");
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(client.kinds().await, ladder);
    let seen = room.view(&room.employer).await;
    assert_eq!(seen["disputes"][0]["about"], "the hire");
    let shown = b"her badge of the first day";
    let _ = room
        .document(&room.candidate_side, shown, json!({ "for_client": true }))
        .await;
    let _ = rule(&room, &room.deal, json!("stands")).await.expect(201);
    assert_eq!(client.kinds().await, ["dispute_moved: ruled", "report_ended: placed"]);
    assert_eq!(arbiter.kinds().await, [""; 0], "who rules knows");
    let seen = room.view(&room.employer).await;
    let ruling = &seen["rulings"][0];
    assert_eq!(
        (&ruling["ruling"], &ruling["reasons"]),
        (&json!("stands"), &json!("as the papers say"))
    );
    assert_eq!(ruling["dispute"]["about"], "the hire");
}

#[tokio::test]
async fn what_the_brokers_argue_among_themselves_is_not_the_clients() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    let mut client = News::of(&room, &room.employer);
    let _ = client.next().await;
    let amount = json!({ "minor_units": 100_000, "currency": "USD" });
    dispute(&room, &room.deal, json!({ "amount": amount, "about": "how we share" })).await;
    assert_eq!(client.kinds().await, ["bill_overdue"], "the weeks that went by");
    let shares = json!({ "reallocated": { "shares": [{ "party": "job", "share": "60%" }, { "party": "candidate", "share": "40%" }] } });
    let _ = rule(&room, &room.deal, shares).await.expect(201);
    assert_eq!(client.kinds().await, [""; 0]);
    let seen = room.view(&room.employer).await;
    assert_eq!((&seen["disputes"], &seen["rulings"]), (&json!([]), &json!([])));
    let inside = room.view(&room.candidate_side).await;
    assert!(inside["rulings"][0]["ruling"]["reallocated"].is_object(), "{inside}");
}

#[tokio::test]
async fn a_candidates_yes_is_told_to_their_broker_and_their_no_to_all_who_work_on_them() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let mut all = [&room.job_side, &room.candidate_side, &room.employer].map(|who| News::of(&room, who));
    let token = room.asked_token().await;
    for news in &mut all {
        let _ = news.next().await;
    }
    let mut told = async || {
        let mut told = Vec::new();
        for news in &mut all {
            told.push(news.kinds().await.concat());
        }
        told
    };
    let _ = room.answer(&token, "confirm").await.expect(200);
    assert_eq!(told().await, ["", "candidate_answered: confirmed", ""]);
    let _ = room.answer(&token, "withdraw").await.expect(200);
    assert_eq!(told().await, ["candidate_answered: consent_withdrawn"; 3]);
}
