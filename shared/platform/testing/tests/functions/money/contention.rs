//! Money of several deals that moves at once, over cash that they share.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, join_all},
};
use inventure_books::records::{PaidOut, Payable};
use inventure_core::{Currency, DealId, JobId, TenantId};
use inventure_deal_store::records::{DealFact, DealHead, ErasureDue};
use inventure_ledger::{Account, Head, Kind};
use inventure_table::{
    Change, Condition, Key, Objects, Record, Store, StoreError,
    memory::MemoryTable,
    table::{self, Item, Outcome, Query, Table, Write},
};
use inventure_testing::{NURSE, Person};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::money::{deals::Room, payouts::in_days};

/// Schedules that are tried; each is a different order in which the same things are done.
const SCHEDULES: u64 = 12;

/// Lists every shard whose cash is less than what is on its way out, or where that is below zero.
fn overdrawn(items: &BTreeMap<Key, Item>) -> Vec<String> {
    let mut shards: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (_, item) in items.iter().filter(|(key, _)| key.pk.starts_with("HEADS#")) {
        let head: Head = table::from_item(head_of(item)).unwrap();
        let shard = head.account.to_string();
        let shard = shard.rsplit_once('/').unwrap().0.rsplit_once('/').unwrap().0;
        let of_shard = shards
            .entry(format!("{shard} {}", head.account.currency()))
            .or_default();
        match head.account.kind() {
            Kind::Cash => of_shard.0 = head.balance_minor_units,
            Kind::InTransit => of_shard.1 = head.balance_minor_units,
            _ => {}
        }
    }
    let broken = shards
        .into_iter()
        .filter(|(_, (cash, transit))| *transit < 0 || cash < transit);
    broken
        .map(|(shard, (cash, transit))| format!("{shard}: cash {cash}, in transit {transit}"))
        .collect()
}

