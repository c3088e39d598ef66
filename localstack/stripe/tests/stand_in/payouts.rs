//! Payouts to banks.

use serde_json::json;

use crate::harness::{Stripe, id};

#[test]
fn payouts_empty_an_account_and_reversals_need_what_is_left() {
    let stripe = Stripe::new();
    let invalid = "invalid_request_error";
    let account = stripe.account();
    stripe.pay(5000, "usd");
    let transfer = stripe.transfer("5000", &account, &[]).ok();
    let on = [("stripe-account", account.as_str())];
    let payout = |headers: &[(&str, &str)], amount: &str| {
        stripe.post("/v1/payouts", headers, &[("amount", amount), ("currency", "usd")])
    };
    payout(&on, "5001").check_error(400, invalid, Some("balance_insufficient"), None);
    let paid = payout(&on, "4000").ok();
    assert!(id(&paid).starts_with("po_"));
    assert_eq!((&paid["object"], &paid["livemode"]), (&json!("payout"), &json!(false)));
    let event = loop {
        let event = stripe.received().event();
        if event["type"] == "payout.paid" {
            break event;
        }
    };
    assert_eq!(event["account"], account.as_str());
    assert_eq!(
        (&event["data"]["object"]["id"], &event["data"]["object"]["status"]),
        (&paid["id"], &json!("paid"))
    );
    assert_eq!(stripe.balance(&account, "usd"), 1000);

    let reversals = format!("/v1/transfers/{}/reversals", id(&transfer));
    let all = stripe.post(&reversals, &[], &[]);
    all.check_error(400, invalid, Some("balance_insufficient"), None);
    assert_eq!(stripe.post(&reversals, &[], &[("amount", "1000")]).ok()["amount"], 1000);
    payout(&[], "1001").check_error(400, invalid, Some("balance_insufficient"), None);

    let open = stripe.open_account();
    let on_open = [("stripe-account", open.as_str())];
    payout(&on_open, "1").check_error(400, invalid, Some("payouts_not_allowed"), None);
    let unknown = [("stripe-account", "acct_none")];
    payout(&unknown, "1").check_error(403, invalid, Some("account_invalid"), None);
    stripe
        .get("/v1/balance", &unknown)
        .check_error(403, invalid, Some("account_invalid"), None);
    stripe
        .transfer("1", &account, &on)
        .check_error(400, invalid, None, None);
}
