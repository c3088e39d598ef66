use std::{collections::BTreeSet, sync::Arc};

use futures_util::future::join_all;
use inventure_core::Currency;
use inventure_ledger::{Book, Kind, Owner, Posting, SHARDS, Shard, TransactionKind};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use inventure_table::{Commit, memory::MemoryTable};

const CASH: &str = "network/00/cash/USD";
const REVENUE: &str = "network/00/revenue/USD";
const RESERVED: &str = "broker/ten_0198c7a2e0b07a31b2d4c6e8fa0c1e22/reserved/USD";
const AVAILABLE: &str = "broker/ten_0198c7a2e0b07a31b2d4c6e8fa0c1e22/available/USD";

fn transaction(id: &str, kind: TransactionKind, postings: &[(&str, i64)]) -> Transaction {
    Transaction {
        id: id.parse().unwrap(),
        kind,
        occurred_at: Timestamp::UNIX_EPOCH,
        deal: None,
        reason: None,
        corrects: None,
        resolves: None,
        postings: postings
            .iter()
            .map(|(account, minor_units)| Posting {
                account: account.parse().unwrap(),
                minor_units: *minor_units,
            })
            .collect(),
    }
}

fn payment(n: usize, units: i64) -> Transaction {
    transaction(
        &format!("payment:{n}"),
        TransactionKind::PaymentReceived,
        &[(CASH, units), (REVENUE, -units)],
    )
}

fn reserve(n: usize, units: i64) -> Transaction {
    transaction(
        &format!("reserve:{n}"),
        TransactionKind::Reserve,
        &[(REVENUE, units), (RESERVED, -units)],
    )
}

fn post(n: usize, units: i64) -> Transaction {
    Transaction {
        resolves: format!("reserve:{n}").parse().ok(),
        ..transaction(
            &format!("post:{n}"),
            TransactionKind::Post,
            &[(RESERVED, units), (AVAILABLE, -units)],
        )
    }
}

fn ledger() -> (Arc<MemoryTable>, Ledger) {
    let table = Arc::new(MemoryTable::default().with_growing(LEDGER_PREFIX));
    (Arc::clone(&table), Ledger::new(Store::new(table, "test")))
}

async fn book(ledger: &Ledger, transaction: &Transaction) -> Result<Receipt, LedgerError> {
    ledger.book(transaction, |_| Change::new()).await
}

