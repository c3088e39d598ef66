use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use inventure_api::batch::Failure;
use inventure_http_client::{Answer, PATIENCE, Request};
use inventure_payments::Stripe;
use payouts::Queue;
use serde_json::{Value, json};
use stripe_stand_in::{Options, Server, start};

/// The key that the stand-in takes.
const KEY: &str = "sk_test_in_memory";

/// The payment processor's stand-in (`localstack/stripe`), in this process and asked over HTTP, and the queue of payouts beside it.
pub struct StandIn {
    server: Server,
    messages: Mutex<VecDeque<String>>,
}

#[expect(
    clippy::expect_used,
    reason = "a test whose processor is not there has failed, and should say so"
)]
impl StandIn {
    pub(crate) fn new() -> Self {
        let options = Options {
            port: 0,
            key: KEY.to_owned(),
            accounts_key: None,
            webhook: None,
        };
        Self {
            server: start(options).expect("a free port"),
            messages: Mutex::default(),
        }
    }

    /// Returns the product's own client of the stand-in.
    ///
    /// # Panics
    /// When the client cannot be made.
    #[must_use]
    pub fn client(&self) -> Arc<Stripe> {
        let key = Arc::new(inventure_table::secrets::Known(KEY.to_owned()));
        Arc::new(Stripe::new(self.url(), key, false).expect("a client"))
    }

    /// Returns the URL at which the stand-in listens.
    #[must_use]
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Tells the stand-in something that has no place in the API: a fault, a client's payment.
    ///
    /// # Panics
    /// When the stand-in does not take it.
    pub fn tell(&self, what: &str, body: &Value) -> Value {
        let url = format!("{}/_test/{what}", self.url());
        let answer = ask(Request::post(url).json(body));
        assert!(answer.is_success(), "{what}: {answer:?}");
        answer.body
    }

    /// Reads from the stand-in's API.
    ///
    /// # Panics
    /// When the stand-in does not answer.
    pub fn read(&self, path: &str) -> Value {
        ask(Request::get(format!("{}/v1/{path}", self.url())).bearer(Some(KEY))).body
    }

    /// Writes to the stand-in's API, for the platform, or for a connected account.
    ///
    /// # Panics
    /// When the stand-in does not answer.
    pub fn write(&self, path: &str, account: Option<&str>, form: &[(&str, &str)]) -> Value {
        let request = Request::post(format!("{}/v1/{path}", self.url())).bearer(Some(KEY));
        let request = match account {
            Some(account) => request.header("stripe-account", account),
            None => request,
        };
        ask(request.form(form)).body
    }

    /// Sets the faults that happen next, in order.
    pub fn fail(&self, faults: &[Value]) {
        self.tell("faults", &json!({ "faults": faults }));
    }

    /// Opens this link, by which a broker tells the processor who they are.
    ///
    /// # Panics
    /// When the page does not open.
    pub fn onboard(&self, link: &str) {
        let page = ask(Request::get(link));
        assert!(page.is_success(), "{page:?}");
    }

    /// Returns the sum that was transferred to an account, less what was taken back.
    #[must_use]
    pub fn paid_to(&self, account: &str) -> i64 {
        let all = self.read(&format!("transfers?limit=100&destination={account}"));
        let of = |transfer: &Value| {
            let number = |name: &str| transfer[name].as_i64();
            Some(number("amount")? - number("amount_reversed")?)
        };
        all["data"].as_array().into_iter().flatten().filter_map(of).sum()
    }

    /// Returns the platform's balance, available and pending, in minor units of this currency.
    #[must_use]
    pub fn balance(&self, currency: &str) -> i64 {
        let balance = self.read("balance");
        let amounts = ["available", "pending"].map(|name| balance[name].as_array().cloned().unwrap_or_default());
        let own = amounts.iter().flatten().filter(|amount| amount["currency"] == currency);
        own.filter_map(|amount| amount["amount"].as_i64()).sum()
    }

    /// Takes the next message of the queue.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// Sends a request on a connection of its own. One that is kept may be closed by the time it is used again.
#[expect(
    clippy::expect_used,
    reason = "a test whose processor does not answer has failed, and should say so"
)]
fn ask(request: Request) -> Answer {
    request.send(PATIENCE).expect("an answer")
}

#[async_trait]
impl Queue for StandIn {
    async fn send(&self, body: String) -> Result<(), Failure> {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.push_back(body);
        Ok(())
    }
}
