//! Deals from the proposal to the money, as brokers make them.

use inventure_books::Ledger;
use inventure_core::TenantId;
use inventure_ledger::{Account, Head, Kind, Statement, canonical, verify};
use inventure_testing::{Answer, BACKEND_JOB, ENGINEER, Person, SECRET, World};
use jiff::{SignedDuration, ToSpan};
use serde_json::{Value, json};

/// Two agencies, an employer, an arbiter, and a deal between them.
pub struct Room {
    pub world: World,
    pub job_side: Person,
    pub candidate_side: Person,
    pub employer: Person,
    pub arbiter: Person,
    pub tenants: [String; 4],
    pub job: String,
    pub candidate: String,
    pub deal: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Room {
    pub async fn new(template: &str) -> Self {
        let world = World::new();
        let people = ["dana", "emil", "orla", "ruth"].map(Person::named);
        let mut tenants = Vec::new();
        for (person, kind) in people.iter().zip(["agency", "agency", "employer", "agency"]) {
            tenants.push(world.tenant(person, kind, "Somebody").await);
        }
        let [job_side, candidate_side, employer, arbiter] = people;
        let mut room = Self {
            world,
            job_side,
            candidate_side,
            employer,
            arbiter,
            tenants: tenants.try_into().unwrap(),
            job: String::new(),
            candidate: String::new(),
            deal: String::new(),
        };
        room.engage().await;
        room.open(template, ENGINEER).await;
        room
    }

    /// Opens a deal on another job and another candidate with this résumé.
    pub async fn open(&mut self, template: &str, resume: &str) {
        self.job = self.world.job(&self.job_side, BACKEND_JOB).await;
        self.candidate = self.world.candidate(&self.candidate_side, "Mara Lindqvist").await;
        self.world
            .read(&self.candidate_side, &self.candidate, resume.as_bytes())
            .await;
        self.name_employer(&self.candidate_side, &self.candidate).await;
        self.world.settle().await;
        let terms = self.terms(template).await;
        let made = self
            .job_side
            .write(&self.world.app, "POST", "/deals", json!({ "terms": terms }))
            .await
            .expect(201);
        self.deal = text(&made["id"]);
    }

    /// Makes the employer engage the job side, as one that knows its agencies does.
    pub async fn engage(&self) {
        let path = format!("/tenants/{}/engagements/{}", self.tenants[2], self.tenants[0]);
        let engaged = self.employer.write(&self.world.app, "PUT", &path, json!({}));
        let _ = engaged.await.expect(200);
    }

    /// Records a candidate's consent that names the employer.
    pub async fn name_employer(&self, who: &Person, candidate: &str) {
        let consent = json!({
            "scopes": ["store_resume", "matching", "share_with_network"], "evidence": "signed form", "until": "2099-12-31",
            "employers": [self.tenants[2]],
        });
        let path = format!("/candidates/{candidate}/consent");
        let _ = who.write(&self.world.app, "PUT", &path, consent).await.expect(200);
    }

    pub fn template(&self, template: &str) -> Value {
        json!({
            "template": template, "job": self.job, "employer": self.tenants[2], "job_side": self.tenants[0],
            "candidate_side": self.tenants[1], "arbiter": self.tenants[3], "currency": "USD", "time_zone": "America/New_York",
        })
    }

    pub async fn terms(&self, template: &str) -> Value {
        let parts = self.template(template);
        let answer = self
            .job_side
            .write(&self.world.app, "POST", "/deal-templates", parts)
            .await;
        answer.expect(200)
    }

    pub fn tenant(&self, index: usize) -> TenantId {
        self.tenants[index].parse().unwrap()
    }

    pub async fn view(&self, who: &Person) -> Value {
        self.world.get(who, &format!("/deals/{}", self.deal)).await.expect(200)
    }

    pub async fn tell(&self, who: &Person, what: Value) -> Answer {
        let path = format!("/deals/{}/moves", self.deal);
        who.write(&self.world.app, "POST", &path, what).await
    }

    /// Makes a report that every side of the deal confirms, and returns the last answer.
    pub async fn agreed(&self, who: &Person, what: Value) -> Answer {
        Box::pin(self.agreed_in(&self.deal, who, what, &[])).await
    }

    /// Makes such a report in another deal, whose other parties are these.
    pub async fn agreed_in(&self, deal: &str, who: &Person, what: Value, others: &[&Person]) -> Answer {
        let (app, path) = (&self.world.app, format!("/deals/{deal}"));
        let moves = format!("{path}/moves");
        let mut answer = who.write(app, "POST", &moves, what).await;
        if answer.status != 201 {
            return answer;
        }
        let sides = [&self.job_side, &self.candidate_side, &self.employer];
        for person in sides.iter().chain(others) {
            let view = self.world.get(person, &path).await;
            if view.status != 200 {
                continue;
            }
            for report in view.body["assertions"].as_array().unwrap() {
                if report["awaits_you"] == true {
                    let yes = json!({ "kind": "assertion_confirmed", "assertion": report["fact"] });
                    answer = person.write(app, "POST", &moves, yes).await;
                }
            }
        }
        answer
    }

    pub async fn sign(&self, who: &Person) -> Answer {
        let open = self.view(who).await["proposed"].clone();
        let what = json!({ "kind": "signed", "terms_version": open["terms"]["version"], "terms_hash": open["hash"] });
        self.tell(who, what).await
    }

    pub async fn signed(template: &str) -> Self {
        let room = Self::new(template).await;
        room.both_sign().await;
        room
    }

    pub async fn both_sign(&self) {
        let _ = self.sign(&self.candidate_side).await.expect(201);
        let _ = self.sign(&self.job_side).await.expect(201);
    }

    /// Takes the deal from the signatures to the client's money.
    pub async fn place_and_pay(&self, units: i64) {
        self.both_sign().await;
        let _ = self.submit().await.expect(201);
        let _ = self.place().await.expect(201);
        let _ = self.tell(&self.job_side, Self::bill(units)).await.expect(201);
        self.pay(units).await;
    }

    pub async fn submit(&self) -> Answer {
        let what = json!({ "kind": "submitted", "candidate": self.candidate, "source": "member" });
        self.tell(&self.candidate_side, what).await
    }

    pub fn days(days: i64) -> String {
        let today = inventure_api::clock::now()
            .to_zoned(jiff::tz::TimeZone::get("America/New_York").unwrap())
            .date();
        today.checked_add(days.days()).unwrap().to_string()
    }

    pub async fn place(&self) -> Answer {
        let pay = json!({ "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" });
        let (accepted, starts) = (Self::days(0), Self::days(0));
        let what = json!({
            "kind": "placed", "candidate": self.candidate, "pay": pay, "accepted_on": accepted, "starts_on": starts,
        });
        self.agreed(&self.job_side, what).await
    }

    pub fn bill(units: i64) -> Value {
        json!({
            "kind": "invoiced", "invoice": "2026-001", "billed": "placement",
            "amount": { "minor_units": units, "currency": "USD" },
        })
    }

    pub fn payment(&self, event: &str, units: i64) -> String {
        json!({
            "id": event, "type": "payment_intent.succeeded", "livemode": false, "data": { "object": {
                "id": format!("pi_{event}"), "amount_received": units, "currency": "usd", "metadata": { "deal": self.deal, "invoice": "2026-001" },
            } },
        })
        .to_string()
    }

    pub async fn event(&self, body: &str) -> Answer {
        let now = inventure_api::clock::now().as_second();
        let signed = inventure_payments::signature::sign(body.as_bytes(), SECRET.as_bytes(), now);
        let headers = [
            ("stripe-signature", signed.as_str()),
            ("content-type", "application/json"),
        ];
        let app = &self.world.app;
        Person::nobody()
            .send(app, "POST", "/payment-events", &headers, body.to_owned())
            .await
    }

    /// Makes the client's money arrive.
    pub async fn pay(&self, units: i64) {
        let metadata = json!({ "deal": self.deal, "invoice": "2026-001" });
        let paid = json!({ "amount": units, "currency": "usd", "metadata": metadata });
        self.world.processor.tell("payments", &paid);
        assert_eq!(self.newest_event().await["outcome"], "booked");
    }

    /// Hands the processor's newest event to the webhook and returns the answer.
    pub async fn newest_event(&self) -> Value {
        let newest = self.world.processor.read("events?limit=1");
        self.event(&newest["data"][0].to_string()).await.expect(200)
    }

    pub async fn settle_in(&self, days: i64) {
        let now = inventure_api::clock::now() + SignedDuration::from_hours(24 * days);
        let settled = self.world.settler.settle(self.deal.parse().unwrap(), "test", now);
        Box::pin(settled).await.unwrap();
    }

    pub async fn balance(&self, account: Account) -> i64 {
        let head: Option<Head> = Ledger::new(self.world.store.clone()).head(&account).await.unwrap();
        head.map_or(0, |head| head.balance_minor_units)
    }

    pub async fn broker(&self, index: usize, kind: Kind) -> i64 {
        let account = Account::broker(self.tenant(index), kind, inventure_core::Currency::USD);
        self.balance(account.unwrap()).await
    }
}

#[tokio::test]
async fn from_the_proposal_to_the_money() {
    let room = Room::new("even").await;
    let listed = room.world.get(&room.candidate_side, "/deals").await.expect(200);
    assert_eq!(listed["items"][0]["id"], room.deal.as_str(), "the other party finds it");
    assert_eq!(room.view(&room.candidate_side).await["state"], "signing");
    let _ = room.sign(&room.candidate_side).await.expect(201);
    assert_eq!(room.sign(&room.candidate_side).await.problem(409), "wrong-state");
    let signed = room.sign(&room.job_side).await.expect(201);
    assert_eq!((&signed["state"], &signed["unsigned"]), (&json!("active"), &json!([])));
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let off = room.tell(&room.job_side, Room::bill(3_333_332)).await;
    assert_eq!(off.problem(422), "refused-by-terms");
    let billed = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    assert_eq!(billed["state"], "invoiced");
    let happened = room.world.settle().await;
    let kinds: Vec<&str> = happened.iter().map(|event| event.event.kind()).collect();
    for kind in ["DealShared", "DealAccepted", "CandidateClaimed", "DealMoved"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    assert_eq!(room.broker(0, Kind::Reserved).await, 1_583_334);
    room.pay(3_333_333).await;
    room.world.settle().await;
    assert_eq!(
        room.broker(0, Kind::Available).await,
        0,
        "not before the next business day"
    );
    room.settle_in(6).await;
    let available = [
        room.broker(0, Kind::Available).await,
        room.broker(1, Kind::Available).await,
    ];
    assert_eq!(available, [1_583_334, 1_583_333]);
    room.settle_in(7).await;
    room.world.settle().await;
    let again = [
        room.broker(0, Kind::Available).await,
        room.broker(1, Kind::Available).await,
    ];
    assert_eq!(again, available, "settled again is settled once");
    let deal = room.deal.parse().unwrap();
    let cash = Account::network(Kind::Cash, inventure_core::Currency::USD, &deal).unwrap();
    assert_eq!(room.balance(cash).await, 3_333_333);
    let receivable = Account::receivable(deal, inventure_core::Currency::USD);
    assert_eq!(room.balance(receivable).await, 0);
}

#[tokio::test]
async fn the_guarantee_ends_by_itself() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.pay(3_333_333).await;
    room.world.settle().await;
    let later = inventure_api::clock::now() + SignedDuration::from_hours(24 * 100);
    let swept = room.world.settler.handle(&settlement_sweep(), later).await;
    assert!(swept.is_ok(), "{swept:?}");
    assert_eq!(room.view(&room.job_side).await["state"], "settled");
    assert_eq!(room.broker(1, Kind::Available).await, 1_583_333);
}

fn settlement_sweep() -> settlement::Message {
    settlement::Message::read(r#"{"sweep":true}"#).unwrap()
}

#[tokio::test]
async fn any_table_call_may_fail_and_the_books_are_the_same() {
    // How many calls a settlement makes, then each of them failing once.
    for failing in 0..40 {
        let room = Room::signed("even").await;
        let _ = room.submit().await.expect(201);
        let _ = room.place().await.expect(201);
        let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
        room.pay(3_333_333).await;
        let now = inventure_api::clock::now() + SignedDuration::from_hours(24 * 6);
        room.world.table.fail_nth(failing);
        let first = room.world.settler.settle(room.deal.parse().unwrap(), "test", now).await;
        room.world.table.fail_nth(u32::MAX);
        if first.is_err() {
            // The deal is still due: the next sweep finds it.
            let swept = room
                .world
                .settler
                .handle(&settlement_sweep(), now + SignedDuration::from_mins(1))
                .await;
            assert!(swept.is_ok(), "{failing}: {swept:?}");
        }
        let available = [
            room.broker(0, Kind::Available).await,
            room.broker(1, Kind::Available).await,
        ];
        assert_eq!(available, [1_583_334, 1_583_333], "call {failing}");
    }
}

#[tokio::test]
async fn a_fall_off_takes_back_what_was_released() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.pay(3_333_333).await;
    room.settle_in(6).await;
    assert_eq!(room.broker(0, Kind::Available).await, 1_583_334);
    // Settled six days on, so that is when the deal's next fact happens.
    let left = json!({ "kind": "fell_off", "last_day": Room::days(3), "reason": "resigned" });
    let fallen = room.agreed(&room.job_side, left).await.expect(201);
    assert_eq!(fallen["state"], "fallen_off", "{fallen}");
    room.world.settle().await;
    let invoice = &fallen["invoices"][0];
    let credited = invoice["credited_minor_units"].as_i64().unwrap();
    assert!(credited > 3_000_000, "{invoice}");
    let kept = [
        room.broker(0, Kind::Available).await,
        room.broker(1, Kind::Available).await,
    ];
    let deal: inventure_ledger::Reference = room.deal.parse().unwrap();
    let network = |kind| Account::network(kind, inventure_core::Currency::USD, &deal).unwrap();
    let revenue = room.balance(network(Kind::Revenue)).await;
    assert_eq!(
        kept.iter().sum::<i64>() + revenue,
        3_333_333 - credited,
        "{kept:?} {revenue}"
    );
    assert_eq!(
        room.balance(network(Kind::Cash)).await,
        3_333_333 - credited,
        "the client has it back"
    );
    assert_eq!(
        room.balance(Account::receivable(deal.clone(), inventure_core::Currency::USD))
            .await,
        0
    );
}

#[tokio::test]
async fn a_name_is_shown_from_the_stage_that_the_terms_name() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let path = format!("/deals/{}/candidates/{}", room.deal, room.candidate);
    let own = room.world.get(&room.candidate_side, &path).await.expect(200);
    assert_eq!(own["name"], "Mara Lindqvist");
    let other = room.world.get(&room.job_side, &path).await.expect(200);
    assert!(other.get("name").is_none() && other.get("contact").is_none(), "{other}");
    assert!(
        other["skills"].as_array().is_some_and(|skills| !skills.is_empty()),
        "{other}"
    );
    for (from, to) in [("submitted", "screening"), ("screening", "interviewing")] {
        let moved = json!({ "kind": "stage_moved", "candidate": room.candidate, "from": from, "to": to, "note": null });
        let _ = room.agreed(&room.job_side, moved).await.expect(201);
    }
    let other = room.world.get(&room.job_side, &path).await.expect(200);
    assert_eq!(other["name"], "Mara Lindqvist", "{other}");
    let resume = other["resume"].to_string();
    assert!(resume.contains("skills") && other.get("contact").is_none(), "{other}");
    for contact in ["lindqvist@", "0142", "github.com"] {
        assert!(!resume.contains(contact), "contact is due once they accepted: {resume}");
    }
    // Without the consent nobody sees anything any more.
    let consent = format!("/candidates/{}/consent", room.candidate);
    let ended = room
        .candidate_side
        .write(&room.world.app, "DELETE", &consent, json!({}))
        .await;
    assert!(ended.status.is_success(), "{}", ended.body);
    assert_eq!(
        room.world.get(&room.job_side, &path).await.problem(403),
        "consent-missing"
    );
}

