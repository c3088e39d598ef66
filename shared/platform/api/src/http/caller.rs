//! Who asks: the claims of the token, and the person's place in a tenant.

use async_trait::async_trait;
use axum::{extract::FromRequestParts, http::request::Parts};
use inventure_core::{Principal, Role};
use lambda_http::request::RequestContext;

use super::{NAME_CHARS_MAX, RequestIds};
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
    /// The person and their place in a tenant.
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
