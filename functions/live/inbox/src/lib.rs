//! The inbox of a member, and the ways in which they want to be told. Everybody reads and writes their own and nobody else's;
//! a link in their mails ends these without a sign-in.

mod notifications;
mod preferences;
mod unsubscribe;

use inventure_table::Store;
use utoipa_axum::{router::OpenApiRouter, routes};

/// All routes of this function.
pub fn routes() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::unread))
        .routes(routes!(notifications::mark))
        .routes(routes!(preferences::read, preferences::write))
        .routes(routes!(unsubscribe::page, unsubscribe::end))
}
