//! The actions of a client's frames, and what each does.

use futures_util::{StreamExt, stream};
use inventure_core::{MemberId, Principal, RoomId};
use inventure_events::{Envelope, PeopleAddressed};
use inventure_realtime::{
    Ack, Action, Code, Content, HistoryLost, Position, PresenceState, Refusal, RoomState, ServerFrame, Unavailable,
};
use inventure_rooms::{
    Appended, History, NewEntry, RoomAccess, Session, attachments,
    records::{Attention, PresenceRecord, Room, RoomKind, RoomMember},
    unanswered,
};
use inventure_table::{Change, StoreError, table::Query};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Admitted, Chat};

/// The number of newest entries for a client that knows nothing of a room. A client whose history is lost is sent back as
/// far.
const NEWEST: u64 = 50;

/// The number of entries of each room that one `resume` brings.
const MISSED: usize = 50;

/// The number of rooms of one `resume` that are looked at at once.
const AT_ONCE: usize = 5;

impl Chat {
    pub(crate) async fn act(
        &self,
        action: Action,
        session: &Session,
        admitted: Admitted,
        now: Timestamp,
    ) -> Result<Ack, Refusal> {
        let person = &admitted.person;
        let found = admitted.room;
        match action {
            Action::Resume { rooms } => self.resume(rooms, session, person, now).await,
            Action::Leave { room } => self.presence.unsubscribe(session, room).await.map(|()| Ack::Done {}),
            Action::Send {
                room: _,
                message,
                text,
                mentions,
                reply_to,
                attachments,
            } => {
                let content = Content::Text {
                    text,
                    mentions,
                    reply_to,
                    attachments,
                };
                self.add(found, message, content, person, now).await
            }
            Action::Sealed {
                room: _,
                message,
                epoch,
                sealed,
                mentions,
                attachments,
            } => {
                let content = Content::Sealed {
                    epoch,
                    sealed,
                    mentions,
                    attachments,
                };
                self.add(found, message, content, person, now).await
            }
            Action::Edit {
                room: _,
                message,
                target,
                text,
            } => {
                self.add(found, message, Content::Edited { target, text }, person, now)
                    .await
            }
            Action::Delete {
                room: _,
                message,
                target,
            } => self.add(found, message, Content::Deleted { target }, person, now).await,
            Action::Receipt { room, delivered, read } => {
                let access = RoomAccess::enter(&self.store, person, found).await?;
                let history = History::new(&self.store, &access.room);
                if let Some(cursor) = history.advance(person.member_id, delivered, read).await? {
                    self.pass(&access, &ServerFrame::Receipt { room, cursor }, now).await;
                }
                Ok(Ack::Done {})
            }
            Action::Typing { room } => {
                let access = RoomAccess::enter(&self.store, person, found).await?;
                let member = person.member_id;
                self.pass(&access, &ServerFrame::Typing { room, member }, now).await;
                Ok(Ack::Done {})
            }
            Action::History {
                room: _,
                after,
                before,
                limit,
            } => self.history(found, after, before, limit, person).await,
            Action::Presence { state } => {
                let attention = match state {
                    PresenceState::Online => Attention::Online,
                    PresenceState::Away | PresenceState::Offline => Attention::Away,
                };
                self.presence.seen(session, attention, now).await.map(|()| Ack::Done {})
            }
            // Written down before, unless it came too early.
            Action::Ping {} => Ok(Ack::Done {}),
        }
    }