#[tokio::test]
async fn skills_and_firms_do_not_say_who_somebody_is_before_their_name_is_due() {
    let mut room = Room::new("even").await;
    let resume = ENGINEER.replace(
        "SKILLS\n",
        "SKILLS\nmara.lindqvist@example.com, Mara Lindqvist, github.com/maralindqvist, ",
    );
    let resume = resume.replace(
        "EXPERIENCE\n",
        "EXPERIENCE\nEngineer, Mara Lindqvist Consulting\n2010 - 2011\n\n",
    );
    assert_ne!(resume, ENGINEER);
    room.open("even", &resume).await;
    room.both_sign().await;
    let _ = room.submit().await.expect(201);
    let path = format!("/deals/{}/candidates/{}", room.deal, room.candidate);
    let seen = room.world.get(&room.job_side, &path).await.expect(200);
    assert!(!seen["skills"].as_array().unwrap().is_empty(), "{seen}");
    assert!(!seen["experience"].as_array().unwrap().is_empty(), "{seen}");
    let lower = seen.to_string().to_lowercase();
    assert!(!lower.contains("lindqvist"), "{seen}");
}

#[tokio::test]
async fn whether_somebody_is_claimed_is_told_and_by_whom_is_not() {
    let room = Room::signed("even").await;
    let path = format!("/deals/{}/claim-checks", room.deal);
    let ask = async |body: Value| room.candidate_side.write(&room.world.app, "POST", &path, body).await;
    let mail = json!({ "email": "Mara.Lindqvist@example.com " });
    assert_eq!(ask(mail.clone()).await.expect(200)["claimed"], false);
    let _ = room.submit().await.expect(201);
    let answer = ask(mail.clone()).await.expect(200);
    assert_eq!(answer["claimed"], true, "the résumé's address counts");
    assert_eq!(
        answer.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["asks_left", "claimed"]
    );
    assert_eq!(
        ask(json!({ "phone": "+1 512 555-0142" })).await.expect(200)["claimed"],
        true
    );
    assert_eq!(
        ask(json!({ "phone": "512 555 0142" })).await.problem(422),
        "invalid-body"
    );
    let outsider = room.job_side.write(&room.world.app, "POST", &path, mail.clone()).await;
    assert_eq!(outsider.problem(403), "forbidden", "who cannot submit does not ask");
    for _ in 0..40 {
        let _ = ask(mail.clone()).await;
    }
    assert_eq!(ask(mail).await.problem(429), "too-many-requests");
    for item in room.world.table.items() {
        let claim = item
            .get("pk")
            .and_then(|pk| pk.as_s().ok())
            .is_some_and(|pk| pk.starts_with("CLAIMS#"));
        assert!(!claim || !format!("{item:?}").contains("lindqvist"), "{item:?}");
    }
}

