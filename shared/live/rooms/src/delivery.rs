use std::{collections::HashSet, sync::Arc, time::Duration};

use crate::records::{Attention, Socket, Subscription};
use futures_util::{StreamExt, stream};
use inventure_api::{batch::Failure, metrics};
use inventure_core::{MemberId, RoomId};
use inventure_realtime::{Entry, ServerFrame};
use inventure_table::{Change, Condition, Key, Record, Store, StoreError, table::Query};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Gateway, Job, PostError, Queue, RoomAccess};

/// The largest number of connections that are served at once. Beyond it the queue takes them, in parts of this size.
pub(crate) const PART: usize = 200;

/// The largest number of frames that are under way at once.
const AT_ONCE: usize = 32;

/// The time that a connection may take, busy tries and all, where nobody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The time that a connection may take while the sender waits for the answer. A connection that takes longer is served by the queue.
const SOON: Duration = Duration::from_secs(1);

/// The number of times that a frame is tried while the platform takes no more.
const TRIES: u32 = 4;

/// The outcome of a frame that was sent to many connections.
#[derive(Default)]
struct Posted {
    /// The members who have a connection that took it.
    heard: HashSet<MemberId>,
    /// The connections that did not take it in time.
    late: Vec<String>,
}

/// The outcome of a frame that was sent to one connection.
enum PostOutcome {
    /// The connection has it.
    Done,
    /// The connection is closed.
    Gone,
    /// The connection does not have it yet, or it is not known whether it does.
    Late,
}

/// Hands frames to the people who are in a room.
#[derive(Clone)]
pub struct Delivery {
    store: Store,
    connections: Store,
    gateway: Arc<dyn Gateway>,
    queue: Arc<dyn Queue>,
}

impl Delivery {
    /// Makes the delivery to the connections in this table, of people whom the main table knows.
    #[must_use]
    pub fn new(store: Store, connections: Store, gateway: Arc<dyn Gateway>, queue: Arc<dyn Queue>) -> Self {
        Self {
            store,
            connections,
            gateway,
            queue,
        }
    }

