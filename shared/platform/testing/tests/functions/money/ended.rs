//! Deals that go on after consent has ended as if it had not. Each test is named after what the person wants who goes on.

use futures_util::future::join;
use inventure_api::clock;
use inventure_core::DealId;
use inventure_deal_store::records::DealHead;
use inventure_events::{ConsentWithdrawn, Envelope};
use inventure_recruiting::records::{Candidate, ConsentRecord};
use inventure_table::{
    Change, Condition, Write,
    table::{Table as _, to_item},
};
use inventure_testing::ENGINEER;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::money::deals::Room;

const MAIL: &str = "mara.lindqvist@example.com";

fn scopes(scopes: &[&str]) -> Value {
    json!({ "scopes": scopes, "evidence": "mail", "until": "2099-12-31" })
}

fn placed(room: &Room) -> Value {
    json!({
        "kind": "placed", "candidate": room.candidate, "accepted_on": Room::days(0), "starts_on": Room::days(0),
        "pay": { "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" },
    })
}

fn moved(room: &Room, to: &str) -> Value {
    json!({ "kind": "stage_moved", "candidate": room.candidate, "from": "submitted", "to": to, "note": null })
}

impl Room {
    async fn consent(&self, method: &str, body: Value) {
        let path = format!("/candidates/{}/consent", self.candidate);
        let answer = self.candidate_side.write(&self.world.app, method, &path, body).await;
        let _ = answer.expect(200);
    }

    /// Returns the number of times that a deal heard that the consent ended.
    async fn heard(&self, deal: &str) -> usize {
        let facts = self.world.get(&self.job_side, &format!("/deals/{deal}/facts")).await;
        let facts = facts.expect(200)["facts"].clone();
        let facts = facts.as_array().unwrap();
        let ends = |fact: &&Value| fact["what"]["kind"] == "consent_withdrawn";
        facts.iter().filter(ends).count()
    }

    /// Opens another deal of the same agencies, signed, on the same job.
    async fn next_deal(&mut self) {
        let terms = self.terms("even").await;
        let made = self
            .job_side
            .write(&self.world.app, "POST", "/deals", json!({ "terms": terms }));
        made.await.expect(201)["id"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.deal);
        self.both_sign().await;
    }

    async fn submit_by_mail(&self) {
        let what = json!({ "kind": "submitted", "candidate": self.candidate, "contact": { "email": MAIL } });
        let _ = self.tell(&self.candidate_side, what).await.expect(201);
    }

    async fn record(&self) -> Candidate {
        let key = Candidate::key_of(self.candidate.parse().unwrap());
        self.world.store.get(&key).await.unwrap().unwrap()
    }

    /// Ends the consent: its last day was yesterday, and nothing has swept it yet.
    async fn run_out(&self) {
        let mut candidate = self.record().await;
        let read_at = candidate.version;
        candidate.consent.as_mut().unwrap().until = clock::today().yesterday().unwrap();
        candidate.version += 1;
        let change = Change::new().update(&candidate, read_at);
        self.world.store.commit(change).await.unwrap();
    }
}

#[tokio::test]
async fn a_narrower_consent_in_place_of_the_one_that_showed_them() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let all = ["store_resume", "matching", "share_with_network"];
    room.consent("PUT", scopes(&all)).await;
    room.world.settle().await;
    assert_eq!(
        room.heard(&room.deal).await,
        0,
        "as wide as before, and without a day between"
    );
    room.consent("PUT", scopes(&all[..2])).await;
    room.world.settle().await;
    assert_eq!(room.heard(&room.deal).await, 1);
    assert_eq!(room.place().await.problem(403), "consent-missing");
    room.consent("DELETE", json!({})).await;
    room.world.settle().await;
    assert_eq!(room.heard(&room.deal).await, 1, "once");
}

#[tokio::test]
async fn a_consent_that_replaced_another_ends_unheard() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    room.consent("PUT", scopes(&["store_resume", "share_with_network"]))
        .await;
    room.consent("DELETE", json!({})).await;
    room.world.settle().await;
    assert_eq!(room.heard(&room.deal).await, 1);
}

#[tokio::test]
async fn consent_given_again_before_the_deal_hears_of_its_end() {
    let mut room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let first = room.deal.clone();
    room.consent("DELETE", json!({})).await;
    room.consent("PUT", scopes(&["store_resume", "matching", "share_with_network"]))
        .await;
    // What is submitted with the new consent has nothing to do with the end of the old.
    room.next_deal().await;
    room.submit_by_mail().await;
    room.world.settle().await;
    assert_eq!(room.heard(&first).await, 1);
    assert_eq!(room.heard(&room.deal).await, 0);
}

