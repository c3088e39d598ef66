//! The ownership of a candidate, against people who cheat. Each test is named after what the cheat wants.

use inventure_api::clock;
use inventure_core::EventId;
use inventure_deal_store::load;
use inventure_deals::{Author, Fact, What};
use inventure_testing::{Answer, BACKEND_JOB, ENGINEER, Person};
use serde_json::{Value, json};

use crate::money::deals::Room;

/// The number of orders that are tried for two who write at once.
const SCHEDULES: u64 = 6;

pub const MAIL: &str = "mara.lindqvist@example.com";

/// Another agency, and its deal with the room's employer.
pub struct Other {
    pub person: Person,
    pub tenant: String,
    pub job_side: Person,
    pub deal: String,
}

/// Records a candidate of a person, with a résumé and a consent that names the room's employer.
pub async fn candidate(room: &Room, who: &Person, resume: &str) -> String {
    let candidate = room.world.candidate(who, "Somebody").await;
    room.world.read(who, &candidate, resume.as_bytes()).await;
    room.name_employer(who, &candidate).await;
    room.world.settle().await;
    candidate
}

impl Other {
    /// Sets up an agency in a deal of its own, on the room's terms and with the room's job side.
    pub async fn new(room: &Room, name: &str) -> Self {
        let person = Person::named(name);
        let tenant = room.world.tenant(&person, "agency", "Other").await;
        let mut terms = room.terms("even").await;
        terms["parties"][1]["tenant"] = json!(tenant);
        Self::with(room, person, tenant, room.job_side.clone(), terms).await
    }

    pub async fn with(room: &Room, person: Person, tenant: String, job_side: Person, terms: Value) -> Self {
        let made = job_side.write(&room.world.app, "POST", "/deals", json!({ "terms": terms }));
        let made = made.await.expect(201);
        let deal = made["id"].as_str().unwrap().to_owned();
        let other = Self {
            person,
            tenant,
            job_side,
            deal,
        };
        let open = &made["proposed"];
        let sign = json!({ "kind": "signed", "terms_version": open["terms"]["version"], "terms_hash": open["hash"] });
        for who in [&other.person, &other.job_side] {
            let _ = other.tell(room, who, sign.clone()).await.expect(201);
        }
        other
    }

    pub async fn tell(&self, room: &Room, who: &Person, what: Value) -> Answer {
        let path = format!("/deals/{}/moves", self.deal);
        who.write(&room.world.app, "POST", &path, what).await
    }

    pub async fn submit(&self, room: &Room, candidate: &str, contact: Value) -> Answer {
        let what = json!({ "kind": "submitted", "candidate": candidate, "source": "member", "contact": contact });
        self.tell(room, &self.person, what).await
    }

    pub async fn place(&self, room: &Room, candidate: &str) -> Answer {
        self.tell(room, &self.job_side, placed(candidate)).await
    }
}

pub fn placed(candidate: &str) -> Value {
    json!({
        "kind": "placed", "candidate": candidate, "accepted_on": Room::days(0), "starts_on": Room::days(0),
        "pay": { "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" },
    })
}

#[tokio::test]
async fn a_flood_of_own_submittals_takes_no_candidate() {
    // The cheat's deal is the older one, so its claims come first wherever they are listed.
    let room = Room::signed("even").await;
    let honest = Other::new(&room, "honest").await;
    let theirs = candidate(&room, &honest.person, ENGINEER).await;
    let _ = honest
        .submit(&room, &theirs, json!({ "email": MAIL }))
        .await
        .expect(201);
    let _ = room.submit().await.expect(201);
    for _ in 0..105 {
        let again = room.world.candidate(&room.candidate_side, "Mara").await;
        let what = json!({ "kind": "submitted", "candidate": again, "source": "member", "contact": { "email": MAIL } });
        let _ = room.tell(&room.candidate_side, what).await;
    }
    assert_eq!(room.place().await.problem(422), "refused-by-terms");
    let _ = honest.place(&room, &theirs).await.expect(201);
}

