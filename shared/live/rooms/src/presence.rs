use std::{collections::BTreeSet, sync::Arc};

use crate::records::{Attention, PresenceRecord, Room, Socket, Subscription};
use inventure_api::batch::Failure;
use inventure_core::{MemberId, RoomId, TenantId};
use inventure_realtime::{Code, HEARTBEAT_SECONDS, Presence, PresenceState, Refusal, ServerFrame};
use inventure_table::{Change, Commit, Condition, Key, Record, Store, StoreError, retry::Attempts, table::Query};
use jiff::Timestamp;

use futures_util::{StreamExt, stream};

use crate::{Delivery, Job, Queue, RoomAccess, delivery::PART, unanswered};

/// The silence after which a connection counts as gone, in seconds. A heartbeat may get lost, and the next one may be a minute late.
const SILENT_SECONDS: i64 = 2 * HEARTBEAT_SECONDS as i64 + 60;

/// The age of a sign of life, in seconds, below which the next heartbeat comes too early.
const EARLY_SECONDS: i64 = HEARTBEAT_SECONDS as i64 / 4;

/// The number of heartbeats of which one looks the person up. Who was put out is closed after so many at the latest.
const LOOKED_UP: u64 = 4;

/// The last sign of life of a connection that is closing. It is long ago, so that the sweep finds the connection if nobody brings
/// the closing to an end.
const CLOSING: i64 = 0;

/// The time in which another connection may follow one that closed before others are told, in seconds.
const GRACE_SECONDS: u32 = 20;

/// The longest life of a connection on the platform, and a little, in seconds. Records of it go after that.
const LIFE_SECONDS: i64 = 2 * 3_600 + 600;

/// The time for which it is remembered what others were told of a person's presence, in seconds.
const PRESENCE_SECONDS: i64 = 30 * 24 * 3_600;

/// The largest number of connections of one person.
const CONNECTIONS_MAX: usize = 10;

/// The largest number of rooms that hear of a person's presence, over all their devices.
const ROOMS_TOLD: usize = 50;

/// The number of times that a write is tried while others write the same presence or the same connection's record.
const ATTEMPTS: u32 = 5;

/// The largest number of rooms that are told at once. With one at a time, a room with a slow connection would keep the others
/// waiting.
const TOLD_AT_ONCE: usize = 8;

/// The number of silent connections that a sweep looks at at once.
const SWEPT: usize = 200;

/// The person at the other end of a connection, as the authorizer of the handshake found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The platform's id of the connection.
    pub connection_id: String,
    /// Issuer and subject of the person's token.
    pub subject: String,
    /// The member who is connected.
    pub member_id: MemberId,
    /// The tenant that the member belongs to.
    pub tenant_id: TenantId,
    /// The time at which the token ends, in seconds of the epoch.
    pub session_ends_at: i64,
}

/// The connections, the rooms that they receive, and the presence of their people.
#[derive(Clone)]
pub struct Connections {
    store: Store,
    connections: Store,
    delivery: Delivery,
    queue: Arc<dyn Queue>,
}

fn presence_of(record: &PresenceRecord) -> Presence {
    Presence {
        member: record.member_id,
        state: match record.attention {
            Some(Attention::Online) => PresenceState::Online,
            Some(Attention::Away) => PresenceState::Away,
            None => PresenceState::Offline,
        },
        version: record.version,
    }
}

impl Connections {
    /// Makes the connections in this table, of people whom the main table knows.
    #[must_use]
    pub fn new(store: Store, connections: Store, delivery: Delivery, queue: Arc<dyn Queue>) -> Self {
        Self {
            store,
            connections,
            delivery,
            queue,
        }
    }

    async fn sockets(&self, member: MemberId) -> Result<Vec<Socket>, StoreError> {
        // Those that are gone and not dropped yet may stand in front.
        let query = Query::table(Socket::of_member(member), "");
        self.connections.query_all(&query).await
    }

    async fn alive(&self, member: MemberId, now: Timestamp) -> Result<Vec<Socket>, StoreError> {
        let mut sockets = self.sockets(member).await?;
        sockets.retain(|socket| socket.seen_at + SILENT_SECONDS >= now.as_second());
        Ok(sockets)
    }