#[tokio::test]
async fn who_submitted_first_owns_also_across_deals() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    // Another agency has the same person, and a deal with the same employer.
    let rival = Person::named("rival");
    let rival_tenant = room.world.tenant(&rival, "agency", "Rival").await;
    let theirs = room.world.candidate(&rival, "M. Lindqvist").await;
    let mut terms = room.terms("even").await;
    terms["parties"][1]["tenant"] = json!(rival_tenant);
    let made = room
        .job_side
        .write(&room.world.app, "POST", "/deals", json!({ "terms": terms }))
        .await
        .expect(201);
    let moves = format!("/deals/{}/moves", text(&made["id"]));
    let open = &made["proposed"];
    for who in [&rival, &room.job_side] {
        let sign = json!({ "kind": "signed", "terms_version": open["terms"]["version"], "terms_hash": open["hash"] });
        let _ = who.write(&room.world.app, "POST", &moves, sign).await.expect(201);
    }
    let submitted = json!({
        "kind": "submitted", "candidate": theirs, "source": "member", "contact": { "email": "mara.lindqvist@example.com" },
    });
    let _ = rival
        .write(&room.world.app, "POST", &moves, submitted)
        .await
        .expect(201);
    let placed = json!({
        "kind": "placed", "candidate": theirs, "accepted_on": Room::days(0), "starts_on": Room::days(3),
        "pay": { "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" },
    });
    let refused = room.job_side.write(&room.world.app, "POST", &moves, placed).await;
    assert_eq!(refused.clone().problem(422), "refused-by-terms", "{}", refused.body);
    let _ = room.place().await.expect(201);
}