/// The item without what the store adds to a head.
fn head_of(item: &Item) -> Item {
    let own = ["account", "sequence", "balance_minor_units", "hash"];
    let own = item.iter().filter(|(name, _)| own.contains(&name.as_str()));
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Sets up a room over the cash of three deals. One deal is paid out and two more are about to be.
async fn crowded() -> (Room, [String; 3]) {
    let mut room = Room::payable().await;
    room.onboard().await;
    room.settle_in(6).await;
    room.pay_out(6).await;
    let mut deals = vec![room.deal.clone()];
    let another = NURSE.replace("Tomas Avery", "Ines Moreau");
    let another = another.replace("tomas.avery", "ines.moreau").replace("0177", "0199");
    for resume in [NURSE, &another] {
        room.open("even", resume).await;
        Box::pin(room.place_and_pay(3_333_333)).await;
        room.settle_in(6).await;
        deals.push(room.deal.clone());
    }
    (room, deals.try_into().unwrap())
}

/// Does everything that is due of the deals, at once, until nothing more happens.
async fn all_at_once(room: &Room, deals: &[String; 3]) {
    for round in 0..8 {
        let now = in_days(7) + SignedDuration::from_mins(61 * round);
        let mut tasks: Vec<LocalBoxFuture<'_, ()>> = Vec::new();
        for deal in deals {
            let id = deal.parse().unwrap();
            // Twice each: two workers may have the same message.
            for _ in 0..2 {
                tasks.push(Box::pin(async move {
                    let _ = room.world.settler.settle(id, "test", now).await;
                }));
            }
            for index in 0..2 {
                let message = payouts::Message::Pay {
                    deal: id,
                    tenant: room.tenant(index),
                };
                for _ in 0..2 {
                    let message = message.clone();
                    tasks.push(Box::pin(async move {
                        let _ = room.world.payer.handle(&message, now).await;
                    }));
                }
            }
        }
        tasks.push(Box::pin(async move {
            let _ = room.world.pay_out_in(1, now).await;
        }));
        join_all(tasks).await;
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the tests' own way to be told what to repeat")]
async fn a_payout_and_a_refund_never_take_the_same_cash() {
    let seed = std::env::var("INVENTURE_SEED").ok().map(|seed| seed.parse().unwrap());
    let seeds = seed.map_or(0..SCHEDULES, |seed| seed..seed + 1);
    for seed in seeds {
        let (mut room, deals) = Box::pin(crowded()).await;
        let broken = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&broken);
        room.world
            .table
            .watch(move |items| seen.lock().unwrap().extend(overdrawn(items)));
        room.world.table.interleave(seed);
        // The first deal falls off once its brokers were paid, the second while they are being paid.
        room.deal.clone_from(&deals[0]);
        room.fall_off().await;
        let falls = async {
            let left = json!({ "kind": "fell_off", "last_day": Room::days(3), "reason": "resigned" });
            let _ = room.agreed_in(&deals[1], &room.job_side, left, &[]).await;
        };
        tokio::join!(all_at_once(&room, &deals), falls);
        all_at_once(&room, &deals).await;
        let broken = broken.lock().unwrap().clone();
        assert!(broken.is_empty(), "INVENTURE_SEED={seed}: {broken:?}");
        for day in 8..14 {
            for deal in &deals {
                let _ = room
                    .world
                    .settler
                    .settle(deal.parse().unwrap(), "test", in_days(day))
                    .await;
            }
            room.pay_out(day).await;
        }
        let heads = inventure_books::Ledger::new(room.world.store.clone())
            .all_heads()
            .await
            .unwrap();
        let sum = |kind| -> i64 {
            let own = heads.iter().filter(|head| head.account.kind() == kind);
            own.map(|head| head.balance_minor_units).sum()
        };
        assert_eq!(
            sum(Kind::InTransit),
            0,
            "INVENTURE_SEED={seed}: every payout came to its end"
        );
        assert_eq!(
            room.world.processor.balance("usd"),
            sum(Kind::Cash),
            "INVENTURE_SEED={seed}"
        );
        let all = deals.each_ref().map(String::as_str);
        room.counted_once(&all, &format!("INVENTURE_SEED={seed}")).await;
        assert_eq!(room.differences().await, json!([]), "INVENTURE_SEED={seed}");
    }
}

#[tokio::test]
async fn what_comes_back_twice_for_one_debt_is_paid_again() {
    let (mut room, deals) = Box::pin(crowded()).await;
    let tenant = room.tenant(0);
    // Another deal's money stands for the first's, which was paid before it fell off.
    room.deal.clone_from(&deals[0]);
    room.fall_off().await;
    // What the client gets back waits for cash.
    let _ = room.settle(7).await;
    for deal in [2, 1, 1, 0] {
        room.handle_pay(&deals[deal], tenant).await;
    }
    room.deal.clone_from(&deals[1]);
    room.fall_off().await;
    let _ = room.settle(7).await;
    let debt = room.broker(0, Kind::Debt).await;
    // Two deals take back the same debt: the processor answers the one only once the other is done.
    let processor = &room.world.processor;
    processor.fail(&[json!({ "kind": "server_error", "after_effect": false })]);
    room.handle_pay(&deals[1], tenant).await;
    room.handle_pay(&deals[0], tenant).await;
    assert_eq!(room.broker(0, Kind::Debt).await, 0, "of {debt}");
    let _ = processor.tell("forget", &json!({}));
    room.handle_pay(&deals[1], tenant).await;
    assert!(room.broker(0, Kind::Available).await > 0, "it came back twice");
    for day in 8..14 {
        room.pay_out(day).await;
    }
    let all = deals.each_ref().map(String::as_str);
    room.counted_once(&all, "at the end").await;
    assert_eq!(room.differences().await, json!([]));
}

/// Sets up a room with money that is nobody's. One deal has nothing due, one has, and of a third it is said that it was paid.
async fn with_unclaimed() -> (Room, [String; 3], TenantId) {
    let (room, deals) = Box::pin(crowded()).await;
    let tenant = room.tenant(0);
    let [first, _, third] = deals.each_ref().map(|deal| deal.parse::<DealId>().unwrap());
    let store = &room.world.store;
    let paid: PaidOut = store.get(&PaidOut::key_of(first, tenant)).await.unwrap().unwrap();
    let nobodys: Payable = store.get(&Payable::key_of(third, tenant)).await.unwrap().unwrap();
    let nothing_due = Payable {
        deal_id: first,
        released_minor_units: paid.minor_units,
        ..nobodys.clone()
    };
    let said_paid = PaidOut {
        deal_id: third,
        minor_units: nobodys.released_minor_units,
        payouts: 0,
        version: 1,
        ..paid
    };
    let change = Change::new()
        .put(&nothing_due, Condition::None)
        .put(&said_paid, Condition::None)
        .delete(nobodys.key(), Condition::None);
    store.commit(change).await.unwrap();
    (room, deals, tenant)
}

#[tokio::test]
async fn what_no_deal_has_due_is_claimed_after_a_quiet_hour_and_nothing_that_another_has() {
    let (room, deals, tenant) = with_unclaimed().await;
    let at = |minutes: i64| in_days(7) + SignedDuration::from_mins(minutes);
    let paid_of = async |deal: &String| {
        let key = PaidOut::key_of(deal.parse().unwrap(), tenant);
        let paid: Option<PaidOut> = room.world.store.get(&key).await.unwrap();
        paid.map_or(0, |paid| paid.minor_units)
    };
    for minutes in [0, 30, 59] {
        room.handle_pay_at(&deals[0], tenant, at(minutes)).await;
    }
    assert_eq!(
        paid_of(&deals[0]).await,
        1_583_334,
        "settlement may be about to say whose it is"
    );
    // Something is booked, so whose the rest is may be written in a moment.
    room.handle_pay_at(&deals[1], tenant, at(59)).await;
    room.handle_pay_at(&deals[0], tenant, at(61)).await;
    assert_eq!(paid_of(&deals[0]).await, 1_583_334, "the hour begins anew");
    room.handle_pay_at(&deals[0], tenant, at(122)).await;
    assert_eq!(paid_of(&deals[0]).await, 0, "so much is due again");
    room.handle_pay_at(&deals[0], tenant, at(123)).await;
    assert_eq!(room.broker(0, Kind::Available).await, 0);
    let all = deals.each_ref().map(String::as_str);
    // The third deal's count was made up.
    assert_eq!(
        paid_of(&deals[0]).await + paid_of(&deals[1]).await,
        2 * 1_583_334,
        "{all:?}"
    );
}

#[tokio::test]
async fn a_claim_leaves_what_another_deal_has_due() {
    for currency in ["USD", "EUR"].map(|code| code.parse::<Currency>().unwrap()) {
        let (room, deals, tenant) = with_unclaimed().await;
        let key = Payable::key_of(deals[1].parse().unwrap(), tenant);
        let other: Payable = room.world.store.get(&key).await.unwrap().unwrap();
        let other = Payable { currency, ..other };
        let change = Change::new().put(&other, Condition::None);
        room.world.store.commit(change).await.unwrap();
        for minutes in [0, 61] {
            let now = in_days(7) + SignedDuration::from_mins(minutes);
            room.handle_pay_at(&deals[0], tenant, now).await;
        }
        let key = PaidOut::key_of(deals[0].parse().unwrap(), tenant);
        let paid: PaidOut = room.world.store.get(&key).await.unwrap().unwrap();
        let others = if currency == Currency::USD { 1_583_334 } else { 0 };
        assert_eq!(
            1_583_334 - paid.minor_units,
            2 * 1_583_334 - others,
            "what is due in {currency} is not this money"
        );
    }
}

/// A table with a fault. It gives one item once as it was before, or dies at the query of one partition.
struct Faulty {
    table: Arc<MemoryTable>,
    old: Mutex<Option<(Key, Item)>>,
    deadly: Option<String>,
}

#[async_trait]
impl Table for Faulty {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.table.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let old = self.old.lock().unwrap().take();
        let mut items = self.table.get_many(keys).await?;
        if let Some((key, old)) = old {
            items.retain(|item| Key::of(item).as_ref() != Some(&key));
            items.push(old);
        }
        Ok(items)
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        assert_ne!(self.deadly.as_ref(), Some(&query.pk), "the function dies");
        self.table.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, StoreError> {
        self.table.transact(writes).await
    }

    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        self.table.count(key, names, expires_at).await
    }
}

#[tokio::test]
async fn a_worker_that_slept_ends_nothing_that_another_has_begun_since() {
    let room = Room::paid_out().await;
    let tenant = room.tenant(0);
    room.spend(1_583_334).await;
    room.fall_off().await;
    let _ = room.settle(7).await;
    let key = PaidOut::key_of(room.deal.parse().unwrap(), tenant);
    let processor = &room.world.processor;
    let lost = json!({ "kind": "server_error", "after_effect": false });
    processor.fail(std::slice::from_ref(&lost));
    room.handle_pay(&room.deal, tenant).await;
    let old = room.world.table.get(&key).await.unwrap().unwrap();
    // The processor declines the first, and another is begun.
    let _ = processor.tell("forget", &json!({}));
    room.handle_pay(&room.deal, tenant).await;
    processor.fail(&[lost]);
    room.handle_pay(&room.deal, tenant).await;
    let begun: PaidOut = room.world.store.get(&key).await.unwrap().unwrap();
    assert!(begun.open.is_some(), "{begun:?}");
    let stale = Faulty {
        table: Arc::clone(&room.world.table),
        old: Mutex::new(Some((key.clone(), old))),
        deadly: None,
    };
    let store = Store::new(Arc::new(stale), "payouts");
    let queue = Arc::clone(processor) as Arc<dyn payouts::Queue>;
    let payer = payouts::Payer::new(store, processor.client(), queue);
    let deal = room.deal.parse().unwrap();
    let message = payouts::Message::Pay { deal, tenant };
    payer.handle(&message, in_days(7)).await.unwrap();
    let after: PaidOut = room.world.store.get(&key).await.unwrap().unwrap();
    assert_eq!(after, begun);
}

/// A fact that nobody can read.
#[derive(Serialize, Deserialize)]
struct Unreadable {
    deal_id: DealId,
    number: u32,
    fact: String,
}

impl Record for Unreadable {
    const ENTITY: &'static str = "deal_fact";
    const PARTITION: &'static str = DealHead::PARTITION;

    fn key(&self) -> Key {
        Key::new(DealHead::key_of(self.deal_id).pk, DealFact::sort_of(self.number))
    }
}

/// Returns a deal that cannot be settled, in the same part of the sweep as another and due before it.
fn stuck_beside(deal: DealId) -> (DealHead, Unreadable) {
    let place = |deal: DealId| deal.uuid().as_bytes()[15] % DealHead::SHARDS;
    let deal_id = std::iter::repeat_with(DealId::new)
        .find(|other| place(*other) == place(deal))
        .unwrap();
    let long_ago = in_days(-1);
    let head = DealHead {
        deal_id,
        job_id: JobId::new(),
        employer_id: TenantId::new(),
        tenants: Vec::new(),
        parties: Vec::new(),
        spoke: None,
        bound: None,
        present: None,
        state: "paid".to_owned(),
        facts: 1,
        settled_until: long_ago,
        booked_until: long_ago,
        due_at: Some(long_ago),
        not_before: None,
        failures: 0,
        version: 1,
        created_at: long_ago,
        updated_at: long_ago,
    };
    let fact = Unreadable {
        deal_id,
        number: 1,
        fact: "{}".to_owned(),
    };
    (head, fact)
}

#[tokio::test]
async fn deals_that_cannot_be_settled_do_not_starve_another() {
    let room = Room::payable().await;
    for _ in 0..250 {
        let (head, fact) = stuck_beside(room.deal.parse().unwrap());
        room.world
            .store
            .commit(Change::new().insert(&head).insert(&fact))
            .await
            .unwrap();
    }
    let sweep = settlement::Message::read(r#"{"sweep":true}"#).unwrap();
    for minute in 0..4 {
        let now = in_days(6) + SignedDuration::from_mins(minute);
        room.world.settler.handle(&sweep, now).await.unwrap();
    }
    assert_eq!(room.broker(0, Kind::Available).await, 1_583_334, "its turn has come");
}

#[tokio::test]
async fn a_deal_that_makes_the_function_die_does_not_starve_another() {
    let room = Room::payable().await;
    let (head, fact) = stuck_beside(room.deal.parse().unwrap());
    let change = Change::new().insert(&head).insert(&fact);
    room.world.store.commit(change).await.unwrap();
    let deadly = Faulty {
        table: Arc::clone(&room.world.table),
        old: Mutex::new(None),
        deadly: Some(head.key().pk),
    };
    let settler = settlement::Settler::new(
        Store::new(Arc::new(deadly), "settlement"),
        Arc::clone(&room.world.documents) as Arc<dyn Objects>,
    );
    let sweep = settlement::Message::read(r#"{"sweep":true}"#).unwrap();
    let mut died = Vec::new();
    for seconds in [0, 20, 40, 61, 80] {
        let now = in_days(6) + SignedDuration::from_secs(seconds);
        let swept = AssertUnwindSafe(settler.handle(&sweep, now)).catch_unwind().await;
        if swept.is_err() {
            died.push(seconds);
        }
    }
    assert_eq!(
        room.broker(0, Kind::Available).await,
        1_583_334,
        "the one behind it had its turn"
    );
    assert_eq!(died, [0, 61], "tried again later, and later each time");
}

#[tokio::test]
async fn a_deal_whose_papers_make_the_function_die_keeps_no_others() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let about = json!({ "candidate": room.candidate });
    let paper = room.document(&room.candidate_side, b"a passport", about).await;
    let (head, fact) = stuck_beside(room.deal.parse().unwrap());
    let head = DealHead { due_at: None, ..head };
    let due = |deal_id: DealId, day: i64| ErasureDue {
        deal_id,
        due_at: in_days(day),
        after: None,
    };
    // The others first, as many as a run looks at.
    let others = (0..2).map(|_| due(DealId::new(), -2));
    let change = others.fold(Change::new(), |change, due| change.insert(&due));
    let change = change
        .insert(&due(head.deal_id, -2))
        .insert(&due(room.deal.parse().unwrap(), -1));
    room.world
        .store
        .commit(change.insert(&head).insert(&fact))
        .await
        .unwrap();
    let consent = format!("/candidates/{}/consent", room.candidate);
    let ended = room
        .candidate_side
        .write(&room.world.app, "DELETE", &consent, json!({}));
    let _ = ended.await.expect(200);
    let withdrawn = room.world.news();
    let withdrawn = withdrawn
        .iter()
        .find(|event| event.event.kind() == "ConsentWithdrawn")
        .unwrap();
    let message = settlement::Message::Event(Box::new(withdrawn.clone()));
    room.world.settler.handle(&message, in_days(0)).await.unwrap();
    assert!(room.is_kept(&paper));
    let deadly = Faulty {
        table: Arc::clone(&room.world.table),
        old: Mutex::new(None),
        deadly: Some(head.key().pk),
    };
    let documents = Arc::clone(&room.world.documents) as Arc<dyn Objects>;
    let settler = settlement::Settler::new(Store::new(Arc::new(deadly), "settlement"), documents);
    let sweep = settlement::Message::read(r#"{"sweep":true}"#).unwrap();
    for _ in 0..3 {
        let _ = AssertUnwindSafe(settler.handle(&sweep, in_days(0)))
            .catch_unwind()
            .await;
    }
    assert!(!room.is_kept(&paper), "those behind it had their turn");
}

#[tokio::test]
async fn notes_without_end_do_not_keep_the_clients_money_out() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.world.table.interleave(1);
    let note = json!({ "kind": "noted", "candidate": null, "text": "hello" });
    let flood = join_all((0..200).map(|_| room.tell(&room.employer, note.clone())));
    let (answers, ()) = tokio::join!(flood, room.pay(3_333_333));
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(taken <= 30, "{taken} of 200 notes within a minute");
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 201 || answer.status == 429),
        "{taken}"
    );
    // Nobody else is kept from the deal by it.
    let _ = room.tell(&room.candidate_side, note).await.expect(201);
}

