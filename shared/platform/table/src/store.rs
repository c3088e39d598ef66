//! A table as the functions use it: typed records on top of the port.

use std::sync::Arc;

use crate::{
    Change, Commit, Key, Record, StoreError, Table,
    table::{Item, Outcome, Query, from_item},
};

/// A table as the functions use it: typed records on top of the [`Table`] port.
#[derive(Clone)]
pub struct Store {
    table: Arc<dyn Table>,
    function: &'static str,
}

/// Items that were read together, by key.
#[derive(Debug, Default)]
pub struct Found(Vec<Item>);

impl Found {
    /// Takes out the record of a key. `None` where it is not there, or was taken before.
    ///
    /// # Errors
    /// Fails where the item is no such record.
    pub fn take<R: Record>(&mut self, key: &Key) -> Result<Option<R>, StoreError> {
        let at = self.0.iter().position(|item| Key::of(item).as_ref() == Some(key));
        at.map(|at| from_item(self.0.swap_remove(at))).transpose()
    }
}

impl Store {
    /// A store on any table, for the function of this name. Its role writes events and kept answers under that name alone.
    #[must_use]
    pub fn new(table: Arc<dyn Table>, function: &'static str) -> Self {
        Self { table, function }
    }

    /// The function that this store is for.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        self.function
    }

    /// Reads a record, as of the last write that was acknowledged (strongly consistent).
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<R>, StoreError> {
        key.check()?;
        self.table.get(key).await?.map(from_item).transpose()
    }

    /// Reads up to 100 records by key; absent ones are left out.
    pub async fn get_many<R: Record>(&self, keys: &[Key]) -> Result<Vec<R>, StoreError> {
        keys.iter().try_for_each(Key::check)?;
        let items = self.table.get_many(keys).await?;
        items.into_iter().map(from_item).collect()
    }

    /// Reads records by key, however many, a hundred at a time; what is not there is left out.
    pub async fn get_all<R: Record>(&self, keys: &[Key]) -> Result<Vec<R>, StoreError> {
        let mut all = Vec::new();
        for part in keys.chunks(100) {
            all.extend(self.get_many(part).await?);
        }
        Ok(all)
    }

    /// Reads two records of different kinds in one call.
    pub async fn get_both<A: Record, B: Record>(&self, a: &Key, b: &Key) -> Result<(Option<A>, Option<B>), StoreError> {
        let mut found = self.read(&[a.clone(), b.clone()]).await?;
        Ok((found.take(a)?, found.take(b)?))
    }

    /// Reads items of any kinds in one call, for the caller to take each as the record that it is. At most 100 keys, each once.
    pub async fn read(&self, keys: &[Key]) -> Result<Found, StoreError> {
        keys.iter().try_for_each(Key::check)?;
        Ok(Found(match keys {
            [] => Vec::new(),
            [key] => self.table.get(key).await?.into_iter().collect(),
            keys => self.table.get_many(keys).await?,
        }))
    }

    /// Reads the records of one partition in the order of their sort keys, up to the query's limit.
    pub async fn query<R: Record>(&self, query: &Query) -> Result<Vec<R>, StoreError> {
        query.check()?;
        let items = self.table.query(query).await?;
        items.into_iter().map(from_item).collect()
    }

    /// Reads all records of a range, however many, a page of the query's limit at a time. For what decides: a part would decide wrongly.
    pub async fn query_all<R: Record>(&self, query: &Query) -> Result<Vec<R>, StoreError> {
        self.pages(query.clone()).rest().await
    }

    /// Adds one to counters of an item that is nothing else, and says what they are now.
    pub async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        self.table.count(key, names, expires_at).await
    }

    /// Does everything in `change`, or nothing.
    pub async fn commit(&self, change: Change) -> Result<Commit, StoreError> {
        change.commit(&*self.table, self.function).await
    }

    /// Does everything in `change`, or nothing. Returns the positions of the writes that did not hold.
    pub async fn transact(&self, change: Change) -> Result<Outcome, StoreError> {
        change.transact(&*self.table, self.function).await
    }
}
