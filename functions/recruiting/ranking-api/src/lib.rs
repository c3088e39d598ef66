//! Ranks and explains candidates for a job, and jobs for a candidate. Also records the feedback of people on them.
//!
//! A ranking runs on the documents that were made when job and résumé came in: a request embeds nothing. Each match is checked
//! against its record at that moment. A consent that ended or a grant that was taken back thus counts at once, however old the
//! index is.

mod feedback;
mod ranking;
mod views;

use std::sync::Arc;

use axum::extract::FromRef;
use inventure_live_index::{LiveIndex, records::IndexKind};
use inventure_table::{Objects, Store};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The state that the routes work with.
#[derive(Clone)]
pub struct App {
    store: Store,
    candidates: Arc<LiveIndex>,
    jobs: Arc<LiveIndex>,
}

impl App {
    /// Creates the routes' state on this table and this bucket of segments.
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

/// Returns all routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ranking::candidates_for_job))
        .routes(routes!(ranking::jobs_for_candidate))
        .routes(routes!(feedback::create))
}
