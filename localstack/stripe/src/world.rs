//! Everything the stand-in remembers, and what changes it. Balances never go below zero: what would do that is refused.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    api::Call,
    error::{ApiError, Reply},
    objects::{Account, Link, Payout, Reversal, Texts, Transfer, id, list, value},
    params::Params,
};

/// The platform's own balance, beside those of the connected accounts.
pub const PLATFORM: &str = "platform";
/// The version whose shapes are answered.
const API_VERSION: &str = "2025-06-30.basil";
/// How long an account link works.
const LINK_SECONDS: i64 = 300;
const KEY_CHARS_MAX: usize = 255;

/// What goes wrong with the next request or event.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The answer comes after so many seconds. With `after_effect` the effect is done at once and only the answer is late; without, the
    /// request holds its idempotency key for that time, and then ends without having done anything.
    Timeout { after_effect: bool, seconds: u64 },
    /// 429, and nothing happens.
    RateLimit,
    /// 500, with the effect done or not. Kept under the idempotency key either way, as Stripe does.
    ServerError { after_effect: bool },
    /// The next event is sent twice.
    DuplicateEvent,
    /// The next event is sent after so many seconds.
    LateEvent { seconds: u64 },
    /// The next event is never sent; it is in the list of events.
    LostEvent,
}

/// An event on its way.
pub struct Delivery {
    pub event: String,
    pub body: String,
    pub after_seconds: u64,
    /// What was before a reset is not sent after it.
    pub generation: u64,
}

/// What was answered to the first request of an idempotency key.
#[derive(Debug, Serialize)]
struct Kept {
    path: String,
    #[serde(skip)]
    params: Params,
    /// None while it goes on.
    reply: Option<Reply>,
}

/// An event, with the account it is of.
#[derive(Debug, Serialize)]
struct Event {
    account: Option<String>,
    event: Value,
}

/// Everything, newest last.
#[derive(Default, Serialize)]
pub struct World {
    accounts: BTreeMap<String, Account>,
    balances: BTreeMap<String, BTreeMap<String, i64>>,
    transfers: Vec<Transfer>,
    reversals: Vec<Reversal>,
    payouts: Vec<Payout>,
    payments: Vec<Value>,
    events: Vec<Event>,
    links: BTreeMap<String, Link>,
    idempotency_keys: BTreeMap<String, Kept>,
    request_faults: VecDeque<Fault>,
    event_faults: VecDeque<Fault>,
    generation: u64,
    #[serde(skip)]
    deliveries: Vec<Delivery>,
}

/// Idempotency.
impl World {
    /// The answer that is kept under the request's key, if it is a repeat.
    pub fn kept(&self, call: &Call) -> Result<Option<Reply>, ApiError> {
        let Some(key) = &call.key else { return Ok(None) };
        if key.chars().count() > KEY_CHARS_MAX {
            return Err(ApiError::invalid(format!(
                "Idempotency keys are up to {KEY_CHARS_MAX} characters long."
            )));
        }
        let Some(kept) = self.idempotency_keys.get(&slot(call, key)) else {
            return Ok(None);
        };
        let other = |what: &str| {
            ApiError::idempotency(format!(
                "Keys for idempotent requests can only be used {what} they were first used with. \
                 Try using a key other than '{key}' if you meant to execute a different request."
            ))
        };
        if kept.path != call.path {
            return Err(other("for the same endpoint"));
        }
        if kept.params != call.params {
            return Err(other("with the same parameters"));
        }
        match &kept.reply {
            Some(reply) => Ok(Some(Reply {
                replayed: true,
                ..reply.clone()
            })),
            None => Err(ApiError::in_progress(key)),
        }
    }

    /// Keeps the answer under the request's key; with none, that the request goes on.
    pub fn keep(&mut self, call: &Call, reply: Option<Reply>) {
        if let Some(key) = &call.key {
            let kept = Kept {
                path: call.path.clone(),
                params: call.params.clone(),
                reply,
            };
            self.idempotency_keys.insert(slot(call, key), kept);
        }
    }

    /// The request ended and never began.
    pub fn release(&mut self, call: &Call) {
        if let Some(key) = &call.key {
            self.idempotency_keys.remove(&slot(call, key));
        }
    }
}

/// Keys of one account are not those of another.
fn slot(call: &Call, key: &str) -> String {
    format!("{}/{key}", call.account.as_deref().unwrap_or(PLATFORM))
}

