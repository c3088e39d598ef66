//! The stand-in through its HTTP interface, as a client of Stripe sees it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stripe_stand_in::{Options, StartError, Webhook, start};

const KEY: &str = "sk_test_stand_in";
const SECRET: &str = "whsec_stand_in";
const DEADLINE: Duration = Duration::from_secs(20);
/// How long is waited for what must not come.
const QUIET: Duration = Duration::from_millis(300);

/// An event as it reached the webhook.
struct Received {
    signature: String,
    body: String,
}

impl Received {
    fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    status: u16,
    replayed: bool,
    body: Value,
}

impl Answer {
    fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    fn check_error(&self, status: u16, kind: &str, code: Option<&str>, param: Option<&str>) {
        let error = &self.body["error"];
        let found = (
            self.status,
            error["type"].as_str(),
            error["code"].as_str(),
            error["param"].as_str(),
        );
        assert_eq!(found, (status, Some(kind), code, param), "{}", self.body);
        assert!(
            error["message"].as_str().is_some_and(|message| !message.is_empty()),
            "{}",
            self.body
        );
    }
}

/// A stand-in and a webhook, both of this test alone.
struct Stripe {
    url: String,
    received: Receiver<Received>,
    /// What the webhook answers next; 200 when there is nothing.
    statuses: Arc<Mutex<VecDeque<u16>>>,
}