#[tokio::test]
async fn who_takes_no_part_knows_of_nothing() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let stranger = Person::named("stranger");
    room.world.tenant(&stranger, "agency", "Elsewhere").await;
    for path in ["", "/facts", "/settlement"] {
        let answer = room.world.get(&stranger, &format!("/deals/{}{path}", room.deal)).await;
        assert_eq!(answer.problem(404), "not-found", "{path}");
    }
    assert_eq!(
        room.tell(
            &stranger,
            json!({ "kind": "noted", "candidate": null, "text": "hello" })
        )
        .await
        .problem(404),
        "not-found"
    );
    assert_eq!(
        room.world.get(&stranger, "/deals").await.expect(200)["items"],
        json!([])
    );
    let client = room.view(&room.employer).await;
    assert!(
        client["candidates"].as_array().is_some_and(|all| all.len() == 1),
        "{client}"
    );
    let hidden = [&client["in_force"], &client["signatures"]];
    assert_eq!(
        hidden,
        [&Value::Null, &json!([])],
        "how its fee is shared is not the client's business"
    );
    for path in ["facts", "settlement"] {
        let path = format!("/deals/{}/{path}", room.deal);
        assert_eq!(room.world.get(&room.employer, &path).await.problem(403), "forbidden");
        let _ = room.world.get(&room.arbiter, &path).await.expect(200);
    }
    assert!(room.view(&room.arbiter).await["in_force"].is_object());
    let paid = json!({ "kind": "payment_received", "invoice": "1", "amount": { "minor_units": 1, "currency": "USD" } });
    let said = room.tell(&room.job_side, paid).await;
    assert!(
        said.status.is_client_error(),
        "nobody says that they were paid: {}",
        said.body
    );
}

