//! The ledger in the table: transactions booked whole or not at all, whoever else books at the same moment.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | transaction | `LEDGER#TRANSACTION#<id>` | `TRANSACTION` |
//! | its second steps | `LEDGER#TRANSACTION#<id>` | `RESOLVED#<number, 6 digits>` |
//! | entry | `LEDGER#ACCOUNT#<account>` | `<sequence, 20 digits>` |
//! | head | `HEADS#<shard>` | `<account>` |
//!
//! What begins with [`LEDGER_PREFIX`] lies in the ledger table, to which no function's role may do anything but read and add. Heads
//! move with every entry and lie in the main table; they can be made again from the entries, and a seal holds them to these.

mod balances;

pub use balances::{Balances, Booked, Decided};

use inventure_ledger::{
    Account, AppendError, BookError, Entry, Head, Held, Receipt, Reference, Transaction, append_all, canonical,
    transaction::POSTINGS_MAX,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use self::balances::each_once;
use crate::{
    Change, Store,
    records::Record,
    table::{Condition, Key, Outcome, Query, StoreError, WRITES_MAX},
};

/// Prefix of the partitions that only grow.
pub const LEDGER_PREFIX: &str = "LEDGER#";

const RESOLVED: &str = "RESOLVED#";

/// Partitions that the heads are spread over.
pub const HEAD_SHARDS: u8 = 16;

/// Room that every booking has for what its caller writes with it.
pub const BESIDE_MAX: usize = 10;

// An entry and a head for each posting, the transaction, and what is left of its first step.
const _: () = assert!(2 * POSTINGS_MAX + 2 + BESIDE_MAX <= WRITES_MAX);

/// Most attempts to book a transaction whose accounts others book to at the same time. Of any number of writers one gets
/// through each time, and the pauses grow, so this is some seconds; after it the caller's own retry takes over.
const ATTEMPTS: u32 = 24;

/// Most attempts that the table does not answer; each has its own retries below this.
const UNANSWERED_MAX: u32 = 3;

/// The longest pause between attempts. As long as an attempt takes where many wait for one table, or they all meet again each time: with
/// 64 writers on the local stack the last needed 12 attempts, and 18 beside as many others.
const PAUSE_MAX: SignedDuration = SignedDuration::from_millis(1_000);

/// Why a transaction was not booked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The rules refuse it, now and later.
    #[error(transparent)]
    Refused(#[from] BookError),
    /// What was to be written with it had changed since the caller read it. Trying the same again is no use.
    #[error("a record was not as expected any more")]
    Stale,
    /// The table does not answer, or too many others book to the same accounts. Trying again is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AppendError> for LedgerError {
    fn from(error: AppendError) -> Self {
        Self::Refused(error.into())
    }
}

/// A transaction as it was booked.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredTransaction {
    transaction_id: Reference,
    /// The transaction and its entries in canonical form: what is hashed is what is stored.
    transaction: String,
    entries: Vec<String>,
}

/// A second step of a transaction. The number is what two steps at once cannot both have.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Resolved {
    transaction_id: Reference,
    number: u32,
    by: Reference,
    /// What it left.
    left: Held,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredEntry {
    account: Account,
    sequence: u64,
    /// The entry in canonical form.
    entry: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredHead {
    #[serde(flatten)]
    head: Head,
    /// The sequence: the version that a writer must have seen.
    version: u64,
}

fn of_transaction(id: &Reference, sort: &str) -> Key {
    Key::new(format!("{LEDGER_PREFIX}TRANSACTION#{id}"), sort)
}

fn of_account(account: &Account) -> String {
    format!("{LEDGER_PREFIX}ACCOUNT#{account}")
}

fn of_head(account: &Account) -> Key {
    let text = account.to_string();
    let shard = crc32fast::hash(text.as_bytes()) % u32::from(HEAD_SHARDS);
    Key::new(format!("HEADS#{shard:02}"), text)
}

impl Record for StoredTransaction {
    const ENTITY: &'static str = "ledger_transaction";

    fn key(&self) -> Key {
        of_transaction(&self.transaction_id, "TRANSACTION")
    }
}

impl Record for Resolved {
    const ENTITY: &'static str = "ledger_resolution";

    fn key(&self) -> Key {
        of_transaction(&self.transaction_id, &format!("{RESOLVED}{:06}", self.number))
    }
}

impl Record for StoredEntry {
    const ENTITY: &'static str = "ledger_entry";

    fn key(&self) -> Key {
        Key::new(of_account(&self.account), format!("{:020}", self.sequence))
    }
}

impl Record for StoredHead {
    const ENTITY: &'static str = "ledger_head";

    fn key(&self) -> Key {
        of_head(&self.head.account)
    }
}

fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Corrupt(Box::new(error))
}

