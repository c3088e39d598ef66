//! Commits: one in each epoch of a room's keys, in the order of its history.

use axum::extract::State;
use futures_util::future::join_all;
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Claims, Path, Write},
    once::{Once, Reply},
};
use inventure_core::RoomId;
use inventure_people::Caller;
use inventure_realtime::{
    COMMIT_BYTES_MAX, COMMIT_DEVICES_MAX, Content, Opaque, RoomDevice, ServerFrame, WELCOME_BYTES_MAX,
};
use inventure_rooms::{
    After, Appended, Changed, Group, History, NewEntry, problem,
    records::{MlsInvitation, MlsWelcome},
};
use inventure_table::Change;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, DeviceName, at_most, devices::fresh, groups::take, limits::COMMITS};

/// The time for which a welcome waits: clients keep the keys for it as long. A person who is away for longer cannot follow
/// the room from there and is invited anew.
const WELCOME_KEPT: SignedDuration = SignedDuration::from_hours(24 * 28);

/// A commit to take.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCommit {
    /// The id of the commit, made by the client: sent again, it counts once.
    #[garde(skip)]
    message: Uuid,
    /// The caller's device that made it.
    #[garde(skip)]
    device_id: Uuid,
    /// The epoch that the room's keys are in as the device knows it; 0 while nobody has founded the group.
    #[garde(skip)]
    epoch: u64,
    /// Whether the group begins with it, anew if there was one. Only for a room that no device can open any more, and for a new one.
    #[garde(skip)]
    #[serde(default)]
    founds: bool,
    /// The MLS message, base64, at most 48 KiB.
    #[schema(value_type = String, format = Byte)]
    #[garde(custom(at_most(COMMIT_BYTES_MAX)))]
    commit: Opaque,
    /// The welcome for the devices that it lets in, base64, at most 128 KiB; only if there are any.
    #[schema(value_type = Option<String>, format = Byte)]
    #[garde(inner(custom(at_most(WELCOME_BYTES_MAX))))]
    welcome: Option<Opaque>,
    /// The devices that it lets in. With those that it removes, at most 50.
    #[garde(length(max = COMMIT_DEVICES_MAX))]
    #[serde(default)]
    added: Vec<DeviceName>,
    /// The devices that it removes. They are own ones, whatever `out` of the group names, and what is in the group's keys and
    /// not in its list.
    #[garde(length(max = COMMIT_DEVICES_MAX))]
    #[serde(default)]
    removed: Vec<DeviceName>,
}

/// A commit that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommitView {
    /// The room of the commit.
    pub room: RoomId,
    /// The epoch of the room's offsets.
    pub epoch: Uuid,
    /// The offset of the commit's entry.
    pub offset: u64,
    /// The time at which the commit was taken.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// Takes a commit in the epoch that the room's keys are in, and puts it into the room's history. Lets the welcome wait for
/// the devices that it lets in.
#[utoipa::path(
    post, path = "/mls/rooms/{id}/commits", tag = "mls", params(("id" = String, Path)), request_body = NewCommit,
    responses(
        (status = 201, body = CommitView),
        (status = 403, description = "The device is not in the group, or it removes one that belongs there"),
        (status = 409, description = "`stale-version`: the room's keys are in another epoch. Take what was missed and make another commit"),
        (status = 422, description = "It is no commit of the room's group, by what it says of itself in the clear"),
        (status = 429, description = "More than 60 in a minute")
    )
)]
pub async fn commit(
    State(app): State<App>,
    caller: Caller,
    claims: Claims,
    Path(id): Path<String>,
    write: Write<NewCommit>,
) -> Result<Answer, Problem> {
    let access = take(&app.store, &caller, &id).await?;
    Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            fresh(&app.store, caller.principal.member_id, &claims).await?;
            app.count(caller.principal.member_id, &COMMITS).await?;
            let (me, now, body) = (caller.principal.member_id, clock::now(), write.body);
            if body.welcome.is_some() == body.added.is_empty() {
                return Err(Problem::field(
                    "welcome",
                    "comes with devices that are let in, and only then",
                ));
            }
            let names = |names: Vec<DeviceName>| names.into_iter().map(RoomDevice::from).collect::<Vec<_>>();
            let (added, removed) = (names(body.added), names(body.removed));
            let by = RoomDevice {
                member: me,
                device: body.device_id,
            };
            let group = Group::of(&app.store, &access).await?;
            let mut keys = group.keys(&[&added[..], &[by]].concat()).await.map_err(problem)?;
            let key = keys.pop().map(|device| device.key).ok_or_else(Problem::not_found)?;
            let content = Content::Commit {
                epoch: body.epoch,
                founds: body.founds,
                commit: body.commit.clone(),
                device: body.device_id,
                key,
                added: keys,
                removed: removed.clone(),
            };
            let sent = NewEntry {
                sender: me,
                message: body.message,
                content: &content,
            };
            let history = History::new(&app.store, &access.room);
            let changed = Changed {
                by,
                epoch: body.epoch,
                founds: body.founds,
                commit: &body.commit,
                added: &added,
                removed: &removed,
            };
            // NewEntry again after it was taken: the group is not as it was, and the history says what became of it.
            let after = if history.has(sent).await.map_err(problem)? {
                None
            } else {
                Some(group.after(changed, now).await.map_err(problem)?)
            };
            let room_id = access.room.room_id;
            let also = |offset| {
                let change = after.as_ref().map_or_else(Change::new, After::change);
                match &body.welcome {
                    Some(welcome) => change.and(waiting(room_id, offset, welcome, &added, now)),
                    None => change,
                }
            };
            let last = history.last().await?;
            let Appended { entry, .. } = history.append(sent, last, &also, now).await.map_err(problem)?;
            // It is in the history; who does not hear of it now finds it there.
            if let Err(error) = app.delivery.entry(&access, &entry, now).await {
                tracing::warn!(error = &*error, "commit.not_delivered");
            }
            let tell = |device: RoomDevice| app.clone().tell(device, room_id, entry.offset, now);
            join_all(added.iter().copied().map(tell)).await;
            let answer = Answer::created(&CommitView {
                room: room_id,
                epoch: entry.epoch,
                offset: entry.offset,
                at: entry.at,
            })?;
            Ok(Reply::kept(answer))
        })
        .await
}

/// The welcome, and word of it for each device.
fn waiting(room_id: RoomId, offset: u64, welcome: &Opaque, added: &[RoomDevice], now: Timestamp) -> Change {
    let expires_at = (now + WELCOME_KEPT).as_second();
    let kept = MlsWelcome {
        room_id,
        offset,
        welcome: welcome.base64(),
        expires_at,
    };
    added.iter().fold(Change::new().insert(&kept), |change, device| {
        change.insert(&MlsInvitation {
            member_id: device.member,
            device_id: device.device,
            room_id,
            offset,
            at: now,
            expires_at,
        })
    })
}

impl App {
    /// Tells a device that a welcome waits, if its person is connected. A person who is not connected looks when they are.
    async fn tell(self, device: RoomDevice, room: RoomId, offset: u64, now: Timestamp) {
        let frame = ServerFrame::Welcome {
            room,
            device: device.device,
            offset,
        };
        if let Err(error) = self.delivery.person(device.member, &frame, now).await {
            tracing::warn!(error = &*error, "welcome.not_told");
        }
    }
}
