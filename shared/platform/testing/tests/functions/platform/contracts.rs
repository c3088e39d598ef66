//! The contracts that others rely on: the API's description, the problems, and a sample of what triggers each function.

use std::collections::BTreeSet;

use aws_lambda_events::{dynamodb, sqs::SqsEvent};
use inventure_api::problem::Kind;
use inventure_events::queue;
use inventure_testing::{Person, World, api};
use serde_json::{Value, json};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");

fn sample(name: &str) -> Value {
    let text = std::fs::read_to_string(format!("{ROOT}/events/samples/{name}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_checked_in_description_is_that_of_the_code() {
    let on_disk: Value =
        serde_json::from_str(&std::fs::read_to_string(format!("{ROOT}/docs/openapi.json")).unwrap()).unwrap();
    let code = serde_json::to_value(inventure_testing::description()).unwrap();
    assert!(
        on_disk == code,
        "run `cargo run -p inventure-testing --example openapi`"
    );
}

/// Checks the rules of the specification (OpenAPI 3.1) over which generators of clients stumble.
#[test]
fn the_description_is_one_that_tools_can_read() {
    let description = serde_json::to_value(inventure_testing::description()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (name, place) = (parameter["name"].as_str().unwrap(), &parameter["in"]);
                assert_eq!(
                    path.contains(&format!("{{{name}}}")),
                    place == "path",
                    "{method} {path} {name}"
                );
            }
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{id} twice");
            for (status, response) in operation["responses"].as_object().unwrap() {
                let said = response["description"].as_str().unwrap_or_default();
                assert!(!said.is_empty(), "{method} {path} {status}");
            }
        }
    }
    let mut nodes = vec![&description];
    while let Some(node) = nodes.pop() {
        if let Some(pointer) = node["$ref"].as_str() {
            let found = description.pointer(pointer.trim_start_matches('#'));
            assert!(found.is_some(), "nothing is at {pointer}");
        }
        for part in node["allOf"].as_array().into_iter().flatten() {
            let whole = part["$ref"].as_str().map(|pointer| pointer.trim_start_matches('#'));
            let shape = whole.and_then(|pointer| description.pointer(pointer)).unwrap_or(part);
            assert_ne!(
                shape["additionalProperties"], false,
                "{part} takes nothing beside it: nothing is of both"
            );
        }
        nodes.extend(node.as_object().into_iter().flat_map(|object| object.values()));
        nodes.extend(node.as_array().into_iter().flatten());
    }
}

#[test]
fn every_route_is_described_and_needs_a_token_unless_it_says_so() {
    let description = serde_json::to_value(inventure_testing::description()).unwrap();
    let mut open = Vec::new();
    for (path, item) in api().paths.paths {
        for (method, operation) in serde_json::to_value(&item).unwrap().as_object().unwrap() {
            assert!(
                operation["summary"]
                    .as_str()
                    .or(operation["description"].as_str())
                    .is_some(),
                "{method} {path}"
            );
            if operation["security"] == serde_json::json!([{}]) {
                open.push(path.clone());
            }
        }
    }
    assert_eq!(
        open,
        [
            "/candidate-links",
            "/candidate-links/answers",
            "/feed/jobs",
            "/health",
            "/payment-events",
            "/seals/latest",
            "/seals/{date}",
            "/unsubscribe",
            "/unsubscribe"
        ]
    );
    assert!(
        description["security"]
            .as_array()
            .is_some_and(|needs| !needs.is_empty())
    );
}

/// Sends a key that is none to each route that changes something.
#[tokio::test]
async fn a_write_takes_a_key_if_its_description_says_so() {
    let world = World::new();
    let owner = Person::named("Ada");
    world.tenant(&owner, "agency", "Northbank").await;
    let description = serde_json::to_value(inventure_testing::description()).unwrap();
    let mut count = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method == "get" {
                continue;
            }
            let said = operation["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key"));
            let way = path.replace(['{', '}'], "");
            let answer = owner
                .write_once(&world.app, &method.to_uppercase(), &way, "no key", json!({}))
                .await;
            let taken = answer.body["type"] == "urn:inventure:problem:bad-idempotency-key";
            assert_eq!(taken, said, "{method} {path}: {}", answer.body);
            count += usize::from(taken);
        }
    }
    assert!(count >= 40, "{count}");
}

