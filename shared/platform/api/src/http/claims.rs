//! The claims of the token about the signed-in person.

use axum::{extract::FromRequestParts, http::request::Parts};
use lambda_http::request::RequestContext;

use super::NAME_CHARS_MAX;
use crate::{
    problem::{Kind, Problem},
    text,
};

/// The claims of the identity provider about the signed-in person. API Gateway has checked the token before the function runs.
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
    /// The person's display name, where an ID token carries one that is a plain name.
    pub name: Option<String>,
    /// Epoch second at which the token ends.
    pub ends_at: Option<i64>,
    /// Epoch second at which the person signed in; a token that was only renewed since says the same. It is the time at which
    /// the token was made, if the provider does not say.
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
