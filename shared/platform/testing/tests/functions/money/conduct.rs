//! Reports of one party of a deal, and what the others, time and evidence make of them; through the routes.

use inventure_events::Event;
use inventure_testing::{Answer, BACKEND_JOB, Person};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::money::deals::Room;

pub fn placed(room: &Room, minor_units: i64) -> Value {
    json!({
        "kind": "placed", "candidate": room.candidate, "accepted_on": Room::days(0), "starts_on": Room::days(0),
        "pay": { "amount": { "minor_units": minor_units, "currency": "USD" }, "period": "year" },
    })
}

pub async fn report(room: &Room, who: &Person, what: Value) -> Value {
    let told = room.tell(who, what).await.expect(201);
    told["assertions"].as_array().unwrap().last().unwrap().clone()
}

pub async fn answer(room: &Room, who: &Person, report: &Value, kind: &str) -> Answer {
    let what = match kind {
        "assertion_contested" => json!({ "kind": kind, "assertion": report["fact"], "reason": "it is not so" }),
        _ => json!({ "kind": kind, "assertion": report["fact"] }),
    };
    room.tell(who, what).await
}

#[tokio::test]
async fn a_no_is_taken_back_behind_the_others_backs() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let hire = report(&room, &room.job_side, placed(&room, 16_666_665)).await;
    let contested = "assertion_contested";
    let _ = answer(&room, &room.candidate_side, &hire, contested).await.expect(201);
    let _ = room.world.settle().await;
    // Whoever has not answered still may, beside another's no.
    assert_eq!(room.view(&room.employer).await["assertions"][0]["awaits_you"], true);
    assert_eq!(
        room.view(&room.candidate_side).await["assertions"][0]["awaits_you"],
        false
    );
    let yes = answer(&room, &room.candidate_side, &hire, "assertion_confirmed").await;
    let _ = yes.expect(201);
    // Silence counts again from now on, so the client is told.
    let told = room.world.settle().await;
    let asked = told.iter().find_map(|event| match &event.event {
        Event::AnswerAsked(asked) => Some((asked.tenants.clone(), asked.accepted_from.is_some())),
        _ => None,
    });
    let employer = room.view(&room.employer).await["employer_id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(asked, Some((vec![employer], true)));
}

#[tokio::test]
async fn the_client_names_its_own_pay() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let low = report(&room, &room.employer, placed(&room, 5_000_000)).await;
    let view = room.view(&room.job_side).await;
    assert_eq!((&view["state"], &view["placements"]), (&json!("active"), &json!([])));
    assert_eq!(view["assertions"][0]["awaits_you"], true);
    let unbilled = room.tell(&room.job_side, Room::bill(1_000_000)).await;
    assert_eq!(unbilled.problem(422), "refused-by-terms", "nobody is placed");
    // Whom it concerns is told at once, since silence may count.
    let told = room.world.settle().await;
    assert!(told.iter().any(|event| event.event.kind() == "AnswerAsked"), "{told:?}");
    for who in [&room.job_side, &room.candidate_side] {
        let inbox = room.world.get(who, "/notifications").await.expect(200);
        assert!(inbox.to_string().contains("answer_asked"), "{inbox}");
    }
    let _ = answer(&room, &room.candidate_side, &low, "assertion_contested")
        .await
        .expect(201);
    // Each side has a yes or a no of its own, and a yes beside a no gives the report no effect.
    let beside = answer(&room, &room.job_side, &low, "assertion_confirmed")
        .await
        .expect(201);
    assert_eq!(beside["placements"], json!([]));
    // The reporter has days to dispute that, and is told so.
    let view = room.view(&room.job_side).await;
    assert!(view["assertions"][0]["expires_at"].is_string(), "{view}");
    let _ = room.world.settle().await;
    let inbox = room.world.get(&room.employer, "/notifications").await.expect(200);
    assert!(inbox.to_string().contains("report_contested"), "{inbox}");
    let _ = room.place().await.expect(201);
    assert_eq!(
        room.view(&room.job_side).await["placements"][0]["pay"]["amount"]["minor_units"],
        16_666_665
    );
}

