use std::collections::HashMap;

use aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerJwtDescription, ApiGatewayV2httpRequestContext,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use inventure_api::clock;
use jiff::Timestamp;
use lambda_http::request::RequestContext;
use serde_json::Value;
use tower::ServiceExt;

/// A person with a token, as API Gateway hands them to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    name: Option<String>,
    address: Option<String>,
    signed_in_at: Option<Timestamp>,
    verified: bool,
    token_use: &'static str,
}

/// The answer of a route.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The HTTP headers.
    pub headers: HeaderMap,
    /// The body; null where there is none or it is no JSON.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Person {
    /// Returns a person whom the identity provider knows by this address.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            verified: true,
            ..Self::nobody()
        }
    }

    /// Returns a person who gave this address to the identity provider, which has not seen them use it.
    #[must_use]
    pub fn unverified(name: &str) -> Self {
        Self {
            verified: false,
            ..Self::named(name)
        }
    }

    /// Returns a caller without a token.
    #[must_use]
    pub const fn nobody() -> Self {
        Self {
            name: None,
            address: None,
            signed_in_at: None,
            verified: false,
            token_use: "id",
        }
    }

    /// Returns the same person, by a sign-in of this time. Others sign in anew for every request, a moment ahead of the clock.
    #[must_use]
    pub fn signed_in(&self, at: Timestamp) -> Self {
        Self {
            signed_in_at: Some(at),
            ..self.clone()
        }
    }

    /// Returns the same person with an access token. It states claims that otherwise stand in the ID token alone.
    #[must_use]
    pub fn with_access_token(&self) -> Self {
        Self {
            token_use: "access",
            ..self.clone()
        }
    }

    /// Returns the same person, whom the identity provider knows by this address.
    #[must_use]
    pub fn known_by(&self, address: &str) -> Self {
        Self {
            address: Some(address.to_owned()),
            ..self.clone()
        }
    }

    /// Returns the person's e-mail address.
    #[must_use]
    pub fn email(&self) -> String {
        if let Some(address) = &self.address {
            return address.clone();
        }
        format!("{}@example.com", self.name.as_deref().unwrap_or("nobody"))
    }

    fn context(&self) -> RequestContext {
        let mut context = ApiGatewayV2httpRequestContext::default();
        if let Some(name) = &self.name {
            let signed_in_at = self
                .signed_in_at
                .map_or(clock::now().as_second() + 1, Timestamp::as_second);
            let mut jwt = ApiGatewayRequestAuthorizerJwtDescription::default();
            jwt.claims = HashMap::from([
                ("iss".to_owned(), "https://issuer.example".to_owned()),
                ("sub".to_owned(), name.clone()),
                ("email".to_owned(), self.email()),
                ("email_verified".to_owned(), self.verified.to_string()),
                ("token_use".to_owned(), self.token_use.to_owned()),
                ("auth_time".to_owned(), signed_in_at.to_string()),
                ("exp".to_owned(), (clock::now().as_second() + 3_600).to_string()),
            ]);
            let mut authorizer = ApiGatewayRequestAuthorizer::default();
            authorizer.jwt = Some(jwt);
            context.authorizer = Some(authorizer);
        }
        RequestContext::ApiGatewayV2(context)
    }

    /// Sends a request with headers and a body as they are.
    ///
    /// # Panics
    /// When the request cannot be made, or the route breaks off.
    #[expect(clippy::expect_used, reason = "a test that cannot ask has failed")]
    pub async fn send(&self, app: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body)).expect("a request");
        request.extensions_mut().insert(self.context());
        let response = app.clone().oneshot(request).await.expect("a response");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 16 << 20).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Reads a path.
    pub async fn get(&self, app: &Router, path: &str) -> Answer {
        self.send(app, "GET", path, &[], String::new()).await
    }

    /// Writes a body to a path.
    pub async fn write(&self, app: &Router, method: &str, path: &str, body: Value) -> Answer {
        self.send(
            app,
            method,
            path,
            &[("content-type", "application/json")],
            body.to_string(),
        )
        .await
    }

    /// Writes under an idempotency key.
    pub async fn write_once(&self, app: &Router, method: &str, path: &str, key: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.send(app, method, path, &headers, body.to_string()).await
    }
}

impl Answer {
    /// Returns the body, if the status is this.
    ///
    /// # Panics
    /// When it is another.
    #[must_use]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// Returns the stable code of a problem, if the status is this.
    ///
    /// # Panics
    /// When it is another, or no problem.
    #[must_use]
    pub fn problem(self, status: u16) -> String {
        let body = self.expect(status);
        assert!(body["request_id"].is_string() && body["detail"].is_string(), "{body}");
        let kind = body["type"].as_str().unwrap_or_default();
        kind.strip_prefix("urn:inventure:problem:")
            .unwrap_or_default()
            .to_owned()
    }
}