#[tokio::test]
async fn a_broker_submits_a_person_without_number_in_many_deals_at_once() {
    let mut room = Room::signed("even").await;
    for _ in 0..19 {
        let again = room.world.candidate(&room.candidate_side, "Mara").await;
        let what = json!({ "kind": "submitted", "candidate": again, "source": "member", "contact": { "email": MAIL } });
        let _ = room.tell(&room.candidate_side, what).await.expect(201);
    }
    let mut deals = Vec::new();
    for _ in 0..4 {
        room.open("even", ENGINEER).await;
        room.both_sign().await;
        deals.push((room.deal.clone(), room.candidate.clone()));
    }
    let submit = async |(deal, candidate): &(String, String)| {
        let contact = json!({ "email": MAIL });
        let what = json!({ "kind": "submitted", "candidate": candidate, "source": "member", "contact": contact });
        let path = format!("/deals/{deal}/moves");
        room.candidate_side
            .write(&room.world.app, "POST", &path, what)
            .await
            .status
    };
    let all = futures_util::future::join_all(deals.iter().map(submit)).await;
    let done = all.iter().filter(|status| status.as_u16() == 201).count();
    assert_eq!(done, 1, "{all:?}");
}

/// Sets up two agencies that the employer never engaged, in a deal of their own with it. They know a candidate by a typed
/// address.
pub async fn puppets(room: &Room) -> (Other, String) {
    let [puppet, master] = ["puppet", "master"].map(Person::named);
    let mut tenants = Vec::new();
    for person in [&puppet, &master] {
        tenants.push(room.world.tenant(person, "agency", "Puppet").await);
    }
    let mut terms = room.terms("even").await;
    terms["job"] = json!(room.world.job(&puppet, BACKEND_JOB).await);
    terms["parties"][0]["tenant"] = json!(tenants[0]);
    terms["parties"][1]["tenant"] = json!(tenants[1]);
    let squat = Other::with(room, master, tenants.swap_remove(1), puppet, terms).await;
    let typed = room.world.candidate(&squat.person, "Mara").await;
    let _ = squat.submit(room, &typed, json!({ "email": MAIL })).await.expect(201);
    (squat, typed)
}

#[tokio::test]
async fn puppets_with_a_typed_address_squat_on_nobody() {
    let room = Room::signed("even").await;
    let (squat, typed) = puppets(&room).await;
    let path = format!("/deals/{}/claim-checks", room.deal);
    let check = room
        .candidate_side
        .write(&room.world.app, "POST", &path, json!({ "email": MAIL }))
        .await
        .expect(200);
    assert_eq!(check["claimed"], false, "nobody whom the employer engaged has claimed");
    submitted_second(&room).await;
    for (who, deal, person, counts) in [
        (&squat.person, &squat.deal, &typed, false),
        (&room.candidate_side, &room.deal, &room.candidate, true),
    ] {
        let seen = room
            .world
            .get(who, &format!("/deals/{deal}/candidates/{person}"))
            .await
            .expect(200);
        assert_eq!(seen.get("counts_since").is_some(), counts, "{seen}");
    }
    let refused = squat.place(&room, &typed).await;
    assert_eq!(
        refused.problem(422),
        "refused-by-terms",
        "a private claim is worth nothing against one that counts"
    );
    let _ = room.place().await.expect(201);
}

/// Returns the number of decisions about owners in a deal's facts, as a person in it reads them.
async fn decisions(room: &Room, who: &Person, deal: &str) -> usize {
    let facts = room.world.get(who, &format!("/deals/{deal}/facts")).await.expect(200);
    let facts = facts["facts"].as_array().unwrap();
    let decided = facts.iter().filter(|fact| fact["what"]["kind"] == "ownership_decided");
    decided.count()
}

