//! Documents of a deal, through the routes: who sees which, and that a document is what its hash says.

use inventure_api::clock;
use inventure_core::DocumentId;
use inventure_deal_store::records::{DealDocument, DealHead};
use inventure_table::{Change, Objects, table::Query};
use inventure_testing::{Answer, Person};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::money::{deals::Room, payouts::in_days};

pub fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Returns the field that an answer refuses.
fn field(answer: Answer) -> String {
    text(&answer.expect(422)["errors"][0]["field"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Room {
    fn documents(&self) -> String {
        format!("/deals/{}/documents", self.deal)
    }

    async fn form(&self, who: &Person, more: Value) -> Answer {
        let mut body = json!({ "file_name": "Offer (final).pdf", "media_type": "application/pdf", "size_bytes": 8 });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        who.write(&self.world.app, "POST", &self.documents(), body).await
    }

    /// Posts a file with a form, as a browser does.
    async fn post(&self, form: &Value, bytes: &[u8]) {
        let key = form["fields"]["key"].as_str().unwrap();
        self.world.documents.put(key, bytes.to_vec()).await.unwrap();
    }

    async fn add(&self, who: &Person, document: &Value, sha256: &str) -> Answer {
        let what = json!({ "kind": "document_added", "document": document, "sha256": sha256 });
        self.tell(who, what).await
    }

    pub fn is_kept(&self, document: &str) -> bool {
        let key = format!("documents/{}/{document}", self.deal);
        self.world.documents.keys().contains(&key)
    }

    /// Takes the candidate's consent back, of which everybody hears.
    async fn withdraw_consent(&self) {
        let consent = format!("/candidates/{}/consent", self.candidate);
        let ended = self
            .candidate_side
            .write(&self.world.app, "DELETE", &consent, json!({}));
        let _ = ended.await.expect(200);
        self.world.settle().await;
    }

    /// Makes so many forms that nothing was posted with, about a candidate or nobody.
    async fn forms(&self, count: usize, candidate: Option<&str>) {
        for document_id in std::iter::repeat_with(DocumentId::new).take(count) {
            let record = DealDocument {
                deal_id: self.deal.parse().unwrap(),
                document_id,
                tenant_id: self.tenant(1),
                member_id: inventure_core::MemberId::new(),
                file_name: Some("never posted.pdf".to_owned()),
                media_type: "application/pdf".to_owned(),
                candidate_id: candidate.map(|candidate| candidate.parse().unwrap()),
                for_client: false,
                content: None,
                at: clock::now(),
                erased_at: None,
                is_gone: false,
                version: 1,
                expires_at: Some(i64::MAX),
            };
            let change = Change::new().insert(&record);
            self.world.store.commit(change).await.unwrap();
        }
    }

    async fn sweep_in(&self, days: i64) {
        let swept = self.world.settler.handle(&settlement::Message::Sweep, in_days(days));
        swept.await.unwrap();
    }

    /// Takes a document from its form to the deal.
    pub async fn document(&self, who: &Person, bytes: &[u8], more: Value) -> String {
        let form = self.form(who, more).await.expect(201);
        self.post(&form, bytes).await;
        let _ = self.add(who, &form["document_id"], &hash(bytes)).await.expect(201);
        text(&form["document_id"])
    }

    async fn sees(&self, who: &Person, document: &str) -> bool {
        let listed = self.world.get(who, &self.documents()).await.expect(200);
        let listed = listed["items"].as_array().unwrap();
        let listed = listed.iter().any(|item| item["id"] == document);
        let opened = self.world.get(who, &format!("{}/{document}", self.documents())).await;
        assert_eq!(
            opened.status == 200,
            listed,
            "the list and the document agree: {}",
            opened.text
        );
        listed
    }

    async fn seen_by(&self, document: &str) -> [bool; 4] {
        [
            self.sees(&self.job_side, document).await,
            self.sees(&self.candidate_side, document).await,
            self.sees(&self.employer, document).await,
            self.sees(&self.arbiter, document).await,
        ]
    }
}

#[tokio::test]
async fn a_document_is_what_its_hash_says_and_stays_so() {
    let room = Room::signed("even").await;
    let form = room.form(&room.job_side, json!({})).await.expect(201);
    let id = &form["document_id"];
    let early = room.add(&room.job_side, id, &hash(b"%PDF-1.7")).await;
    assert_eq!(field(early), "document", "nothing was posted yet");
    room.post(&form, b"%PDF-1.7").await;
    let other = room.add(&room.job_side, id, &hash(b"another")).await;
    assert_eq!(field(other), "sha256");
    let thief = room.add(&room.candidate_side, id, &hash(b"%PDF-1.7")).await;
    assert_eq!(field(thief), "document", "another party's form");
    assert!(!room.sees(&room.job_side, &text(id)).await, "it is not in the deal yet");
    let _ = room.add(&room.job_side, id, &hash(b"%PDF-1.7")).await.expect(201);
    assert_eq!(
        room.add(&room.job_side, id, &hash(b"%PDF-1.7")).await.problem(409),
        "wrong-state"
    );

    // The form is good for a while; what is posted with it now changes nothing.
    room.post(&form, b"forged!!").await;
    let path = format!("{}/{}", room.documents(), text(id));
    let opened = room.world.get(&room.candidate_side, &path).await.expect(200);
    assert_eq!(
        (&opened["file_name"], &opened["size_bytes"]),
        (&json!("Offer (final).pdf"), &json!(8))
    );
    assert_eq!(opened["sha256"], hash(b"%PDF-1.7"));
    let url = text(&opened["link"]["url"]);
    let object = format!("documents/{}/{}", room.deal, text(id));
    assert!(url.contains(&object) && url.contains("X-Amz-Expires=300"), "{url}");
    assert!(
        url.contains("attachment%3B%20filename%2A%3DUTF-8%27%27Offer%2520%2528final%2529.pdf"),
        "{url}"
    );
    let kept = room.world.documents.get(&object, 100).await.unwrap();
    assert_eq!(kept.unwrap(), b"%PDF-1.7");

    let facts = room
        .world
        .get(&room.job_side, &format!("/deals/{}/facts", room.deal))
        .await;
    let facts = facts.expect(200);
    let fact = facts["facts"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&fact["what"]["document"], &fact["what"]["sha256"]),
        (id, &opened["sha256"])
    );
    assert!(
        !fact.to_string().contains("Offer"),
        "a fact is for ever and has no name in it: {fact}"
    );
}

#[tokio::test]
async fn each_sees_what_is_meant_for_them() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let about = json!({ "candidate": room.candidate });
    let between = room.document(&room.job_side, b"between us", json!({})).await;
    let for_client = room
        .document(&room.job_side, b"for all", json!({ "for_client": true }))
        .await;
    let of_client = room.document(&room.employer, b"from the client", json!({})).await;
    let resume = room.document(&room.candidate_side, b"about her", about).await;
    assert_eq!(room.seen_by(&between).await, [true, true, false, true]);
    assert_eq!(room.seen_by(&for_client).await, [true; 4]);
    assert_eq!(room.seen_by(&of_client).await, [true; 4]);
    assert_eq!(
        room.seen_by(&resume).await,
        [false, true, false, false],
        "submitted only"
    );

    let to = |from: &str, to: &str| json!({ "kind": "stage_moved", "candidate": room.candidate, "from": from, "to": to, "note": null });
    for (from, to_stage) in [("submitted", "screening"), ("screening", "interviewing")] {
        let _ = room.agreed(&room.job_side, to(from, to_stage)).await.expect(201);
    }
    assert_eq!(
        room.seen_by(&resume).await,
        [false, true, false, false],
        "the résumé is shown now, and how to reach the person is not"
    );
    let _ = room.place().await.expect(201);
    assert_eq!(
        room.seen_by(&resume).await,
        [true, true, false, false],
        "the terms show everything now"
    );

    let stranger = Person::named("stranger");
    let _ = room.world.tenant(&stranger, "agency", "Others").await;
    let path = format!("{}/{between}", room.documents());
    assert_eq!(room.world.get(&stranger, &path).await.problem(404), "not-found");
    assert_eq!(
        room.world.get(&stranger, &room.documents()).await.problem(404),
        "not-found"
    );

    // A consent that ends closes what is about the person, and nothing else.
    let consent = format!("/candidates/{}/consent", room.candidate);
    let _ = room
        .candidate_side
        .write(&room.world.app, "DELETE", &consent, json!({}))
        .await
        .expect(200);
    let path = format!("{}/{resume}", room.documents());
    for who in [&room.job_side, &room.candidate_side] {
        assert_eq!(room.world.get(who, &path).await.problem(403), "consent-missing");
    }
    assert_eq!(room.seen_by(&between).await, [true, true, false, true]);
    let more = room
        .form(&room.candidate_side, json!({ "candidate": room.candidate }))
        .await;
    assert_eq!(more.problem(403), "consent-missing");
}

#[tokio::test]
async fn an_erased_document_is_gone_and_its_fact_stays() {
    let room = Room::signed("even").await;
    let document = room.document(&room.job_side, b"a mistake", json!({})).await;
    let path = format!("{}/{document}", room.documents());
    let erase = async |who: &Person| who.write(&room.world.app, "DELETE", &path, json!({})).await;
    assert_eq!(erase(&room.candidate_side).await.problem(403), "forbidden");
    assert_eq!(erase(&room.employer).await.problem(404), "not-found");
    // The bucket does not answer: nothing is said to be erased.
    room.world.documents.fail_next(1);
    assert_eq!(erase(&room.job_side).await.problem(503), "unavailable");
    let erased = erase(&room.job_side).await.expect(200);
    assert_eq!(
        (&erased["file_name"], erased["erased_at"].is_string()),
        (&Value::Null, true)
    );
    assert_eq!(erase(&room.job_side).await.expect(200), erased, "twice is once");
    assert!(
        room.world.documents.keys().is_empty(),
        "also what the form was posted to"
    );
    assert_eq!(room.world.get(&room.job_side, &path).await.problem(404), "not-found");
    assert!(
        !room
            .world
            .table
            .items()
            .iter()
            .any(|item| format!("{item:?}").contains("Offer (final)"))
    );
    let listed = room
        .world
        .get(&room.candidate_side, &room.documents())
        .await
        .expect(200);
    assert_eq!(listed["items"][0], erased, "that there was one, everybody sees");
}

#[tokio::test]
async fn a_form_is_refused_for_what_is_no_document() {
    let room = Room::signed("even").await;
    let refused = async |more: Value, wanted: &str| {
        assert_eq!(field(room.form(&room.job_side, more).await), wanted);
    };
    refused(json!({ "size_bytes": 10_000_001 }), "size_bytes").await;
    refused(json!({ "size_bytes": 0 }), "size_bytes").await;
    refused(json!({ "media_type": "text/html" }), "media_type").await;
    refused(json!({ "media_type": "image/svg+xml" }), "media_type").await;
    refused(json!({ "file_name": "a\u{202E}fdp.exe" }), "file_name").await;
    refused(json!({ "candidate": room.candidate }), "candidate").await;
    let form = room.form(&room.job_side, json!({})).await.expect(201);
    room.post(&form, &vec![b'x'; 10_000_001]).await;
    let large = room.add(&room.job_side, &form["document_id"], &hash(b"")).await;
    assert_eq!(field(large), "document");
}

#[tokio::test]
async fn what_others_keep_of_a_candidate_whose_consent_ended() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let about = json!({ "candidate": room.candidate });
    let offer = room
        .document(&room.candidate_side, b"an offer to Mara", about.clone())
        .await;
    let other = room.document(&room.candidate_side, b"a price list", json!({})).await;
    let is_there = |document: &str| {
        let key = format!("documents/{}/{document}", room.deal);
        room.world.documents.keys().contains(&key)
    };
    let consent = format!("/candidates/{}/consent", room.candidate);
    let ended = room
        .candidate_side
        .write(&room.world.app, "DELETE", &consent, json!({}));
    let _ = ended.await.expect(200);
    room.world.settle().await;
    assert!(!is_there(&offer), "the file is gone");
    assert!(is_there(&other), "what is about nobody stays");
    let items = format!("{:?}", room.world.table.items());
    assert_eq!(items.matches("Offer (final).pdf").count(), 1, "its name alone");
    let form = room.form(&room.candidate_side, about).await;
    assert_eq!(form.problem(403), "consent-missing");
}

