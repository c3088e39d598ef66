//! The work that the sockets leave for later. It is an entry for a part of a large room, word of a person who left, or
//! connections that fell silent.

use std::sync::Arc;

use inventure_api::batch::Failure;
use inventure_core::RoomId;
use inventure_realtime::Entry;
use inventure_rooms::{Connections, Delivery, History, Job, RoomAccess, attachments, records::Room};
use inventure_table::{Objects, Store};
use jiff::Timestamp;

/// The consumer of jobs.
pub struct Fanout {
    store: Store,
    delivery: Delivery,
    connections: Connections,
    files: Arc<dyn Objects>,
}

impl Fanout {
    /// A consumer that reads rooms from this table, reaches people by these, and erases files of this bucket.
    #[must_use]
    pub fn new(store: Store, delivery: Delivery, connections: Connections, files: Arc<dyn Objects>) -> Self {
        Self {
            store,
            delivery,
            connections,
            files,
        }
    }

    /// Does a job. Twice is as good as once: a client that has a frame already knows it by its offset.
    pub async fn handle(&self, job: Job, now: Timestamp) -> Result<(), Failure> {
        match job {
            Job::Entry {
                room,
                offset,
                after,
                until,
            } => match self.entry(room, offset).await? {
                Some((access, entry)) => self.delivery.part(&access, entry, (after, &until), now).await,
                None => Ok(()),
            },
            Job::Late {
                room,
                offset,
                connections,
            } => match self.entry(room, offset).await? {
                Some((access, entry)) => self.delivery.late(&access, entry, &connections, now).await,
                None => Ok(()),
            },
            Job::Left { member } => self.connections.left(member, now).await,
            Job::Gone { member, connection } => self.connections.closed(member, &connection, true, now).await,
            Job::Sweep {} => {
                // Neither keeps the other from its work.
                let swept = self.connections.sweep(now).await;
                attachments::sweep(&self.store, &*self.files, now).await?;
                swept
            }
        }
    }

    /// An entry and its room; nothing where there is no such room any more.
    async fn entry(&self, room: RoomId, offset: u64) -> Result<Option<(RoomAccess, Entry)>, Failure> {
        let Some(room) = self.store.get::<Room>(&Room::key_of(room)).await? else {
            return Ok(None);
        };
        let access = RoomAccess::of(&self.store, room).await?;
        let entry = History::new(&self.store, &access.room).get(offset).await;
        let entry = entry.map_err(|refusal| refusal.detail)?;
        Ok(Some((access, entry.ok_or("an entry that is not there")?)))
    }
}
