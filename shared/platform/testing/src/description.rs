//! The API as one OpenAPI document: what every function's routes say of themselves, made whole so that tools read it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use inventure_api::problem::ProblemBody;
use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{
        ContentBuilder, Info, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder, SecurityRequirement,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// The routes of each function.
fn parts() -> [OpenApi; 11] {
    [
        identity::routes().into_openapi(),
        jobs::routes().into_openapi(),
        candidates::routes().into_openapi(),
        ranking_api::routes().into_openapi(),
        deals::routes().into_openapi(),
        rooms::routes().into_openapi(),
        mls::routes().into_openapi(),
        inbox::routes().into_openapi(),
        statements::routes().into_openapi(),
        payment_webhook::routes().into_openapi(),
        payout_accounts::routes().into_openapi(),
    ]
}

/// Every HTTP route of the deployment, as one description.
///
/// # Panics
/// Where two functions call different shapes by one name: of two, merging keeps the first.
#[must_use]
pub fn api() -> OpenApi {
    let mut shapes = BTreeMap::new();
    let mut all = OpenApi::default();
    for part in parts() {
        for (name, shape) in part.components.iter().flat_map(|components| &components.schemas) {
            let shape = serde_json::to_value(shape).unwrap_or_default();
            let known = shapes.entry(name.clone()).or_insert_with(|| shape.clone());
            assert_eq!(*known, shape, "two shapes are called {name}");
        }
        all.merge(part);
    }
    all
}

/// Returns the published description: the routes, with who we are, how to sign in and what errors look like.
#[must_use]
pub fn description() -> OpenApi {
    let mut all = api();
    all.info = Info::new("Inventure", env!("CARGO_PKG_VERSION"));
    all.info.description = Some(
        "Split deals that recruiting brokers can trust. Writes take an `Idempotency-Key`; errors are problem details \
         (RFC 9457), listed in docs/errors.md."
            .to_owned(),
    );
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    let components = all.components.get_or_insert_default();
    components
        .security_schemes
        .insert("token".to_owned(), SecurityScheme::Http(token).into());
    components
        .schemas
        .insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    let mut schemas = Vec::new();
    ProblemBody::schemas(&mut schemas);
    components.schemas.extend(schemas);
    all.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    for (path, item) in &mut all.paths.paths {
        for (method, operation) in operations(item) {
            complete(method, path, operation);
        }
    }
    all
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let methods = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
    ];
    methods
        .into_iter()
        .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// Adds what the specification asks for and a route leaves out. It adds an id, words for each answer, and what an error looks
/// like.
fn complete(method: &str, path: &str, operation: &mut Operation) {
    let words = path.split(['/', '{', '}', '-', '.']).filter(|word| !word.is_empty());
    // Functions are called `list` and `read` in many modules; method and path are what is unique.
    operation.operation_id = Some(words.fold(method.to_owned(), |id, word| format!("{id}_{word}")));
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            let code = status.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
            if response.description.is_empty() {
                let reason = code.and_then(|code| code.canonical_reason()).unwrap_or("The answer");
                reason.clone_into(&mut response.description);
            }
            if code.is_some_and(|code| code.is_client_error() || code.is_server_error()) && response.content.is_empty()
            {
                let content = problem("").content;
                response.content = content;
            }
        }
    }
    let other = problem("Any other error, as docs/errors.md lists them");
    operation
        .responses
        .responses
        .entry("default".to_owned())
        .or_insert_with(|| other.into());
}

fn problem(description: &str) -> Response {
    let body = Ref::from_schema_name(ProblemBody::name());
    ResponseBuilder::new()
        .description(description)
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(body)).build(),
        )
        .build()
}
