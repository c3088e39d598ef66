//! A table and a bucket in memory that keep the ports' contract, with faults to order. For tests.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
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
        Condition, ITEM_BYTES_MAX, Item, KEYS_MAX, Key, Outcome, PK_BYTES_MAX, Query, SK_BYTES_MAX, StoreError,
        TRANSACTION_BYTES_MAX, Table, WRITES_MAX, Write, bytes_of, digits, write_once,
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
    /// The index, where it lags behind.
    index: Option<LaggingIndex>,
}

/// An index that shows each write some calls later.
struct LaggingIndex {
    shown: BTreeMap<Key, Item>,
    /// The writes that it does not show yet, in order, each with the last call that does not see it.
    late: VecDeque<(u64, Key, Option<Item>)>,
    lag: u64,
}

impl LaggingIndex {
    /// Shows what is due at a call.
    fn show(&mut self, call: u64) -> &BTreeMap<Key, Item> {
        while self.late.front().is_some_and(|(blind, ..)| *blind < call)
            && let Some((_, key, item)) = self.late.pop_front()
        {
            match item {
                Some(item) => self.shown.insert(key, item),
                None => self.shown.remove(&key),
            };
        }
        &self.shown
    }
}

impl Inner {
    /// Writes or removes an item; the index follows in its own time.
    fn set(&mut self, key: Key, item: Option<Item>) {
        if let Some(index) = &mut self.index {
            let blind = self.calls.saturating_add(index.lag);
            index.late.push_back((blind, key.clone(), item.clone()));
        }
        match item {
            Some(item) => self.items.insert(key, item),
            None => self.items.remove(&key),
        };
    }

    /// Lets the index lag behind from now on.
    fn lag(&mut self, lag: u64) {
        self.index = Some(LaggingIndex {
            shown: self.items.clone(),
            late: VecDeque::new(),
            lag,
        });
    }
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
        let mut inner = self.call()?;
        let inner = &mut *inner;
        let items = match &mut inner.index {
            Some(index) if query.index => index.show(inner.calls),
            _ => &inner.items,
        };
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
        if held {
            self.lock().lag(u64::MAX);
        } else {
            self.lock().index = None;
        }
    }

    /// Lets the index lag behind by so many calls. Only later ones see a write in it, as that of the real table lags for moments.
    #[must_use]
    pub fn with_lagging_index(self, calls: u64) -> Self {
        self.lock().lag(calls);
        self
    }

    /// Lets a lagging index show all that was written until now.
    pub fn settle_index(&self) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        if let Some(index) = &mut inner.index {
            index.shown.clone_from(&inner.items);
            index.late.clear();
        }
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
        // An attribute that is no number is there, and below nothing.
        Condition::Below(name, value) => item.and_then(|item| item.get(*name)).is_none_or(|found| {
            let found = found.as_n().ok().and_then(|found| found.parse::<i128>().ok());
            found.is_some_and(|found| found < i128::from(*value))
        }),
    }
}

/// The key of what is written or checked.
fn key_of(write: &Write) -> Option<Key> {
    match write {
        Write::Put(item, _) => Key::of(item),
        Write::Delete(key, _) | Write::Check(key, _) => Some(key.clone()),
    }
}

/// The answer to what the real table takes for a mistake in the request.
fn invalid(why: &'static str) -> StoreError {
    StoreError::Unavailable(why.into())
}

/// Refuses a text that cannot be part of a key.
fn check_part(text: Option<&str>, bytes_max: usize) -> Result<(), StoreError> {
    let fits = text.is_some_and(|text| (1..=bytes_max).contains(&text.len()));
    fits.then_some(())
        .ok_or_else(|| invalid("a key that is empty, too long or no text"))
}

fn check_key(key: &Key) -> Result<(), StoreError> {
    check_part(Some(&key.pk), PK_BYTES_MAX)?;
    check_part(Some(&key.sk), SK_BYTES_MAX)
}

