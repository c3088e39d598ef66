//! Candidates: the people brokers speak for. Their records, what they consented to, the forms to upload their files with, how
//! the reading went, and the structured résumé.
//!
//! Nothing of a candidate is processed without a consent that covers it: no form is signed, no file is read, nobody is matched
//! or shown to others.

mod consents;
mod grants;
mod resumes;
mod routes;
mod uploads;
mod views;

use async_trait::async_trait;
use axum::extract::FromRef;
use inventure_core::Principal;
use inventure_api::{Problem, http::Directory};
use inventure_table::{FormSigner, Store};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the routes work with.
#[derive(Clone)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Signs upload forms.
    pub forms: FormSigner,
    /// The largest file a form lets through.
    pub max_upload_bytes: u64,
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
        .routes(routes!(routes::create, routes::list))
        .routes(routes!(routes::read, routes::update, routes::erase))
        .routes(routes!(consents::give, consents::withdraw))
        .routes(routes!(consents::history))
        .routes(routes!(uploads::create))
        .routes(routes!(resumes::read))
        .routes(routes!(resumes::json_resume))
        .routes(routes!(grants::create, grants::list))
        .routes(routes!(grants::remove))
}
