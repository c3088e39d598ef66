//! Deals and their money on the deployed template.

use inventure_tests::{Person, Stack, fetch, id, payment_event, post_form, wait};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const JOB: &str = "We look for a machinist.\n\nRequirements:\n- five years at the lathe\n\nLocation: Leeds.";

/// A deal between two agencies, ready for its bill.
pub struct Room {
    pub stack: Stack,
    pub job_side: Person,
    pub candidate_side: Person,
    employer: Person,
    candidate: String,
    pub deal: String,
    today: String,
    pub tenants: [String; 2],
}

impl Room {
    pub fn placed() -> Self {
        let stack = Stack::running();
        let (job_side, one) = stack.agency("job-side");
        let (candidate_side, two) = stack.agency("candidate-side");
        let (_, arbiter) = stack.agency("arbiter");
        let (client, employer) = stack.tenant("employer", "employer");
        let job = json!({ "title": "Machinist", "description": JOB });
        let job = id(&job_side.write("POST", "/jobs", &job).expect(201));
        let parts = json!({
            "template": "even", "job": job, "employer": employer, "job_side": one, "candidate_side": two,
            "arbiter": arbiter, "currency": "USD", "time_zone": "Europe/London",
        });
        let mut terms = job_side.write("POST", "/deal-templates", &parts).expect(200);
        terms["payment"] = json!({ "hours": 0 });
        let made = job_side.write("POST", "/deals", &json!({ "terms": terms })).expect(201);
        let today = made["created_at"].as_str().unwrap().split('T').next().unwrap();
        let room = Self {
            stack,
            deal: id(&made),
            today: today.to_owned(),
            tenants: [one, two],
            candidate: candidate_side.candidate("Ida Placed"),
            job_side,
            candidate_side,
            employer: client,
        };
        let sign = json!({ "kind": "signed", "terms_version": 1, "terms_hash": made["proposed"]["hash"] });
        let _ = room.tell(&room.candidate_side, &sign).expect(201);
        let _ = room.tell(&room.job_side, &sign).expect(201);
        let person = &room.candidate;
        let contact = json!({ "email": format!("{}@example.com", room.deal) });
        let submit = json!({ "kind": "submitted", "candidate": person, "source": "member", "contact": contact });
        let _ = room.tell(&room.candidate_side, &submit).expect(201);
        let placed = json!({
            "kind": "placed", "candidate": person, "accepted_on": room.today, "starts_on": room.today,
            "pay": { "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" },
        });
        room.agreed(&placed);
        let bill = json!({
            "kind": "invoiced", "invoice": "1", "billed": "placement",
            "amount": { "minor_units": 3_333_333, "currency": "USD" },
        });
        let _ = room.tell(&room.job_side, &bill).expect(201);
        room
    }

    /// A report by the job's side that the two others confirm.
    fn agreed(&self, what: &Value) {
        let told = self.tell(&self.job_side, what).expect(201);
        let report = &told["assertions"].as_array().unwrap().last().unwrap()["fact"];
        let yes = json!({ "kind": "assertion_confirmed", "assertion": report });
        for who in [&self.candidate_side, &self.employer] {
            let _ = self.tell(who, &yes).expect(201);
        }
    }

    fn tell(&self, who: &Person, what: &Value) -> inventure_tests::Answer {
        who.write("POST", &format!("/deals/{}/moves", self.deal), what)
    }

    fn payment(&self, event: &str, units: i64) -> Value {
        json!({
            "id": format!("{event}_{}", self.deal), "type": "payment_intent.succeeded", "livemode": false,
            "data": { "object": {
                "id": format!("pi_{event}_{}", self.deal), "amount_received": units, "currency": "usd", "metadata": { "deal": self.deal, "invoice": "1" },
            } },
        })
    }
}

impl Room {
    /// Lets both brokers open an account at the processor.
    pub fn ready_for_payouts(&self) {
        for who in [&self.job_side, &self.candidate_side] {
            let body = json!({ "return_url": "https://app.example/payouts" });
            let account = who.write("POST", "/payout-account", &body).expect(200);
            assert_eq!(account["is_ready"], false);
            let page = self.stack.visit(account["onboarding_url"].as_str().unwrap());
            assert!(page.status < 400, "{page:?}");
            assert_eq!(who.get("/payout-account").expect(200)["is_ready"], true);
        }
    }

