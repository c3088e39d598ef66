//! Welcomes that wait for the caller's devices.

use axum::{Json, extract::State, http::StatusCode};
use inventure_api::{
    Problem,
    http::{Claims, Path},
};
use inventure_core::RoomId;
use inventure_people::Caller;
use inventure_rooms::{
    RoomAccess, TALKERS, problem,
    records::{MlsDevice, MlsInvitation, MlsWelcome},
};
use inventure_table::{Change, Condition, table::Query};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App, device_id,
    devices::{fresh, own},
};

/// The most invitations in a list.
const LISTED: usize = 100;

/// A welcome that waits for a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingWelcome {
    /// The room that the device was let into.
    pub room_id: RoomId,
    /// The offset of the commit that let the device in.
    pub offset: u64,
    /// The time at which the device was let in.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// Welcomes that wait for a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationList {
    /// The welcomes, at most 100.
    pub welcomes: Vec<WaitingWelcome>,
}

/// A welcome to join a room's group with.
#[derive(Debug, Serialize, ToSchema)]
pub struct WelcomeView {
    /// The MLS message, base64.
    #[schema(format = Byte)]
    pub welcome: String,
}

/// The welcomes that wait for a device of the caller's.
#[utoipa::path(
    get, path = "/mls/devices/{device_id}/welcomes", tag = "mls", params(("device_id" = String, Path)),
    responses((status = 200, body = InvitationList))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(device): Path<String>,
) -> Result<Json<InvitationList>, Problem> {
    caller.allow(TALKERS)?;
    let device = device_id(&device)?;
    let _own = own(&app.store, caller.principal.member_id, device).await?;
    let query = Query {
        limit: LISTED,
        ..Query::table(
            MlsDevice::of_member(caller.principal.member_id),
            MlsInvitation::prefix(device),
        )
    };
    let found: Vec<MlsInvitation> = app.store.query(&query).await?;
    let view = |invitation: MlsInvitation| WaitingWelcome {
        room_id: invitation.room_id,
        offset: invitation.offset,
        at: invitation.at,
    };
    Ok(Json(InvitationList {
        welcomes: found.into_iter().map(view).collect(),
    }))
}

/// A welcome, as long as its person is in the room.
#[utoipa::path(
    get, path = "/mls/devices/{device_id}/welcomes/{room_id}/{offset}", tag = "mls",
    params(("device_id" = String, Path), ("room_id" = String, Path), ("offset" = u64, Path)),
    responses((status = 200, body = WelcomeView))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path((device, room, offset)): Path<(String, String, String)>,
) -> Result<Json<WelcomeView>, Problem> {
    let (device, room, offset) = place(&device, &room, &offset)?;
    let _in_the_room = RoomAccess::take(&app.store, &caller.principal, room)
        .await
        .map_err(problem)?;
    let _own = own(&app.store, caller.principal.member_id, device).await?;
    let key = MlsInvitation::key_of(caller.principal.member_id, device, room, offset);
    let invited: Option<MlsInvitation> = app.store.get(&key).await?;
    let _invited = invited.ok_or_else(Problem::not_found)?;
    let welcome: Option<MlsWelcome> = app.store.get(&MlsWelcome::key_of(room, offset)).await?;
    let welcome = welcome.ok_or_else(Problem::not_found)?.welcome;
    Ok(Json(WelcomeView { welcome }))
}

/// Says that a device has joined, or never will: the welcome waits no more.
#[utoipa::path(
    delete, path = "/mls/devices/{device_id}/welcomes/{room_id}/{offset}", tag = "mls",
    params(("device_id" = String, Path), ("room_id" = String, Path), ("offset" = u64, Path)),
    responses((status = 204))
)]
pub async fn done(
    State(app): State<App>,
    caller: Caller,
    claims: Claims,
    Path((device, room, offset)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    caller.allow(TALKERS)?;
    fresh(&app.store, caller.principal.member_id, &claims).await?;
    let (device, room, offset) = place(&device, &room, &offset)?;
    let key = MlsInvitation::key_of(caller.principal.member_id, device, room, offset);
    app.store.commit(Change::new().delete(key, Condition::None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn place(device: &str, room: &str, offset: &str) -> Result<(uuid::Uuid, RoomId, u64), Problem> {
    let room = room.parse().map_err(|_| Problem::not_found())?;
    let offset = offset.parse().map_err(|_| Problem::not_found())?;
    Ok((device_id(device)?, room, offset))
}
