//! Repeats under an idempotency key.

use crate::harness::{Answer, Stripe, transfer_form};

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

#[test]
fn a_forgotten_key_is_a_new_one() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    let key = [("idempotency-key", "payout-1")];
    let first = stripe.transfer("400", &account, &key);
    stripe.control("forget", &serde_json::json!({}));
    let second = stripe.transfer("400", &account, &key);
    assert!(!second.replayed && second.body["id"] != first.body["id"]);
    assert_eq!(stripe.balance("platform", "usd"), 200);
}