/// The API.
impl World {
    /// Answers a GET.
    pub fn read(&self, call: &Call) -> Result<Value, ApiError> {
        self.check_account(call)?;
        let params = call.params.clone();
        match call.segments()[..] {
            ["accounts", account] => {
                params.finish()?;
                self.accounts
                    .get(account)
                    .map(value)
                    .ok_or_else(|| ApiError::not_connected(account))
            }
            ["transfers"] => self.list_transfers(params),
            ["transfers", transfer] => {
                params.finish()?;
                self.transfer(transfer).map(|at| self.shown(at))
            }
            ["balance"] => {
                params.finish()?;
                Ok(self.balance(call.account.as_deref().unwrap_or(PLATFORM)))
            }
            ["events"] => {
                let own = self.events.iter().filter(|event| event.account == call.account);
                let newest_first = own.rev().map(|event| event.event.clone()).collect();
                page("/v1/events", "event", newest_first, params, |_| true)
            }
            _ => Err(call.no_route()),
        }
    }

    /// Does a POST.
    pub fn write(&mut self, call: &Call, own_url: &str) -> Result<Value, ApiError> {
        self.check_account(call)?;
        let params = call.params.clone();
        match call.segments()[..] {
            ["accounts"] => self.create_account(params, call.at),
            ["account_links"] => self.create_link(params, call.at, own_url),
            ["transfers"] => self.create_transfer(params, call.at),
            ["transfers", transfer, "reversals"] => self.reverse(transfer, params, call.at),
            ["payouts"] => self.pay_out(call.account.clone(), params, call.at),
            _ => Err(call.no_route()),
        }
    }

    fn check_account(&self, call: &Call) -> Result<(), ApiError> {
        let Some(account) = &call.account else { return Ok(()) };
        if !matches!(call.segments()[..], ["balance" | "payouts" | "events"]) {
            return Err(ApiError::invalid(
                "This stand-in takes Stripe-Account for the balance, payouts and events only.",
            ));
        }
        if self.accounts.contains_key(account) {
            Ok(())
        } else {
            Err(ApiError::not_connected(account))
        }
    }

    fn create_account(&mut self, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let requested = params.group("capabilities");
        let named = requested.iter().filter(|(_, requested)| *requested == "true");
        let mut capabilities: BTreeMap<String, &str> = named
            .filter_map(|(name, _)| Some((name.strip_suffix("][requested")?.to_owned(), "inactive")))
            .collect();
        if capabilities.is_empty() {
            // What a platform of this kind has in its settings.
            capabilities.insert("transfers".to_owned(), "inactive");
        }
        // Taken and not kept: nothing here depends on them.
        for group in ["business_profile", "controller", "settings"] {
            params.group(group);
        }
        let account = Account {
            id: id("acct"),
            object: "account",
            business_type: params.take("business_type"),
            capabilities,
            charges_enabled: false,
            country: params.take("country").unwrap_or_else(|| "US".to_owned()),
            created: at,
            default_currency: params.take("default_currency"),
            details_submitted: false,
            email: params.take("email"),
            metadata: params.metadata()?,
            payouts_enabled: false,
            requirements: Account::requirements_open(),
            kind: params.take("type").unwrap_or_else(|| "standard".to_owned()),
        };
        params.finish()?;
        let shown = value(&account);
        self.accounts.insert(account.id.clone(), account);
        Ok(shown)
    }

    fn create_link(&mut self, mut params: Params, at: i64, own_url: &str) -> Result<Value, ApiError> {
        let account = params.required("account")?;
        let kind = params.required("type")?;
        if !matches!(kind.as_str(), "account_onboarding" | "account_update") {
            let message = "Invalid type: must be one of account_onboarding or account_update";
            return Err(ApiError::parameter(None, "type", message));
        }
        params.required("refresh_url")?;
        let return_url = params.required("return_url")?;
        params.finish()?;
        if !self.accounts.contains_key(&account) {
            return Err(ApiError::missing("account", &account, "account"));
        }
        let (link, expires_at) = (id("link"), at + LINK_SECONDS);
        let url = format!("{own_url}/onboarding/{link}");
        self.links.insert(
            link,
            Link {
                account,
                expires_at,
                return_url,
            },
        );
        Ok(json!({"object": "account_link", "created": at, "expires_at": expires_at, "url": url}))
    }

