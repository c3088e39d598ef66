//! HTTP: the caller, the request, and the answer on its way out.

mod body;
mod claims;

use std::{sync::LazyLock, time::Instant};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use inventure_table::usage::Usage;
use lambda_http::request::RequestContext;
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;

pub use self::{
    body::{Path, Query, Write, missing_field, readable},
    claims::{Claims, Identity},
};
use crate::{
    config, metrics,
    problem::{Kind, Problem},
};

/// The largest JSON body that any route takes. A long job description is 20 KB, a long résumé as JSON 100 KB.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

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
    /// The id of this request alone.
    pub request_id: String,
    /// The id of the whole chain that the request belongs to. It is the client's `x-correlation-id` if that is a sensible
    /// one, else the request id.
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
            metrics::failed();
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

/// Whether answers say how long they took and how many AWS calls they cost (`server-timing`).
static TELLS_TIMING: LazyLock<bool> = LazyLock::new(|| config::parsed("SERVER_TIMING").unwrap_or(false));

/// Security headers of every answer, unless the route sets its own. Nothing is kept, guessed at, framed or run, the address stays here, and the
/// next request comes over TLS again.
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
    // How much was read for an answer says what there is besides one's own records, so only a stage on one's own machine tells.
    if done && *TELLS_TIMING {
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

/// A written answer: a status and a JSON body, which is what an `Idempotency-Key` remembers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The JSON body.
    pub body: serde_json::Value,
}

impl Answer {
    /// Answers 201 with the new thing.
    pub fn created(body: &impl serde::Serialize) -> Result<Self, Problem> {
        Self::with(StatusCode::CREATED, body)
    }

    /// Answers 200 with the thing as it is now.
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
