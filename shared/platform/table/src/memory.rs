//! A table and a bucket in memory that keep the ports' contract, with faults to order. For tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::{
    objects::Objects,
    table::{
        Condition, ITEM_BYTES_MAX, Item, Key, Outcome, Query, StoreError, Table, WRITES_MAX, Write, bytes_of,
        write_once,
    },
};

#[derive(Default)]
struct Inner {
    items: BTreeMap<Key, Item>,
    faults: u32,
    /// The call that fails, counted down.
    nth: Option<u32>,
    writes: u64,
    calls: u64,
    /// The state of the numbers that say how long a call waits; none where each waits equally long.
    dice: Option<u64>,
    watch: Option<Watch>,
    /// The prefix of the partitions that only grow.
    growing: Option<&'static str>,
    /// The state that the index shows, where it lags behind.
    index: Option<BTreeMap<Key, Item>>,
}

/// A function that looks at all items after every transaction.
type Watch = Box<dyn Fn(&BTreeMap<Key, Item>) + Send>;

/// The most turns that others get before and after a call of an interleaved table.
const TURNS_MAX: u64 = 6;

/// A table in memory.
#[derive(Default)]
pub struct MemoryTable(Mutex<Inner>);

impl MemoryTable {
    fn found(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        let (pk, sk) = if query.index {
            ("gsi1pk", "gsi1sk")
        } else {
            ("pk", "sk")
        };
        let inner = self.call()?;
        let items = inner.index.as_ref().filter(|_| query.index).unwrap_or(&inner.items);
        let mut rows: Vec<(&str, &Item)> = items
            .values()
            .filter(|item| text(item, pk) == Some(&query.pk))
            .filter_map(|item| Some((text(item, sk)?, item)))
            .filter(|(sort, _)| sort.starts_with(&query.prefix))
            .collect();
        rows.sort_by_key(|(sort, _)| *sort);
        if query.descending {
            rows.reverse();
        }
        let after = |sort: &str| {
            query
                .after
                .as_deref()
                .is_none_or(|after| if query.descending { sort < after } else { sort > after })
        };
        Ok(rows
            .into_iter()
            .filter(|(sort, _)| after(sort))
            .take(query.limit)
            .map(|(_, item)| item.clone())
            .collect())
    }

    /// Only ever adds to the partitions with this prefix, as the table does that keeps them.
    #[must_use]
    pub fn with_growing(self, prefix: &'static str) -> Self {
        self.lock().growing = Some(prefix);
        self
    }

    /// Makes the next `count` calls fail as if the table did not answer.
    pub fn fail_next(&self, count: u32) {
        self.lock().faults = count;
    }

    /// Makes one call fail, the `nth` from now on, counted from 0; none for `u32::MAX`.
    pub fn fail_nth(&self, nth: u32) {
        self.lock().nth = (nth != u32::MAX).then_some(nth);
    }

    /// Whether the call of [`MemoryTable::fail_nth`] is still to come.
    #[must_use]
    pub fn fault_is_due(&self) -> bool {
        self.lock().nth.is_some()
    }

