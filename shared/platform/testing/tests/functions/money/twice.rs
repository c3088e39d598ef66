//! One person, placed twice or submitted again. Each test is named after what the cheat wants.

use inventure_api::clock;
use inventure_core::{CandidateId, DealId};
use inventure_deal_store::{
    load,
    records::{ClaimOfPerson, PlacedPerson, SubmittedPerson},
};
use inventure_table::{Change, Condition, Key};
use inventure_testing::{Answer, ENGINEER, Person};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::money::{
    deals::Room,
    documents::hash,
    owners::{MAIL, Other, candidate, placed, puppets},
};

/// Reports that the puppets placed the candidate, to which nobody has said anything yet.
async fn report(room: &Room, squat: &Other, typed: &str) -> Value {
    let told = squat.place(room, typed).await.expect(201);
    told["assertions"][0]["fact"].clone()
}

async fn confirm(room: &Room, squat: &Other, who: &Person, report: &Value) -> Answer {
    let yes = json!({ "kind": "assertion_confirmed", "assertion": report });
    squat.tell(room, who, yes).await
}

async fn view(room: &Room, squat: &Other) -> Value {
    let path = format!("/deals/{}", squat.deal);
    room.world.get(&squat.person, &path).await.expect(200)
}

async fn settle(room: &Room, squat: &Other, days: i64) {
    let later = clock::now() + SignedDuration::from_hours(24 * days);
    let deal: DealId = squat.deal.parse().unwrap();
    Box::pin(room.world.settler.settle(deal, "test", later)).await.unwrap();
}

#[tokio::test]
async fn a_report_that_waited_is_agreed_after_another_deal_has_placed_the_person() {
    let room = Room::signed("even").await;
    let (squat, typed) = puppets(&room).await;
    let waiting = report(&room, &squat, &typed).await;
    let _ = confirm(&room, &squat, &room.employer, &waiting).await.expect(201);
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let last = confirm(&room, &squat, &squat.person, &waiting).await;
    assert_eq!(last.problem(422), "refused-by-terms", "the person is placed");
    assert_eq!(view(&room, &squat).await["placements"], json!([]));
    // Once that placement has ended they can be placed.
    let left = json!({ "kind": "fell_off", "last_day": Room::days(0), "reason": "resigned" });
    let _ = room.agreed(&room.employer, left).await.expect(201);
    let _ = confirm(&room, &squat, &squat.person, &waiting).await.expect(201);
    assert_eq!(view(&room, &squat).await["state"], "placed");
}

#[tokio::test]
async fn a_report_that_waited_is_accepted_by_silence_after_another_deal_has_placed_the_person() {
    let room = Room::signed("even").await;
    let (squat, typed) = puppets(&room).await;
    let _ = report(&room, &squat, &typed).await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    settle(&room, &squat, 7).await;
    let seen = view(&room, &squat).await;
    assert_eq!(
        (&seen["state"], &seen["assertions"], &seen["placements"]),
        (&json!("active"), &json!([]), &json!([])),
        "the report ended without effect"
    );
    let facts = room
        .world
        .get(&squat.person, &format!("/deals/{}/facts", squat.deal))
        .await;
    let facts = facts.expect(200)["facts"].as_array().unwrap().clone();
    let decided: Vec<_> = facts
        .iter()
        .filter(|fact| fact["what"]["kind"] == "ownership_decided")
        .collect();
    assert_eq!(decided.len(), 1, "{facts:?}");
    assert_eq!(decided[0]["what"]["owners"], json!([]));
    assert_eq!(decided[0]["what"]["grounds"], json!([]), "nor by what they are placed");
}

/// Returns every record of a placed person.
async fn places(room: &Room) -> Vec<PlacedPerson> {
    let mut found = Vec::new();
    for item in room.world.table.items() {
        let key = Key::of(&item).unwrap();
        if key.pk.starts_with("PLACED#") {
            found.extend(room.world.store.get::<PlacedPerson>(&key).await.unwrap());
        }
    }
    found
}