    /// Adds an entry and hands it to the room. The answer comes after both: a client that gets none sends the entry again,
    /// and then it is handed out again.
    async fn add(
        &self,
        found: Option<Room>,
        message: Uuid,
        content: Content,
        person: &Principal,
        now: Timestamp,
    ) -> Result<Ack, Refusal> {
        let room = found.as_ref().ok_or_else(Refusal::no_such_room)?.room_id;
        let last = async { History::last_of(&self.store, room).await.map_err(unanswered) };
        let (access, last) = futures_util::try_join!(RoomAccess::enter(&self.store, person, found), last)?;
        let history = History::new(&self.store, &access.room);
        let sent = NewEntry {
            sender: person.member_id,
            message,
            content: &content,
        };
        let files = match attachments::sendable(&self.store, &access.room, person.member_id, &content).await {
            Ok(files) => files,
            // NewEntry again, it finds them sent.
            Err(_) if history.has(sent).await? => Vec::new(),
            Err(refusal) => return Err(refusal),
        };
        let (addressed, hears) = self
            .addressed(&access, &content, person, now)
            .await
            .map_err(unanswered)?;
        let also = |offset| {
            addressed_by(&access, &addressed, person, message, offset, now).and(attachments::sent(&files, offset))
        };
        let Appended { mut entry, repeated } = history.append(sent, last, &also, now).await?;
        if repeated {
            // As it is now: it may have been removed since.
            entry = history.get(entry.offset).await?.unwrap_or(entry);
        }
        let heard = self.delivery.entry(&access, &entry, now).await.map_err(|error| {
            tracing::error!(error = &*error, "entry.not_delivered");
            Refusal::new(
                Code::Unavailable,
                "It is in the room, and not everybody may have it yet; send it again.",
            )
        })?;
        // They seemed to be there, and their connections were dead. Who gets no answer sends it again, and then they are told.
        if let Some(other) = hears.filter(|other| !heard.contains(other)) {
            let change = addressed_by(&access, &[other], person, message, entry.offset, now);
            self.store.commit(change).await.map_err(unanswered)?;
        }
        Ok(Ack::Entry {
            room,
            epoch: entry.epoch,
            offset: entry.offset,
            at: entry.at,
        })
    }

    /// Returns the members to tell of a message: those that it names, and in a room of two the other. The other comes second,
    /// and is not to be told yet, where they sit at a device and receive the room: if the message does not reach them after
    /// all, they are to be told.
    async fn addressed(
        &self,
        access: &RoomAccess,
        content: &Content,
        person: &Principal,
        now: Timestamp,
    ) -> Result<(Vec<MemberId>, Option<MemberId>), StoreError> {
        let (Content::Text { mentions, .. } | Content::Sealed { mentions, .. }) = content else {
            return Ok((Vec::new(), None));
        };
        let (mut addressed, mut hears) = (mentions.clone(), None);
        if access.room.kind == (RoomKind::Direct {}) {
            let query = Query::table(Room::partition(access.room.room_id), RoomMember::PREFIX);
            let both: Vec<RoomMember> = self.store.query(&query).await?;
            if let Some(other) = both.iter().find(|member| member.member_id != person.member_id) {
                let key = PresenceRecord::key_of(other.member_id);
                let (there, receives) = futures_util::try_join!(
                    self.connections.get::<PresenceRecord>(&key),
                    self.delivery.receives(access.room.room_id, other.member_id, now)
                )?;
                let online = there.is_some_and(|there| there.attention == Some(Attention::Online));
                if online && receives {
                    hears = Some(other.member_id);
                } else {
                    addressed.push(other.member_id);
                }
            }
        }
        addressed.retain(|member| *member != person.member_id);
        addressed.sort_unstable();
        addressed.dedup();
        Ok((addressed, hears.filter(|other| !mentions.contains(other))))
    }

    /// Hands a passing frame to the room. Nobody misses it for long, so nobody waits for it.
    async fn pass(&self, access: &RoomAccess, frame: &ServerFrame, now: Timestamp) {
        if let Err(error) = self.delivery.passing(access, frame, now).await {
            tracing::warn!(error = &*error, "passing.not_delivered");
        }
    }

    async fn history(
        &self,
        found: Option<Room>,
        after: u64,
        before: Option<u64>,
        limit: Option<u32>,
        person: &Principal,
    ) -> Result<Ack, Refusal> {
        let access = RoomAccess::enter(&self.store, person, found).await?;
        let room = access.room.room_id;
        let history = History::new(&self.store, &access.room);
        let limit = limit.unwrap_or(50).clamp(1, 100) as usize;
        let (entries, more) = match before {
            Some(offset) => history.before(offset, limit).await?,
            None => history.after(after, limit).await?,
        };
        let last = history.last().await.map_err(unanswered)?;
        Ok(Ack::History {
            room,
            epoch: access.room.epoch,
            last: last.map_or(0, |last| last.offset),
            entries,
            more,
        })
    }

