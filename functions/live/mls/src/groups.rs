//! The group of a room: its devices, those that should be in it, and key packages to invite them by.

use inventure_api::once::{Once, Written};
use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Claims, Path, Write},
    problem::{Kind, stale},
};
use inventure_core::{MemberId, RoomId};
use inventure_people::Caller;
use inventure_realtime::{COMMIT_DEVICES_MAX, RoomDevice};
use inventure_rooms::{
    Group, RoomAccess, is_fresh, key_packages as key_packages_of, problem,
    records::{MlsDevice, MlsKeyPackage, MlsSpent},
};
use inventure_table::{Change, Commit, Condition, Key, Record, Store, StoreError, retry::Attempts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, DeviceName, device_id,
    devices::fresh,
    limits::{KEY_PACKAGES, LEAVES},
};

/// The number of times that something is tried while others change the same.
const ATTEMPTS: u32 = 8;

/// Of so many packages of a device one is taken, so that those who take at once seldom meet.
const CHOICE: usize = 8;

/// The group of an encrypted room.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupView {
    /// The epoch that the group's keys are in; 0 while nobody has founded it.
    pub epoch: u64,
    /// The devices in the group.
    pub devices: Vec<DeviceName>,
    /// The devices in the group that do not belong to it any more. Remove them: nothing is taken that they could read.
    pub out: Vec<DeviceName>,
    /// The devices of the room's people to invite. They are not in the group, and have a key package that is good still.
    pub missing: Vec<DeviceName>,
}

/// The devices to invite.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invited {
    /// The devices to invite, 1 to 50, of people in the room.
    #[garde(length(min = 1, max = COMMIT_DEVICES_MAX))]
    devices: Vec<DeviceName>,
}

/// A key package of a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedOut {
    /// The member that the device belongs to, as the server knows; the package says so too, and is signed.
    pub member_id: MemberId,
    /// The device.
    pub device_id: Uuid,
    /// The package, base64.
    #[schema(format = Byte)]
    pub key_package: String,
    /// Whether the package is that of last resort, which others may have got as well.
    pub last_resort: bool,
}

/// Key packages that were handed out. A device that has none which is good still is left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedOutList {
    /// The key packages, one of each device.
    pub key_packages: Vec<HandedOut>,
}

/// The room, if the caller is in it and it is encrypted.
pub async fn take(store: &Store, caller: &Caller, id: &str) -> Result<RoomAccess, Problem> {
    let id: RoomId = id.parse().map_err(|_| Problem::not_found())?;
    let access = RoomAccess::take(store, &caller.principal, id).await.map_err(problem)?;
    if access.room.encrypted {
        Ok(access)
    } else {
        Err(Problem::new(Kind::WrongState, "This room is not encrypted."))
    }
}

