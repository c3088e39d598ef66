//! Decorators of the product's own ports that kill a process before and after everything it writes.
//!
//! A place of death is a job, what is written, how often the job has come by, and a side: before the write or after it. Each place kills
//! the first process that comes there, whichever of several that is, and lets everybody pass from then on. So once a process gets through
//! to the end, every write there was has killed one process just before it and one just after it.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use inventure_books::{LEDGER_PREFIX, records::Payout};
use inventure_core::{DealId, JobId, TenantId};
use inventure_deal_store::records::DealHead;
use inventure_deals::Fact;
use inventure_payments::{
    Back, BackOrder, Balance, ConnectedAccount, Fee, Happened, Processor, ProcessorError, Transfer, TransferOrder,
    Window,
};
use inventure_table::{
    Key, Record, StoreError, Table, Write,
    change::OUTBOX_PREFIX,
    table::{Condition, Item, Outcome, Query},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The mark of partitions in which events are kept that the relay is not to see. Otherwise the deployed functions would do the workers'
/// work, and these would not be there to die of it.
const UNSENT: &str = "unsent-";

/// The partition in which events about a deal or a payout are kept unsent. The worker's role may write to it.
#[must_use]
pub fn unsent(about: &str) -> String {
    let own = if about.parse::<DealId>().is_ok() {
        DealHead::PARTITION
    } else {
        Payout::PARTITION
    };
    format!("{own}{UNSENT}{about}")
}

/// The most processes that die. A product that writes something new with every try would never come to an end, and nobody would see
/// what it did.
pub const DEATHS_MAX: usize = 800;

/// The work that the workers are to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The deals; all are for every worker.
    pub scripts: Vec<Script>,
    /// The address of the payment processor.
    pub processor: String,
    /// The key for the payment processor.
    pub key: String,
}

/// The events in the life of a deal, and its parties.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Script {
    /// The id of the deal.
    pub deal: DealId,
    /// The job of the deal.
    pub job: JobId,
    /// The employer, who is the client of the deal.
    pub employer: TenantId,
    /// The tenants that share in the deal.
    pub parties: Vec<TenantId>,
    /// The facts of the deal, those that are told at one moment together.
    pub steps: Vec<Vec<Fact>>,
    /// The time at which all is over.
    pub end: Timestamp,
}

/// The places of death of all processes that share a folder.
#[derive(Debug)]
pub struct Deaths {
    folder: PathBuf,
    job: Mutex<Job>,
}

#[derive(Debug, Default)]
struct Job {
    name: String,
    passed: HashMap<String, u32>,
}

impl Deaths {
    /// Those in a folder, which is empty at first.
    #[must_use]
    pub fn new(folder: PathBuf) -> Arc<Self> {
        let job = Mutex::default();
        Arc::new(Self { folder, job })
    }

    /// Names the job that is worked on from now on.
    pub fn begin(&self, job: String) {
        *self.job.lock().unwrap_or_else(PoisonError::into_inner) = Job {
            name: job,
            passed: HashMap::new(),
        };
    }

    fn place(&self, what: String) -> String {
        let mut job = self.job.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = job.passed.entry(what.clone()).or_default();
        *passed += 1;
        let times = *passed;
        format!("{}, time {times}: {what}", job.name)
    }

