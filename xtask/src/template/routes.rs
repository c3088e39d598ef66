//! Routes, which are closed unless they are named here, and what the user pool lets people say of themselves.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{many, of_type};

/// Routes that anybody may call.
const PUBLIC_ROUTES: [&str; 8] = [
    "GET /candidate-links",
    "GET /feed/jobs",
    "GET /health",
    "GET /seals/{proxy+}",
    "GET /unsubscribe",
    "POST /candidate-links/answers",
    "POST /payment-events",
    "POST /unsubscribe",
];
/// The attributes that the pool says of a person because it has verified them.
const VERIFIED_ATTRIBUTES: [&str; 4] = ["email", "email_verified", "phone_number", "phone_number_verified"];

/// The APIs whose connections are authorized once, at the handshake; every frame after it carries what the authorizer said.
fn sockets(template: &Value) -> BTreeSet<String> {
    of_type(template, "AWS::ApiGatewayV2::Api")
        .filter(|(_, api)| api["ProtocolType"] == "WEBSOCKET")
        .map(|(id, _)| id.to_owned())
        .collect()
}

pub fn routes(template: &Value, faults: &mut Vec<String>) {
    let sockets = sockets(template);
    for (id, route) in of_type(template, "AWS::ApiGatewayV2::Route") {
        let of_socket = route["ApiId"]["Ref"].as_str().is_some_and(|api| sockets.contains(api));
        if of_socket {
            if route["RouteKey"] == "$connect" && route["AuthorizationType"] != "CUSTOM" {
                faults.push(format!("{id}: anybody may connect"));
            }
            continue;
        }
        let key = route["RouteKey"]
            .as_str()
            .or_else(|| route["RouteKey"]["Fn::Sub"].as_str())
            .unwrap_or_default();
        if route["AuthorizationType"] != "JWT" && !PUBLIC_ROUTES.contains(&key) {
            faults.push(format!("{id}: {key} is open to all"));
        }
    }
}

/// Checks that an address is a person's once the pool has verified it; no client writes it past the pool.
pub fn people(template: &Value, faults: &mut Vec<String>) {
    let has = |list: &Value, name: &str| many(list).iter().any(|attribute| attribute == name);
    for (id, pool) in of_type(template, "AWS::Cognito::UserPool") {
        let before = &pool["UserAttributeUpdateSettings"]["AttributesRequireVerificationBeforeUpdate"];
        if !has(&pool["AutoVerifiedAttributes"], "email") || !has(before, "email") {
            faults.push(format!("{id}: takes an address that nobody has verified"));
        }
    }
    for (id, client) in of_type(template, "AWS::Cognito::UserPoolClient") {
        let writes = &client["WriteAttributes"];
        if many(writes).is_empty() || VERIFIED_ATTRIBUTES.iter().any(|name| has(writes, name)) {
            faults.push(format!(
                "{id}: lets people write what the pool is to verify; name its WriteAttributes"
            ));
        }
    }
}
