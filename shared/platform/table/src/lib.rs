//! The main table, the buckets, the outbox and idempotency.
//!
//! **Architecture Invariant:** this is the only room that speaks DynamoDB and S3. Everything above it sees two ports,
//! [`Table`] and [`Objects`], with an AWS adapter and an in-memory one that keeps the same contract, so that every function
//! is tested without the world, and the world is tested end to end.

pub mod access;
pub mod aws;
pub mod change;
pub mod files;
pub mod form;
pub mod ledger;
mod limit;
pub mod link;
pub mod memory;
pub mod objects;
pub mod pages;
mod pause;
pub mod records;
pub mod secrets;
pub mod table;

pub use change::{Change, Commit};
pub use files::Files;
pub use form::{FormSigner, UploadForm};
pub use ledger::{Balances, Booked, Decided, Ledger, LedgerError};
pub use limit::Limit;
pub use link::{DownloadLink, LinkSigner};
pub use objects::Objects;
pub use pages::Pages;
pub use pause::pause;
pub use secrets::Secrets;
pub use table::{Condition, Key, StoreError, Table, Write};

use std::sync::Arc;

use inventure_core::{Cursor, Page, page::InvalidCursor};
use inventure_api::{
    Problem, clock,
    http::Answer,
    idempotency::{Idempotency, Remembered},
    problem::Kind,
};

use crate::{pages::sort_key, records::Record, table::Query};

/// The main table as the functions use it: typed records on top of the [`Table`] port.
#[derive(Clone)]
pub struct Store {
    table: Arc<dyn Table>,
}

impl Store {
    /// A store on any table.
    #[must_use]
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Reads a record, as of the last write that was acknowledged (strongly consistent).
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<R>, StoreError> {
        key.check()?;
        self.table
            .get(key)
            .await?
            .map(|item| table::from_item(item))
            .transpose()
    }

    /// Reads up to 100 records by key; what is not there is left out.
    pub async fn get_many<R: Record>(&self, keys: &[Key]) -> Result<Vec<R>, StoreError> {
        keys.iter().try_for_each(Key::check)?;
        let items = self.table.get_many(keys).await?;
        items.into_iter().map(table::from_item).collect()
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
        [a, b].into_iter().try_for_each(Key::check)?;
        let mut items = self.table.get_many(&[a.clone(), b.clone()]).await?;
        let mut take = |key: &Key| {
            let at = items.iter().position(|item| Key::of(item).as_ref() == Some(key))?;
            Some(items.swap_remove(at))
        };
        let (a, b) = (take(a), take(b));
        Ok((
            a.map(table::from_item).transpose()?,
            b.map(table::from_item).transpose()?,
        ))
    }

    /// Reads the records of one partition in the order of their sort keys, up to the query's limit.
    pub async fn query<R: Record>(&self, query: &Query) -> Result<Vec<R>, StoreError> {
        query.check()?;
        let items = self.table.query(query).await?;
        items.into_iter().map(table::from_item).collect()
    }

    /// Reads all records of a range, however many, a page of the query's limit at a time. For what decides: a part would decide wrongly.
    pub async fn query_all<R: Record>(&self, query: &Query) -> Result<Vec<R>, StoreError> {
        self.pages(query.clone()).rest().await
    }

    /// A page of the records that `keep` lets through. Reads at most [`MAX_SCANNED`] records to fill it, and hands out a
    /// cursor where it stopped, so one odd filter cannot read a whole partition in one request.
    pub async fn page<R: Record>(
        &self,
        query: Query,
        cursor: Option<&str>,
        limit: usize,
        keep: impl Fn(&R) -> bool,
    ) -> Result<Page<R>, Problem> {
        let cursor = cursor.map(Cursor::decode).transpose();
        let cursor = cursor.map_err(|InvalidCursor| bad_cursor())?;
        let mut query = Query {
            after: cursor.map(|Cursor(key)| key),
            limit: 100,
            ..query
        };
        let (mut items, mut scanned, mut bytes) = (Vec::new(), 0, 0);
        loop {
            let rows: Vec<R> = self.query(&query).await?;
            let exhausted = rows.len() < query.limit;
            let last = rows.len();
            for (n, record) in (1..).zip(rows) {
                scanned += 1;
                query.after = sort_key(&query, &record);
                if keep(&record) {
                    bytes += size(&record)?;
                    items.push(record);
                }
                let full = items.len() == limit || scanned == MAX_SCANNED || bytes >= MAX_PAGE_BYTES;
                if full && !(exhausted && n == last) {
                    return Ok(Page {
                        items,
                        next_cursor: query.after.map(|key| Cursor(key).encode()),
                    });
                }
            }
            if exhausted {
                return Ok(Page {
                    items,
                    next_cursor: None,
                });
            }
        }
    }

