//! The caller's devices, and the key packages by which others invite them.

use inventure_api::once::{Once, Reply};
use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Claims, Path, Write},
    problem::{Kind, stale},
};
use inventure_core::MemberId;
use inventure_people::Caller;
use inventure_realtime::Opaque;
use inventure_rooms::{
    KEY_PACKAGE_KEPT, TALKERS, key_packages,
    records::{MlsDevice, MlsDeviceCount, MlsKeyPackage, MlsSpent},
};
use inventure_table::{Change, Commit, Condition, Key, Record, Store, StoreError, table::Query};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, DeviceName, device_id, key_package, limits::DEVICES, signature_key};

/// The most devices of a person.
const DEVICES_MAX: usize = 10;

/// The most key packages kept of a device.
const KEPT_MAX: usize = 100;

/// The most key packages that one request brings.
const BROUGHT_MAX: usize = 50;

/// A device that is new, or that makes its key package of last resort anew.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// The key package that is handed out when there is no other, base64, at most 512 bytes. It names the device, and has the signature key
    /// that the device had from its beginning.
    #[schema(value_type = String, format = Byte)]
    #[garde(custom(key_package))]
    last_resort: Opaque,
}

/// A device of the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceView {
    /// The id that the device made for itself.
    pub device_id: Uuid,
    /// The time from which the device is known.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The time at which its key package of last resort was made anew.
    #[schema(value_type = String, format = DateTime)]
    pub renewed_at: Timestamp,
    /// The number of key packages that are left to hand out, at most 100.
    pub key_packages: usize,
}

/// The caller's devices.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceList {
    /// The caller's devices.
    pub devices: Vec<DeviceView>,
}

/// Key packages to hand out, each once.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKeyPackages {
    /// The key packages, 1 to 50, base64, each at most 512 bytes, of the device and its signature key. One that is there
    /// already, or was handed out, is not kept again.
    #[schema(value_type = Vec<String>)]
    #[garde(length(min = 1, max = BROUGHT_MAX), inner(custom(key_package)))]
    key_packages: Vec<Opaque>,
}

/// The caller's device, if they have it and have not given it up.
pub async fn own(store: &Store, member: MemberId, id: Uuid) -> Result<MlsDevice, Problem> {
    let device: Option<MlsDevice> = store.get(&MlsDevice::key_of(member, id)).await?;
    let there = |device: &MlsDevice| device.given_up_at.is_none();
    device.filter(there).ok_or_else(Problem::not_found)
}

/// The number of devices that a person has, to be changed and written on this condition.
async fn count(store: &Store, member: MemberId) -> Result<(MlsDeviceCount, Condition), StoreError> {
    let known: Option<MlsDeviceCount> = store.get(&MlsDeviceCount::key_of(member)).await?;
    let as_read = Condition::at(known.as_ref().map_or(0, |count| count.version));
    let mut count = known.unwrap_or(MlsDeviceCount {
        member_id: member,
        devices: 0,
        given_up_at: None,
        reported_by: None,
        version: 0,
    });
    count.version += 1;
    Ok((count, as_read))
}

/// Whether a session is that of the last giving up, or younger. The holder of the lost device may have any other session, and
/// would go on by it.
fn is_trusted(claims: &Claims, count: &MlsDeviceCount) -> bool {
    let fresh = |at: Timestamp| {
        let since = claims.signed_in_at;
        since.is_some_and(|since| since > at.as_second() || Some(since) == count.reported_by)
    };
    count.given_up_at.is_none_or(fresh)
}

/// Refuses a session that may be in the wrong hands. Each route that changes something asks.
pub async fn fresh(store: &Store, member: MemberId, claims: &Claims) -> Result<(), Problem> {
    let (count, _) = count(store, member).await?;
    if is_trusted(claims, &count) {
        Ok(())
    } else {
        Err(stale_session())
    }
}

fn stale_session() -> Problem {
    let detail = "You have given a device up since you signed in; sign in again.";
    Problem::new(Kind::Unauthenticated, detail)
}

/// Checks that a device still has the signature key that others know it by. A thief of a person's sign-in could else take its
/// place.
fn same_key(device: &MlsDevice, signature_key: &str) -> Result<(), Problem> {
    if device.signature_key == signature_key {
        return Ok(());
    }
    let detail = "This device is known by another signature key. If its keys are lost, begin anew, under another id.";
    Err(Problem::new(Kind::WrongState, detail))
}

