//! The `AsyncAPI` 3 document of the sockets, generated from the types.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{ClientFrame, ServerFrame, VERSION};

/// Returns the `AsyncAPI` document of the sockets. Validators and generators of clients take it as it is.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Map::new();
    let mut messages = Map::new();
    for (name, title, schema) in [
        (
            "clientFrame",
            "What a client sends",
            schema::<ClientFrame>(&mut schemas),
        ),
        (
            "serverFrame",
            "What the server sends",
            schema::<ServerFrame>(&mut schemas),
        ),
    ] {
        let message = json!({ "name": name, "title": title, "contentType": "application/json", "payload": schema });
        messages.insert(name.to_owned(), message);
    }
    let of = |name: &str| json!({ "$ref": format!("#/channels/socket/messages/{name}") });
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Inventure sockets",
            "version": format!("{VERSION}.0.0"),
            "description": "Chat, presence and what happens, live. docs/live/realtime.md tells how the frames go together.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/",
                "title": "One connection of one device",
                "description": "Connect with `?ticket=`, a single-use ticket from `POST /socket-tickets`.",
                "messages": {
                    "clientFrame": { "$ref": "#/components/messages/clientFrame" },
                    "serverFrame": { "$ref": "#/components/messages/serverFrame" },
                },
                "bindings": {
                    "ws": { "method": "GET", "query": {
                        "type": "object", "required": ["ticket"], "properties": { "ticket": { "type": "string" } },
                    } },
                },
            },
        },
        "operations": {
            "ask": {
                "action": "receive",
                "channel": { "$ref": "#/channels/socket" },
                "messages": [of("clientFrame")],
                "reply": { "channel": { "$ref": "#/channels/socket" }, "messages": [of("serverFrame")] },
            },
            "tell": {
                "action": "send",
                "channel": { "$ref": "#/channels/socket" },
                "messages": [of("serverFrame")],
            },
        },
        "components": { "messages": messages, "schemas": schemas },
    })
}

/// Returns the schema of a type, and puts the schemas of its parts among the document's.
fn schema<T: JsonSchema>(schemas: &mut Map<String, Value>) -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let root = generator.subschema_for::<T>().to_value();
    schemas.extend(generator.take_definitions(true));
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_in_the_repository_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/asyncapi.json");
        let written = std::fs::read_to_string(path).unwrap();
        assert!(
            written == format!("{:#}\n", document()),
            "run `cargo run -p inventure-realtime --example asyncapi` and look at what changed"
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
                    Value::String(text) if name == "$ref" => found.push(text.clone()),
                    value => references(value, found),
                }),
                Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20, "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}
