//! Floods: what strangers write where another tenant reads.

use std::sync::atomic::Ordering;

use inventure_api::clock;
use inventure_core::{DealId, JobId, TenantId};
use inventure_deal_store::records::{DealHead, DealOfTenant};
use inventure_events::Event;
use inventure_people::records::TenantCount;
use inventure_recruiting::records::ConsentEnd;
use inventure_table::{
    Change, Condition, Write,
    table::{Table as _, to_item},
};
use inventure_testing::{ENGINEER, Person, World};
use serde_json::json;
use uuid::Uuid;

use crate::money::deals::Room;

/// Records that a tenant has done something so many times today.
async fn counted(world: &World, tenant_id: TenantId, what: &str, times: u64) {
    let count = TenantCount {
        tenant_id,
        of: format!("{what}#{}", clock::now().strftime("%Y-%m-%d")),
        version: times,
        expires_at: i64::MAX,
    };
    let change = Change::new().put(&count, Condition::None);
    world.store.commit(change).await.unwrap();
}

#[tokio::test]
async fn document_forms_without_number() {
    let room = Room::signed("even").await;
    let path = format!("/deals/{}/documents", room.deal);
    let body = json!({ "file_name": "offer.pdf", "media_type": "application/pdf", "size_bytes": 8 });
    counted(&room.world, room.tenant(0), "document-forms", 499).await;
    let form = async || room.job_side.write(&room.world.app, "POST", &path, body.clone()).await;
    let _ = form().await.expect(201);
    assert_eq!(form().await.problem(429), "too-many-requests");
}

#[tokio::test]
async fn scans_without_number() {
    let room = Room::new("even").await;
    let scan = include_bytes!("../../../../../../tests/fixtures/bad/scan.pdf");
    let status = async || {
        let path = format!("/candidates/{}", room.candidate);
        room.world.read(&room.candidate_side, &room.candidate, scan).await;
        room.candidate_side.get(&room.world.app, &path).await.expect(200)["reading"]["status"].clone()
    };
    assert_eq!(
        status().await,
        "refused",
        "nothing recognises text unless it was asked for"
    );
    room.world.recognises.store(true, Ordering::Relaxed);
    counted(&room.world, room.tenant(1), "scans", 999).await;
    assert_eq!(status().await, "parsed");
    assert_eq!(status().await, "refused", "recognition is paid for by the page");
}

#[tokio::test]
async fn a_stranger_names_a_tenant_in_terms_without_number() {
    let room = Room::new("even").await;
    let terms = room.terms("even").await;
    let body = json!({ "terms": terms });
    let propose = async || {
        room.job_side
            .write(&room.world.app, "POST", "/deals", body.clone())
            .await
    };
    let again = json!({ "kind": "terms_proposed", "terms": terms });
    counted(&room.world, room.tenant(0), "proposals", 498).await;
    let _ = propose().await.expect(201);
    let _ = room.tell(&room.job_side, again.clone()).await.expect(201);
    assert_eq!(propose().await.problem(429), "too-many-requests");
    assert_eq!(room.tell(&room.job_side, again).await.problem(429), "too-many-requests");
}

#[tokio::test]
async fn a_stranger_grants_junk_without_number() {
    let room = Room::new("even").await;
    let grantee = json!({ "tenant_id": room.tenants[3] });
    let routes = [
        (0, &room.job_side, format!("/jobs/{}/grants", room.job)),
        (
            1,
            &room.candidate_side,
            format!("/candidates/{}/grants", room.candidate),
        ),
    ];
    for (tenant, who, path) in routes {
        counted(&room.world, room.tenant(tenant), "grants", 999).await;
        let grant = async || who.write(&room.world.app, "POST", &path, grantee.clone()).await;
        let _ = grant().await.expect(201);
        assert_eq!(grant().await.problem(429), "too-many-requests", "{path}");
    }
}

#[tokio::test]
async fn a_stranger_fills_anothers_reports() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    let (victim, now) = (room.tenant(0), clock::now());
    let named = |number: u128| {
        let deal_id = DealId::from_uuid(Uuid::from_u128(number));
        let head = DealHead {
            deal_id,
            job_id: JobId::new(),
            employer_id: TenantId::new(),
            tenants: vec![victim],
            parties: vec![victim],
            bound: Some(vec![TenantId::new()]),
            spoke: None,
            present: Some(vec![victim]),
            state: "invoiced".to_owned(),
            facts: 0,
            settled_until: now,
            booked_until: now,
            due_at: None,
            not_before: None,
            failures: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let row = DealOfTenant {
            tenant_id: victim,
            deal_id,
            left: None,
        };
        Change::new().insert(&head).insert(&row)
    };
    let numbers: Vec<u128> = (1..=10_050).collect();
    for some in numbers.chunks(50) {
        let change = some.iter().map(|number| named(*number)).reduce(Change::and).unwrap();
        room.world.store.commit(change).await.unwrap();
    }
    for (report, rows) in [("ageing", 1), ("exposure", 1)] {
        let path = format!("/reports/{report}");
        let shown = room.world.get(&room.job_side, &path).await.expect(200);
        assert_eq!(shown["rows"].as_array().map(Vec::len), Some(rows), "{report}: {shown}");
    }
}

