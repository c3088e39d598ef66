//! Faults of requests.

use std::{
    thread,
    time::{Duration, Instant},
};

use inventure_http_client::Error;
use serde_json::{Value, json};

use crate::harness::{Answer, DEADLINE, QUIET, Stripe, transfer_form};

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
    assert!(matches!(late, Err(Error::Timeout(_))), "{late:?}");
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
    assert!(matches!(hanging, Err(Error::Timeout(_))), "{hanging:?}");
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
        json!({"kind": "lost_event", "type": "transfer.lost"}),
        json!({"kind": "late_event", "seconds": 1, "type": "transfer.created"}),
        json!({"kind": "server_error", "after_effect": true, "seconds": 1}),
    ] {
        assert_eq!(stripe.control("faults", &json!({"faults": [bad]})).status, 400, "{bad}");
    }
    assert_eq!(stripe.state()["request_faults"], json!([]));
    assert_eq!(stripe.state()["event_faults"], json!([]));
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
