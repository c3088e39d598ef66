//! Balances, statements that anybody can verify offline, reports, and the seals of the days.

mod accounts;
mod documents;
mod parallel;
mod reports;
mod seals;
mod shapes;

use std::sync::Arc;

use axum::extract::FromRef;
use inventure_books::Ledger;
use inventure_table::{Objects, Store};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The state that the routes share.
#[derive(Clone)]
pub struct App {
    store: Store,
    ledger: Ledger,
    seals: Arc<dyn Objects>,
}

impl App {
    /// Creates the routes' state: a store that has the ledger table, and the bucket of seals.
    #[must_use]
    pub fn new(store: Store, seals: Arc<dyn Objects>) -> Self {
        Self {
            ledger: Ledger::new(store.clone()),
            store,
            seals,
        }
    }
}

impl FromRef<App> for Store {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

/// The schemas that only parameters name, and so no route brings.
#[derive(OpenApi)]
#[openapi(components(schemas(documents::Format)))]
struct Shapes;

/// Returns all routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Shapes::openapi())
        .routes(routes!(accounts::list))
        .routes(routes!(documents::read))
        .routes(routes!(documents::read_parts))
        .routes(routes!(seals::latest))
        .routes(routes!(seals::read))
        .merge(reports::routes())
}