#[tokio::test]
async fn a_stranger_learns_whose_somebody_is_by_reporting_placements() {
    let room = Room::signed("even").await;
    let (squat, typed) = puppets(&room).await;
    // Somebody's claim counts.
    let _ = room.submit().await.expect(201);
    // Nobody's claim counts, but they were placed.
    let other = Other::new(&room, "other").await;
    let hired = room.world.candidate(&other.person, "Ines").await;
    let ines = json!({ "email": "ines@example.org" });
    let _ = other.submit(&room, &hired, ines.clone()).await.expect(201);
    let _ = other.place(&room, &hired).await.expect(201);
    let asked = room.world.candidate(&squat.person, "Ines").await;
    let _ = squat.submit(&room, &asked, ines).await.expect(201);
    // Only a number in two files is the same.
    let resume = ENGINEER
        .replace("Mara Lindqvist", "Odile Marchand")
        .replace(MAIL, "odile@example.org");
    let alike = candidate(&room, &squat.person, &resume).await;
    let _ = squat.submit(&room, &alike, json!({})).await.expect(201);

    let mut answers = Vec::new();
    for person in [&typed, &asked, &alike] {
        let refused = squat.place(&room, person).await;
        assert_eq!(refused.clone().problem(422), "refused-by-terms");
        answers.push(refused.body["detail"].clone());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(
        decisions(&room, &squat.person, &squat.deal).await,
        0,
        "nor does a fact say it"
    );
    let seen = format!("/deals/{}/candidates/{typed}", squat.deal);
    let seen = room.world.get(&squat.person, &seen).await.expect(200);
    assert!(!seen["decision"].to_string().contains("decided_by_network"), "{seen}");

    // Nor does anybody ask about everybody: each question is counted, whatever the answer is.
    let mut refusals = 3;
    while squat.place(&room, &typed).await.status == 422 {
        refusals += 1;
        assert!(refusals <= 60, "asked without end");
    }
    assert_eq!(squat.place(&room, &typed).await.problem(429), "too-many-requests");
    assert_eq!(refusals, 60);
    // The employer itself is told, and so is a deal that it engaged.
    let told = squat.tell(&room, &room.employer, placed(&alike)).await;
    assert_eq!(told.status, 201, "{}", told.body);
    let told = other.place(&room, &hired).await.body["detail"].clone();
    assert_ne!(told, answers[0]);
}

/// Leaves the decisions of refused placements on ten other days in the deal, each for this owner alone.
async fn refused_on_other_days(room: &Room, owner: &str) {
    for day in 1..=10_i64 {
        let held = load(&room.world.store, room.deal.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let decided = Fact {
            id: EventId::new(),
            at: held.moment(clock::now()),
            by: Author::Network,
            what: What::OwnershipDecided {
                candidate: room.candidate.parse().unwrap(),
                owners: vec![owner.parse().unwrap()],
                on: Some(Room::days(day).parse().unwrap()),
                grounds: Vec::new(),
            },
        };
        let (change, _) = held.add(vec![decided], "test").unwrap();
        room.world.store.commit(change).await.unwrap();
    }
}

#[tokio::test]
async fn a_broker_fills_the_deal_with_refused_placements() {
    let room = Room::signed("even").await;
    let rival = Other::new(&room, "rival").await;
    let theirs = candidate(&room, &rival.person, ENGINEER).await;
    let _ = rival.submit(&room, &theirs, json!({ "email": MAIL })).await.expect(201);
    let _ = room.submit().await.expect(201);
    let mut early = placed(&room.candidate);
    early["accepted_on"] = json!(Room::days(-1));
    assert_eq!(room.tell(&room.job_side, early).await.problem(422), "refused-by-terms");
    assert_eq!(
        decisions(&room, &room.job_side, &room.deal).await,
        0,
        "no claim counted that day"
    );
    refused_on_other_days(&room, &rival.tenant).await;
    assert_eq!(room.place().await.problem(422), "refused-by-terms");
    assert_eq!(decisions(&room, &room.job_side, &room.deal).await, 10, "and no more");
}

#[tokio::test]
async fn two_who_own_together_are_placed_once_the_other_is_let_in() {
    let room = Room::new("even").await;
    let mut terms = room.terms("even").await;
    terms["claims"]["several"] = json!("shared");
    let proposed = json!({ "kind": "terms_proposed", "terms": terms });
    let _ = room.tell(&room.job_side, proposed).await.expect(201);
    room.both_sign().await;
    let third = Other::new(&room, "third").await;
    let theirs = candidate(&room, &third.person, ENGINEER).await;
    let _ = room.submit().await.expect(201);
    let _ = third.submit(&room, &theirs, json!({ "email": MAIL })).await.expect(201);

    // Placements of ten other days, on which one owned alone, leave the room that this one needs.
    refused_on_other_days(&room, &room.tenants[1]).await;
    assert_eq!(room.place().await.problem(422), "refused-by-terms");
    let facts = async || {
        let path = format!("/deals/{}/facts", room.deal);
        let facts = room.world.get(&room.job_side, &path).await.expect(200)["facts"].clone();
        let kinds = facts
            .as_array()
            .unwrap()
            .iter()
            .map(|fact| fact["what"]["kind"].as_str().unwrap().to_owned());
        kinds.filter(|kind| kind == "ownership_decided").count()
    };
    assert_eq!(facts().await, 11, "the decision stays");
    assert_eq!(room.place().await.problem(422), "refused-by-terms");
    assert_eq!(facts().await, 11, "and is not repeated with every try");

    let mut shared = terms.clone();
    let mut other = shared["parties"][1].clone();
    (other["id"], other["tenant"]) = (json!("candidate-2"), json!(third.tenant));
    for party in [&mut shared["parties"][1], &mut other] {
        party["share"] = json!("25%");
    }
    shared["parties"].as_array_mut().unwrap().push(other);
    let proposed = json!({ "kind": "terms_proposed", "terms": shared });
    let _ = room.tell(&room.job_side, proposed).await.expect(201);
    for who in [&room.job_side, &room.candidate_side, &third.person] {
        let _ = room.sign(who).await.expect(201);
    }
    let report = placed(&room.candidate);
    let others = [&third.person];
    let _ = room
        .agreed_in(&room.deal, &room.job_side, report, &others)
        .await
        .expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.pay(3_333_333).await;
    room.settle_in(6).await;
    let path = format!("/deals/{}/settlement", room.deal);
    let settled = room.world.get(&third.person, &path).await.expect(200);
    let released: i64 = settled["movements"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|movement| movement["why"] == "released")
        .map(|movement| movement["amount"]["minor_units"].as_i64().unwrap())
        .sum();
    assert_eq!(released, 3_333_333, "{settled}");
}

#[tokio::test]
async fn one_person_is_not_placed_and_billed_in_two_deals() {
    let mut room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let first = room.deal.clone();
    // The same broker again, by another record of the same person and another job at the same employer.
    room.open("even", ENGINEER).await;
    room.both_sign().await;
    let what =
        json!({ "kind": "submitted", "candidate": room.candidate, "source": "member", "contact": { "email": MAIL } });
    let _ = room.tell(&room.candidate_side, what).await.expect(201);
    let second = room.place().await;
    assert_eq!(second.clone().problem(422), "refused-by-terms", "{}", second.body);
    let left = json!({ "kind": "fell_off", "last_day": Room::days(0), "reason": "resigned" });
    let _ = room.agreed_in(&first, &room.employer, left, &[]).await.expect(201);
    let _ = room.place().await.expect(201);
}

/// A submittal that states the person's address, or none.
fn submittal(candidate: &str, states: bool) -> Value {
    let contact = if states { json!({ "email": MAIL }) } else { json!({}) };
    json!({ "kind": "submitted", "candidate": candidate, "source": "member", "contact": contact })
}

#[tokio::test]
async fn one_person_is_not_placed_and_billed_twice_in_one_deal() {
    // It is enough that the address is stated of one of the two records.
    for states in [(false, true), (true, false)] {
        let room = Room::signed("even").await;
        // The same broker twice, by two records of the same person.
        let again = candidate(&room, &room.candidate_side, ENGINEER).await;
        for (candidate, states) in [(&room.candidate, states.0), (&again, states.1)] {
            let submitted = room.tell(&room.candidate_side, submittal(candidate, states)).await;
            let _ = submitted.expect(201);
        }
        let _ = room.place().await.expect(201);
        // A second hire of a deal has to be shown.
        let for_all = json!({ "for_client": true });
        let shown = room.document(&room.job_side, b"a contract", for_all).await;
        let mut second = placed(&again);
        second["evidence"] = json!(shown);
        let refused = room.tell(&room.job_side, second.clone()).await;
        assert_eq!(refused.clone().problem(422), "refused-by-terms", "{}", refused.body);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("placed with this employer already"), "{detail}");
        let left = json!({ "kind": "fell_off", "last_day": Room::days(0), "reason": "resigned" });
        let _ = room.agreed(&room.employer, left).await.expect(201);
        let _ = room.tell(&room.job_side, second).await.expect(201);
    }
}

#[tokio::test]
async fn of_two_reports_of_one_person_in_one_deal_the_last_yes_to_the_second_is_refused() {
    let room = Room::signed("even").await;
    let again = candidate(&room, &room.candidate_side, ENGINEER).await;
    for candidate in [&room.candidate, &again] {
        let submitted = room.tell(&room.candidate_side, submittal(candidate, true)).await;
        let _ = submitted.expect(201);
    }
    let shown = room
        .document(&room.job_side, b"a contract", json!({ "for_client": true }))
        .await;
    let mut reports = Vec::new();
    for candidate in [&room.candidate, &again] {
        let mut report = placed(candidate);
        report["evidence"] = json!(shown);
        let told = room.tell(&room.job_side, report).await.expect(201);
        reports.push(told["assertions"].as_array().unwrap().last().unwrap()["fact"].clone());
    }
    let mut answers = Vec::new();
    for report in &reports {
        for who in [&room.candidate_side, &room.employer] {
            let yes = json!({ "kind": "assertion_confirmed", "assertion": report });
            answers.push(room.tell(who, yes).await);
        }
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [201, 201, 201, 409], "{}", answers[3].body);
    let detail = answers[3].body["detail"].as_str().unwrap();
    assert!(detail.contains("somebody is placed in this deal already"), "{detail}");
    assert_eq!(
        room.view(&room.job_side).await["placements"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn of_two_placements_of_one_person_at_once_one_is_refused() {
    for seed in 0..SCHEDULES {
        Box::pin(two_placements_at_once(seed)).await;
    }
}

async fn two_placements_at_once(seed: u64) {
    let mut room = Room::signed("even").await;
    let mut deals = Vec::new();
    for round in 0..2 {
        if round > 0 {
            room.open("even", ENGINEER).await;
            room.both_sign().await;
        }
        let what = json!({ "kind": "submitted", "candidate": room.candidate, "source": "member", "contact": { "email": MAIL } });
        let _ = room.tell(&room.candidate_side, what).await.expect(201);
        deals.push((room.deal.clone(), room.candidate.clone()));
    }
    room.world.table.interleave(seed);
    // By two sides, since what one tenant reports is counted one after another.
    let reporters = [&room.job_side, &room.candidate_side];
    let tries = deals.iter().zip(reporters).map(async |((deal, candidate), reporter)| {
        let path = format!("/deals/{deal}/moves");
        reporter
            .write(&room.world.app, "POST", &path, placed(candidate))
            .await
            .status
            .as_u16()
    });
    let mut answers = futures_util::future::join_all(tries).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 422], "seed {seed}");
}

#[tokio::test]
async fn an_earlier_submittal_under_another_record_of_the_same_deal_is_not_passed_over() {
    let room = Room::new("even").await;
    let rival = Person::named("rival");
    let tenant = room.world.tenant(&rival, "agency", "Rival").await;
    let mut terms = room.terms("even").await;
    let mut other = terms["parties"][1].clone();
    (other["id"], other["tenant"], other["share"]) = (json!("candidate-2"), json!(tenant), json!("25%"));
    terms["parties"][1]["share"] = json!("25%");
    for party in [&mut terms["parties"][1], &mut other] {
        party["counts"] = json!("owned");
    }
    terms["parties"].as_array_mut().unwrap().push(other);
    let proposed = json!({ "kind": "terms_proposed", "terms": terms });
    let _ = room.tell(&room.job_side, proposed).await.expect(201);
    for who in [&room.job_side, &room.candidate_side, &rival] {
        let _ = room.sign(who).await.expect(201);
    }
    let theirs = candidate(&room, &rival, ENGINEER).await;
    let what = json!({ "kind": "submitted", "candidate": theirs, "source": "member", "contact": { "email": MAIL } });
    let _ = room.tell(&rival, what).await.expect(201);
    let _ = room.submit().await.expect(201);
    let report = placed(&room.candidate);
    let _ = room
        .agreed_in(&room.deal, &room.job_side, report, &[&rival])
        .await
        .expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.world.settle().await;
    assert_eq!(
        room.broker(1, inventure_ledger::Kind::Reserved).await,
        0,
        "who came second gets nothing by a second record"
    );
}

#[tokio::test]
async fn a_number_that_was_only_read_from_files_decides_nothing_and_raises_a_question() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let other = Other::new(&room, "other").await;
    // Another person, by another address; the number is the same in both files.
    let resume = ENGINEER
        .replace("Mara Lindqvist", "Ines Albrecht")
        .replace(MAIL, "ines@example.org");
    let theirs = candidate(&room, &other.person, &resume).await;
    let _ = other.submit(&room, &theirs, json!({})).await.expect(201);
    let asked = other.place(&room, &theirs).await;
    assert_eq!(asked.clone().problem(422), "refused-by-terms");
    let detail = asked.body["detail"].as_str().unwrap();
    assert!(detail.contains("let the employer report the placement"), "{detail}");
    let path = format!("/deals/{}/facts", other.deal);
    let facts = room.world.get(&other.person, &path).await.expect(200).to_string();
    assert!(!facts.contains("ownership_decided"), "{facts}");
    let _ = other.tell(&room, &room.employer, placed(&theirs)).await.expect(201);
    // And the first is placed as well: they are two people, and the employer says so.
    let _ = room.tell(&room.employer, placed(&room.candidate)).await.expect(201);
}

/// The room's person, submitted by their own broker in due form after a rival's claim.
async fn submitted_second(room: &Room) {
    let _ = room
        .tell(&room.candidate_side, submittal(&room.candidate, true))
        .await
        .expect(201);
}

/// Checks that a placement of the room's person waits for an answer, and that the person's own word is one.
async fn is_asked_and_answered(room: &Room) {
    let asked = room.place().await;
    assert_eq!(asked.clone().problem(422), "refused-by-terms", "{}", asked.body);
    let detail = asked.body["detail"].as_str().unwrap();
    assert!(detail.contains("Have the candidate asked at that address"), "{detail}");
    assert_eq!(
        decisions(room, &room.candidate_side, &room.deal).await,
        0,
        "and nobody is named owner"
    );
    let token = room.asked_token().await;
    let _ = room.answer(&token, "confirm").await.expect(200);
    let _ = room.place().await.expect(201);
    assert_eq!(decisions(room, &room.candidate_side, &room.deal).await, 0);
}

#[tokio::test]
async fn a_stated_address_takes_nobody_whom_the_resume_does_not_name() {
    let room = Room::signed("even").await;
    let rival = Other::new(&room, "rival").await;
    let puppet = ENGINEER.replace(MAIL, "puppet@example.org").replace("0142", "0143");
    let puppet = candidate(&room, &rival.person, &puppet).await;
    let _ = rival.submit(&room, &puppet, json!({ "email": MAIL })).await.expect(201);
    let path = format!("/deals/{}/candidates/{puppet}", rival.deal);
    let seen = room.world.get(&rival.person, &path).await.expect(200);
    assert!(seen.get("counts_since").is_none(), "it claims nobody: {seen}");
    submitted_second(&room).await;
    is_asked_and_answered(&room).await;
}

#[tokio::test]
async fn a_stated_address_of_a_placed_puppet_keeps_nobody_out() {
    let room = Room::signed("even").await;
    let rival = Other::new(&room, "rival").await;
    let puppet = ENGINEER.replace(MAIL, "puppet@example.org").replace("0142", "0143");
    let puppet = candidate(&room, &rival.person, &puppet).await;
    let _ = rival.submit(&room, &puppet, json!({ "email": MAIL })).await.expect(201);
    let _ = rival.place(&room, &puppet).await.expect(201);
    submitted_second(&room).await;
    assert_eq!(room.place().await.problem(422), "refused-by-terms");
    // The employer knows whom it hires.
    let _ = room.tell(&room.employer, placed(&room.candidate)).await.expect(201);
}

#[tokio::test]
async fn a_placement_that_the_employer_reported_keeps_its_place_when_a_puppets_ends() {
    let room = Room::signed("even").await;
    let rival = Other::new(&room, "rival").await;
    let puppet = ENGINEER.replace(MAIL, "puppet@example.org").replace("0142", "0143");
    let puppet = candidate(&room, &rival.person, &puppet).await;
    let stated = json!({ "email": MAIL });
    let _ = rival.submit(&room, &puppet, stated.clone()).await.expect(201);
    let _ = room
        .agreed_in(&rival.deal, &rival.job_side, placed(&puppet), &[&rival.person])
        .await
        .expect(201);
    submitted_second(&room).await;
    let _ = room.agreed(&room.employer, placed(&room.candidate)).await.expect(201);
    let left = json!({ "kind": "fell_off", "last_day": Room::days(0), "reason": "resigned" });
    let _ = room
        .agreed_in(&rival.deal, &room.employer, left, &[&rival.person])
        .await
        .expect(201);
    let third = Other::new(&room, "third").await;
    let theirs = candidate(&room, &third.person, ENGINEER).await;
    let _ = third.submit(&room, &theirs, stated).await.expect(201);
    let again = third.tell(&room, &room.employer, placed(&theirs)).await;
    assert_eq!(again.clone().problem(422), "refused-by-terms", "{}", again.body);
}

#[tokio::test]
async fn a_referee_in_a_resume_is_claimed_by_nobody() {
    let room = Room::signed("even").await;
    let rival = Other::new(&room, "rival").await;
    // Another's address beside the person's own: the reader cannot tell.
    let theirs = ENGINEER
        .replace(MAIL, &format!("jo@example.org | {MAIL}"))
        .replace("0142", "0143");
    let theirs = candidate(&room, &rival.person, &theirs).await;
    let _ = rival
        .submit(&room, &theirs, json!({ "email": "jo@example.org" }))
        .await
        .expect(201);
    submitted_second(&room).await;
    is_asked_and_answered(&room).await;
}

#[tokio::test]
async fn a_referee_under_their_heading_is_no_contact() {
    let room = Room::signed("even").await;
    let rival = Other::new(&room, "rival").await;
    let theirs = ENGINEER.replace(MAIL, "jo@example.org").replace("0142", "0143");
    let theirs = format!("{theirs}\nREFERENCES\nMara Lindqvist, Copperfield Systems, {MAIL}\n");
    let theirs = candidate(&room, &rival.person, &theirs).await;
    let _ = rival
        .submit(&room, &theirs, json!({ "email": "jo@example.org" }))
        .await
        .expect(201);
    submitted_second(&room).await;
    let _ = room.place().await.expect(201);
    assert_eq!(decisions(&room, &room.candidate_side, &room.deal).await, 0);
}

#[tokio::test]
async fn who_stated_an_address_of_the_resume_is_not_passed_over_by_another_record() {
    let room = Room::signed("even").await;
    submitted_second(&room).await;
    let rival = Other::new(&room, "rival").await;
    // The rival states another address; the person's own stands in the file, and they confirm there for the rival.
    let resume = ENGINEER.replace(MAIL, &format!("throwaway@example.com | {MAIL}"));
    let theirs = candidate(&room, &rival.person, &resume).await;
    let _ = rival
        .submit(&room, &theirs, json!({ "email": "throwaway@example.com" }))
        .await
        .expect(201);
    let refused = rival.place(&room, &theirs).await;
    assert_eq!(refused.problem(422), "refused-by-terms");
    assert_eq!(
        decisions(&room, &rival.person, &rival.deal).await,
        1,
        "the first is the owner"
    );
    let by_employer = rival.tell(&room, &room.employer, placed(&theirs)).await;
    assert_eq!(
        by_employer.problem(422),
        "refused-by-terms",
        "also for an employer that sides with them"
    );
}

#[tokio::test]
async fn an_engagement_that_ends_takes_no_claim_with_it() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let path = format!("/tenants/{}/engagements/{}", room.tenants[2], room.tenants[0]);
    let ended = room
        .employer
        .write(&room.world.app, "DELETE", &path, json!({}))
        .await
        .expect(200);
    assert_eq!(ended["open"], false);
    // A rival whose job side is engaged instead, to be rid of the first claim.
    let [rival, master] = ["rival", "master"].map(Person::named);
    let tenant = room.world.tenant(&rival, "agency", "Rival").await;
    let side = room.world.tenant(&master, "agency", "Master").await;
    let path = format!("/tenants/{}/engagements/{side}", room.tenants[2]);
    let engaged = room
        .employer
        .write(&room.world.app, "PUT", &path, json!({}))
        .await
        .expect(200);
    assert_eq!(engaged["open"], true);
    let by_agency = master.write(&room.world.app, "PUT", &path, json!({})).await;
    assert_eq!(by_agency.problem(404), "not-found", "nobody engages themselves");
    let mut terms = room.terms("even").await;
    terms["job"] = json!(room.world.job(&master, BACKEND_JOB).await);
    terms["parties"][0]["tenant"] = json!(side);
    terms["parties"][1]["tenant"] = json!(tenant);
    let other = Other::with(&room, rival, tenant, master, terms).await;
    let theirs = candidate(&room, &other.person, ENGINEER).await;
    let _ = other.submit(&room, &theirs, json!({ "email": MAIL })).await.expect(201);
    assert_eq!(other.place(&room, &theirs).await.problem(422), "refused-by-terms");
    let _ = room.place().await.expect(201);
}

