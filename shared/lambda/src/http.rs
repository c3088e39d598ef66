//! HTTP: who asks, what they send, and how the answer leaves.

use std::time::Instant;

use async_trait::async_trait;
use axum::{
    Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, MatchedPath, Request,
        rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use garde::Validate;
use inventure_core::{Principal, Role};
use lambda_http::request::RequestContext;
use serde::de::DeserializeOwned;
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    idempotency::Idempotency,
    metrics::{self, Usage},
    problem::{FieldError, Kind, Problem},
    text,
};

/// The largest JSON body any route takes: a long job description is 20 KB, a long resume as JSON 100 KB.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// The longest name of a field.
const FIELD_CHARS_MAX: usize = 60;

/// The longest message about a field.
const MESSAGE_CHARS_MAX: usize = 300;

/// The longest name of a person or a tenant.
pub const NAME_CHARS_MAX: usize = 120;

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Serves the routes until the runtime ends the process.
pub async fn run<S: Clone + Send + Sync + 'static>(
    routes: OpenApiRouter<S>,
    state: S,
) -> Result<(), lambda_http::Error> {
    lambda_http::run(app(routes, state)).await
}

/// The routes with everything around them that a request meets; what tests call.
pub fn app<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>, state: S) -> Router {
    let (router, _) = routes.split_for_parts();
    router
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                Kind::MethodNotAllowed,
                "See the API reference for the methods of this route.",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
        .layer(middleware::from_fn(edge))
}

/// The ids a request is known by.
#[derive(Debug, Clone)]
pub struct RequestIds {
    /// This request's own.
    pub request_id: String,
    /// That of the whole chain it belongs to: the client's `x-correlation-id` if it sent a sensible one, else the request id.
    pub correlation_id: String,
}

impl RequestIds {
    fn of(request: &Request) -> Self {
        let gateway = match request.extensions().get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        let request_id = gateway.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
        let sensible = |id: &&str| {
            (1..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        let sent = request
            .headers()
            .get(CORRELATION_ID)
            .and_then(|value| value.to_str().ok())
            .filter(sensible);
        let correlation_id = sent.unwrap_or(&request_id).to_owned();
        Self {
            request_id,
            correlation_id,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for RequestIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::internal(std::io::Error::other("no edge layer")))
    }
}

/// The outermost layer: gives the request its ids, measures it, renders problems, logs once.
async fn edge(mut request: Request, next: Next) -> Response {
    let ids = RequestIds::of(&request);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!(
        "request", request_id = %ids.request_id, correlation_id = %ids.correlation_id, %method, route
    );
    request.extensions_mut().insert(ids.clone());
    let (begun, before) = (Instant::now(), Usage::now());
    let mut response = next.run(request).instrument(span.clone()).await;
    let _entered = span.enter();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        if problem.kind.status().is_server_error() {
            let cause = problem.cause.as_deref().map(chain).unwrap_or_default();
            tracing::error!(code = problem.kind.code(), cause, "request.failed");
        } else {
            tracing::info!(code = problem.kind.code(), "request.refused");
        }
        response = problem.response(&ids.request_id);
    }
    let duration_ms = begun.elapsed().as_secs_f64() * 1e3;
    let Usage {
        aws_calls,
        read_units,
        write_units,
    } = Usage::since(before);
    let status = response.status().as_u16();
    tracing::info!(status, duration_ms, aws_calls, read_units, write_units, "request.done");
    metrics::emit(
        &[("route", &format!("{method} {route}"))],
        &[
            ("request_duration", metrics::Unit::Milliseconds, duration_ms),
            ("aws_calls", metrics::Unit::Count, aws_calls as f64),
        ],
    );
    let done = response.status().is_success();
    decorate(response.headers_mut(), done, &ids, duration_ms, aws_calls);
    response
}

/// What every answer of ours says to browsers and to what lies between, unless a route says otherwise: nothing is kept, guessed at,
/// framed or run, the address stays here, and the next request comes over TLS again.
const SECURITY_HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

fn decorate(headers: &mut HeaderMap, done: bool, ids: &RequestIds, duration_ms: f64, aws_calls: u64) {
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    };
    set(HeaderName::from_static("x-request-id"), &ids.request_id);
    set(CORRELATION_ID, &ids.correlation_id);
    // A refusal tells nothing of the work behind it: the caller may not know of what it was about.
    if done {
        set(
            HeaderName::from_static("server-timing"),
            &format!("handler;dur={duration_ms:.2}, aws-calls;desc=\"{aws_calls}\""),
        );
    }
    for (name, value) in SECURITY_HEADERS {
        set(name, value);
    }
}

/// An error and everything behind it, in one line.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    // Sixteen is deeper than any honest chain; a loop in one must not hang the log.
    for _ in 0..16 {
        let Some(error) = source else { break };
        line.push_str(": ");
        line.push_str(&error.to_string());
        source = error.source();
    }
    line
}

/// What the identity provider says of the signed-in person. API Gateway has checked the token before the function runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Issuer and subject, which together name one person for ever.
    pub subject: String,
    /// Whether the token is an ID token, the only kind whose words about a person the provider vouches for.
    pub of_identity: bool,
    /// The address the provider knows, in lower case; none from an access token, and none that is not ASCII.
    pub email: Option<String>,
    /// Whether the provider has seen the person use that address.
    pub email_verified: bool,
    /// Display name, where an ID token carries one that is a plain name.
    pub name: Option<String>,
    /// Epoch second at which the token ends.
    pub ends_at: Option<i64>,
    /// Epoch second at which the person signed in; a token that was only renewed since says the same. Where the provider does not say,
    /// when the token was made.
    pub signed_in_at: Option<i64>,
}

