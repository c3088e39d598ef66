//! Money that is paid and cannot be moved yet, and what the changes of a balance say of it.

use serde_json::{Value, json};

use crate::harness::{Stripe, id, transfer_form};

const INVALID: &str = "invalid_request_error";

impl Stripe {
    /// A client pays, Stripe keeps a fee, and the rest is pending.
    fn pay_pending(&self, amount: i64, fee: i64) -> Value {
        let body = json!({"amount": amount, "currency": "usd", "fee": fee, "pending": true});
        self.control("payments", &body).ok()
    }

    /// Returns the platform's balance, available and pending.
    fn both(&self) -> [i64; 2] {
        let balance = self.get("/v1/balance", &[]).ok();
        ["available", "pending"].map(|part| {
            let parts = balance[part].as_array().unwrap().iter();
            let usd = parts.filter(|part| part["currency"] == "usd");
            usd.map(|part| part["amount"].as_i64().unwrap()).sum()
        })
    }
}

#[test]
fn what_is_pending_cannot_be_transferred_until_it_ripens() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let paid = stripe.pay_pending(1_000, 59);
    assert_eq!(stripe.both(), [0, 941]);
    let early = stripe.transfer("1", &account, &[]);
    early.check_error(400, INVALID, Some("balance_insufficient"), None);
    let charge = paid["latest_charge"].as_str().unwrap();
    let of = format!("/v1/balance_transactions?source={charge}");
    let change = stripe.get(&of, &[]).ok()["data"][0].clone();
    let expected = json!({
        "amount": 1_000, "fee": 59, "net": 941, "currency": "usd", "type": "charge", "status": "pending", "source": charge,
        "object": "balance_transaction", "reporting_category": "charge",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&change[name], value, "{name}");
    }
    assert!(change["available_on"].as_i64() > change["created"].as_i64());
    assert_eq!(change["fee_details"][0]["type"], "stripe_fee");
    stripe.control("ripen", &json!({})).ok();
    assert_eq!(stripe.both(), [941, 0]);
    stripe.transfer("941", &account, &[]).ok();
    let path = format!("/v1/balance_transactions/{}", id(&change));
    assert_eq!(stripe.get(&path, &[]).ok()["status"], "available");
}

#[test]
fn a_transfer_may_be_paid_from_a_charge_that_is_pending_and_from_no_more_than_it() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let paid = stripe.pay_pending(1_000, 0);
    let charge = paid["latest_charge"].as_str().unwrap();
    let transfer = |amount: &str, charge: &str| {
        let form = [&transfer_form(amount, &account)[..], &[("source_transaction", charge)]].concat();
        stripe.post("/v1/transfers", &[], &form)
    };
    let made = transfer("600", charge).ok();
    assert_eq!(made["source_transaction"], charge);
    assert_eq!(stripe.both(), [0, 400]);
    transfer("401", charge).check_error(400, INVALID, None, Some("amount"));
    transfer("400", "ch_none").check_error(400, INVALID, Some("resource_missing"), Some("source_transaction"));
    transfer("400", charge).ok();
    assert_eq!(stripe.balance(&account, "usd"), 0, "it is pending there too");
    stripe.control("ripen", &json!({})).ok();
    assert_eq!(stripe.balance(&account, "usd"), 1_000);
}

