//! Tickets that a client connects with in place of its token. The token would stand in logs of addresses for as long as it is
//! good.

use axum::extract::State;
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Claims, Write},
    once::Once,
    problem::Kind,
};
use inventure_people::{Caller, records::secret_hash};
use inventure_rooms::{TALKERS, records::SocketTicket};
use inventure_table::Change;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;

/// The time for which a ticket waits to be used.
const KEPT: SignedDuration = SignedDuration::from_secs(60);

/// A ticket to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {}

/// A ticket for one connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketView {
    /// The address to connect to: this one with `?ticket=` and the ticket.
    pub url: String,
    /// The ticket itself. It is good once.
    pub ticket: String,
    /// The time after which the ticket is worth nothing.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// The moment at which the connection ends, with the token that the ticket was asked for with.
    #[schema(value_type = String, format = DateTime)]
    pub session_ends_at: Timestamp,
}

/// Makes a ticket for one connection. Each request makes another, also under the same `Idempotency-Key`: a ticket is not kept.
#[utoipa::path(
    post, path = "/socket-tickets", tag = "rooms", request_body = NewTicket, responses((status = 201, body = TicketView))
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    claims: Claims,
    write: Write<NewTicket>,
) -> Result<Answer, Problem> {
    let NewTicket {} = write.body;
    caller.allow(TALKERS)?;
    let once = Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref());
    once.first().await?;
    let ends_at = claims.ends_at.and_then(|at| Timestamp::from_second(at).ok());
    let session_ends_at =
        ends_at.ok_or_else(|| Problem::new(Kind::Unauthenticated, "The token does not say when it ends."))?;
    let now = clock::now();
    let expires_at = now + KEPT;
    // 244 random bits, like an invitation's.
    let ticket = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let record = SocketTicket {
        secret_hash: secret_hash(&ticket),
        subject: claims.subject,
        member_id: caller.principal.member_id,
        tenant_id: caller.principal.tenant_id,
        session_ends_at: session_ends_at.as_second(),
        expires_at: expires_at.as_second(),
        version: SocketTicket::VERSION,
    };
    app.connections.commit(Change::new().insert(&record)).await?;
    let kept = Answer::created(&json!({ "url": app.socket_url }))?;
    once.commit(Change::new(), &kept).await?;
    Answer::created(&TicketView {
        url: app.socket_url.clone(),
        ticket,
        expires_at,
        session_ends_at,
    })
}
