//! Money once it is due: paid, taken back, paid back, compared. The processor is its stand-in, asked over HTTP.

mod processor;

use inventure_table::Record;
use std::sync::Arc;

use inventure_books::records::{
    ClientRefund, Difference, FoundDifference, PaidOut, Payee, PayoutAccount, Reconciliation, ReconciliationRun,
};
use inventure_core::{Currency, TenantId};
use inventure_ledger::{Account, Kind, Owner, Posting, Reference, Shard, Transaction, TransactionKind};
use inventure_table::{Change, Condition, table::Query};
use inventure_testing::{NURSE, Person};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::money::deals::Room;

pub fn in_days(days: i64) -> Timestamp {
    inventure_api::clock::now() + SignedDuration::from_hours(24 * days)
}

impl Room {
    /// Sets up a deal that is placed, billed and paid by the client; both agencies have accounts at the processor.
    pub async fn payable() -> Self {
        let room = Self::new("even").await;
        Box::pin(room.place_and_pay(3_333_333)).await;
        for who in [&room.job_side, &room.candidate_side] {
            let _ = room.account_link(who).await;
        }
        room
    }

    /// Returns the link by which an agency goes on with its account at the processor.
    async fn account_link(&self, who: &Person) -> String {
        let body = json!({ "return_url": "https://app.example/payouts" });
        let answer = who.write(&self.world.app, "POST", "/payout-account", body).await;
        answer.expect(200)["onboarding_url"].as_str().unwrap().to_owned()
    }

    /// Makes both agencies tell the processor who they are.
    pub async fn onboard(&self) {
        for who in [&self.job_side, &self.candidate_side] {
            self.world.processor.onboard(&self.account_link(who).await);
        }
    }

    /// Sets up the same deal, of which everything due on day six was paid out.
    pub async fn paid_out() -> Self {
        let room = Box::pin(Self::payable()).await;
        room.onboard().await;
        room.settle_in(6).await;
        room.pay_out(6).await;
        assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
        room
    }

    /// Checks that each agency's records say the processor's sum over these deals, and that nothing lies beside a debt.
    pub async fn counted_once(&self, deals: &[&str], when: &str) {
        let paid = self.paid_both().await;
        for (index, paid) in paid.into_iter().enumerate() {
            let mut counted = 0;
            for deal in deals {
                let key = PaidOut::key_of(deal.parse().unwrap(), self.tenant(index));
                let record: Option<PaidOut> = self.world.store.get(&key).await.unwrap();
                counted += record.map_or(0, |record| record.minor_units);
            }
            assert_eq!(counted, paid, "{when}: agency {index}");
            let (available, debt) = (
                self.broker(index, Kind::Available).await,
                self.broker(index, Kind::Debt).await,
            );
            assert_eq!(available, 0, "{when}: agency {index} waits for it, {debt} beside it");
        }
    }

    /// Moves money that the job side was paid to its bank.
    pub async fn spend(&self, units: i64) {
        let (account, amount) = (self.account(0).await, units.to_string());
        let form = [("amount", amount.as_str()), ("currency", "usd")];
        let _ = self.world.processor.write("payouts", Some(&account), &form);
    }

    async fn account(&self, index: usize) -> String {
        let who = [&self.job_side, &self.candidate_side][index];
        let account = self.world.get(who, "/payout-account").await.expect(200);
        account["account"].as_str().unwrap().to_owned()
    }

    /// Returns the sums that both agencies have from the processor.
    async fn paid_both(&self) -> [i64; 2] {
        let processor = &self.world.processor;
        [
            processor.paid_to(&self.account(0).await),
            processor.paid_to(&self.account(1).await),
        ]
    }

    /// Pays out until nothing more happens, on a day.
    pub async fn pay_out(&self, day: i64) {
        for minute in 0..6 {
            let now = in_days(day) + SignedDuration::from_mins(2 * minute);
            let failed = Box::pin(self.world.pay_out(now)).await;
            assert!(failed.is_empty(), "{failed:?}");
        }
    }

    /// Handles one message of a payout, on day seven.
    pub async fn handle_pay(&self, deal: &str, tenant: TenantId) {
        self.handle_pay_at(deal, tenant, in_days(7)).await;
    }