fn text<T: Serialize>(value: &T) -> Result<String, StoreError> {
    canonical::encode(value).map_err(corrupt)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(corrupt)
}

impl StoredTransaction {
    fn receipt(&self) -> Result<Receipt, StoreError> {
        Ok(Receipt {
            transaction_id: self.transaction_id.clone(),
            entries: self.entries.iter().map(|entry| read(entry)).collect::<Result<_, _>>()?,
        })
    }
}

/// The books, kept in a store that has the ledger table.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
}

impl Ledger {
    /// The ledger of this store.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Books a transaction: its entries, its accounts' new heads and what `also` adds, in one write. Booked again, with the same
    /// contents, it changes nothing and gives the first receipt; `also` is not done again then.
    pub async fn book(
        &self,
        transaction: &Transaction,
        also: impl Fn(&Receipt) -> Change,
    ) -> Result<Receipt, LedgerError> {
        let reads: Vec<Account> = transaction
            .postings
            .iter()
            .map(|posting| posting.account.clone())
            .chain(transaction.rests_on())
            .collect();
        let decide = |_: &Balances| -> Result<_, LedgerError> {
            Ok(Some(Decided {
                transaction: transaction.clone(),
                rests_on: Vec::new(),
                also: Change::new(),
            }))
        };
        let tried = self.try_to_book(&transaction.id, &reads, decide, |receipt, _| also(receipt));
        match tried.await? {
            Tried::Now(_, receipt) => Ok(receipt),
            Tried::Before(known) if known.transaction == text(transaction)? => Ok(known.receipt()?),
            _ => Err(BookError::OtherBody(transaction.id.clone()).into()),
        }
    }

    /// Books what follows from the balances of up to 100 accounts, and what is written with it. The decision is made anew on
    /// every try, and holds only where every account that it posts to or rests on still stands as it was read. What was booked under this
    /// id before stands.
    ///
    /// # Errors
    /// What `decide` fails with, and [`LedgerError`].
    pub async fn book_on<E: From<LedgerError>>(
        &self,
        id: &Reference,
        reads: &[Account],
        decide: impl Fn(&Balances) -> Result<Option<Decided>, E>,
    ) -> Result<Booked, E> {
        match self.try_to_book(id, reads, decide, |_, also| also).await? {
            Tried::Now(transaction, _) => Ok(Booked::Now(transaction)),
            Tried::Before(known) => {
                let transaction = read(&known.transaction).map_err(LedgerError::Store)?;
                Ok(Booked::Before(transaction))
            }
            Tried::Nothing => Ok(Booked::Nothing),
        }
    }

    async fn try_to_book<E: From<LedgerError>>(
        &self,
        id: &Reference,
        reads: &[Account],
        decide: impl Fn(&Balances) -> Result<Option<Decided>, E>,
        also: impl Fn(&Receipt, Change) -> Change,
    ) -> Result<Tried, E> {
        let failed = |error: StoreError| E::from(LedgerError::Store(error));
        let (mut unanswered, mut is_stale) = (0, false);
        for attempt in 0..ATTEMPTS {
            if attempt > 0 && !is_stale {
                pause(attempt).await;
            }
            if let Some(known) = self.booked(id).await.map_err(failed)? {
                return Ok(Tried::Before(known));
            }
            if is_stale {
                return Err(LedgerError::Stale.into());
            }
            let mut balances = self.read(reads).await.map_err(failed)?;
            let Some(decided) = decide(&balances)? else {
                return Ok(Tried::Nothing);
            };
            let transaction = decided.transaction;
            let posted = transaction.postings.iter().map(|posting| posting.account.clone());
            let rests_on = transaction.rests_on().into_iter().chain(decided.rests_on);
            let all = each_once(posted.chain(rests_on));
            let unread: Vec<Account> = all.iter().filter(|account| !reads.contains(account)).cloned().collect();
            let Balances(more) = self.read(&unread).await.map_err(failed)?;
            balances.0.extend(more);
            let made = self.change(&transaction, &balances, &all, |receipt| also(receipt, decided.also));
            let (own, change, receipt) = match made.await {
                Ok(made) => made,
                Err(error) => {
                    // Accounts are not read at one moment: what does not fit may have been read while others booked.
                    let accounts: Vec<Account> = reads.iter().chain(&unread).cloned().collect();
                    let Balances(again) = self.read(&accounts).await.map_err(failed)?;
                    if again == balances.0 {
                        return Err(error.into());
                    }
                    continue;
                }
            };
            match self.store.transact(change).await {
                Ok(Outcome::Done) => return Ok(Tried::Now(transaction, receipt)),
                // Somebody else booked to one of the accounts, or booked this: see. What the caller writes beside it was read before
                // all this, so that a condition of it that does not hold will not hold again.
                Ok(Outcome::Refused(refused)) => is_stale = refused.iter().any(|position| *position < own),
                // Not known whether it was written; also what is said of a transaction that met others again and again.
                Err(StoreError::Unavailable(_)) if unanswered < UNANSWERED_MAX => unanswered += 1,
                Err(error) => return Err(failed(error)),
            }
        }
        if is_stale {
            return Err(LedgerError::Stale.into());
        }
        Err(failed(StoreError::Unavailable(
            "too many others book to the same accounts".into(),
        )))
    }

