//! News of a deal for each side, and what the client reads of an argument that is its own.

use inventure_testing::{ENGINEER, Person};
use serde_json::{Value, json};

use crate::{
    live::inbox::inbox,
    money::{
        conduct::{answer, placed, report},
        deals::Room,
        owners::candidate,
        twice::{dispute, rule},
    },
};

/// Returns the deal's arguments as a person reads them.
async fn arguments(room: &Room, who: &Person) -> Value {
    let path = format!("/deals/{}/arguments", room.deal);
    room.world.get(who, &path).await.expect(200)
}

/// The news that a person is told of since they last looked, as kind and kind of fact.
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
    let claimed = client.next().await;
    assert_eq!(claimed[0]["kind"], "candidate_claimed");
    assert!(claimed[0]["about"]["objection_until"].is_string(), "{claimed:?}");
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
    let contested = reporter.next().await;
    let contested = contested.last().unwrap();
    assert_eq!(contested["kind"], "report_contested");
    let seen = room.view(&room.employer).await["assertions"][0].clone();
    assert_eq!(
        contested["about"]["expires_at"], seen["expires_at"],
        "by when it is disputed: {contested}"
    );
    let contests = arguments(&room, &room.employer).await["contests"].clone();
    assert_eq!(
        (&contests[0]["reason"], &contests[0]["by"]),
        (&json!("she was never here"), &json!("candidate"))
    );

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
    assert!(told[0]["about"].get("default_ruling_at").is_none(), "{told:?}");
    assert!(
        told[2]["about"]["default_ruling_at"].is_string(),
        "by when to rule: {told:?}"
    );
    let seen = arguments(&room, &room.employer).await;
    assert_eq!(
        (&seen["disputes"][0]["about"], &seen["disputes"][0]["by"]),
        (&json!("the hire"), &json!("job"))
    );
    let _ = rule(&room, &room.deal, json!("stands")).await.expect(201);
    assert_eq!(client.kinds().await, ["dispute_moved: ruled", "report_ended: placed"]);
    assert_eq!(arbiter.kinds().await, [""; 0], "who rules knows");
    let seen = arguments(&room, &room.employer).await;
    let ruling = &seen["rulings"][0];
    assert_eq!(
        (&ruling["ruling"], &ruling["reasons"]),
        (&json!("stands"), &json!("as the papers say"))
    );
    assert_eq!(ruling["dispute"]["about"], "the hire");
}

#[tokio::test]
async fn what_is_shown_in_a_dispute_the_client_reads_too() {
    let room = Room::signed("even").await;
    let opened = json!({ "kind": "dispute_opened", "about": "who speaks for her" });
    let _ = room.tell(&room.candidate_side, opened).await.expect(201);
    let shown = b"her badge of the first day";
    let document = room
        .document(&room.candidate_side, shown, json!({ "for_client": true }))
        .await;
    let path = format!("/deals/{}/documents/{document}", room.deal);
    let sha256 = room.world.get(&room.employer, &path).await.expect(200)["sha256"].clone();
    let mut client = News::of(&room, &room.employer);
    let _ = client.next().await;
    let given = json!({ "kind": "evidence_given", "text": "she came at nine", "sha256": sha256 });
    let unseen = json!({ "kind": "evidence_given", "text": "she\u{1}came", "sha256": sha256 });
    let refused = room.tell(&room.candidate_side, unseen).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "text");
    let _ = room.tell(&room.candidate_side, given).await.expect(201);
    assert_eq!(client.kinds().await, ["dispute_moved: evidence_given"]);
    let evidence = arguments(&room, &room.employer).await["disputes"][0]["evidence"][0].clone();
    assert_eq!(
        (&evidence["text"], &evidence["sha256"]),
        (&json!("she came at nine"), &sha256)
    );
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
    let among_us = json!({ "amount": amount, "about": "how we share", "among_parties": true });
    dispute(&room, &room.deal, among_us).await;
    assert_eq!(client.kinds().await, ["bill_overdue"], "the weeks that went by");
    let shares = json!({ "reallocated": { "shares": [{ "party": "job", "share": "60%" }, { "party": "candidate", "share": "40%" }] } });
    let _ = rule(&room, &room.deal, shares).await.expect(201);
    assert_eq!(client.kinds().await, [""; 0]);
    let seen = arguments(&room, &room.employer).await;
    assert_eq!((&seen["disputes"], &seen["rulings"]), (&json!([]), &json!([])));
    assert_eq!(room.view(&room.employer).await["disputes"], json!([]));
    let inside = arguments(&room, &room.candidate_side).await;
    assert!(inside["rulings"][0]["ruling"]["reallocated"].is_object(), "{inside}");
}