#[tokio::test]
async fn an_old_deal_of_puppets_keeps_an_engaged_one_from_placing() {
    let room = Room::signed("even").await;
    let (squat, typed) = puppets(&room).await;
    let _ = report(&room, &squat, &typed).await;
    // As they were recorded before placements were kept by person, and claims with their grounds.
    let (deal, candidate): (DealId, CandidateId) = (squat.deal.parse().unwrap(), typed.parse().unwrap());
    let key = SubmittedPerson::key_of(deal, candidate);
    let mut person: SubmittedPerson = room.world.store.get(&key).await.unwrap().unwrap();
    person.grounds = None;
    let mut change = Change::new().put(&person, Condition::None);
    for place in places(&room).await {
        change = change.delete(PlacedPerson::key_of(&place.known_by), Condition::None);
    }
    room.world.store.commit(change).await.unwrap();
    for item in room.world.table.items() {
        let key = Key::of(&item).unwrap();
        if key.pk.starts_with("CLAIMS#") && key.sk.starts_with(&squat.deal) {
            let mut old: ClaimOfPerson = room.world.store.get(&key).await.unwrap().unwrap();
            old.job_sides.clear();
            (old.tenant_id, old.job_id) = (None, None);
            let change = Change::new().put(&old, Condition::None);
            room.world.store.commit(change).await.unwrap();
        }
    }
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
}

#[tokio::test]
async fn a_person_who_was_objected_to_comes_back_under_a_new_record() {
    let mut room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let document = room
        .document(&room.employer, b"our mails of last month", json!({}))
        .await;
    let path = format!("/deals/{}/documents/{document}", room.deal);
    let proof = room.world.get(&room.employer, &path).await.expect(200)["sha256"].clone();
    let objection = json!({
        "kind": "prior_claim_raised", "candidate": room.candidate, "last_contact_on": Room::days(-30), "proof": proof,
    });
    let _ = room.agreed(&room.employer, objection).await.expect(201);
    assert_eq!(room.place().await.problem(422), "refused-by-terms");
    let submitted =
        |candidate: &str| json!({ "kind": "submitted", "candidate": candidate, "contact": { "email": MAIL } });
    // Under another record of the same deal.
    let again = candidate(&room, &room.candidate_side, ENGINEER).await;
    let _ = room.tell(&room.candidate_side, submitted(&again)).await.expect(201);
    assert_eq!(
        room.tell(&room.job_side, placed(&again)).await.problem(422),
        "refused-by-terms"
    );
    // And in another deal.
    room.open("even", ENGINEER).await;
    room.both_sign().await;
    let _ = room
        .tell(&room.candidate_side, submitted(&room.candidate))
        .await
        .expect(201);
    assert_eq!(room.place().await.problem(422), "refused-by-terms");
    // It was this agency's submittal; another that the employer did not know of is another's.
    let other = Other::new(&room, "other").await;
    let theirs = candidate(&room, &other.person, ENGINEER).await;
    let _ = other.submit(&room, &theirs, json!({ "email": MAIL })).await.expect(201);
    let _ = other.place(&room, &theirs).await.expect(201);
}

async fn tell(room: &Room, deal: &str, who: &Person, what: Value) -> Answer {
    let path = format!("/deals/{deal}/moves");
    who.write(&room.world.app, "POST", &path, what).await
}

/// Lets some days pass in a deal, after which its next fact happens.
pub async fn days_pass(room: &Room, deal: &str, days: i64) {
    let held = load(&room.world.store, deal.parse().unwrap()).await.unwrap().unwrap();
    let until = held.moment(clock::now()) + SignedDuration::from_hours(24 * days);
    let (change, _) = held.settle_until(until).unwrap();
    let _ = room.world.store.commit(change).await.unwrap();
}

/// Takes a matter of the job side to the arbiter, who may rule now.
pub async fn dispute(room: &Room, deal: &str, about: Value) {
    dispute_showing(room, deal, about, None).await;
}

/// Takes a matter to the arbiter and shows a document of the deal there.
async fn dispute_showing(room: &Room, deal: &str, about: Value, shown: Option<&[u8]>) {
    let mut opened = json!({ "kind": "dispute_opened", "about": "the hire" });
    let all = opened.as_object_mut().unwrap();
    all.extend(about.as_object().unwrap().clone());
    let _ = tell(room, deal, &room.job_side, opened).await.expect(201);
    if let Some(bytes) = shown {
        let given = json!({ "kind": "evidence_given", "text": "it shows all", "sha256": hash(bytes) });
        let _ = tell(room, deal, &room.job_side, given).await.expect(201);
    }
    for _ in 0..2 {
        days_pass(room, deal, 15).await;
        let next = json!({ "kind": "dispute_escalated" });
        let _ = tell(room, deal, &room.job_side, next).await.expect(201);
    }
    days_pass(room, deal, 15).await;
}

