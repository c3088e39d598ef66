//! The history of a room, for people who are not connected.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem,
    http::{Path, Query},
};
use inventure_core::RoomId;
use inventure_people::Caller;
use inventure_realtime::Entry;
use inventure_rooms::{History, problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{App, routes::take};

/// The part of a history to return.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Entries past this offset.
    #[garde(skip)]
    #[serde(default)]
    after: u64,
    /// Entries below this offset, the nearest.
    #[garde(skip)]
    before: Option<u64>,
    /// The most entries in the answer, 1 to 100; 50 without it.
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<usize>,
}

/// A part of a history, oldest first, without gaps.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryList {
    /// The room of the history.
    pub room: RoomId,
    /// The epoch of the offsets.
    pub epoch: Uuid,
    /// The offset of the room's last entry.
    pub last: u64,
    /// The entries, as the sockets' `entry` frames have them: docs/asyncapi.json.
    #[schema(value_type = Vec<Entry>)]
    pub entries: Value,
    /// Whether there are more in the direction that was asked for.
    pub more: bool,
}

/// A part of a room's history.
#[utoipa::path(
    get, path = "/rooms/{id}/entries", tag = "rooms", params(("id" = String, Path), Part),
    responses((status = 200, body = EntryList))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<EntryList>, Problem> {
    let access = take(&app.store, &caller, &id).await?;
    let history = History::new(&app.store, &access.room);
    let limit = part.limit.unwrap_or(50);
    let (entries, more) = match part.before {
        Some(offset) => history.before(offset, limit).await,
        None => history.after(part.after, limit).await,
    }
    .map_err(problem)?;
    let last = history.last().await?;
    Ok(Json(EntryList {
        room: access.room.room_id,
        epoch: access.room.epoch,
        last: last.map_or(0, |last| last.offset),
        entries: serde_json::to_value(entries).map_err(Problem::internal)?,
        more,
    }))
}