    /// Records a new connection of a person.
    ///
    /// # Errors
    /// Refuses with [`Code::RateLimited`] where the person has too many connections.
    pub async fn open(&self, session: &Session, now: Timestamp) -> Result<(), Refusal> {
        let alive = self.alive(session.member_id, now).await.map_err(unanswered)?;
        if alive.len() >= CONNECTIONS_MAX {
            // A device that lost its network leaves connections behind that nobody has found dead yet.
            let quiet = alive.iter().min_by_key(|socket| socket.seen_at);
            let quiet = quiet.filter(|socket| socket.seen_at + EARLY_SECONDS < now.as_second());
            let Some(quiet) = quiet else {
                let detail = format!("A person has at most {CONNECTIONS_MAX} connections.");
                return Err(Refusal::new(Code::RateLimited, detail));
            };
            let silent_since = now.as_second() - EARLY_SECONDS;
            self.give_up(quiet, silent_since, now).await.map_err(not_told)?;
        }
        let socket = Socket {
            member_id: session.member_id,
            connection_id: session.connection_id.clone(),
            tenant_id: session.tenant_id,
            subject: session.subject.clone(),
            attention: Attention::Online,
            seen_at: now.as_second(),
            version: 1,
            session_ends_at: session.session_ends_at,
            expires_at: now.as_second() + LIFE_SECONDS,
        };
        let change = Change::new().put(&socket, Condition::None);
        self.connections.commit(change).await.map_err(unanswered)?;
        // Who was away at another device is not any more. Who was not there at all has no rooms yet: those hear with `resume`.
        self.news(session.member_id, now).await.map_err(not_told)
    }

    /// Records a heartbeat of a connection, and returns whether that is all there is to do. One that comes too early, one that another frame
    /// was quicker than, and each fourth are frames like any other: they are counted, and the person is looked up.
    ///
    /// # Errors
    /// Refuses with [`Code::SessionEnded`] where the connection was given up.
    pub async fn beat(&self, session: &Session, now: Timestamp) -> Result<bool, Refusal> {
        let socket = self.living(session).await?;
        let looked_up = socket.version % LOOKED_UP == 0;
        if now.as_second() - socket.seen_at < EARLY_SECONDS {
            return Ok(false);
        }
        let written = self.seen_as(session, socket, None, now).await?;
        Ok(written && !looked_up)
    }

    /// Reads the record of a connection that was not given up.
    async fn living(&self, session: &Session) -> Result<Socket, Refusal> {
        let key = Socket::key_of(session.member_id, &session.connection_id);
        let socket: Option<Socket> = self.connections.get(&key).await.map_err(unanswered)?;
        // Swept, since it was silent for too long, or closing: others think that it is gone.
        socket.filter(|socket| socket.seen_at > CLOSING).ok_or_else(|| {
            let detail = "This connection was given up; connect again and resume.";
            Refusal::new(Code::SessionEnded, detail)
        })
    }

    /// Records a sign of life of a connection, and the person's attention at the device.
    pub async fn seen(&self, session: &Session, attention: Attention, now: Timestamp) -> Result<(), Refusal> {
        let socket = self.living(session).await?;
        self.seen_as(session, socket, Some(attention), now).await.map(drop)
    }