impl<S: Sync> FromRequestParts<S> for Claims {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let unauthenticated = || {
            Problem::new(
                Kind::Unauthenticated,
                "Send a valid token as `Authorization: Bearer …`.",
            )
        };
        let Some(RequestContext::ApiGatewayV2(context)) = parts.extensions.get::<RequestContext>() else {
            return Err(unauthenticated());
        };
        let jwt = context
            .authorizer
            .as_ref()
            .and_then(|authorizer| authorizer.jwt.as_ref())
            .ok_or_else(unauthenticated)?;
        let claim = |name: &str| jwt.claims.get(name).filter(|value| !value.is_empty()).cloned();
        let (issuer, subject) = (
            claim("iss").ok_or_else(unauthenticated)?,
            claim("sub").ok_or_else(unauthenticated)?,
        );
        // Cognito names the kind. Of another provider's tokens, the one for access names its client (RFC 9068).
        let of_identity = match claim("token_use") {
            Some(kind) => kind == "id",
            None => claim("client_id").is_none(),
        };
        let vouched = |name: &str| claim(name).filter(|_| of_identity);
        Ok(Self {
            subject: format!("{issuer}|{subject}"),
            of_identity,
            // Not every letter whose lower case is ASCII is the same letter: the Kelvin sign is no k.
            email: vouched("email")
                .filter(|email| text::address(email, &()).is_ok())
                .map(|email| email.to_ascii_lowercase()),
            email_verified: vouched("email_verified").as_deref() == Some("true"),
            name: vouched("name")
                .filter(|name| name.chars().count() <= NAME_CHARS_MAX && text::name(name, &()).is_ok()),
            ends_at: claim("exp").and_then(|ends_at| ends_at.parse().ok()),
            signed_in_at: claim("auth_time")
                .or_else(|| claim("iat"))
                .and_then(|at| at.parse().ok()),
        })
    }
}

/// The claims of an ID token. A route that takes a person's address or name from their token asks for this; every other takes either token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(pub Claims);

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let claims = Claims::from_request_parts(parts, state).await?;
        if claims.of_identity {
            Ok(Self(claims))
        } else {
            Err(Problem::new(
                Kind::Unauthenticated,
                "Send the ID token: this route needs the address that the identity provider has verified.",
            ))
        }
    }
}

/// The port that knows who belongs where.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The person's place in a tenant; `None` if they have none.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] when the answer cannot be had just now.
    async fn principal(&self, subject: &str) -> Result<Option<Principal>, Problem>;
}

/// The signed-in person and their place in a tenant. A handler that takes this is open to members only; [`Caller::allow`]
/// narrows it to roles.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who they are to their tenant.
    pub principal: Principal,
    /// The ids of their request.
    pub ids: RequestIds,
}

impl Caller {
    /// Lets only these roles pass.
    pub fn allow(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.contains(&self.principal.role) {
            Ok(())
        } else {
            Err(Problem::forbidden())
        }
    }
}

impl<S: Directory> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let claims = Claims::from_request_parts(parts, state).await?;
        let ids = RequestIds::from_request_parts(parts, state).await?;
        let principal = state.principal(&claims.subject).await?.ok_or_else(|| {
            Problem::new(
                Kind::NoMembership,
                "Create a tenant with `POST /tenants`, or accept an invitation.",
            )
        })?;
        Ok(Self { principal, ids })
    }
}

/// A checked JSON body, and the `Idempotency-Key` it came with.
#[derive(Debug, Clone)]
pub struct Write<T> {
    /// The body.
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
        let axum::Json(body) = axum::Json::<T>::from_bytes(text).map_err(unreadable)?;
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

fn unreadable(rejection: JsonRejection) -> Problem {
    match rejection {
        JsonRejection::JsonDataError(error) => {
            let text = error.body_text();
            let message = text
                .split_once("target type: ")
                .map_or(text.as_str(), |(_, message)| message);
            // What is sent may have the mark in it, so only a path counts for one.
            let (field, message) = match message.split_once(": ") {
                Some((path, message)) if !path.contains([' ', '`', '"']) => (path, message),
                _ => ("", message),
            };
            let missing = missing_field(message).filter(|_| field.is_empty());
            Problem::field(path(missing.unwrap_or(field), message), bounded(message))
        }
        _ => malformed(),
    }
}

/// The name in serde's message of a field that is not there: it has no place, and its name is ours. What else stands in such
/// messages between backticks may be what was sent.
#[must_use]
pub fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// The path of a field, as far as it is of our names: what is sent may have keys that are none.
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

/// A message that may quote what was sent, cut where it is long.
#[must_use]
pub fn bounded(message: &str) -> String {
    message.chars().take(MESSAGE_CHARS_MAX).collect()
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

/// Path parameters. An id that is none is a thing that is not there.
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
        let axum::extract::Query(query) = query.map_err(|error| Problem::new(Kind::BadQuery, error.body_text()))?;
        query.validate().map_err(|report| Problem {
            kind: Kind::BadQuery,
            ..invalid(&report)
        })?;
        Ok(Self(query))
    }
}

/// A written answer: a status and a JSON body, which is what an `Idempotency-Key` remembers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body.
    pub body: serde_json::Value,
}

impl Answer {
    /// 201 with the new thing.
    pub fn created(body: &impl serde::Serialize) -> Result<Self, Problem> {
        Self::with(StatusCode::CREATED, body)
    }

    /// 200 with the thing as it is now.
    pub fn ok(body: &impl serde::Serialize) -> Result<Self, Problem> {
        Self::with(StatusCode::OK, body)
    }

    fn with(status: StatusCode, body: &impl serde::Serialize) -> Result<Self, Problem> {
        Ok(Self {
            status,
            body: serde_json::to_value(body).map_err(Problem::internal)?,
        })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, axum::Json(self.body)).into_response()
    }
}
