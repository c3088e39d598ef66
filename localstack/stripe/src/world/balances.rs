//! Balances: the amounts that each holder can use, those that are still pending, and every change of both.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{World, is_asked, page, was_made};
use crate::{
    error::ApiError,
    objects::{BalanceTransaction, id, value},
    params::Params,
};

/// The time for which a card payment is pending, as far as dates say so. In seconds. Nothing waits for it: see [`World::ripen`].
const PENDING_SECONDS: i64 = 2 * 24 * 60 * 60;

/// A change of a balance.
pub struct Line<'a> {
    pub kind: &'static str,
    pub category: &'static str,
    /// The object that it is about.
    pub source: &'a str,
    pub amount: i64,
    pub fee: i64,
    pub currency: &'a str,
    pub at: i64,
    pub is_pending: bool,
}

impl<'a> Line<'a> {
    /// Makes a change without a fee that counts at once.
    pub const fn new(kind: &'static str, source: &'a str, amount: i64, currency: &'a str, at: i64) -> Self {
        Self {
            kind,
            category: kind,
            source,
            amount,
            fee: 0,
            currency,
            at,
            is_pending: false,
        }
    }
}

impl World {
    pub(super) fn read_balance(&self, holder: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let mut held = BTreeMap::from([("usd".to_owned(), (0, 0))]);
        for (currency, amount) in self.balances.get(holder).into_iter().flatten() {
            held.entry(currency.clone()).or_default().0 = *amount;
        }
        for (currency, amount) in self.pending.get(holder).into_iter().flatten() {
            held.entry(currency.clone()).or_default().1 = *amount;
        }
        let entry = |currency: &String, amount: i64| json!({"amount": amount, "currency": currency, "source_types": {"card": amount}});
        let available: Vec<Value> = held.iter().map(|(currency, (now, _))| entry(currency, *now)).collect();
        let pending: Vec<Value> = held
            .iter()
            .map(|(currency, (_, later))| entry(currency, *later))
            .collect();
        Ok(json!({"object": "balance", "available": available, "pending": pending, "livemode": false}))
    }

    /// Checks that a holder has so much to use now.
    pub(super) fn covered(&self, holder: &str, currency: &str, amount: i64, message: &str) -> Result<(), ApiError> {
        let held = self.balances.get(holder).and_then(|held| held.get(currency));
        if held.is_some_and(|held| *held >= amount) {
            Ok(())
        } else {
            Err(ApiError::balance(message))
        }
    }

    /// Changes a balance, and gives the id of the change.
    pub(super) fn change(&mut self, holder: &str, line: &Line<'_>) -> String {
        let net = line.amount - line.fee;
        let side = if line.is_pending {
            &mut self.pending
        } else {
            &mut self.balances
        };
        *side
            .entry(holder.to_owned())
            .or_default()
            .entry(line.currency.to_owned())
            .or_default() += net;
        let fees = (line.fee != 0).then(|| {
            json!({"amount": line.fee, "application": null, "currency": line.currency,
                "description": "Stripe processing fees", "type": "stripe_fee"})
        });
        let transaction = BalanceTransaction {
            id: id("txn"),
            object: "balance_transaction",
            amount: line.amount,
            available_on: line.at + if line.is_pending { PENDING_SECONDS } else { 0 },
            created: line.at,
            currency: line.currency.to_owned(),
            description: None,
            exchange_rate: None,
            fee: line.fee,
            fee_details: fees.into_iter().collect(),
            net,
            reporting_category: line.category,
            source: Some(line.source.to_owned()).filter(|source| !source.is_empty()),
            status: if line.is_pending { "pending" } else { "available" },
            kind: line.kind,
        };
        let transaction_id = transaction.id.clone();
        self.balance_transactions.push((holder.to_owned(), transaction));
        transaction_id
    }

    /// Makes everything usable that was pending.
    pub fn ripen(&mut self) {
        for (_, transaction) in &mut self.balance_transactions {
            transaction.status = "available";
        }
        for (holder, held) in std::mem::take(&mut self.pending) {
            let usable = self.balances.entry(holder).or_default();
            for (currency, amount) in held {
                *usable.entry(currency).or_default() += amount;
            }
        }
    }

    /// Whether a change of a balance is still pending.
    pub(super) fn is_pending(&self, transaction: &str) -> bool {
        let mut all = self.balance_transactions.iter();
        all.any(|(_, known)| known.id == transaction && known.status == "pending")
    }

    /// A change of a balance as it is shown.
    pub(super) fn balance_transaction(&self, transaction: &str) -> Option<Value> {
        let mut all = self.balance_transactions.iter();
        all.find(|(_, known)| known.id == transaction)
            .map(|(_, known)| value(known))
    }

    pub(super) fn read_balance_transaction(&self, transaction: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        self.balance_transaction(transaction)
            .ok_or_else(|| ApiError::not_found("balance transaction", transaction))
    }

    pub(super) fn list_balance_transactions(&self, holder: &str, mut params: Params) -> Result<Value, ApiError> {
        let created = params.created()?;
        let [kind, source, currency] = ["type", "source", "currency"].map(|name| params.take(name));
        let own = self.balance_transactions.iter().rev();
        let newest_first = own
            .filter(|(of, _)| of == holder)
            .map(|(_, known)| value(known))
            .collect();
        page(
            "/v1/balance_transactions",
            "balance transaction",
            newest_first,
            params,
            |transaction| {
                was_made(transaction, &created)
                    && is_asked(transaction, "type", kind.as_deref())
                    && is_asked(transaction, "source", source.as_deref())
                    && is_asked(transaction, "currency", currency.as_deref())
            },
        )
    }
}
