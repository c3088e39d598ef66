//! Tests many writers who book to one account at the same moment.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use futures_util::future::join_all;
use inventure_books::Ledger;
use inventure_core::{Currency, TenantId};
use inventure_ledger::{Account, Head, Kind, TransactionKind};
use inventure_table::{
    Change, Key, Store, StoreError, Table, Write,
    aws::DynamoTable,
    table::{Item, Outcome, Query},
};
use inventure_tests::Stack;
use uuid::Uuid;

use crate::money::deaths::{amount, table, transaction};

const WRITERS: usize = 64;

/// The most tries that a writer may make, as the ledger allows itself. On a quiet machine the last needs 15 or 16.
const TRIES_MAX: u32 = 24;

/// A table that counts the transactions that are tried.
struct Counting {
    table: DynamoTable,
    tried: Arc<AtomicU32>,
}

#[async_trait]
impl Table for Counting {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.table.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.table.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        self.table.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, StoreError> {
        self.tried.fetch_add(1, Ordering::Relaxed);
        self.table.transact(writes).await
    }

    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        self.table.count(key, names, expires_at).await
    }
}

#[tokio::test]
async fn sixty_four_writers_to_one_account_lose_nothing_and_try_a_bounded_number_of_times() {
    let stack = Stack::running();
    let table = table(&stack);
    // A broker's own account; on the other side each has a client of its own, so that they meet in one account only.
    let account = Account::broker(TenantId::new(), Kind::Reserved, Currency::USD).unwrap();
    let run = Uuid::new_v4().simple();
    let writers = (0..WRITERS).map(|n| {
        let tried = Arc::new(AtomicU32::new(0));
        let counting = Counting {
            table: table.clone(),
            tried: Arc::clone(&tried),
        };
        let ledger = Ledger::new(Store::new(Arc::new(counting), "settlement"));
        let (units, id) = (1 + n as i64, format!("contention:{run}:{n}"));
        let owed = Account::receivable(id.parse().unwrap(), Currency::USD);
        let postings = vec![amount(owed, units), amount(account.clone(), -units)];
        let reserve = transaction(&id, TransactionKind::Reserve, postings);
        async move {
            let booked = ledger.book(&reserve, |_| Change::new()).await;
            (reserve.id, booked, tried.load(Ordering::Relaxed))
        }
    });
    let all = join_all(writers).await;
    let mut tried: Vec<u32> = all.iter().map(|(.., tried)| *tried).collect();
    tried.sort_unstable();
    let (median, most) = (tried[WRITERS / 2], tried[WRITERS - 1]);
    println!(
        "{WRITERS} writers: {median} tries in the middle, {most} at most, {} in all",
        tried.iter().sum::<u32>()
    );

    let ledger = Ledger::new(Store::new(Arc::new(table), "settlement"));
    let entries = ledger.entries(&account, 0, 1_000).await.unwrap();
    let mut head = Head::genesis(account.clone());
    for entry in &entries {
        head = entry.check_after(&head).unwrap();
    }
    assert_eq!(ledger.head(&account).await.unwrap(), Some(head.clone()));
    for (id, booked, _) in &all {
        let receipt = booked.as_ref().unwrap_or_else(|error| panic!("{id}: {error}"));
        let of_id: Vec<_> = entries.iter().filter(|entry| entry.transaction_id == *id).collect();
        assert_eq!(
            of_id,
            [&receipt.entries[1]],
            "{id} is booked once, as its writer was told"
        );
    }
    assert_eq!(entries.len(), WRITERS);
    assert_eq!(head.balance_minor_units, (1..=WRITERS as i64).sum::<i64>());
    assert!(most <= TRIES_MAX, "{tried:?}");
}