fn take_event(stream: TcpStream, status: u16) -> Received {
    let mut reader = BufReader::new(stream);
    let (mut signature, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("stripe-signature") => value.clone_into(&mut signature),
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
            _ if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    reader.into_inner().write_all(answer.as_bytes()).unwrap();
    Received {
        signature,
        body: String::from_utf8(body).unwrap(),
    }
}

fn agent(timeout: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .proxy(None)
        .build();
    config.into()
}

fn answer(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, ureq::Error> {
    let mut answer = answer?;
    let text = answer.body_mut().read_to_string()?;
    Ok(Answer {
        status: answer.status().as_u16(),
        replayed: answer.headers().contains_key("idempotent-replayed"),
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    })
}

impl Stripe {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let webhook = format!("http://{}/payment-events", listener.local_addr().unwrap());
        let (sender, received) = channel();
        let statuses = Arc::new(Mutex::new(VecDeque::new()));
        let next = Arc::clone(&statuses);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let status = next.lock().unwrap().pop_front().unwrap_or(200);
                if sender.send(take_event(stream.unwrap(), status)).is_err() {
                    return;
                }
            }
        });
        let webhook = Webhook {
            url: webhook,
            secret: SECRET.to_owned(),
        };
        let server = start(Options {
            port: 0,
            key: KEY.to_owned(),
            webhook: Some(webhook),
        })
        .unwrap();
        Self {
            url: server.url().to_owned(),
            received,
            statuses,
        }
    }

    fn try_post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
        timeout: Duration,
    ) -> Result<Answer, ureq::Error> {
        let mut request = agent(timeout).post(format!("{}{path}", self.url));
        request = request.header("authorization", format!("Bearer {KEY}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.send_form(form.iter().copied()))
    }

    fn post(&self, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        self.try_post(path, headers, form, DEADLINE).unwrap()
    }

    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent(DEADLINE).get(format!("{}{path}", self.url));
        request = request.header("authorization", format!("Bearer {KEY}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.call()).unwrap()
    }

    /// Without a key, as the test controls are.
    fn control(&self, path: &str, body: &Value) -> Answer {
        let request = agent(DEADLINE).post(format!("{}/_test/{path}", self.url));
        answer(
            request
                .header("content-type", "application/json")
                .send(body.to_string()),
        )
        .unwrap()
    }

    fn state(&self) -> Value {
        answer(agent(DEADLINE).get(format!("{}/_test/state", self.url)).call())
            .unwrap()
            .ok()
    }

    fn pay(&self, amount: i64, currency: &str) -> Value {
        let metadata = json!({"deal": "deal_1", "invoice": "1"});
        let body = json!({"amount": amount, "currency": currency, "metadata": metadata});
        self.control("payments", &body).ok()
    }

    fn faults(&self, faults: &Value) {
        self.control("faults", &json!({"faults": faults})).ok();
    }

    /// An account whose onboarding is not complete.
    fn open_account(&self) -> String {
        let account = self
            .post("/v1/accounts", &[], &[("type", "express"), ("country", "US")])
            .ok();
        account["id"].as_str().unwrap().to_owned()
    }

    fn onboarding(&self, account: &str) -> String {
        let form = [
            ("account", account),
            ("type", "account_onboarding"),
            ("refresh_url", "https://app.example.com/again"),
            ("return_url", "https://app.example.com/done"),
        ];
        let link = self.post("/v1/account_links", &[], &form).ok();
        assert_eq!(link["object"], "account_link");
        link["url"].as_str().unwrap().to_owned()
    }

    /// An account that takes transfers.
    fn account(&self) -> String {
        let account = self.open_account();
        let done = answer(agent(DEADLINE).get(self.onboarding(&account)).call()).unwrap();
        assert_eq!(done.status, 200);
        self.event("account.updated");
        account
    }

    fn transfer(&self, amount: &str, destination: &str, headers: &[(&str, &str)]) -> Answer {
        self.post("/v1/transfers", headers, &transfer_form(amount, destination))
    }

    fn received(&self) -> Received {
        self.received.recv_timeout(DEADLINE).unwrap()
    }

    /// The next event, which is of this type.
    fn event(&self, kind: &str) -> Value {
        let event = self.received().event();
        assert_eq!(event["type"], kind);
        event
    }

    fn balance(&self, holder: &str, currency: &str) -> i64 {
        let headers: &[(&str, &str)] = if holder == "platform" {
            &[]
        } else {
            &[("stripe-account", holder)]
        };
        let balance = self.get("/v1/balance", headers).ok();
        assert_eq!(
            (&balance["object"], &balance["livemode"]),
            (&json!("balance"), &json!(false))
        );
        let available = balance["available"].as_array().unwrap();
        let of = available.iter().find(|entry| entry["currency"] == currency);
        of.map_or(0, |entry| entry["amount"].as_i64().unwrap())
    }
}

fn transfer_form<'a>(amount: &'a str, destination: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("amount", amount),
        ("currency", "usd"),
        ("destination", destination),
        ("transfer_group", "deal_1"),
        ("description", "A share & more = 50 %"),
        ("metadata[entry]", "7"),
    ]
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

/// HMAC as RFC 2104 defines it, by nothing but the hash.
fn hmac(key: &[u8], message: &[u8]) -> String {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize();
    hex::encode(outer)
}

// Who may ask.

#[test]
fn only_its_key_is_accepted() {
    let stripe = Stripe::new();
    let balance = |authorization: Option<&str>| {
        let mut request = agent(DEADLINE).get(format!("{}/v1/balance", stripe.url));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        answer(request.call()).unwrap()
    };
    // `printf 'sk_test_stand_in:' | base64`, and the same with `sk_test_other:`.
    balance(Some("Basic c2tfdGVzdF9zdGFuZF9pbjo=")).ok();
    balance(Some("Bearer sk_test_stand_in")).ok();
    for wrong in [
        None,
        Some("Bearer sk_test_other"),
        Some("Bearer sk_live_stand_in"),
        Some("Basic c2tfdGVzdF9vdGhlcjo="),
        Some("Basic ???"),
        Some("sk_test_stand_in"),
    ] {
        balance(wrong).check_error(401, "invalid_request_error", None, None);
    }
    let without = agent(DEADLINE)
        .post(format!("{}/v1/accounts", stripe.url))
        .send_form([("type", "express")]);
    assert_eq!(answer(without).unwrap().status, 401);
    assert_eq!(stripe.state()["accounts"], json!({}), "nothing happens without a key");
}

#[test]
fn live_keys_are_refused() {
    let options = |key: &str, webhook: Option<(&str, &str)>| Options {
        port: 0,
        key: key.to_owned(),
        webhook: webhook.map(|(url, secret)| Webhook {
            url: url.to_owned(),
            secret: secret.to_owned(),
        }),
    };
    let refused = |options: Options| start(options).err();
    assert!(matches!(refused(options("sk_live_1", None)), Some(StartError::LiveKey)));
    let secret = Some(("http://127.0.0.1:1", "sk_live_1"));
    assert!(matches!(refused(options(KEY, secret)), Some(StartError::LiveKey)));
    assert!(matches!(
        refused(options("rk_live_1", None)),
        Some(StartError::NotATestKey)
    ));
    let tls = Some(("https://example.com", SECRET));
    assert!(matches!(refused(options(KEY, tls)), Some(StartError::WebhookNotHttp)));

    let program = env!("CARGO_BIN_EXE_stripe-stand-in");
    let output = Command::new(program)
        .args(["--key", "sk_live_secret"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("live key") && !said.contains("sk_live_secret"), "{said}");
}

#[test]
fn the_program_says_where_it_listens() {
    let program = env!("CARGO_BIN_EXE_stripe-stand-in");
    let mut child = Command::new(program)
        .args(["--port", "0", "--key", KEY])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.strip_prefix("listening on ").unwrap().trim_end();
    let request = agent(DEADLINE)
        .get(format!("{url}/v1/balance"))
        .header("authorization", format!("Bearer {KEY}"));
    let answered = answer(request.call());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert_eq!(answered.unwrap().status, 200);
}

// The endpoints.

#[test]
fn an_account_is_onboarded_through_its_link() {
    let stripe = Stripe::new();
    let form = [
        ("type", "express"),
        ("country", "DE"),
        ("email", "ada@example.com"),
        ("capabilities[transfers][requested]", "true"),
        ("capabilities[card_payments][requested]", "false"),
        ("metadata[member]", "m 1"),
    ];
    let made = stripe.post("/v1/accounts", &[], &form).ok();
    let account = id(&made).to_owned();
    assert!(account.starts_with("acct_"));
    assert_eq!(made["object"], "account");
    assert_eq!(made["country"], "DE");
    assert_eq!(made["email"], "ada@example.com");
    assert_eq!(made["metadata"], json!({"member": "m 1"}));
    assert_eq!(made["capabilities"], json!({"transfers": "inactive"}));
    assert!(made["created"].is_i64());
    let enabled = |account: &Value| {
        ["charges_enabled", "payouts_enabled", "details_submitted"].map(|name| account[name].as_bool().unwrap())
    };
    assert_eq!(enabled(&made), [false; 3]);

    let link = stripe.onboarding(&account);
    assert!(link.starts_with(&stripe.url));
    let open = || agent(DEADLINE).get(&link).call().unwrap().status();
    assert_eq!(open(), 200);
    let event = stripe.event("account.updated");
    assert_eq!(event["account"], account.as_str());
    assert_eq!(enabled(&event["data"]["object"]), [true; 3]);
    let read = stripe.get(&format!("/v1/accounts/{account}"), &[]).ok();
    assert_eq!(enabled(&read), [true; 3]);
    assert_eq!(read["capabilities"], json!({"transfers": "active"}));
    assert_eq!(open(), 410, "a link works once");
}

#[test]
fn accounts_and_links_refuse_what_they_do_not_know() {
    let stripe = Stripe::new();
    let invalid = "invalid_request_error";
    stripe
        .get("/v1/accounts/acct_none", &[])
        .check_error(403, invalid, Some("account_invalid"), None);
    let misspelt = stripe.post("/v1/accounts", &[], &[("emial", "ada@example.com")]);
    misspelt.check_error(400, invalid, Some("parameter_unknown"), Some("emial"));
    let long = "x".repeat(501);
    let metadata = stripe.post("/v1/accounts", &[], &[("metadata[a]", long.as_str())]);
    metadata.check_error(400, invalid, None, Some("metadata"));
    assert_eq!(stripe.state()["accounts"], json!({}));

    let link = |account: &str, kind: &str, form: &[(&str, &str)]| {
        stripe.post(
            "/v1/account_links",
            &[],
            &[&[("account", account), ("type", kind)], form].concat(),
        )
    };
    let urls = [
        ("refresh_url", "https://a.example.com"),
        ("return_url", "https://b.example.com"),
    ];
    link("acct_none", "account_onboarding", &urls).check_error(400, invalid, Some("resource_missing"), Some("account"));
    let account = stripe.open_account();
    link(&account, "other", &urls).check_error(400, invalid, None, Some("type"));
    link(&account, "account_onboarding", &urls[..1]).check_error(
        400,
        invalid,
        Some("parameter_missing"),
        Some("return_url"),
    );
    stripe.get("/v1/charges", &[]).check_error(404, invalid, None, None);
    stripe
        .post("/v1/charges", &[], &[])
        .check_error(404, invalid, None, None);
    let removed = agent(DEADLINE).delete(format!("{}/v1/accounts/{account}", stripe.url));
    let removed = answer(removed.header("authorization", format!("Bearer {KEY}")).call()).unwrap();
    removed.check_error(404, invalid, None, None);
}

#[test]
fn money_goes_out_and_comes_back() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let paid = stripe.pay(10_000, "usd");
    assert!(id(&paid).starts_with("pi_"));
    let event = stripe.event("payment_intent.succeeded");
    assert_eq!(event["data"]["object"], paid);
    assert_eq!(
        (&paid["amount_received"], &paid["currency"]),
        (&json!(10_000), &json!("usd"))
    );
    assert_eq!(paid["metadata"], json!({"deal": "deal_1", "invoice": "1"}));
    assert_eq!((&event["object"], &event["livemode"]), (&json!("event"), &json!(false)));

    let made = stripe.transfer("6000", &account, &[]).ok();
    let transfer = id(&made).to_owned();
    assert!(transfer.starts_with("tr_"));
    let expected = json!({
        "object": "transfer", "amount": 6000, "amount_reversed": 0, "currency": "usd", "destination": account,
        "transfer_group": "deal_1", "description": "A share & more = 50 %", "metadata": {"entry": "7"},
        "livemode": false, "reversed": false, "source_transaction": null,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(stripe.event("transfer.created")["data"]["object"], made);
    let path = format!("/v1/transfers/{transfer}");
    assert_eq!(stripe.get(&path, &[]).ok(), made);
    assert_eq!(
        (stripe.balance("platform", "usd"), stripe.balance(&account, "usd")),
        (4000, 6000)
    );

    let reversals = format!("{path}/reversals");
    let part = stripe
        .post(&reversals, &[], &[("amount", "1000"), ("metadata[why]", "fall-off")])
        .ok();
    assert!(id(&part).starts_with("trr_"));
    assert_eq!(
        (&part["object"], &part["amount"]),
        (&json!("transfer_reversal"), &json!(1000))
    );
    assert_eq!(
        (&part["transfer"], &part["metadata"]),
        (&json!(transfer), &json!({"why": "fall-off"}))
    );
    let event = stripe.event("transfer.reversed");
    assert_eq!(event["data"]["object"]["amount_reversed"], 1000);
    assert_eq!(event["data"]["object"]["reversed"], false);
    stripe
        .post(&reversals, &[], &[("amount", "5001")])
        .check_error(400, "invalid_request_error", None, Some("amount"));

    let rest = stripe.post(&reversals, &[], &[]).ok();
    assert_eq!(rest["amount"], 5000, "without an amount, all that is left");
    let read = stripe.get(&path, &[]).ok();
    assert_eq!(
        (&read["amount_reversed"], &read["reversed"]),
        (&json!(6000), &json!(true))
    );
    assert_eq!(read["reversals"]["data"], json!([rest, part]));
    stripe
        .post(&reversals, &[], &[])
        .check_error(400, "invalid_request_error", None, Some("amount"));
    assert_eq!(
        (stripe.balance("platform", "usd"), stripe.balance(&account, "usd")),
        (10_000, 0)
    );
}

#[test]
fn transfers_say_why_they_are_refused() {
    let stripe = Stripe::new();
    let invalid = "invalid_request_error";
    let (open, account) = (stripe.open_account(), stripe.account());
    stripe.pay(1000, "usd");
    let check = |amount: &str, destination: &str, code: &str, param: Option<&str>| {
        stripe
            .transfer(amount, destination, &[])
            .check_error(400, invalid, Some(code), param);
    };
    check("1001", &account, "balance_insufficient", None);
    check("100", "acct_none", "resource_missing", Some("destination"));
    check(
        "100",
        &open,
        "insufficient_capabilities_for_transfer",
        Some("destination"),
    );
    for amount in ["0", "-5", "1.5", "ten", "99999999999999999999"] {
        check(amount, &account, "parameter_invalid_integer", Some("amount"));
    }
    check("", &account, "parameter_missing", Some("amount"));
    check("100", "", "parameter_missing", Some("destination"));
    check("9999999999999", &account, "amount_too_large", Some("amount"));
    for currency in ["USD", "us", "dollar", "u$d"] {
        let form = [
            ("amount", "1"),
            ("currency", currency),
            ("destination", account.as_str()),
        ];
        stripe
            .post("/v1/transfers", &[], &form)
            .check_error(400, invalid, None, Some("currency"));
    }
    let other = [("amount", "1"), ("currency", "jpy"), ("destination", account.as_str())];
    let other = stripe.post("/v1/transfers", &[], &other);
    other.check_error(400, invalid, Some("balance_insufficient"), None);
    stripe
        .get("/v1/transfers/tr_none", &[])
        .check_error(404, invalid, Some("resource_missing"), Some("id"));
    let reversal = stripe.post("/v1/transfers/tr_none/reversals", &[], &[]);
    reversal.check_error(404, invalid, Some("resource_missing"), Some("id"));
    assert_eq!(stripe.state()["transfers"], json!([]));
    assert_eq!(stripe.balance("platform", "usd"), 1000);
}

#[test]
fn payouts_empty_an_account_and_reversals_need_what_is_left() {
    let stripe = Stripe::new();
    let invalid = "invalid_request_error";
    let account = stripe.account();
    stripe.pay(5000, "usd");
    let transfer = stripe.transfer("5000", &account, &[]).ok();
    let on = [("stripe-account", account.as_str())];
    let payout = |headers: &[(&str, &str)], amount: &str| {
        stripe.post("/v1/payouts", headers, &[("amount", amount), ("currency", "usd")])
    };
    payout(&on, "5001").check_error(400, invalid, Some("balance_insufficient"), None);
    let paid = payout(&on, "4000").ok();
    assert!(id(&paid).starts_with("po_"));
    assert_eq!((&paid["object"], &paid["livemode"]), (&json!("payout"), &json!(false)));
    let event = loop {
        let event = stripe.received().event();
        if event["type"] == "payout.paid" {
            break event;
        }
    };
    assert_eq!(event["account"], account.as_str());
    assert_eq!(
        (&event["data"]["object"]["id"], &event["data"]["object"]["status"]),
        (&paid["id"], &json!("paid"))
    );
    assert_eq!(stripe.balance(&account, "usd"), 1000);

    let reversals = format!("/v1/transfers/{}/reversals", id(&transfer));
    let all = stripe.post(&reversals, &[], &[]);
    all.check_error(400, invalid, Some("balance_insufficient"), None);
    assert_eq!(stripe.post(&reversals, &[], &[("amount", "1000")]).ok()["amount"], 1000);
    payout(&[], "1001").check_error(400, invalid, Some("balance_insufficient"), None);

    let open = stripe.open_account();
    let on_open = [("stripe-account", open.as_str())];
    payout(&on_open, "1").check_error(400, invalid, Some("payouts_not_allowed"), None);
    let unknown = [("stripe-account", "acct_none")];
    payout(&unknown, "1").check_error(403, invalid, Some("account_invalid"), None);
    stripe
        .get("/v1/balance", &unknown)
        .check_error(403, invalid, Some("account_invalid"), None);
    stripe
        .transfer("1", &account, &on)
        .check_error(400, invalid, None, None);
}

#[test]
fn amounts_are_in_the_smallest_unit_of_their_currency() {
    let stripe = Stripe::new();
    for (currency, amount) in [("jpy", 300_000), ("kwd", 1_250_125), ("eur", 99)] {
        stripe.pay(amount, currency);
        stripe.pay(1, currency);
        assert_eq!(stripe.balance("platform", currency), amount + 1);
    }
    assert_eq!(stripe.balance("platform", "usd"), 0);
    for bad in [
        json!({"amount": 0, "currency": "usd"}),
        json!({"amount": 1, "currency": "USD"}),
        json!({"amount": 1.5, "currency": "usd"}),
        json!({"amount": 1, "currency": "usd", "deal": "1"}),
    ] {
        assert_eq!(stripe.control("payments", &bad).status, 400, "{bad}");
    }
}

#[test]
fn lists_go_page_by_page() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    let make = |group: &str| {
        let form = [
            ("amount", "1"),
            ("currency", "usd"),
            ("destination", account.as_str()),
            ("transfer_group", group),
        ];
        id(&stripe.post("/v1/transfers", &[], &form).ok()).to_owned()
    };
    let made: Vec<String> = ["a", "b", "a", "a", "b"].map(make).into_iter().rev().collect();
    let page = |query: &str| {
        let list = stripe.get(&format!("/v1/transfers{query}"), &[]).ok();
        assert_eq!(
            (&list["object"], &list["url"]),
            (&json!("list"), &json!("/v1/transfers"))
        );
        let data = list["data"].as_array().unwrap();
        let ids: Vec<String> = data.iter().map(|transfer| id(transfer).to_owned()).collect();
        (ids, list["has_more"].as_bool().unwrap())
    };
    assert_eq!(page(""), (made.clone(), false), "newest first");
    assert_eq!(page("?limit=2"), (made[..2].to_vec(), true));
    assert_eq!(
        page(&format!("?limit=2&starting_after={}", made[1])),
        (made[2..4].to_vec(), true)
    );
    assert_eq!(
        page(&format!("?limit=2&starting_after={}", made[3])),
        (made[4..].to_vec(), false)
    );
    assert_eq!(
        page(&format!("?limit=1&starting_after={}", made[3])),
        (made[4..].to_vec(), false)
    );
    let of_a = vec![made[1].clone(), made[2].clone(), made[4].clone()];
    assert_eq!(page("?transfer_group=a"), (of_a.clone(), false));
    assert_eq!(
        page(&format!("?transfer_group=a&limit=1&starting_after={}", made[1])),
        (of_a[1..2].to_vec(), true)
    );
    assert_eq!(page("?transfer_group=none"), (vec![], false));
    for (query, code, param) in [
        ("limit=0", "parameter_invalid_integer", "limit"),
        ("limit=101", "parameter_invalid_integer", "limit"),
        ("starting_after=tr_none", "resource_missing", "starting_after"),
        ("ending_before=tr_none", "parameter_unknown", "ending_before"),
    ] {
        let refused = stripe.get(&format!("/v1/transfers?{query}"), &[]);
        refused.check_error(400, "invalid_request_error", Some(code), Some(param));
    }
}

#[test]
fn events_are_listed_by_whose_they_are() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    stripe.transfer("400", &account, &[]).ok();
    let kinds = |list: &Value| -> Vec<String> {
        let data = list["data"].as_array().unwrap();
        data.iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    };
    let own = stripe.get("/v1/events", &[]).ok();
    assert_eq!(kinds(&own), ["transfer.created", "payment_intent.succeeded"]);
    let first = stripe.get("/v1/events?limit=1", &[]).ok();
    assert_eq!(
        (kinds(&first), &first["has_more"]),
        (vec!["transfer.created".to_owned()], &json!(true))
    );
    let next = format!("/v1/events?limit=1&starting_after={}", id(&first["data"][0]));
    assert_eq!(kinds(&stripe.get(&next, &[]).ok()), ["payment_intent.succeeded"]);
    let theirs = stripe.get("/v1/events", &[("stripe-account", &account)]).ok();
    assert_eq!(kinds(&theirs), ["account.updated"]);
}

#[test]
fn balances_never_go_below_zero_and_no_money_is_made() {
    let stripe = Stripe::new();
    let accounts = [stripe.account(), stripe.account()];
    let mut seed = 7_u64;
    let mut below = |limit: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % limit
    };
    let (mut paid_in, mut paid_out, mut transfers) = (0, 0, Vec::new());
    let mut refused = BTreeSet::new();
    for _ in 0..150 {
        let (account, amount) = (&accounts[below(2) as usize], below(900) + 1);
        let text = amount.to_string();
        let answer = match below(6) {
            0 => {
                paid_in += amount as i64;
                stripe.pay(amount as i64, "usd");
                continue;
            }
            1 | 2 => stripe.transfer(&text, account, &[]),
            3 | 4 if !transfers.is_empty() => {
                let transfer: &String = &transfers[below(transfers.len() as u64) as usize];
                stripe.post(
                    &format!("/v1/transfers/{transfer}/reversals"),
                    &[],
                    &[("amount", &text)],
                )
            }
            _ => {
                let form = [("amount", text.as_str()), ("currency", "usd")];
                stripe.post("/v1/payouts", &[("stripe-account", account)], &form)
            }
        };
        match (answer.status, answer.body["object"].as_str()) {
            (200, Some("transfer")) => transfers.push(id(&answer.body).to_owned()),
            (200, Some("payout")) => paid_out += amount as i64,
            (200, _) => {}
            _ => {
                refused.insert(answer.body["error"]["code"].to_string());
            }
        }
        let balances: BTreeMap<String, BTreeMap<String, i64>> =
            serde_json::from_value(stripe.state()["balances"].clone()).unwrap();
        let held: Vec<i64> = balances.values().flat_map(|held| held.values().copied()).collect();
        assert!(held.iter().all(|amount| *amount >= 0), "{held:?}");
        assert_eq!(held.iter().sum::<i64>() + paid_out, paid_in);
    }
    assert!(
        refused.contains("\"balance_insufficient\"") && !transfers.is_empty() && paid_out > 0,
        "{refused:?}"
    );
}