async fn view(store: &Store, device: MlsDevice) -> Result<DeviceView, StoreError> {
    let left = key_packages(store, &device, None, clock::now()).await?;
    Ok(DeviceView {
        device_id: device.device_id,
        created_at: device.created_at,
        renewed_at: device.renewed_at,
        key_packages: left.len(),
    })
}

/// Lists the caller's devices.
#[utoipa::path(get, path = "/mls/devices", tag = "mls", responses((status = 200, body = DeviceList)))]
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Json<DeviceList>, Problem> {
    caller.allow(TALKERS)?;
    let mut views = Vec::new();
    let query = Query::table(MlsDevice::of_member(caller.principal.member_id), MlsDevice::PREFIX);
    let mut devices: Vec<MlsDevice> = app.store.query(&query).await?;
    devices.retain(|device| device.given_up_at.is_none());
    for device in devices {
        views.push(view(&app.store, device).await?);
    }
    Ok(Json(DeviceList { devices: views }))
}

/// Makes a device of the caller's known, or replaces its key package of last resort.
#[utoipa::path(
    put, path = "/mls/devices/{device_id}", tag = "mls", params(("device_id" = String, Path)), request_body = NewDevice,
    responses(
        (status = 200, body = DeviceView),
        (status = 401, description = "The caller has given a device up since they signed in: from another session, or this device is new"),
        (status = 409, description = "The caller has ten devices, gave this one up, or made this key package with another signature key"),
        (status = 422, description = "The key package is none of this device"),
        (status = 429, description = "More than 20 in a minute")
    )
)]
pub async fn put(
    State(app): State<App>,
    caller: Caller,
    claims: Claims,
    Path(id): Path<String>,
    write: Write<NewDevice>,
) -> Result<Answer, Problem> {
    caller.allow(TALKERS)?;
    let (id, member, now) = (device_id(&id)?, caller.principal.member_id, clock::now());
    Once::new(&app.store, member, write.idempotency.as_ref())
        .answer(async {
            app.count(member, &DEVICES).await?;
            let before: Option<MlsDevice> = app.store.get(&MlsDevice::key_of(member, id)).await?;
            if before.as_ref().is_some_and(|device| device.given_up_at.is_some()) {
                let detail =
                    "This device was given up. If it is in the right hands, begin anew with it, under another id.";
                return Err(Problem::new(Kind::WrongState, detail));
            }
            let name = DeviceName {
                member_id: member,
                device_id: id,
            };
            let signature_key = signature_key("last_resort", name, &write.body.last_resort)?;
            if let Some(before) = &before {
                same_key(before, &signature_key)?;
            }
            let device = MlsDevice {
                member_id: member,
                subject: claims.subject.clone(),
                device_id: id,
                signature_key,
                last_resort: write.body.last_resort.base64(),
                created_at: before.as_ref().map_or(now, |device| device.created_at),
                renewed_at: now,
                given_up_at: None,
                version: before.as_ref().map_or(1, |device| device.version + 1),
            };
            let (mut count, as_read) = count(&app.store, member).await?;
            if !is_trusted(&claims, &count) {
                return Err(stale_session());
            }
            let change = if let Some(before) = &before {
                Change::new().update(&device, before.version)
            } else {
                // Nor by a new device from the session that gave the lost one up: it may be the thief's, and the new one would stay.
                if (count.given_up_at).is_some_and(|at| claims.signed_in_at.is_none_or(|since| since <= at.as_second()))
                {
                    return Err(stale_session());
                }
                if count.devices >= DEVICES_MAX {
                    let detail = format!("A person has at most {DEVICES_MAX} devices; give one up first.");
                    return Err(Problem::new(Kind::WrongState, detail));
                }
                count.devices += 1;
                Change::new().insert(&device).put(&count, as_read)
            };
            match app.store.commit(change).await? {
                Commit::Done => {
                    let answer = Answer::ok(&view(&app.store, device).await?)?;
                    Ok(Reply::kept(answer))
                }
                _ => Err(stale()),
            }
        })
        .await
}