    pub async fn handle_pay_at(&self, deal: &str, tenant: TenantId, now: Timestamp) {
        let deal = deal.parse().unwrap();
        let message = payouts::Message::Pay { deal, tenant };
        self.world.payer.handle(&message, now).await.unwrap();
    }

    async fn both(&self, kind: Kind) -> [i64; 2] {
        [self.broker(0, kind).await, self.broker(1, kind).await]
    }

    async fn network(&self, kind: Kind) -> i64 {
        self.balance(Account::network(kind, Currency::USD, &self.deal.parse().unwrap()).unwrap())
            .await
    }

    async fn all_cash(&self) -> i64 {
        let heads = inventure_books::Ledger::new(self.world.store.clone())
            .all_heads()
            .await
            .unwrap();
        let cash = heads.iter().filter(|head| head.account.kind() == Kind::Cash);
        cash.map(|head| head.balance_minor_units).sum()
    }

    /// Returns the number of refunds that the processor has still to make.
    async fn refunds_left(&self) -> usize {
        let mut left = 0;
        for shard in 0..ClientRefund::SHARDS {
            let query = Query::table(ClientRefund::partition(shard), "");
            left += self.world.store.query::<ClientRefund>(&query).await.unwrap().len();
        }
        left
    }

    pub async fn fall_off(&self) {
        self.fall_off_on(3).await;
    }

    /// Reports a fall-off whose last day at work is told within the terms' five days after it.
    pub async fn fall_off_on(&self, last_day: i64) {
        let left = json!({ "kind": "fell_off", "last_day": Self::days(last_day), "reason": "resigned" });
        let _ = self.agreed(&self.job_side, left).await.expect(201);
    }

    /// Makes a day come for the deal, whether or not anything is due of it by then. The day of the week decides that.
    pub async fn day_comes(&self, day: i64) {
        let store = &self.world.store;
        let held = inventure_deal_store::load(store, self.deal.parse().unwrap());
        let held = held.await.unwrap().unwrap();
        let (change, _) = held.settle_until(held.moment(in_days(day))).unwrap();
        let _ = store.commit(change).await.unwrap();
    }

    /// Books what is due of the deal, or returns what is missing for it.
    pub async fn settle(&self, day: i64) -> Result<(), String> {
        let deal = self.deal.parse().unwrap();
        let settled = self.world.settler.settle(deal, "test", in_days(day)).await;
        settled.map_err(|error| error.to_string())
    }

    /// Compares with the processor, and returns what differs.
    async fn reconcile(&self, now: Timestamp) -> Value {
        self.world
            .payer
            .handle(&payouts::Message::Reconcile {}, now)
            .await
            .unwrap();
        let record = self.compared().await.unwrap();
        let query = Query::table(FoundDifference::partition(record.until), "");
        let found: Vec<FoundDifference> = self.world.store.query(&query).await.unwrap();
        assert_eq!(found.len(), record.found as usize);
        let found: Vec<Difference> = found.into_iter().map(|found| found.difference).collect();
        json!(found)
    }

    /// Returns the last comparison, if there was one.
    async fn compared(&self) -> Option<Reconciliation> {
        let newest = Query {
            descending: true,
            limit: 1,
            ..Query::table(Reconciliation::PARTITION, "")
        };
        self.world.store.query(&newest).await.unwrap().pop()
    }

    /// Does as [`Room::reconcile`], and looks at what the processor did just now as well. It is later than the last by a second
    /// at least, which tells comparisons apart.
    pub async fn differences(&self) -> Value {
        let now = inventure_api::clock::now() + SignedDuration::from_hours(2);
        let last = self.compared().await;
        let next = last.map(|last| last.until + SignedDuration::from_secs(3_601));
        self.reconcile(next.map_or(now, |next| next.max(now))).await
    }
}

fn rate_limit() -> Value {
    json!({ "kind": "rate_limit" })
}

fn lost_after_effect() -> Value {
    json!({ "kind": "server_error", "after_effect": true })
}