#[tokio::test]
async fn a_deal_of_thirty_one_parties_is_released_and_taken_back() {
    let mut room = Room::new("even").await;
    let mut terms = room.terms("even").await;
    let mut others: Vec<(Person, TenantId)> = Vec::new();
    for number in 2..31 {
        let person = Person::named(&format!("party{number}"));
        let tenant = room.world.tenant(&person, "agency", &format!("Agency {number}")).await;
        let mut party = terms["parties"][1].clone();
        (party["id"], party["tenant"]) = (json!(format!("party-{number}")), json!(tenant));
        terms["parties"].as_array_mut().unwrap().push(party);
        others.push((person, tenant.parse().unwrap()));
    }
    for party in terms["parties"].as_array_mut().unwrap() {
        party["share"] = json!("1/31");
        party["title"] = json!("\u{754c}".repeat(200));
    }
    // Every other list as long as it may be, too.
    let closed = (0..100).map(|n| format!("{}-12-31", 2090 + n));
    terms["closed_on"] = closed.collect();
    let levels = terms["guarantee"]["levels"].as_array_mut().unwrap();
    for number in 2..100 {
        let mut level = levels[1].clone();
        level["fee_from_minor_units"] = json!((1_000_000_000 + number).to_string());
        levels.push(level);
    }
    let made = room
        .job_side
        .write(&room.world.app, "POST", "/deals", json!({ "terms": terms }))
        .await;
    room.deal = made.expect(201)["id"].as_str().unwrap().to_owned();
    for (person, _) in &others {
        let _ = room.sign(person).await.expect(201);
    }
    room.both_sign().await;
    let _ = room.submit().await.expect(201);
    let all: Vec<&Person> = others.iter().map(|(person, _)| person).collect();
    let agreed = async |what| {
        let said = room.agreed_in(&room.deal, &room.job_side, what, &all).await;
        let _ = said.expect(201);
    };
    let pay = json!({ "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" });
    agreed(json!({
        "kind": "placed", "candidate": room.candidate, "pay": pay, "accepted_on": Room::days(0), "starts_on": Room::days(0),
    }))
    .await;
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.pay(3_333_333).await;
    room.settle_in(6).await;
    let mut tenants = vec![room.tenant(0), room.tenant(1)];
    tenants.extend(others.iter().map(|(_, tenant)| *tenant));
    let sum = async |kind| {
        let mut sum = 0;
        for tenant in &tenants {
            sum += room
                .balance(Account::broker(*tenant, kind, Currency::USD).unwrap())
                .await;
        }
        sum
    };
    assert_eq!(
        sum(Kind::Available).await,
        3_333_333 - 166_666,
        "all but the network's share"
    );
    agreed(json!({ "kind": "fell_off", "last_day": Room::days(3), "reason": "resigned" })).await;
    room.settle_in(7).await;
    let view = room.view(&room.job_side).await;
    let credited = view["invoices"][0]["credited_minor_units"].as_i64().unwrap();
    assert!(credited > 3_000_000, "{credited}");
    assert_eq!(sum(Kind::Debt).await, 0);
    assert!(sum(Kind::Available).await < 3_333_333 - credited);
    let receivable = Account::receivable(room.deal.parse().unwrap(), Currency::USD);
    assert_eq!(room.balance(receivable).await, 0, "the client has its money back");
}
