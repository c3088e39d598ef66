//! Errors in Stripe's shape: `{"error": {"type", "code", "message", "param"}}`.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

/// An answer, kept as it was sent.
#[derive(Debug, Clone, Serialize)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The JSON text.
    pub body: String,
    /// Whether it is the answer of an earlier request with the same idempotency key.
    #[serde(skip)]
    pub replayed: bool,
}

impl Reply {
    /// An answer of this status.
    pub fn new(status: u16, body: &Value) -> Self {
        Self {
            status,
            body: body.to_string(),
            replayed: false,
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = [(header::CONTENT_TYPE, "application/json")];
        let request = [("request-id", crate::objects::id("req"))];
        let replayed = self.replayed.then_some([("idempotent-replayed", "true")]);
        (
            status,
            json,
            request,
            replayed.map(axum::response::AppendHeaders),
            self.body,
        )
            .into_response()
    }
}

/// An error that Stripe would answer.
#[derive(Debug)]
pub struct ApiError {
    status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    /// Whether the endpoint had begun its work. Only then is the answer kept under the idempotency key.
    pub begun: bool,
}

impl ApiError {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message: message.into(),
            param: None,
            begun: false,
        }
    }

    fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    fn begun(mut self) -> Self {
        self.begun = true;
        self
    }

    /// A request that the key may not make; nothing began.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "invalid_request_error", message)
    }

    /// A request that cannot be read; nothing began.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// A parameter that is not what it must be; nothing began.
    pub fn parameter(code: Option<&'static str>, param: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            ..Self::invalid(message).param(param)
        }
    }

    /// The work began, and what is asked cannot be.
    pub fn refused(code: Option<&'static str>, param: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            code,
            param: param.map(str::to_owned),
            ..Self::invalid(message).begun()
        }
    }

    /// No key, or a wrong one.
    pub fn unauthenticated(message: &str) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    /// A parameter names what does not exist.
    pub fn missing(what: &str, id: &str, param: &str) -> Self {
        Self::refused(Some("resource_missing"), Some(param), format!("No such {what}: '{id}'"))
    }

    /// The path names what does not exist.
    pub fn not_found(what: &str, id: &str) -> Self {
        Self {
            status: 404,
            ..Self::missing(what, id, "id")
        }
    }

    /// A path that the stand-in does not have.
    pub fn no_route(method: &str, path: &str) -> Self {
        Self {
            status: 404,
            ..Self::invalid(format!("Unrecognized request URL ({method}: {path})."))
        }
    }

    /// An account that is not connected to the platform.
    pub fn not_connected(account: &str) -> Self {
        let message =
            format!("The provided key does not have access to account '{account}' (or that account does not exist).");
        Self::new(403, "invalid_request_error", message).code("account_invalid")
    }

    /// More money is asked for than there is.
    pub fn balance(message: &str) -> Self {
        Self::refused(Some("balance_insufficient"), None, message)
    }

    /// The key was used for another request.
    pub fn idempotency(message: String) -> Self {
        Self::new(400, "idempotency_error", message)
    }

    /// The key's first request has not ended.
    pub fn in_progress(key: &str) -> Self {
        let message = format!("There is currently another in-progress request using this Idempotent Key: {key}.");
        Self::new(409, "invalid_request_error", message).code("idempotency_key_in_use")
    }

    /// Too many requests; nothing happened.
    pub fn rate_limit() -> Self {
        Self::new(429, "invalid_request_error", "Request rate limit exceeded.").code("rate_limit")
    }

    /// Something is wrong on Stripe's side, after the work began.
    pub fn server() -> Self {
        Self::new(500, "api_error", "An unknown error occurred.").begun()
    }

    /// The work never began.
    pub fn gateway_timeout() -> Self {
        Self::new(504, "api_error", "The request timed out before it began.")
    }

    /// Returns the answer that has this error.
    pub fn reply(&self) -> Reply {
        let mut error = json!({"type": self.kind, "message": self.message});
        if let Some(code) = self.code {
            error["code"] = code.into();
        }
        if let Some(param) = &self.param {
            error["param"] = param.as_str().into();
        }
        Reply::new(self.status, &json!({"error": error}))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.reply().into_response()
    }
}
