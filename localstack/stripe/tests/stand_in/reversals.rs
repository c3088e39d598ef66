//! Transfers that come back.

use serde_json::{Value, json};

use crate::harness::{Stripe, id};

#[test]
fn money_goes_out_and_comes_back() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let paid = stripe.pay(10_000, "usd");
    assert!(id(&paid).starts_with("pi_"));
    let event = stripe.event("payment_intent.succeeded");
    assert_eq!(event["data"]["object"], paid);
    assert_eq!(
        (&paid["amount_received"], &paid["currency"]),
        (&json!(10_000), &json!("usd"))
    );
    assert_eq!(paid["metadata"], json!({"deal": "deal_1", "invoice": "1"}));
    assert_eq!((&event["object"], &event["livemode"]), (&json!("event"), &json!(false)));

    let made = stripe.transfer("6000", &account, &[]).ok();
    let transfer = id(&made).to_owned();
    assert!(transfer.starts_with("tr_"));
    let expected = json!({
        "object": "transfer", "amount": 6000, "amount_reversed": 0, "currency": "usd", "destination": account,
        "transfer_group": "deal_1", "description": "A share & more = 50 %", "metadata": {"entry": "7"},
        "livemode": false, "reversed": false, "source_transaction": null,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(stripe.event("transfer.created")["data"]["object"], made);
    let path = format!("/v1/transfers/{transfer}");
    assert_eq!(stripe.get(&path, &[]).ok(), made);
    assert_eq!(
        (stripe.balance("platform", "usd"), stripe.balance(&account, "usd")),
        (4000, 6000)
    );

    let reversals = format!("{path}/reversals");
    let part = stripe
        .post(&reversals, &[], &[("amount", "1000"), ("metadata[why]", "fall-off")])
        .ok();
    assert!(id(&part).starts_with("trr_"));
    assert_eq!(
        (&part["object"], &part["amount"]),
        (&json!("transfer_reversal"), &json!(1000))
    );
    assert_eq!(
        (&part["transfer"], &part["metadata"]),
        (&json!(transfer), &json!({"why": "fall-off"}))
    );
    let event = stripe.event("transfer.reversed");
    assert_eq!(event["data"]["object"]["amount_reversed"], 1000);
    assert_eq!(event["data"]["object"]["reversed"], false);
    stripe
        .post(&reversals, &[], &[("amount", "5001")])
        .check_error(400, "invalid_request_error", None, Some("amount"));

    let rest = stripe.post(&reversals, &[], &[]).ok();
    assert_eq!(rest["amount"], 5000, "without an amount, all that is left");
    let read = stripe.get(&path, &[]).ok();
    assert_eq!(
        (&read["amount_reversed"], &read["reversed"]),
        (&json!(6000), &json!(true))
    );
    assert_eq!(read["reversals"]["data"], json!([rest, part]));
    stripe
        .post(&reversals, &[], &[])
        .check_error(400, "invalid_request_error", None, Some("amount"));
    assert_eq!(
        (stripe.balance("platform", "usd"), stripe.balance(&account, "usd")),
        (10_000, 0)
    );
}

#[test]
fn reversals_go_page_by_page() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    let transfers = [(); 2].map(|()| stripe.transfer("100", &account, &[]).ok());
    let path = format!("/v1/transfers/{}", id(&transfers[0]));
    let reversals = format!("{path}/reversals");
    let newest_first: Vec<Value> = {
        let mut made: Vec<Value> = (1..=11)
            .map(|amount| stripe.post(&reversals, &[], &[("amount", &amount.to_string())]).ok())
            .collect();
        made.reverse();
        made
    };
    stripe
        .post(&format!("/v1/transfers/{}/reversals", id(&transfers[1])), &[], &[])
        .ok();
    let page = |query: &str, data: &[Value], has_more: bool| {
        let list = stripe.get(&format!("{reversals}{query}"), &[]).ok();
        let expected = json!({"object": "list", "data": data, "has_more": has_more, "url": reversals});
        assert_eq!(list, expected);
    };
    page("", &newest_first[..10], true);
    page("?limit=100", &newest_first, false);
    page(
        &format!("?limit=5&starting_after={}", id(&newest_first[5])),
        &newest_first[6..],
        false,
    );
    let shown = stripe.get(&path, &[]).ok();
    assert_eq!(shown["amount_reversed"], 66);
    let expected = json!({
        "object": "list", "data": newest_first[..10], "has_more": true, "total_count": 11, "url": reversals,
    });
    assert_eq!(shown["reversals"], expected, "the newest are in the transfer too");
    let invalid = "invalid_request_error";
    stripe
        .get("/v1/transfers/tr_none/reversals", &[])
        .check_error(404, invalid, Some("resource_missing"), Some("id"));
    stripe.get(&format!("{reversals}?created[gte]=1"), &[]).check_error(
        400,
        invalid,
        Some("parameter_unknown"),
        Some("created[gte]"),
    );
}
