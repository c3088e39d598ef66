//! The sockets: connections, the frames that clients send, and what becomes of these. One frame is one event. Its answer goes
//! back on the same connection, and its effects go to everybody else who is in the room.

mod event;
mod frames;

pub use event::{SocketEvent, What};

use std::{sync::Arc, time::Instant};

use inventure_api::metrics;
use inventure_core::{Principal, RoomId};
use inventure_people::records::Member;
use inventure_realtime::{Ack, Action, ClientFrame, Code, Refusal, ServerFrame};
use inventure_rooms::{
    Connections, Delivery, Gateway, RoomAccess, Session,
    records::{FrameCounts, Room},
    unanswered,
};
use inventure_table::{Store, StoreError, usage::Usage};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The stretch of time that frames are counted in.
const WINDOW_SECONDS: i64 = 10;

/// The most frames of one connection in a stretch.
const CONNECTION_FRAMES: u64 = 100;

/// The most frames of one person in a stretch, over all connections.
const PERSON_FRAMES: u64 = 300;

/// The number of times the allowed frames at which a sender is cut off. Each refusal costs as much as what is refused.
const PATIENCE: u64 = 3;

/// The sockets' function.
pub struct Chat {
    store: Store,
    connections: Store,
    delivery: Delivery,
    presence: Connections,
    gateway: Arc<dyn Gateway>,
}

impl Chat {
    /// A chat of people whom `store` knows, over what `connections` holds.
    #[must_use]
    pub fn new(
        store: Store,
        connections: Store,
        delivery: Delivery,
        presence: Connections,
        gateway: Arc<dyn Gateway>,
    ) -> Self {
        Self {
            store,
            connections,
            delivery,
            presence,
            gateway,
        }
    }

    /// Handles an event. The answer goes back on the connection.
    pub async fn handle(&self, event: &SocketEvent, now: Timestamp) -> Value {
        let (begun, before) = (Instant::now(), Usage::now());
        let (answer, action, code) = match event.session() {
            Some(session) => self.dispatch(event, &session, now).await,
            None => (refuse(403), "none", Some(Code::SessionEnded)),
        };
        let duration_ms = begun.elapsed().as_secs_f64() * 1e3;
        let Usage {
            aws_calls,
            read_units,
            write_units,
        } = Usage::since(before);
        if matches!(code, Some(Code::Internal | Code::Unavailable)) {
            metrics::failed();
        }
        let code = code.map(|code| code.to_string()).unwrap_or_default();
        tracing::info!(
            request_id = event.request_id(),
            action,
            code,
            duration_ms,
            aws_calls,
            read_units,
            write_units,
            "frame.done"
        );
        metrics::emit(
            &[("action", action)],
            &[
                ("frame_duration", metrics::Unit::Milliseconds, duration_ms),
                ("aws_calls", metrics::Unit::Count, aws_calls as f64),
            ],
        );
        answer
    }

    async fn dispatch(
        &self,
        event: &SocketEvent,
        session: &Session,
        now: Timestamp,
    ) -> (Value, &'static str, Option<Code>) {
        match event.what() {
            What::Connect => match self.presence.open(session, now).await {
                Ok(()) => (json!({ "statusCode": 200 }), "connect", None),
                Err(refusal) => (refuse(429), "connect", Some(refusal.code)),
            },
            What::Disconnect => {
                let closed = self
                    .presence
                    .closed(session.member_id, &session.connection_id, true, now)
                    .await;
                let code = closed.err().map(|error| {
                    // The sweep finds what is left of it.
                    tracing::error!(error = &*error, "disconnect.failed");
                    Code::Unavailable
                });
                (json!({ "statusCode": 200 }), "disconnect", code)
            }
            What::Message => {
                let (frame, action, code) = self.frame(event.text(), session, now).await;
                let body = frame.and_then(|frame| serde_json::to_string(&frame).ok());
                (
                    json!({ "statusCode": 200, "body": body.unwrap_or_default() }),
                    action,
                    code,
                )
            }
        }
    }

