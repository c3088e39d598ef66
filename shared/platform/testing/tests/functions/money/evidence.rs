//! Evidence that is cited without a file behind it. Each test is named after what the cheat wants.

use futures_util::future::join;
use inventure_testing::{Answer, Person};
use serde_json::{Value, json};

use crate::money::{deals::Room, documents::hash};

async fn erase(room: &Room, who: &Person, document: &str) -> Answer {
    let path = format!("/deals/{}/documents/{document}", room.deal);
    who.write(&room.world.app, "DELETE", &path, json!({})).await
}

fn objection(room: &Room, proof: &[u8]) -> Value {
    json!({
        "kind": "prior_claim_raised", "candidate": room.candidate, "last_contact_on": Room::days(-30), "proof": hash(proof),
    })
}

fn given(bytes: &[u8]) -> Value {
    json!({ "kind": "evidence_given", "text": "it shows all", "sha256": hash(bytes) })
}

fn hired(room: &Room, document: &str) -> Value {
    json!({
        "kind": "placed", "candidate": room.candidate, "accepted_on": Room::days(0), "starts_on": Room::days(0), "evidence": document,
        "pay": { "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" },
    })
}

#[tokio::test]
async fn evidence_whose_file_was_erased_before_it_is_cited() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let disputed = json!({ "kind": "dispute_opened", "about": "who knew whom" });
    let _ = room.tell(&room.employer, disputed).await.expect(201);
    let proof = b"mails that nobody shall read";
    let document = room.document(&room.employer, proof, json!({})).await;
    let _ = erase(&room, &room.employer, &document).await.expect(200);
    for what in [objection(&room, proof), given(proof), hired(&room, &document)] {
        let refused = room.tell(&room.employer, what.clone()).await;
        assert_eq!(refused.clone().problem(422), "refused-by-terms", "{what}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("erased"), "{what}: {detail}");
    }
    assert_eq!(room.view(&room.job_side).await["assertions"], json!([]));

    // The same file once more: now there is something to look at, and it stays.
    let again = room.document(&room.employer, proof, json!({})).await;
    for what in [objection(&room, proof), given(proof), hired(&room, &again)] {
        let _ = room.tell(&room.employer, what).await.expect(201);
    }
    assert_eq!(
        erase(&room, &room.employer, &again).await.problem(409),
        "wrong-state",
        "the others must be able to look at it"
    );
    let _ = erase(&room, &room.employer, &document).await.expect(200);
    let object = format!("documents/{}/{again}", room.deal);
    assert!(room.world.documents.keys().contains(&object));
}

#[tokio::test]
async fn a_file_shown_to_the_brokers_alone_stands_in_for_one_that_the_client_could_read() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let offer = b"the offer";
    let shown = room
        .document(&room.job_side, offer, json!({ "for_client": true }))
        .await;
    let _ = room.document(&room.job_side, offer, json!({})).await;
    let disputed = json!({ "kind": "dispute_opened", "about": "the pay" });
    let _ = room.tell(&room.employer, disputed).await.expect(201);
    let _ = erase(&room, &room.job_side, &shown).await.expect(200);
    let refused = room.tell(&room.job_side, given(offer)).await;
    assert_eq!(refused.problem(422), "refused-by-terms");
}

#[tokio::test]
async fn who_cites_and_erases_at_once_has_one_of_both() {
    let room = Room::signed("even").await;
    let disputed = json!({ "kind": "dispute_opened", "about": "everything" });
    let _ = room.tell(&room.employer, disputed).await.expect(201);
    let (mut kept, mut gone) = (0, 0);
    for seed in 0..10 {
        let bytes = format!("letter {seed}").into_bytes();
        let document = room
            .document(&room.job_side, &bytes, json!({ "for_client": true }))
            .await;
        room.world.table.interleave(seed);
        let cites = room.tell(&room.job_side, given(&bytes));
        let (cited, erased) = Box::pin(join(cites, erase(&room, &room.job_side, &document))).await;
        let object = format!("documents/{}/{document}", room.deal);
        let is_there = room.world.documents.keys().contains(&object);
        assert_ne!(
            cited.status == 201,
            erased.status == 200,
            "{seed}: {} {}",
            cited.text,
            erased.text
        );
        assert_eq!(cited.status == 201, is_there, "{seed}: what is cited has its file");
        if is_there {
            kept += 1;
        } else {
            gone += 1;
        }
    }
    assert!(kept > 0 && gone > 0, "{kept} were cited first, {gone} erased first");
}

#[tokio::test]
async fn a_party_erases_the_clients_copy_so_that_the_brokers_prove_nothing() {
    let room = Room::signed("even").await;
    let bytes = b"what we agreed among us";
    let for_client = json!({ "for_client": true });
    let copy = room.document(&room.job_side, bytes, for_client).await;
    let _ = room.document(&room.candidate_side, bytes, json!({})).await;
    let disputed = json!({ "kind": "dispute_opened", "about": "our shares", "among_parties": true });
    let _ = room.tell(&room.candidate_side, disputed).await.expect(201);
    assert_eq!(erase(&room, &room.job_side, &copy).await.status, 200);
    // The client is no side of it, so what all brokers see is enough.
    let _ = room.tell(&room.candidate_side, given(bytes)).await.expect(201);
}