// Idempotency.

#[test]
fn a_repeat_is_answered_as_the_first_time() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    let key = [("idempotency-key", "payout-1")];
    let first = stripe.transfer("400", &account, &key);
    assert!(!first.replayed);
    let again = stripe.transfer("400", &account, &key);
    assert!(again.replayed);
    assert_eq!(again.body, first.body);
    let mut turned = transfer_form("400", &account);
    turned.reverse();
    assert!(
        stripe.post("/v1/transfers", &key, &turned).replayed,
        "the order of parameters does not count"
    );
    assert_eq!(stripe.balance("platform", "usd"), 600);

    let other = stripe.transfer("401", &account, &key);
    other.check_error(400, "idempotency_error", None, None);
    let elsewhere = stripe.post("/v1/accounts", &key, &transfer_form("400", &account));
    elsewhere.check_error(400, "idempotency_error", None, None);
    let on_account = [("idempotency-key", "payout-1"), ("stripe-account", account.as_str())];
    let payout = stripe.post("/v1/payouts", &on_account, &[("amount", "1"), ("currency", "usd")]);
    assert_eq!(
        (payout.status, payout.replayed),
        (200, false),
        "an account's keys are its own"
    );
    assert_eq!(
        stripe.transfer("400", &account, &[]).status,
        200,
        "without a key nothing is a repeat"
    );
}

