//! Events on their way to the webhook, and what goes wrong with it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{QUIET, SECRET, Stripe, id};

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
fn an_event_of_a_type_is_lost_and_others_are_not() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.faults(&json!([
        {"kind": "lost_event", "type": "transfer.created"},
        {"kind": "duplicate_event"},
        {"kind": "lost_event", "type": "payment_intent.succeeded"},
    ]));
    stripe.pay(1000, "usd");
    let twice = [stripe.received().body, stripe.received().body];
    assert_eq!(twice[0], twice[1], "what waits for another type is passed over");
    stripe.pay(1, "usd");
    let lost = stripe.transfer("400", &account, &[]).ok();
    assert!(stripe.received.recv_timeout(QUIET).is_err());
    assert_eq!(stripe.state()["event_faults"], json!([]), "each fault is used once");
    let transfer = stripe.transfer("400", &account, &[]).ok();
    assert_eq!(stripe.event("transfer.created")["data"]["object"], transfer);
    let events = stripe.get("/v1/events?type=transfer.created", &[]).ok();
    let objects: Vec<&Value> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["data"]["object"])
        .collect();
    assert_eq!(objects, [&transfer, &lost]);
}