    fn create_transfer(&mut self, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let transfer = Transfer {
            id: id("tr"),
            object: "transfer",
            amount: params.required_amount()?,
            amount_reversed: 0,
            balance_transaction: id("txn"),
            created: at,
            currency: params.currency()?,
            description: params.take("description"),
            destination: params.required("destination")?,
            destination_payment: id("py"),
            livemode: false,
            metadata: params.metadata()?,
            reversed: false,
            source_transaction: None,
            source_type: "card",
            transfer_group: params.take("transfer_group"),
        };
        params.finish()?;
        let Some(account) = self.accounts.get(&transfer.destination) else {
            return Err(ApiError::missing("destination", &transfer.destination, "destination"));
        };
        if !account.takes_transfers() {
            return Err(ApiError::refused(
                Some("insufficient_capabilities_for_transfer"),
                Some("destination"),
                "Your destination account needs to have at least one of the following capabilities enabled: transfers",
            ));
        }
        let (currency, amount) = (transfer.currency.clone(), transfer.amount);
        let message = "You have insufficient available funds in your Stripe account.";
        self.take(PLATFORM, &currency, amount, message)?;
        self.put(&transfer.destination, &currency, amount);
        self.transfers.push(transfer);
        let shown = self.shown(self.transfers.len() - 1);
        self.emit("transfer.created", None, &shown, at);
        Ok(shown)
    }

    fn reverse(&mut self, transfer: &str, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let asked = params.amount()?;
        let metadata = params.metadata()?;
        params.take("description");
        params.finish()?;
        let index = self.transfer(transfer)?;
        let of = &self.transfers[index];
        let left = of.amount - of.amount_reversed;
        let amount = asked.unwrap_or(left);
        if amount > left || left == 0 {
            let message =
                format!("Reversal amount ({amount}) is greater than the unreversed amount on the transfer ({left})");
            return Err(ApiError::refused(None, Some("amount"), message));
        }
        let (currency, destination) = (of.currency.clone(), of.destination.clone());
        let message = "The connected account has insufficient funds to cover this reversal.";
        self.take(&destination, &currency, amount, message)?;
        self.put(PLATFORM, &currency, amount);
        let of = &mut self.transfers[index];
        of.amount_reversed += amount;
        of.reversed = of.amount_reversed == of.amount;
        let reversal = Reversal {
            id: id("trr"),
            object: "transfer_reversal",
            amount,
            balance_transaction: id("txn"),
            created: at,
            currency,
            metadata,
            source_refund: None,
            transfer: transfer.to_owned(),
        };
        let answer = value(&reversal);
        self.reversals.push(reversal);
        let shown = self.shown(index);
        self.emit("transfer.reversed", None, &shown, at);
        Ok(answer)
    }

    fn pay_out(&mut self, account: Option<String>, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let mut payout = Payout {
            id: id("po"),
            object: "payout",
            amount: params.required_amount()?,
            arrival_date: at,
            automatic: false,
            balance_transaction: id("txn"),
            created: at,
            currency: params.currency()?,
            description: params.take("description"),
            livemode: false,
            metadata: params.metadata()?,
            method: "standard",
            source_type: "card",
            status: "pending",
        };
        params.finish()?;
        let holder = account.as_deref().unwrap_or(PLATFORM);
        if self
            .accounts
            .get(holder)
            .is_some_and(|account| !account.payouts_enabled)
        {
            let message = "Payouts are not enabled for this account: its onboarding is not complete.";
            return Err(ApiError::refused(Some("payouts_not_allowed"), None, message));
        }
        let message = "You have insufficient funds in your Stripe account for this payout.";
        self.take(holder, &payout.currency, payout.amount, message)?;
        let answer = value(&payout);
        // The bank takes it at once: days are not waited for here.
        payout.status = "paid";
        self.emit("payout.paid", account, &value(&payout), at);
        self.payouts.push(payout);
        Ok(answer)
    }

    fn list_transfers(&self, mut params: Params) -> Result<Value, ApiError> {
        let group = params.take("transfer_group");
        let newest_first = (0..self.transfers.len()).rev().map(|index| self.shown(index)).collect();
        page("/v1/transfers", "transfer", newest_first, params, |transfer| {
            group.is_none() || transfer["transfer_group"].as_str() == group.as_deref()
        })
    }

    fn transfer(&self, transfer: &str) -> Result<usize, ApiError> {
        let found = self.transfers.iter().position(|known| known.id == transfer);
        found.ok_or_else(|| ApiError::not_found("transfer", transfer))
    }

