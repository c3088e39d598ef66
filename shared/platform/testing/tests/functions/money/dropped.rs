//! Former parties of a deal: what they still see of it, and what they do not.

use inventure_core::Currency;
use inventure_ledger::Account;
use inventure_testing::{Answer, ENGINEER, Person};
use serde_json::{Value, json};

use crate::money::deals::Room;

impl Room {
    /// Sets up another agency, which terms are to name in place of the candidate's side.
    async fn successor(&self) -> (Person, String) {
        let person = Person::named("sven");
        let tenant = self.world.tenant(&person, "agency", "Successor").await;
        (person, tenant)
    }

    /// Proposes terms between the job's side and this agency.
    async fn propose_with(&self, candidate_side: &str) -> Answer {
        let mut parts = self.template("even");
        parts["candidate_side"] = json!(candidate_side);
        let templates = "/deal-templates";
        let terms = self
            .job_side
            .write(&self.world.app, "POST", templates, parts)
            .await
            .expect(200);
        self.tell(&self.job_side, json!({ "kind": "terms_proposed", "terms": terms }))
            .await
    }

    async fn note_down(&self, text: &str) {
        let note = json!({ "kind": "noted", "candidate": null, "text": text });
        let _ = self.tell(&self.job_side, note).await.expect(201);
    }

    async fn read_part(&self, who: &Person, part: &str) -> Answer {
        self.world.get(who, &format!("/deals/{}{part}", self.deal)).await
    }

    async fn facts_of(&self, who: &Person) -> Vec<Value> {
        let facts = self.read_part(who, "/facts").await.expect(200);
        facts["facts"].as_array().unwrap().clone()
    }

    /// Returns the deal in a person's list.
    async fn listed(&self, who: &Person) -> Value {
        let page = self.world.get(who, "/deals").await.expect(200);
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .find(|item| item["id"] == self.deal.as_str())
            .unwrap()
            .clone()
    }
}

#[tokio::test]
async fn a_dropped_invitee_reads_on_what_the_others_do() {
    let room = Room::new("even").await;
    let (successor, tenant) = room.successor().await;
    let before = room.view(&room.candidate_side).await;
    let _ = room.propose_with(&tenant).await.expect(201);
    let _ = room.sign(&successor).await.expect(201);
    let _ = room.sign(&room.job_side).await.expect(201);
    room.note_down("between us").await;

    let invitee = &room.candidate_side;
    assert_eq!(room.view(invitee).await, before, "as it stood when they were dropped");
    let facts = room.facts_of(invitee).await;
    assert_eq!(facts.len(), 1, "{facts:?}");
    let text = json!(facts).to_string() + &room.view(invitee).await.to_string();
    assert!(!text.contains(&tenant), "not even with whom");
    let listed = room.listed(invitee).await;
    assert_eq!(
        (&listed["state"], &listed["facts"]),
        (&json!("signing"), &json!(1)),
        "{listed}"
    );
    assert_eq!(listed["updated_at"], before["updated_at"]);
    let settlement = room.read_part(invitee, "/settlement").await.expect(200);
    assert_eq!(settlement["movements"], json!([]));
    let report = room
        .world
        .get(invitee, &format!("/reports/deals/{}", room.deal))
        .await
        .expect(200);
    assert_eq!(report["rows"], json!([]), "{report}");
    // And writes nothing any more.
    let note = json!({ "kind": "noted", "candidate": null, "text": "hello" });
    assert_eq!(room.tell(invitee, note).await.problem(404), "not-found");
    let check = json!({ "email": "mara.lindqvist@example.com" });
    let path = format!("/deals/{}/claim-checks", room.deal);
    let checked = invitee.write(&room.world.app, "POST", &path, check).await;
    assert_eq!(checked.problem(404), "not-found");
    // Who is in it sees everything.
    assert_eq!(room.facts_of(&successor).await.len(), 5);
    assert_eq!(room.facts_of(&room.arbiter).await.len(), 5);
}

