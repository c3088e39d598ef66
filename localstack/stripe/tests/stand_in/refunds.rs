//! Payments that go back to the client.

use serde_json::{Value, json};

use crate::harness::{Answer, Stripe, id};

const INVALID: &str = "invalid_request_error";

fn refund(stripe: &Stripe, payment: &str, form: &[(&str, &str)]) -> Answer {
    stripe.post("/v1/refunds", &[], &[&[("payment_intent", payment)], form].concat())
}

#[test]
fn a_payment_goes_back_in_parts_and_no_more_than_all_of_it() {
    let stripe = Stripe::new();
    let (paid, other) = (stripe.pay(1000, "eur"), stripe.pay(500, "eur"));
    for _ in 0..2 {
        stripe.event("payment_intent.succeeded");
    }
    let payment = id(&paid);
    let form = [
        ("amount", "300"),
        ("reason", "requested_by_customer"),
        ("metadata[dispute]", "d 1"),
    ];
    let part = refund(&stripe, payment, &form).ok();
    assert!(id(&part).starts_with("re_"));
    let expected = json!({
        "object": "refund", "amount": 300, "charge": paid["latest_charge"], "currency": "eur", "payment_intent": payment,
        "metadata": {"dispute": "d 1"}, "reason": "requested_by_customer", "status": "succeeded", "receipt_number": null,
        "source_transfer_reversal": null, "transfer_reversal": null,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&part[name], value, "{name}");
    }
    assert!(part["created"].is_i64());
    assert_eq!(stripe.event("refund.created")["data"]["object"], part);
    assert_eq!(stripe.balance("platform", "eur"), 1200);

    let more = refund(&stripe, payment, &[("amount", "701")]);
    more.check_error(400, INVALID, None, Some("amount"));
    let rest = refund(&stripe, payment, &[]).ok();
    assert_eq!(
        (&rest["amount"], &rest["reason"]),
        (&json!(700), &json!(null)),
        "without an amount, all that is left"
    );
    for form in [&[][..], &[("amount", "1")]] {
        let nothing = refund(&stripe, payment, form);
        nothing.check_error(400, INVALID, Some("charge_already_refunded"), None);
    }
    assert_eq!(stripe.balance("platform", "eur"), 500, "the other payment's");
    assert_eq!(refund(&stripe, id(&other), &[]).ok()["amount"], 500);
    for made in [part, rest] {
        assert_eq!(stripe.get(&format!("/v1/refunds/{}", id(&made)), &[]).ok(), made);
    }
}

#[test]
fn a_refund_is_done_once() {
    let stripe = Stripe::new();
    let paid = stripe.pay(1000, "usd");
    let key = [("idempotency-key", "refund-1")];
    let form = [("payment_intent", id(&paid)), ("amount", "400")];
    let first = stripe.post("/v1/refunds", &key, &form);
    let again = stripe.post("/v1/refunds", &key, &form);
    assert_eq!((again.status, again.replayed, &again.body), (200, true, &first.body));
    assert_eq!(stripe.balance("platform", "usd"), 600);
}

#[test]
fn refunds_say_why_they_are_refused() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let paid = stripe.pay(1000, "usd");
    stripe.transfer("800", &account, &[]).ok();
    let payment = id(&paid);
    let check = |payment: &str, form: &[(&str, &str)], code: Option<&str>, param: Option<&str>| {
        refund(&stripe, payment, form).check_error(400, INVALID, code, param);
    };
    check(payment, &[], Some("balance_insufficient"), None);
    check(payment, &[("amount", "201")], Some("balance_insufficient"), None);
    check("pi_none", &[], Some("resource_missing"), Some("payment_intent"));
    check("", &[], Some("parameter_missing"), Some("payment_intent"));
    check(
        payment,
        &[("amount", "0")],
        Some("parameter_invalid_integer"),
        Some("amount"),
    );
    check(payment, &[("reason", "because")], None, Some("reason"));
    check(
        payment,
        &[("currency", "usd")],
        Some("parameter_unknown"),
        Some("currency"),
    );
    assert_eq!(stripe.state()["refunds"], json!([]));
    assert_eq!(stripe.balance("platform", "usd"), 200);
    let none = stripe.get("/v1/refunds/re_none", &[]);
    none.check_error(404, INVALID, Some("resource_missing"), Some("id"));
    refund(&stripe, payment, &[("amount", "200")]).ok();
}

#[test]
fn refunds_are_found_by_payment_and_by_when_they_were_made() {
    let stripe = Stripe::new();
    let payments = [stripe.pay(1000, "usd"), stripe.pay(1000, "usd")];
    let make = |payment: usize| refund(&stripe, id(&payments[payment]), &[("amount", "1")]).ok();
    let old = [make(0), make(1)];
    let since = stripe.next_second(old[1]["created"].as_i64().unwrap());
    let new = [make(0), make(1)];
    let check = |query: &str, data: &[&Value], has_more: bool| {
        let list = stripe.get(&format!("/v1/refunds?{query}"), &[]).ok();
        let expected = json!({"object": "list", "data": data, "has_more": has_more, "url": "/v1/refunds"});
        assert_eq!(list, expected, "{query}");
    };
    check("", &[&new[1], &new[0], &old[1], &old[0]], false);
    let of = format!("payment_intent={}", id(&payments[0]));
    check(&of, &[&new[0], &old[0]], false);
    check(&format!("{of}&limit=1"), &[&new[0]], true);
    check(
        &format!("{of}&limit=1&starting_after={}", id(&new[0])),
        &[&old[0]],
        false,
    );
    check(&format!("created[gte]={since}"), &[&new[1], &new[0]], false);
    check(&format!("{of}&created[lt]={since}"), &[&old[0]], false);
    check("payment_intent=pi_none", &[], false);
}