#[tokio::test]
async fn silence_becomes_a_yes_by_the_sweep() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = report(&room, &room.job_side, placed(&room, 16_666_665)).await;
    room.settle_in(4).await;
    assert_eq!(room.view(&room.job_side).await["state"], "active");
    room.settle_in(7).await;
    let view = room.view(&room.job_side).await;
    assert_eq!((&view["state"], &view["assertions"]), (&json!("placed"), &json!([])));
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    // The candidate's own side said nothing, so how to reach the person is still not shown.
    let path = format!("/deals/{}/candidates/{}", room.deal, room.candidate);
    let seen = room.world.get(&room.job_side, &path).await.expect(200);
    assert!(seen.get("contact").is_none() && seen.get("name").is_none(), "{seen}");
}

#[tokio::test]
async fn a_consent_that_is_taken_back_stands_in_every_deal() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let waiting = report(&room, &room.job_side, placed(&room, 16_666_665)).await;
    let consent = format!("/candidates/{}/consent", room.candidate);
    let ended = room
        .candidate_side
        .write(&room.world.app, "DELETE", &consent, json!({}))
        .await;
    let _ = ended.expect(200);
    let told = room.world.settle().await;
    let withdrawn = told
        .iter()
        .filter(|event| matches!(&event.event, Event::DealMoved(moved) if moved.kind == "consent_withdrawn"));
    assert_eq!(withdrawn.count(), 1, "{told:?}");
    assert_eq!(
        room.view(&room.job_side).await["assertions"],
        json!([]),
        "the open report is over"
    );
    let yes = answer(&room, &room.candidate_side, &waiting, "assertion_confirmed").await;
    assert_eq!(yes.problem(409), "wrong-state");
    assert_eq!(
        room.tell(&room.job_side, placed(&room, 16_666_665)).await.problem(403),
        "consent-missing"
    );
    let moved = json!({ "kind": "stage_moved", "candidate": room.candidate, "from": "submitted", "to": "screening", "note": null });
    assert_eq!(room.tell(&room.job_side, moved).await.problem(403), "consent-missing");
    // The same event again adds nothing.
    let facts = room.view(&room.job_side).await["facts"].clone();
    let event = told
        .iter()
        .find(|event| event.event.kind() == "ConsentWithdrawn")
        .unwrap();
    room.world.deliver(event).await.unwrap();
    assert_eq!(room.view(&room.job_side).await["facts"], facts);
}

#[tokio::test]
async fn the_network_share_is_the_operators_to_publish() {
    let room = Room::new("even").await;
    let app = &room.world.app;
    let operator = room.world.operator("olaf").await;
    let schedule = |from: String| json!({ "member": "8%", "job_board": "12%", "self_registered": "17%", "from": from });
    let today = inventure_api::clock::today().to_string();
    let publish = async |who: &Person, body: Value| who.write(app, "POST", "/fee-schedules", body).await;
    assert_eq!(
        publish(&room.job_side, schedule(today.clone())).await.problem(403),
        "forbidden"
    );
    assert_eq!(
        publish(&operator, schedule("2020-01-01".to_owned())).await.problem(422),
        "invalid-body"
    );
    let later = Room::days(40);
    assert_eq!(publish(&operator, schedule(today)).await.expect(201)["version"], 1);
    assert_eq!(publish(&operator, schedule(later)).await.expect(201)["version"], 2);
    let listed = room.world.get(&room.candidate_side, "/fee-schedules").await.expect(200);
    assert_eq!(listed["items"][0]["version"], 2);
    // Terms that are proposed now quote the schedule in force, whatever they say of it themselves.
    let mut terms = room.terms("even").await;
    assert_eq!(terms["network"]["by_source"]["member"], "8%");
    terms["network"] = json!({ "flat": { "share": "0%" } });
    terms["schedule"] = json!({ "version": 1, "member": "0%", "job_board": "0%", "self_registered": "0%" });
    let free = room
        .job_side
        .write(app, "POST", "/deals", json!({ "terms": terms }))
        .await;
    assert_eq!(free.clone().problem(422), "invalid-body");
    assert!(
        free.body["errors"].to_string().contains("terms.network"),
        "{}",
        free.body
    );
    // What lay open before keeps what it quoted, and so does what is signed.
    room.both_sign().await;
    let signed = room.view(&room.job_side).await;
    assert_eq!(signed["in_force"]["terms"]["schedule"]["version"], 0);
    assert!(signed["in_force"]["terms"]["stated_pay"].is_object(), "{signed}");
}

