//! Money that the platform brings from its own bank.

use serde_json::Value;

use super::{PLATFORM, World, balances::Line, events::EventType};
use crate::{
    error::ApiError,
    objects::{Topup, id, value},
    params::Params,
};

const DESCRIPTOR_CHARS_MAX: usize = 15;

impl World {
    pub(super) fn top_up(&mut self, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let mut topup = Topup {
            id: id("tu"),
            object: "topup",
            amount: params.required_amount()?,
            balance_transaction: String::new(),
            created: at,
            currency: params.currency()?,
            description: params.take("description"),
            expected_availability_date: at,
            failure_code: None,
            failure_message: None,
            livemode: false,
            metadata: params.metadata()?,
            source: None,
            statement_descriptor: descriptor(&mut params)?,
            // The bank gives it at once: days are not waited for here.
            status: "succeeded",
            transfer_group: params.take("transfer_group"),
        };
        params.finish()?;
        let line = Line::new("topup", &topup.id, topup.amount, &topup.currency, at);
        topup.balance_transaction = self.change(PLATFORM, &line);
        let shown = value(&topup);
        self.topups.push(topup);
        self.emit(EventType::TopupSucceeded, None, &shown, at);
        Ok(shown)
    }

    pub(super) fn read_topup(&self, topup: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let found = self.topups.iter().find(|known| known.id == topup);
        found.map(value).ok_or_else(|| ApiError::not_found("topup", topup))
    }
}

/// Reads the text for the bank's statement.
fn descriptor(params: &mut Params) -> Result<Option<String>, ApiError> {
    let text = params.take("statement_descriptor");
    match &text {
        Some(long) if long.chars().count() > DESCRIPTOR_CHARS_MAX || !long.is_ascii() => {
            let message = format!("The statement descriptor must be at most {DESCRIPTOR_CHARS_MAX} ASCII characters.");
            Err(ApiError::parameter(None, "statement_descriptor", message))
        }
        _ => Ok(text),
    }
}
