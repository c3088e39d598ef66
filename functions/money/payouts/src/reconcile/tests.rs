//! Reconciliations whose processor does not list its fees, and those that end in the same second.

use inventure_table::Record;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use inventure_books::records::{FoundDifference, Reconciliation, RunStage};
use inventure_payments::{
    Back, BackOrder, Balance, ConnectedAccount, Fee, Happened, Processor, ProcessorError, Transfer, TransferOrder,
    Window,
};
use inventure_table::{Store, memory::MemoryTable, table::Query};

use super::*;
use crate::Queue;

/// A processor on which nothing happens, and that may not list its fees.
#[derive(Default)]
struct Quiet {
    fails: AtomicBool,
    asked: Mutex<Vec<Window>>,
    made: Mutex<Vec<(Timestamp, Transfer)>>,
}

type Answer<T> = Result<T, ProcessorError>;

fn none<T>() -> Answer<T> {
    Err(ProcessorError::Unknown("nothing is asked for here".to_owned()))
}

#[async_trait]
impl Processor for Quiet {
    async fn transfer(&self, _: &TransferOrder) -> Answer<Transfer> {
        none()
    }
    async fn transfers_of(&self, _: &str) -> Answer<Vec<Transfer>> {
        none()
    }
    async fn reverse(&self, _: &BackOrder) -> Answer<Back> {
        none()
    }
    async fn reversals_of(&self, _: &str) -> Answer<Vec<Back>> {
        none()
    }
    async fn refund(&self, _: &BackOrder) -> Answer<Back> {
        none()
    }
    async fn refunds_of(&self, _: &str) -> Answer<Vec<Back>> {
        none()
    }
    async fn transfers_in(&self, window: Window) -> Answer<Vec<Transfer>> {
        let all = self.made.lock().unwrap().clone();
        let inside = |(at, _): &(Timestamp, Transfer)| window.from <= *at && *at < window.until;
        Ok(all.into_iter().filter(inside).map(|(_, transfer)| transfer).collect())
    }
    async fn events_in(&self, _: &[&str], _: Window) -> Answer<Vec<Happened>> {
        Ok(Vec::new())
    }
    async fn fees_in(&self, window: Window) -> Answer<Vec<Fee>> {
        self.asked.lock().unwrap().push(window);
        if self.fails.load(Ordering::Relaxed) {
            return none();
        }
        Ok(Vec::new())
    }
    async fn balances(&self) -> Answer<BTreeMap<String, Balance>> {
        Ok(BTreeMap::new())
    }
    async fn open_account(&self, _: &str) -> Answer<ConnectedAccount> {
        none()
    }
    async fn account(&self, _: &str) -> Answer<ConnectedAccount> {
        none()
    }
    async fn onboarding_link(&self, _: &str, _: &str) -> Answer<String> {
        none()
    }
}

#[async_trait]
impl Queue for Quiet {
    async fn send(&self, _: String) -> Result<(), Failure> {
        Ok(())
    }
}

fn payer() -> (Arc<Quiet>, Payer) {
    payer_on(Arc::new(MemoryTable::default()))
}

fn payer_on(table: Arc<MemoryTable>) -> (Arc<Quiet>, Payer) {
    let quiet = Arc::new(Quiet::default());
    let queue = Arc::clone(&quiet) as Arc<dyn Queue>;
    let payer = Payer::new(
        Store::new(table, "payouts"),
        Arc::clone(&quiet) as Arc<dyn Processor>,
        queue,
    );
    (quiet, payer)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap()
}

impl Payer {
    async fn compared(&self) -> Vec<Reconciliation> {
        let query = Query::table(Reconciliation::PARTITION, "");
        self.store.query(&query).await.unwrap()
    }

    async fn current(&self) -> Option<ReconciliationRun> {
        self.store.get(&ReconciliationRun::place()).await.unwrap()
    }
}

