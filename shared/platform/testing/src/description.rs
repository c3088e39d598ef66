//! The API as one OpenAPI document: what every function's routes say of themselves, made whole so that tools read it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use inventure_api::problem::{Kind, ProblemBody};
use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{
        Components, ContentBuilder, Info, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Required, Response,
        ResponseBuilder, Schema, SecurityRequirement, ServerBuilder, ServerVariableBuilder, Type,
        path::{Operation, ParameterBuilder, ParameterIn},
        schema::{ArrayItems, Discriminator},
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

/// Writes that answer a machine or a link in a mail, and take no `Idempotency-Key`.
const WITHOUT_KEY: [&str; 2] = ["/payment-events", "/unsubscribe"];

/// Deletions that take an `Idempotency-Key`; others are done once anyhow.
const DELETIONS_WITH_KEY: [&str; 2] = ["/candidates/{id}", "/candidates/{id}/consent"];

/// The body of the gateway's own answers, such as to a token that is not valid.
#[derive(utoipa::ToSchema)]
struct GatewayError {
    /// The reason, in a few words.
    #[expect(dead_code, reason = "only its shape is of use")]
    message: String,
}

/// Returns the published description: the routes, with who we are, how to sign in and what errors look like.
#[must_use]
pub fn description() -> OpenApi {
    let mut all = api();
    all.servers = Some(vec![
        ServerBuilder::new()
            .url("{address}")
            .description(Some("A stage, at the address that its deployment prints as `ApiUrl`"))
            .parameter(
                "address",
                ServerVariableBuilder::new()
                    .default_value("http://localhost:4566")
                    .description(Some("The address, with nothing behind the host")),
            )
            .build(),
    ]);
    all.info = Info::new("Inventure", env!("CARGO_PKG_VERSION"));
    all.info.license = Some(
        utoipa::openapi::LicenseBuilder::new()
            .name("Apache-2.0")
            .identifier(Some("Apache-2.0"))
            .build(),
    );
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
    components
        .schemas
        .insert(GatewayError::name().into_owned(), GatewayError::schema());
    if let Some(RefOr::T(Schema::Object(problem))) = components.schemas.get_mut(&*ProblemBody::name())
        && let Some(RefOr::T(Schema::Object(kind))) = problem.properties.get_mut("type")
    {
        let codes = Kind::ALL
            .iter()
            .map(|kind| format!("urn:inventure:problem:{}", kind.code()).into());
        kind.enum_values = Some(codes.collect());
    }
    refer(components);
    discriminate(components);
    all.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    for (path, item) in &mut all.paths.paths {
        for (method, operation) in operations(item) {
            complete(method, path, operation);
        }
    }
    all
}

/// Puts a reference in the place of what a page or a report lists, where that is a component.
fn refer(components: &mut Components) {
    let named: Vec<(String, RefOr<Schema>)> = components.schemas.clone().into_iter().collect();
    for (_, schema) in components.schemas.iter_mut().filter(|(name, _)| name.contains('_')) {
        let RefOr::T(Schema::Object(object)) = schema else {
            continue;
        };
        for property in object.properties.values_mut() {
            let RefOr::T(Schema::Array(list)) = property else {
                continue;
            };
            let ArrayItems::RefOrSchema(item) = &mut list.items else {
                continue;
            };
            if let Some((name, _)) = named.iter().find(|(_, schema)| *schema == **item) {
                **item = Ref::from_schema_name(name).into();
            }
        }
    }
}

/// Names the variants of each shape that one of its properties tells apart, and that property.
fn discriminate(components: &mut Components) {
    let mut variants = Vec::new();
    for (name, schema) in &mut components.schemas {
        let RefOr::T(Schema::OneOf(choice)) = schema else {
            continue;
        };
        let Some((tag, values)) = tag(&choice.items) else {
            continue;
        };
        let mut mapping = BTreeMap::new();
        for (item, value) in choice.items.iter_mut().zip(values) {
            let variant = value.split('_').fold(name.clone(), |name, word| name + &capital(word));
            let reference = Ref::from_schema_name(&variant);
            mapping.insert(value, reference.ref_location.clone());
            variants.push((variant, std::mem::replace(item, reference.into())));
        }
        choice.discriminator = Some(Discriminator::with_mapping(tag, mapping));
    }
    components.schemas.extend(variants);
}

/// Returns the property that has one value in each of some shapes, and another in each, with these values.
fn tag(items: &[RefOr<Schema>]) -> Option<(String, Vec<String>)> {
    let value = |item: &RefOr<Schema>, property: &str| {
        let RefOr::T(Schema::Object(object)) = item else {
            return None;
        };
        let RefOr::T(Schema::Object(own)) = object.properties.get(property)? else {
            return None;
        };
        match own.enum_values.as_deref() {
            Some([value]) => value.as_str().map(str::to_owned),
            _ => None,
        }
    };
    let RefOr::T(Schema::Object(first)) = items.first()? else {
        return None;
    };
    first.properties.keys().find_map(|property| {
        let values: Vec<String> = items.iter().map(|item| value(item, property)).collect::<Option<_>>()?;
        Some((property.clone(), values))
    })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
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
    let writes = operation.request_body.is_some() && !WITHOUT_KEY.contains(&path);
    if writes || method == "delete" && DELETIONS_WITH_KEY.contains(&path) {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "A key of the request's own, a UUID for example. Sent again with it, the request is done once and answered alike.",
            ))
            .schema(Some(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(Some("^[!-~]{1,128}$")),
            ))
            .build();
        operation.parameters.get_or_insert_default().push(key.into());
    }
    let gateway = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(GatewayError::name())))
        .build();
    let own = |mut response: Response| {
        let content = gateway.clone().into();
        response.content.insert("application/json".to_owned(), content);
        response
    };
    if operation.security.is_none() {
        let said = operation.responses.responses.remove("401");
        let said = match said {
            Some(RefOr::T(response)) => response,
            _ => problem("No token, or one that is not valid"),
        };
        operation.responses.responses.insert("401".to_owned(), own(said).into());
    }
    let other = own(problem(
        "Any other error, as docs/errors.md lists them; or the gateway's own",
    ));
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
