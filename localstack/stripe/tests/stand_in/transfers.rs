//! Transfers to connected accounts.

use serde_json::json;

use crate::harness::{Stripe, id};

#[test]
fn transfers_say_why_they_are_refused() {
    let stripe = Stripe::new();
    let invalid = "invalid_request_error";
    let (open, account) = (stripe.open_account(), stripe.account());
    stripe.pay(1000, "usd");
    let check = |amount: &str, destination: &str, code: &str, param: Option<&str>| {
        stripe
            .transfer(amount, destination, &[])
            .check_error(400, invalid, Some(code), param);
    };
    check("1001", &account, "balance_insufficient", None);
    check("100", "acct_none", "resource_missing", Some("destination"));
    check(
        "100",
        &open,
        "insufficient_capabilities_for_transfer",
        Some("destination"),
    );
    for amount in ["0", "-5", "1.5", "ten", "99999999999999999999"] {
        check(amount, &account, "parameter_invalid_integer", Some("amount"));
    }
    check("", &account, "parameter_missing", Some("amount"));
    check("100", "", "parameter_missing", Some("destination"));
    check("9999999999999", &account, "amount_too_large", Some("amount"));
    for currency in ["USD", "us", "dollar", "u$d"] {
        let form = [
            ("amount", "1"),
            ("currency", currency),
            ("destination", account.as_str()),
        ];
        stripe
            .post("/v1/transfers", &[], &form)
            .check_error(400, invalid, None, Some("currency"));
    }
    let other = [("amount", "1"), ("currency", "jpy"), ("destination", account.as_str())];
    let other = stripe.post("/v1/transfers", &[], &other);
    other.check_error(400, invalid, Some("balance_insufficient"), None);
    stripe
        .get("/v1/transfers/tr_none", &[])
        .check_error(404, invalid, Some("resource_missing"), Some("id"));
    let reversal = stripe.post("/v1/transfers/tr_none/reversals", &[], &[]);
    reversal.check_error(404, invalid, Some("resource_missing"), Some("id"));
    assert_eq!(stripe.state()["transfers"], json!([]));
    assert_eq!(stripe.balance("platform", "usd"), 1000);
}

#[test]
fn lists_go_page_by_page() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1000, "usd");
    let make = |group: &str| {
        let form = [
            ("amount", "1"),
            ("currency", "usd"),
            ("destination", account.as_str()),
            ("transfer_group", group),
        ];
        id(&stripe.post("/v1/transfers", &[], &form).ok()).to_owned()
    };
    let made: Vec<String> = ["a", "b", "a", "a", "b"].map(make).into_iter().rev().collect();
    let page = |query: &str| {
        let list = stripe.get(&format!("/v1/transfers{query}"), &[]).ok();
        assert_eq!(
            (&list["object"], &list["url"]),
            (&json!("list"), &json!("/v1/transfers"))
        );
        let data = list["data"].as_array().unwrap();
        let ids: Vec<String> = data.iter().map(|transfer| id(transfer).to_owned()).collect();
        (ids, list["has_more"].as_bool().unwrap())
    };
    assert_eq!(page(""), (made.clone(), false), "newest first");
    assert_eq!(page("?limit=2"), (made[..2].to_vec(), true));
    assert_eq!(
        page(&format!("?limit=2&starting_after={}", made[1])),
        (made[2..4].to_vec(), true)
    );
    assert_eq!(
        page(&format!("?limit=2&starting_after={}", made[3])),
        (made[4..].to_vec(), false)
    );
    assert_eq!(
        page(&format!("?limit=1&starting_after={}", made[3])),
        (made[4..].to_vec(), false)
    );
    let of_a = vec![made[1].clone(), made[2].clone(), made[4].clone()];
    assert_eq!(page("?transfer_group=a"), (of_a.clone(), false));
    assert_eq!(
        page(&format!("?transfer_group=a&limit=1&starting_after={}", made[1])),
        (of_a[1..2].to_vec(), true)
    );
    assert_eq!(page("?transfer_group=none"), (vec![], false));
    for (query, code, param) in [
        ("limit=0", "parameter_invalid_integer", "limit"),
        ("limit=101", "parameter_invalid_integer", "limit"),
        ("starting_after=tr_none", "resource_missing", "starting_after"),
        ("ending_before=tr_none", "parameter_unknown", "ending_before"),
    ] {
        let refused = stripe.get(&format!("/v1/transfers?{query}"), &[]);
        refused.check_error(400, "invalid_request_error", Some(code), Some(param));
    }
}

#[test]
fn transfers_are_found_by_destination_and_by_when_they_were_made() {
    let stripe = Stripe::new();
    let (one, other) = (stripe.account(), stripe.account());
    stripe.pay(1000, "usd");
    let old = [
        stripe.transfer("1", &one, &[]).ok(),
        stripe.transfer("2", &other, &[]).ok(),
    ];
    let since = stripe.next_second(old[1]["created"].as_i64().unwrap());
    let new = [
        stripe.transfer("3", &one, &[]).ok(),
        stripe.transfer("4", &other, &[]).ok(),
    ];
    let amounts = |query: &str| -> Vec<i64> {
        let list = stripe.get(&format!("/v1/transfers?{query}"), &[]).ok();
        assert_eq!(list["has_more"], false);
        let data = list["data"].as_array().unwrap();
        data.iter()
            .map(|transfer| transfer["amount"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(amounts(&format!("destination={one}")), [3, 1]);
    assert!(amounts("destination=acct_none").is_empty());
    assert_eq!(amounts(&format!("created[gte]={since}")), [4, 3]);
    assert_eq!(amounts(&format!("created%5Blt%5D={since}")), [2, 1]);
    let first = old[0]["created"].as_i64().unwrap();
    let before = amounts(&format!("created[lt]={first}"));
    assert!(before.is_empty(), "the end is not part of it: {before:?}");
    let end = new[1]["created"].as_i64().unwrap() + 1;
    assert_eq!(
        amounts(&format!("created[gte]={first}&created[lt]={end}")),
        [4, 3, 2, 1],
        "the beginning is"
    );
    let both = format!("destination={other}&created[lt]={since}&transfer_group=deal_1");
    assert_eq!(amounts(&both), [2]);
    let page = |query: &str| {
        let list = stripe
            .get(&format!("/v1/transfers?destination={one}&limit=1{query}"), &[])
            .ok();
        (list["data"].clone(), list["has_more"].clone())
    };
    assert_eq!(page(""), (json!([new[0]]), json!(true)));
    let after = format!("&starting_after={}", id(&new[0]));
    assert_eq!(
        page(&after),
        (json!([old[0]]), json!(false)),
        "another's are no reason for more"
    );
    for (query, code, param) in [
        ("created[gte]=yesterday", "parameter_invalid_integer", "created[gte]"),
        ("created[lt]=-1", "parameter_invalid_integer", "created[lt]"),
        ("created[after]=1", "parameter_unknown", "created[after]"),
    ] {
        let refused = stripe.get(&format!("/v1/transfers?{query}"), &[]);
        refused.check_error(400, "invalid_request_error", Some(code), Some(param));
    }
}
