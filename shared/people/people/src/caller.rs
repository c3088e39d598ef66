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
use inventure_table::{Found, Key, Store};

use crate::records::Member;

/// The signed-in person and their place in a tenant. A handler that takes this is open to members only; [`Caller::allow`]
/// narrows it to roles.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The person and their place in a tenant.
    pub principal: Principal,
    /// The person's display name.
    pub name: String,
    /// The ids of their request.
    pub ids: RequestIds,
}

impl Caller {
    /// Lets only these roles pass.
    pub fn allow(&self, roles: &[Role]) -> Result<(), Problem> {
        let own = self.principal.role;
        if roles.contains(&own) {
            return Ok(());
        }
        if roles == [Role::Operator] {
            return Err(Problem::new(Kind::Forbidden, "This is for those who run the network."));
        }
        let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        let detail = format!(
            "Your role is {}; this is for: {}. An owner of your tenant gives roles.",
            own.name(),
            names.join(", ")
        );
        Err(Problem::new(Kind::Forbidden, detail))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Store: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let (caller, _) = visitor.enter(&Store::from_ref(state), &[]).await?;
        Ok(caller)
    }
}

/// A signed-in person whose place in a tenant is not known yet. For a handler that reads it together with what it is asked for.
#[derive(Debug)]
pub struct Visitor {
    claims: Claims,
    ids: RequestIds,
}

impl Visitor {
    /// Reads the person's place in a tenant, and the items of up to 99 more keys in the same call.
    ///
    /// # Errors
    /// `no-membership` where the person has no place in any tenant.
    pub async fn enter(self, store: &Store, keys: &[Key]) -> Result<(Caller, Found), Problem> {
        let member = Member::key_of(&self.claims.subject);
        let all: Vec<Key> = std::iter::once(&member).chain(keys).cloned().collect();
        let mut found = store.read(&all).await?;
        let member: Option<Member> = found.take(&member)?;
        let member = member.ok_or_else(|| {
            Problem::new(
                Kind::NoMembership,
                "Create a tenant with `POST /tenants`, or accept an invitation.",
            )
        })?;
        let principal = member.principal();
        Ok((
            Caller {
                principal,
                name: member.name,
                ids: self.ids,
            },
            found,
        ))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self {
            claims: Claims::from_request_parts(parts, state).await?,
            ids: RequestIds::from_request_parts(parts, state).await?,
        })
    }
}