    /// Adds one to counters of an item that is nothing else, and says what they are now.
    pub async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        self.table.count(key, names, expires_at).await
    }

    /// Does everything in `change`, or nothing.
    pub async fn commit(&self, change: Change) -> Result<Commit, StoreError> {
        change.commit(&*self.table).await
    }

    /// Does everything in `change`, or nothing; the positions of what did not hold.
    pub(crate) async fn transact(&self, change: Change) -> Result<table::Outcome, StoreError> {
        change.transact(&*self.table).await
    }

    /// The answer this key already got, if it did.
    pub async fn remembered(&self, owner: &str, idempotency: Option<&Idempotency>) -> Result<Option<Answer>, Problem> {
        let Some(idempotency) = idempotency else {
            return Ok(None);
        };
        let Some(item) = self
            .table
            .get(&change::idempotency_key(owner, &idempotency.key))
            .await?
        else {
            return Ok(None);
        };
        let remembered: Remembered = table::from_item(item)?;
        let (status, body) = remembered.replay(idempotency)?;
        Ok(Some(Answer { status, body }))
    }

    /// Keeps an answer for repeats, where what was asked for is done once by itself and takes no transaction with its answer.
    pub async fn keep(
        &self,
        owner: &str,
        idempotency: Option<&Idempotency>,
        answer: &Answer,
    ) -> Result<(), StoreError> {
        if idempotency.is_some() {
            self.commit(Change::new().remember(owner, idempotency, answer, clock::now()))
                .await?;
        }
        Ok(())
    }

    /// The answer that this key got meanwhile, by a parallel request that was quicker, or else the problem that its being quicker
    /// made for this one.
    pub async fn remembered_or(
        &self,
        owner: &str,
        idempotency: Option<&Idempotency>,
        problem: Problem,
    ) -> Result<Answer, Problem> {
        self.remembered(owner, idempotency).await?.ok_or(problem)
    }

    /// Does the change and answers, or answers as the first time if a parallel request with the same key was quicker, or says
    /// `conflict` if a record was not as expected.
    pub async fn finish(
        &self,
        change: Change,
        owner: &str,
        idempotency: Option<&Idempotency>,
        answer: Answer,
        conflict: Problem,
    ) -> Result<Answer, Problem> {
        let change = change.remember(owner, idempotency, &answer, clock::now());
        match (self.commit(change).await?, idempotency) {
            (Commit::Done, _) => Ok(answer),
            (Commit::Replayed(remembered), Some(idempotency)) => {
                let (status, body) = remembered.replay(idempotency)?;
                Ok(Answer { status, body })
            }
            _ => Err(conflict),
        }
    }
}

/// What a cursor gets that is none of ours.
#[must_use]
pub fn bad_cursor() -> Problem {
    Problem::new(
        Kind::BadCursor,
        "Send the `next_cursor` of the page before, unchanged, or none for the first page.",
    )
}

/// What a write says whose record has moved on.
#[must_use]
pub fn stale() -> Problem {
    Problem::new(
        Kind::StaleVersion,
        "Read the record again and send your change with its current `version`.",
    )
}

/// Bytes of JSON after which a page is full, however few records it has. An answer of a Lambda has 6 MB, in which it is a string: in
/// the worst text every character is escaped once more.
pub const MAX_PAGE_BYTES: usize = 1 << 20;

/// What a record takes up in an answer.
pub fn size(record: &impl serde::Serialize) -> Result<usize, StoreError> {
    let json = serde_json::to_vec(record).map_err(|error| StoreError::Corrupt(error.into()))?;
    Ok(json.len())
}

/// Bound on the records one page request reads.
pub const MAX_SCANNED: usize = 1_000;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::Corrupt(_) | StoreError::TooLarge => Self::internal(error),
            StoreError::KeyTooLong => Self::field("", "an id is too long to be one"),
        }
    }
}