#[test]
fn errors_are_kept_once_the_work_began() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let key = [("idempotency-key", "early")];
    let poor = stripe.transfer("400", &account, &key);
    poor.check_error(400, "invalid_request_error", Some("balance_insufficient"), None);
    stripe.pay(1000, "usd");
    let again = stripe.transfer("400", &account, &key);
    assert_eq!(again, Answer { replayed: true, ..poor }, "though there is money now");

    let key = [("idempotency-key", "unread")];
    let unread = stripe.transfer("x", &account, &key);
    unread.check_error(
        400,
        "invalid_request_error",
        Some("parameter_invalid_integer"),
        Some("amount"),
    );
    let right = stripe.transfer("400", &account, &key);
    assert_eq!(
        (right.status, right.replayed),
        (200, false),
        "what is not valid keeps no answer"
    );
}

#[test]
fn a_key_has_at_most_255_characters() {
    let stripe = Stripe::new();
    let (long, longer) = ("k".repeat(255), "k".repeat(256));
    stripe.post("/v1/accounts", &[("idempotency-key", &long)], &[]).ok();
    let refused = stripe.post("/v1/accounts", &[("idempotency-key", &longer)], &[]);
    refused.check_error(400, "invalid_request_error", None, None);
    assert_eq!(stripe.state()["accounts"].as_object().unwrap().len(), 1);
}