#[tokio::test]
async fn brokers_are_paid_once_whatever_the_processor_does() {
    for faults in [
        vec![],
        vec![rate_limit()],
        vec![lost_after_effect()],
        vec![rate_limit(), rate_limit(), lost_after_effect()],
        vec![lost_after_effect(), rate_limit(), lost_after_effect(), rate_limit()],
    ] {
        let room = Room::payable().await;
        room.onboard().await;
        assert!(room.world.pay_out(in_days(0)).await.is_empty(), "nothing is due yet");
        room.settle_in(6).await;
        room.world.processor.fail(&faults);
        let _ = room.world.pay_out(in_days(6)).await;
        room.pay_out(7).await;
        assert_eq!(room.paid_both().await, [1_583_334, 1_583_333], "{faults:?}");
        assert_eq!(room.both(Kind::Available).await, [0, 0], "{faults:?}");
        assert_eq!(room.network(Kind::InTransit).await, 0, "{faults:?}");
        assert_eq!(room.network(Kind::Cash).await, 3_333_333 - 1_583_334 - 1_583_333);
        let shown = room.world.get(&room.job_side, "/payouts").await.expect(200);
        assert_eq!(shown[0]["status"], "settled", "{shown}");
        assert_eq!(room.differences().await, json!([]), "{faults:?}");
    }
}

#[tokio::test]
async fn what_the_processor_declines_is_available_again_and_paid_later() {
    let room = Room::payable().await;
    room.onboard().await;
    room.settle_in(6).await;
    let processor = &room.world.processor;
    let all = processor.balance("usd").to_string();
    let _ = processor.write("payouts", None, &[("amount", &all), ("currency", "usd")]);
    room.pay_out(6).await;
    assert_eq!(room.paid_both().await, [0, 0]);
    assert_eq!(room.both(Kind::Available).await, [1_583_334, 1_583_333]);
    let shown = room.world.get(&room.job_side, "/payouts").await.expect(200);
    assert_eq!(shown[0]["status"], "returned", "{shown}");
    assert_eq!(room.differences().await[0]["kind"], "balance");
    let _ = processor.write("topups", None, &[("amount", &all), ("currency", "usd")]);
    assert_ne!(room.newest_event().await["outcome"], "booked", "not for the reserve");
    room.pay_out(7).await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
    assert_eq!(room.differences().await, json!([]));
}

#[tokio::test]
async fn a_payout_that_stays_open_for_a_day_is_said_and_paid_once_the_processor_has_forgotten_its_id() {
    let room = Room::payable().await;
    room.onboard().await;
    room.settle_in(6).await;
    let processor = &room.world.processor;
    processor.fail(&[json!({ "kind": "server_error", "after_effect": false })]);
    let message = payouts::Message::Pay {
        deal: room.deal.parse().unwrap(),
        tenant: room.tenant(0),
    };
    for minute in 0..3 {
        let now = in_days(6) + SignedDuration::from_mins(minute);
        room.world.payer.handle(&message, now).await.unwrap();
        assert_eq!(
            room.network(Kind::InTransit).await,
            1_583_334,
            "the processor gives its 500 again"
        );
    }
    let late = room.reconcile(in_days(8)).await;
    assert_eq!(
        (late[0]["kind"].as_str(), late.as_array().unwrap().len()),
        (Some("open"), 1),
        "{late}"
    );
    let _ = processor.tell("forget", &json!({}));
    room.pay_out(8).await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
    assert_eq!(room.network(Kind::InTransit).await, 0);
}

#[tokio::test]
async fn any_table_call_of_a_payout_may_fail_and_it_is_paid_once() {
    for failing in 0..40 {
        let room = Room::payable().await;
        room.onboard().await;
        room.settle_in(6).await;
        room.world.table.fail_nth(failing);
        let _ = room.world.pay_out_in(1, in_days(6)).await;
        room.world.table.fail_nth(u32::MAX);
        // The processor forgets what it was asked, and has only its list.
        let _ = room.world.processor.tell("forget", &json!({}));
        room.pay_out(7).await;
        assert_eq!(room.paid_both().await, [1_583_334, 1_583_333], "call {failing}");
        assert_eq!(room.broker(0, Kind::Available).await, 0, "call {failing}");
    }
}

#[tokio::test]
async fn who_has_no_account_is_paid_once_they_have() {
    let room = Room::payable().await;
    room.settle_in(6).await;
    room.pay_out(6).await;
    assert_eq!(room.paid_both().await, [0, 0]);
    assert_eq!(room.broker(0, Kind::Available).await, 1_583_334);
    let account = room.world.get(&room.job_side, "/payout-account").await.expect(200);
    assert_eq!(account["is_ready"], false);
    room.onboard().await;
    room.pay_out(7).await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
    assert_eq!(room.both(Kind::Available).await, [0, 0]);
}

