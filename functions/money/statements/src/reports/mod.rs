//! Reports: who got what, who has not paid, what a fall-off would cost.
//!
//! They are sums of what is in the ledger and in the deals' facts, made when they are asked for; the rules are in `inventure-ledger`
//! ([`inventure_ledger::summary`]) and `inventure-deals` ([`inventure_deals::report`]). None has a person's data in it.

mod ageing;
mod deal;
mod exposure;
mod period;
mod reading;
mod view;

use inventure_core::Role;
use inventure_api::{Problem, problem::Kind};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

/// Who reads an agency's own reports.
const READERS: [Role; 3] = [Role::AgencyOwner, Role::Broker, Role::Auditor];

/// And those that an operator may read as well, of the whole network.
const READERS_AND_OPERATORS: [Role; 4] = [Role::AgencyOwner, Role::Broker, Role::Auditor, Role::Operator];

/// All routes of reports.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(period::earnings))
        .routes(routes!(period::revenue))
        .routes(routes!(deal::read))
        .routes(routes!(ageing::read))
        .routes(routes!(exposure::read))
}

/// A parameter that cannot be answered to, and what to ask for instead.
fn refused(parameter: &str, message: impl Into<String>) -> Problem {
    Problem {
        kind: Kind::BadQuery,
        ..Problem::field(parameter, message)
    }
}