// Faults of requests.

#[test]
fn a_server_error_is_replayed_whether_it_took_effect_or_not() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    for (key, after_effect, left) in [("done", true, 600), ("not done", false, 600)] {
        stripe.faults(&json!([{"kind": "server_error", "after_effect": after_effect}]));
        let key = [("idempotency-key", key)];
        let first = stripe.transfer("400", &account, &key);
        first.check_error(500, "api_error", None, None);
        assert_eq!(
            stripe.transfer("400", &account, &key),
            Answer {
                replayed: true,
                ..first
            }
        );
        assert_eq!(stripe.balance("platform", "usd"), left);
    }
    assert_eq!(
        stripe.transfer("400", &account, &[]).status,
        200,
        "each fault is used once"
    );
}

#[test]
fn a_rate_limited_request_does_nothing() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    stripe.faults(&json!([{"kind": "rate_limit"}]));
    assert_eq!(stripe.get("/v1/transfers", &[]).status, 200, "only a POST uses a fault");
    let key = [("idempotency-key", "busy")];
    let limited = stripe.transfer("400", &account, &key);
    limited.check_error(429, "invalid_request_error", Some("rate_limit"), None);
    assert_eq!(stripe.balance("platform", "usd"), 1000);
    let again = stripe.transfer("400", &account, &key);
    assert_eq!((again.status, again.replayed), (200, false));
}

