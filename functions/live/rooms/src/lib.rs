//! Rooms over HTTP: a ticket to connect with, the rooms and who is in them, and their history for who is not connected.

mod attachments;
mod entries;
mod members;
mod routes;
mod tickets;
mod views;

use async_trait::async_trait;
use axum::extract::FromRef;
use inventure_core::Principal;
use inventure_api::{Problem, http::Directory};
use inventure_table::{Files, Store};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the routes work with.
#[derive(Clone)]
pub struct App {
    /// The main table.
    pub store: Store,
    /// The connections table.
    pub connections: Store,
    /// Where sockets connect.
    pub socket_url: String,
    /// The files of the rooms.
    pub files: Files,
}

impl FromRef<App> for Store {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

#[async_trait]
impl Directory for App {
    async fn principal(&self, subject: &str) -> Result<Option<Principal>, Problem> {
        self.store.principal(subject).await
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
