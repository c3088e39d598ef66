//! Everything the stand-in remembers, and what changes it.

mod accounts;
mod balances;
mod disputes;
mod events;
mod expand;
mod faults;
mod idempotency;
mod payments;
mod payouts;
mod refunds;
mod topups;
mod transfers;

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Range,
};

use serde::Serialize;
use serde_json::Value;

pub use self::{disputes::Opening, events::Delivery, faults::Fault, payments::Paying};
use self::{events::Event, idempotency::Kept};
use crate::{
    api::Call,
    error::ApiError,
    objects::{
        Account, BalanceTransaction, Charge, Dispute, Link, Payment, Payout, Refund, Reversal, Topup, Transfer, list,
    },
    params::Params,
};

/// The platform's own balance, beside those of the connected accounts.
pub const PLATFORM: &str = "platform";

/// Everything, newest last.
#[derive(Default, Serialize)]
pub struct World {
    accounts: BTreeMap<String, Account>,
    /// The amounts that each holder can use now, by currency.
    balances: BTreeMap<String, BTreeMap<String, i64>>,
    /// The amounts that are paid and not usable yet, by holder and currency.
    pending: BTreeMap<String, BTreeMap<String, i64>>,
    /// Every change of a balance, with the holder.
    balance_transactions: Vec<(String, BalanceTransaction)>,
    transfers: Vec<Transfer>,
    reversals: Vec<Reversal>,
    payouts: Vec<(String, Payout)>,
    topups: Vec<Topup>,
    payments: Vec<Payment>,
    charges: Vec<Charge>,
    disputes: Vec<Dispute>,
    refunds: Vec<Refund>,
    events: Vec<Event>,
    links: BTreeMap<String, Link>,
    idempotency_keys: BTreeMap<String, Kept>,
    request_faults: VecDeque<Fault>,
    event_faults: VecDeque<Fault>,
    generation: u64,
    #[serde(skip)]
    deliveries: Vec<Delivery>,
}

/// The requests of the API.
impl World {
    /// Answers a GET.
    pub fn read(&self, call: &Call) -> Result<Value, ApiError> {
        self.check_account(call)?;
        let mut params = call.params.clone();
        let expand = params.list("expand");
        let read = match call.segments()[..] {
            ["accounts", account] => self.read_account(account, params),
            ["transfers"] => self.list_transfers(params),
            ["transfers", transfer] => self.read_transfer(transfer, params),
            ["transfers", transfer, "reversals"] => self.list_reversals(transfer, params),
            ["balance"] => self.read_balance(call.account.as_deref().unwrap_or(PLATFORM), params),
            ["events"] => self.list_events(call.account.as_deref(), params),
            ["payment_intents"] => self.list_payments(params),
            ["payment_intents", payment] => self.read_payment(payment, params),
            ["refunds"] => self.list_refunds(params),
            ["refunds", refund] => self.read_refund(refund, params),
            ["topups", topup] => self.read_topup(topup, params),
            ["events", event] => self.read_event(call.account.as_deref(), event, params),
            ["balance_transactions"] => {
                self.list_balance_transactions(call.account.as_deref().unwrap_or(PLATFORM), params)
            }
            ["balance_transactions", transaction] => self.read_balance_transaction(transaction, params),
            ["charges", charge] => self.read_charge(charge, params),
            ["disputes"] => self.list_disputes(params),
            ["disputes", dispute] => self.read_dispute(dispute, params),
            ["payouts"] => self.list_payouts(call.account.as_deref(), params),
            ["payouts", payout] => self.read_payout(payout, params),
            _ => Err(call.no_route()),
        };
        self.expanded(read?, &expand)
    }

