//! Payouts to banks.

use serde_json::Value;

use super::{PLATFORM, World, events::EventType};
use crate::{
    error::ApiError,
    objects::{Payout, id, value},
    params::Params,
};

impl World {
    pub(super) fn pay_out(&mut self, account: Option<String>, mut params: Params, at: i64) -> Result<Value, ApiError> {
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
        self.emit(EventType::PayoutPaid, account, &value(&payout), at);
        self.payouts.push(payout);
        Ok(answer)
    }
}