#[tokio::test]
async fn what_is_wrong_with_terms_is_said_field_by_field() {
    let room = Room::new("even").await;
    let propose = async |change: &dyn Fn(&mut Value)| {
        let mut terms = room.terms("even").await;
        change(&mut terms);
        room.job_side
            .write(&room.world.app, "POST", "/deals", json!({ "terms": terms }))
            .await
    };
    let shares = propose(&|terms| terms["parties"][0]["share"] = json!("40%")).await;
    assert_eq!(shares.clone().problem(422), "invalid-body");
    assert!(
        shares.body["errors"][0]["field"]
            .as_str()
            .unwrap()
            .starts_with("terms."),
        "{}",
        shares.body
    );
    for (field, value) in [
        ("currency", json!("XXX")),
        ("time_zone", json!("Mars/Olympus")),
        ("employer", json!("ten_0192f3a4b5c67d8e9fa0b1c2d3e4f506")),
        ("job", json!("job_0192f3a4b5c67d8e9fa0b1c2d3e4f506")),
        ("surprise", json!(1)),
    ] {
        let wrong = propose(&|terms| terms[field] = value.clone()).await;
        assert_eq!(wrong.clone().problem(422), "invalid-body", "{field}: {}", wrong.body);
    }
    let stale = json!({ "kind": "signed", "terms_version": 2, "terms_hash": "0".repeat(64) });
    assert_eq!(
        room.tell(&room.candidate_side, stale).await.problem(409),
        "stale-version"
    );
    let closed = room
        .tell(
            &room.job_side,
            json!({ "kind": "closed", "reason": "no longer needed" }),
        )
        .await
        .expect(201);
    assert_eq!(closed["state"], "closed");
    assert!(
        !closed["legal"].as_array().unwrap().contains(&json!("noted")),
        "{closed}"
    );
    let late = room
        .tell(
            &room.job_side,
            json!({ "kind": "noted", "candidate": null, "text": "wait" }),
        )
        .await;
    assert_eq!(late.problem(409), "wrong-state", "a closed deal moves no more");
}