#[tokio::test]
async fn a_tenant_is_paid_to_the_account_it_was_first_paid_to() {
    let room = Room::payable().await;
    room.onboard().await;
    room.settle_in(6).await;
    let (store, tenant) = (room.world.store_of("payout-accounts"), room.tenant(0));
    let own: PayoutAccount = store.get(&PayoutAccount::key_of(tenant)).await.unwrap().unwrap();
    let other: PayoutAccount = store
        .get(&PayoutAccount::key_of(room.tenant(1)))
        .await
        .unwrap()
        .unwrap();
    let first = Payee {
        tenant_id: tenant,
        account: own.account.clone(),
        since: in_days(5),
    };
    room.world.store.commit(Change::new().insert(&first)).await.unwrap();
    // As the function that opens accounts would write it, if somebody else had it in hand.
    let named = |account: &str| PayoutAccount {
        account: account.to_owned(),
        is_ready: true,
        ..own.clone()
    };
    let change = Change::new().put(&named(&other.account), Condition::None);
    store.commit(change).await.unwrap();
    room.pay_out(6).await;
    assert_eq!(
        room.both(Kind::Available).await,
        [1_583_334, 0],
        "the other is paid, this one waits"
    );
    let change = Change::new().put(&named(&own.account), Condition::None);
    store.commit(change).await.unwrap();
    room.pay_out(7).await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
    let payee: Option<Payee> = room.world.store.get(&Payee::key_of(room.tenant(1))).await.unwrap();
    assert_eq!(
        payee.map(|payee| payee.account),
        Some(other.account),
        "the first time holds it"
    );
}

#[tokio::test]
async fn a_processor_that_is_not_there_fails_no_message_and_is_asked_again() {
    let room = Room::payable().await;
    room.onboard().await;
    room.settle_in(6).await;
    let key = Arc::new(inventure_table::secrets::Known("sk_test_nobody".to_owned()));
    let nobody = Arc::new(inventure_payments::Stripe::new("http://127.0.0.1:1", key, false).unwrap());
    let queue = Arc::clone(&room.world.processor) as Arc<dyn payouts::Queue>;
    let payer = payouts::Payer::new(room.world.store_of("payouts"), nobody, queue);
    let message = payouts::Message::Pay {
        deal: room.deal.parse().unwrap(),
        tenant: room.tenant(0),
    };
    // A message that failed would be a dead letter a minute for every broker.
    for minute in 0..3 {
        let now = in_days(6) + SignedDuration::from_mins(minute);
        payer.handle(&message, now).await.unwrap();
    }
    room.pay_out(7).await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
}

#[tokio::test]
async fn two_workers_at_once_pay_once() {
    let room = Room::payable().await;
    room.onboard().await;
    room.settle_in(6).await;
    let message = payouts::Message::Pay {
        deal: room.deal.parse().unwrap(),
        tenant: room.tenant(0),
    };
    let workers = (0..8).map(|n| {
        room.world
            .payer
            .handle(&message, in_days(6) + SignedDuration::from_nanos(n))
    });
    let _ = futures_util::future::join_all(workers).await;
    for _ in 0..3 {
        let _ = room.world.payer.handle(&message, in_days(6)).await;
    }
    assert_eq!(room.paid_both().await, [1_583_334, 0]);
    assert_eq!(room.broker(0, Kind::Available).await, 0);
}