#[tokio::test]
async fn fees_that_were_never_listed_are_asked_for_whole_the_next_time() {
    let (quiet, payer) = payer();
    quiet.fails.store(true, Ordering::Relaxed);
    for _ in 1..TRIES {
        assert!(payer.reconcile(at(0)).await.is_err());
    }
    payer.reconcile(at(0)).await.unwrap();
    let first = payer.compared().await.remove(0);
    assert_eq!((first.fees_until, first.found), (None, 1), "passed over, and said so");
    let query = Query::table(FoundDifference::partition(first.until), "");
    let found: Vec<FoundDifference> = payer.store.query(&query).await.unwrap();
    assert_eq!(found[0].difference.kind, DifferenceKind::Unchecked);

    quiet.fails.store(false, Ordering::Relaxed);
    quiet.asked.lock().unwrap().clear();
    let now = at(3_600_000);
    payer.reconcile(now).await.unwrap();
    let asked = quiet.asked.lock().unwrap().clone();
    assert_eq!(asked[0].from, Timestamp::UNIX_EPOCH);
    assert!(asked.len() < 10, "{} lists", asked.len());
    assert!(asked.windows(2).all(|pair| pair[0].until == pair[1].from), "{asked:?}");
    assert!(asked.last().unwrap().until > now);
    assert!(payer.compared().await[1].fees_until.is_some());
}

#[tokio::test]
async fn a_comparison_that_ends_in_the_second_of_the_last_is_not_begun() {
    let (_, payer) = payer();
    for millis in [0, 0, 400, 999] {
        payer.reconcile(at(millis)).await.unwrap();
        assert_eq!((payer.compared().await.len(), payer.current().await), (1, None));
    }
    // Another machine's clock is behind.
    payer.reconcile(at(-5_000)).await.unwrap();
    assert_eq!((payer.compared().await.len(), payer.current().await), (1, None));
    payer.reconcile(at(1_000)).await.unwrap();
    assert_eq!((payer.compared().await.len(), payer.current().await), (2, None));
}

#[tokio::test]
async fn a_run_that_could_never_end_is_removed() {
    let (_, payer) = payer();
    payer.reconcile(at(0)).await.unwrap();
    let last = payer.compared().await.remove(0);
    let stuck = ReconciliationRun {
        from: last.until,
        until: last.until,
        reached: last.until,
        stage: RunStage::Processor,
        seen: BTreeMap::new(),
        fees_from: last.fees_until,
        fees_missing_from: None,
        compared: 0,
        differences: 0,
        failures: 0,
        version: 1,
    };
    payer.store.commit(Change::new().insert(&stuck)).await.unwrap();
    payer.reconcile(at(500)).await.unwrap();
    assert_eq!(payer.current().await, None);
    payer.reconcile(at(60_000)).await.unwrap();
    assert_eq!(payer.compared().await.len(), 2);
}

#[tokio::test]
async fn any_table_call_may_fail_and_what_differs_is_found_once() {
    let made = Transfer {
        id: "tr_by_hand".to_owned(),
        payout_id: None,
        account: "acct_1".to_owned(),
        minor_units: 5,
        reversed_minor_units: 0,
        currency: "usd".to_owned(),
    };
    for failing in 0..2_000 {
        let table = Arc::new(MemoryTable::default());
        let (quiet, payer) = payer_on(Arc::clone(&table));
        quiet.made.lock().unwrap().push((at(-7_200_000), made.clone()));
        table.fail_nth(failing);
        let first = payer.reconcile(at(0)).await;
        let is_over = table.fault_is_due();
        table.fail_nth(u32::MAX);
        if first.is_err() {
            payer.reconcile(at(0)).await.unwrap();
        }
        assert_eq!(payer.current().await, None, "call {failing}: it came to its end");
        let compared = payer.compared().await;
        assert_eq!((compared.len(), compared[0].found), (1, 1), "call {failing}");
        if is_over {
            return;
        }
    }
    panic!("a reconciliation without end");
}