/// Reads the group of an encrypted room: the devices in it, those that should not be, and those that should.
#[utoipa::path(
    get, path = "/mls/rooms/{id}", tag = "mls", params(("id" = String, Path)), responses((status = 200, body = GroupView))
)]
pub async fn read(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<GroupView>, Problem> {
    let access = take(&app.store, &caller, &id).await?;
    let group = Group::of(&app.store, &access).await?;
    let names = |devices: Vec<RoomDevice>| devices.into_iter().map(Into::into).collect();
    Ok(Json(GroupView {
        epoch: group.epoch(),
        devices: names(group.devices()),
        out: names(group.out().await?),
        missing: names(group.missing(clock::now()).await?),
    }))
}

/// Hands out a key package of each of these devices, once. Under the same `Idempotency-Key` the same ones come again.
#[utoipa::path(
    post, path = "/mls/rooms/{id}/key-packages", tag = "mls", params(("id" = String, Path)), request_body = Invited,
    responses(
        (status = 201, body = HandedOutList), (status = 404, description = "A device is not of somebody in the room"),
        (status = 429, description = "More than 60 in a minute")
    )
)]
pub async fn key_packages(
    State(app): State<App>,
    caller: Caller,
    claims: Claims,
    Path(id): Path<String>,
    write: Write<Invited>,
) -> Result<Answer, Problem> {
    let store = &app.store;
    let access = take(store, &caller, &id).await?;
    fresh(store, caller.principal.member_id, &claims).await?;
    app.count(caller.principal.member_id, &KEY_PACKAGES).await?;
    let once = Once::new(store, caller.principal.member_id, write.idempotency.as_ref());
    if let Some(first) = once.first().await? {
        return Ok(first);
    }
    let wanted: Vec<RoomDevice> = write.body.devices.into_iter().map(Into::into).collect();
    if wanted.iter().collect::<BTreeSet<_>>().len() < wanted.len() {
        return Err(Problem::field("devices", "one is named twice"));
    }
    let group = Group::of(store, &access).await?;
    let known = group.known(&wanted).await.map_err(problem)?;
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        let now = clock::now();
        let (mut change, mut taken, mut handed_out) = (Change::new(), Vec::new(), Vec::new());
        for device in &known {
            let package = one_of(store, device).await?;
            if package.is_none() && !is_fresh(device, now) {
                continue;
            }
            handed_out.push(HandedOut {
                member_id: device.member_id,
                device_id: device.device_id,
                last_resort: package.is_none(),
                key_package: package
                    .as_ref()
                    .map_or(&device.last_resort, |package| &package.key_package)
                    .clone(),
            });
            if let Some(package) = package {
                change = change.insert(&MlsSpent::of(&package));
                taken.push(package);
            }
        }
        let answer = Answer::created(&HandedOutList {
            key_packages: handed_out,
        })?;
        let written = once.commit(change, &answer).await?;
        // A mark is what hands a package out. What is marked and there still is only in the way.
        if let Err(error) = forget_spent(store, &taken).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "key_packages.not_forgotten");
        }
        match written {
            Written::Now => return Ok(answer),
            Written::Before(first) => return Ok(first),
            // Somebody else has taken one of them.
            Written::Conflict => {}
        }
    }
    Err(Problem::new(
        Kind::Unavailable,
        "Many others take key packages just now; try again.",
    ))
}

/// A key package of a device to hand out; none where only that of last resort is left.
async fn one_of(store: &Store, device: &MlsDevice) -> Result<Option<MlsKeyPackage>, StoreError> {
    for limit in [Some(CHOICE), None] {
        let mut found = key_packages_of(store, device, limit, clock::now()).await?;
        if !found.is_empty() {
            let pick = usize::from(Uuid::new_v4().as_bytes()[0]) % found.len();
            return Ok(Some(found.swap_remove(pick)));
        }
    }
    Ok(None)
}

async fn forget_spent(store: &Store, packages: &[MlsKeyPackage]) -> Result<(), StoreError> {
    let keys: Vec<Key> = packages.iter().map(|package| MlsSpent::of(package).key()).collect();
    let spent: Vec<MlsSpent> = store.get_all(&keys).await?;
    let gone = packages.iter().filter(|package| spent.contains(&MlsSpent::of(package)));
    let gone = gone.fold(Change::new(), |change, package| {
        change.delete(package.key(), Condition::None)
    });
    store.commit(gone).await.map(|_| ())
}

/// Says that a device of the caller's cannot follow the room, or has left it for good. Another device removes it, and lets it in anew if it
/// is one of the caller's still.
#[utoipa::path(
    delete, path = "/mls/rooms/{id}/devices/{device_id}", tag = "mls", params(("id" = String, Path), ("device_id" = String, Path)),
    responses((status = 204), (status = 429, description = "More than 6 in a minute"))
)]
pub async fn leave(
    State(app): State<App>,
    caller: Caller,
    claims: Claims,
    Path((id, device)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let access = take(&app.store, &caller, &id).await?;
    fresh(&app.store, caller.principal.member_id, &claims).await?;
    app.count(caller.principal.member_id, &LEAVES).await?;
    let device = RoomDevice {
        member: caller.principal.member_id,
        device: device_id(&device)?,
    };
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        let group = Group::of(&app.store, &access).await?;
        let Some(after) = group.without(device) else {
            return Ok(StatusCode::NO_CONTENT);
        };
        if let Commit::Done = app.store.commit(after.change()).await? {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    Err(stale())
}