    /// Writes a sign of life down, and returns whether it was this one and no other frame's.
    async fn seen_as(
        &self,
        session: &Session,
        mut socket: Socket,
        attention: Option<Attention>,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            // Who was silent for too long and not swept yet may have been taken for gone.
            let was_silent = socket.seen_at + SILENT_SECONDS < now.as_second();
            let changes = was_silent || attention.is_some_and(|attention| attention != socket.attention);
            let after = Socket {
                attention: attention.unwrap_or(socket.attention),
                seen_at: now.as_second(),
                version: socket.version + 1,
                ..socket
            };
            let change = Change::new().put(&after, Condition::Version(after.version - 1));
            let written = self.connections.commit(change).await.map_err(unanswered)?;
            let is_written = matches!(written, Commit::Done);
            if changes && is_written {
                self.news(session.member_id, now).await.map_err(not_told)?;
            }
            // Lost to another frame of this connection, which is a sign of life as well, or to a sweep: the next one finds out.
            if is_written || !changes {
                return Ok(is_written);
            }
            socket = self.living(session).await?;
        }
        Err(Refusal::new(Code::Unavailable, "Try again."))
    }

    /// Subscribes the connection to a room: from now on it receives what happens there.
    pub async fn subscribe(&self, session: &Session, access: &RoomAccess, now: Timestamp) -> Result<(), Refusal> {
        let subscription = Subscription {
            room_id: access.room.room_id,
            connection_id: session.connection_id.clone(),
            member_id: session.member_id,
            tenant_id: session.tenant_id,
            subject: session.subject.clone(),
            // With the token: what a connection may do after it, it may not hear either.
            expires_at: session.session_ends_at.min(now.as_second() + LIFE_SECONDS),
        };
        let change = Change::new().put(&subscription, Condition::None);
        self.connections.commit(change).await.map_err(unanswered)?;
        Ok(())
    }

    /// Tells the rooms that were not told yet that a person is there. A room that a connection comes back to knows it already.
    pub async fn arrive(&self, session: &Session, accesses: &[RoomAccess], now: Timestamp) -> Result<(), Failure> {
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            let key = PresenceRecord::key_of(session.member_id);
            let Some(known) = self.connections.get::<PresenceRecord>(&key).await? else {
                return Ok(());
            };
            let free = ROOMS_TOLD.saturating_sub(known.rooms.len());
            let unknown =
                |access: &&RoomAccess| access.shows(session.tenant_id) && !known.rooms.contains(&access.room.room_id);
            let new: Vec<RoomId> = accesses
                .iter()
                .filter(unknown)
                .take(free)
                .map(|access| access.room.room_id)
                .collect();
            if new.is_empty() {
                return if known.untold.is_empty() {
                    Ok(())
                } else {
                    self.tell(known, accesses, now).await
                };
            }
            let mut record = PresenceRecord {
                version: known.version + 1,
                ..known
            };
            record.rooms.extend(&new);
            record.untold.extend(new);
            let change = Change::new().put(&record, Condition::Version(record.version - 1));
            if let Commit::Done = self.connections.commit(change).await? {
                return self.tell(record, accesses, now).await;
            }
        }
        Err("a presence changed in every round".into())
    }

    /// Ends the connection's subscription to a room.
    pub async fn unsubscribe(&self, session: &Session, room: RoomId) -> Result<(), Refusal> {
        let key = Subscription::key_of(room, &session.connection_id);
        let change = Change::new().delete(key, Condition::None);
        self.connections.commit(change).await.map_err(unanswered)?;
        Ok(())
    }

    /// Reads the ids of the rooms that a connection receives.
    async fn rooms(&self, connection_id: &str) -> Result<Vec<RoomId>, StoreError> {
        let query = Query::index(Subscription::of_connection(connection_id));
        let found: Vec<Subscription> = self.connections.query_all(&query).await?;
        Ok(found.into_iter().map(|subscription| subscription.room_id).collect())
    }

    /// Records that a connection is closed. If it was the person's last, others hear of it after a while in which the person may
    /// come back; at once without `grace`.
    pub async fn closed(
        &self,
        member: MemberId,
        connection_id: &str,
        grace: bool,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let rooms = self.rooms(connection_id).await?;
        let subscriptions = rooms.iter().map(|room| Subscription::key_of(*room, connection_id));
        for keys in subscriptions.collect::<Vec<Key>>().chunks(100) {
            let delete = |change: Change, key: &Key| change.delete(key.clone(), Condition::None);
            self.connections.commit(keys.iter().fold(Change::new(), delete)).await?;
        }
        self.closing(member, connection_id).await?;
        if grace && self.alive(member, now).await?.is_empty() {
            self.queue.send(&[Job::Left { member }], GRACE_SECONDS).await?;
        } else {
            self.news(member, now).await?;
        }
        // The connection itself last: whoever dies before that leaves it to the sweep, which does it all again.
        let key = Socket::key_of(member, connection_id);
        self.connections
            .commit(Change::new().delete(key, Condition::None))
            .await?;
        Ok(())
    }

    /// Writes down that a connection is closing, before the person's other connections are looked at. Of two that close at once each
    /// would else take the other for alive, and nobody would say that the person is gone.
    async fn closing(&self, member: MemberId, connection_id: &str) -> Result<(), Failure> {
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            let key = Socket::key_of(member, connection_id);
            let Some(socket) = self.connections.get::<Socket>(&key).await? else {
                return Ok(());
            };
            let closing = Socket {
                seen_at: CLOSING,
                version: socket.version + 1,
                ..socket
            };
            let change = Change::new().put(&closing, Condition::Version(closing.version - 1));
            if let Commit::Done = self.connections.commit(change).await? {
                return Ok(());
            }
        }
        Err("a connection changed in every round".into())
    }

    /// Tells a person's rooms that the person is gone, unless they are back. Their last connection closed a while ago.
    pub async fn left(&self, member: MemberId, now: Timestamp) -> Result<(), Failure> {
        self.news(member, now).await
    }

    /// Writes down a person's presence over all their devices, and tells it to every room that knows otherwise.
    async fn news(&self, member: MemberId, now: Timestamp) -> Result<(), Failure> {
        match self.update_presence(member, now).await? {
            Some(record) => self.tell(record, &[], now).await,
            None => Ok(()),
        }
    }

    /// Tells a person's presence to the rooms that are still to be told, and then writes down that they know. A process that dies in
    /// between, or does not reach all of them, leaves the rest to the next one. `accesses` were taken just now.
    async fn tell(&self, record: PresenceRecord, accesses: &[RoomAccess], now: Timestamp) -> Result<(), Failure> {
        let each = record
            .untold
            .iter()
            .map(|room| self.tell_room(&record, *room, accesses, now));
        let each: Vec<_> = each.collect();
        let told: Vec<Result<bool, Failure>> = stream::iter(each).buffered(TOLD_AT_ONCE).collect().await;
        let mut after = PresenceRecord {
            version: record.version + 1,
            untold: Vec::new(),
            ..record.clone()
        };
        let mut failed = None;
        for (room, told) in record.untold.into_iter().zip(told) {
            match told {
                Ok(true) => {}
                Ok(false) => after.rooms.retain(|known| *known != room),
                Err(error) => {
                    after.untold.push(room);
                    failed = Some(error);
                }
            }
        }
        // Where something newer is settled by now, who settled it tells it.
        let change = Change::new().put(&after, Condition::Version(record.version));
        self.connections.commit(change).await?;
        failed.map_or(Ok(()), Err)
    }

    /// Tells one room a person's presence, and returns whether the person is in the room. Of a person who is not in it any more it
    /// is told that they are gone, and then nothing more.
    async fn tell_room(
        &self,
        record: &PresenceRecord,
        room: RoomId,
        accesses: &[RoomAccess],
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let mut presence = presence_of(record);
        let taken = accesses.iter().find(|access| access.room.room_id == room);
        let (access, inside) = if let Some(access) = taken {
            (access.clone(), true)
        } else {
            let Some(room) = self.store.get::<Room>(&Room::key_of(room)).await? else {
                return Ok(false);
            };
            let access = RoomAccess::of(&self.store, room).await?;
            let who = BTreeSet::from([(record.subject.as_str(), record.member_id)]);
            let inside = !access.inside(&self.store, who).await?.is_empty();
            (access, inside)
        };
        if !inside {
            presence.state = PresenceState::Offline;
        }
        self.delivery
            .passing(&access, &ServerFrame::Presence { presence }, now)
            .await?;
        Ok(inside)
    }

    /// Writes down a person's presence over all their devices. Returns it if there are rooms that know otherwise. Of many who find
    /// the same news at once, one writes it.
    async fn update_presence(&self, member: MemberId, now: Timestamp) -> Result<Option<PresenceRecord>, StoreError> {
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            let known: Option<PresenceRecord> = self.connections.get(&PresenceRecord::key_of(member)).await?;
            let sockets = self.alive(member, now).await?;
            let any = |attention| sockets.iter().any(|socket| socket.attention == attention);
            let is = [Attention::Online, Attention::Away]
                .into_iter()
                .find(|attention| any(*attention));
            if known.as_ref().and_then(|known| known.attention) == is {
                return Ok(known.filter(|known| !known.untold.is_empty()));
            }
            let condition = Condition::at(known.as_ref().map_or(0, |known| known.version));
            let begins = now.as_millisecond().unsigned_abs();
            let (version, subject, mut untold, rooms) = known
                .map_or((begins, String::new(), Vec::new(), Vec::new()), |known| {
                    (known.version, known.subject, known.untold, known.rooms)
                });
            for room in rooms {
                if !untold.contains(&room) {
                    untold.push(room);
                }
            }
            let record = PresenceRecord {
                member_id: member,
                subject: sockets.first().map_or(subject, |socket| socket.subject.clone()),
                attention: is,
                rooms: if is.is_some() { untold.clone() } else { Vec::new() },
                untold,
                version: version + 1,
                expires_at: now.as_second() + PRESENCE_SECONDS,
            };
            let change = Change::new().put(&record, condition);
            if let Commit::Done = self.connections.commit(change).await? {
                return Ok(Some(record).filter(|record| !record.untold.is_empty()));
            }
        }
        // Others were quicker each time, and theirs is as new.
        Ok(None)
    }

    /// Reads the presence of the people who receive a room and are shown in it.
    pub async fn present(&self, access: &RoomAccess) -> Result<Vec<Presence>, StoreError> {
        let subscriptions = self.delivery.subscriptions(access.room.room_id, None, PART).await?;
        let (inside, _) = access.audience(&self.store, subscriptions).await?;
        let shown = inside
            .iter()
            .filter(|subscription| access.shows(subscription.tenant_id));
        let members: BTreeSet<MemberId> = shown.map(|subscription| subscription.member_id).collect();
        let keys: Vec<Key> = members.into_iter().map(PresenceRecord::key_of).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let records: Vec<PresenceRecord> = self.connections.get_all(&keys).await?;
        Ok(records.iter().map(presence_of).collect())
    }

    /// Gives up the connections that have been silent for too long. A connection that cannot be given up does not keep the others.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), Failure> {
        let silent_since = now.as_second() - SILENT_SECONDS;
        let mut failed = None;
        for shard in 0..Socket::SHARDS {
            let mut pages = self.connections.pages(Query {
                descending: false,
                limit: SWEPT,
                ..Query::index(Socket::seen(shard))
            });
            while let Some(oldest) = pages.next::<Socket>().await? {
                let silent = |socket: &Socket| socket.seen_at < silent_since;
                // Those that could not be given up stay the oldest, and hide no other.
                let more = oldest.last().is_some_and(silent);
                for socket in oldest.into_iter().filter(silent) {
                    if let Err(error) = self.give_up(&socket, silent_since, now).await {
                        tracing::error!(connection_id = socket.connection_id, error = &*error, "sweep.failed");
                        failed = Some(error);
                    }
                }
                if !more {
                    break;
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn give_up(&self, socket: &Socket, silent_since: i64, now: Timestamp) -> Result<(), Failure> {
        // The index lags behind: as the record is now.
        let socket = self.connections.get::<Socket>(&socket.key()).await?;
        if let Some(socket) = socket.filter(|socket| socket.seen_at < silent_since) {
            self.delivery.close(&socket.connection_id).await?;
            self.closed(socket.member_id, &socket.connection_id, false, now).await?;
            tracing::info!(connection_id = socket.connection_id, "connection.silent");
        }
        Ok(())
    }
}

fn not_told(error: Failure) -> Refusal {
    tracing::error!(error = &*error, "presence.not_told");
    Refusal::new(Code::Unavailable, "Try again.")
}