#[tokio::test]
async fn how_much_work_an_answer_takes_says_nothing() {
    let room = Room::signed("even").await;
    let stranger = Person::named("stranger");
    room.world.tenant(&stranger, "agency", "Elsewhere").await;
    let calls = async |who: &Person, method: &str, path: &str, body: Value| {
        let before = room.world.table.calls();
        let answer = who.write(&room.world.app, method, path, body).await;
        (answer.status.as_u16(), room.world.table.calls() - before)
    };
    let unknown = "dea_0192f3a4b5c67d8e9fa0b1c2d3e4f506";
    for (method, rest) in [
        ("GET", ""),
        ("GET", "/facts"),
        ("POST", "/moves"),
        ("POST", "/claim-checks"),
    ] {
        let body = json!({ "kind": "noted", "candidate": null, "text": "hello" });
        let body = if rest == "/claim-checks" { json!({}) } else { body };
        let foreign = calls(&stranger, method, &format!("/deals/{}{rest}", room.deal), body.clone()).await;
        let none = calls(&stranger, method, &format!("/deals/{unknown}{rest}"), body).await;
        assert_eq!(foreign, none, "{method} {rest}");
        assert_eq!(foreign.0, 404);
    }
    let path = format!("/deals/{}/claim-checks", room.deal);
    let check = async |mail: &str| calls(&room.candidate_side, "POST", &path, json!({ "email": mail })).await;
    let _ = check("nobody@example.com").await;
    let before = check(MAIL).await;
    let rival = Other::new(&room, "rival").await;
    let theirs = candidate(&room, &rival.person, ENGINEER).await;
    let _ = rival.submit(&room, &theirs, json!({ "email": MAIL })).await.expect(201);
    assert_eq!(check(MAIL).await, before, "claimed and not claimed cost the same");
    // Nor does an answer tell by itself, also not one that was given, unless the stage is on one's own machine.
    let path = format!("/deals/{}", room.deal);
    for (who, status) in [(&stranger, 404), (&room.candidate_side, 200)] {
        let answer = room.world.get(who, &path).await;
        assert_eq!(answer.status.as_u16(), status);
        assert!(!answer.headers.contains_key("server-timing"), "{:?}", answer.headers);
    }
}

