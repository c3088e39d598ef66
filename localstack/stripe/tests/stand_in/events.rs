//! Events in their list.

use inventure_http_client::Request;
use serde_json::{Value, json};

use crate::harness::{Received, Stripe, ask, id};

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
fn an_event_is_read_as_the_webhook_got_it() {
    let stripe = Stripe::new();
    let account = stripe.open_account();
    assert_eq!(ask(Request::get(stripe.onboarding(&account))).status, 200);
    stripe.pay(1000, "usd");
    let received = [stripe.received(), stripe.received()];
    let (theirs, own): (Vec<&Received>, Vec<&Received>) = received
        .iter()
        .partition(|received| received.event()["account"] == account.as_str());
    let on = [("stripe-account", account.as_str())];
    let check = |received: &Received, headers: &[(&str, &str)], others: &[(&str, &str)]| {
        let path = format!("/v1/events/{}", id(&received.event()));
        let read = stripe.get(&path, headers);
        assert_eq!((read.status, read.text.as_str()), (200, received.body.as_str()));
        let list = stripe.get("/v1/events", headers);
        assert!(list.text.contains(&received.body), "{}", list.text);
        let elsewhere = stripe.get(&path, others);
        elsewhere.check_error(404, "invalid_request_error", Some("resource_missing"), Some("id"));
    };
    check(own[0], &[], &on);
    check(theirs[0], &on, &[]);
    let none = stripe.get("/v1/events/evt_none", &[]);
    none.check_error(404, "invalid_request_error", Some("resource_missing"), Some("id"));
}

#[test]
fn an_event_stays_as_it_was_made() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    let transfer = stripe.transfer("400", &account, &[]).ok();
    let path = format!("/v1/transfers/{}/reversals", id(&transfer));
    stripe.post(&path, &[], &[]).ok();
    let made = stripe.get("/v1/events?type=transfer.created", &[]).ok();
    assert_eq!(made["data"][0]["data"]["object"], transfer, "before it was reversed");
}

#[test]
fn events_are_found_by_type_and_by_when_they_were_made() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let old = [stripe.pay(1, "usd"), stripe.pay(2, "usd")];
    let since = stripe.next_second(old[1]["created"].as_i64().unwrap());
    let transfer = stripe.transfer("3", &account, &[]).ok();
    let reversals = format!("/v1/transfers/{}/reversals", id(&transfer));
    stripe.post(&reversals, &[], &[]).ok();
    let new = stripe.pay(4, "usd");
    let check = |query: &str, expected: &[&Value], has_more: bool| {
        let list = stripe.get(&format!("/v1/events?{query}"), &[]).ok();
        let data = list["data"].as_array().unwrap();
        let objects: Vec<&Value> = data.iter().map(|event| &event["data"]["object"]["id"]).collect();
        let expected: Vec<&Value> = expected.iter().map(|object| &object["id"]).collect();
        assert_eq!((objects, &list["has_more"]), (expected, &json!(has_more)), "{query}");
        list
    };
    check("", &[&new, &transfer, &transfer, &old[1], &old[0]], false);
    check("type=payment_intent.succeeded", &[&new, &old[1], &old[0]], false);
    check("type=transfer.reversed", &[&transfer], false);
    check("type=transfer.*", &[&transfer, &transfer], false);
    check("type=transfer", &[], false);
    check(&format!("created[gte]={since}"), &[&new, &transfer, &transfer], false);
    check(&format!("created[lt]={since}"), &[&old[1], &old[0]], false);
    let kind = "type=payment_intent.succeeded&limit=1";
    let first = check(kind, &[&new], true);
    let after = |list: &Value| format!("{kind}&starting_after={}", id(&list["data"][0]));
    let second = check(&after(&first), &[&old[1]], true);
    check(&after(&second), &[&old[0]], false);
}