#[test]
fn an_answer_that_comes_too_late_took_effect() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    stripe.faults(&json!([{"kind": "timeout", "after_effect": true, "seconds": 60}]));
    let key = [("idempotency-key", "late")];
    let form = transfer_form("400", &account);
    let late = stripe.try_post("/v1/transfers", &key, &form, QUIET);
    assert!(matches!(late, Err(ureq::Error::Timeout(_))), "{late:?}");
    let again = stripe.transfer("400", &account, &key);
    assert_eq!((again.status, again.replayed), (200, true));
    assert_eq!(stripe.get("/v1/transfers", &[]).ok()["data"], json!([again.body]));
}

#[test]
fn a_request_that_hangs_holds_its_key_and_does_nothing() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    stripe.faults(&json!([{"kind": "timeout", "after_effect": false, "seconds": 1}]));
    let key = [("idempotency-key", "hangs")];
    let form = transfer_form("400", &account);
    let hanging = stripe.try_post("/v1/transfers", &key, &form, QUIET);
    assert!(matches!(hanging, Err(ureq::Error::Timeout(_))), "{hanging:?}");
    let busy = stripe.transfer("400", &account, &key);
    busy.check_error(409, "invalid_request_error", Some("idempotency_key_in_use"), None);
    assert_eq!(stripe.balance("platform", "usd"), 1000);
    let begun = Instant::now();
    let done = loop {
        let answer = stripe.transfer("400", &account, &key);
        if answer.status != 409 {
            break answer;
        }
        assert!(begun.elapsed() < DEADLINE);
        thread::sleep(Duration::from_millis(20));
    };
    assert_eq!((done.status, done.replayed), (200, false));
    assert_eq!(stripe.balance("platform", "usd"), 600);
    stripe.faults(&json!([{"kind": "timeout", "after_effect": false, "seconds": 0}]));
    stripe
        .transfer("400", &account, &[])
        .check_error(504, "api_error", None, None);
}

