//! The signed-in person and their place in a tenant.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use inventure_api::{
    Problem,
    http::{Claims, RequestIds},
    problem::Kind,
};
use inventure_core::{Principal, Role};
use inventure_table::Store;

use crate::records::Member;

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

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Store: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let claims = Claims::from_request_parts(parts, state).await?;
        let ids = RequestIds::from_request_parts(parts, state).await?;
        let member: Option<Member> = Store::from_ref(state).get(&Member::key_of(&claims.subject)).await?;
        let member = member.ok_or_else(|| {
            Problem::new(
                Kind::NoMembership,
                "Create a tenant with `POST /tenants`, or accept an invitation.",
            )
        })?;
        Ok(Self {
            principal: member.principal(),
            ids,
        })
    }
}