#[tokio::test]
async fn after_a_fall_off_the_transfers_are_reversed_and_the_client_is_paid_back() {
    for faults in [
        vec![],
        vec![lost_after_effect()],
        vec![rate_limit(), lost_after_effect()],
        vec![rate_limit(), rate_limit(), rate_limit()],
        vec![lost_after_effect(), rate_limit(), rate_limit(), lost_after_effect()],
    ] {
        let room = Room::paid_out().await;
        room.fall_off().await;
        let waits = room.settle(7).await.unwrap_err();
        assert!(waits.contains("cash"), "the brokers have the cash: {waits}");
        let debts = room.both(Kind::Debt).await;
        assert!(debts.iter().all(|debt| *debt > 1_000_000), "{debts:?}");
        room.world.processor.fail(&faults);
        room.pay_out(7).await;
        assert_eq!(room.both(Kind::Debt).await, [0, 0], "{faults:?}");
        room.settle(7).await.unwrap();
        room.world.processor.fail(&faults);
        room.pay_out(8).await;
        assert_eq!(room.refunds_left().await, 0, "{faults:?}");
        // Both sides have what the guarantee leaves them, the client has the rest, and both books agree.
        let deal = room
            .world
            .get(&room.job_side, &format!("/deals/{}", room.deal))
            .await
            .expect(200);
        let credited = deal["invoices"][0]["credited_minor_units"].as_i64().unwrap();
        let left: i64 = room.paid_both().await.iter().sum();
        let cash = room.all_cash().await;
        assert_eq!(left + cash, 3_333_333 - credited, "{faults:?}");
        let report = format!("/reports/deals/{}", room.deal);
        let report = room.world.get(&room.job_side, &report).await.expect(200);
        let rows = report["rows"].as_array().unwrap().iter();
        let owed: Vec<&Value> = rows
            .map(|row| &row["owed"]["minor_units"])
            .filter(|owed| !owed.is_null())
            .collect();
        assert_eq!(owed, [0, 0], "{report}");
        assert_eq!(room.world.processor.balance("usd"), cash, "{faults:?}");
        let refunds = room.world.processor.read("refunds?limit=100");
        assert_eq!(refunds["data"][0]["amount"], credited, "{refunds}");
        assert_eq!(refunds["data"].as_array().map(Vec::len), Some(1), "{faults:?}");
        assert_eq!(room.differences().await, json!([]), "{faults:?}");
        let shown = room.world.get(&room.job_side, "/payouts").await.expect(200);
        assert!(shown.to_string().contains("reverses"), "{shown}");
    }
}

#[tokio::test]
async fn any_table_call_of_a_reversal_may_fail_and_it_is_taken_back_once() {
    for failing in 0..50 {
        let room = Room::paid_out().await;
        room.fall_off().await;
        let _ = room.settle(7).await;
        room.world.table.fail_nth(failing);
        let _ = room.world.pay_out_in(1, in_days(7)).await;
        let _ = room.settle(7).await;
        let _ = room
            .world
            .pay_out_in(1, in_days(7) + SignedDuration::from_mins(1))
            .await;
        room.world.table.fail_nth(u32::MAX);
        let _ = room.world.processor.tell("forget", &json!({}));
        room.pay_out(8).await;
        let _ = room.settle(8).await;
        room.pay_out(9).await;
        assert_eq!(room.refunds_left().await, 0, "call {failing}");
        assert_eq!(room.both(Kind::Debt).await, [0, 0], "call {failing}");
        assert_eq!(
            room.world.processor.balance("usd"),
            room.all_cash().await,
            "call {failing}"
        );
        assert_eq!(room.differences().await, json!([]), "call {failing}");
    }
}

#[tokio::test]
async fn what_cannot_be_reversed_is_kept_back_from_the_next_deal_and_the_reserve_stands_in() {
    let mut room = Room::paid_out().await;
    let processor = &room.world.processor;
    // The job side has spent it.
    let account = room.account(0).await;
    let _ = processor.write("payouts", Some(&account), &[("amount", "1583334"), ("currency", "usd")]);
    room.fall_off().await;
    let _ = room.world.news();
    let _ = room.settle(7).await;
    room.pay_out(7).await;
    let debts = room.both(Kind::Debt).await;
    assert!(debts[0] > 1_000_000 && debts[1] == 0, "{debts:?}");
    assert!(room.settle(7).await.is_err(), "the client's refund waits for cash");
    // The network puts in what is missing, for the reserve.
    let amount = debts[0].to_string();
    let reserve = [
        ("amount", amount.as_str()),
        ("currency", "usd"),
        ("metadata[for]", "guarantee-reserve"),
    ];
    let _ = processor.write("topups", None, &reserve);
    for _ in 0..2 {
        assert_eq!(room.newest_event().await["outcome"], "booked");
        for event in room.world.news() {
            room.world.deliver(&event).await.unwrap();
            room.world.deliver(&event).await.unwrap();
        }
    }
    room.settle(7).await.unwrap();
    room.pay_out(7).await;
    assert_eq!(room.differences().await, json!([]));
    let first = room.paid_both().await;
    // Another deal: the debt is kept back before anything is paid.
    room.open("even", NURSE).await;
    Box::pin(room.place_and_pay(3_333_333)).await;
    room.settle_in(14).await;
    room.pay_out(14).await;
    assert_eq!(room.both(Kind::Debt).await, [0, 0]);
    let second = room.paid_both().await;
    assert_eq!(second[0] - first[0], 1_583_334 - debts[0]);
    assert_eq!(second[1] - first[1], 1_583_333);
    assert_eq!(room.both(Kind::Available).await, [0, 0]);
    assert_eq!(room.world.processor.balance("usd"), room.all_cash().await);
    // The first deal is not taken back once more when its turn comes.
    for day in 15..17 {
        room.pay_out(day).await;
    }
    assert_eq!(room.paid_both().await, second);
    assert_eq!(room.differences().await, json!([]));
}

