//! The server's part in encrypted rooms (RFC 9750 calls it the delivery service). It knows the devices, hands out their key
//! packages, takes one commit an epoch, and keeps welcomes until they are fetched. It has no key and reads nothing;
//! docs/live/e2ee.md says how a client uses it.

mod commits;
mod devices;
mod groups;
mod limits;
mod welcomes;

use axum::extract::FromRef;
use inventure_api::Problem;
use inventure_core::MemberId;
use inventure_realtime::{KEY_PACKAGE_BYTES_MAX, Opaque, RoomDevice, mls::KeyPackageHeader};
use inventure_rooms::Delivery;
use inventure_table::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The tables and the delivery that the routes work with.
#[derive(Clone)]
pub struct App {
    /// The main table.
    pub store: Store,
    /// The connections table, in which the requests of a person are counted.
    pub connections: Store,
    /// The delivery to the people in a room.
    pub delivery: Delivery,
}

impl FromRef<App> for Store {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

/// All routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(devices::list))
        .routes(routes!(devices::put, devices::remove))
        .routes(routes!(devices::stock))
        .routes(routes!(welcomes::list))
        .routes(routes!(welcomes::read, welcomes::done))
        .routes(routes!(groups::read))
        .routes(routes!(groups::key_packages))
        .routes(routes!(groups::leave))
        .routes(routes!(commits::commit))
}

/// A device of a member.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceName {
    /// The member that the device belongs to.
    pub member_id: MemberId,
    /// The id that the device made for itself.
    pub device_id: Uuid,
}

impl From<DeviceName> for RoomDevice {
    fn from(name: DeviceName) -> Self {
        Self {
            member: name.member_id,
            device: name.device_id,
        }
    }
}

impl From<RoomDevice> for DeviceName {
    fn from(device: RoomDevice) -> Self {
        Self {
            member_id: device.member,
            device_id: device.device,
        }
    }
}

/// Checks that there are bytes, and no more than a limit.
fn at_most(limit: usize) -> impl FnOnce(&Opaque, &()) -> garde::Result {
    move |bytes, ()| {
        if (1..=limit).contains(&bytes.0.len()) {
            Ok(())
        } else {
            Err(garde::Error::new(format!("has 1 to {limit} bytes")))
        }
    }
}

/// Checks a key package, as far as can be seen without checking its signatures.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as the checks of bodies are called")]
fn key_package(bytes: &Opaque, context: &()) -> garde::Result {
    at_most(KEY_PACKAGE_BYTES_MAX)(bytes, context)?;
    match KeyPackageHeader::read(&bytes.0) {
        Some(_) => Ok(()),
        None => Err(garde::Error::new("is no MLS key package of the one ciphersuite")),
    }
}

/// The signature key, base64, of a device's key package; another device's is refused, and so is one that names none.
fn signature_key(field: &str, device: DeviceName, package: &Opaque) -> Result<String, Problem> {
    let name = format!("{}/{}", device.member_id, device.device_id);
    let header = KeyPackageHeader::read(&package.0).filter(|header| header.identity == name.as_bytes());
    let header = header.ok_or_else(|| Problem::field(field, format!("is no key package of {name}")))?;
    Ok(Opaque(header.signature_key.to_vec()).base64())
}

/// A device's id in a path.
fn device_id(text: &str) -> Result<Uuid, Problem> {
    // One spelling each, so that a device has one name.
    let id: Uuid = text.parse().map_err(|_| Problem::not_found())?;
    if id.to_string() == text {
        Ok(id)
    } else {
        Err(Problem::not_found())
    }
}
