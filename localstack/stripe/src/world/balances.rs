//! Balances. None goes below zero: what would do that is refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::World;
use crate::{error::ApiError, params::Params};

impl World {
    pub(super) fn read_balance(&self, holder: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let nothing = BTreeMap::from([("usd".to_owned(), 0)]);
        let held = self.balances.get(holder).unwrap_or(&nothing);
        let entry = |currency: &String, amount: i64| json!({"amount": amount, "currency": currency, "source_types": {"card": amount}});
        let available: Vec<Value> = held.iter().map(|(currency, amount)| entry(currency, *amount)).collect();
        let pending: Vec<Value> = held.keys().map(|currency| entry(currency, 0)).collect();
        Ok(json!({"object": "balance", "available": available, "pending": pending, "livemode": false}))
    }

    pub(super) fn take(&mut self, holder: &str, currency: &str, amount: i64, message: &str) -> Result<(), ApiError> {
        let held = self.balances.get_mut(holder).and_then(|held| held.get_mut(currency));
        match held {
            Some(held) if *held >= amount => {
                *held -= amount;
                Ok(())
            }
            _ => Err(ApiError::balance(message)),
        }
    }

    pub(super) fn put(&mut self, holder: &str, currency: &str, amount: i64) {
        let held = self.balances.entry(holder.to_owned()).or_default();
        *held.entry(currency.to_owned()).or_default() += amount;
    }
}