/// Whether the real table can store this: a number has 38 digits and a bounded size, and is no infinity.
fn is_storable(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::N(text) => {
            let fits = |number: f64| number == 0.0 || (1e-130..1e126).contains(&number.abs());
            digits(text) <= 38 && text.parse::<f64>().is_ok_and(fits)
        }
        AttributeValue::L(list) => list.iter().all(is_storable),
        AttributeValue::M(map) => map.values().all(is_storable),
        _ => true,
    }
}

fn check_item(item: &Item) -> Result<(), StoreError> {
    check_part(text(item, "pk"), PK_BYTES_MAX)?;
    check_part(text(item, "sk"), SK_BYTES_MAX)?;
    for (name, bytes_max) in [("gsi1pk", PK_BYTES_MAX), ("gsi1sk", SK_BYTES_MAX)] {
        if item.contains_key(name) {
            check_part(text(item, name), bytes_max)?;
        }
    }
    if !item.values().all(is_storable) {
        return Err(invalid("a number that the table does not take"));
    }
    if bytes_of(item) > ITEM_BYTES_MAX {
        return Err(invalid("an item of more than 400 KB"));
    }
    Ok(())
}

/// The bounds of the real table: items in all, each once, and none too large, nor all together.
fn check_bounds(writes: &[Write]) -> Result<(), StoreError> {
    let keys: BTreeSet<Key> = writes.iter().filter_map(key_of).collect();
    let mut bytes = 0;
    for write in writes {
        match write {
            Write::Put(item, _) => {
                check_item(item)?;
                bytes += bytes_of(item);
            }
            // As the adapter fails, which has no condition to send.
            Write::Check(_, Condition::None) => return Err(StoreError::Corrupt("a check of nothing".into())),
            Write::Delete(key, _) | Write::Check(key, _) => check_key(key)?,
        }
    }
    if writes.len() > WRITES_MAX {
        return Err(invalid("more than 100 items in one transaction"));
    }
    if keys.len() < writes.len() {
        return Err(invalid("an item twice in one transaction"));
    }
    if bytes > TRANSACTION_BYTES_MAX {
        return Err(invalid("a transaction of more than 4 MB"));
    }
    Ok(())
}

#[async_trait]
impl Table for MemoryTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        check_key(key)?;
        // Others go on meanwhile, as they do with a real table: two who read before they write meet.
        let found = self.call()?.items.get(key).cloned();
        self.others().await;
        Ok(found)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        // As the real one refuses it, which is not asked for nothing.
        if keys.len() > KEYS_MAX || keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
            return Err(invalid("a key twice, or more than 100 of them"));
        }
        keys.iter().try_for_each(check_key)?;
        if keys.is_empty() {
            return Ok(Vec::new());
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
        check_part(Some(&query.pk), PK_BYTES_MAX)?;
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
        // The real one is not asked for nothing.
        if writes.is_empty() {
            return Ok(Outcome::Done);
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
                        inner.set(key, Some(item));
                    }
                }
                Write::Delete(key, _) => inner.set(key, None),
                Write::Check(..) => {}
            }
        }
        if let Some(watch) = &inner.watch {
            watch(&inner.items);
        }
        Ok(Outcome::Done)
    }

    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        check_key(key)?;
        let mut all = BTreeSet::from(["pk", "sk", "expires_at"]);
        if names.is_empty() || !names.iter().all(|name| all.insert(name)) {
            return Err(invalid("nothing to count, or one thing twice"));
        }
        let mut inner = self.call()?;
        let mut item = inner.items.get(key).cloned().unwrap_or_default();
        let count = |name: &&str| match item.get(*name) {
            Some(_) => Some(number(&item, name)? + 1),
            None => Some(1),
        };
        let counts: Option<Vec<u64>> = names.iter().map(count).collect();
        let counts = counts.ok_or_else(|| invalid("a count of what is no number"))?;
        item.insert("pk".to_owned(), AttributeValue::S(key.pk.clone()));
        item.insert("sk".to_owned(), AttributeValue::S(key.sk.clone()));
        item.insert("expires_at".to_owned(), AttributeValue::N(expires_at.to_string()));
        for (name, count) in names.iter().zip(&counts) {
            item.insert((*name).to_owned(), AttributeValue::N(count.to_string()));
        }
        inner.set(key.clone(), Some(item));
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