pub async fn rule(room: &Room, deal: &str, ruling: Value) -> Answer {
    let ruled = json!({ "kind": "ruled", "ruling": ruling, "reasons": "as the papers say" });
    tell(room, deal, &room.arbiter, ruled).await
}

/// Whether this deal has the place of the person whom the room's candidate is.
async fn has_place(room: &Room, deal: &str) -> bool {
    let places = places(room).await;
    let shared = |placed: &PlacedPerson| !placed.known_by.contains('/') && placed.deal_id.to_string() == deal;
    places.iter().any(shared)
}

#[tokio::test]
async fn a_report_that_the_client_denied_keeps_everybody_else_from_placing_the_person() {
    let mut room = Room::signed("even").await;
    let first = Other::new(&room, "first").await;
    let typed = room.world.candidate(&first.person, "Mara").await;
    let _ = first.submit(&room, &typed, json!({ "email": MAIL })).await.expect(201);
    let reported = report(&room, &first, &typed).await;
    assert!(has_place(&room, &first.deal).await);
    let _ = room.submit().await.expect(201);
    assert_eq!(
        room.place().await.problem(422),
        "refused-by-terms",
        "nobody has denied it yet"
    );
    let no = json!({ "kind": "assertion_contested", "assertion": reported, "reason": "we hired nobody" });
    let _ = first.tell(&room, &room.employer, no).await.expect(201);
    // Not even a dispute about it keeps the place, whatever is shown there.
    let own = std::mem::replace(&mut room.deal, first.deal.clone());
    let offer = b"the offer";
    let _ = room
        .document(&room.job_side, offer, json!({ "for_client": true }))
        .await;
    room.deal = own;
    dispute_showing(&room, &first.deal, json!({ "assertion": reported }), Some(offer)).await;
    let _ = room.place().await.expect(201);
    assert!(has_place(&room, &room.deal).await && !has_place(&room, &first.deal).await);
    // A judge places nobody twice either.
    let refused = rule(&room, &first.deal, json!("upheld")).await;
    assert_eq!(refused.problem(422), "refused-by-terms", "they are placed by now");
    let left = json!({ "kind": "fell_off", "last_day": Room::days(0), "reason": "resigned" });
    let _ = room.agreed(&room.employer, left).await.expect(201);
    let upheld = rule(&room, &first.deal, json!("upheld")).await.expect(201);
    assert_eq!(upheld["state"], "placed");
    assert!(has_place(&room, &first.deal).await);
}

#[tokio::test]
async fn a_ruling_restores_the_placement_of_somebody_whom_another_deal_placed() {
    let mut room = Room::new("even").await;
    room.place_and_pay(3_333_333).await;
    let first = room.deal.clone();
    let left = json!({ "kind": "fell_off", "last_day": Room::days(0), "reason": "resigned" });
    let fallen = room.agreed(&room.employer, left.clone()).await.expect(201);
    let credited = fallen["invoices"][0]["credited_minor_units"].as_i64().unwrap();
    room.open("even", ENGINEER).await;
    room.both_sign().await;
    let stated = json!({ "kind": "submitted", "candidate": room.candidate, "contact": { "email": MAIL } });
    let _ = room.tell(&room.candidate_side, stated).await.expect(201);
    let _ = room.place().await.expect(201);
    let amount = |minor_units: i64| json!({ "amount": { "minor_units": minor_units, "currency": "USD" } });
    let second = std::mem::replace(&mut room.deal, first.clone());
    let badge = b"her badge";
    let _ = room
        .document(&room.job_side, badge, json!({ "for_client": true }))
        .await;
    room.deal = second;
    dispute_showing(&room, &first, json!({}), Some(badge)).await;
    let all = json!({ "restored": amount(credited) });
    let refused = rule(&room, &first, all.clone()).await;
    assert_eq!(
        refused.problem(422),
        "refused-by-terms",
        "they are placed by the second deal"
    );
    assert!(has_place(&room, &room.deal).await && !has_place(&room, &first).await);
    let _ = room.agreed(&room.employer, left).await.expect(201);
    let restored = rule(&room, &first, all).await.expect(201);
    assert_eq!(restored["placements"][0]["fall_off"], Value::Null, "{restored}");
    assert!(has_place(&room, &first).await && !has_place(&room, &room.deal).await);
}
