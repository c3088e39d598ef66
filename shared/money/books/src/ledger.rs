//! The ledger in the table: transactions booked whole or not at all, also where others book at the same moment.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | transaction | `LEDGER#TRANSACTION#<id>` | `TRANSACTION` |
//! | its second steps | `LEDGER#TRANSACTION#<id>` | `RESOLVED#<number, 6 digits>` |
//! | entry | `LEDGER#ACCOUNT#<account>` | `<sequence, 20 digits>` |
//! | head | `HEADS#<shard>` | `<account>` |
//!
//! Every item whose key begins with [`LEDGER_PREFIX`] lies in the ledger table, to which no function's role may do anything but read and
//! add. Heads move with every entry and lie in the main table; they can be made again from the entries, and a seal holds them to these.

mod balances;
#[cfg(test)]
mod tests;

pub use balances::{Balances, Booked, Decided};

use inventure_ledger::{
    Account, AppendError, BookError, Entry, Head, Hold, Receipt, Reference, Transaction, append_all, canonical,
    transaction::POSTINGS_MAX,
};
use serde::{Deserialize, Serialize};

use self::balances::each_once;
use inventure_table::{
    Change, Condition, Key, Record, Store, StoreError,
    retry::Attempts,
    table::{Outcome, Query, WRITES_MAX},
};

/// Prefix of the partitions that only grow.
pub const LEDGER_PREFIX: &str = "LEDGER#";

/// Prefix of the partitions of the accounts' heads.
pub const HEADS: &str = "HEADS#";

const RESOLVED: &str = "RESOLVED#";

/// Partitions that the heads are spread over.
pub const HEAD_SHARDS: u8 = 16;

/// Room that every booking has for what its caller writes with it.
pub const BESIDE_MAX: usize = 10;

// An entry and a head for each posting, the transaction, and what is left of its first step. What it rests on beside that comes on top.
const _: () = assert!(2 * POSTINGS_MAX + 2 + BESIDE_MAX <= WRITES_MAX);

/// Most attempts to book a transaction whose accounts others book to at the same time. Of any number of writers one gets
/// through each time, and the pauses grow, so this is some seconds; after it the caller's own retry takes over.
const ATTEMPTS: u32 = 24;

/// Most attempts that the table does not answer; each has its own retries below this.
const UNANSWERED_MAX: u32 = 3;

/// The reason for which a transaction was not booked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The rules refuse it, now and later.
    #[error(transparent)]
    Refused(#[from] BookError),
    /// A record to be written had changed since it was read. Trying the same again is no use.
    #[error("a record was not as expected any more")]
    Stale,
    /// The transaction with what it rests on and what is written beside it does not fit into one write. Trying the same again is no use.
    #[error("booking takes {0} writes, and one transaction of the table has at most {WRITES_MAX}")]
    TooManyWrites(usize),
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
    /// The rest of the first step after this second step.
    left: Hold,
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
    Key::new(format!("{}{shard:02}", StoredHead::PARTITION), text)
}

impl Record for StoredTransaction {
    const ENTITY: &'static str = "ledger_transaction";
    const PARTITION: &'static str = LEDGER_PREFIX;

    fn key(&self) -> Key {
        of_transaction(&self.transaction_id, "TRANSACTION")
    }
}

impl Record for Resolved {
    const ENTITY: &'static str = "ledger_resolution";
    const PARTITION: &'static str = LEDGER_PREFIX;

    fn key(&self) -> Key {
        of_transaction(&self.transaction_id, &format!("{RESOLVED}{:06}", self.number))
    }
}

impl Record for StoredEntry {
    const ENTITY: &'static str = "ledger_entry";
    const PARTITION: &'static str = LEDGER_PREFIX;

    fn key(&self) -> Key {
        Key::new(of_account(&self.account), format!("{:020}", self.sequence))
    }
}

impl Record for StoredHead {
    const ENTITY: &'static str = "ledger_head";
    const PARTITION: &'static str = HEADS;

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

    /// Books what follows from the balances of up to 100 accounts, and what is written with it. The decision is made anew on every try,
    /// and holds only where every account that it posts to or rests on still stands as it was read. A transaction that was booked under
    /// this id before stands.
    ///
    /// # Errors
    /// Those of `decide`, and [`LedgerError`].
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
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
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

    /// Makes the change that books a transaction on these balances. Returns the number of its writes that are the caller's, all of the
    /// writes, and the receipt.
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
        if change.len() > WRITES_MAX {
            return Err(LedgerError::TooManyWrites(change.len()));
        }
        Ok((own, change, receipt))
    }

    /// Reads the balances of up to 100 accounts. They are not read at one moment: a decision on them is bound to them.
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

    /// Reads the transactions of these ids that were booked, in the order of the ids.
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

    /// The rest of what a first step set aside; `None` where it was never booked.
    pub async fn left(&self, first: &Reference) -> Result<Option<Hold>, StoreError> {
        match self.last_resolved(first).await? {
            Some(last) => Ok(Some(last.left)),
            None => Ok(self.transaction(first).await?.map(|first| first.sets_aside())),
        }
    }

    /// Reads the heads of up to 100 accounts; those that nothing was ever booked to are left out.
    pub async fn heads(&self, accounts: &[Account]) -> Result<Vec<Head>, StoreError> {
        let keys: Vec<Key> = accounts.iter().map(of_head).collect();
        let heads: Vec<StoredHead> = self.store.get_many(&keys).await?;
        Ok(heads.into_iter().map(|stored| stored.head).collect())
    }

    /// Reads the head of an account; `None` where nothing was ever booked to it.
    pub async fn head(&self, account: &Account) -> Result<Option<Head>, StoreError> {
        let stored: Option<StoredHead> = self.store.get(&of_head(account)).await?;
        Ok(stored.map(|stored| stored.head))
    }

    /// Reads the heads of all accounts, partition by partition: two heads need not be of the same moment.
    pub async fn all_heads(&self) -> Result<Vec<Head>, StoreError> {
        self.heads_of("", usize::MAX).await
    }

    /// Reads the heads of all clients' accounts, as [`Ledger::all_heads`]. Stops soon after it has found more than `limit`.
    pub async fn client_heads(&self, limit: usize) -> Result<Vec<Head>, StoreError> {
        self.heads_of("client/", limit).await
    }

    /// Reads the heads of the network's accounts, as [`Ledger::all_heads`].
    pub async fn network_heads(&self) -> Result<Vec<Head>, StoreError> {
        self.heads_of("network/", usize::MAX).await
    }

    async fn heads_of(&self, prefix: &str, limit: usize) -> Result<Vec<Head>, StoreError> {
        let mut heads = Vec::new();
        for shard in 0..HEAD_SHARDS {
            let mut pages = self
                .store
                .pages(Query::table(format!("{}{shard:02}", StoredHead::PARTITION), prefix));
            while let Some(page) = pages.next::<StoredHead>().await? {
                heads.extend(page.into_iter().map(|stored| stored.head));
                if heads.len() > limit {
                    return Ok(heads);
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

/// The result of an attempt to book.
enum Tried {
    Now(Transaction, Receipt),
    Before(StoredTransaction),
    Nothing,
}

/// The condition that the head is unchanged.
fn version_of(head: Option<&Head>) -> Condition {
    Condition::at(head.map_or(0, |head| head.sequence))
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
        let condition = Condition::at(entry.sequence - 1);
        let head = StoredHead {
            head: entry.head(),
            version: entry.sequence,
        };
        change = change.put(&head, condition);
    }
    Ok(change)
}