    /// The answer to a frame; none where the connection was closed over it.
    async fn frame(
        &self,
        text: Option<&str>,
        session: &Session,
        now: Timestamp,
    ) -> (Option<ServerFrame>, &'static str, Option<Code>) {
        let read = match text {
            Some(text) => ClientFrame::read(text).map_err(|unreadable| (unreadable.id, unreadable.refusal)),
            None => Err((None, Refusal::new(Code::Malformed, "Frames are text, not binary."))),
        };
        let (id, action) = match &read {
            Ok(frame) => (Some(frame.id.clone()), frame.action.name()),
            Err((id, _)) => (id.clone(), "unreadable"),
        };
        match self.answer(read.map_err(|(_, refusal)| refusal), session, now).await {
            Ok(result) => (
                Some(ServerFrame::Ack {
                    id: id.unwrap_or_default(),
                    result,
                }),
                action,
                None,
            ),
            Err(refusal) => {
                let code = refusal.code;
                let ends =
                    code == Code::SessionEnded || (code == Code::RateLimited && refusal.retry_after_ms.is_none());
                let frame = ServerFrame::error(id, refusal);
                if !ends {
                    return (Some(frame), action, Some(code));
                }
                // The answer could not go out after the end, so it goes before.
                if let Ok(text) = serde_json::to_string(&frame) {
                    let _ = self.gateway.post(&session.connection_id, &text).await;
                }
                let _ = self.gateway.close(&session.connection_id).await;
                (None, action, Some(code))
            }
        }
    }

    async fn answer(
        &self,
        read: Result<ClientFrame, Refusal>,
        session: &Session,
        now: Timestamp,
    ) -> Result<Ack, Refusal> {
        if session.session_ends_at <= now.as_second() {
            return Err(Refusal::new(
                Code::SessionEnded,
                "Your token has ended; sign in and connect again.",
            ));
        }
        // Most frames are heartbeats. One that is due gives nothing, and cannot come often, so it is not counted and nobody is looked
        // up. Whether a person is shown in a room is looked up when the room is told.
        let is_ping = |frame: &ClientFrame| matches!(frame.action, Action::Ping {});
        if read.as_ref().is_ok_and(is_ping) && self.presence.beat(session, now).await? {
            return Ok(Ack::Done {});
        }
        // Counted whatever it is, or nonsense would be free.
        let room = read.as_ref().ok().and_then(|frame| frame.action.room());
        let admitted = self.admit(session, room, now).await?;
        self.act(read?.action, session, admitted, now).await
    }

    async fn who_and_where(
        &self,
        session: &Session,
        room: Option<RoomId>,
    ) -> Result<(Option<Member>, Option<Room>), StoreError> {
        let member = Member::key_of(&session.subject);
        let Some(id) = room else {
            return Ok((self.store.get(&member).await?, None));
        };
        let (member, room): (Option<Member>, _) = self.store.get_both(&member, &Room::key_of(id)).await?;
        if let (Some(member), None) = (&member, &room) {
            RoomAccess::as_if(&self.store, &member.principal(), id).await?;
        }
        Ok((member, room))
    }

    /// Lets a frame in, if there are not too many and the person is who they were when they connected.
    async fn admit(&self, session: &Session, room: Option<RoomId>, now: Timestamp) -> Result<Admitted, Refusal> {
        let begins_at = now.as_second() - now.as_second().rem_euclid(WINDOW_SECONDS);
        let key = FrameCounts::key_of(session.member_id, begins_at);
        let connection = format!("c#{}", session.connection_id);
        let names = ["person", connection.as_str()];
        let kept_until = begins_at + 10 * WINDOW_SECONDS;
        // Neither waits for the other: each call is time that the receiver waits.
        let (counted, (member, room)) = futures_util::try_join!(
            self.connections.count(&key, &names, kept_until),
            self.who_and_where(session, room)
        )
        .map_err(unanswered)?;
        let over = |count: Option<&u64>, most: u64| count.copied().unwrap_or(u64::MAX) > most;
        if over(counted.first(), PERSON_FRAMES) || over(counted.get(1), CONNECTION_FRAMES) {
            let flood =
                over(counted.first(), PATIENCE * PERSON_FRAMES) || over(counted.get(1), PATIENCE * CONNECTION_FRAMES);
            let wait_ms = (begins_at + WINDOW_SECONDS) * 1_000 - now.as_millisecond();
            return Err(Refusal {
                retry_after_ms: (!flood).then_some(wait_ms.unsigned_abs()),
                ..Refusal::new(Code::RateLimited, "Too many frames; wait.")
            });
        }
        let same = |member: &Member| member.member_id == session.member_id && member.tenant_id == session.tenant_id;
        match member.filter(same) {
            Some(member) => Ok(Admitted {
                person: member.principal(),
                room,
            }),
            None => Err(Refusal::new(
                Code::SessionEnded,
                "You do not belong to this tenant any more.",
            )),
        }
    }
}

/// A person who may send a frame, and the room that it is about, if there is one. It is not yet known whether the room is
/// theirs.
struct Admitted {
    person: Principal,
    room: Option<Room>,
}

fn refuse(status: u16) -> Value {
    json!({ "statusCode": status })
}
