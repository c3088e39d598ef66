//! Money that the platform brings from its own bank.

use serde_json::json;

use crate::harness::{Stripe, id};

const FORM: [(&str, &str); 5] = [
    ("amount", "5000"),
    ("currency", "eur"),
    ("description", "For what is owed"),
    ("statement_descriptor", "Inventure"),
    ("metadata[short]", "1"),
];

#[test]
fn a_topup_grows_the_balance_once() {
    let stripe = Stripe::new();
    let key = [("idempotency-key", "topup-1")];
    let first = stripe.post("/v1/topups", &key, &FORM);
    let again = stripe.post("/v1/topups", &key, &FORM);
    assert!(again.replayed);
    assert_eq!(again.body, first.body);
    let topup = first.ok();
    assert!(id(&topup).starts_with("tu_"));
    let expected = json!({
        "object": "topup", "amount": 5000, "currency": "eur", "description": "For what is owed", "livemode": false,
        "statement_descriptor": "Inventure", "metadata": {"short": "1"}, "status": "succeeded", "transfer_group": null,
        "failure_code": null, "failure_message": null, "source": null,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&topup[name], value, "{name}");
    }
    assert!(topup["created"].is_i64());
    assert_eq!(
        (stripe.balance("platform", "eur"), stripe.balance("platform", "usd")),
        (5000, 0)
    );
    assert_eq!(stripe.event("topup.succeeded")["data"]["object"], topup);
    assert_eq!(stripe.get(&format!("/v1/topups/{}", id(&topup)), &[]).ok(), topup);
    let events = stripe.get("/v1/events", &[]).ok();
    assert_eq!(events["data"].as_array().unwrap().len(), 1);
}

#[test]
fn topups_say_why_they_are_refused() {
    let stripe = Stripe::new();
    let check = |changed: (&str, &str), code: Option<&str>| {
        let (name, _) = changed;
        let form: Vec<(&str, &str)> = FORM.into_iter().filter(|(known, _)| *known != name).collect();
        let refused = stripe.post("/v1/topups", &[], &[&form[..], &[changed]].concat());
        refused.check_error(400, "invalid_request_error", code, Some(name));
    };
    check(("amount", ""), Some("parameter_missing"));
    check(("amount", "0"), Some("parameter_invalid_integer"));
    check(("currency", "EUR"), None);
    check(("statement_descriptor", "sixteen letters."), None);
    check(("statement_descriptor", "Ré"), None);
    check(("sauce", "btok_us_verified"), Some("parameter_unknown"));
    assert_eq!(stripe.state()["topups"], json!([]));
    assert_eq!(stripe.balance("platform", "eur"), 0);
    let none = stripe.get("/v1/topups/tu_none", &[]);
    none.check_error(404, "invalid_request_error", Some("resource_missing"), Some("id"));
}
