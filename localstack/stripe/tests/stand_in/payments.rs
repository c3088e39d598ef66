//! Tests the payments of clients.

use serde_json::{Value, json};

use crate::harness::{Stripe, id};

#[test]
fn payments_are_read_and_go_page_by_page() {
    let stripe = Stripe::new();
    let old = [stripe.pay(1, "usd"), stripe.pay(2, "eur")];
    let since = stripe.next_second(old[1]["created"].as_i64().unwrap());
    let new = stripe.pay(3, "usd");
    for payment in [&old[0], &old[1], &new] {
        let path = format!("/v1/payment_intents/{}", id(payment));
        assert_eq!(&stripe.get(&path, &[]).ok(), payment);
        assert!(payment["latest_charge"].as_str().unwrap().starts_with("ch_"));
    }
    let check = |query: &str, data: &[&Value], has_more: bool| {
        let list = stripe.get(&format!("/v1/payment_intents?{query}"), &[]).ok();
        let expected = json!({"object": "list", "data": data, "has_more": has_more, "url": "/v1/payment_intents"});
        assert_eq!(list, expected, "{query}");
    };
    check("", &[&new, &old[1], &old[0]], false);
    check("limit=1", &[&new], true);
    check(
        &format!("limit=2&starting_after={}", id(&new)),
        &[&old[1], &old[0]],
        false,
    );
    check(&format!("created[gte]={since}"), &[&new], false);
    check(&format!("created[lt]={since}&limit=1"), &[&old[1]], true);
    let none = stripe.get("/v1/payment_intents/pi_none", &[]);
    none.check_error(404, "invalid_request_error", Some("resource_missing"), Some("id"));
}
