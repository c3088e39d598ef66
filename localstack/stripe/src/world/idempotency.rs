//! Idempotency: what was answered to the first request of a key.

use serde::Serialize;

use super::{PLATFORM, World};
use crate::{
    api::Call,
    error::{ApiError, Reply},
    params::Params,
};

const KEY_CHARS_MAX: usize = 255;

/// The answer that was given to the first request of an idempotency key.
#[derive(Debug, Serialize)]
pub struct Kept {
    path: String,
    #[serde(skip)]
    params: Params,
    /// None while it goes on.
    reply: Option<Reply>,
}

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

    /// Releases the key of a request that ended and never began.
    pub fn release(&mut self, call: &Call) {
        if let Some(key) = &call.key {
            self.idempotency_keys.remove(&slot(call, key));
        }
    }
}

/// The place of a key. Keys of one account are not those of another.
fn slot(call: &Call, key: &str) -> String {
    format!("{}/{key}", call.account.as_deref().unwrap_or(PLATFORM))
}