#[tokio::test]
async fn two_who_write_at_once_both_get_through() {
    let room = Room::signed("even").await;
    let notes = (0..8).map(|n| {
        let what = json!({ "kind": "noted", "candidate": null, "text": format!("note {n}") });
        room.tell(&room.job_side, what)
    });
    let answers = futures_util::future::join_all(notes).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    let facts = room
        .world
        .get(&room.job_side, &format!("/deals/{}/facts", room.deal))
        .await
        .expect(200);
    assert_eq!(facts["facts"].as_array().unwrap().len(), 3 + 8);
    // And the same note sent twice under one key is one note.
    let path = format!("/deals/{}/moves", room.deal);
    let what = json!({ "kind": "noted", "candidate": null, "text": "once" });
    for _ in 0..2 {
        let _ = room
            .job_side
            .write_once(&room.world.app, "POST", &path, "note", what.clone())
            .await
            .expect(201);
    }
    let other = json!({ "kind": "noted", "candidate": null, "text": "another" });
    let reused = room
        .job_side
        .write_once(&room.world.app, "POST", &path, "note", other)
        .await;
    assert_eq!(reused.problem(422), "idempotency-key-reused");
    assert_eq!(room.view(&room.job_side).await["facts"], 3 + 8 + 1);
}

#[tokio::test]
async fn a_simulation_says_who_gets_what_when() {
    let room = Room::new("even").await;
    let terms = room.terms("even").await;
    let scenario = json!({
        "source": "member", "starts_on": "2026-01-15",
        "pay": { "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" },
        "steps": [],
    });
    let body = json!({ "terms": terms, "scenario": scenario });
    let outcome = room
        .job_side
        .write(&room.world.app, "POST", "/deal-simulations", body)
        .await
        .expect(200);
    assert!(outcome["totals"].is_array(), "{outcome}");
}