#[tokio::test]
async fn papers_behind_forms_without_number() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    room.forms(120, Some(&room.candidate)).await;
    let about = json!({ "candidate": room.candidate });
    let paper = room.document(&room.candidate_side, b"a passport", about).await;
    room.withdraw_consent().await;
    let gone = async || {
        let query = Query::table(DealHead::key_of(room.deal.parse().unwrap()).pk, DealDocument::PREFIX);
        let all: Vec<DealDocument> = room.world.store.query(&query).await.unwrap();
        all.iter().filter(|record| record.is_gone).count()
    };
    assert_eq!(gone().await, 50, "a run is bounded");
    room.sweep_in(0).await;
    assert_eq!(gone().await, 100, "and the next goes on");
    room.sweep_in(0).await;
    assert!(!room.is_kept(&paper));
    assert_eq!(gone().await, 121);
}

#[tokio::test]
async fn a_hired_candidate_erases_the_papers_about_the_hire() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let about = json!({ "candidate": room.candidate });
    let paper = room.document(&room.candidate_side, b"the contract", about).await;
    room.withdraw_consent().await;
    assert!(room.is_kept(&paper), "a side may need it yet");
    let path = format!("{}/{paper}", room.documents());
    let opened = room.world.get(&room.candidate_side, &path).await;
    assert_eq!(opened.problem(403), "consent-missing", "and nobody reads it");
    room.sweep_in(8).await;
    assert!(room.is_kept(&paper));
    room.fall_off_on(0).await;
    room.sweep_in(16).await;
    assert!(!room.is_kept(&paper), "nothing is left to prove");
}