    /// Does a POST.
    pub fn write(&mut self, call: &Call, own_url: &str) -> Result<Value, ApiError> {
        self.check_account(call)?;
        let mut params = call.params.clone();
        let expand = params.list("expand");
        let written = match call.segments()[..] {
            ["accounts"] => self.create_account(params, call.at),
            ["account_links"] => self.create_link(params, call.at, own_url),
            ["transfers"] => self.create_transfer(params, call.at),
            ["transfers", transfer, "reversals"] => self.reverse(transfer, params, call.at),
            ["payouts"] => self.pay_out(call.account.clone(), params, call.at),
            ["refunds"] => self.refund(params, call.at),
            ["topups"] => self.top_up(params, call.at),
            _ => Err(call.no_route()),
        };
        self.expanded(written?, &expand)
    }

    fn check_account(&self, call: &Call) -> Result<(), ApiError> {
        let Some(account) = &call.account else { return Ok(()) };
        if !matches!(
            call.segments()[..],
            ["balance" | "balance_transactions" | "payouts" | "events"] | ["events", _]
        ) {
            return Err(ApiError::invalid(
                "This stand-in takes Stripe-Account for the balance, its transactions, payouts and events only.",
            ));
        }
        if self.accounts.contains_key(account) {
            Ok(())
        } else {
            Err(ApiError::not_connected(account))
        }
    }

    /// Forgets the idempotency keys, as Stripe may after a day.
    pub fn forget(&mut self) {
        self.idempotency_keys.clear();
    }

    /// Forgets everything that is kept.
    pub fn reset(&mut self) {
        *self = Self {
            generation: self.generation + 1,
            ..Self::default()
        };
    }

    /// Returns the number of times that everything was forgotten.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

/// A page of a list: after `starting_after`, of those to keep, at most `limit`.
fn page(
    url: &str,
    what: &str,
    newest_first: Vec<Value>,
    mut params: Params,
    keep: impl Fn(&Value) -> bool,
) -> Result<Value, ApiError> {
    let limit = params.limit()?;
    let after = params.take("starting_after");
    params.finish()?;
    let from = match &after {
        None => 0,
        Some(after) => {
            let at = newest_first.iter().position(|object| object["id"] == after.as_str());
            at.ok_or_else(|| ApiError::missing(what, after, "starting_after"))? + 1
        }
    };
    let mut data: Vec<Value> = newest_first
        .into_iter()
        .skip(from)
        .filter(keep)
        .take(limit + 1)
        .collect();
    let has_more = data.len() > limit;
    data.truncate(limit);
    Ok(list(url, data, has_more))
}

/// Whether a field of an object is what is asked for; it is where nothing is.
fn is_asked(object: &Value, name: &str, asked: Option<&str>) -> bool {
    asked.is_none() || object[name].as_str() == asked
}

/// Whether an object was made in this time.
fn was_made(object: &Value, created: &Range<i64>) -> bool {
    object["created"].as_i64().is_some_and(|at| created.contains(&at))
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;

    fn post(world: &mut World, path: &str, at: i64, params: &[(&str, &str)]) -> Value {
        let params = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let call = Call {
            method: Method::POST,
            path: path.to_owned(),
            account: None,
            key: None,
            params: Params(params.collect()),
            at,
        };
        world.write(&call, "http://here").unwrap()
    }

    #[test]
    fn a_link_works_for_five_minutes() {
        let mut world = World::default();
        let account = post(&mut world, "/v1/accounts", 1000, &[]);
        for (opened_at, works) in [(1299, true), (1300, false)] {
            let params = [
                ("account", account["id"].as_str().unwrap()),
                ("type", "account_onboarding"),
                ("refresh_url", "https://a.example.com"),
                ("return_url", "https://b.example.com"),
            ];
            let link = post(&mut world, "/v1/account_links", 1000, &params);
            assert_eq!(link["expires_at"], 1300);
            let token = link["url"]
                .as_str()
                .unwrap()
                .strip_prefix("http://here/onboarding/")
                .unwrap();
            assert_eq!(world.onboard(token, opened_at).is_some(), works);
        }
    }
}
