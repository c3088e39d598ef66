//! Payments that go back to the client.

use serde_json::Value;

use super::{PLATFORM, World, events::EventType, is_asked, page, was_made};
use crate::{
    error::ApiError,
    objects::{Payment, Refund, id, value},
    params::Params,
};

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

impl World {
    pub(super) fn refund(&mut self, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let payment = params.required("payment_intent")?;
        let (asked, reason, metadata) = (params.amount()?, reason(&mut params)?, params.metadata()?);
        params.finish()?;
        let missing = || ApiError::missing("payment_intent", &payment, "payment_intent");
        let of = self.payment(&payment).ok_or_else(missing)?;
        let refund = Refund {
            id: id("re"),
            object: "refund",
            amount: self.refundable(of, asked)?,
            balance_transaction: id("txn"),
            charge: of.latest_charge.clone(),
            created: at,
            currency: of.currency.clone(),
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
        self.take(PLATFORM, &refund.currency, refund.amount, message)?;
        let shown = value(&refund);
        self.refunds.push(refund);
        self.emit(EventType::RefundCreated, None, &shown, at);
        Ok(shown)
    }

    /// How much goes back: what is asked for, otherwise all that is left of the payment.
    fn refundable(&self, payment: &Payment, asked: Option<i64>) -> Result<i64, ApiError> {
        let of = self.refunds.iter().filter(|refund| refund.payment_intent == payment.id);
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
