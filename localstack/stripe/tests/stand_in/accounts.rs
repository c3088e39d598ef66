//! Connected accounts and the links to their onboarding.

use inventure_http_client::Request;
use serde_json::{Value, json};

use crate::harness::{Stripe, ask, id};

#[test]
fn an_account_is_onboarded_through_its_link() {
    let stripe = Stripe::new();
    let form = [
        ("type", "express"),
        ("country", "DE"),
        ("email", "ada@example.com"),
        ("capabilities[transfers][requested]", "true"),
        ("capabilities[card_payments][requested]", "false"),
        ("metadata[member]", "m 1"),
    ];
    let made = stripe.post("/v1/accounts", &[], &form).ok();
    let account = id(&made).to_owned();
    assert!(account.starts_with("acct_"));
    assert_eq!(made["object"], "account");
    assert_eq!(made["country"], "DE");
    assert_eq!(made["email"], "ada@example.com");
    assert_eq!(made["metadata"], json!({"member": "m 1"}));
    assert_eq!(made["capabilities"], json!({"transfers": "inactive"}));
    assert!(made["created"].is_i64());
    let enabled = |account: &Value| {
        ["charges_enabled", "payouts_enabled", "details_submitted"].map(|name| account[name].as_bool().unwrap())
    };
    assert_eq!(enabled(&made), [false; 3]);

    let link = stripe.onboarding(&account);
    assert!(link.starts_with(&stripe.url));
    let open = || ask(Request::get(&link)).status;
    assert_eq!(open(), 200);
    let event = stripe.event("account.updated");
    assert_eq!(event["account"], account.as_str());
    assert_eq!(enabled(&event["data"]["object"]), [true; 3]);
    let read = stripe.get(&format!("/v1/accounts/{account}"), &[]).ok();
    assert_eq!(enabled(&read), [true; 3]);
    assert_eq!(read["capabilities"], json!({"transfers": "active"}));
    assert_eq!(open(), 410, "a link works once");
}

#[test]
fn accounts_and_links_refuse_what_they_do_not_know() {
    let stripe = Stripe::new();
    let invalid = "invalid_request_error";
    stripe
        .get("/v1/accounts/acct_none", &[])
        .check_error(403, invalid, Some("account_invalid"), None);
    let misspelt = stripe.post("/v1/accounts", &[], &[("emial", "ada@example.com")]);
    misspelt.check_error(400, invalid, Some("parameter_unknown"), Some("emial"));
    let long = "x".repeat(501);
    let metadata = stripe.post("/v1/accounts", &[], &[("metadata[a]", long.as_str())]);
    metadata.check_error(400, invalid, None, Some("metadata"));
    assert_eq!(stripe.state()["accounts"], json!({}));

    let link = |account: &str, kind: &str, form: &[(&str, &str)]| {
        stripe.post(
            "/v1/account_links",
            &[],
            &[&[("account", account), ("type", kind)], form].concat(),
        )
    };
    let urls = [
        ("refresh_url", "https://a.example.com"),
        ("return_url", "https://b.example.com"),
    ];
    link("acct_none", "account_onboarding", &urls).check_error(400, invalid, Some("resource_missing"), Some("account"));
    let account = stripe.open_account();
    link(&account, "other", &urls).check_error(400, invalid, None, Some("type"));
    link(&account, "account_onboarding", &urls[..1]).check_error(
        400,
        invalid,
        Some("parameter_missing"),
        Some("return_url"),
    );
    stripe.get("/v1/charges", &[]).check_error(404, invalid, None, None);
    stripe
        .post("/v1/charges", &[], &[])
        .check_error(404, invalid, None, None);
    stripe
        .delete(&format!("/v1/accounts/{account}"))
        .check_error(404, invalid, None, None);
}
