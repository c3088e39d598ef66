//! Transfers to connected accounts, and their reversals.

use serde_json::Value;

use super::{PLATFORM, World, balances::Line, events::EventType, is_asked, page, was_made};
use crate::{
    error::ApiError,
    objects::{Reversal, Transfer, id, list, value},
    params::{Params, check_units},
};

/// The most reversals that a transfer shows; all are in the list of its reversals.
const REVERSALS_SHOWN_MAX: usize = 10;

impl World {
    pub(super) fn create_transfer(&mut self, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let mut transfer = Transfer {
            id: id("tr"),
            object: "transfer",
            amount: params.required_amount()?,
            amount_reversed: 0,
            balance_transaction: String::new(),
            created: at,
            currency: params.currency()?,
            description: params.take("description"),
            destination: params.required("destination")?,
            destination_payment: id("py"),
            livemode: false,
            metadata: params.metadata()?,
            reversed: false,
            source_transaction: params.take("source_transaction"),
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
        check_units(&currency, amount)?;
        let is_pending = if let Some(charge) = &transfer.source_transaction {
            self.spend_charge(charge, &currency, amount)?
        } else {
            let message = "You have insufficient available funds in your Stripe account.";
            self.covered(PLATFORM, &currency, amount, message)?;
            false
        };
        let out = Line {
            is_pending,
            ..Line::new("transfer", &transfer.id, -amount, &currency, at)
        };
        let into = Line {
            amount,
            kind: "payment",
            category: "charge",
            source: &transfer.destination_payment,
            ..out
        };
        self.change(&transfer.destination, &into);
        transfer.balance_transaction = self.change(PLATFORM, &out);
        self.transfers.push(transfer);
        let shown = self.shown(self.transfers.len() - 1);
        self.emit(EventType::TransferCreated, None, &shown, at);
        Ok(shown)
    }

    /// Whether a charge that a transfer is to be paid from is still pending. The transfer is refused where the charge has not so much
    /// left.
    fn spend_charge(&self, charge: &str, currency: &str, amount: i64) -> Result<bool, ApiError> {
        let param = "source_transaction";
        let of = self.charge(charge);
        let of = of.ok_or_else(|| ApiError::missing("charge", charge, param))?;
        if of.currency != currency {
            let message = format!(
                "The currency of source_transaction's balance transaction ({}) must be the same as the transfer currency ({currency})",
                of.currency
            );
            return Err(ApiError::refused(None, Some(param), message));
        }
        let spent = self.transfers.iter();
        let spent = spent.filter(|known| known.source_transaction.as_deref() == Some(charge));
        let left = of.amount - spent.map(|known| known.amount).sum::<i64>();
        if amount > left {
            let message =
                format!("Transfers using this transaction as a source must not exceed the source amount of {left}.");
            return Err(ApiError::refused(None, Some("amount"), message));
        }
        Ok(self.is_pending(&of.balance_transaction))
    }

    pub(super) fn reverse(&mut self, transfer: &str, mut params: Params, at: i64) -> Result<Value, ApiError> {
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
        check_units(&currency, amount)?;
        self.covered(&destination, &currency, amount, message)?;
        let reversal_id = id("trr");
        let out = Line::new("payment_refund", &reversal_id, -amount, &currency, at);
        self.change(&destination, &out);
        let into = Line::new("transfer_refund", &reversal_id, amount, &currency, at);
        let balance_transaction = self.change(PLATFORM, &into);
        let of = &mut self.transfers[index];
        of.amount_reversed += amount;
        of.reversed = of.amount_reversed == of.amount;
        let reversal = Reversal {
            id: reversal_id,
            object: "transfer_reversal",
            amount,
            balance_transaction,
            created: at,
            currency,
            metadata,
            source_refund: None,
            transfer: transfer.to_owned(),
        };
        let answer = value(&reversal);
        self.reversals.push(reversal);
        let shown = self.shown(index);
        self.emit(EventType::TransferReversed, None, &shown, at);
        Ok(answer)
    }

    pub(super) fn read_transfer(&self, transfer: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        self.transfer(transfer).map(|index| self.shown(index))
    }

    pub(super) fn list_transfers(&self, mut params: Params) -> Result<Value, ApiError> {
        let created = params.created()?;
        let (group, destination) = (params.take("transfer_group"), params.take("destination"));
        let newest_first = (0..self.transfers.len()).rev().map(|index| self.shown(index)).collect();
        page("/v1/transfers", "transfer", newest_first, params, |transfer| {
            was_made(transfer, &created)
                && is_asked(transfer, "transfer_group", group.as_deref())
                && is_asked(transfer, "destination", destination.as_deref())
        })
    }

    pub(super) fn list_reversals(&self, transfer: &str, params: Params) -> Result<Value, ApiError> {
        self.transfer(transfer)?;
        let newest_first = self.reversals_of(transfer);
        page(
            &reversals_url(transfer),
            "transfer_reversal",
            newest_first,
            params,
            |_| true,
        )
    }

    fn transfer(&self, transfer: &str) -> Result<usize, ApiError> {
        let found = self.transfers.iter().position(|known| known.id == transfer);
        found.ok_or_else(|| ApiError::not_found("transfer", transfer))
    }

    /// Returns the reversals of a transfer, newest first.
    fn reversals_of(&self, transfer: &str) -> Vec<Value> {
        let newest_first = self.reversals.iter().rev();
        let of = newest_first.filter(|reversal| reversal.transfer == transfer);
        of.map(value).collect()
    }

    /// A transfer with the newest of its reversals.
    fn shown(&self, index: usize) -> Value {
        let transfer = &self.transfers[index];
        let mut reversals = self.reversals_of(&transfer.id);
        let total = reversals.len();
        reversals.truncate(REVERSALS_SHOWN_MAX);
        let mut shown = value(transfer);
        shown["reversals"] = list(&reversals_url(&transfer.id), reversals, total > REVERSALS_SHOWN_MAX);
        shown["reversals"]["total_count"] = total.into();
        shown
    }
}

fn reversals_url(transfer: &str) -> String {
    format!("/v1/transfers/{transfer}/reversals")
}
