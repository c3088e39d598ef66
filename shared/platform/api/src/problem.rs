//! Errors as the caller sees them: problem details (RFC 9457).
//!
//! A problem says what the caller may know and what to do; the cause stays inside and is logged once, where the response leaves.

use std::{error::Error, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use inventure_table::{FileError, PageError, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

/// The problem with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field, e.g. `consent.until`. Empty where it is the body as a whole.
    pub field: String,
    /// The reason for which the field is not valid.
    pub message: String,
}

macro_rules! kinds {
    ($($name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// Every kind of problem the API answers with. The code is stable: clients branch on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $(#[doc = $title] $name),*
        }

        impl Kind {
            /// Every kind, for the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable code, the last part of the `type` URI.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// The title of the kind, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

kinds! {
    MalformedJson = "malformed-json", BAD_REQUEST, "The body is not JSON";
    BadQuery = "bad-query", BAD_REQUEST, "A query parameter is not valid";
    BadCursor = "bad-cursor", BAD_REQUEST, "The cursor was not made by this service";
    BadIdempotencyKey = "bad-idempotency-key", BAD_REQUEST, "The Idempotency-Key is not valid";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Nobody is signed in";
    NoMembership = "no-membership", FORBIDDEN, "The signed-in person belongs to no tenant";
    Forbidden = "forbidden", FORBIDDEN, "This is not for the caller to do";
    ConsentMissing = "consent-missing", FORBIDDEN, "The candidate has given no valid consent for this";
    NotFound = "not-found", NOT_FOUND, "There is no such thing, or you may not know of it";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The route does not take this method";
    StaleVersion = "stale-version", CONFLICT, "The record has changed since you read it";
    AlreadyExists = "already-exists", CONFLICT, "It is there already";
    WrongState = "wrong-state", CONFLICT, "The record's state does not allow this";
    NotIndexedYet = "not-indexed-yet", CONFLICT, "The record is being indexed";
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body's media type is not supported";
    InvalidBody = "invalid-body", UNPROCESSABLE_ENTITY, "A field of the body is not valid";
    RefusedByTerms = "refused-by-terms", UNPROCESSABLE_ENTITY, "The deal's terms do not allow this";
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key came before with another request";
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something broke on our side";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "A service we depend on is not answering";
}

/// A problem on its way to the caller.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The kind of the problem.
    pub kind: Kind,
    /// The advice on what to do about it, written for the caller.
    pub detail: String,
    /// The fields that are at fault.
    pub errors: Vec<FieldError>,
    /// The error inside that caused it; logged, never sent.
    pub cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// The wire form (`application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemBody {
    /// `urn:inventure:problem:` and the stable code.
    #[serde(rename = "type")]
    #[schema(example = "urn:inventure:problem:stale-version")]
    pub kind: String,
    /// The title of the problem's kind, the same for every occurrence.
    pub title: &'static str,
    /// The HTTP status again, for those who only keep the body.
    pub status: u16,
    /// The advice on what to do about it.
    pub detail: String,
    /// The id of the request. Say it when you ask for help.
    pub request_id: String,
    /// The fields that are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem with what to do about it.
    #[must_use]
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            cause: None,
        }
    }

    /// The problem that there is nothing, or nothing that the caller may know of. It is deliberately the same answer.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            Kind::NotFound,
            "Check the id. What belongs to another tenant is not found either.",
        )
    }

    /// The problem of a record that another tenant lets the caller see, and nothing more.
    #[must_use]
    pub fn only_shown() -> Self {
        Self::new(
            Kind::Forbidden,
            "The record belongs to another tenant; yours may see it, and no more.",
        )
    }

    /// The problem of a field that is not valid.
    #[must_use]
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let errors = vec![FieldError {
            field: field.to_owned(),
            message: message.into(),
        }];
        Self {
            errors,
            ..Self::new(
                Kind::InvalidBody,
                "Correct the fields in `errors` and send the request again.",
            )
        }
    }

    /// The problem of a query parameter that is not valid.
    #[must_use]
    pub fn query(parameter: &str, message: impl Into<String>) -> Self {
        Self {
            kind: Kind::BadQuery,
            ..Self::field(parameter, message)
        }
    }

    /// The problem of a failure inside; the caller learns only that there was one.
    #[must_use]
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
            ..Self::new(Kind::Internal, "Try again; if it stays, tell us the request id.")
        }
    }

    /// The problem of a service behind us that failed or throttled; trying again may help.
    #[must_use]
    pub fn unavailable(cause: impl Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
            ..Self::new(Kind::Unavailable, "Try again in a few seconds.")
        }
    }

    /// Returns the wire form of the problem.
    #[must_use]
    pub fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            kind: format!("urn:inventure:problem:{}", self.kind.code()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        }
    }

    /// The response for a request with this id.
    #[must_use]
    pub fn response(&self, request_id: &str) -> Response {
        let mut response = (self.kind.status(), axum::Json(self.body(request_id))).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if matches!(
            self.kind,
            Kind::Unavailable | Kind::NotIndexedYet | Kind::TooManyRequests
        ) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

impl IntoResponse for Problem {
    /// Leaves the problem for the outermost layer, which knows the request id, renders it and logs its cause.
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The problem of a cursor that is none of ours.
#[must_use]
pub fn bad_cursor() -> Problem {
    Problem::new(
        Kind::BadCursor,
        "Send the `next_cursor` of the page before, unchanged, or none for the first page.",
    )
}

/// The problem of a write whose record has moved on.
#[must_use]
pub fn stale() -> Problem {
    Problem::new(
        Kind::StaleVersion,
        "Read the record again and send your change with its current `version`.",
    )
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::Corrupt(_) | StoreError::TooLarge => Self::internal(error),
            StoreError::KeyTooLong => Self::field("", "an id is too long to be one"),
        }
    }
}

impl From<PageError> for Problem {
    fn from(error: PageError) -> Self {
        match error {
            PageError::BadCursor => bad_cursor(),
            PageError::Store(error) => error.into(),
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Refused { field, message } => Self::field(field, message),
            FileError::Store(error) => error.into(),
        }
    }
}