    /// Returns all items of the table.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        self.lock().items.values().cloned().collect()
    }

    /// Lets others go on for a number of turns around every call. The numbers follow from the seed, and so does the order in
    /// which calls come.
    pub fn interleave(&self, seed: u64) {
        self.lock().dice = Some(seed);
    }

    /// Lets the index lag behind: it shows what is there now, until it is let go on.
    pub fn hold_index(&self, held: bool) {
        let mut inner = self.lock();
        inner.index = held.then(|| inner.items.clone());
    }

    /// Shows all items to `look` after every transaction from now on.
    pub fn watch(&self, look: impl Fn(&BTreeMap<Key, Item>) + Send + 'static) {
        self.lock().watch = Some(Box::new(look));
    }

    /// Lets others go on: one turn, or as many as the dice say (splitmix64).
    async fn others(&self) {
        let turns = self.lock().dice.as_mut().map_or(1, |dice| {
            *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (*dice ^ (*dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % TURNS_MAX
        });
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    /// The number of transactions that the table has done.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// The number of calls that the table has taken, those that failed among them.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.lock().calls
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let mut inner = self.lock();
        inner.calls += 1;
        let due = inner.nth == Some(0);
        inner.nth = inner.nth.and_then(|nth| nth.checked_sub(1));
        if due || inner.faults > 0 {
            inner.faults = inner.faults.saturating_sub(1);
            return Err(StoreError::Unavailable("a fault that the test ordered".into()));
        }
        Ok(inner)
    }
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn holds(item: Option<&Item>, condition: &Condition) -> bool {
    match condition {
        Condition::None => true,
        Condition::Absent => item.is_none(),
        Condition::Version(version) => item.and_then(|item| number(item, "version")) == Some(*version),
        Condition::Below(name, value) => item
            .and_then(|item| number(item, name))
            .is_none_or(|found| found < *value),
    }
}

/// The key of what is written or checked.
fn key_of(write: &Write) -> Option<Key> {
    match write {
        Write::Put(item, _) => Key::of(item),
        Write::Delete(key, _) | Write::Check(key, _) => Some(key.clone()),
    }
}

/// The bounds of the real table: items in all, each once, and none too large.
fn check_bounds(writes: &[Write]) -> Result<(), StoreError> {
    let keys: BTreeSet<Key> = writes.iter().filter_map(key_of).collect();
    let too_large = |write: &Write| matches!(write, Write::Put(item, _) if bytes_of(item) > ITEM_BYTES_MAX);
    if writes.len() > WRITES_MAX {
        return Err(StoreError::Unavailable("more than 100 items in one transaction".into()));
    }
    if keys.len() < writes.len() {
        return Err(StoreError::Unavailable("an item twice in one transaction".into()));
    }
    if writes.iter().any(too_large) {
        return Err(StoreError::Unavailable("an item of more than 400 KB".into()));
    }
    Ok(())
}

#[async_trait]
impl Table for MemoryTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        // Others go on meanwhile, as they do with a real table: two who read before they write meet.
        let found = self.call()?.items.get(key).cloned();
        self.others().await;
        Ok(found)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        // As the real one refuses it.
        if keys.len() > 100 || keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
            return Err(StoreError::Unavailable("a key twice, or more than 100 of them".into()));
        }
        drop(self.call()?);
        let mut found = Vec::new();
        for key in keys {
            // Not read at one moment: a batch is no snapshot.
            found.extend(self.lock().items.get(key).cloned());
            if self.lock().dice.is_some() {
                self.others().await;
            }
        }
        Ok(found)
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        let found = self.found(query)?;
        self.others().await;
        Ok(found)
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, StoreError> {
        if self.lock().dice.is_some() {
            self.others().await;
        }
        let growing = self.lock().growing;
        let grows = |write: &Write| growing.is_some_and(|prefix| write.partition().starts_with(prefix));
        if writes.iter().any(|write| grows(write) && !write.adds()) {
            return Err(write_once());
        }
        check_bounds(&writes)?;
        let mut inner = self.call()?;
        let refused: Vec<usize> = writes
            .iter()
            .enumerate()
            .filter(|(_, write)| match write {
                Write::Put(item, condition) => {
                    !Key::of(item).is_some_and(|key| holds(inner.items.get(&key), condition))
                }
                Write::Delete(key, condition) | Write::Check(key, condition) => !holds(inner.items.get(key), condition),
            })
            .map(|(position, _)| position)
            .collect();
        if !refused.is_empty() {
            return Ok(Outcome::Refused(refused));
        }
        inner.writes += 1;
        for write in writes {
            match write {
                Write::Put(item, _) => {
                    if let Some(key) = Key::of(&item) {
                        inner.items.insert(key, item);
                    }
                }
                Write::Delete(key, _) => {
                    inner.items.remove(&key);
                }
                Write::Check(..) => {}
            }
        }
        if let Some(watch) = &inner.watch {
            watch(&inner.items);
        }
        Ok(Outcome::Done)
    }

    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        let mut inner = self.call()?;
        let item = inner.items.entry(key.clone()).or_default();
        item.insert("pk".to_owned(), AttributeValue::S(key.pk.clone()));
        item.insert("sk".to_owned(), AttributeValue::S(key.sk.clone()));
        item.insert("expires_at".to_owned(), AttributeValue::N(expires_at.to_string()));
        let mut counts = Vec::new();
        for name in names {
            let count = number(item, name).unwrap_or(0) + 1;
            item.insert((*name).to_owned(), AttributeValue::N(count.to_string()));
            counts.push(count);
        }
        Ok(counts)
    }
}

/// A bucket in memory.
#[derive(Default)]
pub struct MemoryObjects {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    faults: Mutex<u32>,
    calls: AtomicU64,
}

impl MemoryObjects {
    /// Makes the next `count` calls fail as if the bucket did not answer.
    pub fn fail_next(&self, count: u32) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = count;
    }

    /// The keys in it.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.objects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .cloned()
            .collect()
    }

    /// The bytes of every object in it.
    #[must_use]
    pub fn contents(&self) -> Vec<Vec<u8>> {
        self.objects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }

    /// The number of calls that the bucket has taken, those that failed among them.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    fn call(&self) -> Result<MutexGuard<'_, BTreeMap<String, Vec<u8>>>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if *faults > 0 {
            *faults -= 1;
            return Err(StoreError::Unavailable("a fault that the test ordered".into()));
        }
        Ok(self.objects.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Objects for MemoryObjects {
    async fn get(&self, key: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.call()?.get(key) {
            Some(bytes) if bytes.len() as u64 > max_bytes => Err(StoreError::TooLarge),
            bytes => Ok(bytes.cloned()),
        }
    }

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.call()?.insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn add(&self, key: &str, bytes: Vec<u8>) -> Result<bool, StoreError> {
        let mut objects = self.call()?;
        let free = !objects.contains_key(key);
        objects.entry(key.to_owned()).or_insert(bytes);
        Ok(free)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.call()?.remove(key);
        Ok(())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let objects = self.call()?;
        Ok(objects.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }

    async fn erase(&self, key: &str) -> Result<(), StoreError> {
        self.delete(key).await
    }
}