#[tokio::test]
async fn a_debt_that_was_kept_back_while_it_was_taken_back_is_given_back() {
    for failing in 0..24 {
        let mut room = Room::paid_out().await;
        room.fall_off().await;
        let _ = room.world.news();
        let _ = room.settle(7).await;
        let first = room.deal.clone();
        room.open("even", NURSE).await;
        Box::pin(room.place_and_pay(3_333_333)).await;
        room.settle_in(14).await;
        let pay = |deal: &str| payouts::Message::Pay {
            deal: deal.parse().unwrap(),
            tenant: room.tenant(0),
        };
        // The processor takes it back and the books may not hear of it; meanwhile the other deal's money is kept for the debt.
        room.world.table.fail_nth(failing);
        let _ = room.world.payer.handle(&pay(&first), in_days(14)).await;
        room.world.table.fail_nth(u32::MAX);
        for _ in 0..2 {
            room.world.payer.handle(&pay(&room.deal), in_days(14)).await.unwrap();
        }
        room.pay_out(15).await;
        room.deal = first;
        room.settle(16).await.unwrap();
        for day in 16..19 {
            room.pay_out(day).await;
        }
        assert_eq!(room.both(Kind::Debt).await, [0, 0], "call {failing}");
        assert_eq!(room.both(Kind::Available).await, [0, 0], "call {failing}");
        assert_eq!(
            room.world.processor.balance("usd"),
            room.all_cash().await,
            "call {failing}"
        );
        assert_eq!(room.differences().await, json!([]), "call {failing}");
    }
}

#[tokio::test]
async fn money_of_another_deal_that_stood_in_for_a_fall_off_is_not_paid_again() {
    let mut room = Room::paid_out().await;
    let first = room.deal.clone();
    room.open("even", NURSE).await;
    Box::pin(room.place_and_pay(3_333_333)).await;
    room.settle_in(14).await;
    let second = std::mem::replace(&mut room.deal, first);
    // What the second deal made available covers the first's fall-off before it is paid.
    room.fall_off().await;
    room.settle(15).await.unwrap();
    assert_eq!(room.both(Kind::Debt).await, [0, 0]);
    room.pay_out(15).await;
    room.pay_out(16).await;
    room.deal = second;
    let cash = room.all_cash().await;
    assert_eq!(room.both(Kind::Available).await, [0, 0]);
    assert_eq!(room.world.processor.balance("usd"), cash);
    let paid: i64 = room.paid_both().await.iter().sum();
    let refunds = room.world.processor.read("refunds?limit=100");
    let back = refunds["data"][0]["amount"].as_i64().unwrap();
    assert_eq!(paid + cash + back, 2 * 3_333_333);
    let waiting: Vec<inventure_books::records::Payable> = {
        let mut all = Vec::new();
        for shard in 0..inventure_books::records::Payable::SHARDS {
            let partition = inventure_books::records::Payable::partition(shard);
            all.extend(room.world.store.query(&Query::table(partition, "")).await.unwrap());
        }
        all
    };
    assert!(waiting.is_empty(), "nothing is left due: {waiting:?}");
    assert_eq!(room.differences().await, json!([]));
}

