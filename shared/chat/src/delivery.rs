use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use inventure_core::{MemberId, RoomId};
use inventure_lambda::{batch::Failure, metrics};
use inventure_realtime::{Entry, ServerFrame};
use inventure_store::{
    Change, Condition, Store, StoreError,
    records::{Attention, Record, Socket, Subscription},
    table::Query,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Gateway, Job, PostError, Queue, Seat};

/// The most connections that are served at once. Beyond it the queue takes them, in parts of this size.
const PART: usize = 200;

/// The most frames that are under way at once.
const AT_ONCE: usize = 32;

/// How often a frame is tried that the platform takes no more of.
const TRIES: u32 = 4;

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

    /// Hands an entry to everybody in the room: at once in a small one, by the queue in a large one.
    pub async fn entry(&self, seat: &Seat, entry: &Entry, now: Timestamp) -> Result<(), Failure> {
        let part = self.subscriptions(entry.room, None, PART + 1).await?;
        if part.len() <= PART {
            let frame = ServerFrame::Entry { entry: entry.clone() };
            return self.post(seat, part, &frame, now).await;
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
        self.queue.send(&jobs, 0).await
    }

    /// Hands an entry to one part of a large room.
    pub async fn part(
        &self,
        seat: &Seat,
        entry: Entry,
        (after, until): (Option<String>, &str),
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut part = self.subscriptions(entry.room, after, PART).await?;
        part.retain(|subscription| subscription.connection_id.as_str() <= until);
        self.post(seat, part, &ServerFrame::Entry { entry }, now).await
    }

    /// Hands a passing thing to everybody in a small room. In a large one nobody hears who types or comes and goes.
    pub async fn passing(&self, seat: &Seat, frame: &ServerFrame, now: Timestamp) -> Result<(), Failure> {
        let part = self.subscriptions(seat.room.room_id, None, PART + 1).await?;
        if part.len() <= PART {
            self.post(seat, part, frame, now).await?;
        }
        Ok(())
    }

    /// Hands a frame to every device of somebody. Says whether it reached one that they sit at.
    pub async fn person(&self, member: MemberId, frame: &ServerFrame, now: Timestamp) -> Result<bool, Failure> {
        let query = Query {
            limit: PART,
            ..Query::table(Socket::of_member(member), "")
        };
        let mut sockets: Vec<Socket> = self.connections.query(&query).await?;
        sockets.retain(|socket| socket.session_ends_at > now.as_second());
        let text = serde_json::to_string(frame)?;
        let post = |socket: &Socket| {
            let (id, online) = (socket.connection_id.clone(), socket.attention == Attention::Online);
            let text = text.as_str();
            async move { self.try_post(&id, text).await.is_ok() && online }
        };
        let posts: Vec<_> = sockets.iter().map(post).collect();
        let sent: Vec<bool> = stream::iter(posts).buffer_unordered(AT_ONCE).collect().await;
        Ok(sent.contains(&true))
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
        now: Timestamp,
    ) -> Result<(), Failure> {
        // Their tokens have ended. The connections end with their next sign of life.
        subscriptions.retain(|subscription| subscription.expires_at > now.as_second());
        let (inside, outside) = seat.audience(&self.store, subscriptions).await?;
        let closed = ServerFrame::RoomClosed {
            room: seat.room.room_id,
        };
        let (text, closed) = (serde_json::to_string(frame)?, serde_json::to_string(&closed)?);
        let (reached, shut_out) = (inside.len(), outside.len());
        let mut posts = Vec::with_capacity(reached + shut_out);
        for subscription in inside {
            posts.push(self.post_one(subscription, &text, false));
        }
        for subscription in outside {
            posts.push(self.post_one(subscription, &closed, true));
        }
        stream::iter(posts).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
        tracing::info!(room = %seat.room.room_id, reached, shut_out, "frame.delivered");
        Ok(())
    }

    /// Posts a frame to one connection, and forgets that it receives the room if it is closed, or if this ends it.
    async fn post_one(&self, subscription: Subscription, text: &str, ends: bool) {
        let sent = self.try_post(&subscription.connection_id, text).await;
        let gone = matches!(sent, Err(PostError::Gone));
        if let Err(PostError::Busy | PostError::Failed(_)) = &sent {
            // They see the gap with the next frame, or with their next `resume`.
            tracing::warn!(room = %subscription.room_id, reason = ?sent, "frame.not_delivered");
            metrics::emit(&[], &[("FramesNotDelivered", metrics::Unit::Count, 1.0)]);
        }
        if (gone || ends)
            && let Err(error) = self.drop(&subscription).await
        {
            // The next delivery finds it gone again.
            tracing::warn!(error = &error as &dyn std::error::Error, "subscription.not_dropped");
        }
    }

    /// Posts a frame, again after a while where the platform takes no more.
    async fn try_post(&self, connection_id: &str, text: &str) -> Result<(), PostError> {
        for round in 0..TRIES {
            match self.gateway.post(connection_id, text).await {
                Err(PostError::Busy) => {
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
