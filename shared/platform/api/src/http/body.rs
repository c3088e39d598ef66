//! The parts of a request: bodies, paths and queries, checked before a handler sees them.

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection},
    },
    http::{header, request::Parts},
};
use garde::Validate;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::MAX_BODY_BYTES;
use crate::{
    idempotency::Idempotency,
    problem::{FieldError, Kind, Problem},
};

/// The longest name of a field.
const FIELD_CHARS_MAX: usize = 60;

/// The longest message about a field.
const MESSAGE_CHARS_MAX: usize = 300;

/// A checked JSON body, and the `Idempotency-Key` it came with.
#[derive(Debug, Clone)]
pub struct Write<T> {
    /// The checked body.
    pub body: T,
    /// The key, if the client sent one.
    pub idempotency: Option<Idempotency>,
}

impl<T, S> FromRequest<S> for Write<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let is_json = parts.headers.get(header::CONTENT_TYPE).is_none_or(|value| {
            value.to_str().is_ok_and(|value| {
                let essence = value.split(';').next().unwrap_or_default().trim();
                essence.eq_ignore_ascii_case("application/json")
            })
        });
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state)
            .await
            .map_err(too_large)?;
        if !is_json && !bytes.is_empty() {
            return Err(Problem::new(
                Kind::UnsupportedMediaType,
                "Send JSON as `application/json`.",
            ));
        }
        let idempotency = idempotency(&parts, &bytes)?;
        // A write without a body (closing a job, say) is an empty object.
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        // A list would be taken for the fields in their order.
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(malformed());
        }
        let axum::Json(body) = axum::Json::<T>::from_bytes(text).map_err(|rejection| unreadable(rejection, text))?;
        body.validate().map_err(|report| invalid(&report))?;
        Ok(Self { body, idempotency })
    }
}

fn idempotency(parts: &Parts, body: &[u8]) -> Result<Option<Idempotency>, Problem> {
    let Some(value) = parts.headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    Idempotency::new(key, parts.method.as_str(), parts.uri.path(), body).map(Some)
}

fn too_large(_: BytesRejection) -> Problem {
    Problem::new(Kind::BodyTooLarge, format!("Send at most {MAX_BODY_BYTES} bytes."))
}

fn unreadable(rejection: JsonRejection, text: &[u8]) -> Problem {
    match rejection {
        // Where a word of a list is expected and a number comes, serde calls it a fault of syntax.
        JsonRejection::JsonSyntaxError(_) if serde_json::from_slice::<IgnoredAny>(text).is_ok() => {
            Problem::field("", "a value is of another type than this field takes")
        }
        JsonRejection::JsonDataError(error) => {
            let text = error.body_text();
            let message = text
                .split_once("target type: ")
                .map_or(text.as_str(), |(_, message)| message);
            located(message)
        }
        _ => malformed(),
    }
}

/// Returns the problem of a message that may begin with the path of the field that it is about.
fn located(message: &str) -> Problem {
    // What is sent may have the mark in it, so only a path counts for one.
    let (field, message) = match message.split_once(": ") {
        Some((path, message)) if !path.contains([' ', '`', '"']) => (path, message),
        _ => ("", message),
    };
    let missing = missing_field(message).filter(|_| field.is_empty());
    Problem::field(path(missing.unwrap_or(field), message), readable(message))
}

/// Returns the name of a field that serde's message says is missing. It is a name of ours, and has no place in the body.
/// Other words between backticks in such messages may be what the client sent.
#[must_use]
pub fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// Returns the path of a field, as far as it consists of our own names. The body may have keys that are none.
fn path<'a>(sent: &'a str, message: &str) -> &'a str {
    let is_name = |step: &str| {
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '[' | ']');
        (1..=FIELD_CHARS_MAX).contains(&step.len()) && step.chars().all(known)
    };
    if !sent.split('.').all(is_name) {
        return "";
    }
    // The last step of this one was sent, and is no field.
    if message.contains("unknown field `") {
        return sent.rsplit_once('.').map_or("", |(parent, _)| parent);
    }
    sent
}

/// Whether the end of a parser's message is a line and a column.
fn is_place(place: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    place
        .split_once(" column ")
        .is_some_and(|(line, column)| number(line) && number(column))
}

/// Returns a parser's message in words of the sender. It may quote what was sent, and is cut where it is long.
#[must_use]
pub fn readable(message: &str) -> String {
    // Our types and the place in our copy of the text mean nothing outside.
    let message = match message.rsplit_once(" at line ") {
        Some((message, place)) if is_place(place) => message,
        _ => message,
    };
    if message.starts_with("failed to parse") || message.starts_with("parsing failed") {
        return "expected a date as YYYY-MM-DD, or a time as YYYY-MM-DDThh:mm:ssZ where the field is one".to_owned();
    }
    let message = match message.rsplit_once(", expected ") {
        Some((found, expected)) if expected.starts_with("struct ") => format!("{found}, expected an object"),
        Some((found, "map with a single key")) => format!("{found}, expected a word, or an object with a single key"),
        _ => message.to_owned(),
    };
    if message.chars().count() <= MESSAGE_CHARS_MAX {
        return message;
    }
    message.chars().take(MESSAGE_CHARS_MAX - 1).chain(['…']).collect()
}

fn malformed() -> Problem {
    Problem::new(
        Kind::MalformedJson,
        "Send one JSON object; check quotes, commas and brackets.",
    )
}

fn invalid(report: &garde::Report) -> Problem {
    let errors = report
        .iter()
        .map(|(path, error)| FieldError {
            field: path.to_string(),
            message: error.to_string(),
        })
        .collect();
    Problem {
        errors,
        ..Problem::field("", "")
    }
}

/// The parameters in a request's path. An id that is not valid counts as a thing that is not there.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<axum::extract::Path<T>, PathRejection> =
            <axum::extract::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Problem::not_found())
    }
}

/// Checked query parameters.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query: Result<axum::extract::Query<T>, QueryRejection> =
            axum::extract::Query::from_request_parts(parts, state).await;
        let axum::extract::Query(query) = query.map_err(|error| {
            let text = error.body_text();
            let message = text
                .split_once("query string: ")
                .map_or(text.as_str(), |(_, message)| message);
            Problem {
                kind: Kind::BadQuery,
                ..located(message)
            }
        })?;
        query.validate().map_err(|report| Problem {
            kind: Kind::BadQuery,
            ..invalid(&report)
        })?;
        Ok(Self(query))
    }
}
