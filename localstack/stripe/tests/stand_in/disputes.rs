//! Tests what clients' banks do: disputes, and refunds that come back.

use serde_json::{Value, json};

use crate::harness::{Stripe, id};

const INVALID: &str = "invalid_request_error";

impl Stripe {
    /// The types of the next events, whatever their order, and the last of them.
    fn events(&self, count: usize) -> (Vec<String>, Value) {
        let all: Vec<Value> = (0..count).map(|_| self.received().event()).collect();
        let mut kinds: Vec<String> = all
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect();
        kinds.sort_unstable();
        (kinds, all.into_iter().next_back().unwrap())
    }

    fn dispute(&self, body: &Value) -> Value {
        self.control("disputes", body).ok()
    }

    fn decide(&self, dispute: &Value, won: bool) -> Value {
        self.control("decisions", &json!({"dispute": dispute["id"], "won": won}))
            .ok()
    }
}

#[test]
fn a_dispute_takes_the_money_and_its_fee_and_gives_the_money_back_where_it_is_won() {
    for (won, left) in [(true, 985), (false, -15)] {
        let stripe = Stripe::new();
        let paid = stripe.pay(1_000, "usd");
        stripe.event("payment_intent.succeeded");
        let dispute = stripe.dispute(&json!({"payment": paid["id"], "fee": 15}));
        assert_eq!(dispute["status"], "needs_response");
        assert_eq!(dispute["payment_intent"], paid["id"]);
        assert_eq!(stripe.balance("platform", "usd"), -15, "also below zero");
        let (kinds, _) = stripe.events(2);
        assert_eq!(kinds, ["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
        let change = &dispute["balance_transactions"][0];
        assert_eq!(
            (&change["type"], &change["reporting_category"]),
            (&json!("adjustment"), &json!("dispute"))
        );
        assert_eq!((&change["net"], &change["fee"]), (&json!(-1_015), &json!(15)));
        let closed = stripe.decide(&dispute, won);
        assert_eq!(closed["status"], if won { "won" } else { "lost" });
        assert_eq!(stripe.balance("platform", "usd"), left);
        let (kinds, _) = stripe.events(if won { 2 } else { 1 });
        let due: &[&str] = if won {
            &["charge.dispute.closed", "charge.dispute.funds_reinstated"]
        } else {
            &["charge.dispute.closed"]
        };
        assert_eq!(kinds, due);
        let listed = stripe
            .get(&format!("/v1/disputes?payment_intent={}", id(&paid)), &[])
            .ok();
        assert_eq!(listed["data"], json!([closed]));
        let charge = stripe
            .get(&format!("/v1/charges/{}", paid["latest_charge"].as_str().unwrap()), &[])
            .ok();
        assert_eq!(charge["disputed"], true);
    }
}

#[test]
fn a_question_of_the_bank_moves_no_money() {
    let stripe = Stripe::new();
    let paid = stripe.pay(1_000, "usd");
    let dispute = stripe.dispute(&json!({"payment": paid["id"], "inquiry": true}));
    assert_eq!(dispute["status"], "warning_needs_response");
    assert_eq!(stripe.decide(&dispute, true)["status"], "warning_closed");
    assert_eq!(stripe.balance("platform", "usd"), 1_000);
    let more = stripe.control("disputes", &json!({"payment": paid["id"], "amount": 1_001}));
    more.check_error(400, INVALID, None, Some("amount"));
    let none = stripe.control("disputes", &json!({"payment": "pi_none"}));
    none.check_error(400, INVALID, Some("resource_missing"), Some("payment"));
}

#[test]
fn a_refund_that_fails_gives_the_money_back_once_and_may_be_asked_for_again() {
    let stripe = Stripe::new();
    let paid = stripe.pay(1_000, "usd");
    let form = [("payment_intent", id(&paid)), ("metadata[order]", "refund:1")];
    let refund = stripe.post("/v1/refunds", &[], &form).ok();
    assert_eq!(stripe.balance("platform", "usd"), 0);
    let body = json!({"refund": refund["id"]});
    let failed = stripe.control("refund_failures", &body).ok();
    assert_eq!(
        (&failed["status"], &failed["metadata"]["order"]),
        (&json!("failed"), &json!("refund:1"))
    );
    assert_eq!(stripe.balance("platform", "usd"), 1_000);
    let (kinds, _) = stripe.events(4);
    let due = [
        "payment_intent.succeeded",
        "refund.created",
        "refund.failed",
        "refund.updated",
    ];
    assert_eq!(kinds, due);
    assert_eq!(stripe.control("refund_failures", &body).status, 400, "it fails once");
    let again = stripe.post("/v1/refunds", &[], &form).ok();
    assert_eq!(
        (&again["amount"], &again["status"]),
        (&json!(1_000), &json!("succeeded"))
    );
    assert_ne!(again["id"], refund["id"]);
}

#[test]
fn a_restricted_account_takes_no_transfers() {
    let stripe = Stripe::new();
    let account = stripe.account();
    stripe.pay(1_000, "usd");
    let restrict = |restricted: bool| {
        let body = json!({"account": account, "restricted": restricted});
        stripe.control("restrictions", &body).ok()
    };
    let restricted = restrict(true);
    assert_eq!(restricted["capabilities"]["transfers"], "inactive");
    assert_eq!(
        restricted["payouts_enabled"], true,
        "which says nothing about transfers"
    );
    let code = Some("insufficient_capabilities_for_transfer");
    stripe
        .transfer("1", &account, &[])
        .check_error(400, INVALID, code, Some("destination"));
    restrict(false);
    stripe.transfer("1", &account, &[]).ok();
}

#[test]
fn events_are_listed_by_several_types_and_by_every_bound_on_when() {
    let stripe = Stripe::new();
    let paid = stripe.pay(1_000, "usd");
    stripe.dispute(&json!({"payment": paid["id"]}));
    let kinds = |query: &str| -> Vec<String> {
        let list = stripe.get(&format!("/v1/events?{query}"), &[]).ok();
        let all = list["data"].as_array().unwrap().iter();
        all.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    let due = ["charge.dispute.funds_withdrawn", "payment_intent.succeeded"];
    let types = "types[]=payment_intent.succeeded&types[]=charge.dispute.funds_withdrawn";
    assert_eq!(kinds(types), due);
    assert_eq!(
        kinds("types[0]=payment_intent.succeeded&types[1]=charge.dispute.funds_withdrawn"),
        due
    );
    let second = paid["created"].as_i64().unwrap();
    for (bound, at, found) in [
        ("gt", second, false),
        ("gt", second - 1, true),
        ("gte", second, true),
        ("lt", second, false),
        ("lte", second, true),
    ] {
        let query = format!("type=payment_intent.succeeded&created[{bound}]={at}");
        assert_eq!(!kinds(&query).is_empty(), found, "{query}");
    }
    assert_eq!(
        kinds(&format!("type=payment_intent.succeeded&created={second}")).len(),
        1
    );
    let both = stripe.get(&format!("/v1/events?type=x&{types}"), &[]);
    both.check_error(400, INVALID, None, Some("types"));
}
