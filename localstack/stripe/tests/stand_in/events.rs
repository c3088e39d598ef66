//! Events in their list.

use serde_json::{Value, json};

use crate::harness::{Stripe, id};

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
