//! Tests which callers may ask, and with which keys the stand-in starts.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use inventure_http_client::Request;
use serde_json::json;
use stripe_stand_in::{Options, StartError, Webhook, start};

use crate::harness::{ACCOUNTS_KEY, DEADLINE, KEY, SECRET, Stripe, ask, try_ask};

#[test]
fn only_its_key_is_accepted() {
    let stripe = Stripe::new();
    let balance = |authorization: Option<&str>| {
        let mut request = Request::get(format!("{}/v1/balance", stripe.url));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        ask(request)
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
    let without = Request::post(format!("{}/v1/accounts", stripe.url)).form(&[("type", "express")]);
    assert_eq!(ask(without).status, 401);
    assert_eq!(stripe.state()["accounts"], json!({}), "nothing happens without a key");
}

#[test]
fn a_restricted_key_makes_accounts_and_moves_no_money() {
    let stripe = Stripe::new();
    let status = |path: &str, form: &[(&str, &str)]| {
        let request = Request::post(format!("{}/v1/{path}", stripe.url)).bearer(Some(ACCOUNTS_KEY));
        ask(request.form(form)).status
    };
    assert_eq!(status("accounts", &[("type", "express"), ("country", "DE")]), 200);
    for path in ["transfers", "refunds", "accountsx", "balance"] {
        assert_eq!(status(path, &[("amount", "1"), ("currency", "eur")]), 403, "{path}");
    }
}

#[test]
fn live_keys_are_refused() {
    let options = |key: &str, webhook: Option<(&str, &str)>| Options {
        port: 0,
        key: key.to_owned(),
        accounts_key: None,
        webhook: webhook.map(|(url, secret)| Webhook {
            url: url.to_owned(),
            secret: secret.to_owned(),
        }),
    };
    let refused = |options: Options| start(options).err();
    assert!(matches!(refused(options("sk_live_1", None)), Some(StartError::LiveKey)));
    let secret = Some(("http://127.0.0.1:1", "sk_live_1"));
    assert!(matches!(refused(options(KEY, secret)), Some(StartError::LiveKey)));
    assert!(matches!(refused(options("rk_live_1", None)), Some(StartError::LiveKey)));
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
    let request = Request::get(format!("{url}/v1/balance")).bearer(Some(KEY));
    let answered = try_ask(request, DEADLINE);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert_eq!(answered.unwrap().status, 200);
}
