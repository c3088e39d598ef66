use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use inventure_core::{MemberId, RoomId};
use inventure_api::{batch::Failure, metrics};
use inventure_realtime::{Entry, ServerFrame};
use inventure_table::{
    Change, Condition, Key, Store, StoreError,
    records::{Attention, Record, Socket, Subscription},
    table::Query,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Gateway, Job, PostError, Queue, Seat};

/// The most connections that are served at once. Beyond it the queue takes them, in parts of this size.
pub(crate) const PART: usize = 200;

/// The most frames that are under way at once.
const AT_ONCE: usize = 32;

/// How long a connection may take, busy tries and all, where nobody waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a connection may take while its sender waits for the answer. Who takes longer is served by the queue.
const SOON: Duration = Duration::from_secs(1);

/// How often a frame is tried that the platform takes no more of.
const TRIES: u32 = 4;

/// What became of a frame that many were sent.
#[derive(Default)]
struct Posted {
    /// Whose connection has it.
    heard: HashSet<MemberId>,
    /// The connections that did not take it in time.
    late: Vec<String>,
}

/// What became of a frame.
enum Sent {
    /// The connection has it.
    Done,
    /// The connection is closed.
    Gone,
    /// The connection does not have it yet, or nobody knows.
    Late,
}

/// Hands frames to whoever is in a room.
#[derive(Clone)]
pub struct Delivery {
    store: Store,
    connections: Store,
    gateway: Arc<dyn Gateway>,
    queue: Arc<dyn Queue>,
}

impl Delivery {
    /// Delivery to the connections in this table, of people whom the main table knows.
    #[must_use]
    pub fn new(store: Store, connections: Store, gateway: Arc<dyn Gateway>, queue: Arc<dyn Queue>) -> Self {
        Self {
            store,
            connections,
            gateway,
            queue,
        }
    }

