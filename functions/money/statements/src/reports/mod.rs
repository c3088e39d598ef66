//! Reports: earnings, unpaid bills, and the cost of a fall-off.
//!
//! Reports are sums of the ledger and of the deals' facts, made when they are asked for. The rules are in `inventure-ledger`
//! ([`inventure_ledger::summary`]) and `inventure-deals` ([`inventure_deals::report`]). No report has a person's data in it.

mod ageing;
mod deal;
mod exposure;
mod period;
mod reading;
mod view;

use inventure_api::{Problem, problem::Kind};
use inventure_core::Role;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

/// The roles that may read an agency's own reports.
const READERS: [Role; 3] = [Role::AgencyOwner, Role::Broker, Role::Auditor];

/// The roles that may read a report that operators may read as well, of the whole network.
const READERS_AND_OPERATORS: [Role; 4] = [Role::AgencyOwner, Role::Broker, Role::Auditor, Role::Operator];

/// Returns all routes of reports.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(period::earnings))
        .routes(routes!(period::revenue))
        .routes(routes!(deal::read))
        .routes(routes!(ageing::read))
        .routes(routes!(exposure::read))
}

/// Returns the problem of a parameter that cannot be answered to, with what to ask for instead.
fn refused(parameter: &str, message: impl Into<String>) -> Problem {
    Problem {
        kind: Kind::BadQuery,
        ..Problem::field(parameter, message)
    }
}