/// Expects the description to leave no value without a type.
#[test]
fn everything_that_is_sent_has_a_type() {
    let description = serde_json::to_value(inventure_testing::description()).unwrap();
    let mut nodes = vec![(String::new(), &description)];
    let mut untyped = Vec::new();
    while let Some((place, node)) = nodes.pop() {
        if let Some(schema) = node.get("schema") {
            nodes.push((format!("{place}/schema"), schema));
        }
        let typed = ["type", "$ref", "oneOf", "allOf", "enum", "const"];
        let is_schema = place.ends_with("/schema") || place.rsplit('/').nth(1) == Some("properties");
        if is_schema && !typed.iter().any(|key| node.get(*key).is_some()) {
            untyped.push(place.clone());
        }
        let free = node["type"] == "object"
            && ["properties", "additionalProperties"]
                .iter()
                .all(|key| node.get(*key).is_none());
        if free && !EMPTY.iter().any(|name| place.ends_with(name)) {
            untyped.push(place.clone());
        }
        let members = node.as_object().into_iter().flatten();
        nodes.extend(members.map(|(name, value)| (format!("{place}/{}", name.replace('/', "~1")), value)));
        nodes.extend(
            node.as_array()
                .into_iter()
                .flatten()
                .map(|value| (format!("{place}/-"), value)),
        );
    }
    assert!(untyped.is_empty(), "{untyped:#?}");
}

/// Bodies without members.
const EMPTY: [&str; 2] = ["/NewLink", "/NewTicket"];

#[test]
fn every_problem_is_in_the_reference() {
    let reference = std::fs::read_to_string(format!("{ROOT}/docs/errors.md")).unwrap();
    for kind in Kind::ALL {
        let row = format!("| `{}` | {} |", kind.code(), kind.status().as_u16());
        assert!(reference.contains(&row), "docs/errors.md lacks {row}");
    }
}

#[test]
fn every_action_has_a_route_of_its_own() {
    let template = std::fs::read_to_string(format!("{ROOT}/infra/live.yaml")).unwrap();
    let actions = inventure_realtime::Action::NAMES.join(", ");
    assert!(
        template.contains(&format!("- Action\n    - [{actions}]\n")),
        "the loop Actions of infra/live.yaml"
    );
}

#[test]
fn the_samples_are_what_the_functions_take() {
    let upload: SqsEvent = serde_json::from_value(sample("resume-parser")).unwrap();
    let upload: Value = serde_json::from_str(upload.records[0].body.as_deref().unwrap()).unwrap();
    let told: Value = serde_json::from_str(&World::created("resumes/x")).unwrap();
    let names = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(
        names(&upload["detail"]),
        names(&told["detail"]),
        "what the tests send is what the bus does"
    );
    for function in ["indexer", "match-finder", "notifier"] {
        let event: SqsEvent = serde_json::from_value(sample(function)).unwrap();
        queue::from_bus(event.records[0].body.as_deref().unwrap()).unwrap();
    }
    let event: SqsEvent = serde_json::from_value(sample("settlement")).unwrap();
    for record in event.records {
        settlement::Message::read(record.body.as_deref().unwrap()).unwrap();
    }
    let event: SqsEvent = serde_json::from_value(sample("payouts")).unwrap();
    let _: payouts::Message = serde_json::from_str(event.records[0].body.as_deref().unwrap()).unwrap();
    let event: SqsEvent = serde_json::from_value(sample("fanout")).unwrap();
    let _: inventure_rooms::Job = serde_json::from_str(event.records[0].body.as_deref().unwrap()).unwrap();
    let event: chat::SocketEvent = serde_json::from_value(sample("chat")).unwrap();
    assert!(event.session().is_some() && inventure_realtime::ClientFrame::read(event.text().unwrap()).is_ok());
    assert!(sample("socket-authorizer")["queryStringParameters"]["ticket"].is_string());
    let event: dynamodb::Event = serde_json::from_value(sample("relay")).unwrap();
    assert_eq!(event.records.len(), 1);
    for function in [
        "identity",
        "jobs",
        "candidates",
        "ranking-api",
        "deals",
        "statements",
        "payment-webhook",
        "payout-accounts",
        "rooms",
        "mls",
        "inbox",
    ] {
        let request = lambda_http::request::from_str(&sample(function).to_string()).unwrap();
        assert!(!request.uri().path().is_empty(), "{function}");
    }
    assert!(sample("compactor").is_object() && sample("sealer").is_object());
}
