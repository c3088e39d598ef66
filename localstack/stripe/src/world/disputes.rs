//! Disputes: a client's bank takes a payment back. The money leaves the balance at once, also below zero, and comes back where it is won.

use serde_json::Value;

use super::{PLATFORM, World, balances::Line, events::EventType, is_asked, page, was_made};
use crate::{
    error::ApiError,
    objects::{Dispute, Texts, id, value},
    params::Params,
};

/// A dispute to open.
pub struct Opening {
    pub payment: String,
    /// The amount that is disputed; all of the payment where there is none.
    pub amount: Option<i64>,
    pub fee: i64,
    /// A question of the bank's, which moves no money.
    pub is_inquiry: bool,
}

impl World {
    /// Opens the dispute of a payment by a client's bank.
    pub fn dispute(&mut self, opening: Opening, at: i64) -> Result<Value, ApiError> {
        let missing = || ApiError::missing("payment_intent", &opening.payment, "payment");
        let payment = self.payment(&opening.payment).ok_or_else(missing)?;
        let amount = opening.amount.unwrap_or(payment.amount);
        if !(1..=payment.amount).contains(&amount) {
            return Err(ApiError::parameter(None, "amount", "More is disputed than was paid."));
        }
        let mut dispute = Dispute {
            id: id("dp"),
            object: "dispute",
            amount,
            balance_transactions: Vec::new(),
            charge: payment.latest_charge.clone(),
            created: at,
            currency: payment.currency.clone(),
            is_charge_refundable: opening.is_inquiry,
            livemode: false,
            metadata: Texts::new(),
            payment_intent: opening.payment,
            reason: "general".to_owned(),
            status: if opening.is_inquiry {
                "warning_needs_response"
            } else {
                "needs_response"
            },
        };
        if let Some(charge) = self.charges.iter_mut().find(|charge| charge.id == dispute.charge) {
            charge.disputed = true;
        }
        self.emit(EventType::DisputeCreated, None, &value(&dispute), at);
        if !opening.is_inquiry {
            self.move_funds(&mut dispute, -amount, opening.fee, at);
            self.emit(EventType::DisputeFundsWithdrawn, None, &value(&dispute), at);
        }
        let shown = value(&dispute);
        self.disputes.push(dispute);
        Ok(shown)
    }

    /// Decides a dispute.
    pub fn close_dispute(&mut self, dispute: &str, is_won: bool, at: i64) -> Result<Value, ApiError> {
        let index = self.disputes.iter().position(|known| known.id == dispute);
        let index = index.ok_or_else(|| ApiError::missing("dispute", dispute, "dispute"))?;
        let mut dispute = self.disputes.remove(index);
        let moved_money = !dispute.balance_transactions.is_empty();
        dispute.status = match (moved_money, is_won) {
            (false, _) => "warning_closed",
            (true, true) => "won",
            (true, false) => "lost",
        };
        if moved_money && is_won {
            let amount = dispute.amount;
            self.move_funds(&mut dispute, amount, 0, at);
            self.emit(EventType::DisputeFundsReinstated, None, &value(&dispute), at);
        }
        let shown = value(&dispute);
        self.emit(EventType::DisputeClosed, None, &shown, at);
        self.disputes.insert(index, dispute);
        Ok(shown)
    }

    fn move_funds(&mut self, dispute: &mut Dispute, amount: i64, fee: i64, at: i64) {
        let line = Line {
            category: if amount < 0 { "dispute" } else { "dispute_reversal" },
            fee,
            ..Line::new("adjustment", &dispute.id, amount, &dispute.currency, at)
        };
        let transaction = self.change(PLATFORM, &line);
        dispute
            .balance_transactions
            .extend(self.balance_transaction(&transaction));
    }

    pub(super) fn read_dispute(&self, dispute: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let found = self.disputes.iter().find(|known| known.id == dispute).map(value);
        found.ok_or_else(|| ApiError::not_found("dispute", dispute))
    }

    pub(super) fn list_disputes(&self, mut params: Params) -> Result<Value, ApiError> {
        let created = params.created()?;
        let [charge, payment] = ["charge", "payment_intent"].map(|name| params.take(name));
        let newest_first = self.disputes.iter().rev().map(value).collect();
        page("/v1/disputes", "dispute", newest_first, params, |dispute| {
            was_made(dispute, &created)
                && is_asked(dispute, "charge", charge.as_deref())
                && is_asked(dispute, "payment_intent", payment.as_deref())
        })
    }
}
