//! Payouts to banks.

use serde_json::Value;

use super::{PLATFORM, World, balances::Line, events::EventType, is_asked, page, was_made};
use crate::{
    error::ApiError,
    objects::{Payout, id, value},
    params::{Params, check_payout_units},
};

impl World {
    pub(super) fn pay_out(&mut self, account: Option<String>, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let mut payout = Payout {
            id: id("po"),
            object: "payout",
            amount: params.required_amount()?,
            arrival_date: at,
            automatic: false,
            balance_transaction: String::new(),
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
        check_payout_units(&payout.currency, payout.amount)?;
        self.covered(holder, &payout.currency, payout.amount, message)?;
        let line = Line::new("payout", &payout.id, -payout.amount, &payout.currency, at);
        payout.balance_transaction = self.change(holder, &line);
        let holder = holder.to_owned();
        let answer = value(&payout);
        // The bank takes it at once: days are not waited for here.
        payout.status = "paid";
        self.emit(EventType::PayoutPaid, account, &value(&payout), at);
        self.payouts.push((holder, payout));
        Ok(answer)
    }

    pub(super) fn read_payout(&self, payout: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let found = self.payouts.iter().find(|(_, known)| known.id == payout);
        let found = found.map(|(_, known)| value(known));
        found.ok_or_else(|| ApiError::not_found("payout", payout))
    }

    pub(super) fn list_payouts(&self, account: Option<&str>, mut params: Params) -> Result<Value, ApiError> {
        let (created, status) = (params.created()?, params.take("status"));
        let own = self.payouts.iter().rev();
        let own = own.filter(|(holder, _)| holder == account.unwrap_or(PLATFORM));
        let newest_first = own.map(|(_, known)| value(known)).collect();
        page("/v1/payouts", "payout", newest_first, params, |payout| {
            was_made(payout, &created) && is_asked(payout, "status", status.as_deref())
        })
    }
}