#[tokio::test]
async fn papers_about_a_hire_go_once_no_claim_counts_any_more() {
    let room = Room::payable().await;
    let about = json!({ "candidate": room.candidate });
    let paper = room.document(&room.candidate_side, b"the contract", about).await;
    room.withdraw_consent().await;
    // The guarantee is over, and a claim counts for twelve months.
    for day in [100, 200, 300] {
        room.sweep_in(day).await;
        assert!(room.is_kept(&paper), "day {day}");
    }
    room.sweep_in(400).await;
    assert!(!room.is_kept(&paper));
}

#[tokio::test]
async fn papers_behind_a_thousand_that_stay() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    room.forms(1_010, None).await;
    let about = json!({ "candidate": room.candidate });
    let paper = room.document(&room.candidate_side, b"a passport", about).await;
    room.withdraw_consent().await;
    assert!(room.is_kept(&paper), "a run reads no more than a thousand");
    room.sweep_in(0).await;
    assert!(!room.is_kept(&paper), "and the next begins where it ended");
}

#[tokio::test]
async fn papers_that_the_bucket_does_not_erase_are_tried_again() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let about = json!({ "candidate": room.candidate });
    let paper = room.document(&room.candidate_side, b"the contract", about).await;
    room.withdraw_consent().await;
    room.fall_off_on(0).await;
    room.world.documents.fail_next(1);
    room.sweep_in(16).await;
    assert!(room.is_kept(&paper));
    room.sweep_in(17).await;
    assert!(!room.is_kept(&paper));
}
