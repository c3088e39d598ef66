//! Balances, statements that anybody can verify offline, reports, and the seals of the days.

mod accounts;
mod documents;
mod parallel;
mod reports;
mod seals;

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRef;
use inventure_core::Principal;
use inventure_api::{Problem, http::Directory};
use inventure_table::{Ledger, Objects, Store};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the routes work on.
#[derive(Clone)]
pub struct App {
    store: Store,
    ledger: Ledger,
    seals: Arc<dyn Objects>,
}

impl App {
    /// The routes' world: a store that has the ledger table, and the bucket of seals.
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

#[async_trait]
impl Directory for App {
    async fn principal(&self, subject: &str) -> Result<Option<Principal>, Problem> {
        self.store.principal(subject).await
    }
}

/// What only parameters name, and so no route brings.
#[derive(OpenApi)]
#[openapi(components(schemas(documents::Format)))]
struct Shapes;

/// All routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Shapes::openapi())
        .routes(routes!(accounts::list))
        .routes(routes!(documents::read))
        .routes(routes!(documents::read_parts))
        .routes(routes!(seals::latest))
        .routes(routes!(seals::read))
        .merge(reports::routes())
}