#[tokio::test]
async fn the_same_again_is_the_same_and_something_else_is_refused() {
    let (table, ledger) = ledger();
    let first = book(&ledger, &payment(1, 100)).await.unwrap();
    let writes = table.writes();
    assert_eq!(book(&ledger, &payment(1, 100)).await.unwrap(), first);
    assert_eq!(table.writes(), writes, "nothing was written the second time");
    assert!(matches!(
        book(&ledger, &payment(1, 101)).await,
        Err(LedgerError::Refused(BookError::OtherBody(_)))
    ));
    let account = CASH.parse().unwrap();
    assert_eq!(ledger.entries(&account, 0, 10).await.unwrap(), &first.entries[..1]);
    assert_eq!(ledger.head(&account).await.unwrap().unwrap().balance_minor_units, 100);
    assert_eq!(ledger.all_heads().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_booked_cannot_be_changed_or_removed() {
    let (table, ledger) = ledger();
    book(&ledger, &payment(1, 100)).await.unwrap();
    let store = Store::new(table, "test");
    let account: Account = CASH.parse().unwrap();
    let entry = StoredEntry {
        account: account.clone(),
        sequence: 1,
        entry: "{}".to_owned(),
    };
    for change in [
        Change::new().put(&entry, Condition::None),
        Change::new().delete(entry.key(), Condition::None),
    ] {
        assert!(store.commit(change).await.is_err());
    }
    assert!(matches!(
        store.commit(Change::new().insert(&entry)).await,
        Ok(Commit::Conflict)
    ));
}

#[tokio::test]
async fn sixty_four_writers_lose_nothing() {
    let (_, ledger) = ledger();
    let all = (0..64).map(|n| {
        let ledger = ledger.clone();
        async move { book(&ledger, &payment(n, 1 + n as i64)).await }
    });
    for booked in join_all(all).await {
        booked.unwrap();
    }
    let entries = ledger.entries(&CASH.parse().unwrap(), 0, 100).await.unwrap();
    assert_eq!(entries.len(), 64);
    assert_eq!(entries[63].balance_minor_units, 64 * 65 / 2);
    let mut head = Head::genesis(CASH.parse().unwrap());
    for entry in &entries {
        head = entry.check_after(&head).unwrap();
    }
}

#[tokio::test]
async fn second_steps_never_take_more_than_there_is_also_when_two_try() {
    let (_, ledger) = ledger();
    book(&ledger, &reserve(1, 50)).await.unwrap();
    book(&ledger, &reserve(2, 50)).await.unwrap();
    // All of it and a part of it, under two names: together more than there is.
    let mut other = post(1, 20);
    other.id = "post:again".parse().unwrap();
    let one = post(1, 50);
    let (a, b) = tokio::join!(book(&ledger, &one), book(&ledger, &other));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let refused = a.err().or(b.err());
    assert!(
        matches!(
            refused,
            Some(LedgerError::Refused(
                BookError::ResolvedBefore { .. } | BookError::Mismatch(_)
            ))
        ),
        "{refused:?}"
    );
}

const TRANSIT: &str = "network/00/in-transit/USD";
const OWED: &str = "client/deal-1/receivable/USD";

/// So much in cash, all of it available to a broker.
async fn available(ledger: &Ledger, units: i64) {
    for step in [payment(1, units), reserve(1, units), post(1, units)] {
        book(ledger, &step).await.unwrap();
    }
}

fn payout(n: usize, units: i64) -> Transaction {
    let postings = [(AVAILABLE, units), (TRANSIT, -units)];
    transaction(&format!("payout:{n}"), TransactionKind::Payout, &postings)
}

fn refund(units: i64) -> Transaction {
    transaction("refund", TransactionKind::Refund, &[(OWED, units), (CASH, -units)])
}

#[tokio::test]
async fn a_payout_and_a_refund_of_the_same_cash_are_not_both_booked() {
    for seed in 0..32 {
        let (table, ledger) = ledger();
        available(&ledger, 100).await;
        table.interleave(seed);
        let (payout, refund) = (payout(1, 100), refund(100));
        let (a, b) = tokio::join!(book(&ledger, &payout), book(&ledger, &refund));
        assert!(a.is_ok() != b.is_ok(), "{seed}: {a:?} {b:?}");
        let refused = a.err().or(b.err());
        let free = AppendError::NotFree {
            account: CASH.parse().unwrap(),
        };
        assert!(
            matches!(&refused, Some(LedgerError::Refused(BookError::Append(why))) if *why == free),
            "{seed}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn parts_are_computed_anew_from_what_others_left() {
    for seed in 0..32 {
        let (table, ledger) = ledger();
        available(&ledger, 100).await;
        table.interleave(seed);
        let reads = [CASH, TRANSIT, AVAILABLE].map(|account| account.parse::<Account>().unwrap());
        // Each takes up to 60 of what is free.
        let pay = async |n: usize| {
            let decide = |balances: &Balances| -> Result<_, LedgerError> {
                let units = (balances.of(&reads[0]) - balances.of(&reads[1])).min(60);
                Ok((units > 0).then(|| Decided {
                    transaction: payout(n, units),
                    rests_on: Vec::new(),
                    also: Change::new(),
                }))
            };
            let id = format!("payout:{n}").parse().unwrap();
            ledger.book_on(&id, &reads, decide).await
        };
        let (a, b, c) = tokio::join!(pay(1), pay(2), pay(3));
        let booked = [a, b, c].map(Result::unwrap);
        let now = booked.iter().filter(|booked| matches!(booked, Booked::Now(_))).count();
        assert_eq!(now, 2, "{seed}: the third finds nothing: {booked:?}");
        assert_eq!(ledger.head(&reads[1]).await.unwrap().unwrap().balance_minor_units, 100);
        assert!(
            matches!(pay(1).await, Ok(Booked::Before(_) | Booked::Nothing)),
            "{seed}"
        );
    }
}

/// Runs to its end what waits for nobody, in the middle of something else.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}

#[tokio::test]
async fn a_debt_that_comes_up_while_a_payout_is_decided_stops_it() {
    let (_, ledger) = ledger();
    available(&ledger, 100).await;
    let debt: Account = AVAILABLE.replace("available", "debt").parse().unwrap();
    let owes = Transaction {
        corrects: "payment:1".parse().ok(),
        reason: "Owed".parse().ok(),
        ..transaction(
            "owes",
            TransactionKind::Correction,
            &[(&debt.to_string(), 40), (REVENUE, -40)],
        )
    };
    let tries = std::cell::Cell::new(0);
    let decide = |balances: &Balances| -> Result<_, LedgerError> {
        tries.set(tries.get() + 1);
        if tries.get() == 1 {
            // Between reading and writing.
            at_once(book(&ledger, &owes)).unwrap();
        }
        Ok((balances.of(&debt) == 0).then(|| Decided {
            transaction: payout(1, 100),
            rests_on: vec![debt.clone()],
            also: Change::new(),
        }))
    };
    let (id, reads) = ("payout:1".parse().unwrap(), [debt.clone()]);
    let booked = ledger.book_on(&id, &reads, decide).await;
    assert!(matches!(booked, Ok(Booked::Nothing)), "{booked:?}");
    assert_eq!(tries.get(), 2, "decided anew");
}

#[tokio::test]
async fn a_record_that_changed_is_told_from_accounts_that_others_book_to() {
    let (table, ledger) = ledger();
    let writes = table.writes();
    let gone = Key::new("GONE", "GONE");
    let also = |_: &Receipt| Change::new().delete(gone.clone(), Condition::Version(7));
    let first = payment(1, 100);
    let (stale, ()) = tokio::join!(ledger.book(&first, also), async {
        for n in 2..6 {
            book(&ledger, &payment(n, 1)).await.unwrap();
        }
    });
    assert!(matches!(stale, Err(LedgerError::Stale)), "{stale:?}");
    assert_eq!(table.writes(), writes + 4, "only the others were booked");
    assert_eq!(ledger.transaction(&"payment:1".parse().unwrap()).await.unwrap(), None);
}

/// A refund of so many bills out of the cash of so many shards.
fn refund_of(bills: usize, shards: u8) -> Transaction {
    let of_deal = |n| (format!("client/deal-{n}/receivable/USD"), i64::from(shards));
    let of_shard = |n| (cash_of(n).to_string(), -(bills as i64));
    let postings: Vec<(String, i64)> = (0..bills).map(of_deal).chain((0..shards).map(of_shard)).collect();
    let postings: Vec<(&str, i64)> = postings
        .iter()
        .map(|(account, units)| (account.as_str(), *units))
        .collect();
    transaction(&format!("refund:{bills}"), TransactionKind::Refund, &postings)
}

fn cash_of(shard: u8) -> Account {
    let owner = Owner::Network(Shard::new(shard).unwrap());
    Account::new(owner, Kind::Cash, Currency::USD).unwrap()
}

#[tokio::test]
async fn more_writes_than_the_table_takes_are_refused_and_nothing_is_booked() {
    let (table, ledger) = ledger();
    for shard in 0..SHARDS {
        let account = cash_of(shard).to_string();
        let paid = transaction(
            &format!("payment:{shard}"),
            TransactionKind::PaymentReceived,
            &[(&account, 100), (REVENUE, -100)],
        );
        book(&ledger, &paid).await.unwrap();
    }
    // Two writes for each of 44 postings, one for the transaction, and a check of what is in transit out of each shard.
    let writes = table.writes();
    let refused = book(&ledger, &refund_of(28, 16)).await;
    assert!(matches!(refused, Err(LedgerError::TooManyWrites(105))), "{refused:?}");
    assert_eq!(table.writes(), writes);
    // Just what fits, and one more beside it.
    let one_more = ledger
        .book(&refund_of(33, 11), |_| {
            Change::new().delete(Key::new("BESIDE", "BESIDE"), Condition::None)
        })
        .await;
    assert!(matches!(one_more, Err(LedgerError::TooManyWrites(101))), "{one_more:?}");
    assert_eq!(table.writes(), writes);
    book(&ledger, &refund_of(33, 11)).await.unwrap();
}

#[tokio::test]
async fn a_key_that_the_table_does_not_take_is_not_sent_with_a_booking() {
    let (table, ledger) = ledger();
    let calls = table.writes();
    let also = |_: &Receipt| Change::new().delete(Key::new("X".repeat(3_000), "X"), Condition::None);
    let refused = ledger.book(&payment(1, 100), also).await;
    assert!(
        matches!(refused, Err(LedgerError::Store(StoreError::KeyTooLong))),
        "{refused:?}"
    );
    assert_eq!(table.writes(), calls);
    assert_eq!(ledger.transaction(&"payment:1".parse().unwrap()).await.unwrap(), None);
}

#[tokio::test]
async fn a_reservation_is_paid_out_in_parts() {
    let (_, ledger) = ledger();
    let first: Reference = "reserve:1".parse().unwrap();
    assert_eq!(ledger.left(&first).await.unwrap(), None);
    book(&ledger, &reserve(1, 50)).await.unwrap();
    let parts = (0..10).map(|n| {
        let (ledger, mut part) = (ledger.clone(), post(1, 5));
        part.id = format!("part:{n}").parse().unwrap();
        async move { book(&ledger, &part).await }
    });
    for part in join_all(parts).await {
        part.unwrap();
    }
    assert!(ledger.left(&first).await.unwrap().unwrap().is_over());
    let more = book(&ledger, &post(1, 1)).await;
    assert!(
        matches!(more, Err(LedgerError::Refused(BookError::ResolvedBefore { .. }))),
        "{more:?}"
    );
}

/// Stored entries are found by these texts alone: whoever changes one loses the books.
#[tokio::test]
async fn what_is_booked_is_stored_under_the_keys_that_stored_books_have() {
    let (table, ledger) = ledger();
    available(&ledger, 100).await;
    let items = table.items();
    let keys = items.iter().filter_map(Key::of);
    let keys: Vec<String> = keys.map(|Key { pk, sk }| format!("{pk} | {sk}")).collect();
    assert_eq!(
        keys,
        [
            "HEADS#01 | network/00/cash/USD",
            "HEADS#04 | broker/ten_0198c7a2e0b07a31b2d4c6e8fa0c1e22/available/USD",
            "HEADS#15 | broker/ten_0198c7a2e0b07a31b2d4c6e8fa0c1e22/reserved/USD",
            "HEADS#15 | network/00/revenue/USD",
            "LEDGER#ACCOUNT#broker/ten_0198c7a2e0b07a31b2d4c6e8fa0c1e22/available/USD | 00000000000000000001",
            "LEDGER#ACCOUNT#broker/ten_0198c7a2e0b07a31b2d4c6e8fa0c1e22/reserved/USD | 00000000000000000001",
            "LEDGER#ACCOUNT#broker/ten_0198c7a2e0b07a31b2d4c6e8fa0c1e22/reserved/USD | 00000000000000000002",
            "LEDGER#ACCOUNT#network/00/cash/USD | 00000000000000000001",
            "LEDGER#ACCOUNT#network/00/revenue/USD | 00000000000000000001",
            "LEDGER#ACCOUNT#network/00/revenue/USD | 00000000000000000002",
            "LEDGER#TRANSACTION#payment:1 | TRANSACTION",
            "LEDGER#TRANSACTION#post:1 | TRANSACTION",
            "LEDGER#TRANSACTION#reserve:1 | RESOLVED#000001",
            "LEDGER#TRANSACTION#reserve:1 | TRANSACTION",
        ]
    );
}

/// Books a payment while the first so many of its writes are not answered. Returns the number of writes that were tried, too.
async fn book_unanswered(table: &MemoryTable, ledger: &Ledger, count: u32) -> (Result<Receipt, LedgerError>, u32) {
    let tries = std::cell::Cell::new(0_u32);
    // Asked for just before each write, which is the next call of the table.
    let also = |_: &Receipt| {
        tries.set(tries.get() + 1);
        table.fail_next(u32::from(tries.get() <= count));
        Change::new()
    };
    let booked = ledger.book(&payment(1, 100), also).await;
    (booked, tries.get())
}

#[tokio::test]
async fn a_booking_outlasts_three_writes_that_are_not_answered() {
    let (table, ledger) = ledger();
    let (booked, tries) = book_unanswered(&table, &ledger, UNANSWERED_MAX).await;
    assert_eq!(booked.unwrap().entries.len(), 2);
    assert_eq!((tries, table.writes()), (4, 1));
}

#[tokio::test]
async fn the_fourth_write_that_is_not_answered_ends_a_booking_which_may_be_tried_again() {
    let (table, ledger) = ledger();
    let (booked, tries) = book_unanswered(&table, &ledger, UNANSWERED_MAX + 1).await;
    assert!(
        matches!(booked, Err(LedgerError::Store(StoreError::Unavailable(_)))),
        "{booked:?}"
    );
    assert_eq!((tries, table.writes()), (4, 0));
    book(&ledger, &payment(1, 100)).await.unwrap();
    assert_eq!(table.writes(), 1);
}

#[tokio::test]
async fn heads_of_clients_are_read_until_there_are_more_than_the_limit() {
    let (_, ledger) = ledger();
    // Each in a partition of its own, or one page would show two of them.
    let mut partitions = BTreeSet::new();
    let clients = (1..).map(|n| format!("client/deal-{n}/receivable/USD"));
    let apart = clients.filter(|account| partitions.insert(of_head(&account.parse().unwrap()).pk));
    for (n, account) in apart.take(4).enumerate() {
        let postings = [(account.as_str(), 10), (REVENUE, -10)];
        let billed = transaction(&format!("bill:{n}"), TransactionKind::NetworkFee, &postings);
        book(&ledger, &billed).await.unwrap();
    }
    for limit in 0..6_usize {
        let heads = ledger.client_heads(limit).await.unwrap();
        assert_eq!(heads.len(), (limit + 1).min(4), "{limit}");
    }
}

#[tokio::test]
async fn entries_are_read_from_behind_one_on_and_no_more_than_the_limit() {
    let (_, ledger) = ledger();
    for n in 1..=4 {
        book(&ledger, &payment(n, 1)).await.unwrap();
    }
    let account: Account = CASH.parse().unwrap();
    let due: [(u64, usize, &[u64]); 6] = [
        (0, 1, &[1]),
        (0, 3, &[1, 2, 3]),
        (0, 4, &[1, 2, 3, 4]),
        (1, 2, &[2, 3]),
        (3, 5, &[4]),
        (4, 5, &[]),
    ];
    for (after, limit, due) in due {
        let entries = ledger.entries(&account, after, limit).await.unwrap();
        let sequences: Vec<u64> = entries.iter().map(|entry| entry.sequence).collect();
        assert_eq!(sequences, due, "{limit} after {after}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any operations, with any of the table's calls failing, end as the model does once everybody has tried again.
    #[test]
    fn the_table_behaves_like_the_model(
        operations in prop::collection::vec((0..4_u8, 0..6_usize, 1..200_i64), 1..40),
        faults in prop::collection::vec(0..12_u32, 40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (table, ledger) = ledger();
            let mut model = Book::default();
            for ((kind, n, units), fault) in operations.iter().zip(faults) {
                let transaction = match kind {
                    0 => payment(*n, *units),
                    1 => reserve(*n, *units),
                    2 => post(*n, *units),
                    // A part, under a name of its own.
                    _ => Transaction { id: format!("part:{n}:{units}").parse().unwrap(), ..post(*n, *units / 10 + 1) },
                };
                let due = model.apply(&transaction);
                table.fail_nth(fault);
                let mut found = book(&ledger, &transaction).await;
                table.fail_nth(u32::MAX);
                if matches!(found, Err(LedgerError::Store(_))) {
                    found = book(&ledger, &transaction).await;
                }
                match (found, due) {
                    (Ok(found), Ok(due)) => assert_eq!(found, due),
                    (Err(LedgerError::Refused(found)), Err(due)) => {
                        assert_eq!(std::mem::discriminant(&found), std::mem::discriminant(&due));
                    }
                    (found, due) => panic!("{found:?}, and the model says {due:?}"),
                }
            }
            for account in [CASH, REVENUE, RESERVED, AVAILABLE] {
                let account = account.parse().unwrap();
                assert_eq!(ledger.entries(&account, 0, 1_000).await.unwrap(), model.entries(&account));
                assert_eq!(ledger.head(&account).await.unwrap(), model.head(&account));
            }
        });
    }
}
