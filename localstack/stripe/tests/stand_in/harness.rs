//! A stand-in, a webhook, and a client of both.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use inventure_http_client::{Error, Request};
use serde_json::{Value, json};
use stripe_stand_in::{Options, Webhook, start};

pub const KEY: &str = "sk_test_stand_in";
pub const ACCOUNTS_KEY: &str = "rk_test_stand_in";
pub const SECRET: &str = "whsec_stand_in";
pub const DEADLINE: Duration = Duration::from_secs(20);
/// The time for which a test waits for what must not come.
pub const QUIET: Duration = Duration::from_millis(300);

/// An event as it reached the webhook.
pub struct Received {
    pub signature: String,
    pub body: String,
}

impl Received {
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// An answer of the stand-in.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub replayed: bool,
    pub body: Value,
    /// The body, byte for byte.
    pub text: String,
}

impl Answer {
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    pub fn check_error(&self, status: u16, kind: &str, code: Option<&str>, param: Option<&str>) {
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
pub struct Stripe {
    pub url: String,
    pub received: Receiver<Received>,
    /// The statuses that the webhook answers next; 200 when there is none.
    pub statuses: Arc<Mutex<VecDeque<u16>>>,
}

pub fn take_event(stream: TcpStream, status: u16) -> Received {
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

/// Sends a request that has to be answered by then.
pub fn try_ask(request: Request, timeout: Duration) -> Result<Answer, Error> {
    let answer = request.send(timeout)?;
    Ok(Answer {
        status: answer.status,
        replayed: !answer.header("idempotent-replayed").is_empty(),
        body: serde_json::from_slice(&answer.bytes).unwrap_or(Value::Null),
        text: String::from_utf8(answer.bytes).unwrap(),
    })
}

pub fn ask(request: Request) -> Answer {
    try_ask(request, DEADLINE).unwrap()
}

impl Stripe {
    pub fn new() -> Self {
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
            accounts_key: Some(ACCOUNTS_KEY.to_owned()),
            webhook: Some(webhook),
        })
        .unwrap();
        Self {
            url: server.url().to_owned(),
            received,
            statuses,
        }
    }

    pub fn try_post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
        timeout: Duration,
    ) -> Result<Answer, Error> {
        try_ask(self.request("POST", path, headers).form(form), timeout)
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Request {
        let request = Request::new(method, format!("{}{path}", self.url)).bearer(Some(KEY));
        let add = |request: Request, (name, value): &(&str, &str)| request.header(name, value);
        headers.iter().fold(request, add)
    }

    pub fn post(&self, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        self.try_post(path, headers, form, DEADLINE).unwrap()
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(self.request("GET", path, headers))
    }

    pub fn delete(&self, path: &str) -> Answer {
        ask(self.request("DELETE", path, &[]))
    }

    /// Calls a test control, without a key as these are.
    pub fn control(&self, path: &str, body: &Value) -> Answer {
        ask(Request::post(format!("{}/_test/{path}", self.url)).json(body))
    }

    pub fn state(&self) -> Value {
        ask(Request::get(format!("{}/_test/state", self.url))).ok()
    }

    pub fn pay(&self, amount: i64, currency: &str) -> Value {
        let metadata = json!({"deal": "deal_1", "invoice": "1"});
        let body = json!({"amount": amount, "currency": currency, "metadata": metadata});
        self.control("payments", &body).ok()
    }

    pub fn faults(&self, faults: &Value) {
        self.control("faults", &json!({"faults": faults})).ok();
    }

    /// An account whose onboarding is not complete.
    pub fn open_account(&self) -> String {
        let account = self
            .post("/v1/accounts", &[], &[("type", "express"), ("country", "US")])
            .ok();
        account["id"].as_str().unwrap().to_owned()
    }

    pub fn onboarding(&self, account: &str) -> String {
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
    pub fn account(&self) -> String {
        let account = self.open_account();
        let done = ask(Request::get(self.onboarding(&account)));
        assert_eq!(done.status, 200);
        self.event("account.updated");
        account
    }

    pub fn transfer(&self, amount: &str, destination: &str, headers: &[(&str, &str)]) -> Answer {
        self.post("/v1/transfers", headers, &transfer_form(amount, destination))
    }

    pub fn received(&self) -> Received {
        self.received.recv_timeout(DEADLINE).unwrap()
    }

    /// The next event, which is of this type.
    pub fn event(&self, kind: &str) -> Value {
        let event = self.received().event();
        assert_eq!(event["type"], kind);
        event
    }

    /// Waits until the stand-in's clock is past this second, and says where it is then.
    pub fn next_second(&self, second: i64) -> i64 {
        let begun = Instant::now();
        loop {
            // Whose creation is no event.
            let account = self.post("/v1/accounts", &[], &[]).ok();
            match account["created"].as_i64() {
                Some(now) if now > second => return now,
                _ => assert!(begun.elapsed() < DEADLINE),
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn balance(&self, holder: &str, currency: &str) -> i64 {
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

pub fn transfer_form<'a>(amount: &'a str, destination: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("amount", amount),
        ("currency", "usd"),
        ("destination", destination),
        ("transfer_group", "deal_1"),
        ("description", "A share & more = 50 %"),
        ("metadata[entry]", "7"),
    ]
}

pub fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}
