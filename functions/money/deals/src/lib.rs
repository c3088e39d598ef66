//! Deals: terms that their parties sign, candidates who are submitted with consent, the pipeline that all parties share, placements,
//! bills, the guarantee, disputes. Everything that happens is a fact, and `inventure-deals` says whether it may.

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

use async_trait::async_trait;
use axum::extract::FromRef;
use inventure_core::Principal;
use inventure_deals::fingerprint::Key;
use inventure_api::{Problem, http::Directory};
use inventure_table::{Files, Secrets, Store};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the routes work on.
#[derive(Clone)]
pub struct App {
    /// The table.
    pub store: Store,
    secret: Arc<dyn Secrets>,
    files: Files,
    /// Whether mail goes out from here.
    pub mails: bool,
}

impl App {
    /// The routes' world: a table, where the key of the fingerprints is kept, the documents, and whether mail goes out.
    #[must_use]
    pub fn new(store: Store, secret: Arc<dyn Secrets>, files: Files, mails: bool) -> Self {
        Self {
            store,
            secret,
            files,
            mails,
        }
    }

    /// The key under which people are compared without being named.
    async fn key(&self) -> Result<Key, Problem> {
        Ok(Key::new(self.secret.derived("inventure/fingerprint/v1").await?))
    }
}

#[async_trait]
impl Directory for App {
    async fn principal(&self, subject: &str) -> Result<Option<Principal>, Problem> {
        self.store.principal(subject).await
    }
}

impl FromRef<App> for Store {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

/// All routes of this function.
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