    /// Everything that booking writes on these balances: how many of the writes are the caller's, all of them, and the receipt.
    async fn change(
        &self,
        transaction: &Transaction,
        balances: &Balances,
        all: &[Account],
        also: impl FnOnce(&Receipt) -> Change,
    ) -> Result<(usize, Change, Receipt), LedgerError> {
        transaction.validate().map_err(AppendError::from)?;
        let resolved = self.check_named(transaction).await?;
        let entries = append_all(transaction, |account| balances.0.get(account).cloned())?;
        let receipt = Receipt {
            transaction_id: transaction.id.clone(),
            entries,
        };
        let also = also(&receipt);
        let own = also.len();
        let mut change = writes(also, transaction, &receipt, resolved.as_ref())?;
        // The heads of those that it posts to are among the writes, which come first.
        for account in &all[transaction.postings.len()..] {
            change = balances.bind(change, account);
        }
        Ok((own, change, receipt))
    }

    /// Where up to 100 accounts stand. They are not read at one moment: what is decided on them is bound to them.
    pub async fn read(&self, accounts: &[Account]) -> Result<Balances, StoreError> {
        let accounts = each_once(accounts.iter().cloned());
        if accounts.is_empty() {
            return Ok(Balances::default());
        }
        let heads = self.heads(&accounts).await?;
        let by_account = heads.into_iter().map(|head| (head.account.clone(), head));
        Ok(Balances(by_account.collect()))
    }

    async fn booked(&self, id: &Reference) -> Result<Option<StoredTransaction>, StoreError> {
        self.store.get(&of_transaction(id, "TRANSACTION")).await
    }

    /// A transaction, if it was booked.
    pub async fn transaction(&self, id: &Reference) -> Result<Option<Transaction>, StoreError> {
        let booked = self.booked(id).await?;
        booked.map(|booked| read(&booked.transaction)).transpose()
    }

    /// Those of any number of transactions that were booked, in the order of the ids.
    pub async fn transactions(&self, ids: &[Reference]) -> Result<Vec<Transaction>, StoreError> {
        let mut found = Vec::new();
        for batch in ids.chunks(100) {
            let keys: Vec<Key> = batch.iter().map(|id| of_transaction(id, "TRANSACTION")).collect();
            let booked: Vec<StoredTransaction> = self.store.get_many(&keys).await?;
            for booked in booked {
                found.push(read(&booked.transaction)?);
            }
        }
        Ok(found)
    }

    /// Whether the transactions it names are there and as it needs them; what a second step leaves. The write checks again that
    /// no other second step came between.
    async fn check_named(&self, transaction: &Transaction) -> Result<Option<Resolved>, LedgerError> {
        let missing = |id: &Reference| BookError::NoSuchTransaction(id.clone());
        if let Some(corrected) = &transaction.corrects {
            self.booked(corrected).await?.ok_or_else(|| missing(corrected))?;
        }
        let Some(first) = &transaction.resolves else {
            return Ok(None);
        };
        let found = self.transaction(first).await?.ok_or_else(|| missing(first))?;
        let before = self.last_resolved(first).await?;
        let (number, left) = match &before {
            Some(before) => (before.number + 1, before.left.clone()),
            None => (1, found.sets_aside()),
        };
        let after = transaction.takes(&found, &left).map_err(BookError::from);
        match before {
            Some(before) if left.is_over() => Err(BookError::ResolvedBefore {
                first: first.clone(),
                by: before.by,
            }
            .into()),
            _ => Ok(Some(Resolved {
                transaction_id: first.clone(),
                number,
                by: transaction.id.clone(),
                left: after?,
            })),
        }
    }

    async fn last_resolved(&self, first: &Reference) -> Result<Option<Resolved>, StoreError> {
        let query = Query {
            descending: true,
            limit: 1,
            ..Query::table(of_transaction(first, "").pk, RESOLVED)
        };
        Ok(self.store.query(&query).await?.pop())
    }

    /// What is left of a first step; `None` where it was never booked.
    pub async fn left(&self, first: &Reference) -> Result<Option<Held>, StoreError> {
        match self.last_resolved(first).await? {
            Some(last) => Ok(Some(last.left)),
            None => Ok(self.transaction(first).await?.map(|first| first.sets_aside())),
        }
    }