#[test]
fn every_change_of_a_balance_is_listed_and_they_add_up() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let paid = stripe.pay_pending(1_000, 29);
    stripe.control("ripen", &json!({})).ok();
    let transfer = stripe.transfer("500", &account, &[]).ok();
    let back = format!("/v1/transfers/{}/reversals", id(&transfer));
    stripe.post(&back, &[], &[("amount", "100")]).ok();
    let form = [("payment_intent", id(&paid)), ("amount", "70")];
    let refund = stripe.post("/v1/refunds", &[], &form).ok();
    let money = [("amount", "50"), ("currency", "usd")];
    stripe.post("/v1/topups", &[], &money).ok();
    let payout = stripe.post("/v1/payouts", &[], &money).ok();
    let all = stripe.get("/v1/balance_transactions?limit=100", &[]).ok();
    let all = all["data"].as_array().unwrap();
    let kinds: Vec<&str> = all.iter().map(|change| change["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["payout", "topup", "refund", "transfer_refund", "transfer", "charge"]
    );
    let sum: i64 = all.iter().map(|change| change["net"].as_i64().unwrap()).sum();
    assert_eq!(stripe.both(), [sum, 0]);
    let only = stripe.get("/v1/balance_transactions?type=refund", &[]).ok();
    assert_eq!(only["data"][0]["id"], refund["balance_transaction"]);
    assert_eq!(only["data"].as_array().unwrap().len(), 1);
    let payouts = stripe.get("/v1/payouts?limit=1&status=paid", &[]).ok();
    assert_eq!(payouts["data"][0]["id"], payout["id"]);
    let read = stripe.get(&format!("/v1/payouts/{}", id(&payout)), &[]).ok();
    assert_eq!(read["balance_transaction"], payout["balance_transaction"]);
    let none = stripe.get("/v1/balance_transactions/txn_none", &[]);
    none.check_error(404, INVALID, Some("resource_missing"), Some("id"));
}

#[test]
fn ids_are_expanded_where_that_is_asked_for() {
    let stripe = Stripe::new();
    let paid = stripe.pay_pending(1_000, 29);
    let path = format!("/v1/payment_intents/{}", id(&paid));
    let charge = stripe
        .get(&format!("{path}?expand[]=latest_charge.balance_transaction"), &[])
        .ok();
    assert_eq!(charge["latest_charge"]["object"], "charge");
    assert_eq!(charge["latest_charge"]["balance_transaction"]["fee"], 29);
    // Other clients number what they ask for.
    let both = format!("{path}?expand[0]=latest_charge&expand[1]=latest_charge.balance_transaction");
    assert_eq!(stripe.get(&both, &[]).ok(), charge);
    let list = stripe.get("/v1/balance_transactions?expand[]=data.source", &[]).ok();
    assert_eq!(list["data"][0]["source"]["payment_intent"], paid["id"]);
    let wrong = stripe.get(&format!("{path}?expand[]=amount"), &[]);
    wrong.check_error(400, INVALID, None, Some("expand"));
    let deep = stripe.get(&format!("{path}?expand[]=a.b.c.d.e"), &[]);
    deep.check_error(400, INVALID, None, Some("expand"));
}

#[test]
fn what_a_currency_cannot_move_is_refused() {
    let stripe = Stripe::new();
    let account = stripe.account();
    let pay = |currency: &str, amount: i64| {
        let body = json!({"amount": amount, "currency": currency});
        stripe.control("payments", &body).ok()
    };
    for currency in ["kwd", "isk", "twd"] {
        pay(currency, 10_000_000);
    }
    let transfer = |currency: &str, amount: &str| {
        let form = [("amount", amount), ("currency", currency), ("destination", &account)];
        stripe.post("/v1/transfers", &[], &form)
    };
    for (currency, bad, good) in [("kwd", "1333334", "1333330"), ("isk", "1050", "1000")] {
        transfer(currency, bad).check_error(400, INVALID, Some("invalid_charge_amount"), Some("amount"));
        transfer(currency, good).ok();
    }
    // Taiwan's dollars are moved in cents, and reach a bank without.
    transfer("twd", "80045").ok();
    let on = [("stripe-account", account.as_str())];
    let payout = |amount: &str| stripe.post("/v1/payouts", &on, &[("amount", amount), ("currency", "twd")]);
    payout("80045").check_error(400, INVALID, Some("invalid_charge_amount"), Some("amount"));
    payout("80000").ok();
    assert_eq!(stripe.balance(&account, "twd"), 45);
}