    /// Settles and pays what is due, now and not in a minute. A payment that waits because the processor gave no answer is asked for
    /// again at once.
    pub fn go_on(&self) {
        self.stack.send("SettlementQueueUrl", r#"{"sweep":true}"#);
        for tenant in &self.tenants {
            let pay = json!({ "pay": { "deal": self.deal, "tenant": tenant } });
            self.stack.send("PayoutsQueueUrl", &pay.to_string());
        }
        self.stack.send("PayoutsQueueUrl", r#"{"plan":{}}"#);
        std::thread::park_timeout(std::time::Duration::from_millis(700));
    }

    /// Returns the processor's objects of one kind that are of this deal.
    pub fn at_processor(&self, kind: &str, is_own: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut all = self.stack.processor_state()[kind].as_array().cloned().unwrap();
        all.retain(is_own);
        all
    }
}

#[test]
fn brokers_are_paid_once_and_pay_back_once_though_the_processor_fails_after_it_has_done_it() {
    let room = Room::placed();
    room.ready_for_payouts();
    let faults = json!({ "faults": [
        { "kind": "server_error", "after_effect": true }, { "kind": "rate_limit" }, { "kind": "duplicate_event" },
    ] });
    let _ = room.stack.processor("/_test/faults", &faults).expect(200);
    // Other tests say that money came, and none did: this is for theirs.
    let others = json!({ "amount": 50_000_000, "currency": "usd" });
    let _ = room.stack.processor("/_test/payments", &others).expect(200);
    let payment = json!({
        "amount": 3_333_333, "currency": "usd", "metadata": { "deal": room.deal, "invoice": "1" },
    });
    let _ = room.stack.processor("/_test/payments", &payment).expect(200);
    for who in [&room.job_side, &room.candidate_side] {
        wait("a payout to be settled", || {
            room.go_on();
            let payouts = who.get("/payouts").expect(200);
            (payouts[0]["status"] == "settled").then_some(())
        });
    }
    // Some more rounds change nothing.
    for _ in 0..3 {
        room.go_on();
    }
    let own_transfer = |transfer: &Value| transfer["transfer_group"] == room.deal.as_str();
    let transfers = room.at_processor("transfers", own_transfer);
    assert_eq!(transfers.len(), 2, "one transfer for each broker: {transfers:?}");
    let both = |kind| [units(&room.job_side, kind), units(&room.candidate_side, kind)];
    assert_eq!(both("available"), [0, 0]);

    // The candidate leaves on the first day: what was paid goes back the way it came, and the client has all of it.
    let _ = room.stack.processor("/_test/faults", &faults).expect(200);
    let left = json!({ "kind": "fell_off", "last_day": room.today, "reason": "resigned" });
    room.agreed(&left);
    let own_refund = |refund: &Value| refund["metadata"]["order"].as_str().unwrap().contains(&room.deal);
    wait("the client to be paid back", || {
        room.go_on();
        let is_back = !room.at_processor("refunds", own_refund).is_empty() && both("debt") == [0, 0];
        is_back.then_some(())
    });
    for _ in 0..3 {
        room.go_on();
    }
    let deal = room.job_side.get(&format!("/deals/{}", room.deal)).expect(200);
    let credited = deal["invoices"][0]["credited_minor_units"].as_i64().unwrap();
    let refunds = room.at_processor("refunds", own_refund);
    assert_eq!(refunds.len(), 1, "{refunds:?}");
    assert_eq!(refunds[0]["amount"], credited);
    let transfers = room.at_processor("transfers", own_transfer);
    let number = |transfer: &Value, name: &str| transfer[name].as_i64().unwrap();
    let kept = transfers
        .iter()
        .map(|of| number(of, "amount") - number(of, "amount_reversed"));
    let kept: i64 = kept.sum();
    assert!(kept < 166_667 && credited > 3_000_000, "{kept} of {credited}");
    assert_eq!((both("available"), both("debt")), ([0, 0], [0, 0]));
}

#[test]
fn an_operator_sees_whether_the_books_and_the_processor_agree() {
    let stack = Stack::running();
    let person = stack.person("operator");
    let said = stack.xtask(&["operator", &person.email]).unwrap();
    let token = said.split('"').rev().nth(1).unwrap().to_owned();
    let thief = stack.person("thief");
    let accept = json!({ "token": token });
    assert_eq!(thief.write("POST", "/invitations/accept", &accept).status, 404);
    let member = person.write("POST", "/invitations/accept", &accept).expect(201);
    assert_eq!(member["role"], "operator");
    stack.send("PayoutsQueueUrl", r#"{"reconcile":{}}"#);
    let newest = wait("a reconciliation", || {
        let all = person.get("/reconciliations").expect(200);
        (!all.as_array().unwrap().is_empty()).then(|| all[0].clone())
    });
    // What there is differs with what the other tests have done by now; that both sides were looked at does not.
    assert!(
        newest["balances"].is_array() && newest["compared"].is_number(),
        "{newest}"
    );
    let (broker, _) = stack.agency("curious");
    assert_eq!(broker.get("/reconciliations").status, 403);
    assert_eq!(broker.get("/reports/revenue?from=2026-01-01&to=2026-12-31").status, 403);
    let _ = person.get("/reports/revenue?from=2026-01-01&to=2026-12-31").expect(200);
}

fn account(who: &Person, kind: &str) -> Value {
    let accounts = who.get("/accounts").expect(200);
    let mut accounts = accounts.as_array().cloned().unwrap().into_iter();
    accounts.find(|account| account["kind"] == kind).unwrap()
}

fn units(who: &Person, kind: &str) -> i64 {
    account(who, kind)["balance"]["minor_units"].as_i64().unwrap()
}

#[test]
fn money_comes_and_is_shared_once_whatever_is_delivered_twice() {
    let room = Room::placed();
    wait("the shares to be reserved", || {
        (units(&room.job_side, "reserved") == 1_583_334).then_some(())
    });
    let secret = room.stack.secret("PaymentWebhookSecretArn");
    let payments = [room.payment("evt_b", 2_333_333), room.payment("evt_a", 1_000_000)];
    for _ in 0..3 {
        for payment in &payments {
            let answer = payment_event(&room.stack, &secret, payment).expect(200);
            assert_eq!(answer["outcome"], "booked");
        }
    }
    assert_eq!(payment_event(&room.stack, "guessed", &payments[0]).status, 401);
    wait("both to be paid", || {
        let both = [
            units(&room.job_side, "available"),
            units(&room.candidate_side, "available"),
        ];
        (both == [1_583_334, 1_583_333]).then_some(())
    });
    // The same messages again, and a sweep: nothing moves twice.
    room.stack.send("SettlementQueueUrl", r#"{"sweep":true}"#);
    let moved = json!({
        "detail": {
            "id": "evt_0198c7a2e0b07a31b2d4c6e8fa0c1e68", "type": "DealMoved", "version": 1,
            "occurred_at": "2026-01-15T09:30:00Z", "correlation_id": "test",
            "data": {
                "deal_id": room.deal, "fact_id": "evt_0198c7a2e0b07a31b2d4c6e8fa0c1e56", "kind": "placed", "state": "placed",
                "tenants": [],
            },
        },
    });
    room.stack.send("SettlementQueueUrl", &moved.to_string());
    let note = json!({ "kind": "noted", "candidate": null, "text": "thank you" });
    let _ = room.tell(&room.job_side, &note).expect(201);
    std::thread::park_timeout(std::time::Duration::from_secs(3));
    assert_eq!(
        [units(&room.job_side, "available"), units(&room.job_side, "reserved")],
        [1_583_334, 0]
    );
    let dead = room
        .stack
        .take("SettlementDlqUrl", |message| message.contains(&room.deal));
    assert!(dead.is_empty(), "{dead:?}");
    let account = account(&room.job_side, "available");
    let path = format!("/statements/{}", account["account"].as_str().unwrap());
    let statement = room.job_side.get(&path).expect(200);
    // One release for each payment.
    assert_eq!(statement["entries"].as_array().unwrap().len(), 2, "{statement}");
    assert_eq!(statement["head"]["balance_minor_units"], "1583334");
    assert_eq!(room.candidate_side.get(&path).status, 404);
}

#[test]
fn a_document_goes_through_the_bucket_to_whom_it_is_for() {
    let room = Room::placed();
    let documents = format!("/deals/{}/documents", room.deal);
    let file = b"%PDF-1.7 what both signed";
    let sha256 = hex::encode(Sha256::digest(file));
    let new = json!({ "file_name": "Agreement é.pdf", "media_type": "application/pdf", "size_bytes": file.len() });
    let form = room.job_side.write("POST", &documents, &new).expect(201);
    let add = json!({ "kind": "document_added", "document": form["document_id"], "sha256": sha256 });
    let early = room.tell(&room.job_side, &add).expect(422);
    assert_eq!(
        early["errors"][0]["field"], "document",
        "not there is not the same as not allowed: {early}"
    );
    assert!(matches!(post_form(&form, file).status, 200 | 204));
    let _ = room.tell(&room.job_side, &add).expect(201);

    let path = format!("{documents}/{}", form["document_id"].as_str().unwrap());
    let opened = room.candidate_side.get(&path).expect(200);
    let url = opened["link"]["url"].as_str().unwrap();
    let found = fetch(url);
    assert_eq!((found.status, found.bytes.as_slice()), (200, file.as_slice()));
    assert_eq!(
        found.header("content-disposition"),
        "attachment; filename*=UTF-8''Agreement%20%C3%A9.pdf"
    );
    assert_eq!(found.header("content-type"), "application/pdf");
    let forged = url.replace("X-Amz-Signature=", "X-Amz-Signature=0");
    assert_eq!(fetch(&forged).status, 403);
    assert_eq!(fetch(url.split('?').next().unwrap()).status, 403, "without a signature");
    let _ = room.job_side.write("DELETE", &path, &json!({})).expect(200);
    assert_eq!(
        fetch(url).status,
        404,
        "an erased file is gone, also for who has a link"
    );
}

#[test]
fn a_candidate_gives_their_word_on_the_page_that_their_mail_leads_to() {
    let room = Room::placed();
    let address = format!("{}@example.com", room.deal);
    let resume = format!("Ida Placed\nMachinist\n{address}\n\nSKILLS\nLathe, milling\n");
    room.candidate_side
        .upload(&room.candidate, "ida.txt", resume.as_bytes());
    let _ = room.candidate_side.reading(&room.candidate);
    let links = format!("/deals/{}/candidates/{}/links", room.deal, room.candidate);
    let _ = room.candidate_side.write("POST", &links, &json!({})).expect(201);
    let mail = wait("the candidate's mail", || room.stack.mail_to(&address));
    let link = mail.split_whitespace().find(|word| word.contains('#')).unwrap();
    let (page, token) = link.split_once('#').unwrap();
    let shown = fetch(page);
    assert_eq!(
        (shown.status, shown.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(
        shown
            .header("content-security-policy")
            .starts_with("default-src 'none'; script-src 'sha256-")
    );
    let answer = json!({ "token": token, "answer": "confirm" });
    let said = room.stack.post(&format!("{page}/answers"), &answer).expect(200);
    let facts = room.job_side.get(&format!("/deals/{}/facts", room.deal)).expect(200);
    let mut facts = facts["facts"].as_array().unwrap().iter();
    let confirmed = facts.find(|fact| fact["what"]["kind"] == "confirmed");
    assert_eq!(confirmed.unwrap()["at"], said["recorded_at"]);
    let spoken = room.stack.log_lines();
    assert!(
        !spoken.iter().any(|(_, line)| line.contains(token)),
        "the secret is in no log"
    );
    assert!(
        !room.stack.table_text("MainTableName").contains(token),
        "and not in the table"
    );
}

#[test]
fn no_role_can_change_or_remove_what_is_in_the_ledger() {
    let stack = Stack::running();
    let table = stack.output("LedgerTableName").to_owned();
    let key = json!({ "pk": { "S": "LEDGER#TRANSACTION#none" }, "sk": { "S": "TRANSACTION" } });
    let change = json!({ "TableName": table, "Key": key, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": { ":v": { "S": "x" } } });
    let remove = json!({ "TableName": table, "Key": key });
    let many = json!({ "RequestItems": { &table: [{ "DeleteRequest": { "Key": key } }] } });
    let functions = stack.functions();
    assert!(functions.len() >= 16, "{functions:?}");
    for function in &functions {
        let role = stack.role_of(function);
        let attempts = [
            ("UpdateItem", change.clone()),
            ("DeleteItem", remove.clone()),
            ("BatchWriteItem", many.clone()),
            ("TransactWriteItems", json!({ "TransactItems": [{ "Update": change }] })),
            ("TransactWriteItems", json!({ "TransactItems": [{ "Delete": remove }] })),
            ("DeleteTable", json!({ "TableName": table })),
        ];
        for (operation, body) in attempts {
            let answer = stack.aws_as(&role, "dynamodb", &format!("DynamoDB_20120810.{operation}"), &body);
            let kind = answer.body["__type"].as_str().unwrap_or_default();
            assert!(
                kind.ends_with("AccessDeniedException"),
                "{function} {operation}: {answer:?}"
            );
        }
        // Who keeps no books does not even read them.
        let read = stack.aws_as(&role, "dynamodb", "DynamoDB_20120810.GetItem", &remove);
        let keeps = ["settlement", "statements", "payouts"].contains(&function.as_str());
        assert_eq!(read.status == 200, keeps, "{function}: {read:?}");
    }
}