/// Gives a device of the caller's up: lost, stolen or retired. From now on nothing is taken that it could read until another
/// device has removed it from each room's group. Sessions from before change nothing here, but for the one that gave it up.
/// End its sign-in first.
#[utoipa::path(
    delete, path = "/mls/devices/{device_id}", tag = "mls", params(("device_id" = String, Path)),
    responses(
        (status = 204), (status = 401, description = "Another session has given a device up since this one signed in")
    )
)]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    claims: Claims,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.allow(TALKERS)?;
    let (id, member) = (device_id(&id)?, caller.principal.member_id);
    let (mut count, as_read) = count(&app.store, member).await?;
    // It would be, as the one that gave a device up.
    if !is_trusted(&claims, &count) {
        return Err(stale_session());
    }
    let device: Option<MlsDevice> = app.store.get(&MlsDevice::key_of(member, id)).await?;
    if let Some(device) = device.filter(|device| device.given_up_at.is_none()) {
        let now = clock::now();
        let after = MlsDevice {
            last_resort: String::new(),
            given_up_at: Some(now),
            version: device.version + 1,
            ..device
        };
        count.devices = count.devices.saturating_sub(1);
        count.given_up_at = Some(now);
        count.reported_by = claims.signed_in_at;
        let change = Change::new().update(&after, device.version).put(&count, as_read);
        if !matches!(app.store.commit(change).await?, Commit::Done) {
            return Err(stale());
        }
    }
    let query = Query {
        limit: 100,
        ..Query::table(MlsDevice::of_member(member), MlsKeyPackage::prefix(id))
    };
    for _ in 0..4 {
        let left: Vec<MlsKeyPackage> = app.store.query(&query).await?;
        if left.is_empty() {
            break;
        }
        let gone = left.iter().fold(Change::new(), |change, package| {
            change.delete(package.key(), Condition::None)
        });
        app.store.commit(gone).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Brings key packages to be handed out, each once: sent again, it brings back nothing. At most 100 are kept of a device.
#[utoipa::path(
    post, path = "/mls/devices/{device_id}/key-packages", tag = "mls", params(("device_id" = String, Path)),
    request_body = NewKeyPackages,
    responses(
        (status = 201, body = DeviceView),
        (status = 409, description = "More than 100 would be kept, or one is made with another signature key"),
        (status = 422, description = "One is no key package of this device")
    )
)]
pub async fn stock(
    State(app): State<App>,
    caller: Caller,
    claims: Claims,
    Path(id): Path<String>,
    write: Write<NewKeyPackages>,
) -> Result<Answer, Problem> {
    caller.allow(TALKERS)?;
    let (id, member) = (device_id(&id)?, caller.principal.member_id);
    fresh(&app.store, member, &claims).await?;
    let device = own(&app.store, member, id).await?;
    let (me, key) = (member.to_string(), write.idempotency.as_ref());
    Once::new(&app.store, me, key)
        .answer(async {
            let now = clock::now();
            let expires_at = (now + KEY_PACKAGE_KEPT).as_second();
            let mut brought = BTreeMap::new();
            let name = DeviceName {
                member_id: member,
                device_id: id,
            };
            for package in &write.body.key_packages {
                same_key(&device, &signature_key("key_packages", name, package)?)?;
                let record = MlsKeyPackage {
                    member_id: member,
                    device_id: id,
                    sha256: hex::encode(Sha256::digest(&package.0)),
                    key_package: package.base64(),
                    expires_at,
                };
                brought.insert(record.sha256.clone(), record);
            }
            // In this order: what is handed out in between has its mark before it is gone.
            let kept = key_packages(&app.store, &device, None, now).await?;
            let marks: Vec<Key> = brought.values().map(|package| MlsSpent::of(package).key()).collect();
            let spent: Vec<MlsSpent> = app.store.get_all(&marks).await?;
            for known in kept
                .iter()
                .map(|kept| &kept.sha256)
                .chain(spent.iter().map(|spent| &spent.sha256))
            {
                brought.remove(known);
            }
            if kept.len() + brought.len() > KEPT_MAX {
                let detail = format!("At most {KEPT_MAX} key packages are kept of a device.");
                return Err(Problem::new(Kind::WrongState, detail));
            }
            let change = brought.values().fold(Change::new(), Change::insert);
            let answer = Answer::created(&DeviceView {
                device_id: id,
                created_at: device.created_at,
                renewed_at: device.renewed_at,
                key_packages: kept.len() + brought.len(),
            })?;
            Ok(Reply::new(change, answer))
        })
        .await
}
