//! Ranked, explained candidates for a job, and jobs for a candidate; and what people say of them.
//!
//! A ranking runs on the documents that were made when job and résumé came in: a request embeds nothing. Whoever is shown is
//! checked against the record at that moment, so a consent that ended or a grant that was taken back counts at once, however
//! old the index is.

mod feedback;
mod ranking;
mod views;

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRef;
use inventure_core::Principal;
use inventure_api::{Problem, http::Directory};
use inventure_live_index::LiveIndex;
use inventure_table::{Objects, Store, records::IndexKind};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the routes work with.
#[derive(Clone)]
pub struct App {
    store: Store,
    candidates: Arc<LiveIndex>,
    jobs: Arc<LiveIndex>,
}

impl App {
    /// The routes' state on this table and this bucket of segments.
    #[must_use]
    pub fn new(store: Store, segments: Arc<dyn Objects>) -> Self {
        let index = |kind| Arc::new(LiveIndex::new(kind, store.clone(), Arc::clone(&segments)));
        Self {
            candidates: index(IndexKind::Candidates),
            jobs: index(IndexKind::Jobs),
            store,
        }
    }
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
        .routes(routes!(ranking::candidates_for_job))
        .routes(routes!(ranking::jobs_for_candidate))
        .routes(routes!(feedback::create))
}