#[tokio::test]
async fn a_payment_event_has_one_effect_however_often_it_comes() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    let (first, second) = (room.payment("evt_1", 1_000_000), room.payment("evt_2", 2_333_333));
    let other =
        json!({ "id": "evt_3", "type": "account.updated", "livemode": false, "data": { "object": {} } }).to_string();
    let lost = room
        .payment("evt_4", 5)
        .replace(&room.deal, "dea_0192f3a4b5c67d8e9fa0b1c2d3e4f506");
    for round in 0..5 {
        let mut events = [&first, &second, &other, &lost];
        events.rotate_left(round % 4);
        for event in events {
            let outcome = text(&room.event(event).await.expect(200)["outcome"]);
            let due = match event {
                event if event == &other => "ignored",
                event if event == &lost => "there is no such deal",
                _ => "booked",
            };
            assert_eq!(outcome, due);
        }
    }
    let more = room.event(&room.payment("evt_5", 1)).await.expect(200);
    assert_ne!(more["outcome"], "booked", "more than is owed: {more}");
    room.world.settle().await;
    room.settle_in(6).await;
    assert_eq!(room.view(&room.job_side).await["state"], "paid");
    let cash = Account::network(Kind::Cash, inventure_core::Currency::USD, &room.deal.parse().unwrap()).unwrap();
    assert_eq!(room.balance(cash).await, 3_333_333);
}