#[test]
fn faults_that_are_not_known_are_refused() {
    let stripe = Stripe::new();
    for bad in [
        json!({"kind": "other"}),
        json!({"kind": "timeout", "seconds": 1}),
        json!({"kind": "late_event", "seconds": 601}),
        json!({"kind": "server_error", "after_effect": true, "seconds": 1}),
    ] {
        assert_eq!(stripe.control("faults", &json!({"faults": [bad]})).status, 400, "{bad}");
    }
    assert_eq!(stripe.state()["request_faults"], json!([]));
}

// Events.

#[test]
fn an_event_is_signed() {
    let stripe = Stripe::new();
    stripe.pay(1000, "usd");
    let received = stripe.received();
    let (second, signature) = received
        .signature
        .strip_prefix("t=")
        .unwrap()
        .split_once(",v1=")
        .unwrap();
    let signed = format!("{second}.{}", received.body);
    assert_eq!(signature, hmac(SECRET.as_bytes(), signed.as_bytes()));
    assert_ne!(signature, hmac(b"whsec_other", signed.as_bytes()));
    let created = received.event()["created"].as_i64().unwrap();
    assert!(second.parse::<i64>().unwrap().abs_diff(created) < 60);
    assert!(id(&received.event()).starts_with("evt_"));
}