#[tokio::test]
async fn a_broker_leaves_with_a_debt_that_no_deal_asks_for() {
    let mut room = Room::paid_out().await;
    let first = room.deal.clone();
    room.open("even", NURSE).await;
    Box::pin(room.place_and_pay(3_333_333)).await;
    room.settle_in(6).await;
    let second = std::mem::replace(&mut room.deal, first.clone());
    // The second deal's money, which nobody was paid yet, covers the first's fall-off.
    room.fall_off().await;
    room.settle(7).await.unwrap();
    for tenant in [0, 1].map(|index| room.tenant(index)) {
        let deal = first.parse().unwrap();
        for minute in 0..3 {
            let now = in_days(7) + SignedDuration::from_mins(minute);
            let pay = payouts::Message::Pay { deal, tenant };
            room.world.payer.handle(&pay, now).await.unwrap();
        }
    }
    assert_eq!(room.both(Kind::Debt).await, [0, 0]);
    // Then the second falls off as well: what was paid for the first is owed.
    room.deal = second;
    room.fall_off().await;
    let _ = room.settle(8).await;
    let debts = room.both(Kind::Debt).await;
    assert!(debts.iter().all(|debt| *debt > 0), "{debts:?}");
    for day in 8..12 {
        room.pay_out(day).await;
        let _ = room.settle(day).await;
    }
    assert_eq!(room.both(Kind::Debt).await, [0, 0]);
    assert_eq!(room.refunds_left().await, 0);
    assert_eq!(room.world.processor.balance("usd"), room.all_cash().await);
    assert_eq!(room.differences().await, json!([]));
    let second = room.deal.clone();
    room.counted_once(
        &[&first, &second],
        "what was taken back for a debt was not paid for this deal",
    )
    .await;
}

#[tokio::test]
async fn a_debt_that_another_deal_carries_is_not_kept_back_twice() {
    let mut room = Room::paid_out().await;
    room.spend(1_583_334).await;
    let first = room.deal.clone();
    room.fall_off().await;
    let _ = room.settle(7).await;
    room.pay_out(7).await;
    assert!(room.broker(0, Kind::Debt).await > 1_000_000);
    let _ = room.world.news();
    // Another deal's money comes in parts, the first smaller than the debt.
    room.open("even", NURSE).await;
    let second = room.deal.clone();
    room.both_sign().await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.pay(1_500_000).await;
    room.settle_in(14).await;
    room.pay_out(14).await;
    assert!(room.broker(0, Kind::Debt).await > 0);
    room.pay(1_000_000).await;
    room.settle_in(15).await;
    room.pay_out(15).await;
    room.pay(833_333).await;
    room.settle_in(16).await;
    for day in 16..19 {
        room.pay_out(day).await;
    }
    assert_eq!(room.both(Kind::Debt).await, [0, 0]);
    assert_eq!(room.both(Kind::Available).await, [0, 0], "all that is released is paid");
    room.counted_once(&[&first, &second], "paid in parts").await;
}

#[tokio::test]
async fn a_payout_takes_its_cash_where_it_is() {
    let room = Room::payable().await;
    room.onboard().await;
    room.settle_in(6).await;
    // All but a million of the deal's cash is in another shard, as after another deal's refund and a top-up.
    let ledger = inventure_books::Ledger::new(room.world.store.clone());
    let deal: Reference = room.deal.parse().unwrap();
    let own = Account::network(Kind::Cash, Currency::USD, &deal).unwrap();
    let other = (0..inventure_ledger::SHARDS)
        .filter_map(Shard::new)
        .map(|shard| Account::new(Owner::Network(shard), Kind::Cash, Currency::USD).unwrap())
        .find(|account| *account != own)
        .unwrap();
    let came = ledger.entries(&own, 0, 1).await.unwrap().remove(0).transaction_id;
    let moved = Transaction {
        id: "correction:1".parse().unwrap(),
        kind: TransactionKind::Correction,
        occurred_at: in_days(6),
        deal: None,
        reason: "moved".parse().ok(),
        corrects: Some(came),
        resolves: None,
        postings: [(own, -2_333_333), (other, 2_333_333)]
            .map(|(account, minor_units)| Posting { account, minor_units })
            .into(),
    };
    ledger.book(&moved, |_| Change::new()).await.unwrap();
    room.pay_out(6).await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
    assert_eq!(room.world.processor.balance("usd"), room.all_cash().await);
    assert_eq!(room.differences().await, json!([]));
}

