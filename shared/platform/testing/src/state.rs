use inventure_table::{
    Condition, Objects as _, Table as _, Write,
    memory::{MemoryObjects, MemoryTable},
    table::{Item, Outcome},
};

use crate::World;

/// All that the tables and the buckets of a world hold.
#[derive(Debug, PartialEq)]
pub struct State {
    tables: [Vec<Item>; 2],
    buckets: [Vec<(String, Vec<u8>)>; 4],
}

fn tables(world: &World) -> [&MemoryTable; 2] {
    [&world.table, &world.sockets.connections]
}

fn buckets(world: &World) -> [&MemoryObjects; 4] {
    [&world.uploads, &world.documents, &world.artifacts, &world.seals]
}

impl World {
    /// Returns what the tables and the buckets hold.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            tables: tables(self).map(MemoryTable::items),
            buckets: buckets(self).map(|bucket| bucket.keys().into_iter().zip(bucket.contents()).collect()),
        }
    }

    /// Returns a new world that holds this. Nobody is connected to it, its processor knows nobody, and [`World::settle`] hands out
    /// all events in its outbox.
    ///
    /// # Panics
    /// When a table or a bucket does not take what another held.
    pub async fn with(state: &State) -> Self {
        let world = Self::new();
        for (table, items) in tables(&world).into_iter().zip(&state.tables) {
            for item in items {
                // As an addition: partitions that only grow take nothing else.
                let put = table.transact(vec![Write::Put(item.clone(), Condition::Absent)]).await;
                assert!(matches!(put, Ok(Outcome::Done)), "{put:?}");
            }
        }
        for (bucket, objects) in buckets(&world).into_iter().zip(&state.buckets) {
            for (key, bytes) in objects {
                let put = bucket.put(key, bytes.clone()).await;
                assert!(put.is_ok(), "{put:?}");
            }
        }
        world
    }
}