#[tokio::test]
async fn a_consent_that_ran_out_is_replaced_before_anybody_notices() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    room.run_out().await;
    room.consent("PUT", scopes(&["store_resume", "matching", "share_with_network"]))
        .await;
    room.world.settle().await;
    assert_eq!(room.heard(&room.deal).await, 1, "there was a day without");
}

#[tokio::test]
async fn shown_and_hired_between_the_end_of_a_consent_and_its_sweep() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let waiting = room.tell(&room.job_side, placed(&room)).await.expect(201);
    room.run_out().await;
    for what in [moved(&room, "screening"), placed(&room)] {
        for who in [&room.candidate_side, &room.employer] {
            assert_eq!(
                room.tell(who, what.clone()).await.problem(403),
                "consent-missing",
                "{what}"
            );
        }
    }
    let yes = json!({ "kind": "assertion_confirmed", "assertion": waiting["assertions"][0]["fact"] });
    assert_eq!(room.tell(&room.employer, yes).await.problem(403), "consent-missing");
    // Silence places nobody either, also where no sweep has told the deal.
    room.settle_in(7).await;
    let view = room.view(&room.job_side).await;
    assert_eq!((&view["state"], &view["assertions"]), (&json!("active"), &json!([])));
    assert_eq!(room.heard(&room.deal).await, 1);
    let _ = room.tell(&room.job_side, moved(&room, "rejected")).await.expect(201);
}

#[tokio::test]
async fn a_consent_that_ends_after_a_hire_undoes_it() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let document = room
        .document(&room.job_side, b"the offer", json!({ "for_client": true }))
        .await;
    // It ended after the day of acceptance, and the deal has not heard of it.
    let mut candidate = room.record().await;
    let read_at = candidate.version;
    let consent = candidate.consent.take().unwrap();
    candidate.version += 1;
    let mut ended = ConsentRecord {
        candidate_id: candidate.candidate_id,
        consent,
        withdrawn_at: None,
        ended_at: Some(clock::now() + SignedDuration::from_hours(48)),
    };
    let change = Change::new().update(&candidate, read_at).put(&ended, Condition::None);
    room.world.store.commit(change).await.unwrap();
    assert_eq!(
        room.tell(&room.job_side, placed(&room)).await.problem(403),
        "consent-missing"
    );
    let mut hired = placed(&room);
    hired["evidence"] = json!(document);
    let _ = room.tell(&room.job_side, hired.clone()).await.expect(201);
    let taken_back =
        json!({ "kind": "assertion_withdrawn", "assertion": room.view(&room.job_side).await["assertions"][0]["fact"] });
    let _ = room.tell(&room.job_side, taken_back).await.expect(201);
    ended.ended_at = Some(clock::now());
    let change = Change::new().put(&ended, Condition::None);
    room.world.store.commit(change).await.unwrap();
    assert_eq!(
        room.tell(&room.job_side, hired).await.problem(403),
        "consent-missing",
        "a document shows no hire from after the end"
    );
}

#[tokio::test]
async fn one_deal_that_cannot_be_told_keeps_the_others_from_hearing() {
    let mut room = Room::signed("even").await;
    room.submit_by_mail().await;
    let broken: DealId = room.deal.parse().unwrap();
    let mut deals = Vec::new();
    for _ in 0..2 {
        room.next_deal().await;
        room.submit_by_mail().await;
        deals.push(room.deal.clone());
    }
    room.world.settle().await;
    let key = DealHead::key_of(broken);
    let head = room.world.table.get(&key).await.unwrap().unwrap();
    let write = |item| room.world.table.transact(vec![Write::Put(item, Condition::None)]);
    write(to_item(&json!({ "pk": key.pk, "sk": key.sk })).unwrap())
        .await
        .unwrap();
    room.consent("DELETE", json!({})).await;
    let news = room.world.news();
    let event = news
        .iter()
        .find(|event| event.event.kind() == "ConsentWithdrawn")
        .unwrap();
    assert!(room.world.deliver(event).await.is_err(), "it comes again");
    for deal in &deals {
        assert_eq!(room.heard(deal).await, 1);
    }
    write(head).await.unwrap();
    room.world.deliver(event).await.unwrap();
    for deal in deals.iter().chain([&broken.to_string()]) {
        assert_eq!(room.heard(deal).await, 1, "once");
    }
}

#[tokio::test]
async fn a_person_is_hidden_behind_another_who_was_submitted_first_and_consented_later() {
    let room = Room::signed("even").await;
    let other = room.world.candidate(&room.candidate_side, "Tomas").await;
    let what = json!({ "kind": "submitted", "candidate": other, "contact": { "email": "tomas@example.com" } });
    let _ = room.tell(&room.candidate_side, what).await.expect(201);
    room.submit_by_mail().await;
    room.consent("DELETE", json!({})).await;
    room.world.settle().await;
    assert_eq!(room.heard(&room.deal).await, 1);
}