#[tokio::test]
async fn whatever_differs_from_the_processor_is_found() {
    let room = Room::paid_out().await;
    let processor = &room.world.processor;
    // Each by itself, and what was found once is not found again, but for the balance.
    let account = room.account(0).await;
    let kinds = |found: &Value| -> Vec<String> {
        let all = found.as_array().unwrap().iter();
        all.map(|difference| difference["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    let transfer = [("amount", "5"), ("currency", "usd"), ("destination", account.as_str())];
    let _ = processor.write("transfers", None, &transfer);
    let found = room.differences().await;
    assert_eq!(kinds(&found), ["transfer", "balance"], "somebody paid by hand: {found}");
    let operator = room.world.operator("olaf").await;
    let shown = room.world.get(&operator, "/reconciliations").await.expect(200);
    assert!(shown[0]["compared"].as_u64().unwrap() > 5, "{shown}");
    assert_eq!(shown[0]["balances"][0]["processor_minor_units"], 166_661, "{shown}");
    assert_eq!(shown[0]["differences"][0]["kind"], "transfer", "{shown}");
    let broker = room.world.get(&room.job_side, "/reconciliations").await;
    assert_eq!(broker.problem(403), "forbidden");
    processor.tell("payments", &json!({ "amount": 5, "currency": "usd", "metadata": {} }));
    let found = room.reconcile(in_days(2)).await;
    assert_eq!(kinds(&found), Vec::<String>::new(), "of yesterday: {found}");

    let room = Room::paid_out().await;
    let processor = &room.world.processor;
    let newest = processor.read("transfers?limit=1")["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let _ = processor.write(&format!("transfers/{newest}/reversals"), None, &[("amount", "7")]);
    let found = room.differences().await;
    assert_eq!(
        kinds(&found),
        ["reversal", "balance"],
        "somebody took back by hand: {found}"
    );
    assert_eq!(found[0]["processor_minor_units"], 7, "{found}");

    let room = Room::paid_out().await;
    let processor = &room.world.processor;
    processor.tell("payments", &json!({ "amount": 5, "currency": "usd", "metadata": {} }));
    let found = room.differences().await;
    assert_eq!(kinds(&found), ["event_missed", "balance"], "an event was lost: {found}");

    let room = Room::paid_out().await;
    let processor = &room.world.processor;
    processor.tell("reset", &json!({}));
    let found = room.differences().await;
    let due = ["transfer", "transfer", "balance"];
    assert_eq!(kinds(&found), due, "the processor knows nothing of it: {found}");
}

#[tokio::test]
async fn a_reconciliation_that_fails_at_a_seventh_call_goes_on_and_finds_everything_once() {
    for failing in 0..400 {
        let room = Room::paid_out().await;
        let account = room.account(0).await;
        let transfer = [("amount", "5"), ("currency", "usd"), ("destination", account.as_str())];
        let made = room.world.processor.write("transfers", None, &transfer);
        let back = format!("transfers/{}/reversals", made["id"].as_str().unwrap());
        let _ = room.world.processor.write(&back, None, &[("amount", "5")]);
        let now = inventure_api::clock::now() + SignedDuration::from_hours(2);
        room.world.table.fail_nth(failing * 7);
        let first = room.world.payer.handle(&payouts::Message::Reconcile {}, now).await;
        let is_over = room.world.table.fault_is_due();
        room.world.table.fail_nth(u32::MAX);
        if first.is_err() {
            room.world
                .payer
                .handle(&payouts::Message::Reconcile {}, now)
                .await
                .unwrap();
        }
        let run: Option<ReconciliationRun> = room.world.store.get(&ReconciliationRun::place()).await.unwrap();
        assert_eq!(run, None, "call {failing}: it came to its end");
        let found = room.reconcile(now).await;
        let kinds: Vec<&Value> = found.as_array().unwrap().iter().map(|one| &one["kind"]).collect();
        assert_eq!(kinds, ["transfer"], "call {failing}: {found}");
        if is_over {
            return;
        }
    }
    panic!("a reconciliation without end");
}

#[tokio::test]
async fn differences_without_number_do_not_make_a_record_too_large() {
    let room = Room::paid_out().await;
    let account = room.account(0).await;
    let transfer = [("amount", "5"), ("currency", "usd"), ("destination", account.as_str())];
    for _ in 0..250 {
        let _ = room.world.processor.write("transfers", None, &transfer);
    }
    let found = room.differences().await;
    assert_eq!(found.as_array().unwrap().len(), 251, "each, and the balance");
    let operator = room.world.operator("olaf").await;
    let shown = room.world.get(&operator, "/reconciliations").await.expect(200);
    assert_eq!(shown[0]["difference_count"], 251);
    assert_eq!(shown[0]["differences"].as_array().unwrap().len(), 100);
}
