//! Candidates: the people brokers speak for. The function serves their records, their consents, the forms to upload their files
//! with, the state of the reading, and the structured résumé.
//!
//! Nothing of a candidate is processed without a consent that covers it: no form is signed, no file is read, nobody is matched
//! or shown to others.

mod consents;
mod corrections;
mod grants;
mod new_consent;
mod resumes;
mod routes;
mod uploads;
mod views;

use axum::extract::FromRef;
use inventure_table::{FormSigner, Store};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The state that the routes work with.
#[derive(Clone)]
pub struct App {
    /// The main table.
    pub store: Store,
    /// The signer of upload forms.
    pub forms: FormSigner,
    /// The largest file that a form lets through, in bytes.
    pub max_upload_bytes: u64,
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
        .routes(routes!(routes::read, routes::update, routes::erase))
        .routes(routes!(consents::give, consents::withdraw))
        .routes(routes!(consents::history))
        .routes(routes!(uploads::create))
        .routes(routes!(resumes::read, corrections::correct))
        .routes(routes!(corrections::history))
        .routes(routes!(resumes::json_resume))
        .routes(routes!(grants::create, grants::list))
        .routes(routes!(grants::remove))
}