#[tokio::test]
async fn the_end_of_a_consent_that_stands_is_told_to_nobody() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let candidate = room.record().await;
    let ended = ConsentWithdrawn {
        candidate_id: candidate.candidate_id,
        tenant_id: candidate.tenant_id,
        consent_id: candidate.consent.unwrap().consent_id,
        candidate_version: candidate.version,
    };
    let event = Envelope::new(ended.into(), clock::now(), "test");
    room.world.deliver(&event).await.unwrap();
    assert_eq!(room.heard(&room.deal).await, 0);
    room.consent("DELETE", json!({})).await;
    room.world.deliver(&event).await.unwrap();
    assert_eq!(room.heard(&room.deal).await, 1);
}

#[tokio::test]
async fn a_new_consent_brings_back_what_an_old_withdrawal_left() {
    let room = Room::signed("even").await;
    let mut candidate = room.record().await;
    let read_at = candidate.version;
    // As a withdrawal left it before ends took the résumé along.
    candidate.consent = None;
    candidate.version += 1;
    assert!(candidate.keeps_resume());
    room.world
        .store
        .commit(Change::new().update(&candidate, read_at))
        .await
        .unwrap();
    room.consent("PUT", scopes(&["store_resume", "matching"])).await;
    let path = format!("/candidates/{}/resume", room.candidate);
    let resume = room.world.get(&room.candidate_side, &path).await;
    assert_eq!(resume.problem(409), "wrong-state");
    room.world.settle().await;
    assert!(room.world.uploads.keys().is_empty(), "nor is the file kept");
    // Who consents anew sends a new file.
    room.world
        .read(&room.candidate_side, &room.candidate, ENGINEER.as_bytes())
        .await;
    let _ = room.world.get(&room.candidate_side, &path).await.expect(200);
}

#[tokio::test]
async fn whoever_submits_at_the_moment_of_the_end_is_not_told() {
    // Whichever comes first: the deal hears of the end, or there is no submittal.
    let (mut before, mut after) = (0, 0);
    for seed in 0..24 {
        let room = Room::signed("even").await;
        let event = async || {
            // The end is the shorter of the two, so it begins later and later.
            for _ in 0..seed * 5 {
                tokio::task::yield_now().await;
            }
            room.consent("DELETE", json!({})).await;
            let news = room.world.news();
            let ended = news.into_iter().find(|event| event.event.kind() == "ConsentWithdrawn");
            let message = settlement::Message::Event(Box::new(ended.unwrap()));
            room.world.settler.handle(&message, clock::now()).await.unwrap();
        };
        room.world.table.interleave(seed);
        let (submitted, ()) = Box::pin(join(room.submit(), event())).await;
        if submitted.status == 201 {
            assert_eq!(room.heard(&room.deal).await, 1, "{seed}");
            before += 1;
        } else {
            after += 1;
            assert!(
                [403, 409, 422, 429].contains(&submitted.status.as_u16()),
                "{seed}: {}",
                submitted.text
            );
        }
    }
    assert!(before > 0 && after > 0, "{before} came first, {after} later");
}

#[tokio::test]
async fn what_the_books_and_the_signed_facts_keep_of_somebody_erased_names_nobody() {
    let room = Room::new("even").await;
    room.place_and_pay(3_333_333).await;
    room.settle_in(6).await;
    let _ = room.world.settle().await;
    let names = |words: &[&str]| {
        let items = room.world.table.items().into_iter();
        let kept = items.filter(|item| !format!("{:?}", item["pk"]).contains("IDEMPOTENCY#"));
        let named = kept.filter(|item| words.iter().any(|word| format!("{item:?}").contains(word)));
        named
            .map(|item| format!("{:?}/{:?}", item["pk"], item["sk"]))
            .collect::<Vec<_>>()
    };
    let words = ["Lindqvist", "mara.lindqvist@example.com"];
    assert!(!names(&words).is_empty());
    let path = format!("/candidates/{}", room.candidate);
    let erased = room
        .candidate_side
        .write(&room.world.app, "DELETE", &path, json!({}))
        .await;
    let _ = erased.expect(200);
    let _ = room.world.settle().await;
    assert_eq!(names(&words), [""; 0]);
    let facts = room
        .world
        .get(&room.job_side, &format!("/deals/{}/facts", room.deal))
        .await;
    assert!(facts.expect(200).to_string().contains(&room.candidate), "the id stays");
}
