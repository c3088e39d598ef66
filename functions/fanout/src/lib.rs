//! What the sockets do later: an entry for a part of a large room, word of somebody who left, connections that fell silent.

use std::sync::Arc;

use inventure_chat::{Connections, Delivery, History, Job, Seat, attachments};
use inventure_lambda::batch::Failure;
use inventure_store::{Objects, Store, records::Room};
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

    /// Does a job. Twice is as good as once: who has a frame already knows it by its offset.
    pub async fn handle(&self, job: Job, now: Timestamp) -> Result<(), Failure> {
        match job {
            Job::Entry {
                room,
                offset,
                after,
                until,
            } => {
                let Some(room) = self.store.get::<Room>(&Room::key_of(room)).await? else {
                    return Ok(());
                };
                let seat = Seat::of(&self.store, room).await?;
                let entry = History::new(&self.store, &seat.room).get(offset).await;
                let entry = entry.map_err(|refusal| refusal.detail)?;
                let entry = entry.ok_or("an entry that is not there")?;
                self.delivery.part(&seat, entry, (after, &until), now).await
            }
            Job::Left { member, rooms } => self.connections.left(member, rooms, now).await,
            Job::Sweep {} => {
                // Neither keeps the other from its work.
                let swept = self.connections.sweep(now).await;
                attachments::sweep(&self.store, &*self.files, now).await?;
                swept
            }
        }
    }
}
