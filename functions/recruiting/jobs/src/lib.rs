//! Jobs: post, read, change, close, list, share; and the public feed.
//!
//! A description is read as it is posted: title, seniority, skills, place, pay and kind of employment. Each has the span it came
//! from, so that the poster sees at once what will be matched.

mod feed;
mod grants;
mod routes;
mod views;

use inventure_table::Store;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Returns all routes of this function.
pub fn routes() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(routes::create, routes::list))
        .routes(routes!(routes::read, routes::update))
        .routes(routes!(routes::close))
        .routes(routes!(grants::create, grants::list))
        .routes(routes!(grants::remove))
        .routes(routes!(feed::read))
}