    fn die_once(&self, side: &str, place: &str) {
        // Without its folder it would pass everywhere and the test would prove nothing.
        let Ok(before) = fs::read_dir(&self.folder) else {
            std::process::exit(3)
        };
        if before.count() >= DEATHS_MAX {
            return;
        }
        let text = format!("{side} {place}");
        let file = self.folder.join(hex::encode(Sha256::digest(&text)));
        match File::create_new(file) {
            Ok(mut file) => {
                // The place is taken even where its name cannot be written.
                let _ = file.write_all(text.as_bytes());
                std::process::abort();
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(_) => std::process::exit(3),
        }
    }
}

/// The places of a folder where somebody died.
pub fn places(folder: &Path) -> std::io::Result<Vec<String>> {
    fs::read_dir(folder)?
        .map(|entry| fs::read_to_string(entry?.path()))
        .collect()
}

/// Names what a transaction writes, as far as it does not depend on other writers. An entry's number and an event's id do.
fn what(writes: &[Write]) -> String {
    let name = |write: &Write| match write {
        Write::Put(item, _) => Key::of(item).map(|key| (key, "")),
        Write::Delete(key, _) => Some((key.clone(), "-")),
        Write::Check(..) => None,
    };
    let text = |(Key { pk, sk }, sign): (Key, &str)| {
        let numbered = pk.starts_with(&format!("{LEDGER_PREFIX}ACCOUNT#")) || pk.contains(&format!("#{UNSENT}"));
        if numbered {
            format!("{sign}{pk}")
        } else {
            format!("{sign}{pk}/{sk}")
        }
    };
    let names: Vec<String> = writes.iter().filter_map(name).map(text).collect();
    names.join(" ")
}

fn keep_unsent(write: &mut Write) {
    if let Write::Put(item, Condition::Absent) = write
        && let Some(AttributeValue::S(pk)) = item.get_mut("pk")
        && let Some((_, about)) = pk.strip_prefix(OUTBOX_PREFIX).and_then(|rest| rest.split_once('#'))
    {
        *pk = unsent(about);
    }
}

/// A table whose writes are places of death.
pub struct MortalTable<T>(pub T, pub Arc<Deaths>);

#[async_trait]
impl<T: Table> Table for MortalTable<T> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.0.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.0.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        self.0.query(query).await
    }

    async fn transact(&self, mut writes: Vec<Write>) -> Result<Outcome, StoreError> {
        writes.iter_mut().for_each(keep_unsent);
        let place = self.1.place(what(&writes));
        self.1.die_once("before", &place);
        let outcome = self.0.transact(writes).await?;
        if outcome == Outcome::Done {
            self.1.die_once("after", &place);
        }
        Ok(outcome)
    }

    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        self.0.count(key, names, expires_at).await
    }
}

/// Names a transfer as a place of death. The name is not the transfer's id, which may be what is wrong with it.
#[must_use]
pub fn transfer_of(deal_id: &str, account: &str) -> String {
    format!("TRANSFER#{deal_id}#{account}")
}

/// A processor whose transfers, reversals and refunds are places of death. A process dies before the processor is asked, and after it
/// has done it and nobody knows.
pub struct MortalProcessor<P>(pub P, pub Arc<Deaths>);

#[async_trait]
impl<P: Processor> Processor for MortalProcessor<P> {
    async fn transfer(&self, order: &TransferOrder) -> Result<Transfer, ProcessorError> {
        let place = self.1.place(transfer_of(&order.deal_id, &order.account));
        self.1.die_once("before", &place);
        let made = self.0.transfer(order).await;
        // Also after an answer that says nothing: it may have happened.
        self.1.die_once("after", &place);
        made
    }

    async fn reverse(&self, order: &BackOrder) -> Result<Back, ProcessorError> {
        let place = self.1.place(format!("REVERSAL#{}", order.of));
        self.1.die_once("before", &place);
        let made = self.0.reverse(order).await;
        self.1.die_once("after", &place);
        made
    }

    async fn refund(&self, order: &BackOrder) -> Result<Back, ProcessorError> {
        let place = self.1.place(format!("REFUND#{}", order.of));
        self.1.die_once("before", &place);
        let made = self.0.refund(order).await;
        self.1.die_once("after", &place);
        made
    }

    async fn reversals_of(&self, transfer: &str) -> Result<Vec<Back>, ProcessorError> {
        self.0.reversals_of(transfer).await
    }

    async fn refunds_of(&self, payment: &str) -> Result<Vec<Back>, ProcessorError> {
        self.0.refunds_of(payment).await
    }

    async fn transfers_in(&self, window: Window) -> Result<Vec<Transfer>, ProcessorError> {
        self.0.transfers_in(window).await
    }

    async fn events_in(&self, kinds: &[&str], window: Window) -> Result<Vec<Happened>, ProcessorError> {
        self.0.events_in(kinds, window).await
    }

    async fn fees_in(&self, window: Window) -> Result<Vec<Fee>, ProcessorError> {
        self.0.fees_in(window).await
    }

    async fn balances(&self) -> Result<BTreeMap<String, Balance>, ProcessorError> {
        self.0.balances().await
    }

    async fn transfers_of(&self, deal_id: &str) -> Result<Vec<Transfer>, ProcessorError> {
        self.0.transfers_of(deal_id).await
    }

    async fn open_account(&self, tenant_id: &str) -> Result<ConnectedAccount, ProcessorError> {
        self.0.open_account(tenant_id).await
    }

    async fn account(&self, id: &str) -> Result<ConnectedAccount, ProcessorError> {
        self.0.account(id).await
    }

    async fn onboarding_link(&self, account: &str, return_url: &str) -> Result<String, ProcessorError> {
        self.0.onboarding_link(account, return_url).await
    }
}