    /// Hands an entry to everybody in the room, and returns the members who have it by now. In a small room it is sent at once, in a
    /// large one by the queue. Slow connections keep nobody waiting.
    pub async fn entry(
        &self,
        access: &RoomAccess,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<HashSet<MemberId>, Failure> {
        let part = self.subscriptions(entry.room, None, PART + 1).await?;
        if part.len() <= PART {
            let frame = ServerFrame::Entry { entry: entry.clone() };
            let Posted { heard, late } = self.post(access, part, &frame, SOON, now).await?;
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
        access: &RoomAccess,
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
            self.post_patiently(access, part, &frame, now).await?;
            if !full || after.as_deref().is_none_or(|last| last >= until) {
                return Ok(());
            }
        }
    }

    /// Hands an entry to those of these connections that receive the room.
    pub async fn late(
        &self,
        access: &RoomAccess,
        entry: Entry,
        connections: &[String],
        now: Timestamp,
    ) -> Result<(), Failure> {
        let keys = connections
            .iter()
            .map(|connection| Subscription::key_of(entry.room, connection));
        let keys: Vec<Key> = keys.collect();
        let subscriptions = self.connections.get_all(&keys).await?;
        self.post_patiently(access, subscriptions, &ServerFrame::Entry { entry }, now)
            .await
    }

    /// Hands a frame that is not stored to everybody in a small room. In a large one nobody hears that others type, or come and go.
    pub async fn passing(&self, access: &RoomAccess, frame: &ServerFrame, now: Timestamp) -> Result<(), Failure> {
        let part = self.subscriptions(access.room.room_id, None, PART + 1).await?;
        if part.len() <= PART {
            self.post(access, part, frame, SOON, now).await?;
        }
        Ok(())
    }

    /// Whether any device of a member receives a room.
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

    /// Hands a frame to every device of a member. Returns whether it reached a device that the member sits at.
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

    /// Reads the connections that receive a room, at most `limit` of them, after the connection `after`.
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

    /// Sends a frame to those of these connections whose people are in the room. The others are told that the room is closed to
    /// them, and receive nothing more of it.
    async fn post(
        &self,
        access: &RoomAccess,
        mut subscriptions: Vec<Subscription>,
        frame: &ServerFrame,
        patience: Duration,
        now: Timestamp,
    ) -> Result<Posted, Failure> {
        // Their tokens have ended. The connections end with their next sign of life.
        subscriptions.retain(|subscription| subscription.expires_at > now.as_second());
        let (inside, outside) = access.audience(&self.store, subscriptions).await?;
        let closed = ServerFrame::RoomClosed {
            room: access.room.room_id,
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
        let sent: Vec<PostOutcome> = stream::iter(posts).buffered(AT_ONCE).collect().await;
        let (mut posted, mut gone) = (Posted::default(), Vec::new());
        for (at, (subscription, sent)) in inside.into_iter().chain(outside).zip(sent).enumerate() {
            match sent {
                PostOutcome::Gone => gone.push((subscription.member_id, subscription.connection_id)),
                PostOutcome::Late => posted.late.push(subscription.connection_id),
                PostOutcome::Done if at < reached => drop(posted.heard.insert(subscription.member_id)),
                PostOutcome::Done => {}
            }
        }
        tracing::info!(room = %access.room.room_id, reached, shut_out, late = posted.late.len(), "frame.delivered");
        self.forget(gone).await;
        Ok(posted)
    }

    /// Sends a frame as [`Self::post`] does, where nobody waits for the answer. A connection that does not take it even so sees the
    /// gap with the next frame, or with the next `resume`.
    async fn post_patiently(
        &self,
        access: &RoomAccess,
        subscriptions: Vec<Subscription>,
        frame: &ServerFrame,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Posted { late, .. } = self.post(access, subscriptions, frame, PATIENCE, now).await?;
        if !late.is_empty() {
            tracing::warn!(room = %access.room.room_id, count = late.len(), "frames.not_delivered");
            metrics::emit(&[], &[("FramesNotDelivered", metrics::Unit::Count, late.len() as f64)]);
        }
        Ok(())
    }

    /// Posts a frame to one connection. Forgets that the connection receives the room if it is closed, or if `ends` is set.
    async fn post_one(&self, subscription: &Subscription, text: &str, ends: bool, patience: Duration) -> PostOutcome {
        let post = self.try_post(&subscription.connection_id, text);
        let sent = match tokio::time::timeout(patience, post).await {
            Ok(Ok(())) => PostOutcome::Done,
            Ok(Err(PostError::Gone)) => PostOutcome::Gone,
            Ok(Err(PostError::Busy | PostError::Failed(_))) | Err(_) => PostOutcome::Late,
        };
        if (matches!(sent, PostOutcome::Gone) || ends)
            && let Err(error) = self.drop(subscription).await
        {
            // The next delivery finds it gone again.
            tracing::warn!(error = &error as &dyn std::error::Error, "subscription.not_dropped");
        }
        // Whom it ends for is owed nothing more.
        if ends && matches!(sent, PostOutcome::Late) {
            PostOutcome::Done
        } else {
            sent
        }
    }

    /// Queues jobs that forget closed connections. Their people may not be there any more, and the others were not told.
    async fn forget(&self, gone: Vec<(MemberId, String)>) {
        let job = |(member, connection)| Job::Gone { member, connection };
        let jobs: Vec<Job> = gone.into_iter().map(job).collect();
        if let Err(error) = self.queue.send(&jobs, 0).await {
            // The sweep finds them silent.
            tracing::warn!(error = &*error, "connections.not_forgotten");
        }
    }

    /// Posts a frame, and tries again after a while where the platform takes no more.
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

    /// Closes a connection. No error where it is closed already.
    pub(crate) async fn close(&self, connection_id: &str) -> Result<(), Failure> {
        match self.gateway.close(connection_id).await {
            Ok(()) | Err(PostError::Gone) => Ok(()),
            Err(PostError::Busy) => Err("the platform closes no more connections just now".into()),
            Err(PostError::Failed(error)) => Err(error),
        }
    }
}