/// Returns a candidate as the deal's job side sees them.
async fn seen(room: &Room, candidate: &str) -> Value {
    let path = format!("/deals/{}/candidates/{candidate}", room.deal);
    room.world.get(&room.job_side, &path).await.expect(200)
}

#[tokio::test]
async fn a_broker_shows_a_rivals_candidate_under_the_claim_on_an_accomplice() {
    let room = Room::signed("even").await;
    let rival = Other::new(&room, "rival").await;
    let theirs = candidate(&room, &rival.person, ENGINEER).await;
    let _ = rival.submit(&room, &theirs, json!({ "email": MAIL })).await.expect(201);
    let accomplice = ENGINEER
        .replace("Mara Lindqvist", "Odile Marchand")
        .replace(MAIL, "odile@example.org")
        .replace("0142", "0143");
    let own = candidate(&room, &room.candidate_side, &accomplice).await;
    let submitted = json!({ "kind": "submitted", "candidate": own });
    let _ = room.tell(&room.candidate_side, submitted).await.expect(201);
    assert!(seen(&room, &own).await["skills"].is_array());
    // A résumé of somebody else is not shown at all.
    room.world.read(&room.candidate_side, &own, ENGINEER.as_bytes()).await;
    let other = seen(&room, &own).await;
    assert!(other.get("skills").is_none() && other["withheld"] == true, "{other}");
    // One that names both is, and the placement is looked up by what it names, also once it is gone.
    let both = ENGINEER.replace(MAIL, &format!("{MAIL} odile@example.org"));
    room.world.read(&room.candidate_side, &own, both.as_bytes()).await;
    let shown = seen(&room, &own).await;
    assert!(shown["skills"].is_array() && shown.get("withheld").is_none(), "{shown}");
    room.world.read(&room.candidate_side, &own, accomplice.as_bytes()).await;
    let refused = room.tell(&room.job_side, placed(&own)).await;
    assert_eq!(refused.clone().problem(422), "refused-by-terms");
    assert!(
        refused.body["detail"].to_string().contains("in common"),
        "{}",
        refused.body
    );
    // The employer knows whom it hires.
    let told = room.tell(&room.employer, placed(&own)).await;
    assert_eq!(told.status, 201, "{}", told.body);
    // Whoever is hired is not shown anew.
    room.world
        .read(
            &room.candidate_side,
            &own,
            both.replace(MAIL, "third@example.org").as_bytes(),
        )
        .await;
    assert_eq!(seen(&room, &own).await["withheld"], true);
}

#[tokio::test]
async fn a_broker_dates_a_claim_back_by_a_newer_resume() {
    let room = Room::signed("even").await;
    let accomplice = ENGINEER
        .replace("Mara Lindqvist", "Odile Marchand")
        .replace(MAIL, "odile@example.org")
        .replace("0142", "0143");
    let own = candidate(&room, &room.candidate_side, &accomplice).await;
    let submitted = json!({ "kind": "submitted", "candidate": own });
    let _ = room.tell(&room.candidate_side, submitted).await.expect(201);
    let rival = Other::new(&room, "rival").await;
    let theirs = candidate(&room, &rival.person, ENGINEER).await;
    let _ = rival.submit(&room, &theirs, json!({ "email": MAIL })).await.expect(201);
    let both = ENGINEER.replace(MAIL, &format!("{MAIL} odile@example.org"));
    room.world.read(&room.candidate_side, &own, both.as_bytes()).await;
    assert!(seen(&room, &own).await["skills"].is_array());
    // It was submitted first, as somebody else.
    assert_eq!(
        room.tell(&room.job_side, placed(&own)).await.problem(422),
        "refused-by-terms"
    );
    let _ = rival.place(&room, &theirs).await.expect(201);
}
