//! Payments that go back to the client.

use serde_json::Value;

use super::{PLATFORM, World, balances::Line, events::EventType, is_asked, page, was_made};
use crate::{
    error::ApiError,
    objects::{Payment, Refund, id, value},
    params::{Params, check_units},
};

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

impl World {
    pub(super) fn refund(&mut self, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let payment = params.required("payment_intent")?;
        let (asked, reason, metadata) = (params.amount()?, reason(&mut params)?, params.metadata()?);
        params.finish()?;
        let missing = || ApiError::missing("payment_intent", &payment, "payment_intent");
        let of = self.payment(&payment).ok_or_else(missing)?;
        let mut refund = Refund {
            id: id("re"),
            object: "refund",
            amount: self.refundable(of, asked)?,
            balance_transaction: String::new(),
            charge: of.latest_charge.clone(),
            created: at,
            currency: of.currency.clone(),
            failure_balance_transaction: None,
            failure_reason: None,
            metadata,
            payment_intent: payment,
            reason,
            receipt_number: None,
            source_transfer_reversal: None,
            // The client's bank takes it at once: days are not waited for here.
            status: "succeeded",
            transfer_reversal: None,
        };
        let message = "You have insufficient available funds in your Stripe account for this refund.";
        check_units(&refund.currency, refund.amount)?;
        self.covered(PLATFORM, &refund.currency, refund.amount, message)?;
        let line = Line::new("refund", &refund.id, -refund.amount, &refund.currency, at);
        refund.balance_transaction = self.change(PLATFORM, &line);
        self.refunded(&refund.charge, refund.amount);
        let shown = value(&refund);
        self.refunds.push(refund);
        self.emit(EventType::RefundCreated, None, &shown, at);
        Ok(shown)
    }

    /// Returns the amount that goes back: the amount asked for, otherwise all that is left of the payment.
    fn refundable(&self, payment: &Payment, asked: Option<i64>) -> Result<i64, ApiError> {
        let of = self.refunds.iter().filter(|refund| refund.payment_intent == payment.id);
        let of = of.filter(|refund| refund.status != "failed");
        let left = payment.amount - of.map(|refund| refund.amount).sum::<i64>();
        let amount = asked.unwrap_or(left);
        if left == 0 {
            let message = format!("Charge {} has already been refunded.", payment.latest_charge);
            return Err(ApiError::refused(Some("charge_already_refunded"), None, message));
        }
        if amount > left {
            let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
            return Err(ApiError::refused(None, Some("amount"), message));
        }
        Ok(amount)
    }

    fn refunded(&mut self, charge: &str, amount: i64) {
        if let Some(charge) = self.charges.iter_mut().find(|known| known.id == charge) {
            charge.amount_refunded += amount;
            charge.refunded = charge.amount_refunded == charge.amount;
        }
    }

    /// Fails a refund that the client's bank sends back: the money is the platform's again.
    pub fn fail_refund(&mut self, refund: &str, at: i64) -> Result<Value, ApiError> {
        let missing = || ApiError::missing("refund", refund, "refund");
        let index = self.refunds.iter().position(|known| known.id == refund);
        let index = index.ok_or_else(missing)?;
        if self.refunds[index].status == "failed" {
            return Err(ApiError::refused(None, None, "The refund has failed before."));
        }
        let (amount, currency) = (self.refunds[index].amount, self.refunds[index].currency.clone());
        let line = Line::new("refund_failure", refund, amount, &currency, at);
        let transaction = self.change(PLATFORM, &line);
        let failed = &mut self.refunds[index];
        failed.status = "failed";
        failed.failure_reason = Some("lost_or_stolen_card".to_owned());
        failed.failure_balance_transaction = Some(transaction);
        let (charge, shown) = (failed.charge.clone(), value(failed));
        self.refunded(&charge, -amount);
        self.emit(EventType::RefundUpdated, None, &shown, at);
        self.emit(EventType::RefundFailed, None, &shown, at);
        Ok(shown)
    }

    pub(super) fn read_refund(&self, refund: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let found = self.refunds.iter().find(|known| known.id == refund);
        found.map(value).ok_or_else(|| ApiError::not_found("refund", refund))
    }

    pub(super) fn list_refunds(&self, mut params: Params) -> Result<Value, ApiError> {
        let (created, payment) = (params.created()?, params.take("payment_intent"));
        let newest_first = self.refunds.iter().rev().map(value).collect();
        page("/v1/refunds", "refund", newest_first, params, |refund| {
            was_made(refund, &created) && is_asked(refund, "payment_intent", payment.as_deref())
        })
    }
}

fn reason(params: &mut Params) -> Result<Option<String>, ApiError> {
    let reason = params.take("reason");
    match &reason {
        Some(other) if !REASONS.contains(&other.as_str()) => {
            let message = format!("Invalid reason: must be one of {}", REASONS.join(", "));
            Err(ApiError::parameter(None, "reason", message))
        }
        _ => Ok(reason),
    }
}