#[tokio::test]
async fn what_the_brokers_say_about_a_stage_is_not_the_clients() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    for (from, to) in [("submitted", "screening"), ("screening", "interviewing")] {
        let moved = json!({ "kind": "stage_moved", "candidate": room.candidate, "from": from, "to": to, "note": "he pays badly" });
        let _ = room.tell(&room.job_side, moved).await.expect(201);
    }
    let waiting = room.view(&room.candidate_side).await["assertions"][0].clone();
    let _ = answer(&room, &room.candidate_side, &waiting, "assertion_contested")
        .await
        .expect(201);
    let inside = arguments(&room, &room.job_side).await;
    assert_eq!(inside["contests"][0]["reason"], "it is not so");
    for seen in [room.view(&room.employer).await, arguments(&room, &room.employer).await] {
        let seen = seen.to_string();
        assert!(
            !seen.contains("he pays badly") && !seen.contains("it is not so"),
            "{seen}"
        );
    }
}

#[tokio::test]
async fn who_only_open_terms_name_hears_of_no_dispute() {
    let room = Room::signed("even").await;
    let stranger = Person::named("stranger");
    let mut terms = room.terms("even").await;
    terms["disputes"]["arbiter"] = json!(room.world.tenant(&stranger, "agency", "Elsewhere").await);
    let proposed = json!({ "kind": "terms_proposed", "terms": terms });
    let _ = room.tell(&room.job_side, proposed).await.expect(201);
    let mut news = News::of(&room, &stranger);
    let _ = news.next().await;
    let opened = json!({ "kind": "dispute_opened", "about": "how we share", "among_parties": true });
    let _ = room.tell(&room.job_side, opened).await.expect(201);
    assert_eq!(news.kinds().await, [""; 0]);
    assert_eq!(
        News::of(&room, &room.arbiter).kinds().await,
        ["dispute_moved: dispute_opened"]
    );
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
    assert_eq!(told().await, ["", "candidate_confirmed", ""]);
    let _ = room.answer(&token, "withdraw").await.expect(200);
    assert_eq!(told().await, ["candidate_lost"; 3]);
}

#[tokio::test]
async fn what_many_reports_become_at_once_is_told_as_one() {
    let room = Room::new("even").await;
    let mut terms = room.terms("even").await;
    terms["changes"] = json!("placement");
    let proposed = json!({ "kind": "terms_proposed", "terms": terms });
    let _ = room.tell(&room.job_side, proposed.clone()).await.expect(201);
    room.both_sign().await;
    for number in 0..9 {
        let resume = ENGINEER.replace("mara.lindqvist@example.com", &format!("mara{number}@example.com"));
        let candidate = candidate(&room, &room.candidate_side, &resume).await;
        let submitted = json!({ "kind": "submitted", "candidate": candidate, "source": "member" });
        let _ = room.tell(&room.candidate_side, submitted).await.expect(201);
        for (from, to) in [("submitted", "screening"), ("screening", "interviewing")] {
            let moved = json!({ "kind": "stage_moved", "candidate": candidate, "from": from, "to": to, "note": null });
            let _ = room.tell(&room.job_side, moved).await.expect(201);
        }
    }
    let mut news = News::of(&room, &room.candidate_side);
    assert_eq!(
        news.kinds()
            .await
            .iter()
            .filter(|kind| **kind == "answer_asked: stage_moved")
            .count(),
        9
    );
    // Signed anew, all nine wait for the same side again.
    let _ = room.tell(&room.job_side, proposed).await.expect(201);
    room.both_sign().await;
    assert_eq!(
        news.kinds().await,
        ["answer_asked: signed", "deal_accepted", "deal_shared"]
    );
}
