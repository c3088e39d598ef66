//! A range of a partition, read page by page to its end.

use inventure_core::{Cursor, Page, page::InvalidCursor};

use crate::{
    Record, Store,
    table::{Query, StoreError},
};

/// Bytes of JSON after which a page is full, however few records it has. An answer of a Lambda has 6 MB, in which it is a string: in
/// the worst text every character is escaped once more.
pub const MAX_PAGE_BYTES: usize = 1 << 20;

/// The number of bytes that a record takes up in an answer.
pub fn size(record: &impl serde::Serialize) -> Result<usize, StoreError> {
    let json = serde_json::to_vec(record).map_err(|error| StoreError::Corrupt(error.into()))?;
    Ok(json.len())
}

/// Bound on the records one page request reads.
pub const MAX_SCANNED: usize = 1_000;

/// The reasons for which there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The cursor was not made by this service.
    #[error("the cursor is none of ours")]
    BadCursor,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The pages of a range that are still to be read, each of the query's limit.
pub struct Pages {
    store: Store,
    rest: Option<Query>,
}

impl Store {
    /// Reads a page of the records that `keep` lets through. Reads at most [`MAX_SCANNED`] records to fill it, and hands out a
    /// cursor where it stopped, so one odd filter cannot read a whole partition in one request.
    ///
    /// # Errors
    /// [`PageError::BadCursor`], and whatever the table fails with.
    pub async fn page<R: Record>(
        &self,
        query: Query,
        cursor: Option<&str>,
        limit: usize,
        keep: impl Fn(&R) -> bool,
    ) -> Result<Page<R>, PageError> {
        let cursor = cursor.map(Cursor::decode).transpose();
        let cursor = cursor.map_err(|InvalidCursor| PageError::BadCursor)?;
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

    /// The records of a range, a page of the query's limit at a time.
    #[must_use]
    pub fn pages(&self, query: Query) -> Pages {
        Pages {
            store: self.clone(),
            rest: Some(query),
        }
    }
}

impl Pages {
    /// Reads the next page. Nothing after the last, which may be empty.
    ///
    /// # Errors
    /// As [`Store::query`]; the same page is read by the next call then.
    pub async fn next<R: Record>(&mut self) -> Result<Option<Vec<R>>, StoreError> {
        let Some(query) = &mut self.rest else {
            return Ok(None);
        };
        let page: Vec<R> = self.store.query(query).await?;
        let last = page.last().filter(|_| page.len() == query.limit);
        query.after = last.and_then(|last| sort_key(query, last));
        if query.after.is_none() {
            self.rest = None;
        }
        Ok(Some(page))
    }

    /// Whether there may be another page.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.rest.is_some()
    }

    /// Reads all that is left.
    ///
    /// # Errors
    /// As [`Store::query`].
    pub async fn rest<R: Record>(mut self) -> Result<Vec<R>, StoreError> {
        let mut all = Vec::new();
        while let Some(page) = self.next::<R>().await? {
            all.extend(page);
        }
        Ok(all)
    }
}

/// The key that a query's records are in the order of.
pub(crate) fn sort_key<R: Record>(query: &Query, record: &R) -> Option<String> {
    if query.index {
        record.index().map(|(_, sort)| sort)
    } else {
        Some(record.key().sk)
    }
}