    /// A transfer with its reversals.
    fn shown(&self, index: usize) -> Value {
        let transfer = &self.transfers[index];
        let of = self
            .reversals
            .iter()
            .rev()
            .filter(|reversal| reversal.transfer == transfer.id);
        let reversals: Vec<Value> = of.map(value).collect();
        let total = reversals.len();
        let mut shown = value(transfer);
        shown["reversals"] = list(&format!("/v1/transfers/{}/reversals", transfer.id), reversals, false);
        shown["reversals"]["total_count"] = total.into();
        shown
    }

    fn balance(&self, holder: &str) -> Value {
        let nothing = BTreeMap::from([("usd".to_owned(), 0)]);
        let held = self.balances.get(holder).unwrap_or(&nothing);
        let entry = |currency: &String, amount: i64| json!({"amount": amount, "currency": currency, "source_types": {"card": amount}});
        let available: Vec<Value> = held.iter().map(|(currency, amount)| entry(currency, *amount)).collect();
        let pending: Vec<Value> = held.keys().map(|currency| entry(currency, 0)).collect();
        json!({"object": "balance", "available": available, "pending": pending, "livemode": false})
    }

    fn take(&mut self, holder: &str, currency: &str, amount: i64, message: &str) -> Result<(), ApiError> {
        let held = self.balances.get_mut(holder).and_then(|held| held.get_mut(currency));
        match held {
            Some(held) if *held >= amount => {
                *held -= amount;
                Ok(())
            }
            _ => Err(ApiError::balance(message)),
        }
    }

    fn put(&mut self, holder: &str, currency: &str, amount: i64) {
        let held = self.balances.entry(holder.to_owned()).or_default();
        *held.entry(currency.to_owned()).or_default() += amount;
    }
}

/// What the world outside does.
impl World {
    /// A client pays: the whole amount comes to the platform's balance.
    pub fn pay(&mut self, amount: i64, currency: &str, metadata: &Texts, at: i64) -> Value {
        self.put(PLATFORM, currency, amount);
        let payment = json!({
            "id": id("pi"), "object": "payment_intent", "amount": amount, "amount_received": amount, "created": at,
            "currency": currency, "livemode": false, "metadata": metadata, "status": "succeeded",
        });
        self.payments.push(payment.clone());
        self.emit("payment_intent.succeeded", None, &payment, at);
        payment
    }

    /// An account's holder goes through the onboarding; says whose it was and where Stripe would send them. `None` for a link that is
    /// unknown, used or too old.
    pub fn onboard(&mut self, link: &str, at: i64) -> Option<(String, String)> {
        let link = self.links.remove(link).filter(|link| at < link.expires_at)?;
        let account = self.accounts.get_mut(&link.account)?;
        account.complete();
        let shown = value(account);
        self.emit("account.updated", Some(link.account.clone()), &shown, at);
        Some((link.account, link.return_url))
    }

    /// Puts faults into their queues.
    pub fn add_faults(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            match fault {
                Fault::DuplicateEvent | Fault::LateEvent { .. } | Fault::LostEvent => {
                    self.event_faults.push_back(fault);
                }
                Fault::Timeout { .. } | Fault::RateLimit | Fault::ServerError { .. } => {
                    self.request_faults.push_back(fault);
                }
            }
        }
    }

    /// The next fault of a request.
    pub fn request_fault(&mut self) -> Option<Fault> {
        self.request_faults.pop_front()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Self {
            generation: self.generation + 1,
            ..Self::default()
        };
    }

    /// How often everything was forgotten.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// What is to be sent.
    pub fn take_deliveries(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.deliveries)
    }

    fn emit(&mut self, kind: &str, account: Option<String>, object: &Value, at: i64) {
        let event_id = id("evt");
        let mut event = json!({
            "id": event_id, "object": "event", "api_version": API_VERSION, "created": at, "data": {"object": object},
            "livemode": false, "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null}, "type": kind,
        });
        if let Some(account) = &account {
            event["account"] = account.as_str().into();
        }
        let (times, after_seconds) = match self.event_faults.pop_front() {
            Some(Fault::LostEvent) => (0, 0),
            Some(Fault::DuplicateEvent) => (2, 0),
            Some(Fault::LateEvent { seconds }) => (1, seconds),
            _ => (1, 0),
        };
        for _ in 0..times {
            let body = event.to_string();
            self.deliveries.push(Delivery {
                event: event_id.clone(),
                body,
                after_seconds,
                generation: self.generation,
            });
        }
        self.events.push(Event { account, event });
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