#[tokio::test]
async fn a_candidate_is_passed_off_as_a_members() {
    let room = Room::signed("by_source").await;
    for source in ["job_board", "self_registered"] {
        let what = json!({ "kind": "submitted", "candidate": room.candidate, "source": source });
        assert_eq!(room.tell(&room.candidate_side, what).await.problem(422), "invalid-body");
    }
    let what = json!({ "kind": "submitted", "candidate": room.candidate });
    let told = room.tell(&room.candidate_side, what).await.expect(201);
    assert_eq!(told["candidates"][0]["source"], "member", "as the record came in");
}

#[tokio::test]
async fn evidence_that_nobody_can_look_at() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let objection = |proof: &str| {
        json!({
            "kind": "prior_claim_raised", "candidate": room.candidate, "last_contact_on": Room::days(-30), "proof": proof,
        })
    };
    let nothing = room.tell(&room.employer, objection(&"ab".repeat(32))).await;
    assert_eq!(
        nothing.problem(422),
        "refused-by-terms",
        "a hash with no document behind it"
    );
    let document = room
        .document(&room.employer, b"our mails of last month", json!({}))
        .await;
    let path = format!("/deals/{}/documents/{document}", room.deal);
    let shown = room.world.get(&room.candidate_side, &path).await.expect(200);
    let raised = report(&room, &room.employer, objection(shown["sha256"].as_str().unwrap())).await;
    let erased = room.employer.write(&room.world.app, "DELETE", &path, json!({})).await;
    assert_eq!(
        erased.problem(409),
        "wrong-state",
        "the others must be able to look at it"
    );
    // Five days without a word from the broker: the objection stands, and nobody is placed.
    room.settle_in(8).await;
    assert_eq!(room.view(&room.job_side).await["assertions"], json!([]), "{raised}");
    assert_eq!(room.place().await.problem(422), "refused-by-terms");
}

#[tokio::test]
async fn a_late_bill_is_told_of() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let billed = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    assert_eq!(billed["invoices"][0]["due_on"], Room::days(30).as_str());
    let later = inventure_api::clock::now() + SignedDuration::from_hours(24 * 32);
    let sweep = settlement::Message::read(r#"{"sweep":true}"#).unwrap();
    room.world.settler.handle(&sweep, later).await.unwrap();
    room.world.settler.handle(&sweep, later).await.unwrap();
    assert_eq!(room.view(&room.employer).await["invoices"][0]["reminders"], 1, "once");
    room.world.settle().await;
    for who in [&room.employer, &room.job_side] {
        let inbox = room.world.get(who, "/notifications").await.expect(200);
        assert!(inbox.to_string().contains("bill_overdue"), "{inbox}");
    }
}

#[tokio::test]
async fn terms_about_another_job_or_employer() {
    let room = Room::new("even").await;
    let app = &room.world.app;
    let terms = room.terms("even").await;
    let propose = async |who: &Person, terms: &Value| {
        room.tell(who, json!({ "kind": "terms_proposed", "terms": terms }))
            .await
    };
    let other_job = room.world.job(&room.job_side, BACKEND_JOB).await;
    let client = Person::named("client");
    let other_employer = room.world.tenant(&client, "employer", "Elsewhere").await;
    for (field, value) in [("job", other_job), ("employer", other_employer)] {
        let mut other = terms.clone();
        other[field] = json!(value);
        let refused = propose(&room.job_side, &other).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], format!("terms.{field}"));
    }
    // Nor may the job's owner be left out of a deal on it.
    let third = Person::named("third");
    let mut without = terms.clone();
    without["parties"][0]["tenant"] = json!(room.world.tenant(&third, "agency", "Third").await);
    let refused = propose(&room.candidate_side, &without).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "terms.job");

    // The job states another pay by now: only who may see the job quotes it.
    let stated = async |who: &Person| {
        let proposed = propose(who, &terms).await.expect(201)["proposed"].clone();
        proposed["terms"]["stated_pay"]["to_minor_units_a_year"].clone()
    };
    let before = stated(&room.job_side).await;
    let path = format!("/jobs/{}", room.job);
    let version = room.world.get(&room.job_side, &path).await.expect(200)["version"].clone();
    let description = BACKEND_JOB.1.replace("190,000", "390,000");
    let changed = json!({ "version": version, "description": description });
    let _ = room.job_side.write(app, "PATCH", &path, changed).await.expect(200);
    assert_eq!(
        stated(&room.candidate_side).await,
        before,
        "as the deal's terms quoted it"
    );
    assert_ne!(stated(&room.job_side).await, before);
}