    /// Where up to 100 accounts stand; those that nothing was ever booked to are left out.
    pub async fn heads(&self, accounts: &[Account]) -> Result<Vec<Head>, StoreError> {
        let keys: Vec<Key> = accounts.iter().map(of_head).collect();
        let heads: Vec<StoredHead> = self.store.get_many(&keys).await?;
        Ok(heads.into_iter().map(|stored| stored.head).collect())
    }

    /// Where an account stands; `None` where nothing was ever booked to it.
    pub async fn head(&self, account: &Account) -> Result<Option<Head>, StoreError> {
        let stored: Option<StoredHead> = self.store.get(&of_head(account)).await?;
        Ok(stored.map(|stored| stored.head))
    }

    /// Where every account stands, read partition by partition: two heads need not be of the same moment.
    pub async fn all_heads(&self) -> Result<Vec<Head>, StoreError> {
        self.heads_of("", usize::MAX).await
    }

    /// Where every client's account stands, as [`Ledger::all_heads`]. Stops soon after it has found more than `limit`.
    pub async fn client_heads(&self, limit: usize) -> Result<Vec<Head>, StoreError> {
        self.heads_of("client/", limit).await
    }

    /// Where the network's accounts stand, as [`Ledger::all_heads`].
    pub async fn network_heads(&self) -> Result<Vec<Head>, StoreError> {
        self.heads_of("network/", usize::MAX).await
    }

    async fn heads_of(&self, prefix: &str, limit: usize) -> Result<Vec<Head>, StoreError> {
        let mut heads = Vec::new();
        for shard in 0..HEAD_SHARDS {
            let mut query = Query::table(format!("HEADS#{shard:02}"), prefix);
            loop {
                let rows: Vec<StoredHead> = self.store.query(&query).await?;
                query.after = rows.last().map(|row| row.head.account.to_string());
                let more = rows.len() == query.limit;
                heads.extend(rows.into_iter().map(|row| row.head));
                if heads.len() > limit {
                    return Ok(heads);
                }
                if !more {
                    break;
                }
            }
        }
        Ok(heads)
    }

    /// Entries of an account that come after the entry `after` (0 for all), oldest first, at most `limit`.
    pub async fn entries(&self, account: &Account, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let query = Query {
            after: (after > 0).then(|| format!("{after:020}")),
            limit,
            ..Query::table(of_account(account), "")
        };
        let rows: Vec<StoredEntry> = self.store.query(&query).await?;
        rows.iter().map(|row| read(&row.entry)).collect()
    }
}

/// What trying to book came to.
enum Tried {
    Now(Transaction, Receipt),
    Before(StoredTransaction),
    Nothing,
}

/// What a writer must find in place of the head that it read.
fn version_of(head: Option<&Head>) -> Condition {
    match head.map_or(0, |head| head.sequence) {
        0 => Condition::Absent,
        sequence => Condition::Version(sequence),
    }
}

/// Everything that booking writes, added to what the caller writes with it.
fn writes(
    change: Change,
    transaction: &Transaction,
    receipt: &Receipt,
    resolved: Option<&Resolved>,
) -> Result<Change, StoreError> {
    let entries: Vec<String> = receipt.entries.iter().map(text).collect::<Result<_, _>>()?;
    let mut change = change.insert(&StoredTransaction {
        transaction_id: transaction.id.clone(),
        transaction: text(transaction)?,
        entries: entries.clone(),
    });
    if let Some(resolved) = resolved {
        change = change.insert(resolved);
    }
    for (entry, text) in receipt.entries.iter().zip(entries) {
        change = change.insert(&StoredEntry {
            account: entry.account.clone(),
            sequence: entry.sequence,
            entry: text,
        });
        let condition = match entry.sequence {
            1 => Condition::Absent,
            sequence => Condition::Version(sequence - 1),
        };
        let head = StoredHead {
            head: entry.head(),
            version: entry.sequence,
        };
        change = change.put(&head, condition);
    }
    Ok(change)
}

/// A pause of a random length that grows with the attempts, so that writers who met do not meet again. Up to a second.
pub async fn pause(attempt: u32) {
    let most = PAUSE_MAX.as_millis().min(5 << attempt.min(16)).unsigned_abs() as u64;
    let random = uuid::Uuid::new_v4().as_u128() as u64;
    tokio::time::sleep(std::time::Duration::from_millis(random % most.max(1))).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::future::join_all;
    use inventure_ledger::{Book, Posting, TransactionKind};
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{Commit, memory::MemoryTable};

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
        let table = Arc::new(MemoryTable::default());
        (Arc::clone(&table), Ledger::new(Store::new(table)))
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
        let store = Store::new(table);
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Any operations, with any of the table's calls failing, end as the model does once everybody has tried again.
        #[test]
        fn the_table_behaves_like_the_model(
            operations in prop::collection::vec((0..4_u8, 0..6_usize, 1..200_i64), 1..40),
            faults in prop::collection::vec(0..12_u32, 40),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
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
}