#[tokio::test]
async fn a_party_that_left_reads_on_whom_the_others_place_and_what_they_earn() {
    let mut room = Room::signed("even").await;
    let (successor, tenant) = room.successor().await;
    let _ = room.propose_with(&tenant).await.expect(201);
    for who in [&successor, &room.candidate_side, &room.job_side] {
        let _ = room.sign(who).await.expect(201);
    }
    let known = room.facts_of(&room.candidate_side).await.len();
    assert_eq!(known, 7, "up to the signature by which they are out");
    room.candidate = room.world.candidate(&successor, "Mara Lindqvist").await;
    room.world.read(&successor, &room.candidate, ENGINEER.as_bytes()).await;
    room.world.settle().await;
    let submitted = json!({ "kind": "submitted", "candidate": room.candidate, "source": "member" });
    let _ = room.tell(&successor, submitted).await.expect(201);
    let pay = json!({ "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" });
    let placed = json!({
        "kind": "placed", "candidate": room.candidate, "pay": pay, "accepted_on": Room::days(0), "starts_on": Room::days(0),
    });
    let placed = room.agreed_in(&room.deal, &room.job_side, placed, &[&successor]).await;
    let _ = placed.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.pay(3_333_333).await;
    room.settle_in(6).await;

    let (left, stays) = (&room.candidate_side, &room.job_side);
    assert_eq!(room.facts_of(left).await.len(), known);
    assert!(room.facts_of(stays).await.len() > known);
    let view = room.view(left).await;
    assert_eq!((&view["state"], &view["candidates"]), (&json!("active"), &json!([])));
    let listed = (room.listed(left).await, room.listed(stays).await);
    assert_eq!(
        (&listed.0["state"], &listed.1["state"]),
        (&json!("active"), &json!("paid"))
    );
    let candidate = format!("/candidates/{}", room.candidate);
    assert_eq!(room.read_part(left, &candidate).await.problem(404), "not-found");
    let _ = room.read_part(stays, &candidate).await.expect(200);
    for (who, some) in [(left, false), (stays, true)] {
        let settlement = room.read_part(who, "/settlement").await.expect(200);
        assert_eq!(
            !settlement["movements"].as_array().unwrap().is_empty(),
            some,
            "{settlement}"
        );
        let report = room.world.get(who, &format!("/reports/deals/{}", room.deal)).await;
        assert_eq!(!report.expect(200)["rows"].as_array().unwrap().is_empty(), some);
    }
    let receivable = Account::receivable(room.deal.parse().unwrap(), Currency::USD);
    let path = format!("/statements/{receivable}");
    assert_eq!(room.world.get(left, &path).await.problem(404), "not-found");
    let _ = room.world.get(stays, &path).await.expect(200);
}

#[tokio::test]
async fn a_partner_reads_from_where_the_other_signed() {
    let room = Room::signed("even").await;
    let sources = async |who: &Person| -> Vec<String> {
        let facts = room.facts_of(who).await;
        let signed = facts.iter().filter(|fact| fact["what"]["kind"] == "signed");
        let mut of_facts: Vec<String> = signed
            .map(|fact| fact["what"]["signature"]["from"].as_str().unwrap().to_owned())
            .collect();
        let view = room.view(who).await;
        let of_view = view["signatures"].as_array().unwrap();
        of_facts.extend(
            of_view
                .iter()
                .map(|signature| signature["from"].as_str().unwrap().to_owned()),
        );
        of_facts
    };
    let (first, second) = (sources(&room.candidate_side).await, sources(&room.job_side).await);
    let withheld = |all: &[String]| all.iter().map(|from| from == "withheld").collect::<Vec<bool>>();
    assert_eq!(withheld(&first), [false, true, false, true], "{first:?}");
    assert_eq!(withheld(&second), [true, false, true, false], "{second:?}");
    assert_eq!(withheld(&sources(&room.arbiter).await), [false; 4]);
    // A colleague is not the signer.
    let colleague = Person::named("carl");
    room.world
        .join(&room.job_side, &room.tenants[0], &colleague, "broker")
        .await;
    assert_eq!(withheld(&sources(&colleague).await), [true; 4]);
}