#[tokio::test]
async fn nobody_else_can_say_that_money_came() {
    let room = Room::signed("even").await;
    let app = &room.world.app;
    let body = room.payment("evt_1", 1);
    let now = inventure_api::clock::now().as_second();
    let sign = |secret: &str, at: i64| inventure_payments::signature::sign(body.as_bytes(), secret.as_bytes(), at);
    for header in [
        String::new(),
        sign("guessed", now),
        sign(SECRET, now - 301),
        sign(SECRET, now + 302),
    ] {
        let headers = [("stripe-signature", header.as_str())];
        let answer = Person::nobody()
            .send(app, "POST", "/payment-events", &headers, body.clone())
            .await;
        assert_eq!(answer.problem(401), "unauthenticated", "{header}");
    }
    let live = body.replace("\"livemode\":false", "\"livemode\":true");
    assert_eq!(
        room.event(&live).await.problem(422),
        "invalid-body",
        "a live event in a test deployment"
    );
    assert_eq!(room.event("{}").await.problem(422), "invalid-body");
}

#[tokio::test]
async fn a_statement_verifies_offline_and_a_changed_one_does_not() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.pay(3_333_333).await;
    room.settle_in(6).await;
    let accounts = room.world.get(&room.job_side, "/accounts").await.expect(200);
    assert_eq!(accounts[1]["balance_text"], "USD 15,833.34", "{accounts}");
    let path = format!("/statements/{}", text(&accounts[1]["account"]));
    let document = async |who: &Person, path: &str| {
        let answer = room.world.get(who, path).await.expect(200);
        canonical::encode(&answer).unwrap()
    };
    let unsealed = document(&room.job_side, &path).await;
    assert!(verify(unsealed.as_bytes()).unwrap().sealed.is_none());
    let now = inventure_api::clock::now();
    let today = sealer::day_before(now).unwrap();
    let seal = sealer::run(&room.world.store_of("sealer"), &*room.world.seals, today, now)
        .await
        .unwrap();
    let again = sealer::run(&room.world.store_of("sealer"), &*room.world.seals, today, now)
        .await
        .unwrap();
    assert_eq!(seal, again, "a day is sealed once");
    let published = room.world.get(&Person::nobody(), "/seals/latest").await.expect(200);
    assert_eq!(published["root"], seal.root.to_string().as_str());
    let sealed = document(&room.job_side, &path).await;
    let summary = verify(sealed.as_bytes()).unwrap();
    assert_eq!(summary.sealed.as_ref().map(|sealed| sealed.root), Some(seal.root));
    assert_eq!(summary.balance.minor_units, 1_583_334);
    // The encoded form of the same path.
    let encoded = format!("/statements/{}", text(&accounts[1]["account"]).replace('/', "%2F"));
    assert_eq!(document(&room.job_side, &encoded).await, sealed);
    let mut forged: Statement = serde_json::from_str(&sealed).unwrap();
    forged.entries[0].change_minor_units += 1;
    assert!(verify(forged.encode().unwrap().as_bytes()).is_err());
    let foreign = room.world.get(&room.candidate_side, &path).await;
    assert_eq!(foreign.problem(404), "not-found", "another tenant's account");
    for none in [
        "network/00/cash/USD",
        "nothing",
        "broker/ten_0192f3a4b5c67d8e9fa0b1c2d3e4f506/available/USD",
    ] {
        assert_eq!(
            room.world
                .get(&room.job_side, &format!("/statements/{none}"))
                .await
                .problem(404),
            "not-found",
            "{none}"
        );
    }
    let client = format!("/statements/client/{}/receivable/USD", room.deal);
    let summary = verify(document(&room.employer, &client).await.as_bytes()).unwrap();
    assert_eq!((summary.balance.minor_units, summary.entries), (0, 2));
    let csv = room.world.get(&room.job_side, &format!("{path}?format=csv")).await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let after = document(&room.job_side, &format!("{path}?after=1")).await;
    assert_eq!(verify(after.as_bytes()).unwrap().opening_sequence, 1);
}
