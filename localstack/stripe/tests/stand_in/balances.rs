//! Tests balances, whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::harness::{Stripe, id};

#[test]
fn amounts_are_in_the_smallest_unit_of_their_currency() {
    let stripe = Stripe::new();
    for (currency, amount, least) in [("jpy", 300_000, 1), ("kwd", 1_250_120, 10), ("eur", 99, 1)] {
        stripe.pay(amount, currency);
        stripe.pay(least, currency);
        assert_eq!(stripe.balance("platform", currency), amount + least);
    }
    assert_eq!(stripe.balance("platform", "usd"), 0);
    for bad in [
        json!({"amount": 0, "currency": "usd"}),
        json!({"amount": 1, "currency": "USD"}),
        json!({"amount": 1.5, "currency": "usd"}),
        json!({"amount": 1, "currency": "usd", "deal": "1"}),
        json!({"amount": 1_250_125, "currency": "kwd"}),
    ] {
        assert_eq!(stripe.control("payments", &bad).status, 400, "{bad}");
    }
}

#[test]
fn balances_never_go_below_zero_and_no_money_is_made() {
    let stripe = Stripe::new();
    let accounts = [stripe.account(), stripe.account()];
    let mut seed = 7_u64;
    let mut below = |limit: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % limit
    };
    let (mut paid_in, mut paid_out, mut refunded) = (0, 0, 0);
    let (mut payments, mut transfers): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut refused = BTreeSet::new();
    for _ in 0..200 {
        let (account, amount) = (&accounts[below(2) as usize], below(900) + 1);
        let text = amount.to_string();
        let money = [("amount", text.as_str()), ("currency", "usd")];
        let answer = match below(8) {
            0 => {
                paid_in += amount as i64;
                payments.push(id(&stripe.pay(amount as i64, "usd")).to_owned());
                continue;
            }
            1 | 2 => stripe.transfer(&text, account, &[]),
            3 | 4 if !transfers.is_empty() => {
                let transfer = &transfers[below(transfers.len() as u64) as usize];
                stripe.post(&format!("/v1/transfers/{transfer}/reversals"), &[], &money[..1])
            }
            5 if !payments.is_empty() => {
                let payment = &payments[below(payments.len() as u64) as usize];
                stripe.post("/v1/refunds", &[], &[("payment_intent", payment), money[0]])
            }
            6 => stripe.post("/v1/topups", &[], &money),
            _ => stripe.post("/v1/payouts", &[("stripe-account", account)], &money),
        };
        match (answer.status, answer.body["object"].as_str()) {
            (200, Some("transfer")) => transfers.push(id(&answer.body).to_owned()),
            (200, Some("payout")) => paid_out += amount as i64,
            (200, Some("refund")) => refunded += amount as i64,
            (200, Some("topup")) => paid_in += amount as i64,
            (200, _) => {}
            _ => {
                refused.insert(answer.body["error"]["code"].to_string());
            }
        }
        let balances: BTreeMap<String, BTreeMap<String, i64>> =
            serde_json::from_value(stripe.state()["balances"].clone()).unwrap();
        let held: Vec<i64> = balances.values().flat_map(|held| held.values().copied()).collect();
        assert!(held.iter().all(|amount| *amount >= 0), "{held:?}");
        assert_eq!(held.iter().sum::<i64>() + paid_out + refunded, paid_in);
    }
    assert!(
        refused.contains("\"balance_insufficient\"") && !transfers.is_empty() && paid_out > 0 && refunded > 0,
        "{refused:?}"
    );
}