#[test]
fn an_event_that_is_not_taken_is_sent_again() {
    let stripe = Stripe::new();
    stripe.statuses.lock().unwrap().extend([500, 302]);
    stripe.pay(1000, "usd");
    let tries = [stripe.received(), stripe.received(), stripe.received()];
    assert!(tries.iter().all(|one| one.body == tries[0].body), "byte for byte");
    assert!(stripe.received.recv_timeout(QUIET).is_err(), "it was taken");
}

#[test]
fn an_event_comes_twice() {
    let stripe = Stripe::new();
    stripe.faults(&json!([{"kind": "duplicate_event"}]));
    stripe.pay(1000, "usd");
    assert_eq!(stripe.received().body, stripe.received().body);
    stripe.pay(1000, "usd");
    stripe.received();
    assert!(stripe.received.recv_timeout(QUIET).is_err(), "each fault is used once");
    assert_eq!(stripe.get("/v1/events", &[]).ok()["data"].as_array().unwrap().len(), 2);
}

#[test]
fn an_event_comes_late() {
    let stripe = Stripe::new();
    stripe.faults(&json!([{"kind": "late_event", "seconds": 1}]));
    let (late, next) = (stripe.pay(1, "usd"), stripe.pay(2, "usd"));
    assert_eq!(stripe.received().event()["data"]["object"], next);
    assert_eq!(stripe.received().event()["data"]["object"], late);
}

#[test]
fn an_event_is_lost_and_can_be_looked_up() {
    let stripe = Stripe::new();
    stripe.faults(&json!([{"kind": "lost_event"}]));
    let (lost, next) = (stripe.pay(1, "usd"), stripe.pay(2, "usd"));
    assert_eq!(stripe.received().event()["data"]["object"], next);
    assert!(stripe.received.recv_timeout(QUIET).is_err());
    let events = stripe.get("/v1/events", &[]).ok();
    assert_eq!(events["data"][1]["data"]["object"], lost);
}

#[test]
fn a_reset_forgets_everything() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    stripe.event("payment_intent.succeeded");
    stripe.faults(&json!([{"kind": "late_event", "seconds": 1}, {"kind": "lost_event"}, {"kind": "rate_limit"}]));
    stripe.pay(1000, "usd");
    stripe.control("reset", &json!({})).ok();
    let state = stripe.state();
    let empty = |value: &Value| {
        value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
    };
    for (name, value) in state.as_object().unwrap() {
        assert!(name == "generation" || empty(value), "{name}: {value}");
    }
    assert_eq!(stripe.get(&format!("/v1/accounts/{account}"), &[]).status, 403);
    stripe.account();
    assert!(
        stripe.received.recv_timeout(Duration::from_millis(1500)).is_err(),
        "what was before is not sent"
    );
}
