//! Rooms over HTTP: tickets to connect with, the rooms, their people and their history. The history is for people who are not
//! connected.

mod attachments;
mod entries;
mod members;
mod routes;
mod tickets;
mod views;

use axum::extract::FromRef;
use inventure_table::{Files, Store};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The tables, the sockets' address and the files that the routes work with.
#[derive(Clone)]
pub struct App {
    /// The main table.
    pub store: Store,
    /// The connections table.
    pub connections: Store,
    /// The address that sockets connect to.
    pub socket_url: String,
    /// The files of the rooms.
    pub files: Files,
}

impl FromRef<App> for Store {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

/// All routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tickets::create))
        .routes(routes!(routes::open, routes::list))
        .routes(routes!(routes::read))
        .routes(routes!(entries::list))
        .routes(routes!(attachments::create))
        .routes(routes!(attachments::posted, attachments::read))
        .routes(routes!(members::add))
        .routes(routes!(members::remove))
}
