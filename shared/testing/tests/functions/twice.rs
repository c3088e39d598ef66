//! One person, placed twice or submitted again. Each test is named after what the cheat wants.

use inventure_core::{CandidateId, DealId};
use inventure_lambda::clock;
use inventure_store::{
    Change, Condition, Key,
    records::{ClaimOfPerson, PlacedPerson, SubmittedPerson},
};
use inventure_testing::{Answer, ENGINEER, Person};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    deals::Room,
    owners::{MAIL, Other, candidate, placed, puppets},
};

/// A report of the puppets that they placed the candidate, to which nobody has said anything yet.
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
}

/// Every record of who is placed.
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