    /// Hands an entry to everybody in the room: at once in a small one, by the queue in a large one. Nobody waits for who is slow. Says who
    /// has it by now.
    pub async fn entry(&self, seat: &Seat, entry: &Entry, now: Timestamp) -> Result<HashSet<MemberId>, Failure> {
        let part = self.subscriptions(entry.room, None, PART + 1).await?;
        if part.len() <= PART {
            let frame = ServerFrame::Entry { entry: entry.clone() };
            let Posted { heard, late } = self.post(seat, part, &frame, SOON, now).await?;
            if !late.is_empty() {
                let late = Job::Late {
                    room: entry.room,
                    offset: entry.offset,
                    connections: late,
                };
                self.queue.send(&[late], 0).await?;
            }
            return Ok(heard);
        }
        let mut jobs = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let part = self.subscriptions(entry.room, after.clone(), PART).await?;
            let Some(last) = part.last() else { break };
            let until = last.connection_id.clone();
            jobs.push(Job::Entry {
                room: entry.room,
                offset: entry.offset,
                after: after.replace(until.clone()),
                until,
            });
        }
        self.queue.send(&jobs, 0).await?;
        Ok(HashSet::new())
    }

    /// Hands an entry to one part of a large room.
    pub async fn part(
        &self,
        seat: &Seat,
        entry: Entry,
        (mut after, until): (Option<String>, &str),
        now: Timestamp,
    ) -> Result<(), Failure> {
        let (room, frame) = (entry.room, ServerFrame::Entry { entry });
        // More may have come into the part since it was cut: who stands behind them is in no other part.
        loop {
            let mut part = self.subscriptions(room, after, PART).await?;
            let full = part.len() == PART;
            after = part.last().map(|last| last.connection_id.clone());
            part.retain(|subscription| subscription.connection_id.as_str() <= until);
            self.post_patiently(seat, part, &frame, now).await?;
            if !full || after.as_deref().is_none_or(|last| last >= until) {
                return Ok(());
            }
        }
    }

    /// Hands an entry to those of these connections that receive the room.
    pub async fn late(&self, seat: &Seat, entry: Entry, connections: &[String], now: Timestamp) -> Result<(), Failure> {
        let keys = connections
            .iter()
            .map(|connection| Subscription::key_of(entry.room, connection));
        let keys: Vec<Key> = keys.collect();
        let subscriptions = self.connections.get_all(&keys).await?;
        self.post_patiently(seat, subscriptions, &ServerFrame::Entry { entry }, now)
            .await
    }

    /// Hands a passing thing to everybody in a small room. In a large one nobody hears who types or comes and goes.
    pub async fn passing(&self, seat: &Seat, frame: &ServerFrame, now: Timestamp) -> Result<(), Failure> {
        let part = self.subscriptions(seat.room.room_id, None, PART + 1).await?;
        if part.len() <= PART {
            self.post(seat, part, frame, SOON, now).await?;
        }
        Ok(())
    }

    /// Whether a device of somebody's receives a room.
    pub async fn receives(&self, room: RoomId, member: MemberId, now: Timestamp) -> Result<bool, StoreError> {
        let theirs =
            |subscription: &Subscription| subscription.member_id == member && subscription.expires_at > now.as_second();
        let mut after = None;
        loop {
            let part = self.subscriptions(room, after, PART).await?;
            if part.iter().any(theirs) {
                return Ok(true);
            }
            after = part.last().map(|last| last.connection_id.clone());
            if part.len() < PART {
                return Ok(false);
            }
        }
    }

    /// Hands a frame to every device of somebody. Says whether it reached one that they sit at.
    pub async fn person(&self, member: MemberId, frame: &ServerFrame, now: Timestamp) -> Result<bool, Failure> {
        let query = Query::table(Socket::of_member(member), "");
        let mut sockets: Vec<Socket> = self.connections.query_all(&query).await?;
        sockets.retain(|socket| socket.session_ends_at > now.as_second());
        let text = serde_json::to_string(frame)?;
        let posts = sockets.iter().map(|socket| self.try_post(&socket.connection_id, &text));
        let posts: Vec<_> = posts.collect();
        let sent: Vec<Result<(), PostError>> = stream::iter(posts).buffered(AT_ONCE).collect().await;
        let (mut reached, mut gone) = (false, Vec::new());
        for (socket, sent) in sockets.into_iter().zip(sent) {
            match sent {
                Ok(()) => reached |= socket.attention == Attention::Online,
                Err(PostError::Gone) => gone.push((member, socket.connection_id)),
                Err(_) => {}
            }
        }
        self.forget(gone).await;
        Ok(reached)
    }

    /// The connections that receive a room.
    pub(crate) async fn subscriptions(
        &self,
        room: RoomId,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Subscription>, StoreError> {
        let query = Query {
            after,
            limit,
            ..Query::table(Subscription::of_room(room), "")
        };
        self.connections.query(&query).await
    }

    /// Sends a frame to those of these connections whose people are in the room, and nothing more of it ever to the others.
    async fn post(
        &self,
        seat: &Seat,
        mut subscriptions: Vec<Subscription>,
        frame: &ServerFrame,
        patience: Duration,
        now: Timestamp,
    ) -> Result<Posted, Failure> {
        // Their tokens have ended. The connections end with their next sign of life.
        subscriptions.retain(|subscription| subscription.expires_at > now.as_second());
        let (inside, outside) = seat.audience(&self.store, subscriptions).await?;
        let closed = ServerFrame::RoomClosed {
            room: seat.room.room_id,
        };
        let (text, closed) = (serde_json::to_string(frame)?, serde_json::to_string(&closed)?);
        let (reached, shut_out) = (inside.len(), outside.len());
        let mut posts = Vec::with_capacity(reached + shut_out);
        for subscription in &inside {
            posts.push(self.post_one(subscription, &text, false, patience));
        }
        for subscription in &outside {
            posts.push(self.post_one(subscription, &closed, true, patience));
        }
        let sent: Vec<Sent> = stream::iter(posts).buffered(AT_ONCE).collect().await;
        let (mut posted, mut gone) = (Posted::default(), Vec::new());
        for (at, (subscription, sent)) in inside.into_iter().chain(outside).zip(sent).enumerate() {
            match sent {
                Sent::Gone => gone.push((subscription.member_id, subscription.connection_id)),
                Sent::Late => posted.late.push(subscription.connection_id),
                Sent::Done if at < reached => drop(posted.heard.insert(subscription.member_id)),
                Sent::Done => {}
            }
        }
        tracing::info!(room = %seat.room.room_id, reached, shut_out, late = posted.late.len(), "frame.delivered");
        self.forget(gone).await;
        Ok(posted)
    }

    /// The same where nobody waits for the answer. Who does not take it even so sees the gap with the next frame, or with the next `resume`.
    async fn post_patiently(
        &self,
        seat: &Seat,
        subscriptions: Vec<Subscription>,
        frame: &ServerFrame,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Posted { late, .. } = self.post(seat, subscriptions, frame, PATIENCE, now).await?;
        if !late.is_empty() {
            tracing::warn!(room = %seat.room.room_id, count = late.len(), "frames.not_delivered");
            metrics::emit(&[], &[("FramesNotDelivered", metrics::Unit::Count, late.len() as f64)]);
        }
        Ok(())
    }

    /// Posts a frame to one connection, and forgets that it receives the room if it is closed, or if this ends it.
    async fn post_one(&self, subscription: &Subscription, text: &str, ends: bool, patience: Duration) -> Sent {
        let post = self.try_post(&subscription.connection_id, text);
        let sent = match tokio::time::timeout(patience, post).await {
            Ok(Ok(())) => Sent::Done,
            Ok(Err(PostError::Gone)) => Sent::Gone,
            Ok(Err(PostError::Busy | PostError::Failed(_))) | Err(_) => Sent::Late,
        };
        if (matches!(sent, Sent::Gone) || ends)
            && let Err(error) = self.drop(subscription).await
        {
            // The next delivery finds it gone again.
            tracing::warn!(error = &error as &dyn std::error::Error, "subscription.not_dropped");
        }
        // Whom it ends for is owed nothing more.
        if ends && matches!(sent, Sent::Late) {
            Sent::Done
        } else {
            sent
        }
    }

    /// Has closed connections forgotten: their people may not be there any more, and nobody said so.
    async fn forget(&self, gone: Vec<(MemberId, String)>) {
        let job = |(member, connection)| Job::Gone { member, connection };
        let jobs: Vec<Job> = gone.into_iter().map(job).collect();
        if let Err(error) = self.queue.send(&jobs, 0).await {
            // The sweep finds them silent.
            tracing::warn!(error = &*error, "connections.not_forgotten");
        }
    }

    /// Posts a frame, again after a while where the platform takes no more.
    async fn try_post(&self, connection_id: &str, text: &str) -> Result<(), PostError> {
        for round in 0..TRIES {
            match self.gateway.post(connection_id, text).await {
                Err(PostError::Busy) if round + 1 < TRIES => {
                    let most = 20_u64 << round;
                    let jitter = u64::from(Uuid::new_v4().as_bytes()[0]) * most / 255;
                    tokio::time::sleep(Duration::from_millis(most + jitter)).await;
                }
                done => return done,
            }
        }
        Err(PostError::Busy)
    }

    async fn drop(&self, subscription: &Subscription) -> Result<(), StoreError> {
        let change = Change::new().delete(subscription.key(), Condition::None);
        self.connections.commit(change).await.map(|_| ())
    }

    /// Closes a connection; no error where it is closed.
    pub(crate) async fn close(&self, connection_id: &str) -> Result<(), Failure> {
        match self.gateway.close(connection_id).await {
            Ok(()) | Err(PostError::Gone) => Ok(()),
            Err(PostError::Busy) => Err("the platform closes no more connections just now".into()),
            Err(PostError::Failed(error)) => Err(error),
        }
    }
}
