//! A range of a partition, read page by page to its end.

use crate::{
    Store,
    records::Record,
    table::{Query, StoreError},
};

/// The pages of a range that are still to be read, each of the query's limit.
pub struct Pages {
    store: Store,
    rest: Option<Query>,
}

impl Store {
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
