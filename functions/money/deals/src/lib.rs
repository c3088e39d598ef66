//! Deals: from the terms that the parties sign to the placement, the bills and the disputes. Candidates are submitted with consent into a
//! pipeline that all parties share; a guarantee follows a placement. Everything that happens is a fact, and `inventure-deals` says
//! whether it may.

mod arguments;
mod candidates;
mod claims;
mod consents;
mod documents;
mod evidence;
mod limits;
mod links;
mod mailed;
mod moves;
mod owners;
mod refusals;
mod routes;
mod schedules;
mod shown;
mod simulations;
mod terms;
mod told;
mod views;

use std::sync::Arc;

use axum::extract::FromRef;
use inventure_api::Problem;
use inventure_deals::fingerprint::Key;
use inventure_table::{Files, Secrets, Store};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The state that the routes share.
#[derive(Clone)]
pub struct App {
    /// The main table.
    pub store: Store,
    secret: Arc<dyn Secrets>,
    files: Files,
    /// Whether this deployment sends mail.
    pub mails: bool,
}

impl App {
    /// Creates the routes' state: the table, the secret of the fingerprint key, the documents, and whether mail is sent.
    #[must_use]
    pub fn new(store: Store, secret: Arc<dyn Secrets>, files: Files, mails: bool) -> Self {
        Self {
            store,
            secret,
            files,
            mails,
        }
    }

    /// Returns the key under which people are compared without being named.
    async fn key(&self) -> Result<Key, Problem> {
        Ok(Key::new(self.secret.derived("inventure/fingerprint/v1").await?))
    }
}

impl FromRef<App> for Store {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

/// Returns all routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(routes::create, routes::list))
        .routes(routes!(routes::read))
        .routes(routes!(routes::facts))
        .routes(routes!(routes::settlement))
        .routes(routes!(arguments::read))
        .routes(routes!(moves::create))
        .routes(routes!(documents::create, documents::list))
        .routes(routes!(documents::read, documents::erase))
        .routes(routes!(candidates::read))
        .routes(routes!(claims::check))
        .routes(routes!(links::create))
        .routes(routes!(links::page))
        .routes(routes!(links::answer))
        .routes(routes!(schedules::publish, schedules::list))
        .routes(routes!(simulations::templates))
        .routes(routes!(simulations::run))
}
