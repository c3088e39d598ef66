//! The index of the table in memory, where it lags behind as DynamoDB's does.

use aws_sdk_dynamodb::types::AttributeValue;
use inventure_table::{
    Condition, Key, Table, Write,
    memory::MemoryTable,
    table::{Item, Outcome, Query},
};

fn item(sort: &str, shown: bool) -> Item {
    let keys = [("pk", "P"), ("sk", sort), ("gsi1pk", "I"), ("gsi1sk", sort)];
    keys.into_iter()
        .filter(|(name, _)| shown || !name.starts_with("gsi1"))
        .map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())))
        .collect()
}

async fn put(table: &MemoryTable, item: Item) {
    let put = table.transact(vec![Write::Put(item, Condition::None)]).await;
    assert_eq!(put.unwrap(), Outcome::Done);
}

/// The number of items that the index shows, and of those in the table.
async fn seen(table: &MemoryTable) -> (usize, usize) {
    let indexed = table.query(&Query::index("I")).await.unwrap();
    (indexed.len(), table.items().len())
}

#[tokio::test]
async fn an_index_shows_a_write_at_once() {
    let table = MemoryTable::default();
    put(&table, item("a", true)).await;
    assert_eq!(seen(&table).await, (1, 1));
}

#[tokio::test]
async fn a_lagging_index_shows_each_write_some_calls_later() {
    let table = MemoryTable::default().with_lagging_index(2);
    put(&table, item("a", true)).await;
    put(&table, item("b", true)).await;
    // The second call after the first write, which does not see it, and the first after the second.
    assert_eq!(seen(&table).await, (0, 2));
    assert_eq!(seen(&table).await, (1, 2));
    assert_eq!(seen(&table).await, (2, 2));
    // The table itself never lags.
    put(&table, item("a", false)).await;
    let gone = vec![Write::Delete(Key::new("P", "b"), Condition::None)];
    assert_eq!(table.transact(gone).await.unwrap(), Outcome::Done);
    assert_eq!(table.get(&Key::new("P", "b")).await.unwrap(), None);
    assert_eq!(table.query(&Query::table("P", "")).await.unwrap().len(), 1);
    assert_eq!(seen(&table).await.0, 0);
}

#[tokio::test]
async fn a_settled_index_shows_all_that_was_written_and_lags_again() {
    let table = MemoryTable::default().with_lagging_index(9);
    put(&table, item("a", true)).await;
    assert_eq!(seen(&table).await, (0, 1));
    table.settle_index();
    put(&table, item("b", true)).await;
    assert_eq!(seen(&table).await, (1, 2));
}

#[tokio::test]
async fn a_held_index_shows_no_write_until_it_is_settled_or_let_go_on() {
    let table = MemoryTable::default();
    table.hold_index(true);
    put(&table, item("a", true)).await;
    assert_eq!(seen(&table).await, (0, 1));
    table.settle_index();
    put(&table, item("b", true)).await;
    assert_eq!(seen(&table).await, (1, 2));
    table.hold_index(false);
    assert_eq!(seen(&table).await, (2, 2));
}