#[tokio::test]
async fn a_stranger_makes_anothers_list_of_deals_slow() {
    let mut room = Room::new("even").await;
    let successor = Person::named("sven");
    let tenant = room.world.tenant(&successor, "agency", "Successor").await;
    for round in 0..2 {
        if round > 0 {
            room.open("even", ENGINEER).await;
        }
        for text in ["one", "two", "three"] {
            let note = json!({ "kind": "noted", "candidate": null, "text": text });
            let _ = room.tell(&room.job_side, note).await.expect(201);
        }
        let mut terms = room.terms("even").await;
        terms["parties"][1]["tenant"] = json!(tenant);
        let terms = json!({ "kind": "terms_proposed", "terms": terms });
        let _ = room.tell(&room.job_side, terms).await.expect(201);
    }
    let cost = async |who: &Person| {
        let before = room.world.table.calls();
        let listed = room.world.get(who, "/deals").await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "{listed}");
        (room.world.table.calls() - before, listed["items"][0]["facts"].clone())
    };
    let (of_party, facts) = cost(&room.job_side).await;
    assert_eq!(facts, 5);
    assert_eq!(cost(&room.arbiter).await, (of_party, json!(5)), "who only judges");
    assert_eq!(
        cost(&room.candidate_side).await,
        (of_party, json!(4)),
        "who was dropped sees it as it stood then"
    );
}

#[tokio::test]
async fn a_stranger_keeps_the_end_of_a_consent_from_the_deals() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.world.settle().await;
    // Deals that name the agency, before its own in every list.
    let numbers: Vec<u128> = (1..=2_500).collect();
    for some in numbers.chunks(100) {
        let rows = some.iter().map(|number| DealOfTenant {
            tenant_id: room.tenant(1),
            deal_id: DealId::from_uuid(Uuid::from_u128(*number)),
            left: None,
        });
        let change = rows.fold(Change::new(), |change, row| change.insert(&row));
        room.world.store.commit(change).await.unwrap();
    }
    let path = format!("/candidates/{}/consent", room.candidate);
    let ended = room.candidate_side.write(&room.world.app, "DELETE", &path, json!({}));
    assert!(ended.await.status.is_success());
    let news = room.world.news();
    let ended = news
        .into_iter()
        .find(|event| matches!(event.event, Event::ConsentWithdrawn(_)));
    let ended = ended.unwrap();
    let event = ended.event.clone();
    let ended = settlement::Message::Event(Box::new(ended));
    let calls = async || {
        let before = room.world.table.calls();
        let told = room.world.settler.handle(&ended, clock::now()).await;
        (told.is_ok(), room.world.table.calls() - before)
    };
    // The function is cut off among the deals of the third thousand.
    room.world.table.fail_nth(30);
    let (told, first) = calls().await;
    assert!(!told && first > 24, "{first}");
    let Event::ConsentWithdrawn(withdrawn) = &event else {
        unreachable!("found by its kind")
    };
    let key = ConsentEnd::key_of(withdrawn.candidate_id, withdrawn.consent_id);
    let place = async || -> Option<ConsentEnd> { room.world.store.get(&key).await.unwrap() };
    let kept = place().await.unwrap();
    assert!(
        kept.expires_at > clock::now().as_second(),
        "the table keeps it until then"
    );
    // Nor does a deal that cannot be told lose the place.
    let key = DealHead::key_of(room.deal.parse().unwrap());
    let head = room.world.table.get(&key).await.unwrap().unwrap();
    let write = |item| room.world.table.transact(vec![Write::Put(item, Condition::None)]);
    write(to_item(&json!({ "pk": key.pk, "sk": key.sk })).unwrap())
        .await
        .unwrap();
    let (told, _) = calls().await;
    assert_eq!((told, place().await), (false, Some(kept)));
    write(head).await.unwrap();
    let (told, second) = calls().await;
    assert!(told, "the next run comes to the end");
    assert!(second < 20, "and begins where the first was: {second}");
    let facts = room
        .world
        .get(&room.job_side, &format!("/deals/{}/facts", room.deal))
        .await;
    let facts = facts.expect(200)["facts"].to_string();
    assert!(facts.contains("consent_withdrawn"), "{facts}");
    let (told, again) = calls().await;
    assert!(told && again > second, "and the place is forgotten: {again}");
}