    async fn resume(
        &self,
        positions: Vec<Position>,
        session: &Session,
        person: &Principal,
        now: Timestamp,
    ) -> Result<Ack, Refusal> {
        let each = positions.into_iter().map(|position| async move {
            let room = position.room;
            (room, self.resume_room(position, session, person, now).await)
        });
        let (mut rooms, mut accesses, mut unavailable) = (Vec::new(), Vec::new(), Vec::new());
        let found: Vec<_> = stream::iter(each).buffered(AT_ONCE).collect().await;
        for (room, found) in found {
            match found {
                Ok((access, state)) => {
                    accesses.push(access);
                    rooms.push(state);
                }
                Err(refusal) => unavailable.push(Unavailable {
                    room,
                    code: refusal.code,
                }),
            }
        }
        if let Err(error) = self.presence.arrive(session, &accesses, now).await {
            tracing::warn!(error = &*error, "arrival.not_told");
        }
        let crowded = shorten(&mut rooms);
        unavailable.extend(crowded.into_iter().map(|room| Unavailable {
            room,
            code: Code::TooLarge,
        }));
        Ok(Ack::Resume { rooms, unavailable })
    }

    async fn resume_room(
        &self,
        position: Position,
        session: &Session,
        person: &Principal,
        now: Timestamp,
    ) -> Result<(RoomAccess, RoomState), Refusal> {
        let access = RoomAccess::take(&self.store, person, position.room).await?;
        // Before the history is read: what is added in between comes by one way or by both.
        self.presence.subscribe(session, &access, now).await?;
        let history = History::new(&self.store, &access.room);
        let last = history.last().await.map_err(unanswered)?.map_or(0, |last| last.offset);
        let newest = last.saturating_sub(NEWEST);
        let (from, lost) = match position.epoch {
            None => (newest, None),
            Some(epoch) if epoch != access.room.epoch || position.offset > last => {
                (newest, Some(HistoryLost { resume_from: newest }))
            }
            Some(_) => (position.offset, None),
        };
        let (entries, more) = if from < last {
            history.after(from, MISSED).await?
        } else {
            (Vec::new(), false)
        };
        let state = RoomState {
            room: position.room,
            epoch: access.room.epoch,
            from,
            // What came while this was read is among the entries.
            last: entries.last().map_or(last, |entry| entry.offset.max(last)),
            entries,
            more,
            lost,
            cursors: history.cursors().await.map_err(unanswered)?,
            present: self.presence.present(&access).await.map_err(unanswered)?,
        };
        Ok((access, state))
    }
}

/// Returns the change that tells the addressed members of a message by an event. It is empty where there are none.
fn addressed_by(
    access: &RoomAccess,
    members: &[MemberId],
    person: &Principal,
    message: Uuid,
    offset: u64,
    now: Timestamp,
) -> Change {
    if members.is_empty() {
        return Change::new();
    }
    let event = PeopleAddressed {
        room_id: access.room.room_id,
        offset,
        sender: person.member_id,
        members: members.to_vec(),
    };
    let envelope = Envelope::new(event.into(), now, &message.to_string());
    Change::new().emit(access.room.room_id, &envelope)
}

/// Leaves out of an answer what does not fit into a frame; the client reads on with `history`. Gives the rooms that do not
/// even fit without their entries, as the people in them are told, too: these rooms are to be asked for in a frame of their
/// own.
fn shorten(rooms: &mut Vec<RoomState>) -> Vec<RoomId> {
    fn bytes(value: &impl serde::Serialize) -> usize {
        serde_json::to_string(value).map_or(usize::MAX, |text| text.len() + 2)
    }
    let mut left = inventure_realtime::PUSH_BYTES_MAX - 4 * 1024;
    let mut crowded = Vec::new();
    // First what is around the entries, of all: else the entries of one room would put out the next.
    rooms.retain(|room| {
        let around = bytes(&RoomState {
            entries: Vec::new(),
            ..room.clone()
        });
        let fits = around <= left;
        if fits {
            left -= around;
        } else {
            crowded.push(room.room);
        }
        fits
    });
    for room in rooms {
        let mut fits = 0;
        for entry in &room.entries {
            let entry = bytes(entry);
            if entry > left {
                break;
            }
            left -= entry;
            fits += 1;
        }
        if fits < room.entries.len() {
            room.entries.truncate(fits);
            room.more = true;
        }
    }
    crowded
}
